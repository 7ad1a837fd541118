//! Build arguments and environment variables in a Dockerfile's values, replaced as Docker does.

use crate::limits::{MAX_VALUE_BYTES, MAX_VARIABLES};
use crate::tree::Data;
use std::collections::HashMap;

/// Stands for what is not known; Dockerfiles cannot have it.
pub const UNKNOWN: &str = "\u{0}";

/// A text of which parts may not be known: known pieces, with anything between each two of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    pieces: Vec<String>,
}

impl Default for Value {
    fn default() -> Value {
        Value { pieces: vec![String::new()] }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value { pieces: vec![text.to_owned()] }
    }
}

impl Value {
    /// Something that only a build tells.
    pub fn unknown() -> Value {
        Value { pieces: vec![String::new(), String::new()] }
    }

    /// All of it, when it is known.
    pub fn known(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// How it begins.
    pub fn begin(&self) -> &str {
        self.pieces.first().map_or("", String::as_str)
    }

    /// How it ends.
    pub fn end(&self) -> &str {
        self.pieces.last().map_or("", String::as_str)
    }

    /// Whether a known piece has this in it.
    pub fn has(&self, text: &str) -> bool {
        self.pieces.iter().any(|piece| piece.contains(text))
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.known() == Some("")
    }

    fn size(&self) -> usize {
        self.pieces.iter().map(String::len).sum::<usize>() + self.pieces.len()
    }

    /// Adds a known text.
    pub fn push(&mut self, text: &str) {
        if let Some(last) = self.pieces.last_mut() {
            last.push_str(text);
        }
    }

    /// Adds another value.
    pub fn append(&mut self, other: &Value) {
        if self.size() + other.size() > MAX_VALUE_BYTES {
            self.pieces.push(String::new());
            return;
        }
        let mut pieces = other.pieces.iter();
        self.push(pieces.next().map_or("", String::as_str));
        self.pieces.extend(pieces.cloned());
    }

    /// As a node says it.
    pub fn data(&self) -> Data {
        match self.pieces.as_slice() {
            [one] => Data::Text(one.as_str().into()),
            pieces if pieces.iter().all(String::is_empty) => Data::Unknown("a variable".into()),
            pieces => Data::Partly(pieces.iter().map(|piece| piece.as_str().into()).collect()),
        }
    }

    /// For people: `…` is what is not known.
    pub fn shown(&self) -> String {
        self.pieces.join("…")
    }

    /// In one text, with a character that is in no text for what is not known.
    pub fn joined(&self) -> String {
        self.pieces.join(UNKNOWN)
    }

    /// The opposite of `joined`.
    pub fn split(joined: &str) -> Value {
        Value { pieces: joined.split(UNKNOWN).map(str::to_owned).collect() }
    }

    /// Splits at the first place of a character, when it is in the known beginning.
    pub fn split_at_first(&self, at: char) -> Option<(Value, Value)> {
        let (before, after) = self.begin().split_once(at)?;
        let mut pieces = self.pieces.clone();
        pieces[0] = after.to_owned();
        Some((before.into(), Value { pieces }))
    }
}

/// What is known of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// It has this value, unless the build gives another one.
    Value(Value),
    /// It is a build argument without a default.
    Argument,
    /// It is known to be nothing.
    Nothing,
    /// The base image may say.
    Open,
}

/// Names and their values at a place.
#[derive(Clone, Debug)]
pub struct Scope {
    values: HashMap<String, Known>,
    /// What names are that are not there.
    otherwise: Known,
}

impl Scope {
    /// A scope without names; what is known of others.
    pub fn new(otherwise: Known) -> Scope {
        Scope { values: HashMap::new(), otherwise }
    }

    /// Sets a name.
    pub fn set(&mut self, name: &str, known: Known) {
        let known = match known {
            Known::Value(value) if value.size() > MAX_VALUE_BYTES => Known::Open,
            known => known,
        };
        if self.values.len() < MAX_VARIABLES || self.values.contains_key(name) {
            self.values.insert(name.to_owned(), known);
        }
    }

    /// What is known of a name.
    pub fn get(&self, name: &str) -> Known {
        match self.values.get(name) {
            Some(known) => known.clone(),
            None if PREDEFINED.contains(&name) => Known::Open,
            None => self.otherwise.clone(),
        }
    }

    /// Replaces variables; `escape` keeps the next character as it is, and so do single quotes when `quotes` are read.
    pub fn expand(&self, text: &str, escape: char) -> Value {
        self.expand_at(text, escape, 0)
    }

    fn expand_at(&self, text: &str, escape: char, depth: usize) -> Value {
        let (mut out, mut rest) = (Value::default(), text);
        while let Some(at) = rest.find(['$', escape]) {
            out.push(&rest[..at]);
            let after = &rest[at + 1..];
            if rest[at..].starts_with(escape) {
                let next = after.chars().next().map_or(0, char::len_utf8);
                // Only a variable is kept from being replaced; other escapes are a word's matter.
                if after.starts_with('$') {
                    out.push("$");
                } else {
                    out.push(&rest[at..at + 1 + next]);
                }
                rest = &after[next..];
                continue;
            }
            rest = match after.strip_prefix('{') {
                Some(inner) => match closing(inner) {
                    Some(end) if depth < 8 => {
                        out.append(&self.modified(&inner[..end], escape, depth + 1));
                        &inner[end + 1..]
                    }
                    _ => {
                        out.append(&Value::unknown());
                        ""
                    }
                },
                None => {
                    let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
                    if end == 0 {
                        out.push("$");
                    } else {
                        out.append(&self.plain(&after[..end]));
                    }
                    &after[end..]
                }
            };
        }
        out.push(rest);
        out
    }

