//! One search over pages, reviews of incidents, controls and decisions.
//!
//! An index in memory: documents are a person's texts, some ten thousand, and are read again at every start. Rank is
//! BM25 over words whose weight says where they stand; why not another engine is in
//! `docs/decisions/0021-searching-pages.md`.

mod index;
mod question;
mod snippet;
#[cfg(test)]
mod tests;
mod words;

pub use question::{Asked, Hit};
pub use snippet::Snippet;

use crate::limits::MAX_DOCUMENTS;
use index::Lists;
use model::{EntityRef, Nanos};
use std::sync::Arc;

/// Something that can be found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// Its id among those of its kind.
    pub id: String,
    /// What it is: `runbook`, `note`, `review`, `control`, `decision`, `answer`, ...
    pub kind: String,
    /// In a line.
    pub title: String,
    /// Markdown.
    pub text: Arc<str>,
    /// What it is about.
    pub entity: Option<EntityRef>,
    /// Services that it is for.
    pub services: Vec<String>,
    /// Other names that it is for: rules, alerts, techniques.
    pub names: Vec<String>,
    /// The team that answers for it.
    pub owner: Option<String>,
    /// Who may see it; none for everybody.
    pub dataset: Option<String>,
    /// When it was written, if that is known.
    pub at: Option<Nanos>,
}

impl Document {
    /// All names that it is for.
    fn names(&self) -> impl Iterator<Item = &str> {
        let entity = self.entity.iter().map(|entity| entity.key.as_str());
        self.services.iter().chain(&self.names).map(String::as_str).chain(self.owner.as_deref()).chain(entity)
    }

    fn key(&self) -> String {
        key(&self.kind, &self.id)
    }
}

fn key(kind: &str, id: &str) -> String {
    format!("{kind}\u{1f}{id}")
}

/// Headings of Markdown as they are written, found by lines: what is wrongly taken for one only counts a little more.
fn headings(text: &str) -> impl Iterator<Item = String> {
    let lines = text.lines().filter(|line| line.starts_with('#'));
    lines.map(|line| line.trim_start_matches('#').trim().to_owned())
}

/// What can be found.
#[derive(Debug, Default)]
pub struct Index {
    lists: Lists,
}

impl Index {
    /// Takes a document, in place of the one of this kind and id.
    ///
    /// # Errors
    /// When there are too many already.
    pub fn put(&mut self, document: Document) -> anyhow::Result<()> {
        let key = document.key();
        let new = self.lists.get(&key).is_none();
        anyhow::ensure!(!new || self.lists.len() < MAX_DOCUMENTS, "the search has {MAX_DOCUMENTS} documents already");
        self.lists.put(&key, Arc::new(document));
        Ok(())
    }

    /// Forgets a document; whether there was one.
    pub fn remove(&mut self, kind: &str, id: &str) -> bool {
        self.lists.remove(&key(kind, id))
    }

    /// A document.
    pub fn get(&self, kind: &str, id: &str) -> Option<&Document> {
        self.lists.get(&key(kind, id)).map(|slot| &*slot.document)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.lists.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of the index beside the documents, about right.
    pub fn bytes(&self) -> usize {
        self.lists.bytes()
    }

    /// The best answers, the best first.
    pub fn search(&self, asked: &Asked) -> Vec<Hit> {
        question::search(&self.lists, asked)
    }

    /// Documents by how much their words are those of a text, without snippets: kind, id, score.
    pub(in crate::pages) fn alike(&self, text: &str, kinds: &[&str], limit: usize) -> Vec<(Arc<Document>, f32)> {
        question::alike(&self.lists, text, kinds, limit)
    }
}
