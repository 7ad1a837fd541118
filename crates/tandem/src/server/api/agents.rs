//! Agents: which machines report for themselves, and whether they still do.

use crate::server::errors::ApiError;
use crate::server::rows::rfc3339;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, State};
use ledger::AsOf;
use model::access::Caller;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Every machine that an agent ever reported, and the policy that all of them follow.
#[utoipa::path(get, path = "/api/v1/agents", tag = "facts",
    responses((status = 200, description = "Agents, and the policy")))]
pub async fn agents(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Value>, ApiError> {
    let now = now();
    let as_of = AsOf::at(now).within(caller.datasets());
    let reporters = app.ledger.reporters(&as_of, "agent", "host").await?;
    let running = reporters.iter().filter(|reporter| reporter.until > now).count();
    let agent = |reporter: &ledger::Reporter| {
        let said: Map<String, Value> = serde_json::from_str(&reporter.attributes).unwrap_or_default();
        let text = |name: &str| said.get(name).cloned().unwrap_or_default();
        json!({
            "host": reporter.entity.key, "last_seen": rfc3339(reporter.seen), "reporting": reporter.until > now,
            "os": text("os.description"), "environment": text("deployment.environment.name"), "owner": text("owner"),
            "reboot_required": text("reboot_required"), "unreadable": text("unreadable"), "dataset": reporter.dataset,
        })
    };
    let agents: Vec<Value> = reporters.iter().map(agent).collect();
    Ok(Json(json!({"count": agents.len(), "reporting": running, "policy": app.agent_policy, "agents": agents})))
}
