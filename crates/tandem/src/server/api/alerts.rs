//! Alerts: the queue, one with everything that belongs to it, and what people do about them.

use super::facts::{entity, may_act};
use super::knowledge::RunbookBeside;
use super::queue::{QueuePage, QueueRow, Told, shown, snoozes, told};
use crate::limits::DAY_NANOS;
use crate::server::api::time::{self, When};
use crate::server::errors::ApiError;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Path, Query, Request, State};
use axum::http::StatusCode;
use ledger::{AsOf, DecisionsAsked, Kept, Kind, Order, Outcome, Person, State as Stand, Wanted, Whole};
use model::access::{Caller, Role};
use model::{EntityRef, Level, Nanos};
use respond::{Deed, RespondError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rows of a page when nothing is said.
const ROWS: usize = 100;
/// Things that one request acts on: what fits on a screen, many times over.
const MAX_ACTED: usize = 1_000;

/// Which of the queue.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct QueueParameters {
    /// `open`, `acknowledged`, `snoozed`, `resolved`, separated by commas [default: all but resolved].
    state: Option<String>,
    /// At least so bad: `informational`, `low`, `medium`, `high`, `critical`.
    level: Option<String>,
    /// Of these teams, separated by commas.
    team: Option<String>,
    /// About this: `host:web-1`.
    entity: Option<String>,
    /// Of this rule.
    rule: Option<String>,
    /// In this incident.
    incident: Option<i64>,
    /// With this in the title.
    text: Option<String>,
    /// Raised since.
    #[param(value_type = Option<String>)]
    from: Option<When>,
    /// Raised before.
    #[param(value_type = Option<String>)]
    to: Option<When>,
    /// What comes first: `opened`, `last`, `level` [default: opened].
    order: Option<String>,
    /// Rows at most [default: 100].
    limit: Option<usize>,
    /// Goes on after a page: its `next`.
    after: Option<String>,
}

impl QueueParameters {
    /// What is asked of the queue.
    pub fn wanted(&self, kinds: &[Kind], now: Nanos) -> Result<Wanted, ApiError> {
        let list = |text: &Option<String>| -> Vec<String> {
            text.iter().flat_map(|text| text.split(',')).map(|word| word.trim().to_owned()).collect()
        };
        let states = match &self.state {
            None => vec![Stand::Open, Stand::Acknowledged, Stand::Snoozed],
            Some(all) if all == "all" => Vec::new(),
            Some(_) => list(&self.state).iter().map(|word| state(word)).collect::<Result<_, _>>()?,
        };
        let when = |when: &Option<When>| when.as_ref().map(|when| time::parse(&when.0, now)).transpose();
        let order = match self.order.as_deref() {
            None | Some("opened") => Order::Opened,
            Some("last") => Order::Last,
            Some("level") => Order::Level,
            Some(other) => {
                return Err(ApiError::bad(format!("there is no order {other:?}")).help("opened, last or level"));
            }
        };
        Ok(Wanted {
            kinds: kinds.to_vec(),
            states,
            least: self.level.as_deref().map(level).transpose()?,
            owners: list(&self.team),
            entity: self.entity.as_deref().map(entity).transpose()?,
            rule: self.rule.clone(),
            incident: self.incident,
            since: when(&self.from)?,
            before: when(&self.to)?,
            text: self.text.clone(),
            order,
            after: self.after.as_deref().map(after).transpose()?,
            limit: Some(self.limit.unwrap_or(ROWS)),
            ..Wanted::default()
        })
    }
}

/// A page and its counts, of some kinds.
pub async fn page(
    app: &App,
    caller: &Caller,
    given: &QueueParameters,
    kinds: &[Kind],
) -> Result<Json<QueuePage>, ApiError> {
    let now = now();
    let seen = AsOf::at(now).within(caller.datasets());
    let wanted = given.wanted(kinds, now)?;
    let page = app.ledger.queue(&wanted, &seen).await?;
    let counts = app.ledger.queue_counts(&Wanted { after: None, ..wanted }, &seen).await?;
    let mut rows: Vec<QueueRow> = page.rows.iter().map(|kept| shown(kept, now)).collect();
    say_why(app, &page.rows, &seen, now, &mut rows).await?;
    let next = page.next.map(|(a, b, c)| format!("{a}.{b}.{c}"));
    Ok(Json(QueuePage { rows, counts, next }))
}

