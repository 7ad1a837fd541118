//! `/api/v1/ingest/json`: lines of JSON or another common format, with the meaning of fields in the query string.

use super::Incoming;
use crate::server::errors::ApiError;
use crate::server::state::App;
use axum::Json;
use axum::extract::{ConnectInfo, Query, Request, State};
use model::limits::MAX_REQUEST_BYTES;
use receive::json_lines::{self, Mapping};
use std::net::SocketAddr;
use std::sync::Arc;

/// The door in the data and in the numbers.
pub const DOOR: &str = "json";

/// What became of lines.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct LinesKept {
    accepted: usize,
    rejected: usize,
    /// Why the first of the others was refused.
    message: Option<String>,
}

/// Takes lines. Answers how many were kept, and why the first of the others was not.
#[utoipa::path(post, path = "/api/v1/ingest/json", tag = "send",
    params(
        ("message" = Option<String>, Query, description = "Fields of the text, separated by commas; also `_msg_field`"),
        ("time" = Option<String>, Query, description = "Fields of the time, separated by commas; also `_time_field`"),
        ("level" = Option<String>, Query, description = "Fields of the level, separated by commas; also `_level_field`"),
        ("service" = Option<String>, Query, description = "Fields of the service, separated by commas; also `_service_field`"),
        ("host" = Option<String>, Query, description = "Fields of the host, separated by commas; also `_host_field`"),
        ("trace_id" = Option<String>, Query, description = "Fields of the trace, 32 hex digits, separated by commas; also `_trace_id_field`"),
        ("span_id" = Option<String>, Query, description = "Fields of the span, 16 hex digits, separated by commas; also `_span_id_field`"),
        ("format" = Option<String>, Query, description = "`json` (when absent), `logfmt`, `access`, `syslog`, `plain` or `auto`"),
        ("idempotency-key" = Option<String>, Header, description = "The sender's name for the request, by which a retry is recognised"),
        ("content-encoding" = Option<String>, Header, description = "`gzip`, `zstd` or `deflate`"),
    ),
    request_body(content = String, content_type = "application/x-ndjson", description = "One JSON object a line, or lines of `format`; any content type"),
    responses((status = 200, description = "What was kept and what was refused", body = LinesKept)))]
pub async fn ingest(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Query(query): Query<Vec<(String, String)>>,
    request: Request,
) -> Result<Json<LinesKept>, ApiError> {
    let result = take(&app, peer, &query, request).await;
    if let Err(error) = &result {
        app.counters.refused(DOOR, error.status.as_u16());
    }
    result
}

async fn take(
    app: &Arc<App>,
    peer: SocketAddr,
    query: &[(String, String)],
    request: Request,
) -> Result<Json<LinesKept>, ApiError> {
    let sender = super::sender(request.extensions())?;
    let incoming = Incoming::new(DOOR, super::target(&request), request.headers(), sender, peer.ip());
    let mapping = Mapping::from_query(query)?;
    let held = super::read(app, request.into_body(), MAX_REQUEST_BYTES).await?;
    let context = incoming.context(app);
    let decode = move |app: &App, body: &[u8]| json_lines::decode(body, &mapping, &context, &app.redactor);
    let (decoded, key) = super::decode(app, &incoming, held, decode).await?;
    if decoded.accepted == 0 && decoded.rejected > 0 {
        return Err(ApiError::bad(decoded.message.unwrap_or_default()).help("send one JSON object a line"));
    }
    let kept = super::keep(app, &incoming, decoded, key).await?;
    Ok(Json(LinesKept { accepted: kept.accepted, rejected: kept.rejected, message: kept.message }))
}
