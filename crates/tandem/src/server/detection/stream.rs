//! From commits of the store to alerts.
//!
//! Alerts are kept as soon as they are there; the detector's memory and how far it has read are kept with them when that
//! is due. After a kill detection goes on from there, and what it tells again is known by its ids.

use super::pause;
use super::rules::RuleSet;
use crate::limits::{
    DETECT_ALERTS, DETECT_PAUSE, DETECT_STATE_AFTER, DETECT_STATE_IDLE, DETECT_STATE_SHARE, DETECT_TICK,
};
use crate::server::state::{App, now};
use anyhow::{Context as _, Result};
use arrow_array::cast::AsArray as _;
use arrow_array::types::TimestampNanosecondType;
use detect::detector::{Detector, Options, Stats};
use detect::limits::LATENESS;
use model::columns::name;
use model::{Alert, EventId, Nanos, Table};
use respond::DetectorState;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::Committed;

/// What rules look at.
const TABLES: [Table; 2] = [Table::Logs, Table::Spans];

/// The stream's place and memory.
struct Stream {
    app: Arc<App>,
    /// Away while a thread works with it.
    detector: Option<Detector>,
    /// Which rules these are.
    generation: u64,
    /// What detectors with earlier rules did.
    before: Stats,
    before_by_rule: BTreeMap<String, (u64, u64)>,
    /// All commits through this one were looked at.
    after: u64,
    /// Alerts that could not be kept yet.
    pending: Vec<Alert>,
    /// The receipt of the oldest event of the last look; none when there was none.
    oldest: Option<Nanos>,
    /// Something happened since the state was kept.
    changed: bool,
    /// All alerts of what was looked at were taken: only then the detector's memory and its place belong together.
    whole: bool,
    saved: Instant,
    /// What it took to write the state down.
    cost: Duration,
}

/// Reads what is committed until the server stops.
pub async fn run(app: Arc<App>, state: DetectorState) {
    let mut stream = Stream::new(app.clone(), state);
    let mut rules = app.detection.rules.subscribe();
    loop {
        let stopped = tokio::select! {
            () = app.stopped() => true,
            () = app.store.committed_after(stream.after) => false,
            // The app keeps the sender, so that this waits.
            Ok(()) = rules.changed() => false,
            () = tokio::time::sleep(DETECT_TICK) => false,
        };
        if stopped {
            break;
        }
        if let Err(error) = stream.round().await {
            tracing::warn!(error = format!("{error:#}"), "detection has to wait; nothing is lost");
            if !pause(&app, DETECT_PAUSE).await {
                break;
            }
        }
    }
    if let Err(error) = stream.keep(true).await {
        tracing::warn!(
            error = format!("{error:#}"),
            "how far detection has come is not written down; it reads some again"
        );
    }
}

impl Stream {
    fn new(app: Arc<App>, state: DetectorState) -> Stream {
        let set = app.detection.rules();
        let detector = detector(&set, &state.snapshot);
        let unused = unused(&detector);
        unused.iter().for_each(|unused| tracing::warn!(unused, "a rule is not used"));
        let after = EventId(state.position).sequence().saturating_sub(1);
        app.detection.with(|numbers| (numbers.through, numbers.unused) = (after, unused));
        Stream {
            app,
            detector: Some(detector),
            generation: set.generation,
            before: Stats::default(),
            before_by_rule: BTreeMap::new(),
            after,
            pending: Vec::new(),
            oldest: None,
            changed: false,
            whole: true,
            saved: Instant::now(),
            cost: Duration::ZERO,
        }
    }

    /// Goes on with the rules that were read last, once all is taken that the others had to tell. Windows of rules that
    /// have not changed go on.
    async fn take_rules(&mut self) -> Result<()> {
        let set = self.app.detection.rules();
        if !self.whole || set.generation == self.generation {
            return Ok(());
        }
        self.count(self.after);
        let generation = set.generation;
        let old = self.detector.take().context("the detector is gone: restart the server")?;
        let worked = tokio::task::spawn_blocking(move || detector(&set, &old.snapshot()));
        let detector = worked.await.context("the rules could not be taken over")?;
        let (ids, unused): (BTreeSet<&str>, _) = (ids(&detector).collect(), unused(&detector));
        self.app.detection.with(|numbers| {
            numbers.unused = unused;
            numbers.by_rule.retain(|id, _| ids.contains(id.as_str()));
            (self.before, self.before_by_rule) = (numbers.stats, numbers.by_rule.clone());
        });
        (self.detector, self.generation, self.changed) = (Some(detector), generation, true);
        self.app.detection.taken.send_modify(|taken| taken.0 = generation);
        Ok(())
    }

    /// Looks at what was committed since, and keeps what comes of it.
    async fn round(&mut self) -> Result<()> {
        self.keep(false).await?;
        self.take_rules().await?;
        let read = self.app.store.read_committed(&TABLES, self.after).await?;
        let through = read.through;
        self.changed |= through > self.after;
        self.app.detection.with(|numbers| numbers.behind = read.shown - read.through);
        self.oldest = oldest(&read);
        let mut read = Some(read);
        self.whole = false;
        while !self.whole {
            self.whole = self.look(read.take()).await?;
            if self.whole {
                self.after = through;
            }
            // No later event is looked at before it is kept.
            self.keep(false).await?;
        }
        self.count(through);
        Ok(())
    }

