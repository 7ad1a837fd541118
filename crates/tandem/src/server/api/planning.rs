//! What people sit down for: agendas, meetings, the roadmap, upgrades.

use super::facts::{may_act, may_write};
use super::findings::failed;
use crate::limits::{MAX_NOTES_BYTES, UPGRADE_DAYS};
use crate::server::api::time::{self, When};
use crate::server::errors::ApiError;
use crate::server::rows::rfc3339;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Path, Query, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use chrono::{DateTime, NaiveDate};
use know::planning::agenda::{Agenda, agenda as make};
use know::planning::roadmap::{Ahead, Initiative};
use know::planning::upgrade::{self, Counted, Upgrade};
use know::planning::{begins, calendar, day, day_of, meeting, write};
use ledger::{AsOf, Person};
use model::access::{Caller, Role};
use model::{DEFAULT_DATASET, Decision, EntityRef, Facts, Nanos};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whose agenda, for which day.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AgendaParameters {
    /// A team, or several with `+` or commas between them.
    teams: String,
    /// The day of the meeting, such as 2026-12-01; today when absent.
    r#for: Option<String>,
    /// `json`, `markdown`, `html`, `ics` [default: json].
    format: Option<String>,
    /// As it was at this time; now when absent.
    #[param(value_type = Option<String>)]
    at: Option<When>,
}

/// The agenda of some teams, from what happened since they met last.
#[utoipa::path(get, path = "/api/v1/agenda", tag = "planning", params(AgendaParameters),
    responses((status = 200, description = "Sections of lines, each with the facts behind it",
        content((Agenda = "application/json"), (String = "text/markdown"), (String = "text/html"), (String = "text/calendar")))))]
pub async fn agenda(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(given): Query<AgendaParameters>,
) -> Result<Response, ApiError> {
    let now = now();
    let at = given.at.as_ref().map_or(Ok(now), |when| time::parse(&when.0, now))?;
    let teams = teams(&given.teams)?;
    let day = the_day(given.r#for.as_deref(), at)?;
    let as_of = AsOf::at(at).within(caller.datasets());
    let agenda = make(&app.ledger, &as_of, &teams, day, &app.knowledge.known().planned).await;
    let agenda = agenda.map_err(failed)?;
    match given.format.as_deref().unwrap_or("json") {
        "json" => Ok(Json(told(&agenda)).into_response()),
        "markdown" => {
            Ok(([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], write::markdown(&agenda)).into_response())
        }
        "html" => {
            // What facts say is text there: the page is made of Markdown in which nothing acts.
            let body = know::pages::render_html(&write::markdown(&agenda));
            let day = agenda.day;
            Ok(Html(format!(
                "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Agenda {day}</title></head>\n\
                 <body>\n{body}</body>\n</html>\n"
            ))
            .into_response())
        }
        "ics" => Ok(ics(calendar::meeting(&agenda, DateTime::from_timestamp_nanos(now)))),
        other => {
            Err(ApiError::bad(format!("there is no format {other:?}")).help("formats are json, markdown, html and ics"))
        }
    }
}

fn ics(text: String) -> Response {
    ([(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], text).into_response()
}

/// With times as texts.
fn told(agenda: &Agenda) -> Value {
    let mut value = serde_json::to_value(agenda).unwrap_or_default();
    value["since"] = rfc3339(agenda.since).into();
    let sections = value["sections"].as_array_mut().into_iter().flatten();
    for item in sections.flat_map(|section| section["items"].as_array_mut().into_iter().flatten()) {
        if let Some(at) = item["at"].as_i64() {
            item["at"] = rfc3339(at).into();
        }
    }
    value
}

/// Teams of `a+b` or `a,b`.
fn teams(text: &str) -> Result<Vec<String>, ApiError> {
    let names = text.split(['+', ',', ' ']).map(str::trim).filter(|name| !name.is_empty());
    let teams = names.map(|name| Ok(model::entity::team(name)?.key)).collect::<Result<Vec<_>, ApiError>>()?;
    if teams.is_empty() {
        return Err(ApiError::bad("`teams` names no team").help("write one team, or two with a `+` between them"));
    }
    Ok(meeting::sorted(teams))
}

fn the_day(text: Option<&str>, at: Nanos) -> Result<NaiveDate, ApiError> {
    let Some(text) = text else { return Ok(day_of(at)) };
    day(text).ok_or_else(|| ApiError::bad(format!("{text:?} is no day")).help("write it as 2026-12-01"))
}

/// A meeting that was held.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// The teams.
    teams: Vec<String>,
    /// On which day; today when absent.
    day: Option<String>,
    /// What was said, as Markdown. It names systems rather than persons.
    #[serde(default)]
    notes: String,
}

/// The meeting that was kept.
#[derive(Serialize, utoipa::ToSchema)]
pub struct MeetingKept {
    /// The decision.
    meeting: i64,
    teams: Vec<String>,
    day: String,
    /// It was told before.
    repeated: bool,
}

/// Keeps that a meeting was held, and what was noted. Told again for the same day, the newest notes count.
#[utoipa::path(post, path = "/api/v1/meetings", tag = "planning", request_body = Held,
    responses((status = 200, description = "The meeting", body = MeetingKept)))]
