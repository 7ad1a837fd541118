//! Batches to event files.

use super::Segment;
use super::sidecar::{self, Meta};
use super::union::Union;
use crate::index::build::IndexBuilder;
use crate::index::postings::{self, Directory};
use crate::limits::{CHECK_BLOCK_BYTES, GRANULE_ROWS, ROW_GROUP_ROWS};
use crate::{disk, filenames};
use anyhow::{Context as _, Result, ensure};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{TimestampNanosecondType, UInt64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use model::Table;
use model::columns::{ATTRIBUTE_PREFIX, name};
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::column::writer::ColumnCloseResult;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

const DAY_NANOS: i64 = 86_400_000_000_000;
/// Level of the compression: higher ones cost the writer more than they save (see `docs/decisions/`).
const ZSTD_LEVEL: i32 = 1;
/// Bytes of a page before compression: what fits the second-level cache of a core unpacks faster, and the
/// row that is looked for is found with less.
const PAGE_BYTES: usize = 256 * 1024;
/// The writer looks at the size of a page after so many rows; a divisor of the granule.
const WRITE_BATCH_ROWS: usize = 1024;

/// What a set of files is made from.
pub struct Source<'a> {
    /// The table.
    pub table: Table,
    /// Stored batches with `event_id`.
    pub batches: &'a [RecordBatch],
    /// Commits before the rows.
    pub after_sequence: u64,
    /// The last commit of the rows.
    pub through_sequence: u64,
    /// Files that the new ones replace.
    pub replaces: Vec<String>,
}

/// The UTC day of a timestamp.
pub fn day_of(timestamp: i64) -> String {
    chrono_day(timestamp.div_euclid(DAY_NANOS))
}

fn chrono_day(days: i64) -> String {
    arrow_array::temporal_conversions::date32_to_datetime(days as i32)
        .map_or_else(|| format!("{days}"), |date| date.format("%Y-%m-%d").to_string())
}

/// Writes the rows into one file per UTC day, synced but not yet published.
pub fn write_days(root: &Path, source: &Source<'_>) -> Result<Vec<Meta>> {
    let order = sorted(source.batches)?;
    let union = Union::plan(source.table, source.batches);
    let mut files = Vec::new();
    for day in order.chunk_by(|a, b| a.0.div_euclid(DAY_NANOS) == b.0.div_euclid(DAY_NANOS)) {
        files.push(write_file(root, source, &union, day)?);
    }
    Ok(files)
}

/// (timestamp, batch, row) of every row, in order of time.
fn sorted(batches: &[RecordBatch]) -> Result<Vec<(i64, u32, u32)>> {
    let mut order = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for (index, batch) in batches.iter().enumerate() {
        let times = batch.column_by_name(name::TIMESTAMP).context("a batch has no timestamp")?;
        let times = times.as_primitive_opt::<TimestampNanosecondType>().context("timestamp has another type")?;
        order.extend(times.values().iter().enumerate().map(|(row, time)| (*time, index as u32, row as u32)));
    }
    if !order.is_sorted() {
        order.sort_unstable();
    }
    Ok(order)
}

fn write_file(root: &Path, source: &Source<'_>, union: &Union<'_>, order: &[(i64, u32, u32)]) -> Result<Meta> {
    let day = day_of(order[0].0);
    let stem = filenames::segment(source.table, &day, &ulid::Ulid::new().to_string());
    let path = filenames::parquet(root, &stem);
    let dir = path.parent().context("a file has a folder")?;
    if !dir.is_dir() {
        std::fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
        disk::sync_dir(dir.parent().unwrap_or(root))?;
        disk::sync_dir(&filenames::data_dir(root))?;
    }
    let result = write_both(root, source, union, order, &stem, &day);
    if result.is_err() {
        let _ = std::fs::remove_file(&path);
        let _ = std::fs::remove_file(filenames::sidecar(root, &stem));
    }
    let meta = result?;
    disk::sync_dir(dir)?;
    Ok(meta)
}

