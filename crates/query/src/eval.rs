//! The language on a stored batch: the same answers as the SQL that it lowers to.

use crate::ast::Expr;
use crate::check::{Check, Source, check};
use crate::error::ParseError;
use crate::functions;
use crate::text::{PhraseMatcher, TokenPrefix, Wildcard};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int32Type, Int64Type, TimestampNanosecondType, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, StringViewArray};
use arrow_buffer::BooleanBuffer;
use arrow_schema::DataType;
use ipnet::IpNet;
use model::Table;
use model::columns::{ATTRIBUTE_PREFIX, name};
use model::json;
use regex::Regex;
use std::borrow::Cow;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// A condition ready to be evaluated on batches of one table.
pub struct Filter {
    table: Table,
    node: Node,
}

enum Node {
    Constant(bool),
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Text(Source, Matcher),
    Number(Source, crate::ast::Op, f64),
    Time(Source, crate::ast::Op, i64),
    Present(Source),
}

enum Matcher {
    Phrase(PhraseMatcher),
    TokenPrefix(TokenPrefix),
    Is(String),
    IsIgnoringCase(String),
    Wildcard(Wildcard),
    Regex(Box<Regex>),
    Cidr(IpNet),
}

impl Matcher {
    fn is_match(&self, text: &str) -> bool {
        match self {
            Matcher::Phrase(phrase) => phrase.is_match(text),
            Matcher::TokenPrefix(prefix) => prefix.is_match(text),
            Matcher::Is(value) => text == value,
            Matcher::IsIgnoringCase(value) => text.to_lowercase() == *value,
            Matcher::Wildcard(wildcard) => wildcard.is_match(text),
            Matcher::Regex(regex) => regex.is_match(text),
            Matcher::Cidr(network) => functions::in_network(text, network),
        }
    }
}

impl Filter {
    /// Prepares a condition; `now` is what relative times count from.
    pub fn compile(expr: &Expr, table: Table, now: i64) -> Result<Filter, ParseError> {
        Ok(Filter { table, node: node(expr, table, now)? })
    }

    /// Which rows match; never null.
    pub fn matches(&self, batch: &RecordBatch) -> BooleanArray {
        BooleanArray::new(self.node.matches(batch, &BooleanBuffer::new_set(batch.num_rows())), None)
    }

    /// The table it is for.
    pub fn table(&self) -> Table {
        self.table
    }
}

fn node(expr: &Expr, table: Table, now: i64) -> Result<Node, ParseError> {
    let nodes = |parts: &[Expr]| parts.iter().map(|part| node(part, table, now)).collect::<Result<Vec<_>, _>>();
    Ok(match expr {
        Expr::All => Node::Constant(true),
        Expr::And(parts) => Node::all(nodes(parts)?),
        Expr::Or(parts) => Node::Any(nodes(parts)?),
        Expr::Not(inner) => Node::Not(Box::new(node(inner, table, now)?)),
        Expr::Leaf(leaf) => {
            prepare(check(leaf, table, now)?, table).map_err(|error| ParseError::new(leaf.span.clone(), error))?
        }
    })
}

fn prepare(check: Check, table: Table) -> Result<Node, String> {
    let text = || Source::Text(table.text_column().to_owned());
    let all = |checks: Vec<Check>| checks.into_iter().map(|check| prepare(check, table)).collect::<Result<Vec<_>, _>>();
    Ok(match check {
        Check::Any(checks) => Node::Any(all(checks)?),
        Check::All(checks) => Node::all(all(checks)?),
        Check::Phrase(phrase) => Node::Text(text(), Matcher::Phrase(PhraseMatcher::new(&phrase))),
        Check::TokenPrefix(prefix) => Node::Text(text(), Matcher::TokenPrefix(TokenPrefix::new(&prefix))),
        Check::Is(source, value) => Node::Text(source, Matcher::Is(value)),
        Check::IsIgnoringCase(source, value) => Node::Text(source, Matcher::IsIgnoringCase(value.to_lowercase())),
        Check::Wildcard(source, pattern, fold) => Node::Text(source, Matcher::Wildcard(Wildcard::new(&pattern, fold))),
        Check::Regex(source, pattern) => Node::Text(source, Matcher::Regex(Box::new(functions::regex(&pattern)?))),
        Check::Cidr(source, network) => {
            let parsed = functions::network(&network).ok_or_else(|| format!("{network:?} is no network"))?;
            Node::Text(source, Matcher::Cidr(parsed))
        }
        Check::Number(source, op, value) => Node::Number(source, op, value),
        Check::Time(source, op, value) => Node::Time(source, op, value),
        Check::Present(source) => Node::Present(source),
    })
}

