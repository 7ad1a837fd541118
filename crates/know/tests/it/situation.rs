//! What is known of services when a check asks.

use crate::month::{self, alert, at, finding};
use crate::support::{DAY, HOUR, MINUTE, T0, Told, entity, ledger};
use know::inventory::StreamSeen;
use know::situation::{About, Given, Page, situation, situations};
use ledger::{AsOf, Detection, Move, Person, Step, Target};
use model::{Change, Facts, Level, Nanos, Report, Source};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Instant;

async fn document(ledger: &ledger::Ledger, service: &str, version: Option<&str>, given: &Given<'_>) -> Value {
    let about = About { service, version, environment: Some("production") };
    situation(ledger, &AsOf::at(T0 + HOUR), &about, given).await.unwrap()
}

#[tokio::test]
async fn what_nobody_knows_is_left_out() {
    let (ledger, _dir) = ledger().await;
    Told::by("catalog", "default").seen("service:cart", T0, json!({"tier": "2"})).record(&ledger).await;
    let nobody = document(&ledger, "elsewhere", None, &Given::default()).await;
    assert_eq!(nobody, json!({"service": "elsewhere", "environment": "production", "known": false}));
    let cart = document(&ledger, "cart", None, &Given::default()).await;
    assert_eq!((&cart["known"], &cart["tier"]), (&json!(true), &json!(2)));
    for part in ["runs", "logs", "runbook", "changes", "exposed_sockets", "dependencies", "slo"] {
        assert_eq!(cart[part], Value::Null, "{part}: nobody would know");
    }
    assert_eq!(cart["owner"], json!({"count": 0, "ids": []}), "that nobody owns it is known");
    assert_eq!(cart["restore"], json!({"proved": false, "ids": []}));
    assert_eq!(cart["findings"], json!({"scanned": false}));
    assert_eq!((&cart["tests"]["known"], &cart["backup"]["known"]), (&json!(false), &json!(false)));
    // Who looked at all streams and pages knows.
    let (streams, pages) = (Vec::<StreamSeen>::new(), BTreeMap::<String, Vec<Page>>::new());
    let given = Given { streams: Some(&streams), pages: Some(&pages), ..Given::default() };
    let cart = document(&ledger, "cart", None, &given).await;
    assert_eq!(cart["logs"], json!({"sends": false}));
    assert_eq!(cart["runbook"], json!({"count": 0, "overdue": 0, "pages": []}));
}

fn changed(key: &str, of: &str, status: &str, at: Nanos) -> Change {
    let attributes = crate::support::attributes(json!({"status": status}));
    let (environment, version) = (Some("production".to_owned()), Some("1.0".to_owned()));
    let kind = "deployment".to_owned();
    Change { key: key.to_owned(), kind, entity: entity(of), at, environment, version, attributes }
}

/// What checks may look at, as `rules/gate/README.md` lists it: the document has no other members.
const MEMBERS: &[(&str, &str)] = &[
    ("runs", "instances hosts versions ids"),
    ("owner", "count team ids"),
    ("logs", "sends last"),
    ("traces", "sends last"),
    ("metrics", "sends last"),
    ("runbook", "count overdue pages"),
    ("restore", "proved at rto rpo ids"),
    ("backup", "known last"),
    (
        "findings",
        "scanned of at critical high exploited secrets components ids_critical ids_high ids_exploited ids_secrets waived",
    ),
    ("incidents", "open names ids"),
    ("alerts", "open high ids"),
    ("slo", "known burning names ids"),
    ("exposed_sockets", "count list ids"),
    ("changes", "failed_recently overlapping list ids"),
    ("tests", "known total failed at names ids"),
    ("dependencies", "count capacity_unknown without_owner without_restore list ids"),
    ("limits", "max ids"),
];

