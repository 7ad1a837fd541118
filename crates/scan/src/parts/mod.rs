//! The parts that something is made of: lock files and databases of installed packages to components with package URLs.
//!
//! | module | holds |
//! |---|---|
//! | `purl` | package URLs |
//! | `npm`, `python`, `cargo`, `go` | lock files, and what is installed |
//! | `system` | packages of Debian, Ubuntu and Alpine below a root folder |
//! | `cyclonedx` | bills of materials, in and out |
//! | `advisories` | what is known of parts, in one indexed file, and matching |
//! | `collect` | all components of a tree of files |
//! | `findings` | matches to findings |
//! | `run` | the part of a scan that is about components |
//!
//! **Invariant:** what is not pinned or not found is said (`missed`) and never guessed.

pub mod advisories;
pub mod cargo;
pub mod collect;
pub mod cyclonedx;
pub mod files;
pub mod findings;
pub mod go;
pub mod npm;
pub mod purl;
pub mod python;
pub mod run;
pub mod system;

use crate::limits::MAX_COMPONENTS;
use crate::text::{Span, Text};
use crate::tree::{Malformed, Node};
use ahash::{AHashMap, AHashSet};
use purl::Purl;
use std::collections::VecDeque;
use std::sync::Arc;

/// A component's number in its inventory.
pub type Part = usize;

/// Where a component is from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// Its ecosystem's registry, or a mirror of it.
    #[default]
    Registry,
    /// The tree itself: a member of a workspace, a folder.
    Local,
    /// Elsewhere, such as a git repository or an address. It may be anything by that name, so that no advisory of the
    /// registry is held against it.
    Elsewhere(Box<str>),
}

/// What a component is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// The file does not say.
    #[default]
    Unknown,
    /// Development or tests only.
    Development,
    /// May be absent at run time.
    Optional,
    /// Needed at run time.
    Required,
}

/// A component.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Component {
    /// What it is.
    pub purl: Purl,
    /// The file that says so, below the root.
    pub path: Arc<str>,
    /// Where in the file.
    pub span: Span,
    /// Its line; 0 when the whole file says so.
    pub line: u32,
    /// Whether the root asks for it itself; none when the file does not say.
    pub direct: Option<bool>,
    /// What it is for.
    pub scope: Scope,
    /// Where it is from.
    pub origin: Origin,
    /// The source package that a distribution built it from, and its version: distributions' advisories name these.
    pub source: Option<(Box<str>, Box<str>)>,
    /// The package of the distribution that owns its files.
    pub owner: Option<Part>,
}

impl Component {
    /// Whether it is Go's own library and tools, by the version that a `go.mod` names.
    pub fn is_go_itself(&self) -> bool {
        &*self.purl.kind == "golang" && self.purl.namespace.is_none() && &*self.purl.name == "stdlib"
    }
}

/// Something that is needed but of which no version is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    /// The file.
    pub path: Arc<str>,
    /// Where.
    pub span: Span,
    /// Its line.
    pub line: u32,
    /// What it is called.
    pub name: Box<str>,
    /// Why no version is known, and what to do.
    pub reason: String,
}

/// The components of a file, or of several.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inventory {
    /// The components, by their place.
    pub components: Vec<Component>,
    /// Which needs which.
    pub edges: Vec<(Part, Part)>,
    /// What is not known.
    pub missed: Vec<Missed>,
}

/// What is in an inventory that others are merged into, by its place.
#[derive(Debug, Default)]
pub struct Seen {
    components: AHashMap<(Arc<str>, Span, Purl), Part>,
    missed: AHashSet<(Arc<str>, Span, Box<str>)>,
}

/// How another file of the tree is read: by its path below the root.
pub type Others<'o> = &'o dyn Fn(&str) -> Option<Text>;

impl Inventory {
    /// Adds a component that a text names. What is beyond `MAX_COMPONENTS` is missed and said once.
    pub fn add(&mut self, text: &Text, span: Span, purl: Purl) -> Option<&mut Component> {
        if self.components.len() >= MAX_COMPONENTS {
            if self.components.len() + self.edges.len() != usize::MAX && !self.is_full() {
                let reason = format!("more than {MAX_COMPONENTS} components (MAX_COMPONENTS): the rest was not read");
                self.miss(text, span, "*", reason);
            }
            return None;
        }
        let line = text.line_of(span.start);
        self.components.push(Component { purl, path: text.path.clone(), span, line, ..Component::default() });
        self.components.last_mut()
    }

    fn is_full(&self) -> bool {
        self.missed.last().is_some_and(|missed| &*missed.name == "*")
    }

    /// Notes something whose version is not known.
    pub fn miss(&mut self, text: &Text, span: Span, name: &str, reason: impl Into<String>) {
        if self.missed.len() < MAX_COMPONENTS {
            let line = text.line_of(span.start);
            self.missed.push(Missed { path: text.path.clone(), span, line, name: name.into(), reason: reason.into() });
        }
    }

