//! A rule from its file. What is not known is refused with its place: a rule that is read half finds half.

use super::{Condition, Confidence, Finds, Path, Rule, Severity};
use crate::fix::Fix;
use crate::limits::{MAX_CONDITION_DEPTH, MAX_RULE_BYTES, MAX_RULE_NODES};
use std::collections::BTreeMap;
use std::sync::Arc;
use yaml::{Limits, Node, Yaml};

/// Members of a rule.
const MEMBERS: &[&str] = &[
    "id",
    "title",
    "severity",
    "confidence",
    "about",
    "family",
    "cwe",
    "controls",
    "when",
    "fails",
    "check",
    "message",
    "at",
    "fix",
];

/// Why a rule cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{}:{}: {reason}", place.0, place.1)]
pub struct RuleError {
    /// Its file.
    pub file: Arc<str>,
    /// Line and column.
    pub place: (usize, usize),
    /// Why, and what to do.
    pub reason: String,
}

impl Rule {
    /// Reads a rule's file.
    ///
    /// # Errors
    /// With the place and what to do.
    pub fn read(file: &str, text: &str) -> Result<Rule, RuleError> {
        let file: Arc<str> = file.into();
        rule(&file, text).map_err(|yaml::Error { place, reason }| RuleError { file, place, reason })
    }

    /// Compiles all expressions in it, which is else done when they are needed: a rule that is not ours may have one too large.
    ///
    /// # Errors
    /// Which, and why.
    pub fn check(&self) -> Result<(), RuleError> {
        let mut conditions: Vec<&Condition> = self.when.iter().collect();
        if let Finds::Fails(condition) = &self.finds {
            conditions.push(condition);
        }
        let fix = self.fix.as_ref();
        conditions.extend(fix.into_iter().flat_map(|fix| fix.when.iter().chain(&fix.safe_when)));
        let checked = conditions.into_iter().try_for_each(Condition::check);
        let checked = checked.and_then(|()| fix.map_or(Ok(()), Fix::check));
        checked.map_err(|reason| RuleError { file: self.file.clone(), place: (1, 1), reason })
    }
}

fn refuse(node: Node<'_>, reason: impl Into<String>) -> yaml::Error {
    yaml::Error { place: node.place(), reason: reason.into() }
}

/// A file of rules of whatever form, within its limits.
pub(crate) fn document(text: &str) -> Result<Yaml, yaml::Error> {
    if text.len() > MAX_RULE_BYTES {
        let reason = format!("the file has {} bytes, more than {MAX_RULE_BYTES} (MAX_RULE_BYTES)", text.len());
        return Err(yaml::Error { place: (1, 1), reason });
    }
    // A condition's level is a map and a list; the rule is around them.
    Yaml::parse(text, Limits { nodes: MAX_RULE_NODES, depth: 2 * MAX_CONDITION_DEPTH + 4 })
}

fn rule(file: &Arc<str>, text: &str) -> Result<Rule, yaml::Error> {
    let yaml = document(text)?;
    let mut documents = yaml.documents();
    let (Some(root), None) = (documents.next(), documents.next()) else {
        return Err(yaml::Error { place: (1, 1), reason: "expected one rule in a file".to_owned() });
    };
    for (key, _) in root.entries() {
        let name = key.raw().unwrap_or_default();
        if !MEMBERS.contains(&name) {
            return Err(refuse(key, format!("unknown member `{name}`; there are {}", MEMBERS.join(", "))));
        }
    }
    let text = |name: &str| root.get(name).and_then(Node::text).filter(|text| !text.is_empty());
    let required = |name: &str| text(name).ok_or_else(|| refuse(root, format!("`{name}` is missing")));
    let id = required("id")?;
    if !id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        return Err(refuse(root, format!("`{id}`: an id has lower-case letters, digits and hyphens")));
    }
    let finds = match (root.get("fails"), text("check")) {
        (Some(condition), None) => Finds::Fails(Condition::parse(condition)?),
        (None, Some(check)) if crate::checks::find(check).is_some() => Finds::Check(check.into()),
        (None, Some(check)) => return Err(refuse(root, format!("there is no check `{check}`"))),
        _ => return Err(refuse(root, "expected `fails`, a condition, or `check`, the name of a check; one of them")),
    };
    let at = root.get("at").map(|at| Path::parse(at.text().unwrap_or_default()).map_err(|reason| refuse(at, reason)));
    Ok(Rule {
        id: id.into(),
        title: required("title")?.into(),
        severity: severity(root)?,
        confidence: confidence(root)?,
        about: texts(root, "about")?,
        families: texts(root, "family")?,
        cwe: texts(root, "cwe")?,
        controls: controls(root)?,
        when: root.get("when").map(Condition::parse).transpose()?,
        finds,
        message: required("message")?.into(),
        at: at.transpose()?,
        fix: root.get("fix").map(Fix::parse).transpose()?,
        file: file.clone(),
    })
}

