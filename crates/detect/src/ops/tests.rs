//! Rules from their text to their alerts, with answers made up.

use super::*;
use crate::event::Scalar;
use crate::limits::{ASK_LOST, MAX_ANSWER_ROWS, MAX_NEW_VALUES};
use model::{Alert, Nanos};
use proptest::prelude::*;

const MINUTE: Nanos = 60 * 1_000_000_000;
const HOUR: Nanos = 60 * MINUTE;
const DAY: Nanos = 24 * HOUR;
/// 2026-11-21T00:00:00Z.
const T0: Nanos = 1_795_219_200_000_000_000;

const SHARE: &str = "
title: Too many errors
id: errors
level: high
operation:
  kind: threshold
  table: spans
  query: 'kind:server'
  aggregate: share
  of: 'status_code:error'
  measures: error rate
  group_by: [service_name]
  above: 0.01
  clear: 0.005
  minimum: 50
  for: 2m
  delay: 0s
  keep_firing_for: 3m
  unit: percent
  entity: {kind: service, key: service_name}
";

fn text(operation: &str) -> String {
    format!("title: T\nid: r\noperation:\n  delay: 0s\n{operation}")
}

fn read(text: &str) -> OpsRule {
    let (mut rules, refused) = parse("r.yml", text);
    assert_eq!(refused, [], "{text}");
    assert_eq!(rules.len(), 1);
    rules.remove(0)
}

fn refusals(text: &str) -> Vec<String> {
    parse("r.yml", text).1.iter().map(ToString::to_string).collect()
}

fn rows(columns: &[&str], rows: &[&[Scalar]]) -> Rows {
    let columns = columns.iter().map(|name| (*name).to_owned()).collect();
    Rows { columns, rows: rows.iter().map(|row| row.to_vec()).collect() }
}

fn t(text: &str) -> Scalar {
    Scalar::Text(text.to_owned())
}

fn d(number: f64) -> Scalar {
    Scalar::Double(number)
}

fn i(number: i64) -> Scalar {
    Scalar::Int(number)
}

fn share(value: f64) -> Rows {
    rows(&["dataset", "service_name", "value", "samples"], &[&[t("default"), t("cart"), d(value), i(200)]])
}

/// One look of the only rule.
fn look(ops: &mut Ops, now: Nanos, rows: &Rows) -> Vec<Alert> {
    let asks = ops.due(now);
    assert_eq!(asks.len(), 1, "{:?}", ops.status());
    ops.answer(&asks[0], rows)
}

#[test]
fn what_holds_fires_once_goes_on_and_is_over() {
    let mut ops = Ops::new(vec![read(SHARE)]);
    let mut told = Vec::new();
    // Clear at 9: what lies between the bounds goes on.
    for (minute, value) in [(0, 0.0), (1, 0.072), (2, 0.072), (3, 0.08), (4, 0.007), (8, 0.05), (9, 0.0), (10, 0.0)] {
        for alert in look(&mut ops, T0 + minute * MINUTE, &share(value)) {
            told.push((minute, alert));
        }
    }
    assert_eq!(
        told.iter().map(|(minute, alert)| (*minute, alert.settled)).collect::<Vec<_>>(),
        [(3, false), (8, false)]
    );
    told.extend(look(&mut ops, T0 + 12 * MINUTE, &share(0.0)).into_iter().map(|alert| (12, alert)));
    let (_, last) = told.last().expect("over");
    assert!(last.settled);
    assert!(told.iter().all(|(_, alert)| alert.id == last.id), "one story is one alert");
    let first = &told[0].1;
    assert_eq!(first.why, "service_name=cart: error rate is 8 %, above 1 % (over 5m, since 2026-11-21 00:01:00 UTC)");
    assert!(last.why.ends_with("; over at 2026-11-21 00:09:00 UTC"), "{}", last.why);
    assert_eq!((last.first, last.last), (T0 - 4 * MINUTE, T0 + 9 * MINUTE));
    assert_eq!(first.entity.as_ref().map(ToString::to_string).as_deref(), Some("service:cart"));
    assert_eq!((first.dataset.as_str(), first.count), ("default", 200));
}

