//! `pnpm-lock.yaml`, versions 5 to 9: packages are keyed by name and version, in three spellings.

use super::super::purl::Purl;
use super::super::{Inventory, Origin, Part, Scope, raw};
use super::elsewhere;
use crate::text::Text;
use crate::tree::{Malformed, Node, Tree};
use ahash::AHashMap;

/// Groups of what an importer asks for, and whether for development.
const GROUPS: &[(&str, bool)] = &[("dependencies", false), ("optionalDependencies", false), ("devDependencies", true)];

/// Reads a lock file.
///
/// # Errors
/// When it is malformed or beyond the limits.
pub fn read(text: &Text) -> Result<Inventory, Malformed> {
    let (tree, malformed) = Tree::yaml(text);
    if let Some(malformed) = malformed.into_iter().next() {
        return Err(malformed);
    }
    let Some(root) = tree.documents().last() else { return Ok(Inventory::default()) };
    let mut inventory = Inventory::default();
    let mut known: AHashMap<String, Part> = AHashMap::new();
    let mut nodes: Vec<(String, Node<'_>)> = Vec::new();
    for (key, node) in root.get("packages").into_iter().flat_map(|packages| packages.entries()) {
        let Some(said) = key.text() else { continue };
        nodes.push((said.to_owned(), node));
        let bare = bare(said);
        if known.contains_key(&bare) {
            continue;
        }
        let by_key = name_version(&bare);
        // What is from an address has that after its name.
        let before = || Some(bare.split_at_checked(1 + bare.get(1..)?.find('@')?)?.0.to_owned());
        let member = |name: &str| node.get(name).and_then(|node| raw(text, node));
        let name = member("name").or_else(|| by_key.map(|(name, _)| name.to_owned())).or_else(before);
        let version = member("version").or_else(|| by_key.map(|(_, version)| version.to_owned()));
        let (Some(name), Some(version)) = (name, version.filter(|version| elsewhere(version).is_none())) else {
            inventory.miss(text, key.span(), said, "the lock file names no version of it: it is not from the registry");
            continue;
        };
        let part = inventory.components.len();
        let Some(component) = inventory.add(text, key.span(), Purl::new("npm", &name, &version)) else { break };
        if by_key.is_none() || version.contains("://") || node.at(&["resolution", "tarball"]).is_some_and(is_archive) {
            component.origin = Origin::Elsewhere(bare.as_str().into());
        }
        component.scope = match node.get("dev").and_then(Node::bool) {
            Some(true) => Scope::Development,
            _ if node.get("optional").and_then(Node::bool) == Some(true) => Scope::Optional,
            Some(false) => Scope::Required,
            None => Scope::Unknown,
        };
        known.insert(bare, part);
    }
    let snapshots = root.get("snapshots").into_iter().flat_map(|map| map.members());
    nodes.extend(snapshots.map(|(key, node)| (key.to_owned(), node)));
    for (key, node) in nodes {
        let Some(from) = known.get(&bare(&key)).copied() else { continue };
        for (name, version) in GROUPS.iter().filter_map(|(group, _)| node.get(group)).flat_map(|group| group.members())
        {
            let to = raw(text, version).and_then(|version| find(&known, name, &version));
            inventory.edges.extend(to.map(|to| (from, to)));
        }
    }
    roots(text, root, &known, &mut inventory);
    Ok(inventory)
}

/// Whether the archive is named by an address that is no registry's.
fn is_archive(node: Node<'_>) -> bool {
    node.text().is_some_and(|address| !super::is_registry(address))
}

/// What the importers ask for: `{specifier, version}`, or only the version as before 6.
fn roots(text: &Text, root: Node<'_>, known: &AHashMap<String, Part>, inventory: &mut Inventory) {
    let importers: Vec<Node<'_>> = match root.get("importers") {
        Some(importers) => importers.members().map(|(_, node)| node).collect(),
        None => vec![root],
    };
    let (mut required, mut development) = (Vec::new(), Vec::new());
    for importer in importers {
        for (group, is_development) in GROUPS {
            for (name, node) in importer.get(group).into_iter().flat_map(|group| group.members()) {
                let version = raw(text, node.get("version").unwrap_or(node));
                let part = version.and_then(|version| find(known, name, &version));
                if *is_development { development.extend(part) } else { required.extend(part) }
            }
        }
    }
    let direct: ahash::AHashSet<Part> = required.iter().chain(&development).copied().collect();
    for (part, component) in inventory.components.iter_mut().enumerate() {
        component.direct = Some(direct.contains(&part));
    }
    inventory.reach(&required, &development);
}

/// What a dependency means: a version, or a whole key when it is an alias.
fn find(known: &AHashMap<String, Part>, name: &str, version: &str) -> Option<Part> {
    // `1.0.0_b@2.0.0` and `1.0.0(b@2.0.0)` tell the peers after the version.
    let forms = match version.starts_with(|at: char| at.is_ascii_digit()) {
        true => vec![format!("{name}@{}", version.split(['_', '(']).next().unwrap_or(version)), bare(version)],
        false => vec![bare(version), format!("{name}@{}", bare(version))],
    };
    forms.iter().find_map(|form| known.get(form)).copied()
}

