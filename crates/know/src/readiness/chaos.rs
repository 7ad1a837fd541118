//! Experiments of Chaos Toolkit, read into drills. What runs a program or code is shown as a step for people and never
//! run; of probes those over HTTP are taken that read and expect a status.

use super::drill::{Drill, Expect, Probe, ProbeKind, Read, Step, address, items, named, only, refuse, text, tree};
use crate::limits::{MAX_DRILL_TEXT, MINUTE, PROBE_TIMEOUT, SECOND};
use model::{EntityRef, Nanos};
use yaml::{Node, Scalar};

/// Reads an experiment, in JSON or YAML. It names neither service nor team: the caller may.
pub fn experiment(stem: &str, source: &str, service: Option<EntityRef>, owner: &str) -> Read<Drill> {
    let tree = tree(source)?;
    let root = only(&tree)?;
    let title = root.get("title").ok_or_else(|| refuse(root, "title is missing: this is no experiment"))?;
    let method = root.get("method").ok_or_else(|| refuse(root, "method is missing: this is no experiment"))?;
    let mut drill = Drill {
        name: named(root, stem)?,
        title: text(title, "title")?,
        service,
        owner: owner.to_owned(),
        expect: Expect::default(),
        ..Drill::default()
    };
    let hypothesis = root.get("steady-state-hypothesis");
    for node in items(hypothesis.and_then(|node| node.get("probes")), "probes")? {
        let name = name_of(node)?;
        match probe(node) {
            Ok(kind) => drill.steady_state.push(Probe { name, kind }),
            Err(why) => drill.notes.push(format!("the probe {name:?} is looked at by people: {why}")),
        }
    }
    for node in items(Some(method), "method")? {
        let inject = node.get("type").and_then(Node::text) == Some("action");
        let step = shown(node)?;
        drill.notes.push(format!("{:?} is done by people, never run from here", name_of(node)?));
        drill.steps.push(Step { text: step, question: None, inject });
    }
    for node in items(root.get("rollbacks"), "rollbacks")? {
        drill.rollback.push(shown(node)?);
    }
    for name in ["configuration", "secrets", "controls"] {
        if let Some(node) = root.get(name).filter(|node| node.entries().len() + node.items().len() > 0) {
            drill.notes.push(format!("line {}: {name} is not read", node.place().0));
        }
    }
    if drill.steps.is_empty() {
        return Err(refuse(method, "method has no step"));
    }
    if !drill.steps.iter().any(|step| step.inject) {
        drill.steps[0].inject = true;
    }
    Ok(drill)
}

fn name_of(node: Node<'_>) -> Read<String> {
    let name = node.get("name").ok_or_else(|| refuse(node, "name is missing"))?;
    text(name, "name")
}

/// What a step says: its name, what it would call, and how long it waits.
fn shown(node: Node<'_>) -> Read<String> {
    let mut said = name_of(node)?;
    if let Some(provider) = node.get("provider") {
        let word = |name: &str| provider.get(name).and_then(Node::text).unwrap_or_default();
        let call = match word("type") {
            "python" => format!("calls {}.{}", word("module"), word("func")),
            // Arguments may hold what is secret: the program alone.
            "process" => format!("runs {}", word("path")),
            "http" => {
                let method = provider.get("method").and_then(Node::text).unwrap_or("GET");
                format!("{method} {}", plain(word("url")))
            }
            other => format!("provider {other:?}"),
        };
        said.push_str(&format!(" ({call})"));
    }
    let pauses = node.get("pauses");
    for when in ["before", "after"] {
        if let Some(pause) = pauses.and_then(|node| node.get(when)).and_then(Node::text) {
            said.push_str(&format!(", wait {pause} s {when}"));
        }
    }
    let mut end = said.len().min(MAX_DRILL_TEXT);
    while !said.is_char_boundary(end) {
        end -= 1;
    }
    said.truncate(end);
    Ok(said)
}

/// An address without what may be secret in it.
fn plain(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    match url.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", rest.rsplit_once('@').map_or(rest, |(_, rest)| rest)),
        None => url.to_owned(),
    }
}

/// The probe, or why it is none that is run from here.
fn probe(node: Node<'_>) -> Result<ProbeKind, String> {
    let provider = node.get("provider").ok_or("it has no provider")?;
    let kind = provider.get("type").and_then(Node::text).unwrap_or_default();
    if kind != "http" {
        return Err(format!("its provider is {kind:?}, and code of others is not run"));
    }
    let method = provider.get("method").and_then(Node::text).unwrap_or("GET");
    if !method.eq_ignore_ascii_case("GET") {
        return Err(format!("it is a {method}, and probes only read"));
    }
    if provider.get("headers").is_some() {
        return Err("it sends headers, which may hold secrets".to_owned());
    }
    let node_of = provider.get("url").ok_or("it has no url")?;
    let url = address(node_of, node_of.text().unwrap_or_default()).map_err(|refused| refused.reason)?;
    let tolerance = node.get("tolerance").and_then(Node::scalar);
    let Some(Scalar::Int(status @ 100..=599)) = tolerance else {
        return Err("its tolerance is no status such as 200".to_owned());
    };
    let timeout = match provider.get("timeout").and_then(Node::scalar) {
        Some(Scalar::Int(seconds @ 1..=60)) => seconds * SECOND,
        Some(Scalar::Float(seconds)) if seconds > 0.0 => (seconds.min(60.0) * SECOND as f64) as Nanos,
        _ => PROBE_TIMEOUT,
    };
    Ok(ProbeKind::Http { url, status: status as u16, timeout: timeout.clamp(1, MINUTE) })
}
