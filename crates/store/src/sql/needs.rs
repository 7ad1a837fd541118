//! What a filter needs: a time range and terms that must be in a granule for any row of it to match.

use super::functions::Kind;
use crate::index::terms;
use crate::segment::Segment;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::expr::{InList, ScalarFunction};
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};
use model::columns::name;
use model::{Table, hex};
use std::collections::HashMap;

/// A necessary condition on a granule.
#[derive(Clone, Debug, PartialEq)]
pub enum Need {
    /// Nothing is known.
    Anything,
    /// The granule holds this term.
    Term(u32),
    /// All of these.
    All(Vec<Need>),
    /// One of these.
    One(Vec<Need>),
}

/// Times that rows must lie in, both ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Times {
    /// Earliest.
    pub from: i64,
    /// Latest.
    pub to: i64,
}

impl Times {
    /// Every time.
    pub const ALL: Times = Times { from: i64::MIN, to: i64::MAX };

    /// Whether a range may hold rows.
    pub fn overlap(&self, least: i64, greatest: i64) -> bool {
        self.from <= greatest && least <= self.to
    }
}

/// The need of all filters together.
pub fn of_filters(table: Table, filters: &[Expr]) -> Need {
    all(filters.iter().map(|filter| of(table, filter)).collect())
}

/// The times all filters together allow.
pub fn times(filters: &[Expr]) -> Times {
    let mut times = Times::ALL;
    filters.iter().for_each(|filter| narrow(filter, &mut times));
    times
}

fn narrow(filter: &Expr, times: &mut Times) {
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
            narrow(left, times);
            narrow(right, times);
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            let (time, op) = match (is_column(left, name::TIMESTAMP), is_column(right, name::TIMESTAMP)) {
                (true, _) => (nanos(right), Some(*op)),
                (_, true) => (nanos(left), op.swap()),
                _ => return,
            };
            let (Some(time), Some(op)) = (time, op) else { return };
            match op {
                Operator::Gt | Operator::GtEq => times.from = times.from.max(time),
                Operator::Lt | Operator::LtEq => times.to = times.to.min(time),
                Operator::Eq => *times = Times { from: times.from.max(time), to: times.to.min(time) },
                _ => {}
            }
        }
        Expr::Between(between) if !between.negated && is_column(&between.expr, name::TIMESTAMP) => {
            if let (Some(low), Some(high)) = (nanos(&between.low), nanos(&between.high)) {
                *times = Times { from: times.from.max(low), to: times.to.min(high) };
            }
        }
        _ => {}
    }
}

fn nanos(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::Literal(ScalarValue::TimestampNanosecond(time, _), _) => *time,
        _ => None,
    }
}

fn is_column(expr: &Expr, name: &str) -> bool {
    matches!(expr, Expr::Column(column) if column.name == name)
}

fn all(needs: Vec<Need>) -> Need {
    let mut known: Vec<Need> = needs.into_iter().filter(|need| *need != Need::Anything).collect();
    match known.len() {
        0 => Need::Anything,
        1 => known.remove(0),
        _ => Need::All(known),
    }
}

fn one(needs: Vec<Need>) -> Need {
    if needs.is_empty() || needs.contains(&Need::Anything) { Need::Anything } else { Need::One(needs) }
}

fn of(table: Table, filter: &Expr) -> Need {
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => all(vec![of(table, left), of(table, right)]),
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => one(vec![of(table, left), of(table, right)]),
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => match (text(left), text(right)) {
            (None, Some(value)) => equality(left, value),
            (Some(value), None) => equality(right, value),
            _ => Need::Anything,
        },
        Expr::InList(InList { expr, list, negated: false }) => {
            one(list.iter().map(|value| text(value).map_or(Need::Anything, |value| equality(expr, value))).collect())
        }
        Expr::ScalarFunction(call) if call.name() == Kind::HasPhrase.name() => match call.args.as_slice() {
            [column, phrase] if is_column(column, table.text_column()) => {
                text(phrase).map_or(Need::Anything, phrase_need)
            }
            _ => Need::Anything,
        },
        _ => Need::Anything,
    }
}

