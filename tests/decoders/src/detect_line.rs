//! A line of JSON on its way to the rules.

use detect::engine::{Compiled, Input};
use detect::event::PlainEvent;
use detect::oracle;
use detect::rule::{
    Anchor, Comparison, Expr, Field, FieldTest, Leaf, LogSource, Meta, Part, Pattern, Place, Rule, Test,
};
use model::alert::Level;

fn leaf(field: Option<&[&str]>, test: Test) -> Expr {
    let field =
        field.map(|paths| Field { name: paths[0].into(), paths: paths.iter().map(|path| (*path).into()).collect() });
    Expr::Leaf(Leaf { field, test, place: Place::default() })
}

fn contains(text: &str) -> Test {
    Test::Text(Pattern { parts: vec![Part::Any, Part::Text(text.to_owned()), Part::Any], cased: false })
}

fn rule(condition: Expr) -> Rule {
    let meta = Meta::new("", Level::Low);
    Rule { meta, source: LogSource::default(), condition }
}

fn rules() -> Vec<Rule> {
    let path = Some(&["a.b", "a", "x"][..]);
    let same = FieldTest { at: Anchor::Anywhere, cased: false };
    let other = Field { name: "b".into(), paths: ["b".into(), "a.b".into()].into() };
    let tests = [
        contains("ab"),
        Test::Text(Pattern::exact("", false)),
        Test::Regex("(?i)k+b|^[0-9]$".to_owned()),
        Test::Compare(Comparison::GreaterOrEqual, 1.0),
        Test::Exists,
        Test::Null,
        Test::Field(same, other),
    ];
    let mut rules: Vec<Rule> = tests.into_iter().map(|test| rule(leaf(path, test))).collect();
    rules.push(rule(leaf(None, contains("secret"))));
    rules.push(rule(Expr::Not(Box::new(leaf(Some(&["b"]), Test::Text(Pattern::exact("x", true)))))));
    rules
}

thread_local! {
    static RULES: (Vec<Rule>, Compiled) = {
        let rules = rules();
        let (compiled, report) = Compiled::new(&rules, Vec::new());
        assert!(report.refused.is_empty(), "{report:?}");
        (rules, compiled)
    };
}

/// A line: what JSON reads, the engine reads; it matches what the oracle says, from the line and from its plain form.
pub fn detect_line(data: &[u8]) {
    let Ok(line) = std::str::from_utf8(data) else { return };
    RULES.with(|(rules, compiled)| {
        let mut scratch = compiled.scratch();
        let found = match compiled.event(&mut scratch, Input::Line(line)) {
            Ok(found) => found.to_vec(),
            Err(bad) => {
                let read = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(line);
                return assert!(read.is_err(), "{bad}");
            }
        };
        let Ok(fields) = compiled.plain(Input::Line(line)) else { return };
        let event = PlainEvent { fields, ..PlainEvent::default() };
        let all = rules.iter().enumerate();
        let expected: Vec<u32> =
            all.filter(|(_, rule)| oracle::matches(&rule.condition, &event)).map(|(at, _)| at as u32).collect();
        assert_eq!(found, expected, "{event:?}");
        let plain = compiled.event(&mut scratch, Input::Plain(&event)).expect("a plain event is one");
        assert_eq!(plain, expected, "{event:?}");
    });
}
