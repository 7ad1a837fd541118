//! Rules over resources: findings, and what could not be decided.

use crate::checks::Check;
use crate::finding::{Finding, Hit, fingerprint};
use crate::limits::{MAX_FINDINGS_A_RULE, MAX_SHOWN};
use crate::policies::Answer;
use crate::resource::{FileId, ResourceId, World};
use crate::rules::{Finds, Rule, Subject, Truth};
use crate::text::Span;
use ahash::{AHashMap, AHashSet};
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Resources that one thread asks about before it takes the next ones.
const ASKED_TOGETHER: usize = 128;

/// Something a rule could not decide.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Undecided {
    /// The rule.
    #[serde(serialize_with = "crate::finding::as_text")]
    pub rule: Arc<str>,
    /// The file.
    #[serde(serialize_with = "crate::finding::as_text")]
    pub path: Arc<str>,
    /// The logical place in it.
    pub address: String,
    /// The line of it.
    pub line: u32,
    /// Why, where that is more than that something is not known before it runs.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// What rules say of a world.
#[derive(Debug, Default)]
pub struct Evaluated {
    /// Findings, by file and place.
    pub findings: Vec<Finding>,
    /// What could not be decided.
    pub undecided: Vec<Undecided>,
    /// Findings beyond `MAX_FINDINGS_A_RULE`, by rule and file: only counted.
    pub cut: usize,
}

/// Rules ready to be asked.
pub struct Evaluator<'r> {
    /// By kind of resource.
    by_kind: AHashMap<&'r str, Vec<(&'r Rule, Option<Check>)>>,
    /// Those that users brought in the forms of other tools.
    policies: Vec<&'r Rule>,
}

