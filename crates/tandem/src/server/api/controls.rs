//! Controls: why something stops, hides or exempts; exceptions, lockdowns, and what controls cost.

use super::facts::{entity, may_act, may_write};
use super::in_force::{
    AdjustmentMade, ControlWhole, Controls, EndedEarly, ExceptionMade, ExceptionRow, Exceptions, LockdownCalled,
    LockdownReviewed, Renewed,
};
use super::words::tell;
use crate::limits::{DAY_NANOS, MAX_FRICTION_DAYS};
use crate::server::api::time::{self, When};
use crate::server::errors::ApiError;
use crate::server::rows::rfc3339;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Path, Query, Request, State};
use axum::http::StatusCode;
use know::controls::{
    self, ControlError, NewAdjustment, NewException, NewLockdown, Rights, RuleNames, Standing, friction,
};
use ledger::{AsOf, DecisionsAsked, KeptDecision, Person};
use model::access::{Caller, Role};
use model::{DEFAULT_DATASET, Nanos};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// Days of friction when nothing is said.
const DAYS: u32 = 30;
/// Rows of what restricts; people answer for each of them.
const MAX_RESTRICTIONS: usize = 1_000;

impl From<ControlError> for ApiError {
    fn from(error: ControlError) -> Self {
        match error {
            ControlError::Invalid(why) => ApiError::bad(why),
            ControlError::Gone(why) => ApiError::new(StatusCode::NOT_FOUND, why),
            ControlError::Ledger(error) => error.into(),
        }
    }
}

/// What stands, and what of it somebody may see.
pub(super) async fn standing(app: &App, caller: &Caller, at: Nanos) -> Result<Standing, ApiError> {
    Ok(controls::in_force(&app.ledger, &AsOf::at(at).within(caller.datasets())).await?)
}

pub(super) fn when(text: Option<&When>, now: Nanos) -> Result<Option<Nanos>, ApiError> {
    text.map(|when| time::parse(&when.0, now)).transpose()
}

/// Times as texts; what a decision restricts for a reason, with a way to answer it.
pub fn written(what: &impl Serialize) -> Value {
    const TIMES: [&str; 9] =
        ["at", "until", "review_at", "review_by", "effective", "excepted_until", "since", "at_most", "known"];
    fn rewrite(value: &mut Value) {
        match value {
            Value::Object(object) => {
                if let (2, Some(Value::String(kind)), Some(Value::String(key))) =
                    (object.len(), object.get("kind"), object.get("key"))
                {
                    *value = format!("{kind}:{key}").into();
                    return;
                }
                if ["reason", "owner", "until"].iter().all(|name| object.contains_key(*name))
                    && let Some(id) = object.get("decision").and_then(Value::as_i64)
                {
                    object.insert("answer_with".to_owned(), controls::answer_with(id).into());
                }
                for (name, inner) in object.iter_mut() {
                    match inner.as_i64().filter(|_| TIMES.contains(&name.as_str())) {
                        Some(time) => *inner = rfc3339(time).into(),
                        None => rewrite(inner),
                    }
                }
            }
            Value::Array(all) => all.iter_mut().for_each(rewrite),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(what).unwrap_or_default();
    rewrite(&mut value);
    value
}

/// To what controls speak.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ControlsParameters {
    /// As they speak to this: `service:checkout`.
    entity: Option<String>,
    /// In this environment.
    environment: Option<String>,
    /// When it was so; now when absent.
    #[param(value_type = Option<String>)]
    at: Option<When>,
}

/// All controls with how they speak, exceptions and lockdowns in force, and lockdowns that wait for a review.
#[utoipa::path(get, path = "/api/v1/controls", tag = "controls", params(ControlsParameters),
    responses((status = 200, description = "Controls; each says why it speaks as it does", body = Controls)))]
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(given): Query<ControlsParameters>,
) -> Result<Json<Controls>, ApiError> {
    let now = now();
    let at = when(given.at.as_ref(), now)?.unwrap_or(now);
    let standing = standing(&app, &caller, at).await?;
    let entity = given.entity.as_deref().map(entity).transpose()?.map(|entity| entity.to_string());
    let all = standing.for_(entity.as_deref().unwrap_or_default(), given.environment.as_deref(), at);
    let as_of = AsOf::at(at).within(caller.datasets());
    let reviews = controls::open_lockdown_reviews(&app.ledger, &as_of).await?;
    let known = app.knowledge.known();
    Ok(Json(Controls {
        at: rfc3339(at),
        count: all.len(),
        controls: written(&all),
        exceptions: written(&standing.exceptions),
        adjustments: written(&standing.adjustments),
        lockdowns: written(&standing.lockdowns),
        reviews: written(&reviews),
        problems: known.problems.clone(),
    }))
}

