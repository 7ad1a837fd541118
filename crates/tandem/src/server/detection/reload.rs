//! The rules are read again while the server runs: windows of rules that did not change go on.

use super::rules::RuleSet;
use crate::limits::{MAX_RULES_TOLD, RULES_IN_FORCE};
use crate::server::state::{App, now};
use anyhow::{Context as _, Result};
use detect::rule::Meta;
use ledger::Person;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::signal::unix::Signal;

/// What came of reading the rules again.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
#[schema(as = RulesReloaded)]
pub struct Reloaded {
    /// Rules over single events that were loaded.
    pub rules: usize,
    /// Correlations that were loaded.
    pub correlations: usize,
    /// Operational rules that were loaded.
    pub operational: usize,
    /// What is not used, each with its place and why.
    pub refused: Vec<String>,
    /// What is there that was not.
    pub added: Vec<Told>,
    /// What is not there any more.
    pub removed: Vec<Told>,
    /// What has another text: it begins anew.
    pub changed: Vec<Told>,
    /// How many are as they were: their windows go on.
    pub unchanged: usize,
    /// Lists have only their beginnings.
    pub truncated: bool,
    /// Detection works with them already; else it will when it has done what it is at.
    pub in_force: bool,
}

/// A rule of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = RuleTold)]
pub struct Told {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Where it stands, or stood.
    pub place: String,
}

/// Reads the rules again as they were configured at the start, and has detection take them over. When they cannot be read
/// at all, as when a folder is gone, those that are in force stay.
pub async fn reload(app: &Arc<App>, by: Person<'_>) -> Result<Reloaded> {
    let detection = &app.detection;
    let _one = detection.reloading.lock().await;
    let (settings, old) = (detection.settings.clone(), detection.rules());
    let loading = tokio::task::spawn_blocking(move || RuleSet::load(&settings));
    let mut set = loading.await.context("the rules could not be read; this is a bug")??;
    set.generation = old.generation + 1;
    let generation = set.generation;
    let mut told = compare(&old, &set);
    let detail = serde_json::json!({"added": told.added.len(), "removed": told.removed.len(),
        "changed": told.changed.len(), "unchanged": told.unchanged, "refused": told.refused.len()});
    app.ledger.audit("rules read again", by, "rules", &detail.to_string(), now()).await?;
    detection.rules.send_replace(Arc::new(set));
    let mut taken = detection.taken.subscribe();
    let both = taken.wait_for(|(stream, looks)| *stream.min(looks) >= generation);
    told.in_force = tokio::time::timeout(RULES_IN_FORCE, both).await.is_ok_and(|seen| seen.is_ok());
    if told.in_force {
        told.refused.extend(detection.numbers().unused);
    }
    for list in [&mut told.added, &mut told.removed, &mut told.changed] {
        told.truncated |= list.len() > MAX_RULES_TOLD;
        list.truncate(MAX_RULES_TOLD);
    }
    told.truncated |= told.refused.len() > MAX_RULES_TOLD;
    told.refused.truncate(MAX_RULES_TOLD);
    tracing::info!(%detail, in_force = told.in_force, "the rules were read again");
    Ok(told)
}

/// What one set has that the other has not.
fn compare(old: &RuleSet, new: &RuleSet) -> Reloaded {
    let by_id =
        |set: &RuleSet| -> BTreeMap<String, Meta> { set.metas().map(|meta| (meta.id.clone(), meta.clone())).collect() };
    let (old, mut told) = (
        by_id(old),
        Reloaded {
            rules: new.rules.len(),
            correlations: new.correlations.len(),
            operational: new.operational.len(),
            refused: new.refused.clone(),
            ..Reloaded::default()
        },
    );
    let new = by_id(new);
    for (id, meta) in &new {
        match old.get(id) {
            None => told.added.push(Told::of(meta)),
            Some(was) if was.version != meta.version => told.changed.push(Told::of(meta)),
            Some(_) => told.unchanged += 1,
        }
    }
    told.removed = old.iter().filter(|(id, _)| !new.contains_key(*id)).map(|(_, meta)| Told::of(meta)).collect();
    told
}

impl Told {
    fn of(meta: &Meta) -> Told {
        Told { id: meta.id.clone(), title: meta.title.clone(), place: meta.place.to_string() }
    }
}

/// Reads the rules again whenever the process is told to (SIGHUP), until the server stops.
pub async fn on_hangup(app: Arc<App>, mut hangup: Signal) {
    loop {
        tokio::select! {
            () = app.stopped() => return,
            told = hangup.recv() => {
                if told.is_none() {
                    return;
                }
            }
        }
        match reload(&app, Person("owner of the server")).await {
            Ok(told) => {
                for refused in &told.refused {
                    tracing::warn!(refused, "a rule is not used");
                }
            }
            Err(error) => tracing::error!(error = format!("{error:#}"), "the rules stay as they are"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use detect::pack::{File, Pack};
    use detect::sigma;
    use detect::sources::Sources;

    fn set(rules: &[(&str, &str)]) -> RuleSet {
        let rule = |(name, value): &(&str, &str)| {
            File {
            path: format!("{name}.yml"),
            text: format!(
                "title: {name}\nlogsource:\n  product: linux\ndetection:\n  selection:\n    a: {value}\n  condition: selection\n"
            )
            .into(),
        }
        };
        let pack = Pack { rules: rules.iter().map(rule).collect(), pages: Vec::new() };
        RuleSet::of(pack, Sources::builtin(), sigma::Options::default())
    }

    #[test]
    fn what_is_new_gone_and_another_is_told() {
        let told = compare(&set(&[("a", "x"), ("b", "x"), ("c", "x")]), &set(&[("a", "x"), ("b", "y"), ("d", "x")]));
        let ids = |list: &[Told]| list.iter().map(|told| told.id.clone()).collect::<Vec<_>>();
        assert_eq!(
            (ids(&told.added), ids(&told.removed), ids(&told.changed)),
            (vec!["d".into()], vec!["c".into()], vec!["b".into()])
        );
        assert_eq!((told.rules, told.unchanged, told.added[0].place.as_str()), (3, 1, "d.yml:1:1"));
    }
}
