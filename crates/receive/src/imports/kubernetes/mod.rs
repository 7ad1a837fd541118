//! Kubernetes objects as JSON: `kubectl get ... -o json`, one object or a list, several after another, and watches.
//!
//! A list is a moment and does not say what is gone: what it shows holds for a day, unless it is seen again. A watch says
//! what was deleted: what it shows holds until then. Of an object that comes several times the last state counts.

mod objects;
mod pods;
#[cfg(test)]
mod tests;
mod workloads;

use super::draft::{Draft, is_person, put};
use super::limits::LIST_LEASE_NANOS;
use super::{ImportError, Imported, Place, Reading, json};
use crate::lines::time;
use model::entity::{self, OWNED_BY, PART_OF};
use model::fact::NotAnEntity;
use model::{About, EntityRef, Nanos, Relation};
use objects::{Metadata, Object, Top};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// Labels that say what a workload is; they are kept as attributes.
const NAME: &str = "app.kubernetes.io/name";
const APP_LABELS: [&str; 3] = [NAME, "app.kubernetes.io/part-of", VERSION];
const VERSION: &str = "app.kubernetes.io/version";

/// How an object came.
#[derive(Clone, Copy, PartialEq)]
enum Came {
    /// In a list, or alone.
    Listed,
    /// In a watch.
    Watched,
    /// In a watch, as deleted.
    Deleted,
}

/// An object and where it stands.
struct Found<'t> {
    kind: String,
    name: String,
    object: Object<'t>,
    came: Came,
    place: Place,
}

/// What is read, in the order of first appearance.
struct Cluster<'t, 'r> {
    source: json::Source<'t>,
    draft: Draft<'r>,
    found: Vec<Found<'t>>,
    /// By kind, namespace and name.
    known: HashMap<(String, Option<String>, String), usize>,
    /// Roll-outs that are told.
    rollouts: HashSet<String>,
}

pub fn read(text: &str, reading: &Reading<'_>) -> Result<Imported, ImportError> {
    let draft = Draft::new("kubernetes", reading);
    let (found, known, rollouts) = (Vec::new(), HashMap::new(), HashSet::new());
    let mut cluster = Cluster { source: json::Source::new(text), draft, found, known, rollouts };
    let mut stream = json::Stream::new(text);
    while let Some(value) = stream.next(reading) {
        cluster.top(value?)?;
    }
    for found in std::mem::take(&mut cluster.found) {
        cluster.object(&found)?;
    }
    cluster.draft.finish()
}

