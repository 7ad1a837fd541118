//! `AnyValue` and `KeyValue` to values of a batch.

use super::wire::{Bad, Fields, Values, merge};
use crate::error::Counts;
use crate::redact::{MASK, Redactor};
use model::limits::{MAX_ATTRIBUTES, MAX_BODY_BYTES, MAX_DEPTH, MAX_KEY_BYTES, MAX_VALUE_BYTES};
use model::{ValueRef, json};
use std::borrow::Cow;
use std::fmt::Write as _;

/// Bytes of marks on one row; what is said already is enough to see that much was cut.
const MAX_MARKS_BYTES: usize = 1024;

/// Longest address of a schema. OpenTelemetry's are under 100 bytes; each may stand on every record.
const MAX_SCHEMA_URL_BYTES: usize = 1024;

/// Attributes as they are sent.
pub type Pairs<'a> = Values<'a, MAX_ATTRIBUTES>;

/// What was changed in a record, or in what records share.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    cut: String,
    invalid_utf8: bool,
    cut_values: bool,
}

/// What happens to the record under construction.
pub struct Notes<'c> {
    /// Masks secrets.
    pub redactor: &'c Redactor,
    /// Sums for the request.
    pub counts: Counts,
    marks: Marks,
}

impl<'c> Notes<'c> {
    /// For a request.
    pub fn new(redactor: &'c Redactor) -> Self {
        Self { redactor, counts: Counts::default(), marks: Marks::default() }
    }

    /// Starts a record with the marks of what it shares with others.
    pub fn begin(&mut self, shared: &Marks) {
        self.marks.clone_from(shared);
    }

    /// Ends what records share: its marks, for each of them.
    pub fn shared(&mut self) -> Marks {
        std::mem::take(&mut self.marks)
    }

    /// Adds to the marks.
    pub fn mark(&mut self, what: &str, original: usize) {
        if self.marks.cut.len() < MAX_MARKS_BYTES {
            let space = if self.marks.cut.is_empty() { "" } else { " " };
            let _ = write!(self.marks.cut, "{space}{what}:{original}");
        }
    }

    /// Marks and counts a cut of anything but the body.
    pub fn cut(&mut self, what: &str, original: usize) {
        self.mark(what, original);
        self.marks.cut_values = true;
    }

    fn cut_body(&mut self, original: usize) {
        self.mark("body", original);
        self.counts.cut_bodies += 1;
    }

    /// Ends a record: its marks.
    pub fn take(&mut self) -> Option<String> {
        let Marks { mut cut, invalid_utf8, cut_values } = self.shared();
        if invalid_utf8 {
            self.counts.invalid_utf8 += 1;
            cut.push_str(if cut.is_empty() { "utf8" } else { " utf8" });
        }
        self.counts.cut_attributes += u64::from(cut_values);
        (!cut.is_empty()).then_some(cut)
    }

    /// Text as it is, or with its bad bytes replaced.
    pub fn text<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, str> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => {
                self.marks.invalid_utf8 = true;
                String::from_utf8_lossy(bytes)
            }
        }
    }

    fn limited<'a>(&mut self, bytes: &'a [u8], limit: usize, what: &str) -> Cow<'a, str> {
        if bytes.len() > limit {
            self.cut(what, bytes.len());
        }
        self.text(floor(bytes, limit))
    }

    fn masked<'a>(&mut self, text: Cow<'a, str>) -> Cow<'a, str> {
        let masked = match self.redactor.text(&text, &mut self.counts) {
            Cow::Borrowed(_) => None,
            Cow::Owned(masked) => Some(masked),
        };
        masked.map_or(text, Cow::Owned)
    }

    /// A name or another short text of the protocol, masked.
    pub fn name<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, str> {
        let text = self.limited(bytes, MAX_VALUE_BYTES, "text");
        self.masked(text)
    }

    /// The name or unit of a metric. Not masked: what looks like a secret there is a part of the name, as in
    /// `job:token:rate5m`.
    pub fn metric_name<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, str> {
        self.limited(bytes, MAX_VALUE_BYTES, "text")
    }

    /// The address of a schema, masked.
    pub fn schema_url<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, str> {
        let url = self.limited(bytes, MAX_SCHEMA_URL_BYTES, "text");
        self.masked(url)
    }

    /// The key of an attribute.
    pub fn key<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, str> {
        self.limited(bytes, MAX_KEY_BYTES, "key")
    }
}

