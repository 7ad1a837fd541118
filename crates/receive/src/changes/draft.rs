//! Changes in the making: what all sources share.

use super::json::{commit, text, time};
use super::{Hook, HookError, MAX_COMMITS, MAX_FIELD_BYTES, MAX_KEY_BYTES, MAX_NOTES, Told};
use crate::lines::rows::cut_text;
use model::entity::{repository, service};
use model::limits::MAX_AHEAD_NANOS;
use model::{Change, EntityRef, Facts, Nanos};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// Changes dated before 1990 have a clock that was never set.
const EARLIEST: Nanos = 631_152_000_000_000_000;

/// What a request will have said.
pub(super) struct Draft {
    received: Nanos,
    told: Told,
}

impl Draft {
    pub(super) fn new(hook: &Hook<'_>, origin: &str, delivery: Option<&str>) -> Draft {
        let delivery = delivery.map(|id| cut_text(id, MAX_FIELD_BYTES).to_owned());
        let facts = Facts::new(origin, hook.dataset);
        Draft { received: hook.at, told: Told { facts, delivery, notes: Vec::new() } }
    }

    pub(super) fn note(&mut self, note: impl Into<String>) {
        if self.told.notes.len() < MAX_NOTES {
            self.told.notes.push(note.into());
        }
    }

    /// Nothing is kept of this.
    pub(super) fn unused(&mut self, what: &str) {
        self.note(format!("{} is not used: it says nothing that is kept", cut_text(what, MAX_FIELD_BYTES)));
    }

    /// A change. Without a time of its own, or with one that cannot be, it is dated by its receipt.
    pub(super) fn change(&mut self, kind: &str, key: &str, entity: EntityRef, at: Option<Nanos>) -> &mut Change {
        let possible = EARLIEST..=self.received.saturating_add(MAX_AHEAD_NANOS);
        let fits = |at: &Nanos| possible.contains(at);
        if at.is_some_and(|at| !fits(&at)) {
            self.note(format!("the time of {} cannot be; it is dated by its receipt", cut_text(key, 100)));
        }
        let at = at.filter(fits).unwrap_or(self.received);
        let key = if key.len() > MAX_KEY_BYTES { long_key(key) } else { key.to_owned() };
        let changes = &mut self.told.facts.changes;
        changes.push(Change {
            key,
            kind: kind.to_owned(),
            entity,
            at,
            environment: None,
            version: None,
            attributes: Map::new(),
        });
        let last = changes.len() - 1;
        &mut changes[last]
    }

    pub(super) fn told(self) -> Told {
        self.told
    }
}

fn long_key(key: &str) -> String {
    format!("sha256:{}", model::hex::encode(&Sha256::digest(key.as_bytes())))
}

/// Sets an attribute that is known.
pub(super) fn put<V: Into<Value>>(change: &mut Change, name: &str, value: Option<V>) {
    if let Some(value) = value {
        change.attributes.insert(name.to_owned(), value.into());
    }
}

/// Sets an attribute that is true.
pub(super) fn mark(change: &mut Change, name: &str, value: bool) {
    put(change, name, value.then_some(true));
}

/// Text of a field as an attribute.
pub(super) fn copy(change: &mut Change, name: &str, value: &Value, path: &str) {
    put(change, name, text(value, path));
}

/// A time of a field as an attribute, in nanoseconds.
pub(super) fn copy_time(change: &mut Change, name: &str, value: &Value, path: &str) {
    put(change, name, time(value, path));
}

/// The repository at an address.
pub(super) fn repository_at(address: &str, path: &str) -> Result<EntityRef, HookError> {
    repository(address).map_err(|error| HookError::malformed(error.to_string(), path))
}

/// The service of a name, which may be `namespace/name`.
pub(super) fn service_named(name: &str, path: &str) -> Result<EntityRef, HookError> {
    service(None, name).map_err(|error| HookError::malformed(error.to_string(), path))
}

/// The newest commits of a list of which each has an id and a time; the oldest is first. No authors, no messages.
pub(super) fn commits(change: &mut Change, list: &Value, path: &str, total: Option<u64>) {
    let Some(list) = list.pointer(path).and_then(Value::as_array) else { return };
    let skipped = list.len().saturating_sub(MAX_COMMITS);
    let kept: Vec<Value> = list
        .iter()
        .skip(skipped)
        .filter_map(|item| Some(json!({"id": commit(item, "/id")?, "at": time(item, "/timestamp")?})))
        .collect();
    let total = total.unwrap_or(list.len() as u64);
    put(change, "commits", (!kept.is_empty()).then_some(kept));
    put(change, "commits_total", Some(total));
}

/// What a payload says about why a deployment was made.
pub(super) fn reasons(change: &mut Change, payload: &Value) {
    for name in ["rollback", "hotfix", "unplanned"] {
        if payload.get(name).and_then(Value::as_bool) == Some(true) {
            mark(change, name, true);
        }
    }
    copy(change, "incident", payload, "/incident");
}

/// What a ref is: a branch or a tag.
pub(super) fn branch_or_tag(full: &str) -> (&'static str, &str) {
    match full.strip_prefix("refs/tags/") {
        Some(tag) => ("tag", tag),
        None => ("branch", full.strip_prefix("refs/heads/").unwrap_or(full)),
    }
}

/// Branches whose deployments are unplanned by the usual way of working.
pub(super) fn is_hotfix(branch: &str) -> bool {
    branch.starts_with("hotfix/") || branch.starts_with("hotfix-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_cannot_be_are_replaced_and_long_keys_shortened() {
        let hook = Hook { headers: &[], body: b"", dataset: "d", at: 1_795_246_176_000_000_000 };
        let mut draft = Draft::new(&hook, "github", Some("1"));
        let entity = service_named("shop", "/x").unwrap();
        for at in [None, Some(0), Some(i64::MAX), Some(i64::MIN)] {
            assert_eq!(draft.change("push", "k", entity.clone(), at).at, hook.at);
        }
        assert_eq!(draft.change("push", "k", entity.clone(), Some(hook.at - 5)).at, hook.at - 5);
        let (one, other) = ("a".repeat(2000), format!("{}b", "a".repeat(1999)));
        let one = draft.change("push", &one, entity.clone(), None).key.clone();
        assert_ne!(one, draft.change("push", &other, entity, None).key);
        assert_eq!(one.len(), 71);
        let told = draft.told();
        assert_eq!(told.notes.len(), 3, "{:?}", told.notes);
        assert_eq!((told.facts.origin.as_str(), told.facts.dataset.as_str()), ("github", "d"));
    }
}
