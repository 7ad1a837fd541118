//! The audit trail: any edit, deletion, reordering or truncation is told.

use crate::decisions::decision;
use crate::support::{Home, T0, both, facts, sqlite};
use ledger::{Ledger, Person};
use proptest::prelude::*;

async fn fill(ledger: &Ledger, entries: usize) {
    for number in 0..entries {
        if number % 3 == 0 {
            let decision = decision(&format!("d{number}"), "triage");
            ledger.decide(&decision, &facts("test", Vec::new()), Person("ada"), T0).await.unwrap();
        } else {
            let object = format!("user:{number}");
            ledger.audit("log-in", Person(["bob", "eve"][number % 2]), &object, "{}", T0).await.unwrap();
        }
    }
}

async fn problems(home: &Home) -> Vec<String> {
    match Ledger::open(home.config()).await {
        Ok(ledger) => ledger.verify().await.unwrap().problems,
        // Nothing is left, which is told even earlier.
        Err(error) => vec![error.to_string()],
    }
}

#[tokio::test]
async fn a_whole_trail_verifies_also_after_a_name_was_erased() {
    for home in both().await {
        let ledger = home.open().await;
        fill(&ledger, 10).await;
        assert_eq!(ledger.verify().await.unwrap().problems, Vec::<String>::new());
        ledger.forget("eve", Person("ada"), T0).await.unwrap();
        ledger.close().await;
        assert_eq!(problems(&home).await, Vec::<String>::new());
        let ledger = home.open().await;
        let entries = ledger.audit_entries(0, 100).await.unwrap();
        assert_eq!(entries.iter().filter(|entry| entry.person.as_deref() == Some("eve")).count(), 0);
        assert_eq!(entries.iter().filter(|entry| entry.person.is_none()).count(), 3, "eve's log-ins, by nobody's name");
        assert!(ledger.forget("eve", Person("ada"), T0).await.is_err(), "nobody knows her any more");
        // The same name later is somebody new.
        ledger.audit("log-in", Person("eve"), "user:1", "{}", T0).await.unwrap();
        assert_eq!(ledger.verify().await.unwrap().problems, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_trail_that_grows_meanwhile_is_whole() {
    for home in both().await {
        let (ledger, other) = (home.open().await, home.open().await);
        let writer = tokio::spawn(async move { fill(&other, 60).await });
        while !writer.is_finished() {
            assert_eq!(ledger.verify().await.unwrap().problems, Vec::<String>::new());
        }
        writer.await.unwrap();
        assert_eq!(ledger.verify().await.unwrap().entries, 60);
    }
}

#[tokio::test]
async fn names_are_no_longer_anywhere() {
    let home = sqlite();
    let ledger = home.open().await;
    ledger.audit("log-in", Person("a most unusual name"), "user:1", "{}", T0).await.unwrap();
    ledger.forget("a most unusual name", Person("ada"), T0).await.unwrap();
    ledger.close().await;
    for entry in std::fs::read_dir(home.dir.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(19).any(|window| window == b"a most unusual name"), "{}", path.display());
        }
    }
}

/// What an intruder with the database may do.
#[derive(Clone, Debug)]
enum Tamper {
    Edit(usize, &'static str),
    Delete(usize),
    Swap(usize, usize),
    Truncate(usize),
    EditDecision(&'static str),
    DeleteDecision,
    Rename,
    Resign(usize),
}

fn tampers() -> impl Strategy<Value = Tamper> {
    const COLUMNS: &[&str] =
        &["action = 'x'", "object = 'x'", "detail = '[]'", "known = known + 1", "person = 0", "digest = ''"];
    const DECISION: &[&str] =
        &["reason = 'x'", "kind = 'x'", "at = at + 1", "body = '{\"a\":1}'", "entity = 0", "expires = 7"];
    prop_oneof![
        (0..12usize, proptest::sample::select(COLUMNS)).prop_map(|(at, what)| Tamper::Edit(at, what)),
        (0..12usize).prop_map(Tamper::Delete),
        (0..12usize, 0..12usize).prop_map(|(a, b)| Tamper::Swap(a, b)),
        (0..12usize).prop_map(Tamper::Truncate),
        proptest::sample::select(DECISION).prop_map(Tamper::EditDecision),
        Just(Tamper::DeleteDecision),
        Just(Tamper::Rename),
        (1..12usize).prop_map(Tamper::Resign),
    ]
}

async fn apply(home: &Home, tamper: &Tamper) {
    match tamper {
        Tamper::Edit(at, what) => drop(home.run(&format!("UPDATE audit SET {what} WHERE seq = {at}")).await),
        Tamper::Delete(at) => drop(home.run(&format!("DELETE FROM audit WHERE seq = {at}")).await),
        Tamper::Swap(a, b) => {
            for (from, to) in [(*a, 1_000), (*b, *a), (1_000, *b)] {
                home.run(&format!("UPDATE audit SET seq = {to} WHERE seq = {from}")).await;
            }
        }
        Tamper::Truncate(at) => {
            home.run(&format!("DELETE FROM audit WHERE seq >= {at}")).await;
            home.run(&format!("DELETE FROM checkpoints WHERE size > {at}")).await;
            let left = "DELETE FROM decisions WHERE id NOT IN (SELECT CAST(substr(object, 10) AS BIGINT) \
                        FROM audit WHERE action = 'decision')";
            home.run(left).await;
        }
        Tamper::EditDecision(what) => drop(home.run(&format!("UPDATE decisions SET {what}")).await),
        Tamper::DeleteDecision => drop(home.run("DELETE FROM decisions WHERE key = 'd3'").await),
        Tamper::Rename => drop(home.run("UPDATE persons SET name = 'mallory' WHERE name = 'eve'").await),
        Tamper::Resign(at) => drop(home.run(&format!("UPDATE checkpoints SET root = 'AAAA' WHERE size = {at}")).await),
    }
}

#[test]
fn every_tampering_is_told() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // One whole trail, copied for each try.
    let whole = runtime.block_on(async {
        let home = sqlite();
        let ledger = home.open().await;
        fill(&ledger, 12).await;
        ledger.close().await;
        home.run("PRAGMA wal_checkpoint(TRUNCATE)").await;
        home
    });
    let config = ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(tamper in tampers())| {
        if matches!(tamper, Tamper::Swap(a, b) if a == b) {
            return Ok(());
        }
        let home = sqlite();
        copy(whole.dir.path(), home.dir.path());
        let (found, later) = runtime.block_on(async {
            assert_eq!(problems(&home).await, Vec::<String>::new());
            apply(&home, &tamper).await;
            let found = problems(&home).await;
            // Where nothing is left, the ledger does not even open.
            if let Ok(ledger) = Ledger::open(home.config()).await {
                // Edits of what an entry names may forbid to go on, and are told as before.
                let _ = ledger.audit("log-in", Person("bob"), "user:1", "{}", T0).await;
                ledger.close().await;
            }
            (found, problems(&home).await)
        });
        prop_assert!(!found.is_empty(), "{tamper:?} was not noticed");
        prop_assert!(!later.is_empty(), "{tamper:?} was hidden by what came later");
    });
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { std::fs::copy(&path, &target).map(drop).unwrap() }
    }
}

