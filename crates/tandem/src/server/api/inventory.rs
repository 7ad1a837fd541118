//! Reports about what runs: whose it is, what it sends, what is open, and how that grows.

use super::facts::entity;
use crate::limits::{DAY_NANOS, UNREAD_DAYS, UNREAD_WAIT};
use crate::server::api::time::{self, When};
use crate::server::checks;
use crate::server::errors::ApiError;
use crate::server::rows::rfc3339;
use crate::server::state::{App, now};
use anyhow::Result;
use axum::Json;
use axum::extract::{Extension, Path, Query, State};
use axum::http::StatusCode;
use know::inventory::{self, Coverage, Orphan, OwnerHistory, Part, Ran, ReadByRules, Silent, StreamSeen, Unread};
use know::layers::{self, Cell};
use know::reports::{self, Engineers, External, Growth, Image, Report, Socket, Surface};
use ledger::AsOf;
use model::{Caller, Datasets, Nanos};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Names of the reports.
pub const REPORTS: [&str; 14] = [
    "running",
    "parts",
    "orphans",
    "silent",
    "unread",
    "coverage",
    "external",
    "images",
    "sockets",
    "surface",
    "growth",
    "engineers",
    "layers",
    "clocks",
];

/// What a report is asked with.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReportParameters {
    /// When it was so; now when absent.
    #[param(value_type = Option<String>)]
    at: Option<When>,
    /// As it was known then; as it is known now when absent.
    #[param(value_type = Option<String>)]
    known: Option<When>,
    /// `running`, `orphans`: of this kind alone, such as `service`.
    kind: Option<String>,
    /// `parts`: of what, such as `host:web-1`.
    of: Option<String>,
    /// `unread`: not asked for in so many days [default: 30]; `surface` and `growth`: over so many days [default: 30].
    days: Option<u32>,
    /// `engineers`: how many security engineers there are.
    engineers: Option<u32>,
    /// `sockets`: also those that only the machine itself reaches.
    #[serde(default)]
    all: bool,
}

/// A report.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum InventoryReport {
    /// What runs.
    Running(Report<Ran>),
    /// What something is made of, and part of.
    Parts(Report<Part>),
    /// What nobody owns.
    Orphans(Report<Orphan>),
    /// What sends nothing.
    Silent(Report<Silent>),
    /// What nobody asks for.
    Unread(UnreadReport),
    /// What services send.
    Coverage(Report<Coverage>),
    /// What is called outside.
    External(Report<External>),
    /// Images.
    Images(Report<Image>),
    /// Sockets that are open.
    Sockets(Report<Socket>),
    /// How much can be attacked, over time.
    Surface(Report<Surface>),
    /// How services and what they send grow.
    Growth(Report<Growth>),
    /// Services for each security engineer.
    Engineers(Report<Engineers>),
    /// Clocks that differ.
    Clocks(Clocks),
    /// Who patches what.
    Layers(Report<Cell>),
}

/// What nobody asks for, and what rules read of it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct UnreadReport {
    #[serde(flatten)]
    report: Report<Unread>,
    /// Streams that nobody asks for and rules read.
    read_by_rules: Vec<ReadByRules>,
}

/// Clocks.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Clocks {
    count: usize,
    rows: Vec<ClockRow>,
}

/// A clock that differs from the server's.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ClockRow {
    host: String,
    dataset: String,
    since: String,
    offset_seconds: f64,
}

/// A report: `running`, `parts`, `orphans`, `silent`, `unread`, `coverage`, `external`, `images`, `sockets`, `surface`,
/// `growth`, `engineers`, `layers` or `clocks`.
#[utoipa::path(get, path = "/api/v1/inventory/{report}", tag = "facts", params(("report" = String, Path), ReportParameters),
    responses((status = 200, description = "Rows, how many, and what they were computed from", body = InventoryReport)))]
pub async fn report(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    Query(parameters): Query<ReportParameters>,
) -> Result<Json<InventoryReport>, ApiError> {
    let now = now();
    let at = parameters.at.as_ref().map_or(Ok(now), |when| time::parse(&when.0, now))?;
    let known = parameters.known.as_ref().map_or(Ok(Nanos::MAX), |when| time::parse(&when.0, now))?;
    let as_of = AsOf::at(at).known(known).within(caller.datasets());
    if !REPORTS.contains(&name.as_str()) {
        return Err(
            ApiError::bad(format!("there is no report {name:?}")).help(format!("reports are {}", REPORTS.join(", ")))
        );
    }
    let answer = compute(&app, &as_of, &name, &parameters).await;
    answer.map(Json).map_err(|error| match error.downcast::<ApiError>() {
        Ok(error) => error,
        Err(error) => match error.downcast::<ledger::LedgerError>() {
            Ok(error) => error.into(),
            Err(error) => ApiError::bad(format!("{error:#}")),
        },
    })
}

