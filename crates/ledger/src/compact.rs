//! What was seen each minute becomes, a day later, what was there from then to then.
//!
//! Only runs are merged: the same thing, source, dataset, lease and attributes, each seen before the one before it ran
//! out, told when it was so, cited by no decision, and with no end in between. The first of a run is kept with its id and
//! lasts as long as the last of them did; nothing that is asked as of any time is answered differently, but that "seen" is
//! then the beginning of the run. A process that is killed meanwhile leaves rows that say the same twice.

use crate::db::Ledger;
use crate::error::Result;
use crate::facts::{MAX_REACH, reach_of};
use crate::limits::{COMPACT_CHUNK, COMPACT_DAY_NANOS, COMPACT_LATE_NANOS, COMPACT_ROWS};
use crate::sql::Statement;
use futures::TryStreamExt as _;
use model::Nanos;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;
use std::collections::HashMap;

/// What became of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Compacted {
    /// Rows looked at.
    pub rows: u64,
    /// Rows that are said by others now.
    pub removed: u64,
}

/// A run on its way.
struct Run {
    first: i64,
    at: Nanos,
    until: Nanos,
    lease: Nanos,
    said: [u8; 32],
    merged: Vec<i64>,
}

/// What is to be done.
#[derive(Default)]
struct Plan {
    longer: Vec<(i64, Nanos, i64)>,
    gone: Vec<i64>,
    rows: u64,
    /// The thing to go on with.
    next: Option<i64>,
}

impl Plan {
    fn take(&mut self, run: Run) {
        if !run.merged.is_empty() {
            self.longer.push((run.first, run.until, reach_of(run.until - run.at)));
            self.gone.extend(run.merged);
        }
    }
}

impl Ledger {
    /// Merges the days before a time that were not merged yet, one at a time, the oldest first; none when all are.
    pub async fn compact(&self, before: Nanos) -> Result<Option<Compacted>> {
        let begun: i64 =
            sqlx::query("SELECT compacted FROM clock").fetch_one(&self.inner.pool).await?.try_get::<i64, _>(0)?;
        let oldest = "SELECT min(at) FROM observations WHERE reach BETWEEN 0 AND $1 AND at >= $2";
        let oldest = sqlx::query(oldest).bind(MAX_REACH).bind(begun).fetch_one(&self.inner.pool).await?;
        let Some(oldest) = oldest.try_get::<Option<i64>, _>(0)? else { return Ok(None) };
        let day = oldest.div_euclid(COMPACT_DAY_NANOS) * COMPACT_DAY_NANOS;
        let end = day.saturating_add(COMPACT_DAY_NANOS);
        if end > before {
            return Ok(None);
        }
        let (mut done, mut after) = (Compacted::default(), Some(i64::MIN));
        while let Some(from) = after {
            let plan = self.plan(day.max(begun), end, from).await?;
            done.rows += plan.rows;
            done.removed += self.carry_out(&plan).await?;
            after = plan.next;
        }
        let mut write = self.inner.write(0, 0).await?;
        sqlx::query("UPDATE clock SET compacted = $1").bind(end).execute(&mut *write.tx).await?;
        write.tx.commit().await?;
        Ok(Some(done))
    }

    /// First what is kept says all of it, then the others go: at no time is something missing.
    async fn carry_out(&self, plan: &Plan) -> Result<u64> {
        for chunk in plan.longer.chunks(COMPACT_CHUNK) {
            let mut write = self.inner.write(0, 0).await?;
            for (id, until, reach) in chunk {
                sqlx::query("UPDATE observations SET until = $1, reach = $2 WHERE id = $3")
                    .bind(until)
                    .bind(reach)
                    .bind(id)
                    .execute(&mut *write.tx)
                    .await?;
            }
            write.tx.commit().await?;
        }
        let mut removed = 0;
        for chunk in plan.gone.chunks(COMPACT_CHUNK) {
            let mut write = self.inner.write(0, 0).await?;
            let mut delete = Statement::new("DELETE FROM observations WHERE id IN (");
            delete.values(chunk, |row, id| {
                row.bind(*id);
            });
            // One may have been cited since.
            delete.push(") AND NOT EXISTS (SELECT 1 FROM cites c WHERE c.fact = observations.id AND c.fact <> 0)");
            removed += delete.build(write.sqlite)?.execute(&mut *write.tx).await?.rows_affected();
            write.tx.commit().await?;
        }
        Ok(removed)
    }

    /// What is to be done from one thing on, for as many things as fit.
    async fn plan(&self, from: Nanos, to: Nanos, first: i64) -> Result<Plan> {
        let mut rows = sqlx::query(
            "SELECT o.id, o.about, o.origin, o.at, o.until, o.ended, o.known, o.attributes, \
             CASE WHEN o.reach BETWEEN 0 AND $3 AND NOT EXISTS (SELECT 1 FROM cites c WHERE c.fact = o.id AND c.fact <> 0) THEN 1 ELSE 0 END, o.dataset \
             FROM observations o WHERE o.at >= $1 AND o.at < $2 AND o.class <> 2 AND o.about >= $4 \
             ORDER BY o.about, o.at, o.ended, o.id",
        )
        .bind(from)
        .bind(to)
        .bind(MAX_REACH)
        .bind(first)
        .fetch(&self.inner.pool);
        let (mut plan, mut runs, mut about) = (Plan::default(), HashMap::<(String, String), Run>::new(), None);
        while let Some(row) = rows.try_next().await? {
            let (id, of): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            let ended = row.try_get::<i64, _>(5)? == 1;
            if about != Some(of) && plan.gone.len() >= COMPACT_ROWS {
                plan.next = Some(of);
                break;
            }
            plan.rows += 1;
            if ended || about != Some(of) {
                // An end of any source ends all runs: which of them it speaks for is not asked here.
                runs.drain().for_each(|(_, run)| plan.take(run));
                about = Some(of);
            }
            if ended {
                continue;
            }
            let (at, until, known): (Nanos, Nanos, Nanos) = (row.try_get(3)?, row.try_get(4)?, row.try_get(6)?);
            let source: (String, String) = (row.try_get(2)?, row.try_get(9)?);
            if row.try_get::<i64, _>(8)? == 0 || known.saturating_sub(at) > COMPACT_LATE_NANOS {
                // What stays as it is stands between what comes before and after it.
                if let Some(run) = runs.remove(&source) {
                    plan.take(run);
                }
                continue;
            }
            let said: [u8; 32] = Sha256::digest(row.try_get::<String, _>(7)?).into();
            let lease = until - at;
            match runs.get_mut(&source) {
                Some(run) if run.said == said && run.lease == lease && at <= run.until => {
                    run.until = until;
                    run.merged.push(id);
                }
                _ => {
                    let run = Run { first: id, at, until, lease, said, merged: Vec::new() };
                    if let Some(before) = runs.insert(source, run) {
                        plan.take(before);
                    }
                }
            }
        }
        runs.drain().for_each(|(_, run)| plan.take(run));
        Ok(plan)
    }
}
