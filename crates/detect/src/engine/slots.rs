//! Fields of rules as numbers, and an event projected onto them.
//!
//! A slot is one [`Field`], that is one list of paths; a path may feed several slots. An event is read once: what no rule
//! names is passed over, what one names lies in one arena of text beside its folded copy.

use crate::event::{Scalar, fold};
use crate::limits::MAX_EVENT_VALUES;
use crate::rule::Field;
use crate::sources::parse_time;
use ahash::{AHashMap, AHashSet};
use model::fact::Nanos;
use std::sync::Arc;

/// Number of a field.
pub(super) type SlotId = u32;
/// Number of a path that some field names.
pub(super) type PathId = u32;

/// The slot of keywords: every value of the event.
pub(super) const ANY: SlotId = u32::MAX;
/// The end of a chain of values.
const NONE: u32 = u32::MAX;

/// All fields of a set of rules.
#[derive(Default)]
pub(super) struct Fields {
    by_paths: AHashMap<Arc<[Arc<str>]>, SlotId>,
    /// By slot: the field as the first rule that names it calls it.
    pub fields: Vec<Field>,
    paths: AHashMap<Arc<str>, PathId>,
    /// By path: the slots that it feeds, and its place among the paths of each.
    feeds: Vec<Vec<Feed>>,
    /// Paths of objects in which a named path lies.
    prefixes: AHashSet<Box<str>>,
}

#[derive(Clone, Copy)]
struct Feed {
    slot: SlotId,
    rank: u16,
}

impl Fields {
    /// The slot of a field; a new one for a new list of paths.
    pub fn slot(&mut self, field: &Field) -> SlotId {
        if let Some(slot) = self.by_paths.get(&field.paths) {
            return *slot;
        }
        let slot = self.fields.len() as SlotId;
        self.by_paths.insert(field.paths.clone(), slot);
        self.fields.push(field.clone());
        for (rank, path) in field.paths.iter().enumerate() {
            let id = match self.paths.get(path) {
                Some(id) => *id,
                None => {
                    let id = self.feeds.len() as PathId;
                    self.paths.insert(path.clone(), id);
                    self.feeds.push(Vec::new());
                    for (at, _) in path.match_indices('.') {
                        self.prefixes.insert(path[..at].into());
                    }
                    id
                }
            };
            let feeds = &mut self.feeds[id as usize];
            if feeds.iter().all(|feed| feed.slot != slot) {
                feeds.push(Feed { slot, rank: u16::try_from(rank).unwrap_or(u16::MAX) });
            }
        }
        slot
    }

    /// The number of a path.
    #[inline]
    pub fn path(&self, path: &str) -> Option<PathId> {
        self.paths.get(path).copied()
    }

    /// Whether a named path lies in the object at this path.
    #[inline]
    pub fn is_prefix(&self, path: &str) -> bool {
        self.prefixes.contains(path)
    }

    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Bytes of memory, about.
    pub fn bytes(&self) -> usize {
        let paths: usize = self.paths.keys().map(|path| 2 * path.len() + 64).sum();
        let feeds: usize = self.feeds.iter().map(|feeds| size_of_val(&**feeds) + size_of::<Vec<Feed>>()).sum();
        let fields: usize = self.fields.iter().map(|field| field.paths.len() * size_of::<Arc<str>>() + 64).sum();
        paths + feeds + fields
    }
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Null,
    Text,
    Int(i64),
    Double(f64),
    Bool,
}

/// A value of the event; its text is in the arenas.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value {
    text: (u32, u32),
    folded: (u32, u32),
    pub kind: Kind,
}

#[derive(Clone, Copy)]
struct Entry {
    value: u32,
    next: u32,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    epoch: u32,
    rank: u16,
    head: u32,
    tail: u32,
}

/// An event as the rules see it. Reused from event to event.
#[derive(Default)]
pub(super) struct Slots {
    text: String,
    folded: String,
    values: Vec<Value>,
    entries: Vec<Entry>,
    slots: Vec<Slot>,
    /// The slots that have a value.
    pub present: Vec<SlotId>,
    epoch: u32,
    /// Values that no field names are kept as well, for keywords.
    pub keeps_all: bool,
    /// By path: the event and the layer that gave it values.
    owners: Vec<(u32, u8)>,
    /// Hashes of paths that no field names, by layer; kept only while there is more than one layer.
    others: AHashMap<u64, u8>,
    hasher: ahash::RandomState,
    /// The path of each value is kept as well.
    pub keeps_names: bool,
    names: String,
    name_ends: Vec<u32>,
    /// There were more values than are kept.
    pub is_cut: bool,
}