async fn compute(app: &App, as_of: &AsOf, name: &str, given: &ReportParameters) -> Result<InventoryReport> {
    use InventoryReport as Is;
    let ledger = &app.ledger;
    let kinds: Vec<&str> = given.kind.as_deref().into_iter().collect();
    let times = || over(as_of.valid, given.days.unwrap_or(30));
    Ok(match name {
        "running" => Is::Running(inventory::ran(ledger, as_of, given.kind.as_deref()).await?),
        "parts" => {
            let of = given.of.as_deref().unwrap_or("");
            let of = entity(of).map_err(|error| error.help("say of what with `of`, such as host:web-1"))?;
            Is::Parts(inventory::parts_of(ledger, as_of, &of).await?)
        }
        "orphans" => Is::Orphans(inventory::orphans(ledger, as_of, &kinds).await?),
        "silent" => Is::Silent(inventory::silent(ledger, as_of, &streams(app, &as_of.datasets)).await?),
        "unread" => {
            let streams = streams(app, &as_of.datasets);
            let days = given.days.unwrap_or(UNREAD_DAYS);
            let unasked = inventory::unasked(as_of, &streams, days);
            let rules = checks::rules_read(app, as_of, &unasked, days, UNREAD_WAIT).await?.ok_or_else(|| {
                let message = "what rules read is still being looked up in a day of events";
                ApiError::new(StatusCode::SERVICE_UNAVAILABLE, message).help("ask again in a minute")
            })?;
            let (report, read_by_rules) = inventory::unread(as_of, &unasked, &rules);
            Is::Unread(UnreadReport { report, read_by_rules })
        }
        "coverage" => Is::Coverage(inventory::coverage(ledger, as_of, &streams(app, &as_of.datasets)).await?),
        "external" => Is::External(reports::external(ledger, as_of).await?),
        "images" => Is::Images(reports::images(ledger, as_of).await?),
        "sockets" => Is::Sockets(reports::sockets(ledger, as_of, given.all).await?),
        "surface" => Is::Surface(reports::surface(ledger, as_of, &times(), reports::SURFACE_FACTOR).await?),
        "growth" => Is::Growth(reports::growth(ledger, as_of, &times()).await?),
        "engineers" => {
            let engineers = given.engineers.ok_or_else(|| ApiError::bad("say how many with `engineers`"))?;
            Is::Engineers(reports::services_per_engineer(ledger, as_of, engineers).await?)
        }
        "clocks" => Is::Clocks(skewed(app, &as_of.datasets)),
        _ => {
            let cells = layers::cells(ledger, as_of, &app.layer_policy).await?;
            Is::Layers(layers::matrix(as_of, &cells))
        }
    })
}

/// A time a day, at most 30, up to a time.
fn over(at: Nanos, days: u32) -> Vec<Nanos> {
    let days = Nanos::from(days.clamp(1, 3650));
    let steps = days.min(30);
    (0..=steps).rev().map(|step| at.saturating_sub(step * days * DAY_NANOS / steps)).collect()
}

/// The streams that somebody may see.
pub fn streams(app: &App, datasets: &Datasets) -> Vec<StreamSeen> {
    let seen = app.streams.list().into_iter().filter(|stream| datasets.allow(&stream.dataset));
    seen.map(|stream| StreamSeen {
        dataset: stream.dataset,
        service: stream.service,
        host: None,
        tables: stream.tables,
        last_received: stream.last_received,
        last_query: stream.last_query,
        bytes: stream.bytes,
        rows: stream.rows,
    })
    .collect()
}

/// Of what, and between which times.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HistoryParameters {
    /// `service:checkout`.
    entity: String,
    /// The earlier time.
    #[param(value_type = String)]
    from: When,
    /// The later time; now when absent.
    #[param(value_type = Option<String>)]
    to: Option<When>,
}

/// Who owned something at two times.
#[derive(Serialize, utoipa::ToSchema)]
pub struct OwnersBetween {
    #[serde(flatten)]
    history: OwnerHistory,
    from: String,
    to: String,
}

/// Who owned something at two times, and the hand-overs between them.
#[utoipa::path(get, path = "/api/v1/owners/history", tag = "facts", params(HistoryParameters),
    responses((status = 200, description = "Owners before and after, intervals and hand-overs", body = OwnersBetween)))]
pub async fn history(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(parameters): Query<HistoryParameters>,
) -> Result<Json<OwnersBetween>, ApiError> {
    let now = now();
    let from = time::parse(&parameters.from.0, now)?;
    let to = parameters.to.map_or(Ok(now), |when| time::parse(&when.0, now))?;
    let of = entity(&parameters.entity)?;
    let as_of = |at| AsOf::at(at).within(caller.datasets());
    let history = inventory::owner_history(&app.ledger, &of, &as_of(from), &as_of(to)).await;
    let history = history.map_err(|error| ApiError::bad(format!("{error:#}")))?;
    Ok(Json(OwnersBetween { history, from: rfc3339(from), to: rfc3339(to) }))
}

/// Clocks that differ from the server's, by machine.
#[utoipa::path(get, path = "/api/v1/clocks", tag = "facts",
    responses((status = 200, description = "Machines and the offsets of their clocks", body = Clocks)))]
pub async fn clocks(State(app): State<Arc<App>>, Extension(caller): Extension<Caller>) -> Json<Clocks> {
    Json(skewed(&app, &caller.datasets()))
}

fn skewed(app: &App, datasets: &Datasets) -> Clocks {
    let skews = app.seen.skews().into_iter().filter(|skew| datasets.allow(&skew.dataset));
    let rows: Vec<ClockRow> = skews
        .map(|skew| ClockRow {
            host: skew.host.key.clone(),
            dataset: skew.dataset.clone(),
            since: rfc3339(skew.since),
            offset_seconds: skew.offset_nanos as f64 / 1e9,
        })
        .collect();
    Clocks { count: rows.len(), rows }
}
