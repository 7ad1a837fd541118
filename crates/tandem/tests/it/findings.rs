//! Findings on a server: scans are sent, lines move, weaknesses go and come back, other tools' results are read, and what
//! is deployed is compared with what was scanned.

use crate::server::{Ended, Server, fresh, run, tandem};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

const RULE: &str = "id: test-privileged
title: A container is privileged
severity: high
confidence: high
about: container
fails: {securityContext.privileged: true}
message: \"container {name} is privileged\"
";
const POD: &str = "apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: app
      image: web:1
      securityContext:
        privileged: true
";

fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"]);
    let done = command.args(arguments).current_dir(folder).output().unwrap();
    assert!(done.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// Commits what is there and answers the commit.
fn commit(folder: &Path, pod: &str) -> String {
    fs::write(folder.join("pod.yml"), pod).unwrap();
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "--allow-empty", "-m", "x"]);
    let id = Command::new("git").args(["rev-parse", "HEAD"]).current_dir(folder).output().unwrap();
    String::from_utf8(id.stdout).unwrap().trim().to_owned()
}

fn repository(folder: &Path) {
    fs::create_dir_all(folder.join("rules")).unwrap();
    fs::write(folder.join("rules/privileged.yml"), RULE).unwrap();
    fs::write(folder.join(".tandemignore"), "rules\n").unwrap();
    fs::write(folder.join("CODEOWNERS"), "* @acme/everyone\n/pod.yml @acme/platform ada@example.org\n").unwrap();
    git(folder, &["init", "-q"]);
    git(folder, &["remote", "add", "origin", "git@github.com:Acme/Shop.git"]);
}

/// A command of the folder, asked of the server; without the variables of whatever pipeline runs the tests.
fn command(server: &Server, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = tandem([]);
    command.args(arguments).current_dir(folder).env("TANDEM_DATA_DIR", &server.data_dir);
    for variable in ["GITHUB_ACTIONS", "GITLAB_CI", "TANDEM_URL", "TANDEM_TOKEN"] {
        command.env_remove(variable);
    }
    command
}

fn scan(server: &Server, folder: &Path) -> Ended {
    let arguments = ["scan", "--no-builtin-rules", "--rules", "rules", "--server", "local"];
    let ended = run(command(server, folder, &arguments));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended
}

