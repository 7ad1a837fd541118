//! What holds for any events, in any order that the lateness allows, with any interruptions.

use super::naive::{Said, say};
use super::*;
use Comparison::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// How late events come, in seconds.
const LATENESS: i64 = 7;

/// Correlations of every kind, all of which make alerts.
fn all(seconds: i64) -> Vec<Correlation> {
    let field = Field::new;
    let rule = RuleExpr::Rule;
    let not = |of| RuleExpr::Not(Box::new(of));
    let order = || WindowCondition::Compare(Vec::new());
    let (user, r0, r01, r012) = (&["user"][..], &["r0"][..], &["r0", "r1"][..], &["r0", "r1", "r2"][..]);
    let on = |expr| WindowCondition::Rules(expr);
    let mut all = vec![
        correlation("count", r01, user, seconds, Measure::EventCount, count(GreaterOrEqual, 3.0)),
        correlation("few", r0, user, seconds, Measure::EventCount, count(LessOrEqual, 2.0)),
        correlation("one", r0, &[], seconds, Measure::EventCount, count(Equal, 4.0)),
        correlation("values", r0, user, seconds, Measure::ValueCount(vec![field("port")]), count(GreaterOrEqual, 2.0)),
        correlation(
            "pairs",
            r01,
            &[],
            seconds,
            Measure::ValueCount(vec![field("port"), field("host")]),
            count(Greater, 3.0),
        ),
        correlation("both", r01, user, seconds, Measure::Temporal, order()),
        correlation("two", r012, user, seconds, Measure::Temporal, count(GreaterOrEqual, 2.0)),
        correlation(
            "either",
            r012,
            user,
            seconds,
            Measure::Temporal,
            on(RuleExpr::And(vec![RuleExpr::Or(vec![rule(0), rule(1)]), rule(2)])),
        ),
        correlation("without", r012, user, seconds, Measure::Temporal, on(RuleExpr::And(vec![rule(0), not(rule(1))]))),
        correlation("order", r012, user, seconds, Measure::TemporalOrdered, order()),
        correlation("sum", r0, user, seconds, Measure::ValueSum(field("bytes")), count(Greater, 4.0)),
        correlation("mean", r0, user, seconds, Measure::ValueAvg(field("bytes")), count(GreaterOrEqual, 1.5)),
        correlation(
            "most",
            r0,
            &["user", "host"],
            seconds,
            Measure::ValuePercentile(field("bytes"), 60.0),
            count(Less, 1.0),
        ),
        correlation("middle", r0, user, seconds, Measure::ValueMedian(field("bytes")), count(NotEqual, 0.0)),
        correlation("after", &["count", "r2"], user, seconds * 2, Measure::TemporalOrdered, order()),
        correlation("again", &["count"], &[], seconds * 3, Measure::EventCount, count(GreaterOrEqual, 2.0)),
        correlation(
            "who",
            &["both"],
            &[],
            seconds,
            Measure::ValueCount(vec![field("user")]),
            count(GreaterOrEqual, 2.0),
        ),
        correlation("top", &["after", "few"], user, seconds, Measure::Temporal, order()),
    ];
    all[5].group_by[0].fields[1] = field("host");
    all.iter_mut().for_each(|of| of.generate = true);
    all
}

fn events(most: usize) -> impl Strategy<Value = Vec<Event>> {
    let value = |values: &'static [&'static str]| prop::option::weighted(0.8, prop::sample::select(values));
    let one = (
        -30..60i64,
        1..8u8,
        prop::bool::weighted(0.8),
        value(&["a", "b"]),
        value(&["a", "h"]),
        value(&["1", "2", "3"]),
        value(&["-2", "0", "1", "3", "x"]),
        0..4u8,
    );
    let one = one.prop_map(|(half, rules, first, user, host, port, bytes, of)| {
        let values = FIELDS.iter().zip([user, host, port, bytes]);
        Event {
            time: half * SECOND / 2,
            id: 0,
            stored: true,
            dataset: if first { "default" } else { "other" },
            host: EntityRef::new("host", format!("h{of}")).ok().filter(|_| of > 0),
            rules,
            values: values.filter_map(|(name, value)| Some((*name, value?.to_owned()))).collect(),
        }
    });
    prop::collection::vec(one, 0..most).prop_map(|mut events| {
        events.iter_mut().zip(1..).for_each(|(event, id)| event.id = id);
        events
    })
}

/// Another order in which they may come.
fn shuffle(events: &[Event], delays: &[i64]) -> Vec<Event> {
    let delay = |at: usize| delays.get(at % delays.len().max(1)).copied().unwrap_or(0);
    let mut order: Vec<(i64, i64, &Event)> = events
        .iter()
        .enumerate()
        .map(|(at, event)| (event.time + delay(at) % (LATENESS * SECOND + 1), delay(at), event))
        .collect();
    order.sort_by_key(|(arrival, tie, event)| (*arrival, *tie, event.id));
    order.into_iter().map(|(_, _, event)| event.clone()).collect()
}

/// What is done beside telling an event, by bits.
#[derive(Clone, Copy, Debug)]
struct Beside(u8);

impl Beside {
    fn take(self) -> bool {
        self.0 & 3 == 0
    }
    fn restart(self) -> bool {
        self.0 & 31 == 1
    }
    fn repeat(self) -> bool {
        self.0 & 7 == 2
    }
    fn crash(self) -> bool {
        self.0 & 63 == 3
    }
}

/// The last word on each alert.
struct Run {
    windows: Windows,
    correlations: Vec<Correlation>,
    told: BTreeMap<String, Alert>,
    latest: Nanos,
}

