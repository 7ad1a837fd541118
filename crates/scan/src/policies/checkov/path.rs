//! Attributes: `spec.containers.*.image` and, for operators that begin with `jsonpath_`, JSONPath.

use crate::limits::{MAX_CONDITION_DEPTH, MAX_POLICY_STEPS, MAX_POLICY_VALUES, MAX_REGEX_BYTES};
use crate::tree::{Data, Node};
use regex::{Regex, RegexBuilder};
use std::cell::Cell;

/// Steps from a thing to values in it.
#[derive(Clone, Debug)]
pub struct Path {
    steps: Vec<Step>,
    /// It may lead to several values.
    pub several: bool,
    /// As it is written.
    pub text: Box<str>,
}

#[derive(Clone, Debug)]
enum Step {
    /// A member, or an item by its number.
    Name(Box<str>),
    /// Every item or member.
    All,
    /// It and everything in it.
    Deep,
    /// Items of which all of these hold.
    Where(Vec<Filter>),
}

#[derive(Clone, Debug)]
struct Filter {
    path: Path,
    is: Is,
}

#[derive(Clone, Debug)]
enum Is {
    There,
    Equal(String, bool),
    Number(fn(f64, f64) -> bool, f64),
    Matches(Regex),
}

/// What is at a path.
#[derive(Clone, Debug, Default)]
pub struct Found<'t> {
    /// The values; nothing is none.
    pub nodes: Vec<Node<'t>>,
    /// There may be others that are not known.
    pub open: bool,
}

impl Path {
    /// Reads names with dots; `[0]` and `[*]` are taken as well.
    ///
    /// # Errors
    /// When a name is missing.
    pub fn dotted(text: &str) -> Result<Path, String> {
        let plain = text.replace("[]", ".*").replace('[', ".").replace(']', "");
        let steps: Vec<Step> = plain
            .split('.')
            .map(|name| match name.trim() {
                "" => Err(format!("`{text}`: a name is missing between the dots")),
                "*" => Ok(Step::All),
                name => Ok(Step::Name(name.into())),
            })
            .collect::<Result<_, _>>()?;
        Ok(Path::of(steps, text))
    }

    /// Reads JSONPath: `$`, names, `..`, `*`, numbers, names in brackets and filters such as `[?(@.name == 'web')]`.
    ///
    /// # Errors
    /// When it is none, or something else of it.
    pub fn json(text: &str) -> Result<Path, String> {
        Reader { text, at: 0 }.path(0).map(|steps| Path::of(steps, text))
    }

    fn of(steps: Vec<Step>, text: &str) -> Path {
        let several = steps.iter().any(|step| !matches!(step, Step::Name(_)));
        Path { steps, several, text: text.into() }
    }

    /// The first name.
    pub fn first(&self) -> Option<&str> {
        match self.steps.first() {
            Some(Step::Name(name)) => Some(name),
            _ => None,
        }
    }

    /// What is there.
    pub fn find<'t>(&self, node: Node<'t>) -> Found<'t> {
        self.find_within(node, &Cell::new(MAX_POLICY_STEPS))
    }

    /// What is there, as far as the steps that are left lead.
    pub fn find_within<'t>(&self, node: Node<'t>, left: &Cell<usize>) -> Found<'t> {
        let mut found = Found::default();
        walk(&self.steps, node, &mut found, left);
        found
    }
}

/// Takes steps; whether there were as many.
fn take(left: &Cell<usize>, steps: usize) -> bool {
    let enough = left.get() >= steps;
    left.set(left.get().saturating_sub(steps));
    enough
}

