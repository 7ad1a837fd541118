//! Lockdowns: named controls are tightened at once, until a time, and each is reviewed afterwards.

use super::acts::{NewAdjustment, adjust, one, say};
use super::standing::{Lockdown, in_force, locked};
use super::words::{Word, date, decision, digest, ends, team, text_of, words};
use super::{ControlError, Result, invalid};
use crate::limits::{DAY, MAX_LOCKED, MAX_RESTRICTING, MAX_REVIEW_AFTER, USUAL_REVIEW_AFTER};
use ledger::{AsOf, DecisionsAsked, Ledger, Person};
use model::{Cite, Facts, Mode, Nanos};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// The control that every lockdown follows: its owner may call one.
pub(super) const LOCKDOWN: &str = "lockdown";

/// A lockdown to be called.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewLockdown {
    /// The caller's own id: told twice it is one. Made from the rest when absent.
    pub key: Option<String>,
    /// The controls, by name.
    pub controls: Vec<String>,
    /// Why.
    pub reason: String,
    /// The team that answers for it; the owner of the control `lockdown` when absent.
    pub owner: Option<String>,
    /// When it ends.
    pub until: Nanos,
    /// When it is reviewed; a week after its end when absent.
    pub review_at: Option<Nanos>,
    /// What it rests on, such as an incident.
    pub cites: Vec<Cite>,
    /// Who may see it.
    pub dataset: String,
}

/// What becomes of a control after a lockdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It goes on to stop, until its own review or for 90 days.
    Kept,
    /// It speaks again as before.
    Relaxed,
    /// It speaks again as before, and shall go: its owner takes its file out.
    Removed,
}

impl Outcome {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Kept => "kept",
            Outcome::Relaxed => "relaxed",
            Outcome::Removed => "removed",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Outcome {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Outcome, String> {
        let all = [Outcome::Kept, Outcome::Relaxed, Outcome::Removed];
        let found = all.into_iter().find(|one| one.name() == text);
        found.ok_or_else(|| format!("after a lockdown a control is kept, relaxed or removed, not {text:?}"))
    }
}

/// A review of one control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reviewed {
    /// Its decision.
    pub id: i64,
    /// The adjustment that keeps the control tight.
    pub adjustment: Option<i64>,
    /// Until when it does.
    pub until: Option<Nanos>,
    /// Controls of the lockdown that still wait.
    pub waiting: Vec<String>,
}

/// A lockdown of which not every control was reviewed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct OpenReview {
    /// The lockdown.
    pub lockdown: Lockdown,
    /// Its controls that wait.
    pub waiting: Vec<String>,
    /// Its review was due before now.
    pub overdue: bool,
}

/// Tightens controls at once. What was stricter stays so; it ends by itself, and what it changed ends with it.
pub async fn lockdown(ledger: &Ledger, new: &NewLockdown, by: Person<'_>, now: Nanos) -> Result<(i64, Word)> {
    let standing = in_force(ledger, &AsOf::at(now)).await?;
    let Ok(own) = standing.control(LOCKDOWN) else {
        return invalid("there is no control `lockdown`, which a lockdown follows: add knowledge/controls/lockdown.md");
    };
    let names: BTreeSet<&str> = new.controls.iter().map(|name| name.trim()).collect();
    if names.is_empty() || names.contains("") || names.len() > MAX_LOCKED {
        return invalid(format!("name the controls that are tightened, at most {MAX_LOCKED}"));
    }
    for name in &names {
        if *name == LOCKDOWN {
            return invalid("a lockdown cannot tighten `lockdown` itself: name the controls that shall stop");
        }
        standing.control(name)?;
    }
    let reason = words(&new.reason, "say why with `reason`: whoever is stopped by it reads that")?;
    let until = ends("lockdown", Some(new.until), MAX_RESTRICTING, now)?;
    let review_at = new.review_at.unwrap_or(until + USUAL_REVIEW_AFTER);
    if review_at <= now || review_at > until + MAX_REVIEW_AFTER {
        let days = MAX_REVIEW_AFTER / DAY;
        return invalid(format!(
            "the review at {} must be after now and at most {days} days after the end, by {}",
            date(review_at),
            date(until + MAX_REVIEW_AFTER)
        ));
    }
    let list = names.iter().copied().collect::<Vec<_>>();
    let key = match &new.key {
        Some(key) => format!("lockdown:{}", digest(&[key])),
        None => format!("lockdown:{}", digest(&[&list.join(","), &reason, &now.to_string()])),
    };
    let mut decision = decision("lockdown", key, reason, &new.dataset, now);
    let owner = team(new.owner.as_deref().unwrap_or(&own.control.owner))?;
    decision.owner = Some(owner.clone());
    decision.control = Some(own.id);
    decision.expires = Some(until);
    decision.cites = new.cites.clone();
    say(&mut decision, "controls", Some(json!(list)));
    say(&mut decision, "mode", Some(json!(Mode::Enforce)));
    say(&mut decision, "review_at", Some(review_at.into()));
    let id = ledger.decide(&decision, &Facts::default(), by, now).await?.id;
    let text = format!(
        "{}\nControls: {}.\nUntil {}; reviewed at {}.\nTeam {} answers for it. Answer with: tandem answer {id} hurt \"because ...\"",
        decision.reason,
        list.join(", "),
        date(until),
        date(review_at),
        owner.key,
    );
    let word = Word {
        key: format!("lockdown:{id}"),
        kind: "lockdown".to_owned(),
        team: owner.key,
        dataset: new.dataset.clone(),
        title: format!("Lockdown: {} controls stop until {}", list.len(), date(until)),
        text,
        loud: true,
    };
    Ok((id, word))
}

