//! Everything together: events in, alerts out.
//!
//! Rules are given their fields by [`Sources`], compiled by [`crate::engine`], and what they match is correlated by
//! [`crate::windows`]. For each event: [`Detector::line`], [`Detector::plain`] or [`Detector::batch`]; then
//! [`Detector::take_alerts`] until it gives none. At the end of files [`Detector::finish`].
//!
//! **Time.** Events are judged on their own time. How far time has come (the watermark) is the latest event's time, or the
//! latest receipt's where that is earlier (a clock that is ahead must not make all others late), less the lateness of
//! [`Options`]. A stream that may fall silent is told by [`Detector::advance`] as well. Files come in any order: for them
//! the lateness is [`Options::files`], so that nothing is settled before the end.
//!
//! **Restarts.** [`Detector::snapshot`] with the position up to which events were given is all that is needed; kept in one
//! transaction with the alerts taken before it, nothing is lost and nothing is told twice. [`Detector::restore`] also
//! carries the state over to a new set of rules: rules that have not changed go on.

use crate::engine::{BadLine, Class, Compiled, Counters, Event, Input, Report, Scratch};
use crate::event::{PlainEvent, Scalar};
use crate::limits::LATENESS;
use crate::rule::{Correlation, Field, LogSource, Rule};
use crate::sources::{EntityPaths, Sources};
use crate::windows::{self, BadSnapshot, Hit, Unused, Windows, hash};
use anyhow::{Context as _, Result};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{TimestampNanosecondType, UInt64Type};
use arrow_array::{RecordBatch, StringViewArray, TimestampNanosecondArray};
use model::alert::{Alert, CitedEvent};
use model::columns::{Table, name};
use model::fact::{EntityRef, Nanos};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// How it goes about its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How late events may be; what is later is counted and does not correlate.
    pub lateness: Nanos,
    /// How much may be held.
    pub windows: windows::Options,
}

impl Default for Options {
    /// For a stream.
    fn default() -> Self {
        Options { lateness: LATENESS, windows: windows::Options::default() }
    }
}

impl Options {
    /// For files: any order, nothing is late.
    pub fn files() -> Options {
        Options { lateness: Nanos::MAX, ..Options::default() }
    }
}

/// What was done since the detector was made, and what is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = DetectionStats)]
pub struct Stats {
    /// Events evaluated.
    pub events: u64,
    /// Lines that were no events.
    pub bad_lines: u64,
    /// Events that are in no class of log sources: only rules for any source saw them.
    pub unrouted: u64,
    /// Rules that were evaluated, summed up.
    pub candidates: u64,
    /// Matches of rules.
    pub matches: u64,
    /// Matches of events without a time of their own, which were given that of their receipt.
    pub untimed: u64,
    /// What the windows did and hold.
    pub windows: windows::Stats,
}

/// Rules at work. One thread; what threads may share is [`Detector::compiled`].
pub struct Detector {
    sources: Sources,
    rules: Vec<Rule>,
    correlations: Vec<Correlation>,
    compiled: Compiled,
    report: Report,
    scratch: Scratch,
    windows: Windows,
    lateness: Nanos,
    /// The latest time of an event, and of a receipt.
    latest: (Nanos, Nanos),
    /// What events without a class are about.
    usual: Vec<EntityPaths>,
    bad_lines: u64,
    untimed: u64,
    /// The rules that the event at hand matched.
    found: Vec<u32>,
    /// Memory for events that matched.
    matching: Event,
}

/// Where an event is from.
#[derive(Clone, Copy)]
struct Origin<'a> {
    dataset: &'a str,
    table: Table,
    event_id: Option<u64>,
    timestamp: Option<Nanos>,
    received: Nanos,
}

impl Detector {
    /// Makes rules ready, as they were loaded: their fields need not be resolved. What cannot be used is in
    /// [`Detector::unused`].
    pub fn new(
        mut rules: Vec<Rule>,
        mut correlations: Vec<Correlation>,
        sources: Sources,
        options: Options,
    ) -> Detector {
        sources.resolve_all(&mut rules, &mut correlations);
        let class = |of: &crate::sources::Definition| Class { source: of.source.clone(), when: of.when.clone() };
        let (compiled, report) = Compiled::new(&rules, sources.definitions().iter().map(class).collect());
        let windows = Windows::new(&rules, &correlations, options.windows);
        let paths = |kind: &str, paths: &[&str]| EntityPaths {
            kind: kind.into(),
            prefix: None,
            paths: paths.iter().map(|path| (*path).into()).collect(),
        };
        Detector {
            scratch: compiled.scratch(),
            usual: vec![paths("service", &["service.name"]), paths("host", &["host.name", "hostname", "host"])],
            sources,
            rules,
            correlations,
            compiled,
            report,
            windows,
            lateness: options.lateness,
            latest: (Nanos::MIN, Nanos::MIN),
            bad_lines: 0,
            untimed: 0,
            found: Vec::new(),
            matching: Event::default(),
        }
    }

