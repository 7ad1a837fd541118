//! Definitions over things.

use super::{Definition, Policy, Types};
use crate::limits::MAX_POLICY_STEPS;
use crate::policies::Answer;
use crate::policies::things::{Framework, Thing, Things};
use crate::resource::{ResourceId, World};
use crate::text::Span;
use crate::tree::Node;
use ahash::AHashMap;
use std::cell::Cell;

/// What a definition says of a thing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// It is as it must be.
    Pass(Option<Span>),
    /// It is not, and what shows that is here.
    Fail(Option<Span>),
    /// What it depends on is not known here.
    Open,
    /// It is not about this.
    Nothing,
}

impl Verdict {
    fn not(self) -> Verdict {
        match self {
            Verdict::Pass(span) => Verdict::Fail(span),
            Verdict::Fail(span) => Verdict::Pass(span),
            other => other,
        }
    }

    /// All of these; what is not about this does not count.
    pub fn all(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
        let mut out = Verdict::Nothing;
        for verdict in verdicts {
            match verdict {
                Verdict::Fail(span) => return Verdict::Fail(span),
                Verdict::Open => out = Verdict::Open,
                Verdict::Pass(span) if out == Verdict::Nothing => out = Verdict::Pass(span),
                _ => {}
            }
        }
        out
    }

    /// One of these.
    pub fn any(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
        Verdict::all(verdicts.into_iter().map(Verdict::not)).not()
    }
}

/// What policies are asked of.
pub struct Asked<'t> {
    world: &'t World,
    things: Vec<Thing<'t>>,
    by_resource: AHashMap<ResourceId, Vec<usize>>,
    /// Steps that the policy has left in the file that it is in.
    left: Cell<usize>,
}

impl<'t> Asked<'t> {
    /// Everything that was read.
    pub fn new(world: &'t World, things: &'t Things) -> Asked<'t> {
        let things: Vec<Thing<'t>> = things.iter(world).collect();
        let mut by_resource: AHashMap<ResourceId, Vec<usize>> = AHashMap::new();
        for (at, thing) in things.iter().enumerate() {
            by_resource.entry(thing.resource).or_default().push(at);
        }
        Asked { world, things, by_resource, left: Cell::new(MAX_POLICY_STEPS) }
    }

    /// What a policy says of each thing that is not as it must be, or that it cannot decide.
    pub fn ask(&self, policy: &Policy) -> Vec<Answer> {
        let (mut answers, mut file) = (Vec::new(), None);
        let about = |thing: &&Thing<'_>| policy.frameworks.is_empty() || policy.frameworks.contains(&thing.framework);
        for thing in self.things.iter().filter(about) {
            if file != Some(thing.file) {
                file = Some(thing.file);
                self.left.set(MAX_POLICY_STEPS);
            }
            let (span, message) = match policy.definition.on(thing, self, policy) {
                Verdict::Pass(_) | Verdict::Nothing => continue,
                Verdict::Open => (thing.span, None),
                Verdict::Fail(span) => {
                    let name = self.world.resource(thing.resource).name.as_str();
                    let named = if name == thing.kind || name.is_empty() { String::new() } else { format!(" {name}") };
                    (span.unwrap_or(thing.span), Some(format!("{}{named}: {}", thing.kind, policy.name)))
                }
            };
            let address = thing.address.to_owned();
            answers.push(Answer { file: thing.file, address, span, value: String::new(), message });
        }
        answers
    }

    /// What a thing is connected to, of these types.
    fn connected<'a>(&'a self, thing: &'a Thing<'t>, to: &'a Types) -> impl Iterator<Item = &'a Thing<'t>> {
        let relations = ["job", "steps"].into_iter().filter(|_| matches!(thing.kind, "jobs" | "steps"));
        let related = relations.flat_map(|relation| self.world.related(thing.resource, relation));
        let things = related.flat_map(|resource| self.by_resource.get(&resource).into_iter().flatten());
        things.map(|at| &self.things[*at]).filter(|other| to.has(other.kind))
    }
}

