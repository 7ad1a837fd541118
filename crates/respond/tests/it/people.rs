//! What people do: judge, hide, run playbooks, learn.

use crate::support::{DAY, HOUR, Home, MINUTE, T0, alert, channel, entity, policy, state};
use ledger::{AsOf, Kind, Outcome, Person, State};
use model::{Aspect, Level};
use respond::{
    Action, ChannelKind, Deed, Hides, NewIncident, NewSuppression, NewTask, Notice, Playbook, Policy,
    first_useful_signal, review, scores,
};

const ADA: Person<'static> = Person("ada@example.org");

fn hides(rule: &str) -> NewSuppression {
    NewSuppression {
        key: None,
        hides: Hides { rule: Some(rule.to_owned()), ..Hides::default() },
        reason: "a test host".to_owned(),
        owner: entity("team:shop"),
        until: None,
        dataset: "default".to_owned(),
        control: None,
    }
}

#[tokio::test]
async fn what_a_suppression_hides_is_counted_its_end_announced_and_then_it_is_raised_again() {
    let home = Home::new(policy()).await;
    home.shop().await;
    let id = home.responder.suppress(&hides("bru*"), ADA, T0).await.unwrap();
    let tell = async |id: &str, about: &str, at| {
        home.responder.commit(vec![alert(id, "brute", about, Level::High, at)], state(1), at).await.unwrap()
    };
    assert_eq!(tell("1", "host:web-1", T0).await.hidden, 1);
    assert_eq!(tell("2", "host:elsewhere", T0).await.raised, 1, "it hides what is its team's alone");
    assert_eq!(home.responder.find(&[id], &AsOf::at(T0)).await.unwrap()[0].firings, 1);
    assert_eq!(home.responder.tick(T0 + 80 * DAY).await.unwrap().announced, 0);
    assert_eq!(home.responder.tick(T0 + 84 * DAY).await.unwrap().announced, 1);
    assert_eq!(home.responder.tick(T0 + 85 * DAY).await.unwrap().announced, 0, "once");
    assert_eq!(tell("3", "host:web-1", T0 + 89 * DAY).await.hidden, 1);
    assert_eq!(tell("4", "host:web-1", T0 + 90 * DAY).await.raised, 1);
    assert_eq!(home.responder.tick(T0 + 90 * DAY).await.unwrap().ended, 1);
    let notices = home.notices().await.concat();
    assert!(notices.contains("ends at 2027-02-19") && notices.contains("has ended"), "{notices}");
    assert!(notices.contains("It hid 2 firings so far"), "{notices}");
    for part in ["Reason: a test host", "Owner: shop", "Until: 2027-02-19", &format!("tandem answer {id} hurt")] {
        assert!(notices.contains(part), "{part}: {notices}");
    }
    let hidden = home.ledger.hidden(T0 - DAY, &AsOf::at(T0 + 91 * DAY)).await.unwrap();
    assert_eq!((hidden[0].firings, hidden[0].team.as_str()), (2, "shop"));
    home.sound().await;
}

