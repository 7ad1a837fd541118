//! `AnyValue` and `KeyValue` to values of a batch.

use super::wire::{Fields, Wire};
use crate::error::{Counts, DecodeError};
use crate::redact::Redactor;
use model::limits::{MAX_ATTRIBUTES, MAX_BODY_BYTES, MAX_DEPTH, MAX_KEY_BYTES, MAX_VALUE_BYTES};
use model::{ValueRef, json};
use std::borrow::Cow;
use std::fmt::Write as _;

/// What happens to the record under construction.
pub struct Notes<'c> {
    /// Masks secrets.
    pub redactor: &'c Redactor,
    /// Sums for the request.
    pub counts: Counts,
    /// What was cut from this record.
    pub cut: String,
    invalid_utf8: bool,
    cut_values: bool,
}

impl<'c> Notes<'c> {
    /// For a request.
    pub fn new(redactor: &'c Redactor) -> Self {
        Self { redactor, counts: Counts::default(), cut: String::new(), invalid_utf8: false, cut_values: false }
    }

    /// Adds to the record's marks.
    pub fn mark(&mut self, what: &str, original: usize) {
        let space = if self.cut.is_empty() { "" } else { " " };
        let _ = write!(self.cut, "{space}{what}:{original}");
    }

    /// Ends a record: its marks, and a clean slate for the next.
    pub fn take(&mut self) -> Option<String> {
        if std::mem::take(&mut self.invalid_utf8) {
            self.counts.invalid_utf8 += 1;
            let space = if self.cut.is_empty() { "" } else { " " };
            let _ = write!(self.cut, "{space}utf8");
        }
        if std::mem::take(&mut self.cut_values) {
            self.counts.cut_attributes += 1;
        }
        if self.cut.is_empty() { None } else { Some(std::mem::take(&mut self.cut)) }
    }

    /// Text as it is, or with its bad bytes replaced.
    pub fn text<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, str> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => {
                self.invalid_utf8 = true;
                String::from_utf8_lossy(bytes)
            }
        }
    }

    fn limited<'a>(&mut self, bytes: &'a [u8], limit: usize, what: &str) -> Cow<'a, str> {
        if bytes.len() <= limit {
            return self.text(bytes);
        }
        self.mark(what, bytes.len());
        self.cut_values = true;
        let mut end = limit;
        while end > limit.saturating_sub(4) && bytes[end] & 0xc0 == 0x80 {
            end -= 1;
        }
        self.text(&bytes[..end])
    }

    /// A name or another short text of the protocol.
    pub fn name<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, str> {
        self.limited(bytes, MAX_VALUE_BYTES, "text")
    }
}

/// Key and value of a `KeyValue`.
pub fn key_value(bytes: &[u8]) -> Result<(&[u8], Option<&[u8]>), DecodeError> {
    let (mut key, mut value) = (&[][..], None);
    let mut fields = Fields::new(bytes);
    while let Some((number, wire)) = fields.next()? {
        match number {
            1 => key = wire.bytes(),
            2 => value = Some(wire.bytes()),
            _ => {}
        }
    }
    Ok((key, value))
}

/// Calls `put` for every attribute, masked and within the limits.
pub fn attributes<'a>(
    pairs: impl Iterator<Item = &'a [u8]>,
    notes: &mut Notes<'_>,
    mut put: impl FnMut(&str, ValueRef<'_>),
) {
    let mut count = 0;
    let mut scratch = String::new();
    for pair in pairs {
        count += 1;
        if count > MAX_ATTRIBUTES {
            continue;
        }
        let Ok((key, value)) = key_value(pair) else {
            notes.mark("attributes:malformed", pair.len());
            continue;
        };
        let key = notes.limited(key, MAX_KEY_BYTES, "key");
        with_value(&key, value, notes, &mut scratch, |value| put(&key, value));
    }
    if count > MAX_ATTRIBUTES {
        notes.mark("attributes", count);
        notes.cut_values = true;
    }
}

/// Attributes as a JSON object; `None` when there are none.
pub fn attributes_json<'a>(pairs: impl Iterator<Item = &'a [u8]>, notes: &mut Notes<'_>) -> Option<String> {
    let mut object = String::new();
    attributes(pairs, notes, |key, value| json::push_member(&mut object, key, value));
    close(object)
}

/// Ends an object under construction.
pub fn close(mut object: String) -> Option<String> {
    if object.is_empty() {
        return None;
    }
    object.push('}');
    Some(object)
}

