//! How well a service is delivered: the five measures of DORA, and their twins for security, by service and month.
//!
//! Pure: changes and findings in, numbers out, each with the events that it comes from. Events that come twice, late or
//! out of order change no number. Nothing is computed by person. `docs/dora.md` defines each number as it is computed.

mod commits;
mod deployments;
mod events;
mod failures;
mod measure;
mod month;
mod security;

pub use measure::{Earlier, MAX_IDS, Measure};

use model::{Change, EntityRef, Nanos};
use month::Calendar;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

const HOUR: Nanos = 3_600_000_000_000;
/// Months of one report; ten years are more than anyone compares.
pub const MAX_MONTHS: usize = 120;

/// A change, with its id in the ledger and who told it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its id, which numbers cite.
    pub id: i64,
    /// Who told it: `github`, `cloudevents`, `telemetry`, ...
    pub origin: String,
    /// What was altered.
    pub change: Change,
}

/// How long something was weak.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingSpan {
    /// Its id, which numbers cite.
    pub id: i64,
    /// The service that it weakens.
    pub service: EntityRef,
    /// When it was seen first.
    pub seen: Nanos,
    /// When it was found to be gone.
    pub ended: Option<Nanos>,
    /// `critical`, `high`, ...
    pub severity: String,
    /// The environment where it was seen first; none when that is not known.
    pub seen_in: Option<String>,
}

/// What the definitions leave open.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Environments that are production, whatever their case.
    pub production: Vec<String>,
    /// An incident that names no cause is blamed on the last deployment within this time before it.
    pub incident_window: Nanos,
    /// Within this time two sources that tell of one version mean one deployment.
    pub same_deployment: Nanos,
}

impl Default for Settings {
    fn default() -> Self {
        let production = ["production", "prod", "live"].map(str::to_owned).to_vec();
        Settings { production, incident_window: 24 * HOUR, same_deployment: HOUR }
    }
}

impl Settings {
    fn is_production(&self, environment: &str) -> bool {
        self.production.iter().any(|name| name.eq_ignore_ascii_case(environment))
    }
}

/// What is computed from.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Changes, in any order. Those before `from` say what was deployed already.
    pub events: &'a [Event],
    /// Findings.
    pub findings: &'a [FindingSpan],
    /// Services and the repositories that they are built from.
    pub built_from: &'a [(EntityRef, EntityRef)],
    /// Services and the teams that own them.
    pub teams: &'a BTreeMap<EntityRef, EntityRef>,
    /// The first moment that is reported.
    pub from: Nanos,
    /// The first moment that is not: now, for the current month. Later events are left out.
    pub until: Nanos,
}

/// The measures of one calendar month in UTC.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = DoraMonth)]
pub struct Month {
    /// `2026-11`.
    pub month: String,
    /// Its days that are reported.
    pub days: u32,
    /// Successful deployments to production a day.
    pub deployment_frequency: Measure,
    /// Seconds from a commit to production, for half of the commits.
    pub lead_time_p50: Measure,
    /// The same, for nine of ten commits.
    pub lead_time_p90: Measure,
    /// Share of deployments that failed in production.
    pub change_fail_rate: Measure,
    /// Seconds from the detection of a failed deployment to recovery, for half of them.
    pub failed_deployment_recovery_time: Measure,
    /// Share of deployments that were unplanned fixes.
    pub rework_rate: Measure,
    /// Seconds from a commit to the first word of a security scanner on it, for half of those with one.
    pub security_feedback_p50: Measure,
    /// The same, for nine of ten.
    pub security_feedback_p90: Measure,
    /// Seconds from the first sight of a finding to its end, for half of those that ended.
    pub fix_time_p50: Measure,
    /// The same, for nine of ten.
    pub fix_time_p90: Measure,
    /// Share of findings that were first seen in production.
    pub escape_rate: Measure,
}

impl Month {
    fn measures(&mut self) -> [&mut Measure; 11] {
        [
            &mut self.deployment_frequency,
            &mut self.lead_time_p50,
            &mut self.lead_time_p90,
            &mut self.change_fail_rate,
            &mut self.failed_deployment_recovery_time,
            &mut self.rework_rate,
            &mut self.security_feedback_p50,
            &mut self.security_feedback_p90,
            &mut self.fix_time_p50,
            &mut self.fix_time_p90,
            &mut self.escape_rate,
        ]
    }
}

/// The months of services and of teams, oldest first. By name: nobody is ranked.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// By service, as `service:checkout`; a repository that no service is known to be built from stands for itself.
    pub services: BTreeMap<String, Vec<Month>>,
    /// By team, from all that its services have together; never an average of averages.
    pub teams: BTreeMap<String, Vec<Month>>,
}

/// A duration, and the events that it comes from.
type Span = (Nanos, Vec<i64>);

/// What one service has of one month.
#[derive(Clone, Debug, Default)]
struct Samples {
    deployments: Vec<i64>,
    failed: Vec<Vec<i64>>,
    rework: Vec<i64>,
    lead: Vec<Span>,
    recovery: Vec<Span>,
    unrecovered: usize,
    feedback: Vec<Span>,
    fixes: Vec<Span>,
    found: Vec<i64>,
    escaped: Vec<i64>,
}

