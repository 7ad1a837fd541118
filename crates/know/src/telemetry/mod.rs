//! Entities that come by themselves: what resources of telemetry and entity events say is there.
//!
//! Every batch that is received passes here, so the work is for each distinct resource of a batch: a resource that is
//! known costs a hash, and once a second a look at its clock and version. What it describes is read once.

mod calls;
mod clocks;
mod events;
mod names;
mod resource;
mod versions;

pub use calls::{Call, calls};
pub use clocks::Skew;
pub use versions::Deployed;

use crate::limits::{
    FACTS_PER_DOCUMENT, MAX_EVENTS, MAX_IDENTITIES, MAX_RESOURCE_BYTES, MAX_RESOURCES, MINUTE, RESOURCE_LASTS, SECOND,
};
use anyhow::Result;
use arrow_array::Array as _;
use arrow_array::cast::AsArray as _;
use arrow_array::types::TimestampNanosecondType;
use clocks::Clocks;
use events::Event;
use ledger::{AsOf, Ledger};
use model::columns::name;
use model::limits::MAX_AHEAD_NANOS;
use model::{Change, EntityRef, EventBatch, Facts, Nanos, Observation, Relation, Table};
use resource::{Attributes, Described, describe};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use versions::{Seen, Versions};

/// Who says it.
pub const ORIGIN: &str = "telemetry";
/// Attribute of a thing: the tables that its telemetry goes to.
pub const SIGNALS: &str = "signals";
/// Attribute of a host whose clock is wrong: seconds that it is ahead.
pub const CLOCK_OFFSET: &str = "clock.offset";

/// What has been seen lately.
pub struct Telemetry {
    lease: Nanos,
    hasher: RandomState,
    resources: HashMap<u64, Resource>,
    bytes: usize,
    /// The minute that was told last of each thing and relation.
    told: HashMap<u64, i64>,
    events: BTreeMap<(Arc<str>, EntityRef, bool), Event>,
    identities: HashMap<u64, EntityRef>,
    changes: BTreeMap<Arc<str>, Vec<Change>>,
    versions: Versions,
    clocks: Clocks,
    lost: u64,
}

struct Resource {
    dataset: Arc<str>,
    described: Described,
    bytes: usize,
    /// When it came last.
    seen: Nanos,
    /// When its clock and version were looked at last.
    looked: Nanos,
    /// How far its host's clock is ahead.
    offset: Nanos,
    /// When each table got something.
    signals: [Nanos; Table::ALL.len()],
    /// Time of its first and last event since it was told; nothing when there was none.
    fresh: Option<(Nanos, Nanos)>,
}

/// A resource of a batch.
struct Sent<'a> {
    text: &'a str,
    first: Nanos,
    last: Nanos,
    /// The newest time as the sender has it.
    newest: Nanos,
}

/// What is to be told of a dataset.
#[derive(Default)]
struct Due<'a> {
    things: HashMap<&'a EntityRef, (Nanos, Nanos)>,
    relations: HashMap<&'a Relation, (Nanos, Nanos)>,
}

/// What is told, by dataset.
#[derive(Default)]
struct Told(BTreeMap<Arc<str>, Facts>);

impl Told {
    fn of(&mut self, dataset: &Arc<str>) -> &mut Facts {
        self.0.entry(dataset.clone()).or_insert_with(|| Facts::new(ORIGIN, &**dataset))
    }
}

impl Telemetry {
    /// Nothing seen yet. What is seen is taken to be there for the lease.
    pub fn new(lease: Nanos) -> Self {
        Self {
            lease,
            hasher: RandomState::new(),
            resources: HashMap::new(),
            bytes: 0,
            told: HashMap::new(),
            events: BTreeMap::new(),
            identities: HashMap::new(),
            changes: BTreeMap::new(),
            versions: Versions::default(),
            clocks: Clocks::default(),
            lost: 0,
        }
    }

    /// What versions ran before a restart, so that they are no changes when they are seen again.
    pub fn restore(&mut self, newest: impl IntoIterator<Item = Deployed>, now: Nanos) {
        self.versions.restore(newest, now);
    }

    /// A batch came.
    pub fn observe(&mut self, batch: &EventBatch, dataset: &str, now: Nanos) {
        let received = times(batch, name::RECEIVED_TIMESTAMP).filter(|all| !all.is_empty());
        let received = received.map_or(now, |received| received.value(0));
        for sent in distinct(batch) {
            self.sent(&sent, batch.table, dataset, received, now);
        }
        for event in events::read(batch, self.lease) {
            self.told_by_event(event, dataset, now);
        }
    }

