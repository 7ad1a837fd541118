//! Everything that is there and how it hangs together, read once: what situations, recovery plans and levers stand on.

use crate::limits::MAX_UP;
use crate::reports::{Held, Owners, Thing, relations, things};
use anyhow::Result;
use ledger::{AsOf, Ledger};
use model::EntityRef;
use model::entity::{
    BUILT_FROM, CALLS, DEPENDS_ON, KEEPS, LISTENS, OWNED_BY, PART_OF, PROVIDES, RUNS_IN, RUNS_ON, USES_IMAGE,
};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Kinds that are read whole. Packages, executables and accounts, of which hosts have thousands, are not among them.
const KINDS: &[&str] = &[
    "service",
    "service.instance",
    "host",
    "container.image",
    "repository",
    "socket",
    "file",
    "resource",
    "component",
    "api",
    "external",
    "k8s.cluster",
    "k8s.node",
];
const RELATIONS: &[&str] =
    &[BUILT_FROM, USES_IMAGE, RUNS_IN, RUNS_ON, PART_OF, LISTENS, CALLS, DEPENDS_ON, PROVIDES, KEEPS, OWNED_BY];

/// What was there at a time.
pub(crate) struct Estate {
    things: HashMap<EntityRef, Thing>,
    held: BTreeMap<&'static str, Vec<Held>>,
    /// Relations of a kind by what has them: places in `held`.
    from: HashMap<(&'static str, EntityRef), Vec<usize>>,
    to: HashMap<(&'static str, EntityRef), Vec<usize>>,
    pub owners: Owners,
}

impl Estate {
    /// Asks for all of it.
    pub async fn read(ledger: &Ledger, as_of: &AsOf) -> Result<Estate> {
        let mut there = HashMap::new();
        for kind in KINDS {
            for thing in things(ledger, as_of, Some(kind)).await? {
                there.insert(thing.entity.clone(), thing);
            }
        }
        let (mut held, mut from, mut to) = (BTreeMap::new(), HashMap::new(), HashMap::new());
        for kind in RELATIONS {
            let mut all = relations(ledger, as_of, kind).await?;
            // Several sources may say the same; the order must not depend on theirs.
            all.sort_by(|a, b| (&a.from, &a.to, a.id).cmp(&(&b.from, &b.to, b.id)));
            all.dedup_by(|a, b| a.id == b.id);
            for (place, one) in all.iter().enumerate() {
                from.entry((*kind, one.from.clone())).or_insert_with(Vec::new).push(place);
                to.entry((*kind, one.to.clone())).or_insert_with(Vec::new).push(place);
            }
            held.insert(*kind, all);
        }
        let owners = Owners::read(ledger, as_of).await?;
        Ok(Estate { things: there, held, from, to, owners })
    }

    /// What is there of a kind, by name.
    pub fn of_kind(&self, kind: &str) -> Vec<&Thing> {
        let mut all: Vec<&Thing> = self.things.values().filter(|thing| thing.entity.kind == kind).collect();
        all.sort_by(|a, b| a.entity.cmp(&b.entity));
        all
    }

    /// A thing, if it is there.
    pub fn thing(&self, entity: &EntityRef) -> Option<&Thing> {
        self.things.get(entity)
    }

    /// All relations of a kind.
    pub fn all(&self, kind: &str) -> &[Held] {
        self.held.get(kind).map_or(&[], Vec::as_slice)
    }

    /// The relations of a kind that something has.
    pub fn from(&self, kind: &'static str, entity: &EntityRef) -> impl Iterator<Item = &Held> {
        let places = self.from.get(&(kind, entity.clone())).map_or(&[][..], Vec::as_slice);
        let all = self.all(kind);
        places.iter().filter_map(move |place| all.get(*place))
    }

    /// The relations of a kind that point at something.
    pub fn to(&self, kind: &'static str, entity: &EntityRef) -> impl Iterator<Item = &Held> {
        let places = self.to.get(&(kind, entity.clone())).map_or(&[][..], Vec::as_slice);
        let all = self.all(kind);
        places.iter().filter_map(move |place| all.get(*place))
    }

    /// What something is in: a repository or image in services, an instance or pod in its service. Itself is the first.
    pub fn up(&self, entity: &EntityRef) -> Vec<EntityRef> {
        let mut seen = BTreeSet::from([entity.clone()]);
        let mut all = vec![entity.clone()];
        let mut edge = vec![entity.clone()];
        for _ in 0..MAX_UP {
            let mut next = Vec::new();
            for thing in &edge {
                let made = [BUILT_FROM, USES_IMAGE, RUNS_IN].into_iter().flat_map(|kind| self.to(kind, thing));
                let ups = made.map(|held| &held.from).chain(self.from(PART_OF, thing).map(|held| &held.to));
                next.extend(ups.filter(|up| seen.insert((*up).clone())).cloned());
            }
            if next.is_empty() {
                break;
            }
            all.extend(next.iter().cloned());
            edge = next;
        }
        all
    }

    /// The services that something is, or is in.
    pub fn services_of(&self, entity: &EntityRef) -> Vec<EntityRef> {
        if entity.kind == "service" {
            return vec![entity.clone()];
        }
        self.up(entity).into_iter().filter(|up| up.kind == "service").collect()
    }

    /// The instances of a service.
    pub fn instances(&self, service: &EntityRef) -> Vec<&Thing> {
        let parts = self.to(PART_OF, service).filter(|held| held.from.kind == "service.instance");
        parts.filter_map(|held| self.thing(&held.from)).collect()
    }

    /// The hosts that a service or its instances run on.
    pub fn hosts(&self, service: &EntityRef) -> BTreeSet<EntityRef> {
        let of = |entity: &EntityRef| {
            let hosts = self.from(RUNS_ON, entity).filter(|held| held.to.kind == "host");
            hosts.map(|held| held.to.clone()).collect::<Vec<_>>()
        };
        let instances = self.instances(service).into_iter().flat_map(|instance| of(&instance.entity));
        of(service).into_iter().chain(instances).collect()
    }

    /// What something depends on as a catalog or a call says: the kind of the relation, its id, and what. An interface is
    /// whoever provides it.
    pub fn uses(&self, entity: &EntityRef) -> Vec<(&'static str, i64, EntityRef)> {
        let mut all = Vec::new();
        for kind in [DEPENDS_ON, CALLS] {
            for held in self.from(kind, entity) {
                let mut providers = self.to(PROVIDES, &held.to).map(|held| held.from.clone()).peekable();
                if held.to.kind == "api" && providers.peek().is_some() {
                    all.extend(providers.map(|provider| (kind, held.id, provider)));
                } else {
                    all.push((kind, held.id, held.to.clone()));
                }
            }
        }
        all.retain(|(_, _, to)| to != entity);
        all
    }
}

/// What somebody said of a thing: as an attribute, as a label of the catalog, or as a number.
pub(crate) fn said(attributes: &Map<String, Value>, name: &str) -> Option<String> {
    let labels = attributes.get("labels").and_then(Value::as_object);
    let value =
        attributes.get(name).or_else(|| labels?.get(name)).or_else(|| labels?.get(&format!("tandem.dev/{name}")));
    let text = match value? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}

/// How much something matters, 1 the most to 4; nothing when nobody said, or said what is no tier.
pub(crate) fn tier(attributes: &Map<String, Value>) -> Option<u8> {
    let word = ["tier", "criticality"].into_iter().find_map(|name| said(attributes, name))?.to_ascii_lowercase();
    match word.trim_start_matches("tier").trim_start_matches(['-', '_', ' ']) {
        "0" | "1" | "critical" | "gold" => Some(1),
        "2" | "high" | "silver" => Some(2),
        "3" | "medium" | "bronze" => Some(3),
        "4" | "5" | "low" => Some(4),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_tier_is_a_number_or_a_word() {
        for (given, is) in [
            (json!({"tier": "tier-1"}), Some(1)),
            (json!({"tier": 2}), Some(2)),
            (json!({"criticality": "Low"}), Some(4)),
            (json!({"labels": {"tier": "1"}}), Some(1)),
            (json!({"labels": {"tandem.dev/tier": "silver"}}), Some(2)),
            (json!({"tier": "important"}), None),
            (json!({"lifecycle": "production"}), None),
        ] {
            assert_eq!(tier(given.as_object().unwrap()), is, "{given}");
        }
    }
}
