//! What compiling made of rules, in words.

use super::necessary::{Atom, What};
use super::routes::bits;
use super::slots::ANY;
use super::{Compiled, Scratch};
use crate::rule::{Anchor, LogSource};

/// What compiling a set of rules said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Rules that can be used.
    pub rules: usize,
    /// Rules that cannot, by their place, and why.
    pub refused: Vec<(usize, String)>,
    /// Conditions of classes that cannot be used, and why.
    pub classes: Vec<String>,
    /// Tests of all rules.
    pub tests: usize,
    /// Different tests of all rules together.
    pub predicates: usize,
    /// Different fields of all rules together.
    pub fields: usize,
    /// Rules that are evaluated for every event of their classes, as nothing need be there for them to match.
    pub always: Vec<usize>,
    /// Rules for log sources of which there is no class.
    pub unseen: Vec<usize>,
}

/// How one rule is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The classes of events that it is for; none when it is for every event.
    pub classes: Option<Vec<LogSource>>,
    /// What is looked for: the rule is evaluated when any of it is there; none when it is always evaluated.
    pub needs: Option<Vec<String>>,
    /// How often it was evaluated.
    pub evaluated: u64,
    /// How often it matched.
    pub matched: u64,
}

impl Compiled {
    pub(super) fn fill(&self, report: &mut Report) {
        report.rules = self.rules.iter().flatten().count();
        report.tests = self.program.tests;
        report.predicates = self.program.predicates.len();
        report.fields = self.program.fields.len();
        for (index, rule) in self.rules.iter().enumerate() {
            let Some(rule) = rule else { continue };
            if rule.atoms.is_none() {
                report.always.push(index);
            }
            if rule.classes.as_ref().is_some_and(|set| bits(set).next().is_none()) {
                report.unseen.push(index);
            }
        }
    }

    /// How a rule is looked at, and what came of it in this scratch; none for one that is not there or was refused.
    pub fn explain(&self, rule: usize, scratch: &Scratch) -> Option<Explanation> {
        let of = self.rules.get(rule)?.as_ref()?;
        let (evaluated, matched) = scratch.work.counters.by_rule.get(rule).copied().unwrap_or_default();
        let classes = of.classes.as_ref();
        Some(Explanation {
            classes: classes.map(|set| bits(set).map(|class| self.routes.classes[class].source.clone()).collect()),
            needs: of.atoms.as_ref().map(|atoms| atoms.iter().map(|atom| self.words(atom)).collect()),
            evaluated,
            matched,
        })
    }

    /// Indexes that were made so far, one for each set of classes that events were in, and their bytes, about.
    pub fn indexes(&self) -> (usize, usize) {
        self.routes.size()
    }

    /// Bytes of memory of the compiled rules, about, with the indexes made so far; without what regular expressions keep
    /// of what they saw.
    pub fn bytes(&self) -> usize {
        let atoms: usize =
            self.rules.iter().flatten().map(|rule| rule.atoms.as_ref().map_or(0, |atoms| size_of_val(&**atoms))).sum();
        self.program.bytes() + atoms + size_of_val(&*self.rules) + self.routes.size().1
    }

    fn words(&self, atom: &Atom) -> String {
        let field = match atom.slot {
            ANY => "any value",
            slot => &self.program.fields.fields[slot as usize].name,
        };
        match &atom.what {
            What::Present => format!("{field} is there"),
            What::Exact(text) => format!("{field} is {text:?}"),
            What::Literal(text, Anchor::Start) => format!("{field} starts with {text:?}"),
            What::Literal(text, Anchor::End) => format!("{field} ends with {text:?}"),
            What::Literal(text, _) => format!("{field} contains {text:?}"),
        }
    }
}
