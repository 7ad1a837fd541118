//! The Elasticsearch door: `_bulk` and what shippers ask before they send, at `/` and `/elasticsearch/`.

use super::Incoming;
use crate::access::routes::{Need, Routes};
use crate::server::errors::ApiError;
use crate::server::state::{App, now};
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use model::limits::MAX_REQUEST_BYTES;
use receive::elastic::{self, handshake};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// The door in the data and in the numbers.
pub const DOOR: &str = "elasticsearch";
/// Path under which the door is found as well.
pub const PREFIX: &str = "/elasticsearch";

/// The routes.
pub fn routes(app: &Arc<App>, routes: Routes<Arc<App>>) -> Routes<Arc<App>> {
    let counting = app.clone();
    let mut routes = routes.saying(Arc::new(move |error, _| {
        counting.counters.refused(DOOR, error.status.as_u16());
        failure(error)
    }));
    for path in ["/_bulk", "/elasticsearch/_bulk"] {
        routes = routes.post(path, Need::Ingest, bulk).put(path, Need::Ingest, bulk);
    }
    for path in ["/{index}/_bulk", "/elasticsearch/{index}/_bulk"] {
        routes = routes.post(path, Need::Ingest, bulk_into).put(path, Need::Ingest, bulk_into);
    }
    routes.any("/elasticsearch", Need::Ingest, greet).any("/elasticsearch/", Need::Ingest, greet)
}

/// What clients ask to learn whom they talk to, wherever else they ask it; `None` when this is not it.
pub async fn handshake(app: &App, method: Method, headers: HeaderMap, uri: Uri) -> Option<Response> {
    handshake::answer(method.as_str(), own(&uri), host(&headers))?;
    match app.access.door.sender(&headers, now()).await {
        Ok(_) => Some(greet(method, headers, uri).await),
        Err(refusal) => Some(failure(refusal.error)),
    }
}

async fn greet(method: Method, headers: HeaderMap, uri: Uri) -> Response {
    match handshake::answer(method.as_str(), own(&uri), host(&headers)) {
        Some(body) => product((StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], body).into_response()),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The path as Elasticsearch has it.
fn own(uri: &Uri) -> &str {
    let path = uri.path().strip_prefix(PREFIX).unwrap_or(uri.path());
    if path.is_empty() { "/" } else { path }
}

fn host(headers: &HeaderMap) -> &str {
    headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1:7400")
}

/// Clients refuse to talk to what does not say this.
fn product(mut response: Response) -> Response {
    let (name, value) = handshake::PRODUCT_HEADER;
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
        response.headers_mut().insert(name, value);
    }
    response
}

async fn bulk(State(app): State<Arc<App>>, ConnectInfo(peer): ConnectInfo<SocketAddr>, request: Request) -> Response {
    answer(&app, peer, None, request).await
}

async fn bulk_into(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(index): Path<String>,
    request: Request,
) -> Response {
    answer(&app, peer, Some(index), request).await
}

async fn answer(app: &Arc<App>, peer: SocketAddr, index: Option<String>, request: Request) -> Response {
    match take(app, peer, index, request).await {
        Ok(body) => product(([(header::CONTENT_TYPE, "application/json")], body).into_response()),
        Err(error) => {
            app.counters.refused(DOOR, error.status.as_u16());
            failure(error)
        }
    }
}

async fn take(app: &Arc<App>, peer: SocketAddr, index: Option<String>, request: Request) -> Result<String, ApiError> {
    let started = Instant::now();
    let sender = super::sender(request.extensions())?;
    let incoming = Incoming::new(DOOR, super::target(&request), request.headers(), sender, peer.ip());
    let held = super::read(app, request.into_body(), MAX_REQUEST_BYTES).await?;
    let context = incoming.context(app);
    let decode = move |app: &App, body: &[u8]| elastic::bulk(body, index.as_deref(), &context, &app.redactor);
    let (mut bulk, key) = super::decode(app, &incoming, held, decode).await?;
    let decoded = std::mem::take(&mut bulk.decoded);
    super::keep(app, &incoming, decoded, key).await?;
    Ok(elastic::response_json(&bulk, started.elapsed().as_millis() as u64))
}

/// Errors in Elasticsearch's shape, with the status that its clients know when to try again by.
fn failure(error: ApiError) -> Response {
    let kind = match error.status.as_u16() {
        401 => "security_exception",
        413 => "content_too_long_exception",
        429 => "es_rejected_execution_exception",
        503 => "unavailable_exception",
        _ => "illegal_argument_exception",
    };
    let reason = match &error.help {
        Some(help) => format!("{}: {help}", error.message),
        None => error.message.clone(),
    };
    let status = error.status;
    let body = serde_json::json!({
        "error": {"root_cause": [{"type": kind, "reason": reason}], "type": kind, "reason": reason},
        "status": status.as_u16(),
    });
    let mut response = error.into_response();
    let headers = std::mem::take(response.headers_mut());
    response = (status, axum::Json(body)).into_response();
    for name in [header::RETRY_AFTER, header::WWW_AUTHENTICATE] {
        if let Some(value) = headers.get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    product(response)
}
