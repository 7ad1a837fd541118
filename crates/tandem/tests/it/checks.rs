//! Checks, controls and answers through the real server: asked, answered back, excepted, locked down.

use crate::server::{Server, binary, eventually, fresh, run};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

fn command(server: &Server, arguments: &[&str]) -> Command {
    let mut command = binary(Path::new(env!("CARGO_BIN_EXE_tandem")), arguments);
    command.arg("--data-dir").arg(&server.data_dir);
    command
}

fn now() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as i64
}

/// A service that is known, and owned.
fn known(server: &Server, service: &str, team: &str) {
    let now = now();
    let seen =
        json!({"about": {"entity": {"kind": "service", "key": service}}, "at": now, "attributes": {"tier": "1"}});
    let answer = server.post("/api/v1/facts", &json!({"origin": "catalog", "observations": [seen]}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let body = json!({"entity": format!("service:{service}"), "owner": team, "reason": "theirs"});
    assert_eq!(server.post("/api/v1/owners", &body).status, 200);
}

fn asked(service: &str, version: &str) -> Value {
    json!({"question": "release", "service": service, "environment": "production", "version": version})
}

fn check(server: &Server, question: &Value) -> Value {
    let answer = server.post("/api/v1/check", &json!({"questions": [question]}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["verdicts"][0].clone()
}

/// The reason of a check, by its name.
fn reason<'v>(verdict: &'v Value, check: &str) -> Option<&'v Value> {
    verdict["reasons"].as_array().unwrap().iter().find(|reason| reason["check"] == check)
}

fn post(server: &Server, path: &str, body: &Value) -> Value {
    let answer = server.post(path, body);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

#[test]
fn a_check_observes_first_and_is_answered_back() {
    let folder = fresh();
    let server = Server::start(folder.path());
    known(&server, "shop", "shop-team");
    let verdict = check(&server, &asked("shop", "1.4"));
    assert_eq!((&verdict["answer"], &verdict["stopped"]), (&json!("not_yet"), &json!(false)), "{verdict}");
    let runbook = reason(&verdict, "no-runbook").expect("nobody wrote a runbook for it");
    for part in ["for_operations", "for_security", "owner", "ask", "fix", "control", "review_by"] {
        assert!(runbook[part].as_str().is_some_and(|text| !text.is_empty()), "{part}: {runbook}");
    }
    let id = verdict["id"].as_i64().unwrap();
    assert_eq!(check(&server, &asked("shop", "1.4"))["id"], id, "the same question over the same facts is one verdict");
    let text = verdict["text"].as_str().unwrap();
    assert!(text.contains("would have stopped") && text.contains(&format!("tandem answer {id} hurt")), "{text}");

    // The owner tightens it: now it stops, and says because of what.
    let control = runbook["control"].as_str().unwrap();
    post(&server, "/api/v1/adjustments", &json!({"control": control, "mode": "enforce", "reason": "we lost a night"}));
    let verdict = check(&server, &asked("shop", "1.4"));
    assert_eq!(verdict["stopped"], true, "{verdict}");
    assert_eq!(reason(&verdict, "no-runbook").unwrap()["because"]["reason"], "we lost a night");
    let stopped = verdict["id"].as_i64().unwrap();
    let out =
        run(command(&server, &["check", "release", "--service", "shop", "--version", "1.4", "--env", "production"]));
    assert_eq!(out.code, Some(1), "{out:?}");
    assert!(out.out.contains("not yet, because"), "{out:?}");

    // Who is stopped answers; the owner excepts until a day; whoever asked is told; the check lets it pass.
    let said = run(command(
        &server,
        &["answer", &stopped.to_string(), "hurt", "because the runbook is in the old wiki", "--control", control],
    ));
    assert_eq!(said.code, Some(0), "{said:?}");
    let open = server.get("/api/v1/answers").json();
    let answer = &open["rows"][0];
    assert_eq!((&answer["say"], &answer["about"]), (&json!("hurt"), &json!("service:shop")), "{open}");
    let to = answer["id"].as_i64().unwrap();
    let reply = json!({"to": to, "did": "excepted", "reason": "until it is moved", "until": "now+5d"});
    let made = post(&server, "/api/v1/replies", &reply)["made"].as_i64().unwrap();
    let mine = server.get("/api/v1/answers?mine=true").json();
    assert_eq!(mine["rows"][0]["replies"][0]["text"], "until it is moved", "{mine}");
    let verdict = check(&server, &asked("shop", "1.4"));
    assert_eq!(verdict["stopped"], false, "{verdict}");
    assert_eq!(reason(&verdict, "no-runbook").unwrap()["excepted"], made);
    let renewed = run(command(&server, &["exception", "renew", &made.to_string()]));
    assert!(renewed.out.contains("renewed as"), "{renewed:?}");
    let rows = server.get("/api/v1/exceptions").json();
    let listed = rows["rows"].as_array().unwrap();
    assert!(listed.len() >= 3, "{rows}");
    for row in listed {
        for part in ["reason", "owner", "until", "ask", "answer_with"] {
            assert!(row[part].as_str().is_some_and(|text| !text.is_empty()), "{part}: {row}");
        }
    }
    let friction = server.get("/api/v1/friction").json();
    let row = friction["controls"].as_array().unwrap().iter().find(|row| row["name"] == control).unwrap();
    assert!(row["stopped"].as_u64() >= Some(1) && row["said"]["hurt"] == 1 && row["exceptions"]["made"] == 1, "{row}");
}

#[test]
fn a_lockdown_ends_and_waits_for_its_review() {
    let folder = fresh();
    let server = Server::start(folder.path());
    known(&server, "shop", "shop-team");
    let out = run(command(
        &server,
        &["lockdown", "call", "--control", "runbooks", "--until", "now+2s", "--reason", "a worm"],
    ));
    assert_eq!(out.code, Some(0), "{out:?}");
    let verdict = check(&server, &asked("shop", "1"));
    assert_eq!(
        (&verdict["stopped"], &reason(&verdict, "no-runbook").unwrap()["because"]["kind"]),
        (&json!(true), &json!("lockdown")),
        "{verdict}"
    );
    // Capacity for defence is never held back.
    let mut defence = asked("shop", "1");
    defence["defence"] = "more proxies against the flood".into();
    let passed = check(&server, &defence);
    assert_eq!((&passed["stopped"], &passed["passed_for_defence"]), (&json!(false), &json!(true)), "{passed}");
    let reviews = eventually("the lockdown to end", || {
        let controls = server.get("/api/v1/controls").json();
        (controls["reviews"].as_array().unwrap().len() == 1).then(|| controls["reviews"].clone())
    });
    assert_eq!(reviews[0]["waiting"], json!(["runbooks"]));
    let id = reviews[0]["lockdown"]["decision"].to_string();
    let listed = run(command(&server, &["controls"]));
    assert!(listed.out.contains(&format!("tandem lockdown review {id}")), "{listed:?}");
    server
        .post(
            &format!("/api/v1/lockdowns/{id}/review"),
            &json!({"control": "no-such", "outcome": "kept", "reason": "x"}),
        )
        .says(404, &["no-such"]);
    let review =
        ["lockdown", "review", &id, "--control", "runbooks", "--as", "relaxed", "--reason", "it stopped nobody bad"];
    let done = run(command(&server, &review));
    assert!(done.out.contains("all are reviewed"), "{done:?}");
    assert_eq!(server.get("/api/v1/controls").json()["reviews"], json!([]));
    assert_eq!(check(&server, &asked("shop", "1"))["stopped"], false);
}

#[test]
fn what_goes_around_these_doors_is_refused() {
    let folder = fresh();
    let server = Server::start(folder.path());
    for kind in
        ["verdict", "answer", "reply", "exception", "adjustment", "lockdown", "lockdown_review", "question", "ended"]
    {
        let body = json!({"key": "x", "kind": kind, "reason": "x", "control": 1, "owner": {"kind": "team", "key": "a"},
            "expires": now() + 1_000_000_000_i64});
        server.post("/api/v1/decisions", &body).says(400, &["is not made here"]);
    }
    let named = json!({"key": "x", "kind": "control", "reason": "x", "body": {"name": "runbooks", "mode": "observe"}});
    server.post("/api/v1/decisions", &named).says(400, &["file"]);
    server.post("/api/v1/answers", &json!({"to": 999_999, "say": "hurt", "text": "x"})).says(404, &["999999"]);
    server.post("/api/v1/check", &json!({"questions": []})).says(400, &["1 to"]);
    let long = json!({"control": "runbooks", "reason": "x", "until": "now+200d"});
    server.post("/api/v1/exceptions", &long).says(400, &["90 days"]);
}

/// A request of an API server, as it writes it: for a thing of `apps/v1`, or its scale.
fn review(kind: &str, operation: &str, service: &str, object: Value, old: Value) -> Value {
    let (group, version, part) = if kind == "Scale" { ("autoscaling", "v1", "scale") } else { ("apps", "v1", "") };
    let plural = if kind == "StatefulSet" { "statefulsets" } else { "deployments" };
    let (of, on) = (
        json!({"group": group, "version": version, "kind": kind}),
        json!({"group": "apps", "version": "v1", "resource": plural}),
    );
    let option = if operation == "CREATE" { "CreateOptions" } else { "UpdateOptions" };
    let mut request = json!({"uid": format!("{service}-{kind}-{operation}"), "kind": of, "resource": on, "requestKind": of,
        "requestResource": on, "name": service, "namespace": "web", "operation": operation,
        "userInfo": {"username": "system:serviceaccount:kube-system:deployment-controller", "uid": "9a1",
            "groups": ["system:serviceaccounts", "system:authenticated"]},
        "object": object, "oldObject": old, "dryRun": false,
        "options": {"kind": option, "apiVersion": "meta.k8s.io/v1", "fieldManager": "kubectl"}});
    if !part.is_empty() {
        (request["subResource"], request["requestSubResource"]) = (part.into(), part.into());
    }
    json!({"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": request})
}

/// A Deployment or StatefulSet as an API server has it.
fn workload(kind: &str, service: &str, image: &str, replicas: u32) -> Value {
    let labels = json!({"app.kubernetes.io/name": service});
    json!({"kind": kind, "apiVersion": "apps/v1",
        "metadata": {"name": service, "namespace": "web", "uid": "7c", "resourceVersion": "41", "generation": 3,
            "creationTimestamp": "2026-11-01T08:00:00Z", "labels": labels,
            "managedFields": [{"manager": "kubectl", "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1"}]},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "revisionHistoryLimit": 10,
            "template": {"metadata": {"creationTimestamp": null, "labels": labels},
                "spec": {"containers": [{"name": "app", "image": image, "resources": {}, "imagePullPolicy": "Always"}],
                    "restartPolicy": "Always", "dnsPolicy": "ClusterFirst", "securityContext": {}}}},
        "status": {"observedGeneration": 3, "replicas": replicas}})
}

/// The same for its scale.
fn scale(service: &str, replicas: u32) -> Value {
    json!({"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": {"name": service, "namespace": "web"},
        "spec": {"replicas": replicas}, "status": {"replicas": 10, "selector": format!("app.kubernetes.io/name={service}")}})
}

/// A plan in which services grow from 10 to 1000.
fn plan(folder: &Path, services: &[String]) -> String {
    let side = |service: &str, replicas: u32| {
        json!({"metadata": [{"name": service, "labels": {"app.kubernetes.io/name": service}}],
            "spec": [{"replicas": replicas.to_string()}]})
    };
    let resource = |service: &String| {
        json!({"address": format!("kubernetes_deployment.{service}"), "type": "kubernetes_deployment", "name": service,
            "mode": "managed", "change": {"actions": ["update"], "before": side(service, 10), "after": side(service, 1000)}})
    };
    let resources: Vec<Value> = services.iter().map(resource).collect();
    let plan = folder.join("plan.json");
    std::fs::write(&plan, json!({"format_version": "1.2", "resource_changes": resources}).to_string()).unwrap();
    plan.display().to_string()
}

/// Over TLS, with a certificate of the server's own that webhook and command line trust: what they ask is what a cluster asks.
#[test]
fn a_check_says_the_same_by_line_webhook_and_plan_over_tls() {
    let folder = fresh();
    let mut server = Server::with(&folder.path().join("data"), &["--tls-self-signed"]);
    let certificate = server.data_dir.join("tls/cert.pem");
    server.agent = crate::http::agent(Some(&std::fs::read(&certificate).unwrap()));
    let line = |arguments: &[&str]| {
        let mut command = command(&server, arguments);
        command.args(["--env", "production", "--format", "json", "--ca-cert"]).arg(&certificate);
        run(command)
    };
    assert!(server.address("http").starts_with("https://"), "{}", server.address("http"));
    let services: Vec<String> = (0..31).map(|number| format!("shop-{number:02}")).collect();
    for service in &services {
        known(&server, service, "shop-team");
    }
    // Half of them are stopped, so that both answers are the same in all ways.
    let enforced = json!({"control": "growth-with-care", "mode": "enforce", "reason": "we lost a night"});
    for service in services.iter().step_by(2) {
        let mut body = enforced.clone();
        body["entity"] = format!("service:{service}").into();
        post(&server, "/api/v1/adjustments", &body);
    }
    let planned = line(&["check", "scale", "--plan", &plan(folder.path(), &services)]).json();
    let planned = planned["verdicts"].as_array().unwrap();
    assert_eq!(planned.len(), 31);
    let mut stopped = 0;
    for (service, verdict) in services.iter().zip(planned) {
        let asked = line(&["check", "scale", "--service", service, "--from", "10", "--to", "1000"]);
        let told = asked.json()["verdicts"][0].clone();
        assert_eq!((&told["inputs"], &told["id"]), (&verdict["inputs"], &verdict["id"]), "{service}");
        let stops = verdict["stopped"] == true;
        stopped += u32::from(stops);
        assert_eq!(asked.code, Some(i32::from(stops)), "{asked:?}");
        for kind in ["Scale", "Deployment", "StatefulSet"] {
            let of = |replicas| match kind {
                "Scale" => scale(service, replicas),
                _ => workload(kind, service, "registry.example/shop:1.4", replicas),
            };
            let response = admitted(&server, &review(kind, "UPDATE", service, of(1000), of(10)));
            assert_eq!(response["allowed"], !stops, "{kind} {service}: {response}");
            let annotations = &response["auditAnnotations"];
            assert_eq!(annotations["inputs"], verdict["inputs"], "{kind} {service}: {annotations}");
            assert_eq!(annotations["verdict"], verdict["id"].to_string(), "{kind} {service}: {annotations}");
            // Fewer of them are nobody's question.
            let fewer = admitted(&server, &review(kind, "UPDATE", service, of(5), of(10)));
            assert_eq!((&fewer["allowed"], &fewer["warnings"]), (&json!(true), &Value::Null), "{kind}: {fewer}");
        }
        // What is new is a release.
        let released = line(&["check", "release", "--service", service, "--version", "1.4"]).json();
        for kind in ["Deployment", "StatefulSet"] {
            let object = workload(kind, service, "registry.example/shop:1.4", 3);
            let response = admitted(&server, &review(kind, "CREATE", service, object, Value::Null));
            assert_eq!(response["auditAnnotations"]["inputs"], released["verdicts"][0]["inputs"], "{kind} {service}");
        }
    }
    assert_eq!(stopped, 16, "every other service is stopped: {planned:?}");
    // Whoever does not trust the certificate asks nothing, and gets no verdict.
    let stranger = command(&server, &["check", "scale", "--service", "shop-00", "--to", "20"]);
    run(stranger).says(3, &["no answer from https://"]);
}

/// Asks as an API server does: by its path, with the time that it waits.
fn admitted(server: &Server, review: &Value) -> Value {
    let answer = post(server, "/api/v1/admission?environment=production&timeout=10s", review);
    assert_eq!((&answer["kind"], &answer["apiVersion"]), (&json!("AdmissionReview"), &json!("admission.k8s.io/v1")));
    assert_eq!(answer["response"]["uid"], review["request"]["uid"]);
    answer["response"].clone()
}

#[test]
fn what_is_no_request_of_an_api_server_is_refused() {
    let folder = fresh();
    let server = Server::start(folder.path());
    assert_eq!(server.post("/api/v1/admission", &json!({"kind": "Pod"})).status, 400);
}
