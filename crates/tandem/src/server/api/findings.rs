//! What is weak, how urgent it is and why, who acts, and what mends it.

use super::facts::entity;
use crate::limits::{DEFAULT_FINDINGS, MAX_FINDINGS};
use crate::server::api::time::{self, When};
use crate::server::errors::ApiError;
use crate::server::rows::rfc3339;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Query, State};
use know::weak::{self, Found};
use ledger::{AsOf, FindingState, FindingsAsked};
use model::Nanos;
use model::access::Caller;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// Which findings.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FindingsParameters {
    /// Of this: `repository:github.com/acme/shop`.
    entity: Option<String>,
    /// That this team must act on; `-` for those that nobody owns.
    owner: Option<String>,
    /// Of this rule.
    rule: Option<String>,
    /// Of this rule, at this place, or naming it: an advisory, an alias of it, a component.
    about: Option<String>,
    /// `critical`, `high`, ..., separated by commas.
    severity: Option<String>,
    /// `new`, `open`, `back`, `fixed`, separated by commas [default: all but fixed].
    state: Option<String>,
    /// Found or changed at this time or later.
    #[param(value_type = Option<String>)]
    since: Option<When>,
    /// Those of a side branch.
    branch: Option<String>,
    /// Those too that something hides at the time.
    #[serde(default)]
    suppressed: bool,
    /// When it was so; now when absent.
    #[param(value_type = Option<String>)]
    at: Option<When>,
    /// As it was known then; as it is known now when absent.
    #[param(value_type = Option<String>)]
    known: Option<When>,
    /// Findings at most [default: 100; 1,000 at most].
    limit: Option<usize>,
    /// Those that come after: what `next` of an answer said. With that answer's `at` the list stays as it was.
    after: Option<String>,
}

/// Findings.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Findings {
    at: String,
    /// How many there are, hidden ones left out unless they were asked for.
    count: usize,
    /// How many are hidden.
    suppressed: usize,
    /// Whether there are more than were answered.
    truncated: bool,
    /// What to ask for as `after`, for those that come next; nothing when there are no more.
    next: Option<String>,
    #[schema(value_type = Vec<Found>)]
    findings: Vec<Value>,
}

/// Findings, the most urgent first, each with its rank term by term and who must act.
#[utoipa::path(get, path = "/api/v1/findings", tag = "facts", params(FindingsParameters),
    responses((status = 200, description = "Findings, how many there are, and how many are hidden", body = Findings)))]
pub async fn findings(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(given): Query<FindingsParameters>,
) -> Result<Json<Findings>, ApiError> {
    let now = now();
    let as_of = as_of(&caller, given.at.as_ref(), given.known.as_ref(), now)?;
    let since = given.since.as_ref().map(|when| time::parse(&when.0, now)).transpose()?;
    let states = states(given.state.as_deref())?;
    let asked = FindingsAsked {
        entity: given.entity.as_deref().map(entity).transpose()?,
        rule: given.rule.clone(),
        about: given.about.clone(),
        branch: given.branch.clone(),
        fixed: states.contains(&FindingState::Fixed),
        ..FindingsAsked::default()
    };
    let severities: Option<Vec<&str>> = given.severity.as_deref().map(|list| list.split(',').map(str::trim).collect());
    let mut found = weak::findings(&app.ledger, &as_of, &asked).await.map_err(failed)?;
    found.retain(|one| {
        states.contains(&one.finding.state)
            && severities.as_ref().is_none_or(|some| some.contains(&one.finding.severity.as_str()))
            && given.owner.as_deref().is_none_or(|team| is_owned(one, team))
            && since.is_none_or(|since| one.finding.steps.last().is_some_and(|step| step.at >= since))
    });
    let all = found.len();
    found.retain(|one| given.suppressed || one.finding.suppressed.as_ref().is_none_or(|hidden| hidden.expired));
    let (count, suppressed) = (found.len(), all - found.len());
    let limit = given.limit.unwrap_or(DEFAULT_FINDINGS).min(MAX_FINDINGS);
    if let Some(after) = given.after.as_deref().map(Place::read).transpose()? {
        found.retain(|one| after.is_before(one));
    }
    let truncated = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| truncated).map(|last| Place::of(last).to_string());
    let findings = found.iter().map(written).collect();
    Ok(Json(Findings { at: rfc3339(as_of.valid), count, suppressed, truncated, next, findings }))
}

/// A place in the list, which goes by rank and then by id: what comes or goes meanwhile moves nothing past it.
struct Place {
    score: f64,
    id: i64,
}

impl Place {
    fn of(one: &Found) -> Place {
        Place { score: one.rank.score, id: one.finding.id }
    }

