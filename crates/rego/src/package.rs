//! Modules to a package that can be asked.

use crate::module::Module;
use crate::{Fault, functions, steps};
use regorus::{Engine, Value};
use serde_json::Map;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A package with all that it names, compiled alone.
#[derive(Clone)]
pub struct Package {
    name: String,
    engine: Engine,
}

impl std::fmt::Debug for Package {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Package").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Package {
    /// Compiles a package and asks each of these rules once, of nothing: what is wrong with a rule is known when it is first asked.
    /// Each evaluation takes so many steps at most.
    ///
    /// # Errors
    /// With the place that the interpreter names.
    pub fn compile<'r>(
        name: &str,
        modules: &[Module<'_>],
        data: &Value,
        asked: impl IntoIterator<Item = &'r str>,
        most_steps: u64,
    ) -> Result<Package, Fault> {
        let mut needed = BTreeSet::from([name]);
        loop {
            let of_needed = modules.iter().filter(|module| needed.contains(module.package.as_str()));
            let named: Vec<&str> = of_needed.flat_map(|module| module.names(modules)).collect();
            let before = needed.len();
            needed.extend(named);
            if needed.len() == before {
                break;
            }
        }
        let first = modules.iter().find(|module| module.package == name).map_or("", |module| module.path);
        guarded(first, || {
            let mut engine = Engine::new();
            functions::add(&mut engine)?;
            for module in modules.iter().filter(|module| needed.contains(module.package.as_str())) {
                module.add_to(&mut engine)?;
            }
            engine.set_gather_prints(true);
            // As OPA does it: what a function cannot do is undefined.
            engine.set_strict_builtin_errors(false);
            engine.add_data(data.clone())?;
            engine.set_input(Value::new_object());
            steps::bound(&mut engine, most_steps);
            for rule in asked {
                engine.eval_rule(format!("data.{name}.{rule}"))?;
            }
            Ok(Package { name: name.to_owned(), engine })
        })
    }

    /// Its name, such as `kubernetes.images`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// From now on a function that cannot do its work makes a rule fail, instead of being undefined.
    pub fn fail_with_functions(&mut self) {
        self.engine.set_strict_builtin_errors(true);
    }

    /// What it is asked about from now on.
    pub fn set_input(&mut self, input: Value) {
        self.engine.set_input(input);
    }

    /// What a rule is. Faults are told as of this file.
    ///
    /// # Errors
    /// When it fails, or takes too many steps or too much of the stack.
    pub fn ask(&mut self, rule: &str, file: &str) -> Result<Value, Fault> {
        let path = format!("data.{}.{rule}", self.name);
        let value = guarded(file, || self.engine.eval_rule(path));
        // What is printed is nobody's.
        drop(self.engine.take_prints());
        value
    }
}

/// Runs the interpreter; an error has the place that it names, and a fault of its own is an error, too.
pub(crate) fn guarded<T>(file: &str, run: impl FnOnce() -> anyhow::Result<T>) -> Result<T, Fault> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(result) => result.map_err(|error| fault(file, &error.to_string())),
        Err(_) => Err(fault(file, "the interpreter gave up on this policy")),
    }
}

/// An error as the interpreter prints it: `--> file:line:column`, the line, `error: why`.
fn fault(file: &str, printed: &str) -> Fault {
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
    Fault { file, place, reason: format!("{why}{hint}") }
}

/// Takes members into others, as OPA does with files of data. Depth is bounded by what reads them.
pub fn merge(into: &mut Map<String, serde_json::Value>, members: Map<String, serde_json::Value>) {
    for (name, value) in members {
        match (into.get_mut(&name), value) {
            (Some(serde_json::Value::Object(inner)), serde_json::Value::Object(value)) => merge(inner, value),
            (_, value) => {
                into.insert(name, value);
            }
        }
    }
}
