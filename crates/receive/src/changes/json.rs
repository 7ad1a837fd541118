//! Bodies as JSON, bounded while they are read: a small body cannot become a large tree.

use super::{HookError, MAX_FIELD_BYTES, MAX_JSON_VALUES};
use crate::lines::rows::cut_text;
use crate::lines::time::leading_iso;
use model::Nanos;
use model::limits::{MAX_DEPTH, MAX_REQUEST_BYTES};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::cell::Cell;
use std::fmt;

/// Reads a body.
pub(crate) fn read(body: &[u8]) -> Result<Value, HookError> {
    if body.len() > MAX_REQUEST_BYTES {
        return Err(HookError::TooLarge {
            limit_name: "MAX_REQUEST_BYTES",
            limit: MAX_REQUEST_BYTES,
            remedy: "send fewer events at once",
        });
    }
    let left = Cell::new(MAX_JSON_VALUES);
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read = Node { left: &left, depth: 0 }.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| match left.get() {
        0 => HookError::TooLarge {
            limit_name: "MAX_JSON_VALUES",
            limit: MAX_JSON_VALUES,
            remedy: "send fewer events or commits at once",
        },
        _ => HookError::malformed(reason(&error), format!("line {}, column {}", error.line(), error.column())),
    })
}

/// The message without the place, which is told apart.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

struct Node<'a> {
    left: &'a Cell<usize>,
    depth: usize,
}

impl Node<'_> {
    fn inner<E: Error>(&self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(format_args!("nested deeper than {MAX_DEPTH} levels")));
        }
        Ok(Node { left: self.left, depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        match self.left.get() {
            0 => return Err(D::Error::custom("too many values")),
            left => self.left.set(left - 1),
        }
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(self.inner()?)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            values.insert(key, map.next_value_seed(self.inner()?)?);
        }
        Ok(Value::Object(values))
    }
}

/// Text of a field, cut; none when it is missing, empty or no text.
pub(super) fn text<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    let text = value.pointer(path)?.as_str()?.trim();
    (!text.is_empty() && !text.contains('\0')).then(|| cut_text(text, MAX_FIELD_BYTES))
}

/// Text that must be there.
pub(super) fn needed<'a>(value: &'a Value, path: &str) -> Result<&'a str, HookError> {
    text(value, path).ok_or_else(|| missing(path))
}

/// A field that must be there is not.
pub(super) fn missing(path: &str) -> HookError {
    HookError::malformed("a field is missing or has another type than the source documents", path)
}

/// An id: a number or text.
pub(super) fn id(value: &Value, path: &str) -> Option<String> {
    match value.pointer(path)? {
        Value::Number(number) => Some(number.to_string()),
        _ => text(value, path).map(str::to_owned),
    }
}

/// An id that must be there.
pub(super) fn needed_id(value: &Value, path: &str) -> Result<String, HookError> {
    id(value, path).ok_or_else(|| missing(path))
}

/// Whether a field says yes.
pub(super) fn yes(value: &Value, path: &str) -> bool {
    value.pointer(path).and_then(Value::as_bool).unwrap_or(false)
}

/// A time: ISO 8601 text, or seconds since 1970.
pub(crate) fn time(value: &Value, path: &str) -> Option<Nanos> {
    match value.pointer(path)? {
        Value::Number(number) => number.as_i64()?.checked_mul(1_000_000_000),
        _ => leading_iso(text(value, path)?).map(|(nanos, _)| nanos),
    }
}

/// The id of a commit; none for the row of zeros that stands for no commit.
pub(super) fn commit(value: &Value, path: &str) -> Option<String> {
    text(value, path).and_then(commit_id)
}

/// Text that is the whole id of a commit, in lower case.
pub(super) fn commit_id(text: &str) -> Option<String> {
    let long = matches!(text.len(), 40 | 64);
    let fits = long && text.bytes().all(|byte| byte.is_ascii_hexdigit()) && text.bytes().any(|byte| byte != b'0');
    fits.then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_read_is_what_was_written() {
        let value = json!({"a": [1, -2, 3.5, null, true, "ä\n"], "b": {"c": {}}, "": []});
        assert_eq!(read(value.to_string().as_bytes()).unwrap(), value);
    }

    #[test]
    fn bad_bodies_say_where() {
        let place = |body: &[u8]| match read(body) {
            Err(HookError::Malformed { what, at }) => format!("{what} | {at}"),
            other => panic!("{other:?}"),
        };
        assert_eq!(place(b"{\"a\":\n  tru"), "EOF while parsing a value | line 2, column 5");
        assert_eq!(place(b"{} {}"), "trailing characters | line 1, column 4");
        assert!(place(b"").contains("EOF"));
        assert!(place(b"{\"a\":\"\xff\"}").contains("line 1"));
        let deep = [&b"["[..]; 200].concat();
        assert!(place(&deep).starts_with("nested deeper than 32 levels"), "{}", place(&deep));
    }

    #[test]
    fn a_small_body_cannot_become_a_large_tree() {
        let wide = format!("[{}0]", "0,".repeat(MAX_JSON_VALUES));
        let error = read(wide.as_bytes()).unwrap_err();
        assert!(matches!(error, HookError::TooLarge { limit_name: "MAX_JSON_VALUES", .. }), "{error}");
        let long = vec![b' '; MAX_REQUEST_BYTES + 1];
        assert!(matches!(read(&long), Err(HookError::TooLarge { limit_name: "MAX_REQUEST_BYTES", .. })));
    }

    #[test]
    fn fields_are_read_kindly() {
        let value = json!({"t": " x ", "zero": "a\0b", "n": 7, "long": "é".repeat(400),
            "when": "2021-04-28 21:50:00 +0200", "seconds": 1_619_639_400, "sha": "0".repeat(40)});
        assert_eq!(text(&value, "/t"), Some("x"));
        assert_eq!(text(&value, "/zero"), None);
        assert_eq!(text(&value, "/n"), None);
        assert_eq!(id(&value, "/n").as_deref(), Some("7"));
        assert_eq!(text(&value, "/long").map(str::len), Some(512));
        assert_eq!(time(&value, "/when"), Some(1_619_639_400_000_000_000));
        assert_eq!(time(&value, "/seconds"), time(&value, "/when"));
        assert_eq!(commit(&value, "/sha"), None);
        assert!(commit_id(&"Ab".repeat(20)).is_some());
    }
}
