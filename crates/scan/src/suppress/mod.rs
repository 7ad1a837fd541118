//! Suppressions in the code and in a file: each has a reason, an owner and an end, or it hides nothing.
//!
//! In a comment, for its own line or, when it stands alone, for the next line that is no comment:
//!
//! ```text
//! # tandem:ignore RULE[,RULE...] reason="why" owner=team until=2027-01-31
//! ```
//!
//! In `.tandem/suppressions.yml` at the root:
//!
//! ```yaml
//! - rules: [kubernetes-privileged-container]
//!   paths: [deploy/**]            # or fingerprints: [...]
//!   reason: why
//!   owner: team
//!   until: 2027-01-31
//! ```

mod file;
mod inline;

pub use file::Suppressions;
pub use inline::Foreign;
pub(crate) use inline::Inline;

use crate::finding::Finding;
use crate::limits::{ANNOUNCE_DAYS, MAX_SUPPRESSED_DAYS};
use crate::text::{Place, Text};
use chrono::NaiveDate;
use serde::Serialize;
use std::sync::Arc;

/// What hides a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suppression {
    /// The rules it is about.
    pub rules: Vec<String>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it hides.
    pub until: String,
    /// Where it is written.
    #[serde(serialize_with = "crate::finding::as_text")]
    pub path: Arc<str>,
    /// The line of it.
    pub line: u32,
}

/// Something to say about a suppression: it is not honoured, or will not be for long.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Notice {
    /// Where it is written.
    #[serde(serialize_with = "crate::finding::as_text")]
    pub path: Arc<str>,
    /// Where in it.
    pub place: Place,
    /// What, and what to do.
    pub says: String,
    /// It hides nothing.
    pub void: bool,
}

/// How a finding is hidden.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Hidden {
    /// By one of ours.
    Suppressed(Suppression),
    /// By another tool's marker, which has no owner and no end.
    Foreign(Foreign),
}

/// What is hidden and what is said about it.
#[derive(Debug, Default)]
pub struct Applied {
    /// By finding, in their order.
    pub hidden: Vec<Option<Hidden>>,
    /// What is to be said.
    pub notices: Vec<Notice>,
}

/// A suppression as it is written, before it is known whether it counts.
pub(crate) struct Written<'a> {
    pub rules: Vec<String>,
    pub reason: Option<&'a str>,
    pub owner: Option<&'a str>,
    pub until: Option<&'a str>,
    pub path: &'a Arc<str>,
    pub place: Place,
}

impl Written<'_> {
    /// Whether it counts today, and what is to be said about it.
    pub(crate) fn judge(self, today: NaiveDate) -> (Option<Suppression>, Option<Notice>) {
        let notice = |says: String, void: bool| Notice { path: self.path.clone(), place: self.place, says, void };
        let given = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let missing: Vec<&str> = [("reason", self.reason), ("owner", self.owner), ("until", self.until)]
            .into_iter()
            .filter(|(_, text)| given(*text).is_none())
            .map(|(name, _)| name)
            .collect();
        if !missing.is_empty() {
            let says = format!("this suppression hides nothing: it has no {}", missing.join(" and no "));
            return (None, Some(notice(says, true)));
        }
        if self.rules.is_empty() {
            return (None, Some(notice("this suppression hides nothing: it names no rule".to_owned(), true)));
        }
        let (reason, owner, until) = (given(self.reason), given(self.owner), given(self.until).unwrap_or_default());
        let Ok(end) = NaiveDate::parse_from_str(&until, "%Y-%m-%d") else {
            let says = format!("this suppression hides nothing: `{until}` is no date like 2027-01-31");
            return (None, Some(notice(says, true)));
        };
        let left = (end - today).num_days();
        if left < 0 {
            let says = format!("this suppression ended on {until}: mend what it hid, or say why for longer");
            return (None, Some(notice(says, true)));
        }
        if left > MAX_SUPPRESSED_DAYS {
            let says = format!(
                "this suppression hides nothing: {until} is more than {MAX_SUPPRESSED_DAYS} days from now (MAX_SUPPRESSED_DAYS)"
            );
            return (None, Some(notice(says, true)));
        }
        let soon = (left <= ANNOUNCE_DAYS).then(|| notice(format!("this suppression ends on {until}"), false));
        let suppression = Suppression {
            rules: self.rules,
            reason: reason.unwrap_or_default(),
            owner: owner.unwrap_or_default(),
            until,
            path: self.path.clone(),
            line: self.place.line,
        };
        (Some(suppression), soon)
    }
}

/// What hides each finding. `text_of` answers the text of a file; `foreign` honours the markers of other tools.
pub fn apply<'t>(
    findings: &[Finding],
    file: &Suppressions,
    text_of: impl Fn(&Finding) -> Option<&'t Text>,
    today: NaiveDate,
    foreign: bool,
) -> Applied {
    let read = |finding: &Finding| text_of(finding).map(|text| inline::Inline::read(text, today)).unwrap_or_default();
    apply_read(findings.iter(), file, read, foreign)
}

/// The same, where `inline_of` answers what is written in a finding's file; findings are in the order of their files.
pub(crate) fn apply_read<'f>(
    findings: impl Iterator<Item = &'f Finding>,
    file: &Suppressions,
    inline_of: impl Fn(&Finding) -> Inline,
    foreign: bool,
) -> Applied {
    let mut applied = Applied::default();
    let mut known: Option<(Arc<str>, Inline)> = None;
    applied.notices.extend(file.notices.iter().cloned());
    for finding in findings {
        if known.as_ref().is_none_or(|(path, _)| *path != finding.path) {
            known = Some((finding.path.clone(), inline_of(finding)));
        }
        let hidden = match &known {
            Some((_, inline)) => inline.hides(finding, foreign).or_else(|| file.hides(finding)),
            None => file.hides(finding),
        };
        applied.hidden.push(hidden);
    }
    applied
}

/// What is to be said of the suppressions in a text, whether or not anything was found in it.
pub fn notices(text: &Text, today: NaiveDate) -> Vec<Notice> {
    inline::Inline::read(text, today).notices
}

fn covers(rules: &[String], rule: &str) -> bool {
    rules.iter().any(|of| of == rule)
}

#[cfg(test)]
mod tests;
