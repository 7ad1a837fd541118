//! `/api/v1/search`: rows newest first as lines of JSON, with the histogram growing beside them.

use super::answer::Answer;
use super::time::{self, When};
use crate::limits::{DEFAULT_HISTOGRAM_BARS, DEFAULT_SEARCH_ROWS, MAX_SEARCH_ROWS};
use crate::server::errors::{ApiError, ErrorBody};
use crate::server::rows::{self, Column, EventRow};
use crate::server::state::{App, now};
use axum::extract::{Extension, Request, State};
use axum::response::Response;
use futures::StreamExt as _;
use model::Caller;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use std::time::Instant;
use store::{QueryError, QueryLimits, SearchEvent, SearchRequest};

/// What is searched for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchParameters {
    /// The search, such as `timeout service:api | count by host`.
    #[serde(default)]
    query: String,
    /// `logs`, `spans` or `metrics`.
    table: Option<String>,
    /// Not before this time: RFC 3339, `now-15m`, or a number since 1970.
    #[param(value_type = Option<String>)]
    from: Option<When>,
    /// Before this time.
    #[param(value_type = Option<String>)]
    to: Option<When>,
    /// Rows at most.
    limit: Option<usize>,
    /// Bars of the histogram at most; 0 for none.
    histogram: Option<usize>,
}

/// A line of the answer.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SearchLine {
    /// First, when the search has pipes: the columns of its rows.
    Columns(Vec<Column>),
    /// A row.
    #[expect(dead_code, reason = "rows are written column by column")]
    #[schema(value_type = EventRow)]
    Row(Value),
    /// The histogram so far.
    Histogram(Bars),
    /// What went wrong on the way: nothing follows.
    #[schema(value_type = ErrorBody)]
    Error(Value),
    /// Last.
    Done(SearchDone),
}

/// How many rows there are, by time.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Bars {
    /// Width of a bar in nanoseconds.
    width_ns: i64,
    /// Whether all files were counted.
    complete: bool,
    /// Start and rows of each bar.
    bars: Vec<(String, u64)>,
}

/// The end of a search.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SearchDone {
    /// Rows that were answered.
    rows: u64,
    /// Rows that matched, when they were counted.
    matched: Option<u64>,
    /// Whether a bound of the server cut the answer.
    truncated: bool,
    /// How long it took.
    took_ms: u64,
    /// Bytes of files and memory that were read; nothing for who does not see every dataset.
    read_bytes: Option<u64>,
}

/// Searches. Each line of the answer has one of `columns`, `row`, `histogram`, `error` or `done`.
#[utoipa::path(get, path = "/api/v1/search", params(SearchParameters), tag = "ask",
    responses((status = 200, description = "Lines of JSON", content_type = "application/x-ndjson", body = SearchLine)))]
