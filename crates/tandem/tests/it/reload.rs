//! The rules are read again while the server runs.

use crate::server::{Ended, Server, binary, eventually, fresh, run};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Three of these events within ten minutes; `word` is what they say.
fn burst(word: &str) -> String {
    format!(
        "title: {word} seen\nid: 0b0f5a52-1f2e-4f0e-9d43-0f8f2a5f7b10\nname: seen_{word}\nlogsource:\n  product: linux\n  service: sshd\n\
         detection:\n  selection:\n    message|contains: {word}\n  condition: selection\nlevel: low\n---\n\
         title: {word} three times\nid: 0b0f5a52-1f2e-4f0e-9d43-0f8f2a5f7b11\ncorrelation:\n  type: event_count\n  rules: [seen_{word}]\n\
         \x20 timespan: 10m\n  condition: {{gte: 3}}\nlevel: high\n"
    )
}

fn send(server: &Server, service: &str, severity: &str, program: &str, message: &str) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
    let attribute = |key: &str, value: &str| json!([{"key": key, "value": {"stringValue": value}}]);
    let records = json!([{"timeUnixNano": now.to_string(), "severityText": severity, "body": {"stringValue": message},
        "attributes": attribute("syslog.appname", program)}]);
    let resource = json!({"attributes": attribute("service.name", service)});
    let body = json!({"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": records}]}]});
    assert_eq!(server.otlp_json("/v1/logs", &body).status, 200);
}

fn say(server: &Server, message: &str) {
    send(server, "shop", "INFO", "sshd", message);
}

fn seen(server: &Server, id: &str) -> Option<u64> {
    let rules = server.get("/api/v1/rules").json()["rules"].as_array().unwrap().clone();
    rules.iter().find(|rule| rule["id"] == id).and_then(|rule| rule["matched"].as_u64())
}

fn ask(server: &Server, arguments: &[&str]) -> Ended {
    let mut command = binary(Path::new(env!("CARGO_BIN_EXE_tandem")), arguments);
    command.arg("--data-dir").arg(&server.data_dir);
    run(command)
}

