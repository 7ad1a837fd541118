//! What a round of detection found, kept in one transaction: with the detector's own memory, or not at all.

use super::copies::{Copies, KEY, WHY, resolve};
use super::rows::{Delta, Entry, begin, hide, named, step, sum_up, tally};
use super::{Committed, Detection, Detector, Firing, Kind, On, Outgoing, Raise, Target};
use crate::db::{Ledger, Write};
use crate::decisions::{check, insert};
use crate::error::{LedgerError, Result};
use crate::facts::text;
use crate::limits::{
    MAX_FIRINGS, MAX_ID_BYTES, MAX_MOVES, MAX_NOTICE_BYTES, MAX_RAISED, MAX_SNAPSHOT_BYTES, MAX_TEXT_BYTES,
    ROWS_PER_STATEMENT, SIGNED_TOGETHER, SNAPSHOT_PART_BYTES,
};
use crate::names::Ids;
use crate::personal::{Person, person};
use crate::sql::Statement;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use model::{EntityRef, Facts, Nanos};
use serde_json::json;
use sqlx::Row as _;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What was told of a firing before.
struct Before {
    about: i64,
    hidden: bool,
    team: String,
    events: i64,
    first: Nanos,
    last: Nanos,
}

impl Ledger {
    /// Keeps what a round of detection found, for the program that decided it. `now` is the wall clock. Told again, it
    /// changes nothing: what is raised goes by the decision's key, what fired by its id, a notice by its key.
    pub async fn commit_detection(&self, detection: &Detection, by: Person<'_>, now: Nanos) -> Result<Committed> {
        bounded(detection)?;
        let mut trail = self.inner.trail().await?;
        let mut write = self.inner.write(1, now).await?;
        let mut entities = BTreeSet::new();
        for raise in &detection.raised {
            entities.extend(raise.decision.entity.iter().chain(&raise.decision.owner).cloned());
        }
        entities.extend(named(&detection.moves));
        entities.iter().try_for_each(EntityRef::check)?;
        write.reserve(entities.len()).await?;
        let ids = self.inner.names.resolve(&mut write, &entities, &BTreeSet::new()).await?;

        let mut keys = known_keys(&mut write, detection).await?;
        let mut copies = Copies::default();
        let signed = raise(&mut write, &detection.raised, &ids, by, &mut keys, &mut copies).await?;
        let mut done = Committed { known: write.known, ids: keys.clone(), ..Committed::default() };
        let mut incidents = fire(&mut write, &detection.firings, &keys, &mut copies, &mut done).await?;
        incidents.extend(step(&mut write, &detection.moves, &keys, &ids, None).await?);
        sum_up(&mut write, &incidents).await?;
        post(&mut write, &detection.notices, &keys).await?;
        if let Some(detector) = &detection.detector {
            remember(&mut write, detector).await?;
        }
        let evidence: Vec<(i64, String)> = copies.write(&mut write).await?.into_iter().collect();
        if signed.is_empty() && evidence.is_empty() {
            write.tx.commit().await?;
        } else {
            let entries = signed.len().max(evidence.len()).div_ceil(SIGNED_TOGETHER);
            for at in 0..entries {
                let part = |of: &[(i64, String)]| -> Vec<(i64, String)> {
                    of.iter().skip(at * SIGNED_TOGETHER).take(SIGNED_TOGETHER).cloned().collect()
                };
                let detail = json!({"decisions": part(&signed), "evidence": part(&evidence)}).to_string();
                trail.append(&mut write, "raised", by, "alerts", &detail).await?;
            }
            trail.commit(write).await?;
        }
        self.inner.names.keep(&ids);
        Ok(done)
    }

