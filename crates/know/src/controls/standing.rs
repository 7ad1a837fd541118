//! What stands at a time: which controls there are, how each speaks to whom, who is exempt, what is locked down.

use super::words::{number_of, text_of};
use super::{ControlError, Result};
use ledger::{AsOf, DecisionsAsked, KeptDecision, Ledger};
use model::{Because, Control, Exception, InForce, Mode, Nanos};
use serde::{Deserialize as _, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How a control speaks otherwise than its file says, until a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Adjustment {
    /// The decision, by id.
    pub decision: i64,
    /// The control, by name.
    pub control: String,
    /// To this thing alone; to all when absent.
    pub entity: Option<String>,
    /// In this environment alone; in all when absent.
    pub environment: Option<String>,
    /// How it speaks.
    pub mode: Mode,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Since when.
    #[schema(value_type = String)]
    pub at: Nanos,
    /// Until when.
    #[schema(value_type = String)]
    pub until: Nanos,
}

impl Adjustment {
    fn fits(&self, entity: &str, environment: Option<&str>, now: Nanos) -> bool {
        now >= self.at
            && now < self.until
            && self.entity.as_deref().is_none_or(|own| own == entity)
            && self.environment.as_deref().is_none_or(|own| Some(own) == environment)
    }
}

/// Controls that were tightened at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Lockdown {
    /// The decision, by id.
    pub decision: i64,
    /// The controls, by name.
    pub controls: Vec<String>,
    /// Of them, those whose review ended it before its time.
    pub reviewed: BTreeSet<String>,
    /// How they speak at least.
    pub mode: Mode,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Since when.
    #[schema(value_type = String)]
    pub at: Nanos,
    /// Until when.
    #[schema(value_type = String)]
    pub until: Nanos,
    /// When it is reviewed.
    #[schema(value_type = String)]
    pub review_at: Nanos,
    /// Who may see it.
    pub dataset: String,
}

impl Lockdown {
    fn holds(&self, control: &str, now: Nanos) -> bool {
        now >= self.at && now < self.until && !self.reviewed.contains(control) && self.names(control)
    }

    fn names(&self, control: &str) -> bool {
        self.controls.iter().any(|name| name == control)
    }
}

/// A control by any of its decisions: what decisions that follow it are shown with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Known {
    /// Its name; none of a control that was made for one suppression.
    pub name: Option<String>,
    /// It in a sentence.
    pub title: String,
    /// Who answers for it.
    pub owner: String,
    /// Where to ask.
    pub ask: String,
}

/// What stands at a time. It answers for that time and for those soon after it, so it may be kept for some seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// The controls that are not withdrawn, as their files say, with the id of their newest decision.
    pub controls: Vec<InForce>,
    /// Exceptions in force.
    pub exceptions: Vec<Exception>,
    /// Adjustments in force, the newest first.
    pub adjustments: Vec<Adjustment>,
    /// Lockdowns in force, the newest first.
    pub lockdowns: Vec<Lockdown>,
    /// Controls by the ids of all their decisions, withdrawn ones too.
    pub known: HashMap<i64, Known>,
}

impl Standing {
    /// A control that is not withdrawn.
    pub fn control(&self, name: &str) -> Result<&InForce> {
        let found = self.controls.iter().find(|one| one.control.name == name);
        found.ok_or_else(|| ControlError::Gone(format!("there is no control {name}; `tandem controls list` shows all")))
    }

    /// The controls as they speak to a thing in an environment.
    pub fn for_(&self, entity: &str, environment: Option<&str>, now: Nanos) -> Vec<InForce> {
        self.controls.iter().map(|one| self.speaks(one, entity, environment, now)).collect()
    }

    /// A control as it speaks to a thing in an environment.
    pub fn speaks(&self, one: &InForce, entity: &str, environment: Option<&str>, now: Nanos) -> InForce {
        let control = &one.control;
        let is_early = control.effective.is_some_and(|from| now < from);
        let mut mode = if is_early { Mode::Observe } else { control.mode };
        let mut because = None;
        let mut fitting = self.adjustments.iter().filter(|one| one.control == control.name);
        if let Some(adjustment) = fitting.find(|one| one.fits(entity, environment, now)) {
            mode = adjustment.mode;
            because = Some(Because {
                decision: adjustment.decision,
                kind: "adjustment".to_owned(),
                reason: adjustment.reason.clone(),
                owner: adjustment.owner.clone(),
                until: adjustment.until,
            });
        }
        let locked = self.lockdowns.iter().filter(|lockdown| lockdown.holds(&control.name, now));
        // Of several the one that lasts longest: it is the one to wait for.
        if let Some(lockdown) = locked.max_by_key(|lockdown| (lockdown.mode, lockdown.until))
            && lockdown.mode > mode
        {
            mode = lockdown.mode;
            because = Some(Because {
                decision: lockdown.decision,
                kind: "lockdown".to_owned(),
                reason: lockdown.reason.clone(),
                owner: lockdown.owner.clone(),
                until: lockdown.until,
            });
        }
        InForce { mode, because, ..one.clone() }
    }

    /// The exception that lets a thing pass a control, the one that lasts longest.
    pub fn excepts(&self, control: &str, entity: &str, environment: Option<&str>, now: Nanos) -> Option<&Exception> {
        let all = self.exceptions.iter().filter(|one| one.control == control && one.holds(entity, environment, now));
        all.max_by_key(|one| one.until)
    }

    /// The name of the control that a decision follows.
    pub fn name_of(&self, kept: &KeptDecision) -> Option<String> {
        let known = kept.decision.control.and_then(|id| self.known.get(&id));
        known.and_then(|known| known.name.clone()).or_else(|| text_of(&kept.decision.body, "control"))
    }
}

