//! `package-lock.json` and `npm-shrinkwrap.json`, versions 1 to 3: every package by the folder it is put into.

use super::super::purl::Purl;
use super::super::{Inventory, Origin, Others, Part, Scope, beside, refuse};
use super::{asked, elsewhere, origin};
use crate::limits::{MAX_COMPONENTS, MAX_INSTALLED_DEPTH};
use crate::text::{Span, Text};
use crate::tree::{Malformed, Node, Tree};
use ahash::AHashMap;

const FOLDER: &str = "node_modules/";
/// Members that name what a package needs.
const NEEDS: &[&str] = &["dependencies", "optionalDependencies", "peerDependencies", "devDependencies"];

/// A package at a folder.
struct Put<'t> {
    /// Such as `node_modules/a/node_modules/b`.
    folder: String,
    name: String,
    span: Span,
    node: Node<'t>,
    version: Option<String>,
    needs: Vec<String>,
}

/// Reads a lock file.
///
/// # Errors
/// When it is malformed or beyond the limits.
pub fn read(text: &Text, others: Others<'_>) -> Result<Inventory, Malformed> {
    let tree = Tree::json(text)?;
    let Some(root) = tree.documents().next() else { return Ok(Inventory::default()) };
    let mut puts = Vec::new();
    let roots: Option<Vec<(String, bool)>>;
    let dependencies = root.get("dependencies");
    // Some tools leave the flat map of version 2 empty.
    let is_flat = |packages: &Node<'_>| dependencies.is_none() || packages.entries().next().is_some();
    if let Some(packages) = root.get("packages").filter(is_flat) {
        roots = packages.get("").map(|package| asked_by(package));
        new_packages(packages, &mut puts);
    } else {
        let manifest = others(&beside(&text.path, "package.json"));
        roots = manifest.map(|text| asked(&text).into_iter().map(|(name, _, dev)| (name, dev)).collect());
        if let Some(dependencies) = dependencies {
            old_packages(dependencies, "", 0, &mut puts)?;
        }
    }
    Ok(inventory(text, puts, roots))
}

/// What the root asks for, and whether for development.
fn asked_by(package: Node<'_>) -> Vec<(String, bool)> {
    let of = |group: &&str| -> Vec<(String, bool)> {
        let members = package.get(group).into_iter().flat_map(|group| group.members());
        members.map(|(name, _)| (name.to_owned(), *group == "devDependencies")).collect()
    };
    NEEDS.iter().flat_map(of).collect()
}

/// Versions 2 and 3: a flat map by folders.
fn new_packages<'t>(packages: Node<'t>, puts: &mut Vec<Put<'t>>) {
    for (key, node) in packages.entries() {
        let Some(folder) = key.text().filter(|folder| !folder.is_empty()) else { continue };
        let said = |name: &str| node.get(name).and_then(|node| node.text()).map(str::to_owned);
        let by_folder = folder.rfind(FOLDER).map(|at| folder[at + FOLDER.len()..].to_owned());
        let is_local = by_folder.is_none();
        // An alias is told by its own name.
        let name = said("name").or(by_folder).unwrap_or_else(|| folder.rsplit('/').next().unwrap_or(folder).to_owned());
        // A link leads to a folder that is listed itself.
        let is_link = node.get("link").and_then(Node::bool) == Some(true);
        let mut needs: Vec<String> =
            asked_by(node).into_iter().filter(|(_, dev)| is_local || !dev).map(|(name, _)| name).collect();
        if is_link {
            needs = said("resolved").into_iter().map(|target| format!("\u{0}{target}")).collect();
        }
        let version = if is_link { None } else { said("version") };
        puts.push(Put { folder: folder.to_owned(), name, span: key.span(), node, version, needs });
    }
}

