//! Findings for people: each with the line it is about.

use super::{Behind, Report, plain};
use crate::rules::Severity;
use crate::scanner::Found;
use crate::shown::Shown;
use crate::suppress::Suppression;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// All of them, and the summary.
pub(super) fn render(report: &Report<'_>, colours: bool) -> String {
    let mut out = String::new();
    let same = |a: &&Found, b: &&Found| {
        let place = |of: &Found| (of.finding.start, of.finding.end);
        a.finding.path == b.finding.path && place(a) == place(b) && a.commit == b.commit
    };
    for found in report.shown.chunk_by(same) {
        place(report, found, &mut out);
    }
    if report.undecided {
        for undecided in &report.scan.undecided {
            let _ = write!(
                out,
                "undecided  {}:{}  {}  {}",
                undecided.path, undecided.line, undecided.rule, undecided.address
            );
            let _ = if undecided.reason.is_empty() { writeln!(out) } else { writeln!(out, ": {}", undecided.reason) };
        }
    }
    for problem in &report.scan.problems {
        let place = problem.place.map_or(String::new(), |place| format!(":{}:{}", place.line, place.column));
        let _ = writeln!(out, "not read  {}{place}: {}", problem.path, problem.reason);
    }
    for notice in &report.scan.notices {
        let _ = writeln!(out, "suppression  {}:{}: {}", notice.path, notice.place.line, notice.says);
    }
    let mut out = plain(&out);
    if colours {
        out = coloured(&out);
    }
    out.push_str(&plain(&controls(report)));
    out.push_str(&summary(report));
    out
}

/// A place with its line, and what is wrong there, the worst first.
fn place(report: &Report<'_>, found: &[&Found], out: &mut String) {
    let Some(first) = found.first().map(|found| &found.finding) else { return };
    let _ = writeln!(out, "{}:{}:{}", first.path, first.start.line, first.start.column);
    let Shown { line, about } = &found[0].shown;
    let number = first.start.line.to_string();
    // Tabs stay tabs, so that the caret stands below what it means.
    let before = line.get(..about.start).unwrap_or_default();
    let pad: String = before.chars().map(|character| if character == '\t' { '\t' } else { ' ' }).collect();
    let wide = line.get(about.clone()).unwrap_or_default().chars().count().max(1);
    let _ = writeln!(out, "  {number} | {line}");
    let _ = writeln!(out, "  {} | {pad}{}", " ".repeat(number.len()), "^".repeat(wide));
    let mut found = found.to_vec();
    found.sort_by_key(|found| std::cmp::Reverse(found.finding.severity));
    for one in found {
        let finding = &one.finding;
        let _ = writeln!(out, "  {:<8} {}  [{}]", finding.severity.name(), finding.message, report.named(finding));
        if let Some(why) = Report::hidden(one) {
            let _ = writeln!(out, "           {why}");
        }
    }
    out.push('\n');
}

/// The controls behind what is shown, who answers for each and until when, with the rules that they stand behind.
fn controls(report: &Report<'_>) -> String {
    let mut behind: BTreeMap<&str, (&Behind, BTreeSet<&str>)> = BTreeMap::new();
    for found in &report.shown {
        if let Some(one) = report.about.behind(&found.finding.rule) {
            behind.entry(&one.name).or_insert_with(|| (one, BTreeSet::new())).1.insert(&found.finding.rule);
        }
    }
    let mut out = String::new();
    for (one, rules) in behind.into_values() {
        let rules: Vec<&str> = rules.into_iter().collect();
        let _ = writeln!(out, "control {}; ask {}: {}", one.words(), one.ask, rules.join(", "));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// What the baseline hides, with its reason, owner and end.
pub(super) fn known(report: &Report<'_>) -> Option<String> {
    let by = report.baseline.as_ref().filter(|_| report.known > 0)?;
    let Suppression { reason, owner, until, path, .. } = by;
    Some(format!("the baseline hides until {until} by {owner}: {reason} (to answer, change {path})"))
}

/// How many there are, and what would have been stopped.
pub(super) fn summary(report: &Report<'_>) -> String {
    let scan = report.scan;
    let mut by_severity = Vec::new();
    for severity in [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info] {
        let open = |found: &&&Found| found.finding.severity == severity && found.hidden.is_none();
        let count = report.shown.iter().filter(open).count();
        if count > 0 {
            by_severity.push(format!("{count} {}", severity.name()));
        }
    }
    let mut parts = vec![match report.open {
        0 => "no findings".to_owned(),
        1 => format!("1 finding: {}", by_severity.join(", ")),
        more => format!("{more} findings: {}", by_severity.join(", ")),
    }];
    for (count, what) in [
        (report.suppressed, "suppressed (--suppressed shows them)"),
        (report.known, "known by the baseline"),
        (scan.undecided.len(), "undecided (--undecided shows them)"),
        (scan.cut, "more than are shown"),
        (scan.problems.len(), "files not read: incomplete"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    let verdict = match report.enforced {
        Some(severity) if report.stopped > 0 => format!("stopped: {} at {} or worse", report.stopped, severity.name()),
        Some(severity) => format!("nothing at {} or worse", severity.name()),
        None => format!("observing: would have stopped {} with --enforce high", report.stopped),
    };
    let mut out = format!("{} in {} files by {} rules\n{verdict}\n", parts.join(", "), scan.files, report.about.len());
    for line in scan.parts.says.iter().cloned().chain(known(report)) {
        let _ = writeln!(out, "{}", plain(&line));
    }
    if report.open > 0 {
        out.push_str("why, how to mend it, and how to answer: tandem scan --explain RULE\n");
    }
    out
}

/// Severities in colour.
fn coloured(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    for line in text.split_inclusive('\n') {
        let told = line.strip_prefix("  ").unwrap_or_default();
        let colour = match told.split(' ').next() {
            Some("critical" | "high") => Some("31;1"),
            Some("medium") => Some("33"),
            Some("low" | "info") => Some("36"),
            _ => None,
        };
        match (colour, told.split_once(' ')) {
            (Some(colour), Some((word, rest))) => {
                let _ = write!(out, "  \u{1b}[{colour}m{word}\u{1b}[0m {rest}");
            }
            _ => out.push_str(line),
        }
    }
    out
}
