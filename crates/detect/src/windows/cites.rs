//! Which events an alert cites, and their copies.
//!
//! Of a key's events in one bucket of time at most twenty are kept to be cited: the first of each rule, and a sample by
//! hash of the others. Which those are depends on the events alone, not on the order in which they came. Of a thousand
//! events in order only the first ten and some forty others are ever copied; the last ten would be copied a thousand times.

use super::judge::Firing;
use super::tally::bits;
use crate::limits::MAX_COPY_BYTES;
use model::alert::{CitedEvent, MAX_ALERT_EVENT_BYTES, MAX_ALERT_EVENTS};
use model::columns::Table;
use model::fact::Nanos;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Of the events that are kept those which are there for being first; of several rules each has its share.
const FIRSTS: usize = MAX_ALERT_EVENTS / 2;

/// An event that may be cited.
#[derive(Clone, Debug)]
pub(super) struct Cite {
    /// Its time.
    pub time: Nanos,
    /// Its id in the store, or a hash.
    pub tie: u64,
    /// `tie` is an id.
    pub stored: bool,
    /// The rules that it matched.
    pub rules: u64,
    /// Its table; none for the alert of a correlation that another looks at.
    pub table: Option<Table>,
    /// Its copy's number; the copy may be gone.
    pub copy: u64,
}

impl Cite {
    fn order(&self) -> (Nanos, bool, u64) {
        (self.time, self.stored, self.tie)
    }

    /// Its name without its copy.
    fn bare(&self) -> CitedEvent {
        CitedEvent {
            event_id: self.table.filter(|_| self.stored).map(|_| self.tie),
            table: self.table.map_or("alerts", Table::name).to_owned(),
            timestamp: self.time,
            fields: Map::new(),
        }
    }
}

/// The events of one bucket that may be cited, in their order.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// Its bucket.
    pub bucket: i64,
    /// Events of the bucket, those among them whose entries had to go.
    pub count: u64,
    /// The first of them.
    pub first: Nanos,
    /// The last of them.
    pub last: Nanos,
    /// What was told of the bucket last, and the watermark then.
    pub told: Option<(Firing, Nanos)>,
    /// It has been judged for good.
    pub settled: bool,
    /// Those that may be cited.
    pub cites: Vec<Cite>,
}

impl Segment {
    /// Without events.
    pub fn new(bucket: i64) -> Segment {
        let (first, last) = (Nanos::MAX, Nanos::MIN);
        Segment { bucket, count: 0, first, last, told: None, settled: false, cites: Vec::new() }
    }

    /// Another event, or another rule that matched one. Its copy is made only if it is kept.
    pub fn offer(&mut self, mut cite: Cite, new: bool, copies: &mut Copies, lazy: &mut Lazy<'_>) {
        self.count += u64::from(new);
        self.first = self.first.min(cite.time);
        self.last = self.last.max(cite.time);
        if !new && let Some(there) = self.cites.iter_mut().find(|there| there.order() == cite.order()) {
            there.rules |= cite.rules;
        } else {
            cite.copy = 0;
            let at = self.cites.partition_point(|other| other.order() <= cite.order());
            self.cites.insert(at, cite);
        }
        if self.count > MAX_ALERT_EVENTS as u64 {
            thin(&mut self.cites).into_iter().for_each(|cite| copies.release(cite.copy));
        }
        if let Some(kept) = self.cites.iter_mut().find(|cite| cite.copy == 0) {
            kept.copy = lazy.copy(copies);
        }
    }

    /// Nothing of it will be cited any more.
    pub fn release(&self, copies: &mut Copies) {
        self.cites.iter().for_each(|cite| copies.release(cite.copy));
    }
}

