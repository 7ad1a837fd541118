//! Every place where something denies, warns, hides or blocks says why, who answers for it, until when, and how to answer.
//!
//! The places come from the product where it can list them: routes, commands, formats, kinds of decisions. One that is new is asked
//! too, or makes a test fail until somebody says how to ask it.

use crate::inbox::Inbox;
use crate::server::{Ended, Server, binary, eventually, fresh, run, tandem};
use model::decision::RESTRICTING;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What a member may be called that says each of the four.
const FOUR: [(&str, &[&str]); 4] = [
    ("reason", &["reason", "text", "because"]),
    ("owner", &["owner", "team"]),
    ("end", &["until", "excepted_until", "expires"]),
    ("answer", &["answer_with"]),
];

/// Something that restricts, as the test made it.
struct Made {
    id: i64,
    kind: String,
    /// A word of its reason that nothing else has.
    why: String,
}

/// A server on which one of each kind is in force.
struct Home {
    server: Server,
    made: Vec<Made>,
    alert: i64,
    _folder: tempfile::TempDir,
    inbox: Inbox,
}

fn command(server: &Server, arguments: &[&str]) -> Command {
    let mut command = binary(Path::new(env!("CARGO_BIN_EXE_tandem")), arguments);
    command.env("TANDEM_DATA_DIR", &server.data_dir);
    command
}

