//! Lists of the queue: filtered, counted, in pages.

use super::kept::{Kept, SELECT, all, level};
use super::{Kind, Mark, State};
use crate::db::Ledger;
use crate::error::{LedgerError, Result};
use crate::history::AsOf;
use crate::limits::{MAX_PAGE, MAX_TEXT_BYTES};
use crate::sql::Statement;
use model::{Aspect, EntityRef, Level, Nanos};
use serde::Serialize;
use sqlx::Row as _;
use std::collections::BTreeMap;

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The newest.
    #[default]
    Opened,
    /// What fired last.
    Last,
    /// The worst, then what fired last.
    Level,
}

/// What is asked of the queue. Empty parts ask nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// Of these kinds.
    pub kinds: Vec<Kind>,
    /// In these states.
    pub states: Vec<State>,
    /// At least so bad.
    pub least: Option<Level>,
    /// Whose language.
    pub aspect: Option<Aspect>,
    /// Of these teams.
    pub owners: Vec<String>,
    /// About this.
    pub entity: Option<EntityRef>,
    /// Of this rule.
    pub rule: Option<String>,
    /// With this fingerprint.
    pub fingerprint: Option<String>,
    /// In this incident.
    pub incident: Option<i64>,
    /// Raised since.
    pub since: Option<Nanos>,
    /// Raised before.
    pub before: Option<Nanos>,
    /// Ends or is due before.
    pub until: Option<Nanos>,
    /// With this in the title, in whatever case.
    pub text: Option<String>,
    /// With all of these marks.
    pub with: Vec<Mark>,
    /// Without these marks.
    pub without: Vec<Mark>,
    /// What comes first.
    pub order: Order,
    /// Goes on after this place, as [`Page::next`] told it.
    pub after: Option<(i64, i64, i64)>,
    /// Rows at most; none or too many are [`MAX_PAGE`].
    pub limit: Option<usize>,
}

/// How many there are of what was asked, over all pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = QueueCounts)]
pub struct Counts {
    /// All.
    pub all: u64,
    /// By state.
    pub states: BTreeMap<String, u64>,
    /// By level.
    pub levels: BTreeMap<String, u64>,
    /// By the team that answers for it; empty for nobody.
    pub owners: BTreeMap<String, u64>,
}

/// A page.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Page {
    /// Its rows.
    pub rows: Vec<Kept>,
    /// Where the next one goes on; none when this is the last.
    pub next: Option<(i64, i64, i64)>,
}

impl Wanted {
    fn condition(&self, query: &mut Statement, seen: &AsOf) -> Result<()> {
        query.push("WHERE 1 = 1");
        seen.visible(query, "q.dataset");
        let words: Vec<&str> = self.kinds.iter().map(|kind| kind.name()).collect();
        among(query, "q.class", &words);
        among(query, "o.key", &self.owners.iter().map(String::as_str).collect::<Vec<_>>());
        if !self.states.is_empty() {
            query.push(" AND (");
            for (number, state) in self.states.iter().enumerate() {
                query.push(if number == 0 { "(q.state = " } else { " OR (q.state = " }).bind(state.name().to_owned());
                match state {
                    // What was snoozed is open again after its end, also before somebody says so.
                    State::Open => query.push(" OR q.state = 'snoozed' AND q.until <= ").bind(seen.valid),
                    State::Snoozed => query.push(" AND q.until > ").bind(seen.valid),
                    _ => query,
                };
                query.push(")");
            }
            query.push(")");
        }
        if let Some(entity) = &self.entity {
            query.push(" AND e.kind = ").bind(entity.kind.clone()).push(" AND e.key = ").bind(entity.key.clone());
        }
        for (column, text) in [("q.rule", &self.rule), ("q.fingerprint", &self.fingerprint)] {
            if let Some(text) = text {
                query.push(" AND ").push(column).push(" = ").bind(text.clone());
            }
        }
        if let Some(aspect) = self.aspect {
            let name = if aspect == Aspect::Security { "security" } else { "operations" };
            query.push(" AND q.aspect = ").bind(name.to_owned());
        }
        let numbers = [
            ("q.level >= ", self.least.map(|level| level as i64)),
            ("q.parent = ", self.incident),
            ("q.opened >= ", self.since),
            ("q.opened < ", self.before),
            ("q.until < ", self.until),
        ];
        for (column, number) in numbers {
            if let Some(number) = number {
                query.push(" AND ").push(column).bind(number);
            }
        }
        let marks: i64 = self.with.iter().map(|mark| mark.bit()).fold(0, |all, bit| all | bit);
        if marks != 0 {
            query.push(" AND (q.marks & ").bind(marks).push(") = ").bind(marks);
        }
        let marks: i64 = self.without.iter().map(|mark| mark.bit()).fold(0, |all, bit| all | bit);
        if marks != 0 {
            query.push(" AND (q.marks & ").bind(marks).push(") = 0");
        }
        if let Some(text) = &self.text {
            if text.len() > MAX_TEXT_BYTES {
                return Err(LedgerError::Invalid(format!("the text is longer than {MAX_TEXT_BYTES} bytes")));
            }
            let escaped = text.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
            query.push(" AND lower(r.title) LIKE ").bind(format!("%{escaped}%")).push(" ESCAPE '!'");
        }
        Ok(())
    }
}