impl<'r> Evaluator<'r> {
    /// Sorts the rules by what they are about. The names of checks must be known: [`crate::checks::find`].
    pub fn new(rules: impl IntoIterator<Item = &'r Rule>) -> Evaluator<'r> {
        let mut by_kind: AHashMap<&str, Vec<_>> = AHashMap::new();
        let mut policies = Vec::new();
        for rule in rules {
            let check = match &rule.finds {
                Finds::Check(name) => crate::checks::find(name),
                Finds::Fails(_) => None,
                Finds::Policy(_) | Finds::Rego(_) => {
                    policies.push(rule);
                    None
                }
            };
            for kind in &rule.about {
                by_kind.entry(kind).or_default().push((rule, check));
            }
        }
        Evaluator { by_kind, policies }
    }

    /// What the rules say of everything.
    pub fn run(&self, world: &World) -> Evaluated {
        self.run_on(world, 1)
    }

    /// The same on several threads: what is asked of one resource does not depend on what was said of others.
    pub fn run_on(&self, world: &World, jobs: usize) -> Evaluated {
        let mut told = Told::default();
        let mut places: AHashSet<(Arc<str>, FileId, Span)> = AHashSet::new();
        for asked in self.ask_all(world, jobs).into_iter().flatten() {
            match asked {
                Asked::Undecided { rule, of, undecided } => {
                    let file = world.resource(of).file;
                    let said = Said { file, address: &undecided.address, value: UNDECIDED, by: By::Resource(of) };
                    if told.is_new(world, rule, &said) {
                        told.out.undecided.push(undecided);
                    }
                }
                Asked::Found { rule, inherited, hit } => {
                    let file = world.resource(hit.resource).file;
                    let place = |span| (rule.id.clone(), file, span);
                    if inherited.is_some_and(|span| !places.insert(place(span))) {
                        continue;
                    }
                    // Only counted, so nothing is worked out about it.
                    if told.is_full(world, rule, file) {
                        told.out.cut += 1;
                        continue;
                    }
                    told.add(rule, world, spot(rule, world, hit));
                }
            }
        }
        self.policies(world, &mut told);
        let mut out = told.out;
        out.findings.sort_by(|a, b| (&a.path, a.span, &a.rule).cmp(&(&b.path, b.span, &b.rule)));
        out
    }

    /// What is said of resources, a part of them after the other. What was said before is looked at when this is put together.
    fn ask_all(&self, world: &World, jobs: usize) -> Vec<Vec<Asked<'r>>> {
        let resources = world.resources.len();
        let next = AtomicUsize::new(0);
        let work = || {
            let mut out = Vec::new();
            loop {
                let part = next.fetch_add(1, Ordering::Relaxed);
                let ids = part * ASKED_TOGETHER..((part + 1) * ASKED_TOGETHER).min(resources);
                if ids.is_empty() {
                    return out;
                }
                let mut said = Vec::new();
                ids.for_each(|id| self.ask_one(world, ResourceId(id as u32), &mut said));
                out.push((part, said));
            }
        };
        let jobs = jobs.clamp(1, resources.div_ceil(ASKED_TOGETHER).max(1));
        let mut all = std::thread::scope(|scope| {
            let threads: Vec<_> = (1..jobs).map(|_| scope.spawn(work)).collect();
            let mut all = work();
            for thread in threads {
                match thread.join() {
                    Ok(some) => all.extend(some),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            all
        });
        all.sort_unstable_by_key(|(part, _)| *part);
        all.into_iter().map(|(_, said)| said).collect()
    }

    /// What the rules say of one resource.
    fn ask_one(&self, world: &World, id: ResourceId, out: &mut Vec<Asked<'r>>) {
        let resource = world.resource(id);
        // A line that many jobs take over is wrong once.
        let inherits = resource.family == crate::families::gitlab::FAMILY;
        for (rule, check) in self.by_kind.get(resource.kind).into_iter().flatten() {
            if !rule.families.is_empty() && !rule.families.iter().any(|family| **family == *resource.family) {
                continue;
            }
            out.extend(ask(rule, *check, world, id).into_iter().map(|asked| match asked {
                Some(hit) => {
                    let inherited = hit.span.filter(|_| inherits);
                    Asked::Found { rule, inherited, hit }
                }
                None => Asked::Undecided { rule, of: id, undecided: undecided(rule, world, id) },
            }));
        }
    }

    fn policies(&self, world: &World, told: &mut Told) {
        for (rule, answer) in crate::policies::ask(&self.policies, world) {
            let Answer { file, address, span, value, message } = answer;
            match message {
                Some(message) => {
                    let by = By::Place(span);
                    told.add(rule, world, Spot { by, file, address, begin: span.start, span, value, message });
                }
                None => {
                    let text = &world.file(file).text;
                    let line = text.line_of(span.start);
                    told.out.undecided.push(Undecided {
                        rule: rule.id.clone(),
                        path: text.path.clone(),
                        address,
                        line,
                        reason: value,
                    });
                }
            }
        }
    }
}

/// What a rule says of a resource.
enum Asked<'r> {
    /// That it cannot be decided.
    Undecided { rule: &'r Rule, of: ResourceId, undecided: Undecided },
    /// What is wrong, and the span that counts once for all resources that inherit it.
    Found { rule: &'r Rule, inherited: Option<Span>, hit: Hit },
}

/// Where a finding is, and what it says.
struct Spot {
    by: By,
    file: FileId,
    address: String,
    /// Where what is shown begins: at the span, or before it.
    begin: u32,
    span: Span,
    value: String,
    message: String,
}

/// What was said so far.
#[derive(Default)]
struct Told {
    out: Evaluated,
    /// Findings of one rule that are alike, by the fingerprint of the first.
    ordinals: AHashMap<String, usize>,
    /// Findings by rule and path.
    counts: AHashMap<(Arc<str>, Arc<str>), usize>,
    /// What was said of objects that are there more than once, and of which of them first.
    said: AHashMap<Key, By>,
}

/// What is said: the rule, the file, the address, and the value.
type Key = (Arc<str>, FileId, String, String);

/// Stands in place of a value for what could not be decided.
const UNDECIDED: &str = "\0undecided";

/// What something is said of: policies know files alone.
#[derive(Clone, Copy, PartialEq)]
enum By {
    Resource(ResourceId),
    Place(Span),
}

/// Something that is said.
struct Said<'s> {
    file: FileId,
    address: &'s str,
    value: &'s str,
    by: By,
}

impl Told {
    /// Whether something was not said of another variant of the same object.
    fn is_new(&mut self, world: &World, rule: &Rule, said: &Said<'_>) -> bool {
        if !world.variants.contains(&said.file) {
            return true;
        }
        let value = match said.by {
            By::Resource(_) => said.value.to_owned(),
            By::Place(span) => format!("{}\0{}", said.value, span.start),
        };
        let key = (rule.id.clone(), said.file, said.address.to_owned(), value);
        match self.said.get(&key) {
            // One resource may be wrong in several places; the same place of a policy is another variant's.
            Some(first) => matches!(said.by, By::Resource(_)) && *first == said.by,
            None => {
                self.said.insert(key, said.by);
                true
            }
        }
    }

    /// Whether no more findings of a rule in a file are told. Of objects that are there more than once, only what is new counts.
    fn is_full(&self, world: &World, rule: &Rule, file: FileId) -> bool {
        let key = (rule.id.clone(), world.file(file).text.path.clone());
        !world.variants.contains(&file) && self.counts.get(&key).is_some_and(|count| *count >= MAX_FINDINGS_A_RULE)
    }

    fn add(&mut self, rule: &Rule, world: &World, spot: Spot) {
        let said = Said { file: spot.file, address: &spot.address, value: &spot.value, by: spot.by };
        if !self.is_new(world, rule, &said) {
            return;
        }
        let text = &world.file(spot.file).text;
        let count = self.counts.entry((rule.id.clone(), text.path.clone())).or_default();
        *count += 1;
        if *count > MAX_FINDINGS_A_RULE {
            self.out.cut += 1;
            return;
        }
        let numbered = |ordinal| fingerprint(&rule.id, &text.path, &spot.address, &spot.value, ordinal);
        let first = numbered(0);
        let ordinal = self.ordinals.entry(first.clone()).or_default();
        let fingerprint = if *ordinal == 0 { first } else { numbered(*ordinal) };
        *ordinal += 1;
        self.out.findings.push(Finding {
            rule: rule.id.clone(),
            title: rule.title.clone(),
            severity: rule.severity,
            confidence: rule.confidence,
            message: spot.message,
            path: text.path.clone(),
            address: spot.address,
            start: text.place(spot.begin),
            end: text.place(spot.span.end),
            fingerprint,
            span: spot.span,
            file: spot.file,
        });
    }
}

/// What a rule says of a resource; none for what it cannot decide.
fn ask(rule: &Rule, check: Option<Check>, world: &World, id: ResourceId) -> Vec<Option<Hit>> {
    let subject = Subject::Resource(world, id);
    let mut unknown = false;
    match rule.when.as_ref().map(|when| when.holds(subject)) {
        Some(Truth::No) => return Vec::new(),
        Some(Truth::Unknown) => unknown = true,
        Some(Truth::Yes(_)) | None => {}
    }
    let answers: Vec<Option<Hit>> = match (&rule.finds, check) {
        (Finds::Fails(condition), _) => match condition.holds(subject) {
            Truth::No => Vec::new(),
            Truth::Unknown => vec![None],
            Truth::Yes(span) => {
                let shown = rule.at.as_ref().and_then(|path| path.place(subject));
                vec![Some(Hit { resource: id, span: shown.or(span), message: None, value: String::new() })]
            }
        },
        (Finds::Check(_), Some(check)) => check(world, id),
        (Finds::Check(_), None) | (Finds::Policy(_) | Finds::Rego(_), _) => Vec::new(),
    };
    if unknown && !answers.is_empty() { vec![None] } else { answers }
}

fn undecided(rule: &Rule, world: &World, id: ResourceId) -> Undecided {
    let resource = world.resource(id);
    let text = &world.file(resource.file).text;
    Undecided {
        rule: rule.id.clone(),
        path: text.path.clone(),
        address: resource.address.clone(),
        line: text.line_of(resource.span.start),
        reason: String::new(),
    }
}

fn spot(rule: &Rule, world: &World, hit: Hit) -> Spot {
    let resource = world.resource(hit.resource);
    let text = &world.file(resource.file).text;
    let span = hit.span.unwrap_or(resource.span);
    // What is a part of a larger whole is shown with all of it: a command with its instruction.
    let whole = world.related(hit.resource, "shown_with").next().map(|id| world.resource(id).span);
    let begin = whole.map_or(span.start, |whole| whole.start.min(span.start));
    let mut message = hit.message.unwrap_or_else(|| message(&rule.message, world, hit.resource));
    let (start, exact) = (text.place(begin), text.place(span.start));
    if start.line != exact.line {
        message.push_str(&format!(" (line {})", exact.line));
    }
    Spot {
        by: By::Resource(hit.resource),
        file: resource.file,
        address: resource.address.clone(),
        begin,
        span,
        value: hit.value,
        message,
    }
}

/// Fills in `{name}`, `{kind}`, `{address}` and paths in braces. What is not there is left out; no secret is ever shown.
fn message(template: &str, world: &World, id: ResourceId) -> String {
    let resource = world.resource(id);
    let (mut out, mut rest) = (String::with_capacity(template.len() + 16), template);
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, then)) = after.split_once('}') else { break };
        out.push_str(before);
        match name {
            "name" => out.push_str(&resource.name),
            "kind" => out.push_str(resource.kind),
            "address" => out.push_str(&resource.address),
            path => {
                let path = crate::rules::Path::parse(path).ok();
                let node = path.as_ref().and_then(|path| path.first(Subject::Resource(world, id)));
                let said = node.and_then(|node| node.scalar()).unwrap_or_default();
                out.extend(said.chars().take(MAX_SHOWN));
            }
        }
        rest = then;
    }
    out.push_str(rest);
    out
}
