//! Which fields there are, and which values they have.

use crate::error::QueryError;
use crate::merge;
use crate::sql::QueryLimits;
use crate::view::View;
use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use arrow_array::{Array as _, RecordBatch};
use model::columns::{ATTRIBUTE_PREFIX, name};
use model::{Datasets, Table, json};
use query::{Expr, Pipe, Query};
use serde::Serialize;
use std::collections::BTreeMap;

/// Files and memory batches looked at for the names of fields, newest first.
const SAMPLED: usize = 64;
/// Rows whose JSON columns are looked at for the names of fields.
const SAMPLED_ROWS: usize = 2_000;
/// Fields answered at most.
const MAX_FIELDS: usize = 5_000;

/// The values of one field.
#[derive(Clone, Debug, Serialize)]
pub struct Facet {
    /// The field, as asked for.
    pub field: String,
    /// Values and counts, most frequent first.
    pub values: Vec<(String, u64)>,
    /// Rows without the field.
    pub missing: u64,
}

/// A field that can be searched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldInfo {
    /// Its name in a query.
    pub name: String,
    /// `text`, `int`, `float`, `bool`, `time`, `list` or `json`.
    pub kind: &'static str,
    /// `column`, `attribute` or `resource`.
    pub source: &'static str,
}

impl View {
    /// The most frequent values of fields among the rows that match.
    #[allow(clippy::too_many_arguments, reason = "each is a part of the question")]
    pub async fn facets(
        &self,
        table: Table,
        filter: &Expr,
        from: i64,
        to: i64,
        fields: &[String],
        limit: usize,
        now: i64,
    ) -> Result<Vec<Facet>, QueryError> {
        let mut facets = Vec::with_capacity(fields.len());
        for field in fields {
            let query = Query {
                filter: filter.clone(),
                pipes: vec![Pipe::Count(vec![field.clone()]), Pipe::Limit(limit.saturating_add(1))],
            };
            let sql = query
                .to_sql(table, Some((from, to)), None, now)
                .map_err(|error| QueryError::Invalid(error.to_string()))?;
            let batches = self.sql(&sql, QueryLimits::default()).await?.collect().await?;
            let mut facet = Facet { field: field.clone(), values: Vec::new(), missing: 0 };
            for batch in &batches {
                collect(batch, &mut facet)?;
            }
            facet.values.truncate(limit);
            facets.push(facet);
        }
        Ok(facets)
    }

