//! What people say to controls, and who is told, on both databases.

use crate::controls::{ADA, BOB, adjustment, mode, raise, review};
use crate::support::{DAY, HOUR, T0, Told, both, entity, ledger};
use know::controls::{
    Asking, Did, NewAdjustment, NewAnswer, NewReply, RuleNames, Say, Where, adjust, answer, bypasses, in_force,
    open_questions, reply, told,
};
use ledger::{AsOf, DecisionsAsked, Detection, Ledger, Person};
use model::{DEFAULT_DATASET, Decision, Facts, Mode, Nanos};
use serde_json::json;
use std::collections::BTreeSet;

pub fn hurt(to: Option<i64>, say: Say, text: &str) -> NewAnswer {
    NewAnswer {
        key: None,
        to,
        control: to.is_none().then(|| "review".to_owned()),
        entity: to.is_none().then(|| entity("service:shop")),
        environment: to.is_none().then(|| "production".to_owned()),
        say,
        text: text.to_owned(),
        until: None,
        place: Where::Terminal,
        cites: Vec::new(),
        dataset: DEFAULT_DATASET.to_owned(),
    }
}

async fn only(ledger: &Ledger, person: &str, at: Nanos) -> Asking {
    let mut all = told(ledger, person, &AsOf::at(at)).await.unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[tokio::test]
async fn whoever_is_stopped_answers_and_is_told() {
    for (ledger, _dir, _server) in both().await {
        review(&ledger, "enforce").await;
        Told::by("catalog", DEFAULT_DATASET).owned("service:shop", "", "web", T0, json!({})).record(&ledger).await;
        let standing = in_force(&ledger, &AsOf::at(T0)).await.unwrap();
        let review = standing.control("review").unwrap().id;
        let verdict = Decision {
            key: "v1".to_owned(),
            kind: "verdict".to_owned(),
            dataset: "shop".to_owned(),
            at: T0,
            entity: Some(entity("service:shop")),
            reason: "not yet".to_owned(),
            owner: None,
            control: Some(review),
            expires: None,
            cites: Vec::new(),
            body: json!({"asked": {"environment": "production"}}).as_object().unwrap().clone(),
        };
        let verdict = ledger.decide(&verdict, &Facts::default(), Person("check"), T0).await.unwrap().id;

        let silent = answer(&ledger, &hurt(Some(verdict), Say::Hurt, ""), BOB, T0).await.unwrap_err().to_string();
        assert!(silent.contains("because"), "{silent}");
        assert!(
            answer(&ledger, &hurt(Some(7), Say::Hurt, "x"), BOB, T0)
                .await
                .unwrap_err()
                .to_string()
                .contains("no decision 7")
        );
        let (id, word) =
            answer(&ledger, &hurt(Some(verdict), Say::Hurt, "because nobody reviews at night"), BOB, T0 + 1)
                .await
                .unwrap();
        let word = word.unwrap();
        assert_eq!((word.team.as_str(), word.dataset.as_str()), ("platform", "shop"));
        assert_eq!(word.title, "review (Changes are read twice) hurt: service:shop in production");
        let open = open_questions(&ledger, Some("platform"), &AsOf::at(T0 + HOUR)).await.unwrap();
        assert_eq!((open.len(), open[0].id, open[0].cites.clone()), (1, id, vec![verdict]));
        assert!(open_questions(&ledger, Some("web"), &AsOf::at(T0 + HOUR)).await.unwrap().is_empty());
        assert!(only(&ledger, "bob", T0 + HOUR).await.waits);
        assert!(told(&ledger, "ada", &AsOf::at(T0 + HOUR)).await.unwrap().is_empty(), "each sees their own alone");

        // The owner relaxes it: to that service, there, until a time.
        let now = T0 + HOUR;
        let until = Some(now + 5 * DAY);
        let relaxed = NewReply { to: id, did: Did::Relaxed(until, None), reason: "review in the morning".to_owned() };
        let replied = reply(&ledger, &relaxed, ADA, now).await.unwrap();
        assert_eq!((replied.word.team.as_str(), replied.word.dataset.as_str()), ("web", "shop"));
        assert!(replied.word.text.contains("You said: because nobody reviews at night"), "{}", replied.word.text);
        let twice = reply(&ledger, &relaxed, ADA, now + 1).await.unwrap();
        assert_eq!((twice.id, twice.made), (replied.id, replied.made), "told twice it is one");
        assert_eq!(mode(&ledger, "service:shop", Some("production"), now + 1).await.0, Mode::Warn);
        assert_eq!(mode(&ledger, "service:shop", Some("staging"), now + 1).await.0, Mode::Enforce);
        assert_eq!(mode(&ledger, "service:shop", Some("production"), now + 5 * DAY).await.0, Mode::Enforce);
        let seen = only(&ledger, "bob", now + 1).await;
        assert_eq!((seen.waits, seen.replies[0].did.as_str(), seen.replies[0].made), (false, "relaxed", replied.made));
        assert!(only(&ledger, "bob", now - 1).await.replies.is_empty(), "as of before");

        // An exception is asked for and made; without an end of the owner's, the one that was asked for.
        let mut asks = hurt(None, Say::Exception, "the migration takes two weeks");
        asks.until = Some(now + 14 * DAY);
        let (request, _) = answer(&ledger, &asks, Person("carl"), now).await.unwrap();
        let excepted = NewReply { to: request, did: Did::Excepted(None), reason: "granted".to_owned() };
        let made = reply(&ledger, &excepted, ADA, now).await.unwrap().made.unwrap();
        let standing = in_force(&ledger, &AsOf::at(now)).await.unwrap();
        let found = standing.excepts("review", "service:shop", Some("production"), now).unwrap();
        assert_eq!((found.decision, found.until, found.owner.as_str()), (made, now + 14 * DAY, "web"));

        // What cannot be is refused, and makes nothing.
        let (question, _) = answer(&ledger, &hurt(None, Say::Question, "why?"), BOB, now + 2).await.unwrap();
        let harder = NewReply { to: question, did: Did::Tightened(None, Some(Mode::Observe)), reason: "no".to_owned() };
        let refused = reply(&ledger, &harder, ADA, now + 3).await.unwrap_err().to_string();
        assert_eq!(refused, "observe is not harder than warn, as it speaks now");
        let wrong = NewReply { to: question, did: Did::False, reason: "the check was wrong".to_owned() };
        assert_eq!(reply(&ledger, &wrong, ADA, now + 3).await.unwrap().made, None);
        assert!(
            reply(&ledger, &NewReply { to: verdict, ..wrong }, ADA, now)
                .await
                .unwrap_err()
                .to_string()
                .contains("`verdict`")
        );
        let (_, helped) = answer(&ledger, &hurt(None, Say::Helped, ""), BOB, now + 4).await.unwrap();
        assert_eq!(helped, None, "thanks wait for nobody");
        assert!(open_questions(&ledger, None, &AsOf::at(now + 5)).await.unwrap().is_empty());
        assert!(ledger.verify().await.unwrap().problems.is_empty());
    }
}

#[tokio::test]
async fn a_bypass_asks_the_owner_once() {
    for (ledger, _dir, _server) in both().await {
        review(&ledger, "observe").await;
        let tags = ["attack.t1", "tandem.bypass"];
        let raised = vec![
            raise("named", "r-1", "service:a", &["tandem.control.review"], T0),
            raise("by-rule", "96fa", "service:b", &tags, T0 + 1),
            raise("nobody", "r-2", "service:c", &tags, T0 + 2),
            raise("other", "review-x", "service:d", &[], T0 + 3),
        ];
        let detection = Detection { raised, ..Detection::default() };
        let ids = ledger.commit_detection(&detection, Person("rules"), T0 + 4).await.unwrap().ids;
        let names = RuleNames::from([("96fa".to_owned(), "review-passed-over".to_owned())]);
        let now = T0 + 5;
        let first = bypasses(&ledger, T0, &names, Person("rules"), now).await.unwrap();
        assert_eq!((first.words.len(), first.without_control), (2, 1));
        assert!(first.words.iter().all(|word| word.team == "platform" && word.key.starts_with("bypass:")));
        assert!(bypasses(&ledger, T0, &names, Person("rules"), now + 1).await.unwrap().words.is_empty());
        let open = open_questions(&ledger, Some("platform"), &AsOf::at(now)).await.unwrap();
        let cited: Vec<i64> = open.iter().flat_map(|one| one.cites.clone()).collect();
        assert_eq!(BTreeSet::from_iter(cited), BTreeSet::from([ids["alert:named"], ids["alert:by-rule"]]));
        assert!(open[0].text.ends_with("was the control review in the way?"), "{}", open[0].text);
        let yes = NewReply { to: open[0].id, did: Did::Relaxed(None, None), reason: "yes".to_owned() };
        let observes = reply(&ledger, &yes, ADA, now).await.unwrap_err().to_string();
        assert_eq!(observes, "it only observes: nothing is softer");
        reply(&ledger, &NewReply { did: Did::Answered, ..yes }, ADA, now).await.unwrap();
        assert_eq!(open_questions(&ledger, None, &AsOf::at(now)).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_reply_after_a_kill_finds_what_it_made() {
    let (ledger, _dir) = ledger().await;
    review(&ledger, "warn").await;
    let mut elsewhere = hurt(None, Say::Hurt, "because");
    elsewhere.entity = Some(entity("service:cart"));
    let (first, _) = answer(&ledger, &elsewhere, BOB, T0).await.unwrap();
    let (second, _) = answer(&ledger, &hurt(None, Say::Hurt, "because"), BOB, T0).await.unwrap();
    let relaxed = |to: i64| NewReply { to, did: Did::Relaxed(None, None), reason: "observe".to_owned() };
    let done = reply(&ledger, &relaxed(first), ADA, T0).await.unwrap();
    let asked = DecisionsAsked { ids: vec![done.id], ..DecisionsAsked::default() };
    let key = ledger.decisions(&asked, &AsOf::at(T0)).await.unwrap().remove(0).decision.key;
    // The adjustment of the second was written, and then somebody pulled the plug.
    let key = key.replace(&format!(":{first}:"), &format!(":{second}:"));
    let half = NewAdjustment { key: Some(key), ..adjustment(Mode::Observe, Some("service:shop"), Some("production")) };
    let made = adjust(&ledger, &half, ADA, T0 + 1).await.unwrap();
    assert_eq!(mode(&ledger, "service:shop", Some("production"), T0 + 1).await.0, Mode::Observe);
    let again = reply(&ledger, &relaxed(second), ADA, T0 + 2).await.unwrap();
    assert_eq!(again.made, Some(made.id), "although nothing is softer than observing");
    let adjustments = ledger.decisions(&DecisionsAsked::of(&["adjustment"]), &AsOf::at(T0 + 2)).await.unwrap();
    assert_eq!(adjustments.len(), 2);
}
