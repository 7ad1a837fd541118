//! Until the oracle lands: the simplest evaluator.

use crate::event::{PlainEvent, Scalar, fold};
use crate::rule::{Anchor, Comparison, Expr, Field, Leaf, Part, Test};

pub fn matches(expr: &Expr, event: &PlainEvent) -> bool {
    match expr {
        Expr::And(parts) => parts.iter().all(|part| matches(part, event)),
        Expr::Or(parts) => parts.iter().any(|part| matches(part, event)),
        Expr::Not(part) => !matches(part, event),
        Expr::Leaf(leaf) => leaf_matches(leaf, event),
    }
}

fn values<'e>(field: &'e Field, event: &'e PlainEvent) -> Vec<&'e Scalar> {
    let mut each = field.paths.iter().map(|path| event.values(path).collect::<Vec<_>>());
    each.find(|values| !values.is_empty()).unwrap_or_default()
}

fn folded(text: &str, cased: bool) -> String {
    let mut out = String::new();
    if cased {
        out.push_str(text)
    } else {
        fold(text, &mut out)
    }
    out
}

fn leaf_matches(leaf: &Leaf, event: &PlainEvent) -> bool {
    let values = match &leaf.field {
        Some(field) => values(field, event),
        None => event.fields.iter().map(|(_, value)| value).collect(),
    };
    if leaf.test == Test::Null && values.is_empty() {
        return true;
    }
    values.into_iter().any(|value| match &leaf.test {
        Test::Exists => true,
        Test::Null => *value == Scalar::Null,
        Test::Text(pattern) => value.text().is_some_and(|text| {
            let parts: Vec<Part> = pattern
                .parts
                .iter()
                .map(|part| match part {
                    Part::Text(text) => Part::Text(folded(text, pattern.cased)),
                    other => other.clone(),
                })
                .collect();
            like(&parts, &folded(&text, pattern.cased))
        }),
        Test::Regex(regex) => value.text().is_some_and(|text| regex::Regex::new(regex).unwrap().is_match(&text)),
        Test::Cidr(network) => value.text().is_some_and(|text| {
            let address = text.trim().parse::<std::net::IpAddr>();
            address.is_ok_and(|address| network.contains(&address) || network.contains(&address.to_canonical()))
        }),
        Test::Compare(comparison, right) => value.number().is_some_and(|left| match comparison {
            Comparison::Less => left < *right,
            Comparison::LessOrEqual => left <= *right,
            Comparison::Greater => left > *right,
            Comparison::GreaterOrEqual => left >= *right,
            Comparison::Equal => left == *right,
            Comparison::NotEqual => left != *right,
        }),
        Test::Field(test, other) => {
            let others: Vec<&Scalar> = self::values(other, event);
            others.into_iter().any(|other| match (value.text(), other.text()) {
                (Some(value), Some(other)) => {
                    let (value, other) = (folded(&value, test.cased), folded(&other, test.cased));
                    match test.at {
                        Anchor::Whole => value == other,
                        Anchor::Start => value.starts_with(&other),
                        Anchor::End => value.ends_with(&other),
                        Anchor::Anywhere => value.contains(&other),
                    }
                }
                _ => false,
            })
        }
        Test::Time(part, number) => crate::sources::parse_time(value)
            .is_some_and(|time| super::super::kernels::time_part(*part, time) == *number),
    })
}

fn like(parts: &[Part], text: &str) -> bool {
    match parts.split_first() {
        None => text.is_empty(),
        Some((Part::Text(part), rest)) => text.strip_prefix(part.as_str()).is_some_and(|text| like(rest, text)),
        Some((Part::One, rest)) => {
            let mut letters = text.chars();
            letters.next().is_some() && like(rest, letters.as_str())
        }
        Some((Part::Any, rest)) => {
            text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| like(rest, &text[at..]))
        }
    }
}