    fn sent(&mut self, sent: &Sent<'_>, table: Table, dataset: &str, received: Nanos, now: Nanos) {
        let key = self.hasher.hash_one((dataset, sent.text));
        if !self.resources.contains_key(&key) {
            self.remember(key, dataset, sent.text, now);
        }
        let Some(resource) = self.resources.get_mut(&key) else { return };
        resource.seen = now;
        let signal = Table::ALL.iter().position(|known| *known == table).unwrap_or_default();
        resource.signals[signal] = now;
        let described = &resource.described;
        let look = now.saturating_sub(resource.looked) >= SECOND;
        if look {
            resource.looked = now;
            let clock = |host| self.clocks.observe(dataset, host, sent.newest, received);
            let offset = described.host.as_ref().map_or(0, clock);
            // Times that are further ahead were replaced by the receipt's already.
            resource.offset = if offset > MAX_AHEAD_NANOS { 0 } else { offset };
        }
        let [first, last] = [sent.first, sent.last].map(|at| at.saturating_sub(resource.offset).min(now));
        if look && let (Some(service), Some(version)) = (&described.service, &described.version) {
            let environment = described.environment.as_deref();
            let seen = Seen { dataset, service, environment, version, first, last };
            if let Some(change) = self.versions.seen(seen, self.lease) {
                self.changes.entry(resource.dataset.clone()).or_default().push(change);
            }
        }
        resource.fresh = Some(resource.fresh.map_or((first, last), |(a, b)| (a.min(first), b.max(last))));
    }

    fn remember(&mut self, key: u64, dataset: &str, text: &str, now: Nanos) {
        let described = describe(&Attributes::parse(text));
        let bytes = described.bytes();
        while self.resources.len() >= MAX_RESOURCES || self.bytes + bytes > MAX_RESOURCE_BYTES {
            if self.resources.is_empty() {
                return;
            }
            self.forget();
        }
        let signals = [Nanos::MIN; Table::ALL.len()];
        let (looked, offset) = (Nanos::MIN, 0);
        let resource =
            Resource { dataset: dataset.into(), described, bytes, seen: now, looked, offset, signals, fresh: None };
        self.bytes += bytes;
        self.resources.insert(key, resource);
    }

    /// Drops the quarter that was not seen longest, so that this is seldom done.
    fn forget(&mut self) {
        let mut seen: Vec<(Nanos, u64)> = self.resources.iter().map(|(key, one)| (one.seen, *key)).collect();
        seen.sort_unstable();
        for (_, key) in &seen[..seen.len().div_ceil(4)] {
            if let Some(gone) = self.resources.remove(key) {
                self.bytes -= gone.bytes;
                self.lost += u64::from(gone.fresh.is_some() && !gone.described.things.is_empty());
            }
        }
    }

    fn told_by_event(&mut self, mut event: Event, dataset: &str, now: Nanos) {
        event.at = event.at.min(now);
        let entity = self.resolve(dataset, &event.identity, event.entity.take(), &event.own);
        for (_, identity, entity, own) in &mut event.relations {
            let found = self.resolve(dataset, identity, entity.take(), own);
            *entity = Some(found);
        }
        let key = (Arc::from(dataset), entity, event.ended);
        let full = self.events.len() >= MAX_EVENTS;
        match self.events.get_mut(&key) {
            Some(known) if known.at > event.at => {}
            Some(known) => *known = event,
            None if full => self.lost += 1,
            None => drop(self.events.insert(key, event)),
        }
    }

    /// The entity that a sender means: by its name, by the name that came with the same id earlier, or by the id.
    fn resolve(&mut self, dataset: &str, identity: &str, entity: Option<EntityRef>, own: &EntityRef) -> EntityRef {
        let key = self.hasher.hash_one((dataset, identity));
        match entity {
            Some(entity) => {
                if self.identities.len() >= MAX_IDENTITIES {
                    self.identities.clear();
                }
                self.identities.insert(key, entity.clone());
                entity
            }
            None => self.identities.get(&key).unwrap_or(own).clone(),
        }
    }

    /// Facts to record; each thing and relation at most once a minute. Call it every ten seconds or so. What is handed
    /// out is not handed out again: a document that the ledger could not take is to be given to it again, as it is.
    pub fn due(&mut self, now: Nanos) -> Vec<Facts> {
        self.resources.retain(|_, one| one.fresh.is_some() || now.saturating_sub(one.seen) <= RESOURCE_LASTS);
        self.bytes = self.resources.values().map(|one| one.bytes).sum();
        let mut facts = Told::default();
        self.tell_resources(now, &mut facts);
        self.tell_events(&mut facts);
        let oldest = now.saturating_sub(RESOURCE_LASTS).div_euclid(MINUTE);
        self.told.retain(|_, minute| *minute >= oldest);
        for (dataset, changes) in std::mem::take(&mut self.changes) {
            facts.of(&dataset).changes = changes;
        }
        facts.0.into_values().flat_map(documents).collect()
    }

