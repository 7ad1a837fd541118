//! What a rule says of mending what it finds.

use crate::limits::MAX_FIX_EDITS;
use crate::rules::{Condition, Lazy, Path};
use std::sync::Arc;
use yaml::{Node, Scalar};

/// Members of a fix.
const MEMBERS: &[&str] = &[
    "grade",
    "safe_when",
    "when",
    "says",
    "needs",
    "unless",
    "set",
    "add",
    "remove",
    "after",
    "before",
    "replace",
    "append",
    "check",
];

/// Whether what worked before still works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// Nothing that works can break by it.
    Safe,
    /// It is what the rule wants, and somebody must say that nothing needs what it takes away.
    Unsafe,
}

/// How findings of a rule are mended.
#[derive(Clone, Debug)]
pub struct Fix {
    /// Its grade.
    pub grade: Grade,
    /// With this it is safe, else it is unsafe.
    pub safe_when: Option<Condition>,
    /// Without this there is none.
    pub when: Option<Condition>,
    /// What it does, in a few words.
    pub says: Arc<str>,
    /// What is done to the text.
    pub steps: Vec<Step>,
}

/// What is done to the text.
#[derive(Clone, Debug)]
pub enum Step {
    /// A value at a path of the map that the finding is about; maps on the way are made.
    Set(Vec<String>, Value),
    /// One more item of a list at a path; list and maps on the way are made.
    Add(Vec<String>, Value),
    /// A member is taken out.
    Remove(Vec<String>),
    /// Only where this path is written in the map itself, and not taken over from elsewhere.
    Needs(Vec<String>),
    /// Not where the map says this already.
    Unless(Lazy),
    /// New members go behind this one and not to the end.
    After(String),
    /// New members go before this one.
    Before(String),
    /// Text in a span.
    Replace(Replace),
    /// Text at the end of an instruction.
    Append(String),
    /// Steps in Rust, by name.
    Check(Arc<str>),
}

/// Text in a span for other text.
#[derive(Clone, Debug)]
pub struct Replace {
    /// Pairs of what is looked for and what it becomes: the first that is there counts, or all.
    pub pairs: Vec<(Lazy, String)>,
    /// Where it is looked for.
    pub within: Within,
    /// All that are there, not the first alone.
    pub all: bool,
}

/// Where text is looked for.
#[derive(Clone, Debug)]
pub enum Within {
    /// Where the finding is shown.
    Finding,
    /// The whole instruction or the whole map.
    Whole,
    /// A member of the resource.
    Field(Path),
}

/// A value to be written.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A scalar, and whether it must stay a text.
    Scalar(String, bool),
    /// A list.
    List(Vec<Value>),
    /// A map.
    Map(Vec<(String, Value)>),
}

fn refuse(node: Node<'_>, reason: impl Into<String>) -> yaml::Error {
    yaml::Error { place: node.place(), reason: reason.into() }
}

impl Fix {
    /// Reads the member `fix` of a rule.
    ///
    /// # Errors
    /// With the place and what to do.
    pub fn parse(root: Node<'_>) -> Result<Fix, yaml::Error> {
        if let Some((key, _)) = root.entries().find(|(key, _)| !MEMBERS.contains(&key.raw().unwrap_or_default())) {
            let name = key.raw().unwrap_or_default();
            return Err(refuse(key, format!("unknown member `{name}`; there are {}", MEMBERS.join(", "))));
        }
        let grade = match root.get("grade").and_then(Node::text) {
            Some("safe") => Grade::Safe,
            Some("unsafe") => Grade::Unsafe,
            _ => return Err(refuse(root, "`grade` is safe (nothing that works can break) or unsafe")),
        };
        let safe_when = root.get("safe_when").map(Condition::parse).transpose()?;
        if safe_when.is_some() && grade == Grade::Safe {
            return Err(refuse(root, "`safe_when` is for a fix whose grade is unsafe"));
        }
        let says = root.get("says").and_then(Node::text).ok_or_else(|| refuse(root, "`says` is missing"))?;
        let steps = steps(root)?;
        if steps.is_empty() || steps.len() > MAX_FIX_EDITS {
            return Err(refuse(root, format!("a fix has one step at least and {MAX_FIX_EDITS} at most")));
        }
        let when = root.get("when").map(Condition::parse).transpose()?;
        Ok(Fix { grade, safe_when, when, says: says.into(), steps })
    }

