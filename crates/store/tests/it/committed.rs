//! Whoever reads commits one after the other sees every row once, wherever the rows are by then.

use crate::support::{T0, logs, open, reopen};
use arrow_array::cast::AsArray as _;
use arrow_array::types::UInt64Type;
use model::{EventId, Table};
use store::Store;

/// Everything after a commit: ids in the order they came, and how many answers it took.
async fn read(store: &Store, mut after: u64) -> (Vec<u64>, usize) {
    let (mut ids, mut answers) = (Vec::new(), 0);
    loop {
        let read = store.read_committed(&[Table::Logs, Table::Spans], after).await.expect("reads");
        if read.through == after {
            assert!(read.batches.is_empty());
            return (ids, answers);
        }
        answers += 1;
        for (table, rows) in read.batches {
            assert_eq!(table, Table::Logs);
            let of = rows.column(0).as_primitive::<UInt64Type>().values();
            assert!(of.iter().all(|id| (after + 1..=read.through).contains(&EventId(*id).sequence())));
            ids.extend_from_slice(of);
        }
        after = read.through;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_comes_once_and_in_order_from_memory_files_and_both() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path()).await;
    // Times go backwards, so that files have another order than commits; some batches are small and get merged.
    for first in (0..60).rev() {
        store.append(vec![logs(first * 5_000, if first % 2 == 0 { 300 } else { 3 })], None).await.expect("kept");
    }
    let (all, _) = read(&store, 0).await;
    assert_eq!(all.len(), 30 * 303);
    assert!(all.is_sorted_by(|a, b| a < b));
    let half = EventId(all[all.len() / 2]).sequence();
    let later: Vec<u64> = all.iter().copied().filter(|id| EventId(*id).sequence() > half).collect();
    assert_eq!(read(&store, half).await.0, later);

    store.flush().await.expect("flushes");
    assert_eq!(read(&store, 0).await.0, all);
    assert_eq!(read(&store, half).await.0, later);
    for first in 0..10 {
        store.append(vec![logs(first, 1)], None).await.expect("kept");
    }
    let (both, _) = read(&store, half).await;
    assert_eq!(both[..later.len()], later);
    assert_eq!(both.len(), later.len() + 10);

    store.flush().await.expect("flushes");
    store.compact().await.expect("merges");
    assert_eq!(read(&store, half).await.0, both);
    drop(store);
    let store = reopen(dir.path()).await;
    assert_eq!(read(&store, half).await.0, both);
    assert_eq!(store.committed(), EventId(both[both.len() - 1]).sequence());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_away_is_given_some_at_a_time() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path()).await;
    for first in 0..40 {
        store.append(vec![logs(first * 5_000, 5_000)], None).await.expect("kept");
    }
    let (all, answers) = read(&store, 0).await;
    assert_eq!(all.len(), 200_000);
    assert!(answers >= 4, "{answers}");
    store.flush().await.expect("flushes");
    let (again, answers) = read(&store, 0).await;
    assert_eq!(again, all);
    assert!(answers >= 4, "{answers}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_hears_of_the_next_commit() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path()).await;
    let before = store.committed();
    let waiting = {
        let store = store.clone();
        tokio::spawn(async move { store.committed_after(before).await })
    };
    store.append(vec![logs((T0 % 7) as usize, 1)], None).await.expect("kept");
    waiting.await.expect("is told");
    assert!(store.committed() > before);
}
