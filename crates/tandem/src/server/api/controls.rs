//! Controls: why something stops, hides or exempts, what people say to it, and what its owner replies.

use super::facts::{entity, may_act, may_write};
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
    self, ControlError, Did, NewAdjustment, NewAnswer, NewException, NewLockdown, NewReply, Rights, RuleNames,
    Standing, Where, friction,
};
use ledger::{AsOf, DecisionsAsked, KeptDecision, Person};
use model::access::{Caller, Role};
use model::{DEFAULT_DATASET, Mode, Nanos};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// Days of friction when nothing is said.
const DAYS: u32 = 30;

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

fn when(text: Option<&When>, now: Nanos) -> Result<Option<Nanos>, ApiError> {
    text.map(|when| time::parse(&when.0, now)).transpose()
}

/// Times as texts.
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
    responses((status = 200, description = "Controls; each says why it speaks as it does")))]
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(given): Query<ControlsParameters>,
) -> Result<Json<Value>, ApiError> {
    let now = now();
    let at = when(given.at.as_ref(), now)?.unwrap_or(now);
    let standing = standing(&app, &caller, at).await?;
    let entity = given.entity.as_deref().map(entity).transpose()?.map(|entity| entity.to_string());
    let all = standing.for_(entity.as_deref().unwrap_or_default(), given.environment.as_deref(), at);
    let as_of = AsOf::at(at).within(caller.datasets());
    let reviews = controls::open_lockdown_reviews(&app.ledger, &as_of).await?;
    let known = app.knowledge.known();
    Ok(Json(json!({"at": rfc3339(at), "count": all.len(), "controls": written(&all),
        "exceptions": written(&standing.exceptions), "adjustments": written(&standing.adjustments),
        "lockdowns": written(&standing.lockdowns), "reviews": written(&reviews), "problems": known.problems})))
}

/// One control: what it is for, how it speaks, who is exempt, what is asked, and what it costs and stands against.
#[utoipa::path(get, path = "/api/v1/controls/{name}", tag = "controls", params(("name" = String, Path)),
    responses((status = 200, description = "The control"), (status = 404, description = "No such control")))]
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let now = now();
    let as_of = AsOf::at(now).within(caller.datasets());
    let standing = standing(&app, &caller, now).await?;
    let one = standing.speaks(standing.control(&name)?, "", None, now);
    let ids: Vec<i64> =
        standing.known.iter().filter(|(_, known)| known.name.as_ref() == Some(&name)).map(|(id, _)| *id).collect();
    let asked = DecisionsAsked { controls: ids, limit: 200, ..DecisionsAsked::of(&["answer", "question"]) };
    let asking = controls::asking(&app.ledger, &asked, &as_of).await?;
    let names = rule_names(&app);
    let measured = friction::friction(&app.ledger, now - i64::from(DAYS) * DAY_NANOS, &names, &as_of).await?;
    let row = measured.controls.iter().find(|row| row.name == name);
    let of = |control: &str| control == name;
    Ok(Json(json!({"control": written(&one), "answers": written(&asking),
        "exceptions": written(&standing.exceptions.iter().filter(|one| of(&one.control)).collect::<Vec<_>>()),
        "adjustments": written(&standing.adjustments.iter().filter(|one| of(&one.control)).collect::<Vec<_>>()),
        "friction": row, "proposals": measured.proposals.iter().filter(|one| of(&one.control)).collect::<Vec<_>>()})))
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

/// What is said to a control.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Answering {
    /// The decision that is answered: a verdict, an alert, a suppression, a lockdown.
    to: Option<i64>,
    /// The control; that of the decision when absent.
    control: Option<String>,
    /// What it hurt or helped; what the decision is about when absent.
    entity: Option<String>,
    /// Where.
    environment: Option<String>,
    /// `helped`, `hurt`, `question`, `exception`.
    say: String,
    /// Because ...; what is asked.
    #[serde(default)]
    text: String,
    /// Until when an exception is asked for.
    #[schema(value_type = Option<String>)]
    until: Option<When>,
    /// `terminal`, `page`, `comment`, `webhook` [default: page].
    place: Option<String>,
    /// Findings and other facts that it rests on.
    #[serde(default)]
    facts: Vec<i64>,
    /// The caller's own id: told twice it is one.
    idempotency_key: Option<String>,
}

/// Answers a control at the point where it speaks: "this helped", "this hurt, because ...", a question, a request for an
/// exception. Whoever is stopped may answer.
#[utoipa::path(post, path = "/api/v1/answers", tag = "controls", request_body = Answering,
    responses((status = 200, description = "The answer, and who hears of it")))]
