//! Which events a rule is for, and where they have what it asks for.
//!
//! | file | holds |
//! |---|---|
//! | `file.rs` | reads files of definitions (`rules/sources/*.yml`, or a user's) |
//! | `builtin.rs` | the files that come with Tandem |
//! | `all.rs` | rules and the correlations over them, all at once |
//! | `names.rs` | names of fields to paths of events |
//! | `time.rs` | texts and numbers to times |
//! | `entity.rs` | what an event is about |
//!
//! A definition is a triple (product, category, service), the condition under which an event belongs to it, and the names
//! that its fields go by. A rule is for an event if some definition holds for the event whose triple has all the parts that
//! the rule's `logsource` names. An event may belong to several definitions, and a rule to all that fit.
//!
//! Nothing is renamed in events: a field of a rule gets the paths of all definitions that fit the rule, and the first path
//! that an event has counts.

mod all;
mod builtin;
mod entity;
mod file;
mod names;
mod time;
mod when;

pub use entity::EntityPaths;
pub use file::{Problem, SourceFile};
pub use names::{Group, Names};
pub use time::{TimePath, parse_time};

use crate::event::PlainEvent;
use crate::limits::MAX_FIELD_PATHS;
use crate::oracle;
use crate::rule::{Correlation, Expr, Field, Leaf, LogSource, Measure, Place, Rule, Test};
use model::fact::{EntityRef, Nanos};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// A class of events.
#[derive(Clone, Debug)]
pub struct Definition {
    /// What it is called in rules.
    pub source: LogSource,
    /// When an event belongs to it; its fields are resolved.
    pub when: Expr,
    /// Where its fields are.
    pub names: Arc<Names>,
    /// Where its time is: the first path that is there and can be read.
    pub time: Vec<TimePath>,
    /// What its events are about: the first that is there.
    pub entities: Vec<EntityPaths>,
    /// Where it stands.
    pub place: Place,
}

/// A field of a rule that no definition knows: it is looked for by its own name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unmapped {
    /// As the rules call it.
    pub field: String,
    /// What they are for.
    pub source: LogSource,
    /// The ids of the rules.
    pub rules: Vec<String>,
}

/// All definitions.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    definitions: Vec<Definition>,
    /// Where events without a definition have their time.
    usual: Vec<TimePath>,
}

impl Sources {
    /// The definitions that come with Tandem.
    pub fn builtin() -> Sources {
        let (sources, problems) = Sources::load(builtin::files());
        debug_assert!(problems.is_empty(), "{problems:?}");
        sources
    }

    /// The definitions that come with Tandem, and a user's after them.
    pub fn with(files: impl IntoIterator<Item = SourceFile>) -> (Sources, Vec<Problem>) {
        Sources::load(builtin::files().into_iter().chain(files))
    }

    /// The definitions of these files, in their order. What is broken is left out and told.
    pub fn load(files: impl IntoIterator<Item = SourceFile>) -> (Sources, Vec<Problem>) {
        let (definitions, problems) = file::read_all(files);
        (Sources { definitions, usual: time::usual() }, problems)
    }

    /// All definitions; what others call an index is the place in here.
    pub fn definitions(&self) -> &[Definition] {
        &self.definitions
    }

    /// The definitions whose events a rule of this source is for; none means that there is no data to see.
    pub fn fits(&self, source: &LogSource) -> Vec<usize> {
        let all = self.definitions.iter().enumerate();
        all.filter(|(_, definition)| fits(&definition.source, source)).map(|(index, _)| index).collect()
    }

    /// Whether a rule of this source is for an event of these definitions. A source that names nothing is for all.
    pub fn is_for(&self, source: &LogSource, of: &[usize]) -> bool {
        *source == LogSource::default() || of.iter().any(|index| fits(&self.definitions[*index].source, source))
    }

    /// Fills in where the fields of a rule are.
    pub fn resolve(&self, rule: &mut Rule) {
        let fits = self.fits(&rule.source);
        let mut known = HashMap::new();
        self.resolve_expr(&mut rule.condition, &fits, &mut known);
    }

    /// Fills in where the fields of a correlation are. `source_of` tells the sources of the rules that it looks at (of a
    /// chained correlation, those of the rules below it), by name or id.
    pub fn resolve_correlation(&self, correlation: &mut Correlation, source_of: impl Fn(&str) -> Vec<LogSource>) {
        let each: Vec<Vec<usize>> = correlation.rules.iter().map(|rule| self.fits_any(&source_of(rule))).collect();
        let mut all: Vec<usize> = each.iter().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        for group in &mut correlation.group_by {
            for (field, fits) in group.fields.iter_mut().zip(&each) {
                field.paths = self.paths(&field.name, fits);
            }
        }
        match &mut correlation.measure {
            Measure::ValueCount(fields) => {
                for field in fields {
                    field.paths = self.paths(&field.name, &all);
                }
            }
            Measure::ValueSum(field)
            | Measure::ValueAvg(field)
            | Measure::ValuePercentile(field, _)
            | Measure::ValueMedian(field) => field.paths = self.paths(&field.name, &all),
            Measure::EventCount | Measure::Temporal | Measure::TemporalOrdered => {}
        }
    }

    fn fits_any(&self, sources: &[LogSource]) -> Vec<usize> {
        let all = self.definitions.iter().enumerate();
        let fitting = all.filter(|(_, definition)| sources.iter().any(|source| fits(&definition.source, source)));
        fitting.map(|(index, _)| index).collect()
    }

