//! Host metrics of the machine that runs the tests.

mod common;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int64Type, TimestampNanosecondType};
use arrow_array::{Array as _, BooleanArray};
use common::{SECOND, now, texts};
use model::{EventBatch, Table};
use std::collections::{BTreeMap, BTreeSet};
use watch::Host;

fn values(batch: &EventBatch, name: &str) -> Vec<f64> {
    let value = batch.rows.column_by_name("value").unwrap().as_primitive::<Float64Type>();
    let names = texts(batch, "name");
    (0..batch.len()).filter(|&row| names[row] == name).map(|row| value.value(row)).collect()
}

#[test]
fn a_sample_is_plausible() {
    let mut host = Host::new().unwrap();
    let first = host.sample(now()).unwrap();
    let second = host.sample(now() + 10 * SECOND).unwrap();
    assert_eq!(second.table, Table::Metrics);
    let present: BTreeSet<String> = texts(&second, "name").into_iter().collect();
    // Every machine and container that can run this shows these.
    for name in ["system.cpu.time", "system.memory.usage", "system.memory.utilization", "system.uptime"] {
        assert!(present.contains(name), "{name} is missing; the host lacks {:?}", host.missing());
    }
    for name in ["process.cpu.time", "process.memory.usage", "system.process.count", "system.cpu.load_average.1m"] {
        assert!(present.contains(name), "{name} is missing; the host lacks {:?}", host.missing());
    }
    for batch in [&first, &second] {
        let value = batch.rows.column_by_name("value").unwrap().as_primitive::<Float64Type>();
        let names = texts(batch, "name");
        for (row, name) in names.iter().enumerate() {
            assert!(value.is_valid(row) && value.value(row) >= 0.0, "{name} is {}", value.value(row));
            assert!(!name.ends_with(".utilization") || value.value(row) <= 1.0, "{name} is {}", value.value(row));
        }
    }
    let memory: f64 = values(&second, "system.memory.usage").iter().sum();
    assert!(memory > 16.0 * 1024.0 * 1024.0, "only {memory} bytes of memory");
    assert!(values(&second, "system.process.count").iter().sum::<f64>() >= 1.0);
    assert!(values(&second, "process.memory.usage").len() <= watch::limits::MAX_PROCESSES);
}

#[test]
fn counters_do_not_fall() {
    let mut host = Host::new().unwrap();
    let series = |batch: &EventBatch| {
        let value = batch.rows.column_by_name("value").unwrap().as_primitive::<Float64Type>();
        let monotonic: &BooleanArray = batch.rows.column_by_name("is_monotonic").unwrap().as_boolean();
        let names = texts(batch, "name");
        let columns = batch.rows.schema();
        let attribute = |name: &str, row: usize| {
            let column = batch.rows.column_by_name(name).unwrap();
            match column.data_type() {
                _ if column.is_null(row) => String::new(),
                arrow_schema::DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
                _ => column.as_string_view().value(row).to_owned(),
            }
        };
        let mut out = BTreeMap::new();
        for row in (0..batch.len()).filter(|&row| monotonic.is_valid(row) && monotonic.value(row)) {
            let keys = columns.fields().iter().map(|field| field.name()).filter(|name| name.starts_with("attributes."));
            let key: Vec<String> = keys.map(|name| format!("{name}={}", attribute(name, row))).collect();
            let mut key: Vec<String> = key.into_iter().filter(|part| !part.ends_with('=')).collect();
            key.sort();
            let old = out.insert((names[row].clone(), key.clone()), value.value(row));
            assert!(old.is_none(), "two points of {} {key:?}", names[row]);
        }
        out
    };
    let first = series(&host.sample(now()).unwrap());
    let second = series(&host.sample(now()).unwrap());
    assert!(!first.is_empty());
    for (key, before) in first {
        // Idle and iowait may be corrected downwards by some kernels, by ticks.
        if let Some(after) = second.get(&key) {
            assert!(*after >= before - 0.1, "{key:?} fell from {before} to {after}");
        }
    }
}

#[test]
fn every_point_says_what_it_is() {
    let mut host = Host::new().unwrap();
    host.sample(now()).unwrap();
    let taken = now();
    let batch = host.sample(taken).unwrap();
    let column = |name: &str| texts(&batch, name);
    let (names, kinds, units) = (column("name"), column("kind"), column("unit"));
    let (descriptions, temporalities) = (column("description"), column("temporality"));
    let monotonic = batch.rows.column_by_name("is_monotonic").unwrap();
    let start = batch.rows.column_by_name("start_timestamp").unwrap().as_primitive::<TimestampNanosecondType>();
    for row in 0..batch.len() {
        let name = &names[row];
        assert!(!units[row].is_empty() && !descriptions[row].is_empty(), "{name}");
        match kinds[row].as_str() {
            "gauge" => assert!(temporalities[row].is_empty() && monotonic.is_null(row) && start.is_null(row), "{name}"),
            "sum" => {
                assert!(temporalities[row] == "cumulative" && monotonic.is_valid(row), "{name}");
                assert!(start.is_null(row) || start.value(row) <= taken, "{name}");
            }
            other => panic!("{name} is a {other}"),
        }
    }
    let resource = &column("resource_attributes")[0];
    assert_eq!(*resource, Host::resource());
    assert!(column("source").iter().all(|source| source == "host"));
}
