//! Rows as JSON: times as RFC 3339 with nanoseconds, ids as hex, NaN as null.

use arrow_array::cast::AsArray as _;
use arrow_array::types::*;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{DataType, SchemaRef, TimeUnit};
use chrono::{DateTime, SecondsFormat, Utc};
use model::columns::ATTRIBUTE_PREFIX;
use model::columns::name;
use model::json::{push_member, write_string};
use model::value::ValueRef;
use serde::Serialize;
use serde_json::Value;
use std::fmt::Write as _;

/// Columns that hold JSON as text.
const JSON_COLUMNS: [&str; 8] = [
    name::ATTRIBUTES,
    name::RESOURCE_ATTRIBUTES,
    name::SCOPE_ATTRIBUTES,
    "extra",
    "events",
    "links",
    "exemplars",
    "quantiles",
];

/// A row by the names of its columns, of which a statement may make any. Absent is what is null; numbers beyond 2^53 are
/// numbers too, ids of traces and spans hex digits, times RFC 3339 with nanoseconds.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "rows are written column by column; this says what they look like")]
pub struct EventRow(std::collections::BTreeMap<String, Value>);

/// A column of an answer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Column {
    name: String,
    /// In SQL's words.
    r#type: String,
}

/// The columns of an answer, with the names that SQL has for their types.
pub fn columns(schema: &SchemaRef) -> Vec<Column> {
    let column =
        |field: &arrow_schema::FieldRef| Column { name: field.name().clone(), r#type: type_name(field.data_type()) };
    schema.fields().iter().map(column).collect()
}

/// A type in SQL's words.
pub fn type_name(kind: &DataType) -> String {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text".to_owned(),
        DataType::Timestamp(..) => "timestamp".to_owned(),
        DataType::Boolean => "boolean".to_owned(),
        DataType::Float64 => "double".to_owned(),
        DataType::Int64 => "bigint".to_owned(),
        DataType::UInt64 => "bigint unsigned".to_owned(),
        DataType::List(item) | DataType::LargeList(item) => format!("{}[]", type_name(item.data_type())),
        DataType::Dictionary(_, value) => type_name(value),
        other => other.to_string().to_ascii_lowercase(),
    }
}

/// Appends row `row` as an array.
pub fn write_array(out: &mut String, batch: &RecordBatch, row: usize) {
    out.push('[');
    for (index, column) in batch.columns().iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_cell(out, column, row);
    }
    out.push(']');
}

/// Appends row `row` as an object: attributes as objects, absent values left out.
///
/// Takes rows as SQL shows them and rows as they are stored, where frequent attributes have columns of their own.
pub fn write_object(out: &mut String, batch: &RecordBatch, row: usize) {
    let mut typed = String::new();
    let mut rest = None;
    out.push('{');
    let start = out.len();
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        if column.is_null(row) {
            continue;
        }
        if let Some(key) = field.name().strip_prefix(ATTRIBUTE_PREFIX) {
            push_typed(&mut typed, key, column, row);
            continue;
        }
        if field.name() == name::ATTRIBUTES {
            rest = json_text(column, row);
            continue;
        }
        if out.len() > start {
            out.push(',');
        }
        write_string(out, field.name());
        out.push(':');
        match json_text(column, row).filter(|_| JSON_COLUMNS.contains(&field.name().as_str())) {
            Some(text) => out.push_str(text),
            None => write_cell(out, column, row),
        }
    }
    write_attributes(out, start, &typed, rest);
    out.push('}');
}

/// The typed attributes and the rest, as one object.
fn write_attributes(out: &mut String, start: usize, typed: &str, rest: Option<&str>) {
    let inner = rest.and_then(|rest| rest.trim().strip_prefix('{')).and_then(|rest| rest.strip_suffix('}'));
    let inner = inner.map(str::trim).unwrap_or("");
    if typed.is_empty() && inner.is_empty() {
        return;
    }
    if out.len() > start {
        out.push(',');
    }
    out.push_str("\"attributes\":{");
    out.push_str(typed.strip_prefix('{').unwrap_or(""));
    if !typed.is_empty() && !inner.is_empty() {
        out.push(',');
    }
    out.push_str(inner);
    out.push('}');
}

fn push_typed(out: &mut String, key: &str, column: &ArrayRef, row: usize) {
    let value = match column.data_type() {
        DataType::Utf8View => ValueRef::Str(column.as_string_view().value(row)),
        DataType::Int64 => ValueRef::Int(column.as_primitive::<Int64Type>().value(row)),
        DataType::Float64 => ValueRef::Double(column.as_primitive::<Float64Type>().value(row)),
        DataType::Boolean => ValueRef::Bool(column.as_boolean().value(row)),
        _ => return,
    };
    push_member(out, key, value);
}

/// The text of a column that holds JSON, when it looks like JSON.
fn json_text(column: &ArrayRef, row: usize) -> Option<&str> {
    let text = match column.data_type() {
        DataType::Utf8View => column.as_string_view().value(row),
        DataType::Utf8 => column.as_string::<i32>().value(row),
        _ => return None,
    };
    let bytes = text.as_bytes();
    matches!((bytes.first(), bytes.last()), (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']'))).then_some(text)
}

