//! OTLP, against what the published message types say.

use crate::context;
use arrow_array::Array as _;
use arrow_array::cast::AsArray as _;
use model::{Context, Value};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use receive::otlp::{self, Encoding};
use receive::{DecodeError, Decoded, Redactor};

/// Columns that hold attribute JSON.
const JSON: [&str; 8] =
    ["attributes", "resource_attributes", "scope_attributes", "extra", "events", "links", "quantiles", "exemplars"];

/// A row for every accepted record, and JSON where JSON is promised.
fn well_formed(decoded: &Decoded) {
    assert_eq!(decoded.batches.iter().map(|batch| batch.len()).sum::<usize>(), decoded.accepted);
    assert_eq!(decoded.message.is_some(), decoded.rejected > 0);
    for batch in &decoded.batches {
        for name in JSON {
            let Some(column) = batch.rows.column_by_name(name) else { continue };
            for text in column.as_string_view().iter().flatten() {
                assert!(Value::from_json(text).is_some(), "{name}: {text}");
            }
        }
        if let Some(kinds) = batch.rows.column_by_name("body_type") {
            let bodies = batch.rows["body"].as_string_view();
            for at in (0..kinds.len()).filter(|at| kinds.is_valid(*at)) {
                assert!(Value::from_json(bodies.value(at)).is_some(), "body: {}", bodies.value(at));
            }
        }
    }
}

/// One of the decoders of OTLP.
type Decode = fn(&[u8], Encoding, &Context, &Redactor) -> Result<Decoded, DecodeError>;

/// No bytes panic. What the published types read is read, and says the same as their own writing of it:
/// so neither the order of fields nor their splitting, packing or repetition changes anything.
fn agrees<M: Message + Default>(data: &[u8], decode: Decode) {
    let read = |bytes: &[u8]| decode(bytes, Encoding::Protobuf, &context("otlp"), &Redactor::none());
    let found = read(data);
    if let Ok(decoded) = &found {
        well_formed(decoded);
    }
    let Ok(message) = M::decode(data) else { return };
    let found = found.expect("what the published types read");
    let wanted = read(&message.encode_to_vec()).expect("what the published types write");
    assert_eq!((found.accepted, found.rejected, found.counts), (wanted.accepted, wanted.rejected, wanted.counts));
    assert_eq!(found.rejected, 0, "{:?}", found.message);
    // The published types do not write -0.0.
    if data.windows(8).any(|window| window == (-0.0f64).to_le_bytes()) {
        return;
    }
    for (found, wanted) in found.batches.iter().zip(&wanted.batches) {
        assert_eq!(found.rows, wanted.rows);
    }
}

const DECODERS: [Decode; 3] = [otlp::logs, otlp::traces, otlp::metrics];

/// OTLP as JSON: the first byte picks logs, traces or metrics; nothing panics or gets out of shape.
pub fn otlp_json(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let decode = DECODERS[usize::from(*first) % DECODERS.len()];
    if let Ok(decoded) = decode(rest, Encoding::Json, &crate::context("otlp"), &Redactor::none()) {
        well_formed(&decoded);
    }
}

/// OTLP logs as protobuf, against the published message types.
pub fn otlp_logs(data: &[u8]) {
    agrees::<ExportLogsServiceRequest>(data, receive::otlp::logs);
}

/// OTLP metrics as protobuf, against the published message types.
pub fn otlp_metrics(data: &[u8]) {
    agrees::<ExportMetricsServiceRequest>(data, receive::otlp::metrics);
}

/// OTLP traces as protobuf, against the published message types.
pub fn otlp_traces(data: &[u8]) {
    agrees::<ExportTraceServiceRequest>(data, receive::otlp::traces);
}
