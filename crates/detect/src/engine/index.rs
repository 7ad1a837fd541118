//! Which conditions may hold for an event: an index over what each of them needs.

use super::grams::{Finder, Literal};
use super::necessary::{Atom, What};
use super::program::{Answered, Memo, Node, NodeId, PredicateId, Program, bit};
use super::slots::{ANY, SlotId, Slots};
use ahash::{AHashMap, AHashSet};
use std::sync::Arc;

/// No predicate.
const NONE: u32 = u32::MAX;

/// Something that an index finds conditions for: its number, its condition, and what it needs.
pub(super) struct Entry<'a> {
    pub id: u32,
    pub node: NodeId,
    /// None when nothing is needed.
    pub atoms: Option<&'a [Atom]>,
    /// What is looked for only because that answers tests.
    pub also: &'a [Atom],
}

/// An index over some conditions.
pub(super) struct Index {
    /// By slot: its place in `by_slot`, and 0 for none.
    places: Box<[u16]>,
    by_slot: Box<[OfSlot]>,
    keywords: Option<OfSlot>,
    /// Conditions for which nothing is needed.
    always: Box<[(u32, NodeId)]>,
    atoms: Box<[Posting]>,
    conditions: Box<[(u32, NodeId)]>,
    /// What [`Index::find`] answers.
    answered: Answered,
    /// Lists of predicates that hold when one of them does.
    lists: Box<[NodeId]>,
    /// How many conditions there are.
    pub len: usize,
    /// Some condition looks at every value of an event.
    pub has_keywords: bool,
}

#[derive(Clone, Copy)]
struct Posting {
    start: u32,
    end: u32,
    predicate: u32,
    /// Its range in `lists`.
    lists: (u32, u32),
}

#[derive(Default)]
struct OfSlot {
    present: Option<u32>,
    exact: AHashMap<Arc<str>, u32>,
    /// A bit for each length of an exact text, the last one for all longer ones.
    lengths: u64,
    finder: Option<Finder>,
}

/// What was found for one event.
#[derive(Default)]
pub(super) struct Found {
    run: u32,
    /// By condition's number: the run in which it was looked at.
    seen: Vec<u32>,
    /// By atom: the run in which it was found.
    atoms: Vec<u32>,
    /// Conditions that may hold, each once.
    pub candidates: Vec<(u32, NodeId)>,
}

impl Found {
    fn begin(&mut self, ids: usize, atoms: usize) {
        self.run = self.run.wrapping_add(1);
        if self.run == 0 {
            self.run = 1;
            self.seen.clear();
            self.atoms.clear();
        }
        if self.seen.len() < ids {
            self.seen.resize(ids, 0);
        }
        if self.atoms.len() < atoms {
            self.atoms.resize(atoms, 0);
        }
        self.candidates.clear();
    }

    #[inline]
    fn candidate(&mut self, (id, node): (u32, NodeId)) {
        let seen = &mut self.seen[id as usize];
        if *seen != self.run {
            *seen = self.run;
            self.candidates.push((id, node));
        }
    }
}

#[derive(Default)]
struct Building<'a> {
    ids: AHashMap<(SlotId, &'a What), u32>,
    atoms: Vec<Wanted<'a>>,
}

/// What some conditions need.
struct Wanted<'a> {
    slot: SlotId,
    what: &'a What,
    predicate: Option<PredicateId>,
    conditions: Vec<(u32, NodeId)>,
}

impl<'a> Building<'a> {
    fn add(&mut self, atom: &'a Atom, condition: Option<(u32, NodeId)>) {
        let next = self.atoms.len() as u32;
        let id = *self.ids.entry((atom.slot, &atom.what)).or_insert(next);
        if id == next {
            self.atoms.push(Wanted { slot: atom.slot, what: &atom.what, predicate: None, conditions: Vec::new() });
        }
        let of = &mut self.atoms[id as usize];
        of.predicate = of.predicate.or(atom.predicate);
        of.conditions.extend(condition);
    }
}

