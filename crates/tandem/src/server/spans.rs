//! A span for each request: of the API always, of ingest when it failed or was slow.
//!
//! Every request of ingest as a span would double the rows of a busy server; they are counted instead.

use super::state::{App, now};
use crate::limits::SLOW_INGEST;
use crate::own::{OwnEvent, OwnSpan};
use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use rand::RngCore as _;
use std::sync::Arc;
use std::time::Instant;

/// Asked by machines all the time, and of no interest.
const QUIET: [&str; 4] = ["/healthz", "/readyz", "/metrics", "/api/v1/status"];

/// Records the request as a span.
pub async fn record(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let Some(route) = route.filter(|route| !QUIET.contains(&route.as_str())) else { return next.run(request).await };
    let method = request.method().as_str().to_owned();
    let caller = caller(request.headers());
    let (timestamp, started) = (now(), Instant::now());
    let response = next.run(request).await;
    let took = started.elapsed();
    let status = response.status().as_u16();
    let ingest = route.ends_with("_bulk") || route.starts_with("/v1/") || route == "/api/v1/ingest/json";
    // 429 is an answer that is part of the protocol, and there may be thousands of them.
    let failed = status >= 400 && status != 429;
    if !ingest || failed || took > SLOW_INGEST {
        let mut span_id = [0; 8];
        rand::rng().fill_bytes(&mut span_id);
        let (trace_id, parent) = match caller {
            Some((trace_id, parent)) => (trace_id, Some(parent)),
            None => {
                let mut trace_id = [0; 16];
                rand::rng().fill_bytes(&mut trace_id);
                (trace_id, None)
            }
        };
        let duration_ns = i64::try_from(took.as_nanos()).unwrap_or(i64::MAX);
        let span = OwnSpan { timestamp, duration_ns, method, route, status, trace_id, span_id, parent };
        app.own.send(OwnEvent::Span(span));
    }
    response
}

/// Trace and span of the caller, from the W3C header.
fn caller(headers: &HeaderMap) -> Option<([u8; 16], [u8; 8])> {
    let mut parts = headers.get("traceparent")?.to_str().ok()?.split('-');
    let (_version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
    let (trace_id, span_id) = (model::hex::decode(trace)?, model::hex::decode(span)?);
    (trace_id != [0; 16] && span_id != [0; 8]).then_some((trace_id, span_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callers_trace_is_continued() {
        let headers = |value: &str| HeaderMap::from_iter([("traceparent".parse().unwrap(), value.parse().unwrap())]);
        let (trace, span) = caller(&headers("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")).unwrap();
        assert_eq!((trace[0], span[7]), (0x0a, 0x31));
        for wrong in ["", "00-0-0-01", "00-00000000000000000000000000000000-b7ad6b7169203331-01", "00-é-b-1"] {
            assert!(headers_or_none(wrong).is_none(), "{wrong}");
        }
    }

    fn headers_or_none(value: &str) -> Option<([u8; 16], [u8; 8])> {
        let value = axum::http::HeaderValue::from_bytes(value.as_bytes()).ok()?;
        caller(&HeaderMap::from_iter([("traceparent".parse().unwrap(), value)]))
    }
}
