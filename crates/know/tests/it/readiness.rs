//! Recovery plans and drills.

use crate::month::{act, alert};
use crate::support::{DAY, HOUR, MINUTE, SECOND, T0, Told, entity, ledger};
use know::readiness::{
    Drill, Event, Happened, Looked, Mode, Phase, Plan, ProbeKind, Run, begun, drill, events, evidence, experiment,
    open_gaps, plan, questions, recovery_findings, timed,
};
use know::situation::{Given, read};
use ledger::{AsOf, Detection, Ledger, Person, State};
use model::{Cite, Facts, Level};
use serde_json::json;

const FILE: &str = r#"
title: Orders come back from their backup
service: orders
owner: shop
restore: true
steady_state:
  - {name: orders answer, http: "https://orders.example/health"}
  - {name: few errors, query: "service.name:orders status_code:error", within: 5m, at_most: 10}
  - {name: no alert, alert: any}
steps:
  - Stop the database of orders
  - {do: Restore it from last night, question: Where is the key of the backup?}
rollback:
  - Start the database again
expect: {detect_within: 5m, acknowledge_within: 15m, recover_within: 4h}
"#;

async fn fill(ledger: &Ledger) {
    let first = json!({"tier": "1", "rto": "1h", "rpo": "15m", "backup": "bucket:nightly"});
    Told::by("catalog", "default")
        .seen("service:orders", T0, first)
        .seen("service:stock", T0, json!({"rto": "8h"}))
        .seen("service:blog", T0, json!({"tier": "4", "rto": "soon"}))
        .seen("resource:orders-db", T0, json!({"rto": "30m", "rpo": "15m"}))
        .owned("service:orders", "", "shop", T0, json!({}))
        .related("service:orders", "depends_on", "resource:orders-db", T0)
        .related("service:orders", "calls", "service:stock", T0)
        .related("service:stock", "calls", "service:orders", T0)
        .related("service:stock", "calls", "external:pay.example", T0)
        .related("service:orders", "runs_on", "host:web-1", T0)
        .seen("host:web-1", T0, json!({}))
        .seen("external:pay.example", T0, json!({}))
        .record(ledger)
        .await;
}

fn told(plan: &Plan) -> Vec<String> {
    let gap = |gap: &know::readiness::Gap| format!("{} {} {}", gap.rule, gap.entity, gap.severity);
    plan.gaps.iter().map(gap).collect()
}

