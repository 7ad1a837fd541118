//! What a file says, as a tree with exact spans and values of three kinds: known, unknown and secret.
//!
//! All formats become this one type, and what normalising adds to it keeps the span of where it comes from.

mod json;
mod toml;
mod yaml;

use crate::text::Span;
use std::borrow::Cow;

/// A node's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(u32);

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// Another number.
    Float(f64),
    /// A text.
    Text(Box<str>),
    /// A text of which parts are not known: its known pieces, with anything between each two of them. The first and the
    /// last piece are how it begins and ends; they may be empty.
    Partly(Box<[Box<str>]>),
    /// A list.
    List(Vec<Id>),
    /// A map, keys and values in their order.
    Map(Vec<(Id, Id)>),
    /// Something that only running it would tell, and what it depends on.
    Unknown(Box<str>),
    /// A reference to a secret. What it is nobody here knows, only that it is one.
    Secret(Box<str>),
}

/// The nodes of one file.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    nodes: Vec<(Data, Span)>,
    /// The root of each document.
    pub roots: Vec<Id>,
}

/// Why a file, or one document of it, has no tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Where.
    pub span: Span,
    /// Why.
    pub reason: String,
}

impl Tree {
    /// Adds a node.
    pub fn add(&mut self, data: Data, span: Span) -> Id {
        let id = Id(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push((data, span));
        id
    }

    /// Adds a text.
    pub fn text(&mut self, text: &str, span: Span) -> Id {
        self.add(Data::Text(text.into()), span)
    }

    /// Adds a map; its keys have the spans of their values.
    pub fn map(&mut self, members: &[(&str, Id)], span: Span) -> Id {
        let members = members.iter().map(|(key, value)| {
            let at = self.node(*value).span();
            (self.text(key, at), *value)
        });
        let members = members.collect();
        self.add(Data::Map(members), span)
    }

    /// The node of a number.
    pub fn node(&self, id: Id) -> Node<'_> {
        Node { tree: self, id }
    }

    /// Replaces what a node is, such as when an expression in it has been read.
    pub fn replace(&mut self, id: Id, data: Data) {
        if let Some(node) = self.nodes.get_mut(id.0 as usize) {
            node.0 = data;
        }
    }

    /// Says of every node anew where it is, such as when the text was made from another one.
    pub fn move_spans(&mut self, origin: impl Fn(Span) -> Span) {
        for (_, span) in &mut self.nodes {
            *span = origin(*span);
        }
    }

    /// Whether there is a node of this number.
    pub fn has(&self, id: Id) -> bool {
        (id.0 as usize) < self.nodes.len()
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// All numbers.
    pub fn ids(&self) -> impl Iterator<Item = Id> + use<> {
        (0..self.nodes.len() as u32).map(Id)
    }

    /// The documents.
    pub fn documents(&self) -> impl Iterator<Item = Node<'_>> {
        self.roots.iter().map(|id| self.node(*id))
    }
}

/// A node in its tree.
#[derive(Clone, Copy, Debug)]
pub struct Node<'t> {
    tree: &'t Tree,
    id: Id,
}

impl<'t> Node<'t> {
    /// Its number.
    pub fn id(self) -> Id {
        self.id
    }

    /// What it is.
    pub fn data(self) -> &'t Data {
        &self.tree.nodes[self.id.0 as usize].0
    }

    /// Where it is.
    pub fn span(self) -> Span {
        self.tree.nodes[self.id.0 as usize].1
    }

    /// A known text.
    pub fn text(self) -> Option<&'t str> {
        match self.data() {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A known scalar as text: `443` and `"443"` are the same.
    pub fn scalar(self) -> Option<String> {
        self.known().map(Cow::into_owned)
    }

    /// The same, without a copy of what is a text.
    pub fn known(self) -> Option<Cow<'t, str>> {
        match self.data() {
            Data::Text(text) => Some((&**text).into()),
            Data::Bool(value) => Some(if *value { "true" } else { "false" }.into()),
            Data::Int(value) => Some(value.to_string().into()),
            Data::Float(value) => Some(value.to_string().into()),
            _ => None,
        }
    }

    /// A known integer, also as text.
    pub fn int(self) -> Option<i64> {
        match self.data() {
            Data::Int(value) => Some(*value),
            Data::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A known boolean, also as text.
    pub fn bool(self) -> Option<bool> {
        match self.data() {
            Data::Bool(value) => Some(*value),
            Data::Text(text) => match text.trim() {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it is nothing.
    pub fn is_null(self) -> bool {
        matches!(self.data(), Data::Null)
    }

    /// Whether it is a map.
    pub fn is_map(self) -> bool {
        matches!(self.data(), Data::Map(_))
    }

    /// Whether it is a list.
    pub fn is_list(self) -> bool {
        matches!(self.data(), Data::List(_))
    }

    /// Whether it, or a part of its text, cannot be known here.
    pub fn is_open(self) -> bool {
        matches!(self.data(), Data::Unknown(_) | Data::Secret(_) | Data::Partly(_))
    }

    /// The items of a list; none of anything else.
    pub fn items(self) -> impl DoubleEndedIterator<Item = Node<'t>> + ExactSizeIterator {
        let items = match self.data() {
            Data::List(items) => items.as_slice(),
            _ => &[],
        };
        items.iter().map(move |id| self.tree.node(*id))
    }

    /// Keys and values of a map; none of anything else.
    pub fn entries(self) -> impl DoubleEndedIterator<Item = (Node<'t>, Node<'t>)> + ExactSizeIterator {
        let members = match self.data() {
            Data::Map(members) => members.as_slice(),
            _ => &[],
        };
        members.iter().map(move |(key, value)| (self.tree.node(*key), self.tree.node(*value)))
    }

    /// The members of a map whose keys are known.
    pub fn members(self) -> impl DoubleEndedIterator<Item = (&'t str, Node<'t>)> {
        self.entries().filter_map(|(key, value)| Some((key.text()?, value)))
    }

    /// The key and the value of a member; of a key that is there twice, the last.
    pub fn member(self, name: &str) -> Option<(Node<'t>, Node<'t>)> {
        self.entries().rev().find(|(key, _)| key.text() == Some(name))
    }

    /// The value of a member, unless it is null.
    pub fn get(self, name: &str) -> Option<Node<'t>> {
        self.member(name).map(|(_, value)| value).filter(|value| !value.is_null())
    }

    /// The value at a path of names.
    pub fn at(self, path: &[&str]) -> Option<Node<'t>> {
        path.iter().try_fold(self, |node, name| node.get(name))
    }

    /// A member that is a list, or a single value as a list of one: many formats allow both.
    pub fn each(self, name: &str) -> Vec<Node<'t>> {
        match self.get(name) {
            Some(list) if list.is_list() => list.items().collect(),
            Some(one) => vec![one],
            None => Vec::new(),
        }
    }

    /// It and everything in it, itself first. An alias is walked into at each place that names it, at most `limit` nodes
    /// in all.
    pub fn walk(self, limit: usize) -> Vec<Node<'t>> {
        let (mut out, mut next) = (Vec::new(), vec![self]);
        while let Some(node) = next.pop() {
            if out.len() >= limit {
                break;
            }
            out.push(node);
            match node.data() {
                Data::List(_) => next.extend(node.items().rev()),
                Data::Map(_) => next.extend(node.entries().rev().map(|(_, value)| value)),
                _ => {}
            }
        }
        out
    }
}