fn findings(server: &Server, query: &str) -> Vec<Value> {
    let answer = server.get(&format!("/api/v1/findings?{query}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["findings"].as_array().unwrap().clone()
}

#[test]
fn a_scan_told_twice_a_moved_line_a_fix_and_a_return() {
    let (data, folder) = (fresh(), fresh());
    let (server, folder) = (Server::start(data.path()), folder.path());
    repository(folder);
    let first = commit(folder, POD);
    let sent = scan(&server, folder);
    assert!(sent.err.contains("sent for repository:github.com/acme/shop: 1 new, 0 back, 0 fixed"), "{sent:?}");
    assert!(scan(&server, folder).err.contains("knows this scan already"));
    let found = findings(&server, "");
    assert_eq!(found.len(), 1, "{found:?}");
    let one = &found[0];
    assert_eq!((&one["state"], &one["rule"], &one["line"]), (&json!("new"), &json!("test-privileged"), &json!(9)));
    assert_eq!((&one["path"], &one["owner"]["team"]), (&json!("pod.yml"), &json!("platform")));
    let line = one["evidence"]["snippet"].as_str().unwrap();
    assert_eq!(line, "        privileged: true");
    assert!((9..=21).contains(&one["evidence"]["column"].as_u64().unwrap()), "{one}");
    assert_eq!(one["found_by"]["commit"], json!(first));
    assert_eq!(one["found_by"]["branch"], "main");
    let terms = one["rank"]["terms"].as_array().unwrap();
    let sum: f64 = terms.iter().map(|term| term["points"].as_f64().unwrap()).sum();
    assert_eq!(terms.len(), 6);
    assert!((sum - one["rank"]["score"].as_f64().unwrap()).abs() < 0.1, "{one}");
    assert!(!server.get("/api/v1/findings").text().contains("ada@example.org"), "no view names who made the commit");
    // The line moves.
    commit(folder, &format!("# one\n# two\n{POD}"));
    assert!(scan(&server, folder).err.contains("0 new, 0 back, 0 fixed"));
    let moved = findings(&server, "entity=repository:github.com/acme/shop");
    assert_eq!((moved.len(), &moved[0]["state"], &moved[0]["line"]), (1, &json!("open"), &json!(11)));
    assert_eq!(moved[0]["id"], one["id"]);
    // It is mended.
    let mended = commit(folder, &POD.replace("true", "false"));
    assert!(scan(&server, folder).err.contains("0 new, 0 back, 1 fixed"));
    assert_eq!(findings(&server, ""), Vec::<Value>::new());
    let fixed = findings(&server, "state=fixed");
    assert_eq!(fixed[0]["fixed_by"]["commit"], json!(mended));
    let why = run(command(&server, folder, &["why", &one["id"].to_string()]));
    assert!(why.out.contains(&format!("went with commit {mended}")), "{why:?}");
    // And it comes back.
    commit(folder, POD);
    assert!(scan(&server, folder).err.contains("0 new, 1 back, 0 fixed"));
    let back = findings(&server, "owner=platform&severity=high,critical&state=back");
    assert_eq!((&back[0]["id"], back[0]["steps"].as_array().unwrap().len()), (&one["id"], 3));
    let rows = server.sql("SELECT rule, state, path FROM findings");
    assert_eq!(rows, [vec![json!("test-privileged"), json!("back"), json!("pod.yml")]]);
    assert_eq!(server.value("SELECT count(*) FROM finding_history"), json!(3));
    let list = run(command(&server, folder, &["findings", "--owner", "platform"]));
    assert!(list.out.contains("test-privileged") || list.out.contains("A container is privileged"), "{list:?}");
    assert!(list.out.contains("1 findings"), "{list:?}");
    run(command(&server, folder, &["why", "no-such-thing"])).says(1, &["nothing is known"]);
}

fn sarif(results: &[(&str, &str, u32)]) -> String {
    let results: Vec<Value> = results
        .iter()
        .map(|(rule, file, line)| {
            json!({"ruleId": rule, "level": "error", "message": {"text": format!("{rule} is wrong at line {line}")},
                "locations": [{"physicalLocation": {"artifactLocation": {"uri": file}, "region": {"startLine": line}}}]})
        })
        .collect();
    json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint"}}, "results": results}]}).to_string()
}

#[test]
fn another_tools_results_are_never_doubled_and_what_disappeared_is_closed() {
    let (data, folder) = (fresh(), fresh());
    let (server, folder) = (Server::start(data.path()), folder.path());
    let import = |text: &str| {
        fs::write(folder.join("lint.sarif"), text).unwrap();
        run(command(&server, folder, &["import", "sarif", "lint.sarif", "--entity", "repository:github.com/acme/pay"]))
    };
    let told = |text: &str, expected: &str| {
        let ended = import(text);
        assert!(ended.code == Some(0) && ended.out.contains(expected), "{expected}: {ended:?}");
    };
    let first = sarif(&[("R1", "a.rs", 3), ("R2", "b.rs", 9)]);
    told(&first, "lint of repository:github.com/acme/pay: 2 findings, 2 new, 0 back, 0 fixed");
    told(&first, "2 findings, known already");
    let before = findings(&server, "");
    assert_eq!(before.len(), 2);
    told(&sarif(&[("R1", "a.rs", 30)]), "1 findings, 0 new, 0 back, 1 fixed");
    let after = findings(&server, "");
    assert_eq!((after.len(), &after[0]["rule"], &after[0]["line"]), (1, &json!("R1"), &json!(30)));
    told(&first, "2 findings, 0 new, 1 back, 0 fixed");
    let mut ids: Vec<i64> = findings(&server, "").iter().map(|one| one["id"].as_i64().unwrap()).collect();
    let mut were: Vec<i64> = before.iter().map(|one| one["id"].as_i64().unwrap()).collect();
    ids.sort_unstable();
    were.sort_unstable();
    assert_eq!(ids, were, "they are the same findings");
    import("{\n \"version\": \"2.1.0\",\n \"runs\": [}").says(2, &["lint.sarif:3:11"]);
    import("{\"version\": \"1.0.0\", \"runs\": []}").says(2, &["only 2.1.0"]);
    assert_eq!(findings(&server, "").len(), 2, "what is malformed changes nothing");
}

#[test]
fn a_weak_component_meets_what_runs_and_a_deployment_closes_it() {
    let data = fresh();
    let server = Server::start(data.path());
    let (shop, lodash) = ("github.com/acme/shop", "pkg:npm/lodash@4.17.20");
    let relation = json!({"kind": "built_from", "layer": "", "from": {"kind": "service", "key": "shop"},
        "to": {"kind": "repository", "key": shop}});
    let facts = json!({"origin": "catalog", "observations": [
        {"about": {"entity": {"kind": "service", "key": "shop"}}, "at": 1},
        {"about": {"relation": relation}, "at": 1}]});
    assert_eq!(server.post("/api/v1/facts", &facts).status, 200);
    let components = json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
        {"type": "library", "name": "lodash", "version": "4.17.20", "purl": lodash}]});
    let upload = |commit: &str, findings: Value| {
        let report = json!({"entity": {"kind": "repository", "key": shop}, "tool": {"name": "tandem"},
            "source": {"commit": commit, "branch": "main"}, "findings": findings});
        let answer = server.post("/api/v1/scans", &json!({"report": report, "components": components}));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    };
    let weak = json!([{"fingerprint": "f", "rule": "GHSA-1", "severity": "high", "title": "lodash is weak",
        "path": "package-lock.json", "evidence": {"component": lodash, "advisory": "GHSA-1", "exploited": true,
        "aliases": ["CVE-2021-1"], "fixed": ["4.17.21"], "via": ["express", "lodash"]}}]);
    assert_eq!(upload("c1", weak)["new"], 1);
    let deploy = |commit: &str| {
        let change =
            json!({"kind": "deployment", "entity": "service:shop", "version": commit, "environment": "production"});
        assert_eq!(server.post("/api/v1/changes", &change).status, 200);
    };
    deploy("c1");
    let running = findings(&server, "entity=service:shop");
    assert_eq!((running.len(), &running[0]["rule"]), (1, &json!("GHSA-1")), "{running:?}");
    assert_eq!(upload("c2", json!([]))["fixed"], 1);
    assert_eq!(findings(&server, "entity=service:shop").len(), 1, "the old version still runs");
    let why = server.get("/api/v1/why?id=CVE-2021-1").json();
    let told = why["findings"].as_array().unwrap();
    assert_eq!(told[0]["entity"], "service:shop");
    assert_eq!((&told[0]["since"]["version"], &told[0]["via"]), (&json!("c1"), &json!(["express", "lodash"])));
    assert_eq!((&told[1]["fix"]["commit"], &told[1]["waiting"]), (&json!("c2"), &json!(["service:shop"])));
    deploy("c2");
    assert_eq!(findings(&server, ""), Vec::<Value>::new());
    let closed = findings(&server, "entity=service:shop&state=fixed");
    assert_eq!(closed[0]["fixed_by_change"]["version"], "c2", "{closed:?}");
    let part = server.get(&format!("/api/v1/why?id={}", lodash.replace('@', "%40"))).json();
    assert_eq!(part["holders"][0]["entity"], format!("repository:{shop}"));
}

