//! What is shared between the committer, the maintenance and the queries.

use crate::commit::Queue;
use crate::config::Config;
use crate::error::AppendError;
use crate::limits::RETRY_AFTER;
use crate::log::record::{Head, RetryKey};
use crate::memory::{MemoryBatch, MemoryTable};
use crate::retry::RetryKeys;
use crate::segment::Segment;
use crate::stats::Counters;
use crate::tail::Subscriber;
use model::Table;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::{Notify, watch};

/// The clock: nanoseconds since 1970.
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as i64)
}

/// One table: its files and its memory, always consistent with each other.
#[derive(Default)]
pub struct TableState {
    /// Files in no order.
    pub files: Arc<Vec<Arc<Segment>>>,
    /// Rows above the watermark.
    pub memory: MemoryTable,
    /// All rows of commits through this one are in files.
    pub watermark: u64,
}

impl TableState {
    /// What it holds now.
    pub fn pin(&self) -> Pin {
        Pin { files: self.files.clone(), memory: Arc::new(self.memory.batches.clone()) }
    }
}

/// What a query sees: it stays the same while the query runs.
#[derive(Clone, Debug)]
pub struct Pin {
    /// Event files.
    pub files: Arc<Vec<Arc<Segment>>>,
    /// Rows that are not in files.
    pub memory: Arc<Vec<Arc<MemoryBatch>>>,
}

/// Behind the lock.
#[derive(Default)]
pub struct Inner {
    tables: [TableState; 3],
    /// The last commit whose rows are visible.
    pub shown: u64,
    /// Retry keys.
    pub retry: RetryKeys,
    /// Keys up to this time are in the catalog.
    pub keys_saved: i64,
    /// Live tails.
    pub subscribers: Vec<Subscriber>,
    /// Bytes of the log.
    pub log_bytes: u64,
}

impl Inner {
    /// One table.
    pub fn table(&mut self, table: Table) -> &mut TableState {
        &mut self.tables[table as usize]
    }

    /// Memory of all tables.
    pub fn memory_bytes(&self) -> usize {
        self.tables.iter().map(|table| table.memory.bytes).sum()
    }

    /// Flushed rows that queries have still to read, of all tables.
    pub fn lingering_bytes(&self) -> usize {
        self.tables.iter().map(|table| table.memory.lingering_bytes()).sum()
    }

    /// The commit through which the log can be cut.
    pub fn lowest_watermark(&self) -> u64 {
        self.tables.iter().map(|table| table.watermark).min().unwrap_or(0)
    }
}

/// Shared by everyone.
pub struct Shared {
    /// Settings.
    pub config: Config,
    /// Requests waiting for the log.
    pub queue: Queue,
    /// Numbers.
    pub counters: Counters,
    /// Wakes the maintenance.
    pub wake: Arc<Notify>,
    inner: Mutex<Inner>,
    sequence: AtomicU64,
    /// Tells the last commit that is visible.
    following: watch::Sender<u64>,
}

impl Shared {
    /// Continues after the last sequence ever used.
    pub fn new(config: Config, inner: Inner, last_sequence: u64, wake: Arc<Notify>) -> Self {
        let following = watch::Sender::new(inner.shown);
        Self {
            config,
            queue: Queue::default(),
            counters: Counters::default(),
            wake,
            inner: Mutex::new(inner),
            sequence: AtomicU64::new(last_sequence),
            following,
        }
    }

    /// The state.
    pub fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hears of every commit that becomes visible.
    pub fn follow(&self) -> watch::Receiver<u64> {
        self.following.subscribe()
    }

    /// A sequence never used before.
    pub fn next_sequence(&self) -> u64 {
        self.sequence.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The last sequence given out.
    pub fn last_sequence(&self) -> u64 {
        self.sequence.load(Ordering::Relaxed)
    }

    /// Pins what a table holds now.
    pub fn pin(&self, table: Table) -> Pin {
        self.lock().table(table).pin()
    }

    /// Makes a commit visible.
    pub fn show(&self, sequence: u64, batches: Vec<(Table, MemoryBatch)>, head: &Head, log_bytes: u64) {
        let mut inner = self.lock();
        let inner = &mut *inner;
        for (table, batch) in batches {
            if inner.subscribers.iter().any(|subscriber| subscriber.table == table) {
                let rows = Arc::new(batch.rows.clone());
                inner.subscribers.retain(|subscriber| subscriber.table != table || subscriber.offer(&rows));
            }
            self.counters.rows(table, batch.rows.num_rows(), batch.bytes);
            inner.table(table).memory.push(table, batch);
        }
        for key in &head.keys {
            inner.retry.done(*key, sequence, head.at);
        }
        inner.shown = sequence;
        self.following.send_replace(sequence);
        inner.log_bytes = log_bytes;
        let due = Table::ALL.iter().any(|table| {
            let memory = &inner.table(*table).memory;
            memory.bytes >= crate::limits::FLUSH_BYTES || memory.rows >= crate::limits::ROW_GROUP_ROWS
        });
        if due || log_bytes > self.config.log_bytes {
            self.wake.notify_one();
        }
    }

    /// Counts a sender that has to wait, and hurries what it waits for.
    pub fn busy(&self) -> AppendError {
        self.counters.busy.fetch_add(1, Ordering::Relaxed);
        self.wake.notify_one();
        AppendError::Busy { retry_after: RETRY_AFTER }
    }

    /// The requests with these keys were not kept.
    pub fn forget(&self, keys: impl Iterator<Item = RetryKey>) {
        let mut inner = self.lock();
        keys.for_each(|key| inner.retry.failed(&key));
    }
}