    /// Where a detector stands, and what it remembered there.
    pub async fn detector(&self, name: &str) -> Result<Option<Detector>> {
        let row = sqlx::query("SELECT position, parts FROM detectors WHERE name = $1").bind(name);
        let Some(row) = row.fetch_optional(&self.inner.pool).await? else { return Ok(None) };
        let (position, parts): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        let rows = sqlx::query("SELECT text FROM snapshots WHERE detector = $1 ORDER BY part").bind(name);
        let rows = rows.fetch_all(&self.inner.pool).await?;
        let broken = |why: &str| LedgerError::Database(format!("the snapshot of the detector {name}: {why}"));
        if rows.len() as i64 != parts {
            return Err(broken("parts are missing"));
        }
        let mut packed = Vec::new();
        for row in rows {
            let part = BASE64.decode(row.try_get::<String, _>(0)?).map_err(|_| broken("a part is damaged"))?;
            packed.extend(part);
        }
        let snapshot =
            zstd::bulk::decompress(&packed, MAX_SNAPSHOT_BYTES).map_err(|error| broken(&error.to_string()))?;
        Ok(Some(Detector { name: name.to_owned(), position: position as u64, snapshot }))
    }

    /// Forgets firings that nobody can tell again; answers how many.
    pub async fn forget_firings(&self, before: Nanos, now: Nanos) -> Result<u64> {
        let mut write = self.inner.write(0, now).await?;
        let gone = sqlx::query("DELETE FROM firings WHERE touched < $1").bind(before).execute(&mut *write.tx).await?;
        write.tx.commit().await?;
        Ok(gone.rows_affected())
    }
}

fn bounded(detection: &Detection) -> Result<()> {
    let Detection { raised, firings, moves, notices, detector } = detection;
    for (what, count, most) in [
        ("alerts and incidents", raised.len(), MAX_RAISED),
        ("firings", firings.len(), MAX_FIRINGS),
        ("moves", moves.len(), MAX_MOVES),
        ("notices", notices.len(), MAX_MOVES),
    ] {
        if count > most {
            return Err(LedgerError::Invalid(format!("{count} {what} in one round; tell at most {most}")));
        }
    }
    for raise in raised {
        check(&raise.decision, &Facts::default())?;
        if !["alert", "incident"].contains(&raise.decision.kind.as_str()) {
            return Err(LedgerError::Invalid(format!("a round raises no {}", raise.decision.kind)));
        }
        said(raise)?;
    }
    for firing in firings {
        text("id of a firing", &firing.id, MAX_ID_BYTES)?;
        text("rule", &firing.rule, MAX_TEXT_BYTES)?;
    }
    if let Some(detector) = detector {
        text("name of the detector", &detector.name, MAX_ID_BYTES)?;
        if detector.snapshot.len() > MAX_SNAPSHOT_BYTES {
            let told = format!("the snapshot of {} has more than {MAX_SNAPSHOT_BYTES} bytes", detector.name);
            return Err(LedgerError::Invalid(told));
        }
    }
    Ok(())
}

/// Refuses what cannot be kept beside a decision.
pub(super) fn said(raise: &Raise) -> Result<()> {
    text("fingerprint", &raise.fingerprint, MAX_ID_BYTES)?;
    text("rule", &raise.rule, MAX_TEXT_BYTES)?;
    text("title", &raise.title, MAX_TEXT_BYTES)?;
    let tags: usize = raise.tags.iter().map(|tag| tag.len() + 1).sum();
    let longest = [tags, raise.why.len(), raise.runbook.as_deref().unwrap_or("").len()].into_iter().max();
    if longest > Some(MAX_TEXT_BYTES) {
        let told = format!("tags, reason and runbook of an alert have at most {MAX_TEXT_BYTES} bytes each");
        return Err(LedgerError::Invalid(told));
    }
    let texts = [Some(&raise.why), raise.runbook.as_ref()].into_iter().flatten().chain(&raise.tags);
    if texts.into_iter().any(|text| text.contains('\0')) {
        return Err(LedgerError::Invalid("an alert has a zero byte".to_owned()));
    }
    Ok(())
}