#[test]
fn only_who_may_sends_scans_and_what_is_wrong_is_refused() {
    let data = fresh();
    let server = Server::start(data.path());
    let report = json!({"entity": {"kind": "repository", "key": "a/b"}, "tool": {"name": "tandem"}});
    let good = json!({"report": report}).to_string();
    let json_type = ("content-type", "application/json");
    server.ask_as_nobody("POST", "/api/v1/scans").refuses(401, &["log in"]);
    let token = server.post("/api/v1/tokens", &json!({"kind": "ingest", "name": "ci", "dataset": "web"})).json();
    let bearer = format!("Bearer {}", token["token"].as_str().unwrap());
    let with = [json_type, ("authorization", bearer.as_str())];
    assert_eq!(server.ask("POST", "/api/v1/ingest/scans", &with, good.as_bytes()).status, 200);
    assert_eq!(server.value("SELECT dataset FROM scans"), json!("web"), "the token's dataset");
    for (change, expected) in [
        (json!({"tool": {"name": "deployment"}}), "server says itself"),
        (json!({"entity": {"kind": "Not a kind", "key": "x"}}), "no kind of entity"),
        (json!({"unknown": 1}), "unknown field"),
        (json!({"findings": [{"fingerprint": "f", "rule": "r", "severity": "awful", "title": "t"}]}), "no severity"),
    ] {
        let mut bad = report.clone();
        bad.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = server.post("/api/v1/scans", &json!({"report": bad}));
        assert!((400..=403).contains(&answer.status) && answer.text().contains(expected), "{}", answer.text());
    }
    assert_eq!(server.value("SELECT count(*) FROM scans"), json!(1));
    for query in ["state=odd", "unknown=1", "entity=odd", "at=odd"] {
        assert_eq!(server.get(&format!("/api/v1/findings?{query}")).status, 400, "{query}");
    }
}
