//! A JSON object, flattened to dotted keys with typed scalars.
//!
//! Read in one pass into one text arena; nothing reaches a batch before the whole object proved to be
//! well-formed. `{"a":{"b":1}}` becomes `a.b` = 1; arrays and empty objects stay JSON; integers beyond
//! 64 signed bits stay text, so that no digit is lost. Below [`MAX_DEPTH`] a value is replaced by
//! `"..."`. Strings and numbers inside arrays are masked here, all others when they become attributes.

use super::roles::Roles;
use crate::error::Counts;
use crate::redact::{MASK, Redactor};
use model::flatten::{PathKey, TOO_DEEP};
use model::limits::{MAX_ATTRIBUTES, MAX_DEPTH, MAX_KEY_BYTES};
use model::{ValueRef, json};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Fields kept while reading one object: the attributes, and room for those that become columns.
const MAX_FIELDS: usize = MAX_ATTRIBUTES + 64;
/// Fields kept beyond them because they may become columns. There are fewer names of such fields; the same
/// name over and over must not cost memory.
const MAX_ROLE_FIELDS: usize = 256;

/// Where a text lies in the arena.
type Text = (u32, u32);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Scalar {
    Null,
    Str(Text),
    Int(i64),
    Double(f64),
    Bool(bool),
    Json(Text),
}

struct Field {
    key: Text,
    value: Scalar,
}

/// A flattened object; reused from record to record.
#[derive(Default)]
pub(crate) struct Flat {
    arena: String,
    fields: Vec<Field>,
    /// The dotted key on the way down.
    path: String,
    /// The fields that are kept wherever they are.
    roles: Arc<Roles>,
    /// Other fields beyond [`MAX_FIELDS`].
    pub dropped: usize,
    /// Values replaced because of their depth.
    pub too_deep: usize,
}

/// Why a text is not an object, and at which byte column (from 1).
#[derive(Debug, PartialEq)]
pub(crate) struct Bad {
    pub reason: String,
    pub column: usize,
}

impl Flat {
    /// For records whose fields have these roles.
    pub fn new(roles: Arc<Roles>) -> Self {
        Self { roles, ..Self::default() }
    }

    /// Reads `text`, which must hold one object and nothing else.
    pub fn parse(&mut self, text: &str, redactor: &Redactor, counts: &mut Counts) -> Result<(), Bad> {
        self.clear();
        let mut reader = serde_json::Deserializer::from_str(text);
        let mut state = State { flat: self, redactor, counts };
        let read = Object { state: &mut state, depth: 0 }.deserialize(&mut reader).and_then(|()| reader.end());
        read.map_err(|error| {
            let mut reason = error.to_string();
            if let Some(at) = reason.rfind(" at line ") {
                reason.truncate(at);
            }
            Bad { reason, column: error.column() }
        })
    }

    /// Starts a record that is filled by [`Flat::push`].
    pub fn clear(&mut self) {
        self.arena.clear();
        self.fields.clear();
        self.path.clear();
        self.dropped = 0;
        self.too_deep = 0;
    }

    /// Adds a field by hand, as other line formats do.
    pub fn push(&mut self, key: &str, value: ValueRef<'_>) {
        if !self.keeps(key) {
            self.dropped += 1;
            return;
        }
        let key = self.store(key);
        let value = match value {
            ValueRef::Null => Scalar::Null,
            ValueRef::Str(text) => Scalar::Str(self.store(text)),
            ValueRef::Int(int) => Scalar::Int(int),
            ValueRef::Double(double) => Scalar::Double(double),
            ValueRef::Bool(bool) => Scalar::Bool(bool),
            ValueRef::Json(text) => Scalar::Json(self.store(text)),
        };
        self.fields.push(Field { key, value });
    }

    pub fn len(&self) -> usize {
        self.fields.len()
    }

    pub fn key(&self, index: usize) -> &str {
        self.text(self.fields[index].key)
    }