    fn resolve_expr(&self, expr: &mut Expr, fits: &[usize], known: &mut HashMap<Arc<str>, Arc<[Arc<str>]>>) {
        let mut fill = |field: &mut Field| {
            let paths = known.entry(field.name.clone()).or_insert_with(|| self.paths(&field.name, fits));
            field.paths = paths.clone();
        };
        match expr {
            Expr::And(parts) | Expr::Or(parts) => {
                for part in parts {
                    self.resolve_expr(part, fits, known);
                }
            }
            Expr::Not(part) => self.resolve_expr(part, fits, known),
            Expr::Leaf(Leaf { field, test, .. }) => {
                if let Some(field) = field {
                    fill(field);
                }
                if let Test::Field(_, other) = test {
                    fill(other);
                }
            }
        }
    }

    /// Where events of these definitions have the field of this name. Without a definition: the name itself.
    pub fn paths(&self, name: &str, definitions: &[usize]) -> Arc<[Arc<str>]> {
        let mut paths: Vec<Arc<str>> = Vec::new();
        let names = || definitions.iter().map(|index| &self.definitions[*index].names);
        // What one definition has a name for may be called otherwise in another.
        let mut usual: Vec<&Arc<str>> = Vec::new();
        for one in names().flat_map(|names| names.usual(name)) {
            if !usual.contains(&one) {
                usual.push(one);
            }
        }
        for names in names() {
            if names.usual(name).next().is_none() {
                usual.iter().for_each(|usual| names.paths(usual, &mut paths));
            }
            names.paths(name, &mut paths);
        }
        if paths.is_empty() {
            paths.push(name.into());
        }
        paths.truncate(MAX_FIELD_PATHS);
        paths.into()
    }

    /// The definitions that an event belongs to. The engine asks the same of compiled conditions.
    pub fn of(&self, event: &PlainEvent) -> Vec<usize> {
        let all = self.definitions.iter().enumerate();
        all.filter(|(_, definition)| oracle::matches(&definition.when, event)).map(|(index, _)| index).collect()
    }

    /// When an event happened: its own time if it has one, else what its definitions say where it is.
    pub fn time(&self, event: &PlainEvent) -> Option<Nanos> {
        event.timestamp.or_else(|| self.time_in(event, &self.of(event)))
    }

    /// When an event of these definitions happened; of an event without any, by the names that all use.
    pub fn time_in(&self, event: &PlainEvent, definitions: &[usize]) -> Option<Nanos> {
        let own = definitions.iter().flat_map(|index| &self.definitions[*index].time);
        own.chain(&self.usual).find_map(|path| path.of(event))
    }

    /// What an event is about, by this definition.
    pub fn entity(&self, event: &PlainEvent, definition: usize) -> Option<EntityRef> {
        self.definitions[definition].entities.iter().find_map(|paths| paths.of(event))
    }

    /// The fields of rules that no definition knows: they are looked for by their own names.
    pub fn unmapped<'r>(&self, rules: impl IntoIterator<Item = &'r Rule>) -> Vec<Unmapped> {
        self.lacking(rules, |fits, name| !fits.iter().any(|index| self.definitions[*index].names.knows(name)))
    }

    /// The fields of rules that are mapped to what no data has: `has` says which paths events have. Rules that have no
    /// data to see at all are left out.
    pub fn without_data<'r>(
        &self,
        rules: impl IntoIterator<Item = &'r Rule>,
        has: impl Fn(&str) -> bool,
    ) -> Vec<Unmapped> {
        self.lacking(rules, |fits, name| !fits.is_empty() && !self.paths(name, fits).iter().any(|path| has(path)))
    }

    fn lacking<'r>(
        &self,
        rules: impl IntoIterator<Item = &'r Rule>,
        lacks: impl Fn(&[usize], &str) -> bool,
    ) -> Vec<Unmapped> {
        let mut found: BTreeMap<(String, LogSource), BTreeSet<&'r str>> = BTreeMap::new();
        for rule in rules {
            let fits = self.fits(&rule.source);
            let mut names = BTreeSet::new();
            fields(&rule.condition, &mut names);
            for name in names {
                if lacks(&fits, name) {
                    found.entry((name.to_owned(), rule.source.clone())).or_default().insert(&rule.meta.id);
                }
            }
        }
        let all = found.into_iter();
        all.map(|((field, source), rules)| Unmapped {
            field,
            source,
            rules: rules.into_iter().map(str::to_owned).collect(),
        })
        .collect()
    }
}

/// Whether a definition has all the parts that a rule names. Both are in lower case, as they are read.
fn fits(definition: &LogSource, rule: &LogSource) -> bool {
    let part = |has: &Option<String>, asked: &Option<String>| asked.is_none() || has == asked;
    part(&definition.product, &rule.product)
        && part(&definition.category, &rule.category)
        && part(&definition.service, &rule.service)
}

/// The names of the fields of a condition.
fn fields<'e>(expr: &'e Expr, names: &mut BTreeSet<&'e str>) {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|part| fields(part, names)),
        Expr::Not(part) => fields(part, names),
        Expr::Leaf(leaf) => {
            names.extend(leaf.field.as_ref().map(|field| &*field.name));
            if let Test::Field(_, other) = &leaf.test {
                names.insert(&other.name);
            }
        }
    }
}

#[cfg(test)]
mod tests;
