//! Conditions of rules: three-valued, over what a resource says.
//!
//! They are written as Sigma writes selections: a map is an *and*, a list of values an *or*, modifiers follow the field.
//!
//! ```yaml
//! securityContext.privileged: true          # equal; `443` and `"443"` are the same
//! image|endswith: [":latest", ":edge"]      # any of these
//! capabilities.add[]|i: [all, sys_admin]    # any item of the list
//! livenessProbe|exists: false
//! resources.limits.memory|quantity|gt: 4Gi
//! not: {hostNetwork: true}
//! any: [{...}, {...}]
//! all: [{...}, {...}]
//! some: {in: "ports[]", match: {hostPort|exists: true}}       # also `every`, `none`
//! none: {of: service_account, match: {...}}                   # over related resources
//! cel: "self.ports.all(p, p.hostPort < 1024)"                # see `cel`
//! ```
//!
//! `.` is the subject itself, `*` any member of a map, `"a.b/c"` in a path a name with dots.

use super::test::{Test, Tested};
use crate::limits::MAX_CONDITION_DEPTH;
use crate::resource::{ResourceId, World};
use crate::text::Span;
use crate::tree::{Data, Node};
use yaml::Node as Yaml;

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Truth {
    /// It holds, and what shows it is here.
    Yes(Option<Span>),
    /// It does not.
    No,
    /// What it depends on is not known here.
    Unknown,
}

impl Truth {
    fn of(holds: bool) -> Truth {
        if holds { Truth::Yes(None) } else { Truth::No }
    }

    fn not(self) -> Truth {
        match self {
            Truth::Yes(_) => Truth::No,
            Truth::No => Truth::Yes(None),
            Truth::Unknown => Truth::Unknown,
        }
    }
}

/// Steps from a subject to values in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    /// A member.
    Name(Box<str>),
    /// Every item of a list; a single value is a list of one.
    Items,
    /// The value of every member.
    Members,
}

/// What `some`, `every` and `none` go through.
#[derive(Clone, Debug, PartialEq)]
enum Through {
    Path(Path),
    Relation(Box<str>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Quantity {
    Some,
    Every,
    None,
}

/// A condition.
#[derive(Clone, Debug)]
pub enum Condition {
    /// All of these.
    All(Vec<Condition>),
    /// One of these.
    Any(Vec<Condition>),
    /// The opposite.
    Not(Box<Condition>),
    /// A test of the values at a path.
    Test(Path, Test),
    /// A condition over several subjects.
    Each(Each),
    /// An expression.
    Cel(super::cel::Cel),
}

/// A condition over several subjects.
#[derive(Clone, Debug)]
pub struct Each {
    quantity: Quantity,
    through: Through,
    matches: Box<Condition>,
}

/// What a condition is asked of.
#[derive(Clone, Copy)]
pub enum Subject<'w> {
    /// A resource.
    Resource(&'w World, ResourceId),
    /// A part of one.
    Node(&'w World, Node<'w>),
}

/// What is at a path, and whether there may be more that is not known.
struct Found<'w> {
    nodes: Nodes<'w>,
    open: bool,
}

/// Most paths are names, which lead to one value: it takes no memory of its own.
enum Nodes<'w> {
    One(Option<Node<'w>>),
    Many(Vec<Node<'w>>),
}

impl<'w> Nodes<'w> {
    fn all(&self) -> &[Node<'w>] {
        match self {
            Nodes::One(one) => one.as_slice(),
            Nodes::Many(many) => many,
        }
    }
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// When a quote is not closed or a step is empty.
    pub fn parse(text: &str) -> Result<Path, String> {
        let (mut steps, mut rest) = (Vec::new(), text.trim());
        if rest == "." {
            return Ok(Path { steps });
        }
        while !rest.is_empty() {
            let name = match rest.strip_prefix('"') {
                Some(quoted) => {
                    let end = quoted.find('"').ok_or_else(|| format!("`{text}`: a quote is not closed"))?;
                    rest = &quoted[end + 1..];
                    &quoted[..end]
                }
                None => {
                    let end = rest.find(['.', '[']).unwrap_or(rest.len());
                    let name = &rest[..end];
                    rest = &rest[end..];
                    name
                }
            };
            match name {
                "" if rest.starts_with("[]") && steps.is_empty() => {}
                "" => return Err(format!("`{text}`: a name is missing between the dots")),
                "*" => steps.push(Step::Members),
                name => steps.push(Step::Name(name.into())),
            }
            while let Some(after) = rest.strip_prefix("[]") {
                steps.push(Step::Items);
                rest = after;
            }
            match rest.strip_prefix('.') {
                Some("") => return Err(format!("`{text}`: nothing follows the last dot")),
                Some(after) => rest = after,
                None if rest.is_empty() => {}
                None => return Err(format!("`{text}`: expected `.` or `[]` at `{rest}`")),
            }
        }
        Ok(Path { steps })
    }

    /// Where a finding about it is shown: the first value that is there, else the key of what would hold it.
    pub fn place(&self, subject: Subject<'_>) -> Option<Span> {
        self.first(subject).map(Node::span).or_else(|| {
            let mut node = match subject {
                Subject::Node(_, node) => node,
                Subject::Resource(world, id) => world.root(id),
            };
            let mut key = None;
            for step in &self.steps {
                let Step::Name(name) = step else { break };
                let Some((named, value)) = node.member(name) else { break };
                (key, node) = (Some(named.span()), value);
            }
            key
        })
    }

    /// The first value that is there.
    pub fn first<'w>(&self, subject: Subject<'w>) -> Option<Node<'w>> {
        self.find(subject).nodes.all().iter().find(|node| !node.is_null()).copied()
    }

