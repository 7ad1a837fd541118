//! Patches: strategic merge, and the operations of RFC 6902.

use super::item::{Is, Item};
use crate::limits::{MAX_DEPTH, MAX_KUSTOMIZATION_ENTRIES};
use crate::tree::Data;

/// The directive in a map or a list of a strategic merge.
const DIRECTIVE: &str = "$patch";

/// Lists whose items a strategic merge tells apart, by this member of theirs.
const KEYS: &[(&str, &[&str])] = &[
    ("containers", &["name"]),
    ("initContainers", &["name"]),
    ("ephemeralContainers", &["name"]),
    ("volumes", &["name"]),
    ("env", &["name"]),
    ("imagePullSecrets", &["name"]),
    ("secrets", &["name"]),
    ("volumeMounts", &["mountPath"]),
    ("volumeDevices", &["devicePath"]),
    ("ports", &["containerPort", "port"]),
    ("hostAliases", &["ip"]),
    ("topologySpreadConstraints", &["topologyKey"]),
];

/// A strategic merge. Whether something is left of it. Lists of objects that are not the platform's are replaced. Each step is
/// taken from what is left; when nothing is, it stops.
pub(super) fn merge(base: &mut Item, patch: &Item, builtin: bool, left: &mut usize) -> bool {
    match patch.said(&[DIRECTIVE]).as_deref() {
        Some("delete") => return false,
        Some("replace") => {
            let mut whole = patch.clone().placed(base.at);
            whole.remove(DIRECTIVE);
            *base = whole;
            return true;
        }
        _ => {}
    }
    let (Is::Map(said), true) = (&patch.is, matches!(base.is, Is::Map(_))) else {
        *base = plain(patch, base.at);
        return true;
    };
    for (name, _, value) in said {
        if let Some((order, list)) = name.strip_prefix('$').and_then(|name| name.split_once('/')) {
            // Items are taken out of a list of plain values.
            if order.starts_with("deleteFromPrimitiveList") && base.get(list).is_some() {
                let at = base.at;
                base.set(list, Item::unknown(at), at);
            }
            continue;
        }
        *left = left.saturating_sub(1 + base.len());
        if name.starts_with('$') || *left == 0 {
            continue;
        }
        if value.is == Is::Leaf(Data::Null) {
            base.remove(name);
            continue;
        }
        let at = base.at;
        let Some(own) = base.get_mut(name) else {
            if value.said(&[DIRECTIVE]).as_deref() != Some("delete") {
                base.set(name, plain(value, at), at);
            }
            continue;
        };
        let kept = match (&value.is, builtin) {
            (Is::List(items), true) => {
                merge_list(own, items, name, left);
                true
            }
            _ => merge(own, value, builtin, left),
        };
        if !kept {
            base.remove(name);
        }
    }
    true
}

/// The member that tells the items of a list apart.
fn key(list: &str, items: &[Item]) -> Option<&'static str> {
    let (_, names) = KEYS.iter().find(|(of, _)| *of == list)?;
    names.iter().copied().find(|name| items.iter().all(|item| item.said(&[name]).is_some()))
}

fn merge_list(own: &mut Item, items: &[Item], name: &str, left: &mut usize) {
    let directive = |item: &Item| item.said(&[DIRECTIVE]);
    let replaces = items.iter().any(|item| {
        matches!(&item.is, Is::Map(members) if members.len() == 1) && directive(item).as_deref() == Some("replace")
    });
    let said: Vec<Item> = items
        .iter()
        .filter(|item| !matches!(&item.is, Is::Map(members) if members.len() == 1 && directive(item).is_some()))
        .cloned()
        .collect();
    let at = own.at;
    let key = key(name, &said).filter(|_| !replaces);
    let (Some(key), Is::List(list)) = (key, &mut own.is) else {
        *own = plain(&Item { is: Is::List(said), at }, at);
        return;
    };
    for item in &said {
        *left = left.saturating_sub(1 + list.len());
        if *left == 0 {
            return;
        }
        let same = |other: &Item| other.said(&[key]) == item.said(&[key]);
        match list.iter().position(same) {
            Some(found) => {
                if !merge(&mut list[found], item, true, left) {
                    list.remove(found);
                }
            }
            None if directive(item).as_deref() == Some("delete") => {}
            None => list.push(plain(item, at)),
        }
    }
}

