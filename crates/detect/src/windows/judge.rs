//! Whether a correlation fires in a bucket of time, and what it then says: a function of the sorted entries alone.

use super::cites::Segment;
use super::plan::CorrelationPlan;
use super::sorted::Sorted;
use super::tally::Tally;
use crate::rule::{Comparison, WindowCondition};
use model::fact::Nanos;

/// A correlation fires: in this bucket there are window ends for which the condition holds.
///
/// A window ends at an event and reaches back for the timespan. Windows that end in one bucket are less than a
/// timespan apart, so what they cover together is one stretch of time without gaps: it is what the alert is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Firing {
    /// Number of the bucket: the time of its window ends divided by the timespan.
    pub bucket: i64,
    /// The first window end for which the condition holds.
    pub end: Nanos,
    /// Events of all windows for which it holds.
    pub count: u64,
    /// The first of them.
    pub first: Nanos,
    /// The last of them.
    pub last: Nanos,
    /// What was measured: of several windows that which is farthest beyond what was asked for.
    pub number: f64,
    /// The rules that matched in the first of these windows.
    pub rules: u64,
    /// Hash of what all events are about, if that is one thing.
    pub entity: u64,
}

impl CorrelationPlan {
    /// The bucket of a window end.
    pub fn bucket(&self, time: Nanos) -> i64 {
        time.div_euclid(self.timespan)
    }

    /// Where a bucket begins.
    pub fn begin(&self, bucket: i64) -> Nanos {
        bucket.saturating_mul(self.timespan)
    }

    /// The last bucket that is settled when the watermark is here.
    pub fn settled(&self, watermark: Nanos) -> i64 {
        match watermark {
            // The end of time: nothing more will come.
            Nanos::MAX => i64::MAX,
            _ => self.bucket(watermark.saturating_sub(self.delay)).saturating_sub(1),
        }
    }

    /// Where the watermark must be for a bucket to be settled.
    pub fn due(&self, bucket: i64) -> Nanos {
        self.end(bucket).saturating_add(self.delay)
    }

    /// Where a bucket has ended.
    pub fn end(&self, bucket: i64) -> Nanos {
        self.begin(bucket).saturating_add(self.timespan)
    }

    /// Of two measures that which is farther beyond what was asked for; the first where this has no sense.
    fn farther(&self, one: f64, other: f64) -> f64 {
        let WindowCondition::Compare(with) = &self.condition else { return one };
        let up = |how: &Comparison| matches!(how, Comparison::Greater | Comparison::GreaterOrEqual);
        let down = |how: &Comparison| matches!(how, Comparison::Less | Comparison::LessOrEqual);
        if with.iter().all(|(how, _)| up(how)) {
            one.max(other)
        } else if with.iter().all(|(how, _)| down(how)) {
            one.min(other)
        } else {
            one
        }
    }
}

/// Whether it fires in a bucket. `ends` gets the window ends that hold, if somebody wants to know them.
pub(super) fn judge(plan: &CorrelationPlan, entries: &Sorted, bucket: i64, ends: &mut Vec<Nanos>) -> Option<Firing> {
    let (begin, end, every) = (plan.begin(bucket), plan.end(bucket), plan.every());
    let start = begin.saturating_sub(plan.timespan);
    let (mut head, mut tail) = (entries.after(start), entries.after(start));
    let mut window = Tally::new(plan, entries.after(start), end);
    let mut found: Option<Firing> = None;
    while let Some(time) = head.peek().map(|entry| entry.time).filter(|time| *time < end) {
        while let Some(entry) = head.peek().filter(|entry| entry.time == time) {
            window.add(entry);
            head.next();
        }
        if time < begin {
            continue;
        }
        while let Some(entry) = tail.peek().filter(|entry| entry.time <= time.saturating_sub(plan.timespan)) {
            window.remove(entry);
            tail.next();
        }
        let number = window.number(&plan.measure);
        if !window.holds(&plan.condition, number) {
            continue;
        }
        if every {
            ends.push(time);
        }
        match &mut found {
            Some(firing) => {
                firing.last = time;
                firing.number = plan.farther(firing.number, number);
            }
            None => {
                found =
                    Some(Firing { bucket, end: time, count: 0, first: time, last: time, number, rules: 0, entity: 0 });
            }
        }
    }
    found.map(|firing| tell(plan, entries, firing))
}

/// What a plain rule has matched in a bucket.
pub(super) fn plain(segment: &Segment, entity: u64) -> Firing {
    let Segment { bucket, count, first, last, .. } = *segment;
    Firing { bucket, end: first, count, first, last, number: count as f64, rules: 1, entity }
}

/// What the windows hold together.
fn tell(plan: &CorrelationPlan, entries: &Sorted, mut firing: Firing) -> Firing {
    let from = firing.end.saturating_sub(plan.timespan);
    let mut entity = None;
    for entry in entries.after(from).take_while(|entry| entry.time <= firing.last) {
        if firing.count == 0 {
            firing.first = entry.time;
        }
        firing.count += 1;
        if entry.time <= firing.end {
            firing.rules |= entry.rules;
        }
        entity = match entity {
            None => Some(entry.entity),
            Some(same) if same == entry.entity => entity,
            Some(_) => Some(0),
        };
    }
    firing.entity = entity.unwrap_or_default();
    firing
}
