//! Service logs: about 314 bytes a row as OTLP.
//!
//! Row `n` is a function of `n` alone, so that every row is unique, nothing is staged, and a benchmark
//! knows which token, address or trace to look for.

use crate::wire::Writer;
use crate::words::{Words, zipf, zipf_sums};
use std::fmt::Write as _;
use xtask::random::Random;

/// Services that send, and the machines they run on.
pub const SERVICES: usize = 24;
const HOSTS: u64 = 40;
/// Clients, by Zipf's law too.
const ADDRESSES: usize = 60_000;
const USERS: usize = 200_000;
/// Time between two rows: a thousand rows a second, the rate of a busy team.
pub const ROW_NANOS: u64 = 1_000_000;

/// A word that a good third of the rows hold.
pub const COMMON_WORD: &str = "completed";
/// A phrase that about one row in a hundred holds.
pub const PHRASE: &str = "connection reset by peer";
/// An address that only [`Logs::rare_row`] holds.
pub const RARE_ADDRESS: &str = "203.0.113.77";
/// A token that no row holds.
pub const ABSENT_TOKEN: &str = "zzqxabsenttoken";

/// The value of an attribute.
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number.
    Double(f64),
    /// Yes or no.
    Bool(bool),
}

/// One log record.
pub struct Row {
    /// Nanoseconds since 1970.
    pub time: u64,
    /// OpenTelemetry's number.
    pub severity: i32,
    /// Text.
    pub body: String,
    /// Six to ten.
    pub attributes: Vec<(&'static str, Value)>,
    /// Of every other row.
    pub trace: Option<([u8; 16], [u8; 8])>,
}

/// The generator.
pub struct Logs {
    words: Words,
    addresses: Vec<f64>,
    users: Vec<f64>,
    services: Vec<f64>,
    seed: u64,
    start: u64,
    rows: u64,
}

const ROUTES: &[&str] = &[
    "/api/cart",
    "/api/cart/{id}",
    "/api/orders",
    "/api/orders/{id}",
    "/api/users/{id}",
    "/login",
    "/search",
    "/health",
];
const METHODS: &[&str] = &["GET", "GET", "GET", "POST", "POST", "PUT", "DELETE"];
const STATUSES: &[i64] = &[200, 200, 200, 200, 200, 200, 201, 204, 302, 400, 401, 404, 404, 500, 503];

impl Logs {
    /// `rows` rows, the last of them now.
    pub fn new(seed: u64, rows: u64, now: u64) -> Self {
        Self {
            words: Words::new(seed),
            addresses: zipf_sums(ADDRESSES),
            users: zipf_sums(USERS),
            services: zipf_sums(SERVICES),
            seed,
            start: now.saturating_sub(rows * ROW_NANOS),
            rows,
        }
    }

    /// The row that holds [`RARE_ADDRESS`].
    pub fn rare_row(&self) -> u64 {
        self.rows / 3
    }

    /// A token that only row `number` holds.
    pub fn token(&self, number: u64) -> String {
        format!("req{:016x}", Random::new(self.seed ^ 0x7061_7373 ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15)).bits())
    }

    /// Trace of a row that has one, at or after `number`.
    pub fn trace_of(&self, number: u64) -> String {
        (number..)
            .find_map(|number| self.row(number).trace)
            .map(|(trace, _)| trace.iter().map(|byte| format!("{byte:02x}")).collect())
            .unwrap_or_default()
    }

    /// The service that sends the batch starting with a row, and its host.
    pub fn origin(&self, first: u64) -> (String, String) {
        let mut random = Random::new(self.seed ^ first ^ 0x0051_0000);
        let service = zipf(&self.services, &mut random);
        (format!("service-{service:02}"), format!("host-{:02}", random.below(HOSTS)))
    }