pub async fn held(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<MeetingKept>, ApiError> {
    let given: Held = super::parameters(&app, request).await?;
    let now = now();
    let teams = teams(&given.teams.join("+"))?;
    if !teams.iter().any(|team| caller.may(Role::Responder, Some(team))) {
        may_act(&caller, Role::Responder, teams.first().map(String::as_str))?;
    }
    if given.notes.len() > MAX_NOTES_BYTES {
        let said = format!("the notes have {} bytes; at most {MAX_NOTES_BYTES} are kept", given.notes.len());
        return Err(ApiError::bad(said).help("keep longer ones as a page of knowledge, and link it"));
    }
    let day = the_day(given.day.as_deref(), now)?;
    may_write(&caller, DEFAULT_DATASET)?;
    let digest = model::hex::encode(&crate::server::auth::digest(&given.notes)[..6]);
    let body = json!({"teams": teams, "day": day.to_string(), "notes": given.notes});
    let decision =
        decision(format!("meeting:{}:{day}:{digest}", teams.join("+")), "meeting", "a meeting was held", body, now);
    let kept = app.ledger.decide(&decision, &Facts::default(), Person(&caller.name), now).await?;
    app.knowledge.feed.hurry();
    Ok(Json(MeetingKept { meeting: kept.id, teams, day: day.to_string(), repeated: kept.repeated }))
}

fn decision(key: String, kind: &str, reason: &str, body: Value, now: Nanos) -> Decision {
    Decision {
        key,
        kind: kind.to_owned(),
        dataset: DEFAULT_DATASET.to_owned(),
        at: now,
        entity: None,
        reason: reason.to_owned(),
        owner: None,
        control: None,
        expires: None,
        cites: Vec::new(),
        body: if let Value::Object(body) = body { body } else { Map::new() },
    }
}

/// Of whom.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RoadmapParameters {
    /// What affects this team, or is theirs.
    team: Option<String>,
    /// `json`, `ics` [default: json].
    format: Option<String>,
}

/// What is planned.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Roadmap)]
pub struct Plans {
    count: usize,
    roadmap: Vec<Initiative>,
    /// Who hears soon of what restricts them.
    ahead: Vec<Ahead>,
    upgrades: Vec<Upgrade>,
    /// Files of knowledge that cannot be used, and why.
    problems: Vec<String>,
}

/// What is planned, by time, and of what restricts somebody soon, who hears of it.
#[utoipa::path(get, path = "/api/v1/roadmap", tag = "planning", params(RoadmapParameters),
    responses((status = 200, description = "Initiatives and upgrades",
        content((Plans = "application/json"), (String = "text/calendar")))))]
