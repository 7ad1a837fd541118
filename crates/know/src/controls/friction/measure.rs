//! Numbers of one control or system from what was gathered.

use super::gather::{Gathered, Passing, Spoke, Weak};
use super::{AgainstWhat, Exceptions, Row, Said, Waiting};
use crate::controls::answers::{Asking, Say};
use crate::limits::DAY;
use model::Nanos;
use std::collections::{BTreeMap, BTreeSet};

/// Points at which risk is half.
const HALF_RISK: f64 = 10.0;
/// Points of an incident.
const INCIDENT: u64 = 5;

/// Which part of what was gathered is a row's.
#[derive(Clone, Copy)]
enum Of<'a> {
    Control(&'a str),
    System(&'a str),
}

pub(super) fn by_control(gathered: &Gathered) -> Vec<Row> {
    let of = |name: &str, title: &str| row(gathered, Of::Control(name), name, title);
    gathered.standing.controls.iter().map(|one| of(&one.control.name, &one.control.title)).collect()
}

/// Systems that met a control in any way.
pub(super) fn by_system(gathered: &Gathered) -> Vec<Row> {
    let mut systems: BTreeSet<String> = gathered.passings.iter().map(|one| service(&one.of.0)).collect();
    let is_service = |entity: &String| entity.starts_with("service:");
    systems.extend(
        gathered.askings.iter().filter_map(|one| one.about.as_ref().map(ToString::to_string)).filter(is_service),
    );
    systems.extend(gathered.exceptions.iter().filter_map(|one| one.entity.clone()).filter(is_service));
    systems.extend(gathered.findings.iter().flatten().filter_map(|one| one.entity.clone()).filter(is_service));
    let alarms = gathered.alarms.iter().filter(|one| !one.controls.is_empty());
    systems.extend(alarms.filter_map(|one| one.entity.clone()).filter(is_service));
    systems.iter().map(|name| row(gathered, Of::System(name), name, "")).collect()
}

fn service(name: &str) -> String {
    format!("service:{name}")
}

impl Of<'_> {
    /// What a verdict says to it; of a system, all its controls together.
    fn spoke(self, passing: &Passing) -> Option<Spoke> {
        match self {
            Of::Control(name) => passing.spoke.get(name).cloned(),
            Of::System(name) => (service(&passing.of.0) == name).then(|| {
                let mut all = Spoke::default();
                for one in passing.spoke.values() {
                    all.would_have_stopped |= one.would_have_stopped;
                    all.stopped |= one.stopped;
                    all.for_defence |= one.for_defence;
                    all.excepted |= one.excepted;
                    all.undecided |= one.undecided;
                    all.facts.extend(&one.facts);
                }
                all
            }),
        }
    }

    fn is(self, controls: &[String], entity: Option<&str>) -> bool {
        match self {
            Of::Control(name) => controls.iter().any(|control| control == name),
            Of::System(name) => entity == Some(name) && !controls.is_empty(),
        }
    }

    fn said_to(self, asking: &Asking) -> bool {
        match self {
            Of::Control(name) => asking.control.as_deref() == Some(name),
            Of::System(name) => asking.about.as_ref().is_some_and(|about| about.to_string() == name),
        }
    }
}

fn row(gathered: &Gathered, of: Of<'_>, name: &str, title: &str) -> Row {
    let mut row = Row { name: name.to_owned(), title: title.to_owned(), ..Row::default() };
    for passing in &gathered.passings {
        let Some(spoke) = of.spoke(passing) else { continue };
        let times = |is: bool| if is { passing.count } else { 0 };
        row.asked += passing.count;
        row.would_have_stopped += times(spoke.would_have_stopped);
        row.stopped += times(spoke.stopped);
        row.for_defence += times(spoke.for_defence);
        row.excepted += times(spoke.excepted);
        row.undecided += times(spoke.undecided);
    }
    row.said = said(gathered, of);
    row.waiting = waiting(&gathered.passings, of);
    for one in &gathered.exceptions {
        let is = match of {
            Of::Control(name) => one.control.as_deref() == Some(name),
            Of::System(name) => one.entity.as_deref() == Some(name),
        };
        let Exceptions { made, renewed, in_force } = &mut row.exceptions;
        *made += u64::from(is && one.made && !one.renews);
        *renewed += u64::from(is && one.made && one.renews);
        *in_force += u64::from(is && one.in_force);
    }
    let alarms = || gathered.alarms.iter().filter(|one| of.is(&one.controls, one.entity.as_deref()));
    row.bypasses = alarms().filter(|one| one.bypass && one.counts).count() as u64;
    row.against = against(gathered, of);
    row.against.alerts = alarms().filter(|one| one.counts).count() as u64;
    let incidents: BTreeSet<i64> = alarms().filter(|one| one.counts).filter_map(|one| one.incident).collect();
    row.against.incidents = incidents.len() as u64;
    row.friction = friction(&row);
    row.risk = risk(&row.against);
    row
}

fn said(gathered: &Gathered, of: Of<'_>) -> Said {
    let mut said = Said::default();
    for asking in gathered.askings.iter().filter(|asking| of.said_to(asking)) {
        *match asking.say {
            Say::Helped => &mut said.helped,
            Say::Hurt => &mut said.hurt,
            Say::Question => &mut said.questions,
            Say::Exception => &mut said.requests,
        } += 1;
        said.wrong += u64::from(asking.replies.iter().any(|reply| reply.did == "false"));
        if asking.waits {
            said.unanswered += 1;
            said.longest = said.longest.max(Some(gathered.until - asking.at));
        }
    }
    said
}

