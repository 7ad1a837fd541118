//! What ends: retention, erasure; and what survives: backup and restore, days, late events.

use crate::support::{SECOND, T0, eventually, logs, one, open, reopen, rows};
use model::Table;
use std::collections::HashSet;
use std::path::Path;
use store::{Config, QueryLimits};

const DAY: i64 = 86_400 * SECOND;

fn bytes_hold(dir: &Path, needle: &str) -> bool {
    std::fs::read_dir(dir).expect("lists").map(|entry| entry.expect("an entry").path()).any(|path| {
        if path.is_dir() {
            return bytes_hold(&path, needle);
        }
        let bytes = std::fs::read(&path).expect("reads");
        bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_kept_apart_and_expire_oldest_first() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path()).await;
    // 40 days of one row a minute: more days than a flush keeps open at once.
    let count = 40;
    for day in 0..count {
        store.append(vec![logs(day * 86_400, 50)], None).await.expect("kept");
    }
    store.flush().await.expect("flushes");
    let days = std::fs::read_dir(dir.path().join("data/logs")).expect("lists").count();
    assert_eq!(days, count);
    assert_eq!(one(&store, "SELECT count(*) FROM logs").await, (count * 50).to_string());
    drop(store);

    // By age: both the event and its receipt must be past; the receipt is a year after the first day.
    let mut config = Config::new(dir.path());
    config.retention = Some(std::time::Duration::from_secs(10 * 86_400));
    let store = crate::support::reopen_with(config).await;
    store.expire(T0 + 300 * DAY).await.expect("expires");
    assert_eq!(one(&store, "SELECT count(*) FROM logs").await, (count * 50).to_string(), "received too lately");
    store.expire(T0 + 376 * DAY).await.expect("expires");
    assert_eq!(one(&store, "SELECT count(*) FROM logs").await, "0");
    assert_eq!(store.stats().expired_rows, (count * 50) as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn retention_by_bytes_takes_the_oldest_days() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path()).await;
    for day in 0..4 {
        store.append(vec![logs(day * 86_400, 2_000)], None).await.expect("kept");
        store.flush().await.expect("flushes");
    }
    let bytes = store.stats().tables["logs"].file_bytes;
    drop(store);
    let mut config = Config::new(dir.path());
    config.retention = None;
    config.retention_bytes = Some(bytes * 5 / 8);
    let store = crate::support::reopen_with(config).await;
    store.expire(T0).await.expect("expires");
    assert_eq!(one(&store, "SELECT count(*) FROM logs").await, "4000");
    let oldest = one(&store, "SELECT CAST(min(timestamp) AS BIGINT) FROM logs").await;
    assert_eq!(oldest, (T0 + 2 * DAY).to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn erased_events_are_nowhere_on_disk() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path()).await;
    store.append(vec![logs(0, 5_000)], None).await.expect("kept");
    store.flush().await.expect("flushes");
    store.append(vec![logs(5_000, 5_000)], None).await.expect("kept");
    let id = async |request: u64| -> u64 {
        let sql = format!("SELECT event_id FROM logs WHERE attributes['request.id'] = 'id-{request}'");
        one(&store, &sql).await.parse().expect("an id")
    };
    let (gone, stays) = (HashSet::from([id(4_242).await]), id(4_243).await);
    let watched: HashSet<u64> = gone.iter().copied().chain([stays]).collect();
    drop(store);
    drop(reopen(dir.path()).await);
    let filter = query::parse("request.id:id-4242 OR request.id:id-7777").expect("parses").filter;
    let mut config = Config::new(dir.path());
    config.retention = None;
    let report = loop {
        match store::erase(config.clone(), Some(Table::Logs), &filter, watched.clone(), T0).await {
            Ok(report) => break report,
            Err(error) if error.downcast_ref::<store::OpenError>().is_some() => tokio::task::yield_now().await,
            Err(error) => panic!("{error:#}"),
        }
    };
    assert_eq!(report.rows, 2);
    assert_eq!(report.watched, gone);
    let store = reopen(dir.path()).await;
    assert_eq!(one(&store, "SELECT count(*) FROM logs").await, "9998");
    assert_eq!(one(&store, "SELECT count(*) FROM logs WHERE has_phrase(body, 'request 4242')").await, "0");
    assert_eq!(one(&store, "SELECT count(*) FROM logs WHERE has_phrase(body, 'request 4243')").await, "1");
    store.close().await.expect("closes");
    // Not in the log either, whose records are not compressed.
    assert!(!bytes_hold(dir.path(), "request 7777 from"));
    let record = std::fs::read_to_string(dir.path().join("erasures.jsonl")).expect("a record");
    assert!(record.contains("\"rows\":2") && !record.contains("4242"), "{record}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_busy_store_is_whole_at_its_point() {
    let (dir, target) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let store = open(dir.path()).await;
    store.append(vec![logs(0, 3_000)], None).await.expect("kept");
    let writer = {
        let store = store.clone();
        tokio::spawn(async move {
            for part in 0..40 {
                store.append(vec![logs(3_000 + part * 100, 100)], None).await.expect("kept");
            }
        })
    };
    let copy = target.path().join("copy");
    let report = store.backup(&copy).await.expect("copies");
    writer.await.expect("writes");
    let restored = target.path().join("restored");
    let again = store::restore(&copy, &restored).await.expect("restores");
    assert_eq!(again.rows, report.rows);
    let digest = "SELECT count(*), sum(length(body)), bit_xor(event_id), max(event_id) FROM logs";
    let restored = reopen(&restored).await;
    let found = rows(&restored, digest).await;
    assert_eq!(found[0][0], report.rows["logs"].to_string());
    let until = format!("{digest} WHERE event_id <= {}", found[0][3]);
    assert_eq!(rows(&store, &until).await, found, "what the source held up to that point");
    // A second backup into the same folder, and a damaged one, are refused.
    assert!(store.backup(&copy).await.is_err());
    let manifest = copy.join("catalog.sqlite");
    let mut bytes = std::fs::read(&manifest).expect("reads");
    bytes[200] ^= 1;
    std::fs::write(&manifest, bytes).expect("writes");
    let error = store::restore(&copy, &target.path().join("other")).await.expect_err("damaged");
    assert!(error.to_string().contains("damaged"), "{error:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_a_query_holds_after_their_flush_count_until_it_ends() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut config = Config::new(dir.path());
    config.retention = None;
    config.memory_bytes = 8 * 1024 * 1024;
    let limit = config.memory_bytes as u64;
    let store = store::Store::open(config).await.expect("opens");
    let mut sent = 0;
    let mut held = Vec::new();
    let refused = 'full: loop {
        while store.stats().memory_bytes < limit / 4 {
            if store.append(vec![logs(sent, 1_000)], None).await.is_err() {
                break 'full store.stats();
            }
            sent += 1_000;
        }
        // Nobody reads it, so it goes no further than its first batches.
        assert!(held.len() < 64, "what queries hold is not counted: {:?}", store.stats());
        let query = "SELECT body, resource_attributes FROM logs";
        held.push(store.all().sql(query, QueryLimits::default()).await.expect("starts"));
        store.flush().await.expect("flushes");
    };
    assert!(refused.memory_bytes + refused.queue_bytes < limit / 2, "not for want of room in the tables: {refused:?}");
    assert!(refused.memory_bytes + refused.lingering_bytes < limit * 7 / 4, "{refused:?}");
    let waits = store.append(vec![logs(sent, 1)], None).await;
    assert!(matches!(waits, Err(store::AppendError::Busy { .. })), "{waits:?}");
    drop(held);
    eventually("there is room again", async || store.append(vec![logs(sent, 1)], None).await.ok()).await;
    assert_eq!(one(&store, "SELECT count(*) FROM logs").await, (sent + 1).to_string());
}