fn write_both(
    root: &Path,
    source: &Source<'_>,
    union: &Union<'_>,
    order: &[(i64, u32, u32)],
    stem: &str,
    day: &str,
) -> Result<Meta> {
    let path = filenames::parquet(root, stem);
    let mut meta = Meta {
        stem: stem.to_owned(),
        table: source.table.name().to_owned(),
        day: day.to_owned(),
        row_groups: Vec::new(),
        bytes: 0,
        min_timestamp: order[0].0,
        max_timestamp: order[order.len() - 1].0,
        max_received: i64::MIN,
        min_event_id: u64::MAX,
        max_event_id: 0,
        after_sequence: source.after_sequence,
        through_sequence: source.through_sequence,
        replaces: source.replaces.clone(),
    };
    let file = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
    let mut writer = FileWriter::new(ChecksumWriter::new(file), &union.schema, &random_columns(union, order)?)?;
    let mut entries = Vec::new();
    let mut granules = 0;
    for group in order.chunks(ROW_GROUP_ROWS) {
        let rows: Vec<(usize, usize)> = group.iter().map(|(_, batch, row)| (*batch as usize, *row as usize)).collect();
        let mut index = IndexBuilder::new(source.table, granules, rows.len());
        writer.row_group(|column| {
            let parts = union.column(column)?;
            let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
            let array = arrow_select::interleave::interleave(&parts, &rows)?;
            note_bounds(&mut meta, union.schema.field(column).name(), &array);
            index.column(union.schema.field(column).name(), &array);
            Ok(array)
        })?;
        entries.extend(index.finish());
        granules += rows.len().div_ceil(GRANULE_ROWS) as u32;
        meta.row_groups.push(rows.len() as u32);
    }
    let checksums = writer.finish()?;
    meta.bytes = checksums.length;
    if meta.row_groups.len() > 1 {
        radsort::sort(&mut entries);
    }
    sidecar::write(&filenames::sidecar(root, stem), &meta, &checksums.sums, &postings::encode(&entries, granules))?;
    Ok(meta)
}

fn note_bounds(meta: &mut Meta, column: &str, array: &ArrayRef) {
    if column == name::EVENT_ID {
        let ids = array.as_primitive::<UInt64Type>().values();
        meta.min_event_id = ids.iter().copied().fold(meta.min_event_id, u64::min);
        meta.max_event_id = ids.iter().copied().fold(meta.max_event_id, u64::max);
    } else if column == name::RECEIVED_TIMESTAMP {
        let times = array.as_primitive::<TimestampNanosecondType>().values();
        meta.max_received = times.iter().copied().fold(meta.max_received, i64::max);
    }
}

/// Text columns whose values hardly repeat: a dictionary would only cost time. Judged by one granule.
fn random_columns(union: &Union<'_>, order: &[(i64, u32, u32)]) -> Result<Vec<String>> {
    let sample: Vec<(usize, usize)> = order
        .iter()
        .step_by(order.len().div_ceil(GRANULE_ROWS).max(1))
        .map(|(_, batch, row)| (*batch as usize, *row as usize))
        .collect();
    let mut random = Vec::new();
    for (index, field) in union.schema.fields().iter().enumerate() {
        if field.data_type() != &DataType::Utf8View {
            continue;
        }
        let parts = union.column(index)?;
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        let array = arrow_select::interleave::interleave(&parts, &sample)?;
        let values = array.as_string_view();
        let present = values.len() - values.null_count();
        let distinct: ahash::AHashSet<&str> = values.iter().flatten().collect();
        if present > 64 && distinct.len() * 2 > present {
            random.push(field.name().clone());
        }
    }
    Ok(random)
}

/// A Parquet file written one whole column of a row group at a time, so that only that column is in
/// memory twice.
pub struct FileWriter<W: Write + Send> {
    schema: SchemaRef,
    factory: ArrowRowGroupWriterFactory,
    writer: SerializedFileWriter<W>,
    groups: usize,
}

impl<W: Write + Send> FileWriter<W> {
    /// Starts a file; `random` are the columns written without a dictionary.
    pub fn new(out: W, schema: &SchemaRef, random: &[String]) -> Result<Self> {
        let parquet_schema = ArrowSchemaConverter::new().convert(schema)?;
        let mut properties = properties(schema, random)?;
        parquet::arrow::add_encoded_arrow_schema_to_metadata(schema, &mut properties);
        let writer = SerializedFileWriter::new(out, parquet_schema.root_schema_ptr(), Arc::new(properties))?;
        let factory = ArrowRowGroupWriterFactory::new(&writer, schema.clone());
        Ok(Self { schema: schema.clone(), factory, writer, groups: 0 })
    }

