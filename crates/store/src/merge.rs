//! Many files of one day into one.
//!
//! Small files are decoded, sorted and written again. Files of whole row groups are copied chunk by
//! chunk when their columns are the same; their indexes are merged, not rebuilt.

use crate::filenames;
use crate::limits::{GRANULE_ROWS, ROW_GROUP_ROWS};
use crate::segment::Segment;
use crate::segment::file::ChunkedSegment;
use crate::segment::sidecar::Meta;
use crate::segment::writer::{Source, write_copied, write_days};
use anyhow::{Context as _, Result};
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray as _;
use arrow_array::types::UInt64Type;
use model::Table;
use model::columns::name;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::arrow_reader::{ArrowPredicateFn, ArrowReaderMetadata, ArrowReaderOptions, RowFilter};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Writes the merged files, synced but not yet published.
pub fn merge(root: &Path, table: Table, inputs: &[Arc<Segment>]) -> Result<Vec<Arc<Segment>>> {
    let small = inputs.iter().all(|input| input.meta.rows() < ROW_GROUP_ROWS as u64 / 2);
    let replaces = replaced(inputs.iter().map(|input| &input.meta));
    let metas = if small {
        let mut batches = Vec::new();
        for input in inputs {
            for row_group in 0..input.meta.row_groups.len() {
                batches.extend(read(input, row_group)?);
            }
        }
        let source = Source {
            table,
            batches: &batches,
            after_sequence: inputs.iter().map(|input| input.meta.after_sequence).min().unwrap_or(0),
            through_sequence: inputs.iter().map(|input| input.meta.through_sequence).max().unwrap_or(0),
            replaces,
        };
        write_days(root, &source)?
    } else {
        vec![write_copied(root, table, inputs, replaces)?]
    };
    open(root, &metas)
}

/// One file written again, synced but not yet published, from what `rows` answers for each of its row groups; `None`
/// when that is nothing.
///
/// A compacted file is too large to be held decoded, so each row group becomes a file of its own in a scratch folder,
/// and their chunks are copied together.
pub fn rewrite(
    root: &Path,
    table: Table,
    old: &Meta,
    mut rows: impl FnMut(usize) -> Result<Vec<RecordBatch>>,
) -> Result<Option<Arc<Segment>>> {
    let scratch = filenames::scratch(root).join(ulid::Ulid::new().to_string());
    let mut parts = Vec::new();
    for row_group in 0..old.row_groups.len() {
        let batches = rows(row_group)?;
        if batches.iter().all(|batch| batch.num_rows() == 0) {
            continue;
        }
        let source = Source {
            table,
            batches: &batches,
            after_sequence: old.after_sequence,
            through_sequence: old.through_sequence,
            replaces: Vec::new(),
        };
        parts.extend(open(&scratch, &write_days(&scratch, &source)?)?);
    }
    if parts.is_empty() {
        return Ok(None);
    }
    let meta = write_copied(root, table, &parts, replaced(std::iter::once(old)))?;
    std::fs::remove_dir_all(&scratch).context("cannot remove the scratch folder")?;
    Ok(Some(Arc::new(Segment::open(root, &meta.stem)?)))
}

fn open(root: &Path, metas: &[Meta]) -> Result<Vec<Arc<Segment>>> {
    metas.iter().map(|meta| Ok(Arc::new(Segment::open(root, &meta.stem)?))).collect()
}

/// Stems of files and of what they replaced in their turn: a crash may have left any of them behind.
fn replaced<'a>(inputs: impl Iterator<Item = &'a Meta>) -> Vec<String> {
    inputs.flat_map(|input| std::iter::once(&input.stem).chain(&input.replaces)).cloned().collect()
}

/// The rows of a row group, as stored.
pub fn read(segment: &Arc<Segment>, row_group: usize) -> Result<Vec<RecordBatch>> {
    let reader = reader(segment)?.with_row_groups(vec![row_group]).with_batch_size(GRANULE_ROWS).build()?;
    reader.map(|batch| Ok(batch?)).collect()
}

/// The rows of a row group whose ids are in a range, as stored; the others are not decoded.
pub fn read_ids(segment: &Arc<Segment>, row_group: usize, ids: &Range<u64>) -> Result<Vec<RecordBatch>> {
    let reader = reader(segment)?;
    let ids = ids.clone();
    let only = ProjectionMask::columns(reader.parquet_schema(), [name::EVENT_ID]);
    let within = ArrowPredicateFn::new(only, move |batch| {
        let all = batch.column(0).as_primitive::<UInt64Type>().values();
        Ok(all.iter().map(|id| Some(ids.contains(id))).collect())
    });
    let reader = reader.with_row_filter(RowFilter::new(vec![Box::new(within)]));
    let reader = reader.with_row_groups(vec![row_group]).with_batch_size(GRANULE_ROWS).build()?;
    reader.map(|batch| Ok(batch?)).collect()
}

/// The first rows of a file, some columns only.
pub fn sample(segment: &Arc<Segment>, columns: &[&str]) -> Result<Vec<RecordBatch>> {
    let reader = reader(segment)?;
    let mask = ProjectionMask::columns(reader.parquet_schema(), columns.iter().copied());
    let reader = reader.with_projection(mask).with_row_groups(vec![0]).with_limit(1024).build()?;
    reader.map(|batch| Ok(batch?)).collect()
}

fn reader(segment: &Arc<Segment>) -> Result<ParquetRecordBatchReaderBuilder<ChunkedSegment<Arc<Segment>>>> {
    let metadata = ArrowReaderMetadata::try_new(segment.metadata()?, ArrowReaderOptions::new())?;
    Ok(ParquetRecordBatchReaderBuilder::new_with_metadata(ChunkedSegment(segment.clone()), metadata))
}
