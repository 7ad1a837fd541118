//! Webhooks of GitLab.

use super::draft::{Draft, branch_or_tag, commits, copy, copy_time, is_hotfix, mark, put, repository_at};
use super::json::{commit, commit_id, id, needed, needed_id, read, text, time, yes};
use super::{Hook, HookError, Told, sign};
use model::EntityRef;
use serde_json::{Value, json};

/// Reads a webhook of GitLab, if it bears the secret token, or is signed when the secret is a signing token (`whsec_...`).
///
/// # Errors
/// When token or signature do not fit, or the body is not what GitLab sends.
pub fn gitlab(hook: &Hook<'_>, secret: &[u8]) -> Result<Told, HookError> {
    sign::gitlab(hook, secret)?;
    // The first two name a delivery, and are the same when it is tried again; the last names the event.
    let delivery = ["webhook-id", "idempotency-key", "x-gitlab-event-uuid"].iter().find_map(|name| hook.header(name));
    let mut draft = Draft::new(hook, "gitlab", delivery);
    let body = read(hook.body)?;
    match needed(&body, "/object_kind")? {
        "push" | "tag_push" => push(&mut draft, &body)?,
        "merge_request" => merge_request(&mut draft, &body)?,
        "pipeline" => pipeline(&mut draft, &body)?,
        "build" => job(&mut draft, &body)?,
        "deployment" => deployment(&mut draft, &body)?,
        "release" => release(&mut draft, &body)?,
        "feature_flag" => flag(&mut draft, hook, &body)?,
        kind => draft.unused(&format!("the event {kind:?}")),
    }
    Ok(draft.told())
}

fn repository(body: &Value) -> Result<EntityRef, HookError> {
    for path in ["/project/web_url", "/repository/homepage"] {
        if let Some(address) = text(body, path) {
            return repository_at(address, path);
        }
    }
    Err(super::json::missing("/project/web_url"))
}

fn push(draft: &mut Draft, body: &Value) -> Result<(), HookError> {
    let full = needed(body, "/ref")?;
    if commit(body, "/after").is_none() {
        draft.unused(&format!("the removal of {full}"));
        return Ok(());
    }
    let repository = repository(body)?;
    let (before, after) = (text(body, "/before").unwrap_or_default(), needed(body, "/after")?);
    let key = format!("push:{}:{full}:{before}..{after}", repository.key);
    // GitLab does not tell when it was pushed; the hook comes within seconds.
    let change = draft.change("push", &key, repository.clone(), None);
    let (kind, name) = branch_or_tag(full);
    put(change, kind, Some(name));
    put(change, "repository", Some(repository.key));
    put(change, "commit", commit(body, "/checkout_sha").or(commit(body, "/after")));
    put(change, "before", commit(body, "/before"));
    mark(change, "default_branch", kind == "branch" && text(body, "/project/default_branch") == Some(name));
    commits(change, body, "/commits", body.pointer("/total_commits_count").and_then(Value::as_u64));
    Ok(())
}

fn merge_request(draft: &mut Draft, body: &Value) -> Result<(), HookError> {
    let told = text(body, "/object_attributes/action").unwrap_or_default();
    let action = match told {
        "open" => "opened",
        "merge" => "merged",
        "close" => "closed",
        _ => {
            draft.unused(&format!("a merge request with the action {told:?}"));
            return Ok(());
        }
    };
    let repository = repository(body)?;
    let number = needed_id(body, "/object_attributes/iid")?;
    let updated = "/object_attributes/updated_at";
    let (at, key) = match action {
        "opened" => {
            (time(body, "/object_attributes/created_at"), format!("pull_request:{}:{number}:opened", repository.key))
        }
        "merged" => (
            time(body, "/object_attributes/merged_at").or(time(body, updated)),
            format!("pull_request:{}:{number}:merged", repository.key),
        ),
        _ => (
            time(body, updated),
            format!("pull_request:{}:{number}:closed:{}", repository.key, text(body, updated).unwrap_or_default()),
        ),
    };
    let change = draft.change("pull_request", &key, repository.clone(), at);
    let at = change.at;
    put(change, "number", Some(number));
    put(change, "action", Some(action));
    put(change, "repository", Some(repository.key));
    copy(change, "branch", body, "/object_attributes/target_branch");
    copy(change, "head_branch", body, "/object_attributes/source_branch");
    put(change, "head_commit", commit(body, "/object_attributes/last_commit/id"));
    copy_time(change, "opened_at", body, "/object_attributes/created_at");
    if action == "merged" {
        // Without a merge commit the branch was moved on to the squashed or the last commit.
        let paths = ["merge_commit_sha", "squash_commit_sha", "last_commit/id"];
        put(change, "merge_commit", paths.iter().find_map(|path| commit(body, &format!("/object_attributes/{path}"))));
        put(change, "merged_at", Some(at));
    }
    let last = "/object_attributes/last_commit";
    if let (Some(id), Some(at)) = (commit(body, &format!("{last}/id")), time(body, &format!("{last}/timestamp"))) {
        put(change, "commits", Some(vec![json!({"id": id, "at": at})]));
    }
    Ok(())
}

