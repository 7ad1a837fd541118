//! What is to do: events come in, buckets are settled, keys are looked at and forgotten.

use super::cites::{Cite, Lazy};
use super::judge::{Firing, judge, plain};
use super::key::Key;
use super::sorted::{Added, Entry};
use super::{CorrelationPlan, Windows, hash, measured};
use crate::limits::{LOOKS_PER_EVENT, MAX_ALERTS_AT_ONCE, MAX_LOOK_WAIT, RETELL_EVERY};
use model::alert::{Alert, CitedEvent};
use model::columns::Table;
use model::fact::Nanos;
use serde_json::Map;
use std::sync::Arc;

/// Keys with fewer events are looked at after each one.
const SMALL_KEY: usize = 256;

/// What a correlation says to those that look at it.
struct Feed {
    plan: usize,
    name: Arc<[u8]>,
    bucket: i64,
    firing: Firing,
    /// Window ends that hold.
    ends: Vec<Nanos>,
    settled: bool,
}

impl Windows {
    /// Alerts that are to be told, at most some hundred: ask again until there are none. Later ones count where ids
    /// are equal.
    pub fn take(&mut self) -> Vec<Alert> {
        // Who waits to be told again is not asked before time has gone on: asking all of them each time would be much.
        let many = self.waiting.len() > 2 * self.options.max_keys;
        if many || self.watermark.saturating_sub(self.woken) >= RETELL_EVERY.min(MAX_LOOK_WAIT) {
            self.wake();
        }
        while self.out.len() < MAX_ALERTS_AT_ONCE {
            if let Some((due, _, slot)) = self.due.first().copied().filter(|(due, ..)| *due <= self.watermark) {
                self.clock = self.clock.max(due);
                self.settle(slot);
            } else if let Some(slot) = self.queue.pop_front() {
                let again = self.look(slot);
                if let Some(key) = self.keys.get_mut(slot).filter(|key| again && !key.waits) {
                    key.waits = true;
                    self.waiting.push(slot);
                }
            } else {
                break;
            }
        }
        if self.due.first().is_none_or(|(due, ..)| *due > self.watermark) {
            self.clock = self.clock.max(self.watermark);
        }
        self.evidences.forget(self.clock, &mut self.copies);
        let alerts: Vec<Alert> = self.out.drain(..self.out.len().min(MAX_ALERTS_AT_ONCE)).collect();
        self.stats.told += alerts.len() as u64;
        alerts
    }

    /// Those that wait are looked at.
    fn wake(&mut self) {
        self.woken = self.watermark;
        for slot in std::mem::take(&mut self.waiting) {
            let Some(key) = self.keys.get_mut(slot).filter(|key| key.waits) else { continue };
            key.waits = false;
            if !std::mem::replace(&mut key.queued, true) {
                self.queue.push_back(slot);
            }
        }
    }

    /// Another event of a key. Without a table it is a window end of a correlation.
    pub(super) fn add(&mut self, at: usize, name: &[u8], entry: Entry, table: Option<Table>, lazy: &mut Lazy<'_>) {
        let plans = self.plan.clone();
        let plan = &plans.correlations[at];
        let mut bucket = plan.bucket(entry.time);
        // Chained ones come while what was due is done, before the watermark is reached.
        let settled = plan.settled(if table.is_some() { self.watermark } else { self.clock });
        if bucket <= settled {
            self.stats.late += 1;
            // A plain rule needs no window: what is late counts with what is told now.
            if !plan.plain || settled == i64::MAX {
                return;
            }
            bucket = settled + 1;
        }
        let slot = self.names.get(name).copied().unwrap_or_else(|| self.add_key(at, name));
        let Some(key) = self.keys.get_mut(slot) else { return };
        let (new, rules) = match key.entries.add(entry) {
            Added::New => (true, entry.rules),
            Added::Merged(rules) => (false, rules),
            Added::Duplicate => {
                self.stats.duplicates += u64::from(table.is_some());
                return;
            }
        };
        self.entries += usize::from(new);
        let Entry { time, tie, stored, .. } = entry;
        let cite = Cite { time, tie, stored, rules, table, copy: 0 };
        let segment = key.segment(bucket);
        key.segments[segment].offer(cite, new, &mut self.copies, lazy);
        key.rules |= entry.rules;
        key.fresh += 1;
        key.changed = Some(key.changed.map_or((bucket, bucket), |(from, to)| (from.min(bucket), to.max(bucket))));
        if plan.plain {
            key.entity = entry.entity;
        }
        if plan.monotone && !key.queued {
            key.queued = true;
            self.queue.push_back(slot);
        }
        if key.entries.len() > self.options.max_key_entries
            && let Some((gone, _)) = key.entries.forget_oldest()
        {
            self.entries -= gone;
            self.stats.evicted_entries += gone as u64;
        }
        self.schedule(slot);
        while self.bytes() > self.options.max_bytes && self.evict() {}
    }

