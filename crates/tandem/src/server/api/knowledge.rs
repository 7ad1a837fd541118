//! What people wrote down: found by words, read, and laid beside alerts and incidents.

use super::facts::may_write;
use crate::server::detection::rules::RuleSet;
use crate::server::errors::ApiError;
use crate::server::feed::{ANSWER, INCIDENT, MEETING};
use crate::server::knowledge::link_of;
use crate::server::rows::rfc3339;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Query, Request, State};
use axum::http::StatusCode;
use detect::rule::Meta;
use know::pages::lists::RuleName;
use know::pages::votes::Helped;
use know::pages::{
    AlertLike, Asked, Attached, Hit, Kind as PageKind, Lists, ListsAsked, Page, Problems, Why, render_html,
};
use ledger::{Kept, Kind, Person, Whole};
use model::access::Caller;
use model::{DEFAULT_DATASET, Datasets, Facts, Nanos};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use tokio::task::block_in_place;

/// Answers of a search when nothing is said.
const HITS: usize = 20;
/// Pages of a list when nothing is said, and at most.
const PAGES: usize = 1_000;
/// Pages that are laid beside an alert.
const BESIDE: usize = 3;
/// Rules of an incident for which pages are looked for, those of its worst alerts: each is a search.
const RULES_OF_INCIDENT: usize = 8;

/// What is searched for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct SearchParameters {
    /// Words; `"in quotes"` is a phrase. Without any, the newest.
    q: String,
    /// `runbook`, `note`, `review`, `decision`, `control`, `roadmap`, `incident`, `answer`, `meeting`, separated by commas.
    kind: Option<String>,
    /// For one of these services, separated by commas.
    service: Option<String>,
    /// Of this team.
    owner: Option<String>,
    /// Answers at most [default: 20].
    limit: Option<usize>,
}

fn words(text: Option<&str>) -> Vec<String> {
    let all = text.into_iter().flat_map(|text| text.split(','));
    all.map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Kinds that are asked for. Who looks for reviews means those of incidents as well.
fn kinds(text: Option<&str>) -> Result<Vec<String>, ApiError> {
    let known: Vec<&str> = PageKind::ALL.map(PageKind::name).into_iter().chain([INCIDENT, ANSWER, MEETING]).collect();
    let mut kinds = words(text);
    if let Some(unknown) = kinds.iter().find(|kind| !known.contains(&kind.as_str())) {
        return Err(ApiError::bad(format!("there is no kind {unknown:?}")).help(known.join(", ")));
    }
    if kinds.iter().any(|kind| kind == PageKind::Review.name()) {
        kinds.push(INCIDENT.to_owned());
    }
    Ok(kinds)
}

/// What was found.
#[derive(Serialize, utoipa::ToSchema)]
pub struct KnowledgeHits {
    count: usize,
    hits: Vec<KnowledgeHit>,
}

/// A document that was found.
#[derive(Serialize, utoipa::ToSchema)]
pub struct KnowledgeHit {
    /// `runbook`, `note`, `review`, `decision`, `control`, `roadmap`, `incident`, `answer` or `meeting`.
    kind: String,
    id: String,
    title: String,
    /// Comparable within one answer alone.
    score: f64,
    snippet: String,
    /// Where in the snippet the words are: begin and end in bytes.
    marks: Vec<(usize, usize)>,
    /// What it is about.
    entity: Option<String>,
    services: Vec<String>,
    /// The team that answers for it.
    owner: Option<String>,
    /// Who may see it; nothing for everybody.
    dataset: Option<String>,
    at: Option<String>,
    /// Where to read it.
    link: Option<String>,
}

/// Pages, and what is wrong with folders and files.
#[derive(Serialize, utoipa::ToSchema)]
pub struct KnowledgePages {
    count: usize,
    pages: Vec<PageTold>,
    /// Where the list goes on: its `after`.
    next: Option<String>,
    problems: Problems,
}

/// A page without its text.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = PageLinked)]
pub struct PageTold {
    #[serde(flatten)]
    #[schema(value_type = Page)]
    page: Value,
    /// Where to read it.
    link: Option<String>,
}

/// A page.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PageWhole {
    #[serde(flatten)]
    told: PageTold,
    markdown: String,
    /// In it nothing runs, and nothing is loaded from elsewhere.
    html: String,
}

