//! What owners of controls decide: exceptions, how a control speaks for a while, and ends before the time.

use super::form::owner_of;
use super::standing::{Standing, in_force};
use super::waive::waived;
use super::words::{cut, date, decision, digest, ends, number_of, team, text_of, words};
use super::{ControlError, Result, invalid};
use crate::limits::{MAX_RESTRICTING, USUAL_RESTRICTING};
use ledger::{AsOf, DecisionsAsked, KeptDecision, Ledger, Person};
use model::{Cite, Decision, EntityRef, Facts, Mode, Nanos};
use serde_json::Value;

/// An exception to be made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewException {
    /// The caller's own id: told twice it is one. Made from the rest when absent.
    pub key: Option<String>,
    /// The control, by name.
    pub control: String,
    /// For this thing alone; for all when absent.
    pub entity: Option<EntityRef>,
    /// In this environment alone; in all when absent.
    pub environment: Option<String>,
    /// Why.
    pub reason: String,
    /// The team that answers for it; the thing's owner when absent, else the control's.
    pub owner: Option<String>,
    /// When it ends; after 30 days when absent.
    pub until: Option<Nanos>,
    /// The answer that asked for it.
    pub answers: Option<i64>,
    /// What it rests on.
    pub cites: Vec<Cite>,
    /// Who may see it.
    pub dataset: String,
}

/// An adjustment to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAdjustment {
    /// The caller's own id: told twice it is one. Made from the rest when absent.
    pub key: Option<String>,
    /// The control, by name.
    pub control: String,
    /// To this thing alone; to all when absent.
    pub entity: Option<EntityRef>,
    /// In this environment alone; in all when absent.
    pub environment: Option<String>,
    /// How it speaks.
    pub mode: Mode,
    /// Why.
    pub reason: String,
    /// When it ends; after 30 days when absent.
    pub until: Option<Nanos>,
    /// The answer that asked for it.
    pub answers: Option<i64>,
    /// The lockdown whose review made it.
    pub lockdown: Option<i64>,
    /// What it rests on.
    pub cites: Vec<Cite>,
    /// Who may see it.
    pub dataset: String,
}

/// A decision that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its id.
    pub id: i64,
    /// When it ends.
    pub until: Nanos,
    /// It was told before; then nothing was written.
    pub repeated: bool,
}

/// Exempts from a control until a day. Whoever calls has looked whether the person may, by [`super::needs`].
pub async fn except(ledger: &Ledger, new: &NewException, by: Person<'_>, now: Nanos) -> Result<Made> {
    let standing = in_force(ledger, &AsOf::at(now)).await?;
    let control = standing.control(&new.control)?;
    let reason = words(&new.reason, "say why with `reason`: an exception needs one")?;
    let until = ends("exception", new.until, USUAL_RESTRICTING, now)?;
    let owned = match (&new.owner, &new.entity) {
        (Some(owner), _) => Some(owner.clone()),
        (None, Some(entity)) => owner_of(ledger, entity, now).await?.map(|(owner, _)| owner),
        (None, None) => None,
    };
    let scope = scope(&new.entity, &new.environment);
    let key = match &new.key {
        Some(key) => format!("exception:{}", digest(&[key])),
        None => format!("exception:{}", digest(&[&new.control, &scope, &reason, &now.to_string()])),
    };
    let mut decision = decision("exception", key, reason, &new.dataset, now);
    decision.owner = Some(team(owned.as_deref().unwrap_or(&control.control.owner))?);
    decision.control = Some(control.id);
    decision.expires = Some(until);
    decision.entity = new.entity.clone();
    decision.cites = new.cites.clone();
    say(&mut decision, "control", Some(new.control.clone().into()));
    say(&mut decision, "environment", new.environment.clone().map(Value::String));
    say(&mut decision, "answers", new.answers.map(Value::from));
    keep(ledger, &decision, by, now).await
}

