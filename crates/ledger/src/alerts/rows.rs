//! The rows behind the queue: how they are written, and that the queue says what moves and tallies say.

use super::{Kind, Move, Raise, State, Step, Target, copies};
use crate::db::Write;
use crate::error::{LedgerError, Result};
use crate::limits::{MAX_TEXT_BYTES, ROWS_PER_STATEMENT, TALLY_NANOS};
use crate::names::Ids;
use crate::personal::{Person, person};
use crate::sql::Statement;
use model::{EntityRef, Nanos};
use sqlx::{AnyConnection, Row as _};
use std::collections::{BTreeMap, BTreeSet};

/// A row of the queue that begins.
pub(super) struct Entry<'a> {
    pub id: i64,
    pub kind: Kind,
    pub raise: &'a Raise,
    pub parent: Option<i64>,
    pub until: Option<Nanos>,
}

/// Rows that have more columns than most.
const WIDE: usize = ROWS_PER_STATEMENT / 2;

/// Writes what is raised, and puts it into the queue.
pub(super) async fn begin(write: &mut Write<'_>, entries: &[Entry<'_>], ids: &Ids) -> Result<()> {
    let entity = |entity: &Option<EntityRef>| entity.as_ref().map(|entity| ids.entities[entity]);
    for chunk in entries.chunks(WIDE) {
        let mut insert =
            Statement::new("INSERT INTO raised (id, fingerprint, rule, title, level, aspect, tags, runbook) ");
        insert.values(chunk, |row, Entry { id, raise, .. }| {
            row.bind(*id).bind(raise.fingerprint.clone()).bind(raise.rule.clone()).bind(raise.title.clone());
            row.bind(raise.level.name().to_owned()).bind(aspect(raise).to_owned());
            row.bind(raise.tags.join(" ")).bind(raise.runbook.clone());
        });
        insert.build(write.sqlite)?.execute(&mut *write.tx).await?;
        let mut insert = Statement::new(
            "INSERT INTO queue (about, class, fingerprint, rule, level, aspect, dataset, entity, state, outcome, until, \
             owner, parent, opened, marks, saved, firings, events, first, last) ",
        );
        insert.values(chunk, |row, entry| {
            let (raise, decision) = (entry.raise, &entry.raise.decision);
            row.bind(entry.id).bind(entry.kind.name().to_owned()).bind(raise.fingerprint.clone());
            row.bind(raise.rule.clone()).bind(raise.level as i64).bind(aspect(raise).to_owned());
            row.bind(decision.dataset.clone()).bind(entity(&decision.entity));
            row.bind(State::Open.name().to_owned()).bind(String::new()).bind(entry.until);
            row.bind(entity(&decision.owner)).bind(entry.parent).bind(decision.at);
            row.bind(0i64).bind(0i64).bind(0i64).bind(0i64).bind(decision.at).bind(decision.at);
        });
        insert.build(write.sqlite)?.execute(&mut *write.tx).await?;
    }
    Ok(())
}

pub(super) fn aspect(raise: &Raise) -> &'static str {
    match raise.aspect {
        model::Aspect::Security => "security",
        model::Aspect::Operations => "operations",
    }
}

/// What a firing adds to an alert or a suppression.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Delta {
    pub firings: i64,
    pub events: i64,
    pub first: Nanos,
    pub last: Nanos,
}

