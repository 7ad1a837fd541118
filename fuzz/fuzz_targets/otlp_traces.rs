//! OTLP traces as protobuf, against the published message types.
#![no_main]

use libfuzzer_sys::fuzz_target;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;

fuzz_target!(|data: &[u8]| checks::otlp::<ExportTraceServiceRequest>(data, receive::otlp::traces));
