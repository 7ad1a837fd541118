//! Meetings as data: who meets, how often in which phase, and which meetings did not take place.

use super::fields::{Fields, Problem, read, refuse};
use crate::limits::{MAX_MEETING_MINUTES, MAX_MISSED, MEETING_MINUTES};
use chrono::{Days, NaiveDate, NaiveTime};
use serde::Serialize;

/// Where common work stands. How often people meet follows from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = MeetingPhase)]
pub enum Phase {
    /// What is needed, and why.
    Planning,
    /// Which way is taken.
    Choosing,
    /// It comes to those who are affected.
    RollingOut,
    /// It is there.
    #[default]
    Running,
}

impl Phase {
    const ALL: [Phase; 4] = [Phase::Planning, Phase::Choosing, Phase::RollingOut, Phase::Running];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Planning => "planning",
            Phase::Choosing => "choosing",
            Phase::RollingOut => "rolling-out",
            Phase::Running => "running",
        }
    }

    /// How many days lie between two meetings when nobody says.
    fn days(self) -> u32 {
        match self {
            Phase::Planning => 14,
            Phase::Choosing | Phase::RollingOut => 7,
            Phase::Running => 28,
        }
    }
}

/// A meeting of some teams, again and again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Meeting {
    /// The teams, in the order of their names.
    pub teams: Vec<String>,
    /// Where the work stands.
    pub phase: Phase,
    /// Days between two of them, now.
    pub days: u32,
    /// The first of them; the day of the agenda when nobody says.
    #[schema(value_type = Option<String>)]
    pub starts: Option<NaiveDate>,
    /// When it begins, in UTC; all day when nobody says.
    #[schema(value_type = Option<String>)]
    pub at: Option<NaiveTime>,
    /// How long it lasts.
    pub minutes: u32,
    /// What to read before. People are reminded of it, and nobody checks.
    pub reading: Vec<String>,
}

impl Meeting {
    /// Of teams for which no file says anything.
    pub fn of(teams: &[String]) -> Meeting {
        let phase = Phase::default();
        Meeting {
            teams: sorted(teams.to_vec()),
            phase,
            days: phase.days(),
            starts: None,
            at: None,
            minutes: MEETING_MINUTES,
            reading: Vec::new(),
        }
    }

    /// What tells it from the meetings of others.
    pub fn name(&self) -> String {
        self.teams.join("+")
    }

    /// The day of the next one after a day.
    pub fn after(&self, day: NaiveDate) -> NaiveDate {
        day.checked_add_days(Days::new(u64::from(self.days))).unwrap_or(NaiveDate::MAX)
    }

    /// The days between the last that was held and a day on which one was due and none was held. A few days sooner or later
    /// is the same meeting.
    pub fn missed(&self, held: Option<NaiveDate>, day: NaiveDate) -> Vec<NaiveDate> {
        let Some(first) = held.map(|held| self.after(held)).or(self.starts) else { return Vec::new() };
        let late = Days::new(u64::from(self.days / 2));
        let dues = std::iter::successors(Some(first), |due| Some(self.after(*due)));
        dues.take(MAX_MISSED).take_while(|due| due.checked_add_days(late).is_some_and(|latest| latest < day)).collect()
    }
}

/// Teams of `a+b`, each once, in the order of their names.
pub fn sorted(mut teams: Vec<String>) -> Vec<String> {
    teams.sort();
    teams.dedup();
    teams
}

/// Reads a file of a meeting.
pub fn meeting(path: &str, text: &str) -> Result<Meeting, Problem> {
    read(path, text, |fields| {
        fields.only(&["teams", "phase", "cadence", "starts", "at", "minutes", "reading"])?;
        let teams = sorted(fields.teams("teams")?);
        if teams.is_empty() {
            return Err(refuse(fields.0, "teams is missing: say who meets"));
        }
        let phase = match fields.text("phase")? {
            None => Phase::default(),
            Some(name) => Phase::ALL.into_iter().find(|phase| phase.name() == name).ok_or_else(|| {
                let names = Phase::ALL.map(Phase::name).join(", ");
                refuse(fields.0.get("phase").unwrap_or(fields.0), format!("a phase is one of {names}"))
            })?,
        };
        let minutes = match fields.text("minutes")? {
            None => MEETING_MINUTES,
            Some(text) => {
                let minutes = text.parse().ok().filter(|minutes| (1..=MAX_MEETING_MINUTES).contains(minutes));
                let node = fields.0.get("minutes").unwrap_or(fields.0);
                minutes.ok_or_else(|| refuse(node, format!("minutes is a number from 1 to {MAX_MEETING_MINUTES}")))?
            }
        };
        Ok(Meeting {
            teams,
            phase,
            days: cadence(fields, phase)?,
            starts: fields.day("starts")?,
            at: fields.time("at")?,
            minutes,
            reading: fields.list("reading")?,
        })
    })
}

/// Days by phase: those that the file names, else the usual ones.
fn cadence(fields: Fields<'_>, phase: Phase) -> Result<u32, yaml::Error> {
    let Some(node) = fields.0.get("cadence") else { return Ok(phase.days()) };
    if !node.is_map() {
        return Err(refuse(node, "cadence is a map from a phase to a span, such as `running: 4w`"));
    }
    let by_phase = Fields(node);
    by_phase.only(&Phase::ALL.map(Phase::name))?;
    let mut days = phase.days();
    for one in Phase::ALL {
        // Each is read, so that a wrong one is found before its phase comes.
        let said = by_phase.days(one.name())?;
        if one == phase {
            days = said.unwrap_or(days);
        }
    }
    Ok(days)
}
