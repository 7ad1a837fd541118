//! Agents: which machines report for themselves, and whether they still do.

use crate::server::errors::ApiError;
use crate::server::rows::rfc3339;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, State};
use ledger::AsOf;
use model::access::Caller;
use serde::Serialize;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Agents, and what they do.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Agents {
    count: usize,
    /// How many still report.
    reporting: usize,
    /// What all of them look at.
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    policy: watch::facts::Policy,
    agents: Vec<Agent>,
}

/// A machine that reports for itself.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Agent {
    host: String,
    last_seen: String,
    /// Whether it still does.
    reporting: bool,
    os: Option<String>,
    environment: Option<String>,
    owner: Option<String>,
    reboot_required: Option<bool>,
    /// What could not be read, as the agent says it.
    unreadable: Value,
    dataset: String,
}

/// Every machine that an agent ever reported, and the policy that all of them follow.
#[utoipa::path(get, path = "/api/v1/agents", tag = "facts",
    responses((status = 200, description = "Agents, and the policy", body = Agents)))]
pub async fn agents(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Agents>, ApiError> {
    let now = now();
    let as_of = AsOf::at(now).within(caller.datasets());
    let reporters = app.ledger.reporters(&as_of, "agent", "host").await?;
    let running = reporters.iter().filter(|reporter| reporter.until > now).count();
    let agent = |reporter: &ledger::Reporter| {
        let said: Map<String, Value> = serde_json::from_str(&reporter.attributes).unwrap_or_default();
        let text = |name: &str| said.get(name).and_then(Value::as_str).map(str::to_owned);
        Agent {
            host: reporter.entity.key.clone(),
            last_seen: rfc3339(reporter.seen),
            reporting: reporter.until > now,
            os: text("os.description"),
            environment: text("deployment.environment.name"),
            owner: text("owner"),
            reboot_required: said.get("reboot_required").and_then(Value::as_bool),
            unreadable: said.get("unreadable").cloned().unwrap_or_default(),
            dataset: reporter.dataset.clone(),
        }
    };
    let agents: Vec<Agent> = reporters.iter().map(agent).collect();
    Ok(Json(Agents { count: agents.len(), reporting: running, policy: app.agent_policy.clone(), agents }))
}
