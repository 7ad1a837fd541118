//! The next steps that gain most, for operations and for security, for least effort.
//!
//! A lever is a number that should be smaller: services without logs, secrets that everybody can read. Each is counted from
//! facts, and every number can be opened down to them: as many rows as the number says. It is measured each day, so that a
//! step that was taken shows what it gained.
//!
//! **What comes first.** `gain = sqrt(operations x security) x extent`, with what the lever is worth to each side from 0 to
//! 1 ([`Kind`]): the root of the product favours what helps both. `extent` is the mean of the share (`number / of`) and of
//! the amount (`number / (number + 5)`): 1 of 1 is less than 8 of 31. Levers are in the order of `gain / effort`, with a
//! small effort as 1, a medium one as 2 and a large one as 4; what is equal is in the order of names.

mod count;
mod hosts;
mod kinds;
mod measure;
mod noise;

pub use kinds::{KINDS, Kind};
pub use measure::{Gain, LEVER, Measured, gains, measure};

use crate::limits::{LEVER_WINDOW, MAX_LEVER_ROWS, TOP_LEVERS};
use crate::readiness;
use crate::reports::time;
use crate::situation::estate::Estate;
use crate::situation::{self, Given, proofs};
use anyhow::Result;
use ledger::{AsOf, Ledger};
use model::EntityRef;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How much work something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// Hours.
    Small,
    /// Days.
    Medium,
    /// Weeks.
    Large,
}

impl Effort {
    fn cost(self) -> f64 {
        match self {
            Effort::Small => 1.0,
            Effort::Medium => 2.0,
            Effort::Large => 4.0,
        }
    }

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Effort::Small => "small",
            Effort::Medium => "medium",
            Effort::Large => "large",
        }
    }
}

/// One of what a lever counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = LeverRow)]
pub struct Row {
    /// What it is about; nothing for a rule.
    pub entity: Option<String>,
    /// It in words.
    pub what: String,
    /// The team that can change it.
    pub team: Option<String>,
    /// The facts that say so, by id.
    pub facts: Vec<i64>,
}

/// What one lever counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Counted {
    pub rows: Vec<Row>,
    /// Of how many; nothing when there is no whole.
    pub of: Option<u64>,
    /// What stands beside the number: "on 5 hosts".
    pub note: String,
    /// Nobody looked, so that the number says nothing.
    pub unknown: bool,
}

/// A next step.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Lever {
    /// Which, for good.
    pub id: &'static str,
    /// It with its number: "8 of 31 services send no logs".
    pub title: String,
    /// The number.
    pub number: u64,
    /// Of how many.
    pub of: Option<u64>,
    /// Nobody looked: the number says nothing, and it is not among the steps.
    pub unknown: bool,
    /// What operations gain.
    pub operations: &'static str,
    /// What security gains.
    pub security: &'static str,
    /// How much work it is.
    pub effort: Effort,
    /// Why.
    pub effort_why: String,
    /// What is gained when the number is 0, from 0 to 1.
    pub gain: f64,
    /// Gain for effort: the order.
    pub score: f64,
    /// What to do first: a command.
    pub first_step: String,
    /// The teams that can do it, those with most of it first.
    pub owners: Vec<String>,
    /// What is measured again.
    pub measure: &'static str,
    /// The measure of an earlier day and this one, when it was measured before.
    pub gained: Option<Gain>,
    /// What the number counts.
    #[serde(skip)]
    pub rows: Vec<Row>,
}

