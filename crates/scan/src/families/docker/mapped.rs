//! Text that was put together from pieces of a file, with where each byte of it is in the file.

use crate::text::Span;
use std::ops::Range;

/// A text whose bytes are known by their place in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapped {
    /// What it says.
    pub text: String,
    /// Where pieces begin, here and in the file; from there on bytes follow each other.
    pieces: Vec<(usize, usize)>,
}

impl Mapped {
    /// A part of a file as it is.
    pub fn of(text: &str, at: usize) -> Mapped {
        let mut mapped = Mapped::default();
        mapped.push(text, at);
        mapped
    }

    /// Adds a piece that begins at a byte of the file.
    pub fn push(&mut self, text: &str, at: usize) {
        let here = self.text.len();
        let follows = self.pieces.last().is_some_and(|(start, file)| file + (here - start) == at);
        if !follows && !text.is_empty() {
            self.pieces.push((here, at));
        }
        self.text.push_str(text);
    }

    /// The byte of the file at a byte of this text.
    pub fn byte(&self, at: usize) -> usize {
        let piece = self.pieces.partition_point(|(start, _)| *start <= at);
        match piece.checked_sub(1).and_then(|piece| self.pieces.get(piece)) {
            Some((start, file)) => file + (at - start),
            None => self.pieces.first().map_or(0, |(_, file)| *file),
        }
    }

    /// The span in the file of a part of this text.
    pub fn span(&self, range: Range<usize>) -> Span {
        let start = self.byte(range.start);
        let end = if range.end > range.start { self.byte(range.end - 1) + 1 } else { start };
        Span::new(start, end)
    }

    /// The span of all of it.
    pub fn whole(&self) -> Span {
        self.span(0..self.text.len())
    }

    /// A part of it.
    pub fn slice(&self, range: Range<usize>) -> Mapped {
        let mut part = Mapped::default();
        let (mut at, end) = (range.start, range.end.min(self.text.len()));
        while at < end {
            let piece = self.pieces.partition_point(|(start, _)| *start <= at);
            let next = self.pieces.get(piece).map_or(end, |(start, _)| (*start).min(end));
            part.push(self.text.get(at..next).unwrap_or_default(), self.byte(at));
            at = next;
        }
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_keep_their_place() {
        let mut mapped = Mapped::of("ab", 10);
        mapped.push("cd", 12);
        mapped.push("ef", 20);
        assert_eq!(mapped.text, "abcdef");
        assert_eq!(mapped.span(1..5), Span::new(11, 21));
        assert_eq!(mapped.slice(3..6).span(0..3), Span::new(13, 22));
        assert_eq!(mapped.slice(3..6).text, "def");
        assert_eq!(mapped.span(2..2), Span::new(12, 12));
    }
}
