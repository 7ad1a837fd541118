//! Findings with their rank, and all that is known of one.

use super::ground::{Ground, MAX_PLACES};
use super::rank::{Rank, Signals, rank};
use crate::controls;
use crate::reports::{Owners, relations};
use anyhow::Result;
use ledger::{AsOf, ChangeRef, FindingView, FindingsAsked, Holder, Ledger, StepKind};
use model::EntityRef;
use model::entity::BUILT_FROM;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// Findings that one answer of [`why`] explains; one advisory may be in every repository.
const MAX_EXPLAINED: usize = 200;

/// Who must act.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Responsible {
    /// The team.
    pub team: String,
    /// Why that one.
    pub because: String,
}

/// A finding with how urgent it is, where it runs, and who must act.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = Finding)]
pub struct Found {
    /// The finding.
    #[serde(flatten)]
    pub finding: FindingView,
    /// How urgent it is.
    pub rank: Rank,
    /// Who must act; nobody when nobody owns it.
    pub owner: Option<Responsible>,
    /// Where it runs; the first of them.
    #[schema(value_type = Vec<String>)]
    pub runs: Vec<EntityRef>,
    /// How many places these are.
    pub places: usize,
    /// The control behind its rule, by name; nothing when nobody says why it matters.
    pub control: Option<String>,
}

/// What mends a finding, or did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Fix {
    /// Versions that do not have it.
    pub versions: Vec<String>,
    /// The commit by which it went.
    pub commit: Option<String>,
    /// The change by which it went.
    pub change: Option<ChangeRef>,
}

/// All that is known of a finding.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = FindingWhy)]
pub struct Named {
    /// The finding.
    #[serde(flatten)]
    pub found: Found,
    /// How the component came in: from what was asked for to it.
    pub via: Vec<String>,
    /// The change that brought it.
    pub since: Option<ChangeRef>,
    /// What mends it.
    pub fix: Fix,
    /// Deployments that brought a version without it to where it runs, or that are still to come: services that are built
    /// from what is weak and were not deployed since it was mended there.
    #[schema(value_type = Vec<String>)]
    pub waiting: Vec<EntityRef>,
}

fn component(finding: &FindingView) -> Option<&str> {
    let said = finding.evidence.get("component").and_then(Value::as_str);
    let said = said.or(Some(finding.place.as_str()).filter(|place| place.starts_with("pkg:")));
    said.map(|said| said.split(['?', '#']).next().unwrap_or(said))
}

fn texts(finding: &FindingView, name: &str) -> Vec<String> {
    match finding.evidence.get(name) {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(one)) if !one.is_empty() => vec![one.clone()],
        _ => Vec::new(),
    }
}

/// The findings that are asked for, the most urgent first.
pub async fn findings(ledger: &Ledger, as_of: &AsOf, asked: &FindingsAsked) -> Result<Vec<Found>> {
    let views = ledger.findings(as_of, asked).await?;
    if views.is_empty() {
        return Ok(Vec::new());
    }
    let components: BTreeSet<String> = views.iter().filter_map(component).map(str::to_owned).collect();
    let components: Vec<String> = components.into_iter().collect();
    let ground = Ground::read(ledger, as_of, &components).await?;
    let owners = Owners::read(ledger, as_of).await?;
    let standing = controls::in_force(ledger, as_of).await?;
    let mut found: Vec<Found> = views.into_iter().map(|finding| one(finding, &ground, &owners)).collect();
    // Findings are many, and their rules few.
    let mut known: HashMap<(String, bool), Option<String>> = HashMap::new();
    for Found { finding, control, .. } in &mut found {
        let behind = known.entry((finding.rule.clone(), controls::is_part(finding)));
        let behind = behind.or_insert_with_key(|(rule, part)| {
            controls::behind(&standing, rule, *part).map(|control| control.name.clone())
        });
        control.clone_from(behind);
    }
    found.sort_by(|a, b| b.rank.score.total_cmp(&a.rank.score).then_with(|| a.finding.id.cmp(&b.finding.id)));
    Ok(found)
}

fn one(finding: FindingView, ground: &Ground, owners: &Owners) -> Found {
    let deployed = finding.steps.last().is_some_and(|step| step.origin.starts_with(super::deploy::STREAM));
    let deployed = deployed && finding.state.is_open();
    let places = finding.entity.as_ref().map(|of| ground.places(of, component(&finding), deployed)).unwrap_or_default();
    let said = |name: &str| finding.evidence.get(name).and_then(Value::as_bool);
    let fixed = finding.evidence.get("fixed").map(|_| !texts(&finding, "fixed").is_empty());
    let signals = Signals {
        exploited: said("exploited"),
        severity: finding.severity.clone(),
        running: places.len(),
        exposed: said("exposed").or_else(|| ground.exposed(&places)),
        tier: finding.entity.as_ref().and_then(|of| ground.tier(of, &places)),
        fix: fixed,
    };
    let owner = responsible(&finding, &places, owners);
    let count = places.len();
    let runs = places.into_iter().take(MAX_PLACES).collect();
    Found { rank: rank(&signals), owner, runs, places: count, control: None, finding }
}