    /// Adds all of another.
    pub fn append(&mut self, other: Inventory) {
        let before = self.components.len();
        self.components.extend(other.components.into_iter().map(|mut component| {
            component.owner = component.owner.map(|owner| owner + before);
            component
        }));
        self.edges.extend(other.edges.into_iter().map(|(from, to)| (from + before, to + before)));
        self.missed.extend(other.missed);
    }

    /// Adds all of another, but what is at the same place already: a requirement file that others name is read with each of
    /// these, and alone.
    pub fn merge(&mut self, other: Inventory, seen: &mut Seen) {
        let numbers: Vec<Part> = other
            .components
            .into_iter()
            .map(|component| {
                let next = self.components.len();
                let key = (component.path.clone(), component.span, component.purl.clone());
                let part = *seen.components.entry(key).or_insert(next);
                if part == next {
                    self.components.push(component);
                }
                part
            })
            .collect();
        let number = |part: Part| numbers.get(part).copied().unwrap_or(part);
        self.edges.extend(other.edges.into_iter().map(|(from, to)| (number(from), number(to))));
        for missed in other.missed {
            if seen.missed.insert((missed.path.clone(), missed.span, missed.name.clone())) {
                self.missed.push(missed);
            }
        }
    }

    /// Sorts the edges and leaves each once.
    pub(crate) fn tidy(&mut self) {
        self.edges.sort_unstable();
        self.edges.dedup();
    }

    /// How a component came in: from one that the root asks for itself, or that nothing else needs, to it; the shortest.
    /// For many of them, [`Ways`] is made once.
    pub fn way_to(&self, part: Part) -> Vec<Part> {
        Ways::new(self).to(part)
    }

    /// Says what each component is for, from what the root needs and what it needs for development. What neither reaches
    /// stays as it is.
    pub(crate) fn reach(&mut self, required: &[Part], development: &[Part]) {
        for (roots, scope) in [(development, Scope::Development), (required, Scope::Required)] {
            for part in self.reached(roots) {
                if let Some(component) = self.components.get_mut(part) {
                    component.scope = component.scope.max(scope);
                }
            }
        }
    }

    fn reached(&self, roots: &[Part]) -> Vec<Part> {
        let mut needs: AHashMap<Part, Vec<Part>> = AHashMap::new();
        for (from, to) in &self.edges {
            needs.entry(*from).or_default().push(*to);
        }
        let mut seen: AHashSet<Part> = roots.iter().copied().collect();
        let mut next: Vec<Part> = roots.to_vec();
        let mut out = Vec::new();
        while let Some(at) = next.pop() {
            out.push(at);
            next.extend(needs.get(&at).into_iter().flatten().copied().filter(|to| seen.insert(*to)));
        }
        out
    }
}

/// How components came in.
pub struct Ways<'i> {
    inventory: &'i Inventory,
    needed_by: AHashMap<Part, Vec<Part>>,
}

impl<'i> Ways<'i> {
    /// Turns the edges of an inventory round.
    pub fn new(inventory: &'i Inventory) -> Ways<'i> {
        let mut needed_by: AHashMap<Part, Vec<Part>> = AHashMap::new();
        for (from, to) in &inventory.edges {
            needed_by.entry(*to).or_default().push(*from);
        }
        Ways { inventory, needed_by }
    }

    /// The shortest way from one that the root asks for itself, or that nothing else needs, to this one.
    pub fn to(&self, part: Part) -> Vec<Part> {
        let mut seen: AHashMap<Part, Part> = AHashMap::from_iter([(part, part)]);
        let mut next = VecDeque::from([part]);
        let mut last = part;
        while let Some(at) = next.pop_front() {
            last = at;
            let users = self.needed_by.get(&at).map(Vec::as_slice).unwrap_or_default();
            let is_direct = self.inventory.components.get(at).is_some_and(|component| component.direct == Some(true));
            if is_direct || users.is_empty() {
                break;
            }
            for user in users {
                if !seen.contains_key(user) {
                    seen.insert(*user, at);
                    next.push_back(*user);
                }
            }
        }
        let mut way = vec![last];
        while let Some(towards) = seen.get(&last).filter(|towards| **towards != last) {
            last = *towards;
            way.push(last);
        }
        way
    }
}

/// The files that are read, by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `package-lock.json`, `npm-shrinkwrap.json`.
    Npm,
    /// `yarn.lock`.
    Yarn,
    /// `pnpm-lock.yaml`.
    Pnpm,
    /// `requirements*.txt`, `*requirements.txt`, all `.txt` of a folder `requirements`, and Rye's `requirements*.lock`.
    Requirements,
    /// `poetry.lock`.
    Poetry,
    /// `uv.lock`.
    Uv,
    /// `Pipfile.lock`.
    Pipfile,
    /// `pdm.lock`.
    Pdm,
    /// `pylock.toml`, the common form of Python's tools, and `pylock.NAME.toml`.
    Pylock,
    /// `Cargo.lock`.
    Cargo,
    /// `go.mod`.
    Go,
}