    fn read(text: &str) -> Result<Place, ApiError> {
        let read = || {
            let (score, id) = text.split_once(':')?;
            Some(Place { score: score.parse().ok().filter(|score: &f64| score.is_finite())?, id: id.parse().ok()? })
        };
        read()
            .ok_or_else(|| ApiError::bad("`after` is no place in the list").help("give what `next` of an answer said"))
    }

    fn is_before(&self, one: &Found) -> bool {
        one.rank.score.total_cmp(&self.score).reverse().then(one.finding.id.cmp(&self.id)).is_gt()
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.score, self.id)
    }
}

fn is_owned(one: &Found, team: &str) -> bool {
    match &one.owner {
        None => team == "-",
        Some(owner) => owner.team == team || one.finding.owners.iter().any(|other| other == team),
    }
}

fn states(list: Option<&str>) -> Result<Vec<FindingState>, ApiError> {
    let Some(list) = list else { return Ok(vec![FindingState::New, FindingState::Open, FindingState::Back]) };
    let state = |name: &str| {
        FindingState::from_name(name.trim()).ok_or_else(|| {
            ApiError::bad(format!("there is no state {name:?}")).help("states are new, open, back and fixed")
        })
    };
    list.split(',').map(state).collect()
}

/// What is asked about.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhyParameters {
    /// A finding by its id; or a rule, an advisory, an alias of it, or a component by its package URL.
    id: String,
    /// When it was so; now when absent.
    #[param(value_type = Option<String>)]
    at: Option<When>,
    /// As it was known then; as it is known now when absent.
    #[param(value_type = Option<String>)]
    known: Option<When>,
}

/// All that is known of what has a name.
#[derive(Serialize, utoipa::ToSchema)]
pub struct WhyAnswer {
    /// What was asked for.
    id: String,
    at: String,
    #[schema(value_type = Vec<weak::Named>)]
    findings: Vec<Value>,
    /// What has a component of that name.
    holders: Vec<Holder>,
}

/// What has a component.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Holder {
    entity: String,
    since: String,
}

/// Why something matters: where it runs, who owns it, how it came in, since which change, and what mends it.
#[utoipa::path(get, path = "/api/v1/why", tag = "facts", params(WhyParameters),
    responses((status = 200, description = "Each finding of that name with all that is known of it", body = WhyAnswer)))]
pub async fn why(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(given): Query<WhyParameters>,
) -> Result<Json<WhyAnswer>, ApiError> {
    let as_of = as_of(&caller, given.at.as_ref(), given.known.as_ref(), now())?;
    let told = weak::why(&app.ledger, &as_of, &given.id).await.map_err(failed)?;
    let holders = weak::holders(&app.ledger, &as_of, &given.id).await.map_err(failed)?;
    let holder = |holder: ledger::Holder| Holder { entity: holder.entity.to_string(), since: rfc3339(holder.since) };
    Ok(Json(WhyAnswer {
        id: given.id,
        at: rfc3339(as_of.valid),
        findings: told.iter().map(written).collect(),
        holders: holders.into_iter().map(holder).collect(),
    }))
}

fn as_of(caller: &Caller, at: Option<&When>, known: Option<&When>, now: Nanos) -> Result<AsOf, ApiError> {
    let at = at.map_or(Ok(now), |when| time::parse(&when.0, now))?;
    let known = known.map_or(Ok(Nanos::MAX), |when| time::parse(&when.0, now))?;
    Ok(AsOf::at(at).known(known).within(caller.datasets()))
}

pub fn failed(error: anyhow::Error) -> ApiError {
    match error.downcast::<ledger::LedgerError>() {
        Ok(error) => error.into(),
        Err(error) => ApiError::bad(format!("{error:#}")),
    }
}

/// As the API writes it: times and entities as texts.
fn written(what: &impl serde::Serialize) -> Value {
    let mut value = serde_json::to_value(what).unwrap_or_default();
    rewrite(&mut value);
    value
}

/// What holds a time.
const TIMES: [&str; 5] = ["at", "known", "found", "ends", "until"];

fn rewrite(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if let (2, Some(Value::String(kind)), Some(Value::String(key))) =
                (object.len(), object.get("kind"), object.get("key"))
            {
                *value = format!("{kind}:{key}").into();
                return;
            }
            if let Some(id) = object.get("decision").and_then(Value::as_i64).filter(|_| object.contains_key("ends")) {
                object.insert("answer_with".to_owned(), know::controls::answer_with(id).into());
            }
            // What proves a finding is another's, and stays as it is.
            for (name, inner) in object.iter_mut().filter(|(name, _)| *name != "evidence") {
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
