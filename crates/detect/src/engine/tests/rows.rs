//! Rows of the store: what they are as an event, and what a prefilter lets through.

use super::super::prefilter::{Clause, Place as ClausePlace};
use super::generate::{self, flatten, value};
use super::*;
use arrow_array::cast::AsArray as _;
use model::batch::Origin;
use model::columns::{ATTRIBUTE_PREFIX, Table};
use model::json;
use model::logs::{LogRow, LogsBuilder};
use model::{Context, ValueRef};
use serde_json::Value;
use std::collections::HashMap;

/// A log record.
#[derive(Clone, Debug)]
struct Record {
    attributes: Vec<(String, Value)>,
    body: Option<Value>,
    service: Option<String>,
    resource: Vec<(String, Value)>,
    severity: Option<String>,
}

/// Members of which each key is there once: a record has no others.
fn members() -> impl Strategy<Value = Vec<(String, Value)>> {
    generate::object().prop_map(|object| match object {
        Value::Object(members) => members.into_iter().collect(),
        _ => Vec::new(),
    })
}

fn record() -> impl Strategy<Value = Record> {
    let text = proptest::option::of("[abK.1]{0,3}");
    (members(), proptest::option::of(value()), text.clone(), members(), text).prop_map(
        |(attributes, body, service, resource, severity)| Record { attributes, body, service, resource, severity },
    )
}

/// Attribute JSON; see `model::json`.
fn attribute_json(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                attribute_json(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let wraps = members.len() == 1 && members.keys().all(|key| key.starts_with('$'));
            out.push_str(if wraps { "{\"$map\":{" } else { "{" });
            for (at, (key, value)) in members.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                json::write_string(out, key);
                out.push(':');
                attribute_json(value, out);
            }
            out.push_str(if wraps { "}}" } else { "}" });
        }
        Value::Number(number) if number.as_i64().is_none() && number.is_u64() => {
            json::write_string(out, &number.to_string());
        }
        Value::Number(number) if number.is_f64() => json::write_double(out, number.as_f64().unwrap()),
        other => out.push_str(&other.to_string()),
    }
}

fn text_of(value: &Value) -> String {
    let mut out = String::new();
    attribute_json(value, &mut out);
    out
}

fn push(builder: &mut LogsBuilder, record: &Record) {
    let mut origin = Origin { service_name: record.service.clone(), ..Origin::default() };
    if !record.resource.is_empty() {
        origin.resource_attributes = Some(members_json(&record.resource));
    }
    builder.set_origin(origin);
    for (key, value) in &record.attributes {
        let json = text_of(value);
        builder.attributes().push(
            key,
            match value {
                Value::Null => ValueRef::Null,
                Value::Bool(bool) => ValueRef::Bool(*bool),
                Value::String(text) => ValueRef::Str(text),
                Value::Number(number) => match (number.as_i64(), number.is_u64()) {
                    (Some(int), _) => ValueRef::Int(int),
                    (None, true) => ValueRef::Str(json.trim_matches('"')),
                    (None, false) => ValueRef::Double(number.as_f64().unwrap()),
                },
                Value::Array(_) | Value::Object(_) => ValueRef::Json(&json),
            },
        );
    }
    let body = record.body.as_ref().filter(|body| !body.is_null()).map(|body| match body {
        Value::String(text) => (text.clone(), None),
        Value::Bool(_) => (text_of(body), Some("bool")),
        Value::Array(_) => (text_of(body), Some("array")),
        Value::Object(_) => {
            (members_json(&body.as_object().unwrap().clone().into_iter().collect::<Vec<_>>()), Some("map"))
        }
        Value::Number(number) if number.is_f64() => (text_of(body), Some("double")),
        Value::Number(number) if number.is_i64() => (text_of(body), Some("int")),
        Value::Number(number) => (number.to_string(), None),
        Value::Null => (String::new(), None),
    });
    builder.push(&LogRow {
        timestamp: 1,
        body: body.as_ref().map(|(text, _)| text.as_str()),
        body_type: body.as_ref().and_then(|(_, kind)| *kind),
        severity_text: record.severity.as_deref(),
        ..LogRow::default()
    });
}

fn members_json(members: &[(String, Value)]) -> String {
    let mut out = String::from("{");
    for (at, (key, value)) in members.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        json::write_string(&mut out, key);
        out.push(':');
        attribute_json(value, &mut out);
    }
    out.push('}');
    out
}

