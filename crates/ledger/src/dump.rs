//! The ledger written down and read back: for backups, and from one database to the other.
//!
//! Lines of JSON, compressed: first `{"format":1,"version":N}`, then `["table", {"column": value}]` for every row, last
//! `{"rows":N,"sha256":"..."}` over all lines before it. Beside it lie the key of the audit trail and the checkpoint of
//! that moment.

use crate::audit::{BROKEN_FILE, CHECKPOINT_FILE, KEY_FILE, PUBLIC_FILE};
use crate::db::{Config, Ledger};
use crate::limits::{MAX_DUMP_LINE_BYTES, ROWS_PER_STATEMENT};
use crate::schema;
use crate::sql::Statement;
use anyhow::{Context as _, Result, bail, ensure};
use futures::TryStreamExt as _;
use model::hex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::any::{AnyRow, AnyTypeInfoKind};
use sqlx::{Any, AssertSqlSafe, Column as _, Row as _, ValueRef as _};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// The rows.
pub const DUMP_FILE: &str = "ledger.jsonl.zst";
const FORMAT: i64 = 1;

/// What was written down or read back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Dumped {
    /// Rows of all tables.
    pub rows: u64,
    /// Entries of the audit trail.
    pub audit_entries: i64,
}

#[derive(Serialize, Deserialize)]
struct End {
    rows: u64,
    sha256: String,
}

/// One moment of the ledger; others write on meanwhile.
pub struct Snapshot {
    tx: sqlx::Transaction<'static, Any>,
    keys: PathBuf,
    checkpoint: String,
}

impl Ledger {
    /// Holds this moment until it is written down.
    pub async fn snapshot(&self) -> Result<Snapshot> {
        let begin = if self.inner.sqlite { "BEGIN" } else { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" };
        let mut trail = self.inner.trail().await?;
        let mut tx = self.inner.pool.begin_with(begin).await?;
        // The moment is that of the first read, which this does. The checkpoint that is in use goes on meanwhile.
        let checkpoint = trail.checkpoint(&mut tx).await?;
        Ok(Snapshot { tx, keys: trail.folder.clone(), checkpoint })
    }

    /// Reads a folder that a snapshot was written to into an empty ledger, and opens it.
    pub async fn restore(config: Config, folder: &Path) -> Result<(Ledger, Dumped)> {
        std::fs::create_dir_all(&config.keys).with_context(|| format!("cannot make {}", config.keys.display()))?;
        let copy = |name: &str| {
            let (from, to) = (folder.join(name), config.keys.join(name));
            std::fs::copy(&from, &to).with_context(|| format!("cannot copy {}", from.display()))
        };
        for name in [KEY_FILE, PUBLIC_FILE] {
            let there = config.keys.join(name);
            ensure!(!there.exists(), "{} is there already: restore into a new folder", there.display());
            copy(name)?;
        }
        let ledger = Ledger::open(config.clone()).await?;
        let dumped = ledger.load(&folder.join(DUMP_FILE)).await?;
        copy(CHECKPOINT_FILE)?;
        if folder.join(BROKEN_FILE).exists() {
            copy(BROKEN_FILE)?;
        }
        ledger.inner.trail().await?.read_again();
        Ok((ledger, dumped))
    }

    async fn load(&self, path: &Path) -> Result<Dumped> {
        let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        let mut reader = Reader { lines: BufReader::new(zstd::Decoder::new(file)?), digest: Sha256::new(), number: 0 };
        let head: Value = serde_json::from_str(&reader.line()?).context("the first line is no JSON")?;
        ensure!(head["format"] == FORMAT, "{} has another format: use a newer program", path.display());
        let version = head["version"].as_i64().unwrap_or(i64::MAX);
        ensure!(version <= schema::STEPS.len() as i64, "the backup is of a newer ledger: use the newer program");
        let mut write = self.inner.write(0, 0).await?;
        let empty: i64 = sqlx::query("SELECT next_id FROM clock").fetch_one(&mut *write.tx).await?.try_get(0)?;
        ensure!(empty == 1, "the ledger has facts already: restore into an empty database");
        sqlx::query("DELETE FROM clock").execute(&mut *write.tx).await?;
        let tables = schema::tables();
        let (mut rows, mut batch, mut dumped) = (0, Batch::default(), Dumped::default());
        loop {
            let before = reader.digest.clone();
            let line = reader.line()?;
            if line.starts_with('{') {
                let end: End = serde_json::from_str(&line).with_context(|| reader.place())?;
                ensure!(end.rows == rows, "{} has {rows} rows where {} were written", path.display(), end.rows);
                ensure!(end.sha256 == hex::encode(&before.finalize()), "{} is damaged", path.display());
                break;
            }
            let (table, row): (String, Map<String, Value>) =
                serde_json::from_str(&line).with_context(|| reader.place())?;
            let Some(table) = tables.iter().find(|known| **known == table) else {
                bail!("{}: there is no table {table:?}", reader.place());
            };
            rows += 1;
            dumped.audit_entries += i64::from(*table == "audit");
            if !batch.fits(table, &row) {
                batch.write(&mut write).await?;
            }
            batch.add(table, row);
        }
        batch.write(&mut write).await?;
        write.tx.commit().await?;
        Ok(Dumped { rows, ..dumped })
    }
}

/// Lines with their digest.
struct Reader<R> {
    lines: BufReader<R>,
    digest: Sha256,
    number: u64,
}

impl<R: std::io::Read> Reader<R> {
    fn line(&mut self) -> Result<String> {
        let mut line = Vec::new();
        self.number += 1;
        (&mut self.lines).take(MAX_DUMP_LINE_BYTES).read_until(b'\n', &mut line).with_context(|| self.place())?;
        ensure!(line.ends_with(b"\n"), "{}: the backup of the ledger ends here, or the line is too long", self.place());
        self.digest.update(&line);
        String::from_utf8(line).with_context(|| self.place())
    }

