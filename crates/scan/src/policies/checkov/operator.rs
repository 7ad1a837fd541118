//! What is asked of the values of an attribute.

use crate::limits::MAX_REGEX_BYTES;
use crate::text::Span;
use crate::tree::{Data, Node, Tree};
use regex::{Regex, RegexBuilder};
use std::net::IpAddr;

/// What every operator's name is made of: perhaps `not_` before it and `_ignore_case` after it.
pub const OPERATORS: &[&str] = &[
    "any",
    "cidr_range_not_subset",
    "cidr_range_subset",
    "contains",
    "ending_with",
    "equals",
    "equals_ignore_case",
    "exists",
    "greater_than",
    "greater_than_or_equal",
    "intersects",
    "is_empty",
    "is_false",
    "is_not_empty",
    "is_true",
    "length_equals",
    "length_greater_than",
    "length_greater_than_or_equal",
    "length_less_than",
    "length_less_than_or_equal",
    "length_not_equals",
    "less_than",
    "less_than_or_equal",
    "not_contains",
    "not_ending_with",
    "not_equals",
    "not_equals_ignore_case",
    "not_exists",
    "not_intersects",
    "not_regex_match",
    "not_starting_with",
    "not_subset",
    "not_within",
    "number_of_words_equals",
    "number_of_words_greater_than",
    "number_of_words_greater_than_or_equal",
    "number_of_words_less_than",
    "number_of_words_less_than_or_equal",
    "number_of_words_not_equals",
    "range_includes",
    "range_not_includes",
    "regex_match",
    "starting_with",
    "subset",
    "within",
];

/// An operator with the values that it compares with.
#[derive(Clone, Debug)]
pub struct Operator {
    what: What,
    negated: bool,
    folds: bool,
    values: Vec<String>,
}

#[derive(Clone, Debug)]
enum What {
    Equals,
    Regex(Box<[Regex]>),
    Exists,
    Within,
    Any,
    Contains,
    Starts,
    Ends,
    Compare(Compare),
    Length(Compare),
    Words(Compare),
    Subset,
    Intersects,
    Empty,
    Is(bool),
    RangeIncludes,
    CidrSubset,
}

type Compare = fn(f64, f64) -> bool;

const COMPARISONS: [(&str, Compare); 6] = [
    ("greater_than_or_equal", |a, b| a >= b),
    ("greater_than", |a, b| a > b),
    ("less_than_or_equal", |a, b| a <= b),
    ("less_than", |a, b| a < b),
    ("not_equals", |a, b| a != b),
    ("equals", |a, b| a == b),
];

impl Operator {
    /// Makes one of its name, without `jsonpath_`, and its values.
    ///
    /// # Errors
    /// When there is no such operator, or it needs other values.
    pub fn new(name: &str, values: Vec<String>) -> Result<Operator, String> {
        let unknown = || {
            let names = OPERATORS.iter().copied();
            format!(
                "there is no operator `{name}`{}; there are {}",
                super::super::words::meant(name, names),
                OPERATORS.join(", ")
            )
        };
        let (plain, folds) = match name.strip_suffix("_ignore_case") {
            Some(plain) => (plain, true),
            None => (name, false),
        };
        let (plain, negated) = match plain {
            "is_not_empty" => ("is_empty", true),
            "range_not_includes" => ("range_includes", true),
            "cidr_range_not_subset" => ("cidr_range_subset", true),
            other => other.strip_prefix("not_").map_or((other, false), |plain| (plain, true)),
        };
        if folds
            && !matches!(
                plain,
                "equals" | "contains" | "starting_with" | "ending_with" | "regex_match" | "within" | "any"
            )
        {
            return Err(unknown());
        }
        let needs_none = matches!(plain, "exists" | "is_empty" | "is_true" | "is_false");
        if values.is_empty() && !needs_none {
            return Err(format!("`{name}` needs a `value`"));
        }
        let comparison = |name: &str| COMPARISONS.iter().find(|(of, _)| *of == name).map(|(_, compare)| *compare);
        let what = match plain {
            "equals" => What::Equals,
            "regex_match" => What::Regex(regexes(&values, folds)?),
            "exists" => What::Exists,
            "within" => What::Within,
            "any" => What::Any,
            "contains" => What::Contains,
            "starting_with" => What::Starts,
            "ending_with" => What::Ends,
            "subset" => What::Subset,
            "intersects" => What::Intersects,
            "is_empty" => What::Empty,
            "is_true" => What::Is(true),
            "is_false" => What::Is(false),
            "range_includes" => What::RangeIncludes,
            "cidr_range_subset" => What::CidrSubset,
            other => {
                let (kind, compared): (fn(Compare) -> What, &str) = match other.strip_prefix("length_") {
                    Some(rest) => (What::Length, rest),
                    None => match other.strip_prefix("number_of_words_") {
                        Some(rest) => (What::Words, rest),
                        None => (What::Compare, other),
                    },
                };
                let compare = comparison(compared).ok_or_else(unknown)?;
                if values.iter().any(|value| value.trim().parse::<f64>().is_err()) {
                    return Err(format!("`{name}` compares with a number, and `{}` is none", values.join(", ")));
                }
                kind(compare)
            }
        };
        if !OPERATORS.contains(&name) && !folds {
            return Err(unknown());
        }
        let values = if folds { values.iter().map(|value| value.to_lowercase()).collect() } else { values };
        Ok(Operator { what, negated, folds, values })
    }