/// The ids of decisions that are there already.
async fn known_keys(write: &mut Write<'_>, detection: &Detection) -> Result<BTreeMap<String, i64>> {
    let mut wanted: BTreeSet<&String> = detection.raised.iter().map(|raise| &raise.decision.key).collect();
    let targets = detection.firings.iter().filter_map(|firing| match &firing.on {
        On::Alert(target) => Some(target),
        On::Hidden { .. } => None,
    });
    let targets = targets.chain(detection.moves.iter().map(|one| &one.about));
    for target in targets.chain(detection.notices.iter().filter_map(|notice| notice.about.as_ref())) {
        if let Target::Key(key) = target {
            wanted.insert(key);
        }
    }
    let wanted: Vec<&String> = wanted.into_iter().collect();
    let mut keys = BTreeMap::new();
    for chunk in wanted.chunks(ROWS_PER_STATEMENT) {
        let mut select = Statement::new("SELECT key, id FROM decisions WHERE key IN (");
        select.values(chunk, |row, key| {
            row.bind((*key).clone());
        });
        for row in select.push(")").build(write.sqlite)?.fetch_all(&mut *write.tx).await? {
            keys.insert(row.try_get(0)?, row.try_get(1)?);
        }
    }
    Ok(keys)
}

/// Writes what is new; answers ids and hashes for the trail.
async fn raise(
    write: &mut Write<'_>,
    raised: &[Raise],
    ids: &Ids,
    by: Person<'_>,
    keys: &mut BTreeMap<String, i64>,
    copies: &mut Copies,
) -> Result<Vec<(i64, String)>> {
    let new: Vec<&Raise> = raised.iter().filter(|raise| !keys.contains_key(&raise.decision.key)).collect();
    if new.is_empty() {
        return Ok(Vec::new());
    }
    write.reserve(new.len()).await?;
    let (person, _) = person(write, by).await?;
    let (mut signed, mut entries) = (Vec::with_capacity(new.len()), Vec::with_capacity(new.len()));
    for raise in new {
        if keys.contains_key(&raise.decision.key) {
            continue;
        }
        let (id, hash) = insert(write, &raise.decision, ids, person).await?;
        keys.insert(raise.decision.key.clone(), id);
        signed.push((id, hash));
        copies.quote(id, WHY, raise.why.clone());
        if !raise.key.is_empty() {
            copies.quote(id, KEY, serde_json::to_string(&raise.key).unwrap_or_default());
        }
        let kind = Kind::from_name(&raise.decision.kind).unwrap_or(Kind::Alert);
        entries.push(Entry { id, kind, raise, parent: None, until: None });
    }
    begin(write, &entries, ids).await?;
    Ok(signed)
}

/// What one round tells of the same firing is one.
fn merged(firings: &[Firing]) -> BTreeMap<&str, (Firing, bool)> {
    let mut all: BTreeMap<&str, (Firing, bool)> = BTreeMap::new();
    for firing in firings {
        match all.get_mut(firing.id.as_str()) {
            Some((one, _)) => {
                one.events = one.events.max(firing.events);
                one.first = one.first.min(firing.first);
                one.last = one.last.max(firing.last);
                one.copies.extend(firing.copies.iter().cloned());
            }
            None => drop(all.insert(&firing.id, (firing.clone(), false))),
        }
    }
    all
}

/// Counts what fired, as far as it was not told before; answers the incidents of the alerts that grew.
async fn fire(
    write: &mut Write<'_>,
    firings: &[Firing],
    keys: &BTreeMap<String, i64>,
    copies: &mut Copies,
    done: &mut Committed,
) -> Result<BTreeSet<i64>> {
    let mut merged = merged(firings);
    let before = told(write, merged.keys().copied()).await?;
    let mut alerts: BTreeMap<i64, Delta> = BTreeMap::new();
    let mut hidden: BTreeMap<(i64, String, String), Delta> = BTreeMap::new();
    let (mut rows, mut touched) = (Vec::new(), Vec::new());
    for (id, (firing, again)) in &mut merged {
        let events = i64::try_from(firing.events).unwrap_or(i64::MAX);
        let (about, is_hidden, team, delta) = match before.get(*id) {
            Some(before) => {
                *again = true;
                done.repeated += 1;
                let (first, last) = (firing.first.min(before.first), firing.last.max(before.last));
                let more = events.max(before.events) - before.events;
                // Touched as well when nothing is new, so that what is told for a month is not forgotten meanwhile.
                touched.push((*id, before.events + more, first, last));
                if more == 0 && first == before.first && last == before.last {
                    continue;
                }
                (before.about, before.hidden, before.team.clone(), Delta { firings: 0, events: more, first, last })
            }
            None => {
                done.new += 1;
                let (about, is_hidden, team) = match &firing.on {
                    On::Alert(target) => (resolve(target, keys), false, ""),
                    On::Hidden { by, team } => (Some(*by), true, team.as_str()),
                };
                let Some(about) = about else {
                    return Err(LedgerError::Invalid(format!("{id} counts on an alert that is not kept here")));
                };
                rows.push((*id, about, is_hidden, &firing.rule, team.to_owned(), events, firing.first, firing.last));
                let delta = Delta { firings: 1, events, first: firing.first, last: firing.last };
                (about, is_hidden, team.to_owned(), delta)
            }
        };
        if is_hidden {
            let sum = hidden.entry((about, firing.rule.clone(), team));
            sum.and_modify(|sum| sum.add(delta)).or_insert(delta);
        } else {
            alerts.entry(about).and_modify(|sum| sum.add(delta)).or_insert(delta);
        }
    }
    keep(write, &rows, &touched).await?;
    tally(write, &alerts).await?;
    hide(write, &hidden).await?;
    let abouts = copy_events(write, &merged, &before, keys, copies).await?;
    parents(write, &abouts).await
}