/// One control: what it is for, how it speaks, who is exempt, what is asked, and what it costs and stands against.
#[utoipa::path(get, path = "/api/v1/controls/{name}", tag = "controls", params(("name" = String, Path)),
    responses((status = 200, description = "The control", body = ControlWhole), (status = 404, description = "No such control")))]
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
) -> Result<Json<ControlWhole>, ApiError> {
    let now = now();
    let as_of = AsOf::at(now).within(caller.datasets());
    let standing = standing(&app, &caller, now).await?;
    let one = standing.speaks(standing.control(&name)?, "", None, now);
    let ids: Vec<i64> =
        standing.known.iter().filter(|(_, known)| known.name.as_ref() == Some(&name)).map(|(id, _)| *id).collect();
    let asked = DecisionsAsked { controls: ids, limit: 200, ..DecisionsAsked::of(&["answer", "question"]) };
    let asking = controls::asking(&app.ledger, &asked, &as_of).await?;
    let names = rule_names(&app);
    let mut measured = friction::friction(&app.ledger, now - i64::from(DAYS) * DAY_NANOS, &names, &as_of).await?;
    let friction = measured.controls.into_iter().find(|row| row.name == name);
    let of = |control: &str| control == name;
    measured.proposals.retain(|one| of(&one.control));
    Ok(Json(ControlWhole {
        control: written(&one),
        answers: written(&asking),
        exceptions: written(&standing.exceptions.iter().filter(|one| of(&one.control)).collect::<Vec<_>>()),
        adjustments: written(&standing.adjustments.iter().filter(|one| of(&one.control)).collect::<Vec<_>>()),
        friction,
        proposals: measured.proposals,
    }))
}

/// Other names of rules, by their ids.
pub fn rule_names(app: &App) -> RuleNames {
    let rules = app.detection.rules();
    let stem = |file: &str| {
        let stem = std::path::Path::new(file).file_stem();
        stem.map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
    };
    rules.metas().map(|meta| (meta.id.clone(), stem(&meta.place.file))).collect()
}

/// A decision that the caller may see.
pub(super) async fn seen(app: &App, caller: &Caller, id: i64, now: Nanos) -> Result<KeptDecision, ApiError> {
    let asked = DecisionsAsked { ids: vec![id], limit: 1, ..DecisionsAsked::default() };
    let as_of = AsOf::at(now).within(caller.datasets());
    let found = app.ledger.decisions(&asked, &as_of).await?.into_iter().next();
    found.ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, format!("there is no decision {id}")))
}

/// Refuses who may not decide for a control.
pub(super) fn decides(caller: &Caller, needs: controls::Needs<'_>, standing: &Standing) -> Result<(), ApiError> {
    match controls::needs(needs, standing)? {
        Rights::AnyWhoSee => Ok(()),
        Rights::Team(team) => may_act(caller, Role::Editor, Some(&team)),
    }
}

/// An exception: from which control, for what, why and until when.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Excepting {
    /// The control.
    control: String,
    /// For this alone: `service:checkout`.
    entity: Option<String>,
    /// In this environment alone.
    environment: Option<String>,
    /// Why.
    reason: String,
    /// The team that answers for it; the thing's owner when absent, else the control's.
    owner: Option<String>,
    /// When it ends; after 30 days when absent, after 90 at most.
    #[schema(value_type = Option<String>)]
    until: Option<When>,
    /// The caller's own id: told twice it is one.
    idempotency_key: Option<String>,
}

