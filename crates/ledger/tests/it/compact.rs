//! Days that are merged say what they said before, in fewer rows.

use crate::decisions::decision;
use crate::support::{DAY, MINUTE, SECOND, T0, both, ended, entity, relation, seen};
use ledger::{AsOf, Ledger, Person};
use model::{About, Cite, Facts, Nanos};
use serde_json::Map;

async fn count(ledger: &Ledger) -> usize {
    let table = ledger::Table::named("observations").unwrap();
    let scan = ledger::Scan {
        columns: vec![0],
        equal: Vec::new(),
        as_of: AsOf::at(T0 + 9 * DAY),
        limit: None,
        bytes: 1 << 24,
    };
    ledger.scan(table, &scan).await.unwrap().len()
}

/// What was there at times around every event, as it was known then and as it is known now.
async fn answers(ledger: &Ledger) -> Vec<Vec<String>> {
    let mut answers = Vec::new();
    for quarter in -4..100 {
        let valid = T0 + quarter * 15 * MINUTE + 7 * SECOND;
        for known in [valid, Nanos::MAX] {
            let as_of = AsOf::at(valid).known(known);
            let running = ledger.running(&as_of, None).await.unwrap();
            let mut answer: Vec<String> = running.into_iter().map(|one| one.entity.to_string()).collect();
            let on = ledger.related(&as_of, &entity("container:c1"), "runs_on").await.unwrap();
            answer.extend(on.into_iter().map(|one| one.to_string()));
            answers.push(answer);
        }
    }
    answers
}

#[tokio::test]
async fn a_merged_day_answers_as_before() {
    for home in both().await {
        let ledger = home.open().await;
        let lease = Some(5 * MINUTE);
        for minute in 0..24 * 60 {
            let at = T0 + minute * MINUTE;
            let mut facts = Facts::new("agent", "default");
            facts.observations.push(seen(About::Entity(entity("host:web-1")), at, lease));
            // A container that lived twice, with an end in between that nobody's lease would show.
            if !(200..=700).contains(&minute) {
                facts.observations.push(seen(About::Entity(entity("container:c1")), at, lease));
                facts.observations.push(seen(relation("container:c1", "runs_on", "host:web-1"), at, lease));
            }
            if minute == 100 || minute == 900 {
                facts.observations.push(ended(About::Entity(entity("container:c1")), at + SECOND));
            }
            if minute % 300 == 0 {
                let said = Map::from_iter([("minute".to_owned(), minute.into())]);
                facts.seen(entity("host:web-2"), at, said).lease = lease;
            }
            ledger.record(&facts, at).await.unwrap();
        }
        // Something that was learnt late, and something that a decision cites.
        let late = T0 + 300 * MINUTE;
        let mut facts = Facts::new("import", "default");
        facts.observations.push(seen(About::Entity(entity("host:web-3")), late, lease));
        facts.observations.push(seen(About::Entity(entity("host:web-3")), late + MINUTE, lease));
        ledger.record(&facts, T0 + DAY - MINUTE).await.unwrap();
        let (before, rows) = (answers(&ledger).await, count(&ledger).await);
        let mut cites = decision("cites", "triage");
        cites.cites = (1..rows as i64).step_by(400).map(Cite::Fact).collect();
        ledger.decide(&cites, &Facts::default(), Person("ada"), T0 + DAY).await.unwrap();
        assert_eq!(ledger.compact(T0 + DAY - 1).await.unwrap(), None, "the day is not over");
        let done = ledger.compact(T0 + DAY + 1).await.unwrap().unwrap();
        assert!(done.removed > rows as u64 - 60, "{done:?} of {rows}");
        assert_eq!(count(&ledger).await, rows - done.removed as usize);
        assert_eq!(answers(&ledger).await, before);
        assert_eq!(ledger.compact(T0 + 2 * DAY).await.unwrap(), None, "once is enough");
        let whole = ledger.verify().await.unwrap();
        assert_eq!(whole.problems, Vec::<String>::new());
        // Life goes on.
        let mut facts = Facts::new("agent", "default");
        facts.observations.push(seen(About::Entity(entity("host:web-1")), T0 + 2 * DAY, lease));
        ledger.record(&facts, T0 + 2 * DAY).await.unwrap();
        assert_eq!(ledger.running(&AsOf::at(T0 + 2 * DAY), Some("host")).await.unwrap().len(), 1);
    }
}