    pub fn value(&self, index: usize) -> ValueRef<'_> {
        match self.fields[index].value {
            Scalar::Null => ValueRef::Null,
            Scalar::Str(text) => ValueRef::Str(self.text(text)),
            Scalar::Int(int) => ValueRef::Int(int),
            Scalar::Double(double) => ValueRef::Double(double),
            Scalar::Bool(bool) => ValueRef::Bool(bool),
            Scalar::Json(text) => ValueRef::Json(self.text(text)),
        }
    }

    fn text(&self, (start, end): Text) -> &str {
        &self.arena[start as usize..end as usize]
    }

    fn store(&mut self, text: &str) -> Text {
        let start = self.arena.len();
        self.arena.push_str(text);
        span(start..self.arena.len())
    }

    /// Whether there is room for a field called `key`.
    fn keeps(&self, key: &str) -> bool {
        let fields = self.fields.len();
        fields < MAX_FIELDS || fields < MAX_FIELDS + MAX_ROLE_FIELDS && self.roles.knows(key)
    }

    /// The key of the current field. Of a path too long there is only as much as shows that it must be cut:
    /// all fields of an object have its beginning.
    fn path(&self) -> &str {
        &self.path[..self.path.floor_char_boundary(MAX_KEY_BYTES + 4)]
    }

    /// Adds a value under the current path.
    fn add(&mut self, value: Scalar) {
        let start = self.arena.len();
        let end = self.path().len();
        self.arena.push_str(&self.path[..end]);
        self.fields.push(Field { key: span(start..self.arena.len()), value });
    }
}

/// Requests are far below 4 GiB, and an arena holds little more than the text of one record and its keys;
/// should that ever change, the range is held at the end rather than wrapped.
fn span(range: Range<usize>) -> Text {
    let end = |at| u32::try_from(at).unwrap_or(u32::MAX);
    (end(range.start), end(range.end))
}

struct State<'a> {
    flat: &'a mut Flat,
    redactor: &'a Redactor,
    counts: &'a mut Counts,
}

/// The whole text: an object and nothing else.
struct Object<'a, 'b> {
    state: &'a mut State<'b>,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Object<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let base = self.state.flat.path.len();
        while map.next_key_seed(PathKey { out: &mut self.state.flat.path, dotted: base > 0 })?.is_some() {
            map.next_value_seed(Member { state: &mut *self.state, depth: self.depth + 1 })?;
            self.state.flat.path.truncate(base);
        }
        Ok(())
    }
}

/// A member of an object: a scalar becomes a field, an object is walked into.
struct Member<'a, 'b> {
    state: &'a mut State<'b>,
    depth: usize,
}

impl Member<'_, '_> {
    /// Whether the field is kept; asked once for each, for it is counted when it is not.
    fn is_kept(&mut self) -> bool {
        let flat = &mut *self.state.flat;
        let kept = flat.keeps(flat.path());
        flat.dropped += usize::from(!kept);
        kept
    }

    fn add(mut self, value: Scalar) {
        if self.is_kept() {
            self.state.flat.add(value);
        }
    }
}

