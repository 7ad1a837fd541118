use super::{Case, Check, Checks, File};
use crate::decide::decide;
use crate::facts::Facts;
use crate::policies::Policies;
use model::{Answer, Asked, Question};
use std::collections::BTreeSet;
use std::path::Path;

/// What one check says of a case, alone.
fn said(check: &str, text: &str, case: &Case) -> (String, String) {
    let file = File { path: check.to_owned(), text: text.to_owned().into() };
    let checks = Checks::of(vec![file]);
    let verdict = decide(&checks, &Policies::default(), &case.asked, &case.facts, &[], &[], case.now);
    let kind = match verdict.answer {
        Answer::NotYet => "speaks",
        Answer::Ready => "quiet",
        Answer::Undecided => "undecided",
    };
    let said = verdict.reasons.first();
    let text = said.map(|reason| format!("{} {}", reason.text, reason.fix)).unwrap_or_default();
    (kind.to_owned(), text)
}

#[test]
fn every_page_proves_its_check() {
    let checks = Checks::builtin();
    assert_eq!(checks.broken(), []);
    assert!(checks.iter().count() >= 14);
    let mut problems = Vec::new();
    for check in checks.iter() {
        let page = checks.pages().iter().find(|page| page.stem() == check.file.trim_end_matches(".yml"));
        let page = page.unwrap_or_else(|| panic!("{} has no page", check.file));
        let parsed = super::Page::parse(&page.path, &page.text).unwrap_or_else(|error| panic!("{error}"));
        if parsed.title != check.title {
            problems.push(format!("{}:1: the title is `{}` in the check", page.path, check.title));
        }
        if !check.file.ends_with(&format!("/{}.yml", check.id)) {
            problems.push(format!("{}: the file is named after the check `{}`", check.file, check.id));
        }
        for kind in ["speaks", "quiet"] {
            if parsed.cases.iter().filter(|case| case.kind == kind).count() < 2 {
                problems.push(format!("{}: at least two cases `{kind}` are needed", page.path));
            }
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(&check.file);
        let text = std::fs::read_to_string(path).unwrap();
        for case in &parsed.cases {
            let (kind, text) = said(&check.file, &text, case);
            let place = format!("{}:{}", page.path, case.line);
            if kind != case.kind {
                problems.push(format!("{place}: it is `{kind}` in `{}`: {text}", case.says));
            }
            if let Some(part) = case.text.as_ref().filter(|part| !text.contains(part.as_str())) {
                problems.push(format!("{place}: it says `{text}`, which has no `{part}`"));
            }
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    assert!(checks.page("no-owner").is_some());
}

/// Names of the controls that are built in.
fn controls() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../knowledge/controls");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let pages = entries.filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    pages.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).filter(|name| name != "README").collect()
}

#[test]
fn every_check_has_its_control_and_the_control_names_it() {
    let known = controls();
    for name in ["lockdown", "own-policies", "suppressions"] {
        assert!(known.contains(name), "{name}");
    }
    for check in Checks::builtin().iter() {
        assert!(known.contains(&check.control), "{}: there is no control `{}`", check.file, check.control);
        let path = format!("{}/../../knowledge/controls/{}.md", env!("CARGO_MANIFEST_DIR"), check.control);
        let text = std::fs::read_to_string(&path).unwrap();
        let yaml = super::parse(&path, text.split("---\n").nth(1).unwrap()).unwrap();
        let list = yaml.documents().next().unwrap().get("checks").unwrap();
        let listed = list.items().any(|item| item.text() == Some(&check.id));
        assert!(listed, "{path} does not list the check `{}`", check.id);
    }
}

/// All `id:` of rules and detectors below a folder; of a rule without one, its stem.
fn rule_ids(folder: &Path, out: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rule_ids(&path, out);
        } else if path.extension().is_some_and(|ending| ending == "yml") {
            let text = std::fs::read_to_string(&path).unwrap();
            let before = out.len();
            for line in text.lines() {
                if let Some(id) = line.strip_prefix("id: ").or(line.strip_prefix("  - id: ")) {
                    out.insert(id.trim().to_owned());
                }
            }
            if out.len() == before {
                out.insert(path.file_stem().unwrap().to_string_lossy().into_owned());
            }
        }
    }
}