pub async fn answer(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let given: Answering = super::parameters(&app, request).await?;
    let now = now();
    if let Some(id) = given.to {
        seen(&app, &caller, id, now).await?;
    }
    may_write(&caller, DEFAULT_DATASET)?;
    let new = NewAnswer {
        key: given.idempotency_key,
        to: given.to,
        control: given.control,
        entity: given.entity.as_deref().map(entity).transpose()?,
        environment: given.environment,
        say: given.say.parse().map_err(ApiError::bad)?,
        text: given.text,
        until: when(given.until.as_ref(), now)?,
        place: given.place.as_deref().map_or(Ok(Where::Page), str::parse).map_err(ApiError::bad)?,
        cites: given.facts.into_iter().map(model::Cite::Fact).collect(),
        dataset: DEFAULT_DATASET.to_owned(),
    };
    let (id, word) = controls::answer(&app.ledger, &new, Person(&caller.name), now).await?;
    app.knowledge.feed.hurry();
    let heard = word.as_ref().map(|word| word.team.clone());
    tell(&app, word, now).await?;
    Ok(Json(json!({"answer": id, "heard_by": heard})))
}

/// A decision that the caller may see.
async fn seen(app: &App, caller: &Caller, id: i64, now: Nanos) -> Result<KeptDecision, ApiError> {
    let asked = DecisionsAsked { ids: vec![id], limit: 1, ..DecisionsAsked::default() };
    let as_of = AsOf::at(now).within(caller.datasets());
    let found = app.ledger.decisions(&asked, &as_of).await?.into_iter().next();
    found.ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, format!("there is no decision {id}")))
}

/// Which answers.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AnswersParameters {
    /// What the caller said, with the replies.
    #[serde(default)]
    mine: bool,
    /// What waits for a reply of this team.
    owner: Option<String>,
    /// Those too that were replied to.
    #[serde(default)]
    all: bool,
}

/// What was said to controls: what waits for a reply, or what the caller said, with the replies. It names nobody.
#[utoipa::path(get, path = "/api/v1/answers", tag = "controls", params(AnswersParameters),
    responses((status = 200, description = "Answers and questions")))]
pub async fn answers(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(given): Query<AnswersParameters>,
) -> Result<Json<Value>, ApiError> {
    let as_of = AsOf::at(now()).within(caller.datasets());
    let owner = given.owner.as_deref().map(model::entity::team).transpose()?.map(|team| team.key);
    let rows = if given.mine {
        controls::told(&app.ledger, &caller.name, &as_of).await?
    } else if given.all {
        let asked = DecisionsAsked { limit: 1_000, ..DecisionsAsked::of(&["answer", "question"]) };
        let mut all = controls::asking(&app.ledger, &asked, &as_of).await?;
        all.retain(|one| owner.as_ref().is_none_or(|owner| one.owner == *owner));
        all
    } else {
        controls::open_questions(&app.ledger, owner.as_deref(), &as_of).await?
    };
    Ok(Json(json!({"count": rows.len(), "rows": written(&rows)})))
}

/// What an owner replies.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Replying {
    /// The answer or question.
    to: i64,
    /// `answered`, `relaxed`, `tightened`, `excepted`, `refused`, `false` (the check was wrong).
    did: String,
    /// The owner's words.
    reason: String,
    /// Until when it is relaxed, tightened or excepted.
    #[schema(value_type = Option<String>)]
    until: Option<When>,
    /// How the control speaks then: `observe`, `warn`, `enforce`; a step softer or harder when absent.
    mode: Option<String>,
}

/// Replies for a control, and relaxes, tightens or excepts until a date. Whoever asked is told.
#[utoipa::path(post, path = "/api/v1/replies", tag = "controls", request_body = Replying,
    responses((status = 200, description = "The reply, and what it made")))]
pub async fn reply(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let given: Replying = super::parameters(&app, request).await?;
    let now = now();
    let to = seen(&app, &caller, given.to, now).await?;
    let standing = standing(&app, &caller, now).await?;
    match standing.name_of(&to) {
        Some(name) => decides(&caller, controls::Needs::Decide(&name), &standing)?,
        None => may_act(&caller, Role::Editor, to.decision.owner.as_ref().map(|owner| owner.key.as_str()))?,
    }
    let until = when(given.until.as_ref(), now)?;
    let mode = given.mode.as_deref().map(str::parse::<Mode>).transpose().map_err(ApiError::bad)?;
    let did = match given.did.as_str() {
        "answered" => Did::Answered,
        "relaxed" => Did::Relaxed(until, mode),
        "tightened" => Did::Tightened(until, mode),
        "excepted" => Did::Excepted(until),
        "refused" => Did::Refused,
        "false" => Did::False,
        other => {
            return Err(ApiError::bad(format!("{other:?} is no reply"))
                .help("a reply is answered, relaxed, tightened, excepted, refused or false"));
        }
    };
    let new = NewReply { to: given.to, did, reason: given.reason };
    let replied = controls::reply(&app.ledger, &new, Person(&caller.name), now).await?;
    app.gate_changed();
    tell(&app, Some(replied.word), now).await?;
    Ok(Json(json!({"reply": replied.id, "made": replied.made})))
}

/// Refuses who may not decide for a control.
fn decides(caller: &Caller, needs: controls::Needs<'_>, standing: &Standing) -> Result<(), ApiError> {
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
    responses((status = 200, description = "The exception")))]
