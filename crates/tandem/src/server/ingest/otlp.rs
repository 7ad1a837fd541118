//! OTLP over HTTP: `/v1/logs`, `/v1/traces`, `/v1/metrics`, as protobuf or JSON, answered in kind.

use super::{Incoming, Kept};
use crate::access::routes::{Need, Routes};
use crate::limits::{MAX_JSON_OBJECTS, MAX_REFUSED_BYTES};
use crate::server::errors::{ApiError, wrong_method};
use crate::server::gate::drain;
use crate::server::spans;
use crate::server::state::App;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Router, body, middleware};
use model::Context;
use model::limits::MAX_REQUEST_BYTES;
use prost::encoding;
use receive::error::{DecodeError, Decoded};
use receive::otlp::Encoding;
use receive::redact::Redactor;
use std::net::SocketAddr;
use std::sync::Arc;

/// The door in the data and in the numbers.
pub const DOOR: &str = "otlp";

/// A signal of OTLP.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Signal {
    /// Log records.
    Logs,
    /// Spans.
    Traces,
    /// Metric points.
    Metrics,
}

impl Signal {
    /// Decodes a request of this signal.
    pub fn decode(
        self,
        body: &[u8],
        encoding: Encoding,
        context: &Context,
        redactor: &Redactor,
    ) -> Result<Decoded, DecodeError> {
        if encoding == Encoding::Json && !has_few_objects(body) {
            return Err(DecodeError::TooLarge {
                limit_name: "MAX_JSON_OBJECTS",
                limit: MAX_JSON_OBJECTS,
                remedy: "send smaller batches, or protobuf",
            });
        }
        match self {
            Signal::Logs => receive::otlp::logs(body, encoding, context, redactor),
            Signal::Traces => receive::otlp::traces(body, encoding, context, redactor),
            Signal::Metrics => receive::otlp::metrics(body, encoding, context, redactor),
        }
    }

    fn rejected_name(self) -> &'static str {
        match self {
            Signal::Logs => "rejectedLogRecords",
            Signal::Traces => "rejectedSpans",
            Signal::Metrics => "rejectedDataPoints",
        }
    }
}

/// Whether JSON has no more objects than a request may. Braces in strings do not count.
fn has_few_objects(body: &[u8]) -> bool {
    let (mut count, mut text, mut escaped) = (0, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if text => escaped = true,
            b'"' => text = !text,
            b'{' if !text => count += 1,
            _ => {}
        }
    }
    count <= MAX_JSON_OBJECTS
}

/// The routes.
pub fn router(app: Arc<App>) -> Router {
    let signal = |signal: Signal| {
        move |State(app): State<Arc<App>>, ConnectInfo(peer): ConnectInfo<SocketAddr>, request: Request| async move {
            answer(&app, signal, peer, request).await
        }
    };
    let counting = app.clone();
    let (router, _) = Routes::new(app.access.door.clone())
        // Agents know this port alone.
        .post("/api/v1/ingest/facts", Need::Ingest, crate::server::api::facts::ingest)
        .saying(Arc::new(move |error, headers| {
            counting.counters.refused(DOOR, error.status.as_u16());
            failure(error, encoding(headers).unwrap_or(Encoding::Json))
        }))
        .post("/v1/logs", Need::Ingest, signal(Signal::Logs))
        .post("/v1/traces", Need::Ingest, signal(Signal::Traces))
        .post("/v1/metrics", Need::Ingest, signal(Signal::Metrics))
        .build();
    router
        .fallback(async || {
            ApiError::new(StatusCode::NOT_FOUND, "this is the OTLP port: post to /v1/logs, /v1/traces or /v1/metrics")
        })
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(app.clone(), spans::record))
        .with_state(app)
}

async fn answer(app: &Arc<App>, signal: Signal, peer: SocketAddr, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let encoding = match encoding(&parts.headers) {
        Ok(encoding) => encoding,
        Err(error) => {
            app.counters.refused(DOOR, error.status.as_u16());
            drain(body, MAX_REFUSED_BYTES).await;
            return error.into_response();
        }
    };
    match export(app, signal, encoding, peer, &parts, body).await {
        Ok(kept) => match encoding {
            Encoding::Protobuf => typed("application/x-protobuf", success_protobuf(&kept)),
            Encoding::Json => typed("application/json", success_json(signal, &kept).into_bytes()),
        },
        Err(error) => {
            app.counters.refused(DOOR, error.status.as_u16());
            failure(error, encoding)
        }
    }
}