/// Whether something that runs has ended.
fn ended(status: &str) -> bool {
    matches!(status, "success" | "failed" | "canceled" | "skipped")
}

fn pipeline(draft: &mut Draft, body: &Value) -> Result<(), HookError> {
    let status = needed(body, "/object_attributes/status")?;
    if !ended(status) {
        draft.unused(&format!("a pipeline that is {status}"));
        return Ok(());
    }
    let repository = repository(body)?;
    let run = needed_id(body, "/object_attributes/id")?;
    let finished = "/object_attributes/finished_at";
    // A pipeline of which jobs are run again ends more than once.
    let key =
        format!("workflow:{}:pipeline:{run}:{status}:{}", repository.key, text(body, finished).unwrap_or_default());
    let change = draft.change("workflow", &key, repository.clone(), time(body, finished));
    copy(change, "name", body, "/object_attributes/name");
    copy(change, "event", body, "/object_attributes/source");
    copy(change, "branch", body, "/object_attributes/ref");
    put(change, "conclusion", Some(status));
    put(change, "commit", commit(body, "/object_attributes/sha"));
    put(change, "run_id", Some(run));
    put(change, "repository", Some(repository.key));
    copy_time(change, "started_at", body, "/object_attributes/created_at");
    copy_time(change, "ended_at", body, finished);
    Ok(())
}

fn job(draft: &mut Draft, body: &Value) -> Result<(), HookError> {
    let status = needed(body, "/build_status")?;
    if !ended(status) {
        draft.unused(&format!("a job that is {status}"));
        return Ok(());
    }
    let repository = repository(body)?;
    // A job that is run again has another id.
    let run = needed_id(body, "/build_id")?;
    let key = format!("workflow:{}:job:{run}:{status}", repository.key);
    let change = draft.change("workflow", &key, repository.clone(), time(body, "/build_finished_at"));
    copy(change, "job", body, "/build_name");
    copy(change, "stage", body, "/build_stage");
    copy(change, "branch", body, "/ref");
    put(change, "conclusion", Some(status));
    put(change, "commit", commit(body, "/sha"));
    put(change, "job_id", Some(run));
    put(change, "run_id", id(body, "/pipeline_id"));
    put(change, "repository", Some(repository.key));
    copy_time(change, "started_at", body, "/build_started_at");
    copy_time(change, "ended_at", body, "/build_finished_at");
    Ok(())
}

fn deployment(draft: &mut Draft, body: &Value) -> Result<(), HookError> {
    let told = needed(body, "/status")?;
    let status = match told {
        "success" => "success",
        "failed" => "failure",
        "running" => "in_progress",
        _ => {
            draft.unused(&format!("a deployment that is {told}"));
            return Ok(());
        }
    };
    let repository = repository(body)?;
    let number = needed_id(body, "/deployment_id")?;
    let key = format!("deployment:{}:{number}:{status}", repository.key);
    let change = draft.change("deployment", &key, repository.clone(), time(body, "/status_changed_at"));
    change.environment = text(body, "/environment").map(str::to_owned);
    put(change, "status", Some(status));
    put(change, "deployment_id", Some(number));
    put(change, "repository", Some(repository.key));
    copy(change, "tier", body, "/environment_tier");
    // The whole id of the commit is at the end of its address alone.
    let address = text(body, "/commit_url").unwrap_or_default();
    put(change, "commit", address.rsplit('/').next().and_then(commit_id));
    let source = text(body, "/ref").unwrap_or_default();
    mark(change, "hotfix", is_hotfix(branch_or_tag(source).1));
    Ok(())
}

fn release(draft: &mut Draft, body: &Value) -> Result<(), HookError> {
    let action = needed(body, "/action")?;
    if action != "create" {
        draft.unused(&format!("a release with the action {action:?}"));
        return Ok(());
    }
    let repository = repository(body)?;
    let number = needed_id(body, "/id")?;
    let at = time(body, "/released_at").or(time(body, "/created_at"));
    let key = format!("release:{}:{number}:published", repository.key);
    let change = draft.change("release", &key, repository.clone(), at);
    change.version = text(body, "/tag").map(str::to_owned);
    copy(change, "tag", body, "/tag");
    put(change, "commit", commit(body, "/commit/id"));
    put(change, "repository", Some(repository.key));
    Ok(())
}

fn flag(draft: &mut Draft, hook: &Hook<'_>, body: &Value) -> Result<(), HookError> {
    let repository = repository(body)?;
    let number = needed_id(body, "/object_attributes/id")?;
    let active = yes(body, "/object_attributes/active");
    // The body tells neither a time nor an id of the fact; the event's id is the same in each of its deliveries.
    let event = hook.header("x-gitlab-event-uuid").or(hook.header("idempotency-key")).unwrap_or_default();
    let key = format!("flag:{}:{number}:{active}:{event}", repository.key);
    let change = draft.change("flag", &key, repository.clone(), None);
    copy(change, "name", body, "/object_attributes/name");
    put(change, "active", Some(active));
    put(change, "repository", Some(repository.key));
    Ok(())
}