/// What is missing, old or broken, and what is wrong with folders and files.
#[derive(Serialize, utoipa::ToSchema)]
pub struct KnowledgeState {
    #[serde(flatten)]
    #[schema(value_type = Lists)]
    lists: Value,
    problems: Problems,
}

/// That a page helped was kept.
#[derive(Serialize, utoipa::ToSchema)]
pub struct HelpKept {
    /// The decision.
    helped: i64,
    page: String,
    rule: String,
    /// It was told before.
    repeated: bool,
}

/// One search over pages, reviews of incidents, controls, what was decided and said, and notes of meetings.
#[utoipa::path(get, path = "/api/v1/knowledge/search", tag = "knowledge", params(SearchParameters),
    responses((status = 200, description = "What was found, the best first", body = KnowledgeHits)))]
pub async fn search(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(given): Query<SearchParameters>,
) -> Result<Json<KnowledgeHits>, ApiError> {
    let asked = Asked {
        text: given.q,
        kinds: kinds(given.kind.as_deref())?,
        services: words(given.service.as_deref()),
        owner: given.owner,
        datasets: caller.datasets().names().map(|names| names.iter().cloned().collect()),
        limit: given.limit.unwrap_or(HITS),
    };
    let hits = block_in_place(|| app.knowledge.shelf.search(&asked));
    Ok(Json(KnowledgeHits { count: hits.len(), hits: hits.iter().map(hit).collect() }))
}

fn hit(hit: &Hit) -> KnowledgeHit {
    let document = &hit.document;
    KnowledgeHit {
        kind: document.kind.clone(),
        id: document.id.clone(),
        title: document.title.clone(),
        score: rounded(hit.score),
        snippet: hit.snippet.text.clone(),
        marks: hit.snippet.marks.iter().map(|mark| (mark.start, mark.end)).collect(),
        entity: document.entity.as_ref().map(ToString::to_string),
        services: document.services.clone(),
        owner: document.owner.clone(),
        dataset: document.dataset.clone(),
        at: document.at.map(rfc3339),
        link: link_of(&document.kind, &document.id),
    }
}

fn rounded(score: f32) -> f64 {
    (f64::from(score) * 1e3).round() / 1e3
}

/// Which pages.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct PagesParameters {
    /// `runbook`, `note`, `review`, `decision`, `control`, `roadmap`, separated by commas.
    kind: Option<String>,
    /// For one of these services, separated by commas.
    service: Option<String>,
    /// Of this team.
    owner: Option<String>,
    /// Goes on after a page: its id.
    after: Option<String>,
    /// Pages at most [default: 1000, and no more].
    limit: Option<usize>,
}

/// Pages in the order of their ids, and what is wrong with folders and files.
#[utoipa::path(get, path = "/api/v1/knowledge/pages", tag = "knowledge", params(PagesParameters),
    responses((status = 200, description = "Pages without their texts; `next` where the list goes on", body = KnowledgePages)))]
pub async fn pages(
    State(app): State<Arc<App>>,
    Query(given): Query<PagesParameters>,
) -> Result<Json<KnowledgePages>, ApiError> {
    let (kinds, services) = (kinds(given.kind.as_deref())?, words(given.service.as_deref()));
    let wanted = |page: &Page| {
        (kinds.is_empty() || kinds.iter().any(|kind| kind == page.kind.name()))
            && (services.is_empty() || services.iter().any(|service| page.services.contains(service)))
            && given.owner.as_ref().is_none_or(|owner| page.owner.as_ref() == Some(owner))
    };
    let mut pages = app.knowledge.shelf.pages();
    pages.retain(|page| wanted(page));
    let count = pages.len();
    let from = given.after.map_or(0, |after| pages.partition_point(|page| page.id <= after));
    let limit = given.limit.unwrap_or(PAGES).clamp(1, PAGES);
    let some = &pages[from..(from + limit).min(count)];
    let next = some.last().filter(|_| from + limit < count).map(|page| page.id.clone());
    let pages = some.iter().map(|page| told(page)).collect();
    Ok(Json(KnowledgePages { count, pages, next, problems: app.knowledge.shelf.problems() }))
}

