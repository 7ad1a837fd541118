//! Decisions out: what was decided, by kind, control, thing and time; and how often it was decided the same way again.

use crate::alerts::{Delta, tally};
use crate::db::Ledger;
use crate::error::{LedgerError, Result};
use crate::history::AsOf;
use crate::limits::{MAX_TOLD, ROWS_PER_STATEMENT, TALLY_NANOS};
use crate::sql::Statement;
use model::{Cite, Decision, EntityRef, Nanos};
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

/// Which decisions. What is empty or absent says nothing.
#[derive(Clone, Debug, Default)]
pub struct DecisionsAsked {
    /// Of these kinds.
    pub kinds: Vec<String>,
    /// That follow one of these controls, by id.
    pub controls: Vec<i64>,
    /// These alone, by id.
    pub ids: Vec<i64>,
    /// With this key.
    pub key: Option<String>,
    /// About this thing.
    pub entity: Option<EntityRef>,
    /// That rest on this fact or decision.
    pub citing: Option<i64>,
    /// Taken then or later.
    pub since: Option<Nanos>,
    /// Only those that end, and did not yet at the time asked for.
    pub in_force: bool,
    /// Only those that end between two times: after the first, and not after the second.
    pub ends: Option<(Nanos, Nanos)>,
    /// Taken by this person, who asks for their own.
    pub by: Option<String>,
    /// Written down after the one with this id: ids grow in the order in which decisions are written.
    pub after: Option<i64>,
    /// So many, the newest; 0 for all, which must not be more than half a million.
    pub limit: usize,
}

impl DecisionsAsked {
    /// Decisions of some kinds.
    pub fn of(kinds: &[&str]) -> DecisionsAsked {
        DecisionsAsked { kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(), ..DecisionsAsked::default() }
    }
}

/// A decision as it is kept. It names nobody.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptDecision {
    /// Its id.
    pub id: i64,
    /// When the ledger learnt it.
    pub known: Nanos,
    /// The decision.
    pub decision: Decision,
}

/// How often the same was decided again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Again {
    /// Which decision, by id.
    pub decision: i64,
    /// How often.
    pub times: u64,
    /// For the first time.
    pub first: Nanos,
    /// For the last time.
    pub last: Nanos,
}

impl Ledger {
    /// Decisions by what is asked, the newest first.
    pub async fn decisions(&self, asked: &DecisionsAsked, as_of: &AsOf) -> Result<Vec<KeptDecision>> {
        if asked.ids.len().max(asked.controls.len()).max(asked.kinds.len()) > ROWS_PER_STATEMENT {
            return Err(LedgerError::Invalid(format!("ask for at most {ROWS_PER_STATEMENT} ids at once")));
        }
        let mut query = Statement::new(
            "SELECT d.id, d.known, d.at, d.key, d.kind, e.kind, e.key, d.reason, o.kind, o.key, d.control, d.expires, \
             d.dataset, d.body FROM decisions d LEFT JOIN entities e ON e.id = d.entity \
             LEFT JOIN entities o ON o.id = d.owner WHERE d.at <= ",
        );
        query.bind(as_of.valid).push(" AND d.known <= ").bind(as_of.known);
        as_of.visible(&mut query, "d.dataset");
        wanted(&mut query, asked, as_of);
        let limit = if asked.limit == 0 { MAX_TOLD + 1 } else { asked.limit.min(MAX_TOLD) };
        query.push(" ORDER BY d.at DESC, d.id DESC LIMIT ").bind(limit as i64);
        let rows = query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?;
        if rows.len() > MAX_TOLD {
            return Err(LedgerError::Invalid(format!("there are more than {MAX_TOLD} decisions: ask for less time")));
        }
        let mut kept = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
        for chunk in kept.chunks_mut(ROWS_PER_STATEMENT) {
            self.cites(chunk).await?;
        }
        Ok(kept)
    }

    async fn cites(&self, kept: &mut [KeptDecision]) -> Result<()> {
        let mut query = Statement::new("SELECT decision, event, fact FROM cites WHERE decision IN (");
        ids(&mut query, &kept.iter().map(|one| one.id).collect::<Vec<_>>());
        query.push(") ORDER BY 1, 2, 3");
        let mut of: BTreeMap<i64, Vec<Cite>> = BTreeMap::new();
        for row in query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await? {
            let (event, fact): (i64, i64) = (row.try_get(1)?, row.try_get(2)?);
            let cite = if fact == 0 { Cite::Event(event as u64) } else { Cite::Fact(fact) };
            of.entry(row.try_get(0)?).or_default().push(cite);
        }
        for one in kept {
            one.decision.cites = of.remove(&one.id).unwrap_or_default();
        }
        Ok(())
    }