impl Index {
    /// Over these conditions.
    pub fn new<'a>(entries: impl Iterator<Item = Entry<'a>>, program: &Program, common: &AHashSet<u32>) -> Index {
        let (mut building, mut always, mut len) = (Building::default(), Vec::new(), 0);
        let (mut has_keywords, mut roots) = (false, Vec::new());
        for entry in entries {
            len += 1;
            roots.push(entry.node);
            has_keywords |= program.looks_at_all(entry.node);
            match entry.atoms {
                None => always.push((entry.id, entry.node)),
                Some(atoms) => atoms.iter().for_each(|atom| building.add(atom, Some((entry.id, entry.node)))),
            }
            entry.also.iter().for_each(|atom| building.add(atom, None));
        }
        let (mut of_slots, mut literals): (AHashMap<SlotId, OfSlot>, AHashMap<SlotId, Vec<Literal>>) =
            Default::default();
        let (mut postings, mut conditions) = (Vec::new(), Vec::new());
        let mut answered = vec![0u64; program.predicates.len().div_ceil(64)];
        for predicate in building.atoms.iter().filter_map(|wanted| wanted.predicate) {
            answered[predicate as usize / 64] |= 1 << (predicate % 64);
        }
        let (nodes, mut of_predicate) = answered_lists(program, &roots, &answered);
        let mut lists = Vec::new();
        for (id, wanted) in building.atoms.into_iter().enumerate() {
            let (id, slot) = (id as u32, wanted.slot);
            let of = of_slots.entry(slot).or_default();
            match wanted.what {
                What::Present => of.present = Some(id),
                What::Exact(text) => {
                    of.lengths |= length_bit(text.len());
                    of.exact.insert(text.clone(), id);
                }
                What::Literal(text, at) => {
                    literals.entry(slot).or_default().push(Literal { text: text.clone(), at: *at, id });
                }
            }
            let first = lists.len() as u32;
            lists.extend(wanted.predicate.and_then(|predicate| of_predicate.remove(&predicate)).unwrap_or_default());
            let start = conditions.len() as u32;
            conditions.extend(wanted.conditions);
            postings.push(Posting {
                start,
                end: conditions.len() as u32,
                predicate: wanted.predicate.unwrap_or(NONE),
                lists: (first, lists.len() as u32),
            });
        }
        for (slot, literals) in literals {
            of_slots.entry(slot).or_default().finder = Finder::new(literals, common);
        }
        let keywords = of_slots.remove(&ANY);
        let mut places = vec![0; program.fields.len()];
        let mut by_slot = vec![OfSlot::default()];
        for (slot, of) in of_slots {
            // There are far fewer fields than that; see the limit on fields of a set of rules.
            places[slot as usize] = by_slot.len() as u16;
            by_slot.push(of);
        }
        Index {
            places: places.into(),
            by_slot: by_slot.into(),
            keywords,
            always: always.into(),
            atoms: postings.into(),
            conditions: conditions.into(),
            answered: Answered { predicates: answered.into(), nodes: nodes.into() },
            lists: lists.into(),
            len,
            has_keywords,
        }
    }

    /// Bytes of memory, about.
    pub fn bytes(&self) -> usize {
        let slots = self
            .by_slot
            .iter()
            .chain(&self.keywords)
            .map(|of| of.exact.capacity() * 24 + of.finder.as_ref().map_or(0, Finder::bytes) + size_of::<OfSlot>());
        slots.sum::<usize>()
            + self.places.len() * 2
            + (self.answered.predicates.len() + self.answered.nodes.len()) * 8
            + self.lists.len() * 4
            + self.atoms.len() * size_of::<Posting>()
            + (self.conditions.len() + self.always.len()) * 8
    }

    /// Finds the conditions that may hold for an event; `ids` bounds their numbers.
    pub fn find(&self, ids: usize, slots: &Slots, memo: &mut Memo, found: &mut Found) {
        found.begin(ids, self.atoms.len());
        for slot in &slots.present {
            let place = self.places[*slot as usize];
            if place != 0 {
                self.slot(&self.by_slot[place as usize], *slot, slots, memo, found);
            }
        }
        if let Some(keywords) = &self.keywords {
            self.slot(keywords, ANY, slots, memo, found);
        }
        for condition in &self.always {
            found.candidate(*condition);
        }
    }

    /// Evaluates what was found; the numbers of the conditions that hold, in order.
    pub fn holding(&self, program: &Program, slots: &Slots, memo: &mut Memo, found: &Found, out: &mut Vec<u32>) {
        out.clear();
        let mut holds = |(_, node): &&(u32, NodeId)| program.eval(*node, slots, memo, &self.answered);
        out.extend(found.candidates.iter().filter(|found| holds(found)).map(|(id, _)| *id));
        out.sort_unstable();
    }

    fn slot(&self, of: &OfSlot, slot: SlotId, slots: &Slots, memo: &mut Memo, found: &mut Found) {
        if let Some(present) = of.present {
            self.hit(present, memo, found);
        }
        for value in slots.values(slot) {
            let Some(text) = slots.folded_of(value) else { continue };
            if of.lengths & length_bit(text.len()) != 0
                && let Some(atom) = of.exact.get(text)
            {
                self.hit(*atom, memo, found);
            }
            if let Some(finder) = &of.finder {
                finder.find(text.as_bytes(), |atom| self.hit(atom, memo, found));
            }
        }
    }

    #[inline]
    fn hit(&self, atom: u32, memo: &mut Memo, found: &mut Found) {
        if found.atoms[atom as usize] == found.run {
            return;
        }
        found.atoms[atom as usize] = found.run;
        let posting = self.atoms[atom as usize];
        if posting.predicate != NONE {
            memo.holds(posting.predicate);
            for node in &self.lists[posting.lists.0 as usize..posting.lists.1 as usize] {
                memo.node_holds(*node);
            }
        }
        for condition in &self.conditions[posting.start as usize..posting.end as usize] {
            found.candidate(*condition);
        }
    }
}

/// Of the lists of predicates in these conditions those that are answered whole: a bit for each, and by predicate the
/// lists that it is in.
fn answered_lists(
    program: &Program,
    roots: &[NodeId],
    answered: &[u64],
) -> (Vec<u64>, AHashMap<PredicateId, Vec<NodeId>>) {
    let mut seen = vec![0u64; program.nodes.len().div_ceil(64)];
    let (mut nodes, mut of_predicate) = (seen.clone(), AHashMap::<_, Vec<NodeId>>::default());
    let mut left = roots.to_vec();
    while let Some(node) = left.pop() {
        if bit(&seen, node) {
            continue;
        }
        seen[node as usize / 64] |= 1 << (node % 64);
        match &program.nodes[node as usize] {
            Node::Test(_) => {}
            Node::Not(inner) => left.push(*inner),
            Node::And(parts) => left.extend(parts),
            Node::Or(parts) => {
                let tests: Option<Vec<PredicateId>> = parts
                    .iter()
                    .map(|part| match program.nodes[*part as usize] {
                        Node::Test(predicate) if bit(answered, predicate) => Some(predicate),
                        _ => None,
                    })
                    .collect();
                let Some(tests) = tests else {
                    left.extend(parts);
                    continue;
                };
                nodes[node as usize / 64] |= 1 << (node % 64);
                tests.into_iter().for_each(|predicate| of_predicate.entry(predicate).or_default().push(node));
            }
        }
    }
    (nodes, of_predicate)
}

fn length_bit(length: usize) -> u64 {
    1 << length.min(63)
}
