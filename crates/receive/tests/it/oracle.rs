//! What logs and spans must become, read off the message field by field.

use crate::RECEIVED;
use crate::table::{Row, canonical, hex, object};
use model::Value;
use model::limits::MAX_AHEAD_NANOS;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;

/// Members of an object.
pub type Members = Vec<(String, Value)>;

pub fn value(value: Option<&AnyValue>) -> Value {
    match value.and_then(|value| value.value.as_ref()) {
        None | Some(Any::StringValueStrindex(_)) => Value::Null,
        Some(Any::StringValue(text)) => Value::String(text.clone()),
        Some(Any::BoolValue(bool)) => Value::Bool(*bool),
        Some(Any::IntValue(int)) => Value::Int(*int),
        Some(Any::DoubleValue(double)) => Value::Double(*double),
        Some(Any::BytesValue(bytes)) => Value::Bytes(bytes.clone()),
        Some(Any::ArrayValue(array)) => Value::Array(array.values.iter().map(|item| self::value(Some(item))).collect()),
        Some(Any::KvlistValue(list)) => Value::Map(members(&list.values)),
    }
}

pub fn members(pairs: &[KeyValue]) -> Members {
    pairs.iter().map(|pair| (pair.key.clone(), value(pair.value.as_ref()))).collect()
}

/// Adds a column that is there when it has something to say.
pub fn put(row: &mut Row, column: &str, text: impl ToString) {
    let text = text.to_string();
    if !text.is_empty() {
        row.insert(column.to_owned(), text);
    }
}

pub fn put_unless_zero(row: &mut Row, column: &str, number: u32) {
    if number != 0 {
        put(row, column, number);
    }
}

pub fn member(members: &mut Members, name: &str, text: &str) {
    if !text.is_empty() {
        members.push((name.to_owned(), Value::String(text.to_owned())));
    }
}

pub fn dropped(members: &mut Members, name: &str, count: u32) {
    if count > 0 {
        members.push((name.to_owned(), Value::Int(count.into())));
    }
}

/// Ids of another length than `length` go to `extra`; of those at most 64 bytes are shown.
fn put_id(row: &mut Row, extra: &mut Members, column: &str, id: &[u8], length: usize) {
    if id.len() != length {
        member(extra, &format!("invalid_{column}"), &hex(&id[..id.len().min(64)]));
    } else if id.iter().any(|byte| *byte != 0) {
        put(row, column, hex(id));
    }
}

/// Ids inside of events, links and exemplars.
pub fn ids(object: &mut Members, trace_id: &[u8], span_id: &[u8]) {
    member(object, "trace_id", &hex(&trace_id[..trace_id.len().min(64)]));
    member(object, "span_id", &hex(&span_id[..span_id.len().min(64)]));
}

pub fn saturated(nanos: u64) -> i64 {
    i64::try_from(nanos).unwrap_or(i64::MAX)
}

/// What a record shares with others: its columns, and its members of `extra`.
pub struct Shared {
    pub row: Row,
    pub extra: Members,
}

