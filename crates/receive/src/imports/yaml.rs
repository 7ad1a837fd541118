//! YAML as a tree with places, bounded. An alias is the node it names and not a copy, so that aliases cost nothing.

use super::limits::{MAX_YAML_DEPTH, MAX_YAML_NODES};
use super::{ImportError, Place, Reading};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::collections::HashMap;

/// All documents of a file.
pub struct Yaml {
    nodes: Vec<(Place, Kind)>,
    /// The root of each document.
    roots: Vec<usize>,
}

enum Kind {
    /// A plain `null`, `~` or nothing.
    Null,
    Text(String),
    List(Vec<usize>),
    /// Keys that are no text are left out.
    Map(Vec<(String, usize)>),
}

/// A node of the tree.
#[derive(Clone, Copy)]
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
    key: Option<Option<String>>,
}

/// Builds the tree.
struct Builder<'r> {
    reading: &'r Reading<'r>,
    yaml: Yaml,
    open: Vec<Open>,
    anchors: HashMap<usize, usize>,
}

impl Yaml {
    /// Reads a file.
    pub fn parse(text: &str, reading: &Reading<'_>) -> Result<Yaml, ImportError> {
        let mut builder = Builder {
            reading,
            yaml: Yaml { nodes: Vec::new(), roots: Vec::new() },
            open: Vec::new(),
            anchors: HashMap::new(),
        };
        let mut parser = Parser::new_from_str(text);
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| {
                let place = (error.marker().line().max(1), error.marker().col() + 1);
                reading.refuse_at(place, error.info())
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

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), ImportError> {
        let place = (span.start.line().max(1), span.start.col() + 1);
        match event {
            Event::DocumentStart(_) => self.anchors.clear(),
            Event::Alias(anchor) => {
                let known = self.anchors.get(&anchor).copied();
                let index = known.ok_or_else(|| self.reading.refuse_at(place, "this alias names nothing above it"))?;
                self.place(index, place)?;
            }
            Event::Scalar(text, style, anchor, _) => {
                let null = style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                let kind = if null { Kind::Null } else { Kind::Text(text.into_owned()) };
                self.add(place, kind, anchor)?;
            }
            Event::SequenceStart(anchor, _) => self.start(anchor, place, Kind::List(Vec::new()))?,
            Event::MappingStart(anchor, _) => self.start(anchor, place, Kind::Map(Vec::new()))?,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    self.add(open.place, open.kind, open.anchor)?;
                }
            }
            Event::DocumentEnd | Event::StreamStart | Event::StreamEnd | Event::Nothing => {}
        }
        Ok(())
    }

    fn start(&mut self, anchor: usize, place: Place, kind: Kind) -> Result<(), ImportError> {
        if self.open.len() >= MAX_YAML_DEPTH {
            let reason = format!("nested deeper than {MAX_YAML_DEPTH} levels (MAX_YAML_DEPTH)");
            return Err(self.reading.refuse_at(place, reason));
        }
        self.open.push(Open { anchor, place, kind, key: None });
        Ok(())
    }

    fn add(&mut self, place: Place, kind: Kind, anchor: usize) -> Result<(), ImportError> {
        if self.yaml.nodes.len() >= MAX_YAML_NODES {
            let reason = format!("more than {MAX_YAML_NODES} nodes (MAX_YAML_NODES): split the file");
            return Err(self.reading.refuse_at(place, reason));
        }
        let index = self.yaml.nodes.len();
        self.yaml.nodes.push((place, kind));
        if anchor != 0 {
            self.anchors.insert(anchor, index);
        }
        self.place(index, place)
    }

    /// Puts a node where the parser is: at the root, into a list, as a key or as a value.
    fn place(&mut self, index: usize, place: Place) -> Result<(), ImportError> {
        let Some(open) = self.open.last_mut() else {
            self.yaml.roots.push(index);
            return Ok(());
        };
        match &mut open.kind {
            Kind::List(items) => items.push(index),
            Kind::Map(members) => match open.key.take() {
                None => {
                    let key = match &self.yaml.nodes[index].1 {
                        Kind::Text(text) => Some(text.clone()),
                        _ => None,
                    };
                    open.key = Some(key);
                }
                Some(None) => {}
                Some(Some(key)) => members.push((key, index)),
            },
            Kind::Null | Kind::Text(_) => return Err(self.reading.refuse_at(place, "nothing can be in a text")),
        }
        Ok(())
    }
}