/// A service with a bit of everything.
async fn fill(ledger: &ledger::Ledger) {
    let cart = json!({"tier": "1", "rto": "4h", "rpo": "15m", "backup": "bucket:nightly", "max_instances": 50,
        "restore": {"proved": true, "at": "2026-11-01T00:00:00Z", "took": "2h"},
        "tests": {"total": 120, "failed": 1, "at": "2026-11-20T00:00:00Z", "names": ["adds up"]}});
    Told::by("catalog", "default")
        .seen("service:cart", T0 - DAY, cart)
        .seen("service:pay", T0 - DAY, json!({"capacity": "100/s"}))
        .owned("service:cart", "", "shop", T0 - DAY, json!({}))
        .related("service:cart", "built_from", "repository:git.example/cart", T0 - DAY)
        .related("service:cart", "calls", "service:pay", T0 - DAY)
        .related("service:cart", "depends_on", "service:ghost", T0 - DAY)
        .record(ledger)
        .await;
    let told = month::telemetry(Told::by("telemetry", "default"), "cart", "host:web-1", &["spans"], T0);
    told.record(ledger).await;
    Told::by("agent", "default")
        .seen("socket:web-1/tcp/0.0.0.0:443", T0, json!({"exposed": true}))
        .related("service.instance:cart/1", "listens", "socket:web-1/tcp/0.0.0.0:443", T0)
        .record(ledger)
        .await;
    let changes = vec![
        changed("old", "service:cart", "success", T0 - 3 * DAY),
        changed("bad", "service:cart", "failure", T0 - HOUR),
        changed("pay", "service:pay", "success", T0 + 30 * MINUTE),
    ];
    ledger.record(&Facts { changes, ..Facts::new("manual", "default") }, T0).await.unwrap();
    let mut report = Report::new(entity("repository:git.example/cart"), "tandem", T0);
    report.dataset = "default".to_owned();
    report.source = Source { commit: Some("0123456789".to_owned()), version: Some("v1.0".to_owned()), ..report.source };
    let mut secret = finding("openai-key", "critical", false);
    secret.evidence.clear();
    report.findings = vec![finding("GHSA-1", "critical", true), finding("GHSA-2", "high", false), secret];
    ledger.scanned(&report, T0).await.unwrap();
    // What a deployment brought is the same weakness.
    let mut same = Report::new(entity("service:cart"), "deployment", T0);
    same.dataset = "default".to_owned();
    same.findings = vec![finding("GHSA-1", "critical", true)];
    ledger.scanned(&same, T0).await.unwrap();
    let (slo, fired) = alert("a", "error_budget", "service.instance:cart/1", Level::Critical, &["slo"], T0);
    let mut incident = alert("i", "incident", "service:pay", Level::Critical, &[], T0).0;
    incident.decision.kind = "incident".to_owned();
    let joined = Step::Incident(Some(Target::Key("i".to_owned())));
    let moves = vec![Move { about: Target::Key("a".to_owned()), at: T0, step: joined }];
    let round = Detection { raised: vec![slo, incident], firings: vec![fired], moves, ..Detection::default() };
    ledger.commit_detection(&round, Person("rules"), T0).await.unwrap();
}

#[tokio::test]
async fn every_part_of_a_document_is_filled_and_cited() {
    let (ledger, _dir) = ledger().await;
    fill(&ledger).await;
    let rules = ["openai-key".to_owned()].into();
    let pages = BTreeMap::from([("cart".to_owned(), vec![Page { name: "Carts".to_owned(), overdue: true }])]);
    let given = Given { secret_rules: Some(&rules), pages: Some(&pages), slo_rules: true, ..Given::default() };
    let cart = document(&ledger, "cart", Some("1.0"), &given).await;
    for (way, is) in [
        ("tier", json!(1)),
        ("version", json!("1.0")),
        ("runs.instances", json!(1)),
        ("runs.hosts", json!(1)),
        ("runs.versions", json!(["1.0"])),
        ("owner.count", json!(1)),
        ("owner.team", json!("shop")),
        ("logs.sends", json!(false)),
        ("traces.sends", json!(true)),
        ("runbook.count", json!(1)),
        ("runbook.overdue", json!(1)),
        ("restore.proved", json!(true)),
        ("restore.rto", json!(14_400)),
        ("restore.rpo", json!(900)),
        ("backup.known", json!(true)),
        ("findings.scanned", json!(true)),
        ("findings.of", json!("v1.0")),
        ("findings.critical", json!(2)),
        ("findings.high", json!(1)),
        ("findings.exploited", json!(1)),
        ("findings.components", json!(["pkg:npm/x@1"])),
        ("findings.secrets", json!(1)),
        ("incidents.open", json!(1)),
        ("alerts.open", json!(1)),
        ("alerts.high", json!(1)),
        ("slo.burning", json!(true)),
        ("slo.names", json!(["error_budget"])),
        ("exposed_sockets.count", json!(1)),
        ("exposed_sockets.list", json!(["web-1/tcp/0.0.0.0:443"])),
        ("changes.failed_recently", json!(1)),
        ("changes.overlapping", json!(1)),
        ("changes.list", json!(["deployment of service:cart", "deployment of service:pay"])),
        ("tests.known", json!(true)),
        ("tests.failed", json!(1)),
        ("tests.names", json!(["adds up"])),
        ("dependencies.count", json!(2)),
        ("dependencies.capacity_unknown", json!(1)),
        ("dependencies.without_owner", json!(2)),
        ("dependencies.without_restore", json!(2)),
        ("dependencies.list", json!(["service:ghost"])),
        ("limits.max", json!(50)),
    ] {
        assert_eq!(at(&cart, way), &is, "{way}: {cart:#}");
    }
    for way in
        ["runs.ids", "owner.ids", "findings.ids_critical", "incidents.ids", "slo.ids", "changes.ids", "tests.ids"]
    {
        let ids = at(&cart, way).as_array().unwrap();
        assert!(!ids.is_empty() && ids.iter().all(|id| id.as_i64() > Some(0)), "{way}");
    }
    let plain = ["service", "environment", "version", "known", "tier"];
    for (name, value) in cart.as_object().unwrap() {
        let Some(part) = value.as_object() else {
            assert!(plain.contains(&name.as_str()), "{name}");
            continue;
        };
        let known = MEMBERS.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name}")).1;
        assert!(part.keys().all(|key| known.split(' ').any(|known| known == key)), "{name}: {part:?}");
    }
    // Of another version nobody knows what is weak.
    let other = document(&ledger, "cart", Some("2.0"), &given).await;
    assert_eq!((&other["findings"]["scanned"], &other["findings"]["of"]), (&json!(false), &json!("v1.0")));
    let commit = document(&ledger, "cart", Some("0123456"), &given).await;
    assert_eq!(commit["findings"]["scanned"], json!(true), "a commit may be cut short");
    assert_eq!(cart, document(&ledger, "cart", Some("1.0"), &given).await, "the same facts give the same document");
    let unseen = document(&ledger, "cart", None, &Given::default()).await;
    assert_eq!(unseen["findings"]["secrets"], Value::Null, "nobody said which rules are about secrets");
}

