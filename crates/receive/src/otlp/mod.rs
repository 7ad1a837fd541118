//! OTLP: logs, traces and metrics, as protobuf or JSON.
//!
//! Protobuf goes from the bytes straight into columns. JSON goes through the published message types to
//! protobuf and then the same way, so that there is one meaning only.

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
use prost::Message;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

use origin::number_member;

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
    logs::decode(&protobuf::<ExportLogsServiceRequest>(body, encoding)?, context, redactor)
}

/// Decodes an `ExportTraceServiceRequest`.
pub fn traces(body: &[u8], encoding: Encoding, context: &Context, redactor: &Redactor) -> Result<Decoded, DecodeError> {
    spans::decode(&protobuf::<ExportTraceServiceRequest>(body, encoding)?, context, redactor)
}

/// Decodes an `ExportMetricsServiceRequest`.
pub fn metrics(body: &[u8], encoding: Encoding, context: &Context, redactor: &Redactor) -> Result<Decoded, DecodeError> {
    metrics::decode(&protobuf::<ExportMetricsServiceRequest>(body, encoding)?, context, redactor)
}

fn protobuf<T: Message + DeserializeOwned>(body: &[u8], encoding: Encoding) -> Result<Cow<'_, [u8]>, DecodeError> {
    match encoding {
        Encoding::Protobuf => Ok(Cow::Borrowed(body)),
        // An empty JSON body is what some exporters send as a probe.
        Encoding::Json if body.iter().all(u8::is_ascii_whitespace) => Ok(Cow::Borrowed(&[])),
        Encoding::Json => {
            let message: T = serde_json::from_slice(body).map_err(|error| DecodeError::Malformed {
                what: format!("not OTLP JSON: {error}"),
                at: None,
                remedy: "send the JSON form of the OTLP request with its documented field names",
            })?;
            Ok(Cow::Owned(message.encode_to_vec()))
        }
    }
}

/// Records taken and refused.
#[derive(Default)]
struct Tally {
    accepted: usize,
    rejected: usize,
    message: Option<String>,
    rows: usize,
}

impl Tally {
    /// Refuses the request before it holds more records than one may.
    fn bound(&self) -> Result<(), DecodeError> {
        if self.rows >= MAX_RECORDS_PER_REQUEST {
            return Err(DecodeError::TooLarge {
                limit_name: "MAX_RECORDS_PER_REQUEST",
                limit: MAX_RECORDS_PER_REQUEST,
                remedy: "send smaller batches",
            });
        }
        Ok(())
    }

    fn reject(&mut self, error: &DecodeError) {
        self.rejected += 1;
        self.message.get_or_insert_with(|| error.to_string());
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
