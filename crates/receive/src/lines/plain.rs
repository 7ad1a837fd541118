//! Plain lines: a leading timestamp and a level word are read, the text stays whole.

use super::{severity, time};

/// What the head of a line tells.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Head<'a> {
    pub timestamp: Option<i64>,
    pub severity_number: Option<i32>,
    pub severity_text: Option<&'a str>,
}

/// Words after the timestamp in which a level is looked for: `time [thread] LEVEL logger` is usual.
const LEVEL_WORDS: usize = 4;

/// Reads the head of `line`.
pub(crate) fn head(line: &str, received: i64) -> Head<'_> {
    let text = line.trim_start();
    let inner = text.strip_prefix('[').unwrap_or(text);
    let mut head = Head::default();
    let mut rest = text;
    if let Some((timestamp, length)) = time::leading_iso(inner).or_else(|| time::leading_bsd(inner, received)) {
        head.timestamp = Some(timestamp);
        rest = inner[length..].trim_start_matches([']', ':', ' ', '\t']);
    }
    for (index, word) in rest.split_ascii_whitespace().take(LEVEL_WORDS).enumerate() {
        if let Some((level, marked)) = level_in(word)
            && (marked || index == 0)
            && let Some(number) = severity::from_word(level)
        {
            head.severity_number = Some(number);
            head.severity_text = Some(level);
            break;
        }
    }
    head
}

/// The letters of a word, and whether it is written as a level: capitals, brackets or a colon.
fn level_in(word: &str) -> Option<(&str, bool)> {
    let level = word.trim_matches(|c: char| !c.is_ascii_alphabetic());
    if level.is_empty()
        || level.len() > severity::MAX_LEVEL_BYTES
        || !level.bytes().all(|byte| byte.is_ascii_alphabetic())
    {
        return None;
    }
    let bracketed = matches!(word.as_bytes().first(), Some(b'[' | b'<' | b'('));
    let marked = bracketed || word.ends_with(':') || level.bytes().all(|byte| byte.is_ascii_uppercase());
    Some((level, marked))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_and_level_are_found() {
        let table = [
            ("2026-11-21 07:29:36 status installed dpkg:amd64", true, None),
            ("2026-11-21T07:29:36.5Z ERROR db: lost", true, Some("ERROR")),
            ("2026-11-21 07:29:36,123 - app.db - WARNING - slow", true, Some("WARNING")),
            ("2026/11/21 07:29:36 [error] 12#0: *1 open() failed", true, Some("error")),
            ("[2026-11-21 07:29:36] [main] INFO started", true, Some("INFO")),
            ("Nov 21 07:29:36 nothing", true, None),
            ("error: no such file", false, Some("error")),
            ("warn something", false, Some("warn")),
            ("an error occurred", false, None),
            ("", false, None),
            ("no level", false, None),
        ];
        for (line, timed, level) in table {
            let head = head(line, 1_795_246_176_000_000_000);
            assert_eq!((head.timestamp.is_some(), head.severity_text), (timed, level), "{line}");
            assert_eq!(head.severity_number.is_some(), level.is_some(), "{line}");
        }
    }
}
