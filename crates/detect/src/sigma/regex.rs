//! Regular expressions: PCRE's words to those of the `regex` crate, which needs linear time, and its bounds.

use super::reader::Reader;
use crate::limits::{MAX_REGEX_BYTES, MAX_REGEX_DEPTH, MAX_REGEX_FILE_BYTES, MAX_REGEX_TOTAL_BYTES, REGEX_STEPS};
use regex::RegexBuilder;

impl Reader<'_> {
    /// The expression with its flags, as [`regex::Regex`] takes it. The error is what to say.
    pub(super) fn regex(&mut self, pcre: &str, flags: &str) -> Result<String, String> {
        if pcre.is_empty() {
            return Err("an empty regular expression matches everything".to_owned());
        }
        if pcre.len() > MAX_REGEX_BYTES {
            return Err(format!(
                "{} bytes; a regular expression has at most {MAX_REGEX_BYTES} (MAX_REGEX_BYTES)",
                pcre.len()
            ));
        }
        let mut pattern = translate(pcre)?;
        if !flags.is_empty() {
            pattern = format!("(?{flags}){pattern}");
        }
        for step in REGEX_STEPS {
            self.regex_file_bytes += step;
            if self.regex_file_bytes > MAX_REGEX_FILE_BYTES {
                return Err(format!(
                    "the regular expressions of this file together are larger than {MAX_REGEX_FILE_BYTES} bytes compiled (MAX_REGEX_FILE_BYTES)"
                ));
            }
            match RegexBuilder::new(&pattern).size_limit(step).nest_limit(MAX_REGEX_DEPTH).build() {
                Ok(_) => {
                    self.regex_bytes += step;
                    if self.regex_bytes > MAX_REGEX_TOTAL_BYTES {
                        return Err(format!(
                            "all regular expressions together are larger than {MAX_REGEX_TOTAL_BYTES} bytes compiled (MAX_REGEX_TOTAL_BYTES)"
                        ));
                    }
                    return Ok(pattern);
                }
                Err(regex::Error::CompiledTooBig(_)) => {}
                Err(error) => {
                    let text = error.to_string();
                    let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
                    return Err(format!("this is no regular expression: {reason}"));
                }
            }
        }
        let most = REGEX_STEPS[REGEX_STEPS.len() - 1];
        Err(format!(
            "this regular expression explodes: compiled it needs more than {most} bytes (MAX_REGEX_COMPILED_BYTES); make its repetitions smaller"
        ))
    }
}

/// Where the translation is.
struct Translator<'p> {
    rest: std::iter::Peekable<std::str::Chars<'p>>,
    left: &'p str,
    out: String,
    in_class: bool,
    /// No member of the class has been read yet.
    class_begins: bool,
}

fn translate(pcre: &str) -> Result<String, String> {
    let mut state = Translator {
        rest: pcre.chars().peekable(),
        left: pcre,
        out: String::with_capacity(pcre.len()),
        in_class: false,
        class_begins: false,
    };
    while let Some(letter) = state.next() {
        let begins = std::mem::take(&mut state.class_begins);
        match letter {
            '\\' => state.escape()?,
            '[' if !state.in_class => state.open_class(),
            '[' if state.left.starts_with([':']) && state.left.contains(":]") => state.posix_class(),
            '[' => state.out.push_str("\\["),
            ']' if state.in_class && !begins => {
                state.in_class = false;
                state.out.push(']');
            }
            ']' if state.in_class => state.out.push_str("\\]"),
            // Set operations of the crate are plain letters in PCRE.
            '&' | '~' if state.in_class => state.out.extend(['\\', letter]),
            '-' if state.in_class && state.left.starts_with('-') => state.out.push_str("\\-"),
            '(' if !state.in_class => state.group()?,
            '{' if !state.in_class && !is_repetition(state.left) => state.out.push_str("\\{"),
            '+' if !state.in_class && is_quantified(&state.out) => {
                return Err("possessive quantifiers such as `a++` are not supported, and not needed: no expression backtracks here".to_owned());
            }
            letter => state.out.push(letter),
        }
    }
    Ok(state.out)
}

/// `3}`, `3,}` and `3,5}`; other braces are letters.
fn is_repetition(left: &str) -> bool {
    let Some((inside, _)) = left.split_once('}') else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match inside.split_once(',') {
        Some((least, most)) => digits(least) && (most.is_empty() || digits(most)),
        None => digits(inside),
    }
}

