//! Compose files: which they are, interpolation, `extends`.

use super::service;
use super::variables::{Known, Scope, Value};
use crate::limits::{MAX_COPIED, MAX_SERVICE_EXTENDS};
use crate::resource::{FileId, World};
use crate::text::Span;
use crate::tree::{Data, Id, Node, Tree};

/// Members that a service has and nothing else that is under `services`.
const SERVICE: &[&str] = &["image", "build", "extends", "container_name", "env_file", "depends_on"];

/// Whether a file is a Compose file: by its name, or by what it says.
pub fn is(path: &str, tree: &Tree) -> bool {
    let Some(services) = tree.documents().next().filter(|_| tree.roots.len() == 1).and_then(|root| {
        let other = ["apiVersion", "kind", "jobs", "stages", "on"].iter().any(|name| root.get(name).is_some());
        root.get("services").filter(|services| services.is_map() && !other)
    }) else {
        return false;
    };
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let named = name.contains("compose") && services.members().any(|(_, service)| service.is_map());
    named || services.members().any(|(_, service)| SERVICE.iter().any(|member| service.get(member).is_some()))
}

/// Reads all Compose files: a service may extend one of another file.
pub(super) fn link(world: &mut World) {
    let files: Vec<FileId> = (0..world.files.len() as u32).map(FileId).collect();
    let is_compose = |world: &World, id: &FileId| is(&world.file(*id).text.path, &world.file(*id).tree);
    let files: Vec<FileId> = files.into_iter().filter(|id| is_compose(world, id)).collect();
    for file in &files {
        interpolate(world.tree_mut(*file));
    }
    for file in files {
        read(world, file);
    }
}

/// Replaces variables in all values. What the environment says is not known; a default counts.
fn interpolate(tree: &mut Tree) {
    let scope = Scope::new(Known::Argument);
    for id in tree.ids() {
        let Some(text) = tree.node(id).text().filter(|text| text.contains('$')) else { continue };
        let mut value = Value::default();
        for (number, part) in text.split("$$").enumerate() {
            value.push(if number > 0 { "$" } else { "" });
            value.append(&scope.expand(part, '\u{1}'));
        }
        let data = match value.known() {
            Some(known) => plain(known),
            None => value.data(),
        };
        tree.replace(id, data);
    }
}

/// A value as YAML would read it.
fn plain(text: &str) -> Data {
    match (text, text.parse()) {
        ("true", _) => Data::Bool(true),
        ("false", _) => Data::Bool(false),
        (_, Ok(number)) => Data::Int(number),
        _ => Data::Text(text.into()),
    }
}

/// What a service says, and what those say that it extends: the first that says something counts.
pub(super) struct Chain {
    /// The service, then those it extends.
    pub(super) nodes: Vec<Id>,
    /// It extends one that is not there.
    pub(super) open: bool,
}

impl Chain {
    /// The first value of a member.
    pub(super) fn get<'t>(&self, tree: &'t Tree, name: &str) -> Option<Node<'t>> {
        self.nodes.iter().find_map(|id| tree.node(*id).get(name))
    }

    /// The first value at a path.
    pub(super) fn at<'t>(&self, tree: &'t Tree, path: &[&str]) -> Option<Node<'t>> {
        self.nodes.iter().find_map(|id| tree.node(*id).at(path))
    }

    /// The items of a member in all of them.
    pub(super) fn each<'t>(&self, tree: &'t Tree, name: &str) -> Vec<Node<'t>> {
        self.nodes.iter().flat_map(|id| tree.node(*id).each(name)).collect()
    }
}

