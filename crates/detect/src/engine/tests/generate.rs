//! Rules and events by chance, out of few names and texts so that they meet.

use super::*;
use crate::rule::{Meta, TimePart};
use model::alert::Level;
use serde_json::{Map, Value, json};

/// Rules, the classes they are for, and events.
#[derive(Clone, Debug)]
pub struct Case {
    pub rules: Vec<Rule>,
    pub classes: Vec<Class>,
    pub objects: Vec<Value>,
}

pub const NAMES: [&str; 8] = ["a", "b", "a.b", "a.b.c", "message", "service.name", "severity_text", "x"];
pub const TEXTS: [&str; 46] = [
    "",
    "a",
    "B",
    "ab",
    "abc",
    "xAbCy",
    "\\Temp\\a.exe",
    "C:\\Temp\\A.EXE",
    "É",
    "straße",
    "K",
    "\u{212a}",
    "İ",
    "ΑΣ",
    "σ",
    "10.0.0.1",
    "10.0.0.1 ",
    "2001:db8::1",
    "1",
    "1.0",
    "1e3",
    "true",
    "quote\" and\nline",
    "2026-03-04T05:06:07Z",
    // The same time in other forms, with a zone, and not a time.
    "2026-03-04 05:06:07.123",
    "2026-03-04T07:06:07.0000000+02:00",
    "2026-03-04 05:06:07 UTC",
    "04/Mar/2026:07:06:07 +0200",
    "1772600767",
    " 1772600767.5 ",
    "2026-03-04",
    "-1772600767",
    // Addresses of both families, with zones, and almost.
    "::ffff:10.0.0.1",
    " ::FFFF:10.0.0.1%eth0",
    "fe80::1%eth0",
    "fe80::1%",
    "10.0.0.1%eth0",
    "10.0.0.01",
    "[2001:db8::1]",
    "10.0.0.1:80",
    // Numbers, and what only looks like one.
    " 4 ",
    "+4",
    "-2.5e0",
    ".4e1",
    "0x4",
    "NaN",
];

pub fn rule(source: LogSource, condition: Expr) -> Rule {
    let meta = Meta::new("r", Level::Low);
    Rule { meta, source, condition }
}

pub fn class(product: Option<&str>, category: Option<&str>, service: Option<&str>, when: Expr) -> Class {
    let part = |part: Option<&str>| part.map(str::to_owned);
    Class { source: LogSource { product: part(product), category: part(category), service: part(service) }, when }
}

fn field() -> impl Strategy<Value = Field> {
    proptest::sample::subsequence(NAMES.to_vec(), 1..4)
        .prop_shuffle()
        .prop_map(|paths| Field { name: paths[0].into(), paths: paths.iter().map(|path| (*path).into()).collect() })
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![4 => proptest::sample::select(TEXTS.to_vec()).prop_map(str::to_owned), 1 => "[abAB.\\\\ßΣ1]{0,6}"]
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let piece = prop_oneof![
        3 => texts().prop_map(|text| vec![Part::Text(text)]),
        2 => Just(vec![Part::Any]),
        1 => Just(vec![Part::One]),
    ];
    let pieces = prop_oneof![
        3 => texts().prop_map(|text| vec![Part::Text(text)]),
        2 => texts().prop_map(|text| vec![Part::Any, Part::Text(text), Part::Any]),
        1 => texts().prop_map(|text| vec![Part::Text(text), Part::Any]),
        1 => texts().prop_map(|text| vec![Part::Any, Part::Text(text)]),
        2 => proptest::collection::vec(piece, 0..5).prop_map(|parts| parts.concat()),
    ];
    (pieces, any::<bool>()).prop_map(|(pieces, cased)| {
        let mut parts: Vec<Part> = Vec::new();
        for piece in pieces {
            match (piece, parts.last_mut()) {
                (Part::Text(text), _) if text.is_empty() => {}
                (Part::Text(text), Some(Part::Text(last))) => last.push_str(&text),
                (piece, _) => parts.push(piece),
            }
        }
        Pattern { parts, cased }
    })
}

fn test() -> impl Strategy<Value = Test> {
    let regexes = [
        "a",
        "(?i)abc",
        "^a.*c$",
        "(?:ab|xA)b?C",
        "(?i:te)mp\\\\",
        "[0-9]+",
        "^$",
        "é|ß",
        "(?i)straSSe|k",
        ".",
        "(?i)[k-k]$",
        "a{2,}|\\bx",
        "(?s)quote.*line",
        "^(?:1|true)$",
    ];
    let comparisons = [
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
        Comparison::Equal,
        Comparison::NotEqual,
    ];
    let numbers = vec![0.0, 1.0, 1000.0, -2.5, 4.0];
    let anchors = vec![Anchor::Whole, Anchor::Start, Anchor::End, Anchor::Anywhere];
    let networks = vec!["10.0.0.0/8", "2001:db8::/32", "10.0.0.1/32", "fe80::/10", "::ffff:0:0/96"];
    let times = vec![
        (TimePart::Minute, 6),
        (TimePart::Hour, 5),
        (TimePart::Day, 4),
        (TimePart::Week, 10),
        (TimePart::Month, 3),
        (TimePart::Year, 2026),
    ];
    prop_oneof![
        8 => pattern().prop_map(Test::Text),
        2 => proptest::sample::select(regexes.to_vec()).prop_map(|regex| Test::Regex(regex.to_owned())),
        2 => proptest::sample::select(networks).prop_map(|network| Test::Cidr(network.parse().unwrap())),
        2 => (proptest::sample::select(comparisons.to_vec()), proptest::sample::select(numbers))
            .prop_map(|(comparison, number)| Test::Compare(comparison, number)),
        1 => Just(Test::Exists),
        1 => Just(Test::Null),
        1 => (field(), proptest::sample::select(anchors), any::<bool>())
            .prop_map(|(field, at, cased)| Test::Field(FieldTest { at, cased }, field)),
        2 => proptest::sample::select(times).prop_map(|(part, number)| Test::Time(part, number)),
    ]
}