fn reload(server: &Server) -> Value {
    let answer = server.post("/api/v1/rules/reload", &json!({}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

const SEEN: &str = "0b0f5a52-1f2e-4f0e-9d43-0f8f2a5f7b10";

#[test]
fn windows_of_rules_that_did_not_change_go_on() {
    let folder = fresh();
    let rules = folder.path().join("rules");
    fs::create_dir(&rules).unwrap();
    fs::write(rules.join("burst.yml"), burst("boom")).unwrap();
    let data = folder.path().join("data");
    let server = Server::with(&data, &["--no-builtin-rules", "--rules", &rules.display().to_string()]);
    say(&server, "boom 1");
    say(&server, "boom 2");
    eventually("two matches", || seen(&server, SEEN).filter(|matched| *matched == 2));
    let other = burst("crash").replace("7b10", "7c10").replace("7b11", "7c11");
    fs::write(rules.join("other.yml"), &other).unwrap();
    fs::write(
        rules.join("broken.yml"),
        burst("x").replace("7b1", "7d1").replace("condition: selection", "condition: gone"),
    )
    .unwrap();
    let told = reload(&server);
    assert_eq!(
        (&told["rules"], &told["correlations"], &told["in_force"]),
        (&json!(2), &json!(2), &json!(true)),
        "{told}"
    );
    assert_eq!((told["added"].as_array().unwrap().len(), &told["unchanged"]), (2, &json!(2)), "{told}");
    let refused = told["refused"].as_array().unwrap();
    assert!(refused.iter().any(|one| one.as_str().unwrap().contains("broken.yml:")), "{told}");
    assert_eq!(seen(&server, SEEN), Some(2), "what was counted stays counted");
    say(&server, "boom 3");
    let alert = eventually("the alert of all three", || {
        let rows = server.get("/api/v1/alerts").json()["rows"].clone();
        rows.as_array().unwrap().iter().find(|row| row["title"] == "boom three times").cloned()
    });
    let alert = server.get(&format!("/api/v1/alerts/{}", alert["id"])).json();
    assert!(alert["why"].as_str().unwrap().starts_with("3 matches"), "{alert}");
    // Another text is another rule; one that is gone says nothing any more.
    fs::write(rules.join("burst.yml"), burst("boom").replace("level: low", "level: medium")).unwrap();
    fs::remove_file(rules.join("other.yml")).unwrap();
    fs::remove_file(rules.join("broken.yml")).unwrap();
    let ended = ask(&server, &["rules", "reload"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.out.contains("~ boom seen") && ended.out.contains("- crash seen"), "{ended:?}");
    assert!(ended.out.contains("0 new, 2 gone, 1 another, 1 as they were"), "{ended:?}");
    let trail = server.get("/api/v1/audit").text();
    assert!(trail.contains("rules read again"), "{trail}");
}

#[test]
fn a_signal_reads_them_again_and_a_folder_that_is_gone_changes_nothing() {
    let folder = fresh();
    let rules = folder.path().join("rules");
    fs::create_dir(&rules).unwrap();
    fs::write(rules.join("burst.yml"), burst("boom")).unwrap();
    let data = folder.path().join("data");
    let mut server = Server::with(&data, &["--no-builtin-rules", "--rules", &rules.display().to_string()]);
    fs::write(rules.join("burst.yml"), burst("bang")).unwrap();
    let pid = rustix::process::Pid::from_raw(server.pid() as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::HUP).unwrap();
    let titles = || server.get("/api/v1/rules").json()["rules"].to_string();
    eventually("the other rules", || titles().contains("bang seen").then_some(()));
    fs::rename(&rules, folder.path().join("elsewhere")).unwrap();
    let answer = server.post("/api/v1/rules/reload", &json!({}));
    answer.says(400, &["--rules", "stay as they are"]);
    assert!(titles().contains("bang seen"));
    let body =
        json!({"kind": "api", "name": "e", "grants": [{"role": "editor", "team": "ops", "datasets": ["default"]}]});
    let editor = server.post("/api/v1/tokens", &body).json()["token"].as_str().map(str::to_owned);
    assert!(editor.is_some());
    server.token = editor;
    server.post("/api/v1/rules/reload", &json!({})).refuses(403, &["is not granted"]);
}

#[test]
fn a_stream_that_only_rules_read_is_told_with_the_rules() {
    let folder = fresh();
    let rules = folder.path().join("rules");
    fs::create_dir(&rules).unwrap();
    fs::write(rules.join("burst.yml"), burst("boom")).unwrap();
    let operational = "title: Pay fails\nid: pay-fails\nstatus: test\ndescription: x\nlevel: medium\noperation:\n  kind: threshold\n\
                       \x20 query: severity_text:ERROR\n  aggregate: count\n  measures: errors\n  group_by: [service.name]\n  window: 5m\n  above: 5\n";
    fs::write(rules.join("pay.yml"), operational).unwrap();
    let data = folder.path().join("data");
    let server = Server::with(&data, &["--no-builtin-rules", "--rules", &rules.display().to_string()]);
    assert_eq!(server.get("/api/v1/rules").json()["count"], 3, "{}", server.get("/api/v1/rules").text());
    say(&server, "hello");
    send(&server, "pay", "ERROR", "pay", "no money");
    send(&server, "quiet", "INFO", "quiet", "nothing");
    let report = server.get("/api/v1/inventory/unread").json();
    let services = |rows: &Value| {
        let mut all: Vec<String> =
            rows.as_array().unwrap().iter().map(|row| row["service"].as_str().unwrap().to_owned()).collect();
        all.retain(|service| service != "tandem");
        all.sort();
        all
    };
    assert_eq!(services(&report["rows"]), ["quiet"], "{report}");
    assert_eq!(services(&report["read_by_rules"]), ["pay", "shop"], "{report}");
    let of = |service: &str| {
        report["read_by_rules"].as_array().unwrap().iter().find(|row| row["service"] == service).unwrap()["rules"]
            .clone()
    };
    assert_eq!((of("pay"), of("shop")), (json!(["pay-fails"]), json!([SEEN])));
    let told = ask(&server, &["inventory", "unread"]);
    assert!(told.out.contains("read by rules alone: default/pay: pay-fails"), "{told:?}");
}