impl Node {
    /// All of these, the cheap ones first: the others then look at fewer rows.
    fn all(mut nodes: Vec<Node>) -> Node {
        nodes.sort_by_key(Node::cost);
        Node::All(nodes)
    }

    fn cost(&self) -> u32 {
        match self {
            Node::Constant(_) => 0,
            Node::Present(_) | Node::Time(..) => 1,
            Node::Number(..) | Node::Text(_, Matcher::Is(_)) => 2,
            Node::Text(_, Matcher::IsIgnoringCase(_) | Matcher::Cidr(_)) => 4,
            Node::Text(_, Matcher::Phrase(_) | Matcher::TokenPrefix(_) | Matcher::Wildcard(_)) => 6,
            Node::Text(_, Matcher::Regex(_)) => 20,
            Node::Not(node) => node.cost(),
            Node::All(nodes) | Node::Any(nodes) => nodes.iter().map(Node::cost).sum(),
        }
    }

    /// The rows `within` these that match; no others are looked at.
    fn matches(&self, batch: &RecordBatch, within: &BooleanBuffer) -> BooleanBuffer {
        match self {
            Node::Constant(true) => within.clone(),
            Node::Constant(false) => BooleanBuffer::new_unset(within.len()),
            Node::All(nodes) => nodes.iter().fold(within.clone(), |left, node| {
                if left.count_set_bits() == 0 { left } else { node.matches(batch, &left) }
            }),
            Node::Any(nodes) => nodes.iter().fold(BooleanBuffer::new_unset(within.len()), |any, node| {
                let left = within & &!&any;
                if left.count_set_bits() == 0 { any } else { &any | &node.matches(batch, &left) }
            }),
            Node::Not(node) => within & &!&node.matches(batch, within),
            Node::Text(source @ (Source::Member(..) | Source::Either(_)), Matcher::Is(value)) => {
                equal(source, batch, within, value)
            }
            Node::Text(source, matcher) => texts(source, batch, within, |text| matcher.is_match(text)),
            Node::Present(source) => match source {
                Source::Number(column) | Source::Bool(column) | Source::Time(column) => {
                    within & &present(batch, column)
                }
                other => texts(other, batch, within, |_| true),
            },
            Node::Number(source, op, value) => {
                select(within, numbers(source, batch, |number| op.holds_number(number, *value)))
            }
            Node::Time(source, op, value) => match source {
                Source::Time(column) => times(batch, column, within, |time| op.holds(&time, value)),
                _ => BooleanBuffer::new_unset(within.len()),
            },
        }
    }
}

/// The rows within these for which the test holds.
fn select(within: &BooleanBuffer, mut test: impl FnMut(usize) -> bool) -> BooleanBuffer {
    BooleanBuffer::collect_bool(within.len(), |row| within.value(row) && test(row))
}

fn present(batch: &RecordBatch, column: &str) -> BooleanBuffer {
    match batch.column_by_name(column) {
        None => BooleanBuffer::new_unset(batch.num_rows()),
        Some(array) => match array.nulls() {
            None => BooleanBuffer::new_set(batch.num_rows()),
            Some(nulls) => nulls.inner().clone(),
        },
    }
}

fn times(batch: &RecordBatch, column: &str, within: &BooleanBuffer, test: impl Fn(i64) -> bool) -> BooleanBuffer {
    let array = batch.column_by_name(column).and_then(|array| array.as_primitive_opt::<TimestampNanosecondType>());
    match array {
        None => BooleanBuffer::new_unset(within.len()),
        Some(array) => select(within, |row| array.is_valid(row) && test(array.value(row))),
    }
}

