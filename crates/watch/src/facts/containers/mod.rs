//! Containers: when each ran, what it is made from and what it may do.
//!
//! A container is told when it starts, at the engine's own time, and told to have ended, also when it lived and died
//! between two looks. What runs is remembered in the data folder, so that what ended while the agent was away ends too.

mod bundles;
mod docker;
mod http;

use super::part::Attributes;
use super::{Look, SECOND, WHOLE_NANOS};
use crate::state::{self, Loaded};
use anyhow::Result;
use docker::Engine;
use model::{About, EntityRef, Facts, Nanos, Observation, Relation, entity};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Containers of one machine that are followed; a node of a cluster runs at most a few hundred.
const MAX_CONTAINERS: usize = 2_000;
/// After a failure an engine is left alone for this long, so that a hanging one does not hold up every poll.
const RETRY_NANOS: Nanos = 60 * SECOND;
/// How far back the first look goes for containers that already ended.
const FIRST_LOOK_NANOS: Nanos = 3600 * SECOND;
/// How far back a look goes after the agent was away.
const LONGEST_LOOK_NANOS: Nanos = 24 * 3600 * SECOND;
/// Remembers what runs.
const STATE_FILE: &str = "host-containers.json";
const PART: &str = "containers";

/// One life of a container, as a runtime tells it.
#[derive(Clone, Debug, PartialEq)]
struct Run {
    id: String,
    /// Not known of one that started before it was first looked.
    started: Option<Nanos>,
    ended: Option<Nanos>,
    attributes: Attributes,
    image: Option<EntityRef>,
    pod: Option<EntityRef>,
}

/// What a runtime answers.
#[derive(Default)]
struct Looked {
    runs: Vec<Run>,
    /// Runs that are gone without a word.
    gone: Vec<String>,
}

/// A container that was told to run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Life {
    started: Nanos,
    relations: Vec<Relation>,
    /// Of the attributes that were told.
    digest: String,
    /// When all of it was told last.
    told: Nanos,
}

/// What is remembered, by runtime.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Memory {
    runtimes: BTreeMap<String, Runtime>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Runtime {
    /// Everything until then was told.
    until: Nanos,
    running: BTreeMap<String, Life>,
}

/// The containers of this machine.
#[derive(Default)]
pub(super) struct Containers {
    looked: Option<Nanos>,
    memory: Memory,
    /// Becomes `memory` when it is acknowledged.
    next: Option<Memory>,
    engines: BTreeMap<String, Engine>,
    /// Runtimes that failed, and when they are asked again.
    resting: BTreeMap<String, Nanos>,
}

impl Containers {
    /// All that run are told again.
    pub fn tell_again(&mut self) {
        let runtimes = self.memory.runtimes.values_mut();
        runtimes.flat_map(|runtime| runtime.running.values_mut()).for_each(|life| life.told = 0);
    }

    /// With what the last run remembered in the data folder.
    pub fn load(data: &Path) -> Result<Containers> {
        let memory = match state::load(&data.join(STATE_FILE))? {
            Loaded::State(memory) => memory,
            Loaded::Absent => Memory::default(),
            Loaded::Damaged(aside) => {
                tracing::warn!(path = %aside.display(), "the remembered containers were damaged; they are told anew");
                Memory::default()
            }
        };
        Ok(Containers { memory, ..Containers::default() })
    }

    pub fn poll(&mut self, look: &mut Look<'_>, on: bool, interval: Nanos, facts: &mut Facts) {
        let lost = self.next.take().is_some();
        if !on {
            return self.withdraw(look.now, facts);
        }
        let since = |at: Nanos| if at > look.now { Nanos::MAX } else { look.now - at };
        if !lost && self.looked.is_some_and(|at| since(at) < interval) {
            return;
        }
        self.looked = Some(look.now);
        look.notes.begin(PART);
        let mut next = self.memory.clone();
        let mut asked = BTreeSet::new();
        for socket in &look.config.docker_sockets {
            // Podman may stand in at Docker's place, by a link.
            if socket.canonicalize().is_ok_and(|real| !asked.insert(real)) {
                continue;
            }
            let name = socket.to_string_lossy().into_owned();
            if socket.exists() || self.memory.runtimes.contains_key(&name) {
                self.ask(look, &name, &mut next, facts, |engine, known, now| engine.look(socket, known, now));
            }
        }
        if look.config.containerd.exists() {
            let folder = look.config.containerd.clone();
            let name = folder.to_string_lossy().into_owned();
            self.ask(look, &name, &mut next, facts, |_, known, _| bundles::look(&folder, known));
        }
        self.next = Some(next);
    }

