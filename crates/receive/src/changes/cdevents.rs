//! CDEvents 0.3 to 0.5: subject and predicate are in the type, what it is about in `subject`.

use super::cloudevents::Envelope;
use super::draft::{Draft, copy, mark, put, repository_at, service_named};
use super::json::{commit_id, needed, text, time};
use super::{HookError, MAX_FIELD_BYTES};
use crate::lines::rows::cut_text;
use model::{Change, EntityRef, Nanos};
use serde_json::Value;

/// Words before the name of a service that say how it runs.
const WORKLOADS: &[&str] = &["service", "deployment", "daemonset", "statefulset", "job", "cronjob"];

/// Links of one event that are looked at.
const MAX_LINKS: usize = 100;

/// One event, with what its kind of subject has in common.
struct Event<'a> {
    data: &'a Value,
    /// The source's identity of it.
    key: String,
    source: &'a str,
    id: &'a str,
    /// What it is about.
    subject: &'a str,
    at: Option<Nanos>,
}

/// Reads the event in an envelope; `rest` is its type after `dev.cdevents.`.
pub(super) fn cdevent(draft: &mut Draft, envelope: &Envelope<'_>, rest: &str) -> Result<(), HookError> {
    let data = envelope.data;
    let mut parts = rest.splitn(3, '.');
    let (subject, predicate) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let source = text(data, "/context/source").unwrap_or(envelope.source);
    let id = text(data, "/context/id").unwrap_or(envelope.id);
    let event = Event {
        data,
        key: format!("{source} {id}"),
        source,
        id,
        subject: needed(data, "/subject/id").map_err(in_data)?,
        at: time(data, "/context/timestamp").or(envelope.at),
    };
    match (subject, predicate) {
        ("service", "deployed" | "upgraded" | "rolledback" | "removed" | "published") => {
            service(draft, &event, predicate)
        }
        ("incident", "detected" | "reported" | "resolved") => incident(draft, &event, predicate),
        ("environment", "created" | "modified" | "deleted") => environment(draft, &event, predicate),
        ("change", "created" | "merged" | "abandoned") => change(draft, &event, predicate),
        ("repository", "created" | "modified" | "deleted") => repository(draft, &event, predicate),
        ("branch", "created" | "deleted") => branch(draft, &event, predicate),
        ("artifact", "packaged" | "published" | "signed" | "deleted") => artifact(draft, &event, predicate),
        ("pipelinerun" | "taskrun" | "build", "finished") => run(draft, &event, subject),
        ("testsuiterun" | "testcaserun", "finished" | "skipped") => test(draft, &event, subject, predicate),
        ("ticket", "created" | "updated" | "closed") => ticket(draft, &event, predicate),
        _ => {
            draft.unused(&format!("the CDEvent {rest:?}"));
            Ok(())
        }
    }
}

fn in_data(error: HookError) -> HookError {
    match error {
        HookError::Malformed { what, at } => HookError::Malformed { what, at: format!("/data{at}") },
        other => other,
    }
}

fn entity(kind: &str, key: &str, at: &str) -> Result<EntityRef, HookError> {
    EntityRef::new(kind, key).map_err(|error| HookError::malformed(error.to_string(), at))
}

/// `service/shop` and `daemonset/shop` are the service `shop`.
fn named(id: &str, at: &str) -> Result<EntityRef, HookError> {
    let name = match id.split_once('/') {
        Some((kind, name)) if WORKLOADS.contains(&kind) && !name.is_empty() => name,
        _ => id,
    };
    service_named(name, at)
}

/// The repository of a reference, of which the source is the address of the host.
fn referred(event: &Event<'_>) -> Result<EntityRef, HookError> {
    let id = text(event.data, "/subject/content/repository/id");
    let host = text(event.data, "/subject/content/repository/source").unwrap_or(event.source);
    let address = match id {
        Some(id) if id.contains("://") || !host.contains('.') => id.to_owned(),
        Some(id) => format!("{}/{id}", host.trim_end_matches('/')),
        None => host.to_owned(),
    };
    repository_at(&address, "/data/subject/content/repository")
}

