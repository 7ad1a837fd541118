//! Checks that no condition can say, such as where a value flows. Each has its rule's file and page like any other rule.

mod github;
mod gitlab;

use crate::finding::Hit;
use crate::resource::{ResourceId, World};

/// What it says of a resource; none for what it cannot decide.
pub type Check = fn(&World, ResourceId) -> Vec<Option<Hit>>;

/// A check of components: these are held against advisories all at once, see [`crate::parts::run`].
fn of_components(_: &World, _: ResourceId) -> Vec<Option<Hit>> {
    Vec::new()
}

/// All checks by name. A rule that names another one is refused.
const CHECKS: &[&[(&str, Check)]] = &[github::CHECKS, gitlab::CHECKS];

/// A check by its name.
pub fn find(name: &str) -> Option<Check> {
    if crate::parts::findings::CHECKS.contains(&name) {
        return Some(of_components);
    }
    CHECKS.iter().copied().flatten().find(|(of, _)| *of == name).map(|(_, check)| *check)
}