/// Has a control speak otherwise until a day.
pub async fn adjust(ledger: &Ledger, new: &NewAdjustment, by: Person<'_>, now: Nanos) -> Result<Made> {
    let standing = in_force(ledger, &AsOf::at(now)).await?;
    let control = standing.control(&new.control)?;
    let reason = words(&new.reason, "say why with `reason`: an adjustment needs one")?;
    let until = ends("adjustment", new.until, USUAL_RESTRICTING, now)?;
    let scope = scope(&new.entity, &new.environment);
    let mode = new.mode.name();
    let key = match &new.key {
        Some(key) => adjustment_key(key),
        None => format!("adjustment:{}", digest(&[&new.control, &scope, mode, &reason, &now.to_string()])),
    };
    let mut decision = decision("adjustment", key, reason, &new.dataset, now);
    decision.owner = Some(team(&control.control.owner)?);
    decision.control = Some(control.id);
    decision.expires = Some(until);
    decision.entity = new.entity.clone();
    decision.cites = new.cites.clone();
    say(&mut decision, "control", Some(new.control.clone().into()));
    say(&mut decision, "mode", Some(mode.into()));
    say(&mut decision, "environment", new.environment.clone().map(Value::String));
    say(&mut decision, "answers", new.answers.map(Value::from));
    say(&mut decision, "lockdown", new.lockdown.map(Value::from));
    keep(ledger, &decision, by, now).await
}

/// The key of an adjustment by the caller's own id.
pub(super) fn adjustment_key(key: &str) -> String {
    format!("adjustment:{}", digest(&[key]))
}

/// Kinds that their owners renew, and end before their time.
const RENEWED: &[&str] = &["exception", "adjustment", "waiver"];

/// Renews an exception, adjustment or waiver with one key: the same scope, owner and reason, from now on, for as long as before
/// when nothing is said, and never longer than the longest. Each is renewed once; its renewal is renewed next.
pub async fn renew(
    ledger: &Ledger,
    id: i64,
    reason: Option<&str>,
    until: Option<Nanos>,
    by: Person<'_>,
    now: Nanos,
) -> Result<Made> {
    let old = one(ledger, id, RENEWED, now).await?;
    let renewed = DecisionsAsked { key: Some(format!("renewal:{id}")), limit: 1, ..DecisionsAsked::default() };
    if let Some(next) = ledger.decisions(&renewed, &AsOf::at(now)).await?.first() {
        let until = next.decision.expires.unwrap_or_default();
        // Told again at once is told twice; later somebody means the renewal.
        if next.decision.at == now {
            return Ok(Made { id: next.id, until, repeated: true });
        }
        return invalid(format!("{id} was renewed by {}, until {}: renew that", next.id, date(until)));
    }
    if is_ended(ledger, id, now).await? {
        return invalid(format!("{id} was ended before its time: make a new one, with its reason"));
    }
    let standing = in_force(ledger, &AsOf::at(now)).await?;
    let name = standing.name_of(&old).unwrap_or_default();
    let control = standing.control(&name)?;
    let lasted = old.decision.expires.unwrap_or(now).saturating_sub(old.decision.at).clamp(1, MAX_RESTRICTING);
    let mut next = Decision {
        key: format!("renewal:{id}"),
        at: now,
        reason: match reason {
            Some(reason) => words(reason, "say why it is renewed, or nothing: then its reason holds on")?,
            None => old.decision.reason.clone(),
        },
        control: Some(control.id),
        expires: Some(ends(&old.decision.kind, until, lasted, now)?),
        // What a waiver cites is what it hides.
        cites: waived(&old).into_iter().chain([id]).map(Cite::Fact).collect(),
        ..old.decision.clone()
    };
    say(&mut next, "control", Some(name.into()));
    say(&mut next, "renews", Some(id.into()));
    keep(ledger, &next, by, now).await
}