impl Delta {
    pub fn add(&mut self, other: Delta) {
        self.firings += other.firings;
        self.events += other.events;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

/// On a conflict of two rows of a minute they are made one.
const SUM: &str = " DO UPDATE SET firings = TABLE.firings + excluded.firings, events = TABLE.events + excluded.events, \
     first = CASE WHEN excluded.first < TABLE.first THEN excluded.first ELSE TABLE.first END, \
     last = CASE WHEN excluded.last > TABLE.last THEN excluded.last ELSE TABLE.last END";

/// Counts on alerts.
pub(crate) async fn tally(write: &mut Write<'_>, deltas: &BTreeMap<i64, Delta>) -> Result<()> {
    let (known, minute) = (write.known, write.known.div_euclid(TALLY_NANOS));
    let rows: Vec<(i64, Delta)> = deltas.iter().map(|(about, delta)| (*about, *delta)).collect();
    for chunk in rows.chunks(WIDE) {
        let mut insert = Statement::new("INSERT INTO tallies (about, minute, known, firings, events, first, last) ");
        insert.values(chunk, |row, (about, delta)| {
            row.bind(*about).bind(minute).bind(known);
            row.bind(delta.firings).bind(delta.events).bind(delta.first).bind(delta.last);
        });
        insert.push(" ON CONFLICT (about, minute)").push(&SUM.replace("TABLE", "tallies"));
        insert.build(write.sqlite)?.execute(&mut *write.tx).await?;
    }
    for (about, delta) in rows {
        // Before anything was counted, the times are those of the decision.
        sqlx::query(
            "UPDATE queue SET first = CASE WHEN events = 0 AND firings = 0 OR first > $1 THEN $2 ELSE first END, \
             last = CASE WHEN events = 0 AND firings = 0 OR last < $3 THEN $4 ELSE last END, \
             firings = firings + $5, events = events + $6 WHERE about = $7",
        )
        .bind(delta.first)
        .bind(delta.first)
        .bind(delta.last)
        .bind(delta.last)
        .bind(delta.firings)
        .bind(delta.events)
        .bind(about)
        .execute(&mut *write.tx)
        .await?;
    }
    Ok(())
}

/// Counts on suppressions, by rule and team.
pub(super) async fn hide(write: &mut Write<'_>, deltas: &BTreeMap<(i64, String, String), Delta>) -> Result<()> {
    let (known, minute) = (write.known, write.known.div_euclid(TALLY_NANOS));
    let rows: Vec<_> = deltas.iter().collect();
    for chunk in rows.chunks(WIDE) {
        let mut insert =
            Statement::new("INSERT INTO hidden (hider, rule, team, minute, known, firings, events, first, last) ");
        insert.values(chunk, |row, ((by, rule, team), delta)| {
            row.bind(*by).bind(rule.clone()).bind(team.clone()).bind(minute).bind(known);
            row.bind(delta.firings).bind(delta.events).bind(delta.first).bind(delta.last);
        });
        insert.push(" ON CONFLICT (hider, rule, team, minute)").push(&SUM.replace("TABLE", "hidden"));
        insert.build(write.sqlite)?.execute(&mut *write.tx).await?;
    }
    let mut whole: BTreeMap<i64, Delta> = BTreeMap::new();
    for ((by, _, _), delta) in deltas {
        whole.entry(*by).and_modify(|sum| sum.add(*delta)).or_insert(*delta);
    }
    tally(write, &whole).await
}

/// A row of `moves`.
struct MoveRow {
    about: i64,
    at: Nanos,
    what: &'static str,
    value: String,
    detail: Option<String>,
    number: Option<i64>,
    person: Option<i64>,
    decision: Option<i64>,
}

/// The entities that steps name.
pub(super) fn named(moves: &[Move]) -> impl Iterator<Item = EntityRef> + '_ {
    moves.iter().filter_map(|one| if let Step::Owner(team) = &one.step { Some(team.clone()) } else { None })
}

/// Writes moves and their effect on the queue; answers the incidents whose alerts changed. `decision` is that of the
/// people behind them.
pub(super) async fn step(
    write: &mut Write<'_>,
    moves: &[Move],
    keys: &BTreeMap<String, i64>,
    ids: &Ids,
    decision: Option<i64>,
) -> Result<BTreeSet<i64>> {
    let (mut rows, mut incidents) = (Vec::with_capacity(moves.len()), BTreeSet::new());
    for one in moves {
        let Some(about) = copies::resolve(&one.about, keys) else {
            return Err(LedgerError::Invalid(format!("{:?} is nothing that is kept here", one.about)));
        };
        let mut row = MoveRow {
            about,
            at: one.at,
            what: "",
            value: String::new(),
            detail: None,
            number: None,
            person: None,
            decision,
        };
        describe(write, &one.step, keys, &mut row).await?;
        affect(write, &one.step, &row, ids, &mut incidents).await?;
        if decision.is_some() {
            let acted = sqlx::query("UPDATE queue SET acted = $1 WHERE about = $2 AND acted IS NULL");
            acted.bind(one.at).bind(about).execute(&mut *write.tx).await?;
        }
        rows.push(row);
    }
    write.reserve(rows.len()).await?;
    for chunk in rows.chunks(WIDE) {
        let known = write.known;
        let with_ids: Vec<(i64, &MoveRow)> = chunk.iter().map(|row| (write.id(), row)).collect();
        let mut insert =
            Statement::new("INSERT INTO moves (id, known, at, about, what, value, detail, number, person, decision) ");
        insert.values(with_ids, |values, (id, row)| {
            values.bind(id).bind(known).bind(row.at).bind(row.about).bind(row.what.to_owned());
            values.bind(row.value.clone()).bind(row.detail.clone()).bind(row.number);
            values.bind(row.person).bind(row.decision);
        });
        insert.build(write.sqlite)?.execute(&mut *write.tx).await?;
    }
    Ok(incidents)
}

/// How a step is written down.
async fn describe(write: &mut Write<'_>, step: &Step, keys: &BTreeMap<String, i64>, row: &mut MoveRow) -> Result<()> {
    let target = |target: &Option<Target>| target.as_ref().and_then(|target| copies::resolve(target, keys));
    (row.what, row.value) = match step {
        Step::State(state, outcome, until) => {
            row.detail = outcome.map(|outcome| outcome.name().to_owned());
            row.number = *until;
            ("state", state.name().to_owned())
        }
        Step::Owner(team) => ("owner", team.key.clone()),
        Step::Assignee(name) => {
            if let Some(name) = name {
                write.reserve(1).await?;
                row.person = Some(person(write, Person(name)).await?.0);
            }
            ("assignee", String::new())
        }
        Step::Incident(incident) => {
            row.number = target(incident);
            ("incident", String::new())
        }
        Step::Level(level) => {
            row.number = Some(*level as i64);
            ("level", level.name().to_owned())
        }
        Step::Mark(mark, by) => {
            row.number = target(by);
            ("mark", mark.name().to_owned())
        }
        Step::Notified => ("notified", String::new()),
        Step::Tag(tag) => {
            crate::facts::text("tag", tag, MAX_TEXT_BYTES)?;
            ("tag", tag.clone())
        }
        Step::Comment => ("comment", String::new()),
        Step::Action(name, result, minutes) => {
            crate::facts::text("action", name, MAX_TEXT_BYTES)?;
            row.detail = Some(result.chars().filter(|c| *c != '\0').take(MAX_TEXT_BYTES / 4).collect());
            row.number = Some(*minutes);
            ("action", name.clone())
        }
    };
    Ok(())
}

/// What a step changes in the queue.
async fn affect(
    write: &mut Write<'_>,
    step: &Step,
    row: &MoveRow,
    ids: &Ids,
    incidents: &mut BTreeSet<i64>,
) -> Result<()> {
    let query = match step {
        Step::State(state, outcome, until) => {
            sqlx::query("UPDATE queue SET state = $1, outcome = $2, until = $3, closed = $4 WHERE about = $5")
                .bind(state.name())
                .bind(outcome.map_or("", |outcome| outcome.name()))
                .bind(*until)
                .bind((*state == State::Resolved).then_some(row.at))
        }
        Step::Owner(team) => sqlx::query("UPDATE queue SET owner = $1 WHERE about = $2").bind(ids.entities[team]),
        Step::Assignee(_) => sqlx::query("UPDATE queue SET assignee = $1 WHERE about = $2").bind(row.person),
        Step::Incident(_) => {
            let before = sqlx::query("SELECT parent FROM queue WHERE about = $1").bind(row.about);
            if let Some(before) = before.fetch_optional(&mut *write.tx).await? {
                incidents.extend(before.try_get::<Option<i64>, _>(0)?);
            }
            incidents.extend(row.number);
            sqlx::query("UPDATE queue SET parent = $1 WHERE about = $2").bind(row.number)
        }
        Step::Level(level) => sqlx::query("UPDATE queue SET level = $1 WHERE about = $2").bind(*level as i64),
        // Marks are never taken back: an `OR`, written so that both databases have it.
        Step::Mark(mark, _) => sqlx::query("UPDATE queue SET marks = marks | $1 WHERE about = $2").bind(mark.bit()),
        Step::Notified => sqlx::query("UPDATE queue SET notified = $1 WHERE about = $2").bind(row.at),
        Step::Action(_, _, minutes) => {
            sqlx::query("UPDATE queue SET saved = saved + $1 WHERE about = $2").bind(*minutes)
        }
        Step::Tag(_) | Step::Comment => sqlx::query("UPDATE queue SET saved = saved + $1 WHERE about = $2").bind(0i64),
    };
    let changed = query.bind(row.about).execute(&mut *write.tx).await?.rows_affected();
    if changed == 0 {
        return Err(LedgerError::Invalid(format!("{} is no alert, incident, task or suppression", row.about)));
    }
    Ok(())
}

/// Sums up incidents of which alerts changed: how many they have, and from when to when.
pub(super) async fn sum_up(write: &mut Write<'_>, incidents: &BTreeSet<i64>) -> Result<()> {
    for incident in incidents {
        sqlx::query(
            "UPDATE queue SET firings = n.alerts, events = n.events, first = coalesce(n.first, queue.first), \
             last = coalesce(n.last, queue.last) FROM (SELECT count(*) AS alerts, \
             CAST(coalesce(sum(events), 0) AS BIGINT) AS events, min(first) AS first, max(last) AS last \
             FROM queue WHERE parent = $1 AND class = 'alert') n WHERE queue.about = $2",
        )
        .bind(incident)
        .bind(incident)
        .execute(&mut *write.tx)
        .await?;
    }
    Ok(())
}

/// Says where the queue is not what moves and tallies make it.
pub(crate) async fn verify(tx: &mut AnyConnection) -> Result<Vec<String>> {
    let newest = "(SELECT m.id FROM moves m WHERE m.about = q.about AND m.what = 'state' ORDER BY m.id DESC LIMIT 1)";
    let states = format!(
        "SELECT q.about FROM queue q LEFT JOIN moves s ON s.id = {newest} \
         WHERE q.state <> coalesce(s.value, 'open') OR q.outcome <> coalesce(s.detail, '') ORDER BY 1 LIMIT 20"
    );
    let counts = "SELECT q.about FROM queue q LEFT JOIN (SELECT about, CAST(sum(firings) AS BIGINT) AS firings, \
         CAST(sum(events) AS BIGINT) AS events FROM tallies GROUP BY about) t ON t.about = q.about \
         WHERE q.class IN ('alert', 'suppression') AND (q.firings <> coalesce(t.firings, 0) \
         OR q.events <> coalesce(t.events, 0)) ORDER BY 1 LIMIT 20";
    let mut problems = Vec::new();
    for (what, query) in [("state", states.as_str()), ("count", counts)] {
        let rows = sqlx::query(sqlx::AssertSqlSafe(query.to_owned())).fetch_all(&mut *tx).await?;
        for row in rows {
            problems
                .push(format!("the {what} of {} in the queue is not what happened to it", row.try_get::<i64, _>(0)?));
        }
    }
    Ok(problems)
}
