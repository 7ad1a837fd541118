//! `/api/v1/fields`, `/api/v1/facets` and `/api/v1/complete`: what can be asked for.

use super::time::{self, When};
use crate::limits::{COMPLETION_RANGE_NANOS, COMPLETION_VALUES, MAX_FACET_FIELDS, MAX_FACET_VALUES};
use crate::server::errors::ApiError;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Request, State};
use model::Caller;
use query::{Expr, FieldHint};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;
use store::FieldInfo;

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

/// Fields of a table.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Fields {
    table: &'static str,
    fields: Vec<FieldInfo>,
}

/// The fields that occur, with their types.
#[utoipa::path(get, path = "/api/v1/fields", params(FieldsParameters), tag = "ask",
    responses((status = 200, description = "Columns, attributes and resource attributes", body = Fields)))]
pub async fn fields(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<Fields>, ApiError> {
    let parameters: FieldsParameters = super::parameters(&app, request).await?;
    let table = super::table(parameters.table.as_deref())?;
    let (from, to) = time::range(parameters.from.as_ref(), parameters.to.as_ref(), now())?;
    let fields = app.view(&caller).fields(table, from, to).await?;
    Ok(Json(Fields { table: table.name(), fields }))
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

/// Counted values of a table.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Facets {
    table: &'static str,
    facets: Vec<Facet>,
}

/// The values of a field.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Facet {
    field: String,
    values: Vec<Counted>,
    /// Rows without the field.
    missing: u64,
}

/// A value, and how many rows have it.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = FacetValue)]
pub struct Counted {
    value: String,
    count: u64,
}

/// The most frequent values of fields among the rows that match.
#[utoipa::path(get, path = "/api/v1/facets", params(FacetsParameters), tag = "ask",
    responses((status = 200, description = "Values with counts, the most frequent first", body = Facets)))]
pub async fn facets(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<Facets>, ApiError> {
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
    let found = app.view(&caller).facets(table, &query.filter, from, to, &fields, limit, now).await?;
    app.counters.query("facets", started.elapsed());
    let counted =
        |values: Vec<(String, u64)>| values.into_iter().map(|(value, count)| Counted { value, count }).collect();
    let facets = found
        .into_iter()
        .map(|facet| Facet { field: facet.field, values: counted(facet.values), missing: facet.missing })
        .collect();
    Ok(Json(Facets { table: table.name(), facets }))
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

/// What could come next.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Proposals {
    proposals: Vec<Proposal>,
}

/// A text that could stand in place of another.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Completion)]
pub struct Proposal {
    /// Where what it replaces begins, in bytes.
    start: usize,
    /// Where that ends.
    end: usize,
    text: String,
    /// `field`, `value`, `operator` or `pipe`.
    kind: &'static str,
}

/// What could come next in a search.
#[utoipa::path(get, path = "/api/v1/complete", params(CompleteParameters), tag = "ask",
    responses((status = 200, description = "Proposals", body = Proposals)))]
pub async fn complete(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<Proposals>, ApiError> {
    let parameters: CompleteParameters = super::parameters(&app, request).await?;
    let table = super::table(parameters.table.as_deref())?;
    let now = now();
    let from = now.saturating_sub(COMPLETION_RANGE_NANOS);
    let text = parameters.query;
    let cursor = parameters.cursor.unwrap_or(text.len()).min(text.len());
    let known = app.view(&caller).fields(table, from, i64::MAX).await?;
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
        let found =
            app.view(&caller).facets(table, &Expr::All, from, i64::MAX, &fields, COMPLETION_VALUES, now).await?;
        values = found.into_iter().flat_map(|facet| facet.values).map(|(value, _)| value).collect();
    }
    let hints: Vec<FieldHint> = names
        .iter()
        .map(|name| FieldHint {
            name: name.clone(),
            values: if asked == Some(name.as_str()) { values.clone() } else { Vec::new() },
        })
        .collect();
    let proposals = query::complete(&text, cursor, &hints)
        .into_iter()
        .map(|one| Proposal { start: one.span.start, end: one.span.end, text: one.text, kind: one.kind })
        .collect();
    Ok(Json(Proposals { proposals }))
}
