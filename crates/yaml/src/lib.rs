//! YAML as a tree with places, bounded. An alias is the node it names and not a copy, so that aliases cost nothing.
//!
//! A scalar keeps how it was written: `1` is a number and `'1'` is a text, `null` is nothing and `'null'` is a text. What
//! plain scalars mean is YAML 1.2's core schema, so `yes`, `on` and `1:30` are texts.

mod scalar;

pub use scalar::Scalar;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::collections::HashMap;

/// Line and column, from 1.
pub type Place = (usize, usize);

/// Nodes and depth that a text may have. The caller bounds its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Nodes in all documents together; an alias costs none.
    pub nodes: usize,
    /// Deepest nesting.
    pub depth: usize,
}

/// Why a text is no YAML that is read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{}: {reason}", place.0, place.1)]
pub struct Error {
    /// Where.
    pub place: Place,
    /// What is wrong there.
    pub reason: String,
}

/// All documents of a text.
#[derive(Debug)]
pub struct Yaml {
    nodes: Vec<(Place, Place, Kind)>,
    /// The root of each document.
    roots: Vec<usize>,
}

#[derive(Debug)]
enum Kind {
    Scalar {
        text: String,
        /// Neither quoted nor a block.
        plain: bool,
    },
    List(Vec<usize>),
    Map(Vec<(usize, usize)>),
}

/// A node of the tree.
#[derive(Clone, Copy, Debug)]
pub struct Node<'y> {
    yaml: &'y Yaml,
    index: usize,
}

/// A list or map that is still open.
struct Open {
    anchor: usize,
    place: Place,
    kind: Kind,
    /// The key that waits for its value.
    key: Option<usize>,
}

/// Builds the tree.
struct Builder {
    limits: Limits,
    /// Lines before the text, when it is a part of a file.
    before: usize,
    yaml: Yaml,
    open: Vec<Open>,
    anchors: HashMap<usize, usize>,
}

/// The documents of a stream as texts, with the number of their first lines: cut at the lines that begin with `---`.
/// What is damaged in one then does not hide the others. Parts without any content are left out.
pub fn split(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut starts = vec![(1, 0)];
    let mut offset = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let rest = line.strip_prefix("---");
        if number > 0 && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace)) {
            starts.push((number + 1, offset));
        }
        offset += line.len();
    }
    let ends: Vec<usize> = starts.iter().skip(1).map(|(_, start)| *start).chain([text.len()]).collect();
    let parts = starts.into_iter().zip(ends).map(|((line, start), end)| (line, &text[start..end]));
    parts.filter(|(_, part)| {
        part.lines().any(|line| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with(['#', '%']) && line != "---" && line != "..."
        })
    })
}

impl Yaml {
    /// Reads a text.
    ///
    /// # Errors
    /// When it is malformed or beyond the limits.
    pub fn parse(text: &str, limits: Limits) -> Result<Yaml, Error> {
        Yaml::parse_part(text, 1, limits)
    }

    /// Reads a part of a file that begins with this line of it, as [`split`] cuts it.
    ///
    /// # Errors
    /// When it is malformed or beyond the limits.
    pub fn parse_part(text: &str, first_line: usize, limits: Limits) -> Result<Yaml, Error> {
        let mut builder = Builder {
            limits,
            before: first_line.saturating_sub(1),
            yaml: Yaml { nodes: Vec::new(), roots: Vec::new() },
            open: Vec::new(),
            anchors: HashMap::new(),
        };
        let mut parser = Parser::new_from_str(text);
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| {
                let marker = error.marker();
                let place = (marker.line().max(1) + builder.before, marker.col() + 1);
                Error { place, reason: error.info().to_owned() }
            })?;
            builder.event(event, span)?;
        }
        Ok(builder.yaml)
    }

    /// The documents in their order.
    pub fn documents(&self) -> impl Iterator<Item = Node<'_>> {
        self.roots.iter().map(|index| Node { yaml: self, index: *index })
    }
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Error> {
        let place = (span.start.line().max(1) + self.before, span.start.col() + 1);
        let end = (span.end.line().max(1) + self.before, span.end.col() + 1);
        match event {
            Event::DocumentStart(_) => self.anchors.clear(),
            Event::Alias(anchor) => {
                let known = self.anchors.get(&anchor).copied();
                let index = known.ok_or_else(|| refuse(place, "this alias names nothing above it"))?;
                self.place(index, place)?;
            }
            Event::Scalar(text, style, anchor, _) => {
                let kind = Kind::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain };
                self.add(place, end, kind, anchor)?;
            }
            Event::SequenceStart(anchor, _) => self.start(anchor, place, Kind::List(Vec::new()))?,
            Event::MappingStart(anchor, _) => self.start(anchor, place, Kind::Map(Vec::new()))?,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    self.add(open.place, end, open.kind, open.anchor)?;
                }
            }
            Event::DocumentEnd | Event::StreamStart | Event::StreamEnd | Event::Nothing => {}
        }
        Ok(())
    }

    fn start(&mut self, anchor: usize, place: Place, kind: Kind) -> Result<(), Error> {
        let depth = self.limits.depth;
        if self.open.len() >= depth {
            return Err(refuse(place, format!("nested deeper than {depth} levels (MAX_YAML_DEPTH)")));
        }
        self.open.push(Open { anchor, place, kind, key: None });
        Ok(())
    }

    fn add(&mut self, place: Place, end: Place, kind: Kind, anchor: usize) -> Result<(), Error> {
        let nodes = self.limits.nodes;
        if self.yaml.nodes.len() >= nodes {
            return Err(refuse(place, format!("more than {nodes} nodes (MAX_YAML_NODES): split the file")));
        }
        let index = self.yaml.nodes.len();
        self.yaml.nodes.push((place, end, kind));
        if anchor != 0 {
            self.anchors.insert(anchor, index);
        }
        self.place(index, place)
    }

    /// Puts a node where the parser is: at the root, into a list, as a key or as a value.
    fn place(&mut self, index: usize, place: Place) -> Result<(), Error> {
        let Some(open) = self.open.last_mut() else {
            self.yaml.roots.push(index);
            return Ok(());
        };
        match &mut open.kind {
            Kind::List(items) => items.push(index),
            Kind::Map(members) => match open.key.take() {
                None => open.key = Some(index),
                Some(key) => members.push((key, index)),
            },
            Kind::Scalar { .. } => return Err(refuse(place, "nothing can be in a text")),
        }
        Ok(())
    }
}

