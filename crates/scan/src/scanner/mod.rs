//! Everything together: a root in, findings out.
//!
//! | file | holds |
//! |---|---|
//! | `read.rs` | a file, read once for families and for secrets |
//! | `charts.rs` | charts that cannot be rendered whole here |
//! | `past.rs` | the secrets of a whole history |
//!
//! **Invariant:** what is in a [`Scan`] apart from its world holds no secret that a detector found.

mod charts;
#[cfg(test)]
mod hostile;
mod past;
mod read;
#[cfg(test)]
mod tests;

pub use charts::not_whole;
pub use past::{Commit, history};

use crate::clean::Clean;
use crate::evaluate::{Evaluated, Evaluator, Undecided};
use crate::families;
use crate::families::helm::{Folders, Output};
use crate::finding::{Finding, as_text};
use crate::limits::{BATCH_BYTES, BATCH_FILES, MAX_FILE_BYTES, MAX_SUPPRESSION_BYTES};
use crate::parts;
use crate::parts::Inventory;
use crate::parts::collect::Collected;
use crate::parts::run::{Told, is_about_components};
use crate::policies;
use crate::resource::{FileId, World};
use crate::rules::Rule;
use crate::secrets::{FingerprintKey, Secrets};
use crate::shown::{Mask, Redactor, Shown};
use crate::suppress::{self, Hidden, Inline, Notice, Suppressions};
use crate::text::{Place, Text};
use crate::tree::Tree;
use crate::walk::{Entry, walk};
use ahash::{AHashMap, AHashSet};
use chrono::NaiveDate;
use read::{Read, Secret, Wanted};
use serde::Serialize;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Where suppressions may be written, below the root.
pub const SUPPRESSIONS: &str = ".tandem/suppressions.yml";

/// What to scan, and how.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Suppressions are judged by this day.
    pub today: NaiveDate,
    /// Threads.
    pub jobs: usize,
    /// Other tools' markers hide findings, too.
    pub foreign: bool,
    /// Detectors of secrets. Without them lines are shown as they are.
    pub secrets: Option<&'a Secrets>,
    /// What secrets are fingerprinted with.
    pub key: Option<&'a FingerprintKey>,
    /// The file of advisories that components are held against, if there is one.
    pub advisories: Option<&'a Path>,
    /// Files that are known to hold no secret.
    pub clean: Option<&'a Clean>,
    /// What `helm` made of the charts that [`not_whole`] names.
    pub rendered: &'a [Output],
}

/// How far it is, for a progress bar.
#[derive(Debug, Default)]
pub struct Progress {
    /// Files to be read; 0 until it is known.
    pub files: AtomicUsize,
    /// Those that were read.
    pub done: AtomicUsize,
}

/// A file that was not read as it should be: the result is incomplete.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// The file.
    #[serde(serialize_with = "as_text")]
    pub path: Arc<str>,
    /// Where in it.
    pub place: Option<Place>,
    /// Why, and what to do.
    pub reason: String,
}

/// A finding, and what hides it.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
    /// What hides it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Hidden>,
    /// The same secret has the same one wherever it is, in files as in the history; only with a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same: Option<String>,
    /// Where in the history it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
    /// Its line, without secrets.
    #[serde(skip)]
    pub shown: Shown,
    /// It is about a secret, or its line may hold one: that is shown where it was scanned, and kept nowhere.
    #[serde(skip)]
    pub secret: bool,
}

impl Found {
    /// The line without secrets, and the column in it, from 1, as others may keep them. None of a line that may hold a secret.
    pub fn snippet(&self) -> Option<(&str, usize)> {
        let Shown { line, about } = &self.shown;
        let before = line.get(..about.start)?;
        (!self.secret && !line.trim().is_empty()).then(|| (line.as_str(), before.chars().count() + 1))
    }
}

