//! Containers of an engine that speaks the Docker Engine API: Docker, Podman. Nothing but GET is ever sent, and of an
//! answer only the fields below are kept: never environments or commands.

use super::http::get;
use super::{Looked, RETRY_NANOS, Run, Runtime, image};
use crate::facts::WHOLE_NANOS;
use crate::facts::part::{Attributes, attributes};
use anyhow::{Context as _, Result};
use chrono::DateTime;
use model::{Nanos, entity};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::time::{Duration, Instant};

/// Longest time that one look takes, all requests together: an owner polls every ten seconds.
const PATIENCE: Duration = Duration::from_secs(3);
/// Longest time for the description of one container.
const PATIENCE_FOR_ONE: Duration = Duration::from_millis(500);
/// Largest list of containers; an entry has about 2 KiB.
const MAX_LIST_BYTES: usize = 16 * 1024 * 1024;
/// Largest description of one container or image.
const MAX_ONE_BYTES: usize = 2 * 1024 * 1024;
/// Containers described in one look; the others come with the next ones.
const MAX_INSPECTED: usize = 200;
/// Events of one look; engines remember the last 256.
const MAX_EVENTS: usize = 10_000;
/// Images whose digests are remembered.
const MAX_IMAGES: usize = 1_000;
/// Published ports told of one container.
const MAX_PORTS: usize = 32;
/// Longest text of a name or label.
const MAX_TEXT_BYTES: usize = 1_024;
/// Labels that are told, under the names that telemetry has for them.
const LABELS: [(&str, &str); 5] = [
    ("com.docker.compose.project", "compose.project"),
    ("com.docker.compose.service", "compose.service"),
    ("io.kubernetes.pod.namespace", "k8s.namespace.name"),
    ("io.kubernetes.pod.name", "k8s.pod.name"),
    ("io.kubernetes.container.name", "k8s.container.name"),
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    id: String,
    #[serde(default)]
    state: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    #[serde(default)]
    name: String,
    /// The number of the image.
    #[serde(default)]
    image: String,
    state: State,
    #[serde(default)]
    config: Config,
    #[serde(default)]
    host_config: HostConfig,
    #[serde(default)]
    network_settings: Network,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    #[serde(default)]
    running: bool,
    #[serde(default)]
    started_at: String,
    #[serde(default)]
    finished_at: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Config {
    image: String,
    user: String,
    labels: Option<HashMap<String, String>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct HostConfig {
    privileged: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Network {
    ports: Option<BTreeMap<String, Option<Vec<Binding>>>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Binding {
    host_ip: String,
    host_port: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Image {
    repo_digests: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "Action", default)]
    action: String,
    #[serde(rename = "Actor")]
    actor: Actor,
    #[serde(default)]
    time: i64,
    #[serde(rename = "timeNano", default)]
    time_nano: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Actor {
    #[serde(rename = "ID", default)]
    id: String,
    /// `image`, `name`, and all labels of the container.
    #[serde(default)]
    attributes: HashMap<String, String>,
}

impl Event {
    fn at(&self) -> Nanos {
        if self.time_nano > 0 { self.time_nano } else { self.time.saturating_mul(1_000_000_000) }
    }
}

/// What is remembered of an engine between looks.
#[derive(Default)]
pub(super) struct Engine {
    /// Digests by the number of an image; they never change.
    images: HashMap<String, Vec<String>>,
    /// Containers whose description did not come, and when they are asked for again: one that hangs must not hold up
    /// each poll.
    silent: HashMap<String, Nanos>,
}

impl Engine {
    /// What happened since `known.until`, and what runs now.
    pub fn look(&mut self, socket: &Path, known: &Runtime, now: Nanos) -> Result<Looked> {
        let deadline = Instant::now() + PATIENCE;
        let body = get(socket, "/containers/json?all=1", MAX_LIST_BYTES, deadline)?;
        let mut listed: Vec<Listed> =
            serde_json::from_slice(&body).context("the list of containers is no such list")?;
        listed.retain(|one| is_id(&one.id));
        let events = events(socket, known.until, now, deadline)?;
        let moved: HashSet<&str> = events.iter().map(|event| event.actor.id.as_str()).collect();
        self.silent.retain(|_, until| (now..now + RETRY_NANOS).contains(until));
        let mut looked = Looked::default();
        let mut inspected = HashSet::new();
        for one in &listed {
            let life = known.running.get(&one.id);
            let runs = matches!(one.state.as_str(), "running" | "paused");
            let stale = life.is_some_and(|life| !(0..WHOLE_NANOS).contains(&(now - life.told)));
            let wanted = moved.contains(one.id.as_str()) || runs != life.is_some() && (runs || life.is_some()) || stale;
            let silent = self.silent.contains_key(&one.id);
            if !wanted || silent || inspected.len() >= MAX_INSPECTED || Instant::now() >= deadline {
                continue;
            }
            let soon = deadline.min(Instant::now() + PATIENCE_FOR_ONE);
            let body = match get(socket, &format!("/containers/{}/json", one.id), MAX_ONE_BYTES, soon) {
                Ok(body) => body,
                // It may have gone since it was listed, or it hangs. What is described already is told all the same,
                // and of its start and end the events know.
                Err(error) => {
                    tracing::debug!(id = one.id, error = %format!("{error:#}"), "a container is not described");
                    self.silent.insert(one.id.clone(), now + RETRY_NANOS);
                    continue;
                }
            };
            let Ok(one_inspected) = serde_json::from_slice::<Inspected>(&body) else {
                tracing::debug!(id = one.id, "the description of a container is no such description");
                continue;
            };
            inspected.insert(one.id.as_str());
            let digests = self.digests(socket, &one_inspected.image, deadline);
            looked.runs.extend(describe(&one.id, &one_inspected, &digests));
        }
        let there: HashSet<&str> = listed.iter().map(|one| one.id.as_str()).collect();
        let told = lives(&events, &inspected, known);
        let ended: HashSet<&str> = told.iter().map(|run| run.id.as_str()).collect();
        let gone = known.running.keys().filter(|id| !there.contains(id.as_str()) && !ended.contains(id.as_str()));
        looked.gone = gone.cloned().collect();
        // The lives that are over come first, so that the present one is what is remembered.
        let last = std::mem::take(&mut looked.runs);
        looked.runs = told.into_iter().filter(|run| !last.iter().any(|other| same(run, other))).collect();
        looked.runs.extend(last);
        Ok(looked)
    }

    fn digests(&mut self, socket: &Path, id: &str, deadline: Instant) -> Vec<String> {
        let number = id.strip_prefix("sha256:").unwrap_or(id);
        if !is_id(number) {
            return Vec::new();
        }
        if let Some(known) = self.images.get(id) {
            return known.clone();
        }
        // Without the digest the image has its name and tag.
        let Ok(body) = get(socket, &format!("/images/{id}/json"), MAX_ONE_BYTES, deadline) else { return Vec::new() };
        let image: Image = serde_json::from_slice(&body).unwrap_or_default();
        let mut digests = image.repo_digests.unwrap_or_default();
        digests.retain(|digest| digest.len() <= MAX_TEXT_BYTES && digest.contains("@sha256:"));
        digests.sort();
        if self.images.len() < MAX_IMAGES {
            self.images.insert(id.to_owned(), digests.clone());
        }
        digests
    }
}

/// Whether it may stand in the path of a request: an engine's ids have 64 hexadecimal digits.
fn is_id(id: &str) -> bool {
    (12..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Starts and ends since `since`, the oldest first.
fn events(socket: &Path, since: Nanos, until: Nanos, deadline: Instant) -> Result<Vec<Event>> {
    let time = |at: Nanos| format!("{}.{:09}", at.div_euclid(1_000_000_000), at.rem_euclid(1_000_000_000));
    // {"type":["container"],"event":["start","die","died"]}; the last is Podman's own word for an end.
    let filters = concat!(
        "%7B%22type%22%3A%5B%22container%22%5D%2C",
        "%22event%22%3A%5B%22start%22%2C%22die%22%2C%22died%22%5D%7D"
    );
    let target = format!("/events?since={}&until={}&filters={filters}", time(since), time(until));
    let body = get(socket, &target, MAX_LIST_BYTES, deadline)?;
    let all = serde_json::Deserializer::from_slice(&body).into_iter::<Value>();
    let mut events: Vec<Event> = Vec::new();
    for value in all.take(MAX_EVENTS) {
        let value = value.context("the events are no such list")?;
        // Other events may come although they were not asked for.
        if let Ok(event) = serde_json::from_value::<Event>(value)
            && matches!(event.action.as_str(), "start" | "die" | "died")
            && is_id(&event.actor.id)
            && (since..=until).contains(&event.at())
        {
            events.push(event);
        }
    }
    events.sort_by_key(Event::at);
    Ok(events)
}

/// The lives that ended within the events.
fn lives(events: &[Event], inspected: &HashSet<&str>, known: &Runtime) -> Vec<Run> {
    let mut open: HashMap<&str, Nanos> = known.running.iter().map(|(id, life)| (id.as_str(), life.started)).collect();
    let mut runs = Vec::new();
    for event in events {
        let id = event.actor.id.as_str();
        if event.action == "start" {
            open.insert(id, event.at());
            continue;
        }
        let started = open.remove(id);
        runs.push(told_by(event, started, Some(event.at())));
    }
    // A start that has no end, and was not described: it is described at the next look, unless it is gone by then.
    for (id, started) in open {
        let known = known.running.contains_key(id) || inspected.contains(id);
        let start =
            events.iter().find(|event| event.action == "start" && event.actor.id == id && event.at() == started);
        if let (false, Some(event)) = (known, start) {
            runs.push(told_by(event, Some(started), None));
        }
    }
    runs
}

/// A life as far as an event tells it: name, image and labels.
fn told_by(event: &Event, started: Option<Nanos>, ended: Option<Nanos>) -> Run {
    let labels = &event.actor.attributes;
    let text = |key: &str| labels.get(key).map_or("", String::as_str);
    let mut attributes = labelled(labels);
    attributes.extend(named(text("name"), text("image")));
    let (image, pod) = (image(text("image"), &[]), pod(labels));
    Run { id: event.actor.id.clone(), started, ended, attributes, image, pod }
}

/// Whether the events and the description tell the same life; then the description says more.
fn same(event: &Run, described: &Run) -> bool {
    let near = |a: Option<Nanos>, b: Option<Nanos>| matches!((a, b), (Some(a), Some(b)) if super::near(a, b));
    event.id == described.id && (near(event.started, described.started) || near(event.ended, described.ended))
}

fn describe(id: &str, one: &Inspected, digests: &[String]) -> Option<Run> {
    let time = |text: &str| {
        // An engine tells "never" as the year 1, which has no nanoseconds since 1970.
        let at = DateTime::parse_from_rfc3339(text).ok()?.timestamp_nanos_opt()?;
        (at > 0).then_some(at)
    };
    let started = time(&one.state.started_at)?;
    let ended = if one.state.running { None } else { Some(time(&one.state.finished_at)?) };
    let none = HashMap::new();
    let labels = one.config.labels.as_ref().unwrap_or(&none);
    let mut attributes = labelled(labels);
    attributes.extend(named(&one.name, &one.config.image));
    attributes.insert("privileged".to_owned(), one.host_config.privileged.into());
    let user = one.config.user.split(':').next().unwrap_or("");
    attributes.insert("root_user".to_owned(), matches!(user, "" | "0" | "root").into());
    let ports = ports(&one.network_settings);
    if !ports.is_empty() {
        attributes.insert("published_ports".to_owned(), ports.into());
    }
    Some(Run {
        id: id.to_owned(),
        started: Some(started),
        ended,
        attributes,
        image: image(&one.config.image, digests),
        pod: pod(labels),
    })
}

/// `0.0.0.0:8080->80/tcp`, each once.
fn ports(network: &Network) -> Vec<String> {
    let mut out = BTreeSet::new();
    for (inner, bindings) in network.ports.iter().flatten() {
        for Binding { host_ip, host_port } in bindings.iter().flatten().take(MAX_PORTS) {
            let ip = if host_ip.contains(':') { format!("[{host_ip}]") } else { host_ip.clone() };
            let port = format!("{ip}:{host_port}->{inner}");
            if port.len() <= MAX_TEXT_BYTES {
                out.insert(port);
            }
        }
    }
    out.into_iter().take(MAX_PORTS).collect()
}

fn named(name: &str, reference: &str) -> Attributes {
    let mut out = attributes([]);
    for (key, text) in [("container.name", name.trim_start_matches('/')), ("container.image", reference)] {
        if (1..=MAX_TEXT_BYTES).contains(&text.len()) {
            out.insert(key.to_owned(), text.into());
        }
    }
    out
}

fn labelled(labels: &HashMap<String, String>) -> Attributes {
    let label = |(label, key): (&str, &str)| {
        let value = labels.get(label).filter(|value| (1..=MAX_TEXT_BYTES).contains(&value.len()))?;
        Some((key.to_owned(), Value::from(value.clone())))
    };
    LABELS.into_iter().filter_map(label).collect()
}

fn pod(labels: &HashMap<String, String>) -> Option<model::EntityRef> {
    let namespace = labels.get("io.kubernetes.pod.namespace")?;
    entity::k8s("pod", None, Some(namespace), labels.get("io.kubernetes.pod.name")?).ok()
}
