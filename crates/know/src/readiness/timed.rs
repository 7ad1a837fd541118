//! How long it took until a fault was seen, somebody acted, and all was well again: from what the ledger kept, not from
//! what people remember. Each time carries the ids of the facts that say so.

use super::drill::Expect;
use super::span::words;
use crate::limits::{MAX_CITED, MAX_DRILL, MAX_OPEN_ALERTS};
use crate::reports::time;
use crate::situation::estate::Estate;
use anyhow::Result;
use ledger::{AsOf, Kept, Kind, Ledger, Order, Wanted};
use model::{EntityRef, Nanos};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// The fault was brought in.
    Injected,
    /// An alert was raised.
    Alert,
    /// Somebody did something with an alert.
    Act,
    /// An alert ended.
    Ended,
    /// What holds normally does not hold.
    Lost,
    /// What holds normally holds.
    Holds,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Nanos,
    /// What.
    pub what: Happened,
    /// The alert that it is about.
    pub about: Option<i64>,
    /// The facts and decisions that say so.
    pub ids: Vec<i64>,
}

/// A time with what says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// When.
    pub at: Nanos,
    /// The facts and decisions that say so; none for what a probe saw.
    pub ids: Vec<i64>,
}

/// The times of a fault.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timed {
    /// When it was brought in.
    pub injected: Option<Mark>,
    /// The first alert about it.
    pub detected: Option<Mark>,
    /// The first act on one of these alerts.
    pub acknowledged: Option<Mark>,
    /// When all was well again.
    pub recovered: Option<Mark>,
    /// Why a time is missing, in words.
    pub missing: Vec<String>,
}

/// Whether what was expected came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = DrillMet)]
pub struct Met {
    /// `detected`, `acknowledged`, `recovered`.
    pub what: String,
    /// How long it took; nothing when it did not happen.
    #[schema(value_type = Option<f64>)]
    pub took: Option<Nanos>,
    /// What was expected.
    #[schema(value_type = Option<f64>)]
    pub within: Option<Nanos>,
    /// Whether it was in time; nothing when nothing was expected.
    pub met: Option<bool>,
    /// All of it in words.
    pub text: String,
}

/// The times that some events give. Only what came after the fault counts.
pub fn timed(events: &[Event]) -> Timed {
    let mut all: Vec<&Event> = events.iter().collect();
    all.sort_by_key(|event| (event.at, event.what, event.about));
    let mark = |event: &&Event| Mark { at: event.at, ids: event.ids.clone() };
    let mut times = Timed { injected: all.iter().find(|e| e.what == Happened::Injected).map(mark), ..Timed::default() };
    let Some(start) = times.injected.as_ref().map(|mark| mark.at) else {
        times.missing.push("nothing was broken, so there is nothing to time".to_owned());
        return times;
    };
    all.retain(|event| event.at >= start);
    times.detected = all.iter().find(|event| event.what == Happened::Alert).map(mark);
    let raised: BTreeSet<i64> =
        all.iter().filter(|event| event.what == Happened::Alert).filter_map(|event| event.about).collect();
    let about = |event: &Event| event.about.is_some_and(|about| raised.contains(&about));
    times.acknowledged = all.iter().find(|event| event.what == Happened::Act && about(event)).map(mark);
    if times.detected.is_none() {
        times.missing.push("no alert was raised: what should have seen it?".to_owned());
    } else if times.acknowledged.is_none() {
        times.missing.push("nobody acted on an alert".to_owned());
    }
    times.recovered = recovered(&all, &raised, &mut times.missing);
    times
}

/// By probes, when there are some: the first time that all holds after it did not. Else when the last alert ended.
fn recovered(all: &[&Event], raised: &BTreeSet<i64>, missing: &mut Vec<String>) -> Option<Mark> {
    let mark = |event: &Event| Mark { at: event.at, ids: event.ids.clone() };
    let probed = all.iter().any(|event| matches!(event.what, Happened::Lost | Happened::Holds));
    if probed {
        let Some(lost) = all.iter().rposition(|event| event.what == Happened::Lost) else {
            missing.push("what holds normally held all the time: nothing had to recover".to_owned());
            return None;
        };
        let back = all.iter().skip(lost).find(|event| event.what == Happened::Holds);
        if back.is_none() {
            missing.push("what holds normally does not hold yet".to_owned());
        }
        return back.map(|event| mark(event));
    }
    let ended: Vec<&&Event> = all
        .iter()
        .filter(|event| event.what == Happened::Ended && event.about.is_some_and(|about| raised.contains(&about)))
        .collect();
    let over: BTreeSet<i64> = ended.iter().filter_map(|event| event.about).collect();
    if raised.is_empty() || over.len() < raised.len() {
        missing.push("no probe looked, and not all alerts have ended".to_owned());
        return None;
    }
    let last = ended.last()?;
    let ids = ended.iter().flat_map(|event| event.ids.iter().copied()).collect::<BTreeSet<_>>();
    Some(Mark { at: last.at, ids: ids.into_iter().take(MAX_CITED).collect() })
}