impl Definition {
    /// What it says of a thing.
    fn on(&self, thing: &Thing<'_>, asked: &Asked<'_>, policy: &Policy) -> Verdict {
        match self {
            Definition::And(parts) => {
                // A filter is about what is beside it, wherever it stands.
                let filters = parts.iter().filter(|part| matches!(part, Definition::Filter(..)));
                match Verdict::all(filters.map(|filter| filter.on(thing, asked, policy))) {
                    Verdict::Fail(_) => return Verdict::Nothing,
                    Verdict::Open => return Verdict::Open,
                    _ => {}
                }
                let parts = parts.iter().filter(|part| !matches!(part, Definition::Filter(..)));
                Verdict::all(parts.map(|part| part.on(thing, asked, policy)))
            }
            Definition::Or(parts) => Verdict::any(parts.iter().map(|part| part.on(thing, asked, policy))),
            Definition::Not(part) => part.on(thing, asked, policy).not(),
            Definition::Attribute(types, ..) if !types.has(thing.kind) => {
                self.on_connected(types, thing, asked, policy)
            }
            Definition::Attribute(_, path, operator) | Definition::Filter(path, operator) => {
                attribute(thing, path, operator, &asked.left)
            }
            Definition::Connection { from, .. } if !from.has(thing.kind) => Verdict::Nothing,
            Definition::Connection { to, exists, .. } => {
                if asked.connected(thing, to).next().is_some() {
                    return if *exists { Verdict::Pass(None) } else { Verdict::Fail(None) };
                }
                // Objects of a cluster find each other by labels and names; that is not compared here.
                if thing.framework == Framework::Kubernetes {
                    return Verdict::Open;
                }
                if *exists { Verdict::Fail(None) } else { Verdict::Pass(None) }
            }
            Definition::Resource(types, allowed) => types.judge(thing, *allowed),
        }
    }

    /// An attribute of what is connected: a connection of the policy says which things those are.
    fn on_connected(&self, types: &Types, thing: &Thing<'_>, asked: &Asked<'_>, policy: &Policy) -> Verdict {
        if !policy.definition.connects(thing.kind) {
            return Verdict::Nothing;
        }
        let Definition::Attribute(_, path, operator) = self else { return Verdict::Nothing };
        let verdicts = asked.connected(thing, types).map(|other| match attribute(other, path, operator, &asked.left) {
            Verdict::Fail(_) => Verdict::Fail(None),
            other => other,
        });
        Verdict::all(verdicts)
    }

    /// Whether it has a connection from things of this type.
    fn connects(&self, kind: &str) -> bool {
        match self {
            Definition::And(parts) | Definition::Or(parts) => parts.iter().any(|part| part.connects(kind)),
            Definition::Not(part) => part.connects(kind),
            Definition::Connection { from, .. } => from.has(kind),
            _ => false,
        }
    }
}

impl Types {
    /// Whether a type may be used: those of a list of what is allowed, or none of a list of what is not. A list of what is
    /// allowed is about the frameworks that its types are of.
    fn judge(&self, thing: &Thing<'_>, allowed: bool) -> Verdict {
        let named = self.has(thing.kind);
        let about = match self {
            Types::All => true,
            Types::These(types) => types.iter().any(|kind| Framework::of(kind) == Some(thing.framework)),
        };
        match (named, allowed) {
            (true, true) => Verdict::Pass(None),
            (true, false) => Verdict::Fail(None),
            (false, true) if about => Verdict::Fail(None),
            (false, false) if about => Verdict::Pass(None),
            _ => Verdict::Nothing,
        }
    }
}

fn attribute(thing: &Thing<'_>, path: &super::Path, operator: &super::Operator, left: &Cell<usize>) -> Verdict {
    if path.text.as_ref() == "resource_type" {
        let passes = operator.of_text(thing.kind);
        return if passes { Verdict::Pass(None) } else { Verdict::Fail(None) };
    }
    let found = path.find_within(thing.node, left);
    if found.nodes.is_empty() {
        return match (found.open, operator.of_nothing()) {
            (true, _) => Verdict::Open,
            (false, true) => Verdict::Pass(None),
            (false, false) => Verdict::Fail(None),
        };
    }
    // The same in what is written, at the same places.
    let written = thing.raw.map(|raw| path.find_within(raw, left).nodes).unwrap_or_default();
    let written: AHashMap<Span, Node<'_>> = written.into_iter().rev().map(|node| (node.span(), node)).collect();
    let verdicts = found.nodes.iter().map(|node| match operator.of(*node, written.get(&node.span()).copied()) {
        Some(true) => Verdict::Pass(Some(node.span())),
        Some(false) => Verdict::Fail(Some(node.span())),
        None => Verdict::Open,
    });
    match Verdict::any(verdicts) {
        Verdict::Fail(_) if found.open => Verdict::Open,
        verdict => verdict,
    }
}
