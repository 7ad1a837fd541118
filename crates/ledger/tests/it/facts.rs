//! What was there, whose it was, and as it was known then.

use crate::support::{DAY, MINUTE, SECOND, T0, both, ended, entity, facts, relation, seen};
use ledger::{AsOf, Ledger};
use model::{About, Change, Complete, EntityRef, Facts, Finding, Nanos};
use serde_json::Map;

async fn running(ledger: &Ledger, valid: Nanos) -> Vec<String> {
    let running = ledger.running(&AsOf::at(valid), None).await.unwrap();
    running.into_iter().map(|running| running.entity.to_string()).collect()
}

fn entities(texts: &[&str]) -> Vec<EntityRef> {
    texts.iter().map(|text| entity(text)).collect()
}

#[tokio::test]
async fn what_lived_for_forty_seconds_is_in_history_and_not_in_the_present() {
    for home in both().await {
        let ledger = home.open().await;
        let (container, host) = (About::Entity(entity("container:c1")), About::Entity(entity("host:web-1")));
        let lease = Some(30 * SECOND);
        // The host is seen each half minute for ten minutes, the container for forty seconds.
        for half in 0..20 {
            let at = T0 + half * 30 * SECOND;
            let mut observations = vec![seen(host.clone(), at, lease)];
            if half < 2 {
                observations.push(seen(container.clone(), at + 5 * SECOND, lease));
            }
            ledger.record(&facts("agent", observations), at).await.unwrap();
        }
        let end = facts("agent", vec![ended(container, T0 + 45 * SECOND)]);
        ledger.record(&end, T0 + 46 * SECOND).await.unwrap();
        assert_eq!(running(&ledger, T0 + 4 * SECOND).await, ["host:web-1"]);
        assert_eq!(running(&ledger, T0 + 20 * SECOND).await, ["container:c1", "host:web-1"]);
        assert_eq!(running(&ledger, T0 + 44 * SECOND).await, ["container:c1", "host:web-1"]);
        assert_eq!(running(&ledger, T0 + 45 * SECOND).await, ["host:web-1"]);
        // The lease of what says no more runs out, a minute late at most.
        assert_eq!(running(&ledger, T0 + 11 * MINUTE).await, Vec::<String>::new());
        assert_eq!(running(&ledger, T0 - SECOND).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn leases_of_any_length_are_found_whatever_else_there_is() {
    for home in both().await {
        let ledger = home.open().await;
        let leases = [1, 30, 61, 300, 3_600, 40_000, 86_400].map(|seconds: i64| seconds * SECOND);
        let observations = leases.iter().map(|lease| {
            let about = About::Entity(EntityRef::new("service", format!("{:06}", lease / SECOND)).unwrap());
            seen(about, T0, Some(*lease))
        });
        ledger.record(&facts("test", observations.collect()), T0).await.unwrap();
        for (at, lease) in leases.iter().enumerate() {
            let last = running(&ledger, T0 + lease + MINUTE - 1).await;
            assert_eq!(last.len(), leases.len() - at, "lease of {} s: {last:?}", lease / SECOND);
            let gone = running(&ledger, T0 + lease + MINUTE).await;
            assert_eq!(gone.len(), leases.len() - at - 1, "lease of {} s: {gone:?}", lease / SECOND);
        }
    }
}

#[tokio::test]
async fn seen_within_a_minute_is_one_fact_and_repeated_documents_are_none() {
    for home in both().await {
        let ledger = home.open().await;
        let service = About::Entity(entity("service:cart"));
        let seconds = (0..600).map(|second| seen(service.clone(), T0 + second * SECOND, Some(5 * MINUTE)));
        let recorded = ledger.record(&facts("telemetry", seconds.collect()), T0).await.unwrap();
        assert_eq!((recorded.new, recorded.repeated), (10, 590));
        let catalog = facts("catalog", vec![seen(relation("service:cart", "owned_by", "team:a"), T0, None)]);
        assert_eq!(ledger.record(&catalog, T0).await.unwrap().new, 1);
        let mut later = catalog.clone();
        later.observations[0].at += DAY;
        assert_eq!(ledger.record(&later, T0).await.unwrap().new, 0, "it says what it said before");
        later.observations[0].attributes.insert("lifecycle".to_owned(), "production".into());
        assert_eq!(ledger.record(&later, T0).await.unwrap().new, 1, "it says more");
    }
}

#[tokio::test]
async fn owners_change_hands_and_history_keeps_both() {
    for home in both().await {
        let ledger = home.open().await;
        let owned = |team: &str| relation("service:cart", "owned_by", team);
        let record = async |origin: &str, observations, now| {
            ledger.record(&facts(origin, observations), now).await.unwrap().known
        };
        record("telemetry", vec![seen(owned("team:guess"), T0, None)], T0).await;
        record("codeowners", vec![seen(owned("team:a"), T0, None)], T0).await;
        // On day 10 people claim it for team b; that is written down on day 12.
        let learnt = record("manual", vec![seen(owned("team:b"), T0 + 10 * DAY, None)], T0 + 12 * DAY).await;
        let owner = async |valid, known| {
            let owners = ledger.owners(&AsOf::at(valid).known(known), Some(&entity("service:cart"))).await.unwrap();
            owners.into_iter().map(|owner| (owner.owner.key, owner.origin)).collect::<Vec<_>>()
        };
        let pair = |team: &str, origin: &str| vec![(team.to_owned(), origin.to_owned())];
        assert_eq!(owner(T0 + 9 * DAY, Nanos::MAX).await, pair("a", "codeowners"));
        assert_eq!(owner(T0 + 11 * DAY, Nanos::MAX).await, pair("b", "manual"));
        assert_eq!(owner(T0 + 11 * DAY, learnt - 1).await, pair("a", "codeowners"), "as it was known before");
        // Another claim of people is a conflict until one of them ends.
        record("manual", vec![seen(owned("team:c"), T0 + 20 * DAY, None)], T0 + 20 * DAY).await;
        let conflict = ledger.owners(&AsOf::at(T0 + 21 * DAY), None).await.unwrap();
        assert_eq!(conflict.len(), 1);
        assert_eq!((&conflict[0].owner, conflict[0].conflicts.len()), (&entity("team:b"), 1));
        record("manual", vec![ended(owned("team:b"), T0 + 22 * DAY)], T0 + 22 * DAY).await;
        assert_eq!(owner(T0 + 23 * DAY, Nanos::MAX).await, pair("c", "manual"));
        // Who claims something ends it: the file of owners says nothing about the claim of people.
        record("codeowners", vec![ended(owned("team:c"), T0 + 24 * DAY)], T0 + 24 * DAY).await;
        assert_eq!(owner(T0 + 25 * DAY, Nanos::MAX).await, pair("c", "manual"));
        let services = ["service:cart", "service:pay"].map(|name| seen(About::Entity(entity(name)), T0, None));
        record("catalog", services.to_vec(), T0).await;
        assert_eq!(ledger.orphans(&AsOf::at(T0 + 25 * DAY), "service").await.unwrap(), entities(&["service:pay"]));
    }
}

#[tokio::test]
async fn late_and_unordered_facts_make_the_same_history() {
    for home in both().await {
        let service = About::Entity(entity("service:cart"));
        let mut observations = vec![
            seen(service.clone(), T0, None),
            ended(service.clone(), T0 + 10 * MINUTE),
            seen(service.clone(), T0 + 20 * MINUTE, None),
            ended(service, T0 + 30 * MINUTE),
        ];
        let ledger = home.open().await;
        observations.reverse();
        for (at, observation) in observations.into_iter().enumerate() {
            ledger.record(&facts("agent", vec![observation]), T0 + at as i64).await.unwrap();
        }
        for (minute, there) in [(-1, 0), (0, 1), (9, 1), (10, 0), (19, 0), (20, 1), (29, 1), (30, 0)] {
            assert_eq!(running(&ledger, T0 + minute * MINUTE).await.len(), there, "minute {minute}");
        }
    }
}

#[tokio::test]
async fn findings_and_changes_told_twice_are_one() {
    for home in both().await {
        let ledger = home.open().await;
        let finding = Finding {
            entity: Some(entity("image:cart")),
            rule: "CVE-2026-0001".to_owned(),
            fingerprint: "f1".to_owned(),
            severity: "high".to_owned(),
            title: "old library".to_owned(),
            place: "pkg:deb/zlib@1.2".to_owned(),
            at: T0,
            ended: false,
            evidence: serde_json::Map::new(),
        };
        let change = Change {
            key: "run/1".to_owned(),
            kind: "deployment".to_owned(),
            entity: entity("service:cart"),
            at: T0,
            environment: Some("production".to_owned()),
            version: Some("1.4".to_owned()),
            attributes: serde_json::Map::new(),
        };
        let all = Facts {
            origin: "ci".to_owned(),
            dataset: "default".to_owned(),
            findings: vec![finding],
            changes: vec![change],
            ..Facts::default()
        };
        let first = ledger.record(&all, T0).await.unwrap();
        assert_eq!((first.new, first.repeated), (2, 0));
        let again = ledger.record(&all, T0 + DAY).await.unwrap();
        assert_eq!((again.new, again.repeated), (0, 2));
        assert!(again.known > first.known);
    }
}

#[tokio::test]
async fn a_wrong_fact_keeps_out_the_whole_document() {
    for home in both().await {
        let ledger = home.open().await;
        let good = seen(About::Entity(entity("host:a")), T0, None);
        let mut wrong = good.clone();
        wrong.lease = Some(-1);
        let answer = ledger.record(&facts("agent", vec![good.clone(), wrong]), T0).await.unwrap_err();
        assert!(answer.to_string().contains("lease"), "{answer}");
        let mut large = good.clone();
        large.attributes.insert("text".to_owned(), "x".repeat(70_000).into());
        let answer = ledger.record(&facts("agent", vec![good, large]), T0).await.unwrap_err();
        assert!(answer.to_string().contains("65536 bytes"), "{answer}");
        assert_eq!(running(&ledger, T0).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn relations_are_listed_as_of_a_time() {
    for home in both().await {
        let ledger = home.open().await;
        let has = |package: &str| relation("host:web-1", "has", package);
        let old = vec![seen(has("package:zlib@1.2"), T0, None), seen(has("package:bash@5"), T0, None)];
        ledger.record(&facts("agent", old), T0).await.unwrap();
        let upgrade = vec![ended(has("package:zlib@1.2"), T0 + DAY), seen(has("package:zlib@1.3"), T0 + DAY, None)];
        ledger.record(&facts("agent", upgrade), T0 + DAY).await.unwrap();
        let at = async |valid| ledger.related(&AsOf::at(valid), &entity("host:web-1"), "has").await.unwrap();
        assert_eq!(at(T0).await, entities(&["package:bash@5", "package:zlib@1.2"]));
        assert_eq!(at(T0 + DAY).await, entities(&["package:bash@5", "package:zlib@1.3"]));
    }
}

#[tokio::test]
async fn what_a_source_no_longer_says_has_ended() {
    for home in both().await {
        let ledger = home.open().await;
        let tell = async |origin: &str, at: Nanos, ports: &[&str]| {
            let mut facts = Facts::new(origin, "default");
            for port in ports {
                facts.seen(entity(&format!("socket:web-1/{port}")), at, Map::new());
                facts.related(entity("host:web-1"), "listens", entity(&format!("socket:web-1/{port}")), at);
            }
            let from = entity("host:web-1");
            facts.complete.push(Complete { from, relation: "listens".to_owned(), at, parts: true });
            ledger.record(&facts, at).await.unwrap()
        };
        tell("agent", T0, &["22", "80"]).await;
        tell("osquery", T0, &["443"]).await;
        assert_eq!(tell("agent", T0 + MINUTE, &["22", "80"]).await.new, 0, "nothing new is nothing written");
        tell("agent", T0 + 2 * MINUTE, &["22"]).await;
        let at = async |at| ledger.related(&AsOf::at(at), &entity("host:web-1"), "listens").await.unwrap();
        assert_eq!(at(T0 + MINUTE).await, entities(&["socket:web-1/22", "socket:web-1/443", "socket:web-1/80"]));
        assert_eq!(at(T0 + 2 * MINUTE).await, entities(&["socket:web-1/22", "socket:web-1/443"]), "its own alone");
        assert_eq!(running(&ledger, T0 + 2 * MINUTE).await, ["socket:web-1/22", "socket:web-1/443"]);
        tell("agent", T0 + 3 * MINUTE, &["22", "80"]).await;
        assert_eq!(at(T0 + 3 * MINUTE).await.len(), 3, "it may come again");
        tell("agent", T0 + 4 * MINUTE, &[]).await;
        assert_eq!(at(T0 + 4 * MINUTE).await, entities(&["socket:web-1/443"]));
    }
}

#[tokio::test]
async fn a_thing_belongs_to_whom_that_belongs_of_which_it_is_a_part() {
    for home in both().await {
        let ledger = home.open().await;
        let claims = |origin: &str, pairs: &[(&str, &str, &str)]| {
            let mut facts = Facts::new(origin, "default");
            for (from, kind, to) in pairs {
                facts.related(entity(from), kind, entity(to), T0);
            }
            facts
        };
        let telemetry = claims("telemetry", &[("service.instance:cart/1", "part_of", "service:cart")]);
        let catalog = claims("catalog", &[("service:cart", "built_from", "repository:github.com/acme/cart")]);
        let code = claims("codeowners", &[("repository:github.com/acme/cart", "owned_by", "team:shop")]);
        for facts in [telemetry, catalog, code] {
            ledger.record(&facts, T0).await.unwrap();
        }
        let owner = async |of: &str| ledger.owners(&AsOf::at(T0), Some(&entity(of))).await.unwrap().remove(0);
        let instance = owner("service.instance:cart/1").await;
        assert_eq!(
            (instance.owner, instance.via),
            (entity("team:shop"), Some(entity("repository:github.com/acme/cart")))
        );
        let mut own = claims("catalog", &[("service:cart", "owned_by", "team:cart")]);
        own.related(entity("service:cart"), "owned_by", entity("team:basket"), T0);
        ledger.record(&own, T0).await.unwrap();
        ledger.record(&claims("agent", &[("service:cart", "owned_by", "team:ops")]), T0).await.unwrap();
        let service = owner("service:cart").await;
        assert_eq!(
            (service.owner.key.as_str(), service.conflicts),
            ("basket", entities(&["team:cart"])),
            "both are kept"
        );
        assert_eq!(service.overruled[0].owner, entity("team:ops"));
        assert_eq!(owner("service.instance:cart/1").await.via, Some(entity("service:cart")), "the nearest word counts");
    }
}
