//! Folders of pages as they are, change and break.

use crate::support::{DAY, T0, entity, ledger};
use know::pages::votes::Helped;
use know::pages::{AlertLike, Asked, Document, Kind, Origin, Shelf, Votes, Why};
use ledger::{AsOf, Person};
use model::Facts;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

fn put(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn shelf(folder: &Path) -> Shelf {
    Shelf::open(vec![folder.to_owned()])
}

fn found(shelf: &Shelf, text: &str) -> Vec<String> {
    let asked = Asked { text: text.into(), limit: 5, ..Asked::default() };
    shelf.search(&asked).into_iter().map(|hit| hit.document.id.clone()).collect()
}

#[test]
fn a_folder_is_read_with_its_kinds() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "runbooks/cart.md", "---\nservices: [cart]\nowner: shop\n---\n# The cart is slow\n\nzebra\n");
    put(dir.path(), "notes/a b.md", "no heading, giraffe\n");
    put(dir.path(), "reviews/2026/x.markdown", "# Learnt\n");
    put(dir.path(), ".git/x.md", "hidden");
    put(dir.path(), "notes/picture.png", [0, 1, 2]);
    let shelf = shelf(dir.path());
    assert_eq!(shelf.problems().first, []);
    assert_eq!(shelf.own_pages(), 3);
    let page = shelf.page("runbooks/cart.md").unwrap();
    assert_eq!(
        (page.kind, page.title.as_str(), page.owner.as_deref()),
        (Kind::Runbook, "The cart is slow", Some("shop"))
    );
    assert_eq!((page.line_of(3), page.origin), (Some(7), Origin::Markdown));
    assert_eq!(shelf.page("notes/a b.md").unwrap().title, "a b");
    assert_eq!(shelf.page("reviews/2026/x.markdown").unwrap().kind, Kind::Review);
    assert_eq!(
        (found(&shelf, "zebra"), found(&shelf, "giraffe")),
        (vec!["runbooks/cart.md".into()], vec!["notes/a b.md".into()])
    );
}

#[test]
fn what_is_broken_is_told_and_the_others_are_read() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "a.md", "# Fine\n");
    put(dir.path(), "front.md", "---\ntitle: [\n---\n# Text stays giraffe\n");
    put(dir.path(), "bytes.md", b"# x\n\nab\xffc\n");
    put(dir.path(), "long.md", "x".repeat(600 << 10));
    put(dir.path(), &format!("{}deep.md", "d/".repeat(30)), "x");
    let outside = tempfile::tempdir().unwrap();
    put(outside.path(), "secret.md", "secret");
    symlink(outside.path().join("secret.md"), dir.path().join("link.md")).unwrap();
    symlink(outside.path(), dir.path().join("folder")).unwrap();
    symlink("a.md", dir.path().join("inner.md")).unwrap();
    symlink(".", dir.path().join("loop")).unwrap();
    let shelf = shelf(dir.path());
    let told: Vec<String> = shelf.problems().first.iter().map(ToString::to_string).collect();
    for (name, part) in [
        ("front.md:", "no YAML"),
        ("bytes.md:3: ", "UTF-8"),
        ("long.md: ", "512 KiB"),
        ("d: ", "24 deep"),
        ("link.md: ", "out of the folder"),
    ] {
        assert!(told.iter().any(|one| one.contains(name) && one.contains(part)), "{name} {part}: {told:?}");
    }
    assert_eq!(told.len(), 5, "{told:?}");
    assert_eq!(shelf.own_pages(), 3, "a, front and the link within the folder");
    assert_eq!(found(&shelf, "giraffe"), ["front.md"]);
    assert!(found(&shelf, "secret").iter().all(|id| !id.contains("link")));

    let none = Shelf::open(vec![dir.path().join("nowhere"), dir.path().to_owned()]);
    assert!(none.problems().first[0].what.contains("cannot be read"));
    assert_eq!(none.own_pages(), 3);
}

