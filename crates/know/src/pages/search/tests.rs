use super::*;
use std::time::Instant;

fn index(documents: &[(&str, &str, &str)]) -> Index {
    let mut index = Index::default();
    for (id, title, text) in documents {
        let document = Document {
            id: (*id).into(),
            kind: "note".into(),
            title: (*title).into(),
            text: (*text).into(),
            ..Document::default()
        };
        index.put(document).unwrap();
    }
    index
}

fn ids(index: &Index, text: &str) -> Vec<String> {
    let asked = Asked { text: text.into(), limit: 10, ..Asked::default() };
    index.search(&asked).into_iter().map(|hit| hit.document.id.clone()).collect()
}

#[test]
fn titles_and_headings_weigh_more() {
    let index = index(&[
        ("text", "Other", "something about a certificate that ends, and much more of other things"),
        ("heading", "Another", "# Certificate ends\n\nsomething about it, and much more of other things to do"),
        ("title", "Certificate ends", "something about it, and much more of other things to do there"),
        ("none", "Nothing", "about anything"),
    ]);
    assert_eq!(ids(&index, "certificate"), ["title", "heading", "text"]);
}

#[test]
fn identifiers_services_and_errors_are_found() {
    let index = index(&[
        ("cve", "A", "fix CVE-2021-23337 in lodash"),
        ("cve2", "B", "fix CVE-2021-23338 in lodash and lodash"),
        ("t", "C", "is T1110.001 of ATT&CK"),
        ("svc", "D", "the payment-api answers slowly"),
        ("svc2", "E", "payment by card; the api of others"),
        ("err", "F", "it says `connection reset by peer` then"),
        ("err2", "G", "the peer did reset, by its connection"),
    ]);
    assert_eq!(ids(&index, "CVE-2021-23337")[0], "cve");
    assert_eq!(ids(&index, "t1110.001"), ["t"]);
    assert_eq!(ids(&index, "T1110"), ["t"]);
    assert_eq!(ids(&index, "payment-api")[0], "svc");
    assert_eq!(ids(&index, "\"payment-api\""), ["svc"]);
    assert_eq!(ids(&index, "connection reset by peer")[0], "err");
    assert_eq!(ids(&index, "\"reset by peer\""), ["err"]);
    assert_eq!(ids(&index, "\"Connection  RESET\" says"), ["err"]);
}

#[test]
fn the_last_word_may_be_unfinished() {
    let index = index(&[("a", "Restoring a database", "x"), ("b", "Something", "the restaurant")]);
    assert_eq!(ids(&index, "resto"), ["a"]);
    assert_eq!(ids(&index, "restored"), ["a"]);
    assert_eq!(ids(&index, "resta"), ["b"]);
    assert_eq!(ids(&index, "database rest").len(), 2);
    assert_eq!(ids(&index, "rest database"), ["a"], "only the last");
    assert!(ids(&index, "zzz").is_empty() && ids(&index, "?!").is_empty());
    assert_eq!(ids(&index, "").len(), 2, "nothing asked lists what is there");
}

#[test]
fn filters_and_datasets_hold() {
    let mut index = Index::default();
    let document = |id: &str, kind: &str| Document {
        id: id.into(),
        kind: kind.into(),
        title: "disk full".into(),
        ..Document::default()
    };
    let services = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    index.put(Document { services: services(&["cart"]), ..document("a", "runbook") }).unwrap();
    index.put(Document { owner: Some("shop".into()), ..document("b", "note") }).unwrap();
    index
        .put(Document {
            entity: EntityRef::new("service", "cart").ok(),
            dataset: Some("d".into()),
            ..document("c", "review")
        })
        .unwrap();
    let found = |asked: Asked| {
        let asked = Asked { text: "disk".into(), limit: 10, ..asked };
        let mut ids: Vec<String> = index.search(&asked).into_iter().map(|hit| hit.document.id.clone()).collect();
        ids.sort();
        ids.concat()
    };
    assert_eq!(found(Asked::default()), "abc");
    assert_eq!(found(Asked { kinds: services(&["note", "review"]), ..Asked::default() }), "bc");
    assert_eq!(found(Asked { services: services(&["cart"]), ..Asked::default() }), "ac");
    assert_eq!(found(Asked { owner: Some("shop".into()), ..Asked::default() }), "b");
    assert_eq!(found(Asked { datasets: Some(services(&["e"])), ..Asked::default() }), "ab");
    assert_eq!(found(Asked { datasets: Some(services(&["d"])), ..Asked::default() }), "abc");
}

#[test]
fn snippets_mark_the_words() {
    let far = "word ".repeat(400);
    let index = index(&[("a", "A", &format!("# H\n\n{far}the **disk** of the shop\nis\u{202e} full of logs. {far}"))]);
    let hit = index.search(&Asked { text: "disks full".into(), limit: 1, ..Asked::default() }).remove(0);
    let marked: Vec<&str> = hit.snippet.marks.iter().map(|mark| &hit.snippet.text[mark.clone()]).collect();
    assert_eq!(marked, ["disk", "full"]);
    assert!(
        hit.snippet.text.starts_with('…') && hit.snippet.text.ends_with('…') && !hit.snippet.text.contains('\u{202e}')
    );
    assert!(hit.snippet.text.chars().count() <= crate::limits::SNIPPET_CHARS + 4, "{}", hit.snippet.text);
}

#[test]
fn documents_come_change_and_go() {
    let mut index = index(&[]);
    // Often enough that the lists are written anew.
    for round in 0..5_000 {
        let text = format!("round{round} all");
        let id = format!("d{}", round % 7);
        index
            .put(Document { id, kind: "note".into(), title: "T".into(), text: text.into(), ..Document::default() })
            .unwrap();
    }
    assert_eq!(index.len(), 7);
    assert!(index.bytes() < 1_000_000, "{}", index.bytes());
    assert_eq!(ids(&index, "all").len(), 7);
    assert_eq!(ids(&index, "round4999 x"), ["d1"]);
    assert!(!ids(&index, "round100 x").contains(&"d2".to_owned()), "what was replaced is not found");
    assert!(index.remove("note", "d1") && !index.remove("note", "d1"));
    assert!(ids(&index, "round4999 x").is_empty());
    assert!(index.get("note", "d2").is_some() && !index.is_empty());
}

#[test]
fn hostile_questions_are_bounded() {
    let text: String = (0..20_000).map(|number| format!("w{number} ")).collect();
    let index = index(&[("a", "A", &text), ("b", "B", "w1")]);
    let began = Instant::now();
    for question in
        ["w".to_owned(), "w ".repeat(100_000), "\"".repeat(100_000), "w1-".repeat(10_000), "é".repeat(9_999)]
    {
        assert!(ids(&index, &question).len() <= 2);
    }
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}