fn phrase_need(phrase: &str) -> Need {
    let mut needs = Vec::new();
    terms::text_terms(phrase, |term| needs.push(Need::Term(term)));
    all(needs)
}

fn text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Literal(value, _) => value.try_as_str().flatten(),
        Expr::Alias(alias) => text(&alias.expr),
        Expr::Cast(cast) => text(&cast.expr),
        _ => None,
    }
}

fn equality(expr: &Expr, value: &str) -> Need {
    let need = |key: &str| {
        if terms::pair_is_indexed(value) {
            Need::Term(terms::pair(terms::key_seed(key), value.as_bytes()))
        } else {
            Need::Anything
        }
    };
    match expr {
        Expr::Column(column) => match column.name.as_str() {
            name::TRACE_ID => hex::decode::<16>(value)
                .map_or(Need::Anything, |id| Need::Term(terms::pair(terms::key_seed(name::TRACE_ID), &id))),
            name::SERVICE_NAME | name::NAME => need(&column.name),
            _ => Need::Anything,
        },
        Expr::ScalarFunction(call) if call.name() == Kind::Attr.name() => attribute(call).map_or(Need::Anything, need),
        Expr::ScalarFunction(call) if call.name() == "coalesce" => {
            same_key(call.args.iter()).map_or(Need::Anything, need)
        }
        // What the optimizer makes of `coalesce`.
        Expr::Case(case) if case.expr.is_none() => {
            let guarded = case.when_then_expr.iter().all(|(when, then)| match when.as_ref() {
                Expr::IsNotNull(tested) => tested == then,
                _ => false,
            });
            let values = case.when_then_expr.iter().map(|(_, then)| then.as_ref()).chain(case.else_expr.as_deref());
            if guarded { same_key(values).map_or(Need::Anything, need) } else { Need::Anything }
        }
        _ => Need::Anything,
    }
}

/// The key that all of these read: the same key in the record and in the resource is the same pair in the index.
fn same_key<'a>(values: impl Iterator<Item = &'a Expr>) -> Option<&'a str> {
    let mut keys = values.map(|value| match value {
        Expr::ScalarFunction(call) if call.name() == Kind::Attr.name() => attribute(call),
        _ => None,
    });
    let first = keys.next()??;
    keys.all(|key| key == Some(first)).then_some(first)
}

fn attribute(call: &ScalarFunction) -> Option<&str> {
    match call.args.as_slice() {
        [object, key] if is_column(object, name::ATTRIBUTES) || is_column(object, name::RESOURCE_ATTRIBUTES) => {
            text(key)
        }
        _ => None,
    }
}

impl Need {
    /// The granules of a file that may match; `None` for all of them.
    pub fn granules(&self, segment: &Segment) -> Option<Vec<u32>> {
        self.look_up(segment, &mut HashMap::new())
    }

    fn look_up(&self, segment: &Segment, seen: &mut HashMap<u32, Option<Vec<u32>>>) -> Option<Vec<u32>> {
        match self {
            Need::Anything => None,
            Need::Term(term) => seen.entry(*term).or_insert_with(|| segment.lookup(*term)).clone(),
            Need::All(needs) => {
                let mut kept: Option<Vec<u32>> = None;
                for need in needs {
                    if let Some(found) = need.look_up(segment, seen) {
                        kept = Some(match kept {
                            None => found,
                            Some(kept) => {
                                kept.into_iter().filter(|granule| found.binary_search(granule).is_ok()).collect()
                            }
                        });
                        if kept.as_ref().is_some_and(Vec::is_empty) {
                            break;
                        }
                    }
                }
                kept
            }
            Need::One(needs) => {
                let mut kept = Vec::new();
                for need in needs {
                    kept.extend(need.look_up(segment, seen)?);
                }
                kept.sort_unstable();
                kept.dedup();
                Some(kept)
            }
        }
    }
}
