//! What Elasticsearch clients ask before they send: the answers, as JSON bodies.
//!
//! Filebeat and Logstash ask for version, licence, lifecycle policies and templates; Vector for the
//! cluster's health; sniffing clients for the nodes. Callers add the header of [`PRODUCT_HEADER`] to every
//! answer, without which the official clients refuse to talk. Tandem keeps no templates: whatever is asked
//! for exists, and whatever is put is acknowledged.

use serde_json::{Value, json};

/// Name and value of the header that official clients check.
pub const PRODUCT_HEADER: (&str, &str) = ("X-Elastic-Product", "Elasticsearch");
/// The version we answer: clients of 7 and 8 talk to it.
pub const VERSION: &str = "8.17.0";
const CLUSTER: &str = "tandem";

/// `GET /`.
pub fn root() -> String {
    json!({
        "name": CLUSTER,
        "cluster_name": CLUSTER,
        "cluster_uuid": CLUSTER,
        "version": {
            "number": VERSION,
            "build_flavor": "default",
            "build_type": "tar",
            "build_hash": "0000000000000000000000000000000000000000",
            "build_date": "2025-01-01T00:00:00.000000000Z",
            "build_snapshot": false,
            "lucene_version": "9.12.0",
            "minimum_wire_compatibility_version": "7.17.0",
            "minimum_index_compatibility_version": "7.0.0"
        },
        "tagline": "You Know, for Search"
    })
    .to_string()
}

/// `GET /_license`.
pub fn license() -> String {
    json!({"license": {
        "status": "active", "uid": CLUSTER, "type": "basic", "mode": "basic", "issued_to": CLUSTER,
        "issue_date_in_millis": 0, "max_nodes": null, "issuer": CLUSTER, "start_date_in_millis": -1
    }})
    .to_string()
}

/// `GET /_xpack`.
pub fn xpack() -> String {
    let on = json!({"available": true, "enabled": true});
    json!({
        "build": {"hash": "0", "date": "2025-01-01T00:00:00.000Z"},
        "license": {"uid": CLUSTER, "type": "basic", "mode": "basic", "status": "active"},
        "features": {"ilm": on, "monitoring": {"available": true, "enabled": false}, "data_streams": on},
        "tagline": "You know, for X"
    })
    .to_string()
}

/// `GET /_ilm/policy/NAME`.
pub fn ilm_policy(name: &str) -> String {
    keyed(name, json!({"version": 1, "modified_date": "2025-01-01T00:00:00.000Z", "policy": {"phases": {}}}))
}

/// `GET /_index_template/NAME`.
pub fn index_template(name: &str) -> String {
    json!({"index_templates": [{"name": name, "index_template": {
        "index_patterns": [format!("{name}*")], "composed_of": [], "data_stream": {}, "priority": 100, "template": {}
    }}]})
    .to_string()
}

/// `GET /_template/NAME`.
pub fn template(name: &str) -> String {
    keyed(
        name,
        json!({"order": 0, "index_patterns": [format!("{name}*")], "settings": {}, "mappings": {}, "aliases": {}}),
    )
}

/// `GET /_data_stream/NAME`; without a name, none are listed.
pub fn data_stream(name: Option<&str>) -> String {
    let streams: Vec<Value> = name
        .map(|name| {
            json!({"name": name, "timestamp_field": {"name": "@timestamp"}, "indices": [], "generation": 1,
                   "status": "GREEN", "template": name, "hidden": false, "system": false})
        })
        .into_iter()
        .collect();
    json!({"data_streams": streams}).to_string()
}

/// `GET /_cluster/health`.
pub fn cluster_health() -> String {
    json!({
        "cluster_name": CLUSTER, "status": "green", "timed_out": false, "number_of_nodes": 1,
        "number_of_data_nodes": 1, "active_primary_shards": 1, "active_shards": 1, "relocating_shards": 0,
        "initializing_shards": 0, "unassigned_shards": 0, "number_of_pending_tasks": 0
    })
    .to_string()
}

/// `GET /_nodes/http`; `address` is `host:port` under which this server is reached.
pub fn nodes_http(address: &str) -> String {
    json!({
        "_nodes": {"total": 1, "successful": 1, "failed": 0},
        "cluster_name": CLUSTER,
        "nodes": {CLUSTER: {
            "name": CLUSTER, "version": VERSION, "build_flavor": "default", "roles": ["data", "ingest", "master"],
            "http": {"bound_address": [address], "publish_address": address}
        }}
    })
    .to_string()
}

/// The answer to `PUT` and `DELETE` of policies, templates and data streams.
pub fn acknowledged() -> String {
    json!({"acknowledged": true}).to_string()
}

/// The body that answers `method` on `path` (below `/`, or below the prefix under which it is served);
/// `None` when it belongs to no handshake. `address` is `host:port` of this server.
pub fn answer(method: &str, path: &str, address: &str) -> Option<String> {
    let path = path.trim_matches('/');
    let (head, rest) = path.split_once('/').unwrap_or((path, ""));
    let known =
        matches!(head, "_ilm" | "_index_template" | "_component_template" | "_template" | "_data_stream" | "_ingest");
    match method {
        "PUT" | "POST" | "DELETE" if known && !rest.is_empty() => return Some(acknowledged()),
        "GET" | "HEAD" => {}
        _ => return None,
    }
    Some(match (head, rest) {
        ("", "") => root(),
        ("_license", "") => license(),
        ("_xpack", "" | "license" | "usage") => xpack(),
        ("_ilm", _) => ilm_policy(rest.strip_prefix("policy/").filter(|name| !name.contains('/'))?),
        ("_index_template", name) if !name.is_empty() => index_template(name),
        ("_template", name) if !name.is_empty() => template(name),
        ("_data_stream", name) => data_stream(Some(name).filter(|name| !name.is_empty())),
        ("_cluster", "health") => cluster_health(),
        ("_nodes", "http" | "_all/http" | "_local/http" | "_local") | ("_nodes", "") => nodes_http(address),
        _ => return None,
    })
}

fn keyed(key: &str, value: Value) -> String {
    Value::Object([(key.to_owned(), value)].into_iter().collect()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_questions_of_real_clients_are_answered() {
        let paths = [
            "/",
            "/_license",
            "/_xpack",
            "/_ilm/policy/filebeat",
            "/_index_template/filebeat-8.17.0",
            "/_template/logstash",
            "/_data_stream/filebeat-8.17.0",
            "/_data_stream",
            "/_cluster/health",
            "/_nodes/http",
        ];
        for path in paths {
            let body = answer("GET", path, "127.0.0.1:7400").unwrap_or_else(|| panic!("{path}"));
            assert!(serde_json::from_str::<Value>(&body).unwrap().is_object(), "{path}");
        }
        assert_eq!(answer("PUT", "/_index_template/a", "x").unwrap(), acknowledged());
        for (method, path) in
            [("GET", "/secret"), ("DELETE", "/index"), ("POST", "/"), ("GET", "/_ilm/x"), ("PUT", "/_template")]
        {
            assert_eq!(answer(method, path, "x"), None, "{method} {path}");
        }
        let root: Value = serde_json::from_str(&root()).unwrap();
        assert_eq!(root["tagline"], "You Know, for Search");
        assert!(ilm_policy("a\"b").contains("a\\\"b"));
    }
}
