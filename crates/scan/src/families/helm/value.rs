//! Values in templates. A text may hold [`HOLE`]s where something is not known.

use crate::limits::MAX_DEPTH;
use crate::tree::{Data, Node};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::rc::Rc;

/// Stands in a text for what is not known. It is for private use, so no chart has it.
pub(super) const HOLE: char = '\u{f4d0}';

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Rc<str>),
    List(Rc<Vec<Value>>),
    Map(Rc<BTreeMap<String, Value>>),
    Unknown,
}

impl Value {
    pub(super) fn text(text: impl Into<Rc<str>>) -> Value {
        Value::Text(text.into())
    }

    pub(super) fn map<'k>(members: impl IntoIterator<Item = (&'k str, Value)>) -> Value {
        Value::Map(Rc::new(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
    }

    /// What a tree says; its depth is bounded by the parser.
    pub(super) fn of(node: Node<'_>) -> Value {
        match node.data() {
            Data::Null => Value::Null,
            Data::Bool(value) => Value::Bool(*value),
            Data::Int(value) => Value::Int(*value),
            Data::Float(value) => Value::Float(*value),
            Data::Text(text) => Value::text(&**text),
            Data::List(_) => Value::List(Rc::new(node.items().map(Value::of).collect())),
            Data::Map(_) => {
                Value::Map(Rc::new(node.members().map(|(name, value)| (name.to_owned(), Value::of(value))).collect()))
            }
            Data::Partly(_) | Data::Unknown(_) | Data::Secret(_) => Value::Unknown,
        }
    }

    /// A member; nothing of what has none.
    pub(super) fn get(&self, name: &str) -> Value {
        match self {
            Value::Map(members) => members.get(name).cloned().unwrap_or(Value::Null),
            Value::Unknown => Value::Unknown,
            _ => Value::Null,
        }
    }

    /// Whether a condition holds for it; none when that is not known.
    pub(super) fn truth(&self) -> Option<bool> {
        match self {
            Value::Null => Some(false),
            Value::Bool(value) => Some(*value),
            Value::Int(value) => Some(*value != 0),
            Value::Float(value) => Some(*value != 0.0),
            Value::Text(text) if text.chars().all(|character| character == HOLE) && !text.is_empty() => None,
            Value::Text(text) => Some(!text.is_empty()),
            Value::List(items) => Some(!items.is_empty()),
            Value::Map(members) => Some(!members.is_empty()),
            Value::Unknown => None,
        }
    }

    /// Whether all of it is known.
    pub(super) fn is_known(&self) -> bool {
        match self {
            Value::Unknown => false,
            Value::Text(text) => !text.contains(HOLE),
            Value::List(items) => items.iter().all(Value::is_known),
            Value::Map(members) => members.values().all(Value::is_known),
            _ => true,
        }
    }

    /// As it is printed.
    pub(super) fn print(&self) -> String {
        match self {
            Value::Null => String::new(),
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Float(value) => value.to_string(),
            Value::Text(text) => text.to_string(),
            // A list or a map is printed as Go does, which is no YAML.
            Value::List(_) | Value::Map(_) | Value::Unknown => HOLE.to_string(),
        }
    }

    /// Takes from `left` what looking at all of it costs. False when that is too much, or it nests too deep.
    pub(super) fn spend(&self, left: &mut usize, depth: usize) -> bool {
        let own = match self {
            Value::Text(text) => 1 + text.len() / 32,
            _ => 1,
        };
        *left = left.saturating_sub(own);
        if *left == 0 || depth > MAX_DEPTH {
            return false;
        }
        match self {
            Value::List(items) => items.iter().all(|item| item.spend(left, depth + 1)),
            Value::Map(members) => members.values().all(|value| value.spend(left, depth + 1)),
            _ => true,
        }
    }

    /// As YAML in blocks, without an end of line.
    pub(super) fn yaml(&self) -> String {
        let mut out = String::new();
        self.block(0, &mut out);
        out.trim_matches('\n').to_owned()
    }

    /// As JSON, which is YAML in one line.
    pub(super) fn json(&self) -> String {
        let list = |items: Vec<String>| items.join(",");
        match self {
            Value::Null => "null".to_owned(),
            Value::Text(text) => quote(text),
            Value::List(items) => format!("[{}]", list(items.iter().map(Value::json).collect())),
            Value::Map(members) => {
                let members = members.iter().map(|(name, value)| format!("{}: {}", quote(name), value.json()));
                format!("{{{}}}", list(members.collect()))
            }
            other => other.print(),
        }
    }

    fn block(&self, indent: usize, out: &mut String) {
        let pad = " ".repeat(indent);
        match self {
            Value::List(items) if !items.is_empty() => {
                for item in items.iter() {
                    let mut inner = String::new();
                    item.block(indent + 2, &mut inner);
                    let _ = write!(out, "\n{pad}- {}", inner.trim_start_matches(['\n', ' ']));
                }
            }
            Value::Map(members) if !members.is_empty() => {
                for (name, value) in members.iter() {
                    let mut inner = String::new();
                    value.block(indent + 2, &mut inner);
                    let space = if inner.starts_with('\n') { "" } else { " " };
                    let _ = write!(out, "\n{pad}{}:{space}{inner}", quote(name));
                }
            }
            other => out.push_str(&other.json()),
        }
    }
}

/// A text in double quotes, as JSON and YAML have it.
pub(super) fn quote(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
