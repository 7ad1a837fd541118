//! What admins look at: the audit trail, the settings in use, the routes and what they need.

use crate::access::routes::Route;
use crate::server::errors::ApiError;
use crate::server::rows::rfc3339;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Query, State};
use ledger::Person;
use model::Caller;
use serde::{Deserialize, Serialize};
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

/// Entries of the audit trail.
#[derive(Serialize, utoipa::ToSchema)]
pub struct AuditTrail {
    entries: Vec<AuditEntry>,
    /// Whether names are shown.
    names: bool,
}

/// An entry of the audit trail.
#[derive(Serialize, utoipa::ToSchema)]
pub struct AuditEntry {
    /// Its place, from 0 on.
    seq: i64,
    at: String,
    action: String,
    object: String,
    /// Who, when there is a reason to show it and it was not erased.
    person: Option<String>,
    /// What belongs to the act.
    detail: Value,
}

/// The audit trail, names masked unless there is a reason.
#[utoipa::path(get, path = "/api/v1/audit", tag = "access", params(AuditParameters),
    responses((status = 200, description = "Entries in their order", body = AuditTrail)))]
pub async fn audit(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(parameters): Query<AuditParameters>,
) -> Result<Json<AuditTrail>, ApiError> {
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
    let shown = |entry: ledger::AuditEntry| AuditEntry {
        seq: entry.seq,
        at: rfc3339(entry.known),
        action: entry.action,
        object: entry.object,
        person: entry.person.filter(|_| reason.is_some()),
        detail: serde_json::from_str(&entry.detail).unwrap_or_default(),
    };
    Ok(Json(AuditTrail { entries: entries.into_iter().map(shown).collect(), names: reason.is_some() }))
}

/// Looks at every entry, checkpoint and decision.
#[utoipa::path(post, path = "/api/v1/audit/verify", tag = "access",
    responses((status = 200, description = "How many there are, and what is wrong", body = ledger::Verified)))]
pub async fn verify(State(app): State<Arc<App>>) -> Result<Json<ledger::Verified>, ApiError> {
    Ok(Json(app.ledger.verify().await?))
}

/// The settings in use: those that are listed here, and never a secret.
#[utoipa::path(get, path = "/api/v1/settings", tag = "access", responses((status = 200, description = "Settings by name", body = SettingsShown)))]
pub async fn settings(State(app): State<Arc<App>>) -> Json<SettingsShown> {
    Json(app.settings.clone())
}

/// Routes.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Routes)]
pub struct AllRoutes {
    routes: Vec<Route>,
}

/// Every route, and what it needs.
#[utoipa::path(get, path = "/api/v1/routes", tag = "access", responses((status = 200, description = "Method, path, need", body = AllRoutes)))]
pub async fn routes(State(app): State<Arc<App>>) -> Json<AllRoutes> {
    Json(AllRoutes { routes: app.access.routes.get().cloned().unwrap_or_default() })
}

/// The settings in use. A new one is not shown, until somebody puts it here.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Settings)]
pub struct SettingsShown {
    version: &'static str,
    http_listen: Option<String>,
    otlp_grpc_listen: Option<String>,
    otlp_http_listen: Option<String>,
    syslog_listen: Option<String>,
    tls: bool,
    insecure: bool,
    /// `sqlite` or `postgresql`.
    ledger: &'static str,
    retention_seconds: Option<u64>,
    retention_bytes: Option<u64>,
    memory_bytes: usize,
    query_memory_bytes: usize,
    query_timeout_seconds: f64,
    /// Secrets in events are masked.
    redact: bool,
    single_sign_on: bool,
    /// Names of the channels of notices.
    channels: Vec<String>,
    webhooks: WebhooksTaken,
}

/// From whom webhooks are taken.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct WebhooksTaken {
    github: bool,
    gitlab: bool,
}

/// What of the settings may be shown.
pub fn shown(settings: &crate::config::Settings) -> SettingsShown {
    let address = |listen: crate::server::listen::Listen| listen.0.map(|address| address.to_string());
    let (store, options) = (&settings.store, &settings.options);
    SettingsShown {
        version: env!("CARGO_PKG_VERSION"),
        http_listen: address(settings.http),
        otlp_grpc_listen: address(settings.otlp_grpc),
        otlp_http_listen: address(settings.otlp_http),
        syslog_listen: address(settings.syslog),
        tls: settings.tls.is_some(),
        insecure: settings.insecure,
        ledger: if options.ledger.is_some() { "postgresql" } else { "sqlite" },
        retention_seconds: store.retention.map(|age| age.as_secs()),
        retention_bytes: store.retention_bytes,
        memory_bytes: store.memory_bytes,
        query_memory_bytes: store.query_memory_bytes,
        query_timeout_seconds: store.query_timeout.as_secs_f64(),
        redact: !options.no_redact.unwrap_or(false),
        single_sign_on: options.oidc.issuer.is_some(),
        channels: settings.notify.channels.iter().map(|channel| channel.known.name.clone()).collect(),
        webhooks: WebhooksTaken {
            github: options.github_secret_file.is_some(),
            gitlab: options.gitlab_secret_file.is_some(),
        },
    }
}
