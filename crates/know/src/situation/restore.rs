//! Whether what is gone would come back: proofs that a restore works.

use super::estate::{Estate, said};
use super::{Situation, instant, seconds};
use crate::limits::PROOF_LASTS;
use crate::readiness::parse_span;
use anyhow::Result;
use ledger::{AsOf, DecisionsAsked, Ledger};
use model::{EntityRef, Nanos};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// The kind of decision that a drill leaves.
pub const DRILL: &str = "drill";
/// What a decision or an attribute says when a restore worked.
pub(crate) const PROVED: &str = "proved";

/// A restore that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// When.
    pub at: Nanos,
    /// It worked.
    pub proved: bool,
    /// How long it took.
    pub took: Option<Nanos>,
    /// The decision; none when an attribute of the thing says so.
    pub id: Option<i64>,
}

impl Proof {
    /// From `{"restore": ...}` of a drill's body or of an attribute: `proved`, `failed`, `true`, or an object with
    /// `proved`, `took` and `at`.
    fn of(said: &Value, at: Nanos, id: Option<i64>) -> Option<Proof> {
        let yes = |value: &Value| match value {
            Value::Bool(yes) => Some(*yes),
            Value::String(word) => Some(word == PROVED),
            _ => None,
        };
        if let Some(proved) = yes(said) {
            return Some(Proof { at, proved, took: None, id });
        }
        let said: &Map<String, Value> = said.as_object()?;
        let took = said.get("took");
        let took = took.and_then(|took| took.as_i64().or_else(|| parse_span(took.as_str()?)));
        let at = said.get("at").and_then(Value::as_str).and_then(instant).unwrap_or(at);
        Some(Proof { at, proved: yes(said.get(PROVED)?)?, took, id })
    }

    /// Whether it still counts.
    pub fn holds(&self, now: Nanos) -> bool {
        self.proved && self.at <= now && now.saturating_sub(self.at) <= PROOF_LASTS
    }
}

/// The newest restore that was tried of each thing, as drills tell.
pub async fn proofs(ledger: &Ledger, as_of: &AsOf) -> Result<HashMap<EntityRef, Proof>> {
    let mut proofs: HashMap<EntityRef, Proof> = HashMap::new();
    for kept in ledger.decisions(&DecisionsAsked::of(&[DRILL]), as_of).await? {
        let Some(entity) = kept.decision.entity else { continue };
        let said = kept.decision.body.get("restore");
        if let Some(proof) = said.and_then(|said| Proof::of(said, kept.decision.at, Some(kept.id))) {
            let known = proofs.entry(entity).or_insert_with(|| proof.clone());
            if known.at < proof.at {
                *known = proof;
            }
        }
    }
    Ok(proofs)
}

/// The newest proof of a thing: of a drill, or of what somebody said of it.
pub(crate) fn proof(entity: &EntityRef, estate: &Estate, proofs: &HashMap<EntityRef, Proof>) -> Option<Proof> {
    let thing = estate.thing(entity);
    let said = thing.and_then(|thing| Proof::of(thing.attributes.get("restore")?, thing.seen, None));
    proofs.get(entity).cloned().into_iter().chain(said).max_by_key(|proof| proof.at)
}

pub(super) fn fill(
    one: &mut Situation,
    service: &EntityRef,
    estate: &Estate,
    proofs: &HashMap<EntityRef, Proof>,
    now: Nanos,
) {
    if let Some(thing) = estate.thing(service) {
        let objective = |name: &str| said(&thing.attributes, name).and_then(|text| parse_span(&text)).map(seconds);
        (one.restore.rto, one.restore.rpo) = (objective("rto"), objective("rpo"));
        (one.restore.backup, one.restore.backup_at) = backup(&thing.attributes);
    }
    let Some(proof) = proof(service, estate, proofs) else { return };
    one.restore.proved = proof.holds(now);
    if proof.proved {
        one.restore.at = Some(proof.at);
        one.restore.took = proof.took.map(seconds);
    }
    one.restore.ids = proof.id.into_iter().collect();
}

/// Where a backup is and when it was made last: `backup` as text, or as an object with `place` and `last`.
pub(crate) fn backup(attributes: &Map<String, Value>) -> (Option<String>, Option<Nanos>) {
    match attributes.get("backup") {
        Some(Value::Object(told)) => {
            let text = |name: &str| told.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
            (text("place").map(str::to_owned), text("last").and_then(instant))
        }
        _ => (said(attributes, "backup"), said(attributes, "backup_last").and_then(|text| instant(&text))),
    }
}