#[tokio::test]
async fn a_trail_that_was_cut_is_told_also_after_it_went_on() {
    for home in both().await {
        let ledger = home.open().await;
        fill(&ledger, 9).await;
        ledger.close().await;
        home.run("DELETE FROM checkpoints WHERE size > 5").await;
        home.run("DELETE FROM audit WHERE seq >= 5").await;
        home.run("DELETE FROM decisions WHERE id > (SELECT min(id) FROM decisions)").await;
        home.run("DELETE FROM cites").await;
        let ledger = home.open().await;
        fill(&ledger, 2).await;
        ledger.audit("log-in", Person("bob"), "user:1", "{}", T0).await.unwrap();
        ledger.close().await;
        for _ in 0..2 {
            let told = problems(&home).await;
            assert!(told.iter().any(|problem| problem.contains("keeps what was there")), "{told:?}");
        }
    }
}

#[tokio::test]
async fn an_empty_ledger_does_not_pass_for_one_that_had_entries() {
    for home in both().await {
        let ledger = home.open().await;
        fill(&ledger, 3).await;
        ledger.close().await;
        home.run("DELETE FROM checkpoints").await;
        home.run("DELETE FROM audit").await;
        let refused = Ledger::open(home.config()).await.err().unwrap().to_string();
        assert!(refused.contains("3 entries") && refused.contains("backup"), "{refused}");
    }
    let home = sqlite();
    let ledger = home.open().await;
    fill(&ledger, 3).await;
    ledger.close().await;
    let ledger::Database::Sqlite(path) = &home.database else { unreachable!() };
    std::fs::remove_file(path).unwrap();
    let found = ledger::check(home.config()).await.unwrap();
    assert!(found[0].contains("is gone"), "{found:?}");
}
