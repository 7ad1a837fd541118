//! What rules matched, correlated over time: hits in, alerts out.
//!
//! | file | holds |
//! |---|---|
//! | `plan.rs` | correlations made ready: who looks at whom, which fields they need |
//! | `key.rs` | what is known of one key |
//! | `sorted.rs` | its events, by time |
//! | `tally.rs` | what a window measures while it moves over them |
//! | `judge.rs` | whether a correlation fires in a bucket of time |
//! | `work.rs` | what is due: settling, looking, feeding chained correlations, forgetting |
//! | `cites.rs`, `tell.rs`, `why.rs` | the alert: which events it cites, its id, its sentence |
//! | `snapshot.rs` | the state as bytes, and back |
//! | `hash.rs`, `slots.rs` | helpers |
//!
//! # What a window is
//!
//! A window ends at an event and reaches back for the correlation's timespan, the event at its very beginning left out:
//! `(t - timespan, t]`. Time is cut into buckets as long as the timespan. Of a key, all windows that end in one bucket
//! and for which the condition holds are one alert; its id is a hash of the rule's version, the key, the dataset and the
//! bucket. So the same events make the same alerts, in whatever order they come, and however often the server restarts.
//!
//! A condition that more events never undo (`count >= n`, `temporal` without `not`) is told as soon as it holds, and told
//! again under the same id while it grows. Any other (`count < n`, `avg`, percentiles, `not`) is judged when the watermark
//! has passed its bucket. When nothing can change an alert any more it is told a last time, with `settled`.
//!
//! The watermark is how far time has certainly come: the latest event's time less the allowed lateness. What comes for a
//! bucket that is settled is late: it is counted, changes nothing, and is for the retro-hunt to find.
//!
//! Plain rules have keys and buckets too: what one rule matched for one entity within one minute is one alert. They need no
//! window, so what is late for its minute is told in that of the watermark.
//!
//! An event that has no value for a field that is grouped by is in no group; one without a (numeric) value of what is
//! measured is not counted. Both are in [`Stats`]. Of a field with several values the first counts. Events of different
//! datasets never meet.
//!
//! Chained: to `temporal`, `temporal_ordered` and `value_count` every window end of the correlation below is a match, at
//! once. To others (they count) each of its alerts is one, when it is settled, at the time of its first window end.
//!
//! **Invariant:** no clock, and everything is bounded by [`Options`]; what has to go is counted.

mod cites;
pub(crate) mod hash;
mod judge;
mod key;
mod plan;
mod slots;
mod snapshot;
mod sorted;
mod tally;
mod tell;
#[cfg(test)]
mod tests;
mod why;
mod work;

pub use plan::Unused;
pub use snapshot::BadSnapshot;

use crate::event::number;
use crate::limits::{MAX_KEPT_BYTES, MAX_KEPT_COPY_BYTES, MAX_KEY_ENTRIES, MAX_KEYS};
use crate::rule::{Correlation, Field, Measure, Rule};
use ahash::AHashMap;
use cites::{Copies, Evidences, Lazy};
use hash::Entities;
use key::{Key, Name};
use model::alert::{Alert, CitedEvent};
use model::columns::Table;
use model::fact::{EntityRef, Nanos};
use plan::{CorrelationPlan, Plan};
use serde::{Deserialize, Serialize};
use slots::Slots;
use sorted::Entry;
use std::borrow::Cow;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// A rule matched an event.
#[derive(Clone, Copy)]
pub struct Hit<'a> {
    /// The rule's place among those given to [`Windows::new`].
    pub rule: usize,
    /// The event's time.
    pub time: Nanos,
    /// Its id in the store: an event with an id counts once, however often it comes.
    pub event_id: Option<u64>,
    /// A hash of an event without an id. Equal ones are as many as were told.
    pub hash: u64,
    /// Its dataset.
    pub dataset: &'a str,
    /// Its table.
    pub table: Table,
    /// What it is about.
    pub entity: Option<&'a EntityRef>,
    /// The values of [`Windows::needs`], in that order, as canonical text.
    pub values: &'a [Option<Cow<'a, str>>],
    /// Makes the copy that an alert cites; asked for a few events of many.
    pub copy: &'a dyn Fn() -> CitedEvent,
}

