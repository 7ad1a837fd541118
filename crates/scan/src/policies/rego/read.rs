//! Files to packages.

use super::annotation::Annotation;
use super::{Check, Package};
use crate::limits::{MAX_REGO_STEPS, MAX_RULE_BYTES};
use crate::pack::File;
use crate::rules::{Confidence, Finds, Rule, RuleError, Severity};
use rego::{Fault, Module, NO_STACK, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What was read.
#[derive(Debug, Default)]
pub struct Read {
    /// The rules of all packages that can be used.
    pub rules: Vec<Rule>,
    /// Why others cannot be used.
    pub errors: Vec<RuleError>,
}

impl From<Fault> for RuleError {
    fn from(Fault { file, place, reason }: Fault) -> RuleError {
        RuleError { file: file.into(), place, reason }
    }
}

/// That there is no thread for the interpreter.
pub(super) fn no_stack() -> RuleError {
    RuleError { file: "".into(), place: (1, 1), reason: NO_STACK.to_owned() }
}

/// Reads the files of a folder, with the data beside them. Files with tests are left out.
pub fn read(files: &[File], data: &[File]) -> Read {
    if files.is_empty() && data.is_empty() {
        return Read::default();
    }
    let none = || Read { rules: Vec::new(), errors: vec![no_stack()] };
    rego::with_stack(|| packages(files, data)).unwrap_or_else(none)
}

fn packages(files: &[File], data: &[File]) -> Read {
    let mut out = Read::default();
    let data = merged(data, &mut out.errors);
    let modules = modules(files.iter().filter(|file| !is_test(&file.path)), &mut out.errors);
    let names: BTreeSet<&str> = modules.iter().map(|module| module.package.as_str()).collect();
    for name in names {
        let own = || modules.iter().filter(|module| module.package == name);
        if !own().any(|module| module.rules.keys().any(|rule| is_asked(rule))) {
            continue;
        }
        match compile(name, &modules, &data) {
            Ok(compiled) => package(compiled, own(), &mut out),
            Err(error) => out.errors.push(error),
        }
    }
    out
}

/// Whether a file has tests: `a_test.rego`.
pub(super) fn is_test(path: &str) -> bool {
    path.ends_with("_test.rego")
}

/// The modules of files that can be parsed.
pub(super) fn modules<'f>(files: impl Iterator<Item = &'f File>, errors: &mut Vec<RuleError>) -> Vec<Module<'f>> {
    let (modules, faults) = rego::modules(files.map(|file| (&*file.path, &*file.text)), MAX_RULE_BYTES);
    errors.extend(faults.into_iter().map(RuleError::from));
    modules
}

/// A package with all that it names, compiled alone.
pub(super) fn compile(name: &str, modules: &[Module<'_>], data: &Value) -> Result<rego::Package, RuleError> {
    let own = modules.iter().filter(|module| module.package == name);
    let asked = own.flat_map(|module| module.rules.keys()).filter(|rule| is_asked(rule)).map(String::as_str);
    Ok(rego::Package::compile(name, modules, data, asked, MAX_REGO_STEPS)?)
}

/// Whether conftest asks a rule of this name.
fn is_asked(rule: &str) -> bool {
    let word = ["deny", "violation", "warn"].iter().find_map(|word| rule.strip_prefix(word));
    word.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

fn package<'m>(package: rego::Package, own: impl Iterator<Item = &'m Module<'m>> + Clone, out: &mut Read) {
    let name = package.name().to_owned();
    let exceptions = own.clone().any(|module| module.rules.contains_key("exception"));
    let package = Arc::new(Package { package, exceptions });
    let said = |about: &Annotation| *about != Annotation::default();
    let about = own.clone().map(|module| Annotation::read(&module.metadata)).find(said).unwrap_or_default();
    let mut seen = BTreeSet::new();
    for module in own {
        for (rule, defined) in module.rules.iter().filter(|(rule, _)| is_asked(rule)) {
            if !seen.insert(rule.clone()) {
                continue;
            }
            let annotation = Annotation::read(&defined.metadata).or(&about);
            let id = annotation.id.clone().unwrap_or_else(|| format!("{name}.{rule}").into());
            let title = annotation.title.clone().unwrap_or_else(|| format!("A policy of {name} ({rule})").into());
            let least = if rule.starts_with("warn") { Severity::Low } else { Severity::High };
            out.rules.push(Rule {
                id,
                title: title.clone(),
                severity: annotation.severity.unwrap_or(least),
                confidence: Confidence::High,
                about: Vec::new(),
                families: Vec::new(),
                cwe: Vec::new(),
                controls: BTreeMap::new(),
                when: None,
                fix: None,
                message: title,
                at: None,
                file: module.path.into(),
                finds: Finds::Rego(Arc::new(Check {
                    package: package.clone(),
                    rule: rule.as_str().into(),
                    annotation,
                })),
            });
        }
    }
}

/// What the files of data say together, as OPA has it below `data`.
pub(super) fn merged(files: &[File], errors: &mut Vec<RuleError>) -> Value {
    let mut all = serde_json::Map::new();
    for file in files {
        match super::input::data(file) {
            Ok(serde_json::Value::Object(members)) => rego::merge(&mut all, members),
            Ok(_) => errors.push(RuleError {
                file: file.path.as_str().into(),
                place: (1, 1),
                reason: "data for policies is a map; it was left out".to_owned(),
            }),
            Err(error) => errors.push(error),
        }
    }
    Value::from(serde_json::Value::Object(all))
}
