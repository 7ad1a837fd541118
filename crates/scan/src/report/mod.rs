//! What a scan says, in each form that people and programs read.
//!
//! | file | holds |
//! |---|---|
//! | `about.rs` | what is known of whatever may report something: rules, detectors, advisories |
//! | `json.rs` | one JSON document |
//! | `table.rs` | for people, each finding with its line |
//! | `sarif.rs` | SARIF 2.1.0 |
//! | `forges.rs` | annotations of GitHub, code quality of GitLab, a comment |
//! | `explain.rs` | the page of a rule |
//!
//! **Invariant:** all forms say the same findings with the same fingerprints.

mod about;
mod explain;
mod forges;
mod json;
mod sarif;
mod table;

#[cfg(test)]
mod tests;

pub use about::{About, Abouts, Behind};
pub use explain::explain;

use crate::finding::Finding;
use crate::rules::Severity;
use crate::scanner::{Found, Scan};
use crate::suppress::{Hidden, Suppression};
use serde::Serialize;
use std::io;

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// With the line they are about, for people.
    Table,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// For a comment on a pull request.
    Markdown,
}

/// Which findings count, and how.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Those that are at least so bad.
    pub least: Severity,
    /// What is at least so bad is stopped; else it is only said what would have been.
    pub enforced: Option<Severity>,
    /// Fingerprints that are known already, sorted.
    pub known: Vec<String>,
    /// Who answers for what a baseline hides, why and until when.
    pub baseline: Option<Suppression>,
    /// Show what is suppressed, too.
    pub suppressed: bool,
    /// Show what could not be decided, too.
    pub undecided: bool,
}

impl Default for Choice {
    fn default() -> Self {
        Choice {
            least: Severity::Info,
            enforced: None,
            known: Vec::new(),
            baseline: None,
            suppressed: false,
            undecided: false,
        }
    }
}

/// What is written.
pub struct Report<'a> {
    scan: &'a Scan,
    about: &'a Abouts,
    /// Those that are shown.
    shown: Vec<&'a Found>,
    /// What is left after suppressions and the baseline.
    open: usize,
    suppressed: usize,
    known: usize,
    baseline: Option<Suppression>,
    /// What would be stopped, or is.
    stopped: usize,
    enforced: Option<Severity>,
    undecided: bool,
}

impl<'a> Report<'a> {
    /// Of a scan, with what is known of its rules.
    pub fn new(scan: &'a Scan, about: &'a Abouts, choice: &Choice) -> Report<'a> {
        let is_known = |found: &&Found| choice.known.binary_search(&found.finding.fingerprint).is_ok();
        let bad = || scan.findings.iter().filter(|found| found.finding.severity >= choice.least);
        let open: Vec<&Found> = bad().filter(|found| found.hidden.is_none() && !is_known(found)).collect();
        let at = choice.enforced.unwrap_or(Severity::High);
        Report {
            scan,
            about,
            open: open.len(),
            suppressed: bad().filter(|found| found.hidden.is_some()).count(),
            known: bad().filter(|found| found.hidden.is_none() && is_known(found)).count(),
            baseline: choice.baseline.clone(),
            stopped: open.iter().filter(|found| found.finding.severity >= at).count(),
            shown: if choice.suppressed { bad().filter(|found| !is_known(found)).collect() } else { open },
            enforced: choice.enforced,
            undecided: choice.undecided,
        }
    }

    /// Findings that are stopped, or would be with `--enforce high`.
    pub fn stopped(&self) -> usize {
        self.stopped
    }

    /// All of it in a form. Colours are for tables alone.
    pub fn write(&self, form: Form, colours: bool) -> String {
        let mut out = Vec::new();
        // Nothing fails in memory, and all forms are text.
        let _ = self.write_to(form, colours, &mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    /// The same to where it belongs, without having all of a long document in memory.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_to(&self, form: Form, colours: bool, out: &mut impl io::Write) -> io::Result<()> {
        match form {
            Form::Table => out.write_all(table::render(self, colours).as_bytes()),
            Form::Json => document(&json::Document::of(self), out),
            Form::Sarif => document(&sarif::Document::of(self), out),
            Form::Github => out.write_all(forges::github(self).as_bytes()),
            Form::Gitlab => document(&forges::Issues(self), out),
            Form::Markdown => out.write_all(forges::markdown(self).as_bytes()),
        }
    }

    /// How many there are, and what would have been stopped: lines for people.
    pub fn summary(&self) -> String {
        table::summary(self)
    }

    /// What hides a finding, with its reason, owner, end and place; none when nothing does.
    fn hidden(found: &Found) -> Option<String> {
        Some(match found.hidden.as_ref()? {
            Hidden::Suppressed(by) => format!(
                "suppressed until {} by {}: {} (to answer, change {}:{})",
                by.until, by.owner, by.reason, by.path, by.line
            ),
            Hidden::Foreign(by) => format!(
                "hidden by a marker of {} in line {}, which has no owner and no end: write tandem:ignore with both",
                by.tool, by.line
            ),
        })
    }

    /// What a line that stands alone says after the message: what hides it, the control behind it, and how to answer.
    fn answerable(&self, found: &Found) -> String {
        let rule = &found.finding.rule;
        let behind = self.about.behind(rule).map(|behind| format!("control {}; ", behind.words()));
        let hidden = Report::hidden(found).map(|hidden| format!("{hidden}; ")).unwrap_or_default();
        format!("{hidden}{}to answer: {}", behind.unwrap_or_default(), answer_with(rule))
    }

    /// The rule's name, with the control behind it.
    fn named(&self, finding: &Finding) -> String {
        match self.about.get(&finding.rule).map(About::control) {
            Some(control) if !control.is_empty() => format!("{}; {control}", finding.rule),
            _ => finding.rule.to_string(),
        }
    }
}

/// Where somebody learns why a rule exists, how to mend what it finds, and how to answer it.
fn answer_with(rule: &str) -> String {
    format!("tandem scan --explain {rule}")
}

/// Text without what would move the cursor or change colours on a terminal: files are hostile, too.
pub fn plain(text: &str) -> String {
    let shown = |c: char| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c };
    text.chars().map(shown).collect()
}

fn document(document: &impl Serialize, out: &mut impl io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    out.write_all(b"\n")
}
