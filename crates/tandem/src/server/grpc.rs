//! OTLP over gRPC. Messages are handed as bytes to the same decoders as over HTTP.

use super::auth::Sender;
use super::errors::ApiError;
use super::gate::Held;
use super::ingest::otlp::{DOOR, Signal, grpc_code, success_protobuf};
use super::ingest::{self, Incoming, Kept};
use super::state::App;
use crate::access::routes::{Need, Routes};
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use bytes::{Buf as _, BufMut as _, Bytes};
use model::limits::{MAX_DECOMPRESSED_BYTES, MAX_REQUEST_BYTES};
use prost::encoding;
use receive::otlp::Encoding;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Status};

/// Bytes before each message: a flag and a length.
const FRAME_HEADER: usize = 5;

/// The three services.
pub fn router(app: Arc<App>) -> Router {
    let signal = |signal: Signal| {
        move |State(app): State<Arc<App>>, ConnectInfo(peer): ConnectInfo<SocketAddr>, request: Request| async move {
            answer(app, signal, peer, request).await
        }
    };
    let counting = app.clone();
    let (router, _) = Routes::new(app.access.door.clone())
        .saying(Arc::new(move |error, _| {
            counting.counters.refused(DOOR, error.status.as_u16());
            refusal(&status(error))
        }))
        .post("/opentelemetry.proto.collector.logs.v1.LogsService/Export", Need::Ingest, signal(Signal::Logs))
        .post("/opentelemetry.proto.collector.trace.v1.TraceService/Export", Need::Ingest, signal(Signal::Traces))
        .post("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", Need::Ingest, signal(Signal::Metrics))
        .build();
    router
        .fallback(async || refusal(&Status::unimplemented("this server speaks OTLP logs, traces and metrics")))
        .with_state(app)
}

async fn answer(app: Arc<App>, signal: Signal, peer: SocketAddr, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let sender = match ingest::sender(&parts.extensions) {
        Ok(sender) => sender,
        Err(error) => return refusal(&status(error)),
    };
    // The body is read here rather than by tonic, so that it passes the gate.
    let held = match ingest::read(&app, body, MAX_REQUEST_BYTES + FRAME_HEADER).await {
        Ok(held) => held,
        Err(error) => {
            app.counters.refused(DOOR, error.status.as_u16());
            return refusal(&status(error));
        }
    };
    let body = Body::from(held.bytes.clone());
    let mut grpc = tonic::server::Grpc::new(RawCodec)
        .accept_compressed(CompressionEncoding::Gzip)
        .accept_compressed(CompressionEncoding::Zstd)
        .max_decoding_message_size(MAX_DECOMPRESSED_BYTES);
    let export = Export { app, signal, peer, headers: parts.headers.clone(), sender, held: Some(held) };
    grpc.unary(export, Request::from_parts(parts, body)).await.map(Body::new)
}

/// A call of `Export`.
struct Export {
    app: Arc<App>,
    signal: Signal,
    peer: SocketAddr,
    headers: HeaderMap,
    sender: Sender,
    held: Option<Held>,
}

impl tonic::server::UnaryService<Bytes> for Export {
    type Response = Bytes;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<tonic::Response<Bytes>, Status>> + Send>>;

    fn call(&mut self, request: tonic::Request<Bytes>) -> Self::Future {
        let (app, signal) = (self.app.clone(), self.signal);
        let mut incoming =
            Incoming::new(DOOR, format!("{signal:?}"), &self.headers, self.sender.clone(), self.peer.ip());
        // tonic has decompressed the message.
        incoming.content_encoding = None;
        let held = self.held.take().ok_or_else(|| ApiError::bad("one message per call"));
        // Also what tonic has decompressed passes the gate.
        let held = held.and_then(|held| held.with_bytes(&app.gate, request.into_inner()));
        Box::pin(async move {
            let kept = match held {
                Ok(held) => export(&app, signal, &incoming, held).await,
                Err(error) => Err(error),
            };
            match kept {
                Ok(kept) => Ok(tonic::Response::new(Bytes::from(success_protobuf(&kept)))),
                Err(error) => {
                    app.counters.refused(DOOR, error.status.as_u16());
                    Err(status(error))
                }
            }
        })
    }
}

async fn export(app: &Arc<App>, signal: Signal, incoming: &Incoming, held: Held) -> Result<Kept, ApiError> {
    let context = incoming.context(app);
    let decode = move |app: &App, body: &[u8]| signal.decode(body, Encoding::Protobuf, &context, &app.redactor);
    let (decoded, key) = ingest::decode(app, incoming, held, decode).await?;
    Ok(ingest::keep(app, incoming, decoded, key).await?)
}

/// The status of an error. Only what may be tried again carries `RetryInfo`; exporters drop the rest.
fn status(error: ApiError) -> Status {
    let code = if error.status == StatusCode::PAYLOAD_TOO_LARGE {
        // RESOURCE_EXHAUSTED without RetryInfo also means "drop", but this says why.
        Code::InvalidArgument
    } else {
        Code::from_i32(grpc_code(error.status))
    };
    let message = match &error.help {
        Some(help) => format!("{}: {help}", error.message),
        None => error.message,
    };
    match error.retry_after.filter(|_| code == Code::ResourceExhausted) {
        Some(retry_after) => {
            let details = retry_details(code, &message, retry_after);
            Status::with_details(code, message, details)
        }
        None => Status::new(code, message),
    }
}

/// `google.rpc.Status` with a `google.rpc.RetryInfo`, as `grpc-status-details-bin` carries it.
fn retry_details(code: Code, message: &str, retry_after: Duration) -> Bytes {
    let mut delay = Vec::new();
    encoding::int64::encode(1, &(retry_after.as_secs() as i64), &mut delay);
    encoding::int32::encode(2, &(retry_after.subsec_nanos() as i32), &mut delay);
    let mut info = Vec::new();
    encoding::bytes::encode(1, &delay, &mut info);
    let mut any = Vec::new();
    encoding::string::encode(1, &"type.googleapis.com/google.rpc.RetryInfo".to_owned(), &mut any);
    encoding::bytes::encode(2, &info, &mut any);
    let mut out = super::ingest::otlp::status_protobuf(code as i32, message);
    encoding::bytes::encode(3, &any, &mut out);
    Bytes::from(out)
}

fn refusal(status: &Status) -> Response {
    status.clone().into_http::<Body>()
}

/// Messages as they are.
#[derive(Clone, Copy, Debug, Default)]
struct RawCodec;

impl Codec for RawCodec {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = RawCodec;
    type Decoder = RawCodec;

    fn encoder(&mut self) -> RawCodec {
        RawCodec
    }

    fn decoder(&mut self) -> RawCodec {
        RawCodec
    }
}

impl Encoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put(item);
        Ok(())
    }
}

impl Decoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}
