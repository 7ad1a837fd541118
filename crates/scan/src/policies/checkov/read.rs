//! A policy from its file. What is not known in a definition is refused with its place: a policy that is read half finds half.

use super::operator::{OPERATORS, Operator};
use super::path::Path;
use super::{Definition, Policy, Types};
use crate::limits::MAX_CONDITION_DEPTH;
use crate::policies::things::Framework;
use crate::policies::words::meant;
use crate::rules::{Confidence, Finds, Rule, RuleError, Severity, document};
use std::collections::BTreeMap;
use std::sync::Arc;
use yaml::Node;

/// Members of a file.
const TOP: &[&str] = &["metadata", "definition", "scope"];
/// Members of a block.
const BLOCK: &[&str] = &[
    "cond_type",
    "resource_types",
    "connected_resource_types",
    "attribute",
    "operator",
    "value",
    "attribute_value_type",
];
/// Kinds of blocks.
const KINDS: &[&str] = &["attribute", "connection", "filter", "resource"];

/// Whether a text is a policy in this form, looked at by its lines alone.
pub fn is(text: &str) -> bool {
    let has = |member: &str| {
        text.lines().any(|line| line.strip_prefix(member).is_some_and(|rest| rest.trim_start().starts_with(':')))
    };
    has("definition") && (has("metadata") || !has("id"))
}

/// Reads a policy's file; none when it is switched off.
///
/// # Errors
/// With the place and what to do.
pub fn read(file: &str, text: &str) -> Result<Option<Rule>, RuleError> {
    rule(file, text).map_err(|yaml::Error { place, reason }| RuleError { file: file.into(), place, reason })
}

fn refuse<T>(node: Node<'_>, reason: impl Into<String>) -> Result<T, yaml::Error> {
    Err(yaml::Error { place: node.place(), reason: reason.into() })
}

fn rule(file: &str, text: &str) -> Result<Option<Rule>, yaml::Error> {
    let yaml = document(text)?;
    let mut documents = yaml.documents();
    let (Some(root), None) = (documents.next(), documents.next()) else {
        return Err(yaml::Error { place: (1, 1), reason: "expected one policy in a file".to_owned() });
    };
    for (key, _) in root.entries() {
        let name = key.raw().unwrap_or_default();
        if !TOP.contains(&name) {
            let near = meant(name, TOP.iter().copied());
            return refuse(key, format!("unknown member `{name}`{near}; there are {}", TOP.join(", ")));
        }
    }
    let Some(metadata) = root.get("metadata").filter(|node| node.is_map()) else {
        return refuse(root, "`metadata` is missing: a map with `id` and `name`");
    };
    let text = |name: &str| metadata.get(name).and_then(Node::text).filter(|text| !text.is_empty());
    let (Some(id), Some(name)) = (text("id"), text("name")) else {
        return refuse(metadata, "`metadata` needs an `id`, such as CKV2_CUSTOM_1, and a `name`");
    };
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if !id.bytes().all(letters) {
        return refuse(metadata, format!("`{id}`: an id has letters, digits, `_`, `-` and `.`"));
    }
    let Some(severity) = severity(metadata)? else { return Ok(None) };
    let Some(definition) = root.get("definition") else {
        return refuse(root, "`definition` is missing: what must hold");
    };
    let mut foreign = Vec::new();
    let definition = read_definition(definition, 0, &mut foreign)?;
    foreign.sort();
    foreign.dedup();
    let frameworks = frameworks(root, metadata);
    let policy = Policy {
        name: name.into(),
        category: text("category").map(Arc::from),
        guideline: text("guideline").map(Arc::from),
        frameworks,
        foreign,
        definition,
    };
    Ok(Some(Rule {
        id: id.into(),
        title: name.into(),
        severity,
        confidence: Confidence::High,
        about: Vec::new(),
        families: Vec::new(),
        cwe: Vec::new(),
        controls: BTreeMap::new(),
        when: None,
        finds: Finds::Policy(Arc::new(policy)),
        fix: None,
        message: name.into(),
        at: None,
        file: file.into(),
    }))
}

