//! Findings that somebody suppresses until a day. Renewed, and ended before its time, they are as exceptions are.

use super::facts::{may_act, may_write};
use super::findings::failed;
use crate::server::api::time::{self, When};
use crate::server::errors::ApiError;
use crate::server::rows::rfc3339;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Request, State};
use axum::http::StatusCode;
use know::controls::{self, MAX_WAIVED, NewWaiver, Waived};
use know::weak::{self, Found};
use ledger::{AsOf, FindingView, FindingsAsked, KeptDecision, Person};
use model::Nanos;
use model::access::{Caller, Role};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Findings, why they may stay for now, and until when.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuppressingFindings {
    /// The findings, by their ids; at most 500.
    findings: Vec<i64>,
    /// Why.
    reason: String,
    /// The team that answers for it.
    owner: String,
    /// When it ends; after 30 days when absent, after 90 at most.
    #[schema(value_type = Option<String>)]
    until: Option<When>,
    /// The control that it is about; for each finding the one behind its rule when absent.
    control: Option<String>,
    /// They are of this side branch.
    branch: Option<String>,
    /// The caller's own id: told twice it is one.
    idempotency_key: Option<String>,
}

/// What was suppressed.
#[derive(Serialize, utoipa::ToSchema)]
pub struct FindingsSuppressed {
    until: String,
    /// One decision for each thing that is weak and control behind it.
    suppressions: Vec<FindingsSuppression>,
}

/// A decision that suppresses findings.
#[derive(Serialize, utoipa::ToSchema)]
pub struct FindingsSuppression {
    /// The decision: by it this is renewed, ended before its time, and answered.
    id: i64,
    /// What is weak.
    entity: Option<String>,
    /// The control, by name.
    control: String,
    findings: Vec<i64>,
    /// It was told before.
    repeated: bool,
}

/// Suppresses findings until a day: they are left out of lists, counts and checks, and named where they would have counted.
/// It takes a responder of each team that must act on them, and of the one that answers for it.
#[utoipa::path(post, path = "/api/v1/findings/suppress", tag = "facts", request_body = SuppressingFindings,
    responses((status = 200, description = "The decisions, and their end", body = FindingsSuppressed),
        (status = 404, description = "There is no such finding")))]
pub async fn suppress(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<FindingsSuppressed>, ApiError> {
    let given: SuppressingFindings = super::parameters(&app, request).await?;
    let now = now();
    let ids: BTreeSet<i64> = given.findings.iter().copied().collect();
    if ids.is_empty() || ids.len() > MAX_WAIVED {
        return Err(ApiError::bad(format!("name 1 to {MAX_WAIVED} findings (MAX_WAIVED)")));
    }
    let owner = model::entity::team(given.owner.trim())?;
    may_act(&caller, Role::Responder, Some(&owner.key))?;
    let found = found(&app, &caller, &ids, given.branch, now).await?;
    if let Some(id) = ids.iter().find(|id| !found.iter().any(|one| one.finding.id == **id)) {
        return Err(ApiError::new(StatusCode::NOT_FOUND, format!("there is no finding {id}"))
            .help("`tandem findings` lists them; one of a side branch is found with its `branch`"));
    }
    may_hide(&caller, &found)?;
    let new = NewWaiver {
        key: given.idempotency_key,
        control: given.control,
        reason: given.reason,
        owner: owner.key,
        until: given.until.map(|until| time::parse(&until.0, now)).transpose()?,
    };
    let views: Vec<FindingView> = found.into_iter().map(|one| one.finding).collect();
    let made = controls::waive(&app.ledger, &new, &views, Person(&caller.name), now).await?;
    app.gate_changed();
    app.knowledge.feed.hurry();
    let until = made.iter().map(|one| one.made.until).max().unwrap_or(now);
    let row = |one: Waived| FindingsSuppression {
        id: one.made.id,
        entity: one.entity.as_ref().map(ToString::to_string),
        control: one.control,
        findings: one.findings,
        repeated: one.made.repeated,
    };
    Ok(Json(FindingsSuppressed { until: rfc3339(until), suppressions: made.into_iter().map(row).collect() }))
}

/// Findings by their ids, as far as the caller may see them.
async fn found(
    app: &App,
    caller: &Caller,
    ids: &BTreeSet<i64>,
    branch: Option<String>,
    now: Nanos,
) -> Result<Vec<Found>, ApiError> {
    let asked = FindingsAsked { ids: ids.iter().copied().collect(), branch, fixed: true, ..FindingsAsked::default() };
    weak::findings(&app.ledger, &AsOf::at(now).within(caller.datasets()), &asked).await.map_err(failed)
}

/// Refuses who is no responder of a team that must act. What nobody owns takes one of all teams.
fn may_hide(caller: &Caller, found: &[Found]) -> Result<(), ApiError> {
    for one in found {
        may_act(caller, Role::Responder, one.owner.as_ref().map(|owner| owner.team.as_str()))?;
        may_write(caller, &one.finding.dataset)?;
    }
    Ok(())
}

/// Refuses who may not renew what suppresses findings. Only the team that answers for it is asked to end it.
pub(super) async fn may_go_on(
    app: &App,
    caller: &Caller,
    kept: &KeptDecision,
    renews: bool,
    now: Nanos,
) -> Result<(), ApiError> {
    let owner = kept.decision.owner.as_ref().map(|owner| owner.key.as_str());
    may_act(caller, Role::Responder, owner)?;
    if renews {
        let ids = controls::waived(kept).into_iter().collect();
        may_hide(caller, &found(app, caller, &ids, None, now).await?)?;
    }
    Ok(())
}
