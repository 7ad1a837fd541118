//! Events in order, each once, and what their attributes say.

use super::{Event, Input};
use model::{Change, EntityRef, Nanos};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Causes of one incident that are looked at.
const MAX_CAUSES: usize = 100;

/// All events, by time, and how repositories and services belong together.
pub(super) struct Told<'a> {
    pub events: Vec<&'a Event>,
    services: BTreeMap<&'a EntityRef, BTreeSet<&'a EntityRef>>,
    repositories: BTreeMap<&'a EntityRef, BTreeSet<&'a str>>,
}

impl<'a> Told<'a> {
    pub(super) fn new(input: &Input<'a>) -> Told<'a> {
        // Of one fact the earliest telling counts, whatever came first.
        let mut once: BTreeMap<(&str, &str), &Event> = BTreeMap::new();
        for event in input.events.iter().filter(|event| event.change.at < input.until) {
            let kept = once.entry((&event.origin, &event.change.key)).or_insert(event);
            if (event.change.at, event.id) < (kept.change.at, kept.id) {
                *kept = event;
            }
        }
        let mut events: Vec<&Event> = once.into_values().collect();
        events.sort_by_key(|event| (event.change.at, &event.origin, &event.change.key));
        let mut told = Told { events, services: BTreeMap::new(), repositories: BTreeMap::new() };
        for (service, repository) in input.built_from {
            told.services.entry(repository).or_default().insert(service);
            told.repositories.entry(service).or_default().insert(&repository.key);
        }
        told
    }

    pub(super) fn of<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = &'a Event> + 's {
        self.events.iter().copied().filter(move |event| event.change.kind == kind)
    }

    /// The services that a change of something is a change of.
    pub(super) fn subjects(&self, entity: &EntityRef) -> Vec<EntityRef> {
        match self.services.get(entity) {
            Some(services) => services.iter().map(|service| (*service).clone()).collect(),
            None => vec![entity.clone()],
        }
    }

    /// The repositories of a service.
    pub(super) fn repositories(&self, service: &EntityRef) -> Vec<String> {
        match self.repositories.get(service) {
            Some(repositories) => repositories.iter().map(|key| (*key).to_owned()).collect(),
            None if service.kind == "repository" => vec![service.key.clone()],
            None => Vec::new(),
        }
    }
}

/// An attribute that is text; numbers count as text, as ids are both.
pub(super) fn text(change: &Change, name: &str) -> Option<String> {
    match change.attributes.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// An attribute that is a time in nanoseconds.
pub(super) fn time(change: &Change, name: &str) -> Option<Nanos> {
    change.attributes.get(name)?.as_i64()
}

/// Whether an attribute says yes.
pub(super) fn yes(change: &Change, name: &str) -> bool {
    change.attributes.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// An attribute that is text or a list of texts.
pub(super) fn texts(change: &Change, name: &str) -> Vec<String> {
    match change.attributes.get(name) {
        Some(Value::Array(list)) => {
            list.iter().take(MAX_CAUSES).filter_map(|item| item.as_str().map(str::to_owned)).collect()
        }
        _ => text(change, name).into_iter().collect(),
    }
}

/// The repository of a change.
pub(super) fn repository(change: &Change) -> Option<String> {
    let own = || (change.entity.kind == "repository").then(|| change.entity.key.clone());
    text(change, "repository").or_else(own)
}