/// Whether a member is this text; the most common condition, so numbers are compared as numbers.
fn equal(source: &Source, batch: &RecordBatch, within: &BooleanBuffer, value: &str) -> BooleanBuffer {
    let (column, key) = match source {
        Source::Member(column, key) => (column.as_str(), key),
        Source::Either(key) => (name::ATTRIBUTES, key),
        _ => return BooleanBuffer::new_unset(within.len()),
    };
    let int = value.parse::<i64>().ok().filter(|int| int.to_string() == value);
    let own = Member::new(batch, column, key);
    let other = matches!(source, Source::Either(_)).then(|| Member::new(batch, name::RESOURCE_ATTRIBUTES, key));
    select(within, |row| {
        own.is(row, value, int).or_else(|| other.as_ref().and_then(|other| other.is(row, value, int))).unwrap_or(false)
    })
}

/// Tests the canonical text of every row that has one.
fn texts(source: &Source, batch: &RecordBatch, within: &BooleanBuffer, test: impl Fn(&str) -> bool) -> BooleanBuffer {
    match source {
        Source::Text(column) | Source::Number(column) | Source::Bool(column) | Source::Time(column) => {
            match batch.column_by_name(column) {
                None => BooleanBuffer::new_unset(within.len()),
                Some(array) => column_texts(array, within, test),
            }
        }
        Source::Member(column, key) => member_texts(batch, column, key, within, test),
        Source::Either(key) => {
            let own = Member::new(batch, name::ATTRIBUTES, key);
            let other = Member::new(batch, name::RESOURCE_ATTRIBUTES, key);
            select(within, |row| own.text(row).or_else(|| other.text(row)).is_some_and(|text| test(&text)))
        }
    }
}

fn column_texts(array: &ArrayRef, within: &BooleanBuffer, test: impl Fn(&str) -> bool) -> BooleanBuffer {
    match array.data_type() {
        DataType::Utf8View => view_texts(array.as_string_view(), within, test),
        DataType::FixedSizeBinary(_) => {
            let ids = array.as_fixed_size_binary();
            let mut text = String::new();
            select(within, |row| {
                text.clear();
                for byte in ids.value(row) {
                    text.push(DIGITS[usize::from(byte >> 4)] as char);
                    text.push(DIGITS[usize::from(byte & 15)] as char);
                }
                ids.is_valid(row) && test(&text)
            })
        }
        _ => select(within, |row| scalar_text(array, row).is_some_and(|text| test(&text))),
    }
}

/// Neighbours that are the very same bytes are tested once.
fn view_texts(array: &StringViewArray, within: &BooleanBuffer, test: impl Fn(&str) -> bool) -> BooleanBuffer {
    let mut previous: Option<(u128, bool)> = None;
    select(within, |row| {
        if array.is_null(row) {
            return false;
        }
        let view = array.views()[row];
        let matched = match previous {
            Some((same, matched)) if same == view => matched,
            _ => test(array.value(row)),
        };
        previous = Some((view, matched));
        matched
    })
}

fn member_texts(
    batch: &RecordBatch,
    column: &str,
    key: &str,
    within: &BooleanBuffer,
    test: impl Fn(&str) -> bool,
) -> BooleanBuffer {
    let member = Member::new(batch, column, key);
    let mut previous: Option<(u128, bool)> = None;
    select(within, |row| {
        let view = member.view(row);
        if let (Some(view), Some((same, matched))) = (view, previous)
            && view == same
        {
            return matched;
        }
        let matched = member.text(row).is_some_and(|text| test(&text));
        previous = view.map(|view| (view, matched));
        matched
    })
}

/// A member of a JSON column; of the attributes also from its typed column.
struct Member<'a> {
    typed: Option<&'a ArrayRef>,
    object: Option<&'a StringViewArray>,
    key: &'a str,
}

impl<'a> Member<'a> {
    fn new(batch: &'a RecordBatch, column: &str, key: &'a str) -> Self {
        let typed =
            (column == name::ATTRIBUTES).then(|| batch.column_by_name(&format!("{ATTRIBUTE_PREFIX}{key}"))).flatten();
        let object = batch.column_by_name(column).and_then(|array| array.as_string_view_opt());
        Self { typed, object, key }
    }

    /// The view of the object, when nothing but the object decides.
    fn view(&self, row: usize) -> Option<u128> {
        let object = self.object.filter(|object| self.typed.is_none() && object.is_valid(row))?;
        Some(object.views()[row])
    }

