//! What a file is, by its first bytes.

use super::Format;
use std::io::{self, Read};

/// How much of a file is looked at.
const HEAD_BYTES: usize = 64 * 1024;

/// The first bytes, and the reader of what is behind them. One line is enough, so that a pipe is not waited for.
pub(super) fn head<R: Read>(mut input: R) -> io::Result<(Vec<u8>, R)> {
    let mut head = Vec::new();
    let mut part = vec![0; 4096];
    while head.len() < HEAD_BYTES && !(head.len() >= 8 && head.contains(&b'\n')) {
        let read = match input.read(&mut part) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        if read == 0 {
            break;
        }
        head.extend_from_slice(&part[..read]);
    }
    Ok((head, input))
}

/// Bytes of the byte order mark.
pub(super) fn mark(head: &[u8]) -> usize {
    if head.starts_with(&[0xef, 0xbb, 0xbf]) { 3 } else { 0 }
}

/// The format that a file is in.
pub(super) fn format(head: &[u8], name: &str) -> Format {
    if head.starts_with(b"ElfFile\0") {
        return Format::Evtx;
    }
    let text = String::from_utf8_lossy(&head[mark(head)..]);
    let text = text.trim_start();
    if text.starts_with(['{', '[']) && !text.starts_with("[[") {
        return Format::Json;
    }
    let first = text.lines().next().unwrap_or_default();
    if first.contains("msg=audit(") {
        return Format::Auditd;
    }
    if ["#Software:", "#Version:", "#Fields:", "#Date:"].iter().any(|start| first.starts_with(start)) {
        return Format::W3c;
    }
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    if name.ends_with(".csv") || name.ends_with(".tsv") || looks_like_columns(first) {
        return Format::Csv;
    }
    Format::Text
}

/// What cuts the cells of a table with this first line.
pub(super) fn delimiter(first: &str) -> u8 {
    let count = |byte: u8| first.bytes().filter(|of| *of == byte).count();
    [b',', b';', b'\t'].into_iter().max_by_key(|byte| (count(*byte), *byte == b',')).unwrap_or(b',')
}

/// Whether a line names columns: three or more short names.
fn looks_like_columns(first: &str) -> bool {
    let delimiter = delimiter(first) as char;
    let mut cells = 0;
    for cell in first.split(delimiter) {
        let cell = cell.trim().trim_matches('"');
        let starts = cell.starts_with(|letter: char| letter.is_alphabetic() || matches!(letter, '_' | '@'));
        let named = cell.chars().all(|letter| letter.is_alphanumeric() || " _.-@()#".contains(letter));
        if !starts || !named || cell.len() > 64 || cell.split(' ').count() > 4 {
            return false;
        }
        cells += 1;
    }
    cells >= 3
}
