//! The ledger as tables.

use crate::decisions::decision;
use crate::support::{DAY, T0, both, ended, entity, facts, relation, seen};
use ledger::{AsOf, Cell, Ledger, Person, Scan, TABLES, Table};
use model::{About, Change, Datasets, Facts, Finding, Nanos, Report};
use serde_json::Map;

async fn rows(
    ledger: &Ledger,
    table: &str,
    columns: &[&str],
    equal: &[(&str, &str)],
    as_of: &AsOf,
) -> Vec<Vec<String>> {
    let table = Table::named(table).unwrap();
    let at = |name: &str| table.columns.iter().position(|column| column.0 == name).unwrap();
    let scan = Scan {
        columns: columns.iter().map(|name| at(name)).collect(),
        equal: equal.iter().map(|(name, value)| (at(name), (*value).to_owned())).collect(),
        as_of: as_of.clone(),
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
        seen(relation("service:cart", "owned_by", "team:shop"), T0, None),
    ];
    let all = Facts {
        observations,
        findings: vec![finding("A", false), finding("B", false)],
        changes: vec![change],
        ..Facts::new("ci", "default")
    };
    ledger.record(&all, T0).await.unwrap();
    let fixed = Facts { findings: vec![finding("A", true)], ..Facts::new("ci", "default") };
    ledger.record(&fixed, T0 + DAY).await.unwrap();
    ledger.scanned(&Report::new(entity("image:cart"), "lint", T0), T0).await.unwrap();
    decide_all(ledger, "default", T0 + DAY).await;
}

/// The kinds of decisions that have a table of their own, and those tables.
const DECIDED: [(&str, &str); 7] = [
    ("control", "controls"),
    ("alert", "alerts"),
    ("incident", "incidents"),
    ("verdict", "verdicts"),
    ("answer", "answers"),
    ("exception", "exceptions"),
    ("lockdown", "lockdowns"),
];

/// A decision of each of them.
async fn decide_all(ledger: &Ledger, dataset: &str, at: Nanos) {
    let mut control = None;
    for (kind, _) in DECIDED {
        let mut decision = decision(&format!("{kind} {dataset}"), kind);
        decision.dataset = dataset.to_owned();
        if dataset != "default" {
            decision.entity = Some(entity(&format!("service:{dataset}")));
        }
        if decision.restricts() {
            (decision.control, decision.owner) = (control, Some(entity("team:a")));
            decision.expires = Some(at + 30 * DAY);
        }
        let decided = ledger.decide(&decision, &Facts::default(), Person("ada"), at).await.unwrap();
        control.get_or_insert(decided.id);
    }
}

