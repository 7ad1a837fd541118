//! Searches as they stream, and the live tail.

use crate::http;
use crate::otlp;
use crate::schema;
use crate::server::{DEADLINE, Server, eventually, fresh};
use serde_json::{Value, json};
use std::time::Instant;

const MINUTE: u64 = 60_000_000_000;

/// Records `n 0`, `n 1`, ... a minute apart; the last one is now.
fn accept_numbered(server: &Server, numbers: std::ops::Range<u64>, last: u64) {
    let now = otlp::now();
    let record = |number: u64| {
        let (level, severity) = if number.is_multiple_of(2) { ("ERROR", 17) } else { ("INFO", 9) };
        json!({"timeUnixNano": (now - (last - number) * MINUTE).to_string(), "severityText": level,
            "severityNumber": severity, "body": {"stringValue": format!("n {number}")}})
    };
    let records: Vec<Value> = numbers.map(record).collect();
    assert_eq!(server.otlp_json("/v1/logs", &otlp::logs(json!(records))).status, 200);
}

/// Rows, the last histogram and the end of a search; everything in its order.
fn search(server: &Server, parameters: Value) -> (Vec<String>, Value, Value) {
    let answer = server.post("/api/v1/search", &parameters);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    let lines = answer.lines();
    let last = lines.last().unwrap();
    assert!(last["done"].is_object() && lines.iter().filter(|line| line.get("done").is_some()).count() == 1, "{last}");
    let body = |line: &Value| line["row"]["body"].as_str().map(str::to_owned);
    let histogram = lines.iter().rev().find_map(|line| line.get("histogram")).cloned().unwrap_or_default();
    (lines.iter().filter_map(body).collect(), histogram, last["done"].clone())
}

fn numbered(numbers: impl IntoIterator<Item = u64>) -> Vec<String> {
    numbers.into_iter().map(|number| format!("n {number}")).collect()
}

#[test]
fn a_search_answers_newest_first() {
    let folder = fresh();
    let server = Server::start(folder.path());
    // Some in a file, some in memory, and not in the order of their times.
    accept_numbered(&server, 5..20, 29);
    accept_numbered(&server, 0..5, 29);
    assert_eq!(server.post("/api/v1/flush", &json!({})).status, 200);
    accept_numbered(&server, 20..30, 29);
    let (rows, histogram, done) = search(&server, json!({"query": ""}));
    assert_eq!(rows, numbered((0..30).rev()));
    assert_eq!(histogram["complete"], true);
    let bars = histogram["bars"].as_array().unwrap();
    assert_eq!(bars.iter().map(|bar| bar[1].as_u64().unwrap()).sum::<u64>(), 30);
    assert!(bars.len() > 10 && bars.len() <= 60, "{histogram}");
    assert!(bars.is_sorted_by_key(|bar| bar[0].as_str().unwrap().to_owned()), "{histogram}");
    assert_eq!((&done["rows"], &done["matched"]), (&json!(30), &json!(30)));

    let (rows, histogram, done) = search(&server, json!({"query": "level:error", "limit": 3, "histogram": 5}));
    assert_eq!(rows, numbered([28, 26, 24]));
    assert!(histogram["bars"].as_array().unwrap().len() <= 6, "{histogram}");
    assert_eq!((&done["rows"], &done["matched"]), (&json!(3), &json!(15)));
    assert_eq!(done["truncated"], false, "no more were asked for");

    let (rows, histogram, _) = search(&server, json!({"from": "now-270s", "histogram": 0}));
    assert!(histogram.is_null() && rows.len() == 5, "{rows:?}");
}

#[test]
fn a_search_with_pipes_answers_columns() {
    let folder = fresh();
    let server = Server::start(folder.path());
    accept_numbered(&server, 0..9, 8);
    let answer = server.post("/api/v1/search", &json!({"query": "n | count by level"}));
    let lines = answer.lines();
    let names: Vec<&Value> = lines[0]["columns"].as_array().unwrap().iter().map(|column| &column["name"]).collect();
    assert_eq!(names, ["level", "count"]);
    let mut rows: Vec<&Value> = lines.iter().filter_map(|line| line.get("row")).collect();
    rows.sort_by_key(|row| row["count"].as_u64());
    assert_eq!(rows, [&json!({"level": "INFO", "count": 4}), &json!({"level": "ERROR", "count": 5})]);
    assert_eq!(lines.last().unwrap()["done"]["rows"], 2);
}

