//! Small requests that would be huge: refused or cut, and the server's memory stays bounded.

use crate::http::gzip;
use crate::otlp::{self, field};
use crate::server::{Server, fresh};
use serde_json::{Value, json};

/// What the server may ever take here: itself, and one request of the largest size in pieces of a few bytes.
const BOUND: u64 = 768 << 20;
/// Blocks of 1 MiB that fill the largest body after decompression, with room for what is around them.
const BLOCKS: usize = 63;
const BLOCK: usize = 1 << 20;
const DEPTH: usize = 100_000;

/// `item(0),item(1),...` of at most so many bytes.
fn items(bytes: usize, mut item: impl FnMut(usize) -> String) -> String {
    let mut out = String::with_capacity(bytes);
    for number in 0.. {
        let item = item(number);
        if out.len() + item.len() + 1 > bytes {
            break;
        }
        if number > 0 {
            out.push(',');
        }
        out.push_str(&item);
    }
    out
}

/// Compressed `before`, a block many times, `after`: streams that follow each other are one body.
fn blocks(before: &str, block: &str, after: &str) -> Vec<u8> {
    let block = gzip(format!("{block},").as_bytes()).repeat(BLOCKS);
    [gzip(before.as_bytes()), block, gzip(after.as_bytes())].concat()
}

fn nested(open: &str, inner: &str, close: &str) -> String {
    format!("{}{inner}{}", open.repeat(DEPTH), close.repeat(DEPTH))
}

fn bounded(server: &Server) {
    let peak = server.peak_memory();
    assert!(peak < BOUND, "{} MiB at the peak", peak >> 20);
    server.has_good();
}

/// The only row with this body: its attributes and what was cut.
fn cut(server: &Server, body: &str) -> (Value, String) {
    let sql = format!("SELECT attributes, cut FROM logs WHERE body = '{body}'");
    let rows = server.sql(&sql);
    assert_eq!(rows.len(), 1, "{body}");
    let attributes = serde_json::from_str(rows[0][0].as_str().unwrap()).unwrap();
    (attributes, rows[0][1].as_str().unwrap_or_default().to_owned())
}

#[test]
fn compressed_bombs_are_refused() {
    let folder = fresh();
    let server = Server::start(folder.path());
    server.accept_good();
    let zeros = vec![0; 64 << 20];
    let ratio = "MAX_COMPRESSION_RATIO of 250";
    let gzipped = gzip(&zeros);
    // In both formats one stream may follow another, so this is a gigabyte of zeros; in gzip it stays below the ratio.
    for (encoding, bomb, limit) in [
        ("gzip", gzipped.repeat(16), "MAX_DECOMPRESSED_BYTES of 67108864"),
        ("gzip", gzipped, ratio),
        ("zstd", zstd::encode_all(&zeros[..], 1).unwrap().repeat(16), ratio),
    ] {
        assert!(bomb.len() < 2 << 20, "{encoding}: {}", bomb.len());
        let headers = [("content-type", "application/x-protobuf"), ("content-encoding", encoding)];
        server.otlp("/v1/logs", &headers, &bomb).says(413, &[limit, "send smaller batches"]);
        let headers = [("content-encoding", encoding)];
        server.ask("POST", "/api/v1/ingest/json", &headers, &bomb).says(413, &[limit]);
        server.ask("POST", "/_bulk", &headers, &bomb).says(413, &[limit]);
    }
    assert_eq!(server.metric("tandem_ingest_refused_requests_total{source=\"otlp\",status=\"413\"}"), 3.0);
    bounded(&server);
}

