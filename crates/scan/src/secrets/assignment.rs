//! A key and its value, in whatever language or format: `password = "..."`, `"password": "..."`, `PASSWORD=...`,
//! `<password>...</password>`, `--password ...`, `put("password", "...")`, `Password=...;`.
//!
//! It is read around a keyword and not by one regular expression, so that most keywords in source code (`TokenStream`,
//! `secret_name`) cost some bytes only.

use crate::secrets::path::Kind;
use std::ops::Range;

/// What was read.
#[derive(Clone, PartialEq)]
pub(crate) struct Assignment {
    /// The key.
    pub name: Range<usize>,
    /// The value, without its quotes.
    pub value: Range<usize>,
    /// Whether it has quotes.
    pub quoted: bool,
}

/// Words that may follow the keyword in a key: it is still about the secret itself.
const AFTER: &[&[u8]] = &[
    b"key",
    b"value",
    b"val",
    b"string",
    b"str",
    b"text",
    b"plain",
    b"raw",
    b"base64",
    b"b64",
    b"hex",
    b"prod",
    b"production",
    b"staging",
    b"stage",
    b"dev",
    b"live",
    b"main",
    b"default",
    b"primary",
    b"secondary",
    b"old",
    b"new",
    b"current",
    b"backup",
    b"root",
    b"admin",
    b"user",
    b"db",
    b"token",
    b"secret",
    b"password",
    b"env",
    b"var",
    b"v",
    b"data",
    b"auth",
    b"master",
    b"write",
    b"read",
    b"ro",
    b"rw",
    b"api",
    b"us",
    b"eu",
    b"code",
    b"access",
    b"override",
    b"credential",
];

/// Words before the keyword in a key that make it something else.
const BEFORE: &[&[u8]] = &[
    b"public",
    b"pub",
    b"csrf",
    b"xsrf",
    b"next",
    b"page",
    b"continuation",
    b"cancellation",
    b"cancel",
    b"sync",
    b"max",
    b"num",
    b"count",
    b"no",
    b"has",
    b"is",
    b"show",
    b"forgot",
    b"reset",
    b"change",
    b"confirm",
    b"invalid",
    b"wrong",
    b"missing",
    b"input",
    b"id",
    b"type",
    b"primary",
    b"foreign",
    b"sort",
    b"partition",
    b"cache",
    b"commit",
    b"sha",
    b"sha1",
    b"sha256",
    b"checksum",
    b"integrity",
    b"hash",
    b"rev",
    b"etag",
    b"design",
    b"delimiter",
    b"stop",
    b"eos",
    b"bos",
    b"pad",
    b"unk",
    b"mask",
    b"separator",
    b"idempotency",
    b"fingerprint",
    b"label",
    b"placeholder",
    b"title",
    b"error",
    b"message",
    b"hint",
    b"help",
    b"require",
    b"requires",
    b"allow",
    b"enable",
    b"disable",
];

/// The longest key.
const MAX_NAME: usize = 80;
/// The longest value that is looked at.
pub(crate) const MAX_VALUE: usize = 256;

