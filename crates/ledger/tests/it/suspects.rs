//! Which change is to blame.

use crate::support::{DAY, MINUTE, SECOND, T0, both, ended, entity, facts, relation, seen};
use ledger::AsOf;
use model::Facts;
use model::{Change, Nanos};
use serde_json::Map;

fn change(key: &str, kind: &str, of: &str, at: Nanos) -> Change {
    Change {
        key: key.to_owned(),
        kind: kind.to_owned(),
        entity: entity(of),
        at,
        environment: None,
        version: Some(key.to_owned()),
        attributes: Map::new(),
    }
}

#[tokio::test]
async fn what_is_near_in_time_and_in_topology_comes_first() {
    for home in both().await {
        let ledger = home.open().await;
        let relations = [("service:shop", "calls", "service:pay"), ("service:pay", "runs_on", "host:h1")];
        let relations = relations.map(|(from, kind, to)| seen(relation(from, kind, to), T0, None));
        ledger.record(&facts("telemetry", relations.to_vec()), T0).await.unwrap();
        let noon = T0 + DAY / 2;
        let changes = vec![
            change("own", "deployment", "service:shop", noon - 10 * MINUTE),
            change("old", "deployment", "service:shop", noon - 300 * MINUTE),
            change("called", "deployment", "service:pay", noon - 2 * MINUTE),
            change("below", "package", "host:h1", noon - MINUTE),
            change("stranger", "deployment", "service:blog", noon - SECOND),
            change("later", "deployment", "service:shop", noon + SECOND),
            change("yesterday", "deployment", "service:shop", noon - DAY),
        ];
        let all = Facts { changes, ..Facts::new("ci", "default") };
        ledger.record(&all, noon + DAY).await.unwrap();
        // The same deployment, as another source saw it a little later.
        let late = Change {
            version: Some("own".to_owned()),
            ..change("seen", "deployment", "service:shop", noon - 9 * MINUTE)
        };
        let late = Facts { changes: vec![late], ..Facts::new("telemetry", "default") };
        ledger.record(&late, noon + DAY).await.unwrap();
        let suspects = ledger.suspects(&entity("service:shop"), &AsOf::at(noon)).await.unwrap();
        let order: Vec<_> = suspects.iter().map(|suspect| suspect.version.clone().unwrap()).collect();
        assert_eq!(order, ["own", "called", "below", "old"]);
        assert_eq!(
            suspects[0].reasons,
            [
                "10 min before",
                "it changed service:shop itself",
                "it brought new code",
                "what it changed has 1 relation"
            ]
        );
        assert!(suspects[1].reasons.contains(&"service:shop calls it".to_owned()), "{suspects:?}");
        assert!(suspects.windows(2).all(|pair| pair[0].score > pair[1].score));
        // As it was known at noon nobody was to blame: the changes were told a day later.
        let known = AsOf::at(noon).known(noon);
        assert_eq!(ledger.suspects(&entity("service:shop"), &known).await.unwrap(), []);
        assert_eq!(ledger.suspects(&entity("service:nobody"), &AsOf::at(noon)).await.unwrap(), []);
        // What is no longer called is no longer near.
        let gone = facts("telemetry", vec![ended(relation("service:shop", "calls", "service:pay"), noon - DAY / 4)]);
        ledger.record(&gone, noon).await.unwrap();
        assert_eq!(ledger.suspects(&entity("service:shop"), &AsOf::at(noon)).await.unwrap().len(), 2);
    }
}
