//! Whose something was at a time, and why that is said.
//!
//! A claim is a relation `owned_by`. Where sources differ, the one with the higher precedence is believed, and the others
//! are kept and shown. What nobody claims belongs to whom the thing belongs to that it is part of: an instance to the
//! service, a service to the repository that it is built from.

use crate::db::Ledger;
use crate::error::Result;
use crate::history::{AsOf, one_of};
use model::entity::{BUILT_FROM, OWNED_BY, PART_OF, RUNS_IN};
use model::{EntityRef, Nanos};
use serde::Serialize;
use sqlx::Row as _;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Whose word on owners counts more: first what people claimed, last what telemetry says of itself.
pub const PRECEDENCE: [&str; 6] = ["manual", "catalog", "codeowners", "kubernetes", "agent", "telemetry"];
/// Things are part of things that are part of others; longer chains are mistakes.
const MAX_STEPS: usize = 4;

/// Who owned something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Owner {
    /// What.
    pub entity: EntityRef,
    /// Which layer of it; empty for the whole.
    pub layer: String,
    /// Who.
    pub owner: EntityRef,
    /// Which source says so: the one with the highest precedence of all that say something.
    pub origin: String,
    /// Since when it says so.
    pub since: Nanos,
    /// The thing that it says so of, when that is what the entity is part of.
    pub via: Option<EntityRef>,
    /// Others whom the same source names too: a conflict, to be settled by people.
    pub conflicts: Vec<EntityRef>,
    /// What sources of lower precedence say instead.
    pub overruled: Vec<Said>,
}

/// What one source says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Said {
    /// Which source.
    pub origin: String,
    /// Whom it names.
    pub owner: EntityRef,
}

impl Owner {
    /// Why this one, in words.
    pub fn reason(&self) -> String {
        let mut reason = format!("{} says so", self.origin);
        if let Some(via) = &self.via {
            reason.push_str(&format!(" of {via}, to which it belongs"));
        }
        for rival in &self.conflicts {
            reason.push_str(&format!("; it says {} too", rival.key));
        }
        for said in &self.overruled {
            reason.push_str(&format!("; {} says {}, which counts less", said.origin, said.owner.key));
        }
        reason
    }
}

/// What a source says of an owner, by rank: whose word counts more comes first.
type Claim = (usize, String, EntityRef, Nanos);
type Claims = BTreeMap<(EntityRef, String), Vec<Claim>>;

fn rank(origin: &str) -> usize {
    PRECEDENCE.iter().position(|known| *known == origin).unwrap_or(PRECEDENCE.len())
}

impl Ledger {
    /// Who owned what: of one entity, or of all that have an owner.
    pub async fn owners(&self, as_of: &AsOf, of: Option<&EntityRef>) -> Result<Vec<Owner>> {
        let of: Option<Vec<EntityRef>> = of.map(|entity| vec![entity.clone()]);
        self.owners_of(as_of, of.as_deref()).await
    }

    /// The same of some entities.
    pub async fn owners_of(&self, as_of: &AsOf, of: Option<&[EntityRef]>) -> Result<Vec<Owner>> {
        let (claims, belongs) = self.claims(as_of).await?;
        let wanted: BTreeSet<&EntityRef> = match of {
            Some(some) => some.iter().collect(),
            None => claims.keys().map(|(entity, _)| entity).chain(belongs.keys()).collect(),
        };
        let mut owners = Vec::new();
        for entity in wanted {
            let Some(from) = source_of(entity, &claims, &belongs) else { continue };
            let via = (from != entity).then(|| from.clone());
            for ((_, layer), claims) in
                claims.range((from.clone(), String::new())..).take_while(|((of, _), _)| of == from)
            {
                owners.push(settle(entity, layer, claims, via.clone()));
            }
        }
        Ok(owners)
    }

    /// What ran and had no owner.
    pub async fn orphans(&self, as_of: &AsOf, kind: &str) -> Result<Vec<EntityRef>> {
        let (claims, belongs) = self.claims(as_of).await?;
        let running = self.running(as_of, Some(kind)).await?;
        let entities = running.into_iter().map(|running| running.entity);
        Ok(entities.filter(|entity| source_of(entity, &claims, &belongs).is_none()).collect())
    }

    /// What sources said of owners, and what was part of what.
    async fn claims(&self, as_of: &AsOf) -> Result<(Claims, HashMap<EntityRef, Vec<EntityRef>>)> {
        let kinds = [OWNED_BY, PART_OF, BUILT_FROM, RUNS_IN];
        let mut query = self.held_relations(as_of, &kinds).await?;
        query.push(
            "SELECT f.kind, f.key, r.kind, r.layer, t.kind, t.key, h.origin, h.at FROM held h \
             JOIN relations r ON r.id = h.about JOIN entities f ON f.id = r.source JOIN entities t ON t.id = r.target \
             WHERE ",
        );
        one_of(&mut query, "r.kind", &kinds);
        query.push(" ORDER BY 1, 2, 3, 5, 6");
        let (mut claims, mut belongs) = (Claims::new(), HashMap::<EntityRef, Vec<EntityRef>>::new());
        for row in query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await? {
            let from = EntityRef { kind: row.try_get(0)?, key: row.try_get(1)? };
            let to = EntityRef { kind: row.try_get(4)?, key: row.try_get(5)? };
            if row.try_get::<String, _>(2)? == OWNED_BY {
                let origin: String = row.try_get(6)?;
                let claim = (rank(&origin), origin, to, row.try_get(7)?);
                claims.entry((from, row.try_get(3)?)).or_default().push(claim);
            } else {
                belongs.entry(from).or_default().push(to);
            }
        }
        Ok((claims, belongs))
    }
}

/// The nearest thing with a claim: the entity itself, or what it belongs to.
fn source_of<'a>(
    entity: &'a EntityRef,
    claims: &'a Claims,
    belongs: &'a HashMap<EntityRef, Vec<EntityRef>>,
) -> Option<&'a EntityRef> {
    let claimed = |entity: &EntityRef| {
        let first = claims.range((entity.clone(), String::new())..).next();
        first.is_some_and(|((of, _), _)| of == entity)
    };
    let mut edge = vec![entity];
    for _ in 0..=MAX_STEPS {
        if let Some(found) = edge.iter().find(|entity| claimed(entity)) {
            return Some(found);
        }
        edge = edge.iter().flat_map(|entity| belongs.get(*entity).into_iter().flatten()).collect();
    }
    None
}

fn settle(entity: &EntityRef, layer: &str, claims: &[Claim], via: Option<EntityRef>) -> Owner {
    let mut claims = claims.to_vec();
    claims.sort();
    let (rank, origin, owner, since) = claims[0].clone();
    let (mut conflicts, mut overruled) = (BTreeSet::new(), BTreeSet::new());
    for (other, origin, rival, _) in claims.into_iter().skip(1).filter(|claim| claim.2 != owner) {
        if other == rank {
            conflicts.insert(rival);
        } else {
            overruled.insert(Said { origin, owner: rival });
        }
    }
    let (conflicts, overruled) = (conflicts.into_iter().collect(), overruled.into_iter().collect());
    Owner { entity: entity.clone(), layer: layer.to_owned(), owner, origin, since, via, conflicts, overruled }
}
