//! Reads the log back at start.
//!
//! A damaged stretch is skipped to the next whole record, set aside in the quarantine and counted. At
//! the very end of the last file it is what a crash leaves of a record nobody was told about.

use super::record::{FIXED_BYTES, Fixed, Head};
use super::{ipc, record};
use crate::{disk, filenames};
use anyhow::{Context as _, Result};
use arrow_array::RecordBatch;
use model::Table;
use std::path::Path;

/// One commit read back.
pub struct Commit {
    /// Its sequence.
    pub sequence: u64,
    /// Retry keys.
    pub keys: Vec<record::RetryKey>,
    /// Tables, rows and bytes in order.
    pub parts: Vec<(Table, RecordBatch, usize)>,
}

/// What a replay found besides commits.
#[derive(Debug, Default)]
pub struct Replayed {
    /// Files and their bytes, oldest first.
    pub files: Vec<(u64, u64)>,
    /// Greatest sequence seen, in a record or in a name.
    pub last_sequence: u64,
    /// Damaged stretches set aside.
    pub damaged: u64,
    /// Whether the last record was unfinished, as after a crash.
    pub torn_tail: bool,
}

/// Replays every record, in order.
pub fn replay(root: &Path, mut apply: impl FnMut(Commit) -> Result<()>) -> Result<Replayed> {
    let mut found = Replayed::default();
    let mut files: Vec<_> = std::fs::read_dir(filenames::log_dir(root))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter_map(|path| filenames::parse_log_file(&path).map(|first| (first, path)))
        .collect();
    files.sort();
    let has_bytes = |path: &Path| std::fs::metadata(path).is_ok_and(|metadata| metadata.len() > 0);
    let last = files.iter().rposition(|(_, path)| has_bytes(path)).unwrap_or(0);
    for (index, (first, path)) in files.into_iter().enumerate() {
        found.last_sequence = found.last_sequence.max(first.saturating_sub(1));
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let whole = replay_file(root, first, &bytes, index == last, &mut found, &mut apply)?;
        if whole < bytes.len() {
            let file = std::fs::OpenOptions::new().write(true).open(&path)?;
            file.set_len(whole as u64)?;
            file.sync_all()?;
        }
        found.files.push((first, whole as u64));
    }
    Ok(found)
}

/// Answers how many bytes of the file to keep.
fn replay_file(
    root: &Path,
    first: u64,
    bytes: &[u8],
    last: bool,
    found: &mut Replayed,
    apply: &mut impl FnMut(Commit) -> Result<()>,
) -> Result<usize> {
    let mut at = 0;
    while at < bytes.len() {
        if let Some((commit, length)) = decode_at(&bytes[at..]) {
            if commit.sequence > found.last_sequence {
                found.last_sequence = commit.sequence;
                apply(commit)?;
            }
            at += length;
            continue;
        }
        // The sequence of a damaged record with a sound header is used up all the same.
        if let Some(fixed) = Fixed::decode(&bytes[at..]) {
            found.last_sequence = found.last_sequence.max(fixed.sequence);
        }
        let next = next_record(bytes, at + 1);
        let end = next.unwrap_or(bytes.len());
        let torn = last && next.is_none() && is_cut_short(&bytes[at..]);
        found.torn_tail |= torn;
        found.damaged += 1;
        let reason = if torn { "unfinished record at the end of the log" } else { "damaged record in the log" };
        disk::quarantine_bytes(root, &format!("log-{first:016x}-{at}.bin"), &bytes[at..end], reason);
        match next {
            Some(next) => at = next,
            None => return Ok(at),
        }
    }
    Ok(at)
}

/// Whether a record ends before its length says so. A whole one with a wrong checksum may have been
/// acknowledged, so it counts as damage.
fn is_cut_short(bytes: &[u8]) -> bool {
    let Some(fixed) = Fixed::decode(bytes) else { return bytes.len() < FIXED_BYTES };
    let length = (FIXED_BYTES as u64).saturating_add(u64::from(fixed.head)).saturating_add(fixed.body);
    length > bytes.len() as u64
}

fn decode_at(bytes: &[u8]) -> Option<(Commit, usize)> {
    let fixed = Fixed::decode(bytes)?;
    let head_end = FIXED_BYTES + fixed.head as usize;
    let end = head_end.checked_add(usize::try_from(fixed.body).ok()?)?;
    let content = bytes.get(FIXED_BYTES..end)?;
    if crc32c::crc32c(content) != fixed.crc {
        return None;
    }
    let head = Head::decode(&bytes[FIXED_BYTES..head_end])?;
    let mut parts = Vec::with_capacity(head.parts.len());
    let mut at = head_end;
    for part in &head.parts {
        let part_end = at.checked_add(usize::try_from(part.length).ok()?)?;
        let body = bytes.get(at..part_end)?.to_vec();
        let size = body.len();
        let batch = ipc::decode(body).ok()?;
        if batch.num_rows() != part.rows as usize {
            return None;
        }
        parts.push((part.table, batch, size));
        at = part_end;
    }
    let commit = Commit { sequence: fixed.sequence, keys: head.keys, parts };
    Some((commit, end))
}

fn next_record(bytes: &[u8], from: usize) -> Option<usize> {
    let magic = record::MAGIC.to_le_bytes();
    (from..bytes.len().saturating_sub(FIXED_BYTES - 1))
        .find(|&at| bytes[at..at + 4] == magic && Fixed::decode(&bytes[at..]).is_some())
}
