//! Deployments to production, each once, whoever told of them.

use super::events::{Told, repository, text, texts, yes};
use super::{Event, Settings};
use model::{EntityRef, Nanos};
use std::collections::{BTreeMap, BTreeSet};

/// The origin that guesses deployments from versions it sees; who deploys knows better.
const TELEMETRY: &str = "telemetry";

/// A successful deployment of one service to one environment of production.
#[derive(Clone, Debug)]
pub(super) struct Deployment {
    pub environment: String,
    /// When it succeeded.
    pub at: Nanos,
    pub started: Option<Nanos>,
    /// It failed after it had succeeded.
    pub failed: Option<(Nanos, i64)>,
    /// The event that tells its success.
    pub id: i64,
    /// All events that tell of it.
    pub ids: BTreeSet<i64>,
    /// Its ids at the sources; and its keys, which are unique across services.
    pub names: BTreeSet<String>,
    pub keys: BTreeSet<String>,
    pub versions: BTreeSet<String>,
    pub commits: BTreeSet<String>,
    pub repository: Option<String>,
    pub commit_at: Option<Nanos>,
    pub rollback: bool,
    unplanned: bool,
    /// The incidents that it was made for.
    pub incidents: BTreeSet<String>,
    origins: BTreeSet<String>,
    numbered: bool,
}

impl Deployment {
    /// Whether it was an unplanned fix.
    pub(super) fn rework(&self) -> bool {
        self.rollback || self.unplanned || !self.incidents.is_empty()
    }

    fn like(&self, other: &Deployment) -> bool {
        let meet = |one: &BTreeSet<String>, two: &BTreeSet<String>| one.iter().any(|name| two.contains(name));
        // What telemetry calls the version is often the commit.
        meet(&self.versions, &other.versions)
            || meet(&self.commits, &other.commits)
            || meet(&self.versions, &other.commits)
            || meet(&self.commits, &other.versions)
    }

    fn take(&mut self, other: Deployment) {
        self.started = self.started.into_iter().chain(other.started).min();
        self.failed = self.failed.into_iter().chain(other.failed).min();
        self.ids.extend(other.ids);
        self.names.extend(other.names);
        self.keys.extend(other.keys);
        self.versions.extend(other.versions);
        self.commits.extend(other.commits);
        self.repository = self.repository.take().or(other.repository);
        self.commit_at = self.commit_at.or(other.commit_at);
        self.rollback |= other.rollback;
        self.unplanned |= other.unplanned;
        self.incidents.extend(other.incidents);
        self.origins.extend(other.origins);
        self.numbered |= other.numbered;
    }
}

/// The deployments to production of each service, by time.
pub(super) fn all(told: &Told<'_>, settings: &Settings) -> BTreeMap<EntityRef, Vec<Deployment>> {
    // One id may go through several environments.
    let mut states: BTreeMap<(&str, &EntityRef, Option<&str>, String), Vec<&Event>> = BTreeMap::new();
    for event in told.of("deployment") {
        let name = text(&event.change, "deployment_id").unwrap_or_else(|| event.change.key.clone());
        let place = (event.origin.as_str(), &event.change.entity, event.change.environment.as_deref(), name);
        states.entry(place).or_default().push(event);
    }
    let mut by_place: BTreeMap<(EntityRef, String), Vec<Deployment>> = BTreeMap::new();
    for ((_, entity, ..), events) in &states {
        let Some(deployment) = one(events, settings) else { continue };
        for service in told.subjects(entity) {
            by_place.entry((service, deployment.environment.clone())).or_default().push(deployment.clone());
        }
    }
    let mut services: BTreeMap<EntityRef, Vec<Deployment>> = BTreeMap::new();
    for ((service, _), list) in by_place {
        services.entry(service).or_default().extend(merged(list, settings.same_deployment));
    }
    for list in services.values_mut() {
        list.sort_by(|one, two| (one.at, &one.environment, one.id).cmp(&(two.at, &two.environment, two.id)));
    }
    services
}

/// One deployment from the states that one source tells of it; none when it did not reach production.
fn one(events: &[&Event], settings: &Settings) -> Option<Deployment> {
    let state = |event: &Event| text(&event.change, "status").unwrap_or_else(|| "success".to_owned());
    let success = events.iter().find(|event| state(event) == "success")?;
    let change = &success.change;
    let environment = change.environment.clone().unwrap_or_default().to_ascii_lowercase();
    let tier = text(change, "tier");
    if !settings.is_production(&environment) && tier.as_deref() != Some("production") {
        return None;
    }
    let first = |wanted: &str, from: Nanos| {
        let found = events.iter().find(|event| state(event) == wanted && event.change.at >= from);
        found.map(|event| (event.change.at, event.id))
    };
    let any = |name: &str| events.iter().any(|event| yes(&event.change, name));
    let all = |name: &str| events.iter().flat_map(|event| texts(&event.change, name)).collect::<BTreeSet<_>>();
    Some(Deployment {
        environment,
        at: change.at,
        started: first("in_progress", Nanos::MIN).map(|(at, _)| at).filter(|at| *at <= change.at),
        failed: first("failure", change.at),
        id: success.id,
        ids: events.iter().map(|event| event.id).collect(),
        names: all("deployment_id"),
        keys: events.iter().map(|event| event.change.key.clone()).collect(),
        versions: events.iter().filter_map(|event| event.change.version.clone()).collect(),
        commits: all("commit"),
        repository: repository(change),
        commit_at: super::events::time(change, "commit_at"),
        rollback: any("rollback"),
        unplanned: any("unplanned") || any("hotfix"),
        incidents: all("incident"),
        origins: BTreeSet::from([success.origin.clone()]),
        numbered: change.attributes.contains_key("deployment_id"),
    })
}

/// Deployments of one service to one environment, of which several sources may have told. Who deploys is heard before
/// telemetry, each by time, so that the order of arrival does not matter.
fn merged(mut list: Vec<Deployment>, within: Nanos) -> Vec<Deployment> {
    let guessed = |deployment: &Deployment| deployment.origins.contains(TELEMETRY);
    list.sort_by(|one, two| {
        (guessed(one), one.at, &one.origins, &one.keys).cmp(&(guessed(two), two.at, &two.origins, &two.keys))
    });
    let (mut explicit, mut silent): (Vec<Deployment>, Vec<Deployment>) = Default::default();
    for deployment in list {
        let guess = guessed(&deployment);
        if let Some(same) = near(&mut explicit, &deployment, within) {
            same.take(deployment);
        } else if !guess {
            explicit.push(deployment);
        } else if let Some(same) = near(&mut silent, &deployment, within) {
            same.take(deployment);
        } else {
            silent.push(deployment);
        }
    }
    explicit.append(&mut silent);
    explicit
}

/// The nearest in time that is the same one, among those sorted by time.
fn near<'l>(list: &'l mut [Deployment], wanted: &Deployment, within: Nanos) -> Option<&'l mut Deployment> {
    let start = list.partition_point(|known| known.at < wanted.at.saturating_sub(within));
    let end = list.partition_point(|known| known.at <= wanted.at.saturating_add(within));
    // One source that numbers its deployments tells one version twice because it was deployed twice.
    let twice = |known: &Deployment| {
        known.numbered && wanted.numbered && known.origins.iter().any(|origin| wanted.origins.contains(origin))
    };
    list.get_mut(start..end)?
        .iter_mut()
        .filter(|known| known.like(wanted) && !twice(known))
        .min_by_key(|known| (known.at.abs_diff(wanted.at), known.at))
}