/// Version 1: nested as the folders are.
fn old_packages<'t>(packages: Node<'t>, above: &str, depth: usize, puts: &mut Vec<Put<'t>>) -> Result<(), Malformed> {
    if depth > MAX_INSTALLED_DEPTH {
        return Err(refuse(
            packages.span(),
            format!("packages nest deeper than {MAX_INSTALLED_DEPTH} (MAX_INSTALLED_DEPTH)"),
        ));
    }
    for (key, node) in packages.entries() {
        let Some(name) = key.text() else { continue };
        let folder = format!("{above}{FOLDER}{name}");
        let said = node.get("version").and_then(|node| node.text()).unwrap_or_default();
        // `npm:real@1.0.0` is an alias.
        let aliased = said.strip_prefix("npm:").and_then(|said| said.rsplit_once('@'));
        let (name, version) = aliased.unwrap_or((name, said));
        let needs = node.get("requires").into_iter().flat_map(|map| map.members().map(|(name, _)| name.to_owned()));
        let version = Some(version.to_owned()).filter(|version| !version.is_empty());
        puts.push(Put {
            folder: folder.clone(),
            name: name.to_owned(),
            span: key.span(),
            node,
            version,
            needs: needs.collect(),
        });
        if puts.len() > MAX_COMPONENTS {
            return Err(refuse(key.span(), format!("more than {MAX_COMPONENTS} packages (MAX_COMPONENTS)")));
        }
        if let Some(inner) = node.get("dependencies") {
            old_packages(inner, &format!("{folder}/"), depth + 1, puts)?;
        }
    }
    Ok(())
}

fn inventory(text: &Text, puts: Vec<Put<'_>>, roots: Option<Vec<(String, bool)>>) -> Inventory {
    let mut inventory = Inventory::default();
    let mut parts: AHashMap<&str, Part> = AHashMap::new();
    let links: AHashMap<&str, String> = puts
        .iter()
        .filter_map(|put| Some((put.folder.as_str(), put.needs.first()?.strip_prefix('\u{0}')?.to_owned())))
        .collect();
    for put in puts.iter().filter(|put| !links.contains_key(put.folder.as_str())) {
        if let Some(part) = add(&mut inventory, text, put) {
            parts.insert(&put.folder, part);
        }
    }
    let find = |from: &str, name: &str| -> Option<Part> {
        let folder = resolve(from, name, |folder| parts.contains_key(folder) || links.contains_key(folder))?;
        parts.get(folder.as_str()).or_else(|| parts.get(links.get(folder.as_str())?.as_str())).copied()
    };
    for put in &puts {
        let Some(from) = parts.get(put.folder.as_str()) else { continue };
        let needed = put.needs.iter().filter_map(|name| find(&put.folder, name));
        inventory.edges.extend(needed.map(|to| (*from, to)));
    }
    let Some(roots) = roots else { return inventory };
    // Members of a workspace are asked for by the tree, and ask themselves.
    let mut direct: ahash::AHashSet<Part> = roots.iter().filter_map(|(name, _)| find("", name)).collect();
    let is_local = |part: Part| inventory.components.get(part).is_some_and(|part| part.origin == Origin::Local);
    direct.extend(inventory.edges.iter().filter(|(from, _)| is_local(*from)).map(|(_, to)| *to));
    direct.extend((0..inventory.components.len()).filter(|part| is_local(*part)));
    for (part, component) in inventory.components.iter_mut().enumerate() {
        component.direct = Some(direct.contains(&part));
    }
    inventory
}

fn add(inventory: &mut Inventory, text: &Text, put: &Put<'_>) -> Option<Part> {
    let flag = |name: &str| put.node.get(name).and_then(Node::bool) == Some(true);
    let resolved = put.node.get("resolved").and_then(|node| node.text());
    let is_member = !put.folder.contains(FOLDER);
    let Some(version) = &put.version else {
        if !is_member {
            inventory.miss(
                text,
                put.span,
                &put.name,
                "the lock file names no version: run `npm install --package-lock-only`",
            );
        }
        return None;
    };
    let from =
        elsewhere(version).or_else(|| version.contains("://").then(|| Origin::Elsewhere(version.as_str().into())));
    if from.is_some() {
        inventory.miss(
            text,
            put.span,
            &put.name,
            format!("it is not from the registry but from {version}: its version is not told"),
        );
        return None;
    }
    let part = inventory.components.len();
    let component = inventory.add(text, put.span, Purl::new("npm", &put.name, version))?;
    component.origin = if is_member { Origin::Local } else { origin(resolved) };
    component.scope = if flag("dev") {
        Scope::Development
    } else if flag("optional") || flag("devOptional") {
        Scope::Optional
    } else {
        Scope::Required
    };
    Some(part)
}

