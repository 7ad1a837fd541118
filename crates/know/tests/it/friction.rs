//! Friction beside risk over ten days, of which the true numbers are reckoned by hand.

use crate::controls::{NONE, control, raise};
use crate::support::{DAY, HOUR, T0, both, entity};
use know::controls::friction::{Exceptions, Friction, Row, Said, Waiting, friction};
use know::controls::{
    Did, NewAnswer, NewException, NewReply, RuleNames, Say, Where, answer, bypasses, except, in_force, renew, reply,
    sync,
};
use ledger::{AsOf, Detection, FindingsAsked, Ledger, Move, Outcome, Person, State, Step, Target};
use model::{
    Answer, Asked, DEFAULT_DATASET, Datasets, Decision, EntityRef, Facts, Finding, Mode, Nanos, Question, Reason,
    Verdict,
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

const JOB: Person<'static> = Person("job");
const END: Nanos = T0 + 10 * DAY;

/// A verdict of a release of a service.
fn verdict(service: &str, environment: &str, at: Nanos, passed: &[&str]) -> Verdict {
    Verdict {
        asked: Asked {
            question: Question::Release,
            service: service.to_owned(),
            environment: Some(environment.to_owned()),
            version: None,
            from: None,
            to: None,
            defence: None,
        },
        at,
        answer: Answer::Ready,
        stopped: false,
        passed_for_defence: false,
        reasons: Vec::new(),
        passed: passed.iter().map(|check| (*check).to_owned()).collect(),
        waived: Vec::new(),
        inputs: String::new(),
    }
}

fn reason(control: &str, answer: Answer, mode: Mode, facts: &[i64]) -> Reason {
    Reason {
        check: control.to_owned(),
        answer,
        text: "one read it".to_owned(),
        control: control.to_owned(),
        control_id: 0,
        for_operations: String::new(),
        for_security: String::new(),
        owner: "platform".to_owned(),
        ask: "platform".to_owned(),
        review_by: None,
        mode,
        because: None,
        fix: String::new(),
        excepted: None,
        excepted_until: None,
        facts: facts.to_vec(),
    }
}

fn stopped(mut verdict: Verdict, facts: &[i64]) -> Verdict {
    verdict.reasons.push(reason("review", Answer::NotYet, Mode::Enforce, facts));
    (verdict.answer, verdict.stopped) = (Answer::NotYet, true);
    verdict
}

async fn keep(ledger: &Ledger, verdict: &Verdict, control: i64) -> i64 {
    let Value::Object(body) = serde_json::to_value(verdict).unwrap() else { panic!("a verdict is an object") };
    let decision = Decision {
        key: format!("verdict:{}", body_digest(&body)),
        kind: "verdict".to_owned(),
        dataset: DEFAULT_DATASET.to_owned(),
        at: verdict.at,
        entity: EntityRef::new("service", verdict.asked.service.as_str()).ok(),
        reason: verdict.answer.words().to_owned(),
        owner: None,
        control: Some(control),
        expires: None,
        cites: Vec::new(),
        body,
    };
    ledger.decide(&decision, &Facts::default(), JOB, verdict.at).await.unwrap().id
}

fn body_digest(body: &Map<String, Value>) -> String {
    serde_json::to_string(body).unwrap().chars().filter(char::is_ascii_alphanumeric).collect()
}

/// A finding, and its end.
fn finding(facts: &mut Facts, fingerprint: &str, rule: &str, about: &str, severity: &str, fixed: Option<Nanos>) {
    for at in std::iter::once(T0 - DAY).chain(fixed) {
        facts.findings.push(Finding {
            entity: Some(entity(about)),
            rule: rule.to_owned(),
            fingerprint: fingerprint.to_owned(),
            severity: severity.to_owned(),
            title: "weak".to_owned(),
            place: String::new(),
            at,
            ended: Some(at) == fixed,
            evidence: Map::new(),
        });
    }
}

/// High, named by the first verdict, fixed on the third day; critical, named and open; medium, fixed, never named.
async fn findings(ledger: &Ledger) -> BTreeMap<String, i64> {
    let mut facts = Facts::new("scan", DEFAULT_DATASET);
    finding(&mut facts, "f1", "review-weak", "service:shop", "high", Some(T0 + 2 * DAY));
    finding(&mut facts, "f2", "review-weak", "service:cart", "critical", None);
    finding(&mut facts, "f3", "test-weak", "service:shop", "medium", Some(T0 + DAY));
    finding(&mut facts, "f4", "nobody's", "service:shop", "critical", None);
    ledger.record(&facts, T0 - DAY).await.unwrap();
    let asked = FindingsAsked { fixed: true, ..FindingsAsked::default() };
    let all = ledger.findings(&AsOf::at(END), &asked).await.unwrap();
    all.into_iter().map(|one| (one.fingerprint, one.id)).collect()
}

async fn verdicts(ledger: &Ledger, control: i64, facts: &BTreeMap<String, i64>) {
    // Before the time: stopped and forgotten; and ready, and again once in the time.
    keep(ledger, &stopped(verdict("cart", "staging", T0 - DAY, &[]), &[]), control).await;
    let old = keep(ledger, &verdict("old", "production", T0 - 2 * DAY, &["reviewed", "tested"]), control).await;
    ledger.decided_again(&[(old, T0 + 4 * DAY)], T0 + 4 * DAY).await.unwrap();
    // shop: stopped three times from 1:00 on, passes at 5:00; stopped the next day, passed for defence two hours later.
    let v1 =
        keep(ledger, &stopped(verdict("shop", "production", T0 + HOUR, &["tested"]), &[facts["f1"]]), control).await;
    for at in [T0 + 2 * HOUR, T0 + 3 * HOUR] {
        ledger.decided_again(&[(v1, at)], at).await.unwrap();
    }
    let mut v2 = verdict("shop", "production", T0 + 5 * HOUR, &["reviewed"]);
    v2.reasons.push(reason("tested", Answer::NotYet, Mode::Observe, &[]));
    v2.answer = Answer::NotYet;
    keep(ledger, &v2, control).await;
    keep(ledger, &stopped(verdict("shop", "production", T0 + DAY, &[]), &[]), control).await;
    let mut v4 = stopped(verdict("shop", "production", T0 + DAY + 2 * HOUR, &[]), &[]);
    (v4.stopped, v4.passed_for_defence) = (false, true);
    keep(ledger, &v4, control).await;
    // cart: stopped in production and never asked again; in staging excepted, and a test's result is missing.
    keep(ledger, &stopped(verdict("cart", "production", T0 + 2 * DAY, &[]), &[facts["f2"]]), control).await;
    let mut v6 = verdict("cart", "staging", T0 + 2 * DAY, &[]);
    v6.reasons.push(Reason { excepted: Some(1), ..reason("review", Answer::NotYet, Mode::Enforce, &[]) });
    v6.reasons.push(reason("tested", Answer::Undecided, Mode::Observe, &[]));
    v6.answer = Answer::NotYet;
    keep(ledger, &v6, control).await;
}

async fn say(ledger: &Ledger, say: Say, at: Nanos) -> i64 {
    let new = NewAnswer {
        key: None,
        to: None,
        control: Some("review".to_owned()),
        entity: Some(entity("service:shop")),
        environment: None,
        say,
        text: "because it is night".to_owned(),
        until: None,
        place: Where::Terminal,
        cites: Vec::new(),
        dataset: DEFAULT_DATASET.to_owned(),
    };
    answer(ledger, &new, Person("bob"), at).await.unwrap().0
}

async fn answers(ledger: &Ledger) {
    let wrong = say(ledger, Say::Hurt, T0 + 2 * HOUR).await;
    let slow = say(ledger, Say::Hurt, T0 + DAY).await;
    say(ledger, Say::Helped, T0 + DAY).await;
    say(ledger, Say::Question, T0 + 3 * DAY).await;
    let request = say(ledger, Say::Exception, T0 + 3 * DAY).await;
    for (to, did) in [(wrong, Did::False), (slow, Did::Answered), (request, Did::Excepted(Some(T0 + 5 * DAY)))] {
        let new = NewReply { to, did, reason: "thank you".to_owned() };
        reply(ledger, &new, Person("ada"), T0 + 3 * DAY).await.unwrap();
    }
}

async fn exceptions(ledger: &Ledger) {
    let new = |about: &str, until: Nanos| NewException {
        control: "review".to_owned(),
        entity: Some(entity(about)),
        reason: "a migration".to_owned(),
        until: Some(until),
        dataset: DEFAULT_DATASET.to_owned(),
        ..NewException::default()
    };
    except(ledger, &new("service:old", T0 + 30 * DAY), JOB, T0 - DAY).await.unwrap();
    let made = except(ledger, &new("service:cart", T0 + 20 * DAY), JOB, T0 + 4 * DAY).await.unwrap();
    renew(ledger, made.id, None, None, JOB, T0 + 5 * DAY).await.unwrap();
}

/// A bypass that is part of an incident, an alert of the other control, a false one, and one of no control.
async fn alerts(ledger: &Ledger) {
    let mut incident = raise("incident", "incident", "service:shop", &[], T0 + 6 * DAY);
    incident.decision.kind = "incident".to_owned();
    let raised = vec![
        incident,
        raise("a1", "review-x", "service:shop", &["tandem.bypass"], T0 + 6 * DAY),
        raise("a2", "test-x", "service:shop", &[], T0 + 6 * DAY),
        raise("a3", "review-y", "service:cart", &[], T0 + 6 * DAY),
        raise("a4", "other", "service:none", &[], T0 + 6 * DAY),
    ];
    let step = |about: &str, step: Step| Move { about: Target::Key(about.to_owned()), at: T0 + 6 * DAY, step };
    let moves = vec![
        step("alert:a1", Step::Incident(Some(Target::Key("alert:incident".to_owned())))),
        step("alert:a3", Step::State(State::Resolved, Some(Outcome::False), None)),
    ];
    let detection = Detection { raised, moves, ..Detection::default() };
    ledger.commit_detection(&detection, JOB, T0 + 6 * DAY).await.unwrap();
    let asked = bypasses(ledger, T0, &RuleNames::new(), JOB, T0 + 6 * DAY).await.unwrap();
    assert_eq!(asked.words.len(), 1);
}

fn counts(list: &[(&str, u64)]) -> BTreeMap<String, u64> {
    list.iter().map(|(severity, count)| ((*severity).to_owned(), *count)).collect()
}

fn row<'f>(rows: &'f [Row], name: &str) -> &'f Row {
    rows.iter().find(|row| row.name == name).unwrap()
}

