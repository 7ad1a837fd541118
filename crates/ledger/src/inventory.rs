//! What reports of the inventory ask beside [`Ledger::running`], [`Ledger::owners`] and the tables.

use crate::db::Ledger;
use crate::error::Result;
use crate::facts::Class;
use crate::history::{AsOf, held, held_of, one_of};
use crate::limits::ROWS_PER_STATEMENT;
use crate::sql::Statement;
use model::entity::OWNED_BY;
use model::{EntityRef, Nanos};
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::collections::{BTreeMap, HashMap};

/// A relation as seen from one of its ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// `runs_on`, `part_of`, ...
    pub kind: String,
    /// Whether it points away from the entity that was asked for.
    pub outward: bool,
    /// What is at the other end.
    pub entity: EntityRef,
    /// Which source says so.
    pub origin: String,
    /// When it said so last.
    pub seen: Nanos,
}

/// A source said for a time that something is somebody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Whose it is.
    pub owner: EntityRef,
    /// Which layer of it; empty for the whole.
    pub layer: String,
    /// Which source.
    pub origin: String,
    /// Whose facts.
    pub dataset: String,
    /// From when.
    pub from: Nanos,
    /// Until when; the greatest number when nothing ended it yet.
    pub until: Nanos,
}

/// The newest change of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newest {
    /// What was altered.
    pub entity: EntityRef,
    /// Where.
    pub environment: Option<String>,
    /// The version that came.
    pub version: Option<String>,
    /// When.
    pub at: Nanos,
    /// Whose facts.
    pub dataset: String,
    /// Everything else, as JSON.
    pub attributes: String,
}

/// Adds a list of texts.
fn texts(query: &mut Statement, texts: &[&str]) {
    for (number, text) in texts.iter().enumerate() {
        query.push(if number == 0 { "" } else { ", " }).bind((*text).to_owned());
    }
}

impl Ledger {
    /// When entities were seen for the first time, by their ids.
    pub async fn first_seen(&self, as_of: &AsOf, ids: &[i64]) -> Result<HashMap<i64, Nanos>> {
        let mut first = HashMap::new();
        for chunk in ids.chunks(ROWS_PER_STATEMENT) {
            let mut query = Statement::new("WITH asked (id) AS (");
            query.values(chunk, |row, id| {
                row.bind(*id);
            });
            query.push(
                ") SELECT a.id, (SELECT o.at FROM observations o WHERE o.about = a.id AND o.class = 0 AND o.known <= ",
            );
            query.bind(as_of.known);
            as_of.visible(&mut query, "o.dataset");
            query.push(" ORDER BY o.at LIMIT 1) FROM asked a");
            for row in query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await? {
                if let Some(at) = row.try_get::<Option<i64>, _>(1)? {
                    first.insert(row.try_get(0)?, at);
                }
            }
        }
        Ok(first)
    }

    /// When a source last said whose entities are, or that they are that owner's no more, by the ids of the entities.
    pub async fn claimed_last(&self, as_of: &AsOf, ids: &[i64]) -> Result<HashMap<i64, Nanos>> {
        let mut last = HashMap::new();
        for chunk in ids.chunks(ROWS_PER_STATEMENT) {
            let mut query = Statement::new("WITH asked (id) AS (");
            query.values(chunk, |row, id| {
                row.bind(*id);
            });
            query.push(") SELECT a.id, max(CASE WHEN o.ended = 1 OR o.until > ");
            query
                .bind(as_of.valid)
                .push(" THEN o.at ELSE o.until END) FROM asked a JOIN relations r ON r.source = a.id");
            query.push(" AND r.kind = ").bind(OWNED_BY.to_owned());
            query.push(" JOIN observations o ON o.about = r.id AND o.class = 1 AND o.at <= ").bind(as_of.valid);
            query.push(" AND o.known <= ").bind(as_of.known);
            as_of.visible(&mut query, "o.dataset");
            query.push(" GROUP BY a.id");
            for row in query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await? {
                last.insert(row.try_get(0)?, row.try_get(1)?);
            }
        }
        Ok(last)
    }

