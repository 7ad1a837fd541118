//! What kind of document it is, and its parts.

use super::correlation::CorrelationDocument;
use super::lint::Finding;
use super::reader::{Reader, Refusal, closest, shown};
use crate::limits::{MAX_CORRELATED, MAX_EXPR_DEPTH, MAX_LEAVES_TOGETHER, MAX_NAME_BYTES};
use crate::rule::{Expr, LogSource, Place, Rule};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use yaml::Node;

/// What was read, before references between documents are followed.
#[derive(Debug)]
pub(super) enum Document {
    /// A rule over single events.
    Rule(Box<Rule>),
    /// A rule over what other rules matched.
    Correlation(Box<CorrelationDocument>),
    /// What is added to the conditions of rules.
    Filter(Box<FilterDocument>),
}

/// A document and what is odd in it only if it raises alerts itself.
#[derive(Debug)]
pub(super) struct Parsed {
    pub document: Document,
    /// Findings that count unless a correlation alone looks at the rule.
    pub alerting: Vec<Finding>,
}

/// Another document, by name or id, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub name: String,
    pub place: Place,
}

/// What is added to the conditions of rules.
#[derive(Debug)]
pub(super) struct FilterDocument {
    pub title: String,
    pub id: Option<String>,
    pub name: Option<String>,
    /// Hash of its text.
    pub version: String,
    pub place: Place,
    /// What a rule's log source must say.
    pub source: LogSource,
    /// None for every rule of that log source.
    pub rules: Option<Vec<Reference>>,
    pub condition: Expr,
    /// Tests in its condition.
    pub leaves: usize,
}

/// Which kind of document something is that this module does not read.
pub(super) fn is_operational(root: Node<'_>) -> bool {
    root.get("operation").is_some()
        || root.get("apiVersion").is_some_and(|version| version.text().is_some_and(|text| text.starts_with("openslo")))
}

/// What a document is called, for messages.
pub(super) fn title_of(root: Node<'_>) -> String {
    let first = ["title", "name", "id"].iter().find_map(|field| root.get(field).and_then(Node::text));
    first.map(shown).unwrap_or_default()
}

/// Hash of a document's text.
pub(super) fn version(text: &str) -> String {
    hash(&[text.trim()])
}

