//! What is asked, and the answer in the order of its worth.

use super::Document;
use super::index::{Lists, Slot};
use super::snippet::{Snippet, Wanted, snippet};
use super::words::{Form, says_nothing, words};
use crate::limits::{
    MAX_COMPLETION_ENTRIES, MAX_COMPLETIONS, MAX_HITS, MAX_NEAR_CHECKS, MAX_PHRASE_CHECKS, MAX_QUESTION_BYTES,
    MAX_QUESTION_WORDS, MAX_SNIPPET_SOURCE,
};
use crate::pages::markdown;
use crate::pages::text::cut_bytes;
use std::collections::HashSet;
use std::sync::Arc;

/// How soon more of a word counts no more, and how much long texts count less: the usual values of BM25.
const K1: f32 = 1.2;
const B: f32 = 0.6;
/// What a joined word counts beside its parts.
const JOINED: f32 = 2.0;
/// What a word counts that only begins as the one asked for.
const BEGINS: f32 = 0.7;
/// What the words of the question side by side are worth.
const NEAR: f32 = 1.5;

/// A question.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Words; the last may be unfinished. `"in quotes"` is a phrase that must be there.
    pub text: String,
    /// Of these kinds; empty for all.
    pub kinds: Vec<String>,
    /// For one of these services.
    pub services: Vec<String>,
    /// Of this team.
    pub owner: Option<String>,
    /// Datasets of who asks; none for all of them.
    pub datasets: Option<Vec<String>>,
    /// So many.
    pub limit: usize,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Hit {
    /// What was found.
    pub document: Arc<Document>,
    /// Its worth; larger is better, and only comparable within one answer.
    pub score: f32,
    /// A part of its text with the words of the question.
    pub snippet: Snippet,
}

impl Asked {
    fn wants(&self, document: &Document) -> bool {
        let about = |service: &String| {
            let entity = document.entity.as_ref().filter(|entity| entity.kind == "service");
            document.services.contains(service) || entity.is_some_and(|entity| entity.key == *service)
        };
        let seen = |datasets: &Vec<String>| document.dataset.as_ref().is_none_or(|dataset| datasets.contains(dataset));
        (self.kinds.is_empty() || self.kinds.contains(&document.kind))
            && (self.services.is_empty() || self.services.iter().any(about))
            && self.owner.as_ref().is_none_or(|owner| document.owner.as_ref() == Some(owner))
            && self.datasets.as_ref().is_none_or(seen)
    }
}

/// A word of a question: what it may be in the index, and how much each counts.
struct Word {
    terms: Vec<(u32, f32)>,
}

/// A question, understood.
struct Question {
    words: Vec<Word>,
    /// Phrases that must be there, in small letters, and how many words of the question they have.
    phrases: Vec<String>,
    in_phrases: usize,
    /// All of it in small letters, when it has several words.
    together: Option<String>,
    wanted: Wanted,
}

impl Question {
    fn of(lists: &Lists, text: &str, unfinished: bool) -> Question {
        let text = cut_bytes(text, MAX_QUESTION_BYTES);
        let phrases: Vec<String> =
            text.split('"').skip(1).step_by(2).map(flat).filter(|part| !part.is_empty()).collect();
        let mut found: Vec<(String, Form, usize)> = Vec::new();
        words(text, |term, form, range| {
            if found.len() < MAX_QUESTION_WORDS && !found.iter().any(|(known, _, _)| known == term) {
                found.push((term.to_owned(), form, range.end));
            }
        });
        if found.iter().any(|(term, _, _)| !says_nothing(term)) {
            found.retain(|(term, _, end)| !says_nothing(term) || unfinished && *end == text.len());
        }
        let mut terms = HashSet::new();
        for phrase in &phrases {
            words(phrase, |term, _, _| {
                terms.insert(term.to_owned());
            });
        }
        let in_phrases = found.iter().filter(|(term, _, _)| terms.contains(term)).count();
        let together = (found.len() > 1).then(|| flat(&text.replace('"', " ")));
        let mut question = Question { words: Vec::new(), phrases, in_phrases, together, wanted: Wanted::default() };
        for (term, form, end) in found {
            let begins = unfinished && end == text.len();
            // What was typed, before its ending was taken off.
            let typed = text[..end].rsplit(|c: char| c.is_whitespace() || c == '"').next().unwrap_or_default();
            question.add(lists, term, form, begins.then(|| flat(typed)));
        }
        question
    }

