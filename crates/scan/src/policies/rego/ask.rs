//! Packages over documents.

use super::input::{Document, documents};
use super::result::results;
use super::{Check, Package, place};
use crate::limits::MAX_REGO_FILE_STEPS;
use crate::policies::Answer;
use crate::resource::{FileId, World};
use crate::rules::{Finds, Rule};
use crate::text::Span;
use crate::tree::Tree;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use rego::{NO_STACK, Value};
use std::collections::BTreeMap;

/// What the rules of packages say of every document.
pub fn ask<'r>(rules: &[&'r Rule], world: &World) -> Vec<(&'r Rule, Answer)> {
    if rules.iter().all(|rule| !matches!(rule.finds, Finds::Rego(_))) {
        return Vec::new();
    }
    let none = || {
        let open = |rule: &'r Rule, file| {
            let (address, span) = ("document".to_owned(), Span::default());
            (rule, Answer { file, address, span, value: NO_STACK.to_owned(), message: None })
        };
        let rules = || rules.iter().filter(|rule| matches!(rule.finds, Finds::Rego(_)));
        (0..world.files.len() as u32).flat_map(|file| rules().map(move |rule| open(rule, FileId(file)))).collect()
    };
    rego::with_stack(|| ask_all(rules, world)).unwrap_or_else(none)
}

fn ask_all<'r>(rules: &[&'r Rule], world: &World) -> Vec<(&'r Rule, Answer)> {
    let mut packages: BTreeMap<*const Package, Vec<(&'r Rule, &'r Check, GlobSet)>> = BTreeMap::new();
    for rule in rules {
        if let Finds::Rego(check) = &rule.finds {
            let key = std::sync::Arc::as_ptr(&check.package);
            packages.entry(key).or_default().push((rule, check, globs(&check.annotation.files)));
        }
    }
    let mut out = Vec::new();
    for (number, file) in world.files.iter().enumerate() {
        let (tree, documents) = documents(file);
        for rules in packages.values() {
            let about = |globs: &GlobSet| globs.is_empty() || globs.is_match(&*file.text.path);
            let rules: Vec<_> = rules.iter().filter(|(_, _, globs)| about(globs)).collect();
            let Some((_, first, _)) = rules.first() else { continue };
            let mut package = first.package.package.clone();
            let mut asked: Vec<_> = rules.iter().map(|(rule, check, _)| (*rule, *check, MAX_REGO_FILE_STEPS)).collect();
            for (at, document) in documents.iter().enumerate() {
                let place = Place { file: FileId(number as u32), tree: &tree, document, at };
                place.ask(&mut package, &mut asked, &mut out);
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
    /// Asks rules, each of which has so many steps left.
    fn ask<'r>(
        &self,
        package: &mut rego::Package,
        rules: &mut [(&'r Rule, &Check, u64)],
        out: &mut Vec<(&'r Rule, Answer)>,
    ) {
        let undecided = |rule: &'r Rule, why: &str| (rule, self.answer(self.document.span, why.to_owned(), None));
        let Some(value) = &self.document.value else {
            let why = "not all of it is known, or could be read: policies are not asked about it";
            out.extend(rules.iter().map(|(rule, ..)| undecided(rule, why)));
            return;
        };
        package.set_input(Value::from(value.clone()));
        for (rule, check, left) in rules {
            if *left == 0 {
                out.push(undecided(rule, "the documents before it took all steps that a policy has for one file"));
                continue;
            }
            let before = rego::taken();
            let results = results(package, check);
            *left = left.saturating_sub(rego::taken() - before);
            match results {
                Some(results) => out.extend(results.iter().map(|result| (*rule, self.found(rule, check, result)))),
                None => out.push(undecided(rule, "the policy could not be evaluated in its number of steps")),
            }
        }
    }

    fn answer(&self, span: Span, value: String, message: Option<String>) -> Answer {
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
        let said = said.filter(|said| !said.trim().is_empty());
        let message = said.map_or_else(|| format!("{}: {} holds", rule.title, check.rule), str::to_owned);
        let root = self.document.root.map(|root| self.tree.node(root));
        let span = root.and_then(|root| place::of(root, result, &message)).unwrap_or(self.document.span);
        self.answer(span, message.clone(), Some(message))
    }
}
