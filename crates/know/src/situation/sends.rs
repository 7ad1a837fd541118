//! Whether a service runs, and what it sends.

use super::estate::Estate;
use super::{Cited, Given, Sends, Situation};
use crate::inventory::StreamSeen;
use crate::limits::{LOGS_LAST, MAX_CITED};
use crate::telemetry::{ORIGIN, SIGNALS};
use anyhow::Result;
use ledger::{AsOf, Ledger, Reporter};
use model::entity::{RUNS_IN, RUNS_ON};
use model::{EntityRef, Nanos, Table};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};

/// Who was heard.
pub(super) struct Senders<'g> {
    /// What telemetry ever said of a service, whether or not it still holds.
    heard: HashMap<EntityRef, Reporter>,
    /// Streams by the name of their service; none when nobody looked.
    streams: Option<HashMap<&'g str, Vec<&'g StreamSeen>>>,
    valid: Nanos,
}

impl<'g> Senders<'g> {
    pub async fn read(ledger: &Ledger, as_of: &AsOf, given: &Given<'g>) -> Result<Senders<'g>> {
        let heard = ledger.reporters(as_of, ORIGIN, "service").await?;
        let streams = given.streams.map(|streams| {
            let mut by_service: HashMap<&str, Vec<&StreamSeen>> = HashMap::new();
            for stream in streams.iter().filter(|stream| as_of.datasets.allow(&stream.dataset)) {
                by_service.entry(&stream.service).or_default().push(stream);
            }
            by_service
        });
        let heard = heard.into_iter().map(|one| (one.entity.clone(), one)).collect();
        Ok(Senders { heard, streams, valid: as_of.valid })
    }

    /// The streams of a service, which is named without its namespace there.
    fn streams(&self, service: &EntityRef) -> impl Iterator<Item = &'g StreamSeen> {
        let plain = service.key.rsplit_once('/').map(|(_, name)| name);
        let of = |name: &str| self.streams.as_ref().and_then(|streams| streams.get(name));
        [of(&service.key), plain.and_then(of)].into_iter().flatten().flatten().copied()
    }

    fn sends(&self, service: &EntityRef, said: Option<&Map<String, Value>>, table: Table) -> Sends {
        let of_table = self.streams(service).filter(|stream| stream.tables.iter().any(|name| name == table.name()));
        let last = of_table.map(|stream| stream.last_received).max();
        let signals = said.and_then(|said| said.get(SIGNALS)).and_then(Value::as_array);
        let now = signals.is_some_and(|all| all.iter().any(|name| name.as_str() == Some(table.name())));
        let recent = last.is_some_and(|last| last > self.valid.saturating_sub(LOGS_LAST));
        // Who sends something else would be heard; and who looked at all streams knows.
        let would_know = signals.is_some() || self.streams.is_some() || self.heard.contains_key(service);
        let sends = if now || recent { Some(true) } else { would_know.then_some(false) };
        Sends { sends, last }
    }

    pub fn fill(&self, one: &mut Situation, service: &EntityRef, estate: &Estate) {
        let thing = estate.thing(service);
        let said = thing.map(|thing| &thing.attributes);
        one.logs = self.sends(service, said, Table::Logs);
        one.traces = self.sends(service, said, Table::Spans);
        one.metrics = self.sends(service, said, Table::Metrics);
        let instances = estate.instances(service);
        let live = said.is_some_and(|said| said.contains_key(SIGNALS));
        let placed = [RUNS_ON, RUNS_IN].into_iter().any(|kind| estate.from(kind, service).next().is_some());
        let heard = self.heard.contains_key(service);
        let hosts = estate.hosts(service);
        let hosted = !hosts.is_empty() || heard;
        one.hosts = hosted.then_some(hosts.len() as u64);
        let facts = instances.iter().map(|instance| instance.id);
        one.run_ids = Cited::of(facts.chain(thing.map(|thing| thing.id).filter(|_| live))).ids;
        one.instances = (!instances.is_empty() || heard).then_some(instances.len() as u64);
        let runs = live || placed || !instances.is_empty();
        one.runs = if runs { Some(true) } else { heard.then_some(false) };
        let mut versions = BTreeSet::new();
        let mut environments = BTreeSet::new();
        for attributes in instances.iter().map(|instance| &instance.attributes).chain(said) {
            let text = |name: &str| attributes.get(name).and_then(Value::as_str).map(str::to_owned);
            versions.extend(text("service.version"));
            environments.extend(text("deployment.environment.name"));
        }
        one.versions = versions.into_iter().take(MAX_CITED).collect();
        one.environments = environments.into_iter().take(MAX_CITED).collect();
    }
}
