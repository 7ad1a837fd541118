//! The condition under which an event belongs to a definition, in Sigma's form: a map is all of it, a list any of it.

use super::file::{Problem, Reader};
use super::names::Names;
use crate::rule::{Expr, Field, Leaf, Part, Pattern, Test};
use yaml::Node;

/// Reads a detection whose fields are found by these names.
pub(super) fn read(reader: &Reader<'_>, node: Node<'_>, names: &Names) -> Result<Expr, Problem> {
    if node.is_list() {
        return Ok(Expr::Or(node.items().map(|item| read(reader, item, names)).collect::<Result<_, _>>()?));
    }
    if !node.is_map() || node.entries().len() == 0 {
        return Err(reader.refuse(node, "when", "must be a map of fields to values, or a list of such"));
    }
    let items = node.entries().map(|(key, value)| item(reader, key, value, names));
    Ok(Expr::And(items.collect::<Result<_, _>>()?))
}

fn item(reader: &Reader<'_>, key: Node<'_>, value: Node<'_>, names: &Names) -> Result<Expr, Problem> {
    let key_text = key.raw().unwrap_or_default();
    let mut parts = key_text.split('|');
    let name = parts.next().filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| reader.refuse(key, "when", "a condition needs a field"))?;
    let modifiers: Vec<&str> = parts.collect();
    let known = ["contains", "startswith", "endswith", "exists", "all"];
    if let Some(unknown) = modifiers.iter().find(|modifier| !known.contains(modifier)) {
        let reason = format!("the modifier {unknown} is not known here: use one of {}", known.join(", "));
        return Err(reader.refuse(key, key_text, &reason));
    }
    let has = |modifier| modifiers.contains(&modifier);
    let mut paths = Vec::new();
    names.paths(name, &mut paths);
    let field = Field { name: name.into(), paths: paths.into() };
    let leaf = |test, node| Expr::Leaf(Leaf { field: Some(field.clone()), test, place: reader.place(node) });
    let values: Vec<Node<'_>> = if value.is_list() { value.items().collect() } else { vec![value] };
    let mut tests = Vec::new();
    for value in values {
        let Some(text) = value.raw() else {
            return Err(reader.refuse(value, key_text, "must be a value or a list of values"));
        };
        tests.push(match (has("exists"), text) {
            (true, "false") => Expr::Not(Box::new(leaf(Test::Exists, value))),
            (true, _) => leaf(Test::Exists, value),
            (false, _) if value.is_null() => leaf(Test::Null, value),
            (false, text) => {
                let mut parts = wildcards(text);
                if has("contains") || has("endswith") {
                    parts.insert(0, Part::Any);
                }
                if has("contains") || has("startswith") {
                    parts.push(Part::Any);
                }
                leaf(Test::Text(Pattern { parts, cased: false }), value)
            }
        });
    }
    Ok(match (tests.len(), has("all")) {
        (1, _) => tests.remove(0),
        (_, true) => Expr::And(tests),
        (_, false) => Expr::Or(tests),
    })
}

fn wildcards(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    for letter in text.chars() {
        if matches!(letter, '*' | '?') {
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(if letter == '*' { Part::Any } else { Part::One });
        } else {
            plain.push(letter);
        }
    }
    if !plain.is_empty() {
        parts.push(Part::Text(plain));
    }
    parts
}
