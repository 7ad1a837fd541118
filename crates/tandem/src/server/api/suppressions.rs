//! Suppressions, and the ledger of rules that says whether they are needed.

use super::alerts::{QueueParameters, page};
use super::facts::{may_act, may_write};
use super::incidents::row;
use super::queue::{QueuePage, QueueRow};
use crate::limits::DAY_NANOS;
use crate::server::api::time::{self, When};
use crate::server::errors::ApiError;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Query, Request, State};
use ledger::{AsOf, Kind, Person};
use model::DEFAULT_DATASET;
use model::access::{Caller, Role};
use respond::{Hides, NewSuppression, RuleScore};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Days of the ledger of rules when nothing is said, and at most.
const DAYS: u32 = 30;
const MAX_DAYS: u32 = 366;

/// What is suppressed, with what it hid so far.
#[utoipa::path(get, path = "/api/v1/suppressions", tag = "respond", params(QueueParameters),
    responses((status = 200, description = "A page; `firings` is what each hid, `until` its end", body = QueuePage)))]
pub async fn suppressions(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(given): Query<QueueParameters>,
) -> Result<Json<QueuePage>, ApiError> {
    page(&app, &caller, &given, &[Kind::Suppression]).await
}

/// A suppression. What it names must all fit; `*` stands for anything.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Suppressing {
    /// Alerts of this rule, by id or title.
    rule: Option<String>,
    /// Alerts about this, such as `host:web-*`.
    entity: Option<String>,
    /// Alerts with this tag.
    tag: Option<String>,
    /// Alerts whose events were grouped by these names and values.
    #[serde(default)]
    key: Map<String, Value>,
    /// Why.
    reason: String,
    /// The team that answers for it.
    owner: String,
    /// When it ends; 90 days from now when absent, and at most.
    #[schema(value_type = Option<String>)]
    until: Option<When>,
    /// Also what other teams own, or nobody; for those who act for all teams, and then when absent.
    all_teams: Option<bool>,
    /// Of which dataset.
    dataset: Option<String>,
    /// The control that it follows; one is made when absent.
    control: Option<i64>,
    /// The caller's own id: told twice it is one.
    idempotency_key: Option<String>,
}

/// The suppression that was made.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SuppressionMade {
    suppression: Option<QueueRow>,
}

/// Keeps alerts from being raised, until a day. They are counted.
#[utoipa::path(post, path = "/api/v1/suppressions", tag = "respond", request_body = Suppressing,
    responses((status = 200, description = "The suppression", body = SuppressionMade), (status = 400, description = "What is missing")))]
pub async fn suppress(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<SuppressionMade>, ApiError> {
    let given: Suppressing = super::parameters(&app, request).await?;
    let now = now();
    let owner = model::entity::team(&given.owner)?;
    may_act(&caller, Role::Editor, Some(&owner.key))?;
    let all_teams = given.all_teams.unwrap_or_else(|| caller.may(Role::Editor, None));
    if all_teams {
        may_act(&caller, Role::Editor, None)?;
    }
    let dataset = given.dataset.unwrap_or_else(|| DEFAULT_DATASET.to_owned());
    may_write(&caller, &dataset)?;
    let new = NewSuppression {
        key: given.idempotency_key,
        hides: Hides { rule: given.rule, entity: given.entity, tag: given.tag, key: given.key, all_teams },
        reason: given.reason,
        owner,
        until: given.until.map(|until| time::parse(&until.0, now)).transpose()?,
        dataset,
        control: given.control,
    };
    let id = app.responder.suppress(&new, Person(&caller.name), now).await?;
    Ok(Json(SuppressionMade { suppression: row(&app, &caller, id).await? }))
}

/// Over which days, of which team.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LedgerParameters {
    /// Alerts raised in so many days [default: 30].
    days: Option<u32>,
    /// Of this team alone.
    team: Option<String>,
    /// Of this rule alone.
    rule: Option<String>,
    /// Only rules about which something is proposed.
    #[serde(default)]
    proposals: bool,
}

/// What came of rules.
#[derive(Serialize, utoipa::ToSchema)]
pub struct RulesLedger {
    days: u32,
    count: usize,
    rows: Vec<RuleScore>,
    /// Minutes that playbooks saved.
    minutes_saved: i64,
    budget: NoticeBudget,
}

/// How many notices a team should get in a shift.
#[derive(Serialize, utoipa::ToSchema)]
pub struct NoticeBudget {
    notices: u64,
    shift_seconds: i64,
}

/// The ledger of rules: for each rule and team what came of its alerts, and what is proposed. It counts no person.
#[utoipa::path(get, path = "/api/v1/rules/ledger", tag = "respond", params(LedgerParameters),
    responses((status = 200, description = "A row for each rule and team, the noisiest first", body = RulesLedger)))]
pub async fn ledger(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(given): Query<LedgerParameters>,
) -> Result<Json<RulesLedger>, ApiError> {
    let now = now();
    let days = given.days.unwrap_or(DAYS).clamp(1, MAX_DAYS);
    let (since, seen) = (now - i64::from(days) * DAY_NANOS, AsOf::at(now).within(caller.datasets()));
    let records = app.ledger.records(since, &seen).await?;
    let hidden = app.ledger.hidden(since, &seen).await?;
    let mut rows = respond::scores(&records, &hidden);
    rows.retain(|row| {
        given.team.as_ref().is_none_or(|team| row.team == *team)
            && given.rule.as_ref().is_none_or(|rule| row.rule == *rule)
            && (!given.proposals || row.proposal.is_some())
    });
    let minutes_saved = rows.iter().map(|row| row.minutes_saved).sum();
    let budget = app.responder.policy();
    let budget = NoticeBudget { notices: budget.budget, shift_seconds: budget.shift / 1_000_000_000 };
    Ok(Json(RulesLedger { days, count: rows.len(), rows, minutes_saved, budget }))
}