/// The version of a package URL: what follows its `@`.
fn version(purl: &str) -> Option<String> {
    let plain = purl.split(['?', '#']).next().unwrap_or(purl);
    let (_, version) = plain.rsplit_once('@')?;
    let version = version.replace("%3A", ":").replace("%3a", ":").replace("%2B", "+").replace("%2b", "+");
    (!version.is_empty()).then(|| cut_text(&version, MAX_FIELD_BYTES).to_owned())
}

/// The artifact as version, and as commit where it is named by one.
fn brought(change: &mut Change, event: &Event<'_>) {
    let Some(artifact) = text(event.data, "/subject/content/artifactId") else { return };
    put(change, "artifact", Some(artifact));
    change.version = version(artifact);
    put(change, "commit", change.version.as_deref().and_then(commit_id));
}

fn into_environment(change: &mut Change, event: &Event<'_>) {
    let told = ["/subject/content/environment/name", "/subject/content/environment/id"];
    change.environment = told.iter().find_map(|path| text(event.data, path)).map(str::to_owned);
}

fn service(draft: &mut Draft, event: &Event<'_>, predicate: &str) -> Result<(), HookError> {
    let entity = named(event.subject, "/data/subject/id")?;
    if predicate == "published" {
        let change = draft.change("rollout", &event.key, entity, event.at);
        into_environment(change, event);
        put(change, "action", Some(predicate));
        return Ok(());
    }
    let change = draft.change("deployment", &event.key, entity, event.at);
    into_environment(change, event);
    brought(change, event);
    put(change, "status", Some(if predicate == "removed" { "removed" } else { "success" }));
    put(change, "deployment_id", Some(event.id));
    mark(change, "rollback", predicate == "rolledback");
    Ok(())
}

/// The events that a link names as cause of this one.
fn causes(event: &Event<'_>) -> Option<Vec<String>> {
    let links = event.data.pointer("/context/links")?.as_array()?;
    let causes: Vec<String> = links
        .iter()
        .take(MAX_LINKS)
        .filter(|link| text(link, "/linkKind").is_some_and(|kind| kind.to_ascii_lowercase().starts_with("cause")))
        .filter_map(|link| text(link, "/target/contextId").map(str::to_owned))
        .collect();
    (!causes.is_empty()).then_some(causes)
}

fn incident(draft: &mut Draft, event: &Event<'_>, predicate: &str) -> Result<(), HookError> {
    let entity = match text(event.data, "/subject/content/service/id") {
        Some(id) => named(id, "/data/subject/content/service/id")?,
        None => {
            entity("environment", needed(event.data, "/subject/content/environment/id").map_err(in_data)?, "/data")?
        }
    };
    let change = draft.change("incident", &event.key, entity, event.at);
    into_environment(change, event);
    brought(change, event);
    put(change, "action", Some(if predicate == "resolved" { "resolved" } else { "opened" }));
    // It is detected, reported and resolved by the same name.
    put(change, "incident", Some(event.subject));
    copy(change, "ticket", event.data, "/subject/content/ticketURI");
    put(change, "caused_by", causes(event));
    Ok(())
}

fn environment(draft: &mut Draft, event: &Event<'_>, predicate: &str) -> Result<(), HookError> {
    let name = text(event.data, "/subject/content/name").unwrap_or(event.subject).to_owned();
    let entity = entity("environment", event.subject, "/data/subject/id")?;
    let change = draft.change("infrastructure", &event.key, entity, event.at);
    change.environment = Some(name);
    put(change, "action", Some(predicate));
    Ok(())
}

