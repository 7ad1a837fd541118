//! The engine against the oracle, rule by rule, over recorded events: `cargo xtask detect-verify`.
//!
//! `verify --rules DIR --events DIR [--every N] [--matches FILE] [--plain FILE] [--by-rule]`; `--rules` and `--events` may
//! be given several times. Each event goes to the engine as it is and as a line of JSON. `--matches` writes event, rule,
//! file and line of each match, for a comparison with others. The exit code is 1 when anything differs.
//!
//! `--plain` is for engines that know no log sources: every rule sees every event, and each event has the fields under
//! the names that rules use. These events are written to the file, one a line, with their number as `_n`, and beside it with
//! the ending `.refused` titles of refused rules and why.
//!
//! Lines of text, such as those of access logs, become events as the server would read them.
//!
//! The oracle would need half a second for an event and some thousand rules. It is asked once for each test and each
//! value that a field has; and, or and not are put together here.

use anyhow::{Context as _, Result, bail};
use detect::engine::{Class, Compiled, Input, Scratch};
use detect::event::{PlainEvent, Scalar};
use detect::input::{Item, read};
use detect::oracle;
use detect::rule::{Expr, Field, Leaf, LogSource, Place, Rule, Test};
use detect::sigma;
use detect::sources::Sources;
use model::Context;
use receive::Redactor;
use receive::lines::{Format, LineOrigin, decode_lines};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufWriter, Write, stdout};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Answers of the oracle that are kept.
const MAX_ANSWERS: usize = 20_000_000;
/// Differences that are shown.
const SHOWN: usize = 50;

#[derive(Default)]
struct Wishes {
    rules: Vec<PathBuf>,
    events: Vec<PathBuf>,
    every: u64,
    matches: Option<PathBuf>,
    plain: Option<PathBuf>,
    by_rule: bool,
}

fn wishes() -> Result<Wishes> {
    let mut wishes = Wishes { every: 1, ..Wishes::default() };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().with_context(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--rules" => wishes.rules.push(value()?.into()),
            "--events" => wishes.events.push(value()?.into()),
            "--every" => wishes.every = value()?.parse::<u64>().context("--every needs a number")?.max(1),
            "--matches" => wishes.matches = Some(value()?.into()),
            "--plain" => wishes.plain = Some(value()?.into()),
            "--by-rule" => wishes.by_rule = true,
            other => bail!("{other} is not known"),
        }
    }
    if wishes.rules.is_empty() || wishes.events.is_empty() {
        bail!("--rules DIR and --events DIR are needed");
    }
    Ok(wishes)
}

/// Asks the oracle, once for each test and values.
#[derive(Default)]
struct Judge {
    tests: HashMap<String, u32>,
    values: HashMap<String, u32>,
    answers: HashMap<(u32, u32), bool>,
    asked: u64,
}

/// A condition whose tests have numbers.
enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    /// Number of the test, of its field (none: all values), and the test.
    Leaf(u32, Option<u32>, Test),
    /// A test of two fields, as it stands.
    Whole(Expr),
}

/// Where a field is.
type Paths = Arc<[Arc<str>]>;

/// The fields of all rules by their paths.
#[derive(Default)]
struct Fields {
    numbers: HashMap<Paths, u32>,
    fields: Vec<Field>,
}

impl Fields {
    fn number(&mut self, field: &Field) -> u32 {
        *self.numbers.entry(field.paths.clone()).or_insert_with(|| {
            self.fields.push(field.clone());
            self.fields.len() as u32 - 1
        })
    }
}

/// One event, with the values of fields as numbers.
struct Seen<'e> {
    event: &'e PlainEvent,
    by_path: HashMap<&'e str, Vec<&'e Scalar>>,
    numbers: HashMap<Option<u32>, u32>,
}

impl Judge {
    fn node(&mut self, fields: &mut Fields, expr: &Expr) -> Node {
        match expr {
            Expr::And(all) => Node::And(all.iter().map(|one| self.node(fields, one)).collect()),
            Expr::Or(all) => Node::Or(all.iter().map(|one| self.node(fields, one)).collect()),
            Expr::Not(one) => Node::Not(Box::new(self.node(fields, one))),
            Expr::Leaf(Leaf { test: Test::Field(..), .. }) => Node::Whole(expr.clone()),
            Expr::Leaf(Leaf { field, test, .. }) => {
                let key = format!("{} {test:?}", field.is_some());
                let next = self.tests.len() as u32;
                let number = *self.tests.entry(key).or_insert(next);
                Node::Leaf(number, field.as_ref().map(|field| fields.number(field)), test.clone())
            }
        }
    }

