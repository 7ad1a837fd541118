//! Many texts looked for at once.
//!
//! Of each text five bytes are chosen that are seldom; a bit for the first four and one for the last four of them tell at
//! every other place of the event's text whether to look closer: one of the two lies at an even place. The bits of
//! thousands of texts fit the first-level cache, where the automaton of Aho and Corasick over the same texts does not (see
//! `docs/decisions/0016`); texts shorter than four bytes go to that one.

use crate::rule::Anchor;
use ahash::AHashSet;
use aho_corasick::AhoCorasick;
use std::sync::Arc;

/// Bytes of a gram.
const GRAM: usize = 4;
/// Bits for each text: so seldom does a wrong place look right.
const BITS_A_TEXT: usize = 32;
/// Texts that most security events are full of; their grams are chosen last.
const COMMON: &[&str] = &[
    "c:\\windows\\system32\\",
    "\\syswow64\\",
    "\\program files (x86)\\",
    "\\programdata\\",
    "\\users\\public\\",
    "\\appdata\\local\\temp\\",
    "\\appdata\\roaming\\",
    ".exe\"",
    ".exe ",
    ".dll,",
    "\\cmd.exe",
    "powershell.exe",
    "\\microsoft\\windows\\currentversion\\",
    "hklm\\software\\",
    "hkey_local_machine",
    "explorer.exe",
    "svchost.exe",
    "rundll32.exe",
    "services.exe",
    "conhost.exe",
    "http://www.",
    "https://",
    "nt authority\\system",
    "/usr/bin/",
    "/usr/local/",
    "/bin/bash",
    "/etc/",
    "/var/log/",
    "/home/",
    "/tmp/",
    ".amazonaws.com",
    "system:serviceaccount:",
    "user-agent: mozilla/5.0",
    "0000",
    "null",
    "true",
    "false",
    " -",
    "-command",
    "windowspowershell\\v1.0",
];

/// A text, where it must be, and what it stands for.
pub(super) struct Literal {
    /// Folded.
    pub text: Arc<str>,
    /// Where in the value.
    pub at: Anchor,
    /// Told when it is found.
    pub id: u32,
}

/// A set of texts.
pub(super) struct Finder {
    grams: Option<Grams>,
    short: Option<(AhoCorasick, Box<[Literal]>)>,
}

struct Grams {
    /// Places from one that is looked at to the next, and grams of each text: 2, or 1 when a text has but one gram.
    stride: usize,
    shift: u32,
    bits: Box<[u64]>,
    table_shift: u32,
    /// Gram, and its texts among `texts`; an empty range is free.
    table: Box<[(u32, u32, u32)]>,
    /// The text of each gram, and where in it the gram is.
    texts: Box<[(u32, u32)]>,
    literals: Box<[Literal]>,
}

fn spread(gram: u32) -> u32 {
    gram.wrapping_mul(0x9e37_79b1)
}

