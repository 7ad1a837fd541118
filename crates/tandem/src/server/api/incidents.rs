//! Incidents: what belongs together, what is to be done about it, and what was learnt.

use super::alerts::{self, QueueParameters, level, may, page};
use super::facts::{entity, may_act, may_write};
use super::knowledge::RunbookBeside;
use super::queue::{QueuePage, QueueRow, Told, shown, told};
use crate::server::api::time::{self, When};
use crate::server::errors::ApiError;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Path, Query, Request, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use ledger::{AsOf, Kind, Person};
use model::access::{Caller, Role};
use model::{Aspect, DEFAULT_DATASET};
use respond::{NewIncident, NewTask};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// Incidents, the newest first.
#[utoipa::path(get, path = "/api/v1/incidents", tag = "respond", params(QueueParameters),
    responses((status = 200, description = "A page, counts over all pages, and where the next one goes on", body = QueuePage)))]
pub async fn incidents(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(given): Query<QueueParameters>,
) -> Result<Json<QueuePage>, ApiError> {
    page(&app, &caller, &given, &[Kind::Incident]).await
}

/// An incident with everything that belongs to it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct IncidentWhole {
    #[serde(flatten)]
    told: Told,
    /// Pages that say what to do, the best first.
    runbooks: Vec<RunbookBeside>,
    first_useful_signal_seconds: Option<f64>,
}

/// One incident with its alerts, tasks and timeline, and how long it took to the first signal that was of use.
#[utoipa::path(get, path = "/api/v1/incidents/{id}", tag = "respond", params(("id" = i64, Path)),
    responses((status = 200, description = "The incident", body = IncidentWhole), (status = 403, description = "There is none that may be seen")))]
pub async fn incident(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<Json<Value>, ApiError> {
    let now = now();
    let whole = alerts::whole(&app, &caller, id, &[Kind::Incident], now).await?;
    let runbooks = super::knowledge::runbooks(&app, &caller.datasets(), &whole);
    let first_useful_signal_seconds = respond::first_useful_signal(&whole).map(|nanos| nanos as f64 / 1e9);
    let answer = IncidentWhole { told: told(&whole, now), runbooks, first_useful_signal_seconds };
    // As a value, so that a body that says `runbooks` too does not say it twice.
    Ok(Json(json!(answer)))
}

/// The incident as Markdown, for a review: the story, and no person.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/review", tag = "respond", params(("id" = i64, Path)),
    responses((status = 200, description = "Markdown", content_type = "text/markdown", body = String)))]
pub async fn review(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<Response, ApiError> {
    let now = now();
    let whole = alerts::whole(&app, &caller, id, &[Kind::Incident], now).await?;
    let text = respond::review(&whole, now);
    Ok(([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], text).into_response())
}

/// An incident that people open.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// One line.
    title: String,
    /// Why.
    reason: String,
    /// `informational` to `critical` [default: high].
    level: Option<String>,
    /// `security` or `operations` [default: operations].
    #[schema(value_type = Option<String>)]
    aspect: Option<Aspect>,
    /// The team that leads.
    team: Option<String>,
    /// What it is about.
    entity: Option<String>,
    /// Alerts that belong to it.
    #[serde(default)]
    alerts: Vec<i64>,
    /// Who may see it; that of its alerts when it has some.
    dataset: Option<String>,
    /// The caller's own id: told twice it is one.
    key: Option<String>,
}

/// The incident that was opened.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Opened {
    incident: i64,
}

/// Opens an incident that no rule saw.
#[utoipa::path(post, path = "/api/v1/incidents", tag = "respond", request_body = Opening,
    responses((status = 200, description = "Its id", body = Opened)))]
pub async fn open(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<Opened>, ApiError> {
    let given: Opening = super::parameters(&app, request).await?;
    let now = now();
    let owner = given.team.as_deref().map(model::entity::team).transpose()?;
    may_act(&caller, Role::Responder, owner.as_ref().map(|owner| owner.key.as_str()))?;
    let seen = AsOf::at(now).within(caller.datasets());
    let parts = app.responder.find(&given.alerts, &seen).await?;
    parts.iter().try_for_each(|part| may(&caller, part))?;
    if parts.iter().any(|part| part.kind != Kind::Alert) {
        return Err(ApiError::bad("an incident has alerts: name these alone with `alerts`"));
    }
    let first = parts.first().map(|part| part.dataset.clone());
    let dataset = given.dataset.or(first).unwrap_or_else(|| DEFAULT_DATASET.to_owned());
    may_write(&caller, &dataset)?;
    if parts.iter().any(|part| part.dataset != dataset) {
        return Err(ApiError::bad(format!("an alert is not of the dataset {dataset:?}"))
            .help("an incident has alerts of one dataset alone"));
    }
    let new = NewIncident {
        title: given.title,
        level: given.level.as_deref().map_or(Ok(model::Level::High), level)?,
        aspect: given.aspect.unwrap_or(Aspect::Operations),
        reason: given.reason,
        owner,
        entity: given.entity.as_deref().map(entity).transpose()?,
        dataset,
        alerts: given.alerts,
        key: given.key,
    };
    let incident = app.responder.open_incident(&new, Person(&caller.name), now).await?;
    Ok(Json(Opened { incident }))
}

/// Something to do.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tasking {
    /// What.
    title: String,
    /// The team that does it; that of the incident when absent.
    team: Option<String>,
    /// Until when.
    #[schema(value_type = Option<String>)]
    due: Option<When>,
    /// The caller's own id: told twice it is one.
    key: Option<String>,
}