/// Takes out what is neither among the first of its rules nor in the sample. What is taken out of some would also be
/// taken out of more.
fn thin(cites: &mut Vec<Cite>) -> Vec<Cite> {
    let rules = cites.iter().fold(0, |rules, cite| rules | cite.rules).count_ones() as usize;
    let each = (FIRSTS / rules.max(1)).max(1);
    let mut had: BTreeMap<usize, usize> = BTreeMap::new();
    let mut keep = vec![false; cites.len()];
    let mut firsts = 0;
    for (keep, cite) in keep.iter_mut().zip(cites.iter()) {
        for rule in bits(cite.rules) {
            let had = had.entry(rule).or_default();
            if *had < each && firsts < FIRSTS {
                *had += 1;
                firsts += usize::from(!*keep);
                *keep = true;
            }
        }
    }
    let others = cites.iter().enumerate().filter(|(at, _)| !keep[*at]);
    let mut sample: Vec<(u64, usize)> = others.map(|(at, cite)| (mix(cite.tie), at)).collect();
    sample.sort_unstable();
    sample.iter().take(MAX_ALERT_EVENTS - firsts).for_each(|(_, at)| keep[*at] = true);
    let mut keep = keep.into_iter();
    cites.extract_if(.., |_| !keep.next().unwrap_or(true)).collect()
}

/// In their order, each event once, and no more than an alert cites.
fn few(cites: &mut Vec<Cite>) {
    cites.sort_by_key(|cite| (cite.order(), cite.copy));
    cites.dedup_by(|other, cite| {
        let same = other.order() == cite.order() && (cite.stored || other.copy == cite.copy);
        if same {
            cite.rules |= other.rules;
        }
        same
    });
    if cites.len() > MAX_ALERT_EVENTS {
        thin(cites);
    }
}

