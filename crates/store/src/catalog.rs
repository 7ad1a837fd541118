//! The list of files: SQLite, changed by one transaction per flush.
//!
//! What it says is also in the sidecars, so a damaged catalog is rebuilt from the folder.

use crate::filenames;
use crate::log::record::RetryKey;
use crate::segment::sidecar::Meta;
use anyhow::{Context as _, Result};
use model::Table;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, Row as _, SqliteConnection};
use std::collections::HashMap;
use std::path::Path;

const SCHEMA: [&str; 3] = [
    "CREATE TABLE IF NOT EXISTS files (stem TEXT PRIMARY KEY, meta TEXT NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS watermarks (name TEXT PRIMARY KEY, sequence INTEGER NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS retry_keys (key BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT",
];

/// Files that appear and disappear together.
#[derive(Debug, Default)]
pub struct Change {
    /// New files.
    pub add: Vec<Meta>,
    /// Files that leave, by stem.
    pub remove: Vec<String>,
    /// Tables whose rows through this sequence are in files now.
    pub watermarks: Vec<(Table, u64)>,
    /// Retry keys whose log records may be cut.
    pub keys: Vec<(RetryKey, i64)>,
    /// Retry keys older than this are forgotten.
    pub forget_keys_before: Option<i64>,
}

/// What the catalog held at start.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The files.
    pub files: Vec<Meta>,
    /// Watermark per table.
    pub watermarks: HashMap<Table, u64>,
    /// Retry keys.
    pub keys: Vec<RetryKey>,
}

/// The open catalog.
pub struct Catalog {
    connection: SqliteConnection,
}

impl Catalog {
    /// Opens or creates it and checks its integrity.
    pub async fn open(root: &Path, read_only: bool) -> Result<(Catalog, Loaded)> {
        let path = filenames::catalog(root);
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(!read_only)
            .read_only(read_only)
            .synchronous(SqliteSynchronous::Full)
            .disable_statement_logging();
        let options = if read_only { options } else { options.journal_mode(SqliteJournalMode::Wal) };
        let mut connection = options.connect().await.with_context(|| format!("cannot open {}", path.display()))?;
        let check: String = sqlx::query("PRAGMA integrity_check").fetch_one(&mut connection).await?.try_get(0)?;
        anyhow::ensure!(check == "ok", "integrity check: {check}");
        for statement in SCHEMA.into_iter().filter(|_| !read_only) {
            sqlx::query(statement).execute(&mut connection).await?;
        }
        let loaded = load(&mut connection).await?;
        Ok((Catalog { connection }, loaded))
    }

    /// Applies a change in one transaction.
    pub async fn apply(&mut self, change: &Change) -> Result<()> {
        let mut transaction = self.connection.begin().await?;
        for meta in &change.add {
            sqlx::query("INSERT INTO files (stem, meta) VALUES (?, ?)")
                .bind(&meta.stem)
                .bind(serde_json::to_string(meta)?)
                .execute(&mut *transaction)
                .await?;
        }
        for stem in &change.remove {
            sqlx::query("DELETE FROM files WHERE stem = ?").bind(stem).execute(&mut *transaction).await?;
        }
        for (table, sequence) in &change.watermarks {
            sqlx::query("INSERT INTO watermarks (name, sequence) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET sequence = excluded.sequence")
                .bind(table.name())
                .bind(i64::try_from(*sequence)?)
                .execute(&mut *transaction)
                .await?;
        }
        for (key, at) in &change.keys {
            sqlx::query("INSERT OR REPLACE INTO retry_keys (key, at) VALUES (?, ?)")
                .bind(key.as_slice())
                .bind(at)
                .execute(&mut *transaction)
                .await?;
        }
        if let Some(before) = change.forget_keys_before {
            sqlx::query("DELETE FROM retry_keys WHERE at < ?").bind(before).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Copies the catalog as it is now into a new file.
    pub async fn copy_to(&mut self, target: &Path) -> Result<()> {
        let target = target.to_str().context("the backup's path is not UTF-8")?.to_owned();
        sqlx::query("VACUUM INTO ?").bind(target).execute(&mut self.connection).await?;
        Ok(())
    }

    /// Closes the file.
    pub async fn close(self) -> Result<()> {
        Ok(self.connection.close().await?)
    }
}

async fn load(connection: &mut SqliteConnection) -> Result<Loaded> {
    let mut loaded = Loaded::default();
    for row in sqlx::query("SELECT meta FROM files").fetch_all(&mut *connection).await? {
        let meta: String = row.try_get(0)?;
        loaded.files.push(serde_json::from_str(&meta).context("a file's entry in the catalog does not read")?);
    }
    for row in sqlx::query("SELECT name, sequence FROM watermarks").fetch_all(&mut *connection).await? {
        let (name, sequence): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
        let table = Table::from_name(&name).with_context(|| format!("the catalog knows a table {name}"))?;
        loaded.watermarks.insert(table, u64::try_from(sequence)?);
    }
    for row in sqlx::query("SELECT key FROM retry_keys ORDER BY at").fetch_all(&mut *connection).await? {
        let key: Vec<u8> = row.try_get(0)?;
        loaded.keys.extend(RetryKey::try_from(key));
    }
    Ok(loaded)
}
