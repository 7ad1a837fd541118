//! Facts in: as JSON from agents and programs, and documents of other tools.

use crate::limits::MAX_FACTS_BYTES;
use crate::server::api::time::{self, When};
use crate::server::errors::ApiError;
use crate::server::gate::Held;
use crate::server::ingest::{self, Incoming};
use crate::server::state::{App, now};
use axum::Json;
use axum::body::Body;
use axum::extract::{ConnectInfo, Extension, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use ledger::AsOf;
use model::access::{Caller, Role};
use model::entity::{BUILT_FROM, OWNED_BY, PART_OF};
use model::{About, DEFAULT_DATASET, EntityRef, Facts, Nanos};
use receive::imports::{self, Document, Reading};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

/// The door in the numbers.
pub const DOOR: &str = "facts";
/// Sources that are this server itself.
const OWN: [&str; 3] = ["manual", "telemetry", "policy"];
/// Sources that an ingest token may speak for: machines that say what they see. Who owns what is said by others.
const MACHINES: [&str; 5] = ["agent", "osquery", "kubernetes", "sbom", "scan"];

/// What became of facts.
#[derive(Serialize, utoipa::ToSchema)]
pub struct FactsKept {
    /// Facts that are new.
    pub new: u64,
    /// Facts that were known already.
    pub repeated: u64,
}

/// What became of the facts of a machine.
#[derive(Serialize, utoipa::ToSchema)]
pub struct FactsTaken {
    #[serde(flatten)]
    kept: FactsKept,
    /// What an agent shall look at from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<BTreeMap<String, serde_json::Value>>, nullable = false)]
    policy: Option<watch::facts::Policy>,
}

/// What became of a document.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Imported {
    #[serde(flatten)]
    kept: FactsKept,
    /// What it was read as.
    document: &'static str,
    /// How many facts it holds.
    facts: usize,
    /// What was left out, and why.
    notes: Vec<String>,
}

/// Facts that a machine reports, by its ingest token.
#[utoipa::path(post, path = "/api/v1/ingest/facts", tag = "send",
    request_body(content = Value, description = "`origin`, `observations`, `complete`, `findings`, `changes`"),
    responses((status = 200, description = "What was new", body = FactsTaken), (status = 403, description = "A source that needs a role")))]
pub async fn ingest(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Result<Json<FactsTaken>, ApiError> {
    let result = take(&app, peer, request).await;
    if let Err(error) = &result {
        app.counters.refused(DOOR, error.status.as_u16());
    }
    result
}

async fn take(app: &Arc<App>, peer: SocketAddr, request: Request) -> Result<Json<FactsTaken>, ApiError> {
    let sender = ingest::sender(request.extensions())?;
    // Machines report, pages do not: a browser names the page that sends.
    if request.headers().contains_key(header::ORIGIN) {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "a page may not report facts"));
    }
    let kind = request.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or("");
    if kind.split(';').next().unwrap_or("").trim() != "application/json" {
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("content type {kind:?} is not JSON"))
            .help("send facts as application/json"));
    }
    let incoming = Incoming::new(DOOR, String::new(), request.headers(), sender, peer.ip());
    let body = body(app, request).await?;
    let mut facts = parse(&body.bytes)?;
    if !MACHINES.contains(&facts.origin.as_str()) {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            format!("an ingest token does not speak for {:?}", facts.origin),
        )
        .help("post to /api/v1/facts with an API token of an editor"));
    }
    if let Some(claim) = claims(&facts).find(|(of, _)| facts.origin != "agent" || of.kind != "host") {
        let message = format!("an ingest token does not say who owns {}", claim.0);
        return Err(ApiError::new(StatusCode::FORBIDDEN, message)
            .help("import it, or hand it over, with an API token of an editor"));
    }
    if let Some(of) = belongings(&facts).next() {
        let message = format!("an ingest token does not say what {of} belongs to");
        return Err(ApiError::new(StatusCode::FORBIDDEN, message).help("import it with an API token of an editor"));
    }
    facts.dataset = incoming.sender.dataset;
    let Json(kept) = record(app, &facts).await?;
    // What the sender shall look at from now on: one policy for all of them.
    let policy = (facts.origin == "agent").then(|| app.agent_policy.clone());
    Ok(Json(FactsTaken { kept, policy }))
}

/// Facts of any source.
#[utoipa::path(post, path = "/api/v1/facts", tag = "facts",
    request_body(content = Value, description = "`origin`, `dataset`, `observations`, `complete`, `findings`, `changes`"),
    responses((status = 200, description = "What was new", body = FactsKept)))]