fn refuse(place: Place, reason: impl Into<String>) -> Error {
    Error { place, reason: reason.into() }
}

impl<'y> Node<'y> {
    fn kind(self) -> &'y Kind {
        &self.yaml.nodes[self.index].2
    }

    /// Line and column.
    pub fn place(self) -> Place {
        self.yaml.nodes[self.index].0
    }

    /// Line and column after its last character; of a block, of the token that ended it.
    pub fn end(self) -> Place {
        self.yaml.nodes[self.index].1
    }

    /// Its number: that of an alias is the number of what it names. Nodes of one text are counted from 0.
    pub fn number(self) -> usize {
        self.index
    }

    /// What a scalar means, by how it was written; none for lists and maps.
    pub fn scalar(self) -> Option<Scalar<'y>> {
        match self.kind() {
            Kind::Scalar { text, plain: true } => Some(Scalar::of_plain(text)),
            Kind::Scalar { text, plain: false } => Some(Scalar::Text(text)),
            _ => None,
        }
    }

    /// The text of a scalar as it was written, null included.
    pub fn raw(self) -> Option<&'y str> {
        match self.kind() {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The text of a scalar that is not null, without the spaces around it.
    pub fn text(self) -> Option<&'y str> {
        self.raw().filter(|_| !self.is_null()).map(str::trim)
    }

    /// Whether it is null or nothing.
    pub fn is_null(self) -> bool {
        matches!(self.kind(), Kind::Scalar { text, plain: true } if Scalar::is_null(text))
    }

    /// Whether it is a map.
    pub fn is_map(self) -> bool {
        matches!(self.kind(), Kind::Map(_))
    }

    /// Whether it is a list.
    pub fn is_list(self) -> bool {
        matches!(self.kind(), Kind::List(_))
    }

    /// The items of a list; none when it is no list.
    pub fn items(self) -> impl ExactSizeIterator<Item = Node<'y>> {
        let items = match self.kind() {
            Kind::List(items) => items.as_slice(),
            _ => &[],
        };
        items.iter().map(move |index| Node { yaml: self.yaml, index: *index })
    }

    /// Keys and values of a map; none when it is no map. Keys may be anything, and the same key may come twice.
    pub fn entries(self) -> impl ExactSizeIterator<Item = (Node<'y>, Node<'y>)> {
        let members = match self.kind() {
            Kind::Map(members) => members.as_slice(),
            _ => &[],
        };
        let node = move |index: usize| Node { yaml: self.yaml, index };
        members.iter().map(move |(key, value)| (node(*key), node(*value)))
    }

    /// The members of a map whose keys are texts; none when it is no map.
    pub fn members(self) -> impl Iterator<Item = (&'y str, Node<'y>)> {
        self.entries().filter_map(|(key, value)| Some((key.raw().filter(|_| !key.is_null())?, value)))
    }

    /// The member of that name, unless it is null.
    pub fn get(self, key: &str) -> Option<Node<'y>> {
        let is = |name: Node<'_>| name.raw() == Some(key) && !name.is_null();
        self.entries().find(|(name, _)| is(*name)).map(|(_, node)| node).filter(|node| !node.is_null())
    }
}

#[cfg(test)]
mod tests;
