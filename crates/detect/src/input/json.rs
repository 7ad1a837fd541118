//! JSON objects to events, in one pass and without a tree.
//!
//! `{"a":{"b":1}}` becomes `a.b` = 1; elements of lists have the list's path, so that a key that is there twice and a list
//! are the same. Integers beyond 64 signed bits stay text, so that no digit is lost. Below `MAX_DEPTH` a value is replaced
//! by `"..."`. The engine reads lines the same way.

use super::Bad;
use crate::event::{PlainEvent, Scalar};
use model::flatten::{PathKey, TOO_DEEP};
use model::limits::MAX_DEPTH;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Reads a text, which must hold one object and nothing else.
///
/// # Errors
/// When it does not; lines count from 0 and columns from 1, in the text.
pub fn object(text: &str) -> Result<PlainEvent, Bad> {
    let mut reader = Reader { fields: Vec::new(), path: String::new() };
    let mut json = serde_json::Deserializer::from_str(text);
    let read = Object(&mut reader).deserialize(&mut json).and_then(|()| json.end());
    match read {
        Ok(()) => Ok(PlainEvent { fields: reader.fields, ..PlainEvent::default() }),
        Err(error) => {
            let mut reason = error.to_string();
            if let Some(at) = reason.rfind(" at line ") {
                reason.truncate(at);
            }
            Err(Bad { line: (error.line() as u64).saturating_sub(1), column: error.column().max(1) as u64, reason })
        }
    }
}

struct Reader {
    fields: Vec<(String, Scalar)>,
    /// The dotted path on the way down.
    path: String,
}

impl Reader {
    fn push(&mut self, value: Scalar) {
        self.fields.push((self.path.clone(), value));
    }

    fn members<'de, A: MapAccess<'de>>(&mut self, mut map: A, depth: usize, dotted: bool) -> Result<(), A::Error> {
        let base = self.path.len();
        while map.next_key_seed(PathKey { out: &mut self.path, dotted })?.is_some() {
            map.next_value_seed(Member { reader: self, depth: depth + 1 })?;
            self.path.truncate(base);
        }
        Ok(())
    }
}

/// The whole text: an object and nothing else.
struct Object<'r>(&'r mut Reader);

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.0.members(map, 0, false)
    }
}

/// A member of an object or an element of a list: a scalar becomes a value of the path, the others are walked into.
struct Member<'r> {
    reader: &'r mut Reader,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.reader.push(Scalar::Null);
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.reader.push(Scalar::Bool(value));
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.reader.push(Scalar::Int(value));
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.reader.push(match i64::try_from(value) {
            Ok(int) => Scalar::Int(int),
            Err(_) => Scalar::Text(value.to_string()),
        });
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.reader.push(Scalar::Double(value));
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.reader.push(Scalar::Text(text.to_owned()));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        if self.depth >= MAX_DEPTH {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            return self.visit_str(TOO_DEEP);
        }
        let reader = self.reader;
        while seq.next_element_seed(Member { reader, depth: self.depth + 1 })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if self.depth >= MAX_DEPTH {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return self.visit_str(TOO_DEEP);
        }
        self.reader.members(map, self.depth, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nested_and_flat_objects_are_the_same() {
        let nested = object(r#"{"a":{"b":1,"c":[true,{"d":"x"},null]},"e":18446744073709551615,"f":1.5}"#).unwrap();
        let flat = object(r#"{"a.b":1,"a.c":true,"a.c.d":"x","a.c":null,"e":"18446744073709551615","f":1.5}"#).unwrap();
        assert_eq!(nested, flat);
        assert_eq!(nested.values("a.c").count(), 2);
    }

    #[test]
    fn what_is_no_object_is_told_with_its_place() {
        for (text, column) in [("[1]", 1), (r#"{"a":}"#, 6), (r#"{"a":1} x"#, 9), ("", 1)] {
            assert_eq!(object(text).unwrap_err().column, column, "{text}");
        }
        let deep = format!("{}1{}", "{\"a\":".repeat(100), "}".repeat(100));
        let event = object(&deep).unwrap();
        assert_eq!(event.fields[0].1, Scalar::Text("...".to_owned()));
    }

    proptest! {
        #[test]
        fn any_text_is_an_event_or_refused(text in "[\\[\\]{}:,\"a1 .\\\\n-]{0,60}") {
            let _ = object(&text);
        }
    }
}
