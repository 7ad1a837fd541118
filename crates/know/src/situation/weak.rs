//! What is weak in services, and what was scanned of them.

use super::estate::Estate;
use super::{Cited, Given, ScannedBefore, Situation};
use crate::limits::{MAX_CITED, SCAN_LASTS};
use crate::reports::{number, object, scan, text};
use anyhow::Result;
use ledger::{AsOf, Cell, Ledger, VersionScanned, Waiver};
use model::entity::{BUILT_FROM, RUNS_IN, USES_IMAGE};
use model::{EntityRef, Waived};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A finding that is open.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    pub id: i64,
    pub entity: Option<EntityRef>,
    pub rule: String,
    pub severity: String,
    pub title: String,
    pub fingerprint: String,
    pub exploited: bool,
    pub component: Option<String>,
    pub secret: bool,
    /// Somebody hides it until a day.
    pub hidden: bool,
    /// The decision that does, if it is not said where the code is.
    pub waiver: Option<Waiver>,
    /// Teams that own its path.
    pub owners: Vec<String>,
}

/// All findings that are open, by id.
pub(crate) async fn open(ledger: &Ledger, as_of: &AsOf, given: &Given<'_>) -> Result<Vec<Open>> {
    let columns = [
        "id",
        "entity_kind",
        "entity",
        "rule",
        "severity",
        "title",
        "fingerprint",
        "evidence",
        "suppressed",
        "owners",
        "dataset",
    ];
    let waivers = ledger.waivers(as_of).await?;
    let mut all: BTreeMap<i64, Open> = BTreeMap::new();
    for row in scan(ledger, "findings", &columns, &[], as_of).await? {
        let mut row = row.into_iter();
        let id = number(row.next());
        let entity = EntityRef { kind: text(row.next()), key: text(row.next()) };
        let rule = text(row.next());
        let (severity, title, fingerprint) = (text(row.next()), text(row.next()), text(row.next()));
        let evidence = object(row.next());
        let hidden = matches!(row.next(), Some(Cell::Text(_)));
        let owners: Vec<String> = serde_json::from_str(&text(row.next())).unwrap_or_default();
        let waiver = waivers.of(id, &fingerprint, &text(row.next()), &evidence).cloned();
        let says = |name: &str| evidence.get(name).and_then(Value::as_bool) == Some(true);
        let secret = says("secret") || given.secret_rules.is_some_and(|rules| rules.contains(&rule));
        let one = Open {
            id,
            entity: Some(entity).filter(|entity| !entity.kind.is_empty()),
            exploited: says("exploited"),
            component: evidence.get("component").and_then(Value::as_str).map(str::to_owned),
            secret,
            hidden: hidden || waiver.is_some(),
            waiver,
            owners,
            rule,
            severity,
            title,
            fingerprint,
        };
        // Two sources tell of it: it is hidden when all of them hide it, or somebody decided so here.
        all.entry(id).and_modify(|known| known.hidden &= hidden || known.waiver.is_some()).or_insert(one);
    }
    Ok(all.into_values().collect())
}

/// What is weak, by service.
pub(super) struct Weak {
    findings: Vec<Open>,
    /// Places in `findings`.
    of: HashMap<EntityRef, Vec<usize>>,
    scanned: HashMap<EntityRef, Vec<VersionScanned>>,
    secrets_known: bool,
}

impl Weak {
    pub async fn read(ledger: &Ledger, as_of: &AsOf, given: &Given<'_>, estate: &Estate) -> Result<Weak> {
        let findings = open(ledger, as_of, given).await?;
        let mut ups: HashMap<&EntityRef, Vec<EntityRef>> = HashMap::new();
        let mut of: HashMap<EntityRef, Vec<usize>> = HashMap::new();
        for (place, finding) in findings.iter().enumerate() {
            let Some(entity) = &finding.entity else { continue };
            for service in ups.entry(entity).or_insert_with(|| estate.services_of(entity)) {
                of.entry(service.clone()).or_default().push(place);
            }
        }
        let mut scanned: HashMap<EntityRef, Vec<VersionScanned>> = HashMap::new();
        for version in ledger.versions_scanned(as_of, as_of.valid.saturating_sub(SCAN_LASTS)).await? {
            scanned.entry(version.entity.clone()).or_default().push(version);
        }
        Ok(Weak { findings, of, scanned, secrets_known: given.secret_rules.is_some() })
    }

