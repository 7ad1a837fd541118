//! Files of definitions.
//!
//! ```yaml
//! title: Sysmon
//! product: windows                     # of all definitions that do not say otherwise; also category, service
//! service: sysmon
//! use: [windows]                       # what that file says of prefixes, names, time and entities holds here as well
//! prefixes: [winlog.event_data.]       # what exporters put before names
//! exact: {EventID: [winlog.event_id]}  # names for one thing, taken as they are
//! fields: {Image: [process.executable]}# the same; names without a dot are also looked for behind each prefix
//! known: [RuleName]                    # names that events have, or `a.` for all below a: rules with them are not told of
//! time: ["@timestamp", {path: when, format: "%d.%m.%Y %H:%M"}]
//! entity: [{kind: host, paths: [host.name], prefix: example/}]
//! when: {Channel: x}                   # Sigma's form; holds for all definitions of the file
//! definitions:
//!   - {category: process_creation, when: {EventID: 1}}   # may have all of the above but `use` and `title`
//! ```
//!
//! A group is tried in the order in which it is written, its name first unless it stands in the list. In `when`, a field
//! is a name of the definition's own groups.

use super::names::{Group, Names, expand};
use super::when;
use super::{Definition, EntityPaths, TimePath};
use crate::limits::{MAX_DEFINITIONS, MAX_SOURCE_FILE_BYTES, MAX_SOURCE_NAMES, MAX_YAML_DEPTH, MAX_YAML_NODES};
use crate::rule::{Expr, LogSource, Place};
use chrono::format::StrftimeItems;
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;
use yaml::{Limits, Node, Yaml};

/// A file of definitions.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// As messages name it; its stem is what `use` calls it.
    pub name: Arc<str>,
    /// What is in it.
    pub text: String,
}

/// Why something of a file is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// The field that is to blame.
    pub field: String,
    /// What is wrong, and what to do.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.place, self.field, self.reason)
    }
}

impl std::error::Error for Problem {}

type Read<T> = Result<T, Problem>;

const SHARED: [&str; 6] = ["prefixes", "exact", "fields", "known", "time", "entity"];
const TRIPLE: [&str; 3] = ["product", "category", "service"];

/// Names for one thing, not yet expanded.
#[derive(Clone, Debug)]
struct RawGroup {
    name: Arc<str>,
    paths: Vec<Arc<str>>,
    exact: bool,
}

/// What files, and definitions in them, may say alike.
#[derive(Clone, Debug, Default)]
struct Parts {
    prefixes: Vec<Arc<str>>,
    groups: Vec<RawGroup>,
    known: Vec<Arc<str>>,
    time: Vec<TimePath>,
    entities: Vec<EntityPaths>,
}

impl Parts {
    /// These before others.
    fn before(&self, others: &Parts) -> Parts {
        let mut all = self.clone();
        all.prefixes.extend(others.prefixes.iter().cloned());
        all.groups.extend(others.groups.iter().cloned());
        all.known.extend(others.known.iter().cloned());
        all.time.extend(others.time.iter().cloned());
        all.entities.extend(others.entities.iter().cloned());
        let mut seen = HashSet::new();
        all.prefixes.retain(|prefix| seen.insert(prefix.clone()));
        all
    }

    fn names(&self) -> Names {
        let groups =
            self.groups.iter().map(|group| Group { name: group.name.clone(), paths: expanded(group, &self.prefixes) });
        Names::new(groups.collect(), self.prefixes.clone(), self.known.clone())
    }
}