    /// Writes a row group, asking for its columns in order.
    pub fn row_group(&mut self, mut column: impl FnMut(usize) -> Result<ArrayRef>) -> Result<()> {
        let writers = self.factory.create_column_writers(self.groups)?;
        ensure!(writers.len() == self.schema.fields().len(), "a column has more than one leaf");
        let mut group = self.writer.next_row_group()?;
        for (index, mut writer) in writers.into_iter().enumerate() {
            let array = column(index)?;
            let field = self.schema.field(index);
            // Pages end where granules end: the writer only looks at its limits between two writes.
            for start in (0..array.len()).step_by(GRANULE_ROWS) {
                let granule = array.slice(start, GRANULE_ROWS.min(array.len() - start));
                for leaf in compute_leaves(field, &granule)? {
                    writer.write(&leaf)?;
                }
            }
            writer.close()?.append_to_row_group(&mut group)?;
        }
        group.close()?;
        self.groups += 1;
        Ok(())
    }
}

impl FileWriter<ChecksumWriter> {
    /// Ends the file, syncs it and answers its checksums.
    pub fn finish(self) -> Result<Checksums> {
        let out = self.writer.into_inner()?;
        out.finish()
    }
}

fn properties(schema: &SchemaRef, random: &[String]) -> Result<WriterProperties> {
    let zstd = Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?);
    let mut builder = WriterProperties::builder()
        .set_created_by(concat!("tandem ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(zstd)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_data_page_row_count_limit(GRANULE_ROWS)
        .set_write_batch_size(WRITE_BATCH_ROWS)
        .set_data_page_size_limit(PAGE_BYTES)
        .set_dictionary_page_size_limit(1024 * 1024)
        .set_write_page_header_statistics(false)
        .set_statistics_enabled(EnabledStatistics::None);
    for field in schema.fields() {
        let path = ColumnPath::new(vec![field.name().clone()]);
        builder = match field.name().as_str() {
            name::EVENT_ID => builder
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path.clone(), Encoding::DELTA_BINARY_PACKED)
                .set_column_statistics_enabled(path, EnabledStatistics::Chunk),
            name::TIMESTAMP => builder
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path.clone(), Encoding::DELTA_BINARY_PACKED)
                .set_column_statistics_enabled(path, EnabledStatistics::Chunk),
            "observed_timestamp" | "start_timestamp" => builder
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
            // Random bytes: nothing to compress.
            name::TRACE_ID | name::SPAN_ID | name::PARENT_SPAN_ID => builder
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_compression(path, Compression::UNCOMPRESSED),
            other if random.iter().any(|name| name == other) => builder.set_column_dictionary_enabled(path, false),
            other if other.starts_with(ATTRIBUTE_PREFIX) && field.data_type() == &DataType::Float64 => {
                builder.set_column_dictionary_enabled(path, false)
            }
            _ => builder,
        };
    }
    Ok(builder.build())
}

/// Checksums of the blocks of a file.
pub struct Checksums {
    /// One per block.
    pub sums: Vec<u32>,
    /// Length of the file.
    pub length: u64,
}

/// Writes through to a file and sums its blocks.
pub struct ChecksumWriter {
    file: File,
    block: Vec<u8>,
    sums: Vec<u32>,
    length: u64,
}

impl ChecksumWriter {
    /// An empty file.
    pub fn new(file: File) -> Self {
        Self { file, block: Vec::with_capacity(CHECK_BLOCK_BYTES), sums: Vec::new(), length: 0 }
    }

