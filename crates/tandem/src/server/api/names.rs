//! Names of persons. They are masked everywhere; one is shown to whom it concerns, for a reason, and that is written down.

use super::facts::may_act;
use super::trail::MAX_REASON_BYTES;
use crate::server::errors::ApiError;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Request, State};
use axum::http::StatusCode;
use ledger::{AsOf, Person};
use model::access::{Caller, Role};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// Who looks at what, and why somebody must know.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Naming {
    /// An alert, an incident or a task.
    id: i64,
    /// Why the name is shown. It is kept in the audit trail.
    reason: String,
}

/// Who looks at it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct NameShown {
    id: i64,
    /// Whether somebody does.
    assigned: bool,
    /// Nothing when nobody does, or the name was erased.
    name: Option<String>,
}

/// Says who looks at an alert, an incident or a task, to a responder of its team.
#[utoipa::path(post, path = "/api/v1/names", tag = "access", request_body = Naming,
    responses((status = 200, description = "The name, none when nobody looks at it or the name was erased", body = NameShown)))]
pub async fn name(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<NameShown>, ApiError> {
    let given: Naming = super::strict(&app, request).await?;
    let now = now();
    if given.reason.trim().is_empty() || given.reason.len() > MAX_REASON_BYTES {
        return Err(ApiError::bad("a name is shown for a reason").help(format!(
            "say why with `reason`, in at most {MAX_REASON_BYTES} bytes; it is kept in the audit trail"
        )));
    }
    let seen = AsOf::at(now).within(caller.datasets());
    let Some(kept) = app.ledger.kept(&[given.id], &seen).await?.into_iter().next() else {
        return Err(ApiError::new(StatusCode::NOT_FOUND, format!("there is no alert, incident or task {}", given.id)));
    };
    may_act(&caller, Role::Responder, kept.owner.as_ref().map(|owner| owner.key.as_str()))
        .map_err(|error| error.refused("a name of another team"))?;
    let detail = json!({"reason": given.reason}).to_string();
    app.ledger.audit("names shown", Person(&caller.name), &format!("decision:{}", given.id), &detail, now).await?;
    let name = match kept.assignee {
        Some(person) => app.ledger.person_names(&[person]).await?.remove(&person),
        None => None,
    };
    Ok(Json(NameShown { id: given.id, assigned: kept.assignee.is_some(), name }))
}