/// Ids are counted up: this makes a sample of them one of all times.
fn mix(mut of: u64) -> u64 {
    of = (of ^ (of >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    of = (of ^ (of >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    of ^ (of >> 31)
}

/// What an alert cites of these, in their order: the first of each rule before others, as far as the bytes go.
pub(super) fn cited(mut cites: Vec<Cite>, copies: &Copies) -> Vec<CitedEvent> {
    few(&mut cites);
    let mut seen = 0;
    let mut order: Vec<(bool, usize)> = Vec::new();
    for (at, cite) in cites.iter().enumerate() {
        order.push((cite.rules & !seen == 0, at));
        seen |= cite.rules;
    }
    order.sort_unstable();
    let (mut used, mut found) = (0, Vec::new());
    for (_, at) in order {
        let cite = &cites[at];
        let copy = copies.get(cite.copy);
        if copy.is_none() && !cite.stored {
            continue;
        }
        // Without a copy it is still named: whoever has the store can look it up.
        let size = copy.map_or(128, <[u8]>::len);
        if used + size <= MAX_ALERT_EVENT_BYTES {
            used += size;
            found.push((at, copy.and_then(|copy| serde_json::from_slice(copy).ok()).unwrap_or_else(|| cite.bare())));
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, event)| event).collect()
}

/// Copies of events, within a bound: the oldest go first.
#[derive(Debug)]
pub(super) struct Copies {
    all: BTreeMap<u64, (Arc<[u8]>, u32)>,
    next: u64,
    limit: usize,
    /// Bytes held.
    pub bytes: usize,
    /// Copies that went before their events did.
    pub dropped: u64,
}

impl Copies {
    /// None yet.
    pub fn new(limit: usize) -> Copies {
        Copies { all: BTreeMap::new(), next: 1, limit, bytes: 0, dropped: 0 }
    }

    /// Keeps one, for one holder.
    pub fn keep(&mut self, copy: Arc<[u8]>) -> u64 {
        let number = self.next;
        self.next += 1;
        self.bytes += copy.len() + COPY_OVERHEAD;
        self.all.insert(number, (copy, 1));
        while self.bytes > self.limit
            && let Some((_, (copy, _))) = self.all.pop_first()
        {
            self.bytes -= copy.len() + COPY_OVERHEAD;
            self.dropped += 1;
        }
        number
    }

    /// Another holder of the same.
    fn share(&mut self, number: u64) {
        if let Some((_, holders)) = self.all.get_mut(&number) {
            *holders += 1;
        }
    }

    /// A holder goes.
    pub fn release(&mut self, number: u64) {
        let Some((copy, holders)) = self.all.get_mut(&number) else { return };
        *holders -= 1;
        if *holders == 0 {
            self.bytes -= copy.len() + COPY_OVERHEAD;
            self.all.remove(&number);
        }
    }

    /// One of them, unless it had to go.
    pub fn get(&self, number: u64) -> Option<&[u8]> {
        self.all.get(&number).map(|(copy, _)| &**copy)
    }

    /// Puts back one of a snapshot.
    pub fn put(&mut self, number: u64, copy: Arc<[u8]>, holders: u32) {
        self.bytes += copy.len() + COPY_OVERHEAD;
        self.all.insert(number, (copy, holders));
    }

    /// A number of a snapshot was given away once, though its copy may be gone: it will be no other's. None if no copy
    /// ever has this number; the greatest stands for none.
    pub fn used(&mut self, number: u64) -> Option<()> {
        if number == u64::MAX {
            return Some(());
        }
        self.next = self.next.max(number.checked_add(1).filter(|next| (2..=u64::MAX / 2).contains(next))?);
        Some(())
    }

    /// All, with their numbers and holders.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (u64, &[u8], u32)> {
        self.all.iter().map(|(number, (copy, holders))| (*number, &**copy, *holders))
    }
}

/// What window ends of correlations rest on, for those that look at these: the events of each bucket.
#[derive(Debug, Default)]
pub(super) struct Evidences {
    all: BTreeMap<EvidenceId, Evidence>,
    due: BTreeSet<(Nanos, EvidenceId)>,
    /// Bytes of all, about as a snapshot has them.
    pub bytes: usize,
}

/// What a key's window ends are known by, and where the bucket begins.
pub(super) type EvidenceId = (u64, Nanos);

/// Of one bucket.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    /// Where the bucket ends.
    pub end: Nanos,
    /// Where the watermark must be for nobody to ask any more.
    pub until: Nanos,
    /// The events.
    pub cites: Vec<Cite>,
}

impl Evidence {
    fn size(&self) -> usize {
        48 + 33 * self.cites.len()
    }
}

impl Evidences {
    /// Keeps what a bucket rests on, instead of what was kept of it; of too many bytes, those asked for last.
    pub fn keep(&mut self, id: EvidenceId, mut evidence: Evidence, limit: usize, copies: &mut Copies) {
        few(&mut evidence.cites);
        evidence.cites.iter().for_each(|cite| copies.share(cite.copy));
        self.drop(id, copies);
        self.put(id, evidence);
        while self.bytes > limit
            && let Some((_, first)) = self.due.first().copied()
        {
            self.drop(first, copies);
        }
    }

    /// The same for one of a snapshot, whose copies count it already.
    pub fn put(&mut self, id: EvidenceId, evidence: Evidence) {
        self.bytes += evidence.size();
        self.due.insert((evidence.until, id));
        self.all.insert(id, evidence);
    }

    fn drop(&mut self, id: EvidenceId, copies: &mut Copies) {
        let Some(gone) = self.all.remove(&id) else { return };
        self.bytes -= gone.size();
        self.due.remove(&(gone.until, id));
        gone.cites.iter().for_each(|cite| copies.release(cite.copy));
    }

    /// Nobody will ask any more for what is over at this watermark.
    pub fn forget(&mut self, watermark: Nanos, copies: &mut Copies) {
        while let Some((_, id)) = self.due.first().copied().filter(|(until, _)| *until <= watermark) {
            self.drop(id, copies);
        }
    }

    /// What a window end rests on.
    pub fn of(&self, tie: u64, time: Nanos) -> &[Cite] {
        let before = self.all.range((tie, Nanos::MIN)..=(tie, time)).next_back();
        before.filter(|(_, evidence)| time < evidence.end).map_or(&[], |(_, evidence)| &evidence.cites)
    }

    /// All.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&EvidenceId, &Evidence)> {
        self.all.iter()
    }
}

/// What a copy costs beside its bytes.
const COPY_OVERHEAD: usize = 64;

/// A copy that is made when it is first wanted, and shared from then on.
pub(super) struct Lazy<'a> {
    make: &'a dyn Fn() -> CitedEvent,
    made: u64,
}

