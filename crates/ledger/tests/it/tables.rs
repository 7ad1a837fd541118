//! The ledger as tables.

use crate::decisions::decision;
use crate::support::{DAY, T0, both, ended, entity, facts, relation, seen};
use ledger::{AsOf, Cell, Facts, Ledger, Person, Scan, TABLES, Table};
use model::{About, Change, Finding};
use serde_json::Map;

async fn rows(ledger: &Ledger, table: &str, columns: &[&str], equal: &[(&str, &str)], as_of: AsOf) -> Vec<Vec<String>> {
    let table = Table::named(table).unwrap();
    let at = |name: &str| table.columns.iter().position(|column| column.0 == name).unwrap();
    let scan = Scan {
        columns: columns.iter().map(|name| at(name)).collect(),
        equal: equal.iter().map(|(name, value)| (at(name), (*value).to_owned())).collect(),
        as_of,
        limit: None,
        bytes: 1 << 20,
    };
    let text = |cell: Cell| match cell {
        Cell::Null => "-".to_owned(),
        Cell::Number(number) => number.to_string(),
        Cell::Text(text) => text,
    };
    let mut rows: Vec<Vec<String>> =
        ledger.scan(table, &scan).await.unwrap().into_iter().map(|row| row.into_iter().map(text).collect()).collect();
    rows.sort();
    rows
}

async fn fill(ledger: &Ledger) {
    let image = Some(entity("image:cart"));
    let finding = |rule: &str, ended| Finding {
        entity: image.clone(),
        rule: rule.to_owned(),
        fingerprint: rule.to_owned(),
        severity: "high".to_owned(),
        title: "old".to_owned(),
        place: "zlib".to_owned(),
        at: if ended { T0 + DAY } else { T0 },
        ended,
        evidence: Map::new(),
    };
    let change = Change {
        key: "1".to_owned(),
        kind: "deployment".to_owned(),
        entity: entity("service:cart"),
        at: T0,
        environment: None,
        version: Some("1.4".to_owned()),
        attributes: Map::new(),
    };
    let observations = vec![
        seen(About::Entity(entity("service:cart")), T0, None),
        seen(relation("service:cart", "runs", "image:cart"), T0, None),
    ];
    let all = Facts {
        origin: "ci".to_owned(),
        observations,
        findings: vec![finding("A", false), finding("B", false)],
        changes: vec![change],
    };
    ledger.record(&all, T0).await.unwrap();
    let fixed = Facts { origin: "ci".to_owned(), findings: vec![finding("A", true)], ..Facts::default() };
    ledger.record(&fixed, T0 + DAY).await.unwrap();
    for (key, kind) in [("c", "control"), ("a", "alert"), ("i", "incident")] {
        ledger.decide(&decision(key, kind), &facts("test", Vec::new()), Person("ada"), T0 + DAY).await.unwrap();
    }
}

#[tokio::test]
async fn every_table_answers_as_of_two_times() {
    for home in both().await {
        let ledger = home.open().await;
        fill(&ledger).await;
        let (then, now) = (AsOf::at(T0), AsOf::at(T0 + 2 * DAY));
        let one = |row: &[&str]| vec![row.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>()];
        assert_eq!(rows(&ledger, "entities", &["kind", "entity"], &[], now).await, one(&["service", "cart"]));
        assert_eq!(
            rows(&ledger, "relations", &["from_entity", "kind", "to_entity"], &[("from_kind", "service")], now).await,
            one(&["cart", "runs", "cart"])
        );
        assert_eq!(rows(&ledger, "findings", &["rule", "entity"], &[], now).await, one(&["B", "cart"]), "A is fixed");
        assert_eq!(rows(&ledger, "findings", &["rule"], &[], then).await.len(), 2);
        assert_eq!(rows(&ledger, "changes", &["version", "environment"], &[], now).await, one(&["1.4", "-"]));
        assert_eq!(rows(&ledger, "decisions", &["kind"], &[], now).await.len(), 3);
        for (table, kind) in [("alerts", "alert"), ("incidents", "incident"), ("controls", "control")] {
            assert_eq!(rows(&ledger, table, &["kind", "entity"], &[], now).await, one(&[kind, "cart"]));
        }
        // Nothing of this was known before the first of it was written.
        let before = AsOf { valid: T0 + 2 * DAY, known: T0 - 1 };
        for table in TABLES {
            assert_eq!(rows(&ledger, table.name, &[], &[], before).await.len(), 0, "{}", table.name);
            let all: Vec<usize> = (0..table.columns.len()).collect();
            let scan = Scan { columns: all, equal: Vec::new(), as_of: now, limit: Some(1), bytes: 1 << 20 };
            assert_eq!(ledger.scan(table, &scan).await.unwrap().len(), 1, "{}: every column has its type", table.name);
        }
    }
}

#[tokio::test]
async fn an_answer_has_a_bound() {
    for home in both().await {
        let ledger = home.open().await;
        fill(&ledger).await;
        let scan = Scan { columns: vec![0, 1], equal: Vec::new(), as_of: AsOf::at(T0), limit: None, bytes: 60 };
        let answer = ledger.scan(Table::named("findings").unwrap(), &scan).await.unwrap_err();
        assert!(answer.to_string().contains("ask for fewer"), "{answer}");
    }
}

#[tokio::test]
async fn what_ended_is_told_to_every_table() {
    for home in both().await {
        let ledger = home.open().await;
        fill(&ledger).await;
        let end = facts("agent", vec![ended(About::Entity(entity("service:cart")), T0 + DAY)]);
        ledger.record(&end, T0 + DAY).await.unwrap();
        assert_eq!(rows(&ledger, "entities", &["entity"], &[], AsOf::at(T0 + DAY)).await.len(), 0);
        assert_eq!(rows(&ledger, "entities", &["entity"], &[], AsOf::at(T0 + DAY - 1)).await.len(), 1);
        assert_eq!(rows(&ledger, "observations", &["id"], &[], AsOf::at(T0 + DAY)).await.len(), 6);
    }
}