/// The task that was added.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Added {
    task: i64,
}

/// Adds something to do to an incident.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/tasks", tag = "respond", request_body = Tasking, params(("id" = i64, Path)),
    responses((status = 200, description = "Its id", body = Added)))]
pub async fn task(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    request: Request,
) -> Result<Json<Added>, ApiError> {
    let given: Tasking = super::parameters(&app, request).await?;
    let now = now();
    let whole = alerts::whole(&app, &caller, id, &[Kind::Incident], now).await?;
    may(&caller, &whole.kept)?;
    let due = given.due.map(|due| time::parse(&due.0, now)).transpose()?;
    let owner = given.team.as_deref().map(model::entity::team).transpose()?;
    let new = NewTask { title: given.title, owner, due, key: given.key };
    let task = app.responder.add_task(&whole.kept, &new, Person(&caller.name), now).await?;
    Ok(Json(Added { task }))
}

/// Action items of all incidents.
#[utoipa::path(get, path = "/api/v1/tasks", tag = "respond", params(QueueParameters),
    responses((status = 200, description = "A page, counts over all pages, and where the next one goes on", body = QueuePage)))]
pub async fn tasks(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(given): Query<QueueParameters>,
) -> Result<Json<QueuePage>, ApiError> {
    page(&app, &caller, &given, &[Kind::Task]).await
}

/// Notices that no channel took.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DeadNotices {
    /// Those that were given up.
    rows: Vec<DeadNotice>,
    /// Those that are tried again when they are due.
    waiting: Vec<DeadNotice>,
}

/// A notice that no channel took.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DeadNotice {
    id: i64,
    at: String,
    channel: String,
    /// The alert or incident.
    about: Option<i64>,
    dataset: String,
    attempts: i64,
    /// When it is tried again, or should have been.
    due: String,
    /// What went wrong last.
    error: Option<String>,
    /// What would have been sent.
    body: String,
}

/// Notices that were given up, and those that no channel took yet and that are tried again.
#[utoipa::path(get, path = "/api/v1/notices", tag = "respond",
    responses((status = 200, description = "Notices that no channel took, with what went wrong", body = DeadNotices)))]
pub async fn dead(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<DeadNotices>, ApiError> {
    let seen = AsOf::at(now()).within(caller.datasets());
    let shown = |notice: ledger::Waiting| DeadNotice {
        id: notice.id,
        at: crate::server::rows::rfc3339(notice.at),
        channel: notice.channel,
        about: notice.about,
        dataset: notice.dataset,
        attempts: notice.attempts,
        due: crate::server::rows::rfc3339(notice.due),
        error: notice.error,
        body: notice.body,
    };
    let rows = app.ledger.dead_letters(&seen).await?.into_iter().map(shown).collect();
    let waiting = app.ledger.tried_again(&seen).await?.into_iter().map(shown).collect();
    Ok(Json(DeadNotices { rows, waiting }))
}

/// Which notices.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Retrying {
    /// Their ids.
    ids: Vec<i64>,
}

/// How many are sent again.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Retried {
    retried: u64,
}

/// Sends notices again that were given up.
#[utoipa::path(post, path = "/api/v1/notices/retry", tag = "respond", request_body = Retrying,
    responses((status = 200, description = "How many", body = Retried)))]
pub async fn retry(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<Retried>, ApiError> {
    let given: Retrying = super::parameters(&app, request).await?;
    let seen = AsOf::at(now()).within(caller.datasets());
    let dead = app.ledger.dead_letters(&seen).await?;
    let ids: Vec<i64> = given.ids.into_iter().filter(|id| dead.iter().any(|notice| notice.id == *id)).collect();
    let retried = if ids.is_empty() { 0 } else { app.ledger.revive(&ids, Person(&caller.name), now()).await? };
    Ok(Json(Retried { retried }))
}

/// A row, for those who made it.
pub async fn row(app: &App, caller: &Caller, id: i64) -> Result<Option<QueueRow>, ApiError> {
    let now = now();
    let kept = app.responder.find(&[id], &AsOf::at(now).within(caller.datasets())).await?;
    Ok(kept.first().map(|kept| shown(kept, now)))
}
