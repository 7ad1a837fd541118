//! What a window holds while it moves over sorted entries: entries are added at its end and removed at its beginning.

use super::plan::CorrelationPlan;
use super::sorted::{Entry, Walk};
use crate::rule::{Comparison, Measure, RuleExpr, WindowCondition};
use ahash::AHashMap;
use model::fact::Nanos;
use std::collections::VecDeque;

/// Sums are kept in billionths: sums of decimal fractions are exact, in any order and after any removal.
const UNIT: f64 = 1e9;
/// The greatest number that is measured: a million of them still fit a sum. Greater ones are no measurement.
pub(super) const MAX_NUMBER: f64 = 1e22;

/// The measure of a moving window.
pub(super) enum Tally {
    /// Events.
    Count(u64),
    /// Different values, each with its number.
    Values(AHashMap<u64, u32>),
    /// Sum in billionths, and of how many.
    Sum(i128, u64),
    /// Numbers by rank.
    Ranks(Ranks),
    /// How often each rule matched.
    Rules(Vec<u32>),
    /// When each rule matched.
    Times(Vec<VecDeque<Nanos>>),
}

impl Tally {
    /// An empty window that will move over these entries up to a time.
    pub fn new(plan: &CorrelationPlan, over: Walk<'_>, end: Nanos) -> Tally {
        match &plan.measure {
            Measure::EventCount => Tally::Count(0),
            Measure::ValueCount(_) => Tally::Values(AHashMap::new()),
            Measure::ValueSum(_) | Measure::ValueAvg(_) => Tally::Sum(0, 0),
            Measure::ValuePercentile(..) | Measure::ValueMedian(_) => Tally::Ranks(Ranks::new(over, end)),
            Measure::Temporal => Tally::Rules(vec![0; plan.rules.len()]),
            Measure::TemporalOrdered => Tally::Times(vec![VecDeque::new(); plan.rules.len()]),
        }
    }

    /// An entry comes in at the end.
    pub fn add(&mut self, entry: &Entry) {
        match self {
            Tally::Count(count) => *count += 1,
            Tally::Values(values) => *values.entry(entry.value).or_default() += 1,
            Tally::Sum(sum, count) => {
                *sum += fixed(entry.value);
                *count += 1;
            }
            Tally::Ranks(ranks) => ranks.change(entry.value, true),
            Tally::Rules(rules) => bits(entry.rules).for_each(|rule| rules[rule] += 1),
            Tally::Times(times) => bits(entry.rules).for_each(|rule| times[rule].push_back(entry.time)),
        }
    }

    /// The first entry goes.
    pub fn remove(&mut self, entry: &Entry) {
        match self {
            Tally::Count(count) => *count -= 1,
            Tally::Values(values) => {
                if let Some(count) = values.get_mut(&entry.value) {
                    *count -= 1;
                    if *count == 0 {
                        values.remove(&entry.value);
                    }
                }
            }
            Tally::Sum(sum, count) => {
                *sum -= fixed(entry.value);
                *count -= 1;
            }
            Tally::Ranks(ranks) => ranks.change(entry.value, false),
            Tally::Rules(rules) => bits(entry.rules).for_each(|rule| rules[rule] -= 1),
            Tally::Times(times) => bits(entry.rules).for_each(|rule| {
                times[rule].pop_front();
            }),
        }
    }

    /// What is measured now.
    pub fn number(&self, measure: &Measure) -> f64 {
        match self {
            Tally::Count(count) => *count as f64,
            Tally::Values(values) => values.len() as f64,
            Tally::Sum(sum, count) => {
                let sum = *sum as f64 / UNIT;
                if matches!(measure, Measure::ValueAvg(_)) { sum / *count as f64 } else { sum }
            }
            Tally::Ranks(ranks) => match measure {
                Measure::ValuePercentile(_, percent) => ranks.percentile(*percent),
                _ => ranks.median(),
            },
            Tally::Rules(rules) => rules.iter().filter(|count| **count > 0).count() as f64,
            Tally::Times(times) => times.iter().filter(|times| !times.is_empty()).count() as f64,
        }
    }

