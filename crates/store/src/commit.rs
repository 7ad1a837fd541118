//! Group commit: one thread turns what waits into one log record, syncs it, shows the rows and answers.

use crate::disk;
use crate::error::AppendError;
use crate::limits::{GROUP_COMMIT_BYTES, QUEUE_BYTES, RETRY_AFTER, SMALL_BATCH_ROWS};
use crate::log::ipc;
use crate::log::record::{Head, Part, RetryKey};
use crate::log::writer::LogWriter;
use crate::memory::MemoryBatch;
use crate::retry::Outcome;
use crate::segment::union::Union;
use crate::state::Shared;
use arrow_array::RecordBatch;
use model::event_id::MAX_ROWS_PER_COMMIT;
use model::{EventBatch, Table};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::watch;

/// One request waiting for the log.
pub struct Pending {
    batches: Vec<Prepared>,
    key: Option<RetryKey>,
    rows: usize,
    bytes: usize,
    answer: watch::Sender<Option<Outcome>>,
}

/// A batch of its own, encoded by the sender's thread, or one to be merged with its neighbours.
enum Prepared {
    Encoded(Table, usize, Vec<u8>),
    Small(EventBatch),
}

/// What waits for the committer.
#[derive(Default)]
pub struct Queue {
    state: Mutex<QueueState>,
    wake: Condvar,
}

#[derive(Default)]
struct QueueState {
    waiting: VecDeque<Pending>,
    bytes: usize,
    closed: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes waiting.
    pub fn bytes(&self) -> usize {
        self.lock().bytes
    }

    /// No more requests; the committer ends when the queue is empty.
    pub fn close(&self) {
        self.lock().closed = true;
        self.wake.notify_all();
    }

    /// Queues a request; `answer` hears when it is durable.
    pub fn push(
        &self,
        batches: Vec<EventBatch>,
        key: Option<RetryKey>,
        answer: watch::Sender<Option<Outcome>>,
    ) -> Result<(), AppendError> {
        let rows: usize = batches.iter().map(EventBatch::len).sum();
        if rows > MAX_ROWS_PER_COMMIT / 4 {
            return Err(AppendError::Invalid(format!("{rows} rows in one request; send smaller requests")));
        }
        let mut prepared = Vec::with_capacity(batches.len());
        let mut bytes = 0;
        for batch in batches {
            if batch.len() < SMALL_BATCH_ROWS {
                bytes += batch.rows.get_array_memory_size();
                prepared.push(Prepared::Small(batch));
            } else {
                let encoded = ipc::encode(&batch.rows).map_err(|error| AppendError::Invalid(format!("{error:#}")))?;
                bytes += encoded.len();
                prepared.push(Prepared::Encoded(batch.table, batch.len(), encoded));
            }
        }
        let mut state = self.lock();
        if state.closed {
            return Err(AppendError::Closed);
        }
        if state.bytes + bytes > QUEUE_BYTES && !state.waiting.is_empty() {
            return Err(AppendError::Busy { retry_after: RETRY_AFTER });
        }
        state.bytes += bytes;
        state.waiting.push_back(Pending { batches: prepared, key, rows, bytes, answer });
        drop(state);
        self.wake.notify_one();
        Ok(())
    }

    /// The next group: whole requests, up to one group commit.
    fn take(&self) -> Option<Vec<Pending>> {
        let mut state = self.lock();
        while state.waiting.is_empty() {
            if state.closed {
                return None;
            }
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let (mut bytes, mut rows) = (0, 0);
        let mut group = Vec::new();
        while let Some(next) = state.waiting.front() {
            if !group.is_empty() && (bytes + next.bytes > GROUP_COMMIT_BYTES || rows + next.rows > MAX_ROWS_PER_COMMIT)
            {
                break;
            }
            bytes += next.bytes;
            rows += next.rows;
            group.extend(state.waiting.pop_front());
        }
        state.bytes -= bytes;
        Some(group)
    }
}

/// The committer's loop; ends when the queue is closed and empty.
pub fn run(shared: &Arc<Shared>, log: &Mutex<LogWriter>) {
    while let Some(mut group) = shared.queue.take() {
        let started = Instant::now();
        let outcome = commit(shared, log, &mut group);
        shared.counters.commit(started.elapsed(), outcome.is_ok());
        if outcome.is_err() {
            shared.forget(group.iter().filter_map(|request| request.key));
        }
        for request in group {
            // A sender that went away does not undo the commit.
            let _ = request.answer.send(Some(outcome.clone()));
        }
    }
}

fn commit(shared: &Arc<Shared>, log: &Mutex<LogWriter>, group: &mut [Pending]) -> Outcome {
    let keys = group.iter().filter_map(|request| request.key).collect();
    let parts = merge(group).map_err(|error| AppendError::Invalid(format!("{error:#}")))?;
    let part = |(table, rows, bytes): &Encoded| Part { table: *table, rows: *rows as u32, length: bytes.len() as u64 };
    let head = Head { at: crate::state::now(), keys, parts: parts.iter().map(part).collect() };
    let sequence = shared.next_sequence();
    let bodies: Vec<&[u8]> = parts.iter().map(|(_, _, bytes)| bytes.as_slice()).collect();
    let log_bytes = {
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.append(sequence, &head, &bodies).map_err(|error| {
            if disk::is_full(&error) { AppendError::DiskFull } else { AppendError::Io(error.to_string()) }
        })?;
        log.bytes()
    };
    let mut first_row = 0;
    let mut batches = Vec::with_capacity(parts.len());
    for (table, rows, bytes) in parts {
        let size = bytes.len();
        let batch = ipc::decode(bytes).and_then(|batch| MemoryBatch::new(&batch, sequence, first_row, size));
        // What was just encoded decodes; if not, it is in the log and comes back at the next start.
        match batch {
            Ok(batch) => batches.push((table, batch)),
            Err(error) => tracing::error!(%error, sequence, "a committed batch cannot be shown before a restart"),
        }
        first_row += rows;
    }
    shared.show(sequence, batches, &head, log_bytes);
    Ok(sequence)
}

/// A part of the record: table, rows, bytes.
type Encoded = (Table, usize, Vec<u8>);

/// The parts of the record: encoded batches as they are, small ones of a table together.
fn merge(group: &mut [Pending]) -> anyhow::Result<Vec<Encoded>> {
    let mut parts = Vec::new();
    let mut small: Vec<(Table, Vec<RecordBatch>)> = Vec::new();
    for batch in group.iter_mut().flat_map(|request| std::mem::take(&mut request.batches)) {
        match batch {
            Prepared::Encoded(table, rows, bytes) => parts.push((table, rows, bytes)),
            Prepared::Small(batch) => match small.iter_mut().find(|(table, _)| *table == batch.table) {
                Some((_, batches)) => batches.push(batch.rows),
                None => small.push((batch.table, vec![batch.rows])),
            },
        }
    }
    for (table, batches) in small {
        // Also for a single batch: it brings the columns into the stored order.
        let merged = Union::plan(table, &batches).concat()?;
        parts.push((table, merged.num_rows(), ipc::encode(&merged)?));
    }
    Ok(parts)
}
