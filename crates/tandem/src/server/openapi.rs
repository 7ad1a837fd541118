//! The description of the API.

use super::api::{search, sql, status};
use super::ingest::json;
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(title = "Tandem", description = "Search, SQL and state of a Tandem server. Errors are \
        `{\"error\":{\"message\",\"where\",\"help\"}}`."),
    paths(search::search, sql::sql, status::status, status::streams, status::flush, json::ingest),
    components(schemas(search::SearchParameters, sql::SqlParameters))
)]
struct Description;

/// The document.
pub fn document() -> utoipa::openapi::OpenApi {
    Description::openapi()
}
