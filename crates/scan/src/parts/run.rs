//! The part of a scan that is about components: what was collected is held against the file of advisories, and what came
//! of it is told once.

use super::advisories::database::{Builder, Database, DatabaseError, Source};
use super::advisories::import;
use super::advisories::matching::{Outcome, matching};
use super::collect::Collected;
use super::findings::{Reported, Rules, report};
use super::{kind, read};
use crate::finding::Finding;
use crate::resource::{FileId, World};
use crate::rules::Rule;
use crate::scanner::Problem;
use crate::text::Text;
use crate::tree::Tree;
use ahash::AHashMap;
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Seek};
use std::path::Path;
use std::sync::Arc;

/// What is told of components, once a scan.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Told {
    /// Files that name components.
    pub files: usize,
    /// Components.
    pub components: usize,
    /// Needed, but of no known version.
    pub missed: usize,
    /// Whether there was a file of advisories.
    pub held: bool,
    /// How many advisories it has.
    pub advisories: usize,
    /// Where these are from, and how old they are.
    pub sources: Vec<Aged>,
    /// Ecosystems of which it has no data, and how many components these have.
    pub no_data: BTreeMap<String, usize>,
    /// Components that a distribution owns: only its own advisories are held against them.
    pub owned: usize,
    /// Components of the tree itself.
    pub local: usize,
    /// All of this in lines for people.
    pub says: Vec<String>,
}

/// A source of advisories with its age.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Aged {
    /// The source.
    #[serde(flatten)]
    pub source: Source,
    /// Days since the newest change that it tells; none when it tells none.
    pub days: Option<i64>,
}

impl Aged {
    /// Sources by a day.
    pub fn all(sources: &[Source], today: NaiveDate) -> Vec<Aged> {
        let days = |day: &str| Some((today - day.get(..10)?.parse::<NaiveDate>().ok()?).num_days());
        let aged = |source: &Source| Aged {
            // What tells no time is as old as its import.
            days: days(&source.newest).or_else(|| days(&source.imported)),
            source: source.clone(),
        };
        sources.iter().map(aged).collect()
    }
}

impl std::fmt::Display for Aged {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.days {
            Some(days) if days > 0 => write!(to, "{}, {days} days old", self.source.name),
            Some(_) => write!(to, "{}, of today", self.source.name),
            None => write!(to, "{}, of unknown age", self.source.name),
        }
    }
}

/// What came of holding components against advisories.
#[derive(Debug, Default)]
pub struct Held {
    /// Findings, and what was not decided.
    pub reported: Reported,
    /// What is told once.
    pub told: Told,
    /// The file of advisories could not be used.
    pub problem: Option<Problem>,
}

/// Holds what was collected against a file of advisories, when there is one. Files with findings are added to the world.
pub fn hold(
    collected: &Collected,
    advisories: Option<&Path>,
    rules: &[Rule],
    today: NaiveDate,
    world: &mut World,
) -> Held {
    let inventory = &collected.inventory;
    let mut held = Held::default();
    held.told.files = collected.files;
    held.told.components = inventory.components.len();
    held.told.missed = inventory.missed.len();
    match advisories.map(|path| (path, Database::open(path))) {
        None => {}
        Some((_, Ok(mut database))) => held.against(collected, &mut database, rules, today, world),
        Some((path, Err(error))) => held.problem = Some(unusable(path, &error)),
    }
    if let (Some(path), Some(problem)) = (advisories, held.problem.as_mut()) {
        problem.path = path.to_string_lossy().into();
    }
    held.told.says = says(&held.told);
    held
}

fn unusable(path: &Path, error: &DatabaseError) -> Problem {
    Problem { path: path.to_string_lossy().into(), place: None, reason: error.to_string() }
}

