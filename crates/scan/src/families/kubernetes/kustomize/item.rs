//! Objects apart from their tree, so that each overlay can change a copy of its own.

use crate::limits::MAX_DEPTH;
use crate::text::Span;
use crate::tree::{Data, Id, Node, Tree};
use ahash::{AHashMap, AHashSet};

/// A value with its place in the file that it is changed in, wherever it comes from.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) is: Is,
    pub(super) at: Span,
}

/// What it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Is {
    Leaf(Data),
    List(Vec<Item>),
    Map(Vec<Member>),
}

/// A name, its place, and what it names.
pub(super) type Member = (String, Span, Item);

/// Places do not tell values apart.
impl PartialEq for Item {
    fn eq(&self, other: &Item) -> bool {
        match (&self.is, &other.is) {
            (Is::Leaf(one), Is::Leaf(other)) => one == other,
            (Is::List(one), Is::List(other)) => one == other,
            (Is::Map(one), Is::Map(other)) if one.len() == other.len() => {
                let (one, other) = (in_order(one), in_order(other));
                one.iter().zip(&other).all(|((name, ..), (of, ..))| name == of)
                    && one.iter().zip(other).all(|((.., value), (.., other))| value == other)
            }
            _ => false,
        }
    }
}

fn in_order(members: &[Member]) -> Vec<&Member> {
    let mut members: Vec<&Member> = members.iter().collect();
    members.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    members
}

impl Item {
    /// A copy of a node; none when it is larger than what is left, or a key in it is not known.
    pub(super) fn of(node: Node<'_>, left: &mut usize) -> Option<Item> {
        Item::at_depth(node, left, 0)
    }

    fn at_depth(node: Node<'_>, left: &mut usize, depth: usize) -> Option<Item> {
        *left = left.checked_sub(1).filter(|_| depth <= MAX_DEPTH)?;
        let is = match node.data() {
            Data::List(_) => {
                let items: Option<Vec<Item>> = node.items().map(|item| Item::at_depth(item, left, depth + 1)).collect();
                Is::List(items?)
            }
            Data::Map(_) => {
                let member = |(key, value): (Node<'_>, Node<'_>)| {
                    Some((key.scalar()?, key.span(), Item::at_depth(value, left, depth + 1)?))
                };
                let members: Option<Vec<Member>> = node.entries().map(member).collect();
                Is::Map(members?)
            }
            leaf => Is::Leaf(leaf.clone()),
        };
        Some(Item { is, at: node.span() })
    }

    pub(super) fn leaf(data: Data, at: Span) -> Item {
        Item { is: Is::Leaf(data), at }
    }

    /// What only whoever builds the overlay knows.
    pub(super) fn unknown(at: Span) -> Item {
        Item::leaf(Data::Unknown("what a kustomization makes of it".into()), at)
    }

    /// Adds it to a tree.
    pub(super) fn put(&self, tree: &mut Tree) -> Id {
        let data = match &self.is {
            Is::Leaf(data) => data.clone(),
            Is::List(items) => Data::List(items.iter().map(|item| item.put(tree)).collect()),
            Is::Map(members) => {
                let members = members.iter().map(|(name, at, value)| (tree.text(name, *at), value.put(tree)));
                Data::Map(members.collect())
            }
        };
        tree.add(data, self.at)
    }

    /// How many values it holds, itself among them.
    pub(super) fn size(&self) -> usize {
        match &self.is {
            Is::Leaf(_) => 1,
            Is::List(items) => 1 + items.iter().map(Item::size).sum::<usize>(),
            Is::Map(members) => 1 + members.iter().map(|(.., value)| value.size()).sum::<usize>(),
        }
    }

    /// How deep it nests.
    pub(super) fn depth(&self) -> usize {
        match &self.is {
            Is::Leaf(_) => 0,
            Is::List(items) => 1 + items.iter().map(Item::depth).max().unwrap_or(0),
            Is::Map(members) => 1 + members.iter().map(|(.., value)| value.depth()).max().unwrap_or(0),
        }
    }