    fn holds(&mut self, fields: &Fields, node: &Node, seen: &mut Seen<'_>) -> bool {
        match node {
            Node::And(all) => all.iter().all(|one| self.holds(fields, one, seen)),
            Node::Or(all) => all.iter().any(|one| self.holds(fields, one, seen)),
            Node::Not(one) => !self.holds(fields, one, seen),
            Node::Whole(expr) => oracle::matches(expr, seen.event),
            Node::Leaf(number, field, test) => {
                let values = || -> Vec<&Scalar> {
                    match field {
                        None => seen.event.fields.iter().map(|(_, value)| value).collect(),
                        Some(field) => {
                            let paths = &fields.fields[*field as usize].paths;
                            paths.iter().find_map(|path| seen.by_path.get(&**path)).cloned().unwrap_or_default()
                        }
                    }
                };
                let of = match seen.numbers.get(field) {
                    Some(of) => *of,
                    None => {
                        let next = self.values.len() as u32;
                        *self.values.entry(format!("{:?}", values())).or_insert(next)
                    }
                };
                let key = (*number, of);
                let known = self.answers.get(&key).copied();
                let answer = known.unwrap_or_else(|| {
                    self.asked += 1;
                    let fields = values().into_iter().map(|value| ("f".to_owned(), value.clone())).collect();
                    let event = PlainEvent { fields, ..PlainEvent::default() };
                    let field = field.map(|_| Field::new("f"));
                    oracle::matches(&Expr::Leaf(Leaf { field, test: test.clone(), place: Place::default() }), &event)
                });
                seen.numbers.insert(*field, of);
                if known.is_none() {
                    if self.answers.len() >= MAX_ANSWERS {
                        self.answers.clear();
                    }
                    self.answers.insert(key, answer);
                }
                answer
            }
        }
    }
}

struct Run {
    sources: Sources,
    rules: Vec<Rule>,
    compiled: Compiled,
    scratch: Scratch,
    judge: Judge,
    fields: Fields,
    nodes: Vec<Node>,
    /// By the definitions that an event belongs to: the rules for it.
    routed: HashMap<Vec<usize>, Arc<Vec<usize>>>,
    matches: Vec<u64>,
    events: u64,
    differences: u64,
    log: Option<BufWriter<File>>,
    plain: Option<Plain>,
}

/// Events for engines that know no log sources.
struct Plain {
    out: BufWriter<File>,
    /// Names that rules use.
    names: Vec<Arc<str>>,
    /// By the definitions that an event belongs to: where those names are.
    paths: HashMap<Vec<usize>, Arc<Vec<Paths>>>,
}

impl Plain {
    /// Adds the fields by the names that rules use, and writes the event.
    fn event(&mut self, sources: &Sources, number: u64, event: &PlainEvent) -> Result<PlainEvent> {
        let names = &self.names;
        let paths = self
            .paths
            .entry(sources.of(event))
            .or_insert_with_key(|of| Arc::new(names.iter().map(|name| sources.paths(name, of)).collect()));
        let mut by_path: HashMap<&str, Vec<&Scalar>> = HashMap::new();
        for (path, value) in &event.fields {
            by_path.entry(path).or_default().push(value);
        }
        let mut plain = PlainEvent::default();
        for (name, paths) in names.iter().zip(paths.iter()) {
            let values = paths.iter().find_map(|path| by_path.get(&**path));
            plain.fields.extend(values.into_iter().flatten().map(|value| (name.to_string(), (*value).clone())));
        }
        let mut object = serde_json::Map::new();
        for (path, value) in &plain.fields {
            match object.get_mut(path) {
                None => drop(object.insert(path.clone(), json(value))),
                Some(serde_json::Value::Array(all)) => all.push(json(value)),
                Some(first) => *first = serde_json::Value::Array(vec![first.take(), json(value)]),
            }
        }
        object.insert("_n".to_owned(), format!("n{number}").into());
        writeln!(self.out, "{}", serde_json::Value::Object(object))?;
        Ok(plain)
    }
}