/// What is taken over whole: without directives and what it takes away.
fn plain(item: &Item, at: crate::text::Span) -> Item {
    let is = match &item.is {
        Is::Leaf(data) => Is::Leaf(data.clone()),
        Is::List(items) => Is::List(items.iter().map(|item| plain(item, at)).collect()),
        Is::Map(members) => {
            let kept =
                members.iter().filter(|(name, _, value)| !name.starts_with('$') && value.is != Is::Leaf(Data::Null));
            Is::Map(kept.map(|(name, _, value)| (name.clone(), at, plain(value, at))).collect())
        }
    };
    Item { is, at }
}

/// The operations of RFC 6902. One that leads nowhere changes nothing: the overlay cannot be built then.
pub(super) fn operations(base: &mut Item, operations: &[Item], left: &mut usize) {
    for operation in operations.iter().take(MAX_KUSTOMIZATION_ENTRIES) {
        let said = |name: &str| operation.said(&[name]).unwrap_or_default();
        let path = pointer(&said("path"));
        let from = pointer(&said("from"));
        // A copy of what it is put into grows with each operation.
        let fits = |value: &Item, left: &mut usize| {
            *left = left.saturating_sub(value.size());
            *left > 0 && path.len() + value.depth() <= 2 * MAX_DEPTH
        };
        *left = left.saturating_sub(path.len() + from.len());
        let value = || operation.get("value").cloned().unwrap_or_default();
        match said("op").as_str() {
            "add" => put(base, &path, value(), true),
            "replace" => put(base, &path, value(), false),
            "remove" => {
                take(base, &path);
            }
            "copy" => {
                if let Some(found) = find(base, &from).filter(|found| fits(found, left)).cloned() {
                    put(base, &path, found, true);
                }
            }
            "move" => {
                if let Some(found) = take(base, &from).filter(|found| fits(found, left)) {
                    put(base, &path, found, true);
                }
            }
            _ => {}
        }
    }
}

fn pointer(path: &str) -> Vec<String> {
    path.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect()
}

fn find<'i>(base: &'i Item, path: &[String]) -> Option<&'i Item> {
    path.iter().try_fold(base, |item, name| match &item.is {
        Is::List(items) => items.get(name.parse::<usize>().ok()?),
        _ => item.get(name),
    })
}

fn find_mut<'i>(base: &'i mut Item, path: &[String]) -> Option<&'i mut Item> {
    path.iter().try_fold(base, |item, name| {
        if matches!(item.is, Is::Map(_)) {
            return item.get_mut(name);
        }
        let Is::List(items) = &mut item.is else { return None };
        items.get_mut(name.parse::<usize>().ok()?)
    })
}

fn put(base: &mut Item, path: &[String], value: Item, adds: bool) {
    let Some((name, parents)) = path.split_last() else { return };
    let Some(parent) = find_mut(base, parents) else { return };
    let at = parent.at;
    let value = value.placed(at);
    let own = parent.get(name).map(|old| old.at);
    match &mut parent.is {
        Is::List(items) => match (name.as_str(), name.parse::<usize>()) {
            ("-", _) => items.push(value),
            (_, Ok(index)) if adds && index <= items.len() => items.insert(index, value),
            (_, Ok(index)) if !adds && index < items.len() => items[index] = value.placed(items[index].at),
            _ => {}
        },
        Is::Map(_) if adds || own.is_some() => parent.set(name, value.placed(own.unwrap_or(at)), at),
        _ => {}
    }
}

fn take(base: &mut Item, path: &[String]) -> Option<Item> {
    let (name, parents) = path.split_last()?;
    let parent = find_mut(base, parents)?;
    match &mut parent.is {
        Is::List(items) => {
            let index: usize = name.parse().ok()?;
            (index < items.len()).then(|| items.remove(index))
        }
        _ => {
            let found = parent.get(name).cloned();
            parent.remove(name);
            found
        }
    }
}
