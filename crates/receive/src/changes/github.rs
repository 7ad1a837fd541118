//! Webhooks of GitHub, in their JSON form.

use super::draft::{
    Draft, branch_or_tag, commits, copy, copy_time, is_hotfix, mark, put, reasons, repository_at, service_named,
};
use super::json::{commit, id, needed, needed_id, read, text, time, yes};
use super::{Hook, HookError, Told, sign};
use model::EntityRef;
use serde_json::Value;

/// Reads a webhook of GitHub, if it is signed with the secret.
///
/// # Errors
/// When the signature does not fit, or the body is not what GitHub sends.
pub fn github(hook: &Hook<'_>, secret: &[u8]) -> Result<Told, HookError> {
    sign::github(hook, secret)?;
    let form = hook.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if form {
        return Err(HookError::malformed("a form; set the content type of the webhook to application/json", "body"));
    }
    let event =
        hook.header("x-github-event").ok_or_else(|| HookError::malformed("the header is missing", "X-GitHub-Event"))?;
    let mut draft = Draft::new(hook, "github", hook.header("x-github-delivery"));
    let body = read(hook.body)?;
    match event {
        "ping" => draft.note("a ping: the webhook works"),
        "deployment" => deployment(&mut draft, &body)?,
        "deployment_status" => deployment_status(&mut draft, &body)?,
        "release" => release(&mut draft, &body)?,
        "push" => push(&mut draft, &body)?,
        "pull_request" => pull_request(&mut draft, &body)?,
        "workflow_run" => workflow(&mut draft, &body)?,
        "code_scanning_alert" | "dependabot_alert" | "secret_scanning_alert" | "repository_vulnerability_alert" => {
            alert(&mut draft, event, &body)?;
        }
        _ => draft.unused(&format!("the event {event:?}")),
    }
    Ok(draft.told())
}

fn repository(body: &Value) -> Result<EntityRef, HookError> {
    repository_at(needed(body, "/repository/html_url")?, "/repository/html_url")
}

/// What both events about deployments say of one.
fn deployed(draft: &mut Draft, body: &Value, state: &str, status: &str, at: Option<i64>) -> Result<(), HookError> {
    let repository = repository(body)?;
    let number = needed_id(body, "/deployment/id")?;
    let parsed;
    let payload = match body.pointer("/deployment/payload") {
        // It is an object, or text that holds one.
        Some(Value::String(text)) => {
            parsed = read(text.as_bytes()).unwrap_or_default();
            &parsed
        }
        Some(payload) => payload,
        None => &Value::Null,
    };
    let entity = match text(payload, "/service").or(text(payload, "/service_name")) {
        Some(name) => service_named(name, "/deployment/payload/service")?,
        None => repository.clone(),
    };
    let source = text(body, "/deployment/ref").unwrap_or_default();
    let (kind, name) = branch_or_tag(source);
    let like_version =
        name.trim_start_matches('v').starts_with(|first: char| first.is_ascii_digit()) && name.contains('.');
    let environment = text(body, "/deployment_status/environment").or(text(body, "/deployment/environment"));

    let change = draft.change("deployment", &format!("deployment:{}:{number}:{state}", repository.key), entity, at);
    change.environment = environment.map(str::to_owned);
    let version = text(payload, "/version").or((kind == "tag" || like_version).then_some(name));
    change.version = version.map(str::to_owned);
    put(change, "status", Some(status));
    put(change, "deployment_id", Some(number));
    put(change, "repository", Some(repository.key));
    put(change, "commit", commit(body, "/deployment/sha"));
    if yes(body, "/deployment/production_environment") {
        put(change, "tier", Some("production"));
    }
    let task = text(body, "/deployment/task").unwrap_or_default();
    mark(change, "rollback", task.contains("rollback"));
    mark(change, "hotfix", is_hotfix(name));
    reasons(change, payload);
    Ok(())
}

fn deployment(draft: &mut Draft, body: &Value) -> Result<(), HookError> {
    deployed(draft, body, "created", "in_progress", time(body, "/deployment/created_at"))
}

