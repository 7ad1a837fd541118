//! Each kind of correlation, worked out by hand.

use super::*;
use Comparison::*;

fn users(name: &str, rules: &[&str], seconds: i64, measure: Measure, condition: WindowCondition) -> Correlation {
    correlation(name, rules, &["user"], seconds, measure, condition)
}

/// What a correlation says: seconds of its first and last event, how many, its sentence.
fn said(correlation: Correlation, events: &[Event]) -> Vec<(i64, i64, u64, String)> {
    let alerts = run(std::slice::from_ref(&correlation), events);
    let of = alerts.iter().filter(|alert| alert.rule == correlation.meta.id);
    of.map(|alert| (alert.first / SECOND, alert.last / SECOND, alert.count, alert.why.clone())).collect()
}

fn alice(second: i64, id: u64, rules: u8, more: &[(&'static str, &str)]) -> Event {
    event(second, id, rules, &[&[("user", "alice")], more].concat())
}

#[test]
fn event_count() {
    let three = users("c", &["r0"], 10, Measure::EventCount, count(GreaterOrEqual, 3.0));
    // (0, 10] has three: at 0 is outside, at 10 inside. Those of another rule or without a user are not counted.
    let events = [(0, 1), (4, 1), (5, 2), (8, 1), (10, 1)];
    let mut events: Vec<Event> =
        events.iter().zip(1..).map(|((second, rules), id)| alice(*second, id, *rules, &[])).collect();
    events.push(event(9, 9, 1, &[("host", "h")]));
    events.push(event(9, 10, 1, &[("user", "bob")]));
    let why = "3 matches of \"Title r0\" for user = \"alice\" within 10 seconds; the rule asks for at least 3.";
    // The window that ends at 8 has 0, 4 and 8; the one that ends at 10 is in the next bucket.
    assert_eq!(said(three, &events), [(0, 8, 3, why.to_owned()), (4, 10, 3, why.to_owned())]);
}

#[test]
fn an_alert_is_complete() {
    let three = users("c", &["r0"], 10, Measure::EventCount, count(GreaterOrEqual, 2.0));
    let mut events: Vec<Event> = (1..=3).map(|at| alice(at, at as u64, 1, &[])).collect();
    events.iter_mut().for_each(|event| event.host = EntityRef::new("host", "web-1").ok());
    let [alert] = <[Alert; 1]>::try_from(run(&[three], &events)).unwrap();
    assert_eq!((&*alert.rule, &*alert.rule_version, &*alert.title), ("id-c", "v-c", "Title c"));
    assert_eq!((alert.level, alert.aspect, &*alert.dataset), (Level::High, Aspect::Security, "default"));
    assert_eq!(alert.key, [("user".to_owned(), "alice".to_owned())]);
    assert_eq!(alert.entity.as_ref().map(ToString::to_string).as_deref(), Some("host:web-1"));
    assert_eq!((alert.count, ids(&alert), alert.runbook.as_deref()), (3, vec![1, 2, 3], Some("look")));
    assert_eq!(alert.id.len(), 32);
    // About two things is about none.
    events[1].host = EntityRef::new("host", "web-2").ok();
    let three = users("c", &["r0"], 10, Measure::EventCount, count(GreaterOrEqual, 2.0));
    assert_eq!(run(&[three], &events)[0].entity, None);
}

#[test]
fn fewer_than_is_judged_when_the_window_is_over() {
    let few = users(
        "c",
        &["r0"],
        10,
        Measure::EventCount,
        WindowCondition::Compare(vec![(GreaterOrEqual, 2.0), (Less, 3.0)]),
    );
    let mut windows = Windows::new(&rules(), &[few], Options::default());
    for second in [1, 2] {
        tell(&mut windows, &alice(second, second as u64, 1, &[]));
    }
    windows.advance(9 * SECOND);
    assert_eq!(take(&mut windows), []);
    windows.advance(10 * SECOND);
    let alerts = take(&mut windows);
    assert_eq!((alerts.len(), alerts[0].count, alerts[0].settled), (1, 2, true));
    assert!(alerts[0].why.ends_with("the rule asks for at least 2 and less than 3."), "{}", alerts[0].why);
}

#[test]
fn value_count() {
    let ports = users("c", &["r0"], 60, Measure::ValueCount(vec![Field::new("port")]), count(GreaterOrEqual, 3.0));
    let port = |second, port| alice(second, second as u64, 1, &[("port", port)]);
    let events = [port(1, "22"), port(2, "22"), port(3, "80"), alice(4, 4, 1, &[]), port(5, "443")];
    let why = "3 different values of port in 4 events of \"Title r0\" for user = \"alice\" within 1 minute; the rule asks for at least 3.";
    assert_eq!(said(ports, &events), [(1, 5, 4, why.to_owned())]);
}

#[test]
fn value_count_of_several_fields_counts_their_combinations() {
    let both = vec![Field::new("host"), Field::new("port")];
    let pairs = users("c", &["r0"], 60, Measure::ValueCount(both), count(Greater, 3.0));
    let pair = |id: u64, host, port| alice(id as i64, id, 1, &[("host", host), ("port", port)]);
    let events = [pair(1, "a", "1"), pair(2, "a", "2"), pair(3, "b", "1"), pair(4, "a", "1"), pair(5, "b", "2")];
    let found = said(pairs, &events);
    assert_eq!((found.len(), found[0].2), (1, 5));
    assert!(found[0].3.starts_with("4 different values of host and port in 5 events"), "{}", found[0].3);
}

#[test]
fn temporal() {
    let both = || users("c", &["r0", "r1"], 10, Measure::Temporal, WindowCondition::Compare(Vec::new()));
    let why = "\"Title r0\" and \"Title r1\" matched for user = \"alice\" within 10 seconds.";
    assert_eq!(said(both(), &[alice(3, 1, 2, &[]), alice(5, 2, 1, &[])]), [(3, 5, 2, why.to_owned())]);
    assert_eq!(said(both(), &[alice(3, 1, 2, &[]), alice(13, 2, 1, &[])]), []);
    assert_eq!(said(both(), &[alice(3, 1, 2, &[]), event(5, 2, 1, &[("user", "bob")])]), []);
}

#[test]
fn temporal_with_a_condition() {
    let (first, second) = (RuleExpr::Rule(0), RuleExpr::Not(Box::new(RuleExpr::Rule(1))));
    let without = || {
        users(
            "c",
            &["r0", "r1"],
            10,
            Measure::Temporal,
            WindowCondition::Rules(RuleExpr::And(vec![first.clone(), second.clone()])),
        )
    };
    assert_eq!(said(without(), &[alice(3, 1, 2, &[]), alice(5, 2, 1, &[])]), []);
    let why = "\"Title r0\" but not \"Title r1\" matched for user = \"alice\" within 10 seconds.";
    assert_eq!(said(without(), &[alice(3, 1, 2, &[]), alice(15, 2, 1, &[])]), [(15, 15, 1, why.to_owned())]);
}

#[test]
fn temporal_ordered() {
    let order = || users("c", &["r0", "r1", "r2"], 10, Measure::TemporalOrdered, WindowCondition::Compare(Vec::new()));
    let story = |seconds: [i64; 3]| {
        let events = seconds.iter().zip(0..);
        events.map(|(second, rule)| alice(*second, rule + 1, 1 << rule, &[])).collect::<Vec<_>>()
    };
    let why = "\"Title r0\", then \"Title r1\", then \"Title r2\" matched for user = \"alice\" within 10 seconds.";
    assert_eq!(said(order(), &story([1, 4, 9])), [(1, 9, 3, why.to_owned())]);
    assert_eq!(said(order(), &story([4, 4, 4])), [(4, 4, 3, why.to_owned())], "clocks are coarse");
    assert_eq!(said(order(), &story([4, 1, 9])), []);
    assert_eq!(said(order(), &story([1, 4, 11])), [], "too late for the first");
    // A second start makes it good.
    let mut again = story([4, 6, 9]);
    again.push(alice(5, 9, 2, &[]));
    again.push(alice(2, 10, 1, &[]));
    assert_eq!(said(order(), &again).len(), 1);
}

#[test]
fn sums_means_and_percentiles() {
    let bytes = |second: i64, bytes| alice(second, second as u64, 1, &[("bytes", bytes)]);
    let field = || Field::new("bytes");
    let events = [bytes(1, "10"), bytes(2, "0.1"), bytes(3, "0.2"), bytes(4, "many"), bytes(5, "30")];
    let of = |measure, condition| said(users("c", &["r0"], 10, measure, condition), &events);
    let sum = of(Measure::ValueSum(field()), count(GreaterOrEqual, 40.3));
    assert_eq!(
        sum[0].3,
        "The sum of bytes over 4 events for user = \"alice\" within 10 seconds is 40.3; the rule asks for at least 40.3."
    );
    let mean = of(Measure::ValueAvg(field()), count(Greater, 10.0));
    assert_eq!(
        mean[0].3,
        "The mean of bytes over 4 events for user = \"alice\" within 10 seconds is 10.075; the rule asks for more than 10."
    );
    // 0.1, 0.2, 10, 30: the median of all is 5.1; that of the first alone was 10.
    let median = of(Measure::ValueMedian(field()), count(Less, 5.5));
    assert!(
        median[0].3.starts_with("The median of bytes over 4 events") && median[0].3.contains(" is 0.2;"),
        "{}",
        median[0].3
    );
    // Of four, three are at most the 75th.
    let percentile = of(Measure::ValuePercentile(field(), 75.0), count(Equal, 10.0));
    assert!(percentile[0].3.starts_with("The 75th percentile of bytes"), "{}", percentile[0].3);
}

#[test]
fn a_group_has_another_name_in_another_rule() {
    let mut both = users("c", &["r0", "r1"], 10, Measure::Temporal, WindowCondition::Compare(Vec::new()));
    both.group_by[0].name = "who".to_owned();
    both.group_by[0].fields[1] = Field::new("host");
    let events = [alice(1, 1, 1, &[("host", "x")]), event(2, 2, 2, &[("user", "bob"), ("host", "alice")])];
    let alerts = run(&[both], &events);
    assert_eq!(alerts[0].key, [("who".to_owned(), "alice".to_owned())]);
}

fn brute_force() -> [Correlation; 2] {
    let failed = users("failed", &["r0"], 60, Measure::EventCount, count(GreaterOrEqual, 3.0));
    let order = WindowCondition::Compare(Vec::new());
    [failed, users("success", &["failed", "r1"], 60, Measure::TemporalOrdered, order)]
}

#[test]
fn a_chain_is_told_at_once_and_cites_the_events_below() {
    let mut windows = Windows::new(&rules(), &brute_force(), Options::default());
    for second in 1..=3 {
        tell(&mut windows, &alice(second, second as u64, 1, &[]));
    }
    assert_eq!(take(&mut windows), [], "the correlation below makes no alerts of its own");
    tell(&mut windows, &alice(4, 4, 2, &[]));
    let early = take(&mut windows);
    assert_eq!((early.len(), early[0].settled, ids(&early[0])), (1, false, vec![1, 2, 3, 4]));
    assert_eq!(early[0].why, "\"Title failed\", then \"Title r1\" matched for user = \"alice\" within 1 minute.");
    windows.advance(Nanos::MAX);
    let settled = take(&mut windows);
    assert_eq!((settled.len(), &settled[0].id, ids(&settled[0])), (1, &early[0].id, vec![1, 2, 3, 4]));
    // The other way round it is nothing.
    let wrong = [alice(0, 4, 2, &[]), alice(1, 1, 1, &[]), alice(2, 2, 1, &[]), alice(3, 3, 1, &[])];
    assert_eq!(run(&brute_force(), &wrong), []);
}

#[test]
fn counts_of_correlations_are_of_their_alerts() {
    let failed = correlation("failed", &["r0"], &["host", "user"], 10, Measure::EventCount, count(GreaterOrEqual, 2.0));
    let many = correlation("many", &["failed"], &["host"], 100, Measure::EventCount, count(GreaterOrEqual, 2.0));
    let values = correlation(
        "users",
        &["failed"],
        &["host"],
        100,
        Measure::ValueCount(vec![Field::new("user")]),
        count(GreaterOrEqual, 2.0),
    );
    let at = |second: i64, user| event(second, second as u64, 1, &[("host", "h"), ("user", user)]);
    let one = [at(1, "a"), at(2, "a"), at(3, "a"), at(4, "a")];
    assert_eq!(run(&[failed.clone(), many.clone(), values.clone()], &one), []);
    let two = [at(1, "a"), at(2, "a"), at(3, "b"), at(4, "b"), at(5, "b")];
    let alerts = run(&[failed, many, values], &two);
    let said: Vec<(&str, u64)> = alerts.iter().map(|alert| (&*alert.rule, alert.count)).collect();
    assert_eq!(said, [("id-many", 2), ("id-users", 3)]);
}

#[test]
fn only_who_is_not_looked_at_or_may_makes_alerts() {
    let ids = |correlations: &[Correlation]| {
        let events: Vec<Event> = (1..=4).map(|at| alice(at, at as u64, if at == 4 { 2 } else { 1 }, &[])).collect();
        let alerts = run(correlations, &events);
        alerts
            .into_iter()
            .map(|alert| alert.rule)
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&[]), ["id-r0", "id-r1"]);
    let [failed, success] = brute_force();
    assert_eq!(ids(std::slice::from_ref(&failed)), ["id-failed", "id-r1"]);
    assert_eq!(ids(&[failed.clone(), success.clone()]), ["id-success"]);
    let generate = Correlation { generate: true, ..success };
    assert_eq!(ids(&[failed.clone(), generate.clone()]), ["id-failed", "id-r1", "id-success"]);
    let both = [Correlation { generate: true, ..failed }, generate];
    assert_eq!(ids(&both), ["id-failed", "id-r0", "id-r1", "id-success"]);
}

#[test]
fn a_thousand_equal_matches_of_a_minute_are_one_alert() {
    let mut windows = Windows::new(&rules(), &[], Options::default());
    let mut told = Vec::new();
    for id in 0..1_000 {
        let mut event = event(60 + id as i64 / 20, id, 1, &[]);
        event.host = EntityRef::new("host", "web-1").ok();
        tell(&mut windows, &event);
        windows.advance(event.time - 5 * SECOND);
        told.extend(take(&mut windows));
    }
    assert!((2..=60).contains(&told.len()), "at once, and then each second: {}", told.len());
    assert_eq!(told[0].why, "An event of host web-1 matches \"Title r0\".");
    windows.advance(120 * SECOND);
    let last = take(&mut windows);
    assert_eq!((last.len(), last[0].count, last[0].settled, &last[0].id), (1, 1_000, true, &told[0].id));
    assert_eq!(last[0].why, "1000 events of host web-1 match \"Title r0\" within one minute.");
    assert_eq!(last[0].events.len(), 20);
    // Another host, dataset or minute is another alert.
    let mut other = event(60, 1, 1, &[]);
    other.host = EntityRef::new("host", "web-2").ok();
    let mut third = other.clone();
    third.dataset = "other";
    let alerts = run(&[], &[event(60, 1, 1, &[]), other, third, event(120, 2, 1, &[])]);
    let different: std::collections::BTreeSet<&String> = alerts.iter().map(|alert| &alert.id).collect();
    assert_eq!(different.len(), 4);
}

#[test]
fn what_cannot_run_is_refused_and_stays_quiet() {
    let compare = || WindowCondition::Compare(Vec::new());
    let wrong = [
        users("none", &["nobody"], 10, Measure::EventCount, count(Less, 3.0)),
        users("self", &["self"], 10, Measure::EventCount, count(Less, 3.0)),
        users("above", &["self", "r1"], 10, Measure::Temporal, compare()),
        users("empty", &["r1"], 10, Measure::EventCount, compare()),
        users("short", &["r1"], 0, Measure::EventCount, count(Less, 3.0)),
        users("fine", &["r0"], 10, Measure::EventCount, count(GreaterOrEqual, 1.0)),
        correlation("unknown", &["fine"], &["host"], 10, Measure::Temporal, compare()),
    ];
    let mut windows = Windows::new(&rules(), &wrong, Options::default());
    let refused: Vec<(&str, &str)> = windows.refused().iter().map(|of| (&*of.id, of.field)).collect();
    assert_eq!(
        refused,
        [
            ("id-none", "correlation.rules"),
            ("id-empty", "correlation.condition"),
            ("id-short", "correlation.timespan"),
            ("id-unknown", "correlation.group-by"),
            ("id-self", "correlation.rules"),
            ("id-above", "correlation.rules"),
        ]
    );
    tell(&mut windows, &alice(1, 1, 7, &[]));
    let rules: Vec<String> = take(&mut windows).into_iter().map(|alert| alert.rule).collect();
    assert_eq!(rules, ["id-r2"], "r0 and r1 are for correlations, refused or not");
}

#[test]
fn what_is_late_is_counted_and_only_plain_rules_tell_it() {
    let one = users("c", &["r0"], 60, Measure::EventCount, count(GreaterOrEqual, 1.0));
    let mut windows = Windows::new(&rules(), &[one], Options::default());
    windows.advance(130 * SECOND);
    tell(&mut windows, &alice(119, 1, 3, &[]));
    let alerts = take(&mut windows);
    assert_eq!((alerts.len(), &*alerts[0].rule, alerts[0].first, windows.stats().late), (1, "id-r1", 119 * SECOND, 2));
    tell(&mut windows, &alice(120, 2, 1, &[]));
    tell(&mut windows, &alice(131, 3, 2, &[]));
    windows.advance(180 * SECOND);
    let alerts = take(&mut windows);
    let said: Vec<(&str, i64, u64)> = alerts.iter().map(|of| (&*of.rule, of.first / SECOND, of.count)).collect();
    assert_eq!(said, [("id-r1", 119, 2), ("id-c", 120, 1)], "{alerts:?}");
}

#[test]
fn bounds_hold_and_what_goes_is_counted_and_told() {
    let options = Options { max_keys: 10, max_key_entries: 300, max_bytes: 40_000, max_copy_bytes: 2_000 };
    let many = users("c", &["r0"], 10, Measure::EventCount, count(GreaterOrEqual, 2.0));
    let mut windows = Windows::new(&rules(), &[many], options);
    let mut told = BTreeMap::new();
    for id in 0..5_000u64 {
        let user = if id % 2 == 0 { "often".to_owned() } else { format!("user-{}", id / 4) };
        tell(&mut windows, &event(1, id, 1, &[("user", &user)]));
        let stats = windows.stats();
        assert!(stats.keys <= 10 && stats.bytes <= 40_000 && stats.copy_bytes <= 2_000, "{stats:?}");
        if id % 100 == 0 {
            told.extend(take(&mut windows).into_iter().map(|alert| (alert.id.clone(), alert)));
        }
    }
    windows.advance(Nanos::MAX);
    told.extend(take(&mut windows).into_iter().map(|alert| (alert.id.clone(), alert)));
    let stats = windows.stats();
    assert!(stats.evicted_keys > 1_000 && stats.evicted_entries > 1_000 && stats.dropped_copies > 0, "{stats:?}");
    assert_eq!((stats.keys, stats.entries), (0, 0));
    // Each user came twice at once, before its key had to go.
    assert_eq!(told.len(), 1_251);
    assert!(told.values().all(|alert| !alert.events.is_empty()), "events are named, if nothing else");
}

#[test]
fn a_snapshot_of_other_rules_or_a_damaged_one_is_no_harm() {
    let mut windows = Windows::new(&rules(), &brute_force(), Options::default());
    (1..=3).for_each(|second| tell(&mut windows, &alice(second, second as u64, 1, &[])));
    let snapshot = windows.snapshot();
    let [mut failed, success] = brute_force();
    failed.meta.version = "changed".to_owned();
    let mut changed = Windows::new(&rules(), &[failed, success], Options::default());
    changed.restore(&snapshot).unwrap();
    assert_eq!((changed.stats().forgotten_keys, changed.stats().keys, changed.stats().copy_bytes), (1, 0, 0));
    for at in 0..snapshot.len() {
        let mut bad = snapshot.clone();
        bad[at] ^= 4;
        assert!(windows.restore(&bad).is_err());
        assert!(windows.restore(&snapshot[..at]).is_err());
    }
    assert_eq!(windows.stats(), Stats::default());
    windows.restore(&snapshot).unwrap();
    tell(&mut windows, &alice(4, 4, 2, &[]));
    assert_eq!(take(&mut windows).len(), 1);
}

#[test]
fn a_snapshot_is_about_as_large_as_is_counted() {
    let many = users("c", &["r0"], 3600, Measure::ValueCount(vec![Field::new("port")]), count(GreaterOrEqual, 2.0));
    let options = Options { max_bytes: 400_000, max_copy_bytes: 100_000, ..Options::default() };
    let mut windows = Windows::new(&rules(), &[many], options);
    for id in 0..20_000u64 {
        let user = format!("{}-{}", id % 700, "x".repeat(id as usize % 40));
        let mut event = event(id as i64, id, 1 + (id % 2) as u8, &[("user", &user), ("port", &id.to_string())]);
        event.host = EntityRef::new("host", format!("web-{}", id % 500)).ok();
        tell(&mut windows, &event);
        windows.advance(event.time - 900 * SECOND);
        if id % 1_000 == 999 {
            take(&mut windows);
            let (bytes, snapshot) = (windows.stats().bytes as usize, windows.snapshot().len());
            assert!(bytes <= 400_000 && snapshot <= bytes * 4 / 3, "{snapshot} of {bytes}");
        }
    }
    assert!(windows.stats().evicted_keys > 0);
}

#[test]
fn a_copy_that_is_gone_is_not_taken_for_another_after_a_restart() {
    let counting = [users("c", &["r0"], 3600, Measure::EventCount, count(GreaterOrEqual, 4.0))];
    // Copies go at once; their numbers stay with the events.
    let mut before = Windows::new(&rules(), &counting, Options { max_copy_bytes: 1, ..Options::default() });
    (1..=3).for_each(|second| tell(&mut before, &alice(second, second as u64, 1, &[])));
    let mut after = Windows::new(&rules(), &counting, Options::default());
    after.restore(&before.snapshot()).unwrap();
    tell(&mut after, &alice(4, 4, 1, &[]));
    let alert = take(&mut after).pop().unwrap();
    let copies: Vec<_> = alert.events.iter().map(|event| (event.event_id, event.fields.get("id").cloned())).collect();
    assert_eq!(copies, [(Some(1), None), (Some(2), None), (Some(3), None), (Some(4), Some(4.into()))]);
}