fn encoding(headers: &HeaderMap) -> Result<Encoding, ApiError> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    match given.split(';').next().unwrap_or("").trim().to_ascii_lowercase().as_str() {
        "application/x-protobuf" | "application/protobuf" => Ok(Encoding::Protobuf),
        "application/json" => Ok(Encoding::Json),
        _ => Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("content type {given:?} is not OTLP"))
            .help("send application/x-protobuf or application/json")),
    }
}

async fn export(
    app: &Arc<App>,
    signal: Signal,
    encoding: Encoding,
    peer: SocketAddr,
    head: &Parts,
    body: Body,
) -> Result<Kept, ApiError> {
    let sender = super::sender(&head.extensions)?;
    let incoming = Incoming::new(DOOR, format!("{signal:?}"), &head.headers, sender, peer.ip());
    let held = super::read(app, body, MAX_REQUEST_BYTES).await?;
    let context = incoming.context(app);
    let decode = move |app: &App, body: &[u8]| signal.decode(body, encoding, &context, &app.redactor);
    let (decoded, key) = super::decode(app, &incoming, held, decode).await?;
    Ok(super::keep(app, &incoming, decoded, key).await?)
}

fn typed(content_type: &'static str, body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, content_type)], body::Bytes::from(body)).into_response()
}

/// `Export*ServiceResponse`: the three are alike on the wire.
pub fn success_protobuf(kept: &Kept) -> Vec<u8> {
    let mut out = Vec::new();
    if kept.rejected > 0 || kept.message.is_some() {
        let mut partial = Vec::new();
        encoding::int64::encode(1, &(kept.rejected as i64), &mut partial);
        encoding::string::encode(2, &kept.message.clone().unwrap_or_default(), &mut partial);
        encoding::bytes::encode(1, &partial, &mut out);
    }
    out
}

fn success_json(signal: Signal, kept: &Kept) -> String {
    if kept.rejected == 0 && kept.message.is_none() {
        return "{}".to_owned();
    }
    let message = kept.message.clone().unwrap_or_default();
    serde_json::json!({"partialSuccess": {signal.rejected_name(): kept.rejected.to_string(), "errorMessage": message}})
        .to_string()
}

/// `google.rpc.Status` in the encoding of the request.
fn failure(error: ApiError, encoding: Encoding) -> Response {
    let mut message = error.message.clone();
    if let Some(help) = &error.help {
        message = format!("{message}: {help}");
    }
    let code = grpc_code(error.status);
    let body = match encoding {
        Encoding::Protobuf => status_protobuf(code, &message),
        Encoding::Json => serde_json::json!({"code": code, "message": message}).to_string().into_bytes(),
    };
    let content_type = match encoding {
        Encoding::Protobuf => "application/x-protobuf",
        Encoding::Json => "application/json",
    };
    let mut response = typed(content_type, body);
    let template = error.into_response();
    *response.status_mut() = template.status();
    for name in [header::RETRY_AFTER, header::WWW_AUTHENTICATE] {
        if let Some(value) = template.headers().get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

/// `google.rpc.Status` without details.
pub fn status_protobuf(code: i32, message: &str) -> Vec<u8> {
    let mut out = Vec::new();
    encoding::int32::encode(1, &code, &mut out);
    encoding::string::encode(2, &message.to_owned(), &mut out);
    out
}

/// The gRPC code of an HTTP status.
pub fn grpc_code(status: StatusCode) -> i32 {
    match status.as_u16() {
        401 => 16,
        403 => 7,
        408 => 4,
        413 | 429 => 8,
        415 => 3,
        503 => 14,
        400..=499 => 3,
        _ => 13,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_counted_outside_of_strings() {
        let many = |object: &str| format!("[{}{{}}]", format!("{object},").repeat(MAX_JSON_OBJECTS));
        assert!(!has_few_objects(many("{}").as_bytes()));
        assert!(has_few_objects(many(r#""\"{""#).as_bytes()));
    }
}
