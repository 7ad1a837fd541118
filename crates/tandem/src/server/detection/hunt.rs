//! A rule over stored history: how often it would have fired.
//!
//! A condition in SQL finds rows that may match; the rule itself, the same as in the stream, decides. Hour by hour in the
//! order of time, so that windows end as they would have.

use super::answer;
use super::rules::RuleSet;
use crate::limits::{HUNT_HOURS, HUNT_LOOKS, HUNT_SAMPLES, HUNT_TOP};
use crate::server::rows::rfc3339;
use anyhow::{Context as _, Result, bail, ensure};
use arrow_array::cast::AsArray as _;
use arrow_array::types::TimestampNanosecondType;
use detect::detector::{Detector, Options};
use detect::ops::Ops;
use futures::StreamExt as _;
use model::{Alert, Nanos, Table};
use serde::Serialize;
use std::collections::BTreeMap;
use store::{QueryLimits, View};

const HOUR: Nanos = 3_600_000_000_000;
const DAY: Nanos = 24 * HOUR;

/// What a back-test found.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct Hunted {
    /// The rules that were run.
    pub rules: Vec<String>,
    /// From when.
    pub from: String,
    /// Until when.
    pub to: String,
    /// Rows that might have matched, which the rules looked at; of operational rules, looks.
    pub candidates: u64,
    /// Events that matched a rule.
    pub matches: u64,
    /// Alerts that there would have been.
    pub alerts: u64,
    /// By UTC day.
    pub days: BTreeMap<String, u64>,
    /// What most of them would have been about.
    pub top: Vec<(String, u64)>,
    /// Events that did not fit into memory: there may be more alerts than were counted.
    pub evicted: u64,
    /// Looks that got no answer, with why.
    pub failed: Vec<String>,
    /// The first of them.
    pub samples: Vec<Alert>,
}

#[derive(Default)]
struct Tally {
    alerts: BTreeMap<String, Alert>,
}

impl Tally {
    /// The newest word on an alert counts.
    fn add(&mut self, told: Vec<Alert>) {
        for alert in told {
            self.alerts.insert(alert.id.clone(), alert);
        }
    }

    fn report(self, hunted: &mut Hunted) {
        let mut alerts: Vec<Alert> = self.alerts.into_values().collect();
        alerts.sort_by(|a, b| (a.first, &a.id).cmp(&(b.first, &b.id)));
        let mut about: BTreeMap<String, u64> = BTreeMap::new();
        for alert in &alerts {
            *hunted.days.entry(rfc3339(alert.first)[..10].to_owned()).or_default() += 1;
            let of = alert.entity.as_ref().map_or_else(|| "nothing known".to_owned(), ToString::to_string);
            *about.entry(of).or_default() += 1;
        }
        hunted.alerts = alerts.len() as u64;
        hunted.top = about.into_iter().collect();
        hunted.top.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        hunted.top.truncate(HUNT_TOP);
        alerts.truncate(HUNT_SAMPLES);
        hunted.samples = alerts;
    }
}

/// Runs rules over what somebody may see of a time.
pub async fn hunt(view: &View, set: &RuleSet, from: Nanos, to: Nanos) -> Result<Hunted> {
    ensure!(from < to, "the time ends before it begins");
    ensure!((to - from) / HOUR <= HUNT_HOURS, "a back-test reads at most {} days", HUNT_HOURS / 24);
    let metas = set.rules.iter().map(|rule| &rule.meta.id).chain(set.correlations.iter().map(|rule| &rule.meta.id));
    let metas = metas.chain(set.operational.iter().map(|rule| &rule.meta.id));
    let mut hunted =
        Hunted { rules: metas.cloned().collect(), from: rfc3339(from), to: rfc3339(to), ..Hunted::default() };
    if hunted.rules.is_empty() {
        match set.refused.first() {
            Some(refused) => bail!("{refused}"),
            None => bail!("there is no rule in it"),
        }
    }
    let mut tally = Tally::default();
    if !set.rules.is_empty() {
        events(view, set, (from, to), &mut tally, &mut hunted).await?;
    }
    if !set.operational.is_empty() {
        looks(view, set, (from, to), &mut tally, &mut hunted).await?;
    }
    tally.report(&mut hunted);
    Ok(hunted)
}