/// What hides something says why: a suppression as it was made, what is snoozed as it was put away.
async fn say_why(app: &App, kept: &[Kept], seen: &AsOf, now: Nanos, rows: &mut [QueueRow]) -> Result<(), ApiError> {
    let of =
        |pick: &dyn Fn(&Kept) -> bool| -> Vec<i64> { kept.iter().filter(|one| pick(one)).map(|one| one.id).collect() };
    let suppressions = of(&|one| one.kind == Kind::Suppression);
    let snoozed = of(&|one| one.state_at(now) == Stand::Snoozed);
    let mut reasons: BTreeMap<i64, String> = BTreeMap::new();
    if !suppressions.is_empty() {
        let limit = suppressions.len();
        let asked = DecisionsAsked { ids: suppressions, limit, ..DecisionsAsked::default() };
        let decisions = app.ledger.decisions(&asked, seen).await?;
        reasons.extend(decisions.into_iter().map(|one| (one.id, one.decision.reason)));
    }
    if !snoozed.is_empty() {
        reasons.extend(snoozes(&app.ledger.moves(&snoozed).await?));
    }
    for row in rows {
        row.because = reasons.remove(&row.id);
    }
    Ok(())
}

/// Alerts, the newest first.
#[utoipa::path(get, path = "/api/v1/alerts", tag = "respond", params(QueueParameters),
    responses((status = 200, description = "A page, counts over all pages, and where the next one goes on", body = QueuePage)))]
pub async fn alerts(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(given): Query<QueueParameters>,
) -> Result<Json<QueuePage>, ApiError> {
    page(&app, &caller, &given, &[Kind::Alert]).await
}

/// An alert with everything that belongs to it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct AlertWhole {
    #[serde(flatten)]
    told: Told,
    /// Pages that say what to do, the best first.
    runbooks: Vec<RunbookBeside>,
    /// Playbooks that may be run.
    playbooks: Vec<AlertPlaybook>,
}

/// A playbook that fits.
#[derive(Serialize, utoipa::ToSchema)]
pub struct AlertPlaybook {
    name: String,
    /// Minutes that it saves.
    minutes: u32,
}

/// One alert with its events, suspects, findings, the last like it, and what happened to it.
#[utoipa::path(get, path = "/api/v1/alerts/{id}", tag = "respond", params(("id" = i64, Path)),
    responses((status = 200, description = "The alert", body = AlertWhole), (status = 403, description = "There is none that may be seen")))]
pub async fn alert(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<Json<Value>, ApiError> {
    let now = now();
    let found = whole(&app, &caller, id, &[Kind::Alert], now).await?;
    let playbooks = app.responder.playbooks_for(&found.kept).into_iter();
    let playbooks = playbooks.map(|playbook| AlertPlaybook { name: playbook.name.clone(), minutes: playbook.minutes });
    let runbooks = super::knowledge::runbooks(&app, &caller.datasets(), &found);
    let whole = AlertWhole { told: told(&found, now), runbooks, playbooks: playbooks.collect() };
    // As a value, so that a body that says `runbooks` too does not say it twice.
    Ok(Json(json!(whole)))
}

/// The riskiest things.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Risks {
    /// From so much risk on an incident is opened.
    bar: f64,
    rows: Vec<Risk>,
}

/// A thing, and its risk.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Risk {
    entity: String,
    team: Option<String>,
    risk: f64,
    alerts: usize,
    /// Of its worst alert.
    level: Option<Level>,
}

/// What there is most to fear from: the risk of things by their alerts of the last day, less as time goes by.
#[utoipa::path(get, path = "/api/v1/risk", tag = "respond",
    responses((status = 200, description = "Things, the riskiest first, by the 1,000 alerts that fired last", body = Risks)))]