fn change(draft: &mut Draft, event: &Event<'_>, predicate: &str) -> Result<(), HookError> {
    let repository = referred(event)?;
    let change = draft.change("pull_request", &event.key, repository.clone(), event.at);
    let action = match predicate {
        "created" => "opened",
        "merged" => "merged",
        _ => "closed",
    };
    put(change, "action", Some(action));
    put(change, "number", Some(event.subject));
    put(change, "repository", Some(repository.key));
    let at = change.at;
    match action {
        "opened" => put(change, "opened_at", Some(at)),
        "merged" => put(change, "merged_at", Some(at)),
        _ => {}
    }
    Ok(())
}

fn repository(draft: &mut Draft, event: &Event<'_>, predicate: &str) -> Result<(), HookError> {
    let address = text(event.data, "/subject/content/url").unwrap_or(event.subject);
    let entity = repository_at(address, "/data/subject/content/url")?;
    let change = draft.change("infrastructure", &event.key, entity, event.at);
    put(change, "action", Some(predicate));
    Ok(())
}

fn branch(draft: &mut Draft, event: &Event<'_>, predicate: &str) -> Result<(), HookError> {
    let repository = referred(event)?;
    let change = draft.change("push", &event.key, repository.clone(), event.at);
    put(change, "branch", Some(event.subject));
    put(change, "action", Some(predicate));
    put(change, "repository", Some(repository.key));
    Ok(())
}

fn artifact(draft: &mut Draft, event: &Event<'_>, predicate: &str) -> Result<(), HookError> {
    let package = model::entity::package(event.subject)
        .map_err(|error| HookError::malformed(error.to_string(), "/data/subject/id"))?;
    let change = draft.change("package", &event.key, package, event.at);
    change.version = version(event.subject);
    put(change, "commit", change.version.as_deref().and_then(commit_id));
    put(change, "action", Some(predicate));
    copy(change, "change", event.data, "/subject/content/change/id");
    Ok(())
}

fn run(draft: &mut Draft, event: &Event<'_>, subject: &str) -> Result<(), HookError> {
    let names = ["/subject/content/pipelineName", "/subject/content/taskName"];
    let name = names.iter().find_map(|path| text(event.data, path)).unwrap_or(subject);
    let entity = entity("pipeline", &format!("{}/{name}", event.source), "/data/context/source")?;
    let change = draft.change("workflow", &event.key, entity, event.at);
    put(change, "name", Some(name));
    put(change, "run_id", Some(event.subject));
    copy(change, "conclusion", event.data, "/subject/content/outcome");
    copy(change, "pipeline_run", event.data, "/subject/content/pipelineRun/id");
    brought(change, event);
    Ok(())
}

fn test(draft: &mut Draft, event: &Event<'_>, subject: &str, predicate: &str) -> Result<(), HookError> {
    let which = if subject == "testsuiterun" { "testSuite" } else { "testCase" };
    let field = |name: &str| text(event.data, &format!("/subject/content/{which}/{name}")).map(str::to_owned);
    let id = field("id").unwrap_or_else(|| event.subject.to_owned());
    let entity = entity("test", &format!("{}/{id}", event.source), "/data/context/source")?;
    let change = draft.change("test", &event.key, entity, event.at);
    into_environment(change, event);
    put(change, "name", field("name"));
    put(change, "run_id", Some(event.subject));
    copy(change, "severity", event.data, "/subject/content/severity");
    let outcome = if predicate == "skipped" { Some("skipped") } else { text(event.data, "/subject/content/outcome") };
    put(change, "conclusion", outcome);
    Ok(())
}

/// A ticket names who made it, who works on it and who touched it last; none of that is kept, nor its text.
fn ticket(draft: &mut Draft, event: &Event<'_>, predicate: &str) -> Result<(), HookError> {
    let entity = entity("ticket", &format!("{}/{}", event.source, event.subject), "/data/subject/id")?;
    let change = draft.change("ticket", &event.key, entity, event.at);
    put(change, "action", Some(predicate));
    for (name, path) in [("type", "ticketType"), ("priority", "priority"), ("resolution", "resolution"), ("uri", "uri")]
    {
        copy(change, name, event.data, &format!("/subject/content/{path}"));
    }
    Ok(())
}
