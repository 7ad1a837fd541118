//! Operational rules over a real store: what a rule asks is run, and its answers go back to it.

use anyhow::{Context as _, Result, bail};
use detect::ops::{Ops, OpsRule, Rows, Story};
use model::{Alert, Datasets};
use std::path::Path;
use store::{Config, QueryLimits, Store};

/// Where the rows of a story lie when the rule asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In memory.
    Memory,
    /// In files.
    Files,
}

/// The alerts of a rule for a story, kept in a store in this folder.
pub async fn alerts(rule: &OpsRule, story: &Story, dir: &Path, kept: Kept) -> Result<Vec<Alert>> {
    let mut config = Config::new(dir);
    config.retention = None;
    let store = Store::open(config).await?;
    store.append(story.batches.clone(), None).await?;
    if kept == Kept::Files {
        store.flush().await?;
    }
    let mut ops = Ops::new(vec![rule.clone()]);
    let mut alerts = Vec::new();
    for now in story.looks(rule) {
        for ask in ops.due(now) {
            let datasets = ask.dataset.as_ref().map_or(Datasets::All, |name| Datasets::only([name.as_str()]));
            let answer = store.within(datasets).sql(&ask.sql, QueryLimits::default()).await;
            let batches = answer.with_context(|| ask.sql.clone())?.collect().await.with_context(|| ask.sql.clone())?;
            alerts.extend(ops.answer(&ask, &Rows::from_batches(&batches).map_err(anyhow::Error::msg)?));
        }
        if let Some(error) = ops.status().into_iter().find_map(|status| status.error) {
            bail!("{error}");
        }
    }
    store.close().await?;
    Ok(alerts)
}
