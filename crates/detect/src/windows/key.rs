//! What is known of one key: one rule or correlation, one dataset, one value for each field that is grouped by.

use super::cites::Segment;
use super::hash;
use super::plan::CorrelationPlan;
use super::sorted::Sorted;
use crate::limits::MAX_GROUP_VALUE_BYTES;
use model::fact::Nanos;
use std::sync::Arc;

/// The state of a key.
#[derive(Debug)]
pub(super) struct Key {
    /// Of keys that are due at the same time the one with the least goes first.
    pub serial: u64,
    /// Its bytes when it was last weighed.
    pub weight: usize,
    /// Whose it is, by its place in the plan.
    pub plan: u32,
    /// Its name, see [`Name`].
    pub name: Arc<[u8]>,
    /// Its events.
    pub entries: Sorted,
    /// Its buckets that have events, in order.
    pub segments: Vec<Segment>,
    /// Where the watermark must be for the next thing to be done.
    pub due: Option<Nanos>,
    /// The rules that have matched, a bit each.
    pub rules: u64,
    /// Hash of the entity, of a plain rule.
    pub entity: u64,
    /// The first and the last bucket of what came since it was looked at.
    pub changed: Option<(i64, i64)>,
    /// How many came since then.
    pub fresh: u64,
    /// The watermark when it was looked at.
    pub looked: Nanos,
    /// It is to be looked at.
    pub queued: bool,
    /// It is to be looked at when time has gone on.
    pub waits: bool,
}

impl Key {
    /// Without events.
    pub fn new(plan: u32, name: Arc<[u8]>) -> Key {
        Key {
            serial: 0,
            weight: 0,
            plan,
            name,
            entries: Sorted::default(),
            segments: Vec::new(),
            due: None,
            rules: 0,
            entity: 0,
            changed: None,
            fresh: 0,
            looked: Nanos::MIN,
            queued: false,
            waits: false,
        }
    }

    /// Its bytes, about as a snapshot has them: an event may be cited as well.
    pub fn weigh(&self) -> usize {
        64 + self.name.len() + 110 * self.segments.len() + 66 * self.entries.len()
    }

    /// The place of a bucket, made if it is not there.
    pub fn segment(&mut self, bucket: i64) -> usize {
        let at = self.segments.partition_point(|segment| segment.bucket < bucket);
        if self.segments.get(at).is_none_or(|segment| segment.bucket != bucket) {
            self.segments.insert(at, Segment::new(bucket));
        }
        at
    }

    /// When there is something to do next: a bucket to settle, or else the last ones to forget. None when it is empty.
    pub fn next_due(&self, plan: &CorrelationPlan) -> Option<Nanos> {
        let last = self.segments.last()?;
        let open = self.segments.iter().find(|segment| !segment.settled);
        Some(open.map_or_else(|| plan.due(last.bucket.saturating_add(1)), |open| plan.due(open.bucket)))
    }

    /// The id of the alert of a bucket.
    pub fn alert_id(&self, plan: &CorrelationPlan, bucket: i64) -> String {
        let kind: &[u8] = if plan.plain { b"rule" } else { b"correlation" };
        let (id, version) = (plan.meta.id.as_bytes(), plan.meta.version.as_bytes());
        hash::text([kind, id, version, &self.name[PLAN_BYTES..], &bucket.to_le_bytes()])
    }

    /// Its dataset and the values that it is grouped by; of a plain rule, kind and key of the entity.
    pub fn parts(&self) -> (String, Vec<String>) {
        let mut parts = Vec::new();
        let mut rest = &self.name[PLAN_BYTES..];
        while let Some((len, after)) = rest.split_first_chunk::<4>() {
            let (part, after) = after.split_at((u32::from_le_bytes(*len) as usize).min(after.len()));
            parts.push(String::from_utf8_lossy(part).into_owned());
            rest = after;
        }
        let values = parts.split_off(parts.len().min(1));
        (parts.pop().unwrap_or_default(), values)
    }
}

/// A name begins with the place of its plan.
pub(super) const PLAN_BYTES: usize = 4;

/// Writes names of keys: the plan, the dataset, and each value with its length before it.
#[derive(Debug, Default)]
pub(super) struct Name(Vec<u8>);

impl Name {
    /// Begins one.
    pub fn begin(&mut self, plan: usize, dataset: &str) {
        self.0.clear();
        self.0.extend((plan as u32).to_le_bytes());
        self.part(dataset.as_bytes());
    }

    fn part(&mut self, part: &[u8]) {
        self.0.extend((part.len() as u32).to_le_bytes());
        self.0.extend(part);
    }

    /// Goes on with a value. Of a long one the beginning and a hash are kept.
    pub fn value(&mut self, value: &str) {
        if value.len() <= MAX_GROUP_VALUE_BYTES {
            return self.part(value.as_bytes());
        }
        let hash = hash::text([value.as_bytes()]);
        let begin = &value[..value.floor_char_boundary(MAX_GROUP_VALUE_BYTES - 40)];
        self.part(format!("{begin}… {hash}").as_bytes());
    }

    /// The name so far.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}
