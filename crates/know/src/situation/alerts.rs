//! What is open with services: alerts, incidents, error budgets that burn. The queue is as it is now, whatever time is
//! asked for; what was open then, the tables of SQL tell.

use super::estate::Estate;
use super::{Cited, Situation};
use crate::limits::{MAX_CITED, MAX_OPEN_ALERTS};
use anyhow::Result;
use ledger::{AsOf, Kept, Kind, Ledger, Order, State, Wanted};
use model::{EntityRef, Level};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The tag of rules that watch error budgets.
const SLO: &str = "slo";

/// Everything open of some kinds, the worst first.
pub(crate) async fn waiting(ledger: &Ledger, as_of: &AsOf, kinds: &[Kind]) -> Result<Vec<Kept>> {
    let states = vec![State::Open, State::Acknowledged, State::Snoozed];
    let order = Order::Level;
    let mut wanted = Wanted { kinds: kinds.to_vec(), states, order, ..Wanted::default() };
    let mut all = Vec::new();
    loop {
        let page = ledger.queue(&wanted, as_of).await?;
        all.extend(page.rows);
        if page.next.is_none() || all.len() >= MAX_OPEN_ALERTS {
            return Ok(all);
        }
        wanted.after = page.next;
    }
}

/// What is open, by service.
pub(super) struct Alerts {
    of: HashMap<EntityRef, Vec<Kept>>,
    incidents: HashMap<EntityRef, BTreeSet<i64>>,
    /// Titles of open incidents.
    open: BTreeMap<i64, String>,
}

impl Alerts {
    pub async fn read(ledger: &Ledger, as_of: &AsOf, estate: &Estate) -> Result<Alerts> {
        let all = waiting(ledger, as_of, &[Kind::Alert, Kind::Incident]).await?;
        let incidents = all.iter().filter(|kept| kept.kind == Kind::Incident);
        let open: BTreeMap<i64, String> = incidents.map(|kept| (kept.id, kept.title.clone())).collect();
        let mut alerts = Alerts { of: HashMap::new(), incidents: HashMap::new(), open };
        let mut ups: HashMap<EntityRef, Vec<EntityRef>> = HashMap::new();
        for kept in all {
            let Some(entity) = kept.entity.clone() else { continue };
            let services = ups.entry(entity.clone()).or_insert_with(|| estate.services_of(&entity));
            for service in services.iter() {
                // An incident is about what it says, and about what its alerts say.
                let incident = if kept.kind == Kind::Incident { Some(kept.id) } else { kept.incident };
                if let Some(incident) = incident.filter(|incident| alerts.open.contains_key(incident)) {
                    alerts.incidents.entry(service.clone()).or_default().insert(incident);
                }
                if kept.kind == Kind::Alert {
                    alerts.of.entry(service.clone()).or_default().push(kept.clone());
                }
            }
        }
        Ok(alerts)
    }

    pub fn fill(&self, one: &mut Situation, service: &EntityRef) {
        let all = self.of.get(service).map_or(&[][..], Vec::as_slice);
        one.alerts.open = all.len() as u64;
        one.alerts.high = all.iter().filter(|kept| kept.level >= Level::High).count() as u64;
        one.alerts.ids = all.iter().take(MAX_CITED).map(|kept| kept.id).collect();
        let burning = all.iter().filter(|kept| kept.tags.iter().any(|tag| tag == SLO));
        let rules: BTreeSet<String> = burning.clone().map(|kept| kept.rule.clone()).collect();
        one.slo.names = rules.into_iter().collect();
        one.slo.ids = Cited::of(burning.map(|kept| kept.id)).ids;
        one.slo.burning = !one.slo.ids.is_empty();
        let incidents = Cited::of(self.incidents.get(service).into_iter().flatten().copied());
        one.incidents.names = incidents.ids.iter().filter_map(|id| self.open.get(id).cloned()).collect();
        (one.incidents.open, one.incidents.ids) = (incidents.count, incidents.ids);
    }
}
