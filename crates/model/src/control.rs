//! Controls: the reason behind everything that stops, hides or exempts.

use crate::fact::Nanos;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// How a control speaks. Everything starts by observing.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
#[schema(as = ControlMode)]
pub enum Mode {
    /// It says what it would have stopped.
    #[default]
    Observe,
    /// It warns, and lets pass.
    Warn,
    /// It stops.
    Enforce,
}

impl Mode {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Observe => "observe",
            Mode::Warn => "warn",
            Mode::Enforce => "enforce",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = [Mode::Observe, Mode::Warn, Mode::Enforce];
        let found = all.into_iter().find(|mode| mode.name() == text);
        found.ok_or_else(|| "a mode is observe, warn or enforce".to_owned())
    }
}

/// What a control protects against, for each side in its own words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Protects {
    /// For those who run it.
    pub operations: String,
    /// For those who secure it.
    pub security: String,
}

/// A control as its file says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Control {
    /// What it is called everywhere: the file's stem.
    #[schema(required)]
    pub name: String,
    /// It in a sentence.
    #[schema(required)]
    pub title: String,
    /// The team that answers for it.
    #[schema(required)]
    pub owner: String,
    /// What could happen without it.
    #[schema(required)]
    pub threat: String,
    /// What it protects against.
    #[schema(required)]
    pub protects: Protects,
    /// Teams that it affects; empty for all.
    #[schema(required)]
    pub teams: Vec<String>,
    /// How it speaks where nothing else was decided.
    #[schema(required)]
    pub mode: Mode,
    /// From when on it holds; before, it observes at most.
    #[schema(value_type = Option<String>)]
    pub effective: Option<Nanos>,
    /// When somebody asks again whether it is needed.
    #[schema(value_type = Option<String>)]
    pub review_by: Option<Nanos>,
    /// Where to ask: a channel, an address; the owner when nothing is said.
    pub ask: Option<String>,
    /// Rules of detection and scanning that it stands behind, by id; `*` stands for anything.
    #[schema(required)]
    pub rules: Vec<String>,
    /// Checks of the gate that it stands behind.
    #[schema(required)]
    pub checks: Vec<String>,
    /// Controls of standards, by catalog.
    #[schema(required)]
    pub standards: BTreeMap<String, Vec<String>>,
    /// The rest, as Markdown.
    #[schema(required)]
    pub text: String,
}

/// A control as it is in force for somebody, at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct InForce {
    /// The control.
    pub control: Control,
    /// Its decision in the ledger, by id.
    pub id: i64,
    /// How it speaks now.
    pub mode: Mode,
    /// What made it speak so, when that is not the file: an adjustment or a lockdown, with its end.
    pub because: Option<Because>,
}

/// A decision that changed how a control speaks, until a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Because {
    /// The decision, by id.
    pub decision: i64,
    /// `adjustment` or `lockdown`.
    pub kind: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Until when.
    #[schema(value_type = String)]
    pub until: Nanos,
}

/// An exemption from a control for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Exception {
    /// The decision, by id.
    pub decision: i64,
    /// The control, by name.
    pub control: String,
    /// Of this thing alone, as `service:checkout`; of all when absent.
    pub entity: Option<String>,
    /// In this environment alone; in all when absent.
    pub environment: Option<String>,
    /// Why.
    pub reason: String,
    /// Who answers for it: a team.
    pub owner: String,
    /// Until when.
    #[schema(value_type = String)]
    pub until: Nanos,
}

impl Exception {
    /// Whether it exempts a thing in an environment at a time.
    pub fn holds(&self, entity: &str, environment: Option<&str>, now: Nanos) -> bool {
        now < self.until
            && self.entity.as_deref().is_none_or(|own| own == entity)
            && self.environment.as_deref().is_none_or(|own| Some(own) == environment)
    }
}

/// Whether a pattern with `*` for anything fits an id.
pub fn fits(pattern: &str, id: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = id.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_the_whole_id() {
        for (pattern, id, is) in [
            ("docker-*", "docker-root", true),
            ("docker-*", "my-docker-root", false),
            ("*-root", "docker-root", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("*", "", true),
            ("", "a", false),
            ("ab", "ab", true),
            ("aba*aba", "aba", false),
        ] {
            assert_eq!(fits(pattern, id), is, "{pattern} {id}");
        }
    }

    #[test]
    fn an_exception_holds_for_what_it_names_until_its_end() {
        let exception = Exception {
            decision: 1,
            control: "c".to_owned(),
            entity: Some("service:a".to_owned()),
            environment: Some("production".to_owned()),
            reason: "r".to_owned(),
            owner: "t".to_owned(),
            until: 10,
        };
        assert!(exception.holds("service:a", Some("production"), 9));
        for (entity, environment, now) in
            [("service:a", Some("production"), 10), ("service:b", Some("production"), 9), ("service:a", None, 9)]
        {
            assert!(!exception.holds(entity, environment, now));
        }
    }
}
