//! Alerts, incidents, tasks and suppressions: raised, counted, moved on, hidden, sent, erased.

use crate::decisions::decision;
use crate::support::{DAY, MINUTE, SECOND, T0, both, entity, facts};
use ledger::{
    Act, AsOf, Asked, Cell, Detection, Detector, Enqueue, Fate, Firing, Kind, Ledger, Mark, Move, On, Outcome,
    Outgoing, Person, Raise, Scan, State, Step, Table, Target, Wanted,
};
use model::{Aspect, CitedEvent, Datasets, Level};
use serde_json::Map;

const RULES: Person<'static> = Person("rules");

fn raise(key: &str, kind: &str, level: Level) -> Raise {
    Raise {
        decision: decision(key, kind),
        fingerprint: format!("print {key}"),
        rule: "brute-force".to_owned(),
        title: "Many failed log-ins".to_owned(),
        level,
        aspect: Aspect::Security,
        tags: vec!["attack.t1110".to_owned()],
        runbook: Some("https://wiki.example/brute".to_owned()),
        why: "12 failures in 60 s".to_owned(),
        key: vec![("user".to_owned(), "root".to_owned())],
    }
}

fn firing(id: &str, on: &str, events: u64) -> Firing {
    Firing {
        id: id.to_owned(),
        rule: "brute-force".to_owned(),
        on: On::Alert(Target::Key(on.to_owned())),
        events,
        first: T0,
        last: T0 + SECOND,
        copies: vec![copy(1), copy(2)],
    }
}

fn copy(id: u64) -> CitedEvent {
    let fields = Map::from_iter([("message".to_owned(), format!("failed {id}").into())]);
    CitedEvent { event_id: Some(id), table: "logs".to_owned(), timestamp: T0, fields }
}

fn notice(key: &str, about: &str) -> Outgoing {
    Outgoing {
        key: key.to_owned(),
        channel: "chat".to_owned(),
        about: Some(Target::Key(about.to_owned())),
        dataset: "default".to_owned(),
        body: "{}".to_owned(),
        due: T0,
    }
}

fn step(about: &str, step: Step) -> Move {
    Move { about: Target::Key(about.to_owned()), at: T0 + SECOND, step }
}

fn round() -> Detection {
    Detection {
        raised: vec![raise("a", "alert", Level::High), raise("i", "incident", Level::High)],
        firings: vec![firing("f1", "a", 3), firing("f2", "a", 1)],
        moves: vec![step("a", Step::Incident(Some(Target::Key("i".to_owned())))), step("a", Step::Notified)],
        notices: vec![notice("n1", "a")],
        detector: Some(Detector { name: "stream".to_owned(), position: u64::MAX - 1, snapshot: vec![7; 1_000_000] }),
    }
}

fn act(key: &str, about: Target, steps: Vec<Step>) -> Act {
    let at = T0 + 2 * MINUTE;
    let moves = steps.into_iter().map(|step| Move { about: about.clone(), at, step }).collect();
    let mut decision = decision(key, "triage");
    decision.at = at;
    Act { decision, enqueue: None, moves, notices: Vec::new() }
}

async fn sound(ledger: &Ledger) {
    assert_eq!(ledger.verify().await.unwrap().problems, Vec::<String>::new());
}