    fn find<'w>(&self, subject: Subject<'w>) -> Found<'w> {
        let mut steps = self.steps.iter();
        let (one, mut open) = match subject {
            Subject::Node(_, node) => (Some(node), false),
            Subject::Resource(world, id) => match steps.as_slice().first() {
                Some(Step::Name(name)) => {
                    steps.next();
                    (world.field(id, name), is_hidden(world.root(id)))
                }
                _ => (Some(world.root(id)), false),
            },
        };
        let mut nodes = Nodes::One(one);
        for step in steps {
            open |= nodes.all().iter().any(|node| is_hidden(*node));
            nodes = match (nodes, step) {
                (Nodes::One(one), Step::Name(name)) => Nodes::One(one.and_then(|node| node.get(name))),
                (nodes, step) => Nodes::Many(nodes.all().iter().flat_map(|node| step.from(*node)).collect()),
            };
        }
        Found { nodes, open }
    }
}

/// Whether what is in a node cannot be known.
fn is_hidden(node: Node<'_>) -> bool {
    matches!(node.data(), Data::Unknown(_) | Data::Secret(_))
}

impl Step {
    fn from<'t>(&self, node: Node<'t>) -> Vec<Node<'t>> {
        match (self, node.data()) {
            (Step::Name(name), _) => node.get(name).into_iter().collect(),
            (Step::Items, Data::List(_)) => node.items().collect(),
            (Step::Items, Data::Null | Data::Map(_)) => Vec::new(),
            (Step::Items, _) => vec![node],
            (Step::Members, _) => node.entries().map(|(_, value)| value).collect(),
        }
    }
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// With the place and what to do.
    pub fn parse(yaml: Yaml<'_>) -> Result<Condition, yaml::Error> {
        Condition::at(yaml, 0)
    }

    fn at(yaml: Yaml<'_>, depth: usize) -> Result<Condition, yaml::Error> {
        let refuse = |reason: String| yaml::Error { place: yaml.place(), reason };
        if depth > MAX_CONDITION_DEPTH {
            return Err(refuse(format!("the condition nests deeper than {MAX_CONDITION_DEPTH} levels")));
        }
        if !yaml.is_map() {
            return Err(refuse(
                "expected a condition: a map of fields, or of all, any, not, some, every, none".to_owned(),
            ));
        }
        let mut parts = Vec::new();
        for (key, value) in yaml.entries() {
            let refuse = |reason: String| yaml::Error { place: key.place(), reason };
            let several = || -> Result<Vec<Condition>, yaml::Error> {
                if !value.is_list() || value.items().len() == 0 {
                    return Err(refuse("expected a list of conditions".to_owned()));
                }
                value.items().map(|item| Condition::at(item, depth + 1)).collect()
            };
            parts.push(match key.raw().unwrap_or_default() {
                "all" => Condition::All(several()?),
                "any" => Condition::Any(several()?),
                "not" => Condition::Not(Box::new(Condition::at(value, depth + 1)?)),
                "some" => Condition::each(Quantity::Some, value, depth)?,
                "every" => Condition::each(Quantity::Every, value, depth)?,
                "none" => Condition::each(Quantity::None, value, depth)?,
                "cel" => {
                    let read = super::cel::Cel::parse(value.raw().unwrap_or_default());
                    Condition::Cel(read.map_err(|reason| yaml::Error { place: value.place(), reason })?)
                }
                field => {
                    let (path, modifiers) = match field.split_once('|') {
                        Some((path, modifiers)) => (path, modifiers.split('|').collect()),
                        None => (field, Vec::new()),
                    };
                    let path = Path::parse(path).map_err(refuse)?;
                    Condition::Test(path, Test::parse(&modifiers, value)?)
                }
            });
        }
        match parts.len() {
            0 => Err(refuse("the condition is empty, so it would always hold".to_owned())),
            1 => Ok(parts.swap_remove(0)),
            _ => Ok(Condition::All(parts)),
        }
    }

    fn each(quantity: Quantity, yaml: Yaml<'_>, depth: usize) -> Result<Condition, yaml::Error> {
        let refuse = |reason: &str| yaml::Error { place: yaml.place(), reason: reason.to_owned() };
        if let Some((name, node)) = yaml.members().find(|(name, _)| !matches!(*name, "in" | "of" | "match")) {
            let reason = format!("unknown member `{name}`: expected `in` or `of`, and `match`");
            return Err(yaml::Error { place: node.place(), reason });
        }
        let through = match (yaml.get("in").and_then(Yaml::text), yaml.get("of").and_then(Yaml::text)) {
            (Some(path), None) => Through::Path(Path::parse(path).map_err(|reason| refuse(&reason))?),
            (None, Some(relation)) => Through::Relation(relation.into()),
            _ => return Err(refuse("expected `in: PATH` or `of: RELATION`, one of them")),
        };
        let matches = yaml.get("match").ok_or_else(|| refuse("`match` is missing: a condition"))?;
        let matches = Box::new(Condition::at(matches, depth + 1)?);
        Ok(Condition::Each(Each { quantity, through, matches }))
    }

    /// Compiles all expressions in it, which is else done when they are needed.
    ///
    /// # Errors
    /// What is wrong with one.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Condition::All(parts) | Condition::Any(parts) => parts.iter().try_for_each(Condition::check),
            Condition::Not(part) => part.check(),
            Condition::Test(_, test) => test.check(),
            Condition::Each(each) => each.matches.check(),
            Condition::Cel(_) => Ok(()),
        }
    }

    /// Whether it holds.
    pub fn holds(&self, subject: Subject<'_>) -> Truth {
        match self {
            Condition::All(parts) => {
                let (mut span, mut unknown) = (None, false);
                for part in parts {
                    match part.holds(subject) {
                        Truth::No => return Truth::No,
                        Truth::Unknown => unknown = true,
                        Truth::Yes(at) => span = span.or(at),
                    }
                }
                if unknown { Truth::Unknown } else { Truth::Yes(span) }
            }
            Condition::Any(parts) => any(parts.iter().map(|part| part.holds(subject))),
            Condition::Not(part) => part.holds(subject).not(),
            Condition::Test(path, test) => {
                let Found { nodes, open } = path.find(subject);
                test.holds(nodes.all(), open)
            }
            Condition::Each(each) => each.holds(subject),
            Condition::Cel(cel) => cel.holds(subject),
        }
    }
}

