//! SQL: answers in three formats, nothing but reading, and within bounds.

use crate::http;
use crate::otlp;
use crate::server::{Server, eventually, fresh};
use arrow_ipc::reader::StreamReader;
use serde_json::{Value, json};
use std::time::Duration;

/// A hundred thousand million rows out of nothing: nobody waits for that.
const ENDLESS: &str = "SELECT sum(value) FROM generate_series(1, 100000000000)";

fn accept_two(server: &Server) {
    let record = |body: &str, number: u64| {
        json!({"timeUnixNano": otlp::now().to_string(), "body": {"stringValue": body}, "traceId": "0123456789abcdef0123456789abcdef",
            "attributes": [{"key": "n", "value": {"intValue": number.to_string()}}]})
    };
    let records = json!([record("plain", 1), record("with, \"quotes\"\nand é", 2)]);
    assert_eq!(server.otlp_json("/v1/logs", &otlp::logs(records)).status, 200);
}

#[test]
fn answers_come_as_json_csv_and_arrow() {
    let folder = fresh();
    let server = Server::start(folder.path());
    accept_two(&server);
    let sql = "SELECT body, attributes['n'] AS n, trace_id, timestamp FROM logs ORDER BY n";
    let ask = |format: &str| server.post("/api/v1/sql", &json!({"sql": sql, "format": format}));

    let answer = ask("json");
    assert_eq!(answer.header("content-type"), "application/json");
    let answer = answer.json();
    let names: Vec<&Value> = answer["columns"].as_array().unwrap().iter().map(|column| &column["name"]).collect();
    assert_eq!(names, ["body", "n", "trace_id", "timestamp"]);
    assert_eq!((&answer["row_count"], &answer["columns"][3]["type"]), (&json!(2), &json!("timestamp")));
    assert_eq!(answer["rows"][1][0], "with, \"quotes\"\nand é");
    assert_eq!(answer["rows"][0][2], "0123456789abcdef0123456789abcdef");

    let answer = ask("csv");
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let text = answer.text();
    assert!(text.starts_with("body,n,trace_id,timestamp\r\nplain,1,0123456789abcdef0123456789abcdef,20"), "{text}");
    assert!(text.contains("\r\n\"with, \"\"quotes\"\"\nand é\",2,"), "{text}");

    for answer in [
        ask("arrow"),
        server.ask(
            "GET",
            "/api/v1/sql?sql=SELECT%20body,1,2,3%20FROM%20logs",
            &[("accept", "application/vnd.apache.arrow.stream")],
            b"",
        ),
    ] {
        assert_eq!(answer.header("content-type"), "application/vnd.apache.arrow.stream");
        let reader = StreamReader::try_new(&answer.body[..], None).unwrap();
        assert_eq!(reader.schema().fields().len(), 4);
        let rows: usize = reader.map(|batch| batch.unwrap().num_rows()).sum();
        assert_eq!(rows, 2);
        assert!(answer.body.ends_with(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]), "the stream says that it ended");
    }
}

#[test]
fn statements_only_read() {
    let folder = fresh();
    let server = Server::start(folder.path());
    server.accept_good();
    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    for sql in [
        "INSERT INTO logs SELECT * FROM logs".to_owned(),
        "DELETE FROM logs".to_owned(),
        "UPDATE logs SET body = 'x'".to_owned(),
        "CREATE TABLE mine AS SELECT * FROM logs".to_owned(),
        "CREATE VIEW mine AS SELECT * FROM logs".to_owned(),
        "CREATE EXTERNAL TABLE mine STORED AS CSV LOCATION '/etc/passwd'".to_owned(),
        "CREATE SCHEMA mine".to_owned(),
        "DROP TABLE logs".to_owned(),
        format!("COPY logs TO '{out}' STORED AS CSV"),
        format!("COPY (SELECT 1) TO '{out}.json'"),
        "SET datafusion.execution.batch_size = 1".to_owned(),
        "BEGIN".to_owned(),
    ] {
        server.post("/api/v1/sql", &json!({"sql": sql})).refuses(400, &["upported", "send one SELECT"]);
    }
    for sql in ["SELECT 1; DROP TABLE logs", "", "TRUNCATE logs", "GRANT ALL ON logs TO me"] {
        assert_eq!(server.post("/api/v1/sql", &json!({"sql": sql})).status, 400, "{sql}");
    }
    // Nor does a statement read what is not Tandem's.
    for sql in ["SELECT * FROM '/etc/passwd'", "SELECT * FROM \"/etc/passwd\"", "SELECT * FROM read_csv('/etc/passwd')"]
    {
        assert_eq!(server.post("/api/v1/sql", &json!({"sql": sql})).status, 400, "{sql}");
    }
    assert!(!std::fs::exists(out).unwrap() && !std::fs::exists(format!("{out}.json")).unwrap());
    assert_eq!(server.value("SELECT count(*) FROM logs"), 1);
    server.has_good();
}

