//! Packages in Rego: what `deny`, `violation` and `warn` say of the facts, and what `undecided` says cannot be said.
//!
//! | file | holds |
//! |---|---|
//! | `read.rs` | files to packages: what they define, need and say of themselves |
//! | `steps.rs` | the clock of the interpreter: it counts steps |
//!
//! `input` is the document of [`crate::facts`] with `asked` and `today` (the day, as text) in it. Each package is compiled alone with
//! those it names, so that a broken one harms no other. There is no network, no clock and no chance in it. A package that cannot
//! be read, and a rule that fails, make every verdict undecided: they are never passed over.

mod read;
mod steps;
#[cfg(test)]
mod tests;

use crate::check::{CheckError, File, read_folder};
use crate::decide::{Reasons, Said};
use crate::limits::{MAX_CITED, MAX_REGO_RESULTS};
use model::{Answer, Mode};
use read::{Package, Rule, guarded};
use regorus::{Engine, Value};
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
        read::read(files)
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
            let named = move |rule: &'_ Rule| format!("{}.{}", package.name, rule.name);
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
        let input = Value::from(input);
        for package in &self.packages {
            let mut engine = package.engine.clone();
            engine.set_input(input.clone());
            for rule in &package.rules {
                let before = reasons.count();
                ask(&mut engine, package, rule, reasons);
                if reasons.count() == before {
                    passed.push(format!("{}.{}", package.name, rule.name));
                }
                // What is printed is nobody's.
                drop(engine.take_prints());
            }
        }
    }
}

fn ask(engine: &mut Engine, package: &Package, rule: &Rule, reasons: &mut Reasons<'_>) {
    let check = format!("{}.{}", package.name, rule.name);
    let path = format!("data.{check}");
    let said = |answer: Answer, text: String, fix: String| Said {
        check: check.clone(),
        answer,
        text,
        fix,
        control: rule.control.clone(),
        at_most: rule.name.starts_with("warn").then_some(Mode::Warn),
        facts: Vec::new(),
    };
    let value = match guarded(&rule.file, || engine.eval_rule(path)) {
        Ok(value) => value,
        Err(error) => {
            let text = format!("the policy failed, so nothing is known by it: {error}");
            return reasons.add(said(Answer::Undecided, text, "mend the policy".to_owned()));
        }
    };
    let results = results(value);
    let undecided = rule.name.starts_with("undecided");
    for result in results.iter().take(MAX_REGO_RESULTS) {
        let member = |names: [&str; 2]| names.iter().find_map(|name| result.get(name)?.as_str());
        let text = result.as_str().or_else(|| member(["msg", "message"])).unwrap_or(&rule.title);
        let fix = member(["fix", "remediation"]).unwrap_or("see the policy, or ask whose it is");
        let answer = if undecided { Answer::Undecided } else { Answer::NotYet };
        let ids = result.get("facts").and_then(serde_json::Value::as_array);
        let facts = ids.into_iter().flatten().filter_map(serde_json::Value::as_i64).take(MAX_CITED).collect();
        reasons.add(Said { facts, ..said(answer, text.to_owned(), fix.to_owned()) });
    }
    if let Some(more @ 1..) = results.len().checked_sub(MAX_REGO_RESULTS) {
        let answer = if undecided { Answer::Undecided } else { Answer::NotYet };
        reasons.add(said(
            answer,
            format!("{more} more results of this policy are not shown"),
            "see those above".to_owned(),
        ));
    }
}

/// What a rule results in: the members of a set or list, the values of an object, or what is itself a result.
fn results(value: Value) -> Vec<serde_json::Value> {
    let json = |value: &Value| serde_json::to_value(value).unwrap_or(serde_json::Value::Bool(true));
    match value {
        Value::Set(values) => values.iter().map(json).collect(),
        Value::Array(values) => values.iter().map(json).collect(),
        Value::Undefined | Value::Null | Value::Bool(false) => Vec::new(),
        // A partial object: each value is a result, and a text is the key of one.
        Value::Object(members) if !members.contains_key(&Value::from("msg")) => members
            .iter()
            .map(|(key, value)| json(if matches!(value, Value::Bool(true)) { key } else { value }))
            .collect(),
        other => vec![json(&other)],
    }
}
