//! Packages in Rego: what `deny`, `violation` and `warn` say of the facts, and what `undecided` says cannot be said.
//!
//! `read.rs` makes packages of files; they are compiled, asked and bounded by the crate `rego`. `input` is the document of
//! [`crate::facts`] with `asked` and `today` (the day, as text) in it. A package that cannot be read, and a rule that fails, make every
//! verdict undecided: they are never passed over.

mod read;
#[cfg(test)]
mod tests;

use crate::check::{CheckError, File, read_folder, refuse};
use crate::decide::{Reasons, Said};
use crate::limits::{MAX_CITED, MAX_REGO_RESULTS};
use model::{Answer, Mode};
use read::{Package, Rule};
use rego::{NO_STACK, Value};
use std::io;
use std::path::Path;

/// Policies that users bring.
#[derive(Debug, Default)]
pub struct Policies {
    packages: Vec<Package>,
    broken: Vec<CheckError>,
    digest: String,
}

impl Policies {
    /// Policies out of files: `.rego`, with `.json`, `.yml` and `.yaml` beside them as `data`. Files of tests (`_test.rego`) are left out.
    pub fn of(files: &[File]) -> Policies {
        let none = || Policies { broken: vec![refuse("", (1, 1), NO_STACK)], ..Policies::default() };
        if files.is_empty() { Policies::default() } else { rego::with_stack(|| read::read(files)).unwrap_or_else(none) }
    }

    /// Reads a folder. Links are not followed.
    ///
    /// # Errors
    /// When something cannot be read, is no text, or is too much.
    pub fn read(folder: &Path) -> io::Result<Policies> {
        Ok(Policies::of(&read_folder(folder, &["rego", "json", "yml", "yaml"])?))
    }

    /// Takes in those of another folder.
    pub fn extend(&mut self, other: Policies) {
        self.digest = if self.is_empty() { other.digest } else { format!("{}+{}", self.digest, other.digest) };
        self.packages.extend(other.packages);
        self.broken.extend(other.broken);
    }

    /// Whether there is nothing to ask, and nothing that could not be read.
    pub fn is_empty(&self) -> bool {
        self.packages.is_empty() && self.broken.is_empty()
    }

    /// The rules that are asked, as `package.rule`, with the controls that they name.
    pub fn rules(&self) -> impl Iterator<Item = (String, Option<&str>)> {
        self.packages.iter().flat_map(|package| {
            let named = move |rule: &'_ Rule| format!("{}.{}", package.package.name(), rule.name);
            package.rules.iter().map(move |rule| (named(rule), rule.control.as_deref()))
        })
    }

    /// Why others cannot be asked.
    pub fn broken(&self) -> &[CheckError] {
        &self.broken
    }

    /// Another text whenever a policy is another.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Asks every rule.
    pub(crate) fn ask(
        &self,
        document: &serde_json::Value,
        today: &str,
        reasons: &mut Reasons<'_>,
        passed: &mut Vec<String>,
    ) {
        if self.packages.is_empty() {
            return;
        }
        let mut input = document.clone();
        if let Some(members) = input.as_object_mut() {
            members.insert("today".to_owned(), today.into());
        }
        let results = rego::with_stack(|| self.results(&Value::from(input)));
        let mut results = results.into_iter().flatten();
        for (package, rule) in
            self.packages.iter().flat_map(|package| package.rules.iter().map(move |rule| (package, rule)))
        {
            let check = format!("{}.{}", package.package.name(), rule.name);
            match results.next().unwrap_or_else(|| Err(NO_STACK.to_owned())) {
                Ok((_, 0)) => passed.push(check),
                Ok((shown, count)) => speaks(&check, rule, &shown, count, reasons),
                Err(why) => {
                    let text = format!("the policy failed, so nothing is known by it: {why}");
                    reasons.add(said(&check, rule, Answer::Undecided, text, "mend the policy"));
                }
            }
        }
    }

    /// What each rule results in, in their order: the first results, and how many there are; or why it failed.
    fn results(&self, input: &Value) -> Vec<Result<(Vec<serde_json::Value>, usize), String>> {
        let mut out = Vec::new();
        for Package { package, rules } in &self.packages {
            let mut package = package.clone();
            package.set_input(input.clone());
            for rule in rules {
                let value = package.ask(&rule.name, &rule.file);
                out.push(value.map(|value| rego::results(&value, MAX_REGO_RESULTS)).map_err(|fault| fault.to_string()));
            }
        }
        out
    }
}

fn said(check: &str, rule: &Rule, answer: Answer, text: String, fix: &str) -> Said {
    Said {
        check: check.to_owned(),
        answer,
        text,
        fix: fix.to_owned(),
        control: rule.control.clone(),
        at_most: rule.name.starts_with("warn").then_some(Mode::Warn),
        facts: Vec::new(),
    }
}

fn speaks(check: &str, rule: &Rule, results: &[serde_json::Value], count: usize, reasons: &mut Reasons<'_>) {
    let answer = if rule.name.starts_with("undecided") { Answer::Undecided } else { Answer::NotYet };
    for result in results {
        let member = |names: [&str; 2]| names.iter().find_map(|name| result.get(name)?.as_str());
        let text = result.as_str().or_else(|| member(["msg", "message"])).unwrap_or(&rule.title);
        let fix = member(["fix", "remediation"]).unwrap_or("see the policy, or ask whose it is");
        let ids = result.get("facts").and_then(serde_json::Value::as_array);
        let facts = ids.into_iter().flatten().filter_map(serde_json::Value::as_i64).take(MAX_CITED).collect();
        reasons.add(Said { facts, ..said(check, rule, answer, text.to_owned(), fix) });
    }
    if let Some(more @ 1..) = count.checked_sub(results.len()) {
        let text = format!("{more} more results of this policy are not shown");
        reasons.add(said(check, rule, answer, text, "see those above"));
    }
}
