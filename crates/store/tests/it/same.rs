//! A query evaluated on batches and the SQL it lowers to find the same rows, in memory and in files.

use crate::support::{ids, open};
use arrow_array::cast::AsArray as _;
use model::Table;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use query::testing::{any_batch, any_expr};
use query::{Filter, Query};
use store::{QueryLimits, Store};

/// Rows that the filter picks out of what `SELECT` cannot see: the batches themselves, by event id.
async fn by_sql(store: &Store, query: &Query) -> Vec<u64> {
    let condition = query.where_sql(Table::Logs, 0).expect("lowers");
    let sql = format!("SELECT event_id FROM logs WHERE {condition}");
    let batches = store.all().sql(&sql, QueryLimits::default()).await.expect(&sql).collect().await.expect(&sql);
    let mut found: Vec<u64> = batches.iter().flat_map(ids).collect();
    found.sort_unstable();
    found
}

#[test]
fn evaluation_and_sql_agree() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let cases = std::env::var("TANDEM_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(40);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let strategy = (prop::collection::vec(any_batch(), 1..4), prop::collection::vec(any_expr(), 8));
    runner
        .run(&strategy, |(batches, exprs)| {
            runtime.block_on(async {
                let dir = tempfile::tempdir().expect("a folder");
                let store = open(dir.path()).await;
                // Batches as they are committed are what the filter sees in a live tail.
                let mut tail = store.all().subscribe(Table::Logs, 100);
                let mut committed = Vec::new();
                for batch in batches {
                    store.append(vec![batch], None).await.expect("kept");
                    match tail.recv().await {
                        Some(store::TailItem::Batch(batch)) => committed.push(batch),
                        other => panic!("{other:?}"),
                    }
                }
                for flushed in [false, true] {
                    if flushed {
                        store.flush().await.expect("flushes");
                    }
                    for expr in &exprs {
                        let query = Query { filter: expr.clone(), pipes: Vec::new() };
                        let filter = Filter::compile(expr, Table::Logs, 0).expect("compiles");
                        let mut expected = Vec::new();
                        for batch in &committed {
                            let all = batch.column(0).as_primitive::<arrow_array::types::UInt64Type>();
                            let matches = filter.matches(batch);
                            expected.extend(
                                (0..batch.num_rows()).filter(|row| matches.value(*row)).map(|row| all.value(row)),
                            );
                        }
                        expected.sort_unstable();
                        let found = by_sql(&store, &query).await;
                        assert_eq!(
                            found,
                            expected,
                            "flushed: {flushed}, query: {query}, sql: {:?}",
                            query.where_sql(Table::Logs, 0)
                        );
                    }
                }
            });
            Ok(())
        })
        .expect("the same rows");
}