/// At most `limit` bytes, cut between characters.
fn floor(bytes: &[u8], limit: usize) -> &[u8] {
    if bytes.len() <= limit {
        return bytes;
    }
    let mut end = limit;
    while end > limit.saturating_sub(4) && bytes[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    &bytes[..end]
}

/// Key and value of a `KeyValue`. Inlined, because it is done for every attribute and answers much.
#[inline(always)]
fn key_value(bytes: &[u8]) -> Result<(&[u8], Cow<'_, [u8]>), Bad> {
    let (mut key, mut value) = (&[][..], Cow::Borrowed(&[][..]));
    let mut fields = Fields::new(bytes);
    while let Some((number, wire)) = fields.next()? {
        match number {
            1 => key = wire.bytes()?,
            2 => merge(&mut value, wire.bytes()?),
            _ => {}
        }
    }
    Ok((key, value))
}

/// Calls `put` for every attribute, masked and within the limits.
pub fn attributes(pairs: &Pairs<'_>, notes: &mut Notes<'_>, mut put: impl FnMut(&str, ValueRef<'_>)) {
    let mut scratch = String::new();
    for pair in pairs.kept() {
        let Ok((key, value)) = key_value(pair) else {
            notes.mark("attributes:malformed", pair.len());
            continue;
        };
        let key = notes.key(key);
        with_value(&key, &value, notes, &mut scratch, |value| put(&key, value));
    }
    if let Some(count) = pairs.cut() {
        notes.cut("attributes", count);
    }
}

/// Attributes as a JSON object; `None` when there are none.
pub fn attributes_json(pairs: &Pairs<'_>, notes: &mut Notes<'_>) -> Option<String> {
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

fn with_value(key: &str, value: &[u8], notes: &mut Notes<'_>, scratch: &mut String, put: impl FnOnce(ValueRef<'_>)) {
    match any_value(value) {
        Ok(Any::None) => put(ValueRef::Null),
        Ok(Any::Str(bytes)) => {
            let text = notes.limited(bytes, MAX_VALUE_BYTES, "value");
            let redactor = notes.redactor;
            put(ValueRef::Str(&redactor.attribute(key, &text, &mut notes.counts)));
        }
        Ok(Any::Int(_) | Any::Double(_)) if notes.redactor.is_secret_key(key) => {
            notes.counts.redacted += 1;
            put(ValueRef::Str(MASK));
        }
        Ok(Any::Bool(bool)) => put(ValueRef::Bool(bool)),
        Ok(Any::Int(int)) => put(ValueRef::Int(int)),
        Ok(Any::Double(double)) => put(ValueRef::Double(double)),
        Ok(any) => {
            scratch.clear();
            let secret = notes.redactor.is_secret_key(key);
            if structure(secret, &any, notes, scratch, 0).is_err() {
                notes.mark("attributes:malformed", value.len());
                put(ValueRef::Null);
            } else if scratch.len() > MAX_VALUE_BYTES {
                notes.cut("value", scratch.len());
                put(ValueRef::Str(&scratch[..scratch.floor_char_boundary(MAX_VALUE_BYTES)]));
            } else {
                put(ValueRef::Json(scratch));
            }
        }
        Err(_) => {
            notes.mark("attributes:malformed", value.len());
            put(ValueRef::Null);
        }
    }
}

/// An `AnyValue`.
enum Any<'a> {
    None,
    Str(&'a [u8]),
    Bool(bool),
    Int(i64),
    Double(f64),
    List(Cow<'a, [u8]>),
    Map(Cow<'a, [u8]>),
    Bytes(&'a [u8]),
}

impl Any<'_> {
    /// Bytes of what is not a number.
    fn len(&self) -> usize {
        match self {
            Any::Str(bytes) | Any::Bytes(bytes) => bytes.len(),
            Any::List(bytes) | Any::Map(bytes) => bytes.len(),
            _ => 0,
        }
    }

    /// Whether it is masked under the key of a secret. Of lists and maps the members are.
    fn may_be_secret(&self) -> bool {
        match self {
            Any::Str(bytes) => !bytes.is_empty() && *bytes != MASK.as_bytes(),
            Any::Bytes(bytes) => !bytes.is_empty(),
            Any::Int(_) | Any::Double(_) => true,
            Any::None | Any::Bool(_) | Any::List(_) | Any::Map(_) => false,
        }
    }
}

/// The member of the oneof that is set: the last one counts, pieces of one list or map are put together.
#[inline]
fn any_value(bytes: &[u8]) -> Result<Any<'_>, Bad> {
    let mut fields = Fields::new(bytes);
    let mut any = Any::None;
    while let Some((number, wire)) = fields.next()? {
        any = match (number, any) {
            (1, _) => Any::Str(wire.bytes()?),
            (2, _) => Any::Bool(wire.number()? != 0),
            (3, _) => Any::Int(wire.number()? as i64),
            (4, _) => Any::Double(wire.double()?),
            (5, Any::List(mut whole)) => {
                merge(&mut whole, wire.bytes()?);
                Any::List(whole)
            }
            (5, _) => Any::List(Cow::Borrowed(wire.bytes()?)),
            (6, Any::Map(mut whole)) => {
                merge(&mut whole, wire.bytes()?);
                Any::Map(whole)
            }
            (6, _) => Any::Map(Cow::Borrowed(wire.bytes()?)),
            (7, _) => Any::Bytes(wire.bytes()?),
            // The place of a text in the table of a profile; there is none here.
            (8, _) => Any::None,
            (_, any) => any,
        };
    }
    Ok(any)
}

/// Appends a value as attribute JSON; what lies below the key of a secret is masked.
fn structure(secret: bool, value: &Any<'_>, notes: &mut Notes<'_>, out: &mut String, depth: usize) -> Result<(), Bad> {
    if depth >= MAX_DEPTH || out.len() > MAX_BODY_BYTES {
        notes.cut(if depth >= MAX_DEPTH { "depth" } else { "value" }, value.len());
        out.push_str("\"...\"");
        return Ok(());
    }
    match value {
        any if secret && any.may_be_secret() => {
            notes.counts.redacted += 1;
            json::write_string(out, MASK);
        }
        Any::None => out.push_str("null"),
        Any::Str(bytes) => {
            let text = notes.text(bytes);
            json::write_string(out, &notes.masked(text));
        }
        Any::Bool(bool) => out.push_str(if *bool { "true" } else { "false" }),
        Any::Int(int) => json::write_int(out, *int),
        Any::Double(double) => json::write_double(out, *double),
        Any::List(bytes) => list(secret, bytes, notes, out, depth)?,
        Any::Map(bytes) => map(secret, bytes, notes, out, depth)?,
        Any::Bytes(bytes) => json::write_bytes(out, bytes),
    }
    Ok(())
}

fn list(secret: bool, bytes: &[u8], notes: &mut Notes<'_>, out: &mut String, depth: usize) -> Result<(), Bad> {
    out.push('[');
    let mut fields = Fields::new(bytes);
    let mut first = true;
    while let Some((number, wire)) = fields.next()? {
        if number == 1 && out.len() <= MAX_BODY_BYTES {
            if !std::mem::take(&mut first) {
                out.push(',');
            }
            structure(secret, &any_value(wire.bytes()?)?, notes, out, depth + 1)?;
        }
    }
    out.push(']');
    Ok(())
}

fn map(secret: bool, bytes: &[u8], notes: &mut Notes<'_>, out: &mut String, depth: usize) -> Result<(), Bad> {
    let mut pairs = Vec::new();
    let mut fields = Fields::new(bytes);
    let mut count = 0;
    while let Some((number, wire)) = fields.next()? {
        if number == 1 {
            count += 1;
            if count <= MAX_ATTRIBUTES {
                pairs.push(key_value(wire.bytes()?)?);
            }
        }
    }
    if count > MAX_ATTRIBUTES {
        notes.cut("attributes", count);
    }
    let escape = matches!(pairs.as_slice(), [(key, _)] if key.starts_with(b"$"));
    out.push_str(if escape { "{\"$map\":{" } else { "{" });
    for (index, (key, value)) in pairs.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        let key = notes.key(key);
        json::write_string(out, &key);
        out.push(':');
        let secret = secret || notes.redactor.is_secret_key(&key);
        structure(secret, &any_value(value)?, notes, out, depth + 1)?;
    }
    out.push_str(if escape { "}}" } else { "}" });
    Ok(())
}

/// A log body: its text, and its type when it is not text.
pub fn body<'a>(
    bytes: &'a [u8],
    notes: &mut Notes<'_>,
    scratch: &'a mut String,
) -> Result<(Option<Cow<'a, str>>, Option<&'static str>), Bad> {
    let any = any_value(bytes)?;
    let kind = match any {
        Any::None => return Ok((None, None)),
        Any::Str(original) => {
            let text = notes.text(floor(original, MAX_BODY_BYTES));
            if original.len() > MAX_BODY_BYTES {
                notes.cut_body(original.len());
            }
            return Ok((Some(notes.masked(text)), None));
        }
        Any::Bool(_) => "bool",
        Any::Int(_) => "int",
        Any::Double(_) => "double",
        Any::List(_) => "array",
        Any::Map(_) => "map",
        Any::Bytes(_) => "bytes",
    };
    scratch.clear();
    structure(false, &any, notes, scratch, 0)?;
    if scratch.len() > MAX_BODY_BYTES {
        notes.cut_body(scratch.len());
        // Half a structure is no structure: what is kept is text.
        scratch.truncate(scratch.floor_char_boundary(MAX_BODY_BYTES));
        return Ok((Some(Cow::Borrowed(scratch)), None));
    }
    Ok((Some(Cow::Borrowed(scratch)), Some(kind)))
}
