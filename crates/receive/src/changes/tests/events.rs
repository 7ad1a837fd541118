use super::*;
use serde_json::json;

const STRUCTURED: [(&str, &str); 1] = [("content-type", "application/cloudevents+json; charset=utf-8")];
const BATCH: [(&str, &str); 1] = [("content-type", "application/cloudevents-batch+json")];

fn cdevent(kind: &str, subject: &str, content: Value) -> Value {
    json!({
        "context": {"specversion": "0.5.0", "id": "e-1", "source": "/ci/prod", "type": kind,
            "timestamp": "2026-11-20T10:05:00Z",
            "links": [{"linkType": "RELATION", "linkKind": "causedBy", "target": {"contextId": "e-0"}}]},
        "subject": {"id": subject, "source": "/ci/prod", "content": content},
        "customData": {"author": "Jane Doe"},
    })
}

fn envelope(kind: &str, data: Value) -> Value {
    json!({"specversion": "1.0", "id": "e-1", "source": "/ci/prod", "type": kind, "time": "2026-11-20T10:05:00Z",
        "datacontenttype": "application/json", "data": data})
}

fn told(kind: &str, subject: &str, content: Value) -> Change {
    let kind = format!("dev.cdevents.{kind}.0.2.0");
    one(from_events(&STRUCTURED, &envelope(&kind, cdevent(&kind, subject, content))))
}

#[test]
fn a_service_is_deployed_in_each_mode() {
    let kind = "dev.cdevents.service.deployed.0.2.0";
    let event = cdevent(
        kind,
        "service/checkout",
        json!({"environment": {"id": "production"},
        "artifactId": format!("pkg:oci/checkout@sha256%3Aab?tag=1")}),
    );
    let structured = from_events(&STRUCTURED, &envelope(kind, event.clone())).unwrap();
    assert_eq!(structured.delivery.as_deref(), Some("/ci/prod e-1"));
    let binary = [
        ("Content-Type", "application/json"),
        ("ce-specversion", "1.0"),
        ("ce-type", kind),
        ("ce-id", "e-1"),
        ("ce-source", "%2Fci/prod"),
        ("ce-time", "2026-11-20T10:05:00Z"),
    ];
    let binary = from_events(&binary, &event).unwrap();
    let bare = from_events(&[("content-type", "application/json")], &event).unwrap();
    let mut packed = envelope(kind, Value::Null);
    packed.as_object_mut().unwrap().remove("data");
    packed["data_base64"] = base64(event.to_string().as_bytes()).into();
    let batch = from_events(&BATCH, &json!([envelope(kind, event), packed])).unwrap();
    assert_eq!(structured, binary);
    assert_eq!(structured, bare);
    assert_eq!(batch.facts.changes, [&structured.facts.changes[..], &structured.facts.changes[..]].concat());
    let change = one(Ok(structured));
    assert_eq!(change.key, "/ci/prod e-1");
    assert_eq!(change.entity.to_string(), "service:checkout");
    assert_eq!(change.version.as_deref(), Some("sha256:ab"));
    assert_eq!(change.environment.as_deref(), Some("production"));
    assert_eq!(change.at, 1_795_169_100_000_000_000);
    assert_eq!((attribute(&change, "status"), attribute(&change, "deployment_id")), ("success", "e-1"));
}

#[test]
fn each_subject_becomes_a_change() {
    let change = told(
        "service.rolledback",
        "daemonset/agent",
        json!({"environment": {"id": "live"}, "artifactId": format!("pkg:golang/example.org/agent@{SHA}")}),
    );
    assert_eq!((change.kind.as_str(), change.entity.key.as_str()), ("deployment", "agent"));
    assert_eq!((change.attributes["rollback"].clone(), attribute(&change, "commit")), (true.into(), SHA));
    let change = told("service.removed", "agent", json!({"environment": {"id": "live"}}));
    assert_eq!(attribute(&change, "status"), "removed");
    let change = told(
        "incident.detected",
        "inc-9",
        json!({"environment": {"id": "live"}, "service": {"id": "checkout"},
        "description": "Jane Doe says it is down"}),
    );
    assert_eq!((change.kind.as_str(), change.entity.to_string().as_str()), ("incident", "service:checkout"));
    assert_eq!((attribute(&change, "incident"), attribute(&change, "action")), ("inc-9", "opened"));
    assert_eq!(change.attributes["caused_by"], json!(["e-0"]));
    let change = told("incident.resolved", "inc-9", json!({"environment": {"id": "live"}}));
    assert_eq!((change.entity.to_string().as_str(), attribute(&change, "action")), ("environment:live", "resolved"));
    let change =
        told("change.merged", "pr-3", json!({"repository": {"id": "acme/shop", "source": "https://git.example.org"}}));
    assert_eq!((change.kind.as_str(), change.entity.key.as_str()), ("pull_request", "git.example.org/acme/shop"));
    assert_eq!(attribute(&change, "action"), "merged");
    let change = told("artifact.published", "pkg:oci/checkout@1.2.0?repository_url=x", json!({"user": "jdoe"}));
    assert_eq!(
        (change.entity.to_string().as_str(), change.version.as_deref()),
        ("package:pkg:oci/checkout@1.2.0", Some("1.2.0"))
    );
    let change = told(
        "pipelinerun.finished",
        "run-4",
        json!({"pipelineName": "release", "outcome": "failure", "errors": "jdoe broke it"}),
    );
    assert_eq!(
        (change.entity.to_string().as_str(), attribute(&change, "conclusion")),
        ("pipeline:/ci/prod/release", "failure")
    );
    let change = told(
        "testsuiterun.finished",
        "t-4",
        json!({"outcome": "success", "environment": {"id": "dev"}, "testSuite": {"id": "auth", "name": "Auth"}}),
    );
    assert_eq!((change.kind.as_str(), change.entity.key.as_str()), ("test", "/ci/prod/auth"));
    let change = told(
        "ticket.closed",
        "T-1",
        json!({"ticketType": "task", "creator": "Jane Doe", "assignees": ["jdoe"], "summary": "call Jane Doe"}),
    );
    assert_eq!((change.kind.as_str(), attribute(&change, "type")), ("ticket", "task"));
    let change = told("environment.modified", "env-1", json!({"name": "production"}));
    assert_eq!((change.kind.as_str(), change.environment.as_deref()), ("infrastructure", Some("production")));
    let change = told(
        "repository.created",
        "r",
        json!({"name": "shop", "owner": "jdoe", "url": "https://git.example.org/acme/shop.git"}),
    );
    assert_eq!(change.entity.to_string(), "repository:git.example.org/acme/shop");
    assert_eq!(
        told("branch.created", "main", json!({"repository": {"id": "https://git.example.org/a/b"}})).kind,
        "push"
    );
    assert_eq!(told("build.finished", "b-1", json!({"artifactId": "pkg:oci/x@1"})).version.as_deref(), Some("1"));
    for kind in [
        "dev.cdevents.pipelinerun.queued.0.2.0",
        "dev.cdevents.",
        "dev.cdevents.artifact.downloaded.0.1.0",
        "org.example.other",
    ] {
        let told = from_events(&STRUCTURED, &envelope(kind, cdevent(kind, "x", json!({})))).unwrap();
        assert!(told.facts.is_empty() && told.notes.len() == 1, "{told:?}");
    }
}

