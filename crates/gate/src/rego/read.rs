//! Files to packages.

use super::{Policies, steps};
use crate::check::{CheckError, File, json, parse, refuse};
use crate::limits::{MAX_CHECK_BYTES, MAX_YAML_DEPTH, MAX_YAML_NODES};
use model::hex;
use regorus::{Engine, Value};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use yaml::{Limits, Yaml};

/// Built-in functions that make values of any size out of small ones.
const UNBOUNDED: &[&str] = &["numbers.range", "numbers.range_step"];
/// What rules begin with that are asked.
const ASKED: [&str; 4] = ["deny", "violation", "warn", "undecided"];

/// A package that can be asked.
pub(super) struct Package {
    /// Its name, such as `release`.
    pub name: String,
    /// The interpreter with what it needs, and data.
    pub engine: Engine,
    /// The rules that are asked.
    pub rules: Vec<Rule>,
}

impl std::fmt::Debug for Package {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Package").field("name", &self.name).field("rules", &self.rules).finish_non_exhaustive()
    }
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

/// A file, looked at by its lines.
struct Module<'f> {
    file: &'f File,
    package: String,
    /// It is written in the form before OPA 1.0.
    old: bool,
    rules: BTreeMap<String, Annotation>,
    about: Annotation,
}

pub(super) fn read(files: &[File]) -> Policies {
    let mut out = Policies::default();
    let mut modules = Vec::new();
    let mut data = serde_json::Map::new();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(format!("{}:", file.text.len()));
        hash.update(file.text.as_bytes());
        let read = match file.ending() {
            "rego" if file.path.ends_with("_test.rego") => Ok(()),
            "rego" => Module::read(file).map(|module| modules.push(module)),
            _ => read_data(file).map(|members| merge(&mut data, members)),
        };
        out.broken.extend(read.err());
    }
    let data = Value::from(serde_json::Value::Object(data));
    let names: BTreeSet<&str> = modules.iter().map(|module| module.package.as_str()).collect();
    for name in names {
        let own = modules.iter().filter(|module| module.package == name);
        if !own.flat_map(|module| module.rules.keys()).any(|rule| is_asked(rule)) {
            continue;
        }
        match compile(name, &modules, &data) {
            Ok(package) => out.packages.push(package),
            Err(error) => out.broken.push(error),
        }
    }
    out.digest = hex::encode(&hash.finalize());
    out
}

/// Whether a rule of this name is asked.
fn is_asked(rule: &str) -> bool {
    let word = ASKED.iter().find_map(|word| rule.strip_prefix(word));
    word.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

/// A package with all that it names, compiled alone.
fn compile(name: &str, modules: &[Module<'_>], data: &Value) -> Result<Package, CheckError> {
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
    let own: Vec<&Module<'_>> = modules.iter().filter(|module| module.package == name).collect();
    let first = own.first().map_or("", |module| &module.file.path);
    let (engine, control) = guarded(first, || {
        let mut engine = Engine::new();
        for module in modules.iter().filter(|module| needed.contains(module.package.as_str())) {
            engine.set_rego_v0(module.old);
            engine.add_policy(module.file.path.clone(), module.file.text.to_string())?;
        }
        engine.set_gather_prints(true);
        engine.set_strict_builtin_errors(false);
        engine.add_data(data.clone())?;
        engine.set_input(Value::new_object());
        steps::bound(&mut engine);
        for rule in own.iter().flat_map(|module| module.rules.keys()).filter(|rule| is_asked(rule)) {
            // What is wrong with a rule is known when it is first asked.
            engine.eval_rule(format!("data.{name}.{rule}"))?;
        }
        let named = own.iter().any(|module| module.rules.contains_key("control"));
        let control = if named { engine.eval_rule(format!("data.{name}.control"))? } else { Value::Undefined };
        // A function that cannot do its work makes a policy fail: to pass it over would be to say "ready".
        engine.set_strict_builtin_errors(true);
        Ok((engine, control.as_string().ok().map(|control| control.to_string())))
    })?;
    let about = own.iter().map(|module| &module.about).find(|about| **about != Annotation::default());
    let about = about.cloned().unwrap_or_default();
    let mut rules: Vec<Rule> = Vec::new();
    for module in own {
        for (rule, annotation) in module.rules.iter().filter(|(rule, _)| is_asked(rule)) {
            if rules.iter().any(|known| known.name == *rule) {
                continue;
            }
            let title = annotation.title.clone().or(about.title.clone());
            rules.push(Rule {
                name: rule.clone(),
                title: title.unwrap_or_else(|| format!("the policy {name}.{rule} speaks against it")),
                control: annotation.control.clone().or(about.control.clone()).or(control.clone()),
                file: module.file.path.clone(),
            });
        }
    }
    Ok(Package { name: name.to_owned(), engine, rules })
}

/// The packages that a module names.
fn names<'m>(module: &Module<'_>, modules: &'m [Module<'_>]) -> impl Iterator<Item = &'m str> {
    let code =
        module.file.text.lines().map(|line| line.split_once('#').map_or(line, |(code, _)| code).to_owned() + "\n");
    let code: String = code.collect();
    modules.iter().map(|other| other.package.as_str()).filter(move |package| {
        let wanted = format!("data.{package}");
        code.match_indices(&wanted).any(|(at, _)| {
            let letter = |character: char| character.is_alphanumeric() || character == '_';
            !code[at + wanted.len()..].starts_with(letter) && !code[..at].ends_with(letter)
        })
    })
}

