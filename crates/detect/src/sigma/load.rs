//! Files, folders, archives and texts to rules. A broken document never stops the others.

use super::archive;
use super::document::{Parsed, Reference, is_operational, title_of};
use super::link::{Broken, link};
use super::lint::Finding;
use super::reader::{Options, Reader, Refusal, refusal};
use crate::limits::{
    MAX_FOLDER_DEPTH, MAX_LEAVES_TOGETHER, MAX_RULE_BYTES, MAX_RULE_DOCUMENTS, MAX_RULE_FILE_BYTES, MAX_RULE_FILES,
    MAX_YAML_DEPTH, MAX_YAML_NODES,
};
use crate::rule::{Correlation, Place, Rule};
use std::path::{Path, PathBuf};
use std::{fs, io};
use yaml::{Limits, Node, Scalar, Yaml};

const YAML: Limits = Limits { nodes: MAX_YAML_NODES, depth: MAX_YAML_DEPTH };

/// What was loaded, and what was not and why.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    /// Rules over single events; filters are in their conditions. Their fields are not yet resolved.
    pub rules: Vec<Rule>,
    /// Correlations; what they look at is there, each by its id.
    pub correlations: Vec<Correlation>,
    /// What is not used.
    pub refused: Vec<Refusal>,
    /// What is used and odd.
    pub findings: Vec<Finding>,
    /// Findings beyond the bound.
    pub findings_left_out: usize,
    /// Filters that are in at least one rule.
    pub filters: usize,
    /// Where filters stand, those for rules that are not here among them.
    pub filter_places: Vec<Place>,
    /// Documents that are operational rules or objectives: [`crate`]'s `ops` reads them.
    pub operational: Vec<Place>,
    /// Files that were read.
    pub files: usize,
    /// Sigma documents that were read, refused ones included.
    pub documents: usize,
}

/// Loads files, folders (their `.yml` and `.yaml`, links not followed, nothing whose name begins with a dot) and
/// archives (`.zip`, `.tar`, `.tar.gz`, `.tgz`).
pub fn load(paths: &[PathBuf], options: &Options) -> Loaded {
    let mut loader = Loader::new(options);
    paths.iter().for_each(|path| loader.path(path));
    loader.finish()
}

/// Loads texts by the names of their files.
pub fn load_texts<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>, options: &Options) -> Loaded {
    let mut loader = Loader::new(options);
    files.into_iter().for_each(|(name, text)| loader.text(name, text));
    loader.finish()
}

/// Hands out the rule files of an archive, each by the name that places in it have. What is no archive has none.
///
/// # Errors
/// When it cannot be read, or is damaged.
pub fn unpack(path: &Path, visit: &mut dyn FnMut(&str, &[u8])) -> io::Result<()> {
    let name = path.display().to_string();
    if !archive::is_archive(&name) || path.is_dir() {
        return Ok(());
    }
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(fs::File::open(path)?, archive::MAX_BYTES as u64), &mut bytes)?;
    archive::read(&name, &bytes, &mut |path, bytes| {
        if is_yaml(path) {
            visit(&format!("{name}/{path}"), bytes);
        }
    })
    .map_err(io::Error::other)
}

/// Gathers documents from anywhere; references between them are followed at the end.
#[derive(Debug)]
pub struct Loader<'o> {
    reader: Reader<'o>,
    parsed: Vec<Parsed>,
    broken: Vec<Broken>,
    loaded: Loaded,
    bytes: usize,
}

impl<'o> Loader<'o> {
    /// One without any document.
    pub fn new(options: &'o Options) -> Loader<'o> {
        let reader = Reader::new(options);
        Loader { reader, parsed: Vec::new(), broken: Vec::new(), loaded: Loaded::default(), bytes: 0 }
    }

    /// Follows the references. Refusals and findings are in the order of their places.
    pub fn finish(mut self) -> Loaded {
        let linked = link(self.parsed, self.broken, &mut self.reader);
        let mut loaded = self.loaded;
        (loaded.rules, loaded.correlations) = (linked.rules, linked.correlations);
        (loaded.filters, loaded.filter_places) = (linked.filters, linked.filter_places);
        loaded.refused.extend(linked.refused);
        (loaded.findings, loaded.findings_left_out) = self.reader.into_findings();
        let key = |place: &Place| (place.file.clone(), place.line, place.column);
        loaded.refused.sort_by_cached_key(|refusal| key(&refusal.place));
        loaded.findings.sort_by_cached_key(|finding| key(&finding.place));
        loaded
    }

    /// Takes a file, folder or archive.
    pub fn path(&mut self, path: &Path) {
        match fs::metadata(path) {
            Err(error) => self.refuse_file(&path.display().to_string(), format!("cannot be read: {error}")),
            Ok(kind) if kind.is_dir() => self.folder(path, 0),
            Ok(_) => self.file(path),
        }
    }

    fn folder(&mut self, folder: &Path, depth: usize) {
        let name = folder.display().to_string();
        if depth > MAX_FOLDER_DEPTH {
            return self
                .refuse_file(&name, format!("more than {MAX_FOLDER_DEPTH} folders in each other (MAX_FOLDER_DEPTH)"));
        }
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.refuse_file(&name, format!("cannot be listed: {error}")),
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            if self.loaded.files >= MAX_RULE_FILES {
                return self.refuse_file(
                    &name,
                    format!("more than {MAX_RULE_FILES} files (MAX_RULE_FILES): the rest is not read"),
                );
            }
            match entry.file_type() {
                _ if entry.file_name().to_string_lossy().starts_with('.') => {}
                Ok(kind) if kind.is_dir() => self.folder(&path, depth + 1),
                Ok(kind) if kind.is_file() && is_yaml(&path.to_string_lossy()) => self.file(&path),
                Ok(_) => {}
                Err(error) => self.refuse_file(&path.display().to_string(), format!("cannot be read: {error}")),
            }
        }
    }