/// By the path, else by what is weak, else by where it runs. Never by who made the commit.
fn responsible(finding: &FindingView, places: &[EntityRef], owners: &Owners) -> Option<Responsible> {
    if let Some(team) = finding.owners.first() {
        let mut because = format!("the file of owners names it for {}", finding.path);
        if finding.owners.len() > 1 {
            because.push_str(&format!("; also {}", finding.owners[1..].join(", ")));
        }
        return Some(Responsible { team: team.clone(), because });
    }
    let of = |entity: &EntityRef| {
        let owner = owners.of(entity)?;
        let because = format!("it owns {entity}: {}", owner.reason());
        Some(Responsible { team: owner.owner.key.clone(), because })
    };
    finding.entity.as_ref().and_then(of).or_else(|| places.iter().find_map(of))
}

/// All that is known of what is named: a finding by its id, or all of a rule, advisory or component.
pub async fn why(ledger: &Ledger, as_of: &AsOf, name: &str) -> Result<Vec<Named>> {
    let asked = match name.parse::<i64>() {
        Ok(id) => FindingsAsked { ids: vec![id], fixed: true, ..FindingsAsked::default() },
        Err(_) => FindingsAsked { about: Some(name.to_owned()), fixed: true, ..FindingsAsked::default() },
    };
    let mut found = findings(ledger, as_of, &asked).await?;
    // What is open comes first.
    found.sort_by_key(|found| !found.finding.state.is_open());
    found.truncate(MAX_EXPLAINED);
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let components: BTreeSet<String> =
        found.iter().filter_map(|found| component(&found.finding)).map(str::to_owned).collect();
    let ground = Ground::read(ledger, as_of, &components.into_iter().collect::<Vec<_>>()).await?;
    let built = relations(ledger, as_of, BUILT_FROM).await?;
    let mut all = Vec::with_capacity(found.len());
    for found in found {
        let via = via(&found.finding, &ground);
        let since = since(ledger, as_of, &found.finding).await?;
        let fix = fix(ledger, as_of, &found.finding).await?;
        let waiting = match found.finding.entity.as_ref().filter(|_| !found.finding.state.is_open()) {
            Some(of) => {
                let services = built.iter().filter(|built| built.to == *of).map(|built| built.from.clone());
                waiting(ledger, as_of, &found.finding, services.collect()).await?
            }
            None => Vec::new(),
        };
        all.push(Named { via, since, fix, waiting, found });
    }
    Ok(all)
}

/// What has a component, when the name is that of one.
pub async fn holders(ledger: &Ledger, as_of: &AsOf, name: &str) -> Result<Vec<Holder>> {
    if !name.starts_with("pkg:") {
        return Ok(Vec::new());
    }
    let component = name.split(['?', '#']).next().unwrap_or(name).to_owned();
    Ok(ledger.holders(as_of, &[component]).await?)
}

/// Services whose newest deployment is older than the end of a finding in what they are built from.
async fn waiting(
    ledger: &Ledger,
    as_of: &AsOf,
    finding: &FindingView,
    mut services: Vec<EntityRef>,
) -> Result<Vec<EntityRef>> {
    services.sort();
    services.dedup();
    let ended = finding.steps.last().map_or(0, |step| step.at);
    let deployed = ledger.newest_deployments(as_of, &services).await?;
    services.retain(|service| {
        let mut of = deployed.iter().filter(|one| one.change.entity == *service).peekable();
        of.peek().is_some() && of.any(|one| one.change.at < ended)
    });
    Ok(services)
}

/// How a component came in: as the finding says, else as a bill of materials of the thing does.
fn via(finding: &FindingView, ground: &Ground) -> Vec<String> {
    let said = texts(finding, "via");
    if !said.is_empty() {
        return said;
    }
    let holders = component(finding).map(|one| ground.holders(one)).unwrap_or_default();
    let own = holders.iter().find(|holder| Some(&holder.entity) == finding.entity.as_ref()).or_else(|| holders.first());
    let said = own.and_then(|holder| serde_json::from_str::<Value>(&holder.attributes).ok());
    let list = said.as_ref().and_then(|said| said["via"].as_array()).cloned().unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The change that brought it: the one that its observation names, else the one that its commit came by.
async fn since(ledger: &Ledger, as_of: &AsOf, finding: &FindingView) -> Result<Option<ChangeRef>> {
    let step = finding.steps.iter().rev().find(|step| step.what != StepKind::Fixed);
    if let Some(id) = step.and_then(|step| step.change) {
        return Ok(ledger.change_refs(as_of, &[id]).await?.remove(&id));
    }
    let commit = finding.found_by.as_ref().and_then(|scan| scan.commit.clone());
    let Some((of, commit)) = finding.entity.as_ref().zip(commit) else { return Ok(None) };
    Ok(ledger.change_of_commit(as_of, of, &commit).await?)
}

async fn fix(ledger: &Ledger, as_of: &AsOf, finding: &FindingView) -> Result<Fix> {
    let commit = finding.fixed_by.as_ref().and_then(|scan| scan.commit.clone());
    let mut change = finding.fixed_by_change.clone();
    if let (None, Some(of), Some(commit)) = (&change, &finding.entity, &commit) {
        change = ledger.change_of_commit(as_of, of, commit).await?;
    }
    Ok(Fix { versions: texts(finding, "fixed"), commit, change })
}
