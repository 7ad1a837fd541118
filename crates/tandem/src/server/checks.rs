//! Checks at work: what is asked, what is known of it, and the verdict, which is kept as a decision.
//!
//! What checks go by (controls and what was decided about them, facts about services) is read at most once in
//! [`FACTS_LAST`], and again as soon as somebody tells facts by the API, or this server decides something about a control. The same verdict is written down
//! once, however often it is asked for, and counted.

use super::api::inventory::streams;
use super::detection::reads::Look;
use super::errors::ApiError;
use super::state::App;
use crate::limits::{FACTS_LAST, MAX_VERDICT_BYTES, MAX_VERDICTS_KNOWN, UNREAD_DAYS};
use anyhow::{Context as _, Result};
use gate::{Checks, Facts as Known, Policies};
use know::controls::{self, Standing};
use know::inventory::{self, RulesRead, StreamSeen};
use know::situation::{self, About, Given, Situation};
use ledger::{AsOf, Person};
use model::{Asked, Caller, Cite, DEFAULT_DATASET, Datasets, Decision, EntityRef, Facts, Nanos, Verdict};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Mutex as Turn;

/// Snapshots at once: one for each group of datasets that somebody asks within.
const MAX_SNAPSHOTS: usize = 16;

/// Checks, policies, and what they go by.
pub struct Checker {
    checks: Checks,
    policies: Policies,
    secret_rules: BTreeSet<String>,
    snapshots: Turn<HashMap<Datasets, Arc<Snapshot>>>,
    /// Verdicts that were written down, by their key.
    kept: Mutex<HashMap<String, i64>>,
    /// Those that were asked for again, until they are counted.
    again: Mutex<Vec<(i64, Nanos)>>,
}

/// What was known at a moment.
struct Snapshot {
    read: Instant,
    changes: usize,
    standing: Standing,
    services: BTreeMap<String, Situation>,
}

/// A verdict, and its decision when it was kept.
pub struct Decided {
    /// The verdict.
    pub verdict: Verdict,
    /// Its decision, by id.
    pub id: Option<i64>,
}

impl Checker {
    /// The checks that are built in, and policies of folders.
    pub fn load(folders: &[PathBuf]) -> Result<Checker> {
        let mut checks = Checks::builtin();
        let mut policies = Policies::default();
        for folder in folders {
            let read = gate::folder(folder).with_context(|| format!("--policy {}", folder.display()));
            let (own, rego) = read?;
            checks.extend(own);
            policies.extend(rego);
        }
        let broken = checks.broken().iter().chain(policies.broken());
        broken.for_each(|error| tracing::warn!(%error, "a policy is broken: what it would say is undecided"));
        let secrets = scan::secrets::Secrets::builtin().map_err(|error| anyhow::anyhow!("{error}"))?;
        let secret_rules = secrets.detectors().iter().map(|detector| detector.id.to_string()).collect();
        Ok(Checker {
            checks,
            policies,
            secret_rules,
            snapshots: Turn::default(),
            kept: Mutex::default(),
            again: Mutex::default(),
        })
    }

    /// Answers a question. A dry run is kept nowhere.
    pub async fn decide(
        &self,
        app: &App,
        caller: &Caller,
        asked: Asked,
        dry: bool,
        now: Nanos,
    ) -> Result<Decided, ApiError> {
        let entity = EntityRef::new("service", asked.service.as_str())?;
        let snapshot = self.snapshot(app, &caller.datasets(), now).await?;
        let about = About {
            service: &asked.service,
            version: asked.version.as_deref(),
            environment: asked.environment.as_deref(),
        };
        let document = match snapshot.services.get(&asked.service) {
            Some(known) => situation::document(known, &about),
            None => situation::unknown(&about),
        };
        let facts: Known = serde_json::from_value(document).map_err(|error| {
            ApiError::new(axum::http::StatusCode::INTERNAL_SERVER_ERROR, format!("the facts: {error}"))
        })?;
        let environment = asked.environment.as_deref();
        let standing = &snapshot.standing;
        let controls = standing.for_(&entity.to_string(), environment, now);
        let verdict = gate::decide(&self.checks, &self.policies, &asked, &facts, &controls, &standing.exceptions, now);
        let id = if dry { None } else { Some(self.keep(app, caller, entity, &verdict, now).await?) };
        Ok(Decided { verdict, id })
    }

    /// What is known within some datasets, at most so old. Those who ask at the same time wait for one who reads.
    async fn snapshot(&self, app: &App, datasets: &Datasets, now: Nanos) -> Result<Arc<Snapshot>, ApiError> {
        let mut snapshots = self.snapshots.lock().await;
        let changes = app.gate_changes.load(Ordering::Acquire);
        if let Some(known) =
            snapshots.get(datasets).filter(|known| known.changes == changes && known.read.elapsed() < FACTS_LAST)
        {
            return Ok(known.clone());
        }
        let read = Arc::new(self.read(app, datasets, changes, now).await.map_err(super::api::findings::failed)?);
        if snapshots.len() >= MAX_SNAPSHOTS {
            snapshots.clear();
        }
        snapshots.insert(datasets.clone(), read.clone());
        Ok(read)
    }

    async fn read(&self, app: &App, datasets: &Datasets, changes: usize, now: Nanos) -> Result<Snapshot> {
        let read = Instant::now();
        let as_of = AsOf::at(now).within(datasets.clone());
        let standing = controls::in_force(&app.ledger, &as_of).await?;
        let around = Around::read(app, datasets, now);
        let all = situation::read(&app.ledger, &as_of, &around.given()).await?;
        let services = all.into_iter().map(|one| (one.service.clone(), one)).collect();
        Ok(Snapshot { read, changes, standing, services })
    }

