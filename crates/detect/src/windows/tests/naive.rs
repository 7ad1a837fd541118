//! The simplest possible windows: all events at hand, sorted, every window looked at on its own.

use super::*;
use std::collections::BTreeSet;

/// A match of a rule or a correlation, in one group.
#[derive(Clone, Debug)]
struct Match {
    time: Nanos,
    id: u64,
    /// The rules that matched.
    rules: u64,
    values: Vec<String>,
    /// The events that it stands for.
    events: BTreeSet<(Nanos, u64)>,
}

/// What an alert must say: rule, dataset, key, bucket; first, last, count, and the events it rests on.
pub(super) type Said = BTreeMap<(String, String, Vec<String>, i64), (Nanos, Nanos, u64, BTreeSet<(Nanos, u64)>)>;

/// A firing of a correlation, as those above see it.
struct Fired {
    dataset: String,
    key: Vec<String>,
    ends: Vec<Nanos>,
    events: BTreeSet<(Nanos, u64)>,
}

/// What a set of correlations says of these events, those that make no alerts too.
pub(super) fn say(correlations: &[Correlation], events: &[Event]) -> Said {
    let mut said = Said::new();
    for correlation in correlations {
        for (fired, first, last, count, bucket) in fired(correlation, correlations, events) {
            said.insert(
                (correlation.meta.id.clone(), fired.dataset, fired.key, bucket),
                (first, last, count, fired.events),
            );
        }
    }
    said
}

fn fields(measure: &Measure) -> Vec<&Field> {
    match measure {
        Measure::ValueCount(fields) => fields.iter().collect(),
        Measure::ValueSum(field) | Measure::ValueAvg(field) | Measure::ValueMedian(field) => vec![field],
        Measure::ValuePercentile(field, _) => vec![field],
        _ => Vec::new(),
    }
}

fn groups(of: &Correlation, all: &[Correlation], events: &[Event]) -> BTreeMap<(String, Vec<String>), Vec<Match>> {
    let mut groups: BTreeMap<(String, Vec<String>), Vec<Match>> = BTreeMap::new();
    let measured = fields(&of.measure);
    let number = !matches!(of.measure, Measure::ValueCount(_));
    for (place, name) in of.rules.iter().enumerate() {
        if let Some(rule) = ["r0", "r1", "r2"].iter().position(|rule| rule == name) {
            for event in events.iter().filter(|event| (event.rules >> rule) & 1 == 1) {
                let value = |field: &Field| event.values.get(&*field.name).cloned();
                let key: Option<Vec<String>> = of.group_by.iter().map(|group| value(&group.fields[place])).collect();
                let values: Option<Vec<String>> = measured.iter().map(|field| value(field)).collect();
                let (Some(key), Some(values)) = (key, values) else { continue };
                if number && values.iter().any(|value| value.parse::<f64>().is_err()) {
                    continue;
                }
                let group = groups.entry((event.dataset.to_owned(), key)).or_default();
                match group.iter_mut().find(|other| other.id == event.id && other.events.len() == 1) {
                    Some(other) => other.rules |= 1 << place,
                    None => group.push(Match {
                        time: event.time,
                        id: event.id,
                        rules: 1 << place,
                        values,
                        events: [(event.time, event.id)].into(),
                    }),
                }
            }
        } else {
            let below = all.iter().find(|other| other.meta.name.as_ref() == Some(name)).unwrap();
            let every = matches!(of.measure, Measure::Temporal | Measure::TemporalOrdered | Measure::ValueCount(_));
            for (number, (fired, ..)) in fired(below, all, events).into_iter().enumerate() {
                let value = |field: &Field| {
                    let at = below.group_by.iter().position(|group| group.name == *field.name).unwrap();
                    fired.key[at].clone()
                };
                let key = of.group_by.iter().map(|group| value(&group.fields[place])).collect();
                let group = groups.entry((fired.dataset.clone(), key)).or_default();
                let ends = if every { &fired.ends[..] } else { &fired.ends[..1] };
                for end in ends {
                    group.push(Match {
                        time: *end,
                        id: 1_000_000 + number as u64,
                        rules: 1 << place,
                        values: measured.iter().map(|field| value(field)).collect(),
                        events: fired.events.clone(),
                    });
                }
            }
        }
    }
    groups
}

