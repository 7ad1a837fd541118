//! Label selectors, of three values.

use crate::tree::{Data, Node};

/// Whether something is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Selected {
    Yes,
    No,
    /// It depends on what is not known here.
    Maybe,
}

impl Selected {
    pub(super) fn and(self, other: Selected) -> Selected {
        match (self, other) {
            (Selected::No, _) | (_, Selected::No) => Selected::No,
            (Selected::Yes, Selected::Yes) => Selected::Yes,
            _ => Selected::Maybe,
        }
    }

    fn of(holds: bool) -> Selected {
        if holds { Selected::Yes } else { Selected::No }
    }
}

/// Labels, as far as they are known.
#[derive(Clone, Debug, Default)]
pub(super) struct Labels {
    known: Vec<(String, Option<String>)>,
    /// There may be others.
    open: bool,
}

/// What labels must be.
#[derive(Clone, Debug, Default)]
pub(super) struct Selector {
    needs: Vec<Need>,
    /// It asks for more than is known.
    open: bool,
}

#[derive(Clone, Debug)]
enum Need {
    /// The label is one of these; none is not known.
    In(String, Vec<Option<String>>),
    NotIn(String, Vec<Option<String>>),
    Exists(String),
    DoesNotExist(String),
}

fn is_hidden(node: Node<'_>) -> bool {
    matches!(node.data(), Data::Unknown(_) | Data::Secret(_) | Data::Partly(_))
}

impl Labels {
    pub(super) fn of(node: Option<Node<'_>>) -> Labels {
        let Some(node) = node else { return Labels::default() };
        let known = node.members().map(|(name, value)| (name.to_owned(), value.scalar())).collect();
        let open = is_hidden(node) || node.entries().any(|(key, _)| key.text().is_none());
        Labels { known, open }
    }

    /// All labels, when all are known.
    pub(super) fn all(&self) -> Option<Vec<(String, String)>> {
        let known = self.known.iter().map(|(name, value)| Some((name.clone(), value.clone()?)));
        known.collect::<Option<Vec<_>>>().filter(|_| !self.open)
    }

    fn value(&self, name: &str) -> Option<&Option<String>> {
        self.known.iter().rev().find(|(of, _)| of == name).map(|(_, value)| value)
    }
}

impl Selector {
    /// A map of labels, as services have it.
    pub(super) fn plain(node: Node<'_>) -> Selector {
        let needs = node.members().map(|(name, value)| Need::In(name.to_owned(), vec![value.scalar()]));
        let open = is_hidden(node) || node.entries().any(|(key, _)| key.text().is_none());
        Selector { needs: needs.collect(), open }
    }

    /// `matchLabels` and `matchExpressions`.
    pub(super) fn full(node: Node<'_>) -> Selector {
        let mut selector = node.get("matchLabels").map(Selector::plain).unwrap_or_default();
        selector.open |= is_hidden(node);
        for need in node.each("matchExpressions") {
            let key = need.get("key").and_then(Node::scalar);
            let values = need.each("values").into_iter().map(Node::scalar).collect();
            let operator = need.get("operator").and_then(Node::text);
            let need = match (key, operator) {
                (Some(key), Some("In")) => Need::In(key, values),
                (Some(key), Some("NotIn")) => Need::NotIn(key, values),
                (Some(key), Some("Exists")) => Need::Exists(key),
                (Some(key), Some("DoesNotExist")) => Need::DoesNotExist(key),
                _ => {
                    selector.open = true;
                    continue;
                }
            };
            selector.needs.push(need);
        }
        selector
    }

    /// A label that must be there, and the values that it may have, when they are known.
    pub(super) fn one_of(&self) -> Option<(String, Vec<String>)> {
        self.needs.iter().find_map(|need| match need {
            Need::In(name, values) => Some((name.clone(), values.iter().cloned().collect::<Option<Vec<_>>>()?)),
            _ => None,
        })
    }

    /// Whether it asks for nothing at all.
    pub(super) fn is_empty(&self) -> bool {
        self.needs.is_empty() && !self.open
    }

    pub(super) fn selects(&self, labels: &Labels) -> Selected {
        let start = if self.open { Selected::Maybe } else { Selected::Yes };
        self.needs.iter().fold(start, |selected, need| selected.and(need.holds(labels)))
    }
}

impl Need {
    fn holds(&self, labels: &Labels) -> Selected {
        let absent = |holds: bool| if labels.open { Selected::Maybe } else { Selected::of(holds) };
        match self {
            Need::In(name, values) => labels.value(name).map_or(absent(false), |value| among(value, values)),
            Need::NotIn(name, values) => match labels.value(name).map(|value| among(value, values)) {
                None => absent(true),
                Some(Selected::Yes) => Selected::No,
                Some(Selected::No) => Selected::Yes,
                Some(Selected::Maybe) => Selected::Maybe,
            },
            Need::Exists(name) => labels.value(name).map_or(absent(false), |_| Selected::Yes),
            Need::DoesNotExist(name) => labels.value(name).map_or(absent(true), |_| Selected::No),
        }
    }
}

fn among(value: &Option<String>, values: &[Option<String>]) -> Selected {
    match value {
        None => Selected::Maybe,
        Some(_) if values.contains(value) => Selected::Yes,
        Some(_) if values.contains(&None) => Selected::Maybe,
        Some(_) => Selected::No,
    }
}
