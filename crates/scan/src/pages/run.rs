//! Pages run: each case must do what its heading says.

use super::{Case, Page, Problem};
use crate::finding::Finding;
use crate::pack::Pack;
use crate::policies::{checkov, rego};
use crate::rules::{Finds, Rule, RuleError};
use crate::text::{Place, Text};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// What running pages said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tested {
    /// Rules that could be used.
    pub rules: usize,
    /// Cases that were run.
    pub cases: usize,
    /// Everything that is not as it should be.
    pub problems: Vec<Problem>,
    /// The same by rule; a file that is no rule is none of them.
    pub by_rule: Vec<RuleTested>,
}

/// What running the page of one rule said.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleTested {
    /// The rule.
    pub rule: Arc<str>,
    /// Cases that were run.
    pub cases: usize,
    /// Problems of the rule and its page.
    pub problems: usize,
}

/// Tests the rules of a folder: those in our form by their pages, Rego by its own tests, too.
///
/// # Errors
/// When the folder cannot be read.
pub fn test_folder(path: &Path) -> io::Result<Tested> {
    Ok(test(&Pack::read(path)?, &crate::families::findings))
}

/// Whether a folder, or a file, has rules of this scanner: by what they say, whatever else is in it.
pub fn has_rules(path: &Path) -> bool {
    let Ok(pack) = Pack::read(path) else { return false };
    let of_ours = |text: &str| {
        let has = |member: &str| text.lines().any(|line| line.starts_with(member));
        checkov::is(text) || has("about:") && (has("fails:") || has("check:"))
    };
    !pack.rego.is_empty() || pack.rules.iter().any(|file| of_ours(&file.text))
}

/// Why rules cannot be used, and what is odd about others, without running anything.
pub fn lint(pack: &Pack) -> (Vec<Problem>, Vec<Problem>) {
    let (rules, errors) = pack.load();
    let mut odd: Vec<Problem> = Vec::new();
    for rule in &rules {
        odd.extend(crate::policies::remarks(std::slice::from_ref(rule)).into_iter().map(|says| top(&rule.file, says)));
        if needs_page(rule) && pack.page_of(&rule.file).is_none() {
            odd.push(top(&rule.file, NO_PAGE.to_owned()));
        }
    }
    let mut errors: Vec<Problem> = errors.into_iter().map(refused).collect();
    errors.extend(twice(&rules));
    (errors, odd)
}

const NO_PAGE: &str = "there is no page: write one beside it, with the same name and the ending .md";

/// Policies in other tools' forms have none of their own.
fn needs_page(rule: &Rule) -> bool {
    matches!(rule.finds, Finds::Fails(_) | Finds::Check(_))
}

fn refused(error: RuleError) -> Problem {
    let place = Place { line: error.place.0 as u32, column: error.place.1 as u32 };
    Problem { file: error.file, place, says: error.reason }
}

/// Ids that several rules have.
fn twice(rules: &[Rule]) -> Vec<Problem> {
    let mut ids: BTreeMap<&str, &Rule> = BTreeMap::new();
    let mut out = Vec::new();
    for rule in rules {
        if let Some(first) = ids.insert(&rule.id, rule) {
            out.push(top(&rule.file, format!("{} has the id `{}` already", first.file, rule.id)));
        }
    }
    out
}

/// Scans files with one rule: its findings, and why files could not be read.
pub type Scan<'s> = dyn Fn(&Rule, Vec<Text>) -> (Vec<Finding>, Vec<String>) + 's;

/// Tests a pack: each rule has an id of its own and a page, the page is whole, their titles are the same, and each case does
/// what its heading says.
pub fn test(pack: &Pack, scan: &Scan<'_>) -> Tested {
    let mut tested = Tested::default();
    let (rules, errors) = pack.load();
    tested.rules = rules.len();
    tested.problems.extend(errors.into_iter().map(refused));
    tested.problems.extend(twice(&rules));
    for rule in &rules {
        let (cases, problems) = (tested.cases, tested.problems.len());
        page(rule, pack, scan, &mut tested);
        let (cases, problems) = (tested.cases - cases, tested.problems.len() - problems);
        tested.by_rule.push(RuleTested { rule: rule.id.clone(), cases, problems });
    }
    let of_rego = rego::test(&pack.rego, &pack.data);
    tested.cases += of_rego.tests;
    // What cannot be used was told above.
    let told: Vec<Problem> =
        of_rego.errors.into_iter().map(refused).filter(|one| !tested.problems.contains(one)).collect();
    tested.problems.extend(told);
    for page in &pack.pages {
        if !pack.rules.iter().chain(&pack.rego).any(|rule| rule.stem() == page.stem()) {
            let says = format!("there is no rule to this page: {}.yml is missing", page.stem());
            tested.problems.push(top(&page.path, says));
        }
    }
    tested
}

fn page(rule: &Rule, pack: &Pack, scan: &Scan<'_>, tested: &mut Tested) {
    let Some(file) = pack.page_of(&rule.file) else {
        if needs_page(rule) {
            tested.problems.push(top(&rule.file, NO_PAGE.to_owned()));
        }
        return;
    };
    match Page::parse(&file.path, &file.text) {
        // A file of Rego has several rules; its page is about the one of its title.
        Ok(page) if matches!(rule.finds, Finds::Rego(_)) && page.title != *rule.title => {}
        Ok(page) => run(rule, &file.path, &page, scan, tested),
        Err(problems) => tested.problems.extend(problems),
    }
}

fn top(file: &str, says: String) -> Problem {
    Problem { file: file.into(), place: Place { line: 1, column: 1 }, says }
}

fn run(rule: &Rule, file: &str, page: &Page, scan: &Scan<'_>, tested: &mut Tested) {
    let problem = |line: usize, says: String| {
        let place = Place { line: line as u32, column: 1 };
        Problem { file: file.into(), place, says }
    };
    if page.title != *rule.title {
        let says =
            format!("the page's title is {:?} and the rule's {:?}: make them the same", page.title, &*rule.title);
        tested.problems.push(problem(page.line, says));
    }
    for case in &page.cases {
        tested.cases += 1;
        let texts = case.files.iter().map(|(path, text)| Text::new(path.as_str(), text.as_str()));
        let (findings, unread) = scan(rule, texts.collect());
        tested.problems.extend(unread.into_iter().map(|says| problem(case.line, says)));
        if let Some(says) = verdict(rule, case, &findings) {
            tested.problems.push(problem(case.line, says));
        }
    }
}

/// What is wrong with what a case did.
fn verdict(rule: &Rule, case: &Case, findings: &[Finding]) -> Option<String> {
    let own: Vec<&Finding> = findings.iter().filter(|finding| finding.rule == rule.id).collect();
    let places = || {
        let places = own.iter().map(|finding| format!("{}:{}", finding.path, finding.start.line));
        places.collect::<Vec<_>>().join(", ")
    };
    match (case.fires, own.is_empty()) {
        (true, true) => Some(format!("`{}` should fire and stays quiet: {}", rule.id, case.says)),
        (false, false) => Some(format!("`{}` should stay quiet and fires at {}: {}", rule.id, places(), case.says)),
        (false, true) => None,
        (true, false) => {
            let line = case.expected?;
            let first = case.files.first().map_or("", |(path, _)| path.as_str());
            let there = own.iter().any(|finding| &*finding.path == first && finding.start.line == line);
            (!there).then(|| format!("`{}` fires at {} and not in line {line}: {}", rule.id, places(), case.says))
        }
    }
}