#[tokio::test]
async fn a_round_is_kept_once_however_often_it_is_told() {
    for home in both().await {
        let ledger = home.open().await;
        let done = ledger.commit_detection(&round(), RULES, T0).await.unwrap();
        assert_eq!((done.new, done.repeated), (2, 0));
        // As after a kill before the answer was heard; and by another process.
        let again = home.open().await.commit_detection(&round(), RULES, T0 + MINUTE).await.unwrap();
        assert_eq!((again.new, again.repeated), (0, 2));
        assert_eq!(done.ids, again.ids);
        let whole = ledger.whole(done.ids["a"], &AsOf::at(T0 + DAY)).await.unwrap().unwrap();
        assert_eq!((whole.kept.firings, whole.kept.events, whole.kept.state), (2, 4, State::Open));
        assert_eq!(whole.events.len(), 2, "the same events of two firings are copied once");
        assert_eq!(whole.why.as_deref(), Some("12 failures in 60 s"));
        let incident = ledger.whole(done.ids["i"], &AsOf::at(T0 + DAY)).await.unwrap().unwrap();
        assert_eq!((incident.parts.len(), incident.kept.firings, incident.kept.events), (1, 1, 4));
        assert_eq!(ledger.waiting(T0 + DAY).await.unwrap().len(), 1);
        let detector = ledger.detector("stream").await.unwrap().unwrap();
        assert_eq!((detector.position, detector.snapshot.len()), (u64::MAX - 1, 1_000_000));
        // Told with more events it grows by these alone; a smaller snapshot leaves nothing of the larger one.
        let mut more = Detection { firings: vec![firing("f1", "a", 5)], ..Detection::default() };
        more.detector = Some(Detector { name: "stream".to_owned(), position: 3, snapshot: b"x".to_vec() });
        ledger.commit_detection(&more, RULES, T0 + MINUTE).await.unwrap();
        let kept = ledger.kept(&[done.ids["a"]], &AsOf::at(T0 + DAY)).await.unwrap().remove(0);
        assert_eq!((kept.firings, kept.events), (2, 6));
        assert_eq!(ledger.detector("stream").await.unwrap().unwrap().snapshot, b"x");
        sound(&ledger).await;
    }
}

#[tokio::test]
async fn a_round_is_kept_whole_or_not_at_all() {
    for home in both().await {
        let ledger = home.open().await;
        let mut broken = round();
        broken.moves.push(step("nobody", Step::Notified));
        let told = ledger.commit_detection(&broken, RULES, T0).await.unwrap_err().to_string();
        assert!(told.contains("nobody"), "{told}");
        assert!(ledger.detector("stream").await.unwrap().is_none());
        assert!(ledger.queue(&Wanted::default(), &AsOf::at(T0 + DAY)).await.unwrap().rows.is_empty());
        assert!(ledger.waiting(T0 + DAY).await.unwrap().is_empty());
        sound(&ledger).await;
    }
}

#[tokio::test]
async fn people_move_alerts_on_and_it_is_all_in_the_trail() {
    for home in both().await {
        let ledger = home.open().await;
        let done = ledger.commit_detection(&round(), RULES, T0).await.unwrap();
        let alert = Target::Id(done.ids["a"]);
        let acknowledged = act(
            "t1",
            alert.clone(),
            vec![Step::State(State::Acknowledged, None, None), Step::Assignee(Some("ada".to_owned())), Step::Comment],
        );
        ledger.act(std::slice::from_ref(&acknowledged), Person("ada"), T0 + 2 * MINUTE).await.unwrap();
        let again = ledger.act(&[acknowledged], Person("ada"), T0 + 3 * MINUTE).await.unwrap();
        assert_eq!(again.repeated, 1);
        let seen = AsOf::at(T0 + DAY);
        let kept = ledger.kept(&[done.ids["a"]], &seen).await.unwrap().remove(0);
        assert_eq!((kept.state, kept.acted), (State::Acknowledged, Some(T0 + 2 * MINUTE)));
        let names = ledger.person_names(&[kept.assignee.unwrap()]).await.unwrap();
        assert_eq!(names.values().collect::<Vec<_>>(), ["ada"]);
        let task = Enqueue {
            kind: Kind::Task,
            title: "rotate the key".to_owned(),
            level: Level::Medium,
            aspect: Aspect::Security,
            parent: Some(done.ids["i"]),
            until: Some(T0 + DAY),
        };
        let todo = Act { decision: decision("todo", "task"), enqueue: Some(task), moves: vec![], notices: vec![] };
        let ids = ledger.act(&[todo], Person("ada"), T0 + 2 * MINUTE).await.unwrap().ids;
        let finished =
            act("t2", Target::Id(ids["todo"]), vec![Step::State(State::Resolved, Some(Outcome::Done), None)]);
        let resolved = act("t3", alert, vec![Step::State(State::Resolved, Some(Outcome::False), None)]);
        ledger.act(&[finished, resolved], Person("eve"), T0 + 3 * MINUTE).await.unwrap();
        let incident = ledger.whole(done.ids["i"], &seen).await.unwrap().unwrap();
        assert_eq!(incident.parts.len(), 2);
        assert!(incident.parts.iter().all(|part| part.state == State::Resolved));
        let counts =
            ledger.queue_counts(&Wanted { kinds: vec![Kind::Alert], ..Wanted::default() }, &seen).await.unwrap();
        assert_eq!((counts.all, counts.states.get("resolved")), (1, Some(&1)));
        let record = ledger.records(T0 - DAY, &seen).await.unwrap().remove(0);
        assert_eq!(
            (record.outcome, record.acted, record.notified),
            (Some(Outcome::False), Some(T0 + 2 * MINUTE), true)
        );
        sound(&ledger).await;
        ledger.close().await;
        home.run("UPDATE queue SET state = 'open' WHERE class = 'alert'").await;
        let problems = home.open().await.verify().await.unwrap().problems;
        assert!(problems.iter().any(|problem| problem.contains("state of")), "{problems:?}");
    }
}

