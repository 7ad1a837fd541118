//! `/api/v1/sql`: read-only statements, answered as JSON, CSV or an Arrow IPC stream.

use super::answer::Answer;
use crate::limits::MAX_SQL_ROWS;
use crate::server::errors::{ApiError, ErrorBody};
use crate::server::rows;
use crate::server::state::{App, now};
use arrow_array::RecordBatch;
use arrow_ipc::writer::StreamWriter;
use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use futures::{Stream, StreamExt as _};
use model::Caller;
use serde::Deserialize;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::QueryLimits;

/// A statement.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SqlParameters {
    /// One SELECT over `logs`, `spans` and `metrics`.
    sql: String,
    /// `json`, `csv` or `arrow`; else by the `Accept` header; else JSON.
    format: Option<String>,
    /// Rows at most.
    limit: Option<usize>,
    /// Seconds it may take at most; never more than the server's own limit.
    timeout: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Format {
    Json,
    Csv,
    Arrow,
}

/// The answer to a statement as JSON. An error on the way stands in `error`, in place of `truncated` and `took_ms`.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "what is streamed piece by piece")]
pub struct SqlAnswer {
    columns: Vec<rows::Column>,
    /// Rows in the order of the columns; a cell is whatever its type has.
    rows: Vec<Vec<serde_json::Value>>,
    row_count: u64,
    /// Whether a bound of the server cut the rows.
    #[schema(nullable = false)]
    truncated: Option<bool>,
    #[schema(nullable = false)]
    took_ms: Option<u64>,
    /// Bytes of events that were read; nothing for who does not see every dataset.
    read_bytes: Option<u64>,
    #[schema(nullable = false)]
    error: Option<ErrorBody>,
}

