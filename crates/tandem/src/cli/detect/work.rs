//! A run: events through the rules into the windows.

use super::lines::{self, AT_ONCE};
use super::note;
use super::rules::Rules;
use anyhow::Context as _;
use detect::engine::{Input, Scratch};
use detect::event::{PlainEvent, Scalar};
use detect::input::{Format, Item, Summary, read};
use detect::rule::Field;
use detect::windows::{Hit, Options, Windows};
use model::alert::{Alert, CitedEvent};
use model::columns::Table;
use model::fact::Nanos;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hasher as _};
use std::ops::{ControlFlow, Range};
use std::path::Path;

/// Alerts that are held to be printed. More of them nobody reads: the worst are kept.
const MAX_ALERTS: usize = 100_000;
/// Paths of events that are remembered, to say which fields of rules were never there.
const MAX_SEEN: usize = 200_000;

/// What is known while files are read.
pub struct Work<'r> {
    rules: &'r Rules,
    now: Nanos,
    range: Range<Option<Nanos>>,
    scratch: Scratch,
    windows: Windows,
    alerts: BTreeMap<String, Alert>,
    left_out: u64,
    seen: HashSet<String>,
    events: u64,
    outside: u64,
    untimed: u64,
    bad: u64,
    broken: bool,
    /// The time of the last event that has one: of those without it this is the likeliest.
    last: Nanos,
}