fn deployment_status(draft: &mut Draft, body: &Value) -> Result<(), HookError> {
    let state = needed(body, "/deployment_status/state")?;
    let status = match state {
        "success" => "success",
        "failure" | "error" => "failure",
        "in_progress" => "in_progress",
        _ => {
            // queued, pending: nothing runs yet; inactive: a later deployment took its place.
            draft.unused(&format!("the deployment status {state:?}"));
            return Ok(());
        }
    };
    let at = time(body, "/deployment_status/created_at");
    deployed(draft, body, status, status, at)
}

fn release(draft: &mut Draft, body: &Value) -> Result<(), HookError> {
    let action = needed(body, "/action")?;
    // `published` comes for every release and pre-release, once; the other actions tell the same again.
    if action != "published" {
        draft.unused(&format!("a release that was {action}"));
        return Ok(());
    }
    let repository = repository(body)?;
    let number = needed_id(body, "/release/id")?;
    let at = time(body, "/release/published_at").or(time(body, "/release/created_at"));
    let change =
        draft.change("release", &format!("release:{}:{number}:published", repository.key), repository.clone(), at);
    change.version = text(body, "/release/tag_name").map(str::to_owned);
    copy(change, "tag", body, "/release/tag_name");
    put(change, "repository", Some(repository.key));
    put(change, "commit", commit(body, "/release/target_commitish"));
    mark(change, "prerelease", yes(body, "/release/prerelease"));
    Ok(())
}

fn push(draft: &mut Draft, body: &Value) -> Result<(), HookError> {
    let full = needed(body, "/ref")?;
    if yes(body, "/deleted") {
        draft.unused(&format!("the removal of {full}"));
        return Ok(());
    }
    let repository = repository(body)?;
    let (before, after) = (text(body, "/before").unwrap_or_default(), needed(body, "/after")?);
    let key = format!("push:{}:{full}:{before}..{after}", repository.key);
    let change = draft.change("push", &key, repository.clone(), time(body, "/repository/pushed_at"));
    let (kind, name) = branch_or_tag(full);
    put(change, kind, Some(name));
    put(change, "repository", Some(repository.key));
    put(change, "commit", commit(body, "/after"));
    put(change, "before", commit(body, "/before"));
    mark(change, "forced", yes(body, "/forced"));
    mark(change, "default_branch", kind == "branch" && text(body, "/repository/default_branch") == Some(name));
    commits(change, body, "/commits", None);
    Ok(())
}

fn pull_request(draft: &mut Draft, body: &Value) -> Result<(), HookError> {
    let action = needed(body, "/action")?;
    let action = match action {
        "opened" => "opened",
        "closed" if yes(body, "/pull_request/merged") => "merged",
        "closed" => "closed",
        _ => {
            draft.unused(&format!("a pull request that was {action}"));
            return Ok(());
        }
    };
    let repository = repository(body)?;
    let number = needed_id(body, "/pull_request/number")?;
    let (opened, closed) = (text(body, "/pull_request/created_at"), text(body, "/pull_request/closed_at"));
    let (at, key) = match action {
        "opened" => {
            (time(body, "/pull_request/created_at"), format!("pull_request:{}:{number}:opened", repository.key))
        }
        "merged" => (time(body, "/pull_request/merged_at"), format!("pull_request:{}:{number}:merged", repository.key)),
        // It may be closed and opened again, many times.
        _ => (
            time(body, "/pull_request/closed_at"),
            format!("pull_request:{}:{number}:closed:{}", repository.key, closed.or(opened).unwrap_or_default()),
        ),
    };
    let change = draft.change("pull_request", &key, repository.clone(), at);
    put(change, "number", Some(number));
    put(change, "action", Some(action));
    put(change, "repository", Some(repository.key));
    copy(change, "branch", body, "/pull_request/base/ref");
    copy(change, "head_branch", body, "/pull_request/head/ref");
    put(change, "head_commit", commit(body, "/pull_request/head/sha"));
    copy_time(change, "opened_at", body, "/pull_request/created_at");
    if action == "merged" {
        put(change, "merge_commit", commit(body, "/pull_request/merge_commit_sha"));
        copy_time(change, "merged_at", body, "/pull_request/merged_at");
    }
    copy_time(change, "first_commit_at", body, "/pull_request/first_commit_at");
    put(change, "commits_total", body.pointer("/pull_request/commits").and_then(Value::as_u64));
    Ok(())
}

