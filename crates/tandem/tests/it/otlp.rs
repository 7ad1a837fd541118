//! Requests of OTLP, by hand, so that they can also be wrong.

use serde_json::{Value, json};

/// A request with one log record of this text.
pub fn log(body: &str) -> Value {
    logs(json!([{"timeUnixNano": now().to_string(), "body": {"stringValue": body}}]))
}

/// A request with these log records.
pub fn logs(records: Value) -> Value {
    json!({"resourceLogs": [{"resource": {"attributes": [text("service.name", "shop")]},
        "scopeLogs": [{"logRecords": records}]}]})
}

/// A request with these spans.
pub fn spans(spans: Value) -> Value {
    json!({"resourceSpans": [{"resource": {"attributes": [text("service.name", "shop")]},
        "scopeSpans": [{"spans": spans}]}]})
}

/// A request with these metrics.
pub fn metrics(metrics: Value) -> Value {
    json!({"resourceMetrics": [{"resource": {"attributes": [text("service.name", "shop")]},
        "scopeMetrics": [{"metrics": metrics}]}]})
}

/// An attribute that holds text.
pub fn text(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

/// Nanoseconds since 1970.
pub fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64
}

/// A length-delimited field of protobuf.
pub fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length > 0x7f {
        out.push(length as u8 & 0x7f | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend_from_slice(bytes);
    out
}

/// A log record of protobuf with this body; more fields may follow.
pub fn record(body: &[u8]) -> Vec<u8> {
    let mut out = vec![0x09];
    out.extend_from_slice(&now().to_le_bytes());
    out.extend(field(5, &field(1, body)));
    out
}

/// A request of protobuf with these log records.
pub fn request(records: &[Vec<u8>]) -> Vec<u8> {
    let records: Vec<u8> = records.iter().flat_map(|record| field(2, record)).collect();
    field(1, &field(2, &records))
}
