//! The secrets of a whole history, as findings like any other.

use super::{Found, Options, Problem, Scan, clean};
use crate::resource::FileId;
use crate::secrets::Value;
use crate::secrets::history::{self, HistoryError, Past};
use crate::shown::Redactor;
use crate::suppress::{self, Inline};
use crate::text::Text;
use crate::tree::Tree;
use ahash::AHashMap;
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;

/// Characters of a commit's name in sentences.
const SHORT: usize = 10;

/// Where in a history something is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Commit {
    /// The oldest commit that has it, short.
    pub id: String,
    /// The day on which its author wrote it.
    pub day: String,
}

/// Looks for secrets in all that the repository at a path ever held. Each is found once, in the oldest commit that has it.
///
/// # Errors
/// When there is no repository. What in it cannot be read is among the problems.
pub fn history(root: &Path, options: Options<'_>) -> Result<Scan, HistoryError> {
    let Some(secrets) = options.secrets else { return Ok(Scan::default()) };
    let found = history::history(root, secrets, options.key, options.jobs)?;
    let mut scan = Scan { files: found.blobs, bytes: found.bytes, cut: found.cut, ..Scan::default() };
    let path: Arc<str> = "".into();
    scan.problems.extend(found.problems.into_iter().map(|reason| Problem { path: path.clone(), place: None, reason }));
    let runs = found.findings.iter().filter_map(|past| past.run.as_ref().map(Value::bytes));
    let redactor = Redactor::new(found.findings.iter().map(|past| &past.finding), runs);
    let mut files: AHashMap<Arc<str>, FileId> = AHashMap::new();
    for past in found.findings.into_iter().filter(|past| past.finding.asked) {
        let add = || scan.world.add_file(Text::new(past.finding.path.clone(), ""), Tree::default());
        let file = *files.entry(past.finding.path.clone()).or_insert_with(add);
        scan.findings.push(of(past, file));
    }
    let suppressions = super::suppressions(root, options);
    let findings = scan.findings.iter().map(|found| &found.finding);
    let applied = suppress::apply_read(findings, &suppressions, |_| Inline::default(), options.foreign);
    scan.findings.iter_mut().zip(applied.hidden).for_each(|(found, hidden)| found.hidden = hidden);
    scan.notices = applied.notices;
    clean(&mut scan, &redactor);
    Ok(scan)
}

fn of(past: Past, file: FileId) -> Found {
    let day = past.day.and_then(|day| chrono::DateTime::from_timestamp(day.saturating_mul(86_400), 0));
    let day = day.map(|day| day.date_naive().to_string()).unwrap_or_default();
    let commit = past.commit.map(|id| Commit { id: id.chars().take(SHORT).collect(), day });
    let mut finding = past.finding.finding(file);
    finding.message += &match &commit {
        Some(commit) => format!(", since commit {} of {}", commit.id, commit.day),
        None => ", in no commit any more".to_owned(),
    };
    Found { finding, hidden: None, same: past.finding.same, commit, shown: past.shown, secret: true }
}