    fn add_key(&mut self, plan: usize, name: &[u8]) -> u32 {
        while self.keys.len() >= self.options.max_keys.max(1) && self.evict() {}
        let name: Arc<[u8]> = name.into();
        let slot = self.keys.add(Key::new(plan as u32, name.clone()));
        self.names.insert(name, slot);
        slot
    }

    /// Says when the key is to be seen next; without anything left it goes.
    pub(super) fn schedule(&mut self, slot: u32) {
        let Some(key) = self.keys.get_mut(slot) else { return };
        let weight = key.weigh();
        self.weight = self.weight + weight - std::mem::replace(&mut key.weight, weight);
        let due = key.next_due(&self.plan.correlations[key.plan as usize]);
        if due == key.due {
            return;
        }
        if let Some(was) = key.due.take() {
            self.due.remove(&(was, key.serial, slot));
        }
        match due {
            Some(next) => {
                if key.serial == 0 {
                    self.serial += 1;
                    key.serial = self.serial;
                }
                key.due = due;
                self.due.insert((next, key.serial, slot));
            }
            None => self.remove(slot),
        }
    }

    fn remove(&mut self, slot: u32) {
        let Some(key) = self.keys.take(slot) else { return };
        if let Some(due) = key.due {
            self.due.remove(&(due, key.serial, slot));
        }
        self.names.remove(&key.name);
        self.weight -= key.weight;
        self.entries -= key.entries.len();
        key.segments.iter().for_each(|segment| segment.release(&mut self.copies));
    }

    /// The key whose windows are over first goes. What holds already is told; false when there is none.
    fn evict(&mut self) -> bool {
        let Some((.., slot)) = self.due.first().copied() else { return false };
        let plans = self.plan.clone();
        let Some(key) = self.keys.get(slot) else { return false };
        let plan = &plans.correlations[key.plan as usize];
        self.stats.evicted_keys += 1;
        self.stats.evicted_entries += key.entries.len() as u64;
        for at in 0..key.segments.len() {
            let Some(key) = self.keys.get(slot) else { break };
            let segment = &key.segments[at];
            if segment.settled || !plan.monotone || !plan.alerts {
                continue;
            }
            let firing = fires(plan, key, at, &mut Vec::new());
            if let Some(firing) = firing.filter(|firing| segment.told.is_none_or(|(told, _)| told != *firing)) {
                self.tell(slot, at, firing, false);
            }
        }
        self.remove(slot);
        true
    }

    /// The bucket of the key that is due is judged for good; what no window needs any more is forgotten.
    fn settle(&mut self, slot: u32) {
        let plans = self.plan.clone();
        let Some(key) = self.keys.get_mut(slot) else { return };
        let plan = &plans.correlations[key.plan as usize];
        let settled = plan.settled(self.clock);
        let mut feeds = Vec::new();
        for at in 0..key.segments.len() {
            let Some(key) = self.keys.get_mut(slot) else { return };
            if key.segments[at].settled || key.segments[at].bucket > settled {
                continue;
            }
            key.segments[at].settled = true;
            let mut ends = Vec::new();
            // What was told stays told, though events that it rests on had to go.
            let told = key.segments[at].told.map(|(firing, _)| firing);
            let Some(firing) = fires(plan, key, at, &mut ends).or(told) else { continue };
            feeds.extend(feed(plan, key, firing, ends, true));
            if plan.alerts {
                self.tell(slot, at, firing, true);
            }
        }
        self.feed(feeds);
        if let Some(key) = self.keys.get_mut(slot) {
            let until = if plan.plain { plan.end(settled).saturating_sub(1) } else { plan.begin(settled) };
            let gone = key.entries.forget(if settled == i64::MAX { Nanos::MAX } else { until });
            self.entries -= gone;
            let over = |bucket: i64| bucket < settled || (plan.plain && bucket == settled);
            let whole = key.segments.partition_point(|segment| over(segment.bucket));
            for segment in key.segments.drain(..whole) {
                segment.release(&mut self.copies);
            }
        }
        self.schedule(slot);
    }

