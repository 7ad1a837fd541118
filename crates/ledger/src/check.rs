//! Looking at a ledger without changing it.

use crate::audit::CHECKPOINT_FILE;
use crate::db::{Config, Database, Ledger, sqlite_url};
use crate::error::Result;
use crate::facts::is_sound;
use crate::schema;
use futures::TryStreamExt as _;
use sqlx::{AnyConnection, Connection as _, Row as _};

/// What is wrong with a ledger that nobody uses at the moment: pages, version, audit trail. Nothing when there is none.
pub async fn check(config: Config) -> Result<Vec<String>> {
    sqlx::any::install_default_drivers();
    if let Database::Sqlite(path) = &config.database {
        if !path.exists() {
            // Any signature counts here: the key may be gone with the rest.
            let checkpoint = config.keys.join(CHECKPOINT_FILE);
            let lost = std::fs::read_to_string(&checkpoint).is_ok_and(|text| text.lines().nth(1) != Some("0"));
            let told = format!("{} is gone, but {} says that it had entries", path.display(), checkpoint.display());
            return Ok(lost.then_some(told).into_iter().collect());
        }
        let mut connection = AnyConnection::connect(&sqlite_url(path).replace("mode=rwc", "mode=rw")).await?;
        let found = sqlx::query("PRAGMA integrity_check").fetch_all(&mut connection).await?;
        let found: Vec<String> = found.iter().map(|row| row.try_get(0)).collect::<sqlx::Result<_>>()?;
        let version = sqlx::query("SELECT max(version) FROM ledger_version").fetch_one(&mut connection).await;
        connection.close().await?;
        if found != ["ok"] {
            return Ok(found);
        }
        let version: i64 = version?.try_get(0)?;
        if version < schema::STEPS.len() as i64 {
            // To open it would change it; the next start does.
            return Ok(Vec::new());
        }
    }
    let ledger = Ledger::open(config).await?;
    let mut problems = ledger.verify().await?.problems;
    problems.extend(ledger.unsound().await?);
    ledger.close().await;
    Ok(problems)
}

/// Damaged observations that are named; more say nothing new.
const MOST_NAMED: usize = 20;

impl Ledger {
    /// Observations that are not as they were written.
    async fn unsound(&self) -> Result<Vec<String>> {
        let mut rows = sqlx::query("SELECT id, at, slot, attributes FROM observations").fetch(&self.inner.pool);
        let mut problems = Vec::new();
        while let Some(row) = rows.try_next().await? {
            let (slot, attributes): (String, String) = (row.try_get(2)?, row.try_get(3)?);
            if !is_sound(row.try_get(1)?, &slot, &attributes) && problems.len() < MOST_NAMED {
                problems.push(format!("observation {} was changed", row.try_get::<i64, _>(0)?));
            }
        }
        Ok(problems)
    }
}