/// How much may be held. What is beyond goes, the oldest windows first, and is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Keys of all rules and correlations.
    pub max_keys: usize,
    /// Events of one key.
    pub max_key_entries: usize,
    /// Bytes of everything, about as a snapshot has them.
    pub max_bytes: usize,
    /// Those among them that are copies of events. When there are more, the oldest copies go before any key does.
    pub max_copy_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            max_keys: MAX_KEYS,
            max_key_entries: MAX_KEY_ENTRIES,
            max_bytes: MAX_KEPT_BYTES,
            max_copy_bytes: MAX_KEPT_COPY_BYTES,
        }
    }
}

/// What is held, and what was done since the windows were made (or since the beginning, when restored).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = WindowStats)]
pub struct Stats {
    /// Matches that came.
    #[schema(required)]
    pub hits: u64,
    /// Those too late for their window; of plain rules they are told all the same.
    #[schema(required)]
    pub late: u64,
    /// Those of an event that was there already.
    #[schema(required)]
    pub duplicates: u64,
    /// Those without a value for a field that is grouped by.
    #[schema(required)]
    pub ungrouped: u64,
    /// Those without a (numeric) value of what is measured.
    #[schema(required)]
    pub unmeasured: u64,
    /// Keys that went before their windows were over.
    #[schema(required)]
    pub evicted_keys: u64,
    /// Events that went before their windows were over.
    #[schema(required)]
    pub evicted_entries: u64,
    /// Copies of events that went before their windows were over: alerts name these events by id alone.
    #[schema(required)]
    pub dropped_copies: u64,
    /// Keys of a snapshot whose rule has changed or is gone.
    #[schema(required)]
    pub forgotten_keys: u64,
    /// Alerts told, each telling counted.
    #[schema(required)]
    pub told: u64,
    /// Keys held.
    #[schema(required)]
    pub keys: u64,
    /// Events held.
    #[schema(required)]
    pub entries: u64,
    /// Bytes of copies held.
    #[schema(required)]
    pub copy_bytes: u64,
    /// Bytes held, about as a snapshot has them.
    #[schema(required)]
    pub bytes: u64,
}

/// The windows of a set of rules.
pub struct Windows {
    plan: Arc<Plan>,
    options: Options,
    watermark: Nanos,
    /// How far what was due has been done; until [`Windows::take`] has given all it is behind the watermark.
    clock: Nanos,
    names: AHashMap<Arc<[u8]>, u32>,
    keys: Slots<Key>,
    due: BTreeSet<(Nanos, u64, u32)>,
    serial: u64,
    /// Keys to look at, and those that wait for it; some of them may be gone, or be there twice.
    queue: VecDeque<u32>,
    waiting: Vec<u32>,
    /// The watermark when those that wait were asked.
    woken: Nanos,
    entries: usize,
    /// Bytes of the keys, about.
    weight: usize,
    copies: Copies,
    evidences: Evidences,
    entities: Entities,
    out: VecDeque<Alert>,
    stats: Stats,
    name: Name,
}

impl Windows {
    /// Nothing has come yet. Fields must be resolved. Correlations that cannot be run are in [`Windows::refused`].
    pub fn new(rules: &[Rule], correlations: &[Correlation], options: Options) -> Windows {
        Windows::of(Arc::new(Plan::new(rules, correlations)), options)
    }

    fn of(plan: Arc<Plan>, options: Options) -> Windows {
        Windows {
            plan,
            options,
            watermark: Nanos::MIN,
            clock: Nanos::MIN,
            names: AHashMap::new(),
            keys: Slots::default(),
            due: BTreeSet::new(),
            serial: 0,
            queue: VecDeque::new(),
            waiting: Vec::new(),
            woken: Nanos::MIN,
            entries: 0,
            weight: 0,
            copies: Copies::new(options.max_copy_bytes),
            evidences: Evidences::default(),
            entities: Entities::default(),
            out: VecDeque::new(),
            stats: Stats::default(),
            name: Name::default(),
        }
    }

