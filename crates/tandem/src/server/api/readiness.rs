//! What to do next, and whether everything would come back: levers, the recovery plan, drills.

use super::facts::{entity, may_act, may_write};
use super::findings::failed;
use crate::limits::MAX_SAID_BYTES;
use crate::server::api::time::{self, When};
use crate::server::checks::Around;
use crate::server::drills::{Drills, Held};
use crate::server::errors::ApiError;
use crate::server::jobs;
use crate::server::rows::rfc3339;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Path, Query, Request, State};
use know::levers::{self, Lever};
use know::readiness::{self, Drill, Mode, Phase, Run};
use know::situation;
use ledger::AsOf;
use model::access::{Caller, Role};
use model::{DEFAULT_DATASET, Nanos};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Which levers.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LeversParameters {
    /// All, those too whose number is 0 or that nobody can count.
    #[serde(default)]
    all: bool,
}

/// All of them, the best first, as somebody sees them.
pub(super) async fn counted(app: &App, caller: &Caller, now: Nanos) -> Result<Vec<Lever>, ApiError> {
    let as_of = AsOf::at(now).within(caller.datasets());
    let around = Around::read(app, &as_of.datasets, now).with_rules(app, &as_of).await.map_err(failed)?;
    levers::all(&app.ledger, &as_of, &around.given()).await.map_err(failed)
}

/// The next steps that gain most for operations and security: at most five, each with its number, evidence, effort and gain.
#[utoipa::path(get, path = "/api/v1/levers", tag = "readiness", params(LeversParameters),
    responses((status = 200, description = "Levers, the best first")))]
pub async fn levers(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(given): Query<LeversParameters>,
) -> Result<Json<Value>, ApiError> {
    let now = now();
    let all = counted(&app, &caller, now).await?;
    let rows = if given.all { json!(all) } else { json!(levers::top(&all)) };
    Ok(Json(json!({"at": rfc3339(now), "levers": rows})))
}

/// One lever, and what its number counts, one by one.
#[utoipa::path(get, path = "/api/v1/levers/{id}", tag = "readiness", params(("id" = String, Path)),
    responses((status = 200, description = "The lever with as many rows as its number says")))]
pub async fn lever(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    if !levers::KINDS.iter().any(|kind| kind.id == id) {
        let known: Vec<&str> = levers::KINDS.iter().map(|kind| kind.id).collect();
        return Err(ApiError::bad(format!("there is no lever {id:?}")).help(format!("levers are {}", known.join(", "))));
    }
    let now = now();
    let all = counted(&app, &caller, now).await?;
    let one = all.iter().find(|lever| lever.id == id);
    let mut value = json!(one);
    value["at"] = rfc3339(now).into();
    value["rows"] = json!(one.map(levers::open));
    Ok(Json(value))
}

/// Keeps the number of each lever for today, unless that was done. It is done once a day anyway.
#[utoipa::path(post, path = "/api/v1/levers/measure", tag = "readiness",
    responses((status = 200, description = "How many numbers were kept")))]
pub async fn measure(State(app): State<Arc<App>>) -> Result<Json<Value>, ApiError> {
    Ok(Json(json!({"kept": jobs::measure(&app).await.map_err(failed)?})))
}

/// When.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecoveryParameters {
    /// As it was at this time; now when absent.
    #[param(value_type = Option<String>)]
    at: Option<When>,
}

/// How everything comes back: the minimum first, each in its round, circles by name, and what is missing. Spans of time are
/// in seconds.
#[utoipa::path(get, path = "/api/v1/recovery", tag = "readiness", params(RecoveryParameters),
    responses((status = 200, description = "Parts, rounds, circles and gaps")))]
pub async fn recovery(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(given): Query<RecoveryParameters>,
) -> Result<Json<Value>, ApiError> {
    let now = now();
    let at = given.at.as_ref().map_or(Ok(now), |when| time::parse(&when.0, now))?;
    let plan = readiness::plan(&app.ledger, &AsOf::at(at).within(caller.datasets())).await.map_err(failed)?;
    let mut value = json!(plan);
    for part in value["parts"].as_array_mut().into_iter().flatten() {
        written(part);
    }
    Ok(Json(value))
}

/// Times as texts, spans as seconds.
fn written(value: &mut Value) {
    for name in ["at", "backup_at", "proved_at"] {
        if let Some(at) = value[name].as_i64() {
            value[name] = rfc3339(at).into();
        }
    }
    for name in ["rto", "rpo", "took", "back_after", "within"] {
        if let Some(span) = value[name].as_i64() {
            value[name] = (span as f64 / 1e9).into();
        }
    }
}

/// Drills that files of knowledge describe.
#[utoipa::path(get, path = "/api/v1/drills", tag = "readiness",
    responses((status = 200, description = "Drills, and files that cannot be used")))]
