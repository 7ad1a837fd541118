//! What connects scans with what runs: which version was scanned, which was deployed, what has which component.

use super::read::{ChangeRef, ScanRef};
use crate::db::Ledger;
use crate::error::Result;
use crate::facts::Class;
use crate::history::{AsOf, held_of};
use crate::limits::{MAX_TOLD, ROWS_PER_STATEMENT};
use crate::sql::Statement;
use model::entity::HAS;
use model::{EntityRef, Nanos};
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// A scan of something in a version that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedScan {
    /// What was scanned.
    pub entity: EntityRef,
    /// The scan.
    pub scan: ScanRef,
    /// It was of a side branch.
    pub side: bool,
}

/// A deployment of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// The change.
    pub change: ChangeRef,
    /// Where.
    pub environment: Option<String>,
    /// Everything else, as JSON.
    pub attributes: String,
}

/// Something has a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The component, by its package URL.
    pub component: String,
    /// What has it.
    pub entity: EntityRef,
    /// Since when that is said.
    pub since: Nanos,
    /// What is said of it, as JSON.
    pub attributes: String,
}

fn texts(query: &mut Statement, column: &str, texts: &[String]) {
    query.push(column).push(" IN (");
    for (number, text) in texts.iter().enumerate() {
        query.push(if number == 0 { "" } else { ", " }).bind(text.clone());
    }
    query.push(")");
}

/// A version of something that was scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionScanned {
    /// What was scanned.
    pub entity: EntityRef,
    /// The version that it was.
    pub version: Option<String>,
    /// The commit.
    pub commit: Option<String>,
    /// When it was scanned last.
    pub at: Nanos,
    /// The newest scan of it.
    pub scan: i64,
}

impl Ledger {
    /// The versions that were scanned since a time, the newest first. What was scanned on side branches counts too: it was
    /// looked at.
    pub async fn versions_scanned(&self, as_of: &AsOf, since: Nanos) -> Result<Vec<VersionScanned>> {
        let mut query = Statement::new(
            "SELECT e.kind, e.key, s.version, s.revision, max(s.at), max(s.id) FROM scans s \
             JOIN entities e ON e.id = s.entity WHERE s.at > ",
        );
        query.bind(since).push(" AND s.at <= ").bind(as_of.valid).push(" AND s.known <= ").bind(as_of.known);
        as_of.visible(&mut query, "s.dataset");
        query.push(" GROUP BY e.kind, e.key, s.version, s.revision ORDER BY 5 DESC, 6 DESC LIMIT ");
        query.bind(MAX_TOLD as i64);
        let scanned = |row: AnyRow| -> Result<VersionScanned> {
            Ok(VersionScanned {
                entity: EntityRef { kind: row.try_get(0)?, key: row.try_get(1)? },
                version: row.try_get(2)?,
                commit: row.try_get(3)?,
                at: row.try_get(4)?,
                scan: row.try_get(5)?,
            })
        };
        query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?.into_iter().map(scanned).collect()
    }

    /// What has some components.
    pub async fn holders(&self, as_of: &AsOf, components: &[String]) -> Result<Vec<Holder>> {
        let mut holders = Vec::new();
        for chunk in components.chunks(ROWS_PER_STATEMENT) {
            let mut query = Statement::new("");
            held_of(&mut query, Class::Relation, as_of, |query| {
                query.push(
                    "SELECT r.id FROM relations r JOIN entities t ON t.id = r.target WHERE t.kind = 'package' AND ",
                );
                texts(query, "t.key", chunk);
                query.push(" AND r.kind = ").bind(HAS.to_owned());
            });
            query.push(
                "SELECT t.key, f.kind, f.key, h.at, o.attributes FROM held h JOIN relations r ON r.id = h.about \
                 JOIN entities f ON f.id = r.source JOIN entities t ON t.id = r.target \
                 JOIN observations o ON o.id = h.last ORDER BY 1, 2, 3, 4",
            );
            let holder = |row: AnyRow| -> Result<Holder> {
                Ok(Holder {
                    component: row.try_get(0)?,
                    entity: EntityRef { kind: row.try_get(1)?, key: row.try_get(2)? },
                    since: row.try_get(3)?,
                    attributes: row.try_get(4)?,
                })
            };
            let rows = query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?;
            for row in rows {
                holders.push(holder(row)?);
            }
        }
        Ok(holders)
    }

