//! OTLP logs as protobuf, against the published message types.
#![no_main]

use libfuzzer_sys::fuzz_target;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;

fuzz_target!(|data: &[u8]| checks::otlp::<ExportLogsServiceRequest>(data, receive::otlp::logs));
