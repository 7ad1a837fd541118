//! Alerts, incidents, tasks and suppressions as they are answered.

use crate::server::rows::rfc3339;
use ledger::{Counts, Kept, Kind, Mark, Moved, Outcome, State as Stand, Whole};
use model::{Aspect, Cite, CitedEvent, EntityRef, Level, Nanos};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A page of the queue.
#[derive(Serialize, utoipa::ToSchema)]
pub struct QueuePage {
    pub rows: Vec<QueueRow>,
    /// Over all pages.
    pub counts: Counts,
    /// Where the next page goes on: its `after`.
    pub next: Option<String>,
}

/// A row of the queue. Of persons there is a number alone.
#[derive(Serialize, utoipa::ToSchema)]
pub struct QueueRow {
    pub id: i64,
    kind: Kind,
    title: String,
    level: Level,
    aspect: Aspect,
    state: Stand,
    outcome: Option<Outcome>,
    rule: String,
    /// What it is about: `host:web-1`.
    entity: Option<String>,
    /// The team that answers for it.
    team: Option<String>,
    /// Whoever looks at it, as a number.
    assignee: Option<i64>,
    incident: Option<i64>,
    dataset: String,
    tags: Vec<String>,
    runbook: Option<String>,
    fingerprint: String,
    opened: String,
    acknowledged: Option<String>,
    closed: Option<String>,
    /// When it wakes up, ends or is due.
    until: Option<String>,
    notified: Option<String>,
    marks: Vec<Mark>,
    /// How often it fired; what a suppression hid.
    firings: u64,
    events: u64,
    first: String,
    last: String,
    /// Minutes that playbooks saved.
    minutes_saved: i64,
    /// Why something is hidden by it: of a suppression, and of what is snoozed.
    pub because: Option<String>,
    /// How to answer it at a command line.
    answer_with: String,
}

/// What happened to it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct TimelineRow {
    at: String,
    /// To what: itself, or one of its parts.
    about: i64,
    /// What was moved, such as `state`.
    what: String,
    /// To what it was moved.
    value: String,
    detail: Option<String>,
    /// Of a state, until when.
    until: Option<String>,
    /// Of anything else, a number that belongs to it.
    number: Option<i64>,
    /// The decision behind it.
    by: Option<i64>,
    /// Whom it names, as a number.
    person: Option<i64>,
    reason: Option<String>,
    decision: Option<i64>,
}

/// One with everything that belongs to it.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = QueueWhole)]
pub struct Told {
    #[serde(flatten)]
    row: QueueRow,
    reason: String,
    /// Why it fired; nothing when that was erased.
    why: Option<String>,
    /// What its events were grouped by: names and values.
    key: Vec<(String, String)>,
    /// Copies of events; nothing in place of one that was erased.
    cited: Vec<Option<CitedEvent>>,
    cites: Vec<Cite>,
    /// Its alerts and tasks.
    parts: Vec<QueueRow>,
    timeline: Vec<TimelineRow>,
    /// Changes that may be to blame, the likeliest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<ledger::Suspect>>, nullable = false)]
    suspects: Option<Value>,
    /// What is weak on it and on what it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<AlertFinding>>, nullable = false)]
    findings: Option<Value>,
    /// Why the owner is said to be the owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false)]
    why_owner: Option<Value>,
    /// Whatever else the decision behind it says.
    #[serde(flatten)]
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    rest: Map<String, Value>,
}

/// A weakness beside an alert.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "kept as JSON by `respond`; this says what it looks like")]
pub struct AlertFinding {
    id: i64,
    severity: String,
    entity: String,
    rule: String,
    title: String,
}

fn named(entity: Option<&EntityRef>) -> Option<String> {
    entity.map(ToString::to_string)
}

/// A row of the queue.
pub fn shown(kept: &Kept, now: Nanos) -> QueueRow {
    let at = |at: Option<Nanos>| at.map(rfc3339);
    QueueRow {
        id: kept.id,
        kind: kept.kind,
        title: kept.title.clone(),
        level: kept.level,
        aspect: kept.aspect,
        state: kept.state_at(now),
        outcome: kept.outcome,
        rule: kept.rule.clone(),
        entity: named(kept.entity.as_ref()),
        team: kept.owner.as_ref().map(|owner| owner.key.clone()),
        assignee: kept.assignee,
        incident: kept.incident,
        dataset: kept.dataset.clone(),
        tags: kept.tags.clone(),
        runbook: kept.runbook.clone(),
        fingerprint: kept.fingerprint.clone(),
        opened: rfc3339(kept.opened),
        acknowledged: at(kept.acted),
        closed: at(kept.closed),
        until: at(kept.until),
        notified: at(kept.notified),
        marks: kept.marks.clone(),
        firings: kept.firings,
        events: kept.events,
        first: rfc3339(kept.first),
        last: rfc3339(kept.last),
        minutes_saved: kept.saved,
        because: None,
        answer_with: know::controls::answer_with(kept.id),
    }
}

fn happened(moved: &Moved) -> TimelineRow {
    TimelineRow {
        at: rfc3339(moved.at),
        about: moved.about,
        what: moved.what.clone(),
        value: moved.value.clone(),
        detail: moved.detail.clone(),
        until: moved.number.filter(|_| moved.what == "state").map(rfc3339),
        number: moved.number.filter(|_| moved.what != "state"),
        by: moved.by,
        person: moved.person,
        reason: moved.reason.clone(),
        decision: moved.decision,
    }
}

/// Why things were put away, the last time that they were.
pub fn snoozes<'m>(moves: impl IntoIterator<Item = &'m Moved>) -> BTreeMap<i64, String> {
    let put_away = |one: &&Moved| one.what == "state" && one.value == Stand::Snoozed.name();
    moves.into_iter().filter(put_away).map(|one| (one.about, one.reason.clone().unwrap_or_default())).collect()
}

/// One with everything that belongs to it.
pub fn told(whole: &Whole, now: Nanos) -> Told {
    let snoozed = snoozes(&whole.moves);
    let shown = |kept: &Kept| {
        let mut row = shown(kept, now);
        row.because = match kept.kind {
            Kind::Suppression => Some(whole.reason.clone()),
            _ if row.state == Stand::Snoozed => snoozed.get(&kept.id).cloned(),
            _ => None,
        };
        row
    };
    let mut body = whole.body.clone();
    let mut told = Told {
        row: shown(&whole.kept),
        reason: whole.reason.clone(),
        why: whole.why.clone(),
        key: whole.key.clone(),
        cited: whole.events.clone(),
        cites: whole.cites.clone(),
        parts: whole.parts.iter().map(shown).collect(),
        timeline: whole.moves.iter().map(happened).collect(),
        suspects: body.remove("suspects"),
        findings: body.remove("findings"),
        why_owner: body.remove("why_owner"),
        rest: Map::new(),
    };
    // What it is called by its own fields is not said again by the body.
    if let Ok(Value::Object(own)) = serde_json::to_value(&told) {
        body.retain(|name, _| !own.contains_key(name));
    }
    told.rest = body;
    told
}
