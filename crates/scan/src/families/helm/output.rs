//! What the program `helm` made of a chart: documents, each with the template that it comes from.
//!
//! Only templates that could not be rendered here get their documents from it, so nothing is found twice. A line of a document is
//! shown at the line of the template that is most like it, where the order of both fits. What a chart makes up by chance is told from
//! nothing else in a document: what is in a secret is not known.

use super::value::HOLE;
use super::{Whole, not_rendered, unknown};
use crate::limits::{MAX_ALIGNED_LINES, MAX_HELM_OUTPUT_BYTES};
use crate::resource::World;
use crate::text::{Span, Text};
use crate::tree::{Data, Id, Malformed, Node, Tree};
use std::collections::BTreeMap;

/// The namespace to render charts for: it stands for one that is not known.
pub const NAMESPACE: &str = "tandem-unknown-namespace";

/// Longest message of `helm` that is told.
const SHOWN: usize = 300;

/// What `helm template` printed for a chart, or why it failed.
#[derive(Clone, Debug)]
pub struct Output {
    /// The folder of the chart, with its last slash, as [`super::not_whole`] gives it.
    pub chart: String,
    /// Its standard output, or a message.
    pub documents: Result<String, String>,
}

/// Puts documents in place of templates that were not rendered.
pub(super) fn fill(world: &World, output: &Output, whole: &mut Whole) {
    let documents = match &output.documents {
        Ok(text) if text.len() > MAX_HELM_OUTPUT_BYTES => Err("it made more text than is read (MAX_HELM_OUTPUT_BYTES)"),
        Ok(text) => Ok(text),
        Err(message) => Err(message.as_str()),
    };
    let text = match documents {
        Ok(text) => text,
        Err(message) => {
            let message: String =
                message.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SHOWN).collect();
            for (_, tree) in &mut whole.trees {
                if let Err(malformed) = tree {
                    malformed.reason = format!("{}; `helm template` failed: {message}", malformed.reason);
                }
            }
            return;
        }
    };
    let mut by_file: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (source, text) in pieces(text) {
        if let Some(path) = path_of(source, &whole.ways) {
            by_file.entry(path).or_default().push(text);
        }
    }
    let mut left = MAX_ALIGNED_LINES;
    for (file, tree) in whole.trees.iter_mut().filter(|(_, tree)| tree.is_err()) {
        let text = &world.file(*file).text;
        let none = Vec::new();
        *tree = tree_of(by_file.get(&*text.path).unwrap_or(&none), text, &mut left);
    }
}

/// Documents with the template that each comes from.
fn pieces(output: &str) -> Vec<(&str, &str)> {
    let mut out: Vec<(&str, &str)> = Vec::new();
    let mut begin: Option<(&str, usize)> = None;
    let (mut at, mut divided) = (0, true);
    for line in output.split_inclusive('\n') {
        let trimmed = line.trim_end();
        if let Some(source) = trimmed.strip_prefix("# Source: ").filter(|_| divided) {
            if let Some((source, start)) = begin {
                out.push((source, &output[start..at]));
            }
            begin = Some((source, at + line.len()));
        }
        divided = trimmed == "---";
        at += line.len();
    }
    out.extend(begin.map(|(source, start)| (source, &output[start..])));
    out
}

/// The file that Helm names by the names of charts: `shop/charts/db/templates/a.yaml`.
fn path_of(source: &str, ways: &BTreeMap<String, String>) -> Option<String> {
    let at = source.find("/templates/")?;
    let folder = ways.get(&source[..at])?;
    Some(format!("{folder}{}", &source[at + 1..]))
}

/// The tree of all documents of a template, with places in it.
fn tree_of(documents: &[&str], template: &Text, left: &mut usize) -> Result<Tree, Malformed> {
    let (mut text, mut places): (String, Vec<Origin>) = (String::new(), Vec::new());
    let parts = Parts::of(template);
    let mut used = vec![false; parts.parts.len()];
    for document in documents {
        text.push_str("---\n");
        let lines: Vec<&str> = document.lines().collect();
        places.push((parts.first, false));
        places.extend(parts.align(&lines, &mut used, left));
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
    }
    let text = Text::new("", text.replace(NAMESPACE, &HOLE.to_string()));
    let place = |span: Span| {
        let line = text.place(span.start).line as usize;
        let found = places.get(line.saturating_sub(1)).or(places.last()).copied();
        let (origin, is_own) = found.unwrap_or((parts.first, false));
        let before = text.text.get(..span.start as usize).and_then(|before| before.rsplit('\n').next());
        // What stands behind a name stands behind it in the template: addresses are made of it.
        let is_value = is_own && before.is_some_and(|before| before.contains(':'));
        match template.slice(origin).find(": ").filter(|_| is_value) {
            Some(colon) => Span { start: origin.start + colon as u32 + 2, end: origin.end },
            None => origin,
        }
    };
    let (mut tree, malformed) = Tree::yaml(&text);
    if let Some(Malformed { span, reason }) = malformed.into_iter().next() {
        return Err(not_rendered(place(span), &format!("what `helm` made of it is no YAML: {reason}")));
    }
    tree.move_spans(place);
    unknown(&mut tree);
    hide(&mut tree);
    Ok(tree)
}

