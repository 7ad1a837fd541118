//! Suppressions in comments, ours and those of other tools.

use super::{Hidden, Notice, Suppression, Written, covers};
use crate::finding::Finding;
use crate::limits::MAX_SUPPRESSIONS_A_FILE;
use crate::text::{Place, Text};
use aho_corasick::AhoCorasick;
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What marks one of ours.
const MARK: &str = "tandem:ignore";
/// What begins a comment in the formats that are read.
const COMMENTS: &[&str] = &["#", "//", "--", "<!--", ";", "/*", "{{/*", "{{- /*"];
/// How other tools mark a line.
const FOREIGN: &[(&str, &str)] = &[
    ("checkov", "checkov:skip="),
    ("trivy", "trivy:ignore:"),
    ("trivy", "tfsec:ignore:"),
    ("kics", "kics-scan ignore-line"),
    ("kics", "kics-scan ignore-block"),
    ("hadolint", "hadolint ignore="),
    ("zizmor", "zizmor: ignore["),
    ("kube-linter", "ignore-check.kube-linter.io/"),
    ("nosec", "nosec"),
    ("gitleaks", "gitleaks:allow"),
    ("betterleaks", "betterleaks:allow"),
    ("kingfisher", "kingfisher:ignore"),
    ("kingfisher", "kingfisher:allow"),
    ("trufflehog", "trufflehog:ignore"),
    ("detect-secrets", "pragma: allowlist secret"),
    ("detect-secrets", "pragma: whitelist secret"),
    ("ggshield", "ggignore"),
];

/// All of them at once; none when they cannot be looked for like that, which they can.
static MARKS: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new(FOREIGN.iter().map(|(_, mark)| *mark).chain([MARK])).ok());

/// A marker of another tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Foreign {
    /// The tool.
    pub tool: &'static str,
    /// The line that has it.
    pub line: u32,
    /// What the line says of it.
    pub says: String,
}

/// The suppressions of one file, by the line they are for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inline {
    ours: BTreeMap<u32, Vec<Suppression>>,
    foreign: BTreeMap<u32, Foreign>,
    pub notices: Vec<Notice>,
}

impl Inline {
    pub fn read(text: &Text, today: NaiveDate) -> Inline {
        let mut inline = Inline::default();
        if !Inline::may_be(text.text.as_bytes()) {
            return inline;
        }
        for line in 1..=text.lines() as u32 {
            let says = text.line(line);
            if let Some((before, after)) = says.split_once(MARK) {
                if inline.ours.len() >= MAX_SUPPRESSIONS_A_FILE {
                    break;
                }
                let place = Place { line, column: before.chars().count() as u32 + 1 };
                let (suppression, notice) = written(after, text, place).judge(today);
                let about = about(text, line);
                inline.notices.extend(notice);
                inline.ours.entry(about).or_default().extend(suppression);
            } else if let Some((tool, mark)) = FOREIGN.iter().find(|(_, mark)| says.contains(mark)) {
                let from = says.find(mark).unwrap_or(0);
                let foreign = Foreign { tool, line, says: says[from..].chars().take(120).collect() };
                inline.foreign.insert(about(text, line), foreign.clone());
                inline.foreign.insert(line, foreign);
            }
        }
        inline
    }

    /// Whether a text may have any.
    pub fn may_be(bytes: &[u8]) -> bool {
        MARKS.as_ref().is_none_or(|marks| marks.is_match(bytes))
    }

    /// The same in a text that follows so many lines.
    #[must_use]
    pub fn below(mut self, lines: u32) -> Inline {
        if lines > 0 {
            for of in self.ours.values_mut().flatten() {
                of.line += lines;
            }
            for of in self.foreign.values_mut() {
                of.line += lines;
            }
            for notice in &mut self.notices {
                notice.place.line += lines;
            }
            self.ours = self.ours.into_iter().map(|(line, of)| (line + lines, of)).collect();
            self.foreign = self.foreign.into_iter().map(|(line, of)| (line + lines, of)).collect();
        }
        self
    }

    /// Adds those of another part of the text.
    pub fn extend(&mut self, other: Inline) {
        self.ours.extend(other.ours);
        self.foreign.extend(other.foreign);
        self.notices.extend(other.notices);
    }

    pub fn hides(&self, finding: &Finding, foreign: bool) -> Option<Hidden> {
        let lines = finding.start.line..=finding.end.line.max(finding.start.line);
        // A finding about many lines is suppressed at its first.
        let first = finding.start.line;
        let ours = self.ours.get(&first).into_iter().flatten().find(|of| covers(&of.rules, &finding.rule));
        if let Some(ours) = ours {
            return Some(Hidden::Suppressed(ours.clone()));
        }
        let marker = foreign.then(|| self.foreign.range(lines).next()).flatten();
        marker.map(|(_, marker)| Hidden::Foreign(marker.clone()))
    }
}

/// The line that a marker is for: its own, or the next that is no comment when it stands alone.
fn about(text: &Text, line: u32) -> u32 {
    let is_comment = |line: u32| {
        let says = text.line(line).trim_start();
        COMMENTS.iter().any(|comment| says.starts_with(comment))
    };
    let is_blank = |line: u32| text.line(line).trim().is_empty();
    if !is_comment(line) {
        return line;
    }
    let last = text.lines() as u32;
    (line + 1..=last).find(|next| !is_comment(*next) && !is_blank(*next)).unwrap_or(line)
}

fn written<'a>(after: &'a str, text: &'a Text, place: Place) -> Written<'a> {
    let mut rules = Vec::new();
    let (mut reason, mut owner, mut until) = (None, None, None);
    let mut rest = after.trim_start_matches([' ', '\t', ':']);
    while !rest.is_empty() {
        let end = rest.find([' ', '\t', '=']).unwrap_or(rest.len());
        let name = &rest[..end];
        let Some(value) = rest[end..].strip_prefix('=') else {
            // Policies of other tools have ids such as CKV2_CUSTOM_1 and main.deny.
            let is_id = |id: &&str| id.contains(['-', '_', '.']) && !id.starts_with('-') && !id.ends_with('.');
            let ids = name.split(',').filter(is_id);
            rules.extend(ids.map(str::to_owned));
            rest = rest[end..].trim_start();
            continue;
        };
        let (value, left) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => value.split_once([' ', '\t']).unwrap_or((value, "")),
        };
        match name {
            "reason" => reason = Some(value),
            "owner" => owner = Some(value),
            "until" => until = Some(value),
            _ => {}
        }
        rest = left.trim_start();
    }
    Written { rules, reason, owner, until, path: &text.path, place }
}
