//! What to do next, and whether everything would come back: levers, the recovery plan, drills.

use super::facts::{entity, may_act, may_write};
use super::findings::failed;
use crate::limits::{MAX_SAID_BYTES, READS_WAIT};
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
use serde::{Deserialize, Serialize};
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

/// Levers, the best first.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Levers {
    at: String,
    levers: Vec<Lever>,
}

/// A lever, and what its number counts.
#[derive(Serialize, utoipa::ToSchema)]
pub struct LeverOpened {
    #[serde(flatten)]
    lever: Lever,
    at: String,
    /// As many as the number says.
    rows: Vec<levers::Row>,
}

/// What was measured.
#[derive(Serialize, utoipa::ToSchema)]
pub struct LeversMeasured {
    /// Numbers that were kept.
    kept: u64,
}

/// All of them, the best first, as somebody sees them.
pub(super) async fn counted(app: &App, caller: &Caller, now: Nanos) -> Result<Vec<Lever>, ApiError> {
    let as_of = AsOf::at(now).within(caller.datasets());
    let around = Around::read(app, &as_of.datasets, now).with_rules(app, &as_of, READS_WAIT).await.map_err(failed)?;
    levers::all(&app.ledger, &as_of, &around.given()).await.map_err(failed)
}

/// The next steps that gain most for operations and security: at most five, each with its number, evidence, effort and gain.
#[utoipa::path(get, path = "/api/v1/levers", tag = "readiness", params(LeversParameters),
    responses((status = 200, description = "Levers, the best first", body = Levers)))]
pub async fn levers(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(given): Query<LeversParameters>,
) -> Result<Json<Levers>, ApiError> {
    let now = now();
    let all = counted(&app, &caller, now).await?;
    let levers = if given.all { all } else { levers::top(&all).into_iter().cloned().collect() };
    Ok(Json(Levers { at: rfc3339(now), levers }))
}

/// One lever, and what its number counts, one by one.
#[utoipa::path(get, path = "/api/v1/levers/{id}", tag = "readiness", params(("id" = String, Path)),
    responses((status = 200, description = "The lever with as many rows as its number says", body = LeverOpened)))]
pub async fn lever(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<LeverOpened>, ApiError> {
    let unknown = || {
        let known: Vec<&str> = levers::KINDS.iter().map(|kind| kind.id).collect();
        ApiError::bad(format!("there is no lever {id:?}")).help(format!("levers are {}", known.join(", ")))
    };
    if !levers::KINDS.iter().any(|kind| kind.id == id) {
        return Err(unknown());
    }
    let now = now();
    let lever = counted(&app, &caller, now).await?.into_iter().find(|lever| lever.id == id).ok_or_else(unknown)?;
    let rows = levers::open(&lever).to_vec();
    Ok(Json(LeverOpened { lever, at: rfc3339(now), rows }))
}

/// Keeps the number of each lever for today, unless that was done. It is done once a day anyway.
#[utoipa::path(post, path = "/api/v1/levers/measure", tag = "readiness",
    responses((status = 200, description = "How many numbers were kept", body = LeversMeasured)))]
pub async fn measure(State(app): State<Arc<App>>) -> Result<Json<LeversMeasured>, ApiError> {
    Ok(Json(LeversMeasured { kept: jobs::measure(&app).await.map_err(failed)? }))
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
    responses((status = 200, description = "Parts, rounds, circles and gaps", body = readiness::Plan)))]
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

/// Drills.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DrillList {
    count: usize,
    rows: Vec<DrillRow>,
    /// Files of knowledge that cannot be used, and why.
    problems: Vec<String>,
}

/// A drill.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DrillRow {
    name: String,
    title: String,
    /// What it is about: `service:checkout`.
    service: Option<String>,
    /// The team that answers for it; empty when the file does not say.
    owner: String,
    /// It proves a restore.
    restore: bool,
    /// How many steps.
    steps: usize,
    /// How many probes.
    probes: usize,
}

/// Drills that files of knowledge describe.
#[utoipa::path(get, path = "/api/v1/drills", tag = "readiness",
    responses((status = 200, description = "Drills, and files that cannot be used", body = DrillList)))]
