//! Conditions of all rules as one graph: equal parts are one node, each is looked at as late as possible, and what more
//! than one rule asks is answered once an event.

use super::predicate::{Matcher, Predicate, Text, folded};
use super::slots::{ANY, Fields, SlotId, Slots};
use crate::limits::MAX_EXPR_DEPTH;
use crate::rule::{Expr, Leaf, Part, Test};
use ahash::AHashMap;

/// Number of a part of a condition.
pub(super) type NodeId = u32;
/// Number of a predicate.
pub(super) type PredicateId = u32;

/// A part of a condition.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Node {
    Test(PredicateId),
    Not(NodeId),
    And(Box<[NodeId]>),
    Or(Box<[NodeId]>),
}

/// A node as it is evaluated: its parts lie beside those of the other nodes of its rule.
#[derive(Clone, Copy)]
struct Flat {
    kind: Kind,
    /// Its answer is kept, as more than one asks.
    shared: bool,
    /// Its range in [`Program::parts`].
    parts: (u32, u32),
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Its one part.
    Same,
    And,
    Or,
}

/// Set in a part that is a predicate and no node.
const TEST: u32 = 1 << 31;
/// Set in a part that is turned round.
const NOT: u32 = 1 << 30;

/// The conditions of all rules.
#[derive(Default)]
pub(super) struct Program {
    pub fields: Fields,
    pub predicates: Vec<Predicate>,
    /// Tests that were added, equal ones again and again.
    pub tests: usize,
    pub nodes: Vec<Node>,
    /// By node: the same, for evaluation.
    flat: Vec<Flat>,
    parts: Vec<u32>,
    /// By node: its answer is kept, as more than one asks.
    shared: Vec<bool>,
    /// By node: it looks at every value of an event.
    keywords: Vec<bool>,
    costs: Vec<u32>,
    by_node: AHashMap<Node, NodeId>,
    by_test: AHashMap<(SlotId, String), PredicateId>,
}

/// What an index answers: of these predicates and lists of them those that hold have been noted, the others do not hold.
#[derive(Default)]
pub(super) struct Answered {
    /// By predicate, a bit each.
    pub predicates: Box<[u64]>,
    /// By node, a bit each.
    pub nodes: Box<[u64]>,
}

/// Whether a bit is set.
#[inline]
pub(super) fn bit(bits: &[u64], at: u32) -> bool {
    bits[at as usize / 64] >> (at % 64) & 1 == 1
}

/// Answers about one event, kept until the next.
#[derive(Default)]
pub(super) struct Memo {
    epoch: u32,
    /// By predicate: epoch and answer.
    predicates: Vec<u32>,
    nodes: Vec<u32>,
}

impl Memo {
    /// Forgets everything.
    pub fn begin(&mut self, program: &Program) {
        self.epoch += 2;
        if self.epoch >= u32::MAX - 2
            || self.predicates.len() != program.predicates.len()
            || self.nodes.len() != program.nodes.len()
        {
            self.epoch = 2;
            self.predicates = vec![0; program.predicates.len()];
            self.nodes = vec![0; program.nodes.len()];
        }
    }

    /// Notes that a part of a condition holds.
    #[inline]
    pub fn node_holds(&mut self, node: NodeId) {
        self.nodes[node as usize] = self.epoch | 1;
    }

    /// Notes that a predicate holds.
    #[inline]
    pub fn holds(&mut self, predicate: PredicateId) {
        self.predicates[predicate as usize] = self.epoch | 1;
    }
}

/// A node as a part of another.
fn code(nodes: &[Node], node: NodeId) -> u32 {
    match &nodes[node as usize] {
        Node::Test(predicate) => predicate | TEST,
        Node::Not(inner) => code(nodes, *inner) ^ NOT,
        Node::And(_) | Node::Or(_) => node,
    }
}

impl Program {
    /// Adds a condition. What it says of a regular expression that cannot be used is answered as the reason.
    pub fn add(&mut self, expr: &Expr) -> Result<NodeId, String> {
        self.node(expr, 0)
    }