#[test]
fn too_few_rows_and_short_moments_say_nothing() {
    let mut ops = Ops::new(vec![read(SHARE)]);
    let few = rows(&["dataset", "service_name", "value", "samples"], &[&[t("default"), t("cart"), d(1.0), i(49)]]);
    for minute in 0..5 {
        assert_eq!(look(&mut ops, T0 + minute * MINUTE, &few), []);
    }
    for (minute, value) in [(5, 0.5), (6, 0.5), (7, 0.0), (8, 0.5), (9, 0.5)] {
        assert_eq!(look(&mut ops, T0 + minute * MINUTE, &share(value)), []);
    }
    assert_eq!((ops.status()[0].pending, ops.status()[0].firing), (1, 0));
}

#[test]
fn a_rule_asks_when_it_is_time_and_once() {
    let mut ops = Ops::new(vec![read(SHARE)]);
    let asked = ops.due(T0 + 1);
    assert_eq!((asked.len(), asked[0].to, asked[0].from), (1, T0, T0 - 5 * MINUTE));
    assert_eq!(ops.due(T0 + MINUTE), [], "it waits for the answer");
    ops.failed(&asked[0], "the store is busy");
    assert_eq!(ops.status()[0].error.as_deref(), Some("the store is busy"));
    let asked = ops.due(T0 + MINUTE);
    assert_eq!(asked.len(), 1);
    assert_eq!(ops.due(T0 + MINUTE + ASK_LOST).len(), 1, "an answer that never comes is asked for again");
    assert_eq!(ops.answer(&asked[0], &share(1.0)), [], "and says nothing when it comes after all");
    assert_eq!(ops.status()[0].answered, None);
}

#[test]
fn an_answer_without_its_columns_says_which() {
    let mut ops = Ops::new(vec![read(SHARE)]);
    look(&mut ops, T0, &rows(&["dataset", "value"], &[&[t("default"), d(1.0)]]));
    let error = ops.status()[0].error.clone().expect("an error");
    assert!(error.contains("no column \"service_name\""), "{error}");
}

#[test]
fn silence_of_what_was_there_fires() {
    let rule =
        read(&text("  kind: absence\n  query: '*'\n  group_by: [host]\n  window: 5m\n  lookback: 2d\n  steady: 1h\n"));
    let mut ops = Ops::new(vec![rule]);
    let seen = |host: &str, first: Nanos, last: Nanos| [t("default"), t(host), i(first), i(last), i(9)].to_vec();
    let answer = |rows: Vec<Vec<Scalar>>| Rows {
        columns: ["dataset", "host", "first", "last", "samples"].map(str::to_owned).to_vec(),
        rows,
    };
    let asked = ops.due(T0);
    assert_eq!(asked[0].from, T0 - 2 * DAY, "the first look learns who is expected");
    let first = answer(vec![
        seen("a", T0 - DAY, T0 - MINUTE),
        seen("silent", T0 - DAY, T0 - 10 * MINUTE),
        seen("brief", T0 - 30 * MINUTE, T0 - 20 * MINUTE),
    ]);
    let alerts = ops.answer(&asked[0], &first);
    assert_eq!(alerts.len(), 1);
    assert!(
        alerts[0].why.starts_with("host=silent: nothing since 2026-11-20 23:50:00 UTC, 10 min ago"),
        "{}",
        alerts[0].why
    );
    let mut told = Vec::new();
    for minute in 1..=20 {
        let now = T0 + minute * MINUTE;
        let mut there = vec![seen("a", now - MINUTE, now - 1)];
        if minute >= 3 {
            there.push(seen("silent", now - MINUTE, now - 1));
        }
        told.extend(look(&mut ops, now, &answer(there)));
    }
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].settled && told[0].id == alerts[0].id);
    // Nothing looked for an hour: that nobody was heard in it proves nothing.
    assert_eq!(look(&mut ops, T0 + 80 * MINUTE, &answer(vec![])), []);
    for minute in 81..85 {
        assert_eq!(look(&mut ops, T0 + minute * MINUTE, &answer(vec![])), []);
    }
    assert_eq!(look(&mut ops, T0 + 85 * MINUTE, &answer(vec![])).len(), 2);
}

