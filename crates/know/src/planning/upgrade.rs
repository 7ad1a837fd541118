//! Upgrades that are planned: what they touch, whose it is, what happens at the same time, how to go back, and what
//! became of them.

use super::fields::{Problem, begins, read, refuse};
use super::roadmap::{Initiative, why};
use crate::limits::{DAY, MAX_SOAK_DAYS, SOAK_DAYS};
use crate::reports::Owners;
use crate::weak::Ground;
use anyhow::Result;
use chrono::{Days, NaiveDate};
use ledger::{AsOf, DecisionsAsked, Ledger};
use model::{EntityRef, Nanos};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// An upgrade of a component, an agent or a platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Upgrade {
    /// The file's stem.
    pub id: String,
    /// It in a sentence.
    pub title: String,
    /// What is upgraded: a package URL without its version, or an entity such as `service:ingress`.
    pub component: String,
    /// From this version; any when nobody says.
    pub from_version: Option<String>,
    /// To this version.
    pub to_version: String,
    /// Why, for operations.
    pub for_operations: String,
    /// Why, for security.
    pub for_security: String,
    /// The team that does it.
    pub owner: String,
    /// The window, first day.
    #[schema(value_type = String)]
    pub from: NaiveDate,
    /// The window, last day.
    #[schema(value_type = String)]
    pub until: NaiveDate,
    /// So long it is watched in one place before it goes to all.
    pub soak_days: u32,
    /// How to go back.
    pub back: String,
    /// Until then whoever is affected may object. Nobody has to sign.
    #[schema(value_type = String)]
    pub objections_until: NaiveDate,
}

const KNOWN: &[&str] = &[
    "upgrade",
    "component",
    "from_version",
    "to_version",
    "why",
    "owner",
    "from",
    "until",
    "soak",
    "back",
    "objections_until",
];

/// Reads the file of an upgrade. `stem` is its name without the ending.
pub fn upgrade(path: &str, stem: &str, text: &str) -> Result<Upgrade, Problem> {
    read(path, text, |fields| {
        fields.only(KNOWN)?;
        let (for_operations, for_security) = why(fields)?;
        let missing = |name: &str| refuse(fields.0, format!("{name} is missing: write a day such as 2027-02-01"));
        let from = fields.day("from")?.ok_or_else(|| missing("from"))?;
        let until = fields.day("until")?.unwrap_or(from);
        if until < from {
            return Err(refuse(fields.0.get("until").unwrap_or(fields.0), "it ends before it begins"));
        }
        let soak_days = fields.days("soak")?.unwrap_or(SOAK_DAYS);
        if soak_days > MAX_SOAK_DAYS {
            let node = fields.0.get("soak").unwrap_or(fields.0);
            return Err(refuse(node, format!("a soak is at most {MAX_SOAK_DAYS}d")));
        }
        let objections_until = fields.day("objections_until")?.unwrap_or(from);
        if objections_until > from {
            let node = fields.0.get("objections_until").unwrap_or(fields.0);
            return Err(refuse(node, "objections end after the upgrade begins: they would come too late"));
        }
        Ok(Upgrade {
            id: stem.to_owned(),
            title: fields.needed("upgrade", "say in a sentence what is upgraded")?,
            component: fields.needed("component", "name it by its package URL, or as an entity")?,
            from_version: fields.text("from_version")?,
            to_version: fields.needed("to_version", "say to which version")?,
            for_operations,
            for_security,
            owner: fields.team("owner", "name the team that does it")?,
            from,
            until,
            soak_days,
            back: fields.needed("back", "say how to go back")?,
            objections_until,
        })
    })
}

/// Something else that happens in the same window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Overlap {
    /// `upgrade`, `roadmap`.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// From.
    #[schema(value_type = String)]
    pub from: NaiveDate,
    /// Until.
    #[schema(value_type = String)]
    pub until: NaiveDate,
    /// Why it matters: services or teams that both touch.
    pub shared: Vec<String>,
}

