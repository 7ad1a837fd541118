//! Tokens, and the matchers of text. The tokenizer is part of the store's file format.

use aho_corasick::Span;
use aho_corasick::packed::Searcher;
use memchr::memchr2;

/// Whether a byte belongs to a token: ASCII letters and digits, `_`, and everything beyond ASCII.
pub fn is_token_byte(byte: u8) -> bool {
    TOKEN_BYTES[byte as usize]
}

/// One load instead of five comparisons in the busiest loops.
static TOKEN_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let ascii = byte as u8;
        table[byte] = ascii.is_ascii_alphanumeric() || ascii == b'_' || byte >= 0x80;
        byte += 1;
    }
    table
};

/// The tokens of a text, as they are written.
pub fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_ascii() && !is_token_byte(c as u8)).filter(|token| !token.is_empty())
}

/// How rare a byte is in log text, greater is rarer; letters regardless of case. Logs are full of digits and
/// of hexadecimal ids, so `a` to `f` are more common than in prose.
fn rarity(byte: u8) -> u8 {
    match byte.to_ascii_lowercase() {
        b' ' => 0,
        b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' | b'0' | b'1' => 1,
        b'd' | b'l' | b'c' | b'2'..=b'9' | b'.' | b'-' | b'/' | b'=' | b'"' | b':' => 2,
        b'u' | b'b' | b'f' | b'h' => 3,
        b'p' | b'm' | b'g' | b'v' | b'y' | b'w' | b'_' => 4,
        b'k' | b'x' | b'j' | b'q' | b'z' => 6,
        _ => 5,
    }
}

/// Bytes of the needle that are looked for first; with both cases of each, at most eight patterns.
const WINDOW: usize = 3;

/// Finds a text in others, whatever the case of ASCII letters.
#[derive(Clone, Debug)]
pub struct Finder {
    needle: Vec<u8>,
    /// Where in the needle the byte or window is that is looked for.
    at: usize,
    /// That byte in both cases.
    cases: (u8, u8),
    /// The rarest window in all cases, when the needle is long enough and the processor can do it.
    window: Option<Searcher>,
}

impl Finder {
    /// For a needle.
    pub fn new(needle: &str) -> Self {
        let needle = needle.as_bytes().to_ascii_lowercase();
        let rare = |bytes: &[u8]| bytes.iter().map(|byte| u32::from(rarity(*byte))).sum::<u32>();
        let windows = needle.windows(WINDOW).enumerate().max_by_key(|(_, window)| rare(window));
        if let Some((at, bytes)) = windows
            && let Some(window) = Searcher::new(in_all_cases(bytes))
        {
            return Self { at, cases: (0, 0), window: Some(window), needle };
        }
        let at = (0..needle.len()).max_by_key(|at| rarity(needle[*at])).unwrap_or(0);
        let byte = needle.get(at).copied().unwrap_or(0);
        Self { needle, at, cases: (byte, byte.to_ascii_uppercase()), window: None }
    }

    /// Where the needle starts, each place in turn.
    pub fn find_iter<'a>(&'a self, text: &'a str) -> impl Iterator<Item = usize> + 'a {
        let bytes = text.as_bytes();
        let mut from = 0;
        std::iter::from_fn(move || {
            let start = self.find(bytes, from)?;
            from = start + 1;
            Some(start)
        })
    }

    /// The first place from `from` on where the needle starts.
    fn find(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let last = bytes.len().checked_sub(self.needle.len())?;
        let width = if self.window.is_some() { WINDOW } else { 1 };
        let end = last + self.at + width;
        let mut at = from + self.at;
        while at + width <= end {
            let hit = match &self.window {
                Some(window) => window.find_in(bytes, Span { start: at, end })?.start(),
                None => at + memchr2(self.cases.0, self.cases.1, &bytes[at..end])?,
            };
            let start = hit - self.at;
            if bytes[start..start + self.needle.len()].eq_ignore_ascii_case(&self.needle) {
                return Some(start);
            }
            at = hit + 1;
        }
        None
    }

    /// Whether the needle is in the text.
    pub fn is_match(&self, text: &str) -> bool {
        self.needle.is_empty() || self.find(text.as_bytes(), 0).is_some()
    }
}

/// The bytes with their letters in all combinations of cases.
fn in_all_cases(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.iter().fold(vec![Vec::new()], |heads, byte| {
        let upper = byte.to_ascii_uppercase();
        let cases = if upper == *byte { vec![*byte] } else { vec![*byte, upper] };
        let extend = |head: Vec<u8>| cases.iter().map(move |case| [head.as_slice(), &[*case]].concat()).collect();
        heads.into_iter().flat_map(|head| -> Vec<Vec<u8>> { extend(head) }).collect()
    })
}

/// Matches a word or phrase at token boundaries, whatever the case of ASCII letters.
#[derive(Clone, Debug)]
pub struct PhraseMatcher {
    finder: Finder,
    /// Whether the phrase starts (ends) with a token byte and so must start (end) a token.
    bounded: (bool, bool),
}

impl PhraseMatcher {
    /// For a phrase.
    pub fn new(phrase: &str) -> Self {
        let bytes = phrase.as_bytes();
        let token = |byte: Option<&u8>| byte.is_some_and(|byte| is_token_byte(*byte));
        Self { finder: Finder::new(phrase), bounded: (token(bytes.first()), token(bytes.last())) }
    }

    /// Whether the text holds the phrase.
    pub fn is_match(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        let length = self.finder.needle.len();
        if length == 0 {
            return true;
        }
        self.finder.find_iter(text).any(|start| {
            let before = start > 0 && is_token_byte(bytes[start - 1]);
            let after = bytes.get(start + length).is_some_and(|byte| is_token_byte(*byte));
            !(self.bounded.0 && before || self.bounded.1 && after)
        })
    }
}