fn main() -> Result<()> {
    let wishes = wishes()?;
    let mut out = stdout().lock();
    let sources = Sources::builtin();
    let loaded = sigma::load(&wishes.rules, &sigma::Options::default());
    let mut rules = loaded.rules;
    let plain = match &wishes.plain {
        None => {
            rules.iter_mut().for_each(|rule| sources.resolve(rule));
            None
        }
        Some(path) => {
            rules.iter_mut().for_each(|rule| rule.source = LogSource::default());
            let refused: Vec<String> =
                loaded.refused.iter().map(|refusal| format!("{}\t{}\n", refusal.title, refusal.reason)).collect();
            std::fs::write(path.with_extension("refused"), refused.concat())?;
            let (mut judge, mut fields) = (Judge::default(), Fields::default());
            rules.iter().for_each(|rule| drop(judge.node(&mut fields, &rule.condition)));
            let names = fields.fields.into_iter().map(|field| field.name).collect();
            Some(Plain { out: BufWriter::new(File::create(path)?), names, paths: HashMap::new() })
        }
    };
    let classes = sources.definitions().iter();
    let classes = classes.map(|one| Class { source: one.source.clone(), when: one.when.clone() }).collect();
    let (compiled, report) = Compiled::new(&rules, classes);
    writeln!(
        out,
        "{} rules, {} refused when read, {} by the engine",
        rules.len(),
        loaded.refused.len(),
        report.refused.len()
    )?;
    let (mut judge, mut fields) = (Judge::default(), Fields::default());
    let nodes = rules.iter().map(|rule| judge.node(&mut fields, &rule.condition)).collect();
    let log = wishes.matches.map(|path| File::create(path).map(BufWriter::new)).transpose()?;
    let scratch = compiled.scratch();
    let matches = vec![0; rules.len()];
    let routed = HashMap::new();
    let mut run = Run {
        sources,
        rules,
        compiled,
        scratch,
        judge,
        fields,
        nodes,
        routed,
        matches,
        events: 0,
        differences: 0,
        log,
        plain,
    };
    for path in wishes.events.iter().flat_map(|path| files(path)) {
        run.file(&path, wishes.every)?;
    }
    run.report(wishes.by_rule)
}

fn files(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(path).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    entries.sort();
    entries.retain(|path| path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with(['.', '_'])));
    entries.iter().flat_map(|path| files(path)).collect()
}

impl Run {
    fn file(&mut self, path: &Path, every: u64) -> Result<()> {
        let file = File::open(path).with_context(|| path.display().to_string())?;
        let name = path.display().to_string();
        let mut failed = None;
        let mut number = 0_u64;
        let summary = read(file, &name, None, &mut |item, line| {
            number += 1;
            if !number.is_multiple_of(every) {
                return ControlFlow::Continue(());
            }
            let events = match item {
                Item::Event(event) => vec![event],
                Item::Text(text) => self.events_of(text),
            };
            match events.iter().try_for_each(|event| self.event(&name, line, event)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            }
        });
        if let Some(error) = failed {
            return Err(error);
        }
        if summary.bad > 0 || summary.broken.is_some() {
            writeln!(stdout(), "{name}: {} bad, {:?}, {:?}", summary.bad, summary.first_bad.first(), summary.broken)?;
        }
        Ok(())
    }

    /// A line of text as the server reads it.
    fn events_of(&self, text: &str) -> Vec<PlainEvent> {
        let context = Context::new("default", "file", 0);
        let decoded = decode_lines(
            [text.as_bytes()].into_iter(),
            Format::Auto,
            &context,
            &LineOrigin::default(),
            &Redactor::none(),
        );
        let mut events = Vec::new();
        for batch in &decoded.batches {
            let rows = self.compiled.rows(&batch.rows);
            events.extend((0..batch.len()).map(|row| {
                let fields = self.compiled.plain(Input::Row(&rows, row)).unwrap_or_default();
                PlainEvent { fields, ..PlainEvent::default() }
            }));
        }
        events
    }

