//! What the tests of this crate share.

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, ArrayRef};
use model::EventBatch;
use std::time::{SystemTime, UNIX_EPOCH};

/// One second.
pub const SECOND: i64 = 1_000_000_000;

/// The clock of this machine, because files carry its times.
pub fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos()).unwrap()
}

/// A text column; empty where there is no value or no such column.
pub fn texts(batch: &EventBatch, name: &str) -> Vec<String> {
    let column: Option<&ArrayRef> = batch.rows.column_by_name(name);
    let text = |row: usize| match column {
        Some(column) if column.is_valid(row) => column.as_string_view().value(row).to_owned(),
        _ => String::new(),
    };
    (0..batch.len()).map(text).collect()
}
