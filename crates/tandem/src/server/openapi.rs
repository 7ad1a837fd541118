//! The description of the API for machines.

use super::{api, errors, ingest, prometheus};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
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
        api::waivers::suppress,
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
    components(schemas(errors::Refusal, errors::ErrorBody)),
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

/// Where every error has the same form.
const OF_ERRORS: &str = "/api/v1/";

/// The document.
pub fn document() -> Value {
    let mut document = serde_json::to_value(Description::openapi()).unwrap_or_default();
    document["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    for path in BOTH_WAYS {
        let methods = &mut document["paths"][path];
        methods["post"] = by_post(&methods["get"]);
    }
    for (path, methods) in document["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in methods.as_object_mut().into_iter().flatten() {
            operation["operationId"] = operation_id(method, path).into();
            if path.starts_with(OF_ERRORS) {
                errors_of(&mut operation["responses"]);
            }
        }
    }
    always_there(&mut document);
    answerable(&mut document);
    // A report without rows fits several of them.
    if let Some(reports) = document["components"]["schemas"]["InventoryReport"].as_object_mut()
        && let Some(all) = reports.remove("oneOf")
    {
        reports.insert("anyOf".to_owned(), all);
    }
    document
}

/// A name that no other operation has: `get_api_v1_alerts_id`.
fn operation_id(method: &str, path: &str) -> String {
    let words = path.split(|one: char| !one.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}

/// What every operation may answer in place of its own answer.
fn errors_of(responses: &mut Value) {
    for (status, what) in [("4XX", "What is wrong with the request"), ("5XX", "What the server cannot do now")] {
        responses[status] = json!({"description": what});
    }
    let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}});
    let of_errors = |status: &str| status.starts_with(['4', '5']);
    for (_, response) in responses.as_object_mut().into_iter().flatten().filter(|(status, _)| of_errors(status)) {
        response["content"] = content.clone();
    }
}

/// Says of what answers are made of that a field is there even when it is `null`. A field that may be absent is never
/// `null`: its type says `nullable = false`.
fn always_there(document: &mut Value) {
    let mut wanted = Vec::new();
    for operation in document["paths"].as_object().into_iter().flat_map(|paths| paths.values()) {
        for (_, method) in operation.as_object().into_iter().flatten() {
            references(&method["responses"], &mut wanted);
        }
    }
    for name in reached(document, wanted) {
        require(&mut document["components"]["schemas"][&name]);
    }
}

/// Says that what a decision restricts comes with a way to answer it, as `written` and checks put it in.
fn answerable(document: &mut Value) {
    let schemas = &mut document["components"]["schemas"];
    answerable_within(schemas);
    for place in ["/CheckReason/properties", "/Suppressed/allOf/1/properties"] {
        if let Some(Value::Object(fields)) = schemas.pointer_mut(place) {
            fields.insert("answer_with".to_owned(), answer_with());
        }
    }
}

/// Lists describe what is in them in place as well.
fn answerable_within(part: &mut Value) {
    match part {
        Value::Object(object) => {
            if let Some(fields) = object.get_mut("properties").and_then(Value::as_object_mut)
                && ["decision", "reason", "owner", "until"].iter().all(|field| fields.contains_key(*field))
            {
                fields.insert("answer_with".to_owned(), answer_with());
            }
            object.values_mut().for_each(answerable_within);
        }
        Value::Array(items) => items.iter_mut().for_each(answerable_within),
        _ => {}
    }
}

fn answer_with() -> Value {
    json!({"type": "string", "description": "How to answer it at a command line."})
}

/// All schemas that some of them are made of.
fn reached(document: &Value, mut wanted: Vec<String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    while let Some(name) = wanted.pop() {
        if found.insert(name.clone()) {
            references(&document["components"]["schemas"][&name], &mut wanted);
        }
    }
    found
}

/// The names of the schemas that a part of the document refers to.
fn references(part: &Value, names: &mut Vec<String>) {
    match part {
        Value::Object(object) => {
            let name = object.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
            names.extend(name.map(str::to_owned));
            object.values().for_each(|inner| references(inner, names));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        _ => {}
    }
}

/// Makes fields that may be `null` required.
fn require(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            let fields = object.get("properties").and_then(Value::as_object).into_iter().flatten();
            let nullable: Vec<Value> =
                fields.filter(|(_, field)| may_be_null(field)).map(|(name, _)| name.as_str().into()).collect();
            if !nullable.is_empty() {
                let required = object.entry("required").or_insert_with(|| json!([]));
                let required = required.as_array_mut().into_iter();
                required.for_each(|list| {
                    list.extend(nullable.iter().filter(|name| !list.contains(name)).cloned().collect::<Vec<_>>())
                });
            }
            object.values_mut().for_each(require);
        }
        Value::Array(items) => items.iter_mut().for_each(require),
        _ => {}
    }
}

