//! What is malformed, unknown or not spoken here is refused with a place and a remedy, and nothing else suffers.

use crate::http::{Answer, gzip};
use crate::otlp;
use crate::server::{Server, fresh};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceResponse;
use prost::Message as _;
use serde_json::json;

const SIGNALS: [(&str, &str); 3] =
    [("/v1/logs", "resourceLogs"), ("/v1/traces", "resourceSpans"), ("/v1/metrics", "resourceMetrics")];

/// A `google.rpc.Status` of JSON.
fn status(answer: &Answer, code: u16, parts: &[&str]) {
    answer.says(code, parts);
    let status = answer.json();
    assert!(status["code"].is_i64() && status["message"].is_string(), "{status}");
}

#[test]
fn malformed_otlp_is_refused() {
    let folder = fresh();
    let server = Server::start(folder.path());
    server.accept_good();
    for (path, name) in SIGNALS {
        let answer = server.otlp_protobuf(path, b"\x0a\xff\x01x");
        answer.says(400, &["beyond the end", "at byte 3", "application/x-protobuf"]);
        assert_eq!(answer.header("content-type"), "application/x-protobuf");
        let json = [("content-type", "application/json")];
        status(&server.otlp(path, &json, b"{\"a\":"), 400, &["line 1 column 5", "send the JSON form"]);
        let wrong = format!("{{\n\"{name}\": 7}}");
        status(&server.otlp(path, &json, wrong.as_bytes()), 400, &["expected a sequence", "line 2 column", "send"]);
    }
    assert_eq!(server.metric("tandem_ingest_refused_requests_total{source=\"otlp\",status=\"400\"}"), 9.0);
    server.has_good();
}

#[test]
fn a_malformed_record_is_refused_alone() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let broken = vec![0x2a, 0x7f, 0x00];
    let answer = server.otlp_protobuf("/v1/logs", &otlp::request(&[otlp::record(b"good"), broken]));
    assert_eq!(answer.status, 200);
    let partial = ExportLogsServiceResponse::decode(&answer.body[..]).unwrap().partial_success.unwrap();
    assert_eq!(partial.rejected_log_records, 1);
    assert!(partial.error_message.contains("at byte 2"), "{partial:?}");
    assert_eq!(server.metric("tandem_ingest_rejected_records_total{source=\"otlp\"}"), 1.0);
    server.has_good();
}

#[test]
fn other_content_types_and_encodings_are_refused() {
    let folder = fresh();
    let server = Server::start(folder.path());
    server.accept_good();
    for (path, _) in SIGNALS {
        let answer = server.otlp(path, &[("content-type", "text/plain")], b"{}");
        answer.refuses(415, &["text/plain", "application/x-protobuf or application/json"]);
        server.otlp(path, &[], b"{}").says(415, &["application/json"]);
        let encoded = [("content-type", "application/json"), ("content-encoding", "br")];
        status(&server.otlp(path, &encoded, b"{}"), 415, &["br", "send gzip, zstd, deflate"]);
        let encoded = [("content-type", "application/json"), ("content-encoding", "gzip")];
        status(&server.otlp(path, &encoded, b"{}"), 400, &["not valid gzip", "Content-Encoding"]);
        let mut cut = gzip(otlp::log("cut").to_string().as_bytes());
        cut.truncate(cut.len() - 6);
        status(&server.otlp(path, &encoded, &cut), 400, &["not valid gzip"]);
    }
    for path in ["/api/v1/sql", "/api/v1/search", "/api/v1/facets"] {
        let answer = server.ask("POST", path, &[("content-type", "text/plain")], b"{}");
        answer.refuses(415, &["text/plain", "application/json"]);
    }
    server.has_good();
}

