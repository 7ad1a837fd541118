//! Entity events of OpenTelemetry: log records that say that something exists, or is gone.
//!
//! Two spellings are in use. Newer senders name the event `entity.state` or `entity.delete` and have the attributes
//! `entity.type`, `entity.id`, `entity.description`, `entity.relationships` and `entity.report.interval` (seconds).
//! Older ones have the attribute `otel.entity.event.type` (`entity_state`, `entity_delete`) and `otel.entity.type`,
//! `otel.entity.id`, `otel.entity.attributes` and `otel.entity.interval` (milliseconds).

use super::names;
use super::resource::{Attributes, named};
use crate::limits::{INTERVALS, MAX_EVENTS_PER_BATCH, MAX_LEASE, MAX_NAME_BYTES, MAX_RELATIONSHIPS, SECOND};
use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, StringViewArray};
use model::columns::{ATTRIBUTE_PREFIX, name};
use model::entity::RUNS_ON;
use model::limits::MAX_TYPED_COLUMNS;
use model::{EntityRef, EventBatch, Nanos, Table, json};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// An entity event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What it is about, as the sender calls it: type and id.
    pub identity: String,
    /// The entity; nothing when the id alone does not name it.
    pub entity: Option<EntityRef>,
    /// The entity under the sender's own id, when it has no name that others use.
    pub own: EntityRef,
    /// When.
    pub at: Nanos,
    /// It is gone.
    pub ended: bool,
    /// How long it is taken to be there; nothing when only its end says so.
    pub lease: Option<Nanos>,
    /// What is kept of it.
    pub attributes: Map<String, Value>,
    /// Kind, and what it points at: identity, entity, own.
    pub relations: Vec<(String, String, Option<EntityRef>, EntityRef)>,
}

/// How one spelling calls things.
struct Spelling {
    kind: &'static str,
    id: &'static str,
    description: &'static str,
    interval: &'static str,
    unit: Nanos,
}

const NEW: Spelling = Spelling {
    kind: "entity.type",
    id: "entity.id",
    description: "entity.description",
    interval: "entity.report.interval",
    unit: SECOND,
};
const OLD: Spelling = Spelling {
    kind: "otel.entity.type",
    id: "otel.entity.id",
    description: "otel.entity.attributes",
    interval: "otel.entity.interval",
    unit: SECOND / 1000,
};
const OLD_EVENT: &str = "otel.entity.event.type";

/// Attributes of rows: a typed column, or the rest.
struct Rows<'a> {
    batch: &'a EventBatch,
    rest: Option<&'a StringViewArray>,
}

impl<'a> Rows<'a> {
    fn column(&self, name: &str) -> Option<&'a dyn arrow_array::Array> {
        self.batch.rows.column_by_name(name).map(AsRef::as_ref)
    }

    fn has(&self, key: &str) -> bool {
        self.column(&format!("{ATTRIBUTE_PREFIX}{key}")).is_some()
    }

    /// As raw JSON, or plain text when it is in a typed column.
    fn get(&self, row: usize, key: &str) -> Option<Cow<'a, str>> {
        if let Some(column) = self.column(&format!("{ATTRIBUTE_PREFIX}{key}"))
            && column.is_valid(row)
        {
            if let Some(texts) = column.as_string_view_opt() {
                return Some(Cow::Borrowed(texts.value(row)));
            }
            let numbers = column.as_primitive_opt::<arrow_array::types::Int64Type>()?;
            return Some(Cow::Owned(numbers.value(row).to_string()));
        }
        let rest = self.rest.filter(|rest| rest.is_valid(row))?.value(row);
        let raw = json::get(rest, key)?;
        if raw.starts_with('"') { json::unescape(raw) } else { Some(Cow::Borrowed(raw)) }
    }
}