/// What a scan says.
#[derive(Debug, Default)]
pub struct Scan {
    /// Findings by file and place, hidden ones among them.
    pub findings: Vec<Found>,
    /// What could not be decided.
    pub undecided: Vec<Undecided>,
    /// What makes the result incomplete.
    pub problems: Vec<Problem>,
    /// What is to be said about suppressions.
    pub notices: Vec<Notice>,
    /// Files that were read.
    pub files: usize,
    /// Files that are no text, at whose beginning alone was looked.
    pub binary: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Findings beyond the limit of a rule in a file.
    pub cut: usize,
    /// What is told of components.
    pub parts: Told,
    /// The components: what a server is sent, as [`crate::parts::cyclonedx::bill`].
    pub inventory: Inventory,
    /// What families read. Texts are in it as they are: lines are shown by [`Found::shown`] alone.
    pub world: World,
}

impl Scan {
    /// Whether a file could not be read.
    pub fn is_incomplete(&self) -> bool {
        !self.problems.is_empty()
    }
}

/// What a scan holds until it is done.
#[derive(Default)]
struct Work {
    scan: Scan,
    secrets: Vec<Secret>,
    /// Suppressions of files with secrets.
    inline: AHashMap<Arc<str>, Inline>,
    /// Files of which not all secrets are known.
    unknown: Vec<Arc<str>>,
    /// Components.
    collected: Option<Collected>,
    /// The files of these are counted already.
    counted: bool,
}

/// Scans the files below a root.
pub fn scan(root: &Path, rules: &[Rule], options: Options<'_>, progress: &Progress) -> Scan {
    let walked = walk(root);
    let keep = policies::wants_documents(rules);
    let charts = Folders::of(walked.files.iter().map(|entry| &*entry.path));
    let mut work = Work::default();
    work.scan.world.rendered = options.rendered.to_vec();
    let skipped = walked.skipped.into_iter();
    work.scan.problems.extend(skipped.map(|skipped| Problem {
        path: skipped.path,
        place: None,
        reason: skipped.reason,
    }));
    work.scan.world.paths = walked.files.iter().map(|entry| entry.path.clone()).collect();
    work.scan.world.is_repository = root.join(".git").exists();
    let about_parts = rules.iter().any(is_about_components);
    let of_parts = |entry: &Entry| about_parts && parts::kind(&entry.path).is_some();
    let locks = walked.files.iter().filter(|entry| of_parts(entry)).count();
    progress.files.store(walked.files.len() + locks, Ordering::Relaxed);
    let wanted = |entry: &Entry| {
        Wanted::of(&entry.path, !of_parts(entry), keep).with_chart(charts.has(&entry.path, entry.bytes))
    };
    let mut rest = walked.files.as_slice();
    while !rest.is_empty() {
        let (batch, after) = rest.split_at(batch(rest));
        for read in read_all(batch, options, &wanted, progress) {
            work.take(read);
        }
        rest = after;
    }
    if about_parts {
        let done = |_, _| {
            progress.done.fetch_add(1, Ordering::Relaxed);
        };
        work.collected = Some(parts::collect::tree(&walked.files, options.jobs, &done));
        // When secrets were looked for in them, they were counted.
        work.counted = options.secrets.is_some_and(Secrets::reports);
    }
    work.finish(rules, &suppressions(root, options), options)
}

/// Holds components against advisories that are no files of a tree: what is installed, or a bill of materials.
/// Suppressions are those of a folder.
pub fn components(collected: Collected, folder: &Path, rules: &[Rule], options: Options<'_>) -> Scan {
    let work = Work { collected: Some(collected), ..Work::default() };
    work.finish(rules, &suppressions(folder, options), options)
}

/// Scans one text that has no file, such as standard input, as if it lay at a path.
pub fn scan_reader(path: &str, reader: impl io::Read, rules: &[Rule], options: Options<'_>) -> Scan {
    let keep = policies::wants_documents(rules);
    let mut work = Work::default();
    let path: Arc<str> = path.into();
    work.take(read::reader(&path, Wanted::of(&path, true, keep), reader, options, &mut Vec::new()));
    work.finish(rules, &Suppressions::default(), options)
}

impl Work {
    fn take(&mut self, read: Read) {
        let scan = &mut self.scan;
        scan.files += usize::from(read.read && !read.binary);
        scan.binary += usize::from(read.binary);
        scan.bytes += read.bytes;
        scan.cut += read.cut;
        scan.problems.extend(read.problems);
        if let Some(secret) = read.secrets.first() {
            let path = secret.finding.path.clone();
            self.inline.insert(path.clone(), read.inline.unwrap_or_default());
            if read.hidden {
                self.unknown.push(path);
            }
        }
        self.secrets.extend(read.secrets);
        if let Some(part) = read.part {
            scan.world.append(part);
        }
    }

