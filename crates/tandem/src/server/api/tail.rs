//! `/api/v1/tail`: rows as they are committed, as server-sent events.

use crate::limits::{MAX_TAILS, TAIL_BATCHES, TAIL_HEARTBEAT, TAIL_RIGHTS, TAIL_ROWS_PER_SECOND};
use crate::server::errors::ApiError;
use crate::server::rows;
use crate::server::state::{App, now};
use arrow_array::RecordBatch;
use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use model::{Caller, Datasets};
use query::Filter;
use serde::Deserialize;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use store::TailItem;

/// What is followed.
#[derive(Debug, Deserialize, utoipa::IntoParams, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TailParameters {
    /// The search; without pipes.
    #[serde(default)]
    query: String,
    /// `logs`, `spans` or `metrics`.
    table: Option<String>,
}

/// An event: its name and its data.
#[derive(utoipa::ToSchema)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
#[expect(dead_code, reason = "rows are written column by column; this says what they look like")]
pub enum TailEvent {
    /// A row.
    Row(rows::EventRow),
    /// Rows that this listener was too slow for.
    Dropped(Dropped),
}

/// Rows that were left out.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "`dropped` writes it")]
pub struct Dropped {
    /// How many.
    dropped: u64,
}

/// Follows what is committed from now on. Events are `row`, and `dropped` with the number of rows this listener was
/// too slow for.
#[utoipa::path(get, path = "/api/v1/tail", params(TailParameters), tag = "ask",
    responses((status = 200, description = "Events", content_type = "text/event-stream", body = TailEvent)))]
pub async fn tail(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Response, ApiError> {
    let headers = request.headers().clone();
    let parameters: TailParameters = super::parameters(&app, request).await?;
    let table = super::table(parameters.table.as_deref())?;
    let text = parameters.query;
    let query = query::parse(&text).map_err(|error| ApiError::parse(&error, &text))?;
    if !query.pipes.is_empty() {
        return Err(ApiError::bad("a live tail shows rows as they come and has no pipes")
            .help("leave out what follows `|`, or search instead"));
    }
    let filter = Filter::compile(&query.filter, table, now()).map_err(|error| ApiError::parse(&error, &text))?;
    let place = Place::take(&app)?;
    let tail = app.view(&caller).subscribe(table, TAIL_BATCHES);
    let second = Instant::now();
    let rights = Rights { headers, datasets: caller.datasets(), checked: second };
    let follower = Follower { app, tail, filter, rights, _place: place, second, sent: 0 };
    let stream = futures::stream::unfold((follower, true), |(mut follower, first)| async move {
        // Something at once, so that the listener knows that it is heard.
        let text = if first { ": listening\n\n".to_owned() } else { follower.next().await? };
        Some((Ok::<_, Infallible>(text), (follower, false)))
    });
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from_stream(stream)).into_response())
}

/// One of the places for listeners; given back when dropped.
struct Place(Arc<App>);

impl Place {
    fn take(app: &Arc<App>) -> Result<Place, ApiError> {
        let place = Place(app.clone());
        if app.tails.fetch_add(1, Ordering::Relaxed) >= MAX_TAILS {
            return Err(ApiError::new(
                StatusCode::TOO_MANY_REQUESTS,
                format!("{MAX_TAILS} live tails are open already"),
            )
            .help("close one of them"));
        }
        Ok(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.tails.fetch_sub(1, Ordering::Relaxed);
    }
}

/// By what the listener came in, to be asked again while it stays.
struct Rights {
    headers: HeaderMap,
    datasets: Datasets,
    checked: Instant,
}

impl Rights {
    /// Whether the listener may still see what it could see in the beginning.
    async fn hold(&mut self, app: &App) -> bool {
        if self.checked.elapsed() < TAIL_RIGHTS {
            return true;
        }
        self.checked = Instant::now();
        let known = app.access.door.caller(&self.headers, &Method::GET, now()).await;
        known.is_ok_and(|known| known.caller.datasets() == self.datasets)
    }
}

struct Follower {
    app: Arc<App>,
    tail: store::Tail,
    filter: Filter,
    rights: Rights,
    _place: Place,
    /// Start of the second that `sent` counts in.
    second: Instant,
    sent: usize,
}

impl Follower {
    /// The next events as text; `None` when the server stops.
    async fn next(&mut self) -> Option<String> {
        loop {
            let app = self.app.clone();
            let item = tokio::select! {
                item = tokio::time::timeout(TAIL_HEARTBEAT, self.tail.recv()) => item,
                () = app.stopped() => return None,
            };
            let text = match item {
                // A comment: it tells the listener, and us, that the connection still lives.
                Err(_) => ": alive\n\n".to_owned(),
                Ok(None) => return None,
                Ok(Some(TailItem::Dropped(count))) => dropped(count),
                Ok(Some(TailItem::Batch(batch))) => self.rows(&batch),
            };
            if !self.rights.hold(&app).await {
                return None;
            }
            if !text.is_empty() {
                return Some(text);
            }
        }
    }

    fn rows(&mut self, batch: &RecordBatch) -> String {
        if self.second.elapsed() >= Duration::from_secs(1) {
            self.second = Instant::now();
            self.sent = 0;
        }
        let matches = self.filter.matches(batch);
        let room = TAIL_ROWS_PER_SECOND.saturating_sub(self.sent);
        let mut out = String::new();
        for row in matches.values().set_indices().take(room) {
            out.push_str("event: row\ndata: ");
            rows::write_object(&mut out, batch, row);
            out.push_str("\n\n");
            self.sent += 1;
        }
        let beyond = matches.true_count().saturating_sub(room);
        if beyond > 0 {
            out.push_str(&dropped(beyond as u64));
        }
        out
    }
}

fn dropped(count: u64) -> String {
    let mut out = String::new();
    let _ = write!(out, "event: dropped\ndata: {{\"dropped\":{count}}}\n\n");
    out
}
