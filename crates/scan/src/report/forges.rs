//! Findings where code is reviewed: annotations, code quality reports, comments.

use super::{Behind, Report, table};
use crate::rules::Severity;
use crate::scanner::Found;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Rows of a comment; a longer one is not read.
const MAX_ROWS: usize = 50;

/// Workflow commands of GitHub Actions, one a line.
pub(super) fn github(report: &Report<'_>) -> String {
    let mut out = String::new();
    for found in &report.shown {
        let finding = &found.finding;
        let level = match finding.severity {
            Severity::Info | Severity::Low => "notice",
            Severity::Medium => "warning",
            Severity::High | Severity::Critical => "error",
        };
        let _ = writeln!(
            out,
            "::{level} file={},line={},endLine={},col={},title={}::{}",
            property(&finding.path),
            finding.start.line,
            finding.end.line,
            finding.start.column,
            property(&format!("{} ({})", finding.title, report.named(finding))),
            data(&format!("{}\n{}", finding.message, report.answerable(found)))
        );
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// GitLab's code quality report.
pub(super) struct Issues<'a>(pub &'a Report<'a>);

impl Serialize for Issues<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.shown.iter().map(|found| issue(self.0, found)))
    }
}

fn issue(report: &Report<'_>, found: &Found) -> Value {
    let finding = &found.finding;
    let severity = match finding.severity {
        Severity::Info => "info",
        Severity::Low => "minor",
        Severity::Medium => "major",
        Severity::High => "critical",
        Severity::Critical => "blocker",
    };
    json!({
        "description": format!("{}: {} ({})", finding.title, finding.message, report.answerable(found)),
        "check_name": &*finding.rule,
        "fingerprint": finding.fingerprint,
        "severity": severity,
        "location": {"path": &*finding.path, "lines": {"begin": finding.start.line, "end": finding.end.line}},
    })
}

/// A comment on a pull request.
pub(super) fn markdown(report: &Report<'_>) -> String {
    let mut out = String::from("### Tandem scan\n\n");
    for line in table::summary(report).lines() {
        let _ = writeln!(out, "{}  ", cell(line));
    }
    if report.shown.is_empty() {
        return out;
    }
    out.push_str("\n| severity | where | what | rule | control, and until when |\n|---|---|---|---|---|\n");
    for found in report.shown.iter().take(MAX_ROWS) {
        let finding = &found.finding;
        let _ = writeln!(
            out,
            "| {} | `{}:{}` | {} | {} | {} |",
            finding.severity.name(),
            finding.path.replace(['`', '|'], " "),
            finding.start.line,
            cell(&finding.message),
            cell(&report.named(finding)),
            cell(&control(report, found))
        );
    }
    if report.shown.len() > MAX_ROWS {
        let _ = writeln!(out, "\nand {} more", report.shown.len() - MAX_ROWS);
    }
    out
}

/// The control behind a finding, and what hides it.
fn control(report: &Report<'_>, found: &Found) -> String {
    let behind = report.about.behind(&found.finding.rule).map(Behind::words);
    [Report::hidden(found), behind].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Text that stays in its cell and is no markup.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '@' => {
                out.push('\\');
                out.push(character);
            }
            '\n' | '\r' => out.push(' '),
            other => out.push(other),
        }
    }
    out
}