    /// Tells what holds already of what has come; true when the key is to wait, and to be looked at again.
    fn look(&mut self, slot: u32) -> bool {
        let plans = self.plan.clone();
        let watermark = self.watermark;
        let Some(key) = self.keys.get_mut(slot).filter(|key| key.queued) else { return false };
        key.queued = false;
        let plan = &plans.correlations[key.plan as usize];
        if !plan.plain && (key.entries.len() as u64) < plan.least || !plan.may(key.rules) {
            return false;
        }
        let waited = watermark.saturating_sub(key.looked);
        let worth = plan.plain
            || key.entries.len() <= SMALL_KEY
            || key.fresh as i64 * LOOKS_PER_EVENT >= key.entries.len() as i64;
        if (key.fresh == 0 || !worth) && waited < MAX_LOOK_WAIT.min(RETELL_EVERY) {
            return true;
        }
        let Some((from, to)) = key.changed else { return false };
        (key.fresh, key.looked) = (0, watermark);
        // Windows that end in the next bucket reach back into this one.
        let to = to.saturating_add(i64::from(!plan.plain));
        let (mut feeds, mut again) = (Vec::new(), false);
        for at in 0..key.segments.len() {
            let Some(key) = self.keys.get(slot) else { return false };
            let segment = &key.segments[at];
            if segment.settled || !(from..=to).contains(&segment.bucket) {
                continue;
            }
            let mut ends = Vec::new();
            let Some(firing) = fires(plan, key, at, &mut ends) else { continue };
            let when = segment.told;
            if plan.every() {
                feeds.extend(feed(plan, key, firing, ends, false));
            }
            match when {
                Some((told, _)) if told == firing => (),
                Some((_, at)) if watermark.saturating_sub(at) < RETELL_EVERY => again = true,
                _ if plan.alerts => self.tell(slot, at, firing, false),
                _ => (),
            }
        }
        if let Some(key) = self.keys.get_mut(slot).filter(|_| !again) {
            key.changed = None;
        }
        self.feed(feeds);
        again
    }

    /// What a correlation says comes to those that look at it.
    fn feed(&mut self, feeds: Vec<Feed>) {
        let plans = self.plan.clone();
        for Feed { plan: at, name, bucket, firing, ends, settled } in feeds {
            let plan = &plans.correlations[at];
            let below = Key::new(at as u32, name);
            let tie = below.tie(plan);
            self.gather_evidence(at, &below, bucket, &firing, tie);
            let (dataset, values) = below.parts();
            let mut name = std::mem::take(&mut self.name);
            for of in plan.uses.iter().filter(|of| of.every || settled) {
                let text = |at: &Option<usize>| values.get((*at)?).map(String::as_str);
                name.begin(of.correlation, &dataset);
                let to = &plans.correlations[of.correlation];
                let value = measured(&to.measure, of.measured.iter().map(text));
                let grouped = of.group.iter().all(|at| text(at).map(|value| name.value(value)).is_some());
                let Some(value) = value.filter(|_| grouped) else { continue };
                let once = [firing.end];
                for time in if of.every { &*ends } else { &once } {
                    let entity = self.entity_at(&below.name, *time);
                    let entry = Entry { time: *time, tie, stored: true, rules: 1 << of.rule, value, entity };
                    self.add(of.correlation, name.bytes(), entry, None, &mut Lazy::new(&nothing));
                }
            }
            self.name = name;
        }
    }

    /// What the events of a key at a time are about.
    fn entity_at(&self, name: &[u8], time: Nanos) -> u64 {
        let key = self.names.get(name).and_then(|slot| self.keys.get(*slot));
        let Some(key) = key else { return 0 };
        let at = key.entries.after(time.saturating_sub(1)).take_while(|entry| entry.time == time);
        at.map(|entry| entry.entity).max().unwrap_or_default()
    }
}

/// Window ends are no events: what they stand for is in the evidence.
fn nothing() -> CitedEvent {
    CitedEvent { event_id: None, table: String::new(), timestamp: 0, fields: Map::new() }
}

/// Whether the bucket of a segment fires.
fn fires(plan: &CorrelationPlan, key: &Key, at: usize, ends: &mut Vec<Nanos>) -> Option<Firing> {
    let segment = &key.segments[at];
    if plan.plain {
        return Some(plain(segment, key.entity));
    }
    let mut firing = judge(plan, &key.entries, segment.bucket, ends)?;
    // It grows only, unless events had to go; the alert does not shrink then.
    if let Some((told, _)) = &segment.told {
        firing.count = firing.count.max(told.count);
        (firing.first, firing.last) = (firing.first.min(told.first), firing.last.max(told.last));
    }
    Some(firing)
}

fn feed(plan: &CorrelationPlan, key: &Key, firing: Firing, ends: Vec<Nanos>, settled: bool) -> Option<Feed> {
    let (plan_at, name) = (key.plan as usize, key.name.clone());
    (!plan.uses.is_empty()).then_some(Feed { plan: plan_at, name, bucket: firing.bucket, firing, ends, settled })
}

impl Key {
    /// What its window ends are known by to those that look at it.
    pub(super) fn tie(&self, plan: &CorrelationPlan) -> u64 {
        hash::short([&plan.signature, &self.name[super::key::PLAN_BYTES..]])
    }
}