/// Rules over events.
async fn events(
    view: &View,
    set: &RuleSet,
    (from, to): (Nanos, Nanos),
    tally: &mut Tally,
    hunted: &mut Hunted,
) -> Result<()> {
    let (rules, correlations) = (set.rules.clone(), set.correlations.clone());
    // Time goes on with the hours that were read: within one, no event is late.
    let mut detector = Detector::new(rules, correlations, set.sources.clone(), Options::files());
    let wanted: Vec<(Table, String)> = [Table::Logs, Table::Spans]
        .into_iter()
        .map(|table| {
            let each = (0..set.rules.len()).map(|rule| detector.compiled().prefilter(rule, table));
            let each: Option<Vec<String>> = each.collect();
            (table, each.map_or_else(|| "true".to_owned(), |each| format!("({})", each.join(") OR ("))))
        })
        .collect();
    for hour in hours(view, &wanted, from, to).await? {
        let (begin, end) = (hour.max(from), (hour + HOUR).min(to));
        for (table, condition) in &wanted {
            let sql = format!("SELECT * FROM {} WHERE {} AND ({condition})", table.name(), within(begin, end));
            let mut answer = view.sql(&sql, QueryLimits::default()).await?;
            while let Some(rows) = answer.next().await {
                let rows = rows?;
                hunted.candidates += rows.num_rows() as u64;
                let (table, mut working) = (*table, detector);
                let worked = tokio::task::spawn_blocking(move || {
                    let done = working.batch(&rows, table);
                    (working, done)
                });
                let (working, done) = worked.await.context("the back-test failed")?;
                detector = working;
                done?;
            }
        }
        detector.advance(end);
        drain(&mut detector, tally);
    }
    detector.finish();
    drain(&mut detector, tally);
    let stats = detector.stats();
    hunted.matches += stats.matches;
    hunted.evicted += stats.windows.evicted_entries + stats.windows.evicted_keys;
    Ok(())
}

fn drain(detector: &mut Detector, tally: &mut Tally) {
    loop {
        let told = detector.take_alerts();
        if told.is_empty() {
            return;
        }
        tally.add(told);
    }
}

fn within(from: Nanos, to: Nanos) -> String {
    format!("timestamp >= to_timestamp_nanos({from}) AND timestamp < to_timestamp_nanos({to})")
}

/// The hours in which there is anything to look at, the first first.
async fn hours(view: &View, wanted: &[(Table, String)], from: Nanos, to: Nanos) -> Result<Vec<Nanos>> {
    let mut hours = Vec::new();
    for (table, condition) in wanted {
        let sql = format!(
            "SELECT DISTINCT date_bin(INTERVAL '1 hour', timestamp) AS hour FROM {} WHERE {} AND ({condition})",
            table.name(),
            within(from, to)
        );
        for batch in view.sql(&sql, QueryLimits::default()).await?.collect().await? {
            let times = batch.column(0).as_primitive_opt::<TimestampNanosecondType>().context("no hours")?;
            hours.extend_from_slice(times.values());
        }
    }
    hours.sort_unstable();
    hours.dedup();
    Ok(hours)
}

/// Operational rules: looks as there would have been.
async fn looks(
    view: &View,
    set: &RuleSet,
    (from, to): (Nanos, Nanos),
    tally: &mut Tally,
    hunted: &mut Hunted,
) -> Result<()> {
    let every = set.operational.iter().map(|rule| rule.every).min().unwrap_or(DAY).max(1);
    let mut ops = Ops::new(set.operational.clone());
    let count = ((to - from) / every) as usize;
    ensure!(
        count <= HUNT_LOOKS,
        "the rule looks {count} times in that time, and a back-test {HUNT_LOOKS} times at most: ask for less time"
    );
    let mut at = from;
    while at <= to {
        for ask in ops.due(at) {
            hunted.candidates += 1;
            match answer(view, &ask, None).await {
                Ok(rows) => {
                    let told = ops.answer(&ask, &rows);
                    hunted.matches += told.len() as u64;
                    tally.add(told);
                }
                Err(error) => {
                    ops.failed(&ask, &format!("{error:#}"));
                    if hunted.failed.len() < HUNT_SAMPLES {
                        hunted.failed.push(format!("{} at {}: {error:#}", ask.id, rfc3339(ask.to)));
                    }
                }
            }
        }
        at += every;
    }
    Ok(())
}
