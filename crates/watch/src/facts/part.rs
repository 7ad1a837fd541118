//! What is common to all parts: when to look, what was told, and telling relations of the host completely.

use super::WHOLE_NANOS;
use crate::state;
use model::{Complete, EntityRef, Facts, Nanos};
use serde::Serialize;
use serde_json::{Map, Value};

/// Attributes of an entity or relation.
pub(super) type Attributes = Map<String, Value>;

/// Something that the host has, knows, keeps, executes or listens at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Item {
    /// What.
    pub to: EntityRef,
    /// Attributes of the entity; it is not told as an entity without.
    pub entity: Option<Attributes>,
    /// Attributes of the relation.
    pub relation: Attributes,
}

impl Item {
    /// Something that exists on this host alone.
    pub fn part(to: EntityRef, attributes: Attributes) -> Item {
        Item { to, entity: Some(attributes), relation: Map::new() }
    }
}

/// What was told, and when.
#[derive(Clone, Debug)]
struct Told {
    digest: String,
    at: Nanos,
    empty: bool,
}

/// One part: relations of one kind from the host.
#[derive(Debug, Default)]
pub(super) struct Part {
    looked: Option<Nanos>,
    told: Option<Told>,
    /// Told in the last poll and not yet acknowledged.
    pending: Option<Told>,
}

impl Part {
    /// Whether to look now: the interval is over, the last words were lost, or it is time to tell everything again.
    pub fn due(&mut self, now: Nanos, interval: Nanos) -> bool {
        // Had it arrived it would be acknowledged.
        let lost = self.pending.take().is_some();
        // A clock that was set back must not silence a part.
        let since = |at: Nanos| if at > now { Nanos::MAX } else { now - at };
        lost || self.looked.is_none_or(|at| since(at) >= interval) || self.whole_due(now)
    }

    fn whole_due(&self, now: Nanos) -> bool {
        self.told.as_ref().is_some_and(|told| told.at > now || now - told.at >= WHOLE_NANOS)
    }

    /// Whoever hears it may have given the machine up meanwhile: the next time all of it is told.
    pub fn tell_again(&mut self) {
        if let Some(told) = &mut self.told {
            told.at = 0;
        }
    }

    /// Whether something was told that has not been withdrawn.
    pub fn was_told(&self) -> bool {
        self.told.as_ref().is_some_and(|told| !told.empty)
    }

    /// It was looked at without anything to say, because it could not be read.
    pub fn looked(&mut self, now: Nanos) {
        self.looked = Some(now);
    }

    /// Tells all of `items`, if they differ from what was told last.
    pub fn tell(
        &mut self,
        host: &EntityRef,
        relation: &str,
        parts: bool,
        mut items: Vec<Item>,
        now: Nanos,
        facts: &mut Facts,
    ) {
        self.looked = Some(now);
        items.sort_by(|a, b| a.to.cmp(&b.to));
        items.dedup_by(|a, b| a.to == b.to);
        let digest = state::digest(&serde_json::to_vec(&items).unwrap_or_default());
        let same = self.told.as_ref().is_some_and(|told| told.digest == digest);
        if same && !self.whole_due(now) {
            return;
        }
        self.pending = Some(Told { digest, at: now, empty: items.is_empty() });
        for Item { to, entity, relation: attributes } in items {
            if let Some(attributes) = entity {
                facts.seen(to.clone(), now, attributes);
            }
            facts.related(host.clone(), relation, to, now).attributes = attributes;
        }
        facts.complete.push(Complete { from: host.clone(), relation: relation.to_owned(), at: now, parts });
    }

    /// The part is switched off: what it told would stand for ever, because nobody looks any more.
    pub fn withdraw(&mut self, host: &EntityRef, relation: &str, parts: bool, now: Nanos, facts: &mut Facts) {
        self.pending = None;
        if self.was_told() {
            self.tell(host, relation, parts, Vec::new(), now, facts);
        }
        self.looked = None;
    }

    /// What was told last is kept.
    pub fn acknowledge(&mut self) {
        if let Some(told) = self.pending.take() {
            self.told = Some(told);
        }
    }
}

/// Attributes from pairs.
pub(super) fn attributes<const N: usize>(pairs: [(&str, Value); N]) -> Attributes {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::entity;

    fn item(name: &str) -> Item {
        let host = entity::host("h").unwrap();
        Item::part(entity::on_host("socket", &host, name).unwrap(), Map::new())
    }

    #[test]
    fn only_what_is_new_is_told_and_everything_once_an_hour() {
        let host = entity::host("h").unwrap();
        let mut part = Part::default();
        let at = |part: &mut Part, now: Nanos, items: &[Item], kept: bool| {
            assert!(part.due(now, 0));
            let mut facts = Facts::new("agent", "default");
            part.tell(&host, "listens", true, items.to_vec(), now, &mut facts);
            if kept {
                part.acknowledge();
            }
            facts.observations.len()
        };
        assert_eq!(at(&mut part, 1, &[item("a"), item("a"), item("b")], true), 4, "each once, and its relation");
        assert_eq!(at(&mut part, 2, &[item("b"), item("a")], true), 0, "the order says nothing");
        assert_eq!(at(&mut part, 3, &[item("a")], false), 2);
        assert_eq!(at(&mut part, 4, &[item("a")], true), 2, "nobody said that it arrived");
        assert_eq!(at(&mut part, 5, &[item("a")], true), 0);
        assert_eq!(at(&mut part, 4 + WHOLE_NANOS, &[item("a")], true), 2, "an hour is over");
        assert!(!part.due(5 + WHOLE_NANOS, 100), "the interval is not over");
        assert!(part.due(1, 100), "the clock was set back");
        let mut facts = Facts::new("agent", "default");
        part.withdraw(&host, "listens", true, 6 + WHOLE_NANOS, &mut facts);
        assert!(facts.observations.is_empty() && facts.complete.len() == 1);
        part.acknowledge();
        let mut facts = Facts::new("agent", "default");
        part.withdraw(&host, "listens", true, 7 + WHOLE_NANOS, &mut facts);
        assert!(facts.is_empty(), "it is withdrawn once");
    }
}
