//! What is kept of an alert, incident, task or suppression, and everything that belongs to one.

use super::copies::{EVENT, KEY, WHY};
use super::{Kind, Mark, Outcome, State};
use crate::db::Ledger;
use crate::error::Result;
use crate::history::AsOf;
use crate::limits::{MAX_SHOWN, ROWS_PER_STATEMENT};
use crate::sql::Statement;
use model::{Aspect, Cite, CitedEvent, EntityRef, Level, Nanos};
use serde::Serialize;
use serde_json::{Map, Value};
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

/// A row of the queue, as it is now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Kept {
    /// Its id: that of its decision.
    pub id: i64,
    /// What it is.
    pub kind: Kind,
    /// What repeats share.
    pub fingerprint: String,
    /// The rule.
    pub rule: String,
    /// One line.
    pub title: String,
    /// How bad.
    pub level: Level,
    /// Whose language.
    pub aspect: Aspect,
    /// The rule's tags.
    pub tags: Vec<String>,
    /// Where to look.
    pub runbook: Option<String>,
    /// Who may see it.
    pub dataset: String,
    /// What it is about.
    pub entity: Option<EntityRef>,
    /// Where it stands.
    pub state: State,
    /// What it turned out to be.
    pub outcome: Option<Outcome>,
    /// The end of snoozing, of a suppression; when a task is due.
    pub until: Option<Nanos>,
    /// The team that answers for it.
    pub owner: Option<EntityRef>,
    /// The person who looks at it, by a number: names are shown for a reason alone, see [`Ledger::person_names`].
    pub assignee: Option<i64>,
    /// The incident that it belongs to.
    pub incident: Option<i64>,
    /// When it was raised.
    pub opened: Nanos,
    /// When somebody did something with it for the first time.
    pub acted: Option<Nanos>,
    /// When it was resolved.
    pub closed: Option<Nanos>,
    /// When a notice of it went out last.
    pub notified: Option<Nanos>,
    /// Its marks.
    pub marks: Vec<Mark>,
    /// Minutes that playbooks saved.
    pub saved: i64,
    /// How often it fired; of an incident, its alerts.
    pub firings: u64,
    /// Events of all firings.
    pub events: u64,
    /// The first of them.
    pub first: Nanos,
    /// The last.
    pub last: Nanos,
}

impl Kept {
    /// Whether it has a mark.
    pub fn is(&self, mark: Mark) -> bool {
        self.marks.contains(&mark)
    }

    /// Where it stands at a time: what was snoozed is open again after its end.
    pub fn state_at(&self, now: Nanos) -> State {
        match self.state {
            State::Snoozed if self.until.is_some_and(|until| until <= now) => State::Open,
            state => state,
        }
    }
}

/// Something that happened to one of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moved {
    /// Its id.
    pub id: i64,
    /// To what.
    pub about: i64,
    /// When.
    pub at: Nanos,
    /// When the ledger learnt it.
    pub known: Nanos,
    /// `state`, `owner`, `assignee`, `incident`, `level`, `mark`, `notified`, `tag`, `comment`, `action`.
    pub what: String,
    /// The new value.
    pub value: String,
    /// The outcome of a state, the result of an action.
    pub detail: Option<String>,
    /// An end, an incident, minutes: whatever the kind has for a number.
    pub number: Option<i64>,
    /// The person to whom it was given.
    pub person: Option<i64>,
    /// The decision behind it, if people took it.
    pub decision: Option<i64>,
    /// Who took it.
    pub by: Option<i64>,
    /// Why.
    pub reason: Option<String>,
}

/// A copy of an event; none when it was erased.
pub type Copy = Option<CitedEvent>;

/// One of them with everything that belongs to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Whole {
    /// Its row.
    pub kept: Kept,
    /// The decision's reason.
    pub reason: String,
    /// What the decision said beside it: suspects, findings, relations, the outcome of the last one.
    pub body: Map<String, Value>,
    /// Why it fired; none when that was erased with the events that it quotes.
    pub why: Option<String>,
    /// What events were grouped by.
    pub key: Vec<(String, String)>,
    /// Copies of events.
    pub events: Vec<Copy>,
    /// What it cites.
    pub cites: Vec<Cite>,
    /// Alerts and tasks of an incident.
    pub parts: Vec<Kept>,
    /// What happened to it and to its parts, in order.
    pub moves: Vec<Moved>,
}

