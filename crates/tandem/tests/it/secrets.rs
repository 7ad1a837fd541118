//! Secrets are masked before anything is written: they are in no file and in no answer.

use crate::folder::files;
use crate::otlp::{self, text};
use crate::server::{Server, eventually, fresh, serve};
use serde_json::json;
use std::net::UdpSocket;

/// Nothing else holds these, so that they are found wherever they leak to.
const PASSWORD: &str = "hunter2-Xq7Zk9Wm";
const TOKEN: &str = "tok3n-Vb4Nn8Ry2Lp6";
/// What is no secret is found, so that looking for the others means something.
const PLAIN: &str = "pl41n-Ds5Gj1Ht3Fk";

/// Texts that a secret comes in.
fn texts() -> [String; 4] {
    [
        format!("{PLAIN} connecting to postgres://app:{PASSWORD}@db:5432/shop"),
        format!("{PLAIN} sent Authorization: Bearer {TOKEN}"),
        format!("{PLAIN} GET /login?password={PASSWORD}&user=7"),
        format!("{PLAIN} {{\"api_key\": \"{TOKEN}\", \"n\": 1}}"),
    ]
}

fn attributes() -> serde_json::Value {
    let [url, bearer, ..] = texts();
    json!([
        text("db.connection_string", &url),
        text("http.request.header.authorization", &format!("Bearer {TOKEN}")),
        text("user_password", PASSWORD),
        text("note", &bearer),
        {"key": "nested", "value": {"kvlistValue": {"values": [text("session_token", TOKEN), text("url", &url)]}}},
        {"key": "list", "value": {"arrayValue": {"values": [{"stringValue": bearer}]}}},
    ])
}

fn send_everywhere(server: &Server) {
    let time = otlp::now().to_string();
    let records =
        texts().map(|body| json!({"timeUnixNano": time, "body": {"stringValue": body}, "attributes": attributes()}));
    let structured = json!({"timeUnixNano": time, "body": {"kvlistValue": {"values": attributes()}}});
    let mut logs = otlp::logs(json!(records));
    logs["resourceLogs"][0]["resource"]["attributes"] = attributes();
    logs["resourceLogs"][0]["scopeLogs"][0]["scope"] = json!({"name": "s", "attributes": attributes()});
    logs["resourceLogs"][0]["scopeLogs"][0]["logRecords"].as_array_mut().unwrap().push(structured);
    let [url, ..] = texts();
    let span = json!({"traceId": "0123456789abcdef0123456789abcdef", "spanId": "0123456789abcdef", "name": "GET /login",
        "startTimeUnixNano": time, "endTimeUnixNano": time, "attributes": attributes(),
        "status": {"code": 2, "message": url},
        "events": [{"timeUnixNano": time, "name": "e", "attributes": attributes()}],
        "links": [{"traceId": "0123456789abcdef0123456789abcdef", "spanId": "0123456789abcdef", "attributes": attributes()}]});
    let point = json!({"timeUnixNano": time, "asDouble": 1.5, "attributes": attributes(),
        "exemplars": [{"timeUnixNano": time, "asDouble": 1.5, "filteredAttributes": attributes()}]});
    let metric = json!({"name": "m", "gauge": {"dataPoints": [point]}});
    for answer in [
        server.otlp_json("/v1/logs", &logs),
        server.otlp_json("/v1/traces", &otlp::spans(json!([span]))),
        server.otlp_json("/v1/metrics", &otlp::metrics(json!([metric]))),
    ] {
        assert_eq!((answer.status, answer.text().as_str()), (200, "{}"));
    }
    let protobuf = texts().map(|text| otlp::record(text.as_bytes()));
    assert_eq!(server.otlp_protobuf("/v1/logs", &otlp::request(&protobuf)).status, 200);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    for text in texts() {
        socket.send_to(format!("<13>1 - host app - - - {text}").as_bytes(), server.socket("syslog")).unwrap();
        let line = json!({"msg": text, "password": PASSWORD, "headers": {"cookie": TOKEN}, "note": text}).to_string();
        assert_eq!(server.ask("POST", "/api/v1/ingest/json", &[], line.as_bytes()).status, 200);
        let logfmt = format!("level=info password={PASSWORD} token={TOKEN} msg=\"{PLAIN}\"\n");
        assert_eq!(server.ask("POST", "/api/v1/ingest/json?format=logfmt", &[], logfmt.as_bytes()).status, 200);
        let bulk = format!("{{\"create\":{{\"_index\":\"x\"}}}}\n{}\n", line.replace("\"msg\"", "\"message\""));
        assert_eq!(server.ask("POST", "/_bulk", &[], bulk.as_bytes()).json()["errors"], false);
    }
    // 5 + 4 of OTLP and 4 by each other way.
    eventually("all rows", || (server.value("SELECT count(*) FROM logs WHERE source <> 'tandem'") == 25).then_some(()));
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Looks into every file; answers whether what is no secret was seen.
fn look(server: &Server) -> bool {
    let mut seen = false;
    for path in files(&server.data_dir) {
        let bytes = std::fs::read(&path).unwrap_or_default();
        for secret in [PASSWORD, TOKEN] {
            assert!(!holds(&bytes, secret), "{secret} is in {}", path.display());
        }
        seen |= holds(&bytes, PLAIN);
    }
    for secret in [PASSWORD, TOKEN] {
        assert!(!server.log().contains(secret), "{secret} is in the server's own log");
    }
    seen
}

fn ask_everywhere(server: &Server) {
    let mut seen = 0;
    for table in ["logs", "spans", "metrics"] {
        for format in ["json", "csv", "arrow"] {
            let sql = format!("SELECT * FROM {table}");
            seen += check(&server.post("/api/v1/sql", &json!({"sql": sql, "format": format})).body);
        }
        seen += check(&server.post("/api/v1/search", &json!({"table": table})).body);
    }
    for path in [
        "/api/v1/facets?fields=note,user_password,headers.cookie,body",
        "/api/v1/complete?query=user_password:",
        "/api/v1/traces/0123456789abcdef0123456789abcdef",
        "/api/v1/streams",
        "/api/v1/status",
        "/metrics",
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, 200, "{path}");
        seen += check(&answer.body);
    }
    assert!(seen >= 12, "the rows themselves are in the answers: {seen}");
}