#[tokio::test]
async fn what_is_snoozed_comes_back() {
    for home in both().await {
        let ledger = home.open().await;
        let done = ledger.commit_detection(&round(), RULES, T0).await.unwrap();
        let snooze = act("s", Target::Id(done.ids["a"]), vec![Step::State(State::Snoozed, None, Some(T0 + DAY))]);
        ledger.act(&[snooze], Person("ada"), T0 + 2 * MINUTE).await.unwrap();
        let open = Wanted { kinds: vec![Kind::Alert], states: vec![State::Open], ..Wanted::default() };
        let count = async |at| ledger.queue(&open, &AsOf::at(at)).await.unwrap().rows.len();
        assert_eq!((count(T0 + DAY - 1).await, count(T0 + DAY).await), (0, 1));
    }
}

/// Cells of a table.
async fn cells(ledger: &Ledger, table: &str, columns: &[&str], as_of: &AsOf) -> Vec<Vec<Cell>> {
    let table = Table::named(table).unwrap();
    let at = |name: &&str| table.columns.iter().position(|column| column.0 == *name).unwrap();
    let columns = columns.iter().map(at).collect();
    let scan = Scan { columns, equal: Vec::new(), as_of: as_of.clone(), limit: None, bytes: 1 << 20 };
    ledger.scan(table, &scan).await.unwrap()
}

#[tokio::test]
async fn tables_say_what_became_of_them_as_of_two_times() {
    for home in both().await {
        let ledger = home.open().await;
        let done = ledger.commit_detection(&round(), RULES, T0).await.unwrap();
        let steps = vec![Step::State(State::Resolved, Some(Outcome::Benign), None), Step::Level(Level::Critical)];
        ledger.act(&[act("t", Target::Id(done.ids["a"]), steps)], Person("ada"), T0 + 2 * MINUTE).await.unwrap();
        let columns = ["state", "outcome", "level", "incident", "firings", "events", "rule"];
        let text = |text: &str| Cell::Text(text.to_owned());
        let incident = Cell::Number(done.ids["i"]);
        let after = vec![
            text("resolved"),
            text("benign"),
            text("critical"),
            incident.clone(),
            Cell::Number(2),
            Cell::Number(4),
            text("brute-force"),
        ];
        assert_eq!(cells(&ledger, "alerts", &columns, &AsOf::at(T0 + DAY)).await, [after]);
        let before = vec![
            text("open"),
            Cell::Null,
            text("high"),
            incident,
            Cell::Number(2),
            Cell::Number(4),
            text("brute-force"),
        ];
        for as_of in [AsOf::at(T0 + MINUTE), AsOf::at(T0 + DAY).known(T0 + MINUTE)] {
            assert_eq!(cells(&ledger, "alerts", &columns, &as_of).await, std::slice::from_ref(&before), "{as_of:?}");
        }
        assert_eq!(cells(&ledger, "incidents", &["alerts"], &AsOf::at(T0 + DAY)).await, [[Cell::Number(1)]]);
    }
}