fn expanded(group: &RawGroup, prefixes: &[Arc<str>]) -> Vec<Arc<str>> {
    let first = (!group.paths.contains(&group.name)).then_some(&group.name);
    let mut paths: Vec<Arc<str>> = Vec::new();
    for path in first.into_iter().chain(&group.paths) {
        let all = match group.exact || (path.contains('.') && *path != group.name) {
            true => vec![path.clone()],
            false => expand(path, prefixes),
        };
        for path in all {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
    }
    paths
}

/// One file while all are read.
struct Parsed {
    file: SourceFile,
    yaml: Yaml,
    parts: Parts,
    uses: Vec<(String, Place)>,
}

/// Reads all files. A broken definition is left out, a broken head of a file leaves the whole file out.
pub(super) fn read_all(files: impl IntoIterator<Item = SourceFile>) -> (Vec<Definition>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut parsed: Vec<Parsed> = Vec::new();
    for file in files {
        match parse(file) {
            Ok(one) => parsed.push(one),
            Err(problem) => problems.push(problem),
        }
    }
    let stems: BTreeMap<&str, usize> = parsed.iter().enumerate().map(|(at, one)| (stem(&one.file.name), at)).collect();
    let mut definitions = Vec::new();
    for (at, one) in parsed.iter().enumerate() {
        let mut seen = HashSet::from([at]);
        match used(one, &parsed, &stems, &mut seen) {
            Ok(parts) => read_definitions(one, &parts, &mut definitions, &mut problems),
            Err(problem) => problems.push(problem),
        }
    }
    (definitions, problems)
}

/// A file's own parts, and those of the files that it uses.
fn used(one: &Parsed, all: &[Parsed], stems: &BTreeMap<&str, usize>, seen: &mut HashSet<usize>) -> Read<Parts> {
    let mut parts = one.parts.clone();
    for (name, place) in &one.uses {
        let Some(at) = stems.get(name.as_str()) else {
            let reason = format!("there is no file {name}.yml among the sources: name one that is there");
            return Err(Problem { place: place.clone(), field: "use".to_owned(), reason });
        };
        if seen.insert(*at) {
            parts = parts.before(&used(&all[*at], all, stems, seen)?);
        }
    }
    Ok(parts)
}

fn stem(name: &str) -> &str {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    base.rsplit_once('.').map_or(base, |(stem, _)| stem)
}

fn parse(file: SourceFile) -> Read<Parsed> {
    let refuse = |line, column, reason| Problem {
        place: Place { file: file.name.clone(), line, column },
        field: "file".to_owned(),
        reason,
    };
    if file.text.len() > MAX_SOURCE_FILE_BYTES {
        let reason = format!("larger than {MAX_SOURCE_FILE_BYTES} bytes (MAX_SOURCE_FILE_BYTES): split it");
        return Err(refuse(1, 1, reason));
    }
    let limits = Limits { nodes: MAX_YAML_NODES, depth: MAX_YAML_DEPTH };
    let yaml = Yaml::parse(&file.text, limits).map_err(|error| refuse(error.place.0, error.place.1, error.reason))?;
    let reader = Reader { file: &file.name };
    let Some(root) = yaml.documents().next() else {
        return Err(refuse(1, 1, "there is nothing in it: write `definitions`".to_owned()));
    };
    let allowed: Vec<&str> = ["title", "use", "when", "definitions"].into_iter().chain(TRIPLE).chain(SHARED).collect();
    reader.only(root, "file", &allowed)?;
    let parts = reader.parts(root)?;
    let uses = match root.get("use") {
        None => Vec::new(),
        Some(node) => reader.list(node, "use")?.into_iter().map(|(text, at)| (text.to_string(), at)).collect(),
    };
    Ok(Parsed { parts, uses, file, yaml })
}

fn read_definitions(one: &Parsed, parts: &Parts, definitions: &mut Vec<Definition>, problems: &mut Vec<Problem>) {
    let reader = Reader { file: &one.file.name };
    let Some(root) = one.yaml.documents().next() else { return };
    let Some(list) = root.get("definitions") else { return };
    // Most definitions have no names of their own.
    let shared = Arc::new(parts.names());
    if !list.is_list() {
        problems.push(reader.refuse(list, "definitions", "must be a list of definitions"));
    }
    for node in list.items() {
        if definitions.len() >= MAX_DEFINITIONS {
            let reason = format!("more than {MAX_DEFINITIONS} definitions (MAX_DEFINITIONS): leave some out");
            problems.push(reader.refuse(node, "definitions", &reason));
            return;
        }
        match reader.definition(root, node, parts, &shared) {
            Ok(definition) => definitions.push(definition),
            Err(problem) => problems.push(problem),
        }
    }
}

/// Reads nodes of one file.
pub(super) struct Reader<'f> {
    file: &'f Arc<str>,
}

