//! Many batches as one: the columns they share, and which attribute keys stay columns.

use anyhow::Result;
use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use model::columns::{ATTRIBUTE_PREFIX, name};
use model::limits::MAX_TYPED_COLUMNS;
use model::{Table, ValueRef, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How batches of one table become one.
pub struct Union<'a> {
    batches: &'a [RecordBatch],
    /// Fixed columns, then the chosen typed attributes in order of name.
    pub schema: SchemaRef,
}

impl<'a> Union<'a> {
    /// Chooses the columns: of the attribute keys those with the most values, each in its most
    /// frequent type.
    pub fn plan(table: Table, batches: &'a [RecordBatch]) -> Self {
        let mut counts: BTreeMap<&str, Vec<(&DataType, usize)>> = BTreeMap::new();
        let mut has_event_id = false;
        for batch in batches {
            for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
                has_event_id |= field.name() == name::EVENT_ID;
                if let Some(key) = field.name().strip_prefix(ATTRIBUTE_PREFIX) {
                    let values = array.len() - array.null_count();
                    let types = counts.entry(key).or_default();
                    match types.iter_mut().find(|(kind, _)| *kind == field.data_type()) {
                        Some((_, count)) => *count += values,
                        None => types.push((field.data_type(), values)),
                    }
                }
            }
        }
        let mut chosen: Vec<(&str, &DataType, usize)> = counts
            .into_iter()
            .filter_map(|(key, types)| {
                types.into_iter().max_by_key(|(_, count)| *count).map(|(kind, n)| (key, kind, n))
            })
            .filter(|(_, _, count)| *count > 0)
            .collect();
        chosen.sort_by(|a, b| b.2.cmp(&a.2).then(a.0.cmp(b.0)));
        chosen.truncate(MAX_TYPED_COLUMNS);
        chosen.sort_by_key(|(key, _, _)| *key);
        let mut fields: Vec<FieldRef> = table.stored_fields();
        if !has_event_id {
            fields.remove(0);
        }
        fields.extend(chosen.into_iter().map(|(key, kind, _)| {
            Arc::new(Field::new(format!("{ATTRIBUTE_PREFIX}{key}"), kind.clone(), true)) as FieldRef
        }));
        Self { batches, schema: Arc::new(Schema::new(fields)) }
    }

    /// One column, an array per batch.
    pub fn column(&self, index: usize) -> Result<Vec<ArrayRef>> {
        let field = self.schema.field(index);
        let rest = field.name() == name::ATTRIBUTES;
        self.batches.iter().map(|batch| if rest { self.rest(batch) } else { Ok(pick(batch, field)) }).collect()
    }

    /// The rest column of one batch, with the typed values that have no column any more.
    fn rest(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        let current = pick(batch, &Field::new(name::ATTRIBUTES, DataType::Utf8View, true));
        let demoted: Vec<(&str, &ArrayRef)> = batch
            .schema_ref()
            .fields()
            .iter()
            .zip(batch.columns())
            .filter(|(field, array)| {
                field.name().starts_with(ATTRIBUTE_PREFIX)
                    && array.null_count() < array.len()
                    && !matches!(self.schema.field_with_name(field.name()), Ok(kept) if kept.data_type() == field.data_type())
            })
            .map(|(field, array)| (&field.name()[ATTRIBUTE_PREFIX.len()..], array))
            .collect();
        if demoted.is_empty() {
            return Ok(current);
        }
        let current = current.as_string_view();
        let mut builder = StringViewBuilder::new();
        let mut object = String::new();
        for row in 0..batch.num_rows() {
            object.clear();
            // First, because of a key that is there twice the typed value is the one that is read.
            for (key, array) in &demoted {
                if let Some(value) = typed_value(array, row) {
                    json::push_member(&mut object, key, value);
                }
            }
            if current.is_valid(row) {
                let text = current.value(row);
                let members = text.strip_suffix('}').unwrap_or(text);
                if object.is_empty() {
                    object.push_str(members);
                } else if members.len() > 1 {
                    object.push(',');
                    object.push_str(&members[1..]);
                }
            }
            if object.is_empty() {
                builder.append_null();
            } else {
                object.push('}');
                builder.append_value(&object);
            }
        }
        Ok(Arc::new(builder.finish()))
    }

    /// All batches as one, in order.
    pub fn concat(&self) -> Result<RecordBatch> {
        let mut columns = Vec::with_capacity(self.schema.fields().len());
        for index in 0..self.schema.fields().len() {
            let parts = self.column(index)?;
            let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
            columns.push(arrow_select::concat::concat(&parts)?);
        }
        let rows = self.batches.iter().map(RecordBatch::num_rows).sum();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?)
    }
}

/// The batch's column of this name and type, or nulls.
fn pick(batch: &RecordBatch, field: &Field) -> ArrayRef {
    match batch.column_by_name(field.name()) {
        Some(array) if array.data_type() == field.data_type() => array.clone(),
        _ => new_null_array(field.data_type(), batch.num_rows()),
    }
}

/// One value of a typed attribute column.
pub fn typed_value(array: &ArrayRef, row: usize) -> Option<ValueRef<'_>> {
    if array.is_null(row) {
        return None;
    }
    Some(match array.data_type() {
        DataType::Utf8View => ValueRef::Str(array.as_string_view().value(row)),
        DataType::Int64 => ValueRef::Int(array.as_primitive::<Int64Type>().value(row)),
        DataType::Float64 => ValueRef::Double(array.as_primitive::<Float64Type>().value(row)),
        DataType::Boolean => ValueRef::Bool(array.as_boolean().value(row)),
        _ => return None,
    })
}

/// Whether no name has two types: only such files are copied into one.
pub fn fits(fields: &BTreeMap<String, DataType>, schema: &Schema) -> bool {
    schema.fields().iter().all(|field| fields.get(field.name()).is_none_or(|known| known == field.data_type()))
}

/// The columns of several files together. Fails when a name has two types.
pub fn common_schema(schemas: &[SchemaRef]) -> Result<SchemaRef> {
    let mut fields: Vec<FieldRef> = Vec::new();
    for field in schemas.iter().flat_map(|schema| schema.fields().iter()) {
        match fields.iter().find(|known| known.name() == field.name()) {
            None => fields.push(field.clone()),
            Some(known) => {
                anyhow::ensure!(known.data_type() == field.data_type(), "{} has two types", field.name());
            }
        }
    }
    Ok(Arc::new(Schema::new(fields)))
}
