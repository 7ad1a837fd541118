//! Texts that came from elsewhere, cut and made harmless.

pub use model::control::fits;

use model::hex;
use sha2::{Digest as _, Sha256};

/// The first characters, without control characters; an ellipsis says that there was more.
pub fn cut(text: &str, most: usize) -> String {
    let clean = |c: char| {
        if c == '\n' || c == '\t' {
            ' '
        } else if c.is_control() {
            '\u{fffd}'
        } else {
            c
        }
    };
    let mut chars = text.chars().map(clean);
    let mut out: String = chars.by_ref().take(most).collect();
    if chars.next().is_some() {
        out.push('…');
    }
    out
}

/// The same with its lines.
pub fn cut_lines(text: &str, most: usize) -> String {
    let clean = |c: char| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c };
    let mut chars = text.chars().map(clean);
    let mut out: String = chars.by_ref().take(most).collect();
    if chars.next().is_some() {
        out.push('…');
    }
    out
}

/// 128 bits of a hash in hex: short enough for a key, long enough that no two meet.
pub fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(&hash.finalize()[..16])
}

/// Text as Markdown shows it, and nothing else.
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '!' | '~') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Text as Slack shows it: no mentions, no links.
pub fn slack(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A time as people read it.
pub fn time(nanos: model::Nanos) -> String {
    let at = chrono::DateTime::from_timestamp_nanos(nanos);
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A time as programs read it.
pub fn rfc3339(nanos: model::Nanos) -> String {
    chrono::DateTime::from_timestamp_nanos(nanos).to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// How long, in the two largest units.
pub fn span(nanos: model::Nanos) -> String {
    let seconds = nanos.max(0) / 1_000_000_000;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns_fit_as_people_expect() {
        for (pattern, text, is) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("", "", true),
            ("*", "anything", true),
            ("web-*", "web-1", true),
            ("web-*", "web", false),
            ("*.example", "a.example", true),
            ("a*b*c", "a-b-b-c", true),
            ("ab*ba", "aba", false),
        ] {
            assert_eq!(fits(pattern, text), is, "{pattern} {text}");
        }
    }

    #[test]
    fn nothing_from_elsewhere_is_more_than_text() {
        assert_eq!(slack("<!channel> & <http://x|y>"), "&lt;!channel&gt; &amp; &lt;http://x|y&gt;");
        assert_eq!(markdown("[a](b) # `c`"), "\\[a\\](b) \\# \\`c\\`");
        assert_eq!(cut("a\nb\u{1b}[2J", 3), "a b…");
        assert_ne!(digest(&["a", "bc"]), digest(&["ab", "c"]));
    }

    proptest! {
        #[test]
        fn a_pattern_of_pieces_fits_what_was_made_of_them(pieces in proptest::collection::vec("[a-c]{0,3}", 1..4),
            filling in proptest::collection::vec("[a-d]{0,3}", 3)) {
            let pattern = pieces.join("*");
            let mut text = pieces[0].clone();
            for (number, piece) in pieces.iter().enumerate().skip(1) {
                text.push_str(&filling[number - 1]);
                text.push_str(piece);
            }
            prop_assert!(fits(&pattern, &text), "{} {}", pattern, text);
        }
    }
}
