//! A recorded month, of which the true numbers are reckoned by hand; and what may not change them.

use know::dora::{Event, FindingSpan, Input, Measure, Month, Report, Settings, report};
use model::{Change, EntityRef, Nanos};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const MINUTE: Nanos = 60_000_000_000;
const DAY: Nanos = 24 * 60 * MINUTE;
/// 2026-11-01T00:00:00Z.
const NOVEMBER: Nanos = 1_793_491_200_000_000_000;
const OCTOBER: Nanos = NOVEMBER - 31 * DAY;
const CHECKOUT: &str = "repository:github.com/acme/checkout";

/// A moment of November 2026.
fn at(day: i64, hour: i64, minute: i64) -> Nanos {
    NOVEMBER + (day - 1) * DAY + (hour * 60 + minute) * MINUTE
}

/// The id of a commit.
fn sha(name: &str) -> String {
    name.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().repeat(20)[..40].to_owned()
}

fn entity(text: &str) -> EntityRef {
    text.parse().unwrap()
}

#[derive(Default)]
struct Log(Vec<Event>);

impl Log {
    fn add(&mut self, origin: &str, kind: &str, entity: &str, key: &str, at: Nanos, attributes: Value) -> &mut Change {
        let id = self.0.len() as i64 + 1;
        let attributes = match attributes {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        self.0.push(Event {
            id,
            origin: origin.to_owned(),
            change: Change {
                key: key.to_owned(),
                kind: kind.to_owned(),
                entity: entity.parse().unwrap(),
                at,
                environment: None,
                version: None,
                attributes,
            },
        });
        &mut self.0.last_mut().unwrap().change
    }

    /// A push to a branch of checkout.
    fn push(&mut self, branch: &str, at: Nanos, commits: &[(&str, Nanos)]) {
        let head = sha(commits.last().unwrap().0);
        let list: Vec<Value> = commits.iter().map(|(name, at)| json!({"id": sha(name), "at": at})).collect();
        let attributes = json!({"branch": branch, "commit": head, "commits": list, "default_branch": branch == "main"});
        self.add("github", "push", CHECKOUT, &format!("push:{head}"), at, attributes);
    }

    /// A state of a deployment of checkout.
    fn state(&mut self, number: i64, status: &str, commit: &str, at: Nanos) -> &mut Change {
        let attributes = json!({"status": status, "deployment_id": number.to_string(), "commit": sha(commit)});
        let change =
            self.add("github", "deployment", CHECKOUT, &format!("deployment:{number}:{status}"), at, attributes);
        change.environment = Some("production".to_owned());
        change
    }

    /// A successful deployment of checkout.
    fn deployed(&mut self, number: i64, commit: &str, at: Nanos) -> &mut Change {
        self.state(number, "success", commit, at)
    }

    fn incident(&mut self, service: &str, name: &str, action: &str, at: Nanos, causes: &[&str]) {
        let mut attributes = json!({"incident": name, "action": action});
        if !causes.is_empty() {
            attributes["caused_by"] = json!(causes);
        }
        self.add("pager", "incident", service, &format!("{name}:{action}"), at, attributes);
    }

    fn feedback(&mut self, commit: &str, number: i64, at: Nanos) {
        let attributes = json!({"commit": sha(commit), "action": "created"});
        self.add("github", "security_feedback", CHECKOUT, &format!("alert:{number}"), at, attributes);
    }
}

/// November at acme. What each line does to the numbers stands beside it; the sums are in the tests.
fn november() -> Log {
    let mut log = Log::default();
    // October, to compare with: 2 deployments, none failed. Commit o1 took 1 h, o2 took 3 h.
    log.push("main", OCTOBER + 9 * DAY, &[("o1", OCTOBER + 9 * DAY)]);
    log.deployed(91, "o1", OCTOBER + 9 * DAY + 60 * MINUTE);
    log.push("main", OCTOBER + 19 * DAY, &[("o2", OCTOBER + 19 * DAY)]);
    log.deployed(92, "o2", OCTOBER + 19 * DAY + 180 * MINUTE);

    // 101: a1 took 2 h, a2 took 1.5 h.
    log.push("main", at(2, 9, 0), &[("a1", at(2, 8, 0)), ("a2", at(2, 8, 30))]);
    log.state(101, "in_progress", "a2", at(2, 9, 50));
    log.deployed(101, "a2", at(2, 10, 0));
    // 102: b1 took 7 h, b2 took 1.5 h. It fails: an incident an hour later, without a cause; recovered in 1.5 h.
    log.push("main", at(3, 9, 0), &[("b1", at(3, 5, 0))]);
    log.push("main", at(3, 11, 0), &[("b2", at(3, 10, 30))]);
    log.deployed(102, "b2", at(3, 12, 0));
    log.incident("service:checkout", "I1", "opened", at(3, 13, 0), &[]);
    log.incident("service:checkout", "I1", "resolved", at(3, 14, 30), &[]);
    // 103: rework, made for I1, which is blamed on 102 already. b3 took 20 min.
    log.push("main", at(3, 13, 45), &[("b3", at(3, 13, 40))]);
    log.deployed(103, "b3", at(3, 14, 0))
        .attributes
        .extend([("hotfix".into(), true.into()), ("incident".into(), "I1".into())]);
    // 104: c1 took 25 h. It fails 20 min later, and 40 min after that 105 has rolled it back: rework, with no new commit.
    log.push("main", at(9, 10, 0), &[("c1", at(9, 9, 0))]);
    log.deployed(104, "c1", at(10, 10, 0));
    log.state(104, "failure", "c1", at(10, 10, 20));
    log.state(105, "in_progress", "b3", at(10, 10, 50));
    log.deployed(105, "b3", at(10, 11, 0)).attributes.insert("rollback".into(), true.into());
    // 106: c2 took 24 h. Three sources tell of it, in their own words; a source tells one state twice.
    log.push("main", at(12, 8, 0), &[("c2", at(11, 10, 0))]);
    log.deployed(106, "c2", at(12, 10, 0));
    log.deployed(106, "c2", at(12, 10, 0));
    let told = log.add(
        "cloudevents",
        "deployment",
        "service:checkout",
        "/ci e-6",
        at(12, 10, 5),
        json!({"status": "success",
        "deployment_id": "e-6", "commit": sha("c2")}),
    );
    told.environment = Some("Production".to_owned());
    let seen = log.add("telemetry", "deployment", "service:checkout", "checkout c2", at(12, 10, 30), json!({}));
    (seen.environment, seen.version) = (Some("production".to_owned()), Some(sha("c2")));
    // 107: squashed to s1, which is no change of its own. f1 took 48 h, f2 took 24 h. I3 names it five days later; the
    // next deployment, 111, comes 24 h after that.
    log.push("feature/x", at(15, 11, 0), &[("f1", at(15, 10, 0))]);
    log.push("feature/x", at(16, 11, 0), &[("f2", at(16, 10, 0))]);
    log.add(
        "github",
        "pull_request",
        CHECKOUT,
        "pr:7:opened",
        at(16, 12, 0),
        json!({"number": "7", "action": "opened"}),
    );
    log.add(
        "github",
        "pull_request",
        CHECKOUT,
        "pr:7:merged",
        at(17, 9, 0),
        json!({"number": "7", "action": "merged",
        "merge_commit": sha("s1"), "head_commit": sha("f2"), "head_branch": "feature/x", "branch": "main"}),
    );
    log.push("main", at(17, 9, 0), &[("s1", at(17, 9, 0))]);
    log.deployed(107, "s1", at(17, 10, 0));
    log.incident("service:checkout", "I3", "opened", at(22, 12, 0), &["107"]);
    // No deployments to production: staging, and one that never succeeded.
    log.deployed(108, "s1", at(18, 9, 0)).environment = Some("staging".to_owned());
    log.state(109, "failure", "s1", at(18, 10, 0));
    // 110: g1 took 1 h. I2 opens 48 h later, which is too late to be blamed on it.
    log.push("main", at(20, 9, 50), &[("g1", at(20, 9, 0))]);
    log.deployed(110, "g1", at(20, 10, 0));
    log.incident("service:checkout", "I2", "opened", at(22, 10, 0), &[]);
    // 111: g2 took 2 h. I4 says that something else was the cause.
    log.push("main", at(23, 11, 0), &[("g2", at(23, 10, 0))]);
    log.deployed(111, "g2", at(23, 12, 0));
    log.incident("service:checkout", "I4", "opened", at(23, 13, 0), &["dns provider"]);
    // Scanners: on a2 after 15 min (the second word does not count), on b1 after 1 h, and on a commit nobody knows.
    log.feedback("a2", 1, at(2, 8, 45));
    log.feedback("a2", 2, at(2, 9, 45));
    log.feedback("b1", 3, at(3, 6, 0));
    log.feedback("zz", 4, at(3, 7, 0));
    search(&mut log);
    log
}

/// Search is told by CDEvents, by versions; what is in 1.1.0 a tag says.
fn search(log: &mut Log) {
    const REPOSITORY: &str = "repository:github.com/acme/search";
    let t1 = json!([{"id": sha("t1"), "at": at(6, 8, 0)}]);
    log.add(
        "github",
        "push",
        REPOSITORY,
        "push:t1",
        at(6, 8, 10),
        json!({"branch": "main", "commit": sha("t1"), "commits": t1}),
    );
    log.add("github", "push", REPOSITORY, "tag:t1", at(6, 8, 20), json!({"tag": "v1.1.0", "commit": sha("t1")}));
    for (number, version, when) in [(1, "1.0.0", at(5, 10, 0)), (2, "1.1.0", at(6, 10, 0))] {
        let id = format!("ev-{number}");
        let change = log.add(
            "cloudevents",
            "deployment",
            "service:search",
            &format!("/ci {id}"),
            when,
            json!({"status": "success",
            "deployment_id": id}),
        );
        (change.environment, change.version) = (Some("live".to_owned()), Some(version.to_owned()));
    }
    // Detected and reported are one incident; it names the second deployment, and takes 2 h.
    log.incident("service:search", "S1", "opened", at(6, 10, 30), &["ev-2"]);
    log.add(
        "pager",
        "incident",
        "service:search",
        "S1:reported",
        at(6, 10, 40),
        json!({"incident": "S1", "action": "opened"}),
    );
    log.incident("service:search", "S1", "resolved", at(6, 12, 30), &[]);
    // Not used for anything.
    log.add("github", "workflow", REPOSITORY, "workflow:1", at(6, 8, 30), json!({"conclusion": "success"}));
    log.add("github", "release", REPOSITORY, "release:1", at(6, 8, 30), json!({}));
}

fn findings() -> Vec<FindingSpan> {
    let finding = |id, seen, ended, seen_in: Option<&str>| FindingSpan {
        id,
        service: entity("service:checkout"),
        seen,
        ended,
        severity: "high".to_owned(),
        seen_in: seen_in.map(str::to_owned),
    };
    vec![
        finding(901, at(1, 0, 0), Some(at(3, 0, 0)), Some("ci")),
        finding(902, at(5, 0, 0), Some(at(6, 0, 0)), Some("production")),
        // Thirty days, but it was first seen in October.
        finding(903, OCTOBER + 19 * DAY, Some(OCTOBER + 49 * DAY), Some("production")),
        // Neither ended nor known where.
        finding(904, at(7, 0, 0), None, None),
    ]
}

fn compute(events: &[Event], findings: &[FindingSpan]) -> Report {
    let built_from = [
        (entity("service:checkout"), entity(CHECKOUT)),
        (entity("service:search"), entity("repository:github.com/acme/search")),
    ];
    let teams = BTreeMap::from([
        (entity("service:checkout"), entity("team:payments")),
        (entity("service:search"), entity("team:payments")),
        (entity("service:idle"), entity("team:discovery")),
    ]);
    let input =
        Input { events, findings, built_from: &built_from, teams: &teams, from: OCTOBER, until: NOVEMBER + 30 * DAY };
    report(&input, &Settings::default())
}

/// Value, numerator, denominator.
type Told = (Option<f64>, u64, u64);

fn told(measure: &Measure) -> Told {
    (measure.value, measure.numerator, measure.denominator)
}

#[test]
fn november_of_checkout() {
    let report = compute(&november().0, &findings());
    let months = &report.services["service:checkout"];
    let [october, november] = &months[..] else { panic!("{months:?}") };
    assert_eq!((november.month.as_str(), november.days), ("2026-11", 30));
    // 101 to 107 without those that did not reach production, 110, 111: nine.
    assert_eq!(told(&november.deployment_frequency), (Some(9.0 / 30.0), 9, 30));
    // 1200 3600 5400 5400 7200 [7200] 25200 86400 86400 [90000] 172800: ranks 6 and 10 of 11.
    assert_eq!(told(&november.lead_time_p50), (Some(7_200.0), 6, 11));
    assert_eq!(told(&november.lead_time_p90), (Some(90_000.0), 10, 11));
    // 102 by I1, 104 by its state and the rollback, 107 by I3.
    assert_eq!(told(&november.change_fail_rate), (Some(3.0 / 9.0), 3, 9));
    // 2400 [5400] 86400: rank 2 of 3.
    assert_eq!(told(&november.failed_deployment_recovery_time), (Some(5_400.0), 2, 3));
    // 103 and 105.
    assert_eq!(told(&november.rework_rate), (Some(2.0 / 9.0), 2, 9));
    // [900] [3600].
    assert_eq!(told(&november.security_feedback_p50), (Some(900.0), 1, 2));
    assert_eq!(told(&november.security_feedback_p90), (Some(3_600.0), 2, 2));
    // 86400 [172800] [2592000].
    assert_eq!(told(&november.fix_time_p50), (Some(172_800.0), 2, 3));
    assert_eq!(told(&november.fix_time_p90), (Some(2_592_000.0), 3, 3));
    // 901 before production, 902 in it; of 904 it is not known.
    assert_eq!(told(&november.escape_rate), (Some(0.5), 1, 2));
    assert_eq!(november.escape_rate.ids, [901, 902]);

    assert_eq!(told(&october.deployment_frequency), (Some(2.0 / 31.0), 2, 31));
    assert_eq!(told(&october.change_fail_rate), (Some(0.0), 0, 2), "none failed, which is known");
    assert_eq!(told(&october.lead_time_p50), (Some(3_600.0), 1, 2));
    assert_eq!(october.deployment_frequency.earlier, None);
    let earlier = november.lead_time_p90.earlier.unwrap();
    assert_eq!((earlier.median, earlier.months), (10_800.0, 1));
    assert_eq!(november.security_feedback_p50.earlier, None, "October had none");
}

#[test]
fn november_of_search_and_of_the_team() {
    let report = compute(&november().0, &findings());
    let search = &report.services["service:search"][1];
    assert_eq!(told(&search.deployment_frequency), (Some(2.0 / 30.0), 2, 30));
    assert_eq!(told(&search.lead_time_p50), (Some(7_200.0), 1, 1), "by the tag v1.1.0");
    assert_eq!(told(&search.change_fail_rate), (Some(0.5), 1, 2));
    assert_eq!(told(&search.failed_deployment_recovery_time), (Some(7_200.0), 1, 1));
    assert_eq!(told(&search.rework_rate), (Some(0.0), 0, 2));
    let team = &report.teams["team:payments"][1];
    assert_eq!(told(&team.deployment_frequency), (Some(11.0 / 30.0), 11, 30));
    // One more 7200: ranks 6 and 11 of 12.
    assert_eq!(told(&team.lead_time_p50), (Some(7_200.0), 6, 12));
    assert_eq!(told(&team.lead_time_p90), (Some(90_000.0), 11, 12));
    assert_eq!(told(&team.change_fail_rate), (Some(4.0 / 11.0), 4, 11));
    // 2400 [5400] 7200 86400.
    assert_eq!(told(&team.failed_deployment_recovery_time), (Some(5_400.0), 2, 4));
    assert_eq!(told(&team.rework_rate), (Some(2.0 / 11.0), 2, 11));
}

#[test]
fn numbers_name_their_events() {
    let log = november();
    let november = &compute(&log.0, &[]).services["service:search"][1];
    let id = |key: &str| log.0.iter().find(|event| event.change.key == key).unwrap().id;
    assert_eq!(november.deployment_frequency.ids, [id("/ci ev-1"), id("/ci ev-2")]);
    assert_eq!(november.lead_time_p50.ids, [id("push:t1"), id("/ci ev-2")]);
    let recovery = [id("/ci ev-2"), id("S1:opened"), id("S1:reported"), id("S1:resolved")];
    assert_eq!(november.failed_deployment_recovery_time.ids, recovery);
    assert_eq!((november.change_fail_rate.count, november.change_fail_rate.ids.len()), (5, 5));
}

/// The example of `docs/dora.md`.
#[test]
fn the_example_of_the_book() {
    let mut log = Log::default();
    log.push("main", at(2, 9, 0), &[("a", at(2, 8, 0))]);
    log.deployed(1, "a", at(2, 10, 0));
    log.push("main", at(3, 11, 0), &[("b", at(3, 10, 30))]);
    log.deployed(2, "b", at(3, 12, 0));
    log.incident("service:checkout", "I", "opened", at(3, 13, 0), &[]);
    log.deployed(3, "a", at(3, 14, 0)).attributes.insert("rollback".into(), true.into());
    log.incident("service:checkout", "I", "resolved", at(3, 14, 30), &[]);
    let built_from = [(entity("service:checkout"), entity(CHECKOUT))];
    let (events, teams) = (&log.0, BTreeMap::new());
    let input =
        Input { events, findings: &[], built_from: &built_from, teams: &teams, from: NOVEMBER, until: at(11, 0, 0) };
    let month = &report(&input, &Settings::default()).services["service:checkout"][0];
    assert_eq!(told(&month.deployment_frequency), (Some(0.3), 3, 10));
    assert_eq!(told(&month.lead_time_p50), (Some(5_400.0), 1, 2));
    assert_eq!(told(&month.lead_time_p90), (Some(7_200.0), 2, 2));
    assert_eq!(told(&month.change_fail_rate), (Some(1.0 / 3.0), 1, 3));
    assert_eq!(told(&month.failed_deployment_recovery_time), (Some(5_400.0), 1, 1));
    assert_eq!(told(&month.rework_rate), (Some(1.0 / 3.0), 1, 3));
    assert_eq!(month.fix_time_p50.missing, Some("no finding ended in this month"));
}

fn measures(month: &Month) -> Vec<&Measure> {
    vec![
        &month.deployment_frequency,
        &month.lead_time_p50,
        &month.lead_time_p90,
        &month.change_fail_rate,
        &month.failed_deployment_recovery_time,
        &month.rework_rate,
        &month.security_feedback_p50,
        &month.security_feedback_p90,
        &month.fix_time_p50,
        &month.fix_time_p90,
        &month.escape_rate,
    ]
}

#[test]
fn without_data_there_is_a_reason_and_no_zero() {
    let report = compute(&november().0, &[]);
    for month in report.services["service:idle"].iter().chain(&report.teams["team:discovery"]) {
        for measure in measures(month) {
            assert_eq!(measure.value, None, "{measure:?}");
            assert!(measure.missing.is_some() && measure.ids.is_empty());
        }
    }
    for measure in report.services.values().flatten().flat_map(measures) {
        assert_ne!(measure.value.is_some(), measure.missing.is_some(), "{measure:?}");
    }
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["services"]["service:idle"][1]["rework_rate"]["value"], Value::Null);
}

