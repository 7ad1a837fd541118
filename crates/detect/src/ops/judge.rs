//! What an answer means: for each group whether it holds, and in words why.

use super::rule::{Bound, BurnPair, Change, Kind, OpsRule, Rows, Source};
use super::state::{Key, Seen};
use super::words;
use crate::event::Scalar;
use crate::limits::MAX_OPS_GROUP_BYTES;
use model::Nanos;
use std::collections::BTreeMap;

/// A group, judged.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Judged {
    /// Which.
    pub key: Key,
    /// Rows it rests on.
    pub samples: u64,
    /// It is as the rule says.
    pub holds: bool,
    /// If it fired: it goes on.
    pub still: bool,
    /// With the numbers.
    pub words: String,
}

/// The columns of an answer, by their use.
pub(crate) struct Reader<'r> {
    rows: &'r Rows,
    dataset: Result<usize, String>,
    keys: Vec<usize>,
}

impl<'r> Reader<'r> {
    /// An error says which column the rule's statement does not answer.
    pub fn new(rule: &OpsRule, rows: &'r Rows) -> Result<Reader<'r>, String> {
        let keys = rule
            .group_by
            .iter()
            .chain(rule.value_fields())
            .map(|field| column(rows, field))
            .collect::<Result<Vec<_>, _>>()?;
        let dataset = match (rows.column("dataset"), &rule.dataset) {
            (Some(place), _) => Ok(place),
            (None, Some(name)) => Err(name.clone()),
            (None, None) => return Err(missing("dataset")),
        };
        Ok(Reader { rows, dataset, keys })
    }

    /// The group of a row; none for a row without any of the group's fields: it is of nobody.
    pub fn key(&self, row: &[Scalar]) -> Option<Key> {
        let text = |place: usize| row.get(place).and_then(Scalar::text).map(|text| cut(&text).to_owned());
        let values: Vec<Option<String>> = self.keys.iter().map(|place| text(*place)).collect();
        if !values.is_empty() && values.iter().all(|value| value.as_deref().is_none_or(str::is_empty)) {
            return None;
        }
        let dataset = match &self.dataset {
            Ok(place) => text(*place)?,
            Err(name) => name.clone(),
        };
        Some(Key { dataset, values: values.into_iter().map(Option::unwrap_or_default).collect() })
    }

    fn number(&self, row: &[Scalar], name: &str) -> Option<f64> {
        row.get(self.rows.column(name)?)?.number().filter(|number| number.is_finite())
    }

    fn samples(&self, row: &[Scalar]) -> Option<u64> {
        self.number(row, "samples").map(|count| count.max(0.0) as u64)
    }
}

fn missing(name: &str) -> String {
    format!("the answer has no column {name:?}: the rule's statement must select it")
}

fn column(rows: &Rows, name: &str) -> Result<usize, String> {
    rows.column(name).ok_or_else(|| missing(name))
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(MAX_OPS_GROUP_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Judges an answer of the kinds that need nothing but it.
pub(crate) fn judge(rule: &OpsRule, rows: &Rows) -> Result<Vec<Judged>, String> {
    // An answer without rows may come without columns.
    if rows.rows.is_empty() {
        return Ok(Vec::new());
    }
    let reader = Reader::new(rule, rows)?;
    match &rule.kind {
        Kind::Threshold { bound, minimum } => {
            column(rows, "value")?;
            Ok(threshold(rule, &reader, bound, *minimum))
        }
        Kind::Change { change, against, minimum, periods } => {
            column(rows, "value")?;
            Ok(changed(rule, &reader, change, against.len(), *minimum, *periods))
        }
        Kind::Rare { fields, share, minimum } => {
            column(rows, "samples")?;
            Ok(rare(rule, &reader, fields.len(), *share, *minimum))
        }
        Kind::Forecast { limit, within, fit, minimum } => {
            column(rows, "slope")?;
            Ok(forecast(rule, &reader, (*limit, *within, *fit), *minimum))
        }
        Kind::BurnRate { target, bad, pairs, minimum, .. } => {
            Ok(burning(rule, &reader, *target, *bad, pairs, *minimum))
        }
        Kind::Absence { .. } | Kind::FirstSeen { .. } => Ok(Vec::new()),
    }
}

fn threshold(rule: &OpsRule, reader: &Reader<'_>, bound: &Bound, minimum: u64) -> Vec<Judged> {
    let judge = |row: &Vec<Scalar>| {
        let (key, value) = (reader.key(row)?, reader.number(row, "value")?);
        // A statement that does not count its rows has none to be too few of.
        let samples = reader.samples(row);
        let enough = samples.is_none_or(|samples| samples >= minimum);
        Some(Judged {
            key,
            samples: samples.unwrap_or(1),
            holds: enough && bound.compare.holds(value, bound.number),
            still: enough && bound.compare.holds(value, bound.clear),
            words: format!(
                "{} is {}, {} {}",
                words::measured(rule),
                words::value(value, &rule.unit),
                bound.compare.name().replace('_', " "),
                words::value(bound.number, &rule.unit)
            ),
        })
    };
    reader.rows.rows.iter().filter_map(judge).collect()
}

fn changed(
    rule: &OpsRule,
    reader: &Reader<'_>,
    change: &Change,
    offsets: usize,
    minimum: u64,
    periods: usize,
) -> Vec<Judged> {
    let mut groups: BTreeMap<Key, Vec<Option<(f64, u64)>>> = BTreeMap::new();
    for row in &reader.rows.rows {
        let (Some(key), Some(period)) = (reader.key(row), reader.number(row, "period")) else { continue };
        let Some(value) = reader.number(row, "value") else { continue };
        let group = groups.entry(key).or_insert_with(|| vec![None; offsets + 1]);
        if let Some(slot) = group.get_mut(period as usize) {
            *slot = Some((value, reader.samples(row).unwrap_or(1)));
        }
    }
    let counts = matches!(&rule.source, Source::Search { aggregate, .. } if aggregate.counts());
    let judge = |(key, group): (Key, Vec<Option<(f64, u64)>>)| {
        let mut then: Vec<f64> = group[1..].iter().flatten().map(|(value, _)| *value).collect();
        let before = median(&mut group[1..].iter().flatten().map(|(_, samples)| *samples as f64).collect::<Vec<_>>());
        if then.len() < periods.max(1) {
            return None;
        }
        // Nothing now is nought of what is counted, and nothing to judge of what is measured.
        let (now, samples) = group[0].or(counts.then_some((0.0, 0)))?;
        let then = median(&mut then)?;
        let enough = samples as f64 >= minimum as f64 || before.is_some_and(|before| before >= minimum as f64);
        let holds = enough && differs(change, now, then);
        let words = format!(
            "{} is {}, and was {} at the same time earlier{}",
            words::measured(rule),
            words::value(now, &rule.unit),
            words::value(then, &rule.unit),
            if then > 0.0 { format!(" ({} times as much)", words::short(now / then)) } else { String::new() }
        );
        Some(Judged { key, samples, holds, still: holds, words })
    };
    groups.into_iter().filter_map(judge).collect()
}

/// Whether now and then differ as much as is asked: upwards, or downwards.
fn differs(change: &Change, now: f64, then: f64) -> bool {
    let above = |limit: Option<f64>, value: f64| limit.is_none_or(|limit| value > limit);
    let below = |limit: Option<f64>, value: f64| limit.is_none_or(|limit| value < limit);
    let (ratio, difference) = (if now == then { 1.0 } else { now / then }, now - then);
    let up = change.ratio_above.is_some() || change.difference_above.is_some();
    let down = change.ratio_below.is_some() || change.difference_below.is_some();
    (up && above(change.ratio_above, ratio) && above(change.difference_above, difference))
        || (down && below(change.ratio_below, ratio) && below(change.difference_below, difference))
}

/// The middle of what is there.
pub(crate) fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

fn rare(rule: &OpsRule, reader: &Reader<'_>, fields: usize, share: f64, minimum: u64) -> Vec<Judged> {
    let counted: Vec<(Key, u64)> =
        reader.rows.rows.iter().filter_map(|row| Some((reader.key(row)?, reader.samples(row)?))).collect();
    let group = |key: &Key| {
        let mut group = key.clone();
        group.values.truncate(key.values.len().saturating_sub(fields));
        group
    };
    let mut totals: BTreeMap<Key, u64> = BTreeMap::new();
    for (key, samples) in &counted {
        let total = totals.entry(group(key)).or_default();
        *total = total.saturating_add(*samples);
    }
    let judge = |(key, samples): (Key, u64)| {
        let total = totals.get(&group(&key)).copied().unwrap_or(samples);
        let holds = total >= minimum && (samples as f64) < share * total as f64;
        let words = format!(
            "seen {samples} times among {total}, {} of them, less than {} (rule for {})",
            words::value(samples as f64 / total.max(1) as f64, "percent"),
            words::value(share, "percent"),
            words::duration(rule.window)
        );
        Judged { key, samples, holds, still: holds, words }
    };
    counted.into_iter().map(judge).collect()
}

fn forecast(rule: &OpsRule, reader: &Reader<'_>, of: (f64, Nanos, f64), minimum: u64) -> Vec<Judged> {
    let (limit, within, fit) = of;
    let judge = |row: &Vec<Scalar>| {
        let (key, value) = (reader.key(row)?, reader.number(row, "value")?);
        let (slope, straight) = (reader.number(row, "slope")?, reader.number(row, "fit").unwrap_or(0.0));
        let samples = reader.samples(row).unwrap_or(0);
        let left = (limit - value) / slope;
        // What has passed the limit may as well be on its way from it: that is for a threshold to say.
        let reaches = |within: f64| slope != 0.0 && left >= 0.0 && left * 1e9 <= within;
        let trusted = samples >= minimum && straight >= fit;
        let words = format!(
            "{} is {} and moves by {} an hour: it reaches {} in {}",
            words::measured(rule),
            words::value(value, &rule.unit),
            words::value(slope * 3600.0, &rule.unit),
            words::value(limit, &rule.unit),
            words::value(left, "s")
        );
        Some(Judged {
            key,
            samples,
            holds: trusted && reaches(within as f64),
            // A line that wavers about the limit is the same story until it is clearly over.
            still: trusted && reaches(within as f64 * 1.5),
            words,
        })
    };
    reader.rows.rows.iter().filter_map(judge).collect()
}

fn burning(
    rule: &OpsRule,
    reader: &Reader<'_>,
    target: f64,
    bad: bool,
    pairs: &[BurnPair],
    minimum: u64,
) -> Vec<Judged> {
    let judge = |row: &Vec<Scalar>| {
        let key = reader.key(row)?;
        let burn = |window: Nanos| {
            let total = reader.number(row, &format!("total_{window}")).unwrap_or(0.0);
            let part = reader.number(row, &format!("part_{window}")).unwrap_or(0.0);
            let wrong = if bad { part } else { total - part };
            let share = if total > 0.0 { (wrong / total).clamp(0.0, 1.0) } else { 0.0 };
            (share / (1.0 - target), total, share)
        };
        let burns = |pair: &&BurnPair| {
            let ((long, total, _), (short, ..)) = (burn(pair.long), burn(pair.short));
            total >= minimum.max(1) as f64 && long > pair.rate && short > pair.rate
        };
        let worst = pairs.iter().find(burns);
        let pair = worst.or(pairs.first())?;
        let ((long, total, share), (short, ..)) = (burn(pair.long), burn(pair.short));
        let words = format!(
            "the error budget of {} burns {} times too fast over {} and {} times over {} (limit {}): {} of {} events \
             were bad",
            words::value(target, "percent"),
            words::short(long),
            words::duration(pair.long),
            words::short(short),
            words::duration(pair.short),
            words::short(pair.rate),
            words::value(share, "percent"),
            words::short(total)
        );
        Some(Judged { key, samples: total as u64, holds: worst.is_some(), still: worst.is_some(), words })
    };
    debug_assert!(matches!(rule.kind, Kind::BurnRate { .. }), "only objectives burn");
    reader.rows.rows.iter().filter_map(judge).collect()
}

/// What an answer of an absence rule saw: the first and last time of each group.
pub(crate) fn sightings(rule: &OpsRule, rows: &Rows) -> Result<Vec<(Key, Seen)>, String> {
    if rows.rows.is_empty() {
        return Ok(Vec::new());
    }
    let reader = Reader::new(rule, rows)?;
    let (last, first) = (column(rows, "last")?, rows.column("first"));
    let read = |row: &Vec<Scalar>| {
        let last = nanos(row, last)?;
        let first = first.and_then(|place| nanos(row, place)).unwrap_or(last);
        Some((reader.key(row)?, Seen { first, last }))
    };
    Ok(rows.rows.iter().filter_map(read).collect())
}

/// A value that an answer of a first-seen rule saw.
pub(crate) struct Value {
    /// Its group and itself.
    pub key: Key,
    /// As it was written, where the rule compares shapes.
    pub example: String,
    /// How often.
    pub samples: u64,
    /// Since when, if the answer says it.
    pub first: Option<Nanos>,
}

/// What an answer of a first-seen rule saw.
pub(crate) fn values(rule: &OpsRule, rows: &Rows) -> Result<Vec<Value>, String> {
    if rows.rows.is_empty() {
        return Ok(Vec::new());
    }
    let reader = Reader::new(rule, rows)?;
    let (example, first) = (rows.column("example"), rows.column("first"));
    let read = |row: &Vec<Scalar>| {
        let key = reader.key(row)?;
        // Rows without the value say nothing new.
        let value = key.values.last().filter(|value| !value.is_empty())?;
        let text = example.and_then(|place| row.get(place)?.text().map(|text| cut(&text).to_owned()));
        let example = text.unwrap_or_else(|| value.clone());
        let first = first.and_then(|place| nanos(row, place));
        Some(Value { key, example, samples: reader.samples(row).unwrap_or(1), first })
    };
    Ok(rows.rows.iter().filter_map(read).collect())
}

fn nanos(row: &[Scalar], place: usize) -> Option<Nanos> {
    match row.get(place)? {
        Scalar::Int(nanos) => Some(*nanos),
        _ => None,
    }
}
