//! A ledger, and facts for it.

use ledger::{Config, Database, Ledger};
use model::entity::{OWNED_BY, RUNS_ON};
use model::{About, Change, EntityRef, Facts, Finding, Nanos, Observation, Relation};
use serde_json::{Map, Value};

pub const SECOND: Nanos = 1_000_000_000;
pub const MINUTE: Nanos = 60 * SECOND;
pub const HOUR: Nanos = 60 * MINUTE;
pub const DAY: Nanos = 24 * HOUR;
/// 2026-11-21T00:00:00Z.
pub const T0: Nanos = 1_795_219_200 * SECOND;

pub async fn ledger() -> (Ledger, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::Sqlite(dir.path().join("ledger.sqlite"));
    let ledger = Ledger::open(Config { database, keys: dir.path().join("keys") }).await.unwrap();
    (ledger, dir)
}

/// A ledger in each of the two databases, with what keeps it.
pub async fn both() -> Vec<(Ledger, tempfile::TempDir, Option<crate::postgres::Postgres>)> {
    let (ledger, dir) = self::ledger().await;
    let (server, keys) = (crate::postgres::Postgres::fresh(), tempfile::tempdir().unwrap());
    let database = Database::Postgres(server.url.clone());
    let other = Ledger::open(Config { database, keys: keys.path().join("keys") }).await.unwrap();
    vec![(ledger, dir, None), (other, keys, Some(server))]
}

pub fn entity(text: &str) -> EntityRef {
    text.parse().unwrap()
}

/// Attributes from JSON.
pub fn attributes(json: Value) -> Map<String, Value> {
    json.as_object().unwrap().clone()
}

pub struct Told(pub Facts);

impl Told {
    pub fn by(origin: &str, dataset: &str) -> Told {
        Told(Facts::new(origin, dataset))
    }

    /// Something is there.
    pub fn seen(mut self, name: &str, at: Nanos, said: Value) -> Told {
        self.0.seen(entity(name), at, attributes(said));
        self
    }

    /// Something was there for a time.
    pub fn leased(mut self, name: &str, at: Nanos, lease: Nanos) -> Told {
        self.0.seen(entity(name), at, Map::new()).lease = Some(lease);
        self
    }

    pub fn related(mut self, from: &str, kind: &str, to: &str, at: Nanos) -> Told {
        self.0.related(entity(from), kind, entity(to), at);
        self
    }

    pub fn on(self, what: &str, host: &str, at: Nanos) -> Told {
        self.related(what, RUNS_ON, host, at)
    }

    /// A team owns something, or a layer of it.
    pub fn owned(mut self, what: &str, layer: &str, team: &str, at: Nanos, said: Value) -> Told {
        let to = EntityRef::new("team", team).unwrap();
        let relation = Relation { kind: OWNED_BY.to_owned(), from: entity(what), to, layer: layer.to_owned() };
        let about = About::Relation(relation);
        let attributes = attributes(said);
        self.0.observations.push(Observation { about, at, ended: false, lease: None, attributes });
        self
    }

    /// It does not any longer.
    pub fn disowned(mut self, what: &str, team: &str, at: Nanos) -> Told {
        self = self.owned(what, "", team, at, Value::Object(Map::new()));
        self.0.observations.last_mut().unwrap().ended = true;
        self
    }

    pub fn finding(mut self, of: &str, fingerprint: &str, at: Nanos, ended: bool) -> Told {
        self.0.findings.push(Finding {
            entity: Some(entity(of)),
            rule: "CVE-2026-1".to_owned(),
            fingerprint: fingerprint.to_owned(),
            severity: "high".to_owned(),
            title: "old".to_owned(),
            place: "zlib".to_owned(),
            at,
            ended,
            evidence: Map::new(),
        });
        self
    }

    pub fn deployed(mut self, service: &str, version: &str, at: Nanos) -> Told {
        self.0.changes.push(Change {
            key: format!("{service} {version}"),
            kind: "deployment".to_owned(),
            entity: entity(service),
            at,
            environment: None,
            version: Some(version.to_owned()),
            attributes: Map::new(),
        });
        self
    }

    pub async fn record(self, ledger: &Ledger) {
        ledger.record(&self.0, T0).await.unwrap();
    }
}