    /// How many items or members it has.
    pub(super) fn len(&self) -> usize {
        match &self.is {
            Is::Leaf(_) => 0,
            Is::List(items) => items.len(),
            Is::Map(members) => members.len(),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Item> {
        let Is::Map(members) = &self.is else { return None };
        members.iter().rev().find(|(of, ..)| of == name).map(|(.., value)| value)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Item> {
        let Is::Map(members) = &mut self.is else { return None };
        members.iter_mut().rev().find(|(of, ..)| of == name).map(|(.., value)| value)
    }

    /// The text at a path of names.
    pub(super) fn said(&self, path: &[&str]) -> Option<String> {
        let found = path.iter().try_fold(self, |item, name| item.get(name))?;
        match &found.is {
            Is::Leaf(Data::Text(text)) => Some(text.to_string()),
            Is::Leaf(Data::Int(value)) => Some(value.to_string()),
            Is::Leaf(Data::Bool(value)) => Some(value.to_string()),
            _ => None,
        }
    }

    /// Sets a member of a map; what is new stands where the map is named.
    pub(super) fn set(&mut self, name: &str, value: Item, named: Span) {
        if let Some(old) = self.get_mut(name) {
            *old = value;
        } else if let Is::Map(members) = &mut self.is {
            members.push((name.to_owned(), named, value));
        }
    }

    pub(super) fn remove(&mut self, name: &str) {
        if let Is::Map(members) = &mut self.is {
            members.retain(|(of, ..)| of != name);
        }
    }

    /// The member of a map, made an empty map when there is none.
    pub(super) fn entry(&mut self, name: &str) -> Option<&mut Item> {
        if self.get(name).is_none_or(|found| found.is == Is::Leaf(Data::Null)) {
            let at = self.at;
            self.set(name, Item { is: Is::Map(Vec::new()), at }, at);
        }
        self.get_mut(name)
    }

    /// All of it has one place: where it is added to something else.
    pub(super) fn placed(mut self, at: Span) -> Item {
        self.at = at;
        match &mut self.is {
            Is::Leaf(_) => {}
            Is::List(items) => items.iter_mut().for_each(|item| *item = std::mem::take(item).placed(at)),
            Is::Map(members) => members.iter_mut().for_each(|(_, named, value)| {
                *named = at;
                *value = std::mem::take(value).placed(at);
            }),
        }
        self
    }

    fn members(&self) -> &[Member] {
        match &self.is {
            Is::Map(members) => members,
            _ => &[],
        }
    }

    /// Its members by name.
    fn index(&self) -> AHashMap<&str, &Item> {
        self.members().iter().map(|(name, _, value)| (name.as_str(), value)).collect()
    }
}

impl Default for Item {
    fn default() -> Item {
        Item::leaf(Data::Null, Span::default())
    }
}

/// What an object is when each of several overlays makes something of it. What one of them leaves as it is, is so somewhere and
/// counts; what all change alike is what they say; what they change in different ways is not known.
pub(super) fn combined(base: &Item, all: &[&Item]) -> Item {
    if all.is_empty() || all.contains(&base) {
        return base.clone();
    }
    let same = all.windows(2).all(|pair| pair[0] == pair[1]);
    if same {
        return all[0].clone();
    }
    let maps = all.iter().all(|item| matches!(item.is, Is::Map(_)));
    let lists: Option<Vec<&Vec<Item>>> = all.iter().map(|item| items(item)).collect();
    match (&base.is, lists) {
        (Is::Map(_), _) if maps => {
            let (absent, own) = (Item::default(), base.index());
            let indices: Vec<_> = all.iter().map(|item| item.index()).collect();
            let (mut out, mut seen) = (Vec::new(), AHashSet::new());
            for (name, at, _) in base.members().iter().chain(all.iter().flat_map(|item| item.members())) {
                if !seen.insert(name.as_str()) {
                    continue;
                }
                let others: Vec<&Item> =
                    indices.iter().map(|index| index.get(name.as_str()).copied().unwrap_or(&absent)).collect();
                let before = own.get(name.as_str()).copied();
                let member = combined(before.unwrap_or(&absent), &others);
                if member != absent || before.is_some() {
                    out.push((name.clone(), *at, member));
                }
            }
            Item { is: Is::Map(out), at: base.at }
        }
        (Is::List(own), Some(lists)) if lists.iter().all(|list| alike(own, list)) => {
            let each = own.iter().enumerate().map(|(at, item)| {
                let others: Vec<&Item> = lists.iter().map(|list| &list[at]).collect();
                combined(item, &others)
            });
            Item { is: Is::List(each.collect()), at: base.at }
        }
        _ => Item::unknown(base.at),
    }
}

fn items(item: &Item) -> Option<&Vec<Item>> {
    match &item.is {
        Is::List(items) => Some(items),
        _ => None,
    }
}

/// Whether two lists are of the same things in the same order, by their names.
fn alike(one: &[Item], other: &[Item]) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|(one, other)| one.said(&["name"]).is_some() && one.said(&["name"]) == other.said(&["name"]))
}

/// What may have been changed, and may not: what differs is not known.
pub(super) fn blurred(before: &Item, after: &Item) -> Item {
    if before == after {
        return before.clone();
    }
    match (&before.is, &after.is) {
        (Is::Map(_), Is::Map(_)) => {
            let (one, other) = (before.index(), after.index());
            let (mut out, mut seen) = (Vec::new(), AHashSet::new());
            for (name, at, _) in before.members().iter().chain(after.members()) {
                if !seen.insert(name.as_str()) {
                    continue;
                }
                let member = match (one.get(name.as_str()), other.get(name.as_str())) {
                    (Some(one), Some(other)) => blurred(one, other),
                    _ => Item::unknown(*at),
                };
                out.push((name.clone(), *at, member));
            }
            Item { is: Is::Map(out), at: before.at }
        }
        (Is::List(one), Is::List(other)) if alike(one, other) => {
            let each = one.iter().zip(other).map(|(one, other)| blurred(one, other));
            Item { is: Is::List(each.collect()), at: before.at }
        }
        _ => Item::unknown(before.at),
    }
}