#[test]
fn a_change_as_it_is_is_taken_without_persons() {
    let data = json!({"kind": "config", "entity": "service:checkout", "environment": "production", "version": "7",
        "at": "2026-11-20T09:00:00Z", "attributes": {"file": "limits.toml", "Author": "jdoe", "before": {"email": "jane@example.org", "limit": 5}}});
    let told = from_events(&STRUCTURED, &envelope("dev.tandem.change", data.clone())).unwrap();
    assert_eq!(told.notes, ["attributes that name persons were left out"]);
    let change = one(Ok(told));
    assert_eq!(
        (change.key.as_str(), change.kind.as_str(), change.at),
        ("/ci/prod e-1", "config", 1_795_165_200_000_000_000)
    );
    assert_eq!(Value::from(change.attributes), json!({"file": "limits.toml", "before": {"limit": 5}}));
    let mut leaky = data.clone();
    leaky["attributes"] = json!({"diff": [{"password": "correct-horse"}]});
    let told = from_events(&STRUCTURED, &envelope("dev.tandem.change", leaky)).unwrap();
    assert!(!format!("{told:?}").contains("correct-horse") && told.notes.len() == 1, "{told:?}");
    let mut keyed = data.clone();
    keyed["key"] = "limits:7".into();
    keyed["entity"] = json!({"kind": "service", "key": "checkout"});
    keyed["at"] = 1_795_165_200_000_000_000i64.into();
    let change = one(from_events(&STRUCTURED, &envelope("dev.tandem.change", keyed)));
    assert_eq!((change.key.as_str(), change.at), ("/ci/prod limits:7", 1_795_165_200_000_000_000));

    let wrong = |field: &str, value: Value| {
        let mut data = data.clone();
        data[field] = value;
        from_events(&STRUCTURED, &envelope("dev.tandem.change", data)).unwrap_err()
    };
    assert!(wrong("kind", "Two Words".into()).to_string().contains("/data/kind"));
    assert!(wrong("kind", Value::Null).to_string().contains("/data/kind"));
    assert!(wrong("entity", "checkout".into()).to_string().contains("/data/entity"));
    assert!(wrong("attributes", json!([1])).to_string().contains("/data/attributes"));
    assert_eq!(wrong("attributes", json!({"dump": "x".repeat(70_000)})).http_status(), 413);
}

#[test]
fn bad_events_say_where() {
    let error = |headers: &[(&str, &str)], body: Value| from_events(headers, &body).unwrap_err();
    assert!(error(&STRUCTURED, json!({"specversion": "0.3"})).to_string().contains("/specversion"));
    assert!(error(&STRUCTURED, json!({"specversion": "1.0", "type": "x"})).to_string().contains("/source"));
    let good = envelope("org.example.other", json!({}));
    let batch = error(&BATCH, json!([good, {"specversion": "1.0", "type": "x", "source": "y"}]));
    assert!(batch.to_string().contains("/1/id"), "{batch}");
    assert!(error(&BATCH, good.clone()).to_string().contains("array"));
    assert_eq!(error(&BATCH, Value::from(vec![good; 1_001])).http_status(), 413);
    assert!(error(&[("content-type", "application/cloudevents+avro")], json!({})).to_string().contains("JSON"));
    assert!(error(&[("content-type", "application/json")], json!({})).to_string().contains("specversion"));
    assert!(error(&[("ce-specversion", "1.0")], json!({})).to_string().contains("ce-type"));
    let nothing =
        json!({"specversion": "1.0", "type": "dev.cdevents.service.deployed.0.1.0", "source": "a", "id": "1"});
    assert!(error(&STRUCTURED, nothing).to_string().contains("/data/subject/id"));
    let packed = json!({"specversion": "1.0", "type": "x", "source": "a", "id": "1", "data_base64": "%"});
    assert!(error(&STRUCTURED, packed).to_string().contains("/data_base64"));
    let empty = super::super::cloudevents(&hook(&STRUCTURED, b""), &crate::Redactor::none()).unwrap_err();
    assert!(empty.to_string().contains("line 1"), "{empty}");
}