    fn finish(mut self, rules: &[Rule], suppressions: &Suppressions, options: Options<'_>) -> Scan {
        let scan = &mut self.scan;
        for (file, malformed) in families::link(&mut scan.world) {
            let text = &scan.world.file(file).text;
            let place = Some(text.place(malformed.span.start));
            scan.problems.push(Problem { path: text.path.clone(), place, reason: malformed.reason });
        }
        let Evaluated { mut findings, undecided, cut } = Evaluator::new(rules).run_on(&scan.world, options.jobs);
        scan.undecided = undecided;
        scan.cut += cut;
        if let Some(collected) = self.collected.take() {
            if !self.counted {
                scan.files += collected.files;
                scan.bytes += collected.bytes;
            }
            hold(scan, &mut findings, collected, rules, options);
        }
        let redactor = self.redactor();
        self.show(findings, rules, options.secrets.is_some());
        self.hide(suppressions, options);
        clean(&mut self.scan, &redactor);
        self.scan.problems.sort();
        self.scan
    }

    fn redactor(&self) -> Redactor {
        let runs = self.secrets.iter().filter_map(|secret| secret.run.as_deref());
        Redactor::new(self.secrets.iter().map(|secret| &secret.finding), runs)
    }

    /// Findings with their lines: those of rules, and the secrets. `looked` says whether secrets were looked for.
    fn show(&mut self, findings: Vec<Finding>, rules: &[Rule], looked: bool) {
        let mut masks: AHashMap<Arc<str>, Vec<Mask>> = AHashMap::new();
        for Secret { finding, .. } in &self.secrets {
            masks.entry(finding.path.clone()).or_default().push((finding.cover.range(), finding.stand_in()));
        }
        let about_secrets = rules.iter().filter(|rule| is_about_secrets(rule)).map(|rule| &*rule.id);
        let about_secrets: AHashSet<&str> = about_secrets.collect();
        let scan = &mut self.scan;
        scan.findings.reserve(findings.len() + self.secrets.len());
        for finding in findings {
            let text = scan.world.file(finding.file).text.text.as_bytes();
            let none = Vec::new();
            let mut shown = Shown::new(text, finding.span.range(), masks.get(&finding.path).unwrap_or(&none));
            let unknown = self.unknown.contains(&finding.path);
            let about = about_secrets.contains(&*finding.rule);
            let secret = unknown || about || !looked || shown.assigns();
            if unknown {
                shown = Shown::nothing();
            } else if about {
                shown.hide_assigned();
            }
            scan.findings.push(Found { finding, hidden: None, same: None, commit: None, shown, secret });
        }
        let mut files: AHashMap<Arc<str>, FileId> = AHashMap::new();
        for (number, file) in scan.world.files.iter().enumerate() {
            files.entry(file.text.path.clone()).or_insert(FileId(number as u32));
        }
        for Secret { finding, shown, .. } in self.secrets.drain(..).filter(|secret| secret.finding.asked) {
            // A file that no family reads is in the world by its name alone.
            let add = || scan.world.add_file(Text::new(finding.path.clone(), ""), Tree::default());
            let file = *files.entry(finding.path.clone()).or_insert_with(add);
            let (same, finding) = (finding.same.clone(), finding.finding(file));
            scan.findings.push(Found { finding, hidden: None, same, commit: None, shown, secret: true });
        }
        scan.findings.sort_by(|a, b| {
            let key = |of: &Found| (of.finding.start, of.finding.end, of.finding.span);
            (&a.finding.path, key(a), &a.finding.rule).cmp(&(&b.finding.path, key(b), &b.finding.rule))
        });
    }

