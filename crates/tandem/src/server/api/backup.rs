//! `/api/v1/backup`: a backup beside the running server, asked for by `tandem backup`.
//!
//! It writes files where it is told to, so only the server's own user may ask: with the key in `server.json`.

use crate::server::errors::ApiError;
use crate::server::state::App;
use crate::server::state::now;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use ledger::{Ledger, Person};
use model::Caller;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{BackupReport, Store};

/// What was copied.
#[derive(Serialize, utoipa::ToSchema)]
pub struct BackedUp {
    #[serde(flatten)]
    store: BackupReport,
    /// Rows of the ledger.
    ledger_rows: u64,
}

/// Copies events and facts into an empty folder.
///
/// The moment of the ledger is the earlier one: every event that it cites is in the copy of the store.
pub async fn both(store: &Store, ledger: &Ledger, target: &Path) -> anyhow::Result<BackedUp> {
    let written = ledger.snapshot().await?.write(&target.join(store::LEDGER)).await?;
    let copied = store.backup(target).await?;
    let detail = json!({"target": target.display().to_string(), "sequence": copied.sequence}).to_string();
    ledger.audit("backup", Person(&Caller::owner().name), "store and ledger", &detail, now()).await?;
    Ok(BackedUp { store: copied, ledger_rows: written.rows })
}

/// Where to.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupParameters {
    /// Absolute path of an empty or new folder on the server's machine.
    #[schema(value_type = String)]
    target: PathBuf,
}

/// Backs up everything acknowledged so far into a folder of the server's machine.
#[utoipa::path(post, path = "/api/v1/backup", request_body = BackupParameters, tag = "server",
    responses((status = 200, description = "What was copied", body = BackedUp), (status = 403, description = "Without the control key")))]
pub async fn backup(State(app): State<Arc<App>>, request: Request) -> Result<Json<BackedUp>, ApiError> {
    let parameters: BackupParameters = super::parameters(&app, request).await?;
    if !parameters.target.is_absolute() {
        return Err(ApiError::bad("the target of a backup is an absolute path"));
    }
    let report = both(&app.store, &app.ledger, &parameters.target)
        .await
        .map_err(|error| ApiError::new(StatusCode::CONFLICT, format!("the backup failed: {error:#}")))?;
    tracing::info!(target_dir = %parameters.target.display(), "backup done");
    Ok(Json(report))
}
