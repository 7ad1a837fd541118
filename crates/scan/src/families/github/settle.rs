//! Values with expressions become what is known of them: a known value, a text known in parts, a secret, or unknown.
//!
//! This is done after resources and expressions were read, for both look at what is written.

use super::expression::{Expr, Piece, Value, evaluate, pieces};
use crate::resource::{FileId, World};
use crate::tree::{Data, Id};

/// Settles all values of a file that was read, apart from the resources' own fields.
pub(super) fn settle(world: &mut World, file: FileId) {
    let tree = &world.file(file).tree;
    let mut kept: ahash::AHashSet<Id> = ahash::AHashSet::new();
    // Its resources are the last ones.
    for resource in world.resources.iter().rev().take_while(|resource| resource.file == file) {
        // Scripts and the texts of expressions stay as they are written.
        if resource.kind == "script_line" {
            kept.insert(resource.node);
        }
        kept.extend(
            resource
                .fields
                .iter()
                .filter(|(name, _)| matches!(*name, "script" | "text" | "image" | "uses"))
                .map(|(_, id)| *id),
        );
    }
    let mut settled: Vec<(Id, Data)> = Vec::new();
    for id in tree.ids().filter(|id| !kept.contains(id)) {
        if let Data::Text(text) = tree.node(id).data()
            && text.contains("${{")
            && let Some(data) = known(text)
        {
            settled.push((id, data));
        }
    }
    let tree = world.tree_mut(file);
    for (id, data) in settled {
        tree.replace(id, data);
    }
}

/// What is known of a text with expressions; none when it has none.
fn known(text: &str) -> Option<Data> {
    let pieces = pieces(text.trim_end());
    if let [Piece::Expression(inner)] = pieces.as_slice() {
        return Some(match value(inner) {
            Value::Null => Data::Text("".into()),
            Value::Bool(value) => Data::Bool(value),
            Value::Number(value) if value.fract() == 0.0 && value.abs() < 1e15 => Data::Int(value as i64),
            Value::Number(value) => Data::Float(value),
            Value::Text(text) => Data::Text(text.into()),
            Value::Secret(name) => Data::Secret(name.into()),
            Value::List(_) | Value::Map(_) | Value::Unknown => Data::Unknown(inner.trim().into()),
        });
    }
    let (mut known, mut last, mut any) = (Vec::new(), String::new(), false);
    for piece in pieces {
        match piece {
            Piece::Text(text) => last.push_str(text),
            Piece::Expression(inner) => {
                any = true;
                match value(inner).text() {
                    Some(text) => last.push_str(&text),
                    None => known.push(std::mem::take(&mut last).into_boxed_str()),
                }
            }
        }
    }
    if !any {
        return None;
    }
    if known.is_empty() {
        return Some(Data::Text(last.into()));
    }
    known.push(last.into_boxed_str());
    Some(Data::Partly(known.into()))
}

fn value(inner: &str) -> Value {
    Expr::parse(inner).map_or(Value::Unknown, |expr| evaluate(&expr, &|_| None))
}
