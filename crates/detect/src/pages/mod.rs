//! The page beside a rule: why it exists, what to do when it fires, and cases that prove it.
//!
//! ````markdown
//! # Title as in the rule
//! What it sees.
//! ## Why it matters for operations
//! ## Why it matters for security
//! ## False positives
//! ## What to do
//! ## Cases
//! ### fires: a log-in as the collector sends it
//! ```json
//! {"one": "event"} {"another": "event"}
//! ```
//! ### quiet: a near miss
//! ````
//!
//! Other sections may stand beside these. A case has all events of its story, as JSON objects, in any number of blocks.

mod parse;
mod run;

pub use run::{OpsStory, Tested, test};

use crate::rule::Place;
use serde_json::{Map, Value};
use std::fmt;

/// Cases that a page has at least of each kind.
pub const LEAST_CASES: usize = 2;

/// A page.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Its title, as in the rule.
    pub title: String,
    /// Where that stands.
    pub place: Place,
    /// What the rule sees, in Markdown like all texts here.
    pub front: String,
    /// What outage, drift or toil it means.
    pub operations: String,
    /// What attack it means.
    pub security: String,
    /// What else looks like it.
    pub false_positives: String,
    /// The runbook.
    pub what_to_do: String,
    /// Sections of other names, by name.
    pub other: Vec<(String, String)>,
    /// Its cases, in order.
    pub cases: Vec<Case>,
}

/// A story, and whether the rule must fire for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// It must fire; otherwise it must stay quiet.
    pub fires: bool,
    /// The sentence of its heading.
    pub says: String,
    /// Its heading.
    pub place: Place,
    /// Its events, in order.
    pub events: Vec<CaseEvent>,
}

/// An event of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseEvent {
    /// Where it begins.
    pub place: Place,
    /// What the collector sends.
    pub object: Map<String, Value>,
}

/// What is wrong with a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What, and what to do about it.
    pub says: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.says)
    }
}

impl Page {
    /// Reads a page. All that is wrong with it is told at once.
    pub fn parse(file: &str, text: &str) -> Result<Page, Vec<Problem>> {
        parse::page(file, text)
    }
}

#[cfg(test)]
mod tests;
