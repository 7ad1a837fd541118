//! `/api/v1/fields`, `/api/v1/facets` and `/api/v1/complete`: what can be asked for.

use super::time::{self, When};
use crate::limits::{COMPLETION_RANGE_NANOS, COMPLETION_VALUES, MAX_FACET_FIELDS, MAX_FACET_VALUES};
use crate::server::errors::ApiError;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Request, State};
use query::{Expr, FieldHint};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

/// Where fields are looked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FieldsParameters {
    /// `logs`, `spans` or `metrics`.
    table: Option<String>,
    /// Not before this time.
    #[param(value_type = Option<String>)]
    from: Option<When>,
    /// Before this time.
    #[param(value_type = Option<String>)]
    to: Option<When>,
}

/// The fields that occur, with their types.
#[utoipa::path(get, path = "/api/v1/fields", params(FieldsParameters), tag = "ask",
    responses((status = 200, description = "Columns, attributes and resource attributes")))]
pub async fn fields(State(app): State<Arc<App>>, request: Request) -> Result<Json<Value>, ApiError> {
    let view = super::view(&app, request.extensions());
    let parameters: FieldsParameters = super::parameters(&app, request).await?;
    let table = super::table(parameters.table.as_deref())?;
    let (from, to) = time::range(parameters.from.as_ref(), parameters.to.as_ref(), now())?;
    let fields = view.fields(table, from, to).await?;
    Ok(Json(json!({"table": table.name(), "fields": fields})))
}

/// Which values are counted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FacetsParameters {
    /// The search that rows must match.
    #[serde(default)]
    query: String,
    /// `logs`, `spans` or `metrics`.
    table: Option<String>,
    /// Fields, separated by commas.
    fields: String,
    /// Values per field at most.
    limit: Option<usize>,
    /// Not before this time.
    #[param(value_type = Option<String>)]
    from: Option<When>,
    /// Before this time.
    #[param(value_type = Option<String>)]
    to: Option<When>,
}

/// The most frequent values of fields among the rows that match.
#[utoipa::path(get, path = "/api/v1/facets", params(FacetsParameters), tag = "ask",
    responses((status = 200, description = "Values with counts, the most frequent first")))]
pub async fn facets(State(app): State<Arc<App>>, request: Request) -> Result<Json<Value>, ApiError> {
    let view = super::view(&app, request.extensions());
    let parameters: FacetsParameters = super::parameters(&app, request).await?;
    let table = super::table(parameters.table.as_deref())?;
    let now = now();
    let (from, to) = time::range(parameters.from.as_ref(), parameters.to.as_ref(), now)?;
    let query = query::parse(&parameters.query).map_err(|error| ApiError::parse(&error, &parameters.query))?;
    query.where_sql(table, now).map_err(|error| ApiError::parse(&error, &parameters.query))?;
    let fields: Vec<String> =
        parameters.fields.split(',').map(str::trim).filter(|field| !field.is_empty()).map(str::to_owned).collect();
    if fields.is_empty() || fields.len() > MAX_FACET_FIELDS {
        return Err(ApiError::bad(format!("`fields` names 1 to {MAX_FACET_FIELDS} fields, separated by commas")));
    }
    let limit = parameters.limit.unwrap_or(10).clamp(1, MAX_FACET_VALUES);
    let started = Instant::now();
    let found = view.facets(table, &query.filter, from, to, &fields, limit, now).await?;
    app.counters.query("facets", started.elapsed());
    let facets: Vec<Value> = found
        .into_iter()
        .map(|facet| {
            let values: Vec<Value> =
                facet.values.into_iter().map(|(value, count)| json!({"value": value, "count": count})).collect();
            json!({"field": facet.field, "values": values, "missing": facet.missing})
        })
        .collect();
    Ok(Json(json!({"table": table.name(), "facets": facets})))
}

/// A search that is being written.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CompleteParameters {
    /// The text so far.
    #[serde(default)]
    query: String,
    /// Byte offset of the cursor; the end when absent.
    cursor: Option<usize>,
    /// `logs`, `spans` or `metrics`.
    table: Option<String>,
}

/// What could come next in a search.
#[utoipa::path(get, path = "/api/v1/complete", params(CompleteParameters), tag = "ask",
    responses((status = 200, description = "Proposals")))]
pub async fn complete(State(app): State<Arc<App>>, request: Request) -> Result<Json<Value>, ApiError> {
    let view = super::view(&app, request.extensions());
    let parameters: CompleteParameters = super::parameters(&app, request).await?;
    let table = super::table(parameters.table.as_deref())?;
    let now = now();
    let from = now.saturating_sub(COMPLETION_RANGE_NANOS);
    let text = parameters.query;
    let cursor = parameters.cursor.unwrap_or(text.len()).min(text.len());
    let known = view.fields(table, from, i64::MAX).await?;
    let names: BTreeSet<String> = ["service", "level", "host"]
        .into_iter()
        .map(str::to_owned)
        .chain(known.into_iter().map(|field| field.name))
        .collect();
    // Values are looked up for the one field that is being written.
    let before = text.get(..cursor).unwrap_or(&text);
    let word = before.rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '|' | ',')).next().unwrap_or_default();
    let asked = word.split_once(':').map(|(field, _)| field).filter(|field| names.contains(*field));
    let mut values = Vec::new();
    if let Some(field) = asked {
        let fields = [field.to_owned()];
        let found = view.facets(table, &Expr::All, from, i64::MAX, &fields, COMPLETION_VALUES, now).await?;
        values = found.into_iter().flat_map(|facet| facet.values).map(|(value, _)| value).collect();
    }
    let hints: Vec<FieldHint> = names
        .iter()
        .map(|name| FieldHint {
            name: name.clone(),
            values: if asked == Some(name.as_str()) { values.clone() } else { Vec::new() },
        })
        .collect();
    let proposals: Vec<Value> = query::complete(&text, cursor, &hints)
        .into_iter()
        .map(|one| json!({"start": one.span.start, "end": one.span.end, "text": one.text, "kind": one.kind}))
        .collect();
    Ok(Json(json!({"proposals": proposals})))
}
