//! What is known of services when a check asks: one document of facts for each, with the ids behind every number.
//!
//! There are three answers to everything: yes, no, and nobody knows. What nobody knows is left out: that a service sends
//! no logs is said only when somebody who would see them was asked.

pub(crate) mod alerts;
mod changes;
mod document;
pub(crate) mod estate;
pub(crate) mod restore;
mod sends;
pub(crate) mod sockets;
pub(crate) mod weak;

pub use document::document;
pub use restore::{DRILL, Proof, proofs};

use crate::inventory::{RulesRead, StreamSeen};
use crate::limits::MAX_CITED;
use alerts::Alerts;
use anyhow::Result;
use changes::Changes;
use estate::{Estate, said, tier};
use ledger::{AsOf, Ledger};
use model::{EntityRef, Nanos, Waived};
use sends::Senders;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use weak::Weak;

/// What the ledger does not know, and whoever asks does.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given<'g> {
    /// Pages of knowledge by service; nothing when nobody looked. A service that is not in it has none.
    pub pages: Option<&'g BTreeMap<String, Vec<Page>>>,
    /// The streams of events that were received; nothing when nobody looked.
    pub streams: Option<&'g [StreamSeen]>,
    /// Rules whose findings are secrets, by id; without it their number is not known.
    pub secret_rules: Option<&'g BTreeSet<String>>,
    /// Rules that watch error budgets (tag `slo`) are switched on: then no alert of them says that nothing burns.
    pub slo_rules: bool,
    /// What the rules that are switched on read; nothing when nobody looked.
    pub rules_read: Option<&'g RulesRead>,
}

/// A page of knowledge about a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Page {
    /// What it is called.
    pub name: String,
    /// Its review date is past.
    pub overdue: bool,
}

/// What is asked about.
#[derive(Clone, Copy, Debug, Default)]
pub struct About<'a> {
    /// The service, as the inventory names it.
    pub service: &'a str,
    /// The version that is released, or its commit.
    pub version: Option<&'a str>,
    /// Where to.
    pub environment: Option<&'a str>,
}

/// Some facts: how many, and the first of them by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cited {
    /// How many there are.
    pub count: u64,
    /// Their ids, so that the number can be opened; at most a hundred.
    pub ids: Vec<i64>,
}

impl Cited {
    pub(crate) fn of(ids: impl IntoIterator<Item = i64>) -> Cited {
        let all: BTreeSet<i64> = ids.into_iter().collect();
        Cited { count: all.len() as u64, ids: all.into_iter().take(MAX_CITED).collect() }
    }
}

/// Whose a service is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Owned {
    /// The team; nothing when nobody owns it.
    pub team: Option<String>,
    /// Who says so.
    pub origin: Option<String>,
    /// Others whom the same source names too.
    pub conflict: Vec<String>,
    /// The relations that say so.
    pub ids: Vec<i64>,
}

/// Whether a kind of telemetry comes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sends {
    /// Whether it does; nothing when nobody would know.
    pub sends: Option<bool>,
    /// When something came last.
    pub last: Option<Nanos>,
}

/// The pages that say what to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Runbook {
    /// How many; nothing when nobody looked.
    pub count: Option<u64>,
    /// How many are past their review date; nothing when nobody looked.
    pub overdue: Option<u64>,
    /// Their names, or the address that a catalog names.
    pub pages: Vec<String>,
}

/// Whether it would come back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Restore {
    /// Whether a restore was proved and the proof is not too old. What was never recorded is not proved.
    pub proved: bool,
    /// When one was proved last, however long ago.
    pub at: Option<Nanos>,
    /// How long that took, in seconds.
    pub took: Option<i64>,
    /// How long it may be gone, in seconds.
    pub rto: Option<i64>,
    /// How much may be lost, in seconds.
    pub rpo: Option<i64>,
    /// Where the backup is.
    pub backup: Option<String>,
    /// When it was made last.
    pub backup_at: Option<Nanos>,
    /// The decisions that prove it.
    pub ids: Vec<i64>,
}