    /// Gives events to the detector, and takes some of its alerts; says whether these are all.
    async fn look(&mut self, read: Option<Committed>) -> Result<bool> {
        let mut detector = self.detector.take().context("the detector is gone: restart the server")?;
        let worked = tokio::task::spawn_blocking(move || {
            let done = read.map_or(Ok(()), |read| feed(&mut detector, &read));
            let (mut alerts, mut whole) = (Vec::new(), false);
            while !whole && alerts.len() < DETECT_ALERTS {
                let some = detector.take_alerts();
                whole = some.is_empty();
                alerts.extend(some);
            }
            (detector, done, alerts, whole)
        });
        let (detector, done, alerts, whole) = worked.await.context("detection failed")?;
        self.detector = Some(detector);
        self.pending.extend(alerts);
        if let Err(error) = done {
            tracing::error!(error = format!("{error:#}"), "events could not be looked at");
        }
        Ok(whole)
    }

    /// Keeps the alerts that wait, and the state when that is due.
    async fn keep(&mut self, last: bool) -> Result<()> {
        let idle = self.pending.is_empty();
        let wait = if idle { DETECT_STATE_IDLE } else { DETECT_STATE_AFTER };
        let due = self.saved.elapsed() >= wait.max(self.cost * DETECT_STATE_SHARE);
        let save = self.changed && self.whole && (due || last);
        if idle && !save {
            return Ok(());
        }
        let fresh = self.pending.iter().filter(|alert| !alert.settled).count();
        let summary = match save {
            true => {
                let state = self.state();
                let bytes = state.snapshot.len();
                let summary = self.app.responder.commit(self.pending.clone(), state, now()).await?;
                self.app.detection.with(|numbers| numbers.state_bytes = bytes);
                (self.saved, self.changed) = (Instant::now(), false);
                summary
            }
            false => self.app.responder.take(self.pending.clone(), now()).await?,
        };
        self.pending.clear();
        if let (Some(oldest), true) = (self.oldest, fresh > 0 && summary.raised + summary.rolled > 0) {
            let took = Duration::from_nanos((now() - oldest).max(0) as u64);
            self.app.detection.with(|numbers| numbers.latency.record(took));
        }
        self.app.detection.kept(&summary);
        Ok(())
    }

    fn state(&mut self) -> DetectorState {
        let began = Instant::now();
        let snapshot = self.detector.as_ref().map(Detector::snapshot).unwrap_or_default();
        self.cost = began.elapsed();
        let position = EventId::new(self.after + 1, 0).0;
        DetectorState { name: self.app.detection.name.clone(), position, snapshot }
    }

    fn count(&self, through: u64) {
        let Some(detector) = &self.detector else { return };
        let (stats, counters) = (together(&self.before, detector.stats()), detector.counters());
        self.app.detection.with(|numbers| {
            (numbers.through, numbers.stats) = (through, stats);
            for (id, counts) in ids(detector).zip(&counters.by_rule) {
                if counts.0 > 0 {
                    let before = self.before_by_rule.get(id).copied().unwrap_or_default();
                    numbers.by_rule.insert(id.to_owned(), (before.0 + counts.0, before.1 + counts.1));
                }
            }
        });
    }
}

/// Rules at work, with what was remembered.
fn detector(set: &RuleSet, snapshot: &[u8]) -> Detector {
    let (rules, correlations) = (set.rules.clone(), set.correlations.clone());
    let mut detector = Detector::new(rules, correlations, set.sources.clone(), Options::default());
    if !snapshot.is_empty()
        && let Err(error) = detector.restore(snapshot)
    {
        tracing::warn!(%error, "the memory of detection cannot be read: windows begin anew");
    }
    detector
}

fn unused(detector: &Detector) -> Vec<String> {
    let unused = detector.unused();
    unused.iter().map(|unused| format!("{}: {}: {}", unused.place, unused.field, unused.reason)).collect()
}

/// Ids of the rules over single events, in their order.
fn ids(detector: &Detector) -> impl Iterator<Item = &str> {
    detector.rules().iter().map(|rule| rule.meta.id.as_str())
}

/// What two detectors did, one after the other. What the windows did goes with their state.
fn together(before: &Stats, now: Stats) -> Stats {
    Stats {
        events: before.events + now.events,
        bad_lines: before.bad_lines + now.bad_lines,
        unrouted: before.unrouted + now.unrouted,
        candidates: before.candidates + now.candidates,
        matches: before.matches + now.matches,
        untimed: before.untimed + now.untimed,
        windows: now.windows,
    }
}

fn feed(detector: &mut Detector, read: &Committed) -> Result<()> {
    let mut wrong = Ok(());
    for (table, rows) in &read.batches {
        // One batch that cannot be read must not keep the others from being looked at.
        if let Err(error) = detector.batch(rows, *table) {
            wrong = Err(error);
        }
    }
    if read.through == read.shown {
        detector.advance(now() - LATENESS);
    }
    wrong
}

/// The earliest receipt.
fn oldest(read: &Committed) -> Option<Nanos> {
    let received = read.batches.iter().filter_map(|(_, rows)| {
        let times = rows.column_by_name(name::RECEIVED_TIMESTAMP)?.as_primitive_opt::<TimestampNanosecondType>()?;
        times.values().iter().copied().min()
    });
    received.min()
}
