//! The sidecar of an event file: what is in the file, checksums of its blocks, and the token index.
//!
//! ```text
//! "TNDMIDX1" | meta length u32 | meta JSON | crc32c
//! | sums length u32 | crc32c of each 64 KiB block of the Parquet file ... | crc32c
//! | directory length u32 | directory | crc32c | index data
//! ```
//!
//! It can be rebuilt from the Parquet file (`tandem doctor` says when one is missing or damaged).

use crate::index::postings::Directory;
use crate::limits::CHECK_BLOCK_BYTES;
use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;

const MAGIC: &[u8; 8] = b"TNDMIDX1";

/// What the catalog and the sidecar say about a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    /// Path relative to the data folder, without suffix.
    pub stem: String,
    /// Table name.
    pub table: String,
    /// UTC day of the events, `YYYY-MM-DD`.
    pub day: String,
    /// Rows of each row group.
    pub row_groups: Vec<u32>,
    /// Length of the Parquet file.
    pub bytes: u64,
    /// Least timestamp.
    pub min_timestamp: i64,
    /// Greatest timestamp.
    pub max_timestamp: i64,
    /// Greatest time of receipt.
    pub max_received: i64,
    /// Least event id.
    pub min_event_id: u64,
    /// Greatest event id.
    pub max_event_id: u64,
    /// The flush covered commits after this one ...
    pub after_sequence: u64,
    /// ... through this one.
    pub through_sequence: u64,
    /// Stems of the files this one replaced.
    pub replaces: Vec<String>,
}

impl Meta {
    /// All rows.
    pub fn rows(&self) -> u64 {
        self.row_groups.iter().map(|rows| u64::from(*rows)).sum()
    }
}

/// A sidecar in memory; the index data stays on disk.
#[derive(Debug)]
pub struct Sidecar {
    /// What is in the file.
    pub meta: Meta,
    /// Checksum of each block of the Parquet file.
    pub checksums: Vec<u32>,
    /// Where the index blocks are.
    pub directory: Directory,
    /// Where the index data starts.
    pub data_at: u64,
    /// Length of the sidecar.
    pub bytes: u64,
}

/// Writes a sidecar and syncs it.
pub fn write(path: &Path, meta: &Meta, checksums: &[u32], index: &(Vec<u8>, Vec<u8>)) -> Result<u64> {
    let mut out = Vec::with_capacity(64 * 1024);
    out.extend_from_slice(MAGIC);
    section(&mut out, &serde_json::to_vec(meta)?);
    let sums: Vec<u8> = checksums.iter().flat_map(|sum| sum.to_le_bytes()).collect();
    section(&mut out, &sums);
    section(&mut out, &index.0);
    let mut file = File::create(path).with_context(|| format!("cannot create {}", path.display()))?;
    file.write_all(&out)?;
    file.write_all(&index.1)?;
    file.sync_all()?;
    Ok((out.len() + index.1.len()) as u64)
}

fn section(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
    out.extend_from_slice(&crc32c::crc32c(bytes).to_le_bytes());
}

/// Reads everything but the index data.
pub fn read(file: &mut File) -> Result<Sidecar> {
    let bytes = file.metadata()?.len();
    let mut magic = [0; 8];
    file.read_exact(&mut magic).context("the sidecar is cut short")?;
    ensure!(&magic == MAGIC, "not a sidecar of a known version");
    let mut at = 8;
    let meta: Meta = serde_json::from_slice(&read_section(file, &mut at, bytes)?)?;
    let sums = read_section(file, &mut at, bytes)?;
    let checksums: Vec<u32> = sums.as_chunks::<4>().0.iter().map(|sum| u32::from_le_bytes(*sum)).collect();
    ensure!(checksums.len() as u64 == meta.bytes.div_ceil(CHECK_BLOCK_BYTES as u64), "wrong number of checksums");
    let directory = Directory::decode(&read_section(file, &mut at, bytes)?)?;
    Ok(Sidecar { meta, checksums, directory, data_at: at, bytes })
}

fn read_section(file: &mut File, at: &mut u64, limit: u64) -> Result<Vec<u8>> {
    let mut word = [0; 4];
    file.read_exact(&mut word).context("the sidecar is cut short")?;
    let length = u32::from_le_bytes(word);
    ensure!(*at + u64::from(length) + 8 <= limit, "a section of the sidecar is longer than the file");
    let mut bytes = vec![0; length as usize];
    file.read_exact(&mut bytes).context("the sidecar is cut short")?;
    file.read_exact(&mut word).context("the sidecar is cut short")?;
    ensure!(u32::from_le_bytes(word) == crc32c::crc32c(&bytes), "a section of the sidecar is damaged");
    *at += u64::from(length) + 8;
    Ok(bytes)
}