fn near(left: f64, right: f64) {
    assert!((left - right).abs() < 1e-12, "{left} is not {right}");
}

fn reckoned(measured: &Friction) {
    let review = row(&measured.controls, "review");
    // Asked: 3 + 1 + 1 + 1 of shop, 1 + 1 of cart, and old again.
    assert_eq!((review.asked, review.stopped, review.would_have_stopped), (9, 5, 0));
    assert_eq!((review.for_defence, review.excepted, review.undecided), (1, 1, 0));
    // The question of the fourth day is the oldest that waits; the other is the bypass'.
    let said = Said { helped: 1, hurt: 2, questions: 2, requests: 1, wrong: 1, unanswered: 2, longest: Some(7 * DAY) };
    assert_eq!(review.said, said);
    // 1:00 to 5:00, and two hours the next day; cart waits still.
    assert_eq!(review.waiting, Waiting { ended: 2, p50: Some(2 * HOUR), p95: Some(4 * HOUR), open: 1 });
    // By the reply and directly; the renewal and that of before hold on.
    assert_eq!(review.exceptions, Exceptions { made: 2, renewed: 1, in_force: 2 });
    assert_eq!((review.bypasses, review.against.alerts, review.against.incidents), (1, 1, 1));
    assert_eq!(review.against.open, counts(&[("critical", 1)]));
    assert_eq!((&review.against.fixed, &review.against.caught), (&counts(&[("high", 1)]), &counts(&[("high", 1)])));
    near(review.friction, (5.0 / 9.0 + 2.0 / 3.0 + 2.0 / 26.0 + 4.0 / 13.0) / 4.0);
    // 10 for the critical one, 5 for the one that was caught, 5 for the incident, 1 for the alert.
    near(review.risk, 21.0 / 31.0);

    let tested = row(&measured.controls, "tested");
    assert_eq!((tested.asked, tested.would_have_stopped, tested.stopped, tested.undecided), (6, 1, 0, 1));
    assert_eq!((tested.said, tested.waiting), (Said::default(), Waiting::default()));
    assert_eq!((&tested.against.fixed, tested.against.caught.len()), (&counts(&[("medium", 1)]), 0));
    near(tested.friction, (1.0 / 6.0) / 4.0);
    near(tested.risk, 1.0 / 11.0);

    let names: Vec<&str> = measured.systems.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["service:cart", "service:old", "service:shop"]);
    let shop = row(&measured.systems, "service:shop");
    assert_eq!((shop.asked, shop.stopped, shop.would_have_stopped, shop.for_defence), (6, 4, 1, 1));
    assert_eq!((shop.said, shop.exceptions), (said, Exceptions { made: 1, renewed: 0, in_force: 0 }));
    assert_eq!(shop.waiting, Waiting { open: 0, ..review.waiting });
    assert_eq!(shop.against.fixed, counts(&[("high", 1), ("medium", 1)]));
    assert_eq!((shop.against.alerts, shop.bypasses, shop.against.open.len()), (2, 1, 0));
    let cart = row(&measured.systems, "service:cart");
    assert_eq!((cart.asked, cart.stopped, cart.excepted, cart.undecided), (2, 1, 1, 1));
    assert_eq!((cart.waiting.open, cart.exceptions), (1, Exceptions { made: 1, renewed: 1, in_force: 1 }));
    assert_eq!((cart.against.alerts, &cart.against.open), (0, &counts(&[("critical", 1)])));
    let old = row(&measured.systems, "service:old");
    assert_eq!((old.asked, old.exceptions), (1, Exceptions { made: 0, renewed: 0, in_force: 1 }));
    assert_eq!(measured.proposals, Vec::new(), "nine askings and six answers prove nothing");
}