    fn add(&mut self, lists: &Lists, term: String, form: Form, typed: Option<String>) {
        let weight = if form == Form::Joined { JOINED } else { 1.0 };
        let mut terms: Vec<(u32, f32)> = lists.term(&term).map(|exact| (exact, weight)).into_iter().collect();
        if let Some(typed) = typed {
            let mut left = MAX_COMPLETION_ENTRIES;
            // `restor` is how the index has `restoring`, but who types `restori` means it as well.
            let typed = if form == Form::Joined {
                typed
            } else {
                typed.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned()
            };
            let mut prefixes = vec![term.clone()];
            prefixes.extend(Some(typed).filter(|typed| *typed != term && !typed.is_empty()));
            for prefix in prefixes {
                for begun in lists.beginning(&prefix).take(MAX_COMPLETIONS) {
                    let entries = lists.entries(begun).len();
                    if entries <= left && !terms.iter().any(|(known, _)| *known == begun) {
                        left -= entries;
                        terms.push((begun, weight * BEGINS));
                    }
                }
                self.wanted.beginnings.push(prefix);
            }
        } else if form == Form::Part {
            self.wanted.terms.insert(term);
        }
        self.words.push(Word { terms });
    }

    /// The worth of each document by its number, and how many words of the question it has.
    fn scores(&self, lists: &Lists) -> (Vec<f32>, Vec<u8>) {
        let mut scores = vec![0.0_f32; lists.slots()];
        let mut matched = vec![0_u8; lists.slots()];
        let mut best = vec![0.0_f32; lists.slots()];
        let mut touched = Vec::new();
        let count = lists.len() as f32;
        // How much a word counts less in a document of so many words.
        let (flat, per_word) = (K1 * (1.0 - B), K1 * B / lists.mean_length());
        for word in &self.words {
            for (term, weight) in &word.terms {
                let entries = lists.entries(*term);
                let having = entries.len() as f32;
                let rare = (1.0 + (count - having + 0.5).max(0.0) / (having + 0.5)).ln();
                for (number, times) in entries {
                    let Some(length) = lists.length(number) else { continue };
                    let times = times as f32;
                    let worth = weight * rare * times * (K1 + 1.0) / (times + flat + per_word * length as f32);
                    if word.terms.len() == 1 {
                        scores[number] += worth;
                        matched[number] = matched[number].saturating_add(1);
                        continue;
                    }
                    if best[number] == 0.0 {
                        touched.push(number);
                    }
                    best[number] = best[number].max(worth);
                }
            }
            for number in touched.drain(..) {
                scores[number] += std::mem::take(&mut best[number]);
                matched[number] = matched[number].saturating_add(1);
            }
        }
        (scores, matched)
    }

    fn has_phrases(&self, flat: &str) -> bool {
        self.phrases.iter().all(|phrase| flat.contains(phrase.as_str()))
    }
}

/// In small letters, with one space for any.
fn flat(text: &str) -> String {
    let mut flat = String::with_capacity(text.len());
    for word in text.split_ascii_whitespace() {
        if !flat.is_empty() {
            flat.push(' ');
        }
        flat.push_str(word);
    }
    if flat.is_ascii() {
        flat.make_ascii_lowercase();
        flat
    } else {
        flat.to_lowercase()
    }
}

/// The text as it is shown, about.
fn plain_of(document: &Document) -> String {
    markdown::skim(cut_bytes(&document.text, MAX_SNIPPET_SOURCE))
}

/// The title and the text in small letters.
fn flat_of(document: &Document) -> String {
    flat(&format!("{}\n{}", document.title, plain_of(document)))
}

