//! The functions that charts use most, as Helm has them. Others give what is not known.

use super::lists;
use super::value::{HOLE, Value, quote};
use crate::limits::{MAX_DEPTH, MAX_RENDERED_BYTES};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The version of the platform that charts are rendered for.
pub const KUBERNETES: (u64, u64) = (1, 33);

/// Calls a function that needs nothing but its arguments.
pub(super) fn call(name: &str, arguments: &[Value]) -> Value {
    // `mustToYaml` is `toYaml` that fails where that would print nothing.
    let mut own = name.strip_prefix("must").unwrap_or(name).to_owned();
    if own.len() < name.len() {
        own[..1].make_ascii_lowercase();
    }
    let name = own.as_str();
    logic(name, arguments)
        .or_else(|| texts(name, arguments))
        .or_else(|| others(name, arguments))
        .or_else(|| lists::call(name, arguments))
        .unwrap_or(Value::Unknown)
}

fn of(truth: Option<bool>) -> Value {
    truth.map_or(Value::Unknown, Value::Bool)
}

fn logic(name: &str, arguments: &[Value]) -> Option<Value> {
    let both = || arguments.iter().all(Value::is_known);
    Some(match (name, arguments) {
        ("not", [value]) => of(value.truth().map(|truth| !truth)),
        ("empty", [value]) => of(value.truth().map(|truth| !truth)),
        ("and" | "or", values) => {
            let ends = name == "or";
            let mut unknown = false;
            for value in values {
                match value.truth() {
                    Some(truth) if truth == ends => return Some(value.clone()),
                    Some(_) => {}
                    None => unknown = true,
                }
            }
            if unknown { Value::Unknown } else { values.last()?.clone() }
        }
        ("eq", [first, others @ ..]) if both() => Value::Bool(others.iter().any(|other| same(first, other))),
        ("ne", [one, other]) if both() => Value::Bool(!same(one, other)),
        ("lt" | "le" | "gt" | "ge", [one, other]) => {
            let order = number(one)?.partial_cmp(&number(other)?)?;
            Value::Bool(match name {
                "lt" => order.is_lt(),
                "le" => order.is_le(),
                "gt" => order.is_gt(),
                _ => order.is_ge(),
            })
        }
        ("default", [default, value]) => match value.truth() {
            Some(true) => value.clone(),
            Some(false) => default.clone(),
            None => Value::Unknown,
        },
        ("default", [value]) => value.clone(),
        ("coalesce", values) => {
            for value in values {
                match value.truth() {
                    Some(true) => return Some(value.clone()),
                    Some(false) => {}
                    None => return Some(Value::Unknown),
                }
            }
            Value::Null
        }
        ("ternary", [yes, no, value]) => match value.truth()? {
            true => yes.clone(),
            false => no.clone(),
        },
        ("required", [_, value]) => value.clone(),
        ("kindIs", [Value::Text(kind), value]) if value != &Value::Unknown => Value::Bool(match value {
            Value::Null => &**kind == "invalid",
            Value::Bool(_) => &**kind == "bool",
            Value::Int(_) => &**kind == "int" || &**kind == "int64" || &**kind == "float64",
            Value::Float(_) => &**kind == "float64",
            Value::Text(_) => &**kind == "string",
            Value::List(_) => &**kind == "slice",
            _ => &**kind == "map",
        }),
        ("semverCompare", [Value::Text(range), Value::Text(version)]) => of(compares(range, version)),
        _ => return None,
    })
}

pub(super) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => number(one) == number(other),
        _ => one == other,
    }
}

pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(value) => Some(*value as f64),
        Value::Float(value) => Some(*value),
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// One comparison of versions such as `>=1.19-0`; others are not known.
fn compares(range: &str, version: &str) -> Option<bool> {
    let parts = |text: &str| -> Option<Vec<u64>> {
        let text = text.trim().trim_start_matches('v');
        let text = text.split(['-', '+']).next()?;
        let parts: Option<Vec<u64>> = text.split('.').map(|part| part.parse().ok()).collect();
        parts.map(|mut parts| {
            parts.resize(3, 0);
            parts
        })
    };
    if range.contains([',', '|']) {
        return None;
    }
    let range = range.trim();
    let end = range.find(|next: char| next.is_ascii_digit() || next == 'v')?;
    let (one, other) = (parts(version)?, parts(&range[end..])?);
    match range[..end].trim() {
        ">=" => Some(one >= other),
        ">" => Some(one > other),
        "<=" => Some(one <= other),
        "<" => Some(one < other),
        "=" | "" => Some(one == other),
        "^" => Some(one >= other && one[0] == other[0]),
        "~" => Some(one >= other && one[..2] == other[..2]),
        _ => None,
    }
}