/// What a file is by its name; none when it names no parts.
pub fn kind(path: &str) -> Option<Kind> {
    let name = path.rsplit('/').next().unwrap_or(path);
    Some(match name {
        "package-lock.json" | "npm-shrinkwrap.json" => Kind::Npm,
        "yarn.lock" => Kind::Yarn,
        "pnpm-lock.yaml" => Kind::Pnpm,
        "poetry.lock" => Kind::Poetry,
        "uv.lock" => Kind::Uv,
        "Pipfile.lock" => Kind::Pipfile,
        "pdm.lock" => Kind::Pdm,
        "Cargo.lock" => Kind::Cargo,
        "go.mod" => Kind::Go,
        _ if is_requirements(path, name) => Kind::Requirements,
        _ if name == "pylock.toml" || name.starts_with("pylock.") && name.ends_with(".toml") => Kind::Pylock,
        _ => return None,
    })
}

fn is_requirements(path: &str, name: &str) -> bool {
    if name.starts_with("requirements") && name.ends_with(".lock") {
        // Rye's.
        return true;
    }
    let Some(stem) = name.strip_suffix(".txt") else { return false };
    stem.starts_with("requirements")
        || stem.ends_with("requirements")
        || path.rsplit('/').nth(1) == Some("requirements")
}

/// Reads a file of a kind.
///
/// # Errors
/// When it is malformed or beyond the limits.
pub fn read(kind: Kind, text: &Text, others: Others<'_>) -> Result<Inventory, Malformed> {
    let mut inventory = match kind {
        Kind::Npm => npm::lock::read(text, others)?,
        Kind::Yarn => npm::yarn::read(text, others)?,
        Kind::Pnpm => npm::pnpm::read(text)?,
        Kind::Requirements => python::requirements::read(text, others),
        Kind::Poetry => python::locks::poetry(text, others)?,
        Kind::Uv => python::locks::uv(text)?,
        Kind::Pipfile => python::locks::pipfile(text)?,
        Kind::Pdm => python::more_locks::pdm(text)?,
        Kind::Pylock => python::more_locks::pylock(text)?,
        Kind::Cargo => cargo::read(text)?,
        Kind::Go => go::read(text)?,
    };
    inventory.tidy();
    Ok(inventory)
}

/// The path of a file beside another.
pub(crate) fn beside(path: &str, name: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{name}"),
        None => name.to_owned(),
    }
}

