//! Copies of events, so that an alert outlives their retention; and what quotes them. Each is bound to the trail by a
//! salted commitment, and can be erased.

use super::Target;
use crate::db::{Ledger, Write};
use crate::error::Result;
use crate::limits::{AUDIT_PAGE, ROWS_PER_STATEMENT};
use crate::personal::{Person, commitment};
use crate::sql::Statement;
use futures::TryStreamExt as _;
use model::alert::{MAX_ALERT_EVENT_BYTES, MAX_ALERT_EVENTS};
use model::{CitedEvent, Nanos, hex};
use rand::RngCore as _;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sqlx::{AnyConnection, Row as _};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A copy of an event.
pub(super) const EVENT: &str = "event";
/// Why it fired.
pub(super) const WHY: &str = "why";
/// What it was grouped by.
pub(super) const KEY: &str = "key";

/// What was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// Copies of events that are gone.
    pub events: u64,
    /// Alerts that had some of them; why they fired is gone as well.
    pub alerts: u64,
}

/// Copies on their way.
#[derive(Default)]
pub(super) struct Copies {
    rows: Vec<(i64, &'static str, Option<i64>, String)>,
    /// Of each alert: events, their bytes, and their ids.
    room: HashMap<i64, (usize, usize, BTreeSet<i64>)>,
}

impl Copies {
    /// Adds what quotes events.
    pub fn quote(&mut self, about: i64, part: &'static str, text: String) {
        if !text.is_empty() {
            self.rows.push((about, part, None, text));
        }
    }

    /// Looks at what alerts have already.
    pub async fn look(&mut self, write: &mut Write<'_>, abouts: &[i64]) -> Result<()> {
        for chunk in abouts.chunks(ROWS_PER_STATEMENT) {
            let mut select = Statement::new("SELECT about, event, length(text) FROM copies WHERE part = ");
            select.bind(EVENT.to_owned()).push(" AND about IN (");
            select.values(chunk, |row, about| {
                row.bind(*about);
            });
            for row in select.push(")").build(write.sqlite)?.fetch_all(&mut *write.tx).await? {
                let (events, bytes, ids) = self.room.entry(row.try_get(0)?).or_default();
                *events += 1;
                *bytes += row.try_get::<Option<i64>, _>(2)?.unwrap_or(0) as usize;
                ids.extend(row.try_get::<Option<i64>, _>(1)?);
            }
        }
        Ok(())
    }

    /// Adds an event if there is room for it and it is not there. Without an id it is taken for another one.
    pub fn event(&mut self, about: i64, event: &CitedEvent) {
        let id = event.event_id.map(|id| id as i64);
        let (events, bytes, ids) = self.room.entry(about).or_default();
        if *events >= MAX_ALERT_EVENTS || id.is_some_and(|id| ids.contains(&id)) {
            return;
        }
        let Ok(text) = serde_json::to_string(event) else { return };
        if *bytes + text.len() <= MAX_ALERT_EVENT_BYTES {
            *events += 1;
            *bytes += text.len();
            ids.extend(id);
            self.rows.push((about, EVENT, id, text));
        }
    }

    /// Writes them; answers for each alert a digest of its new ones, which the trail keeps.
    pub async fn write(self, write: &mut Write<'_>) -> Result<BTreeMap<i64, String>> {
        let mut digests: BTreeMap<i64, Sha256> = BTreeMap::new();
        write.reserve(self.rows.len()).await?;
        for chunk in self.rows.chunks(ROWS_PER_STATEMENT) {
            let known = write.known;
            let mut rows = Vec::with_capacity(chunk.len());
            for (about, part, event, text) in chunk {
                let mut salt = [0; 16];
                rand::rng().fill_bytes(&mut salt);
                let salt = hex::encode(&salt);
                let commitment = commitment(&salt, text);
                digests.entry(*about).or_default().update(commitment.as_bytes());
                rows.push((write.id(), *about, *part, *event, commitment, salt, text.clone()));
            }
            let mut insert =
                Statement::new("INSERT INTO copies (id, known, about, part, event, commitment, salt, text) ");
            insert.values(rows, |row, (id, about, part, event, commitment, salt, text)| {
                row.bind(id).bind(known).bind(about).bind(part.to_owned()).bind(event);
                row.bind(commitment).bind(salt).bind(text);
            });
            insert.build(write.sqlite)?.execute(&mut *write.tx).await?;
        }
        Ok(digests.into_iter().map(|(about, digest)| (about, hex::encode(&digest.finalize()))).collect())
    }
}

impl Ledger {
    /// The events of which there are copies.
    pub async fn copied_events(&self) -> Result<HashSet<u64>> {
        let mut rows = sqlx::query("SELECT DISTINCT event FROM copies WHERE event IS NOT NULL AND text IS NOT NULL")
            .fetch(&self.inner.pool);
        let mut ids = HashSet::new();
        while let Some(row) = rows.try_next().await? {
            ids.insert(row.try_get::<i64, _>(0)? as u64);
        }
        Ok(ids)
    }