/// Waits for the next event of a tail; answers its name and its data.
fn next_event(lines: &mut impl Iterator<Item = std::io::Result<String>>) -> (String, Value) {
    let started = Instant::now();
    let mut name = String::new();
    for line in lines {
        let line = line.unwrap();
        if let Some(event) = line.strip_prefix("event: ") {
            event.clone_into(&mut name);
        } else if let Some(data) = line.strip_prefix("data: ") {
            let data: Value = serde_json::from_str(data).unwrap();
            let described = schema::document();
            let tail = &described["paths"]["/api/v1/tail"]["get"]["responses"]["200"]["content"]["text/event-stream"];
            let event = json!({"event": name, "data": data});
            assert_eq!(schema::fits(described, &tail["schema"], &event, "event"), Ok(()));
            return (name, data);
        }
        assert!(started.elapsed() < DEADLINE, "no event");
    }
    panic!("the tail ended");
}

fn tail(server: &Server, query: &str) -> impl Iterator<Item = std::io::Result<String>> + use<> {
    let url = format!("{}/api/v1/tail?query={query}", server.address("http"));
    let control = server.control();
    let answer = http::open(&server.agent, "GET", &url, &[("x-tandem-control", &control)], b"");
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut lines = http::lines(answer);
    assert_eq!(lines.next().unwrap().unwrap(), ": listening");
    lines
}

#[test]
fn a_tail_shows_what_comes() {
    let folder = fresh();
    let server = Server::start(folder.path());
    server.accept_good();
    let mut all = tail(&server, "");
    let mut errors = tail(&server, "level%3Aerror");
    assert_eq!(server.get("/api/v1/status").json()["tails"], 2);
    accept_numbered(&server, 1..3, 2);
    let (name, row) = next_event(&mut all);
    assert_eq!((name.as_str(), &row["body"], &row["service_name"]), ("row", &json!("n 1"), &json!("shop")));
    assert_eq!(next_event(&mut all).1["body"], "n 2");
    let (name, row) = next_event(&mut errors);
    assert_eq!((name.as_str(), &row["body"]), ("row", &json!("n 2")));
    assert!(row["timestamp"].as_str().unwrap().ends_with('Z') && row["event_id"].is_u64(), "{row}");
    // A listener that leaves gives its place back. The server notices when it has something to say.
    drop((all, errors));
    eventually("no tails", || {
        server.accept_more();
        (server.metric("tandem_tails") == 0.0).then_some(())
    });
    server.has_good();
}

#[test]
fn a_tail_is_bounded() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let _places: Vec<_> = (0..64).map(|_| tail(&server, "")).collect();
    server.get("/api/v1/tail").refuses(429, &["64 live tails", "close one"]);
    server.get("/api/v1/tail?query=a%20%7C%20count").refuses(400, &["no pipes", "search instead"]);
    server.get("/api/v1/tail?query=(").refuses(400, &["^"]);
    server.accept_good();
}

#[test]
fn a_tail_tells_what_it_left_out() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let mut lines = tail(&server, "");
    let body: String = (0..3000).map(|number| format!("{{\"msg\":\"m{number}\"}}\n")).collect();
    assert_eq!(server.ask("POST", "/api/v1/ingest/json", &[], body.as_bytes()).json()["accepted"], 3000);
    let mut shown = 0;
    let dropped = loop {
        match next_event(&mut lines) {
            (name, data) if name == "dropped" => break data["dropped"].as_u64().unwrap(),
            _ => shown += 1,
        }
    };
    assert_eq!((shown, dropped), (2000, 1000));
}

#[test]
fn a_tail_ends_with_the_server() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let mut lines = tail(&server, "");
    assert_eq!(server.stop(), Some(0));
    assert!(lines.all(|line| line.is_ok_and(|line| line.is_empty())), "a clean end, not a broken connection");
}
