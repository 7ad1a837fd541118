//! What becomes of alerts that are told.

use crate::support::{DAY, HOUR, Home, MINUTE, SECOND, T0, alert, entity, policy, state};
use ledger::{AsOf, Kind, Mark, Outcome, Person, State};
use model::{Aspect, Facts, Level};
use respond::{Deed, Policy, Summary};
use serde_json::Map;

#[tokio::test]
async fn a_thousand_equal_alerts_in_a_minute_make_one_notice() {
    let home = Home::new(policy()).await;
    for round in 0..20u64 {
        let told = (0..50).map(|n| {
            let at = T0 + (round as i64 * 3 * SECOND) + n * SECOND / 50;
            alert(&format!("{round}-{n}"), "brute", "host:web-1", Level::High, at)
        });
        home.responder.commit(told.collect(), state(round), T0 + round as i64 * 3 * SECOND).await.unwrap();
    }
    let alerts = home.all(Kind::Alert).await;
    assert_eq!((alerts.len(), alerts[0].firings, alerts[0].events), (1, 1000, 1000));
    assert_eq!(home.notices().await.len(), 1);
    assert_eq!(home.responder.state("stream").await.unwrap().unwrap().position, 19);
    home.sound().await;
}

#[tokio::test]
async fn what_is_told_again_after_a_kill_counts_once() {
    let home = Home::new(policy()).await;
    let told = || {
        vec![alert("a", "brute", "host:web-1", Level::High, T0), alert("b", "ops-slow", "host:web-1", Level::High, T0)]
    };
    let first = home.responder.commit(told(), state(1), T0).await.unwrap();
    assert_eq!(first, Summary { told: 2, raised: 2, incidents: 1, notices: 2, ..Summary::default() });
    let (before, notices) = (home.all(Kind::Alert).await, home.notices().await);
    // The answer was lost; then the same with an event more, in another order.
    let again = home.responder.commit(told(), state(1), T0 + MINUTE).await.unwrap();
    assert_eq!(again, Summary { told: 2, repeated: 2, ..Summary::default() });
    assert_eq!((home.all(Kind::Alert).await, home.notices().await), (before, notices));
    let mut more = told();
    more.reverse();
    more[1].count = 5;
    home.responder.commit(more, state(2), T0 + MINUTE).await.unwrap();
    assert_eq!(home.all(Kind::Alert).await.iter().map(|kept| kept.events).sum::<u64>(), 6);
    home.sound().await;
}

#[tokio::test]
async fn a_worse_alert_and_a_new_entity_break_the_roll_up() {
    let home = Home::new(policy()).await;
    let tell = async |id: &str, about: &str, level: Level| {
        home.responder.commit(vec![alert(id, "brute", about, level, T0)], state(1), T0).await.unwrap()
    };
    assert_eq!(tell("1", "host:web-1", Level::Medium).await.raised, 1);
    assert_eq!(tell("2", "host:web-1", Level::Low).await.rolled, 1);
    assert_eq!(tell("3", "host:web-2", Level::Medium).await.raised, 1);
    assert_eq!(tell("4", "host:web-1", Level::Critical).await.raised, 1);
    assert_eq!(tell("5", "host:web-1", Level::Medium).await.rolled, 1, "on the worse one");
    let alerts = home.all(Kind::Alert).await;
    let of = |level: Level, about: &str| {
        alerts.iter().find(|kept| kept.level == level && kept.entity == Some(entity(about))).unwrap()
    };
    let (old, new) = (of(Level::Medium, "host:web-1"), of(Level::Critical, "host:web-1"));
    assert_eq!((old.outcome, new.state, new.firings), (Some(Outcome::Escalated), State::Open, 2));
    assert_eq!(old.fingerprint, new.fingerprint);
    assert_eq!(home.notices().await.len(), 3);
}

