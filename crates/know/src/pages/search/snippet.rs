//! The part of a text that shows why it was found.

use super::words::words;
use crate::limits::SNIPPET_CHARS;
use crate::pages::text::tame_line;
use serde::Serialize;
use std::collections::HashSet;
use std::ops::Range;

/// A part of a text, on one line, without characters that could disguise it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Snippet {
    /// The text.
    pub text: String,
    /// Where the words of the question are in it, in bytes.
    pub marks: Vec<Range<usize>>,
}

/// Words to mark.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) terms: HashSet<String>,
    pub(super) beginnings: Vec<String>,
}

impl Wanted {
    /// Which of them a word is; the same number for the same.
    fn is(&self, term: &str) -> bool {
        self.terms.contains(term) || self.beginnings.iter().any(|prefix| term.starts_with(prefix.as_str()))
    }
}

/// The part with most different words of the question; the beginning when it has none of them.
pub(super) fn snippet(plain: &str, wanted: &Wanted) -> Snippet {
    let mut found: Vec<(String, Range<usize>)> = Vec::new();
    words(plain, |term, _, range| {
        if wanted.is(term) {
            found.push((term.to_owned(), range));
        }
    });
    let start = best_start(&found).map_or(0, |at| before(plain, at));
    let mut end = start;
    for (count, (at, c)) in plain[start..].char_indices().enumerate() {
        end = start + at + c.len_utf8();
        if count + 1 >= SNIPPET_CHARS {
            break;
        }
    }
    // Not within a word, unless it is longer than that.
    if end < plain.len()
        && let Some(blank) = plain[start..end].rfind(char::is_whitespace)
        && blank > 0
    {
        end = start + blank;
    }
    let mut snippet = Snippet::default();
    if start > 0 {
        snippet.text.push_str("… ");
    }
    let mut done = start;
    for (_, range) in found.into_iter().filter(|(_, range)| range.start >= start && range.end <= end) {
        if range.start < done {
            // A part of what is marked already, or all of it and more.
            continue;
        }
        tame_line(&plain[done..range.start], &mut snippet.text);
        let from = snippet.text.len();
        tame_line(&plain[range.clone()], &mut snippet.text);
        snippet.marks.push(from..snippet.text.len());
        done = range.end;
    }
    tame_line(&plain[done..end], &mut snippet.text);
    if end < plain.len() {
        snippet.text.push_str(" …");
    }
    snippet
}

/// Where the window with most different words begins.
fn best_start(found: &[(String, Range<usize>)]) -> Option<usize> {
    let mut best: Option<(usize, usize)> = None;
    for (number, (_, range)) in found.iter().enumerate().take(200) {
        let near =
            found[number..].iter().take(40).take_while(|(_, other)| other.end <= range.start + SNIPPET_CHARS * 3 / 4);
        let different = near.map(|(term, _)| term).collect::<HashSet<_>>().len();
        if best.is_none_or(|(most, _)| different > most) {
            best = Some((different, range.start));
        }
    }
    best.map(|(_, start)| start)
}

/// Some words before a place, so that what is there can be understood.
fn before(plain: &str, at: usize) -> usize {
    let from = plain[..at].char_indices().rev().nth(40).map_or(0, |(from, _)| from);
    match plain[from..at].find(char::is_whitespace) {
        Some(blank) if from > 0 => {
            let blank = from + blank;
            blank + plain[blank..at].chars().next().map_or(0, char::len_utf8)
        }
        _ => from,
    }
}