/// A key without the leading `/` and the peers, with `@` before the version: `/a/1.0.0_b@2`, `/a@1.0.0(b@2)` and
/// `a@1.0.0` are `a@1.0.0`.
fn bare(key: &str) -> String {
    let key = key.strip_prefix('/').unwrap_or(key);
    let key = key.split_once('(').map_or(key, |(key, _)| key);
    let key = without_registry(key);
    if name_version(key).is_some() || key.contains(':') {
        return key.to_owned();
    }
    let Some((name, version)) =
        key.rsplit_once('/').filter(|(_, version)| version.starts_with(|at: char| at.is_ascii_digit()))
    else {
        return key
            .split_once('_')
            .filter(|_| key.starts_with(|at: char| at.is_ascii_digit()))
            .map_or(key, |(key, _)| key)
            .to_owned();
    };
    format!("{name}@{}", version.split_once('_').map_or(version, |(version, _)| version))
}

/// A key without the registry's host, which some have: `registry.example.org/a/1.0.0` and `.../@s/a/1.0.0`. The key of a
/// repository, `github.com/o/r/0123`, is none of these.
fn without_registry(key: &str) -> &str {
    let Some((host, rest)) = key.split_once('/').filter(|(host, _)| host.contains('.') && !host.contains(['@', ':']))
    else {
        return key;
    };
    let parts = rest.split('/').count();
    if parts == 2 + usize::from(rest.starts_with('@')) && !host.starts_with('.') { rest } else { key }
}

fn name_version(key: &str) -> Option<(&str, &str)> {
    let (name, version) = key.get(1..)?.split_once('@').map(|(name, version)| (&key[..=name.len()], version))?;
    let is_name = !name.contains([':', ' ']) && name.split('/').count() <= 1 + usize::from(name.starts_with('@'));
    (is_name && !version.is_empty() && !version.contains('/')).then_some((name, version))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{edges, lines, read};
    use proptest::prelude::*;

    #[test]
    fn three_spellings_are_one() {
        let five = "lockfileVersion: 5.4\ndependencies:\n  a: 1.0.0_b@2.0.0\ndevDependencies:\n  '@s/c': 3.0.0\npackages:\n  \
            /a/1.0.0_b@2.0.0:\n    dependencies:\n      b: 2.0.0\n    dev: false\n  /b/2.0.0:\n    dev: false\n  /@s/c/3.0.0:\n    dev: true\n";
        let six = "lockfileVersion: '6.0'\ndependencies:\n  a:\n    specifier: ^1\n    version: 1.0.0(b@2.0.0)\ndevDependencies:\n  '@s/c':\n    specifier: 3\n    version: 3.0.0\npackages:\n  \
            /a@1.0.0(b@2.0.0):\n    dependencies:\n      b: 2.0.0\n    dev: false\n  /b@2.0.0:\n    dev: false\n  /@s/c@3.0.0:\n    dev: true\n";
        let nine = "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a:\n        specifier: ^1\n        version: 1.0.0(b@2.0.0)\n    \
            devDependencies:\n      '@s/c':\n        specifier: 3\n        version: 3.0.0\npackages:\n  a@1.0.0:\n    resolution: {integrity: x}\n  b@2.0.0: {}\n  '@s/c@3.0.0': {}\n\
            snapshots:\n  a@1.0.0(b@2.0.0):\n    dependencies:\n      b: 2.0.0\n  b@2.0.0: {}\n  '@s/c@3.0.0': {}\n";
        for text in [five, six, nine] {
            let inventory = read("pnpm-lock.yaml", text, &[]);
            let without_line: Vec<String> =
                lines(&inventory).iter().map(|line| line.split_once(' ').unwrap().1.to_owned()).collect();
            assert_eq!(
                without_line,
                ["npm/a@1.0.0 direct Required", "npm/b@2.0.0 indirect Required", "npm/%40s/c@3.0.0 direct Development"],
                "{text}"
            );
            assert_eq!(edges(&inventory), ["a@1.0.0 > b@2.0.0"], "{text}");
        }
        let old = "lockfileVersion: 5.1\npackages:\n  registry.example.org/a/1.0.0:\n    dev: false\n  registry.example.org/@s/b/2.0.0_a@1.0.0:\n    dependencies:\n      a: 1.0.0\n";
        let names: Vec<_> = lines(&read("pnpm-lock.yaml", old, &[]))
            .iter()
            .map(|line| line.split(' ').nth(1).unwrap().to_owned())
            .collect();
        assert_eq!(names, ["npm/a@1.0.0", "npm/%40s/b@2.0.0"]);
        let archive = "lockfileVersion: '9.0'\npackages:\n  r@https://codeload.github.com/o/r/tar.gz/0123:\n    resolution: {tarball: https://codeload.github.com/o/r/tar.gz/0123}\n    version: 1.2.3\n";
        let inventory = read("pnpm-lock.yaml", archive, &[]);
        assert_eq!(lines(&inventory), ["3 npm/r@1.2.3 indirect Unknown"]);
        assert!(matches!(inventory.components[0].origin, super::Origin::Elsewhere(_)));
        let odd = "packages:\n  github.com/o/r/0123:\n    resolution: {tarball: 'https://codeload.github.com/o/r/tar.gz/0123'}\n    name: r\n    version: 1.0.0\n  \
            'file:x': {resolution: {directory: x}}\n  f@1.10: {}\n";
        let inventory = read("pnpm-lock.yaml", odd, &[]);
        assert_eq!(lines(&inventory), ["2 npm/r@1.0.0 indirect Unknown", "7 npm/f@1.10 indirect Unknown"]);
        assert!(matches!(inventory.components[0].origin, super::Origin::Elsewhere(_)));
        assert_eq!(inventory.missed.len(), 1);
    }

    proptest! {
        #[test]
        fn it_never_panics(key in "[/@a1.(_):\u{e9} ]{0,12}") {
            let _ = super::bare(&key);
            let _ = super::name_version(&key);
        }
    }
}
