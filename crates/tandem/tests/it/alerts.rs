//! Alerts through the real server: taken from Prometheus, judged, hidden, learnt from.

use crate::server::{Server, binary, fresh, run, serve};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// What Prometheus sends.
fn prometheus(server: &Server, name: &str, severity: &str, labels: &Value, ends: &str) -> Value {
    let mut all = json!({"alertname": name, "severity": severity});
    all.as_object_mut().unwrap().extend(labels.as_object().unwrap().clone());
    let body = json!([{"labels": all, "annotations": {"description": format!("{name} since a while"),
        "runbook_url": "https://wiki.example/x"}, "startsAt": "2026-11-20T00:00:00Z", "endsAt": ends}]);
    let answer = server.post("/api/v2/alerts", &body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

const NEVER: &str = "0001-01-01T00:00:00Z";

fn owned(server: &Server, of: &str, team: &str) {
    let body = json!({"entity": of, "owner": team, "reason": "theirs"});
    assert_eq!(server.post("/api/v1/owners", &body).status, 200);
}

fn act(server: &Server, body: &Value) -> Value {
    let answer = server.post("/api/v1/alerts/act", body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn command(server: &Server, arguments: &[&str]) -> Command {
    let mut command = binary(Path::new(env!("CARGO_BIN_EXE_tandem")), arguments);
    command.arg("--data-dir").arg(&server.data_dir);
    command
}

#[test]
fn an_alert_goes_from_prometheus_to_the_ledger_of_rules() {
    let folder = fresh();
    let server = Server::start(folder.path());
    owned(&server, "service:checkout", "payments");
    let told = prometheus(&server, "HighLatency", "page", &json!({"service": "checkout"}), NEVER);
    assert_eq!((&told["raised"], &told["repeated"]), (&json!(1), &json!(0)));
    let told = prometheus(&server, "HighLatency", "page", &json!({"service": "checkout"}), NEVER);
    assert_eq!((&told["raised"], &told["repeated"]), (&json!(0), &json!(1)), "sent again it is the same");
    let page = server.get("/api/v1/alerts?team=payments").json();
    let row = &page["rows"][0];
    assert_eq!(
        (&row["level"], &row["team"], &row["entity"]),
        (&json!("critical"), &json!("payments"), &json!("service:checkout"))
    );
    assert_eq!(page["counts"]["states"], json!({"open": 1}));
    let (id, incident) = (row["id"].as_i64().unwrap(), row["incident"].as_i64().unwrap());
    let risk = server.get("/api/v1/risk").json();
    assert_eq!(
        (&risk["rows"][0]["entity"], &risk["rows"][0]["team"]),
        (&json!("service:checkout"), &json!("payments"))
    );
    assert!(risk["rows"][0]["risk"].as_f64() > risk["bar"].as_f64(), "{risk}");
    let alert = server.get(&format!("/api/v1/alerts/{id}")).json();
    assert_eq!(
        (&alert["why"], &alert["runbook"]),
        (&json!("HighLatency since a while"), &json!("https://wiki.example/x"))
    );
    act(&server, &json!({"ids": [incident], "do": "acknowledge"}));
    server
        .post("/api/v1/alerts/act", &json!({"ids": [incident], "do": "resolve", "outcome": "true"}))
        .refuses(400, &["say why"]);
    act(&server, &json!({"ids": [incident], "do": "resolve", "outcome": "true", "reason": "a slow query"}));
    server
        .post("/api/v1/alerts/act", &json!({"ids": [id], "do": "snooze", "until": "-1h", "reason": "x"}))
        .says(400, &["to come"]);
    let rules = server.get("/api/v1/rules/ledger").json();
    let rule = &rules["rows"][0];
    assert_eq!(
        (&rule["rule"], &rule["acted"], &rule["confirmed"]),
        (&json!("alertmanager:HighLatency"), &json!(1), &json!(1))
    );
    let rows =
        server.sql("SELECT a.state, a.outcome, a.team, i.state FROM alerts a JOIN incidents i ON i.id = a.incident");
    assert_eq!(rows, [["resolved", "true", "payments", "resolved"].map(Value::from).to_vec()]);
    let review = server.get(&format!("/api/v1/incidents/{incident}/review")).text();
    assert!(review.contains("# HighLatency") && review.contains("a slow query"), "{review}");
    assert!(server.post("/api/v1/audit/verify", &json!({})).json()["problems"].as_array().unwrap().is_empty());
}

#[test]
fn what_prometheus_says_is_over_is_over() {
    let folder = fresh();
    let server = Server::start(folder.path());
    for disk in ["/", "/data"] {
        prometheus(&server, "DiskFull", "warning", &json!({"instance": "web-1:9100", "mountpoint": disk}), NEVER);
    }
    assert_eq!(server.get("/api/v1/alerts").json()["counts"]["all"], 2);
    let labels = json!({"instance": "web-1:9100", "mountpoint": "/data"});
    let told = prometheus(&server, "DiskFull", "warning", &labels, "2026-11-20T00:05:00Z");
    assert_eq!(told["ended"], 1);
    let rows = server.sql("SELECT outcome, count(*) FROM alerts WHERE state = 'resolved' GROUP BY 1");
    assert_eq!(rows, [vec![json!("ended"), json!(1)]]);
    server.post("/api/v2/alerts", &json!({"no": "list"})).says(400, &["no list of alerts"]);
    let page = [("content-type", "application/json"), ("origin", "https://evil.example")];
    assert_eq!(server.ask("POST", "/api/v2/alerts", &page, b"[]").status, 403);
}

#[test]
fn a_suppression_hides_and_counts_until_it_ends() {
    let folder = fresh();
    let server = Server::start(folder.path());
    owned(&server, "host:test-1", "platform");
    let made = server
        .post("/api/v1/suppressions", &json!({"entity": "host:test-*", "owner": "platform", "reason": "a test bed"}));
    assert_eq!(made.status, 200, "{}", made.text());
    let made = made.json()["suppression"].clone();
    let told = prometheus(&server, "Load", "warning", &json!({"host": "test-1"}), NEVER);
    assert_eq!((&told["hidden"], &told["raised"]), (&json!(1), &json!(0)));
    assert_eq!(server.get("/api/v1/suppressions").json()["rows"][0]["firings"], 1);
    assert_eq!(server.value("SELECT hidden FROM controls WHERE hidden > 0"), 1);
    assert_eq!(server.get("/api/v1/rules/ledger").json()["rows"][0]["suppressed"], 1);
    let late = json!({"rule": "x", "owner": "platform", "reason": "r", "until": "now+200d"});
    server.post("/api/v1/suppressions", &late).says(400, &["at most 90 days"]);
    let decided = json!({"kind": "suppression", "key": "s1", "reason": "r", "entity": "host:test-1"});
    server.post("/api/v1/decisions", &decided).says(400, &["hide nothing", "/api/v1/suppressions", "tandem suppress"]);
    act(&server, &json!({"ids": [made["id"]], "do": "resolve", "outcome": "done", "reason": "not needed"}));
    let told = prometheus(&server, "Load", "critical", &json!({"host": "test-1"}), NEVER);
    assert_eq!(told["raised"], 1);
}

/// An API token of somebody in one team.
fn token(server: &Server, role: &str, team: &str, dataset: &str) -> String {
    let grant = json!({"role": role, "team": team, "datasets": [dataset]});
    let body = json!({"kind": "api", "name": format!("{role} of {team}"), "grants": [grant]});
    server.post("/api/v1/tokens", &body).json()["token"].as_str().unwrap().to_owned()
}

#[test]
fn nobody_acts_on_what_is_anothers_or_sees_what_is_not_theirs() {
    let folder = fresh();
    let mut server = Server::start(folder.path());
    owned(&server, "service:pay", "pay");
    prometheus(&server, "Slow", "critical", &json!({"service": "pay"}), NEVER);
    prometheus(&server, "Odd", "critical", &json!({"service": "nobodys"}), NEVER);
    let rows = server.get("/api/v1/alerts").json()["rows"].clone();
    let id = |title: &str| rows.as_array().unwrap().iter().find(|row| row["title"] == title).unwrap()["id"].clone();
    let (pay, nobodys) = (id("Slow"), id("Odd"));
    let shop = token(&server, "editor", "shop", "default");
    let other = token(&server, "admin", "pay", "web");
    let viewer = token(&server, "viewer", "pay", "default");
    let responder = token(&server, "responder", "pay", "default");
    let acknowledge = |id: &Value| json!({"ids": [id], "do": "acknowledge"});
    server.token = Some(shop);
    for id in [&pay, &nobodys] {
        server.post("/api/v1/alerts/act", &acknowledge(id)).refuses(403, &["this needs the role responder"]);
    }
    let hide = json!({"rule": "*Slow", "owner": "pay", "reason": "quiet"});
    server.post("/api/v1/suppressions", &hide).refuses(403, &["in team", "pay"]);
    let hide = json!({"rule": "*Slow", "owner": "shop", "reason": "quiet", "all_teams": true});
    server.post("/api/v1/suppressions", &hide).refuses(403, &["all teams"]);
    // What it may make hides nothing of pay's.
    let hide = json!({"rule": "*Slow", "owner": "shop", "reason": "quiet"});
    assert_eq!(server.post("/api/v1/suppressions", &hide).status, 200);
    server.token = Some(other);
    assert_eq!(server.get("/api/v1/alerts").json()["counts"]["all"], 0);
    server.get(&format!("/api/v1/alerts/{pay}")).says(403, &["there is no alert"]);
    server.post("/api/v1/alerts/act", &acknowledge(&pay)).says(403, &["there is no alert"]);
    assert!(server.sql("SELECT id FROM alerts").is_empty());
    server.token = Some(viewer);
    assert_eq!(server.get(&format!("/api/v1/alerts/{pay}")).status, 200);
    server.post("/api/v1/alerts/act", &acknowledge(&pay)).refuses(403, &["is not granted"]);
    server.token = Some(responder);
    server.post("/api/v1/suppressions", &hide).refuses(403, &["is not granted"]);
    assert_eq!(act(&server, &acknowledge(&pay))["acted"], 1);
    server.token = None;
    let again = prometheus(&server, "Slow", "critical", &json!({"service": "pay", "zone": "b"}), NEVER);
    assert_eq!(again["hidden"], 0);
}

#[test]
fn the_commands_list_show_and_act() {
    let folder = fresh();
    let server = Server::start(folder.path());
    owned(&server, "service:checkout", "payments");
    prometheus(&server, "HighLatency", "critical", &json!({"service": "checkout"}), NEVER);
    let listed = run(command(&server, &["alerts", "--json"])).json();
    let (id, incident) = (listed["rows"][0]["id"].to_string(), listed["rows"][0]["incident"].to_string());
    assert!(run(command(&server, &["alerts"])).out.contains("HighLatency"));
    let shown = run(command(&server, &["alerts", "show", &id]));
    assert!(shown.out.contains("service:checkout") && shown.out.contains("timeline"), "{shown:?}");
    assert_eq!(run(command(&server, &["alerts", "ack", &id])).out, "acknowledge: 1\n");
    run(command(&server, &["alerts", "resolve", &id, "--as", "wrong", "--reason", "x"]))
        .says(2, &["true, benign or false"]);
    let task = run(command(&server, &["incidents", "task", &incident, "Add an index", "--due", "now+7d"]));
    assert!(task.out.starts_with("task "), "{task:?}");
    assert!(run(command(&server, &["incidents", "tasks"])).out.contains("Add an index"));
    let review = run(command(&server, &["incidents", "review", &incident]));
    assert!(review.out.contains("- [ ] Add an index (team payments)"), "{review:?}");
    let made = run(command(&server, &["suppress", "add", "--rule", "x", "--owner", "payments", "--reason", "known"]));
    assert!(made.out.contains(" until 20"), "{made:?}");
    assert!(run(command(&server, &["suppress"])).out.contains("payments"));
    let resolve = ["incidents", "resolve", &incident, "--as", "false", "--reason", "a wrong bound"];
    assert_eq!(run(command(&server, &resolve)).out, "resolve: 1\n");
    assert!(run(command(&server, &["alerts"])).out.contains("no alerts"));
    assert!(run(command(&server, &["alerts", "ledger"])).out.contains("alertmanager:HighLatency"));
}

#[test]
fn alerts_survive_a_kill_and_the_settings_are_checked() {
    let folder = fresh();
    let server = Server::start(folder.path());
    prometheus(&server, "A", "critical", &json!({"service": "x"}), NEVER);
    server.kill();
    let config = folder.path().join("tandem.toml");
    std::fs::write(&config, "[respond]\nbudget = 3\nnear = \"1h\"\n").unwrap();
    let mut command = serve(folder.path());
    command.arg("--config").arg(&config);
    let server = Server::spawn(command);
    assert_eq!(prometheus(&server, "A", "critical", &json!({"service": "x"}), NEVER)["repeated"], 1);
    assert_eq!(server.get("/api/v1/rules/ledger").json()["budget"]["notices"], 3);
    server.stop();
    for (text, part) in
        [("near = \"soon\"", "no span of time"), ("incident_rules = 0", "must be more than 0"), ("x = 1", "x")]
    {
        std::fs::write(&config, format!("[respond]\n{text}\n")).unwrap();
        let mut command = serve(folder.path());
        command.arg("--config").arg(&config);
        run(command).says(2, &[part]);
    }
}
