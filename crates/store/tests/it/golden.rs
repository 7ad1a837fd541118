//! A data folder of every format version, kept as it was written: it opens, and its rows read as ever.
//!
//! After a new format version, write its folder once and commit it:
//! `TANDEM_GOLDEN=crates/store/tests/golden/vN cargo test -p store golden`.

use crate::support::{T0, logs, open, reopen, rows};
use model::Context;
use model::metrics::{MetricRow, MetricsBuilder};
use model::spans::{SpanRow, SpansBuilder};
use model::{EventBatch, ValueRef};
use std::fmt::Write as _;
use std::path::Path;
use store::Store;

fn context() -> Context {
    Context::new("default", "golden", T0 + 60_000_000_000)
}

fn spans() -> EventBatch {
    let mut builder = SpansBuilder::new(context());
    for number in 0..10u8 {
        builder.attributes().push("http.request.method", ValueRef::Str("GET"));
        builder.attributes().push("retry", ValueRef::Bool(number % 2 == 0));
        builder.push(&SpanRow {
            timestamp: T0 + i64::from(number),
            duration_ns: 1_000 * i64::from(number),
            name: Some("GET /cart"),
            kind: "server",
            status_code: "ok",
            trace_id: Some([number; 16]),
            span_id: Some([number; 8]),
            trace_flags: Some(1),
            events: Some(r#"[{"timestamp":5,"name":"cache miss"}]"#),
            ..SpanRow::default()
        });
    }
    builder.finish().expect("a batch")
}

fn metrics() -> EventBatch {
    let mut builder = MetricsBuilder::new(context());
    for number in 0..10u32 {
        builder.attributes().push("disk", ValueRef::Str("sda"));
        builder.push(&MetricRow {
            timestamp: T0 + i64::from(number),
            name: Some("request.duration"),
            kind: if number % 2 == 0 { "histogram" } else { "gauge" },
            unit: Some("ms"),
            value: (number % 2 == 1).then(|| f64::from(number) / 3.0),
            count: (number % 2 == 0).then_some(6),
            bounds: (number % 2 == 0).then_some(&[1.0, 2.5]),
            buckets: (number % 2 == 0).then_some(&[1, 2, 3]),
            ..MetricRow::default()
        });
    }
    builder.finish().expect("a batch")
}

/// Rows in files and rows in the log, of every table.
async fn write(dir: &Path) -> Store {
    let store = open(dir).await;
    store.append(vec![logs(0, 300)], Some([7; 32])).await.expect("kept");
    store.append(vec![spans(), metrics()], None).await.expect("kept");
    store.flush().await.expect("flushes");
    store.append(vec![logs(300, 20), spans(), metrics()], None).await.expect("kept");
    store
}

/// All rows of all tables as text; `known` are the columns to show, all of them at first.
async fn dump(store: &Store, known: Option<&str>) -> String {
    let mut text = String::new();
    for table in ["logs", "spans", "metrics"] {
        let header = known.map(|known| {
            known.lines().find_map(|line| line.strip_prefix(&format!("# {table}: "))).expect("columns").to_owned()
        });
        let columns = match header {
            Some(columns) => columns,
            None => {
                let sql = format!("SELECT column_name FROM information_schema.columns WHERE table_name = '{table}'");
                let names: Vec<String> = rows(store, &sql).await.into_iter().flatten().collect();
                names.join(",")
            }
        };
        writeln!(text, "# {table}: {columns}").expect("writes");
        for row in rows(store, &format!("SELECT {columns} FROM {table} ORDER BY event_id")).await {
            writeln!(text, "{}", row.join(" | ")).expect("writes");
        }
    }
    text
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("creates");
    for entry in std::fs::read_dir(from).expect("lists").map(|entry| entry.expect("an entry")) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copies");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_now_reads_as_the_golden_rows() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = write(dir.path()).await;
    let Some(keep) = std::env::var_os("TANDEM_GOLDEN") else {
        let expected = include_str!("../golden/v1/rows.txt");
        assert_eq!(dump(&store, Some(expected)).await, expected);
        return;
    };
    let keep = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(keep);
    let text = dump(&store, None).await;
    drop(store);
    drop(reopen(dir.path()).await);
    copy(dir.path(), &keep.join("folder"));
    std::fs::remove_file(keep.join("folder/lock")).expect("removes");
    std::fs::write(keep.join("rows.txt"), text).expect("writes");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_golden_folder_opens() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut versions = 0;
    for version in std::fs::read_dir(golden).expect("lists").map(|entry| entry.expect("an entry").path()) {
        let dir = tempfile::tempdir().expect("a folder");
        copy(&version.join("folder"), dir.path());
        let store = open(dir.path()).await;
        let expected = std::fs::read_to_string(version.join("rows.txt")).expect("rows");
        assert_eq!(dump(&store, Some(&expected)).await, expected, "{}", version.display());
        assert_eq!(store.stats().quarantined, 0);
        let again = store.append(vec![logs(0, 300)], Some([7; 32])).await.expect("kept");
        assert!(again.duplicate, "the retry keys are read too");
        store.flush().await.expect("flushes");
        assert_eq!(rows(&store, "SELECT count(*) FROM logs").await, [["320"]]);
        versions += 1;
    }
    assert!(versions >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_format_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    drop(open(dir.path()).await);
    std::fs::write(dir.path().join("format"), "999\n").expect("writes");
    let mut config = store::Config::new(dir.path());
    config.retention = None;
    loop {
        match store::Store::open(config.clone()).await {
            Err(store::OpenError::Locked { .. }) => tokio::task::yield_now().await,
            Err(error @ store::OpenError::NewerFormat { .. }) => {
                assert!(error.to_string().contains("999"), "{error}");
                return;
            }
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("a newer format was opened"),
        }
    }
}
