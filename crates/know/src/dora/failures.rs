//! Deployments that failed in production, what shows it, and how long recovery took.

use super::deployments::Deployment;
use super::events::{Told, text, texts};
use super::{Settings, Sheet};
use model::{EntityRef, Nanos};
use std::collections::{BTreeMap, BTreeSet};

type Services = BTreeMap<EntityRef, Vec<Deployment>>;

/// An incident, from all that was told of it.
struct Incident {
    name: String,
    services: BTreeSet<EntityRef>,
    environment: Option<String>,
    opened: Nanos,
    resolved: Option<Nanos>,
    causes: BTreeSet<String>,
    ids: BTreeSet<i64>,
}

/// What shows that a deployment failed.
struct Evidence {
    detected: Option<Nanos>,
    resolved: Option<Nanos>,
    ids: BTreeSet<i64>,
}

/// Adds failures and recoveries; both belong to the month of the deployment.
pub(super) fn measure(told: &Told<'_>, services: &Services, settings: &Settings, sheet: &mut Sheet) {
    let incidents = incidents(told);
    let mut shown: BTreeMap<(&EntityRef, usize), Vec<Evidence>> = BTreeMap::new();
    // Incidents that are blamed on a deployment, by name: what is deployed because of them blames no other.
    let mut blamed: BTreeSet<&str> = BTreeSet::new();
    for incident in &incidents {
        for place in guilty(incident, services, settings) {
            blamed.insert(&incident.name);
            shown.entry(place).or_default().push(Evidence {
                detected: Some(incident.opened),
                resolved: incident.resolved,
                ids: incident.ids.clone(),
            });
        }
    }
    for (service, list) in services {
        for (index, deployment) in list.iter().enumerate() {
            if let Some((at, id)) = deployment.failed {
                let evidence = Evidence { detected: Some(at), resolved: None, ids: BTreeSet::from([id]) };
                shown.entry((service, index)).or_default().push(evidence);
            }
            let explained = deployment.incidents.iter().any(|incident| blamed.contains(incident.as_str()));
            if let Some(before) = mended(list, index).filter(|_| deployment.rework() && !explained) {
                let evidence = Evidence { detected: deployment.started, resolved: None, ids: deployment.ids.clone() };
                shown.entry((service, before)).or_default().push(evidence);
            }
        }
    }
    for ((service, index), evidence) in &shown {
        let Some(deployment) = services.get(*service).and_then(|list| list.get(*index)) else { continue };
        let Some(samples) = sheet.of(service, deployment.at) else { continue };
        let ids = evidence.iter().flat_map(|evidence| &evidence.ids).copied().chain([deployment.id]);
        samples.failed.push(ids.collect::<BTreeSet<_>>().into_iter().collect());
        match recovery(&services[*service], *index, evidence) {
            Recovery::After(span, ids) => samples.recovery.push((span, ids)),
            Recovery::Open => samples.unrecovered += 1,
            Recovery::Unknown => {}
        }
    }
}

fn incidents(told: &Told<'_>) -> Vec<Incident> {
    let mut all: BTreeMap<(&str, String), Incident> = BTreeMap::new();
    for event in told.of("incident") {
        let change = &event.change;
        let action = text(change, "action").unwrap_or_else(|| "opened".to_owned());
        let plain = change.key.trim_end_matches(":opened").trim_end_matches(":resolved");
        let name = text(change, "incident").unwrap_or_else(|| plain.to_owned());
        let incident = all.entry((&event.origin, name.clone())).or_insert_with(|| Incident {
            name,
            services: BTreeSet::new(),
            environment: None,
            opened: Nanos::MAX,
            resolved: None,
            causes: BTreeSet::new(),
            ids: BTreeSet::new(),
        });
        // Events come by time, so that the first opening and the first resolution after it count.
        match action.as_str() {
            "opened" => incident.opened = incident.opened.min(change.at),
            "resolved" if incident.opened <= change.at && incident.resolved.is_none() => {
                incident.resolved = Some(change.at);
            }
            _ => continue,
        }
        incident.ids.insert(event.id);
        incident.services.extend(told.subjects(&change.entity));
        let named = text(change, "service").and_then(|name| EntityRef::new("service", name).ok());
        incident.services.extend(named);
        incident.causes.extend(texts(change, "caused_by"));
        let environment = change.environment.as_deref().map(str::to_ascii_lowercase);
        incident.environment = incident.environment.take().or(environment);
    }
    all.into_values().filter(|incident| incident.opened != Nanos::MAX).collect()
}