fn fired(of: &Correlation, all: &[Correlation], events: &[Event]) -> Vec<(Fired, Nanos, Nanos, u64, i64)> {
    let mut found = Vec::new();
    for ((dataset, key), matches) in groups(of, all, events) {
        let mut buckets: BTreeMap<i64, BTreeSet<Nanos>> = BTreeMap::new();
        for end in matches.iter().map(|of| of.time) {
            let window: Vec<&Match> = matches.iter().filter(|m| m.time > end - of.timespan && m.time <= end).collect();
            if holds(of, &window) {
                buckets.entry(end.div_euclid(of.timespan)).or_default().insert(end);
            }
        }
        for (bucket, ends) in buckets {
            let (from, to) = (ends.first().unwrap() - of.timespan, *ends.last().unwrap());
            let within: Vec<&Match> = matches.iter().filter(|of| of.time > from && of.time <= to).collect();
            let first = within.iter().map(|of| of.time).min().unwrap();
            let rests_on = within.iter().flat_map(|of| of.events.iter().copied()).collect();
            let fired = Fired {
                dataset: dataset.clone(),
                key: key.clone(),
                ends: ends.into_iter().collect(),
                events: rests_on,
            };
            found.push((fired, first, to, within.len() as u64, bucket));
        }
    }
    found
}

fn holds(of: &Correlation, window: &[&Match]) -> bool {
    let has = |rule: usize| window.iter().any(|of| (of.rules >> rule) & 1 == 1);
    let mut numbers: Vec<f64> = window.iter().filter_map(|of| of.values.first()?.parse().ok()).collect();
    numbers.sort_by(f64::total_cmp);
    let sum: f64 = numbers.iter().sum();
    let number = match &of.measure {
        Measure::EventCount => window.len() as f64,
        Measure::ValueCount(_) => window.iter().map(|of| &of.values).collect::<BTreeSet<_>>().len() as f64,
        Measure::ValueSum(_) => sum,
        Measure::ValueAvg(_) => sum / numbers.len() as f64,
        Measure::ValueMedian(_) => (numbers[(numbers.len() - 1) / 2] + numbers[numbers.len() / 2]) / 2.0,
        Measure::ValuePercentile(_, percent) => {
            let rank = (percent / 100.0 * numbers.len() as f64).ceil().max(1.0);
            numbers[rank as usize - 1]
        }
        Measure::Temporal | Measure::TemporalOrdered => {
            return match &of.condition {
                WindowCondition::Rules(expr) => has_expr(expr, &has),
                WindowCondition::Compare(with) if with.is_empty() && of.measure == Measure::Temporal => {
                    (0..of.rules.len()).all(has)
                }
                WindowCondition::Compare(with) if with.is_empty() => in_order(of.rules.len(), 0, Nanos::MIN, window),
                WindowCondition::Compare(with) => {
                    let number = (0..of.rules.len()).filter(|rule| has(*rule)).count() as f64;
                    with.iter().all(|(how, other)| compare(number, *how, *other))
                }
            };
        }
    };
    let WindowCondition::Compare(with) = &of.condition else { return false };
    with.iter().all(|(how, other)| compare(number, *how, *other))
}

/// Some match of each rule, each not before the one of the rule before it.
fn in_order(rules: usize, rule: usize, from: Nanos, window: &[&Match]) -> bool {
    rule == rules
        || window
            .iter()
            .any(|of| (of.rules >> rule) & 1 == 1 && of.time >= from && in_order(rules, rule + 1, of.time, window))
}

fn has_expr(expr: &RuleExpr, has: &dyn Fn(usize) -> bool) -> bool {
    match expr {
        RuleExpr::And(all) => all.iter().all(|of| has_expr(of, has)),
        RuleExpr::Or(any) => any.iter().any(|of| has_expr(of, has)),
        RuleExpr::Not(of) => !has_expr(of, has),
        RuleExpr::Rule(rule) => has(*rule),
    }
}

fn compare(number: f64, how: Comparison, other: f64) -> bool {
    match how {
        Comparison::Less => number < other,
        Comparison::LessOrEqual => number <= other,
        Comparison::Greater => number > other,
        Comparison::GreaterOrEqual => number >= other,
        Comparison::Equal => number == other,
        Comparison::NotEqual => number != other,
    }
}
