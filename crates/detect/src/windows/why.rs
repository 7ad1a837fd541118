//! Why an alert fired, in plain words with the numbers.

use super::judge::Firing;
use super::plan::CorrelationPlan;
use crate::rule::{Comparison, Measure, WindowCondition};
use model::fact::{EntityRef, Nanos};

/// The sentence of an alert. `key` is what it is grouped by.
pub(super) fn why(
    plan: &CorrelationPlan,
    firing: &Firing,
    key: &[(String, String)],
    entity: Option<&EntityRef>,
) -> String {
    if plan.plain {
        let of = entity.map_or(String::new(), |entity| format!(" of {} {}", entity.kind, entity.key));
        return match firing.count {
            1 => format!("An event{of} matches {:?}.", plan.rules[0]),
            count => format!("{count} events{of} match {:?} within one minute.", plan.rules[0]),
        };
    }
    let within = span(plan.timespan);
    let of = match key {
        [] => String::new(),
        _ => {
            let values: Vec<String> = key.iter().map(|(name, value)| format!("{name} = {value:?}")).collect();
            format!(" for {}", values.join(", "))
        }
    };
    let events = counted(firing.count, "event");
    let found = number(firing.number);
    let of_what =
        |field: &crate::rule::Field| format!("of {} over {events}{of} within {within} is {found}", field.name);
    let said = match &plan.measure {
        Measure::EventCount => {
            format!("{} {}{of} within {within}", counted(firing.number as u64, "match"), names(plan))
        }
        Measure::ValueCount(fields) => {
            let fields: Vec<&str> = fields.iter().map(|field| &*field.name).collect();
            let values = counted(firing.number as u64, "different value");
            format!("{values} of {} in {events} {}{of} within {within}", fields.join(" and "), names(plan))
        }
        Measure::Temporal => format!("{} matched{of} within {within}", matched(plan, firing, " and ")),
        Measure::TemporalOrdered => format!("{} matched{of} within {within}", matched(plan, firing, ", then ")),
        Measure::ValueSum(field) => format!("The sum {}", of_what(field)),
        Measure::ValueAvg(field) => format!("The mean {}", of_what(field)),
        Measure::ValuePercentile(field, percent) => format!("The {} percentile {}", ordinal(*percent), of_what(field)),
        Measure::ValueMedian(field) => format!("The median {}", of_what(field)),
    };
    match &plan.condition {
        WindowCondition::Compare(with) if !with.is_empty() => format!("{said}; the rule asks for {}.", asked(with)),
        _ => format!("{said}."),
    }
}

fn names(plan: &CorrelationPlan) -> String {
    let names: Vec<String> = plan.rules.iter().map(|rule| format!("{rule:?}")).collect();
    format!("of {}", names.join(" or "))
}

/// The rules that matched in the first window, and those that did not.
fn matched(plan: &CorrelationPlan, firing: &Firing, with: &str) -> String {
    let of = |has: bool| {
        let all = plan.rules.iter().enumerate().filter(|(at, _)| (firing.rules >> at) & 1 == u64::from(has));
        all.map(|(_, rule)| format!("{rule:?}")).collect::<Vec<_>>()
    };
    let (there, not) = (of(true), of(false));
    match not.is_empty() {
        true => there.join(with),
        false => format!("{} but not {}", there.join(with), not.join(" or ")),
    }
}

fn asked(with: &[(Comparison, f64)]) -> String {
    let each = with.iter().map(|(how, other)| {
        let how = match how {
            Comparison::Less => "less than",
            Comparison::LessOrEqual => "at most",
            Comparison::Greater => "more than",
            Comparison::GreaterOrEqual => "at least",
            Comparison::Equal => "exactly",
            Comparison::NotEqual => "anything but",
        };
        format!("{how} {}", number(*other))
    });
    each.collect::<Vec<_>>().join(" and ")
}

fn counted(count: u64, what: &str) -> String {
    match (count, what.ends_with('h')) {
        (1, _) => format!("1 {what}"),
        (_, true) => format!("{count} {what}es"),
        (_, false) => format!("{count} {what}s"),
    }
}

fn ordinal(percent: f64) -> String {
    let ending = match (percent as i64 % 10, percent as i64 % 100) {
        (1, ..10 | 20..) => "st",
        (2, ..10 | 20..) => "nd",
        (3, ..10 | 20..) => "rd",
        _ => "th",
    };
    format!("{}{ending}", number(percent))
}

/// A number without what nobody reads.
fn number(of: f64) -> String {
    let text = format!("{of:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A length of time in its largest unit that divides it.
fn span(of: Nanos) -> String {
    const UNITS: [(Nanos, &str); 5] = [
        (86_400_000_000_000, "day"),
        (3_600_000_000_000, "hour"),
        (60_000_000_000, "minute"),
        (1_000_000_000, "second"),
        (1_000_000, "millisecond"),
    ];
    match UNITS.iter().find(|(unit, _)| of % unit == 0) {
        Some((unit, name)) => counted((of / unit) as u64, name),
        None => format!("{of} nanoseconds"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_spans_are_plain() {
        assert_eq!((number(3.0), number(0.12345), number(100.0)), ("3".into(), "0.123".into(), "100".into()));
        assert_eq!((span(300_000_000_000), span(86_400_000_000_000)), ("5 minutes".into(), "1 day".into()));
        assert_eq!((span(90_000_000_000), span(1)), ("90 seconds".into(), "1 nanoseconds".into()));
        assert_eq!(
            (ordinal(95.0), ordinal(1.0), ordinal(11.0), ordinal(99.9)),
            ("95th".into(), "1st".into(), "11th".into(), "99.9th".into())
        );
        assert_eq!((counted(1, "match"), counted(2, "match")), ("1 match".into(), "2 matches".into()));
    }
}
