//! OTLP: logs, traces and metrics, as protobuf or JSON.
//!
//! Protobuf goes from the bytes straight into columns. JSON goes through the published message types to
//! protobuf and then the same way, so that there is one meaning only.

mod json;
mod logs;
mod metrics;
mod origin;
mod spans;
mod value;
mod wire;

use crate::error::{Counts, DecodeError, Decoded};
use crate::redact::Redactor;
use arrow_schema::ArrowError;
use model::limits::MAX_RECORDS_PER_REQUEST;
use model::{Context, EventBatch};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;

use json::protobuf;
use origin::number_member;
use wire::{Bad, in_request};

/// How a request is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `application/x-protobuf`.
    Protobuf,
    /// `application/json`.
    Json,
}

/// Decodes an `ExportLogsServiceRequest`.
pub fn logs(body: &[u8], encoding: Encoding, context: &Context, redactor: &Redactor) -> Result<Decoded, DecodeError> {
    let bytes = protobuf::<ExportLogsServiceRequest>(body, encoding, |_| true)?;
    logs::decode(&bytes, context, redactor).map_err(|error| in_request(error, &bytes))
}

/// Decodes an `ExportTraceServiceRequest`.
pub fn traces(body: &[u8], encoding: Encoding, context: &Context, redactor: &Redactor) -> Result<Decoded, DecodeError> {
    let bytes = protobuf::<ExportTraceServiceRequest>(body, encoding, |_| true)?;
    spans::decode(&bytes, context, redactor).map_err(|error| in_request(error, &bytes))
}

/// Decodes an `ExportMetricsServiceRequest`.
pub fn metrics(
    body: &[u8],
    encoding: Encoding,
    context: &Context,
    redactor: &Redactor,
) -> Result<Decoded, DecodeError> {
    let bytes = protobuf::<ExportMetricsServiceRequest>(body, encoding, json::is_whole)?;
    metrics::decode(&bytes, context, redactor).map_err(|error| in_request(error, &bytes))
}

/// Records taken and refused.
struct Tally<'a> {
    request: &'a [u8],
    accepted: usize,
    rejected: usize,
    message: Option<String>,
    /// Bytes of what records share, on all of them.
    shared: usize,
    /// Bytes of what records share, copied to those that have more to say.
    copied: usize,
}

/// What records share is compared on each of them, so that a small body may ask for much work. Real
/// resources have about 2 KiB, and requests fewer than 10,000 records.
const MAX_SHARED_BYTES: usize = 1024 * 1024 * 1024;
/// What of it has no column is copied to records that add to it; no request gets larger by more than a body
/// may be.
const MAX_SHARED_EXTRA_BYTES: usize = 64 * 1024 * 1024;

impl<'a> Tally<'a> {
    fn new(request: &'a [u8]) -> Self {
        Self { request, accepted: 0, rejected: 0, message: None, shared: 0, copied: 0 }
    }

    /// Counts records before they are read, and what they share. Refuses the request when it is too much.
    fn bound(&mut self, records: usize, shared: usize) -> Result<(), DecodeError> {
        self.shared += shared;
        for (reached, limit_name, limit) in [
            (self.accepted + records, "MAX_RECORDS_PER_REQUEST", MAX_RECORDS_PER_REQUEST),
            (self.shared, "MAX_SHARED_BYTES", MAX_SHARED_BYTES),
            (self.copied, "MAX_SHARED_EXTRA_BYTES", MAX_SHARED_EXTRA_BYTES),
        ] {
            if reached > limit {
                return Err(DecodeError::TooLarge { limit_name, limit, remedy: "send smaller batches" });
            }
        }
        Ok(())
    }

    fn reject(&mut self, bad: Bad) {
        self.rejected += 1;
        if self.message.is_none() {
            self.message = Some(in_request(bad.into(), self.request).to_string());
        }
    }

    fn finish(self, batch: Result<EventBatch, ArrowError>, counts: Counts) -> Result<Decoded, DecodeError> {
        let batch = batch.map_err(|error| DecodeError::Malformed {
            what: format!("the records do not fit together: {error}"),
            at: None,
            remedy: "please report this with an example",
        })?;
        let batches = if batch.is_empty() { Vec::new() } else { vec![batch] };
        let Tally { accepted, rejected, message, .. } = self;
        Ok(Decoded { batches, accepted, rejected, message, counts })
    }
}