    pub fn fill(&self, one: &mut Situation, service: &EntityRef, estate: &Estate) {
        one.scanned = self.scans(service, estate);
        let places = self.of.get(service).map_or(&[][..], Vec::as_slice);
        if one.scanned.last.is_none() && places.is_empty() {
            return;
        }
        // What a deployment brought is told of the service too: by its fingerprint it is one, and the service's own counts.
        let mut all: BTreeMap<&str, &Open> = BTreeMap::new();
        for finding in places.iter().filter_map(|place| self.findings.get(*place)) {
            let own = finding.entity.as_ref() == Some(service);
            let known = all.entry(finding.fingerprint.as_str()).or_insert(finding);
            if own && known.entity.as_ref() != Some(service) {
                *known = finding;
            }
        }
        let count = |wanted: &dyn Fn(&Open) -> bool| Cited::of(all.values().filter(|f| wanted(f)).map(|f| f.id));
        let shown = |wanted: fn(&Open) -> bool| count(&|finding: &Open| !finding.hidden && wanted(finding));
        let critical = shown(|finding| finding.severity == "critical");
        let high = shown(|finding| finding.severity == "high");
        let exploited = shown(|finding| finding.exploited);
        let secrets = shown(|finding| finding.secret);
        let (open, suppressed) = (shown(|_| true), count(&|finding: &Open| finding.hidden));
        let findings = &mut one.findings;
        findings.critical = Some(critical.count);
        findings.high = Some(high.count);
        // One component may have several; what is in no component counts by itself.
        let weak = all.values().filter(|finding| finding.exploited && !finding.hidden);
        let components: BTreeSet<&str> =
            weak.map(|finding| finding.component.as_deref().unwrap_or(&finding.fingerprint)).collect();
        findings.exploited = Some(components.len() as u64);
        findings.components = components.into_iter().take(MAX_CITED).map(str::to_owned).collect();
        findings.secrets = (self.secrets_known || secrets.count > 0).then_some(secrets.count);
        let waived = all.values().filter_map(|finding| Some((*finding, finding.waiver.as_ref()?)));
        let mut waived: Vec<_> = waived.filter(|(finding, _)| counts(finding)).collect();
        waived.sort_by_key(|(finding, _)| (finding.severity != "critical", finding.severity != "high", finding.id));
        findings.waived = waived.into_iter().take(MAX_CITED).map(|(finding, waiver)| said(finding, waiver)).collect();
        findings.open = Some(open.count);
        findings.suppressed = Some(suppressed.count);
        let ids = [
            ("critical", critical),
            ("high", high),
            ("exploited", exploited),
            ("secrets", secrets),
            ("open", open),
            ("suppressed", suppressed),
        ];
        findings.ids = ids.into_iter().map(|(name, cited)| (name, cited.ids)).collect();
    }

    /// Scans of the service and of what it is made of.
    fn scans(&self, service: &EntityRef, estate: &Estate) -> ScannedBefore {
        let mut made: BTreeSet<EntityRef> = BTreeSet::from([service.clone()]);
        for kind in [BUILT_FROM, USES_IMAGE] {
            made.extend(estate.from(kind, service).map(|held| held.to.clone()));
        }
        let own: Vec<EntityRef> = estate.instances(service).into_iter().map(|thing| thing.entity.clone()).collect();
        for thing in own.iter().chain([service]) {
            for held in estate.from(RUNS_IN, thing) {
                made.extend(estate.from(USES_IMAGE, &held.to).map(|held| held.to.clone()));
            }
        }
        let mut scans: Vec<&VersionScanned> =
            made.iter().filter_map(|thing| self.scanned.get(thing)).flatten().collect();
        scans.sort_by_key(|scan| std::cmp::Reverse((scan.at, scan.scan)));
        let mut told = BTreeSet::new();
        let names = scans.iter().flat_map(|scan| [scan.version.as_ref(), scan.commit.as_ref()]).flatten();
        let versions = names.filter(|name| told.insert(name.as_str())).take(MAX_CITED).cloned().collect();
        let ids = scans.iter().take(MAX_CITED).map(|scan| scan.scan).collect();
        ScannedBefore { versions, last: scans.first().map(|scan| scan.at), ids }
    }
}

/// Whether checks would count a finding that nobody suppressed.
fn counts(finding: &Open) -> bool {
    matches!(finding.severity.as_str(), "critical" | "high") || finding.exploited || finding.secret
}

fn said(finding: &Open, waiver: &Waiver) -> Waived {
    Waived {
        finding: finding.id,
        title: finding.title.clone(),
        severity: finding.severity.clone(),
        decision: waiver.decision,
        reason: waiver.reason.clone(),
        owner: waiver.owner.clone(),
        until: waiver.until,
    }
}