pub async fn drills(State(app): State<Arc<App>>) -> Json<DrillList> {
    let known = app.knowledge.known();
    let row = |drill: &Drill| DrillRow {
        name: drill.name.clone(),
        title: drill.title.clone(),
        service: service(drill),
        owner: drill.owner.clone(),
        restore: drill.restore,
        steps: drill.steps.len(),
        probes: drill.steady_state.len(),
    };
    let rows: Vec<DrillRow> = known.drills.values().map(row).collect();
    Json(DrillList { count: rows.len(), rows, problems: known.problems.clone() })
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

/// A drill with its steps.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DrillWhole {
    name: String,
    title: String,
    service: Option<String>,
    owner: String,
    /// It proves a restore.
    restore: bool,
    steps: Vec<readiness::Step>,
    /// The way back.
    rollback: Vec<String>,
    /// What is looked at; spans of time are in nanoseconds.
    probes: Vec<readiness::Probe>,
    expect: Expected,
    notes: Vec<String>,
    questions: Vec<readiness::Question>,
}

/// What is expected, in seconds.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = DrillExpected)]
pub struct Expected {
    detect_within: Option<f64>,
    acknowledge_within: Option<f64>,
    recover_within: Option<f64>,
}

/// One drill: its steps, its probes, and the questions that it asks at a table, with what is known of the answers.
#[utoipa::path(get, path = "/api/v1/drills/{name}", tag = "readiness", params(("name" = String, Path)),
    responses((status = 200, description = "The drill", body = DrillWhole)))]
pub async fn drill(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
) -> Result<Json<DrillWhole>, ApiError> {
    let drill = find(&app, &name)?;
    let questions = questions(&app, &caller, &drill, now()).await?;
    Ok(Json(DrillWhole {
        service: service(&drill),
        expect: expected(&drill),
        name: drill.name,
        title: drill.title,
        owner: drill.owner,
        restore: drill.restore,
        steps: drill.steps,
        rollback: drill.rollback,
        probes: drill.steady_state,
        notes: drill.notes,
        questions,
    }))
}

fn expected(drill: &Drill) -> Expected {
    let seconds = |span: Option<Nanos>| span.map(|span| span as f64 / 1e9);
    let expect = &drill.expect;
    Expected {
        detect_within: seconds(expect.detect_within),
        acknowledge_within: seconds(expect.acknowledge_within),
        recover_within: seconds(expect.recover_within),
    }
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
    params(("name" = String, Path)), responses((status = 200, description = "The run, under the id of the decision that it began", body = DrillRun)))]
pub async fn run(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Json<DrillRun>, ApiError> {
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
#[derive(Serialize, utoipa::ToSchema)]
pub struct DrillRun {
    /// The decision that it began.
    run: i64,
    drill: String,
    title: String,
    service: Option<String>,
    owner: String,
    mode: Mode,
    phase: Phase,
    started: String,
    /// What is to be done now.
    step: Option<NextStep>,
    done: Vec<StepDone>,
    /// The next step back.
    back: Option<String>,
    taken_back: Vec<StepDone>,
    /// When all began to be well, and when it no longer was.
    states: Vec<Steady>,
    /// What probes saw.
    #[schema(value_type = Vec<readiness::Answered>)]
    answers: Vec<Value>,
    /// Probes that do not hold before it begins, or at its end.
    #[schema(value_type = Vec<readiness::Answered>)]
    not_well: Vec<Value>,
}

/// A step that is to be done.
#[derive(Serialize, utoipa::ToSchema)]
pub struct NextStep {
    /// From 1 on.
    number: usize,
    of: usize,
    text: String,
    question: Option<String>,
    /// Something is broken by it.
    inject: bool,
}

/// A step that was done.
#[derive(Serialize, utoipa::ToSchema)]
pub struct StepDone {
    at: String,
    said: String,
}

/// Whether all was well from then on.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Steady {
    at: String,
    holds: bool,
}

/// A drill that is run, as it stands.
fn told(held: &Held) -> DrillRun {
    let run = held.run();
    let list = |all: &[(Nanos, String)]| -> Vec<StepDone> {
        all.iter().map(|(at, said)| StepDone { at: rfc3339(*at), said: said.clone() }).collect()
    };
    let seen = |answer: &readiness::Answered| {
        let mut value = json!(answer);
        written(&mut value);
        value
    };
    let refused =
        if run.phase == Phase::Refused || run.phase == Phase::Watching { run.refused_by() } else { Vec::new() };
    DrillRun {
        run: held.id,
        drill: run.drill.name.clone(),
        title: run.drill.title.clone(),
        service: service(&run.drill),
        owner: run.drill.owner.clone(),
        mode: run.mode,
        phase: run.phase,
        started: rfc3339(run.started),
        step: run.next_step().map(|step| NextStep {
            number: run.done.len() + 1,
            of: run.drill.steps.len(),
            text: step.text.clone(),
            question: step.question.clone(),
            inject: step.inject,
        }),
        done: list(&run.done),
        back: run.drill.rollback.get(run.taken_back.len()).cloned(),
        taken_back: list(&run.taken_back),
        states: run.states.iter().map(|(at, holds)| Steady { at: rfc3339(*at), holds: *holds }).collect(),
        answers: run.answers.iter().map(seen).collect(),
        not_well: refused.into_iter().map(seen).collect(),
    }
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
    responses((status = 200, description = "The run", body = DrillRun)))]