pub async fn risk(State(app): State<Arc<App>>, Extension(caller): Extension<Caller>) -> Result<Json<Risks>, ApiError> {
    let now = now();
    let wanted = Wanted { kinds: vec![Kind::Alert], order: Order::Last, ..Wanted::default() };
    let page = app.ledger.queue(&wanted, &AsOf::at(now).within(caller.datasets())).await?;
    let mut things: BTreeMap<&EntityRef, Vec<&Kept>> = BTreeMap::new();
    for kept in &page.rows {
        let nothing = matches!(kept.outcome, Some(Outcome::False | Outcome::Benign | Outcome::Escalated));
        if let Some(entity) = kept.entity.as_ref().filter(|_| !nothing && kept.last > now - DAY_NANOS) {
            things.entry(entity).or_default().push(kept);
        }
    }
    let half_life = app.responder.policy().half_life;
    let row = |(entity, alerts): (&EntityRef, Vec<&Kept>)| {
        let risk = respond::risk(alerts.iter().map(|kept| (kept.level, kept.firings, kept.last)), now, half_life);
        let team = alerts.iter().find_map(|kept| kept.owner.as_ref()).map(|owner| owner.key.clone());
        let level = alerts.iter().map(|kept| kept.level).max();
        let rounded = (risk * 10.0).round() / 10.0;
        (risk, Risk { entity: entity.to_string(), team, risk: rounded, alerts: alerts.len(), level })
    };
    let mut rows: Vec<(f64, Risk)> = things.into_iter().map(row).collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let rows = rows.into_iter().take(ROWS).map(|(_, row)| row).collect();
    Ok(Json(Risks { bar: app.responder.policy().incident_risk, rows }))
}

/// One of some kinds, for somebody who may see it.
pub async fn whole(app: &App, caller: &Caller, id: i64, kinds: &[Kind], now: Nanos) -> Result<Whole, ApiError> {
    let whole = app.responder.whole(id, &AsOf::at(now).within(caller.datasets())).await?;
    match kinds.contains(&whole.kept.kind) {
        true => Ok(whole),
        false => Err(ApiError::bad(format!("{id} is no {}", kinds[0].name()))),
    }
}

/// What is done, and to what.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Acting {
    /// Alerts, incidents, tasks, suppressions.
    ids: Vec<i64>,
    /// `acknowledge`, `reopen`, `snooze`, `resolve`, `assign`, `hand_over`, `comment`, `tag`, `join`.
    #[serde(rename = "do")]
    what: String,
    /// Why.
    #[serde(default)]
    reason: String,
    /// `resolve`: `true`, `benign`, `false`; `done` of a task, and of a suppression that ends early.
    outcome: Option<String>,
    /// `snooze`: until when.
    #[schema(value_type = Option<String>)]
    until: Option<When>,
    /// `assign`: `me`, `nobody`, or a log-in; `hand_over`: a team; `tag`: the tag.
    to: Option<String>,
    /// `join`: the incident; without it, none any more.
    incident: Option<i64>,
    /// The caller's own id of the act: told twice it is one.
    key: Option<String>,
}

impl Acting {
    fn deed(&self, caller: &Caller, now: Nanos) -> Result<Deed, ApiError> {
        let to = || self.to.clone().filter(|to| !to.is_empty());
        Ok(match self.what.as_str() {
            "acknowledge" => Deed::Acknowledge,
            "reopen" => Deed::Reopen,
            "comment" => Deed::Comment,
            "join" => Deed::Join(self.incident),
            "snooze" => match &self.until {
                Some(until) => Deed::Snooze(time::parse(&until.0, now)?),
                None => return Err(ApiError::bad("say until when with `until`").help("such as now+4h")),
            },
            "resolve" => {
                let outcome = self.outcome.as_deref().and_then(Outcome::from_name);
                Deed::Resolve(outcome.ok_or_else(|| {
                    ApiError::bad("say what it was with `outcome`").help("true, benign or false; done of a task")
                })?)
            }
            "assign" => Deed::Assign(match to().as_deref() {
                None | Some("me") => Some(caller.name.clone()),
                Some("nobody") => None,
                Some(name) => Some(name.to_owned()),
            }),
            "hand_over" => {
                let team = to().ok_or_else(|| ApiError::bad("say to which team with `to`"))?;
                Deed::HandOver(model::entity::team(&team)?)
            }
            "tag" => Deed::Tag(to().ok_or_else(|| ApiError::bad("say which tag with `to`"))?),
            other => {
                return Err(ApiError::bad(format!("{other:?} is nothing that is done to alerts"))
                    .help("acknowledge, reopen, snooze, resolve, assign, hand_over, comment, tag, join"));
            }
        })
    }
}

/// How many were acted on.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Acted {
    acted: usize,
    /// Those among them that had been told before, by the same key.
    repeated: u64,
}

/// Does something to alerts, incidents, tasks or suppressions: to all that are named, or to none.
#[utoipa::path(post, path = "/api/v1/alerts/act", tag = "respond", request_body = Acting,
    responses((status = 200, description = "How many", body = Acted), (status = 403, description = "One of them is another team's")))]