fn post(server: &Server, path: &str, body: &Value) -> Value {
    let answer = server.post(path, body);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn now() -> i64 {
    chrono::Utc::now().timestamp_nanos_opt().unwrap()
}

impl Home {
    fn new() -> Home {
        let (folder, inbox) = (fresh(), Inbox::open());
        let config = folder.path().join("tandem.toml");
        fs::write(&config, inbox.settings()).unwrap();
        let data = folder.path().join("data");
        let server = Server::with(&data, &["--config", config.to_str().unwrap()]);
        let seen =
            json!({"about": {"entity": {"kind": "service", "key": "shop"}}, "at": now(), "attributes": {"tier": "1"}});
        post(&server, "/api/v1/facts", &json!({"origin": "catalog", "observations": [seen]}));
        post(&server, "/api/v1/owners", &json!({"entity": "service:shop", "owner": "shop", "reason": "theirs"}));
        let mut home = Home { server, made: Vec::new(), alert: 0, _folder: folder, inbox };
        for kind in RESTRICTING {
            home.make(kind);
        }
        home.snooze();
        home
    }

    /// One of a kind. The others are decisions of programs.
    fn make(&mut self, kind: &str) {
        let why = format!("because-of-{kind}");
        let (path, body, id) = match kind {
            "exception" => (
                "/api/v1/exceptions",
                json!({"control": "runbooks", "entity": "service:shop", "reason": why, "until": "now+5d"}),
                "/exception",
            ),
            "adjustment" => (
                "/api/v1/adjustments",
                json!({"control": "tested-before-release", "mode": "enforce", "reason": why, "until": "now+5d"}),
                "/adjustment",
            ),
            "lockdown" => (
                "/api/v1/lockdowns",
                json!({"controls": ["scanned-before-release"], "reason": why, "until": "now+5d"}),
                "/lockdown",
            ),
            "suppression" => (
                "/api/v1/suppressions",
                json!({"entity": "host:test-*", "owner": "shop", "reason": why, "until": "now+5d"}),
                "/suppression/id",
            ),
            "waiver" => (
                "/api/v1/findings/suppress",
                json!({"findings": [self.finding()], "owner": "shop", "reason": why, "until": "now+5d"}),
                "/suppressions/0/id",
            ),
            kind => {
                let body = json!({"key": kind, "kind": kind, "reason": why, "owner": {"kind": "team", "key": "shop"},
                    "control": self.control(), "expires": now() + 5 * 86_400 * 1_000_000_000_i64,
                    "entity": {"kind": "service", "key": "shop"}});
                ("/api/v1/decisions", body, "/decision")
            }
        };
        let answer = post(&self.server, path, &body);
        let id = answer.pointer(id).and_then(Value::as_i64).unwrap_or_else(|| panic!("{kind}: {answer}"));
        self.made.push(Made { id, kind: kind.to_owned(), why });
    }

    /// Something weak in what is not the shop: its own scans are what checks ask for.
    fn finding(&self) -> i64 {
        let weak =
            json!({"fingerprint": "w", "rule": "own-rule", "severity": "high", "title": "it is weak", "path": "a.yml"});
        let report = json!({"entity": {"kind": "repository", "key": "till"}, "tool": {"name": "tandem"},
            "source": {"commit": "1.4", "branch": "main"}, "findings": [weak]});
        post(&self.server, "/api/v1/scans", &json!({"report": report}));
        self.server.get("/api/v1/findings").json()["findings"][0]["id"].as_i64().unwrap()
    }

    /// The decision that keeps some control.
    fn control(&self) -> i64 {
        let shown = self.server.get("/api/v1/controls/closed-by-default").json();
        shown["control"]["id"].as_i64().unwrap_or_else(|| panic!("{shown}"))
    }

    /// An alert that somebody does not want to see for a while.
    fn snooze(&mut self) {
        let alert = json!([{"labels": {"alertname": "TillIsSlow", "severity": "warning", "service": "shop"},
            "annotations": {"description": "5 s"}, "startsAt": "2026-11-20T00:00:00Z", "endsAt": "0001-01-01T00:00:00Z"}]);
        assert_eq!(self.server.post("/api/v2/alerts", &alert).status, 200);
        self.alert = self.server.get("/api/v1/alerts").json()["rows"][0]["id"].as_i64().unwrap();
        let why = "because-of-snooze".to_owned();
        let act = json!({"ids": [self.alert], "do": "snooze", "until": "now+5d", "reason": why});
        post(&self.server, "/api/v1/alerts/act", &act);
        self.made.push(Made { id: self.alert, kind: "snooze".to_owned(), why });
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        run(command(&self.server, arguments))
    }

    /// Holds every object of a document that is about something that restricts to the four; says which it is about.
    fn hold(&self, place: &str, document: &Value, seen: &mut BTreeSet<i64>) {
        match document {
            Value::Object(members) => {
                let about = ["id", "decision", "excepted"].iter().filter_map(|name| members.get(*name)?.as_i64());
                for id in about.filter(|id| self.made.iter().any(|made| made.id == *id)) {
                    for (what, names) in FOUR {
                        let said = |name: &&str| {
                            members.get(*name).and_then(Value::as_str).is_some_and(|text| !text.is_empty())
                        };
                        assert!(names.iter().any(said), "{place} shows {id} without {what}: {document:#}");
                    }
                    seen.insert(id);
                }
                members.values().for_each(|inner| self.hold(place, inner, seen));
            }
            Value::Array(all) => all.iter().for_each(|inner| self.hold(place, inner, seen)),
            _ => {}
        }
    }

    fn id_of(&self, kind: &str) -> i64 {
        self.made.iter().find(|made| made.kind == kind).unwrap().id
    }

    fn ids(&self) -> BTreeSet<i64> {
        self.made.iter().map(|made| made.id).collect()
    }
}

/// Routes that are not asked for what restricts, and why not.
const NOT_ASKED: &[(&str, &str)] = &[
    ("/api/v1/tail", "does not end"),
    ("/api/v1/calendar/{token}", "a file of days behind a private link"),
    ("/api/v1/oidc/start", "leads away"),
    ("/api/v1/oidc/callback", "leads away"),
    ("/api/v1/traces/{id}", "events"),
    ("/api/v1/fields", "events"),
    ("/api/v1/facets", "events"),
    ("/api/v1/complete", "words of the search language"),
    ("/api/v1/search", "events"),
    ("/api/v1/sql", "rows as they are kept, for programs"),
    ("/api/v1/audit", "the trail: what was done, not what is in force"),
    ("/api/v1/metrics/range", "numbers"),
    ("/metrics", "numbers"),
    ("/", "a page that asks the API"),
    ("/assets/{name}", "a file of the page"),
    ("/api/openapi.json", "what the API is like"),
    ("/api/v1/dashboards/{name}", "questions about events"),
    ("/healthz", "a word"),
    ("/readyz", "a word"),
    ("/api/v1/drill-runs/{id}", "a drill that is run"),
    ("/api/v1/drills/{name}", "no drill is there"),
    ("/api/v1/upgrades/{id}", "no plan is there"),
    ("/api/v1/incidents/{id}/review", "Markdown of what is over"),
];

#[test]
fn every_route_says_the_four_of_what_restricts() {
    let home = Home::new();
    let queries = [
        ("/api/v1/alerts", "state=all"),
        ("/api/v1/suppressions", "state=all"),
        ("/api/v1/exceptions/form", "control=runbooks"),
        ("/api/v1/suspects", "entity=service:shop"),
        ("/api/v1/owners", "entity=service:shop"),
        ("/api/v1/owners/history", "entity=service:shop&from=now-1d"),
        ("/api/v1/agenda", "teams=shop,security"),
        ("/api/v1/findings", "suppressed=true"),
        ("/api/v1/knowledge/search", "q=because"),
        ("/api/v1/knowledge/page", "id=runbooks/backup-missing.md"),
        ("/api/v1/why", "id=CVE-2021-23337"),
        ("/api/v1/controls", "entity=service:shop"),
    ];
    let opened = json!({"title": "Nobody can pay", "reason": "they call", "team": "shop", "alerts": [home.alert]});
    let incident = post(&home.server, "/api/v1/incidents", &opened)["incident"].clone();
    let values = [
        ("/api/v1/alerts/{id}", home.alert.to_string()),
        ("/api/v1/incidents/{id}", incident.to_string()),
        ("/api/v1/controls/{name}", "runbooks".to_owned()),
        ("/api/v1/inventory/{report}", "orphans".to_owned()),
        ("/api/v1/levers/{id}", "services-without-owner".to_owned()),
    ];
    let routes = home.server.get("/api/v1/routes").json();
    let (mut seen, mut unknown) = (BTreeSet::new(), Vec::new());
    for route in routes["routes"].as_array().unwrap().iter().filter(|route| route["method"] == "GET") {
        let path = route["path"].as_str().unwrap();
        if NOT_ASKED.iter().any(|(one, _)| *one == path) {
            continue;
        }
        let mut target = path.to_owned();
        if let Some((_, value)) = values.iter().find(|(one, _)| *one == path) {
            target.replace_range(path.find('{').unwrap()..=path.find('}').unwrap(), value);
        }
        if let Some((_, query)) = queries.iter().find(|(one, _)| *one == path) {
            target = format!("{target}?{query}");
        }
        let answer = home.server.get(&target);
        if answer.status != 200 {
            unknown.push(format!("{path}: {}", answer.text()));
            continue;
        }
        home.hold(&target, &answer.json(), &mut seen);
    }
    assert!(unknown.is_empty(), "say how these are asked: {unknown:#?}");
    for made in home.made.iter().filter(|made| made.kind == "adjustment" || made.kind == "lockdown") {
        let name = if made.kind == "lockdown" { "scanned-before-release" } else { "tested-before-release" };
        let shown = home.server.get(&format!("/api/v1/controls/{name}")).json();
        assert!(shown.to_string().contains(&made.why), "{shown}");
        home.hold(name, &shown, &mut seen);
    }
    assert_eq!(seen, home.ids(), "each is shown somewhere");
    let listed = home.server.get("/api/v1/exceptions").json();
    let mut all = BTreeSet::new();
    home.hold("/api/v1/exceptions", &listed, &mut all);
    all.insert(home.alert);
    assert_eq!(all, home.ids(), "all kinds are in one list: {listed}");
}

/// Commands with what they are asked for; none of those that restrict nothing that could be shown, or show no server's.
fn asked<'a>(name: &str, control: &'a str) -> Option<Vec<Vec<&'a str>>> {
    let listed = match name {
        "alerts" => vec![vec!["alerts", "--state", "all"], vec!["alerts", "--state", "snoozed"]],
        "suppress" => vec![vec!["suppress"]],
        "exception" => vec![vec!["exception"]],
        "controls" => vec![vec!["controls"], vec!["controls", "show", control]],
        "lockdown" => vec![vec!["home"], vec!["controls"]],
        "home" => vec![vec!["home"]],
        "agenda" => vec![vec!["agenda", "shop+security"], vec!["agenda", "shop+security", "--format", "html"]],
        "answers" => vec![vec!["answers"], vec!["answers", "--all"]],
        "friction" => vec![vec!["friction"]],
        "incidents" => vec![vec!["incidents"]],
        "findings" => vec![vec!["findings", "--suppressed"]],
        "levers" => vec![vec!["levers"]],
        "recovery" => vec![vec!["recovery"]],
        "roadmap" => vec![vec!["roadmap"]],
        "knowledge" => vec![vec!["knowledge", "lists"]],
        // Their own tests below.
        "check" | "scan" => vec![],
        "up" | "serve" | "agent" | "search" | "sql" | "tail" | "import" | "change" | "changes" | "owner"
        | "suspects" | "inventory" | "dora" | "rules" | "answer" | "reply" | "meeting" | "upgrade" | "drill"
        | "detect" | "why" | "sbom" | "db" | "user" | "token" | "audit" | "doctor" | "backup" | "restore" | "erase"
        | "openapi" | "completions" | "help" => {
            vec![]
        }
        _ => return None,
    };
    Some(listed)
}