/// Ends an exception, adjustment or waiver before its time.
pub async fn end(ledger: &Ledger, id: i64, reason: &str, by: Person<'_>, now: Nanos) -> Result<i64> {
    let old = one(ledger, id, RENEWED, now).await?;
    let reason = words(reason, "say with `reason` why it ends before its time")?;
    if old.decision.expires.is_some_and(|until| until <= now) {
        return invalid(format!("{id} has ended at {}", date(old.decision.expires.unwrap_or(now))));
    }
    let mut decision = decision("ended", format!("early:{id}"), reason, &old.decision.dataset, now);
    (decision.entity, decision.owner) = (old.decision.entity.clone(), old.decision.owner.clone());
    decision.control = old.decision.control;
    decision.cites = vec![Cite::Fact(id)];
    say(&mut decision, "of", Some(id.into()));
    Ok(ledger.decide(&decision, &Facts::default(), by, now).await?.id)
}

async fn is_ended(ledger: &Ledger, id: i64, now: Nanos) -> Result<bool> {
    let asked = DecisionsAsked { citing: Some(id), ..DecisionsAsked::of(&["ended"]) };
    let ends = ledger.decisions(&asked, &AsOf::at(now)).await?;
    Ok(ends.iter().any(|kept| number_of(&kept.decision.body, "of") == Some(id)))
}

/// A decision of one of some kinds.
pub(super) async fn one(ledger: &Ledger, id: i64, kinds: &[&str], now: Nanos) -> Result<KeptDecision> {
    let asked = DecisionsAsked { ids: vec![id], limit: 1, ..DecisionsAsked::default() };
    let found = ledger.decisions(&asked, &AsOf::at(now)).await?.into_iter().next();
    match found {
        Some(kept) if kinds.contains(&kept.decision.kind.as_str()) => Ok(kept),
        Some(kept) => {
            invalid(format!("{id} is of the kind `{}`; this is for {}", kept.decision.kind, kinds.join(" or ")))
        }
        None => Err(ControlError::Gone(format!("there is no decision {id}"))),
    }
}

/// Puts something into a decision's body, if there is something.
pub(super) fn say(decision: &mut Decision, key: &str, value: Option<Value>) {
    match value {
        Some(value) => drop(decision.body.insert(key.to_owned(), value)),
        None => drop(decision.body.remove(key)),
    }
}

fn scope(entity: &Option<EntityRef>, environment: &Option<String>) -> String {
    let entity = entity.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("{entity}@{}", environment.as_deref().unwrap_or_default())
}

pub(super) async fn keep(ledger: &Ledger, decision: &Decision, by: Person<'_>, now: Nanos) -> Result<Made> {
    let decided = ledger.decide(decision, &Facts::default(), by, now).await?;
    let mut until = decision.expires.unwrap_or(now);
    if decided.repeated {
        until = one(ledger, decided.id, &[&decision.kind], now).await?.decision.expires.unwrap_or(until);
    }
    Ok(Made { id: decided.id, until, repeated: decided.repeated })
}

/// What something is for, in words: `service:checkout in production`, `2 findings of service:checkout`.
pub(super) fn about(kept: &KeptDecision) -> String {
    let entity = kept.decision.entity.as_ref().map_or_else(|| "everything".to_owned(), ToString::to_string);
    match waived(kept).len() {
        0 => {}
        1 => return format!("a finding of {entity}"),
        many => return format!("{many} findings of {entity}"),
    }
    match text_of(&kept.decision.body, "environment") {
        Some(environment) => format!("{entity} in {environment}"),
        None => entity,
    }
}

/// A title with its control: `review (\"Changes are read by a second person\")`.
pub(super) fn called(standing: &Standing, kept: &KeptDecision) -> String {
    let known = kept.decision.control.and_then(|id| standing.known.get(&id));
    match known {
        Some(known) => match &known.name {
            Some(name) => format!("{name} ({})", cut(&known.title)),
            None => cut(&known.title),
        },
        None => "a control".to_owned(),
    }
}
