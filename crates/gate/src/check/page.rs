//! The page beside a check: what it sees, why that matters to both sides, and cases that prove it.
//!
//! ````markdown
//! # Title as in the check
//! What it sees.
//! ## Why it matters for operations
//! ## Why it matters for security
//! ## When it is wrong
//! ## What to do
//! ## Cases
//! ### speaks: a sentence
//! ```yaml
//! asked: {question: release, environment: production}
//! facts: {owner: {count: 0}}
//! says: nobody owns
//! ```
//! ### quiet: a near miss
//! ### undecided: a fact is missing
//! ````
//!
//! `now` (a day) and `says` (a part of the text that is expected) may be left out.

use super::{CheckError, parse, refuse};
use crate::facts::{Facts, nanos};
use crate::limits::{MAX_CASES, MAX_YAML_NODES};
use model::{Asked, Nanos};
use serde_json::{Map, Value};
use yaml::{Node, Scalar};

const CASES: &str = "Cases";
/// The sections that a page must have, and what belongs into them.
const SECTIONS: [(&str, &str); 4] = [
    ("Why it matters for operations", "say what outage or toil it means"),
    ("Why it matters for security", "say what attack it means"),
    ("When it is wrong", "say when the check speaks without need"),
    ("What to do", "say what makes it quiet"),
];
/// What a case is asked on when it names no day.
const TODAY: &str = "2026-11-22";

/// A page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// Its title, as in the check.
    pub title: String,
    /// What the check sees, in Markdown like all texts here.
    pub front: String,
    /// Why, for those who run it.
    pub operations: String,
    /// Why, for those who secure it.
    pub security: String,
    /// When it speaks without need.
    pub wrong: String,
    /// What makes it quiet.
    pub to_do: String,
    /// Its cases.
    pub cases: Vec<Case>,
}

/// What is known and asked, and what the check must say.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// `speaks`, `quiet` or `undecided`.
    pub kind: String,
    /// The sentence of its heading.
    pub says: String,
    /// The line of its heading.
    pub line: usize,
    /// What is asked.
    pub asked: Asked,
    /// What is known.
    pub facts: Facts,
    /// When.
    pub now: Nanos,
    /// A part of what it says.
    pub text: Option<String>,
}

impl Page {
    /// Reads a page.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(file: &str, text: &str) -> Result<Page, CheckError> {
        let mut page = Page::default();
        let mut sections: Vec<(String, usize, String)> = Vec::new();
        let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
        while let Some((number, line)) = lines.next() {
            if let Some(title) = line.strip_prefix("# ") {
                page.title = title.trim().to_owned();
                sections.push((String::new(), number, String::new()));
            } else if let Some(name) = line.strip_prefix("## ") {
                sections.push((name.trim().to_owned(), number, String::new()));
            } else if let Some(heading) = line.strip_prefix("### ").filter(|_| last(&sections) == CASES) {
                let (kind, says) = heading.split_once(':').unwrap_or_default();
                let block = block(file, number, &mut lines)?;
                let case = case(file, (kind.trim(), says.trim(), number), &block)?;
                if page.cases.len() >= MAX_CASES {
                    return Err(refuse(file, (number, 1), format!("a page has at most {MAX_CASES} cases")));
                }
                page.cases.push(case);
            } else if let Some((_, _, text)) = sections.last_mut() {
                text.push_str(line);
                text.push('\n');
            } else if !line.trim().is_empty() {
                return Err(refuse(file, (number, 1), "a page begins with `# ` and the title of the check"));
            }
        }
        let take = |name: &str, wanted: &str| {
            let found = sections.iter().find(|(own, _, _)| own == name);
            match found {
                Some((_, _, text)) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
                found => {
                    let line = found.map_or(1, |(_, line, _)| *line);
                    let name = if name.is_empty() { "text below the title" } else { name };
                    Err(refuse(file, (line, 1), format!("`{name}` is missing or empty: {wanted}")))
                }
            }
        };
        page.front = take("", "say below the title what the check sees")?;
        page.operations = take(SECTIONS[0].0, SECTIONS[0].1)?;
        page.security = take(SECTIONS[1].0, SECTIONS[1].1)?;
        page.wrong = take(SECTIONS[2].0, SECTIONS[2].1)?;
        page.to_do = take(SECTIONS[3].0, SECTIONS[3].1)?;
        Ok(page)
    }
}