impl Samples {
    fn add(&mut self, other: &Samples) {
        self.deployments.extend_from_slice(&other.deployments);
        self.failed.extend_from_slice(&other.failed);
        self.rework.extend_from_slice(&other.rework);
        self.lead.extend_from_slice(&other.lead);
        self.recovery.extend_from_slice(&other.recovery);
        self.unrecovered += other.unrecovered;
        self.feedback.extend_from_slice(&other.feedback);
        self.fixes.extend_from_slice(&other.fixes);
        self.found.extend_from_slice(&other.found);
        self.escaped.extend_from_slice(&other.escaped);
    }
}

/// Samples of services by the number of the month in the report.
struct Sheet {
    calendar: Calendar,
    rows: BTreeMap<EntityRef, Vec<Samples>>,
}

impl Sheet {
    fn row(&mut self, service: &EntityRef) -> &mut Vec<Samples> {
        let months = self.calendar.len();
        self.rows.entry(service.clone()).or_insert_with(|| vec![Samples::default(); months])
    }

    /// What a service has of the month of a moment; none when the moment is not reported.
    fn of(&mut self, service: &EntityRef, at: Nanos) -> Option<&mut Samples> {
        let month = self.calendar.index(at)?;
        self.row(service).get_mut(month)
    }
}

/// Computes all measures.
pub fn report(input: &Input<'_>, settings: &Settings) -> Report {
    let mut sheet = Sheet { calendar: Calendar::new(input.from, input.until, MAX_MONTHS), rows: BTreeMap::new() };
    for service in input.teams.keys().chain(input.built_from.iter().map(|(service, _)| service)) {
        sheet.row(service);
    }
    let told = events::Told::new(input);
    let deployments = deployments::all(&told, settings);
    let commits = commits::Commits::new(&told);
    for (service, list) in &deployments {
        for deployment in list {
            let Some(samples) = sheet.of(service, deployment.at) else { continue };
            samples.deployments.push(deployment.id);
            if deployment.rework() {
                samples.rework.push(deployment.id);
            }
        }
        for (at, span) in commits.lead_times(&told, service, list) {
            sheet.of(service, at).into_iter().for_each(|samples| samples.lead.push(span.clone()));
        }
    }
    failures::measure(&told, &deployments, settings, &mut sheet);
    security::measure(&told, &commits, input, settings, &mut sheet);

    let mut report = Report::default();
    let mut teams: BTreeMap<String, Vec<Samples>> = BTreeMap::new();
    for (service, rows) in &sheet.rows {
        report.services.insert(service.to_string(), months(&sheet.calendar, rows));
        let Some(team) = input.teams.get(service) else { continue };
        let all = teams.entry(team.to_string()).or_insert_with(|| vec![Samples::default(); rows.len()]);
        all.iter_mut().zip(rows).for_each(|(all, row)| all.add(row));
    }
    report.teams = teams.iter().map(|(team, rows)| (team.clone(), months(&sheet.calendar, rows))).collect();
    report
}

fn months(calendar: &Calendar, rows: &[Samples]) -> Vec<Month> {
    let mut months: Vec<Month> = rows
        .iter()
        .enumerate()
        .map(|(index, samples)| month(calendar.name(index), calendar.days(index), samples))
        .collect();
    let mut earlier: [Vec<f64>; 11] = Default::default();
    for month in &mut months {
        for (measure, earlier) in month.measures().into_iter().zip(&mut earlier) {
            measure.compare(earlier);
            earlier.extend(measure.value);
        }
    }
    months
}

const NO_DEPLOYMENT: &str = "no successful deployment to production was told in this month";

fn month(name: String, days: u32, samples: &Samples) -> Month {
    let deployed: &[i64] = &samples.deployments;
    let failed: BTreeSet<i64> = samples.failed.iter().flatten().copied().collect();
    let no_lead = if deployed.is_empty() {
        NO_DEPLOYMENT
    } else {
        "no commit is known to be in a deployment of this month for the first time"
    };
    let no_recovery = match (samples.failed.len(), samples.unrecovered) {
        (0, _) => "no deployment of this month is known to have failed",
        (_, 0) => "of no failed deployment of this month both detection and recovery are known",
        _ => "no failed deployment of this month has recovered yet",
    };
    let no_feedback = "no security scanner spoke in this month of a commit whose time is known";
    Month {
        month: name,
        days,
        deployment_frequency: Measure::per_day(deployed, days, NO_DEPLOYMENT),
        lead_time_p50: Measure::percentile(&samples.lead, 50, no_lead),
        lead_time_p90: Measure::percentile(&samples.lead, 90, no_lead),
        change_fail_rate: Measure::ratio(samples.failed.len(), deployed, failed, NO_DEPLOYMENT),
        failed_deployment_recovery_time: Measure::percentile(&samples.recovery, 50, no_recovery),
        rework_rate: Measure::ratio(
            samples.rework.len(),
            deployed,
            samples.rework.iter().copied().collect(),
            NO_DEPLOYMENT,
        ),
        security_feedback_p50: Measure::percentile(&samples.feedback, 50, no_feedback),
        security_feedback_p90: Measure::percentile(&samples.feedback, 90, no_feedback),
        fix_time_p50: Measure::percentile(&samples.fixes, 50, "no finding ended in this month"),
        fix_time_p90: Measure::percentile(&samples.fixes, 90, "no finding ended in this month"),
        escape_rate: Measure::ratio(
            samples.escaped.len(),
            &samples.found,
            samples.escaped.iter().copied().collect(),
            "no finding was first seen in this month in a known environment",
        ),
    }
}
