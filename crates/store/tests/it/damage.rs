//! A flipped byte in every kind of file: noticed, told, set aside; never a wrong row, never a refusal to start.

use crate::support::{eventually, logs, one, open, reopen};
use std::path::{Path, PathBuf};
use store::{QueryLimits, Store};

const ROWS: usize = 20_000;

/// A closed folder with two files and a log with 100 rows that are in no file.
async fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path()).await;
    for half in 0..2 {
        store.append(vec![logs(half * ROWS / 2, ROWS / 2)], None).await.expect("kept");
        store.flush().await.expect("flushes");
    }
    store.append(vec![logs(ROWS, 100)], None).await.expect("kept");
    drop(store);
    drop(reopen(dir.path()).await);
    // The last connection takes the catalog's log with it: then nothing writes here any more.
    eventually("the catalog is closed", async || (!dir.path().join("catalog.sqlite-wal").exists()).then_some(())).await;
    dir
}

fn files(dir: &Path, suffix: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("lists").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.to_string_lossy().ends_with(suffix) {
                found.push(entry);
            }
        }
    }
    found.sort();
    found
}

fn flip(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).expect("reads");
    bytes[at] ^= 0x10;
    std::fs::write(path, bytes).expect("writes");
}

/// Every row that comes back must be one that was sent; all columns are read. Answers how many there
/// are, or none when the query failed.
async fn sound_rows(store: &Store) -> Option<usize> {
    let sql = "SELECT *, attributes['request.id'] AS id FROM logs";
    let batches = store.all().sql(sql, QueryLimits::default()).await.ok()?.collect().await.ok()?;
    let mut rows = 0;
    for batch in &batches {
        let body = batch.schema().index_of("body").expect("a column");
        for row in crate::support::text_rows(batch) {
            let id = row.last().and_then(|id| id.strip_prefix("id-")).expect("an id");
            assert!(row[body].starts_with(&format!("request {id} from 10.0.")), "{row:?}");
            rows += 1;
        }
    }
    Some(rows)
}

/// Asks until the damage was set aside.
async fn settled(store: &Store) -> usize {
    eventually("the damage is set aside", async || sound_rows(store).await).await
}

#[tokio::test(flavor = "multi_thread")]
async fn events() {
    let dir = folder().await;
    let file = files(dir.path(), ".parquet").remove(0);
    let length = std::fs::metadata(&file).expect("there").len() as usize;
    flip(&file, length / 2);
    let store = reopen(dir.path()).await;
    let rows = settled(&store).await;
    assert_eq!(rows, ROWS / 2 + 100, "the other file and the log");
    assert_eq!(store.stats().quarantined, 1);
    assert!(!files(&dir.path().join("quarantine"), ".parquet").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn footer_of_events() {
    let dir = folder().await;
    let file = files(dir.path(), ".parquet").remove(0);
    let length = std::fs::metadata(&file).expect("there").len() as usize;
    flip(&file, length - 6);
    let store = reopen(dir.path()).await;
    assert_eq!(settled(&store).await, ROWS / 2 + 100);
    assert_eq!(store.stats().quarantined, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_part_of_the_index() {
    let dir = folder().await;
    let file = files(dir.path(), ".idx").remove(0);
    let sound = std::fs::read(&file).expect("reads");
    for part in 0..10 {
        let dir = folder().await;
        let file = files(dir.path(), ".idx").remove(0);
        flip(&file, (sound.len() - 1) * part / 9);
        let store = reopen(dir.path()).await;
        // The rows are all there; the index is made again.
        assert_eq!(settled(&store).await, ROWS + 100, "part {part}");
        for number in [7, ROWS / 2 + 7] {
            let sql = format!("SELECT count(*) FROM logs WHERE attributes['request.id'] = 'id-{number}'");
            assert_eq!(one(&store, &sql).await, "1", "part {part}");
        }
        eventually("the damage is told", async || (store.stats().quarantined > 0).then_some(())).await;
        assert_eq!(one(&store, "SELECT count(*) FROM logs WHERE has_phrase(body, 'request 42')").await, "1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log() {
    let dir = folder().await;
    let file =
        files(dir.path(), ".log").into_iter().find(|file| std::fs::metadata(file).is_ok_and(|it| it.len() > 1000));
    let file = file.expect("a log with rows");
    flip(&file, 500);
    let store = reopen(dir.path()).await;
    assert_eq!(settled(&store).await, ROWS, "the files; the damaged record is set aside");
    assert_eq!(store.stats().quarantined, 1);
    store.append(vec![logs(ROWS, 50)], None).await.expect("kept");
    assert_eq!(settled(&store).await, ROWS + 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_tail_of_the_log_is_no_damage() {
    let dir = folder().await;
    let file =
        files(dir.path(), ".log").into_iter().find(|file| std::fs::metadata(file).is_ok_and(|it| it.len() > 1000));
    let file = std::fs::File::options().write(true).open(file.expect("a log with rows")).expect("opens");
    file.set_len(file.metadata().expect("there").len() - 10).expect("cuts");
    let store = reopen(dir.path()).await;
    assert_eq!(settled(&store).await, ROWS);
    assert_eq!(store.stats().quarantined, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalog_in_any_page() {
    let dir = folder().await;
    let length = std::fs::metadata(dir.path().join("catalog.sqlite")).expect("there").len() as usize;
    for at in [3, 30, length / 3, length / 2, length - 100] {
        let dir = folder().await;
        flip(&dir.path().join("catalog.sqlite"), at);
        let store = reopen(dir.path()).await;
        assert_eq!(settled(&store).await, ROWS + 100, "byte {at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalog_that_is_gone() {
    let dir = folder().await;
    for file in files(dir.path(), "").into_iter().filter(|file| file.to_string_lossy().contains("catalog.sqlite")) {
        std::fs::remove_file(file).expect("removes");
    }
    let store = reopen(dir.path()).await;
    assert_eq!(settled(&store).await, ROWS + 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_whose_catalog_and_sidecar_are_gone_are_set_aside() {
    let dir = folder().await;
    for file in files(dir.path(), "").into_iter().filter(|file| file.to_string_lossy().contains("catalog.sqlite")) {
        std::fs::remove_file(file).expect("removes");
    }
    std::fs::remove_file(&files(dir.path(), ".idx")[0]).expect("removes");
    let store = reopen(dir.path()).await;
    assert_eq!(settled(&store).await, ROWS / 2 + 100);
    assert_eq!(files(&dir.path().join("quarantine"), ".parquet").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_a_first_flush_that_was_not_published_are_no_damage() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path()).await;
    store.append(vec![logs(0, 1_000)], None).await.expect("kept");
    let saved: Vec<_> = files(&dir.path().join("log"), ".log")
        .into_iter()
        .map(|path| (path.clone(), std::fs::read(path).expect("reads")))
        .collect();
    store.flush().await.expect("flushes");
    store.close().await.expect("closes");
    // As a kill between the files and their publication leaves it.
    for path in files(&dir.path().join("log"), ".log").into_iter().chain(files(dir.path(), "catalog.sqlite")) {
        std::fs::remove_file(path).expect("removes");
    }
    for (path, bytes) in saved {
        std::fs::write(path, bytes).expect("writes");
    }
    let store = reopen(dir.path()).await;
    assert_eq!(one(&store, "SELECT count(DISTINCT event_id) || ' of ' || count(*) FROM logs").await, "1000 of 1000");
    assert_eq!(store.stats().quarantined, 0);
    assert!(files(dir.path(), ".parquet").is_empty(), "its rows are in the log");
}