pub async fn drills(State(app): State<Arc<App>>) -> Json<Value> {
    let known = app.knowledge.known();
    let row = |drill: &Drill| {
        json!({"name": drill.name, "title": drill.title, "service": service(drill), "owner": drill.owner,
            "restore": drill.restore, "steps": drill.steps.len(), "probes": drill.steady_state.len()})
    };
    let rows: Vec<Value> = known.drills.values().map(row).collect();
    Json(json!({"count": rows.len(), "rows": rows, "problems": known.problems}))
}

fn service(drill: &Drill) -> Option<String> {
    drill.service.as_ref().map(ToString::to_string)
}

fn find(app: &App, name: &str) -> Result<Drill, ApiError> {
    let known = app.knowledge.known();
    known.drills.get(name).cloned().ok_or_else(|| {
        let names: Vec<&str> = known.drills.keys().map(String::as_str).take(20).collect();
        let help = match names.len() {
            0 => "drills are files in the folder `drills` of a folder of knowledge".to_owned(),
            _ => format!("drills are {}", names.join(", ")),
        };
        ApiError::bad(format!("there is no drill {name:?}")).help(help)
    })
}

/// One drill: its steps, its probes, and the questions that it asks at a table, with what is known of the answers.
#[utoipa::path(get, path = "/api/v1/drills/{name}", tag = "readiness", params(("name" = String, Path)),
    responses((status = 200, description = "The drill")))]
pub async fn drill(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let drill = find(&app, &name)?;
    let questions = questions(&app, &caller, &drill, now()).await?;
    let back: &[String] = &drill.rollback;
    Ok(Json(json!({"name": drill.name, "title": drill.title, "service": service(&drill), "owner": drill.owner,
        "restore": drill.restore, "steps": drill.steps, "rollback": back, "probes": drill.steady_state,
        "expect": expected(&drill), "notes": drill.notes, "questions": questions})))
}

fn expected(drill: &Drill) -> Value {
    let seconds = |span: Option<Nanos>| span.map(|span| span as f64 / 1e9);
    let expect = &drill.expect;
    json!({"detect_within": seconds(expect.detect_within), "acknowledge_within": seconds(expect.acknowledge_within),
        "recover_within": seconds(expect.recover_within)})
}

async fn questions(
    app: &App,
    caller: &Caller,
    drill: &Drill,
    now: Nanos,
) -> Result<Vec<readiness::Question>, ApiError> {
    let as_of = AsOf::at(now).within(caller.datasets());
    let plan = readiness::plan(&app.ledger, &as_of).await.map_err(failed)?;
    let around = Around::read(app, &as_of.datasets, now);
    let all = situation::read(&app.ledger, &as_of, &around.given()).await.map_err(failed)?;
    let of = drill.service.as_ref().filter(|of| of.kind == "service");
    let one = all.iter().find(|one| of.is_some_and(|of| of.key == one.service));
    Ok(readiness::questions(drill, &plan, one))
}

/// How a drill is run.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Running {
    /// `tabletop` (questions, and nothing is looked at) or `probes`.
    #[schema(value_type = String)]
    mode: Mode,
    /// What it is about, where the file does not say it: `service:checkout`.
    service: Option<String>,
    /// The team that answers for it, where the file does not say it.
    owner: Option<String>,
}

/// Begins a drill. That is kept before anything is broken; with probes it is looked first whether all is well.
#[utoipa::path(post, path = "/api/v1/drills/{name}/run", tag = "readiness", request_body = Running,
    params(("name" = String, Path)), responses((status = 200, description = "The run, under the id of the decision that it began")))]
pub async fn run(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let given: Running = super::parameters(&app, request).await?;
    let mut drill = find(&app, &name)?;
    // What the file says counts: a team cannot take the drill of another by its own word.
    if drill.service.is_none() {
        drill.service = given.service.as_deref().map(entity).transpose()?;
    }
    if drill.owner.is_empty() {
        drill.owner =
            given.owner.as_deref().map(model::entity::team).transpose()?.map_or_else(String::new, |of| of.key);
    }
    if drill.service.is_none() || drill.owner.is_empty() {
        return Err(ApiError::bad(format!("the file of the drill {name:?} names no service or no owner"))
            .help("say both with `service` and `owner`"));
    }
    may_act(&caller, Role::Responder, Some(&drill.owner))?;
    may_write(&caller, DEFAULT_DATASET)?;
    let held = Drills::begin(&app, drill, given.mode, &caller).await?;
    Ok(Json(told(&held)))
}

