//! Written down and read back.

use crate::decisions::decision;
use crate::support::{Home, T0, both, entity, facts, sqlite};
use ledger::{AsOf, DUMP_FILE, Ledger, Person, check};
use model::{Complete, Facts};
use serde_json::Map;

/// A ledger with a row in every table that facts and decisions fill.
async fn fill(ledger: &Ledger, numbers: std::ops::Range<i64>) {
    for number in numbers {
        let mut seen = facts("agent", Vec::new());
        seen.seen(entity(&format!("host:h{number}")), T0, Map::from_iter([("é\n\"".to_owned(), number.into())]));
        seen.related(entity(&format!("host:h{number}")), "has", entity("package:pkg:deb/x@1"), T0);
        let from = entity(&format!("host:h{number}"));
        seen.complete.push(Complete { from, relation: "has".to_owned(), at: T0, parts: false });
        let kind = if number % 2 == 0 { "triage" } else { "control" };
        ledger.decide(&decision(&format!("d{number}"), kind), &seen, Person("ada"), T0).await.unwrap();
    }
}

#[tokio::test]
async fn a_ledger_moves_from_each_database_to_each() {
    for from in both().await {
        let ledger = from.open().await;
        fill(&ledger, 0..30).await;
        ledger.forget("ada", Person("eve"), T0).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let snapshot = ledger.snapshot().await.unwrap();
        // What comes later is not of that moment.
        fill(&ledger, 30..35).await;
        let written = snapshot.write(folder.path()).await.unwrap();
        assert_eq!(written.audit_entries, 31);
        for to in both().await {
            let (restored, read) = Ledger::restore(to.config(), folder.path()).await.unwrap();
            assert_eq!(read, written);
            assert_eq!(restored.verify().await.unwrap().problems, Vec::<String>::new());
            let hosts = restored.running(&AsOf::at(T0), Some("host")).await.unwrap();
            assert_eq!(hosts.len(), 30);
            // It goes on where it was.
            fill(&restored, 30..32).await;
            assert_eq!(restored.verify().await.unwrap().problems, Vec::<String>::new());
            assert_eq!(restored.running(&AsOf::at(T0), Some("host")).await.unwrap().len(), 32);
            restored.close().await;
            let again = Ledger::restore(to.config(), folder.path()).await.err().unwrap().to_string();
            assert!(again.contains("new folder"), "{again}");
        }
    }
}

async fn restored(home: &Home, change: impl FnOnce(&std::path::Path)) -> anyhow::Result<()> {
    let ledger = home.open().await;
    let folder = tempfile::tempdir()?;
    ledger.snapshot().await?.write(folder.path()).await?;
    change(&folder.path().join(DUMP_FILE));
    Ledger::restore(sqlite().config(), folder.path()).await.map(drop)
}

#[tokio::test]
async fn a_damaged_backup_is_refused() {
    let home = sqlite();
    let ledger = home.open().await;
    fill(&ledger, 0..5).await;
    restored(&home, |_| ()).await.unwrap();
    let edit = |from: &'static str, to: &'static str| {
        move |path: &std::path::Path| {
            let text = zstd::decode_all(std::fs::File::open(path).unwrap()).unwrap();
            let text = String::from_utf8(text).unwrap().replacen(from, to, 1);
            std::fs::write(path, zstd::encode_all(text.as_bytes(), 1).unwrap()).unwrap();
        }
    };
    for (from, to, why) in [
        ("h3", "h9", "damaged"),
        ("{\"rows\":", "{\"rows\":1", "rows where"),
        ("[\"entities\",", "[\"sqlite_master\",", "no table"),
        ("\"format\":1", "\"format\":2", "format"),
        ("\"version\":", "\"version\":9", "newer"),
    ] {
        let error = format!("{:#}", restored(&home, edit(from, to)).await.unwrap_err());
        assert!(error.contains(why), "{from}: {error}");
    }
    let cut = |path: &std::path::Path| {
        let bytes = std::fs::read(path).unwrap();
        std::fs::write(path, &bytes[..bytes.len() - 9]).unwrap();
    };
    assert!(restored(&home, cut).await.is_err());
}

#[tokio::test]
async fn a_check_tells_what_is_wrong() {
    let home = sqlite();
    assert_eq!(check(home.config()).await.unwrap(), Vec::<String>::new(), "there is none");
    let ledger = home.open().await;
    fill(&ledger, 0..3).await;
    let _ = ledger.record(&Facts::default(), T0).await.unwrap();
    ledger.close().await;
    assert_eq!(check(home.config()).await.unwrap(), Vec::<String>::new());
    home.run("UPDATE observations SET attributes = '{\"a\":1}' WHERE id = (SELECT min(id) FROM observations)").await;
    let problems = check(home.config()).await.unwrap();
    assert!(problems.iter().any(|problem| problem.starts_with("observation")), "{problems:?}");
    home.run("UPDATE decisions SET reason = 'another' WHERE id = (SELECT min(id) FROM decisions)").await;
    let problems = check(home.config()).await.unwrap();
    assert!(problems.iter().any(|problem| problem.contains("was changed")), "{problems:?}");
}