    /// The newest whole scan of one of some things in a version: by its commit, or by the name of the version.
    pub async fn scan_of_version(&self, as_of: &AsOf, of: &[EntityRef], names: &[String]) -> Result<Option<NamedScan>> {
        if of.is_empty() || names.is_empty() {
            return Ok(None);
        }
        let mut query = Statement::new(
            "SELECT e.kind, e.key, s.id, s.at, s.tool, s.revision, s.branch, s.version, s.pipeline, s.side \
             FROM scans s JOIN entities e ON e.id = s.entity WHERE s.complete = 1 AND s.tool <> 'deployment' AND s.at <= ",
        );
        query.bind(as_of.valid).push(" AND s.known <= ").bind(as_of.known);
        as_of.visible(&mut query, "s.dataset");
        query.push(" AND (e.kind, e.key) IN (");
        query.values(of, |row, entity| {
            row.bind(entity.kind.clone()).bind(entity.key.clone());
        });
        query.push(") AND (");
        texts(&mut query, "s.revision", names);
        query.push(" OR ");
        texts(&mut query, "s.version", names);
        query.push(") ORDER BY s.side, s.at DESC, s.id DESC LIMIT 1");
        let row = query.build(self.inner.sqlite)?.fetch_optional(&self.inner.pool).await?;
        let named = |row: AnyRow| -> Result<NamedScan> {
            let scan = ScanRef {
                id: row.try_get(2)?,
                at: row.try_get(3)?,
                tool: row.try_get(4)?,
                commit: row.try_get(5)?,
                branch: row.try_get(6)?,
                version: row.try_get(7)?,
                pipeline: row.try_get(8)?,
            };
            let entity = EntityRef { kind: row.try_get(0)?, key: row.try_get(1)? };
            Ok(NamedScan { entity, scan, side: row.try_get::<i64, _>(9)? == 1 })
        };
        row.map(named).transpose()
    }

    /// The newest deployment of each of some things and environment.
    pub async fn newest_deployments(&self, as_of: &AsOf, of: &[EntityRef]) -> Result<Vec<Deployment>> {
        if of.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = Statement::new(
            "SELECT n.id, n.kind, e.kind, e.key, n.at, n.version, n.environment, n.attributes FROM \
             (SELECT c.*, row_number() OVER (PARTITION BY c.entity, c.environment ORDER BY c.at DESC, c.id DESC) AS place \
             FROM changes c WHERE c.kind IN ('deployment', 'rollout') AND c.at <= ",
        );
        query.bind(as_of.valid).push(" AND c.known <= ").bind(as_of.known);
        as_of.visible(&mut query, "c.dataset");
        query.push(") n JOIN entities e ON e.id = n.entity WHERE n.place = 1 AND (e.kind, e.key) IN (");
        query.values(of, |row, entity| {
            row.bind(entity.kind.clone()).bind(entity.key.clone());
        });
        query.push(") ORDER BY n.at, n.id");
        let deployment = |row: AnyRow| -> Result<Deployment> {
            let change = ChangeRef {
                id: row.try_get(0)?,
                kind: row.try_get(1)?,
                entity: EntityRef { kind: row.try_get(2)?, key: row.try_get(3)? },
                at: row.try_get(4)?,
                version: row.try_get(5)?,
            };
            Ok(Deployment { change, environment: row.try_get(6)?, attributes: row.try_get(7)? })
        };
        query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?.into_iter().map(deployment).collect()
    }

    /// The id of a change that was kept.
    pub async fn change_id(&self, origin: &str, dataset: &str, key: &str) -> Result<Option<i64>> {
        let row = sqlx::query("SELECT id FROM changes WHERE origin = $1 AND dataset = $2 AND key = $3")
            .bind(origin)
            .bind(dataset)
            .bind(key)
            .fetch_optional(&self.inner.pool)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }
}