fn gram(bytes: &[u8]) -> u32 {
    bytes.first_chunk::<GRAM>().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// How seldom a byte is in the folded text of security events.
fn rarity(byte: u8) -> u32 {
    match byte {
        b'e' | b's' | b't' | b'o' | b'i' | b'n' | b'r' | b'a' | b'\\' | b' ' => 1,
        b'c' | b'm' | b'd' | b'l' | b'p' | b'u' | b'w' | b'.' | b'/' | b'0'..=b'9' | b':' => 2,
        b'-' | b'"' | b'b' | b'f' | b'g' | b'h' | b'v' | b'x' | b'y' | b'_' => 3,
        b'k' | b'j' | b'q' | b'z' => 5,
        _ => 6,
    }
}

/// The grams that are chosen last.
pub(super) fn common() -> AHashSet<u32> {
    COMMON.iter().flat_map(|text| text.as_bytes().windows(GRAM)).map(gram).collect()
}

fn score(bytes: &[u8], common: &AHashSet<u32>) -> u32 {
    let sum: u32 = bytes.iter().map(|byte| rarity(*byte)).sum();
    if common.contains(&gram(bytes)) { sum / 4 } else { sum }
}

/// The best gram of a text: where, and how seldom.
pub(super) fn best_gram(text: &[u8], common: &AHashSet<u32>) -> Option<(usize, u32)> {
    text.windows(GRAM).map(|bytes| score(bytes, common)).enumerate().max_by_key(|(at, score)| (*score, usize::MAX - at))
}

/// Where the neighbouring grams of a text begin that are seldom together.
fn best_place(text: &[u8], length: usize, common: &AHashSet<u32>) -> usize {
    let score = |window: &[u8]| -> u32 { window.windows(GRAM).map(|gram| score(gram, common)).min().unwrap_or(0) };
    let places = text.windows(length).map(score).enumerate();
    places.max_by_key(|(at, score)| (*score, usize::MAX - at)).map_or(0, |(at, _)| at)
}

impl Finder {
    /// Looks for these texts, none of which is empty. None when there are none, or when they are too many for the automaton.
    pub fn new(literals: Vec<Literal>, common: &AHashSet<u32>) -> Option<Finder> {
        let (long, short): (Vec<_>, Vec<_>) = literals.into_iter().partition(|literal| literal.text.len() >= GRAM);
        let short = match short.is_empty() {
            true => None,
            false => {
                let texts = short.iter().map(|literal| literal.text.as_bytes());
                Some((AhoCorasick::new(texts).ok()?, short.into_boxed_slice()))
            }
        };
        let grams = (!long.is_empty()).then(|| Grams::new(long, common));
        (grams.is_some() || short.is_some()).then_some(Finder { grams, short })
    }

    /// Tells every text that is in `bytes` at its place; the same one may be told several times.
    #[inline]
    pub fn find(&self, bytes: &[u8], mut hit: impl FnMut(u32)) {
        if let Some(grams) = &self.grams {
            grams.find(bytes, &mut hit);
        }
        if let Some((automaton, literals)) = &self.short {
            for found in automaton.find_overlapping_iter(bytes) {
                let literal = &literals[found.pattern().as_usize()];
                if fits(literal.at, found.start(), found.end(), bytes.len()) {
                    hit(literal.id);
                }
            }
        }
    }

    /// Bytes of memory, about.
    pub fn bytes(&self) -> usize {
        let grams = self.grams.as_ref().map_or(0, |grams| {
            grams.bits.len() * 8
                + grams.table.len() * 12
                + grams.texts.len() * 8
                + grams.literals.len() * size_of::<Literal>()
        });
        grams + self.short.as_ref().map_or(0, |(automaton, _)| automaton.memory_usage())
    }
}

fn fits(at: Anchor, start: usize, end: usize, length: usize) -> bool {
    match at {
        Anchor::Start => start == 0,
        Anchor::End => end == length,
        Anchor::Whole => start == 0 && end == length,
        Anchor::Anywhere => true,
    }
}

impl Grams {
    fn new(literals: Vec<Literal>, common: &AHashSet<u32>) -> Grams {
        let stride = if literals.iter().all(|literal| literal.text.len() > GRAM) { 2 } else { 1 };
        let mut texts: Vec<(u32, (u32, u32))> = Vec::with_capacity(literals.len() * stride);
        for (number, literal) in literals.iter().enumerate() {
            let best = best_place(literal.text.as_bytes(), GRAM + stride - 1, common);
            let grams =
                (best..best + stride).map(|at| (gram(&literal.text.as_bytes()[at..]), (number as u32, at as u32)));
            texts.extend(grams);
        }
        texts.sort_by_key(|(gram, _)| *gram);
        let distinct = texts.chunk_by(|a, b| a.0 == b.0).count();
        let bits = (distinct * BITS_A_TEXT / stride).next_power_of_two().max(64);
        let slots = (distinct * 2).next_power_of_two();
        let mut this = Grams {
            stride,
            shift: 32 - bits.ilog2(),
            bits: vec![0; bits / 64].into(),
            table_shift: 32 - slots.ilog2(),
            table: vec![(0, 0, 0); slots].into(),
            texts: Box::default(),
            literals: literals.into(),
        };
        let mut start = 0;
        for same in texts.chunk_by(|a, b| a.0 == b.0) {
            let (gram, end) = (same[0].0, start + same.len());
            let bit = spread(gram) >> this.shift;
            this.bits[bit as usize / 64] |= 1 << (bit % 64);
            let mut slot = this.slot(gram);
            while this.table[slot].2 > this.table[slot].1 {
                slot = (slot + 1) & (slots - 1);
            }
            this.table[slot] = (gram, start as u32, end as u32);
            start = end;
        }
        this.texts = texts.into_iter().map(|(_, text)| text).collect();
        this
    }

    fn slot(&self, gram: u32) -> usize {
        // The table has at least two slots, so the shift is below the width.
        (spread(gram) >> self.table_shift) as usize
    }

    #[inline]
    fn find(&self, bytes: &[u8], hit: &mut impl FnMut(u32)) {
        match self.stride {
            1 => self.scan::<1>(bytes, hit),
            _ => self.scan::<2>(bytes, hit),
        }
    }

    #[inline]
    fn scan<const STRIDE: usize>(&self, bytes: &[u8], hit: &mut impl FnMut(u32)) {
        let mut at = 0;
        while let Some(window) = bytes.get(at..at + GRAM) {
            let gram = gram(window);
            let bit = spread(gram) >> self.shift;
            if self.bits[(bit / 64) as usize] >> (bit % 64) & 1 == 1 {
                self.look(bytes, at, gram, hit);
            }
            at += STRIDE;
        }
    }

    #[inline(never)]
    fn look(&self, bytes: &[u8], at: usize, gram: u32, hit: &mut impl FnMut(u32)) {
        let mut slot = self.slot(gram);
        loop {
            let (of, start, end) = self.table[slot];
            if end <= start {
                return;
            }
            if of == gram {
                for (number, offset) in &self.texts[start as usize..end as usize] {
                    let literal = &self.literals[*number as usize];
                    let wanted = literal.text.as_bytes();
                    let Some(begin) = at.checked_sub(*offset as usize) else { continue };
                    if bytes[begin..].starts_with(wanted) && fits(literal.at, begin, begin + wanted.len(), bytes.len())
                    {
                        hit(literal.id);
                    }
                }
                return;
            }
            slot = (slot + 1) & (self.table.len() - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn every_text_at_its_place_and_no_other(
            texts in proptest::collection::vec(("[ab.]{1,7}", 0usize..4), 1..40),
            value in "[ab.é]{0,60}",
            // Without short ones every other place is looked at.
            least in proptest::sample::select(vec![1, 4, 5]),
        ) {
            let texts: Vec<_> = texts.into_iter().filter(|(text, _)| text.len() >= least).collect();
            const ANCHORS: [Anchor; 4] = [Anchor::Whole, Anchor::Start, Anchor::End, Anchor::Anywhere];
            let literal = |(id, (text, at)): (usize, &(String, usize))| Literal {
                text: text.as_str().into(), at: ANCHORS[*at], id: id as u32,
            };
            let finder = Finder::new(texts.iter().enumerate().map(literal).collect(), &common());
            let mut found = BTreeSet::new();
            if let Some(finder) = finder {
                finder.find(value.as_bytes(), |id| { found.insert(id as usize); });
            }
            let expected: BTreeSet<usize> = texts.iter().enumerate().filter(|(_, (text, at))| match ANCHORS[*at] {
                Anchor::Whole => value == *text,
                Anchor::Start => value.starts_with(text),
                Anchor::End => value.ends_with(text),
                Anchor::Anywhere => value.contains(text),
            }).map(|(id, _)| id).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
