//! Compose files: which they are, interpolation, `extends`, `include`.

use super::variables::{Known, Scope, Value};
use super::{environment, service};
use crate::limits::{MAX_COMPOSE_FILES, MAX_COPIED, MAX_NODES, MAX_SERVICE_EXTENDS};
use crate::resource::{FileId, World};
use crate::text::Span;
use crate::tree::{Data, Id, Node, Tree};
use ahash::{AHashMap, AHashSet};

/// Members that a service has and nothing else that is under `services`.
const SERVICE: &[&str] = &["image", "build", "extends", "container_name", "env_file", "depends_on"];

/// Whether a file is a Compose file: by its name, or by what it says.
pub fn is(path: &str, tree: &Tree) -> bool {
    let Some(root) = tree.documents().next().filter(|_| tree.roots.len() == 1) else { return false };
    if ["apiVersion", "kind", "jobs", "stages", "on"].iter().any(|name| root.get(name).is_some()) {
        return false;
    }
    let Some(services) = root.get("services").filter(|services| services.is_map()) else {
        // One that only puts others together.
        return is_named(path) && root.get("include").is_some_and(Node::is_list) && root.get("services").is_none();
    };
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let named = name.contains("compose") && services.members().any(|(_, service)| service.is_map());
    named || services.members().any(|(_, service)| SERVICE.iter().any(|member| service.get(member).is_some()))
}

/// Whether it has a name of Compose files.
pub(super) fn is_named(path: &str) -> bool {
    path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase().contains("compose")
}

/// Reads all Compose files: a service may extend one of another file.
pub(super) fn link(world: &mut World) {
    let files: Vec<FileId> = (0..world.files.len() as u32).map(FileId).collect();
    let is_compose = |world: &World, id: &FileId| is(&world.file(*id).text.path, &world.file(*id).tree);
    let files: Vec<FileId> = files.into_iter().filter(|id| is_compose(world, id)).collect();
    let known: AHashSet<FileId> = files.iter().copied().collect();
    let by_path: Paths = (0..world.files.len() as u32)
        .map(FileId)
        .filter(|id| known.contains(id) || is_variables(world, *id))
        .map(|id| (world.file(id).text.path.to_string(), id))
        .collect();
    let included = Included::of(world, &files, &by_path);
    for file in &files {
        let scope = scope(world, *file, &by_path, &included);
        interpolate(world.tree_mut(*file), &scope);
    }
    for file in files {
        read(world, file, &by_path, &included);
    }
}

/// Files of Compose, and of variables, by their paths.
type Paths = AHashMap<String, FileId>;

fn is_variables(world: &World, id: FileId) -> bool {
    let path = &world.file(id).text.path;
    environment::is(path.rsplit('/').next().unwrap_or(path))
}

/// What `include` says of files.
#[derive(Default)]
struct Included {
    /// Files that are laid over a file: the others of one entry.
    over: AHashMap<FileId, Vec<FileId>>,
    /// The file that one is laid over.
    under: AHashMap<FileId, FileId>,
    /// Who includes a file, and the files of variables that it gives in place of `.env`.
    by: AHashMap<FileId, (FileId, Vec<FileId>)>,
}

impl Included {
    fn of(world: &World, files: &[FileId], by_path: &Paths) -> Included {
        let mut included = Included::default();
        for file in files {
            let Some(root) = world.file(*file).tree.documents().next() else { continue };
            for entry in root.each("include").into_iter().take(MAX_COMPOSE_FILES) {
                let named = |name: &str| -> Vec<FileId> {
                    let texts = entry.each(name).into_iter().filter_map(Node::text).take(MAX_COMPOSE_FILES);
                    texts.filter_map(|path| find(world, *file, path, by_path)).collect()
                };
                let paths = match entry.text() {
                    Some(path) => find(world, *file, path, by_path).into_iter().collect(),
                    None => named("path"),
                };
                let Some((base, over)) = paths.split_first().filter(|(base, _)| **base != *file) else { continue };
                for id in &paths {
                    included.by.entry(*id).or_insert_with(|| (*file, named("env_file")));
                }
                for id in over.iter().filter(|id| *id != base) {
                    included.over.entry(*base).or_default().push(*id);
                    included.under.entry(*id).or_insert(*base);
                }
            }
        }
        included
    }
}

/// What is known of variables: what the including file's `.env` says counts before the file's own.
fn scope(world: &World, file: FileId, by_path: &Paths, included: &Included) -> Scope {
    let dot = |file: FileId| find(world, file, ".env", by_path);
    let (by, given) = match included.by.get(&file) {
        Some((by, given)) => (Some(*by), given.clone()),
        None => (None, Vec::new()),
    };
    let own = if given.is_empty() { dot(file).into_iter().collect() } else { given };
    let outer = by.and_then(dot).filter(|outer| !own.contains(outer));
    let mut scope = Scope::new(Known::Argument);
    for variables in own.into_iter().chain(outer) {
        for (name, value) in environment::read(&world.file(variables).text.text, &scope) {
            scope.set(&name, Known::Value(value));
        }
    }
    scope
}

