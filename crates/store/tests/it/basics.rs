//! What goes in comes out, from memory and from files alike.

use crate::support::{T0, ids, logs, one, open, reopen, rows};
use futures::StreamExt as _;
use model::Table;
use store::{SearchEvent, SearchRequest};

async fn everything_is_found(store: &store::Store, count: usize) {
    assert_eq!(one(store, "SELECT count(*) FROM logs").await, count.to_string());
    assert_eq!(one(store, "SELECT count(*) FROM logs WHERE has_phrase(body, '10.0.1.7')").await, "1");
    assert_eq!(one(store, "SELECT count(*) FROM logs WHERE has_phrase(body, 'REQUEST 12')").await, "1");
    assert_eq!(one(store, "SELECT count(*) FROM logs WHERE attributes['request.id'] = 'id-77'").await, "1");
    let half = (count / 2).to_string();
    assert_eq!(one(store, "SELECT count(*) FROM logs WHERE attributes['http.route'] = '/pay'").await, half);
    assert_eq!(
        one(store, "SELECT count(*) FROM logs WHERE attributes['http.response.status_code'] >= 500").await,
        (count / 10).to_string()
    );
    assert_eq!(one(store, "SELECT count(*) FROM logs WHERE attributes['took'] = 2.5").await, "1");
    assert_eq!(one(store, "SELECT count(*) FROM logs WHERE attributes['absent'] = 'x'").await, "0");
    assert_eq!(one(store, "SELECT attributes['mixed'] FROM logs WHERE attributes['request.id'] = 'id-4'").await, "4");
    assert_eq!(
        one(store, "SELECT attributes['mixed'] FROM logs WHERE attributes['request.id'] = 'id-3'").await,
        "text"
    );
    let trace = "SELECT body FROM logs WHERE trace_id = '00000000000000000000000000000006'";
    assert_eq!(one(store, trace).await, "request 5 from 10.0.0.5 took 5 ms");
    let groups = rows(
        store,
        "SELECT attributes['http.route'], count(*), avg(attr_float(attributes, 'took')) FROM logs GROUP BY 1 ORDER BY 1",
    )
    .await;
    assert_eq!(groups.len(), 2);
    assert_eq!(groups[0][..2], ["/cart".to_owned(), half]);
    let whole = one(store, "SELECT attributes FROM logs WHERE attributes['request.id'] = 'id-20'").await;
    let whole: model::Value = model::Value::from_json(&whole).expect("an object");
    let model::Value::Map(mut members) = whole else { panic!("a map") };
    members.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(members.len(), 5);
    assert_eq!(members[0], ("http.response.status_code".to_owned(), model::Value::Int(500)));
    assert_eq!(members[4], ("took".to_owned(), model::Value::Double(10.0)));
    assert_eq!(one(store, "SELECT resource_attributes['host.name'] FROM logs LIMIT 1").await, "web-1");
    assert_eq!(one(store, "SELECT count(DISTINCT event_id) FROM logs").await, count.to_string());
}