#[tokio::test]
async fn alerts_of_two_kinds_about_related_things_are_one_incident_that_arrives_complete() {
    let home = Home::new(policy()).await;
    home.shop().await;
    let told = vec![alert("1", "brute", "host:web-1", Level::Medium, T0)];
    assert_eq!(home.responder.commit(told, state(1), T0).await.unwrap().incidents, 0);
    let told = vec![alert("2", "ops-latency", "service:checkout", Level::Medium, T0 + MINUTE)];
    assert_eq!(home.responder.commit(told, state(2), T0 + MINUTE).await.unwrap().incidents, 1);
    let seen = AsOf::at(T0 + DAY);
    let incident = home.all(Kind::Incident).await.remove(0);
    assert_eq!(incident.owner, Some(entity("team:shop")));
    let whole = home.responder.whole(incident.id, &seen).await.unwrap();
    assert_eq!(whole.parts.len(), 2);
    assert!(whole.reason.starts_with("security and operations both saw something there"), "{}", whole.reason);
    let slow = whole.parts.iter().find(|part| part.rule == "ops-latency").unwrap();
    let slow = home.responder.whole(slow.id, &seen).await.unwrap();
    assert_eq!(slow.kept.owner, Some(entity("team:shop")));
    assert_eq!(slow.kept.runbook.as_deref(), Some("https://wiki.example/ops-latency"));
    assert_eq!(slow.body["suspects"][0]["version"], "1.4");
    assert_eq!(slow.why.as_deref(), Some("ops-latency counted 12 in 60 s"));
    assert_eq!(slow.events.len(), 1);
    let notices = home.notices().await;
    assert!(notices[1].contains("deployment 1.4 of service:checkout"), "{}", notices[1]);
    // It is judged; the next one like it says what it was.
    let kept = home.responder.find(&[slow.kept.id], &seen).await.unwrap();
    let deed = Deed::Resolve(Outcome::Benign);
    home.responder.act(&kept, &deed, "load test", None, Person("ada"), T0 + HOUR).await.unwrap();
    let told = vec![alert("3", "ops-latency", "service:checkout", Level::Medium, T0 + DAY)];
    home.responder.commit(told, state(3), T0 + DAY).await.unwrap();
    let next = home.all(Kind::Alert).await.remove(0);
    let next = home.responder.whole(next.id, &AsOf::at(T0 + 2 * DAY)).await.unwrap();
    assert_eq!((&next.body["last"]["outcome"], &next.body["last"]["alert"]), (&"benign".into(), &slow.kept.id.into()));
    home.sound().await;
}

#[tokio::test]
async fn neither_other_datasets_nor_what_only_shares_a_host_is_mixed_in() {
    let home = Home::new(policy()).await;
    home.shop().await;
    let mut facts = Facts::new("catalog", "default");
    facts.related(entity("service:other"), "runs_on", entity("host:web-1"), T0 - DAY);
    home.ledger.record(&facts, T0 - MINUTE).await.unwrap();
    let mut hidden = alert("1", "brute", "host:web-1", Level::High, T0);
    hidden.dataset = "secret".to_owned();
    let told = vec![
        hidden,
        alert("2", "ops-latency", "service:checkout", Level::High, T0),
        alert("3", "ops-errors", "service:other", Level::High, T0),
    ];
    assert_eq!(home.responder.commit(told, state(1), T0).await.unwrap().incidents, 0);
    // The host itself is what they share.
    let told = vec![alert("4", "ops-down", "host:web-1", Level::High, T0)];
    assert_eq!(home.responder.commit(told, state(2), T0).await.unwrap().incidents, 1);
    let incident = home.all(Kind::Incident).await.remove(0);
    assert_eq!(home.responder.whole(incident.id, &AsOf::at(T0 + DAY)).await.unwrap().parts.len(), 3);
}

#[tokio::test]
async fn small_signals_of_one_thing_add_up_and_repeats_do_not() {
    let home = Home::new(policy()).await;
    for n in 0..200 {
        let told = vec![alert(&format!("r{n}"), "noise", "host:a", Level::Low, T0 + n * SECOND)];
        home.responder.commit(told, state(1), T0 + n * SECOND).await.unwrap();
    }
    assert_eq!((home.all(Kind::Incident).await.len(), home.notices().await.len()), (0, 0));
    let mut incidents = 0;
    for n in 0..12 {
        let at = T0 + n * 10 * MINUTE;
        let told = vec![alert(&format!("s{n}"), &format!("rule-{n}"), "host:b", Level::Low, at)];
        incidents += home.responder.commit(told, state(1), at).await.unwrap().incidents;
    }
    assert_eq!(incidents, 1, "the others join it");
    assert_eq!(home.notices().await.len(), 1);
    // The same, but spread over weeks, is nothing.
    for n in 0..12 {
        let at = T0 + n * 2 * DAY;
        let told = vec![alert(&format!("t{n}"), &format!("rule-{n}"), "host:c", Level::Low, at)];
        assert_eq!(home.responder.commit(told, state(1), at).await.unwrap().incidents, 0);
    }
}