    /// Whether a text passes.
    pub fn of_text(&self, text: &str) -> bool {
        let mut tree = Tree::default();
        let id = tree.text(text, Span::default());
        self.of(tree.node(id), None) == Some(true)
    }

    /// Whether there being nothing passes.
    pub fn of_nothing(&self) -> bool {
        matches!(self.what, What::Empty) != self.negated
    }

    /// Whether a value passes; none when that is not known. `raw` is what is written where only a part of it is known.
    pub fn of(&self, node: Node<'_>, raw: Option<Node<'_>>) -> Option<bool> {
        let mut truth = self.plain(node);
        if truth.is_none() && self.is_about_text() {
            // What is written has it, whatever expressions become.
            truth = raw.and_then(|raw| self.plain(raw)).filter(|holds| *holds);
        }
        truth.map(|holds| holds != self.negated)
    }

    fn is_about_text(&self) -> bool {
        matches!(
            self.what,
            What::Equals | What::Regex(_) | What::Contains | What::Starts | What::Ends | What::Within | What::Any
        )
    }

    fn plain(&self, node: Node<'_>) -> Option<bool> {
        match &self.what {
            What::Exists => Some(true),
            What::Empty => match node.data() {
                Data::Unknown(_) | Data::Secret(_) => None,
                Data::Partly(pieces) => pieces.iter().any(|piece| !piece.is_empty()).then_some(false),
                Data::List(_) => Some(node.items().len() == 0),
                Data::Map(_) => Some(node.entries().len() == 0),
                _ => Some(node.scalar().is_none_or(|said| said.is_empty())),
            },
            What::Length(compare) => {
                let length = match node.data() {
                    Data::List(items) => items.len(),
                    Data::Map(members) => members.len(),
                    Data::Unknown(_) | Data::Secret(_) | Data::Partly(_) => return None,
                    _ => node.scalar()?.chars().count(),
                };
                Some(self.numbers().any(|number| compare(length as f64, number)))
            }
            What::Contains if node.is_map() => {
                let has = |value: &String| {
                    node.member(value).is_some()
                        || node.entries().any(|(key, _)| self.fold(key).as_ref() == Some(value))
                };
                let open = node.entries().any(|(key, _)| key.is_open());
                every(self.values.iter().map(|value| if has(value) { Some(true) } else { (!open).then_some(false) }))
            }
            What::Contains => every(self.values.iter().map(|value| {
                if node.is_list() {
                    some(node.items().map(|item| self.equal(item, value)))
                } else {
                    self.part(node, value, Part::In)
                }
            })),
            What::Subset => every(items(node).map(|item| self.within(item))),
            What::Within if node.is_list() => every(node.items().map(|item| self.within(item))),
            What::Intersects if !node.is_list() => {
                some(self.values.iter().map(|value| self.part(node, value, Part::In)))
            }
            What::Intersects | What::Any | What::Within => some(items(node).map(|item| self.within(item))),
            What::Equals if node.is_list() => {
                let same = node.items().len() == self.values.len();
                if !same {
                    return Some(false);
                }
                every(node.items().zip(&self.values).map(|(item, value)| self.equal(item, value)))
            }
            _ => some(items(node).map(|item| self.single(item))),
        }
    }

    fn numbers(&self) -> impl Iterator<Item = f64> {
        self.values.iter().filter_map(|value| value.trim().parse().ok())
    }

    fn within(&self, node: Node<'_>) -> Option<bool> {
        some(self.values.iter().map(|value| self.equal(node, value)))
    }

    /// Whether one value passes.
    fn single(&self, node: Node<'_>) -> Option<bool> {
        let parts = |part: Part| some(self.values.iter().map(|value| self.part(node, value, part)));
        match &self.what {
            What::Equals => self.within(node),
            What::Starts => parts(Part::Start),
            What::Ends => parts(Part::End),
            _ if node.is_open() => None,
            What::Regex(regexes) => {
                Some(node.scalar().is_some_and(|said| regexes.iter().any(|regex| regex.is_match(&said))))
            }
            What::Is(wanted) => Some(self.fold_case(node).is_some_and(|said| said == wanted.to_string())),
            What::Compare(compare) => {
                let said = node.scalar().and_then(|said| said.trim().parse().ok());
                Some(said.is_some_and(|said| self.numbers().any(|number| compare(said, number))))
            }
            What::Words(compare) => {
                let words = node.scalar().map_or(0, |said| said.split_whitespace().count());
                Some(self.numbers().any(|number| compare(words as f64, number)))
            }
            What::RangeIncludes => {
                let said = node.scalar().unwrap_or_default();
                Some(self.values.iter().any(|value| includes(&said, value)))
            }
            What::CidrSubset => {
                let said = node.scalar().and_then(|said| cidr(&said));
                let around =
                    |value: &String| said.zip(cidr(value)).is_some_and(|(inner, outer)| is_within(inner, outer));
                Some(self.values.iter().any(around))
            }
            _ => Some(false),
        }
    }

