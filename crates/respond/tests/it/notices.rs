//! Notices: to whom, how many, and what becomes of those that are not taken.

use crate::support::{DAY, HOUR, Home, MINUTE, SECOND, T0, alert, channel, entity, policy, state};
use ledger::{AsOf, Kind};
use model::{Facts, Level};
use respond::{ChannelKind, Failure, Policy};

async fn teams(home: &Home) {
    let mut facts = Facts::new("catalog", "default");
    for (host, team) in [("host:a", "team:shop"), ("host:b", "team:pay")] {
        facts.related(entity(host), "owned_by", entity(team), T0 - DAY);
    }
    home.ledger.record(&facts, T0 - MINUTE).await.unwrap();
}

#[tokio::test]
async fn each_team_hears_of_its_own_on_its_channels() {
    let mut shop = channel("shop", ChannelKind::Alertmanager);
    shop.teams = vec!["shop".to_owned()];
    let mut pager = channel("pager", ChannelKind::Email);
    pager.least = Level::Critical;
    let home = Home::new(Policy { channels: vec![shop, pager], ..Policy::default() }).await;
    teams(&home).await;
    let told = vec![
        alert("1", "one", "host:a", Level::High, T0),
        alert("2", "two", "host:b", Level::Medium, T0),
        alert("3", "three", "host:b", Level::Critical, T0 + DAY),
    ];
    home.responder.commit(told, state(1), T0 + DAY).await.unwrap();
    let due = home.responder.due(T0 + DAY).await.unwrap();
    let ways: Vec<(&str, bool)> =
        due.iter().map(|one| (one.channel.name.as_str(), one.waiting.body.contains("Title of one"))).collect();
    assert_eq!(ways, [("shop", true), ("pager", false)]);
}

#[tokio::test]
async fn notices_name_the_runbook_that_the_rule_does_not() {
    let mut home = Home::new(policy()).await;
    teams(&home).await;
    let found: respond::Runbooks = Box::new(|alert| (alert.rule == "one").then(|| "the found page".to_owned()));
    home.responder = home.responder.with_runbooks(found);
    let mut own = alert("2", "two", "host:b", Level::High, T0);
    own.runbook = Some("the rule's own page".to_owned());
    let mut none = alert("1", "one", "host:a", Level::High, T0);
    none.runbook = None;
    home.responder.commit(vec![none, own], state(1), T0).await.unwrap();
    let notices = home.notices().await.join("\n");
    assert!(notices.contains("the found page") && notices.contains("the rule's own page"), "{notices}");
    let kept = home.all(Kind::Alert).await;
    assert!(kept.iter().all(|kept| kept.runbook.as_deref() != Some("the found page")), "it is looked for anew");
}

#[tokio::test]
async fn what_is_over_the_budget_waits_for_the_digest_and_is_never_lost() {
    let home = Home::new(Policy { budget: 2, ..policy() }).await;
    teams(&home).await;
    home.responder.tick(T0).await.unwrap();
    let mut told: Vec<_> = (0..5)
        .map(|n| alert(&format!("{n}"), &format!("rule {n}"), "host:a", Level::Medium, T0 + n * 3 * HOUR / 2))
        .collect();
    told[4].level = Level::Critical;
    let mut notices = 0;
    for (n, one) in told.into_iter().enumerate() {
        // Not together, so that they are no incident.
        let mut one = one;
        one.entity = Some(entity(if n == 3 { "host:b" } else { "host:a" }));
        one.dataset = format!("d{n}");
        notices += home.responder.commit(vec![one], state(1), T0 + n as i64).await.unwrap().notices;
    }
    // Two of shop's, one of pay's, and the critical one.
    assert_eq!(notices, 4);
    assert_eq!(home.responder.tick(T0 + 7 * HOUR).await.unwrap().digests, 0, "the shift is not over");
    // The server was away for days.
    assert_eq!(home.responder.tick(T0 + 5 * DAY).await.unwrap().digests, 1);
    assert_eq!(home.responder.tick(T0 + 5 * DAY).await.unwrap().digests, 0);
    let last = home.notices().await.pop().unwrap();
    assert!(last.contains("Digest: 1 alert without") && last.contains("Title of rule 2"), "{last}");
    // In the next shift there is room again.
    let told = vec![alert("n", "rule n", "host:a", Level::Medium, T0 + 6 * DAY)];
    assert_eq!(home.responder.commit(told, state(1), T0 + 6 * DAY).await.unwrap().notices, 1);
}

#[tokio::test]
async fn a_notice_is_tried_again_later_and_later_and_then_listed() {
    let home = Home::new(policy()).await;
    home.responder.commit(vec![alert("1", "one", "host:a", Level::High, T0)], state(1), T0).await.unwrap();
    let (mut now, mut tries) = (T0, 0);
    while let Some(due) = home.responder.next_due().await.unwrap() {
        assert!(due >= now);
        now = due;
        for sending in home.responder.due(now).await.unwrap() {
            tries += 1;
            let failed = Err(Failure::unreachable("connection refused"));
            home.responder.done(&sending.waiting, failed, now).await.unwrap();
        }
    }
    assert_eq!(tries, 12);
    assert!(now - T0 > 8 * HOUR && now - T0 < 2 * DAY);
    let dead = home.ledger.dead_letters(&AsOf::at(now)).await.unwrap();
    assert_eq!(dead[0].error.as_deref(), Some("12 attempts; last: connection refused"));
}

#[tokio::test]
async fn what_is_refused_for_good_is_given_up_at_once_and_what_is_taken_is_gone() {
    let home = Home::new(policy()).await;
    let told = vec![alert("1", "one", "host:a", Level::High, T0), alert("2", "two", "host:b", Level::High, T0)];
    home.responder.commit(told, state(1), T0).await.unwrap();
    let due = home.responder.due(T0).await.unwrap();
    home.responder.done(&due[0].waiting, Err(Failure::status(404)), T0).await.unwrap();
    home.responder.done(&due[1].waiting, Ok(()), T0).await.unwrap();
    assert_eq!(home.responder.next_due().await.unwrap(), None);
    assert_eq!(home.ledger.dead_letters(&AsOf::at(T0)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_channel_gets_no_more_than_its_rate() {
    let mut chat = channel("chat", ChannelKind::Slack);
    chat.per_minute = 3;
    let home = Home::new(Policy { channels: vec![chat], ..Policy::default() }).await;
    let told =
        (0..8).map(|n| alert(&format!("{n}"), "one", &format!("host:h{n}"), Level::High, T0 + n * DAY)).collect();
    home.responder.commit(told, state(1), T0 + 8 * DAY).await.unwrap();
    let (mut now, mut sent) = (T0 + 8 * DAY, Vec::new());
    for _ in 0..4 {
        let due = home.responder.due(now).await.unwrap();
        sent.push(due.len());
        for sending in due {
            home.responder.done(&sending.waiting, Ok(()), now).await.unwrap();
        }
        now += MINUTE + SECOND;
    }
    assert_eq!(sent, [3, 3, 2, 0]);
}

#[tokio::test]
async fn a_notice_of_a_channel_that_is_gone_is_listed() {
    let home = Home::new(policy()).await;
    home.responder.commit(vec![alert("1", "one", "host:a", Level::High, T0)], state(1), T0).await.unwrap();
    let later = respond::Responder::new(home.ledger.clone(), Policy::default());
    assert!(later.due(T0).await.unwrap().is_empty());
    assert_eq!(home.ledger.dead_letters(&AsOf::at(T0)).await.unwrap().len(), 1);
    assert_eq!(home.all(Kind::Alert).await.len(), 1, "the alert stays");
}