/// The best answers.
pub(super) fn search(lists: &Lists, asked: &Asked) -> Vec<Hit> {
    let limit = asked.limit.min(MAX_HITS);
    let question = Question::of(lists, &asked.text, true);
    if question.words.is_empty() {
        return if asked.text.trim().is_empty() { newest(lists, asked, limit) } else { Vec::new() };
    }
    let (scores, matched) = question.scores(lists);
    let all = question.words.len() as f32;
    let worth = |number: usize| {
        let share = f32::from(matched[number]) / all;
        scores[number] * share * share
    };
    let found = (0..scores.len())
        .filter(|number| usize::from(matched[*number]) >= question.in_phrases.max(1))
        .map(|number| (worth(number), number));
    let checks = if question.phrases.is_empty() { MAX_NEAR_CHECKS } else { MAX_PHRASE_CHECKS };
    let wanted = |number: usize| lists.slot(number).is_some_and(|slot| asked.wants(&slot.document));
    let mut found = best_wanted(found.collect(), limit.max(checks), wanted);
    if !question.phrases.is_empty() {
        let mut missing = limit;
        found.truncate(MAX_PHRASE_CHECKS);
        found.retain(|(_, number)| {
            let slot = lists.slot(*number).filter(|_| missing > 0);
            let has = slot.is_some_and(|slot| question.has_phrases(&flat_of(&slot.document)));
            missing -= usize::from(has);
            has
        });
    } else if let Some(together) = &question.together {
        for (worth, number) in found.iter_mut().take(MAX_NEAR_CHECKS) {
            if lists.slot(*number).is_some_and(|slot| flat_of(&slot.document).contains(together)) {
                *worth *= NEAR;
            }
        }
    }
    keep_best(&mut found, limit);
    let hit = |(score, number): (f32, usize)| {
        let document = lists.slot(number)?.document.clone();
        let snippet = snippet(&plain_of(&document), &question.wanted);
        Some(Hit { document, score, snippet })
    };
    found.into_iter().filter_map(hit).collect()
}

/// What is there when nothing is asked: the newest, then by title.
fn newest(lists: &Lists, asked: &Asked, limit: usize) -> Vec<Hit> {
    let mut found: Vec<&Slot> = lists.all().filter(|slot| asked.wants(&slot.document)).collect();
    let order =
        |slot: &&Slot| (std::cmp::Reverse(slot.document.at), slot.document.title.clone(), slot.document.id.clone());
    found.sort_by_cached_key(order);
    found.truncate(limit);
    let hit = |slot: &Slot| Hit {
        snippet: snippet(&plain_of(&slot.document), &Wanted::default()),
        document: slot.document.clone(),
        score: 0.0,
    };
    found.into_iter().map(hit).collect()
}

/// Documents of some kinds by how much their words are those of a text.
pub(super) fn alike(lists: &Lists, text: &str, kinds: &[&str], limit: usize) -> Vec<(Arc<Document>, f32)> {
    let question = Question::of(lists, text, false);
    let (scores, _) = question.scores(lists);
    let found = scores.into_iter().zip(0..).filter(|(score, _)| *score > 0.0).collect();
    let wanted = |number| lists.slot(number).is_some_and(|slot| kinds.contains(&slot.document.kind.as_str()));
    let found = best_wanted(found, limit, wanted);
    let document = |(score, number): (f32, usize)| Some((lists.slot(number)?.document.clone(), score));
    found.into_iter().filter_map(document).collect()
}

/// The best so many that are wanted, in order. Documents are looked at from the best on until there are enough: each look
/// is at another place in memory, which costs more than its score did.
fn best_wanted(mut found: Vec<(f32, usize)>, limit: usize, wanted: impl Fn(usize) -> bool) -> Vec<(f32, usize)> {
    let mut best = Vec::new();
    let mut take = limit.max(1) * 2;
    while !found.is_empty() && best.len() < limit {
        let rest = if found.len() > take {
            found.select_nth_unstable_by(take - 1, better);
            found.split_off(take)
        } else {
            Vec::new()
        };
        found.sort_unstable_by(better);
        best.extend(found.iter().copied().filter(|(_, number)| wanted(*number)).take(limit - best.len()));
        (found, take) = (rest, take * 4);
    }
    best
}

fn better(a: &(f32, usize), b: &(f32, usize)) -> std::cmp::Ordering {
    b.0.total_cmp(&a.0).then(a.1.cmp(&b.1))
}

/// The best so many, in order; of equals those that came first.
fn keep_best(found: &mut Vec<(f32, usize)>, limit: usize) {
    if found.len() > limit {
        if limit > 0 {
            found.select_nth_unstable_by(limit - 1, better);
        }
        found.truncate(limit);
    }
    found.sort_unstable_by(better);
}
