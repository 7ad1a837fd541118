//! `extends`: maps are merged deeply, everything else is replaced. What comes from other files is copied, with the place
//! of the job that takes it over.

use crate::limits::{MAX_DEPTH, MAX_EXTENDS, MAX_NODES};
use crate::resource::{FileId, World};
use crate::text::Span;
use crate::tree::{Data, Id};
use ahash::AHashMap;

/// Top-level keys by name, those of the file itself and of what it is joined with: the last counts.
pub(super) type Names = AHashMap<String, (FileId, Id)>;

/// A value that is a node of a file, or a map of such.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Node(FileId, Id),
    Map(Vec<(String, Value)>),
}

/// The members of a map.
pub(super) fn members(world: &World, value: &Value) -> Option<Vec<(String, Value)>> {
    match value {
        Value::Map(members) => Some(members.clone()),
        Value::Node(file, id) => {
            let node = world.node(*file, *id);
            node.is_map().then(|| {
                node.members().map(|(name, value)| (name.to_owned(), Value::Node(*file, value.id()))).collect()
            })
        }
    }
}

/// One over another.
pub(super) fn merge(world: &World, base: Value, over: Value, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return over;
    }
    let (Some(mut all), Some(own)) = (members(world, &base), members(world, &over)) else { return over };
    for (name, value) in own {
        match all.iter_mut().find(|(of, _)| *of == name) {
            Some((_, old)) => *old = merge(world, old.clone(), value, depth + 1),
            None => all.push((name, value)),
        }
    }
    Value::Map(all)
}

/// A job with all that it extends, at most `left` jobs; false when something of it is not in these files, or too far away.
pub(super) fn extended(world: &World, names: &Names, job: (FileId, Id), left: &mut usize) -> (Value, bool) {
    extended_at(world, names, job, left, 0)
}

fn extended_at(world: &World, names: &Names, job: (FileId, Id), left: &mut usize, depth: usize) -> (Value, bool) {
    let own = Value::Node(job.0, job.1);
    let bases: Vec<String> =
        world.node(job.0, job.1).each("extends").into_iter().filter_map(|name| name.scalar()).collect();
    if bases.is_empty() {
        return (own, true);
    }
    // GitLab refuses such a chain as a whole.
    if *left == 0 || depth >= MAX_EXTENDS {
        return (own, false);
    }
    *left -= 1;
    let (mut out, mut whole) = (None, true);
    for name in &bases {
        let Some(base) = names.get(name).filter(|base| **base != job) else {
            whole = false;
            continue;
        };
        let (base, all) = extended_at(world, names, *base, left, depth + 1);
        whole &= all;
        out = Some(match out {
            Some(before) => merge(world, before, base, 0),
            None => base,
        });
    }
    (out.map_or(own.clone(), |base| merge(world, base, own, 0)), whole)
}

/// Makes a node of a file of it; copies have the given place.
pub(super) fn node(world: &mut World, file: FileId, value: &Value, at: Span) -> Id {
    match value {
        Value::Node(of, id) if *of == file => *id,
        Value::Node(of, id) => copy(world, *of, *id, file, at, 0),
        Value::Map(members) => {
            let members: Vec<(Id, Id)> = members
                .iter()
                .map(|(name, value)| {
                    let value = node(world, file, value, at);
                    let span = world.node(file, value).span();
                    (world.tree_mut(file).text(name, span), value)
                })
                .collect();
            let span = members.first().map_or(at, |(_, value)| world.node(file, *value).span());
            world.tree_mut(file).add(Data::Map(members), span)
        }
    }
}

fn copy(world: &mut World, from: FileId, id: Id, to: FileId, at: Span, depth: usize) -> Id {
    let data = world.node(from, id).data().clone();
    let data = match data {
        _ if depth > MAX_DEPTH || world.file(to).tree.len() > MAX_NODES => Data::Unknown("too large to copy".into()),
        Data::List(items) => {
            Data::List(items.into_iter().map(|item| copy(world, from, item, to, at, depth + 1)).collect())
        }
        Data::Map(members) => Data::Map(
            members
                .into_iter()
                .map(|(key, value)| {
                    (copy(world, from, key, to, at, depth + 1), copy(world, from, value, to, at, depth + 1))
                })
                .collect(),
        ),
        other => other,
    };
    world.tree_mut(to).add(data, at)
}
