//! What one key has seen, sorted by time however it came.

use model::fact::Nanos;

/// Entries of one chunk. Inserting moves half of one at most; a million entries are four thousand chunks.
const CHUNK: usize = 256;

/// An event, as far as a window counts it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Entry {
    /// Its time.
    pub time: Nanos,
    /// Its id in the store, or a hash of it.
    pub tie: u64,
    /// `tie` is an id: the event is there once, however often it is told.
    pub stored: bool,
    /// The rules of the correlation that it matched, a bit each.
    pub rules: u64,
    /// What is measured: a number's bits, or a hash of values.
    pub value: u64,
    /// Hash of what it is about; 0 for nothing.
    pub entity: u64,
}

/// The order of entries: that of time, and the same for equal times however they came.
pub(super) type Order = (Nanos, bool, u64);

impl Entry {
    /// Its place.
    pub fn order(&self) -> Order {
        (self.time, self.stored, self.tie)
    }
}

/// What became of an entry that was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// It is a new one.
    New,
    /// Another rule matched the same event: the rules that it has now.
    Merged(u64),
    /// It was there already.
    Duplicate,
}

/// Entries in their order, in chunks.
#[derive(Clone, Debug, Default)]
pub(super) struct Sorted {
    chunks: Vec<Vec<Entry>>,
    len: usize,
}

impl Sorted {
    /// How many.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Adds an entry of one rule. Events without an id may be equal and still be several: of those, each takes one
    /// match of each rule, so that their number is the greatest number of matches of one rule, in whatever order
    /// the matches come.
    pub fn add(&mut self, entry: Entry) -> Added {
        let order = entry.order();
        // Of equal entries those that have the rule come first, so this is true up to a place and false after it.
        let before = |other: &Entry| {
            other.order() < order || (other.order() == order && other.rules & entry.rules == entry.rules)
        };
        let at = self.chunks.partition_point(|chunk| chunk.last().is_some_and(before));
        let Some(chunk) = self.chunks.get_mut(at) else {
            return self.append(entry);
        };
        let place = chunk.partition_point(before);
        let previous = match place.checked_sub(1) {
            Some(previous) => self.chunks[at].get_mut(previous),
            None => at.checked_sub(1).and_then(|at| self.chunks[at].last_mut()),
        };
        if let Some(previous) = previous.filter(|previous| entry.stored && previous.order() == order) {
            previous.entity = previous.entity.max(entry.entity);
            return Added::Duplicate;
        }
        let chunk = &mut self.chunks[at];
        if chunk[place].order() == order {
            let there = &mut chunk[place];
            there.rules |= entry.rules;
            there.value = there.value.min(entry.value);
            there.entity = there.entity.max(entry.entity);
            return Added::Merged(there.rules);
        }
        chunk.insert(place, entry);
        if chunk.len() > CHUNK {
            let rest = chunk.split_off(CHUNK / 2);
            self.chunks.insert(at + 1, rest);
        }
        self.len += 1;
        Added::New
    }

    /// Adds what comes after all others.
    fn append(&mut self, entry: Entry) -> Added {
        let last = self.chunks.last_mut().and_then(|chunk| chunk.last_mut());
        if let Some(last) = last.filter(|last| entry.stored && last.order() == entry.order()) {
            last.entity = last.entity.max(entry.entity);
            return Added::Duplicate;
        }
        match self.chunks.last_mut() {
            Some(last) if last.len() < CHUNK => last.push(entry),
            _ => {
                self.chunks.push(vec![entry]);
            }
        }
        self.len += 1;
        Added::New
    }

    /// Entries that are in their order already, as a snapshot has them. None if they are not.
    pub fn from_sorted(entries: Vec<Entry>) -> Option<Sorted> {
        let len = entries.len();
        let sorted = entries.is_sorted_by(|one, other| {
            one.order() < other.order()
                || (one.order() == other.order() && !one.stored && one.rules | other.rules == one.rules)
        });
        sorted.then(|| Sorted { chunks: entries.chunks(CHUNK / 2).map(<[Entry]>::to_vec).collect(), len })
    }

    /// Forgets what is not after a time; how many that were.
    pub fn forget(&mut self, until: Nanos) -> usize {
        let was = self.len;
        let whole = self.chunks.partition_point(|chunk| chunk.last().is_some_and(|last| last.time <= until));
        self.len -= self.chunks.drain(..whole).map(|chunk| chunk.len()).sum::<usize>();
        if let Some(first) = self.chunks.first_mut() {
            let part = first.partition_point(|entry| entry.time <= until);
            first.drain(..part);
            self.len -= part;
        }
        was - self.len
    }

    /// Forgets the oldest chunk: how many entries that were, and the time of the last of them.
    pub fn forget_oldest(&mut self) -> Option<(usize, Nanos)> {
        if self.chunks.is_empty() {
            return None;
        }
        let chunk = self.chunks.remove(0);
        self.len -= chunk.len();
        chunk.last().map(|last| (chunk.len(), last.time))
    }