/// Appends one value.
pub fn write_cell(out: &mut String, column: &dyn Array, row: usize) {
    if column.is_null(row) {
        out.push_str("null");
        return;
    }
    macro_rules! integer {
        ($kind:ty) => {{
            let _ = write!(out, "{}", column.as_primitive::<$kind>().value(row));
        }};
    }
    match column.data_type() {
        DataType::Null => out.push_str("null"),
        DataType::Boolean => out.push_str(if column.as_boolean().value(row) { "true" } else { "false" }),
        DataType::Int8 => integer!(Int8Type),
        DataType::Int16 => integer!(Int16Type),
        DataType::Int32 => integer!(Int32Type),
        DataType::Int64 => integer!(Int64Type),
        DataType::UInt8 => integer!(UInt8Type),
        DataType::UInt16 => integer!(UInt16Type),
        DataType::UInt32 => integer!(UInt32Type),
        DataType::UInt64 => integer!(UInt64Type),
        DataType::Float32 => write_float(out, f64::from(column.as_primitive::<Float32Type>().value(row))),
        DataType::Float64 => write_float(out, column.as_primitive::<Float64Type>().value(row)),
        DataType::Utf8 => write_string(out, column.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => write_string(out, column.as_string::<i64>().value(row)),
        DataType::Utf8View => write_string(out, column.as_string_view().value(row)),
        DataType::Binary => write_hex(out, column.as_binary::<i32>().value(row)),
        DataType::LargeBinary => write_hex(out, column.as_binary::<i64>().value(row)),
        DataType::BinaryView => write_hex(out, column.as_binary_view().value(row)),
        DataType::FixedSizeBinary(_) => write_hex(out, column.as_fixed_size_binary().value(row)),
        DataType::Timestamp(unit, _) => write_timestamp(out, column, *unit, row),
        DataType::List(_) => write_items(out, &column.as_list::<i32>().value(row)),
        DataType::LargeList(_) => write_items(out, &column.as_list::<i64>().value(row)),
        DataType::FixedSizeList(..) => write_items(out, &column.as_fixed_size_list().value(row)),
        DataType::Dictionary(..) => {
            let dictionary = column.as_any_dictionary();
            let key = dictionary.normalized_keys()[row];
            write_cell(out, dictionary.values(), key);
        }
        DataType::Struct(fields) => {
            let parts = column.as_struct();
            out.push('{');
            for (index, (field, part)) in fields.iter().zip(parts.columns()).enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_string(out, field.name());
                out.push(':');
                write_cell(out, part, row);
            }
            out.push('}');
        }
        _ => write_display(out, column, row),
    }
}

/// Dates, intervals, decimals and whatever else has a text form.
fn write_display(out: &mut String, column: &dyn Array, row: usize) {
    let options = FormatOptions::default().with_display_error(true);
    match ArrayFormatter::try_new(column, &options) {
        Ok(formatter) => write_string(out, &formatter.value(row).to_string()),
        Err(_) => out.push_str("null"),
    }
}

fn write_items(out: &mut String, items: &ArrayRef) {
    out.push('[');
    for row in 0..items.len() {
        if row > 0 {
            out.push(',');
        }
        write_cell(out, items, row);
    }
    out.push(']');
}

fn write_float(out: &mut String, float: f64) {
    if float.is_finite() {
        model::json::write_double(out, float);
    } else {
        out.push_str("null");
    }
}

fn write_hex(out: &mut String, bytes: &[u8]) {
    out.push('"');
    model::hex::push(out, bytes);
    out.push('"');
}

fn write_timestamp(out: &mut String, column: &dyn Array, unit: TimeUnit, row: usize) {
    let nanos = match unit {
        TimeUnit::Second => column.as_primitive::<TimestampSecondType>().value(row).saturating_mul(1_000_000_000),
        TimeUnit::Millisecond => column.as_primitive::<TimestampMillisecondType>().value(row).saturating_mul(1_000_000),
        TimeUnit::Microsecond => column.as_primitive::<TimestampMicrosecondType>().value(row).saturating_mul(1_000),
        TimeUnit::Nanosecond => column.as_primitive::<TimestampNanosecondType>().value(row),
    };
    out.push('"');
    out.push_str(&rfc3339(nanos));
    out.push('"');
}

/// RFC 3339 in UTC with nanoseconds.
pub fn rfc3339(nanos: i64) -> String {
    DateTime::<Utc>::from_timestamp_nanos(nanos).to_rfc3339_opts(SecondsFormat::Nanos, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Context;
    use model::logs::{LogRow, LogsBuilder};
    use serde_json::json;

    #[test]
    fn stored_rows_show_all_attributes_in_one_object() {
        let mut builder = LogsBuilder::new(Context::new("default", "otlp", 5));
        for int in 0..3 {
            builder.attributes().push("a", ValueRef::Int(int));
            builder.attributes().push("b.c", ValueRef::Json("[1,2.0]"));
            builder.attributes().push("d", ValueRef::Str("x\"y"));
            builder.push(&LogRow { timestamp: 1_700_000_000_000_000_001, ..LogRow::default() });
        }
        let batch = builder.finish().unwrap();
        let mut out = String::new();
        write_object(&mut out, &batch.rows, 2);
        let row: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(row["attributes"], json!({"a": 2, "b.c": [1, 2.0], "d": "x\"y"}), "{out}");
        assert_eq!(row["original_timestamp"], "2023-11-14T22:13:20.000000001Z");
        assert_eq!(row["source"], "otlp");
    }

    #[test]
    fn floats_without_a_word_are_null() {
        let column: ArrayRef = std::sync::Arc::new(arrow_array::Float64Array::from(vec![f64::NAN, 5.0, 0.5]));
        let mut out = String::new();
        write_items(&mut out, &column);
        assert_eq!(out, "[null,5.0,0.5]");
    }
}
