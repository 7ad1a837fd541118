//! The page beside a rule: what it sees, why that matters, how to fix it, and cases that prove it.
//!
//! ````markdown
//! # Title as in the rule
//! What it sees.
//! ## Why it matters for operations
//! ## Why it matters for security
//! ## False positives
//! ## How to fix
//! ## Cases
//! ### fires: a sentence (line 3)
//! ```yaml deployment.yml
//! kind: ...
//! ```
//! ### quiet: a near miss
//! ````
//!
//! A block's first line names its language and the path of the file; several blocks of a case are several files. `(line N)` is
//! optional: the line of the first file where a finding is expected.

mod parse;
mod run;

pub use run::{RuleTested, Scan, Tested, has_rules, lint, test, test_folder};

use crate::text::Place;
use std::fmt;
use std::sync::Arc;

/// Cases that a page has at least of each kind.
pub const LEAST_CASES: usize = 2;

/// A page.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Its title, as in the rule.
    pub title: String,
    /// The line where that stands.
    pub line: usize,
    /// What the rule sees, in Markdown like all texts here.
    pub front: String,
    /// What outage, drift or toil it means.
    pub operations: String,
    /// What attack it means.
    pub security: String,
    /// What else looks like it.
    pub false_positives: String,
    /// What to write instead.
    pub how_to_fix: String,
    /// Sections of other names, by name.
    pub other: Vec<(String, String)>,
    /// Its cases, in order.
    pub cases: Vec<Case>,
}

/// Files, and whether the rule must find something in them.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// It must; otherwise it must stay quiet.
    pub fires: bool,
    /// The sentence of its heading.
    pub says: String,
    /// The line of its heading.
    pub line: usize,
    /// The line of the first file where a finding is expected.
    pub expected: Option<u32>,
    /// Its files, in order: path and text.
    pub files: Vec<(String, String)>,
}

/// What is wrong with a page or a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: Arc<str>,
    /// Where.
    pub place: Place,
    /// What, and what to do about it.
    pub says: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.place.line, self.place.column, self.says)
    }
}

impl Page {
    /// Reads a page.
    ///
    /// # Errors
    /// All that is wrong with it, told at once.
    pub fn parse(file: &str, text: &str) -> Result<Page, Vec<Problem>> {
        parse::page(file, text)
    }
}

#[cfg(test)]
mod tests;
