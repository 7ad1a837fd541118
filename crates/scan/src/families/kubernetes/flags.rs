//! The program of a container and its flags: parts of the control plane are configured by them.

use super::object::Reader;
use crate::limits::MAX_FLAGS;
use crate::text::Span;
use crate::tree::{Data, Id};

/// Programs whose flags rules look at.
const PROGRAMS: &[&str] =
    &["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "etcd", "tiller"];
/// What `hyperkube` is told to be.
const HYPERKUBE: &[(&str, &str)] = &[
    ("apiserver", "kube-apiserver"),
    ("controller-manager", "kube-controller-manager"),
    ("scheduler", "kube-scheduler"),
];

/// Adds `program` and `flags`, when the program is one of those.
pub(super) fn fields(reader: &mut Reader<'_>, node: Id, span: Span, fields: &mut Vec<(&'static str, Id)>) {
    let (mut words, mut open) = (Vec::new(), false);
    for list in ["command", "args"] {
        for item in reader.node(node).each(list) {
            open |= item.is_open();
            // A shell's script is one item of several words.
            let text = item.text().unwrap_or_default();
            words.extend(text.split_ascii_whitespace().map(|word| (word.to_owned(), item.span())));
            if words.len() > MAX_FLAGS {
                return;
            }
        }
    }
    let Some(program) = program(&words) else { return };
    fields.push(("program", reader.add(Data::Text(program.into()), span)));
    if open {
        let unknown = reader.add(Data::Unknown("arguments".into()), span);
        fields.push(("flags", unknown));
        return;
    }
    let mut members = Vec::new();
    let mut words = words.into_iter().peekable();
    while let Some((word, at)) = words.next() {
        let Some(flag) = word.strip_prefix("--").or(word.strip_prefix('-')).filter(|flag| !flag.is_empty()) else {
            continue;
        };
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, value.to_owned()),
            None => match words.next_if(|(next, _)| !next.starts_with('-')) {
                Some((value, _)) => (flag, value),
                None => (flag, "true".to_owned()),
            },
        };
        let key = reader.add(Data::Text(name.into()), at);
        let value = reader.add(Data::Text(value.trim_matches(['"', '\'']).into()), at);
        members.push((key, value));
    }
    fields.push(("flags", reader.add(Data::Map(members), span)));
}

/// The program among the first words that is one of ours.
fn program(words: &[(String, Span)]) -> Option<&'static str> {
    let mut hyperkube = false;
    for (word, _) in words.iter().filter(|(word, _)| !word.starts_with('-')) {
        let name = word.rsplit('/').next().unwrap_or(word);
        if let Some(program) = PROGRAMS.iter().find(|program| **program == name) {
            return Some(program);
        }
        if hyperkube && let Some((_, program)) = HYPERKUBE.iter().find(|(of, _)| *of == name) {
            return Some(program);
        }
        hyperkube |= name == "hyperkube";
    }
    None
}
