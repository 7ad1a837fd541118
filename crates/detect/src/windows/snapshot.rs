//! The state as bytes, and back: what was held is held again, and nothing is told twice under another id.
//!
//! Keys are written with the signature of their rule. A rule that has changed begins anew; its keys are counted.
//!
//! A checksum tells damage, not malice: what is read is also looked at, whether the windows could have written it. Sums,
//! counts and places that could not have come about would otherwise break them later, where nobody can say why.

use super::cites::{Cite, Copies, Evidence, Segment};
use super::judge::Firing;
use super::key::{Key, PLAN_BYTES};
use super::plan::CorrelationPlan;
use super::sorted::{Entry, Sorted};
use super::tally::MAX_NUMBER;
use super::{Stats, Windows};
use crate::limits::MAX_SNAPSHOT_BYTES;
use crate::rule::Measure;
use ahash::AHashMap;
use model::columns::Table;
use model::fact::{EntityRef, Nanos};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use thiserror::Error;

/// Format; a newer one is refused.
const MAGIC: &[u8; 8] = b"tdmwin01";

/// Why a snapshot is of no use. Begin with an empty state, as far back as windows reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BadSnapshot {
    /// It is none, or of another version.
    #[error("this is no snapshot of windows of this version")]
    Format,
    /// It is not as it was written.
    #[error("the snapshot of windows is damaged")]
    Damaged,
    /// It is larger than anything that is written.
    #[error("the snapshot of windows is larger than {MAX_SNAPSHOT_BYTES} bytes (MAX_SNAPSHOT_BYTES)")]
    Large,
}

#[derive(Default)]
struct Writer(Vec<u8>);

impl Writer {
    fn uint(&mut self, mut of: u64) {
        while of >= 0x80 {
            self.0.push(of as u8 | 0x80);
            of >>= 7;
        }
        self.0.push(of as u8);
    }

    fn int(&mut self, of: i64) {
        self.uint(((of << 1) ^ (of >> 63)) as u64);
    }

    fn hash(&mut self, of: u64) {
        self.0.extend(of.to_le_bytes());
    }

    fn bytes(&mut self, of: &[u8]) {
        self.uint(of.len() as u64);
        self.0.extend(of);
    }

    fn json(&mut self, of: &impl serde::Serialize) {
        self.bytes(&serde_json::to_vec(of).unwrap_or_default());
    }

    fn firing(&mut self, of: &Firing) {
        let Firing { bucket, end, count, first, last, number, rules, entity } = *of;
        [bucket, end, first, last].into_iter().for_each(|of| self.int(of));
        [count, rules].into_iter().for_each(|of| self.uint(of));
        [number.to_bits(), entity].into_iter().for_each(|of| self.hash(of));
    }

    fn cites(&mut self, of: &[Cite]) {
        self.uint(of.len() as u64);
        for Cite { time, tie, stored, rules, table, copy } in of {
            self.int(*time);
            self.hash(*tie);
            let table = table.map_or(0, |table| 1 + Table::ALL.iter().position(|of| *of == table).unwrap_or(0) as u64);
            self.uint(u64::from(*stored) | table << 1);
            self.uint(*rules);
            self.hash(*copy);
        }
    }