#[test]
fn an_unmapped_repository_stands_for_itself_and_a_shared_one_for_each() {
    let mut log = Log::default();
    log.push("main", at(2, 9, 0), &[("a1", at(2, 8, 0))]);
    log.deployed(1, "a1", at(2, 10, 0));
    let teams = BTreeMap::new();
    let of = |built_from: &[(EntityRef, EntityRef)]| {
        let events = &log.0;
        let input = Input { events, findings: &[], built_from, teams: &teams, from: NOVEMBER, until: at(11, 0, 0) };
        report(&input, &Settings::default())
    };
    let alone = of(&[]);
    assert_eq!(alone.services.keys().collect::<Vec<_>>(), [CHECKOUT]);
    assert_eq!(told(&alone.services[CHECKOUT][0].deployment_frequency), (Some(0.1), 1, 10), "ten days so far");
    let shared = of(&[(entity("service:a"), entity(CHECKOUT)), (entity("service:b"), entity(CHECKOUT))]);
    assert_eq!(shared.services.keys().collect::<Vec<_>>(), ["service:a", "service:b"]);
    assert_eq!(told(&shared.services["service:b"][0].lead_time_p50), (Some(7_200.0), 1, 1));
}

#[test]
fn times_at_the_ends_of_time_do_no_harm() {
    let mut log = november();
    for (number, at) in [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX - 1].into_iter().enumerate() {
        log.push("main", at, &[("x1", i64::MIN), ("x2", i64::MAX)]);
        log.deployed(500 + number as i64, "x1", at);
        log.state(500 + number as i64, "failure", "x1", at);
        log.incident("service:checkout", &format!("X{number}"), "opened", at, &[]);
        log.feedback("x1", 500 + number as i64, at);
    }
    let ends = [FindingSpan { seen: i64::MIN, ended: Some(NOVEMBER), ..findings().remove(0) }];
    let events = &log.0;
    let input =
        Input { events, findings: &ends, built_from: &[], teams: &BTreeMap::new(), from: i64::MIN, until: i64::MAX };
    assert!(!report(&input, &Settings::default()).services.is_empty());
    let nothing = Input { from: 5, until: 5, ..input };
    assert!(report(&nothing, &Settings::default()).services.values().all(Vec::is_empty));
}

