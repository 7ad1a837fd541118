//! Work beside the requests that keeps the facts in order.

use super::checks::Around;
use super::knowledge::Knowledge;
use super::state::{App, now};
use crate::limits::{
    CALLS_INTERVAL, CALLS_WINDOW_NANOS, COUNT_INTERVAL, DAY_NANOS, HOUR, KNOWLEDGE_INTERVAL, LEVERS_INTERVAL,
    MEASURE_WAIT, MERGE_AFTER_NANOS, MINUTE, SILENT_AFTER_NANOS, SILENT_INTERVAL, SURFACE_DAYS, TELEMETRY_INTERVAL,
};
use anyhow::Result;
use know::controls::Word;
use know::planning::{day_of, roadmap};
use know::{levers, readiness};
use ledger::{AsOf, DecisionsAsked, Person};
use model::entity::{EXECUTES, LISTENS, RUNS_ON};
use model::{About, Complete, DEFAULT_DATASET, Datasets, Facts, Finding, Nanos, Observation};
use serde_json::Map;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Who asks owners whether their control was in the way.
const WATCHING: Person<'static> = Person("rules");
/// The rule of the finding that the attack surface grew.
const SURFACE_RULE: &str = "attack-surface-growth";

/// Starts all of it; it ends when the server stops.
pub fn start(app: &Arc<App>) -> Vec<JoinHandle<()>> {
    vec![
        every(app, SILENT_INTERVAL, "what ran on silent machines", end_silent),
        every(app, CALLS_INTERVAL, "who calls whom", |app| async move { app.note_calls(CALLS_WINDOW_NANOS).await }),
        every(
            app,
            COUNT_INTERVAL,
            "verdicts that were asked for again",
            |app| async move { app.checker.count(&app).await },
        ),
        every(app, KNOWLEDGE_INTERVAL, "what folders of knowledge say", Knowledge::reload),
        tokio::spawn(super::feed::run(app.clone())),
        every(app, MINUTE, "what ends, what comes, and who went around a control", notices),
        every(app, HOUR, "layers that nobody patches", layers),
        every(app, HOUR, "what is missing for a recovery", recovery),
        every(app, LEVERS_INTERVAL, "the numbers of levers", |app| async move { measure(&app).await.map(drop) }),
        every(app, HOUR, "the attack surface", surface),
        every(app, HOUR, "days of observations are merged", merge),
        every(app, TELEMETRY_INTERVAL, "what telemetry says of its senders", |app| async move {
            app.seen.write(&app.ledger).await
        }),
    ]
}

/// Does something again and again until the server stops.
fn every<F>(
    app: &Arc<App>,
    interval: Duration,
    what: &'static str,
    work: impl Fn(Arc<App>) -> F + Send + 'static,
) -> JoinHandle<()>
where
    F: Future<Output = Result<()>> + Send,
{
    let app = app.clone();
    tokio::spawn(async move {
        while tokio::time::timeout(interval, app.stopped()).await.is_err() {
            if let Err(error) = work(app.clone()).await {
                tracing::warn!(what, error = format!("{error:#}"), "this failed; it is tried again");
            }
        }
    })
}

/// Teams hear of what ends, of what restricts them soon, and of controls that somebody went around. Each is told once.
async fn notices(app: Arc<App>) -> Result<()> {
    let now = now();
    let endings = know::controls::endings(&app.ledger, &AsOf::at(now)).await?;
    let mut words: Vec<Word> = endings.into_iter().map(|ending| ending.word).collect();
    let names = super::api::controls::rule_names(&app);
    let bypasses = know::controls::bypasses(&app.ledger, now - DAY_NANOS, &names, WATCHING, now).await?;
    words.extend(bypasses.words);
    let known = app.knowledge.known();
    words.extend(roadmap::ahead(&known.planned.roadmap, day_of(now)).into_iter().map(|ahead| Word {
        key: ahead.key,
        kind: "roadmap".to_owned(),
        team: ahead.team,
        dataset: DEFAULT_DATASET.to_owned(),
        title: format!("{} restricts you from {}", ahead.title, ahead.day),
        text: format!(
            "For operations: {}\nFor security: {}\nOwner: {}",
            ahead.for_operations, ahead.for_security, ahead.owner
        ),
        loud: false,
    }));
    super::api::words::tell(&app, words, now).await.map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(())
}

/// The datasets that something was sent to.
fn datasets(app: &App) -> BTreeSet<String> {
    let mut datasets: BTreeSet<String> = app.streams.list().into_iter().map(|stream| stream.dataset).collect();
    datasets.insert(DEFAULT_DATASET.to_owned());
    datasets
}