#[test]
fn a_change_is_judged_by_the_median_of_earlier_weeks() {
    let rule = read(&text(
        "  kind: change\n  query: '*'\n  group_by: [service]\n  window: 1h\n  ratio_below: 0.3\n  periods: 2\n  minimum: 100\n",
    ));
    assert_eq!(rule.reach(), HOUR + 28 * DAY);
    let answer = |values: &[(i64, f64)]| Rows {
        columns: ["period", "dataset", "service", "value", "samples"].map(str::to_owned).to_vec(),
        rows: values
            .iter()
            .map(|(at, value)| vec![i(*at), t("default"), t("s"), d(*value), i(*value as i64)])
            .collect(),
    };
    let fires = |values: &[(i64, f64)]| {
        let mut ops = Ops::new(vec![rule.clone()]);
        look(&mut ops, T0, &answer(values)).pop().map(|alert| alert.why)
    };
    // One holiday among the weeks changes nothing.
    let why = fires(&[(0, 200.0), (1, 1000.0), (2, 50.0), (3, 1100.0), (4, 1200.0)]).expect("fires");
    assert!(why.contains("is 200, and was 1050 at the same time earlier (0.1905 times as much)"), "{why}");
    assert!(fires(&[(1, 1000.0), (2, 1000.0)]).is_some(), "nothing now is nought of what is counted");
    assert_eq!(fires(&[(0, 800.0), (1, 1000.0), (2, 1000.0)]), None);
    assert_eq!(fires(&[(0, 1.0), (1, 1000.0)]), None, "one week is too few to say");
    assert_eq!(fires(&[(0, 1.0), (1, 50.0), (2, 50.0)]), None, "so few rows are noise");
}

#[test]
fn a_value_is_new_once_its_group_is_known() {
    let rule =
        read(&text("  kind: first_seen\n  query: '*'\n  group_by: [service]\n  values: [region]\n  learn: 7d\n"));
    let mut ops = Ops::new(vec![rule]);
    let seen =
        |service: &str, region: &str, first: Nanos| [t("default"), t(service), t(region), i(first), t(region), i(1)];
    let answer = |rows: &[[Scalar; 6]]| Rows {
        columns: ["dataset", "service", "region", "first", "example", "samples"].map(str::to_owned).to_vec(),
        rows: rows.iter().map(|row| row.to_vec()).collect(),
    };
    let asked = ops.due(T0);
    assert_eq!(asked[0].from, T0 - 7 * DAY);
    assert_eq!(ops.answer(&asked[0], &answer(&[seen("old", "eu", T0 - 7 * DAY)])), []);
    let next = answer(&[seen("old", "eu", T0), seen("old", "us", T0), seen("new", "us", T0)]);
    let alerts = look(&mut ops, T0 + MINUTE, &next);
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert!(alerts[0].settled && alerts[0].why.contains("never seen before: \"us\""), "{}", alerts[0].why);
    assert_eq!(alerts[0].key, [("service".to_owned(), "old".to_owned()), ("region".to_owned(), "us".to_owned())]);
    assert_eq!(look(&mut ops, T0 + 2 * MINUTE, &next), [], "it is known now");
    let many: Vec<_> = (0..MAX_NEW_VALUES + 7).map(|n| seen("old", &format!("r{n}"), T0)).collect();
    let alerts = look(&mut ops, T0 + 3 * MINUTE, &answer(&many));
    assert_eq!(alerts.len(), MAX_NEW_VALUES);
    assert!(alerts.last().expect("one").why.contains("7 other new values"));
    assert_eq!(ops.status()[0].dropped, 7);
}

#[test]
fn what_is_more_than_can_be_learnt_makes_blind_and_is_said() {
    let rule = read(&text("  kind: first_seen\n  query: '*'\n  values: [id]\n"));
    let mut ops = Ops::new(vec![rule]);
    let row = |n: usize| vec![t("default"), t(&n.to_string()), i(T0), i(1)];
    let columns = ["dataset", "id", "first", "samples"].map(str::to_owned).to_vec();
    look(&mut ops, T0, &Rows { columns, rows: (0..=MAX_ANSWER_ROWS).map(row).collect() });
    let status = &ops.status()[0];
    assert!(status.blind && status.error.is_some() && status.truncated == 1, "{status:?}");
    assert_eq!(ops.due(T0 + HOUR), []);
}

