//! `tandem rules test` and `lint` for rules of the scanner.

use super::{Output, count, said_no};
use crate::failure::{Outcome, wrong_use};
use crate::output;
use anyhow::Context as _;
use scan::pack::Pack;
use scan::pages::{self, Problem};
use serde_json::{Value, json};
use std::path::Path;

/// Whether a folder has rules of the scanner.
pub(super) fn has_rules(dir: Option<&Path>) -> Option<&Path> {
    dir.filter(|dir| pages::has_rules(dir))
}

/// Runs their pages, and Rego's own tests.
pub(super) fn test(dir: &Path, output: &Output) -> Outcome {
    let tested =
        pages::test_folder(dir).with_context(|| format!("cannot read {}", dir.display())).map_err(wrong_use)?;
    let bad = tested.problems.len();
    if output.json() {
        let rules = tested.by_rule.iter();
        let rules: Vec<Value> =
            rules.map(|one| json!({"rule": &*one.rule, "cases": one.cases, "problems": one.problems})).collect();
        let answer = json!({"rules": rules, "cases": tested.cases, "problems": list(&tested.problems)});
        output::print(&format!("{answer}\n"))?;
    } else {
        let mut text: String = tested.problems.iter().map(|problem| format!("{problem}\n")).collect();
        let said = if bad == 0 { "all as their pages say".to_owned() } else { count(bad, "problem", "problems") };
        let (rules, cases) = (count(tested.rules, "rule", "rules"), count(tested.cases, "case", "cases"));
        text.push_str(&format!("{rules}, {cases} run: {said}\n"));
        output::print(&output::plain(&text))?;
    }
    match bad {
        0 => Ok(()),
        _ => Err(said_no(format!("{} in rules or their pages", count(bad, "problem", "problems")))),
    }
}

/// Says which cannot be used, and what is odd.
pub(super) fn lint(dir: &Path, strict: bool, output: &Output) -> Outcome {
    let pack = Pack::read(dir).with_context(|| format!("cannot read {}", dir.display())).map_err(wrong_use)?;
    let (errors, odd) = pages::lint(&pack);
    if output.json() {
        output::print(&format!("{}\n", json!({"errors": list(&errors), "odd": list(&odd)})))?;
    } else {
        let mut text = String::new();
        for (all, kind) in [(&errors, "error"), (&odd, "odd")] {
            for problem in all {
                let (file, place) = (&problem.file, problem.place);
                text.push_str(&format!("{file}:{}:{}: {kind}: {}\n", place.line, place.column, problem.says));
            }
        }
        text.push_str(&format!("{}, {} odd\n", count(errors.len(), "error", "errors"), odd.len()));
        output::print(&output::plain(&text))?;
    }
    match (errors.len(), odd.len()) {
        (0, 0) => Ok(()),
        (0, _) if !strict => Ok(()),
        (errors, odd) => Err(said_no(format!("{}, {odd} odd", count(errors, "error", "errors")))),
    }
}

fn list(problems: &[Problem]) -> Vec<Value> {
    let one = |problem: &Problem| {
        let place = problem.place;
        json!({"file": &*problem.file, "line": place.line, "column": place.column, "says": problem.says})
    };
    problems.iter().map(one).collect()
}