pub async fn roadmap(
    State(app): State<Arc<App>>,
    Query(given): Query<RoadmapParameters>,
) -> Result<Response, ApiError> {
    let now = now();
    let known = app.knowledge.known();
    let team = given.team.as_deref().map(teams).transpose()?.unwrap_or_default();
    let planned = &known.planned;
    let all: Vec<_> = planned.roadmap.iter().filter(|one| one.concerns(&team)).cloned().collect();
    match given.format.as_deref().unwrap_or("json") {
        "json" => {
            let ahead: Vec<_> = know::planning::roadmap::ahead(&all, day_of(now))
                .into_iter()
                .filter(|one| team.is_empty() || team.contains(&one.team))
                .collect();
            let (upgrades, problems) = (planned.upgrades.clone(), known.problems.clone());
            Ok(Json(Plans { count: all.len(), roadmap: all, ahead, upgrades, problems }).into_response())
        }
        "ics" => Ok(ics(calendar::feed(&all, &planned.upgrades, DateTime::from_timestamp_nanos(now)))),
        other => Err(ApiError::bad(format!("there is no format {other:?}")).help("formats are json and ics")),
    }
}

/// Roadmap and upgrades for a calendar that knows nothing but an address: the token in it is the key, and asks nothing else.
#[utoipa::path(get, path = "/api/v1/calendar/{token}", tag = "planning",
    params(("token" = String, Path, description = "An API token of a viewer")),
    responses((status = 200, description = "iCalendar", content_type = "text/calendar", body = String), (status = 404, description = "No such link")))]
pub async fn link(State(app): State<Arc<App>>, Path(token): Path<String>) -> Result<Response, ApiError> {
    let token = token.strip_suffix(".ics").unwrap_or(&token);
    let mut headers = axum::http::HeaderMap::new();
    let nobody = || ApiError::new(StatusCode::NOT_FOUND, "there is no calendar here").help("ask for a new link");
    headers.insert(header::AUTHORIZATION, format!("Bearer {token}").parse().map_err(|_| nobody())?);
    let known = app.access.door.caller(&headers, &Method::GET, now()).await.map_err(|_| nobody())?;
    if !known.caller.is_known() {
        return Err(nobody());
    }
    let known = app.knowledge.known();
    let now = DateTime::from_timestamp_nanos(now());
    Ok(ics(calendar::feed(&known.planned.roadmap, &known.planned.upgrades, now)))
}

/// An upgrade, and what it touches.
#[derive(Serialize, utoipa::ToSchema)]
pub struct UpgradeWhole {
    #[serde(flatten)]
    #[schema(value_type = upgrade::Touched)]
    touched: Value,
    /// Errors before and after, by host, once it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    outcome: Option<Vec<upgrade::Outcome>>,
}

/// What an upgrade touches, whose it is, what else happens then, who objects; and, once it began, errors before and after.
#[utoipa::path(get, path = "/api/v1/upgrades/{id}", tag = "planning", params(("id" = String, Path, description = "The file's stem")),
    responses((status = 200, description = "The upgrade", body = UpgradeWhole), (status = 404, description = "No such upgrade")))]
pub async fn upgrade(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<UpgradeWhole>, ApiError> {
    let now = now();
    let known = app.knowledge.known();
    let one = find(&known.planned.upgrades, &id)?;
    let as_of = AsOf::at(now).within(caller.datasets());
    let planned = &known.planned;
    let touched =
        upgrade::touched(&app.ledger, &as_of, one, &planned.upgrades, &planned.roadmap).await.map_err(failed)?;
    let mut value = serde_json::to_value(&touched).unwrap_or_default();
    for (objection, kept) in value["objections"].as_array_mut().into_iter().flatten().zip(&touched.objections) {
        objection["at"] = rfc3339(kept.at).into();
    }
    let outcome = match begins(one.from) <= now {
        true => Some(upgrade::outcome(&counted(&app, &caller, one, &touched.hosts, now).await?)),
        false => None,
    };
    Ok(Json(UpgradeWhole { touched: value, outcome }))
}

fn find<'u>(upgrades: &'u [Upgrade], id: &str) -> Result<&'u Upgrade, ApiError> {
    upgrades.iter().find(|one| one.id == id).ok_or_else(|| {
        ApiError::new(StatusCode::NOT_FOUND, format!("there is no upgrade {id:?}")).help(
            "upgrades are files in the folder `upgrades` of a folder of knowledge; GET /api/v1/roadmap lists them",
        )
    })
}

