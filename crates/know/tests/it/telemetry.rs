//! From batches of events to what the ledger knows.

use crate::support::{HOUR, MINUTE, SECOND, T0, entity, ledger};
use know::{Telemetry, deployed};
use ledger::{AsOf, Ledger};
use model::batch::Origin;
use model::json::push_member;
use model::logs::{LogRow, LogsBuilder};
use model::spans::{SpanRow, SpansBuilder};
use model::{About, Context, EventBatch, Facts, Nanos, ValueRef};
use serde_json::{Value, json};

const LEASE: Nanos = 5 * MINUTE;

/// Log records of resources, each at a time, received at another.
fn logs(rows: &[(&Value, Nanos)], received: Nanos) -> EventBatch {
    let mut builder = LogsBuilder::new(Context::new("default", "otlp", received));
    for (resource, timestamp) in rows {
        let resource_attributes = Some(resource.to_string());
        builder.set_origin(Origin { resource_attributes, ..Origin::default() });
        builder.push(&LogRow { timestamp: *timestamp, body: Some("hello"), ..LogRow::default() });
    }
    builder.finish().unwrap()
}

fn spans(resource: &Value, at: Nanos) -> EventBatch {
    let mut builder = SpansBuilder::new(Context::new("default", "otlp", at));
    builder.set_origin(Origin { resource_attributes: Some(resource.to_string()), ..Origin::default() });
    builder.push(&SpanRow { timestamp: at, kind: "server", status_code: "ok", ..SpanRow::default() });
    builder.finish().unwrap()
}

fn process(version: &str, instance: &str) -> Value {
    json!({"service.name": "cart", "service.instance.id": instance, "service.version": version, "host.name": "web-1",
        "deployment.environment.name": "production"})
}

async fn record(ledger: &Ledger, facts: Vec<Facts>, now: Nanos) {
    for facts in facts {
        ledger.record(&facts, now).await.unwrap();
    }
}

fn changes(facts: &[Facts]) -> Vec<String> {
    facts.iter().flat_map(|facts| &facts.changes).map(|change| change.version.clone().unwrap()).collect()
}

async fn running(ledger: &Ledger, at: Nanos) -> Vec<String> {
    let all = ledger.running(&AsOf::at(at), None).await.unwrap();
    all.into_iter().map(|running| running.entity.to_string()).collect()
}

#[tokio::test]
async fn a_process_of_forty_seconds_is_in_history_and_not_in_the_present() {
    let (ledger, _dir) = ledger().await;
    let mut telemetry = Telemetry::new(LEASE);
    let (long, short) = (process("1", "a"), process("1", "b"));
    for ten in 0..120 {
        let now = T0 + ten * 10 * SECOND;
        let mut rows = vec![(&long, now - SECOND)];
        if ten < 4 {
            rows.push((&short, now - SECOND));
        }
        telemetry.observe(&logs(&rows, now), "default", now);
        record(&ledger, telemetry.due(now), now).await;
    }
    let (a, b) = ("service.instance:cart/a".to_owned(), "service.instance:cart/b".to_owned());
    let then = running(&ledger, T0 + 30 * SECOND).await;
    assert!(then.contains(&a) && then.contains(&b), "{then:?}");
    let now = running(&ledger, T0 + 1_200 * SECOND).await;
    assert!(now.contains(&a) && !now.contains(&b), "{now:?}");
    assert!(now.contains(&"host:web-1".to_owned()) && now.contains(&"service:cart".to_owned()));
}

#[tokio::test]
async fn what_is_sent_late_and_at_once_says_what_ran_then() {
    let (ledger, _dir) = ledger().await;
    let mut telemetry = Telemetry::new(LEASE);
    let now = T0 + 2 * HOUR;
    telemetry.observe(&logs(&[(&process("1", "a"), now)], now), "default", now);
    record(&ledger, telemetry.due(now), now).await;
    // Both within one minute, and of a host that has been told for later already.
    let (born, died) = (T0 + 10 * SECOND, T0 + 50 * SECOND);
    telemetry.observe(&logs(&[(&process("1", "b"), born), (&process("1", "b"), died)], now), "default", now);
    record(&ledger, telemetry.due(now), now).await;
    let then = running(&ledger, T0 + 30 * SECOND).await;
    for name in ["service.instance:cart/b", "service:cart", "host:web-1"] {
        assert!(then.contains(&name.to_owned()), "{name} in {then:?}");
    }
    assert!(!running(&ledger, T0 + 9 * SECOND).await.contains(&"service.instance:cart/b".to_owned()));
    assert!(!running(&ledger, now).await.contains(&"service.instance:cart/b".to_owned()));
}

