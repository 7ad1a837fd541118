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
use serde_json::{Value, json};
use std::sync::Arc;

/// Who counts views: the server, whoever looks.
const COUNTER: Person<'static> = Person("views of dashboards");

/// Dashboards with their owners, whether they are approved, and how often they were looked at. What nobody looked at for
/// thirty days is proposed for deletion.
#[utoipa::path(get, path = "/api/v1/dashboards", tag = "ask",
    responses((status = 200, description = "Dashboards by name")))]
pub async fn list(State(app): State<Arc<App>>) -> Result<Json<Value>, ApiError> {
    let now = now();
    let views = dashboards::views(&app.ledger, now).await?;
    let known = app.knowledge.known();
    let rows: Vec<Value> = known
        .dashboards
        .values()
        .map(|one| shown(one, views.get(&one.name).copied().unwrap_or_default(), now))
        .collect();
    Ok(Json(json!({"count": rows.len(), "rows": rows})))
}

fn shown(one: &Dashboard, views: Views, now: Nanos) -> Value {
    let unused = views.last.is_some_and(|last| last < now - UNUSED_AFTER);
    json!({"name": one.name, "title": one.title, "about": one.about, "owner": one.owner, "approved": one.approved,
        "panels": one.panels.len(), "unused": unused,
        "views": {"last_30_days": views.last_30_days, "last": views.last.map(rfc3339)}})
}

/// What is on a dashboard. Looking at it is counted, and by whom is not kept.
#[utoipa::path(get, path = "/api/v1/dashboards/{name}", tag = "ask", params(("name" = String, Path)),
    responses((status = 200, description = "The dashboard"), (status = 404, description = "There is none of that name")))]
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
