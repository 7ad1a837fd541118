//! Notices on their way. They leave after the transaction that wrote them: whatever hangs outside delays no detection.

use crate::db::Ledger;
use crate::error::Result;
use crate::history::AsOf;
use crate::limits::{MAX_TEXT_BYTES, MAX_WAITING, ROWS_PER_STATEMENT};
use crate::personal::Person;
use crate::sql::Statement;
use model::Nanos;
use serde::Serialize;
use sqlx::Row as _;

/// A notice that waits, or was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// Its id.
    pub id: i64,
    /// The sender's key.
    pub key: String,
    /// When it was put in.
    pub at: Nanos,
    /// Which way it goes.
    pub channel: String,
    /// What it is about.
    pub about: Option<i64>,
    /// Who may see it.
    pub dataset: String,
    /// The notice, as JSON.
    pub body: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it may leave.
    pub due: Nanos,
    /// What went wrong last.
    pub error: Option<String>,
}

/// What became of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was taken.
    Sent,
    /// It is tried again at a time.
    Retry(Nanos, String),
    /// It is given up, and listed as such.
    Dead(String),
    /// It waits longer, as with a limit on the rate: no attempt was made.
    Later(Nanos),
}

const SELECT: &str =
    "SELECT id, key, at, channel, about, dataset, body, attempts, due, error FROM outbox WHERE state = ";

impl Ledger {
    /// Notices that may leave, the oldest first.
    pub async fn waiting(&self, now: Nanos) -> Result<Vec<Waiting>> {
        let mut query = Statement::new(SELECT);
        query.push("0 AND due <= ").bind(now).push(" ORDER BY due, id LIMIT ").bind(MAX_WAITING);
        self.notices(query).await
    }

    /// When the next notice may leave; none when none waits.
    pub async fn next_due(&self) -> Result<Option<Nanos>> {
        let next = sqlx::query("SELECT min(due) FROM outbox WHERE state = 0").fetch_one(&self.inner.pool).await?;
        Ok(next.try_get(0)?)
    }

    /// Notices that were given up, the newest first.
    pub async fn dead_letters(&self, seen: &AsOf) -> Result<Vec<Waiting>> {
        let mut query = Statement::new(SELECT);
        query.push("2");
        seen.visible(&mut query, "dataset");
        query.push(" ORDER BY id DESC LIMIT ").bind(MAX_WAITING);
        self.notices(query).await
    }

    /// Notices that nobody took yet and that are tried again, the newest first.
    pub async fn tried_again(&self, seen: &AsOf) -> Result<Vec<Waiting>> {
        let mut query = Statement::new(SELECT);
        query.push("0 AND attempts > 0");
        seen.visible(&mut query, "dataset");
        query.push(" ORDER BY id DESC LIMIT ").bind(MAX_WAITING);
        self.notices(query).await
    }

    async fn notices(&self, mut query: Statement) -> Result<Vec<Waiting>> {
        let waiting = |row: sqlx::any::AnyRow| -> Result<Waiting> {
            Ok(Waiting {
                id: row.try_get(0)?,
                key: row.try_get(1)?,
                at: row.try_get(2)?,
                channel: row.try_get(3)?,
                about: row.try_get(4)?,
                dataset: row.try_get(5)?,
                body: row.try_get(6)?,
                attempts: row.try_get(7)?,
                due: row.try_get(8)?,
                error: row.try_get(9)?,
            })
        };
        query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?.into_iter().map(waiting).collect()
    }

    /// Writes down what became of notices.
    pub async fn settle(&self, fates: &[(i64, Fate)], now: Nanos) -> Result<()> {
        if fates.is_empty() {
            return Ok(());
        }
        let mut write = self.inner.write(0, now).await?;
        for (id, fate) in fates {
            let (state, tried, due, done, error) = match fate {
                Fate::Sent => (1i64, 1i64, None, Some(now), None),
                Fate::Retry(due, error) => (0, 1, Some(*due), None, Some(error)),
                Fate::Dead(error) => (2, 1, None, Some(now), Some(error)),
                Fate::Later(due) => (0, 0, Some(*due), None, None),
            };
            let error =
                error.map(|error| error.chars().filter(|c| *c != '\0').take(MAX_TEXT_BYTES / 4).collect::<String>());
            sqlx::query(
                "UPDATE outbox SET state = $1, attempts = attempts + $2, due = coalesce($3, due), done = $4, \
                 error = coalesce($5, error) WHERE id = $6 AND state = 0",
            )
            .bind(state)
            .bind(tried)
            .bind(due)
            .bind(done)
            .bind(error)
            .bind(id)
            .execute(&mut *write.tx)
            .await?;
        }
        write.tx.commit().await?;
        Ok(())
    }

    /// Sends notices again that were given up; answers how many.
    pub async fn revive(&self, ids: &[i64], by: Person<'_>, now: Nanos) -> Result<u64> {
        let mut trail = self.inner.trail().await?;
        let mut write = self.inner.write(1, now).await?;
        let mut revived = 0;
        for chunk in ids.chunks(ROWS_PER_STATEMENT) {
            let mut update = Statement::new("UPDATE outbox SET state = 0, attempts = 0, done = NULL, due = ");
            update.bind(now).push(" WHERE state = 2 AND id IN (");
            update.values(chunk, |row, id| {
                row.bind(*id);
            });
            revived += update.push(")").build(write.sqlite)?.execute(&mut *write.tx).await?.rows_affected();
        }
        trail.append(&mut write, "notices sent again", by, "outbox", &format!("{{\"count\":{revived}}}")).await?;
        trail.commit(write).await?;
        Ok(revived)
    }

    /// Removes notices that were sent or given up before a time; answers how many.
    pub async fn forget_notices(&self, before: Nanos, now: Nanos) -> Result<u64> {
        let mut write = self.inner.write(0, now).await?;
        let gone = sqlx::query("DELETE FROM outbox WHERE state <> 0 AND done < $1").bind(before);
        let gone = gone.execute(&mut *write.tx).await?.rows_affected();
        write.tx.commit().await?;
        Ok(gone)
    }
}