/// Services with instances, hosts, calls, findings, changes and alerts.
async fn many(ledger: &ledger::Ledger, services: usize) {
    let mut catalog = Told::by("catalog", "default");
    let mut heard = Told::by("telemetry", "default");
    let mut round = Detection::default();
    for number in 0..services {
        let service = format!("service:n{number}");
        catalog = catalog.seen(&service, T0 - DAY, json!({"tier": "2", "rto": "4h"}));
        catalog = catalog.owned(&service, "", &format!("t{}", number % 20), T0 - DAY, json!({}));
        catalog = catalog.related(&service, "built_from", &format!("repository:git.example/n{number}"), T0 - DAY);
        for other in [number / 2, number / 3, number * 7 % services] {
            if other != number {
                catalog = catalog.related(&service, "calls", &format!("service:n{other}"), T0 - DAY);
            }
        }
        heard = month::telemetry(heard, &format!("n{number}"), &format!("host:h{}", number % 50), &["logs"], T0);
        catalog = catalog.finding(&format!("repository:git.example/n{number}"), &format!("f{number}"), T0 - DAY, false);
        catalog = catalog.finding(&format!("repository:git.example/n{number}"), &format!("g{number}"), T0 - DAY, false);
        catalog = catalog.deployed(&service, "1.0", T0 - HOUR);
        let (raise, firing) = alert(&format!("a{number}"), "r", &service, Level::High, &[], T0);
        round.raised.push(raise);
        round.firings.push(firing);
    }
    catalog.record(ledger).await;
    heard.record(ledger).await;
    ledger.commit_detection(&round, Person("rules"), T0).await.unwrap();
}

#[tokio::test]
async fn all_services_are_asked_for_at_once() {
    for services in [31, 1_000] {
        let (ledger, _dir) = ledger().await;
        many(&ledger, services).await;
        let streams = Vec::new();
        let given = Given { streams: Some(&streams), ..Given::default() };
        let mut best = std::time::Duration::MAX;
        for _ in 0..3 {
            let begun = Instant::now();
            let all = situations(&ledger, &AsOf::at(T0 + HOUR), &given).await.unwrap();
            best = best.min(begun.elapsed());
            assert_eq!(all.len(), services);
            for (name, one) in &all {
                assert_eq!((at(one, "findings.high"), at(one, "alerts.open")), (&json!(2), &json!(1)), "{name}");
                assert_eq!((at(one, "owner.count"), at(one, "changes.failed_recently")), (&json!(1), &json!(0)));
            }
        }
        println!("facts about {services} services: {best:?}");
        let begun = Instant::now();
        let plan = know::readiness::plan(&ledger, &AsOf::at(T0 + HOUR)).await.unwrap();
        println!("recovery plan of {} things: {:?}", plan.parts.len(), begun.elapsed());
        assert!(plan.parts.len() >= services);
    }
}
