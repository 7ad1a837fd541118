//! Text to words. A word is a run of letters and digits; runs that `-`, `.`, `_`, `:`, `/` or `@` join are also a word
//! together, so that `CVE-2021-23337`, `T1110.001` and `payment-api` are found whole and by their parts.

use crate::limits::MAX_WORD_BYTES;
use std::ops::Range;

/// A word of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A run of letters and digits.
    Part,
    /// Several that are joined.
    Joined,
}

/// Calls `each` with every word in the form that the index has it in, and where it stands.
pub(super) fn words(text: &str, mut each: impl FnMut(&str, Form, Range<usize>)) {
    let mut term = String::new();
    let mut part: Option<usize> = None;
    let mut joined: Option<usize> = None;
    let mut parts = 0_usize;
    // What ends the last part, and the joiner after it.
    let mut last_end = 0;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if c.is_alphanumeric() {
            joined.get_or_insert(at);
            part.get_or_insert(at);
            continue;
        }
        if let Some(start) = part.take() {
            parts += 1;
            last_end = at;
            let word = &text[start..at];
            if word.len() <= MAX_WORD_BYTES {
                lower(word, &mut term);
                stem(&mut term);
                each(&term, Form::Part, start..at);
            }
        }
        // One joiner between two parts joins them; anything else ends what is joined.
        let joins = matches!(c, '-' | '.' | '_' | ':' | '/' | '@') && last_end == at;
        if joins {
            continue;
        }
        if let Some(start) = joined.take()
            && parts > 1
            && last_end - start <= MAX_WORD_BYTES
        {
            lower(&text[start..last_end], &mut term);
            each(&term, Form::Joined, start..last_end);
        }
        (parts, joined) = (0, None);
    }
}

fn lower(word: &str, into: &mut String) {
    into.clear();
    if word.is_ascii() {
        into.push_str(word);
        into.make_ascii_lowercase();
    } else {
        into.extend(word.chars().flat_map(char::to_lowercase));
    }
}

/// Takes the usual endings of English off a word of ASCII letters. It is light: a word may keep an ending, but two words
/// that mean different things seldom become one.
fn stem(word: &mut String) {
    if word.len() < 4 || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return;
    }
    if word.ends_with("ies") && word.len() > 4 {
        word.truncate(word.len() - 3);
        word.push('y');
    } else if word.ends_with("sses") {
        word.truncate(word.len() - 2);
    } else if word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is") {
        word.truncate(word.len() - 1);
    }
    for ending in ["ing", "ed"] {
        let kept = word.len().saturating_sub(ending.len());
        if word.ends_with(ending) && kept >= 3 && word[..kept].bytes().any(|byte| b"aeiouy".contains(&byte)) {
            word.truncate(kept);
            let bytes = word.as_bytes();
            // `running` is `run`, but `filling` is `fill` and `passing` is `pass`.
            if bytes[kept - 1] == bytes[kept - 2] && !b"lsz".contains(&bytes[kept - 1]) {
                word.truncate(kept - 1);
            }
            break;
        }
    }
    if word.ends_with('e') && word.len() > 3 {
        word.truncate(word.len() - 1);
    }
}

/// Words that say nothing alone. They are left out of a question that has others.
pub(super) fn says_nothing(term: &str) -> bool {
    const WORDS: &[&str] = &[
        "a", "an", "and", "are", "as", "at", "be", "by", "do", "for", "from", "has", "how", "i", "in", "is", "it",
        "of", "on", "or", "that", "th", "the", "this", "to", "was", "what", "when", "with",
    ];
    WORDS.binary_search(&term).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        words(text, |term, _, range| {
            assert!(text.is_char_boundary(range.start) && text.is_char_boundary(range.end));
            all.push(term.to_owned());
        });
        all
    }

    #[test]
    fn identifiers_are_whole_and_in_parts() {
        assert_eq!(all("CVE-2021-23337."), ["cve", "2021", "23337", "cve-2021-23337"]);
        assert_eq!(all("T1110.001"), ["t1110", "001", "t1110.001"]);
        assert_eq!(all("payment-api: down"), ["payment", "api", "payment-api", "down"]);
        assert_eq!(all("a--b c -d- 10.1.2.3:80"), ["a", "b", "c", "d", "10", "1", "2", "3", "80", "10.1.2.3:80"]);
        assert_eq!(all("Straße ÜBER"), ["straße", "über"]);
        assert_eq!(all(&"x".repeat(65)), Vec::<String>::new());
        assert_eq!(all(""), Vec::<String>::new());
    }

    #[test]
    fn endings_of_english_do_not_count() {
        for same in [
            ["restore", "restored", "restoring"],
            ["backup", "backups", "backup"],
            ["policy", "policies", "policy"],
            ["run", "running", "runs"],
            ["database", "databases", "database"],
            ["fill", "filled", "filling"],
            ["process", "processes", "processing"],
        ] {
            let stems: Vec<String> = same.iter().flat_map(|word| all(word)).collect();
            assert!(stems.iter().all(|stem| *stem == stems[0]), "{same:?} {stems:?}");
        }
        for differ in [["status", "stat"], ["string", "str"], ["red", "r"], ["is", "i"], ["class", "clas"]] {
            assert_ne!(all(differ[0]), all(differ[1]));
        }
    }

    #[test]
    fn the_list_can_be_searched() {
        assert!(says_nothing("the") && says_nothing("a") && says_nothing("with") && !says_nothing("disk"));
    }
}
