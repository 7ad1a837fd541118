//! The engine against the oracle, over events in every form.

mod generate;
mod rows;

use super::*;
use crate::event::Scalar;
use crate::oracle;

use crate::rule::{Anchor, Comparison, Expr, Field, FieldTest, Leaf, LogSource, Part, Pattern, Place, Test};
use generate::{Case, case, class, flattened, rule};
use proptest::prelude::*;

/// What the oracle says of each rule.
fn expected(case: &Case, event: &PlainEvent) -> Vec<u32> {
    let is_in = |class: &Class| oracle::matches(&class.when, event);
    let is_for = |rule: &Rule| {
        rule.source == LogSource::default()
            || case.classes.iter().any(|class| covers(&rule.source, &class.source) && is_in(class))
    };
    let all = case.rules.iter().enumerate();
    all.filter(|(_, rule)| is_for(rule) && oracle::matches(&rule.condition, event)).map(|(at, _)| at as u32).collect()
}

fn compiled(case: &Case) -> Compiled {
    let (compiled, report) = Compiled::new(&case.rules, case.classes.clone());
    assert_eq!((report.refused, report.classes), (Vec::new(), Vec::new()));
    compiled
}

proptest! {
    #[test]
    fn plain_events_and_lines_match_what_the_oracle_says(case in case(), reused in any::<bool>()) {
        let compiled = compiled(&case);
        let mut scratch = compiled.scratch();
        for object in &case.objects {
            if !reused {
                scratch = compiled.scratch();
            }
            let plain = PlainEvent { fields: flattened(object), ..PlainEvent::default() };
            let expected = expected(&case, &plain);
            let found = compiled.event(&mut scratch, Input::Plain(&plain)).unwrap().to_vec();
            prop_assert_eq!(&found, &expected, "{:?}", plain);
            let line = object.to_string();
            let found = compiled.event(&mut scratch, Input::Line(&line)).unwrap().to_vec();
            prop_assert_eq!(&found, &expected, "{}", line);
            prop_assert_eq!(compiled.plain(Input::Line(&line)).unwrap(), plain.fields);
            let mut event = Event::default();
            compiled.project(&mut event, Input::Line(&line)).unwrap();
            prop_assert_eq!(compiled.evaluate(&mut scratch, &event), &*expected);
        }
    }
}

/// By chance not every form of a value meets every test; here it does.
#[test]
fn every_form_of_a_value_means_the_same_to_both() {
    use crate::rule::{Comparison::*, TimePart::*};
    let mut tests = vec![Test::Exists, Test::Null];
    for number in [-2.5, 1.0, 4.0, 1000.0] {
        tests.extend(
            [Less, LessOrEqual, Greater, GreaterOrEqual, Equal, NotEqual].map(|how| Test::Compare(how, number)),
        );
    }
    for network in ["10.0.0.0/8", "10.0.0.1/32", "2001:db8::/32", "fe80::/10", "::ffff:0:0/96", "::/0"] {
        tests.push(Test::Cidr(network.parse().unwrap()));
    }
    for (part, number) in [(Minute, 6), (Hour, 5), (Day, 4), (Week, 10), (Month, 3), (Year, 2026)] {
        tests.push(Test::Time(part, number));
    }
    for at in [Anchor::Whole, Anchor::Start, Anchor::End, Anchor::Anywhere] {
        tests.extend([true, false].map(|cased| Test::Field(FieldTest { at, cased }, Field::new("b"))));
    }
    let rules = tests.into_iter().map(|test| rule(LogSource::default(), leaf("a", test))).collect();
    let mut case = Case { rules, classes: Vec::new(), objects: Vec::new() };
    let numbers = [serde_json::json!(4), serde_json::json!(1_772_600_767), serde_json::json!(1_772_600_767.5)];
    let values: Vec<serde_json::Value> = generate::TEXTS.map(Into::into).into_iter().chain(numbers).collect();
    for value in &values {
        case.objects.push(serde_json::json!({"a": value, "b": "10.0.0.1"}));
        case.objects.push(serde_json::json!({"a": [null, "1", value], "b": ["A", value]}));
    }
    let compiled = compiled(&case);
    let mut scratch = compiled.scratch();
    for object in &case.objects {
        let plain = PlainEvent { fields: flattened(object), ..PlainEvent::default() };
        let expected = expected(&case, &plain);
        assert_eq!(compiled.event(&mut scratch, Input::Plain(&plain)).unwrap(), expected, "{object}");
        assert_eq!(compiled.event(&mut scratch, Input::Line(&object.to_string())).unwrap(), expected, "{object}");
    }
}

