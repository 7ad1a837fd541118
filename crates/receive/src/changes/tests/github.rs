use super::*;
use serde_json::json;

fn repository() -> Value {
    json!({"html_url": "https://github.com/Acme/Shop", "full_name": "Acme/Shop", "default_branch": "main",
        "pushed_at": 1_795_240_000, "owner": {"login": "jdoe"}})
}

fn status(state: &str, payload: Value) -> Value {
    json!({
        "action": "created",
        "deployment_status": {"id": 9, "state": state, "environment": "production", "creator": {"login": "jdoe"},
            "created_at": "2026-11-20T10:05:00Z", "description": "by Jane Doe"},
        "deployment": {"id": 123, "sha": SHA, "ref": "v1.4.0", "task": "deploy", "environment": "production",
            "production_environment": true, "created_at": "2026-11-20T10:00:00Z", "payload": payload,
            "creator": {"login": "jdoe"}},
        "repository": repository(), "sender": {"login": "jdoe"},
    })
}

#[test]
fn a_deployment_is_told_by_its_states() {
    let change = one(from_github("deployment_status", &status("success", json!({}))));
    assert_eq!(change.key, "deployment:github.com/acme/shop:123:success");
    assert_eq!(change.kind, "deployment");
    assert_eq!(change.entity.to_string(), "repository:github.com/acme/shop");
    assert_eq!(change.environment.as_deref(), Some("production"));
    assert_eq!(change.version.as_deref(), Some("v1.4.0"));
    assert_eq!(change.at, 1_795_169_100_000_000_000);
    assert_eq!(
        Value::from(change.attributes),
        json!({"status": "success", "deployment_id": "123", "repository": "github.com/acme/shop", "commit": SHA,
            "tier": "production"})
    );
    // Another delivery of the same state is the same fact; another state is another.
    let again = from_github("deployment_status", &status("success", json!({}))).unwrap();
    assert_eq!(again.facts.changes[0].key, "deployment:github.com/acme/shop:123:success");
    assert_eq!(again.delivery.as_deref(), Some("72d3162e-cc78-11e3-81ab-4c9367dc0958"));
    assert_eq!(attribute(&one(from_github("deployment_status", &status("error", json!({})))), "status"), "failure");
    for state in ["queued", "pending", "inactive"] {
        let told = from_github("deployment_status", &status(state, json!({}))).unwrap();
        assert!(told.facts.is_empty() && told.notes.len() == 1, "{told:?}");
    }
    let created = one(from_github("deployment", &status("success", json!({}))));
    assert_eq!(
        (created.key.as_str(), attribute(&created, "status")),
        ("deployment:github.com/acme/shop:123:created", "in_progress")
    );
}

#[test]
fn the_payload_of_a_deployment_may_name_service_and_reason() {
    let payload =
        json!({"service": "eu/checkout", "version": "2.0.1", "rollback": true, "incident": "inc-7", "user": "jdoe"});
    for payload in [payload.clone(), Value::from(payload.to_string())] {
        let change = one(from_github("deployment_status", &status("success", payload)));
        assert_eq!(change.entity.to_string(), "service:eu/checkout");
        assert_eq!(change.version.as_deref(), Some("2.0.1"));
        assert_eq!(attribute(&change, "repository"), "github.com/acme/shop");
        assert_eq!(attribute(&change, "incident"), "inc-7");
        assert_eq!(change.attributes["rollback"], true);
    }
    let mut body = status("success", json!("no { json"));
    body["deployment"]["ref"] = "hotfix/1.4.1".into();
    body["deployment"]["task"] = "deploy:rollback".into();
    let change = one(from_github("deployment_status", &body));
    assert_eq!(
        (change.attributes["hotfix"].clone(), change.attributes["rollback"].clone()),
        (true.into(), true.into())
    );
    assert_eq!(change.version, None, "a branch is no version");
}