/// Hash of texts.
pub(super) fn hash(texts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for text in texts {
        digest.update((text.len() as u64).to_le_bytes());
        digest.update(text.as_bytes());
    }
    digest.finalize()[..16].iter().fold(String::with_capacity(32), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// How deep a condition is.
pub(super) fn depth(expr: &Expr) -> usize {
    match expr {
        Expr::And(all) | Expr::Or(all) => 1 + all.iter().map(depth).max().unwrap_or(0),
        Expr::Not(one) => 1 + depth(one),
        Expr::Leaf(_) => 1,
    }
}

impl Reader<'_> {
    /// A document. `stem` is the id of one that has neither id nor name.
    pub(super) fn document(&mut self, root: Node<'_>, text: &str, stem: &str) -> Result<Parsed, Refusal> {
        if !root.is_map() {
            return Err(self.refuse(root, "", "a Sigma document is a map with title, logsource, detection and so on"));
        }
        if let Some(action) = root.get("action") {
            let reason = "`action` is no longer Sigma: write each document out, and separate them by `---`";
            return Err(self.refuse(action, "action", reason));
        }
        let kinds: Vec<&str> =
            ["detection", "correlation", "filter"].into_iter().filter(|kind| root.get(kind).is_some()).collect();
        let [kind] = kinds[..] else {
            let reason = match kinds.is_empty() {
                true => "this is no Sigma: there is neither detection, correlation nor filter".to_owned(),
                false => format!("one of {} is too much: write a document for each", kinds.join(" and ")),
            };
            return Err(self.refuse(root, kinds.last().unwrap_or(&"detection"), reason));
        };
        if self.leaves_together >= MAX_LEAVES_TOGETHER {
            let reason = format!(
                "all rules together have {MAX_LEAVES_TOGETHER} tests already (MAX_LEAVES_TOGETHER): load fewer"
            );
            return Err(self.refuse(root, kind, reason));
        }
        self.leaves = 0;
        let version = version(text);
        if kind == "filter" {
            let filter = self.filter(root, version)?;
            return Ok(Parsed { document: Document::Filter(Box::new(filter)), alerting: Vec::new() });
        }
        let meta = self.meta(root, self.place(root), version, stem)?;
        let alerting = self.lint_alerting(root, &meta);
        let document = if kind == "correlation" {
            Document::Correlation(Box::new(self.correlation(root, meta)?))
        } else {
            let source = self.logsource(root)?;
            let section = root.get("detection").unwrap_or(root);
            let condition = self.detection(section, "detection", &[])?;
            self.check_depth(&condition, section, "detection.condition")?;
            Document::Rule(Box::new(Rule { meta, source, condition }))
        };
        Ok(Parsed { document, alerting })
    }

    fn check_depth(&self, expr: &Expr, node: Node<'_>, field: &str) -> Result<(), Refusal> {
        match depth(expr) > MAX_EXPR_DEPTH {
            true => {
                Err(self.refuse(node, field, format!("nested deeper than {MAX_EXPR_DEPTH} levels (MAX_EXPR_DEPTH)")))
            }
            false => Ok(()),
        }
    }

    fn filter(&mut self, root: Node<'_>, version: String) -> Result<FilterDocument, Refusal> {
        self.entries(root, "")?;
        self.taxonomy(root)?;
        let section = root.get("filter").unwrap_or(root);
        if !section.is_map() {
            return Err(self.refuse(section, "filter", "this must be a map with rules, searches and a condition"));
        }
        let title = self.line(root, "title", MAX_NAME_BYTES)?;
        if title.is_none() {
            self.note(root, "missing-title", "there is no title: say in some words what it lets pass");
        }
        let source = self.logsource(root)?;
        let rules = match section.get("rules") {
            Some(node) if !node.is_list() && node.text().is_some_and(|text| text.eq_ignore_ascii_case("any")) => None,
            Some(node) => Some(self.references(node, "filter.rules")?),
            None => None,
        };
        if rules.is_none() {
            self.note(
                section,
                "filter-for-any",
                "without `rules`, or with `any`, this filter is for every rule of its logsource",
            );
        }
        let condition = self.detection(section, "filter", &["rules"])?;
        self.check_depth(&condition, section, "filter.condition")?;
        if let Some(node) = section.get("condition")
            && node.text().is_some_and(|text| {
                !text.split(|c: char| !c.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case("not"))
            })
        {
            let message = "the condition of a filter is joined by `and`: rules match only what it holds for; write `not` before it to leave that out";
            self.note(node, "filter-keeps", message);
        }
        Ok(FilterDocument {
            title: title.unwrap_or_default(),
            id: self.line(root, "id", MAX_NAME_BYTES)?,
            name: self.line(root, "name", MAX_NAME_BYTES)?,
            version,
            place: self.place(root),
            source,
            rules,
            condition,
            leaves: self.leaves,
        })
    }

    /// Names or ids of rules; one may be a text.
    pub(super) fn references(&self, node: Node<'_>, field: &str) -> Result<Vec<Reference>, Refusal> {
        let nodes: Vec<Node<'_>> = if node.is_list() { node.items().collect() } else { vec![node] };
        if nodes.is_empty() {
            return Err(self.refuse(node, field, "name at least one rule, by its name or id"));
        }
        if nodes.len() > MAX_CORRELATED && field != "filter.rules" {
            return Err(self.refuse(node, field, format!("more than {MAX_CORRELATED} rules (MAX_CORRELATED)")));
        }
        let mut all: Vec<Reference> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for one in nodes {
            let Some(name) = one.text().filter(|text| !text.is_empty() && text.len() <= MAX_NAME_BYTES) else {
                return Err(self.refuse(one, field, "this must be the name or the id of a rule"));
            };
            if !seen.insert(name) {
                return Err(self.refuse(one, field, format!("`{}` is here twice", shown(name))));
            }
            all.push(Reference { name: name.to_owned(), place: self.place(one) });
        }
        Ok(all)
    }

    /// Refuses members of a map that mean nothing there.
    pub(super) fn only(&self, map: Node<'_>, path: &str, known: &[&str]) -> Result<(), Refusal> {
        for (key, _) in self.entries(map, path)? {
            let name = key.raw().unwrap_or_default();
            if known.contains(&name) {
                continue;
            }
            let hint = match name {
                "timeframe" => Some("timespan"),
                name => closest(name, known),
            };
            let mut reason = format!("`{}` is not known here", shown(name));
            reason += &hint.map_or_else(
                || format!(": there are {}", known.join(", ")),
                |meant| format!("; did you mean `{meant}`?"),
            );
            return Err(self.refuse(key, &format!("{path}.{}", shown(name)), reason));
        }
        Ok(())
    }
}