/// A row of the queue with what belongs to it; goes on with a condition.
pub(super) const SELECT: &str = "SELECT q.about, q.class, q.fingerprint, q.rule, r.title, q.level, q.aspect, r.tags, r.runbook, q.dataset, e.kind, \
     e.key, q.state, q.outcome, q.until, o.kind, o.key, q.assignee, q.parent, q.opened, q.acted, q.closed, q.notified, \
     q.marks, q.saved, q.firings, q.events, q.first, q.last FROM queue q JOIN raised r ON r.id = q.about \
     LEFT JOIN entities e ON e.id = q.entity LEFT JOIN entities o ON o.id = q.owner ";

/// A level as it is kept.
pub(super) fn level(number: i64) -> Level {
    usize::try_from(number).ok().and_then(|at| Level::ALL.get(at).copied()).unwrap_or(Level::Critical)
}

impl Kept {
    pub(super) fn of(row: &AnyRow) -> Result<Kept> {
        let entity = |kind: usize| -> Result<Option<EntityRef>> {
            let (kind, key): (Option<String>, Option<String>) = (row.try_get(kind)?, row.try_get(kind + 1)?);
            Ok(kind.zip(key).map(|(kind, key)| EntityRef { kind, key }))
        };
        let word = |at: usize| row.try_get::<String, _>(at);
        let marks: i64 = row.try_get(23)?;
        Ok(Kept {
            id: row.try_get(0)?,
            kind: Kind::from_name(&word(1)?).unwrap_or(Kind::Alert),
            fingerprint: word(2)?,
            rule: word(3)?,
            title: word(4)?,
            level: level(row.try_get(5)?),
            aspect: if word(6)? == "security" { Aspect::Security } else { Aspect::Operations },
            tags: word(7)?.split_whitespace().map(ToOwned::to_owned).collect(),
            runbook: row.try_get(8)?,
            dataset: word(9)?,
            entity: entity(10)?,
            state: State::from_name(&word(12)?).unwrap_or(State::Open),
            outcome: Outcome::from_name(&word(13)?),
            until: row.try_get(14)?,
            owner: entity(15)?,
            assignee: row.try_get(17)?,
            incident: row.try_get(18)?,
            opened: row.try_get(19)?,
            acted: row.try_get(20)?,
            closed: row.try_get(21)?,
            notified: row.try_get(22)?,
            marks: Mark::ALL.into_iter().filter(|mark| marks & mark.bit() != 0).collect(),
            saved: row.try_get(24)?,
            firings: row.try_get::<i64, _>(25)? as u64,
            events: row.try_get::<i64, _>(26)? as u64,
            first: row.try_get(27)?,
            last: row.try_get(28)?,
        })
    }
}

/// Everything that a statement selects.
pub(super) async fn all(ledger: &Ledger, query: &mut Statement) -> Result<Vec<Kept>> {
    let rows = query.build(ledger.inner.sqlite)?.fetch_all(&ledger.inner.pool).await?;
    rows.iter().map(Kept::of).collect()
}

impl Ledger {
    /// Rows of the queue by their ids, for somebody who may see some datasets alone.
    pub async fn kept(&self, ids: &[i64], seen: &AsOf) -> Result<Vec<Kept>> {
        let mut found = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(ROWS_PER_STATEMENT) {
            let mut query = Statement::new(SELECT);
            query.push("WHERE q.about IN (").values(chunk, |row, id| {
                row.bind(*id);
            });
            query.push(")");
            seen.visible(&mut query, "q.dataset");
            query.push(" ORDER BY q.about");
            found.extend(all(self, &mut query).await?);
        }
        Ok(found)
    }