/// What is in a secret may be made up anew each time.
fn hide(tree: &mut Tree) {
    let secrets = tree.documents().filter(|root| root.get("kind").and_then(Node::text) == Some("Secret"));
    let data = secrets.flat_map(|root| [root.get("data"), root.get("stringData")]).flatten();
    let values: Vec<Id> = data.flat_map(|data| data.entries().map(|(_, value)| value.id())).collect();
    for id in values {
        tree.replace(id, Data::Unknown("what is in a secret".into()));
    }
}

/// The line of the template that a line comes from, and whether it is like it, not only behind it.
type Origin = (Span, bool);

/// A line of a template or a document: what it is, and the name that it begins with.
#[derive(Clone, Copy)]
struct Line<'t> {
    text: &'t str,
    name: Option<&'t str>,
    span: Span,
}

impl<'t> Line<'t> {
    fn of(line: &'t str, start: usize) -> Line<'t> {
        let text = line.trim();
        let begin = start + line.len() - line.trim_start().len();
        let mut rest = text;
        while let Some(inner) = rest.strip_prefix("- ") {
            rest = inner.trim_start();
        }
        let name = rest.split_once(':').map(|(name, _)| name.trim_matches(['"', '\'']));
        let name = name.filter(|name| !name.is_empty() && !name.contains(['{', '#', ' ']));
        Line { text, name, span: Span::new(begin, begin + text.len()) }
    }

    /// How much a line of a document is like this one.
    fn like(&self, other: &Line<'_>) -> u32 {
        match () {
            () if self.text.is_empty() || self.text == "---" => 0,
            () if self.text == other.text => 3,
            () if self.name.is_some() && self.name == other.name => 2,
            () => 0,
        }
    }
}

/// The parts of a template between its `---`.
struct Parts<'t> {
    parts: Vec<Vec<Line<'t>>>,
    /// Its first line.
    first: Span,
}

impl<'t> Parts<'t> {
    fn of(template: &'t Text) -> Parts<'t> {
        let (mut parts, mut at) = (vec![Vec::new()], 0);
        for line in template.text.split_inclusive('\n') {
            let read = Line::of(line, at);
            at += line.len();
            if read.text == "---" {
                parts.push(Vec::new());
            } else if let Some(part) = parts.last_mut().filter(|_| !read.text.is_empty()) {
                part.push(read);
            }
        }
        parts.retain(|part| !part.is_empty());
        let first = parts.first().and_then(|part| part.first()).map_or(Span::default(), |line| line.span);
        Parts { parts, first }
    }

    /// Where each line of a document comes from; one that the template does not have is where the one before it is.
    fn align(&self, lines: &[&str], used: &mut [bool], left: &mut usize) -> Vec<Origin> {
        let lines: Vec<Line<'_>> = lines.iter().map(|line| Line::of(line, 0)).collect();
        let mut best: Option<(u32, bool, usize, Vec<Option<usize>>)> = None;
        for (number, part) in self.parts.iter().enumerate() {
            let cells = (lines.len() + 1) * (part.len() + 1);
            let Some(rest) = left.checked_sub(cells) else { break };
            *left = rest;
            let (score, pairs) = common(&lines, part);
            // Of two that are as much alike, the one that nothing came from yet.
            if best.as_ref().is_none_or(|(most, fresh, ..)| (score, !used[number]) > (*most, *fresh)) {
                best = Some((score, !used[number], number, pairs));
            }
        }
        let Some((_, _, number, pairs)) = best else { return vec![(self.first, false); lines.len()] };
        used[number] = true;
        let part = &self.parts[number];
        let mut last = part.first().map_or(self.first, |line| line.span);
        pairs
            .into_iter()
            .map(|pair| {
                last = pair.map_or(last, |at| part[at].span);
                (last, pair.is_some())
            })
            .collect()
    }
}

/// The longest common subsequence, weighed by how much lines are alike, and the pair of each line.
fn common(lines: &[Line<'_>], part: &[Line<'_>]) -> (u32, Vec<Option<usize>>) {
    let width = part.len() + 1;
    let mut table = vec![0u32; (lines.len() + 1) * width];
    for (row, line) in lines.iter().enumerate().rev() {
        for (column, other) in part.iter().enumerate().rev() {
            let like = line.like(other);
            let both = if like > 0 { table[(row + 1) * width + column + 1] + like } else { 0 };
            let skipped = table[(row + 1) * width + column].max(table[row * width + column + 1]);
            table[row * width + column] = both.max(skipped);
        }
    }
    let (mut row, mut column, mut pairs) = (0, 0, vec![None; lines.len()]);
    while row < lines.len() && column < part.len() {
        let here = table[row * width + column];
        let like = lines[row].like(&part[column]);
        if like > 0 && here == table[(row + 1) * width + column + 1] + like {
            pairs[row] = Some(column);
            (row, column) = (row + 1, column + 1);
        } else if here == table[(row + 1) * width + column] {
            row += 1;
        } else {
            column += 1;
        }
    }
    (table[0], pairs)
}