    fn tell_resources(&mut self, now: Nanos, facts: &mut Told) {
        let mut by_dataset: BTreeMap<Arc<str>, Vec<&Resource>> = BTreeMap::new();
        for resource in self.resources.values() {
            by_dataset.entry(resource.dataset.clone()).or_default().push(resource);
        }
        let (lease, hasher, told) = (Some(self.lease), &self.hasher, &mut self.told);
        for (dataset, mut resources) in by_dataset {
            // What is said last is believed where resources differ.
            resources.sort_by_key(|one| (one.seen, one.described.host.as_ref(), one.described.service.as_ref()));
            let due = due(&resources);
            let mut wanted: HashMap<&EntityRef, Vec<Nanos>> = HashMap::new();
            for (thing, times) in due.things {
                let when = news(told, hasher.hash_one((&dataset, thing)), times, self.lease);
                if !when.is_empty() {
                    wanted.insert(thing, when);
                }
            }
            let said = said(&resources, &wanted, now);
            let mut wanted: Vec<_> = wanted.into_iter().collect();
            wanted.sort();
            for (thing, when) in wanted {
                let mut attributes = said.get(thing).cloned().unwrap_or_default();
                if thing.kind == "host"
                    && let Some(offset) = self.clocks.told(&dataset, thing)
                {
                    attributes.insert(CLOCK_OFFSET.to_owned(), offset.into());
                }
                for at in when {
                    facts.of(&dataset).seen(thing.clone(), at, attributes.clone()).lease = lease;
                }
            }
            let mut relations: Vec<_> = due.relations.into_iter().collect();
            relations.sort();
            for (relation, times) in relations {
                for at in news(told, hasher.hash_one((&dataset, relation)), times, self.lease) {
                    let Relation { kind, from, to, .. } = relation.clone();
                    facts.of(&dataset).related(from, &kind, to, at).lease = lease;
                }
            }
        }
        for resource in self.resources.values_mut() {
            resource.fresh = None;
        }
    }

    fn tell_events(&mut self, facts: &mut Told) {
        for ((dataset, entity, ended), event) in std::mem::take(&mut self.events) {
            let Event { at, lease, attributes, relations, .. } = event;
            let (lease, attributes) = if ended { (None, Map::new()) } else { (lease, attributes) };
            for (kind, _, to, _) in relations {
                if let Some(to) = to.filter(|to| *to != entity) {
                    facts.of(&dataset).related(entity.clone(), &kind, to, at).lease = lease;
                }
            }
            let seen = facts.of(&dataset).seen(entity, at, attributes);
            (seen.ended, seen.lease) = (ended, lease);
        }
    }

    /// Hosts whose clock is wrong.
    pub fn skews(&self) -> Vec<Skew> {
        self.clocks.skews()
    }

    /// Resources, events and versions that were not told, since there were more than are remembered.
    pub fn lost(&self) -> u64 {
        self.lost + self.versions.refused
    }
}

/// What the resources that sent something describe, with the time of the first and last event.
fn due<'a>(resources: &[&'a Resource]) -> Due<'a> {
    let mut due = Due::default();
    let wider = |known: &mut (Nanos, Nanos), (first, last): (Nanos, Nanos)| {
        *known = (known.0.min(first), known.1.max(last));
    };
    for resource in resources {
        let Some(times) = resource.fresh else { continue };
        for (thing, _) in &resource.described.things {
            wider(due.things.entry(thing).or_insert(times), times);
        }
        for relation in &resource.described.relations {
            wider(due.relations.entry(relation).or_insert(times), times);
        }
    }
    due
}

/// The times to tell: the last, unless its minute was told; the first too, when it was not known to be there then. What
/// comes later than a lease is told whatever was told since: it says what ran then.
fn news(told: &mut HashMap<u64, i64>, key: u64, (first, last): (Nanos, Nanos), lease: Nanos) -> Vec<Nanos> {
    let minute = last.div_euclid(MINUTE);
    let both = || if first < last { vec![first, last] } else { vec![last] };
    let Some(before) = told.insert(key, minute) else { return both() };
    let told_at = before.saturating_mul(MINUTE);
    if before >= minute {
        told.insert(key, before);
        return if last.saturating_add(lease) < told_at { both() } else { Vec::new() };
    }
    if first.saturating_sub(lease) > told_at.saturating_add(MINUTE) { both() } else { vec![last] }
}