fn with_value(
    key: &str,
    value: Option<&[u8]>,
    notes: &mut Notes<'_>,
    scratch: &mut String,
    put: impl FnOnce(ValueRef<'_>),
) {
    match value.map_or(Ok(None), last_field) {
        Ok(None) => put(ValueRef::Null),
        Ok(Some((1, wire))) => {
            let text = notes.limited(wire.bytes(), MAX_VALUE_BYTES, "value");
            let redactor = notes.redactor;
            put(ValueRef::Str(&redactor.attribute(key, &text, &mut notes.counts)));
        }
        Ok(Some((2, wire))) => put(ValueRef::Bool(wire.number() != 0)),
        Ok(Some((3, wire))) => put(ValueRef::Int(wire.number() as i64)),
        Ok(Some((4, wire))) => put(ValueRef::Double(wire.double())),
        Ok(Some((number, wire))) => {
            scratch.clear();
            if structure(key, number, wire, notes, scratch, 0).is_err() {
                notes.mark("attributes:malformed", wire.bytes().len());
                put(ValueRef::Null);
            } else if scratch.len() > MAX_VALUE_BYTES {
                notes.mark("value", scratch.len());
                notes.cut_values = true;
                put(ValueRef::Str(&scratch[..scratch.floor_char_boundary(MAX_VALUE_BYTES)]));
            } else {
                put(ValueRef::Json(scratch));
            }
        }
        Err(_) => {
            notes.mark("attributes:malformed", value.map_or(0, <[u8]>::len));
            put(ValueRef::Null);
        }
    }
}

/// The member of the oneof that is set; the last one counts.
fn last_field(bytes: &[u8]) -> Result<Option<(u32, Wire<'_>)>, DecodeError> {
    let mut fields = Fields::new(bytes);
    let mut last = None;
    while let Some(field) = fields.next()? {
        if (1..=7).contains(&field.0) {
            last = Some(field);
        }
    }
    Ok(last)
}

/// Appends a value as attribute JSON.
fn structure(
    key: &str,
    number: u32,
    wire: Wire<'_>,
    notes: &mut Notes<'_>,
    out: &mut String,
    depth: usize,
) -> Result<(), DecodeError> {
    if depth >= MAX_DEPTH || out.len() > MAX_BODY_BYTES {
        notes.cut_values = true;
        notes.mark(if depth >= MAX_DEPTH { "depth" } else { "value" }, wire.bytes().len());
        out.push_str("\"...\"");
        return Ok(());
    }
    match number {
        1 => {
            let text = notes.text(wire.bytes());
            let redactor = notes.redactor;
            json::write_string(out, &redactor.attribute(key, &text, &mut notes.counts));
        }
        2 => out.push_str(if wire.number() != 0 { "true" } else { "false" }),
        3 => json::write_int(out, wire.number() as i64),
        4 => json::write_double(out, wire.double()),
        5 => list(key, wire.bytes(), notes, out, depth)?,
        6 => map(wire.bytes(), notes, out, depth)?,
        _ => json::write_bytes(out, wire.bytes()),
    }
    Ok(())
}

fn element(
    key: &str,
    value: Option<&[u8]>,
    notes: &mut Notes<'_>,
    out: &mut String,
    depth: usize,
) -> Result<(), DecodeError> {
    match value.map_or(Ok(None), last_field)? {
        None => out.push_str("null"),
        Some((number, wire)) => structure(key, number, wire, notes, out, depth + 1)?,
    }
    Ok(())
}

fn list(key: &str, bytes: &[u8], notes: &mut Notes<'_>, out: &mut String, depth: usize) -> Result<(), DecodeError> {
    out.push('[');
    let mut fields = Fields::new(bytes);
    let mut first = true;
    while let Some((number, wire)) = fields.next()? {
        if number == 1 && out.len() <= MAX_BODY_BYTES {
            if !std::mem::take(&mut first) {
                out.push(',');
            }
            element(key, Some(wire.bytes()), notes, out, depth)?;
        }
    }
    out.push(']');
    Ok(())
}

fn map(bytes: &[u8], notes: &mut Notes<'_>, out: &mut String, depth: usize) -> Result<(), DecodeError> {
    let mut pairs = Vec::new();
    let mut fields = Fields::new(bytes);
    let mut count = 0;
    while let Some((number, wire)) = fields.next()? {
        if number == 1 {
            count += 1;
            if count <= MAX_ATTRIBUTES {
                pairs.push(key_value(wire.bytes())?);
            }
        }
    }
    if count > MAX_ATTRIBUTES {
        notes.mark("attributes", count);
        notes.cut_values = true;
    }
    let escape = matches!(pairs.as_slice(), [(key, _)] if key.starts_with(b"$"));
    out.push_str(if escape { "{\"$map\":{" } else { "{" });
    for (index, (key, value)) in pairs.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        let key = notes.limited(key, MAX_KEY_BYTES, "key");
        json::write_string(out, &key);
        out.push(':');
        element(&key, *value, notes, out, depth)?;
    }
    out.push_str(if escape { "}}" } else { "}" });
    Ok(())
}

/// A log body: its text, and its type when it is not text.
pub fn body<'a>(
    bytes: &'a [u8],
    notes: &mut Notes<'_>,
    scratch: &'a mut String,
) -> Result<(Option<Cow<'a, str>>, Option<&'static str>), DecodeError> {
    let Some((number, wire)) = last_field(bytes)? else { return Ok((None, None)) };
    if number == 1 {
        let original = wire.bytes();
        let text = if original.len() > MAX_BODY_BYTES {
            notes.counts.cut_bodies += 1;
            let text = notes.limited(original, MAX_BODY_BYTES, "body");
            notes.cut_values = false;
            text
        } else {
            notes.text(original)
        };
        let redactor = notes.redactor;
        let masked = match redactor.text(&text, &mut notes.counts) {
            Cow::Borrowed(_) => None,
            Cow::Owned(masked) => Some(masked),
        };
        return Ok((Some(masked.map_or(text, Cow::Owned)), None));
    }
    scratch.clear();
    structure("", number, wire, notes, scratch, 0)?;
    if scratch.len() > MAX_BODY_BYTES {
        notes.counts.cut_bodies += 1;
        notes.mark("body", scratch.len());
        // Half a structure is no structure: what is kept is text.
        scratch.truncate(scratch.floor_char_boundary(MAX_BODY_BYTES));
        return Ok((Some(Cow::Borrowed(scratch)), None));
    }
    let kind = match number {
        2 => "bool",
        3 => "int",
        4 => "double",
        5 => "array",
        6 => "map",
        _ => "bytes",
    };
    Ok((Some(Cow::Borrowed(scratch)), Some(kind)))
}