/// Matches texts that hold a token starting with a prefix, whatever the case of ASCII letters.
#[derive(Clone, Debug)]
pub struct TokenPrefix {
    finder: Finder,
    bounded: bool,
}

impl TokenPrefix {
    /// For a prefix.
    pub fn new(prefix: &str) -> Self {
        let bounded = prefix.as_bytes().first().is_some_and(|byte| is_token_byte(*byte));
        Self { finder: Finder::new(prefix), bounded }
    }

    /// Whether the text has such a token.
    pub fn is_match(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        if self.finder.needle.is_empty() {
            return true;
        }
        self.finder.find_iter(text).any(|start| !(self.bounded && start > 0 && is_token_byte(bytes[start - 1])))
    }
}

/// A pattern over a whole text: `*` stands for any text, `?` for one character.
#[derive(Clone, Debug)]
pub struct Wildcard {
    parts: Vec<String>,
    fold: bool,
    /// The middle of `*middle*`, the most common pattern.
    contains: Option<Finder>,
}

impl Wildcard {
    /// For a pattern.
    pub fn new(pattern: &str, case_insensitive: bool) -> Self {
        let parts: Vec<String> = pattern.split('*').map(str::to_owned).collect();
        let contains = match parts.as_slice() {
            [first, middle, last]
                if first.is_empty() && last.is_empty() && !middle.contains('?') && case_insensitive =>
            {
                Some(Finder::new(middle))
            }
            _ => None,
        };
        Self { parts, fold: case_insensitive, contains }
    }

    /// Whether the whole text fits the pattern.
    pub fn is_match(&self, text: &str) -> bool {
        if let Some(finder) = &self.contains {
            return finder.is_match(text);
        }
        let Some((first, rest)) = self.parts.split_first() else { return text.is_empty() };
        let Some(mut left) = self.strip(text, first) else { return false };
        let Some((last, middle)) = rest.split_last() else { return left.is_empty() };
        for part in middle {
            match self.skip_to(left, part) {
                Some(after) => left = after,
                None => return false,
            }
        }
        // The last part must end the text: try every place where it would.
        let characters = last.chars().count();
        let start = left.char_indices().rev().nth(characters.saturating_sub(1)).map(|(at, _)| at);
        let tail = if characters == 0 { Some("") } else { start.map(|at| &left[at..]) };
        tail.is_some_and(|tail| self.strip(tail, last).is_some_and(str::is_empty))
    }

    /// The text after a part that starts it.
    fn strip<'a>(&self, text: &'a str, part: &str) -> Option<&'a str> {
        let mut characters = text.chars();
        for wanted in part.chars() {
            let found = characters.next()?;
            let same = if self.fold { found.eq_ignore_ascii_case(&wanted) } else { found == wanted };
            if !same && wanted != '?' {
                return None;
            }
        }
        Some(characters.as_str())
    }

    /// The text after the first place where the part is.
    fn skip_to<'a>(&self, text: &'a str, part: &str) -> Option<&'a str> {
        if part.is_empty() {
            return Some(text);
        }
        text.char_indices().find_map(|(at, _)| self.strip(&text[at..], part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_end_where_tokens_end() {
        let phrase = PhraseMatcher::new("10.1.2.3");
        assert!(phrase.is_match("from 10.1.2.3:8080"));
        assert!(!phrase.is_match("from 110.1.2.3"));
        assert!(!phrase.is_match("from 10.1.2.30"));
        assert!(phrase.is_match("x 10.1.2.33 10.1.2.3"));
        assert!(PhraseMatcher::new("Connection Reset").is_match("a connection reset by peer"));
        assert!(!PhraseMatcher::new("reset").is_match("resets"));
        assert!(PhraseMatcher::new("straße").is_match("die Straße"));
        assert!(!PhraseMatcher::new("timeout").is_match(""));
    }

    proptest::proptest! {
        #[test]
        fn finding_is_searching_the_lower_case_text(text in "[abAB.é ]{0,60}", needle in "[abAB.é]{1,6}") {
            let (low, wanted) = (text.to_ascii_lowercase(), needle.to_ascii_lowercase());
            let expected: Vec<usize> =
                (0..low.len()).filter(|at| low.as_bytes()[*at..].starts_with(wanted.as_bytes())).collect();
            proptest::prop_assert_eq!(Finder::new(&needle).find_iter(&text).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn wildcards_fit_whole_texts() {
        for (pattern, text, fits) in [
            ("*foo*", "a FOO b", true),
            ("foo*", "a foo", false),
            ("foo*bar", "fooxbar", true),
            ("foo*bar", "fobar", false),
            ("a*b*c", "aXbYbZc", true),
            ("a?c", "abc", true),
            ("a?c", "aéc", true),
            ("a?c", "ac", false),
            ("*", "", true),
            ("", "", true),
            ("ab*ba", "aba", false),
            ("*b", "ab", true),
        ] {
            assert_eq!(Wildcard::new(pattern, true).is_match(text), fits, "{pattern} {text}");
        }
        assert!(!Wildcard::new("*foo*", false).is_match("FOO"));
    }

    #[test]
    fn prefixes_start_tokens() {
        assert!(TokenPrefix::new("time").is_match("a Timeout"));
        assert!(!TokenPrefix::new("out").is_match("a Timeout"));
    }

    #[test]
    fn tokens_are_runs_of_token_bytes() {
        assert_eq!(tokens("a-b_c, d€e").collect::<Vec<_>>(), ["a", "b_c", "d€e"]);
    }
}
