//! Kustomizations: the namespace that they give to the objects of their files.

use crate::limits::MAX_DEPTH;
use crate::resource::{FileId, World};
use crate::tree::{Id, Node};
use ahash::AHashMap;

/// Names of a kustomization's file.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Whether a file is a kustomization.
pub(super) fn is(path: &str) -> bool {
    NAMES.contains(&path.rsplit('/').next().unwrap_or(path))
}

/// Gives the objects of all files that kustomizations name their namespace. Of several, the outermost counts.
pub(super) fn link(world: &mut World) {
    let files: AHashMap<String, FileId> =
        (0..world.files.len() as u32).map(FileId).map(|id| (world.file(id).text.path.to_string(), id)).collect();
    let all: Vec<(String, FileId)> =
        files.iter().filter(|(path, _)| is(path)).map(|(path, id)| (path.clone(), *id)).collect();
    let mut given: AHashMap<FileId, (usize, FileId, Id)> = AHashMap::new();
    for (path, id) in all {
        let Some(namespace) =
            world.file(id).tree.documents().next().and_then(|root| root.get("namespace")).map(Node::id)
        else {
            continue;
        };
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut reached = Vec::new();
        reach(world, &files, id, folder, 0, &mut reached);
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
    out: &mut Vec<FileId>,
) {
    let Some(root) = world.file(id).tree.documents().next().filter(|_| depth < MAX_DEPTH.min(16)) else { return };
    for list in ["resources", "bases"] {
        for item in root.each(list).into_iter().filter_map(Node::text).take(1_000) {
            let Some(path) = join(folder, item) else { continue };
            if let Some(file) = files.get(&path) {
                out.push(*file);
                continue;
            }
            let inner = NAMES.iter().find_map(|name| {
                files.get(&if path.is_empty() { (*name).to_owned() } else { format!("{path}/{name}") })
            });
            if let Some(inner) = inner.filter(|_| out.len() < 10_000) {
                reach(world, files, *inner, &path, depth + 1, out);
            }
        }
    }
}

/// A path from a folder; none where it leaves the tree.
fn join(folder: &str, path: &str) -> Option<String> {
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