#[test]
fn a_reload_takes_what_changed() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "a.md", "# A zebra\n");
    put(dir.path(), "b.md", "# B giraffe\n");
    let shelf = shelf(dir.path());
    shelf
        .put(Document { id: "7".into(), kind: "incident".into(), title: "An okapi".into(), ..Document::default() })
        .unwrap();
    let same = shelf.reload();
    assert!(same.is_empty() && same.read == 0, "{same:?}");
    put(dir.path(), "a.md", "# A okapi\n");
    put(dir.path(), "c.md", "# C zebra\n");
    fs::remove_file(dir.path().join("b.md")).unwrap();
    let told = shelf.reload();
    assert_eq!(
        (told.added, told.changed, told.removed),
        (vec!["c.md".to_owned()], vec!["a.md".to_owned()], vec!["b.md".to_owned()])
    );
    assert_eq!((found(&shelf, "zebra"), found(&shelf, "giraffe")), (vec!["c.md".to_owned()], Vec::<String>::new()));
    let okapi = found(&shelf, "okapi");
    assert!(okapi.len() == 2 && okapi.contains(&"7".to_owned()) && okapi.contains(&"a.md".to_owned()), "{okapi:?}");
    assert!(shelf.forget("incident", "7") && found(&shelf, "okapi") == ["a.md"]);
    assert!(shelf.put(Document { id: "a.md".into(), kind: "x".into(), ..Document::default() }).is_err());

    // In the middle of being written: what was there stays, and it is told.
    put(dir.path(), "a.md", b"# A \xff\n");
    let broken = shelf.reload();
    assert!(broken.is_empty() && shelf.problems().first.len() == 1, "{broken:?}");
    assert_eq!(found(&shelf, "okapi"), ["a.md"]);
    // Nor does a folder that is gone for a while take its pages along.
    let moved = dir.path().with_extension("moved");
    fs::rename(dir.path(), &moved).unwrap();
    assert!(shelf.reload().is_empty() && shelf.problems().first.iter().any(|one| one.what.contains("stays")));
    fs::rename(&moved, dir.path()).unwrap();
}

#[test]
fn own_pages_come_before_others() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    put(first.path(), "runbooks/disk-full.md", "# Our disk\n");
    put(second.path(), "runbooks/disk-full.md", "# Their disk\n");
    let shelf = Shelf::open(vec![first.path().to_owned(), second.path().to_owned()]);
    assert_eq!(shelf.page("runbooks/disk-full.md").unwrap().title, "Our disk");
    assert!(shelf.problems().first[0].what.contains("same name"));
    assert_eq!(shelf.pages().len(), 20, "19 built-in ones are left");
    // Gone again, the built-in one is back.
    for dir in [&first, &second] {
        fs::remove_file(dir.path().join("runbooks/disk-full.md")).unwrap();
    }
    let told = shelf.reload();
    assert_eq!(told.changed, ["runbooks/disk-full.md"]);
    assert_eq!(shelf.page("runbooks/disk-full.md").unwrap().origin, Origin::BuiltIn);
}

#[test]
fn exports_of_wikis_are_pages() {
    let dir = tempfile::tempdir().unwrap();
    put(
        dir.path(),
        "OPS/index.html",
        "<html><body><h2>Available Pages:</h2><a href='Restore-the-shop_12.html'>x</a></body></html>",
    );
    put(
        dir.path(),
        "OPS/Restore-the-shop_12.html",
        "<html><head><title>Operations : Runbook: restore the shop</title></head><body><span class='author'>Ada L</span>\
         <div id=\"main-content\" class=\"wiki-content\"><h1>Steps</h1><p>okapi</p></div></body></html>",
    );
    let id = "0123456789abcdef0123456789abcdef";
    put(
        dir.path(),
        &format!("Notion {id}/Pool is full {id}.md"),
        format!("# Pool is full\n\nCreated by: Ada L\n\nzebra [x](Other%20{id}.md)\n"),
    );
    put(dir.path(), &format!("Notion {id}/Other {id}.md"), "# Other\n");
    let shelf = shelf(dir.path());
    assert_eq!((shelf.own_pages(), shelf.problems().first.len()), (3, 0));
    let page = shelf.page("OPS/Restore-the-shop_12.html").unwrap();
    assert_eq!(
        (page.kind, page.origin, page.title.as_str()),
        (Kind::Runbook, Origin::Confluence, "Runbook: restore the shop")
    );
    let page = shelf.page("Notion/Pool is full.md").unwrap();
    assert_eq!((page.origin, page.title.as_str()), (Origin::Notion, "Pool is full"));
    assert!(shelf.pages().iter().all(|page| !page.markdown.contains("Ada")), "pages name nobody");
    assert_eq!(shelf.lists(&Default::default()).broken_links.first, []);
}

