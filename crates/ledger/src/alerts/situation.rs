//! What must be known to decide what becomes of alerts: those that are open around them, and what holds.

use super::kept::{Kept, SELECT, all};
use super::{Kind, State};
use crate::db::Ledger;
use crate::error::Result;
use crate::limits::{MAX_AROUND, MAX_SUPPRESSIONS, ROWS_PER_STATEMENT};
use crate::sql::Statement;
use model::{EntityRef, Nanos};
use serde_json::{Map, Value};
use sqlx::Row as _;
use std::collections::{BTreeMap, HashMap};

/// What alerts that fire ask for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    /// Ids of firings.
    pub firings: Vec<String>,
    /// Fingerprints of alerts.
    pub fingerprints: Vec<String>,
    /// Entities that they are about, and those around them.
    pub entities: Vec<EntityRef>,
    /// How far back what is over still matters, as with flapping and the outcome of the last one.
    pub since: Nanos,
    /// How far back alerts and incidents are looked at that something may join.
    pub near: Nanos,
    /// Since when notices count for the budget.
    pub shift: Nanos,
    /// The time.
    pub now: Nanos,
}

/// Where a firing was counted that was told before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFiring {
    /// The alert or suppression.
    pub about: i64,
    /// Whether a suppression hid it.
    pub hidden: bool,
}

/// A suppression that holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Suppressing {
    /// Its row.
    pub kept: Kept,
    /// What its decision says: what it hides.
    pub body: Map<String, Value>,
}

/// What there is around alerts that fire.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Situation {
    /// Firings that were told before.
    pub firings: HashMap<String, KnownFiring>,
    /// Alerts with the fingerprints: open ones, and those that were over since; the newest first.
    pub same: Vec<Kept>,
    /// Alerts of the entities, open or of late, and those of the incidents.
    pub near: Vec<Kept>,
    /// Incidents that are not over and grew of late.
    pub incidents: Vec<Kept>,
    /// What is suppressed.
    pub suppressions: Vec<Suppressing>,
    /// Notices of alerts in this shift, by team; empty for nobody's.
    pub noticed: BTreeMap<String, u64>,
}

impl Ledger {
    /// What there is around alerts that fire.
    pub async fn situation(&self, asked: &Asked) -> Result<Situation> {
        let mut situation = Situation::default();
        for chunk in asked.firings.chunks(ROWS_PER_STATEMENT) {
            let mut query = Statement::new("SELECT id, about, hidden FROM firings WHERE id IN (");
            query.values(chunk, |row, id| {
                row.bind(id.clone());
            });
            for row in query.push(")").build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await? {
                let known = KnownFiring { about: row.try_get(1)?, hidden: row.try_get::<i64, _>(2)? == 1 };
                situation.firings.insert(row.try_get(0)?, known);
            }
        }
        for chunk in asked.fingerprints.chunks(ROWS_PER_STATEMENT) {
            let mut query = Statement::new(SELECT);
            query.push("WHERE q.class = 'alert' AND q.fingerprint IN (").values(chunk, |row, fingerprint| {
                row.bind(fingerprint.clone());
            });
            query.push(") AND (q.state <> 'resolved' OR q.closed >= ").bind(asked.since);
            query.push(") ORDER BY q.opened DESC, q.about DESC LIMIT ").bind(MAX_AROUND);
            situation.same.extend(all(self, &mut query).await?);
        }
        let mut query = Statement::new(SELECT);
        query.push("WHERE q.class = 'incident' AND q.state <> 'resolved' AND q.last >= ").bind(asked.near);
        query.push(" ORDER BY q.last DESC, q.about DESC LIMIT ").bind(MAX_AROUND / 5);
        situation.incidents = all(self, &mut query).await?;
        situation.near = self.near(asked, &situation.incidents).await?;
        situation.suppressions = self.suppressing(asked.now).await?;
        let noticed = sqlx::query(
            "SELECT o.key, count(*) FROM queue q LEFT JOIN entities o ON o.id = q.owner \
             WHERE q.class = 'alert' AND q.notified >= $1 GROUP BY o.key",
        );
        for row in noticed.bind(asked.shift).fetch_all(&self.inner.pool).await? {
            let team = row.try_get::<Option<String>, _>(0)?.unwrap_or_default();
            situation.noticed.insert(team, row.try_get::<i64, _>(1)? as u64);
        }
        Ok(situation)
    }

    /// Alerts of entities and of incidents.
    async fn near(&self, asked: &Asked, incidents: &[Kept]) -> Result<Vec<Kept>> {
        let mut near: BTreeMap<i64, Kept> = BTreeMap::new();
        for chunk in asked.entities.chunks(ROWS_PER_STATEMENT) {
            let mut query = Statement::new(SELECT);
            query.push("WHERE q.class = 'alert' AND q.last >= ").bind(asked.near);
            query.push(" AND q.entity IN (SELECT id FROM entities WHERE (kind, key) IN (").values(
                chunk,
                |row, entity| {
                    row.bind(entity.kind.clone()).bind(entity.key.clone());
                },
            );
            query.push(")) ORDER BY q.last DESC, q.about DESC LIMIT ").bind(MAX_AROUND);
            near.extend(all(self, &mut query).await?.into_iter().map(|kept| (kept.id, kept)));
        }
        for chunk in incidents.chunks(ROWS_PER_STATEMENT) {
            let mut query = Statement::new(SELECT);
            query.push("WHERE q.class = 'alert' AND q.parent IN (").values(chunk, |row, incident| {
                row.bind(incident.id);
            });
            query.push(") ORDER BY q.last DESC, q.about DESC LIMIT ").bind(MAX_AROUND);
            near.extend(all(self, &mut query).await?.into_iter().map(|kept| (kept.id, kept)));
        }
        Ok(near.into_values().collect())
    }

    /// Suppressions that hold at a time.
    pub async fn suppressing(&self, now: Nanos) -> Result<Vec<Suppressing>> {
        let mut query = Statement::new(SELECT);
        query.push("WHERE q.class = ").bind(Kind::Suppression.name().to_owned());
        query.push(" AND q.state <> ").bind(State::Resolved.name().to_owned());
        query.push(" AND q.opened <= ").bind(now).push(" AND q.until > ").bind(now);
        query.push(" ORDER BY q.about LIMIT ").bind(MAX_SUPPRESSIONS);
        let kept = all(self, &mut query).await?;
        let mut bodies: HashMap<i64, Map<String, Value>> = HashMap::new();
        let ids: Vec<i64> = kept.iter().map(|kept| kept.id).collect();
        for chunk in ids.chunks(ROWS_PER_STATEMENT) {
            let mut query = Statement::new("SELECT id, body FROM decisions WHERE id IN (");
            query.values(chunk, |row, id| {
                row.bind(*id);
            });
            for row in query.push(")").build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await? {
                let body = serde_json::from_str(&row.try_get::<String, _>(1)?).unwrap_or_default();
                bodies.insert(row.try_get(0)?, body);
            }
        }
        let suppressing = |kept: Kept| Suppressing { body: bodies.remove(&kept.id).unwrap_or_default(), kept };
        Ok(kept.into_iter().map(suppressing).collect())
    }
}