#[test]
fn each_thing_is_told_once_a_minute_whatever_comes() {
    let mut telemetry = Telemetry::new(LEASE);
    let mut told = 0;
    for second in 0..600 {
        let now = T0 + second * SECOND;
        for instance in ["a", "b", "c"] {
            telemetry.observe(&logs(&[(&process("1", instance), now)], now), "default", now);
        }
        for facts in telemetry.due(now) {
            let host = About::Entity(entity("host:web-1"));
            told += facts.observations.iter().filter(|observation| observation.about == host).count();
        }
    }
    assert_eq!(told, 10);
    assert_eq!(telemetry.due(T0 + 600 * SECOND), []);
}

#[test]
fn what_resources_say_is_put_together_with_the_signals_that_they_send() {
    let mut telemetry = Telemetry::new(LEASE);
    let small = json!({"host.name": "web-1"});
    let large = json!({"host.name": "web-1", "os.type": "linux", "service.name": "cart", "service.team": "@acme/shop"});
    telemetry.observe(&spans(&large, T0), "default", T0);
    telemetry.observe(&logs(&[(&small, T0)], T0), "default", T0);
    let facts = telemetry.due(T0);
    assert_eq!((facts.len(), facts[0].origin.as_str(), facts[0].dataset.as_str()), (1, "telemetry", "default"));
    let said = |name: &str| {
        let about = About::Entity(entity(name));
        let found = facts[0].observations.iter().find(|observation| observation.about == about).unwrap();
        assert_eq!(found.lease, Some(LEASE));
        Value::Object(found.attributes.clone())
    };
    assert_eq!(said("host:web-1"), json!({"os.type": "linux", "signals": ["logs", "spans"]}));
    assert_eq!(said("service:cart"), json!({"signals": ["spans"]}));
}

#[tokio::test]
async fn versions_that_come_are_changes_and_a_restart_makes_none() {
    let (ledger, _dir) = ledger().await;
    let mut telemetry = Telemetry::new(LEASE);
    let (old, new) = (process("1.0", "a"), process("1.1", "b"));
    let mut all = Vec::new();
    for half in 0..40 {
        let now = T0 + half * 30 * SECOND;
        // For five minutes both run.
        let rows: &[(&Value, Nanos)] = match half {
            0..10 => &[(&old, now)],
            10..20 => &[(&old, now), (&new, now)],
            _ => &[(&new, now)],
        };
        telemetry.observe(&logs(rows, now), "default", now);
        let due = telemetry.due(now);
        all.extend(changes(&due));
        record(&ledger, due, now).await;
    }
    assert_eq!(all, ["1.0", "1.1"]);
    let now = T0 + HOUR;
    let mut restarted = Telemetry::new(LEASE);
    restarted.restore(deployed(&ledger, &AsOf::at(now)).await.unwrap(), now);
    restarted.observe(&logs(&[(&new, now)], now), "default", now);
    assert_eq!(changes(&restarted.due(now)), [] as [&str; 0]);
    let later = now + HOUR;
    restarted.observe(&logs(&[(&old, later)], later), "default", later);
    let due = restarted.due(later);
    assert_eq!(changes(&due), ["1.0"], "it went back");
    let change = due.iter().flat_map(|facts| &facts.changes).next().unwrap();
    assert_eq!(change.attributes["previous"], "1.1");
    assert_eq!(change.key, format!("cart|production|1.0|{}", later / MINUTE));
    assert_eq!((change.environment.as_deref(), change.kind.as_str()), (Some("production"), "deployment"));
}

#[test]
fn an_old_file_says_what_ran_then_and_not_what_runs_now() {
    let mut telemetry = Telemetry::new(LEASE);
    telemetry.observe(&logs(&[(&process("1", "a"), T0 - 9 * HOUR)], T0), "default", T0);
    let facts = telemetry.due(T0);
    assert!(facts[0].observations.iter().all(|observation| observation.at == T0 - 9 * HOUR));
}