    fn event(&mut self, name: &str, line: u64, event: &PlainEvent) -> Result<()> {
        self.events += 1;
        let canonical = match &mut self.plain {
            Some(plain) => Some(plain.event(&self.sources, self.events, event)?),
            None => None,
        };
        let event = canonical.as_ref().unwrap_or(event);
        let of = if canonical.is_some() { Vec::new() } else { self.sources.of(event) };
        let (sources, rules) = (&self.sources, &self.rules);
        let routed = self.routed.entry(of).or_insert_with_key(|of| {
            let all = rules.iter().enumerate().filter(|(_, rule)| sources.is_for(&rule.source, of));
            Arc::new(all.map(|(at, _)| at).collect())
        });
        let routed = routed.clone();
        let mut by_path: HashMap<&str, Vec<&Scalar>> = HashMap::new();
        for (path, value) in &event.fields {
            by_path.entry(path).or_default().push(value);
        }
        let mut seen = Seen { event, by_path, numbers: HashMap::new() };
        let (judge, fields, nodes) = (&mut self.judge, &self.fields, &self.nodes);
        let expected: Vec<u32> = routed
            .iter()
            .filter(|rule| judge.holds(fields, &nodes[**rule], &mut seen))
            .map(|rule| *rule as u32)
            .collect();
        let flat = line_of(event);
        for (form, input) in [("as it is", Input::Plain(event)), ("as a line", Input::Line(&flat))] {
            let found = match self.compiled.event(&mut self.scratch, input) {
                Ok(found) => found.to_vec(),
                Err(error) => bail!("{name}:{line}: {error}"),
            };
            if found != expected {
                self.differences += 1;
                if self.differences <= SHOWN as u64 {
                    let differ = |these: &[u32], others: &[u32]| -> Vec<String> {
                        let only = these.iter().filter(|rule| !others.contains(rule));
                        only.map(|rule| self.rules[*rule as usize].meta.title.clone()).collect()
                    };
                    let (more, less) = (differ(&found, &expected), differ(&expected, &found));
                    writeln!(stdout(), "{name}:{line} {form}: the engine alone {more:?}, the oracle alone {less:?}")?;
                }
            }
        }
        for rule in expected {
            self.matches[rule as usize] += 1;
            if let Some(log) = &mut self.log {
                let rule = &self.rules[rule as usize].meta;
                writeln!(log, "n{}\t{}\t{}\t{name}:{line}", self.events, rule.id, rule.title)?;
            }
        }
        Ok(())
    }

    fn report(mut self, by_rule: bool) -> Result<()> {
        let mut out = stdout().lock();
        if let Some(log) = &mut self.log {
            log.flush()?;
        }
        if let Some(plain) = &mut self.plain {
            plain.out.flush()?;
        }
        let matched = self.matches.iter().filter(|count| **count > 0).count();
        let total: u64 = self.matches.iter().sum();
        if by_rule {
            let mut all: BTreeMap<_, Vec<&Rule>> = BTreeMap::new();
            for (rule, count) in self.rules.iter().zip(&self.matches).filter(|(_, count)| **count > 0) {
                all.entry(std::cmp::Reverse(*count)).or_default().push(rule);
            }
            for (count, rules) in all {
                for rule in rules {
                    writeln!(out, "{:8} {:13} {}", count.0, rule.meta.level.name(), rule.meta.title)?;
                }
            }
        }
        let counters = self.compiled.counters(&self.scratch);
        writeln!(
            out,
            "{} events, {total} matches of {matched} rules, {} answers of the oracle, {:.1} candidates an event, {:.0} rules routed; {} differences",
            self.events,
            self.judge.asked,
            counters.candidates as f64 / counters.events.max(1) as f64,
            counters.routed as f64 / counters.events.max(1) as f64,
            self.differences
        )?;
        match self.differences {
            0 => Ok(()),
            differences => bail!("engine and oracle differ for {differences} events"),
        }
    }
}

/// An event as one line of JSON, without any nesting.
fn line_of(event: &PlainEvent) -> String {
    let mut line = String::from("{");
    for (path, value) in &event.fields {
        if line.len() > 1 {
            line.push(',');
        }
        line.push_str(&format!("{}:{}", serde_json::Value::from(path.as_str()), json(value)));
    }
    line.push('}');
    line
}

fn json(value: &Scalar) -> serde_json::Value {
    match value {
        Scalar::Null => serde_json::Value::Null,
        Scalar::Bool(bool) => (*bool).into(),
        Scalar::Int(int) => (*int).into(),
        Scalar::Double(double) => (*double).into(),
        Scalar::Text(text) => text.as_str().into(),
    }
}
