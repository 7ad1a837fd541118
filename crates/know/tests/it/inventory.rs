//! What ran, whose it was, and what it sent.

use crate::support::{DAY, HOUR, T0, Told, entity, ledger};
use know::inventory::{
    HandOver, RulesRead, Statement, StreamSeen, coverage, orphans, owner_history, parts_of, ran, silent, unasked,
    unread,
};
use ledger::{AsOf, Ledger};
use model::Datasets;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

async fn fill(ledger: &Ledger) {
    Told::by("telemetry", "web")
        .seen(
            "service:shop/cart",
            T0,
            json!({"signals": ["logs", "spans", "metrics"], "service.version": "2",
            "deployment.environment.name": "production"}),
        )
        .seen("service:pay", T0, json!({"signals": ["spans"]}))
        .seen("host:web-1", T0, json!({"signals": ["metrics"]}))
        .leased("service.instance:shop/cart/a", T0, HOUR)
        .on("service.instance:shop/cart/a", "host:web-1", T0)
        .record(ledger)
        .await;
    Told::by("catalog", "web")
        .seen("service:shop/cart", T0, json!({"runbook": "https://wiki.example.org/cart"}))
        .owned("service:shop/cart", "", "shop", T0, json!({}))
        .owned("service:pay", "", "pay", T0 - DAY, json!({}))
        .disowned("service:pay", "pay", T0 - HOUR)
        .related("host:web-1", "has", "package:pkg:deb/debian/zlib@1", T0)
        .record(ledger)
        .await;
    Told::by("agent", "secret").seen("service:vault", T0, json!({})).record(ledger).await;
}

fn stream(service: &str, host: Option<&str>, bytes: u64, last_query: Option<i64>) -> StreamSeen {
    StreamSeen {
        dataset: "web".to_owned(),
        service: service.to_owned(),
        host: host.map(str::to_owned),
        tables: vec!["logs".to_owned()],
        last_received: T0,
        last_query,
        bytes,
        rows: 1,
    }
}

fn web() -> AsOf {
    AsOf::at(T0 + HOUR / 2).within(Datasets::only(["web"]))
}

#[tokio::test]
async fn what_ran_with_its_owner_within_what_may_be_seen() {
    let (ledger, _dir) = ledger().await;
    fill(&ledger).await;
    let report = ran(&ledger, &web(), Some("service")).await.unwrap();
    let rows: Vec<_> = report.rows.iter().map(|row| (row.name.as_str(), row.owner.as_deref())).collect();
    assert_eq!(rows, [("pay", None), ("shop/cart", Some("shop"))]);
    assert_eq!((report.count, report.truncated, report.at.as_str()), (2, false, "2026-11-21T00:30:00Z"));
    assert_eq!(report.rows[1].reason.as_deref(), Some("catalog says so"));
    assert_eq!(ran(&ledger, &AsOf::at(T0 + HOUR / 2), Some("service")).await.unwrap().count, 3);
    let instances = async |at: AsOf| ran(&ledger, &at, Some("service.instance")).await.unwrap().count;
    assert_eq!((instances(web()).await, instances(AsOf::at(T0 + 2 * HOUR)).await), (1, 0));
    let parts = parts_of(&ledger, &web(), &entity("host:web-1")).await.unwrap();
    let rows: Vec<_> = parts.rows.iter().map(|row| (row.relation.as_str(), row.outward, row.name.as_str())).collect();
    assert_eq!(rows, [("runs_on", false, "shop/cart/a")]);
    assert_eq!(parts.totals["packages"], 1.0);
}

#[tokio::test]
async fn orphans_say_since_when_and_until_when_they_had_an_owner() {
    let (ledger, _dir) = ledger().await;
    fill(&ledger).await;
    let report = orphans(&ledger, &web(), &[]).await.unwrap();
    let rows: Vec<_> = report.rows.iter().map(|row| (row.name.as_str(), row.owned_until.as_deref())).collect();
    assert_eq!(rows, [("pay", Some("2026-11-20T23:00:00Z")), ("web-1", None)]);
    assert_eq!(report.rows[0].since.as_deref(), Some("2026-11-21T00:00:00Z"));
    assert_eq!(report.rows[0].sends, ["spans"]);
    assert_eq!(orphans(&ledger, &web(), &["host"]).await.unwrap().count, 1);
}