/// A text or a list of texts.
fn texts(root: Node<'_>, name: &str) -> Result<Vec<Arc<str>>, yaml::Error> {
    let Some(node) = root.get(name) else { return Ok(Vec::new()) };
    let all: Vec<Node<'_>> = if node.is_list() { node.items().collect() } else { vec![node] };
    let text = |node: Node<'_>| node.text().map(Arc::from).ok_or_else(|| refuse(node, format!("`{name}` needs texts")));
    all.into_iter().map(text).collect()
}

fn severity(root: Node<'_>) -> Result<Severity, yaml::Error> {
    match root.get("severity").and_then(Node::text) {
        Some("info") => Ok(Severity::Info),
        Some("low") => Ok(Severity::Low),
        Some("medium") => Ok(Severity::Medium),
        Some("high") => Ok(Severity::High),
        Some("critical") => Ok(Severity::Critical),
        _ => Err(refuse(root, "`severity` is one of info, low, medium, high, critical")),
    }
}

fn confidence(root: Node<'_>) -> Result<Confidence, yaml::Error> {
    match root.get("confidence").and_then(Node::text) {
        Some("low") => Ok(Confidence::Low),
        Some("medium") => Ok(Confidence::Medium),
        Some("high") => Ok(Confidence::High),
        _ => Err(refuse(root, "`confidence` is one of low, medium, high")),
    }
}

fn controls(root: Node<'_>) -> Result<BTreeMap<Arc<str>, Vec<Arc<str>>>, yaml::Error> {
    let Some(node) = root.get("controls") else { return Ok(BTreeMap::new()) };
    if !node.is_map() {
        return Err(refuse(node, "`controls` is a map from a catalog to its controls"));
    }
    node.members().map(|(catalog, _)| Ok((catalog.into(), texts(node, catalog)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "id: a-b\ntitle: T\nseverity: high\nconfidence: low\nabout: container\nmessage: m\n";

    #[test]
    fn what_is_wrong_names_its_place() {
        let read =
            |more: &str| Rule::read("a.yml", &format!("{RULE}{more}")).map(drop).map_err(|error| error.to_string());
        assert_eq!(read("fails: {a: 1}\ncontrols: {nist-800-53: [AC-6, CM-7]}\n"), Ok(()));
        for (more, says) in [
            ("fails: {a|has: 1}\n", "a.yml:7:"),
            ("fails: {}\n", "always hold"),
            ("fails: {a: 1}\ncheck: x\n", "one of them"),
            ("fails: {a: 1}\nseveritty: low\n", "a.yml:8:1: unknown member `severitty`"),
            ("fails: {a|re: '('}\n", "no regular expression"),
            ("fails: {a|contains: ''}\n", "empty text"),
            ("fails: {some: {in: a, matches: {b: 1}}}\n", "unknown member `matches`"),
            ("fails: {a..b: 1}\n", "between the dots"),
            ("fails: {a|count|gt: x}\n", "expected a number"),
            ("---\n", "one rule in a file"),
        ] {
            let error = read(more).unwrap_err();
            assert!(error.contains(says), "{more} {error}");
        }
        let deep = format!("fails: {}a: 1{}\n", "{not: ".repeat(40) + "{", "}".repeat(41));
        assert!(read(&deep).unwrap_err().contains("levels"));
    }
}