#[test]
fn seldom_values_and_straight_lines() {
    let rare = read(&text("  kind: rare\n  query: '*'\n  values: [agent]\n  share_below: 0.01\n  minimum: 1000\n"));
    let answer = rows(
        &["dataset", "agent", "samples"],
        &[&[t("default"), t("usual"), i(5000)], &[t("default"), t("odd"), i(3)], &[t("other"), t("odd"), i(3)]],
    );
    let alerts = look(&mut Ops::new(vec![rare]), T0, &answer);
    assert_eq!(alerts.len(), 1, "a dataset with three rows knows no rarity");
    assert!(
        alerts[0].why.contains("seen 3 times among 5003, 0.0600 %") || alerts[0].why.contains("0.06 %"),
        "{}",
        alerts[0].why
    );

    let disk = text(
        "  kind: forecast\n  table: metrics\n  query: 'name:disk'\n  aggregate: avg value\n  window: 6h\n  group_by: [host]\n  limit: 1\n  within: 1d\n  unit: percent\n",
    );
    let columns = ["dataset", "host", "value", "slope", "fit", "samples"];
    let fires = |value: f64, slope_an_hour: f64, fit: f64, samples: i64| {
        let row = [t("default"), t("a"), d(value), d(slope_an_hour / 3600.0), d(fit), i(samples)];
        look(&mut Ops::new(vec![read(&disk)]), T0, &rows(&columns, &[&row])).pop().map(|alert| alert.why)
    };
    let why = fires(0.8, 0.02, 0.99, 60).expect("fires");
    assert!(why.contains("is 80 % and moves by 2 % an hour: it reaches 100 % in 10 h"), "{why}");
    assert_eq!(fires(0.8, -0.02, 0.99, 60), None, "it empties");
    assert_eq!(fires(0.8, 0.001, 0.99, 60), None, "not so soon");
    assert_eq!(fires(0.8, 0.02, 0.2, 60), None, "no line");
    assert_eq!(fires(0.8, 0.02, 0.99, 3), None, "too few points");
}

#[test]
fn a_budget_burns_in_both_windows() {
    let rule = read(&text(
        "  kind: slo\n  table: spans\n  query: 'kind:server'\n  bad: 'status_code:error'\n  target: 0.99\n  burn:\n    - {long: 1h, short: 5m, rate: 14.4}\n",
    ));
    let (long, short) = (HOUR, 5 * MINUTE);
    let columns = [
        "dataset".to_owned(),
        format!("total_{short}"),
        format!("part_{short}"),
        format!("total_{long}"),
        format!("part_{long}"),
    ];
    let fires = |short: (i64, i64), long: (i64, i64)| {
        let row = vec![t("default"), i(short.1), i(short.0), i(long.1), i(long.0)];
        let mut ops = Ops::new(vec![rule.clone()]);
        look(&mut ops, T0, &Rows { columns: columns.to_vec(), rows: vec![row] }).pop().map(|alert| alert.why)
    };
    let why = fires((20, 100), (200, 1000)).expect("fires");
    assert!(why.contains("99 % burns 20 times too fast over 1h and 20 times over 5m (limit 14.4)"), "{why}");
    assert_eq!(fires((0, 100), (200, 1000)), None, "it is over already");
    assert_eq!(fires((20, 100), (20, 1000)), None, "it has not cost much yet");
    assert_eq!(fires((0, 0), (0, 0)), None, "no data burns nothing");
}