pub async fn except(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<Value>, ApiError> {
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
    Ok(Json(json!({"exception": made.id, "until": rfc3339(made.until), "repeated": made.repeated})))
}

/// What exempts, hides, locks or adjusts, with control, reason, owner, end and a way to answer; also what ended of late.
#[utoipa::path(get, path = "/api/v1/exceptions", tag = "controls",
    responses((status = 200, description = "What is in force, and what ends soon or ended of late")))]
pub async fn exceptions(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Value>, ApiError> {
    let now = now();
    let as_of = AsOf::at(now).within(caller.datasets());
    let standing = standing(&app, &caller, now).await?;
    let kinds = ["exception", "adjustment", "lockdown", "suppression", "block", "waiver", "mute", "silence"];
    let asked = DecisionsAsked { in_force: true, limit: 1_000, ..DecisionsAsked::of(&kinds) };
    let kept = app.ledger.decisions(&asked, &as_of).await?;
    let rows: Vec<Value> = kept
        .iter()
        .map(|one| {
            let mut row = written(&controls::carried(one, &standing));
            row["id"] = one.id.into();
            row["kind"] = one.decision.kind.clone().into();
            row["entity"] = one.decision.entity.as_ref().map(ToString::to_string).into();
            row["environment"] = one.decision.body.get("environment").cloned().unwrap_or_default();
            row
        })
        .collect();
    let endings = controls::endings(&app.ledger, &as_of).await?;
    Ok(Json(json!({"count": rows.len(), "rows": rows, "endings": written(&endings)})))
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
    responses((status = 200, description = "Owner, end, and what the control is for")))]
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
pub struct Ending {
    /// Why; its own reason when absent. To end it early, it must be said.
    reason: Option<String>,
    /// Until when; as long as before when absent.
    #[schema(value_type = Option<String>)]
    until: Option<When>,
}

/// Renews an exception or an adjustment, with one key: as it is, for as long as before, 90 days at most.
#[utoipa::path(post, path = "/api/v1/exceptions/{id}/renew", tag = "controls", request_body = Ending,
    params(("id" = i64, Path)), responses((status = 200, description = "The renewal")))]
pub async fn renew(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let given: Ending = super::parameters(&app, request).await?;
    let now = now();
    owns(&app, &caller, id, now).await?;
    let until = when(given.until.as_ref(), now)?;
    let made = controls::renew(&app.ledger, id, given.reason.as_deref(), until, Person(&caller.name), now).await?;
    app.gate_changed();
    Ok(Json(json!({"id": made.id, "until": rfc3339(made.until), "repeated": made.repeated})))
}

/// Ends an exception or an adjustment before its time.
#[utoipa::path(post, path = "/api/v1/exceptions/{id}/end", tag = "controls", request_body = Ending,
    params(("id" = i64, Path)), responses((status = 200, description = "It has ended")))]
pub async fn end(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let given: Ending = super::parameters(&app, request).await?;
    let now = now();
    owns(&app, &caller, id, now).await?;
    let reason = given.reason.unwrap_or_default();
    let ended = controls::end(&app.ledger, id, &reason, Person(&caller.name), now).await?;
    app.gate_changed();
    Ok(Json(json!({"id": id, "ended": ended})))
}

/// Refuses who may not decide for the control that a decision follows.
async fn owns(app: &App, caller: &Caller, id: i64, now: Nanos) -> Result<(), ApiError> {
    let kept = seen(app, caller, id, now).await?;
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
    responses((status = 200, description = "The adjustment")))]
pub async fn adjust(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<Value>, ApiError> {
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
    Ok(Json(json!({"adjustment": made.id, "until": rfc3339(made.until)})))
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
    responses((status = 200, description = "The lockdown")))]
pub async fn lockdown(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<Value>, ApiError> {
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
    let (id, word) = controls::lockdown(&app.ledger, &new, Person(&caller.name), now).await?;
    app.gate_changed();
    tell(&app, Some(word), now).await?;
    Ok(Json(json!({"lockdown": id})))
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
    params(("id" = i64, Path)), responses((status = 200, description = "What still waits")))]
pub async fn review(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let given: Reviewing = super::parameters(&app, request).await?;
    let now = now();
    seen(&app, &caller, id, now).await?;
    let standing = standing(&app, &caller, now).await?;
    decides(&caller, controls::Needs::Review(&given.control), &standing)?;
    let outcome = given.outcome.parse().map_err(ApiError::bad)?;
    let by = Person(&caller.name);
    let reviewed = controls::review_lockdown(&app.ledger, id, &given.control, outcome, &given.reason, by, now).await?;
    app.gate_changed();
    Ok(Json(json!({"review": reviewed.id, "adjustment": reviewed.adjustment, "until": reviewed.until.map(rfc3339),
        "waiting": reviewed.waiting})))
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
    responses((status = 200, description = "A row for each control and system, and proposals")))]
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
