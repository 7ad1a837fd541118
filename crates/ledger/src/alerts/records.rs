//! What the ledger of rules is computed from: one record for each alert, and what suppressions hid.

use super::kept::level;
use super::{Mark, Outcome, State};
use crate::db::Ledger;
use crate::error::{LedgerError, Result};
use crate::history::AsOf;
use crate::limits::{MAX_TOLD, TALLY_NANOS};
use crate::sql::Statement;
use futures::TryStreamExt as _;
use model::{Level, Nanos};
use sqlx::Row as _;

/// What became of an alert. It says nothing of persons.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The rule.
    pub rule: String,
    /// Its title, as the newest alert has it.
    pub title: String,
    /// The team that answers for it; empty for nobody.
    pub team: String,
    /// How bad.
    pub level: Level,
    /// When it was raised.
    pub opened: Nanos,
    /// When somebody did something with it for the first time.
    pub acted: Option<Nanos>,
    /// Where it stands.
    pub state: State,
    /// What it turned out to be.
    pub outcome: Option<Outcome>,
    /// How often it fired.
    pub firings: u64,
    /// Minutes that playbooks saved.
    pub saved: i64,
    /// Whether a worse one said it already.
    pub inhibited: bool,
    /// Whether people were told of it one by one.
    pub notified: bool,
}

/// What suppressions hid of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Hidden {
    /// The suppression.
    pub by: i64,
    /// The rule.
    pub rule: String,
    /// The team that would have heard of it.
    pub team: String,
    /// How often it fired.
    pub firings: u64,
    /// Events.
    pub events: u64,
}

impl Ledger {
    /// The alerts raised since a time.
    pub async fn records(&self, since: Nanos, seen: &AsOf) -> Result<Vec<Record>> {
        let mut query = Statement::new(
            "SELECT q.rule, r.title, o.key, q.level, q.opened, q.acted, q.state, q.outcome, q.firings, q.saved, q.marks, \
             q.notified FROM queue q JOIN raised r ON r.id = q.about LEFT JOIN entities o ON o.id = q.owner \
             WHERE q.class = 'alert' AND q.opened >= ",
        );
        query.bind(since).push(" AND q.opened <= ").bind(seen.valid);
        seen.visible(&mut query, "q.dataset");
        query.push(" ORDER BY q.opened, q.about LIMIT ").bind(MAX_TOLD as i64 + 1);
        let mut rows = query.build(self.inner.sqlite)?.fetch(&self.inner.pool);
        let mut records = Vec::new();
        while let Some(row) = rows.try_next().await? {
            if records.len() == MAX_TOLD {
                return Err(LedgerError::Invalid(format!("there are more than {MAX_TOLD} alerts: ask for fewer days")));
            }
            records.push(Record {
                rule: row.try_get(0)?,
                title: row.try_get(1)?,
                team: row.try_get::<Option<String>, _>(2)?.unwrap_or_default(),
                level: level(row.try_get(3)?),
                opened: row.try_get(4)?,
                acted: row.try_get(5)?,
                state: State::from_name(&row.try_get::<String, _>(6)?).unwrap_or(State::Open),
                outcome: Outcome::from_name(&row.try_get::<String, _>(7)?),
                firings: row.try_get::<i64, _>(8)? as u64,
                saved: row.try_get(9)?,
                inhibited: row.try_get::<i64, _>(10)? & Mark::Inhibited.bit() != 0,
                notified: row.try_get::<Option<i64>, _>(11)?.is_some(),
            });
        }
        Ok(records)
    }

    /// What suppressions hid since a time.
    pub async fn hidden(&self, since: Nanos, seen: &AsOf) -> Result<Vec<Hidden>> {
        let mut query = Statement::new(
            "SELECT h.hider, h.rule, h.team, CAST(sum(h.firings) AS BIGINT), CAST(sum(h.events) AS BIGINT) \
             FROM hidden h JOIN decisions d ON d.id = h.hider WHERE h.minute >= ",
        );
        query.bind(since.div_euclid(TALLY_NANOS));
        seen.visible(&mut query, "d.dataset");
        query.push(" GROUP BY h.hider, h.rule, h.team ORDER BY 1, 2, 3 LIMIT ").bind(MAX_TOLD as i64);
        let hidden = |row: sqlx::any::AnyRow| -> Result<Hidden> {
            Ok(Hidden {
                by: row.try_get(0)?,
                rule: row.try_get(1)?,
                team: row.try_get(2)?,
                firings: row.try_get::<i64, _>(3)? as u64,
                events: row.try_get::<i64, _>(4)? as u64,
            })
        };
        query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?.into_iter().map(hidden).collect()
    }
}