/// Every lever as of a time, the best first; those whose number is 0, and those that nobody can count, at the end.
pub async fn all(ledger: &Ledger, as_of: &AsOf, given: &Given<'_>) -> Result<Vec<Lever>> {
    let estate = Estate::read(ledger, as_of).await?;
    let situations = situation::of_estate(ledger, as_of, given, &estate).await?;
    let plan = readiness::of_estate(as_of, &estate, &proofs(ledger, as_of).await?)?;
    let findings = situation::weak::open(ledger, as_of, given).await?;
    let since = as_of.valid.saturating_sub(LEVER_WINDOW);
    let mut counted: BTreeMap<&'static str, Counted> = BTreeMap::new();
    counted.extend(count::services(&situations, &estate, given));
    counted.insert("restores-not-proved", count::restores(&plan));
    counted.extend(count::weak(&findings, &estate));
    counted.insert("repositories-not-scanned", count::not_scanned(ledger, as_of, &estate).await?);
    counted.insert("logs-nobody-reads", count::unread(as_of, given));
    counted.extend(noise::counted(ledger, as_of, since).await?);
    counted.extend(hosts::counted(ledger, as_of, &estate).await?);
    let gains = gains(ledger, as_of).await?;
    let mut levers: Vec<Lever> = KINDS
        .iter()
        .map(|kind| {
            let counted = counted.remove(kind.id).unwrap_or(Counted { unknown: true, ..Counted::default() });
            let gained = gains.iter().find(|gain| gain.lever == kind.id).cloned();
            lever(kind, counted, gained)
        })
        .collect();
    levers.sort_by(|a, b| {
        let none = |lever: &Lever| lever.unknown || lever.number == 0;
        none(a).cmp(&none(b)).then_with(|| b.score.total_cmp(&a.score)).then_with(|| a.id.cmp(b.id))
    });
    Ok(levers)
}

/// The first of them: at most five, none that says nothing.
pub fn top(levers: &[Lever]) -> Vec<&Lever> {
    levers.iter().filter(|lever| !lever.unknown && lever.number > 0).take(TOP_LEVERS).collect()
}

/// What a lever's number counts, one by one: as many rows as the number says.
pub fn open(lever: &Lever) -> &[Row] {
    &lever.rows
}

fn lever(kind: &'static Kind, mut counted: Counted, gained: Option<Gain>) -> Lever {
    // Each row is listed, or the number is that of those listed: they never differ.
    counted.rows.truncate(MAX_LEVER_ROWS);
    let number = counted.rows.len() as u64;
    let of = counted.of.map(|of| of.max(number));
    let amount = number as f64 / (number as f64 + 5.0);
    let share = of.filter(|of| *of > 0).map_or(amount, |of| number as f64 / of as f64);
    let gain = (kind.worth_operations * kind.worth_security).sqrt() * (share + amount) / 2.0;
    let (effort, effort_why) = kind.effort(number);
    let mut by_team: BTreeMap<&str, usize> = BTreeMap::new();
    for team in counted.rows.iter().filter_map(|row| row.team.as_deref()) {
        *by_team.entry(team).or_default() += 1;
    }
    let mut owners: Vec<(&str, usize)> = by_team.into_iter().collect();
    owners.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let first = counted.rows.first().and_then(|row| row.entity.clone()).unwrap_or_default();
    Lever {
        id: kind.id,
        title: kind.title(number, of, &counted.note),
        number,
        of,
        unknown: counted.unknown,
        operations: kind.operations,
        security: kind.security,
        effort,
        effort_why,
        gain: round(gain),
        score: round(gain / effort.cost()),
        first_step: kind.first_step.replace("{first}", &first),
        owners: owners.into_iter().map(|(team, _)| team.to_owned()).collect(),
        measure: kind.measure,
        gained,
        rows: counted.rows,
    }
}

fn round(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}

/// Who can change something: its owner.
fn team(estate: &Estate, entity: &EntityRef) -> Option<String> {
    estate.owners.name(entity)
}

/// Words for a time as levers show it.
fn day(at: model::Nanos) -> String {
    time(at).chars().take(10).collect()
}

/// "on 5 hosts".
fn on_hosts(hosts: &BTreeSet<String>) -> String {
    let plural = if hosts.len() == 1 { "" } else { "s" };
    if hosts.is_empty() { String::new() } else { format!(" on {} host{plural}", hosts.len()) }
}
