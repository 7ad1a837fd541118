//! Ledgers, alerts and settings for the tests.

use ledger::{AsOf, Config, Database, Kept, Kind, Ledger, Wanted};
use model::{Alert, Aspect, Change, CitedEvent, EntityRef, Facts, Level, Nanos};
use respond::{Channel, ChannelKind, DetectorState, Policy, Responder};
use serde_json::Map;

pub const SECOND: Nanos = 1_000_000_000;
pub const MINUTE: Nanos = 60 * SECOND;
pub const HOUR: Nanos = 60 * MINUTE;
pub const DAY: Nanos = 24 * HOUR;
/// A fixed time: 2026-11-21T00:00:00Z, the beginning of a shift.
pub const T0: Nanos = 1_795_219_200 * SECOND;

/// A responder and its ledger.
pub struct Home {
    pub ledger: Ledger,
    pub responder: Responder,
    _dir: tempfile::TempDir,
}

impl Home {
    pub async fn new(policy: Policy) -> Home {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(dir.path().join("ledger.sqlite"));
        let ledger = Ledger::open(Config { database, keys: dir.path().join("keys") }).await.unwrap();
        Home { responder: Responder::new(ledger.clone(), policy), ledger, _dir: dir }
    }

    pub async fn all(&self, kind: Kind) -> Vec<Kept> {
        let wanted = Wanted { kinds: vec![kind], ..Wanted::default() };
        self.ledger.queue(&wanted, &AsOf::at(T0 + 365 * DAY)).await.unwrap().rows
    }

    /// Bodies of the notices that wait.
    pub async fn notices(&self) -> Vec<String> {
        let waiting = self.ledger.waiting(T0 + 365 * DAY).await.unwrap();
        waiting.into_iter().map(|waiting| waiting.body).collect()
    }

    pub async fn sound(&self) {
        assert_eq!(self.ledger.verify().await.unwrap().problems, Vec::<String>::new());
    }

    /// A service that runs on a host, both of a team, deployed a while ago.
    pub async fn shop(&self) {
        let mut facts = Facts::new("catalog", "default");
        let (service, host) = (entity("service:checkout"), entity("host:web-1"));
        facts.seen(service.clone(), T0 - DAY, Map::new());
        facts.seen(host.clone(), T0 - DAY, Map::new());
        facts.related(service.clone(), "runs_on", host.clone(), T0 - DAY);
        for owned in [&service, &host] {
            facts.related(owned.clone(), "owned_by", entity("team:shop"), T0 - DAY);
        }
        facts.changes.push(Change {
            key: "d1".to_owned(),
            kind: "deployment".to_owned(),
            entity: service,
            at: T0 - 5 * MINUTE,
            environment: None,
            version: Some("1.4".to_owned()),
            attributes: Map::new(),
        });
        self.ledger.record(&facts, T0 - MINUTE).await.unwrap();
    }
}

/// One chat for everybody.
pub fn policy() -> Policy {
    Policy { channels: vec![channel("chat", ChannelKind::Slack)], ..Policy::default() }
}

pub fn channel(name: &str, kind: ChannelKind) -> Channel {
    let (teams, datasets, least) = (Vec::new(), Vec::new(), Level::Informational);
    Channel { name: name.to_owned(), kind, teams, datasets, least, per_minute: 30 }
}

pub fn entity(text: &str) -> EntityRef {
    text.parse().unwrap()
}

pub fn state(position: u64) -> DetectorState {
    DetectorState { name: "stream".to_owned(), position, snapshot: position.to_le_bytes().to_vec() }
}

/// A rule has fired for something.
pub fn alert(id: &str, rule: &str, about: &str, level: Level, at: Nanos) -> Alert {
    Alert {
        id: id.to_owned(),
        rule: rule.to_owned(),
        rule_version: "1".to_owned(),
        title: format!("Title of {rule}"),
        level,
        aspect: if rule.starts_with("ops") { Aspect::Operations } else { Aspect::Security },
        tags: Vec::new(),
        entity: Some(entity(about)),
        dataset: "default".to_owned(),
        key: Vec::new(),
        first: at,
        last: at,
        count: 1,
        why: format!("{rule} counted 12 in 60 s"),
        runbook: Some(format!("https://wiki.example/{rule}")),
        events: vec![CitedEvent {
            event_id: Some(id.bytes().fold(1, |sum, byte| sum * 31 + u64::from(byte))),
            table: "logs".to_owned(),
            timestamp: at,
            fields: Map::from_iter([("message".to_owned(), "failed".into())]),
        }],
        settled: true,
    }
}
