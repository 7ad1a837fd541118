//! Values, and what operators make of them. Nothing is what cannot be decided.

use super::Op;
use crate::limits::MAX_CEL_TEXT;
use crate::tree::{Data, Node};

/// A value while an expression is evaluated.
#[derive(Clone, Debug)]
pub(super) enum Value<'w> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    /// A text of which pieces are known.
    Partly(&'w [Box<str>]),
    List(Vec<Value<'w>>),
    Map(Vec<(Value<'w>, Value<'w>)>),
    /// A list or a map of a file.
    Node(Node<'w>),
    /// The subject itself, when it is a resource.
    Subject,
}

impl<'w> Value<'w> {
    /// A value of a file; nothing when it is not known.
    pub fn of(node: Node<'w>) -> Option<Value<'w>> {
        Some(match node.data() {
            Data::Null => Value::Null,
            Data::Bool(value) => Value::Bool(*value),
            Data::Int(value) => Value::Int(*value),
            Data::Float(value) => Value::Float(*value),
            Data::Text(text) => Value::Text(text.to_string()),
            Data::Partly(pieces) => Value::Partly(pieces),
            Data::List(_) | Data::Map(_) => Value::Node(node),
            Data::Unknown(_) | Data::Secret(_) => return None,
        })
    }

    pub fn bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The items of a list, or the keys of a map; an item may be unknown.
    pub fn items(&self) -> Option<Vec<Option<Value<'w>>>> {
        match self {
            Value::List(items) => Some(items.iter().cloned().map(Some).collect()),
            Value::Map(members) => Some(members.iter().map(|(key, _)| Some(key.clone())).collect()),
            Value::Node(node) if node.is_list() => Some(node.items().map(Value::of).collect()),
            Value::Node(node) => Some(node.entries().map(|(key, _)| Value::of(key)).collect()),
            _ => None,
        }
    }

    pub fn size(&self) -> Option<usize> {
        match self {
            Value::Text(text) => Some(text.chars().count()),
            Value::List(items) => Some(items.len()),
            Value::Map(members) => Some(members.len()),
            Value::Node(node) => Some(if node.is_list() { node.items().len() } else { node.entries().len() }),
            _ => None,
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Value::Int(value) => Some(*value as f64),
            Value::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// Depth is bounded by what reads files and expressions.
    pub fn equal(&self, other: &Value<'w>) -> Option<bool> {
        match (self, other) {
            (Value::Partly(pieces), Value::Text(text)) | (Value::Text(text), Value::Partly(pieces)) => {
                let may_be = pieces.first().is_none_or(|first| text.starts_with(&**first))
                    && pieces.last().is_none_or(|last| text.ends_with(&**last));
                if may_be { None } else { Some(false) }
            }
            (Value::Partly(_), Value::Partly(_)) | (Value::Subject, _) | (_, Value::Subject) => None,
            (Value::Null, Value::Null) => Some(true),
            (Value::Bool(one), Value::Bool(other)) => Some(one == other),
            (Value::Int(one), Value::Int(other)) => Some(one == other),
            (Value::Text(one), Value::Text(other)) => Some(one == other),
            (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => Some(self.number() == other.number()),
            (Value::List(_) | Value::Node(_), Value::List(_) | Value::Node(_)) if self.is_list() && other.is_list() => {
                let (one, other) = (self.items()?, other.items()?);
                if one.len() != other.len() {
                    return Some(false);
                }
                every(one.into_iter().zip(other).map(|(one, other)| one?.equal(&other?)))
            }
            (Value::Map(_) | Value::Node(_), Value::Map(_) | Value::Node(_)) if !self.is_list() && !other.is_list() => {
                if self.size() != other.size() {
                    return Some(false);
                }
                every(self.items()?.into_iter().map(|key| {
                    let key = key?;
                    match other.member(&key)? {
                        Some(value) => self.member(&key)??.equal(&value),
                        None => Some(false),
                    }
                }))
            }
            _ => Some(false),
        }
    }

    fn is_list(&self) -> bool {
        match self {
            Value::List(_) => true,
            Value::Node(node) => node.is_list(),
            _ => false,
        }
    }

    /// The member of a key or the item of a number: nothing when that is not known, none when it is not there.
    pub fn member(&self, key: &Value<'w>) -> Option<Option<Value<'w>>> {
        match (self, key) {
            (Value::List(items), Value::Int(at)) => {
                Some(usize::try_from(*at).ok().and_then(|at| items.get(at)).cloned())
            }
            (Value::Map(members), key) => {
                let found = members.iter().find(|(other, _)| other.equal(key) == Some(true));
                Some(found.map(|(_, value)| value.clone()))
            }
            (Value::Node(node), Value::Int(at)) if node.is_list() => usize::try_from(*at)
                .ok()
                .and_then(|at| node.items().nth(at))
                .map_or(Some(None), |item| Value::of(item).map(Some)),
            (Value::Node(node), Value::Text(name)) if node.is_map() => match node.get(name) {
                Some(value) => Value::of(value).map(Some),
                None if node.entries().any(|(key, _)| key.is_open()) => None,
                None => Some(None),
            },
            _ => None,
        }
    }

    /// What an operator of two values makes; those that look at one value first are elsewhere.
    pub fn binary(op: Op, left: Value<'w>, right: Value<'w>) -> Option<Value<'w>> {
        Some(match op {
            Op::Equal => Value::Bool(left.equal(&right)?),
            Op::Unequal => Value::Bool(!left.equal(&right)?),
            Op::Less | Op::LessOrEqual | Op::More | Op::MoreOrEqual => {
                let ordering = match (&left, &right) {
                    (Value::Int(one), Value::Int(other)) => one.cmp(other),
                    (Value::Text(one), Value::Text(other)) => one.cmp(other),
                    (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
                    _ => left.number()?.partial_cmp(&right.number()?)?,
                };
                Value::Bool(match op {
                    Op::Less => ordering.is_lt(),
                    Op::LessOrEqual => ordering.is_le(),
                    Op::More => ordering.is_gt(),
                    _ => ordering.is_ge(),
                })
            }
            Op::In => match right.is_list() {
                true => Value::Bool(some(right.items()?.into_iter().map(|item| item?.equal(&left)))?),
                false => Value::Bool(right.member(&left)?.is_some()),
            },
            _ => arithmetic(op, left, right)?,
        })
    }
}

fn arithmetic<'w>(op: Op, left: Value<'w>, right: Value<'w>) -> Option<Value<'w>> {
    Some(match (left, right) {
        (Value::Int(one), Value::Int(other)) => Value::Int(match op {
            Op::Add => one.checked_add(other)?,
            Op::Subtract => one.checked_sub(other)?,
            Op::Multiply => one.checked_mul(other)?,
            Op::Divide => one.checked_div(other)?,
            _ => one.checked_rem(other)?,
        }),
        (Value::Float(one), Value::Float(other)) => Value::Float(match op {
            Op::Add => one + other,
            Op::Subtract => one - other,
            Op::Multiply => one * other,
            Op::Divide => one / other,
            _ => return None,
        }),
        (Value::Text(one), Value::Text(other)) if op == Op::Add && one.len() + other.len() <= MAX_CEL_TEXT => {
            Value::Text(one + &other)
        }
        (left, right) if op == Op::Add && left.is_list() && right.is_list() => {
            let items: Option<Vec<_>> = left.items()?.into_iter().chain(right.items()?).collect();
            Value::List(items.filter(|items| items.len() <= MAX_CEL_TEXT)?)
        }
        _ => return None,
    })
}

/// One of these holds; what is not known counts when nothing else decides.
pub(super) fn some(truths: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut unknown = false;
    for truth in truths {
        match truth {
            Some(true) => return Some(true),
            Some(false) => {}
            None => unknown = true,
        }
    }
    if unknown { None } else { Some(false) }
}

/// All of these hold.
pub(super) fn every(truths: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    some(truths.into_iter().map(|truth| truth.map(|holds| !holds))).map(|holds| !holds)
}
