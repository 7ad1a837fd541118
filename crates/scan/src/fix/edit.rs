//! Changes of a text by exact spans.

use crate::text::{Span, Text};

/// Other text for a span; an empty span is where text is put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// What is there then.
    pub text: String,
}

impl Edit {
    /// Text at a byte.
    pub fn insert(at: usize, text: impl Into<String>) -> Edit {
        Edit { span: Span::new(at, at), text: text.into() }
    }

    /// Other text for a span.
    pub fn replace(span: Span, text: impl Into<String>) -> Edit {
        Edit { span, text: text.into() }
    }
}

/// Whether two edits are in each other's way: which comes first would matter.
fn meet(a: &Edit, b: &Edit) -> bool {
    a.span.start == b.span.start || (a.span.start < b.span.end && b.span.start < a.span.end)
}

/// Whether any of one meets any of the others.
pub fn any_meet(one: &[Edit], others: &[Edit]) -> bool {
    one.iter().any(|a| others.iter().any(|b| meet(a, b)))
}

/// The text with all edits made; none when two of them meet or one is not within the text.
pub fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let mut order: Vec<&Edit> = edits.iter().collect();
    order.sort_by_key(|edit| (edit.span.start, edit.span.end));
    if order.windows(2).any(|pair| meet(pair[0], pair[1])) {
        return None;
    }
    let (mut out, mut at) = (String::with_capacity(text.len() + 256), 0);
    for edit in order {
        out.push_str(text.get(at..edit.span.start as usize)?);
        out.push_str(&edit.text);
        at = edit.span.end as usize;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// The byte behind the last one of a line that is not its end.
pub fn end_of_line(text: &Text, byte: u32) -> usize {
    let line = text.place(byte).line;
    start_of_line(text, byte) + text.line(line).len()
}

/// The first byte of a line.
pub fn start_of_line(text: &Text, byte: u32) -> usize {
    let line = text.place(byte).line;
    text.byte(crate::text::Place { line, column: 1 }) as usize
}

/// How the line of a byte ends, or the one before it when it is the last.
pub fn newline(text: &Text, byte: u32) -> &'static str {
    let end = end_of_line(text, byte);
    let rest = &text.text[end..];
    let before = &text.text[..start_of_line(text, byte)];
    if rest.starts_with("\r\n") || (rest.is_empty() && before.ends_with("\r\n")) { "\r\n" } else { "\n" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What no edit is about stays as it is, and edits that meet are refused.
        #[test]
        fn the_rest_stays(text in "[a-c\u{e9}\n]{0,30}", at in prop::collection::vec((0usize..30, 0usize..4, "[XY]{0,3}"), 0..4)) {
            let bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let byte = |at: usize| bytes[at.min(bytes.len() - 1)];
            let edits: Vec<Edit> = at
                .iter()
                .map(|(from, length, with)| Edit::replace(Span::new(byte(*from), byte(from + length)), with.clone()))
                .collect();
            let Some(after) = apply(&text, &edits) else {
                prop_assert!(edits.len() > 1);
                return Ok(());
            };
            let removed: usize = edits.iter().map(|edit| (edit.span.end - edit.span.start) as usize).sum();
            let added: usize = edits.iter().map(|edit| edit.text.len()).sum();
            prop_assert_eq!(after.len(), text.len() - removed + added);
            let kept: String = after.chars().filter(|c| !matches!(c, 'X' | 'Y')).collect();
            prop_assert_eq!(kept.len(), text.len() - removed);
        }
    }
}
