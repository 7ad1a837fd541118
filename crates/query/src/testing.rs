//! Generated queries and batches: for the test that evaluation and SQL give the same rows.

use crate::ast::{Expr, Leaf, Op, Test};
use model::batch::Origin;
use model::logs::{LogRow, LogsBuilder};
use model::{Context, EventBatch, ValueRef};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

const WORDS: [&str; 8] = ["timeout", "Reset", "peer", "10.1.2.3", "GET", "/cart", "über", "a_b"];
const KEYS: [&str; 5] = ["route", "status", "took", "ok", "client.address"];

/// A value of any type, from a small set so that queries hit.
#[derive(Clone, Debug)]
enum Cell {
    Text(&'static str),
    Int(i64),
    Double(f64),
    Bool(bool),
    Json(&'static str),
    Null,
}

fn cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        prop::sample::select(vec!["/cart", "5", "5.0", "true", "10.1.2.3", "", "x'y\"z", "nan"]).prop_map(Cell::Text),
        (-2i64..8).prop_map(Cell::Int),
        prop::sample::select(vec![5.0, -0.5, f64::NAN, 1e300]).prop_map(Cell::Double),
        any::<bool>().prop_map(Cell::Bool),
        prop::sample::select(vec!["[1,2]", r#"{"a":"b"}"#, r#"{"$bytes":"AAE="}"#]).prop_map(Cell::Json),
        Just(Cell::Null),
    ]
}

impl Cell {
    fn borrow(&self) -> ValueRef<'_> {
        match self {
            Cell::Text(text) => ValueRef::Str(text),
            Cell::Int(int) => ValueRef::Int(*int),
            Cell::Double(double) => ValueRef::Double(*double),
            Cell::Bool(bool) => ValueRef::Bool(*bool),
            Cell::Json(json) => ValueRef::Json(json),
            Cell::Null => ValueRef::Null,
        }
    }
}

type Row = (Option<Vec<&'static str>>, Vec<(&'static str, Cell)>, Option<i32>, Option<&'static str>, u8, i64);

fn row() -> impl Strategy<Value = Row> {
    (
        option::of(vec(prop::sample::select(WORDS.to_vec()), 0..5)),
        vec((prop::sample::select(KEYS.to_vec()), cell()), 0..5),
        option::of(0..25i32),
        option::of(prop::sample::select(vec!["INFO", "error", "Warn"])),
        0..3u8,
        0..1000i64,
    )
}

/// A batch of log records over the same few words and keys that queries ask for.
pub fn any_batch() -> impl Strategy<Value = EventBatch> {
    let resource = option::of(prop::sample::select(vec![
        r#"{"service.name":"web","route":"/cart","host.name":"h1"}"#,
        r#"{"status":5,"took":0.5}"#,
    ]));
    (vec(row(), 1..40), resource, option::of(prop::sample::select(vec!["web", "api"]))).prop_map(
        |(rows, resource, service)| {
            let mut builder = LogsBuilder::new(Context::new("default", "test", 2_000));
            builder.set_origin(Origin {
                service_name: service.map(str::to_owned),
                resource_attributes: resource.map(str::to_owned),
                ..Origin::default()
            });
            for (words, cells, severity_number, severity_text, trace, timestamp) in rows {
                for (key, cell) in &cells {
                    builder.attributes().push(key, cell.borrow());
                }
                let body = words.map(|words| words.join(" "));
                builder.push(&LogRow {
                    timestamp,
                    severity_number,
                    severity_text,
                    body: body.as_deref(),
                    trace_id: (trace > 0).then_some([trace; 16]),
                    ..LogRow::default()
                });
            }
            // The columns fit by construction.
            builder.finish().unwrap_or_else(|error| unreachable!("{error}"))
        },
    )
}

fn leaf() -> impl Strategy<Value = Leaf> {
    let word = prop::sample::select(vec![
        "timeout",
        "RESET",
        "reset peer",
        "10.1.2.3",
        "1.2.3",
        "cart",
        "über",
        "b",
        "01010101010101010101010101010101",
    ]);
    let value = prop::sample::select(vec![
        "/cart",
        "5",
        "5.0",
        "true",
        "10.1.2.3",
        "web",
        "x'y\"z",
        "error",
        "h1",
        "",
        "10.0.0.0/8",
    ]);
    let number = prop::sample::select(vec!["5", "-1", "0.5", "1e299"]);
    let text_field = prop::sample::select(vec![
        "route",
        "status",
        "took",
        "ok",
        "client.address",
        "service",
        "level",
        "host",
        "attributes.status",
        "resource.status",
        "body",
        "absent",
        "dataset",
    ]);
    let number_field =
        prop::sample::select(vec!["status", "took", "route", "severity_number", "attributes.took", "resource.took"]);
    let op = prop::sample::select(vec![Op::Lt, Op::Le, Op::Gt, Op::Ge]);
    let pattern = prop::sample::select(vec!["*art*", "/c*", "?eset*", "*", "10.*.3", "*ES*"]);
    let regex = prop::sample::select(vec!["^/c", "(?i)reset", "[0-9]+", "^$"]);
    let make = |field: Option<&str>, test| Leaf { field: field.map(str::to_owned), test, span: 0..0 };
    prop_oneof![
        word.prop_map(move |word| make(None, Test::Is(word.to_owned()))),
        pattern.clone().prop_map(move |pattern| make(None, Test::Wildcard(pattern.to_owned()))),
        regex.clone().prop_map(move |regex| make(None, Test::Regex(regex.to_owned()))),
        (text_field.clone(), value).prop_map(move |(field, value)| make(Some(field), Test::Is(value.to_owned()))),
        (text_field.clone(), pattern).prop_map(move |(field, p)| make(Some(field), Test::Wildcard(p.to_owned()))),
        (text_field.clone(), regex).prop_map(move |(field, r)| make(Some(field), Test::Regex(r.to_owned()))),
        text_field.prop_map(move |field| make(Some(field), Test::Present)),
        (number_field.clone(), op, number.clone())
            .prop_map(move |(field, op, number)| make(Some(field), Test::Compare(op, number.to_owned()))),
        (number_field, number.clone(), number)
            .prop_map(move |(f, a, b)| make(Some(f), Test::Range(Some(a.to_owned()), Some(b.to_owned())))),
        prop::sample::select(vec!["warn", "error", "info"])
            .prop_map(move |level| make(Some("severity"), Test::Compare(Op::Ge, level.to_owned()))),
        (0..1000i64).prop_map(move |time| {
            let time = format!("1970-01-01T00:00:00.{time:09}Z");
            make(Some("timestamp"), Test::Compare(Op::Gt, time))
        }),
    ]
}

/// A condition that every table of logs understands.
pub fn any_expr() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![9 => leaf().prop_map(Expr::Leaf), 1 => Just(Expr::All)];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(Expr::And),
            vec(inner.clone(), 2..4).prop_map(Expr::Or),
            inner.prop_map(|inner| Expr::Not(Box::new(inner))),
        ]
    })
}
