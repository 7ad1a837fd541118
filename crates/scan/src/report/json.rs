//! One JSON document, written finding by finding: as values in memory, many findings took more room than all else together.
//!
//! Members are in the order of their names, as `serde_json` has them in a map.

use super::{Behind, Report, answer_with};
use crate::evaluate::Undecided;
use crate::rules::Severity;
use crate::scanner::{Commit, Found};
use crate::suppress::{Hidden, Suppression};
use crate::text::Place;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The whole document.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<Sorted<'a, Suppression>>,
    components: Sorted<'a, crate::parts::run::Told>,
    findings: Findings<'a>,
    problems: Vec<Sorted<'a, crate::scanner::Problem>>,
    summary: Summary,
    suppressions: Vec<Sorted<'a, crate::suppress::Notice>>,
    tool: Value,
    undecided: Undecideds<'a>,
    version: u8,
}

/// What was counted.
#[derive(Serialize)]
struct Summary {
    binary: usize,
    bytes: u64,
    cut: usize,
    enforced: Option<Severity>,
    files: usize,
    incomplete: bool,
    known: usize,
    open: usize,
    rules: usize,
    suppressed: usize,
    would_stop: usize,
}

/// Findings with the controls behind them, each made when it is written.
struct Findings<'a>(&'a Report<'a>);

/// One of them.
#[derive(Serialize)]
struct Finding<'a> {
    address: &'a str,
    answer_with: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<Written<'a>>,
    confidence: crate::rules::Confidence,
    #[serde(skip_serializing_if = "Option::is_none")]
    control: Option<&'a Behind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    controls: Option<BTreeMap<&'a str, Texts<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cwe: Option<Texts<'a>>,
    end: At,
    fingerprint: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden: Option<Sorted<'a, Hidden>>,
    message: &'a str,
    path: &'a str,
    rule: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    same: Option<&'a str>,
    severity: Severity,
    start: At,
    title: &'a str,
}

/// A commit.
#[derive(Serialize)]
struct Written<'a> {
    day: &'a str,
    id: &'a str,
}

/// A place.
#[derive(Serialize)]
struct At {
    column: u32,
    line: u32,
}

/// Texts that are shared.
struct Texts<'a>(&'a [Arc<str>]);

/// What could not be decided.
struct Undecideds<'a>(&'a [Undecided]);

/// One of it.
#[derive(Serialize)]
struct Open<'a> {
    address: &'a str,
    line: u32,
    path: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: &'a str,
    rule: &'a str,
}

/// What is rare: it goes through a value, which has its members in their order.
struct Sorted<'a, T>(&'a T);

impl<'a> Document<'a> {
    pub(super) fn of(report: &'a Report<'a>) -> Document<'a> {
        let scan = report.scan;
        Document {
            baseline: report.baseline.as_ref().map(Sorted),
            components: Sorted(&scan.parts),
            findings: Findings(report),
            problems: scan.problems.iter().map(Sorted).collect(),
            summary: Summary {
                binary: scan.binary,
                bytes: scan.bytes,
                cut: scan.cut,
                enforced: report.enforced,
                files: scan.files,
                incomplete: scan.is_incomplete(),
                known: report.known,
                open: report.open,
                rules: report.about.len(),
                suppressed: report.suppressed,
                would_stop: report.stopped,
            },
            suppressions: scan.notices.iter().map(Sorted).collect(),
            tool: json!({"name": "tandem", "version": env!("CARGO_PKG_VERSION")}),
            undecided: Undecideds(&scan.undecided),
            version: 1,
        }
    }
}

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.shown.iter().map(|found| Finding::of(self.0, found)))
    }
}

impl<'a> Finding<'a> {
    fn of(report: &Report<'a>, found: &'a Found) -> Finding<'a> {
        let finding = &found.finding;
        let about = report.about.get(&finding.rule);
        let commit = |commit: &'a Commit| Written { day: &commit.day, id: &commit.id };
        Finding {
            address: &finding.address,
            answer_with: answer_with(&finding.rule),
            commit: found.commit.as_ref().map(commit),
            confidence: finding.confidence,
            control: report.about.behind(&finding.rule),
            controls: about.map(|about| about.controls.iter().map(|(of, ids)| (&**of, Texts(ids))).collect()),
            cwe: about.map(|about| Texts(&about.cwe)),
            end: finding.end.into(),
            fingerprint: &finding.fingerprint,
            hidden: found.hidden.as_ref().map(Sorted),
            message: &finding.message,
            path: &finding.path,
            rule: &finding.rule,
            same: found.same.as_deref(),
            severity: finding.severity,
            start: finding.start.into(),
            title: &finding.title,
        }
    }
}

impl From<Place> for At {
    fn from(place: Place) -> At {
        At { column: place.column, line: place.line }
    }
}

impl Serialize for Texts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|text| &**text))
    }
}

impl Serialize for Undecideds<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|of| Open {
            address: &of.address,
            line: of.line,
            path: &of.path,
            reason: &of.reason,
            rule: &of.rule,
        }))
    }
}

impl<T: Serialize> Serialize for Sorted<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::to_value(self.0).map_err(S::Error::custom)?.serialize(serializer)
    }
}