/// None when the policy is off.
fn severity(metadata: Node<'_>) -> Result<Option<Severity>, yaml::Error> {
    let Some(node) = metadata.get("severity") else { return Ok(Some(Severity::Medium)) };
    let said = node.text().unwrap_or_default().to_ascii_uppercase();
    Ok(Some(match said.as_str() {
        "NONE" | "INFO" => Severity::Info,
        "LOW" => Severity::Low,
        "MEDIUM" | "MODERATE" => Severity::Medium,
        "HIGH" | "IMPORTANT" => Severity::High,
        "CRITICAL" => Severity::Critical,
        "OFF" => return Ok(None),
        _ => {
            return refuse(
                node,
                "`severity` is one of NONE, INFO, LOW, MEDIUM, MODERATE, HIGH, IMPORTANT, CRITICAL, OFF",
            );
        }
    }))
}

/// The frameworks that are named and read here. Those that are not leave the policy with nothing to look at, as its types do.
fn frameworks(root: Node<'_>, metadata: Node<'_>) -> Vec<Framework> {
    let scope = root.get("scope").and_then(|scope| scope.get("provider"));
    let named = metadata.get("frameworks").or(metadata.get("framework")).or(scope);
    let named = named.map(texts).unwrap_or_default();
    let framework = |name: &String| match name.to_ascii_lowercase().as_str() {
        "kubernetes" | "k8s" | "helm" | "kustomize" => Some(Framework::Kubernetes),
        "github_actions" | "githubactions" => Some(Framework::Github),
        "dockerfile" | "docker" => Some(Framework::Docker),
        _ => None,
    };
    named.iter().filter_map(framework).collect()
}

/// A text, or a list of texts.
fn texts(node: Node<'_>) -> Vec<String> {
    let all: Vec<Node<'_>> = if node.is_list() { node.items().collect() } else { vec![node] };
    all.into_iter().filter_map(Node::raw).map(str::to_owned).collect()
}

fn read_definition(node: Node<'_>, depth: usize, foreign: &mut Vec<Arc<str>>) -> Result<Definition, yaml::Error> {
    if depth > MAX_CONDITION_DEPTH {
        return refuse(node, format!("the definition nests deeper than {MAX_CONDITION_DEPTH} levels"));
    }
    if !node.is_map() || node.entries().len() == 0 {
        return refuse(node, "expected one block: `and`, `or`, `not`, or a map with `cond_type`");
    }
    let logic = node.entries().find(|(key, _)| matches!(key.raw(), Some("and" | "or" | "not")));
    let Some((key, value)) = logic else { return block(node, foreign) };
    if let Some((other, _)) = node.entries().find(|(other, _)| other.number() != key.number()) {
        return refuse(other, "nothing else stands beside `and`, `or` or `not`: nest it");
    }
    if key.raw() == Some("not") {
        let inner = match (value.is_list(), value.items().len()) {
            (false, _) => value,
            (true, 1) => value.items().next().unwrap_or(value),
            _ => return refuse(value, "`not` has one block: put several below an `and` or `or` in it"),
        };
        return Ok(Definition::Not(Box::new(read_definition(inner, depth + 1, foreign)?)));
    }
    if !value.is_list() || value.items().len() == 0 {
        return refuse(key, format!("`{}` needs a list of blocks", key.raw().unwrap_or_default()));
    }
    let parts: Result<Vec<_>, _> = value.items().map(|item| read_definition(item, depth + 1, foreign)).collect();
    Ok(if key.raw() == Some("and") { Definition::And(parts?) } else { Definition::Or(parts?) })
}