/// An attack surface that grows far beyond what it was is weak, until it does no longer.
async fn surface(app: Arc<App>) -> Result<()> {
    let now = now();
    for dataset in datasets(&app) {
        let as_of = AsOf::at(now).within(Datasets::only([dataset.clone()]));
        let times: Vec<Nanos> = (0..=SURFACE_DAYS).rev().map(|day| now - day * DAY_NANOS).collect();
        let report = know::reports::surface(&app.ledger, &as_of, &times, know::reports::SURFACE_FACTOR).await?;
        let Some(last) = report.rows.last() else { continue };
        // An end is told once: the next one would move it.
        if !last.alarm && know::reports::findings(&app.ledger, &as_of, SURFACE_RULE, "policy").await?.is_empty() {
            continue;
        }
        let finding = Finding {
            entity: None,
            rule: SURFACE_RULE.to_owned(),
            fingerprint: format!("{SURFACE_RULE}|{dataset}"),
            severity: "medium".to_owned(),
            title: "the attack surface grew far beyond what it was in the days before".to_owned(),
            place: dataset.clone(),
            at: now,
            ended: !last.alarm,
            evidence: serde_json::to_value(last)?.as_object().cloned().unwrap_or_default(),
        };
        let facts = Facts { findings: vec![finding], ..Facts::new("policy", dataset) };
        app.ledger.record(&facts, now).await?;
    }
    Ok(())
}

/// What was seen each minute of a day becomes what was there from then to then.
async fn merge(app: Arc<App>) -> Result<()> {
    while let Some(done) = app.ledger.compact(now() - MERGE_AFTER_NANOS).await? {
        tracing::info!(rows = done.rows, removed = done.removed, "a day of observations was merged");
    }
    Ok(())
}

/// A layer that nobody patches is weak; when somebody does, it is not.
async fn layers(app: Arc<App>) -> Result<()> {
    let now = now();
    for dataset in datasets(&app) {
        let as_of = AsOf::at(now).within(Datasets::only([dataset.clone()]));
        let cells = know::layers::cells(&app.ledger, &as_of, &app.layer_policy).await?;
        let open = know::layers::open_gaps(&app.ledger, &as_of).await?;
        let facts = know::layers::layer_findings(&cells, &open, &dataset, now);
        if !facts.is_empty() {
            app.ledger.record(&facts, now).await?;
        }
    }
    Ok(())
}

/// What is missing for a recovery is weak; when it is filled, it is not.
async fn recovery(app: Arc<App>) -> Result<()> {
    let now = now();
    for dataset in datasets(&app) {
        let as_of = AsOf::at(now).within(Datasets::only([dataset.clone()]));
        let plan = readiness::plan(&app.ledger, &as_of).await?;
        let open = readiness::open_gaps(&app.ledger, &as_of).await?;
        let facts = readiness::recovery_findings(&plan.gaps, &open, &dataset, now);
        if !facts.is_empty() {
            app.ledger.record(&facts, now).await?;
        }
    }
    Ok(())
}

/// The number of each lever is kept once a day, so that a step that was taken shows what it gained. Answers how many were
/// written.
pub async fn measure(app: &App) -> Result<u64> {
    let (now, mut written) = (now(), 0);
    for dataset in datasets(app) {
        let as_of = AsOf::at(now).within(Datasets::only([dataset.clone()]));
        let today = Some(now - now.rem_euclid(DAY_NANOS));
        let asked = DecisionsAsked { since: today, limit: 1, ..DecisionsAsked::of(&[levers::LEVER]) };
        if !app.ledger.decisions(&asked, &as_of).await?.is_empty() {
            continue;
        }
        let around = Around::read(app, &as_of.datasets, now).with_rules(app, &as_of, MEASURE_WAIT).await?;
        let counted = levers::all(&app.ledger, &as_of, &around.given()).await?;
        written += levers::measure(&app.ledger, &counted, &dataset, now).await?;
    }
    Ok(written)
}

/// A machine that is no longer heard takes with it what ran there: else it would run for ever.
async fn end_silent(app: Arc<App>) -> Result<()> {
    let now = now();
    for reporter in app.ledger.reporters(&AsOf::at(now), "agent", "host").await? {
        if reporter.known > now - SILENT_AFTER_NANOS || app.seen.has_ended(&reporter.entity, reporter.until) {
            continue;
        }
        let (host, at) = (reporter.entity, reporter.until);
        let mut facts = Facts::new("agent", reporter.dataset);
        for relation in [LISTENS, EXECUTES] {
            facts.complete.push(Complete { from: host.clone(), relation: relation.to_owned(), at, parts: true });
        }
        let there = app.ledger.related_to(&AsOf::at(now), &host, RUNS_ON).await?;
        for container in there.into_iter().filter(|entity| entity.kind == "container") {
            let about = About::Entity(container);
            facts.observations.push(Observation { about, at, ended: true, lease: None, attributes: Map::new() });
        }
        app.ledger.record(&facts, now).await?;
        app.seen.ended(host, at);
    }
    Ok(())
}