    /// An event as a line of JSON. `received` is its time if it has none. How many rules it matched.
    pub fn line(&mut self, line: &str, dataset: &str, received: Nanos) -> Result<usize, BadLine> {
        let origin = Origin { dataset, table: Table::Logs, event_id: None, timestamp: None, received };
        let matched = self.event(Input::Line(line), origin).inspect_err(|_| self.bad_lines += 1)?;
        self.follow();
        Ok(matched)
    }

    /// An event out of a file. `received` is its time if it has none. How many rules it matched.
    pub fn plain(&mut self, event: &PlainEvent, received: Nanos) -> usize {
        let PlainEvent { timestamp, event_id, dataset, .. } = event;
        let dataset = if dataset.is_empty() { "default" } else { dataset };
        let origin = Origin { dataset, table: Table::Logs, event_id: *event_id, timestamp: *timestamp, received };
        // A plain event is never a bad line.
        let matched = self.event(Input::Plain(event), origin).unwrap_or_default();
        self.follow();
        matched
    }

    /// Rows of the store's `logs` or `spans`, with the columns that the store gives each row. How many matches there were.
    pub fn batch(&mut self, batch: &RecordBatch, table: Table) -> Result<usize> {
        let column = |name| batch.column_by_name(name).with_context(|| format!("the batch has no column {name}"));
        let ids = column(name::EVENT_ID)?.as_primitive_opt::<UInt64Type>().context("event_id is no integer")?;
        let times: &TimestampNanosecondArray =
            column(name::TIMESTAMP)?.as_primitive_opt::<TimestampNanosecondType>().context("timestamp is no time")?;
        let received: &TimestampNanosecondArray = column(name::RECEIVED_TIMESTAMP)?
            .as_primitive_opt::<TimestampNanosecondType>()
            .context("received_timestamp is no time")?;
        let datasets: &StringViewArray = column(name::DATASET)?.as_string_view_opt().context("dataset is no text")?;
        let rows = self.compiled.rows(batch);
        let mut matched = 0;
        for row in 0..batch.num_rows() {
            let origin = Origin {
                dataset: datasets.value(row),
                table,
                event_id: Some(ids.value(row)),
                timestamp: Some(times.value(row)),
                received: received.value(row),
            };
            // A row of the store is never a bad line.
            matched += self.event(Input::Row(&rows, row), origin).unwrap_or_default();
        }
        let latest = |times: &TimestampNanosecondArray| times.values().iter().copied().max().unwrap_or(Nanos::MIN);
        self.latest.0 = self.latest.0.max(latest(times));
        self.latest.1 = self.latest.1.max(latest(received));
        self.follow();
        Ok(matched)
    }

    /// An event of any form: how many rules it matched.
    fn event(&mut self, input: Input<'_>, origin: Origin<'_>) -> Result<usize, BadLine> {
        let mut found = std::mem::take(&mut self.found);
        found.clear();
        found.extend_from_slice(self.compiled.event(&mut self.scratch, input)?);
        let count = found.len();
        found.retain(|rule| self.windows.wants(*rule as usize));
        if !found.is_empty() {
            let fields = self.compiled.plain_with(&mut self.matching, input)?;
            let Origin { dataset, timestamp, event_id, .. } = origin;
            self.matched(&found, &PlainEvent { timestamp, event_id, dataset: dataset.to_owned(), fields }, origin);
        }
        self.found = found;
        Ok(count)
    }

    /// Rules matched an event.
    fn matched(&mut self, rules: &[u32], event: &PlainEvent, origin: Origin<'_>) {
        let classes: Vec<usize> = self.compiled.classes(&self.scratch).collect();
        let time = event.timestamp.or_else(|| self.sources.time_in(event, &classes)).unwrap_or_else(|| {
            self.untimed += 1;
            origin.received
        });
        self.latest.0 = self.latest.0.max(time);
        self.latest.1 = self.latest.1.max(origin.received);
        let hash = if origin.event_id.is_none() { content(event) } else { 0 };
        let copy = || cited(event, origin.table, time);
        for rule in rules {
            let rule = *rule as usize;
            let entity = self.entity(event, &self.rules[rule].source, &classes);
            let values: Vec<_> = self.windows.needs(rule).iter().map(|field| value(event, field)).collect();
            self.windows.hit(&Hit {
                rule,
                time,
                event_id: origin.event_id,
                hash,
                dataset: origin.dataset,
                table: origin.table,
                entity: entity.as_ref(),
                values: &values,
                copy: &copy,
            });
        }
    }