    fn plain(&self, name: &str) -> Value {
        match self.get(name) {
            Known::Value(value) => value,
            Known::Nothing => Value::default(),
            Known::Argument | Known::Open => Value::unknown(),
        }
    }

    /// `name`, `name:-word`, `name#pattern` ...
    fn modified(&self, inner: &str, escape: char, depth: usize) -> Value {
        let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
        let (name, modifier) = inner.split_at(end);
        let known = self.get(name);
        let (colon, bare) = modifier.strip_prefix(':').map_or((false, modifier), |bare| (true, bare));
        let word = |text: &str| self.expand_at(text, escape, depth);
        // Without a default an argument is not set unless the build gives it.
        let set = match &known {
            Known::Value(value) => value.known().map(|text| !(colon && text.is_empty())),
            Known::Nothing | Known::Argument => Some(false),
            Known::Open => None,
        };
        let Some(operator) = bare.chars().next() else { return self.plain(name) };
        let text = &bare[operator.len_utf8()..];
        match (operator, set) {
            ('-', Some(true)) | ('?', _) => self.plain(name),
            ('-', Some(false)) => word(text),
            ('+', Some(true)) => word(text),
            ('+', Some(false)) => Value::default(),
            ('-' | '+', None) => Value::unknown(),
            ('#' | '%' | '/', _) => match (self.plain(name).known(), word(text).known()) {
                (Some(value), Some(pattern)) => cut(value, operator, pattern).as_str().into(),
                _ => Value::unknown(),
            },
            _ => Value::unknown(),
        }
    }
}

/// Where a brace closes that is open; braces within are counted.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => open += 1,
            b'}' if open == 0 => return Some(at),
            b'}' => open -= 1,
            _ => {}
        }
    }
    None
}

/// Removes a prefix (`#`) or a suffix (`%`), shortest or, doubled, longest; or replaces (`/`).
fn cut(value: &str, operator: char, pattern: &str) -> String {
    let (twice, pattern) = pattern.strip_prefix(operator).map_or((false, pattern), |pattern| (true, pattern));
    let ends = || value.char_indices().map(|(at, _)| at).chain([value.len()]);
    // Patterns are short; a long one is no pattern of a person.
    if value.len() > 1024 || pattern.len() > 256 {
        return value.to_owned();
    }
    match operator {
        '#' => {
            let mut fits = ends().filter(|end| glob(pattern, &value[..*end]));
            let end = if twice { fits.next_back() } else { fits.next() };
            value[end.unwrap_or(0)..].to_owned()
        }
        '%' => {
            let mut fits = ends().filter(|start| glob(pattern, &value[*start..]));
            let start = if twice { fits.next() } else { fits.next_back() };
            value[..start.unwrap_or(value.len())].to_owned()
        }
        _ => {
            let (from, to) = pattern.split_once('/').unwrap_or((pattern, ""));
            if twice { value.replace(from, to) } else { value.replacen(from, to, 1) }
        }
    }
}

/// `*` is anything, `?` one character.
pub fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(one) if *one == '?' || *one == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|rest| *rest == '*')
}

/// Build arguments that are there without being declared; what they are the build says.
const PREDEFINED: &[&str] = &[
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "FTP_PROXY",
    "ftp_proxy",
    "NO_PROXY",
    "no_proxy",
    "ALL_PROXY",
    "all_proxy",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
    "TARGETSTAGE",
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
    "SOURCE_DATE_EPOCH",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scope() -> Scope {
        let mut scope = Scope::new(Known::Open);
        scope.set("A", Known::Value("one.tar.gz".into()));
        scope.set("E", Known::Value("".into()));
        scope.set("N", Known::Argument);
        scope
    }

    #[test]
    fn variables_are_replaced() {
        for (text, expected) in [
            ("x$A/y", "xone.tar.gz/y"),
            ("${A}b", "one.tar.gzb"),
            ("\\$A", "$A"),
            ("${E:-d}", "d"),
            ("${E-d}", ""),
            ("${N:-a${A}}", "aone.tar.gz"),
            ("${A:+there}", "there"),
            ("${E:+there}", ""),
            ("${A%.*}", "one.tar"),
            ("${A%%.*}", "one"),
            ("${A#*.}", "tar.gz"),
            ("${A##*.}", "gz"),
            ("${A/tar/zip}", "one.zip.gz"),
            ("$N", "…"),
            ("a:${OTHER:-x}b", "a:…b"),
            ("$TARGETARCH-$", "…-$"),
            ("${A", "…"),
        ] {
            assert_eq!(scope().expand(text, '\\').shown(), expected, "{text}");
        }
        let closed = Scope::new(Known::Nothing);
        assert_eq!(closed.expand("a$b${c:-d}", '\\').known(), Some("ad"));
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "([$]|[{]|[}]|A|E|N|:|-|[+]|#|%|/|[*]|\\\\|\u{e9}){0,40}") {
            scope().expand(&text, '\\');
        }
    }
}