/// Exempts something from a control until a day. It takes an editor of the team that owns the control; others ask for it.
#[utoipa::path(post, path = "/api/v1/exceptions", tag = "controls", request_body = Excepting,
    responses((status = 200, description = "The exception", body = ExceptionMade)))]
pub async fn except(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<ExceptionMade>, ApiError> {
    let given: Excepting = super::parameters(&app, request).await?;
    let now = now();
    let standing = standing(&app, &caller, now).await?;
    decides(&caller, controls::Needs::Decide(&given.control), &standing)?;
    may_write(&caller, DEFAULT_DATASET)?;
    let new = NewException {
        key: given.idempotency_key,
        control: given.control,
        entity: given.entity.as_deref().map(entity).transpose()?,
        environment: given.environment,
        reason: given.reason,
        owner: given.owner,
        until: when(given.until.as_ref(), now)?,
        answers: None,
        cites: Vec::new(),
        dataset: DEFAULT_DATASET.to_owned(),
    };
    let made = controls::except(&app.ledger, &new, Person(&caller.name), now).await?;
    app.gate_changed();
    Ok(Json(ExceptionMade { exception: made.id, until: rfc3339(made.until), repeated: made.repeated }))
}

/// What exempts, hides, locks or adjusts, with control, reason, owner, end and a way to answer; also what ended of late.
#[utoipa::path(get, path = "/api/v1/exceptions", tag = "controls",
    responses((status = 200, description = "What is in force, and what ends soon or ended of late", body = Exceptions)))]
pub async fn exceptions(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Exceptions>, ApiError> {
    let now = now();
    let as_of = AsOf::at(now).within(caller.datasets());
    let standing = standing(&app, &caller, now).await?;
    let kept = controls::restricting(&app.ledger, MAX_RESTRICTIONS, &as_of).await?;
    let row = |one: &KeptDecision| ExceptionRow {
        carried: written(&controls::carried(one, &standing)),
        id: one.id,
        kind: one.decision.kind.clone(),
        entity: one.decision.entity.as_ref().map(ToString::to_string),
        findings: controls::waived(one).len(),
        environment: one.decision.body.get("environment").and_then(Value::as_str).map(str::to_owned),
    };
    let rows: Vec<ExceptionRow> = kept.iter().map(row).collect();
    let endings = controls::endings(&app.ledger, &as_of).await?;
    Ok(Json(Exceptions { count: rows.len(), rows, endings: written(&endings) }))
}

/// What a form for an exception is for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FormParameters {
    /// The control.
    control: String,
    /// For this: `service:checkout`.
    entity: Option<String>,
}

/// A form for an exception, filled in: all but why.
#[utoipa::path(get, path = "/api/v1/exceptions/form", tag = "controls", params(FormParameters),
    responses((status = 200, description = "Owner, end, and what the control is for", body = controls::Form)))]
pub async fn form(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(given): Query<FormParameters>,
) -> Result<Json<Value>, ApiError> {
    let now = now();
    let standing = standing(&app, &caller, now).await?;
    let of = given.entity.as_deref().map(entity).transpose()?;
    let form = controls::form(&app.ledger, &standing, &given.control, of.as_ref(), now).await?;
    Ok(Json(written(&form)))
}

/// What is said when something goes on or ends.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GoingOn)]
pub struct Ending {
    /// Why; its own reason when absent. To end it early, it must be said.
    reason: Option<String>,
    /// Until when; as long as before when absent.
    #[schema(value_type = Option<String>)]
    until: Option<When>,
}

/// Renews an exception, an adjustment or suppressed findings, with one key: as it is, for as long as before, 90 days at most.
#[utoipa::path(post, path = "/api/v1/exceptions/{id}/renew", tag = "controls", request_body = Ending,
    params(("id" = i64, Path)), responses((status = 200, description = "The renewal", body = Renewed)))]