#[tokio::test]
async fn silent_is_what_neither_says_so_itself_nor_has_a_stream() {
    let (ledger, _dir) = ledger().await;
    fill(&ledger).await;
    let names = async |streams: &[StreamSeen]| {
        let report = silent(&ledger, &web(), streams).await.unwrap();
        report.rows.iter().map(|row| format!("{}:{}", row.kind, row.name)).collect::<Vec<_>>()
    };
    assert_eq!(names(&[]).await, ["service:pay", "service.instance:shop/cart/a", "host:web-1"]);
    let mut streams = [stream("pay", Some("web-1"), 1, None)];
    assert_eq!(names(&streams).await, ["service.instance:shop/cart/a"]);
    streams[0].last_received = T0 - 3 * DAY;
    assert_eq!(names(&streams).await.len(), 3, "it brought nothing for days");
    streams[0].last_received = T0;
    streams[0].dataset = "secret".to_owned();
    assert_eq!(names(&streams).await.len(), 3, "streams of others are not looked at");
}

#[test]
fn unread_streams_are_told_by_their_bytes() {
    let asked = Some(T0 - 2 * DAY);
    let mut streams = vec![
        stream("a", None, 5, None),
        stream("b", None, 9, asked),
        stream("c", None, 7, Some(T0)),
        stream("d", None, 8, None),
    ];
    let mut other = stream("e", None, 99, None);
    other.dataset = "secret".to_owned();
    streams.push(other);
    let rules = RulesRead {
        streams: BTreeMap::from([
            (("web".to_owned(), "d".to_owned()), BTreeSet::from(["one".to_owned(), "two".to_owned()])),
            (("web".to_owned(), "a".to_owned()), BTreeSet::new()),
            (("secret".to_owned(), "b".to_owned()), BTreeSet::from(["one".to_owned()])),
        ]),
        statements: [("sql", "logs", None), ("else", "metrics", None), ("other", "logs", Some("secret"))]
            .map(|(rule, table, dataset): (&str, &str, Option<&str>)| Statement {
                rule: rule.to_owned(),
                tables: vec![table.to_owned()],
                dataset: dataset.map(str::to_owned),
            })
            .into(),
        not_looked_at: 0,
    };
    let told = |days: u32| unread(&web(), &unasked(&web(), &streams, days), &rules);
    let (report, read) = told(1);
    let rows: Vec<_> = report.rows.iter().map(|row| row.service.as_str()).collect();
    assert_eq!((rows, report.totals["bytes"]), (vec!["b", "a"], 14.0));
    assert_eq!(report.rows[0].statements, ["sql"]);
    let read: Vec<_> = read.iter().map(|row| (row.service.as_str(), row.count, row.rules.join(" "))).collect();
    assert_eq!(read, [("d", 2, "one two".to_owned())]);
    assert_eq!(told(7).0.count, 1);
}

#[tokio::test]
async fn coverage_by_service_and_in_hundredths() {
    let (ledger, _dir) = ledger().await;
    fill(&ledger).await;
    let report = coverage(&ledger, &web(), &[stream("pay", None, 1, None)]).await.unwrap();
    let pay = &report.rows[0];
    assert_eq!(
        (pay.service.as_str(), pay.logs, pay.traces, pay.metrics, pay.version),
        ("pay", true, true, false, false)
    );
    let cart = &report.rows[1];
    assert!(cart.logs && cart.traces && cart.metrics && cart.version && cart.environment && cart.owner && cart.runbook);
    assert_eq!((report.totals["logs"], report.totals["metrics"], report.totals["runbook"]), (100.0, 50.0, 50.0));
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["from"], json!(["entities", "owners", "streams"]));
    let none = coverage(&ledger, &web().within(Datasets::only(["other"])), &[]).await.unwrap();
    assert_eq!((none.count, none.totals.len()), (0, 0));
}

