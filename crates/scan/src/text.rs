//! A file's text, and where in it something is.

use std::sync::Arc;

/// Bytes of a text, from the first to the one after the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// From byte to byte. Texts are below 4 GiB (`MAX_FILE_BYTES`); a larger number is the largest.
    pub fn new(start: usize, end: usize) -> Span {
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { start: byte(start), end: byte(end.max(start)) }
    }

    /// The same as a range.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Both and what is between them.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// Line and column, from 1; a column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Place {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct Text {
    /// Its path below the root of the scan, parts divided by `/`.
    pub path: Arc<str>,
    /// What it says.
    pub text: Arc<str>,
    /// Where its lines begin.
    lines: Arc<[u32]>,
    /// Characters before each block of `BLOCK` bytes: a column far into a line that is a whole file costs no more than any other.
    blocks: Arc<[u32]>,
}

/// Bytes that are gone through at most to count characters.
const BLOCK: usize = 1024;

/// Characters that begin in these bytes.
fn characters(bytes: &[u8]) -> u32 {
    bytes.iter().map(|byte| u32::from((*byte as i8) >= -0x40)).sum()
}

impl Text {
    /// Notes where lines begin.
    pub fn new(path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Text {
        let text = text.into();
        let ends = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| Span::new(at + 1, 0).start);
        let lines = std::iter::once(0).chain(ends).collect();
        let mut before = 0;
        let mut count = |block| {
            let after = before + characters(block);
            std::mem::replace(&mut before, after)
        };
        let blocks = text.as_bytes().chunks(BLOCK).map(&mut count).collect();
        Text { path: path.into(), text, lines, blocks }
    }

    /// Characters that begin before a byte.
    fn characters_before(&self, byte: usize) -> u32 {
        let (bytes, block) = (self.text.as_bytes(), byte / BLOCK);
        match self.blocks.get(block) {
            Some(before) => before + characters(&bytes[block * BLOCK..byte]),
            None => {
                self.blocks.last().map_or(0, |before| before + characters(&bytes[(self.blocks.len() - 1) * BLOCK..]))
            }
        }
    }

    /// How many lines there are; an empty text has one.
    pub fn lines(&self) -> usize {
        self.lines.len()
    }

    /// The line and column of a byte.
    pub fn place(&self, byte: u32) -> Place {
        let line = self.lines.partition_point(|start| *start <= byte).max(1);
        let start = self.lines[line - 1] as usize;
        let end = (byte as usize).min(self.text.len());
        let column = if self.text.is_char_boundary(end) {
            self.characters_before(end) - self.characters_before(start)
        } else {
            0
        };
        Place { line: line as u32, column: column + 1 }
    }

    /// The line of a byte, from 1. Its column would cost more in a file that is one long line.
    pub fn line_of(&self, byte: u32) -> u32 {
        self.lines.partition_point(|start| *start <= byte).max(1) as u32
    }

    /// A line without its end, by its number from 1; empty beyond the last.
    pub fn line(&self, line: u32) -> &str {
        let at = (line as usize).saturating_sub(1);
        let Some(start) = self.lines.get(at) else { return "" };
        let end = self.lines.get(at + 1).map_or(self.text.len(), |next| *next as usize);
        self.text.get(*start as usize..end).unwrap_or_default().trim_end_matches(['\n', '\r'])
    }

    /// The byte at a line and a column; the line's end when it is shorter.
    pub fn byte(&self, place: Place) -> u32 {
        let line = self.line(place.line);
        let start = self.lines.get((place.line as usize).saturating_sub(1)).copied();
        let column = (place.column as usize).saturating_sub(1);
        // No line has more characters than bytes.
        let within = match column < line.len() {
            true => line.char_indices().nth(column).map_or(line.len(), |(at, _)| at),
            false => line.len(),
        };
        start.map_or(Span::new(self.text.len(), 0).start, |start| start + within as u32)
    }

    /// What a span says.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bytes_and_places_are_the_same(text in "[ab\u{e9}\n\r]{0,40}") {
            let text = Text::new("a", text);
            for (at, character) in text.text.char_indices().filter(|(_, character)| !matches!(character, '\n' | '\r')) {
                let place = text.place(at as u32);
                prop_assert_eq!(text.byte(place), at as u32, "{:?}", character);
                prop_assert_eq!(text.line_of(at as u32), place.line);
                let line = text.line(place.line);
                prop_assert_eq!(line.chars().nth(place.column as usize - 1), Some(character));
            }
        }
    }
}
