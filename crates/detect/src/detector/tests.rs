use super::*;
use crate::rule::{Comparison, Expr, GroupField, Leaf, Measure, Meta, Part, Pattern, Place, Test, WindowCondition};
use arrow_array::{ArrayRef, UInt64Array};
use arrow_schema::{DataType, Field as Column, Schema};
use model::alert::Level;
use model::batch::{Context as Receipt, Origin as Of};
use model::logs::{LogRow, LogsBuilder};
use std::collections::BTreeMap;
use std::sync::Arc;

const SECOND: Nanos = 1_000_000_000;
/// 2026-03-01T00:00:00Z.
const START: Nanos = 1_772_323_200 * SECOND;

fn meta(name: &str) -> Meta {
    Meta { version: "1".to_owned(), ..Meta::new(name, Level::High) }
}

fn rule(name: &str, service: &str, text: &str) -> Rule {
    let parts = vec![Part::Any, Part::Text(text.to_owned()), Part::Any];
    let test = Test::Text(Pattern { parts, cased: false });
    Rule {
        meta: meta(name),
        source: LogSource { product: Some("linux".to_owned()), category: None, service: Some(service.to_owned()) },
        condition: Expr::Leaf(Leaf { field: Some(Field::new("message")), test, place: Place::default() }),
    }
}

fn rules() -> Vec<Rule> {
    vec![
        rule("failed", "sshd", "Failed password"),
        rule("accepted", "sshd", "Accepted"),
        rule("sudo", "sudo", "COMMAND"),
        rule("other", "sudo", "Accepted"),
    ]
}

fn correlation(name: &str, rules: &[&str], measure: Measure, condition: WindowCondition) -> Correlation {
    let fields = rules.iter().map(|_| Field::new("host.name")).collect();
    Correlation {
        meta: meta(name),
        rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
        group_by: vec![GroupField { name: "host.name".to_owned(), fields }],
        timespan: 60 * SECOND,
        measure,
        condition,
        generate: false,
    }
}

fn correlations() -> Vec<Correlation> {
    let many = WindowCondition::Compare(vec![(Comparison::GreaterOrEqual, 3.0)]);
    vec![
        correlation("guessed", &["many", "accepted"], Measure::TemporalOrdered, WindowCondition::Compare(Vec::new())),
        correlation("many", &["failed"], Measure::EventCount, many),
    ]
}

