//! Opening: twice, newer, locked, read-only.

use crate::support::{T0, both, facts, sqlite};
use ledger::{Ledger, LedgerError, Person};

#[tokio::test]
async fn a_ledger_opens_again_and_time_goes_on() {
    for home in both().await {
        let first = home.open().await.record(&facts("test", Vec::new()), T0).await.unwrap();
        // The wall clock went back; the ledger's did not.
        let second = home.open().await.record(&facts("test", Vec::new()), T0 - 1_000).await.unwrap();
        assert!(second.known > first.known);
    }
}

#[tokio::test]
async fn a_newer_ledger_is_refused() {
    for home in both().await {
        home.open().await.close().await;
        home.run("INSERT INTO ledger_version (version) VALUES (99)").await;
        let answer = Ledger::open(home.config()).await.err().unwrap();
        assert!(matches!(answer, LedgerError::NewerVersion { found: 99, .. }), "{answer}");
    }
}

#[tokio::test]
async fn another_key_does_not_pass_for_the_ledgers_own() {
    let home = sqlite();
    let ledger = home.open().await;
    ledger.audit("log-in", Person("ada"), "user:1", "{}", T0).await.unwrap();
    ledger.close().await;
    std::fs::remove_file(home.dir.path().join("keys/audit.key")).unwrap();
    let problems = home.open().await.verify().await.unwrap().problems;
    assert!(problems.iter().any(|problem| problem.contains("wrong signature")), "{problems:?}");
}

#[tokio::test]
async fn the_key_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = sqlite();
    home.open().await;
    let mode = std::fs::metadata(home.dir.path().join("keys/audit.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_checkpoint_that_was_removed_is_missed() {
    let home = sqlite();
    home.open().await.audit("log-in", Person("ada"), "user:1", "{}", T0).await.unwrap();
    std::fs::remove_file(home.dir.path().join("keys/audit.checkpoint")).unwrap();
    let problems = home.open().await.verify().await.unwrap().problems;
    assert!(problems.iter().any(|problem| problem.contains("cannot be read")), "{problems:?}");
    // The next entry writes the file again, which hides nothing.
    home.open().await.audit("log-in", Person("ada"), "user:1", "{}", T0).await.unwrap();
    let problems = home.open().await.verify().await.unwrap().problems;
    assert!(problems.iter().any(|problem| problem.contains("was missing at a start")), "{problems:?}");
}