    /// One row.
    pub fn row(&self, number: u64) -> Row {
        let mut random = Random::new(self.seed ^ number.wrapping_mul(0xd134_2543_de82_ef95));
        let address = if number == self.rare_row() {
            RARE_ADDRESS.to_owned()
        } else {
            let rank = zipf(&self.addresses, &mut random);
            format!("10.{}.{}.{}", rank >> 16 & 255, rank >> 8 & 255, rank & 255)
        };
        let latency = (random.unit().powi(4) * 3_000.0 * 1_000.0).round() / 1_000.0;
        let status = *random.pick(STATUSES);
        let route = *random.pick(ROUTES);
        let method = *random.pick(METHODS);
        let body = self.body(number, &mut random, &address, latency, status, method);
        let mut attributes = vec![
            ("http.request.method", Value::Text(method.to_owned())),
            ("http.route", Value::Text(route.to_owned())),
            ("http.response.status_code", Value::Int(status)),
            ("client.address", Value::Text(address)),
            ("duration_ms", Value::Double(latency)),
            ("user.id", Value::Text(format!("u{}", zipf(&self.users, &mut random)))),
        ];
        if random.below(4) == 0 {
            attributes.push(("thread.name", Value::Text(format!("worker-{}", random.below(16)))));
            attributes.push(("cache.hit", Value::Bool(random.below(2) == 0)));
        }
        if status >= 500 {
            attributes.push(("error.type", Value::Text("UpstreamError".to_owned())));
            attributes.push(("retry.count", Value::Int(random.below(4) as i64)));
        }
        let trace = (random.below(2) == 0).then(|| {
            let mut id = [0; 16];
            id[..8].copy_from_slice(&random.bits().to_be_bytes());
            id[8..].copy_from_slice(&random.bits().to_be_bytes());
            (id, random.bits().to_be_bytes())
        });
        let severity = match status {
            500.. => 17,
            400..=499 => 13,
            _ => *random.pick(&[9, 9, 9, 5]),
        };
        Row { time: self.start + number * ROW_NANOS + random.below(ROW_NANOS), severity, body, attributes, trace }
    }

    fn body(&self, number: u64, random: &mut Random, address: &str, latency: f64, status: i64, method: &str) -> String {
        let token = self.token(number);
        let mut body = String::with_capacity(160);
        let mut word = || self.words.pick(random).to_owned();
        let (a, b, c) = (word(), word(), word());
        let _ = match random.below(100) {
            0..=37 => {
                write!(body, "request {token} {COMMON_WORD} {method} {status} in {latency} ms, {a} for {address}")
            }
            38..=55 => {
                write!(body, "{a} {b} accepted from {address}: {token} queued behind {} items", random.below(5_000))
            }
            56..=72 => write!(body, "cache lookup {a}:{b} took {} us, {c} {token}", random.below(90_000)),
            73..=84 => write!(body, "user session {token} refreshed {a} {b} {c} {}", random.below(1_000_000)),
            85..=92 => {
                write!(body, "retrying {a} after {} ms: upstream {b} answered {status} ({token})", random.below(9_000))
            }
            93 => write!(body, "{PHRASE} while writing {a} to {address}, {token}"),
            _ => write!(
                body,
                "{token} {a} {b} {c} done, {} rows, {} bytes",
                random.below(9_999),
                random.below(9_999_999)
            ),
        };
        body
    }

    /// Rows `first..first + count` as one OTLP request.
    pub fn request(&self, first: u64, count: u64) -> Vec<u8> {
        let (service, host) = self.origin(first);
        let mut writer = Writer::with_capacity(count as usize * 340);
        let resource_logs = writer.open(1);
        let resource = writer.open(1);
        writer.text_attribute(1, "service.name", &service);
        writer.text_attribute(1, "service.version", "2.14.3");
        writer.text_attribute(1, "host.name", &host);
        writer.text_attribute(1, "deployment.environment.name", "production");
        writer.close(resource);
        let scope_logs = writer.open(2);
        let scope = writer.open(1);
        writer.text(1, "http.server");
        writer.text(2, "1.4.0");
        writer.close(scope);
        for number in first..first + count {
            let record = writer.open(2);
            write_record(&mut writer, &self.row(number));
            writer.close(record);
        }
        writer.close(scope_logs);
        writer.close(resource_logs);
        writer.finish()
    }

