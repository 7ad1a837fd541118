//! What is kept from being raised: by whom, why, until when, and of what.

use crate::limits::{DAY, MAX_WILDCARDS};
use crate::policy::Policy;
use crate::responder::RespondError;
use crate::text::fits;
use ledger::Suppressing;
use model::{Alert, EntityRef, Nanos};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a suppression hides. Everything that it names must fit; `*` stands for anything in a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hides {
    /// Alerts of this rule, by its id or its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Alerts about this, such as `host:web-*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// Alerts with this tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Alerts whose events were grouped by these names and values.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub key: Map<String, Value>,
    /// Also what other teams own, or nobody. It takes the right to act for all teams.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all_teams: bool,
}

impl Hides {
    /// Refuses what would hide everything, and patterns that cost too much.
    pub fn check(&self) -> Result<(), RespondError> {
        let patterns = [&self.rule, &self.entity, &self.tag].into_iter().flatten();
        let texts: Vec<&str> =
            patterns.map(String::as_str).chain(self.key.values().filter_map(|value| value.as_str())).collect();
        if texts.len() != [&self.rule, &self.entity, &self.tag].into_iter().flatten().count() + self.key.len() {
            return Err(RespondError::Invalid(
                "a suppression compares texts: write each value of `key` as one".to_owned(),
            ));
        }
        if texts.iter().all(|text| text.trim_matches('*').is_empty()) {
            return Err(RespondError::Invalid(
                "a suppression names what it hides: a rule, an entity, a tag or a key".to_owned(),
            ));
        }
        match texts.iter().find(|text| text.matches('*').count() > MAX_WILDCARDS || text.len() > 512) {
            Some(text) => Err(RespondError::Invalid(format!(
                "{text:?} is too much: a pattern has at most 512 bytes and {MAX_WILDCARDS} wildcards"
            ))),
            None => Ok(()),
        }
    }

    /// Whether it hides an alert. `own` says whether the team of the suppression owns what the alert is about.
    pub fn hides(&self, alert: &Alert, own: bool) -> bool {
        let entity = alert.entity.as_ref().map(ToString::to_string).unwrap_or_default();
        let keyed = |(name, value): (&String, &Value)| {
            let wanted = value.as_str().unwrap_or_default();
            alert.key.iter().any(|(known, value)| known == name && fits(wanted, value))
        };
        (own || self.all_teams)
            && self.rule.as_ref().is_none_or(|rule| fits(rule, &alert.rule) || fits(rule, &alert.title))
            && self.entity.as_ref().is_none_or(|pattern| fits(pattern, &entity))
            && self.tag.as_ref().is_none_or(|tag| alert.tags.iter().any(|known| fits(tag, known)))
            && self.key.iter().all(keyed)
    }
}

/// A suppression to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSuppression {
    /// The caller's own id: told twice it is one. Made from the rest when absent.
    pub key: Option<String>,
    /// What it hides.
    pub hides: Hides,
    /// Why.
    pub reason: String,
    /// The team that answers for it.
    pub owner: EntityRef,
    /// When it ends; after the longest time when absent.
    pub until: Option<Nanos>,
    /// Of which dataset.
    pub dataset: String,
    /// The control that it follows; one is made of it when absent.
    pub control: Option<i64>,
}

/// When a suppression ends: at the asked time, never after the longest.
pub fn ends(policy: &Policy, until: Option<Nanos>, now: Nanos) -> Result<Nanos, RespondError> {
    let latest = now + policy.suppress_at_most;
    match until {
        None => Ok(latest),
        Some(until) if until <= now => Err(RespondError::Invalid("the suppression ends before it begins".to_owned())),
        // A little more is the time between reading a form and sending it.
        Some(until) if until > latest + DAY => Err(RespondError::Invalid(format!(
            "a suppression lasts at most {} days; renew it then, with one key",
            policy.suppress_at_most / DAY
        ))),
        Some(until) => Ok(until),
    }
}

/// The suppression that hides an alert, the oldest first.
pub fn hider<'s>(all: &'s [Suppressing], alert: &Alert, owner: &str) -> Option<&'s Suppressing> {
    all.iter().find(|one| {
        let Some(hides) = one.body.get("hides").and_then(|hides| Hides::deserialize(hides).ok()) else { return false };
        let own = one.kept.owner.as_ref().is_some_and(|team| team.key == owner);
        one.kept.dataset == alert.dataset && hides.hides(alert, own)
    })
}
