//! Home: what somebody should see first. It is about systems and teams, never about persons.

use super::controls::written;
use super::findings::failed;
use crate::limits::{HOME_LASTS, HOME_ROWS, MAX_HOMES};
use crate::server::errors::ApiError;
use crate::server::rows::rfc3339;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, State};
use know::levers::Lever;
use know::{controls, levers, weak};
use ledger::{AsOf, FindingState, FindingsAsked, Kind, State as Stands, Wanted};
use model::{Caller, Datasets, Level, Nanos};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;
use tokio::sync::Mutex as Turn;

/// States of an incident that is not over.
const OPEN: [Stands; 3] = [Stands::Open, Stands::Acknowledged, Stands::Snoozed];

/// What somebody should see first.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Home {
    at: String,
    /// The caller's teams; nothing for who has a role in all.
    teams: Option<Vec<String>>,
    /// The steps that gain most.
    levers: Vec<Lever>,
    #[schema(value_type = First<controls::Lockdown>)]
    lockdowns: First<Value>,
    #[schema(value_type = First<controls::OpenReview>)]
    reviews: First<Value>,
    #[schema(value_type = First<controls::Ending>)]
    endings: First<Value>,
    #[schema(value_type = First<controls::Asking>)]
    questions: First<Value>,
    incidents: First<HomeIncident>,
    findings: HomeFindings,
    /// Files of knowledge that cannot be used, and why.
    #[schema(value_type = First<String>)]
    problems: First<Value>,
}

/// The first of a list, and how many there are.
#[derive(Serialize, utoipa::ToSchema)]
pub struct First<T> {
    count: u64,
    rows: Vec<T>,
}

/// An incident that is not over.
#[derive(Serialize, utoipa::ToSchema)]
pub struct HomeIncident {
    id: i64,
    title: String,
    level: Level,
    state: Stands,
    team: Option<String>,
    opened: String,
    entity: Option<String>,
}

/// Findings that are open.
#[derive(Serialize, utoipa::ToSchema)]
pub struct HomeFindings {
    count: u64,
    severities: BTreeMap<String, u64>,
}

/// What was counted for Home, by the datasets that it was counted within.
pub type Homes = Turn<HashMap<Datasets, Arc<Counted>>>;

/// What takes long to count: all facts are looked at.
pub struct Counted {
    read: Instant,
    changes: usize,
    levers: Vec<Lever>,
    severities: BTreeMap<String, u64>,
}

/// Counts, at most [`HOME_LASTS`] old. Those who ask at the same time wait for one who counts.
async fn recent(app: &App, caller: &Caller, now: Nanos) -> Result<Arc<Counted>, ApiError> {
    let datasets = caller.datasets();
    let mut homes = app.homes.lock().await;
    let changes = app.gate_changes.load(Ordering::Acquire);
    if let Some(known) =
        homes.get(&datasets).filter(|known| known.changes == changes && known.read.elapsed() < HOME_LASTS)
    {
        return Ok(known.clone());
    }
    let read = Instant::now();
    let all = super::readiness::counted(app, caller, now).await?;
    let as_of = AsOf::at(now).within(datasets.clone());
    let mut severities: BTreeMap<String, u64> = BTreeMap::new();
    for one in weak::findings(&app.ledger, &as_of, &FindingsAsked::default()).await.map_err(failed)? {
        let shown = one.finding.suppressed.as_ref().is_none_or(|hidden| hidden.expired);
        if shown && one.finding.state != FindingState::Fixed {
            *severities.entry(one.finding.severity.clone()).or_default() += 1;
        }
    }
    let levers = levers::top(&all).into_iter().cloned().collect();
    let counted = Arc::new(Counted { read, changes, levers, severities });
    if homes.len() >= MAX_HOMES {
        homes.clear();
    }
    homes.insert(datasets, counted.clone());
    Ok(counted)
}

/// The steps that gain most, lockdowns in force and those that wait for a review, what ends, questions to the caller's teams, open incidents,
/// how many findings are open, and files of knowledge that cannot be used.
#[utoipa::path(get, path = "/api/v1/home", tag = "readiness",
    responses((status = 200, description = "Each list with how many there are in all", body = Home)))]
pub async fn home(State(app): State<Arc<App>>, Extension(caller): Extension<Caller>) -> Result<Json<Home>, ApiError> {
    let now = now();
    let as_of = AsOf::at(now).within(caller.datasets());
    let counted = recent(&app, &caller, now).await?;
    let standing = controls::in_force(&app.ledger, &as_of).await?;
    let mut lockdowns = standing.lockdowns;
    lockdowns.retain(|one| one.until > now && one.controls.iter().any(|name| !one.reviewed.contains(name)));
    let reviews = controls::open_lockdown_reviews(&app.ledger, &as_of).await?;
    let mut endings = controls::endings(&app.ledger, &as_of).await?;
    // What ends first is said first; what is over waits for whoever renews it.
    endings.sort_by_key(|ending| ending.over);
    let mut questions = controls::open_questions(&app.ledger, None, &as_of).await?;
    let teams = teams(&caller);
    questions.retain(|one| teams.as_ref().is_none_or(|teams| teams.contains(&one.owner)));
    let incidents = incidents(&app, &as_of).await?;
    let problems = &app.knowledge.known().problems;
    let plain: Vec<Value> = endings
        .iter()
        .map(|ending| {
            let mut value = written(ending);
            // The notice to the owner says the same again.
            value.as_object_mut().map(|value| value.remove("word"));
            value
        })
        .collect();
    Ok(Json(Home {
        at: rfc3339(now),
        teams,
        levers: counted.levers.clone(),
        lockdowns: first(&lockdowns),
        reviews: first(&reviews),
        endings: first(&plain),
        questions: first(&questions),
        incidents,
        findings: HomeFindings { count: counted.severities.values().sum(), severities: counted.severities.clone() },
        problems: first(problems),
    }))
}

/// The first of a list, and how many there are.
fn first<T: Serialize>(all: &[T]) -> First<Value> {
    First { count: all.len() as u64, rows: all.iter().take(HOME_ROWS).map(written).collect() }
}

/// The caller's teams; nothing for who has a role in all.
fn teams(caller: &Caller) -> Option<Vec<String>> {
    caller.grants.iter().map(|grant| grant.team.clone()).collect()
}

async fn incidents(app: &App, as_of: &AsOf) -> Result<First<HomeIncident>, ApiError> {
    let wanted =
        Wanted { kinds: vec![Kind::Incident], states: OPEN.to_vec(), limit: Some(HOME_ROWS), ..Wanted::default() };
    let count = app.ledger.queue_counts(&wanted, as_of).await?.all;
    let page = app.ledger.queue(&wanted, as_of).await?;
    let row = |kept: &ledger::Kept| HomeIncident {
        id: kept.id,
        title: kept.title.clone(),
        level: kept.level,
        state: kept.state,
        team: kept.owner.as_ref().map(|owner| owner.key.clone()),
        opened: rfc3339(kept.opened),
        entity: kept.entity.as_ref().map(ToString::to_string),
    };
    Ok(First { count, rows: page.rows.iter().map(row).collect() })
}
