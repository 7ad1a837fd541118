//! `/api/v1/traces/{id}`: a trace's spans, and the log records that belong to it.

use super::answer::Answer;
use crate::limits::MAX_TRACE_ROWS;
use crate::server::errors::ApiError;
use crate::server::rows::{self, EventRow};
use crate::server::state::{App, now};
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use model::{Caller, Table};
use std::sync::Arc;
use std::time::Instant;
use store::{QueryLimits, View};

/// What is stored of a trace.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "rows are written column by column; this says what they look like")]
pub struct Trace {
    trace_id: String,
    /// Whether there was more than may be answered.
    truncated: bool,
    /// How long it took.
    took_ms: u64,
    /// Bytes of files and memory that were read; nothing for who does not see every dataset.
    read_bytes: Option<u64>,
    spans: Vec<EventRow>,
    logs: Vec<EventRow>,
}

/// A trace: spans and logs in the order of time.
#[utoipa::path(get, path = "/api/v1/traces/{id}", tag = "ask", params(("id" = String, Path, description = "32 hex digits")),
    responses((status = 200, description = "Spans and logs", body = Trace), (status = 404, description = "No such trace")))]
pub async fn trace(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    if id.len() != 32 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(ApiError::bad(format!("{id:?} is no trace id")).help("a trace id has 32 hex digits"));
    }
    let id = id.to_ascii_lowercase();
    let started = Instant::now();
    let view = app.view(&caller);
    let mut spans = String::new();
    let mut logs = String::new();
    let (spans_cut, of_spans) = collect(&app, &view, Table::Spans, &id, &mut spans).await?;
    let (logs_cut, of_logs) = collect(&app, &view, Table::Logs, &id, &mut logs).await?;
    let took = started.elapsed();
    app.counters.query("trace", took);
    if spans.is_empty() && logs.is_empty() {
        return Err(ApiError::new(StatusCode::NOT_FOUND, format!("there is nothing of trace {id}")));
    }
    let truncated = spans_cut || logs_cut;
    let took = took.as_millis();
    let read = of_spans.zip(of_logs).map_or("null".to_owned(), |(spans, logs)| (spans + logs).to_string());
    let body = format!(
        "{{\"trace_id\":\"{id}\",\"truncated\":{truncated},\"took_ms\":{took},\"read_bytes\":{read},\
         \"spans\":[{spans}],\"logs\":[{logs}]}}\n"
    );
    let response = ([(header::CONTENT_TYPE, "application/json")], Body::from(body)).into_response();
    Ok(super::marked(response, truncated))
}

/// Writes the rows of a trace; answers whether there were more than may be answered, and what was read.
async fn collect(
    app: &App,
    view: &View,
    table: Table,
    id: &str,
    out: &mut String,
) -> Result<(bool, Option<u64>), ApiError> {
    let sql = format!("SELECT * FROM {} WHERE trace_id = '{id}' ORDER BY timestamp, event_id", table.name());
    let mut answer = Answer::of(view, &sql, QueryLimits::default(), Some(MAX_TRACE_ROWS)).await?;
    for batch in answer.collect().await? {
        app.streams.found(&batch, now());
        for row in 0..batch.num_rows() {
            if !out.is_empty() {
                out.push(',');
            }
            rows::write_object(out, &batch, row);
        }
    }
    Ok((answer.is_cut(), answer.read_bytes()))
}
