//! The database behind the ledger: opening, migrating, and the one way to write.

use crate::audit::Trail;
use crate::error::{LedgerError, Result};
use crate::limits::{BUSY_TIMEOUT, CONNECTIONS};
use crate::names::Names;
use crate::schema;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyPool, AssertSqlSafe, Connection as _, Row as _};
use std::path::PathBuf;
use std::str::FromStr as _;
use std::sync::Arc;
use tokio::sync::{Mutex, MutexGuard};

/// Where the facts are kept.
#[derive(Clone, Debug)]
pub enum Database {
    /// A file of its own; made when it is not there.
    Sqlite(PathBuf),
    /// The URL of a PostgreSQL database that several machines share.
    Postgres(String),
}

/// How a ledger is opened.
#[derive(Clone, Debug)]
pub struct Config {
    /// The database.
    pub database: Database,
    /// Folder of the key that signs the audit trail, and of its last checkpoint.
    pub keys: PathBuf,
}

/// The open ledger; clones share it.
#[derive(Clone)]
pub struct Ledger {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub pool: AnyPool,
    pub sqlite: bool,
    /// Writers of this process, one at a time; those of others wait at the clock's row.
    trail: Mutex<Trail>,
    pub names: Names,
}

/// A transaction that has its place in the order of all writers.
pub(crate) struct Write<'a> {
    pub tx: sqlx::Transaction<'a, Any>,
    /// When the ledger learns what is written: later than everything it knew before.
    pub known: i64,
    /// Whether the database is SQLite.
    pub sqlite: bool,
    next_id: i64,
    last_id: i64,
}

impl Write<'_> {
    /// Takes more ids than were asked for in the beginning.
    pub async fn reserve(&mut self, ids: usize) -> Result<()> {
        if ids > 0 {
            sqlx::query("UPDATE clock SET next_id = next_id + $1 WHERE one = 1")
                .bind(ids as i64)
                .execute(&mut *self.tx)
                .await?;
            self.last_id += ids as i64;
        }
        Ok(())
    }

    /// An id that no fact ever had.
    pub fn id(&mut self) -> i64 {
        debug_assert!(self.next_id < self.last_id, "more ids than were asked for");
        self.next_id += 1;
        self.next_id - 1
    }
}

impl Ledger {
    /// Opens the ledger, makes it when there is none, and brings it to the newest version.
    pub async fn open(config: Config) -> Result<Ledger> {
        sqlx::any::install_default_drivers();
        std::fs::create_dir_all(&config.keys)
            .map_err(|error| LedgerError::Database(format!("cannot make {}: {error}", config.keys.display())))?;
        let (url, sqlite) = match &config.database {
            Database::Sqlite(path) => (sqlite_url(path), true),
            Database::Postgres(url) => (url.clone(), false),
        };
        let options = AnyConnectOptions::from_str(&url)?;
        let pool = AnyPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(BUSY_TIMEOUT)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if sqlite {
                        for pragma in [
                            format!("PRAGMA busy_timeout = {}", BUSY_TIMEOUT.as_millis()),
                            "PRAGMA journal_mode = WAL".to_owned(),
                            "PRAGMA synchronous = FULL".to_owned(),
                            // A name that is erased is overwritten.
                            "PRAGMA secure_delete = ON".to_owned(),
                        ] {
                            sqlx::query(AssertSqlSafe(pragma)).execute(&mut *connection).await?;
                        }
                    }
                    Ok(())
                })
            })
            .after_release(move |connection, _| {
                Box::pin(async move {
                    // A full disk ends SQLite's transaction by itself, the ROLLBACK that follows fails, and the connection
                    // would be taken for one in a transaction for ever. The ping waits for that ROLLBACK.
                    if sqlite {
                        connection.ping().await?;
                    }
                    Ok(!(sqlite && connection.is_in_transaction()))
                })
            })
            .connect_with(options)
            .await?;
        migrate(&pool, sqlite).await?;
        let trail = Trail::load(&pool, &config.keys).await?;
        let inner = Inner { pool, sqlite, trail: Mutex::new(trail), names: Names::default() };
        Ok(Ledger { inner: Arc::new(inner) })
    }

    /// Lets go of the database.
    pub async fn close(&self) {
        self.inner.pool.close().await;
    }
}

impl Inner {
    /// The trail, for one writer. Those who wait are told in time when the one before them waits for the database.
    pub async fn trail(&self) -> Result<MutexGuard<'_, Trail>> {
        let waited = tokio::time::timeout(BUSY_TIMEOUT, self.trail.lock()).await;
        waited.map_err(|_| LedgerError::Locked("others wait for it, too".to_owned()))
    }

    /// Begins to write, with room for so many ids. `now` is the wall clock.
    pub async fn write(&self, ids: usize, now: i64) -> Result<Write<'_>> {
        // A writer of SQLite that begins as a reader may find that another was quicker.
        let mut tx = self.pool.begin_with(if self.sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" }).await?;
        let row = sqlx::query(
            "UPDATE clock SET known = CASE WHEN known < $1 THEN $1 ELSE known + 1 END, next_id = next_id + $2 \
             WHERE one = 1 RETURNING known, next_id",
        )
        .bind(now)
        .bind(ids as i64)
        .fetch_one(&mut *tx)
        .await?;
        let (known, last_id): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        Ok(Write { tx, known, sqlite: self.sqlite, next_id: last_id - ids as i64, last_id })
    }
}

pub(crate) fn sqlite_url(path: &std::path::Path) -> String {
    let path = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("sqlite://{path}?mode=rwc")
}

async fn migrate(pool: &AnyPool, sqlite: bool) -> Result<()> {
    let newest = schema::STEPS.len() as i64;
    sqlx::query("CREATE TABLE IF NOT EXISTS ledger_version (version BIGINT NOT NULL)").execute(pool).await?;
    let mut tx = pool.begin_with(if sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" }).await?;
    if !sqlite {
        sqlx::query("LOCK TABLE ledger_version IN EXCLUSIVE MODE").execute(&mut *tx).await?;
    }
    let found: i64 =
        sqlx::query("SELECT coalesce(max(version), 0) FROM ledger_version").fetch_one(&mut *tx).await?.try_get(0)?;
    if found > newest {
        return Err(LedgerError::NewerVersion { found, known: newest });
    }
    for (step, statements) in schema::STEPS.iter().enumerate().skip(found as usize) {
        for statement in *statements {
            let statement = if sqlite { schema::for_sqlite(statement) } else { (*statement).to_owned() };
            sqlx::query(AssertSqlSafe(statement)).execute(&mut *tx).await?;
        }
        sqlx::query("INSERT INTO ledger_version (version) VALUES ($1)").bind(step as i64 + 1).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_transaction_that_the_database_ended_itself_blocks_no_later_one() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(folder.path().join("ledger.sqlite"));
        let ledger = Ledger::open(Config { database, keys: folder.path().join("keys") }).await.unwrap();
        // As when the disk is full.
        for now in 1..=2 * i64::from(CONNECTIONS) {
            let mut write = ledger.inner.write(1, now).await.unwrap();
            sqlx::query("ROLLBACK").execute(&mut *write.tx).await.unwrap();
        }
        ledger.inner.write(1, 100).await.unwrap().tx.commit().await.unwrap();
    }
}
