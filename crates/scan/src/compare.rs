//! Two scans compared: what is new, what is fixed.
//!
//! A finding is the same when its fingerprint is. When its file has another name now, its path is in the fingerprint and it would
//! be new: then one that is gone and one that came are the same when rule, address and sentence are, and neither path is in both
//! scans' files. Git's own tracking of renames is not asked: it goes by how many lines are alike, and a small file that changed
//! while it moved would be lost.

use crate::finding::Finding;
use crate::limits::MAX_FIXED_SHOWN;
use crate::scanner::Scan;
use ahash::{AHashMap, AHashSet};
use std::fmt::Write as _;

/// What is different.
#[derive(Debug, Default)]
pub struct Compared<'s> {
    /// Fingerprints of the second scan that the first one knew, by another path too.
    known: AHashSet<&'s str>,
    /// Findings whose file has another name now.
    pub moved: usize,
    /// Findings of the first scan that the second one has no more.
    pub fixed: Vec<&'s Finding>,
}

/// Compares a scan with an earlier one.
pub fn compare<'s>(base: &'s Scan, head: &'s Scan) -> Compared<'s> {
    let of = |scan: &'s Scan| scan.findings.iter().map(|found| &found.finding);
    let was: AHashSet<&str> = of(base).map(|finding| finding.fingerprint.as_str()).collect();
    let is: AHashSet<&str> = of(head).map(|finding| finding.fingerprint.as_str()).collect();
    let mut compared = Compared { known: is.intersection(&was).copied().collect(), ..Compared::default() };
    let paths = |scan: &'s Scan| -> AHashSet<&str> {
        scan.world.files.iter().map(|file| &*file.text.path).chain(of(scan).map(|finding| &*finding.path)).collect()
    };
    let (old, new) = (paths(base), paths(head));
    let mut gone: AHashMap<(&str, &str, &str), Vec<&Finding>> = AHashMap::new();
    // The first one is taken first.
    let open = base.findings.iter().rev().filter(|found| !is.contains(found.finding.fingerprint.as_str()));
    for found in open {
        let finding = &found.finding;
        if found.hidden.is_none() {
            compared.fixed.push(finding);
        }
        if !new.contains(&*finding.path) {
            gone.entry(same(finding)).or_default().push(finding);
        }
    }
    let mut moved: AHashSet<&str> = AHashSet::new();
    for finding in of(head).filter(|finding| !was.contains(finding.fingerprint.as_str())) {
        if old.contains(&*finding.path) {
            continue;
        }
        if let Some(before) = gone.get_mut(&same(finding)).and_then(Vec::pop) {
            compared.known.insert(&finding.fingerprint);
            moved.insert(&before.fingerprint);
        }
    }
    compared.moved = moved.len();
    compared.fixed.retain(|finding| !moved.contains(finding.fingerprint.as_str()));
    compared.fixed.sort_by(|a, b| (&a.path, a.span, &a.rule).cmp(&(&b.path, b.span, &b.rule)));
    compared
}

fn same(finding: &Finding) -> (&str, &str, &str) {
    (&finding.rule, &finding.address, &finding.message)
}

impl Compared<'_> {
    /// The findings of the second scan that the first one knew, sorted.
    pub fn fingerprints(&self) -> Vec<String> {
        let mut all: Vec<String> = self.known.iter().map(|fingerprint| (*fingerprint).to_owned()).collect();
        all.sort_unstable();
        all
    }

    /// What is fixed since, in lines for people.
    pub fn says(&self, base: &str) -> String {
        let mut text = format!("compared with {base}: {} known, {} fixed\n", self.known.len(), self.fixed.len());
        for finding in self.fixed.iter().take(MAX_FIXED_SHOWN) {
            let _ = writeln!(text, "fixed: {} in {}:{}", finding.rule, finding.path, finding.start.line);
        }
        if self.fixed.len() > MAX_FIXED_SHOWN {
            let _ = writeln!(text, "and {} more", self.fixed.len() - MAX_FIXED_SHOWN);
        }
        text
    }

    /// Whether the first scan knew a finding of the second.
    pub fn knows(&self, finding: &Finding) -> bool {
        self.known.contains(finding.fingerprint.as_str())
    }
}
