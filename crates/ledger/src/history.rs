//! What was true at a time, as it was known at a time: derived, never kept.

use crate::db::Ledger;
use crate::error::Result;
use crate::facts::{Class, MAX_REACH, OPEN, span};
use crate::sql::Statement;
use model::{EntityRef, Nanos};
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

/// The two times of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsOf {
    /// When it was so.
    pub valid: Nanos,
    /// As the ledger knew it then; the greatest number for all that it knows.
    pub known: Nanos,
}

impl AsOf {
    /// At a time, with all that is known today.
    pub fn at(valid: Nanos) -> AsOf {
        AsOf { valid, known: Nanos::MAX }
    }
}

/// An entity that was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Its id.
    pub id: i64,
    /// Which.
    pub entity: EntityRef,
    /// When it was seen last before the time asked for.
    pub seen: Nanos,
    /// Until when that holds; the greatest number when only its end says so.
    pub until: Nanos,
}

/// Who owned something.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Others whom the same source names too: a conflict, to be settled by people.
    pub conflicts: Vec<EntityRef>,
}

/// Whose word on owners counts more: first what people claimed, last what telemetry says of itself.
const PRECEDENCE: [&str; 4] = ["manual", "catalog", "codeowners", "telemetry"];

/// What a source says of an owner, by rank: whose word counts more comes first.
type Claim = (usize, String, Nanos, EntityRef);

fn rank(origin: &str) -> usize {
    PRECEDENCE.iter().position(|known| *known == origin).unwrap_or(PRECEDENCE.len())
}

/// The newest observation of each thing and source of a class that still held: columns `about`, `origin`, `at`, `until`.
pub fn held(query: &mut Statement, class: Class, as_of: AsOf) {
    let reaches: Vec<(i64, Nanos)> = (0..=MAX_REACH).map(|reach| (reach, as_of.valid - span(reach))).collect();
    query.push("WITH reaches (reach, after) AS (");
    query.values(&reaches, |row, (reach, after)| {
        row.bind(*reach).bind(*after);
    });
    query.push("), seen AS (SELECT o.about, o.origin, o.at, o.until FROM reaches r JOIN observations o ON o.class = ");
    query.bind(class as i64).push(" AND o.reach = r.reach AND o.at > r.after AND o.at <= ");
    query.bind(as_of.valid).push(" AND o.until > ").bind(as_of.valid);
    query.push(" AND o.known <= ").bind(as_of.known);
    query.push(" UNION ALL SELECT o.about, o.origin, o.at, o.until FROM observations o WHERE o.class = ");
    query.bind(class as i64).push(" AND o.reach = ").bind(OPEN).push(" AND o.at <= ");
    query.bind(as_of.valid).push(" AND o.known <= ").bind(as_of.known);
    query.push(
        "), held AS (SELECT s.about, s.origin, max(s.at) AS at, max(s.until) AS until FROM seen s WHERE NOT EXISTS \
         (SELECT 1 FROM observations x WHERE x.about = s.about AND x.ended = 1 AND x.at >= s.at AND x.at <= ",
    );
    query.bind(as_of.valid).push(" AND x.known <= ").bind(as_of.known);
    if class != Class::Entity {
        query.push(" AND x.origin = s.origin");
    }
    query.push(") GROUP BY s.about, s.origin) ");
}

impl Ledger {
    /// What was there, of a kind or of all.
    pub async fn running(&self, as_of: AsOf, kind: Option<&str>) -> Result<Vec<Running>> {
        let mut query = Statement::new("");
        held(&mut query, Class::Entity, as_of);
        query.push("SELECT e.id, e.kind, e.key, max(h.at), max(h.until) FROM held h JOIN entities e ON e.id = h.about");
        if let Some(kind) = kind {
            query.push(" WHERE e.kind = ").bind(kind.to_owned());
        }
        query.push(" GROUP BY e.id, e.kind, e.key ORDER BY e.kind, e.key");
        let running = |row: AnyRow| -> Result<Running> {
            let entity = EntityRef { kind: row.try_get(1)?, key: row.try_get(2)? };
            Ok(Running { id: row.try_get(0)?, entity, seen: row.try_get(3)?, until: row.try_get(4)? })
        };
        query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?.into_iter().map(running).collect()
    }

    /// The entities that something points at, or that point at it, by a kind of relation: the packages of a host.
    pub async fn related(&self, as_of: AsOf, from: &EntityRef, kind: &str) -> Result<Vec<EntityRef>> {
        let mut query = Statement::new("");
        held(&mut query, Class::Relation, as_of);
        query.push(
            "SELECT DISTINCT t.kind, t.key FROM entities f JOIN relations r ON r.source = f.id \
             JOIN held h ON h.about = r.id JOIN entities t ON t.id = r.target WHERE f.kind = ",
        );
        query.bind(from.kind.clone()).push(" AND f.key = ").bind(from.key.clone());
        query.push(" AND r.kind = ").bind(kind.to_owned()).push(" ORDER BY 1, 2");
        let rows = query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?;
        rows.into_iter().map(|row| Ok(EntityRef { kind: row.try_get(0)?, key: row.try_get(1)? })).collect()
    }

    /// Who owned what: of one entity, or of all that have an owner.
    pub async fn owners(&self, as_of: AsOf, of: Option<&EntityRef>) -> Result<Vec<Owner>> {
        let mut query = Statement::new("");
        held(&mut query, Class::Relation, as_of);
        query.push(
            "SELECT f.kind, f.key, r.layer, t.kind, t.key, h.origin, h.at FROM held h JOIN relations r ON r.id = h.about \
             JOIN entities f ON f.id = r.source JOIN entities t ON t.id = r.target WHERE r.kind = 'owned_by'",
        );
        if let Some(entity) = of {
            query.push(" AND f.kind = ").bind(entity.kind.clone());
            query.push(" AND f.key = ").bind(entity.key.clone());
        }
        let mut claims: BTreeMap<(EntityRef, String), Vec<Claim>> = BTreeMap::new();
        for row in query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await? {
            let entity = EntityRef { kind: row.try_get(0)?, key: row.try_get(1)? };
            let owner = EntityRef { kind: row.try_get(3)?, key: row.try_get(4)? };
            let origin: String = row.try_get(5)?;
            let claim = (rank(&origin), origin, row.try_get(6)?, owner);
            claims.entry((entity, row.try_get(2)?)).or_default().push(claim);
        }
        let best = |((entity, layer), mut claims): ((EntityRef, String), Vec<Claim>)| {
            claims.sort();
            let (rank, origin, since, owner) = claims[0].clone();
            let rivals = claims.into_iter().skip(1).filter(|claim| claim.0 == rank && claim.3 != owner);
            Owner { entity, layer, conflicts: rivals.map(|claim| claim.3).collect(), owner, origin, since }
        };
        Ok(claims.into_iter().map(best).collect())
    }

    /// What ran and had no owner.
    pub async fn orphans(&self, as_of: AsOf, kind: &str) -> Result<Vec<EntityRef>> {
        let owned: std::collections::BTreeSet<EntityRef> =
            self.owners(as_of, None).await?.into_iter().map(|owner| owner.entity).collect();
        let running = self.running(as_of, Some(kind)).await?;
        Ok(running.into_iter().map(|running| running.entity).filter(|entity| !owned.contains(entity)).collect())
    }
}