#[tokio::test]
async fn ownership_before_and_after_a_hand_over() {
    let (ledger, _dir) = ledger().await;
    let cart = "service:cart";
    Told::by("telemetry", "web").owned(cart, "", "guess", T0 - DAY, json!({})).record(&ledger).await;
    Told::by("codeowners", "web").owned(cart, "", "a", T0, json!({})).record(&ledger).await;
    Told::by("manual", "web").owned(cart, "", "b", T0 + 10 * DAY, json!({})).record(&ledger).await;
    Told::by("manual", "web").owned(cart, "platform", "ops", T0 + 5 * DAY, json!({})).record(&ledger).await;
    Told::by("manual", "web").disowned(cart, "b", T0 + 20 * DAY).record(&ledger).await;
    let (before, after) = (AsOf::at(T0 + DAY), AsOf::at(T0 + 12 * DAY));
    let history = owner_history(&ledger, &entity(cart), &before, &after).await.unwrap();
    let reason = "codeowners says so; telemetry says guess, which counts less";
    assert_eq!((history.before[0].owner.as_str(), history.before[0].reason.as_str()), ("a", reason));
    assert_eq!((history.before.len(), history.after[0].owner.as_str()), (1, "b"));
    let hand_over = |day: &str, layer: &str, from: Option<&str>, to: Option<&str>| HandOver {
        at: format!("2026-{day}T00:00:00Z"),
        layer: layer.to_owned(),
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
    };
    assert_eq!(
        history.hand_overs,
        [hand_over("11-26", "platform", None, Some("ops")), hand_over("12-01", "", Some("a"), Some("b"))]
    );
    let spans = |history: &know::inventory::OwnerHistory| {
        let row = |row: &know::inventory::Ownership| (row.layer.clone(), row.owner.clone(), row.until.is_none());
        history.intervals.rows.iter().map(row).collect::<Vec<_>>()
    };
    let text = |layer: &str, owner: &str, now| (layer.to_owned(), owner.to_owned(), now);
    assert_eq!(
        spans(&history),
        [text("", "guess", false), text("", "a", false), text("", "b", true), text("platform", "ops", true)]
    );
    // After the claim of people ended the file counts again.
    let later = owner_history(&ledger, &entity(cart), &after, &AsOf::at(T0 + 30 * DAY)).await.unwrap();
    assert_eq!(later.hand_overs, [hand_over("12-11", "", Some("b"), Some("a"))]);
}

#[tokio::test]
async fn a_claim_that_is_said_every_minute_is_one_interval() {
    let (ledger, _dir) = ledger().await;
    let minute = HOUR / 60;
    let mut told = Told::by("telemetry", "web");
    for at in (0..60).chain(120..180) {
        told = told.owned("service:cart", "", "a", T0 + at * minute, json!({}));
        told.0.observations.last_mut().unwrap().lease = Some(5 * minute);
    }
    told.record(&ledger).await;
    let of = entity("service:cart");
    let history = owner_history(&ledger, &of, &AsOf::at(T0), &AsOf::at(T0 + 4 * HOUR)).await.unwrap();
    assert_eq!(history.intervals.count, 2, "{:?}", history.intervals.rows);
    let hand_overs: Vec<_> = history.hand_overs.iter().map(|one| (one.from.is_some(), one.to.is_some())).collect();
    assert_eq!(hand_overs, [(true, false), (false, true), (true, false)]);
}

#[tokio::test]
async fn an_instance_has_the_history_of_its_service() {
    let (ledger, _dir) = ledger().await;
    Told::by("manual", "web")
        .related("service.instance:cart/a", "part_of", "service:cart", T0)
        .owned("service:cart", "", "a", T0, json!({}))
        .record(&ledger)
        .await;
    let of = entity("service.instance:cart/a");
    let history = owner_history(&ledger, &of, &AsOf::at(T0 - 1), &AsOf::at(T0 + DAY)).await.unwrap();
    assert_eq!((history.via.as_deref(), history.before.len(), history.intervals.count), (Some("service:cart"), 0, 1));
}