fn walk<'t>(steps: &[Step], node: Node<'t>, found: &mut Found<'t>, left: &Cell<usize>) {
    if found.nodes.len() >= MAX_POLICY_VALUES || !take(left, 1) {
        found.open = true;
        return;
    }
    let Some((step, rest)) = steps.split_first() else {
        if !node.is_null() {
            found.nodes.push(node);
        }
        return;
    };
    if node.is_open() {
        found.open = true;
        return;
    }
    match step {
        Step::Name(name) if node.is_list() => {
            let item = name.parse::<usize>().ok().and_then(|at| node.items().nth(at));
            item.into_iter().for_each(|item| walk(rest, item, found, left));
        }
        Step::Name(name) => {
            if !take(left, node.entries().len()) {
                found.open = true;
                return;
            }
            found.open |= node.entries().any(|(key, _)| key.is_open());
            match node.member(name) {
                Some((_, value)) => walk(rest, value, found, left),
                None => dotted(name, rest, node, found, left),
            }
        }
        Step::All => {
            node.items().for_each(|item| walk(rest, item, found, left));
            node.entries().for_each(|(_, value)| walk(rest, value, found, left));
        }
        Step::Deep => {
            let all = node.walk(MAX_POLICY_VALUES.min(left.get()));
            take(left, all.len());
            found.open |= all.len() >= MAX_POLICY_VALUES;
            for inner in all {
                // What is not known may have it as well.
                walk(rest, inner, found, left);
            }
        }
        Step::Where(filters) => {
            for item in node.items().chain(node.entries().map(|(_, value)| value)) {
                let truths: Vec<Option<bool>> = filters.iter().map(|filter| filter.holds(item, left)).collect();
                if truths.iter().all(|truth| *truth == Some(true)) {
                    walk(rest, item, found, left);
                } else if !truths.contains(&Some(false)) {
                    found.open = true;
                }
            }
        }
    }
}

/// A name that has dots itself: `metadata.annotations.example.com/team`.
fn dotted<'t>(name: &str, mut rest: &[Step], node: Node<'t>, found: &mut Found<'t>, left: &Cell<usize>) {
    let mut name = name.to_owned();
    while let Some((Step::Name(next), after)) = rest.split_first() {
        name.push('.');
        name.push_str(next);
        rest = after;
        if !take(left, node.entries().len()) {
            found.open = true;
            return;
        }
        if let Some((_, value)) = node.member(&name) {
            return walk(rest, value, found, left);
        }
    }
}

impl Filter {
    fn holds(&self, node: Node<'_>, left: &Cell<usize>) -> Option<bool> {
        let Found { nodes, open } = self.path.find_within(node, left);
        let mut unknown = open;
        for node in nodes {
            match (&self.is, node.data()) {
                (Is::There, _) => return Some(true),
                (_, Data::Unknown(_) | Data::Secret(_) | Data::Partly(_)) => unknown = true,
                _ if self.is.of(node) => return Some(true),
                _ => {}
            }
        }
        (!unknown).then_some(false)
    }
}

impl Is {
    fn of(&self, node: Node<'_>) -> bool {
        let said = node.scalar();
        match self {
            Is::There => true,
            Is::Equal(text, equal) => said.is_some_and(|said| (said == *text) == *equal),
            Is::Number(compare, number) => {
                said.and_then(|said| said.trim().parse().ok()).is_some_and(|said| compare(said, *number))
            }
            Is::Matches(regex) => said.is_some_and(|said| regex.is_match(&said)),
        }
    }
}