    fn ask(
        &mut self,
        look: &mut Look<'_>,
        name: &str,
        next: &mut Memory,
        facts: &mut Facts,
        answer: impl FnOnce(&mut Engine, &Runtime, Nanos) -> Result<Looked>,
    ) {
        if self.resting.get(name).is_some_and(|until| (look.now..look.now + RETRY_NANOS).contains(until)) {
            look.notes.note(PART, name, &"it failed a moment ago");
            return;
        }
        let runtime = next.runtimes.entry(name.to_owned()).or_default();
        // A clock that was set back, or an absence of days.
        if runtime.until > look.now || runtime.until < look.now - LONGEST_LOOK_NANOS {
            let back = if runtime.until == 0 { FIRST_LOOK_NANOS } else { LONGEST_LOOK_NANOS };
            runtime.until = look.now - back;
        }
        match answer(self.engines.entry(name.to_owned()).or_default(), runtime, look.now) {
            Ok(looked) => {
                self.resting.remove(name);
                tell(look.host, runtime, looked, look.now, facts);
                runtime.until = look.now;
            }
            Err(error) => {
                self.resting.insert(name.to_owned(), look.now + RETRY_NANOS);
                look.notes.note(PART, name, &format!("{error:#}"));
            }
        }
    }

    /// Nobody looks any more: what was told would run for ever.
    fn withdraw(&mut self, now: Nanos, facts: &mut Facts) {
        self.looked = None;
        if self.memory.runtimes.values().all(|runtime| runtime.running.is_empty()) {
            return;
        }
        let mut next = self.memory.clone();
        for runtime in next.runtimes.values_mut() {
            for (id, life) in std::mem::take(&mut runtime.running) {
                end(&id, &life.relations, now, facts);
            }
        }
        self.next = Some(next);
    }

    /// What was told is kept.
    pub fn acknowledge(&mut self, data: Option<&Path>) -> Result<()> {
        let Some(next) = self.next.take() else { return Ok(()) };
        let lives = |memory: &Memory| -> Vec<(String, Nanos)> {
            let all = memory.runtimes.values().flat_map(|runtime| &runtime.running);
            all.map(|(id, life)| (id.clone(), life.started)).collect()
        };
        let changed = lives(&self.memory) != lives(&next);
        self.memory = next;
        // Where nothing started or ended, the time of the last look need not survive a crash.
        if let (true, Some(data)) = (changed, data) {
            state::save(&data.join(STATE_FILE), &self.memory)?;
        }
        Ok(())
    }
}

fn tell(host: &EntityRef, runtime: &mut Runtime, looked: Looked, now: Nanos, facts: &mut Facts) {
    for run in looked.runs {
        let relations = relations(host, &run);
        let digest = state::digest(&serde_json::to_vec(&(&run.attributes, &relations)).unwrap_or_default());
        let known = runtime.running.get(&run.id);
        if let Some(ended) = run.ended {
            // One that is known ends as what it was told to be.
            let known = runtime.running.remove(&run.id);
            let told = known.filter(|life| run.started.is_none_or(|started| near(started, life.started)));
            match (told, run.started) {
                (Some(life), _) => end(&run.id, &life.relations, ended.max(life.started), facts),
                (None, Some(started)) => {
                    seen(&run, &relations, started, facts);
                    end(&run.id, &relations, ended.max(started), facts);
                }
                (None, None) => end(&run.id, &relations, ended, facts),
            }
            continue;
        }
        let started = run.started.unwrap_or(now);
        let (at, told) = match known {
            Some(life) if near(life.started, started) && life.digest == digest => {
                if (0..WHOLE_NANOS).contains(&(now - life.told)) {
                    continue;
                }
                (life.started, now)
            }
            // The same life with other attributes, such as a new name.
            Some(life) if near(life.started, started) => (now, now),
            // It started again, and the end was not told.
            Some(life) => {
                end(&run.id, &life.relations, started, facts);
                (started, now)
            }
            None => (started, now),
        };
        if runtime.running.len() < MAX_CONTAINERS || known.is_some() {
            seen(&run, &relations, at, facts);
            runtime.running.insert(run.id, Life { started, relations, digest, told });
        }
    }
    for id in looked.gone {
        if let Some(life) = runtime.running.remove(&id) {
            end(&id, &life.relations, now.max(life.started), facts);
        }
    }
}

