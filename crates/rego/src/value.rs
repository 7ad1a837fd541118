//! What a rule results in.

use crate::limits::{MAX_REGO_RESULT, MAX_REGO_RESULT_DEPTH};
use regorus::Value;
use serde_json::Map;

/// The results that a value stands for, the first so many of them, and how many there are in all: the members of a set or list, the
/// values of an object, or what is itself a result. One that is too large to be said is `null`, and a result nevertheless.
pub fn results(value: &Value, most: usize) -> (Vec<serde_json::Value>, usize) {
    match value {
        Value::Set(values) => (values.iter().take(most).map(result).collect(), values.len()),
        Value::Array(values) => (values.iter().take(most).map(result).collect(), values.len()),
        Value::Undefined | Value::Null | Value::Bool(false) => (Vec::new(), 0),
        // A partial object: each value is a result, and a text is the key of one.
        Value::Object(members) if !members.contains_key(&Value::from("msg")) => {
            let said = |(key, value)| result(if matches!(value, &Value::Bool(true)) { key } else { value });
            (members.iter().take(most).map(said).collect(), members.len())
        }
        other => (vec![result(other)], 1),
    }
}

fn result(value: &Value) -> serde_json::Value {
    json(value, &mut MAX_REGO_RESULT.clone()).unwrap_or(serde_json::Value::Null)
}

/// A value, if it has so many parts at most. Parts are shared between values of the interpreter, and a few of them can stand for a
/// number of values that never ends.
pub fn json(value: &Value, left: &mut usize) -> Option<serde_json::Value> {
    part(value, left, 0)
}

fn part(value: &Value, left: &mut usize, depth: usize) -> Option<serde_json::Value> {
    *left = left.checked_sub(1)?;
    if depth > MAX_REGO_RESULT_DEPTH {
        return None;
    }
    let list = |values: &mut dyn Iterator<Item = &Value>, left: &mut usize| {
        values.map(|value| part(value, left, depth + 1)).collect::<Option<Vec<_>>>().map(serde_json::Value::Array)
    };
    match value {
        Value::Array(values) => list(&mut values.iter(), left),
        Value::Set(values) => list(&mut values.iter(), left),
        Value::Object(members) => {
            let mut out = Map::new();
            for (key, value) in members.iter() {
                let key = match part(key, left, depth + 1)? {
                    serde_json::Value::String(key) => key,
                    other => other.to_string(),
                };
                out.insert(key, part(value, left, depth + 1)?);
            }
            Some(serde_json::Value::Object(out))
        }
        scalar => serde_json::to_value(scalar).ok(),
    }
}
