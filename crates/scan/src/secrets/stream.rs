//! A text that is read in parts, such as standard input: of any length, in bounded memory.

use super::found::{FingerprintKey, SecretFinding};
use super::scan::{Scanned, Secrets, Source, number};
use crate::limits::{MAX_SECRETS_A_FILE, STREAM_OVERLAP, STREAM_PART};
use std::io::{self, Read};

/// A part of a stream with what was found in it.
pub(crate) struct Part<'p> {
    /// The part, with what overlaps the next one.
    pub bytes: &'p [u8],
    /// Lines of the whole before it.
    pub line: u32,
    /// What was found, with spans and lines of the part.
    pub found: Vec<SecretFinding>,
    /// How that went.
    pub scanned: Scanned,
}

impl Secrets {
    /// Adds what a reader gives. Places are those of the whole; `span`s are those of the part and mean nothing.
    ///
    /// # Errors
    /// When reading fails.
    pub fn scan_reader(
        &self,
        path: &str,
        reader: impl Read,
        key: Option<&FingerprintKey>,
        out: &mut Vec<SecretFinding>,
    ) -> io::Result<Scanned> {
        let first = out.len();
        let mut cut = 0;
        let mut all = self.scan_parts(path, reader, key, |part| {
            for mut finding in part.found {
                if out.len() - first >= MAX_SECRETS_A_FILE {
                    cut += 1;
                    continue;
                }
                finding.start.line += part.line;
                finding.end.line += part.line;
                out.push(finding);
            }
        })?;
        all.cut += cut;
        number(&mut out[first..]);
        Ok(all)
    }

    /// Hands on what a reader gives, part by part.
    ///
    /// # Errors
    /// When reading fails.
    pub(crate) fn scan_parts(
        &self,
        path: &str,
        mut reader: impl Read,
        key: Option<&FingerprintKey>,
        mut each: impl FnMut(Part<'_>),
    ) -> io::Result<Scanned> {
        let (mut all, mut line) = (Scanned::default(), 0_u32);
        let mut buffer = Vec::with_capacity(STREAM_PART + STREAM_OVERLAP);
        loop {
            let wanted = (STREAM_PART + STREAM_OVERLAP).saturating_sub(buffer.len()) as u64;
            let last = reader.by_ref().take(wanted).read_to_end(&mut buffer)? < wanted as usize;
            // What begins in the overlap is left to the next part, which sees all of it. Parts are cut at lines, so that
            // columns stay right.
            let end = if last { buffer.len() } else { cut(&buffer) };
            let mut found = Vec::new();
            let scanned = self.scan(Source { path, bytes: &buffer }, key, &mut found);
            all.cut += scanned.cut;
            all.incomplete |= scanned.incomplete;
            all.binary |= scanned.binary && line == 0;
            found.retain(|finding| (finding.span.start as usize) < end);
            each(Part { bytes: &buffer, line, found, scanned });
            if last || all.binary {
                return Ok(all);
            }
            line += memchr::memchr_iter(b'\n', &buffer[..end]).count() as u32;
            buffer.drain(..end);
        }
    }
}

/// The last line's end before the overlap; the overlap's begin in a text of one line.
fn cut(buffer: &[u8]) -> usize {
    let before = &buffer[..buffer.len() - STREAM_OVERLAP];
    memchr::memrchr(b'\n', before).map_or(before.len(), |newline| newline + 1)
}

#[cfg(test)]
mod tests {
    use super::super::example::make;
    use super::*;

    #[test]
    fn parts_give_what_the_whole_gives() {
        let secrets = Secrets::builtin().unwrap();
        let filler = "nothing is said in this line of some length\n".repeat(40_000);
        let mut text = String::new();
        for seed in 0..12 {
            text += &filler[..filler.len() / 2 + seed as usize * 44_000];
            text += &make("\nTOKEN=ghp_<base62:30><crc>\n", seed).text;
        }
        let (mut whole, mut parts) = (Vec::new(), Vec::new());
        secrets.scan(Source { path: "a", bytes: text.as_bytes() }, None, &mut whole);
        secrets.scan_reader("a", text.as_bytes(), None, &mut parts).unwrap();
        whole.iter_mut().chain(&mut parts).for_each(|finding| {
            (finding.span, finding.cover) = Default::default();
        });
        assert_eq!(whole.len(), 12);
        assert_eq!(whole, parts);
        assert!(secrets.scan_reader("a", &b"\0\0"[..], None, &mut parts).unwrap().binary);
    }
}