/// The names in a list of `--help`.
fn commands(help: &str) -> Vec<String> {
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

/// The values that a flag takes, as `--help` says.
fn values(help: &str, flag: &str) -> Vec<String> {
    let of = help.split(&format!("      {flag}")).nth(1).unwrap_or_else(|| panic!("no {flag} in {help}"));
    let mut values = Vec::new();
    let list = of.split("Possible values:\n").nth(1).unwrap();
    for line in list.lines().take_while(|line| !line.is_empty()) {
        values.extend(line.trim().strip_prefix("- ").map(|line| line.split(':').next().unwrap().to_owned()));
    }
    values
}

#[test]
fn every_command_says_the_four_of_what_restricts() {
    let home = Home::new();
    let names = commands(&run(tandem(["--help"])).out);
    assert!(names.len() > 40, "{names:?}");
    let mut shown = BTreeSet::new();
    for name in &names {
        let listed =
            asked(name, "runbooks").unwrap_or_else(|| panic!("say how `tandem {name}` is asked for what restricts"));
        for arguments in listed {
            let ended = home.run(&arguments);
            assert_eq!(ended.code, Some(0), "{arguments:?}: {ended:?}");
            for line in ended.out.lines() {
                for made in home.made.iter().filter(|made| line.contains(&made.why)) {
                    // Ends are days; the owner of what a control's team decided is that team.
                    let end = (chrono::Utc::now() + chrono::Days::new(5)).format("%Y-%m-%d").to_string();
                    let end = [end.clone(), end.replace('-', "\\-")];
                    assert!(end.iter().any(|end| line.contains(end)), "{arguments:?}: no end in {line}");
                    let owners = ["shop", "security", "platform", "operations", "developers"];
                    assert!(owners.iter().any(|owner| line.contains(owner)), "{arguments:?}: no owner in {line}");
                    let ways = ["tandem answer", "tandem exception renew", "tandem lockdown review"];
                    let way = ways.iter().any(|way| line.contains(&format!("{way} {}", made.id)));
                    assert!(way, "{arguments:?}: no way to answer {} in {line}", made.id);
                    shown.insert((arguments[0].to_owned(), made.kind.clone()));
                }
            }
        }
    }
    for made in home.made.iter().filter(|made| made.kind != "snooze") {
        assert!(shown.contains(&("exception".to_owned(), made.kind.clone())), "{} is not listed: {shown:?}", made.kind);
    }
    for (name, kind) in [
        ("suppress", "suppression"),
        ("alerts", "snooze"),
        ("controls", "lockdown"),
        ("home", "lockdown"),
        ("agenda", "exception"),
    ] {
        assert!(shown.contains(&(name.to_owned(), kind.to_owned())), "{name} does not show the {kind}: {shown:?}");
    }
    let one = home.run(&["alerts", "show", &home.alert.to_string()]).out;
    for part in ["because-of-snooze", "team          shop", "until ", "tandem answer"] {
        assert!(one.contains(part), "{part:?} is missing in {one}");
    }
}

#[test]
fn every_verdict_says_the_four_of_each_reason() {
    let home = Home::new();
    let version = ["--service", "shop", "--version", "1.4"];
    let growth = ["--service", "shop", "--from", "10", "--to", "1000"];
    let exception = home.id_of("exception").to_string();
    for name in commands(&run(tandem(["check", "--help"])).out) {
        let question: &[&str] = match name.as_str() {
            "release" => &version,
            "scale" => &growth,
            "help" => continue,
            other => panic!("say how `tandem check {other}` is asked"),
        };
        let ask =
            |form: &str| home.run(&[&["check", &name, "--env", "production", "--format", form], question].concat());
        let verdict = ask("json").json()["verdicts"][0].clone();
        let reasons = verdict["reasons"].as_array().unwrap();
        assert!(!reasons.is_empty(), "{verdict}");
        for reason in reasons {
            for part in ["text", "owner", "ask", "review_by", "answer_with", "fix", "for_operations", "for_security"] {
                assert!(reason[part].as_str().is_some_and(|text| !text.is_empty()), "{name}: no {part} in {reason:#}");
            }
            home.hold(&name, reason, &mut BTreeSet::new());
        }
        let id = &verdict["id"];
        for form in values(&run(tandem(["check", "release", "--help"])).out, "--format <FORMAT>") {
            let out = ask(&form).out.replace("\\", "").replace("&#58;", ":");
            for reason in reasons {
                let day = reason["review_by"].as_str().unwrap().split('T').next().unwrap();
                for part in [reason["check"].as_str().unwrap(), reason["owner"].as_str().unwrap(), day] {
                    assert!(out.contains(part), "{name} as {form}: {part:?} is missing in {out}");
                }
            }
            assert!(out.contains(&format!("tandem answer {id} hurt")), "{name} as {form}: {out}");
            if name == "release" {
                assert!(form == "json" || out.contains(&format!("by exception {exception}")), "{form}: {out}");
            }
        }
    }
    let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "uid": "u", "kind": {"group": "apps", "version": "v1", "kind": "Deployment"}, "name": "shop", "namespace": "web",
        "operation": "CREATE", "object": {"metadata": {"name": "shop", "labels": {"app.kubernetes.io/name": "shop"}},
            "spec": {"template": {"spec": {"containers": [{"name": "a", "image": "shop:1.4"}]}}}}}});
    let answer = post(&home.server, "/api/v1/admission?environment=production", &review);
    let response = &answer["response"];
    assert_eq!(response["allowed"], false, "tests are enforced, and the scan is locked down: {response:#}");
    let stop = response["status"]["message"].as_str().unwrap();
    for part in ["because-of-lockdown", "because-of-adjustment", " of ", "asked again by", "until ", "tandem answer"] {
        assert!(stop.contains(part), "{part:?} is missing in {stop}");
    }
    let warnings: Vec<&str> = response["warnings"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let reasons = warnings.iter().filter(|warning| warning.contains("would have stopped") && warning.contains('['));
    let reasons: Vec<&&str> = reasons.collect();
    assert!(!reasons.is_empty(), "{warnings:?}");
    for warning in reasons {
        assert!(warning.contains(" of ") && warning.contains("asked again by"), "{warning}");
    }
    assert!(warnings.iter().any(|warning| warning.contains("tandem answer")), "{warnings:?}");
}

