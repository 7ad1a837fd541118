//! An open event file, shared by all queries that pinned it.

use super::sidecar::{self, Meta, Sidecar};
use crate::filenames;
use crate::index::postings::Directory;
use crate::limits::{CHECK_BLOCK_BYTES, GRANULE_ROWS};
use anyhow::{Context as _, Result, bail, ensure};
use arrow_schema::SchemaRef;
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use std::fs::File;
use std::ops::{Deref, Range};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

/// An event file. It is unlinked when it left the catalog and its last pin is gone.
#[derive(Debug)]
pub struct Segment {
    /// What is in it.
    pub meta: Meta,
    root: PathBuf,
    file: File,
    index: File,
    sidecar: Sidecar,
    /// Rows before each row group, in granules.
    first_granules: Vec<u32>,
    metadata: Mutex<Weak<ParquetMetaData>>,
    schema: OnceLock<SchemaRef>,
    /// Removed from the catalog.
    retired: AtomicBool,
    /// Found damaged while reading.
    damaged: AtomicBool,
    /// The token index was found damaged.
    index_damaged: AtomicBool,
}

impl Segment {
    /// Opens a file with its sidecar and checks that they belong together.
    pub fn open(root: &Path, stem: &str) -> Result<Segment> {
        let path = filenames::parquet(root, stem);
        let file = File::open(&path).with_context(|| format!("cannot open {}", path.display()))?;
        let index_path = filenames::sidecar(root, stem);
        let mut index = File::open(&index_path).with_context(|| format!("cannot open {}", index_path.display()))?;
        let sidecar = sidecar::read(&mut index).with_context(|| format!("cannot read {}", index_path.display()))?;
        let meta = sidecar.meta.clone();
        ensure!(meta.stem == stem, "{} belongs to {}", index_path.display(), meta.stem);
        let length = file.metadata()?.len();
        ensure!(length == meta.bytes, "{} has {length} bytes instead of {}", path.display(), meta.bytes);
        let mut first = 0;
        let mut first_granules = Vec::with_capacity(meta.row_groups.len());
        for rows in &meta.row_groups {
            first_granules.push(first);
            first += rows.div_ceil(GRANULE_ROWS as u32);
        }
        ensure!(first == sidecar.directory.granules(), "{} has another number of granules", index_path.display());
        Ok(Segment {
            meta,
            root: root.to_owned(),
            file,
            index,
            sidecar,
            first_granules,
            metadata: Mutex::default(),
            schema: OnceLock::new(),
            retired: AtomicBool::new(false),
            damaged: AtomicBool::new(false),
            index_damaged: AtomicBool::new(false),
        })
    }

    /// Bytes on disk, index included.
    pub fn bytes(&self) -> u64 {
        self.meta.bytes + self.sidecar.bytes
    }

    /// Bytes of the sidecar.
    pub fn index_bytes(&self) -> u64 {
        self.sidecar.bytes
    }

    /// Reads bytes of the Parquet file; every block they lie in is checked.
    pub fn read(&self, range: Range<u64>) -> Result<Bytes> {
        ensure!(range.start <= range.end && range.end <= self.meta.bytes, "read beyond the end of {}", self.meta.stem);
        let block = CHECK_BLOCK_BYTES as u64;
        let from = range.start / block * block;
        let to = range.end.next_multiple_of(block).min(self.meta.bytes);
        let mut bytes = vec![0; (to - from) as usize];
        self.file.read_exact_at(&mut bytes, from).with_context(|| format!("cannot read {}", self.meta.stem))?;
        for (index, chunk) in bytes.chunks(CHECK_BLOCK_BYTES).enumerate() {
            let number = (from / block) as usize + index;
            if self.sidecar.checksums.get(number) != Some(&crc32c::crc32c(chunk)) {
                self.damaged.store(true, Ordering::Relaxed);
                bail!("block {number} of {}.parquet is damaged", self.meta.stem);
            }
        }
        Ok(Bytes::from(bytes).slice((range.start - from) as usize..(range.end - from) as usize))
    }

    /// Checks every block; for the doctor and for compaction.
    pub fn verify(&self) -> Result<()> {
        let mut at = 0;
        while at < self.meta.bytes {
            let end = (at + 64 * CHECK_BLOCK_BYTES as u64).min(self.meta.bytes);
            self.read(at..end)?;
            at = end;
        }
        self.check_index()
    }

    /// The decoded footer with its offset index; kept while any query uses it.
    pub fn metadata(&self) -> Result<Arc<ParquetMetaData>> {
        let mut slot = self.metadata.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(metadata) = slot.upgrade() {
            return Ok(metadata);
        }
        let mut reader = ParquetMetaDataReader::new()
            .with_column_index_policy(PageIndexPolicy::Skip)
            .with_offset_index_policy(PageIndexPolicy::Required);
        reader.try_parse(&ChunkedSegment(self)).with_context(|| format!("cannot read {}.parquet", self.meta.stem))?;
        let metadata = Arc::new(reader.finish()?);
        *slot = Arc::downgrade(&metadata);
        Ok(metadata)
    }

