//! Expressions over a subject.

use super::value::{Left, Value, charge, every, some};
use super::{Expr, Function, Macro, Op};
use crate::limits::{MAX_CEL_STEPS, MAX_CEL_TEXT};
use crate::rules::condition::Subject;
use std::cell::Cell;

/// Whether an expression holds; nothing when that cannot be decided.
pub(super) fn truth(expr: &Expr, subject: Subject<'_>) -> Option<bool> {
    let scope = Scope { subject, variables: Vec::new(), left: &Cell::new(MAX_CEL_STEPS) };
    scope.truth(expr)
}

/// What names stand for.
struct Scope<'w, 'e> {
    subject: Subject<'w>,
    variables: Vec<(&'e str, Option<Value<'w>>)>,
    /// Steps that are left.
    left: &'e Left,
}

impl<'w, 'e> Scope<'w, 'e> {
    fn truth(&self, expr: &'e Expr) -> Option<bool> {
        self.value(expr)?.bool()
    }

    fn value(&self, expr: &'e Expr) -> Option<Value<'w>> {
        charge(self.left, 1)?;
        let value = self.part(expr)?;
        charge(self.left, value.weight())?;
        Some(value)
    }

    fn part(&self, expr: &'e Expr) -> Option<Value<'w>> {
        Some(match expr {
            Expr::Null => Value::Null,
            Expr::Bool(value) => Value::Bool(*value),
            Expr::Int(value) => Value::Int(*value),
            Expr::Float(value) => Value::Float(*value),
            Expr::Text(text) => Value::Text(text.to_string()),
            Expr::List(items) => Value::List(items.iter().map(|item| self.value(item)).collect::<Option<_>>()?),
            Expr::Map(members) => {
                let member = |(key, value): &'e (Expr, Expr)| Some((self.value(key)?, self.value(value)?));
                Value::Map(members.iter().map(member).collect::<Option<_>>()?)
            }
            Expr::Name(_) | Expr::Select(..) => self.look(expr)??,
            Expr::Has(of, name) => Value::Bool(match self.look(of)? {
                Some(of) => self.member(&of, name)?.is_some(),
                // What is not there has nothing.
                None => false,
            }),
            Expr::Index(of, index) => self.value(of)?.member(&self.value(index)?, self.left)??,
            Expr::Not(of) => Value::Bool(!self.truth(of)?),
            Expr::Minus(of) => match self.value(of)? {
                Value::Int(value) => Value::Int(value.checked_neg()?),
                Value::Float(value) => Value::Float(-value),
                _ => return None,
            },
            Expr::Binary(Op::Or, left, right) => {
                Value::Bool(some([left, right].into_iter().map(|side| self.truth(side)))?)
            }
            Expr::Binary(Op::And, left, right) => {
                Value::Bool(every([left, right].into_iter().map(|side| self.truth(side)))?)
            }
            Expr::Binary(op, left, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                Value::binary(*op, left, right, self.left)?
            }
            Expr::If(condition, yes, no) => self.value(if self.truth(condition)? { yes } else { no })?,
            Expr::Call(function, given) => {
                let given: Option<Vec<_>> = given.iter().map(|one| self.value(one)).collect();
                call(*function, given?, self.left)?
            }
            Expr::Matches(of, regex) => match self.value(of)? {
                Value::Text(text) => Value::Bool(regex.is_match(&text)),
                _ => return None,
            },
            Expr::Over(kind, of, name, body) => self.over(*kind, &self.value(of)?, name, body)?,
        })
    }

    /// What a name or a path stands for: nothing when that is not known, none when it is not there.
    fn look(&self, expr: &'e Expr) -> Option<Option<Value<'w>>> {
        match expr {
            Expr::Name(name) => match self.variables.iter().rev().find(|(of, _)| **of == **name) {
                Some((_, value)) => value.clone().map(Some),
                None if &**name == "self" => self.whole().map(Some),
                None => self.member(&self.whole()?, name),
            },
            Expr::Select(of, name) => match self.look(of)? {
                Some(of) => self.member(&of, name),
                None => Some(None),
            },
            other => self.value(other).map(Some),
        }
    }

    /// The subject.
    fn whole(&self) -> Option<Value<'w>> {
        match self.subject {
            Subject::Resource(..) => Some(Value::Subject),
            Subject::Node(_, node) => Value::of(node),
        }
    }

    /// A field: nothing when it is not known, none when it is not there.
    fn member(&self, of: &Value<'w>, name: &str) -> Option<Option<Value<'w>>> {
        match (of, self.subject) {
            (Value::Subject, Subject::Resource(world, id)) => match world.field(id, name) {
                Some(node) => Value::of(node).map(Some),
                None if world.root(id).is_open() => None,
                None => Some(None),
            },
            (of, _) => of.member(&Value::Text(name.to_owned()), self.left),
        }
    }

    fn over(&self, kind: Macro, of: &Value<'w>, name: &'e str, body: &'e Expr) -> Option<Value<'w>> {
        let items = of.items(self.left)?;
        let at = |item: &Option<Value<'w>>| {
            // As many as macros stand within each other.
            let mut variables = self.variables.clone();
            variables.push((name, item.clone()));
            Scope { subject: self.subject, variables, left: self.left }
        };
        let truths = || items.iter().map(|item| at(item).truth(body));
        Some(match kind {
            Macro::All => Value::Bool(every(truths())?),
            Macro::Exists => Value::Bool(some(truths())?),
            Macro::ExistsOne => {
                let truths: Option<Vec<bool>> = truths().collect();
                Value::Bool(truths?.into_iter().filter(|holds| *holds).count() == 1)
            }
            Macro::Map => Value::List(items.iter().map(|item| at(item).value(body)).collect::<Option<_>>()?),
            Macro::Filter => {
                let mut kept = Vec::new();
                for item in &items {
                    if at(item).truth(body)? {
                        kept.push(item.clone()?);
                    }
                }
                Value::List(kept.into())
            }
        })
    }
}

fn call<'w>(function: Function, given: Vec<Value<'w>>, left: &Left) -> Option<Value<'w>> {
    let mut given = given.into_iter();
    let (first, second) = (given.next()?, given.next());
    Some(match (function, first, second) {
        (Function::Size, of, _) => Value::Int(i64::try_from(of.size()?).ok()?),
        (Function::StartsWith, Value::Text(text), Some(Value::Text(part))) => Value::Bool(text.starts_with(&part)),
        (Function::EndsWith, Value::Text(text), Some(Value::Text(part))) => Value::Bool(text.ends_with(&part)),
        (Function::Contains, Value::Text(text), Some(Value::Text(part))) => Value::Bool(text.contains(&part)),
        (Function::StartsWith, Value::Partly(pieces), Some(Value::Text(part))) => {
            let first = pieces.first()?;
            Value::Bool(first.starts_with(&*part).then_some(true).or((!part.starts_with(&**first)).then_some(false))?)
        }
        (Function::EndsWith, Value::Partly(pieces), Some(Value::Text(part))) => {
            let last = pieces.last()?;
            Value::Bool(last.ends_with(&*part).then_some(true).or((!part.ends_with(&**last)).then_some(false))?)
        }
        (Function::Contains, Value::Partly(pieces), Some(Value::Text(part))) => {
            Value::Bool(pieces.iter().any(|piece| piece.contains(&*part)).then_some(true)?)
        }
        (Function::Lower, Value::Text(text), _) => Value::Text(text.to_ascii_lowercase()),
        (Function::Upper, Value::Text(text), _) => Value::Text(text.to_ascii_uppercase()),
        (Function::Trim, Value::Text(text), _) => Value::Text(text.trim().to_owned()),
        (Function::Split, Value::Text(text), Some(Value::Text(by))) => {
            let parts: Vec<Value<'w>> =
                text.split(&by).take(MAX_CEL_TEXT).map(|part| Value::Text(part.to_owned())).collect();
            charge(left, parts.len())?;
            Value::List(parts.into())
        }
        (Function::Int, value, _) => Value::Int(match value {
            Value::Int(value) => value,
            Value::Float(value) if value.abs() < 9e18 => value as i64,
            Value::Text(text) => text.parse().ok()?,
            _ => return None,
        }),
        (Function::Double, value, _) => Value::Float(match value {
            Value::Int(value) => value as f64,
            Value::Float(value) => value,
            Value::Text(text) => text.parse().ok()?,
            _ => return None,
        }),
        (Function::Bool, value, _) => Value::Bool(match value {
            Value::Bool(value) => value,
            Value::Text(text) => text.parse().ok()?,
            _ => return None,
        }),
        (Function::String, value, _) => Value::Text(match value {
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Float(value) => value.to_string(),
            Value::Text(text) => text,
            _ => return None,
        }),
        _ => return None,
    })
}