    /// What an event is about: as the definitions say by which the rule sees it, then as the others do.
    fn entity(&self, event: &PlainEvent, source: &LogSource, classes: &[usize]) -> Option<EntityRef> {
        let fits = |class: &&usize| self.sources.is_for(source, &[**class]);
        let (first, then) = (classes.iter().filter(fits), classes.iter().filter(|class| !fits(class)));
        let usual = || self.usual.iter().find_map(|paths| paths.of(event));
        first.chain(then).find_map(|class| self.sources.entity(event, *class)).or_else(usual)
    }

    /// The watermark follows the events.
    fn follow(&mut self) {
        let (event, received) = self.latest;
        self.windows.advance(event.min(received).saturating_sub(self.lateness));
    }

    /// Time has come so far: no event before it is still on its way. For streams that may fall silent: the present time
    /// less the lateness, now and then.
    pub fn advance(&mut self, watermark: Nanos) {
        self.windows.advance(watermark);
    }

    /// There are no more events: everything is settled.
    pub fn finish(&mut self) {
        self.windows.advance(Nanos::MAX);
    }

    /// Alerts that are to be told, at most some hundred: ask again until there are none. One with the id of an earlier
    /// one replaces it.
    pub fn take_alerts(&mut self) -> Vec<Alert> {
        self.windows.take()
    }

    /// The state, to be kept together with the position of the events given so far.
    pub fn snapshot(&self) -> Vec<u8> {
        self.windows.snapshot()
    }

    /// Takes over a state. After an error it is empty: give it the events again from as far back as windows reach.
    pub fn restore(&mut self, snapshot: &[u8]) -> Result<(), BadSnapshot> {
        self.windows.restore(snapshot)?;
        let latest = self.windows.watermark().saturating_add(self.lateness);
        self.latest = (latest, latest);
        Ok(())
    }

    /// What was done, and what is held.
    pub fn stats(&self) -> Stats {
        let counters = self.counters();
        Stats {
            events: counters.events,
            bad_lines: self.bad_lines,
            unrouted: counters.unrouted,
            candidates: counters.candidates,
            matches: counters.matches,
            untimed: self.untimed,
            windows: self.windows.stats(),
        }
    }

    /// What the engine did, by rule too.
    pub fn counters(&self) -> &Counters {
        self.compiled.counters(&self.scratch)
    }

    /// The rules, their fields resolved. A rule's place here is its number in [`Detector::compiled`].
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The correlations, their fields resolved.
    pub fn correlations(&self) -> &[Correlation] {
        &self.correlations
    }

    /// The definitions of log sources.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The compiled rules.
    pub fn compiled(&self) -> &Compiled {
        &self.compiled
    }

    /// What this detector's thread has seen, for [`Compiled::explain`].
    pub fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// What compiling said, such as rules that no data is for.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The rules and correlations that cannot be used.
    pub fn unused(&self) -> Vec<Unused> {
        let rules = self.report.refused.iter().filter_map(|(rule, reason)| {
            let meta = &self.rules.get(*rule)?.meta;
            let (id, place) = (meta.id.clone(), meta.place.clone());
            Some(Unused { id, place, field: "detection", reason: reason.clone() })
        });
        let correlations = self.windows.refused().iter().cloned();
        rules.chain(correlations).collect()
    }
}

/// The value of a field: of the first path that has one, the first.
fn value<'e>(event: &'e PlainEvent, field: &Field) -> Option<Cow<'e, str>> {
    field.paths.iter().find_map(|path| {
        let values = event.fields.iter().filter(|(of, _)| **of == **path);
        values.map(|(_, value)| value).find_map(Scalar::text)
    })
}

/// A hash of what an event says, for those without an id.
fn content(event: &PlainEvent) -> u64 {
    let parts = event.fields.iter().flat_map(|(path, value)| [Cow::from(path), value.text().unwrap_or_default()]);
    hash::short(parts.map(Bytes))
}

/// A text as its bytes.
struct Bytes<'a>(Cow<'a, str>);

impl AsRef<[u8]> for Bytes<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// The copy that an alert keeps: values by path, those of a path that is there several times as a list.
fn cited(event: &PlainEvent, table: Table, timestamp: Nanos) -> CitedEvent {
    let mut fields = Map::new();
    for (path, value) in &event.fields {
        let value = match value {
            Scalar::Null => Value::Null,
            Scalar::Text(text) => text.as_str().into(),
            Scalar::Int(int) => (*int).into(),
            Scalar::Double(double) => (*double).into(),
            Scalar::Bool(bool) => (*bool).into(),
        };
        match fields.get_mut(path) {
            None => drop(fields.insert(path.clone(), value)),
            Some(Value::Array(all)) => all.push(value),
            Some(one) => *one = Value::Array(vec![one.take(), value]),
        }
    }
    CitedEvent { event_id: event.event_id, table: table.name().to_owned(), timestamp, fields }
}

#[cfg(test)]
mod tests;