fn texts(name: &str, arguments: &[Value]) -> Option<Value> {
    let printed: Vec<String> = arguments.iter().map(Value::print).collect();
    let words: Vec<&str> = printed.iter().map(String::as_str).collect();
    let known = arguments.iter().all(Value::is_known);
    let longest = words.iter().map(|word| word.len() + 1).fold(1, usize::saturating_mul);
    if matches!(name, "replace" | "join") && longest > MAX_RENDERED_BYTES {
        return None;
    }
    Some(match (name, words.as_slice()) {
        ("quote", _) => Value::text(words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ")),
        ("squote", [text]) => Value::text(format!("'{}'", text.replace('\'', "''"))),
        ("toString" | "print" | "toJson" | "toYaml" | "toPrettyJson" | "toRawJson", [text]) => match name {
            "toYaml" => Value::text(arguments[0].yaml()),
            "toString" | "print" => Value::text(*text),
            _ => Value::text(arguments[0].json()),
        },
        ("printf", [format, ..]) => Value::text(formatted(format, &arguments[1..], &words[1..])),
        ("indent", [count, text]) => Value::text(indented(text, count.parse().ok()?)),
        ("nindent", [count, text]) => Value::text(format!("\n{}", indented(text, count.parse().ok()?))),
        ("trunc", [count, text]) => {
            let count: i64 = count.parse().ok()?;
            let count = usize::try_from(count).ok().filter(|_| !text.contains(HOLE)).unwrap_or(usize::MAX);
            Value::text(text.chars().take(count).collect::<String>())
        }
        ("trim", [text]) => Value::text(text.trim()),
        ("trimSuffix", [suffix, text]) => Value::text(text.strip_suffix(suffix).unwrap_or(text)),
        ("trimPrefix", [prefix, text]) => Value::text(text.strip_prefix(prefix).unwrap_or(text)),
        ("trimAll", [cut, text]) => Value::text(text.trim_matches(|next| cut.contains(next))),
        ("replace", [from, to, text]) => Value::text(text.replace(from, to)),
        ("lower", [text]) => Value::text(text.to_lowercase()),
        ("upper", [text]) => Value::text(text.to_uppercase()),
        ("join", [separator, _]) => match &arguments[1] {
            Value::List(items) => Value::text(items.iter().map(Value::print).collect::<Vec<_>>().join(separator)),
            _ => return None,
        },
        ("cat", _) => Value::text(words.join(" ")),
        ("contains", [part, text]) if known => Value::Bool(text.contains(part)),
        ("hasPrefix", [part, text]) if known => Value::Bool(text.starts_with(part)),
        ("hasSuffix", [part, text]) if known => Value::Bool(text.ends_with(part)),
        ("int" | "int64" | "atoi", [text]) if known => Value::Int(text.parse().unwrap_or(0)),
        ("splitList", [separator, text]) if known && !separator.is_empty() => {
            Value::List(Rc::new(text.split(separator).map(Value::text).collect()))
        }
        ("b64enc" | "sha256sum" | "randAlphaNum" | "tpl" | "include" | "lookup", _) => Value::Unknown,
        _ => return None,
    })
}

/// `printf`, as far as charts use it.
fn formatted(format: &str, values: &[Value], printed: &[&str]) -> String {
    let (mut out, mut rest, mut next) = (String::new(), format, 0);
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let Some(verb) = after.chars().next() else { return out };
        rest = &after[verb.len_utf8()..];
        match (verb, values.get(next)) {
            ('%', _) => out.push('%'),
            ('q', Some(_)) => out.push_str(&quote(printed[next])),
            ('s' | 'v' | 'd', Some(_)) => out.push_str(printed[next]),
            _ => out.push(HOLE),
        }
        next += usize::from(verb != '%');
    }
    out.push_str(rest);
    out
}

fn indented(text: &str, count: usize) -> String {
    // Deeper than any tree may nest.
    let pad = " ".repeat(count.min(4 * MAX_DEPTH).min(MAX_RENDERED_BYTES / (text.len() + 1)));
    text.split('\n').map(|line| format!("{pad}{line}")).collect::<Vec<_>>().join("\n")
}

