//! Packages in Rego, as conftest uses them: what `deny`, `violation` and `warn` say of a document.
//!
//! | file | holds |
//! |---|---|
//! | `read.rs` | files to packages: what they define, need and say of themselves |
//! | `annotation.rs` | `# METADATA` |
//! | `bounds.rs` | what a policy may be like before the interpreter sees it |
//! | `functions.rs` | functions that make much out of little, bounded |
//! | `input.rs` | documents as policies see them |
//! | `ask.rs` | packages over documents |
//! | `result.rs` | what a rule results in |
//! | `place.rs` | where in a document a result is |
//! | `steps.rs` | the clock of the interpreter: it counts steps, and looks at the stack |
//! | `test.rs` | `test_` rules |
//!
//! Each package is compiled alone with those it names, so that a broken one harms no other. There is no network, no clock and no
//! chance in it. A document with values that are not known, such as a chart's, is not asked about: it is undecided.

mod annotation;
mod ask;
mod bounds;
mod functions;
mod input;
mod place;
mod read;
mod result;
mod steps;
mod test;

pub use ask::ask;
pub use input::keeps;
pub use read::{Read, read};
pub use test::{Tested, test};

use annotation::Annotation;
use std::sync::Arc;

/// A package that can be asked.
pub struct Package {
    /// Its name, such as `main`.
    pub name: Arc<str>,
    /// The interpreter with what it needs, and data.
    engine: regorus::Engine,
    /// It has exceptions from its rules.
    exceptions: bool,
}

impl std::fmt::Debug for Package {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Package").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A rule of a package.
#[derive(Clone, Debug)]
pub struct Check {
    /// The package.
    pub package: Arc<Package>,
    /// The rule, such as `deny_root`.
    pub rule: Arc<str>,
    /// What its author says of it.
    annotation: Annotation,
}

impl Check {
    /// What its author says of it.
    pub fn explain(&self) -> String {
        let mut text = format!("The rule `{}` of the Rego package `{}`.", self.rule, self.package.name);
        for part in [&self.annotation.title, &self.annotation.description].into_iter().flatten() {
            text.push_str(&format!("\n\n{part}"));
        }
        for related in &self.annotation.related {
            text.push_str(&format!("\nSee {related}"));
        }
        text
    }
}

#[cfg(test)]
mod tests;
