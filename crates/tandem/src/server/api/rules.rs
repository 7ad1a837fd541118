//! The rules of this server: what they are, what they do, and what one would have done.

use crate::limits::HUNT_TEXT_BYTES;
use crate::server::api::time::{self, When};
use crate::server::detection::hunt::{self, Hunted};
use crate::server::detection::reload::{self, Reloaded};
use crate::server::detection::rules::RuleSet;
use crate::server::errors::ApiError;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Request, State};
use detect::pack::{File, Pack};
use detect::rule::Meta;
use ledger::Person;
use model::{Caller, Datasets, Nanos};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// How far a back-test goes back when nothing is said.
const BACK: Nanos = 7 * 24 * 3_600_000_000_000;

/// The rules in use, how often each was looked at and matched since the start, and what was refused.
#[utoipa::path(get, path = "/api/v1/rules", tag = "detect",
    responses((status = 200, description = "Rules, correlations and operational rules; and what was refused, with its place")))]
pub async fn rules(State(app): State<Arc<App>>, Extension(caller): Extension<Caller>) -> Json<Value> {
    let numbers = app.detection.numbers();
    let whole = caller.datasets() == Datasets::All;
    let set = app.detection.rules();
    let shown = |meta: &Meta, kind: &str| {
        let mut row = json!({
            "id": meta.id, "name": meta.name, "title": meta.title, "kind": kind, "level": meta.level,
            "aspect": meta.aspect, "status": meta.status, "tags": meta.tags, "runbook": meta.runbook,
            "place": meta.place.to_string(),
        });
        // Counted over all datasets.
        if let (Some((looked, matched)), true) = (numbers.by_rule.get(&meta.id), whole) {
            (row["looked"], row["matched"]) = ((*looked).into(), (*matched).into());
        }
        row
    };
    let mut rows: Vec<Value> = set.rules.iter().map(|rule| shown(&rule.meta, "event")).collect();
    rows.extend(set.correlations.iter().map(|rule| shown(&rule.meta, "correlation")));
    rows.extend(set.operational.iter().map(|rule| {
        let mut row = shown(&rule.meta, "operational");
        let status = numbers.operational.iter().find(|status| status.id == rule.meta.id).filter(|_| whole);
        if let Some(status) = status {
            row["status_now"] = json!({"firing": status.firing, "pending": status.pending, "known": status.known,
                "failures": status.failures, "error": status.error, "blind": status.blind});
        }
        row
    }));
    let refused: Vec<&String> = set.refused.iter().chain(&numbers.unused).collect();
    Json(json!({"count": rows.len(), "rules": rows, "refused": refused, "read_again": set.generation}))
}

/// How detection is doing: how far it has come, what it did, and how long alerts take.
#[utoipa::path(get, path = "/api/v1/detection", tag = "detect",
    responses((status = 200, description = "Numbers since the start; those over all datasets for who may see them")))]
pub async fn detection(State(app): State<Arc<App>>, Extension(caller): Extension<Caller>) -> Json<Value> {
    let numbers = app.detection.numbers();
    let behind = app.store.committed().saturating_sub(numbers.through);
    let (latency, set) = (&numbers.latency, app.detection.rules());
    let mut answer = json!({
        "through": numbers.through, "behind": behind,
        "latency": {"count": latency.count, "sum_seconds": latency.sum, "p50_below_seconds": latency.bound(0.5),
            "p99_below_seconds": latency.bound(0.99)},
        "rules": set.rules.len(), "correlations": set.correlations.len(), "operational": set.operational.len(),
        "refused": set.refused.len() + numbers.unused.len(),
        "state_bytes": numbers.state_bytes,
        "notices": {"sent": numbers.notices.0, "failed_attempts": numbers.notices.1},
    });
    if caller.datasets() == Datasets::All {
        answer["stats"] = json!(numbers.stats);
        answer["told"] = json!(numbers.told);
    }
    Json(answer)
}

/// Nothing; an object all the same, so that pages of other sites cannot post it.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Reads the rules again, from where they were read at the start. A broken one stops none of the others; windows of rules
/// that have not changed go on.
#[utoipa::path(post, path = "/api/v1/rules/reload", tag = "detect", request_body = Nothing,
    responses((status = 200, description = "What was loaded, refused with its place, and what is new, gone or another"),
        (status = 400, description = "They cannot be read at all; those in force stay")))]
pub async fn reload(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<Reloaded>, ApiError> {
    let Nothing {} = super::parameters(&app, request).await?;
    let told = reload::reload(&app, Person(&caller.name)).await;
    told.map(Json).map_err(|error| ApiError::bad(format!("{error:#}")).help("the rules in force stay as they are"))
}

/// What to run, and over which time.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Backtesting {
    /// A rule of this server: its id, name, or the name of its file.
    rule: Option<String>,
    /// Or the text of rules.
    text: Option<String>,
    /// From when [default: seven days ago].
    #[schema(value_type = Option<String>)]
    from: Option<When>,
    /// Until when [default: now].
    #[schema(value_type = Option<String>)]
    to: Option<When>,
}

/// Runs a rule over stored history and says how often it would have fired. It raises nothing.
#[utoipa::path(post, path = "/api/v1/rules/backtest", tag = "detect", request_body = Backtesting,
    responses((status = 200, description = "How often, when, about what, and the first alerts"),
        (status = 400, description = "The rule is refused, or the time is too long")))]
pub async fn backtest(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<Hunted>, ApiError> {
    let given: Backtesting = super::parameters(&app, request).await?;
    let now = now();
    let when =
        |when: &Option<When>, default: Nanos| when.as_ref().map_or(Ok(default), |when| time::parse(&when.0, now));
    let (from, to) = (when(&given.from, now - BACK)?, when(&given.to, now)?);
    let own = app.detection.rules();
    let pack = match (given.rule, given.text) {
        (Some(rule), None) => own.files_of(&rule).ok_or_else(|| {
            ApiError::bad(format!("there is no rule {rule:?}")).help("list them with `tandem rules list`")
        })?,
        (None, Some(text)) if text.len() <= HUNT_TEXT_BYTES => {
            let file = File { path: "rule.yml".to_owned(), text: text.into() };
            Pack { rules: vec![file], pages: Vec::new() }
        }
        (None, Some(_)) => return Err(ApiError::bad(format!("the text is longer than {HUNT_TEXT_BYTES} bytes"))),
        _ => return Err(ApiError::bad("say which rule: `rule` or `text`")),
    };
    let set = RuleSet::of(pack, own.sources.clone(), own.options.clone());
    if let Some(refused) = set.refused.first() {
        return Err(ApiError::bad(refused.clone()));
    }
    match hunt::hunt(&app.view(&caller), &set, from, to).await {
        Ok(hunted) => Ok(Json(hunted)),
        Err(error) => Err(match error.downcast::<store::QueryError>() {
            Ok(failed) => failed.into(),
            Err(other) => ApiError::bad(format!("{other:#}")),
        }),
    }
}
