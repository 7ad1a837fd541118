//! Files to packages.

use super::annotation::Annotation;
use super::{Check, Package, bounds, functions, steps};
use crate::limits::MAX_RULE_BYTES;
use crate::pack::File;
use crate::rules::{Confidence, Finds, Rule, RuleError, Severity};
use regorus::{Engine, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Why there is no answer when the system gives no thread.
pub(super) const NO_STACK: &str = "there is no memory for the interpreter of policies: a thread could not be started";

/// A file, looked at by its lines.
pub(super) struct Module<'f> {
    pub file: &'f File,
    pub package: String,
    /// It is written in the form before OPA 1.0.
    old: bool,
    /// Rules with the lines where they are first defined, and what is said of them.
    pub rules: BTreeMap<String, (usize, Annotation)>,
    /// What is said of the package.
    about: Annotation,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Read {
    /// The rules of all packages that can be used.
    pub rules: Vec<Rule>,
    /// Why others cannot be used.
    pub errors: Vec<RuleError>,
}

/// Reads the files of a folder, with the data beside them. Files with tests are left out.
pub fn read(files: &[File], data: &[File]) -> Read {
    let whole = || Read { rules: Vec::new(), errors: vec![refusal("", NO_STACK)] };
    if files.is_empty() && data.is_empty() {
        return Read::default();
    }
    steps::with_stack(|| packages(files, data)).unwrap_or_else(whole)
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
            Ok(engine) => package(name, engine, own(), &mut out),
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
    let mut out = Vec::new();
    for file in files {
        match Module::read(file) {
            Ok(module) => out.push(module),
            Err(error) => errors.push(error),
        }
    }
    out
}

/// A package with all that it names, compiled alone.
pub(super) fn compile(name: &str, modules: &[Module<'_>], data: &Value) -> Result<Engine, RuleError> {
    let mut needed = BTreeSet::from([name]);
    loop {
        let texts = modules.iter().filter(|module| needed.contains(module.package.as_str()));
        let named: Vec<&str> = texts.flat_map(|module| names(module, modules)).collect();
        let before = needed.len();
        needed.extend(named);
        if needed.len() == before {
            break;
        }
    }
    let first = modules.iter().find(|module| module.package == name).map_or("", |module| &module.file.path);
    guarded(first, || {
        let mut engine = Engine::new();
        functions::add(&mut engine)?;
        for module in modules.iter().filter(|module| needed.contains(module.package.as_str())) {
            engine.set_rego_v0(module.old);
            engine.add_policy(module.file.path.clone(), module.file.text.to_string())?;
        }
        // As OPA does it: what a function cannot do is undefined.
        engine.set_strict_builtin_errors(false);
        engine.set_gather_prints(true);
        engine.add_data(data.clone())?;
        engine.set_input(Value::new_object());
        steps::bound(&mut engine);
        let asked = modules.iter().filter(|module| module.package == name).flat_map(|module| module.rules.keys());
        for rule in asked.filter(|rule| is_asked(rule)) {
            // What is wrong with a rule is known when it is first asked.
            engine.eval_rule(format!("data.{name}.{rule}"))?;
        }
        Ok(engine)
    })
}

/// The packages that a module names.
fn names<'m>(module: &Module<'_>, modules: &'m [Module<'_>]) -> impl Iterator<Item = &'m str> {
    let code: String = module
        .file
        .text
        .lines()
        .map(|line| line.split_once('#').map_or(line, |(code, _)| code).to_owned() + "\n")
        .collect();
    modules.iter().map(|other| other.package.as_str()).filter(move |package| {
        let wanted = format!("data.{package}");
        code.match_indices(&wanted).any(|(at, _)| {
            let letter = |character: char| character.is_alphanumeric() || character == '_';
            !code[at + wanted.len()..].starts_with(letter) && !code[..at].ends_with(letter)
        })
    })
}

/// Runs the interpreter; an error has the place that it names, and a fault of its own is an error, too.
pub(super) fn guarded<T>(file: &str, run: impl FnOnce() -> anyhow::Result<T>) -> Result<T, RuleError> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(result) => result.map_err(|error| refusal(file, &error.to_string())),
        Err(_) => Err(refusal(file, "the interpreter gave up on this policy")),
    }
}

/// An error as the interpreter prints it: `--> file:line:column`, the line, `error: why`.
fn refusal(file: &str, printed: &str) -> RuleError {
    let place = printed.lines().find_map(|line| {
        let mut parts = line.strip_prefix("--> ")?.rsplitn(3, ':');
        let (column, line): (usize, usize) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        // Before the first sign of a line is 0 there.
        Some((parts.next()?.to_owned(), (line.max(1), column.max(1))))
    });
    let why = printed.lines().find_map(|line| line.strip_prefix("error: ")).unwrap_or(printed).trim();
    let unknown = why.contains("could not find function");
    let hint = if unknown { ": functions of the network, of time and of chance are not here" } else { "" };
    let (file, place) = place.unwrap_or_else(|| (file.to_owned(), (1, 1)));
    RuleError { file: file.into(), place, reason: format!("{why}{hint}") }
}