/// A page without its text.
fn told(page: &Page) -> PageTold {
    let mut value = serde_json::to_value(page).unwrap_or_default();
    value["review_by"] = page.review_by.map(day).into();
    PageTold { page: value, link: link_of(page.kind.name(), &page.id) }
}

fn day(at: Nanos) -> String {
    know::planning::day_of(at).to_string()
}

/// Which page.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageParameters {
    /// Its id: the path in its folder.
    id: String,
}

/// A page as Markdown and as HTML, in which nothing runs and nothing is loaded from elsewhere.
#[utoipa::path(get, path = "/api/v1/knowledge/page", tag = "knowledge", params(PageParameters),
    responses((status = 200, description = "The page", body = PageWhole), (status = 404, description = "No such page")))]
pub async fn page(
    State(app): State<Arc<App>>,
    Query(given): Query<PageParameters>,
) -> Result<Json<PageWhole>, ApiError> {
    let page = find(&app, &given.id)?;
    let html = block_in_place(|| render_html(&page.markdown));
    Ok(Json(PageWhole { told: told(&page), markdown: page.markdown.to_string(), html }))
}

fn find(app: &App, id: &str) -> Result<Arc<Page>, ApiError> {
    app.knowledge.shelf.page(id).ok_or_else(|| {
        ApiError::new(StatusCode::NOT_FOUND, format!("there is no page {id:?}"))
            .help("`tandem knowledge search` finds pages by words; GET /api/v1/knowledge/pages lists them")
    })
}

/// What is missing, old or broken: rules without a runbook, pages past their day, links and commands that lead nowhere.
#[utoipa::path(get, path = "/api/v1/knowledge/lists", tag = "knowledge",
    responses((status = 200, description = "Lists, each with its length", body = KnowledgeState)))]
pub async fn lists(State(app): State<Arc<App>>) -> Result<Json<KnowledgeState>, ApiError> {
    let made = tokio::task::spawn_blocking(move || {
        let (rules, commands) = (rule_names(&app.detection.rules()), crate::cli::commands());
        let authors = app.knowledge.authors();
        let count = |files: &[&str]| authors.count(files);
        // The server does not know what else is in the repository around a folder.
        let asked = ListsAsked { now: now(), rules: &rules, commands: &commands, exists: None, authors: Some(&count) };
        let lists = app.knowledge.shelf.lists(&asked);
        let mut value = serde_json::to_value(&lists).unwrap_or_default();
        for (told, page) in value["overdue"]["first"].as_array_mut().into_iter().flatten().zip(&lists.overdue.first) {
            told["review_by"] = day(page.review_by).into();
        }
        KnowledgeState { lists: value, problems: app.knowledge.shelf.problems() }
    });
    Ok(Json(made.await.map_err(|error| super::findings::failed(error.into()))?))
}

/// Rules that raise alerts and name no runbook of their own, by all that pages may call them. A rule's own page says why it
/// fires; a runbook says what a team does then.
fn rule_names(rules: &RuleSet) -> Vec<RuleName> {
    let own = |meta: &&Meta| meta.runbook.as_ref().is_some_and(|runbook| !runbook.ends_with("#what-to-do"));
    let name = |meta: &Meta| {
        let path = Path::new(&*meta.place.file).with_extension("");
        let path = path.to_string_lossy();
        let short = path.split_once("rules/detect/").map_or(&*path, |(_, short)| short);
        RuleName { names: vec![short.to_owned(), meta.id.clone()], title: meta.title.clone() }
    };
    let speaks = |meta: &&Meta| meta.level > model::Level::Informational;
    rules.metas().filter(speaks).filter(|meta| !own(meta)).map(name).collect()
}

/// A page that helped.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Helping {
    /// Its id.
    page: String,
    /// The alert that it helped with.
    alert: Option<i64>,
    /// The rule of the alert; that of `alert` when absent.
    rule: Option<String>,
}

