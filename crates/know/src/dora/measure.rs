//! A number, and what it comes from.

use super::Span;
use serde::Serialize;
use std::collections::BTreeSet;

/// Events cited by one number; people look at the first few, and `count` says how many there are.
pub const MAX_IDS: usize = 100;
const SECOND: f64 = 1e9;

/// The same measure in earlier months of the same service or team.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Earlier {
    /// The median of the months that have a value.
    pub median: f64,
    /// How many they are.
    pub months: usize,
}

/// One number, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = DoraMeasure)]
pub struct Measure {
    /// The number.
    pub value: Option<f64>,
    /// `per day`, `share` or `seconds`.
    pub unit: &'static str,
    /// Why there is no number.
    pub missing: Option<&'static str>,
    /// What is divided; of a percentile the rank of the value that was taken.
    pub numerator: u64,
    /// By what; of a percentile how many values there are.
    pub denominator: u64,
    /// The events that it comes from, the least ids first, at most [`MAX_IDS`].
    pub ids: Vec<i64>,
    /// How many events it comes from.
    pub count: usize,
    /// What it was before.
    pub earlier: Option<Earlier>,
}

impl Measure {
    fn new(unit: &'static str, numerator: usize, denominator: usize, ids: BTreeSet<i64>) -> Measure {
        Measure {
            value: None,
            unit,
            missing: None,
            numerator: numerator as u64,
            denominator: denominator as u64,
            count: ids.len(),
            ids: ids.into_iter().take(MAX_IDS).collect(),
            earlier: None,
        }
    }

    fn known(self, value: f64) -> Measure {
        Measure { value: Some(value), ..self }
    }

    fn unknown(self, why: &'static str) -> Measure {
        Measure { missing: Some(why), ..self }
    }

    /// Deployments by days. None is not told from a source that fell silent, so it is no number.
    pub(super) fn per_day(deployments: &[i64], days: u32, why: &'static str) -> Measure {
        let measure = Measure::new("per day", deployments.len(), days as usize, deployments.iter().copied().collect());
        match deployments.len() {
            0 => measure.unknown(why),
            count => measure.known(count as f64 / f64::from(days.max(1))),
        }
    }

    /// A share of `all`; `marked` are the events that show what is counted.
    pub(super) fn ratio(count: usize, all: &[i64], marked: BTreeSet<i64>, why: &'static str) -> Measure {
        // What is marked is cited first, where there is too much to cite.
        let mut ids: Vec<i64> = marked.iter().copied().take(MAX_IDS).collect();
        let every: BTreeSet<i64> = all.iter().copied().chain(marked.iter().copied()).collect();
        ids.extend(every.iter().filter(|id| !marked.contains(id)).take(MAX_IDS - ids.len()));
        ids.sort_unstable();
        let measure = Measure { ids, ..Measure::new("share", count, all.len(), every) };
        match all.len() {
            0 => measure.unknown(why),
            total => measure.known(count as f64 / total as f64),
        }
    }

    /// The nearest rank: the least value that at least so many of a hundred do not exceed.
    pub(super) fn percentile(spans: &[Span], percent: usize, why: &'static str) -> Measure {
        let mut values: Vec<i64> = spans.iter().map(|(nanos, _)| *nanos).collect();
        values.sort_unstable();
        let rank = rank(values.len(), percent);
        let ids = spans.iter().flat_map(|(_, ids)| ids).copied().collect();
        let measure = Measure::new("seconds", rank, values.len(), ids);
        match rank.checked_sub(1).and_then(|index| values.get(index)) {
            Some(nanos) => measure.known(*nanos as f64 / SECOND),
            None => measure.unknown(why),
        }
    }

    /// Beside the values of earlier months.
    pub(super) fn compare(&mut self, earlier: &[f64]) {
        let mut sorted = earlier.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let median = rank(sorted.len(), 50).checked_sub(1).and_then(|index| sorted.get(index));
        self.earlier = median.map(|median| Earlier { median: *median, months: sorted.len() });
    }
}

/// The nearest rank of so many values, from 1; 0 when there are none.
fn rank(count: usize, percent: usize) -> usize {
    (count * percent).div_ceil(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let spans: Vec<Span> = [40, 10, 30, 20].iter().map(|s| (s * 1_000_000_000, vec![*s])).collect();
        let value = |spans: &[Span], percent| Measure::percentile(spans, percent, "none").value;
        assert_eq!(value(&spans, 50), Some(20.0));
        assert_eq!(value(&spans, 90), Some(40.0));
        assert_eq!(value(&spans[..1], 50), Some(40.0));
        let none = Measure::percentile(&[], 50, "none");
        assert_eq!((none.value, none.missing, none.denominator), (None, Some("none"), 0));
        let half = Measure::percentile(&spans, 50, "none");
        assert_eq!((half.numerator, half.denominator, half.ids), (2, 4, vec![10, 20, 30, 40]));
    }

    #[test]
    fn ids_are_bounded_and_the_telling_ones_come_first() {
        let all: Vec<i64> = (0..500).collect();
        let measure = Measure::ratio(2, &all, BTreeSet::from([498, 499]), "none");
        assert_eq!((measure.value, measure.count, measure.ids.len()), (Some(2.0 / 500.0), 500, MAX_IDS));
        assert!(measure.ids.contains(&499));
        assert_eq!(Measure::ratio(0, &all, BTreeSet::new(), "none").value, Some(0.0));
        assert_eq!(Measure::ratio(0, &[], BTreeSet::new(), "none").value, None);
    }
}