#[test]
fn a_clock_that_is_wrong_is_told_and_does_not_hide_its_host() {
    let mut telemetry = Telemetry::new(LEASE);
    let (ahead, behind) = (json!({"host.name": "ahead"}), json!({"host.name": "behind"}));
    let far = json!({"host.name": "far"});
    let mut last = Vec::new();
    for ten in 0..60 {
        let now = T0 + ten * 10 * SECOND;
        let rows = [(&ahead, now + 4 * SECOND), (&behind, now - 30 * MINUTE), (&far, now + HOUR)];
        telemetry.observe(&logs(&rows, now), "default", now);
        last.extend(telemetry.due(now));
    }
    let skews: Vec<(String, Nanos)> =
        telemetry.skews().into_iter().map(|skew| (skew.host.key, skew.offset_nanos / SECOND)).collect();
    assert_eq!(skews, [("ahead".to_owned(), 4), ("behind".to_owned(), -1_800), ("far".to_owned(), 3_600)]);
    let newest = |name: &str| {
        let about = About::Entity(entity(name));
        let of = last.iter().flat_map(|facts| &facts.observations).filter(|observation| observation.about == about);
        let newest = of.max_by_key(|observation| observation.at).unwrap();
        (newest.at, newest.attributes["clock.offset"].clone())
    };
    let (at, offset) = newest("host:behind");
    assert_eq!(offset, json!(-1_800));
    assert!(at > T0 + 8 * MINUTE, "it is there now");
    assert_eq!(newest("host:ahead").1, json!(4));
    let (at, offset) = newest("host:far");
    assert!(at > T0 + 8 * MINUTE && offset == json!(3_600), "its times were replaced by those of the receipt");
}

#[test]
fn the_number_of_resources_is_bounded_and_none_is_dropped_silently() {
    let mut telemetry = Telemetry::new(LEASE);
    for second in 0..30 {
        let resources: Vec<Value> =
            (0..500).map(|number| json!({"host.name": format!("h{}", second * 500 + number)})).collect();
        let now = T0 + second * SECOND;
        let rows: Vec<(&Value, Nanos)> = resources.iter().map(|resource| (resource, now)).collect();
        telemetry.observe(&logs(&rows, now), "default", now);
    }
    let facts = telemetry.due(T0 + 30 * SECOND);
    let told: usize = facts.iter().map(Facts::len).sum();
    assert!(told <= 10_000, "{told}");
    assert_eq!(told as u64 + telemetry.lost(), 15_000);
    let newest = About::Entity(entity("host:h14999"));
    assert!(facts.iter().flat_map(|facts| &facts.observations).any(|observation| observation.about == newest));
}

/// A record with attributes, given as their JSON.
fn event(name: Option<&str>, resource: &Value, attributes: Value, at: Nanos) -> EventBatch {
    let mut builder = LogsBuilder::new(Context::new("default", "otlp", at));
    builder.set_origin(Origin { resource_attributes: Some(resource.to_string()), ..Origin::default() });
    for (key, value) in attributes.as_object().unwrap() {
        let text = value.to_string();
        let value = match value {
            Value::String(text) => ValueRef::Str(text),
            Value::Number(number) => ValueRef::Int(number.as_i64().unwrap()),
            _ => ValueRef::Json(&text),
        };
        builder.attributes().push(key, value);
    }
    builder.push(&LogRow { timestamp: at, event_name: name, ..LogRow::default() });
    builder.finish().unwrap()
}

fn told(facts: &[Facts]) -> Vec<String> {
    let mut all = Vec::new();
    for observation in facts.iter().flat_map(|facts| &facts.observations) {
        let what = match &observation.about {
            About::Entity(entity) => entity.to_string(),
            About::Relation(relation) => format!("{} {} {}", relation.from, relation.kind, relation.to),
        };
        let lease = observation.lease.map_or("open".to_owned(), |lease| format!("{} s", lease / SECOND));
        all.push(format!("{what} {}", if observation.ended { "ended".to_owned() } else { lease }));
    }
    all.sort();
    all
}