#[tokio::test]
async fn ten_days_are_as_reckoned_by_hand() {
    for (ledger, _dir, _server) in both().await {
        let mut tested = control("tested", "observe", "");
        (tested.rules, tested.checks) = (vec!["test-*".to_owned()], vec!["tested".to_owned()]);
        let controls = [control("review", "enforce", ""), tested];
        sync(&ledger, &controls, &NONE, JOB, T0 - 2 * DAY).await.unwrap();
        let standing = in_force(&ledger, &AsOf::at(T0)).await.unwrap();
        let control = standing.control("review").unwrap().id;
        let facts = findings(&ledger).await;
        verdicts(&ledger, control, &facts).await;
        answers(&ledger).await;
        exceptions(&ledger).await;
        alerts(&ledger).await;
        let names = RuleNames::new();
        reckoned(&friction(&ledger, T0, &names, &AsOf::at(END)).await.unwrap());

        // Whoever sees none of it measures nothing; and nothing is measured of no time.
        let elsewhere = AsOf::at(END).within(Datasets::only(["elsewhere"]));
        let none = friction(&ledger, T0, &names, &elsewhere).await.unwrap();
        assert!(none.systems.is_empty() && none.controls.iter().all(|row| row.asked == 0 && row.risk == 0.0));
        let refused = friction(&ledger, END, &names, &AsOf::at(END)).await.unwrap_err().to_string();
        assert!(refused.contains("at most 400 days"), "{refused}");
        assert!(ledger.verify().await.unwrap().problems.is_empty());
    }
}
