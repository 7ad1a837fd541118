//! All control files together: what one file alone does not show.

use super::file::{Read, read, stem};
use super::problem::{Problem, Severity};
use crate::limits::{DAY, MAX_CONTROLS};
use model::control::fits;
use model::{Control, Mode, Nanos};
use std::collections::{BTreeMap, BTreeSet};

/// A file of a folder of controls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Its path, as people know it.
    pub path: String,
    /// What is in it.
    pub text: String,
    /// It came with the program: a file of the same name in a folder takes its place.
    pub built_in: bool,
}

/// What files are held against. What is empty is not held against.
#[derive(Clone, Debug, Default)]
pub struct Against<'a> {
    /// The time.
    pub now: Nanos,
    /// Rules that there are, by id and by name.
    pub rules: BTreeSet<&'a str>,
    /// Checks of the gate that there are.
    pub checks: BTreeSet<&'a str>,
    /// Teams have so many days before a control stops somebody.
    pub notice_days: i64,
}

/// What files say together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    /// The controls of all files that can be read, by name.
    pub controls: Vec<Control>,
    /// Controls of which a folder's file cannot be read: what is in force of them stays so.
    pub broken: BTreeSet<String>,
    /// What is wrong or odd.
    pub problems: Vec<Problem>,
}

/// Reads all files. One that cannot be read takes no other's place.
pub fn load(files: &[Source], against: &Against<'_>) -> Loaded {
    let mut kept: BTreeMap<String, (&Source, Control)> = BTreeMap::new();
    let (mut problems, mut broken) = (Vec::new(), BTreeSet::new());
    // Built-in files first, so that a folder's takes their place whatever the order of the arguments.
    let (own, built_in): (Vec<_>, Vec<_>) = files.iter().partition(|file| !file.built_in);
    for file in built_in.into_iter().chain(own) {
        let mut read = read(&file.path, &file.text);
        problems.append(&mut read.problems);
        let Some(control) = read.control.take() else {
            broken.insert(stem(&file.path).to_owned());
            continue;
        };
        problems.extend(odd(file, &control, &read, against));
        if let Some((other, _)) = kept.get(&control.name)
            && other.built_in == file.built_in
        {
            let why = format!("{} is the control `{}` too: rename one", other.path, control.name);
            problems.push(problem(file, (1, 1), Severity::Error, "name-twice", why));
            continue;
        }
        kept.insert(control.name.clone(), (file, control));
    }
    if let Some((file, _)) = kept.values().nth(MAX_CONTROLS) {
        let why = format!("there are {} controls; at most {MAX_CONTROLS} are kept", kept.len());
        let problem = problem(file, (1, 1), Severity::Error, "too-many", why);
        problems.push(problem);
    }
    let controls = kept.into_values().take(MAX_CONTROLS).map(|(_, control)| control).collect();
    Loaded { controls, broken, problems }
}

/// What is wrong or odd with files.
pub fn lint(files: &[Source], against: &Against<'_>) -> Vec<Problem> {
    load(files, against).problems
}

fn problem(
    file: &Source,
    place: (usize, usize),
    severity: Severity,
    check: &'static str,
    text: impl Into<String>,
) -> Problem {
    Problem { path: file.path.clone(), line: place.0, column: place.1, severity, check, text: text.into() }
}

/// What a file that can be read says that is odd.
fn odd(file: &Source, control: &Control, read: &Read, against: &Against<'_>) -> Vec<Problem> {
    let place = |key: &str| read.places.get(key).copied().unwrap_or((1, 1));
    let mut odd = Vec::new();
    let mut warn = |key: &str, check: &'static str, why: String| {
        odd.push(problem(file, place(key), Severity::Warning, check, why))
    };
    if control.review_by.is_some_and(|review| review <= against.now) {
        let why = "its review is due: ask whether it is still needed, then set a new day or remove the file";
        warn("review_by", "review-due", why.to_owned());
    }
    for (key, said, known) in [("rules", &control.rules, &against.rules), ("checks", &control.checks, &against.checks)]
    {
        for pattern in said.iter().filter(|_| !known.is_empty()) {
            if !known.iter().any(|id| fits(pattern, id)) {
                warn(key, "no-such-link", format!("{pattern:?} fits none of the {key} that there are"));
            }
        }
    }
    let soon = against.now + against.notice_days.max(0) * DAY;
    match control.effective {
        Some(from) if control.mode == Mode::Enforce && from > against.now && from < soon => {
            let why = format!(
                "it begins to stop people within {} days: give those it affects more time, or warn first",
                against.notice_days
            );
            warn("effective", "short-notice", why);
        }
        _ => {}
    }
    // Some that come with the program stand behind what has no rule: lockdowns, suppressions.
    if control.rules.is_empty() && control.checks.is_empty() && !file.built_in {
        warn("title", "no-links", "it names no `rules` and no `checks`: nothing will say it to anybody".to_owned());
    }
    odd
}