    /// The fields of a table in a range of time.
    pub async fn fields(&self, table: Table, from: i64, to: i64) -> Result<Vec<FieldInfo>, QueryError> {
        if self.sight.datasets != Datasets::All {
            return self.fields_of_rows(table, from, to).await;
        }
        let pin = self.store.parts.shared.pin(table);
        let found =
            tokio::task::spawn_blocking(move || -> anyhow::Result<BTreeMap<(String, &'static str), &'static str>> {
                let mut found = BTreeMap::new();
                let mut note = |schema: &arrow_schema::Schema| {
                    for field in schema.fields() {
                        if let Some(key) = field.name().strip_prefix(ATTRIBUTE_PREFIX) {
                            found.entry((key.to_owned(), "attribute")).or_insert(kind(field.data_type()));
                        }
                    }
                };
                let mut samples: Vec<RecordBatch> = Vec::new();
                for batch in pin.memory.iter().rev().filter(|b| b.times.0 < to && b.times.1 >= from).take(SAMPLED) {
                    note(batch.rows.schema_ref());
                    samples.push(batch.rows.clone());
                }
                let mut files: Vec<_> =
                    pin.files.iter().filter(|f| f.meta.min_timestamp < to && f.meta.max_timestamp >= from).collect();
                files.sort_by_key(|file| std::cmp::Reverse(file.meta.max_timestamp));
                for file in files.into_iter().take(SAMPLED) {
                    note(file.schema()?.as_ref());
                    if samples.len() < 4 {
                        samples.extend(merge::sample(file, &[name::ATTRIBUTES, name::RESOURCE_ATTRIBUTES])?);
                    }
                }
                let mut rows = 0;
                for batch in &samples {
                    for (column, source) in [(name::ATTRIBUTES, "attribute"), (name::RESOURCE_ATTRIBUTES, "resource")] {
                        let Some(objects) = batch.column_by_name(column).and_then(|c| c.as_string_view_opt()) else {
                            continue;
                        };
                        for object in objects.iter().flatten().take(SAMPLED_ROWS) {
                            for (key, raw) in json::Members::new(object).into_iter().flatten() {
                                found.entry((key.into_owned(), source)).or_insert(raw_kind(raw));
                            }
                        }
                    }
                    rows += batch.num_rows();
                    if rows > SAMPLED_ROWS {
                        break;
                    }
                }
                Ok(found)
            })
            .await
            .map_err(|error| QueryError::Internal(error.to_string()))?
            .map_err(|error| QueryError::Internal(format!("{error:#}")))?;
        Ok(with_columns(table, found))
    }

    /// The same for somebody who may see some rows alone: of files and batches the names of all are known.
    async fn fields_of_rows(&self, table: Table, from: i64, to: i64) -> Result<Vec<FieldInfo>, QueryError> {
        let sql = format!(
            "SELECT {}, {} FROM {} WHERE timestamp >= to_timestamp_nanos({from}) AND timestamp < to_timestamp_nanos({to}) \
             LIMIT {SAMPLED_ROWS}",
            name::ATTRIBUTES,
            name::RESOURCE_ATTRIBUTES,
            table.name()
        );
        let mut found = BTreeMap::new();
        for batch in self.sql(&sql, QueryLimits::default()).await?.collect().await? {
            for (column, source) in [(0, "attribute"), (1, "resource")] {
                let text = arrow_cast::cast(batch.column(column), &arrow_schema::DataType::Utf8View)
                    .map_err(|error| QueryError::Internal(error.to_string()))?;
                for object in text.as_string_view().iter().flatten() {
                    for (key, raw) in json::Members::new(object).into_iter().flatten() {
                        found.entry((key.into_owned(), source)).or_insert(raw_kind(raw));
                    }
                }
            }
        }
        Ok(with_columns(table, found))
    }
}

/// The columns of a table and the attributes that were found.
fn with_columns(table: Table, found: BTreeMap<(String, &'static str), &'static str>) -> Vec<FieldInfo> {
    let columns = table.logical_fields();
    let columns =
        columns.iter().filter(|field| ![name::ATTRIBUTES, name::RESOURCE_ATTRIBUTES].contains(&field.name().as_str()));
    let mut fields: Vec<FieldInfo> = columns
        .map(|field| FieldInfo { name: field.name().clone(), kind: kind(field.data_type()), source: "column" })
        .collect();
    fields.extend(found.into_iter().map(|((name, source), kind)| FieldInfo { name, kind, source }));
    fields.truncate(MAX_FIELDS);
    fields
}

fn collect(batch: &RecordBatch, facet: &mut Facet) -> Result<(), QueryError> {
    let internal = |error: arrow_schema::ArrowError| QueryError::Internal(error.to_string());
    let values = arrow_cast::cast(batch.column(0), &arrow_schema::DataType::Utf8View).map_err(internal)?;
    let values = values.as_string_view();
    let counts = batch.column(1).as_primitive::<Int64Type>();
    for row in 0..batch.num_rows() {
        let count = counts.value(row) as u64;
        if values.is_null(row) {
            facet.missing += count;
        } else {
            facet.values.push((values.value(row).to_owned(), count));
        }
    }
    Ok(())
}

fn kind(kind: &arrow_schema::DataType) -> &'static str {
    use arrow_schema::DataType as Type;
    match kind {
        Type::Boolean => "bool",
        Type::Float64 => "float",
        Type::Timestamp(..) => "time",
        Type::List(_) => "list",
        kind if kind.is_integer() => "int",
        _ => "text",
    }
}

fn raw_kind(raw: &str) -> &'static str {
    match raw.as_bytes().first() {
        Some(b'"') => "text",
        Some(b't' | b'f') => "bool",
        Some(b'{' | b'[') => "json",
        _ if raw.contains(['.', 'e', 'E']) => "float",
        _ => "int",
    }
}
