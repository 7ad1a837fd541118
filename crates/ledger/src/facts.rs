//! Facts in: one document or request is one transaction, all of it or nothing.

use crate::db::{Ledger, Write};
use crate::error::{LedgerError, Result};
use crate::limits::{
    COALESCE_NANOS, COMPACT_DAY_NANOS, MAX_AT, MAX_FACTS, MAX_JSON_BYTES, MAX_KEY_BYTES, MAX_LEASE_NANOS,
    MAX_TEXT_BYTES, ROWS_PER_STATEMENT,
};
use crate::names::Ids;
use crate::sql::Statement;
use model::limits::{MAX_DATASET_BYTES, MAX_KIND_BYTES};
use model::{About, EntityRef, Facts, Finding, Nanos, Observation, Relation};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// When the ledger learnt it.
    pub known: Nanos,
    /// Facts that are new.
    pub new: u64,
    /// Facts that it knew already.
    pub repeated: u64,
}

/// What an observation is about, as it is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Class {
    /// An entity: whoever says that it ended, it ended.
    Entity = 0,
    /// A relation: a claim, which ends when the one who made it says so.
    Relation = 1,
    /// A finding: the same.
    Finding = 2,
    /// A finding on a branch that is not the default one.
    Side = 3,
}

/// `reach` of what only its end ends.
pub const OPEN: i64 = -1;
/// `reach` of ends.
pub const END: i64 = -2;

/// The time that a `reach` spans.
pub fn span(reach: i64) -> Nanos {
    COALESCE_NANOS << reach
}

/// The `reach` that a time needs.
pub fn reach_of(lasts: Nanos) -> i64 {
    let minutes = (lasts.max(1) as u64).div_ceil(COALESCE_NANOS as u64);
    i64::from(minutes.next_power_of_two().ilog2())
}

/// The greatest `reach` there is: a day that was merged, and the longest lease behind it.
pub const MAX_REACH: i64 =
    (((MAX_LEASE_NANOS + COMPACT_DAY_NANOS) / COALESCE_NANOS) as u64 + 2).next_power_of_two().ilog2() as i64;

/// A row of `observations`.
struct Seen {
    class: Class,
    about: i64,
    at: Nanos,
    ended: bool,
    until: Nanos,
    reach: i64,
    slot: String,
    attributes: String,
}

impl Ledger {
    /// Keeps facts. `now` is the wall clock.
    pub async fn record(&self, facts: &Facts, now: Nanos) -> Result<Recorded> {
        let named = Named::of(facts)?;
        let mut write = self.inner.write(named.ids, now).await?;
        let (ids, recorded) = put(self, &mut write, facts, &named).await?;
        write.tx.commit().await?;
        self.inner.names.keep(&ids);
        Ok(recorded)
    }
}

/// What facts name, and how many ids they need.
pub struct Named {
    /// Entities.
    pub entities: BTreeSet<EntityRef>,
    /// Relations.
    pub relations: BTreeSet<Relation>,
    /// Ids for all of them and for the facts.
    pub ids: usize,
}

impl Named {
    /// Looks through facts; refuses what cannot be kept.
    pub fn of(facts: &Facts) -> Result<Named> {
        check(facts)?;
        let (mut entities, mut relations) = (BTreeSet::new(), BTreeSet::new());
        for observation in &facts.observations {
            match &observation.about {
                About::Entity(entity) => drop(entities.insert(entity.clone())),
                About::Relation(relation) => {
                    entities.extend([relation.from.clone(), relation.to.clone()]);
                    relations.insert(relation.clone());
                }
            }
        }
        entities.extend(facts.complete.iter().map(|complete| complete.from.clone()));
        entities.extend(facts.findings.iter().filter_map(|finding| finding.entity.clone()));
        entities.extend(facts.changes.iter().map(|change| change.entity.clone()));
        let rows = facts.observations.len() + 2 * facts.findings.len() + facts.changes.len();
        entities.iter().try_for_each(EntityRef::check)?;
        let ids = entities.len() + relations.len() + rows;
        Ok(Named { entities, relations, ids })
    }
}

/// Writes facts within a transaction.
pub async fn put(ledger: &Ledger, write: &mut Write<'_>, facts: &Facts, named: &Named) -> Result<(Ids, Recorded)> {
    let ids = ledger.inner.names.resolve(write, &named.entities, &named.relations).await?;
    let mut seen = Vec::with_capacity(facts.observations.len());
    for observation in &facts.observations {
        let (class, about) = match &observation.about {
            About::Entity(entity) => (Class::Entity, ids.entities[entity]),
            About::Relation(relation) => (Class::Relation, ids.relations[relation]),
        };
        seen.push(Seen::new(class, about, observation)?);
    }
    findings(write, facts, &ids, &mut seen).await?;
    complete(write, facts, &ids, &mut seen).await?;
    let new = observations(write, facts, seen).await? + changes(write, facts, &ids).await?;
    let given = facts.len() as u64;
    Ok((ids, Recorded { known: write.known, new, repeated: given.saturating_sub(new) }))
}

