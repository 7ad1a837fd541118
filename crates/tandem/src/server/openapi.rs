//! The description of the API for machines.

use super::{api, ingest};
use serde_json::Value;
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tandem",
        description = "Telemetry: received, kept, searched. Errors are `{\"error\":{\"message\",\"where\",\"help\"}}`.",
    ),
    paths(
        api::search::search,
        api::sql::sql,
        api::tail::tail,
        api::fields::fields,
        api::fields::facets,
        api::fields::complete,
        api::traces::trace,
        api::metrics_ranges::range,
        api::status::status,
        api::status::streams,
        api::status::flush,
        api::backup::backup,
        ingest::json::ingest,
    ),
    tags(
        (name = "ask", description = "Searches and statements"),
        (name = "send", description = "Events; OTLP has its own ports, Elasticsearch bulk is at /_bulk"),
        (name = "server", description = "The server itself"),
    )
)]
struct Description;

/// The document.
pub fn document() -> Value {
    let mut document = serde_json::to_value(Description::openapi()).unwrap_or_default();
    document["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    document
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_route_is_described() {
        let document = super::document();
        assert!(document["openapi"].as_str().unwrap().starts_with("3."));
        for path in ["/api/v1/search", "/api/v1/sql", "/api/v1/tail", "/api/v1/status", "/api/v1/metrics/range"] {
            assert!(document["paths"][path].is_object(), "{path}");
        }
    }
}
