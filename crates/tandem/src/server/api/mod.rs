//! The API under `/api/v1`.

pub mod agents;
pub mod alerts;
mod answer;
pub mod answers;
pub mod backup;
pub mod changes;
pub mod checks;
pub mod controls;
pub mod dashboards;
pub mod decisions;
pub mod dora;
pub mod facts;
pub mod fields;
pub mod findings;
pub mod home;
pub mod in_force;
pub mod incidents;
pub mod inventory;
pub mod knowledge;
pub mod login;
pub mod metrics_ranges;
pub mod names;
pub mod owners;
pub mod people;
pub mod planning;
pub mod queue;
pub mod readiness;
pub mod rules;
pub mod scans;
pub mod search;
pub mod sql;
pub mod status;
pub mod suppressions;
pub mod tail;
pub mod time;
pub mod traces;
pub mod trail;
pub mod waivers;
pub mod words;

use super::errors::ApiError;
use super::gate::drain;
use super::state::App;
use crate::access::routes::{Need, Routes};
use crate::limits::{MAX_API_BODY_BYTES, MAX_REFUSED_BYTES};
use axum::body::Body;
use axum::extract::{FromRequestParts as _, Query, Request};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use model::Role;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// The routes, each with what it needs.
pub fn routes(routes: Routes<Arc<App>>) -> Routes<Arc<App>> {
    let admin = Need::Role(Role::Admin);
    let team_admin = Need::RoleInTeam(Role::Admin);
    let editor = Need::RoleInTeam(Role::Editor);
    let responder = Need::RoleInTeam(Role::Responder);
    routes
        .both("/api/v1/search", Need::Read, search::search)
        .both("/api/v1/sql", Need::Read, sql::sql)
        .get("/api/v1/tail", Need::Read, tail::tail)
        .get("/api/v1/fields", Need::Read, fields::fields)
        .both("/api/v1/facets", Need::Read, fields::facets)
        .both("/api/v1/complete", Need::Read, fields::complete)
        .get("/api/v1/traces/{id}", Need::Read, traces::trace)
        .both("/api/v1/metrics/range", Need::Read, metrics_ranges::range)
        .get("/api/v1/suspects", Need::Read, changes::suspects)
        .get("/api/v1/owners", Need::Read, owners::owners)
        .get("/api/v1/owners/history", Need::Read, inventory::history)
        .get("/api/v1/inventory/{report}", Need::Read, inventory::report)
        .get("/api/v1/clocks", Need::Read, inventory::clocks)
        .get("/api/v1/agents", Need::Read, agents::agents)
        .get("/api/v1/dora", Need::Read, dora::dora)
        .get("/api/v1/findings", Need::Read, findings::findings)
        .get("/api/v1/why", Need::Read, findings::why)
        .get("/api/v1/alerts", Need::Read, alerts::alerts)
        .get("/api/v1/alerts/{id}", Need::Read, alerts::alert)
        .get("/api/v1/incidents", Need::Read, incidents::incidents)
        .get("/api/v1/incidents/{id}", Need::Read, incidents::incident)
        .get("/api/v1/incidents/{id}/review", Need::Read, incidents::review)
        .get("/api/v1/risk", Need::Read, alerts::risk)
        .get("/api/v1/tasks", Need::Read, incidents::tasks)
        .get("/api/v1/suppressions", Need::Read, suppressions::suppressions)
        .get("/api/v1/rules", Need::Read, rules::rules)
        .get("/api/v1/detection", Need::Read, rules::detection)
        .post("/api/v1/rules/backtest", Need::Read, rules::backtest)
        .get("/api/v1/rules/ledger", Need::Read, suppressions::ledger)
        .get("/api/v1/notices", Need::Read, incidents::dead)
        .post("/api/v1/check", Need::Read, checks::check)
        .post("/api/v1/admission", Need::Read, checks::admit)
        .get("/api/v1/controls", Need::Read, controls::list)
        .get("/api/v1/controls/{name}", Need::Read, controls::show)
        .get("/api/v1/answers", Need::Read, answers::answers)
        .get("/api/v1/exceptions", Need::Read, controls::exceptions)
        .get("/api/v1/exceptions/form", Need::Read, controls::form)
        .get("/api/v1/friction", Need::Read, controls::measured)
        .post("/api/v1/answers", Need::Read, answers::answer)
        .post("/api/v1/replies", editor, answers::reply)
        .post("/api/v1/exceptions", editor, controls::except)
        .post("/api/v1/exceptions/{id}/renew", editor, controls::renew)
        .post("/api/v1/exceptions/{id}/end", editor, controls::end)
        .post("/api/v1/adjustments", editor, controls::adjust)
        .post("/api/v1/lockdowns", editor, controls::lockdown)
        .post("/api/v1/lockdowns/{id}/review", editor, controls::review)
        .get("/api/v1/agenda", Need::Read, planning::agenda)
        .get("/api/v1/roadmap", Need::Read, planning::roadmap)
        .get("/api/v1/upgrades/{id}", Need::Read, planning::upgrade)
        .get("/api/v1/calendar/{token}", Need::Public, planning::link)
        .post("/api/v1/meetings", responder, planning::held)
        .post("/api/v1/upgrades/{id}/objections", responder, planning::object)
        .get("/api/v1/knowledge/search", Need::Read, knowledge::search)
        .get("/api/v1/knowledge/pages", Need::Read, knowledge::pages)
        .get("/api/v1/knowledge/page", Need::Read, knowledge::page)
        .get("/api/v1/knowledge/lists", Need::Read, knowledge::lists)
        .post("/api/v1/knowledge/helped", Need::Read, knowledge::helped)
        .get("/api/v1/dashboards", Need::Read, dashboards::list)
        .get("/api/v1/dashboards/{name}", Need::Read, dashboards::show)
        .get("/api/v1/home", Need::Read, home::home)
        .get("/api/v1/levers", Need::Read, readiness::levers)
        .get("/api/v1/levers/{id}", Need::Read, readiness::lever)
        .post("/api/v1/levers/measure", Need::Role(Role::Editor), readiness::measure)
        .get("/api/v1/recovery", Need::Read, readiness::recovery)
        .get("/api/v1/drills", Need::Read, readiness::drills)
        .get("/api/v1/drills/{name}", Need::Read, readiness::drill)
        .post("/api/v1/drills/{name}/run", responder, readiness::run)
        .get("/api/v1/drill-runs/{id}", Need::Read, readiness::running)
        .post("/api/v1/drill-runs/{id}/did", responder, readiness::did)
        .post("/api/v1/drill-runs/{id}/took_back", responder, readiness::took_back)
        .post("/api/v1/drill-runs/{id}/finish", responder, readiness::finish)
        .get("/api/v1/status", Need::Read, status::status)
        .get("/api/v1/streams", Need::Read, status::streams)
        .get("/metrics", Need::Role(Role::Viewer), super::prometheus::metrics)
        .post("/api/v1/changes", responder, changes::record)
        .post("/api/v1/events", responder, changes::events)
        .post("/api/v1/decisions", responder, decisions::decide)
        .post("/api/v1/findings/suppress", responder, waivers::suppress)
        .post("/api/v1/alerts/act", responder, alerts::act)
        .post("/api/v1/alerts/{id}/playbook", responder, alerts::playbook)
        .post("/api/v1/incidents", responder, incidents::open)
        .post("/api/v1/incidents/{id}/tasks", responder, incidents::task)
        .post("/api/v1/names", responder, names::name)
        .post("/api/v1/notices/retry", Need::Role(Role::Responder), incidents::retry)
        .post("/api/v1/suppressions", editor, suppressions::suppress)
        .post("/api/v1/facts", editor, facts::facts)
        .post("/api/v1/scans", editor, scans::upload)
        .post("/api/v1/import/sarif", editor, scans::sarif)
        .post("/api/v1/import/{format}", editor, facts::import)
        .post("/api/v1/owners", editor, owners::hand_over)
        .post("/api/v1/flush", admin, status::flush)
        .post("/api/v1/rules/reload", admin, rules::reload)
        .post("/api/v1/backup", Need::Owner, backup::backup)
        .post("/api/v1/login", Need::Public, login::login)
        .get("/api/v1/oidc/start", Need::Public, login::oidc_start)
        .get("/api/v1/oidc/callback", Need::Public, login::oidc_callback)
        .post("/api/v1/logout", Need::Session, login::logout)
        .get("/api/v1/me", Need::Session, login::me)
        .post("/api/v1/me/password", Need::Session, login::own_password)
        .get("/api/v1/users", team_admin, people::users)
        .post("/api/v1/users", admin, people::create_user)
        .post("/api/v1/users/{id}/password", admin, people::set_password)
        .post("/api/v1/users/{id}/disable", admin, people::disable_user)
        .post("/api/v1/users/{id}/grant", team_admin, people::give)
        .post("/api/v1/users/{id}/revoke", team_admin, people::take_back)
        .post("/api/v1/forget", admin, people::forget)
        .get("/api/v1/tokens", team_admin, people::tokens)
        .post("/api/v1/tokens", team_admin, people::create_token)
        .post("/api/v1/tokens/{id}/revoke", team_admin, people::revoke_token)
        .get("/api/v1/audit", admin, trail::audit)
        .post("/api/v1/audit/verify", admin, trail::verify)
        .get("/api/v1/settings", admin, trail::settings)
        .get("/api/v1/routes", Need::Session, trail::routes)
}

