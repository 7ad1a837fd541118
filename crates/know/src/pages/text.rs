//! Text as it may be shown: without characters that disguise it.

use crate::limits::MAX_TITLE_CHARS;

/// Whether a character is shown as something else than it is, or turns what stands beside it around.
pub(crate) fn disguises(c: char) -> bool {
    matches!(c,
        '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
        || c.is_control() && !matches!(c, '\n' | '\t')
}

/// The text with a replacement for each character that disguises. Most texts have none.
pub(crate) fn tame(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains(disguises) { text.replace(disguises, "\u{fffd}").into() } else { text.into() }
}

/// Adds a text as one line.
pub(crate) fn tame_line(text: &str, into: &mut String) {
    for c in text.chars() {
        match c {
            '\n' | '\t' | '\u{2028}' | '\u{2029}' => {
                if !into.ends_with(' ') {
                    into.push(' ');
                }
            }
            c if disguises(c) => into.push('\u{fffd}'),
            c => into.push(c),
        }
    }
}

/// A title: one line, not too long.
pub(crate) fn title(text: &str) -> String {
    let mut line = String::new();
    tame_line(text.trim(), &mut line);
    match line.char_indices().nth(MAX_TITLE_CHARS) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line.trim().to_owned(),
    }
}

/// At most so many bytes, whole characters.
pub(crate) fn cut_bytes(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_disguises_itself() {
        assert_eq!(tame("a\u{202e}b\u{7}c\nd"), "a\u{fffd}b\u{fffd}c\nd");
        assert_eq!(title(" a\nb\u{2066} "), "a b\u{fffd}");
        assert_eq!(title(&"x".repeat(300)).chars().count(), MAX_TITLE_CHARS + 1);
        assert_eq!(cut_bytes("aé", 2), "a");
    }
}