#[test]
fn a_body_beyond_the_limit_is_refused_before_it_is_read() {
    use std::io::{Read as _, Write as _};
    let folder = fresh();
    let server = Server::start(folder.path());
    server.accept_good();
    let mut stream = std::net::TcpStream::connect(server.socket("otlp-http")).unwrap();
    stream.set_read_timeout(Some(crate::server::DEADLINE)).unwrap();
    let head = "POST /v1/logs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                content-length: 99999999999\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = vec![0; 4096];
    let length = stream.read(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    bounded(&server);
}

#[test]
fn what_a_body_becomes_counts_as_well() {
    use std::io::Write as _;
    let folder = fresh();
    let server = Server::start(folder.path());
    server.accept_good();
    // Bodies that are announced and do not come, until half a MiB is free.
    let announce = |bytes: usize| {
        let mut stream = std::net::TcpStream::connect(server.socket("otlp-http")).unwrap();
        let head = "POST /v1/logs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
        write!(stream, "{head}content-length: {bytes}\r\n\r\n").unwrap();
        stream
    };
    let sizes = [[16 << 20; 7].as_slice(), &[31 << 19]].concat();
    let announced: Vec<_> = sizes.iter().map(|bytes| announce(*bytes)).collect();
    let in_flight = |bytes: usize| {
        crate::server::eventually("bytes in flight", || {
            (server.get("/api/v1/status").json()["in_flight_bytes"] == bytes).then_some(())
        });
    };
    in_flight(sizes.iter().sum());
    let lines = items(1 << 20, |number| format!("{{\"msg\":\"number {number} of many\"}}\n")).replace("\n,", "\n");
    let zipped = gzip(lines.as_bytes());
    assert!(zipped.len() < 256 << 10, "{}", zipped.len());
    let send = || server.ask("POST", "/api/v1/ingest/json", &[("content-encoding", "gzip")], &zipped);
    let answer = send();
    answer.says(429, &["in flight", "send again"]);
    assert_eq!(answer.header("retry-after"), "1");
    // What is as small as it looks goes through.
    server.accept_again();
    drop(announced);
    in_flight(0);
    assert_eq!(send().status, 200);
    server.has_good();
}

#[test]
fn deep_nesting_is_refused_or_cut() {
    let folder = fresh();
    let server = Server::start(folder.path());
    server.accept_good();
    let json = [("content-type", "application/json")];
    let lists = nested("[", "", "]");
    let objects = nested("{\"a\":", "1", "}");
    let values = nested(r#"{"arrayValue":{"values":["#, r#"{"intValue":"1"}"#, "]}}");
    // Nobody knows the field, so it is skipped, and skipping is no recursion.
    server.otlp("/v1/logs", &json, format!("{{\"x\":{lists}}}").as_bytes()).says(200, &[]);
    let body = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"body":{values}}}]}}]}}]}}"#);
    server.otlp("/v1/logs", &json, body.as_bytes()).says(400, &["recursion limit", "line 1 column"]);
    for (body, deep) in [("lists", &lists), ("objects", &objects)] {
        let line = format!("{{\"msg\":\"{body}\",\"deep\":{deep}}}\n");
        let answer = server.ask("POST", "/api/v1/ingest/json", &[], line.as_bytes());
        assert_eq!(answer.json()["accepted"], 1, "{}", answer.text());
        let (attributes, cut) = cut(&server, body);
        assert!(attributes.to_string().contains("\"...\""), "{attributes}");
        assert!(!cut.is_empty(), "{body}");
        let bulk = format!("{{\"create\":{{\"_index\":\"x\"}}}}\n{{\"message\":\"bulk {body}\",\"deep\":{deep}}}\n");
        let answer = server.ask("POST", "/_bulk", &[], bulk.as_bytes()).json();
        assert_eq!(answer["items"][0]["create"]["status"], 201, "{answer}");
    }
    let mut value = field(1, b"deep");
    for _ in 0..10_000 {
        value = field(5, &field(1, &value));
    }
    let mut record = otlp::record(b"protobuf");
    record.extend(field(6, &[field(1, b"deep"), field(2, &value)].concat()));
    assert_eq!(server.otlp_protobuf("/v1/logs", &otlp::request(&[record])).status, 200);
    assert!(cut(&server, "protobuf").1.contains("depth"));
    // Questions are bounded as well.
    let question = nested("(", "a", ")");
    server.post("/api/v1/search", &json!({"query": question})).says(400, &["16384"]);
    server.post("/api/v1/search", &json!({"query": &question[DEPTH - 200..DEPTH + 201]})).says(400, &["64"]);
    server.post("/api/v1/sql", &json!({"sql": format!("SELECT {question}")})).says(400, &["RecursionLimit"]);
    server.ask("POST", "/api/v1/sql", &json, format!("{{\"sql\":{lists}}}").as_bytes()).says(400, &["column 7"]);
    bounded(&server);
}