pub async fn facts(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<FactsKept>, ApiError> {
    let body = body(&app, request).await?;
    let mut facts = parse(&body.bytes)?;
    if facts.dataset.is_empty() {
        DEFAULT_DATASET.clone_into(&mut facts.dataset);
    }
    may_write(&caller, &facts.dataset)?;
    may_claim(&app, &caller, &facts).await?;
    let recorded = record(&app, &facts).await?;
    app.facts_told();
    Ok(recorded)
}

/// Where a document belongs.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportParameters {
    /// Name of the file, for messages.
    name: Option<String>,
    /// What it is about when it does not say: `repository:github.com/acme/shop`, `host:web-1`.
    subject: Option<String>,
    /// The Kubernetes cluster it comes from.
    cluster: Option<String>,
    /// Who may see it.
    dataset: Option<String>,
    /// When it was so; now when absent.
    #[param(value_type = Option<String>)]
    at: Option<When>,
}

/// Reads a document: `catalog`, `codeowners`, `cyclonedx`, `spdx`, `kubernetes`, `osquery`, or `auto`.
#[utoipa::path(post, path = "/api/v1/import/{format}", tag = "facts", params(("format" = String, Path), ImportParameters),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 200, description = "What was new, and notes", body = Imported), (status = 400, description = "File, line and reason")))]
pub async fn import(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(format): Path<String>,
    Query(parameters): Query<ImportParameters>,
    request: Request,
) -> Result<Json<Imported>, ApiError> {
    let now = now();
    let dataset = parameters.dataset.unwrap_or_else(|| DEFAULT_DATASET.to_owned());
    may_write(&caller, &dataset)?;
    let at = parameters.at.map_or(Ok(now), |when| time::parse(&when.0, now))?;
    let subject = parameters.subject.as_deref().map(entity).transpose()?;
    let name = parameters.name.unwrap_or_else(|| format.clone());
    let body = body(&app, request).await?;
    let document = match format.as_str() {
        "auto" => Document::detect(&name, &body.bytes),
        other => Document::from_name(other),
    };
    let document = document.ok_or_else(|| {
        ApiError::bad(format!("{name} is no document that is known here"))
            .help(format!("say which: {}", Document::NAMES))
    })?;
    let cluster = parameters.cluster;
    let imported = tokio::task::spawn_blocking(move || {
        let reading =
            Reading { name: &name, dataset: &dataset, at, subject: subject.as_ref(), cluster: cluster.as_deref() };
        imports::read(document, &body.bytes, &reading)
    });
    let imported = imported
        .await
        .map_err(|_| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "the document could not be read; this is a bug"))?
        .map_err(|error| {
            let mut answer = ApiError::bad(error.to_string());
            answer.place = Some(json!({"file": error.file, "line": error.line, "column": error.column}));
            answer
        })?;
    may_claim(&app, &caller, &imported.facts).await?;
    let Json(kept) = record(&app, &imported.facts).await?;
    app.facts_told();
    Ok(Json(Imported { kept, document: document.name(), facts: imported.facts.len(), notes: imported.notes }))
}

/// An entity as it is written in parameters.
pub fn entity(text: &str) -> Result<EntityRef, ApiError> {
    text.parse().map_err(|error: model::fact::NotAnEntity| ApiError::bad(error.to_string()))
}

/// Whoever writes into a dataset may also see it, so that nobody hides what was written.
pub fn may_write(caller: &Caller, dataset: &str) -> Result<(), ApiError> {
    if caller.datasets().allow(dataset) {
        return Ok(());
    }
    Err(ApiError::new(StatusCode::FORBIDDEN, format!("the dataset {dataset:?} is not yours"))
        .help("ask an admin for a role that grants it"))
}

/// Whom facts name as owners, of what.
fn claims(facts: &Facts) -> impl Iterator<Item = (&EntityRef, Option<&EntityRef>)> {
    let said = facts.observations.iter().filter_map(|observation| match &observation.about {
        About::Relation(relation) if relation.kind == OWNED_BY => Some((&relation.from, Some(&relation.to))),
        _ => None,
    });
    let ended = facts.complete.iter().filter(|complete| complete.relation == OWNED_BY);
    said.chain(ended.map(|complete| (&complete.from, None)))
}