impl<'t> Cluster<'t, '_> {
    /// Reads a part of the text.
    fn part<T: Deserialize<'t>>(&mut self, raw: &'t RawValue) -> Result<T, ImportError> {
        self.source.parse(raw, self.draft.reading)
    }

    /// The same for what may be missing.
    fn optional<T: Deserialize<'t> + Default>(&mut self, raw: Option<&'t RawValue>) -> Result<T, ImportError> {
        raw.map_or_else(|| Ok(T::default()), |raw| self.part(raw))
    }

    /// A list, an event of a watch, an object, or an array of objects.
    fn top(&mut self, raw: &'t RawValue) -> Result<(), ImportError> {
        if raw.get().starts_with('[') {
            for item in self.source.items(raw, self.draft.reading)? {
                self.add(item, (None, None), Came::Listed)?;
            }
            return Ok(());
        }
        let top: Top<'t> = self.part(raw)?;
        if let (Some(object), Some(event)) = (top.object, top.event) {
            return match event.get().trim_matches('"') {
                "ADDED" | "MODIFIED" => self.add(object, (None, None), Came::Watched),
                "DELETED" => self.add(object, (None, None), Came::Deleted),
                "BOOKMARK" => Ok(()),
                "ERROR" => {
                    self.draft.count("errors of the watch: what happened around them is not known");
                    Ok(())
                }
                _ => {
                    let place = self.source.place(event);
                    let known = "ADDED, MODIFIED, DELETED, BOOKMARK, ERROR";
                    Err(self
                        .draft
                        .reading
                        .refuse_at(place, format!("an event of a watch has one of the types {known}")))
                }
            };
        }
        match top.kind.as_deref().and_then(|kind| kind.strip_suffix("List")) {
            Some(kind) => {
                // The items of a list of one kind do not name it.
                let kind = (Some(kind).filter(|kind| !kind.is_empty()), top.api_version.as_deref());
                top.items.iter().try_for_each(|item| self.add(item, kind, Came::Listed))
            }
            None => self.add(raw, (None, None), Came::Listed),
        }
    }

    fn add(&mut self, raw: &'t RawValue, list: (Option<&str>, Option<&str>), came: Came) -> Result<(), ImportError> {
        let object: Object<'t> = self.part(raw)?;
        let place = self.source.place(raw);
        let refuse = |reason: &str| self.draft.reading.refuse_at(place, reason);
        let kind = object.kind.as_deref().or(list.0).ok_or_else(|| refuse("this object has no kind"))?.to_owned();
        let version = object.api_version.as_deref().or(list.1.filter(|_| list.0.is_some())).unwrap_or_default();
        if !is_read(&kind, version) {
            let kind = super::draft::text(&kind);
            self.draft.count(&format!("objects of the kind {kind} are not read"));
            return Ok(());
        }
        let name = object.metadata.name.clone().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| refuse("this object has no metadata.name"))?;
        let found = Found { kind, name, object, came, place };
        if found.kind == "Deployment" && came != Came::Deleted {
            self.rollout(&found)?;
        }
        let key = (found.kind.clone(), found.object.metadata.namespace.clone(), found.name.clone());
        match self.known.get(&key) {
            Some(index) => self.found[*index] = found,
            None => {
                self.known.insert(key, self.found.len());
                self.found.push(found);
            }
        }
        Ok(())
    }

    /// What the last state of an object says.
    fn object(&mut self, found: &Found<'t>) -> Result<(), ImportError> {
        match found.kind.as_str() {
            "Pod" => self.pod(found),
            "Service" => self.service(found),
            "Ingress" => self.ingress(found),
            "Node" => self.node(found),
            "Namespace" | "ServiceAccount" => {
                let entity = self.named(found)?;
                let mut told = self.teller(found);
                told.seen(&mut self.draft, entity.clone(), Map::new());
                self.owner(found, &entity, &mut told)
            }
            _ => self.workload(found),
        }
    }

    /// What an object is called.
    fn named(&self, found: &Found<'_>) -> Result<EntityRef, ImportError> {
        self.entity(found, self.k8s(&found.kind, &found.object.metadata, &found.name))
    }

    fn k8s(&self, kind: &str, of: &Metadata, name: &str) -> Result<EntityRef, NotAnEntity> {
        entity::k8s(&kind.to_ascii_lowercase(), self.draft.reading.cluster, of.namespace.as_deref(), name)
    }

    /// Refuses what is no entity at the object's place.
    fn entity(&self, found: &Found<'_>, made: Result<EntityRef, NotAnEntity>) -> Result<EntityRef, ImportError> {
        self.draft.entity(made, Some(found.place))
    }

    fn teller(&self, found: &Found<'_>) -> Teller {
        let now = self.draft.reading.at;
        let deleted = found.object.metadata.deletion_timestamp.as_deref().and_then(time::parse);
        let ended = found.came == Came::Deleted;
        Teller {
            // The time of deletion is when the grace period is over, which may be still to come.
            at: if ended { deleted.unwrap_or(now).min(now) } else { now },
            lease: (found.came == Came::Listed).then_some(LIST_LEASE_NANOS),
            ended,
            told: HashSet::new(),
        }
    }

    /// The team that a label or annotation names.
    fn owner(&mut self, found: &Found<'_>, entity: &EntityRef, told: &mut Teller) -> Result<(), ImportError> {
        let metadata = &found.object.metadata;
        let noted = metadata.annotations.as_ref();
        let owner = metadata.label("team").or(metadata.label("owner"));
        let owner = owner.or(noted.and_then(|noted| noted.team.as_deref().or(noted.owner.as_deref())));
        match owner.map(str::trim).filter(|owner| !owner.is_empty()) {
            Some(person) if is_person(person) => {
                self.draft.count("owners are persons and are not kept; name a team");
            }
            Some(owner) => {
                let team = self.entity(found, entity::team(owner))?;
                told.related(&mut self.draft, entity, OWNED_BY, team);
            }
            None => {}
        }
        Ok(())
    }

    /// The service that the recommended label names.
    fn part_of_service(
        &mut self,
        found: &Found<'_>,
        entity: &EntityRef,
        name: Option<&str>,
        told: &mut Teller,
    ) -> Result<(), ImportError> {
        if let Some(name) = name {
            let service = self.entity(found, entity::service(None, name))?;
            told.related(&mut self.draft, entity, PART_OF, service);
        }
        Ok(())
    }

    /// All that an object says of these relations.
    fn complete(&mut self, entity: &EntityRef, told: &Teller, relations: &[&str]) {
        if !told.ended {
            self.draft.complete(entity, relations);
        }
    }
}

/// Whether objects of that kind are read; kinds of others' groups may bear the same name.
fn is_read(kind: &str, version: &str) -> bool {
    let group = version.split_once('/').map_or("", |(group, _)| group);
    match kind {
        _ if version.is_empty() => is_known(kind),
        "Pod" | "Service" | "Node" | "Namespace" | "ServiceAccount" => group.is_empty(),
        "Ingress" => matches!(group, "networking.k8s.io" | "extensions"),
        "Job" | "CronJob" => group == "batch",
        _ => is_known(kind) && matches!(group, "apps" | "extensions"),
    }
}

fn is_known(kind: &str) -> bool {
    let others = ["Pod", "Service", "Ingress", "Node", "Namespace", "ServiceAccount"];
    workloads::KINDS.contains(&kind) || others.contains(&kind)
}

/// Says things of one object: all at its time, with its lease, each relation once.
struct Teller {
    at: Nanos,
    lease: Option<Nanos>,
    ended: bool,
    told: HashSet<Relation>,
}

impl Teller {
    fn seen(&self, draft: &mut Draft<'_>, entity: EntityRef, attributes: Map<String, Value>) {
        let observation = draft.facts.seen(entity, self.at, attributes);
        observation.ended = self.ended;
        observation.lease = self.lease;
    }

    fn related(&mut self, draft: &mut Draft<'_>, from: &EntityRef, kind: &str, to: EntityRef) {
        let relation = Relation { kind: kind.to_owned(), from: from.clone(), to, layer: String::new() };
        if self.told.insert(relation.clone()) {
            let (at, ended, lease) = (self.at, self.ended, self.lease);
            let about = About::Relation(relation);
            draft.facts.observations.push(model::Observation { about, at, ended, lease, attributes: Map::new() });
        }
    }
}

/// The labels that say what something is, as attributes.
fn app_labels(metadata: &Metadata) -> Map<String, Value> {
    let mut attributes = Map::new();
    for label in APP_LABELS {
        put(&mut attributes, label, metadata.label(label));
    }
    attributes
}
