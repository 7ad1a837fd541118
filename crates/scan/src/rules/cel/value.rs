//! Values, and what operators make of them. Nothing is what cannot be decided.

use super::Op;
use crate::limits::{CEL_STEP_BYTES, MAX_CEL_TEXT};
use crate::tree::{Data, Node};
use std::cell::Cell;
use std::rc::Rc;

/// Steps that are left. Aliases make few nodes stand for many, so that what compares values takes steps, too.
pub(super) type Left = Cell<usize>;

/// Takes steps; nothing when there are too few.
pub(super) fn charge(left: &Left, steps: usize) -> Option<()> {
    let rest = left.get().checked_sub(steps);
    left.set(rest.unwrap_or(0));
    rest.map(|_| ())
}

/// A value while an expression is evaluated. Those that a name stands for are copied at each mention: lists are shared.
#[derive(Clone, Debug)]
pub(super) enum Value<'w> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    /// A text of which pieces are known.
    Partly(&'w [Box<str>]),
    List(Rc<[Value<'w>]>),
    Map(Rc<[(Value<'w>, Value<'w>)]>),
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

    /// The steps that it takes to make, copy or look through this value.
    pub fn weight(&self) -> usize {
        match self {
            Value::Text(text) => text.len() / CEL_STEP_BYTES,
            _ => 0,
        }
    }

    pub fn bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The items of a list, or the keys of a map; an item may be unknown.
    pub fn items(&self, left: &Left) -> Option<Vec<Option<Value<'w>>>> {
        charge(left, self.size()?)?;
        let items: Vec<Option<Value<'w>>> = match self {
            Value::List(items) => items.iter().cloned().map(Some).collect(),
            Value::Map(members) => members.iter().map(|(key, _)| Some(key.clone())).collect(),
            Value::Node(node) if node.is_list() => node.items().map(Value::of).collect(),
            Value::Node(node) => node.entries().map(|(key, _)| Value::of(key)).collect(),
            _ => return None,
        };
        charge(left, items.iter().flatten().map(Value::weight).sum())?;
        Some(items)
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
    pub fn equal(&self, other: &Value<'w>, left: &Left) -> Option<bool> {
        charge(left, 1)?;
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
                if self.size() != other.size() {
                    return Some(false);
                }
                let (one, other) = (self.items(left)?, other.items(left)?);
                every(one.into_iter().zip(other).map(|(one, other)| one?.equal(&other?, left)))
            }
            (Value::Map(_) | Value::Node(_), Value::Map(_) | Value::Node(_)) if !self.is_list() && !other.is_list() => {
                if self.size() != other.size() {
                    return Some(false);
                }
                every(self.items(left)?.into_iter().map(|key| {
                    let key = key?;
                    match other.member(&key, left)? {
                        Some(value) => self.member(&key, left)??.equal(&value, left),
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
    pub fn member(&self, key: &Value<'w>, left: &Left) -> Option<Option<Value<'w>>> {
        match (self, key) {
            (Value::List(items), Value::Int(at)) => {
                Some(usize::try_from(*at).ok().and_then(|at| items.get(at)).cloned())
            }
            (Value::Map(members), key) => {
                let found = members.iter().find(|(other, _)| other.equal(key, left) == Some(true));
                Some(found.map(|(_, value)| value.clone()))
            }
            (Value::Node(node), Value::Int(at)) if node.is_list() => usize::try_from(*at)
                .ok()
                .and_then(|at| node.items().nth(at))
                .map_or(Some(None), |item| Value::of(item).map(Some)),
            (Value::Node(node), Value::Text(name)) if node.is_map() => {
                charge(left, node.entries().len() / 8)?;
                match node.get(name) {
                    Some(value) => Value::of(value).map(Some),
                    None if node.entries().any(|(key, _)| key.is_open()) => None,
                    None => Some(None),
                }
            }
            _ => None,
        }
    }

    /// What an operator of two values makes; those that look at one value first are elsewhere.
    pub fn binary(op: Op, left: Value<'w>, right: Value<'w>, steps: &Left) -> Option<Value<'w>> {
        Some(match op {
            Op::Equal => Value::Bool(left.equal(&right, steps)?),
            Op::Unequal => Value::Bool(!left.equal(&right, steps)?),
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
                true => Value::Bool(some(right.items(steps)?.into_iter().map(|item| item?.equal(&left, steps)))?),
                false => Value::Bool(right.member(&left, steps)?.is_some()),
            },
            _ => arithmetic(op, left, right, steps)?,
        })
    }
}

fn arithmetic<'w>(op: Op, left: Value<'w>, right: Value<'w>, steps: &Left) -> Option<Value<'w>> {
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
            let items: Option<Vec<_>> = left.items(steps)?.into_iter().chain(right.items(steps)?).collect();
            Value::List(items.filter(|items| items.len() <= MAX_CEL_TEXT)?.into())
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
