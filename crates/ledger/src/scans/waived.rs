//! What people suppress of findings: a decision of the kind `waiver` that cites them hides them until its end.
//!
//! This alone says which waivers hold. One holds no more when a later waiver takes its place, or an `ended` ends it before
//! its time: both cite it.

use super::read::Suppressed;
use crate::db::Ledger;
use crate::error::{LedgerError, Result};
use crate::history::AsOf;
use crate::limits::MAX_TOLD;
use crate::sql::Statement;
use crate::tables::as_of as at_times;
use model::{Hiding, Nanos};
use serde_json::{Map, Value};
use sqlx::Row as _;
use std::collections::HashMap;

/// A decision `d` that is a waiver and holds, as of the times `{valid}` and `{known}`.
macro_rules! holds {
    () => {
        "d.kind = 'waiver' AND d.at <= {valid} AND d.known <= {known} AND d.expires > {valid} AND NOT EXISTS \
         (SELECT 1 FROM cites x JOIN decisions y ON y.id = x.decision WHERE x.fact = d.id AND x.fact <> 0 \
         AND y.kind IN ('waiver', 'ended') AND y.at <= {valid} AND y.known <= {known})"
    };
}

/// The waiver that hides a finding `n`, for tables: what [`Waivers::of`] answers.
pub(crate) const WAIVER: &str = concat!(
    "(SELECT d.id FROM findings m LEFT JOIN entities w ON w.id = m.entity JOIN cites c ON c.fact = m.id AND c.fact <> 0 \
     JOIN decisions d ON d.id = c.decision WHERE m.fingerprint = n.fingerprint AND m.dataset = n.dataset \
     AND d.dataset = n.dataset AND (m.id = n.id OR replace(n.evidence, '\"of\":\"' || w.kind || ':' || w.key || '\"', '') \
     <> n.evidence) AND ",
    holds!(),
    " ORDER BY d.expires DESC, d.id DESC LIMIT 1)"
);

/// What hides findings by a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The decision, by id.
    pub decision: i64,
    /// Why.
    pub reason: String,
    /// The team that answers for it.
    pub owner: String,
    /// Until when.
    pub until: Nanos,
}

impl Waiver {
    /// It as what hides a finding.
    pub(super) fn hides(&self) -> Suppressed {
        Suppressed {
            why: Hiding {
                reason: self.reason.clone(),
                owner: self.owner.clone(),
                until: Some(self.until),
                by: "a decision".to_owned(),
            },
            ends: self.until,
            expired: false,
            decision: Some(self.decision),
        }
    }
}

/// A thing, a dataset, and what identifies a finding within them.
type Part = (String, String, String);

/// The waivers that hold at a time, by what they hide.
#[derive(Clone, Debug, Default)]
pub struct Waivers {
    all: Vec<Waiver>,
    /// Places in `all`, by the finding.
    findings: HashMap<i64, usize>,
    /// The same by what is weak, for what deployments told of the services that are made of it.
    parts: HashMap<Part, usize>,
}

impl Waivers {
    /// The waiver that hides a finding; of several the one that lasts longest. What a deployment told of a service is hidden
    /// with the finding that it was told of: it is the same weakness.
    pub fn of(&self, id: i64, fingerprint: &str, dataset: &str, evidence: &Map<String, Value>) -> Option<&Waiver> {
        if self.all.is_empty() {
            return None;
        }
        let told_of = || {
            let of = evidence.get("of")?.as_str()?;
            self.parts.get(&(of.to_owned(), dataset.to_owned(), fingerprint.to_owned()))
        };
        // What lasts longest is the last of all.
        self.findings.get(&id).max(told_of()).and_then(|place| self.all.get(*place))
    }
}

impl Ledger {
    /// The waivers that hold.
    pub async fn waivers(&self, as_of: &AsOf) -> Result<Waivers> {
        let mut query = Statement::new(
            "SELECT d.id, d.reason, o.key, d.expires, n.id, e.kind, e.key, n.dataset, n.fingerprint FROM decisions d \
             JOIN cites c ON c.decision = d.id AND c.fact <> 0 JOIN findings n ON n.id = c.fact \
             LEFT JOIN entities e ON e.id = n.entity LEFT JOIN entities o ON o.id = d.owner WHERE d.dataset = n.dataset AND ",
        );
        query.push(&at_times(holds!(), as_of));
        as_of.visible(&mut query, "d.dataset");
        // What lasts longest comes last, and so is what counts.
        query.push(" ORDER BY d.expires, d.id LIMIT ").bind(MAX_TOLD as i64 + 1);
        let rows = query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?;
        if rows.len() > MAX_TOLD {
            return Err(LedgerError::Invalid(format!("more than {MAX_TOLD} findings are suppressed (MAX_TOLD)")));
        }
        let mut waivers = Waivers::default();
        for row in rows {
            let decision = row.try_get(0)?;
            if waivers.all.last().is_none_or(|last| last.decision != decision) {
                let owner = row.try_get::<Option<String>, _>(2)?.unwrap_or_default();
                waivers.all.push(Waiver { decision, reason: row.try_get(1)?, owner, until: row.try_get(3)? });
            }
            let place = waivers.all.len() - 1;
            waivers.findings.insert(row.try_get(4)?, place);
            let (kind, key): (Option<String>, Option<String>) = (row.try_get(5)?, row.try_get(6)?);
            if let (Some(kind), Some(key)) = (kind, key) {
                waivers.parts.insert((format!("{kind}:{key}"), row.try_get(7)?, row.try_get(8)?), place);
            }
        }
        Ok(waivers)
    }
}
