//! `/api/v2/alerts`: what Prometheus sends to an Alertmanager.

use super::Incoming;
use crate::server::errors::ApiError;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{ConnectInfo, Request, State};
use model::limits::MAX_REQUEST_BYTES;
use receive::error::DecodeError;
use std::net::SocketAddr;
use std::sync::Arc;

/// The door in the numbers.
pub const DOOR: &str = "alertmanager";

/// What became of alerts.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct AlertsTaken {
    raised: u64,
    /// Counted on one that was there.
    rolled: u64,
    /// Told before.
    repeated: u64,
    /// Kept from being raised.
    hidden: u64,
    /// Resolved, since they are over.
    ended: u64,
    /// What was left out, and why.
    notes: Vec<String>,
}

/// Takes alerts as an Alertmanager does; those that are over are resolved.
#[utoipa::path(post, path = "/api/v2/alerts", tag = "send",
    request_body(content = serde_json::Value, description = "Alerts with `labels`, `annotations`, `startsAt`, `endsAt`, as Prometheus sends them"),
    responses((status = 200, description = "What became of them", body = AlertsTaken)))]
pub async fn alerts(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Result<Json<AlertsTaken>, ApiError> {
    let result = take(&app, peer, request).await;
    if let Err(error) = &result {
        app.counters.refused(DOOR, error.status.as_u16());
    }
    result
}

async fn take(app: &Arc<App>, peer: SocketAddr, request: Request) -> Result<Json<AlertsTaken>, ApiError> {
    let sender = super::sender(request.extensions())?;
    super::no_page(request.headers())?;
    let incoming = Incoming::new(DOOR, String::new(), request.headers(), sender, peer.ip());
    let held = app.gate.read(request.into_body(), MAX_REQUEST_BYTES).await?;
    let (dataset, received) = (incoming.sender.dataset.clone(), now());
    let decode = move |app: &App, body: &[u8]| {
        // The place is in the error; only the way to the sender is another.
        Ok::<_, DecodeError>(receive::alertmanager::alertmanager(body, &dataset, &app.redactor, received))
    };
    let (told, _) = super::decode(app, &incoming, held, decode).await?;
    let told = told?;
    let ended = app.responder.end(told.ended, received).await?;
    let summary = app.responder.take(told.firing, received).await?;
    Ok(Json(AlertsTaken {
        raised: summary.raised,
        rolled: summary.rolled,
        repeated: summary.repeated,
        hidden: summary.hidden,
        ended,
        notes: told.notes,
    }))
}