#[test]
fn errors_of_sql_say_where() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let answer = server.post("/api/v1/sql", &json!({"sql": "SELECT *\nFORM logs"}));
    answer.says(400, &["Line: 2, Column: "]);
    assert_eq!(answer.json()["error"]["where"]["line"], 2);
    server.post("/api/v1/sql", &json!({"sql": "SELECT nothing FROM logs"})).says(400, &["nothing", "body"]);
    server.post("/api/v1/sql", &json!({"sql": "SELECT * FROM nothing"})).says(400, &["nothing"]);
    server.post("/api/v1/sql", &json!({"sql": "SELECT nothing(1)"})).says(400, &["nothing"]);
    let long = format!("SELECT '{}'", "x".repeat(256 << 10));
    server.post("/api/v1/sql", &json!({"sql": long})).says(400, &["262144 bytes"]);
}

#[test]
fn an_answer_has_as_many_rows_as_asked_for() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let body: String = (0..50).map(|number| format!("{{\"msg\":\"m{number}\"}}\n")).collect();
    server.ask("POST", "/api/v1/ingest/json", &[], body.as_bytes());
    for format in ["json", "csv", "arrow"] {
        let answer = server.post("/api/v1/sql", &json!({"sql": "SELECT 1 FROM logs", "limit": 7, "format": format}));
        let rows = match format {
            "json" => answer.json()["rows"].as_array().unwrap().len(),
            "csv" => answer.text().lines().count() - 1,
            _ => StreamReader::try_new(&answer.body[..], None).unwrap().map(|batch| batch.unwrap().num_rows()).sum(),
        };
        assert_eq!(rows, 7, "{format}");
    }
}

#[test]
fn an_answer_that_a_limit_cut_says_so() {
    let folder = fresh();
    let server = Server::start(folder.path());
    for (rows, limit, told) in [
        (1_000_001, json!(null), "\"row_count\":1000000,\"truncated\":true,"),
        (1_000_000, json!(2_000_000), "\"row_count\":1000000,\"truncated\":false,"),
        (10, json!(7), "\"row_count\":7,\"truncated\":false,"),
    ] {
        let sql = format!("SELECT 1 FROM generate_series(1, {rows})");
        let text = server.post("/api/v1/sql", &json!({"sql": sql, "limit": limit})).text();
        let end = text.rsplit('\n').find(|line| !line.is_empty()).unwrap();
        assert!(end.contains(told), "{end}");
    }
}

#[test]
fn a_statement_that_takes_too_long_is_ended() {
    let folder = fresh();
    let server = Server::with(folder.path(), &["--query-timeout", "1s"]);
    server.accept_good();
    // The caller may ask for less than the server's limit, never for more.
    for timeout in [json!(null), json!(600)] {
        let answer = server.post("/api/v1/sql", &json!({"sql": ENDLESS, "timeout": timeout}));
        let error = answer.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
        assert!(error.contains("took longer than 1 s") && error.contains("query_timeout"), "{}", answer.text());
    }
    rests(&server);
    server.has_good();
}

#[test]
fn closing_the_connection_ends_the_work() {
    let folder = fresh();
    let server = Server::start(folder.path());
    server.accept_good();
    let url = format!("{}/api/v1/sql", server.address("http"));
    let body = json!({"sql": ENDLESS}).to_string();
    let before = server.cpu_time();
    let control = server.control();
    let headers = [("content-type", "application/json"), ("x-tandem-control", &control)];
    let answer = http::open(&server.agent, "POST", &url, &headers, body.as_bytes());
    assert_eq!(answer.status(), 200);
    eventually("work", || (server.cpu_time() > before + Duration::from_millis(200)).then_some(()));
    drop(answer);
    eventually("the end of the query", || {
        (server.metric("tandem_query_seconds_count{kind=\"sql\"}") == 2.0).then_some(())
    });
    rests(&server);
    server.has_good();
}

/// Waits until the server does next to nothing, which is long before the time of a query is over.
fn rests(server: &Server) {
    let mut last = (std::time::Instant::now(), server.cpu_time());
    eventually("rest", || {
        if last.0.elapsed() < Duration::from_millis(200) {
            return None;
        }
        let busy = server.cpu_time() - last.1;
        last = (std::time::Instant::now(), server.cpu_time());
        (busy <= Duration::from_millis(50)).then_some(())
    });
}