#[test]
fn millions_of_keys_are_refused_or_cut() {
    let folder = fresh();
    let server = Server::start(folder.path());
    server.accept_good();
    // Five million keys are what fits the largest body.
    let keys = items(BLOCK, |number| format!("\"k{number:07}\":1"));
    let zipped = [("content-encoding", "gzip")];
    let line = blocks("{\"msg\":\"keys\",", &keys, "\"z\":1}\n");
    server.ask("POST", "/api/v1/ingest/json", &zipped, &line).refuses(400, &["MAX_LINE_BYTES", "line 1"]);
    let bulk = blocks("{\"create\":{\"_index\":\"x\"}}\n{\"message\":\"keys\",", &keys, "\"z\":1}\n");
    let answer = server.ask("POST", "/_bulk", &zipped, &bulk).json();
    assert_eq!(answer["items"][0]["create"]["status"], 400, "{answer}");
    let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
    server.otlp("/v1/logs", &headers, &blocks("{", &keys, "\"resourceLogs\":7}")).says(400, &["expected a sequence"]);
    bounded(&server);
    // As many as fit one line are cut.
    let keys = items(BLOCK - 1024, |number| format!("\"k{number:07}\":1"));
    let line = format!("{{\"msg\":\"line\",{keys}}}\n");
    assert_eq!(server.ask("POST", "/api/v1/ingest/json", &[], line.as_bytes()).json()["accepted"], 1);
    let bulk = format!("{{\"create\":{{\"_index\":\"x\"}}}}\n{{\"message\":\"bulk\",{keys}}}\n");
    assert_eq!(server.ask("POST", "/_bulk", &[], bulk.as_bytes()).json()["errors"], false);
    for body in ["line", "bulk"] {
        let (attributes, cut) = cut(&server, body);
        let kept = attributes.as_object().unwrap().len();
        assert!((1000..=1024).contains(&kept), "{kept}");
        assert!(cut.starts_with("attributes:80"), "{cut}");
    }
    bounded(&server);
}

#[test]
fn millions_of_attributes_are_refused_or_cut() {
    let folder = fresh();
    let server = Server::start(folder.path());
    server.accept_good();
    let attributes = items(BLOCK, |number| format!("{{\"key\":\"k{number:07}\"}}"));
    let before = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":["#;
    let body = blocks(before, &attributes, r#"{"key":"z"}]}]}]}]}"#);
    let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
    server.otlp("/v1/logs", &headers, &body).says(413, &["MAX_JSON_OBJECTS", "send smaller batches"]);
    bounded(&server);
    let mut record = otlp::record(b"attributes");
    for number in 0..(15 << 20) / 12 {
        record.extend(field(6, &field(1, format!("k{number:07}").as_bytes())));
    }
    assert_eq!(server.otlp_protobuf("/v1/logs", &otlp::request(&[record])).status, 200);
    let (attributes, cut) = cut(&server, "attributes");
    assert_eq!(attributes.as_object().unwrap().len(), 1024);
    assert!(cut.starts_with("attributes:13"), "{cut}");
    assert_eq!(server.metric("tandem_ingest_changed_total{change=\"cut_attributes\"}"), 1.0);
    bounded(&server);
}

#[test]
fn millions_of_records_are_refused() {
    let folder = fresh();
    let server = Server::start(folder.path());
    server.accept_good();
    let empty = items((16 << 20) - 1024, |_| "{}".to_owned());
    for (path, body) in [
        ("/v1/logs", format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{empty}]}}]}}]}}"#)),
        ("/v1/traces", format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{empty}]}}]}}]}}"#)),
        ("/v1/metrics", format!(r#"{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[{empty}]}}]}}]}}"#)),
    ] {
        let json = [("content-type", "application/json")];
        server.otlp(path, &json, body.as_bytes()).says(413, &["MAX_JSON_OBJECTS", "send smaller batches"]);
    }
    let records = field(1, &field(2, &field(2, b"").repeat(300_000)));
    server.otlp_protobuf("/v1/logs", &records).says(413, &["MAX_RECORDS_PER_REQUEST of 262144", "send smaller"]);
    let answer = server.ask("POST", "/api/v1/ingest/json", &[], "{}\n".repeat(300_000).as_bytes());
    answer.says(413, &["MAX_RECORDS_PER_REQUEST", "send fewer lines"]);
    assert_eq!(server.value("SELECT count(*) FROM logs"), 1);
    bounded(&server);
}