    fn place(&self) -> String {
        format!("{DUMP_FILE}:{}", self.number)
    }
}

/// Rows of one table, written with one statement.
#[derive(Default)]
struct Batch {
    table: String,
    columns: Vec<String>,
    rows: Vec<Map<String, Value>>,
}

impl Batch {
    fn fits(&self, table: &str, row: &Map<String, Value>) -> bool {
        // A row has fewer than 20 columns; SQLite takes 32,766 values.
        self.rows.is_empty()
            || (self.table == table && self.rows.len() < ROWS_PER_STATEMENT && self.columns.iter().eq(row.keys()))
    }

    fn add(&mut self, table: &str, row: Map<String, Value>) {
        if self.rows.is_empty() {
            table.clone_into(&mut self.table);
            self.columns = row.keys().cloned().collect();
        }
        self.rows.push(row);
    }

    async fn write(&mut self, write: &mut crate::db::Write<'_>) -> Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let word = |name: &String| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        ensure!(self.columns.iter().all(word), "{} has a column of another name", self.table);
        let mut insert = Statement::new(&format!("INSERT INTO {} ({}) ", self.table, self.columns.join(", ")));
        insert.values(std::mem::take(&mut self.rows), |values, row| {
            for value in row.into_values() {
                match value {
                    Value::String(text) => values.bind(text),
                    number => values.bind(number.as_i64()),
                };
            }
        });
        insert.build(write.sqlite)?.execute(&mut *write.tx).await?;
        Ok(())
    }
}

impl Snapshot {
    /// Writes the moment into a folder, for its owner alone.
    pub async fn write(mut self, folder: &Path) -> Result<Dumped> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let private = |name: &str| {
            let path = folder.join(name);
            let open = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
            open.with_context(|| format!("cannot make {}", path.display()))
        };
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let mut out = zstd::Encoder::new(private(DUMP_FILE)?, 3)?;
        let (mut digest, mut dumped) = (Sha256::new(), Dumped::default());
        let mut line = |out: &mut zstd::Encoder<'_, File>, value: &Value| -> Result<()> {
            let line = format!("{value}\n");
            ensure!(line.len() as u64 <= MAX_DUMP_LINE_BYTES, "a row has {} bytes", line.len());
            digest.update(&line);
            Ok(out.write_all(line.as_bytes())?)
        };
        line(&mut out, &json!({"format": FORMAT, "version": schema::STEPS.len()}))?;
        for table in schema::tables() {
            let mut rows = sqlx::query(AssertSqlSafe(format!("SELECT * FROM {table}"))).fetch(&mut *self.tx);
            while let Some(row) = rows.try_next().await? {
                line(&mut out, &json!([table, object(&row)?]))?;
                dumped.rows += 1;
                dumped.audit_entries += i64::from(table == "audit");
            }
        }
        let end = End { rows: dumped.rows, sha256: hex::encode(&digest.finalize()) };
        out.write_all(format!("{}\n", serde_json::to_string(&end)?).as_bytes())?;
        out.finish()?.sync_all()?;
        private(CHECKPOINT_FILE)?.write_all(self.checkpoint.as_bytes())?;
        for name in [KEY_FILE, PUBLIC_FILE, BROKEN_FILE] {
            let from = self.keys.join(name);
            // The proof of a damage is there after one alone.
            if name != BROKEN_FILE || from.exists() {
                let bytes = std::fs::read(&from).with_context(|| format!("cannot read {name}"))?;
                private(name)?.write_all(&bytes)?;
            }
        }
        Ok(dumped)
    }
}

fn object(row: &AnyRow) -> Result<Value> {
    let mut object = Map::new();
    for (at, column) in row.columns().iter().enumerate() {
        let raw = row.try_get_raw(at)?;
        let kind = if raw.is_null() { AnyTypeInfoKind::Null } else { raw.type_info().kind() };
        let value = match kind {
            // Left out: PostgreSQL would ask what kind of null it is.
            AnyTypeInfoKind::Null => continue,
            AnyTypeInfoKind::Text => json!(row.try_get::<String, _>(at)?),
            _ => json!(row.try_get::<i64, _>(at)?),
        };
        object.insert(column.name().to_owned(), value);
    }
    Ok(Value::Object(object))
}
