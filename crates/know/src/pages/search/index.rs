//! The index: for each word the documents that have it, with the weight that it has there.

use super::words::words;
use super::{Document, headings};
use crate::pages::markdown;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What a word counts in the title, in what the document is for (services, rules, techniques), in a heading.
const IN_TITLE: u32 = 6;
const IN_NAMES: u32 = 4;
const IN_HEADING: u32 = 3;
/// Bits of an entry that are its weight; the others are the number of the document.
const WEIGHT_BITS: u32 = 8;
const MAX_WEIGHT: u32 = (1 << WEIGHT_BITS) - 1;
/// Numbers of documents that an entry can have.
const MAX_SLOTS: usize = 1 << (32 - WEIGHT_BITS);
/// Removed documents that are kept in lists, beside as many as there are others, before the lists are written anew.
const MAX_DEAD: usize = 1_024;

/// A document in the index.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) document: Arc<Document>,
    /// Words of its text.
    pub(super) length: u32,
}

/// Words and where they are. A document that is replaced gets a new number; its old one stays in the lists, dead, until
/// there are many.
#[derive(Debug, Default)]
pub(super) struct Lists {
    terms: HashMap<Box<str>, u32>,
    /// The same in their order, for the beginnings of words.
    ordered: BTreeMap<Box<str>, u32>,
    /// Number of the document and weight, in the order of the numbers.
    entries: Vec<Vec<u32>>,
    slots: Vec<Option<Slot>>,
    /// Words of each document as in its slot, or none, side by side: a search looks at nothing else of most documents.
    lengths: Vec<Option<std::num::NonZeroU32>>,
    of: HashMap<Arc<str>, u32>,
    /// Words of all documents.
    length: u64,
}

impl Lists {
    /// How many documents there are.
    pub(super) fn len(&self) -> usize {
        self.of.len()
    }

    /// How many numbers were given; those of `entry` are below it.
    pub(super) fn slots(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn slot(&self, number: usize) -> Option<&Slot> {
        self.slots.get(number)?.as_ref()
    }

    /// Words of the document with this number, if there still is one.
    pub(super) fn length(&self, number: usize) -> Option<u32> {
        self.lengths.get(number).copied().flatten().map(std::num::NonZeroU32::get)
    }

    pub(super) fn get(&self, key: &str) -> Option<&Slot> {
        self.slot(*self.of.get(key)? as usize)
    }

    /// All documents in no order.
    pub(super) fn all(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter().flatten()
    }

    /// Words of a document, on average.
    pub(super) fn mean_length(&self) -> f32 {
        (self.length as f32 / self.len().max(1) as f32).max(1.0)
    }

    /// The documents that have a word: number and weight.
    pub(super) fn entries(&self, term: u32) -> impl ExactSizeIterator<Item = (usize, u32)> {
        self.entries[term as usize].iter().map(|entry| ((entry >> WEIGHT_BITS) as usize, entry & MAX_WEIGHT))
    }

    pub(super) fn term(&self, word: &str) -> Option<u32> {
        self.terms.get(word).copied()
    }

    /// Words that begin so, in their order.
    pub(super) fn beginning(&self, prefix: &str) -> impl Iterator<Item = u32> {
        let from = (std::ops::Bound::Included(prefix), std::ops::Bound::Unbounded);
        let all = self.ordered.range::<str, _>(from);
        all.take_while(move |(word, _)| word.starts_with(prefix)).map(|(_, term)| *term)
    }

    /// Takes a document, in place of what had its key.
    pub(super) fn put(&mut self, key: &str, document: Arc<Document>) {
        self.remove(key);
        if self.slots.len() >= MAX_SLOTS {
            self.rewrite();
        }
        let number = self.slots.len() as u32;
        let mut weights: HashMap<Box<str>, u32> = HashMap::new();
        let mut add = |text: &str, weight: u32| {
            let mut count = 0_u32;
            words(text, |term, _, _| {
                count += 1;
                if let Some(known) = weights.get_mut(term) {
                    *known += weight;
                } else {
                    weights.insert(term.into(), weight);
                }
            });
            count
        };
        let length = add(&markdown::plain(&document.text), 1);
        add(&document.title, IN_TITLE);
        for name in document.names() {
            add(name, IN_NAMES);
        }
        for heading in headings(&document.text) {
            add(&heading, IN_HEADING);
        }
        for (word, weight) in weights {
            let term = self.term_of(word);
            self.entries[term as usize].push(number << WEIGHT_BITS | weight.min(MAX_WEIGHT));
        }
        self.length += u64::from(length);
        self.lengths.push(std::num::NonZeroU32::new(length.max(1)));
        self.slots.push(Some(Slot { document, length }));
        self.of.insert(key.into(), number);
    }

    fn term_of(&mut self, word: Box<str>) -> u32 {
        if let Some(term) = self.terms.get(&word) {
            return *term;
        }
        let term = self.entries.len() as u32;
        self.entries.push(Vec::new());
        self.ordered.insert(word.clone(), term);
        self.terms.insert(word, term);
        term
    }

    /// Forgets a document, if there is one.
    pub(super) fn remove(&mut self, key: &str) -> bool {
        let Some(number) = self.of.remove(key) else { return false };
        if let Some(slot) = self.slots[number as usize].take() {
            self.length -= u64::from(slot.length);
            self.lengths[number as usize] = None;
        }
        if self.slots.len() - self.of.len() > MAX_DEAD + self.of.len() {
            self.rewrite();
        }
        true
    }

    /// Writes the lists without what was removed, and gives new numbers in the same order.
    fn rewrite(&mut self) {
        let mut numbers = vec![None; self.slots.len()];
        let mut kept = Vec::with_capacity(self.of.len());
        for (number, slot) in std::mem::take(&mut self.slots).into_iter().enumerate() {
            if slot.is_some() {
                numbers[number] = Some(kept.len() as u32);
                kept.push(slot);
            }
        }
        self.slots = kept;
        self.lengths.retain(Option::is_some);
        for number in self.of.values_mut() {
            *number = numbers[*number as usize].unwrap_or_default();
        }
        let mut terms: Vec<Option<u32>> = vec![None; self.entries.len()];
        let mut entries = Vec::new();
        for (term, list) in std::mem::take(&mut self.entries).into_iter().enumerate() {
            let renumbered =
                |entry: u32| Some(numbers[(entry >> WEIGHT_BITS) as usize]? << WEIGHT_BITS | entry & MAX_WEIGHT);
            let list: Vec<u32> = list.into_iter().filter_map(renumbered).collect();
            if !list.is_empty() {
                terms[term] = Some(entries.len() as u32);
                entries.push(list);
            }
        }
        self.entries = entries;
        let renamed = |term: &mut u32| match terms[*term as usize] {
            Some(new) => {
                *term = new;
                true
            }
            None => false,
        };
        self.terms.retain(|_, term| renamed(term));
        self.ordered.retain(|_, term| renamed(term));
    }

    /// Bytes of the lists, without the documents and about right.
    pub(super) fn bytes(&self) -> usize {
        let entries: usize = self.entries.iter().map(|list| list.capacity() * 4 + 24).sum();
        let words: usize = self.terms.keys().map(|word| 2 * (word.len() + 40)).sum();
        entries + words + self.slots.len() * 24 + self.of.len() * 32
    }
}
