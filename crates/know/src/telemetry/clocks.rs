//! Clocks of hosts that are wrong, seen from the times of their events. Delay only adds: what comes before it happened
//! is certain, and the least delay of many batches is nearest to the truth.

use crate::limits::{
    AHEAD, BEHIND, CLOCK_MINUTES, LIVE_BATCHES, LIVE_MINUTES, LIVE_SPREAD, MAX_CLOCKS, MINUTE, SECOND,
};
use model::{EntityRef, Nanos};
use serde::Serialize;
use std::collections::{HashMap, VecDeque};

/// A host whose clock is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Skew {
    /// Whose telemetry shows it.
    pub dataset: String,
    /// The host.
    pub host: EntityRef,
    /// How far its clock is ahead; below 0 it is behind.
    pub offset_nanos: Nanos,
    /// Since when that is so.
    pub since: Nanos,
}

/// The least delay of a minute.
struct Least {
    minute: i64,
    delay: Nanos,
    batches: u32,
}

#[derive(Default)]
struct Clock {
    minutes: VecDeque<Least>,
    wrong: Option<(Nanos, Nanos)>,
}

impl Clock {
    fn observe(&mut self, received: Nanos, delay: Nanos) {
        let minute = received.div_euclid(MINUTE);
        match self.minutes.back_mut() {
            Some(last) if last.minute >= minute => {
                last.delay = last.delay.min(delay);
                last.batches = last.batches.saturating_add(1);
            }
            _ => self.minutes.push_back(Least { minute, delay, batches: 1 }),
        }
        while self.minutes.front().is_some_and(|first| first.minute <= minute - CLOCK_MINUTES as i64) {
            self.minutes.pop_front();
        }
        self.wrong = self.offset().map(|offset| (offset, self.wrong.map_or(received, |(_, since)| since)));
    }

    /// How far it is ahead, if it is wrong.
    fn offset(&self) -> Option<Nanos> {
        let least = self.minutes.iter().map(|minute| minute.delay).min()?;
        if least < -AHEAD {
            return Some(-least);
        }
        // The newest minute may have seen only what came late so far.
        let whole = || self.minutes.iter().rev().skip(1);
        let most = whole().map(|minute| minute.delay).max()?;
        let batches: u32 = self.minutes.iter().map(|minute| minute.batches).sum();
        let live = batches >= LIVE_BATCHES && self.minutes.len() > LIVE_MINUTES && most - least < LIVE_SPREAD;
        (live && least > BEHIND).then_some(-least)
    }
}

/// The clocks of all hosts.
#[derive(Default)]
pub struct Clocks {
    clocks: HashMap<(String, String), Clock>,
}

impl Clocks {
    /// A batch came whose newest event is of a time; answers how far the clock is ahead, 0 when it is right.
    pub fn observe(&mut self, dataset: &str, host: &EntityRef, newest: Nanos, received: Nanos) -> Nanos {
        let key = (dataset.to_owned(), host.key.clone());
        if self.clocks.len() >= MAX_CLOCKS && !self.clocks.contains_key(&key) {
            self.forget();
        }
        let clock = self.clocks.entry(key).or_default();
        clock.observe(received, received.saturating_sub(newest));
        clock.wrong.map_or(0, |(offset, _)| offset)
    }

    /// What is known to be wrong.
    pub fn skews(&self) -> Vec<Skew> {
        let skew = |((dataset, host), clock): (&(String, String), &Clock)| {
            let (offset_nanos, since) = clock.wrong?;
            let host = EntityRef { kind: "host".to_owned(), key: host.clone() };
            Some(Skew { dataset: dataset.clone(), host, offset_nanos, since })
        };
        let mut skews: Vec<Skew> = self.clocks.iter().filter_map(skew).collect();
        skews.sort_by(|a, b| (&a.dataset, &a.host).cmp(&(&b.dataset, &b.host)));
        skews
    }