/// Whether one holds; the first that does shows it.
fn any(parts: impl Iterator<Item = Truth>) -> Truth {
    let mut unknown = false;
    for part in parts {
        match part {
            Truth::Yes(span) => return Truth::Yes(span),
            Truth::Unknown => unknown = true,
            Truth::No => {}
        }
    }
    if unknown { Truth::Unknown } else { Truth::No }
}

impl Each {
    fn holds(&self, subject: Subject<'_>) -> Truth {
        match (&self.through, subject) {
            (Through::Path(path), Subject::Resource(world, _) | Subject::Node(world, _)) => {
                let found = path.find(subject);
                let nodes = found.nodes.all();
                let open = found.open || nodes.iter().any(|node| is_hidden(*node));
                let truth = |node: &Node<'_>| match self.matches.holds(Subject::Node(world, *node)) {
                    Truth::Yes(span) => Truth::Yes(span.or(Some(node.span()))),
                    other => other,
                };
                self.decide(nodes.iter().filter(|node| !is_hidden(**node)).map(truth), open)
            }
            (Through::Relation(relation), Subject::Resource(world, id)) => {
                let truth = |id| match self.matches.holds(Subject::Resource(world, id)) {
                    // What shows it may be in another file: the finding stays with the subject.
                    Truth::Yes(_) => Truth::Yes(None),
                    other => other,
                };
                self.decide(world.related(id, relation).map(truth), false)
            }
            (Through::Relation(_), Subject::Node(..)) => self.decide(std::iter::empty(), false),
        }
    }

    /// The answer of all of them; no more are asked than decide it.
    fn decide(&self, truths: impl Iterator<Item = Truth>, open: bool) -> Truth {
        let some = |truth| if open && truth == Truth::No { Truth::Unknown } else { truth };
        match self.quantity {
            Quantity::Some => some(any(truths)),
            Quantity::None => some(any(truths)).not(),
            Quantity::Every => some(any(truths.map(Truth::not))).not(),
        }
    }
}

impl From<Tested> for Truth {
    fn from(tested: Tested) -> Truth {
        match tested {
            Tested::Yes => Truth::of(true),
            Tested::No => Truth::No,
            Tested::Unknown => Truth::Unknown,
        }
    }
}

#[cfg(test)]
mod tests;
