//! Which rules are for an event: those of the classes of log sources that it is in.

use super::index::{Entry, Found, Index};
use super::necessary::Atom;
use super::program::{Memo, NodeId, Program};
use super::slots::Slots;
use crate::limits::{MAX_CLASS_SETS, MAX_INDEX_BYTES};
use crate::rule::{Expr, LogSource};
use ahash::{AHashMap, AHashSet};
use std::sync::{Arc, PoisonError, RwLock};

/// A class of events: a log source, and the condition by which events belong to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// Its product, category and service.
    pub source: LogSource,
    /// When an event is in it.
    pub when: Expr,
}

/// Whether rules for `wanted` are for events of a class of `source`.
pub(super) fn covers(wanted: &LogSource, source: &LogSource) -> bool {
    let fits = |wanted: &Option<String>, has: &Option<String>| match wanted {
        None => true,
        Some(wanted) => has.as_ref().is_some_and(|has| has.eq_ignore_ascii_case(wanted)),
    };
    fits(&wanted.product, &source.product)
        && fits(&wanted.category, &source.category)
        && fits(&wanted.service, &source.service)
}

/// An index, and whether it is over all rules, so that their classes are still to be looked at.
pub(super) type Routed = (Arc<Index>, bool);

/// A set of classes, a bit each.
pub(super) type ClassSet = Box<[u64]>;

/// A rule, compiled.
pub(super) struct Compiled {
    pub node: NodeId,
    /// What it needs; none when it needs nothing.
    pub atoms: Option<Box<[Atom]>>,
    /// What is looked for only because that answers its tests.
    pub also: Box<[Atom]>,
    /// Its classes; none when it is for every event.
    pub classes: Option<ClassSet>,
}

impl Compiled {
    /// Whether it is for events of these classes.
    pub fn is_for(&self, set: &[u64]) -> bool {
        self.classes.as_ref().is_none_or(|own| own.iter().zip(set).any(|(own, set)| own & set != 0))
    }
}

/// The rules by class.
pub(super) struct Routes {
    pub classes: Vec<Class>,
    /// By class: what it needs.
    pub needs: Vec<Option<Box<[Atom]>>>,
    /// By class: the rules that are for it.
    by_class: Vec<Vec<u32>>,
    /// Rules for every event.
    everywhere: Vec<u32>,
    /// Finds the classes of an event.
    root: Index,
    indexes: RwLock<Indexes>,
    common: AHashSet<u32>,
}

#[derive(Default)]
struct Indexes {
    by_set: AHashMap<ClassSet, Arc<Index>>,
    bytes: usize,
    /// Over all rules, for sets of classes beyond the limit.
    all: Option<Arc<Index>>,
}

/// What one thread keeps of routing.
#[derive(Default)]
pub(super) struct Routing {
    holding: Vec<u32>,
    found: Found,
    /// The classes of the event.
    pub set: Vec<u64>,
    known: AHashMap<ClassSet, Routed>,
}

impl Routes {
    pub fn new(
        program: &Program,
        classes: Vec<Class>,
        whens: Vec<(NodeId, Option<Box<[Atom]>>)>,
        rules: &[Option<Compiled>],
        common: AHashSet<u32>,
    ) -> Routes {
        let mut by_class = vec![Vec::new(); classes.len()];
        let mut everywhere = Vec::new();
        for (id, rule) in rules.iter().enumerate() {
            let Some(rule) = rule else { continue };
            match &rule.classes {
                None => everywhere.push(id as u32),
                Some(set) => bits(set).for_each(|class| by_class[class].push(id as u32)),
            }
        }
        let entries = whens.iter().enumerate().map(|(id, (node, atoms))| Entry {
            id: id as u32,
            node: *node,
            atoms: atoms.as_deref(),
            also: &[],
        });
        let root = Index::new(entries, program, &common);
        let needs = whens.into_iter().map(|(_, atoms)| atoms).collect();
        Routes { classes, needs, by_class, everywhere, root, indexes: RwLock::default(), common }
    }

    /// Whether the classes look at every value of an event.
    pub fn has_keywords(&self) -> bool {
        self.root.has_keywords
    }

    /// Words of a set of classes.
    pub fn words(&self) -> usize {
        self.classes.len().div_ceil(64)
    }

    /// The index of the rules for an event.
    pub fn route(
        &self,
        program: &Program,
        rules: &[Option<Compiled>],
        slots: &Slots,
        memo: &mut Memo,
        routing: &mut Routing,
    ) -> Routed {
        self.root.find(self.classes.len(), slots, memo, &mut routing.found);
        self.root.holding(program, slots, memo, &routing.found, &mut routing.holding);
        routing.set.clear();
        routing.set.resize(self.words(), 0);
        for class in &routing.holding {
            routing.set[*class as usize / 64] |= 1 << (class % 64);
        }
        if let Some(known) = routing.known.get(routing.set.as_slice()) {
            return known.clone();
        }
        let index = self.index(program, rules, &routing.set);
        if routing.known.len() >= MAX_CLASS_SETS {
            routing.known.clear();
        }
        routing.known.insert(routing.set.as_slice().into(), index.clone());
        index
    }

    fn index(&self, program: &Program, rules: &[Option<Compiled>], set: &[u64]) -> Routed {
        let known = |indexes: &Indexes| {
            let full = indexes.by_set.len() >= MAX_CLASS_SETS || indexes.bytes >= MAX_INDEX_BYTES;
            let fallback = || full.then_some((indexes.all.clone()?, true));
            indexes.by_set.get(set).map(|index| (index.clone(), false)).or_else(fallback)
        };
        if let Some(known) = known(&self.indexes.read().unwrap_or_else(PoisonError::into_inner)) {
            return known;
        }
        let mut indexes = self.indexes.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known(&indexes) {
            return known;
        }
        let full = indexes.by_set.len() >= MAX_CLASS_SETS || indexes.bytes >= MAX_INDEX_BYTES;
        let ids = if full { (0..rules.len() as u32).collect() } else { self.rules(set) };
        let entries = ids.iter().filter_map(|id| {
            let rule = rules[*id as usize].as_ref()?;
            Some(Entry { id: *id, node: rule.node, atoms: rule.atoms.as_deref(), also: &rule.also })
        });
        let index = Arc::new(Index::new(entries, program, &self.common));
        indexes.bytes += index.bytes();
        match full {
            true => indexes.all = Some(index.clone()),
            false => drop(indexes.by_set.insert(set.into(), index.clone())),
        }
        (index, full)
    }

    /// The rules for a set of classes, in order.
    pub fn rules(&self, set: &[u64]) -> Vec<u32> {
        let of_classes = bits(set).flat_map(|class| self.by_class[class].iter().copied());
        let mut rules: Vec<u32> = of_classes.chain(self.everywhere.iter().copied()).collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    }

    /// How many indexes there are, and their bytes, about.
    pub fn size(&self) -> (usize, usize) {
        let indexes = self.indexes.read().unwrap_or_else(PoisonError::into_inner);
        (indexes.by_set.len() + usize::from(indexes.all.is_some()), indexes.bytes)
    }
}

/// The numbers of the bits that are set.
pub(super) fn bits(set: &[u64]) -> impl Iterator<Item = usize> + '_ {
    set.iter()
        .enumerate()
        .flat_map(|(word, bits)| (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| word * 64 + bit))
}
