//! What is known while a document is read: its file, the options, what may still be used.

use super::lint::Finding;
use crate::limits::{MAX_FINDINGS, MAX_LEAVES, MAX_LEAVES_TOGETHER, MAX_REASON_BYTES};
use crate::rule::Place;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use yaml::Node;

/// What the loader must know beside the texts.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Values of placeholders, by name without the percent signs. A value may have wildcards.
    pub placeholders: BTreeMap<String, Vec<String>>,
}

/// Why something of a file is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Where.
    pub place: Place,
    /// The document's title, name or id, as far as it could be read; empty otherwise.
    pub title: String,
    /// The field that is to blame, such as `detection.selection.Image|contains`.
    pub field: String,
    /// What is wrong, and what to do.
    pub reason: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Refusal {}

/// Reads documents of one file after the other. Regular expressions share one budget.
#[derive(Debug)]
pub(super) struct Reader<'o> {
    pub(super) options: &'o Options,
    /// The file.
    pub(super) file: Arc<str>,
    /// What is odd so far.
    pub(super) findings: Vec<Finding>,
    /// Findings beyond the bound.
    pub(super) findings_left_out: usize,
    /// Tests of the rule that is read.
    pub(super) leaves: usize,
    /// Tests of all rules so far.
    pub(super) leaves_together: usize,
    /// Compiled size of what was tried as a regular expression in this file.
    pub(super) regex_file_bytes: usize,
    /// Compiled size of regular expressions so far.
    pub(super) regex_bytes: usize,
}

impl<'o> Reader<'o> {
    /// A reader without a file.
    pub(super) fn new(options: &'o Options) -> Reader<'o> {
        Reader {
            options,
            file: "".into(),
            findings: Vec::new(),
            findings_left_out: 0,
            leaves: 0,
            leaves_together: 0,
            regex_file_bytes: 0,
            regex_bytes: 0,
        }
    }

    /// What was odd in what has been read, and how many findings were too many.
    pub(super) fn into_findings(self) -> (Vec<Finding>, usize) {
        (self.findings, self.findings_left_out)
    }

    /// How far the findings are, for [`Reader::forget`].
    pub(super) fn mark(&self) -> (usize, usize) {
        (self.findings.len(), self.findings_left_out)
    }

    /// Forgets the findings since then, for a document that was refused.
    pub(super) fn forget(&mut self, (findings, left_out): (usize, usize)) {
        self.findings.truncate(findings);
        self.findings_left_out = left_out;
    }

    pub(super) fn place(&self, node: Node<'_>) -> Place {
        let (line, column) = node.place();
        Place { file: self.file.clone(), line, column }
    }

    pub(super) fn refuse(&self, node: Node<'_>, field: &str, reason: impl AsRef<str>) -> Refusal {
        refusal(self.place(node), field, reason.as_ref())
    }

    /// Notes something odd that is no reason to refuse.
    pub(super) fn note(&mut self, node: Node<'_>, check: &'static str, message: impl Into<String>) {
        let place = self.place(node);
        self.note_at(place, check, message);
    }

    pub(super) fn note_at(&mut self, place: Place, check: &'static str, message: impl Into<String>) {
        if self.findings.len() >= MAX_FINDINGS {
            self.findings_left_out += 1;
            return;
        }
        self.findings.push(Finding { place, check, message: cut(&message.into()) });
    }

    /// Another so many tests of this rule.
    pub(super) fn spend(&mut self, leaves: usize, node: Node<'_>, field: &str) -> Result<(), Refusal> {
        self.leaves += leaves;
        self.leaves_together += leaves;
        if self.leaves_together > MAX_LEAVES_TOGETHER {
            let reason = format!(
                "all rules together have more than {MAX_LEAVES_TOGETHER} tests (MAX_LEAVES_TOGETHER): load fewer"
            );
            return Err(self.refuse(node, field, reason));
        }
        if self.leaves > MAX_LEAVES {
            let reason = format!("written out, this rule has more than {MAX_LEAVES} tests (MAX_LEAVES): split it");
            return Err(self.refuse(node, field, reason));
        }
        Ok(())
    }
}

/// A refusal with a reason that is not too long.
pub(super) fn refusal(place: Place, field: &str, reason: &str) -> Refusal {
    Refusal { place, title: String::new(), field: cut(field), reason: cut(reason) }
}

fn cut(text: &str) -> String {
    match text.char_indices().find(|(at, _)| *at > MAX_REASON_BYTES) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A text as it is shown in a message: not long, no control characters.
pub(super) fn shown(text: &str) -> String {
    let mut out: String = text.chars().take(80).flat_map(char::escape_debug).collect();
    if text.chars().nth(80).is_some() {
        out.push('…');
    }
    out
}

/// The known word that is closest, when one is close enough to be meant.
pub(super) fn closest<'w>(word: &str, known: &[&'w str]) -> Option<&'w str> {
    if word.len() > 40 {
        return None;
    }
    let word = word.to_lowercase();
    let allowed = if word.len() <= 4 { 1 } else { 2 };
    let near = known.iter().map(|known| (distance(&word, known), *known)).min()?;
    (near.0 <= allowed).then_some(near.1)
}

/// Letters to change, add, remove or swap.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut least = (rows[i][j] + usize::from(x != y)).min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