    /// Whether the condition holds now, for what [`Tally::number`] says.
    pub fn holds(&self, condition: &WindowCondition, number: f64) -> bool {
        match (condition, self) {
            (WindowCondition::Compare(with), _) => with.iter().all(|(how, other)| compare(number, *how, *other)),
            (WindowCondition::Rules(expr), Tally::Times(times)) => earliest(expr, times, Nanos::MIN).is_some(),
            (WindowCondition::Rules(expr), _) => has(expr, &|rule| self.has(rule)),
        }
    }

    fn has(&self, rule: usize) -> bool {
        match self {
            Tally::Rules(rules) => rules[rule] > 0,
            Tally::Times(times) => !times[rule].is_empty(),
            _ => false,
        }
    }
}

/// Whether a condition holds when just these rules have matched.
pub(super) fn has(expr: &RuleExpr, matched: &dyn Fn(usize) -> bool) -> bool {
    match expr {
        RuleExpr::And(all) => all.iter().all(|of| has(of, matched)),
        RuleExpr::Or(any) => any.iter().any(|of| has(of, matched)),
        RuleExpr::Not(of) => !has(of, matched),
        RuleExpr::Rule(rule) => matched(*rule),
    }
}

/// When a condition holds first, looking from a time on: of `and`, each part follows the one before it or is at the
/// same time, as clocks of logs are coarse; what is negated is nowhere in the window.
fn earliest(expr: &RuleExpr, times: &[VecDeque<Nanos>], from: Nanos) -> Option<Nanos> {
    match expr {
        RuleExpr::And(all) => all.iter().try_fold(from, |from, of| earliest(of, times, from)),
        RuleExpr::Or(any) => any.iter().filter_map(|of| earliest(of, times, from)).min(),
        RuleExpr::Not(of) => earliest(of, times, Nanos::MIN).is_none().then_some(from),
        RuleExpr::Rule(rule) => {
            let times = &times[*rule];
            times.get(times.partition_point(|time| *time < from)).copied()
        }
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

/// The bits that are set.
pub(super) fn bits(mut set: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (set != 0).then_some(set.trailing_zeros())?;
        set &= set - 1;
        Some(bit as usize)
    })
}

fn fixed(value: u64) -> i128 {
    (f64::from_bits(value) * UNIT).round() as i128
}

/// Numbers of a window by rank: which numbers there can be is known before, how many of each are in the window is a
/// tree of sums.
pub(super) struct Ranks {
    numbers: Vec<f64>,
    sums: Vec<u32>,
    count: usize,
}

impl Ranks {
    fn new(over: Walk<'_>, end: Nanos) -> Ranks {
        let within = over.take_while(|entry| entry.time < end);
        let mut numbers: Vec<f64> = within.map(|entry| f64::from_bits(entry.value)).collect();
        numbers.sort_by(f64::total_cmp);
        numbers.dedup_by(|a, b| a.total_cmp(b).is_eq());
        Ranks { sums: vec![0; numbers.len() + 1], numbers, count: 0 }
    }

    fn change(&mut self, value: u64, add: bool) {
        let number = f64::from_bits(value);
        let mut at = self.numbers.partition_point(|other| other.total_cmp(&number).is_lt()) + 1;
        while let Some(sum) = self.sums.get_mut(at) {
            *sum = if add { *sum + 1 } else { *sum - 1 };
            at += at & at.wrapping_neg();
        }
        self.count = if add { self.count + 1 } else { self.count - 1 };
    }

    /// The number of a rank, from 1.
    fn ranked(&self, rank: usize) -> f64 {
        let (mut at, mut left) = (0, rank as u32);
        let mut step = self.sums.len().next_power_of_two();
        while step > 0 {
            if let Some(sum) = self.sums.get(at + step).filter(|sum| **sum < left) {
                left -= sum;
                at += step;
            }
            step /= 2;
        }
        self.numbers.get(at).copied().unwrap_or(f64::NAN)
    }

    /// The least number that at least so many percent are not above.
    fn percentile(&self, percent: f64) -> f64 {
        let rank = (percent / 100.0 * self.count as f64).ceil() as usize;
        self.ranked(rank.clamp(1, self.count.max(1)))
    }

    /// The one in the middle, or the mean of both.
    fn median(&self) -> f64 {
        let (low, high) = (self.ranked(self.count.div_ceil(2).max(1)), self.ranked(self.count / 2 + 1));
        if self.count % 2 == 1 { low } else { low / 2.0 + high / 2.0 }
    }
}
