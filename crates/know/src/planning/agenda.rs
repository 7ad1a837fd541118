//! An agenda: what some teams have to speak about, from what happened since they met last.

use super::fields::{begins, day_of};
use super::meeting::{Meeting, sorted};
use super::roadmap::Initiative;
use super::upgrade::Upgrade;
use crate::limits::{DAY, MAX_AGENDA_ITEMS};
use anyhow::Result;
use chrono::NaiveDate;
use ledger::{AsOf, DecisionsAsked, KeptDecision, Ledger};
use model::{EntityRef, Nanos};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

mod gather;

/// A line of an agenda.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = AgendaItem)]
pub struct Item {
    /// What there is to say.
    pub text: String,
    /// The team that has the next step; nobody in particular when absent.
    pub team: Option<String>,
    /// The next step.
    pub next: Option<String>,
    /// The facts and decisions behind it, by their ids.
    pub ids: Vec<i64>,
    /// When it was, or will be.
    #[schema(value_type = Option<String>)]
    pub at: Option<Nanos>,
}

/// What belongs together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = AgendaSection)]
pub struct Section {
    /// Its name, the same in every agenda.
    pub name: &'static str,
    /// As people read it.
    pub title: &'static str,
    /// Its lines.
    pub items: Vec<Item>,
    /// How many more there are than are shown.
    pub more: usize,
}

/// An agenda.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Agenda {
    /// Who meets, and how often.
    pub meeting: Meeting,
    /// On which day.
    #[schema(value_type = String)]
    pub day: NaiveDate,
    /// From when on what happened counts.
    #[schema(value_type = String)]
    pub since: Nanos,
    /// The last meeting that was held.
    #[schema(value_type = Option<String>)]
    pub held: Option<NaiveDate>,
    /// Days on which a meeting was due, and none was held.
    #[schema(value_type = Vec<String>)]
    pub missed: Vec<NaiveDate>,
    /// The day of the next one.
    #[schema(value_type = String)]
    pub next: NaiveDate,
    /// What was noted in the last one.
    pub notes: Option<String>,
    /// What there is to speak about, in the order in which it is spoken of.
    pub sections: Vec<Section>,
}

/// What is planned, as files say it.
#[derive(Clone, Debug, Default)]
pub struct Planned {
    /// Meetings.
    pub meetings: Vec<Meeting>,
    /// The roadmap.
    pub roadmap: Vec<Initiative>,
    /// Upgrades.
    pub upgrades: Vec<Upgrade>,
}

/// Who meets when, and what there is to see.
struct Asking<'a> {
    ledger: &'a Ledger,
    as_of: &'a AsOf,
    teams: HashSet<String>,
    planned: &'a Planned,
    /// What counts as news, and what as ahead.
    since: Nanos,
    until: Nanos,
    decided: Decided,
    owners: HashMap<EntityRef, String>,
}

/// The decisions that agendas are made of.
struct Decided {
    /// By kind, the newest first.
    kinds: BTreeMap<String, Vec<KeptDecision>>,
    /// Named controls by the ids of all their versions: name, title, owner, teams.
    controls: HashMap<i64, Named>,
}

/// What an agenda says of a control.
#[derive(Clone, Debug)]
struct Named {
    name: String,
    title: String,
    owner: Option<String>,
    teams: Vec<String>,
}

const KINDS: &[&str] = &[
    "answer",
    "reply",
    "question",
    "control",
    "exception",
    "adjustment",
    "suppression",
    "block",
    "lockdown",
    "lockdown_review",
    "lever",
];

impl Decided {
    async fn read(ledger: &Ledger, as_of: &AsOf) -> Result<Decided> {
        let mut decided = Decided { kinds: BTreeMap::new(), controls: HashMap::new() };
        for kept in ledger.decisions(&DecisionsAsked::of(KINDS), as_of).await? {
            if kept.decision.kind == "control" {
                decided.controls.insert(kept.id, named(&kept));
            }
            decided.kinds.entry(kept.decision.kind.clone()).or_default().push(kept);
        }
        Ok(decided)
    }

    fn of(&self, kind: &str) -> &[KeptDecision] {
        self.kinds.get(kind).map_or(&[], Vec::as_slice)
    }

    fn control(&self, kept: &KeptDecision) -> Option<&Named> {
        self.controls.get(&kept.decision.control?)
    }
}

fn named(kept: &KeptDecision) -> Named {
    let body = &kept.decision.body;
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let teams = body.get("teams").and_then(Value::as_array).into_iter().flatten();
    Named {
        name: text("name").unwrap_or_default(),
        title: text("title").unwrap_or_else(|| kept.decision.reason.clone()),
        owner: kept.decision.owner.as_ref().map(|owner| owner.key.clone()),
        teams: teams.filter_map(Value::as_str).map(str::to_owned).collect(),
    }
}

/// The agenda of some teams for a day. What is known at `as_of` is in it; ends and dates are looked at up to the meeting after.
pub async fn agenda(
    ledger: &Ledger,
    as_of: &AsOf,
    teams: &[String],
    day: NaiveDate,
    planned: &Planned,
) -> Result<Agenda> {
    let teams = sorted(teams.to_vec());
    let known = planned.meetings.iter().find(|meeting| meeting.teams == teams);
    let meeting = known.cloned().unwrap_or_else(|| Meeting::of(&teams));
    let last = last_held(ledger, as_of, &meeting, day).await?;
    let held = last.as_ref().map(|(held, _)| *held);
    let next = meeting.after(day);
    let since = held.map_or_else(|| begins(day).saturating_sub(i64::from(meeting.days) * DAY), begins);
    let mut owners = HashMap::new();
    for owner in ledger.owners(as_of, None).await?.into_iter().filter(|owner| owner.layer.is_empty()) {
        owners.insert(owner.entity, owner.owner.key);
    }
    let asking = Asking {
        ledger,
        as_of,
        teams: teams.into_iter().collect(),
        planned,
        since,
        until: begins(next),
        decided: Decided::read(ledger, as_of).await?,
        owners,
    };
    let mut sections = asking.sections().await?;
    for section in &mut sections {
        section.more = section.items.len().saturating_sub(MAX_AGENDA_ITEMS);
        section.items.truncate(MAX_AGENDA_ITEMS);
    }
    Ok(Agenda {
        missed: meeting.missed(held, day),
        meeting,
        day,
        since,
        held,
        next,
        notes: last.and_then(|(_, notes)| notes),
        sections,
    })
}

/// The day of the last meeting before a day, and what was noted there.
async fn last_held(
    ledger: &Ledger,
    as_of: &AsOf,
    meeting: &Meeting,
    day: NaiveDate,
) -> Result<Option<(NaiveDate, Option<String>)>> {
    let all = ledger.decisions(&DecisionsAsked::of(&["meeting"]), as_of).await?;
    let mut held: Option<(NaiveDate, Option<String>)> = None;
    // The newest word first: notes that were written again replace what was noted before.
    for kept in all {
        let body = &kept.decision.body;
        let teams = body.get("teams").and_then(Value::as_array).into_iter().flatten();
        let teams: Vec<&str> = teams.filter_map(Value::as_str).collect();
        if !meeting.teams.iter().map(String::as_str).eq(teams) {
            continue;
        }
        let on =
            body.get("day").and_then(Value::as_str).and_then(super::day).unwrap_or_else(|| day_of(kept.decision.at));
        if on < day && held.as_ref().is_none_or(|(held, _)| *held < on) {
            held = Some((on, body.get("notes").and_then(Value::as_str).map(str::to_owned)));
        }
    }
    Ok(held)
}
