//! Windows event log files (`.evtx`): a head, then chunks of 64 KiB, each with its records, which are binary XML.
//!
//! Events look as the usual dumps of such files do: `Event.System.EventID`, `Event.EventData.Image`; attributes are under
//! `#attributes`, and the text of an element that has some is `#text`. Elements of `EventData` bear the name that their
//! `Name` says. One chunk is held at a time. A chunk or record that is damaged is left out and told; checksums are not
//! looked at, since a log that was copied while it was written has wrong ones.

mod binxml;
#[cfg(test)]
pub(super) mod example;
mod value;

use super::{Bad, Out};
use std::io::{self, Read};

const CHUNK_BYTES: usize = 64 * 1024;
/// The part of a chunk before its records.
const CHUNK_HEAD_BYTES: usize = 512;
/// Number, size, id and time, before the XML of a record.
const RECORD_HEAD_BYTES: usize = 24;
const RECORD_MARK: [u8; 4] = [0x2a, 0x2a, 0, 0];

pub(super) fn read(mut input: impl Read, out: &mut Out<'_, '_>) -> io::Result<()> {
    let mut head = [0; 128];
    input.read_exact(&mut head).map_err(|_| io::Error::other("the head of the file ends too early"))?;
    if !head.starts_with(b"ElfFile\0") {
        return Err(io::Error::other("it does not begin with ElfFile, so it is no EVTX file"));
    }
    let length = u64::from(u16_at(&head, 40).unwrap_or_default()).clamp(128, CHUNK_BYTES as u64);
    io::copy(&mut input.by_ref().take(length - 128), &mut io::sink())?;
    let mut chunk = Vec::with_capacity(CHUNK_BYTES);
    for number in 1.. {
        chunk.clear();
        input.by_ref().take(CHUNK_BYTES as u64).read_to_end(&mut chunk)?;
        if chunk.is_empty() || out.stopped {
            break;
        }
        // Chunks that were never used are zeros.
        if chunk.iter().any(|byte| *byte != 0) {
            read_chunk(&chunk, number, out);
        }
    }
    Ok(())
}

fn read_chunk(chunk: &[u8], number: u64, out: &mut Out<'_, '_>) {
    if !chunk.starts_with(b"ElfChnk\0") || chunk.len() < CHUNK_HEAD_BYTES {
        out.bad(Bad { line: number, column: 0, reason: format!("chunk {number} is damaged: it has no head") });
        return;
    }
    // Where the records end; a log that is still written may not say so.
    let free = u32_at(chunk, 48).map_or(0, |free| free as usize);
    let end = if (CHUNK_HEAD_BYTES..=chunk.len()).contains(&free) { free } else { chunk.len() };
    let mut at = CHUNK_HEAD_BYTES;
    while at + RECORD_HEAD_BYTES < end && !out.stopped {
        let Some(size) = record_size(chunk, at) else {
            if chunk[at..end].iter().any(|byte| *byte != 0) {
                let reason = format!("chunk {number} is damaged at byte {at}: there is no record");
                out.bad(Bad { line: number, column: at as u64, reason });
            }
            return;
        };
        let id = u64_at(chunk, at + 8).unwrap_or_default();
        let written = u64_at(chunk, at + 16).and_then(value::filetime);
        match binxml::event(chunk, at + RECORD_HEAD_BYTES, at + size - 4) {
            Ok(mut event) => {
                event.timestamp = event.timestamp.or(written);
                out.event(event, id);
            }
            Err(reason) => out.bad(Bad { line: id, column: 0, reason: format!("record {id}: {reason}") }),
        }
        at += size;
    }
}

/// Bytes of the record that begins here, if there is one.
fn record_size(chunk: &[u8], at: usize) -> Option<usize> {
    let size = u32_at(chunk, at + 4)? as usize;
    let whole = chunk[at..].starts_with(&RECORD_MARK) && size > RECORD_HEAD_BYTES + 4 && at + size <= chunk.len();
    whole.then_some(size)
}

/// Bytes at a place.
fn bytes_at(bytes: &[u8], at: usize, length: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(length)?)
}

fn array_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes_at(bytes, at, N)?.try_into().ok()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    array_at(bytes, at).map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    array_at(bytes, at).map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    array_at(bytes, at).map(u64::from_le_bytes)
}
