//! Batches as bytes: Arrow IPC streams, decoded without copying.

use anyhow::{Context as _, Result, ensure};
use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::reader::StreamDecoder;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};

const ALIGNMENT: usize = 64;

/// The batch as one IPC stream, padded to 64 bytes.
pub fn encode(batch: &RecordBatch) -> Result<Vec<u8>> {
    let options = IpcWriteOptions::try_new(ALIGNMENT, false, arrow_ipc::MetadataVersion::V5)?;
    let guess = batch.get_array_memory_size() + 8 * 1024;
    let mut writer = StreamWriter::try_new_with_options(Vec::with_capacity(guess), &batch.schema(), options)?;
    writer.write(batch)?;
    let mut bytes = writer.into_inner()?;
    bytes.resize(bytes.len().next_multiple_of(ALIGNMENT), 0);
    // These bytes become the rows in memory, where they are counted by their length.
    bytes.shrink_to_fit();
    Ok(bytes)
}

/// Reads one batch back; its columns point into `bytes`.
pub fn decode(bytes: Vec<u8>) -> Result<RecordBatch> {
    let mut buffer = Buffer::from_vec(bytes);
    let mut decoder = StreamDecoder::new();
    let batch = decoder.decode(&mut buffer)?.context("the record holds no batch")?;
    ensure!(batch.num_columns() > 0, "the record's batch has no columns");
    Ok(batch)
}
