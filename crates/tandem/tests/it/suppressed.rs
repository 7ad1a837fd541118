//! Findings that somebody suppresses until a day: left out of lists, counts and checks, named where they would have counted,
//! renewed, ended, and refused to whom they are not.

use crate::server::{Ended, Server, binary, fresh, run};
use serde_json::{Value, json};
use std::path::Path;

const DAY: i64 = 86_400;
const SHOP: &str = "github.com/acme/shop";

/// A time from now in seconds, as RFC 3339 writes it.
fn later(seconds: i64) -> String {
    (chrono::Utc::now() + chrono::TimeDelta::seconds(seconds)).to_rfc3339()
}

fn post(server: &Server, path: &str, body: &Value) -> Value {
    let answer = server.post(path, body);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn findings(server: &Server, query: &str) -> Value {
    let answer = server.get(&format!("/api/v1/findings?{query}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn command(server: &Server, arguments: &[&str]) -> Ended {
    let mut command = binary(Path::new(env!("CARGO_BIN_EXE_tandem")), arguments);
    command.arg("--data-dir").arg(&server.data_dir);
    run(command)
}

/// A service of the team `pay`, built from a repository with two weak components, of which the first is deployed.
fn shop(server: &Server) {
    let thing = |kind: &str, key: &str| json!({"kind": kind, "key": key});
    let built =
        json!({"kind": "built_from", "layer": "", "from": thing("service", "shop"), "to": thing("repository", SHOP)});
    let facts = json!({"origin": "catalog", "observations": [
        {"about": {"entity": thing("service", "shop")}, "at": 1}, {"about": {"relation": built}, "at": 1}]});
    post(server, "/api/v1/facts", &facts);
    for of in ["service:shop".to_owned(), format!("repository:{SHOP}")] {
        post(server, "/api/v1/owners", &json!({"entity": of, "owner": "pay", "reason": "theirs"}));
    }
    let weak = |name: &str, severity: &str| {
        let part = format!("pkg:npm/{name}@1.0.0");
        json!({"fingerprint": name, "rule": format!("GHSA-{name}"), "severity": severity,
            "title": format!("{name} is weak"), "path": "package-lock.json", "evidence": {"component": part}})
    };
    let report = json!({"entity": thing("repository", SHOP), "tool": {"name": "tandem"},
        "source": {"commit": "c1", "branch": "main"}, "findings": [weak("lodash", "critical"), weak("minimist", "high")]});
    assert_eq!(post(server, "/api/v1/scans", &json!({"report": report}))["new"], 2);
    let change = json!({"kind": "deployment", "entity": "service:shop", "version": "c1", "environment": "production"});
    post(server, "/api/v1/changes", &change);
}

/// The finding of the repository.
fn weakness(server: &Server) -> i64 {
    let listed = findings(server, &format!("entity=repository:{SHOP}&severity=critical"));
    assert_eq!(listed["count"], 1, "{listed}");
    listed["findings"][0]["id"].as_i64().unwrap()
}

#[test]
fn all_of_a_long_list_comes_page_after_page_and_each_says_its_control() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let one = |number: usize| {
        let severity = ["critical", "high", "low"][number % 3];
        json!({"fingerprint": format!("f{number}"), "rule": if number == 7 { "odd-style" } else { "docker-root" },
            "severity": severity, "title": format!("weak {number}"), "path": "Dockerfile"})
    };
    let report = json!({"entity": {"kind": "repository", "key": SHOP}, "tool": {"name": "tandem"},
        "source": {"branch": "main"}, "findings": (0..2_345).map(one).collect::<Vec<_>>()});
    assert_eq!(post(&server, "/api/v1/scans", &json!({"report": report}))["new"], 2_345);
    let place = |finding: &Value| (finding["rank"]["score"].as_f64().unwrap(), finding["id"].as_i64().unwrap());
    let (mut all, mut after, mut sizes) = (Vec::new(), String::new(), Vec::new());
    loop {
        let page = findings(&server, &format!("limit=1000{after}"));
        assert_eq!(page["count"], 2_345);
        let found = page["findings"].as_array().unwrap();
        sizes.push(found.len());
        all.extend(found.iter().map(place));
        assert_eq!(page["truncated"], page["next"].is_string());
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(sizes, [1_000, 1_000, 345]);
    assert!(
        all.windows(2).all(|two| two[0].0 > two[1].0 || two[0].0 == two[1].0 && two[0].1 < two[1].1),
        "in order, once"
    );
    let listed = command(&server, &["findings", "--limit", "2100", "--json"]);
    let listed: Value = serde_json::from_str(&listed.out).unwrap();
    let found: Vec<_> = listed["findings"].as_array().unwrap().iter().map(place).collect();
    assert_eq!((found.as_slice(), &listed["truncated"]), (&all[..2_100], &json!(true)));
    for odd in ["after=7", "after=x:1", "after=NaN:1", "after=1:x"] {
        server.get(&format!("/api/v1/findings?{odd}")).refuses(400, &["no place in the list", "next"]);
    }
    let control = || findings(&server, "rule=odd-style")["findings"][0]["control"].as_str().map(str::to_owned);
    assert_eq!(crate::server::eventually("controls are read", control), "own-policies");
    let named = findings(&server, "rule=docker-root&limit=1")["findings"][0].clone();
    let stands = server.get(&format!("/api/v1/controls/{}", named["control"].as_str().unwrap())).json();
    let rules = stands["control"]["control"]["rules"].as_array().unwrap();
    assert!(
        rules.iter().any(|rule| "docker-root".starts_with(rule.as_str().unwrap().trim_end_matches('*'))),
        "{stands}"
    );
    let why = server.get(&format!("/api/v1/why?id={}", named["id"])).json();
    assert_eq!(why["findings"][0]["control"], named["control"]);
}

fn verdict(server: &Server) -> Value {
    let asked = json!({"question": "release", "service": "shop", "environment": "production", "version": "c1"});
    post(server, "/api/v1/check", &json!({"questions": [asked]}))["verdicts"][0].clone()
}

/// Whether a check speaks in a verdict.
fn speaks(verdict: &Value, check: &str) -> bool {
    verdict["reasons"].as_array().unwrap().iter().any(|reason| reason["check"] == check)
}

#[test]
fn what_is_suppressed_counts_nowhere_and_is_named_until_it_ends() {
    let folder = fresh();
    let server = Server::start(folder.path());
    shop(&server);
    let id = weakness(&server);
    // Each weakness is told of the repository and of the service that has it.
    assert_eq!(findings(&server, "")["count"], 4);
    assert_eq!(server.get("/api/v1/home").json()["findings"]["severities"], json!({"critical": 2, "high": 2}));
    let before = verdict(&server);
    assert!(speaks(&before, "critical-findings") && before["waived"] == json!([]), "{before}");

    let until = later(3 * DAY);
    let body = json!({"findings": [id], "reason": "the code is never reached", "owner": "pay", "until": until,
        "idempotency_key": "1"});
    let made = post(&server, "/api/v1/findings/suppress", &body);
    let one = &made["suppressions"][0];
    assert_eq!((&one["findings"], &one["entity"]), (&json!([id]), &json!(format!("repository:{SHOP}"))));
    assert_eq!((&one["control"], &one["repeated"]), (&json!("fixed-before-release"), &json!(false)), "{made}");
    let waiver = one["id"].as_i64().unwrap();
    let again = post(&server, "/api/v1/findings/suppress", &body)["suppressions"][0].clone();
    assert_eq!((&again["id"], &again["repeated"]), (&json!(waiver), &json!(true)), "told twice it is one");

    // Left out and counted; shown with why, who answers for it, and its end. The service's is the same weakness.
    let listed = findings(&server, "");
    assert_eq!((&listed["count"], &listed["suppressed"]), (&json!(2), &json!(2)), "{listed}");
    let shown = findings(&server, "suppressed=true&severity=critical");
    assert_eq!((&shown["count"], &shown["suppressed"]), (&json!(2), &json!(0)), "{shown}");
    for finding in shown["findings"].as_array().unwrap() {
        let hidden = &finding["suppressed"];
        assert_eq!((&hidden["reason"], &hidden["owner"]), (&json!("the code is never reached"), &json!("pay")));
        assert_eq!((&hidden["decision"], &hidden["expired"]), (&json!(waiver), &json!(false)), "{hidden}");
        assert_eq!(hidden["ends"].as_str().unwrap()[..19], until[..19]);
    }
    let why = server.get(&format!("/api/v1/why?id={id}")).json();
    assert_eq!(why["findings"][0]["suppressed"]["decision"], waiver);
    let home = server.get("/api/v1/home").json();
    assert_eq!(home["findings"]["severities"], json!({"high": 2}));
    let ending = &home["endings"]["rows"][0];
    assert_eq!((&ending["id"], &ending["kind"]), (&json!(waiver), &json!("waiver")), "it ends within the week: {home}");
    assert_eq!(ending["about"], format!("a finding of repository:{SHOP}"));

    // The check lets it pass, and says so with reason, owner and end.
    let after = verdict(&server);
    assert!(!speaks(&after, "critical-findings"), "{after}");
    let named = &after["waived"][0];
    assert_eq!((&named["decision"], &named["owner"]), (&json!(waiver), &json!("pay")), "{after}");
    assert_eq!((&named["title"], &named["severity"]), (&json!("lodash is weak"), &json!("critical")));
    assert_eq!(named["until"].as_str().unwrap()[..19], until[..19]);
    assert!(after["text"].as_str().unwrap().contains("of pay: the code is never reached"), "{after}");
    assert_eq!(after["waived"].as_array().unwrap().len(), 1, "told of two things it is one");

    let restricts = server.get("/api/v1/exceptions").json();
    let row = &restricts["rows"][0];
    assert_eq!(
        (&row["id"], &row["kind"], &row["findings"]),
        (&json!(waiver), &json!("waiver"), &json!(1)),
        "{restricts}"
    );
    assert_eq!((&row["control"], &row["owner"]), (&json!("fixed-before-release"), &json!("pay")));
    let listed = command(&server, &["findings"]);
    assert!(listed.out.contains("2 findings, 2 suppressed") && !listed.out.contains("lodash"), "{listed:?}");
    let told = command(&server, &["why", &id.to_string()]);
    assert!(told.out.contains(&format!("tandem answer {waiver}")) && told.out.contains("by pay: the code"), "{told:?}");

    // Renewed it lasts as long again; ended it counts again, and nothing of it restricts.
    let renewed = post(&server, &format!("/api/v1/exceptions/{waiver}/renew"), &json!({"until": later(30 * DAY)}));
    let next = renewed["id"].as_i64().unwrap();
    assert_eq!(verdict(&server)["waived"][0]["decision"], next);
    assert_eq!(server.get("/api/v1/exceptions").json()["rows"][0]["id"], next);
    assert_eq!(server.get("/api/v1/home").json()["endings"]["count"], 0, "nothing is to be done about it");
    let ended = command(&server, &["exception", "end", &next.to_string(), "--reason", "it is reached after all"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!((&findings(&server, "")["count"], &findings(&server, "")["suppressed"]), (&json!(4), &json!(0)));
    assert_eq!(server.get("/api/v1/exceptions").json()["count"], 0);
    let last = verdict(&server);
    assert!(speaks(&last, "critical-findings") && last["waived"] == json!([]), "{last}");
    assert_eq!(last["id"], before["id"], "the same facts are the same verdict");
}

#[test]
fn what_is_not_whole_or_not_theirs_is_refused_and_hides_nothing() {
    let folder = fresh();
    let mut server = Server::start(folder.path());
    shop(&server);
    let id = weakness(&server);
    let whole = json!({"findings": [id], "reason": "not reached", "owner": "pay", "until": later(DAY)});
    for (change, status, says) in [
        (json!({"findings": []}), 400, "1 to 500 findings"),
        (json!({"findings": (1..=501).collect::<Vec<i64>>()}), 400, "MAX_WAIVED"),
        (json!({"findings": [id, 999_999]}), 404, "there is no finding 999999"),
        (json!({"reason": " \n"}), 400, "say why"),
        (json!({"owner": " "}), 400, "team"),
        (json!({"until": later(-60)}), 400, "before it begins"),
        (json!({"until": later(92 * DAY)}), 400, "at most 90 days"),
        (json!({"control": "no-such-control"}), 404, "there is no control"),
        (json!({"state": "odd"}), 400, "unknown field"),
    ] {
        let mut body = whole.clone();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = server.post("/api/v1/findings/suppress", &body);
        assert!(
            answer.status == status && answer.text().contains(says),
            "{change}: {} {}",
            answer.status,
            answer.text()
        );
    }
    // A rule that no control names: it is behind what stands behind such, or what the caller says.
    let report = json!({"entity": {"kind": "repository", "key": SHOP}, "tool": {"name": "lint"},
        "source": {"branch": "main"}, "findings": [{"fingerprint": "l", "rule": "odd-style", "severity": "low", "title": "odd"}]});
    post(&server, "/api/v1/scans", &json!({"report": report}));
    let odd = findings(&server, "rule=odd-style")["findings"][0]["id"].clone();
    let mut alone = json!({"findings": [odd], "reason": "r", "owner": "pay"});
    let control = |body: &Value| {
        let made = post(&server, "/api/v1/findings/suppress", body)["suppressions"][0].clone();
        post(&server, &format!("/api/v1/exceptions/{}/end", made["id"]), &json!({"reason": "tried"}));
        made["control"].clone()
    };
    assert_eq!(control(&alone), "own-policies");
    alone["control"] = "reviewed-changes".into();
    assert_eq!(control(&alone), "reviewed-changes");
    // The door for any decision is not one past these bounds.
    let waiver = json!({"key": "w", "kind": "waiver", "reason": "x", "owner": {"kind": "team", "key": "pay"}, "control": 1,
        "expires": 9_000_000_000_000_000_000_i64, "cites": [{"fact": id}]});
    server.post("/api/v1/decisions", &waiver).says(400, &["/api/v1/findings/suppress"]);

    let mut token = |role: &str, team: &str| {
        server.token = None;
        let grant = json!({"role": role, "team": team, "datasets": ["default"]});
        let body = json!({"kind": "api", "name": format!("{role} of {team}"), "grants": [grant]});
        post(&server, "/api/v1/tokens", &body)["token"].as_str().unwrap().to_owned()
    };
    let (viewer, other, own) = (token("viewer", "pay"), token("responder", "web"), token("responder", "pay"));
    for (who, owner, says) in
        [(viewer, "pay", "not granted"), (other.clone(), "pay", "pay"), (other.clone(), "web", "pay")]
    {
        server.token = Some(who);
        let mut body = whole.clone();
        body["owner"] = owner.into();
        server.post("/api/v1/findings/suppress", &body).refuses(403, &[says]);
    }
    server.token = None;
    assert_eq!(findings(&server, "")["suppressed"], 0, "what was refused hides nothing");
    server.token = Some(own);
    let made = post(&server, "/api/v1/findings/suppress", &whole)["suppressions"][0]["id"].clone();
    server.token = Some(other);
    for what in ["renew", "end"] {
        let path = format!("/api/v1/exceptions/{made}/{what}");
        server.post(&path, &json!({"reason": "mine"})).refuses(403, &["responder"]);
    }
    server.token = None;
    assert_eq!(findings(&server, "")["suppressed"], 2);
}