    /// The correlations that cannot be run.
    pub fn refused(&self) -> &[Unused] {
        &self.plan.refused
    }

    /// The fields whose values a hit of this rule must bring.
    pub fn needs(&self, rule: usize) -> &[Field] {
        self.plan.rules.get(rule).map_or(&[], |rule| &rule.needs)
    }

    /// Whether anything is done with the matches of a rule.
    pub fn wants(&self, rule: usize) -> bool {
        self.plan.rules.get(rule).is_some_and(|rule| rule.plain.is_some() || !rule.uses.is_empty())
    }

    /// How far time has come.
    pub fn watermark(&self) -> Nanos {
        self.watermark
    }

    /// A rule matched an event. Alerts come from [`Windows::take`].
    pub fn hit(&mut self, hit: &Hit<'_>) {
        let plan = self.plan.clone();
        let Some(rule) = plan.rules.get(hit.rule) else { return };
        self.stats.hits += 1;
        if self.entities.wants_sweep() {
            let needed =
                self.keys.iter().flat_map(|key| key.entries.iter().map(|entry| entry.entity).chain([key.entity]));
            self.entities.sweep(needed);
        }
        let entity = self.entities.keep(hit.entity);
        let (tie, stored) = (hit.event_id.unwrap_or(hit.hash), hit.event_id.is_some());
        let entry = Entry { time: hit.time, tie, stored, rules: 1, value: 0, entity };
        let mut lazy = Lazy::new(hit.copy);
        let mut name = std::mem::take(&mut self.name);
        for of in &rule.uses {
            let text = |at: &Option<usize>| hit.values.get((*at)?)?.as_deref();
            name.begin(of.correlation, hit.dataset);
            if !of.group.iter().all(|at| text(at).map(|value| name.value(value)).is_some()) {
                self.stats.ungrouped += 1;
                continue;
            }
            let to = &plan.correlations[of.correlation];
            let Some(value) = measured(&to.measure, of.measured.iter().map(text)) else {
                self.stats.unmeasured += 1;
                continue;
            };
            let entry = Entry { rules: 1 << of.rule, value, ..entry };
            self.add(of.correlation, name.bytes(), entry, Some(hit.table), &mut lazy);
        }
        if let Some(at) = rule.plain {
            name.begin(at, hit.dataset);
            if let Some(entity) = hit.entity {
                name.value(&entity.kind);
                name.value(&entity.key);
            }
            self.add(at, name.bytes(), entry, Some(hit.table), &mut lazy);
        }
        self.name = name;
    }

    /// Time has come so far: no event before it is still on its way. It never goes back. [`Nanos::MAX`] is the end:
    /// everything is settled.
    pub fn advance(&mut self, watermark: Nanos) {
        self.watermark = self.watermark.max(watermark);
    }

    /// Bytes held, about.
    fn bytes(&self) -> usize {
        self.weight + self.copies.bytes + self.entities.bytes + self.evidences.bytes
    }

    /// What is held, and what was done.
    pub fn stats(&self) -> Stats {
        Stats {
            keys: self.keys.len() as u64,
            entries: self.entries as u64,
            copy_bytes: self.copies.bytes as u64,
            bytes: self.bytes() as u64,
            dropped_copies: self.copies.dropped,
            ..self.stats
        }
    }
}

/// What is measured of these values, as an entry has it.
fn measured<'v>(measure: &Measure, mut values: impl Iterator<Item = Option<&'v str>>) -> Option<u64> {
    match measure {
        Measure::EventCount | Measure::Temporal | Measure::TemporalOrdered => Some(0),
        Measure::ValueCount(_) => {
            let values: Vec<&[u8]> = values.map(|value| value.map(str::as_bytes)).collect::<Option<_>>()?;
            Some(hash::short(values))
        }
        _ => {
            let number = number(values.next()??).filter(|number| number.abs() <= tally::MAX_NUMBER)?;
            // There is one zero.
            Some((number + 0.0).to_bits())
        }
    }
}
