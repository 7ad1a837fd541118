//! Decisions in: each with the facts that it makes true and its entry in the audit trail, in one transaction.

use crate::db::{Ledger, Write};
use crate::error::{LedgerError, Result};
use crate::facts::{Named, object, put, text};
use crate::limits::{MAX_CITES, MAX_KEY_BYTES, MAX_TEXT_BYTES, ROWS_PER_STATEMENT};
use crate::names::Ids;
use crate::personal::{Person, person};
use crate::sql::Statement;
use model::limits::{MAX_DATASET_BYTES, MAX_KIND_BYTES};
use model::{Cite, Decision, EntityRef, Facts, Nanos, hex};
use sha2::{Digest as _, Sha256};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row as _};
use std::collections::BTreeMap;

/// What became of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided {
    /// Its id.
    pub id: i64,
    /// It was told before; then nothing was written.
    pub repeated: bool,
}

/// A decision in the order in which its columns are hashed.
const SELECT: &str =
    "SELECT id, known, at, key, kind, entity, reason, owner, control, expires, body, person, dataset FROM decisions";

impl Ledger {
    /// Keeps a decision by a person or rule, and facts that are true by it. `now` is the wall clock.
    pub async fn decide(&self, decision: &Decision, facts: &Facts, by: Person<'_>, now: Nanos) -> Result<Decided> {
        let mut named = check(decision, facts)?;
        named.entities.extend(decision.entity.iter().chain(&decision.owner).cloned());
        named.entities.iter().try_for_each(EntityRef::check)?;
        // One id each for the decision and a person who is not known yet, here and in the trail.
        let mut trail = self.inner.trail().await?;
        let mut write = self.inner.write(named.ids + decision.cites.len() + 5, now).await?;
        let known = sqlx::query("SELECT id FROM decisions WHERE key = $1")
            .bind(&decision.key)
            .fetch_optional(&mut *write.tx)
            .await?;
        if let Some(row) = known {
            return Ok(Decided { id: row.try_get(0)?, repeated: true });
        }
        follows(&mut write, decision).await?;
        let (ids, _) = put(self, &mut write, facts, &named).await?;
        let (person, _) = person(&mut write, by).await?;
        let (id, hash) = insert(&mut write, decision, &ids, person).await?;
        let detail = serde_json::json!({"kind": decision.kind, "sha256": hash}).to_string();
        trail.append(&mut write, "decision", by, &format!("decision:{id}"), &detail).await?;
        trail.commit(write).await?;
        self.inner.names.keep(&ids);
        Ok(Decided { id, repeated: false })
    }
}

/// Refuses a decision whose control is none.
pub(crate) async fn follows(write: &mut Write<'_>, decision: &Decision) -> Result<()> {
    let Some(control) = decision.control else { return Ok(()) };
    let kind = sqlx::query("SELECT kind FROM decisions WHERE id = $1").bind(control);
    let kind = kind.fetch_optional(&mut *write.tx).await?.map(|row| row.try_get::<String, _>(0)).transpose()?;
    if kind.as_deref() != Some("control") {
        return Err(LedgerError::Invalid(format!("{control} is no control: name one that is kept here")));
    }
    Ok(())
}

