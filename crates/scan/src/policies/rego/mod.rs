//! Packages in Rego, as conftest uses them: what `deny`, `violation` and `warn` say of a document.
//!
//! | file | holds |
//! |---|---|
//! | `read.rs` | files to packages, and what their authors say of rules |
//! | `annotation.rs` | `# METADATA` |
//! | `input.rs` | documents as policies see them |
//! | `ask.rs` | packages over documents |
//! | `result.rs` | what a rule results in |
//! | `place.rs` | where in a document a result is |
//! | `test.rs` | `test_` rules |
//!
//! Packages are compiled, asked and bounded by the crate `rego`. A document with values that are not known, such as a chart's, is not asked about: it is undecided.

mod annotation;
mod ask;
mod input;
mod place;
mod read;
mod result;
mod test;

pub use ask::ask;
pub use input::keeps;
pub use read::{Read, read};
pub use test::{Tested, test};

use annotation::Annotation;
use std::sync::Arc;

/// A package that can be asked.
#[derive(Debug)]
pub struct Package {
    /// With what it needs, and data.
    package: rego::Package,
    /// It has exceptions from its rules.
    exceptions: bool,
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
        let mut text = format!("The rule `{}` of the Rego package `{}`.", self.rule, self.package.package.name());
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