/// Records and errors of the hosts, so long before the window as after its beginning.
async fn counted(
    app: &App,
    caller: &Caller,
    one: &Upgrade,
    hosts: &[String],
    now: Nanos,
) -> Result<BTreeMap<String, Counted>, ApiError> {
    let from = begins(one.from);
    let span = (now - from).min(UPGRADE_DAYS * crate::limits::DAY_NANOS);
    let (before, after) = (rfc3339(from - span), rfc3339(from + span));
    let middle = rfc3339(from);
    let sql = format!(
        "SELECT resource_attributes['host.name'] AS host, timestamp >= TIMESTAMP '{middle}' AS later, count(*) AS records, \
         sum(CASE WHEN severity_number >= 17 THEN 1 ELSE 0 END) AS errors FROM logs \
         WHERE timestamp >= TIMESTAMP '{before}' AND timestamp < TIMESTAMP '{after}' \
         AND resource_attributes['host.name'] IS NOT NULL GROUP BY 1, 2"
    );
    let mut counted: BTreeMap<String, Counted> = BTreeMap::new();
    for row in super::sql::rows_of(app, caller, &sql).await? {
        let host = row[0].as_str().unwrap_or_default();
        if !hosts.iter().any(|known| known == host) {
            continue;
        }
        let (records, errors) = (row[2].as_u64().unwrap_or(0), row[3].as_u64().unwrap_or(0));
        let counts = counted.entry(host.to_owned()).or_default();
        if row[1] == true {
            (counts.after, counts.errors_after) = (records, errors);
        } else {
            (counts.before, counts.errors_before) = (records, errors);
        }
    }
    Ok(counted)
}

/// Why somebody objects.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Objecting {
    /// Why.
    reason: String,
    /// The team that objects.
    team: String,
}

/// The objection that was kept.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ObjectionKept {
    /// The decision.
    objection: i64,
    /// It came after the day until which there was time.
    late: bool,
    /// The team that owns the upgrade.
    owner: String,
}

/// Objects to an upgrade. Nobody has to sign one; who is affected says so in its window.
#[utoipa::path(post, path = "/api/v1/upgrades/{id}/objections", tag = "planning", request_body = Objecting,
    params(("id" = String, Path, description = "The file's stem")), responses((status = 200, description = "The objection", body = ObjectionKept)))]
pub async fn object(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<ObjectionKept>, ApiError> {
    let given: Objecting = super::parameters(&app, request).await?;
    let now = now();
    let known = app.knowledge.known();
    let one = find(&known.planned.upgrades, &id)?;
    let team: EntityRef = model::entity::team(&given.team)?;
    may_act(&caller, Role::Responder, Some(&team.key))?;
    may_write(&caller, DEFAULT_DATASET)?;
    if given.reason.trim().is_empty() {
        return Err(ApiError::bad("say why with `reason`"));
    }
    let digest = model::hex::encode(&crate::server::auth::digest(&given.reason)[..6]);
    let key = format!("objection:{id}:{}:{digest}", team.key);
    let mut decision = decision(key, "objection", &given.reason, json!({"upgrade": id}), now);
    decision.owner = Some(team);
    let kept = app.ledger.decide(&decision, &Facts::default(), Person(&caller.name), now).await?;
    let late = now >= begins(one.objections_until) + crate::limits::DAY_NANOS;
    Ok(Json(ObjectionKept { objection: kept.id, late, owner: one.owner.clone() }))
}