#[test]
fn an_open_slo_file_becomes_rules() {
    let slo = "
apiVersion: openslo/v1
kind: SLO
metadata: {name: cart-availability, displayName: Cart works, annotations: {runbook: 'https://wiki.example/cart'}}
spec:
  service: cart
  indicatorRef: cart-good
  timeWindow: [{duration: 28d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{targetPercent: 99.5}]
---
apiVersion: openslo/v1
kind: SLI
metadata: {name: cart-good}
spec:
  ratioMetric:
    counter: true
    good: {metricSource: {type: tandem, spec: {table: spans, query: 'service:cart kind:server -status_code:error'}}}
    total: {metricSource: {type: tandem, spec: {table: spans, query: 'service:cart kind:server'}}}
";
    let (rules, refused) = parse("slo.yml", slo);
    assert_eq!(refused, []);
    let ids: Vec<&str> = rules.iter().map(|rule| rule.meta.id.as_str()).collect();
    assert_eq!(ids, ["cart-availability-fast", "cart-availability-slow"]);
    let Kind::BurnRate { target, pairs, .. } = &rules[0].kind else { panic!("{:?}", rules[0].kind) };
    assert_eq!((*target, pairs.clone()), (0.995, default_pairs(true)));
    assert_eq!(rules[0].meta.runbook.as_deref(), Some("https://wiki.example/cart"));
    assert_eq!(rules[1].every, 24 * MINUTE);
    for (from, to, says) in [
        ("Occurrences", "Timeslices", "slo.yml:9:20: spec.budgetingMethod: Timeslices is not supported"),
        ("indicatorRef: cart-good", "indicatorRef: other", "slo.yml:7:17: spec.indicatorRef: there is no SLI other"),
        ("targetPercent: 99.5", "targetPercent: 100", "slo.yml:10:"),
        ("isRolling: true", "isRolling: false", "isRolling: must be true"),
        (
            "type: tandem, spec: {table: spans, query: 'service:cart kind:server'}",
            "type: datadog, spec: {}",
            "cannot be asked",
        ),
    ] {
        let (rules, refused) = parse("slo.yml", &slo.replacen(from, to, 1));
        assert_eq!((rules.len(), refused.len()), (0, 1), "{to}");
        assert!(refused[0].to_string().contains(says), "{}", refused[0]);
    }
}

#[test]
fn a_broken_rule_names_its_place_and_stops_no_other() {
    for (from, to, says) in [
        ("above: 0.01", "abov: 0.01", "r.yml:13:3: operation.abov: not known here"),
        ("above: 0.01", "above: much", "r.yml:13:10: operation.above: must be a number"),
        ("kind: threshold", "kind: treshold", "r.yml:6:9: operation.kind: \"treshold\" is none of threshold"),
        ("query: 'kind:server'", "query: '(kind:server'", "r.yml:8:10: operation.query: at character 1"),
        ("query: 'kind:server'", "query: 'kind:server | count'", "operation.query: has pipes"),
        ("aggregate: share", "aggregate: share x", "operation.aggregate: share stands alone"),
        ("clear: 0.005", "clear: 0.5", "operation.clear: must be easier"),
        ("for: 2m", "for: 2 minutes", "operation.for: \"2 minutes\" is no duration; write 5m"),
        ("key: service_name", "key: host", "operation.entity.key: host is not in group_by"),
        ("group_by: [service_name]", "group_by: [service_name, value]", "operation.group_by: value is a column"),
        ("level: high", "level: bad", "r.yml:4:8: level: must be informational"),
        ("id: errors", "idd: errors", "r.yml:3:1: idd: not known here"),
        ("for: 2m", "every: 1s", "operation.every: must be from 10s to 1d"),
        ("table: spans", "table: traces", "operation.table: must be logs, spans or metrics"),
    ] {
        assert!(SHARE.contains(from), "{from}");
        let refused = refusals(&SHARE.replacen(from, to, 1));
        assert_eq!(refused.len(), 1, "{to}: {refused:?}");
        assert!(refused[0].contains(says), "{to}: {}", refused[0]);
    }
    let both =
        format!("{}---{SHARE}---\ntitle: [\n---\ntitle: a Sigma rule\ndetection: {{}}\n", SHARE.replace("0.01", "x"));
    let (rules, refused) = parse("r.yml", &both);
    assert_eq!((rules.len(), refused.len()), (1, 2), "{refused:?}");
}

#[test]
fn statements_must_say_dataset_and_time() {
    let sql = |sql: &str| refusals(&text(&format!("  kind: threshold\n  above: 1\n  sql: \"{sql}\"\n")));
    let whole = "SELECT dataset, count(*) AS value FROM logs WHERE timestamp >= $from AND timestamp < $to GROUP BY 1";
    assert_eq!(sql(whole), [""; 0]);
    assert!(sql(&whole.replace("$to", "now()"))[0].contains("operation.sql: must bound the time"));
    assert!(sql(&whole.replace("dataset,", "").replace("GROUP BY 1", ""))[0].contains("must select dataset"));
    let of = |aggregate: &str| {
        refusals(&text(&format!("  kind: threshold\n  above: 1\n  query: '*'\n  aggregate: {aggregate}\n")))
    };
    assert!(of("p100 duration_ns")[0].contains("operation.aggregate: \"p100\" is none of count"));
    assert!(of("max")[0].contains("max needs a field"));
    assert!(sql(&whole.replace("SELECT", "DELETE"))[0].contains("must begin with SELECT"));
}

#[test]
fn what_a_rule_reads_is_known() {
    let reads = read(SHARE).reads();
    assert_eq!(reads.tables, [model::Table::Spans]);
    let fields: Vec<&str> = reads.fields.iter().map(String::as_str).collect();
    assert_eq!(fields, ["kind", "service_name", "status_code"]);
    assert!(!reads.indifferent && reads.searches.len() == 1);
    let volume = read(&text("  kind: absence\n  query: '*'\n  group_by: [service]\n")).reads();
    assert!(volume.indifferent);
    assert!(read(&text("  kind: absence\n  query: 'service:* host:*'\n  group_by: [service]\n")).reads().indifferent);
    let sql = "SELECT dataset, attributes['k'] AS value FROM Metrics WHERE timestamp >= $from AND timestamp < $to";
    let reads = read(&text(&format!("  kind: threshold\n  above: 1\n  sql: \"{sql}\"\n"))).reads();
    assert_eq!((reads.tables, reads.fields.contains("k")), (vec![model::Table::Metrics], true));
}

#[test]
fn alerts_of_a_changed_rule_are_handed_back() {
    let mut ops = Ops::new(vec![read(SHARE)]);
    let mut alerts = Vec::new();
    for minute in 0..3 {
        alerts.extend(look(&mut ops, T0 + minute * MINUTE, &share(0.5)));
    }
    let kept = ops.snapshot();
    let mut same = Ops::new(vec![read(SHARE)]);
    assert_eq!(same.restore(&kept), Ok(vec![]));
    assert_eq!(same.status()[0].firing, 1);
    let mut changed = Ops::new(vec![read(&SHARE.replace("0.01", "0.02"))]);
    assert_eq!(changed.restore(&kept), Ok(vec![Orphan { rule: "errors".to_owned(), alert: alerts[0].id.clone() }]));
    assert_eq!(changed.status()[0].firing, 0);
    assert!(same.restore(b"{}").is_err() && same.status()[0].firing == 1, "a damaged snapshot changes nothing");
}

proptest! {
    /// A restart anywhere changes no alert, and a replay from the snapshot says the same again.
    #[test]
    fn a_restart_changes_no_alert(values in prop::collection::vec(prop_oneof![Just(0.0), Just(0.007), Just(0.5)], 1..40), at in any::<prop::sample::Index>()) {
        let at = at.index(values.len());
        let mut whole = Ops::new(vec![read(SHARE)]);
        let mut expected = Vec::new();
        let mut kept = Vec::new();
        for (minute, value) in values.iter().enumerate() {
            if minute == at {
                kept = whole.snapshot();
                expected.clear();
            }
            expected.extend(look(&mut whole, T0 + minute as Nanos * MINUTE, &share(*value)));
        }
        let mut again = Ops::new(vec![read(SHARE)]);
        prop_assert_eq!(again.restore(&kept), Ok(vec![]));
        let mut told = Vec::new();
        for (minute, value) in values.iter().enumerate().skip(at) {
            told.extend(look(&mut again, T0 + minute as Nanos * MINUTE, &share(*value)));
        }
        prop_assert_eq!(told, expected);
        prop_assert_eq!(again.snapshot(), whole.snapshot());
    }

    /// Every alert that was raised is over when the condition is, once, and between them there is one id.
    #[test]
    fn raised_and_over_alternate(values in prop::collection::vec(prop_oneof![Just(0.0), Just(0.5)], 1..60)) {
        let mut ops = Ops::new(vec![read(SHARE)]);
        let mut open: Option<String> = None;
        let mut ended = std::collections::BTreeSet::new();
        for minute in 0..values.len() + 10 {
            let value = values.get(minute).copied().unwrap_or(0.0);
            for alert in look(&mut ops, T0 + minute as Nanos * MINUTE, &share(value)) {
                prop_assert!(!ended.contains(&alert.id));
                match &open {
                    Some(id) => prop_assert_eq!(id, &alert.id),
                    None => prop_assert!(!alert.settled),
                }
                if alert.settled {
                    ended.insert(alert.id);
                    open = None;
                } else {
                    open = Some(alert.id);
                }
            }
        }
        prop_assert_eq!(open, None);
    }

    #[test]
    fn no_text_makes_reading_fail_otherwise(text in "(title: |id: |operation:|\n|  |kind: slo|kind: change|query: |sql: |'|\\[|\\{|a|1|burn:|- |---\n|apiVersion: openslo/v1|spec:){0,40}") {
        let _ = parse("r.yml", &text);
    }
}