impl Slots {
    /// Begins an event; with `base`, values may lie in that text, see [`Slots::within`].
    pub fn begin(&mut self, fields: &Fields, base: &str) {
        self.text.clear();
        self.text.push_str(base);
        self.values.clear();
        self.entries.clear();
        self.present.clear();
        self.others.clear();
        self.names.clear();
        self.name_ends.clear();
        self.is_cut = false;
        self.epoch = self.epoch.wrapping_add(1);
        if self.epoch == 0 || self.slots.len() != fields.fields.len() || self.owners.len() != fields.feeds.len() {
            self.epoch = 1;
            self.slots = vec![Slot::default(); fields.fields.len()];
            self.owners = vec![(0, 0); fields.feeds.len()];
        }
    }

    /// A path's number, but not where paths are kept by name alone.
    #[inline]
    pub fn number(&self, path: Option<PathId>) -> Option<PathId> {
        path.filter(|_| !self.keeps_names)
    }

    /// Whether a value of this path is of any use.
    #[inline]
    pub fn wants(&self, path: Option<PathId>) -> bool {
        path.is_some() || self.keeps_all
    }

    /// Adds a text.
    #[inline]
    pub fn text(&mut self, fields: &Fields, path: Option<PathId>, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        self.push(fields, path, Kind::Text, (start, self.text.len()));
    }

    /// Adds a text that lies in the base, from its start to its end.
    #[inline]
    pub fn within(&mut self, fields: &Fields, path: Option<PathId>, start: usize, end: usize) {
        self.push(fields, path, Kind::Text, (start, end));
    }

    /// Adds a null.
    #[inline]
    pub fn null(&mut self, fields: &Fields, path: Option<PathId>) {
        self.push(fields, path, Kind::Null, (0, 0));
    }

    /// Adds an integer.
    #[inline]
    pub fn int(&mut self, fields: &Fields, path: Option<PathId>, int: i64) {
        let start = self.text.len();
        write_int(&mut self.text, int);
        self.push(fields, path, Kind::Int(int), (start, self.text.len()));
    }

    /// Adds a float.
    pub fn double(&mut self, fields: &Fields, path: Option<PathId>, double: f64) {
        let start = self.text.len();
        model::json::write_double_text(&mut self.text, double);
        self.push(fields, path, Kind::Double(double), (start, self.text.len()));
    }

    /// Adds a boolean.
    pub fn bool(&mut self, fields: &Fields, path: Option<PathId>, bool: bool) {
        let start = self.text.len();
        self.text.push_str(if bool { "true" } else { "false" });
        self.push(fields, path, Kind::Bool, (start, self.text.len()));
    }

    /// Adds a scalar.
    pub fn scalar(&mut self, fields: &Fields, path: Option<PathId>, scalar: &Scalar) {
        match scalar {
            Scalar::Null => self.null(fields, path),
            Scalar::Text(text) => self.text(fields, path, text),
            Scalar::Int(int) => self.int(fields, path, *int),
            Scalar::Double(double) => self.double(fields, path, *double),
            Scalar::Bool(bool) => self.bool(fields, path, *bool),
        }
    }

    fn push(&mut self, fields: &Fields, path: Option<PathId>, kind: Kind, (start, end): (usize, usize)) {
        if self.values.len() >= MAX_EVENT_VALUES {
            self.is_cut = true;
            return;
        }
        // Lines and rows are far below 4 GiB; should that change, the text is empty rather than another's.
        let range = match (u32::try_from(start), u32::try_from(end)) {
            (Ok(start), Ok(end)) => (start, end),
            _ => (0, 0),
        };
        let value = self.values.len() as u32;
        self.values.push(Value { text: range, folded: range, kind });
        let Some(path) = path else { return };
        for feed in &fields.feeds[path as usize] {
            let slot = &mut self.slots[feed.slot as usize];
            let is_new = slot.epoch != self.epoch;
            if !is_new && feed.rank > slot.rank {
                continue;
            }
            let entry = self.entries.len() as u32;
            self.entries.push(Entry { value, next: NONE });
            if is_new || feed.rank < slot.rank {
                *slot = Slot { epoch: self.epoch, rank: feed.rank, head: entry, tail: entry };
            } else {
                self.entries[slot.tail as usize].next = entry;
                slot.tail = entry;
            }
            if is_new {
                self.present.push(feed.slot);
            }
        }
    }

    /// Whether `layer` may give values to a path: the first layer that has a path keeps it to itself.
    pub fn admits(&mut self, path: Option<PathId>, name: &str, layer: u8) -> bool {
        match path {
            Some(path) => {
                let owner = &mut self.owners[path as usize];
                if owner.0 != self.epoch {
                    *owner = (self.epoch, layer);
                }
                owner.1 == layer
            }
            None if !self.keeps_all => false,
            None => {
                let hash = self.hasher.hash_one(name);
                *self.others.entry(hash).or_insert(layer) == layer
            }
        }
    }

    /// Ends an event: folds its text.
    pub fn end(&mut self) {
        self.folded.clear();
        self.folded.push_str(&self.text);
        self.folded.make_ascii_lowercase();
        if self.text.is_ascii() {
            return;
        }
        for value in &mut self.values {
            let text = slice(&self.text, value.text);
            if text.is_ascii() {
                continue;
            }
            let start = self.folded.len() as u32;
            fold(text, &mut self.folded);
            value.folded = (start, self.folded.len() as u32);
        }
    }