/// Open findings of what a service is made of. Nothing where nobody looked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// Critical ones.
    pub critical: Option<u64>,
    /// High ones.
    pub high: Option<u64>,
    /// Components with a weakness that is known to be exploited.
    pub exploited: Option<u64>,
    /// Which these are.
    pub components: Vec<String>,
    /// Secrets.
    pub secrets: Option<u64>,
    /// All that are open.
    pub open: Option<u64>,
    /// Open ones that somebody hides until a day; they are in no other number.
    pub suppressed: Option<u64>,
    /// Those that a decision hides and checks would count, the worst first.
    pub waived: Vec<Waived>,
    /// The ids behind each number, by its name.
    pub ids: BTreeMap<&'static str, Vec<i64>>,
}

/// Open incidents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Incidents {
    /// How many.
    pub open: u64,
    /// Their titles.
    pub names: Vec<String>,
    /// Their ids.
    pub ids: Vec<i64>,
}

/// Open alerts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OpenAlerts {
    /// How many.
    pub open: u64,
    /// Those that are high or critical.
    pub high: u64,
    /// Their ids, the worst first.
    pub ids: Vec<i64>,
}

/// Error budgets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Slo {
    /// Whether its error budgets are watched; nothing when nobody knows.
    pub known: Option<bool>,
    /// Whether one burns too fast.
    pub burning: bool,
    /// The rules that say so.
    pub names: Vec<String>,
    /// The alerts that say so.
    pub ids: Vec<i64>,
}

/// Sockets that other machines reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sockets {
    /// Those of the service itself; nothing when nobody says where it listens.
    pub count: Option<u64>,
    /// Their names.
    pub list: Vec<String>,
    /// Their ids.
    pub ids: Vec<i64>,
    /// All of the hosts that it runs on; nothing when no host says.
    pub on_hosts: Option<u64>,
}

/// What was altered within the last day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Recent {
    /// Changes of it and of what it runs on; nothing when nobody ever told a change of it.
    pub recent: Option<u64>,
    /// Those that failed.
    pub failed: Option<u64>,
    /// Changes within the last hour of it, or of what it needs.
    pub overlapping: Option<u64>,
    /// What they are: `deployment of service:cart`.
    pub list: Vec<String>,
    /// The ids of all of them.
    pub ids: Vec<i64>,
    /// When a deployment of it was told last.
    pub deployed: Option<Nanos>,
}

/// Results of tests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tests {
    /// Whether somebody told any.
    pub known: bool,
    /// How many ran.
    pub total: Option<u64>,
    /// How many failed.
    pub failed: Option<u64>,
    /// When.
    pub at: Option<Nanos>,
    /// Those that failed.
    pub names: Vec<String>,
    /// What was told them of, by its id.
    pub ids: Vec<i64>,
}

/// What was scanned of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ScannedBefore {
    /// Versions and commits, the newest first.
    pub versions: Vec<String>,
    /// When it was scanned last.
    pub last: Option<Nanos>,
    /// The scans.
    pub ids: Vec<i64>,
}

/// What it needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Needs {
    /// How many things.
    pub count: u64,
    /// Of these, ours that nobody knows more of: in no catalog, and silent.
    pub unknown: u64,
    /// Of these, ours that nobody owns.
    pub without_owner: u64,
    /// Of these, ours without a proof that they would come back.
    pub without_restore: u64,
    /// Those of which nobody said how much they can take.
    pub capacity_unknown: Vec<String>,
    /// Their names.
    pub names: Vec<String>,
    /// The relations.
    pub ids: Vec<i64>,
}

