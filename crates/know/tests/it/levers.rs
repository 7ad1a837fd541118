//! Levers over a recorded month: every number can be opened, and a fix shows what it gained.

use crate::month::{self, START};
use crate::support::{DAY, T0, Told, ledger};
use know::inventory::{RulesRead, StreamSeen};
use know::levers::{Lever, all, gains, measure, open, top};
use know::situation::{Given, Page};
use ledger::AsOf;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Instant;

fn streams() -> Vec<StreamSeen> {
    let stream = |number: usize| StreamSeen {
        dataset: "default".to_owned(),
        service: month::name(number),
        tables: vec!["logs".to_owned()],
        last_received: T0 - 1,
        last_query: (number < 20).then_some(T0 - DAY),
        bytes: 1_000_000 * number as u64,
        ..StreamSeen::default()
    };
    (8..31).map(stream).collect()
}

fn by_id<'l>(levers: &'l [Lever], id: &str) -> &'l Lever {
    levers.iter().find(|lever| lever.id == id).unwrap()
}

#[tokio::test]
async fn every_number_of_a_month_can_be_opened_and_a_fix_is_measured() {
    let (ledger, _dir) = ledger().await;
    month::fill(&ledger).await;
    let (streams, mut read) = (streams(), RulesRead::default());
    read.streams.insert(("default".to_owned(), "s30".to_owned()), ["rule".to_owned()].into());
    let page = vec![Page { name: "what to do".to_owned(), overdue: false }];
    let pages: BTreeMap<String, Vec<Page>> = (0..20).map(|number| (month::name(number), page.clone())).collect();
    let given = Given { pages: Some(&pages), streams: Some(&streams), rules_read: Some(&read), ..Given::default() };
    let now = AsOf::at(T0 - 1);
    let begun = Instant::now();
    let levers = all(&ledger, &now, &given).await.unwrap();
    println!("levers over a month of 31 services: {:?}", begun.elapsed());
    let expected = [
        ("services-without-logs", 8, Some(31), "8 of 31 services send no logs"),
        ("services-without-owner", 3, Some(31), "3 of 31 services belong to nobody"),
        ("services-without-tier", 6, Some(31), "6 of 31 services have no tier"),
        ("services-without-runbook", 11, Some(31), "11 of 31 services have no page that says what to do"),
        ("restores-not-proved", 5, Some(5), "5 of 5 things that everything needs were never proved to come back"),
        ("noisy-rules", 3, None, "3 rules make most of the noise, and none of their alerts was ever acted on"),
        ("files-open-to-all", 12, None, "12 secrets are open to every account on 5 hosts"),
        ("suppressions-hiding-most", 0, Some(0), "0 of 0 suppressions hide 80 % of all that is hidden"),
        ("repositories-not-scanned", 4, Some(16), "4 of 16 repositories were not scanned for 90 days"),
        ("exploited-running", 2, None, "2 exploited weaknesses are in what runs"),
        ("sockets-without-need", 1, None, "1 socket of a store or console is open to other machines on 1 host"),
        ("findings-without-owner", 1, Some(3), "1 of 3 severe findings belongs to nobody"),
        ("clocks-off", 1, Some(4), "1 of 4 hosts has a wrong clock"),
        ("agents-silent", 1, Some(5), "1 of 5 machines no longer reports"),
        ("restarts-waiting", 1, Some(4), "1 of 4 hosts waits for a restart to run what was installed"),
        ("logs-nobody-reads", 10, Some(23), "10 of 23 streams of logs are read by nobody, and by no rule"),
    ];
    assert_eq!(levers.len(), expected.len());
    for (id, number, of, title) in expected {
        let lever = by_id(&levers, id);
        assert_eq!((lever.number, lever.of, lever.unknown), (number, of, false), "{id}: {:?}", lever.rows);
        assert_eq!(lever.title, title);
        assert_eq!(open(lever).len() as u64, lever.number, "{id}");
        for row in open(lever) {
            let opens = !row.facts.is_empty() || row.entity.is_some();
            assert!(opens && !row.what.is_empty(), "{id}: {row:?}");
        }
    }
    facts_are_there(&ledger, &levers).await;
    let first: Vec<&str> = top(&levers).iter().map(|lever| lever.id).collect();
    assert_eq!(first.len(), 5);
    assert!(first.contains(&"services-without-logs") && first.contains(&"noisy-rules"), "{first:?}");
    let scores: Vec<f64> = top(&levers).iter().map(|lever| lever.score).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b) && scores[0] > 0.0, "{scores:?}");
    let again = all(&ledger, &now, &given).await.unwrap();
    assert_eq!(again, levers, "the same facts give the same levers");

    // A fix: five of them send logs now, and an agent takes rights away.
    assert_eq!(measure(&ledger, &levers, "default", T0 - 1).await.unwrap(), levers.len() as u64);
    assert_eq!(measure(&ledger, &levers, "default", T0 - 1).await.unwrap(), 0, "once a day");
    assert_eq!(gains(&ledger, &now).await.unwrap(), []);
    let mut heard = Told::by("telemetry", "default");
    for number in 0..31 {
        let signals: &[&str] = if number < 3 { &["spans"] } else { &["logs", "spans"] };
        heard = month::telemetry(heard, &month::name(number), "host:web-0", signals, T0 + DAY);
    }
    heard.record(&ledger).await;
    let later = AsOf::at(T0 + DAY + 1);
    let levers = all(&ledger, &later, &given).await.unwrap();
    let logs = by_id(&levers, "services-without-logs");
    assert_eq!(logs.number, 3);
    measure(&ledger, &levers, "default", T0 + DAY + 1).await.unwrap();
    let gained = gains(&ledger, &AsOf::at(T0 + 2 * DAY)).await.unwrap();
    let gain = gained.iter().find(|gain| gain.lever == "services-without-logs").unwrap();
    assert_eq!((gain.before.number, gain.now.number, gain.gained), (8, 3, 5));
    assert_eq!((gain.text.as_str(), gain.now.of), ("from 8 to 3 since 2026-11-22", Some(31)));
    let shown = all(&ledger, &AsOf::at(T0 + 2 * DAY), &given).await.unwrap();
    assert_eq!(by_id(&shown, "services-without-logs").gained.as_ref(), Some(gain));
    assert_eq!(ledger.verify().await.unwrap().problems, Vec::<String>::new());
}

