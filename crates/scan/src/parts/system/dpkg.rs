//! dpkg's database: `status`, and `status.d` of images that are built without dpkg.

use super::super::files::{Root, join};
use super::super::purl::Purl;
use super::super::{Inventory, Part};
use super::Release;
use crate::text::{Span, Text};
use ahash::AHashMap;

const STATUS: &str = "var/lib/dpkg/status";
const STATUS_FOLDER: &str = "var/lib/dpkg/status.d";
const INFO: &str = "var/lib/dpkg/info";

/// A paragraph's fields; those that matter.
#[derive(Default)]
struct Paragraph {
    name: String,
    version: Option<String>,
    span: Span,
    architecture: String,
    source: String,
    status: Option<String>,
    depends: String,
    provides: String,
}

/// Reads the packages that are installed, and tells which of the given folders' entries they own.
pub fn read(root: &Root, release: &Release, folders: &[String], inventory: &mut Inventory) -> AHashMap<String, Part> {
    let before = inventory.components.len();
    let mut depends = Vec::new();
    let mut names: AHashMap<String, Part> = AHashMap::new();
    for text in texts(root) {
        for paragraph in paragraphs(&text) {
            // Images without dpkg have no status: what is listed is there.
            let is_installed = paragraph.status.as_deref().is_none_or(|status| status.ends_with(" installed"));
            if !is_installed || paragraph.name.is_empty() {
                continue;
            }
            add(&text, paragraph, release, inventory, &mut names, &mut depends);
        }
    }
    for (from, said) in depends {
        // The first of the alternatives that is there.
        for alternatives in said.split(',') {
            let bare = |one: &str| one.trim().split([' ', '(', ':']).next().unwrap_or_default().to_owned();
            let to = alternatives.split('|').find_map(|one| names.get(&bare(one)));
            inventory.edges.extend(to.map(|to| (from, *to)));
        }
    }
    owned(root, folders, &inventory.components[before..], before)
}

fn texts(root: &Root) -> Vec<Text> {
    let mut texts: Vec<Text> = root.read_database(STATUS).into_iter().collect();
    for (name, is_folder) in root.list(STATUS_FOLDER) {
        if !is_folder && !name.ends_with(".md5sums") {
            texts.extend(root.read(&join(STATUS_FOLDER, &name)));
        }
    }
    texts
}

fn add(
    text: &Text,
    paragraph: Paragraph,
    release: &Release,
    inventory: &mut Inventory,
    names: &mut AHashMap<String, Part>,
    depends: &mut Vec<(Part, String)>,
) {
    let Some(version) = paragraph.version else {
        return inventory.miss(text, paragraph.span, &paragraph.name, "its paragraph has no `Version`");
    };
    let vendor = if release.id.is_empty() { "debian" } else { &release.id };
    let purl = Purl::new("deb", &paragraph.name, &version).within(vendor);
    let purl = purl.with("arch", &paragraph.architecture).with("distro", &release.distro());
    let part = inventory.components.len();
    let Some(component) = inventory.add(text, paragraph.span, purl) else { return };
    // `Source: name (version)`: each only when it differs.
    let (source, source_version) = match paragraph.source.split_once('(') {
        Some((name, version)) => (name.trim(), version.trim_end_matches(')').trim()),
        None => (paragraph.source.trim(), ""),
    };
    let source = if source.is_empty() { paragraph.name.as_str() } else { source };
    let source_version = if source_version.is_empty() { version.as_str() } else { source_version };
    component.source = Some((source.into(), source_version.into()));
    for provided in paragraph.provides.split(',') {
        let name = provided.trim().split([' ', '(']).next().unwrap_or_default();
        if !name.is_empty() {
            names.entry(name.to_owned()).or_insert(part);
        }
    }
    names.insert(paragraph.name, part);
    depends.push((part, paragraph.depends));
}

fn paragraphs(text: &Text) -> Vec<Paragraph> {
    let (mut all, mut current, mut start) = (Vec::new(), Paragraph::default(), 0);
    let mut field = String::new();
    for line in text.text.split_inclusive('\n') {
        let from = start;
        start += line.len();
        let line = line.trim_end();
        if line.is_empty() {
            all.push(std::mem::take(&mut current));
            field.clear();
            continue;
        }
        let (name, value) = match line.split_once(':') {
            _ if line.starts_with([' ', '\t']) => (field.clone(), line.trim()),
            Some((name, value)) => (name.to_ascii_lowercase(), value.trim()),
            None => continue,
        };
        let continues = line.starts_with([' ', '\t']);
        match name.as_str() {
            "package" => (current.name, current.span) = (value.to_owned(), Span::new(from, from + line.len())),
            "version" => current.version = Some(value.to_owned()),
            "architecture" => value.clone_into(&mut current.architecture),
            "source" => value.clone_into(&mut current.source),
            "status" => current.status = Some(value.to_owned()),
            "provides" => current.provides += value,
            "depends" | "pre-depends" if current.depends.is_empty() || continues => current.depends += value,
            "depends" | "pre-depends" => {
                current.depends.push(',');
                current.depends += value;
            }
            _ => {}
        }
        field = name;
    }
    all.push(current);
    all
}