/// Reads the assignment whose key holds the bytes `keyword`, if there is one.
pub(crate) fn read(text: &[u8], keyword: Range<usize>, kind: Kind) -> Option<Assignment> {
    let end = after_keyword(text, keyword.end)?;
    let start = before_keyword(text, keyword.start)?;
    // A part of a name with colons, such as `arn:aws:secretsmanager:eu-west-1:1:secret:a`.
    let colons = start > 0 && text[start - 1] == b':' && text.get(end) == Some(&b':');
    if colons {
        return None;
    }
    let flag = text[start..].starts_with(b"--") || (start >= 2 && &text[start - 2..start] == b"--");
    let (at, operator) = operator(text, end, flag, start)?;
    let (value, quoted) = value(text, at, operator, kind)?;
    Some(Assignment { name: start..end, value, quoted })
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// The end of the key, when what follows the keyword leaves it a secret's.
fn after_keyword(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    // A plural is a list or a count.
    loop {
        while text.get(at).is_some_and(|byte| matches!(byte, b'_' | b'-' | b'.') || byte.is_ascii_digit()) {
            at += 1;
        }
        let start = at;
        while text.get(at).is_some_and(|byte| byte.is_ascii_alphabetic()) && (at == start || !camel(text, at)) {
            at += 1;
        }
        if at == start {
            return Some(at);
        }
        let word = &text[start..at];
        if !AFTER.iter().any(|known| known.eq_ignore_ascii_case(word)) || at - from > MAX_NAME / 2 {
            return None;
        }
    }
}

/// Whether a word begins at a capital.
fn camel(text: &[u8], at: usize) -> bool {
    text[at].is_ascii_uppercase() && text[at - 1].is_ascii_lowercase()
}

/// The start of the key, unless what precedes makes it something else.
fn before_keyword(text: &[u8], keyword: usize) -> Option<usize> {
    let least = keyword.saturating_sub(MAX_NAME);
    let mut start = keyword;
    while start > least && (is_name(text[start - 1]) || text[start - 1] == b'.') {
        start -= 1;
    }
    // An escape before a key, as in `\npassword=`, is no part of it.
    if start > 0 && text[start - 1] == b'\\' && start < keyword {
        start += 1;
    }
    let mut word = start;
    for at in start..=keyword {
        let ends = at == keyword || !text[at].is_ascii_alphanumeric() || (at > word && camel(text, at));
        if !ends {
            continue;
        }
        let said = &text[word..at];
        if said.len() > 1 && BEFORE.iter().any(|known| known.eq_ignore_ascii_case(said)) {
            return None;
        }
        word = if at < keyword && text[at].is_ascii_alphanumeric() { at } else { at + 1 };
    }
    Some(start)
}

/// What stands between key and value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    /// `=`, `:=`, `?=`, `=>`.
    Equals,
    /// `:`.
    Colon,
    /// `,` after a key in quotes: an argument.
    Comma,
    /// `>`: an element.
    Element,
    /// Space after a flag, in `ENV`, or in a configuration of words.
    Space,
}

/// The operator after a key, and where the value begins.
fn operator(text: &[u8], from: usize, flag: bool, start: usize) -> Option<(usize, Operator)> {
    let spaces = |mut at: usize| {
        while matches!(text.get(at), Some(b' ' | b'\t')) {
            at += 1;
        }
        at
    };
    let mut at = from;
    let mut in_quotes = false;
    while matches!(text.get(at), Some(b'"' | b'\'' | b'`' | b']' | b')' | b'\\')) && at < from + 6 {
        in_quotes |= matches!(text[at], b'"' | b'\'' | b'`');
        at += 1;
    }
    let after = spaces(at);
    let next = |at: usize| text.get(at).copied().unwrap_or_default();
    let found = match (next(after), next(after + 1), next(after + 2)) {
        // Comparisons are of what somebody typed.
        (b'=', b'=', _) | (b'!', b'=', _) | (b'=', b'~', _) => return None,
        (b':', b':', _) => return None,
        // What a call gives, in a description.
        (b'=', b'>', _) if text[from..at].contains(&b')') => return None,
        (b'=' | b':' | b'?', b'=' | b'>', _) => (after + 2, Operator::Equals),
        (b'=', ..) => (after + 1, Operator::Equals),
        (b':', ..) => typed(text, after + 1).map_or((after + 1, Operator::Colon), |at| (at, Operator::Equals)),
        (b',', ..) if in_quotes => (after + 1, Operator::Comma),
        (b'>', ..) if at == from && start > 0 && text[start - 1] == b'<' => (after + 1, Operator::Element),
        // <add key="Password" value="..."/>
        (b'v', b'a', b'l') if in_quotes && text[after..].starts_with(b"value=") => (after + 6, Operator::Equals),
        // A type between them, as in Go: `password string = "..."`.
        (b's', b't', b'r') if text[after..].starts_with(b"string = ") => (after + 9, Operator::Equals),
        _ if after > at && (flag || is_env_line(text, start)) => (after, Operator::Space),
        _ => return None,
    };
    Some((spaces(found.0), found.1))
}

