//! Snapshots of windows.

use detect::rule::{
    Comparison, Correlation, Expr, Field, GroupField, LogSource, Measure, Meta, Rule, RuleExpr, WindowCondition,
};
use detect::windows::{Hit, Options, Stats, Windows};
use model::alert::{CitedEvent, Level};
use model::fact::{EntityRef, Nanos};
use model::{Table, hex};
use std::borrow::Cow;

const MAGIC: &[u8] = b"tdmwin01";
const SECOND: Nanos = 1_000_000_000;
const START: Nanos = 1_795_246_176 * SECOND;
/// Takes in a row until there are no more alerts: each gives some, or settles some.
const MAX_TAKES: usize = 10_000;

fn meta(name: &str) -> Meta {
    Meta { version: "1".to_owned(), ..Meta::new(name, Level::Low) }
}

fn windows() -> Windows {
    let rule = |name: &str| Rule { meta: meta(name), source: LogSource::default(), condition: Expr::And(Vec::new()) };
    let rules = ["r0", "r1", "plain"].map(rule);
    let at_least = |number: f64| WindowCondition::Compare(vec![(Comparison::GreaterOrEqual, number)]);
    let less = |number: f64| WindowCondition::Compare(vec![(Comparison::Less, number)]);
    let correlation = |name: &str, of: &[&str], measure: Measure, condition: WindowCondition| Correlation {
        meta: meta(name),
        rules: of.iter().map(|rule| (*rule).to_owned()).collect(),
        group_by: vec![GroupField { name: "user".to_owned(), fields: of.iter().map(|_| Field::new("user")).collect() }],
        timespan: 10 * SECOND,
        measure,
        condition,
        generate: false,
    };
    let port = || Field::new("port");
    let both = || RuleExpr::And(vec![RuleExpr::Rule(0), RuleExpr::Not(Box::new(RuleExpr::Rule(1)))]);
    let correlations = [
        correlation("count", &["r0"], Measure::EventCount, at_least(2.0)),
        correlation("values", &["r0", "r1"], Measure::ValueCount(vec![port()]), at_least(2.0)),
        correlation("temporal", &["r0", "r1"], Measure::Temporal, at_least(2.0)),
        correlation("ordered", &["r0", "r1"], Measure::TemporalOrdered, WindowCondition::Rules(both())),
        correlation("sum", &["r0"], Measure::ValueSum(port()), at_least(1.0)),
        correlation("mean", &["r0"], Measure::ValueAvg(port()), less(1e9)),
        correlation("part", &["r0"], Measure::ValuePercentile(port(), 95.0), at_least(1.0)),
        correlation("middle", &["r0", "r1"], Measure::ValueMedian(port()), at_least(1.0)),
        correlation("chained", &["count", "r1"], Measure::Temporal, at_least(2.0)),
    ];
    let windows = Windows::new(&rules, &correlations, Options::default());
    assert_eq!(windows.refused(), []);
    windows
}

/// Some events, a second apart, from a second on.
fn tell(windows: &mut Windows, from: i64, count: i64) {
    for at in from..from + count {
        let time = START + at * SECOND;
        let entity = EntityRef { kind: "host".to_owned(), key: format!("web-{}", at % 2) };
        let copy = || CitedEvent {
            event_id: Some(at as u64),
            table: "logs".to_owned(),
            timestamp: time,
            fields: [("at".to_owned(), at.into())].into_iter().collect(),
        };
        for rule in (0..3).filter(|rule| at as usize % 3 != *rule) {
            let value = |field: &Field| match &*field.name {
                "user" => Cow::Owned(format!("u{}", at % 2)),
                _ => Cow::Owned((at * 7 % 5).to_string()),
            };
            let values: Vec<_> = windows.needs(rule).iter().map(|field| Some(value(field))).collect();
            windows.hit(&Hit {
                rule,
                time,
                event_id: (at % 4 > 0).then_some(at as u64),
                hash: at as u64,
                dataset: "default",
                table: Table::Logs,
                entity: Some(&entity),
                values: &values,
                copy: &copy,
            });
        }
    }
}

fn take(windows: &mut Windows) -> usize {
    let mut alerts = 0;
    for _ in 0..MAX_TAKES {
        match windows.take().len() {
            0 => return alerts,
            some => alerts += some,
        }
    }
    panic!("there is no end of alerts");
}

/// With the checksum that fits.
fn sealed(body: &[u8]) -> Vec<u8> {
    let sum = ring::digest::digest(&ring::digest::SHA256, body);
    [body, &sum.as_ref()[..8]].concat()
}

/// What a snapshot is of some windows at work, without its checksum.
pub fn snapshot() -> Vec<u8> {
    let mut windows = windows();
    tell(&mut windows, 0, 12);
    windows.advance(START + 3 * SECOND);
    take(&mut windows);
    tell(&mut windows, 12, 3);
    let mut snapshot = windows.snapshot();
    snapshot.truncate(snapshot.len() - 8);
    snapshot
}

thread_local! {
    static WRITTEN: Vec<u8> = snapshot();
}

/// A body to be read, or, when the first byte is odd, changes of a snapshot that was written: where, what and how.
fn body(data: &[u8]) -> Vec<u8> {
    let Some((first, data)) = data.split_first() else { return Vec::new() };
    if first % 2 == 0 {
        return [MAGIC, data].concat();
    }
    let mut body = WRITTEN.with(Vec::clone);
    for change in data.chunks_exact(4) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % body.len();
        match change[3] % 4 {
            0 => body[at] = change[2],
            1 => body.insert(at, change[2]),
            2 => drop(body.drain(at..(at + usize::from(change[2])).min(body.len()))),
            _ => body.iter_mut().skip(at).take(10).for_each(|byte| *byte = change[2]),
        }
        if body.len() < MAGIC.len() {
            break;
        }
    }
    body
}

/// A snapshot, with a checksum that fits: it is taken over or refused. What was taken over goes on as any other state: it
/// is written and read again, events come, and in the end everything is told and forgotten.
pub fn detect_snapshot(data: &[u8]) {
    let mut windows = windows();
    assert!(windows.restore(data).is_err(), "the checksum of {} fits", hex::encode(data));
    if windows.restore(&sealed(&body(data))).is_err() {
        assert_eq!(windows.stats(), Stats::default(), "what is refused leaves nothing");
    } else {
        let held = windows.stats();
        let again = windows.snapshot();
        windows.restore(&again).expect("what was written can be read");
        let same = windows.stats();
        assert_eq!((held.keys, held.entries, held.copy_bytes), (same.keys, same.entries, same.copy_bytes));
    }
    take(&mut windows);
    tell(&mut windows, 10, 4);
    windows.advance(START + 14 * SECOND);
    take(&mut windows);
    tell(&mut windows, 0, 2);
    windows.advance(Nanos::MAX);
    take(&mut windows);
    let Stats { keys, entries, copy_bytes, .. } = windows.stats();
    assert_eq!((keys, entries, copy_bytes), (0, 0, 0), "everything is forgotten in the end");
}
