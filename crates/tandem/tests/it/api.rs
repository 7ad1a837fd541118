//! The API as machines see it: health, numbers, and a description that is true.

use crate::otlp;
use crate::server::{Server, fresh};
use serde_json::{Value, json};

const TRACE: &str = "0123456789abcdef0123456789abcdef";

fn accept_trace(server: &Server) {
    let time = otlp::now().to_string();
    let span = json!({"traceId": TRACE, "spanId": "0123456789abcdef", "name": "GET /", "startTimeUnixNano": time,
        "endTimeUnixNano": time});
    let log = json!({"traceId": TRACE, "timeUnixNano": time, "body": {"stringValue": "within"}});
    assert_eq!(server.otlp_json("/v1/traces", &otlp::spans(json!([span]))).status, 200);
    assert_eq!(server.otlp_json("/v1/logs", &otlp::logs(json!([log]))).status, 200);
}

#[test]
fn it_is_alive_and_ready() {
    let folder = fresh();
    let server = Server::start(folder.path());
    server.get("/healthz").says(200, &["ok"]);
    server.get("/readyz").says(200, &["ready"]);
    let file: Value = serde_json::from_slice(&std::fs::read(folder.path().join("server.json")).unwrap()).unwrap();
    assert_eq!((&file["pid"], &file["http"]), (&json!(server.pid()), &json!(server.address("http"))));
    for (path, accept, kind) in [("/", "text/html", "text/html; charset=utf-8"), ("/", "*/*", "application/json")] {
        let answer = server.ask("GET", path, &[("accept", accept)], b"");
        assert_eq!((answer.status, answer.header("content-type")), (200, kind));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let page = server.ask("GET", "/", &[("accept", "text/html")], b"");
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
}

#[test]
fn numbers_are_told_as_prometheus_reads_them() {
    let folder = fresh();
    let server = Server::start(folder.path());
    server.accept_good();
    server.accept_again();
    let answer = server.get("/metrics");
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let text = answer.text();
    let mut families = std::collections::HashSet::new();
    for line in text.lines() {
        if let Some(family) = line.strip_prefix("# TYPE ") {
            let (name, kind) = family.split_once(' ').unwrap();
            assert!(families.insert(name.to_owned()), "{name} twice");
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
        } else if !line.starts_with('#') {
            let (name, value) = line.rsplit_once(' ').unwrap();
            value.parse::<f64>().unwrap();
            let name = name.split('{').next().unwrap();
            let of = |suffix: &str| name.strip_suffix(suffix).is_some_and(|family| families.contains(family));
            assert!(families.contains(name) || of("_bucket") || of("_sum") || of("_count"), "{line}");
        }
    }
    assert_eq!(server.metric("tandem_ingest_records_total{source=\"otlp\"}"), 2.0);
    assert_eq!(server.metric("tandem_store_rows{table=\"logs\"}"), 2.0);
    assert_eq!(server.metric("tandem_stream_rows_total{dataset=\"default\",service=\"shop\",source=\"otlp\"}"), 2.0);
    let status = server.get("/api/v1/status").json();
    assert_eq!((&status["ready"], &status["pending_flush"]), (&json!(true), &json!(2)));
    let streams = server.get("/api/v1/streams").json();
    assert_eq!((&streams["streams"][0]["service"], &streams["streams"][0]["rows"]), (&json!("shop"), &json!(2)));
}

#[test]
fn every_described_route_is_there() {
    let folder = fresh();
    let server = Server::start(folder.path());
    accept_trace(&server);
    let document = server.get("/api/openapi.json").json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    let mut routes = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path
            .replace("{id}", TRACE)
            .replace("{source}", "github")
            .replace("{format}", "auto")
            .replace("{report}", "running")
            .replace("{name}", "no-such");
        for (method, operation) in methods.as_object().unwrap() {
            routes += 1;
            let well = ["200", "303"].iter().any(|status| operation["responses"][status].is_object());
            assert!(well, "{method} {path} never answers well");
            if path == "/api/v1/tail" {
                // It does not end by itself.
                let url = format!("{}{path}", server.address("http"));
                let control = server.control();
                let owner = [("x-tandem-control", control.as_str())];
                assert_eq!(crate::http::open(&server.agent, "GET", &url, &owner, b"").status(), 200);
                continue;
            }
            let json = [("content-type", "application/json")];
            let answer = server.ask(&method.to_uppercase(), &path, &json, b"{}");
            // That there is no such control or upgrade is another matter than that there is no such route.
            let is_nowhere = answer.status == 404 && answer.text().contains("there is nothing at");
            assert!(!is_nowhere && ![405, 500, 501].contains(&answer.status), "{method} {path}: {}", answer.text());
        }
    }
    assert!(routes >= 21, "{routes}");
    // What the documentation promises is described.
    let mut promised = 0;
    for line in include_str!("../../../../docs/api.md").lines().filter(|line| line.starts_with("| `")) {
        let request = line.split('|').nth(1).unwrap().replace(['`', ','], " ");
        let (methods, paths): (Vec<&str>, Vec<&str>) = request.split_whitespace().partition(|word| !word.contains('/'));
        let [path] = paths[..] else { continue };
        // The page is for people, and the greeting is Elasticsearch's.
        for method in methods.iter().filter(|_| path != "/") {
            promised += 1;
            assert!(document["paths"][path][method.to_lowercase()].is_object(), "{method} {path}");
        }
    }
    assert!(promised >= 21, "{promised}");
    let parameters = document["paths"]["/api/v1/ingest/json"]["post"]["parameters"].as_array().unwrap();
    assert!(parameters.iter().any(|parameter| parameter["name"] == "trace_id"), "{parameters:?}");
}