    fn hide(&mut self, suppressions: &Suppressions, options: Options<'_>) {
        let scan = &mut self.scan;
        let findings = scan.findings.iter().map(|found| &found.finding);
        let inline_of = |finding: &Finding| match self.inline.get(&finding.path) {
            Some(inline) => inline.clone(),
            None => Inline::read(&scan.world.file(finding.file).text, options.today),
        };
        let applied = suppress::apply_read(findings, suppressions, inline_of, options.foreign);
        scan.notices = applied.notices;
        scan.notices.extend(scan.world.files.iter().flat_map(|file| suppress::notices(&file.text, options.today)));
        scan.notices.extend(self.inline.values().flat_map(|inline| inline.notices.iter().cloned()));
        scan.notices.sort();
        scan.notices.dedup();
        scan.findings.iter_mut().zip(applied.hidden).for_each(|(found, hidden)| found.hidden = hidden);
    }
}

fn hold(scan: &mut Scan, findings: &mut Vec<Finding>, mut collected: Collected, rules: &[Rule], options: Options<'_>) {
    scan.problems.append(&mut collected.problems);
    let held = parts::run::hold(&collected, options.advisories, rules, options.today, &mut scan.world);
    findings.extend(held.reported.findings);
    scan.undecided.extend(held.reported.undecided);
    scan.cut += held.reported.cut;
    scan.problems.extend(held.problem);
    scan.parts = held.told;
    scan.inventory = collected.inventory;
}

/// Those of a folder.
fn suppressions(folder: &Path, options: Options<'_>) -> Suppressions {
    let file = folder.join(SUPPRESSIONS);
    // A pipe would be waited for; what is too large hides nothing.
    let is_read = file.metadata().is_ok_and(|meta| meta.is_file() && meta.len() <= MAX_SUPPRESSION_BYTES);
    match is_read.then(|| std::fs::read_to_string(file)) {
        Some(Ok(text)) => Suppressions::read(&Text::new(SUPPRESSIONS, text), options.today),
        _ => Suppressions::default(),
    }
}

/// Whether a rule is about secrets that are written where they should not be: its lines hold them.
fn is_about_secrets(rule: &Rule) -> bool {
    rule.cwe.iter().any(|cwe| matches!(&**cwe, "CWE-798" | "CWE-259" | "CWE-256" | "CWE-312" | "CWE-321" | "CWE-522"))
}

/// Takes values out of all that is said.
fn clean(scan: &mut Scan, redactor: &Redactor) {
    for found in &mut scan.findings {
        found.shown.finish(redactor);
        redactor.redact(&mut found.finding.message);
        redactor.redact(&mut found.finding.address);
        match &mut found.hidden {
            Some(Hidden::Foreign(foreign)) => redactor.redact(&mut foreign.says),
            Some(Hidden::Suppressed(of)) => {
                redactor.redact(&mut of.reason);
                redactor.redact(&mut of.owner);
            }
            None => {}
        }
    }
    for undecided in &mut scan.undecided {
        redactor.redact(&mut undecided.address);
        redactor.redact(&mut undecided.reason);
    }
    scan.problems.iter_mut().for_each(|problem| redactor.redact(&mut problem.reason));
    scan.notices.iter_mut().for_each(|notice| redactor.redact(&mut notice.says));
}

/// How many of the files are read together: so many that all cores have enough to do, so few that they fit into memory.
fn batch(files: &[Entry]) -> usize {
    let mut bytes = 0;
    let fit = files.iter().take(BATCH_FILES).take_while(|entry| {
        bytes += entry.bytes.min(MAX_FILE_BYTES);
        bytes <= BATCH_BYTES
    });
    fit.count().max(1)
}

/// Reads files on several threads; in their order. Families do not parse those that are read elsewhere.
fn read_all(
    entries: &[Entry],
    options: Options<'_>,
    wanted: &(impl Fn(&Entry) -> Wanted + Sync),
    progress: &Progress,
) -> Vec<Read> {
    let next = AtomicUsize::new(0);
    let work = || {
        let (mut out, mut buffer) = (Vec::new(), Vec::new());
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(entry) = entries.get(at) else { return out };
            out.push((at, read::file(entry, wanted(entry), options, &mut buffer)));
            progress.done.fetch_add(1, Ordering::Relaxed);
        }
    };
    let jobs = options.jobs.clamp(1, entries.len().max(1));
    let mut all = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..jobs).map(|_| scope.spawn(work)).collect();
        let mut all = work();
        for thread in threads {
            match thread.join() {
                Ok(some) => all.extend(some),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    all.sort_unstable_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, read)| read).collect()
}
