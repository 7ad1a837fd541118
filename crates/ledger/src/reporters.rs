//! Machines that report for themselves: when each was last heard, and what is said to be on one.

use crate::db::Ledger;
use crate::error::Result;
use crate::facts::Class;
use crate::history::{AsOf, held_of};
use crate::sql::Statement;
use model::{EntityRef, Nanos};
use sqlx::Row as _;

/// An entity that a source reported, whether or not it still holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reporter {
    /// Which.
    pub entity: EntityRef,
    /// When it was seen last.
    pub seen: Nanos,
    /// Until when that holds; the greatest number when only its end says so.
    pub until: Nanos,
    /// What was said of it, as JSON.
    pub attributes: String,
    /// When the ledger learnt it: what the machine's own clock says does not matter there.
    pub known: Nanos,
    /// In which dataset.
    pub dataset: String,
}

impl Ledger {
    /// The entities of a kind that a source ever reported, with the newest report of each.
    pub async fn reporters(&self, as_of: &AsOf, origin: &str, kind: &str) -> Result<Vec<Reporter>> {
        let mut query = Statement::new(
            "SELECT e.kind, e.key, o.at, o.until, o.attributes, o.dataset, o.known FROM entities e JOIN observations o ON o.id = \
             (SELECT n.id FROM observations n WHERE n.about = e.id AND n.class = 0 AND n.ended = 0 AND n.origin = ",
        );
        query.bind(origin.to_owned()).push(" AND n.at <= ").bind(as_of.valid);
        query.push(" AND n.known <= ").bind(as_of.known);
        as_of.visible(&mut query, "n.dataset");
        query.push(" ORDER BY n.at DESC, n.id DESC LIMIT 1) WHERE e.kind = ").bind(kind.to_owned());
        let rows = query.push(" ORDER BY e.key").build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?;
        let reporter = |row: sqlx::any::AnyRow| -> Result<Reporter> {
            Ok(Reporter {
                entity: EntityRef { kind: row.try_get(0)?, key: row.try_get(1)? },
                seen: row.try_get(2)?,
                until: row.try_get(3)?,
                attributes: row.try_get(4)?,
                dataset: row.try_get(5)?,
                known: row.try_get(6)?,
            })
        };
        rows.into_iter().map(reporter).collect()
    }

    /// The entities that point at something by a kind of relation: the containers on a host.
    pub async fn related_to(&self, as_of: &AsOf, to: &EntityRef, kind: &str) -> Result<Vec<EntityRef>> {
        let mut query = Statement::new("");
        held_of(&mut query, Class::Relation, as_of, |query| {
            query.push("SELECT r.id FROM entities t JOIN relations r ON r.target = t.id WHERE t.kind = ");
            query.bind(to.kind.clone()).push(" AND t.key = ").bind(to.key.clone());
            query.push(" AND r.kind = ").bind(kind.to_owned());
        });
        query.push(
            "SELECT DISTINCT f.kind, f.key FROM entities t JOIN relations r ON r.target = t.id \
             JOIN held h ON h.about = r.id JOIN entities f ON f.id = r.source WHERE t.kind = ",
        );
        query.bind(to.kind.clone()).push(" AND t.key = ").bind(to.key.clone());
        query.push(" AND r.kind = ").bind(kind.to_owned()).push(" ORDER BY 1, 2");
        let rows = query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?;
        rows.into_iter().map(|row| Ok(EntityRef { kind: row.try_get(0)?, key: row.try_get(1)? })).collect()
    }
}