    fn node(&mut self, expr: &Expr, depth: usize) -> Result<NodeId, String> {
        if depth > MAX_EXPR_DEPTH {
            return Err(format!("the condition nests deeper than {MAX_EXPR_DEPTH}; simplify it"));
        }
        let node = match expr {
            Expr::And(parts) => Node::And(self.parts(parts, depth, true)?),
            Expr::Or(parts) => Node::Or(self.parts(parts, depth, false)?),
            Expr::Not(inner) => {
                let inner = self.node(inner, depth + 1)?;
                match &self.nodes[inner as usize] {
                    Node::Not(twice) => return Ok(*twice),
                    _ => Node::Not(inner),
                }
            }
            Expr::Leaf(leaf) => Node::Test(self.predicate(leaf)?),
        };
        match node {
            Node::And(parts) | Node::Or(parts) if parts.len() == 1 => Ok(parts[0]),
            node => Ok(self.intern(node)),
        }
    }

    /// A condition that never holds.
    pub fn never(&mut self) -> NodeId {
        self.intern(Node::Or(Box::default()))
    }

    fn intern(&mut self, node: Node) -> NodeId {
        if let Some(id) = self.by_node.get(&node) {
            self.shared[*id as usize] = true;
            return *id;
        }
        let id = self.nodes.len() as NodeId;
        let cost = |id: &NodeId| self.costs[*id as usize];
        let own = match &node {
            Node::Test(predicate) => self.predicates[*predicate as usize].cost(),
            Node::Not(inner) => cost(inner),
            // Of an And mostly the first part alone is looked at.
            Node::And(parts) => {
                parts.first().map_or(0, cost) + parts.iter().skip(1).map(|id| cost(id) / 4).fold(0, u32::saturating_add)
            }
            Node::Or(parts) => parts.iter().map(cost).fold(0, u32::saturating_add),
        };
        let looks_at_all = match &node {
            Node::Test(predicate) => self.predicates[*predicate as usize].slot == ANY,
            Node::Not(inner) => self.keywords[*inner as usize],
            Node::And(parts) | Node::Or(parts) => parts.iter().any(|part| self.keywords[*part as usize]),
        };
        self.keywords.push(looks_at_all);
        self.costs.push(own);
        self.by_node.insert(node.clone(), id);
        self.nodes.push(node);
        self.shared.push(false);
        id
    }

    /// Parts of the same kind are taken up, equal ones left out, the cheap ones put first.
    fn parts(&mut self, parts: &[Expr], depth: usize, and: bool) -> Result<Box<[NodeId]>, String> {
        let mut out = Vec::with_capacity(parts.len());
        for part in parts {
            let node = self.node(part, depth + 1)?;
            match (&self.nodes[node as usize], and) {
                (Node::And(inner), true) | (Node::Or(inner), false) => out.extend_from_slice(inner),
                _ => out.push(node),
            }
        }
        out.sort_by_key(|id| (self.costs[*id as usize], *id));
        out.dedup();
        Ok(out.into())
    }

    fn predicate(&mut self, leaf: &Leaf) -> Result<PredicateId, String> {
        self.tests += 1;
        let slot = leaf.field.as_ref().map_or(ANY, |field| self.fields.slot(field));
        // Equal tests print the same, and this is read once a rule.
        let test = match &leaf.test {
            Test::Field(test, other) => format!("{test:?} {}", self.fields.slot(other)),
            Test::Text(pattern) if !pattern.cased => {
                let fold = |part: &Part| match part {
                    Part::Text(text) => Part::Text(folded(text)),
                    other => other.clone(),
                };
                format!("{:?}", pattern.parts.iter().map(fold).collect::<Vec<_>>())
            }
            other => format!("{other:?}"),
        };
        if let Some(id) = self.by_test.get(&(slot, test.clone())) {
            return Ok(*id);
        }
        let predicate = Predicate::new(leaf, slot, |field| self.fields.slot(field))?;
        let id = self.predicates.len() as PredicateId;
        self.predicates.push(predicate);
        self.by_test.insert((slot, test), id);
        Ok(id)
    }