/// Replaces variables in all values. What the shell says is not known; `.env` counts, and then a default. What is given to a
/// program by `.env` is not written into the Compose file: there only defaults count.
fn interpolate(tree: &mut Tree, scope: &Scope) {
    let plain_scope = Scope::new(Known::Argument);
    let services = tree.documents().next().and_then(|root| root.get("services"));
    let environments = services
        .into_iter()
        .flat_map(|services| services.entries())
        .filter_map(|(_, service)| service.get("environment"));
    let given: AHashSet<Id> = environments.flat_map(|node| node.walk(MAX_NODES)).map(Node::id).collect();
    for id in tree.ids() {
        let Some(text) = tree.node(id).text().filter(|text| text.contains('$')) else { continue };
        let scope = if given.contains(&id) { &plain_scope } else { scope };
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

fn read(world: &mut World, file: FileId, by_path: &Paths, included: &Included) {
    let tree = &world.file(file).tree;
    let Some(services) = tree.documents().next().and_then(|root| root.get("services")) else { return };
    let all: Vec<(String, Span, Id)> = services
        .entries()
        .filter_map(|(key, value)| Some((key.text()?.to_owned(), key.span(), value.id())))
        .filter(|(.., value)| tree.node(*value).is_map())
        .collect();
    let (over, under) = overrides(world, file, by_path);
    let over: Vec<FileId> = over.into_iter().chain(included.over.get(&file).into_iter().flatten().copied()).collect();
    let under = under.or_else(|| included.under.get(&file).copied());
    for (name, span, node) in all {
        let mut chain = chain(world, file, node, by_path);
        let mut variables = env_files(world, file, node, by_path);
        for over in &over {
            let Some(id) = service_of(world, *over, &name) else { continue };
            variables.extend(env_files(world, *over, id, by_path));
            let mut left = MAX_COPIED;
            let copied = copy(world, (*over, id), (file, span), &mut left);
            // Lists are put together; of single values the one laid over counts.
            chain.nodes.insert(0, copied);
        }
        // What an override file leaves out is said below it.
        chain.open |= under.is_some_and(|under| service_of(world, under, &name).is_some());
        let variables = given(world, &variables);
        service::add(world, file, &name, span, &chain, &variables);
    }
}

/// The files of variables that a service names, each with where it does; what is extended names its own.
fn env_files(world: &World, file: FileId, node: Id, by_path: &Paths) -> Vec<(FileId, Span)> {
    let entries = world.node(file, node).each("env_file").into_iter().take(MAX_COMPOSE_FILES);
    let named = entries.filter_map(|entry| Some((entry.text().or_else(|| entry.get("path")?.text())?, entry.span())));
    named.filter_map(|(path, at)| Some((find(world, file, path, by_path)?, at))).collect()
}

/// The variables of files; of a name that is there twice the last counts.
fn given(world: &World, files: &[(FileId, Span)]) -> Vec<(String, Value, Span)> {
    let mut all: Vec<(String, Value, Span)> = Vec::new();
    let scope = Scope::new(Known::Argument);
    for (file, at) in files {
        let read = environment::read(&world.file(*file).text.text, &scope);
        all.extend(read.into_iter().map(|(name, value)| (name, value, *at)));
    }
    let mut seen: AHashSet<String> = AHashSet::new();
    let mut last: Vec<_> = all.into_iter().rev().filter(|(name, ..)| seen.insert(name.clone())).collect();
    last.reverse();
    last
}

/// The file that is laid over this one, and the one that this one is laid over: `compose.override.yml` beside `compose.yml`.
fn overrides(world: &World, file: FileId, by_path: &Paths) -> (Option<FileId>, Option<FileId>) {
    let path = &world.file(file).text.path;
    let Some((stem, ending)) = path.rsplit_once('.') else { return (None, None) };
    match stem.strip_suffix(".override") {
        Some(below) => (None, ["yml", "yaml"].iter().find_map(|ending| at(by_path, &format!("{below}.{ending}")))),
        None if stem.ends_with("compose") => (at(by_path, &format!("{stem}.override.{ending}")), None),
        None => (None, None),
    }
}

/// A file by its path.
fn at(by_path: &Paths, path: &str) -> Option<FileId> {
    by_path.get(path).copied()
}

fn service_of(world: &World, file: FileId, name: &str) -> Option<Id> {
    world.file(file).tree.documents().next()?.at(&["services", name]).filter(|node| node.is_map()).map(Node::id)
}

/// Follows `extends`.
fn chain(world: &mut World, file: FileId, node: Id, by_path: &Paths) -> Chain {
    let mut chain = Chain { nodes: vec![node], open: false };
    let (mut from, mut next) = (file, node);
    for _ in 0..MAX_SERVICE_EXTENDS {
        let Some(extends) = world.node(from, next).get("extends") else { return chain };
        let service = extends.text().map(str::to_owned).or_else(|| extends.get("service").and_then(Node::scalar));
        let other = extends.get("file").and_then(Node::scalar);
        let span = extends.span();
        if let Some(other) = other {
            match find(world, from, &other, by_path) {
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
fn find(world: &World, from: FileId, path: &str, by_path: &Paths) -> Option<FileId> {
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
    at(by_path, &wanted)
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