    fn write_block(&mut self) -> std::io::Result<()> {
        self.file.write_all(&self.block)?;
        self.sums.push(crc32c::crc32c(&self.block));
        self.length += self.block.len() as u64;
        self.block.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<Checksums> {
        if !self.block.is_empty() {
            self.write_block()?;
        }
        self.file.sync_all()?;
        Ok(Checksums { sums: self.sums, length: self.length })
    }
}

impl Write for ChecksumWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let taken = bytes.len().min(CHECK_BLOCK_BYTES - self.block.len());
        self.block.extend_from_slice(&bytes[..taken]);
        if self.block.len() == CHECK_BLOCK_BYTES {
            self.write_block()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Copies the row groups of several files into one; their columns are made the same by empty chunks.
pub fn write_copied(root: &Path, table: Table, inputs: &[Arc<Segment>], replaces: Vec<String>) -> Result<Meta> {
    let first = inputs.first().context("nothing to copy")?;
    let stem = filenames::segment(table, &first.meta.day, &ulid::Ulid::new().to_string());
    let result = copy_both(root, inputs, &stem, replaces);
    if result.is_err() {
        let _ = std::fs::remove_file(filenames::parquet(root, &stem));
        let _ = std::fs::remove_file(filenames::sidecar(root, &stem));
    }
    let meta = result?;
    disk::sync_dir(filenames::parquet(root, &stem).parent().unwrap_or(root))?;
    Ok(meta)
}

fn copy_both(root: &Path, inputs: &[Arc<Segment>], stem: &str, replaces: Vec<String>) -> Result<Meta> {
    let schemas: Vec<SchemaRef> = inputs.iter().map(|input| input.schema()).collect::<Result<_>>()?;
    let schema = super::union::common_schema(&schemas)?;
    let file = File::create(filenames::parquet(root, stem))?;
    let mut writer = FileWriter::new(ChecksumWriter::new(file), &schema, &[])?;
    let mut meta = inputs[0].meta.clone();
    meta.stem = stem.to_owned();
    meta.row_groups.clear();
    meta.replaces = replaces;
    let mut granules = 0u32;
    let mut first_granules = Vec::with_capacity(inputs.len());
    for input in inputs {
        writer.copy(input)?;
        first_granules.push(u64::from(granules));
        granules += input.granules();
        let other = &input.meta;
        meta.row_groups.extend(&other.row_groups);
        meta.min_timestamp = meta.min_timestamp.min(other.min_timestamp);
        meta.max_timestamp = meta.max_timestamp.max(other.max_timestamp);
        meta.max_received = meta.max_received.max(other.max_received);
        meta.min_event_id = meta.min_event_id.min(other.min_event_id);
        meta.max_event_id = meta.max_event_id.max(other.max_event_id);
        meta.after_sequence = meta.after_sequence.min(other.after_sequence);
        meta.through_sequence = meta.through_sequence.max(other.through_sequence);
    }
    let checksums = writer.finish()?;
    meta.bytes = checksums.length;
    let directories: Vec<&Directory> = inputs.iter().map(|input| input.directory()).collect();
    let index = postings::merge(granules, &directories, |input, block| {
        if block >= directories[input].blocks() {
            return Ok(None);
        }
        let entries = inputs[input].index_block(block)?;
        Ok(Some(entries.into_iter().map(|entry| entry + first_granules[input]).collect()))
    })?;
    sidecar::write(&filenames::sidecar(root, stem), &meta, &checksums.sums, &index)?;
    Ok(meta)
}

impl<W: Write + Send> FileWriter<W> {
    /// Copies the row groups of a segment, chunk by chunk.
    fn copy(&mut self, input: &Segment) -> Result<()> {
        let metadata = input.metadata()?;
        let chunks = super::file::ChunkedSegment(input);
        for (number, group) in metadata.row_groups().iter().enumerate() {
            let offsets = metadata.offset_index().and_then(|index| index.get(number));
            let mut empty = self.factory.create_column_writers(self.groups)?.into_iter();
            let mut out = self.writer.next_row_group()?;
            for field in self.schema.fields() {
                let writer = empty.next().context("a column has no writer")?;
                let wanted = group.columns().iter().position(|column| column.column_path().parts()[0] == *field.name());
                let Some(at) = wanted else {
                    write_nulls(writer, field, group.num_rows() as usize)?.append_to_row_group(&mut out)?;
                    continue;
                };
                let chunk = group.column(at);
                let closed = ColumnCloseResult {
                    bytes_written: chunk.compressed_size() as u64,
                    rows_written: group.num_rows() as u64,
                    metadata: chunk.clone(),
                    bloom_filter: None,
                    column_index: None,
                    offset_index: offsets.and_then(|offsets| offsets.get(at)).cloned(),
                };
                out.append_column(&chunks, closed)?;
            }
            out.close()?;
            self.groups += 1;
        }
        Ok(())
    }
}

fn write_nulls(
    mut writer: parquet::arrow::arrow_writer::ArrowColumnWriter,
    field: &arrow_schema::Field,
    rows: usize,
) -> Result<parquet::arrow::arrow_writer::ArrowColumnChunk> {
    for start in (0..rows).step_by(GRANULE_ROWS) {
        let nulls = arrow_array::new_null_array(field.data_type(), GRANULE_ROWS.min(rows - start));
        for leaf in compute_leaves(field, &nulls)? {
            writer.write(&leaf)?;
        }
    }
    Ok(writer.close()?)
}