    fn raw(&self, row: usize) -> Option<&'a str> {
        let object = self.object.filter(|object| object.is_valid(row))?;
        json::get(object.value(row), self.key)
    }

    fn text(&self, row: usize) -> Option<Cow<'a, str>> {
        match self.typed.filter(|typed| typed.is_valid(row)) {
            Some(typed) => scalar_text(typed, row),
            None => json::raw_to_text(self.raw(row)?),
        }
    }

    /// Whether the text is this one, which stands for that number; none when there is no value.
    fn is(&self, row: usize, text: &str, int: Option<i64>) -> Option<bool> {
        match self.typed.filter(|typed| typed.is_valid(row)) {
            Some(typed) => match typed.data_type() {
                DataType::Int64 => Some(int == Some(typed.as_primitive::<Int64Type>().value(row))),
                _ => scalar_text(typed, row).map(|found| found == text),
            },
            None => json::raw_to_text(self.raw(row)?).map(|found| found == text),
        }
    }

    fn number(&self, row: usize) -> Option<f64> {
        match self.typed.filter(|typed| typed.is_valid(row)) {
            Some(typed) => match typed.data_type() {
                DataType::Utf8View => typed.as_string_view().value(row).parse().ok(),
                DataType::Boolean => None,
                _ => scalar_number(typed, row),
            },
            None => json::raw_to_number(self.raw(row)?),
        }
    }
}

fn numbers<'a>(
    source: &'a Source,
    batch: &'a RecordBatch,
    test: impl Fn(f64) -> bool + 'a,
) -> Box<dyn FnMut(usize) -> bool + 'a> {
    match source {
        Source::Member(column, key) => {
            let member = Member::new(batch, column, key);
            Box::new(move |row| member.number(row).is_some_and(&test))
        }
        Source::Either(key) => {
            let own = Member::new(batch, name::ATTRIBUTES, key);
            let other = Member::new(batch, name::RESOURCE_ATTRIBUTES, key);
            Box::new(move |row| own.number(row).or_else(|| other.number(row)).is_some_and(&test))
        }
        Source::Text(column) => match batch.column_by_name(column).and_then(|array| array.as_string_view_opt()) {
            None => Box::new(|_| false),
            Some(array) => Box::new(move |row| array.is_valid(row) && array.value(row).trim().parse().is_ok_and(&test)),
        },
        Source::Number(column) | Source::Bool(column) | Source::Time(column) => match batch.column_by_name(column) {
            None => Box::new(|_| false),
            Some(array) => Box::new(move |row| scalar_number(array, row).is_some_and(&test)),
        },
    }
}

fn scalar_number(array: &ArrayRef, row: usize) -> Option<f64> {
    if array.is_null(row) {
        return None;
    }
    Some(match array.data_type() {
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row) as f64,
        DataType::Int32 => f64::from(array.as_primitive::<Int32Type>().value(row)),
        DataType::UInt32 => f64::from(array.as_primitive::<UInt32Type>().value(row)),
        DataType::UInt64 => array.as_primitive::<UInt64Type>().value(row) as f64,
        DataType::Float64 => array.as_primitive::<Float64Type>().value(row),
        _ => return None,
    })
}

fn scalar_text(array: &ArrayRef, row: usize) -> Option<Cow<'_, str>> {
    if array.is_null(row) {
        return None;
    }
    Some(match array.data_type() {
        DataType::Utf8View => Cow::Borrowed(array.as_string_view().value(row)),
        DataType::Boolean => Cow::Borrowed(if array.as_boolean().value(row) { "true" } else { "false" }),
        DataType::Float64 => {
            let mut text = String::new();
            json::write_double_text(&mut text, array.as_primitive::<Float64Type>().value(row));
            Cow::Owned(text)
        }
        DataType::Int64 => Cow::Owned(array.as_primitive::<Int64Type>().value(row).to_string()),
        DataType::Int32 => Cow::Owned(array.as_primitive::<Int32Type>().value(row).to_string()),
        DataType::UInt32 => Cow::Owned(array.as_primitive::<UInt32Type>().value(row).to_string()),
        DataType::UInt64 => Cow::Owned(array.as_primitive::<UInt64Type>().value(row).to_string()),
        _ => return None,
    })
}