pub async fn search(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Response, ApiError> {
    let parameters: SearchParameters = super::parameters(&app, request).await?;
    let table = super::table(parameters.table.as_deref())?;
    let now = now();
    let range = time::range(parameters.from.as_ref(), parameters.to.as_ref(), now)?;
    let text = parameters.query;
    let query = query::parse(&text).map_err(|error| ApiError::parse(&error, &text))?;
    if !query.pipes.is_empty() {
        let sql = query.to_sql(table, Some(range), None, now).map_err(|error| ApiError::parse(&error, &text))?;
        let usual = if query.is_series() { MAX_SEARCH_ROWS } else { DEFAULT_SEARCH_ROWS };
        let most = (!query.has_limit()).then(|| parameters.limit.unwrap_or(usual));
        return piped(app, &caller, &sql, most, now).await;
    }
    let limit = parameters.limit.unwrap_or(DEFAULT_SEARCH_ROWS);
    // The store would say what is wrong, but not where.
    query.where_sql(table, now).map_err(|error| ApiError::parse(&error, &text))?;
    let request = SearchRequest {
        table,
        filter: query.filter,
        from: range.0,
        to: range.1,
        limit,
        histogram_buckets: parameters.histogram.unwrap_or(DEFAULT_HISTOGRAM_BARS),
        now,
    };
    let stream = app.view(&caller).search(request)?;
    let started = Instant::now();
    Ok(super::lines(stream.map(move |event| Ok(event_lines(&app, event, limit, now, started)))))
}

fn event_lines(app: &App, event: Result<SearchEvent, QueryError>, limit: usize, now: i64, started: Instant) -> String {
    match event {
        Ok(SearchEvent::Rows(batch)) => {
            app.streams.found(&batch, now);
            row_lines(&batch)
        }
        Ok(SearchEvent::Histogram { width, buckets, complete }) => {
            let bars = buckets.into_iter().map(|(start, count)| (rows::rfc3339(start), count)).collect();
            line(&SearchLine::Histogram(Bars { width_ns: width, complete, bars }))
        }
        Ok(SearchEvent::Done { rows, matched, read }) => {
            app.counters.query("search", started.elapsed());
            let (took_ms, truncated) = (started.elapsed().as_millis() as u64, is_cut(rows, matched, limit));
            line(&SearchLine::Done(SearchDone { rows, matched, truncated, took_ms, read_bytes: read }))
        }
        Err(error) => line(&SearchLine::Error(ApiError::from(error).inner())),
    }
}

/// Whether an answer ended before the `limit` that was asked for. Without a histogram nobody knows whether rows come
/// after the last one that a search may answer; then it is likely.
fn is_cut(rows: u64, matched: Option<u64>, limit: usize) -> bool {
    rows < limit as u64 && matched.map_or(rows >= MAX_SEARCH_ROWS as u64, |matched| matched > rows)
}

/// A search with pipes: its columns, then its rows, `most` of them.
async fn piped(app: Arc<App>, caller: &Caller, sql: &str, most: Option<usize>, now: i64) -> Result<Response, ApiError> {
    enum State {
        Rows(Arc<App>, Answer, usize),
        End,
    }
    let started = Instant::now();
    let answer = Answer::of(&app.view(caller), sql, QueryLimits::default(), most).await?;
    let head = line(&SearchLine::Columns(rows::columns(&answer.schema)));
    let rest = futures::stream::unfold(State::Rows(app, answer, 0), move |state| async move {
        let State::Rows(app, mut answer, rows) = state else { return None };
        match answer.next().await {
            Some(Ok(batch)) => {
                app.streams.found(&batch, now);
                Some((row_lines(&batch), State::Rows(app, answer, rows + batch.num_rows())))
            }
            Some(Err(error)) => Some((line(&SearchLine::Error(ApiError::from(error).inner())), State::End)),
            None => {
                app.counters.query("search", started.elapsed());
                let (took_ms, truncated) = (started.elapsed().as_millis() as u64, answer.is_cut());
                let (rows, read_bytes) = (rows as u64, answer.read_bytes());
                let done = SearchDone { rows, matched: None, truncated, took_ms, read_bytes };
                Some((line(&SearchLine::Done(done)), State::End))
            }
        }
    });
    Ok(super::lines(futures::stream::once(async move { head }).chain(rest).map(Ok)))
}

fn row_lines(batch: &arrow_array::RecordBatch) -> String {
    let mut out = String::new();
    for row in 0..batch.num_rows() {
        out.push_str("{\"row\":");
        rows::write_object(&mut out, batch, row);
        out.push_str("}\n");
    }
    out
}

fn line(line: &SearchLine) -> String {
    // Maps with keys of text alone: they can always be written.
    format!("{}\n", serde_json::to_value(line).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_answer_is_known() {
        let most = MAX_SEARCH_ROWS as u64;
        assert!(is_cut(most, Some(most + 1), MAX_SEARCH_ROWS + 1) && is_cut(most, None, MAX_SEARCH_ROWS + 1));
        assert!(!is_cut(most, Some(most), MAX_SEARCH_ROWS + 1));
        // As many as were asked for, or all there are.
        assert!(!is_cut(100, Some(4711), 100) && !is_cut(most, None, MAX_SEARCH_ROWS) && !is_cut(5, None, 100));
    }
}