/// What stands as of a time: some statements, whatever was decided before.
pub async fn in_force(ledger: &Ledger, as_of: &AsOf) -> Result<Standing> {
    let controls = ledger.decisions(&DecisionsAsked::of(&["control"]), as_of).await?;
    let mut asked = DecisionsAsked::of(&["exception", "adjustment", "lockdown"]);
    asked.in_force = true;
    let held = ledger.decisions(&asked, as_of).await?;
    let mut ends = Vec::new();
    if let Some(first) = held.iter().map(|kept| kept.decision.at).min() {
        let asked = DecisionsAsked { since: Some(first), ..DecisionsAsked::of(&["lockdown_review", "ended"]) };
        ends = ledger.decisions(&asked, as_of).await?;
    }
    Ok(stand(&controls, &held, &ends))
}

/// What follows from decisions, each list the newest first.
pub(super) fn stand(controls: &[KeptDecision], held: &[KeptDecision], ends: &[KeptDecision]) -> Standing {
    let known = controls.iter().map(|kept| (kept.id, known(kept))).collect();
    let mut standing = Standing { known, ..Standing::default() };
    let mut all: Vec<InForce> = newest(controls)
        .into_values()
        .filter(|kept| !kept.withdrawn)
        .map(|kept| InForce { mode: kept.control.mode, control: kept.control, id: kept.id, because: None })
        .collect();
    all.sort_by(|a, b| a.control.name.cmp(&b.control.name));
    standing.controls = all;
    let ended: BTreeSet<i64> = ends.iter().filter_map(|kept| number_of(&kept.decision.body, "of")).collect();
    for kept in held.iter().filter(|kept| !ended.contains(&kept.id)) {
        match kept.decision.kind.as_str() {
            "exception" => standing.exceptions.extend(exception(&standing, kept)),
            "adjustment" => standing.adjustments.extend(adjustment(&standing, kept)),
            _ => standing.lockdowns.extend(locked(kept, ends)),
        }
    }
    standing
}

/// A control as its newest decision says.
pub(super) struct Newest {
    pub id: i64,
    pub control: Control,
    pub withdrawn: bool,
}

/// The newest decision of each control that has a file; `kept` is the newest first.
pub(super) fn newest(kept: &[KeptDecision]) -> BTreeMap<String, Newest> {
    let mut newest = BTreeMap::new();
    for one in kept {
        let Some(control) = control_of(&one.decision.body) else { continue };
        let withdrawn = one.decision.body.get("withdrawn") == Some(&Value::Bool(true));
        newest.entry(control.name.clone()).or_insert(Newest { id: one.id, control, withdrawn });
    }
    newest
}

/// What a decision keeps of a control.
pub(super) fn said(control: &Control) -> Map<String, Value> {
    match serde_json::to_value(control) {
        Ok(Value::Object(body)) => body,
        _ => Map::new(),
    }
}

fn control_of(body: &Map<String, Value>) -> Option<Control> {
    let control = Control::deserialize(body).ok()?;
    (!control.name.is_empty()).then_some(control)
}

fn known(kept: &KeptDecision) -> Known {
    let owner = kept.decision.owner.as_ref().map(|team| team.key.clone()).unwrap_or_default();
    match control_of(&kept.decision.body) {
        Some(control) => Known {
            ask: control.ask.unwrap_or_else(|| format!("team {}", control.owner)),
            name: Some(control.name),
            title: control.title,
            owner: control.owner,
        },
        None => Known { name: None, title: kept.decision.reason.clone(), ask: format!("team {owner}"), owner },
    }
}

fn owner(kept: &KeptDecision) -> String {
    kept.decision.owner.as_ref().map(|team| team.key.clone()).unwrap_or_default()
}

fn exception(standing: &Standing, kept: &KeptDecision) -> Option<Exception> {
    Some(Exception {
        decision: kept.id,
        control: standing.name_of(kept)?,
        entity: kept.decision.entity.as_ref().map(ToString::to_string),
        environment: text_of(&kept.decision.body, "environment"),
        reason: kept.decision.reason.clone(),
        owner: owner(kept),
        until: kept.decision.expires?,
    })
}

fn adjustment(standing: &Standing, kept: &KeptDecision) -> Option<Adjustment> {
    Some(Adjustment {
        decision: kept.id,
        control: standing.name_of(kept)?,
        entity: kept.decision.entity.as_ref().map(ToString::to_string),
        environment: text_of(&kept.decision.body, "environment"),
        mode: text_of(&kept.decision.body, "mode")?.parse().ok()?,
        reason: kept.decision.reason.clone(),
        owner: owner(kept),
        at: kept.decision.at,
        until: kept.decision.expires?,
    })
}

/// A lockdown with those of its controls that were reviewed.
pub(super) fn locked(kept: &KeptDecision, ends: &[KeptDecision]) -> Option<Lockdown> {
    let body = &kept.decision.body;
    let controls = body.get("controls")?.as_array()?;
    let cites = |review: &&KeptDecision| {
        review.decision.kind == "lockdown_review"
            && super::words::facts_of(&review.decision.cites).any(|id| id == kept.id)
    };
    let reviewed = ends.iter().filter(cites).filter_map(|review| text_of(&review.decision.body, "control")).collect();
    Some(Lockdown {
        decision: kept.id,
        controls: controls.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        reviewed,
        mode: text_of(body, "mode")?.parse().ok()?,
        reason: kept.decision.reason.clone(),
        owner: owner(kept),
        at: kept.decision.at,
        until: kept.decision.expires?,
        review_at: number_of(body, "review_at")?,
        dataset: kept.decision.dataset.clone(),
    })
}
