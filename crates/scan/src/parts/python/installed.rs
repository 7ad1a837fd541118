//! What is installed in a Python environment: `*.dist-info` and `*.egg-info` beside the packages.

use super::super::files::{Root, join};
use super::super::purl::Purl;
use super::super::{Inventory, Origin, Part};
use super::{leading_name, normal};
use crate::text::{Span, Text};
use crate::tree::{Node, Tree};
use ahash::AHashMap;

/// The folders of a virtual environment, or below a root folder, in which packages lie.
pub fn folders(root: &Root, environment: &str) -> Vec<String> {
    let mut folders = Vec::new();
    for library in ["lib", "lib64", "Lib", "usr/lib", "usr/local/lib"] {
        let library = join(environment, library);
        let versions =
            root.list(&library).into_iter().filter(|(name, is_folder)| *is_folder && name.starts_with("python"));
        for (name, _) in versions {
            folders.push(join(&library, &format!("{name}/site-packages")));
            folders.push(join(&library, &format!("{name}/dist-packages")));
        }
    }
    folders.push(join(environment, "Lib/site-packages"));
    // `lib64` is `lib`, and `/lib` is `/usr/lib`.
    let mut seen = ahash::AHashSet::new();
    let folders = folders.iter().filter_map(|folder| root.resolved(folder));
    folders.filter(|folder| seen.insert(folder.clone())).collect()
}

/// Reads the packages of these folders.
pub fn read(root: &Root, folders: &[String]) -> Inventory {
    let mut inventory = Inventory::default();
    let mut known: AHashMap<String, Part> = AHashMap::new();
    let mut needs: Vec<(Part, String)> = Vec::new();
    let mut asked: Vec<Part> = Vec::new();
    for folder in folders {
        for (name, is_folder) in root.list(folder) {
            let path = join(folder, &name);
            let about = match name.rsplit_once('.') {
                Some((_, "dist-info")) => join(&path, "METADATA"),
                Some((_, "egg-info")) if is_folder => join(&path, "PKG-INFO"),
                Some((_, "egg-info")) => path.clone(),
                Some((_, "egg")) if is_folder => join(&path, "EGG-INFO/PKG-INFO"),
                _ => continue,
            };
            let Some(text) = root.read(&about) else {
                // An uninstall leaves empty folders; pip does not list them either.
                continue;
            };
            let before = inventory.components.len();
            package(&text, &mut inventory, &mut needs);
            let Some(component) = inventory.components.get_mut(before) else { continue };
            component.origin = origin(root, &path);
            if root.has(&join(&path, "REQUESTED")) {
                asked.push(before);
            }
            known.entry(component.purl.name.to_string()).or_insert(before);
        }
    }
    inventory.edges.extend(needs.iter().filter_map(|(from, name)| Some((*from, *known.get(name)?))));
    // Older installers note nothing.
    if !asked.is_empty() {
        for (part, component) in inventory.components.iter_mut().enumerate() {
            component.direct = Some(asked.contains(&part));
        }
    }
    inventory.tidy();
    inventory
}

/// The head of the metadata: `Name`, `Version`, `Requires-Dist`.
fn package(text: &Text, inventory: &mut Inventory, needs: &mut Vec<(Part, String)>) {
    let part = inventory.components.len();
    let (mut name, mut version) = (None, None);
    let mut start = 0;
    for line in text.text.split_inclusive('\n') {
        let from = start;
        start += line.len();
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let Some((field, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        match field.to_ascii_lowercase().as_str() {
            "name" => name = name.or(Some(value)),
            "version" => version = version.or(Some((value, Span::new(from, from + line.len())))),
            // What an extra needs is only there when the extra was asked for.
            "requires-dist" if !value.contains("extra") => {
                needs.extend(leading_name(value).map(|(name, _)| (part, normal(name))));
            }
            _ => {}
        }
    }
    match (name, version) {
        (Some(name), Some((version, span))) => {
            inventory.add(text, span, Purl::new("pypi", &normal(name), version));
        }
        _ => inventory.miss(text, Span::default(), name.unwrap_or(&text.path), "its metadata names no version"),
    }
}

/// `direct_url.json` is there when a package is not from an index.
fn origin(root: &Root, folder: &str) -> Origin {
    let Some(text) = root.read(&join(folder, "direct_url.json")) else { return Origin::Registry };
    let Ok(tree) = Tree::json(&text) else { return Origin::Registry };
    let url = tree.documents().next().and_then(|root| root.get("url")).and_then(Node::text).unwrap_or_default();
    if url.starts_with("file:") { Origin::Local } else { Origin::Elsewhere(url.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn metadata_of_all_forms_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let site = "lib/python3.12/site-packages";
        for (path, text) in [
            (
                "Flask-2.0.dist-info/METADATA",
                "Metadata-Version: 2.1\nName: Flask\nVersion: 2.0\nRequires-Dist: Click (>=7)\nRequires-Dist: x; extra == 'dev'\n\nName: no\n",
            ),
            ("Flask-2.0.dist-info/REQUESTED", ""),
            ("click-8.0.dist-info/METADATA", "Name: click\nVersion: 8.0\n"),
            ("click-8.0.dist-info/direct_url.json", "{\"url\": \"https://example.com/click.zip\"}"),
            ("old.egg-info", "Name: old_one\nVersion: 1.0\n"),
            ("older-0.1.egg-info/PKG-INFO", "Name: older\nVersion: 0.1\n"),
            ("broken-1.dist-info/METADATA", "Name: broken\n"),
            ("flask/__init__.py", ""),
        ] {
            let path = folder.path().join(site).join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        std::os::unix::fs::symlink("lib", folder.path().join("lib64")).unwrap();
        let root = Root::open(folder.path()).unwrap();
        let found = folders(&root, "");
        assert_eq!(found, [site]);
        let inventory = read(&root, &found);
        let names: Vec<String> = inventory.components.iter().map(|part| part.purl.to_string()).collect();
        assert_eq!(names, ["pkg:pypi/flask@2.0", "pkg:pypi/click@8.0", "pkg:pypi/old-one@1.0", "pkg:pypi/older@0.1"]);
        assert_eq!(inventory.edges, [(0, 1)]);
        assert_eq!(inventory.components[0].direct, Some(true));
        assert!(matches!(inventory.components[1].origin, Origin::Elsewhere(_)));
        assert_eq!(inventory.missed.len(), 1);
    }
}
