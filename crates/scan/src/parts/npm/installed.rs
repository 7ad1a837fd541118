//! What lies in a `node_modules` folder: every package by its own `package.json`.

use super::super::files::{Root, join};
use super::super::purl::Purl;
use super::super::{Inventory, Part};
use crate::limits::MAX_INSTALLED_DEPTH;
use crate::text::Span;
use crate::tree::{Node, Tree};
use ahash::AHashMap;

/// Reads all packages below the `node_modules` of a folder, nested ones and pnpm's store too. Links are not followed, so
/// that members of a workspace are not among them.
pub fn read(root: &Root, folder: &str) -> Inventory {
    let mut found = Found::default();
    found.modules(root, &join(folder, "node_modules"), 0);
    let Found { mut inventory, folders, needs } = found;
    for (from, folder, name) in needs {
        let mut above = Some(folder.as_str());
        while let Some(at) = above {
            if let Some(to) = folders.get(&join(at, &format!("node_modules/{name}"))) {
                inventory.edges.push((from, *to));
                break;
            }
            above = match at.rsplit_once('/') {
                Some((above, _)) => Some(above),
                None if at.is_empty() => None,
                None => Some(""),
            };
        }
    }
    inventory.tidy();
    inventory
}

#[derive(Default)]
struct Found {
    inventory: Inventory,
    folders: AHashMap<String, Part>,
    needs: Vec<(Part, String, String)>,
}

impl Found {
    fn modules(&mut self, root: &Root, modules: &str, depth: usize) {
        if depth > MAX_INSTALLED_DEPTH {
            return;
        }
        for (name, is_folder) in root.list(modules) {
            let path = join(modules, &name);
            if !is_folder {
                continue;
            }
            if name == ".pnpm" {
                for (store, _) in root.list(&path) {
                    self.modules(root, &join(&join(&path, &store), "node_modules"), depth + 1);
                }
            } else if name.starts_with('@') {
                for (inner, _) in root.list(&path).into_iter().filter(|(_, is_folder)| *is_folder) {
                    self.package(root, &join(&path, &inner), &format!("{name}/{inner}"), depth);
                }
            } else if !name.starts_with('.') {
                self.package(root, &path, &name, depth);
            }
        }
    }

    fn package(&mut self, root: &Root, folder: &str, named: &str, depth: usize) {
        if let Some(text) = root.read(&join(folder, "package.json")) {
            let tree = Tree::json(&text).ok();
            let package = tree.as_ref().and_then(|tree| tree.documents().next());
            let said = |name: &str| package.and_then(|package| package.get(name)).and_then(Node::text);
            match (said("name").unwrap_or(named), said("version")) {
                (name, Some(version)) => {
                    let span = package.and_then(|package| package.get("version")).map_or(Span::default(), Node::span);
                    let part = self.inventory.components.len();
                    if self.inventory.add(&text, span, Purl::new("npm", name, version)).is_some() {
                        self.folders.insert(folder.to_owned(), part);
                        let groups = ["dependencies", "optionalDependencies", "peerDependencies"];
                        for group in groups.iter().filter_map(|group| package?.get(group)) {
                            let needs = group.members().map(|(need, _)| (part, folder.to_owned(), need.to_owned()));
                            self.needs.extend(needs);
                        }
                    }
                }
                (name, None) => self.inventory.miss(&text, Span::default(), name, "its package.json names no version"),
            }
        }
        self.modules(root, &join(folder, "node_modules"), depth + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn nested_and_scoped_packages_are_found() {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [
            (
                "node_modules/a/package.json",
                r#"{"name": "a", "version": "1.0.0", "dependencies": {"@s/b": "1", "d": "1"}}"#,
            ),
            (
                "node_modules/a/node_modules/@s/b/package.json",
                r#"{"name": "@s/b", "version": "1.0.0", "dependencies": {"c": "*"}}"#,
            ),
            ("node_modules/@s/b/package.json", r#"{"name": "@s/b", "version": "2.0.0"}"#),
            ("node_modules/d/package.json", r#"{"name": "d", "version": "4.0.0", "dependencies": {"@s/b": "*"}}"#),
            ("node_modules/c/package.json", r#"{"name": "c"}"#),
            ("node_modules/a/test/package.json", r#"{"name": "no", "version": "9.0.0"}"#),
            ("node_modules/.bin/x", ""),
        ] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        std::os::unix::fs::symlink("/", folder.path().join("node_modules/out")).unwrap();
        let inventory = read(&Root::open(folder.path()).unwrap(), "");
        let names: Vec<String> = inventory.components.iter().map(|part| part.purl.to_string()).collect();
        assert_eq!(names, ["pkg:npm/%40s/b@2.0.0", "pkg:npm/a@1.0.0", "pkg:npm/%40s/b@1.0.0", "pkg:npm/d@4.0.0"]);
        assert_eq!(inventory.edges, [(1, 2), (1, 3), (3, 0)]);
        assert_eq!(inventory.missed.len(), 1);
    }
}