#[test]
fn reasons_have_their_order() {
    let dir = tempfile::tempdir().unwrap();
    let page = |name: &str, front: &str| put(dir.path(), name, format!("---\n{front}\n---\n# Something else\n"));
    page("runbooks/link.md", "owner: a");
    page("runbooks/rule.md", "rules: [own-rule]");
    page("runbooks/name.md", "alerts: [queue of MAILS grows]");
    page("runbooks/exact.md", "techniques: [T1499.002]");
    page("runbooks/part.md", "techniques: [T1499]");
    page("runbooks/service.md", "services: [mailer]");
    page("notes/service.md", "services: [mailer]");
    put(dir.path(), "notes/text.md", "# Mails\n\nThe queue of mails grows when the relay is away.\n");
    let shelf = shelf(dir.path());
    let tags = ["attack.t1499.002".to_owned(), "attack.impact".to_owned()];
    let alert = AlertLike {
        rule: "own-rule",
        title: "Queue of mails grows",
        tags: &tags,
        runbook: Some("https://git.example/ops/blob/main/runbooks/link.md#what-to-do"),
        entity: Some("service:mailer"),
        service: Some("mailer"),
        text: "1,200 mails wait",
    };
    let votes = Votes::default();
    let order: Vec<(String, Why)> =
        shelf.attach(&alert, &votes).into_iter().map(|one| (one.page.id.clone(), one.why)).collect();
    let expected = [
        ("link", Why::Link),
        ("rule", Why::Rule),
        ("name", Why::AlertName),
        ("exact", Why::Technique),
        ("part", Why::Technique),
    ];
    assert_eq!(order, expected.map(|(name, why)| (format!("runbooks/{name}.md"), why)));
    let less = AlertLike { rule: "x", tags: &[], runbook: None, title: "Mails queue", ..alert };
    let order: Vec<(String, Why)> =
        shelf.attach(&less, &votes).into_iter().map(|one| (one.page.id.clone(), one.why)).collect();
    assert_eq!(order[0], ("runbooks/service.md".to_owned(), Why::Service));
    assert!(order[1..].contains(&("notes/text.md".to_owned(), Why::Text)), "{order:?}");
}

#[tokio::test]
async fn what_helped_comes_first_among_equals() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["a", "b"] {
        put(dir.path(), &format!("runbooks/{name}.md"), format!("---\nrules: [own-rule]\n---\n# {name}\n"));
    }
    let shelf = shelf(dir.path());
    let alert = AlertLike { rule: "own-rule", title: "x", ..AlertLike::default() };
    let first = |votes: &Votes| shelf.attach(&alert, votes)[0].page.id.clone();
    assert_eq!(first(&Votes::default()), "runbooks/a.md");

    let (ledger, _dir) = ledger().await;
    let mut facts = Facts::new("test", "default");
    facts.seen(entity("service:shop"), T0, serde_json::Map::new());
    let mut helped =
        Helped { page: "runbooks/b.md", rule: "own-rule", service: Some("shop"), alert: Some(0), dataset: "default" };
    assert!(Helped { page: "", ..helped }.decision(T0).is_err());
    for (number, title) in ["one", "two"].into_iter().enumerate() {
        let mut alert = helped.decision(T0).unwrap();
        (alert.key, alert.kind, alert.cites) = (title.to_owned(), "alert".to_owned(), Vec::new());
        helped.alert = Some(ledger.decide(&alert, &Facts::default(), Person("ada"), T0).await.unwrap().id);
        for again in [false, true] {
            let decision = helped.decision(T0 + number as i64).unwrap();
            let decided = ledger.decide(&decision, &Facts::default(), Person("ada"), T0).await.unwrap();
            assert_eq!(decided.repeated, again);
        }
    }
    let without = Helped { page: "runbooks/a.md", alert: None, ..helped };
    assert_ne!(without.decision(T0).unwrap().key, without.decision(T0 + DAY).unwrap().key, "once a day");
    assert!(without.decision(T0).unwrap().cites.is_empty());
    assert!(Helped { rule: "", ..without }.decision(T0).is_ok() && Helped { rule: "", ..helped }.decision(T0).is_err());
    let votes = Votes::read(&ledger, &AsOf::at(T0 + DAY)).await.unwrap();
    assert_eq!((votes.count("runbooks/b.md", "own-rule"), votes.count("runbooks/b.md", "other")), (2, 0));
    assert_eq!(first(&votes), "runbooks/b.md");
    assert_eq!(first(&Votes::read(&ledger, &AsOf::at(T0 - DAY)).await.unwrap()), "runbooks/a.md");
}
