//! `tandem rules test`.

use super::{Output, SourcesChoice, count, pack, place_json, said_no};
use crate::failure::Outcome;
use crate::output;
use clap::Args;
use detect::pages;
use detect::sigma::Options;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Run the cases of pages.
#[derive(Args)]
pub struct Test {
    /// A folder of rules with their pages, or one file [default: the rules that are built in].
    dir: Option<PathBuf>,
    #[command(flatten)]
    sources: SourcesChoice,
    #[command(flatten)]
    output: Output,
}

impl Test {
    /// Runs them and tells what is not as it should be.
    pub fn run(self) -> Outcome {
        let pack = pack(self.dir.as_deref())?;
        let tested = pages::test(&pack, &self.sources.load()?, &Options::default());
        let bad = tested.problems.len();
        if self.output.json() {
            let problems: Vec<Value> = tested
                .problems
                .iter()
                .map(|problem| json!({"place": place_json(&problem.place), "says": problem.says}))
                .collect();
            let answer = json!({
                "files": tested.files, "rules": tested.rules, "cases": tested.cases,
                "not_run": tested.stories.len(), "problems": problems,
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
            if !tested.stories.is_empty() {
                let left = count(tested.stories.len(), "case", "cases");
                text.push_str(&format!("{left} of operational rules need a store and were not run\n"));
            }
            output::print(&output::plain(&text))?;
        }
        match bad {
            0 => Ok(()),
            _ => Err(said_no(format!("{} in rules or their pages", count(bad, "problem", "problems")))),
        }
    }
}
