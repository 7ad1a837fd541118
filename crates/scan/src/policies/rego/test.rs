//! `test_` rules: Rego's own tests, those of files that end in `_test.rego` among them.

use super::read::{compile, merged, modules, no_stack};
use crate::pack::File;
use crate::rules::RuleError;
use rego::Value;
use std::collections::BTreeSet;

/// What tests said.
#[derive(Debug, Default)]
pub struct Tested {
    /// Tests that were run.
    pub tests: usize,
    /// Those that failed, with where they are, and files that cannot be used.
    pub errors: Vec<RuleError>,
}

/// Runs the tests of all files.
pub fn test(files: &[File], data: &[File]) -> Tested {
    let none = || Tested { tests: 0, errors: vec![no_stack()] };
    rego::with_stack(|| all(files, data)).unwrap_or_else(none)
}

fn all(files: &[File], data: &[File]) -> Tested {
    let mut out = Tested::default();
    let data = merged(data, &mut out.errors);
    let modules = modules(files.iter(), &mut out.errors);
    let names: BTreeSet<&str> = modules.iter().map(|module| module.package.as_str()).collect();
    for name in names {
        let own = modules.iter().filter(|module| module.package == name);
        let tests: Vec<_> = own
            .flat_map(|module| module.rules.iter().map(move |(rule, defined)| (module.path, rule, defined.line)))
            .filter(|(_, rule, _)| rule.starts_with("test_"))
            .collect();
        if tests.is_empty() {
            continue;
        }
        let mut package = match compile(name, &modules, &data) {
            Ok(package) => package,
            Err(error) => {
                out.errors.push(error);
                continue;
            }
        };
        for (file, rule, line) in tests {
            out.tests += 1;
            let failed = match package.ask(rule, file) {
                Ok(Value::Bool(true)) => continue,
                Ok(value) => RuleError {
                    file: file.into(),
                    place: (line, 1),
                    reason: format!("`{rule}` is {} and should be true", shown(&value)),
                },
                Err(fault) => fault.into(),
            };
            out.errors.push(failed);
        }
    }
    out
}

/// A value for people, if it is a short one.
fn shown(value: &Value) -> String {
    rego::json(value, &mut 100).map_or_else(|| "something else".to_owned(), |value| value.to_string())
}
