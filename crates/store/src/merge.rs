//! Many files of one day into one.
//!
//! Small files are decoded, sorted and written again. Files of whole row groups are copied chunk by
//! chunk when their columns are the same; their indexes are merged, not rebuilt.

use crate::limits::ROW_GROUP_ROWS;
use crate::segment::Segment;
use crate::segment::writer::{Source, write_copied, write_days};
use anyhow::Result;
use arrow_array::RecordBatch;
use model::Table;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use std::path::Path;
use std::sync::Arc;

/// Writes the merged files, synced but not yet published.
pub fn merge(root: &Path, table: Table, inputs: &[Arc<Segment>]) -> Result<Vec<Arc<Segment>>> {
    let small = inputs.iter().all(|input| input.meta.rows() < ROW_GROUP_ROWS as u64 / 2);
    let replaces = replaced(inputs.iter().map(AsRef::as_ref));
    let metas = if small {
        let mut batches = Vec::new();
        for input in inputs {
            batches.extend(read(input)?);
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
    metas.iter().map(|meta| Ok(Arc::new(Segment::open(root, &meta.stem)?))).collect()
}

/// The rows of one file written again.
pub fn rewrite(root: &Path, table: Table, input: &Segment) -> Result<Vec<Arc<Segment>>> {
    let batches = read(input)?;
    let source = Source {
        table,
        batches: &batches,
        after_sequence: input.meta.after_sequence,
        through_sequence: input.meta.through_sequence,
        replaces: replaced(std::iter::once(input)),
    };
    let metas = write_days(root, &source)?;
    metas.iter().map(|meta| Ok(Arc::new(Segment::open(root, &meta.stem)?))).collect()
}

/// Stems of files and of what they replaced in their turn: a crash may have left any of them behind.
pub fn replaced<'a>(inputs: impl Iterator<Item = &'a Segment>) -> Vec<String> {
    inputs.flat_map(|input| std::iter::once(&input.meta.stem).chain(&input.meta.replaces)).cloned().collect()
}

/// All rows of a file, as stored.
pub fn read(segment: &Segment) -> Result<Vec<RecordBatch>> {
    let bytes = segment.read(0..segment.meta.bytes)?;
    let metadata = ArrowReaderMetadata::try_new(segment.metadata()?, ArrowReaderOptions::new())?;
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(bytes, metadata).with_batch_size(8192).build()?;
    reader.map(|batch| Ok(batch?)).collect()
}

/// The first rows of a file, some columns only.
pub fn sample(segment: &Segment, columns: &[&str]) -> Result<Vec<RecordBatch>> {
    let metadata = ArrowReaderMetadata::try_new(segment.metadata()?, ArrowReaderOptions::new())?;
    let mask = parquet::arrow::ProjectionMask::columns(metadata.parquet_schema(), columns.iter().copied());
    let bytes = segment.read(0..segment.meta.bytes)?;
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(bytes, metadata)
        .with_projection(mask)
        .with_row_groups(vec![0])
        .with_limit(1024)
        .build()?;
    reader.map(|batch| Ok(batch?)).collect()
}