/// The deployments that an incident is blamed on: those it names, or else the last one before it.
fn guilty<'s>(incident: &Incident, services: &'s Services, settings: &Settings) -> Vec<(&'s EntityRef, usize)> {
    let of = |service: &EntityRef| services.get_key_value(service);
    if incident.causes.is_empty() {
        let last = |(service, list): (&'s EntityRef, &'s Vec<Deployment>)| {
            let here = |deployment: &Deployment| {
                let environment = incident.environment.as_ref();
                environment.is_none_or(|environment| *environment == deployment.environment)
            };
            let before = list.iter().rposition(|deployment| deployment.at <= incident.opened && here(deployment))?;
            let since = incident.opened.saturating_sub(list.get(before)?.at);
            (since <= settings.incident_window).then_some((service, before))
        };
        return incident.services.iter().filter_map(of).filter_map(last).collect();
    }
    let any = |names: &BTreeSet<String>| incident.causes.iter().any(|cause| names.contains(cause));
    let commit = |deployment: &Deployment| {
        let begins =
            |cause: &String| cause.len() >= 7 && deployment.commits.iter().any(|id| id.starts_with(cause.as_str()));
        incident.causes.iter().any(begins)
    };
    let own = |deployment: &Deployment| {
        any(&deployment.names) || any(&deployment.keys) || any(&deployment.versions) || commit(deployment)
    };
    let named: Vec<_> = incident
        .services
        .iter()
        .filter_map(of)
        .filter_map(|(service, list)| Some((service, chosen(list, incident.opened, own)?)))
        .collect();
    if !named.is_empty() {
        return named;
    }
    // A deployment of another service: numbers may meet by chance, keys do not.
    let elsewhere = |deployment: &Deployment| any(&deployment.keys);
    services.iter().filter_map(|(service, list)| Some((service, chosen(list, incident.opened, elsewhere)?))).collect()
}

/// The last that fits before a moment, or else the first.
fn chosen(list: &[Deployment], moment: Nanos, fits: impl Fn(&Deployment) -> bool) -> Option<usize> {
    let before = list.iter().rposition(|deployment| deployment.at <= moment && fits(deployment));
    before.or_else(|| list.iter().position(fits))
}

/// What a fix mends: the last deployment to the same environment that was no rollback.
fn mended(list: &[Deployment], fix: usize) -> Option<usize> {
    let environment = &list.get(fix)?.environment;
    list.get(..fix)?.iter().rposition(|known| known.environment == *environment && !known.rollback)
}

enum Recovery {
    After(Nanos, Vec<i64>),
    Open,
    Unknown,
}

/// From the first sign to the end of the incident that gave it; else to the next deployment.
fn recovery(list: &[Deployment], index: usize, evidence: &[Evidence]) -> Recovery {
    let first = evidence.iter().filter(|evidence| evidence.detected.is_some());
    let Some(first) = first.min_by_key(|evidence| (evidence.detected, evidence.resolved, &evidence.ids)) else {
        return Recovery::Unknown;
    };
    let (Some(detected), Some(deployment)) = (first.detected, list.get(index)) else { return Recovery::Unknown };
    let next =
        list.iter().skip(index + 1).find(|next| next.environment == deployment.environment && next.at > detected);
    let mut ids: BTreeSet<i64> = first.ids.iter().copied().chain([deployment.id]).collect();
    let end = match (first.resolved, next) {
        (Some(resolved), _) => resolved,
        (None, Some(next)) => {
            ids.insert(next.id);
            next.at
        }
        (None, None) => return Recovery::Open,
    };
    Recovery::After(end.saturating_sub(detected), ids.into_iter().collect())
}
