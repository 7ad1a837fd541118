//! Reports over time: attack surface, coverage beside services and deploys, and services for each engineer.

use super::{Report, Thing, change_times, percent, things, time};
use crate::limits::MAX_TIMES;
use anyhow::{Result, ensure};
use ledger::{AsOf, Ledger};
use model::{Nanos, Table};
use serde::Serialize;

/// A surface that is so often its own median is worth an alarm.
pub const SURFACE_FACTOR: f64 = 1.5;
/// Earlier times before an alarm: a median of fewer says little.
const EARLIER: usize = 3;
/// Names of sockets that no other machine reaches, as SQL's patterns.
const LOOPBACK: &[&str] = &["%/127.%", "%/[::1]:%", "%/[::ffff:127.%"];

/// What could be attacked at a time.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = SurfaceRow)]
pub struct Surface {
    /// When.
    pub at: String,
    /// Instances of services.
    pub instances: u64,
    /// Sockets that other machines reach.
    pub sockets: u64,
    /// Open findings.
    pub findings: u64,
    /// The product of the three.
    pub surface: f64,
    /// The median of the surfaces before it.
    pub median: Option<f64>,
    /// It grew beyond the factor over that median.
    pub alarm: bool,
}

fn ordered(times: &[Nanos]) -> Result<Vec<Nanos>> {
    ensure!(!times.is_empty() && times.len() <= MAX_TIMES, "name 1 to {MAX_TIMES} times");
    let mut times = times.to_vec();
    times.sort_unstable();
    times.dedup();
    Ok(times)
}

fn median(values: &[f64]) -> Option<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    Some(if values.len().is_multiple_of(2) { (values[middle - 1] + upper) / 2.0 } else { upper })
}

/// Instances x exposed sockets x open findings, at each of some times, with an alarm when it grows beyond the factor.
pub async fn surface(ledger: &Ledger, as_of: &AsOf, times: &[Nanos], factor: f64) -> Result<Report<Surface>> {
    let times = ordered(times)?;
    let last = AsOf { valid: times[times.len() - 1], ..as_of.clone() };
    let mut steps = ledger.finding_steps(&last).await?.into_iter().peekable();
    let (mut open, mut before, mut rows) = (0i64, Vec::new(), Vec::new());
    for at in times {
        while let Some((_, step)) = steps.next_if(|(when, _)| *when <= at) {
            open += step;
        }
        let then = AsOf { valid: at, ..as_of.clone() };
        let counts = ledger.counts(&then, &["service.instance", "socket"], LOOPBACK).await?;
        let count = |kind: &str| counts.get(kind).copied().unwrap_or(0);
        let (instances, sockets, findings) = (count("service.instance"), count("socket"), open.max(0).unsigned_abs());
        let surface = instances as f64 * sockets as f64 * findings as f64;
        let median = median(&before);
        let alarm = before.len() >= EARLIER && median.is_some_and(|median| median > 0.0 && surface > factor * median);
        before.push(surface);
        rows.push(Surface { at: time(at), instances, sockets, findings, surface, median, alarm });
    }
    let alarms = rows.iter().filter(|row| row.alarm).count();
    let report = Report::new("surface", &last, &["entities", "findings", "observations"], rows);
    Ok(report.total("alarms", alarms as f64).total("factor", factor))
}

/// How coverage kept up with services and deploys.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = GrowthRow)]
pub struct Growth {
    /// When.
    pub at: String,
    /// Services that ran.
    pub services: usize,
    /// Services whose logs, traces and metrics came.
    pub covered: usize,
    /// Their share of hundred.
    pub coverage: f64,
    /// Deployments since the time before; before the first time none are counted.
    pub deploys: usize,
    /// Growth of services since the first time, in hundredths.
    pub services_growth: Option<f64>,
    /// Growth of what is covered since the first time, in hundredths.
    pub covered_growth: Option<f64>,
}

/// Coverage beside services and deploys, at each of some times.
pub async fn growth(ledger: &Ledger, as_of: &AsOf, times: &[Nanos]) -> Result<Report<Growth>> {
    let times = ordered(times)?;
    let last = AsOf { valid: times[times.len() - 1], ..as_of.clone() };
    let deploys = change_times(ledger, &last, "deployment").await?;
    let (mut rows, mut before, mut start) = (Vec::<Growth>::new(), None, None);
    for at in times {
        let all = things(ledger, &AsOf { valid: at, ..as_of.clone() }, Some("service")).await?;
        let whole = |thing: &&Thing| thing.sends().len() == Table::ALL.len();
        let (services, covered) = (all.len(), all.iter().filter(whole).count());
        let (services_first, covered_first) = *start.get_or_insert((services, covered));
        let grown = |now: usize, first: usize| (first > 0).then(|| percent(now, first) - 100.0);
        let since = before.replace(at);
        rows.push(Growth {
            at: time(at),
            services,
            covered,
            coverage: percent(covered, services),
            deploys: since.map_or(0, |since| deploys.iter().filter(|when| since < **when && **when <= at).count()),
            services_growth: grown(services, services_first),
            covered_growth: grown(covered, covered_first),
        });
    }
    Ok(Report::new("growth", &last, &["entities", "changes"], rows))
}

/// How many services there are for each security engineer.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = EngineersRow)]
pub struct Engineers {
    /// Services that run.
    pub services: u64,
    /// Engineers, as told; persons are not counted here.
    pub engineers: u32,
    /// Services for each of them; nothing when there is none.
    pub services_per_engineer: Option<f64>,
}

/// Services for each security engineer. How many there are is told by who asks.
pub async fn services_per_engineer(ledger: &Ledger, as_of: &AsOf, engineers: u32) -> Result<Report<Engineers>> {
    let services = ledger.counts(as_of, &["service"], &[]).await?.get("service").copied().unwrap_or(0);
    let each = (engineers > 0).then(|| (services as f64 * 10.0 / f64::from(engineers)).round() / 10.0);
    let row = Engineers { services, engineers, services_per_engineer: each };
    Ok(Report::new("services-per-engineer", as_of, &["entities"], vec![row]))
}