impl<'a> Lazy<'a> {
    /// Not made yet.
    pub fn new(make: &'a dyn Fn() -> CitedEvent) -> Lazy<'a> {
        Lazy { make, made: 0 }
    }

    fn copy(&mut self, copies: &mut Copies) -> u64 {
        if copies.limit == 0 {
            return u64::MAX;
        }
        if copies.get(self.made).is_some() {
            copies.share(self.made);
        } else {
            self.made = copies.keep(encode((self.make)()));
        }
        self.made
    }
}

/// An event as it is kept: cut where it is too large.
fn encode(mut event: CitedEvent) -> Arc<[u8]> {
    loop {
        let bytes = serde_json::to_vec(&event).unwrap_or_default();
        let over = bytes.len().saturating_sub(MAX_COPY_BYTES);
        let size = |value: &Value| value.as_str().map_or_else(|| value.to_string().len(), str::len);
        let longest = event.fields.iter().max_by_key(|(_, value)| size(value)).map(|(name, _)| name.clone());
        let Some(name) = longest.filter(|_| over > 0) else { return bytes.into() };
        match event.fields.get_mut(&name) {
            Some(Value::String(text)) if text.len() > 512 => {
                let end = text.floor_char_boundary(text.len().saturating_sub(over + 16).max(256));
                text.truncate(end);
                text.push('…');
            }
            _ => drop(event.fields.remove(&name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cite(time: Nanos, tie: u64, rule: u32) -> Cite {
        Cite { time, tie, stored: true, rules: 1 << rule, table: None, copy: 0 }
    }

    fn event() -> CitedEvent {
        CitedEvent { event_id: None, table: "logs".to_owned(), timestamp: 0, fields: Map::new() }
    }

    #[test]
    fn a_large_event_is_cut() {
        let mut large = event();
        large.fields.insert("short".to_owned(), "x".into());
        large.fields.insert("long".to_owned(), "ü\n".repeat(40_000).into());
        large.fields.insert("list".to_owned(), vec![1; 9_000].into());
        let kept: CitedEvent = serde_json::from_slice(&encode(large)).unwrap();
        assert!(serde_json::to_string(&kept).unwrap().len() <= MAX_COPY_BYTES);
        assert_eq!(kept.fields["short"], "x");
        assert!(kept.fields["long"].as_str().unwrap().ends_with('…'));
        assert!(!kept.fields.contains_key("list"));
    }

    #[test]
    fn copies_are_made_once_kept_within_the_bound_and_go_with_their_holders() {
        let made = std::cell::Cell::new(0);
        let make = || {
            made.set(made.get() + 1);
            event()
        };
        let mut copies = Copies::new(1_000);
        let mut lazy = Lazy::new(&make);
        let (mut one, mut other) = (Segment::new(0), Segment::new(0));
        one.offer(cite(1, 1, 0), true, &mut copies, &mut lazy);
        other.offer(cite(1, 1, 0), true, &mut copies, &mut lazy);
        assert_eq!((made.get(), copies.iter().len()), (1, 1));
        one.release(&mut copies);
        assert_eq!(cited(other.cites.clone(), &copies).len(), 1);
        other.release(&mut copies);
        assert_eq!((copies.iter().len(), copies.bytes), (0, 0));
        for time in 0..50 {
            one.offer(cite(time, 2, 0), true, &mut copies, &mut Lazy::new(&make));
        }
        assert!(copies.bytes <= 1_000 && copies.dropped > 0);
    }

    proptest! {
        #[test]
        fn what_is_kept_does_not_depend_on_the_order(
            events in prop::collection::btree_map((0..300i64, 0..5u64), 0..3u32, 0..120),
            seed in any::<u64>(),
        ) {
            let keep = |events: &[(&(i64, u64), &u32)]| {
                let mut copies = Copies::new(1 << 20);
                let mut segment = Segment::new(0);
                for ((time, tie), rule) in events {
                    segment.offer(cite(*time, *tie, **rule), true, &mut copies, &mut Lazy::new(&event));
                }
                assert_eq!(copies.iter().len(), segment.cites.len());
                segment.cites.iter().map(|cite| (cite.order(), cite.rules)).collect::<Vec<_>>()
            };
            let mut events: Vec<_> = events.iter().collect();
            let kept = keep(&events);
            events.sort_by_key(|((time, tie), _)| mix(seed ^ mix(*time as u64 * 5 + tie)));
            prop_assert_eq!(&kept, &keep(&events));
            prop_assert_eq!(kept.len().min(20), kept.len());
            prop_assert!(events.len() > 20 || kept.len() == events.len());
        }
    }
}