/// After `: str =`, `: &'static str =`, `: string =`: the value's begin.
fn typed(text: &[u8], from: usize) -> Option<usize> {
    let rest = &text[from..text.len().min(from + 40)];
    let equals = rest.iter().position(|byte| *byte == b'=')?;
    let name = &rest[..equals];
    let only = name.iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b' ' | b'&' | b'\'' | b'?' | b'|'));
    let string = name.windows(3).any(|part| part.eq_ignore_ascii_case(b"str"));
    (only && string && rest.get(equals + 1) != Some(&b'=')).then_some(from + equals + 1)
}

/// `ENV NAME value` and `ARG NAME value`.
fn is_env_line(text: &[u8], start: usize) -> bool {
    let before = &text[start.saturating_sub(8)..start];
    let line = before.iter().rposition(|byte| *byte == b'\n').map_or(before, |at| &before[at + 1..]);
    line.trim_ascii().eq_ignore_ascii_case(b"env")
}

/// The value from a byte on.
fn value(text: &[u8], from: usize, operator: Operator, kind: Kind) -> Option<(Range<usize>, bool)> {
    let mut at = from;
    // One letter or mark of a text's kind, a list, a call that makes a text: `b"..."`, `@"..."`, `["..."]`, `String("...")`.
    while at < from + 24 && text.get(at).is_some_and(|byte| !matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b'\n')) {
        at += 1;
    }
    let before = &text[from..at.min(text.len())];
    let short = before.len() <= 2
        && before.iter().all(|byte| matches!(byte, b'b' | b'r' | b'u' | b'B' | b'L' | b'@' | b'[' | b'('));
    let call = before.ends_with(b"(")
        && before[..before.len() - 1]
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b' ' | b'_'))
        && ["new", "String", "string", "from", "bytes", "secret", "Secret", "SecretStr", "byte"]
            .iter()
            .any(|name| memchr::memmem::find(before, name.as_bytes()).is_some());
    if short || call {
        return quoted(text, at);
    }
    let bare = match operator {
        Operator::Element => {
            text[from..].iter().take(MAX_VALUE).position(|byte| matches!(byte, b'<' | b'\n')).map(|end| from + end)
        }
        Operator::Comma => None,
        // What stands bare in source code is code.
        _ if kind.is_code() && operator != Operator::Space => None,
        _ => bare(text, from),
    }?;
    (bare > from).then_some((from..bare, false))
}

/// A value in quotes; escaped ones count as well, as in JSON in a text.
fn quoted(text: &[u8], from: usize) -> Option<(Range<usize>, bool)> {
    let mut start = from;
    while text.get(start) == Some(&b'\\') && start < from + 4 {
        start += 1;
    }
    let quote = *text.get(start)?;
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let escaped = start > from;
    start += 1;
    if text[start..].starts_with(&[quote, quote]) {
        start += 2;
    }
    let rest = &text[start..text.len().min(start + MAX_VALUE + 2)];
    let mut at = 0;
    while at < rest.len() {
        match rest[at] {
            b'\n' => return None,
            b'\\' if escaped && rest.get(at + 1) == Some(&quote) => return Some((start..start + at, true)),
            b'\\' => at += 1,
            byte if byte == quote => return Some((start..start + at, true)),
            _ => {}
        }
        at += 1;
    }
    None
}

/// A value without quotes ends at a space or at what divides it from the next.
fn bare(text: &[u8], from: usize) -> Option<usize> {
    let rest = &text[from..text.len().min(from + MAX_VALUE + 1)];
    let divides = |byte: &u8| {
        byte.is_ascii_whitespace() || matches!(byte, b';' | b',' | b'&' | b'"' | b'\'' | b'`' | b'<' | b'>')
    };
    let end = rest.iter().position(divides).unwrap_or(rest.len());
    if end > MAX_VALUE {
        return None;
    }
    // More words on the line are prose, unless they are a comment or the next argument.
    let line = &rest[end..];
    let line = &line[..memchr::memchr(b'\n', line).unwrap_or(line.len())];
    let after = line.trim_ascii_start();
    let prose =
        line.first() == Some(&b' ') && after.len() > 1 && after[0].is_ascii_alphabetic() && !after.contains(&b'=');
    (!prose).then_some(from + end)
}