/// What facts say that services, repositories and teams' things belong to: by that they have an owner too.
fn belongings(facts: &Facts) -> impl Iterator<Item = &EntityRef> {
    let decides = |kind: &str| [PART_OF, BUILT_FROM].contains(&kind);
    let said = facts.observations.iter().filter_map(move |observation| match &observation.about {
        About::Relation(relation) if decides(&relation.kind) => Some(&relation.from),
        _ => None,
    });
    let ended = facts.complete.iter().filter(move |complete| decides(&complete.relation));
    let all = said.chain(ended.map(|complete| &complete.from));
    all.filter(|of| ["service", "repository", "component", "system"].contains(&of.kind.as_str()))
}

/// Who is an editor of some teams may say what these own, and take nothing from others: neither by facts nor by a
/// document. What follows from decisions is said by decisions alone.
async fn may_claim(app: &App, caller: &Caller, facts: &Facts) -> Result<(), ApiError> {
    if OWN.contains(&facts.origin.as_str()) {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            format!("{:?} is what this server says itself", facts.origin),
        )
        .help("hand over at /api/v1/owners, record changes at /api/v1/changes"));
    }
    if caller.may(Role::Editor, None) {
        return Ok(());
    }
    let mut whose: BTreeMap<&EntityRef, Vec<String>> = BTreeMap::new();
    for (of, to) in claims(facts) {
        whose.entry(of).or_default().extend(to.map(|to| to.key.clone()));
    }
    for of in belongings(facts) {
        whose.entry(of).or_default();
    }
    // Also what the caller does not see: what is another's is not taken over by not seeing it.
    let as_of = AsOf::at(now());
    for (of, mut teams) in whose {
        teams.extend(app.ledger.owners(&as_of, Some(of)).await?.into_iter().map(|owner| owner.owner.key));
        for team in teams {
            may_act(caller, Role::Editor, Some(&team))?;
        }
    }
    Ok(())
}

/// Refuses what concerns a team that the caller has no such role in.
pub fn may_act(caller: &Caller, role: Role, team: Option<&str>) -> Result<(), ApiError> {
    if caller.may(role, team) {
        return Ok(());
    }
    let whose = team.map_or_else(|| "all teams".to_owned(), |team| format!("team {team:?}"));
    Err(ApiError::new(StatusCode::FORBIDDEN, format!("this needs the role {role} in {whose}"))
        .help("ask an admin of that team"))
}

/// A body that was read and decompressed, and its place among all that are in flight.
pub struct Read {
    /// The bytes.
    pub bytes: Vec<u8>,
    _held: Held,
}

/// Reads a body within the gate; what it becomes by decompression counts there too, away from the other requests.
pub async fn read(app: &Arc<App>, headers: &HeaderMap, body: Body) -> Result<Read, ApiError> {
    let encoding = headers.get(header::CONTENT_ENCODING).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut held = app.gate.read(body, MAX_FACTS_BYTES).await?;
    let turn = if encoding.is_some() { app.gate.turn().await } else { None };
    let app = app.clone();
    let work = tokio::task::spawn_blocking(move || {
        let raw = held.bytes.clone();
        let bytes = receive::body::decompress(&raw, encoding.as_deref())?.into_owned();
        held.grow(&app.gate, bytes.len())?;
        drop(turn);
        Ok(Read { bytes, _held: held })
    });
    work.await
        .map_err(|_| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "the body could not be read; this is a bug"))?
}

async fn body(app: &Arc<App>, request: Request) -> Result<Read, ApiError> {
    let (parts, body) = request.into_parts();
    read(app, &parts.headers, body).await
}

fn parse(body: &[u8]) -> Result<Facts, ApiError> {
    serde_json::from_slice(body).map_err(|error| {
        let mut answer = ApiError::bad(format!("these are no facts: {error}"));
        answer.place = Some(json!({"line": error.line(), "column": error.column()}));
        answer
    })
}

async fn record(app: &App, facts: &Facts) -> Result<Json<FactsKept>, ApiError> {
    if facts.is_empty() {
        return Ok(Json(FactsKept { new: 0, repeated: 0 }));
    }
    let now: Nanos = now();
    let recorded = app.ledger.record(facts, now).await?;
    after_changes(app, facts, now).await;
    Ok(Json(FactsKept { new: recorded.new, repeated: recorded.repeated }))
}

/// What deployments among facts that were kept bring and mend. The facts stay, whatever becomes of this.
pub async fn after_changes(app: &App, facts: &Facts, now: Nanos) {
    if let Err(error) = know::weak::after_changes(&app.ledger, facts, now).await {
        tracing::warn!(error = %format!("{error:#}"), "what was deployed could not be compared with scans");
    }
}
