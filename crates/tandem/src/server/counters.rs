//! Numbers about requests, for `/metrics` and the status.

use receive::error::Counts;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds in seconds of the latency histograms.
pub const LATENCY_BOUNDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0];

/// Latencies by bucket; the last one is open.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    /// Not cumulative.
    pub buckets: [u64; LATENCY_BOUNDS.len() + 1],
    /// Seconds in all.
    pub sum: f64,
    /// How many.
    pub count: u64,
}

impl Histogram {
    /// The bound under which this part of all lie; none beyond the last bound, or without any.
    pub fn bound(&self, part: f64) -> Option<f64> {
        let wanted = (self.count as f64 * part).ceil() as u64;
        let mut seen = 0;
        let at = self.buckets.iter().position(|count| {
            seen += count;
            seen >= wanted
        })?;
        LATENCY_BOUNDS.get(at).copied().filter(|_| self.count > 0)
    }

    /// Counts one.
    pub fn record(&mut self, took: Duration) {
        let seconds = took.as_secs_f64();
        self.buckets[LATENCY_BOUNDS.partition_point(|bound| *bound < seconds)] += 1;
        self.sum += seconds;
        self.count += 1;
    }
}

/// What came in by one door.
#[derive(Clone, Debug, Default)]
pub struct Door {
    /// Requests that were answered well.
    pub requests: u64,
    /// Records kept.
    pub records: u64,
    /// Records refused one by one.
    pub rejected: u64,
    /// Bytes after decompression.
    pub bytes: u64,
}

#[derive(Default)]
struct Inner {
    doors: BTreeMap<&'static str, Door>,
    refused: BTreeMap<(&'static str, u16), u64>,
    counts: Counts,
    append: Histogram,
    queries: BTreeMap<&'static str, Histogram>,
}

/// Counts since the start.
#[derive(Default)]
pub struct Counters {
    inner: Mutex<Inner>,
    /// Datagrams lost because the queue was full.
    pub syslog_dropped: AtomicU64,
    /// Syslog messages that the store did not take.
    pub syslog_failed: AtomicU64,
    /// Own log lines that were dropped.
    pub self_dropped: AtomicU64,
}

/// A copy of the counts.
pub struct Snapshot {
    /// By door.
    pub doors: BTreeMap<&'static str, Door>,
    /// Requests refused, by door and status.
    pub refused: BTreeMap<(&'static str, u16), u64>,
    /// Cuts, masks and so on.
    pub counts: Counts,
    /// Time until records were durable.
    pub append: Histogram,
    /// Query latencies by kind.
    pub queries: BTreeMap<&'static str, Histogram>,
}

impl Counters {
    fn with<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        change(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A request that was kept.
    pub fn kept(&self, door: &'static str, records: usize, rejected: usize, bytes: usize, took: Duration) {
        self.with(|inner| {
            let entry = inner.doors.entry(door).or_default();
            entry.requests += 1;
            entry.records += records as u64;
            entry.rejected += rejected as u64;
            entry.bytes += bytes as u64;
            inner.append.record(took);
        });
    }

    /// What was cut, masked or mended.
    pub fn counts(&self, counts: Counts) {
        self.with(|inner| inner.counts += counts);
    }

    /// A request that was refused whole.
    pub fn refused(&self, door: &'static str, status: u16) {
        self.with(|inner| *inner.refused.entry((door, status)).or_default() += 1);
    }

    /// A query that ended.
    pub fn query(&self, kind: &'static str, took: Duration) {
        self.with(|inner| inner.queries.entry(kind).or_default().record(took));
    }

    /// The counts now.
    pub fn snapshot(&self) -> Snapshot {
        self.with(|inner| Snapshot {
            doors: inner.doors.clone(),
            refused: inner.refused.clone(),
            counts: inner.counts,
            append: inner.append.clone(),
            queries: inner.queries.clone(),
        })
    }

    /// One more of something that was lost.
    pub fn lost(counter: &AtomicU64, count: usize) {
        counter.fetch_add(count as u64, Ordering::Relaxed);
    }
}