/// Writes a decision whose entities are known, with what it cites; answers its id and its hash. It takes one id.
pub(crate) async fn insert(
    write: &mut Write<'_>,
    decision: &Decision,
    ids: &Ids,
    person: i64,
) -> Result<(i64, String)> {
    let id = write.id();
    let entity = |entity: &Option<EntityRef>| entity.as_ref().map(|entity| ids.entities[entity]);
    sqlx::query(
        "INSERT INTO decisions (id, known, at, key, kind, entity, reason, owner, control, expires, body, person, dataset) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(id)
    .bind(write.known)
    .bind(decision.at)
    .bind(&decision.key)
    .bind(&decision.kind)
    .bind(entity(&decision.entity))
    .bind(&decision.reason)
    .bind(entity(&decision.owner))
    .bind(decision.control)
    .bind(decision.expires)
    .bind(object("body of a decision", &decision.body)?)
    .bind(person)
    .bind(&decision.dataset)
    .execute(&mut *write.tx)
    .await?;
    for chunk in decision.cites.chunks(ROWS_PER_STATEMENT) {
        let mut insert = Statement::new("INSERT INTO cites (decision, event, fact) ");
        insert.values(chunk, |row, cite| {
            let (event, fact) = cited(cite);
            row.bind(id).bind(event).bind(fact);
        });
        insert
            .push(" ON CONFLICT (decision, event, fact) DO NOTHING")
            .build(write.sqlite)?
            .execute(&mut *write.tx)
            .await?;
    }
    let row = sqlx::query(AssertSqlSafe(format!("{SELECT} WHERE id = $1"))).bind(id).fetch_one(&mut *write.tx).await?;
    let mut cites = decision.cites.iter().map(cited).collect::<Vec<_>>();
    cites.sort_unstable();
    cites.dedup();
    Ok((id, hash(&row, &cites)?))
}

/// Refuses a decision that cannot be kept; answers what its facts name.
pub(crate) fn check(decision: &Decision, facts: &Facts) -> Result<Named> {
    text("key of a decision", &decision.key, MAX_KEY_BYTES)?;
    text("kind of a decision", &decision.kind, MAX_KIND_BYTES)?;
    text("dataset", &decision.dataset, MAX_DATASET_BYTES)?;
    if decision.reason.len() > MAX_TEXT_BYTES {
        return Err(LedgerError::Invalid(format!("the reason is longer than {MAX_TEXT_BYTES} bytes")));
    }
    if decision.cites.len() > MAX_CITES {
        return Err(LedgerError::Invalid(format!("a decision cites at most {MAX_CITES} facts and events")));
    }
    let missing = decision.missing();
    if !missing.is_empty() {
        return Err(LedgerError::Invalid(format!("a {} needs: {}", decision.kind, missing.join(", "))));
    }
    if decision.restricts() && decision.expires.is_some_and(|expires| expires <= decision.at) {
        return Err(LedgerError::Invalid(format!("the {} expires before it begins", decision.kind)));
    }
    Named::of(facts)
}

/// Event and fact as they are kept. Event ids use all 64 bits; here they keep their bits.
fn cited(cite: &Cite) -> (i64, i64) {
    match cite {
        Cite::Event(event) => (*event as i64, 0),
        Cite::Fact(fact) => (0, *fact),
    }
}

/// What the audit trail keeps of a decision, so that no other can take its place.
fn hash(row: &AnyRow, cites: &[(i64, i64)]) -> Result<String> {
    let number = |at: usize| row.try_get::<Option<i64>, _>(at);
    let word = |at: usize| row.try_get::<String, _>(at);
    let decision = serde_json::json!([
        [number(0)?, number(1)?, number(2)?],
        [word(3)?, word(4)?],
        number(5)?,
        word(6)?,
        [number(7)?, number(8)?, number(9)?],
        word(10)?,
        number(11)?,
        word(12)?,
        cites,
    ]);
    Ok(hex::encode(&Sha256::digest(decision.to_string().as_bytes())))
}

/// Ids and hashes of the decisions from an id on.
pub(crate) async fn hashes(tx: &mut AnyConnection, from: i64, limit: i64) -> Result<Vec<(i64, String)>> {
    let page = format!("{SELECT} WHERE id >= $1 ORDER BY id LIMIT $2");
    let rows = sqlx::query(AssertSqlSafe(page)).bind(from).bind(limit).fetch_all(&mut *tx).await?;
    let last = match rows.last() {
        Some(row) => row.try_get::<i64, _>(0)?,
        None => return Ok(Vec::new()),
    };
    let cites =
        sqlx::query("SELECT decision, event, fact FROM cites WHERE decision BETWEEN $1 AND $2 ORDER BY 1, 2, 3");
    let mut of: BTreeMap<i64, Vec<(i64, i64)>> = BTreeMap::new();
    for row in cites.bind(from).bind(last).fetch_all(&mut *tx).await? {
        of.entry(row.try_get(0)?).or_default().push((row.try_get(1)?, row.try_get(2)?));
    }
    let hashed = |row: AnyRow| -> Result<(i64, String)> {
        let id = row.try_get(0)?;
        Ok((id, hash(&row, of.get(&id).map_or(&[][..], Vec::as_slice))?))
    };
    rows.into_iter().map(hashed).collect()
}
