//! What is weak meets what runs.

use crate::support::{DAY, HOUR, MINUTE, T0, Told, attributes, entity, ledger};
use know::weak::{after_changes, after_scan, findings, why};
use ledger::{AsOf, FindingState, FindingsAsked, Ledger};
use model::{Change, Facts, Nanos, Report, Reported, Source};
use serde_json::{Map, json};

const SHOP: &str = "repository:github.com/acme/shop";
const LODASH: &str = "pkg:npm/lodash@4.17.20";

fn weak(rule: &str, severity: &str) -> Reported {
    Reported {
        fingerprint: rule.to_owned(),
        rule: rule.to_owned(),
        severity: severity.to_owned(),
        title: format!("{rule}: it is weak"),
        path: "package-lock.json".to_owned(),
        evidence: attributes(json!({"component": LODASH, "advisory": rule, "aliases": ["CVE-2021-23337"],
            "exploited": rule == "GHSA-1", "fixed": ["4.17.21"], "via": ["shop", "express", "lodash"]})),
        ..Reported::default()
    }
}

fn scan(at: Nanos, commit: &str, version: Option<&str>, findings: Vec<Reported>) -> Report {
    let version = version.map(str::to_owned);
    let source = Source { commit: Some(commit.to_owned()), version, ..Source::default() };
    Report { source, findings, ..Report::new(entity(SHOP), "tandem", at) }
}

async fn deploy(ledger: &Ledger, at: Nanos, version: &str, commit: Option<&str>) -> u64 {
    let mut attributes = Map::new();
    attributes.extend(commit.map(|commit| ("commit".to_owned(), commit.into())));
    let change = Change {
        key: format!("deploy {version}"),
        kind: "deployment".to_owned(),
        entity: entity("service:shop"),
        at,
        environment: Some("production".to_owned()),
        version: Some(version.to_owned()),
        attributes,
    };
    let facts = Facts { changes: vec![change], ..Facts::new("manual", "default") };
    ledger.record(&facts, at).await.unwrap();
    after_changes(ledger, &facts, at).await.unwrap().iter().map(|told| told.new + told.fixed).sum()
}

async fn fill(ledger: &Ledger) {
    Told::by("catalog", "default")
        .seen("service:shop", T0 - DAY, json!({"tier": "1"}))
        .related("service:shop", "built_from", SHOP, T0 - DAY)
        .owned(SHOP, "", "platform", T0 - DAY, json!({}))
        .record(ledger)
        .await;
}

#[tokio::test]
async fn what_runs_exposed_and_exploited_comes_first_and_says_why() {
    let (ledger, _dir) = ledger().await;
    fill(&ledger).await;
    Told::by("agent", "default")
        .seen("socket:web-1/tcp/0.0.0.0:443", T0, json!({}))
        .related("service:shop", "runs_on", "host:web-1", T0)
        .related("host:web-1", "listens", "socket:web-1/tcp/0.0.0.0:443", T0)
        .record(&ledger)
        .await;
    let mut config = Reported { evidence: Map::new(), ..weak("privileged", "critical") };
    config.owners = vec!["web".to_owned()];
    ledger.scanned(&scan(T0, "c1", None, vec![weak("GHSA-1", "medium"), config]), T0).await.unwrap();
    let mut elsewhere = scan(T0, "p1", None, vec![weak("GHSA-2", "critical")]);
    elsewhere.entity = entity("repository:github.com/acme/old");
    ledger.scanned(&elsewhere, T0).await.unwrap();
    let found = findings(&ledger, &AsOf::at(T0 + MINUTE), &FindingsAsked::default()).await.unwrap();
    let rules: Vec<_> = found.iter().map(|one| one.finding.rule.as_str()).collect();
    assert_eq!(rules, ["GHSA-1", "privileged", "GHSA-2"]);
    let points: Vec<_> = found[0].rank.terms.iter().map(|term| (term.name, term.points)).collect();
    let expected =
        [("exploited", 30.0), ("severity", 10.0), ("running", 20.0), ("exposed", 10.0), ("tier", 10.0), ("fix", 5.0)];
    assert_eq!(points, expected);
    assert_eq!(found[0].runs, [entity("service:shop")]);
    let owner = |at: usize| found[at].owner.as_ref().map(|owner| owner.team.as_str());
    assert_eq!((owner(0), owner(1), owner(2)), (Some("platform"), Some("web"), None));
    assert_eq!(found[2].places, 0, "nothing is built from it");
    // Who knows only the alias or the component finds it too.
    for name in ["GHSA-1", LODASH, "CVE-2021-23337"] {
        let told = why(&ledger, &AsOf::at(T0 + MINUTE), name).await.unwrap();
        let first = &told[0];
        assert_eq!((first.found.finding.rule.as_str(), first.via.len()), ("GHSA-1", 3), "{name}");
        assert_eq!(first.fix.versions, ["4.17.21"]);
    }
    assert_eq!(why(&ledger, &AsOf::at(T0), "GHSA-9").await.unwrap(), []);
    assert_eq!(why(&ledger, &AsOf::at(T0), "%").await.unwrap(), [], "no pattern");
}