    fn file(&mut self, path: &Path) {
        let name = path.display().to_string();
        let most = if archive::is_archive(&name) { archive::MAX_BYTES } else { MAX_RULE_FILE_BYTES };
        let read = || -> io::Result<Vec<u8>> {
            let mut bytes = Vec::new();
            io::Read::read_to_end(&mut io::Read::take(fs::File::open(path)?, most as u64 + 1), &mut bytes)?;
            Ok(bytes)
        };
        match read() {
            Ok(bytes) if bytes.len() > most => self.refuse_file(&name, format!("more than {most} bytes: split it")),
            Ok(bytes) => self.bytes(&name, &bytes),
            Err(error) => self.refuse_file(&name, format!("cannot be read: {error}")),
        }
    }

    /// Takes what is in a file: an archive by its name's ending, else a text.
    pub fn bytes(&mut self, name: &str, bytes: &[u8]) {
        if archive::is_archive(name) {
            let result = archive::read(name, bytes, &mut |path, bytes| {
                if is_yaml(path) {
                    self.bytes(&format!("{name}/{path}"), bytes);
                }
            });
            if let Err(reason) = result {
                self.refuse_file(name, reason);
            }
            return;
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => self.text(name, text),
            Err(error) => {
                let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
                let place = Place { file: name.into(), line, column: 1 };
                self.loaded.refused.push(refusal(place, "", "this is no UTF-8: save it as UTF-8"));
            }
        }
    }

    /// Takes the text of one file.
    pub fn text(&mut self, name: &str, text: &str) {
        if self.loaded.files >= MAX_RULE_FILES || self.bytes + text.len() > MAX_RULE_BYTES {
            return self
                .refuse_file(name, "too many or too large files together (MAX_RULE_FILES, MAX_RULE_BYTES)".to_owned());
        }
        if text.len() > MAX_RULE_FILE_BYTES {
            return self
                .refuse_file(name, format!("more than {MAX_RULE_FILE_BYTES} bytes (MAX_RULE_FILE_BYTES): split it"));
        }
        self.loaded.files += 1;
        self.bytes += text.len();
        (self.reader.file, self.reader.regex_file_bytes) = (name.into(), 0);
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let stem = base.rsplit_once('.').map_or(base, |(stem, _)| stem);
        let (mut number, mut global) = (0, None);
        for (line, part) in yaml::split(text) {
            let yaml = match Yaml::parse_part(part, line, YAML) {
                Ok(yaml) => yaml,
                Err(error) => {
                    let place = Place { file: self.reader.file.clone(), line: error.place.0, column: error.place.1 };
                    let reason = format!("this is no YAML that can be read: {}", error.reason);
                    self.loaded.documents += 1;
                    self.loaded.refused.push(refusal(place, "", &reason));
                    continue;
                }
            };
            for root in yaml.documents() {
                number += 1;
                let stem = if number == 1 { stem.to_owned() } else { format!("{stem}-{number}") };
                self.root(root, part, &stem, &mut global);
            }
        }
    }

    fn root(&mut self, root: Node<'_>, text: &str, stem: &str, global: &mut Option<Place>) {
        if is_operational(root) {
            self.loaded.operational.push(self.reader.place(root));
            return;
        }
        if self.loaded.documents >= MAX_RULE_DOCUMENTS {
            let reason = format!("more than {MAX_RULE_DOCUMENTS} documents (MAX_RULE_DOCUMENTS)");
            return self.refuse(root, self.reader.refuse(root, "", reason));
        }
        self.loaded.documents += 1;
        if root.get("action").and_then(Node::text) == Some("global") {
            *global = Some(self.reader.place(root));
        } else if root.get("action").and_then(Node::text) == Some("reset") {
            *global = None;
        } else if let Some(place) = global {
            let reason = format!(
                "the document at {place} is added to this one by `action: global`, which is no longer Sigma: write it out here"
            );
            return self.refuse(root, self.reader.refuse(root, "", reason));
        }
        let (before, tests) = (self.reader.mark(), self.reader.leaves_together);
        match self.reader.document(root, text, stem) {
            Ok(parsed) => self.parsed.push(parsed),
            Err(refusal) => {
                self.reader.forget(before);
                // What is refused is not held. Once there are too many, each document costs no more than a look.
                if self.reader.leaves_together <= MAX_LEAVES_TOGETHER {
                    self.reader.leaves_together = tests;
                }
                self.refuse(root, refusal);
            }
        }
    }

    fn refuse(&mut self, root: Node<'_>, mut refusal: Refusal) {
        refusal.title = title_of(root);
        let names = ["id", "name"].iter().filter_map(|field| root.get(field).and_then(Node::text).map(str::to_owned));
        let section = root.get("correlation");
        let looks_at = section.and_then(|section| self.reader.references(section.get("rules")?, "").ok());
        let generate = [section, Some(root)]
            .into_iter()
            .flatten()
            .any(|map| map.get("generate").is_some_and(|node| node.scalar() == Some(Scalar::Bool(true))));
        self.broken.push(Broken {
            names: names.collect(),
            place: refusal.place.clone(),
            looks_at: looks_at.unwrap_or_default() as Vec<Reference>,
            generate,
        });
        self.loaded.refused.push(refusal);
    }

    fn refuse_file(&mut self, name: &str, reason: String) {
        self.loaded.refused.push(refusal(Place { file: name.into(), line: 1, column: 1 }, "", &reason));
    }
}

fn is_yaml(name: &str) -> bool {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    !base.starts_with('.') && (base.ends_with(".yml") || base.ends_with(".yaml"))
}
