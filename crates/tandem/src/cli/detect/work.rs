//! A run: files through the rules.

use super::lines::{self, AT_ONCE};
use super::note;
use anyhow::Context as _;
use detect::detector::Detector;
use detect::event::PlainEvent;
use detect::input::{Format, Item, Summary, read};
use model::alert::Alert;
use model::fact::Nanos;
use std::collections::{BTreeMap, HashSet};
use std::ops::{ControlFlow, Range};
use std::path::Path;

/// Alerts that are held to be printed. More of them nobody reads: the worst are kept.
const MAX_ALERTS: usize = 100_000;
/// Paths of events that are remembered, to say which fields of rules were never there.
const MAX_SEEN: usize = 200_000;

/// What is known while files are read.
pub struct Work {
    pub detector: Detector,
    now: Nanos,
    range: Range<Option<Nanos>>,
    alerts: BTreeMap<String, Alert>,
    left_out: u64,
    seen: HashSet<String>,
    outside: u64,
    bad: u64,
    broken: bool,
}

impl Work {
    /// Nothing has been read. Events outside of the range are left out.
    pub fn new(detector: Detector, now: Nanos, range: Range<Option<Nanos>>) -> Work {
        Work {
            detector,
            now,
            range,
            alerts: BTreeMap::new(),
            left_out: 0,
            seen: HashSet::new(),
            outside: 0,
            bad: 0,
            broken: false,
        }
    }

    /// Reads a file, or standard input.
    pub fn file(&mut self, path: &Path, format: Option<Format>) {
        let name = path.display().to_string();
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
        let mut waiting: Vec<String> = Vec::new();
        let summary = read(input, name, format, &mut |item, _| {
            match item {
                Item::Event(event) => self.event(&event),
                Item::Text(text) => {
                    waiting.push(text.to_owned());
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

    fn lines(&mut self, waiting: &mut Vec<String>) {
        for event in lines::events(waiting, self.now, self.detector.compiled()) {
            self.event(&event);
        }
        waiting.clear();
    }

    fn event(&mut self, event: &PlainEvent) {
        if self.range != (None..None) {
            let time = self.detector.sources().time(event);
            let within = |time: Nanos| {
                self.range.start.is_none_or(|start| time >= start) && self.range.end.is_none_or(|end| time < end)
            };
            if !time.is_some_and(within) {
                self.outside += 1;
                return;
            }
        }
        for (path, _) in &event.fields {
            if self.seen.len() < MAX_SEEN && !self.seen.contains(path) {
                self.seen.insert(path.clone());
            }
        }
        if self.detector.plain(event, self.now) > 0 {
            self.take();
        }
    }

    fn take(&mut self) {
        loop {
            let alerts = self.detector.take_alerts();
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
        self.detector.finish();
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
        let stats = self.detector.stats();
        let mut text = format!(
            "{files} files, {} events, {} rules, {} matches, {alerts} alerts",
            stats.events,
            self.detector.rules().len(),
            stats.matches
        );
        for (count, what) in [
            (stats.unrouted, "events of no known log source"),
            (self.outside, "events outside of the time asked for"),
            (stats.untimed, "matched events without a time, taken as of now"),
            (self.bad, "lines or records that are no events"),
            (self.left_out, "alerts beyond those that are held"),
            (stats.windows.evicted_entries, "events that windows had no room for"),
        ] {
            if count > 0 {
                text.push_str(&format!("; {count} {what}"));
            }
        }
        note(&text);
    }
}