fn check(facts: &Facts) -> Result<()> {
    let count = facts.len() + facts.complete.len();
    if count > MAX_FACTS {
        return Err(LedgerError::Invalid(format!("{count} facts at once; send at most {MAX_FACTS}")));
    }
    if count == 0 {
        return Ok(());
    }
    text("origin", &facts.origin, MAX_KIND_BYTES)?;
    text("dataset", &facts.dataset, MAX_DATASET_BYTES)?;
    let times = facts.observations.iter().map(|one| one.at).chain(facts.complete.iter().map(|one| one.at));
    let times = times.chain(facts.findings.iter().map(|one| one.at)).chain(facts.changes.iter().map(|one| one.at));
    for at in times {
        if !(0..MAX_AT).contains(&at) {
            return Err(LedgerError::Invalid(format!("the time {at} is not between 1970 and 2200, in nanoseconds")));
        }
    }
    for complete in &facts.complete {
        text("relation that is told completely", &complete.relation, MAX_KIND_BYTES)?;
    }
    for observation in &facts.observations {
        if observation.lease.is_some_and(|lease| !(1..=MAX_LEASE_NANOS).contains(&lease)) {
            return Err(LedgerError::Invalid("a lease is longer than 0 and at most a day".to_owned()));
        }
        if let About::Relation(relation) = &observation.about {
            text("kind of a relation", &relation.kind, MAX_KIND_BYTES)?;
            optional("layer of a relation", &relation.layer, MAX_KEY_BYTES)?;
        }
    }
    for finding in &facts.findings {
        for (name, value) in [("rule", &finding.rule), ("severity", &finding.severity), ("title", &finding.title)] {
            text(name, value, MAX_TEXT_BYTES)?;
        }
        text("fingerprint", &finding.fingerprint, MAX_KEY_BYTES)?;
        optional("place of a finding", &finding.place, MAX_TEXT_BYTES)?;
    }
    for change in &facts.changes {
        text("key of a change", &change.key, MAX_KEY_BYTES)?;
        optional("environment", change.environment.as_deref().unwrap_or(""), MAX_TEXT_BYTES)?;
        optional("version", change.version.as_deref().unwrap_or(""), MAX_TEXT_BYTES)?;
        text("kind of a change", &change.kind, MAX_KIND_BYTES)?;
    }
    Ok(())
}

/// Text that must be there and fit.
pub fn text(name: &str, value: &str, most: usize) -> Result<()> {
    if value.is_empty() || value.len() > most || value.contains('\0') {
        return Err(LedgerError::Invalid(format!("the {name} must have 1 to {most} bytes, and no zero byte")));
    }
    Ok(())
}

/// Text that may be empty.
fn optional(name: &str, value: &str, most: usize) -> Result<()> {
    if value.is_empty() { Ok(()) } else { text(name, value, most) }
}

/// An object as it is kept.
pub fn object(what: &str, object: &Map<String, Value>) -> Result<String> {
    let text = serde_json::to_string(object).map_err(|error| LedgerError::Invalid(error.to_string()))?;
    if text.len() > MAX_JSON_BYTES || text.contains("\\u0000") {
        return Err(LedgerError::Invalid(format!(
            "the {what} must have at most {MAX_JSON_BYTES} bytes as JSON, and no zero character"
        )));
    }
    Ok(text)
}

impl Seen {
    fn end(class: Class, about: i64, at: Nanos) -> Seen {
        let (slot, attributes) = (format!("e{at}"), "{}".to_owned());
        Seen { class, about, at, ended: true, until: i64::MAX, reach: END, slot, attributes }
    }

    fn new(class: Class, about: i64, observation: &Observation) -> Result<Seen> {
        let Observation { at, ended, lease, .. } = *observation;
        let attributes = object("attributes of an observation", &observation.attributes)?;
        let (until, reach, slot) = match lease.filter(|_| !ended) {
            None if ended => (i64::MAX, END, format!("e{at}")),
            // A correction of the same time is another fact.
            None => (i64::MAX, OPEN, format!("o{at}-{:x}", digest(&attributes))),
            Some(lease) => {
                // Seen again within the minute with nothing new to say is the same fact; so it lasts a minute more.
                let lasts = lease + COALESCE_NANOS;
                let slot = format!("{}-{lease}-{:x}", at.div_euclid(COALESCE_NANOS), digest(&attributes));
                (at.saturating_add(lasts), reach_of(lasts), slot)
            }
        };
        Ok(Seen { class, about, at, ended, until, reach, slot, attributes })
    }
}

