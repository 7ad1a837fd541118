//! Lines of text to events, as the server reads them: syslog, access logs, key=value pairs.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int64Type, TimestampNanosecondType};
use arrow_array::{Array as _, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use detect::event::{PlainEvent, Scalar};
use detect::input::object;
use model::Context;
use model::columns::{ATTRIBUTE_PREFIX, name};
use receive::Redactor;
use receive::lines::{Format, LineOrigin, decode_lines};
use std::collections::HashSet;

/// Lines that are read together.
pub const AT_ONCE: usize = 1_000;

/// The events of lines, in their order. Nothing is masked: it stays on this machine.
pub fn events(lines: &[(String, u64)], now: i64) -> Vec<PlainEvent> {
    let context = Context::new("default", "file", now);
    let texts = lines.iter().map(|(text, _)| text.as_bytes());
    let decoded = decode_lines(texts, Format::Auto, &context, &LineOrigin::default(), &Redactor::none());
    decoded.batches.iter().flat_map(|batch| (0..batch.len()).map(|row| event(&batch.rows, row))).collect()
}

/// A row as an event: of a path its attributes count before its body, that before columns, those before the resource.
fn event(rows: &RecordBatch, row: usize) -> PlainEvent {
    let mut event = Builder::default();
    for (field, array) in rows.schema_ref().fields().iter().zip(rows.columns()) {
        if let (Some(key), Some(value)) = (field.name().strip_prefix(ATTRIBUTE_PREFIX), scalar(array, row)) {
            event.layer.push((key.to_owned(), value));
        }
    }
    event.object(text(rows, name::ATTRIBUTES, row));
    event.next();
    if let Some(body) = text(rows, name::BODY, row) {
        event.layer.push(("body".to_owned(), Scalar::Text(body.to_owned())));
        event.layer.push(("message".to_owned(), Scalar::Text(body.to_owned())));
    }
    event.next();
    for (column, path) in [(name::SERVICE_NAME, "service.name"), ("severity_text", "severity_text")] {
        event.layer.extend(text(rows, column, row).map(|text| (path.to_owned(), Scalar::Text(text.to_owned()))));
    }
    event.next();
    event.object(text(rows, name::RESOURCE_ATTRIBUTES, row));
    event.next();
    let time = rows.column_by_name("timestamp").and_then(|array| array.as_primitive_opt::<TimestampNanosecondType>());
    PlainEvent { timestamp: time.map(|array| array.value(row)), fields: event.fields, ..PlainEvent::default() }
}

#[derive(Default)]
struct Builder {
    fields: Vec<(String, Scalar)>,
    layer: Vec<(String, Scalar)>,
    known: HashSet<String>,
}

impl Builder {
    fn object(&mut self, json: Option<&str>) {
        self.layer.extend(json.and_then(|json| object(json).ok()).into_iter().flat_map(|event| event.fields));
    }

    /// What comes from now on counts after what came so far.
    fn next(&mut self) {
        let layer = std::mem::take(&mut self.layer);
        let new: Vec<_> = layer.into_iter().filter(|(path, _)| !self.known.contains(path)).collect();
        self.known.extend(new.iter().map(|(path, _)| path.clone()));
        self.fields.extend(new);
    }
}

fn text<'r>(rows: &'r RecordBatch, column: &str, row: usize) -> Option<&'r str> {
    let array = rows.column_by_name(column)?.as_string_view_opt()?;
    array.is_valid(row).then(|| array.value(row))
}

fn scalar(array: &ArrayRef, row: usize) -> Option<Scalar> {
    if array.is_null(row) {
        return None;
    }
    Some(match array.data_type() {
        DataType::Utf8View => Scalar::Text(array.as_string_view().value(row).to_owned()),
        DataType::Int64 => Scalar::Int(array.as_primitive::<Int64Type>().value(row)),
        DataType::Float64 => Scalar::Double(array.as_primitive::<Float64Type>().value(row)),
        DataType::Boolean => Scalar::Bool(array.as_boolean().value(row)),
        _ => return None,
    })
}
