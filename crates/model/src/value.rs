//! Attribute values, in OpenTelemetry's types.

use crate::json;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// An attribute value that owns its content.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Value {
    /// A key without a value.
    #[default]
    Null,
    /// Text.
    String(String),
    /// A 64-bit integer.
    Int(i64),
    /// A 64-bit float, NaN and infinities included.
    Double(f64),
    /// A boolean.
    Bool(bool),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A list.
    Array(Vec<Value>),
    /// A map; the order is kept, the keys are meant to be unique.
    Map(Vec<(String, Value)>),
}

/// A value on its way into a batch: scalars borrowed, everything else already rendered as
/// [attribute JSON](crate::json).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ValueRef<'a> {
    /// A key without a value.
    Null,
    /// Text.
    Str(&'a str),
    /// A 64-bit integer.
    Int(i64),
    /// A 64-bit float.
    Double(f64),
    /// A boolean.
    Bool(bool),
    /// Attribute JSON of bytes, an array or a map.
    Json(&'a str),
}

impl Value {
    /// Appends this value as attribute JSON.
    pub fn write_json(&self, out: &mut String) {
        match self {
            Value::Null => out.push_str("null"),
            Value::String(text) => json::write_string(out, text),
            Value::Int(int) => json::write_int(out, *int),
            Value::Double(double) => json::write_double(out, *double),
            Value::Bool(bool) => out.push_str(if *bool { "true" } else { "false" }),
            Value::Bytes(bytes) => json::write_bytes(out, bytes),
            Value::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write_json(out);
                }
                out.push(']');
            }
            Value::Map(entries) => {
                let escape = matches!(entries.as_slice(), [(key, _)] if key.starts_with('$'));
                if escape {
                    out.push_str("{\"$map\":");
                }
                out.push('{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    json::write_string(out, key);
                    out.push(':');
                    value.write_json(out);
                }
                out.push('}');
                if escape {
                    out.push('}');
                }
            }
        }
    }

    /// This value as attribute JSON.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write_json(&mut out);
        out
    }

    /// Reads attribute JSON back. `None` when the text is not JSON or nests too deeply.
    pub fn from_json(text: &str) -> Option<Value> {
        serde_json::from_str::<serde_json::Value>(text).ok().map(from_serde)
    }

    /// The canonical text that `attributes['key']` answers in SQL; `None` for a key without value.
    pub fn to_text(&self) -> Option<String> {
        match self {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            Value::Double(double) => {
                let mut out = String::new();
                json::write_double_text(&mut out, *double);
                Some(out)
            }
            other => Some(other.to_json()),
        }
    }
}

fn from_serde(value: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match value {
        Json::Null => Value::Null,
        Json::Bool(bool) => Value::Bool(bool),
        Json::Number(number) => match number.as_i64() {
            Some(int) => Value::Int(int),
            None => Value::Double(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::String(text),
        Json::Array(items) => Value::Array(items.into_iter().map(from_serde).collect()),
        Json::Object(map) => from_object(map),
    }
}

fn from_object(mut map: serde_json::Map<String, serde_json::Value>) -> Value {
    use serde_json::Value as Json;
    if map.len() == 1 {
        if let Some(Json::String(text)) = map.get(json::BYTES_KEY)
            && let Ok(bytes) = STANDARD.decode(text)
        {
            return Value::Bytes(bytes);
        }
        if let Some(Json::String(text)) = map.get(json::DOUBLE_KEY)
            && let Some(double) = json::special_double(text)
        {
            return Value::Double(double);
        }
        if matches!(map.get("$map"), Some(Json::Object(_)))
            && let Some(Json::Object(inner)) = map.remove("$map")
        {
            return Value::Map(inner.into_iter().map(|(key, value)| (key, from_serde(value))).collect());
        }
    }
    Value::Map(map.into_iter().map(|(key, value)| (key, from_serde(value))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            ".*".prop_map(Value::String),
            any::<i64>().prop_map(Value::Int),
            any::<f64>().prop_map(Value::Double),
            any::<bool>().prop_map(Value::Bool),
            proptest::collection::vec(any::<u8>(), 0..20).prop_map(Value::Bytes),
        ];
        leaf.prop_recursive(3, 20, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
                proptest::collection::btree_map("[$a-z]{0,4}", inner, 0..5)
                    .prop_map(|map| Value::Map(map.into_iter().collect())),
            ]
        })
    }

    fn same(left: &Value, right: &Value) -> bool {
        match (left, right) {
            (Value::Double(a), Value::Double(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
            (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
            (Value::Map(a), Value::Map(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|((ka, a), (kb, b))| ka == kb && same(a, b))
            }
            (a, b) => a == b,
        }
    }

    proptest! {
        #[test]
        fn attribute_json_is_lossless(value in any_value()) {
            let text = value.to_json();
            let back = Value::from_json(&text).unwrap();
            prop_assert!(same(&value, &back), "{value:?} -> {text} -> {back:?}");
        }
    }

    #[test]
    fn integers_and_floats_stay_apart() {
        assert_eq!(Value::Int(5).to_json(), "5");
        assert_eq!(Value::Double(5.0).to_json(), "5.0");
        assert_eq!(Value::from_json("5.0"), Some(Value::Double(5.0)));
        assert_eq!(Value::Double(f64::NAN).to_text().as_deref(), Some("NaN"));
    }
}
