//! Answers that other tests see through the command line alone: asked for here, so that the tests' client holds them
//! against the description of the API.

use crate::http;
use crate::server::{Server, eventually, fresh};
use serde_json::{Value, json};
use std::path::Path;

const DRILL: &str = "title: Orders come back\nservice: orders\nowner: shop\nsteady_state:\n  - {name: the shop says so, query: good, \
    within: 1h, at_least: 0}\nsteps:\n  - {do: Stop the database, question: Who may?}\nrollback:\n  - Start it again\n\
    expect: {recover_within: 4h}\n";
const UPGRADE: &str = "upgrade: A newer lodash\ncomponent: pkg:npm/lodash\nto_version: 4.17.21\nwhy: it is known to be weak\n\
    owner: shop\nfrom: 2026-01-09\nuntil: 2026-01-11\nsoak: 3d\nback: put the old lock file back\nobjections_until: 2026-01-08\n";
const INITIATIVE: &str = "initiative: Signed commits\nwhy: {operations: We know what runs., security: No foreign code.}\n\
    horizon: next\nowner: security\nteams: [shop]\nfrom: 2026-01-01\nuntil: 2099-03-31\nrestricts: 2099-02-01\n";
const MEETING: &str = "teams: [shop, security]\nphase: rolling-out\nat: \"10:00\"\n";
const CONFIG: &str = "[[respond.playbooks]]\nname = \"mark\"\nrules = [\"*\"]\nleast = \"low\"\nminutes = 10\n\
    actions = [{ do = \"tag\", tag = \"seen\" }]\n";

/// What GitLab says to be GitLab.
const SECRET: &str = "a secret of many characters";