#[tokio::test]
async fn what_a_suppression_hides_is_counted_by_rule_and_team() {
    for home in both().await {
        let ledger = home.open().await;
        let mut control = decision("c", "control");
        control.owner = Some(entity("team:shop"));
        let control = ledger.decide(&control, &facts("test", vec![]), Person("ada"), T0).await.unwrap().id;
        let mut hides = decision("s", "suppression");
        hides.owner = Some(entity("team:shop"));
        (hides.control, hides.expires) = (Some(control), Some(T0 + DAY));
        let enqueue = Enqueue {
            kind: Kind::Suppression,
            title: "a test host".to_owned(),
            level: Level::Low,
            aspect: Aspect::Security,
            parent: None,
            until: Some(T0 + DAY),
        };
        let made = Act { decision: hides, enqueue: Some(enqueue), moves: vec![], notices: vec![] };
        let by = ledger.act(&[made], Person("ada"), T0).await.unwrap().ids["s"];
        assert_eq!(ledger.suppressing(T0 + DAY - 1).await.unwrap().len(), 1);
        assert_eq!(ledger.suppressing(T0 + DAY).await.unwrap().len(), 0, "it ends by itself");
        let mut hidden = firing("f", "", 3);
        hidden.on = On::Hidden { by, team: "shop".to_owned() };
        let round = Detection { firings: vec![hidden], ..Detection::default() };
        for _ in 0..2 {
            ledger.commit_detection(&round, RULES, T0).await.unwrap();
        }
        let all = ledger.hidden(T0 - DAY, &AsOf::at(T0 + DAY)).await.unwrap();
        assert_eq!((all.len(), all[0].firings, all[0].events, &*all[0].team), (1, 1, 3, "shop"));
        assert_eq!(ledger.kept(&[by], &AsOf::at(T0)).await.unwrap()[0].firings, 1);
        assert_eq!(cells(&ledger, "controls", &["hidden"], &AsOf::at(T0 + DAY)).await, [[Cell::Number(1)]]);
        assert!(
            ledger.hidden(T0 - DAY, &AsOf::at(T0 + DAY).within(Datasets::only(["other"]))).await.unwrap().is_empty()
        );
        sound(&ledger).await;
    }
}

#[tokio::test]
async fn notices_wait_are_tried_again_and_given_up() {
    for home in both().await {
        let ledger = home.open().await;
        ledger.commit_detection(&round(), RULES, T0).await.unwrap();
        let first = ledger.waiting(T0).await.unwrap().remove(0);
        assert_eq!((first.attempts, &*first.channel), (0, "chat"));
        let settle = async |fate: Fate| ledger.settle(&[(first.id, fate)], T0).await.unwrap();
        settle(Fate::Later(T0 + SECOND)).await;
        settle(Fate::Retry(T0 + MINUTE, "refused".to_owned())).await;
        assert!(ledger.waiting(T0 + SECOND).await.unwrap().is_empty());
        assert_eq!(ledger.next_due().await.unwrap(), Some(T0 + MINUTE));
        assert_eq!(ledger.waiting(T0 + MINUTE).await.unwrap()[0].attempts, 1);
        settle(Fate::Dead("refused for good".to_owned())).await;
        let dead = ledger.dead_letters(&AsOf::at(T0 + DAY)).await.unwrap();
        assert_eq!((dead.len(), dead[0].error.as_deref()), (1, Some("refused for good")));
        assert!(ledger.dead_letters(&AsOf::at(T0).within(Datasets::only(["other"]))).await.unwrap().is_empty());
        assert_eq!(ledger.revive(&[first.id], Person("ada"), T0 + DAY).await.unwrap(), 1);
        settle(Fate::Sent).await;
        assert_eq!(ledger.next_due().await.unwrap(), None);
        assert_eq!(ledger.forget_notices(T0 + 1, T0 + DAY).await.unwrap(), 1);
        sound(&ledger).await;
    }
}

