//! What admins look at: the audit trail, the settings in use, the routes and what they need.

use crate::server::errors::ApiError;
use crate::server::rows::rfc3339;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Query, State};
use ledger::Person;
use model::Caller;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Entries when nothing is said, and at most.
const ENTRIES: i64 = 100;
const MOST_ENTRIES: i64 = 10_000;
/// Longest reason for showing names.
pub const MAX_REASON_BYTES: usize = 1_024;

/// Which entries.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditParameters {
    /// From this place on; 0 is the first entry.
    from: Option<i64>,
    /// Entries at most.
    limit: Option<i64>,
    /// Why names are shown. Without it they are not, and with it that is an entry of its own.
    reason: Option<String>,
}

/// The audit trail, names masked unless there is a reason.
#[utoipa::path(get, path = "/api/v1/audit", tag = "access", params(AuditParameters),
    responses((status = 200, description = "Entries in their order")))]
pub async fn audit(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(parameters): Query<AuditParameters>,
) -> Result<Json<Value>, ApiError> {
    let limit = parameters.limit.unwrap_or(ENTRIES).clamp(1, MOST_ENTRIES);
    let reason = parameters.reason.filter(|reason| !reason.trim().is_empty());
    if let Some(reason) = &reason {
        if reason.len() > MAX_REASON_BYTES {
            return Err(ApiError::bad(format!("a reason has at most {MAX_REASON_BYTES} bytes")));
        }
        let detail = json!({"reason": reason}).to_string();
        app.ledger.audit("names shown", Person(&caller.name), "audit", &detail, now()).await?;
    }
    let entries = app.ledger.audit_entries(parameters.from.unwrap_or(0).max(0), limit).await?;
    let shown = |entry: &ledger::AuditEntry| {
        let detail: Value = serde_json::from_str(&entry.detail).unwrap_or_default();
        let person = entry.person.as_ref().filter(|_| reason.is_some());
        json!({
            "seq": entry.seq, "at": rfc3339(entry.known), "action": entry.action, "object": entry.object,
            "person": person, "detail": detail,
        })
    };
    let entries: Vec<Value> = entries.iter().map(shown).collect();
    Ok(Json(json!({"entries": entries, "names": reason.is_some()})))
}

/// Looks at every entry, checkpoint and decision.
#[utoipa::path(post, path = "/api/v1/audit/verify", tag = "access",
    responses((status = 200, description = "How many there are, and what is wrong")))]
pub async fn verify(State(app): State<Arc<App>>) -> Result<Json<Value>, ApiError> {
    let verified = app.ledger.verify().await?;
    serde_json::to_value(verified).map(Json).map_err(|error| ApiError::bad(error.to_string()))
}

/// The settings in use: those that are listed here, and never a secret.
#[utoipa::path(get, path = "/api/v1/settings", tag = "access", responses((status = 200, description = "Settings by name")))]
pub async fn settings(State(app): State<Arc<App>>) -> Json<Value> {
    Json(app.settings.clone())
}

/// Every route, and what it needs.
#[utoipa::path(get, path = "/api/v1/routes", tag = "access", responses((status = 200, description = "Method, path, need")))]
pub async fn routes(State(app): State<Arc<App>>) -> Json<Value> {
    Json(json!({"routes": app.access.routes.get()}))
}

/// What of the settings may be shown. A new one is not, until somebody puts it here.
pub fn shown(settings: &crate::config::Settings) -> Value {
    let address = |listen: crate::server::listen::Listen| listen.0.map(|address| address.to_string());
    let (store, options) = (&settings.store, &settings.options);
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "http_listen": address(settings.http),
        "otlp_grpc_listen": address(settings.otlp_grpc),
        "otlp_http_listen": address(settings.otlp_http),
        "syslog_listen": address(settings.syslog),
        "tls": settings.tls.is_some(),
        "insecure": settings.insecure,
        "ledger": if options.ledger.is_some() { "postgresql" } else { "sqlite" },
        "retention_seconds": store.retention.map(|age| age.as_secs()),
        "retention_bytes": store.retention_bytes,
        "memory_bytes": store.memory_bytes,
        "query_memory_bytes": store.query_memory_bytes,
        "query_timeout_seconds": store.query_timeout.as_secs_f64(),
        "redact": !options.no_redact.unwrap_or(false),
        "single_sign_on": options.oidc.issuer.is_some(),
        "channels": settings.notify.channels.iter().map(|channel| &channel.known.name).collect::<Vec<_>>(),
        "webhooks": {"github": options.github_secret_file.is_some(), "gitlab": options.gitlab_secret_file.is_some()},
    })
}