    fn key(&mut self, key: &Key) {
        self.uint(key.plan.into());
        self.bytes(&key.name[PLAN_BYTES..]);
        self.uint(key.rules);
        self.hash(key.entity);
        self.uint((key.queued || key.waits).into());
        self.uint(key.entries.len() as u64);
        let mut before = 0;
        for Entry { time, tie, stored, rules, value, entity } in key.entries.iter() {
            self.int(time.wrapping_sub(before));
            before = *time;
            self.hash(*tie);
            self.uint(u64::from(*stored) | u64::from(*value != 0) << 1 | u64::from(*entity != 0) << 2);
            self.uint(*rules);
            [*value, *entity].into_iter().filter(|of| *of != 0).for_each(|of| self.hash(of));
        }
        self.uint(key.segments.len() as u64);
        for Segment { bucket, count, first, last, told, settled, cites } in &key.segments {
            [*bucket, *first, *last].into_iter().for_each(|of| self.int(of));
            self.uint(*count);
            self.uint(u64::from(*settled) | u64::from(told.is_some()) << 1);
            if let Some((firing, at)) = told {
                self.firing(firing);
                self.int(*at);
            }
            self.cites(cites);
        }
    }
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn uint(&mut self) -> Option<u64> {
        let mut of = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            of |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(of);
            }
        }
        None
    }

    fn int(&mut self) -> Option<i64> {
        let of = self.uint()?;
        Some((of >> 1) as i64 ^ -((of & 1) as i64))
    }

    fn hash(&mut self) -> Option<u64> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*bytes))
    }

    /// How many follow: not more than there are bytes.
    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.uint()?).ok().filter(|count| *count <= self.0.len())
    }

    fn bytes(&mut self) -> Option<&'b [u8]> {
        let count = self.count()?;
        let (bytes, rest) = self.0.split_at(count);
        self.0 = rest;
        Some(bytes)
    }

    fn many<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.count()?;
        (0..count).map(|_| one(self)).collect()
    }

    fn firing(&mut self) -> Option<Firing> {
        let (bucket, end, first, last) = (self.int()?, self.int()?, self.int()?, self.int()?);
        let (count, rules) = (self.uint()?, self.uint()?);
        let (number, entity) = (f64::from_bits(self.hash()?), self.hash()?);
        Some(Firing { bucket, end, count, first, last, number, rules, entity })
    }

    fn cites(&mut self) -> Option<Vec<Cite>> {
        self.many(|of| {
            let (time, tie, flags) = (of.int()?, of.hash()?, of.uint()?);
            let table = match flags >> 1 {
                0 => None,
                table => Some(*Table::ALL.get(usize::try_from(table).ok()? - 1)?),
            };
            Some(Cite { time, tie, stored: flags & 1 == 1, rules: of.uint()?, table, copy: of.hash()? })
        })
    }

    fn entries(&mut self) -> Option<Sorted> {
        let mut time = 0i64;
        let entries = self.many(|of| {
            time = time.wrapping_add(of.int()?);
            let (tie, flags, rules) = (of.hash()?, of.uint()?, of.uint()?);
            let value = if flags & 2 != 0 { of.hash()? } else { 0 };
            let entity = if flags & 4 != 0 { of.hash()? } else { 0 };
            Some(Entry { time, tie, stored: flags & 1 == 1, rules, value, entity })
        })?;
        Sorted::from_sorted(entries)
    }

    fn segment(&mut self) -> Option<Segment> {
        let (bucket, first, last) = (self.int()?, self.int()?, self.int()?);
        let (count, flags) = (self.uint()?, self.uint()?);
        let told = match flags & 2 {
            0 => None,
            _ => Some((self.firing()?, self.int()?)),
        };
        Some(Segment { bucket, count, first, last, told, settled: flags & 1 == 1, cites: self.cites()? })
    }

    /// A key, and the number that its plan had.
    fn key(&mut self) -> Option<Key> {
        let plan = u32::try_from(self.uint()?).ok()?;
        let mut key = Key::new(plan, self.bytes()?.into());
        (key.rules, key.entity, key.queued) = (self.uint()?, self.hash()?, self.uint()? == 1);
        key.entries = self.entries()?;
        key.segments = self.many(Reader::segment)?;
        if key.queued {
            let buckets = key.segments.first().zip(key.segments.last());
            key.changed = buckets.map(|(first, last)| (first.bucket, last.bucket));
            key.fresh = 1;
        }
        // One without buckets would never be due, and never go.
        let some = !key.segments.is_empty();
        Some(key).filter(|key| some && key.segments.is_sorted_by(|one, other| one.bucket < other.bucket))
    }
}

/// No count reaches this: those that are larger were not counted.
const MAX_COUNT: u64 = i64::MAX as u64;

