//! Changes: told by people and programs, by webhooks, and asked for when something broke.

use super::facts::{entity, may_write};
use crate::limits::MAX_FACTS_BYTES;
use crate::server::api::time::{self, When};
use crate::server::auth::digest;
use crate::server::errors::ApiError;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use ledger::{AsOf, Person};
use model::access::Caller;
use model::{Change, DEFAULT_DATASET, Facts, hex};
use receive::changes::{self, Hook, HookError, Told};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// A change that somebody tells.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeParameters {
    /// `deployment`, `release`, `config`, `flag`, `infrastructure`, `incident`, ...
    kind: String,
    /// What was altered: `service:checkout`.
    entity: String,
    /// When; now when absent.
    #[schema(value_type = Option<String>)]
    at: Option<When>,
    /// Where it took effect, such as `production`.
    environment: Option<String>,
    /// The version that came.
    version: Option<String>,
    /// The teller's own id: the same change told twice is one. Made from the rest when absent.
    key: Option<String>,
    /// Who may see it.
    dataset: Option<String>,
    /// Everything else.
    #[serde(default)]
    #[schema(value_type = Object)]
    attributes: Map<String, Value>,
}

/// Records a change.
#[utoipa::path(post, path = "/api/v1/changes", request_body = ChangeParameters, tag = "facts",
    responses((status = 200, description = "Whether it was new")))]
pub async fn record(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let now = now();
    let given: ChangeParameters = super::parameters(&app, request).await?;
    let dataset = given.dataset.unwrap_or_else(|| DEFAULT_DATASET.to_owned());
    may_write(&caller, &dataset)?;
    let at = given.at.map_or(Ok(now), |when| time::parse(&when.0, now))?;
    let key = given.key.unwrap_or_else(|| {
        let word = |word: &Option<String>| word.clone().unwrap_or_default();
        format!("{}|{}|{}|{}|{at}", given.kind, given.entity, word(&given.environment), word(&given.version))
    });
    let (entity, environment, version) = (entity(&given.entity)?, given.environment, given.version);
    let change = Change { key, kind: given.kind, entity, at, environment, version, attributes: given.attributes };
    let facts = Facts { changes: vec![change], ..Facts::new("manual", dataset) };
    let recorded = app.ledger.record(&facts, now).await?;
    Ok(Json(json!({"new": recorded.new, "repeated": recorded.repeated})))
}

/// What a webhook says beside its body.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HookParameters {
    /// Who may see it.
    dataset: Option<String>,
}

/// A webhook of `github` or `gitlab`, signed with the secret that was configured.
#[utoipa::path(post, path = "/api/v1/hooks/{source}", tag = "send", params(("source" = String, Path)),
    request_body(content = String, content_type = "application/json"),
    responses((status = 200, description = "What was new"), (status = 401, description = "Not signed, or wrongly"),
        (status = 409, description = "A delivery that came before")))]
pub async fn hook(
    State(app): State<Arc<App>>,
    Path(source): Path<String>,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let secret = match source.as_str() {
        "github" => &app.hooks.github,
        "gitlab" => &app.hooks.gitlab,
        _ => {
            return Err(ApiError::bad("webhooks are taken from github and gitlab")
                .help("post CloudEvents to /api/v1/events with a token"));
        }
    };
    let Some(secret) = secret else {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            format!("webhooks of {source} are off: no secret is configured"),
        )
        .help(format!("set --{source}-secret-file, and the same secret at the source")));
    };
    let (headers, body) = parts(&app, request).await?;
    let pairs = pairs(&headers);
    let hook = Hook { headers: &pairs, body: &body, dataset: DEFAULT_DATASET, at: now() };
    let told = match source.as_str() {
        "github" => changes::github(&hook, secret.as_bytes()),
        _ => changes::gitlab(&hook, secret.as_bytes()),
    };
    match told {
        // What is signed is the body; the id of the delivery beside it could be another at each replay.
        Ok(told) => keep(&app, &source, Some(hex::encode(&digest(&body))), told).await,
        Err(error) => {
            refused(&app, &source, &error.to_string()).await;
            Err(error.into())
        }
    }
}

