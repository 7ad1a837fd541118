//! The same request twice is kept once, whatever happened in between.

use crate::otlp;
use crate::server::{Server, fresh};
use serde_json::json;

fn count(server: &Server, body: &str) -> u64 {
    server.value(&format!("SELECT count(*) FROM logs WHERE body = '{body}'")).as_u64().unwrap()
}

fn duplicates(server: &Server) -> f64 {
    server.metric("tandem_store_duplicates_total")
}

#[test]
fn a_retry_is_recognised_also_after_a_crash() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let protobuf = otlp::request(&[otlp::record(b"protobuf"), otlp::record(b"protobuf")]);
    let json = otlp::log("json");
    let again = |server: &Server, duplicates_before: f64| {
        assert_eq!(server.otlp_protobuf("/v1/logs", &protobuf).status, 200);
        let answer = server.otlp_json("/v1/logs", &json);
        assert_eq!((answer.status, answer.text().as_str()), (200, "{}"));
        assert_eq!((count(server, "protobuf"), count(server, "json")), (2, 1));
        assert_eq!(duplicates(server), duplicates_before + 2.0);
    };
    again(&server, -2.0);
    again(&server, 0.0);
    // From the log alone.
    server.kill();
    let server = Server::start(folder.path());
    assert_eq!((count(&server, "protobuf"), count(&server, "json")), (2, 1));
    again(&server, 0.0);
    // From the files alone.
    assert_eq!(server.post("/api/v1/flush", &json!({})).status, 200);
    server.kill();
    let server = Server::start(folder.path());
    again(&server, 0.0);
    assert_eq!(server.stop(), Some(0));
    let server = Server::start(folder.path());
    again(&server, 0.0);
    // Another body is another request.
    assert_eq!(server.otlp_json("/v1/logs", &otlp::log("json")).status, 200);
    assert_eq!(count(&server, "json"), 2);
}

#[test]
fn a_request_may_name_itself() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let send = |body: &str, key: &str| {
        let line = format!("{{\"msg\":\"{body}\"}}");
        assert_eq!(server.ask("POST", "/api/v1/ingest/json", &[("idempotency-key", key)], line.as_bytes()).status, 200);
    };
    send("named", "a");
    send("named", "a");
    assert_eq!(count(&server, "named"), 1);
    send("named", "b");
    assert_eq!(count(&server, "named"), 2);
    // Lines without a time of their own may well be two events, unless the sender says that they are one.
    for _ in 0..2 {
        assert_eq!(server.ask("POST", "/api/v1/ingest/json", &[], b"{\"msg\":\"unnamed\"}").status, 200);
    }
    assert_eq!(count(&server, "unnamed"), 2);
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let folder = fresh();
    for round in 0..3 {
        let server = Server::start(folder.path());
        assert_eq!(count(&server, "survivor"), round);
        assert_eq!(server.otlp_json("/v1/logs", &otlp::log("survivor")).status, 200);
        server.kill();
    }
    let server = Server::start(folder.path());
    assert_eq!(count(&server, "survivor"), 3);
    assert_eq!(server.stop(), Some(0));
    assert!(!folder.path().join("server.json").exists(), "a stopped server is not announced any more");
}
