//! Kustomizations: what overlays make of the objects of their files, and the namespace that they give them.
//!
//! | file | holds |
//! |---|---|
//! | `item.rs` | objects apart from their tree, and what several overlays make of one |
//! | `patch.rs` | strategic merges, and the operations of RFC 6902 |
//! | `transform.rs` | what one kustomization does |
//!
//! An object is what is built of it: by each kustomization that no other one names. What they make of it in different ways is
//! read as often, and found once ([`World::variants`]); beyond `MAX_VARIANTS` what differs is not known. What a patch adds has the
//! place of what it is added to. **Absent:** plug-ins and replacements, whose targets are not known, and files that no tree
//! here has.

mod item;
mod patch;
#[cfg(test)]
mod tests;
mod transform;

use super::is_object;
use crate::limits::{MAX_DEPTH, MAX_KUSTOMIZATION_ENTRIES, MAX_KUSTOMIZED_NODES, MAX_VARIANTS};
use crate::resource::{FileId, ResourceId, World};
use crate::tree::{Data, Id, Node, Tree};
use ahash::{AHashMap, AHashSet};
use item::{Item, combined};
use transform::Object;

/// Names of a kustomization's file.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Whether a file is a kustomization.
pub(super) fn is(path: &str) -> bool {
    NAMES.contains(&path.rsplit('/').next().unwrap_or(path))
}

/// Whether a document is a list of operations of RFC 6902: what a kustomization may patch with.
pub(super) fn is_operations(tree: &Tree) -> bool {
    tree.documents().next().is_some_and(|root| {
        root.items().len() > 0 && root.items().all(|item| item.get("op").is_some() && item.get("path").is_some())
    })
}

/// Makes of all objects what is built of them.
pub(super) fn link(world: &mut World) {
    if world.files.iter().any(|file| is(&file.text.path)) {
        build(world);
        namespaces(world);
    }
}

/// The names of what the kustomizations make of files, such as `secretGenerator`.
pub(super) fn generated(world: &World, generator: &str) -> Vec<String> {
    let all = world.files.iter().filter(|file| is(&file.text.path)).filter_map(|file| file.tree.documents().next());
    let named = all.flat_map(|root| root.each(generator)).filter_map(|said| said.get("name").and_then(Node::scalar));
    named.take(MAX_KUSTOMIZATION_ENTRIES).collect()
}

/// What is needed to build overlays.
struct Build<'w> {
    world: &'w World,
    files: &'w AHashMap<String, FileId>,
    /// Nodes that may still be copied.
    left: usize,
    /// Files that patched something: they are no objects of their own.
    applied: AHashSet<FileId>,
}

impl Build<'_> {
    /// The objects that a kustomization builds.
    fn build(&mut self, id: FileId, folder: &str, depth: usize) -> Vec<Object> {
        let mut objects = Vec::new();
        let Some(root) = self.world.file(id).tree.documents().next().filter(|_| depth < MAX_NESTED) else {
            return objects;
        };
        let named = |list: &str| root.each(list).into_iter().filter_map(Node::text).take(MAX_KUSTOMIZATION_ENTRIES);
        // Kustomizations that name others twice would be built for ever.
        self.left = self.left.saturating_sub(1 + named("resources").chain(named("bases")).count());
        if self.left == 0 {
            return objects;
        }
        let mut seen: AHashSet<String> = AHashSet::new();
        for path in named("resources").chain(named("bases")).filter_map(|item| join(folder, item)) {
            // Nothing can be built of what is named twice.
            if !seen.insert(path.clone()) {
                continue;
            }
            match (self.files.get(&path), inner(self.files, &path)) {
                (Some(file), _) => self.objects(*file, &mut objects),
                (None, Some(inner)) => objects.extend(self.build(inner, &path, depth + 1)),
                (None, None) => {}
            }
        }
        for path in named("components").filter_map(|item| join(folder, item)).filter(|path| seen.insert(path.clone())) {
            if let Some(component) = inner(self.files, &path) {
                objects.extend(self.build(component, &path, depth + 1));
                self.transform(component, &path, &mut objects);
            }
        }
        // What a component does it does to all that its user names.
        if root.get("kind").and_then(Node::text) != Some("Component") {
            self.transform(id, folder, &mut objects);
        }
        objects
    }

    fn objects(&mut self, file: FileId, out: &mut Vec<Object>) {
        let world = self.world;
        for (number, root) in world.file(file).tree.documents().enumerate().filter(|(_, root)| is_object(*root)) {
            if let Some(item) = Item::of(root, &mut self.left) {
                out.push(Object::new(file, number, item));
            }
        }
    }

    /// Takes what looking at so many values costs.
    fn spend(&mut self, values: usize) -> bool {
        self.left = self.left.saturating_sub(values);
        self.left > 0
    }
}

