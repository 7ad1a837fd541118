//! Functions of lists, maps and kinds, less used than those of `functions.rs`.

use super::functions::{number, same};
use super::value::Value;
use crate::limits::MAX_RENDERED_BYTES;
use crate::text::Text;
use crate::tree::Tree;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Longest list that counting makes.
const MAX_COUNTED: i64 = 10_000;

pub(super) fn call(name: &str, arguments: &[Value]) -> Option<Value> {
    Some(match (name, arguments) {
        ("until", [count]) => counted(0, whole(count)?, 1)?,
        ("untilStep", [from, to, step]) => counted(whole(from)?, whole(to)?, whole(step)?)?,
        ("set", [Value::Map(members), name, value]) if name.is_known() => {
            let mut members = BTreeMap::clone(members);
            members.insert(name.print(), value.clone());
            Value::Map(Rc::new(members))
        }
        ("unset", [Value::Map(members), name]) if name.is_known() => {
            let mut members = BTreeMap::clone(members);
            members.remove(&name.print());
            Value::Map(Rc::new(members))
        }
        ("deepCopy", [value]) => value.clone(),
        ("values", [Value::Map(members)]) => list(members.values().cloned()),
        ("pluck", [name, maps @ ..]) => {
            let name = name.print();
            let found = maps.iter().map(|map| map.get(&name)).filter(|value| *value != Value::Null);
            list(found)
        }
        ("rest", [Value::List(items)]) => list(items.iter().skip(1).cloned()),
        ("initial", [Value::List(items)]) => list(items.iter().take(items.len().saturating_sub(1)).cloned()),
        ("prepend", [Value::List(items), item]) => list([item].into_iter().chain(items.iter()).cloned()),
        ("reverse", [Value::List(items)]) => list(items.iter().rev().cloned()),
        ("compact", [Value::List(items)]) => {
            let kept: Option<Vec<bool>> = items.iter().map(Value::truth).collect();
            list(items.iter().zip(kept?).filter(|(_, kept)| *kept).map(|(item, _)| item.clone()))
        }
        ("without", [Value::List(items), taken @ ..]) if arguments.iter().all(Value::is_known) => {
            list(items.iter().filter(|item| !taken.iter().any(|other| same(item, other))).cloned())
        }
        ("uniq", [Value::List(items)]) if arguments[0].is_known() && items.len() <= 1_000 => {
            let mut kept: Vec<Value> = Vec::new();
            for item in items.iter() {
                if !kept.contains(item) {
                    kept.push(item.clone());
                }
            }
            list(kept)
        }
        ("sortAlpha", [Value::List(items)]) if arguments[0].is_known() => {
            let mut texts: Vec<String> = items.iter().map(Value::print).collect();
            texts.sort();
            list(texts.into_iter().map(Value::text))
        }
        ("toStrings", [Value::List(items)]) => list(items.iter().map(|item| Value::text(item.print()))),
        ("max" | "min" | "div" | "mod", numbers) => arithmetic(name, numbers)?,
        ("kindOf" | "typeOf", [value]) => Value::text(kind(value)?),
        ("typeIs", [Value::Text(wanted), value]) => Value::Bool(&**wanted == kind(value)?),
        ("fromYaml" | "fromJson" | "fromYamlArray", [text @ Value::Text(read)]) if text.is_known() => parsed(read)?,
        ("regexMatch", [Value::Text(pattern), text]) if text.is_known() => {
            let pattern = regex::RegexBuilder::new(pattern).size_limit(64 * 1024).build().ok()?;
            Value::Bool(pattern.is_match(&text.print()))
        }
        ("substr", [from, to, Value::Text(text)]) if arguments[2].is_known() && text.is_ascii() => {
            let from = usize::try_from(whole(from)?).ok()?;
            let to = usize::try_from(whole(to)?).unwrap_or(text.len()).min(text.len());
            Value::text(text.get(from..to)?)
        }
        ("split", [separator, text]) if arguments.iter().all(Value::is_known) => {
            let (separator, text) = (separator.print(), text.print());
            let parts = text.split(separator.as_str()).enumerate().filter(|_| !separator.is_empty());
            Value::Map(Rc::new(parts.map(|(at, part)| (format!("_{at}"), Value::text(part))).collect()))
        }
        ("base" | "dir" | "ext", [Value::Text(path)]) if arguments[0].is_known() => part_of_path(name, path),
        ("title" | "untitle", [Value::Text(text)]) if text.is_ascii() && arguments[0].is_known() => {
            let (first, rest) = text.split_at_checked(1).filter(|_| !text.contains(' '))?;
            let first = if name == "title" { first.to_ascii_uppercase() } else { first.to_ascii_lowercase() };
            Value::text(first + rest)
        }
        ("repeat", [count, Value::Text(text)]) => {
            let count = usize::try_from(whole(count)?).ok()?;
            let fits = count.checked_mul(text.len() + 1).is_some_and(|bytes| bytes <= MAX_RENDERED_BYTES);
            Value::text(text.repeat(if fits { count } else { return None }))
        }
        _ => return None,
    })
}

fn list(items: impl IntoIterator<Item = Value>) -> Value {
    Value::List(Rc::new(items.into_iter().collect()))
}

fn whole(value: &Value) -> Option<i64> {
    number(value).map(|number| number as i64)
}

/// Longer lists are not known.
fn counted(from: i64, to: i64, step: i64) -> Option<Value> {
    let count = to.checked_sub(from)?.checked_div(step)?;
    if count > MAX_COUNTED {
        return None;
    }
    let numbers = std::iter::successors(Some(from), |at| at.checked_add(step));
    Some(list(numbers.take_while(|at| if step > 0 { *at < to } else { *at > to }).map(Value::Int)))
}

fn arithmetic(name: &str, numbers: &[Value]) -> Option<Value> {
    let all: Option<Vec<i64>> = numbers.iter().map(whole).collect();
    let all = all?;
    Some(Value::Int(match (name, all.as_slice()) {
        ("max", all) => *all.iter().max()?,
        ("min", all) => *all.iter().min()?,
        ("div", [one, other]) => one.checked_div(*other)?,
        ("mod", [one, other]) => one.checked_rem(*other)?,
        _ => return None,
    }))
}

/// As Go names it. Numbers of files are one kind for Helm, those of templates another.
fn kind(value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::Null => "invalid",
        Value::Bool(_) => "bool",
        Value::Float(_) => "float64",
        Value::Text(_) if value.is_known() => "string",
        Value::List(_) => "slice",
        Value::Map(_) => "map",
        _ => return None,
    })
}

/// Of a path without a slash at its end.
fn part_of_path(name: &str, path: &str) -> Value {
    let (folder, file) = path.rsplit_once('/').unwrap_or((".", path));
    Value::text(match name {
        "base" => file,
        "dir" => folder,
        _ => file.rfind('.').map_or("", |at| &file[at..]),
    })
}

fn parsed(text: &str) -> Option<Value> {
    let (tree, malformed) = Tree::yaml(&Text::new("", text));
    match tree.documents().next() {
        _ if !malformed.is_empty() => None,
        Some(root) => Some(Value::of(root)),
        None => Some(Value::map([])),
    }
}
