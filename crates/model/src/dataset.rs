//! Datasets: what events and facts are stamped with, and whose of them somebody may see.

use std::collections::BTreeSet;
use std::sync::Arc;

/// Dataset of what comes without a token.
pub const DEFAULT_DATASET: &str = "default";

/// The datasets that somebody may see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Datasets {
    /// All that there are, and those to come.
    #[default]
    All,
    /// These alone.
    Only(Arc<BTreeSet<String>>),
}

impl Datasets {
    /// Some datasets.
    pub fn only<T: Into<String>>(names: impl IntoIterator<Item = T>) -> Datasets {
        Datasets::Only(Arc::new(names.into_iter().map(Into::into).collect()))
    }

    /// Whether a dataset may be seen.
    pub fn allow(&self, name: &str) -> bool {
        match self {
            Datasets::All => true,
            Datasets::Only(names) => names.contains(name),
        }
    }

    /// Their names, unless all may be seen.
    pub fn names(&self) -> Option<&BTreeSet<String>> {
        match self {
            Datasets::All => None,
            Datasets::Only(names) => Some(names),
        }
    }

    /// Whether all of others are among these.
    pub fn cover(&self, others: &Datasets) -> bool {
        match (self, others) {
            (Datasets::All, _) => true,
            (Datasets::Only(own), Datasets::Only(others)) => others.is_subset(own),
            (Datasets::Only(_), Datasets::All) => false,
        }
    }

    /// What may be seen by both.
    pub fn and(&self, other: &Datasets) -> Datasets {
        match (self, other) {
            (Datasets::Only(a), Datasets::Only(b)) => Datasets::Only(Arc::new(a.intersection(b).cloned().collect())),
            (Datasets::All, some) | (some, Datasets::All) => some.clone(),
        }
    }

    /// What may be seen by one or the other.
    pub fn or(self, other: Datasets) -> Datasets {
        match (self, other) {
            (Datasets::Only(a), Datasets::Only(b)) => Datasets::Only(Arc::new(a.union(&b).cloned().collect())),
            _ => Datasets::All,
        }
    }
}