    /// Counts that the same was decided again, each at a time: it is not written down once more.
    pub async fn decided_again(&self, times: &[(i64, Nanos)], now: Nanos) -> Result<()> {
        let mut all: BTreeMap<i64, Delta> = BTreeMap::new();
        for (decision, at) in times {
            let one = Delta { firings: 1, events: 1, first: *at, last: *at };
            all.entry(*decision).and_modify(|delta| delta.add(one)).or_insert(one);
        }
        if all.is_empty() {
            return Ok(());
        }
        let mut write = self.inner.write(1, now).await?;
        tally(&mut write, &all).await?;
        write.tx.commit().await?;
        Ok(())
    }

    /// How often decisions of a kind were decided again since a time.
    pub async fn again(&self, kind: &str, since: Nanos, as_of: &AsOf) -> Result<Vec<Again>> {
        let mut query = Statement::new(
            "SELECT t.about, CAST(sum(t.firings) AS BIGINT), min(t.first), max(t.last) FROM decisions d \
             JOIN tallies t ON t.about = d.id WHERE d.kind = ",
        );
        query.bind(kind.to_owned()).push(" AND t.minute >= ").bind(since.div_euclid(TALLY_NANOS));
        query.push(" AND t.first <= ").bind(as_of.valid);
        as_of.visible(&mut query, "d.dataset");
        query.push(" GROUP BY t.about ORDER BY t.about LIMIT ").bind(MAX_TOLD as i64);
        let again = |row: AnyRow| -> Result<Again> {
            let times = row.try_get::<i64, _>(1)? as u64;
            Ok(Again { decision: row.try_get(0)?, times, first: row.try_get(2)?, last: row.try_get(3)? })
        };
        query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?.into_iter().map(again).collect()
    }
}

fn wanted(query: &mut Statement, asked: &DecisionsAsked, as_of: &AsOf) {
    if !asked.kinds.is_empty() {
        let kinds: Vec<&str> = asked.kinds.iter().map(String::as_str).collect();
        query.push(" AND ");
        crate::history::one_of(query, "d.kind", &kinds);
    }
    for (column, some) in [("d.control", &asked.controls), ("d.id", &asked.ids)] {
        if !some.is_empty() {
            query.push(" AND ").push(column).push(" IN (");
            ids(query, some);
            query.push(")");
        }
    }
    if let Some(key) = &asked.key {
        query.push(" AND d.key = ").bind(key.clone());
    }
    if let Some(entity) = &asked.entity {
        query.push(" AND e.kind = ").bind(entity.kind.clone()).push(" AND e.key = ").bind(entity.key.clone());
    }
    if let Some(fact) = asked.citing {
        query.push(" AND d.id IN (SELECT decision FROM cites WHERE fact <> 0 AND fact = ").bind(fact).push(")");
    }
    if let Some(since) = asked.since {
        query.push(" AND d.at >= ").bind(since);
    }
    if asked.in_force {
        query.push(" AND d.expires > ").bind(as_of.valid);
    }
    if let Some((after, by)) = asked.ends {
        query.push(" AND d.expires > ").bind(after).push(" AND d.expires <= ").bind(by);
    }
    if let Some(after) = asked.after {
        query.push(" AND d.id > ").bind(after);
    }
    if let Some(by) = &asked.by {
        query.push(" AND d.person IN (SELECT id FROM persons WHERE name = ").bind(by.clone()).push(")");
    }
}

fn ids(query: &mut Statement, ids: &[i64]) {
    for (number, id) in ids.iter().enumerate() {
        query.push(if number == 0 { "" } else { ", " }).bind(*id);
    }
}

fn read(row: &AnyRow) -> Result<KeptDecision> {
    let entity = |kind: usize| -> Result<Option<EntityRef>> {
        let kind_of: Option<String> = row.try_get(kind)?;
        let key: Option<String> = row.try_get(kind + 1)?;
        Ok(kind_of.zip(key).map(|(kind, key)| EntityRef { kind, key }))
    };
    let body: String = row.try_get(13)?;
    let decision = Decision {
        at: row.try_get(2)?,
        key: row.try_get(3)?,
        kind: row.try_get(4)?,
        entity: entity(5)?,
        reason: row.try_get(7)?,
        owner: entity(8)?,
        control: row.try_get(10)?,
        expires: row.try_get(11)?,
        dataset: row.try_get(12)?,
        cites: Vec::new(),
        body: serde_json::from_str(&body)
            .map_err(|error| LedgerError::Database(format!("the body of a decision is no JSON: {error}")))?,
    };
    Ok(KeptDecision { id: row.try_get(0)?, known: row.try_get(1)?, decision })
}
