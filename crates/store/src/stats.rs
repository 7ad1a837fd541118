//! Numbers about the store.

use model::Table;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds in seconds of the commit latency histogram.
pub const COMMIT_BOUNDS: [f64; 8] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5];

/// Counts since the start.
#[derive(Default)]
pub struct Counters {
    rows: [AtomicU64; 3],
    bytes: [AtomicU64; 3],
    commits: AtomicU64,
    failed_commits: AtomicU64,
    commit_nanos: AtomicU64,
    commit_buckets: [AtomicU64; 9],
    /// Requests refused because the store was busy.
    pub busy: AtomicU64,
    /// Retries recognised.
    pub duplicates: AtomicU64,
    /// Damaged things moved aside.
    pub quarantined: AtomicU64,
    /// Flushes done.
    pub flushes: AtomicU64,
    /// Flushes that failed.
    pub failed_flushes: AtomicU64,
    /// Merges done.
    pub compactions: AtomicU64,
    /// Whether a merge runs.
    pub compacting: AtomicBool,
    /// Whether a flush runs.
    pub flushing: AtomicBool,
    /// Queries started.
    pub queries: AtomicU64,
    /// Files removed by retention.
    pub expired_files: AtomicU64,
    /// Rows removed by retention.
    pub expired_rows: AtomicU64,
}

impl Counters {
    pub(crate) fn rows(&self, table: Table, rows: usize, bytes: usize) {
        self.rows[table as usize].fetch_add(rows as u64, Ordering::Relaxed);
        self.bytes[table as usize].fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn commit(&self, took: Duration, kept: bool) {
        if !kept {
            self.failed_commits.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.commit_nanos.fetch_add(took.as_nanos() as u64, Ordering::Relaxed);
        let bucket = COMMIT_BOUNDS.partition_point(|bound| *bound < took.as_secs_f64());
        self.commit_buckets[bucket].fetch_add(1, Ordering::Relaxed);
    }
}

/// A table in numbers.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct TableStats {
    /// All rows, in files and in memory.
    pub rows: u64,
    /// Rows in memory.
    pub memory_rows: u64,
    /// Bytes in memory.
    pub memory_bytes: u64,
    /// Event files.
    pub files: u64,
    /// Bytes of event files, index included.
    pub file_bytes: u64,
    /// Bytes of the sidecars.
    pub index_bytes: u64,
    /// Rows taken since the start.
    pub received_rows: u64,
    /// Bytes taken since the start, as batches.
    pub received_bytes: u64,
    /// Least timestamp in files.
    pub oldest: Option<i64>,
}

/// The store in numbers.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
#[schema(as = StoreStats)]
pub struct Stats {
    /// By table name.
    pub tables: BTreeMap<&'static str, TableStats>,
    /// Bytes of all memory tables.
    pub memory_bytes: u64,
    /// Bytes of flushed rows that queries have still to read.
    pub lingering_bytes: u64,
    /// Bytes waiting for the log.
    pub queue_bytes: u64,
    /// Bytes of the log.
    pub log_bytes: u64,
    /// Last visible commit.
    pub sequence: u64,
    /// `running` or `idle`.
    pub compaction: &'static str,
    /// Whether rows are being written to files.
    pub flushing: bool,
    /// Commits since the start.
    pub commits: u64,
    /// Commits that failed.
    pub failed_commits: u64,
    /// Seconds spent in commits.
    pub commit_seconds: f64,
    /// Commits by latency, not cumulative; the last bucket is open.
    pub commit_buckets: Vec<u64>,
    /// Requests refused because the store was busy.
    pub busy: u64,
    /// Retries recognised.
    pub duplicates: u64,
    /// Retry keys forgotten before their time.
    pub retry_keys_dropped: u64,
    /// Damaged things moved aside since the start.
    pub quarantined: u64,
    /// Flushes.
    pub flushes: u64,
    /// Flushes that failed.
    pub failed_flushes: u64,
    /// Merges of files.
    pub compactions: u64,
    /// Queries.
    pub queries: u64,
    /// Files removed by retention.
    pub expired_files: u64,
    /// Rows removed by retention.
    pub expired_rows: u64,
}

impl crate::state::Shared {
    /// Everything in numbers.
    pub fn stats(&self) -> Stats {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let counters = &self.counters;
        let mut inner = self.lock();
        let mut tables = BTreeMap::new();
        for table in Table::ALL {
            let state = inner.table(table);
            let stats = TableStats {
                rows: state.files.iter().map(|file| file.meta.rows()).sum::<u64>() + state.memory.rows as u64,
                memory_rows: state.memory.rows as u64,
                memory_bytes: state.memory.bytes as u64,
                files: state.files.len() as u64,
                file_bytes: state.files.iter().map(|file| file.bytes()).sum(),
                index_bytes: state.files.iter().map(|file| file.index_bytes()).sum(),
                received_rows: get(&counters.rows[table as usize]),
                received_bytes: get(&counters.bytes[table as usize]),
                oldest: state.files.iter().map(|file| file.meta.min_timestamp).min(),
            };
            tables.insert(table.name(), stats);
        }
        Stats {
            tables,
            memory_bytes: inner.memory_bytes() as u64,
            lingering_bytes: inner.lingering_bytes() as u64,
            queue_bytes: self.queue.bytes() as u64,
            log_bytes: inner.log_bytes,
            sequence: inner.shown,
            compaction: if counters.compacting.load(Ordering::Relaxed) { "running" } else { "idle" },
            flushing: counters.flushing.load(Ordering::Relaxed),
            commits: get(&counters.commits),
            failed_commits: get(&counters.failed_commits),
            commit_seconds: get(&counters.commit_nanos) as f64 / 1e9,
            commit_buckets: counters.commit_buckets.iter().map(get).collect(),
            busy: get(&counters.busy),
            duplicates: get(&counters.duplicates),
            retry_keys_dropped: inner.retry.dropped,
            quarantined: get(&counters.quarantined),
            flushes: get(&counters.flushes),
            failed_flushes: get(&counters.failed_flushes),
            compactions: get(&counters.compactions),
            queries: get(&counters.queries),
            expired_files: get(&counters.expired_files),
            expired_rows: get(&counters.expired_rows),
        }
    }
}
