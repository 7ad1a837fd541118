//! OTLP metrics as protobuf, against the published message types.
#![no_main]

use libfuzzer_sys::fuzz_target;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;

fuzz_target!(|data: &[u8]| checks::otlp::<ExportMetricsServiceRequest>(data, receive::otlp::metrics));
