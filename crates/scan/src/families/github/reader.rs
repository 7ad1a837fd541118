//! Adds resources of one file, and finds the expressions in it.

use super::FAMILY;
use super::expression::{Piece, pieces, places};
use crate::limits::{MAX_EXPRESSION_NODES, MAX_PIPELINE_PARTS};
use crate::resource::{FileId, Resource, ResourceId, World};
use crate::text::Span;
use crate::tree::{Data, Id, Node};

/// Adds resources of one file.
pub(super) struct Reader<'w> {
    pub world: &'w mut World,
    pub file: FileId,
    /// Jobs and steps so far.
    parts: usize,
    /// Nodes that were searched so far.
    searched: usize,
    /// Expressions so far.
    expressions: usize,
}

/// An expression in a value.
pub(super) struct Found {
    pub text: String,
    pub span: Span,
    /// The value is nothing but this expression.
    pub alone: bool,
    /// It stands between `${{` and `}}`.
    pub fenced: bool,
}

impl<'w> Reader<'w> {
    pub fn new(world: &'w mut World, file: FileId) -> Reader<'w> {
        Reader { world, file, parts: 0, searched: 0, expressions: 0 }
    }

    pub fn node(&self, id: Id) -> Node<'_> {
        self.world.node(self.file, id)
    }

    /// Counts a job or step; false when there are too many.
    pub fn counts(&mut self) -> bool {
        self.parts += 1;
        self.parts <= MAX_PIPELINE_PARTS
    }

    pub fn add(&mut self, kind: &'static str, address: String, name: &str, node: Id, span: Span) -> ResourceId {
        self.world.add(Resource {
            kind,
            family: FAMILY,
            file: self.file,
            address,
            name: name.to_owned(),
            node,
            span,
            fields: Vec::new(),
            relations: Vec::new(),
        })
    }

    pub fn set(&mut self, of: ResourceId, name: &'static str, data: Data, span: Span) {
        let id = self.world.tree_mut(self.file).add(data, span);
        self.set_node(of, name, id);
    }

    pub fn set_node(&mut self, of: ResourceId, name: &'static str, id: Id) {
        self.world.resources[of.0 as usize].fields.push((name, id));
    }

    pub fn set_text(&mut self, of: ResourceId, name: &'static str, text: &str, span: Span) {
        self.set(of, name, Data::Text(text.into()), span);
    }

    pub fn set_bool(&mut self, of: ResourceId, name: &'static str, value: bool) {
        let span = self.world.resource(of).span;
        self.set(of, name, Data::Bool(value), span);
    }

    /// A list of texts.
    pub fn set_texts(&mut self, of: ResourceId, name: &'static str, texts: &[(String, Span)], span: Span) {
        let tree = self.world.tree_mut(self.file);
        let items = texts.iter().map(|(text, span)| tree.text(text, *span)).collect();
        self.set(of, name, Data::List(items), span);
    }

    /// Says that one has to do with another, in both directions.
    pub fn relate(&mut self, one: ResourceId, to_other: &'static str, other: ResourceId, to_one: &'static str) {
        self.world.relate(one, to_other, other);
        self.world.relate(other, to_one, one);
    }

    /// The line of a byte from the first character that is not a space to its end.
    pub fn line_of(&self, byte: u32) -> Span {
        let text = &self.world.file(self.file).text;
        let end = text.byte(crate::text::Place { line: text.line_of(byte), column: u32::MAX });
        Span { start: byte, end: end.max(byte) }
    }

    /// The expressions of a value. `condition` when a value without `${{` is one as a whole.
    pub fn expressions_of(&self, id: Id, condition: bool) -> Vec<Found> {
        let node = self.node(id);
        let Data::Text(text) = node.data() else { return Vec::new() };
        let pieces = pieces(text);
        let fenced = pieces.iter().any(|piece| matches!(piece, Piece::Expression(_)));
        if !fenced {
            let found = Found { text: text.trim().to_owned(), span: node.span(), alone: true, fenced: false };
            return if condition && !text.trim().is_empty() { vec![found] } else { Vec::new() };
        }
        // Escapes of the file may be in the text as written, so the expressions come from the value, their places from
        // the file.
        let written = self.world.file(self.file).text.slice(node.span());
        let start = node.span().start as usize;
        let at = places(written);
        let alone = pieces.len() == 1;
        let inner = pieces.iter().filter_map(|piece| match piece {
            Piece::Expression(inner) => Some(*inner),
            Piece::Text(_) => None,
        });
        let found = inner.enumerate().map(|(number, inner)| {
            let span = at.get(number).map(|(from, to)| Span::new(start + from, start + to));
            Found { text: inner.trim().to_owned(), span: span.unwrap_or(node.span()), alone, fenced: true }
        });
        found.collect()
    }

    /// Adds the expressions in a part of a file, as resources of an owner. `skip` names members of the part itself.
    pub fn expressions(&mut self, owner: ResourceId, root: Id, skip: &[&str]) {
        let members: Vec<(String, Id)> = {
            let node = self.node(root);
            let own = node.members().filter(|(name, _)| !skip.contains(name));
            own.map(|(name, value)| (name.to_owned(), value.id())).collect()
        };
        let mut next = members;
        next.reverse();
        while let Some((at, id)) = next.pop() {
            self.searched += 1;
            if self.searched > MAX_EXPRESSION_NODES {
                return;
            }
            let node = self.node(id);
            match node.data() {
                Data::Text(_) => {
                    for found in self.expressions_of(id, at == "if") {
                        self.add_expression(owner, &at, found);
                    }
                }
                Data::List(items) => next.extend(items.iter().rev().map(|item| (at.clone(), *item))),
                Data::Map(_) => {
                    let below = node.entries().rev();
                    let below = below.map(|(key, value)| (format!("{at}.{}", key.text().unwrap_or("*")), value.id()));
                    next.extend(below);
                }
                _ => {}
            }
        }
    }

    /// Says of a workflow or action how many expressions its file has.
    pub fn count_expressions(&mut self, of: ResourceId) {
        let (count, span) = (self.expressions as i64, self.world.resource(of).span);
        self.set(of, "expression_count", Data::Int(count), span);
    }

    fn add_expression(&mut self, owner: ResourceId, at: &str, found: Found) {
        self.expressions += 1;
        let node = self.world.tree_mut(self.file).text(&found.text, found.span);
        let address = format!("{}/{at}", self.world.resource(owner).address);
        let expression = self.add("expression", address, at, node, found.span);
        self.set_text(expression, "at", at, found.span);
        self.set_text(expression, "text", &found.text, found.span);
        self.set_bool(expression, "alone", found.alone);
        self.set_bool(expression, "fenced", found.fenced);
        self.relate(owner, "expressions", expression, "owner");
    }
}
