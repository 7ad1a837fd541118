//! Checks that no condition can say, such as where a value flows. Each has its rule's file and page like any other rule.

mod github;
mod gitlab;

use crate::finding::Hit;
use crate::resource::{ResourceId, World};

/// What it says of a resource; none for what it cannot decide.
pub type Check = fn(&World, ResourceId) -> Vec<Option<Hit>>;

/// All checks by name. A rule that names another one is refused.
const CHECKS: &[&[(&str, Check)]] = &[github::CHECKS, gitlab::CHECKS];

/// A check by its name.
pub fn find(name: &str) -> Option<Check> {
    CHECKS.iter().copied().flatten().find(|(of, _)| *of == name).map(|(_, check)| *check)
}