#[tokio::test]
async fn a_deployment_of_the_fixed_version_closes_and_is_named() {
    let (ledger, _dir) = ledger().await;
    fill(&ledger).await;
    let state = async |at: Nanos, of: &str| {
        let asked = FindingsAsked { entity: Some(entity(of)), fixed: true, ..FindingsAsked::default() };
        let found = findings(&ledger, &AsOf::at(at), &asked).await.unwrap();
        found
            .first()
            .map(|one| (one.finding.state, one.finding.fixed_by_change.as_ref().and_then(|c| c.version.clone())))
    };
    ledger.scanned(&scan(T0, "c1", None, vec![weak("GHSA-1", "high")]), T0).await.unwrap();
    assert_eq!(deploy(&ledger, T0 + HOUR, "1.0", Some("c1")).await, 1);
    assert_eq!(state(T0 + HOUR, "service:shop").await, Some((FindingState::New, None)));
    // Mended in the repository, and still running.
    ledger.scanned(&scan(T0 + 2 * HOUR, "c2", Some("1.1"), vec![]), T0 + 2 * HOUR).await.unwrap();
    assert_eq!(state(T0 + 2 * HOUR, SHOP).await, Some((FindingState::Fixed, None)));
    assert!(state(T0 + 2 * HOUR, "service:shop").await.unwrap().0.is_open());
    let told = why(&ledger, &AsOf::at(T0 + 2 * HOUR), "GHSA-1").await.unwrap();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0].since.as_ref().unwrap().version.as_deref(), Some("1.0"), "the deployment brought it");
    assert_eq!((told[1].fix.commit.as_deref(), &told[1].waiting), (Some("c2"), &vec![entity("service:shop")]));
    // A version that nobody scanned says nothing.
    assert_eq!(deploy(&ledger, T0 + 3 * HOUR, "1.0.5", None).await, 0);
    assert!(state(T0 + 3 * HOUR, "service:shop").await.unwrap().0.is_open());
    assert_eq!(deploy(&ledger, T0 + 4 * HOUR, "1.1", None).await, 1);
    assert_eq!(state(T0 + 4 * HOUR, "service:shop").await, Some((FindingState::Fixed, Some("1.1".to_owned()))));
    let told = why(&ledger, &AsOf::at(T0 + 4 * HOUR), "GHSA-1").await.unwrap();
    assert!(told.iter().all(|one| one.waiting.is_empty()));
    // Back to the old version.
    assert_eq!(state(T0 + HOUR, "service:shop").await, Some((FindingState::New, None)), "as of then");
}

#[tokio::test]
async fn what_was_deployed_before_it_was_scanned_is_told_too() {
    let (ledger, _dir) = ledger().await;
    fill(&ledger).await;
    assert_eq!(deploy(&ledger, T0, "1.0", Some("c1")).await, 0);
    let late = scan(T0 + HOUR, "c1", None, vec![weak("GHSA-1", "high")]);
    ledger.scanned(&late, T0 + HOUR).await.unwrap();
    let told = after_scan(&ledger, &late, T0 + HOUR).await.unwrap();
    assert_eq!(told.iter().map(|told| told.new).sum::<u64>(), 1);
    assert!(after_scan(&ledger, &late, T0 + HOUR).await.unwrap().iter().all(|told| told.repeated));
    let other = scan(T0 + 2 * HOUR, "c9", None, vec![]);
    assert_eq!(after_scan(&ledger, &other, T0 + 2 * HOUR).await.unwrap(), []);
}