/// Kustomizations in kustomizations.
const MAX_NESTED: usize = if MAX_DEPTH < 16 { MAX_DEPTH } else { 16 };

/// The kustomization of a folder.
fn inner(files: &AHashMap<String, FileId>, folder: &str) -> Option<FileId> {
    NAMES
        .iter()
        .find_map(|name| files.get(&if folder.is_empty() { (*name).to_owned() } else { format!("{folder}/{name}") }))
        .copied()
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Builds every kustomization that no other one names, and reads what was built in place of what is written.
fn build(world: &mut World) {
    let files = by_path(world);
    let all: Vec<(&String, FileId)> = {
        let mut all: Vec<_> = files.iter().filter(|(path, _)| is(path)).map(|(path, id)| (path, *id)).collect();
        all.sort_unstable();
        all
    };
    let mut named: AHashSet<FileId> = AHashSet::new();
    for (path, id) in &all {
        let Some(root) = world.file(*id).tree.documents().next() else { continue };
        let lists = ["resources", "bases", "components"].into_iter().flat_map(|list| root.each(list));
        let paths =
            lists.filter_map(Node::text).take(MAX_KUSTOMIZATION_ENTRIES).filter_map(|to| join(folder_of(path), to));
        named.extend(paths.filter_map(|path| inner(&files, &path)).filter(|of| of != id));
        if root.get("kind").and_then(Node::text) == Some("Component") {
            named.insert(*id);
        }
    }
    let mut build = Build { world, files: &files, left: MAX_KUSTOMIZED_NODES, applied: AHashSet::new() };
    let mut built: AHashMap<(FileId, usize), Vec<Object>> = AHashMap::new();
    for (path, id) in all.iter().filter(|(_, id)| !named.contains(id)) {
        for object in build.build(*id, folder_of(path), 0) {
            built.entry((object.file, object.document)).or_default().push(object);
        }
    }
    let exhausted = build.left == 0;
    let applied = build.applied;
    let resources: AHashSet<FileId> = built.keys().map(|(file, _)| *file).collect();
    let mut changed: Vec<Changed> = Vec::new();
    for ((file, document), objects) in built {
        let Some(root) = world.file(file).tree.documents().nth(document) else { continue };
        let Some(base) = Item::of(root, &mut MAX_KUSTOMIZED_NODES.clone()) else { continue };
        let kept: Vec<&Item> = objects.iter().filter(|object| !object.removed).map(|object| &object.item).collect();
        // Of more than is looked at nothing is known.
        let now =
            if exhausted && !kept.is_empty() { vec![Object::opened(base.clone())] } else { variants(&base, &kept) };
        if now != [base] {
            changed.push(((file, document), now));
        }
    }
    changed.sort_unstable_by_key(|(at, _)| *at);
    let dropped: AHashSet<FileId> = applied.difference(&resources).copied().collect();
    replace(world, changed, &dropped);
}

/// A document of a file, and what is built of it: nothing when it is taken away.
type Changed = ((FileId, usize), Vec<Item>);

/// What overlays make of an object, each thing once.
fn variants(base: &Item, all: &[&Item]) -> Vec<Item> {
    let mut out: Vec<Item> = Vec::new();
    for item in all {
        if !out.contains(item) {
            out.push((*item).clone());
        }
        if out.len() > MAX_VARIANTS {
            return vec![combined(base, all)];
        }
    }
    out
}

/// Reads the files again whose objects are others than is written.
fn replace(world: &mut World, changed: Vec<Changed>, dropped: &AHashSet<FileId>) {
    let again: AHashSet<FileId> = changed.iter().map(|((file, _), _)| *file).collect();
    forget(world, |file| again.contains(&file) || dropped.contains(&file));
    for ((file, document), items) in changed {
        if items.len() > 1 {
            world.variants.insert(file);
        }
        let tree = world.tree_mut(file);
        let Some(at) = tree.documents().nth(document).map(Node::span) else { continue };
        let mut roots = items.iter().map(|item| item.put(tree)).collect::<Vec<Id>>().into_iter();
        tree.roots[document] = match roots.next() {
            Some(root) => root,
            None => tree.add(Data::Null, at),
        };
        tree.roots.extend(roots);
    }
    let mut again: Vec<FileId> = again.into_iter().collect();
    again.sort_unstable();
    for file in again {
        super::read(world, file, "kubernetes");
    }
}

/// Takes the resources of files out of the world.
fn forget(world: &mut World, of: impl Fn(FileId) -> bool) {
    let mut numbers: Vec<Option<ResourceId>> = Vec::with_capacity(world.resources.len());
    let mut next = 0;
    for resource in &world.resources {
        let kept = !of(resource.file);
        numbers.push(kept.then_some(ResourceId(next)));
        next += u32::from(kept);
    }
    world.resources.retain(|resource| !of(resource.file));
    for resource in &mut world.resources {
        let kept = |(name, to): (&'static str, ResourceId)| Some((name, numbers[to.0 as usize]?));
        resource.relations = std::mem::take(&mut resource.relations).into_iter().filter_map(kept).collect();
    }
}

fn by_path(world: &World) -> AHashMap<String, FileId> {
    (0..world.files.len() as u32).map(FileId).map(|id| (world.file(id).text.path.to_string(), id)).collect()
}

/// Gives the objects of all files that kustomizations name their namespace. Of several, the outermost counts.
fn namespaces(world: &mut World) {
    let files = by_path(world);
    let all: Vec<(String, FileId)> =
        files.iter().filter(|(path, _)| is(path)).map(|(path, id)| (path.clone(), *id)).collect();
    let mut given: AHashMap<FileId, (usize, FileId, Id)> = AHashMap::new();
    for (path, id) in all {
        let Some(namespace) =
            world.file(id).tree.documents().next().and_then(|root| root.get("namespace")).map(Node::id)
        else {
            continue;
        };
        let folder = folder_of(&path);
        let mut reached = Vec::new();
        reach(world, &files, id, folder, 0, &mut AHashSet::new(), &mut reached);
        for file in reached {
            let entry = given.entry(file).or_insert((folder.len(), id, namespace));
            if folder.len() < entry.0 {
                *entry = (folder.len(), id, namespace);
            }
        }
    }
    for at in 0..world.resources.len() {
        let file = world.resources[at].file;
        if let Some((_, from, node)) = given.get(&file).filter(|_| world.resources[at].family == "kubernetes") {
            let data = world.node(*from, *node).data().clone();
            let span = world.resources[at].span;
            let id = world.tree_mut(file).add(data, span);
            world.resources[at].fields.push(("namespace", id));
        }
    }
}

/// The files that a kustomization names, also by others that it names.
fn reach(
    world: &World,
    files: &AHashMap<String, FileId>,
    id: FileId,
    folder: &str,
    depth: usize,
    seen: &mut AHashSet<FileId>,
    out: &mut Vec<FileId>,
) {
    // Naming one twice leads to nothing new.
    if !seen.insert(id) {
        return;
    }
    let Some(root) = world.file(id).tree.documents().next().filter(|_| depth < MAX_NESTED) else { return };
    for list in ["resources", "bases"] {
        for item in root.each(list).into_iter().filter_map(Node::text).take(1_000) {
            let Some(path) = join(folder, item) else { continue };
            if let Some(file) = files.get(&path) {
                out.push(*file);
                continue;
            }
            if let Some(inner) = inner(files, &path).filter(|_| out.len() < 10_000) {
                reach(world, files, inner, &path, depth + 1, seen, out);
            }
        }
    }
}

/// A path from a folder; none where it leaves the tree.
pub(in crate::families) fn join(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
