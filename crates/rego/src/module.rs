//! A file, looked at by its lines.

use crate::package::guarded;
use crate::{Fault, bounds};
use regorus::Engine;
use std::collections::BTreeMap;

/// What a file says of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// The line where it is first defined.
    pub line: usize,
    /// The YAML below `# METADATA` above it; empty when there is none.
    pub metadata: String,
}

/// A file of a package.
#[derive(Debug)]
pub struct Module<'f> {
    /// Its path.
    pub path: &'f str,
    /// The package that it is of, such as `kubernetes.images`.
    pub package: String,
    /// What it defines, by name.
    pub rules: BTreeMap<String, Rule>,
    /// The YAML below `# METADATA` above the package; empty when there is none.
    pub metadata: String,
    text: &'f str,
    /// It is written in the form before OPA 1.0.
    old: bool,
}

/// The modules of files that can be parsed, given as path and text, and why others cannot.
pub fn modules<'f>(
    files: impl IntoIterator<Item = (&'f str, &'f str)>,
    most_bytes: usize,
) -> (Vec<Module<'f>>, Vec<Fault>) {
    let (mut out, mut faults) = (Vec::new(), Vec::new());
    for (path, text) in files {
        match Module::read(path, text, most_bytes) {
            Ok(module) => out.push(module),
            Err(fault) => faults.push(fault),
        }
    }
    (out, faults)
}

impl<'f> Module<'f> {
    fn read(path: &'f str, text: &'f str, most_bytes: usize) -> Result<Module<'f>, Fault> {
        let refuse = |place, reason: String| Fault { file: path.to_owned(), place, reason };
        if text.len() > most_bytes {
            return Err(refuse((1, 1), format!("a policy has at most {} KiB", most_bytes >> 10)));
        }
        if let Some((at, reason)) = bounds::refused(text) {
            let before = text.get(..at).unwrap_or_default();
            let line = before.rsplit('\n').next().unwrap_or_default();
            return Err(refuse((before.matches('\n').count() + 1, line.chars().count() + 1), reason));
        }
        let parse = |old: bool| {
            guarded(path, || {
                let mut engine = Engine::new();
                engine.set_rego_v0(old);
                engine.add_policy(path.to_owned(), text.to_owned())
            })
        };
        let (package, old) = match parse(false) {
            Ok(package) => (package, false),
            Err(new) => match parse(true) {
                Ok(package) => (package, true),
                // The error of the form that it is written in.
                Err(old) if !text.contains("rego.v1") && !text.contains(" if {") => return Err(old),
                Err(_) => return Err(new),
            },
        };
        let package = package.strip_prefix("data.").unwrap_or(&package).to_owned();
        let mut module = Module { path, text, package, old, rules: BTreeMap::new(), metadata: String::new() };
        module.look();
        Ok(module)
    }

    /// Gives it to an interpreter.
    pub(crate) fn add_to(&self, engine: &mut Engine) -> anyhow::Result<()> {
        engine.set_rego_v0(self.old);
        engine.add_policy(self.path.to_owned(), self.text.to_owned()).map(drop)
    }

    /// Which of these packages it names.
    pub(crate) fn names<'m>(&self, modules: &'m [Module<'_>]) -> impl Iterator<Item = &'m str> {
        let lines = self.text.lines();
        let code: String =
            lines.map(|line| line.split_once('#').map_or(line, |(code, _)| code).to_owned() + "\n").collect();
        modules.iter().map(|other| other.package.as_str()).filter(move |package| {
            let wanted = format!("data.{package}");
            code.match_indices(&wanted)
                .any(|(at, _)| !code[at + wanted.len()..].starts_with(is_letter) && !code[..at].ends_with(is_letter))
        })
    }

    /// Finds what is defined at the beginning of lines, and what is said above.
    fn look(&mut self) {
        let (mut comment, mut above): (Vec<&str>, String) = (Vec::new(), String::new());
        for (number, line) in self.text.lines().enumerate() {
            if line.starts_with('#') {
                comment.push(line);
                continue;
            }
            if let Some(at) = comment.iter().position(|line| line.trim_start_matches('#').trim() == "METADATA") {
                let lines: Vec<&str> = comment[at + 1..].iter().map(|line| line.trim_start_matches('#')).collect();
                above = lines.join("\n");
            }
            comment.clear();
            if line.trim().is_empty() {
                continue;
            }
            let line = line.strip_prefix("default ").unwrap_or(line);
            let end = line.find(|character| !is_letter(character)).unwrap_or(line.len());
            let metadata = std::mem::take(&mut above);
            match &line[..end] {
                "package" => self.metadata = metadata,
                "" | "import" | "else" => {}
                rule => {
                    let first = Rule { line: number + 1, metadata: String::new() };
                    let known = self.rules.entry(rule.to_owned()).or_insert(first);
                    if known.metadata.is_empty() {
                        known.metadata = metadata;
                    }
                }
            }
        }
    }
}

fn is_letter(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}
