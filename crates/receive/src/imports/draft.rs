//! Facts and notes while a document is read.

use super::limits::{MAX_DOCUMENT_FACTS, MAX_ITEM_BYTES, MAX_ITEMS, MAX_NOTES, MAX_TEXT_BYTES};
use super::{ImportError, Imported, Place, Reading};
use crate::lines::rows::cut_text;
use model::fact::NotAnEntity;
use model::{Complete, EntityRef, Facts};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Facts and notes while a document is read.
pub struct Draft<'a> {
    pub reading: &'a Reading<'a>,
    pub facts: Facts,
    notes: Vec<String>,
    /// What is noted once with its count, by its words after the count.
    counted: BTreeMap<String, usize>,
    unsaid: usize,
}

impl<'a> Draft<'a> {
    pub fn new(origin: &str, reading: &'a Reading<'a>) -> Draft<'a> {
        let facts = Facts::new(origin, reading.dataset);
        Draft { reading, facts, notes: Vec::new(), counted: BTreeMap::new(), unsaid: 0 }
    }

    /// Something was left out.
    pub fn note(&mut self, note: String) {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(cut_text(&note, MAX_TEXT_BYTES).to_owned());
        } else {
            self.unsaid += 1;
        }
    }

    /// Something that may be many times in a document was left out: one note `N what`.
    pub fn count(&mut self, what: &str) {
        if let Some(count) = self.counted.get_mut(what) {
            *count += 1;
        } else if self.counted.len() < MAX_NOTES {
            self.counted.insert(cut_text(what, MAX_TEXT_BYTES).to_owned(), 1);
        } else {
            self.unsaid += 1;
        }
    }

    /// A source tells these relations of `from` completely.
    pub fn complete(&mut self, from: &EntityRef, relations: &[&str]) {
        let at = self.reading.at;
        self.facts.complete.extend(relations.iter().map(|relation| {
            let relation = (*relation).to_owned();
            Complete { from: from.clone(), relation, at, parts: false }
        }));
    }

    /// What is no entity refuses the document, at its place when it is known.
    pub fn entity(&self, made: Result<EntityRef, NotAnEntity>, place: Option<Place>) -> Result<EntityRef, ImportError> {
        made.map_err(|error| match place {
            Some(place) => self.reading.refuse_at(place, error.to_string()),
            None => self.reading.refuse(error.to_string()),
        })
    }

    pub fn finish(self) -> Result<Imported, ImportError> {
        if self.facts.len() > MAX_DOCUMENT_FACTS {
            let count = self.facts.len();
            let reason = format!("{count} facts; at most {MAX_DOCUMENT_FACTS} (MAX_DOCUMENT_FACTS) are read: split it");
            return Err(self.reading.refuse(reason));
        }
        let mut notes = self.notes;
        notes.extend(self.counted.into_iter().map(|(what, count)| format!("{count} {what}")));
        if self.unsaid > 0 {
            notes.push(format!("{} more notes", self.unsaid));
        }
        Ok(Imported { facts: self.facts, notes })
    }
}

/// A text as it is kept: cut, and without control characters, which databases refuse or JSON writes long.
pub fn text(text: &str) -> String {
    cut(text, MAX_TEXT_BYTES)
}

/// A text of a list or map.
pub fn item(text: &str) -> String {
    cut(text, MAX_ITEM_BYTES)
}

fn cut(text: &str, limit: usize) -> String {
    cut_text(text.trim(), limit).replace(char::is_control, " ")
}

/// Adds an attribute unless it is empty.
pub fn put(attributes: &mut Map<String, Value>, key: &str, value: Option<&str>) {
    if let Some(value) = value.filter(|value| !value.trim().is_empty()) {
        attributes.insert(key.to_owned(), Value::String(text(value)));
    }
}

/// Adds a list of texts unless it is empty.
pub fn put_list<'t>(attributes: &mut Map<String, Value>, key: &str, values: impl Iterator<Item = &'t str>) {
    let list: Vec<Value> = values.take(MAX_ITEMS).map(|value| Value::String(item(value))).collect();
    if !list.is_empty() {
        attributes.insert(key.to_owned(), Value::Array(list));
    }
}

/// Whether an owner is a person as far as its form tells: an e-mail address or `user:...`.
pub fn is_person(owner: &str) -> bool {
    owner.starts_with("user:") || owner.trim_start_matches('@').contains('@')
}

#[cfg(test)]
mod tests {
    use super::super::testing::reading;
    use super::*;

    #[test]
    fn notes_are_bounded_and_counted() {
        let reading = reading("a");
        let mut draft = Draft::new("x", &reading);
        (0..MAX_NOTES + 5).for_each(|number| draft.note(format!("line {number}")));
        (0..3).for_each(|_| draft.count("objects of a kind that is not read"));
        let notes = draft.finish().unwrap().notes;
        assert_eq!(notes.len(), MAX_NOTES + 2);
        assert_eq!(notes[MAX_NOTES..], ["3 objects of a kind that is not read", "5 more notes"]);
    }

    #[test]
    fn too_many_facts_are_refused() {
        let reading = reading("a");
        let mut draft = Draft::new("x", &reading);
        let host = model::entity::host("h").unwrap();
        for _ in 0..=MAX_DOCUMENT_FACTS {
            draft.facts.seen(host.clone(), 0, Map::new());
        }
        assert!(draft.finish().unwrap_err().reason.contains("MAX_DOCUMENT_FACTS"));
    }

    #[test]
    fn texts_are_cut_and_clean() {
        assert_eq!(text(" a\0b\n "), "a b");
        assert_eq!(text(&"é".repeat(1_000)).len(), MAX_TEXT_BYTES);
        assert_eq!(item(&"é".repeat(1_000)).len(), MAX_ITEM_BYTES);
        let mut attributes = Map::new();
        put(&mut attributes, "a", Some("  "));
        put(&mut attributes, "b", None);
        put_list(&mut attributes, "c", [].into_iter());
        assert!(attributes.is_empty());
    }

    #[test]
    fn persons_are_told_by_their_form() {
        for (owner, expected) in [
            ("user:default/ada", true),
            ("ada@example.org", true),
            ("@acme/payments", false),
            ("group:payments", false),
            ("payments", false),
        ] {
            assert_eq!(is_person(owner), expected, "{owner}");
        }
    }
}
