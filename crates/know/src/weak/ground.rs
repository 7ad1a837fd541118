//! Where things run: from a repository, an image or a component to the services, containers and hosts that have it.

use crate::reports::{Thing, relations, things};
use anyhow::Result;
use ledger::{AsOf, Holder, Ledger};
use model::EntityRef;
use model::entity::{BUILT_FROM, LISTENS, PART_OF, RUNS_IN, RUNS_ON, USES_IMAGE};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Longest way from what is weak to what runs: repository, image, container, instance, service.
const MAX_STEPS: usize = 5;
/// Places that are told of one finding; more say nothing new.
pub const MAX_PLACES: usize = 100;
/// How names of sockets look that no other machine reaches.
const LOOPBACK: [&str; 3] = ["/127.", "/[::1]:", "/[::ffff:127."];
/// Attributes that say how much something matters.
const TIERS: [&str; 4] = ["tier", "criticality", "lifecycle", "deployment.environment.name"];

/// What ran at a time, and how it hangs together.
pub struct Ground {
    there: HashMap<EntityRef, Thing>,
    /// What is made of something: services of repositories, containers of images, instances of containers.
    made_of: HashMap<EntityRef, Vec<EntityRef>>,
    /// What something is part of: instances of services, pods of deployments.
    part_of: HashMap<EntityRef, Vec<EntityRef>>,
    runs_on: HashMap<EntityRef, Vec<EntityRef>>,
    /// Whether something listens where others reach it.
    listens: HashMap<EntityRef, bool>,
    holders: BTreeMap<String, Vec<Holder>>,
}

/// Whether a kind of thing runs, rather than being kept.
fn runs(kind: &str) -> bool {
    matches!(kind, "service" | "service.instance" | "host" | "container")
        || kind.starts_with("k8s.") && !matches!(kind, "k8s.cluster" | "k8s.namespace")
}

impl Ground {
    /// Asks for all of it at once, and for what has some components.
    pub async fn read(ledger: &Ledger, as_of: &AsOf, components: &[String]) -> Result<Ground> {
        let (mut made_of, mut part_of, mut runs_on) = (HashMap::new(), HashMap::new(), HashMap::new());
        for kind in [BUILT_FROM, USES_IMAGE, RUNS_IN] {
            for relation in relations(ledger, as_of, kind).await? {
                push(&mut made_of, relation.to, relation.from);
            }
        }
        for (kind, all) in [(PART_OF, &mut part_of), (RUNS_ON, &mut runs_on)] {
            for relation in relations(ledger, as_of, kind).await? {
                push(all, relation.from, relation.to);
            }
        }
        let mut there = HashMap::new();
        for thing in things(ledger, as_of, None).await? {
            if runs(&thing.entity.kind)
                || matches!(thing.entity.kind.as_str(), "socket" | "repository" | "container.image")
            {
                there.insert(thing.entity.clone(), thing);
            }
        }
        let mut listens = HashMap::new();
        for relation in relations(ledger, as_of, LISTENS).await? {
            let said = there.get(&relation.to).and_then(|thing: &Thing| thing.attributes.get("exposed")?.as_bool());
            let open = said.unwrap_or_else(|| !LOOPBACK.iter().any(|part| relation.to.key.contains(part)));
            *listens.entry(relation.from).or_default() |= open;
        }
        let mut holders = BTreeMap::<String, Vec<Holder>>::new();
        for holder in ledger.holders(as_of, components).await? {
            holders.entry(holder.component.clone()).or_default().push(holder);
        }
        Ok(Ground { there, made_of, part_of, runs_on, listens, holders })
    }

    /// What has a component.
    pub fn holders(&self, component: &str) -> &[Holder] {
        self.holders.get(component).map_or(&[], Vec::as_slice)
    }

    /// Where something runs, with a component that it is about. What was deployed runs, though nothing else says so.
    pub fn places(&self, of: &EntityRef, component: Option<&str>, deployed: bool) -> Vec<EntityRef> {
        let mut seen: BTreeSet<EntityRef> = BTreeSet::from([of.clone()]);
        seen.extend(component.into_iter().flat_map(|one| self.holders(one)).map(|holder| holder.entity.clone()));
        let mut edge: Vec<EntityRef> = seen.iter().cloned().collect();
        for _ in 0..MAX_STEPS {
            let mut next = Vec::new();
            for thing in &edge {
                let ups = [self.made_of.get(thing), self.part_of.get(thing)];
                next.extend(ups.into_iter().flatten().flatten().filter(|up| seen.insert((*up).clone())).cloned());
            }
            if next.is_empty() || seen.len() > 100 * MAX_PLACES {
                break;
            }
            edge = next;
        }
        let here = |thing: &EntityRef| runs(&thing.kind) && (self.there.contains_key(thing) || deployed && thing == of);
        // Services first: these are what people know.
        let mut places: Vec<EntityRef> = seen.into_iter().filter(here).collect();
        places.sort_by_key(|place| (place.kind != "service", place.kind.clone(), place.key.clone()));
        places
    }

    /// Whether others reach one of some places; nothing when none of them says where it listens.
    pub fn exposed(&self, places: &[EntityRef]) -> Option<bool> {
        let hosts = places.iter().flat_map(|place| self.runs_on.get(place).into_iter().flatten());
        let said: Vec<bool> = places.iter().chain(hosts).filter_map(|place| self.listens.get(place).copied()).collect();
        (!said.is_empty()).then(|| said.contains(&true))
    }

    /// How much some places matter, by the first that says so.
    pub fn tier(&self, of: &EntityRef, places: &[EntityRef]) -> Option<String> {
        let mut all = places.iter().chain([of]).filter_map(|place| self.there.get(place));
        all.find_map(|thing| TIERS.iter().find_map(|name| thing.text(name)).map(str::to_owned))
    }
}

fn push(all: &mut HashMap<EntityRef, Vec<EntityRef>>, of: EntityRef, what: EntityRef) {
    all.entry(of).or_default().push(what);
}