/// CloudEvents, with CDEvents inside: structured, in batches, or in headers.
#[utoipa::path(post, path = "/api/v1/events", tag = "facts", params(HookParameters),
    request_body(content = Value, content_type = "application/cloudevents+json"),
    responses((status = 200, description = "What was new")))]
pub async fn events(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(parameters): Query<HookParameters>,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let dataset = parameters.dataset.unwrap_or_else(|| DEFAULT_DATASET.to_owned());
    may_write(&caller, &dataset)?;
    let (headers, body) = parts(&app, request).await?;
    let pairs = pairs(&headers);
    let told =
        changes::cloudevents(&Hook { headers: &pairs, body: &body, dataset: &dataset, at: now() }, &app.redactor)?;
    keep(&app, "cloudevents", None, told).await
}

/// Keeps what a source told, once for each delivery.
async fn keep(app: &App, source: &str, delivery: Option<String>, told: Told) -> Result<Json<Value>, ApiError> {
    let now = now();
    if let Some(delivery) = &delivery
        && !app.ledger.delivery_is_new(source, delivery, now).await?
    {
        refused(app, source, "a delivery that came before").await;
        return Err(ApiError::new(StatusCode::CONFLICT, "this delivery came before; nothing was changed"));
    }
    match app.ledger.record(&told.facts, now).await {
        Ok(recorded) => Ok(Json(json!({"new": recorded.new, "repeated": recorded.repeated, "notes": told.notes}))),
        Err(error) => {
            // It may come again.
            if let Some(delivery) = &delivery {
                app.ledger.delivery_failed(source, delivery).await?;
            }
            Err(error.into())
        }
    }
}

/// Writes a refusal down.
async fn refused(app: &App, source: &str, why: &str) {
    let detail = json!({"why": why}).to_string();
    let written = app.ledger.audit("refused", Person("a webhook"), &format!("hook:{source}"), &detail, now()).await;
    if let Err(error) = written {
        tracing::error!(%error, "a refused webhook could not be written down");
    }
}

async fn parts(app: &App, request: Request) -> Result<(HeaderMap, Vec<u8>), ApiError> {
    let (parts, body) = request.into_parts();
    let held = app.gate.read(body, MAX_FACTS_BYTES).await?;
    let encoding = parts.headers.get("content-encoding").and_then(|value| value.to_str().ok());
    let body = receive::body::decompress(&held.bytes, encoding)?.into_owned();
    Ok((parts.headers, body))
}

fn pairs(headers: &HeaderMap) -> Vec<(&str, &str)> {
    headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect()
}

/// For which entity and moment.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SuspectParameters {
    /// What broke: `service:checkout`.
    entity: String,
    /// When; now when absent.
    #[param(value_type = Option<String>)]
    at: Option<When>,
}

/// Changes that may be to blame, the likeliest first, each with its reasons.
#[utoipa::path(get, path = "/api/v1/suspects", tag = "facts", params(SuspectParameters),
    responses((status = 200, description = "Suspect changes")))]
pub async fn suspects(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(parameters): Query<SuspectParameters>,
) -> Result<Json<Value>, ApiError> {
    let now = now();
    let at = parameters.at.map_or(Ok(now), |when| time::parse(&when.0, now))?;
    let entity = entity(&parameters.entity)?;
    let suspects = app.ledger.suspects(&entity, &AsOf::at(at).within(caller.datasets())).await?;
    let mut rows = Vec::with_capacity(suspects.len());
    for suspect in suspects {
        let mut row = serde_json::to_value(&suspect).unwrap_or_default();
        row["at"] = crate::server::rows::rfc3339(suspect.at).into();
        row["entity"] = suspect.entity.to_string().into();
        rows.push(row);
    }
    Ok(Json(json!({"entity": entity.to_string(), "at": crate::server::rows::rfc3339(at), "suspects": rows})))
}

impl From<HookError> for ApiError {
    fn from(error: HookError) -> Self {
        let status = StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
        ApiError::new(status, error.to_string())
    }
}
