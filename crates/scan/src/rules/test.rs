//! Tests of values: the modifiers after a field's name.

use super::condition::Truth;
use super::lazy::Lazy;
use crate::tree::{Data, Node};
use std::borrow::Cow;
use yaml::{Node as Yaml, Scalar};

/// Whether a value passes a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tested {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It is not known here.
    Unknown,
}

/// A test of the values at a path.
#[derive(Clone, Debug)]
pub struct Test {
    kind: Kind,
    /// Letter case does not count.
    folds: bool,
    /// Every value of the rule must be there.
    all: bool,
}

#[derive(Clone, Debug)]
enum Kind {
    Exists(bool),
    /// It has this many values, or not.
    Count(Compare, f64),
    /// Equal to one of these; none is nothing.
    Is(Vec<Option<String>>),
    Contains(Vec<String>),
    Starts(Vec<String>),
    Ends(Vec<String>),
    Regex(Vec<Lazy>),
    Number(Compare, f64, Unit),
    /// It is of one of these types.
    Type(Vec<Type>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Compare {
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Unit {
    Plain,
    /// Kubernetes' quantities: `500m`, `1Gi`.
    Quantity,
    /// Octal modes: `0644`.
    Octal,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Type {
    List,
    Map,
    Text,
    Number,
    Bool,
}

const MODIFIERS: &str =
    "all, contains, count, endswith, exists, gt, gte, i, lt, lte, octal, quantity, re, startswith, type";

impl Test {
    /// Compiles its expressions.
    pub(super) fn check(&self) -> Result<(), String> {
        match &self.kind {
            Kind::Regex(all) => all.iter().try_for_each(Lazy::check),
            _ => Ok(()),
        }
    }

    /// Reads the modifiers and the values of a field.
    ///
    /// # Errors
    /// With the place and what to do.
    pub fn parse(modifiers: &[&str], yaml: Yaml<'_>) -> Result<Test, yaml::Error> {
        let refuse = |reason: String| yaml::Error { place: yaml.place(), reason };
        let (mut folds, mut all, mut unit, mut how) = (false, false, Unit::Plain, Vec::new());
        for modifier in modifiers {
            match *modifier {
                "i" => folds = true,
                "all" => all = true,
                "quantity" => unit = Unit::Quantity,
                "octal" => unit = Unit::Octal,
                other => how.push(other),
            }
        }
        let kind = match how.as_slice() {
            [] => Kind::Is(values(yaml, folds)?),
            ["exists"] => match yaml.scalar() {
                Some(Scalar::Bool(exists)) => Kind::Exists(exists),
                _ => return Err(refuse("`exists` needs true or false".to_owned())),
            },
            ["contains"] => Kind::Contains(texts(yaml, folds)?),
            ["startswith"] => Kind::Starts(texts(yaml, folds)?),
            ["endswith"] => Kind::Ends(texts(yaml, folds)?),
            ["re"] => Kind::Regex(regexes(yaml, folds)?),
            ["type"] => Kind::Type(types(yaml)?),
            ["count", compare] => Kind::Count(comparison(compare).map_err(refuse)?, number(yaml, Unit::Plain)?),
            [compare @ ("lt" | "lte" | "gt" | "gte")] => {
                Kind::Number(comparison(compare).map_err(refuse)?, number(yaml, unit)?, unit)
            }
            other => {
                return Err(refuse(format!("`|{}` is no modifier; there are {MODIFIERS}", other.join("|"))));
            }
        };
        Ok(Test { kind, folds, all })
    }

    /// Whether it holds for the values at a path; `open` when there may be others that are not known.
    pub fn holds(&self, nodes: &[Node<'_>], open: bool) -> Truth {
        let unless_open = |tested: Tested| if open { Truth::Unknown } else { tested.into() };
        let count = nodes.iter().filter(|node| !node.is_null()).count();
        match &self.kind {
            Kind::Exists(exists) => match (count > 0, exists) {
                (true, true) => Truth::Yes(nodes.first().map(|node| node.span())),
                (true, false) => Truth::No,
                (false, exists) => unless_open(if *exists { Tested::No } else { Tested::Yes }),
            },
            Kind::Count(compare, than) => unless_open(tested(compare.holds(count as f64, *than))),
            Kind::Is(values) if count == 0 => unless_open(tested(values.contains(&None))),
            Kind::Is(_) if self.all => self.every(nodes, open),
            _ => {
                let (mut unknown, mut at) = (open, None);
                for node in nodes {
                    match self.value(*node) {
                        Tested::Yes => at = at.or(Some(node.span())),
                        Tested::Unknown => unknown = true,
                        Tested::No => {}
                    }
                }
                match at {
                    Some(span) => Truth::Yes(Some(span)),
                    None if unknown => Truth::Unknown,
                    None => Truth::No,
                }
            }
        }
    }

    /// Whether each of the rule's values is there.
    fn every(&self, nodes: &[Node<'_>], open: bool) -> Truth {
        let Kind::Is(values) = &self.kind else { return Truth::No };
        let mut unknown = false;
        for value in values {
            let one = Test { kind: Kind::Is(vec![value.clone()]), folds: self.folds, all: false };
            match one.holds(nodes, open) {
                Truth::No => return Truth::No,
                Truth::Unknown => unknown = true,
                Truth::Yes(_) => {}
            }
        }
        if unknown { Truth::Unknown } else { Truth::Yes(nodes.first().map(|node| node.span())) }
    }

    fn value(&self, node: Node<'_>) -> Tested {
        if let Kind::Type(types) = &self.kind {
            return match node.data() {
                Data::Unknown(_) | Data::Secret(_) => Tested::Unknown,
                data => tested(types.iter().any(|of| of.is(data))),
            };
        }
        match node.data() {
            Data::Unknown(_) | Data::Secret(_) => Tested::Unknown,
            Data::Partly(pieces) => {
                let pieces: Vec<Cow<'_, str>> = pieces.iter().map(|piece| self.fold(piece)).collect();
                self.pieces(&pieces)
            }
            _ => match node.known() {
                Some(text) => tested(self.known(&text)),
                None => Tested::No,
            },
        }
    }

    fn fold<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.folds { text.to_lowercase().into() } else { text.into() }
    }

    fn known(&self, text: &str) -> bool {
        let folded = self.fold(text);
        let text = &*folded;
        match &self.kind {
            Kind::Is(values) => values.iter().flatten().any(|value| value == text),
            Kind::Contains(values) if self.all => values.iter().all(|value| text.contains(value.as_str())),
            Kind::Contains(values) => values.iter().any(|value| text.contains(value.as_str())),
            Kind::Starts(values) => values.iter().any(|value| text.starts_with(value.as_str())),
            Kind::Ends(values) => values.iter().any(|value| text.ends_with(value.as_str())),
            Kind::Regex(all) if self.all => all.iter().all(|regex| regex.is_match(text)),
            Kind::Regex(any) => any.iter().any(|regex| regex.is_match(text)),
            Kind::Number(compare, than, unit) => unit.read(text).is_some_and(|number| compare.holds(number, *than)),
            Kind::Exists(_) | Kind::Count(..) | Kind::Type(_) => false,
        }
    }

    /// Of a text that is known in pieces.
    fn pieces(&self, pieces: &[Cow<'_, str>]) -> Tested {
        let [first, .., last] = pieces else { return Tested::Unknown };
        let has = |value: &String| pieces.iter().any(|piece| piece.contains(value.as_str()));
        let may = |possible: bool| if possible { Tested::Unknown } else { Tested::No };
        let starts = |value: &str| value.starts_with(&**first) || first.starts_with(value);
        let ends = |value: &str| value.ends_with(&**last) || last.ends_with(value);
        match &self.kind {
            Kind::Contains(values) if self.all && values.iter().all(has) => Tested::Yes,
            Kind::Contains(values) if !self.all && values.iter().any(has) => Tested::Yes,
            Kind::Starts(values) if values.iter().any(|value| first.starts_with(value.as_str())) => Tested::Yes,
            Kind::Ends(values) if values.iter().any(|value| last.ends_with(value.as_str())) => Tested::Yes,
            Kind::Starts(values) => may(values.iter().any(|value| starts(value))),
            Kind::Ends(values) => may(values.iter().any(|value| ends(value))),
            Kind::Is(values) => may(values.iter().flatten().any(|value| {
                value.len() >= first.len() + last.len() && value.starts_with(&**first) && value.ends_with(&**last)
            })),
            _ => Tested::Unknown,
        }
    }
}

fn tested(holds: bool) -> Tested {
    if holds { Tested::Yes } else { Tested::No }
}

impl Type {
    fn is(self, data: &Data) -> bool {
        match self {
            Type::List => matches!(data, Data::List(_)),
            Type::Map => matches!(data, Data::Map(_)),
            Type::Text => matches!(data, Data::Text(_) | Data::Partly(_)),
            Type::Number => matches!(data, Data::Int(_) | Data::Float(_)),
            Type::Bool => matches!(data, Data::Bool(_)),
        }
    }
}

impl Compare {
    fn holds(self, is: f64, than: f64) -> bool {
        match self {
            Compare::Less => is < than,
            Compare::LessOrEqual => is <= than,
            Compare::More => is > than,
            Compare::MoreOrEqual => is >= than,
        }
    }
}

impl Unit {
    fn read(self, text: &str) -> Option<f64> {
        let text = text.trim();
        match self {
            Unit::Plain => text.parse().ok(),
            Unit::Octal => {
                let digits = text.strip_prefix("0o").unwrap_or(text);
                u32::from_str_radix(digits, 8).ok().map(f64::from)
            }
            Unit::Quantity => {
                let end = text.find(|character: char| character.is_ascii_alphabetic()).unwrap_or(text.len());
                // `1e3` is a number, `1E` is exa.
                let (number, suffix) = if text.parse::<f64>().is_ok() { (text, "") } else { text.split_at(end) };
                let factor = match suffix {
                    "" => 1.0,
                    "n" => 1e-9,
                    "u" => 1e-6,
                    "m" => 1e-3,
                    "k" => 1e3,
                    "M" => 1e6,
                    "G" => 1e9,
                    "T" => 1e12,
                    "P" => 1e15,
                    "E" => 1e18,
                    "Ki" => 1024.0,
                    "Mi" => 1_048_576.0,
                    "Gi" => 1_073_741_824.0,
                    "Ti" => 1_099_511_627_776.0,
                    "Pi" => 1_125_899_906_842_624.0,
                    "Ei" => 1_152_921_504_606_846_976.0,
                    _ => return None,
                };
                Some(number.parse::<f64>().ok()? * factor)
            }
        }
    }
}

fn comparison(name: &str) -> Result<Compare, String> {
    match name {
        "lt" => Ok(Compare::Less),
        "lte" => Ok(Compare::LessOrEqual),
        "gt" => Ok(Compare::More),
        "gte" => Ok(Compare::MoreOrEqual),
        other => Err(format!("`{other}` compares nothing; there are lt, lte, gt, gte")),
    }
}

fn list<'y>(yaml: Yaml<'y>) -> Result<Vec<Yaml<'y>>, yaml::Error> {
    let refuse = |node: Yaml<'_>, reason: &str| yaml::Error { place: node.place(), reason: reason.to_owned() };
    if yaml.is_map() {
        return Err(refuse(yaml, "expected a value or a list of values"));
    }
    let all: Vec<_> = if yaml.is_list() { yaml.items().collect() } else { vec![yaml] };
    match all.iter().find(|node| node.scalar().is_none()) {
        Some(node) => Err(refuse(*node, "expected a value")),
        None if all.is_empty() => Err(refuse(yaml, "an empty list matches nothing")),
        None => Ok(all),
    }
}

fn values(yaml: Yaml<'_>, folds: bool) -> Result<Vec<Option<String>>, yaml::Error> {
    let text = |node: Yaml<'_>| match node.scalar() {
        Some(Scalar::Null) | None => None,
        Some(Scalar::Bool(value)) => Some(value.to_string()),
        Some(Scalar::Int(value)) => Some(value.to_string()),
        Some(Scalar::Float(value)) => Some(value.to_string()),
        Some(Scalar::Text(text)) => Some(if folds { text.to_lowercase() } else { text.to_owned() }),
    };
    Ok(list(yaml)?.into_iter().map(text).collect())
}

fn texts(yaml: Yaml<'_>, folds: bool) -> Result<Vec<String>, yaml::Error> {
    let texts: Vec<String> = values(yaml, folds)?.into_iter().flatten().filter(|text| !text.is_empty()).collect();
    if texts.is_empty() {
        return Err(yaml::Error { place: yaml.place(), reason: "an empty text is in every value".to_owned() });
    }
    Ok(texts)
}

fn regexes(yaml: Yaml<'_>, folds: bool) -> Result<Vec<Lazy>, yaml::Error> {
    let regex = |node: Yaml<'_>| {
        let lazy = Lazy::new(node.raw().unwrap_or_default(), folds);
        lazy.map_err(|reason| yaml::Error { place: node.place(), reason })
    };
    list(yaml)?.into_iter().map(regex).collect()
}

fn types(yaml: Yaml<'_>) -> Result<Vec<Type>, yaml::Error> {
    let of = |node: Yaml<'_>| match node.text() {
        Some("list") => Ok(Type::List),
        Some("map") => Ok(Type::Map),
        Some("text") => Ok(Type::Text),
        Some("number") => Ok(Type::Number),
        Some("bool") => Ok(Type::Bool),
        _ => {
            Err(yaml::Error { place: node.place(), reason: "expected one of list, map, text, number, bool".to_owned() })
        }
    };
    list(yaml)?.into_iter().map(of).collect()
}

fn number(yaml: Yaml<'_>, unit: Unit) -> Result<f64, yaml::Error> {
    let read = yaml.raw().and_then(|text| unit.read(text));
    read.ok_or_else(|| yaml::Error { place: yaml.place(), reason: "expected a number".to_owned() })
}
