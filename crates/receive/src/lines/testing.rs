//! What the tests of this crate's line receivers share.

use crate::error::Decoded;
use arrow_array::{Array as _, cast::AsArray as _, types::TimestampNanosecondType};
use arrow_schema::DataType;
use model::Context;

/// 2026-11-21T07:29:36Z.
pub(crate) const RECEIVED: i64 = 1_795_246_176_000_000_000;

pub(crate) fn context() -> Context {
    Context::new("default", "test", RECEIVED)
}

/// A column of all batches as text; empty where there is no value or no such column.
pub(crate) fn column(decoded: &Decoded, name: &str) -> Vec<String> {
    let mut out = Vec::new();
    for batch in &decoded.batches {
        let array = batch.rows.column_by_name(name);
        out.extend((0..batch.len()).map(|row| array.map_or_else(String::new, |array| text(array, row))));
    }
    out
}

fn text(array: &arrow_array::ArrayRef, row: usize) -> String {
    use arrow_array::types::{Float64Type, Int32Type, Int64Type, UInt32Type};
    if array.is_null(row) {
        return String::new();
    }
    match array.data_type() {
        DataType::Utf8View => array.as_string_view().value(row).to_owned(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).to_string(),
        DataType::UInt32 => array.as_primitive::<UInt32Type>().value(row).to_string(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => array.as_primitive::<Float64Type>().value(row).to_string(),
        DataType::Boolean => array.as_boolean().value(row).to_string(),
        DataType::FixedSizeBinary(_) => {
            array.as_fixed_size_binary().value(row).iter().map(|byte| format!("{byte:02x}")).collect()
        }
        DataType::Timestamp(..) => {
            let nanos = array.as_primitive::<TimestampNanosecondType>().value(row);
            chrono::DateTime::from_timestamp_nanos(nanos).to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
        }
        other => panic!("{other}"),
    }
}