/// Somebody objected, and why. It names nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Objection {
    /// The decision.
    pub id: i64,
    /// When.
    #[schema(value_type = String)]
    pub at: Nanos,
    /// Why.
    pub reason: String,
    /// The team that objects.
    pub team: Option<String>,
    /// Whether it came after the window for objections.
    pub late: bool,
}

/// What an upgrade touches.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = UpgradeTouched)]
pub struct Touched {
    /// The upgrade.
    pub upgrade: Upgrade,
    /// What has the component now, in the version it comes from.
    pub has: Vec<String>,
    /// Services that run with it, each with its owner.
    pub services: BTreeMap<String, Option<String>>,
    /// Hosts that have it.
    pub hosts: Vec<String>,
    /// What else happens in the window.
    pub overlaps: Vec<Overlap>,
    /// Objections so far.
    pub objections: Vec<Objection>,
    /// When it may go to all: after the soak of the first place.
    #[schema(value_type = String)]
    pub everywhere_from: NaiveDate,
}

impl Upgrade {
    /// Whether a component, with its version, is what is upgraded.
    fn is_of(&self, component: &str) -> bool {
        let (name, version) = component.rsplit_once('@').unwrap_or((component, ""));
        let from = self.from_version.as_deref();
        name == self.component && from.is_none_or(|from| from == version) && version != self.to_version
    }
}

/// The packages of a ledger that an upgrade is of, or the entity that it names.
async fn subjects(ledger: &Ledger, as_of: &AsOf, upgrade: &Upgrade) -> Result<(Vec<String>, Option<EntityRef>)> {
    if !upgrade.component.starts_with("pkg:") {
        return Ok((Vec::new(), upgrade.component.parse::<EntityRef>().ok()));
    }
    let all = ledger.running(as_of, Some("package")).await?;
    Ok((all.into_iter().map(|one| one.entity.key).filter(|key| upgrade.is_of(key)).collect(), None))
}

/// What an upgrade touches, whose it is, and what else happens then.
pub async fn touched(
    ledger: &Ledger,
    as_of: &AsOf,
    upgrade: &Upgrade,
    others: &[Upgrade],
    roadmap: &[Initiative],
) -> Result<Touched> {
    let (mut services, mut hosts, has) = reach(ledger, as_of, upgrade).await?;
    let owners = Owners::read(ledger, as_of).await?;
    let mut owned = BTreeMap::new();
    for service in std::mem::take(&mut services) {
        owned.insert(service.key.clone(), owners.of(&service).map(|owner| owner.owner.key.clone()));
    }
    hosts.sort();
    let mut overlaps = Vec::new();
    for other in others
        .iter()
        .filter(|other| other.id != upgrade.id && other.from <= upgrade.until && other.until >= upgrade.from)
    {
        let (theirs, their_hosts, _) = reach(ledger, as_of, other).await?;
        let theirs: BTreeSet<&str> =
            theirs.iter().map(|one| one.key.as_str()).chain(their_hosts.iter().map(String::as_str)).collect();
        let ours = owned.keys().chain(&hosts);
        let shared = ours.filter(|name| theirs.contains(name.as_str())).cloned().collect();
        let (id, title) = (other.id.clone(), other.title.clone());
        overlaps.push(Overlap { kind: "upgrade", id, title, from: other.from, until: other.until, shared });
    }
    let teams: BTreeSet<&String> = owned.values().flatten().chain([&upgrade.owner]).collect();
    for one in roadmap {
        let from = one.from.or(one.restricts).or(one.until);
        let until = one.until.or(one.restricts).or(one.from);
        let Some((from, until)) = from.zip(until) else { continue };
        let shared: Vec<String> = one.teams.iter().filter(|team| teams.contains(team)).cloned().collect();
        if from <= upgrade.until && until >= upgrade.from && !shared.is_empty() {
            let (id, title) = (one.id.clone(), one.title.clone());
            overlaps.push(Overlap { kind: "roadmap", id, title, from, until, shared });
        }
    }
    let objections = objections(ledger, as_of, upgrade).await?;
    let everywhere_from =
        upgrade.from.checked_add_days(Days::new(u64::from(upgrade.soak_days))).unwrap_or(upgrade.until);
    Ok(Touched { upgrade: upgrade.clone(), has, services: owned, hosts, overlaps, objections, everywhere_from })
}

