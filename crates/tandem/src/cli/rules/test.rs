//! `tandem rules test`.

use super::{Needs, Output, count, pack, place_json, said_no, scanning, stories};
use crate::failure::Outcome;
use crate::output;
use clap::Args;
use detect::pages;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Run the cases of pages.
#[derive(Args)]
pub struct Test {
    /// A folder of rules with their pages, or one file: of detection, or of the scanner [default: those of detection that are
    /// built in].
    dir: Option<PathBuf>,
    #[command(flatten)]
    needs: Needs,
    #[command(flatten)]
    output: Output,
}

impl Test {
    /// Runs them and tells what is not as it should be.
    pub fn run(self) -> Outcome {
        if let Some(dir) = scanning::has_rules(self.dir.as_deref()) {
            return scanning::test(dir, &self.output);
        }
        let pack = pack(self.dir.as_deref())?;
        let mut tested = pages::test(&pack, &self.needs.sources()?, &self.needs.options()?);
        tested.cases += tested.stories.len();
        tested.problems.extend(stories::run(&tested.stories)?);
        let bad = tested.problems.len();
        if self.output.json() {
            let problems: Vec<Value> = tested
                .problems
                .iter()
                .map(|problem| json!({"place": place_json(&problem.place), "says": problem.says}))
                .collect();
            let answer = json!({
                "files": tested.files, "rules": tested.rules, "cases": tested.cases, "problems": problems,
            });
            output::print(&format!("{answer}\n"))?;
        } else {
            let mut text: String = tested.problems.iter().map(|problem| format!("{problem}\n")).collect();
            text.push_str(&format!(
                "{}, {}, {} run: {}\n",
                count(tested.files, "file", "files"),
                count(tested.rules, "rule", "rules"),
                count(tested.cases, "case", "cases"),
                if bad == 0 { "all as their pages say".to_owned() } else { count(bad, "problem", "problems") },
            ));
            output::print(&output::plain(&text))?;
        }
        match bad {
            0 => Ok(()),
            _ => Err(said_no(format!("{} in rules or their pages", count(bad, "problem", "problems")))),
        }
    }
}
