//! Attribute JSON: the text form of the attributes that have no column of their own.
//!
//! It is ordinary JSON that any engine can read, with three rules that keep OpenTelemetry's types:
//! integers have no point or exponent and floats always have one; bytes are `{"$bytes":"<base64>"}`;
//! NaN and the infinities are `{"$double":"NaN"}`. A map whose only key starts with `$` is wrapped as
//! `{"$map":{...}}`.

use crate::value::ValueRef;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;

/// Key of the object that stands for bytes.
pub const BYTES_KEY: &str = "$bytes";
/// Key of the object that stands for a float JSON has no word for.
pub const DOUBLE_KEY: &str = "$double";

/// Appends `text` as a JSON string.
pub fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let mut start = 0;
    for (index, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1f => "",
            _ => continue,
        };
        out.push_str(&text[start..index]);
        if escape.is_empty() {
            const HEX: &[u8; 16] = b"0123456789abcdef";
            out.push_str("\\u00");
            out.push(HEX[usize::from(byte >> 4)] as char);
            out.push(HEX[usize::from(byte & 15)] as char);
        } else {
            out.push_str(escape);
        }
        start = index + 1;
    }
    out.push_str(&text[start..]);
    out.push('"');
}

/// Appends an integer.
pub fn write_int(out: &mut String, int: i64) {
    use std::fmt::Write as _;
    let _ = write!(out, "{int}");
}

/// Appends a float as attribute JSON.
pub fn write_double(out: &mut String, double: f64) {
    if double.is_finite() {
        out.push_str(ryu::Buffer::new().format_finite(double));
    } else {
        out.push_str("{\"$double\":\"");
        write_double_text(out, double);
        out.push_str("\"}");
    }
}

/// Appends the canonical text of a float: shortest form that reads back, always with point or exponent.
pub fn write_double_text(out: &mut String, double: f64) {
    if double.is_nan() {
        out.push_str("NaN");
    } else if double.is_infinite() {
        out.push_str(if double > 0.0 { "Infinity" } else { "-Infinity" });
    } else {
        out.push_str(ryu::Buffer::new().format_finite(double));
    }
}

/// Appends bytes as attribute JSON.
pub fn write_bytes(out: &mut String, bytes: &[u8]) {
    out.push_str("{\"$bytes\":\"");
    STANDARD.encode_string(bytes, out);
    out.push_str("\"}");
}

/// Appends a borrowed value as attribute JSON.
pub fn write_value(out: &mut String, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => out.push_str("null"),
        ValueRef::Str(text) => write_string(out, text),
        ValueRef::Int(int) => write_int(out, int),
        ValueRef::Double(double) => write_double(out, double),
        ValueRef::Bool(bool) => out.push_str(if bool { "true" } else { "false" }),
        ValueRef::Json(json) => out.push_str(json),
    }
}

/// Adds `"key":value` to an object under construction; an empty `out` is a new object, left open.
pub fn push_member(out: &mut String, key: &str, value: ValueRef<'_>) {
    out.push(if out.is_empty() { '{' } else { ',' });
    write_string(out, key);
    out.push(':');
    write_value(out, value);
}

/// The float behind `NaN`, `Infinity`, `-Infinity`.
pub fn special_double(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// The raw JSON of member `key` of the object `text`; the first one when a key is repeated.
///
/// Scans without allocating. Anything that is not an object answers `None`.
pub fn get<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let mut members = Members::new(text)?;
    members.find_map(|(name, value)| (name == key).then_some(value))
}

/// Raw JSON scalar or structure to the canonical text of `attributes['key']`; `None` for `null`.
pub fn raw_to_text(raw: &str) -> Option<Cow<'_, str>> {
    match raw.as_bytes().first()? {
        b'"' => unescape(raw),
        b'n' => None,
        b'{' => match get(raw, DOUBLE_KEY) {
            Some(double) if raw.len() < 32 => unescape(double),
            _ => Some(Cow::Borrowed(raw)),
        },
        _ => Some(Cow::Borrowed(raw)),
    }
}

/// The numeric value of a raw JSON number, or of text that reads as one.
pub fn raw_to_number(raw: &str) -> Option<f64> {
    match raw.as_bytes().first()? {
        b'"' => unescape(raw)?.parse().ok(),
        b'{' => special_double(&unescape(get(raw, DOUBLE_KEY)?)?),
        _ => raw.parse().ok(),
    }
}

/// The text of a quoted JSON string.
pub fn unescape(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.as_bytes().contains(&b'\\') {
        return Some(Cow::Borrowed(inner));
    }
    serde_json::from_str::<String>(raw).ok().map(Cow::Owned)
}

/// Iterates over the members of a JSON object as (key, raw value).
pub struct Members<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Members<'a> {
    /// `None` unless `text` starts like an object.
    pub fn new(text: &'a str) -> Option<Self> {
        let at = skip_space(text.as_bytes(), 0);
        (text.as_bytes().get(at) == Some(&b'{')).then_some(Self { text, at: at + 1 })
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (Cow<'a, str>, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        let mut at = skip_space(bytes, self.at);
        if bytes.get(at) == Some(&b',') {
            at = skip_space(bytes, at + 1);
        }
        if bytes.get(at) != Some(&b'"') {
            return None;
        }
        let key_end = skip_string(bytes, at)?;
        let key = unescape(self.text.get(at..key_end)?)?;
        at = skip_space(bytes, key_end);
        if bytes.get(at) != Some(&b':') {
            return None;
        }
        at = skip_space(bytes, at + 1);
        let end = skip_value(bytes, at)?;
        self.at = end;
        Some((key, self.text.get(at..end)?))
    }
}

fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

fn skip_string(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn skip_value(bytes: &[u8], start: usize) -> Option<usize> {
    match bytes.get(start)? {
        b'"' => skip_string(bytes, start),
        b'{' | b'[' => {
            let mut depth = 0usize;
            let mut at = start;
            loop {
                match bytes.get(at)? {
                    b'"' => {
                        at = skip_string(bytes, at)?;
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => {
                        depth -= 1;
                        if depth == 0 {
                            return Some(at + 1);
                        }
                    }
                    _ => {}
                }
                at += 1;
            }
        }
        _ => {
            let mut at = start;
            while let Some(byte) = bytes.get(at) {
                if matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r') {
                    break;
                }
                at += 1;
            }
            (at > start).then_some(at)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn members_are_found_without_parsing_the_rest() {
        let text = r#"{"a":1,"b":{"x":"}\""},"c":[1,{"d":2}],"d":"q\"\n","e":null}"#;
        assert_eq!(get(text, "a"), Some("1"));
        assert_eq!(get(text, "b"), Some(r#"{"x":"}\""}"#));
        assert_eq!(get(text, "c"), Some(r#"[1,{"d":2}]"#));
        assert_eq!(raw_to_text(get(text, "d").unwrap()).as_deref(), Some("q\"\n"));
        assert_eq!(raw_to_text(get(text, "e").unwrap()), None);
        assert_eq!(get(text, "x"), None);
        assert_eq!(get("[1]", "x"), None);
        assert_eq!(get(r#"{"a""#, "a"), None);
    }

    proptest! {
        #[test]
        fn scanning_never_panics(text in ".{0,60}", key in ".{0,5}") {
            let _ = get(&text, &key);
            let _ = get(&format!("{{{text}"), &key);
            let _ = raw_to_text(&text);
            let _ = raw_to_number(&text);
        }

        #[test]
        fn strings_read_back(text in ".*") {
            let mut out = String::new();
            write_string(&mut out, &text);
            prop_assert_eq!(unescape(&out).unwrap(), text);
        }
    }
}