    /// One with everything that belongs to it; none when there is none that may be seen.
    pub async fn whole(&self, id: i64, seen: &AsOf) -> Result<Option<Whole>> {
        let Some(kept) = self.kept(&[id], seen).await?.pop() else { return Ok(None) };
        let decision = sqlx::query("SELECT reason, body FROM decisions WHERE id = $1").bind(id);
        let decision = decision.fetch_one(&self.inner.pool).await?;
        let mut whole = Whole {
            kept,
            reason: decision.try_get(0)?,
            body: serde_json::from_str(&decision.try_get::<String, _>(1)?).unwrap_or_default(),
            why: None,
            key: Vec::new(),
            events: Vec::new(),
            cites: Vec::new(),
            parts: Vec::new(),
            moves: Vec::new(),
        };
        self.copied(&mut whole).await?;
        let cites = sqlx::query("SELECT event, fact FROM cites WHERE decision = $1 ORDER BY 1, 2 LIMIT $2");
        for row in cites.bind(id).bind(MAX_SHOWN).fetch_all(&self.inner.pool).await? {
            let (event, fact): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            whole.cites.push(if fact == 0 { Cite::Event(event as u64) } else { Cite::Fact(fact) });
        }
        if whole.kept.kind == Kind::Incident {
            let mut query = Statement::new(SELECT);
            query.push("WHERE q.parent = ").bind(id);
            seen.visible(&mut query, "q.dataset");
            query.push(" ORDER BY q.opened, q.about LIMIT ").bind(MAX_SHOWN);
            whole.parts = all(self, &mut query).await?;
        }
        let mut abouts = vec![id];
        abouts.extend(whole.parts.iter().map(|part| part.id));
        whole.moves = self.moves(&abouts).await?;
        Ok(Some(whole))
    }

    /// Fills in the copies.
    async fn copied(&self, whole: &mut Whole) -> Result<()> {
        let copies = sqlx::query("SELECT part, text FROM copies WHERE about = $1 ORDER BY id LIMIT $2");
        for row in copies.bind(whole.kept.id).bind(MAX_SHOWN).fetch_all(&self.inner.pool).await? {
            let text: Option<String> = row.try_get(1)?;
            match row.try_get::<String, _>(0)?.as_str() {
                WHY => whole.why = text,
                KEY => whole.key = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
                EVENT => whole.events.push(text.and_then(|text| serde_json::from_str(&text).ok())),
                _ => {}
            }
        }
        Ok(())
    }

    /// What happened to some of them, in order.
    pub async fn moves(&self, abouts: &[i64]) -> Result<Vec<Moved>> {
        let mut moves = Vec::new();
        for chunk in abouts.chunks(ROWS_PER_STATEMENT) {
            let mut query = Statement::new(
                "SELECT m.id, m.about, m.at, m.known, m.what, m.value, m.detail, m.number, m.person, m.decision, \
                 d.person, d.reason FROM moves m LEFT JOIN decisions d ON d.id = m.decision WHERE m.about IN (",
            );
            query.values(chunk, |row, about| {
                row.bind(*about);
            });
            query.push(") ORDER BY m.id LIMIT ").bind(MAX_SHOWN);
            for row in query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await? {
                moves.push(Moved {
                    id: row.try_get(0)?,
                    about: row.try_get(1)?,
                    at: row.try_get(2)?,
                    known: row.try_get(3)?,
                    what: row.try_get(4)?,
                    value: row.try_get(5)?,
                    detail: row.try_get(6)?,
                    number: row.try_get(7)?,
                    person: row.try_get(8)?,
                    decision: row.try_get(9)?,
                    by: row.try_get(10)?,
                    reason: row.try_get(11)?,
                });
            }
        }
        moves.sort_by_key(|moved| (moved.at, moved.id));
        Ok(moves)
    }

    /// The names of persons, as far as they were not erased. Whoever shows them asks for a role and a reason before, and
    /// writes that down.
    pub async fn person_names(&self, ids: &[i64]) -> Result<BTreeMap<i64, String>> {
        let mut names = BTreeMap::new();
        for chunk in ids.chunks(ROWS_PER_STATEMENT) {
            let mut query = Statement::new("SELECT id, name FROM persons WHERE name IS NOT NULL AND id IN (");
            query.values(chunk, |row, id| {
                row.bind(*id);
            });
            for row in query.push(")").build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await? {
                names.insert(row.try_get(0)?, row.try_get(1)?);
            }
        }
        Ok(names)
    }
}
