//! Results of scans in: of this scanner, and of any other tool by its SARIF.

use super::facts::{entity, may_write, read};
use crate::server::api::time::{self, When};
use crate::server::errors::ApiError;
use crate::server::ingest;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Query, Request, State};
use axum::http::{StatusCode, header};
use ledger::Scanned;
use model::access::Caller;
use model::{DEFAULT_DATASET, EntityRef, Nanos, Report};
use receive::imports::{self, Document, ImportError, Reading, sarif};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// Tools whose findings this server tells itself.
const OWN: [&str; 1] = ["deployment"];

/// What is sent of a scan.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Upload {
    report: Report,
    /// What the entity is made of, as CycloneDX.
    #[serde(default)]
    components: Option<Value>,
}

/// What became of the result of a scan.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ScanKept {
    #[serde(flatten)]
    scanned: Scanned,
    /// What became of the components, when they were sent with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    components: Option<ComponentsKept>,
}

/// What became of components.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ComponentsKept {
    given: usize,
    new: u64,
    /// What was left out, and why.
    notes: Vec<String>,
}

/// What became of a SARIF log.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SarifKept {
    /// `sarif`.
    document: &'static str,
    /// Findings in all runs.
    facts: u64,
    /// What is new, back or fixed.
    new: u64,
    runs: Vec<SarifRun>,
    /// What was left out, and why.
    notes: Vec<String>,
}

/// What became of one tool's run.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SarifRun {
    #[serde(flatten)]
    scanned: Scanned,
    tool: String,
    category: String,
    entity: String,
}

/// Takes the result of a scan: what is told twice is one.
#[utoipa::path(post, path = "/api/v1/scans", tag = "facts",
    request_body(content = Value, description = "`report`: entity, tool, source, rules, scope, incomplete, findings; `components`: a CycloneDX document"),
    responses((status = 200, description = "What is new, back and fixed", body = ScanKept), (status = 400, description = "What is wrong; nothing was kept")))]
pub async fn upload(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<ScanKept>, ApiError> {
    let (parts, body) = request.into_parts();
    let body = read(&app, &parts.headers, body).await?;
    let mut upload = parse(&body.bytes)?;
    if upload.report.dataset.is_empty() {
        DEFAULT_DATASET.clone_into(&mut upload.report.dataset);
    }
    may_write(&caller, &upload.report.dataset)?;
    take(&app, upload).await
}

/// The same from a pipeline, by its ingest token, whose dataset it goes to.
#[utoipa::path(post, path = "/api/v1/ingest/scans", tag = "send",
    request_body(content = Value, description = "As to /api/v1/scans"),
    responses((status = 200, description = "What is new, back and fixed", body = ScanKept), (status = 401, description = "No ingest token")))]
pub async fn ingest(State(app): State<Arc<App>>, request: Request) -> Result<Json<ScanKept>, ApiError> {
    let sender = ingest::sender(request.extensions())?;
    ingest::no_page(request.headers())?;
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    if kind.split(';').next().unwrap_or("").trim() != "application/json" {
        let message = format!("content type {kind:?} is not JSON");
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message).help("send it as application/json"));
    }
    let (parts, body) = request.into_parts();
    let body = read(&app, &parts.headers, body).await?;
    let mut upload = parse(&body.bytes)?;
    upload.report.dataset = sender.dataset;
    take(&app, upload).await
}

fn parse(body: &[u8]) -> Result<Upload, ApiError> {
    serde_json::from_slice(body).map_err(|error| {
        let mut answer = ApiError::bad(format!("this is no result of a scan: {error}"));
        answer.place = Some(json!({"line": error.line(), "column": error.column()}));
        answer
    })
}

async fn take(app: &Arc<App>, upload: Upload) -> Result<Json<ScanKept>, ApiError> {
    let Upload { mut report, components } = upload;
    let now = now();
    let components = match components {
        Some(document) if !report.source.side => Some(bill(document, &report, now).await?),
        _ => None,
    };
    let scanned = keep(app, &mut report, now).await?;
    let mut answer = ScanKept { scanned, components: None };
    if let Some((facts, notes)) = components
        && !scanned.late
    {
        let recorded = app.ledger.record(&facts, now).await?;
        answer.components = Some(ComponentsKept { given: facts.observations.len(), new: recorded.new, notes });
    }
    Ok(Json(answer))
}

/// A bill of materials as facts about what was scanned.
async fn bill(document: Value, report: &Report, now: Nanos) -> Result<(model::Facts, Vec<String>), ApiError> {
    let (dataset, subject, at) = (report.dataset.clone(), report.entity.clone(), report.at);
    let incomplete = report.incomplete;
    let read = tokio::task::spawn_blocking(move || {
        let at = if at == 0 { now } else { at.min(now) };
        let reading = Reading { name: "components", dataset: &dataset, at, subject: Some(&subject), cluster: None };
        imports::read(Document::CycloneDx, document.to_string().as_bytes(), &reading)
    });
    let mut imported = read.await.map_err(|_| bug())?.map_err(refused)?;
    // What is weak is told by the report, which says it once. A bill of materials that somebody imported stays beside it.
    imported.facts.findings.clear();
    "scan".clone_into(&mut imported.facts.origin);
    if incomplete {
        imported.facts.complete.clear();
    }
    Ok((imported.facts, imported.notes))
}