/// Which entries of the folders a package owns: `info/NAME.list` and `info/NAME:ARCH.list` name all its files. Only the
/// lists of packages that begin as Python's do, or any when the folder has entries that none of these own, would be
/// shorter; reading all is exact and bounded by each file's size.
fn owned(root: &Root, folders: &[String], parts: &[super::super::Component], before: Part) -> AHashMap<String, Part> {
    let mut owned = AHashMap::new();
    if folders.iter().all(|folder| root.list(folder).is_empty()) {
        return owned;
    }
    let by_name: AHashMap<&str, Part> =
        parts.iter().enumerate().map(|(at, part)| (&*part.purl.name, before + at)).collect();
    for (file, _) in root.list(INFO) {
        let Some(name) = file.strip_suffix(".list") else { continue };
        let name = name.split(':').next().unwrap_or(name);
        let Some(part) = by_name.get(name) else { continue };
        let Some(text) = root.read(&join(INFO, &file)) else { continue };
        for path in text.text.lines().map(|line| line.trim_start_matches('/')) {
            if path.contains("-packages/") && (path.contains(".dist-info") || path.contains(".egg-info")) {
                owned.insert(path.to_owned(), *part);
            }
        }
    }
    owned
}

#[cfg(test)]
mod tests {
    use super::STATUS;
    use crate::parts::system::tests::installed;

    #[test]
    fn installed_packages_and_what_they_own() {
        let inventory = installed(&[
            ("etc/os-release", "NAME=x\nID=debian\nVERSION_ID=\"12\"\n"),
            (
                STATUS,
                "Package: python3-requests\nStatus: install ok installed\nArchitecture: all\nSource: requests\nVersion: 2.28.1+dfsg-1\nDepends: gone | libc6 (>= 2.3),\n virtual\n\n\
                Package: libc6\nStatus: hold ok installed\nArchitecture: amd64\nSource: glibc (2.36-9+deb12u1)\nVersion: 2.36-9+b1\nProvides: virtual (= 1)\n\n\
                Package: removed\nStatus: deinstall ok config-files\nVersion: 1\n\nPackage: broken\nStatus: install ok installed\n",
            ),
            ("var/lib/dpkg/status.d/tz", "Package: tzdata\nVersion: 2024a-0\nArchitecture: all\n"),
            (
                "var/lib/dpkg/info/python3-requests.list",
                "/.\n/usr/lib/python3/dist-packages/requests-2.28.1.egg-info\n",
            ),
            ("usr/lib/python3/dist-packages/requests-2.28.1.egg-info", "Name: requests\nVersion: 2.28.1\n"),
            ("usr/local/lib/python3.11/dist-packages/own-1.0.dist-info/METADATA", "Name: own\nVersion: 1.0\n"),
        ]);
        let names: Vec<String> = inventory.components.iter().map(|part| part.purl.to_string()).collect();
        assert_eq!(
            names,
            [
                "pkg:deb/debian/python3-requests@2.28.1%2Bdfsg-1?arch=all&distro=debian-12",
                "pkg:deb/debian/libc6@2.36-9%2Bb1?arch=amd64&distro=debian-12",
                "pkg:deb/debian/tzdata@2024a-0?arch=all&distro=debian-12",
                "pkg:pypi/requests@2.28.1",
                "pkg:pypi/own@1.0"
            ]
        );
        assert_eq!(inventory.components[1].source, Some(("glibc".into(), "2.36-9+deb12u1".into())));
        assert_eq!(inventory.edges, [(0, 1)]);
        assert_eq!(
            inventory.missed.iter().map(|missed| (missed.line, &*missed.name)).collect::<Vec<_>>(),
            [(20, "broken")]
        );
        assert_eq!([inventory.components[3].owner, inventory.components[4].owner], [Some(0), None]);
    }

    #[test]
    fn images_without_dpkg_and_odd_paragraphs() {
        let inventory = installed(&[
            ("usr/lib/os-release", "PRETTY_NAME='x'\nID=\"Debian\"\nVERSION_ID='12'\n"),
            (
                "var/lib/dpkg/status.d/base",
                "Package: base-files\nVersion: 12.4+deb12u5\nArchitecture: amd64\nDescription: x\n Package: no\n .\n more\n",
            ),
            ("var/lib/dpkg/status.d/base.md5sums", "0  etc/debian_version\n"),
            (
                "var/lib/dpkg/status.d/libc6",
                "Package: libc6\nSource: glibc\nVersion: 2.36-9+deb12u7\nArchitecture: amd64\n\n\n",
            ),
            ("var/lib/dpkg/status.d/latin", "Package: tzdata\nMaintainer: Andr\u{e9}\nVersion: 1:2024a-0\n"),
        ]);
        let names: Vec<String> = inventory.components.iter().map(|part| part.purl.to_string()).collect();
        assert_eq!(
            names,
            [
                "pkg:deb/debian/base-files@12.4%2Bdeb12u5?arch=amd64&distro=debian-12",
                "pkg:deb/debian/tzdata@1:2024a-0?distro=debian-12",
                "pkg:deb/debian/libc6@2.36-9%2Bdeb12u7?arch=amd64&distro=debian-12"
            ]
        );
        assert!(inventory.missed.is_empty());
    }
}