/// The record as an event: of a path the first layer that has it counts.
fn event(record: &Record) -> Vec<(String, Scalar)> {
    let flat = |members: &[(String, Value)]| {
        let mut out = Vec::new();
        members.iter().for_each(|(key, value)| flatten(key, value, &mut out));
        out
    };
    let mut body = Vec::new();
    match &record.body {
        None | Some(Value::Null) => {}
        Some(Value::Object(members)) => members.iter().for_each(|(key, value)| flatten(key, value, &mut body)),
        Some(Value::Array(items)) => items.iter().for_each(|item| flatten("body", item, &mut body)),
        Some(text @ Value::String(_)) => {
            flatten("body", text, &mut body);
            flatten("message", text, &mut body);
        }
        Some(Value::Number(number)) if number.as_i64().is_none() && number.is_u64() => {
            flatten("body", &Value::from(number.to_string()), &mut body);
            flatten("message", &Value::from(number.to_string()), &mut body);
        }
        Some(other) => flatten("body", other, &mut body),
    }
    let text = |path: &str, value: &Option<String>| {
        value.iter().map(|text| (path.to_owned(), Scalar::Text(text.clone()))).collect::<Vec<_>>()
    };
    let columns = [text("service.name", &record.service), text("severity_text", &record.severity)].concat();
    let layers = [flat(&record.attributes), body, columns, flat(&record.resource)];
    let mut owners: HashMap<String, usize> = HashMap::new();
    let mut out = Vec::new();
    for (layer, fields) in layers.into_iter().enumerate() {
        for (path, value) in fields {
            if *owners.entry(path.clone()).or_insert(layer) == layer {
                out.push((path, value));
            }
        }
    }
    out
}

/// Whether a row meets the condition, as the store's SQL would say.
fn meets(clause: &Clause, batch: &RecordBatch, row: usize) -> bool {
    let column = |name: &str| {
        let array = batch.column_by_name(name)?.as_string_view_opt()?;
        (!arrow_array::Array::is_null(array, row)).then(|| array.value(row).to_owned())
    };
    let typed = |key: &str| {
        let array = batch.column_by_name(&format!("{ATTRIBUTE_PREFIX}{key}"))?;
        if array.is_null(row) {
            return None;
        }
        let array = arrow_array::ArrayRef::clone(array);
        use arrow_array::types::{Float64Type, Int64Type};
        Some(match array.data_type() {
            arrow_schema::DataType::Utf8View => array.as_string_view().value(row).to_owned(),
            arrow_schema::DataType::Int64 => array.as_primitive::<Int64Type>().value(row).to_string(),
            arrow_schema::DataType::Boolean => array.as_boolean().value(row).to_string(),
            _ => Scalar::Double(array.as_primitive::<Float64Type>().value(row)).text().unwrap().into_owned(),
        })
    };
    match clause {
        Clause::All(parts) => parts.iter().all(|part| meets(part, batch, row)),
        Clause::Any(parts) => parts.iter().any(|part| meets(part, batch, row)),
        Clause::Has(place, text) => {
            let value = match place {
                // What a condition on the whole of the attributes sees of typed columns as well.
                ClausePlace::Column("attributes") => {
                    let typed = batch
                        .schema()
                        .fields()
                        .iter()
                        .filter_map(|field| typed(field.name().strip_prefix(ATTRIBUTE_PREFIX)?))
                        .collect::<Vec<_>>();
                    let typed = typed.iter().map(|text| Value::from(text.as_str()).to_string()).collect::<String>();
                    Some(typed + &column("attributes").unwrap_or_default())
                }
                ClausePlace::Column(name) => column(name),
                ClausePlace::Key(of, key) => {
                    let whole = column(of);
                    let rest = whole
                        .as_deref()
                        .and_then(|whole| json::raw_to_text(json::get(whole, key)?).map(|text| text.into_owned()));
                    if *of == "attributes" { typed(key).or(rest) } else { rest }
                }
            };
            value.is_some_and(|value| value.to_lowercase().contains(text.as_str()))
        }
    }
}

proptest! {
    #[test]
    fn rows_match_what_the_oracle_says_and_meet_the_prefilter(case in case(), records in proptest::collection::vec(record(), 1..4)) {
        let compiled = compiled(&case);
        let mut scratch = compiled.scratch();
        let mut builder = LogsBuilder::new(Context::new("default", "json", 2));
        records.iter().for_each(|record| push(&mut builder, record));
        let batch = builder.finish().unwrap().rows;
        let rows = compiled.rows(&batch);
        for (row, record) in records.iter().enumerate() {
            let plain = PlainEvent { fields: event(record), ..PlainEvent::default() };
            let expected = expected(&case, &plain);
            let found = compiled.event(&mut scratch, Input::Row(&rows, row)).unwrap().to_vec();
            prop_assert_eq!(&found, &expected, "{:?}", plain);
            let mut there = compiled.plain(Input::Row(&rows, row)).unwrap();
            let mut fields = plain.fields;
            // Typed columns come before the others, whatever their order was.
            there.sort_by_key(|field| format!("{field:?}"));
            fields.sort_by_key(|field| format!("{field:?}"));
            prop_assert_eq!(there, fields);
            for rule in found {
                if let Some(clause) = compiled.clause(rule as usize, Table::Logs) {
                    prop_assert!(meets(&clause, &batch, row), "rule {} {:?}", rule, clause);
                }
            }
        }
    }
}
