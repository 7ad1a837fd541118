//! Work beside the requests that keeps the facts in order.

use super::state::{App, now};
use crate::limits::{SILENT_AFTER_NANOS, SILENT_INTERVAL};
use anyhow::Result;
use ledger::AsOf;
use model::entity::{EXECUTES, LISTENS, RUNS_ON};
use model::{About, Complete, Facts, Observation};
use serde_json::Map;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Starts all of it; it ends when the server stops.
pub fn start(app: &Arc<App>) -> Vec<JoinHandle<()>> {
    vec![every(app, SILENT_INTERVAL, "what ran on silent machines", end_silent)]
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

/// A machine that is no longer heard takes with it what ran there: else it would run for ever.
async fn end_silent(app: Arc<App>) -> Result<()> {
    let now = now();
    for reporter in app.ledger.reporters(&AsOf::at(now), "agent", "host").await? {
        if reporter.until > now - SILENT_AFTER_NANOS {
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
    }
    Ok(())
}