fn workflow(draft: &mut Draft, body: &Value) -> Result<(), HookError> {
    let action = needed(body, "/action")?;
    if action != "completed" {
        draft.unused(&format!("a workflow run that is {action}"));
        return Ok(());
    }
    let repository = repository(body)?;
    let run = needed_id(body, "/workflow_run/id")?;
    let attempt = id(body, "/workflow_run/run_attempt").unwrap_or_else(|| "1".to_owned());
    let key = format!("workflow:{}:{run}:{attempt}", repository.key);
    let change = draft.change("workflow", &key, repository.clone(), time(body, "/workflow_run/updated_at"));
    copy(change, "name", body, "/workflow_run/name");
    copy(change, "conclusion", body, "/workflow_run/conclusion");
    copy(change, "event", body, "/workflow_run/event");
    copy(change, "branch", body, "/workflow_run/head_branch");
    put(change, "commit", commit(body, "/workflow_run/head_sha"));
    put(change, "run_id", Some(run));
    put(change, "attempt", Some(attempt));
    put(change, "repository", Some(repository.key));
    copy_time(change, "started_at", body, "/workflow_run/run_started_at");
    copy_time(change, "ended_at", body, "/workflow_run/updated_at");
    Ok(())
}

/// What a scanner of GitHub said. The secret that was found is in the body too; it is not looked at.
fn alert(draft: &mut Draft, event: &str, body: &Value) -> Result<(), HookError> {
    let action = needed(body, "/action")?;
    let told = match action {
        "created" | "create" | "appeared_in_branch" => "created",
        "fixed" | "resolved" | "resolve" => "fixed",
        _ => {
            draft.unused(&format!("an alert that was {action}"));
            return Ok(());
        }
    };
    let repository = repository(body)?;
    let number = needed_id(body, "/alert/number").or_else(|_| needed_id(body, "/alert/id"))?;
    let at = match (told, action) {
        // It may have been made on another branch, long ago.
        (_, "appeared_in_branch") => time(body, "/alert/updated_at"),
        ("created", _) => time(body, "/alert/created_at"),
        _ => ["/alert/fixed_at", "/alert/resolved_at", "/alert/updated_at"].iter().find_map(|path| time(body, path)),
    };
    let commit = commit(body, "/commit_oid");
    let tool = event.trim_end_matches("_alert");
    let mut key = format!("security_feedback:{}:{tool}:{number}:{action}", repository.key);
    // The same alert is told of each branch and after each time it was fixed.
    for part in [commit.as_deref(), text(body, "/ref")].into_iter().flatten() {
        key = format!("{key}:{part}");
    }
    let change = draft.change("security_feedback", &key, repository.clone(), at);
    put(change, "tool", Some(tool));
    put(change, "action", Some(told));
    put(change, "number", Some(number));
    put(change, "repository", Some(repository.key));
    put(change, "commit", commit);
    put(change, "branch", text(body, "/ref").map(|full| branch_or_tag(full).1));
    let first = |paths: &[&str]| paths.iter().find_map(|path| text(body, path));
    let rule = first(&[
        "/alert/rule/id",
        "/alert/security_advisory/ghsa_id",
        "/alert/ghsa_id",
        "/alert/external_identifier",
        "/alert/secret_type",
    ]);
    put(change, "rule", rule);
    let severity = first(&[
        "/alert/rule/security_severity_level",
        "/alert/security_advisory/severity",
        "/alert/severity",
        "/alert/rule/severity",
    ]);
    put(change, "severity", severity);
    let package = first(&["/alert/dependency/package/name", "/alert/affected_package_name"]);
    put(change, "package", package);
    Ok(())
}