/// A path from a file's folder, with `.` and `..` resolved; none when it leaves the root or is absolute.
pub(crate) fn relative(path: &str, target: &str) -> Option<String> {
    if target.starts_with('/') || target.contains("://") {
        return None;
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
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

/// A scalar as it was written, without quotes: YAML would make a number of version `1.10`.
pub(crate) fn raw(text: &Text, node: Node<'_>) -> Option<String> {
    match node.text() {
        Some(said) => Some(said.to_owned()),
        None if node.is_list() || node.is_map() || node.is_null() => None,
        None => Some(text.slice(node.span()).to_owned()),
    }
}

/// Refuses a file whole.
pub(crate) fn refuse(span: Span, reason: impl Into<String>) -> Malformed {
    Malformed { span, reason: reason.into() }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// Reads a text as the kind of its path, with other files beside it.
    pub fn read(path: &str, text: &str, others: &[(&str, &str)]) -> Inventory {
        let others: Vec<(String, String)> =
            others.iter().map(|(path, text)| ((*path).into(), (*text).into())).collect();
        let find = |path: &str| {
            let found = others.iter().find(|(name, _)| name == path)?;
            Some(Text::new(found.0.as_str(), found.1.as_str()))
        };
        super::read(kind(path).unwrap(), &Text::new(path, text), &find).unwrap()
    }

    /// One line a component: line, package URL without `pkg:`, direct, scope.
    pub fn lines(inventory: &Inventory) -> Vec<String> {
        let line = |part: &Component| {
            let direct = part.direct.map_or("?", |direct| if direct { "direct" } else { "indirect" });
            format!("{} {} {direct} {:?}", part.line, &part.purl.to_string()[4..], part.scope)
        };
        inventory.components.iter().map(line).collect()
    }

    /// The edges by names.
    pub fn edges(inventory: &Inventory) -> Vec<String> {
        let name = |part: Part| {
            let purl = &inventory.components[part].purl;
            format!("{}@{}", purl.full_name(), purl.version.as_deref().unwrap_or_default())
        };
        inventory.edges.iter().map(|(from, to)| format!("{} > {}", name(*from), name(*to))).collect()
    }

    #[test]
    fn the_way_in_is_the_shortest() {
        let mut inventory = Inventory::default();
        let text = Text::new("a", "");
        for name in ["app", "a", "b", "c", "d"] {
            inventory.add(&text, Span::default(), Purl::new("npm", name, "1"));
        }
        inventory.edges = vec![(0, 1), (0, 2), (1, 3), (3, 4), (2, 4), (4, 3)];
        assert_eq!(inventory.way_to(4), [0, 2, 4]);
        inventory.components[3].direct = Some(true);
        assert_eq!(inventory.way_to(4), [3, 4]);
        assert_eq!(inventory.way_to(0), [0]);
        assert_eq!(relative("a/b/c.txt", "../x/./y.txt").as_deref(), Some("a/x/y.txt"));
        assert_eq!(relative("a/c.txt", "../../x"), None);
    }

    /// A small file of each kind.
    const SAMPLES: &[(&str, &str)] = &[
        (
            "package-lock.json",
            r#"{"packages": {"": {"dependencies": {"a": "1"}}, "node_modules/a": {"version": "1.0.0", "dependencies": {"b": "1"}}, "node_modules/l": {"link": true, "resolved": "l"}}}"#,
        ),
        (
            "package-lock.json",
            r#"{"dependencies": {"a": {"version": "1.0.0", "requires": {"b": "1"}, "dependencies": {"b": {"version": "npm:c@1"}}}}}"#,
        ),
        ("yarn.lock", "a@^1, \"b@x, y\":\n  version \"1.0.0\"\n  dependencies:\n    c \"1\"\n"),
        ("yarn.lock", "__metadata:\n  version: 6\n\"a@npm:^1\":\n  version: 1.0.0\n  resolution: \"a@npm:1.0.0\"\n"),
        (
            "pnpm-lock.yaml",
            "importers:\n  .:\n    dependencies:\n      a: {version: 1.0.0(b@2)}\npackages:\n  /a@1.0.0(b@2): {dev: true}\nsnapshots:\n  a@1.0.0: {dependencies: {b: 2}}\n",
        ),
        ("requirements.txt", "a[x]==1.0 ; y \\\n --hash=z # via b\n-r b.txt\n-e .\n"),
        (
            "poetry.lock",
            "[[package]]\nname = \"a\"\nversion = \"1\"\ngroups = [\"main\"]\n[package.dependencies]\nb = \"*\"\n",
        ),
        (
            "uv.lock",
            "[[package]]\nname = \"a\"\nversion = \"1\"\nsource = { registry = \"x\" }\ndependencies = [{ name = \"a\" }]\n",
        ),
        ("Pipfile.lock", r#"{"default": {"a": {"version": "==1"}}}"#),
        (
            "pdm.lock",
            "[[package]]\nname = \"a\"\nversion = \"1\"\ngroups = [\"default\"]\ndependencies = [\"a[x]>=1; y\"]\n",
        ),
        (
            "pylock.toml",
            "[[packages]]\nname = \"a\"\nversion = \"1\"\nvcs = { url = \"x\" }\ndependencies = [{ name = \"a\" }]\n",
        ),
        ("Cargo.lock", "[[package]]\nname = \"a\"\nversion = \"1\"\ndependencies = [\"b 1 (x)\"]\n"),
        ("go.mod", "module m\ngo 1.20\nrequire (\n\ta v1 // indirect\n)\nreplace a v1 => b v2\n"),
    ];

    proptest::proptest! {
        /// Whatever is cut out of a file, doubled or replaced: nothing panics, and places are within the file.
        #[test]
        fn damaged_files_never_panic(
            sample in proptest::sample::select(SAMPLES.to_vec()),
            edits in proptest::collection::vec((0..400_usize, 0..12_usize, "[\\PC\n]{0,4}"), 1..4),
        ) {
            let (path, text) = sample;
            let mut characters: Vec<char> = text.chars().collect();
            for (at, length, instead) in edits {
                let at = at.min(characters.len());
                let end = (at + length).min(characters.len());
                characters.splice(at..end, instead.chars());
            }
            let text = Text::new(path, characters.into_iter().collect::<String>());
            match super::read(kind(path).unwrap(), &text, &|_| None) {
                Ok(inventory) => {
                    for component in &inventory.components {
                        proptest::prop_assert!(component.line as usize <= text.lines());
                        proptest::prop_assert!(component.span.end as usize <= text.text.len());
                    }
                    let count = inventory.components.len();
                    proptest::prop_assert!(inventory.edges.iter().all(|(from, to)| *from < count && *to < count));
                }
                Err(malformed) => proptest::prop_assert!(malformed.span.start as usize <= text.text.len()),
            }
        }
    }
}
