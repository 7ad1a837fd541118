//! Wrong clocks and bytes that are no text: kept, mended, marked and counted.

use crate::otlp::{self, field};
use crate::server::{Server, eventually, fresh};
use serde_json::json;
use std::io::Write as _;
use std::net::{TcpStream, UdpSocket};

const IN_1970: &str = "1970-01-01T00:00:01.000000000Z";
const IN_2106: &str = "2106-02-07T06:28:16.000000000Z";
/// Both in nanoseconds.
const TIMES: [(&str, &str); 2] = [(IN_1970, "1000000000"), (IN_2106, "4294967296000000000")];

/// The original times of the rows, after a check that their own time is that of receipt.
fn originals(server: &Server, table: &str, condition: &str) -> Vec<String> {
    let rows = server.sql(&format!(
        "SELECT original_timestamp, timestamp = received_timestamp, timestamp > now() - INTERVAL '5 minutes' \
         FROM {table} WHERE {condition} ORDER BY original_timestamp"
    ));
    for row in &rows {
        assert_eq!((&row[1], &row[2]), (&json!(true), &json!(true)), "{table}: {row:?}");
    }
    rows.iter().map(|row| row[0].as_str().unwrap_or("none").to_owned()).collect()
}

fn skewed(server: &Server) -> f64 {
    server.metric("tandem_ingest_changed_total{change=\"skewed_time\"}")
}

#[test]
fn events_of_1970_and_2106_are_kept() {
    let folder = fresh();
    let server = Server::start(folder.path());
    server.accept_good();
    let each =
        |make: &dyn Fn(&str) -> serde_json::Value| TIMES.iter().map(|(_, nanos)| make(nanos)).collect::<Vec<_>>();
    let logs = each(&|nanos| json!({"timeUnixNano": nanos, "body": {"stringValue": "odd"}}));
    let spans = each(&|nanos| {
        json!({"startTimeUnixNano": nanos, "endTimeUnixNano": nanos, "name": "odd",
        "traceId": "0123456789abcdef0123456789abcdef", "spanId": "0123456789abcdef"})
    });
    let points = each(&|nanos| json!({"timeUnixNano": nanos, "asDouble": 1.5}));
    let answers = [
        server.otlp_json("/v1/logs", &otlp::logs(json!(logs))),
        server.otlp_json("/v1/traces", &otlp::spans(json!(spans))),
        server.otlp_json("/v1/metrics", &otlp::metrics(json!([{"name": "odd", "gauge": {"dataPoints": points}}]))),
        server.ask(
            "POST",
            "/api/v1/ingest/json",
            &[],
            b"{\"ts\":1,\"msg\":\"line\"}\n{\"ts\":4294967296,\"msg\":\"line\"}",
        ),
    ];
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    for (table, condition) in
        [("logs", "body = 'odd'"), ("spans", "name = 'odd'"), ("metrics", "name = 'odd'"), ("logs", "body = 'line'")]
    {
        assert_eq!(originals(&server, table, condition), [IN_1970, IN_2106], "{table} {condition}");
    }
    assert_eq!(skewed(&server), 8.0);
    // A time that is right stays, also after all this.
    assert_eq!(server.value("SELECT count(*) FROM logs WHERE body = 'good' AND original_timestamp IS NULL"), 1);
    // And none of it is older than the retention, so that a flush and a restart keep it.
    server.post("/api/v1/flush", &json!({}));
    server.kill();
    let server = Server::start(folder.path());
    assert_eq!(originals(&server, "logs", "body = 'odd'"), [IN_1970, IN_2106]);
    server.has_good();
}

#[test]
fn syslog_of_1970_and_2106_is_kept() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    for time in ["1970-01-01T00:00:01Z", "2106-02-07T06:28:16Z"] {
        socket.send_to(format!("<13>1 {time} host app - - - odd").as_bytes(), server.socket("syslog")).unwrap();
    }
    let count = || server.value("SELECT count(*) FROM logs WHERE body = 'odd'");
    eventually("both messages", || (count() == 2).then_some(()));
    assert_eq!(originals(&server, "logs", "body = 'odd'"), [IN_1970, IN_2106]);
    assert_eq!(skewed(&server), 2.0);
}

#[test]
fn text_that_is_no_utf8_is_mended() {
    let folder = fresh();
    let server = Server::start(folder.path());
    server.accept_good();
    let mut record = otlp::record(b"protobuf \xff\xfe end");
    record.extend(field(6, &[field(1, b"k\xff"), field(2, &field(1, b"v\xff"))].concat()));
    assert_eq!(server.otlp_protobuf("/v1/logs", &otlp::request(&[record])).status, 200);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.send_to(b"<13>1 - host app - - - udp \xff end", server.socket("syslog")).unwrap();
    socket.send_to(b"\xff\x00 neither format \xfe", server.socket("syslog")).unwrap();
    TcpStream::connect(server.socket("syslog")).unwrap().write_all(b"<13>1 - host app - - - tcp \xff end\n").unwrap();
    assert_eq!(server.ask("POST", "/api/v1/ingest/json", &[], b"{\"msg\":\"line \xff end\"}").status, 200);
    let bulk = b"{\"create\":{\"_index\":\"x\"}}\n{\"message\":\"bulk \xff end\"}\n";
    assert_eq!(server.ask("POST", "/_bulk", &[], bulk).status, 200);
    // What is JSON by its protocol must be UTF-8 by it, too: the sender is told.
    let json = [("content-type", "application/json")];
    let body = otlp::log("X").to_string().replace('X', "\u{1}").into_bytes();
    let body: Vec<u8> = body.into_iter().map(|byte| if byte == 1 { 0xff } else { byte }).collect();
    server.otlp("/v1/logs", &json, &body).says(400, &["line 1 column"]);
    let bodies = || server.sql("SELECT body FROM logs WHERE strpos(body, '\u{fffd}') > 0 ORDER BY body");
    let bodies = eventually("all six", || Some(bodies()).filter(|rows| rows.len() == 6));
    let bodies: Vec<&str> = bodies.iter().map(|row| row[0].as_str().unwrap()).collect();
    for body in [
        "protobuf \u{fffd}\u{fffd} end",
        "udp \u{fffd} end",
        "tcp \u{fffd} end",
        "line \u{fffd} end",
        "bulk \u{fffd} end",
    ] {
        assert!(bodies.contains(&body), "{body}: {bodies:?}");
    }
    assert!(bodies.iter().any(|body| body.contains("neither format")), "{bodies:?}");
    assert_eq!(
        server.value("SELECT attributes['k\u{fffd}'] FROM logs WHERE starts_with(body, 'protobuf')"),
        "v\u{fffd}"
    );
    assert_eq!(server.value("SELECT count(*) FROM logs WHERE strpos(cut, 'utf8') > 0"), 6);
    assert_eq!(server.metric("tandem_ingest_changed_total{change=\"invalid_utf8\"}"), 6.0);
    server.has_good();
}
