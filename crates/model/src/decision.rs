//! What people and rules decided. Decisions cite facts by id and are appended, never edited.

use crate::fact::{EntityRef, Nanos};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A fact or an earlier decision that a decision rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cite {
    /// An event of the store, by its `event_id`.
    Event(u64),
    /// A fact or decision of the ledger, by its id.
    Fact(i64),
}

/// A decision: alert, incident, triage, verdict, suppression, waiver, block, hand-over, review, control.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The decider's own id: the same decision told twice is one.
    pub key: String,
    /// What kind of decision.
    pub kind: String,
    /// Who may see it, as with events.
    #[serde(default = "default_dataset")]
    pub dataset: String,
    /// When it was taken.
    pub at: Nanos,
    /// What it is about.
    #[serde(default)]
    pub entity: Option<EntityRef>,
    /// Why, in a sentence.
    pub reason: String,
    /// Who answers for it: a team.
    #[serde(default)]
    pub owner: Option<EntityRef>,
    /// The control it follows, by id.
    #[serde(default)]
    pub control: Option<i64>,
    /// When it ends by itself.
    #[serde(default)]
    pub expires: Option<Nanos>,
    /// What it rests on.
    #[serde(default)]
    pub cites: Vec<Cite>,
    /// What else there is to say.
    #[serde(default)]
    pub body: Map<String, Value>,
}

fn default_dataset() -> String {
    crate::DEFAULT_DATASET.to_owned()
}

/// Kinds of decisions that stop somebody, or hide or exempt something.
pub const RESTRICTING: &[&str] =
    &["suppression", "waiver", "exception", "block", "lockdown", "mute", "silence", "adjustment"];

impl Decision {
    /// Whether it stops, hides or exempts.
    pub fn restricts(&self) -> bool {
        RESTRICTING.contains(&self.kind.as_str())
    }

    /// What is missing. Everything that stops, hides or exempts carries control, reason, owner and expiry.
    pub fn missing(&self) -> Vec<&'static str> {
        let mut missing = Vec::new();
        if self.reason.trim().is_empty() {
            missing.push("reason");
        }
        if self.restricts() {
            missing.extend(self.control.is_none().then_some("control"));
            missing.extend(self.owner.is_none().then_some("owner"));
            missing.extend(self.expires.is_none().then_some("expires"));
        }
        missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_says_why_for_whom_and_until_when() {
        let mut decision: Decision =
            serde_json::from_str(r#"{"key": "1", "kind": "suppression", "at": 1, "reason": " "}"#).unwrap();
        assert_eq!(decision.missing(), ["reason", "control", "owner", "expires"]);
        decision.reason = "a test host".to_owned();
        decision.control = Some(7);
        decision.owner = EntityRef::new("team", "payments").ok();
        decision.expires = Some(2);
        assert!(decision.missing().is_empty());
        decision.kind = "triage".to_owned();
        (decision.control, decision.owner, decision.expires) = (None, None, None);
        assert!(decision.missing().is_empty(), "a decision that stops nobody needs a reason alone");
    }
}