#[tokio::test]
async fn every_table_answers_as_of_two_times() {
    for home in both().await {
        let ledger = home.open().await;
        fill(&ledger).await;
        let (then, now) = (AsOf::at(T0), AsOf::at(T0 + 2 * DAY));
        let one = |row: &[&str]| vec![row.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>()];
        assert_eq!(rows(&ledger, "entities", &["kind", "entity"], &[], &now).await, one(&["service", "cart"]));
        assert_eq!(
            rows(&ledger, "relations", &["from_entity", "kind", "to_entity"], &[("kind", "runs")], &now).await,
            one(&["cart", "runs", "cart"])
        );
        assert_eq!(rows(&ledger, "findings", &["rule", "entity"], &[], &now).await, one(&["B", "cart"]), "A is fixed");
        assert_eq!(rows(&ledger, "findings", &["rule"], &[], &then).await.len(), 2);
        assert_eq!(
            rows(&ledger, "owners", &["entity", "owner", "origin"], &[], &now).await,
            one(&["cart", "shop", "ci"])
        );
        assert_eq!(rows(&ledger, "changes", &["version", "environment"], &[], &now).await, one(&["1.4", "-"]));
        assert_eq!(rows(&ledger, "decisions", &["kind"], &[], &now).await.len(), DECIDED.len());
        for (kind, table) in DECIDED {
            assert_eq!(rows(&ledger, table, &["kind", "entity"], &[], &now).await, one(&[kind, "cart"]));
        }
        // Nothing of this was known before the first of it was written.
        let before = AsOf::at(T0 + 2 * DAY).known(T0 - 1);
        for table in TABLES {
            assert_eq!(rows(&ledger, table.name, &[], &[], &before).await.len(), 0, "{}", table.name);
            let all: Vec<usize> = (0..table.columns.len()).collect();
            let scan = Scan { columns: all, equal: Vec::new(), as_of: now.clone(), limit: Some(1), bytes: 1 << 20 };
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
        assert_eq!(rows(&ledger, "entities", &["entity"], &[], &AsOf::at(T0 + DAY)).await.len(), 0);
        assert_eq!(rows(&ledger, "entities", &["entity"], &[], &AsOf::at(T0 + DAY - 1)).await.len(), 1);
        assert_eq!(rows(&ledger, "observations", &["id"], &[], &AsOf::at(T0 + DAY)).await.len(), 7);
    }
}

#[tokio::test]
async fn what_several_sources_say_of_one_thing_is_one_object() {
    for home in both().await {
        let ledger = home.open().await;
        for (origin, said) in
            [("telemetry", r#"{"os": "linux", "owner": "a"}"#), ("agent", r#"{"kernel": "6", "owner": "b"}"#)]
        {
            let mut facts = Facts::new(origin, "default");
            facts.seen(entity("host:web-1"), T0, serde_json::from_str(said).unwrap());
            ledger.record(&facts, T0).await.unwrap();
        }
        let said = rows(&ledger, "entities", &["attributes"], &[], &AsOf::at(T0)).await;
        let said: serde_json::Value = serde_json::from_str(&said[0][0]).unwrap();
        assert_eq!(
            said,
            serde_json::json!({"os": "linux", "kernel": "6", "owner": "b"}),
            "the agent's word counts more"
        );
    }
}

#[tokio::test]
async fn no_table_shows_what_is_of_another_dataset() {
    for home in both().await {
        let ledger = home.open().await;
        for dataset in ["web", "pay"] {
            let mut facts = Facts::new("ci", dataset);
            let here = entity(&format!("service:{dataset}"));
            facts.seen(here.clone(), T0, Map::new());
            facts.seen(entity("host:shared"), T0, Map::new());
            facts.related(here.clone(), "owned_by", entity("team:a"), T0);
            facts.related(here.clone(), "runs_on", entity("host:shared"), T0);
            facts.findings.push(Finding {
                // The same weakness of the same thing, told in both.
                entity: Some(entity("host:shared")),
                rule: "R".to_owned(),
                fingerprint: "same".to_owned(),
                severity: "low".to_owned(),
                title: format!("told in {dataset}"),
                place: "p".to_owned(),
                at: T0,
                ended: false,
                evidence: Map::new(),
            });
            facts.changes.push(Change {
                key: "same".to_owned(),
                kind: "deployment".to_owned(),
                entity: here.clone(),
                at: T0,
                environment: None,
                version: None,
                attributes: Map::new(),
            });
            ledger.record(&facts, T0).await.unwrap();
            let mut scan = Report::new(here.clone(), "lint", T0);
            dataset.clone_into(&mut scan.dataset);
            ledger.scanned(&scan, T0).await.unwrap();
            decide_all(&ledger, dataset, T0).await;
        }
        for table in TABLES.iter().filter(|table| table.name != "audit") {
            let columns: Vec<&str> = table.columns.iter().map(|column| column.0).collect();
            let seen = async |as_of: AsOf| rows(&ledger, table.name, &columns, &[], &as_of).await;
            let all = seen(AsOf::at(T0 + DAY)).await;
            let web = seen(AsOf::at(T0 + DAY).within(Datasets::only(["web"]))).await;
            assert!(!web.is_empty() && web.len() < all.len(), "{}: {} of {}", table.name, web.len(), all.len());
            assert!(!web.iter().flatten().any(|cell| cell.contains("pay")), "{}: {web:?}", table.name);
            assert!(seen(AsOf::at(T0 + DAY).within(Datasets::only(Vec::<String>::new()))).await.is_empty());
        }
        let suspects = async |names: &[&str]| {
            let moment = AsOf::at(T0 + DAY / 24).within(Datasets::only(names.to_vec()));
            ledger.suspects(&entity("service:pay"), &moment).await.unwrap().len()
        };
        assert_eq!((suspects(&["pay"]).await, suspects(&["web"]).await), (1, 0));
    }
}

#[test]
fn no_table_has_a_column_of_persons() {
    let persons = ["person", "assignee", "author", "user", "login", "email", "committer", "by", "who"];
    for table in TABLES {
        for (column, ..) in table.columns {
            let words = column.split('_').any(|word| persons.contains(&word.trim_end_matches('s')));
            assert!(!words, "{}.{column} is about persons", table.name);
        }
    }
    assert!(TABLES.len() > 12);
}