/// Waits end with the first verdict of the same service, question and environment that stops nobody.
fn waiting(passings: &[Passing], of: Of<'_>) -> Waiting {
    let mut lines: BTreeMap<_, Vec<(Nanos, bool, bool)>> = BTreeMap::new();
    for passing in passings {
        let is_ours = of.spoke(passing).is_some_and(|spoke| spoke.stopped);
        let line = lines.entry(&passing.of).or_default();
        line.extend(passing.times.iter().map(|at| (*at, passing.stopped, is_ours)));
    }
    let (mut waits, mut open) = (Vec::new(), 0);
    for mut line in lines.into_values() {
        line.sort_unstable();
        let mut began: Option<Nanos> = None;
        for (at, stopped, is_ours) in line {
            if is_ours {
                began = began.or(Some(at));
            } else if !stopped {
                waits.extend(began.take().map(|began| at - began));
            }
        }
        open += u64::from(began.is_some());
    }
    waits.sort_unstable();
    Waiting { ended: waits.len() as u64, p50: nearest(&waits, 50), p95: nearest(&waits, 95), open }
}

/// The least value that so many of a hundred do not exceed.
fn nearest(sorted: &[Nanos], percent: usize) -> Option<Nanos> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

fn against(gathered: &Gathered, of: Of<'_>) -> AgainstWhat {
    let mut against = AgainstWhat { findings_missing: gathered.findings.is_none(), ..AgainstWhat::default() };
    // Facts that "not yet" rested on, and since when.
    let mut named: BTreeMap<i64, Nanos> = BTreeMap::new();
    for passing in &gathered.passings {
        let first = passing.times.first().copied().unwrap_or(gathered.since);
        for fact in of.spoke(passing).into_iter().flat_map(|spoke| spoke.facts) {
            named.entry(fact).and_modify(|at| *at = first.min(*at)).or_insert(first);
        }
    }
    let ours = |weak: &&Weak| of.is(&weak.controls, weak.entity.as_deref()) || named.contains_key(&weak.id);
    for weak in gathered.findings.iter().flatten().filter(ours) {
        let mut count = |list: fn(&mut AgainstWhat) -> &mut BTreeMap<String, u64>| {
            *list(&mut against).entry(weak.severity.clone()).or_default() += 1;
        };
        if weak.open {
            count(|against| &mut against.open);
        }
        if let Some(fixed) = weak.fixed {
            count(|against| &mut against.fixed);
            if named.get(&weak.id).is_some_and(|at| *at <= fixed) {
                count(|against| &mut against.caught);
            }
        }
    }
    against
}

fn share(part: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { part as f64 / of as f64 }
}

fn friction(row: &Row) -> f64 {
    let held = share(row.stopped + row.would_have_stopped, row.asked).min(1.0);
    let hurt = share(row.said.hurt, row.said.hurt + row.said.helped);
    let wait = row.waiting.p50.map_or(0.0, |wait| wait as f64 / (wait + DAY) as f64);
    let around = row.bypasses + row.exceptions.made + row.exceptions.renewed;
    (held + hurt + wait + share(around, around + row.asked)) / 4.0
}

fn weight(severity: &str) -> u64 {
    match severity {
        "critical" => 10,
        "high" => 5,
        "medium" => 2,
        _ => 1,
    }
}

/// The points of a row.
pub(super) fn points(against: &AgainstWhat) -> u64 {
    let weak = against.open.iter().chain(&against.caught).map(|(severity, count)| weight(severity) * count);
    weak.sum::<u64>() + INCIDENT * against.incidents + against.alerts
}

fn risk(against: &AgainstWhat) -> f64 {
    let points = points(against) as f64;
    points / (points + HALF_RISK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        assert_eq!(nearest(&[], 50), None);
        let ten: Vec<Nanos> = (1..=10).collect();
        assert_eq!((nearest(&ten, 50), nearest(&ten, 95)), (Some(5), Some(10)));
        assert_eq!((nearest(&[7], 50), nearest(&[7], 95)), (Some(7), Some(7)));
        let hundred: Vec<Nanos> = (1..=100).collect();
        assert_eq!(nearest(&hundred, 95), Some(95));
    }

    #[test]
    fn friction_and_risk_are_shares() {
        let mut row = Row::default();
        assert_eq!((friction(&row), risk(&row.against)), (0.0, 0.0));
        (row.asked, row.stopped, row.would_have_stopped) = (10, 4, 1);
        (row.said.hurt, row.said.helped) = (3, 1);
        row.waiting.p50 = Some(DAY);
        (row.bypasses, row.exceptions.made) = (4, 6);
        // (0.5 + 0.75 + 0.5 + 0.5) / 4
        assert_eq!(friction(&row), 0.5625);
        row.against.open = BTreeMap::from([("critical".to_owned(), 1), ("low".to_owned(), 2)]);
        row.against.caught = BTreeMap::from([("high".to_owned(), 1)]);
        (row.against.incidents, row.against.alerts) = (2, 3);
        // 10 + 2 + 5 + 10 + 3 points
        assert_eq!((points(&row.against), risk(&row.against)), (30, 0.75));
    }
}