    /// Writes a verdict down once; told again it is counted.
    async fn keep(
        &self,
        app: &App,
        caller: &Caller,
        entity: EntityRef,
        verdict: &Verdict,
        now: Nanos,
    ) -> Result<i64, ApiError> {
        let key = format!("verdict:{}", verdict.inputs);
        let known = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied();
        if let Some(id) = known {
            self.again.lock().unwrap_or_else(PoisonError::into_inner).push((id, now));
            return Ok(id);
        }
        let decision = decision(key.clone(), entity, verdict, now);
        let decided = app.ledger.decide(&decision, &Facts::default(), Person(&caller.name), now).await?;
        if decided.repeated {
            self.again.lock().unwrap_or_else(PoisonError::into_inner).push((decided.id, now));
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_VERDICTS_KNOWN {
            kept.clear();
        }
        kept.insert(key, decided.id);
        Ok(decided.id)
    }

    /// Counts what was asked for again since the last time.
    pub async fn count(&self, app: &App) -> Result<()> {
        let again = std::mem::take(&mut *self.again.lock().unwrap_or_else(PoisonError::into_inner));
        if let Err(error) = app.ledger.decided_again(&again, super::state::now()).await {
            // They are counted the next time.
            self.again.lock().unwrap_or_else(PoisonError::into_inner).extend(again);
            return Err(error).context("verdicts that were asked for again could not be counted");
        }
        Ok(())
    }
}

/// A verdict as a decision: with what it rests on, and as much of its reasons as a decision holds.
fn decision(key: String, entity: EntityRef, verdict: &Verdict, now: Nanos) -> Decision {
    let mut kept = verdict.clone();
    let mut body = serde_json::to_value(&kept).unwrap_or_default();
    while body.to_string().len() > MAX_VERDICT_BYTES && (kept.waived.pop().is_some() || kept.reasons.pop().is_some()) {
        body = serde_json::to_value(&kept).unwrap_or_default();
    }
    let facts: BTreeSet<i64> = verdict.reasons.iter().flat_map(|reason| reason.facts.iter().copied()).collect();
    Decision {
        key,
        kind: "verdict".to_owned(),
        dataset: DEFAULT_DATASET.to_owned(),
        at: now,
        entity: Some(entity),
        reason: gate::text::line(verdict),
        owner: None,
        control: verdict.reasons.first().map(|reason| reason.control_id).filter(|id| *id > 0),
        expires: None,
        cites: facts.into_iter().take(1_000).map(Cite::Fact).collect(),
        body: if let Value::Object(body) = body { body } else { serde_json::Map::new() },
    }
}

/// What the ledger does not know and the server does: pages, streams, rules.
pub struct Around<'a> {
    pages: BTreeMap<String, Vec<situation::Page>>,
    streams: Vec<StreamSeen>,
    secret_rules: &'a BTreeSet<String>,
    slo_rules: bool,
    rules_read: Option<RulesRead>,
}

impl<'a> Around<'a> {
    /// As it is seen within some datasets.
    pub fn read(app: &'a App, datasets: &Datasets, now: Nanos) -> Around<'a> {
        let slo = |rule: &detect::ops::OpsRule| rule.meta.tags.iter().any(|tag| tag == "slo");
        Around {
            pages: pages_of_services(app, now),
            streams: streams(app, datasets),
            secret_rules: &app.checker.secret_rules,
            slo_rules: app.detection.rules().operational.iter().any(slo),
            rules_read: None,
        }
    }

    /// With what the rules read of the streams that nobody asks for, if that is known within so long.
    pub async fn with_rules(mut self, app: &App, as_of: &AsOf, patience: Duration) -> Result<Around<'a>> {
        let unasked = inventory::unasked(as_of, &self.streams, UNREAD_DAYS);
        self.rules_read = rules_read(app, as_of, &unasked, UNREAD_DAYS, patience).await?;
        Ok(self)
    }

    /// It as facts about services and levers want it.
    pub fn given(&self) -> Given<'_> {
        Given {
            pages: Some(&self.pages),
            streams: Some(&self.streams),
            secret_rules: Some(self.secret_rules),
            slo_rules: self.slo_rules,
            rules_read: self.rules_read.as_ref(),
        }
    }
}

/// What the rules read of the streams that nobody asked for in so many days: that is looked up in the events.
pub async fn rules_read(
    app: &App,
    as_of: &AsOf,
    unasked: &[&StreamSeen],
    days: u32,
    patience: Duration,
) -> Result<Option<RulesRead>> {
    let look = Look {
        key: (days, as_of.datasets.clone()),
        view: app.store.within(as_of.datasets.clone()),
        set: app.detection.rules(),
        streams: unasked.iter().copied().cloned().collect(),
        now: super::state::now(),
    };
    app.looks.recent(look, patience).await
}

/// The pages of knowledge by service.
pub fn pages_of_services(app: &App, now: Nanos) -> BTreeMap<String, Vec<situation::Page>> {
    let mut all: BTreeMap<String, Vec<situation::Page>> = BTreeMap::new();
    for page in app.knowledge.shelf.pages() {
        if page.kind != know::pages::Kind::Runbook {
            continue;
        }
        for service in &page.services {
            let overdue = page.review_by.is_some_and(|review| review <= now);
            all.entry(service.clone()).or_default().push(situation::Page { name: page.title.clone(), overdue });
        }
    }
    all
}