/// What is known of one service.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Situation {
    /// Its name.
    pub service: String,
    /// Whether it is in the inventory.
    pub known: bool,
    /// Its id in the ledger.
    pub id: Option<i64>,
    /// Whose it is.
    pub owner: Owned,
    /// Whether it runs; nothing when nobody would know.
    pub runs: Option<bool>,
    /// How many of it run; nothing when nobody would know.
    pub instances: Option<u64>,
    /// On how many hosts; nothing when nobody would know.
    pub hosts: Option<u64>,
    /// The facts that say so.
    pub run_ids: Vec<i64>,
    /// The most instances that somebody declared.
    pub max_instances: Option<u64>,
    /// How much it matters, from 1.
    pub tier: Option<u8>,
    /// Where it runs or was deployed.
    pub environments: Vec<String>,
    /// Versions that run, or were deployed last.
    pub versions: Vec<String>,
    /// Logs.
    pub logs: Sends,
    /// Spans.
    pub traces: Sends,
    /// Metrics.
    pub metrics: Sends,
    /// What to do.
    pub runbook: Runbook,
    /// Whether it would come back.
    pub restore: Restore,
    /// What is weak in it.
    pub findings: Findings,
    /// What is open with it.
    pub incidents: Incidents,
    /// Alerts.
    pub alerts: OpenAlerts,
    /// Error budgets.
    pub slo: Slo,
    /// Where it is open.
    pub exposed_sockets: Sockets,
    /// What was altered.
    pub changes: Recent,
    /// Tests.
    pub tests: Tests,
    /// What was scanned.
    pub scanned: ScannedBefore,
    /// What it calls, and is declared to depend on.
    pub needs: Needs,
}

/// The facts about every service that is known, by its name, as checks look at them.
pub async fn situations(ledger: &Ledger, as_of: &AsOf, given: &Given<'_>) -> Result<BTreeMap<String, Value>> {
    let all = read(ledger, as_of, given).await?;
    let one = |one: &Situation| {
        let about = About { service: &one.service, ..About::default() };
        (one.service.clone(), document(one, &about))
    };
    Ok(all.iter().map(one).collect())
}

/// The facts about one service. Of one that nobody knows too: it is said to be unknown, and all else with it.
pub async fn situation(ledger: &Ledger, as_of: &AsOf, about: &About<'_>, given: &Given<'_>) -> Result<Value> {
    let all = read(ledger, as_of, given).await?;
    Ok(match all.iter().find(|one| one.service == about.service) {
        Some(known) => document(known, about),
        None => unknown(about),
    })
}

/// What is known of a service that nobody told of.
pub fn unknown(about: &About<'_>) -> Value {
    document(&Situation { service: about.service.to_owned(), ..Situation::default() }, about)
}

/// The same as it is worked with here, in the order of names.
pub async fn read(ledger: &Ledger, as_of: &AsOf, given: &Given<'_>) -> Result<Vec<Situation>> {
    let estate = Estate::read(ledger, as_of).await?;
    of_estate(ledger, as_of, given, &estate).await
}

pub(crate) async fn of_estate(
    ledger: &Ledger,
    as_of: &AsOf,
    given: &Given<'_>,
    estate: &Estate,
) -> Result<Vec<Situation>> {
    let services: Vec<EntityRef> = estate.of_kind("service").into_iter().map(|thing| thing.entity.clone()).collect();
    let senders = Senders::read(ledger, as_of, given).await?;
    let weak = Weak::read(ledger, as_of, given, estate).await?;
    let alerts = Alerts::read(ledger, as_of, estate).await?;
    let changes = Changes::read(ledger, as_of, estate, &services).await?;
    let proofs = proofs(ledger, as_of).await?;
    let one = |service: &EntityRef| {
        let mut one = Situation { service: service.key.clone(), ..Situation::default() };
        described(&mut one, service, given, estate);
        senders.fill(&mut one, service, estate);
        weak.fill(&mut one, service, estate);
        alerts.fill(&mut one, service);
        changes.fill(&mut one, service, estate);
        restore::fill(&mut one, service, estate, &proofs, as_of.valid);
        sockets::fill(&mut one, service, estate);
        one.needs = needs(service, estate, &proofs, as_of.valid);
        one.slo.known = (one.slo.burning || given.slo_rules && one.traces.sends == Some(true)).then_some(true);
        one
    };
    Ok(services.iter().map(one).collect())
}