/// Reads the entity events of a batch. Looks at rows only when the batch has a column that such events have.
pub fn read(batch: &EventBatch, lease: Nanos) -> Vec<Event> {
    if batch.table != Table::Logs {
        return Vec::new();
    }
    let text = |name: &str| batch.rows.column_by_name(name).and_then(|column| column.as_string_view_opt());
    let rows = Rows { batch, rest: text(name::ATTRIBUTES) };
    // The type is text, so it has a column of its own unless there are too many of them.
    let typed = batch.rows.num_columns() + 1 - Table::Logs.stored_fields().len();
    let (new, old) = (rows.has(NEW.kind) || typed >= MAX_TYPED_COLUMNS, rows.has(OLD_EVENT));
    let names = text("event_name").filter(|names| new && names.null_count() < names.len());
    if names.is_none() && !old {
        return Vec::new();
    }
    let times = batch.rows.column_by_name(name::TIMESTAMP);
    let times = times.and_then(|times| times.as_primitive_opt::<arrow_array::types::TimestampNanosecondType>());
    let (Some(times), resources) = (times, text(name::RESOURCE_ATTRIBUTES)) else { return Vec::new() };
    let mut events = Vec::new();
    for row in 0..batch.len() {
        let event_name = names.filter(|names| names.is_valid(row)).map(|names| names.value(row));
        let (spelling, ended) = match event_name {
            Some("entity.state") => (&NEW, false),
            Some("entity.delete") => (&NEW, true),
            _ if !old => continue,
            _ => match rows.get(row, OLD_EVENT).as_deref() {
                Some("entity_state") => (&OLD, false),
                Some("entity_delete") => (&OLD, true),
                _ => continue,
            },
        };
        let resource = resources.filter(|all| all.is_valid(row)).map_or("", |all| all.value(row));
        events.extend(event(&rows, row, spelling, ended, resource, times.value(row), lease));
        if events.len() >= MAX_EVENTS_PER_BATCH {
            break;
        }
    }
    events
}

fn event(
    rows: &Rows<'_>,
    row: usize,
    spelling: &Spelling,
    ended: bool,
    resource: &str,
    at: Nanos,
    lease: Nanos,
) -> Option<Event> {
    let (kind, id) = (rows.get(row, spelling.kind)?, rows.get(row, spelling.id)?);
    let resource = Attributes::parse(resource);
    let description = rows.get(row, spelling.description).unwrap_or_default();
    let described = Attributes::parse(&description);
    let interval = rows.get(row, spelling.interval).and_then(|text| text.parse::<i64>().ok());
    let lease = match interval {
        // No more events will come until it is gone.
        Some(0) => None,
        Some(interval) => {
            let announced = interval.saturating_mul(spelling.unit).saturating_mul(INTERVALS);
            Some(announced.clamp(lease, MAX_LEASE))
        }
        None => Some(lease),
    };
    let (identity, entity, own) = identify(&kind, &id, &described, &resource)?;
    let attributes = Attributes::parse(&id).or(&described).keep_all();
    let relations = rows.get(row, "entity.relationships").filter(|_| !ended);
    let relations = relations.map(|raw| relationships(&raw, &resource)).unwrap_or_default();
    Some(Event { identity, entity, own, at, ended, lease, attributes, relations })
}

/// What an event is about: its identity, the entity by the name that all use, and by the sender's id.
fn identify(
    kind: &str,
    id: &str,
    described: &Attributes,
    resource: &Attributes,
) -> Option<(String, Option<EntityRef>, EntityRef)> {
    let mut parts: Vec<(Cow<'_, str>, Cow<'_, str>)> = Vec::new();
    for (key, raw) in json::Members::new(id)?.take(MAX_RELATIONSHIPS) {
        parts.push((key, json::raw_to_text(raw)?));
    }
    parts.sort();
    let values: Vec<&str> = parts.iter().map(|(_, value)| value.as_ref()).collect();
    let mut key = values.join("/");
    if key.is_empty() || key.len() > MAX_NAME_BYTES {
        return None;
    }
    let all = Attributes::parse(id).or(described).or(resource);
    if kind == "process"
        && let Some(host) = named("host", &all)
    {
        // Numbers of processes are those of their host.
        key = format!("{}/{key}", host.key);
    }
    let own = EntityRef::new(kind, key).ok()?;
    // The name of an object of Kubernetes must be its own, not that of the pod which sends the event.
    let sender = Attributes::parse(id).or(described);
    let its_own = match kind.strip_prefix("k8s.") {
        Some(_) => names::known(&format!("{kind}.name")).is_some_and(|name| sender.name(name).is_some()),
        None => named(kind, &sender).is_some(),
    };
    let entity = if its_own { named(kind, &all) } else { None };
    Some((own.to_string(), entity, own))
}

fn relationships(raw: &str, resource: &Attributes) -> Vec<(String, String, Option<EntityRef>, EntityRef)> {
    let Ok(Value::Array(items)) = serde_json::from_str(raw) else { return Vec::new() };
    let one = |item: &Value| {
        let kind = item["relationship.type"].as_str().or_else(|| item["type"].as_str())?;
        let kind = if kind == "scheduled_on" { RUNS_ON } else { kind };
        // A relation's kind is a word, as an entity's.
        EntityRef::new(kind, "x").ok()?;
        let id = item["entity.id"].to_string();
        let (identity, entity, own) = identify(item["entity.type"].as_str()?, &id, &Attributes::default(), resource)?;
        Some((kind.to_owned(), identity, entity, own))
    };
    items.iter().take(MAX_RELATIONSHIPS).filter_map(one).collect()
}
