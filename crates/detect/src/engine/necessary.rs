//! What must be in an event before a condition can hold: the least that is worth looking for.

use super::grams::best_gram;
use super::predicate::{Matcher, Text, folded};
use super::program::{Node, NodeId, PredicateId, Program};
use super::slots::{ANY, SlotId};
use crate::limits::MAX_NECESSARY;
use crate::rule::{Anchor, Part};
use ahash::AHashSet;
use regex_syntax::hir::{Class, Hir, HirKind};
use std::sync::Arc;

/// One thing to look for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Atom {
    pub slot: SlotId,
    pub what: What,
    /// The predicate that holds when this is found.
    pub predicate: Option<PredicateId>,
}

/// What is looked for in a slot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum What {
    /// Any value.
    Present,
    /// This folded text, as a whole.
    Exact(Arc<str>),
    /// This folded text, which is not empty.
    Literal(Arc<str>, Anchor),
}

/// Shortest text that is looked for without need.
const MIN_PLAIN_TEXT: usize = 5;

/// How to choose.
pub(super) struct Chooser<'a> {
    pub program: &'a Program,
    /// Slots that decide which rules are for an event; those rules are past that.
    pub routing: &'a AHashSet<SlotId>,
    pub common: &'a AHashSet<u32>,
}

/// Things of which one must be there, and how often that is, about, from 0 to 1.
pub(super) struct Choice {
    pub atoms: Vec<Atom>,
    pub often: f32,
}

