//! What folders of knowledge say, read again when something in them changed: pages, controls, plans.

use super::authors::{Authors, Histories};
use super::feed::{ANSWER, Feed, INCIDENT, MEETING};
use super::state::{App, now};
use anyhow::Result;
use know::controls::{self, Against, Severity, Source};
use know::dashboards::Dashboard;
use know::pages::{self, AlertLike, Shelf, Why};
use know::planning::agenda::Planned;
use know::planning::{Problem, folder};
use know::readiness::{self, Drill};
use ledger::Person;
use model::Datasets;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// Who keeps controls in the ledger: files say so, and no person.
const FILES: Person<'static> = Person("files of knowledge");
/// Where controls are below a folder of knowledge.
const CONTROLS: &str = "controls";
/// Where drills are.
const DRILLS: &str = "drills";
/// Where dashboards are.
const DASHBOARDS: &str = "dashboards";

/// All that was read at one time.
#[derive(Debug, Default)]
pub struct Known {
    /// Meetings, the roadmap, upgrades.
    pub planned: Planned,
    /// Controls, those that are built in among them.
    pub controls: controls::Loaded,
    /// Drills by name.
    pub drills: BTreeMap<String, Drill>,
    /// Dashboards by name.
    pub dashboards: BTreeMap<String, Dashboard>,
    /// What cannot be used, and why.
    pub problems: Vec<String>,
}

/// The folders, and what they said last.
pub struct Knowledge {
    folders: Vec<PathBuf>,
    known: RwLock<Arc<Known>>,
    /// Pages, and the search over them and what the ledger has.
    pub shelf: Shelf,
    /// What the ledger has.
    pub feed: Feed,
    /// Whether the ledger has the controls as they were read last.
    kept: AtomicBool,
    /// Who wrote the folders, as far as anybody may know.
    histories: Histories,
}

impl Knowledge {
    /// Reads the folders.
    pub fn open(folders: Vec<PathBuf>) -> Knowledge {
        let known = read(&folders);
        tell(&Known::default(), &known);
        let shelf = Shelf::open(folders.clone());
        Knowledge {
            shelf,
            folders,
            known: RwLock::new(Arc::new(known)),
            feed: Feed::default(),
            kept: AtomicBool::new(false),
            histories: Histories::default(),
        }
    }

    /// What they say.
    pub fn known(&self) -> Arc<Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many wrote its pages. It reads the history of the repositories around the folders, where there are new commits.
    pub fn authors(&self) -> Authors {
        self.histories.of(&self.folders)
    }