fn may_be_null(field: &Value) -> bool {
    let null = |kind: &Value| *kind == "null";
    let among = |list: &Value| list.as_array().is_some_and(|all| all.iter().any(|one| null(one) || null(&one["type"])));
    among(&field["type"]) || among(&field["oneOf"])
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
    if let Some(post) = post.as_object_mut() {
        post.remove("parameters");
        post.insert(
            "requestBody".to_owned(),
            json!({"required": true, "content": {"application/json": {"schema": schema}}}),
        );
    }
    post
}

#[cfg(test)]
mod tests {
    use super::{reached, references};
    use serde_json::{Value, json};
    use std::collections::BTreeSet;

    #[test]
    fn every_route_is_described() {
        let document = super::document();
        assert!(document["openapi"].as_str().unwrap().starts_with("3."));
        for path in ["/api/v1/search", "/api/v1/sql", "/api/v1/tail", "/api/v1/status", "/api/v1/metrics/range"] {
            assert!(document["paths"][path].is_object(), "{path}");
        }
    }

    #[test]
    fn operations_have_names_of_their_own() {
        let document = super::document();
        let methods =
            document["paths"].as_object().unwrap().values().flat_map(|methods| methods.as_object().unwrap().values());
        let names: Vec<&str> = methods.map(|operation| operation["operationId"].as_str().unwrap()).collect();
        let own: std::collections::BTreeSet<&str> = names.iter().copied().collect();
        assert!(names.len() > 100 && own.len() == names.len(), "{} of {}", own.len(), names.len());
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

    /// Fields of answers that sound like persons and name none: with `true` a number stands there, which only
    /// `/api/v1/names` makes a name, for a reason.
    const NO_NAMES: [(&str, &str, bool); 4] = [
        ("QueueRow", "assignee", true),
        ("TimelineRow", "person", true),
        // Things that need one another.
        ("RecoveryCircle", "members", false),
        // Services whose pages hang on one head; whose is not said.
        ("KnowledgeLists", "one_author", false),
    ];

    /// The schemas that a part of the document needs.
    fn needed(document: &Value, part: &Value) -> BTreeSet<String> {
        let mut wanted = Vec::new();
        references(part, &mut wanted);
        reached(document, wanted)
    }

    #[test]
    fn every_answer_and_every_error_has_a_schema() {
        let document = super::document();
        let mut answers = 0;
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let responses = operation["responses"].as_object().unwrap();
                for (status, response) in responses.iter().filter(|_| path.starts_with("/api/")) {
                    let content = response["content"].as_object();
                    let described = content.is_some_and(|all| all.values().all(|one| one["schema"].is_object()));
                    // A browser that is sent elsewhere reads nothing.
                    assert!(described || status == "303", "{method} {path} {status} has no schema");
                    answers += 1;
                }
                let errors = ["4XX", "5XX"].iter().all(|status| responses.contains_key(*status));
                assert!(errors || !path.starts_with(super::OF_ERRORS), "{method} {path}");
            }
        }
        assert!(answers > 300, "only {answers} answers were found");
        for name in needed(&document, &document["paths"]) {
            assert!(document["components"]["schemas"][&name].is_object(), "{name} is not described");
        }
    }

    #[test]
    fn a_field_that_may_be_null_is_always_there() {
        let document = super::document();
        let required = |schema: &str| document["components"]["schemas"][schema]["required"].clone();
        let has =
            |schema: &str, field: &str| required(schema).as_array().is_some_and(|all| all.contains(&json!(field)));
        assert!(has("QueueRow", "team") && has("SearchDone", "matched"));
        // Absent rather than null; and what is sent to the server may leave out what may be null.
        assert!(!has("Rule", "looked") && !has("UserParameters", "password"));
    }

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
        // What a user is made of belongs to the routes above, and to them alone.
        let of_users = ["UserParameters", "LogIn", "Users", "User", "UserMade", "AuditEntry"];
        for (path, methods) in document["paths"].as_object().unwrap() {
            let refers = needed(&document, methods).into_iter().find(|name| of_users.contains(&name.as_str()));
            let own = ABOUT_USERS.iter().any(|own| path.starts_with(own));
            assert!(own || refers.is_none(), "{path} tells of users: {refers:?}");
        }
        let schemas = document["components"]["schemas"].as_object().unwrap();
        for (schema, described) in schemas.iter().filter(|(schema, _)| !of_users.contains(&schema.as_str())) {
            names(described, schema, &mut all);
        }
        for (schema, field, masked) in NO_NAMES {
            let kind = &schemas[schema]["properties"][field]["type"];
            assert!(!masked || *kind == json!(["integer", "null"]), "{schema}.{field} is no number: {kind}");
            all.retain(|(place, name)| (place.as_str(), name.as_str()) != (schema, field));
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