fn read(world: &mut World, file: FileId) {
    let tree = &world.file(file).tree;
    let Some(services) = tree.documents().next().and_then(|root| root.get("services")) else { return };
    let all: Vec<(String, Span, Id)> = services
        .entries()
        .filter_map(|(key, value)| Some((key.text()?.to_owned(), key.span(), value.id())))
        .filter(|(.., value)| tree.node(*value).is_map())
        .collect();
    let (over, under) = overrides(world, file);
    for (name, span, node) in all {
        let mut chain = chain(world, file, node);
        if let Some(over) = over.and_then(|over| service_of(world, over, &name).map(|id| (over, id))) {
            let mut left = MAX_COPIED;
            let copied = copy(world, over, (file, span), &mut left);
            // Lists are put together; of single values the one laid over counts.
            chain.nodes.insert(0, copied);
        }
        // What an override file leaves out is said below it.
        chain.open |= under.is_some_and(|under| service_of(world, under, &name).is_some());
        service::add(world, file, &name, span, &chain);
    }
}

/// The file that is laid over this one, and the one that this one is laid over: `compose.override.yml` beside `compose.yml`.
fn overrides(world: &World, file: FileId) -> (Option<FileId>, Option<FileId>) {
    let path = &world.file(file).text.path;
    let Some((stem, ending)) = path.rsplit_once('.') else { return (None, None) };
    match stem.strip_suffix(".override") {
        Some(below) => (None, ["yml", "yaml"].iter().find_map(|ending| at(world, &format!("{below}.{ending}")))),
        None if stem.ends_with("compose") => (at(world, &format!("{stem}.override.{ending}")), None),
        None => (None, None),
    }
}

/// A file by its path.
fn at(world: &World, path: &str) -> Option<FileId> {
    let at = world.files.iter().position(|file| *file.text.path == *path)?;
    Some(FileId(at as u32))
}

fn service_of(world: &World, file: FileId, name: &str) -> Option<Id> {
    world.file(file).tree.documents().next()?.at(&["services", name]).filter(|node| node.is_map()).map(Node::id)
}

/// Follows `extends`.
fn chain(world: &mut World, file: FileId, node: Id) -> Chain {
    let mut chain = Chain { nodes: vec![node], open: false };
    let (mut from, mut next) = (file, node);
    for _ in 0..MAX_SERVICE_EXTENDS {
        let Some(extends) = world.node(from, next).get("extends") else { return chain };
        let service = extends.text().map(str::to_owned).or_else(|| extends.get("service").and_then(Node::scalar));
        let other = extends.get("file").and_then(Node::scalar);
        let span = extends.span();
        if let Some(other) = other {
            match find(world, from, &other) {
                Some(id) => from = id,
                None => break,
            }
        }
        let base =
            world.file(from).tree.documents().next().and_then(|root| root.at(&["services", service.as_deref()?]));
        let Some(base) = base.map(Node::id) else { break };
        next = base;
        if from == file {
            chain.nodes.push(base);
        } else {
            let mut left = MAX_COPIED;
            let copied = copy(world, (from, base), (file, span), &mut left);
            chain.nodes.push(copied);
        }
    }
    chain.open = true;
    chain
}

/// A file by its path from another.
fn find(world: &World, from: FileId, path: &str) -> Option<FileId> {
    let base = world.file(from).text.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    let wanted = parts.join("/");
    at(world, &wanted)
}

/// Copies a node of another file; all of it has the place that names it.
fn copy(world: &mut World, (from, id): (FileId, Id), (to, span): (FileId, Span), left: &mut usize) -> Id {
    let data = world.node(from, id).data().clone();
    if *left == 0 {
        return world.tree_mut(to).add(Data::Unknown("too much is extended".into()), span);
    }
    *left -= 1;
    let data = match data {
        Data::List(items) => {
            Data::List(items.into_iter().map(|item| copy(world, (from, item), (to, span), left)).collect())
        }
        Data::Map(members) => {
            let pair = |(key, value)| {
                let key = copy(world, (from, key), (to, span), left);
                (key, copy(world, (from, value), (to, span), left))
            };
            Data::Map(members.into_iter().map(pair).collect())
        }
        data => data,
    };
    world.tree_mut(to).add(data, span)
}
