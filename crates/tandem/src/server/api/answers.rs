//! What people say to controls, and what owners reply.

use super::controls::{decides, seen, standing, when, written};
use super::facts::{entity, may_act, may_write};
use super::in_force::{AnswerKept, Answers, ReplyKept};
use super::words::tell;
use crate::server::api::time::When;
use crate::server::errors::ApiError;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Query, Request, State};
use know::controls::{self, Did, NewAnswer, NewReply, Where};
use ledger::{AsOf, DecisionsAsked, Person};
use model::access::{Caller, Role};
use model::{DEFAULT_DATASET, Mode};
use serde::Deserialize;
use std::sync::Arc;

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
    responses((status = 200, description = "The answer, and who hears of it", body = AnswerKept)))]
pub async fn answer(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<AnswerKept>, ApiError> {
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
    let (answer, word) = controls::answer(&app.ledger, &new, Person(&caller.name), now).await?;
    app.knowledge.feed.hurry();
    let heard_by = word.as_ref().map(|word| word.team.clone());
    tell(&app, word, now).await?;
    Ok(Json(AnswerKept { answer, heard_by }))
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
    responses((status = 200, description = "Answers and questions", body = Answers)))]
pub async fn answers(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(given): Query<AnswersParameters>,
) -> Result<Json<Answers>, ApiError> {
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
    Ok(Json(Answers { count: rows.len(), rows: written(&rows) }))
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
    responses((status = 200, description = "The reply, and what it made", body = ReplyKept)))]
pub async fn reply(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<ReplyKept>, ApiError> {
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
    Ok(Json(ReplyKept { reply: replied.id, made: replied.made }))
}