    /// Has the ledger keep the controls as the files say them.
    pub async fn keep(&self, ledger: &ledger::Ledger) -> Result<()> {
        let known = self.known();
        self.kept.store(false, Ordering::Relaxed);
        let synced = controls::sync(ledger, &known.controls.controls, &known.controls.broken, FILES, now()).await?;
        if !(synced.new.is_empty() && synced.changed.is_empty() && synced.withdrawn.is_empty()) {
            let (new, changed, withdrawn) = (synced.new.len(), synced.changed.len(), synced.withdrawn.len());
            tracing::info!(new, changed, withdrawn, "the controls of files are kept");
        }
        self.kept.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Reads them again.
    pub async fn reload(app: Arc<App>) -> Result<()> {
        if !app.knowledge.kept.load(Ordering::Relaxed) {
            app.knowledge.keep(&app.ledger).await?;
            app.gate_changed();
        }
        if app.knowledge.folders.is_empty() {
            return Ok(());
        }
        let reading = app.clone();
        let (known, reloaded) =
            tokio::task::spawn_blocking(move || (read(&reading.knowledge.folders), reading.knowledge.shelf.reload()))
                .await?;
        if !reloaded.is_empty() {
            let (added, changed, removed) = (reloaded.added.len(), reloaded.changed.len(), reloaded.removed.len());
            tracing::info!(added, changed, removed, "pages were read again");
        }
        let before = app.knowledge.known();
        tell(&before, &known);
        let is_new = before.controls != known.controls;
        *app.knowledge.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
        if is_new {
            app.knowledge.keep(&app.ledger).await?;
            app.gate_changed();
        }
        Ok(())
    }
}

/// Finds the page that notices of an alert name whose rule names none. Pages that are only alike by their words are shown
/// with the alert and not sent: whoever is woken up must not be led astray.
pub fn runbooks(knowledge: Arc<Knowledge>, link: Option<&str>) -> respond::Runbooks {
    let base = link.map(|link| link.trim_end_matches('/').to_owned());
    Box::new(move |alert| {
        let entity = alert.entity.as_ref().map(ToString::to_string);
        let votes = knowledge.feed.votes(&alert.rule, &Datasets::only([alert.dataset.clone()]));
        let pages = knowledge.shelf.attach(&AlertLike::of(alert, entity.as_deref()), &votes);
        let page = &pages.first().filter(|page| page.why < Why::Text)?.page;
        Some(match &base {
            Some(base) => format!("{base}{}", link_of(page.kind.name(), &page.id)?),
            None => page.id.clone(),
        })
    })
}

/// Where the API tells more of something that was found, if it does.
pub fn link_of(kind: &str, id: &str) -> Option<String> {
    match (kind, id.split_once(':')) {
        (INCIDENT, Some((_, id))) => Some(format!("/api/v1/incidents/{id}/review")),
        (ANSWER | MEETING, _) => None,
        ("control", _) if !id.ends_with(".md") => Some(format!("/api/v1/controls/{}", encoded(id))),
        // Decisions of the ledger are found by number, those that are pages by path.
        ("decision", Some((_, number))) if number.bytes().all(|byte| byte.is_ascii_digit()) => None,
        _ => Some(format!("/api/v1/knowledge/page?id={}", encoded(id))),
    }
}

/// As a value of an address.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Files of controls: those that are built in, and those of folders.
pub fn sources(folders: &[PathBuf], problems: &mut Vec<Problem>) -> Vec<Source> {
    let builtin = pages::builtin_files().filter(|(path, _)| path.starts_with("controls/"));
    let mut all: Vec<Source> = builtin
        .map(|(path, text)| Source { path: format!("knowledge/{path}"), text: text.to_owned(), built_in: true })
        .collect();
    for folder in folders {
        let files = folder::texts(&folder.join(CONTROLS), &["md"], problems);
        all.extend(files.into_iter().map(|(path, _, text)| Source { path, text, built_in: false }));
    }
    all
}

/// Drills of folders: our own form, and experiments of Chaos Toolkit. Of two with one name that of the later folder counts.
fn drills(folders: &[PathBuf], problems: &mut Vec<Problem>) -> BTreeMap<String, Drill> {
    let mut all = BTreeMap::new();
    for folder in folders {
        for (path, stem, text) in folder::texts(&folder.join(DRILLS), &["yaml", "yml", "json"], problems) {
            let experiment = || readiness::experiment(&stem, &text, None, "");
            let read = if path.ends_with(".json") {
                experiment()
            } else {
                // What is neither is told as what it is not of ours.
                readiness::drill(&stem, &text).or_else(|refused| experiment().map_err(|_| refused))
            };
            match read {
                Ok(drill) => {
                    all.insert(drill.name.clone(), drill);
                }
                Err(refused) => problems.push(Problem { path, place: refused.place, reason: refused.reason }),
            }
        }
    }
    all
}

/// Dashboards: those that are built in, and those of folders. Of two with one name that of the later folder counts.
fn dashboards(folders: &[PathBuf], problems: &mut Vec<Problem>) -> BTreeMap<String, Dashboard> {
    let builtin = pages::builtin_files().filter_map(|(path, text)| {
        let stem = path.strip_prefix(DASHBOARDS)?.strip_prefix('/')?.strip_suffix(".yaml")?;
        Some((format!("knowledge/{path}"), stem.to_owned(), text.to_owned()))
    });
    let mut files: Vec<(String, String, String)> = builtin.collect();
    for folder in folders {
        files.extend(folder::texts(&folder.join(DASHBOARDS), &["yaml", "yml"], problems));
    }
    let mut all = BTreeMap::new();
    for (path, stem, text) in files {
        match know::dashboards::dashboard(&path, &stem, &text) {
            Ok(dashboard) => drop(all.insert(stem, dashboard)),
            Err(problem) => problems.push(problem),
        }
    }
    all
}

fn read(folders: &[PathBuf]) -> Known {
    let (planned, mut problems) = folder::read(folders);
    let drills = drills(folders, &mut problems);
    let dashboards = dashboards(folders, &mut problems);
    let sources = sources(folders, &mut problems);
    let controls = controls::load(&sources, &Against { now: now(), ..Against::default() });
    let wrong = controls.problems.iter().filter(|problem| problem.severity == Severity::Error);
    let problems = problems.iter().map(ToString::to_string).chain(wrong.map(ToString::to_string)).collect();
    Known { planned, controls, drills, dashboards, problems }
}

/// Says once what cannot be used.
fn tell(before: &Known, now: &Known) {
    for problem in now.problems.iter().filter(|problem| !before.problems.contains(problem)) {
        tracing::warn!(problem, "a file of knowledge is not used");
    }
}