    /// Lets go of what only adding conditions needs. No condition is added after this.
    pub fn finish(&mut self) {
        self.by_node = AHashMap::default();
        self.by_test = AHashMap::default();
        self.costs = Vec::new();
        for (id, node) in self.nodes.iter().enumerate() {
            let start = self.parts.len() as u32;
            let kind = match node {
                Node::And(parts) => {
                    self.parts.extend(parts.iter().map(|part| code(&self.nodes, *part)));
                    Kind::And
                }
                Node::Or(parts) => {
                    self.parts.extend(parts.iter().map(|part| code(&self.nodes, *part)));
                    Kind::Or
                }
                Node::Test(_) | Node::Not(_) => {
                    self.parts.push(code(&self.nodes, id as NodeId));
                    Kind::Same
                }
            };
            self.flat.push(Flat { kind, shared: self.shared[id], parts: (start, self.parts.len() as u32) });
        }
        self.shared = Vec::new();
    }

    /// Whether a condition looks at every value of an event.
    pub fn looks_at_all(&self, node: NodeId) -> bool {
        self.keywords[node as usize]
    }

    /// Whether a condition holds for the event.
    pub fn eval(&self, node: NodeId, slots: &Slots, memo: &mut Memo, answered: &Answered) -> bool {
        let flat = self.flat[node as usize];
        if flat.kind == Kind::Or && bit(&answered.nodes, node) {
            return memo.nodes[node as usize] == memo.epoch | 1;
        }
        if flat.shared {
            let known = memo.nodes[node as usize];
            if known & !1 == memo.epoch {
                return known & 1 == 1;
            }
        }
        let mut parts = self.parts[flat.parts.0 as usize..flat.parts.1 as usize].iter();
        let holds = match flat.kind {
            Kind::Or => parts.any(|part| self.part(*part, slots, memo, answered)),
            Kind::And | Kind::Same => parts.all(|part| self.part(*part, slots, memo, answered)),
        };
        if flat.shared {
            memo.nodes[node as usize] = memo.epoch | u32::from(holds);
        }
        holds
    }

    #[inline]
    fn part(&self, part: u32, slots: &Slots, memo: &mut Memo, answered: &Answered) -> bool {
        let id = part & !(TEST | NOT);
        let holds =
            if part & TEST != 0 { self.test(id, slots, memo, answered) } else { self.eval(id, slots, memo, answered) };
        holds != (part & NOT != 0)
    }

    #[inline]
    fn test(&self, predicate: PredicateId, slots: &Slots, memo: &mut Memo, answered: &Answered) -> bool {
        let known = memo.predicates[predicate as usize];
        if known & !1 == memo.epoch {
            return known & 1 == 1;
        }
        if bit(&answered.predicates, predicate) {
            return false;
        }
        let holds = self.predicates[predicate as usize].holds(slots);
        memo.predicates[predicate as usize] = memo.epoch | u32::from(holds);
        holds
    }

    /// Bytes of memory, about.
    pub fn bytes(&self) -> usize {
        let nodes = self.nodes.iter().map(|node| match node {
            Node::And(parts) | Node::Or(parts) => size_of_val(&**parts),
            Node::Test(_) | Node::Not(_) => 0,
        });
        nodes.sum::<usize>()
            + self.predicates.iter().map(Predicate::bytes).sum::<usize>()
            + self.nodes.len() * (size_of::<Node>() + size_of::<Flat>() + 1)
            + self.parts.len() * 4
            + self.fields.bytes()
    }

    /// Whether a predicate says nothing but that a folded text is there at that place, so that finding it answers it.
    pub fn is_plain_text(&self, predicate: PredicateId) -> bool {
        matches!(
            &self.predicates[predicate as usize].matcher,
            Matcher::Text { cased: false, text: Text::Exact(_) | Text::Start(_) | Text::End(_) | Text::Contains(_) }
        )
    }
}
