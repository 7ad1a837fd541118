//! What a rule says when it fires. It is complete in itself: it keeps a copy of the events it cites, so that it outlives
//! their retention.

use crate::columns::Table;
use crate::fact::{EntityRef, Nanos};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Events that an alert cites at most: enough to understand it, and a bound on its size.
pub const MAX_ALERT_EVENTS: usize = 20;
/// Bytes of the events that an alert keeps a copy of.
pub const MAX_ALERT_EVENT_BYTES: usize = 64 * 1024;

/// How bad it is, in Sigma's words.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing, never worth waking somebody.
    Informational,
    /// Seldom worth a look alone; many of them together are.
    Low,
    /// Worth a look within the day.
    #[default]
    Medium,
    /// Worth a look now.
    High,
    /// Worth waking somebody.
    Critical,
}

impl Level {
    /// All, the least first.
    pub const ALL: [Level; 5] = [Level::Informational, Level::Low, Level::Medium, Level::High, Level::Critical];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Level::Informational => "informational",
            Level::Low => "low",
            Level::Medium => "medium",
            Level::High => "high",
            Level::Critical => "critical",
        }
    }

    /// The level called so.
    pub fn from_name(name: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.name() == name)
    }
}

/// Whose language a rule speaks. Both land in one queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Aspect {
    /// Somebody may be where they should not be.
    Security,
    /// Something does not work as it should.
    Operations,
}

/// A copy of an event that an alert rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CitedEvent {
    /// Its id; none when it never was in the store, as with files looked at without a server.
    pub event_id: Option<u64>,
    /// Its table, by name.
    pub table: String,
    /// Its time.
    #[schema(value_type = i64)]
    pub timestamp: Nanos,
    /// Its fields, as far as they fit.
    #[schema(value_type = std::collections::BTreeMap<String, serde_json::Value>)]
    pub fields: Map<String, Value>,
}

impl CitedEvent {
    /// Its table.
    pub fn table(&self) -> Option<Table> {
        Table::from_name(&self.table)
    }
}

/// A rule has fired for something, in one window of time.
///
/// Equal ids are the same alert: it may be told again with more events, and the later word counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = RaisedAlert)]
pub struct Alert {
    /// Hash of the rule's version, the key and the window: the same events give the same id, in any order and after
    /// any restart.
    pub id: String,
    /// The rule's id: its UUID where it has one, else the stem of its file.
    pub rule: String,
    /// Hash of the rule's text.
    pub rule_version: String,
    /// The rule's title.
    pub title: String,
    /// How bad.
    pub level: Level,
    /// Whose language.
    pub aspect: Aspect,
    /// The rule's tags, such as `attack.t1110`.
    #[serde(default)]
    #[schema(required)]
    pub tags: Vec<String>,
    /// What it is about.
    pub entity: Option<EntityRef>,
    /// Who may see it: the dataset of its events.
    pub dataset: String,
    /// What the events were grouped by, name and value.
    #[serde(default)]
    #[schema(required)]
    pub key: Vec<(String, String)>,
    /// Time of the first event.
    #[schema(value_type = i64)]
    pub first: Nanos,
    /// Time of the last event.
    #[schema(value_type = i64)]
    pub last: Nanos,
    /// How many events.
    pub count: u64,
    /// Why it fired, in a plain sentence with the numbers.
    pub why: String,
    /// Where the rule's own page or the rule says to look.
    #[serde(default)]
    pub runbook: Option<String>,
    /// The events that it rests on, at most [`MAX_ALERT_EVENTS`] and [`MAX_ALERT_EVENT_BYTES`].
    #[serde(default)]
    #[schema(required)]
    pub events: Vec<CitedEvent>,
    /// No event that may still come can change it. Of an operational rule it also says that the condition is over, since
    /// `last`; of a security rule it does not say that anything is resolved.
    pub settled: bool,
}

impl Alert {
    /// What repeats share: the rule and what it is about, or what it was grouped by.
    pub fn fingerprint(&self) -> String {
        let mut parts = vec![self.rule.clone()];
        match &self.entity {
            Some(entity) => parts.push(entity.to_string()),
            None => parts.extend(self.key.iter().map(|(name, value)| format!("{name}={value}"))),
        }
        parts.join("\u{1f}")
    }

    /// Cites another event if there is room for it.
    pub fn cite(&mut self, event: CitedEvent) -> bool {
        let size = |event: &CitedEvent| serde_json::to_string(event).map_or(0, |text| text.len());
        let used: usize = self.events.iter().map(size).sum();
        let fits = self.events.len() < MAX_ALERT_EVENTS && used + size(&event) <= MAX_ALERT_EVENT_BYTES;
        if fits {
            self.events.push(event);
        }
        fits
    }
}