/// Reads JSONPath.
struct Reader<'p> {
    text: &'p str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn refuse<T>(&self, why: &str) -> Result<T, String> {
        let column = self.text[..self.at].chars().count() + 1;
        Err(format!("`{}`: {why} at character {column} of the path", self.text))
    }

    fn take(&mut self, sign: &str) -> bool {
        let is = self.rest().starts_with(sign);
        if is {
            self.at += sign.len();
        }
        is
    }

    fn spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Up to what is no part of it.
    fn path(&mut self, depth: usize) -> Result<Vec<Step>, String> {
        if depth > MAX_CONDITION_DEPTH {
            return self.refuse("filters nest too deep");
        }
        let mut steps = Vec::new();
        if !self.take("$") && !self.take("@") && !self.rest().starts_with('[') {
            steps.push(self.name()?);
        }
        loop {
            if self.take("..") {
                steps.push(Step::Deep);
                if !self.rest().starts_with('[') {
                    steps.push(self.name()?);
                }
            } else if self.take(".") {
                if !self.rest().starts_with('[') {
                    steps.push(self.name()?);
                }
            } else if self.take("[") {
                steps.push(self.bracket(depth)?);
            } else if depth == 0 && !self.rest().trim().is_empty() {
                return self.refuse("expected `.` or `[`");
            } else {
                return Ok(steps);
            }
        }
    }

    fn name(&mut self) -> Result<Step, String> {
        if self.take("*") {
            return Ok(Step::All);
        }
        if self.rest().starts_with(['\'', '"']) {
            return self.quoted().map(|name| Step::Name(name.into()));
        }
        let ends = |character: char| ".[]()=!<>&|'\"".contains(character) || character.is_whitespace();
        let end = self.rest().find(ends).unwrap_or(self.rest().len());
        if end == 0 {
            return self.refuse("expected a name");
        }
        let name = self.rest()[..end].into();
        self.at += end;
        Ok(Step::Name(name))
    }

    fn quoted(&mut self) -> Result<String, String> {
        let quote = self.rest().chars().next().unwrap_or('\'');
        let inner = &self.text[self.at + 1..];
        let Some(end) = inner.find(quote) else { return self.refuse("this quote is not closed") };
        self.at += end + 2;
        Ok(inner[..end].to_owned())
    }

    fn bracket(&mut self, depth: usize) -> Result<Step, String> {
        self.spaces();
        let step = if self.take("?") {
            self.spaces();
            let round = self.take("(");
            let mut filters = vec![self.filter(depth)?];
            while self.take("&&") || self.take("&") {
                filters.push(self.filter(depth)?);
            }
            if round && !self.take(")") {
                return self.refuse("expected `&&` or `)`; other operators between filters are not known");
            }
            Step::Where(filters)
        } else {
            self.name()?
        };
        self.spaces();
        if !self.take("]") {
            return self.refuse("expected `]`; slices and unions are not known");
        }
        Ok(step)
    }

    fn filter(&mut self, depth: usize) -> Result<Filter, String> {
        self.spaces();
        let from = self.at;
        let steps = self.path(depth + 1)?;
        let path = Path::of(steps, &self.text[from..self.at]);
        self.spaces();
        let number: Option<fn(f64, f64) -> bool> = match () {
            () if self.take(">=") => Some(|a, b| a >= b),
            () if self.take("<=") => Some(|a, b| a <= b),
            () if self.take(">") => Some(|a, b| a > b),
            () if self.take("<") => Some(|a, b| a < b),
            () => None,
        };
        let is = if let Some(compare) = number {
            let literal = self.literal()?;
            match literal.parse() {
                Ok(number) => Is::Number(compare, number),
                Err(_) => return self.refuse("expected a number before this"),
            }
        } else if self.take("=~") {
            let literal = self.literal()?;
            match RegexBuilder::new(&literal).size_limit(MAX_REGEX_BYTES).build() {
                Ok(regex) => Is::Matches(regex),
                Err(_) => return self.refuse("no regular expression that can be used ends"),
            }
        } else if self.take("!=") {
            Is::Equal(self.literal()?, false)
        } else if self.take("==") || self.take("=") {
            Is::Equal(self.literal()?, true)
        } else {
            Is::There
        };
        self.spaces();
        Ok(Filter { path, is })
    }

    fn literal(&mut self) -> Result<String, String> {
        self.spaces();
        if self.rest().starts_with(['\'', '"']) {
            return self.quoted();
        }
        let end = self.rest().find([')', ']', '&', '|', ' ']).unwrap_or(self.rest().len());
        if end == 0 {
            return self.refuse("expected a value");
        }
        let literal = self.rest()[..end].to_owned();
        self.at += end;
        Ok(literal)
    }
}