#[tokio::test]
async fn erased_copies_are_gone_and_verification_holds() {
    for home in both().await {
        let ledger = home.open().await;
        let done = ledger.commit_detection(&round(), RULES, T0).await.unwrap();
        let erased = ledger.erase_copies(|event| event.event_id == Some(1), Person("ada"), T0).await.unwrap();
        assert_eq!((erased.events, erased.alerts), (1, 1));
        let whole = ledger.whole(done.ids["a"], &AsOf::at(T0 + DAY)).await.unwrap().unwrap();
        assert_eq!((whole.why, whole.key.len()), (None, 0));
        assert_eq!(whole.events.iter().flatten().count(), 1);
        sound(&ledger).await;
        ledger.close().await;
        home.run("UPDATE copies SET text = '{}' WHERE text IS NOT NULL").await;
        let problems = home.open().await.verify().await.unwrap().problems;
        assert!(problems.iter().any(|problem| problem.contains("evidence of alert")), "{problems:?}");
    }
}

#[tokio::test]
async fn what_is_around_alerts_is_found() {
    for home in both().await {
        let ledger = home.open().await;
        let done = ledger.commit_detection(&round(), RULES, T0).await.unwrap();
        let asked = Asked {
            firings: vec!["f1".to_owned(), "none".to_owned()],
            fingerprints: vec!["print a".to_owned()],
            entities: vec![entity("service:cart")],
            since: T0 - DAY,
            near: T0 - DAY,
            shift: T0,
            now: T0 + MINUTE,
        };
        let there = ledger.situation(&asked).await.unwrap();
        assert_eq!(there.firings["f1"].about, done.ids["a"]);
        assert_eq!((there.firings.len(), there.same.len(), there.near.len(), there.incidents.len()), (1, 1, 1, 1));
        assert_eq!(there.noticed.values().sum::<u64>(), 1);
    }
}

#[tokio::test]
async fn pages_of_the_queue_miss_none() {
    for home in both().await {
        let ledger = home.open().await;
        let raised: Vec<Raise> = (0..25).map(|n| raise(&format!("a{n}"), "alert", Level::ALL[n % 5])).collect();
        let moves = vec![step("a3", Step::Mark(Mark::Digest, None))];
        let round = Detection { raised, moves, ..Detection::default() };
        ledger.commit_detection(&round, RULES, T0).await.unwrap();
        for order in [ledger::Order::Opened, ledger::Order::Last, ledger::Order::Level] {
            let mut wanted = Wanted { limit: Some(7), order, without: vec![Mark::Digest], ..Wanted::default() };
            let mut seen = std::collections::BTreeSet::new();
            loop {
                let page = ledger.queue(&wanted, &AsOf::at(T0 + DAY)).await.unwrap();
                seen.extend(page.rows.iter().map(|row| row.id));
                match page.next {
                    Some(next) => wanted.after = Some(next),
                    None => break,
                }
            }
            assert_eq!(seen.len(), 24, "{order:?}");
        }
    }
}

#[tokio::test]
async fn alerts_move_with_a_backup() {
    for from in both().await {
        let ledger = from.open().await;
        let done = ledger.commit_detection(&round(), RULES, T0).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        ledger.snapshot().await.unwrap().write(folder.path()).await.unwrap();
        let seen = AsOf::at(T0 + DAY);
        let before = ledger.whole(done.ids["a"], &seen).await.unwrap().unwrap();
        for to in both().await {
            let (restored, _) = Ledger::restore(to.config(), folder.path()).await.unwrap();
            assert_eq!(restored.whole(done.ids["a"], &seen).await.unwrap().unwrap(), before);
            assert_eq!(restored.detector("stream").await.unwrap(), ledger.detector("stream").await.unwrap());
            sound(&restored).await;
        }
    }
}