/// Services, hosts, and what has the component itself.
async fn reach(ledger: &Ledger, as_of: &AsOf, upgrade: &Upgrade) -> Result<(Vec<EntityRef>, Vec<String>, Vec<String>)> {
    let (components, entity) = subjects(ledger, as_of, upgrade).await?;
    let ground = Ground::read(ledger, as_of, &components).await?;
    let (mut places, mut has) = (BTreeSet::new(), BTreeSet::new());
    for component in &components {
        for holder in ground.holders(component) {
            has.insert(holder.entity.to_string());
            places.extend(ground.places(&holder.entity, Some(component), false));
        }
    }
    if let Some(entity) = entity {
        places.extend(ground.places(&entity, None, true));
        has.insert(entity.to_string());
        places.insert(entity);
    }
    let hosts = places.iter().filter(|place| place.kind == "host").map(|place| place.key.clone()).collect();
    let services = places.into_iter().filter(|place| place.kind == "service").collect();
    Ok((services, hosts, has.into_iter().collect()))
}

async fn objections(ledger: &Ledger, as_of: &AsOf, upgrade: &Upgrade) -> Result<Vec<Objection>> {
    let ends = begins(upgrade.objections_until).saturating_add(DAY);
    let mut all: Vec<Objection> = ledger
        .decisions(&DecisionsAsked::of(&["objection"]), as_of)
        .await?
        .into_iter()
        .filter(|kept| kept.decision.body.get("upgrade").and_then(serde_json::Value::as_str) == Some(&upgrade.id))
        .map(|kept| Objection {
            id: kept.id,
            at: kept.decision.at,
            late: kept.decision.at >= ends,
            team: kept.decision.owner.map(|owner| owner.key),
            reason: kept.decision.reason,
        })
        .collect();
    all.sort_by_key(|one| (one.at, one.id));
    Ok(all)
}

/// Errors of a host before and after an upgrade.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = UpgradeOutcome)]
pub struct Outcome {
    /// The host; a service when nothing says where it runs.
    pub place: String,
    /// Errors a thousand records, before.
    pub before: Option<f64>,
    /// After.
    pub after: Option<f64>,
    /// What follows from it.
    pub verdict: &'static str,
}

/// Records and errors of a place in the time before and after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Records before.
    pub before: u64,
    /// Errors among them.
    pub errors_before: u64,
    /// Records after.
    pub after: u64,
    /// Errors among them.
    pub errors_after: u64,
}

/// Records below which a rate says nothing.
const FEW: u64 = 100;

/// What became of an upgrade, place by place, the worst first. A rate of few records says nothing.
pub fn outcome(counted: &BTreeMap<String, Counted>) -> Vec<Outcome> {
    let rate = |errors: u64, records: u64| (records >= FEW).then(|| errors as f64 * 1000.0 / records as f64);
    let mut all: Vec<Outcome> = counted
        .iter()
        .map(|(place, counts)| {
            let before = rate(counts.errors_before, counts.before);
            let after = rate(counts.errors_after, counts.after);
            let verdict = match before.zip(after) {
                None => "too few records to say",
                // Twice as many, and not only a few more in a thousand.
                Some((before, after)) if after > 2.0 * before && after - before > 1.0 => "worse",
                Some((before, after)) if before > 2.0 * after && before - after > 1.0 => "better",
                Some(_) => "as before",
            };
            Outcome { place: place.clone(), before, after, verdict }
        })
        .collect();
    let grown = |one: &Outcome| one.after.unwrap_or_default() - one.before.unwrap_or_default();
    all.sort_by(|a, b| grown(b).total_cmp(&grown(a)).then_with(|| a.place.cmp(&b.place)));
    all
}
