//! How the server is: status, streams, health, and the flush that tests and backups ask for.

use crate::server::errors::ApiError;
use crate::server::rows::rfc3339;
use crate::server::state::App;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use model::{Caller, Datasets};
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The server in numbers.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Status {
    version: &'static str,
    uptime_seconds: f64,
    /// Whether requests are taken.
    ready: bool,
    /// What compaction is at.
    compaction: &'static str,
    /// Rows that are in memory alone.
    pending_flush: u64,
    /// Files that were set aside because they are damaged.
    quarantined: u64,
    /// Bytes of requests in flight.
    in_flight_bytes: usize,
    /// Live tails.
    tails: usize,
    /// By door; of all datasets together, so for those who may see all.
    ingest: Option<Vec<DoorCounts>>,
    /// The store; of all datasets together, so for those who may see all.
    store: Option<store::Stats>,
}

/// What came by one door since the start.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DoorCounts {
    /// The door.
    source: &'static str,
    requests: u64,
    records: u64,
    rejected: u64,
    bytes: u64,
}

/// Streams.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Streams)]
pub struct AllStreams {
    streams: Vec<OneStream>,
}

/// What a service sends by one door.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Stream)]
pub struct OneStream {
    dataset: String,
    /// Empty when there is none.
    service: String,
    /// The door.
    source: String,
    rows: u64,
    bytes: u64,
    tables: Vec<String>,
    last_received: String,
    /// When a question last found rows of it.
    last_query: Option<String>,
}

/// Nothing is in memory alone.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Flushed {
    flushed: bool,
}

/// The server in numbers.
#[utoipa::path(get, path = "/api/v1/status", tag = "server",
    responses((status = 200, description = "Version, uptime, store, ingest and queries", body = Status)))]
pub async fn status(State(app): State<Arc<App>>, Extension(caller): Extension<Caller>) -> Json<Status> {
    let stats = app.store.stats();
    let whole = caller.datasets() == Datasets::All;
    let counts = app.counters.snapshot();
    let pending: u64 = stats.tables.values().map(|table| table.memory_rows).sum();
    let doors = counts.doors.iter().map(|(name, door)| DoorCounts {
        source: name,
        requests: door.requests,
        records: door.records,
        rejected: door.rejected,
        bytes: door.bytes,
    });
    Json(Status {
        version: env!("CARGO_PKG_VERSION"),
        uptime_seconds: app.started.elapsed().as_secs_f64(),
        ready: app.ready.load(Ordering::Relaxed),
        compaction: stats.compaction,
        pending_flush: pending,
        quarantined: stats.quarantined,
        in_flight_bytes: app.gate.bytes(),
        tails: app.tails.load(Ordering::Relaxed),
        ingest: whole.then(|| doors.collect()),
        store: whole.then_some(stats),
    })
}

/// Bytes, rows, last receipt and last question of each dataset, service and source.
#[utoipa::path(get, path = "/api/v1/streams", tag = "server",
    responses((status = 200, description = "Streams, the largest first", body = AllStreams)))]
pub async fn streams(State(app): State<Arc<App>>, Extension(caller): Extension<Caller>) -> Json<AllStreams> {
    let datasets = caller.datasets();
    let streams = app
        .streams
        .list()
        .into_iter()
        .filter(|stream| datasets.allow(&stream.dataset))
        .map(|stream| OneStream {
            dataset: stream.dataset,
            service: stream.service,
            source: stream.source,
            rows: stream.rows,
            bytes: stream.bytes,
            tables: stream.tables,
            last_received: rfc3339(stream.last_received),
            last_query: stream.last_query.map(rfc3339),
        })
        .collect();
    Json(AllStreams { streams })
}

/// Writes everything that is in memory to files.
#[utoipa::path(post, path = "/api/v1/flush", tag = "server",
    responses((status = 200, description = "Everything is in files", body = Flushed)))]
pub async fn flush(State(app): State<Arc<App>>) -> Result<Json<Flushed>, ApiError> {
    app.store
        .flush()
        .await
        .map_err(|error| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, format!("the flush failed: {error:#}")))?;
    Ok(Json(Flushed { flushed: true }))
}

/// Whether the process lives.
#[utoipa::path(get, path = "/healthz", tag = "server",
    responses((status = 200, description = "It does", content_type = "text/plain", body = String)))]
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether requests are taken.
#[utoipa::path(get, path = "/readyz", tag = "server",
    responses((status = 200, description = "They are", content_type = "text/plain", body = String),
        (status = 503, description = "The server starts or stops", content_type = "text/plain", body = String)))]
pub async fn readyz(State(app): State<Arc<App>>) -> (StatusCode, &'static str) {
    if app.ready.load(Ordering::Relaxed) && !*app.stopping.borrow() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}