pub async fn renew(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    request: Request,
) -> Result<Json<Renewed>, ApiError> {
    let given: Ending = super::parameters(&app, request).await?;
    let now = now();
    owns(&app, &caller, id, true, now).await?;
    let until = when(given.until.as_ref(), now)?;
    let made = controls::renew(&app.ledger, id, given.reason.as_deref(), until, Person(&caller.name), now).await?;
    app.gate_changed();
    Ok(Json(Renewed { id: made.id, until: rfc3339(made.until), repeated: made.repeated }))
}

/// Ends an exception, an adjustment or the suppression of findings before its time.
#[utoipa::path(post, path = "/api/v1/exceptions/{id}/end", tag = "controls", request_body = Ending,
    params(("id" = i64, Path)), responses((status = 200, description = "It has ended", body = EndedEarly)))]
pub async fn end(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    request: Request,
) -> Result<Json<EndedEarly>, ApiError> {
    let given: Ending = super::parameters(&app, request).await?;
    let now = now();
    owns(&app, &caller, id, false, now).await?;
    let reason = given.reason.unwrap_or_default();
    let ended = controls::end(&app.ledger, id, &reason, Person(&caller.name), now).await?;
    app.gate_changed();
    Ok(Json(EndedEarly { id, ended }))
}

/// Refuses who may not decide for the control that a decision follows. What suppresses findings is renewed by those who may
/// suppress them.
async fn owns(app: &App, caller: &Caller, id: i64, renews: bool, now: Nanos) -> Result<(), ApiError> {
    let kept = seen(app, caller, id, now).await?;
    if kept.decision.kind == "waiver" {
        return super::waivers::may_go_on(app, caller, &kept, renews, now).await;
    }
    let standing = standing(app, caller, now).await?;
    let name = standing.name_of(&kept).unwrap_or_default();
    decides(caller, controls::Needs::Decide(&name), &standing)
}

/// How a control shall speak for a while.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Adjusting {
    /// The control.
    control: String,
    /// `observe`, `warn`, `enforce`.
    mode: String,
    /// To this alone.
    entity: Option<String>,
    /// In this environment alone.
    environment: Option<String>,
    /// Why.
    reason: String,
    /// Until when; 30 days when absent, 90 at most.
    #[schema(value_type = Option<String>)]
    until: Option<When>,
}

/// Relaxes or tightens a control until a date.
#[utoipa::path(post, path = "/api/v1/adjustments", tag = "controls", request_body = Adjusting,
    responses((status = 200, description = "The adjustment", body = AdjustmentMade)))]
pub async fn adjust(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<AdjustmentMade>, ApiError> {
    let given: Adjusting = super::parameters(&app, request).await?;
    let now = now();
    let standing = standing(&app, &caller, now).await?;
    decides(&caller, controls::Needs::Decide(&given.control), &standing)?;
    may_write(&caller, DEFAULT_DATASET)?;
    let new = NewAdjustment {
        key: None,
        control: given.control,
        entity: given.entity.as_deref().map(entity).transpose()?,
        environment: given.environment,
        mode: given.mode.parse().map_err(ApiError::bad)?,
        reason: given.reason,
        until: when(given.until.as_ref(), now)?,
        answers: None,
        lockdown: None,
        cites: Vec::new(),
        dataset: DEFAULT_DATASET.to_owned(),
    };
    let made = controls::adjust(&app.ledger, &new, Person(&caller.name), now).await?;
    app.gate_changed();
    Ok(Json(AdjustmentMade { adjustment: made.id, until: rfc3339(made.until) }))
}

/// What is locked down.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Locking {
    /// The controls that shall stop at once.
    controls: Vec<String>,
    /// Why: whoever is stopped reads that.
    reason: String,
    /// When it ends.
    #[schema(value_type = String)]
    until: When,
    /// When it is reviewed; a week after its end when absent.
    #[schema(value_type = Option<String>)]
    review_at: Option<When>,
    /// An incident or alert behind it.
    because_of: Option<i64>,
    /// The caller's own id: told twice it is one.
    idempotency_key: Option<String>,
}