impl Timed {
    /// Each time beside what was expected.
    pub fn against(&self, expect: &Expect) -> Vec<Met> {
        let start = self.injected.as_ref().map(|mark| mark.at);
        let one = |what: &str, mark: &Option<Mark>, within: Option<Nanos>| {
            let took = mark.as_ref().zip(start).map(|(mark, start)| mark.at - start);
            let met = within.map(|within| took.is_some_and(|took| took <= within));
            let text = match (took, within) {
                (Some(took), Some(within)) => {
                    format!("{what} after {}, expected within {}", words(took), words(within))
                }
                (Some(took), None) => format!("{what} after {}", words(took)),
                (None, Some(within)) => format!("not {what}, expected within {}", words(within)),
                (None, None) => format!("not {what}"),
            };
            Met { what: what.to_owned(), took, within, met, text }
        };
        vec![
            one("detected", &self.detected, expect.detect_within),
            one("acknowledged", &self.acknowledged, expect.acknowledge_within),
            one("recovered", &self.recovered, expect.recover_within),
        ]
    }

    /// All facts that the times rest on.
    pub fn ids(&self) -> Vec<i64> {
        let marks = [&self.injected, &self.detected, &self.acknowledged, &self.recovered];
        let ids = marks.into_iter().flatten().flat_map(|mark| mark.ids.iter().copied());
        ids.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Each time as people read it.
    pub fn lines(&self) -> Vec<String> {
        let marks = [
            ("injected", &self.injected),
            ("detected", &self.detected),
            ("acknowledged", &self.acknowledged),
            ("recovered", &self.recovered),
        ];
        let line = |(name, mark): (&str, &Option<Mark>)| Some(format!("{name} {}", time(mark.as_ref()?.at)));
        marks.into_iter().filter_map(line).chain(self.missing.iter().cloned()).collect()
    }
}

/// What the ledger kept since a fault about a service, its parts and the hosts that it runs on: alerts that were raised,
/// what people did with them, and their ends.
pub async fn events(ledger: &Ledger, as_of: &AsOf, of: &EntityRef, since: Nanos) -> Result<Vec<Event>> {
    let estate = Estate::read(ledger, as_of).await?;
    let hosts = if of.kind == "service" { estate.hosts(of) } else { BTreeSet::new() };
    let touches = |entity: &EntityRef| entity == of || hosts.contains(entity) || estate.up(entity).contains(of);
    let before = Some(since.saturating_add(MAX_DRILL));
    let order = Order::Opened;
    let mut wanted = Wanted { kinds: vec![Kind::Alert], since: Some(since), before, order, ..Wanted::default() };
    let mut raised: Vec<Kept> = Vec::new();
    let mut seen = 0;
    loop {
        let page = ledger.queue(&wanted, as_of).await?;
        seen += page.rows.len();
        raised.extend(page.rows.into_iter().filter(|kept| kept.entity.as_ref().is_some_and(touches)));
        if page.next.is_none() || seen >= MAX_OPEN_ALERTS {
            break;
        }
        wanted.after = page.next;
    }
    let mut events = Vec::new();
    for kept in &raised {
        events.push(Event { at: kept.opened, what: Happened::Alert, about: Some(kept.id), ids: vec![kept.id] });
        if let Some(closed) = kept.closed {
            events.push(Event { at: closed, what: Happened::Ended, about: Some(kept.id), ids: vec![kept.id] });
        }
    }
    let ids: Vec<i64> = raised.iter().map(|kept| kept.id).collect();
    for moved in ledger.moves(&ids).await? {
        // What rules do is no act of anybody.
        let Some(decision) = moved.decision else { continue };
        let ids = vec![moved.about, decision];
        events.push(Event { at: moved.at, what: Happened::Act, about: Some(moved.about), ids });
    }
    events.retain(|event| event.at <= as_of.valid);
    events.sort_by_key(|event| (event.at, event.what, event.about));
    Ok(events)
}