impl CorrelationPlan {
    /// Whether a key may be one of this correlation.
    fn may_hold(&self, key: &Key) -> bool {
        let known = |rules: u64| rules.checked_shr(self.rules.len() as u32).unwrap_or(0) == 0;
        let buckets = self.bucket(Nanos::MIN)..=self.bucket(Nanos::MAX);
        let entries = key.entries.iter().all(|entry| known(entry.rules) && self.may_measure(entry.value));
        let segments = key.segments.iter().all(|segment| {
            let cites = segment.cites.iter().all(|cite| known(cite.rules));
            buckets.contains(&segment.bucket) && segment.count <= MAX_COUNT && cites
        });
        known(key.rules) && entries && segments
    }

    /// Whether this may be the value of an entry: numbers are finite, and small enough for their sums.
    fn may_measure(&self, value: u64) -> bool {
        match self.measure {
            Measure::ValueSum(_) | Measure::ValueAvg(_) | Measure::ValuePercentile(..) | Measure::ValueMedian(_) => {
                f64::from_bits(value).abs() <= MAX_NUMBER
            }
            Measure::EventCount | Measure::ValueCount(_) | Measure::Temporal | Measure::TemporalOrdered => true,
        }
    }
}

/// Copies of a snapshot, and how many of their holders are still to be read.
#[derive(Default)]
struct Holders(AHashMap<u64, u32>);

impl Holders {
    /// These hold one each. None if a copy has more holders than it says, or a number that none can have.
    fn read(&mut self, cites: &[Cite], copies: &mut Copies) -> Option<()> {
        for Cite { copy, .. } in cites {
            copies.used(*copy)?;
            if let Some(left) = self.0.get_mut(copy) {
                *left = left.checked_sub(1)?;
            }
        }
        Some(())
    }
}

impl Windows {
    /// The whole state. With the position up to which events were told it is all that a restart needs: restored, and
    /// told the events after that position, the windows are as if nothing had happened.
    pub fn snapshot(&self) -> Vec<u8> {
        let mut out = Writer(MAGIC.to_vec());
        out.int(self.watermark);
        out.int(self.clock);
        out.json(&self.stats);
        out.json(&self.out);
        out.uint(self.plan.correlations.len() as u64);
        self.plan.correlations.iter().for_each(|plan| out.0.extend(plan.signature));
        out.uint(self.entities.iter().len() as u64);
        for EntityRef { kind, key } in self.entities.iter() {
            out.bytes(kind.as_bytes());
            out.bytes(key.as_bytes());
        }
        out.uint(self.copies.dropped);
        out.uint(self.copies.iter().len() as u64);
        for (number, copy, holders) in self.copies.iter() {
            out.uint(number);
            out.uint(holders.into());
            out.bytes(copy);
        }
        out.uint(self.evidences.iter().len() as u64);
        for ((tie, begin), Evidence { end, until, cites }) in self.evidences.iter() {
            out.hash(*tie);
            [*begin, *end, *until].into_iter().for_each(|of| out.int(of));
            out.cites(cites);
        }
        out.uint(self.keys.len() as u64);
        self.keys.iter().for_each(|key| out.key(key));
        let sum = Sha256::digest(&out.0);
        out.0.extend(&sum[..8]);
        out.0
    }

    /// Takes over the state of a snapshot; what was held before is gone. After an error nothing is held.
    pub fn restore(&mut self, snapshot: &[u8]) -> Result<(), BadSnapshot> {
        self.clear();
        if snapshot.len() > MAX_SNAPSHOT_BYTES {
            return Err(BadSnapshot::Large);
        }
        let (body, sum) = snapshot.split_last_chunk::<8>().ok_or(BadSnapshot::Format)?;
        let body_after = body.strip_prefix(MAGIC).ok_or(BadSnapshot::Format)?;
        if Sha256::digest(body)[..8] != *sum {
            return Err(BadSnapshot::Damaged);
        }
        self.read(&mut Reader(body_after)).ok_or(BadSnapshot::Damaged).inspect_err(|_| self.clear())
    }