/// Every id that a row names is one of the ledger.
async fn facts_are_there(ledger: &ledger::Ledger, levers: &[Lever]) {
    let mut known: std::collections::BTreeSet<i64> = std::collections::BTreeSet::new();
    for table in ["entities", "relations", "findings", "alerts"] {
        let table = ledger::Table::named(table).unwrap();
        let scan =
            ledger::Scan { columns: vec![0], equal: Vec::new(), as_of: AsOf::at(T0 - 1), limit: None, bytes: 1 << 28 };
        for row in ledger.scan(table, &scan).await.unwrap() {
            if let ledger::Cell::Number(id) = row[0] {
                known.insert(id);
            }
        }
    }
    for lever in levers {
        for row in open(lever) {
            assert!(row.facts.iter().all(|id| known.contains(id)), "{}: {row:?}", lever.id);
        }
    }
}

#[tokio::test]
async fn what_nobody_looked_at_is_no_number() {
    let (ledger, _dir) = ledger().await;
    Told::by("catalog", "default").seen("service:a", START, json!({})).record(&ledger).await;
    let levers = all(&ledger, &AsOf::at(T0), &Given::default()).await.unwrap();
    for id in ["services-without-logs", "services-without-runbook", "files-open-to-all", "restores-not-proved"] {
        assert!(by_id(&levers, id).unknown, "{id}");
    }
    let first: Vec<&str> = top(&levers).iter().map(|lever| lever.id).collect();
    assert_eq!(first, ["services-without-owner", "services-without-tier"]);
    assert_eq!(open(by_id(&levers, "services-without-owner"))[0].entity.as_deref(), Some("service:a"));
}
