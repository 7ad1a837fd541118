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
pub fn metrics(
    body: &[u8],
    encoding: Encoding,
    context: &Context,
    redactor: &Redactor,
) -> Result<Decoded, DecodeError> {
    metrics::decode(&protobuf::<ExportMetricsServiceRequest>(body, encoding)?, context, redactor)
}

fn protobuf<T: Message + DeserializeOwned>(body: &[u8], encoding: Encoding) -> Result<Cow<'_, [u8]>, DecodeError> {
    match encoding {
        Encoding::Protobuf => Ok(Cow::Borrowed(body)),
        // An empty JSON body is what some exporters send as a probe.
        Encoding::Json if body.iter().all(u8::is_ascii_whitespace) => Ok(Cow::Borrowed(&[])),
        Encoding::Json => {
            let malformed = |error: serde_json::Error| DecodeError::Malformed {
                what: format!("not OTLP JSON: {error}"),
                at: None,
                remedy: "send the JSON form of the OTLP request with its documented field names",
            };
            match serde_json::from_slice::<T>(body) {
                Ok(message) => Ok(Cow::Owned(message.encode_to_vec())),
                Err(error) => special_doubles::<T>(body).map(Cow::Owned).ok_or_else(|| malformed(error)),
            }
        }
    }
}

/// Doubles that JSON has no number for, and the numbers that stand in for them on the way: exact in
/// decimal and in binary, and nothing that anybody measures.
const SPECIAL: [(&str, f64, f64); 3] = [
    ("NaN", 4_503_599_627_370.625, f64::NAN),
    ("Infinity", 4_503_599_627_371.625, f64::INFINITY),
    ("-Infinity", 4_503_599_627_372.625, f64::NEG_INFINITY),
];
/// Fields of OTLP that hold doubles.
const DOUBLES: [&str; 9] =
    ["doubleValue", "asDouble", "sum", "min", "max", "explicitBounds", "quantile", "value", "zeroThreshold"];

/// The published types do not read `"NaN"` and its like, which the JSON form of protobuf allows: put
/// numbers in their place, and the real doubles in place of those in the encoded message.
fn special_doubles<T: Message + DeserializeOwned>(body: &[u8]) -> Option<Vec<u8>> {
    fn walk(value: &mut serde_json::Value, double: bool, found: &mut bool) {
        match value {
            serde_json::Value::String(text) if double => {
                if let Some((_, stand_in, _)) = SPECIAL.iter().find(|(name, _, _)| name == text) {
                    *found = true;
                    *value = (*stand_in).into();
                }
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(|item| walk(item, double, found)),
            serde_json::Value::Object(members) => {
                members.iter_mut().for_each(|(key, value)| walk(value, DOUBLES.contains(&key.as_str()), found));
            }
            _ => {}
        }
    }
    let mut value: serde_json::Value = serde_json::from_slice(body).ok()?;
    let mut found = false;
    walk(&mut value, false, &mut found);
    if !found {
        return None;
    }
    let mut bytes = serde_json::from_value::<T>(value).ok()?.encode_to_vec();
    for (_, stand_in, double) in SPECIAL {
        let mut at = 0;
        while let Some(hit) = memchr::memmem::find(&bytes[at..], &stand_in.to_le_bytes()) {
            bytes[at + hit..at + hit + 8].copy_from_slice(&double.to_le_bytes());
            at += hit + 8;
        }
    }
    Some(bytes)
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