/// Parameters of what gives or takes rights: what does not belong there is an attempt, and written down.
pub async fn strict<T: DeserializeOwned>(app: &App, request: Request) -> Result<T, ApiError> {
    parameters(app, request).await.map_err(|error| error.refused("parameters that do not belong there"))
}

/// Parameters from the query string of a GET, or from the JSON body of a POST.
pub async fn parameters<T: DeserializeOwned>(app: &App, request: Request) -> Result<T, ApiError> {
    let (mut parts, body) = request.into_parts();
    if parts.method == Method::GET || parts.method == Method::HEAD {
        let Query(parameters) =
            Query::<T>::from_request_parts(&mut parts, &()).await.map_err(|error| ApiError::bad(error.body_text()))?;
        return Ok(parameters);
    }
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    if kind.split(';').next().unwrap_or("").trim() != "application/json" {
        drain(body, MAX_REFUSED_BYTES).await;
        // Also what keeps pages of other sites from posting here without being asked.
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("content type {kind:?} is not JSON"))
            .help("send the parameters as application/json"));
    }
    let held = app.gate.read(body, MAX_API_BODY_BYTES).await?;
    serde_json::from_slice(&held.bytes).map_err(|error| {
        let mut answer = ApiError::bad(format!("the parameters are wrong: {error}"));
        answer.place = Some(serde_json::json!({"line": error.line(), "column": error.column()}));
        answer
    })
}

/// A table by name; logs when nothing is said.
pub fn table(name: Option<&str>) -> Result<model::Table, ApiError> {
    let name = name.unwrap_or("logs");
    model::Table::from_name(name)
        .ok_or_else(|| ApiError::bad(format!("there is no table {name:?}")).help("tables are logs, spans and metrics"))
}

/// Says of an answer that a limit cut it, for those who do not look into it.
pub fn marked(mut response: Response, truncated: bool) -> Response {
    if truncated {
        response.headers_mut().insert("tandem-truncated", HeaderValue::from_static("true"));
    }
    response
}

/// A body of lines of JSON.
pub fn lines(stream: impl futures::Stream<Item = Result<String, std::io::Error>> + Send + 'static) -> Response {
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(stream)).into_response()
}
