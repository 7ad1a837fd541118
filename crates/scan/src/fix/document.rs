//! Changes of YAML and JSON where they are written: keys get in, values are replaced, the rest stays byte for byte.
//!
//! Nothing is changed through an alias or a merge key, nor in what one of them names: that would change other places, too.

use super::edit::{Edit, end_of_line, newline, start_of_line};
use super::spec::Value;
use crate::families::{self, Format};
use crate::text::{Span, Text};
use crate::tree::{Data, Id, Node, Tree};
use ahash::AHashMap;

/// What cannot be done, in a few words.
pub type Refused = &'static str;

/// Why nothing is changed through what other places name.
const SHARED: Refused = "an anchor or a merge is in between, and other places would change, too";

/// A text with its tree, as it is written.
pub struct Document<'t> {
    text: &'t Text,
    tree: Tree,
    json: bool,
    /// How often each node is a key, and an item or a value.
    uses: AHashMap<Id, (u32, u32)>,
}

/// Where new members go.
#[derive(Clone, Copy, Debug, Default)]
pub struct Position<'n> {
    /// Behind this one.
    pub after: Option<&'n str>,
    /// Before this one.
    pub before: Option<&'n str>,
}

fn within(inner: Span, outer: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

impl<'t> Document<'t> {
    /// Reads a text anew: families add to their trees.
    pub fn read(text: &'t Text) -> Result<Document<'t>, Refused> {
        let (tree, json) = match families::format(&text.path) {
            Some(Format::Yaml) => {
                let (tree, malformed) = Tree::yaml(text);
                if !malformed.is_empty() {
                    return Err("the file does not parse");
                }
                (tree, false)
            }
            Some(Format::Json) => (Tree::json(text).map_err(|_| "the file does not parse")?, true),
            _ => return Err("the file is neither YAML nor JSON"),
        };
        let mut uses: AHashMap<Id, (u32, u32)> = AHashMap::new();
        let mut count = |node: Node<'_>, is_key: bool| {
            let uses = uses.entry(node.id()).or_default();
            if is_key { uses.0 += 1 } else { uses.1 += 1 }
        };
        for id in tree.ids() {
            let node = tree.node(id);
            node.items().for_each(|item| count(item, false));
            for (key, value) in node.entries() {
                count(key, true);
                count(value, false);
            }
        }
        Ok(Document { text, tree, json, uses })
    }

    fn used(&self, node: Node<'_>) -> (u32, u32) {
        self.uses.get(&node.id()).copied().unwrap_or_default()
    }

    /// The members of a map that are written in it: keys and values, by place. A value may be elsewhere, by an alias.
    fn own<'s>(&self, map: Node<'s>) -> Vec<(Node<'s>, Node<'s>)> {
        let mut own: Vec<_> = map.entries().filter(|(key, _)| within(key.span(), map.span())).collect();
        own.sort_by_key(|(key, _)| key.span().start);
        own
    }

    /// The map that a resource is about: the one of this span; else the innermost around the place where it is shown, and of a
    /// key its value.
    ///
    /// # Errors
    /// When there is none, or when other places take it over.
    pub fn target(&self, whole: Option<Span>, shown: Span) -> Result<Node<'_>, Refused> {
        if let Some(whole) = whole
            && let Some(found) = self.descend(whole.start, Some(whole))?
        {
            return Ok(found);
        }
        self.descend(shown.start, None)?.ok_or("it is in no map")
    }

    /// From the root of a document down to a byte: to the map of this span, or to the innermost map around it.
    fn descend(&self, byte: u32, wanted: Option<Span>) -> Result<Option<Node<'_>>, Refused> {
        let at = Span { start: byte, end: byte };
        let mut roots = self.tree.documents();
        let root = roots.find(|root| wanted == Some(root.span()) || within(at, root.span()));
        let mut node = root.ok_or("it is not written in this file")?;
        let mut innermost = None;
        loop {
            if self.used(node).1 > 1 || self.own(node).iter().any(|(key, _)| self.used(*key).0 > 1) {
                return Err(SHARED);
            }
            if node.is_map() {
                innermost = Some(node);
            }
            if node.is_map() && wanted == Some(node.span()) {
                return Ok(Some(node));
            }
            let own = self.own(node);
            let key = own.iter().find(|(key, value)| within(at, key.span()) && value.is_map());
            if let (None, Some((_, value))) = (wanted, key) {
                let is_here = within(value.span(), node.span()) && self.used(*value).1 < 2;
                return if is_here { Ok(Some(*value)) } else { Err(SHARED) };
            }
            let mut children = own.into_iter().map(|(_, value)| value).chain(node.items());
            match children.find(|child| within(at, child.span()) && within(child.span(), node.span())) {
                Some(child) if child.is_map() || child.is_list() => node = child,
                _ => return Ok(if wanted.is_none() { innermost } else { None }),
            }
        }
    }

    /// Whether something is written at a path below a map.
    pub fn has(&self, map: Node<'_>, path: &[String]) -> bool {
        matches!(self.reach(map, path), Ok(Reached::There(..)))
    }

    /// What a node says, as it is written.
    pub fn written(&self, node: Node<'_>) -> &str {
        self.text.slice(node.span())
    }

    /// Sets a value at a path below a map.
    ///
    /// # Errors
    /// When that would change other places, or something else is there.
    pub fn set(&self, map: Node<'_>, path: &[String], value: &Value, at: Position<'_>) -> Result<Edit, Refused> {
        match self.reach(map, path)? {
            Reached::Missing(map, rest) => self.member(map, &rest[0], value.clone().below(&rest[1..]), at),
            Reached::Empty(key, rest) => Ok(self.fill(key, &value.clone().below(rest))),
            Reached::There(_, old) => match (old.data(), value) {
                (Data::List(_) | Data::Map(_), _) | (_, Value::List(_) | Value::Map(_)) => {
                    Err("something else is there already")
                }
                (Data::Text(_), Value::Scalar(text, _)) if text.contains('\n') => Err("the value has several lines"),
                _ if self.text.slice(old.span()).contains('\n') => Err("the value has several lines"),
                _ => Ok(Edit::replace(old.span(), value.flow(self.json))),
            },
        }
    }

    /// Adds an item to the list at a path below a map.
    ///
    /// # Errors
    /// When that would change other places, or something else is there.
    pub fn add(&self, map: Node<'_>, path: &[String], value: &Value, at: Position<'_>) -> Result<Edit, Refused> {
        let list = Value::List(vec![value.clone()]);
        match self.reach(map, path)? {
            Reached::Missing(map, rest) => self.member(map, &rest[0], list.below(&rest[1..]), at),
            Reached::Empty(key, rest) => Ok(self.fill(key, &list.below(rest))),
            Reached::There(_, old) if old.is_list() => self.item(old, value),
            Reached::There(..) => Err("something else is there already"),
        }
    }

    /// Takes out the member at a path below a map, with its line.
    ///
    /// # Errors
    /// When it is not there, when it shares its line, or when it is the only one.
    pub fn remove(&self, map: Node<'_>, path: &[String]) -> Result<Edit, Refused> {
        let Reached::There(owner, old) = self.reach(map, path)? else { return Err("it is not there") };
        let own = self.own(owner);
        let Some((key, _)) = own.iter().find(|(_, value)| value.id() == old.id()) else { return Err(SHARED) };
        let start = start_of_line(self.text, key.span().start);
        let before = &self.text.text[start..key.span().start as usize];
        if own.len() < 2 || self.is_flow(owner) || !before.bytes().all(|byte| byte == b' ') {
            return Err("it cannot be taken out alone");
        }
        let end = end_of_line(self.text, self.last_byte(*key, old));
        let rest = &self.text.text[end..];
        let newline = if rest.starts_with("\r\n") { 2 } else { rest.len().min(1) };
        Ok(Edit::replace(Span::new(start, end + newline), ""))
    }

    fn reach<'s, 'p>(&self, map: Node<'s>, path: &'p [String]) -> Result<Reached<'s, 'p>, Refused> {
        let mut node = map;
        for (depth, name) in path.iter().enumerate() {
            if !node.is_map() {
                return Err("something else is there already");
            }
            let Some((key, value)) = node.member(name) else { return Ok(Reached::Missing(node, &path[depth..])) };
            if !within(key.span(), node.span()) || self.used(key).0 > 1 {
                return Err(SHARED);
            }
            let empty = value.is_null() && self.text.slice(value.span()).trim().is_empty();
            if empty {
                return Ok(Reached::Empty(key, &path[depth + 1..]));
            }
            if !within(value.span(), node.span()) || self.used(value).1 > 1 {
                return Err(SHARED);
            }
            if depth + 1 == path.len() {
                return Ok(Reached::There(node, value));
            }
            node = value;
        }
        Err("a path is missing")
    }

    fn is_flow(&self, node: Node<'_>) -> bool {
        self.text.slice(node.span()).starts_with(['{', '['])
    }

    /// A value behind a key that has none.
    fn fill(&self, key: Node<'_>, value: &Value) -> Edit {
        let from = key.span().end as usize;
        let colon = self.text.text[from..].find(':').map_or(from, |at| from + at + 1);
        Edit::insert(colon, format!(" {}", value.flow(self.json)))
    }

    /// The last byte of a member that is written here: of an alias, its own line is enough.
    fn last_byte(&self, key: Node<'_>, value: Node<'_>) -> u32 {
        let end = key.span().end;
        if value.span().start < end || value.span().end <= end {
            return end;
        }
        self.last_of(value).max(end)
    }

    fn last_of(&self, value: Node<'_>) -> u32 {
        let inner = |child: Node<'_>| within(child.span(), value.span());
        match value.data() {
            Data::Map(_) | Data::List(_) if self.is_flow(value) => value.span().end,
            Data::Map(_) => {
                let own = self.own(value);
                own.last().map_or(value.span().end, |(key, last)| {
                    if inner(*last) { self.last_byte(*key, *last) } else { key.span().end }
                })
            }
            Data::List(_) => {
                let last = value.items().filter(|item| inner(*item)).max_by_key(|item| item.span().start);
                last.map_or(value.span().end, |last| self.last_of(last))
            }
            _ => value.span().end,
        }
    }

    /// A new member of a map.
    fn member(&self, map: Node<'_>, name: &str, value: Value, at: Position<'_>) -> Result<Edit, Refused> {
        if self.is_flow(map) {
            let flow = Value::Map(vec![(name.to_owned(), value)]).flow(self.json);
            let flow = &flow[1..flow.len() - 1];
            let own = self.own(map);
            let last = own.last().map(|(key, value)| (*key, self.last_byte(*key, *value)));
            return Ok(self.flow_item(map, last.map(|(key, end)| (key.span(), end)), flow));
        }
        let own = self.own(map);
        let Some((first, _)) = own.first() else { return Err(SHARED) };
        if own.iter().any(|(key, _)| self.used(*key).0 > 1) {
            return Err(SHARED);
        }
        let column = self.column(first.span().start)?;
        let newline = newline(self.text, first.span().start);
        let made = value.member(name, column, self.step(map, column), newline);
        let named = |wanted: Option<&str>| own.iter().find(|(key, _)| key.text() == wanted && wanted.is_some());
        if let Some((before, _)) = named(at.before)
            && self.text.text[start_of_line(self.text, before.span().start)..before.span().start as usize]
                .bytes()
                .all(|byte| byte == b' ')
        {
            let line = start_of_line(self.text, before.span().start);
            return Ok(Edit::insert(line, format!("{}{newline}", &made[newline.len()..])));
        }
        let (key, last) = named(at.after).or(own.last()).ok_or(SHARED)?;
        let end = end_of_line(self.text, self.last_byte(*key, *last).saturating_sub(1).max(key.span().start));
        Ok(Edit::insert(end, made))
    }

    /// A new item of a list.
    fn item(&self, list: Node<'_>, value: &Value) -> Result<Edit, Refused> {
        let written = list.items().filter(|item| within(item.span(), list.span()));
        let last = written.max_by_key(|item| item.span().start);
        if self.is_flow(list) {
            let last = last.map(|last| (last.span(), self.last_of(last)));
            return Ok(self.flow_item(list, last, &value.flow(self.json)));
        }
        let last = last.ok_or(SHARED)?;
        let start = start_of_line(self.text, last.span().start);
        let before = &self.text.text[start..last.span().start as usize];
        let dash = before.find('-').ok_or("the list is written in an unusual way")?;
        if !before.bytes().all(|byte| matches!(byte, b' ' | b'-')) {
            return Err("the list is written in an unusual way");
        }
        let end = end_of_line(self.text, self.last_of(last).saturating_sub(1).max(last.span().start));
        let newline = newline(self.text, last.span().start);
        Ok(Edit::insert(end, format!("{newline}{:dash$}- {}", "", value.flow(false))))
    }

    /// One more between braces or brackets, behind the last one, whose beginning and end are given.
    fn flow_item(&self, owner: Node<'_>, last: Option<(Span, u32)>, made: &str) -> Edit {
        let Some((last, end)) = last else { return Edit::insert(owner.span().start as usize + 1, made) };
        let start = start_of_line(self.text, last.start);
        let before = &self.text.text[start..last.start as usize];
        let alone = start > owner.span().start as usize && before.bytes().all(|byte| matches!(byte, b' ' | b'\t'));
        let apart = if alone { format!("{}{before}", newline(self.text, last.start)) } else { " ".to_owned() };
        Edit::insert(end as usize, format!(",{apart}{made}"))
    }

    /// The column of a key: only spaces and hyphens may be before it.
    fn column(&self, byte: u32) -> Result<usize, Refused> {
        let start = start_of_line(self.text, byte);
        let before = &self.text.text[start..byte as usize];
        match before.bytes().all(|byte| matches!(byte, b' ' | b'-')) {
            true => Ok(before.len()),
            false => Err("the map is written in an unusual way"),
        }
    }

    /// How much deeper the members of a new map are: as those of this map's first map are, else two.
    fn step(&self, map: Node<'_>, column: usize) -> usize {
        let deeper = |value: &Node<'_>| {
            let first = self.own(*value).first().map(|(key, _)| key.span().start)?;
            let inner = self.column(first).ok()?;
            inner.checked_sub(column).filter(|step| (1..=8).contains(step))
        };
        let maps = self.own(map);
        let mut maps = maps.iter().map(|(_, value)| *value).filter(|value| value.is_map() && !self.is_flow(*value));
        maps.find_map(|value| deeper(&value)).unwrap_or(2)
    }
}

enum Reached<'s, 'p> {
    /// The map that has no such member, and what is left of the path.
    Missing(Node<'s>, &'p [String]),
    /// A key without a value, and what is left of the path.
    Empty(Node<'s>, &'p [String]),
    /// The map and the value.
    There(Node<'s>, Node<'s>),
}
