//! The fast evaluator: rules compiled together, events routed to the few that may match.
//!
//! An event is projected onto the fields of the rules (`slots`), from a [`PlainEvent`], a line of JSON (`line`) or a
//! row of the store (`rows`). The classes of log sources that it is in (`routes`) choose an index over what each rule
//! needs (`index`, `necessary`), and only rules whose need is there are evaluated (`program`), each predicate at
//! most once (`predicate`).
//!
//! **Invariant:** the same matches as [`crate::oracle`], whatever the input; a property test compares them.

mod explain;
mod grams;
mod index;
mod kernels;
mod line;
mod necessary;
mod predicate;
mod prefilter;
mod program;
mod routes;
mod rows;
mod slots;
#[cfg(test)]
mod tests;

pub use explain::{Explanation, Report};
pub use line::BadLine;
pub use routes::Class;
pub use rows::Rows;

use crate::event::{PlainEvent, Scalar};
use crate::limits::{MAX_EVENT_BYTES, MAX_FIELDS};
use crate::rule::Rule;
use ahash::AHashSet;
use arrow_array::RecordBatch;
use index::Found;
use necessary::Chooser;
use program::{Memo, NodeId, Program};
use routes::{Routed, Routes, Routing, covers};
use slots::{Fields, Slots};

/// A rule that is looked at so often, of all events, has all its texts looked for with those of the other rules.
const OFTEN: f32 = 0.1;

/// An event as it comes.
#[derive(Clone, Copy)]
pub enum Input<'a> {
    /// In its plainest form.
    Plain(&'a PlainEvent),
    /// One JSON object.
    Line(&'a str),
    /// A row of a batch, by its number.
    Row(&'a Rows<'a>, usize),
}

/// A set of rules, ready to be evaluated. Threads share it.
pub struct Compiled {
    program: Program,
    rules: Vec<Option<routes::Compiled>>,
    routes: Routes,
}

/// An event projected onto the fields of one set of rules, see [`Compiled::project`].
#[derive(Default)]
pub struct Event {
    slots: Slots,
    path: String,
}

/// What one thread keeps from event to event, for the set of rules that made it.
pub struct Scratch {
    event: Event,
    work: Work,
    /// The last events were for rules with keywords, so the next one is likely to be.
    keeps_all: bool,
}

#[derive(Default)]
struct Work {
    memo: Memo,
    routing: Routing,
    found: Found,
    matches: Vec<u32>,
    counters: Counters,
}

/// What was done since the scratch was made.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    /// Events.
    pub events: u64,
    /// Events that no class took.
    pub unrouted: u64,
    /// Rules that events were routed to, summed up.
    pub routed: u64,
    /// Events routed to 100 rules or more.
    pub wide: u64,
    /// Events with more values than are looked at.
    pub cut: u64,
    /// Rules that were evaluated, summed up.
    pub candidates: u64,
    /// Matches.
    pub matches: u64,
    /// By rule: how often it was evaluated and how often it matched.
    pub by_rule: Vec<(u64, u64)>,
}

impl Compiled {
    /// Compiles rules whose fields are resolved, for events of these classes. A rule that cannot be used is left out
    /// and reported; its number stays its place among `rules`.
    pub fn new(rules: &[Rule], classes: Vec<Class>) -> (Compiled, Report) {
        let (mut program, mut report) = (Program::default(), Report::default());
        let mut whens = Vec::new();
        for class in &classes {
            // Without its condition nothing belongs to a class; the rules for it are reported as without data.
            match program.add(&class.when) {
                Ok(node) => whens.push(node),
                Err(reason) => {
                    report.classes.push(reason);
                    whens.push(program.never());
                }
            }
        }
        let routing: AHashSet<_> = (0..program.fields.len() as u32).collect();
        let nodes: Vec<Option<NodeId>> = rules
            .iter()
            .enumerate()
            .map(|(index, rule)| {
                let added = match program.fields.len() < MAX_FIELDS {
                    true => program.add(&rule.condition),
                    false => Err(format!("the rules name more than {MAX_FIELDS} fields together")),
                };
                added.map_err(|reason| report.refused.push((index, reason))).ok()
            })
            .collect();
        program.finish();
        let common = grams::common();
        let none = AHashSet::default();
        let chooser = Chooser { program: &program, routing: &none, common: &common };
        let whens: Vec<_> =
            whens.into_iter().map(|node| (node, chooser.choose(node).map(|choice| choice.atoms.into()))).collect();
        let chooser = Chooser { program: &program, routing: &routing, common: &common };
        let compiled: Vec<_> = nodes
            .into_iter()
            .zip(rules)
            .map(|(node, rule)| {
                let node = node?;
                let (choice, mut also) = (chooser.choose(node), Vec::new());
                if choice.as_ref().is_none_or(|choice| choice.often >= OFTEN) {
                    chooser.plain_texts(node, &mut also);
                }
                let atoms = choice.map(|choice| choice.atoms.into());
                Some(routes::Compiled { node, atoms, also: also.into(), classes: classes_of(rule, &classes) })
            })
            .collect();
        let routes = Routes::new(&program, classes, whens, &compiled, common);
        let this = Compiled { program, rules: compiled, routes };
        this.fill(&mut report);
        (this, report)
    }

    /// What a thread needs to evaluate events.
    pub fn scratch(&self) -> Scratch {
        Scratch { event: Event::default(), work: Work::default(), keeps_all: false }
    }