/// Runs SQL.
#[utoipa::path(get, path = "/api/v1/sql", params(SqlParameters), tag = "ask",
    responses((status = 200, description = "Columns and rows, in the chosen format",
        content((SqlAnswer = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.arrow.stream")))))]
pub async fn sql(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Response, ApiError> {
    let headers = request.headers().clone();
    let parameters: SqlParameters = super::parameters(&app, request).await?;
    let format = format(parameters.format.as_deref(), &headers)?;
    let capped = format != Format::Arrow && parameters.limit.is_none_or(|limit| limit > MAX_SQL_ROWS);
    let limits = QueryLimits { timeout: parameters.timeout.map(Duration::from_secs), rows: parameters.limit };
    let started = Instant::now();
    let result = Answer::of(&app.view(&caller), &parameters.sql, limits, capped.then_some(MAX_SQL_ROWS)).await?;
    app.streams.asked(&parameters.sql, now());
    let timer = Timer { app, started };
    match format {
        Format::Json => Ok(stream("application/json", json(result, timer))),
        Format::Csv => Ok(stream("text/csv; charset=utf-8", csv(result, timer))),
        Format::Arrow => Ok(stream("application/vnd.apache.arrow.stream", arrow(result, timer)?)),
    }
}

/// The rows of a statement of the server's own, as JSON, for somebody who sees them.
pub(in crate::server) async fn rows_of(
    app: &App,
    caller: &Caller,
    sql: &str,
) -> Result<Vec<Vec<serde_json::Value>>, ApiError> {
    let limits = QueryLimits { timeout: None, rows: None };
    let mut answer = Answer::of(&app.view(caller), sql, limits, Some(MAX_SQL_ROWS)).await?;
    let mut all = Vec::new();
    for batch in answer.collect().await? {
        for row in 0..batch.num_rows() {
            let mut text = String::new();
            rows::write_array(&mut text, &batch, row);
            all.push(serde_json::from_str(&text).unwrap_or_default());
        }
    }
    Ok(all)
}

/// Counts the query when its answer ends or is given up.
struct Timer {
    app: Arc<App>,
    started: Instant,
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.app.counters.query("sql", self.started.elapsed());
    }
}

fn format(given: Option<&str>, headers: &HeaderMap) -> Result<Format, ApiError> {
    match given {
        Some("json") => Ok(Format::Json),
        Some("csv") => Ok(Format::Csv),
        Some("arrow") => Ok(Format::Arrow),
        Some(other) => Err(ApiError::bad(format!("unknown format {other:?}")).help("formats are json, csv and arrow")),
        None => {
            let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
            Ok(match accept {
                accept if accept.contains("arrow") => Format::Arrow,
                accept if accept.contains("text/csv") => Format::Csv,
                _ => Format::Json,
            })
        }
    }
}

fn stream<E: std::error::Error + Send + Sync + 'static>(
    kind: &'static str,
    body: impl Stream<Item = Result<Vec<u8>, E>> + Send + 'static,
) -> Response {
    ([(header::CONTENT_TYPE, kind)], Body::from_stream(body)).into_response()
}

type Part = Result<Vec<u8>, std::io::Error>;

/// `{"columns":[..],"rows":[..],"row_count":N,"truncated":false}`. An error on the way is told in `error`, since the status is sent.
fn json(result: Answer, timer: Timer) -> impl Stream<Item = Part> + Send {
    enum State {
        Start(Answer, Timer),
        Rows(Answer, Timer, u64),
        End,
    }
    futures::stream::unfold(State::Start(result, timer), |state| async move {
        match state {
            State::Start(result, timer) => {
                let columns = serde_json::to_value(rows::columns(&result.schema)).unwrap_or_default();
                let head = format!("{{\"columns\":{columns},\"rows\":[");
                Some((Ok(head.into_bytes()), State::Rows(result, timer, 0)))
            }
            State::Rows(mut result, timer, count) => {
                let mut out = String::new();
                match result.next().await {
                    Some(Ok(batch)) => {
                        for row in 0..batch.num_rows() {
                            out.push_str(if count == 0 && row == 0 { "\n" } else { ",\n" });
                            rows::write_array(&mut out, &batch, row);
                        }
                        let count = count + batch.num_rows() as u64;
                        Some((Ok(out.into_bytes()), State::Rows(result, timer, count)))
                    }
                    Some(Err(error)) => {
                        let error = ApiError::from(error).inner();
                        let read = read(&result);
                        let end = format!("\n],\"row_count\":{count},\"read_bytes\":{read},\"error\":{error}}}\n");
                        Some((Ok(end.into_bytes()), State::End))
                    }
                    None => {
                        let took = timer.started.elapsed().as_millis();
                        let cut = result.is_cut();
                        let read = read(&result);
                        let end = format!(
                            "\n],\"row_count\":{count},\"truncated\":{cut},\"took_ms\":{took},\"read_bytes\":{read}}}\n"
                        );
                        Some((Ok(end.into_bytes()), State::End))
                    }
                }
            }
            State::End => None,
        }
    })
    .filter(|part| futures::future::ready(!matches!(part, Ok(bytes) if bytes.is_empty())))
}

/// The bytes that were read so far, in JSON.
fn read(result: &Answer) -> String {
    result.read_bytes().map_or("null".to_owned(), |bytes| bytes.to_string())
}

fn csv(mut result: Answer, timer: Timer) -> impl Stream<Item = Part> + Send {
    let schema = result.schema.clone();
    async_stream(move |sender| async move {
        let _timer = timer;
        if sender.send(csv_part(&RecordBatch::new_empty(schema), true)).await.is_err() {
            return;
        }
        while let Some(batch) = result.next().await {
            let part = match batch {
                Ok(batch) => csv_part(&batch, false),
                Err(error) => Err(std::io::Error::other(error.to_string())),
            };
            if sender.send(part).await.is_err() {
                return;
            }
        }
    })
}

/// Values as in JSON, so that times and ids look the same in every format.
fn csv_part(batch: &RecordBatch, header: bool) -> Part {
    let mut out = String::new();
    if header {
        let names: Vec<String> = batch.schema_ref().fields().iter().map(|field| csv_field(field.name())).collect();
        out.push_str(&names.join(","));
        out.push_str("\r\n");
    }
    for row in 0..batch.num_rows() {
        for (index, column) in batch.columns().iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            if column.is_valid(row) {
                let mut cell = String::new();
                rows::write_cell(&mut cell, column, row);
                let text = model::json::unescape(&cell).map_or(cell.clone(), |text| text.into_owned());
                out.push_str(&csv_field(&text));
            }
        }
        out.push_str("\r\n");
    }
    Ok(out.into_bytes())
}

fn csv_field(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

fn arrow(mut result: Answer, timer: Timer) -> Result<impl Stream<Item = Part> + Send, ApiError> {
    let mut writer = StreamWriter::try_new(Vec::new(), &result.schema)?;
    Ok(async_stream(move |sender| async move {
        let _timer = timer;
        while let Some(batch) = result.next().await {
            let written = match batch {
                Ok(batch) => writer.write(&batch).map_err(std::io::Error::other),
                Err(error) => Err(std::io::Error::other(error.to_string())),
            };
            let failed = written.is_err();
            let part = written.map(|()| std::mem::take(writer.get_mut()));
            if sender.send(part).await.is_err() || failed {
                return;
            }
        }
        let end = writer.finish().map(|()| std::mem::take(writer.get_mut())).map_err(std::io::Error::other);
        let _ = sender.send(end).await;
    }))
}

/// A stream fed by a task; the task ends when the stream is dropped.
fn async_stream<F>(task: impl FnOnce(tokio::sync::mpsc::Sender<Part>) -> F) -> impl Stream<Item = Part> + Send
where
    F: Future<Output = ()> + Send + 'static,
{
    let (sender, receiver) = tokio::sync::mpsc::channel(2);
    tokio::spawn(task(sender));
    tokio_stream::wrappers::ReceiverStream::new(receiver)
}