/// What all resources say of things, the newest last.
fn said(
    resources: &[&Resource],
    wanted: &HashMap<&EntityRef, Vec<Nanos>>,
    now: Nanos,
) -> HashMap<EntityRef, Map<String, Value>> {
    let mut said: HashMap<EntityRef, (Map<String, Value>, [bool; Table::ALL.len()])> = HashMap::new();
    for resource in resources {
        let sends = resource.signals.map(|at| now.saturating_sub(at) <= RESOURCE_LASTS);
        for (thing, kept) in &resource.described.things {
            if !wanted.contains_key(thing) {
                continue;
            }
            let (attributes, signals) = said.entry(thing.clone()).or_default();
            attributes.extend(kept.iter().map(|(name, value)| (name.clone(), value.clone())));
            for (signal, sends) in signals.iter_mut().zip(sends) {
                *signal |= sends;
            }
        }
    }
    let with_signals = |(thing, (mut attributes, signals)): (_, (Map<String, Value>, [bool; Table::ALL.len()]))| {
        let tables = Table::ALL.iter().zip(signals).filter(|(_, sends)| *sends);
        attributes.insert(SIGNALS.to_owned(), tables.map(|(table, _)| table.name()).collect());
        (thing, attributes)
    };
    said.into_iter().map(with_signals).collect()
}

/// Splits what would be too long a transaction.
fn documents(mut facts: Facts) -> Vec<Facts> {
    let mut rest = std::mem::take(&mut facts.observations).into_iter();
    let mut all = Vec::new();
    loop {
        let observations: Vec<Observation> = rest.by_ref().take(FACTS_PER_DOCUMENT).collect();
        let changes = std::mem::take(&mut facts.changes);
        if observations.is_empty() && changes.is_empty() {
            return all;
        }
        all.push(Facts { observations, changes, ..Facts::new(facts.origin.clone(), facts.dataset.clone()) });
    }
}

fn times<'a>(batch: &'a EventBatch, name: &str) -> Option<&'a arrow_array::TimestampNanosecondArray> {
    batch.rows.column_by_name(name)?.as_primitive_opt::<TimestampNanosecondType>()
}

/// The resources of a batch. Rows of one resource share their text, so that comparing where it lies is enough; texts
/// that lie twice are found to be the same by their hash later.
fn distinct(batch: &EventBatch) -> Vec<Sent<'_>> {
    let column = batch.rows.column_by_name(name::RESOURCE_ATTRIBUTES).and_then(|column| column.as_string_view_opt());
    let (Some(column), Some(times)) = (column, times(batch, name::TIMESTAMP)) else { return Vec::new() };
    let originals = self::times(batch, name::ORIGINAL_TIMESTAMP).filter(|all| all.null_count() < all.len());
    let (mut sent, mut places) = (Vec::<Sent<'_>>::new(), HashMap::<u128, usize>::new());
    let mut last: Option<(u128, usize)> = None;
    for (row, (view, time)) in column.views().iter().zip(times.values()).enumerate() {
        if column.is_null(row) {
            continue;
        }
        let at = match last {
            Some((known, at)) if known == *view => at,
            _ => *places.entry(*view).or_insert_with(|| {
                let text = column.value(row);
                sent.push(Sent { text, first: Nanos::MAX, last: Nanos::MIN, newest: Nanos::MIN });
                sent.len() - 1
            }),
        };
        last = Some((*view, at));
        let original = originals.filter(|all| all.is_valid(row)).map(|all| all.value(row));
        let one = &mut sent[at];
        (one.first, one.last) = (one.first.min(*time), one.last.max(*time));
        one.newest = one.newest.max(original.unwrap_or(*time));
    }
    sent
}

/// The versions that the ledger knows to have come last, for [`Telemetry::restore`].
pub async fn deployed(ledger: &Ledger, as_of: &AsOf) -> Result<Vec<Deployed>> {
    let mut all = Vec::new();
    for change in ledger.newest_changes(as_of, "deployment", ORIGIN).await? {
        let attributes: Map<String, Value> = serde_json::from_str(&change.attributes).unwrap_or_default();
        let previous = attributes.get("previous").and_then(Value::as_str).map(str::to_owned);
        let Some(version) = change.version else { continue };
        let (service, environment, at) = (change.entity, change.environment, change.at);
        all.push(Deployed { dataset: change.dataset, service, environment, version, previous, at });
    }
    Ok(all)
}