fn text(parts: Vec<Part>) -> Test {
    Test::Text(Pattern { parts, cased: false })
}

fn is(field: &str, value: &str) -> Expr {
    leaf(field, Test::Text(Pattern::exact(value, false)))
}

fn leaf(field: &str, test: Test) -> Expr {
    Expr::Leaf(Leaf { field: Some(Field::new(field)), test, place: Place::default() })
}

fn matching(rules: &[Rule], classes: Vec<Class>, line: &str) -> Vec<u32> {
    let (compiled, report) = Compiled::new(rules, classes);
    assert_eq!(report.refused, []);
    compiled.event(&mut compiled.scratch(), Input::Line(line)).unwrap().to_vec()
}

#[test]
fn a_rule_sees_only_events_of_its_log_source() {
    let process = || class(Some("windows"), Some("process_creation"), None, is("EventID", "1"));
    let file = || class(Some("windows"), Some("file_event"), None, is("EventID", "11"));
    let condition = || leaf("Image", text(vec![Part::Any, Part::Text("\\A.EXE".to_owned())]));
    let rules = [
        rule(LogSource { category: Some("process_creation".to_owned()), ..LogSource::default() }, condition()),
        rule(LogSource { product: Some("Windows".to_owned()), ..LogSource::default() }, condition()),
        rule(LogSource { product: Some("linux".to_owned()), ..LogSource::default() }, condition()),
        rule(LogSource::default(), condition()),
    ];
    let line = |id: u8| format!(r#"{{"EventID":{id},"Image":"C:\\a.exe"}}"#);
    assert_eq!(matching(&rules, vec![process(), file()], &line(1)), [0, 1, 3]);
    assert_eq!(matching(&rules, vec![process(), file()], &line(11)), [1, 3]);
    assert_eq!(matching(&rules, vec![process(), file()], &line(3)), [3]);
    let (_, report) = Compiled::new(&rules, vec![process(), file()]);
    assert_eq!(report.unseen, [2]);
}

#[test]
fn a_negated_test_of_a_missing_field_holds_and_is_always_looked_at() {
    let rules = [rule(LogSource::default(), Expr::Not(Box::new(is("a", "x"))))];
    let (compiled, report) = Compiled::new(&rules, Vec::new());
    assert_eq!(report.always, [0]);
    assert_eq!(compiled.prefilter(0, model::columns::Table::Logs), None);
    let mut scratch = compiled.scratch();
    for (line, expected) in [("{}", true), (r#"{"a":"X"}"#, false), (r#"{"a":null}"#, true)] {
        assert_eq!(compiled.event(&mut scratch, Input::Line(line)).unwrap() == [0], expected, "{line}");
    }
}

#[test]
fn a_rule_that_cannot_be_used_is_refused_alone() {
    let deep = (0..=crate::limits::MAX_EXPR_DEPTH + 1).fold(is("a", "x"), |inner, at| match at % 2 {
        0 => Expr::And(vec![inner, is("b", "y")]),
        _ => Expr::Or(vec![inner, is("c", "z")]),
    });
    let rules = [
        rule(LogSource::default(), deep),
        rule(LogSource::default(), leaf("a", Test::Regex("(".to_owned()))),
        rule(LogSource::default(), is("a", "x")),
    ];
    let (compiled, report) = Compiled::new(&rules, Vec::new());
    assert_eq!(report.refused.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [0, 1]);
    assert!(report.refused[1].1.contains("unclosed group"), "{}", report.refused[1].1);
    assert_eq!(compiled.event(&mut compiled.scratch(), Input::Line(r#"{"a":"x"}"#)).unwrap(), [2]);
}

#[test]
fn what_is_no_object_is_told_with_its_place() {
    let (compiled, _) = Compiled::new(&[], Vec::new());
    let mut scratch = compiled.scratch();
    for (line, column) in [("[]", 0), (r#"{"a":1} x"#, 9), (r#"{"a":"#, 5), ("", 0)] {
        let bad = compiled.event(&mut scratch, Input::Line(line)).unwrap_err();
        assert_eq!(bad.column, column, "{line} {bad}");
    }
}

#[test]
fn of_too_many_values_the_first_are_looked_at() {
    let rules = [rule(LogSource::default(), is("a", "1")), rule(LogSource::default(), is("a", "2"))];
    let (compiled, _) = Compiled::new(&rules, Vec::new());
    let mut scratch = compiled.scratch();
    let list = vec!["1"; crate::limits::MAX_EVENT_VALUES].join(",");
    assert_eq!(compiled.event(&mut scratch, Input::Line(&format!(r#"{{"a":[{list},2]}}"#))).unwrap(), [0]);
    assert_eq!(compiled.counters(&scratch).cut, 1);
}

#[test]
fn only_candidates_are_evaluated() {
    let contains = |value: &str| text(vec![Part::Any, Part::Text(value.to_owned()), Part::Any]);
    let rules: Vec<Rule> = (0..500)
        .map(|at| rule(LogSource::default(), leaf("CommandLine", contains(&format!("tool{at:03} -x")))))
        .collect();
    let (compiled, report) = Compiled::new(&rules, Vec::new());
    assert_eq!((report.always.len(), report.predicates), (0, 500));
    let mut scratch = compiled.scratch();
    let line = r#"{"CommandLine":"run TOOL123 -x now"}"#;
    assert_eq!(compiled.event(&mut scratch, Input::Line(line)).unwrap(), [123]);
    let counters = compiled.counters(&scratch);
    assert_eq!((counters.events, counters.wide, counters.routed, counters.candidates), (1, 1, 500, 1));
    let told = compiled.explain(123, &scratch).unwrap();
    assert_eq!(told.needs, Some(vec![r#"CommandLine contains "tool123 -x""#.to_owned()]));
    assert_eq!((told.evaluated, told.matched), (1, 1));
    assert!(compiled.bytes() > 500 * 10);
}

#[test]
fn a_prefilter_says_what_a_row_needs() {
    let table = model::columns::Table::Logs;
    let rules = [
        rule(LogSource::default(), is("Image", "C:\\it's.exe")),
        rule(LogSource::default(), Expr::And(vec![is("a.b", "abc"), Expr::Not(Box::new(is("c", "xyz")))])),
        rule(LogSource::default(), is("a", "x")),
        rule(LogSource::default(), Expr::Or(Vec::new())),
    ];
    let (compiled, _) = Compiled::new(&rules, Vec::new());
    let has = |place: &str, text: &str| format!("contains(lower(CAST({place} AS VARCHAR)), '{text}')");
    let image = ["body", "attributes['Image']", "resource_attributes['Image']"].map(|place| has(place, "it''s.exe"));
    assert_eq!(compiled.prefilter(0, table).unwrap(), format!("(({}))", image.join(" OR ")));
    let nested = compiled.prefilter(1, table).unwrap();
    assert!(nested.contains(&has("attributes['a']", "abc")) && !nested.contains("xyz"), "{nested}");
    // Too short to be worth it.
    assert_eq!(compiled.prefilter(2, table), None);
    assert_eq!(compiled.prefilter(3, table).unwrap(), "FALSE");
}