#[tokio::test]
async fn what_a_worse_alert_says_already_makes_no_notice() {
    let home = Home::new(policy()).await;
    home.shop().await;
    let mut down = alert("1", "ops-gone", "host:web-1", Level::High, T0);
    down.tags = vec!["tandem.outage".to_owned()];
    home.responder.commit(vec![down], state(1), T0).await.unwrap();
    let told = vec![
        alert("2", "ops-disk", "host:web-1", Level::Medium, T0 + SECOND),
        alert("3", "ops-latency", "service:checkout", Level::High, T0 + SECOND),
        alert("4", "ops-fire", "host:web-1", Level::Critical, T0 + SECOND),
    ];
    home.responder.commit(told, state(2), T0 + SECOND).await.unwrap();
    let marked: Vec<String> =
        home.all(Kind::Alert).await.into_iter().filter(|kept| kept.is(Mark::Inhibited)).map(|kept| kept.rule).collect();
    assert_eq!(marked.len(), 2, "{marked:?}");
    assert!(!marked.contains(&"ops-fire".to_owned()), "what is critical is always told");
    assert_eq!(home.notices().await.len(), 2);
}

#[tokio::test]
async fn what_comes_and_goes_is_told_in_a_digest() {
    let home = Home::new(policy()).await;
    for n in 0..8 {
        let at = T0 + n * MINUTE;
        let told = alert(&format!("f{n}"), "ops-flap", "service:x", Level::Medium, at);
        home.responder.commit(vec![told.clone()], state(1), at).await.unwrap();
        assert_eq!(home.responder.end(vec![told], at + SECOND).await.unwrap(), 1);
    }
    let alerts = home.all(Kind::Alert).await;
    assert_eq!(alerts.iter().filter(|kept| kept.is(Mark::Flapping)).count(), 4);
    assert_eq!(home.notices().await.len(), 4);
    home.sound().await;
}

#[tokio::test]
async fn ordinary_churn_raises_nothing() {
    let home = Home::new(policy()).await;
    home.responder.tick(T0).await.unwrap();
    for n in 0..10 {
        let mut facts = Facts::new("agent", "default");
        for container in 0..100 {
            let container = entity(&format!("container:{n}-{container}"));
            facts.seen(container.clone(), T0, Map::new());
            facts.related(container.clone(), "runs_on", entity("host:web-1"), T0);
            facts.seen(container, T0 + SECOND, Map::new()).ended = true;
        }
        home.ledger.record(&facts, T0 + n).await.unwrap();
        home.responder.commit(Vec::new(), state(n as u64), T0 + n).await.unwrap();
    }
    home.responder.tick(T0 + 30 * DAY).await.unwrap();
    assert!(home.all(Kind::Alert).await.is_empty() && home.all(Kind::Incident).await.is_empty());
    assert!(home.notices().await.is_empty());
    assert_eq!(home.responder.state("stream").await.unwrap().unwrap().position, 9);
}

#[tokio::test]
async fn a_storm_is_kept_whole_and_told_within_the_budget() {
    let home = Home::new(Policy { budget: 5, ..policy() }).await;
    let storm: Vec<_> =
        (0..1_300).map(|n| alert(&format!("{n}"), "ops-storm", &format!("host:h{n}"), Level::Medium, T0)).collect();
    let told = home.responder.commit(storm.clone(), state(7), T0).await.unwrap();
    assert_eq!((told.raised, told.notices, told.digest), (1_300, 5, 1_295));
    assert_eq!(home.responder.state("stream").await.unwrap().unwrap().position, 7);
    let again = home.responder.commit(storm, state(8), T0).await.unwrap();
    assert_eq!((again.raised, again.repeated), (0, 1_300));
}

#[tokio::test]
async fn one_that_cannot_be_kept_does_not_hold_up_the_others() {
    let home = Home::new(policy()).await;
    let mut odd = alert("x", "odd", "host:a", Level::High, -5);
    odd.id = "i".repeat(10_000);
    odd.rule = format!("rule\0{}", "r".repeat(5_000));
    odd.title = "\0\u{1b}[2J".repeat(4_000);
    odd.why = "w".repeat(100_000);
    odd.tags = vec!["a tag".repeat(400); 400];
    odd.key = vec![("k".repeat(9_000), "v\0".repeat(9_000)); 300];
    odd.entity = Some(model::EntityRef { kind: "No Kind".to_owned(), key: String::new() });
    odd.events = vec![odd.events[0].clone(); 100];
    (odd.first, odd.last, odd.count) = (i64::MIN, i64::MAX, u64::MAX);
    odd.runbook = Some("r".repeat(100_000));
    odd.aspect = Aspect::Operations;
    let told = vec![odd, alert("y", "fine", "host:a", Level::High, T0)];
    assert_eq!(home.responder.commit(told, state(1), T0).await.unwrap().raised, 2);
    home.sound().await;
}