    /// All.
    pub fn iter(&self) -> Walk<'_> {
        Walk { chunks: &self.chunks, chunk: 0, at: 0 }
    }

    /// Those after a time.
    pub fn after(&self, time: Nanos) -> Walk<'_> {
        let chunk = self.chunks.partition_point(|chunk| chunk.last().is_some_and(|last| last.time <= time));
        let at = self.chunks.get(chunk).map_or(0, |chunk| chunk.partition_point(|entry| entry.time <= time));
        Walk { chunks: &self.chunks, chunk, at }
    }
}

/// Entries, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Walk<'s> {
    chunks: &'s [Vec<Entry>],
    chunk: usize,
    at: usize,
}

impl<'s> Walk<'s> {
    /// The next, without going on to it.
    pub fn peek(&self) -> Option<&'s Entry> {
        self.chunks.get(self.chunk)?.get(self.at)
    }
}

impl<'s> Iterator for Walk<'s> {
    type Item = &'s Entry;

    fn next(&mut self) -> Option<&'s Entry> {
        let chunk = self.chunks.get(self.chunk)?;
        let entry = chunk.get(self.at)?;
        self.at += 1;
        if self.at == chunk.len() {
            self.chunk += 1;
            self.at = 0;
        }
        Some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(time: Nanos, tie: u64, stored: bool, rule: u32) -> Entry {
        Entry { time, tie, stored, rules: 1 << rule, value: 0, entity: 0 }
    }

    #[test]
    fn equal_events_without_an_id_are_as_many_as_were_told() {
        for order in [[0, 0, 1, 1, 1], [1, 0, 1, 0, 1], [1, 1, 1, 0, 0]] {
            let mut sorted = Sorted::default();
            for rule in order {
                sorted.add(entry(5, 9, false, rule));
            }
            let rules: Vec<u64> = sorted.iter().map(|entry| entry.rules).collect();
            assert_eq!(rules, [3, 3, 2], "{order:?}");
        }
    }

    #[test]
    fn an_event_with_an_id_is_there_once() {
        let mut sorted = Sorted::default();
        assert_eq!(sorted.add(entry(5, 9, true, 0)), Added::New);
        assert_eq!(sorted.add(entry(5, 9, true, 0)), Added::Duplicate);
        assert_eq!(sorted.add(entry(6, 10, true, 0)), Added::New);
        assert_eq!(sorted.add(entry(5, 9, true, 1)), Added::Merged(3));
        assert_eq!(sorted.add(entry(5, 9, true, 0)), Added::Duplicate);
        assert_eq!(sorted.len(), 2);
    }

    proptest! {
        #[test]
        fn it_is_a_sorted_list(
            entries in prop::collection::vec((0..400i64, 0..6u64, any::<bool>(), 0..2u32), 0..1500),
            from in 0..400i64, until in 0..400i64,
        ) {
            let mut sorted = Sorted::default();
            let mut plain: Vec<Entry> = Vec::new();
            for (time, tie, stored, rule) in entries {
                let entry = entry(time, tie, stored, rule);
                let equal = |other: &Entry| other.order() == entry.order();
                let has = |other: &Entry| equal(other) && other.rules & entry.rules != 0;
                let lacks = plain.iter().position(|other| equal(other) && !has(other));
                let expected = match lacks {
                    _ if stored && plain.iter().any(has) => Added::Duplicate,
                    Some(at) => {
                        plain[at].rules |= entry.rules;
                        Added::Merged(plain[at].rules)
                    }
                    None => {
                        plain.push(entry);
                        Added::New
                    }
                };
                prop_assert_eq!(sorted.add(entry), expected);
            }
            plain.sort_by_key(Entry::order);
            prop_assert_eq!(sorted.len(), plain.len());
            let found: Vec<Entry> = sorted.iter().copied().collect();
            let mut same = found.clone();
            same.sort_by_key(|entry| (entry.order(), std::cmp::Reverse(entry.rules)));
            plain.sort_by_key(|entry| (entry.order(), std::cmp::Reverse(entry.rules)));
            prop_assert_eq!(&same, &plain);
            let after: Vec<Entry> = sorted.after(from).copied().collect();
            let expected: Vec<Entry> = found.iter().filter(|entry| entry.time > from).copied().collect();
            prop_assert_eq!(after, expected);
            prop_assert_eq!(Sorted::from_sorted(found.clone()).map(|same| same.iter().copied().collect()), Some(found.clone()));
            let forgotten = sorted.forget(until);
            prop_assert_eq!(forgotten, found.iter().filter(|entry| entry.time <= until).count());
            prop_assert!(sorted.iter().all(|entry| entry.time > until));
            prop_assert_eq!(sorted.iter().count(), sorted.len());
        }
    }
}
