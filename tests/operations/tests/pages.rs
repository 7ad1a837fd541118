//! Every operational rule that is built in does what its page says, over a real store.

use detect::ops::{OpsRule, Story, parse};
use detect::pages::{Case, Page};
use model::{Alert, Nanos};
use operations::{Kept, alerts};
use std::path::{Path, PathBuf};
use std::{env, fs};
use tokio::task::JoinSet;

/// When every story ends: 2026-11-21T12:00:00Z, a Saturday.
const NOW: Nanos = 1_795_262_400_000_000_000;

/// Files of rules that are tested at the same time: each has a store, which mostly waits for the disk.
const AT_ONCE: usize = 4;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules/detect/operations")
}

/// Files of rules, by name; with `OPERATIONS` set, those alone whose names hold it.
fn files() -> Vec<PathBuf> {
    let only = env::var("OPERATIONS").unwrap_or_default();
    let entries = fs::read_dir(folder()).expect("a folder").map(|entry| entry.expect("an entry").path());
    let is_rule = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "yml");
    let mut files: Vec<PathBuf> =
        entries.filter(is_rule).filter(|path| path.to_string_lossy().contains(&only)).collect();
    files.sort();
    files
}

fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

fn rules(path: &Path) -> Vec<OpsRule> {
    let text = fs::read_to_string(path).expect("reads");
    let (rules, refused) = parse(&name(path), &text);
    assert_eq!(refused, [], "{}", path.display());
    rules
}

fn page(path: &Path) -> Page {
    let path = path.with_extension("md");
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}: a rule needs a page", path.display()));
    Page::parse(&name(&path), &text).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })
}

#[test]
fn there_are_enough_rules_and_each_has_its_own_name_and_page() {
    let mut seen = std::collections::BTreeSet::new();
    for path in files() {
        let (rules, page) = (rules(&path), page(&path));
        assert!(!rules.is_empty(), "{}", path.display());
        assert_eq!(rules[0].meta.title, page.title, "{}", page.place);
        for rule in &rules {
            assert!(seen.insert(rule.meta.id.clone()), "{}: {} is there twice", rule.meta.place, rule.meta.id);
            assert!(!rule.meta.description.is_empty(), "{}: say in description what it sees", rule.meta.place);
            assert!(rule.entity.is_some(), "{}: say what an alert is about: entity", rule.meta.place);
        }
    }
    assert!(env::var_os("OPERATIONS").is_some() || seen.len() >= 18, "{}", seen.len());
}

/// What is told for a case, over all rules of the file.
async fn told(rules: &[OpsRule], case: &Case, kept: Kept) -> Result<Vec<Alert>, String> {
    let rows = case.events.iter().map(|event| (&event.place, &event.object));
    let story = Story::of(rows, NOW)?;
    let mut all = Vec::new();
    for rule in rules {
        let dir = tempfile::tempdir().expect("a folder");
        let told = alerts(rule, &story, dir.path(), kept).await;
        all.extend(told.map_err(|error| format!("{}: {}: {error:#}", case.place, rule.meta.id))?);
    }
    Ok(all)
}

/// What is wrong with the cases of a file.
async fn wrong(path: PathBuf) -> Vec<String> {
    let mut wrong = Vec::new();
    let (rules, page) = (rules(&path), page(&path));
    for (number, case) in page.cases.iter().enumerate() {
        let kept = if number % 2 == 0 { Kept::Memory } else { Kept::Files };
        let told = match told(&rules, case, kept).await {
            Ok(told) => told,
            Err(error) => {
                wrong.push(error);
                continue;
            }
        };
        if case.fires == told.is_empty() {
            let whys: Vec<&str> = told.iter().map(|alert| alert.why.as_str()).collect();
            let kind = if case.fires { "fires" } else { "quiet" };
            wrong.push(format!("{}: {kind} {:?}: {whys:?}", case.place, case.says));
        }
        for alert in &told {
            if !alert.why.bytes().any(|byte| byte.is_ascii_digit()) {
                wrong.push(format!("{}: no numbers: {}", case.place, alert.why));
            }
            if alert.entity.is_none() {
                wrong.push(format!("{}: of nobody: {}", case.place, alert.why));
            }
        }
    }
    wrong
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_case_does_what_it_says() {
    let (mut running, mut found) = (JoinSet::new(), Vec::new());
    for path in files() {
        if running.len() >= AT_ONCE {
            found.extend(running.join_next().await.expect("one runs").expect("ends"));
        }
        running.spawn(wrong(path));
    }
    found.extend(running.join_all().await.into_iter().flatten());
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}
