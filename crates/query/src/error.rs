//! Errors that point at the character and say what was expected.

use std::fmt;
use std::ops::Range;

/// Why a query cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Bytes of the text that are wrong.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What would be right there.
    pub expected: Vec<String>,
}

impl ParseError {
    /// An error at a place.
    pub fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), expected: Vec::new() }
    }

    /// Adds what would be right.
    pub fn expected<const N: usize>(mut self, expected: [&str; N]) -> Self {
        self.expected = expected.map(str::to_owned).to_vec();
        self
    }

    /// The line with a caret under the place.
    pub fn render(&self, text: &str) -> String {
        let start = floor(text, self.span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        let before = text[line_start..start].chars().count();
        let end = floor(text, self.span.end).clamp(start, line_start + line.len());
        let width = text[start..end].chars().count().max(1);
        format!("{line}\n{}{} {self}", " ".repeat(before), "^".repeat(width))
    }
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match self.expected.as_slice() {
            [] => Ok(()),
            [one] => write!(f, "; expected {one}"),
            [others @ .., last] => write!(f, "; expected {} or {last}", others.join(", ")),
        }
    }
}

impl std::error::Error for ParseError {}