    fn clear(&mut self) {
        let empty = Windows::of(self.plan.clone(), self.options);
        *self = empty;
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Option<()> {
        (self.watermark, self.clock) = (from.int()?, from.int()?);
        (self.clock <= self.watermark).then_some(())?;
        self.stats = serde_json::from_slice::<Stats>(from.bytes()?).ok().filter(Stats::may_be)?;
        self.out = serde_json::from_slice(from.bytes()?).ok()?;
        let mut places = AHashMap::new();
        for (at, plan) in self.plan.correlations.iter().enumerate() {
            places.entry(plan.signature).or_insert(at as u32);
        }
        let plans = from.many(|from| {
            let (signature, rest) = from.0.split_first_chunk::<16>()?;
            from.0 = rest;
            Some(places.get(signature).copied())
        })?;
        for _ in 0..from.count()? {
            let kind = String::from_utf8(from.bytes()?.to_vec()).ok()?;
            let key = String::from_utf8(from.bytes()?.to_vec()).ok()?;
            self.entities.keep(Some(&EntityRef { kind, key }));
        }
        self.copies.dropped = from.uint().filter(|dropped| *dropped <= MAX_COUNT)?;
        let mut holders = Holders::default();
        for _ in 0..from.count()? {
            let (number, of) = (from.uint()?, u32::try_from(from.uint()?).ok()?);
            let new = holders.0.insert(number, of).is_none() && of > 0 && number != u64::MAX;
            new.then(|| self.copies.used(number)).flatten()?;
            self.copies.put(number, from.bytes()?.into(), of);
        }
        let mut before = None;
        for _ in 0..from.count()? {
            let id = (from.hash()?, from.int()?);
            let evidence = Evidence { end: from.int()?, until: from.int()?, cites: from.cites()? };
            before.replace(id).is_none_or(|before| before < id).then_some(())?;
            holders.read(&evidence.cites, &mut self.copies)?;
            self.evidences.put(id, evidence);
        }
        for _ in 0..from.count()? {
            let key = from.key()?;
            let place = *plans.get(key.plan as usize)?;
            key.segments.iter().try_for_each(|segment| holders.read(&segment.cites, &mut self.copies))?;
            self.put_back(key, place)?;
        }
        holders.0.values().all(|left| *left == 0).then_some(())
    }

    /// Takes over a key, if its rule is still the same. None if it cannot be one of that rule, or is there already.
    fn put_back(&mut self, mut key: Key, plan: Option<u32>) -> Option<()> {
        let Some(plan) = plan else {
            key.segments.iter().for_each(|segment| segment.release(&mut self.copies));
            self.stats.forgotten_keys += 1;
            return Some(());
        };
        self.plan.correlations.get(plan as usize).filter(|plan| plan.may_hold(&key))?;
        let name: Arc<[u8]> = [&plan.to_le_bytes(), &*key.name].concat().into();
        key.plan = plan;
        key.name = name.clone();
        // There may be a smaller bound than when it was written.
        while key.entries.len() > self.options.max_key_entries {
            self.stats.evicted_entries += key.entries.forget_oldest()?.0 as u64;
        }
        self.entries += key.entries.len();
        let queued = key.queued;
        let slot = self.keys.add(key);
        let new = self.names.insert(name, slot).is_none();
        if queued {
            self.queue.push_back(slot);
        }
        self.schedule(slot);
        new.then_some(())
    }
}

impl Stats {
    /// Whether all counts are such that can be counted on.
    fn may_be(&self) -> bool {
        let Stats { hits, late, duplicates, ungrouped, unmeasured, evicted_keys, evicted_entries, .. } = *self;
        let all = [hits, late, duplicates, ungrouped, unmeasured, evicted_keys, evicted_entries];
        all.iter().chain([&self.forgotten_keys, &self.told]).all(|count| *count <= MAX_COUNT)
    }
}