/// Runs the interpreter; an error has the place that it names, and a fault of its own is an error, too.
pub(super) fn guarded<T>(file: &str, run: impl FnOnce() -> anyhow::Result<T>) -> Result<T, CheckError> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(result) => result.map_err(|error| refusal(file, &error.to_string())),
        Err(_) => Err(refuse(file, (1, 1), "the interpreter gave up on this policy")),
    }
}

/// An error as the interpreter prints it: `--> file:line:column`, the line, `error: why`.
fn refusal(file: &str, printed: &str) -> CheckError {
    let place = printed.lines().find_map(|line| {
        let mut parts = line.strip_prefix("--> ")?.rsplitn(3, ':');
        let (column, line) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some((parts.next()?.to_owned(), (line, column)))
    });
    let why = printed.lines().find_map(|line| line.strip_prefix("error: ")).unwrap_or(printed).trim();
    let unknown = why.contains("could not find function");
    let hint = if unknown { ": functions of the network, of time and of chance are not here" } else { "" };
    let (file, place) = place.unwrap_or_else(|| (file.to_owned(), (1, 1)));
    refuse(&file, place, format!("{why}{hint}"))
}

/// A file of data: a map, in JSON or YAML.
fn read_data(file: &File) -> Result<serde_json::Map<String, serde_json::Value>, CheckError> {
    let value = if file.ending() == "json" {
        serde_json::from_str(&file.text)
            .map_err(|error| refuse(&file.path, (error.line(), error.column()), format!("malformed JSON: {error}")))?
    } else {
        let yaml = parse(&file.path, &file.text)?;
        yaml.documents().next().map_or(serde_json::Value::Null, json)
    };
    match value {
        serde_json::Value::Object(members) => Ok(members),
        _ => Err(refuse(&file.path, (1, 1), "data for policies is a map")),
    }
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

impl Annotation {
    /// Reads the comment lines after `# METADATA`; what is no YAML is none.
    fn read(lines: &[&str]) -> Annotation {
        let text: Vec<&str> = lines.iter().map(|line| line.trim_start().trim_start_matches('#')).collect();
        let limits = Limits { nodes: MAX_YAML_NODES, depth: MAX_YAML_DEPTH };
        let Ok(yaml) = Yaml::parse(&text.join("\n"), limits) else { return Annotation::default() };
        let Some(root) = yaml.documents().next() else { return Annotation::default() };
        let said = |node: Option<yaml::Node<'_>>| node.and_then(yaml::Node::text).map(str::to_owned);
        let control = root.get("custom").and_then(|custom| custom.get("control"));
        Annotation { title: said(root.get("title")), control: said(control) }
    }
}

impl<'f> Module<'f> {
    fn read(file: &'f File) -> Result<Module<'f>, CheckError> {
        let path = file.path.as_str();
        if file.text.len() > MAX_CHECK_BYTES {
            return Err(refuse(path, (1, 1), format!("a policy has at most {} KiB", MAX_CHECK_BYTES >> 10)));
        }
        for (number, line) in file.text.lines().enumerate() {
            let code = line.split('#').next().unwrap_or_default();
            if let Some((name, at)) = UNBOUNDED.iter().find_map(|name| Some((name, code.find(&format!("{name}("))?))) {
                let reason = format!("`{name}` is not here: it makes lists of any length");
                return Err(refuse(path, (number + 1, at + 1), reason));
            }
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
        for line in self.file.text.lines() {
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
            let letter = |character: char| character.is_alphanumeric() || character == '_';
            let end = line.find(|character: char| !letter(character)).unwrap_or(line.len());
            let annotation = std::mem::take(&mut above);
            match &line[..end] {
                "package" => self.about = annotation,
                "" | "import" | "else" => {}
                rule => {
                    let known = self.rules.entry(rule.to_owned()).or_default();
                    if *known == Annotation::default() {
                        *known = annotation;
                    }
                }
            }
        }
    }
}
