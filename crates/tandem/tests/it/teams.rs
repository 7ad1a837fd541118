//! Facts and decisions by those who act for one team alone, and by machines.

use crate::server::{Server, fresh};
use serde_json::{Value, json};

/// An API token of an editor of one team.
fn editor_of(server: &Server, team: &str, datasets: &[&str]) -> String {
    let grant = json!({"role": "editor", "team": team, "datasets": datasets});
    let answer =
        server.post("/api/v1/tokens", &json!({"kind": "api", "name": format!("ci of {team}"), "grants": [grant]}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["token"].as_str().unwrap().to_owned()
}

fn by(server: &Server, token: &str, path: &str, body: &Value) -> (u16, String) {
    let bearer = format!("Bearer {token}");
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    let url = format!("{}{path}", server.address("http"));
    let answer = crate::http::send(&server.agent, "POST", &url, &headers, body.to_string().as_bytes());
    (answer.status, answer.text())
}

fn claim(of: &str, team: &str) -> Value {
    let (kind, key) = of.split_once(':').unwrap();
    json!({"origin": "catalog", "observations": [{"at": 1_795_219_200_000_000_000_i64, "about": {"relation": {
        "kind": "owned_by", "from": {"kind": kind, "key": key}, "to": {"kind": "team", "key": team}}}}]})
}

fn owner(server: &Server, of: &str) -> Value {
    server.get(&format!("/api/v1/owners?entity={of}")).json()["owners"][0]["owner"].clone()
}

#[test]
fn an_editor_of_one_team_takes_nothing_from_another() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let shop = editor_of(&server, "shop", &["default"]);
    let pay = json!({"entity": "service:pay", "owner": "pay", "reason": "theirs"});
    assert_eq!(server.post("/api/v1/owners", &pay).status, 200);
    let refused =
        |(status, text): (u16, String), part: &str| assert!(status == 403 && text.contains(part), "{status} {text}");
    let taken = json!({"entity": "service:pay", "owner": "shop", "reason": "ours now"});
    refused(by(&server, &shop, "/api/v1/owners", &taken), "pay");
    refused(by(&server, &shop, "/api/v1/facts", &claim("service:pay", "shop")), "pay");
    refused(by(&server, &shop, "/api/v1/facts", &claim("service:new", "pay")), "pay");
    let mut manual = claim("service:pay", "shop");
    manual["origin"] = "manual".into();
    refused(by(&server, &shop, "/api/v1/facts", &manual), "manual");
    let all = json!({"origin": "catalog", "complete": [
        {"from": {"kind": "service", "key": "pay"}, "relation": "owned_by", "at": 1_795_219_200_000_000_000_i64}]});
    refused(by(&server, &shop, "/api/v1/facts", &all), "pay");
    let catalog = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: pay}\nspec: {type: service, owner: shop}\n";
    let headers = [("authorization", &*format!("Bearer {shop}"))];
    let url = format!("{}/api/v1/import/catalog", server.address("http"));
    let answer = crate::http::send(&server.agent, "POST", &url, &headers, catalog.as_bytes());
    assert!(answer.status == 403 && answer.text().contains("pay"), "{}", answer.text());
    let decision = json!({"key": "1", "kind": "triage", "reason": "ours", "entity": {"kind": "service", "key": "pay"},
        "owner": {"kind": "team", "key": "shop"}});
    refused(by(&server, &shop, "/api/v1/decisions", &decision), "pay");
    let hidden = json!({"kind": "deployment", "entity": "service:x", "dataset": "secret"});
    refused(by(&server, &shop, "/api/v1/changes", &hidden), "secret");
    assert_eq!(owner(&server, "service:pay"), "pay");
    // What is its own, it does.
    assert_eq!(by(&server, &shop, "/api/v1/facts", &claim("service:cart", "shop")).0, 200);
    assert_eq!(owner(&server, "service:cart"), "shop");
    let given = json!({"entity": "service:cart", "owner": "pay", "reason": "given away"});
    assert_eq!(by(&server, &shop, "/api/v1/owners", &given).0, 200);
    assert_eq!(owner(&server, "service:cart"), "pay");
    refused(by(&server, &shop, "/api/v1/owners", &given), "pay");
    let trail = server.get("/api/v1/audit?limit=1000").json()["entries"].as_array().unwrap().clone();
    let told = trail.iter().filter(|entry| entry["action"] == "refused").count();
    assert!(told >= 4, "one for each route: {trail:#?}");
}

#[test]
fn a_machine_does_not_say_who_owns_what() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let post = |body: &Value| {
        let url = format!("{}/api/v1/ingest/facts", server.address("otlp-http"));
        let json = [("content-type", "application/json")];
        let answer = crate::http::send(&server.agent, "POST", &url, &json, body.to_string().as_bytes());
        (answer.status, answer.text())
    };
    for origin in ["kubernetes", "agent"] {
        let mut facts = claim("service:pay", "evil");
        facts["origin"] = origin.into();
        let (status, text) = post(&facts);
        assert!(status == 403 && text.contains("service:pay"), "{status} {text}");
    }
    for origin in ["manual", "catalog", "codeowners", ""] {
        assert_eq!(post(&json!({"origin": origin})).0, 403, "{origin}");
    }
    let mut host = claim("host:web-1", "ops");
    host["origin"] = "agent".into();
    let (status, text) = post(&host);
    assert!(status == 200 && text.contains("\"policy\""), "{status} {text}");
    assert_eq!(owner(&server, "host:web-1"), "ops");
    assert_eq!(post(&json!({"origin": "agent", "unknown": 1})).0, 400);
}

#[test]
fn what_was_configured_is_in_the_trail() {
    let folder = fresh();
    for (retention, entries) in [("30d", 1), ("30d", 1), ("60d", 2)] {
        let server = Server::with(folder.path(), &["--retention", retention]);
        let sql = "SELECT count(*) FROM audit WHERE action = 'configuration'";
        assert_eq!(server.value(sql), entries, "{retention}");
        server.stop();
    }
}
