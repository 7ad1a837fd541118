//! Tests of one field, ready to be run. Equal tests of all rules are one predicate.

use super::slots::{ANY, SlotId, Slots, Value};
use crate::event::fold;
use crate::oracle;
use crate::rule::{Anchor, Comparison, FieldTest, Leaf, Part, Pattern, Test, TimePart};
use ipnet::IpNet;
use memchr::memmem::Finder;
use regex::Regex;

/// A test of the values of a slot.
pub(super) struct Predicate {
    pub slot: SlotId,
    pub matcher: Matcher,
}

/// What is tested of a value.
pub(super) enum Matcher {
    Text { text: Text, cased: bool },
    Regex(Box<Regex>),
    Cidr(IpNet),
    Compare(Comparison, f64),
    Exists,
    Null,
    Field(FieldTest, SlotId),
    Time(TimePart, i64),
}

/// A pattern by its shape; the common shapes need no search of parts.
pub(super) enum Text {
    Any,
    Exact(Box<str>),
    Start(Box<str>),
    End(Box<str>),
    Contains(Box<Finder<'static>>),
    Parts(Box<[Part]>),
}

impl Text {
    /// Compiles a pattern; its texts are folded unless it is cased.
    pub fn new(pattern: &Pattern) -> Text {
        let parts: Vec<Part> = pattern
            .parts
            .iter()
            .map(|part| match part {
                Part::Text(text) if !pattern.cased => Part::Text(folded(text)),
                other => other.clone(),
            })
            .collect();
        match parts.as_slice() {
            [] => Text::Exact("".into()),
            [Part::Any] => Text::Any,
            [Part::Text(text)] => Text::Exact(text.as_str().into()),
            [Part::Text(text), Part::Any] => Text::Start(text.as_str().into()),
            [Part::Any, Part::Text(text)] => Text::End(text.as_str().into()),
            [Part::Any, Part::Text(text), Part::Any] => {
                Text::Contains(Box::new(Finder::new(text.as_bytes()).into_owned()))
            }
            _ => Text::Parts(parts.into()),
        }
    }

    #[inline]
    fn is_match(&self, text: &str) -> bool {
        match self {
            Text::Any => true,
            Text::Exact(whole) => **whole == *text,
            Text::Start(start) => text.as_bytes().starts_with(start.as_bytes()),
            Text::End(end) => text.as_bytes().ends_with(end.as_bytes()),
            Text::Contains(finder) => finder.find(text.as_bytes()).is_some(),
            Text::Parts(parts) => wildcard(parts, text),
        }
    }
}

/// A text in lower case.
pub(super) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold(text, &mut out);
    out
}

/// Whether the parts fit the whole text. Goes back to the last `*` alone, so it takes at most the product of both lengths.
fn wildcard(parts: &[Part], text: &str) -> bool {
    let (mut part, mut left) = (0, text);
    let mut retry: Option<(usize, &str)> = None;
    loop {
        let step = match parts.get(part) {
            None if left.is_empty() => return true,
            None => None,
            Some(Part::Any) => {
                part += 1;
                if part == parts.len() {
                    return true;
                }
                retry = Some((part, left));
                continue;
            }
            Some(Part::One) => {
                let mut characters = left.chars();
                characters.next().map(|_| characters.as_str())
            }
            Some(Part::Text(wanted)) => left.strip_prefix(wanted.as_str()),
        };
        match (step, retry) {
            (Some(rest), _) => {
                part += 1;
                left = rest;
            }
            (None, None) => return false,
            (None, Some((after, from))) => {
                let mut characters = from.chars();
                if characters.next().is_none() {
                    return false;
                }
                // A text is found by searching, not by trying each place.
                let from = match parts.get(after) {
                    Some(Part::Text(wanted)) => match characters.as_str().find(wanted.as_str()) {
                        Some(at) => &characters.as_str()[at..],
                        None => return false,
                    },
                    _ => characters.as_str(),
                };
                part = after;
                left = from;
                retry = Some((after, from));
            }
        }
    }
}

impl Predicate {
    /// Compiles a leaf whose field has this slot; `slot_of` answers that of another field.
    pub fn new(
        leaf: &Leaf,
        slot: SlotId,
        mut slot_of: impl FnMut(&crate::rule::Field) -> SlotId,
    ) -> Result<Self, String> {
        let matcher = match &leaf.test {
            Test::Text(pattern) => Matcher::Text { text: Text::new(pattern), cased: pattern.cased },
            Test::Regex(pattern) => Matcher::Regex(Box::new(super::kernels::regex(pattern)?)),
            Test::Cidr(network) => Matcher::Cidr(*network),
            Test::Compare(comparison, number) => Matcher::Compare(*comparison, *number),
            Test::Exists => Matcher::Exists,
            Test::Null => Matcher::Null,
            Test::Field(test, other) => Matcher::Field(*test, slot_of(other)),
            Test::Time(part, number) => Matcher::Time(*part, *number),
        };
        Ok(Predicate { slot, matcher })
    }