impl Held {
    fn against<R: Read + Seek>(
        &mut self,
        collected: &Collected,
        database: &mut Database<R>,
        rules: &[Rule],
        today: NaiveDate,
        world: &mut World,
    ) {
        let outcome = match matching(&collected.inventory, database) {
            Ok(outcome) => outcome,
            Err(error) => {
                self.problem = Some(unusable(Path::new(""), &error));
                return;
            }
        };
        let told = &mut self.told;
        told.held = true;
        told.advisories = database.head.advisories;
        told.sources = Aged::all(&database.head.sources, today);
        self.reported = reported(collected, &outcome, Rules::among(rules), world);
        let Outcome { no_data, owned, local, .. } = outcome;
        (told.no_data, told.owned, told.local) = (no_data, owned, local);
    }
}

fn reported(collected: &Collected, outcome: &Outcome, rules: Rules<'_>, world: &mut World) -> Reported {
    let mut files: AHashMap<Arc<str>, FileId> = AHashMap::new();
    let mut file = |path: &Arc<str>| {
        let id = *files.entry(path.clone()).or_insert_with(|| world.add_file(collected.text(path), Tree::default()));
        (id, world.file(id).text.clone())
    };
    report(&collected.inventory, outcome, rules, &mut file)
}

/// `1 file`, `2 files`.
fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

fn says(told: &Told) -> Vec<String> {
    let mut says = Vec::new();
    if told.components + told.missed == 0 {
        return says;
    }
    let parts = format!("{} in {}", count(told.components, "component"), count(told.files, "file"));
    if !told.held {
        says.push(format!("{parts}, held against no advisories: `tandem db import FILE|DIR...` reads some"));
        return says;
    }
    let sources: Vec<String> = told.sources.iter().map(Aged::to_string).collect();
    says.push(format!(
        "{parts}, held against {} ({})",
        match told.advisories {
            1 => "1 advisory".to_owned(),
            more => format!("{more} advisories"),
        },
        sources.join("; ")
    ));
    if told.missed > 0 {
        says.push(format!("{} of no known version", count(told.missed, "component")));
    }
    if !told.no_data.is_empty() {
        let all: Vec<String> = told.no_data.iter().map(|(name, number)| format!("{name} ({number})")).collect();
        says.push(format!("no data for {}: nothing is known of these components", all.join(", ")));
    }
    if told.owned > 0 {
        says.push(format!("{} are a distribution's: its own advisories decide", count(told.owned, "component")));
    }
    says
}

/// What a rule about components finds in files of which some are advisories: what its page is run with.
pub fn case(rule: &Rule, texts: Vec<Text>) -> (Vec<Finding>, Vec<String>) {
    let mut unread = Vec::new();
    let mut builder = Builder::default();
    let (named, advisories): (Vec<Text>, Vec<Text>) = texts.into_iter().partition(|text| kind(&text.path).is_some());
    let imported = import::texts(&mut builder, "page", &advisories);
    unread.extend(
        imported.refused.iter().map(|refused| format!("{}:{}: {}", refused.path, refused.line, refused.reason)),
    );
    let mut collected = Collected::default();
    for text in named {
        let Some(kind) = kind(&text.path) else { continue };
        match read(kind, &text, &|_| None) {
            Ok(inventory) => collected.inventory.append(inventory),
            Err(malformed) => {
                let line = text.place(malformed.span.start).line;
                unread.push(format!("{}:{line}: {}", text.path, malformed.reason));
            }
        }
        collected.texts.insert(text.path.clone(), text);
    }
    let mut bytes = Vec::new();
    let outcome = builder
        .write_to(&mut bytes)
        .and_then(|_| Database::read(Cursor::new(bytes)))
        .and_then(|mut database| matching(&collected.inventory, &mut database));
    let outcome = outcome.unwrap_or_else(|error| {
        unread.push(error.to_string());
        Outcome::default()
    });
    let rules = std::slice::from_ref(rule);
    (reported(&collected, &outcome, Rules::among(rules), &mut World::default()).findings, unread)
}

/// Whether a rule is about components.
pub fn is_about_components(rule: &Rule) -> bool {
    !Rules::among(std::slice::from_ref(rule)).is_empty()
}
