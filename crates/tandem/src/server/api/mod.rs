//! The API under `/api/v1`.

mod answer;
pub mod backup;
pub mod changes;
pub mod decisions;
pub mod facts;
pub mod fields;
pub mod metrics_ranges;
pub mod owners;
pub mod search;
pub mod sql;
pub mod status;
pub mod tail;
pub mod time;
pub mod traces;

use super::errors::ApiError;
use super::state::App;
use crate::limits::MAX_API_BODY_BYTES;
use axum::body::Body;
use axum::extract::{FromRequestParts as _, Query, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// The routes, behind the API token when there is one.
pub fn router(app: Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/api/v1/search", get(search::search).post(search::search))
        .route("/api/v1/sql", get(sql::sql).post(sql::sql))
        .route("/api/v1/tail", get(tail::tail))
        .route("/api/v1/fields", get(fields::fields))
        .route("/api/v1/facets", get(fields::facets).post(fields::facets))
        .route("/api/v1/complete", get(fields::complete).post(fields::complete))
        .route("/api/v1/traces/{id}", get(traces::trace))
        .route("/api/v1/metrics/range", get(metrics_ranges::range).post(metrics_ranges::range))
        .route("/api/v1/facts", post(facts::facts))
        .route("/api/v1/import/{format}", post(facts::import))
        .route("/api/v1/changes", post(changes::record))
        .route("/api/v1/events", post(changes::events))
        .route("/api/v1/suspects", get(changes::suspects))
        .route("/api/v1/owners", get(owners::owners).post(owners::hand_over))
        .route("/api/v1/decisions", post(decisions::decide))
        .route("/api/v1/backup", post(backup::backup))
        .route("/metrics", get(super::prometheus::metrics))
        .route("/api/v1/status", get(status::status))
        .route("/api/v1/streams", get(status::streams))
        .route("/api/v1/flush", post(status::flush))
        .layer(middleware::from_fn_with_state(app, guard))
}

/// Asks for the API token, if there are any.
pub async fn guard(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    if app.api_tokens.sender(request.headers()).is_none() {
        return ApiError::new(StatusCode::UNAUTHORIZED, "this server answers with an API token only")
            .help("send `Authorization: Bearer TOKEN`; client commands take it from TANDEM_TOKEN")
            .into_response();
    }
    request.extensions_mut().insert(model::access::Caller::owner());
    next.run(request).await
}

/// Parameters from the query string of a GET, or from the JSON body of a POST.
pub async fn parameters<T: DeserializeOwned>(app: &App, request: Request) -> Result<T, ApiError> {
    let (mut parts, body) = request.into_parts();
    if parts.method == Method::GET || parts.method == Method::HEAD {
        let Query(parameters) =
            Query::<T>::from_request_parts(&mut parts, &()).await.map_err(|error| ApiError::bad(error.body_text()))?;
        return Ok(parameters);
    }
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    if kind.split(';').next().unwrap_or("").trim() != "application/json" {
        // Also what keeps pages of other sites from posting here without being asked.
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("content type {kind:?} is not JSON"))
            .help("send the parameters as application/json"));
    }
    let held = app.gate.read(body, MAX_API_BODY_BYTES).await?;
    serde_json::from_slice(&held.bytes).map_err(|error| {
        let mut answer = ApiError::bad(format!("the parameters are wrong: {error}"));
        answer.place = Some(serde_json::json!({"line": error.line(), "column": error.column()}));
        answer
    })
}

/// A table by name; logs when nothing is said.
pub fn table(name: Option<&str>) -> Result<model::Table, ApiError> {
    let name = name.unwrap_or("logs");
    model::Table::from_name(name)
        .ok_or_else(|| ApiError::bad(format!("there is no table {name:?}")).help("tables are logs, spans and metrics"))
}

/// Says of an answer that a limit cut it, for those who do not look into it.
pub fn marked(mut response: Response, truncated: bool) -> Response {
    if truncated {
        response.headers_mut().insert("tandem-truncated", HeaderValue::from_static("true"));
    }
    response
}

/// A body of lines of JSON.
pub fn lines(stream: impl futures::Stream<Item = Result<String, std::io::Error>> + Send + 'static) -> Response {
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(stream)).into_response()
}
