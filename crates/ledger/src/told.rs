//! Changes and findings as they were told, for measures over months.

use crate::db::Ledger;
use crate::error::{LedgerError, Result};
use crate::history::AsOf;
use crate::limits::MAX_TOLD;
use crate::sql::Statement;
use futures::TryStreamExt as _;
use model::{Change, EntityRef, Nanos};
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// A change, with its id and who told it.
#[derive(Clone, Debug, PartialEq)]
pub struct ToldChange {
    /// Its id.
    pub id: i64,
    /// Who told it.
    pub origin: String,
    /// What was altered.
    pub change: Change,
}

/// How long something was weak.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingSpan {
    /// Its id.
    pub id: i64,
    /// What is weak, if that is known.
    pub entity: Option<EntityRef>,
    /// `critical`, `high`, ...
    pub severity: String,
    /// What proves it, as JSON.
    pub evidence: String,
    /// When it was seen first.
    pub seen: Nanos,
    /// When it was found to be gone, and not seen since.
    pub ended: Option<Nanos>,
}

impl Ledger {
    /// The changes since a time, in their order.
    pub async fn changes_since(&self, as_of: &AsOf, since: Nanos) -> Result<Vec<ToldChange>> {
        let mut query = Statement::new(
            "SELECT c.id, c.origin, c.key, c.kind, e.kind, e.key, c.at, c.environment, c.version, c.attributes \
             FROM changes c JOIN entities e ON e.id = c.entity WHERE c.at >= ",
        );
        query.bind(since).push(" AND c.at <= ").bind(as_of.valid);
        query.push(" AND c.known <= ").bind(as_of.known);
        as_of.visible(&mut query, "c.dataset");
        query.push(" ORDER BY c.at, c.id LIMIT ").bind(MAX_TOLD as i64 + 1);
        let rows = query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?;
        if rows.len() > MAX_TOLD {
            return Err(LedgerError::Invalid(format!("there are more than {MAX_TOLD} changes: ask for fewer months")));
        }
        let told = |row: AnyRow| -> Result<ToldChange> {
            let change = Change {
                key: row.try_get(2)?,
                kind: row.try_get(3)?,
                entity: EntityRef { kind: row.try_get(4)?, key: row.try_get(5)? },
                at: row.try_get(6)?,
                environment: row.try_get(7)?,
                version: row.try_get(8)?,
                attributes: serde_json::from_str(&row.try_get::<String, _>(9)?).unwrap_or_default(),
            };
            Ok(ToldChange { id: row.try_get(0)?, origin: row.try_get(1)?, change })
        };
        rows.into_iter().map(told).collect()
    }

    /// Findings that were seen or ended since a time, or are there.
    pub async fn finding_spans(&self, as_of: &AsOf, since: Nanos) -> Result<Vec<FindingSpan>> {
        let mut query = Statement::new(
            "SELECT f.id, e.kind, e.key, f.severity, f.evidence, min(CASE WHEN o.ended = 0 THEN o.at END), \
             max(CASE WHEN o.ended = 0 THEN o.at END), max(CASE WHEN o.ended = 1 THEN o.at END) \
             FROM findings f LEFT JOIN entities e ON e.id = f.entity \
             JOIN observations o ON o.about = f.id AND o.class = 2 AND o.at <= ",
        );
        query.bind(as_of.valid).push(" AND o.known <= ").bind(as_of.known);
        as_of.visible(&mut query, "o.dataset");
        query.push(" GROUP BY f.id, e.kind, e.key, f.severity, f.evidence, o.origin, o.dataset ORDER BY f.id");
        let mut rows = query.build(self.inner.sqlite)?.fetch(&self.inner.pool);
        // It is there as long as one of its sources says so.
        let mut spans: Vec<FindingSpan> = Vec::new();
        while let Some(row) = rows.try_next().await? {
            let (kind, key): (Option<String>, Option<String>) = (row.try_get(1)?, row.try_get(2)?);
            let Some(seen) = row.try_get::<Option<i64>, _>(5)? else { continue };
            let (last, ended): (Option<i64>, Option<i64>) = (row.try_get(6)?, row.try_get(7)?);
            let span = FindingSpan {
                id: row.try_get(0)?,
                entity: kind.zip(key).map(|(kind, key)| EntityRef { kind, key }),
                severity: row.try_get(3)?,
                evidence: row.try_get(4)?,
                seen,
                ended: ended.filter(|ended| Some(*ended) >= last),
            };
            match spans.last_mut().filter(|before| before.id == span.id) {
                Some(before) => {
                    before.seen = before.seen.min(span.seen);
                    before.ended = before.ended.zip(span.ended).map(|(a, b)| a.max(b));
                }
                None => {
                    drop_old(&mut spans, since);
                    spans.push(span);
                }
            }
            if spans.len() > MAX_TOLD {
                let told = format!("there are more than {MAX_TOLD} findings: ask for fewer months");
                return Err(LedgerError::Invalid(told));
            }
        }
        drop_old(&mut spans, since);
        Ok(spans)
    }

    /// Pairs of a kind of relation that held.
    pub async fn pairs(&self, as_of: &AsOf, kind: &str) -> Result<Vec<(EntityRef, EntityRef)>> {
        let mut query = self.held_relations(as_of, &[kind]).await?;
        query.push(
            "SELECT DISTINCT f.kind, f.key, t.kind, t.key FROM held h JOIN relations r ON r.id = h.about \
             JOIN entities f ON f.id = r.source JOIN entities t ON t.id = r.target WHERE r.kind = ",
        );
        query.bind(kind.to_owned()).push(" ORDER BY 1, 2, 3, 4 LIMIT ").bind(MAX_TOLD as i64);
        let pair = |row: AnyRow| -> Result<(EntityRef, EntityRef)> {
            let from = EntityRef { kind: row.try_get(0)?, key: row.try_get(1)? };
            Ok((from, EntityRef { kind: row.try_get(2)?, key: row.try_get(3)? }))
        };
        query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?.into_iter().map(pair).collect()
    }
}

/// Drops the last finding if it ended before a time.
fn drop_old(spans: &mut Vec<FindingSpan>, since: Nanos) {
    if spans.last().is_some_and(|span| span.ended.is_some_and(|ended| ended < since)) {
        spans.pop();
    }
}
