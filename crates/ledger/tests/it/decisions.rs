//! Decisions: whole, once, and with what makes them bearable.

use crate::support::{DAY, MINUTE, T0, both, entity, facts, relation, seen};
use ledger::{Again, AsOf, DecisionsAsked, Person};
use model::{Cite, Decision};
use model::{Datasets, Facts};

pub fn decision(key: &str, kind: &str) -> Decision {
    Decision {
        dataset: "default".to_owned(),
        key: key.to_owned(),
        kind: kind.to_owned(),
        at: T0,
        entity: Some(entity("service:cart")),
        reason: "because".to_owned(),
        owner: None,
        control: None,
        expires: None,
        cites: Vec::new(),
        body: serde_json::Map::new(),
    }
}

#[tokio::test]
async fn a_decision_is_kept_once_with_its_facts_and_its_trail() {
    for home in both().await {
        let ledger = home.open().await;
        let mut hand_over = decision("1", "hand_over");
        hand_over.cites = vec![Cite::Event(u64::MAX), Cite::Fact(1), Cite::Fact(1)];
        let owned = facts("manual", vec![seen(relation("service:cart", "owned_by", "team:b"), T0, None)]);
        let first = ledger.decide(&hand_over, &owned, Person("ada"), T0).await.unwrap();
        assert!(!first.repeated);
        let again = ledger.decide(&hand_over, &owned, Person("ada"), T0 + DAY).await.unwrap();
        assert_eq!((again.id, again.repeated), (first.id, true));
        assert_eq!(ledger.owners(&AsOf::at(T0), None).await.unwrap()[0].owner, entity("team:b"));
        let trail = ledger.audit_entries(0, 10).await.unwrap();
        assert_eq!(trail.len(), 1);
        assert_eq!(trail[0].object, format!("decision:{}", first.id));
        assert_eq!(trail[0].person.as_deref(), Some("ada"));
    }
}

#[tokio::test]
async fn what_hides_needs_a_control_an_owner_and_an_end() {
    for home in both().await {
        let ledger = home.open().await;
        let none = facts("test", Vec::new());
        let mut waiver = decision("w", "waiver");
        let refused =
            async |waiver: &Decision| ledger.decide(waiver, &none, Person("ada"), T0).await.unwrap_err().to_string();
        assert_eq!(refused(&waiver).await, "a waiver needs: control, owner, expires");
        waiver.owner = Some(entity("team:a"));
        waiver.expires = Some(T0);
        waiver.control = Some(1);
        assert!(refused(&waiver).await.contains("expires before it begins"));
        waiver.expires = Some(T0 + DAY);
        assert!(refused(&waiver).await.contains("1 is no control"));
        let control = ledger.decide(&decision("c", "control"), &none, Person("ada"), T0).await.unwrap();
        waiver.control = Some(control.id);
        ledger.decide(&waiver, &none, Person("ada"), T0).await.unwrap();
        assert!(ledger.verify().await.unwrap().problems.is_empty());
    }
}

#[tokio::test]
async fn decisions_of_many_at_once_are_all_kept_in_one_order() {
    for home in both().await {
        let ledger = home.open().await;
        // A second process, as far as the ledger can tell.
        let other = home.open().await;
        let mut tasks = Vec::new();
        for number in 0..40 {
            let ledger = if number % 2 == 0 { ledger.clone() } else { other.clone() };
            tasks.push(tokio::spawn(async move {
                let none = Facts::new("test", "default");
                ledger.decide(&decision(&format!("d{number}"), "triage"), &none, Person("ada"), T0).await.unwrap().id
            }));
        }
        let mut ids = std::collections::BTreeSet::new();
        for task in tasks {
            ids.insert(task.await.unwrap());
        }
        assert_eq!(ids.len(), 40);
        let verified = home.open().await.verify().await.unwrap();
        assert_eq!((verified.entries, verified.problems), (40, Vec::new()));
    }
}