/// Tightens controls at once, until a time, to be reviewed afterwards.
#[utoipa::path(post, path = "/api/v1/lockdowns", tag = "controls", request_body = Locking,
    responses((status = 200, description = "The lockdown", body = LockdownCalled)))]
pub async fn lockdown(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<LockdownCalled>, ApiError> {
    let given: Locking = super::parameters(&app, request).await?;
    let now = now();
    let standing = standing(&app, &caller, now).await?;
    decides(&caller, controls::Needs::Lockdown, &standing)?;
    may_write(&caller, DEFAULT_DATASET)?;
    if let Some(id) = given.because_of {
        seen(&app, &caller, id, now).await?;
    }
    let new = NewLockdown {
        key: given.idempotency_key,
        controls: given.controls,
        reason: given.reason,
        owner: None,
        until: time::parse(&given.until.0, now)?,
        review_at: when(given.review_at.as_ref(), now)?,
        cites: given.because_of.map(model::Cite::Fact).into_iter().collect(),
        dataset: DEFAULT_DATASET.to_owned(),
    };
    let (lockdown, word) = controls::lockdown(&app.ledger, &new, Person(&caller.name), now).await?;
    app.gate_changed();
    tell(&app, Some(word), now).await?;
    Ok(Json(LockdownCalled { lockdown }))
}

/// What becomes of a control after a lockdown.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reviewing {
    /// The control.
    control: String,
    /// `kept`, `relaxed`, `removed`.
    outcome: String,
    /// Why.
    reason: String,
}

/// Reviews one control of a lockdown.
#[utoipa::path(post, path = "/api/v1/lockdowns/{id}/review", tag = "controls", request_body = Reviewing,
    params(("id" = i64, Path)), responses((status = 200, description = "What still waits", body = LockdownReviewed)))]
pub async fn review(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    request: Request,
) -> Result<Json<LockdownReviewed>, ApiError> {
    let given: Reviewing = super::parameters(&app, request).await?;
    let now = now();
    seen(&app, &caller, id, now).await?;
    let standing = standing(&app, &caller, now).await?;
    decides(&caller, controls::Needs::Review(&given.control), &standing)?;
    let outcome = given.outcome.parse().map_err(ApiError::bad)?;
    let by = Person(&caller.name);
    let reviewed = controls::review_lockdown(&app.ledger, id, &given.control, outcome, &given.reason, by, now).await?;
    app.gate_changed();
    Ok(Json(LockdownReviewed {
        review: reviewed.id,
        adjustment: reviewed.adjustment,
        until: reviewed.until.map(rfc3339),
        waiting: reviewed.waiting,
    }))
}

/// Over which time.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FrictionParameters {
    /// So many days up to now [default: 30].
    days: Option<u32>,
}

/// Friction beside risk, by control and by system, never by person; and what is proposed, with the numbers.
#[utoipa::path(get, path = "/api/v1/friction", tag = "controls", params(FrictionParameters),
    responses((status = 200, description = "A row for each control and system, and proposals", body = friction::Friction)))]
pub async fn measured(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(given): Query<FrictionParameters>,
) -> Result<Json<Value>, ApiError> {
    let now = now();
    let days = given.days.unwrap_or(DAYS).clamp(1, MAX_FRICTION_DAYS);
    let as_of = AsOf::at(now).within(caller.datasets());
    let since = now - i64::from(days) * DAY_NANOS;
    let measured = friction::friction(&app.ledger, since, &rule_names(&app), &as_of).await?;
    let mut value = serde_json::to_value(&measured).unwrap_or_default();
    (value["since"], value["until"]) = (rfc3339(since).into(), rfc3339(now).into());
    Ok(Json(value))
}