/// What the inventory says of it.
fn described(one: &mut Situation, service: &EntityRef, given: &Given<'_>, estate: &Estate) {
    let Some(thing) = estate.thing(service) else { return };
    (one.known, one.id) = (true, Some(thing.id));
    one.owner = owned(service, estate);
    one.tier = tier(&thing.attributes);
    let pages = given.pages.map(|pages| pages.get(&service.key).map_or(&[][..], Vec::as_slice));
    let named = thing.text("runbook").map(str::to_owned);
    one.runbook.pages = pages.unwrap_or_default().iter().map(|page| page.name.clone()).chain(named).collect();
    one.runbook.overdue = pages.map(|pages| pages.iter().filter(|page| page.overdue).count() as u64);
    let count = one.runbook.pages.len() as u64;
    // A catalog that names none says nothing of pages that nobody looked for.
    one.runbook.count = (given.pages.is_some() || count > 0).then_some(count);
    one.tests = tests(service, estate);
    one.max_instances = said(&thing.attributes, "max_instances").and_then(|text| text.parse().ok());
}

fn owned(service: &EntityRef, estate: &Estate) -> Owned {
    let Some(owner) = estate.owners.of(service) else { return Owned::default() };
    let of = owner.via.as_ref().unwrap_or(service);
    let claims = estate.from(model::entity::OWNED_BY, of).filter(|held| held.to == owner.owner);
    Owned {
        team: Some(owner.owner.key.clone()),
        origin: Some(owner.origin.clone()),
        conflict: owner.conflicts.iter().map(|rival| rival.key.clone()).collect(),
        ids: Cited::of(claims.map(|held| held.id)).ids,
    }
}

/// What a service needs, with what is missing of that.
fn needs(service: &EntityRef, estate: &Estate, proofs: &HashMap<EntityRef, Proof>, now: Nanos) -> Needs {
    let (mut all, mut ids) = (BTreeSet::new(), Vec::new());
    for (_, id, to) in estate.uses(service) {
        all.insert(to);
        ids.push(id);
    }
    let ours: Vec<&EntityRef> = all.iter().filter(|to| to.kind != "external").collect();
    let count = |missing: &dyn Fn(&EntityRef) -> bool| ours.iter().filter(|to| missing(to)).count() as u64;
    let capacity = |to: &EntityRef| estate.thing(to).is_some_and(|thing| said(&thing.attributes, "capacity").is_some());
    let proved = |to: &EntityRef| restore::proof(to, estate, proofs).is_some_and(|proof| proof.holds(now));
    let unsized_ones = all.iter().filter(|to| !capacity(to)).map(ToString::to_string);
    Needs {
        count: all.len() as u64,
        unknown: count(&|to| estate.thing(to).is_none()),
        without_owner: count(&|to| estate.owners.of(to).is_none()),
        without_restore: count(&|to| !proved(to)),
        capacity_unknown: unsized_ones.collect(),
        names: all.iter().take(MAX_CITED).map(ToString::to_string).collect(),
        ids: Cited::of(ids).ids,
    }
}

pub(crate) fn seconds(span: Nanos) -> i64 {
    span / crate::limits::SECOND
}

/// Results of tests: of the service, else the newest of what it is built from.
fn tests(service: &EntityRef, estate: &Estate) -> Tests {
    let built = estate.from(model::entity::BUILT_FROM, service).map(|held| &held.to);
    let of = |entity: &EntityRef| {
        let thing = estate.thing(entity)?;
        let told = thing.attributes.get("tests")?.as_object()?;
        let number = |name: &str| told.get(name).and_then(Value::as_u64);
        let at = told.get("at").and_then(|at| at.as_i64().or_else(|| instant(at.as_str()?)));
        let names = told.get("names").and_then(Value::as_array).into_iter().flatten();
        let names = names.filter_map(Value::as_str).take(MAX_CITED).map(str::to_owned).collect();
        let (total, failed) = (number("total"), number("failed"));
        let tests = Tests { known: true, total, failed, at, names, ids: vec![thing.id] };
        Some(tests).filter(|tests| tests.total.is_some() || tests.failed.is_some())
    };
    of(service).or_else(|| built.filter_map(of).max_by_key(|tests| tests.at)).unwrap_or_default()
}

/// A time as RFC 3339 writes it.
pub(crate) fn instant(text: &str) -> Option<Nanos> {
    chrono::DateTime::parse_from_rfc3339(text).ok()?.timestamp_nanos_opt()
}
