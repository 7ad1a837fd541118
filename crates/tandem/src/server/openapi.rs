//! The description of the API for machines.

use super::{api, ingest, prometheus};
use serde_json::{Map, Value, json};
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
        api::facts::ingest,
        api::facts::facts,
        api::facts::import,
        api::scans::upload,
        api::scans::ingest,
        api::scans::sarif,
        api::findings::findings,
        api::findings::why,
        api::agents::agents,
        api::inventory::report,
        api::inventory::history,
        api::inventory::clocks,
        api::dora::dora,
        api::changes::record,
        api::changes::hook,
        api::changes::events,
        api::changes::suspects,
        api::owners::owners,
        api::owners::hand_over,
        api::decisions::decide,
        api::alerts::alerts,
        api::alerts::alert,
        api::alerts::risk,
        api::alerts::act,
        api::alerts::playbook,
        api::incidents::incidents,
        api::incidents::incident,
        api::incidents::review,
        api::incidents::open,
        api::incidents::task,
        api::incidents::tasks,
        api::incidents::dead,
        api::incidents::retry,
        api::suppressions::suppressions,
        api::suppressions::suppress,
        api::suppressions::ledger,
        api::rules::rules,
        api::rules::detection,
        api::rules::backtest,
        api::rules::reload,
        api::checks::check,
        api::checks::admit,
        api::controls::list,
        api::controls::show,
        api::answers::answer,
        api::answers::answers,
        api::answers::reply,
        api::controls::except,
        api::controls::exceptions,
        api::controls::form,
        api::controls::renew,
        api::controls::end,
        api::controls::adjust,
        api::controls::lockdown,
        api::controls::review,
        api::controls::measured,
        api::planning::agenda,
        api::planning::held,
        api::planning::roadmap,
        api::planning::link,
        api::planning::upgrade,
        api::planning::object,
        api::knowledge::search,
        api::knowledge::pages,
        api::knowledge::page,
        api::knowledge::lists,
        api::knowledge::helped,
        api::dashboards::list,
        api::dashboards::show,
        api::home::home,
        api::readiness::levers,
        api::readiness::lever,
        api::readiness::measure,
        api::readiness::recovery,
        api::readiness::drills,
        api::readiness::drill,
        api::readiness::run,
        api::readiness::running,
        api::readiness::did,
        api::readiness::took_back,
        api::readiness::finish,
        ingest::alertmanager::alerts,
        api::login::login,
        api::login::logout,
        api::login::me,
        api::login::own_password,
        api::login::oidc_start,
        api::login::oidc_callback,
        api::names::name,
        api::people::users,
        api::people::create_user,
        api::people::set_password,
        api::people::disable_user,
        api::people::give,
        api::people::take_back,
        api::people::forget,
        api::people::tokens,
        api::people::create_token,
        api::people::revoke_token,
        api::trail::audit,
        api::trail::verify,
        api::trail::settings,
        api::trail::routes,
        ingest::json::ingest,
        prometheus::metrics,
        api::status::healthz,
        api::status::readyz,
    ),
    tags(
        (name = "ask", description = "Searches and statements"),
        (name = "send", description = "Events; OTLP has its own ports, Elasticsearch bulk is at /_bulk"),
        (name = "facts", description = "What runs, whose it is, what changed, what was decided"),
        (name = "respond", description = "Alerts, incidents, tasks, suppressions, and what came of rules"),
        (name = "controls", description = "Why something stops, hides or exempts; answers, exceptions, lockdowns, friction"),
        (name = "knowledge", description = "Runbooks and notes, found by words and laid beside alerts; what is missing or old"),
        (name = "planning", description = "Agendas, meetings, the roadmap, upgrades"),
        (name = "readiness", description = "Home, levers, the recovery plan, drills"),
        (name = "access", description = "Who may come in and do what; the audit trail"),
        (name = "server", description = "The server itself"),
    )
)]
struct Description;

/// What is asked by GET with a query string, and alike by POST with a JSON object of the same parameters.
const BOTH_WAYS: [&str; 5] =
    ["/api/v1/search", "/api/v1/sql", "/api/v1/facets", "/api/v1/complete", "/api/v1/metrics/range"];

/// The document.
pub fn document() -> Value {
    let mut document = serde_json::to_value(Description::openapi()).unwrap_or_default();
    document["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    for path in BOTH_WAYS {
        let methods = &mut document["paths"][path];
        methods["post"] = by_post(&methods["get"]);
    }
    document
}