#[test]
fn a_push_keeps_commits_without_their_authors() {
    let commit = |number: usize| {
        json!({"id": format!("{number:040x}"), "timestamp": "2026-11-20T09:00:00+01:00", "message": "fix, thanks Jane Doe",
            "author": {"name": "Jane Doe", "email": "jane@example.org"}})
    };
    let mut body = json!({"ref": "refs/heads/main", "before": OLD, "after": SHA, "forced": false, "deleted": false,
        "pusher": {"name": "jdoe"}, "repository": repository(), "commits": [commit(1), commit(2)]});
    let change = one(from_github("push", &body));
    assert_eq!(change.key, format!("push:github.com/acme/shop:refs/heads/main:{OLD}..{SHA}"));
    assert_eq!(change.at, 1_795_240_000_000_000_000);
    assert_eq!(change.attributes["default_branch"], true);
    assert_eq!(attribute(&change, "branch"), "main");
    let at = 1_795_161_600_000_000_000i64;
    let commits = json!([{"id": format!("{:040x}", 1), "at": at}, {"id": format!("{:040x}", 2), "at": at}]);
    assert_eq!(change.attributes["commits"], commits);

    body["commits"] = (1..=250).map(commit).collect();
    let change = one(from_github("push", &body));
    let kept = change.attributes["commits"].as_array().unwrap();
    assert_eq!((kept.len(), kept[99]["id"].clone()), (100, format!("{:040x}", 250).into()), "the newest");
    assert_eq!(change.attributes["commits_total"], 250);

    body["deleted"] = true.into();
    assert!(from_github("push", &body).unwrap().facts.is_empty());
    let tag = json!({"ref": "refs/tags/v1", "after": SHA, "repository": repository(), "commits": []});
    assert_eq!(attribute(&one(from_github("push", &tag)), "tag"), "v1");
}

#[test]
fn a_pull_request_is_opened_and_merged() {
    let mut body = json!({"action": "closed", "repository": repository(), "pull_request": {
        "number": 42, "merged": true, "merge_commit_sha": SHA, "created_at": "2026-11-18T08:00:00Z",
        "closed_at": "2026-11-20T08:00:00Z", "merged_at": "2026-11-20T08:00:00Z", "commits": 3, "title": "Jane Doe was here",
        "user": {"login": "jdoe"}, "merged_by": {"login": "jdoe"},
        "head": {"ref": "feature/basket", "sha": OLD}, "base": {"ref": "main"}}});
    let change = one(from_github("pull_request", &body));
    assert_eq!(change.key, "pull_request:github.com/acme/shop:42:merged");
    assert_eq!((attribute(&change, "merge_commit"), attribute(&change, "head_commit")), (SHA, OLD));
    assert_eq!(attribute(&change, "branch"), "main");
    assert_eq!(change.attributes["merged_at"], change.at);
    body["pull_request"]["merged"] = false.into();
    let closed = one(from_github("pull_request", &body));
    assert_eq!(closed.key, "pull_request:github.com/acme/shop:42:closed:2026-11-20T08:00:00Z");
    body["action"] = "labeled".into();
    assert!(from_github("pull_request", &body).unwrap().facts.is_empty());
}

#[test]
fn releases_and_workflows_are_told_once() {
    let release = json!({"action": "published", "repository": repository(), "release": {"id": 5, "tag_name": "v2.0.0",
        "published_at": "2026-11-20T08:00:00Z", "author": {"login": "jdoe"}, "body": "by Jane Doe"}});
    let change = one(from_github("release", &release));
    assert_eq!(
        (change.key.as_str(), change.version.as_deref()),
        ("release:github.com/acme/shop:5:published", Some("v2.0.0"))
    );
    let mut run = json!({"action": "completed", "repository": repository(), "workflow_run": {"id": 77, "run_attempt": 2,
        "name": "ci", "conclusion": "failure", "head_sha": SHA, "head_branch": "main", "event": "push",
        "run_started_at": "2026-11-20T08:00:00Z", "updated_at": "2026-11-20T08:10:00Z", "actor": {"login": "jdoe"},
        "head_commit": {"author": {"email": "jane@example.org"}}}});
    let change = one(from_github("workflow_run", &run));
    assert_eq!(change.key, "workflow:github.com/acme/shop:77:2");
    assert_eq!((attribute(&change, "conclusion"), attribute(&change, "commit")), ("failure", SHA));
    run["action"] = "requested".into();
    assert!(from_github("workflow_run", &run).unwrap().facts.is_empty());
}