/// Copies the events of firings to their alerts, as far as they are not there; answers the alerts.
async fn copy_events(
    write: &mut Write<'_>,
    merged: &BTreeMap<&str, (Firing, bool)>,
    before: &HashMap<String, Before>,
    keys: &BTreeMap<String, i64>,
    copies: &mut Copies,
) -> Result<Vec<i64>> {
    let mut grown = Vec::with_capacity(merged.len());
    for (id, (firing, again)) in merged {
        let about = match (before.get(*id), &firing.on) {
            (Some(before), _) => (!before.hidden).then_some(before.about),
            (None, On::Alert(target)) => resolve(target, keys),
            (None, On::Hidden { .. }) => None,
        };
        grown.extend(about.map(|about| (about, firing, *again)));
    }
    // Also where nothing is new: what was copied before is known by looking alone.
    let abouts: Vec<i64> = grown.iter().map(|(about, ..)| *about).collect::<BTreeSet<_>>().into_iter().collect();
    copies.look(write, &abouts).await?;
    for (about, firing, again) in grown {
        // An event without an id cannot be told from one that was copied before.
        firing
            .copies
            .iter()
            .filter(|event| !again || event.event_id.is_some())
            .for_each(|event| copies.event(about, event));
    }
    Ok(abouts)
}

/// What was told before of some firings.
async fn told<'a>(write: &mut Write<'_>, ids: impl Iterator<Item = &'a str>) -> Result<HashMap<String, Before>> {
    let (ids, mut before) = (ids.collect::<Vec<_>>(), HashMap::new());
    for chunk in ids.chunks(ROWS_PER_STATEMENT) {
        let mut select =
            Statement::new("SELECT id, about, hidden, team, events, first, last FROM firings WHERE id IN (");
        select.values(chunk, |row, id| {
            row.bind((*id).to_owned());
        });
        for row in select.push(")").build(write.sqlite)?.fetch_all(&mut *write.tx).await? {
            let told = Before {
                about: row.try_get(1)?,
                hidden: row.try_get::<i64, _>(2)? == 1,
                team: row.try_get(3)?,
                events: row.try_get(4)?,
                first: row.try_get(5)?,
                last: row.try_get(6)?,
            };
            before.insert(row.try_get(0)?, told);
        }
    }
    Ok(before)
}

type FiringRow<'a> = (&'a str, i64, bool, &'a String, String, i64, Nanos, Nanos);