pub async fn act(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<Acted>, ApiError> {
    let given: Acting = super::parameters(&app, request).await?;
    let now = now();
    if given.ids.is_empty() || given.ids.len() > MAX_ACTED {
        return Err(ApiError::bad(format!("name 1 to {MAX_ACTED} alerts with `ids`")));
    }
    let deed = given.deed(&caller, now)?;
    let mut ids = given.ids.clone();
    ids.sort_unstable();
    ids.dedup();
    let seen = AsOf::at(now).within(caller.datasets());
    let kept = app.responder.find(&ids, &seen).await?;
    kept.iter().try_for_each(|one| may(&caller, one))?;
    if let Deed::Join(Some(incident)) = deed {
        app.responder.find(&[incident], &seen).await?.iter().try_for_each(|one| may(&caller, one))?;
    }
    let key = given.key.as_deref();
    let done = app.responder.act(&kept, &deed, &given.reason, key, Person(&caller.name), now).await?;
    if matches!(deed, Deed::Resolve(_) | Deed::Reopen) {
        app.knowledge.feed.hurry();
    }
    Ok(Json(Acted { acted: kept.len(), repeated: done.repeated }))
}

/// Whoever acts does so on what their team owns; on what nobody owns, for all teams.
pub fn may(caller: &Caller, kept: &Kept) -> Result<(), ApiError> {
    let role = if kept.kind == Kind::Suppression { Role::Editor } else { Role::Responder };
    may_act(caller, role, kept.owner.as_ref().map(|owner| owner.key.as_str()))
}

/// What a playbook would do, or does.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Playing {
    /// Its name.
    name: String,
    /// `dry` (when absent): say what it would do; `run`: that is the approval; `undo`.
    run: Option<String>,
    /// Why.
    #[serde(default)]
    reason: String,
}

/// What a playbook would do, or did.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Played {
    playbook: String,
    /// `dry`, `run` or `undo`.
    run: String,
    steps: Vec<respond::DryRun>,
}

/// Tries, runs or undoes a playbook of an alert.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/playbook", tag = "respond", request_body = Playing, params(("id" = i64, Path)),
    responses((status = 200, description = "What it does, step by step", body = Played)))]
pub async fn playbook(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    request: Request,
) -> Result<Json<Played>, ApiError> {
    let given: Playing = super::parameters(&app, request).await?;
    let now = now();
    let found = whole(&app, &caller, id, &[Kind::Alert], now).await?;
    may(&caller, &found.kept)?;
    let (name, by) = (given.name.as_str(), Person(&caller.name));
    let steps = match given.run.as_deref() {
        None | Some("dry") => app.responder.dry_run(&found, name, false, now)?,
        Some("run") => app.responder.run_playbook(&found, name, false, &given.reason, by, now).await?,
        Some("undo") => app.responder.run_playbook(&found, name, true, &given.reason, by, now).await?,
        Some(other) => return Err(ApiError::bad(format!("{other:?} is no way to run it")).help("dry, run or undo")),
    };
    let run = given.run.as_deref().unwrap_or("dry").to_owned();
    Ok(Json(Played { playbook: name.to_owned(), run, steps }))
}

fn state(word: &str) -> Result<Stand, ApiError> {
    let found = Stand::from_name(word);
    found.ok_or_else(|| {
        ApiError::bad(format!("there is no state {word:?}")).help("open, acknowledged, snoozed, resolved, or all")
    })
}

/// A level by its name.
pub fn level(word: &str) -> Result<Level, ApiError> {
    Level::from_name(word).ok_or_else(|| {
        ApiError::bad(format!("there is no level {word:?}")).help("informational, low, medium, high or critical")
    })
}

fn after(text: &str) -> Result<(i64, i64, i64), ApiError> {
    let mut numbers = text.split('.').map(str::parse::<i64>);
    match (numbers.next(), numbers.next(), numbers.next(), numbers.next()) {
        (Some(Ok(a)), Some(Ok(b)), Some(Ok(c)), None) => Ok((a, b, c)),
        _ => Err(ApiError::bad("`after` is the `next` of a page")),
    }
}

impl From<RespondError> for ApiError {
    fn from(error: RespondError) -> Self {
        match error {
            RespondError::Invalid(why) => ApiError::bad(why).help("the API is described at /api/openapi.json"),
            // Whether there is one that may not be seen is not said.
            RespondError::Gone(why) => ApiError::new(StatusCode::FORBIDDEN, why)
                .help("`tandem alerts --state all` lists those that you may see"),
            RespondError::Ledger(error) => error.into(),
        }
    }
}
