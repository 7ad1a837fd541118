//! Changes: told by people and programs, by webhooks, and asked for when something broke.

use super::facts::{FactsKept, after_changes, entity, may_act, may_write, read};
use crate::limits::MAX_FACTS_BYTES;
use crate::server::api::time::{self, When};
use crate::server::auth::digest;
use crate::server::errors::ApiError;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Path, Query, Request, State};
use axum::http::header::CONTENT_ENCODING;
use axum::http::{HeaderMap, StatusCode};
use ledger::AsOf;
use model::access::{Caller, Role};
use model::{Change, DEFAULT_DATASET, Facts, hex};
use receive::changes::{self, Hook, HookError, Told};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
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

/// What became of what a source told.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ChangesKept {
    /// Changes that are new.
    new: u64,
    /// Changes that were known already.
    repeated: u64,
    /// What was left out, and why.
    notes: Vec<String>,
}

/// Changes that may be to blame.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Suspects {
    entity: String,
    at: String,
    #[schema(value_type = Vec<ledger::Suspect>)]
    suspects: Vec<Value>,
}

/// Records a change.
#[utoipa::path(post, path = "/api/v1/changes", request_body = ChangeParameters, tag = "facts",
    responses((status = 200, description = "Whether it was new", body = FactsKept)))]
pub async fn record(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<FactsKept>, ApiError> {
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
    may_alter(&app, &caller, std::slice::from_ref(&change)).await?;
    let facts = Facts { changes: vec![change], ..Facts::new("manual", dataset) };
    let recorded = app.ledger.record(&facts, now).await?;
    after_changes(&app, &facts, now).await;
    Ok(Json(FactsKept { new: recorded.new, repeated: recorded.repeated }))
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
    responses((status = 200, description = "What was new", body = ChangesKept), (status = 401, description = "Not signed, or wrongly"),
        (status = 409, description = "A delivery that came before")))]
pub async fn hook(
    State(app): State<Arc<App>>,
    Path(source): Path<String>,
    request: Request,
) -> Result<Json<ChangesKept>, ApiError> {
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
    let (parts, body) = request.into_parts();
    if parts.headers.contains_key(CONTENT_ENCODING) {
        // Nothing is unpacked for somebody who has not proved a name.
        return Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "webhooks are taken as they were signed, not compressed",
        ));
    }
    let held = app.gate.read(body, MAX_FACTS_BYTES).await?;
    let (pairs, body) = (pairs(&parts.headers), &held.bytes);
    let hook = Hook { headers: &pairs, body, dataset: DEFAULT_DATASET, at: now() };
    let told = match source.as_str() {
        "github" => changes::github(&hook, secret.as_bytes()),
        _ => changes::gitlab(&hook, secret.as_bytes()),
    };
    match told {
        // What is signed is the body; the id of the delivery beside it could be another at each replay.
        Ok(told) => keep(&app, &source, Some(hex::encode(&digest(body))), told).await,
        Err(error) => Err(ApiError::from(error).refused("not signed, or wrongly")),
    }
}

/// CloudEvents, with CDEvents inside: structured, in batches, or in headers.
#[utoipa::path(post, path = "/api/v1/events", tag = "facts", params(HookParameters),
    request_body(content = Value, content_type = "application/cloudevents+json"),
    responses((status = 200, description = "What was new", body = ChangesKept)))]
pub async fn events(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(parameters): Query<HookParameters>,
    request: Request,
) -> Result<Json<ChangesKept>, ApiError> {
    let dataset = parameters.dataset.unwrap_or_else(|| DEFAULT_DATASET.to_owned());
    may_write(&caller, &dataset)?;
    let (parts, body) = request.into_parts();
    let body = read(&app, &parts.headers, body).await?;
    let pairs = pairs(&parts.headers);
    let hook = Hook { headers: &pairs, body: &body.bytes, dataset: &dataset, at: now() };
    let told = changes::cloudevents(&hook, &app.redactor)?;
    may_alter(&app, &caller, &told.facts.changes).await?;
    keep(&app, "cloudevents", None, told).await
}

/// Keeps what a source told, once for each delivery.
async fn keep(app: &App, source: &str, delivery: Option<String>, told: Told) -> Result<Json<ChangesKept>, ApiError> {
    let now = now();
    if let Some(delivery) = &delivery
        && !app.ledger.delivery_is_new(source, delivery, now).await?
    {
        let error = ApiError::new(StatusCode::CONFLICT, "this delivery came before; nothing was changed");
        return Err(error.refused("a delivery that came before"));
    }
    match app.ledger.record(&told.facts, now).await {
        Ok(recorded) => {
            after_changes(app, &told.facts, now).await;
            Ok(Json(ChangesKept { new: recorded.new, repeated: recorded.repeated, notes: told.notes }))
        }
        Err(error) => {
            // It may come again.
            if let Some(delivery) = &delivery {
                app.ledger.delivery_failed(source, delivery).await?;
            }
            Err(error.into())
        }
    }
}

/// What is another team's is not altered by whoever acts for one alone.
async fn may_alter(app: &App, caller: &Caller, changes: &[Change]) -> Result<(), ApiError> {
    if caller.may(Role::Responder, None) {
        return Ok(());
    }
    let as_of = AsOf::at(now());
    for entity in changes.iter().map(|change| &change.entity).collect::<BTreeSet<_>>() {
        for owner in app.ledger.owners(&as_of, Some(entity)).await? {
            may_act(caller, Role::Responder, Some(&owner.owner.key))?;
        }
    }
    Ok(())
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
    responses((status = 200, description = "Suspect changes", body = Suspects)))]
pub async fn suspects(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(parameters): Query<SuspectParameters>,
) -> Result<Json<Suspects>, ApiError> {
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
    Ok(Json(Suspects { entity: entity.to_string(), at: crate::server::rows::rfc3339(at), suspects: rows }))
}

impl From<HookError> for ApiError {
    fn from(error: HookError) -> Self {
        let status = StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
        ApiError::new(status, error.to_string())
    }
}
