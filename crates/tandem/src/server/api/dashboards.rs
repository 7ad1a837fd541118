//! Dashboards: which there are, what is on one, and which nobody looks at.

use crate::server::errors::ApiError;
use crate::server::rows::rfc3339;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use know::dashboards::{self, Dashboard, UNUSED_AFTER, Views};
use ledger::Person;
use model::Nanos;
use serde::Serialize;
use std::sync::Arc;

/// Who counts views: the server, whoever looks.
const COUNTER: Person<'static> = Person("views of dashboards");

/// Dashboards, and how often each was looked at.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DashboardList {
    /// How many there are.
    count: usize,
    /// By name.
    rows: Vec<DashboardRow>,
}

/// A dashboard in the list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DashboardRow {
    /// Its name.
    name: String,
    /// It in a few words.
    title: String,
    /// What it is for.
    about: String,
    /// The team that answers for it.
    owner: String,
    /// The day it was approved; without one it is a draft.
    approved: Option<String>,
    /// How many panels it has.
    panels: usize,
    /// Nobody looked for thirty days: it is proposed for deletion.
    unused: bool,
    /// How often it was looked at.
    views: DashboardViews,
}

/// How often a dashboard was looked at. By whom is not kept.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DashboardViews {
    /// In the last thirty days.
    last_30_days: u64,
    /// The last time.
    last: Option<String>,
}

/// Dashboards with their owners, whether they are approved, and how often they were looked at. What nobody looked at for
/// thirty days is proposed for deletion.
#[utoipa::path(get, path = "/api/v1/dashboards", tag = "ask",
    responses((status = 200, body = DashboardList, description = "Dashboards by name")))]
pub async fn list(State(app): State<Arc<App>>) -> Result<Json<DashboardList>, ApiError> {
    let now = now();
    let views = dashboards::views(&app.ledger, now).await?;
    let known = app.knowledge.known();
    let rows: Vec<DashboardRow> =
        known.dashboards.values().map(|one| row(one, views.get(&one.name).copied().unwrap_or_default(), now)).collect();
    Ok(Json(DashboardList { count: rows.len(), rows }))
}

fn row(one: &Dashboard, views: Views, now: Nanos) -> DashboardRow {
    DashboardRow {
        name: one.name.clone(),
        title: one.title.clone(),
        about: one.about.clone(),
        owner: one.owner.clone(),
        approved: one.approved.clone(),
        panels: one.panels.len(),
        unused: views.last.is_some_and(|last| last < now - UNUSED_AFTER),
        views: DashboardViews { last_30_days: views.last_30_days, last: views.last.map(rfc3339) },
    }
}

/// What is on a dashboard. Looking at it is counted, and by whom is not kept.
#[utoipa::path(get, path = "/api/v1/dashboards/{name}", tag = "ask", params(("name" = String, Path)),
    responses((status = 200, body = Dashboard, description = "The dashboard"), (status = 404, description = "There is none of that name")))]
pub async fn show(State(app): State<Arc<App>>, Path(name): Path<String>) -> Result<Json<Dashboard>, ApiError> {
    let known = app.knowledge.known();
    let Some(one) = known.dashboards.get(&name) else {
        return Err(ApiError::new(StatusCode::NOT_FOUND, format!("there is no dashboard {name:?}")).help(
            "/api/v1/dashboards lists them; they are files in the folder `dashboards` of a folder of knowledge",
        ));
    };
    dashboards::viewed(&app.ledger, one, COUNTER, now()).await?;
    Ok(Json(one.clone()))
}