fn block(node: Node<'_>, foreign: &mut Vec<Arc<str>>) -> Result<Definition, yaml::Error> {
    for (key, _) in node.entries() {
        let name = key.raw().unwrap_or_default();
        if !BLOCK.contains(&name) && name != "resource_type" {
            let near = meant(name, BLOCK.iter().copied().chain(["and", "or", "not"]));
            return refuse(key, format!("unknown member `{name}`{near}; a block has {}", BLOCK.join(", ")));
        }
    }
    let kind = node.get("cond_type").and_then(Node::text).unwrap_or_default();
    if !KINDS.contains(&kind) {
        let near = meant(kind, KINDS.iter().copied());
        let at = node.get("cond_type").unwrap_or(node);
        return refuse(at, format!("`cond_type` is one of {}, and not `{kind}`{near}", KINDS.join(", ")));
    }
    let types = || types(node, node.get("resource_types").or(node.get("resource_type")), "resource_types");
    let definition = match kind {
        "attribute" => {
            let (path, operator) = test(node)?;
            Definition::Attribute(types()?, path, operator)
        }
        "filter" => {
            let (path, operator) = test(node)?;
            Definition::Filter(path, operator)
        }
        "connection" => {
            let to = types_of(node, "connected_resource_types")?;
            Definition::Connection { from: types()?, to, exists: exists(node)? }
        }
        _ => Definition::Resource(types()?, exists(node)?),
    };
    note(&definition, foreign);
    Ok(definition)
}

/// Notes types that are not read here.
fn note(definition: &Definition, foreign: &mut Vec<Arc<str>>) {
    let all: [Option<&Types>; 2] = match definition {
        Definition::Attribute(types, ..) | Definition::Resource(types, _) => [Some(types), None],
        Definition::Connection { from, to, .. } => [Some(from), Some(to)],
        _ => [None, None],
    };
    for types in all.into_iter().flatten() {
        if let Types::These(types) = types {
            foreign.extend(types.iter().filter(|kind| Framework::of(kind).is_none()).cloned());
        }
    }
}

fn types_of(node: Node<'_>, name: &str) -> Result<Types, yaml::Error> {
    types(node, node.get(name), name)
}

fn types(block: Node<'_>, node: Option<Node<'_>>, name: &str) -> Result<Types, yaml::Error> {
    let Some(node) = node else { return refuse(block, format!("`{name}` is missing: `all`, or a list of types")) };
    let types = texts(node);
    match types.iter().any(|kind| kind == "all") {
        true => Ok(Types::All),
        false if types.is_empty() => refuse(node, format!("`{name}` is `all` or a list of types")),
        false => Ok(Types::These(types.into_iter().map(Arc::from).collect())),
    }
}

fn operator<'y>(node: Node<'y>) -> Result<(Node<'y>, &'y str), yaml::Error> {
    let Some(operator) = node.get("operator") else { return refuse(node, "`operator` is missing") };
    Ok((operator, operator.text().unwrap_or_default()))
}

fn exists(node: Node<'_>) -> Result<bool, yaml::Error> {
    let names = ["exists", "not_exists", "one_exists"];
    match operator(node)? {
        (_, "exists" | "exist" | "one_exists") => Ok(true),
        (_, "not_exists" | "not_exist") => Ok(false),
        (at, other) => {
            let near = meant(other, names);
            refuse(at, format!("`{other}`{near}: here `operator` is one of {}", names.join(", ")))
        }
    }
}

fn test(node: Node<'_>) -> Result<(Path, Operator), yaml::Error> {
    let Some(attribute) = node.get("attribute") else { return refuse(node, "`attribute` is missing") };
    let text = attribute.text().unwrap_or_default();
    let (at, name) = operator(node)?;
    let (plain, json) = match name.strip_prefix("jsonpath_") {
        Some(plain) => (plain, true),
        None => (name, false),
    };
    let path = if json { Path::json(text) } else { Path::dotted(text) };
    let path = path.or_else(|reason| refuse(attribute, reason))?;
    let values = node.get("value");
    let operator = Operator::new(plain, values.map(texts).unwrap_or_default());
    let known = OPERATORS.contains(&plain);
    let at = if known { values.unwrap_or(at) } else { at };
    Ok((path, operator.or_else(|reason| refuse(at, reason))?))
}