/// Second, host, program, message.
type Told = (i64, &'static str, &'static str, &'static str);

const FAILED: &str = "Failed password for root from 203.0.113.9 port 4242 ssh2";
const ACCEPTED: &str = "Accepted password for root from 203.0.113.9 port 4243 ssh2";

const STORY: [Told; 8] = [
    (1, "web-1", "sshd", FAILED),
    (2, "web-2", "sshd", FAILED),
    (3, "web-1", "sshd", FAILED),
    (4, "web-1", "cron", FAILED),
    (5, "web-1", "sshd", FAILED),
    (9, "web-2", "sshd", ACCEPTED),
    (12, "web-1", "sshd", ACCEPTED),
    (13, "web-1", "sudo", "root : COMMAND=/bin/sh"),
];

fn line((second, host, program, message): &Told) -> String {
    let time = chrono::DateTime::from_timestamp_nanos(START + second * SECOND).to_rfc3339();
    format!(r#"{{"timestamp":"{time}","host":{{"name":"{host}"}},"syslog.appname":"{program}","message":"{message}"}}"#)
}

/// Rows as the store gives them, with these ids.
fn batch(told: &[Told], first_id: u64) -> RecordBatch {
    let mut builder = LogsBuilder::new(Receipt::new("default", "test", START + 100 * SECOND));
    for (second, host, program, message) in told {
        let resource = format!(r#"{{"host.name":"{host}"}}"#);
        builder.set_origin(Of { resource_attributes: Some(resource), ..Of::default() });
        builder.attributes().push("syslog.appname", model::ValueRef::Str(program));
        builder.push(&LogRow { timestamp: START + second * SECOND, body: Some(message), ..LogRow::default() });
    }
    let rows = builder.finish().unwrap().rows;
    let ids: ArrayRef = Arc::new(UInt64Array::from_iter_values(first_id..first_id + told.len() as u64));
    let mut fields = vec![Arc::new(Column::new("event_id", DataType::UInt64, false))];
    fields.extend(rows.schema().fields().iter().cloned());
    RecordBatch::try_new(Arc::new(Schema::new(fields)), [&[ids][..], rows.columns()].concat()).unwrap()
}

fn detector(options: Options) -> Detector {
    let detector = Detector::new(rules(), correlations(), Sources::builtin(), options);
    assert_eq!(detector.unused(), []);
    detector
}

fn take(detector: &mut Detector) -> BTreeMap<String, Alert> {
    let mut all = BTreeMap::new();
    loop {
        let some = detector.take_alerts();
        if some.is_empty() {
            return all;
        }
        all.extend(some.into_iter().map(|alert| (alert.id.clone(), alert)));
    }
}

#[test]
fn lines_of_a_story_become_complete_alerts() {
    let mut detector = detector(Options::files());
    for told in &STORY {
        detector.line(&line(told), "default", 0).unwrap();
    }
    let early = take(&mut detector);
    assert!(early.values().all(|alert| !alert.settled));
    detector.finish();
    let alerts = take(&mut detector);
    assert_eq!(early.keys().collect::<Vec<_>>(), alerts.keys().collect::<Vec<_>>());
    let by_rule: BTreeMap<&str, &Alert> = alerts.values().map(|alert| (&*alert.rule, alert)).collect();
    assert_eq!(by_rule.keys().copied().collect::<Vec<_>>(), ["guessed", "sudo"], "the others are for correlations");
    let guessed = by_rule["guessed"];
    assert_eq!(guessed.why, "\"many\", then \"accepted\" matched for host.name = \"web-1\" within 1 minute.");
    assert_eq!(guessed.entity.as_ref().map(ToString::to_string).as_deref(), Some("host:web-1"));
    let messages: Vec<&str> = guessed.events.iter().map(|event| event.fields["message"].as_str().unwrap()).collect();
    assert_eq!(messages, [FAILED, FAILED, FAILED, ACCEPTED]);
    assert_eq!(guessed.events[0].fields["host.name"], "web-1");
    assert_eq!((guessed.last - START) / SECOND, 12);
    let sudo = by_rule["sudo"];
    assert_eq!(sudo.why, "An event of host web-1 matches \"sudo\".");
    let stats = detector.stats();
    assert_eq!((stats.events, stats.matches, stats.bad_lines, stats.untimed), (8, 7, 0, 0));
    assert_eq!((stats.windows.keys, stats.windows.evicted_keys, stats.windows.late), (0, 0, 0));
    assert!(detector.line("{", "default", 0).is_err());
    assert_eq!(detector.stats().bad_lines, 1);
}

#[test]
fn rows_lines_and_plain_events_say_the_same() {
    let mut runs = Vec::new();
    let mut by_line = detector(Options::files());
    for told in &STORY {
        by_line.line(&line(told), "default", 0).unwrap();
    }
    let mut by_event = detector(Options::files());
    for told in &STORY {
        by_event.plain(&crate::input::object(&line(told)).unwrap(), 0);
    }
    let mut by_row = detector(Options::files());
    by_row.batch(&batch(&STORY, 1), Table::Logs).unwrap();
    for mut detector in [by_line, by_event, by_row] {
        detector.finish();
        let said = take(&mut detector)
            .into_values()
            .map(|alert| (alert.id, alert.count, alert.first, alert.last, alert.why, alert.entity, alert.events.len()));
        runs.push(said.collect::<Vec<_>>());
    }
    assert_eq!(runs[0].len(), 2);
    assert_eq!((&runs[0], &runs[0]), (&runs[1], &runs[2]));
}

#[test]
fn batches_restarts_and_repeats_change_nothing() {
    let mut whole = detector(Options::default());
    whole.batch(&batch(&STORY, 1), Table::Logs).unwrap();
    let mut expected = take(&mut whole);
    whole.finish();
    expected.extend(take(&mut whole));
    assert!(expected.values().all(|alert| alert.events.iter().all(|event| event.event_id.is_some())));
    for split in 0..STORY.len() {
        let mut alerts = BTreeMap::new();
        let mut before = detector(Options::default());
        before.batch(&batch(&STORY[..split], 1), Table::Logs).unwrap();
        alerts.extend(take(&mut before));
        let snapshot = before.snapshot();
        // Lost with the crash, and given again.
        before.batch(&batch(&STORY[split..], 1 + split as u64), Table::Logs).unwrap();
        let mut after = detector(Options::default());
        after.restore(&snapshot).unwrap();
        after.batch(&batch(&STORY[split..], 1 + split as u64), Table::Logs).unwrap();
        // Given twice by mistake.
        after.batch(&batch(&STORY[split..], 1 + split as u64), Table::Logs).unwrap();
        alerts.extend(take(&mut after));
        after.finish();
        alerts.extend(take(&mut after));
        assert_eq!(alerts, expected, "{split}");
    }
}

#[test]
fn a_clock_that_is_ahead_makes_nobody_late() {
    let mut detector = detector(Options { lateness: 100 * SECOND, ..Options::default() });
    detector.batch(&batch(&[(600, "ahead", "sshd", FAILED)], 1), Table::Logs).unwrap();
    detector.batch(&batch(&STORY, 2), Table::Logs).unwrap();
    assert_eq!(detector.stats().windows.late, 0);
    assert_eq!(take(&mut detector).len(), 2);
    // Nothing comes any more, but time goes on.
    detector.advance(START + 400 * SECOND);
    assert!(take(&mut detector).values().all(|alert| alert.settled));
}

#[test]
fn what_cannot_be_used_is_told() {
    let mut wrong = correlations();
    wrong[1].rules = vec!["nobody".to_owned()];
    let detector = Detector::new(rules(), wrong, Sources::builtin(), Options::default());
    let unused: Vec<(String, &str)> = detector.unused().into_iter().map(|of| (of.id, of.field)).collect();
    assert_eq!(unused, [("many".to_owned(), "correlation.rules"), ("guessed".to_owned(), "correlation.rules")]);
    let mut bare = batch(&STORY, 1);
    bare.remove_column(0);
    let mut detector = detector;
    assert!(detector.batch(&bare, Table::Logs).unwrap_err().to_string().contains("event_id"));
}