#[test]
fn every_notice_says_the_four() {
    let home = Home::new();
    // A lockdown is told to all; an exception that ends soon, and one that is over, to its owner.
    let soon = json!({"control": "runbooks", "entity": "service:pay", "reason": "because-it-ends", "until": "now+3s"});
    post(&home.server, "/api/v1/exceptions", &soon);
    let hides = json!({"entity": "host:old-*", "owner": "shop", "reason": "because-it-is-old", "until": "now+3s"});
    post(&home.server, "/api/v1/suppressions", &hides);
    for why in ["because-of-lockdown", "because-it-ends", "because-it-is-old"] {
        let notice =
            eventually(why, || home.inbox.taken().into_iter().find(|(_, body)| body.to_string().contains(why)));
        let text = notice.1["text"].as_str().unwrap_or_else(|| panic!("{}", notice.1)).to_owned();
        let day = chrono::Utc::now().format("%Y-").to_string();
        assert!(
            text.contains("Owner") || notice.1["team"].as_str().is_some_and(|team| !team.is_empty()),
            "{why}: {text}"
        );
        for part in [day.as_str(), "tandem "] {
            assert!(text.contains(part), "{why}: {part:?} is missing in {text}");
        }
    }
}

/// Few enough that a comment shows all that they find.
const RULES: &str =
    "kubernetes-privileged-container,kubernetes-no-digest,docker-user-missing,docker-download-into-shell";
