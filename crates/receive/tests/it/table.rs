//! Batches as rows of text, so that they can be compared with anything.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int32Type, Int64Type, TimestampNanosecondType, UInt32Type, UInt64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use model::Value;
use model::json::Members;
use receive::Decoded;
use std::collections::BTreeMap;

/// Column to canonical text; what is null is left out.
pub type Row = BTreeMap<String, String>;

/// Columns that hold attribute JSON.
const JSON: [&str; 8] =
    ["attributes", "resource_attributes", "scope_attributes", "extra", "events", "links", "quantiles", "exemplars"];

/// The rows of an answer, in order.
pub fn rows(decoded: &Decoded) -> Vec<Row> {
    decoded.batches.iter().flat_map(|batch| (0..batch.len()).map(|at| row(&batch.rows, at))).collect()
}

fn row(batch: &RecordBatch, at: usize) -> Row {
    let mut row = Row::new();
    let mut attributes = Vec::new();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        if column.is_null(at) {
            continue;
        }
        let name = field.name().as_str();
        if let Some(key) = name.strip_prefix("attributes.") {
            attributes.push((key.to_owned(), typed(column, at)));
        } else if name == "attributes" {
            attributes.extend(members(column.as_string_view().value(at)));
        } else if JSON.contains(&name) {
            row.insert(name.to_owned(), json_column(column.as_string_view().value(at)));
        } else {
            row.insert(name.to_owned(), text(column, at));
        }
    }
    if !attributes.is_empty() {
        row.insert("attributes".to_owned(), object(attributes));
    }
    if let (Some(body), true) = (row.get("body"), row.contains_key("body_type")) {
        let value = Value::from_json(body).unwrap_or_else(|| panic!("a body that is no JSON: {body}"));
        row.insert("body".to_owned(), canonical(&value));
    }
    row
}

fn typed(column: &dyn Array, at: usize) -> Value {
    match column.data_type() {
        DataType::Utf8View => Value::String(column.as_string_view().value(at).to_owned()),
        DataType::Int64 => Value::Int(column.as_primitive::<Int64Type>().value(at)),
        DataType::Float64 => Value::Double(column.as_primitive::<Float64Type>().value(at)),
        DataType::Boolean => Value::Bool(column.as_boolean().value(at)),
        other => panic!("an attribute column of type {other}"),
    }
}

fn text(column: &dyn Array, at: usize) -> String {
    match column.data_type() {
        DataType::Utf8View => column.as_string_view().value(at).to_owned(),
        DataType::Timestamp(..) => column.as_primitive::<TimestampNanosecondType>().value(at).to_string(),
        DataType::Int32 => column.as_primitive::<Int32Type>().value(at).to_string(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(at).to_string(),
        DataType::UInt32 => column.as_primitive::<UInt32Type>().value(at).to_string(),
        DataType::UInt64 => column.as_primitive::<UInt64Type>().value(at).to_string(),
        DataType::Float64 => double(column.as_primitive::<Float64Type>().value(at)),
        DataType::Boolean => column.as_boolean().value(at).to_string(),
        DataType::FixedSizeBinary(_) => hex(column.as_fixed_size_binary().value(at)),
        DataType::List(_) => {
            let items = column.as_list::<i32>().value(at);
            (0..items.len()).map(|at| text(&items, at)).collect::<Vec<_>>().join(",")
        }
        other => panic!("a column of type {other}"),
    }
}

/// The one text of a double; every NaN is the same, the zeros are not.
pub fn double(double: f64) -> String {
    format!("{double:?}")
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An object of attributes is read member by member: `{"$bytes":..}` at its top is a key like others.
fn members(json: &str) -> Vec<(String, Value)> {
    let members = Members::new(json).unwrap_or_else(|| panic!("no object: {json}"));
    let value = |raw: &str| Value::from_json(raw).unwrap_or_else(|| panic!("no JSON: {raw}"));
    members.map(|(key, raw)| (key.into_owned(), value(raw))).collect()
}

fn json_column(json: &str) -> String {
    let checked = serde_json::from_str::<serde_json::Value>(json);
    assert!(checked.is_ok(), "no JSON: {json}");
    if json.starts_with('{') {
        return object(members(json));
    }
    let items: Vec<serde_json::Value> = serde_json::from_str(json).expect("a list");
    items.iter().map(|item| format!("{{{}}}", object(members(&item.to_string())))).collect::<Vec<_>>().join(", ")
}

/// Attributes as canonical text.
pub fn object(mut members: Vec<(String, Value)>) -> String {
    members.sort_by(|left, right| left.0.cmp(&right.0));
    let text: Vec<String> = members.iter().map(|(key, value)| format!("{key:?}={}", canonical(value))).collect();
    text.join(" ")
}

/// The one text of a value: maps in the order of their keys.
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Map(members) => format!("{{{}}}", object(members.clone())),
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(", ")),
        other => other.to_json(),
    }
}
