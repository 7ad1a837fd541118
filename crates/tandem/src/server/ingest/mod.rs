//! From a request to durable rows: token, gate, decompression, decoder, store, counts.

pub mod alertmanager;
pub mod elastic;
pub mod json;
pub mod otlp;

use super::auth::Sender;
use super::errors::ApiError;
use super::gate::{self, Held};
use super::state::{App, now};
use super::streams;
use crate::limits::DECODE_INLINE_BYTES;
use arrow_array::cast::AsArray as _;
use arrow_array::types::TimestampNanosecondType;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Extensions, HeaderMap, StatusCode, header};
use model::columns::name;
use model::{Context, EventBatch};
use receive::error::{DecodeError, Decoded};
use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;
use store::AppendError;

/// Header by which a sender names its request, so that a retry of it is recognised.
pub const IDEMPOTENCY_HEADER: &str = "idempotency-key";

/// A request on its way in.
pub struct Incoming {
    /// The door: a `source` of the data and a label of the numbers.
    pub door: &'static str,
    /// What was asked for, with everything beside the body that says how it is read.
    pub target: String,
    /// Who sends.
    pub sender: Sender,
    /// From where.
    pub peer: IpAddr,
    /// The sender's own name for the request.
    pub explicit_key: Option<String>,
    /// Compression of the body.
    pub content_encoding: Option<String>,
}

/// The sender that was let in, by the layer that every route goes through.
pub fn sender(extensions: &Extensions) -> Result<Sender, ApiError> {
    let missing = || ApiError::new(StatusCode::UNAUTHORIZED, "nobody looked at who sends this; this is a bug");
    extensions.get().cloned().ok_or_else(missing)
}

/// Machines send, pages do not: a browser names the page that sends, and asks nobody first for a body of plain text.
pub fn no_page(headers: &HeaderMap) -> Result<(), ApiError> {
    match headers.contains_key(header::ORIGIN) {
        true => Err(ApiError::new(StatusCode::FORBIDDEN, "a page may not send this")),
        false => Ok(()),
    }
}

/// Path and parameters of a request, the same over HTTP/1 and HTTP/2 and by whatever name the server is called.
pub fn target(request: &Request) -> String {
    request.uri().path_and_query().map_or_else(String::new, ToString::to_string)
}

impl Incoming {
    /// Reads the headers of a request whose sender was let in.
    pub fn new(door: &'static str, target: String, headers: &HeaderMap, sender: Sender, peer: IpAddr) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Self {
            door,
            target,
            sender,
            peer,
            explicit_key: text(header::HeaderName::from_static(IDEMPOTENCY_HEADER)).filter(|key| !key.is_empty()),
            content_encoding: text(header::CONTENT_ENCODING),
        }
    }

    /// What the decoder must know.
    pub fn context(&self, app: &App) -> Context {
        let received = now();
        let mut context = Context::new(self.sender.dataset.clone(), self.door, received);
        context.oldest = app.store.oldest_accepted(received);
        context
    }
}

/// Reads a body of ingest of at most `limit` bytes, if the store has room for what is in it.
pub async fn read(app: &App, body: Body, limit: usize) -> Result<Held, ApiError> {
    match app.store.room() {
        Ok(()) => app.gate.read(body, limit).await,
        Err(error) => {
            gate::drain(body, limit).await;
            Err(error.into())
        }
    }
}

/// Decompresses and decodes, away from the other requests when it is large.
///
/// `decode` answers whatever it likes beside the [`Decoded`] that [`keep`] will take.
pub async fn decode<T: Send + 'static>(
    app: &Arc<App>,
    incoming: &Incoming,
    mut held: Held,
    decode: impl FnOnce(&App, &[u8]) -> Result<T, DecodeError> + Send + 'static,
) -> Result<(T, Key), ApiError> {
    let inline = held.bytes.len() <= DECODE_INLINE_BYTES / if incoming.content_encoding.is_some() { 8 } else { 1 };
    let credential = incoming.sender.credential.clone().unwrap_or_else(|| incoming.peer.to_string());
    let target = format!("{} {}", incoming.door, incoming.target);
    let (explicit, encoding) = (incoming.explicit_key.clone(), incoming.content_encoding.clone());
    let app = app.clone();
    let turn = if encoding.is_some() { app.gate.turn().await } else { None };
    let work = move || -> Result<(T, Key), ApiError> {
        // Another handle of the same bytes, which stay in their place.
        let bytes = held.bytes.clone();
        let body: Cow<'_, [u8]> = receive::body::decompress(&bytes, encoding.as_deref())?;
        if let Cow::Owned(body) = &body {
            held.grow(&app.gate, body.len())?;
        }
        drop(turn);
        let decoded = decode(&app, &body)?;
        let key = receive::retry::key(&credential, &target, explicit.as_deref(), &body);
        Ok((decoded, Key { key, explicit: explicit.is_some(), bytes: body.len() }))
    };
    if inline {
        return work();
    }
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "the decoder failed; this is a bug"))?
}

/// By what a retry is recognised.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    key: [u8; 32],
    explicit: bool,
    /// Bytes of the decoded body.
    pub bytes: usize,
}

/// Makes a decoded request durable. Answers how many records were refused one by one and why.
pub async fn keep(app: &App, incoming: &Incoming, decoded: Decoded, key: Key) -> Result<Kept, AppendError> {
    let started = Instant::now();
    let received = now();
    app.counters.counts(decoded.counts);
    let runs: Vec<_> = decoded.batches.iter().map(|batch| (batch.table, streams::runs(batch))).collect();
    // Two requests that are alike but for the time the receiver put in may well be two events.
    let retry = (key.explicit || decoded.batches.iter().all(is_dated)).then_some(key.key);
    let appended = app.append(decoded.batches, retry, &incoming.sender.dataset).await?;
    if !appended.duplicate {
        app.streams.received(&runs, &incoming.sender.dataset, incoming.door, key.bytes, received);
    }
    app.counters.kept(incoming.door, decoded.accepted, decoded.rejected, key.bytes, started.elapsed());
    Ok(Kept { accepted: decoded.accepted, rejected: decoded.rejected, message: decoded.message })
}

/// What became of a request.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Records kept.
    pub accepted: usize,
    /// Records refused.
    pub rejected: usize,
    /// Why the first of them was.
    pub message: Option<String>,
}

/// Whether every row came with its own time.
fn is_dated(batch: &EventBatch) -> bool {
    let times = |name: &str| {
        let column = batch.rows.column_by_name(name)?;
        column.as_primitive_opt::<TimestampNanosecondType>().map(|times| times.values().clone())
    };
    let (Some(timestamps), Some(received)) = (times(name::TIMESTAMP), times(name::RECEIVED_TIMESTAMP)) else {
        return false;
    };
    let replaced = batch.rows.column_by_name(name::ORIGINAL_TIMESTAMP);
    let replaced = |row: usize| replaced.is_some_and(|column| column.is_valid(row));
    timestamps.iter().zip(received.iter()).enumerate().all(|(row, (time, received))| time != received || replaced(row))
}