impl<'de> DeserializeSeed<'de> for Member<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Member<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.add(Scalar::Null);
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.add(Scalar::Bool(value));
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.add(Scalar::Int(value));
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        match i64::try_from(value) {
            Ok(int) => self.visit_i64(int),
            Err(_) => self.visit_str(&value.to_string()),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.add(Scalar::Double(value));
        Ok(())
    }

    fn visit_str<E: Error>(mut self, text: &str) -> Result<(), E> {
        if self.is_kept() {
            let text = self.state.flat.store(text);
            self.state.flat.add(Scalar::Str(text));
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        if !self.is_kept() {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        let start = self.state.flat.arena.len();
        let secret = self.state.redactor.is_secret_key(self.state.flat.path());
        Nested { state: &mut *self.state, depth: self.depth, secret }.visit_seq(seq)?;
        let text = span(start..self.state.flat.arena.len());
        self.state.flat.add(Scalar::Json(text));
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        // The last level may still hold scalars; what is an object or array there is not entered.
        if self.depth >= MAX_DEPTH {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            self.state.flat.too_deep += 1;
            return self.visit_str(TOO_DEEP);
        }
        let base = self.state.flat.path.len();
        let mut members = 0;
        while map.next_key_seed(PathKey { out: &mut self.state.flat.path, dotted: true })?.is_some() {
            map.next_value_seed(Member { state: &mut *self.state, depth: self.depth + 1 })?;
            self.state.flat.path.truncate(base);
            members += 1;
        }
        if members == 0 && self.is_kept() {
            let text = self.state.flat.store("{}");
            self.state.flat.add(Scalar::Json(text));
        }
        Ok(())
    }
}

/// A value inside an array, rendered as attribute JSON at the end of the arena.
struct Nested<'a, 'b> {
    state: &'a mut State<'b>,
    depth: usize,
    /// Whether it lies below the key of a secret.
    secret: bool,
}

impl Nested<'_, '_> {
    fn out(&mut self) -> &mut String {
        &mut self.state.flat.arena
    }

    fn mask(mut self) {
        self.state.counts.redacted += 1;
        json::write_string(self.out(), MASK);
    }
}

impl<'de> DeserializeSeed<'de> for Nested<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Nested<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(mut self) -> Result<(), E> {
        self.out().push_str("null");
        Ok(())
    }

    fn visit_bool<E: Error>(mut self, value: bool) -> Result<(), E> {
        self.out().push_str(if value { "true" } else { "false" });
        Ok(())
    }

    fn visit_i64<E: Error>(mut self, value: i64) -> Result<(), E> {
        match self.secret {
            true => self.mask(),
            false => json::write_int(self.out(), value),
        }
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        match i64::try_from(value) {
            Ok(int) => self.visit_i64(int),
            Err(_) => self.visit_str(&value.to_string()),
        }
    }

    fn visit_f64<E: Error>(mut self, value: f64) -> Result<(), E> {
        match self.secret {
            true => self.mask(),
            false => json::write_double(self.out(), value),
        }
        Ok(())
    }

    fn visit_str<E: Error>(mut self, text: &str) -> Result<(), E> {
        if self.secret && !text.is_empty() && text != MASK {
            self.mask();
        } else {
            let masked = self.state.redactor.text(text, self.state.counts);
            json::write_string(self.out(), &masked);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        if self.depth >= MAX_DEPTH {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            self.state.flat.too_deep += 1;
            json::write_string(self.out(), TOO_DEEP);
            return Ok(());
        }
        self.out().push('[');
        let first = self.out().len();
        loop {
            // The comma goes in before the element and out again when there was none.
            let before = self.out().len();
            if before > first {
                self.out().push(',');
            }
            if seq
                .next_element_seed(Nested { state: &mut *self.state, depth: self.depth + 1, secret: self.secret })?
                .is_none()
            {
                self.out().truncate(before);
                break;
            }
        }
        self.out().push(']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        if self.depth >= MAX_DEPTH {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            self.state.flat.too_deep += 1;
            json::write_string(self.out(), TOO_DEEP);
            return Ok(());
        }
        let start = self.out().len();
        self.out().push('{');
        let mut members = 0usize;
        let mut escape = false;
        let mut key = String::new();
        while map.next_key_seed(PathKey { out: &mut key, dotted: false })?.is_some() {
            if members > 0 {
                self.out().push(',');
            }
            escape = members == 0 && key.starts_with('$');
            json::write_string(self.out(), &key);
            self.out().push(':');
            let secret = self.secret || self.state.redactor.is_secret_key(&key);
            map.next_value_seed(Nested { state: &mut *self.state, depth: self.depth + 1, secret })?;
            members += 1;
            key.clear();
        }
        self.out().push('}');
        if escape {
            // Attribute JSON's rule for a map whose only key could be mistaken for a marker.
            self.out().insert_str(start, "{\"$map\":");
            self.out().push('}');
        }
        Ok(())
    }
}
