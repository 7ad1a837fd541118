//! Event files for DataFusion's Parquet scan: checked reads and footers that are parsed once.

use super::Segment;
use super::file::external;
use crate::limits::FOOTER_BYTES;
use bytes::Bytes;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::ParquetFileReaderFactory;
use datafusion::error::{DataFusionError, Result};
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::file::metadata::ParquetMetaData;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes that a query read of files and memory.
pub type ReadBytes = Arc<AtomicU64>;

/// Footers that queries used last. A segment itself only knows its footer while somebody holds it.
#[derive(Debug, Default)]
pub struct Footers(Mutex<VecDeque<Footer>>);

#[derive(Debug)]
struct Footer {
    metadata: Arc<ParquetMetaData>,
    bytes: usize,
}

impl Footers {
    /// Keeps a footer until [`FOOTER_BYTES`] of others were used after it.
    fn keep(&self, metadata: &Arc<ParquetMetaData>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept.iter().position(|footer| Arc::ptr_eq(&footer.metadata, metadata));
        let footer = known.and_then(|at| kept.remove(at));
        kept.push_back(footer.unwrap_or_else(|| Footer { metadata: metadata.clone(), bytes: metadata.memory_size() }));
        let mut total: usize = kept.iter().map(|footer| footer.bytes).sum();
        while total > FOOTER_BYTES {
            total -= kept.pop_front().map_or(total, |footer| footer.bytes);
        }
    }
}

/// Opens the segment that travels with the file as an extension.
#[derive(Debug)]
pub struct SegmentReaders {
    /// Kept between queries.
    pub footers: Arc<Footers>,
    /// What this query read.
    pub read: ReadBytes,
}

impl ParquetFileReaderFactory for SegmentReaders {
    fn create_reader(
        &self,
        _partition: usize,
        file: PartitionedFile,
        _metadata_size_hint: Option<usize>,
        _metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        match file.extension::<Arc<Segment>>() {
            Some(segment) => {
                let (footers, read) = (self.footers.clone(), self.read.clone());
                Ok(Box::new(SegmentReader { segment: segment.clone(), footers, read }))
            }
            None => Err(DataFusionError::Internal("a scanned file carries no segment".to_owned())),
        }
    }
}

struct SegmentReader {
    segment: Arc<Segment>,
    footers: Arc<Footers>,
    read: ReadBytes,
}

// Reads are short and mostly served by the page cache, and queries have threads of their own: a hop to a
// blocking pool would cost more than it saves.
impl AsyncFileReader for SegmentReader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, parquet::errors::Result<Bytes>> {
        self.read.fetch_add(range.end.saturating_sub(range.start), Ordering::Relaxed);
        futures::future::ready(self.segment.read(range).map_err(external)).boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, parquet::errors::Result<Arc<ParquetMetaData>>> {
        let metadata = self.segment.metadata().inspect(|metadata| self.footers.keep(metadata));
        futures::future::ready(metadata.map_err(external)).boxed()
    }
}