/// Everything but the ids of events.
fn values(report: &Report) -> Vec<(String, String, Vec<Told>)> {
    let of = |(name, months): (&String, &Vec<Month>)| {
        let name = name.clone();
        months
            .iter()
            .map(|month| (name.clone(), month.month.clone(), measures(month).into_iter().map(told).collect()))
            .collect::<Vec<_>>()
    };
    report.services.iter().chain(&report.teams).flat_map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever comes late, again or in another order.
    #[test]
    fn order_and_repetition_change_nothing(
        events in Just(november().0).prop_shuffle(),
        again in prop::collection::vec((0usize..60, 0usize..120), 0..40),
    ) {
        let truth = compute(&november().0, &findings());
        let mut events = events;
        for (number, (which, place)) in again.into_iter().enumerate() {
            // The ledger gives what comes later a later id.
            let mut copy = events[which % events.len()].clone();
            copy.id += 1_000 + number as i64;
            events.insert(place % (events.len() + 1), copy);
        }
        prop_assert_eq!(compute(&events, &findings()), truth);
    }

    /// A second source that sees every deployment within the hour adds none.
    #[test]
    fn a_second_source_changes_nothing(minutes in prop::collection::vec(0i64..60, 11), explicit: bool) {
        let log = november();
        let truth = values(&compute(&log.0, &findings()));
        let mut events = log.0.clone();
        let deployed = log.0.iter().filter(|event| event.origin == "github" && event.change.key.ends_with(":success"));
        for (number, (event, minutes)) in deployed.zip(minutes).enumerate() {
            let mut seen = event.clone();
            seen.id = 2_000 + number as i64;
            seen.origin = if explicit { "deployer" } else { "telemetry" }.to_owned();
            seen.change.at += minutes * MINUTE;
            seen.change.entity = entity("service:checkout");
            seen.change.version = event.change.attributes.get("commit").and_then(Value::as_str).map(str::to_owned);
            seen.change.attributes = Map::new();
            events.push(seen);
        }
        prop_assert_eq!(values(&compute(&events, &findings())), truth);
    }
}