/// Adds that a column is one of some texts, if there are any.
fn among(query: &mut Statement, column: &str, texts: &[&str]) {
    if !texts.is_empty() {
        query.push(" AND ");
        crate::history::one_of(query, column, texts);
    }
}

impl Ledger {
    /// A page of the queue, as it is at the time of `seen` and within its datasets.
    pub async fn queue(&self, wanted: &Wanted, seen: &AsOf) -> Result<Page> {
        let limit = wanted.limit.unwrap_or(MAX_PAGE).clamp(1, MAX_PAGE);
        let place = match wanted.order {
            Order::Opened => "(0, q.opened, q.about)",
            Order::Last => "(0, q.last, q.about)",
            Order::Level => "(q.level, q.last, q.about)",
        };
        let mut query = Statement::new(SELECT);
        wanted.condition(&mut query, seen)?;
        if let Some((a, b, c)) = wanted.after {
            query.push(" AND ").push(place).push(" < (").bind(a).push(", ").bind(b).push(", ").bind(c).push(")");
        }
        query.push(match wanted.order {
            Order::Opened => " ORDER BY q.opened DESC, q.about DESC LIMIT ",
            Order::Last => " ORDER BY q.last DESC, q.about DESC LIMIT ",
            Order::Level => " ORDER BY q.level DESC, q.last DESC, q.about DESC LIMIT ",
        });
        query.bind(limit as i64 + 1);
        let mut rows = all(self, &mut query).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| match wanted.order {
            Order::Opened => (0, row.opened, row.id),
            Order::Last => (0, row.last, row.id),
            Order::Level => (row.level as i64, row.last, row.id),
        });
        Ok(Page { rows, next })
    }

    /// How many there are of what is asked.
    pub async fn queue_counts(&self, wanted: &Wanted, seen: &AsOf) -> Result<Counts> {
        let mut query = Statement::new(
            "SELECT n.state, n.level, n.owner, count(*) FROM (SELECT CASE WHEN q.state = 'snoozed' AND q.until <= ",
        );
        query.bind(seen.valid).push(" THEN 'open' ELSE q.state END AS state, q.level AS level, o.key AS owner ");
        query.push(
            "FROM queue q JOIN raised r ON r.id = q.about LEFT JOIN entities e ON e.id = q.entity \
             LEFT JOIN entities o ON o.id = q.owner ",
        );
        wanted.condition(&mut query, seen)?;
        query.push(") n GROUP BY n.state, n.level, n.owner");
        let mut counts = Counts::default();
        for row in query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await? {
            let count = row.try_get::<i64, _>(3)? as u64;
            counts.all += count;
            *counts.states.entry(row.try_get(0)?).or_default() += count;
            *counts.levels.entry(level(row.try_get(1)?).name().to_owned()).or_default() += count;
            *counts.owners.entry(row.try_get::<Option<String>, _>(2)?.unwrap_or_default()).or_default() += count;
        }
        Ok(counts)
    }
}