/// A drill that is run, as it stands.
fn told(held: &Held) -> Value {
    let run = held.run();
    let list = |all: &[(Nanos, String)]| -> Vec<Value> {
        all.iter().map(|(at, said)| json!({"at": rfc3339(*at), "said": said})).collect()
    };
    let seen = |answer: &readiness::Answered| {
        let mut value = json!(answer);
        written(&mut value);
        value
    };
    let states: Vec<Value> = run.states.iter().map(|(at, held)| json!({"at": rfc3339(*at), "holds": held})).collect();
    let refused =
        if run.phase == Phase::Refused || run.phase == Phase::Watching { run.refused_by() } else { Vec::new() };
    let step = run.next_step().map(|step| {
        json!({"number": run.done.len() + 1, "of": run.drill.steps.len(), "text": step.text, "question": step.question,
            "inject": step.inject})
    });
    json!({"run": held.id, "drill": run.drill.name, "title": run.drill.title, "service": service(&run.drill),
        "owner": run.drill.owner, "mode": run.mode, "phase": run.phase, "started": rfc3339(run.started), "step": step,
        "done": list(&run.done), "back": run.drill.rollback.get(run.taken_back.len()),
        "taken_back": list(&run.taken_back), "states": states,
        "answers": run.answers.iter().map(seen).collect::<Vec<_>>(),
        "not_well": refused.into_iter().map(seen).collect::<Vec<_>>()})
}

/// One that somebody may act on.
fn mine(app: &App, caller: &Caller, id: i64) -> Result<Arc<Held>, ApiError> {
    let held = app.drills.get(id)?;
    let owner = held.run().drill.owner.clone();
    may_act(caller, Role::Responder, Some(&owner))?;
    may_write(caller, DEFAULT_DATASET)?;
    Ok(held)
}

/// A drill that is run: its phase, the next step, what probes saw.
#[utoipa::path(get, path = "/api/v1/drill-runs/{id}", tag = "readiness", params(("id" = i64, Path)),
    responses((status = 200, description = "The run")))]
pub async fn running(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<Json<Value>, ApiError> {
    may_write(&caller, DEFAULT_DATASET)?;
    Ok(Json(told(&*app.drills.get(id)?)))
}

/// What is said of a step.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Saying {
    /// What came of it, or the answer at the table. It names systems rather than persons.
    said: String,
}

async fn said(app: &App, request: Request) -> Result<String, ApiError> {
    let given: Saying = super::parameters(app, request).await?;
    if given.said.len() > MAX_SAID_BYTES {
        return Err(ApiError::bad(format!("`said` has more than {MAX_SAID_BYTES} bytes (MAX_SAID_BYTES)")));
    }
    Ok(given.said)
}

fn act(held: &Held, act: impl FnOnce(&mut Run) -> anyhow::Result<()>) -> Result<Json<Value>, ApiError> {
    act(&mut held.run()).map_err(|error| ApiError::bad(format!("{error:#}")))?;
    Ok(Json(told(held)))
}

/// The next step was done, or answered at the table.
#[utoipa::path(post, path = "/api/v1/drill-runs/{id}/did", tag = "readiness", request_body = Saying,
    params(("id" = i64, Path)), responses((status = 200, description = "The run")))]
pub async fn did(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let said = said(&app, request).await?;
    act(&*mine(&app, &caller, id)?, |run| run.did(&said, now()))
}

/// The next step back was done.
#[utoipa::path(post, path = "/api/v1/drill-runs/{id}/took_back", tag = "readiness", request_body = Saying,
    params(("id" = i64, Path)), responses((status = 200, description = "The run")))]
pub async fn took_back(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let said = said(&app, request).await?;
    act(&*mine(&app, &caller, id)?, |run| run.took_back(&said, now()))
}

/// Ends a drill, and keeps the evidence: steps, what probes saw, and the times with the facts behind them. One that is not
/// over is given up.
#[utoipa::path(post, path = "/api/v1/drill-runs/{id}/finish", tag = "readiness", params(("id" = i64, Path)),
    responses((status = 200, description = "The evidence, and each time beside what was expected")))]
pub async fn finish(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<Json<Value>, ApiError> {
    let held = mine(&app, &caller, id)?;
    let ended = Drills::finish(&app, &held, &caller).await?;
    let mut expected = json!(ended.timed.against(&ended.run.drill.expect));
    expected.as_array_mut().into_iter().flatten().for_each(written);
    let mark =
        |mark: &Option<readiness::Mark>| mark.as_ref().map(|mark| json!({"at": rfc3339(mark.at), "facts": mark.ids}));
    let timed = &ended.timed;
    Ok(Json(json!({"run": id, "evidence": ended.evidence, "phase": ended.run.phase, "reason": ended.reason,
        "injected": mark(&timed.injected), "detected": mark(&timed.detected), "acknowledged": mark(&timed.acknowledged),
        "recovered": mark(&timed.recovered), "missing": timed.missing, "expected": expected,
        "lines": timed.lines(), "facts": timed.ids()})))
}