    /// The same row as a line of JSON, for the comparison with compressed text.
    pub fn json_line(&self, number: u64, origin: &(String, String), out: &mut String) {
        let row = self.row(number);
        let _ = write!(
            out,
            r#"{{"timestamp":{},"severity":"{}","body":{:?},"service.name":"{}","service.version":"2.14.3","host.name":"{}","deployment.environment.name":"production""#,
            row.time,
            severity_text(row.severity),
            row.body,
            origin.0,
            origin.1
        );
        for (key, value) in &row.attributes {
            let _ = match value {
                Value::Text(text) => write!(out, r#","{key}":"{text}""#),
                Value::Int(int) => write!(out, r#","{key}":{int}"#),
                Value::Double(double) => write!(out, r#","{key}":{double}"#),
                Value::Bool(bool) => write!(out, r#","{key}":{bool}"#),
            };
        }
        if let Some((trace, span)) = row.trace {
            let _ = write!(out, r#","trace_id":"{:032x}""#, u128::from_be_bytes(trace));
            let _ = write!(out, r#","span_id":"{:016x}""#, u64::from_be_bytes(span));
        }
        out.push_str("}\n");
    }
}

fn severity_text(severity: i32) -> &'static str {
    match severity {
        17.. => "ERROR",
        13.. => "WARN",
        9.. => "INFO",
        _ => "DEBUG",
    }
}

fn write_record(writer: &mut Writer, row: &Row) {
    writer.fixed64(1, row.time);
    writer.varint(2, row.severity as u64);
    writer.text(3, severity_text(row.severity));
    let body = writer.open(5);
    writer.text(1, &row.body);
    writer.close(body);
    for (key, value) in &row.attributes {
        let attribute = writer.open(6);
        writer.text(1, key);
        let any = writer.open(2);
        match value {
            Value::Text(text) => writer.text(1, text),
            Value::Bool(bool) => writer.varint(2, u64::from(*bool)),
            Value::Int(int) => writer.varint(3, *int as u64),
            Value::Double(double) => writer.fixed64(4, double.to_bits()),
        }
        writer.close(any);
        writer.close(attribute);
    }
    if let Some((trace, span)) = &row.trace {
        writer.fixed32(8, 1);
        writer.bytes(9, trace);
        writer.bytes(10, span);
    }
    writer.fixed64(11, row.time + 250_000);
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
    use prost::Message as _;

    #[test]
    fn the_request_is_valid_and_of_the_promised_size() {
        let logs = Logs::new(1, 10_000, 1_800_000_000_000_000_000);
        let bytes = logs.request(3_000, 1_000);
        let request = ExportLogsServiceRequest::decode(bytes.as_slice()).unwrap();
        // The same bytes again: nothing unknown, nothing out of order.
        assert_eq!(request.encode_to_vec(), bytes);
        let records = &request.resource_logs[0].scope_logs[0].log_records;
        assert_eq!(records.len(), 1_000);
        let size = bytes.len() / 1_000;
        assert!((300..330).contains(&size), "{size} bytes a row");
        let held = |text: &str| {
            let text = format!("{text:?}");
            records.iter().filter(|record| format!("{:?}", record.body).contains(text.trim_matches('"'))).count()
        };
        assert_eq!(held(&logs.token(3_333)), 1);
        assert_eq!(held(ABSENT_TOKEN), 0);
        assert!((250..500).contains(&held(COMMON_WORD)));
        assert!(held(PHRASE) < 50);
    }

    #[test]
    fn the_same_row_as_json() {
        let logs = Logs::new(1, 100, 1_800_000_000_000_000_000);
        let mut line = String::new();
        logs.json_line(7, &logs.origin(0), &mut line);
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["body"], logs.row(7).body);
        assert_eq!(value["timestamp"], logs.row(7).time);
        assert_eq!(logs.trace_of(0).len(), 32);
    }

    #[test]
    fn one_row_holds_the_rare_address() {
        let logs = Logs::new(1, 1_000, 1_800_000_000_000_000_000);
        let holds = |number: &u64| {
            logs.row(*number)
                .attributes
                .iter()
                .any(|(_, value)| matches!(value, Value::Text(text) if text == RARE_ADDRESS))
        };
        assert_eq!((0..1_000).filter(holds).collect::<Vec<_>>(), [logs.rare_row()]);
    }
}
