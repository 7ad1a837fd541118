//! Tests of [`super::flat`].

use super::flat::{Bad, Flat};
use crate::error::Counts;
use crate::redact::Redactor;
use model::limits::{MAX_DEPTH, MAX_KEY_BYTES};
use model::{Value, ValueRef};
use proptest::prelude::*;

fn parse(text: &str) -> Result<Flat, Bad> {
    let mut flat = Flat::default();
    flat.parse(text, &Redactor::none(), &mut Counts::default())?;
    Ok(flat)
}

fn show(flat: &Flat) -> Vec<String> {
    (0..flat.len()).map(|index| format!("{}={:?}", flat.key(index), flat.value(index))).collect()
}

#[test]
fn objects_are_flattened_and_types_kept() {
    let flat = parse(
        r#" {"a":{"b":{"c":1},"d":null},"e":[1,2.0,"x\"",{"f":[]},{"$g":1},18446744073709551615],"h":{},"i":1e3,
            "j":true,"k":18446744073709551615,"l.m":"\u00e9"} "#,
    )
    .unwrap();
    assert_eq!(
        show(&flat),
        [
            "a.b.c=Int(1)",
            "a.d=Null",
            r#"e=Json("[1,2.0,\"x\\\"\",{\"f\":[]},{\"$map\":{\"$g\":1}},\"18446744073709551615\"]")"#,
            "h=Json(\"{}\")",
            "i=Double(1000.0)",
            "j=Bool(true)",
            "k=Str(\"18446744073709551615\")",
            "l.m=Str(\"é\")",
        ]
    );
}

#[test]
fn errors_say_where() {
    for (text, column) in [("{\"a\":}", 6), ("{\"a\":1} x", 9), ("[1]", 0), ("{\"a\":1", 6), ("", 0), ("{\"a\" 1}", 6)]
    {
        let bad = parse(text).err().unwrap();
        assert_eq!(bad.column, column, "{text}: {bad:?}");
        assert!(!bad.reason.contains("line"), "{bad:?}");
    }
}

#[test]
fn depth_and_breadth_are_bounded() {
    let deep = format!("{{\"k\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let flat = parse(&deep).unwrap();
    assert_eq!(flat.too_deep, 1);
    let ValueRef::Json(text) = flat.value(0) else { panic!("{:?}", flat.value(0)) };
    assert!(text.contains("\"...\"") && Value::from_json(text).is_some(), "{text}");

    let deep = format!("{}1{}", "{\"a\":".repeat(50_000), "}".repeat(50_000));
    let flat = parse(&deep).unwrap();
    assert_eq!((flat.too_deep, flat.value(0)), (1, ValueRef::Str("...")));
    assert_eq!(flat.key(0).split('.').count(), MAX_DEPTH);

    let wide = format!("{{{}}}", (0..100_000).map(|key| format!("\"k{key}\":{key}")).collect::<Vec<_>>().join(","));
    let flat = parse(&wide).unwrap();
    assert_eq!(flat.len() + flat.dropped, 100_000);
}

#[test]
fn a_long_key_is_not_repeated_for_all_below_it() {
    let members = (0..50_000).map(|key| format!("\"k{key}\":{key}")).collect::<Vec<_>>().join(",");
    let flat = parse(&format!("{{\"{}\":{{{members}}}}}", "é".repeat(200_000))).unwrap();
    assert_eq!(flat.len() + flat.dropped, 50_000);
    // Long enough to be seen as cut.
    assert!((0..flat.len()).all(|field| (MAX_KEY_BYTES + 1..MAX_KEY_BYTES + 5).contains(&flat.key(field).len())));
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_filter("finite", |double| double.is_finite()).prop_map(Into::into),
        ".{0,8}".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 30, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            proptest::collection::btree_map("[$a-z]{1,3}", inner, 0..5)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

/// The slow way to the same answer.
fn expected(prefix: &str, value: &serde_json::Value, out: &mut Vec<(String, Value)>) {
    match value {
        serde_json::Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                expected(&if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") }, value, out);
            }
        }
        serde_json::Value::Object(_) => out.push((prefix.into(), Value::Map(vec![]))),
        serde_json::Value::Array(items) => {
            out.push((prefix.into(), Value::Array(items.iter().map(plain).collect())));
        }
        scalar => out.push((prefix.into(), plain(scalar))),
    }
}

fn plain(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Array(items) => Value::Array(items.iter().map(plain).collect()),
        serde_json::Value::Object(map) => {
            Value::Map(map.iter().map(|(key, value)| (key.clone(), plain(value))).collect())
        }
        scalar => Value::from_json(&scalar.to_string()).unwrap(),
    }
}

proptest! {
    #[test]
    fn agrees_with_the_slow_way(map in proptest::collection::btree_map("[$a-z]{1,3}", any_json(), 0..6)) {
        let json = serde_json::Value::Object(map.into_iter().collect());
        let flat = parse(&json.to_string()).unwrap();
        let mut wanted = Vec::new();
        if json.as_object().is_some_and(|map| !map.is_empty()) {
            expected("", &json, &mut wanted);
        }
        let mut rendered = Vec::new();
        for index in 0..flat.len() {
            let mut text = String::new();
            model::json::write_value(&mut text, flat.value(index));
            rendered.push((flat.key(index).to_owned(), Value::from_json(&text).unwrap()));
        }
        prop_assert_eq!(rendered, wanted);
    }

    #[test]
    fn never_panics(text in "[\\[\\]{}:,\"a1.e\\\\-]{0,40}") {
        let _ = parse(&text);
    }
}
