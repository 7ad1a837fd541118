//! Who patches what: responsibility by layer, and where nobody has it.

use crate::limits::{MAX_LAYERS, MAX_NAME_BYTES};
use crate::reports::{Owners, Report, findings, percent, relations};
use anyhow::{Result, ensure};
use chrono::NaiveDate;
use ledger::{AsOf, Ledger};
use model::entity::{self, OWNED_BY};
use model::{EntityRef, Facts, Finding, Nanos};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The rule of findings about layers.
pub const RULE: &str = "layer-without-patch-owner";
/// Who says so.
pub const ORIGIN: &str = "policy";

/// Who has to do with a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = LayerSide)]
pub enum Side {
    /// Who rents out machines or services.
    Provider,
    /// The team that runs the platform.
    Platform,
    /// The team of the service.
    ServiceTeam,
}

/// A layer, and what holds for it where nothing else is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// Its name, as in the `layer` of an ownership.
    pub name: String,
    /// The kinds of things that have it.
    pub kinds: Vec<String>,
    /// Whose side it is on. What a service team has is, if nothing else is said, the owner's of the thing.
    pub side: Side,
    /// What is patched there, in words.
    #[serde(default)]
    pub patches: String,
    /// The team that patches it, where no ownership names one.
    #[serde(default)]
    pub owner: Option<String>,
    /// By when: a date, `2027-01-31`.
    #[serde(default)]
    pub due: Option<String>,
    /// Or within how many days after a patch is there.
    #[serde(default)]
    pub due_days: Option<u32>,
}

/// The layers that there are, as a policy file names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The layers, from below.
    #[serde(default = "usual")]
    pub layers: Vec<Layer>,
}

impl Default for Policy {
    fn default() -> Self {
        Policy { layers: usual() }
    }
}

/// Three layers that everybody has. Nobody is named, so that each is a gap until somebody is.
fn usual() -> Vec<Layer> {
    let layer = |name: &str, kinds: &[&str], side, patches: &str| Layer {
        name: name.to_owned(),
        kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        side,
        patches: patches.to_owned(),
        owner: None,
        due: None,
        due_days: None,
    };
    vec![
        layer("provider", &["host"], Side::Provider, "firmware and hypervisor"),
        layer("platform", &["host", "k8s.cluster"], Side::Platform, "operating system and cluster"),
        layer("service", &["service", "container.image"], Side::ServiceTeam, "image, libraries and code"),
    ]
}

impl Policy {
    /// Refuses what cannot hold, and says what to write instead.
    pub fn check(&self) -> Result<()> {
        ensure!(self.layers.len() <= MAX_LAYERS, "{} layers; name at most {MAX_LAYERS}", self.layers.len());
        let mut names = BTreeSet::new();
        for (place, layer) in self.layers.iter().enumerate() {
            let at = format!("layers[{place}]");
            ensure!(
                !layer.name.is_empty() && layer.name.len() <= MAX_NAME_BYTES,
                "{at}.name: write 1 to {MAX_NAME_BYTES} bytes"
            );
            ensure!(names.insert(&layer.name), "{at}.name: {:?} is there twice", layer.name);
            ensure!(!layer.kinds.is_empty(), "{at}.kinds: name a kind such as host");
            for kind in &layer.kinds {
                ensure!(
                    EntityRef::new(kind.as_str(), "x").is_ok(),
                    "{at}.kinds: {kind:?} is no kind; write a word such as host"
                );
            }
            let owner = layer.owner.as_deref().is_none_or(|owner| entity::team(owner).is_ok());
            ensure!(owner, "{at}.owner: write the name of a team");
            let due = layer.due.as_deref().is_none_or(|due| date(due).is_some());
            ensure!(due, "{at}.due: write a date such as 2027-01-31");
        }
        Ok(())
    }
}

fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

/// A layer of a thing.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = LayerCell)]
pub struct Cell {
    /// The thing.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String)]
    pub entity: EntityRef,
    /// The layer.
    pub layer: String,
    /// Whose side it is on.
    pub side: Side,
    /// What is patched there.
    pub patches: String,
    /// Who patches it.
    pub owner: Option<String>,
    /// Why that one.
    pub reason: Option<String>,
    /// By when: a date, or `14 days`.
    pub due: Option<String>,
    /// What is missing; nothing when all is said.
    pub gap: Option<&'static str>,
}

fn as_text<S: serde::Serializer>(entity: &EntityRef, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(entity)
}

/// Every layer of everything that ran.
pub async fn cells(ledger: &Ledger, as_of: &AsOf, policy: &Policy) -> Result<Vec<Cell>> {
    policy.check()?;
    let owners = Owners::read(ledger, as_of).await?;
    // What a claim says of dates is with the claim that is believed.
    let mut dues: HashMap<(EntityRef, String, EntityRef), String> = HashMap::new();
    for claim in relations(ledger, as_of, OWNED_BY).await? {
        if let Some(due) = due_of(&claim.attributes) {
            dues.insert((claim.from, claim.layer, claim.to), due);
        }
    }
    let mut by_kind: BTreeMap<&str, Vec<&Layer>> = BTreeMap::new();
    for layer in &policy.layers {
        for kind in &layer.kinds {
            by_kind.entry(kind).or_default().push(layer);
        }
    }
    let mut cells = Vec::new();
    for (kind, layers) in by_kind {
        for running in ledger.running(as_of, Some(kind)).await? {
            for layer in &layers {
                cells.push(cell(&running.entity, layer, &owners, &dues));
            }
        }
    }
    Ok(cells)
}

