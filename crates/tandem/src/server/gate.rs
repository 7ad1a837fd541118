//! Reading request bodies within bounds: of one request, of all together, and of time.

use super::errors::ApiError;
use crate::limits::{BODY_TIMEOUT, GATE_RETRY_AFTER, INFLIGHT_UNIT, MAX_INFLIGHT_BYTES};
use axum::body::Body;
use axum::http::StatusCode;
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bounds the bytes of all requests in flight.
pub struct Gate {
    units: Arc<Semaphore>,
}

/// A body that was read, and its place in the gate.
pub struct Held {
    /// The bytes as they came.
    pub bytes: Bytes,
    _permit: OwnedSemaphorePermit,
}

impl Held {
    /// The same place for other bytes, such as the message within the body.
    pub fn with_bytes(self, bytes: Bytes) -> Self {
        Held { bytes, ..self }
    }
}

impl Gate {
    /// An open gate.
    pub fn new() -> Self {
        Self { units: Arc::new(Semaphore::new(MAX_INFLIGHT_BYTES / INFLIGHT_UNIT)) }
    }

    /// Bytes in flight now.
    pub fn bytes(&self) -> usize {
        MAX_INFLIGHT_BYTES - self.units.available_permits() * INFLIGHT_UNIT
    }

    /// Reads a body of at most `limit` bytes.
    pub async fn read(&self, body: Body, limit: usize) -> Result<Held, ApiError> {
        match tokio::time::timeout(BODY_TIMEOUT, self.read_all(body, limit)).await {
            Ok(result) => result,
            Err(_) => Err(ApiError::new(
                StatusCode::REQUEST_TIMEOUT,
                format!("the request body did not arrive within {} s", BODY_TIMEOUT.as_secs()),
            )),
        }
    }

    async fn read_all(&self, body: Body, limit: usize) -> Result<Held, ApiError> {
        use axum::body::HttpBody as _;
        let hint = body.size_hint().lower();
        if hint > limit as u64 {
            return Err(too_large(limit));
        }
        let mut permit = self.enter(hint as usize)?;
        let mut stream = body.into_data_stream();
        let mut whole = BytesMut::new();
        while let Some(part) = stream.next().await {
            let part = part.map_err(|error| ApiError::bad(format!("the request body broke off: {error}")))?;
            if whole.len() + part.len() > limit {
                return Err(too_large(limit));
            }
            let room = permit.num_permits() * INFLIGHT_UNIT;
            if whole.len() + part.len() > room {
                permit.merge(self.enter(whole.len() + part.len() - room)?);
            }
            if whole.is_empty() {
                whole.reserve((hint as usize).max(part.len()));
            }
            whole.extend_from_slice(&part);
        }
        Ok(Held { bytes: whole.freeze(), _permit: permit })
    }

    fn enter(&self, bytes: usize) -> Result<OwnedSemaphorePermit, ApiError> {
        let units = bytes.div_ceil(INFLIGHT_UNIT).max(1) as u32;
        self.units.clone().try_acquire_many_owned(units).map_err(|_| {
            let mut error = ApiError::new(
                StatusCode::TOO_MANY_REQUESTS,
                format!("requests of {MAX_INFLIGHT_BYTES} bytes are in flight: send again in a second"),
            );
            error.retry_after = Some(GATE_RETRY_AFTER);
            error
        })
    }
}

fn too_large(limit: usize) -> ApiError {
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, format!("the request body is larger than {limit} bytes"))
        .help("send smaller batches, or compress them")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bodies_are_bounded() {
        let gate = Gate::new();
        assert_eq!(gate.read(Body::from("abc"), 3).await.unwrap().bytes, "abc");
        assert_eq!(gate.read(Body::from("abcd"), 3).await.err().unwrap().status, StatusCode::PAYLOAD_TOO_LARGE);
        let parts = futures::stream::iter(["ab", "cd"].map(Ok::<_, std::io::Error>));
        assert!(gate.read(Body::from_stream(parts), 3).await.is_err());
        assert_eq!(gate.bytes(), 0);
    }

    #[tokio::test]
    async fn a_full_gate_asks_to_come_again() {
        let gate = Gate::new();
        let held = gate.enter(MAX_INFLIGHT_BYTES).unwrap();
        let error = gate.read(Body::from("abc"), 3).await.err().unwrap();
        assert_eq!((error.status, error.retry_after), (StatusCode::TOO_MANY_REQUESTS, Some(GATE_RETRY_AFTER)));
        drop(held);
        assert!(gate.read(Body::from("abc"), 3).await.is_ok());
    }
}