fn get(server: &Server, path: &str) -> Value {
    let answer = server.get(path);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn post(server: &Server, path: &str, body: &Value) -> Value {
    let answer = server.post(path, body);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn knowledge(folder: &Path) -> String {
    let files = [
        ("drills/orders", DRILL),
        ("upgrades/lodash", UPGRADE),
        ("roadmap/signed", INITIATIVE),
        ("meetings/weekly", MEETING),
    ];
    for (name, text) in files {
        let path = folder.join("knowledge").join(format!("{name}.yaml"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder.join("knowledge").display().to_string()
}

#[test]
fn a_drill_and_what_is_planned() {
    let folder = fresh();
    let server = Server::with(&folder.path().join("data"), &["--knowledge", &knowledge(folder.path())]);
    let drill = get(&server, "/api/v1/drills/orders");
    assert_eq!(
        (&drill["probes"][0]["name"], &drill["expect"]["recover_within"]),
        (&json!("the shop says so"), &json!(14400.0))
    );
    assert_eq!(get(&server, "/api/v1/drills")["problems"], json!([]));
    let id = post(&server, "/api/v1/drills/orders/run", &json!({"mode": "probes"}))["run"].as_i64().unwrap();
    let run = format!("/api/v1/drill-runs/{id}");
    let phase = |wanted: &str| eventually(wanted, || (get(&server, &run)["phase"] == wanted).then_some(()));
    phase("steps");
    assert_eq!(get(&server, &run)["step"]["number"], 1);
    post(&server, &format!("{run}/did"), &json!({"said": "stopped"}));
    post(&server, &format!("{run}/took_back"), &json!({"said": "started"}));
    let ended = post(&server, &format!("{run}/finish"), &json!({}));
    assert_eq!(ended["run"], id);
    let touched = get(&server, "/api/v1/upgrades/lodash");
    assert!(touched["outcome"].is_array(), "it has begun: {touched}");
    let objection = json!({"reason": "the till is frozen", "team": "shop"});
    assert_eq!(post(&server, "/api/v1/upgrades/lodash/objections", &objection)["late"], true);
    assert_eq!(get(&server, "/api/v1/upgrades/lodash")["objections"][0]["team"], "shop");
    assert_eq!(get(&server, "/api/v1/roadmap?team=shop")["count"], 1);
    assert_eq!(
        post(&server, "/api/v1/meetings", &json!({"teams": ["shop", "security"], "notes": "so"}))["repeated"],
        false
    );
    assert!(get(&server, "/api/v1/agenda?teams=shop%2Bsecurity")["sections"].is_array());
    let lever = get(&server, "/api/v1/levers/services-without-owner");
    assert_eq!(lever["rows"].as_array().unwrap().len() as u64, lever["number"], "{lever}");
}

#[test]
fn controls_and_what_is_said_to_them() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let handed = json!({"entity": "service:orders", "owner": "shop", "reason": "theirs"});
    post(&server, "/api/v1/owners", &handed);
    let between = get(&server, "/api/v1/owners/history?entity=service:orders&from=now-1h&to=now%2B1h");
    assert_eq!(between["after"][0]["owner"], "shop", "{between}");
    let form = get(&server, "/api/v1/exceptions/form?control=runbooks&entity=service:orders");
    assert_eq!(form["entity"], "service:orders");
    let wanted =
        json!({"control": "runbooks", "entity": "service:orders", "environment": "production", "reason": "it moves"});
    let id = post(&server, "/api/v1/exceptions", &wanted)["exception"].as_i64().unwrap();
    assert_eq!(get(&server, "/api/v1/exceptions")["rows"][0]["environment"], "production");
    let renewed = post(&server, &format!("/api/v1/exceptions/{id}/renew"), &json!({"reason": "it still moves"}));
    let ending = format!("/api/v1/exceptions/{}/end", renewed["id"]);
    assert!(post(&server, &ending, &json!({"reason": "it has moved"}))["ended"].is_i64());
    let shown = get(&server, "/api/v1/controls/runbooks");
    assert_eq!(shown["control"]["control"]["name"], "runbooks", "{shown}");
    let called = json!({"controls": ["runbooks"], "reason": "a worm", "until": "now+1s"});
    let lockdown = post(&server, "/api/v1/lockdowns", &called)["lockdown"].as_i64().unwrap();
    eventually("the lockdown to end", || {
        (get(&server, "/api/v1/controls")["reviews"].as_array().unwrap().len() == 1).then_some(())
    });
    let review = json!({"control": "runbooks", "outcome": "kept", "reason": "it helped"});
    assert_eq!(post(&server, &format!("/api/v1/lockdowns/{lockdown}/review"), &review)["waiting"], json!([]));
}

#[test]
fn alerts_and_what_is_done_about_them() {
    let folder = fresh();
    let config = folder.path().join("tandem.toml");
    std::fs::write(&config, CONFIG).unwrap();
    let server = Server::with(&folder.path().join("data"), &["--config", &config.display().to_string()]);
    let at = get(&server, "/api/v1/home")["at"].clone();
    let alert =
        json!([{"labels": {"alertname": "OrdersDown", "severity": "page", "service": "orders"}, "startsAt": at}]);
    assert_eq!(post(&server, "/api/v2/alerts", &alert)["raised"], 1);
    let id = get(&server, "/api/v1/alerts")["rows"][0]["id"].as_i64().unwrap();
    post(&server, "/api/v1/alerts/act", &json!({"ids": [id], "do": "assign", "to": "me"}));
    let played = post(&server, &format!("/api/v1/alerts/{id}/playbook"), &json!({"name": "mark"}));
    assert_eq!((&played["run"], played["steps"].as_array().unwrap().len()), (&json!("dry"), 1), "{played}");
    let whole = get(&server, &format!("/api/v1/alerts/{id}"));
    assert_eq!((&whole["playbooks"][0]["name"], whole["assignee"].is_i64()), (&json!("mark"), true), "{whole}");
    let named = post(&server, "/api/v1/names", &json!({"id": id, "reason": "to call them"}));
    assert_eq!((&named["assigned"], named["name"].is_string()), (&json!(true), true), "{named}");
    let opened = json!({"title": "The till is down", "reason": "customers say so", "alerts": [id]});
    let incident = post(&server, "/api/v1/incidents", &opened)["incident"].as_i64().unwrap();
    assert!(post(&server, &format!("/api/v1/incidents/{incident}/tasks"), &json!({"title": "Look"}))["task"].is_i64());
    let whole = get(&server, &format!("/api/v1/incidents/{incident}"));
    assert_eq!(whole["parts"].as_array().unwrap().len(), 2, "{whole}");
    assert_eq!(post(&server, "/api/v1/notices/retry", &json!({"ids": [4711]}))["retried"], 0);
    assert_eq!(get(&server, "/api/v1/sql?sql=SELECT%201%20AS%20one")["rows"], json!([[1]]));
}

#[test]
fn facts_from_elsewhere() {
    let folder = fresh();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, SECRET).unwrap();
    let server = Server::with(&folder.path().join("data"), &["--gitlab-secret-file", &secret.display().to_string()]);
    let send = |path: &str, kind: &str, body: &str| {
        let answer = server.ask(
            "POST",
            path,
            &[("content-type", kind), ("x-gitlab-token", SECRET), ("x-gitlab-event", "Deployment Hook")],
            body.as_bytes(),
        );
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    };
    let owners = "/api/v1/import/codeowners?name=CODEOWNERS&subject=repository:github.com/acme/shop";
    assert_eq!(send(owners, "application/octet-stream", "* @acme/shop\n")["document"], "codeowners");
    let log = json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint"}}, "results": []}]}).to_string();
    let kept = send("/api/v1/import/sarif?subject=repository:github.com/acme/shop", "application/octet-stream", &log);
    assert_eq!(kept["runs"][0]["tool"], "lint", "{kept}");
    let event = json!({"specversion": "1.0", "id": "1", "source": "/ci", "type": "dev.cdevents.service.deployed.0.2.0",
        "data": {"context": {"version": "0.4.1", "id": "1", "source": "/ci", "type": "dev.cdevents.service.deployed.0.2.0",
            "timestamp": "2026-11-01T10:00:00Z"}, "subject": {"id": "orders", "type": "service",
            "content": {"environment": {"id": "production"}, "artifactId": "pkg:oci/orders@1"}}}});
    assert!(send("/api/v1/events", "application/cloudevents+json", &event.to_string())["notes"].is_array());
    let deployed = json!({"object_kind": "deployment", "status": "success", "deployment_id": 1, "environment": "production",
        "status_changed_at": "2026-11-01 10:00:00 +0000", "project": {"path_with_namespace": "acme/shop",
            "web_url": "https://gitlab.com/acme/shop"}, "short_sha": "279484c0"});
    assert!(send("/api/v1/hooks/gitlab", "application/json", &deployed.to_string())["notes"].is_array());
    let seen = json!({"origin": "agent", "observations": []}).to_string();
    let url = format!("{}/api/v1/ingest/facts", server.address("otlp-http"));
    let answer = http::send(&server.agent, "POST", &url, &[("content-type", "application/json")], seen.as_bytes());
    assert!(answer.status == 200 && answer.json()["policy"].is_object(), "{}", answer.text());
    let copied = post(&server, "/api/v1/backup", &json!({"target": folder.path().join("copy")}));
    assert!(copied["ledger_rows"].is_u64(), "{copied}");
}

#[test]
fn users_and_tokens() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let grants = json!([{"role": "viewer", "team": "*", "datasets": ["*"]}]);
    let user = post(&server, "/api/v1/users", &json!({"login": "ada", "grants": grants}));
    let id = user["id"].as_i64().unwrap();
    let json = [("content-type", "application/json")];
    let log_in = json!({"login": "ada", "password": user["password"]}).to_string();
    let answer = server.ask("POST", "/api/v1/login", &json, log_in.as_bytes());
    let (cookie, csrf) =
        (answer.header("set-cookie").split(';').next().unwrap().to_owned(), answer.json()["csrf"].clone());
    let own = json!({"old": user["password"], "new": "seven green bicycles by the sea"}).to_string();
    let headers = [json[0], ("cookie", cookie.as_str()), ("x-csrf-token", csrf.as_str().unwrap())];
    let answer = server.ask("POST", "/api/v1/me/password", &headers, own.as_bytes());
    assert_eq!(answer.text(), "{\"changed\":true}");
    assert!(post(&server, &format!("/api/v1/users/{id}/password"), &json!({}))["password"].is_string());
    assert_eq!(post(&server, &format!("/api/v1/users/{id}/disable"), &json!({"disabled": true}))["disabled"], true);
    assert_eq!(post(&server, "/api/v1/forget", &json!({"name": "ada"}))["forgotten"], true);
    let token = post(&server, "/api/v1/tokens", &json!({"kind": "api", "name": "page", "grants": grants}));
    assert_eq!(post(&server, &format!("/api/v1/tokens/{}/revoke", token["id"]), &json!({}))["revoked"], true);
}
