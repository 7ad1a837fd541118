//! Committed rows that are not in files yet.

use crate::limits::{SMALL_BATCH_ROWS, SMALL_BATCHES_MERGED};
use crate::segment::union::Union;
use anyhow::{Context as _, Result};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{TimestampNanosecondType, UInt64Type};
use arrow_array::{Array, ArrayRef, RecordBatch, UInt64Array};
use arrow_schema::{DataType, Field, Schema};
use model::columns::name;
use model::{EventId, Table};
use std::sync::{Arc, Weak};
use std::time::Instant;

/// Rows of one or more commits.
#[derive(Debug)]
pub struct MemoryBatch {
    /// Stored columns with `event_id`.
    pub rows: RecordBatch,
    /// Bytes in memory.
    pub bytes: usize,
    /// First and last commit.
    pub sequences: (u64, u64),
    /// Least and greatest timestamp.
    pub times: (i64, i64),
}

impl MemoryBatch {
    /// Gives the rows of one part of a commit their ids.
    pub fn new(rows: &RecordBatch, sequence: u64, first_row: usize, bytes: usize) -> Result<MemoryBatch> {
        let count = rows.num_rows();
        let first = EventId::new(sequence, first_row).0;
        let ids: ArrayRef = Arc::new(UInt64Array::from_iter_values(first..first + count as u64));
        let mut fields = vec![Arc::new(Field::new(name::EVENT_ID, DataType::UInt64, false))];
        fields.extend(rows.schema_ref().fields().iter().cloned());
        let mut columns = vec![ids];
        columns.extend(rows.columns().iter().cloned());
        let rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?;
        Self::with_ids(rows, bytes + count * 8)
    }

    fn with_ids(rows: RecordBatch, bytes: usize) -> Result<MemoryBatch> {
        let times = rows
            .column_by_name(name::TIMESTAMP)
            .and_then(|times| times.as_primitive_opt::<TimestampNanosecondType>())
            .context("a batch has no timestamp")?;
        let times = times.values().iter().fold((i64::MAX, i64::MIN), |(a, b), t| (a.min(*t), b.max(*t)));
        let ids = rows.column(0).as_primitive::<UInt64Type>().values();
        let sequence = |id: Option<&u64>| id.map_or(0, |id| EventId(*id).sequence());
        let sequences = (sequence(ids.first()), sequence(ids.last()));
        Ok(MemoryBatch { rows, bytes, sequences, times })
    }
}

/// A batch that was dropped, and those of its columns that are on their way through a query.
#[derive(Debug)]
struct Dropped {
    batch: Weak<MemoryBatch>,
    bytes: usize,
    columns: Vec<(Weak<dyn Array>, usize)>,
}

impl Dropped {
    fn of(batch: &Arc<MemoryBatch>) -> Dropped {
        let columns = batch.rows.columns().iter();
        let columns = columns.map(|column| (Arc::downgrade(column), column.get_array_memory_size())).collect();
        Dropped { batch: Arc::downgrade(batch), bytes: batch.bytes, columns }
    }

    fn held_bytes(&self) -> usize {
        if self.batch.strong_count() > 0 {
            return self.bytes;
        }
        let held = self.columns.iter().filter(|(column, _)| column.strong_count() > 0);
        held.map(|(_, bytes)| bytes).sum::<usize>().min(self.bytes)
    }
}

/// The memory of one table.
#[derive(Debug, Default)]
pub struct MemoryTable {
    /// In order of commit.
    pub batches: Vec<Arc<MemoryBatch>>,
    /// Bytes of all batches.
    pub bytes: usize,
    /// Rows of all batches.
    pub rows: usize,
    /// When the oldest batch came.
    pub since: Option<Instant>,
    small: usize,
    /// What was dropped, as long as somebody may hold it.
    dropped: Vec<Dropped>,
}

impl MemoryTable {
    /// Adds a batch; a run of small ones is merged into one.
    pub fn push(&mut self, table: Table, batch: MemoryBatch) {
        self.since.get_or_insert_with(Instant::now);
        self.bytes += batch.bytes;
        self.rows += batch.rows.num_rows();
        self.small = if batch.rows.num_rows() < SMALL_BATCH_ROWS { self.small + 1 } else { 0 };
        self.batches.push(Arc::new(batch));
        if self.small >= SMALL_BATCHES_MERGED {
            self.merge_tail(table);
        }
    }

    /// The batches so far are being written: none of them may be merged with a later one.
    pub fn freeze(&mut self) -> Vec<RecordBatch> {
        self.small = 0;
        self.batches.iter().map(|batch| batch.rows.clone()).collect()
    }

    fn merge_tail(&mut self, table: Table) {
        let at = self.batches.len() - self.small;
        let rows: Vec<RecordBatch> = self.batches[at..].iter().map(|batch| batch.rows.clone()).collect();
        let merged = Union::plan(table, &rows).concat().and_then(|rows| {
            let bytes = rows.get_array_memory_size();
            MemoryBatch::with_ids(rows, bytes)
        });
        self.small = 0;
        match merged {
            Ok(merged) => {
                self.bytes -= self.batches[at..].iter().map(|batch| batch.bytes).sum::<usize>();
                self.bytes += merged.bytes;
                self.small = usize::from(merged.rows.num_rows() < SMALL_BATCH_ROWS);
                self.dropped.extend(self.batches.drain(at..).map(|batch| Dropped::of(&batch)));
                self.batches.push(Arc::new(merged));
            }
            Err(error) => tracing::error!(%error, "small batches could not be merged; they stay as they are"),
        }
    }

    /// Drops what is in files now.
    pub fn drop_through(&mut self, sequence: u64) {
        let (kept, gone): (_, Vec<Arc<MemoryBatch>>) =
            std::mem::take(&mut self.batches).into_iter().partition(|batch| batch.sequences.1 > sequence);
        self.batches = kept;
        self.bytes = self.batches.iter().map(|batch| batch.bytes).sum();
        self.rows = self.batches.iter().map(|batch| batch.rows.num_rows()).sum();
        self.since = if self.batches.is_empty() { None } else { Some(Instant::now()) };
        self.dropped.retain(|batch| batch.held_bytes() > 0);
        self.dropped.extend(gone.iter().map(Dropped::of));
    }

    /// Bytes of rows that were dropped here and that queries have still to read, or to hand on.
    pub fn lingering_bytes(&self) -> usize {
        self.dropped.iter().map(Dropped::held_bytes).sum()
    }
}