    /// Compiles its expressions.
    ///
    /// # Errors
    /// What is wrong with one.
    pub fn check(&self) -> Result<(), String> {
        self.steps.iter().try_for_each(|step| match step {
            Step::Unless(pattern) => pattern.check(),
            Step::Replace(replace) => replace.pairs.iter().try_for_each(|(pattern, _)| pattern.check()),
            _ => Ok(()),
        })
    }
}

fn steps(root: Node<'_>) -> Result<Vec<Step>, yaml::Error> {
    let mut steps = Vec::new();
    let text = |name: &str| root.get(name).and_then(Node::raw).map(str::to_owned);
    steps.extend(text("after").map(Step::After));
    steps.extend(text("before").map(Step::Before));
    if let Some(needs) = root.get("needs") {
        steps.push(Step::Needs(path(needs)?));
    }
    if let Some(unless) = root.get("unless") {
        steps.push(Step::Unless(regex(unless)?));
    }
    for (key, value) in root.get("set").into_iter().flat_map(Node::entries) {
        steps.push(Step::Set(path(key)?, Value::of(value)));
    }
    for (key, value) in root.get("add").into_iter().flat_map(Node::entries) {
        steps.push(Step::Add(path(key)?, Value::of(value)));
    }
    if let Some(remove) = root.get("remove") {
        steps.push(Step::Remove(path(remove)?));
    }
    if let Some(replace) = root.get("replace") {
        steps.push(Step::Replace(Replace::parse(replace)?));
    }
    steps.extend(text("append").map(Step::Append));
    match root.get("check").and_then(Node::text) {
        Some(name) if super::checks::find(name).is_some() => steps.push(Step::Check(name.into())),
        Some(name) => return Err(refuse(root, format!("there is no fix `{name}`"))),
        None => {}
    }
    Ok(steps)
}

/// A path of names, divided by dots.
fn path(node: Node<'_>) -> Result<Vec<String>, yaml::Error> {
    let text = node.raw().unwrap_or_default();
    let names: Vec<String> = text.split('.').map(str::to_owned).collect();
    match names.iter().all(|name| !name.is_empty() && !name.contains(['"', '[', ']'])) {
        true => Ok(names),
        false => Err(refuse(node, format!("`{text}`: expected names divided by dots"))),
    }
}

fn regex(node: Node<'_>) -> Result<Lazy, yaml::Error> {
    Lazy::new(node.raw().unwrap_or_default(), false).map_err(|reason| refuse(node, reason))
}

impl Replace {
    fn parse(root: Node<'_>) -> Result<Replace, yaml::Error> {
        let within = match root.get("in").and_then(Node::text) {
            None | Some("finding") => Within::Finding,
            Some("whole") => Within::Whole,
            Some(field) => Within::Field(Path::parse(field).map_err(|reason| refuse(root, reason))?),
        };
        let all = root.get("all").and_then(Node::text) == Some("true");
        let pairs = root.get("pairs").into_iter().flat_map(Node::entries);
        let pairs: Result<Vec<_>, _> =
            pairs.map(|(key, value)| Ok((regex(key)?, value.raw().unwrap_or_default().to_owned()))).collect();
        let pairs = pairs?;
        match pairs.is_empty() {
            true => Err(refuse(root, "`pairs` is missing: what is looked for, and what it becomes")),
            false => Ok(Replace { pairs, within, all }),
        }
    }
}

