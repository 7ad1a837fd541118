//! Alpine's database of installed packages.

use super::super::files::Root;
use super::super::purl::Purl;
use super::super::{Inventory, Part};
use super::Release;
use crate::text::{Span, Text};
use ahash::AHashMap;

/// Where it lies, in newer releases at the second.
const DATABASES: &[&str] = &["lib/apk/db/installed", "usr/lib/apk/db/installed"];

/// A package as far as it was read.
#[derive(Default)]
struct Package<'t> {
    name: &'t str,
    version: &'t str,
    architecture: &'t str,
    origin: &'t str,
    depends: &'t str,
    provides: &'t str,
    span: Span,
    files: Vec<String>,
}

/// Reads the packages, and tells which files of Python's metadata they own.
pub fn read(root: &Root, release: &Release, inventory: &mut Inventory) -> AHashMap<String, Part> {
    let mut owned = AHashMap::new();
    let Some(text) = DATABASES.iter().find_map(|path| root.read_database(path)) else { return owned };
    let mut names: AHashMap<&str, Part> = AHashMap::new();
    let mut depends = Vec::new();
    for package in packages(&text) {
        if package.version.is_empty() {
            inventory.miss(&text, package.span, package.name, "its paragraph has no version (`V:`)");
            continue;
        }
        let vendor = if release.id.is_empty() { "alpine" } else { &release.id };
        let purl = Purl::new("apk", package.name, package.version).within(vendor);
        let purl = purl.with("arch", package.architecture).with("distro", &release.distro());
        let part = inventory.components.len();
        let Some(component) = inventory.add(&text, package.span, purl) else { break };
        let source = if package.origin.is_empty() { package.name } else { package.origin };
        component.source = Some((source.into(), package.version.into()));
        owned.extend(package.files.into_iter().map(|file| (file, part)));
        names.insert(package.name, part);
        for provided in package.provides.split(' ').filter(|provided| !provided.is_empty()) {
            names.entry(bare(provided)).or_insert(part);
        }
        depends.push((part, package.depends));
    }
    for (from, said) in depends {
        let needed = said.split(' ').filter(|one| !one.starts_with('!')).filter_map(|one| names.get(bare(one)));
        inventory.edges.extend(needed.filter(|to| **to != from).map(|to| (from, *to)));
    }
    owned
}

/// A name without what version is asked of it; `so:` and `cmd:` belong to names.
fn bare(said: &str) -> &str {
    said.split(['=', '<', '>', '~', '@']).next().unwrap_or(said)
}

fn packages(text: &Text) -> Vec<Package<'_>> {
    let (mut all, mut current, mut start, mut folder) = (Vec::new(), Package::default(), 0, "");
    for line in text.text.split_inclusive('\n').chain(["\n"]) {
        let from = start;
        start += line.len();
        let line = line.trim_end();
        if line.is_empty() {
            let package = std::mem::take(&mut current);
            if !package.name.is_empty() {
                all.push(package);
            }
            folder = "";
            continue;
        }
        let Some((field, value)) = line.split_once(':') else { continue };
        match field {
            "P" => (current.name, current.span) = (value, Span::new(from, from + line.len())),
            "V" => current.version = value,
            "A" => current.architecture = value,
            "o" => current.origin = value,
            "D" => current.depends = value,
            "p" => current.provides = value,
            "F" => folder = value,
            "R" if folder.contains(".dist-info") || folder.contains(".egg-info") || value.ends_with(".egg-info") => {
                current.files.push(format!("{folder}/{value}"));
            }
            _ => {}
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use crate::parts::system::tests::installed;

    #[test]
    fn packages_and_what_they_own() {
        let inventory = installed(&[
            ("usr/lib/os-release", "ID=alpine\nVERSION_ID=3.18.4\n"),
            (
                "lib/apk/db/installed",
                "C:Q1\nP:musl\nV:1.2.4-r1\nA:x86_64\no:musl\np:so:libc.musl-x86_64.so.1=1\nF:lib\nR:libc.so\n\n\
                P:py3-six\nV:1.16.0-r6\nA:noarch\no:six\nD:so:libc.musl-x86_64.so.1 python3~3.11 !x\nF:usr/lib/python3.11/site-packages/six-1.16.0-py3.11.egg-info\nR:PKG-INFO\n\nP:broken\n",
            ),
            ("usr/lib/python3.11/site-packages/six-1.16.0-py3.11.egg-info/PKG-INFO", "Name: six\nVersion: 1.16.0\n"),
        ]);
        let names: Vec<String> = inventory.components.iter().map(|part| part.purl.to_string()).collect();
        assert_eq!(
            names,
            [
                "pkg:apk/alpine/musl@1.2.4-r1?arch=x86_64&distro=alpine-3.18.4",
                "pkg:apk/alpine/py3-six@1.16.0-r6?arch=noarch&distro=alpine-3.18.4",
                "pkg:pypi/six@1.16.0"
            ]
        );
        assert_eq!(inventory.components[1].source.as_ref().unwrap().0.as_ref(), "six");
        assert_eq!(inventory.edges, [(1, 0)]);
        assert_eq!(inventory.components[2].owner, Some(1));
        assert_eq!(inventory.missed.len(), 1);
    }
}
