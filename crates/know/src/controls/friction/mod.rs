//! Friction beside risk: what a control costs those who meet it, and what it stands against. By control and by system,
//! never by person: nothing here knows who decided.
//!
//! **Friction** is the mean of four shares, each from 0 to 1:
//! - of askings, those that were stopped, or would have been if the control were enforced;
//! - of answers "this helped" and "this hurt", those that say hurt;
//! - the wait: the median time from being stopped to passing, `w / (w + 1 day)`;
//! - ways around: bypasses and exceptions made, `a / (a + askings)`.
//!
//! **Risk** is `p / (p + 10)` of points: a finding of the control's rules that is open or was caught counts 10 when
//! critical, 5 when high, 2 when medium, else 1; an incident counts 5, an alert that was not false counts 1.
//!
//! What nothing is known of counts 0, and the row has the numbers from which it comes.

mod gather;
mod measure;
mod propose;

pub use propose::{Proposal, What};

use super::bypass::RuleNames;
use super::{Result, invalid};
use crate::limits::{DAY, MAX_FRICTION};
use ledger::{AsOf, Ledger};
use model::Nanos;
use serde::Serialize;
use std::collections::BTreeMap;

/// Friction and risk of a control or a system over a time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = FrictionRow)]
pub struct Row {
    /// The control's name, or the system as `service:checkout`.
    pub name: String,
    /// The control in a sentence; empty of a system.
    pub title: String,
    /// How often it was asked.
    pub asked: u64,
    /// How often it would have stopped, had it been enforced.
    pub would_have_stopped: u64,
    /// How often it stopped.
    pub stopped: u64,
    /// How often it was passed for defence, and is to be looked at.
    pub for_defence: u64,
    /// How often an exception let pass.
    pub excepted: u64,
    /// How often it could not decide.
    pub undecided: u64,
    /// What people said.
    pub said: Said,
    /// The wait from being stopped to passing.
    pub waiting: Waiting,
    /// Exceptions.
    pub exceptions: Exceptions,
    /// How often detection saw somebody go around it.
    pub bypasses: u64,
    /// What it stands against.
    pub against: AgainstWhat,
    /// From 0 to 1, see the module.
    pub friction: f64,
    /// From 0 to 1, see the module.
    pub risk: f64,
}

/// What people said to a control.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = FrictionSaid)]
pub struct Said {
    /// "This helped."
    pub helped: u64,
    /// "This hurt, because ..."
    pub hurt: u64,
    /// Questions, those that bypasses opened included.
    pub questions: u64,
    /// Requests for an exception.
    pub requests: u64,
    /// Replies that the check was wrong.
    pub wrong: u64,
    /// What still waits for a reply.
    pub unanswered: u64,
    /// How long the oldest of them waits.
    #[schema(value_type = Option<i64>)]
    pub longest: Option<Nanos>,
}

impl Said {
    /// All answers, what bypasses asked excluded.
    pub fn answers(&self) -> u64 {
        self.helped + self.hurt + self.questions + self.requests
    }
}

/// The wait from being stopped to passing: of the same service, question and environment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = FrictionWaiting)]
pub struct Waiting {
    /// How many waits ended.
    pub ended: u64,
    /// Half of them took no longer.
    #[schema(value_type = Option<i64>)]
    pub p50: Option<Nanos>,
    /// 95 of 100 took no longer.
    #[schema(value_type = Option<i64>)]
    pub p95: Option<Nanos>,
    /// How many wait still.
    pub open: u64,
}

/// Exceptions of a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = FrictionExceptions)]
pub struct Exceptions {
    /// Made, renewals excluded.
    pub made: u64,
    /// Renewed.
    pub renewed: u64,
    /// In force at its end.
    pub in_force: u64,
}

/// What a control stands against: findings and alerts of its rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AgainstWhat {
    /// Findings that are open at the end of the time, by severity.
    pub open: BTreeMap<String, u64>,
    /// Findings that were fixed in the time, by severity.
    pub fixed: BTreeMap<String, u64>,
    /// Findings that a verdict named as a reason for "not yet" and that were fixed afterwards, by severity.
    pub caught: BTreeMap<String, u64>,
    /// Alerts that were not false.
    pub alerts: u64,
    /// Incidents that have such alerts.
    pub incidents: u64,
    /// Findings were too many to be looked at: the numbers of findings are missing.
    pub findings_missing: bool,
}

/// A measure of all controls and systems.
#[derive(Clone, Debug, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Friction {
    /// From when.
    #[schema(value_type = String)]
    pub since: Nanos,
    /// Until when.
    #[schema(value_type = String)]
    pub until: Nanos,
    /// By control, by name.
    pub controls: Vec<Row>,
    /// By system, by name.
    pub systems: Vec<Row>,
    /// What to do about it.
    pub proposals: Vec<Proposal>,
}

/// Measures controls and systems from a time to that of `as_of`, which also says what may be seen. `names` are other
/// names of rules.
pub async fn friction(ledger: &Ledger, since: Nanos, names: &RuleNames, as_of: &AsOf) -> Result<Friction> {
    let until = as_of.valid;
    if since >= until || until - since > MAX_FRICTION {
        return invalid(format!("ask for a time of at most {} days that ends after it begins", MAX_FRICTION / DAY));
    }
    let gathered = gather::gather(ledger, since, names, as_of).await?;
    let controls = measure::by_control(&gathered);
    let proposals = propose::propose(&controls, &gathered.standing);
    Ok(Friction { since, until, systems: measure::by_system(&gathered), controls, proposals })
}