impl Value {
    fn of(node: Node<'_>) -> Value {
        if node.is_list() {
            return Value::List(node.items().map(Value::of).collect());
        }
        if node.is_map() {
            let entry =
                |(key, value): (Node<'_>, Node<'_>)| (key.raw().unwrap_or_default().to_owned(), Value::of(value));
            return Value::Map(node.entries().map(entry).collect());
        }
        let raw = node.raw().unwrap_or_default().to_owned();
        Value::Scalar(raw, matches!(node.scalar(), Some(Scalar::Text(_))))
    }

    /// A text.
    pub fn text(text: impl Into<String>) -> Value {
        Value::Scalar(text.into(), true)
    }

    /// With other text for these names in braces.
    pub fn replaced(&self, pairs: &[(&str, &str)]) -> Value {
        match self {
            Value::Scalar(said, is_text) => {
                let text = pairs.iter().fold(said.clone(), |text, (name, with)| text.replace(name, with));
                // A number is one as soon as it is filled in.
                let is_number = text != *said && text.bytes().all(|byte| byte.is_ascii_digit());
                Value::Scalar(text, *is_text && !is_number)
            }
            Value::List(items) => Value::List(items.iter().map(|item| item.replaced(pairs)).collect()),
            Value::Map(members) => {
                let member = |(name, value): &(String, Value)| (name.clone(), value.replaced(pairs));
                Value::Map(members.iter().map(member).collect())
            }
        }
    }

    /// Below these names, the first outermost.
    pub fn below(self, names: &[String]) -> Value {
        names.iter().rev().fold(self, |value, name| Value::Map(vec![(name.clone(), value)]))
    }

    /// On one line.
    pub fn flow(&self, json: bool) -> String {
        match self {
            Value::Scalar(text, is_text) => scalar(text, *is_text, json),
            Value::List(items) => {
                let items: Vec<String> = items.iter().map(|item| item.flow(json)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Map(members) => {
                let member =
                    |(name, value): &(String, Value)| format!("{}: {}", scalar(name, true, json), value.flow(json));
                let members: Vec<String> = members.iter().map(member).collect();
                format!("{{{}}}", members.join(", "))
            }
        }
    }

    /// It as the member of a block, on lines of its own, with a line's end before it.
    pub fn member(&self, name: &str, column: usize, step: usize, newline: &str) -> String {
        let value = self.block(column, step, newline);
        format!("{newline}{:column$}{}:{value}", "", scalar(name, true, false))
    }

    /// What follows `key:`, each line of it indented below the column of the key.
    pub fn block(&self, column: usize, step: usize, newline: &str) -> String {
        let inner = column + step;
        match self {
            Value::Map(members) if !members.is_empty() => {
                members.iter().map(|(name, value)| value.member(name, inner, step, newline)).collect()
            }
            Value::List(items) if !items.is_empty() => items
                .iter()
                .fold(String::new(), |text, item| format!("{text}{newline}{:inner$}- {}", "", item.flow(false))),
            other => format!(" {}", other.flow(false)),
        }
    }
}

/// A scalar as it is written; a text that would be read as something else is quoted.
fn scalar(text: &str, is_text: bool, json: bool) -> String {
    let plain = |text: &str| {
        let first = text.chars().next().unwrap_or('"');
        let begins = first.is_ascii_alphanumeric() || matches!(first, '/' | '.' | '_' | '$');
        let inside = !text.contains(": ") && !text.contains(" #") && !text.contains(['\n', '"', '[', ']', ',']);
        let expression = text.starts_with("${{") && text.ends_with("}}") && !text.contains('\n');
        let braces = !text.contains(['{', '}']) || expression;
        let dashes = text.starts_with("--") && text.len() > 2 && text.as_bytes()[2].is_ascii_alphanumeric();
        (begins || dashes) && inside && braces && !text.ends_with(':') && text.trim() == text
    };
    let stays = || matches!(Scalar::of_plain(text), Scalar::Text(_));
    match (is_text, json) {
        (false, _) => text.to_owned(),
        (true, false) if plain(text) && stays() => text.to_owned(),
        (true, _) => serde_json::Value::from(text).to_string(),
    }
}
