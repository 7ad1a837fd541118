//! logfmt: `level=info msg="it works" took=12ms`.

use super::flat::Flat;
use model::{ValueRef, json};
use std::borrow::Cow;

/// Fills `flat` from a line of pairs; answers how many pairs with `=` it had.
///
/// Quoted values are text; bare ones become integers, floats and booleans when those would print exactly
/// the same again. A word without `=` is a flag, true.
pub(crate) fn parse(line: &str, flat: &mut Flat) -> usize {
    flat.clear();
    let mut rest = line.trim_start();
    let mut pairs = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let key = &rest[..end];
        if rest[end..].starts_with('=') {
            let (value, after) = value(&rest[end + 1..]);
            if key.is_empty() {
                // A stray `=`: there is no key to keep its value under.
                rest = after.trim_start();
                continue;
            }
            match &value {
                Parsed::Quoted(text) => flat.push(key, ValueRef::Str(text)),
                Parsed::Bare(text) => flat.push(key, typed(text)),
            }
            pairs += 1;
            rest = after.trim_start();
        } else {
            flat.push(key, ValueRef::Bool(true));
            rest = rest[end..].trim_start();
        }
    }
    pairs
}

/// Whether a line looks like logfmt: it starts with a pair and has another.
pub(crate) fn looks_like(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    let is_pair = |word: &str| {
        word.split_once('=').is_some_and(|(key, _)| {
            !key.is_empty()
                && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'@'))
        })
    };
    words.next().is_some_and(is_pair) && words.any(is_pair)
}

enum Parsed<'a> {
    Quoted(Cow<'a, str>),
    Bare(&'a str),
}

/// The value at the start of `text`, and what follows it. A quote that never closes reaches to the end.
fn value(text: &str) -> (Parsed<'_>, &str) {
    if !text.starts_with('"') {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        return (Parsed::Bare(&text[..end]), &text[end..]);
    }
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    if at >= bytes.len() {
        return (Parsed::Quoted(text[1..].into()), "");
    }
    let raw = &text[..=at];
    let unquoted = json::unescape(raw).unwrap_or_else(|| raw[1..raw.len() - 1].into());
    (Parsed::Quoted(unquoted), &text[at + 1..])
}

/// A bare word as the type that prints the same.
pub(crate) fn typed(text: &str) -> ValueRef<'_> {
    match text {
        "true" => return ValueRef::Bool(true),
        "false" => return ValueRef::Bool(false),
        "null" => return ValueRef::Null,
        _ => {}
    }
    if text.len() > 24 || !text.bytes().next().is_some_and(|byte| byte.is_ascii_digit() || byte == b'-') {
        return ValueRef::Str(text);
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return match text.parse() {
            Ok(int) if digits == "0" && text.len() == 1 || !digits.starts_with('0') => ValueRef::Int(int),
            _ => ValueRef::Str(text),
        };
    }
    if let Ok(double) = text.parse::<f64>() {
        let mut same = String::new();
        json::write_double_text(&mut same, double);
        if same == text {
            return ValueRef::Double(double);
        }
    }
    ValueRef::Str(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn show(line: &str) -> (usize, Vec<String>) {
        let mut flat = Flat::default();
        let pairs = parse(line, &mut flat);
        (pairs, (0..flat.len()).map(|index| format!("{}={:?}", flat.key(index), flat.value(index))).collect())
    }

    #[test]
    fn pairs_are_typed_without_loss() {
        let line =
            r#"level=info msg="it \"works\"" took=12ms n=42 neg=-1 zip=00123 f=1.5 g=1.50 ok=true flag a= =b x="open"#;
        let (pairs, shown) = show(line);
        assert_eq!(pairs, 11);
        assert_eq!(
            shown,
            [
                "level=Str(\"info\")",
                "msg=Str(\"it \\\"works\\\"\")",
                "took=Str(\"12ms\")",
                "n=Int(42)",
                "neg=Int(-1)",
                "zip=Str(\"00123\")",
                "f=Double(1.5)",
                "g=Str(\"1.50\")",
                "ok=Bool(true)",
                "flag=Bool(true)",
                "a=Str(\"\")",
                "x=Str(\"open\")",
            ]
        );
    }

    #[test]
    fn prose_is_not_logfmt() {
        assert!(looks_like("ts=1 level=info"));
        assert!(looks_like("at=info method=GET path=\"/\""));
        for line in ["hello a=b c=d", "a=b", "x = y = z", "", "SELECT a=1 b=2", "(a)=1 b=2"] {
            assert!(!looks_like(line), "{line}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(line in "\\PC{0,60}", tight in "[ab=\" \\\\é]{0,30}") {
            show(&line);
            show(&tight);
        }

        #[test]
        fn typed_prints_the_same(text in "-?[0-9.e]{1,10}") {
            let mut out = String::new();
            match typed(&text) {
                ValueRef::Str(same) => out.push_str(same),
                ValueRef::Double(double) => json::write_double_text(&mut out, double),
                other => json::write_value(&mut out, other),
            }
            prop_assert_eq!(out, text);
        }
    }
}
