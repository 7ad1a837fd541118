//! What was altered lately: of a service, of what it runs on, and of what it needs.

use super::estate::Estate;
use super::{Cited, Situation};
use crate::limits::{MAX_CITED, OVERLAPS, RECENT};
use anyhow::Result;
use ledger::{AsOf, Ledger, ToldChange};
use model::entity::RUNS_ON;
use model::{EntityRef, Nanos};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// Kinds of changes that alter what runs. A push does not: it is deployed later, or never.
const RUNNING: &[&str] = &["deployment", "rollout", "release", "config", "flag", "infrastructure", "package", "scale"];
/// Services of one question for deployments; two parameters each.
const PER_QUESTION: usize = 1_000;

/// Changes, by service.
pub(super) struct Changes {
    all: Vec<ToldChange>,
    /// Places in `all`.
    of: HashMap<EntityRef, Vec<usize>>,
    /// The newest deployment of each service: when, and to which versions and environments.
    deployed: HashMap<EntityRef, (Nanos, BTreeSet<String>, BTreeSet<String>)>,
    valid: Nanos,
}

impl Changes {
    pub async fn read(ledger: &Ledger, as_of: &AsOf, estate: &Estate, services: &[EntityRef]) -> Result<Changes> {
        let mut all = ledger.changes_since(as_of, as_of.valid.saturating_sub(RECENT)).await?;
        all.retain(|told| RUNNING.contains(&told.change.kind.as_str()));
        let mut of: HashMap<EntityRef, Vec<usize>> = HashMap::new();
        for (place, told) in all.iter().enumerate() {
            let entity = &told.change.entity;
            let mut touched: BTreeSet<EntityRef> = estate.services_of(entity).into_iter().collect();
            for placed in estate.to(RUNS_ON, entity) {
                touched.extend(estate.services_of(&placed.from));
            }
            touched.insert(entity.clone());
            for thing in touched {
                of.entry(thing).or_default().push(place);
            }
        }
        let mut deployed: HashMap<EntityRef, (Nanos, BTreeSet<String>, BTreeSet<String>)> = HashMap::new();
        for chunk in services.chunks(PER_QUESTION) {
            for newest in ledger.newest_deployments(as_of, chunk).await? {
                let known = deployed.entry(newest.change.entity).or_default();
                known.0 = known.0.max(newest.change.at);
                known.1.extend(newest.change.version);
                known.2.extend(newest.environment);
            }
        }
        Ok(Changes { all, of, deployed, valid: as_of.valid })
    }

    fn touching<'c>(&'c self, thing: &EntityRef) -> impl Iterator<Item = &'c ToldChange> {
        self.of.get(thing).into_iter().flatten().filter_map(|place| self.all.get(*place))
    }

    pub fn fill(&self, one: &mut Situation, service: &EntityRef, estate: &Estate) {
        let deployed = self.deployed.get(service);
        let failed = |told: &&ToldChange| {
            let status = told.change.attributes.get("status").and_then(Value::as_str);
            matches!(status, Some("failure" | "failed" | "error" | "rolled_back"))
        };
        let recent = Cited::of(self.touching(service).map(|told| told.id));
        let failed = Cited::of(self.touching(service).filter(failed).map(|told| told.id));
        let since = self.valid.saturating_sub(OVERLAPS);
        let needed: BTreeSet<EntityRef> = estate.uses(service).into_iter().map(|(_, _, to)| to).collect();
        let near = needed.iter().chain([service]).flat_map(|thing| self.touching(thing));
        let overlapping = Cited::of(near.filter(|told| told.change.at > since).map(|told| told.id));
        // Who never told a deployment of it may not tell of changes at all.
        let would_know = deployed.is_some() || recent.count > 0;
        let known = |cited: &Cited| would_know.then_some(cited.count);
        one.changes.recent = known(&recent);
        one.changes.failed = known(&failed);
        one.changes.overlapping = (would_know || overlapping.count > 0).then_some(overlapping.count);
        one.changes.ids = Cited::of(recent.ids.into_iter().chain(overlapping.ids)).ids;
        let listed = self.all.iter().filter(|told| one.changes.ids.contains(&told.id));
        one.changes.list = listed.map(|told| format!("{} of {}", told.change.kind, told.change.entity)).collect();
        if let Some((at, versions, environments)) = deployed {
            one.changes.deployed = Some(*at);
            if one.versions.is_empty() {
                one.versions = versions.iter().take(MAX_CITED).cloned().collect();
            }
            let both: BTreeSet<String> = one.environments.iter().chain(environments).cloned().collect();
            one.environments = both.into_iter().take(MAX_CITED).collect();
        }
    }
}