impl Reader<'_> {
    pub(super) fn place(&self, node: Node<'_>) -> Place {
        let (line, column) = node.place();
        Place { file: self.file.clone(), line, column }
    }

    pub(super) fn refuse(&self, node: Node<'_>, field: &str, reason: &str) -> Problem {
        Problem { place: self.place(node), field: field.to_owned(), reason: reason.to_owned() }
    }

    fn only(&self, node: Node<'_>, what: &str, allowed: &[&str]) -> Read<()> {
        if !node.is_map() {
            return Err(self.refuse(node, what, "must be a map"));
        }
        for (key, _) in node.entries() {
            let name = key.raw().unwrap_or_default();
            if !allowed.contains(&name) {
                let reason = format!("is not known here: use one of {}", allowed.join(", "));
                return Err(self.refuse(key, name, &reason));
            }
        }
        Ok(())
    }

    fn definition(&self, root: Node<'_>, node: Node<'_>, file: &Parts, shared: &Arc<Names>) -> Read<Definition> {
        let allowed: Vec<&str> = ["when"].into_iter().chain(TRIPLE).chain(SHARED).collect();
        self.only(node, "definitions", &allowed)?;
        let own = self.parts(node)?;
        let parts = own.before(file);
        let plain = own.groups.is_empty() && own.prefixes.is_empty() && own.known.is_empty();
        let names = if plain { shared.clone() } else { Arc::new(parts.names()) };
        let mut when = Vec::new();
        for place in [root.get("when"), node.get("when")].into_iter().flatten() {
            when.push(when::read(self, place, &names)?);
        }
        if when.is_empty() {
            return Err(self.refuse(node, "when", "is missing: say which events are meant"));
        }
        let part = |key| match node.get(key).or_else(|| root.get(key)) {
            Some(node) => Ok(Some(self.text(node, key)?.to_lowercase())),
            None => Ok(None),
        };
        let source = LogSource { product: part("product")?, category: part("category")?, service: part("service")? };
        let when = if when.len() == 1 { when.remove(0) } else { Expr::And(when) };
        Ok(Definition { source, when, names, time: parts.time, entities: parts.entities, place: self.place(node) })
    }

    fn parts(&self, node: Node<'_>) -> Read<Parts> {
        let names = |key: &str| match node.get(key) {
            None => Ok(Vec::new()),
            Some(node) => Ok(self.list(node, key)?.into_iter().map(|(text, _)| text).collect::<Vec<_>>()),
        };
        let mut parts = Parts { prefixes: names("prefixes")?, known: names("known")?, ..Parts::default() };
        for (key, exact) in [("exact", true), ("fields", false)] {
            let Some(map) = node.get(key) else { continue };
            if !map.is_map() {
                return Err(self.refuse(map, key, "must be a map of names to lists of names"));
            }
            for (name, list) in map.entries() {
                let called = self.text(name, key)?;
                let paths = self.list(list, &called)?.into_iter().map(|(text, _)| text).collect();
                parts.groups.push(RawGroup { name: called, paths, exact });
            }
        }
        for item in node.get("time").into_iter().flat_map(Node::items) {
            parts.time.push(match item.is_map() {
                false => TimePath { path: self.text(item, "time")?, format: None },
                true => {
                    self.only(item, "time", &["path", "format"])?;
                    TimePath {
                        path: self.member(item, "path")?,
                        format: item.get("format").map(|node| self.format(node)).transpose()?,
                    }
                }
            });
        }
        for item in node.get("entity").into_iter().flat_map(Node::items) {
            self.only(item, "entity", &["kind", "prefix", "paths"])?;
            let paths = item.get("paths").ok_or_else(|| self.refuse(item, "paths", "is missing: name some"))?;
            parts.entities.push(EntityPaths {
                kind: self.member(item, "kind")?,
                prefix: item.get("prefix").map(|node| self.text(node, "prefix")).transpose()?,
                paths: self.list(paths, "paths")?.into_iter().map(|(text, _)| text).collect(),
            });
        }
        Ok(parts)
    }

    fn format(&self, node: Node<'_>) -> Read<Arc<str>> {
        let format = self.text(node, "format")?;
        match StrftimeItems::new(&format).any(|item| matches!(item, chrono::format::Item::Error)) {
            true => Err(self.refuse(node, "format", "is no format: write it like %Y-%m-%d %H:%M:%S")),
            false => Ok(format),
        }
    }

    fn member(&self, node: Node<'_>, key: &str) -> Read<Arc<str>> {
        match node.get(key) {
            Some(member) => self.text(member, key),
            None => Err(self.refuse(node, key, "is missing: write it")),
        }
    }

    fn text(&self, node: Node<'_>, field: &str) -> Read<Arc<str>> {
        match node.text().filter(|text| !text.is_empty()) {
            Some(text) => Ok(text.into()),
            None => Err(self.refuse(node, field, "must be a text")),
        }
    }

    fn list(&self, node: Node<'_>, field: &str) -> Read<Vec<(Arc<str>, Place)>> {
        if !node.is_list() {
            return Err(self.refuse(node, field, "must be a list of texts"));
        }
        if node.items().len() > MAX_SOURCE_NAMES {
            let reason = format!("has more than {MAX_SOURCE_NAMES} items (MAX_SOURCE_NAMES): shorten it");
            return Err(self.refuse(node, field, &reason));
        }
        node.items().map(|item| Ok((self.text(item, field)?, self.place(item)))).collect()
    }
}
