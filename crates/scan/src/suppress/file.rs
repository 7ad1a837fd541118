//! Suppressions in a file of their own, for what no comment can be put beside.

use super::{Hidden, Notice, Suppression, Written, covers};
use crate::finding::Finding;
use crate::limits::{MAX_RULE_NODES, MAX_SUPPRESSIONS_A_FILE};
use crate::text::{Place, Text};
use chrono::NaiveDate;
use globset::{Glob, GlobSet, GlobSetBuilder};
use yaml::{Limits, Node, Yaml};

/// Members of an entry.
const MEMBERS: &[&str] = &["rules", "paths", "fingerprints", "reason", "owner", "until"];

/// The suppressions of `.tandem/suppressions.yml`.
#[derive(Debug, Default)]
pub struct Suppressions {
    entries: Vec<Entry>,
    /// What is to be said of them.
    pub notices: Vec<Notice>,
}

#[derive(Debug)]
struct Entry {
    suppression: Suppression,
    paths: Option<GlobSet>,
    fingerprints: Vec<String>,
}

impl Suppressions {
    /// Reads the file. What is wrong with an entry is in the notices, and it hides nothing.
    pub fn read(text: &Text, today: NaiveDate) -> Suppressions {
        let mut out = Suppressions::default();
        let notice = |place: (usize, usize), says: String| {
            let place = Place { line: place.0 as u32, column: place.1 as u32 };
            Notice { path: text.path.clone(), place, says, void: true }
        };
        let yaml = match Yaml::parse(&text.text, Limits { nodes: MAX_RULE_NODES, depth: 8 }) {
            Ok(yaml) => yaml,
            Err(error) => {
                out.notices.push(notice(error.place, format!("no suppression of this file counts: {}", error.reason)));
                return out;
            }
        };
        let roots: Vec<Node<'_>> = yaml.documents().collect();
        for entry in roots.iter().flat_map(|root| root.items()).take(MAX_SUPPRESSIONS_A_FILE) {
            match read(entry, text, today) {
                Ok((entry, soon)) => {
                    out.entries.extend(entry);
                    out.notices.extend(soon);
                }
                Err(error) => out.notices.push(notice(error.place, error.reason)),
            }
        }
        if roots.iter().any(|root| !root.is_list()) {
            out.notices.push(notice((1, 1), "expected a list of suppressions".to_owned()));
        }
        out
    }

    pub(super) fn hides(&self, finding: &Finding) -> Option<Hidden> {
        let fits = |entry: &&Entry| {
            covers(&entry.suppression.rules, &finding.rule)
                && entry.paths.as_ref().is_none_or(|paths| paths.is_match(&*finding.path))
                && (entry.fingerprints.is_empty() || entry.fingerprints.contains(&finding.fingerprint))
        };
        self.entries.iter().find(fits).map(|entry| Hidden::Suppressed(entry.suppression.clone()))
    }
}

fn read(entry: Node<'_>, text: &Text, today: NaiveDate) -> Result<(Option<Entry>, Option<Notice>), yaml::Error> {
    let refuse = |node: Node<'_>, reason: String| yaml::Error { place: node.place(), reason };
    if let Some((key, _)) = entry.entries().find(|(key, _)| !key.raw().is_some_and(|name| MEMBERS.contains(&name))) {
        let says = format!("this suppression hides nothing: unknown member `{}`", key.raw().unwrap_or_default());
        return Err(refuse(key, format!("{says}; there are {}", MEMBERS.join(", "))));
    }
    let texts = |name: &str| -> Vec<String> {
        let Some(node) = entry.get(name) else { return Vec::new() };
        let all: Vec<Node<'_>> = if node.is_list() { node.items().collect() } else { vec![node] };
        all.into_iter().filter_map(Node::text).map(str::to_owned).collect()
    };
    let (globs, fingerprints) = (texts("paths"), texts("fingerprints"));
    if globs.is_empty() && fingerprints.is_empty() {
        let says = "this suppression hides nothing: it needs `paths` or `fingerprints`; `paths: ['**']` is everything";
        return Err(refuse(entry, says.to_owned()));
    }
    let mut builder = GlobSetBuilder::new();
    for glob in &globs {
        builder
            .add(Glob::new(glob).map_err(|error| refuse(entry, format!("this suppression hides nothing: {error}")))?);
    }
    let paths = builder.build().map_err(|error| refuse(entry, format!("this suppression hides nothing: {error}")))?;
    let (line, column) = entry.place();
    let written = Written {
        rules: texts("rules"),
        reason: entry.get("reason").and_then(Node::text),
        owner: entry.get("owner").and_then(Node::text),
        until: entry.get("until").and_then(Node::text),
        path: &text.path,
        place: Place { line: line as u32, column: column as u32 },
    };
    let (suppression, notice) = written.judge(today);
    let paths = (!globs.is_empty()).then_some(paths);
    Ok((suppression.map(|suppression| Entry { suppression, paths, fingerprints }), notice))
}