fn last(sections: &[(String, usize, String)]) -> &str {
    sections.last().map_or("", |(name, _, _)| name)
}

/// The block below a heading: its first line, and its text.
fn block<'t>(
    file: &str,
    heading: usize,
    lines: &mut impl Iterator<Item = (usize, &'t str)>,
) -> Result<(usize, String), CheckError> {
    let wrong = |reason: &str| Err(refuse(file, (heading, 1), reason));
    let Some((begin, _)) = lines.find(|(_, line)| !line.trim().is_empty()).filter(|(_, line)| line.starts_with("```"))
    else {
        return wrong("a case is a block of YAML below its heading: ```yaml");
    };
    let mut text = String::new();
    for (_, line) in lines {
        if line.starts_with("```") {
            return Ok((begin + 1, text));
        }
        text.push_str(line);
        text.push('\n');
    }
    wrong("this block is never closed")
}

fn case(file: &str, heading: (&str, &str, usize), block: &(usize, String)) -> Result<Case, CheckError> {
    let (kind, says, line) = heading;
    if !matches!(kind, "speaks" | "quiet" | "undecided") || says.is_empty() {
        let reason = "a case is called `### speaks: a sentence`, `### quiet: ...` or `### undecided: ...`";
        return Err(refuse(file, (line, 5), reason));
    }
    // Lines are those of the page.
    let moved = |error: CheckError| CheckError { place: (error.place.0 + block.0 - 1, error.place.1), ..error };
    let yaml = parse(file, &block.1).map_err(moved)?;
    let Some(root) = yaml.documents().next().filter(|root| root.is_map()) else {
        return Err(refuse(file, (block.0, 1), "a case is a map with `asked` and `facts`"));
    };
    let at = |node: Node<'_>, reason: String| moved(refuse(file, node.place(), reason));
    for (key, _) in root.entries() {
        if !matches!(key.raw(), Some("asked" | "facts" | "now" | "says")) {
            return Err(at(key, "a case has `asked`, `facts`, `now` and `says`".to_owned()));
        }
    }
    let member =
        |name: &str| root.get(name).map_or(Ok(Value::Object(Map::new())), |node| json(file, node)).map_err(moved);
    let place = |name: &str| root.get(name).unwrap_or(root);
    let facts: Facts =
        serde_json::from_value(member("facts")?).map_err(|error| at(place("facts"), error.to_string()))?;
    let mut asked = member("asked")?;
    if let Some(asked) = asked.as_object_mut() {
        asked.entry("service").or_insert_with(|| facts.service.clone().unwrap_or_else(|| "checkout".to_owned()).into());
        asked.entry("question").or_insert_with(|| "release".into());
    }
    let asked: Asked = serde_json::from_value(asked).map_err(|error| at(place("asked"), error.to_string()))?;
    let now = root.get("now").map_or_else(|| Ok(TODAY.into()), |node| json(file, node)).map_err(moved)?;
    let now = nanos(&now).ok_or_else(|| at(place("now"), "`now` is a day such as 2026-11-22".to_owned()))?;
    let text = root.get("says").and_then(|node| node.text()).map(str::to_owned);
    Ok(Case { kind: kind.to_owned(), says: says.to_owned(), line, asked, facts, now, text })
}

/// YAML as JSON: as many values as a document may have nodes, aliases counted each time. Depth is bounded where it was read.
pub(crate) fn json(file: &str, node: Node<'_>) -> Result<Value, CheckError> {
    let many = || refuse(file, node.place(), format!("more than {MAX_YAML_NODES} values, aliases counted each time"));
    part(node, &mut MAX_YAML_NODES.clone()).ok_or_else(many)
}

fn part(node: Node<'_>, left: &mut usize) -> Option<Value> {
    *left = left.checked_sub(1)?;
    if node.is_list() {
        return Some(Value::Array(node.items().map(|item| part(item, left)).collect::<Option<_>>()?));
    }
    Some(match node.scalar() {
        None => {
            let members = node.members().map(|(name, value)| Some((name.to_owned(), part(value, left)?)));
            Value::Object(members.collect::<Option<_>>()?)
        }
        Some(Scalar::Null) => Value::Null,
        Some(Scalar::Bool(value)) => Value::Bool(value),
        Some(Scalar::Int(value)) => value.into(),
        Some(Scalar::Float(value)) => value.into(),
        Some(Scalar::Text(text)) => text.into(),
    })
}
