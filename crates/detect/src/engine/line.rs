//! A line of JSON projected onto slots, in one pass and without a tree.

use super::slots::{Fields, PathId, Slots};
use model::flatten::{PathKey, TOO_DEEP};
use model::json::{BYTES_KEY, DOUBLE_KEY, special_double};
use model::limits::MAX_DEPTH;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;

/// Key of the object that stands for a map whose only key could be mistaken.
const MAP_KEY: &str = "$map";

/// Why a line is no event.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("column {column}: {reason}")]
pub struct BadLine {
    /// Why.
    pub reason: String,
    /// Where, in bytes from 1.
    pub column: usize,
}

/// Reads objects into slots.
pub(super) struct Reader<'a> {
    pub fields: &'a Fields,
    pub slots: &'a mut Slots,
    /// The dotted path on the way down.
    pub path: &'a mut String,
    /// Where the text that is read lies in memory, when it is also the base of the slots.
    pub base: Option<(usize, usize)>,
    /// It is attribute JSON, with its markers.
    pub marked: bool,
    /// Among the layers of a row.
    pub layer: Option<u8>,
}

impl Reader<'_> {
    /// Reads the members of the object that `text` is.
    pub fn object(&mut self, text: &str) -> Result<(), BadLine> {
        let mut json = serde_json::Deserializer::from_str(text);
        let read = Object(self).deserialize(&mut json).and_then(|()| json.end());
        read.map_err(|error| {
            let mut reason = error.to_string();
            if let Some(at) = reason.rfind(" at line ") {
                reason.truncate(at);
            }
            BadLine { reason, column: error.column() }
        })
    }

    /// Reads any value, which has the current path.
    pub fn value(&mut self, text: &str, depth: usize) -> Result<(), serde_json::Error> {
        let mut json = serde_json::Deserializer::from_str(text);
        Member { reader: self, depth }.deserialize(&mut json)
    }

    /// The current path if its value is of use.
    #[inline]
    fn wanted(&mut self) -> Option<Option<PathId>> {
        let path = self.fields.path(self.path);
        if !self.slots.wants(path) {
            return None;
        }
        match self.layer {
            Some(layer) if !self.slots.admits(path, self.path, layer) => None,
            _ => {
                self.slots.name(self.path);
                Some(path)
            }
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(path) = self.wanted() {
            self.slots.text(self.fields, path, text);
        }
    }

    /// Runs over the members of an object; `dotted` below another.
    fn members<'de, A: MapAccess<'de>>(&mut self, mut map: A, depth: usize, dotted: bool) -> Result<(), A::Error> {
        let base = self.path.len();
        while map.next_key_seed(PathKey { out: &mut *self.path, dotted })?.is_some() {
            map.next_value_seed(Member { reader: self, depth: depth + 1 })?;
            self.path.truncate(base);
        }
        Ok(())
    }

    /// An object of attribute JSON, which is a marker when a key that says so is its only one.
    fn marked<'de, A: MapAccess<'de>>(&mut self, mut map: A, depth: usize) -> Result<(), A::Error> {
        let base = self.path.len();
        if map.next_key_seed(PathKey { out: &mut *self.path, dotted: true })?.is_none() {
            return Ok(());
        }
        if !self.path[base + 1..].starts_with('$') {
            map.next_value_seed(Member { reader: self, depth: depth + 1 })?;
            self.path.truncate(base);
            return self.members(map, depth, true);
        }
        let value: Value = map.next_value()?;
        let mut second = String::new();
        let is_only = map.next_key_seed(PathKey { out: &mut second, dotted: true })?.is_none();
        if !is_only || !self.marker(base, &value, depth).map_err(A::Error::custom)? {
            Member { reader: self, depth: depth + 1 }.deserialize(value).map_err(A::Error::custom)?;
        }
        self.path.truncate(base);
        if is_only {
            return Ok(());
        }
        self.path.push_str(&second);
        map.next_value_seed(Member { reader: self, depth: depth + 1 })?;
        self.path.truncate(base);
        self.members(map, depth, true)
    }

    /// Takes the value of a marker whose key follows the path at `base`; false when it is none.
    fn marker(&mut self, base: usize, value: &Value, depth: usize) -> Result<bool, serde_json::Error> {
        let key = self.path[base + 1..].to_owned();
        match (key.as_str(), value) {
            (BYTES_KEY, Value::String(text)) => {
                self.path.truncate(base);
                self.text(text);
            }
            (DOUBLE_KEY, Value::String(text)) if special_double(text).is_some() => {
                self.path.truncate(base);
                if let (Some(path), Some(double)) = (self.wanted(), special_double(text)) {
                    self.slots.double(self.fields, path, double);
                }
            }
            (MAP_KEY, Value::Object(_)) => {
                self.path.truncate(base);
                value.deserialize_map(Plain { reader: self, depth })?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// The whole text: an object and nothing else.
struct Object<'r, 'a>(&'r mut Reader<'a>);

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

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.0.members(map, 0, false)
    }
}

/// A map that stands behind a marker and so is none itself.
struct Plain<'r, 'a> {
    reader: &'r mut Reader<'a>,
    depth: usize,
}

impl<'de> Visitor<'de> for Plain<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.reader.members(map, self.depth, true)
    }
}

/// A member of an object or an element of a list: a scalar becomes a value of the path, the others are walked into.
struct Member<'r, 'a> {
    reader: &'r mut Reader<'a>,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Member<'_, '_> {
    type Value = ();

    #[inline]
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
        if let Some(path) = self.reader.wanted() {
            self.reader.slots.null(self.reader.fields, path);
        }
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        if let Some(path) = self.reader.wanted() {
            self.reader.slots.bool(self.reader.fields, path, value);
        }
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        if let Some(path) = self.reader.wanted() {
            self.reader.slots.int(self.reader.fields, path, value);
        }
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        match i64::try_from(value) {
            Ok(int) => self.visit_i64(int),
            Err(_) => self.visit_str(&value.to_string()),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        if let Some(path) = self.reader.wanted() {
            self.reader.slots.double(self.reader.fields, path, value);
        }
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.reader.text(text);
        Ok(())
    }

    #[inline]
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<(), E> {
        let reader = self.reader;
        let Some(path) = reader.wanted() else { return Ok(()) };
        let at = text.as_ptr() as usize;
        match reader.base {
            Some((start, end)) if at >= start && at + text.len() <= end => {
                reader.slots.within(reader.fields, path, at - start, at - start + text.len());
            }
            _ => reader.slots.text(reader.fields, path, text),
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        if self.depth >= MAX_DEPTH {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            return self.visit_str(TOO_DEEP);
        }
        let reader = self.reader;
        while seq.next_element_seed(Member { reader: &mut *reader, depth: self.depth + 1 })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if self.depth >= MAX_DEPTH {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return self.visit_str(TOO_DEEP);
        }
        let reader = self.reader;
        if reader.marked {
            return reader.marked(map, self.depth);
        }
        if !reader.slots.keeps_all && !reader.fields.is_prefix(reader.path) {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        reader.members(map, self.depth, true)
    }
}