/// The operation with its query parameters in the body.
fn by_post(get: &Value) -> Value {
    let mut post = get.clone();
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for parameter in get["parameters"].as_array().into_iter().flatten() {
        let Some(name) = parameter["name"].as_str() else { continue };
        let mut schema = parameter["schema"].clone();
        schema["description"] = parameter["description"].clone();
        properties.insert(name.to_owned(), schema);
        if parameter["required"] == true {
            required.push(name);
        }
    }
    let schema =
        json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
    let name = format!("{}_by_post", get["operationId"].as_str().unwrap_or_default());
    if let Some(post) = post.as_object_mut() {
        post.remove("parameters");
        post.insert("operationId".to_owned(), name.into());
        post.insert(
            "requestBody".to_owned(),
            json!({"required": true, "content": {"application/json": {"schema": schema}}}),
        );
    }
    post
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

    /// Words that stand for persons. Whoever gives rights must name users; everything else is about systems.
    const PERSONS: [&str; 10] =
        ["person", "user", "author", "committer", "login", "email", "employee", "developer", "assignee", "member"];
    /// Routes that give rights, and the one that shows a name for a reason.
    const ABOUT_USERS: [&str; 9] = [
        "/api/v1/users",
        "/api/v1/me",
        "/api/v1/login",
        "/api/v1/logout",
        "/api/v1/oidc",
        "/api/v1/forget",
        "/api/v1/tokens",
        "/api/v1/names",
        "/api/v1/audit",
    ];

    /// Everything that a description names: parameters and fields, with where they stand.
    fn names(value: &serde_json::Value, place: &str, all: &mut Vec<(String, String)>) {
        match value {
            serde_json::Value::Object(object) => {
                if let Some(name) =
                    object.get("name").and_then(|name| name.as_str()).filter(|_| object.contains_key("in"))
                {
                    all.push((place.to_owned(), name.to_owned()));
                }
                for (name, inner) in object {
                    if name == "properties" {
                        let fields = inner.as_object().into_iter().flatten();
                        all.extend(fields.map(|(field, _)| (place.to_owned(), field.clone())));
                    }
                    names(inner, place, all);
                }
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| names(item, place, all)),
            _ => {}
        }
    }

    #[test]
    fn nothing_is_asked_by_person_or_ranked_by_person() {
        let document = super::document();
        let mut all = Vec::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            if !ABOUT_USERS.iter().any(|own| path.starts_with(own)) {
                all.push((path.clone(), path.clone()));
                names(methods, path, &mut all);
            }
        }
        // What a user is made of belongs to the routes above.
        for (schema, described) in document["components"]["schemas"].as_object().unwrap() {
            let of_users = ["UserParameters", "LogIn"];
            if !of_users.contains(&schema.as_str()) {
                names(described, schema, &mut all);
            }
        }
        assert!(all.len() > 200, "only {} names were found: this test looks at the wrong place", all.len());
        let found: Vec<_> = all
            .iter()
            .filter(|(_, name)| {
                let words = name.split(|c: char| !c.is_ascii_alphabetic()).map(str::to_ascii_lowercase);
                words.into_iter().any(|word| PERSONS.iter().any(|person| word.trim_end_matches('s') == *person))
            })
            .collect();
        assert!(found.is_empty(), "about persons: {found:?}");
    }

    #[test]
    fn what_is_asked_both_ways_is_described_alike() {
        let document = super::document();
        for path in super::BOTH_WAYS {
            let (get, post) = (&document["paths"][path]["get"], &document["paths"][path]["post"]);
            let body = &post["requestBody"]["content"]["application/json"]["schema"];
            let parameters = get["parameters"].as_array().unwrap();
            assert!(parameters.iter().all(|parameter| parameter["in"] == "query"), "{path}");
            assert!(!parameters.is_empty() && get["operationId"] != post["operationId"], "{path}");
            assert_eq!(body["properties"].as_object().unwrap().len(), parameters.len(), "{path}");
        }
        let sql = &document["paths"]["/api/v1/sql"]["post"]["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(sql["required"], serde_json::json!(["sql"]));
        assert_eq!(sql["properties"]["limit"]["description"], "Rows at most.");
    }
}
