//! Pages run: each case must do what its heading says.

use super::{Case, Page, Problem};
use crate::finding::Finding;
use crate::pack::Pack;
use crate::rules::Rule;
use crate::text::{Place, Text};
use std::collections::BTreeMap;
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
}

/// Scans files with one rule: its findings, and why files could not be read.
pub type Scan<'s> = dyn Fn(&Rule, Vec<Text>) -> (Vec<Finding>, Vec<String>) + 's;

/// Tests a pack: each rule has an id of its own and a page, the page is whole, their titles are the same, and each case does
/// what its heading says.
pub fn test(pack: &Pack, scan: &Scan<'_>) -> Tested {
    let mut tested = Tested::default();
    let (rules, errors) = pack.load();
    tested.rules = rules.len();
    for error in errors {
        let place = Place { line: error.place.0 as u32, column: error.place.1 as u32 };
        tested.problems.push(Problem { file: error.file, place, says: error.reason });
    }
    let mut ids: BTreeMap<Arc<str>, Arc<str>> = BTreeMap::new();
    for rule in &rules {
        if let Some(first) = ids.insert(rule.id.clone(), rule.file.clone()) {
            tested.problems.push(top(&rule.file, format!("{first} has the id `{}` already", rule.id)));
        }
        let Some(file) = pack.page_of(&rule.file) else {
            let says = "there is no page: write one beside it, with the same name and the ending .md";
            tested.problems.push(top(&rule.file, says.to_owned()));
            continue;
        };
        match Page::parse(&file.path, &file.text) {
            Ok(page) => run(rule, &file.path, &page, scan, &mut tested),
            Err(problems) => tested.problems.extend(problems),
        }
    }
    for page in &pack.pages {
        if !pack.rules.iter().any(|rule| rule.stem() == page.stem()) {
            let says = format!("there is no rule to this page: {}.yml is missing", page.stem());
            tested.problems.push(top(&page.path, says));
        }
    }
    tested
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
