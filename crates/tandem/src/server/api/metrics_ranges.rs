//! `/api/v1/metrics/range`: a metric over time, in steps, grouped and aggregated.

use super::answer::Answer;
use super::time::{self, When};
use crate::config::units::Age;
use crate::limits::{MAX_RANGE_GROUPS, MAX_RANGE_ROWS};
use crate::server::errors::ApiError;
use crate::server::rows;
use crate::server::state::{App, now};
use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, RecordBatch};
use axum::Json;
use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse as _, Response};
use model::{Caller, Table};
use query::sql::{identifier, literal};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use store::QueryLimits;

/// Which metric, and how.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RangeParameters {
    /// Name of the metric.
    name: String,
    /// A search that its points must match.
    #[serde(default)]
    query: String,
    /// Fields to group by, separated by commas.
    #[serde(default)]
    by: String,
    /// Width of a step, such as `1m`; chosen for about 60 steps when absent.
    step: Option<String>,
    /// `avg`, `min`, `max`, `sum`, `count`, `last`, `p50`, `p90`, `p95`, `p99`, `increase` or `rate` (per second).
    agg: Option<String>,
    /// Not before this time; an hour ago when absent.
    #[param(value_type = Option<String>)]
    from: Option<When>,
    /// Before this time; now when absent.
    #[param(value_type = Option<String>)]
    to: Option<When>,
}

/// A metric over time.
#[derive(Serialize, utoipa::ToSchema)]
pub struct MetricRange {
    name: String,
    agg: String,
    /// Width of a step in nanoseconds.
    step_ns: i64,
    /// Whether a bound of the server cut the points.
    truncated: bool,
    /// How long it took.
    took_ms: u64,
    /// Bytes of files and memory that were read; nothing for who does not see every dataset.
    read_bytes: Option<u64>,
    series: Vec<Series>,
}

/// The points of a group.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Series {
    /// The fields that were grouped by.
    labels: BTreeMap<String, Option<String>>,
    /// Start of the step, and the value.
    #[schema(value_type = Vec<(String, Option<f64>)>)]
    points: Vec<Value>,
}

/// Points in steps of time, a series per group.
#[utoipa::path(get, path = "/api/v1/metrics/range", params(RangeParameters), tag = "ask",
    responses((status = 200, description = "Series of points", body = MetricRange)))]
