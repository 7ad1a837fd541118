//! Committed rows in the order of their commits, for who must see each of them once.
//!
//! A reader keeps the last commit that it has seen, and asks for what came after it. What is no longer in memory is read
//! from files, so that nothing is held back for a reader that was away.

use crate::limits::{COMMITTED_BYTES, COMMITTED_ROWS};
use crate::memory::MemoryBatch;
use crate::merge;
use crate::segment::Segment;
use crate::state::Pin;
use crate::store::Store;
use anyhow::{Context as _, Result};
use arrow_array::cast::AsArray as _;
use arrow_array::types::UInt64Type;
use arrow_array::{RecordBatch, UInt32Array};
use model::{EventId, Table};
use std::ops::Range;
use std::sync::Arc;

/// Rows of some commits.
#[derive(Clone, Debug)]
pub struct Committed {
    /// Stored columns with `event_id`, in the order of ids: a commit's rows of one table are together.
    pub batches: Vec<(Table, RecordBatch)>,
    /// All rows of commits through this one are here or were read before.
    pub through: u64,
    /// The last commit that could be read.
    pub shown: u64,
}

impl Store {
    /// The last commit that can be read.
    pub fn committed(&self) -> u64 {
        self.shared().lock().shown
    }

    /// Waits until there are commits after this one.
    pub async fn committed_after(&self, sequence: u64) {
        let mut shown = self.shared().follow();
        // The sender lives as long as the store.
        let _ = shown.wait_for(|shown| *shown > sequence).await;
    }

    /// Rows of the commits after this one, the oldest first and not more than some at once.
    pub async fn read_committed(&self, tables: &[Table], after: u64) -> Result<Committed> {
        let (pins, shown) = {
            // One look, so that no commit is between two of them.
            let mut inner = self.shared().lock();
            let pins: Vec<(Table, Pin)> = tables.iter().map(|table| (*table, inner.table(*table).pin())).collect();
            (pins, inner.shown)
        };
        if shown <= after {
            return Ok(Committed { batches: Vec::new(), through: after, shown });
        }
        tokio::task::spawn_blocking(move || read(&pins, after, shown)).await?
    }
}

fn read(pins: &[(Table, Pin)], after: u64, shown: u64) -> Result<Committed> {
    let mut through = shown;
    while through > after + 1 && is_much(pins, after, through) {
        through = after + (through - after) / 2;
    }
    let ids = EventId::new(after + 1, 0).0..EventId::new(through + 1, 0).0;
    let mut runs = Vec::new();
    for (table, pin) in pins {
        let mut mixed = false;
        for file in overlapping(pin, after, through) {
            mixed = true;
            for row_group in 0..file.meta.row_groups.len() {
                for rows in merge::read_ids(file, row_group, &ids)? {
                    cut(*table, &in_order(&rows)?, &mut runs)?;
                }
            }
        }
        for batch in pin.memory.iter() {
            let rows = within(&batch.rows, &ids)?;
            match ids_of(&rows)?.first() {
                None => {}
                Some(_) if mixed => cut(*table, &rows, &mut runs)?,
                // Most often: memory is in order, and there is nothing that it could be mixed with.
                Some(first) => runs.push((*first, *table, rows)),
            }
        }
    }
    runs.sort_by_key(|(first, ..)| *first);
    let batches = runs.into_iter().map(|(_, table, rows)| (table, rows)).collect();
    Ok(Committed { batches, through, shown })
}

/// Whether these commits are more than should be held at once, as far as it can be told without reading them.
fn is_much(pins: &[(Table, Pin)], after: u64, through: u64) -> bool {
    let (mut rows, mut bytes) = (0.0, 0.0);
    let mut add = |first: u64, last: u64, of_rows: u64, of_bytes: u64| {
        let part = (last.min(through) + 1).saturating_sub(first.max(after + 1)) as f64 / (last - first + 1) as f64;
        rows += part * of_rows as f64;
        bytes += part * of_bytes as f64;
    };
    for (_, pin) in pins {
        for file in pin.files.iter() {
            let (first, last) = sequences(file);
            add(first, last, file.meta.rows(), file.meta.bytes.saturating_mul(COMPRESSION));
        }
        for MemoryBatch { sequences, rows, bytes, .. } in pin.memory.iter().map(Arc::as_ref) {
            add(sequences.0, sequences.1, rows.num_rows() as u64, *bytes as u64);
        }
    }
    rows > COMMITTED_ROWS as f64 || bytes > COMMITTED_BYTES as f64
}

/// How much larger rows are in memory than in a file, roughly.
const COMPRESSION: u64 = 8;

fn sequences(file: &Segment) -> (u64, u64) {
    (EventId(file.meta.min_event_id).sequence(), EventId(file.meta.max_event_id).sequence())
}

fn overlapping(pin: &Pin, after: u64, through: u64) -> impl Iterator<Item = &Arc<Segment>> {
    pin.files.iter().filter(move |file| {
        let (first, last) = sequences(file);
        first <= through && last > after
    })
}

fn ids_of(rows: &RecordBatch) -> Result<&[u64]> {
    Ok(rows.column(0).as_primitive_opt::<UInt64Type>().context("a batch has no event_id")?.values())
}

/// The rows with these ids; ids grow in memory.
fn within(rows: &RecordBatch, ids: &Range<u64>) -> Result<RecordBatch> {
    let all = ids_of(rows)?;
    let first = all.partition_point(|id| *id < ids.start);
    let end = all.partition_point(|id| *id < ids.end);
    Ok(rows.slice(first, end - first))
}

/// Files are sorted by time.
fn in_order(rows: &RecordBatch) -> Result<RecordBatch> {
    let ids = ids_of(rows)?;
    if ids.is_sorted() {
        return Ok(rows.clone());
    }
    let mut order: Vec<u32> = (0..rows.num_rows() as u32).collect();
    order.sort_unstable_by_key(|row| ids[*row as usize]);
    Ok(arrow_select::take::take_record_batch(rows, &UInt32Array::from(order))?)
}

/// Rows in order, cut where a commit ends.
fn cut(table: Table, rows: &RecordBatch, runs: &mut Vec<(u64, Table, RecordBatch)>) -> Result<()> {
    let mut at = 0;
    for run in ids_of(rows)?.chunk_by(|a, b| EventId(*a).sequence() == EventId(*b).sequence()) {
        runs.push((run[0], table, rows.slice(at, run.len())));
        at += run.len();
    }
    Ok(())
}