pub fn shared(
    resource: Option<&Resource>,
    resource_url: &str,
    scope: Option<&InstrumentationScope>,
    scope_url: &str,
) -> Shared {
    let (resource, scope) = (resource.cloned().unwrap_or_default(), scope.cloned().unwrap_or_default());
    let mut row = Row::new();
    let mut extra = Members::new();
    put(&mut row, "received_timestamp", RECEIVED);
    put(&mut row, "dataset", "default");
    put(&mut row, "source", "otlp");
    let service = resource.attributes.iter().find_map(|pair| match value(pair.value.as_ref()) {
        Value::String(name) if pair.key == "service.name" => Some(name),
        _ => None,
    });
    if let Some(service) = service {
        row.insert("service_name".to_owned(), service);
    }
    put(&mut row, "resource_attributes", object(members(&resource.attributes)));
    put(&mut row, "scope_attributes", object(members(&scope.attributes)));
    put(&mut row, "scope_name", &scope.name);
    put(&mut row, "scope_version", &scope.version);
    dropped(&mut extra, "resource.dropped_attributes_count", resource.dropped_attributes_count);
    dropped(&mut extra, "scope.dropped_attributes_count", scope.dropped_attributes_count);
    member(&mut extra, "resource.schema_url", resource_url);
    member(&mut extra, "scope.schema_url", scope_url);
    let entities = resource.entity_refs.iter().map(|entity| {
        let texts = |texts: &[String]| Value::Array(texts.iter().cloned().map(Value::String).collect());
        let mut object = Members::new();
        member(&mut object, "schema_url", &entity.schema_url);
        member(&mut object, "type", &entity.r#type);
        object.push(("id_keys".to_owned(), texts(&entity.id_keys)));
        object.push(("description_keys".to_owned(), texts(&entity.description_keys)));
        Value::Map(object)
    });
    let entities: Vec<Value> = entities.collect();
    if !entities.is_empty() {
        extra.push(("resource.entity_refs".to_owned(), Value::Array(entities)));
    }
    Shared { row, extra }
}

/// Closes a row: its times, attributes and `extra`.
pub fn finish(mut row: Row, timestamp: i64, attributes: &[KeyValue], extra: Members) -> Row {
    if timestamp > RECEIVED + MAX_AHEAD_NANOS {
        put(&mut row, "timestamp", RECEIVED);
        put(&mut row, "original_timestamp", timestamp);
    } else {
        put(&mut row, "timestamp", timestamp);
    }
    put(&mut row, "attributes", object(members(attributes)));
    put(&mut row, "extra", object(extra));
    row
}

/// A list column of objects.
pub fn list(objects: impl Iterator<Item = Members>) -> String {
    objects.map(|members| format!("{{{}}}", object(members))).collect::<Vec<_>>().join(", ")
}

pub fn logs(request: &ExportLogsServiceRequest) -> Vec<Row> {
    let mut rows = Vec::new();
    for group in &request.resource_logs {
        for scope in &group.scope_logs {
            let shared = shared(group.resource.as_ref(), &group.schema_url, scope.scope.as_ref(), &scope.schema_url);
            rows.extend(scope.log_records.iter().map(|record| log(record, &shared)));
        }
    }
    rows
}

fn log(record: &LogRecord, shared: &Shared) -> Row {
    let (mut row, mut extra) = (shared.row.clone(), shared.extra.clone());
    if record.observed_time_unix_nano != 0 {
        put(&mut row, "observed_timestamp", saturated(record.observed_time_unix_nano));
    }
    if record.severity_number != 0 {
        put(&mut row, "severity_number", record.severity_number);
    }
    put(&mut row, "severity_text", &record.severity_text);
    put(&mut row, "event_name", &record.event_name);
    put_unless_zero(&mut row, "trace_flags", record.flags);
    put_id(&mut row, &mut extra, "trace_id", &record.trace_id, 16);
    put_id(&mut row, &mut extra, "span_id", &record.span_id, 8);
    dropped(&mut extra, "dropped_attributes_count", record.dropped_attributes_count);
    let kind = match value(record.body.as_ref()) {
        Value::Null => None,
        Value::String(text) => {
            row.insert("body".to_owned(), text);
            None
        }
        Value::Bool(_) => Some("bool"),
        Value::Int(_) => Some("int"),
        Value::Double(_) => Some("double"),
        Value::Bytes(_) => Some("bytes"),
        Value::Array(_) => Some("array"),
        Value::Map(_) => Some("map"),
    };
    if let Some(kind) = kind {
        put(&mut row, "body_type", kind);
        put(&mut row, "body", canonical(&value(record.body.as_ref())));
    }
    let timestamp = match (record.time_unix_nano, record.observed_time_unix_nano) {
        (0, 0) => RECEIVED,
        (0, observed) => saturated(observed),
        (time, _) => saturated(time),
    };
    finish(row, timestamp, &record.attributes, extra)
}

pub fn traces(request: &ExportTraceServiceRequest) -> Vec<Row> {
    let mut rows = Vec::new();
    for group in &request.resource_spans {
        for scope in &group.scope_spans {
            let shared = shared(group.resource.as_ref(), &group.schema_url, scope.scope.as_ref(), &scope.schema_url);
            rows.extend(scope.spans.iter().map(|record| span(record, &shared)));
        }
    }
    rows
}

fn span(span: &Span, shared: &Shared) -> Row {
    let (mut row, mut extra) = (shared.row.clone(), shared.extra.clone());
    put_id(&mut row, &mut extra, "trace_id", &span.trace_id, 16);
    put_id(&mut row, &mut extra, "span_id", &span.span_id, 8);
    put_id(&mut row, &mut extra, "parent_span_id", &span.parent_span_id, 8);
    put(&mut row, "trace_state", &span.trace_state);
    put_unless_zero(&mut row, "trace_flags", span.flags);
    put(&mut row, "name", &span.name);
    let status = span.status.clone().unwrap_or_default();
    put(&mut row, "status_message", &status.message);
    let mut known = |column: &str, names: &[&str], number: i32| match names.get(number as usize) {
        Some(name) => put(&mut row, column, name),
        None => {
            put(&mut row, column, names[0]);
            extra.push((format!("unknown_{column}"), Value::Int(number.into())));
        }
    };
    known("kind", &["unspecified", "internal", "server", "client", "producer", "consumer"], span.kind);
    known("status_code", &["unset", "ok", "error"], status.code);
    dropped(&mut extra, "dropped_attributes_count", span.dropped_attributes_count);
    dropped(&mut extra, "dropped_events_count", span.dropped_events_count);
    dropped(&mut extra, "dropped_links_count", span.dropped_links_count);
    let attributes = |object: &mut Members, pairs: &[KeyValue], count: u32| {
        if !pairs.is_empty() {
            object.push(("attributes".to_owned(), Value::Map(members(pairs))));
        }
        dropped(object, "dropped_attributes_count", count);
    };
    let events = span.events.iter().map(|event| {
        let timestamp = Value::Int(saturated(event.time_unix_nano));
        let name = Value::String(event.name.clone());
        let mut object = vec![("timestamp".to_owned(), timestamp), ("name".to_owned(), name)];
        attributes(&mut object, &event.attributes, event.dropped_attributes_count);
        object
    });
    put(&mut row, "events", list(events));
    let links = span.links.iter().map(|link| {
        let mut object = Members::new();
        ids(&mut object, &link.trace_id, &link.span_id);
        member(&mut object, "trace_state", &link.trace_state);
        dropped(&mut object, "flags", link.flags);
        attributes(&mut object, &link.attributes, link.dropped_attributes_count);
        object
    });
    put(&mut row, "links", list(links));
    let start = if span.start_time_unix_nano == 0 { RECEIVED } else { saturated(span.start_time_unix_nano) };
    let end = if span.end_time_unix_nano == 0 { start } else { saturated(span.end_time_unix_nano) };
    put(&mut row, "duration_ns", end - start);
    finish(row, start, &span.attributes, extra)
}
