//! What reports of the inventory ask.

use crate::support::{DAY, MINUTE, T0, both, ended, entity, facts, relation, seen};
use ledger::{AsOf, Ledger, Link};
use model::{About, Change, Datasets, Facts, Finding, Nanos};
use serde_json::Map;

fn there(name: &str) -> About {
    About::Entity(entity(name))
}

async fn id(ledger: &Ledger, name: &str) -> i64 {
    let all = ledger.running(&AsOf::at(T0 + DAY), None).await.unwrap();
    all.into_iter().find(|running| running.entity.to_string() == name).unwrap().id
}

#[tokio::test]
async fn first_seen_and_owned_last() {
    for home in both().await {
        let ledger = home.open().await;
        let owned = |team: &str| relation("service:cart", "owned_by", team);
        let said = vec![
            seen(there("service:cart"), T0, None),
            seen(there("service:pay"), T0 + MINUTE, None),
            seen(owned("team:a"), T0, None),
            ended(owned("team:a"), T0 + 5 * MINUTE),
        ];
        ledger.record(&facts("catalog", said), T0).await.unwrap();
        let early =
            Facts { dataset: "other".to_owned(), ..facts("agent", vec![seen(there("service:cart"), T0 - DAY, None)]) };
        ledger.record(&early, T0).await.unwrap();
        let ids = [id(&ledger, "service:cart").await, id(&ledger, "service:pay").await, i64::MAX];
        let now = AsOf::at(T0 + DAY);
        let first = ledger.first_seen(&now, &ids).await.unwrap();
        assert_eq!((first.len(), first[&ids[0]], first[&ids[1]]), (2, T0 - DAY, T0 + MINUTE));
        let own = now.clone().within(Datasets::only(["default"]));
        assert_eq!(ledger.first_seen(&own, &ids).await.unwrap()[&ids[0]], T0);
        let last = ledger.claimed_last(&now, &ids).await.unwrap();
        assert_eq!((last.len(), last[&ids[0]]), (1, T0 + 5 * MINUTE));
        assert!(ledger.claimed_last(&now.clone().within(Datasets::only(["other"])), &ids).await.unwrap().is_empty());
        assert!(ledger.first_seen(&now.known(T0 - 1), &ids).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn counts_by_kind_without_names_like_a_pattern() {
    for home in both().await {
        let ledger = home.open().await;
        let names = ["socket:h/tcp/0.0.0.0:22", "socket:h/tcp/127.0.0.1:25", "service:cart", "host:h"];
        let said = names.map(|name| seen(there(name), T0, None)).to_vec();
        ledger.record(&facts("agent", said.clone()), T0).await.unwrap();
        // What two sources see is one thing.
        ledger.record(&facts("telemetry", said), T0).await.unwrap();
        let counts = async |as_of: &AsOf| {
            let counts = ledger.counts(as_of, &["socket", "service", "none"], &["%/127.%"]).await.unwrap();
            counts.into_iter().collect::<Vec<_>>()
        };
        let pair = |kind: &str, count| (kind.to_owned(), count);
        assert_eq!(counts(&AsOf::at(T0)).await, [pair("service", 1), pair("socket", 1)]);
        assert_eq!(counts(&AsOf::at(T0 - 1)).await, []);
        assert_eq!(counts(&AsOf::at(T0).within(Datasets::only(["other"]))).await, []);
        assert!(ledger.counts(&AsOf::at(T0), &[], &[]).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn findings_come_and_go_in_steps() {
    for home in both().await {
        let ledger = home.open().await;
        let finding = |fingerprint: &str, at: Nanos, ended| Finding {
            entity: Some(entity("host:h")),
            rule: "R".to_owned(),
            fingerprint: fingerprint.to_owned(),
            severity: "low".to_owned(),
            title: "t".to_owned(),
            place: "p".to_owned(),
            at,
            ended,
            evidence: Map::new(),
        };
        for (at, all) in [
            (T0, vec![finding("a", T0, false), finding("b", T0, false)]),
            (T0 + MINUTE, vec![finding("a", T0 + MINUTE, false), finding("b", T0 + MINUTE, true)]),
            (T0 + 2 * MINUTE, vec![finding("b", T0 + 2 * MINUTE, true), finding("c", T0 + 2 * MINUTE, false)]),
            (T0 + 3 * MINUTE, vec![finding("b", T0 + 3 * MINUTE, false)]),
        ] {
            ledger.record(&Facts { findings: all, ..Facts::new("scan", "default") }, at).await.unwrap();
        }
        let steps = async |as_of: AsOf| ledger.finding_steps(&as_of).await.unwrap();
        let all = [(T0, 2), (T0 + MINUTE, -1), (T0 + 2 * MINUTE, 1), (T0 + 3 * MINUTE, 1)];
        assert_eq!(steps(AsOf::at(T0 + DAY)).await, all);
        assert_eq!(steps(AsOf::at(T0 + MINUTE)).await, all[..2]);
        assert_eq!(steps(AsOf::at(T0 + DAY).within(Datasets::only(["other"]))).await, []);
    }
}

#[tokio::test]
async fn relations_of_one_thing_both_ways() {
    for home in both().await {
        let ledger = home.open().await;
        let said = vec![
            seen(relation("container:c", "runs_on", "host:h"), T0, None),
            seen(relation("host:h", "listens", "socket:h/tcp/0.0.0.0:22"), T0, None),
            seen(relation("host:h", "has", "package:pkg:deb/debian/zlib@1"), T0, None),
            seen(relation("container:old", "runs_on", "host:h"), T0 - DAY, Some(MINUTE)),
        ];
        ledger.record(&facts("agent", said), T0).await.unwrap();
        let host = entity("host:h");
        let links = ledger.links_of(&AsOf::at(T0), &host, &["has"], 10).await.unwrap();
        let link = |kind: &str, outward, name: &str| Link {
            kind: kind.to_owned(),
            outward,
            entity: entity(name),
            origin: "agent".to_owned(),
            seen: T0,
        };
        assert_eq!(links, [link("listens", true, "socket:h/tcp/0.0.0.0:22"), link("runs_on", false, "container:c")]);
        assert_eq!(ledger.links_of(&AsOf::at(T0), &host, &[], 1).await.unwrap().len(), 1);
        assert_eq!(ledger.links_of(&AsOf::at(T0), &entity("host:none"), &[], 10).await.unwrap(), []);
        let other = AsOf::at(T0).within(Datasets::only(["other"]));
        assert_eq!(ledger.links_of(&other, &host, &[], 10).await.unwrap(), []);
    }
}

#[tokio::test]
async fn what_is_said_again_in_time_is_one_claim() {
    for home in both().await {
        let ledger = home.open().await;
        let owned = |team: &str| relation("service:cart", "owned_by", team);
        let lease = Some(5 * MINUTE);
        let minutes = (0..30).chain(60..90).map(|minute| seen(owned("team:a"), T0 + minute * MINUTE, lease));
        ledger.record(&facts("telemetry", minutes.collect()), T0).await.unwrap();
        let said = vec![
            ended(owned("team:b"), T0 - MINUTE),
            seen(owned("team:b"), T0, None),
            seen(owned("team:b"), T0 + MINUTE, None),
            ended(owned("team:b"), T0 + 2 * MINUTE),
            seen(owned("team:b"), T0 + 3 * MINUTE, None),
        ];
        ledger.record(&facts("manual", said), T0).await.unwrap();
        let claims = async |as_of: AsOf| {
            let claims = ledger.claims_of(&as_of, &entity("service:cart")).await.unwrap();
            let minute = |at: Nanos| if at == Nanos::MAX { 999 } else { (at - T0) / MINUTE };
            claims
                .into_iter()
                .map(|claim| (claim.owner.key, minute(claim.from), minute(claim.until)))
                .collect::<Vec<_>>()
        };
        let (a, b) = ("a".to_owned(), "b".to_owned());
        assert_eq!(
            claims(AsOf::at(T0 + DAY)).await,
            [(a.clone(), 0, 35), (b.clone(), 0, 2), (b.clone(), 3, 999), (a.clone(), 60, 95)]
        );
        assert_eq!(claims(AsOf::at(T0 + MINUTE)).await, [(a, 0, 7), (b, 0, 999)]);
        assert_eq!(claims(AsOf::at(T0 + DAY).within(Datasets::only(["other"]))).await, []);
    }
}

#[tokio::test]
async fn the_newest_change_of_each_place() {
    for home in both().await {
        let ledger = home.open().await;
        let change = |version: &str, environment: Option<&str>, at: Nanos| Change {
            key: format!("{version} {environment:?}"),
            kind: "deployment".to_owned(),
            entity: entity("service:cart"),
            at,
            environment: environment.map(str::to_owned),
            version: Some(version.to_owned()),
            attributes: Map::new(),
        };
        let changes = vec![
            change("1", Some("production"), T0),
            change("2", Some("production"), T0 + MINUTE),
            change("2", Some("staging"), T0),
            change("1", None, T0 - MINUTE),
        ];
        ledger.record(&Facts { changes, ..Facts::new("telemetry", "default") }, T0).await.unwrap();
        let other = vec![change("9", Some("production"), T0 + 2 * MINUTE)];
        ledger.record(&Facts { changes: other, ..Facts::new("github", "default") }, T0).await.unwrap();
        let newest = async |as_of: &AsOf| {
            let all = ledger.newest_changes(as_of, "deployment", "telemetry").await.unwrap();
            let mut all: Vec<_> =
                all.into_iter().map(|one| (one.environment.unwrap_or_default(), one.version.unwrap())).collect();
            all.sort();
            all.into_iter().map(|(environment, version)| format!("{environment} {version}")).collect::<Vec<_>>()
        };
        assert_eq!(newest(&AsOf::at(T0 + DAY)).await, [" 1", "production 2", "staging 2"]);
        assert_eq!(newest(&AsOf::at(T0)).await, [" 1", "production 1", "staging 2"]);
        assert!(newest(&AsOf::at(T0 + DAY).within(Datasets::only(["other"]))).await.is_empty());
    }
}
