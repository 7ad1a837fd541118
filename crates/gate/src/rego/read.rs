//! Files to packages.

use super::Policies;
use crate::check::{CheckError, File, json, parse, refuse};
use crate::limits::{MAX_CHECK_BYTES, MAX_REGO_STEPS, MAX_YAML_DEPTH, MAX_YAML_NODES};
use model::hex;
use rego::{Fault, Module, Value};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use yaml::{Limits, Yaml};

/// What rules begin with that are asked.
const ASKED: [&str; 4] = ["deny", "violation", "warn", "undecided"];

/// A package that can be asked.
#[derive(Debug)]
pub(super) struct Package {
    /// With what it needs, and data.
    pub package: rego::Package,
    /// The rules that are asked.
    pub rules: Vec<Rule>,
}

/// A rule of a package.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    /// Such as `deny_old_base`.
    pub name: String,
    /// What is said when a result has no text.
    pub title: String,
    /// The control that it names.
    pub control: Option<String>,
    /// Its file.
    pub file: String,
}

/// What an author says of a package or a rule, below `# METADATA`.
#[derive(Clone, Debug, Default, PartialEq)]
struct Annotation {
    title: Option<String>,
    /// `custom.control`.
    control: Option<String>,
}

impl From<Fault> for CheckError {
    fn from(Fault { file, place, reason }: Fault) -> CheckError {
        CheckError { file, place, reason }
    }
}

/// Called on the stack of the interpreter.
pub(super) fn read(files: &[File]) -> Policies {
    let mut out = Policies::default();
    let mut data = serde_json::Map::new();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(format!("{}:", file.text.len()));
        hash.update(file.text.as_bytes());
        if file.ending() != "rego" {
            let read = read_data(file).map(|members| rego::merge(&mut data, members));
            out.broken.extend(read.err());
        }
    }
    out.digest = hex::encode(&hash.finalize());
    let own = files.iter().filter(|file| file.ending() == "rego" && !file.path.ends_with("_test.rego"));
    let (modules, faults) = rego::modules(own.map(|file| (&*file.path, &*file.text)), MAX_CHECK_BYTES);
    out.broken.extend(faults.into_iter().map(CheckError::from));
    let data = Value::from(serde_json::Value::Object(data));
    let names: BTreeSet<&str> = modules.iter().map(|module| module.package.as_str()).collect();
    for name in names {
        let own = modules.iter().filter(|module| module.package == name);
        if !own.flat_map(|module| module.rules.keys()).any(|rule| is_asked(rule)) {
            continue;
        }
        match compile(name, &modules, &data) {
            Ok(package) => out.packages.push(package),
            Err(fault) => out.broken.push(fault.into()),
        }
    }
    out
}

/// Whether a rule of this name is asked.
fn is_asked(rule: &str) -> bool {
    let word = ASKED.iter().find_map(|word| rule.strip_prefix(word));
    word.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

/// A package with all that it names, compiled alone.
fn compile(name: &str, modules: &[Module<'_>], data: &Value) -> Result<Package, Fault> {
    let own = || modules.iter().filter(|module| module.package == name);
    let asked = own().flat_map(|module| module.rules.keys()).filter(|rule| is_asked(rule)).map(String::as_str);
    let mut package = rego::Package::compile(name, modules, data, asked, MAX_REGO_STEPS)?;
    let names_one = own().find(|module| module.rules.contains_key("control"));
    let control = names_one.map(|module| package.ask("control", module.path)).transpose()?;
    let control = control.and_then(|control| control.as_string().ok().map(ToString::to_string));
    // To pass over a function that cannot do its work would be to say "ready".
    package.fail_with_functions();
    let said = |about: &Annotation| *about != Annotation::default();
    let about = own().map(|module| Annotation::read(&module.metadata)).find(said).unwrap_or_default();
    let mut rules: Vec<Rule> = Vec::new();
    for module in own() {
        for (rule, defined) in module.rules.iter().filter(|(rule, _)| is_asked(rule)) {
            if rules.iter().any(|known| known.name == *rule) {
                continue;
            }
            let annotation = Annotation::read(&defined.metadata);
            let title = annotation.title.or(about.title.clone());
            rules.push(Rule {
                name: rule.clone(),
                title: title.unwrap_or_else(|| format!("the policy {name}.{rule} speaks against it")),
                control: annotation.control.or(about.control.clone()).or(control.clone()),
                file: module.path.to_owned(),
            });
        }
    }
    Ok(Package { package, rules })
}

/// A file of data: a map, in JSON or YAML.
fn read_data(file: &File) -> Result<serde_json::Map<String, serde_json::Value>, CheckError> {
    let value = if file.ending() == "json" {
        serde_json::from_str(&file.text)
            .map_err(|error| refuse(&file.path, (error.line(), error.column()), format!("malformed JSON: {error}")))?
    } else {
        let yaml = parse(&file.path, &file.text)?;
        yaml.documents().next().map_or(Ok(serde_json::Value::Null), |root| json(&file.path, root))?
    };
    match value {
        serde_json::Value::Object(members) => Ok(members),
        _ => Err(refuse(&file.path, (1, 1), "data for policies is a map")),
    }
}

impl Annotation {
    /// Reads what is below `# METADATA`; what is no YAML is none.
    fn read(text: &str) -> Annotation {
        let limits = Limits { nodes: MAX_YAML_NODES, depth: MAX_YAML_DEPTH };
        let Ok(yaml) = Yaml::parse(text, limits) else { return Annotation::default() };
        let Some(root) = yaml.documents().next() else { return Annotation::default() };
        let said = |node: Option<yaml::Node<'_>>| node.and_then(yaml::Node::text).map(str::to_owned);
        let control = root.get("custom").and_then(|custom| custom.get("control"));
        Annotation { title: said(root.get("title")), control: said(control) }
    }
}