    /// Makes a batch of the store ready, see [`Input::Row`].
    pub fn rows<'b>(&self, batch: &'b RecordBatch) -> Rows<'b> {
        Rows::new(batch, &self.program.fields, true)
    }

    /// The rules that match an event, by their place, in order.
    pub fn event<'s>(&self, scratch: &'s mut Scratch, input: Input<'_>) -> Result<&'s [u32], BadLine> {
        let all = scratch.keeps_all || self.routes.has_keywords();
        read(&self.program.fields, &mut scratch.event, input, all)?;
        let mut routed = self.route(&scratch.event, &mut scratch.work);
        // Values that no rule names are read only where a rule looks at every value.
        scratch.keeps_all = routed.0.has_keywords;
        if scratch.keeps_all && !all {
            read(&self.program.fields, &mut scratch.event, input, true)?;
            routed = self.route(&scratch.event, &mut scratch.work);
        }
        self.evaluate_routed(&scratch.event, &mut scratch.work, routed);
        Ok(&scratch.work.matches)
    }

    /// Projects an event with all its values, to be evaluated later by [`Compiled::evaluate`].
    pub fn project(&self, event: &mut Event, input: Input<'_>) -> Result<(), BadLine> {
        read(&self.program.fields, event, input, true)
    }

    /// An event with all its values in its plainest form, for what is done with the few that match.
    pub fn plain(&self, input: Input<'_>) -> Result<Vec<(String, Scalar)>, BadLine> {
        self.plain_with(&mut Event::default(), input)
    }

    /// The same, with the memory of an event that is used for nothing else.
    pub fn plain_with(&self, event: &mut Event, input: Input<'_>) -> Result<Vec<(String, Scalar)>, BadLine> {
        if let Input::Plain(plain) = input {
            return Ok(plain.fields.clone());
        }
        event.slots.keeps_names = true;
        // No field is looked for, so nothing is as large as the set of rules.
        read(&Fields::default(), event, input, true)?;
        Ok(event.slots.plain())
    }

    /// The rules that match a projected event, by their place, in order.
    pub fn evaluate<'s>(&self, scratch: &'s mut Scratch, event: &Event) -> &'s [u32] {
        let routed = self.route(event, &mut scratch.work);
        self.evaluate_routed(event, &mut scratch.work, routed);
        &scratch.work.matches
    }

    fn route(&self, event: &Event, work: &mut Work) -> Routed {
        work.memo.begin(&self.program);
        self.routes.route(&self.program, &self.rules, &event.slots, &mut work.memo, &mut work.routing)
    }

    fn evaluate_routed(&self, event: &Event, work: &mut Work, (index, checks): Routed) {
        let Work { memo, routing, found, matches, counters } = work;
        index.find(self.rules.len(), &event.slots, memo, found);
        if checks {
            // The index is over all rules, so those of other classes are taken out.
            found
                .candidates
                .retain(|(rule, _)| self.rules[*rule as usize].as_ref().is_some_and(|rule| rule.is_for(&routing.set)));
        }
        index.holding(&self.program, &event.slots, memo, found, matches);
        counters.count(index.len, self.rules.len(), found, matches);
        counters.cut += u64::from(event.slots.is_cut);
    }

    /// The classes that the last event of a scratch was in, by their place among those given to [`Compiled::new`].
    pub fn classes<'s>(&self, scratch: &'s Scratch) -> impl Iterator<Item = usize> + 's {
        routes::bits(&scratch.work.routing.set)
    }

    /// What was done with a scratch.
    pub fn counters<'s>(&self, scratch: &'s Scratch) -> &'s Counters {
        &scratch.work.counters
    }
}

/// Projects an event onto fields.
fn read(fields: &Fields, event: &mut Event, input: Input<'_>, all: bool) -> Result<(), BadLine> {
    let slots = &mut event.slots;
    slots.keeps_all = all;
    match input {
        Input::Plain(plain) => {
            slots.begin(fields, "");
            for (path, value) in &plain.fields {
                let path = fields.path(path);
                if slots.wants(path) {
                    slots.scalar(fields, path, value);
                }
            }
        }
        Input::Line(line) => {
            if line.len() > MAX_EVENT_BYTES {
                let reason = format!("the event has {} bytes, more than {MAX_EVENT_BYTES}", line.len());
                return Err(BadLine { reason, column: MAX_EVENT_BYTES });
            }
            slots.begin(fields, line);
            event.path.clear();
            let start = line.as_ptr() as usize;
            let base = Some((start, start + line.len()));
            let path = &mut event.path;
            line::Reader { fields, slots, path, base, marked: false, layer: None }.object(line)?;
        }
        Input::Row(rows, row) => {
            debug_assert!(rows.has_all() || !all, "a batch made ready without all values");
            slots.begin(fields, "");
            rows.project(row, fields, slots, &mut event.path);
        }
    }
    event.slots.end();
    Ok(())
}

impl Counters {
    fn count(&mut self, routed: usize, rules: usize, found: &Found, matches: &[u32]) {
        self.by_rule.resize(rules, (0, 0));
        self.events += 1;
        self.unrouted += u64::from(routed == 0);
        self.routed += routed as u64;
        self.wide += u64::from(routed >= 100);
        self.candidates += found.candidates.len() as u64;
        self.matches += matches.len() as u64;
        for (rule, _) in &found.candidates {
            self.by_rule[*rule as usize].0 += 1;
        }
        for rule in matches {
            self.by_rule[*rule as usize].1 += 1;
        }
    }
}

fn classes_of(rule: &Rule, classes: &[Class]) -> Option<routes::ClassSet> {
    if rule.source == crate::rule::LogSource::default() {
        return None;
    }
    let mut set = vec![0u64; classes.len().div_ceil(64)];
    for (class, of) in classes.iter().enumerate() {
        if covers(&rule.source, &of.source) {
            set[class / 64] |= 1 << (class % 64);
        }
    }
    Some(set.into())
}
