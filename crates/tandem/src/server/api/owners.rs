//! Owners: whose something is, was, and becomes.

use super::decisions::DecisionKept;
use super::facts::{entity, may_act, may_write};
use crate::server::api::time::{self, When};
use crate::server::errors::ApiError;
use crate::server::rows::rfc3339;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Query, Request, State};
use ledger::{AsOf, Owner, Person};
use model::access::{Caller, Role};
use model::{About, DEFAULT_DATASET, Decision, EntityRef, Facts, Observation, Relation};
use serde::{Deserialize, Serialize};
use serde_json::Map;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Of what, and when.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OwnerParameters {
    /// `service:checkout`.
    entity: String,
    /// When it was so; now when absent.
    #[param(value_type = Option<String>)]
    at: Option<When>,
    /// As it was known then; as it is known now when absent.
    #[param(value_type = Option<String>)]
    known: Option<When>,
}

/// Owners of something.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Owners {
    entity: String,
    at: String,
    owners: Vec<OwnerShown>,
}

/// Who owns a layer of it.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Owner)]
pub struct OwnerShown {
    /// Empty for the whole.
    layer: String,
    /// The team.
    owner: String,
    /// Who says so.
    origin: String,
    since: String,
    /// What it belongs to, of which that is said.
    via: Option<String>,
    /// Other teams that the same source names.
    conflicts: Vec<String>,
    /// What sources say that count less.
    overruled: Vec<Overruled>,
    /// It in words.
    reason: String,
}

/// What a source says that counts less.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Overruled {
    origin: String,
    owner: String,
}

/// Who owned something at a time, why that is said, and who says otherwise.
#[utoipa::path(get, path = "/api/v1/owners", tag = "facts", params(OwnerParameters),
    responses((status = 200, description = "Owners by layer", body = Owners)))]
pub async fn owners(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(parameters): Query<OwnerParameters>,
) -> Result<Json<Owners>, ApiError> {
    let now = now();
    let at = parameters.at.map_or(Ok(now), |when| time::parse(&when.0, now))?;
    let known = parameters.known.map_or(Ok(i64::MAX), |when| time::parse(&when.0, now))?;
    let entity = entity(&parameters.entity)?;
    let as_of = AsOf::at(at).known(known).within(caller.datasets());
    let owners = app.ledger.owners(&as_of, Some(&entity)).await?.iter().map(shown).collect();
    Ok(Json(Owners { entity: entity.to_string(), at: rfc3339(at), owners }))
}

fn shown(owner: &Owner) -> OwnerShown {
    let overruled = owner.overruled.iter();
    OwnerShown {
        layer: owner.layer.clone(),
        owner: owner.owner.key.clone(),
        origin: owner.origin.clone(),
        since: rfc3339(owner.since),
        via: owner.via.as_ref().map(ToString::to_string),
        conflicts: owner.conflicts.iter().map(|entity| entity.key.clone()).collect(),
        overruled: overruled
            .map(|said| Overruled { origin: said.origin.clone(), owner: said.owner.key.clone() })
            .collect(),
        reason: owner.reason(),
    }
}

/// A hand-over.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    /// What is handed over: `service:checkout`.
    entity: String,
    /// To which team.
    owner: String,
    /// Which layer of it; the whole when absent.
    #[serde(default)]
    layer: String,
    /// Why.
    reason: String,
    /// From when on; now when absent.
    #[schema(value_type = Option<String>)]
    at: Option<When>,
    /// The caller's own id: told twice, it is one hand-over. Made from the rest when absent, with the time.
    key: Option<String>,
    /// Who may see it.
    dataset: Option<String>,
}

/// Hands something over to a team: a decision, and the claim that follows from it.
#[utoipa::path(post, path = "/api/v1/owners", request_body = HandOver, tag = "facts",
    responses((status = 200, description = "The decision", body = DecisionKept), (status = 403, description = "It belongs to another team")))]
pub async fn hand_over(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<DecisionKept>, ApiError> {
    let now = now();
    let given: HandOver = super::parameters(&app, request).await?;
    let dataset = given.dataset.unwrap_or_else(|| DEFAULT_DATASET.to_owned());
    may_write(&caller, &dataset)?;
    let at = given.at.map_or(Ok(now), |when| time::parse(&when.0, now))?;
    let (entity, team) = (entity(&given.entity)?, model::entity::team(&given.owner)?);
    // All claims, then and now, on the whole and on the layer, also those that the caller does not see: what is
    // another's is taken over neither by not seeing it nor by the back door of the past.
    let before = app.ledger.owners(&AsOf::at(at), Some(&entity)).await?;
    let today = app.ledger.owners(&AsOf::at(now), Some(&entity)).await?;
    let concerned = |owner: &&Owner| owner.layer == given.layer || owner.layer.is_empty();
    let mut whose: BTreeSet<&str> =
        before.iter().chain(&today).filter(concerned).map(|owner| &*owner.owner.key).collect();
    if whose.is_empty() {
        whose.insert(&team.key);
    }
    for team in whose {
        may_act(&caller, Role::Editor, Some(team))?;
    }
    let before = before.into_iter().find(|owner| owner.layer == given.layer && owner.via.is_none());
    let claim = |to: &EntityRef, ended| Observation {
        about: About::Relation(Relation {
            kind: model::entity::OWNED_BY.to_owned(),
            from: entity.clone(),
            to: to.clone(),
            layer: given.layer.clone(),
        }),
        at,
        ended,
        lease: None,
        attributes: Map::new(),
    };
    let mut facts = Facts::new("manual", dataset.clone());
    if let Some(before) = before.as_ref().filter(|before| before.origin == "manual") {
        let old = std::iter::once(&before.owner).chain(&before.conflicts).filter(|old| **old != team);
        facts.observations.extend(old.map(|old| claim(old, true)));
    }
    facts.observations.push(claim(&team, false));
    let decision = Decision {
        key: given.key.unwrap_or_else(|| format!("hand_over|{entity}|{}|{}|{at}", given.layer, team.key)),
        kind: "hand_over".to_owned(),
        dataset,
        at,
        entity: Some(entity.clone()),
        reason: given.reason,
        owner: Some(team),
        control: None,
        expires: None,
        cites: Vec::new(),
        body: Map::from_iter([
            ("layer".to_owned(), given.layer.clone().into()),
            ("before".to_owned(), before.map(|owner| owner.owner.key).into()),
        ]),
    };
    let decided = app.ledger.decide(&decision, &facts, Person(&caller.name), now).await?;
    app.facts_told();
    Ok(Json(DecisionKept { decision: decided.id, repeated: decided.repeated }))
}

impl From<model::fact::NotAnEntity> for ApiError {
    fn from(error: model::fact::NotAnEntity) -> Self {
        ApiError::bad(error.to_string())
    }
}