#[tokio::test]
async fn decisions_are_found_by_what_they_follow_and_are_about() {
    for home in both().await {
        let ledger = home.open().await;
        let none = facts("test", Vec::new());
        let control = ledger.decide(&decision("c", "control"), &none, Person("ada"), T0).await.unwrap().id;
        let mut exception = decision("e", "exception");
        exception.control = Some(control);
        exception.owner = Some(entity("team:a"));
        exception.expires = Some(T0 + DAY);
        exception.at = T0 + 1;
        exception.cites = vec![Cite::Fact(control), Cite::Event(u64::MAX)];
        exception.body.insert("environment".to_owned(), "production".into());
        let exempts = ledger.decide(&exception, &none, Person("bob"), T0 + 1).await.unwrap().id;
        let mut other = decision("o", "answer");
        other.entity = Some(entity("service:other"));
        other.at = T0 + 2;
        other.dataset = "hidden".to_owned();
        let other = ledger.decide(&other, &none, Person("ada"), T0 + 2).await.unwrap().id;

        let now = AsOf::at(T0 + 10);
        let ids = async |asked: DecisionsAsked, as_of: &AsOf| {
            ledger.decisions(&asked, as_of).await.unwrap().iter().map(|one| one.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(DecisionsAsked::default(), &now).await, [other, exempts, control]);
        assert_eq!(ids(DecisionsAsked { limit: 1, ..DecisionsAsked::default() }, &now).await, [other]);
        assert_eq!(ids(DecisionsAsked::of(&["answer", "control"]), &now).await, [other, control]);
        assert_eq!(ids(DecisionsAsked { controls: vec![control], ..DecisionsAsked::default() }, &now).await, [exempts]);
        assert_eq!(ids(DecisionsAsked { citing: Some(control), ..DecisionsAsked::default() }, &now).await, [exempts]);
        let about = DecisionsAsked { entity: Some(entity("service:other")), ..DecisionsAsked::default() };
        assert_eq!(ids(about.clone(), &now).await, [other]);
        assert!(ids(about, &now.clone().within(Datasets::only(["default"]))).await.is_empty());
        let force = DecisionsAsked { in_force: true, ..DecisionsAsked::default() };
        assert_eq!(ids(force.clone(), &now).await, [exempts]);
        assert!(ids(force, &AsOf::at(T0 + DAY)).await.is_empty(), "it is over");
        let own = DecisionsAsked { by: Some("ada".to_owned()), ..DecisionsAsked::default() };
        assert_eq!(ids(own, &now).await, [other, control]);
        let kept = ledger.decisions(&DecisionsAsked { ids: vec![exempts], ..DecisionsAsked::default() }, &now).await;
        exception.cites.sort_unstable();
        let mut kept = kept.unwrap().remove(0).decision;
        kept.cites.sort_unstable();
        assert_eq!(kept, exception);
    }
}

#[tokio::test]
async fn what_is_decided_again_is_counted_once_a_time() {
    for home in both().await {
        let ledger = home.open().await;
        let none = facts("test", Vec::new());
        let verdict = ledger.decide(&decision("v", "verdict"), &none, Person("ada"), T0).await.unwrap().id;
        ledger.decided_again(&[(verdict, T0 + 1), (verdict, T0 + 3), (verdict, T0 + 2 * MINUTE)], T0).await.unwrap();
        ledger.decided_again(&[(verdict, T0 + 2)], T0).await.unwrap();
        ledger.decided_again(&[], T0).await.unwrap();
        let again = ledger.again("verdict", T0, &AsOf::at(T0 + DAY)).await.unwrap();
        assert_eq!(again, [Again { decision: verdict, times: 4, first: T0 + 1, last: T0 + 2 * MINUTE }]);
        assert!(
            ledger.again("verdict", T0 + MINUTE, &AsOf::at(T0 + DAY)).await.unwrap().is_empty(),
            "counted when told"
        );
        assert!(ledger.again("control", T0, &AsOf::at(T0 + DAY)).await.unwrap().is_empty());
        assert!(ledger.verify().await.unwrap().problems.is_empty());
    }
}