impl Run {
    fn new(correlations: &[Correlation]) -> Run {
        let windows = Windows::new(&rules(), correlations, Options::default());
        assert_eq!(windows.refused(), []);
        Run { windows, correlations: correlations.to_vec(), told: BTreeMap::new(), latest: Nanos::MIN }
    }

    fn take(&mut self) {
        for alert in take(&mut self.windows) {
            if let Some(before) = self.told.insert(alert.id.clone(), alert.clone()) {
                assert!(!before.settled || alert == before, "a settled alert changed");
                assert!(alert.count >= before.count && alert.first <= before.first && alert.last >= before.last);
            }
        }
    }

    fn tell(&mut self, event: &Event) {
        tell(&mut self.windows, event);
        self.latest = self.latest.max(event.time);
        self.windows.advance(self.latest - LATENESS * SECOND);
    }

    fn restart(&mut self, snapshot: &[u8]) {
        self.windows = Windows::new(&rules(), &self.correlations, Options::default());
        self.windows.restore(snapshot).unwrap();
    }

    fn all(mut self, events: &[Event], beside: &[Beside]) -> Run {
        let (mut at, mut crashed) = (0, BTreeSet::new());
        let mut saved = (self.windows.snapshot(), at, self.latest, self.told.clone());
        while at < events.len() {
            let beside = beside.get(at % beside.len().max(1)).copied().unwrap_or(Beside(0));
            self.tell(&events[at]);
            if beside.repeat() {
                self.tell(&events[at]);
            }
            if beside.take() {
                self.take();
            }
            at += 1;
            if beside.restart() {
                let snapshot = self.windows.snapshot();
                self.restart(&snapshot);
                saved = (snapshot, at, self.latest, self.told.clone());
            }
            if beside.crash() && crashed.insert(at) {
                // Alerts are kept together with the snapshot; what was told since then is told again.
                let (snapshot, ..) = &saved;
                self.restart(snapshot);
                (_, at, self.latest, self.told) = saved.clone();
            }
        }
        self.windows.advance(Nanos::MAX);
        self.take();
        let stats = self.windows.stats();
        assert_eq!((stats.keys, stats.entries, stats.copy_bytes, stats.late, self.windows.weight), (0, 0, 0, 0, 0));
        assert_eq!(stats.evicted_entries, 0);
        self
    }
}

fn said(told: &BTreeMap<String, Alert>, correlations: &[Correlation]) -> Said {
    let of = |alert: &Alert| correlations.iter().find(|of| of.meta.id == alert.rule);
    let told = told.values().filter_map(|alert| {
        let span = of(alert)?.timespan;
        let key = alert.key.iter().map(|(_, value)| value.clone()).collect();
        let cites = alert.events.iter().map(|event| (event.timestamp, event.event_id.unwrap())).collect();
        let what = (alert.rule.clone(), alert.dataset.clone(), key, alert.last.div_euclid(span));
        Some((what, (alert.first, alert.last, alert.count, cites)))
    });
    told.collect()
}

proptest! {
    #[test]
    fn any_order_and_any_interruption_gives_what_the_naive_way_gives(
        events in events(50),
        delays in prop::collection::vec(0..1i64 << 40, 1..60),
        beside in prop::collection::vec(any::<u8>().prop_map(Beside), 1..60),
        seconds in 3..12i64,
    ) {
        let correlations = all(seconds);
        let told = Run::new(&correlations).all(&shuffle(&events, &delays), &beside).told;
        prop_assert!(told.values().all(|alert| alert.settled), "what is told stays true");
        let (found, mut expected) = (said(&told, &correlations), say(&correlations, &events));
        for (what, (.., cited)) in &found {
            let (.., rests_on) = expected.get_mut(what).ok_or_else(|| TestCaseError::fail(format!("{what:?} is wrong")))?;
            prop_assert!(cited.is_subset(rests_on), "{what:?}: {cited:?} of {rests_on:?}");
            prop_assert!(cited.len() == rests_on.len() || cited.len() >= 10, "{what:?}: {cited:?} of {rests_on:?}");
            *rests_on = cited.clone();
        }
        prop_assert_eq!(found, expected);
        let plain = Run::new(&correlations).all(&shuffle(&events, &[0]), &[]).told;
        prop_assert_eq!(told, plain);
    }
}

#[test]
fn many_events_of_one_key_in_any_order() {
    let correlations = all(40);
    let many: Vec<Event> = (0..6_000u64)
        .map(|id| {
            let port = (id % 7).to_string();
            event(id as i64 / 60, id, 1 << (id % 3), &[("user", "a"), ("host", "h"), ("port", &port), ("bytes", "1.5")])
        })
        .collect();
    let delays: Vec<i64> = (0..997).map(|at| at * 7_919_000_017 % (LATENESS * SECOND)).collect();
    let told = Run::new(&correlations).all(&many, &[]).told;
    assert!(told.len() > 30);
    let beside: Vec<Beside> = (0..=255).map(|at| Beside(if at == 1 || at == 3 { at } else { at & !3 })).collect();
    assert_eq!(Run::new(&correlations).all(&shuffle(&many, &delays), &beside).told, told);
}

#[test]
fn equal_events_without_an_id_are_several() {
    let two = correlation("c", &["r0"], &["user"], 10, Measure::EventCount, count(GreaterOrEqual, 2.0));
    let mut event = event(1, 5, 1, &[("user", "a")]);
    assert_eq!(run(std::slice::from_ref(&two), &[event.clone(), event.clone()]), []);
    event.stored = false;
    let alerts = run(&[two], &[event.clone(), event]);
    assert_eq!((alerts.len(), alerts[0].count, alerts[0].events.len()), (1, 2, 2));
}