    /// The offset of a host in whole seconds, coarser the greater it is, so that it seldom changes.
    pub fn told(&self, dataset: &str, host: &EntityRef) -> Option<i64> {
        let (offset, _) = self.clocks.get(&(dataset.to_owned(), host.key.clone()))?.wrong?;
        let step = match offset.abs() / SECOND {
            ..=10 => 1,
            11..=120 => 10,
            _ => 60,
        };
        let step = step * SECOND;
        Some(offset.saturating_add(step / 2 * offset.signum()) / step * step / SECOND)
    }

    /// Drops clocks that showed nothing for longest.
    fn forget(&mut self) {
        let newest = |clock: &Clock| clock.minutes.back().map_or(i64::MIN, |last| last.minute);
        let mut all: Vec<i64> = self.clocks.values().map(newest).collect();
        let middle = all.len() / 2;
        let (_, middle, _) = all.select_nth_unstable(middle);
        let middle = *middle;
        let mut left = self.clocks.len() / 2;
        self.clocks.retain(|_, clock| {
            let keep = newest(clock) > middle || (newest(clock) == middle && left > 0);
            left = left.saturating_sub(usize::from(keep));
            keep
        });
        // All may be of one minute.
        if self.clocks.len() >= MAX_CLOCKS {
            self.clocks.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::HOUR;

    /// Batches every ten seconds for some minutes, each with a delay of its own.
    fn offset(minutes: i64, ahead: impl Fn(i64) -> Nanos) -> Vec<Nanos> {
        let mut clocks = Clocks::default();
        let host = EntityRef::new("host", "web-1").unwrap();
        for ten in 0..minutes * 6 {
            let received = HOUR + ten * 10 * SECOND;
            clocks.observe("d", &host, received + ahead(ten), received);
        }
        clocks.skews().into_iter().map(|skew| skew.offset_nanos / SECOND).collect()
    }

    #[test]
    fn what_comes_before_it_happened_is_certain() {
        assert_eq!(offset(1, |_| 5 * SECOND), [5]);
        // Delays of up to a minute hide most of it, not all.
        assert_eq!(offset(2, |ten| 30 * SECOND - ten * 7 % 60 * SECOND), [30]);
        assert_eq!(offset(2, |_| SECOND), [] as [Nanos; 0]);
    }

    #[test]
    fn behind_needs_many_minutes_of_live_data() {
        let late = |_| -10 * MINUTE;
        assert_eq!(offset(3, late), [] as [Nanos; 0]);
        assert_eq!(offset(8, late), [-600]);
        assert_eq!(offset(8, |ten| -10 * MINUTE - ten % 6 * 20 * SECOND), [-600], "some batches come later still");
        assert_eq!(offset(8, |_| -20 * SECOND), [] as [Nanos; 0], "a slow pipeline");
        // A backfill of a day in eight minutes, and one that falls further behind.
        assert_eq!(offset(8, |ten| -24 * HOUR + ten * 30 * MINUTE), [] as [Nanos; 0]);
        assert_eq!(offset(8, |ten| -2 * MINUTE - ten * 9 * SECOND), [] as [Nanos; 0]);
    }

    #[test]
    fn what_is_right_again_is_forgotten() {
        let now = |ten: i64| if ten < 6 { 20 * SECOND } else { -SECOND };
        assert_eq!(offset(9, now), [20]);
        assert_eq!(offset(13, now), [] as [Nanos; 0]);
    }

    #[test]
    fn what_is_told_is_rounded_and_the_number_of_clocks_bounded() {
        let mut clocks = Clocks::default();
        let host = |number: usize| EntityRef::new("host", number.to_string()).unwrap();
        for (number, (nanos, told)) in
            [(3 * SECOND / 2 + SECOND, 3), (47 * SECOND, 50), (301 * SECOND, 300)].into_iter().enumerate()
        {
            clocks.observe("d", &host(number), HOUR + nanos, HOUR);
            assert_eq!(clocks.told("d", &host(number)), Some(told));
        }
        for number in 0..3 * MAX_CLOCKS {
            clocks.observe("d", &host(number), HOUR, HOUR);
            assert!(clocks.clocks.len() <= MAX_CLOCKS);
        }
    }
}