#[test]
fn entity_events_of_both_spellings_are_entities() {
    let mut telemetry = Telemetry::new(LEASE);
    let cluster = json!({"k8s.cluster.name": "live"});
    let pod = json!({
        "entity.type": "k8s.pod", "entity.id": {"k8s.pod.uid": "u-1"}, "entity.report.interval": 600,
        "entity.description": {"k8s.pod.name": "cart-x", "k8s.namespace.name": "shop", "k8s.pod.phase": "Running",
            "k8s.pod.labels": {"person": "ada"}},
        "entity.relationships": [
            {"relationship.type": "scheduled_on", "entity.type": "k8s.node", "entity.id": {"k8s.node.uid": "n-1"}},
            {"relationship.type": "not a word", "entity.type": "k8s.node", "entity.id": {"k8s.node.uid": "n-1"}}]
    });
    let node = json!({
        "otel.entity.event.type": "entity_state", "otel.entity.type": "k8s.node", "otel.entity.interval": 60_000,
        "otel.entity.id": {"k8s.node.uid": "n-1"}, "otel.entity.attributes": {"k8s.node.name": "node-3"}
    });
    telemetry.observe(&event(None, &cluster, node, T0), "default", T0);
    telemetry.observe(&event(Some("entity.state"), &cluster, pod, T0), "default", T0);
    let disk = json!({"entity.type": "disk", "entity.id": {"serial": "9", "bus": "nvme"}, "entity.report.interval": 0});
    telemetry.observe(&event(Some("entity.state"), &json!({}), disk, T0), "default", T0);
    let facts = telemetry.due(T0);
    assert_eq!(
        told(&facts),
        [
            "disk:nvme/9 open",
            "k8s.cluster:live 300 s",
            "k8s.node:live/node-3 300 s",
            "k8s.pod:live/shop/cart-x 1800 s",
            "k8s.pod:live/shop/cart-x runs_on k8s.node:live/node-3 1800 s",
        ]
    );
    let all = serde_json::to_string(&facts).unwrap();
    assert!(all.contains("Running") && !all.contains("ada"), "{all}");
    // Its end names the uid alone.
    let gone = json!({"entity.type": "k8s.pod", "entity.id": {"k8s.pod.uid": "u-1"}});
    telemetry.observe(&event(Some("entity.delete"), &json!({}), gone, T0 + HOUR), "default", T0 + HOUR);
    assert_eq!(told(&telemetry.due(T0 + HOUR)), ["k8s.pod:live/shop/cart-x ended"]);
}

#[test]
fn damaged_entity_events_say_nothing() {
    let mut telemetry = Telemetry::new(LEASE);
    for attributes in [
        json!({"entity.type": "k8s.pod"}),
        json!({"entity.type": "Not A Kind", "entity.id": {"a": "b"}}),
        json!({"entity.type": "x", "entity.id": {}}),
        json!({"entity.type": "x", "entity.id": "text"}),
        json!({"entity.type": "x", "entity.id": {"a": "b".repeat(5_000)}}),
        json!({"entity.type": 7, "entity.id": {"a": "b\u{0}"}}),
    ] {
        telemetry.observe(&event(Some("entity.state"), &json!({}), attributes, T0), "default", T0);
    }
    assert_eq!(telemetry.due(T0), []);
}

#[test]
fn nothing_hostile_in_a_resource_keeps_the_others_from_being_told() {
    let mut telemetry = Telemetry::new(LEASE);
    let mut text = String::new();
    push_member(&mut text, "host.name", ValueRef::Str("a\0b"));
    push_member(&mut text, "os.type", ValueRef::Str("li\0nux"));
    push_member(&mut text, "service.name", ValueRef::Str("cart"));
    text.push('}');
    let mut builder = LogsBuilder::new(Context::new("default", "otlp", T0));
    for resource in [text.as_str(), "not json", "{\"host.name\":", "[[[["] {
        builder.set_origin(Origin { resource_attributes: Some(resource.to_owned()), ..Origin::default() });
        builder.push(&LogRow { timestamp: T0, ..LogRow::default() });
    }
    telemetry.observe(&builder.finish().unwrap(), "default", T0);
    assert_eq!(told(&telemetry.due(T0)), ["service:cart 300 s"]);
}