#[tokio::test]
async fn a_suppression_says_why_what_and_until_when() {
    let home = Home::new(policy()).await;
    let refused = async |new: NewSuppression| home.responder.suppress(&new, ADA, T0).await.unwrap_err().to_string();
    assert!(refused(NewSuppression { reason: " ".to_owned(), ..hides("a") }).await.contains("say why"));
    assert!(refused(NewSuppression { until: Some(T0 + 120 * DAY), ..hides("a") }).await.contains("at most 90 days"));
    assert!(refused(NewSuppression { until: Some(T0), ..hides("a") }).await.contains("ends before it begins"));
    assert!(refused(hides("**")).await.contains("names what it hides"));
    assert!(refused(hides("a*b*c*d*e*f")).await.contains("wildcards"));
    assert!(refused(NewSuppression { control: Some(99), ..hides("a") }).await.contains("99 is no control"));
    // Told twice it is one, with its control.
    let new = NewSuppression { key: Some("mine".to_owned()), ..hides("a") };
    let first = home.responder.suppress(&new, ADA, T0).await.unwrap();
    assert_eq!(home.responder.suppress(&new, ADA, T0 + MINUTE).await.unwrap(), first);
    assert_eq!(home.all(Kind::Suppression).await.len(), 1);
    // It can be ended early, and hides nothing then.
    let kept = home.responder.find(&[first], &AsOf::at(T0)).await.unwrap();
    home.responder.act(&kept, &Deed::Resolve(Outcome::Done), "not needed", None, ADA, T0 + HOUR).await.unwrap();
    assert!(home.ledger.suppressing(T0 + HOUR).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_ledger_of_rules_follows_what_people_do() {
    let home = Home::new(policy()).await;
    home.shop().await;
    let told = vec![
        alert("1", "brute", "host:web-1", Level::High, T0),
        alert("2", "brute", "host:web-1", Level::High, T0 + MINUTE),
        alert("3", "ops-latency", "service:checkout", Level::Medium, T0 + MINUTE),
    ];
    home.responder.commit(told, state(1), T0 + MINUTE).await.unwrap();
    let incident = home.all(Kind::Incident).await;
    let act = async |deed: Deed, reason: &str, at| {
        let kept = home.responder.find(&[incident[0].id], &AsOf::at(at)).await.unwrap();
        home.responder.act(&kept, &deed, reason, None, ADA, at).await
    };
    act(Deed::Acknowledge, "", T0 + 3 * MINUTE).await.unwrap();
    assert!(act(Deed::Resolve(Outcome::True), "", T0 + HOUR).await.unwrap_err().to_string().contains("say why"));
    assert!(act(Deed::Resolve(Outcome::Ignored), "x", T0 + HOUR).await.is_err());
    act(Deed::Resolve(Outcome::True), "a stolen key, rotated", T0 + HOUR).await.unwrap();
    let seen = AsOf::at(T0 + DAY);
    let records = home.ledger.records(T0 - DAY, &seen).await.unwrap();
    let scores = scores(&records, &home.ledger.hidden(T0 - DAY, &seen).await.unwrap());
    let brute = scores.iter().find(|score| score.rule == "brute").unwrap();
    assert_eq!((brute.team.as_str(), brute.alerts, brute.fired, brute.acted, brute.confirmed), ("shop", 1, 2, 1, 1));
    assert_eq!(brute.median_seconds_to_acknowledge, Some(120.0));
    home.sound().await;
}

#[tokio::test]
async fn what_nobody_looked_at_is_ignored_after_a_while_and_its_incident_is_over() {
    let home = Home::new(policy()).await;
    let told = vec![alert("1", "a", "host:x", Level::High, T0), alert("2", "ops-b", "host:x", Level::High, T0)];
    home.responder.commit(told, state(1), T0).await.unwrap();
    assert_eq!(home.responder.tick(T0 + 6 * DAY).await.unwrap().ignored, 0);
    let done = home.responder.tick(T0 + 8 * DAY).await.unwrap();
    assert_eq!((done.ignored, done.closed), (2, 1));
    assert!(home.all(Kind::Alert).await.iter().all(|kept| kept.outcome == Some(Outcome::Ignored)));
    assert_eq!(home.all(Kind::Incident).await[0].outcome, Some(Outcome::Ended));
}

#[tokio::test]
async fn a_review_has_the_story_and_no_person() {
    let home = Home::new(policy()).await;
    home.shop().await;
    let mut first = alert("1", "brute", "host:web-1", Level::High, T0 - 2 * MINUTE);
    first.title = "Log-ins # [x](javascript:y) `z`".to_owned();
    let told = vec![first, alert("2", "ops-latency", "service:checkout", Level::Medium, T0)];
    home.responder.commit(told, state(1), T0).await.unwrap();
    let incident = home.all(Kind::Incident).await.remove(0);
    let (seen, at) = (AsOf::at(T0 + DAY), T0 + MINUTE);
    let kept = home.responder.find(&[incident.id], &seen).await.unwrap();
    let assign = Deed::Assign(Some("ada@example.org".to_owned()));
    home.responder.act(&kept, &assign, "", None, ADA, at).await.unwrap();
    home.responder.act(&kept, &Deed::Comment, "the key was in a log", None, ADA, at).await.unwrap();
    let task = NewTask { title: "Rotate keys".to_owned(), owner: None, due: Some(T0 + 7 * DAY), key: None };
    let task = home.responder.add_task(&kept[0], &task, ADA, at).await.unwrap();
    let open = home.responder.whole(incident.id, &seen).await.unwrap();
    assert_eq!(first_useful_signal(&open), Some(2 * MINUTE));
    assert!(review(&open, at).contains("- [ ] Rotate keys (team shop), until 2026-11-28"), "{}", review(&open, at));
    let task = home.responder.find(&[task], &seen).await.unwrap();
    home.responder.act(&task, &Deed::Resolve(Outcome::Done), "rotated", None, ADA, at).await.unwrap();
    home.responder.act(&kept, &Deed::Resolve(Outcome::True), "over", None, ADA, T0 + HOUR).await.unwrap();
    let text = review(&home.responder.whole(incident.id, &seen).await.unwrap(), T0 + DAY);
    for said in [
        "# Log-ins \\# \\[x\\]",
        "First useful signal: after 2 min 0 s",
        "the key was in a log",
        "- [x] Rotate keys",
        "State: resolved, true",
        "Acknowledged: after 1 min 0 s",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!text.contains("ada"), "{text}");
    home.sound().await;
}

#[tokio::test]
async fn people_open_incidents_and_snooze() {
    let home = Home::new(policy()).await;
    home.responder.commit(vec![alert("1", "a", "host:x", Level::High, T0)], state(1), T0).await.unwrap();
    let one = home.all(Kind::Alert).await.remove(0);
    let new = NewIncident {
        title: "Customers cannot pay".to_owned(),
        level: Level::Critical,
        aspect: Aspect::Operations,
        reason: "support says so".to_owned(),
        owner: Some(entity("team:pay")),
        entity: None,
        dataset: "default".to_owned(),
        alerts: vec![one.id],
        key: Some("k".to_owned()),
    };
    let id = home.responder.open_incident(&new, ADA, T0).await.unwrap();
    assert_eq!(home.responder.open_incident(&new, ADA, T0 + MINUTE).await.unwrap(), id);
    assert_eq!(home.responder.whole(id, &AsOf::at(T0 + DAY)).await.unwrap().parts.len(), 1);
    let kept = home.responder.find(&[one.id], &AsOf::at(T0)).await.unwrap();
    let snooze = async |until| home.responder.act(&kept, &Deed::Snooze(until), "later", None, ADA, T0).await;
    assert!(snooze(T0).await.is_err());
    snooze(T0 + HOUR).await.unwrap();
    let kept = home.responder.find(&[one.id], &AsOf::at(T0)).await.unwrap().remove(0);
    assert_eq!((kept.state_at(T0), kept.state_at(T0 + HOUR)), (State::Snoozed, State::Open));
    assert!(home.responder.find(&[one.id, 999_999], &AsOf::at(T0)).await.is_err());
}

#[tokio::test]
async fn a_playbook_is_tried_approved_done_once_and_taken_back() {
    let ticket = "{\"summary\": \"{{title}}\", \"entity\": \"{{entity}}\"}";
    let playbook = Playbook {
        name: "isolate".to_owned(),
        rules: vec!["brute".to_owned()],
        tags: Vec::new(),
        least: Level::High,
        approval: true,
        minutes: 15,
        actions: vec![Action::Webhook { channel: "tickets".to_owned() }, Action::Tag { tag: "isolated".to_owned() }],
        undo: vec![Action::Webhook { channel: "tickets".to_owned() }],
    };
    let mut tickets = channel("tickets", ChannelKind::Generic { template: ticket.to_owned() });
    tickets.teams = vec!["nobody".to_owned()];
    let policy = Policy { channels: vec![tickets], playbooks: vec![playbook], ..Policy::default() };
    let home = Home::new(policy).await;
    home.responder.commit(vec![alert("1", "brute", "host:x", Level::High, T0)], state(1), T0).await.unwrap();
    assert!(home.notices().await.is_empty(), "nobody approved it");
    let id = home.all(Kind::Alert).await[0].id;
    let whole = async || home.responder.whole(id, &AsOf::at(T0 + DAY)).await.unwrap();
    let plan = home.responder.dry_run(&whole().await, "isolate", false, T0).unwrap();
    assert_eq!((plan.len(), plan[1].text.as_str()), (2, "isolated"));
    assert!(home.notices().await.is_empty(), "a dry run does nothing");
    let run = async |undo, reason: &str, at| {
        home.responder.run_playbook(&whole().await, "isolate", undo, reason, ADA, at).await
    };
    assert!(run(false, "", T0).await.is_err() && run(true, "back", T0).await.is_err());
    run(false, "approved", T0 + MINUTE).await.unwrap();
    assert!(run(false, "again", T0 + MINUTE).await.unwrap_err().to_string().contains("was run already"));
    assert_eq!(home.notices().await, [r#"{"summary": "isolate: Title of brute", "entity": "host:x"}"#]);
    assert_eq!(whole().await.kept.saved, 15);
    run(true, "a mistake", T0 + HOUR).await.unwrap();
    assert_eq!((whole().await.kept.saved, home.notices().await.len()), (0, 2));
    home.sound().await;
}

#[tokio::test]
async fn notices_of_others_leave_once() {
    let home = Home::new(policy()).await;
    let notice = Notice {
        kind: "ending".to_owned(),
        title: "The exception of review ends".to_owned(),
        level: Level::Critical,
        team: "shop".to_owned(),
        dataset: "default".to_owned(),
        at: T0,
        text: "Renew it, or let it end.".to_owned(),
        link: None,
        alerts: Vec::new(),
    };
    let told = [("ends:1".to_owned(), notice.clone()), ("ends:2".to_owned(), notice)];
    assert_eq!(home.responder.tell(&told[..1], T0).await.unwrap(), 1);
    assert_eq!(home.responder.tell(&told, T0 + 1).await.unwrap(), 2);
    assert_eq!(home.notices().await.len(), 2, "each key once");
    assert_eq!(home.responder.tell(&[], T0 + 2).await.unwrap(), 0);
    home.sound().await;
}
