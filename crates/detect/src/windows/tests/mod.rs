//! Rules and events to test with; a run of windows over them.

mod examples;
mod laws;
mod naive;

use super::*;
use crate::rule::{Comparison, Expr, GroupField, LogSource, Meta, RuleExpr, WindowCondition};
use model::alert::{Aspect, Level};
use std::collections::BTreeMap;

const SECOND: Nanos = 1_000_000_000;
/// Fields that events of the tests may have.
const FIELDS: [&str; 4] = ["user", "host", "port", "bytes"];

fn meta(name: &str) -> Meta {
    Meta {
        id: format!("id-{name}"),
        name: Some(name.to_owned()),
        tags: vec!["attack.t1110".to_owned()],
        runbook: Some("look".to_owned()),
        version: format!("v-{name}"),
        ..Meta::new(&format!("Title {name}"), Level::High)
    }
}

fn rule(name: &str) -> Rule {
    Rule { meta: meta(name), source: LogSource::default(), condition: Expr::And(Vec::new()) }
}

/// Three rules, `r0` to `r2`.
fn rules() -> Vec<Rule> {
    ["r0", "r1", "r2"].map(rule).into()
}

fn count(how: Comparison, number: f64) -> WindowCondition {
    WindowCondition::Compare(vec![(how, number)])
}

fn correlation(
    name: &str,
    rules: &[&str],
    group: &[&str],
    seconds: i64,
    measure: Measure,
    condition: WindowCondition,
) -> Correlation {
    let group_by = group
        .iter()
        .map(|name| GroupField { name: (*name).to_owned(), fields: rules.iter().map(|_| Field::new(name)).collect() });
    Correlation {
        meta: meta(name),
        rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
        group_by: group_by.collect(),
        timespan: seconds * SECOND,
        measure,
        condition,
        generate: false,
    }
}

/// An event and the rules that it matches, a bit each.
#[derive(Clone, Debug, PartialEq)]
struct Event {
    /// In nanoseconds.
    time: Nanos,
    id: u64,
    stored: bool,
    dataset: &'static str,
    host: Option<EntityRef>,
    rules: u8,
    values: BTreeMap<&'static str, String>,
}

fn event(second: i64, id: u64, rules: u8, values: &[(&'static str, &str)]) -> Event {
    Event {
        time: second * SECOND,
        id,
        stored: true,
        dataset: "default",
        host: None,
        rules,
        values: values.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
    }
}

fn tell(windows: &mut Windows, event: &Event) {
    let copy = || CitedEvent {
        event_id: event.stored.then_some(event.id),
        table: "logs".to_owned(),
        timestamp: event.time,
        fields: [("id".to_owned(), event.id.into())].into_iter().collect(),
    };
    for rule in (0..3).filter(|rule| (event.rules >> rule) & 1 == 1) {
        let values: Vec<_> =
            windows.needs(rule).iter().map(|field| event.values.get(&*field.name).cloned().map(Cow::Owned)).collect();
        windows.hit(&Hit {
            rule,
            time: event.time,
            event_id: event.stored.then_some(event.id),
            hash: event.id,
            dataset: event.dataset,
            table: Table::Logs,
            entity: event.host.as_ref(),
            values: &values,
            copy: &copy,
        });
    }
}

fn take(windows: &mut Windows) -> Vec<Alert> {
    let mut all = Vec::new();
    loop {
        let some = windows.take();
        if some.is_empty() {
            return all;
        }
        all.extend(some);
    }
}

/// All alerts of these events in this order, settled.
fn run(correlations: &[Correlation], events: &[Event]) -> Vec<Alert> {
    let mut windows = Windows::new(&rules(), correlations, Options::default());
    assert_eq!(windows.refused(), []);
    events.iter().for_each(|event| tell(&mut windows, event));
    windows.advance(Nanos::MAX);
    let alerts = take(&mut windows);
    assert!(alerts.iter().all(|alert| alert.settled));
    let stats = windows.stats();
    assert_eq!(
        (stats.keys, stats.entries, stats.copy_bytes, windows.weight),
        (0, 0, 0, 0),
        "everything is forgotten in the end"
    );
    alerts
}

fn ids(alert: &Alert) -> Vec<u64> {
    alert.events.iter().map(|event| event.fields["id"].as_u64().unwrap()).collect()
}