fn others(name: &str, arguments: &[Value]) -> Option<Value> {
    Some(match (name, arguments) {
        ("list" | "tuple", items) => Value::List(Rc::new(items.to_vec())),
        ("dict", pairs) => {
            let pairs = pairs.chunks(2).map(|pair| (pair[0].print(), pair.get(1).cloned().unwrap_or(Value::Null)));
            Value::Map(Rc::new(pairs.collect()))
        }
        ("get" | "index", [Value::Map(members), name]) => members.get(&name.print()).cloned().unwrap_or(Value::Null),
        ("index", [value, names @ ..]) if names.len() > 1 => {
            names.iter().fold(value.clone(), |value, name| call("index", &[value, name.clone()]))
        }
        ("index", [Value::List(items), Value::Int(at)]) => items.get(usize::try_from(*at).ok()?)?.clone(),
        ("hasKey", [Value::Map(members), name]) if name.is_known() => Value::Bool(members.contains_key(&name.print())),
        ("dig", [names @ .., default, value]) => {
            let found = names.iter().fold(value.clone(), |value, name| value.get(&name.print()));
            if found == Value::Null { default.clone() } else { found }
        }
        ("has", [item, Value::List(items)]) if item.is_known() => {
            Value::Bool(items.iter().any(|other| same(item, other)))
        }
        ("len", [Value::List(items)]) => Value::Int(items.len() as i64),
        ("len", [Value::Map(members)]) => Value::Int(members.len() as i64),
        ("len", [Value::Text(text)]) => Value::Int(text.len() as i64),
        ("first", [Value::List(items)]) => items.first().cloned().unwrap_or(Value::Null),
        ("last", [Value::List(items)]) => items.last().cloned().unwrap_or(Value::Null),
        ("append", [Value::List(items), item]) => Value::List(Rc::new(items.iter().chain([item]).cloned().collect())),
        ("concat", lists) => {
            let mut all = Vec::new();
            for list in lists {
                match list {
                    Value::List(items) => all.extend(items.iter().cloned()),
                    Value::Null => {}
                    _ => return None,
                }
            }
            Value::List(Rc::new(all))
        }
        ("keys", [Value::Map(members)]) => {
            Value::List(Rc::new(members.keys().map(|name| Value::text(name.as_str())).collect()))
        }
        ("omit" | "pick", [Value::Map(members), names @ ..]) => {
            let names: Vec<String> = names.iter().map(Value::print).collect();
            let pick = name == "pick";
            let kept = members.iter().filter(|(name, _)| names.contains(name) == pick);
            Value::Map(Rc::new(kept.map(|(name, value)| (name.clone(), value.clone())).collect()))
        }
        ("merge", maps) => merged(maps.iter())?,
        ("mergeOverwrite", maps) => merged(maps.iter().rev())?,
        ("add" | "add1" | "sub" | "mul", numbers) => {
            let all: Option<Vec<i64>> = numbers.iter().map(|value| number(value).map(|number| number as i64)).collect();
            let (first, rest) = all?.split_first().map(|(first, rest)| (*first, rest.to_vec()))?;
            Value::Int(match name {
                "add1" => first.wrapping_add(1),
                "add" => rest.iter().fold(first, |sum, next| sum.wrapping_add(*next)),
                "sub" => rest.iter().fold(first, |sum, next| sum.wrapping_sub(*next)),
                _ => rest.iter().fold(first, |sum, next| sum.wrapping_mul(*next)),
            })
        }
        _ => return None,
    })
}

/// Maps in one another; the first counts.
fn merged<'v>(maps: impl Iterator<Item = &'v Value>) -> Option<Value> {
    let mut all: BTreeMap<String, Value> = BTreeMap::new();
    for map in maps {
        match map {
            Value::Map(members) => {
                for (name, value) in members.iter() {
                    let both = match (all.get(name), value) {
                        (None, value) => value.clone(),
                        (Some(own @ Value::Map(_)), Value::Map(_)) => merged([own, value].into_iter())?,
                        (Some(own), _) => own.clone(),
                    };
                    all.insert(name.clone(), both);
                }
            }
            Value::Null => {}
            _ => return None,
        }
    }
    Some(Value::Map(Rc::new(all)))
}