impl Chooser<'_> {
    /// What must be there for the condition to hold; none when it may hold without anything being there.
    pub fn choose(&self, node: NodeId) -> Option<Choice> {
        self.node(node, false)
    }

    /// Adds what else of a condition can be looked for, so that it need not be tested: the texts of all its plain tests.
    pub fn plain_texts(&self, node: NodeId, out: &mut Vec<Atom>) {
        match &self.program.nodes[node as usize] {
            Node::Not(inner) => self.plain_texts(*inner, out),
            Node::And(parts) | Node::Or(parts) => parts.iter().for_each(|part| self.plain_texts(*part, out)),
            Node::Test(id) => {
                let Matcher::Text { text, cased: false } = &self.program.predicates[*id as usize].matcher else {
                    return;
                };
                let atoms = self.text(*id, text, true).into_iter().flat_map(|choice| choice.atoms);
                // Shorter ones would be found too often, and slow the search for the others.
                let is_worth = |atom: &Atom| match &atom.what {
                    What::Present => false,
                    What::Exact(_) => true,
                    What::Literal(text, _) => text.len() >= MIN_PLAIN_TEXT,
                };
                out.extend(atoms.filter(|atom| atom.predicate.is_some() && is_worth(atom)));
            }
        }
    }

    fn node(&self, node: NodeId, negated: bool) -> Option<Choice> {
        match (&self.program.nodes[node as usize], negated) {
            (Node::Not(inner), _) => self.node(*inner, !negated),
            (Node::And(parts), false) | (Node::Or(parts), true) => self.best(parts, negated),
            (Node::And(parts), true) | (Node::Or(parts), false) => self.any(parts, negated),
            (Node::Test(predicate), false) => self.test(*predicate),
            (Node::Test(predicate), true) => match self.program.predicates[*predicate as usize].matcher {
                Matcher::Null => self.one(*predicate, What::Present, false),
                _ => None,
            },
        }
    }

    fn best(&self, parts: &[NodeId], negated: bool) -> Option<Choice> {
        let choices = parts.iter().filter_map(|part| self.node(*part, negated));
        choices.min_by(|a, b| {
            (a.often, a.atoms.len()).partial_cmp(&(b.often, b.atoms.len())).unwrap_or(std::cmp::Ordering::Equal)
        })
    }

    fn any(&self, parts: &[NodeId], negated: bool) -> Option<Choice> {
        let mut all = Choice { atoms: Vec::new(), often: 0.0 };
        let mut known = AHashSet::new();
        for part in parts {
            let choice = self.node(*part, negated)?;
            all.often = (all.often + choice.often).min(1.0);
            all.atoms.extend(choice.atoms.into_iter().filter(|atom| known.insert(atom.clone())));
            if all.atoms.len() > MAX_NECESSARY {
                return None;
            }
        }
        Some(all)
    }

    fn one(&self, predicate: PredicateId, what: What, answers: bool) -> Option<Choice> {
        let slot = self.program.predicates[predicate as usize].slot;
        if slot == ANY && what == What::Present {
            return None;
        }
        let often = self.often(slot, &what);
        let predicate = answers.then_some(predicate);
        Some(Choice { atoms: vec![Atom { slot, what, predicate }], often })
    }

    fn test(&self, id: PredicateId) -> Option<Choice> {
        let predicate = &self.program.predicates[id as usize];
        match &predicate.matcher {
            Matcher::Null => None,
            Matcher::Text { text, cased } => self.text(id, text, !cased),
            Matcher::Regex(regex) => {
                let hir = regex_syntax::Parser::new().parse(regex.as_str()).ok();
                let needed = hir.and_then(|hir| self.regex(&hir));
                let Some(needed) = needed.filter(|needed| !needed.is_empty()) else {
                    return self.one(id, What::Present, false);
                };
                let mut all = Choice { atoms: Vec::new(), often: 0.0 };
                for text in needed {
                    let choice = self.one(id, What::Literal(text.into(), Anchor::Anywhere), false)?;
                    all.often = (all.often + choice.often).min(1.0);
                    all.atoms.extend(choice.atoms);
                }
                Some(all)
            }
            _ => self.one(id, What::Present, false),
        }
    }

    fn text(&self, id: PredicateId, text: &Text, plain: bool) -> Option<Choice> {
        // A single letter is nearly always there.
        let literal = |text: &str, at| match text.len() < 2 {
            true => What::Present,
            false => What::Literal(folded(text).into(), at),
        };
        let what = match text {
            Text::Any => What::Present,
            Text::Exact(text) => What::Exact(folded(text).into()),
            Text::Start(text) => literal(text, Anchor::Start),
            Text::End(text) => literal(text, Anchor::End),
            Text::Contains(finder) => literal(&String::from_utf8_lossy(finder.needle()), Anchor::Anywhere),
            Text::Parts(parts) => {
                let last = parts.len() - 1;
                let texts = parts.iter().enumerate().filter_map(|(index, part)| match part {
                    Part::Text(text) if index == 0 => Some(literal(text, Anchor::Start)),
                    Part::Text(text) if index == last => Some(literal(text, Anchor::End)),
                    Part::Text(text) => Some(literal(text, Anchor::Anywhere)),
                    _ => None,
                });
                let slot = self.program.predicates[id as usize].slot;
                let best = texts.min_by(|a, b| self.often(slot, a).total_cmp(&self.often(slot, b)));
                return self.one(id, best.unwrap_or(What::Present), false);
            }
        };
        let answers = plain && what != What::Present && self.program.is_plain_text(id);
        self.one(id, what, answers)
    }

    /// How often it is there, by a guess that only its order matters of.
    fn often(&self, slot: SlotId, what: &What) -> f32 {
        let often = match what {
            What::Present => 0.9,
            What::Exact(_) if self.routing.contains(&slot) => 0.8,
            What::Exact(text) => match text.len() {
                0..=1 => 0.3,
                2..=4 => 0.1,
                5..=8 => 0.03,
                _ => 0.02,
            },
            What::Literal(text, at) => {
                let gram = best_gram(text.as_bytes(), self.common).map_or(0, |(_, score)| score);
                let often = match (text.len(), gram) {
                    (0..=1, _) => 0.7,
                    (2, _) => 0.4,
                    (3, _) => 0.2,
                    (_, 0..=3) => 0.2,
                    (4..=6, _) => 0.05,
                    (7..=9, _) => 0.01,
                    _ => 0.004,
                };
                // The end of a path is one of few programs; those are common.
                if *at == Anchor::Anywhere { often } else { (often * 2.0_f32).max(0.015) }
            }
        };
        if slot == ANY { (often * 4.0_f32).min(1.0) } else { often }
    }

    /// Folded texts of which one is in whatever the expression finds.
    fn regex(&self, hir: &Hir) -> Option<Vec<String>> {
        match hir.kind() {
            HirKind::Literal(literal) => Some(vec![folded(std::str::from_utf8(&literal.0).ok()?)]),
            HirKind::Capture(capture) => self.regex(&capture.sub),
            HirKind::Repetition(repetition) if repetition.min > 0 => self.regex(&repetition.sub),
            HirKind::Alternation(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    all.extend(self.regex(part)?);
                    if all.len() > MAX_NECESSARY {
                        return None;
                    }
                }
                Some(all)
            }
            HirKind::Concat(parts) => {
                // Neighbours that are one character whatever its case are one text.
                let (mut run, mut choices) = (String::new(), Vec::new());
                for part in parts {
                    match single(part) {
                        Some(text) => run.push_str(&text),
                        None => {
                            choices.push(vec![std::mem::take(&mut run)]);
                            choices.extend(self.regex(part));
                        }
                    }
                }
                choices.push(vec![run]);
                let often = |texts: &Vec<String>| -> f32 {
                    texts.iter().map(|text| self.often(0, &What::Literal(text.as_str().into(), Anchor::Anywhere))).sum()
                };
                let usable = choices.into_iter().filter(|texts| texts.iter().all(|text| !text.is_empty()));
                usable.min_by(|a, b| often(a).total_cmp(&often(b)))
            }
            HirKind::Class(_) => single(hir).map(|text| vec![text]),
            _ => None,
        }
    }
}

/// The folded text that a part of an expression always finds.
fn single(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(folded(std::str::from_utf8(&literal.0).ok()?)),
        HirKind::Class(Class::Unicode(class)) => {
            let count: usize =
                class.ranges().iter().map(|range| range.end() as usize - range.start() as usize + 1).sum();
            if count > 4 {
                return None;
            }
            let mut characters = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            let first = folded(&characters.next()?.to_string());
            characters.all(|character| folded(&character.to_string()) == first).then_some(first)
        }
        _ => None,
    }
}