const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec:\n  containers:\n    - name: app\n      image: web:1.2\n      securityContext:\n        privileged: true\n";

#[test]
fn every_form_of_a_scan_says_the_four() {
    let folder = fresh();
    let tree = folder.path();
    let scan = |arguments: &[&str]| {
        let mut command =
            binary(Path::new(env!("CARGO_BIN_EXE_tandem")), &["scan", ".", "--no-cache", "--only", RULES]);
        command.args(arguments).current_dir(tree);
        run(command)
    };
    let end = (chrono::Utc::now() + chrono::Days::new(30)).format("%Y-%m-%d").to_string();
    // What is known already.
    fs::write(tree.join("Dockerfile"), "FROM debian:latest\nRUN curl http://example.org/x | sh\n").unwrap();
    scan(&[
        "--write-baseline",
        "known.json",
        "--baseline-owner",
        "builders",
        "--baseline-reason",
        "because-it-is-known",
    ]);
    let known: Value = serde_json::from_slice(&fs::read(tree.join("known.json")).unwrap()).unwrap();
    let until = known["until"].as_str().unwrap().to_owned();
    assert!(!known["findings"].as_array().unwrap().is_empty(), "{known}");
    // What is new, what is hidden in the code, and what is hidden by a file.
    let marked = format!(
        "privileged: true # tandem:ignore kubernetes-privileged-container reason=\"because-of-sockets\" owner=net until={end}"
    );
    fs::write(tree.join("pod.yaml"), POD.replace("privileged: true", &marked)).unwrap();
    fs::write(tree.join("other.yaml"), POD.replace("name: web,", "name: other,")).unwrap();
    fs::write(tree.join("third.yaml"), POD.replace("name: web,", "name: third,")).unwrap();
    fs::create_dir(tree.join(".tandem")).unwrap();
    let hides = format!(
        "- rules: [kubernetes-privileged-container]\n  paths: [other.yaml]\n  reason: because-of-tests\n  owner: testers\n  until: {end}\n"
    );
    fs::write(tree.join(".tandem/suppressions.yml"), hides).unwrap();
    let with = ["--suppressed", "--baseline", "known.json", "--format"];
    let ask = |form: &str| scan(&[&with[..], &[form]].concat());
    let all = ask("json").json();
    let findings = all["findings"].as_array().unwrap();
    let hidden = |owner: &str| findings.iter().filter(|one| one["hidden"]["suppressed"]["owner"] == owner).count();
    assert!(
        hidden("net") > 0 && hidden("testers") > 0 && hidden("net") + hidden("testers") < findings.len(),
        "{all:#}"
    );
    for form in values(&run(tandem(["scan", "--help"])).out, "--format <FORMAT>") {
        let ended = ask(&form);
        let text = format!("{}{}", ended.out, ended.err).replace('\\', "");
        for finding in findings {
            let (rule, control) = (finding["rule"].as_str().unwrap(), &finding["control"]);
            let named = ["name", "owner", "review_by"]
                .map(|name| control[name].as_str().unwrap_or_else(|| panic!("{finding}")));
            assert!(named.iter().all(|text| !text.is_empty()), "{finding}");
            for part in [&[rule, finding["message"].as_str().unwrap()][..], &named].concat() {
                assert!(text.contains(&part.replace('\\', "")), "{form}: {part:?} of {rule} is missing in {text}");
            }
        }
        assert!(text.contains("tandem scan --explain"), "{form}: no way to answer in {text}");
        for (why, owner, end, place) in [
            ("because-of-sockets", "net", &end, "pod.yaml"),
            ("because-of-tests", "testers", &end, ".tandem/suppressions.yml"),
            ("because-it-is-known", "builders", &until, "known.json"),
        ] {
            for part in [why, owner, end, place] {
                assert!(text.contains(part), "{form}: {part:?} is missing in {text}");
            }
        }
    }
    let page = scan(&["--explain", findings[0]["rule"].as_str().unwrap()]).out;
    assert!(page.contains("asked again by") && page.contains("tandem:ignore"), "{page}");
}