pub async fn range(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Response, ApiError> {
    let parameters: RangeParameters = super::parameters(&app, request).await?;
    let now = now();
    let hour_ago = When("now-1h".to_owned());
    let end = When("now".to_owned());
    let from = parameters.from.as_ref().unwrap_or(&hour_ago);
    let (from, to) = time::range(Some(from), Some(parameters.to.as_ref().unwrap_or(&end)), now)?;
    let step = step(parameters.step.as_deref(), from, to)?;
    let query = query::parse(&parameters.query).map_err(|error| ApiError::parse(&error, &parameters.query))?;
    if !query.pipes.is_empty() {
        return Err(ApiError::bad("the search of a metric range has no pipes").help("use `by` and `agg`"));
    }
    let condition = query.where_sql(Table::Metrics, now).map_err(|error| ApiError::parse(&error, &parameters.query))?;
    let condition = format!(
        "name = {} AND timestamp >= to_timestamp_nanos({from}) AND timestamp < to_timestamp_nanos({to}) AND {condition}",
        literal(&parameters.name)
    );
    let groups = groups(&parameters.by)?;
    let agg = parameters.agg.as_deref().unwrap_or("avg");
    let sql = statement(&condition, &groups, step, agg)?;
    let started = Instant::now();
    let mut answer = Answer::of(&app.view(&caller), &sql, QueryLimits::default(), Some(MAX_RANGE_ROWS)).await?;
    let batches = answer.collect().await?;
    let (truncated, took, read_bytes) = (answer.is_cut(), started.elapsed(), answer.read_bytes());
    app.counters.query("metrics", took);
    app.streams.asked("metrics", now);
    let series = series(&batches, &groups);
    let (name, agg, took_ms) = (parameters.name, agg.to_owned(), took.as_millis() as u64);
    let answer = MetricRange { name, agg, step_ns: step, truncated, took_ms, read_bytes, series };
    Ok(super::marked(Json(answer).into_response(), truncated))
}

fn step(given: Option<&str>, from: i64, to: i64) -> Result<i64, ApiError> {
    let span = to.saturating_sub(from);
    let step = match given {
        None => nice(span / 60),
        Some(text) => {
            let age: Age = text.parse().map_err(|error: String| ApiError::bad(format!("step: {error}")))?;
            let age = age.0.ok_or_else(|| ApiError::bad("a step is an age such as 1m"))?;
            i64::try_from(age.as_nanos()).map_err(|_| ApiError::bad("the step is too long"))?
        }
    };
    if span / step > MAX_RANGE_ROWS as i64 {
        return Err(ApiError::bad(format!("the range has more than {MAX_RANGE_ROWS} steps")).help("use a longer step"));
    }
    Ok(step)
}

/// The next step that people can read.
fn nice(least: i64) -> i64 {
    const SECOND: i64 = 1_000_000_000;
    let steps = [1, 5, 10, 15, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 604_800];
    steps.into_iter().map(|step| step * SECOND).find(|step| *step >= least).unwrap_or(30 * 86_400 * SECOND)
}

/// A field to group by, and its SQL.
struct Group {
    name: String,
    sql: String,
}

fn groups(by: &str) -> Result<Vec<Group>, ApiError> {
    let names: Vec<&str> = by.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if names.len() > MAX_RANGE_GROUPS {
        return Err(ApiError::bad(format!("at most {MAX_RANGE_GROUPS} fields can be grouped by")));
    }
    let fields = Table::Metrics.logical_fields();
    let group = |name: &str| {
        let column = if name == "service" { "service_name" } else { name };
        let attribute = |column: &str, key: &str| format!("attr({column}, {})", literal(key));
        let sql = if fields.iter().any(|field| field.name() == column) {
            format!("CAST({} AS VARCHAR)", identifier(column))
        } else if let Some(key) = name.strip_prefix("attributes.").or_else(|| name.strip_prefix("attr.")) {
            attribute("attributes", key)
        } else if let Some(key) = name.strip_prefix("resource.") {
            attribute("resource_attributes", key)
        } else {
            let key = if name == "host" { "host.name" } else { name };
            format!("coalesce({}, {})", attribute("attributes", key), attribute("resource_attributes", key))
        };
        Group { name: name.to_owned(), sql }
    };
    Ok(names.into_iter().map(group).collect())
}

fn statement(condition: &str, groups: &[Group], step: i64, agg: &str) -> Result<String, ApiError> {
    let columns: String = groups.iter().enumerate().map(|(at, group)| format!(", {} AS g{at}", group.sql)).collect();
    let keys: String = (0..groups.len()).map(|at| format!(", g{at}")).collect();
    let bin = format!("date_bin(INTERVAL '{step} nanoseconds', timestamp) AS t");
    // Histograms and summaries have a sum and a count instead of a value.
    let value = "coalesce(value, sum)";
    let simple = |aggregate: String| {
        format!(
            "SELECT t, {aggregate} AS v{keys} FROM (SELECT {bin}, timestamp, value, sum, \"count\" AS n, min, max{columns} \
             FROM metrics WHERE {condition}) GROUP BY t{keys} ORDER BY t{keys}"
        )
    };
    let sql = match agg {
        "avg" => simple("coalesce(avg(value), sum(sum) / nullif(sum(n), 0))".to_owned()),
        "min" => simple("min(coalesce(value, min))".to_owned()),
        "max" => simple("max(coalesce(value, max))".to_owned()),
        "sum" => simple(format!("sum({value})")),
        "count" => simple("coalesce(sum(n), count(*))".to_owned()),
        "last" => simple(format!("last_value({value} ORDER BY timestamp)")),
        "p50" | "p90" | "p95" | "p99" => {
            simple(format!("approx_percentile_cont(0.{}) WITHIN GROUP (ORDER BY value)", &agg[1..]))
        }
        "increase" | "rate" => {
            let divisor = if agg == "rate" { step as f64 / 1e9 } else { 1.0 };
            // A cumulative point counts by what it grew since the point before it in its series; after a
            // restart of the source it counts whole. The first point of a series has nothing before it.
            format!(
                "SELECT t, sum(d) / {divisor:?} AS v{keys} FROM (SELECT {bin}, CASE \
                 WHEN temporality = 'delta' THEN {value} \
                 WHEN before IS NULL THEN NULL WHEN {value} < before THEN {value} ELSE {value} - before END AS d{columns} \
                 FROM (SELECT *, lag({value}) OVER (PARTITION BY service_name, scope_name, resource_attributes, attributes \
                 ORDER BY timestamp) AS before FROM metrics WHERE {condition})) GROUP BY t{keys} ORDER BY t{keys}"
            )
        }
        other => {
            return Err(ApiError::bad(format!("unknown aggregate {other:?}"))
                .help("aggregates are avg, min, max, sum, count, last, p50, p90, p95, p99, increase and rate"));
        }
    };
    Ok(sql)
}

fn series(batches: &[RecordBatch], groups: &[Group]) -> Vec<Series> {
    let mut series: BTreeMap<Vec<Option<String>>, Vec<Value>> = BTreeMap::new();
    for batch in batches {
        let labels: Vec<_> =
            (0..groups.len()).map(|at| arrow_cast::cast(batch.column(at + 2), &arrow_schema::DataType::Utf8)).collect();
        for row in 0..batch.num_rows() {
            let label = |column: &Result<arrow_array::ArrayRef, arrow_schema::ArrowError>| {
                let column = column.as_ref().ok()?.as_string_opt::<i32>()?;
                column.is_valid(row).then(|| column.value(row).to_owned())
            };
            let mut point = String::from("[");
            rows::write_cell(&mut point, batch.column(0), row);
            point.push(',');
            rows::write_cell(&mut point, batch.column(1), row);
            point.push(']');
            let point = serde_json::from_str(&point).unwrap_or(Value::Null);
            series.entry(labels.iter().map(label).collect()).or_default().push(point);
        }
    }
    series
        .into_iter()
        .map(|(labels, points)| {
            let labels = groups.iter().zip(labels).map(|(group, label)| (group.name.clone(), label)).collect();
            Series { labels, points }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps() {
        assert_eq!(step(Some("1m"), 0, 3_600_000_000_000).unwrap(), 60_000_000_000);
        assert_eq!(step(None, 0, 3_600_000_000_000).unwrap(), 60_000_000_000);
        assert!(step(Some("1ms"), 0, 3_600_000_000_000).is_err());
        assert!(step(Some("x"), 0, 1).is_err());
        assert!(step(Some("off"), 0, 1).is_err());
    }

    #[test]
    fn names_are_quoted() {
        let groups = groups("a'b, service").unwrap();
        assert!(groups[0].sql.contains("'a''b'"));
        assert_eq!(groups[1].sql, "CAST(\"service_name\" AS VARCHAR)");
        assert!(statement("true", &groups, 1, "avg; DROP").is_err());
    }
}
