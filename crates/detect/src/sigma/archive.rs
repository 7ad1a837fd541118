//! Archives of rule files, as code hosts hand them out: zip, and tar with or without gzip. Read in memory, entry by
//! entry; nothing is written, so names in them cannot lead anywhere.

use crate::limits::{MAX_RULE_BYTES, MAX_RULE_FILE_BYTES, MAX_RULE_FILES};
use flate2::Crc;
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use std::io::{self, Read};

/// Largest archive: rules shrink to a tenth.
pub(super) const MAX_BYTES: usize = 128 * 1024 * 1024;
/// Entries of any kind: public collections have as many others as rules.
const MAX_ENTRIES: usize = 10 * MAX_RULE_FILES;
/// Longest name of an entry.
const MAX_NAME: usize = 4096;
const BLOCK: usize = 512;

/// What is done with each file: its path and its bytes.
pub(super) type Visit<'v> = &'v mut dyn FnMut(&str, &[u8]);

/// Whether a name is that of an archive.
pub(super) fn is_archive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".zip", ".tar", ".tar.gz", ".tgz"].iter().any(|end| name.ends_with(end))
}

/// Reads all files of an archive; those that are too large for rules are passed over. The error is what to say.
pub(super) fn read(name: &str, bytes: &[u8], visit: Visit<'_>) -> Result<(), String> {
    let name = name.to_ascii_lowercase();
    if name.ends_with(".zip") {
        return zip(bytes, visit);
    }
    let result = if name.ends_with(".tar") {
        tar(bytes, visit)
    } else {
        tar(MultiGzDecoder::new(bytes).take(4 * MAX_RULE_BYTES as u64), visit)
    };
    result.map_err(|error| format!("this archive is damaged or cut off: {error}"))
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

fn tar(mut from: impl Read, visit: Visit<'_>) -> io::Result<()> {
    let mut block = [0; BLOCK];
    let mut long_name: Option<String> = None;
    for _ in 0..MAX_ENTRIES {
        from.read_exact(&mut block)?;
        if block.iter().all(|byte| *byte == 0) {
            return Ok(());
        }
        let sum: u64 = block
            .iter()
            .enumerate()
            .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) })
            .sum();
        if octal(&block[148..156]) != Some(sum) {
            return Err(damaged("a header's checksum is wrong"));
        }
        let size = octal(&block[124..136]).ok_or_else(|| damaged("a size is no number"))?;
        let padded = size.div_ceil(BLOCK as u64) * BLOCK as u64;
        let wanted = match block[156] {
            b'x' | b'L' => size <= 16 * MAX_NAME as u64,
            b'0' | 0 => size <= MAX_RULE_FILE_BYTES as u64,
            _ => false,
        };
        if !wanted {
            if io::copy(&mut from.by_ref().take(padded), &mut io::sink())? < padded {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if !matches!(block[156], b'g') {
                long_name = None;
            }
            continue;
        }
        let mut data = vec![0; padded as usize];
        from.read_exact(&mut data)?;
        data.truncate(size as usize);
        match block[156] {
            b'L' => long_name = Some(text(&data)),
            b'x' => long_name = pax_path(&data).or(long_name),
            _ => {
                let prefix = if &block[257..262] == b"ustar" { text(&block[345..500]) } else { String::new() };
                let short = text(&block[..100]);
                let short = if prefix.is_empty() { short } else { format!("{prefix}/{short}") };
                visit(&long_name.take().unwrap_or(short), &data);
            }
        }
    }
    Err(damaged("there are too many entries"))
}

/// A text that ends at the first zero byte.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

fn octal(bytes: &[u8]) -> Option<u64> {
    let text = text(bytes);
    let text = text.trim();
    if text.is_empty() { Some(0) } else { u64::from_str_radix(text, 8).ok() }
}

/// The path in records such as `27 path=rules/long_name.yml`, each with its length before it.
fn pax_path(mut data: &[u8]) -> Option<String> {
    while let Some(space) = data.iter().position(|byte| *byte == b' ') {
        let length: usize = std::str::from_utf8(&data[..space]).ok()?.parse().ok()?;
        let record = data.get(space + 1..length)?;
        if let Some(path) = record.strip_prefix(b"path=") {
            return Some(text(path).trim_end_matches('\n').to_owned());
        }
        data = &data[length..];
    }
    None
}

fn zip(bytes: &[u8], visit: Visit<'_>) -> Result<(), String> {
    let cut = || "this archive is damaged or cut off".to_owned();
    let half = |at: usize| bytes.get(at..at + 2).map(|two| u16::from_le_bytes([two[0], two[1]]) as usize);
    let word =
        |at: usize| bytes.get(at..at + 4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]) as usize);
    // The end of the directory is followed by a comment of at most 64 KiB.
    let first = bytes.len().saturating_sub(22 + 65_535);
    let end = (first..bytes.len().saturating_sub(21)).rev().find(|at| bytes[*at..].starts_with(b"PK\x05\x06"));
    let end = end.ok_or_else(cut)?;
    let entries = half(end + 10).ok_or_else(cut)?;
    let mut at = word(end + 16).ok_or_else(cut)?;
    let mut left = MAX_RULE_BYTES;
    for _ in 0..entries.min(MAX_ENTRIES) {
        let header = bytes.get(at..).filter(|rest| rest.starts_with(b"PK\x01\x02")).ok_or_else(cut)?;
        let field = |offset| word(at + offset).ok_or_else(cut);
        let (packed, size, crc, local) = (field(20)?, field(24)?, field(16)?, field(42)?);
        let length = |offset| half(at + offset).ok_or_else(cut);
        let (flags, method, name) = (length(8)?, length(10)?, length(28)?);
        let name = String::from_utf8_lossy(header.get(46..46 + name.min(MAX_NAME)).ok_or_else(cut)?).into_owned();
        at += 46 + length(28)? + length(30)? + length(32)?;
        if [packed, size, local].contains(&(u32::MAX as usize)) {
            return Err("this archive is larger than 4 GiB: unpack it, and load the folder".to_owned());
        }
        if name.ends_with('/') || size > MAX_RULE_FILE_BYTES {
            continue;
        }
        if flags & 1 == 1 || !matches!(method, 0 | 8) {
            return Err(format!(
                "`{}` is encrypted or packed in an unusual way: unpack the archive, and load the folder",
                super::reader::shown(&name)
            ));
        }
        let data = local + 30 + half(local + 26).ok_or_else(cut)? + half(local + 28).ok_or_else(cut)?;
        let data = bytes.get(data..data + packed).ok_or_else(cut)?;
        let mut out = Vec::new();
        let read = match method {
            0 => data.take(size as u64 + 1).read_to_end(&mut out),
            _ => DeflateDecoder::new(data).take(size as u64 + 1).read_to_end(&mut out),
        };
        let mut sum = Crc::new();
        sum.update(&out);
        if read.is_err() || out.len() != size || sum.sum() as usize != crc {
            return Err(cut());
        }
        left = left.checked_sub(size).ok_or_else(|| "this archive has too much in it (MAX_RULE_BYTES)".to_owned())?;
        visit(&name, &out);
    }
    Ok(())
}
