//! Alerts made fit to be kept: one that is not must not hold up the others.

use crate::limits::{MAX_KEYS, MAX_PLAIN_ID_BYTES, MAX_TAG_CHARS, MAX_TAGS, MAX_TITLE_CHARS, MAX_WHY_CHARS};
use crate::text::{cut, digest};
use ledger::Raise;
use model::alert::MAX_ALERT_EVENTS;
use model::{Alert, Cite, Decision, EntityRef, Nanos};
use serde_json::Map;

/// The latest time that is taken for one: the year 2200.
const MAX_AT: Nanos = 7_258_118_400_000_000_000;

/// Cuts texts, hashes long ids, drops what is no entity, and puts times in order.
pub fn tidy(mut alert: Alert) -> Alert {
    let plain = |id: &str| id.len() <= MAX_PLAIN_ID_BYTES && !id.is_empty() && !id.contains('\0');
    if !plain(&alert.id) {
        alert.id = digest(&[&alert.id]);
    }
    if !plain(&alert.rule) {
        alert.rule = digest(&[&alert.rule]);
    }
    alert.title = cut(&alert.title, MAX_TITLE_CHARS);
    if alert.title.trim().is_empty() {
        alert.title.clone_from(&alert.rule);
    }
    alert.why = cut(&alert.why, MAX_WHY_CHARS);
    alert.tags.truncate(MAX_TAGS);
    // Tags are words: they are kept with a space between them.
    alert.tags = alert.tags.iter().map(|tag| cut(tag, MAX_TAG_CHARS).replace(' ', "_")).collect();
    alert.tags.retain(|tag| !tag.is_empty());
    alert.key.truncate(MAX_KEYS);
    for (name, value) in &mut alert.key {
        (*name, *value) = (cut(name, MAX_TITLE_CHARS), cut(value, MAX_TITLE_CHARS));
    }
    alert.runbook = alert.runbook.map(|runbook| cut(&runbook, MAX_WHY_CHARS));
    alert.entity = alert.entity.filter(|entity| entity.check().is_ok());
    alert.first = alert.first.clamp(0, MAX_AT);
    alert.last = alert.last.clamp(alert.first, MAX_AT);
    alert.events.truncate(MAX_ALERT_EVENTS);
    alert
}

/// An alert as it is raised. What quotes events is in parts that can be erased; the reason names the rule alone.
pub fn raise(alert: &Alert, key: String, fingerprint: String, owner: Option<EntityRef>, now: Nanos) -> Raise {
    let decision = Decision {
        key,
        kind: "alert".to_owned(),
        dataset: alert.dataset.clone(),
        at: now,
        entity: alert.entity.clone(),
        reason: format!("the rule {} fired", alert.rule),
        owner,
        control: None,
        expires: None,
        cites: alert.events.iter().filter_map(|event| event.event_id).map(Cite::Event).collect(),
        body: Map::new(),
    };
    Raise {
        decision,
        fingerprint,
        rule: alert.rule.clone(),
        title: alert.title.clone(),
        level: alert.level,
        aspect: alert.aspect,
        tags: alert.tags.clone(),
        runbook: alert.runbook.clone(),
        why: alert.why.clone(),
        key: alert.key.clone(),
    }
}
