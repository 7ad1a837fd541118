//! Event files for DataFusion's Parquet scan: checked reads and footers that are parsed once.

use super::Segment;
use super::file::external;
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
use std::ops::Range;
use std::sync::Arc;

/// Opens the segment that travels with the file as an extension.
#[derive(Debug)]
pub struct SegmentReaders;

impl ParquetFileReaderFactory for SegmentReaders {
    fn create_reader(
        &self,
        _partition: usize,
        file: PartitionedFile,
        _metadata_size_hint: Option<usize>,
        _metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        match file.extension::<Arc<Segment>>() {
            Some(segment) => Ok(Box::new(SegmentReader(segment.clone()))),
            None => Err(DataFusionError::Internal("a scanned file carries no segment".to_owned())),
        }
    }
}

struct SegmentReader(Arc<Segment>);

// Reads are short and mostly served by the page cache, and queries have threads of their own: a hop to a
// blocking pool would cost more than it saves.
impl AsyncFileReader for SegmentReader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, parquet::errors::Result<Bytes>> {
        futures::future::ready(self.0.read(range).map_err(external)).boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, parquet::errors::Result<Arc<ParquetMetaData>>> {
        futures::future::ready(self.0.metadata().map_err(external)).boxed()
    }
}

/// The stored columns of a file.
pub fn schema(segment: &Segment) -> anyhow::Result<arrow_schema::SchemaRef> {
    use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
    Ok(ArrowReaderMetadata::try_new(segment.metadata()?, ArrowReaderOptions::new())?.schema().clone())
}