/// An event and the state tell the same moment some milliseconds apart.
fn near(a: Nanos, b: Nanos) -> bool {
    a.abs_diff(b) < 2 * SECOND.unsigned_abs()
}

fn relations(host: &EntityRef, run: &Run) -> Vec<Relation> {
    let Ok(from) = entity::container(&run.id) else { return Vec::new() };
    let all =
        [(entity::RUNS_ON, Some(host)), (entity::USES_IMAGE, run.image.as_ref()), (entity::PART_OF, run.pod.as_ref())];
    let relation = |(kind, to): (&str, Option<&EntityRef>)| {
        Some(Relation { kind: kind.to_owned(), from: from.clone(), to: to?.clone(), layer: String::new() })
    };
    all.into_iter().filter_map(relation).collect()
}

fn seen(run: &Run, relations: &[Relation], at: Nanos, facts: &mut Facts) {
    let Ok(container) = entity::container(&run.id) else { return };
    facts.seen(container, at, run.attributes.clone());
    for relation in relations {
        facts.related(relation.from.clone(), &relation.kind, relation.to.clone(), at);
    }
}

fn end(id: &str, relations: &[Relation], at: Nanos, facts: &mut Facts) {
    let Ok(container) = entity::container(id) else { return };
    let relations = relations.iter().cloned().map(About::Relation);
    for about in std::iter::once(About::Entity(container)).chain(relations) {
        facts.observations.push(Observation { about, at, ended: true, lease: None, attributes: Attributes::new() });
    }
}

/// An image by the reference that a container was started with, and its digest where it is known.
fn image(reference: &str, digests: &[String]) -> Option<EntityRef> {
    let (name, rest) = match reference.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (reference, None),
    };
    // A colon after the last slash begins a tag; one before it begins a port.
    let slash = name.rfind('/').map_or(0, |at| at + 1);
    let (name, tag) = match name[slash..].rfind(':') {
        Some(at) => (&name[..slash + at], Some(&name[slash + at + 1..])),
        None => (name, None),
    };
    // Started by the number of an image alone: its name is that of the repository it came from.
    if name == "sha256" || name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return match digests.first().and_then(|one| one.split_once('@')) {
            Some((name, digest)) => entity::image(name, None, Some(digest)).ok(),
            None => EntityRef::new("container.image", reference).ok(),
        };
    }
    let of_name = |digest: &&String| {
        let repository = digest.split('@').next().unwrap_or("");
        repository == name || repository.rsplit_once('/').map(|(_, last)| last) == name.rsplit('/').next()
    };
    let digest = rest.or(digests.iter().find(of_name).or(digests.first()).map(String::as_str));
    entity::image(name, tag, digest).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_named_by_digest_where_it_is_known() {
        let digests = ["registry.example.org:5000/shop/api@sha256:ab".to_owned()];
        for (reference, digests, expected) in [
            ("registry.example.org:5000/shop/api:1.2", &digests[..], "registry.example.org:5000/shop/api@sha256:ab"),
            ("registry.example.org:5000/shop/api", &[], "registry.example.org:5000/shop/api"),
            ("postgres:16", &[], "postgres:16"),
            ("postgres@sha256:cd", &[], "postgres@sha256:cd"),
            ("sha256:0123", &digests[..], "registry.example.org:5000/shop/api@sha256:ab"),
            ("sha256:0123", &[], "sha256:0123"),
        ] {
            assert_eq!(image(reference, digests).unwrap().key, expected, "{reference}");
        }
        assert_eq!(image("", &[]), None);
    }
}