#[test]
fn fields_facets_traces_and_ranges_answer() {
    let folder = fresh();
    let server = Server::start(folder.path());
    accept_trace(&server);
    let points =
        |values: [f64; 2]| values.map(|value| json!({"timeUnixNano": otlp::now().to_string(), "asDouble": value}));
    let metric = json!({"name": "load", "unit": "1", "gauge": {"dataPoints": points([1.0, 3.0])}});
    assert_eq!(server.otlp_json("/v1/metrics", &otlp::metrics(json!([metric]))).status, 200);
    let trace = server.get(&format!("/api/v1/traces/{TRACE}")).json();
    assert_eq!((&trace["spans"][0]["name"], &trace["logs"][0]["body"]), (&json!("GET /"), &json!("within")));
    server.get("/api/v1/traces/ffffffffffffffffffffffffffffffff").says(404, &["ffff"]);
    let facets = server.get("/api/v1/facets?fields=service_name").json();
    assert_eq!(facets["facets"][0]["values"][0], json!({"value": "shop", "count": 1}));
    let range = server.get("/api/v1/metrics/range?name=load&agg=avg").json();
    let points = range["series"][0]["points"].as_array().unwrap();
    assert_eq!((points.len(), &points[0][1]), (1, &json!(2.0)), "{range}");
    server.get("/api/v1/metrics/range?name=load&agg=median").refuses(400, &["median", "p50"]);
    let fields = server.get("/api/v1/fields?table=spans").json();
    assert!(fields["fields"].as_array().unwrap().iter().any(|field| field["name"] == "name"), "{fields}");
    let proposals = server.get("/api/v1/complete?query=serv").json();
    assert!(
        proposals["proposals"].as_array().unwrap().iter().any(|one| one["text"].as_str().unwrap().contains("service"))
    );
}

#[test]
fn a_backup_is_asked_for_by_the_servers_user_alone() {
    let folder = fresh();
    let server = Server::start(&folder.path().join("data"));
    server.accept_good();
    let target = folder.path().join("backup");
    let body = json!({"target": target});
    server.ask_as_nobody("POST", "/api/v1/backup").refuses(403, &["own user", "--data-dir"]);
    let headers = [("content-type", "application/json"), ("x-tandem-control", "0123456789abcdef")];
    server.ask("POST", "/api/v1/backup", &headers, body.to_string().as_bytes()).refuses(401, &["control key"]);
    let token = server.post(
        "/api/v1/tokens",
        &json!({"kind": "api", "name": "ci", "grants": [
        {"role": "admin", "team": "*", "datasets": ["*"]}]}),
    );
    let bearer = format!("Bearer {}", token.json()["token"].as_str().unwrap());
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    server.ask("POST", "/api/v1/backup", &headers, body.to_string().as_bytes()).refuses(403, &["own user"]);
    assert!(!target.exists());
}
