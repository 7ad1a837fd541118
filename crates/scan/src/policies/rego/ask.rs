//! Packages over documents.

use super::input::{Document, documents};
use super::read::guarded;
use super::{Check, Package, place};
use crate::limits::MAX_FINDINGS_A_RULE;
use crate::policies::Answer;
use crate::resource::{FileId, World};
use crate::rules::{Finds, Rule};
use crate::tree::Tree;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use regorus::{Engine, Value};
use std::collections::BTreeMap;

/// What the rules of packages say of every document.
pub fn ask<'r>(rules: &[&'r Rule], world: &World) -> Vec<(&'r Rule, Answer)> {
    let mut packages: BTreeMap<*const Package, Vec<(&'r Rule, &'r Check, GlobSet)>> = BTreeMap::new();
    for rule in rules {
        if let Finds::Rego(check) = &rule.finds {
            let key = std::sync::Arc::as_ptr(&check.package);
            packages.entry(key).or_default().push((rule, check, globs(&check.annotation.files)));
        }
    }
    let mut out = Vec::new();
    if packages.is_empty() {
        return out;
    }
    for (number, file) in world.files.iter().enumerate() {
        let (tree, documents) = documents(file);
        for rules in packages.values() {
            let about = |globs: &GlobSet| globs.is_empty() || globs.is_match(&*file.text.path);
            let rules: Vec<_> = rules.iter().filter(|(_, _, globs)| about(globs)).collect();
            let Some((_, first, _)) = rules.first() else { continue };
            let mut engine = first.package.engine.clone();
            for (at, document) in documents.iter().enumerate() {
                let place = Place { file: FileId(number as u32), tree: &tree, document, at };
                let asked: Vec<_> = rules.iter().map(|(rule, check, _)| (*rule, *check)).collect();
                place.ask(&mut engine, &asked, &mut out);
            }
        }
    }
    out
}

fn globs(files: &[String]) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for glob in files.iter().filter_map(|glob| GlobBuilder::new(glob).build().ok()) {
        set.add(glob);
    }
    set.build().unwrap_or_else(|_| GlobSet::empty())
}

/// A document, and where it is.
struct Place<'a> {
    file: FileId,
    tree: &'a Tree,
    document: &'a Document,
    at: usize,
}

impl Place<'_> {
    fn ask<'r>(&self, engine: &mut Engine, rules: &[(&'r Rule, &Check)], out: &mut Vec<(&'r Rule, Answer)>) {
        let undecided = |rule: &'r Rule, why: &str| (rule, self.answer(self.document.span, why.to_owned(), None));
        let Some(value) = &self.document.value else {
            let why = "not all of it is known, or could be read: policies are not asked about it";
            out.extend(rules.iter().map(|(rule, _)| undecided(rule, why)));
            return;
        };
        engine.set_input(Value::from(value.clone()));
        for (rule, check) in rules {
            match results(engine, check) {
                Some(results) => out.extend(results.iter().map(|result| (*rule, self.found(rule, check, result)))),
                None => out.push(undecided(rule, "the policy could not be evaluated in its number of steps")),
            }
            // What is printed is nobody's.
            drop(engine.take_prints());
        }
    }

    fn answer(&self, span: crate::text::Span, value: String, message: Option<String>) -> Answer {
        Answer { file: self.file, address: self.address(), span, value, message }
    }

    /// What tells documents of one file apart, however many lie before them.
    fn address(&self) -> String {
        let root = self.document.root.map(|root| self.tree.node(root));
        let text = |path: &[&str]| root.and_then(|root| root.at(path)).and_then(|node| node.scalar());
        let parts = [text(&["kind"]), text(&["metadata", "namespace"]), text(&["metadata", "name"])];
        let named: Vec<String> = parts.into_iter().flatten().collect();
        match (named.is_empty(), self.at) {
            (false, _) => named.join("/"),
            (true, 0) => "document".to_owned(),
            (true, at) => format!("document/{at}"),
        }
    }

    fn found(&self, rule: &Rule, check: &Check, result: &serde_json::Value) -> Answer {
        let said = match result {
            serde_json::Value::String(text) => Some(text.as_str()),
            other => other.get("msg").or_else(|| other.get("message")).and_then(|text| text.as_str()),
        };
        let message = said.map_or_else(|| format!("{}: {} holds", rule.title, check.rule), str::to_owned);
        let root = self.document.root.map(|root| self.tree.node(root));
        let span = root.and_then(|root| place::of(root, result, &message)).unwrap_or(self.document.span);
        self.answer(span, message.clone(), Some(message))
    }
}

/// What a rule results in; none when it could not be evaluated.
fn results(engine: &mut Engine, check: &Check) -> Option<Vec<serde_json::Value>> {
    let value = eval(engine, check, &check.rule)?;
    let mut out = Vec::new();
    match value {
        Value::Set(values) => out.extend(values.iter().filter_map(json)),
        Value::Array(values) => out.extend(values.iter().filter_map(json)),
        Value::Undefined | Value::Null | Value::Bool(false) => {}
        // A partial object: each value is a result, and a text is the key of one.
        Value::Object(members) if !members.contains_key(&Value::from("msg")) => {
            out.extend(
                members
                    .iter()
                    .filter_map(|(key, value)| json(if matches!(value, Value::Bool(true)) { key } else { value })),
            );
        }
        other => out.extend(json(&other)),
    }
    if !out.is_empty() && check.package.exceptions && is_excepted(engine, check) {
        out.clear();
    }
    out.truncate(MAX_FINDINGS_A_RULE + 1);
    Some(out)
}

fn eval(engine: &mut Engine, check: &Check, rule: &str) -> Option<Value> {
    let path = format!("data.{}.{rule}", check.package.name);
    guarded("", || engine.eval_rule(path)).ok()
}

fn json(value: &Value) -> Option<serde_json::Value> {
    serde_json::to_value(value).ok()
}

/// Whether an exception names this rule, by what follows `deny_`.
fn is_excepted(engine: &mut Engine, check: &Check) -> bool {
    let suffix = check.rule.split_once('_').map_or("", |(_, suffix)| suffix);
    let Some(value) = eval(engine, check, "exception").and_then(|value| json(&value)) else { return false };
    let lists = value.as_array().into_iter().flatten();
    lists.flat_map(|list| list.as_array().into_iter().flatten()).any(|name| name.as_str() == Some(suffix))
}