    /// Erases the copies of some events for good, and why the alerts that had them fired, since that may quote them. The
    /// trail still verifies. `unwanted` is asked for every copy there is.
    pub async fn erase_copies(
        &self,
        mut unwanted: impl FnMut(&CitedEvent) -> bool + Send,
        by: Person<'_>,
        now: Nanos,
    ) -> Result<Erased> {
        let mut trail = self.inner.trail().await?;
        let mut write = self.inner.write(1, now).await?;
        let (mut from, mut gone, mut alerts) = (0, Vec::new(), BTreeSet::new());
        loop {
            let page = sqlx::query(
                "SELECT id, about, text FROM copies WHERE id >= $1 AND part = 'event' AND text IS NOT NULL \
                 ORDER BY id LIMIT $2",
            );
            let rows = page.bind(from).bind(AUDIT_PAGE).fetch_all(&mut *write.tx).await?;
            for row in &rows {
                let id: i64 = row.try_get(0)?;
                from = id + 1;
                let event: Option<CitedEvent> = serde_json::from_str(&row.try_get::<String, _>(2)?).ok();
                // What cannot be read may be what is unwanted.
                if event.is_none_or(|event| unwanted(&event)) {
                    gone.push(id);
                    alerts.insert(row.try_get::<i64, _>(1)?);
                }
            }
            if (rows.len() as i64) < AUDIT_PAGE {
                break;
            }
        }
        let erased = Erased { events: gone.len() as u64, alerts: alerts.len() as u64 };
        if gone.is_empty() {
            return Ok(erased);
        }
        for (column, ids) in [("id", gone), ("part <> 'event' AND about", alerts.into_iter().collect())] {
            for chunk in ids.chunks(ROWS_PER_STATEMENT) {
                let mut update = Statement::new("UPDATE copies SET salt = NULL, text = NULL WHERE ");
                update.push(column).push(" IN (");
                update.values(chunk, |row, id| {
                    row.bind(*id);
                });
                update.push(")").build(write.sqlite)?.execute(&mut *write.tx).await?;
            }
        }
        let detail = serde_json::to_string(&erased).unwrap_or_default();
        trail.append(&mut write, "erasure", by, "alert copies", &detail).await?;
        trail.commit(write).await?;
        // What the databases keep for a while of rows that changed.
        let clean = if self.inner.sqlite { "PRAGMA wal_checkpoint(TRUNCATE)" } else { "VACUUM copies" };
        if let Err(error) = sqlx::query(clean).execute(&self.inner.pool).await {
            tracing::warn!(%error, "erased copies stay for a while in what the database keeps of changed rows");
        }
        Ok(erased)
    }
}

/// Compares copies with what the trail says of them: by alert and when they were learnt.
pub(crate) async fn verify(tx: &mut AnyConnection, mut told: HashMap<(i64, i64), String>) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    let mut from = (i64::MIN, i64::MIN);
    let (mut group, mut digest): (Option<(i64, i64)>, Sha256) = (None, Sha256::new());
    let mut ended = |group: Option<(i64, i64)>, digest: Sha256, problems: &mut Vec<String>| {
        let Some(group) = group else { return };
        match told.remove(&group) {
            Some(known) if known == hex::encode(&digest.finalize()) => {}
            Some(_) => problems.push(format!("the evidence of alert {} was changed", group.0)),
            None => problems.push(format!("evidence of alert {} is not in the audit trail", group.0)),
        }
    };
    loop {
        let rows = sqlx::query(
            "SELECT about, known, id, commitment, salt, text FROM copies WHERE about > $1 OR (about = $2 AND id > $3) \
             ORDER BY about, id LIMIT $4",
        );
        let rows = rows.bind(from.0).bind(from.0).bind(from.1).bind(AUDIT_PAGE).fetch_all(&mut *tx).await?;
        for row in &rows {
            let (about, known, id): (i64, i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            from = (about, id);
            if group != Some((about, known)) {
                ended(group.replace((about, known)), std::mem::take(&mut digest), &mut problems);
            }
            let said: String = row.try_get(3)?;
            digest.update(said.as_bytes());
            let sound = match (row.try_get::<Option<String>, _>(4)?, row.try_get::<Option<String>, _>(5)?) {
                (Some(salt), Some(text)) => commitment(&salt, &text) == said,
                (None, None) => true,
                _ => false,
            };
            if !sound {
                problems.push(format!("a copy in the evidence of alert {about} was changed"));
            }
        }
        if (rows.len() as i64) < AUDIT_PAGE {
            break;
        }
    }
    ended(group, digest, &mut problems);
    let mut gone: Vec<i64> = told.keys().map(|(about, _)| *about).collect();
    gone.sort_unstable();
    problems.extend(gone.into_iter().map(|about| format!("evidence of alert {about} is gone")));
    Ok(problems)
}

/// The ids that targets stand for.
pub(super) fn resolve(target: &Target, keys: &BTreeMap<String, i64>) -> Option<i64> {
    match target {
        Target::Id(id) => Some(*id),
        Target::Key(key) => keys.get(key).copied(),
    }
}