/// Whether a quantifier stands at the end: a plus after it makes it possessive.
fn is_quantified(out: &str) -> bool {
    let mut letters = out.chars().rev();
    let last = letters.next();
    let escaped = letters.take_while(|letter| *letter == '\\').count() % 2 == 1;
    match last {
        Some('+' | '*' | '?') => !escaped,
        Some('}') if !escaped => out.rfind('{').is_some_and(|open| is_repetition(&out[open + 1..])),
        _ => false,
    }
}

impl Translator<'_> {
    fn next(&mut self) -> Option<char> {
        let letter = self.rest.next()?;
        self.left = &self.left[letter.len_utf8()..];
        Some(letter)
    }

    fn open_class(&mut self) {
        (self.in_class, self.class_begins) = (true, true);
        self.out.push('[');
        if self.left.starts_with('^') {
            self.next();
            self.out.push('^');
        }
    }

    fn posix_class(&mut self) {
        self.out.push('[');
        while let Some(letter) = self.next() {
            self.out.push(letter);
            if letter == ']' {
                break;
            }
        }
    }

    /// What follows an opening parenthesis.
    fn group(&mut self) -> Result<(), String> {
        let unsupported = [
            ("?=", "lookahead"),
            ("?!", "lookahead"),
            ("?<=", "lookbehind"),
            ("?<!", "lookbehind"),
            ("?>", "an atomic group"),
            ("?|", "a branch reset"),
            ("?(", "a condition in an expression"),
            ("?R", "recursion"),
            ("?&", "recursion"),
            ("?P>", "recursion"),
            ("?P=", "a backreference"),
            ("*", "a control verb"),
        ];
        for (begin, what) in unsupported {
            if self.left.starts_with(begin) {
                return Err(format!(
                    "{what} (`({begin}`) is not supported, because it can need exponential time: use a second search and `not`"
                ));
            }
        }
        if self.left.starts_with("?#") {
            while self.next().is_some_and(|letter| letter != ')') {}
            return Ok(());
        }
        self.out.push('(');
        Ok(())
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<(), String> {
        let Some(letter) = self.next() else {
            return Err("the expression ends with a backslash".to_owned());
        };
        match letter {
            '1'..='9' | 'g' | 'k' if !self.in_class => {
                return Err(format!(
                    "the backreference `\\{letter}` is not supported, because it can need exponential time"
                ));
            }
            'K' | 'G' | 'X' | 'C' => return Err(format!("`\\{letter}` is not supported")),
            // PCRE's own meaning, without Unicode: `\w{100}` with it is fifty times as large.
            'd' => self.class("0-9", false),
            'D' => self.class("0-9", true),
            'w' => self.class("0-9A-Za-z_", false),
            'W' => self.class("0-9A-Za-z_", true),
            's' => self.class("\\t-\\r ", false),
            'S' => self.class("\\t-\\r ", true),
            'h' => self.class(" \\t", false),
            'H' => self.class(" \\t", true),
            'v' => self.class("\\n\\x0B\\f\\r\\x{85}\\x{2028}\\x{2029}", false),
            'V' => self.class("\\n\\x0B\\f\\r\\x{85}\\x{2028}\\x{2029}", true),
            'N' if !self.in_class => self.out.push_str("[^\\n]"),
            'R' if !self.in_class => self.out.push_str("(?:\\r\\n|[\\n\\x0B\\f\\r\\x{85}\\x{2028}\\x{2029}])"),
            'Z' if !self.in_class => self.out.push_str("\\n?\\z"),
            'e' => self.out.push_str("\\x1B"),
            'b' if self.in_class => self.out.push_str("\\x08"),
            '0' => self.out.push_str("\\x00"),
            'Q' => {
                let (quoted, _) = self.left.split_once("\\E").unwrap_or((self.left, ""));
                let skip = (quoted.chars().count() + 2).min(self.left.chars().count());
                self.out.push_str(&regex::escape(quoted));
                for _ in 0..skip {
                    self.next();
                }
            }
            'E' => {}
            // `\<` and `\>` are plain in PCRE, and edges of words in the crate; so are letters without a meaning.
            letter if letter.is_ascii_alphanumeric() => {
                if !letter.is_ascii_digit() && !"aAbBfnpPrtuUxz".contains(letter) {
                    return Err(format!("`\\{letter}` has no meaning: write `{letter}`"));
                }
                self.out.extend(['\\', letter]);
            }
            letter if letter.is_ascii_punctuation() && !"<>".contains(letter) => self.out.extend(['\\', letter]),
            letter => self.out.push_str(&regex::escape(&letter.to_string())),
        }
        Ok(())
    }

    /// A class of its own, within another one too, so that a dash after it is a dash.
    fn class(&mut self, members: &str, not: bool) {
        self.out.push_str(&format!("[{}{members}]", if not { "^" } else { "" }));
    }
}
