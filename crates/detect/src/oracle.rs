//! The simplest evaluator: what a condition means. The engine must give the same answers; this one is never fast.
//!
//! Every test is about the values of one field: it holds when any of them fits. So a test of a field that is not there is
//! false, and its negation is true; [`Test::Null`] alone holds for what is not there.

use crate::event::{PlainEvent, Scalar, fold};
use crate::limits::{MAX_REGEX_COMPILED_BYTES, MAX_REGEX_DEPTH};
use crate::rule::{Anchor, Comparison, Expr, Field, FieldTest, Leaf, Part, Pattern, Test, TimePart};
use crate::sources::parse_time;
use chrono::{DateTime, Datelike, Timelike};
use ipnet::IpNet;
use model::fact::Nanos;
use regex::{Regex, RegexBuilder};
use std::net::{IpAddr, Ipv6Addr};

/// Whether a condition holds for an event.
pub fn matches(expr: &Expr, event: &PlainEvent) -> bool {
    match expr {
        Expr::And(all) => all.iter().all(|one| matches(one, event)),
        Expr::Or(any) => any.iter().any(|one| matches(one, event)),
        Expr::Not(one) => !matches(one, event),
        Expr::Leaf(leaf) => holds(leaf, event),
    }
}

fn holds(leaf: &Leaf, event: &PlainEvent) -> bool {
    let values = match &leaf.field {
        Some(field) => values(field, event),
        None => event.fields.iter().map(|(_, value)| value).collect(),
    };
    match &leaf.test {
        Test::Exists => leaf.field.is_none() || !values.is_empty(),
        Test::Null => (leaf.field.is_some() && values.is_empty()) || values.contains(&&Scalar::Null),
        Test::Text(pattern) => any_text(&values, |text| fits(pattern, text)),
        Test::Regex(pattern) => regex(pattern).is_ok_and(|regex| any_text(&values, |text| regex.is_match(text))),
        Test::Cidr(network) => any_text(&values, |text| in_network(text, network)),
        Test::Compare(comparison, number) => {
            values.iter().filter_map(|value| value.number()).any(|value| compares(*comparison, value, *number))
        }
        Test::Time(part, number) => {
            values.iter().filter_map(|value| parse_time(value)).any(|time| time_part(*part, time) == *number)
        }
        Test::Field(test, other) => {
            let others = self::values(other, event);
            any_text(&values, |text| any_text(&others, |other| is_at(*test, text, other)))
        }
    }
}

/// The values of the first path that is there.
fn values<'e>(field: &Field, event: &'e PlainEvent) -> Vec<&'e Scalar> {
    let all = |path: &str| -> Vec<&'e Scalar> {
        event.fields.iter().filter(|(of, _)| of == path).map(|(_, value)| value).collect()
    };
    field.paths.iter().map(|path| all(path)).find(|values| !values.is_empty()).unwrap_or_default()
}

fn any_text(values: &[&Scalar], mut fits: impl FnMut(&str) -> bool) -> bool {
    values.iter().filter_map(|value| value.text()).any(|text| fits(&text))
}

fn folded(text: &str) -> String {
    let mut out = String::new();
    fold(text, &mut out);
    out
}

/// Whether a pattern is all of a text: which beginnings of the parts end where in the text, one letter after the other.
fn fits(pattern: &Pattern, text: &str) -> bool {
    let case = |text: &str| if pattern.cased { text.to_owned() } else { folded(text) };
    // Each part letter by letter; none is any one letter, `Any` stays apart.
    enum Step {
        Letter(char),
        One,
        Any,
    }
    let steps: Vec<Step> = pattern
        .parts
        .iter()
        .flat_map(|part| match part {
            Part::Text(text) => case(text).chars().map(Step::Letter).collect(),
            Part::One => vec![Step::One],
            Part::Any => vec![Step::Any],
        })
        .collect();
    // `reached[n]`: the first `n` steps fit what was read so far.
    let skip = |reached: &mut Vec<bool>| {
        for (at, step) in steps.iter().enumerate() {
            reached[at + 1] |= matches!(step, Step::Any) && reached[at];
        }
    };
    let mut reached = vec![false; steps.len() + 1];
    reached[0] = true;
    skip(&mut reached);
    for letter in case(text).chars() {
        let mut next = vec![false; steps.len() + 1];
        for (at, step) in steps.iter().enumerate() {
            match step {
                Step::Letter(wanted) => next[at + 1] |= reached[at] && *wanted == letter,
                Step::One => next[at + 1] |= reached[at],
                Step::Any => next[at + 1] |= reached[at + 1],
            }
        }
        skip(&mut next);
        reached = next;
    }
    reached[steps.len()]
}

/// Whether another text is there in a text.
fn is_at(test: FieldTest, text: &str, other: &str) -> bool {
    let case = |text: &str| if test.cased { text.to_owned() } else { folded(text) };
    let (text, other) = (case(text), case(other));
    match test.at {
        Anchor::Whole => text == other,
        Anchor::Start => text.starts_with(&other),
        Anchor::End => text.ends_with(&other),
        Anchor::Anywhere => text.contains(&other),
    }
}

/// A regular expression as rules have it, within the bounds that the loader checked.
pub fn regex(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).size_limit(MAX_REGEX_COMPILED_BYTES).nest_limit(MAX_REGEX_DEPTH).build()
}

