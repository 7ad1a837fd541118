//! Facts that are no events: what was seen to exist, what is weak, what was altered. They name entities, and never
//! each other.

use crate::limits::{MAX_ENTITY_KEY_BYTES, MAX_KIND_BYTES};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

/// Nanoseconds since 1970.
pub type Nanos = i64;

/// A service, a host, a container, an image, a repository, a team: what facts are about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Entity)]
pub struct EntityRef {
    /// What it is: `service`, `host`, `container`, `package`, ...
    pub kind: String,
    /// What tells it from others of its kind.
    pub key: String,
}

/// Why text is no entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAnEntity(pub String);

impl fmt::Display for NotAnEntity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotAnEntity {}

impl EntityRef {
    /// An entity, if its kind is a word and its key fits.
    pub fn new(kind: impl Into<String>, key: impl Into<String>) -> Result<EntityRef, NotAnEntity> {
        let made = EntityRef { kind: kind.into(), key: key.into() };
        made.check()?;
        Ok(made)
    }

    /// Whether its kind is a word and its key fits: what was read from elsewhere may be anything.
    pub fn check(&self) -> Result<(), NotAnEntity> {
        let EntityRef { kind, key } = self;
        let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-');
        if kind.is_empty() || kind.len() > MAX_KIND_BYTES || !kind.bytes().all(word) {
            return Err(NotAnEntity(format!("{kind:?} is no kind of entity: write a word such as `service`")));
        }
        if key.is_empty() || key.len() > MAX_ENTITY_KEY_BYTES || key.contains('\0') {
            return Err(NotAnEntity(format!("the {kind} has no name of 1 to {MAX_ENTITY_KEY_BYTES} bytes")));
        }
        Ok(())
    }
}

impl fmt::Display for EntityRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.key)
    }
}

impl std::str::FromStr for EntityRef {
    type Err = NotAnEntity;

    /// `kind:key`; the key may have more colons.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some((kind, key)) => EntityRef::new(kind, key),
            None => Err(NotAnEntity(format!("{text:?} is no entity: write kind:name, such as service:checkout"))),
        }
    }
}

/// How one entity belongs to another: a service is owned by a team, a host has a package, a container runs an image.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Relation {
    /// `owned_by`, `runs_on`, `has`, `calls`, ...
    pub kind: String,
    /// What has it.
    pub from: EntityRef,
    /// What it points at.
    pub to: EntityRef,
    /// The part it holds for, such as `platform` of an ownership; empty for the whole.
    #[serde(default)]
    pub layer: String,
}

/// What an observation is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// An entity.
    Entity(EntityRef),
    /// A relation of two.
    Relation(Relation),
}

/// Something was seen to exist, or to have ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// What.
    pub about: About,
    /// When.
    pub at: Nanos,
    /// It ended; else it was seen.
    #[serde(default)]
    pub ended: bool,
    /// How long it is taken to be there without being seen again; without, until it ended.
    #[serde(default)]
    pub lease: Option<Nanos>,
    /// What was seen of it.
    #[serde(default)]
    pub attributes: Map<String, Value>,
}

/// All that a source has to say of one thing: what it said earlier and does not say now has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complete {
    /// Whose relations are told completely.
    pub from: EntityRef,
    /// Relations of this kind.
    pub relation: String,
    /// When that was so.
    pub at: Nanos,
    /// What it points at exists as a part of `from` alone, and ends with the relation: a socket of a host.
    #[serde(default)]
    pub parts: bool,
}

/// What one source has to say at once: one document or request, kept whole or not at all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Facts {
    /// Who says it: `agent`, `telemetry`, `catalog`, `codeowners`, `github`, ...
    pub origin: String,
    /// Who may see it, as with events.
    pub dataset: String,
    /// What was seen and what ended.
    pub observations: Vec<Observation>,
    /// What these observations tell completely.
    pub complete: Vec<Complete>,
    /// What is weak.
    pub findings: Vec<Finding>,
    /// What was altered.
    pub changes: Vec<Change>,
}

impl Facts {
    /// Nothing yet.
    pub fn new(origin: impl Into<String>, dataset: impl Into<String>) -> Facts {
        Facts { origin: origin.into(), dataset: dataset.into(), ..Facts::default() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.observations.len() + self.findings.len() + self.changes.len()
    }

    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        self.len() == 0 && self.complete.is_empty()
    }

    /// An entity was seen; without a lease it is there until it is said to have ended.
    pub fn seen(&mut self, entity: EntityRef, at: Nanos, attributes: Map<String, Value>) -> &mut Observation {
        let about = About::Entity(entity);
        self.observations.push(Observation { about, at, ended: false, lease: None, attributes });
        let last = self.observations.len() - 1;
        &mut self.observations[last]
    }

    /// A relation was seen.
    pub fn related(&mut self, from: EntityRef, kind: &str, to: EntityRef, at: Nanos) -> &mut Observation {
        let about = About::Relation(Relation { kind: kind.to_owned(), from, to, layer: String::new() });
        self.observations.push(Observation { about, at, ended: false, lease: None, attributes: Map::new() });
        let last = self.observations.len() - 1;
        &mut self.observations[last]
    }
}

/// Something is weak.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What is weak.
    pub entity: Option<EntityRef>,
    /// The rule that says so.
    pub rule: String,
    /// The same weakness at the same place has the same fingerprint, whoever finds it when.
    pub fingerprint: String,
    /// `critical`, `high`, `medium`, `low`, `info`.
    pub severity: String,
    /// One line.
    pub title: String,
    /// Where: a file, a resource, a package.
    pub place: String,
    /// When it was seen.
    pub at: Nanos,
    /// It was looked for, and is gone.
    #[serde(default)]
    pub ended: bool,
    /// What proves it.
    #[serde(default)]
    pub evidence: Map<String, Value>,
}

/// Something was altered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The source's own id: the same change told twice is one.
    pub key: String,
    /// `deployment`, `release`, `push`, `pull_request`, `rollout`, `package`, `config`, ...
    pub kind: String,
    /// What was altered.
    pub entity: EntityRef,
    /// When.
    pub at: Nanos,
    /// Where it took effect, such as `production`.
    #[serde(default)]
    pub environment: Option<String>,
    /// The version that came.
    #[serde(default)]
    pub version: Option<String>,
    /// Everything else; names of persons do not belong here.
    #[serde(default)]
    pub attributes: Map<String, Value>,
}