/// Keeps that a page helped: it comes first among equals at the next alert of that rule. Who said so does not count.
#[utoipa::path(post, path = "/api/v1/knowledge/helped", tag = "knowledge", request_body = Helping,
    responses((status = 200, description = "The decision", body = HelpKept), (status = 404, description = "No such page")))]
pub async fn helped(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<HelpKept>, ApiError> {
    let given: Helping = super::parameters(&app, request).await?;
    let now = now();
    let page = find(&app, &given.page)?;
    let alert = match given.alert {
        Some(id) => Some(super::alerts::whole(&app, &caller, id, &[Kind::Alert], now).await?.kept),
        None => None,
    };
    let rule = given.rule.or_else(|| alert.as_ref().map(|alert| alert.rule.clone())).unwrap_or_default();
    let dataset = alert.as_ref().map_or(DEFAULT_DATASET, |alert| alert.dataset.as_str());
    may_write(&caller, dataset)?;
    let service = alert.as_ref().and_then(service_of);
    let helped = Helped { page: &page.id, rule: &rule, service, alert: given.alert, dataset };
    let decision = helped.decision(now).map_err(|error| ApiError::bad(error.to_string()))?;
    let kept = app.ledger.decide(&decision, &Facts::default(), Person(&caller.name), now).await?;
    app.knowledge.feed.helped(kept.id, dataset, &rule, &page.id);
    Ok(Json(HelpKept { helped: kept.id, page: page.id.clone(), rule, repeated: kept.repeated }))
}

fn service_of(kept: &Kept) -> Option<&str> {
    kept.entity.as_ref().filter(|entity| entity.kind == "service").map(|entity| entity.key.as_str())
}

/// A page that is laid beside an alert or an incident.
#[derive(Serialize, utoipa::ToSchema)]
pub struct RunbookBeside {
    /// Its id.
    page: String,
    title: String,
    why: Why,
    /// How often it helped with alerts of this rule.
    helped: u32,
    score: f64,
    /// Where to read it.
    link: Option<String>,
}

/// The pages for an alert or an incident, the best first. Of an incident those of its worst alerts count.
pub fn runbooks(app: &App, datasets: &Datasets, whole: &Whole) -> Vec<RunbookBeside> {
    let kept = &whole.kept;
    let text = whole.why.as_deref().unwrap_or(&whole.reason);
    let mut alerts: Vec<&Kept> = whole.parts.iter().filter(|part| part.kind == Kind::Alert).collect();
    alerts.sort_by_key(|alert| (std::cmp::Reverse(alert.level), alert.id));
    let mut rules = BTreeSet::new();
    alerts.retain(|alert| rules.insert(&alert.rule));
    alerts.truncate(RULES_OF_INCIDENT);
    let mut all: Vec<Attached> = block_in_place(|| {
        let of = std::iter::once((kept, text)).chain(alerts.into_iter().map(|alert| (alert, "")));
        of.flat_map(|(kept, text)| attached(app, datasets, kept, text)).collect()
    });
    // Stable: of the same reason, and as much help, those of the worst alert stay first.
    all.sort_by_key(|one| (one.why, std::cmp::Reverse(one.helped)));
    let mut told = BTreeSet::new();
    all.retain(|one| told.insert(one.page.id.clone()));
    let row = |one: &Attached| RunbookBeside {
        page: one.page.id.clone(),
        title: one.page.title.clone(),
        why: one.why,
        helped: one.helped,
        score: rounded(one.score),
        link: link_of(one.page.kind.name(), &one.page.id),
    };
    all.iter().take(BESIDE).map(row).collect()
}

fn attached(app: &App, datasets: &Datasets, kept: &Kept, text: &str) -> Vec<Attached> {
    let entity = kept.entity.as_ref().map(ToString::to_string);
    let alert = AlertLike {
        rule: &kept.rule,
        title: &kept.title,
        tags: &kept.tags,
        runbook: kept.runbook.as_deref(),
        entity: entity.as_deref(),
        service: service_of(kept),
        text,
    };
    app.knowledge.shelf.attach(&alert, &app.knowledge.feed.votes(&kept.rule, datasets))
}