/// Above both, the whole object would be made for each row of the files only to look one attribute up.
#[tokio::test(flavor = "multi_thread")]
async fn attributes_are_read_where_files_and_memory_are_scanned() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path()).await;
    store.append(vec![logs(0, 500)], None).await.expect("kept");
    store.flush().await.expect("flushes");
    store.append(vec![logs(500, 500)], None).await.expect("kept");
    everything_is_found(&store, 1000).await;
    for asked in ["attributes['http.route']", "coalesce(attributes['http.route'], resource_attributes['http.route'])"] {
        let sql = format!("EXPLAIN SELECT {asked}, count(*) FROM logs GROUP BY 1");
        let plan = rows(&store, &sql).await.pop().expect("a physical plan").join("\n");
        let scan = plan.lines().find(|line| line.contains("DataSourceExec")).expect("a scan of files");
        assert!(plan.contains("MemoryScan") && scan.contains("attr(attributes"), "{plan}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_files_and_a_restart_answer_alike() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path()).await;
    for first in (0..1000).step_by(100) {
        store.append(vec![logs(first, 100)], None).await.expect("kept");
    }
    everything_is_found(&store, 1000).await;
    drop(store);
    // Nothing was flushed: all of it comes back from the log.
    let store = reopen(dir.path()).await;
    everything_is_found(&store, 1000).await;
    store.flush().await.expect("flushes");
    assert_eq!(store.stats().tables["logs"].memory_rows, 0);
    everything_is_found(&store, 1000).await;
    store.append(vec![logs(1000, 1000)], None).await.expect("kept");
    everything_is_found(&store, 2000).await;
    store.clone().close().await.expect("closes");
    drop(store);
    let store = reopen(dir.path()).await;
    assert_eq!(store.stats().tables["logs"].memory_rows, 0);
    everything_is_found(&store, 2000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_is_kept_once_across_flush_and_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path()).await;
    let first = store.append(vec![logs(0, 10)], Some([1; 32])).await.expect("kept");
    let again = store.append(vec![logs(0, 10)], Some([1; 32])).await.expect("kept");
    assert!(!first.duplicate && again.duplicate);
    drop(store);
    let store = reopen(dir.path()).await;
    assert!(store.append(vec![logs(0, 10)], Some([1; 32])).await.expect("kept").duplicate);
    store.append(vec![logs(10, 10)], Some([2; 32])).await.expect("kept");
    store.flush().await.expect("flushes");
    drop(store);
    let store = reopen(dir.path()).await;
    assert!(store.append(vec![logs(10, 10)], Some([2; 32])).await.expect("kept").duplicate);
    assert_eq!(one(&store, "SELECT count(*) FROM logs").await, "20");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_streams_newest_first_with_a_histogram() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path()).await;
    for part in 0..8 {
        store.append(vec![logs(part * 250, 250)], None).await.expect("kept");
        if part < 7 {
            store.flush().await.expect("flushes");
        }
    }
    let query = query::parse("request http.route:/pay").expect("parses");
    let request = SearchRequest {
        table: Table::Logs,
        filter: query.filter,
        from: T0,
        to: i64::MAX,
        limit: 600,
        histogram_buckets: 20,
        now: T0,
    };
    let mut stream = store.all().search(request).expect("starts");
    let (mut found, mut last, mut done, mut bars) = (Vec::new(), i64::MAX, None, Vec::new());
    while let Some(event) = stream.next().await {
        match event.expect("an event") {
            SearchEvent::Rows(batch) => {
                use arrow_array::cast::AsArray as _;
                let times = batch.column_by_name("timestamp").expect("times").clone();
                for time in times.as_primitive::<arrow_array::types::TimestampNanosecondType>().values() {
                    assert!(*time < last);
                    last = *time;
                }
                found.extend(ids(&batch));
            }
            SearchEvent::Histogram { buckets, complete, .. } => {
                bars = buckets;
                assert!(complete || done.is_none());
            }
            SearchEvent::Done { rows, matched, read } => {
                assert!(read.is_some_and(|bytes| rows == 0 || bytes > 0), "what was read is told");
                done = Some((rows, matched));
            }
        }
    }
    assert_eq!(found.len(), 600);
    assert_eq!(done, Some((600, Some(1000))));
    assert_eq!(bars.iter().map(|(_, count)| count).sum::<u64>(), 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_small_files_become_few_and_keep_every_row() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path()).await;
    for part in 0..20 {
        store.append(vec![logs(part * 100, 100)], None).await.expect("kept");
        store.flush().await.expect("flushes");
    }
    store.compact().await.expect("merges");
    assert!(store.stats().tables["logs"].files < 8, "{:?}", store.stats());
    everything_is_found(&store, 2000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sql_is_read_only_and_bounded() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path()).await;
    store.append(vec![logs(0, 10)], None).await.expect("kept");
    for sql in [
        "DROP TABLE logs",
        "INSERT INTO logs SELECT * FROM logs",
        "CREATE TABLE t AS SELECT 1",
        "COPY logs TO '/tmp/x.parquet'",
        "CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION '/etc'",
        "SET datafusion.execution.batch_size = 1",
        "SELECT * FROM '/etc/passwd'",
        "SELECT nothing FROM logs",
        "SELEC",
    ] {
        let answer = store.all().sql(sql, store::QueryLimits::default()).await;
        assert!(matches!(answer, Err(store::QueryError::Invalid(_))), "{sql}: {:?}", answer.err());
    }
    let limits = store::QueryLimits { timeout: Some(std::time::Duration::from_millis(50)), rows: None };
    let ten = "(VALUES (1),(2),(3),(4),(5),(6),(7),(8),(9),(10))";
    let tables: Vec<String> = (0..10).map(|number| format!("{ten} AS t{number}(v)")).collect();
    // Of every table, so that no join can apply it early and end on no rows.
    let sum = (0..10).map(|number| format!("t{number}.v")).collect::<Vec<_>>().join(" + ");
    for endless in [
        "SELECT count(*) FROM generate_series(1, 100000000000) a WHERE a.value % 7 = 1".to_owned(),
        format!("SELECT sum(t0.v + t9.v) FROM {}", tables.join(" CROSS JOIN ")),
        format!("SELECT count(*) FROM {} WHERE {sum} > 1000", tables.join(", ")),
        "WITH RECURSIVE r AS (SELECT 1 AS v UNION ALL SELECT v + 1 FROM r) SELECT sum(v) FROM r".to_owned(),
    ] {
        let answer = match store.all().sql(&endless, limits).await {
            Ok(result) => result.collect().await.map(drop),
            Err(error) => Err(error),
        };
        assert!(matches!(answer, Err(store::QueryError::Timeout(_))), "{endless}: {answer:?}");
    }
    let long = format!("SELECT {}", vec!["1"; 500].join("+"));
    assert_eq!(one(&store, &long).await, "500");
    let longer = format!("SELECT {}", vec!["1"; 2_002].join("+"));
    let answer = store.all().sql(&longer, store::QueryLimits::default()).await;
    assert!(matches!(answer, Err(store::QueryError::Invalid(_))), "{:?}", answer.err());
    let big = store.all().sql("SELECT repeat('x', 100000000)", store::QueryLimits::default()).await;
    assert!(matches!(big, Err(store::QueryError::Invalid(_))), "{:?}", big.err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recursive_statement_reads_memory_and_files_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path()).await;
    let sql = "WITH RECURSIVE r AS (SELECT 0 AS n UNION ALL SELECT r.n + 1 FROM r JOIN logs \
               ON logs.body LIKE 'request ' || CAST(r.n AS TEXT) || ' %') SELECT max(n) FROM r";
    store.append(vec![logs(0, 6)], None).await.expect("kept");
    assert_eq!(one(&store, sql).await, "6");
    store.flush().await.expect("flushes");
    store.append(vec![logs(6, 3)], None).await.expect("kept");
    assert_eq!(one(&store, sql).await, "9");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_answers_more_rows_than_one_statement_reads() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path()).await;
    store.append(vec![logs(0, 60_000)], None).await.expect("kept");
    store.flush().await.expect("flushes");
    let request = SearchRequest {
        table: Table::Logs,
        filter: query::parse("request").expect("parses").filter,
        from: T0,
        to: i64::MAX,
        limit: 50_000,
        histogram_buckets: 0,
        now: T0,
    };
    let mut stream = store.all().search(request).expect("starts");
    let mut found = Vec::new();
    while let Some(event) = stream.next().await {
        if let SearchEvent::Rows(batch) = event.expect("an event") {
            found.extend(ids(&batch));
        }
    }
    assert_eq!(found.len(), 50_000);
    assert!(found.is_sorted_by(|a, b| a > b), "newest first");
}
