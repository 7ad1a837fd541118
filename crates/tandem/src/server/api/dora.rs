//! The DORA measures and their twins for security, from the changes and findings of the ledger.

use super::facts::entity;
use crate::limits::{DORA_LOOK_BACK_NANOS, MAX_DORA_MONTHS};
use crate::server::api::time::{self, When};
use crate::server::errors::ApiError;
use crate::server::rows::rfc3339;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Query, State};
use axum::http::StatusCode;
use chrono::{DateTime, Datelike as _, Months, NaiveDate};
use know::dora::{self, Event, FindingSpan, Input, Month, Settings};
use ledger::AsOf;
use model::access::Caller;
use model::entity::BUILT_FROM;
use model::{EntityRef, Nanos};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tokio::task::JoinError;

/// Which months, of what.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DoraParameters {
    /// One service alone.
    service: Option<String>,
    /// One team alone.
    team: Option<String>,
    /// Months up to the current one [default: 6].
    months: Option<u32>,
    /// The end; now when absent.
    #[param(value_type = Option<String>)]
    until: Option<When>,
    /// Environments that are production, separated by commas [default: production, prod, live].
    production: Option<String>,
}

/// Measures by month, of services and of teams.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Dora {
    from: String,
    until: String,
    services: BTreeMap<String, Vec<Month>>,
    teams: BTreeMap<String, Vec<Month>>,
}

/// The measures by service, team and month, each with the events it comes from.
#[utoipa::path(get, path = "/api/v1/dora", tag = "facts", params(DoraParameters),
    responses((status = 200, description = "Measures", body = Dora)))]
pub async fn dora(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(parameters): Query<DoraParameters>,
) -> Result<Json<Dora>, ApiError> {
    let now = now();
    let until = parameters.until.map_or(Ok(now), |when| time::parse(&when.0, now))?;
    let months = parameters.months.unwrap_or(6);
    if !(1..=MAX_DORA_MONTHS).contains(&months) {
        return Err(ApiError::bad(format!("months is a number from 1 to {MAX_DORA_MONTHS}")));
    }
    let from = first_of(until, months - 1).ok_or_else(|| ApiError::bad("`until` is out of range"))?;
    let as_of = AsOf::at(until).within(caller.datasets());
    let ledger = &app.ledger;
    let events: Vec<Event> = ledger
        .changes_since(&as_of, from.saturating_sub(DORA_LOOK_BACK_NANOS))
        .await?
        .into_iter()
        // What is altered on a machine is delivered by nobody.
        .filter(|told| told.change.entity.kind != "host")
        .map(|told| Event { id: told.id, origin: told.origin, change: told.change })
        .collect();
    let built_from = ledger.pairs(&as_of, BUILT_FROM).await?;
    let findings = findings(ledger.finding_spans(&as_of, from).await?, &built_from);
    let owners = ledger.owners(&as_of, None).await?.into_iter().filter(|owner| owner.layer.is_empty());
    let teams: BTreeMap<EntityRef, EntityRef> = owners.map(|owner| (owner.entity, owner.owner)).collect();
    let mut settings = Settings::default();
    if let Some(names) = &parameters.production {
        settings.production =
            names.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    }
    let report = tokio::task::spawn_blocking(move || {
        let input = Input { events: &events, findings: &findings, built_from: &built_from, teams: &teams, from, until };
        dora::report(&input, &settings)
    });
    let failed = |error: JoinError| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string());
    let mut report = report.await.map_err(failed)?;
    only(&mut report.services, parameters.service.map(|name| service(&name)).transpose()?);
    only(&mut report.teams, parameters.team.map(|name| model::entity::team(&name)).transpose()?);
    Ok(Json(Dora { from: rfc3339(from), until: rfc3339(until), services: report.services, teams: report.teams }))
}

/// A service by its name, with or without its kind.
fn service(name: &str) -> Result<EntityRef, ApiError> {
    entity(&if name.contains(':') { name.to_owned() } else { format!("service:{name}") })
}

/// Leaves one of a report's parts.
fn only(part: &mut BTreeMap<String, Vec<Month>>, wanted: Option<EntityRef>) {
    if let Some(wanted) = wanted {
        part.retain(|name, _| *name == wanted.key || *name == wanted.to_string());
    }
}

/// Findings of services, and of the repositories that services are built from.
fn findings(spans: Vec<ledger::FindingSpan>, built_from: &[(EntityRef, EntityRef)]) -> Vec<FindingSpan> {
    let mut services: HashMap<&EntityRef, Vec<&EntityRef>> = HashMap::new();
    for (service, repository) in built_from {
        services.entry(repository).or_default().push(service);
    }
    let mut findings = Vec::new();
    for span in spans {
        let Some(entity) = span.entity else { continue };
        let of = match services.get(&entity) {
            Some(services) => services.iter().map(|service| (*service).clone()).collect(),
            None if entity.kind == "service" => vec![entity],
            None => continue,
        };
        let evidence: Value = serde_json::from_str(&span.evidence).unwrap_or_default();
        let seen_in = evidence["environment"].as_str().map(str::to_owned);
        findings.extend(of.into_iter().map(|service| FindingSpan {
            id: span.id,
            service,
            seen: span.seen,
            ended: span.ended,
            severity: span.severity.clone(),
            seen_in: seen_in.clone(),
        }));
    }
    findings
}

/// The first moment of the month so many months before the one of a time.
fn first_of(at: Nanos, months_before: u32) -> Option<Nanos> {
    let day = DateTime::from_timestamp_nanos(at).date_naive();
    let first = NaiveDate::from_ymd_opt(day.year(), day.month(), 1)?.checked_sub_months(Months::new(months_before))?;
    first.and_hms_opt(0, 0, 0)?.and_utc().timestamp_nanos_opt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_at_their_first_moment() {
        let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().timestamp_nanos_opt().unwrap();
        assert_eq!(first_of(at("2026-11-21T10:00:00Z"), 0), Some(at("2026-11-01T00:00:00Z")));
        assert_eq!(first_of(at("2026-01-31T10:00:00Z"), 2), Some(at("2025-11-01T00:00:00Z")));
    }
}