#[tokio::test]
async fn what_everything_needs_comes_back_first_and_circles_are_named() {
    let (ledger, _dir) = ledger().await;
    fill(&ledger).await;
    let found = plan(&ledger, &AsOf::at(T0 + HOUR)).await.unwrap();
    let order: Vec<String> =
        found.parts.iter().map(|part| format!("{} {} {}", part.entity, part.round, part.minimum)).collect();
    assert_eq!(
        order,
        [
            "external:pay.example 1 true",
            "host:web-1 1 true",
            "resource:orders-db 1 true",
            "service:stock 2 true",
            "service:orders 3 true",
            "service:blog 1 false",
        ]
    );
    assert_eq!((found.minimum, found.rounds), (5, 3));
    assert_eq!(found.circles.len(), 1);
    let circle = &found.circles[0];
    assert_eq!(circle.members, ["service:orders", "service:stock"]);
    assert_eq!(circle.left_out[0].0, "service:stock calls service:orders");
    assert!(circle.message.starts_with("circular restore order: service:orders, service:stock need each other."));
    assert_eq!(
        told(&found),
        [
            "recovery-no-tier resource:orders-db low",
            "recovery-no-backup resource:orders-db medium",
            "recovery-no-proved-restore resource:orders-db medium",
            "recovery-no-tier service:stock low",
            "recovery-no-proved-restore service:stock medium",
            "recovery-no-proved-restore service:orders medium",
            "recovery-rto-shorter-than-dependency service:orders medium",
            "recovery-no-rto service:blog low",
            "recovery-circular-order service:orders medium",
        ]
    );
    let blog = found.gaps.iter().find(|gap| gap.rule == "recovery-no-rto").unwrap();
    assert_eq!(blog.title, "service:blog: rto \"soon\" is no span of time such as 4h");
    let late = found.gaps.iter().find(|gap| gap.rule == "recovery-rto-shorter-than-dependency").unwrap();
    assert_eq!(late.title, "service:orders: it may be down for 1 h, but service:stock, which it needs, for 8 h");

    // Gaps are findings until they are filled.
    let as_of = AsOf::at(T0 + HOUR);
    let facts = recovery_findings(&found.gaps, &open_gaps(&ledger, &as_of).await.unwrap(), "default", T0 + HOUR);
    assert_eq!(facts.findings.len(), 9);
    ledger.record(&facts, T0 + HOUR).await.unwrap();
    let open = open_gaps(&ledger, &as_of).await.unwrap();
    assert_eq!(open.len(), 9);
    assert!(recovery_findings(&found.gaps, &open, "default", T0 + HOUR).is_empty(), "nothing is new");
    Told::by("manual", "default")
        .seen("service:blog", T0 + 2 * HOUR, json!({"rto": "3d"}))
        .seen("service:stock", T0 + 2 * HOUR, json!({"rto": "30m", "restore": {"proved": true, "took": "20m"}}))
        .record(&ledger)
        .await;
    let found = plan(&ledger, &AsOf::at(T0 + 3 * HOUR)).await.unwrap();
    let facts = recovery_findings(&found.gaps, &open, "default", T0 + 3 * HOUR);
    let mut ended: Vec<&str> =
        facts.findings.iter().filter(|one| one.ended).map(|one| one.fingerprint.as_str()).collect();
    ended.sort_unstable();
    assert_eq!(
        ended,
        [
            "recovery-no-proved-restore|service:stock",
            "recovery-no-rto|service:blog",
            "recovery-rto-shorter-than-dependency|service:orders",
        ]
    );
    let stock = found.parts.iter().find(|part| part.entity == entity("service:stock")).unwrap();
    assert_eq!((stock.proved, stock.back_after), (true, Some(20 * MINUTE)));
    let orders = found.parts.iter().find(|part| part.entity == entity("service:orders")).unwrap();
    assert_eq!(orders.back_after, None, "nobody tried what it needs");
}

#[tokio::test]
async fn who_provides_an_interface_is_needed_for_it() {
    let (ledger, _dir) = ledger().await;
    Told::by("catalog", "default")
        .seen("service:shop", T0, json!({"tier": "1"}))
        .seen("service:pay", T0, json!({}))
        .related("service:shop", "depends_on", "api:payments", T0)
        .related("service:pay", "provides", "api:payments", T0)
        .record(&ledger)
        .await;
    let found = plan(&ledger, &AsOf::at(T0 + HOUR)).await.unwrap();
    let order: Vec<String> = found.parts.iter().map(|part| part.entity.to_string()).collect();
    assert_eq!(order, ["service:pay", "service:shop"]);
    let empty = plan(&ledger, &AsOf::at(T0 - HOUR)).await.unwrap();
    assert_eq!((empty.parts.len(), empty.minimum, empty.gaps.len()), (0, 0, 0));
}

#[test]
fn a_file_that_is_no_drill_says_where() {
    let read = drill("orders", FILE).unwrap();
    assert_eq!((read.name.as_str(), read.owner.as_str(), read.steps.len()), ("orders", "shop", 2));
    assert!(read.steps[0].inject && !read.steps[1].inject, "the first step breaks something");
    assert_eq!(read.expect.recover_within, Some(4 * HOUR));
    let wrong = |from: &str, to: &str| drill("orders", &FILE.replace(from, to)).unwrap_err().to_string();
    assert_eq!(wrong("owner: shop\n", ""), "2:1: owner is missing");
    assert_eq!(wrong("4h}", "soon}"), "15:70: recover_within is a span of time such as 5m or 4h");
    assert_eq!(
        wrong("https://orders.example/health", "file:///etc/passwd"),
        "7:33: an address begins with https:// or http://"
    );
    assert!(wrong("https://", "https://me:secret@").contains("neither user nor password"));
    assert!(wrong("at_most: 10", "most: 10").contains("a query needs at_least or at_most"));
    assert!(wrong("restore: true", "restored: true").starts_with("5:1: a drill has no member \"restored\""));
    assert!(wrong("alert: any", "alert: any, http: 'https://a'").contains("exactly one of"));
    assert_eq!(
        drill("orders", "").unwrap_err().to_string(),
        "1:1: the file is empty: write title, service, owner and steps"
    );
    assert!(drill("../etc", FILE).unwrap_err().to_string().contains("is no name"));
    let many = format!("{FILE}{}", " ".repeat(300_000));
    assert!(drill("orders", &many).unwrap_err().to_string().contains("MAX_DRILL_BYTES"));
}