    /// The stored columns.
    pub fn schema(&self) -> Result<SchemaRef> {
        if let Some(schema) = self.schema.get() {
            return Ok(schema.clone());
        }
        let metadata = ArrowReaderMetadata::try_new(self.metadata()?, ArrowReaderOptions::new())?;
        Ok(self.schema.get_or_init(|| metadata.schema().clone()).clone())
    }

    /// The granules that may hold a term; `None` when the index cannot say.
    pub fn lookup(&self, term: u32) -> Option<Vec<u32>> {
        match self.sidecar.directory.lookup(term, |from, to| self.read_index(from, to)) {
            Ok(granules) => Some(granules),
            Err(error) => {
                tracing::error!(file = self.meta.stem, error = format!("{error:#}"), "the token index is damaged");
                self.index_damaged.store(true, Ordering::Relaxed);
                None
            }
        }
    }

    fn read_index(&self, from: u32, to: u32) -> Result<Vec<u8>> {
        let mut bytes = vec![0; (to - from) as usize];
        self.index.read_exact_at(&mut bytes, self.sidecar.data_at + u64::from(from))?;
        Ok(bytes)
    }

    /// The token index without its data.
    pub fn directory(&self) -> &Directory {
        &self.sidecar.directory
    }

    /// The entries of one block of the index.
    pub fn index_block(&self, block: usize) -> Result<Vec<u64>> {
        self.sidecar.directory.entries(block, |from, to| self.read_index(from, to)).inspect_err(|_| {
            self.index_damaged.store(true, Ordering::Relaxed);
        })
    }

    /// Reads the whole index.
    pub fn check_index(&self) -> Result<()> {
        (0..self.sidecar.directory.blocks()).try_for_each(|block| self.index_block(block).map(drop))
    }

    /// Row group and granule within it.
    pub fn locate(&self, granule: u32) -> (usize, u32) {
        let group = self.first_granules.partition_point(|first| *first <= granule) - 1;
        (group, granule - self.first_granules[group])
    }

    /// Number of granules.
    pub fn granules(&self) -> u32 {
        self.sidecar.directory.granules()
    }

    /// Whether a read found damage.
    pub fn is_damaged(&self) -> bool {
        self.damaged.load(Ordering::Relaxed)
    }

    /// Whether the token index was found damaged.
    pub fn is_index_damaged(&self) -> bool {
        self.index_damaged.load(Ordering::Relaxed)
    }

    /// Unlinks the file once nobody uses it any more.
    pub fn retire(&self) {
        self.retired.store(true, Ordering::Relaxed);
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        if self.retired.load(Ordering::Relaxed) {
            let _ = std::fs::remove_file(filenames::parquet(&self.root, &self.meta.stem));
            let _ = std::fs::remove_file(filenames::sidecar(&self.root, &self.meta.stem));
        }
    }
}

/// The segment, borrowed or shared, as a source of bytes for the Parquet reader.
pub struct ChunkedSegment<S>(pub S);

impl<S: Deref<Target = Segment>> parquet::file::reader::Length for ChunkedSegment<S> {
    fn len(&self) -> u64 {
        self.0.meta.bytes
    }
}

impl<S: Deref<Target = Segment> + Clone + Send + Sync> parquet::file::reader::ChunkReader for ChunkedSegment<S> {
    type T = BlockReader<S>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        Ok(BlockReader { segment: self.0.clone(), at: start, bytes: Bytes::new() })
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        self.0.read(start..start + length as u64).map_err(external)
    }
}

/// Reads on from a place, a block at a time: a column is copied by reading from its start, and the end of the file
/// may be hundreds of megabytes away.
pub struct BlockReader<S> {
    segment: S,
    at: u64,
    bytes: Bytes,
}

impl<S: Deref<Target = Segment>> std::io::Read for BlockReader<S> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.bytes.is_empty() {
            let end = (self.at + 1).next_multiple_of(CHECK_BLOCK_BYTES as u64).min(self.segment.meta.bytes);
            self.bytes = self.segment.read(self.at.min(end)..end).map_err(std::io::Error::other)?;
            self.at = end;
        }
        let count = out.len().min(self.bytes.len());
        out[..count].copy_from_slice(&self.bytes.split_to(count));
        Ok(count)
    }
}

/// An error on its way through the Parquet reader.
pub fn external(error: anyhow::Error) -> parquet::errors::ParquetError {
    parquet::errors::ParquetError::External(error.into())
}