pub async fn running(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<Json<DrillRun>, ApiError> {
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

fn act(held: &Held, act: impl FnOnce(&mut Run) -> anyhow::Result<()>) -> Result<Json<DrillRun>, ApiError> {
    act(&mut held.run()).map_err(|error| ApiError::bad(format!("{error:#}")))?;
    Ok(Json(told(held)))
}

/// The next step was done, or answered at the table.
#[utoipa::path(post, path = "/api/v1/drill-runs/{id}/did", tag = "readiness", request_body = Saying,
    params(("id" = i64, Path)), responses((status = 200, description = "The run", body = DrillRun)))]
pub async fn did(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    request: Request,
) -> Result<Json<DrillRun>, ApiError> {
    let said = said(&app, request).await?;
    act(&*mine(&app, &caller, id)?, |run| run.did(&said, now()))
}

/// The next step back was done.
#[utoipa::path(post, path = "/api/v1/drill-runs/{id}/took_back", tag = "readiness", request_body = Saying,
    params(("id" = i64, Path)), responses((status = 200, description = "The run", body = DrillRun)))]
pub async fn took_back(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    request: Request,
) -> Result<Json<DrillRun>, ApiError> {
    let said = said(&app, request).await?;
    act(&*mine(&app, &caller, id)?, |run| run.took_back(&said, now()))
}

/// The evidence of a drill that ended.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DrillEnded {
    run: i64,
    /// The decision that keeps it.
    evidence: i64,
    phase: Phase,
    /// It in a sentence.
    reason: String,
    injected: Option<DrillMark>,
    detected: Option<DrillMark>,
    acknowledged: Option<DrillMark>,
    recovered: Option<DrillMark>,
    /// Why a time is missing.
    missing: Vec<String>,
    /// Each time beside what was expected.
    #[schema(value_type = Vec<readiness::Met>)]
    expected: Value,
    /// The times in words.
    lines: Vec<String>,
    facts: Vec<i64>,
}

/// A moment, and the facts behind it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DrillMark {
    at: String,
    facts: Vec<i64>,
}

/// Ends a drill, and keeps the evidence: steps, what probes saw, and the times with the facts behind them. One that is not
/// over is given up.
#[utoipa::path(post, path = "/api/v1/drill-runs/{id}/finish", tag = "readiness", params(("id" = i64, Path)),
    responses((status = 200, description = "The evidence, and each time beside what was expected", body = DrillEnded)))]
pub async fn finish(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<Json<DrillEnded>, ApiError> {
    let held = mine(&app, &caller, id)?;
    let ended = Drills::finish(&app, &held, &caller).await?;
    let mut expected = json!(ended.timed.against(&ended.run.drill.expect));
    expected.as_array_mut().into_iter().flatten().for_each(written);
    let timed = &ended.timed;
    let mark = |mark: &Option<readiness::Mark>| {
        mark.as_ref().map(|mark| DrillMark { at: rfc3339(mark.at), facts: mark.ids.clone() })
    };
    Ok(Json(DrillEnded {
        run: id,
        evidence: ended.evidence,
        phase: ended.run.phase,
        reason: ended.reason,
        injected: mark(&timed.injected),
        detected: mark(&timed.detected),
        acknowledged: mark(&timed.acknowledged),
        recovered: mark(&timed.recovered),
        missing: timed.missing.clone(),
        expected,
        lines: timed.lines(),
        facts: timed.ids(),
    }))
}
