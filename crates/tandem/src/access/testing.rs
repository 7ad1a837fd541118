//! Ledgers for the tests of access.

use ledger::{AuditEntry, Config, Database, Ledger};

/// A new ledger and its folder.
pub async fn ledger() -> (tempfile::TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::Sqlite(folder.path().join("ledger.sqlite"));
    let ledger = Ledger::open(Config { database, keys: folder.path().join("keys") }).await.unwrap();
    (folder, ledger)
}

/// The whole trail, which holds.
pub async fn trail(ledger: &Ledger) -> Vec<AuditEntry> {
    assert_eq!(ledger.verify().await.unwrap().problems, Vec::<String>::new());
    ledger.audit_entries(0, 10_000).await.unwrap()
}