impl<'r> Work<'r> {
    /// Nothing has been read. Events outside of the range are left out.
    pub fn new(rules: &'r Rules, now: Nanos, range: Range<Option<Nanos>>) -> Work<'r> {
        Work {
            rules,
            now,
            range,
            scratch: rules.compiled.scratch(),
            windows: Windows::new(&rules.rules, &rules.correlations, Options::default()),
            alerts: BTreeMap::new(),
            left_out: 0,
            seen: HashSet::new(),
            events: 0,
            outside: 0,
            untimed: 0,
            bad: 0,
            broken: false,
            last: 0,
        }
    }

    /// Reads a file, or standard input.
    pub fn file(&mut self, path: &Path, format: Option<Format>) {
        let name = path.display().to_string();
        self.last = 0;
        let summary = if path.as_os_str() == "-" {
            self.read(std::io::stdin().lock(), &name, format)
        } else {
            match std::fs::File::open(path).with_context(|| format!("cannot read {name}")) {
                Ok(file) => self.read(file, &name, format),
                Err(error) => {
                    self.broken = true;
                    return note(&format!("{error:#}"));
                }
            }
        };
        self.bad += summary.bad;
        for bad in &summary.first_bad {
            note(&format!("{name}:{bad}"));
        }
        if summary.bad > summary.first_bad.len() as u64 {
            note(&format!("{name}: {} more that are no events", summary.bad - summary.first_bad.len() as u64));
        }
        if let Some(reason) = &summary.broken {
            self.broken = true;
            note(&format!("{name}: {reason}"));
        }
    }

    fn read(&mut self, input: impl std::io::Read, name: &str, format: Option<Format>) -> Summary {
        let mut waiting: Vec<(String, u64)> = Vec::new();
        let summary = read(input, name, format, &mut |item, line| {
            match item {
                Item::Event(event) => self.event(event),
                Item::Text(text) => {
                    waiting.push((text.to_owned(), line));
                    if waiting.len() >= AT_ONCE {
                        self.lines(&mut waiting);
                    }
                }
            }
            ControlFlow::Continue(())
        });
        self.lines(&mut waiting);
        summary
    }

    fn lines(&mut self, waiting: &mut Vec<(String, u64)>) {
        for event in lines::events(waiting, self.now) {
            self.event(event);
        }
        waiting.clear();
    }

    fn event(&mut self, mut event: PlainEvent) {
        let rules = self.rules;
        if self.range != (None..None) {
            let time = rules.sources.time(&event);
            let within = |time: Nanos| {
                self.range.start.is_none_or(|start| time >= start) && self.range.end.is_none_or(|end| time < end)
            };
            if !time.is_some_and(within) {
                self.outside += 1;
                return;
            }
        }
        self.events += 1;
        event.dataset = "default".to_owned();
        for (path, _) in &event.fields {
            if self.seen.len() < MAX_SEEN && !self.seen.contains(path) {
                self.seen.insert(path.clone());
            }
        }
        // A plain event is never refused: only lines can be malformed.
        let Ok(matches) = rules.compiled.event(&mut self.scratch, Input::Plain(&event)) else { return };
        if !matches.is_empty() {
            let matches = matches.to_vec();
            self.matched(&event, &matches);
        }
    }

    fn matched(&mut self, event: &PlainEvent, matches: &[u32]) {
        let sources = &self.rules.sources;
        let of = sources.of(event);
        let time = match event.timestamp.or_else(|| sources.time_in(event, &of)) {
            Some(time) => time,
            None => {
                self.untimed += 1;
                self.last
            }
        };
        self.last = time;
        let entity = of.iter().find_map(|index| sources.entity(event, *index));
        let hash = hash(event);
        for rule in matches {
            let rule = *rule as usize;
            if !self.windows.wants(rule) {
                continue;
            }
            let values: Vec<Option<Cow<'_, str>>> =
                self.windows.needs(rule).iter().map(|field| value(event, field)).collect();
            let copy = || cited(event, time);
            self.windows.hit(&Hit {
                rule,
                time,
                event_id: None,
                hash,
                dataset: &event.dataset,
                table: Table::Logs,
                entity: entity.as_ref(),
                values: &values,
                copy: &copy,
            });
        }
        self.take();
    }

    fn take(&mut self) {
        loop {
            let alerts = self.windows.take();
            if alerts.is_empty() {
                return;
            }
            for alert in alerts {
                self.alerts.insert(alert.id.clone(), alert);
                if self.alerts.len() > MAX_ALERTS {
                    self.left_out += 1;
                    let least = self.alerts.values().min_by_key(|alert| (alert.level, alert.first));
                    let least = least.map(|alert| alert.id.clone());
                    least.map(|id| self.alerts.remove(&id));
                }
            }
        }
    }

    /// The alerts, by time. Nothing is read after this.
    pub fn alerts(&mut self) -> Vec<Alert> {
        self.windows.advance(Nanos::MAX);
        self.take();
        let mut alerts: Vec<Alert> = std::mem::take(&mut self.alerts).into_values().collect();
        alerts.sort_by(|one, other| (one.first, &one.title, &one.id).cmp(&(other.first, &other.title, &other.id)));
        alerts
    }

    /// Paths that events had.
    pub fn seen(&self) -> &HashSet<String> {
        &self.seen
    }

    /// A file was not read to its end.
    pub fn broken(&self) -> bool {
        self.broken
    }

    /// Tells what was done.
    pub fn tell(&self, alerts: usize, files: usize) {
        let counters = self.rules.compiled.counters(&self.scratch);
        let mut text = format!(
            "{files} files, {} events, {} rules, {} matches, {alerts} alerts",
            self.events,
            self.rules.rules.len(),
            counters.matches
        );
        let stats = self.windows.stats();
        for (count, what) in [
            (counters.unrouted, "events of no known log source"),
            (self.outside, "events outside of the time asked for"),
            (self.untimed, "matched events without a time"),
            (self.bad, "lines or records that are no events"),
            (self.left_out, "alerts beyond those that are held"),
            (stats.evicted_entries, "events that windows had no room for"),
        ] {
            if count > 0 {
                text.push_str(&format!("; {count} {what}"));
            }
        }
        note(&text);
    }
}

/// The first value of a field as text.
fn value<'e>(event: &'e PlainEvent, field: &Field) -> Option<Cow<'e, str>> {
    let path = field.paths.iter().find(|path| event.fields.iter().any(|(of, _)| **of == ***path))?;
    let first = event.fields.iter().find(|(of, _)| **of == **path);
    first.and_then(|(_, value)| value.text())
}

/// Equal events have equal hashes, in every run.
fn hash(event: &PlainEvent) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (path, value) in &event.fields {
        hasher.write(path.as_bytes());
        hasher.write(value.text().unwrap_or_default().as_bytes());
        hasher.write_u8(0xff);
    }
    hasher.finish()
}

/// The copy that an alert keeps.
fn cited(event: &PlainEvent, time: Nanos) -> CitedEvent {
    let mut fields: Map<String, Value> = Map::new();
    for (path, value) in &event.fields {
        let value = match value {
            Scalar::Null => Value::Null,
            Scalar::Bool(bool) => Value::Bool(*bool),
            Scalar::Int(int) => Value::from(*int),
            Scalar::Double(double) => Value::from(*double),
            Scalar::Text(text) => Value::from(text.as_str()),
        };
        match fields.get_mut(path) {
            None => {
                fields.insert(path.clone(), value);
            }
            Some(Value::Array(all)) => all.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    CitedEvent { event_id: None, table: Table::Logs.name().to_owned(), timestamp: time, fields }
}