/// Whether conftest asks a rule of this name.
fn is_asked(rule: &str) -> bool {
    let word = ["deny", "violation", "warn"].iter().find_map(|word| rule.strip_prefix(word));
    word.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

fn package<'m>(name: &str, engine: Engine, own: impl Iterator<Item = &'m Module<'m>> + Clone, out: &mut Read) {
    let exceptions = own.clone().any(|module| module.rules.contains_key("exception"));
    let package = Arc::new(Package { name: name.into(), engine, exceptions });
    let about = own.clone().map(|module| &module.about).find(|about| **about != Annotation::default());
    let mut seen = BTreeSet::new();
    for module in own {
        for (rule, (_, annotation)) in module.rules.iter().filter(|(rule, _)| is_asked(rule)) {
            if !seen.insert(rule.clone()) {
                continue;
            }
            let annotation = annotation.clone().or(about.unwrap_or(&Annotation::default()));
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
                file: module.file.path.as_str().into(),
                finds: Finds::Rego(Arc::new(Check {
                    package: package.clone(),
                    rule: rule.as_str().into(),
                    annotation,
                })),
            });
        }
    }
}

impl<'f> Module<'f> {
    fn read(file: &'f File) -> Result<Module<'f>, RuleError> {
        let path = file.path.as_str();
        let refuse = |place, reason: String| RuleError { file: path.into(), place, reason };
        if file.text.len() > MAX_RULE_BYTES {
            return Err(refuse((1, 1), format!("a policy has at most {} KiB", MAX_RULE_BYTES >> 10)));
        }
        if let Some((at, reason)) = bounds::refused(&file.text) {
            let before = file.text.get(..at).unwrap_or_default();
            let line = before.rsplit('\n').next().unwrap_or_default();
            return Err(refuse((before.matches('\n').count() + 1, line.chars().count() + 1), reason));
        }
        let parse = |old: bool| {
            guarded(path, || {
                let mut engine = Engine::new();
                engine.set_rego_v0(old);
                engine.add_policy(path.to_owned(), file.text.to_string())
            })
        };
        let (package, old) = match parse(false) {
            Ok(package) => (package, false),
            Err(new) => match parse(true) {
                Ok(package) => (package, true),
                // The error of the form that it is written in.
                Err(old) if !file.text.contains("rego.v1") && !file.text.contains(" if {") => return Err(old),
                Err(_) => return Err(new),
            },
        };
        let package = package.strip_prefix("data.").unwrap_or(&package).to_owned();
        let mut module = Module { file, package, old, rules: BTreeMap::new(), about: Annotation::default() };
        module.look();
        Ok(module)
    }

    /// Finds what is defined at the beginning of lines, and the annotations above.
    fn look(&mut self) {
        let (mut comment, mut above): (Vec<&str>, Annotation) = (Vec::new(), Annotation::default());
        for (number, line) in self.file.text.lines().enumerate() {
            if line.starts_with('#') {
                comment.push(line);
                continue;
            }
            if let Some(at) = comment.iter().position(|line| line.trim_start_matches('#').trim() == "METADATA") {
                above = Annotation::read(&comment[at + 1..]);
            }
            comment.clear();
            if line.trim().is_empty() {
                continue;
            }
            let line = line.strip_prefix("default ").unwrap_or(line);
            let end =
                line.find(|character: char| !character.is_alphanumeric() && character != '_').unwrap_or(line.len());
            let annotation = std::mem::take(&mut above);
            match &line[..end] {
                "package" => self.about = annotation,
                "" | "import" | "else" => {}
                rule => {
                    let known = self.rules.entry(rule.to_owned()).or_insert((number + 1, Annotation::default()));
                    if known.1 == Annotation::default() {
                        known.1 = annotation;
                    }
                }
            }
        }
    }
}

/// What the files of data say together, as OPA has it below `data`.
pub(super) fn merged(files: &[File], errors: &mut Vec<RuleError>) -> Value {
    let mut all = serde_json::Map::new();
    for file in files {
        match super::input::data(file) {
            Ok(serde_json::Value::Object(members)) => merge(&mut all, members),
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

/// Depth is bounded by what reads them.
fn merge(into: &mut serde_json::Map<String, serde_json::Value>, members: serde_json::Map<String, serde_json::Value>) {
    for (name, value) in members {
        match (into.get_mut(&name), value) {
            (Some(serde_json::Value::Object(inner)), serde_json::Value::Object(value)) => merge(inner, value),
            (_, value) => {
                into.insert(name, value);
            }
        }
    }
}