    fn fold_case(&self, node: Node<'_>) -> Option<String> {
        node.scalar().map(|said| said.to_lowercase())
    }

    fn fold(&self, node: Node<'_>) -> Option<String> {
        if self.folds { self.fold_case(node) } else { node.scalar() }
    }

    fn equal(&self, node: Node<'_>, value: &str) -> Option<bool> {
        match node.data() {
            Data::Unknown(_) | Data::Secret(_) => None,
            Data::Partly(pieces) if may_be(pieces, value) => None,
            Data::Partly(_) => Some(false),
            Data::Bool(said) => Some(value.eq_ignore_ascii_case(if *said { "true" } else { "false" })),
            Data::Int(_) | Data::Float(_) => {
                let said = node.scalar().unwrap_or_default();
                let numbers = said.parse::<f64>().ok().zip(value.trim().parse::<f64>().ok());
                Some(said == value || numbers.is_some_and(|(a, b)| a == b))
            }
            _ => Some(self.fold(node).is_some_and(|said| said == value)),
        }
    }

    fn part(&self, node: Node<'_>, value: &str, part: Part) -> Option<bool> {
        let fold = |text: &str| if self.folds { text.to_lowercase() } else { text.to_owned() };
        match node.data() {
            Data::Unknown(_) | Data::Secret(_) => None,
            Data::Partly(pieces) => {
                let (first, last) = (fold(pieces.first()?), fold(pieces.last()?));
                match part {
                    Part::In => pieces.iter().any(|piece| fold(piece).contains(value)).then_some(true),
                    Part::Start if first.starts_with(value) => Some(true),
                    Part::Start => {
                        if value.starts_with(&first) {
                            None
                        } else {
                            Some(false)
                        }
                    }
                    Part::End if last.ends_with(value) => Some(true),
                    Part::End => {
                        if value.ends_with(&last) {
                            None
                        } else {
                            Some(false)
                        }
                    }
                }
            }
            _ => Some(self.fold(node).is_some_and(|said| match part {
                Part::In => said.contains(value),
                Part::Start => said.starts_with(value),
                Part::End => said.ends_with(value),
            })),
        }
    }
}

#[derive(Clone, Copy)]
enum Part {
    In,
    Start,
    End,
}

/// The items of a list, or the one value.
fn items(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let one = (!node.is_list()).then_some(node);
    node.items().chain(one)
}

fn some(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut unknown = false;
    for truth in truths {
        match truth {
            Some(true) => return Some(true),
            Some(false) => {}
            None => unknown = true,
        }
    }
    (!unknown).then_some(false)
}

fn every(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    some(truths.map(|truth| truth.map(|holds| !holds))).map(|holds| !holds)
}

/// Whether pieces with anything between them may be a text.
fn may_be(pieces: &[Box<str>], text: &str) -> bool {
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else { return true };
    text.len() >= first.len() + last.len() && text.starts_with(&**first) && text.ends_with(&**last)
}

/// Regular expressions as Checkov uses them: from the beginning of the text, to anywhere.
fn regexes(values: &[String], folds: bool) -> Result<Box<[Regex]>, String> {
    let regex = |value: &String| {
        let built =
            RegexBuilder::new(&format!("^(?:{value})")).size_limit(MAX_REGEX_BYTES).case_insensitive(folds).build();
        built.map_err(|_| format!("`{value}` is no regular expression that can be used here; look-around and back-references are not known"))
    };
    values.iter().map(regex).collect()
}

/// Whether `20-80`, `443` or `*` includes a number, or a range of them.
fn includes(range: &str, wanted: &str) -> bool {
    let ends = |text: &str| -> Option<(f64, f64)> {
        let text = text.trim();
        match text.split_once('-').filter(|(low, _)| !low.is_empty()) {
            Some((low, high)) => Some((low.trim().parse().ok()?, high.trim().parse().ok()?)),
            None => text.parse().ok().map(|number| (number, number)),
        }
    };
    if range.trim() == "*" {
        return true;
    }
    let parts = range.split(',').filter_map(ends);
    ends(wanted).is_some_and(|(low, high)| parts.into_iter().any(|(from, to)| from <= low && high <= to))
}

/// The bits of an address, how many count, and whether there are 32 or 128.
fn cidr(text: &str) -> Option<(u128, u32, u32)> {
    let (address, prefix) =
        text.trim().split_once('/').map_or((text.trim(), None), |(address, prefix)| (address, Some(prefix)));
    let (bits, width) = match address.parse().ok()? {
        IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    };
    let prefix = prefix.map_or(Some(width), |prefix| prefix.parse().ok())?;
    (prefix <= width).then_some((bits, prefix, width))
}

fn is_within(inner: (u128, u32, u32), outer: (u128, u32, u32)) -> bool {
    let shift = outer.2 - outer.1;
    let cut = |bits: u128| if shift >= 128 { 0 } else { bits >> shift };
    inner.2 == outer.2 && inner.1 >= outer.1 && cut(inner.0) == cut(outer.0)
}