fn due_of(attributes: &Map<String, Value>) -> Option<String> {
    let by = attributes.get("due").and_then(Value::as_str).filter(|due| date(due).is_some());
    let within = attributes.get("due_days").and_then(Value::as_u64).map(|days| format!("{days} days"));
    by.map(str::to_owned).or(within)
}

fn cell(
    entity: &EntityRef,
    layer: &Layer,
    owners: &Owners,
    dues: &HashMap<(EntityRef, String, EntityRef), String>,
) -> Cell {
    let whole = || owners.layer(entity, "").filter(|_| layer.side == Side::ServiceTeam && layer.owner.is_none());
    let claimed = owners.layer(entity, &layer.name).or_else(whole);
    let due = claimed.and_then(|owner| {
        let of = owner.via.as_ref().unwrap_or(&owner.entity);
        dues.get(&(of.clone(), owner.layer.clone(), owner.owner.clone())).cloned()
    });
    let due = due.or_else(|| layer.due.clone()).or_else(|| layer.due_days.map(|days| format!("{days} days")));
    let named = layer.owner.as_deref().and_then(|owner| entity::team(owner).ok()).map(|team| team.key);
    let reason = claimed.map(ledger::Owner::reason).or_else(|| named.as_ref().map(|_| "the policy says so".to_owned()));
    let owner = claimed.map(|owner| owner.owner.key.clone()).or(named);
    let gap = match (&owner, &due) {
        (Some(_), Some(_)) => None,
        (None, Some(_)) => Some("nobody patches it"),
        (Some(_), None) => Some("no date until when it is patched"),
        (None, None) => Some("nobody patches it, and there is no date"),
    };
    let (side, patches) = (layer.side, layer.patches.clone());
    Cell { entity: entity.clone(), layer: layer.name.clone(), side, patches, owner, reason, due, gap }
}

/// The matrix as a report, gaps first.
pub fn matrix(as_of: &AsOf, cells: &[Cell]) -> Report<Cell> {
    let mut rows = cells.to_vec();
    rows.sort_by(|a, b| {
        let order = |cell: &Cell| (cell.gap.is_none(), cell.entity.clone());
        order(a).cmp(&order(b))
    });
    let gaps = cells.iter().filter(|cell| cell.gap.is_some()).count();
    let report = Report::new("layers", as_of, &["entities", "owners", "relations", "policy"], rows);
    report.total("gaps", gaps as f64).total("filled", percent(cells.len() - gaps, cells.len()))
}

/// A gap that a finding tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The thing.
    pub entity: Option<EntityRef>,
    /// The finding's fingerprint.
    pub fingerprint: String,
}

/// The gaps that findings tell of.
pub async fn open_gaps(ledger: &Ledger, as_of: &AsOf) -> Result<Vec<Gap>> {
    let open = findings(ledger, as_of, RULE, ORIGIN).await?;
    Ok(open.into_iter().map(|(entity, fingerprint)| Gap { entity, fingerprint }).collect())
}

/// Findings for gaps that are new, and the end of those that are filled or whose thing is gone. Cells and gaps are
/// those of one dataset, the one that is given.
pub fn layer_findings(cells: &[Cell], open: &[Gap], dataset: &str, at: Nanos) -> Facts {
    let mut facts = Facts::new(ORIGIN, dataset);
    let known: BTreeSet<&str> = open.iter().map(|gap| gap.fingerprint.as_str()).collect();
    let mut there: BTreeSet<String> = BTreeSet::new();
    let finding = |entity, fingerprint: &str, title: String, layer: &str, ended| Finding {
        entity,
        rule: RULE.to_owned(),
        fingerprint: fingerprint.to_owned(),
        severity: "medium".to_owned(),
        title,
        place: layer.to_owned(),
        at,
        ended,
        evidence: Map::new(),
    };
    for cell in cells {
        let (Some(gap), fingerprint) = (cell.gap, format!("{RULE}|{}|{}", cell.entity, cell.layer)) else { continue };
        if !known.contains(fingerprint.as_str()) && !there.contains(&fingerprint) {
            let title = format!("layer {} of {}: {gap}", cell.layer, cell.entity);
            let mut new = finding(Some(cell.entity.clone()), &fingerprint, title, &cell.layer, false);
            new.evidence.insert("patches".to_owned(), cell.patches.clone().into());
            facts.findings.push(new);
        }
        there.insert(fingerprint);
    }
    for gap in open.iter().filter(|gap| !there.contains(&gap.fingerprint)) {
        let title = "the layer has an owner and a date, or is gone".to_owned();
        facts.findings.push(finding(gap.entity.clone(), &gap.fingerprint, title, "", true));
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_says_where_it_is_wrong() {
        Policy::default().check().unwrap();
        let wrong = |layer: Value| {
            let policy: Policy = serde_json::from_value(serde_json::json!({"layers": [layer]})).unwrap();
            policy.check().unwrap_err().to_string()
        };
        let said = wrong(serde_json::json!({"name": "a", "kinds": ["host"], "side": "platform", "due": "soon"}));
        assert_eq!(said, "layers[0].due: write a date such as 2027-01-31");
        let said = wrong(serde_json::json!({"name": "a", "kinds": ["Host!"], "side": "service-team"}));
        assert_eq!(said, "layers[0].kinds: \"Host!\" is no kind; write a word such as host");
        assert!(serde_json::from_value::<Policy>(serde_json::json!({"layer": []})).is_err());
    }
}
