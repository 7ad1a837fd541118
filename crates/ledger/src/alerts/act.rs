//! What people do with alerts and incidents: each act is a decision with its own entry in the trail; many of them are one
//! transaction.

use super::commit::{post, said};
use super::copies::resolve;
use super::rows::{Entry, begin, named, step, sum_up};
use super::{Kind, Move, Outgoing, Raise, Target};
use crate::db::Ledger;
use crate::decisions::{check, follows, insert};
use crate::error::{LedgerError, Result};
use crate::limits::MAX_MOVES;
use crate::personal::{Person, person};
use model::{Aspect, Decision, EntityRef, Facts, Level, Nanos};
use serde_json::json;
use sqlx::Row as _;
use std::collections::{BTreeMap, BTreeSet};

/// What a decision puts into the queue: a task, a suppression, or an incident that people opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Enqueue {
    /// What it is.
    pub kind: Kind,
    /// One line.
    pub title: String,
    /// How bad.
    pub level: Level,
    /// Whose language.
    pub aspect: Aspect,
    /// The incident that it belongs to.
    pub parent: Option<i64>,
    /// When it is due or ends.
    pub until: Option<Nanos>,
}

/// A decision of people, and what it does.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    /// The decision.
    pub decision: Decision,
    /// What it begins.
    pub enqueue: Option<Enqueue>,
    /// What it moves. [`Target::Key`] names what acts of the same call begin.
    pub moves: Vec<Move>,
    /// Notices that it puts into the outbox.
    pub notices: Vec<Outgoing>,
}

/// What became of acts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acted {
    /// Their decisions, by key.
    pub ids: BTreeMap<String, i64>,
    /// How many were told before; of these nothing was written.
    pub repeated: u64,
}

impl Ledger {
    /// Does what people decided: all of it or nothing.
    pub async fn act(&self, acts: &[Act], by: Person<'_>, now: Nanos) -> Result<Acted> {
        let mut entities = BTreeSet::new();
        for act in acts {
            check(&act.decision, &Facts::default())?;
            entities.extend(act.decision.entity.iter().chain(&act.decision.owner).cloned());
            entities.extend(named(&act.moves));
        }
        let moves: usize = acts.iter().map(|act| act.moves.len()).sum();
        if acts.len() + moves > MAX_MOVES {
            return Err(LedgerError::Invalid(format!("{} acts at once; do at most {MAX_MOVES}", acts.len() + moves)));
        }
        entities.iter().try_for_each(EntityRef::check)?;
        let mut trail = self.inner.trail().await?;
        // One id each for the decision and for a person who is not known yet, here and in the trail.
        let mut write = self.inner.write(entities.len() + 3 * acts.len() + 1, now).await?;
        let ids = self.inner.names.resolve(&mut write, &entities, &BTreeSet::new()).await?;
        let (person, _) = person(&mut write, by).await?;
        let (mut done, mut incidents) = (Acted::default(), BTreeSet::new());
        for act in acts {
            let known = sqlx::query("SELECT id FROM decisions WHERE key = $1").bind(&act.decision.key);
            if let Some(row) = known.fetch_optional(&mut *write.tx).await? {
                done.ids.insert(act.decision.key.clone(), row.try_get(0)?);
                done.repeated += 1;
                continue;
            }
            follows(&mut write, &act.decision).await?;
            let (id, hash) = insert(&mut write, &act.decision, &ids, person).await?;
            done.ids.insert(act.decision.key.clone(), id);
            if let Some(enqueue) = &act.enqueue {
                let raise = enqueue.raise(&act.decision);
                said(&raise)?;
                let (kind, parent, until) = (enqueue.kind, enqueue.parent, enqueue.until);
                begin(&mut write, &[Entry { id, kind, raise: &raise, parent, until }], &ids).await?;
            }
            if let Some(Target::Key(gone)) =
                act.moves.iter().map(|one| &one.about).find(|about| resolve(about, &done.ids).is_none())
            {
                return Err(LedgerError::Invalid(format!("{gone} is nothing that is kept here")));
            }
            incidents.extend(step(&mut write, &act.moves, &done.ids, &ids, Some(id)).await?);
            post(&mut write, &act.notices, &done.ids).await?;
            let detail = json!({"kind": act.decision.kind, "sha256": hash}).to_string();
            trail.append(&mut write, "decision", by, &format!("decision:{id}"), &detail).await?;
        }
        sum_up(&mut write, &incidents).await?;
        if done.repeated == acts.len() as u64 {
            return Ok(done);
        }
        trail.commit(write).await?;
        self.inner.names.keep(&ids);
        Ok(done)
    }
}

impl Enqueue {
    fn raise(&self, decision: &Decision) -> Raise {
        Raise {
            decision: decision.clone(),
            fingerprint: self.kind.name().to_owned(),
            rule: self.kind.name().to_owned(),
            title: self.title.clone(),
            level: self.level,
            aspect: self.aspect,
            tags: Vec::new(),
            runbook: None,
            why: String::new(),
            key: Vec::new(),
        }
    }
}
