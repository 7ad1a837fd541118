//! How the server is: status, streams, health, and the flush that tests and backups ask for.

use crate::server::errors::ApiError;
use crate::server::rows::rfc3339;
use crate::server::state::App;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use model::{Caller, Datasets};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The server in numbers.
#[utoipa::path(get, path = "/api/v1/status", tag = "server",
    responses((status = 200, description = "Version, uptime, store, ingest and queries")))]
pub async fn status(State(app): State<Arc<App>>, Extension(caller): Extension<Caller>) -> Json<Value> {
    let stats = app.store.stats();
    let whole = caller.datasets() == Datasets::All;
    let counts = app.counters.snapshot();
    let pending: u64 = stats.tables.values().map(|table| table.memory_rows).sum();
    let doors: Vec<Value> = counts
        .doors
        .iter()
        .map(|(name, door)| {
            json!({"source": name, "requests": door.requests, "records": door.records, "rejected": door.rejected,
                "bytes": door.bytes})
        })
        .collect();
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "uptime_seconds": app.started.elapsed().as_secs_f64(),
        "ready": app.ready.load(Ordering::Relaxed),
        "compaction": stats.compaction,
        "pending_flush": pending,
        "quarantined": stats.quarantined,
        "in_flight_bytes": app.gate.bytes(),
        "tails": app.tails.load(Ordering::Relaxed),
        // Of all datasets together, so for those who may see all.
        "ingest": whole.then_some(doors),
        "store": whole.then_some(stats),
    }))
}

/// Bytes, rows, last receipt and last question of each dataset, service and source.
#[utoipa::path(get, path = "/api/v1/streams", tag = "server",
    responses((status = 200, description = "Streams, the largest first")))]
pub async fn streams(State(app): State<Arc<App>>, Extension(caller): Extension<Caller>) -> Json<Value> {
    let datasets = caller.datasets();
    let streams: Vec<Value> = app
        .streams
        .list()
        .into_iter()
        .filter(|stream| datasets.allow(&stream.dataset))
        .map(|stream| {
            json!({
                "dataset": stream.dataset, "service": stream.service, "source": stream.source,
                "rows": stream.rows, "bytes": stream.bytes, "tables": stream.tables,
                "last_received": rfc3339(stream.last_received), "last_query": stream.last_query.map(rfc3339),
            })
        })
        .collect();
    Json(json!({"streams": streams}))
}

/// Writes everything that is in memory to files.
#[utoipa::path(post, path = "/api/v1/flush", tag = "server",
    responses((status = 200, description = "Everything is in files")))]
pub async fn flush(State(app): State<Arc<App>>) -> Result<Json<Value>, ApiError> {
    app.store
        .flush()
        .await
        .map_err(|error| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, format!("the flush failed: {error:#}")))?;
    Ok(Json(json!({"flushed": true})))
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
