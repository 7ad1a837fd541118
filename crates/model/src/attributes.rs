//! Attributes of a batch, built row by row into typed columns and a lossless rest.

use crate::columns::ATTRIBUTE_PREFIX;
use crate::json;
use crate::limits::MAX_TYPED_COLUMNS;
use crate::value::ValueRef;
use ahash::AHashMap;
use arrow_array::builder::{BooleanBuilder, Float64Builder, Int64Builder, StringViewBuilder};
use arrow_array::{Array as _, ArrayRef};
use arrow_schema::{DataType, Field, FieldRef};
use std::sync::Arc;

/// Builds the attribute columns of one batch.
///
/// A key gets the type of its first value. Values of another type, arrays, maps, bytes and keys
/// beyond [`MAX_TYPED_COLUMNS`] go to the rest. Of a key repeated in one row the first value counts.
#[derive(Default)]
pub struct AttributesBuilder {
    columns: Vec<Column>,
    index: AHashMap<Box<str>, usize>,
    rest: StringViewBuilder,
    row_rest: String,
    rows: usize,
    /// Where the next key is expected: records of one source mostly repeat the same keys in order.
    expected: usize,
    duplicates: usize,
}

struct Column {
    key: Box<str>,
    values: Values,
    /// Rows filled so far; shorter than the batch while the key is absent.
    filled: usize,
}

enum Values {
    Str(StringViewBuilder),
    Int(Int64Builder),
    Double(Float64Builder),
    Bool(BooleanBuilder),
}

impl Values {
    fn for_value(value: ValueRef<'_>) -> Option<Values> {
        Some(match value {
            ValueRef::Str(_) => Values::Str(StringViewBuilder::new()),
            ValueRef::Int(_) => Values::Int(Int64Builder::new()),
            ValueRef::Double(_) => Values::Double(Float64Builder::new()),
            ValueRef::Bool(_) => Values::Bool(BooleanBuilder::new()),
            ValueRef::Null | ValueRef::Json(_) => return None,
        })
    }

    fn append_nulls(&mut self, count: usize) {
        match self {
            Values::Str(builder) => (0..count).for_each(|_| builder.append_null()),
            Values::Int(builder) => builder.append_nulls(count),
            Values::Double(builder) => builder.append_nulls(count),
            Values::Bool(builder) => builder.append_nulls(count),
        }
    }

    /// False when the value has another type than the column.
    fn append(&mut self, value: ValueRef<'_>) -> bool {
        match (self, value) {
            (Values::Str(builder), ValueRef::Str(text)) => builder.append_value(text),
            (Values::Int(builder), ValueRef::Int(int)) => builder.append_value(int),
            (Values::Double(builder), ValueRef::Double(double)) => builder.append_value(double),
            (Values::Bool(builder), ValueRef::Bool(bool)) => builder.append_value(bool),
            _ => return false,
        }
        true
    }

    fn accepts(&self, value: ValueRef<'_>) -> bool {
        matches!(
            (self, value),
            (Values::Str(_), ValueRef::Str(_))
                | (Values::Int(_), ValueRef::Int(_))
                | (Values::Double(_), ValueRef::Double(_))
                | (Values::Bool(_), ValueRef::Bool(_))
        )
    }

    fn finish(&mut self) -> (DataType, ArrayRef) {
        match self {
            Values::Str(builder) => (DataType::Utf8View, Arc::new(builder.finish())),
            Values::Int(builder) => (DataType::Int64, Arc::new(builder.finish())),
            Values::Double(builder) => (DataType::Float64, Arc::new(builder.finish())),
            Values::Bool(builder) => (DataType::Boolean, Arc::new(builder.finish())),
        }
    }
}

impl AttributesBuilder {
    /// Adds an attribute to the current row.
    pub fn push(&mut self, key: &str, value: ValueRef<'_>) {
        if let Some(slot) = self.slot(key, value) {
            let column = &mut self.columns[slot];
            if column.filled > self.rows {
                self.duplicates += 1;
                return;
            }
            if column.values.accepts(value) {
                if column.filled < self.rows {
                    column.values.append_nulls(self.rows - column.filled);
                }
                column.values.append(value);
                column.filled = self.rows + 1;
                return;
            }
        }
        if !self.row_rest.is_empty() && json::get(&self.row_rest, key).is_some() {
            self.duplicates += 1;
            return;
        }
        json::push_member(&mut self.row_rest, key, value);
    }

    fn slot(&mut self, key: &str, value: ValueRef<'_>) -> Option<usize> {
        if let Some(column) = self.columns.get(self.expected)
            && *column.key == *key
        {
            self.expected += 1;
            return Some(self.expected - 1);
        }
        if let Some(&slot) = self.index.get(key) {
            self.expected = slot + 1;
            return Some(slot);
        }
        if self.columns.len() >= MAX_TYPED_COLUMNS {
            return None;
        }
        let values = Values::for_value(value)?;
        let slot = self.columns.len();
        self.columns.push(Column { key: key.into(), values, filled: 0 });
        self.index.insert(key.into(), slot);
        self.expected = slot + 1;
        Some(slot)
    }

    /// Closes the current row and answers how many repeated keys were dropped from it.
    pub fn end_row(&mut self) -> usize {
        if self.row_rest.is_empty() {
            self.rest.append_null();
        } else {
            self.row_rest.push('}');
            self.rest.append_value(&self.row_rest);
            self.row_rest.clear();
        }
        self.rows += 1;
        self.expected = 0;
        std::mem::take(&mut self.duplicates)
    }

    /// The rest column and the typed columns, all `rows` long; the builder is empty afterwards.
    pub fn finish(&mut self) -> (ArrayRef, Vec<(FieldRef, ArrayRef)>) {
        let rest: ArrayRef = Arc::new(self.rest.finish());
        let mut typed = Vec::with_capacity(self.columns.len());
        for mut column in self.columns.drain(..) {
            column.values.append_nulls(self.rows - column.filled);
            let (kind, array) = column.values.finish();
            debug_assert_eq!(array.len(), self.rows);
            let name = format!("{ATTRIBUTE_PREFIX}{}", column.key);
            typed.push((Arc::new(Field::new(name, kind, true)), array));
        }
        self.index.clear();
        self.rows = 0;
        self.expected = 0;
        (rest, typed)
    }
}