/// Whether an observation is as it was written: its slot has its time and a digest of what it says.
pub fn is_sound(at: Nanos, slot: &str, attributes: &str) -> bool {
    let said = format!("{:x}", digest(attributes));
    match slot.strip_prefix('o').map(|open| open.split_once('-')) {
        Some(open) => open.is_some_and(|(time, digest)| time == at.to_string() && digest == said),
        None if slot.starts_with('e') => slot[1..] == at.to_string(),
        None => {
            let minute = at.div_euclid(COALESCE_NANOS).to_string();
            slot.split_once('-').is_some_and(|(time, _)| time == minute)
                && slot.rsplit_once('-').is_some_and(|(_, digest)| digest == said)
        }
    }
}

/// Enough of a digest to tell what one source says of one thing at one time.
pub fn digest(text: &str) -> u64 {
    Sha256::digest(text.as_bytes()).iter().take(8).fold(0u64, |said, byte| said << 8 | u64::from(*byte))
}

/// Keeps what was seen; answers how many rows are new.
async fn observations(write: &mut Write<'_>, facts: &Facts, mut seen: Vec<Seen>) -> Result<u64> {
    unchanged(write, facts, &mut seen).await?;
    let (origin, dataset) = (&facts.origin, &facts.dataset);
    let mut new = 0;
    for chunk in seen.chunks(ROWS_PER_STATEMENT) {
        let known = write.known;
        let ids: Vec<i64> = chunk.iter().map(|_| write.id()).collect();
        let mut insert = Statement::new(
            "INSERT INTO observations (id, known, class, about, at, ended, until, reach, origin, dataset, slot, attributes) ",
        );
        insert.values(chunk.iter().zip(ids), |row, (seen, id)| {
            row.bind(id).bind(known).bind(seen.class as i64).bind(seen.about).bind(seen.at);
            row.bind(i64::from(seen.ended)).bind(seen.until).bind(seen.reach);
            row.bind(origin.clone()).bind(dataset.clone());
            row.bind(seen.slot.clone()).bind(seen.attributes.clone());
        });
        insert.push(" ON CONFLICT (about, origin, dataset, slot) DO NOTHING");
        new += insert.build(write.sqlite)?.execute(&mut *write.tx).await?.rows_affected();
    }
    Ok(new)
}

