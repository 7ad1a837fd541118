//! Alerts and incidents as the planner sees them: kept, or raised in the same round.

use ledger::{Kept, Outcome, State, Target};
use model::{Alert, Aspect, EntityRef, Level, Nanos};

/// An alert.
#[derive(Clone, Debug)]
pub struct Slot {
    pub target: Target,
    pub fingerprint: String,
    pub rule: String,
    pub title: String,
    pub level: Level,
    pub aspect: Aspect,
    pub tags: Vec<String>,
    pub dataset: String,
    pub entity: Option<EntityRef>,
    /// The team; empty for nobody's.
    pub owner: String,
    pub last: Nanos,
    pub firings: u64,
    pub incident: Option<Target>,
    pub open: bool,
    /// It turned out to be nothing.
    pub noise: bool,
    /// Its place among those that are raised now.
    pub raised: Option<usize>,
}

impl Slot {
    pub fn of(kept: &Kept, now: Nanos) -> Slot {
        Slot {
            target: Target::Id(kept.id),
            fingerprint: kept.fingerprint.clone(),
            rule: kept.rule.clone(),
            title: kept.title.clone(),
            level: kept.level,
            aspect: kept.aspect,
            tags: kept.tags.clone(),
            dataset: kept.dataset.clone(),
            entity: kept.entity.clone(),
            owner: kept.owner.as_ref().map(|owner| owner.key.clone()).unwrap_or_default(),
            last: kept.last,
            firings: kept.firings,
            incident: kept.incident.map(Target::Id),
            open: kept.state_at(now) != State::Resolved,
            noise: matches!(kept.outcome, Some(Outcome::False | Outcome::Benign | Outcome::Escalated)),
            raised: None,
        }
    }

    pub fn raised(alert: &Alert, target: Target, print: String, owner: Option<&EntityRef>, raised: usize) -> Slot {
        Slot {
            target,
            fingerprint: print,
            rule: alert.rule.clone(),
            title: alert.title.clone(),
            level: alert.level,
            aspect: alert.aspect,
            tags: alert.tags.clone(),
            dataset: alert.dataset.clone(),
            entity: alert.entity.clone(),
            owner: owner.map(|owner| owner.key.clone()).unwrap_or_default(),
            last: alert.last,
            firings: 1,
            incident: None,
            open: true,
            noise: false,
            raised: Some(raised),
        }
    }
}

/// An incident that is not over.
#[derive(Clone, Debug)]
pub struct Incident {
    pub title: String,
    pub level: Level,
    pub last: Nanos,
    pub notified: bool,
}

impl Incident {
    pub fn of(kept: &Kept) -> Incident {
        Incident { title: kept.title.clone(), level: kept.level, last: kept.last, notified: kept.notified.is_some() }
    }
}

/// Techniques of ATT&CK among tags: `attack.t1110`, `attack.t1110.001`.
pub fn techniques(tags: &[String]) -> impl Iterator<Item = &str> {
    tags.iter().filter_map(|tag| {
        let number = tag.strip_prefix("attack.t")?;
        number.starts_with(|c: char| c.is_ascii_digit()).then_some(tag.as_str())
    })
}

/// A target as part of a key.
pub fn name(target: &Target) -> String {
    match target {
        Target::Id(id) => format!("{id}"),
        Target::Key(key) => key.clone(),
    }
}
