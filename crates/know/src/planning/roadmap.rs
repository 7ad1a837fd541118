//! The roadmap: initiatives as files, who is affected by what and when, and who must hear of it before.

use super::fields::{Fields, Problem, read, refuse};
use crate::limits::{MAX_NOTICE_DAYS, NOTICE_DAYS};
use chrono::{Days, NaiveDate};
use serde::Serialize;

/// How far away something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Horizon {
    /// It is worked on.
    Now,
    /// It comes after that.
    Next,
    /// Up to five years away.
    Later,
}

impl Horizon {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Horizon::Now => "now",
            Horizon::Next => "next",
            Horizon::Later => "later",
        }
    }
}

/// Something that is planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Initiative {
    /// The file's stem.
    pub id: String,
    /// It in a sentence.
    pub title: String,
    /// Why, for operations.
    pub for_operations: String,
    /// Why, for security.
    pub for_security: String,
    /// How far away.
    pub horizon: Horizon,
    /// The team that answers for it.
    pub owner: String,
    /// The teams that it affects.
    pub teams: Vec<String>,
    /// When it begins.
    #[schema(value_type = Option<String>)]
    pub from: Option<NaiveDate>,
    /// When it shall be done.
    #[schema(value_type = Option<String>)]
    pub until: Option<NaiveDate>,
    /// When it begins to restrict somebody.
    #[schema(value_type = Option<String>)]
    pub restricts: Option<NaiveDate>,
    /// So many days before that the teams hear of it.
    pub notice_days: u32,
    /// Controls that come with it, by name.
    pub controls: Vec<String>,
    /// What is done, in order.
    pub steps: Vec<String>,
}

const KNOWN: &[&str] = &[
    "initiative",
    "why",
    "horizon",
    "owner",
    "teams",
    "from",
    "until",
    "restricts",
    "notice_days",
    "controls",
    "steps",
];

/// Reads a file of the roadmap. `stem` is its name without the ending.
pub fn initiative(path: &str, stem: &str, text: &str) -> Result<Initiative, Problem> {
    read(path, text, |fields| {
        fields.only(KNOWN)?;
        let horizon = match fields.needed("horizon", "write now, next or later")?.as_str() {
            "now" => Horizon::Now,
            "next" => Horizon::Next,
            "later" => Horizon::Later,
            _ => return Err(refuse(fields.0.get("horizon").unwrap_or(fields.0), "a horizon is now, next or later")),
        };
        let (for_operations, for_security) = why(fields)?;
        let (from, until, restricts) = (fields.day("from")?, fields.day("until")?, fields.day("restricts")?);
        if from.zip(until).is_some_and(|(from, until)| until < from) {
            return Err(refuse(fields.0.get("until").unwrap_or(fields.0), "it ends before it begins"));
        }
        let notice_days = fields.days("notice_days")?.unwrap_or(NOTICE_DAYS);
        if notice_days > MAX_NOTICE_DAYS {
            let node = fields.0.get("notice_days").unwrap_or(fields.0);
            return Err(refuse(node, format!("notice_days is at most {MAX_NOTICE_DAYS}d")));
        }
        let teams = fields.teams("teams")?;
        if restricts.is_some() && teams.is_empty() {
            return Err(refuse(
                fields.0,
                "teams is missing: say whom it will restrict, so that they hear of it before",
            ));
        }
        Ok(Initiative {
            id: stem.to_owned(),
            title: fields.needed("initiative", "say in a sentence what is planned")?,
            for_operations,
            for_security,
            horizon,
            owner: fields.team("owner", "name the team that answers for it")?,
            teams,
            from,
            until,
            restricts,
            notice_days,
            controls: fields.list("controls")?,
            steps: fields.list("steps")?,
        })
    })
}

/// `why: text` for both sides, or one text for each.
pub(super) fn why(fields: Fields<'_>) -> Result<(String, String), yaml::Error> {
    const WHAT: &str = "say why, for operations and for security";
    match fields.0.get("why").filter(|node| node.is_map()) {
        Some(node) => {
            let sides = Fields(node);
            sides.only(&["operations", "security"])?;
            Ok((sides.needed("operations", WHAT)?, sides.needed("security", WHAT)?))
        }
        None => {
            let both = fields.needed("why", WHAT)?;
            Ok((both.clone(), both))
        }
    }
}

impl Initiative {
    /// Whether it affects one of some teams, or is theirs.
    pub fn concerns(&self, teams: &[String]) -> bool {
        teams.is_empty() || teams.iter().any(|team| self.owner == *team || self.teams.contains(team))
    }

    /// From when on the teams are told that it will restrict them.
    pub fn announced(&self) -> Option<NaiveDate> {
        self.restricts?.checked_sub_days(Days::new(u64::from(self.notice_days)))
    }
}

/// That something will restrict a team. Told once: its key says which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Ahead {
    /// What tells it from others.
    pub key: String,
    /// The team.
    pub team: String,
    /// What comes.
    pub title: String,
    /// From when on.
    #[schema(value_type = String)]
    pub day: NaiveDate,
    /// Why, for operations.
    pub for_operations: String,
    /// Why, for security.
    pub for_security: String,
    /// Who answers for it.
    pub owner: String,
}

/// Whom to tell by a day: of what restricts them soon, and did not yet.
pub fn ahead(roadmap: &[Initiative], today: NaiveDate) -> Vec<Ahead> {
    let mut all = Vec::new();
    for one in roadmap {
        let (Some(day), Some(announced)) = (one.restricts, one.announced()) else { continue };
        if announced > today || day < today {
            continue;
        }
        all.extend(one.teams.iter().map(|team| Ahead {
            key: format!("ahead:{}:{day}:{team}", one.id),
            team: team.clone(),
            title: one.title.clone(),
            day,
            for_operations: one.for_operations.clone(),
            for_security: one.for_security.clone(),
            owner: one.owner.clone(),
        }));
    }
    all.sort_by(|a, b| (a.day, &a.key).cmp(&(b.day, &b.key)));
    all
}

/// By time: what is now first, then by when it begins.
pub fn by_time(mut roadmap: Vec<Initiative>) -> Vec<Initiative> {
    roadmap.sort_by(|a, b| {
        let begins = |one: &Initiative| one.from.or(one.restricts).or(one.until).unwrap_or(NaiveDate::MAX);
        (a.horizon, begins(a), &a.id).cmp(&(b.horizon, begins(b), &b.id))
    });
    roadmap
}