    /// Whether a slot has a value, null included.
    #[inline]
    pub fn has(&self, slot: SlotId) -> bool {
        self.slots[slot as usize].epoch == self.epoch
    }

    /// The values of a slot.
    #[inline]
    pub fn values(&self, slot: SlotId) -> Values<'_> {
        if slot == ANY {
            return Values { slots: self, all: self.values.iter(), next: NONE };
        }
        let of = self.slots[slot as usize];
        let next = if of.epoch == self.epoch { of.head } else { NONE };
        Values { slots: self, all: [].iter(), next }
    }

    /// The canonical text of a value.
    #[inline]
    pub fn text_of(&self, value: &Value) -> Option<&str> {
        (value.kind != Kind::Null).then(|| slice(&self.text, value.text))
    }

    /// The same in lower case.
    #[inline]
    pub fn folded_of(&self, value: &Value) -> Option<&str> {
        (value.kind != Kind::Null).then(|| slice(&self.folded, value.folded))
    }

    /// A value as it was.
    pub fn scalar_of(&self, value: &Value) -> Scalar {
        match value.kind {
            Kind::Null => Scalar::Null,
            Kind::Text => Scalar::Text(slice(&self.text, value.text).to_owned()),
            Kind::Int(int) => Scalar::Int(int),
            Kind::Double(double) => Scalar::Double(double),
            Kind::Bool => Scalar::Bool(slice(&self.text, value.text) == "true"),
        }
    }

    /// The time that a value says.
    pub fn time_of(&self, value: &Value) -> Option<Nanos> {
        parse_time(&self.scalar_of(value))
    }

    /// Notes the path of the value that is added next, where paths are kept.
    #[inline]
    pub fn name(&mut self, path: &str) {
        if self.keeps_names && self.values.len() < MAX_EVENT_VALUES {
            self.names.push_str(path);
            self.name_ends.push(self.names.len() as u32);
        }
    }

    /// All values with their paths, which must have been kept.
    pub fn plain(&self) -> Vec<(String, Scalar)> {
        let mut start = 0;
        let ends = self.name_ends.iter().zip(&self.values);
        ends.map(|(end, value)| {
            let name = slice(&self.names, (start, *end)).to_owned();
            start = *end;
            (name, self.scalar_of(value))
        })
        .collect()
    }

    /// The number that a value is or that its text says.
    pub fn number_of(&self, value: &Value) -> Option<f64> {
        match value.kind {
            Kind::Int(int) => Some(int as f64),
            Kind::Double(double) => Some(double),
            Kind::Text => crate::event::number(slice(&self.text, value.text)),
            Kind::Null | Kind::Bool => None,
        }
    }
}

#[inline]
fn slice(text: &str, (start, end): (u32, u32)) -> &str {
    text.get(start as usize..end as usize).unwrap_or_default()
}

/// Appends an integer in decimal; most are short, and `fmt` costs more than all else here.
fn write_int(out: &mut String, int: i64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut left = int.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if int < 0 {
        out.push('-');
    }
    out.extend(digits[at..].iter().map(|digit| *digit as char));
}

/// The values of a slot, in the event's order.
pub(super) struct Values<'s> {
    slots: &'s Slots,
    all: std::slice::Iter<'s, Value>,
    next: u32,
}

impl<'s> Iterator for Values<'s> {
    type Item = &'s Value;

    #[inline]
    fn next(&mut self) -> Option<&'s Value> {
        if self.next == NONE {
            return self.all.next();
        }
        let entry = self.slots.entries[self.next as usize];
        self.next = entry.next;
        Some(&self.slots.values[entry.value as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_written_in_decimal() {
        for int in [0, 7, -1, 4624, i64::MAX, i64::MIN] {
            let mut out = String::new();
            write_int(&mut out, int);
            assert_eq!(out, int.to_string());
        }
    }

    #[test]
    fn the_first_path_that_is_there_counts_whatever_the_order_of_the_event() {
        let mut fields = Fields::default();
        let both = Field { name: "Image".into(), paths: vec!["a.x".into(), "b".into()].into() };
        let slot = fields.slot(&both);
        assert_eq!(fields.slot(&both), slot);
        let (first, second) = (fields.path("a.x"), fields.path("b"));
        let mut slots = Slots::default();
        for order in [[second, first, first], [first, second, first], [first, first, second]] {
            slots.begin(&fields, "");
            let mut number = 0;
            for path in order {
                if path == first {
                    number += 1;
                    slots.int(&fields, path, number);
                } else {
                    slots.text(&fields, path, "no");
                }
            }
            slots.end();
            let texts: Vec<_> = slots.values(slot).filter_map(|value| slots.text_of(value)).collect();
            assert_eq!(texts, ["1", "2"]);
        }
        assert!(fields.is_prefix("a") && !fields.is_prefix("b"));
    }
}
