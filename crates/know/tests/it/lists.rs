//! What is missing, old or broken.

use crate::support::{DAY, T0};
use know::pages::lists::RuleName;
use know::pages::{ListsAsked, Shelf};
use std::fs;
use std::path::Path;

fn put(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn rules_without_a_runbook_and_pages_past_their_day() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "runbooks/a.md", "---\nrules: [own]\nalerts: [By Name]\nreview_by: 2026-11-20\nowner: shop\n---\n");
    put(dir.path(), "runbooks/b.md", "---\nreview_by: 2026-11-22\n---\n");
    put(dir.path(), "notes/c.md", "---\nrules: [noted]\nreview_by: 2026-01-01\n---\n");
    let rule = |id: &str, title: &str| RuleName { names: names(&[id]), title: title.to_owned() };
    let rules = [
        rule("own", "Own"),
        rule("x", "by name"),
        rule("noted", "Only noted"),
        RuleName {
            names: names(&["322825c1-cccd-47c6-a899-0a1c9726df7d", "linux/sudoers_changed"]),
            title: "Sudo".to_owned(),
        },
    ];
    let lists =
        Shelf::open(vec![dir.path().to_owned()]).lists(&ListsAsked { now: T0, rules: &rules, ..ListsAsked::default() });
    assert_eq!(lists.without_runbook.first, ["Only noted"]);
    let overdue: Vec<&str> = lists.overdue.first.iter().map(|one| one.page.as_str()).collect();
    assert_eq!(overdue, ["notes/c.md", "runbooks/a.md"]);
    assert_eq!((lists.overdue.count, lists.overdue.first[1].owner.as_deref()), (2, Some("shop")));
    let later =
        Shelf::open(vec![dir.path().to_owned()]).lists(&ListsAsked { now: T0 + 2 * DAY, ..ListsAsked::default() });
    assert_eq!(later.overdue.count, 3);
}

#[test]
fn broken_links_and_old_commands_have_their_lines() {
    let dir = tempfile::tempdir().unwrap();
    put(
        dir.path(),
        "runbooks/a.md",
        "---\ntitle: A\n---\n[ok](../notes/b.md#second-one) [ok](https://example.com/x.md) [ok](#here) [ok](/abs.md)\n[gone](../notes/c.md)\n\
         [no heading](../notes/b.md#third)\n[file](../deploy/run.sh) [out](../../other.md)\n\n# Here\n\n```sh\ntandem search 'x | y' | \
         tandem gone\n$ sudo tandem rules lint x # tandem nothing\ntandem rules frob\ntandem --json frob\nkubectl frob\n./deploy/old.sh \
         deploy/there.sh other/x.sh\n```\n\n```python\ntandem gone\n```\n",
    );
    put(dir.path(), "notes/b.md", "# B\n\n## Second, one\n\n[ok](b.md?x=1) [ok](<../runbooks/a.md>)\n");
    let commands = names(&["search", "rules lint", "rules list"]);
    let exists = |path: &str| matches!(path, "deploy" | "deploy/there.sh");
    let asked = ListsAsked { commands: &commands, exists: Some(&exists), ..ListsAsked::default() };
    let lists = Shelf::open(vec![dir.path().to_owned()]).lists(&asked);
    let told = |places: &[know::pages::lists::Place]| -> Vec<(Option<usize>, String)> {
        places.iter().map(|one| (one.line, one.why.split(": ").next().unwrap_or_default().to_owned())).collect()
    };
    let broken: Vec<(Option<usize>, String)> = told(&lists.broken_links.first);
    assert_eq!(
        broken,
        [
            (Some(5), "there is no page `notes/c.md`".to_owned()),
            (Some(6), "`notes/b.md` has no heading `#third`".to_owned()),
            (Some(7), "there is no file `deploy/run.sh`".to_owned()),
        ]
    );
    let own: Vec<_> = lists.stale_commands.first.iter().filter(|one| one.page == "runbooks/a.md").cloned().collect();
    assert_eq!(
        told(&own),
        [
            (Some(12), "`tandem` has no command `gone`".to_owned()),
            (Some(14), "`tandem rules` has no command `frob`".to_owned()),
            (Some(17), "there is no `deploy/old.sh` in the repository".to_owned()),
        ]
    );
}

#[test]
fn a_service_that_hangs_on_one_author_names_nobody() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "runbooks/a.md", "---\nservices: [cart, shop]\n---\n");
    put(dir.path(), "notes/b.md", "---\nservices: [shop]\n---\n");
    put(dir.path(), "notes/c.md", "---\nservices: [unknown]\n---\n");
    let authors = |files: &[&str]| match files {
        [one] if one.ends_with("a.md") => Some(1),
        [_, _] => Some(2),
        _ => None,
    };
    let lists = Shelf::open(vec![dir.path().to_owned()])
        .lists(&ListsAsked { authors: Some(&authors), ..ListsAsked::default() });
    assert_eq!(lists.one_author.count, 1);
    let hangs = &lists.one_author.first[0];
    assert_eq!((hangs.service.as_str(), hangs.pages.as_slice()), ("cart", names(&["runbooks/a.md"]).as_slice()));
    assert!(hangs.why.starts_with("one author"));
}