fn check(bytes: &[u8]) -> usize {
    for secret in [PASSWORD, TOKEN] {
        assert!(!holds(bytes, secret), "{secret} is in an answer: {}", String::from_utf8_lossy(bytes));
    }
    usize::from(holds(bytes, PLAIN))
}

#[test]
fn secrets_are_nowhere() {
    let folder = fresh();
    // With the rows about itself: what it says of its requests must not tell either.
    let mut command = serve(folder.path());
    command.env("TANDEM_NO_SELF", "false");
    let server = Server::spawn(command);
    send_everywhere(&server);
    assert!(look(&server), "the log holds the rest of the rows");
    ask_everywhere(&server);
    let masked = "SELECT count(*) FROM logs WHERE strpos(body, 'Bearer ***') > 0 OR strpos(body, 'app:***@db') > 0";
    assert_eq!(server.value(masked), 11);
    let kept = "SELECT DISTINCT attributes['user_password'] FROM logs WHERE attributes['user_password'] IS NOT NULL";
    assert_eq!(server.value(kept), "***");
    assert!(server.metric("tandem_ingest_changed_total{change=\"redacted\"}") >= 60.0);
    // Asking for a secret does not write it down either.
    server.post("/api/v1/search", &json!({"query": format!("\"{PASSWORD}\"")}));
    server.get(&format!("/api/v1/search?query={TOKEN}"));
    server.post("/api/v1/sql", &json!({"sql": format!("SELECT '{PASSWORD}' FROM nothing")}));
    server.post("/api/v1/flush", &json!({}));
    look(&server);
    ask_everywhere(&server);
    server.kill();
    let server = Server::start(folder.path());
    look(&server);
    ask_everywhere(&server);
}

#[test]
fn masking_can_be_turned_off() {
    let folder = fresh();
    let server = Server::with(folder.path(), &["--no-redact"]);
    let [url, ..] = texts();
    server.otlp_json("/v1/logs", &otlp::log(&url));
    assert_eq!(server.value("SELECT body FROM logs"), json!(url));
}