/// Says of one control what becomes of it, and why. What is kept stops until the control's own review, for 90 days at
/// most; what is relaxed or removed speaks as before from now on. Said once; the same again changes nothing.
///
/// The adjustment is written before the review: after a kill between them, the control stays tight and still waits.
pub async fn review_lockdown(
    ledger: &Ledger,
    lockdown: i64,
    control: &str,
    outcome: Outcome,
    reason: &str,
    by: Person<'_>,
    now: Nanos,
) -> Result<Reviewed> {
    let kept = one(ledger, lockdown, &["lockdown"], now).await?;
    let reviews = reviews(ledger, Some(lockdown), now).await?;
    let open =
        locked(&kept, &reviews).ok_or_else(|| ControlError::Gone(format!("the lockdown {lockdown} names nothing")))?;
    if !open.controls.iter().any(|name| name == control) {
        return invalid(format!(
            "the lockdown {lockdown} does not name {control}: it names {}",
            open.controls.join(", ")
        ));
    }
    let reason = words(reason, "say why with `reason`: it is what the next lockdown learns from")?;
    let of = |review: &&ledger::KeptDecision| text_of(&review.decision.body, "control").as_deref() == Some(control);
    if let Some(before) = reviews.iter().find(of) {
        let said = text_of(&before.decision.body, "outcome").unwrap_or_default();
        if said != outcome.name() {
            return invalid(format!("{control} was reviewed already: {said}, since {}", before.decision.reason));
        }
        return Ok(Reviewed { id: before.id, adjustment: None, until: None, waiting: waiting(&open) });
    }
    let standing = in_force(ledger, &AsOf::at(now)).await?;
    let mut made = None;
    if outcome == Outcome::Kept {
        let in_force = standing.control(control)?;
        let review = in_force.control.review_by.filter(|review| *review > now);
        let new = NewAdjustment {
            key: Some(format!("lockdown-kept:{lockdown}:{control}")),
            control: control.to_owned(),
            entity: None,
            environment: None,
            mode: Mode::Enforce,
            reason: reason.clone(),
            until: Some(review.unwrap_or(now + MAX_RESTRICTING).min(now + MAX_RESTRICTING)),
            answers: None,
            lockdown: Some(lockdown),
            cites: vec![Cite::Fact(lockdown)],
            dataset: kept.decision.dataset.clone(),
        };
        made = Some(adjust(ledger, &new, by, now).await?);
    }
    let mut decision = decision(
        "lockdown_review",
        format!("lockdown-review:{lockdown}:{control}"),
        reason,
        &kept.decision.dataset,
        now,
    );
    decision.owner = kept.decision.owner.clone();
    // The review is about that control; one whose file is gone by now is reviewed all the same.
    decision.control = standing.control(control).ok().map(|one| one.id).or(kept.decision.control);
    decision.cites = std::iter::once(lockdown).chain(made.map(|made| made.id)).map(Cite::Fact).collect();
    say(&mut decision, "control", Some(control.into()));
    say(&mut decision, "outcome", Some(outcome.name().into()));
    let id = ledger.decide(&decision, &Facts::default(), by, now).await?.id;
    let mut open = open;
    open.reviewed.insert(control.to_owned());
    Ok(Reviewed {
        id,
        adjustment: made.map(|made| made.id),
        until: made.map(|made| made.until),
        waiting: waiting(&open),
    })
}

/// Lockdowns that are past their end or their review, and of which controls were not reviewed: the oldest first. They
/// stay here until somebody does.
pub async fn open_lockdown_reviews(ledger: &Ledger, as_of: &AsOf) -> Result<Vec<OpenReview>> {
    let all = ledger.decisions(&DecisionsAsked::of(&["lockdown"]), as_of).await?;
    let reviews = ledger.decisions(&DecisionsAsked::of(&["lockdown_review"]), as_of).await?;
    let mut open: Vec<OpenReview> = all
        .iter()
        .filter_map(|kept| locked(kept, &reviews))
        .filter(|lockdown| lockdown.until.min(lockdown.review_at) <= as_of.valid)
        .map(|lockdown| OpenReview {
            waiting: waiting(&lockdown),
            overdue: lockdown.review_at <= as_of.valid,
            lockdown,
        })
        .filter(|open| !open.waiting.is_empty())
        .collect();
    open.sort_by_key(|open| (open.lockdown.review_at, open.lockdown.decision));
    Ok(open)
}

async fn reviews(ledger: &Ledger, lockdown: Option<i64>, now: Nanos) -> Result<Vec<ledger::KeptDecision>> {
    let asked = DecisionsAsked { citing: lockdown, ..DecisionsAsked::of(&["lockdown_review"]) };
    Ok(ledger.decisions(&asked, &AsOf::at(now)).await?)
}

fn waiting(lockdown: &Lockdown) -> Vec<String> {
    lockdown.controls.iter().filter(|name| !lockdown.reviewed.contains(*name)).cloned().collect()
}
