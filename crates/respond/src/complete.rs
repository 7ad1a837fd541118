//! What an alert arrives with: whose it is, what may have caused it, what is weak there, what became of the last one.

use crate::limits::{MAX_AROUND, MAX_NAMED};
use crate::plan::Around;
use crate::text::rfc3339;
use ledger::{AsOf, Kept, Ledger, LedgerError, Outcome, Suspect, Weakness};
use model::{Alert, Cite, Datasets, EntityRef, Nanos};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Beside the alert itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Completion {
    /// Changes that may be to blame, the likeliest first.
    pub suspects: Vec<Suspect>,
    /// What is weak on it and on what it runs.
    pub findings: Vec<Weakness>,
    /// The last alert like it that somebody judged: which, what it was, when that was said.
    pub last: Option<(i64, Outcome, Nanos)>,
    /// Why the owner is said to be the owner.
    pub why_owner: String,
    /// Where to look, of an alert whose rule does not say so. It goes into notices alone: at the alert itself the pages
    /// are looked for when somebody opens it, as they are then.
    #[serde(skip)]
    pub runbook: Option<String>,
}

/// Kinds on which findings say something about what runs there.
const CARRIES: [&str; 7] =
    ["service", "service.instance", "host", "container", "container.image", "repository", "k8s.deployment"];

/// Owners of entities, and relations of some of them.
pub async fn around(
    ledger: &Ledger,
    entities: &BTreeSet<EntityRef>,
    related: &BTreeSet<EntityRef>,
    now: Nanos,
) -> Result<BTreeMap<EntityRef, Around>, LedgerError> {
    let mut all: BTreeMap<EntityRef, Around> = BTreeMap::new();
    if entities.is_empty() {
        return Ok(all);
    }
    let as_of = AsOf::at(now);
    let wanted: Vec<EntityRef> = entities.iter().cloned().collect();
    for owner in ledger.owners_of(&as_of, Some(&wanted)).await? {
        if owner.layer.is_empty() {
            let reason = owner.reason();
            all.insert(owner.entity, Around { owner: Some(owner.owner), why_owner: reason, near: Vec::new() });
        }
    }
    for entity in related {
        let mut near = ledger.around(entity, &as_of).await?;
        near.truncate(MAX_AROUND);
        all.entry(entity.clone()).or_default().near = near;
    }
    Ok(all)
}

/// What belongs to one alert. Facts of other datasets are not told: who sees the alert may not see them.
pub async fn complete(
    ledger: &Ledger,
    alert: &Alert,
    around: &Around,
    same: &[Kept],
    now: Nanos,
) -> Result<Completion, LedgerError> {
    let print = crate::plan::fingerprint(alert);
    let judged = |kept: &&Kept| {
        kept.fingerprint == print && matches!(kept.outcome, Some(Outcome::True | Outcome::Benign | Outcome::False))
    };
    let last = same.iter().filter(judged).max_by_key(|kept| kept.closed);
    let mut done = Completion {
        last: last.and_then(|kept| Some((kept.id, kept.outcome?, kept.closed.unwrap_or(kept.last)))),
        why_owner: around.why_owner.clone(),
        ..Completion::default()
    };
    let Some(entity) = &alert.entity else { return Ok(done) };
    let seen = |at: Nanos| AsOf::at(at).within(Datasets::only([alert.dataset.clone()]));
    // What was altered before it showed; the last event counts, since a window may begin before the change.
    done.suspects = ledger.suspects(entity, &seen(alert.last.min(now))).await?;
    done.suspects.truncate(MAX_NAMED);
    let close = around.near.iter().filter(|(near, distance)| *distance <= 1 && CARRIES.contains(&near.kind.as_str()));
    let mut places: Vec<EntityRef> = close.map(|(near, _)| near.clone()).collect();
    if !places.contains(entity) {
        places.push(entity.clone());
    }
    done.findings = ledger.open_findings(&places, &seen(now), MAX_NAMED).await?;
    Ok(done)
}

impl Completion {
    /// The facts that it rests on.
    pub fn cites(&self) -> impl Iterator<Item = Cite> + '_ {
        let suspects = self.suspects.iter().map(|suspect| Cite::Fact(suspect.id));
        suspects.chain(self.findings.iter().map(|finding| Cite::Fact(finding.id)))
    }

    /// As it is kept in the body of the decision.
    pub fn body(&self) -> Map<String, Value> {
        let suspect = |suspect: &Suspect| {
            json!({"id": suspect.id, "kind": suspect.kind, "entity": suspect.entity.to_string(),
                "at": rfc3339(suspect.at), "version": suspect.version, "score": (suspect.score * 1e3).round() / 1e3,
                "reasons": suspect.reasons})
        };
        let finding = |finding: &Weakness| {
            json!({"id": finding.id, "severity": finding.severity, "entity": finding.entity.to_string(),
                "rule": finding.rule, "title": crate::text::cut(&finding.title, 300)})
        };
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| {
            if !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()) {
                body.insert(name.to_owned(), value);
            }
        };
        put("suspects", self.suspects.iter().map(suspect).collect());
        put("findings", self.findings.iter().map(finding).collect());
        put(
            "last",
            self.last.map_or(
                Value::Null,
                |(id, outcome, at)| json!({"alert": id, "outcome": outcome.name(), "at": rfc3339(at)}),
            ),
        );
        put("why_owner", if self.why_owner.is_empty() { Value::Null } else { self.why_owner.clone().into() });
        body
    }
}