#[test]
fn alerts_are_feedback_on_a_commit() {
    let code = json!({"action": "created", "ref": "refs/heads/main", "commit_oid": SHA, "repository": repository(),
        "alert": {"number": 4, "created_at": "2026-11-20T08:00:00Z",
            "rule": {"id": "rust/sql-injection", "severity": "error", "security_severity_level": "high"}}});
    let change = one(from_github("code_scanning_alert", &code));
    assert_eq!(change.kind, "security_feedback");
    assert_eq!((attribute(&change, "commit"), attribute(&change, "severity")), (SHA, "high"));
    assert_eq!((attribute(&change, "action"), attribute(&change, "tool")), ("created", "code_scanning"));
    let secret = json!({"action": "resolved", "repository": repository(), "alert": {"number": 8, "secret": "hunter2",
        "secret_type": "some_token", "resolved_at": "2026-11-20T09:00:00Z", "resolved_by": {"login": "jdoe"}}});
    let change = one(from_github("secret_scanning_alert", &secret));
    assert_eq!((attribute(&change, "action"), attribute(&change, "rule")), ("fixed", "some_token"));
    let dependency = json!({"action": "created", "repository": repository(), "alert": {"number": 9,
        "dependency": {"package": {"name": "left-pad"}}, "created_at": "2026-11-20T09:00:00Z",
        "security_advisory": {"ghsa_id": "GHSA-aaaa-bbbb-cccc", "severity": "critical"}}});
    let change = one(from_github("dependabot_alert", &dependency));
    assert_eq!((attribute(&change, "rule"), attribute(&change, "package")), ("GHSA-aaaa-bbbb-cccc", "left-pad"));
    let old = json!({"action": "dismiss", "repository": repository(), "alert": {"id": 1}});
    assert!(from_github("repository_vulnerability_alert", &old).unwrap().facts.is_empty());
}

#[test]
fn other_events_are_noted_and_bad_ones_refused() {
    let told = from_github("ping", &json!({"zen": "x", "hook_id": 1})).unwrap();
    assert!(told.facts.is_empty() && told.notes[0].contains("works"));
    let told = from_github("check_run", &json!({"sender": {"login": "jdoe"}})).unwrap();
    assert!(told.facts.is_empty() && told.notes[0].contains("check_run"));

    let place = |event: &str, body: Value| match from_github(event, &body) {
        Err(HookError::Malformed { at, .. }) => at,
        other => panic!("{other:?}"),
    };
    assert_eq!(place("push", json!([])), "/ref");
    assert_eq!(place("push", json!({"ref": "refs/heads/main"})), "/repository/html_url");
    assert_eq!(place("release", json!({"action": 7})), "/action");
    assert_eq!(
        place("deployment_status", json!({"deployment_status": {"state": "success"}, "repository": repository()})),
        "/deployment/id"
    );

    let whole = status("success", json!({})).to_string();
    let sign = |bytes: &[u8]| {
        let tag = ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET), bytes);
        format!("sha256={}", model::hex::encode(tag.as_ref()))
    };
    // A body that was cut on the way, first under the signature of the whole, then under its own.
    let cut = &whole.as_bytes()[..whole.len() / 2];
    let send = |signature: &str, kind: &str, body: &[u8]| {
        let headers = [("x-hub-signature-256", signature), ("x-github-event", "push"), ("content-type", kind)];
        super::super::github(&hook(&headers, body), SECRET)
    };
    assert_eq!(send(&sign(whole.as_bytes()), "application/json", cut), Err(HookError::BadSignature));
    let error = send(&sign(cut), "application/json", cut).unwrap_err();
    assert!(error.to_string().contains("EOF") && error.http_status() == 400, "{error}");
    let deep = "[".repeat(100_000);
    assert!(
        send(&sign(deep.as_bytes()), "application/json", deep.as_bytes()).unwrap_err().to_string().contains("deeper")
    );
    let wide = format!("{{\"commits\":[{}1]}}", "1,".repeat(300_000));
    assert_eq!(send(&sign(wide.as_bytes()), "application/json", wide.as_bytes()).unwrap_err().http_status(), 413);
    let form = send(&sign(b"payload=x"), "application/x-www-form-urlencoded", b"payload=x").unwrap_err();
    assert!(form.to_string().contains("application/json"), "{form}");
}