#[test]
fn an_experiment_is_shown_and_only_what_reads_is_run() {
    let source = json!({
        "version": "1.0.0", "title": "Does it survive?", "description": "d",
        "secrets": {"a": {"token": "hunter2"}},
        "steady-state-hypothesis": {"title": "it answers", "probes": [
            {"type": "probe", "name": "answers", "tolerance": 200,
             "provider": {"type": "http", "timeout": 3, "url": "https://shop.example/health"}},
            {"type": "probe", "name": "pods", "tolerance": true,
             "provider": {"type": "python", "module": "chaosk8s.pod.probes", "func": "pods_in_phase"}},
            {"type": "probe", "name": "filled in", "tolerance": 200,
             "provider": {"type": "http", "url": "https://${host}/"}},
            {"type": "probe", "name": "writes", "tolerance": 200,
             "provider": {"type": "http", "method": "POST", "url": "https://shop.example/"}}]},
        "method": [
            {"type": "probe", "name": "look first", "provider": {"type": "process", "path": "date", "arguments": "secret"}},
            {"type": "action", "name": "kill it", "pauses": {"after": 10},
             "provider": {"type": "process", "path": "/bin/kill", "arguments": "--token hunter2"}}],
        "rollbacks": [{"type": "action", "name": "start it", "provider": {"type": "http", "method": "POST", "url": "https://u:p@shop.example/start?key=x"}}],
    });
    let read = experiment("survive", &source.to_string(), Some(entity("service:shop")), "shop").unwrap();
    assert_eq!(read.steady_state.len(), 1);
    let ProbeKind::Http { url, status, timeout } = &read.steady_state[0].kind else { panic!("no address") };
    assert_eq!((url.as_str(), *status, *timeout), ("https://shop.example/health", 200, 3 * SECOND));
    let steps: Vec<(&str, bool)> = read.steps.iter().map(|step| (step.text.as_str(), step.inject)).collect();
    assert_eq!(steps, [("look first (runs date)", false), ("kill it (runs /bin/kill), wait 10 s after", true)]);
    assert_eq!(read.rollback, ["start it (POST https://shop.example/start)"]);
    assert_eq!(read.notes.len(), 6, "{:?}", read.notes);
    let all = serde_json::to_string(&read).unwrap();
    assert!(!all.contains("hunter2") && !all.contains("key=x"), "what may be secret is not shown");
    let wrong = experiment("x", r#"{"title": "t"}"#, None, "").unwrap_err().to_string();
    assert_eq!(wrong, "1:1: method is missing: this is no experiment");
}

#[tokio::test]
async fn at_a_table_there_are_questions_and_nothing_is_looked_at() {
    let (ledger, _dir) = ledger().await;
    fill(&ledger).await;
    let as_of = AsOf::at(T0 + HOUR);
    let found = plan(&ledger, &as_of).await.unwrap();
    let all = read(&ledger, &as_of, &Given::default()).await.unwrap();
    let orders = all.iter().find(|one| one.service == "orders");
    let read = drill("orders", FILE).unwrap();
    let asked = questions(&read, &found, orders);
    let known = |about: &str| asked.iter().find(|one| one.ask.contains(about)).unwrap().known.clone();
    assert!(asked[1].ask.ends_with("Where is the key of the backup?"), "{asked:?}");
    assert_eq!(known("Who is called").as_deref(), Some("the team shop"));
    assert_eq!(known("Where is the backup").as_deref(), Some("bucket:nightly"));
    assert_eq!(known("How long may it").as_deref(), Some("1 h"));
    assert_eq!(known("What else stops").as_deref(), Some("service:stock"));
    let order = known("in which order").unwrap();
    assert_eq!(order, "external:pay.example, host:web-1, resource:orders-db, service:stock");
    assert_eq!(known("Where does it say"), None, "a gap is no answer");
    let mut run = Run::begin(read, Mode::Tabletop, T0).unwrap();
    assert_eq!((run.due(T0 + DAY).len(), run.next_due()), (0, None));
    run.did("we would see it", T0 + MINUTE).unwrap();
    run.did("in the safe", T0 + 2 * MINUTE).unwrap();
    assert_eq!(run.phase, Phase::Over);
    let kept = evidence(&run, &timed(&run.events(1)), 1, "default", T0 + HOUR);
    assert!(!kept.body.contains_key("restore"), "talk proves nothing");
}

/// All probes hold, or not.
fn look(run: &mut Run, holds: bool, at: i64) {
    for due in run.due(at) {
        let looked = match due.probe.kind {
            ProbeKind::Http { status, .. } => Looked::Status(if holds { status } else { 503 }),
            _ => Looked::Count(0),
        };
        run.told(due.place, looked, at).unwrap();
    }
}

#[tokio::test]
async fn a_drill_is_timed_from_what_the_ledger_kept() {
    let (ledger, _dir) = ledger().await;
    fill(&ledger).await;
    let read = drill("orders", FILE).unwrap();
    let mut run = Run::begin(read, Mode::Probes, T0).unwrap();
    assert_eq!(run.due(T0).len(), 3);
    look(&mut run, true, T0);
    assert_eq!(run.phase, Phase::Steps);
    let first = ledger.decide(&begun(&run, "default"), &Facts::default(), Person("ada"), T0).await.unwrap().id;
    run.did("stopped", T0 + MINUTE).unwrap();
    look(&mut run, false, T0 + 2 * MINUTE);
    // An alert about the host that it runs on, one about another service, and one from before.
    let (host, one) = alert("h", "host_down", "host:web-1", Level::High, &[], T0 + 4 * MINUTE);
    let (other, two) = alert("b", "noise", "service:blog", Level::High, &[], T0 + 2 * MINUTE);
    let (early, three) = alert("e", "noise", "service:orders", Level::High, &[], T0 - MINUTE);
    let round = Detection { raised: vec![host, other, early], firings: vec![one, two, three], ..Detection::default() };
    let ids = ledger.commit_detection(&round, Person("rules"), T0 + 4 * MINUTE).await.unwrap().ids;
    let acts = [act("x", ids["h"], State::Acknowledged, T0 + 9 * MINUTE)];
    let acted = ledger.act(&acts, Person("ada"), T0 + 9 * MINUTE).await.unwrap().ids["x"];
    run.did("restored", T0 + HOUR).unwrap();
    assert_eq!(run.phase, Phase::Watching);
    for minute in 0..3 {
        look(&mut run, minute > 0, T0 + HOUR + minute * MINUTE);
    }
    assert_eq!(run.phase, Phase::Over);
    let mut all = run.events(first);
    all.extend(events(&ledger, &AsOf::at(T0 + 2 * HOUR), &entity("service:orders"), T0 + MINUTE).await.unwrap());
    let times = timed(&all);
    let at = |mark: &Option<know::readiness::Mark>| mark.as_ref().map(|mark| (mark.at - T0, mark.ids.clone()));
    assert_eq!(at(&times.injected), Some((MINUTE, vec![first])));
    assert_eq!(at(&times.detected), Some((4 * MINUTE, vec![ids["h"]])));
    assert_eq!(at(&times.acknowledged), Some((9 * MINUTE, vec![ids["h"], acted])));
    assert_eq!(at(&times.recovered), Some((HOUR + MINUTE, vec![])));
    let met: Vec<(String, Option<bool>)> =
        times.against(&run.drill.expect).into_iter().map(|met| (met.text, met.met)).collect();
    assert_eq!(met[0], ("detected after 3 min, expected within 5 min".to_owned(), Some(true)));
    assert_eq!(met[2], ("recovered after 1 h, expected within 4 h".to_owned(), Some(true)));

    // The evidence is in the trail, and proves the restore.
    let kept = evidence(&run, &times, first, "default", T0 + 2 * HOUR);
    assert!(kept.cites.contains(&Cite::Fact(first)) && kept.cites.contains(&Cite::Fact(ids["h"])));
    ledger.decide(&kept, &Facts::default(), Person("ada"), T0 + 2 * HOUR).await.unwrap();
    assert!(ledger.decide(&kept, &Facts::default(), Person("ada"), T0 + 2 * HOUR).await.unwrap().repeated);
    let found = plan(&ledger, &AsOf::at(T0 + 3 * HOUR)).await.unwrap();
    let orders = found.parts.iter().find(|part| part.entity == entity("service:orders")).unwrap();
    assert_eq!((orders.proved, orders.took), (true, Some(HOUR)));
    let later = plan(&ledger, &AsOf::at(T0 + 400 * DAY)).await.unwrap();
    assert!(told(&later).contains(&"recovery-restore-old service:orders medium".to_owned()), "a proof grows old");
    assert_eq!(ledger.verify().await.unwrap().problems, Vec::<String>::new());
}

fn bare() -> Drill {
    drill("orders", FILE).unwrap()
}

#[test]
fn a_drill_does_not_begin_where_something_is_broken_and_is_given_up() {
    let mut run = Run::begin(bare(), Mode::Probes, T0).unwrap();
    look(&mut run, false, T0);
    assert_eq!((run.phase, run.refused_by().len()), (Phase::Refused, 1));
    assert!(run.did("x", T0).is_err() && run.due(T0 + DAY).is_empty());
    let kept = evidence(&run, &timed(&run.events(1)), 1, "default", T0 + HOUR);
    assert!(!kept.body.contains_key("restore"), "an earlier proof stays as it is");

    let mut run = Run::begin(bare(), Mode::Probes, T0).unwrap();
    look(&mut run, true, T0);
    run.did("stopped", T0 + MINUTE).unwrap();
    run.did("tried", T0 + 2 * MINUTE).unwrap();
    look(&mut run, false, T0 + HOUR);
    assert_eq!(run.phase, Phase::Watching);
    look(&mut run, false, T0 + 9 * HOUR);
    assert_eq!(run.phase, Phase::GivenUp);
    run.took_back("started again", T0 + 9 * HOUR).unwrap();
    assert!(run.took_back("again", T0 + 9 * HOUR).is_err());
    assert!(timed(&run.events(1)).missing.contains(&"what holds normally does not hold yet".to_owned()));
    let no_owner = Drill { owner: String::new(), ..bare() };
    assert!(Run::begin(no_owner, Mode::Probes, T0).unwrap_err().to_string().contains("has no owner"));
}

#[tokio::test]
async fn the_evidence_of_the_longest_drill_fits_into_a_decision() {
    let (ledger, _dir) = ledger().await;
    let long = "\"".repeat(1_000) + &"\u{7}".repeat(1_000);
    let mut file = format!("title: {}\nservice: orders\nowner: shop\nsteady_state:\n", "t".repeat(1_999));
    for number in 0..50 {
        file.push_str(&format!("  - {{name: p{number}, alert: any}}\n"));
    }
    for list in ["steps", "rollback"] {
        file.push_str(&format!("{list}:\n"));
        for _ in 0..50 {
            file.push_str(&format!("  - {}\n", "s".repeat(1_999)));
        }
    }
    let mut run = Run::begin(drill("longest", &file).unwrap(), Mode::Probes, T0).unwrap();
    look(&mut run, true, T0);
    for at in 0..50 {
        run.did(&long, T0 + at).unwrap();
        run.took_back(&long, T0 + at).unwrap();
    }
    for due in run.due(T0 + MINUTE) {
        run.told(due.place, Looked::Failed(long.clone()), T0 + MINUTE).unwrap();
    }
    let kept = evidence(&run, &timed(&run.events(1)), 1, "default", T0 + HOUR);
    let text = serde_json::to_string(&kept.body).unwrap();
    assert!(text.len() > 20_000, "{}", text.len());
    ledger.decide(&kept, &Facts::default(), Person("ada"), T0 + HOUR).await.unwrap();
}

#[test]
fn without_probes_it_is_over_when_all_alerts_are() {
    let event = |at, what, about: i64| Event { at, what, about: Some(about), ids: vec![about] };
    let injected = Event { at: 10, what: Happened::Injected, about: None, ids: vec![1] };
    let mut all = vec![
        injected,
        event(20, Happened::Alert, 2),
        event(25, Happened::Alert, 3),
        event(30, Happened::Ended, 2),
        event(5, Happened::Act, 2),
    ];
    let times = timed(&all);
    assert_eq!((times.recovered, times.acknowledged), (None, None), "one alert is open; an act before counts not");
    all.push(event(40, Happened::Ended, 3));
    let times = timed(&all);
    assert_eq!(times.recovered.unwrap().ids, [2, 3]);
    assert_eq!(timed(&[]).missing, ["nothing was broken, so there is nothing to time"]);
}