/// Remembers firings, so that they count once.
async fn keep(write: &mut Write<'_>, new: &[FiringRow<'_>], touched: &[(&str, i64, Nanos, Nanos)]) -> Result<()> {
    let now = write.known;
    for chunk in new.chunks(ROWS_PER_STATEMENT) {
        let mut insert =
            Statement::new("INSERT INTO firings (id, about, hidden, rule, team, events, first, last, touched) ");
        insert.values(chunk, |row, (id, about, hidden, rule, team, events, first, last)| {
            row.bind((*id).to_owned()).bind(*about).bind(i64::from(*hidden)).bind((*rule).clone()).bind(team.clone());
            row.bind(*events).bind(*first).bind(*last).bind(now);
        });
        insert.build(write.sqlite)?.execute(&mut *write.tx).await?;
    }
    for (id, events, first, last) in touched {
        sqlx::query("UPDATE firings SET events = $1, first = $2, last = $3, touched = $4 WHERE id = $5")
            .bind(events)
            .bind(first)
            .bind(last)
            .bind(now)
            .bind(*id)
            .execute(&mut *write.tx)
            .await?;
    }
    Ok(())
}

/// The incidents of alerts.
async fn parents(write: &mut Write<'_>, abouts: &[i64]) -> Result<BTreeSet<i64>> {
    let mut found = BTreeSet::new();
    for chunk in abouts.chunks(ROWS_PER_STATEMENT) {
        let mut select = Statement::new("SELECT DISTINCT parent FROM queue WHERE parent IS NOT NULL AND about IN (");
        select.values(chunk, |row, about| {
            row.bind(*about);
        });
        for row in select.push(")").build(write.sqlite)?.fetch_all(&mut *write.tx).await? {
            found.insert(row.try_get(0)?);
        }
    }
    Ok(found)
}

/// Puts notices into the outbox.
pub(super) async fn post(write: &mut Write<'_>, notices: &[Outgoing], keys: &BTreeMap<String, i64>) -> Result<()> {
    write.reserve(notices.len()).await?;
    for notice in notices {
        text("key of a notice", &notice.key, MAX_ID_BYTES)?;
        text("channel", &notice.channel, MAX_ID_BYTES)?;
        text("notice", &notice.body, MAX_NOTICE_BYTES)?;
    }
    for chunk in notices.chunks(ROWS_PER_STATEMENT) {
        let known = write.known;
        let rows: Vec<_> = chunk.iter().map(|notice| (write.id(), notice)).collect();
        let mut insert = Statement::new(
            "INSERT INTO outbox (id, key, known, at, channel, about, dataset, body, state, attempts, due) ",
        );
        insert.values(rows, |row, (id, notice)| {
            let about = notice.about.as_ref().and_then(|target| resolve(target, keys));
            row.bind(id).bind(notice.key.clone()).bind(known).bind(known).bind(notice.channel.clone()).bind(about);
            row.bind(notice.dataset.clone()).bind(notice.body.clone()).bind(0i64).bind(0i64).bind(notice.due);
        });
        insert.push(" ON CONFLICT (key) DO NOTHING").build(write.sqlite)?.execute(&mut *write.tx).await?;
    }
    Ok(())
}

/// Writes down where the detector stands.
async fn remember(write: &mut Write<'_>, detector: &Detector) -> Result<()> {
    let packed = zstd::bulk::compress(&detector.snapshot, 1)
        .map_err(|error| LedgerError::Invalid(format!("the snapshot of {}: {error}", detector.name)))?;
    let parts: Vec<&[u8]> = packed.chunks(SNAPSHOT_PART_BYTES).collect();
    sqlx::query(
        "INSERT INTO detectors (name, known, position, parts) VALUES ($1, $2, $3, $4) ON CONFLICT (name) \
         DO UPDATE SET known = excluded.known, position = excluded.position, parts = excluded.parts",
    )
    .bind(&detector.name)
    .bind(write.known)
    .bind(detector.position as i64)
    .bind(parts.len() as i64)
    .execute(&mut *write.tx)
    .await?;
    sqlx::query("DELETE FROM snapshots WHERE detector = $1 AND part >= $2")
        .bind(&detector.name)
        .bind(parts.len() as i64)
        .execute(&mut *write.tx)
        .await?;
    for (number, part) in parts.into_iter().enumerate() {
        sqlx::query(
            "INSERT INTO snapshots (detector, part, text) VALUES ($1, $2, $3) ON CONFLICT (detector, part) \
             DO UPDATE SET text = excluded.text",
        )
        .bind(&detector.name)
        .bind(number as i64)
        .bind(BASE64.encode(part))
        .execute(&mut *write.tx)
        .await?;
    }
    Ok(())
}