#[test]
fn every_rule_has_a_control() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut ids = BTreeSet::new();
    for folder in ["rules/scan", "rules/detect"] {
        rule_ids(&root.join(folder), &mut ids);
    }
    assert!(ids.len() > 500, "{}", ids.len());
    let mut patterns: Vec<(String, String)> = Vec::new();
    for name in controls() {
        let path = root.join(format!("knowledge/controls/{name}.md"));
        let text = std::fs::read_to_string(&path).unwrap();
        let yaml = super::parse(&name, text.split("---\n").nth(1).unwrap()).unwrap();
        let front = yaml.documents().next().unwrap();
        for needed in ["title", "owner", "threat", "protects", "mode", "review_by"] {
            assert!(front.get(needed).is_some(), "{name}: no {needed}");
        }
        assert_eq!(front.get("mode").unwrap().text(), Some("observe"), "{name}: everything begins by observing");
        let rules = front.get("rules").into_iter().flat_map(yaml::Node::items);
        patterns.extend(rules.map(|rule| (rule.text().unwrap().to_owned(), name.clone())));
    }
    let fits = |(pattern, _): &&(String, String), id: &str| model::control::fits(pattern, id);
    for id in &ids {
        // Of several patterns the longest counts, so there must be one.
        let fitting: Vec<_> = patterns.iter().filter(|pattern| fits(pattern, id)).collect();
        let longest = fitting.iter().map(|(pattern, _)| pattern.len()).max();
        let longest = longest.unwrap_or_else(|| panic!("no control stands behind the rule {id}"));
        let controls: BTreeSet<_> =
            fitting.iter().filter(|(pattern, _)| pattern.len() == longest).map(|(_, control)| control).collect();
        assert_eq!(controls.len(), 1, "{id}: {fitting:?}");
    }
    let dead: Vec<_> = patterns.iter().filter(|pattern| !ids.iter().any(|id| fits(pattern, id))).collect();
    assert!(dead.is_empty(), "no rule fits {dead:?}");
}

const GOOD: &str = "id: a\ntitle: T\ncontrol: c\nasks: [release]\nspeaks: {fact: known, is: false}\ntext: t\nfix: f\n";

#[test]
fn a_wrong_check_is_refused_with_its_place() {
    assert!(Check::read("a.yml", GOOD).is_ok());
    let large = format!("{GOOD}# {}", "x".repeat(300_000));
    for (from, to, says) in [
        ("title: T\n", "", "a.yml:1:1: a check needs `title`"),
        ("id: a", "id: A b", "a.yml:1:5: `id` is a name of small letters"),
        ("asks: [release]", "asks: [destroy]", "a.yml:4:8: a check is asked about"),
        ("asks: [release]", "asks: []", "`asks` is a list"),
        ("fix: f", "fix: f\ngrows: {factor: 3}", "only what asks `scale` alone"),
        ("asks: [release]", "asks: [scale]\ngrows: {factor: 1}", "with N above 1"),
        ("asks: [release]", "asks: [scale]\ngrows: {}", "`grows` has a `factor`"),
        ("fix: f", "fix: f\nfacts: [owner.count]", "`owner.count` is no list of ids"),
        ("text: t", "text: '{knwn}'", "a.yml:6:7: there is no fact `knwn`"),
        ("text: t", "text: 'a { b'", "never closed"),
        ("fix: f", "fix: f\nmode: enforce", "a.yml:8:1: a check has no `mode`"),
        ("fix: f", "fix: f\nid: b", "a.yml:8:1: `id` is there twice"),
        ("fix: f", "fix: f\nenvironments: production", "`environments` is a list"),
        ("fix: f", "fix: f\n---\nid: b", "a file has one check"),
        ("fix: f", "fix: [", "a.yml:"),
        ("id: a", "- a", "a.yml:"),
        (GOOD, &large, "at most 256 KiB"),
        (GOOD, "", "a check is a map"),
    ] {
        let error = Check::read("a.yml", &GOOD.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.contains(says), "{to}: {error}");
    }
}

#[test]
fn a_folder_with_a_broken_check_leads_to_undecided_and_not_to_ready() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("good.yml"), GOOD).unwrap();
    std::fs::write(folder.path().join("twice.yml"), GOOD).unwrap();
    std::fs::write(folder.path().join("broken.yml"), "id: b\n").unwrap();
    std::fs::write(folder.path().join("README.md"), "for people").unwrap();
    let checks = Checks::read(folder.path()).unwrap();
    assert_eq!((checks.iter().count(), checks.broken().len(), checks.pages().len()), (1, 2, 0));
    let asked = Asked {
        question: Question::Release,
        service: "s".to_owned(),
        environment: None,
        version: None,
        from: None,
        to: None,
        defence: None,
    };
    let facts = Facts { known: Some(true), ..Facts::default() };
    let verdict = decide(&checks, &Policies::default(), &asked, &facts, &[], &[], 0);
    assert_eq!((verdict.answer, verdict.stopped, verdict.reasons.len()), (Answer::Undecided, false, 2));
    assert!(verdict.reasons[0].text.contains("broken.yml:1:1: a check needs"), "{:?}", verdict.reasons);
    let mut all = Checks::builtin();
    let before = all.digest().to_owned();
    all.extend(checks);
    assert!(all.get("a").is_some() && all.get("no-owner").is_some() && all.digest() != before);
}
