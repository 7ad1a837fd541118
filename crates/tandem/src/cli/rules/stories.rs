//! Cases of operational rules: each is put into a small store of its own, and the rule is asked over it.

use crate::cli::block_on;
use crate::failure::Outcome;
use anyhow::{Context as _, bail};
use detect::ops::{self, Ops, OpsRule, Rows, Story};
use detect::pages::{OpsStory, Problem};
use model::{Datasets, Nanos};
use std::path::Path;
use store::{Config, QueryLimits, Store};

/// When every story ends: 2026-11-21T12:00:00Z. Any time does; a fixed one gives the same answers every day.
const END: Nanos = 1_795_262_400_000_000_000;

/// Runs the stories; what is not as its page says.
pub fn run(stories: &[OpsStory]) -> Outcome<Vec<Problem>> {
    block_on(async {
        let mut problems = Vec::new();
        for story in stories {
            let says = match fires(story).await {
                Ok(fired) if fired == story.case.fires => continue,
                Ok(true) => "this case should be quiet, and fires".to_owned(),
                Ok(false) => "this case should fire, and stays quiet".to_owned(),
                Err(error) => format!("this case cannot be run: {error:#}"),
            };
            problems.push(Problem { place: story.case.place.clone(), says });
        }
        Ok(problems)
    })
}

/// Whether any rule of the file tells an alert.
async fn fires(of: &OpsStory) -> anyhow::Result<bool> {
    let rows = of.case.events.iter().map(|event| (&event.place, &event.object));
    let story = Story::of(rows, END).map_err(anyhow::Error::msg)?;
    let folder = tempfile::tempdir().context("cannot make a folder for a store")?;
    for (number, rule) in ops::parse(&of.file.path, &of.file.text).0.into_iter().enumerate() {
        let folder = folder.path().join(number.to_string());
        if tells(rule, &story, &folder).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn tells(rule: OpsRule, story: &Story, folder: &Path) -> anyhow::Result<bool> {
    let mut config = Config::new(folder);
    config.retention = None;
    let store = Store::open(config).await?;
    store.append(story.batches.clone(), None).await?;
    let looks = story.looks(&rule);
    let mut ops = Ops::new(vec![rule]);
    let mut told = false;
    for now in looks {
        for ask in ops.due(now) {
            let datasets = ask.dataset.as_ref().map_or(Datasets::All, |name| Datasets::only([name.as_str()]));
            let answer = store.within(datasets).sql(&ask.sql, QueryLimits::default()).await;
            let batches = answer.with_context(|| ask.sql.clone())?.collect().await.with_context(|| ask.sql.clone())?;
            told |= !ops.answer(&ask, &Rows::from_batches(&batches).map_err(anyhow::Error::msg)?).is_empty();
        }
        if let Some(error) = ops.status().into_iter().find_map(|status| status.error) {
            bail!("{error}");
        }
    }
    store.close().await?;
    Ok(told)
}