#[test]
fn unknown_paths_and_wrong_methods_are_refused() {
    let folder = fresh();
    let server = Server::start(folder.path());
    server.accept_good();
    server.otlp_json("/v1/nothing", &json!({})).says(404, &["/v1/logs, /v1/traces or /v1/metrics"]);
    server.get("/api/v1/nothing").refuses(404, &["GET /api/v1/nothing", "/api/openapi.json"]);
    server.get("/nothing").refuses(404, &["GET /nothing"]);
    for (path, _) in SIGNALS {
        let url = format!("{}{path}", server.address("otlp-http"));
        let answer = crate::http::send(&server.agent, "GET", &url, &[], b"");
        answer.refuses(405, &["GET", path, "Allow"]);
        assert_eq!(answer.header("allow"), "POST");
    }
    for (method, path, allow) in [
        ("DELETE", "/api/v1/sql", "GET,HEAD,POST"),
        ("POST", "/api/v1/tail", "GET,HEAD"),
        ("GET", "/api/v1/flush", "POST"),
        ("GET", "/api/v1/ingest/json", "POST"),
    ] {
        let answer = server.ask(method, path, &[], b"");
        answer.refuses(405, &[method, path, "Allow"]);
        assert_eq!(answer.header("allow"), allow, "{path}");
    }
    server.has_good();
}

#[test]
fn a_bad_line_and_a_bad_document_are_refused_alone() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let answer = server.ask("POST", "/api/v1/ingest/json", &[], b"{\"msg\":\"good\"}\n{\"msg\":\n");
    answer.says(200, &["line 2, column 7"]);
    assert_eq!((&answer.json()["accepted"], &answer.json()["rejected"]), (&json!(1), &json!(1)));
    server
        .ask("POST", "/api/v1/ingest/json", &[], b"{\"msg\":\n")
        .refuses(400, &["line 1, column 7", "one JSON object"]);
    let answer = server.ask("POST", "/api/v1/ingest/json?mesage=x", &[], b"{}\n");
    answer.says(400, &["mesage", "message (_msg_field)"]);
    let bulk =
        b"{\"create\":{\"_index\":\"a\"}}\n{\"message\":\n{\"create\":{\"_index\":\"a\"}}\n{\"message\":\"kept\"}\n";
    let answer = server.ask("POST", "/_bulk", &[("content-type", "application/x-ndjson")], bulk).json();
    assert_eq!((&answer["errors"], &answer["items"][1]["create"]["status"]), (&json!(true), &json!(201)));
    assert_eq!(answer["items"][0]["create"]["status"], 400);
    assert!(answer["items"][0]["create"]["error"]["reason"].as_str().unwrap().contains("column"), "{answer}");
    server.ask("POST", "/_bulk", &[], b"nonsense").says(400, &["line 1", "send {\\\"index\\\":{}}"]);
    assert_eq!(server.value("SELECT count(*) FROM logs WHERE body = 'kept'"), 1);
    server.has_good();
}

#[test]
fn parameters_are_checked() {
    let folder = fresh();
    let server = Server::start(folder.path());
    server.accept_good();
    let json = [("content-type", "application/json")];
    let answer = server.ask("POST", "/api/v1/sql", &json, b"{\n\"sql\": 5}");
    answer.says(400, &["expected a string"]);
    assert_eq!(answer.json()["error"]["where"], json!({"line": 2, "column": 8}));
    server.post("/api/v1/search", &json!({"querry": "x"})).says(400, &["querry", "query"]);
    server.post("/api/v1/search", &json!({"table": "x"})).refuses(400, &["logs, spans and metrics"]);
    server.post("/api/v1/search", &json!({"from": "yesterday"})).refuses(400, &["yesterday", "now-15m"]);
    server.post("/api/v1/search", &json!({"from": "now", "to": "now-1h"})).refuses(400, &["not before"]);
    server
        .post("/api/v1/sql", &json!({"sql": "SELECT 1", "format": "xml"}))
        .refuses(400, &["xml", "json, csv and arrow"]);
    server.get("/api/v1/facets").says(400, &["fields"]);
    server.get("/api/v1/traces/xyz").refuses(400, &["32 hex digits"]);
    let answer = server.post("/api/v1/search", &json!({"query": "level:error AND ("}));
    answer.refuses(400, &["^"]);
    let place = &answer.json()["error"]["where"];
    assert!(place["start"].as_u64().unwrap() >= 16, "{place}");
    server.has_good();
}