impl<'y> Node<'y> {
    /// Line and column.
    pub fn place(self) -> Place {
        self.yaml.nodes[self.index].0
    }

    /// The text of a scalar that is not null.
    pub fn text(self) -> Option<&'y str> {
        match &self.yaml.nodes[self.index].1 {
            Kind::Text(text) => Some(text.trim()),
            _ => None,
        }
    }

    /// Whether it is null or nothing.
    pub fn is_null(self) -> bool {
        matches!(self.yaml.nodes[self.index].1, Kind::Null)
    }

    /// Whether it is a map.
    pub fn is_map(self) -> bool {
        matches!(self.yaml.nodes[self.index].1, Kind::Map(_))
    }

    /// The items of a list; none when it is no list.
    pub fn items(self) -> impl Iterator<Item = Node<'y>> {
        let items = match &self.yaml.nodes[self.index].1 {
            Kind::List(items) => items.as_slice(),
            _ => &[],
        };
        items.iter().map(move |index| Node { yaml: self.yaml, index: *index })
    }

    /// The members of a map; none when it is no map.
    pub fn members(self) -> impl Iterator<Item = (&'y str, Node<'y>)> {
        let members = match &self.yaml.nodes[self.index].1 {
            Kind::Map(members) => members.as_slice(),
            _ => &[],
        };
        members.iter().map(move |(key, index)| (key.as_str(), Node { yaml: self.yaml, index: *index }))
    }

    /// The member of that name, unless it is null.
    pub fn get(self, key: &str) -> Option<Node<'y>> {
        self.members().find(|(name, _)| *name == key).map(|(_, node)| node).filter(|node| !node.is_null())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::reading;
    use super::*;

    fn parse(text: &str) -> Result<Yaml, ImportError> {
        Yaml::parse(text, &reading("a.yaml"))
    }

    #[test]
    fn nodes_know_their_places() {
        let yaml = parse("# first\na: 1\nb:\n  - x\n  - {c: 'null', d: ~}\n---\nsecond\n---\n").unwrap();
        let documents: Vec<Node<'_>> = yaml.documents().collect();
        assert_eq!((documents.len(), documents[1].text()), (3, Some("second")));
        assert!(documents[2].is_null());
        let b = documents[0].get("b").unwrap();
        let items: Vec<Node<'_>> = b.items().collect();
        assert_eq!((items[0].text(), items[0].place()), (Some("x"), (4, 5)));
        assert_eq!(items[1].get("c").unwrap().text(), Some("null"));
        assert!(items[1].get("d").is_none() && items[1].is_map());
    }

    #[test]
    fn an_alias_is_what_it_names() {
        let yaml = parse("a: &x [1, 2]\nb: *x\n*y : 3\n").map(|_| ()).unwrap_err();
        assert_eq!((yaml.line, yaml.file.as_str()), (Some(3), "a.yaml"));
        let yaml = parse("a: &x [1, 2]\nb: *x\n").unwrap();
        let b = yaml.documents().next().unwrap().get("b").unwrap();
        assert_eq!(b.items().filter_map(Node::text).collect::<Vec<_>>(), ["1", "2"]);
        for text in ["a: &x [*x]\n", "a: &x 1\n---\nb: *x\n"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_bomb_of_aliases_stays_small() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..40 {
            let below = format!("*a{}, ", level - 1).repeat(9);
            text += &format!("a{level}: &a{level} [{}]\n", below.trim_end_matches(", "));
        }
        assert!(parse(&text).unwrap().nodes.len() < 500);
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let error = parse(&"- ".repeat(200)).map(|_| ()).unwrap_err();
        assert_eq!(error.to_string(), "a.yaml:1:129: nested deeper than 64 levels (MAX_YAML_DEPTH)");
        assert!(parse(&"[".repeat(100_000)).is_err());
        let error = parse(&"- a\n".repeat(MAX_YAML_NODES + 1)).map(|_| ()).unwrap_err();
        assert!(error.reason.contains("MAX_YAML_NODES"), "{error}");
    }

    #[test]
    fn what_is_malformed_names_its_line() {
        for (text, line) in [("a: 1\nb: [1, 2\nc: 3\n", 3), ("a: b\n- c\n", 2), ("a: 'x\n", 1)] {
            let error = parse(text).map(|_| ()).unwrap_err();
            assert!(error.line.is_some_and(|found| found >= line) && error.column.is_some(), "{text} {error}");
        }
    }
}