    /// How dear it is, in about nanoseconds.
    pub fn cost(&self) -> u32 {
        let cost = match &self.matcher {
            Matcher::Exists | Matcher::Null => 1,
            Matcher::Text { text: Text::Contains(_), .. } => 20,
            Matcher::Text { text: Text::Parts(_), .. } => 40,
            Matcher::Text { .. } => 3,
            Matcher::Compare(..) => 10,
            Matcher::Field(..) => 20,
            Matcher::Cidr(_) => 60,
            Matcher::Time(..) => 100,
            Matcher::Regex(_) => 200,
        };
        if self.slot == ANY { cost * 50 } else { cost }
    }

    /// Bytes of memory, about; a regular expression is guessed by its length.
    pub fn bytes(&self) -> usize {
        let more = match &self.matcher {
            Matcher::Text { text: Text::Exact(text) | Text::Start(text) | Text::End(text), .. } => text.len(),
            Matcher::Text { text: Text::Contains(finder), .. } => finder.needle().len() + size_of::<Finder<'static>>(),
            Matcher::Text { text: Text::Parts(parts), .. } => parts.len() * (size_of::<Part>() + 16),
            Matcher::Regex(regex) => 4_096 + 64 * regex.as_str().len(),
            _ => 0,
        };
        size_of::<Predicate>() + more
    }

    /// Whether any value of the event's fits.
    pub fn holds(&self, slots: &Slots) -> bool {
        match &self.matcher {
            Matcher::Exists => self.slot == ANY || slots.has(self.slot),
            Matcher::Null => {
                (self.slot != ANY && !slots.has(self.slot))
                    || slots.values(self.slot).any(|value| slots.text_of(value).is_none())
            }
            _ => slots.values(self.slot).any(|value| self.fits(slots, value)),
        }
    }

    #[inline]
    fn fits(&self, slots: &Slots, value: &Value) -> bool {
        match &self.matcher {
            Matcher::Text { text, cased: false } => slots.folded_of(value).is_some_and(|value| text.is_match(value)),
            Matcher::Text { text, cased: true } => slots.text_of(value).is_some_and(|value| text.is_match(value)),
            Matcher::Regex(regex) => slots.text_of(value).is_some_and(|value| regex.is_match(value)),
            Matcher::Cidr(network) => slots.text_of(value).is_some_and(|value| oracle::in_network(value, network)),
            Matcher::Compare(comparison, number) => {
                slots.number_of(value).is_some_and(|value| oracle::compares(*comparison, value, *number))
            }
            Matcher::Time(part, number) => {
                slots.time_of(value).is_some_and(|time| oracle::time_part(*part, time) == *number)
            }
            Matcher::Field(test, other) => slots.values(*other).any(|other| fits_field(*test, slots, value, other)),
            Matcher::Exists | Matcher::Null => false,
        }
    }
}

fn fits_field(test: FieldTest, slots: &Slots, value: &Value, other: &Value) -> bool {
    let (value, other) = match test.cased {
        true => (slots.text_of(value), slots.text_of(other)),
        false => (slots.folded_of(value), slots.folded_of(other)),
    };
    let (Some(value), Some(other)) = (value, other) else { return false };
    match test.at {
        Anchor::Whole => value == other,
        Anchor::Start => value.starts_with(other),
        Anchor::End => value.ends_with(other),
        Anchor::Anywhere => value.contains(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, text: &str) -> bool {
        let mut parts = Vec::new();
        for character in pattern.chars() {
            match (character, parts.last_mut()) {
                ('*', _) => parts.push(Part::Any),
                ('?', _) => parts.push(Part::One),
                (character, Some(Part::Text(text))) => text.push(character),
                (character, _) => parts.push(Part::Text(character.to_string())),
            }
        }
        Text::new(&Pattern { parts, cased: false }).is_match(&folded(text))
    }

    #[test]
    fn wildcards_fit_whole_texts() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("A?C", "aéc", true),
            ("a?c", "ac", false),
            ("ab*ba", "aba", false),
            ("*a?a*b", "xaaaaxaab", true),
            ("?*?", "a", false),
            ("**b", "ab", true),
            ("*foo?", "foofoox", true),
            ("x*", "ax", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
