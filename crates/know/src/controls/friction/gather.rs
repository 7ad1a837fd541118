//! What the measure rests on, out of the ledger.

use crate::controls::answers::{Asking, asking};
use crate::controls::bypass::{RuleNames, alerts, is_bypass, stand_behind};
use crate::controls::standing::{Standing, in_force};
use crate::controls::words::number_of;
use crate::controls::{ControlError, Result};
use crate::limits::DAY;
use ledger::{Again, AsOf, DecisionsAsked, FindingsAsked, Kept, KeptDecision, Kind, Ledger, Outcome};
use ledger::{FindingState, LedgerError};
use model::{Answer, Nanos, Verdict};
use serde::Deserialize as _;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What one verdict says of one control.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Spoke {
    pub would_have_stopped: bool,
    pub stopped: bool,
    pub for_defence: bool,
    pub excepted: bool,
    pub undecided: bool,
    /// Facts behind "not yet".
    pub facts: BTreeSet<i64>,
}

/// A verdict, as far as it is measured.
#[derive(Clone, Debug)]
pub(super) struct Passing {
    /// Service, question, environment.
    pub of: (String, &'static str, Option<String>),
    /// When it was given, and again: the first and last of these times alone are known.
    pub times: Vec<Nanos>,
    /// How often within the time.
    pub count: u64,
    pub stopped: bool,
    /// By control; what found nothing against it spoke too.
    pub spoke: BTreeMap<String, Spoke>,
}

/// An exception made in the time or in force at its end.
pub(super) struct Excepting {
    pub control: Option<String>,
    pub entity: Option<String>,
    pub made: bool,
    pub renews: bool,
    pub in_force: bool,
}

/// A finding of some control's rules.
pub(super) struct Weak {
    pub id: i64,
    pub entity: Option<String>,
    pub severity: String,
    pub controls: Vec<String>,
    pub open: bool,
    /// When it was fixed.
    pub fixed: Option<Nanos>,
}

/// An alert of some control's rules.
pub(super) struct Alarm {
    pub entity: Option<String>,
    pub controls: Vec<String>,
    pub incident: Option<i64>,
    pub bypass: bool,
    pub counts: bool,
}

/// All of it.
pub(super) struct Gathered {
    pub since: Nanos,
    pub until: Nanos,
    pub standing: Standing,
    pub passings: Vec<Passing>,
    pub askings: Vec<Asking>,
    pub exceptions: Vec<Excepting>,
    pub findings: Option<Vec<Weak>>,
    pub alarms: Vec<Alarm>,
}

pub(super) async fn gather(ledger: &Ledger, since: Nanos, names: &RuleNames, as_of: &AsOf) -> Result<Gathered> {
    // Which controls there are is no secret of a dataset; everything else is within those of who asks.
    let standing = in_force(ledger, &AsOf::at(as_of.valid).known(as_of.known)).await?;
    let asked = DecisionsAsked { since: Some(since), ..DecisionsAsked::of(&["answer", "question"]) };
    let mut exceptions = Vec::new();
    let excepting = exceptions_of(ledger, since, as_of).await?;
    let renewed: BTreeSet<i64> = excepting.iter().filter_map(|kept| number_of(&kept.decision.body, "renews")).collect();
    for kept in excepting {
        exceptions.push(Excepting {
            control: standing.name_of(&kept),
            entity: kept.decision.entity.as_ref().map(ToString::to_string),
            made: kept.decision.at >= since,
            renews: number_of(&kept.decision.body, "renews").is_some(),
            // One that was renewed and its renewal are one.
            in_force: !renewed.contains(&kept.id) && standing.exceptions.iter().any(|one| one.decision == kept.id),
        });
    }
    let mut alarms = Vec::new();
    for alert in alerts(ledger, Kind::Alert, since, as_of).await? {
        alarms.push(alarm(&standing, &alert, names));
    }
    Ok(Gathered {
        since,
        until: as_of.valid,
        passings: passings(ledger, &standing, since, as_of).await?,
        askings: asking(ledger, &asked, as_of).await?,
        exceptions,
        findings: findings(ledger, &standing, since, as_of).await?,
        alarms,
        standing,
    })
}

/// Exceptions made in the time, and those in force at its end.
async fn exceptions_of(ledger: &Ledger, since: Nanos, as_of: &AsOf) -> Result<Vec<KeptDecision>> {
    let made = DecisionsAsked { since: Some(since), ..DecisionsAsked::of(&["exception"]) };
    let held = DecisionsAsked { in_force: true, ..DecisionsAsked::of(&["exception"]) };
    let mut all = ledger.decisions(&made, as_of).await?;
    all.extend(ledger.decisions(&held, as_of).await?.into_iter().filter(|kept| kept.decision.at < since));
    Ok(all)
}

/// Verdicts of the time, a day at once: their bodies are large, and little of them is measured.
async fn passings(ledger: &Ledger, standing: &Standing, since: Nanos, as_of: &AsOf) -> Result<Vec<Passing>> {
    let again = ledger.again("verdict", since, as_of).await?;
    let mut again: BTreeMap<i64, Again> = again.into_iter().map(|one| (one.decision, one)).collect();
    let checks = checks(standing);
    let mut all = Vec::new();
    let mut from = since;
    while from <= as_of.valid {
        let to = from.saturating_add(DAY - 1).min(as_of.valid);
        let asked = DecisionsAsked { since: Some(from), ..DecisionsAsked::of(&["verdict"]) };
        for kept in ledger.decisions(&asked, &AsOf { valid: to, ..as_of.clone() }).await? {
            let repeated = again.remove(&kept.id);
            all.extend(passing(&kept, true, repeated, &checks));
        }
        from = to + 1;
    }
    // Given before, and again in the time.
    let earlier: Vec<i64> = again.keys().copied().collect();
    for ids in earlier.chunks(500) {
        let asked = DecisionsAsked { ids: ids.to_vec(), ..DecisionsAsked::of(&["verdict"]) };
        for kept in ledger.decisions(&asked, as_of).await? {
            all.extend(passing(&kept, false, again.remove(&kept.id), &checks));
        }
    }
    Ok(all)
}

/// Controls by the checks that they stand behind.
fn checks(standing: &Standing) -> BTreeMap<String, Vec<String>> {
    let mut checks: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in &standing.controls {
        for check in &one.control.checks {
            checks.entry(check.clone()).or_default().push(one.control.name.clone());
        }
    }
    checks
}

fn passing(
    kept: &KeptDecision,
    is_new: bool,
    again: Option<Again>,
    checks: &BTreeMap<String, Vec<String>>,
) -> Option<Passing> {
    let verdict = Verdict::deserialize(Value::Object(kept.decision.body.clone())).ok()?;
    let mut spoke: BTreeMap<String, Spoke> = BTreeMap::new();
    for check in &verdict.passed {
        for control in checks.get(check).into_iter().flatten() {
            spoke.entry(control.clone()).or_default();
        }
    }
    for reason in &verdict.reasons {
        let one = spoke.entry(reason.control.clone()).or_default();
        match reason.answer {
            Answer::NotYet if reason.excepted.is_some() => one.excepted = true,
            Answer::NotYet if !reason.stops() => one.would_have_stopped = true,
            Answer::NotYet if verdict.passed_for_defence => one.for_defence = true,
            Answer::NotYet => one.stopped = true,
            Answer::Undecided => one.undecided = true,
            Answer::Ready => {}
        }
        if reason.answer == Answer::NotYet {
            one.facts.extend(&reason.facts);
        }
    }
    let mut times: Vec<Nanos> = again.iter().flat_map(|again| [again.first, again.last]).collect();
    times.extend(is_new.then_some(kept.decision.at));
    times.sort_unstable();
    let count = u64::from(is_new) + again.map_or(0, |again| again.times);
    let asked = verdict.asked;
    let of = (asked.service, asked.question.name(), asked.environment);
    (count > 0).then_some(Passing { of, times, count, stopped: verdict.stopped, spoke })
}

fn alarm(standing: &Standing, alert: &Kept, names: &RuleNames) -> Alarm {
    let behind = stand_behind(standing, &alert.rule, &alert.tags, names);
    Alarm {
        entity: alert.entity.as_ref().map(ToString::to_string),
        controls: behind.iter().map(|control| control.name.clone()).collect(),
        incident: alert.incident,
        bypass: is_bypass(alert),
        counts: alert.outcome != Some(Outcome::False),
    }
}

/// Findings of controls' rules: open ones, and those fixed in the time; none when there are too many to be looked at.
async fn findings(ledger: &Ledger, standing: &Standing, since: Nanos, as_of: &AsOf) -> Result<Option<Vec<Weak>>> {
    let asked = FindingsAsked { fixed: true, ..FindingsAsked::default() };
    let all = match ledger.findings(as_of, &asked).await {
        Ok(all) => all,
        Err(LedgerError::Invalid(_)) => return Ok(None),
        Err(error) => return Err(ControlError::from(error)),
    };
    let none = RuleNames::new();
    let mut weak = Vec::new();
    for finding in all {
        let behind = stand_behind(standing, &finding.rule, &[], &none);
        let controls: Vec<String> = behind.iter().map(|control| control.name.clone()).collect();
        let open = finding.state != FindingState::Fixed;
        let fixed = finding.steps.last().map(|step| step.at).filter(|at| !open && *at >= since);
        if !controls.is_empty() && (open || fixed.is_some()) {
            let entity = finding.entity.as_ref().map(ToString::to_string);
            weak.push(Weak { id: finding.id, entity, severity: finding.severity, controls, open, fixed });
        }
    }
    Ok(Some(weak))
}