/// The folder in which a package finds another: in its own `node_modules`, then in those of the folders above.
fn resolve(from: &str, name: &str, is_there: impl Fn(&str) -> bool) -> Option<String> {
    let mut above = Some(from);
    while let Some(folder) = above {
        let is_modules = folder == "node_modules" || folder.ends_with("/node_modules");
        let at = if folder.is_empty() { format!("{FOLDER}{name}") } else { format!("{folder}/{FOLDER}{name}") };
        if !is_modules && is_there(&at) {
            return Some(at);
        }
        above = match folder.rsplit_once('/') {
            Some((folder, _)) => Some(folder),
            None if folder.is_empty() => None,
            None => Some(""),
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{edges, lines, read};

    const NEW: &str = r#"{
  "name": "app", "version": "1.0.0", "lockfileVersion": 3,
  "packages": {
    "": {"workspaces": ["packages/*"], "dependencies": {"a": "^1.0.0", "alias": "npm:@real/b@2"}, "devDependencies": {"t": "1"}},
    "node_modules/a": {
      "version": "1.2.3", "resolved": "https://registry.npmjs.org/a/-/a-1.2.3.tgz", "dependencies": {"c": "1", "gone": "1"}
    },
    "node_modules/a/node_modules/c": {"version": "1.0.0"},
    "node_modules/alias": {"name": "@real/b", "version": "2.0.0", "peerDependencies": {"c": "2"}},
    "node_modules/c": {"version": "2.0.0"},
    "node_modules/t": {"version": "0.1.0", "dev": true, "resolved": "git+ssh://git@github.com/x/t.git#abc"},
    "node_modules/member": {"resolved": "packages/member", "link": true},
    "packages/member": {"version": "0.0.1", "dependencies": {"o": "*"}},
    "node_modules/o": {"version": "3.0.0", "optional": true},
    "node_modules/broken": {}
  }
}"#;

    #[test]
    fn folders_decide_which_version_is_meant() {
        let inventory = read("web/package-lock.json", NEW, &[]);
        assert_eq!(
            lines(&inventory),
            [
                "5 npm/a@1.2.3 direct Required",
                "8 npm/c@1.0.0 indirect Required",
                "9 npm/%40real/b@2.0.0 direct Required",
                "10 npm/c@2.0.0 indirect Required",
                "11 npm/t@0.1.0 direct Development",
                "13 npm/member@0.0.1 direct Required",
                "14 npm/o@3.0.0 direct Optional"
            ]
        );
        assert_eq!(edges(&inventory), ["a@1.2.3 > c@1.0.0", "@real/b@2.0.0 > c@2.0.0", "member@0.0.1 > o@3.0.0"]);
        assert_eq!(
            inventory.missed.iter().map(|missed| (missed.line, &*missed.name)).collect::<Vec<_>>(),
            [(15, "broken")]
        );
    }

    #[test]
    fn version_1_is_nested() {
        let old = r#"{"lockfileVersion": 1, "dependencies": {
  "a": {"version": "1.0.0", "requires": {"b": "1", "c": "1"}, "dependencies": {
    "b": {"version": "1.0.0", "requires": {"c": "1"}}
  }},
  "b": {"version": "2.0.0", "dev": true},
  "c": {"version": "npm:@s/c@1.5.0"},
  "g": {"version": "git+https://example.com/g.git#1"}
}}"#;
        let inventory = read("package-lock.json", old, &[("package.json", r#"{"dependencies": {"a": "1"}}"#)]);
        assert_eq!(
            lines(&inventory),
            [
                "2 npm/a@1.0.0 direct Required",
                "3 npm/b@1.0.0 indirect Required",
                "5 npm/b@2.0.0 indirect Development",
                "6 npm/%40s/c@1.5.0 indirect Required"
            ]
        );
        assert_eq!(edges(&inventory), ["a@1.0.0 > b@1.0.0", "a@1.0.0 > @s/c@1.5.0", "b@1.0.0 > @s/c@1.5.0"]);
        assert_eq!(inventory.missed.len(), 1);
        assert_eq!(read("package-lock.json", old, &[]).components[0].direct, None);
        let both = old.replace("\"lockfileVersion\": 1,", "\"lockfileVersion\": 2, \"packages\": {},");
        assert_eq!(read("package-lock.json", &both, &[]).components.len(), 4);
        assert_eq!(read("package-lock.json", r#"{"packages": {}}"#, &[]).components.len(), 0);
    }
}
