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
use model::{Aspect, Caller, Datasets, Level, Nanos};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How far a back-test goes back when nothing is said.
const BACK: Nanos = 7 * 24 * 3_600_000_000_000;

/// The rules in use.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Rules {
    count: usize,
    rules: Vec<RuleShown>,
    /// What cannot be used, each with its place and why.
    refused: Vec<String>,
    /// How often the rules were read again.
    read_again: u64,
}

/// A rule.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Rule)]
pub struct RuleShown {
    id: String,
    /// The name by which other rules refer to it.
    name: Option<String>,
    title: String,
    kind: RuleKind,
    level: Level,
    aspect: Aspect,
    /// Such as `stable`, `test`, `experimental`.
    status: Option<String>,
    tags: Vec<String>,
    runbook: Option<String>,
    /// File and line.
    place: String,
    /// How often it was looked at since the start; over all datasets, so for those who may see all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    looked: Option<u64>,
    /// How often it matched.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    matched: Option<u64>,
    /// How an operational rule is doing; for those who may see all datasets.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    status_now: Option<OperationalNow>,
}

/// What a rule looks at.
#[derive(Clone, Copy, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RuleKind {
    /// One event.
    Event,
    /// Several events.
    Correlation,
    /// The answer to a question that is asked again and again.
    Operational,
}

/// How an operational rule is doing.
#[derive(Serialize, utoipa::ToSchema)]
pub struct OperationalNow {
    /// Groups that fired and are not over.
    firing: usize,
    /// Groups that hold, but not for long enough.
    pending: usize,
    /// Groups or values that it remembers.
    known: usize,
    /// Looks that failed.
    failures: u64,
    /// Why the last one failed, if it did.
    error: Option<String>,
    /// It cannot tell anything.
    blind: bool,
}

/// The rules in use, how often each was looked at and matched since the start, and what was refused.
#[utoipa::path(get, path = "/api/v1/rules", tag = "detect",
    responses((status = 200, description = "Rules, correlations and operational rules; and what was refused, with its place", body = Rules)))]
pub async fn rules(State(app): State<Arc<App>>, Extension(caller): Extension<Caller>) -> Json<Rules> {
    let numbers = app.detection.numbers();
    let whole = caller.datasets() == Datasets::All;
    let set = app.detection.rules();
    let shown = |meta: &Meta, kind: RuleKind| {
        // Counted over all datasets.
        let counts = numbers.by_rule.get(&meta.id).filter(|_| whole);
        RuleShown {
            id: meta.id.clone(),
            name: meta.name.clone(),
            title: meta.title.clone(),
            kind,
            level: meta.level,
            aspect: meta.aspect,
            status: meta.status.clone(),
            tags: meta.tags.clone(),
            runbook: meta.runbook.clone(),
            place: meta.place.to_string(),
            looked: counts.map(|(looked, _)| *looked),
            matched: counts.map(|(_, matched)| *matched),
            status_now: None,
        }
    };
    let mut rules: Vec<RuleShown> = set.rules.iter().map(|rule| shown(&rule.meta, RuleKind::Event)).collect();
    rules.extend(set.correlations.iter().map(|rule| shown(&rule.meta, RuleKind::Correlation)));
    rules.extend(set.operational.iter().map(|rule| {
        let status = numbers.operational.iter().find(|status| status.id == rule.meta.id).filter(|_| whole);
        let status_now = status.map(|status| OperationalNow {
            firing: status.firing,
            pending: status.pending,
            known: status.known,
            failures: status.failures,
            error: status.error.clone(),
            blind: status.blind,
        });
        RuleShown { status_now, ..shown(&rule.meta, RuleKind::Operational) }
    }));
    let refused = set.refused.iter().chain(&numbers.unused).cloned().collect();
    Json(Rules { count: rules.len(), rules, refused, read_again: set.generation })
}

/// How detection is doing.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Detection)]
pub struct Doing {
    /// The commit through which events were looked at.
    through: u64,
    /// Commits that were not looked at yet.
    behind: u64,
    /// From the receipt of events to the alert that they raised.
    latency: AlertLatency,
    rules: usize,
    correlations: usize,
    operational: usize,
    refused: usize,
    /// Bytes of the last state that was kept.
    state_bytes: usize,
    notices: NoticesSent,
    /// Over all datasets, so for those who may see all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    stats: Option<detect::detector::Stats>,
    /// What became of alerts; over all datasets, so for those who may see all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    told: Option<crate::server::detection::Told>,
}

/// How long alerts take.
#[derive(Serialize, utoipa::ToSchema)]
pub struct AlertLatency {
    count: u64,
    sum_seconds: f64,
    p50_below_seconds: Option<f64>,
    p99_below_seconds: Option<f64>,
}

/// Notices since the start.
#[derive(Serialize, utoipa::ToSchema)]
pub struct NoticesSent {
    sent: u64,
    failed_attempts: u64,
}

/// How detection is doing: how far it has come, what it did, and how long alerts take.
#[utoipa::path(get, path = "/api/v1/detection", tag = "detect",
    responses((status = 200, description = "Numbers since the start; those over all datasets for who may see them", body = Doing)))]
pub async fn detection(State(app): State<Arc<App>>, Extension(caller): Extension<Caller>) -> Json<Doing> {
    let numbers = app.detection.numbers();
    let behind = app.store.committed().saturating_sub(numbers.through);
    let (latency, set) = (&numbers.latency, app.detection.rules());
    let whole = caller.datasets() == Datasets::All;
    Json(Doing {
        through: numbers.through,
        behind,
        latency: AlertLatency {
            count: latency.count,
            sum_seconds: latency.sum,
            p50_below_seconds: latency.bound(0.5),
            p99_below_seconds: latency.bound(0.99),
        },
        rules: set.rules.len(),
        correlations: set.correlations.len(),
        operational: set.operational.len(),
        refused: set.refused.len() + numbers.unused.len(),
        state_bytes: numbers.state_bytes,
        notices: NoticesSent { sent: numbers.notices.0, failed_attempts: numbers.notices.1 },
        stats: whole.then_some(numbers.stats),
        told: whole.then_some(numbers.told),
    })
}

/// Nothing; an object all the same, so that pages of other sites cannot post it.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Reads the rules again, from where they were read at the start. A broken one stops none of the others; windows of rules
/// that have not changed go on.
#[utoipa::path(post, path = "/api/v1/rules/reload", tag = "detect", request_body = Nothing,
    responses((status = 200, description = "What was loaded, refused with its place, and what is new, gone or another", body = Reloaded),
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
    responses((status = 200, description = "How often, when, about what, and the first alerts", body = Hunted),
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
