//! The web page, the API and the Elasticsearch door: everything on the HTTP port.

use super::api;
use super::api::status;
use super::errors::{ApiError, wrong_method};
use super::ingest::{alertmanager, elastic, json};
use super::page;
use super::spans;
use super::state::{App, now};
use crate::access::routes::{Need, Routes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use axum::{Json, Router};
use model::Caller;
use std::sync::Arc;

/// Everything on the port. Each route is registered with what it needs, and listed.
pub fn router(app: Arc<App>) -> Router {
    let routes = Routes::new(app.access.door.clone())
        .any("/", Need::Public, root)
        .get("/api/openapi.json", Need::Public, || async { Json(super::openapi::document()) })
        .get("/healthz", Need::Public, status::healthz)
        .get("/readyz", Need::Public, status::readyz)
        // Who sends a webhook signs it.
        .post("/api/v1/hooks/{source}", Need::Public, api::changes::hook);
    let counting = app.clone();
    let routes = api::routes(page::routes(routes))
        .post("/api/v1/ingest/facts", Need::Ingest, api::facts::ingest)
        .post("/api/v1/ingest/scans", Need::Ingest, api::scans::ingest)
        .post("/api/v2/alerts", Need::Ingest, alertmanager::alerts)
        .saying(Arc::new(move |error, _| {
            counting.counters.refused(json::DOOR, error.status.as_u16());
            error.into_response()
        }))
        .post("/api/v1/ingest/json", Need::Ingest, json::ingest);
    let (router, list) = elastic::routes(&app, routes).build();
    let _ = app.access.routes.set(list);
    router
        .fallback(any(missing))
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(app.clone(), spans::record))
        .layer(middleware::from_fn_with_state(app.clone(), same_site))
        .with_state(app)
}

/// People get the page, Elasticsearch clients the greeting they expect.
async fn root(State(app): State<Arc<App>>, headers: HeaderMap, method: Method, uri: Uri) -> Response {
    if !matches!(method, Method::GET | Method::HEAD) {
        return wrong_method(method, uri).await.into_response();
    }
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    if !accept.contains("text/html")
        && let Some(greeting) = elastic::handshake(&app, method, headers, uri).await
        && greeting.status().is_success()
    {
        return greeting;
    }
    page::page(app.access.oidc.is_some())
}

async fn missing(State(app): State<Arc<App>>, method: Method, headers: HeaderMap, uri: Uri) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    // Places of the page have addresses of their own.
    let reads = matches!(method, Method::GET | Method::HEAD);
    if reads && accept.contains("text/html") && !uri.path().starts_with("/api/") {
        return page::page(app.access.oidc.is_some());
    }
    if !uri.path().starts_with("/api/")
        && let Some(greeting) = elastic::handshake(&app, method.clone(), headers, uri.clone()).await
    {
        return greeting;
    }
    ApiError::new(StatusCode::NOT_FOUND, format!("there is nothing at {method} {}", uri.path()))
        .help("the API is described at /api/openapi.json")
        .into_response()
}

/// Keeps pages of other sites out: a browser tells the name it believes to talk to, and the page's own.
///
/// On the loopback the name must be this machine's, else another site could point its own name here.
async fn same_site(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let host = request
        .uri()
        .authority()
        .map(|authority| authority.as_str().to_owned())
        .or_else(|| text(request.headers(), header::HOST));
    if app.loopback && !host.as_deref().is_none_or(is_this_machine) {
        return ApiError::new(StatusCode::MISDIRECTED_REQUEST, "this server is asked by a name that is not its own")
            .help("open it as http://127.0.0.1 or http://localhost with its port")
            .into_response();
    }
    if climbs(request.uri().path()) {
        app.access.door.note(&Caller::anonymous(), "a path", "a path with `..`", None, now()).await;
        return ApiError::bad("a path has no `..`").into_response();
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if let Some(origin) = text(request.headers(), header::ORIGIN)
        && !reads
        && host.as_deref() != origin.split_once("://").map(|(_, host)| host)
    {
        return ApiError::new(StatusCode::FORBIDDEN, "a page of another site may not send requests here")
            .into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::SERVER, HeaderValue::from_static("tandem"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Whether a path has a part that stands for the folder above, however it is written.
fn climbs(path: &str) -> bool {
    let plain =
        path.to_ascii_lowercase().replace("%2e", ".").replace("%2f", "/").replace("%5c", "/").replace('\\', "/");
    plain.split('/').any(|part| part == "..")
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?").to_owned())
}

fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "localhost" | "[::1]")
        || name.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_climb() {
        for path in ["/..", "/a/../b", "/%2e%2e/b", "/a/.%2E", "/a%2f..%2Fb", "/a%5c../b", "/a/%2e%2e%5cb"] {
            assert!(climbs(path), "{path}");
        }
        for path in ["/", "/a..b/_bulk", "/...", "/a/.well-known", "/logs-1.2..3/_bulk"] {
            assert!(!climbs(path), "{path}");
        }
    }

    #[test]
    fn names_of_this_machine() {
        for host in ["localhost", "localhost:7400", "127.0.0.1:7400", "[::1]:7400", "[::1]", "127.0.0.1"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in ["example.org", "example.org:7400", "127.0.0.1.example.org", "10.0.0.1:7400", ""] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
