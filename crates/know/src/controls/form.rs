//! Forms that are filled in, and whose right an act needs.

use super::standing::Standing;
use super::{ControlError, Result};
use crate::limits::{MAX_RESTRICTING, USUAL_RESTRICTING};
use ledger::{AsOf, Ledger};
use model::{EntityRef, Nanos};
use serde::Serialize;

/// A form for an exception, as it is shown first: who sends it as it is has said all but why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ExceptionForm)]
pub struct Form {
    /// The control, by name.
    pub control: String,
    /// It in a sentence.
    pub title: String,
    /// What it is for, for operations.
    pub for_operations: String,
    /// What it is for, for security.
    pub for_security: String,
    /// Of which thing.
    #[schema(value_type = Option<String>)]
    pub entity: Option<EntityRef>,
    /// Who answers for it: the team that owns the thing, else the control's owner.
    pub owner: String,
    /// Why that one.
    pub owner_because: String,
    /// When it ends.
    #[schema(value_type = String)]
    pub until: Nanos,
    /// The latest end.
    #[schema(value_type = String)]
    pub at_most: Nanos,
    /// Where to ask.
    pub ask: String,
}

/// A form for a thing and a control.
pub async fn form(
    ledger: &Ledger,
    standing: &Standing,
    control: &str,
    entity: Option<&EntityRef>,
    now: Nanos,
) -> Result<Form> {
    let control = &standing.control(control)?.control;
    let owned = match entity {
        Some(entity) => owner_of(ledger, entity, now).await?,
        None => None,
    };
    let because =
        |team: &str| format!("{team} owns the control {}; what the exception is for has no owner", control.name);
    let (owner, owner_because) = owned.unwrap_or_else(|| (control.owner.clone(), because(&control.owner)));
    Ok(Form {
        control: control.name.clone(),
        title: control.title.clone(),
        for_operations: control.protects.operations.clone(),
        for_security: control.protects.security.clone(),
        entity: entity.cloned(),
        owner,
        owner_because,
        until: now + USUAL_RESTRICTING,
        at_most: now + MAX_RESTRICTING,
        ask: control.ask.clone().unwrap_or_else(|| format!("team {}", control.owner)),
    })
}

/// The team that owns a thing as a whole, and why that is said.
pub(super) async fn owner_of(ledger: &Ledger, entity: &EntityRef, now: Nanos) -> Result<Option<(String, String)>> {
    let owners = ledger.owners(&AsOf::at(now), Some(entity)).await.map_err(ControlError::from)?;
    let whole = owners.into_iter().find(|owner| owner.layer.is_empty() && owner.owner.kind == "team");
    Ok(whole.map(|owner| (owner.owner.key.clone(), owner.reason())))
}

/// An act, as far as rights go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs<'a> {
    /// Somebody answers, asks, or asks for an exception.
    Answer,
    /// Somebody replies to an answer about a control, excepts, renews, adjusts or ends early what follows it.
    Decide(&'a str),
    /// Somebody calls a lockdown.
    Lockdown,
    /// Somebody reviews a control that a lockdown names.
    Review(&'a str),
}

/// Whose right an act needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Rights {
    /// Anybody's who may see what it is about: whoever is stopped may answer.
    AnyWhoSee,
    /// That of this team, or of somebody who may act for all.
    Team(String),
}

/// Whose right an act needs. Tandem looks whether the caller has it.
pub fn needs(act: Needs<'_>, standing: &Standing) -> Result<Rights> {
    let owner = |name: &str| Ok(Rights::Team(standing.control(name)?.control.owner.clone()));
    match act {
        Needs::Answer => Ok(Rights::AnyWhoSee),
        Needs::Decide(control) | Needs::Review(control) => owner(control),
        Needs::Lockdown => owner(super::lockdown::LOCKDOWN),
    }
}