    /// How many entities of some kinds were there. Those whose names are like a pattern are left out.
    pub async fn counts(&self, as_of: &AsOf, kinds: &[&str], unlike: &[&str]) -> Result<BTreeMap<String, u64>> {
        if kinds.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut query = Statement::new("");
        let of_kinds = |query: &mut Statement| {
            query.push("SELECT id FROM entities WHERE ");
            one_of(query, "kind", kinds);
        };
        if self.are_few(of_kinds).await? {
            held_of(&mut query, Class::Entity, as_of, of_kinds);
        } else {
            held(&mut query, Class::Entity, as_of);
        }
        query.push(
            "SELECT e.kind, count(DISTINCT e.id) FROM held h JOIN entities e ON e.id = h.about WHERE e.kind IN (",
        );
        texts(&mut query, kinds);
        query.push(")");
        for pattern in unlike {
            query.push(" AND e.key NOT LIKE ").bind((*pattern).to_owned());
        }
        query.push(" GROUP BY e.kind");
        let rows = query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?;
        rows.into_iter().map(|row| Ok((row.try_get(0)?, row.try_get::<i64, _>(1)?.unsigned_abs()))).collect()
    }

    /// How the number of open findings grew and shrank, by time: what is open at a time is the sum until then. One
    /// that two sources or datasets tell counts for each.
    pub async fn finding_steps(&self, as_of: &AsOf) -> Result<Vec<(Nanos, i64)>> {
        let mut query = Statement::new(
            "WITH told AS (SELECT o.at, o.ended, lag(o.ended) OVER \
             (PARTITION BY o.about, o.origin, o.dataset ORDER BY o.at, o.ended, o.id) AS before \
             FROM observations o WHERE o.class = ",
        );
        query.bind(Class::Finding as i64).push(" AND o.at <= ").bind(as_of.valid);
        query.push(" AND o.known <= ").bind(as_of.known);
        as_of.visible(&mut query, "o.dataset");
        query.push(
            ") SELECT at, CAST(sum(CASE WHEN ended = 0 THEN 1 ELSE -1 END) AS BIGINT) FROM told \
             WHERE ended <> coalesce(before, 1) GROUP BY at ORDER BY at",
        );
        let rows = query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?;
        rows.into_iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// The relations of an entity, both ways, without some kinds; at most so many.
    pub async fn links_of(&self, as_of: &AsOf, of: &EntityRef, without: &[&str], most: usize) -> Result<Vec<Link>> {
        let own = sqlx::query("SELECT id FROM entities WHERE kind = $1 AND key = $2").bind(&of.kind).bind(&of.key);
        let Some(own) = own.fetch_optional(&self.inner.pool).await? else { return Ok(Vec::new()) };
        let own: i64 = own.try_get(0)?;
        let mut query = Statement::new("");
        held_of(&mut query, Class::Relation, as_of, |query| {
            for (number, end) in ["source", "target"].into_iter().enumerate() {
                query.push(if number == 0 { "" } else { " UNION " });
                query.push("SELECT id FROM relations WHERE ").push(end).push(" = ").bind(own);
                if !without.is_empty() {
                    query.push(" AND NOT ");
                    one_of(query, "kind", without);
                }
            }
        });
        query.push(", links AS (SELECT id, kind, target AS far, 1 AS outward FROM relations WHERE source = ");
        query.bind(own).push(" UNION ALL SELECT id, kind, source, 0 FROM relations WHERE target = ").bind(own);
        query.push(
            ") SELECT l.kind, l.outward, e.kind, e.key, min(h.origin), max(h.at) FROM links l \
             JOIN held h ON h.about = l.id JOIN entities e ON e.id = l.far",
        );
        if !without.is_empty() {
            query.push(" WHERE l.kind NOT IN (");
            texts(&mut query, without);
            query.push(")");
        }
        query.push(" GROUP BY l.kind, l.outward, e.kind, e.key ORDER BY 1, 2, 3, 4 LIMIT ");
        query.bind(i64::try_from(most).unwrap_or(i64::MAX));
        let link = |row: AnyRow| -> Result<Link> {
            Ok(Link {
                kind: row.try_get(0)?,
                outward: row.try_get::<i64, _>(1)? == 1,
                entity: EntityRef { kind: row.try_get(2)?, key: row.try_get(3)? },
                origin: row.try_get(4)?,
                seen: row.try_get(5)?,
            })
        };
        query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?.into_iter().map(link).collect()
    }

    /// What sources ever said of whose an entity is, up to a time, the oldest first. What is said again before it ran
    /// out is one claim.
    pub async fn claims_of(&self, as_of: &AsOf, of: &EntityRef) -> Result<Vec<Claimed>> {
        let mut query = Statement::new(
            "WITH said AS (SELECT r.id AS relation, o.id, o.origin, o.dataset, o.at, o.ended, o.until, \
             lag(o.until) OVER w AS before, lag(o.ended) OVER w AS gone FROM entities f \
             JOIN relations r ON r.source = f.id JOIN observations o ON o.about = r.id AND o.class = 1 WHERE f.kind = ",
        );
        query.bind(of.kind.clone()).push(" AND f.key = ").bind(of.key.clone());
        query.push(" AND r.kind = ").bind(OWNED_BY.to_owned());
        query.push(" AND o.at <= ").bind(as_of.valid).push(" AND o.known <= ").bind(as_of.known);
        as_of.visible(&mut query, "o.dataset");
        query.push(
            " WINDOW w AS (PARTITION BY r.id, o.origin, o.dataset ORDER BY o.at, o.ended, o.id)), \
             runs AS (SELECT s.*, sum(CASE WHEN ended = 0 AND (before IS NULL OR gone = 1 OR before < at) THEN 1 \
             ELSE 0 END) OVER (PARTITION BY relation, origin, dataset ORDER BY at, ended, id) AS run FROM said s) \
             SELECT t.kind, t.key, r.layer, u.origin, u.dataset, min(u.at), \
             max(CASE WHEN u.ended = 0 THEN u.until END), min(CASE WHEN u.ended = 1 THEN u.at END) \
             FROM runs u JOIN relations r ON r.id = u.relation JOIN entities t ON t.id = r.target WHERE u.run > 0 \
             GROUP BY t.kind, t.key, r.layer, u.origin, u.dataset, u.relation, u.run ORDER BY 6, 1, 2, 3, 4, 5",
        );
        let claimed = |row: AnyRow| -> Result<Claimed> {
            let (until, ended): (Nanos, Option<Nanos>) = (row.try_get(6)?, row.try_get(7)?);
            Ok(Claimed {
                owner: EntityRef { kind: row.try_get(0)?, key: row.try_get(1)? },
                layer: row.try_get(2)?,
                origin: row.try_get(3)?,
                dataset: row.try_get(4)?,
                from: row.try_get(5)?,
                until: ended.map_or(until, |ended| ended.min(until)),
            })
        };
        query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?.into_iter().map(claimed).collect()
    }

    /// The newest change of a kind that a source told, of each entity, dataset and environment.
    pub async fn newest_changes(&self, as_of: &AsOf, kind: &str, origin: &str) -> Result<Vec<Newest>> {
        let mut query = Statement::new(
            "SELECT e.kind, e.key, n.environment, n.version, n.at, n.dataset, n.attributes FROM \
             (SELECT c.*, row_number() OVER (PARTITION BY c.entity, c.dataset, c.environment \
             ORDER BY c.at DESC, c.id DESC) AS place FROM changes c WHERE c.kind = ",
        );
        query.bind(kind.to_owned()).push(" AND c.origin = ").bind(origin.to_owned());
        query.push(" AND c.at <= ").bind(as_of.valid).push(" AND c.known <= ").bind(as_of.known);
        as_of.visible(&mut query, "c.dataset");
        query.push(") n JOIN entities e ON e.id = n.entity WHERE n.place = 1 ORDER BY 1, 2, 6, 3");
        let newest = |row: AnyRow| -> Result<Newest> {
            Ok(Newest {
                entity: EntityRef { kind: row.try_get(0)?, key: row.try_get(1)? },
                environment: row.try_get(2)?,
                version: row.try_get(3)?,
                at: row.try_get(4)?,
                dataset: row.try_get(5)?,
                attributes: row.try_get(6)?,
            })
        };
        query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?.into_iter().map(newest).collect()
    }
}
