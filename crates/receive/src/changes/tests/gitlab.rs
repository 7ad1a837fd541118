use super::*;
use serde_json::json;

fn project() -> Value {
    json!({"id": 3, "web_url": "https://git.example.org/acme/shop", "default_branch": "main", "namespace": "acme"})
}

#[test]
fn a_deployment_names_its_commit_by_address_alone() {
    let mut body = json!({"object_kind": "deployment", "status": "success", "status_changed_at": "2026-11-20 10:50:00 +0100",
        "deployment_id": 15, "environment": "prod-eu", "environment_tier": "production", "project": project(),
        "short_sha": "4f2a9c0d", "user": {"username": "jdoe", "email": "jane@example.org"}, "commit_title": "Jane Doe: x",
        "commit_url": format!("https://git.example.org/acme/shop/-/commit/{SHA}")});
    let told = from_gitlab(&body).unwrap();
    assert_eq!(told.delivery.as_deref(), Some("d-1"));
    let change = one(Ok(told));
    assert_eq!(change.key, "deployment:git.example.org/acme/shop:15:success");
    assert_eq!(change.entity.to_string(), "repository:git.example.org/acme/shop");
    assert_eq!(change.at, 1_795_168_200_000_000_000);
    assert_eq!(change.environment.as_deref(), Some("prod-eu"));
    assert_eq!((attribute(&change, "commit"), attribute(&change, "tier")), (SHA, "production"));
    for (told, status) in [("failed", "failure"), ("running", "in_progress")] {
        body["status"] = told.into();
        assert_eq!(attribute(&one(from_gitlab(&body)), "status"), status);
    }
    body["status"] = "canceled".into();
    assert!(from_gitlab(&body).unwrap().facts.is_empty());
}

#[test]
fn pushes_tags_and_merge_requests() {
    let mut push = json!({"object_kind": "push", "ref": "refs/heads/main", "before": OLD, "after": SHA, "checkout_sha": SHA,
        "user_username": "jdoe", "user_email": "jane@example.org", "project": project(), "total_commits_count": 4,
        "commits": [{"id": SHA, "timestamp": "2026-11-20T09:00:00+00:00", "author": {"name": "Jane Doe"}}]});
    let change = one(from_gitlab(&push));
    assert_eq!((change.kind.as_str(), change.at), ("push", NOW));
    assert_eq!(change.attributes["commits_total"], 4);
    assert_eq!(change.attributes["default_branch"], true);
    push["after"] = "0".repeat(40).into();
    assert!(from_gitlab(&push).unwrap().facts.is_empty());
    let tag = json!({"object_kind": "tag_push", "ref": "refs/tags/v1.0.0", "after": SHA, "project": project()});
    assert_eq!(attribute(&one(from_gitlab(&tag)), "tag"), "v1.0.0");

    let mut merge = json!({"object_kind": "merge_request", "user": {"username": "jdoe"}, "project": project(),
        "object_attributes": {"iid": 7, "action": "merge", "merge_commit_sha": SHA, "target_branch": "main",
            "source_branch": "basket", "created_at": "2026-11-18 08:00:00 UTC", "updated_at": "2026-11-20 08:00:00 UTC",
            "title": "Jane Doe", "last_commit": {"id": OLD, "timestamp": "2026-11-19T08:00:00Z", "author": {"name": "Jane Doe"}}}});
    let change = one(from_gitlab(&merge));
    assert_eq!(change.key, "pull_request:git.example.org/acme/shop:7:merged");
    assert_eq!(change.attributes["merged_at"], 1_795_161_600_000_000_000i64);
    assert_eq!(change.attributes["commits"][0]["id"], OLD);
    merge["object_attributes"]["merge_commit_sha"] = Value::Null;
    assert_eq!(attribute(&one(from_gitlab(&merge)), "merge_commit"), OLD, "moved on");
    merge["object_attributes"]["action"] = "update".into();
    assert!(from_gitlab(&merge).unwrap().facts.is_empty());
}

#[test]
fn pipelines_jobs_releases_and_flags() {
    let pipeline = json!({"object_kind": "pipeline", "project": project(), "user": {"username": "jdoe"}, "builds": [{"user": {"email": "jane@example.org"}}],
        "object_attributes": {"id": 31, "status": "failed", "sha": SHA, "ref": "main", "source": "push", "name": "nightly",
            "created_at": "2026-11-20 08:00:00 UTC", "finished_at": "2026-11-20 08:03:00 UTC"}});
    let change = one(from_gitlab(&pipeline));
    assert_eq!(change.key, "workflow:git.example.org/acme/shop:pipeline:31:failed:2026-11-20 08:03:00 UTC");
    assert_eq!(attribute(&change, "conclusion"), "failed");
    let mut job = json!({"object_kind": "build", "build_id": 5, "build_name": "unit", "build_stage": "test", "build_status": "success",
        "sha": SHA, "pipeline_id": 31, "build_finished_at": "2026-11-20T08:02:00Z", "repository": {"homepage": "https://git.example.org/acme/shop"},
        "commit": {"author_email": "jane@example.org"}});
    let change = one(from_gitlab(&job));
    assert_eq!((attribute(&change, "job"), attribute(&change, "run_id")), ("unit", "31"));
    job["build_status"] = "running".into();
    assert!(from_gitlab(&job).unwrap().facts.is_empty());
    let release = json!({"object_kind": "release", "id": 1, "action": "create", "tag": "v1.1", "released_at": "2026-11-20 08:00:00 UTC",
        "project": project(), "commit": {"id": SHA, "author": {"email": "jane@example.org"}}, "description": "by Jane Doe"});
    assert_eq!(one(from_gitlab(&release)).version.as_deref(), Some("v1.1"));
    let flag = json!({"object_kind": "feature_flag", "project": project(), "user": {"username": "jdoe"},
        "object_attributes": {"id": 6, "name": "new-basket", "active": true}});
    let change = one(from_gitlab(&flag));
    assert_eq!(change.key, "flag:git.example.org/acme/shop:6:true:e-1");
    assert_eq!(attribute(&change, "name"), "new-basket");
}

#[test]
fn what_is_not_used_and_what_is_wrong() {
    let note = from_gitlab(&json!({"object_kind": "note", "user": {"username": "jdoe"}})).unwrap();
    assert!(note.facts.is_empty() && note.notes[0].contains("note"));
    let error = from_gitlab(&json!({"object_kind": "push", "ref": "refs/heads/x", "after": SHA})).unwrap_err();
    assert!(error.to_string().contains("/project/web_url"), "{error}");
    assert!(from_gitlab(&json!({})).unwrap_err().to_string().contains("/object_kind"));
}
