//! What the tests of documents share.

use super::Reading;
use model::{About, EntityRef, Facts, Observation};

/// 2026-11-21T07:29:36Z.
pub const AT: i64 = 1_795_246_176_000_000_000;

/// A reading that knows nothing but the file's name.
pub fn reading(name: &str) -> Reading<'_> {
    Reading { name, dataset: "default", at: AT, subject: None, cluster: None }
}

/// `kind:key` as an entity.
pub fn entity(text: &str) -> EntityRef {
    text.parse().unwrap()
}

/// `from relation to`, with `/layer` after the relation when there is one and `-` before it when it ended, sorted.
pub fn relations(facts: &Facts) -> Vec<String> {
    let mut lines: Vec<String> = facts
        .observations
        .iter()
        .filter_map(|observation| match &observation.about {
            About::Relation(relation) => {
                let layer = if relation.layer.is_empty() { String::new() } else { format!("/{}", relation.layer) };
                let ended = if observation.ended { "- " } else { "" };
                Some(format!("{ended}{} {}{layer} {}", relation.from, relation.kind, relation.to))
            }
            About::Entity(_) => None,
        })
        .collect();
    lines.sort();
    lines
}

/// The entities that were seen or ended, as [`relations`].
pub fn entities(facts: &Facts) -> Vec<String> {
    let mut lines: Vec<String> = facts
        .observations
        .iter()
        .filter_map(|observation| match &observation.about {
            About::Entity(entity) => Some(format!("{}{entity}", if observation.ended { "- " } else { "" })),
            About::Relation(_) => None,
        })
        .collect();
    lines.sort();
    lines
}

/// The first observation of an entity.
pub fn seen<'a>(facts: &'a Facts, text: &str) -> &'a Observation {
    let wanted = About::Entity(entity(text));
    facts.observations.iter().find(|observation| observation.about == wanted).unwrap_or_else(|| panic!("no {text}"))
}
