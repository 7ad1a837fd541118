//! What is weak in what runs, by what was deployed: a deployment of a version that was scanned brings the weak components
//! of that version, and mends those that it has no more.

use crate::reports::relations;
use anyhow::Result;
use ledger::{AsOf, Deployment, FindingsAsked, Ledger, NamedScan, Scanned};
use model::entity::{BUILT_FROM, USES_IMAGE};
use model::{Change, Datasets, EntityRef, Facts, Nanos, Report, Reported, Source};
use serde_json::Value;
use std::collections::BTreeSet;

/// How the streams of findings begin that deployments tell.
pub const STREAM: &str = "scan:deployment";
/// The tool that these findings are told by.
const TOOL: &str = "deployment";

/// What deployments among some facts, which were kept, bring and mend.
pub async fn after_changes(ledger: &Ledger, facts: &Facts, now: Nanos) -> Result<Vec<Scanned>> {
    let mut told = Vec::new();
    for change in facts.changes.iter().filter(|change| brings(&change.kind, &change.attributes)) {
        let Some(id) = ledger.change_id(&facts.origin, &facts.dataset, &change.key).await? else { continue };
        told.extend(deployed(ledger, &facts.dataset, change, id, now).await?);
    }
    Ok(told)
}

/// The same for what was deployed before it was scanned.
pub async fn after_scan(ledger: &Ledger, report: &Report, now: Nanos) -> Result<Vec<Scanned>> {
    let names: Vec<&String> = [&report.source.commit, &report.source.version].into_iter().flatten().collect();
    if names.is_empty() || report.incomplete {
        return Ok(Vec::new());
    }
    let as_of = AsOf::at(now).within(Datasets::only([report.dataset.as_str()]));
    let mut of = vec![report.entity.clone()];
    for kind in [BUILT_FROM, USES_IMAGE] {
        let made = relations(ledger, &as_of, kind).await?.into_iter().filter(|made| made.to == report.entity);
        of.extend(made.map(|made| made.from));
    }
    of.sort();
    of.dedup();
    let mut told = Vec::new();
    for Deployment { change, environment, attributes } in ledger.newest_deployments(&as_of, &of).await? {
        let attributes: serde_json::Map<String, Value> = serde_json::from_str(&attributes).unwrap_or_default();
        let kept = Change {
            key: String::new(),
            kind: change.kind.clone(),
            entity: change.entity,
            at: change.at,
            environment,
            version: change.version,
            attributes,
        };
        if brings(&kept.kind, &kept.attributes) && versions(&kept).iter().any(|version| names.contains(&version)) {
            told.extend(deployed(ledger, &report.dataset, &kept, change.id, now).await?);
        }
    }
    Ok(told)
}

/// Whether a change is a deployment that came to be.
fn brings(kind: &str, attributes: &serde_json::Map<String, Value>) -> bool {
    let status = attributes.get("status").and_then(Value::as_str);
    matches!(kind, "deployment" | "rollout") && matches!(status, None | Some("success" | "succeeded" | "finished"))
}

/// What the version that came may be called by.
fn versions(change: &Change) -> Vec<String> {
    let said = ["commit", "sha", "revision"].into_iter().filter_map(|name| change.attributes.get(name)?.as_str());
    let mut all: Vec<String> = said.map(str::to_owned).chain(change.version.clone()).collect();
    all.retain(|version| !version.is_empty());
    all.dedup();
    all
}

async fn deployed(ledger: &Ledger, dataset: &str, change: &Change, id: i64, now: Nanos) -> Result<Option<Scanned>> {
    let names = versions(change);
    let as_of = AsOf::at(now).within(Datasets::only([dataset]));
    let Some(NamedScan { entity, scan, side }) =
        ledger.scan_of_version(&as_of, &sources(ledger, &as_of, change).await?, &names).await?
    else {
        return Ok(None);
    };
    let branch = scan.branch.clone().filter(|_| side);
    let asked = FindingsAsked { entity: Some(entity.clone()), branch, ..FindingsAsked::default() };
    let then = AsOf { valid: scan.at, ..as_of };
    let mut report = Report::new(change.entity.clone(), TOOL, change.at);
    dataset.clone_into(&mut report.dataset);
    report.category = change.environment.clone().unwrap_or_default();
    report.change = Some(id);
    report.source = Source { commit: scan.commit, version: change.version.clone(), ..Source::default() };
    for finding in ledger.findings(&then, &asked).await? {
        // Of what runs, what it is made of; how it was built is told of the repository. Not what deployments told.
        let parts = finding.evidence.contains_key("component") || finding.place.starts_with("pkg:");
        if !parts || finding.steps.last().is_some_and(|step| step.origin.starts_with(STREAM)) {
            continue;
        }
        let mut evidence = finding.evidence;
        evidence.insert("of".to_owned(), entity.to_string().into());
        evidence.entry("component").or_insert_with(|| finding.place.clone().into());
        report.findings.push(Reported {
            fingerprint: finding.fingerprint,
            rule: finding.rule,
            severity: finding.severity,
            title: finding.title,
            message: finding.message,
            evidence,
            ..Reported::default()
        });
    }
    Ok(Some(ledger.scanned(&report, now).await?))
}

/// What a deployment may be a version of: the thing itself, what it is built from, and the image that it uses.
async fn sources(ledger: &Ledger, as_of: &AsOf, change: &Change) -> Result<Vec<EntityRef>> {
    let mut all = BTreeSet::from([change.entity.clone()]);
    for kind in [BUILT_FROM, USES_IMAGE] {
        let made = relations(ledger, as_of, kind).await?.into_iter().filter(|made| made.from == change.entity);
        all.extend(made.map(|made| made.to));
    }
    let repository = change.attributes.get("repository").and_then(Value::as_str);
    all.extend(repository.and_then(|address| model::entity::repository(address).ok()));
    Ok(all.into_iter().collect())
}
