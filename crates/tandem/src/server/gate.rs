//! Reading request bodies within bounds: of one request, of all together, and of time.

use super::errors::ApiError;
use crate::limits::{BODY_TIMEOUT, GATE_RETRY_AFTER, INFLIGHT_UNIT, MAX_INFLIGHT_BYTES};
use axum::body::Body;
use axum::http::StatusCode;
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use model::limits::{MAX_DECOMPRESSED_BYTES, MAX_REQUEST_BYTES};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

// A request that has a right to be taken fits an empty gate, also together with what it is after decompression.
const _: () = assert!(MAX_REQUEST_BYTES + MAX_DECOMPRESSED_BYTES + 2 * INFLIGHT_UNIT <= MAX_INFLIGHT_BYTES);

/// Bounds the bytes of all requests in flight.
pub struct Gate {
    units: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

/// A body that was read, and its place in the gate.
pub struct Held {
    /// The bytes as they came.
    pub bytes: Bytes,
    permit: OwnedSemaphorePermit,
}

impl Held {
    /// The same place for other bytes, such as the message within the body.
    pub fn with_bytes(mut self, gate: &Gate, bytes: Bytes) -> Result<Self, ApiError> {
        gate.grow(&mut self.permit, bytes.len())?;
        Ok(Held { bytes, ..self })
    }

    /// A larger place, for what the bytes are after decompression beside them.
    pub fn grow(&mut self, gate: &Gate, decompressed: usize) -> Result<(), ApiError> {
        gate.grow(&mut self.permit, self.bytes.len() + decompressed)
    }
}

impl Gate {
    /// An open gate.
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            units: Arc::new(Semaphore::new(MAX_INFLIGHT_BYTES / INFLIGHT_UNIT)),
            turns: Arc::new(Semaphore::new(cores)),
        }
    }

    /// Waits for a turn at decompression. How much it will be is known, and charged, only afterwards; so no more
    /// than the processors can do go on at once.
    pub async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        self.turns.clone().acquire_owned().await.ok()
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
            self.grow(&mut permit, whole.len() + part.len())?;
            if whole.is_empty() {
                whole.reserve((hint as usize).max(part.len()));
            }
            whole.extend_from_slice(&part);
        }
        Ok(Held { bytes: whole.freeze(), permit })
    }

    /// Makes a place large enough.
    fn grow(&self, permit: &mut OwnedSemaphorePermit, bytes: usize) -> Result<(), ApiError> {
        let room = permit.num_permits() * INFLIGHT_UNIT;
        if bytes > room {
            permit.merge(self.enter(bytes - room)?);
        }
        Ok(())
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

/// Lets a body go by that there is no room for: a sender that is cut off while it sends does not hear why.
pub async fn drain(body: Body, limit: usize) {
    let all = async {
        let (mut stream, mut bytes) = (body.into_data_stream(), 0);
        while let Some(Ok(part)) = stream.next().await {
            bytes += part.len();
            if bytes > limit {
                return;
            }
        }
    };
    // However it ends, the sender is answered the same.
    let _ = tokio::time::timeout(BODY_TIMEOUT, all).await;
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

    #[tokio::test]
    async fn what_a_body_becomes_is_charged_too() {
        let gate = Gate::new();
        let mut held = gate.read(Body::from("abc"), 3).await.unwrap();
        held.grow(&gate, 10 * INFLIGHT_UNIT).unwrap();
        assert_eq!(gate.bytes(), 11 * INFLIGHT_UNIT);
        let other = gate.enter(MAX_INFLIGHT_BYTES - gate.bytes()).unwrap();
        assert_eq!(held.grow(&gate, 11 * INFLIGHT_UNIT).unwrap_err().retry_after, Some(GATE_RETRY_AFTER));
        let message = Bytes::from(vec![0; 12 * INFLIGHT_UNIT]);
        let refused = held.with_bytes(&gate, message).err().unwrap();
        assert_eq!((refused.status, refused.retry_after), (StatusCode::TOO_MANY_REQUESTS, Some(GATE_RETRY_AFTER)));
        drop(other);
        assert_eq!(gate.bytes(), 0);
    }
}
