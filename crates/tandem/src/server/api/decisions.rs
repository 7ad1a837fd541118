//! Decisions: alerts, incidents, triage, controls, exceptions. Appended, never edited.

use super::facts::{may_act, may_write};
use crate::server::errors::ApiError;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Request, State};
use ledger::{AsOf, Kind, Person};
use model::access::{Caller, Role};
use model::{Decision, Facts};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;

/// Kinds of decisions that have doors of their own, where rights and bounds are looked at.
const OWN_DOORS: [(&str, &str); 13] = [
    ("verdict", "ask with `tandem check`, or post the question to /api/v1/check"),
    ("answer", "use `tandem answer`, or post it to /api/v1/answers"),
    ("question", "use `tandem answer ID question`, or post it to /api/v1/answers"),
    ("reply", "use `tandem reply`, or post it to /api/v1/replies"),
    ("exception", "use `tandem exception add`, or post it to /api/v1/exceptions"),
    ("adjustment", "use `tandem controls adjust`, or post it to /api/v1/adjustments"),
    ("lockdown", "use `tandem lockdown call`, or post it to /api/v1/lockdowns"),
    ("lockdown_review", "use `tandem lockdown review`, or post it to /api/v1/lockdowns/ID/review"),
    ("drill", "run it with `tandem drill run`: what proves a restore is looked at, not said"),
    ("lever", "it is measured once a day; post to /api/v1/levers/measure for today's"),
    ("dashboard", "it is a file in the folder `dashboards` of a folder of knowledge; its views are counted here"),
    ("waiver", "suppress findings by posting to /api/v1/findings/suppress"),
    ("ended", "use `tandem exception end`, or post it to /api/v1/exceptions/ID/end"),
];

/// A decision that was kept.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DecisionKept {
    pub decision: i64,
    /// It was told before.
    pub repeated: bool,
}

/// Keeps a decision.
#[utoipa::path(post, path = "/api/v1/decisions", tag = "facts",
    request_body(content = Value, description = "`key`, `kind`, `at` (nanoseconds), `entity`, `reason`, `owner`, `control`, `expires`, `cites`, `body`"),
    responses((status = 200, description = "Its id", body = DecisionKept), (status = 400, description = "What is missing")))]
pub async fn decide(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<DecisionKept>, ApiError> {
    let mut given: Value = super::parameters(&app, request).await?;
    // It would be kept, and hide nothing: what is hidden is said where bounds and rights are checked.
    if given["kind"] == Kind::Suppression.name() {
        return Err(ApiError::bad("a suppression is not made here: it would hide nothing")
            .help("post it to /api/v1/suppressions, or use `tandem suppress add`"));
    }
    let kind = given["kind"].as_str().unwrap_or_default();
    if let Some((_, door)) = OWN_DOORS.iter().find(|(own, _)| *own == kind) {
        return Err(ApiError::bad(format!(
            "a decision of the kind {kind:?} is not made here: its rights are looked at elsewhere"
        ))
        .help(*door));
    }
    if kind == "control" && !given["body"]["name"].is_null() {
        return Err(ApiError::bad("a control with a name is a file: this would take its place unseen")
            .help("write it into the folder `controls` of a folder of knowledge"));
    }
    let now = now();
    if given["at"].is_null() {
        given["at"] = now.into();
    }
    let decision: Decision =
        serde_json::from_value(given).map_err(|error| ApiError::bad(format!("this is no decision: {error}")))?;
    may_write(&caller, &decision.dataset)?;
    let owner = decision.owner.as_ref().map(|owner| owner.key.as_str());
    // Whoever acts answers for a team of theirs, and on nothing that is another's.
    if owner.is_some() || decision.entity.is_none() {
        may_act(&caller, Role::Responder, owner)?;
    }
    if let Some(entity) = &decision.entity {
        let owners = app.ledger.owners(&AsOf::at(now), Some(entity)).await?;
        let whole = owners.iter().find(|owner| owner.layer.is_empty()).map(|owner| owner.owner.key.as_str());
        may_act(&caller, Role::Responder, whole.or(owner))?;
    }
    let decided = app.ledger.decide(&decision, &Facts::default(), Person(&caller.name), now).await?;
    app.knowledge.feed.hurry();
    Ok(Json(DecisionKept { decision: decided.id, repeated: decided.repeated }))
}
