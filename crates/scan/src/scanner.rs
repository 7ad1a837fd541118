//! Everything together: a root in, findings out.

use crate::evaluate::{Evaluated, Evaluator, Undecided};
use crate::families::{self, Format, Parsed};
use crate::finding::{Finding, as_text};
use crate::parts;
use crate::parts::Inventory;
use crate::parts::collect::Collected;
use crate::parts::run::{Told, is_about_components};
use crate::policies::{self, rego};
use crate::resource::World;
use crate::rules::Rule;
use crate::suppress::{self, Hidden, Notice, Suppressions};
use crate::text::{Place, Text};
use crate::tree::Malformed;
use crate::walk::{Entry, walk};
use chrono::NaiveDate;
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Where suppressions may be written, below the root.
pub const SUPPRESSIONS: &str = ".tandem/suppressions.yml";

/// What to scan, and how.
#[derive(Clone, Copy, Debug)]
pub struct Options<'o> {
    /// Suppressions are judged by this day.
    pub today: NaiveDate,
    /// Threads.
    pub jobs: usize,
    /// Other tools' markers hide findings, too.
    pub foreign: bool,
    /// The file of advisories that components are held against, if there is one.
    pub advisories: Option<&'o Path>,
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
    /// Files that were parsed.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Findings beyond the limit of a rule in a file.
    pub cut: usize,
    /// What is told of components.
    pub parts: Told,
    /// The components: what a server is sent, as [`crate::parts::cyclonedx::bill`].
    pub inventory: Inventory,
    /// The texts of the files, for showing lines.
    pub world: World,
}

impl Scan {
    /// Whether a file could not be read.
    pub fn is_incomplete(&self) -> bool {
        !self.problems.is_empty()
    }
}

/// Scans the files below a root.
pub fn scan(root: &Path, rules: &[Rule], options: Options<'_>, progress: &Progress) -> Scan {
    let walked = walk(root);
    let mut scan = Scan::default();
    let skipped = walked.skipped.into_iter();
    scan.problems.extend(skipped.map(|skipped| Problem { path: skipped.path, place: None, reason: skipped.reason }));
    scan.world.paths = walked.files.iter().map(|entry| entry.path.clone()).collect();
    scan.world.is_repository = root.join(".git").exists();
    let about_parts = rules.iter().any(is_about_components);
    let of_parts = |entry: &Entry| about_parts && parts::kind(&entry.path).is_some();
    let others = walked.files.iter().filter(|entry| !of_parts(entry));
    let keep = policies::wants_documents(rules);
    let kept = |entry: &Entry| (keep && rego::may_read(&entry.path, entry.bytes)).then_some(Format::Plain);
    let format = |entry: &Entry| families::format(&entry.path).or_else(|| kept(entry));
    let entries: Vec<(Entry, Format)> = others.filter_map(|entry| Some((entry.clone(), format(entry)?))).collect();
    let in_all = entries.len() + walked.files.iter().filter(|entry| of_parts(entry)).count();
    progress.files.store(in_all, Ordering::Relaxed);
    for read in parse_all(&entries, options.jobs, progress) {
        let parsed = match read {
            Ok(parsed) => parsed,
            Err(problem) => {
                scan.problems.push(problem);
                continue;
            }
        };
        scan.files += 1;
        scan.bytes += parsed.text.text.len() as u64;
        let at = |malformed: Malformed| Problem {
            path: parsed.text.path.clone(),
            place: Some(parsed.text.place(malformed.span.start)),
            reason: malformed.reason,
        };
        scan.problems.extend(parsed.malformed.into_iter().map(at));
        families::read_or_keep(&mut scan.world, parsed.text, parsed.tree, keep);
    }
    for (file, malformed) in families::link(&mut scan.world) {
        let text = &scan.world.file(file).text;
        let place = Some(text.place(malformed.span.start));
        scan.problems.push(Problem { path: text.path.clone(), place, reason: malformed.reason });
    }
    let Evaluated { mut findings, undecided, cut } = Evaluator::new(rules).run(&scan.world);
    (scan.undecided, scan.cut) = (undecided, cut);
    if about_parts {
        let done = |_, _| {
            progress.done.fetch_add(1, Ordering::Relaxed);
        };
        let collected = parts::collect::tree(&walked.files, options.jobs, &done);
        hold(&mut scan, &mut findings, collected, rules, options);
    }
    hide(&mut scan, findings, root, options);
    scan.problems.sort();
    scan
}

/// Holds components against advisories that are no files of a tree: what is installed, or a bill of materials.
/// Suppressions are those of a folder.
pub fn components(collected: Collected, folder: &Path, rules: &[Rule], options: Options<'_>) -> Scan {
    let (mut scan, mut findings) = (Scan::default(), Vec::new());
    hold(&mut scan, &mut findings, collected, rules, options);
    hide(&mut scan, findings, folder, options);
    scan.problems.sort();
    scan
}

fn hold(scan: &mut Scan, findings: &mut Vec<Finding>, mut collected: Collected, rules: &[Rule], options: Options<'_>) {
    scan.files += collected.files;
    scan.bytes += collected.bytes;
    scan.problems.append(&mut collected.problems);
    let held = parts::run::hold(&collected, options.advisories, rules, options.today, &mut scan.world);
    findings.extend(held.reported.findings);
    findings.sort_by(|a, b| (&a.path, a.span, &a.rule).cmp(&(&b.path, b.span, &b.rule)));
    scan.undecided.extend(held.reported.undecided);
    scan.cut += held.reported.cut;
    scan.problems.extend(held.problem);
    scan.parts = held.told;
    scan.inventory = collected.inventory;
}

fn hide(scan: &mut Scan, findings: Vec<Finding>, root: &Path, options: Options<'_>) {
    let file = match std::fs::read_to_string(root.join(SUPPRESSIONS)) {
        Ok(text) => Suppressions::read(&Text::new(SUPPRESSIONS, text), options.today),
        Err(_) => Suppressions::default(),
    };
    let world = &scan.world;
    let text_of = |finding: &Finding| Some(&world.file(finding.file).text);
    let applied = suppress::apply(&findings, &file, text_of, options.today, options.foreign);
    scan.notices = applied.notices;
    scan.notices.extend(world.files.iter().flat_map(|file| suppress::notices(&file.text, options.today)));
    scan.notices.sort();
    scan.notices.dedup();
    scan.findings =
        findings.into_iter().zip(applied.hidden).map(|(finding, hidden)| Found { finding, hidden }).collect();
}

/// Reads and parses files on several threads; in the order of the entries.
fn parse_all(entries: &[(Entry, Format)], jobs: usize, progress: &Progress) -> Vec<Result<Parsed, Problem>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut out = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some((entry, format)) = entries.get(at) else { return out };
            out.push((at, parse(entry, *format)));
            progress.done.fetch_add(1, Ordering::Relaxed);
        }
    };
    let jobs = jobs.clamp(1, entries.len().max(1));
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
    all.into_iter().map(|(_, parsed)| parsed).collect()
}

fn parse(entry: &Entry, format: Format) -> Result<Parsed, Problem> {
    let problem = |reason: String| Problem { path: entry.path.clone(), place: None, reason };
    let bytes = entry.read().map_err(problem)?;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        // nginx and sshd read bytes, and other programs' files have such names as well.
        Err(error) if matches!(format, Format::Nginx | Format::Sshd | Format::Plain) => {
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        }
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            return Err(problem(format!("not UTF-8 at byte {at}: save the file as UTF-8")));
        }
    };
    let text = Text::new(entry.path.clone(), text);
    Ok(families::parse(text, format))
}