fn leaves() -> impl Strategy<Value = Leaf> {
    let of_field = (field(), test()).prop_map(|(field, test)| (Some(field), test));
    let keyword = prop_oneof![
        3 => pattern().prop_map(Test::Text),
        1 => Just(Test::Regex("(?i)abc|mp\\\\a".to_owned())),
    ]
    .prop_map(|test| (None, test));
    prop_oneof![12 => of_field, 1 => keyword].prop_map(|(field, test)| Leaf { field, test, place: Place::default() })
}

pub fn expr() -> impl Strategy<Value = Expr> {
    leaves().prop_map(Expr::Leaf).prop_recursive(4, 20, 4, |inner| {
        prop_oneof![
            3 => proptest::collection::vec(inner.clone(), 0..4).prop_map(Expr::And),
            3 => proptest::collection::vec(inner.clone(), 0..4).prop_map(Expr::Or),
            2 => inner.prop_map(|inner| Expr::Not(Box::new(inner))),
        ]
    })
}

fn source() -> impl Strategy<Value = LogSource> {
    let part = |names: [&'static str; 2]| {
        prop_oneof![Just(None), proptest::sample::select(names.to_vec()).prop_map(|name| Some(name.to_owned()))]
    };
    (part(["windows", "linux"]), part(["process", "File"]), part(["sysmon", "audit"]))
        .prop_map(|(product, category, service)| LogSource { product, category, service })
}

/// Any JSON value; objects have the names that rules have, or parts of them.
pub fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        6 => texts().prop_map(Value::from),
        1 => Just(Value::Null),
        2 => proptest::sample::select(vec![json!(1), json!(-7), json!(1000), json!(u64::MAX), json!(1.0), json!(-2.5), json!(1e300),
            json!(4), json!(1_772_600_767), json!(1_772_600_767_000i64), json!(1_772_600_767.5), json!(-1_772_600_767), json!(i64::MIN), json!(-0.0)]),
        1 => any::<bool>().prop_map(Value::from),
    ];
    scalar.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            2 => proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            3 => members(inner),
        ]
    })
}

fn members(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let keys = ["a", "b", "c", "b.c", "x", "$bytes", "$double", "$map", ""];
    proptest::collection::vec((proptest::sample::select(keys.to_vec()), value), 0..4)
        .prop_map(|members| Value::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()))
}

pub fn object() -> impl Strategy<Value = Value> {
    let names: Vec<&str> = NAMES.into_iter().chain(["other", "EventID"]).collect();
    proptest::collection::vec((proptest::sample::select(names), value()), 0..6).prop_map(|members| {
        Value::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>())
    })
}

pub fn case() -> impl Strategy<Value = Case> {
    let rules = proptest::collection::vec((source(), expr()).prop_map(|(source, expr)| rule(source, expr)), 1..12);
    let classes = proptest::collection::vec((source(), expr()).prop_map(|(source, when)| Class { source, when }), 0..4);
    let objects = proptest::collection::vec(object(), 1..4);
    (rules, classes, objects).prop_map(|(rules, classes, objects)| Case { rules, classes, objects })
}

/// An object as a plain event has it.
pub fn flattened(object: &Value) -> Vec<(String, Scalar)> {
    let mut out = Vec::new();
    if let Value::Object(members) = object {
        members.iter().for_each(|(key, value)| flatten(key, value, &mut out));
    }
    out
}

pub fn flatten(path: &str, value: &Value, out: &mut Vec<(String, Scalar)>) {
    let scalar = match value {
        Value::Null => Scalar::Null,
        Value::Bool(bool) => Scalar::Bool(*bool),
        Value::String(text) => Scalar::Text(text.clone()),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(int), _, _) => Scalar::Int(int),
            (None, Some(large), _) => Scalar::Text(large.to_string()),
            (_, _, double) => Scalar::Double(double.unwrap()),
        },
        Value::Array(items) => return items.iter().for_each(|item| flatten(path, item, out)),
        Value::Object(members) => {
            return members.iter().for_each(|(key, value)| flatten(&format!("{path}.{key}"), value, out));
        }
    };
    out.push((path.to_owned(), scalar));
}