/// Whether a text is an address in a network. An address of IPv4 that is written as one of IPv6 counts as both; the zone
/// of one of IPv6 (`fe80::1%eth0`) names an interface and is no part of it.
pub fn in_network(text: &str, network: &IpNet) -> bool {
    let text = text.trim();
    let address = match text.split_once('%') {
        Some((address, zone)) if !zone.is_empty() => address.parse::<Ipv6Addr>().map(IpAddr::V6),
        _ => text.parse::<IpAddr>(),
    };
    let Ok(address) = address else { return false };
    network.contains(&address) || network.contains(&address.to_canonical())
}

/// Whether two numbers compare so.
pub fn compares(comparison: Comparison, left: f64, right: f64) -> bool {
    match comparison {
        Comparison::Less => left < right,
        Comparison::LessOrEqual => left <= right,
        Comparison::Greater => left > right,
        Comparison::GreaterOrEqual => left >= right,
        Comparison::Equal => left == right,
        Comparison::NotEqual => left != right,
    }
}

/// A part of a time, in UTC; the week is that of ISO 8601.
pub fn time_part(part: TimePart, time: Nanos) -> i64 {
    let time = DateTime::from_timestamp_nanos(time);
    match part {
        TimePart::Minute => time.minute().into(),
        TimePart::Hour => time.hour().into(),
        TimePart::Day => time.day().into(),
        TimePart::Week => time.iso_week().week().into(),
        TimePart::Month => time.month().into(),
        TimePart::Year => time.year().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Place;
    use proptest::prelude::*;

    fn leaf(field: Option<Field>, test: Test) -> Expr {
        Expr::Leaf(Leaf { field, test, place: Place::default() })
    }

    fn event(fields: &[(&str, Scalar)]) -> PlainEvent {
        let fields = fields.iter().map(|(path, value)| ((*path).to_owned(), value.clone())).collect();
        PlainEvent { fields, ..PlainEvent::default() }
    }

    fn text(text: &str) -> Scalar {
        Scalar::Text(text.to_owned())
    }

    #[test]
    fn the_first_path_that_is_there_counts() {
        let field = Field { name: "f".into(), paths: ["a".into(), "b".into()].into() };
        let is_x = leaf(Some(field.clone()), Test::Text(Pattern::exact("x", false)));
        let null = leaf(Some(field.clone()), Test::Null);
        let exists = leaf(Some(field), Test::Exists);
        for (fields, expected) in [
            (vec![], [false, true, false]),
            (vec![("c", text("x"))], [false, true, false]),
            (vec![("b", text("x"))], [true, false, true]),
            (vec![("b", text("x")), ("a", text("y"))], [false, false, true]),
            (vec![("b", text("x")), ("a", Scalar::Null)], [false, true, true]),
            (vec![("a", text("y")), ("a", text("x"))], [true, false, true]),
            (vec![("a", Scalar::Null), ("a", text("x"))], [true, true, true]),
        ] {
            let event = event(&fields);
            let found = [&is_x, &null, &exists].map(|expr| matches(expr, &event));
            assert_eq!(found, expected, "{fields:?}");
            let negated =
                [is_x.clone(), null.clone(), exists.clone()].map(|expr| matches(&Expr::Not(Box::new(expr)), &event));
            assert_eq!(negated, expected.map(|one| !one), "{fields:?}");
        }
    }

    #[test]
    fn nothing_is_all_and_not_any() {
        assert!(matches(&Expr::And(Vec::new()), &PlainEvent::default()));
        assert!(!matches(&Expr::Or(Vec::new()), &PlainEvent::default()));
    }

    #[test]
    fn addresses_of_both_families() {
        let network: IpNet = "10.0.0.0/8".parse().unwrap();
        for (text, expected) in [
            ("10.1.2.3", true),
            (" 10.1.2.3 ", true),
            ("::ffff:10.1.2.3", true),
            ("::10.1.2.3", false),
            ("10.1.2", false),
        ] {
            assert_eq!(in_network(text, &network), expected, "{text}");
        }
        assert!(in_network("::ffff:10.1.2.3", &"::ffff:0:0/96".parse().unwrap()));
        let link: IpNet = "fe80::/10".parse().unwrap();
        for (text, expected) in [
            ("fe80::1%eth0", true),
            ("fe80::1%12 ", true),
            ("fe80::1%", false),
            ("10.1.2.3%eth0", false),
            ("%1", false),
        ] {
            assert_eq!(in_network(text, &link), expected, "{text}");
        }
        assert!(in_network("::ffff:10.1.2.3%eth0", &network));
    }

    proptest! {
        #[test]
        fn a_pattern_is_a_regular_expression(pattern in "[aBé*?]{0,8}", text in "[AbÉé\n]{0,8}", cased: bool) {
            let parts = pattern.chars().map(|letter| match letter {
                '*' => Part::Any,
                '?' => Part::One,
                letter => Part::Text(letter.to_string()),
            });
            let inside: String = pattern.chars().map(|letter| match letter {
                '*' => ".*".to_owned(),
                '?' => ".".to_owned(),
                letter => letter.to_string(),
            }).collect();
            let flags = if cased { "s" } else { "si" };
            let same = Regex::new(&format!("^(?{flags}:{inside})$")).unwrap();
            let pattern = Pattern { parts: parts.collect(), cased };
            prop_assert_eq!(fits(&pattern, &text), same.is_match(&text));
        }
    }
}
