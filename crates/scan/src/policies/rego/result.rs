//! What a rule results in.

use super::Check;
use super::read::guarded;
use crate::limits::{MAX_DEPTH, MAX_FINDINGS_A_RULE, MAX_REGO_RESULT};
use regorus::{Engine, Value};
use serde_json::Map;

/// The results of a rule; none when it could not be evaluated.
pub(super) fn results(engine: &mut Engine, check: &Check) -> Option<Vec<serde_json::Value>> {
    let value = eval(engine, check, &check.rule)?;
    let most = MAX_FINDINGS_A_RULE + 1;
    let mut out = Vec::new();
    match &value {
        Value::Set(values) => out.extend(values.iter().take(most).map(result)),
        Value::Array(values) => out.extend(values.iter().take(most).map(result)),
        Value::Undefined | Value::Null | Value::Bool(false) => {}
        // A partial object: each value is a result, and a text is the key of one.
        Value::Object(members) if !members.contains_key(&Value::from("msg")) => {
            let said = |(key, value)| result(if matches!(value, &Value::Bool(true)) { key } else { value });
            out.extend(members.iter().take(most).map(said));
        }
        other => out.push(result(other)),
    }
    if !out.is_empty() && check.package.exceptions && is_excepted(engine, check) {
        out.clear();
    }
    Some(out)
}

fn eval(engine: &mut Engine, check: &Check, rule: &str) -> Option<Value> {
    let path = format!("data.{}.{rule}", check.package.name);
    guarded("", || engine.eval_rule(path)).ok()
}

/// A result that is too large to be said is one nevertheless.
fn result(value: &Value) -> serde_json::Value {
    json(value, &mut MAX_REGO_RESULT.clone()).unwrap_or(serde_json::Value::Null)
}

/// A value, if it has so many parts at most. Parts are shared between values of the interpreter, and a few of them can stand for a
/// number of values that never ends.
pub(super) fn json(value: &Value, left: &mut usize) -> Option<serde_json::Value> {
    part(value, left, 0)
}

fn part(value: &Value, left: &mut usize, depth: usize) -> Option<serde_json::Value> {
    *left = left.checked_sub(1)?;
    if depth > MAX_DEPTH {
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

/// Whether an exception names this rule, by what follows `deny_`.
fn is_excepted(engine: &mut Engine, check: &Check) -> bool {
    let suffix = check.rule.split_once('_').map_or("", |(_, suffix)| suffix);
    let value = eval(engine, check, "exception").and_then(|value| json(&value, &mut MAX_REGO_RESULT.clone()));
    let Some(value) = value else { return false };
    let lists = value.as_array().into_iter().flatten();
    lists.flat_map(|list| list.as_array().into_iter().flatten()).any(|name| name.as_str() == Some(suffix))
}