async fn keep(app: &App, report: &mut Report, now: Nanos) -> Result<Scanned, ApiError> {
    if OWN.contains(&report.tool.name.as_str()) {
        let message = format!("{:?} is what this server says itself", report.tool.name);
        return Err(ApiError::new(StatusCode::FORBIDDEN, message).help("name your tool otherwise"));
    }
    report.change = None;
    let scanned = app.ledger.scanned(report, now).await?;
    app.facts_told();
    if !scanned.late {
        // What was kept stays, whatever becomes of what follows from it; the next scan tells it again.
        if let Err(error) = know::weak::after_scan(&app.ledger, report, now).await {
            tracing::warn!(error = %format!("{error:#}"), "what was deployed could not be compared with a scan");
        }
    }
    Ok(scanned)
}

fn bug() -> ApiError {
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "the document could not be read; this is a bug")
}

fn refused(error: ImportError) -> ApiError {
    let mut answer = ApiError::bad(error.to_string());
    answer.place = Some(json!({"file": error.file, "line": error.line, "column": error.column}));
    answer
}

/// What a SARIF log is about, where it does not say.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SarifParameters {
    /// Name of the file, for messages.
    name: Option<String>,
    /// What it is about, whatever it says: `repository:github.com/acme/shop`.
    subject: Option<String>,
    /// What it is about when it does not say.
    fallback: Option<String>,
    /// Absolute paths become relative to this folder.
    root: Option<String>,
    /// Tells it from other runs of the same tool when it does not say so itself.
    category: Option<String>,
    /// The commit that was scanned, when it does not say.
    commit: Option<String>,
    /// The branch, when it does not say.
    branch: Option<String>,
    /// The branch is not the default one.
    #[serde(default)]
    side: bool,
    /// Who may see it.
    dataset: Option<String>,
    /// When it was so; now when absent.
    #[param(value_type = Option<String>)]
    at: Option<When>,
}

/// Takes a SARIF 2.1.0 log of any tool.
#[utoipa::path(post, path = "/api/v1/import/sarif", tag = "facts", params(SarifParameters),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 200, description = "What is new, back and fixed, for each tool and category", body = SarifKept),
        (status = 400, description = "File, line and reason; nothing was kept")))]
pub async fn sarif(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(parameters): Query<SarifParameters>,
    request: Request,
) -> Result<Json<SarifKept>, ApiError> {
    let now = now();
    let dataset = parameters.dataset.clone().unwrap_or_else(|| DEFAULT_DATASET.to_owned());
    may_write(&caller, &dataset)?;
    let at = parameters.at.as_ref().map_or(Ok(now), |when| time::parse(&when.0, now))?;
    let named = |text: &Option<String>| text.as_deref().map(entity).transpose();
    let (subject, fallback): (Option<EntityRef>, Option<EntityRef>) =
        (named(&parameters.subject)?, named(&parameters.fallback)?);
    let (parts, body) = request.into_parts();
    let body = read(&app, &parts.headers, body).await?;
    let (name, root) = (parameters.name.clone().unwrap_or_else(|| "sarif".to_owned()), parameters.root.clone());
    let read = tokio::task::spawn_blocking(move || {
        let reading = Reading { name: &name, dataset: &dataset, at, subject: subject.as_ref(), cluster: None };
        let known = sarif::Known { root: root.as_deref(), fallback: fallback.as_ref() };
        sarif::read(&body.bytes, known, &reading)
    });
    let sarif::Sarif { mut reports, notes } = read.await.map_err(|_| bug())?.map_err(refused)?;
    let mut runs = Vec::with_capacity(reports.len());
    let (mut new, mut found) = (0, 0);
    for report in &mut reports {
        fill(report, &parameters);
        let scanned = keep(&app, report, now).await?;
        (new, found) = (new + scanned.new + scanned.back + scanned.fixed, found + scanned.found);
        let (tool, category) = (report.tool.name.clone(), report.category.clone());
        runs.push(SarifRun { scanned, tool, category, entity: report.entity.to_string() });
    }
    Ok(Json(SarifKept { document: "sarif", facts: found, new, runs, notes }))
}

/// What the sender knows where the log says nothing.
fn fill(report: &mut Report, parameters: &SarifParameters) {
    if report.category.is_empty() {
        report.category = parameters.category.clone().unwrap_or_default();
    }
    let source = &mut report.source;
    if source.commit.is_none() {
        source.commit.clone_from(&parameters.commit);
    }
    if source.branch.is_none() {
        source.branch.clone_from(&parameters.branch);
    }
    source.side |= parameters.side && source.branch == parameters.branch;
}