/// Drops what says, without a lease, only what the same source said last: a catalog file read again is no news.
async fn unchanged(write: &mut Write<'_>, facts: &Facts, seen: &mut Vec<Seen>) -> Result<()> {
    let open: Vec<(i64, Nanos)> =
        seen.iter().filter(|seen| seen.reach == OPEN).map(|seen| (seen.about, seen.at)).collect();
    let mut said: HashSet<(i64, Nanos, String)> = HashSet::new();
    for chunk in open.chunks(ROWS_PER_STATEMENT) {
        let mut select = Statement::new("WITH asked (about, at) AS (");
        select.values(chunk, |row, (about, at)| {
            row.bind(*about).bind(*at);
        });
        select.push(
            ") SELECT asked.about, asked.at, o.attributes FROM asked JOIN observations o ON o.id = \
             (SELECT id FROM observations WHERE about = asked.about AND at <= asked.at AND ((origin = ",
        );
        select.bind(facts.origin.clone()).push(" AND dataset = ").bind(facts.dataset.clone());
        // An entity that anybody said has ended is news when it is there again.
        select.push(") OR (class = ").bind(Class::Entity as i64).push(" AND ended = 1))");
        select.push(" ORDER BY at DESC, ended DESC, id DESC LIMIT 1) WHERE o.reach = ").bind(OPEN);
        // Nothing of another source is said again by this one.
        select.push(" AND o.origin = ").bind(facts.origin.clone());
        for row in select.build(write.sqlite)?.fetch_all(&mut *write.tx).await? {
            said.insert((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
        }
    }
    seen.retain(|seen| seen.reach != OPEN || !said.contains(&(seen.about, seen.at, seen.attributes.clone())));
    Ok(())
}

/// Adds the end of what a source said earlier of a thing and does not say now, where it says all that there is.
async fn complete(write: &mut Write<'_>, facts: &Facts, ids: &Ids, seen: &mut Vec<Seen>) -> Result<()> {
    let told: HashSet<i64> = ids.relations.values().copied().collect();
    let before = seen.len();
    for complete in &facts.complete {
        let mut select = Statement::new(
            "SELECT r.id, r.target FROM relations r JOIN observations o ON o.id = \
             (SELECT id FROM observations WHERE about = r.id AND origin = ",
        );
        select.bind(facts.origin.clone()).push(" AND dataset = ").bind(facts.dataset.clone());
        select.push(" AND at <= ").bind(complete.at);
        select.push(" ORDER BY at DESC, id DESC LIMIT 1) WHERE r.source = ").bind(ids.entities[&complete.from]);
        select.push(" AND r.kind = ").bind(complete.relation.clone()).push(" AND o.ended = 0");
        for row in select.build(write.sqlite)?.fetch_all(&mut *write.tx).await? {
            let (relation, target): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            if !told.contains(&relation) {
                seen.push(Seen::end(Class::Relation, relation, complete.at));
                seen.extend(complete.parts.then(|| Seen::end(Class::Entity, target, complete.at)));
            }
        }
    }
    write.reserve(seen.len() - before).await
}

/// Keeps findings and adds to `seen` that they were seen, or are gone. What is weak in one dataset says nothing in another.
async fn findings(write: &mut Write<'_>, facts: &Facts, ids: &Ids, seen: &mut Vec<Seen>) -> Result<()> {
    let entity = |finding: &Finding| finding.entity.as_ref().map_or(0, |entity| ids.entities[entity]);
    for chunk in facts.findings.chunks(ROWS_PER_STATEMENT) {
        let known = write.known;
        let mut rows = Vec::with_capacity(chunk.len());
        for finding in chunk.iter().filter(|finding| !finding.ended) {
            rows.push((write.id(), finding, object("evidence", &finding.evidence)?));
        }
        if !rows.is_empty() {
            let mut insert = Statement::new(
                "INSERT INTO findings \
                 (id, known, at, entity, rule, fingerprint, severity, title, place, origin, dataset, evidence) ",
            );
            insert.values(&rows, |row, (id, finding, evidence)| {
                row.bind(*id).bind(known).bind(finding.at).bind(entity(finding));
                row.bind(finding.rule.clone()).bind(finding.fingerprint.clone());
                row.bind(finding.severity.clone()).bind(finding.title.clone());
                row.bind(finding.place.clone()).bind(facts.origin.clone()).bind(facts.dataset.clone());
                row.bind(evidence.clone());
            });
            insert.push(" ON CONFLICT (fingerprint, entity, dataset) DO NOTHING");
            insert.build(write.sqlite)?.execute(&mut *write.tx).await?;
        }
        let mut select = Statement::new("SELECT id, fingerprint, entity FROM findings WHERE dataset = ");
        select.bind(facts.dataset.clone()).push(" AND (fingerprint, entity) IN (");
        select.values(chunk, |row, finding| {
            row.bind(finding.fingerprint.clone()).bind(entity(finding));
        });
        let mut known_ids: HashMap<(String, i64), i64> = HashMap::new();
        for row in select.push(")").build(write.sqlite)?.fetch_all(&mut *write.tx).await? {
            known_ids.insert((row.try_get(1)?, row.try_get(2)?), row.try_get(0)?);
        }
        for finding in chunk {
            // What was never found cannot be gone.
            let Some(id) = known_ids.get(&(finding.fingerprint.clone(), entity(finding))) else { continue };
            let Finding { at, ended, .. } = *finding;
            let attributes = "{}".to_owned();
            let (reach, slot) =
                if ended { (END, format!("e{at}")) } else { (OPEN, format!("o{at}-{:x}", digest(&attributes))) };
            seen.push(Seen { class: Class::Finding, about: *id, at, ended, until: i64::MAX, reach, slot, attributes });
        }
    }
    Ok(())
}

async fn changes(write: &mut Write<'_>, facts: &Facts, ids: &Ids) -> Result<u64> {
    let mut new = 0;
    for chunk in facts.changes.chunks(ROWS_PER_STATEMENT) {
        let known = write.known;
        let mut rows = Vec::with_capacity(chunk.len());
        for change in chunk {
            rows.push((write.id(), change, object("attributes of a change", &change.attributes)?));
        }
        let mut insert = Statement::new(
            "INSERT INTO changes (id, known, at, key, kind, entity, environment, version, origin, dataset, attributes) ",
        );
        insert.values(&rows, |row, (id, change, attributes)| {
            row.bind(*id).bind(known).bind(change.at).bind(change.key.clone());
            row.bind(change.kind.clone()).bind(ids.entities[&change.entity]);
            row.bind(change.environment.clone()).bind(change.version.clone());
            row.bind(facts.origin.clone()).bind(facts.dataset.clone()).bind(attributes.clone());
        });
        insert.push(" ON CONFLICT (origin, dataset, key) DO NOTHING");
        new += insert.build(write.sqlite)?.execute(&mut *write.tx).await?.rows_affected();
    }
    Ok(new)
}
