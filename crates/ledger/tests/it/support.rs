//! Ledgers and facts for the tests.

use crate::postgres::Postgres;
use ledger::{Config, Database, Ledger};
use model::{About, EntityRef, Facts, Nanos, Observation, Relation};
use std::path::Path;

/// A second.
pub const SECOND: Nanos = 1_000_000_000;
/// A minute.
pub const MINUTE: Nanos = 60 * SECOND;
/// A day.
pub const DAY: Nanos = 86_400 * SECOND;
/// A fixed time: 2026-11-21T00:00:00Z.
pub const T0: Nanos = 1_795_219_200 * SECOND;

/// One of the two databases, and the folder of its keys.
pub struct Home {
    pub database: Database,
    pub dir: tempfile::TempDir,
    _server: Option<Postgres>,
}

impl Home {
    pub fn config(&self) -> Config {
        Config { database: self.database.clone(), keys: self.dir.path().join("keys") }
    }

    pub async fn open(&self) -> Ledger {
        Ledger::open(self.config()).await.unwrap()
    }

    /// A connection around the ledger, as an intruder has it.
    pub async fn run(&self, statement: &str) -> u64 {
        use sqlx::{Connection as _, Executor as _};
        sqlx::any::install_default_drivers();
        let url = match &self.database {
            Database::Sqlite(path) => {
                let path = path.display().to_string().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
                format!("sqlite://{path}")
            }
            Database::Postgres(url) => url.clone(),
        };
        let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
        let done = connection.execute(sqlx::AssertSqlSafe(statement.to_owned())).await.unwrap().rows_affected();
        connection.close().await.unwrap();
        done
    }
}

/// A new SQLite file.
pub fn sqlite() -> Home {
    let dir = tempfile::tempdir().unwrap();
    Home { database: Database::Sqlite(sqlite_path(dir.path())), dir, _server: None }
}

pub fn sqlite_path(dir: &Path) -> std::path::PathBuf {
    // A name that a URL would read otherwise.
    dir.join("50% ledger?#.sqlite")
}

/// Both databases, empty.
pub async fn both() -> [Home; 2] {
    let postgres = Postgres::fresh().await;
    let database = Database::Postgres(postgres.url.clone());
    [sqlite(), Home { database, dir: tempfile::tempdir().unwrap(), _server: Some(postgres) }]
}

pub fn entity(text: &str) -> EntityRef {
    text.parse().unwrap()
}

pub fn relation(from: &str, kind: &str, to: &str) -> About {
    About::Relation(Relation { kind: kind.to_owned(), from: entity(from), to: entity(to), layer: String::new() })
}

/// It was seen, for so long.
pub fn seen(about: About, at: Nanos, lease: Option<Nanos>) -> Observation {
    Observation { about, at, ended: false, lease, attributes: serde_json::Map::new() }
}

/// It ended.
pub fn ended(about: About, at: Nanos) -> Observation {
    Observation { about, at, ended: true, lease: None, attributes: serde_json::Map::new() }
}

pub fn facts(origin: &str, observations: Vec<Observation>) -> Facts {
    Facts { observations, ..Facts::new(origin.to_owned(), "default") }
}
