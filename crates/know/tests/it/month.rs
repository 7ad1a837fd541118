//! A month of facts, made from a seed: machines, services, stores, findings, alerts and what people did with them.

use crate::support::{DAY, HOUR, MINUTE, T0, Told, attributes, entity};
use ledger::{Act, Detection, Firing, Ledger, Move, On, Outcome, Person, Raise, State, Step, Target};
use model::{Aspect, Decision, EntityRef, Level, Nanos, Report, Reported, Source};
use serde_json::{Map, Value, json};

/// The month begins.
pub const START: Nanos = T0 - 30 * DAY;

/// Numbers that are the same each time.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// From 0 to below a number.
    pub fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

pub fn decision(key: &str, kind: &str, of: Option<&str>, at: Nanos) -> Decision {
    Decision {
        key: key.to_owned(),
        kind: kind.to_owned(),
        dataset: "default".to_owned(),
        at,
        entity: of.map(entity),
        reason: "because".to_owned(),
        owner: EntityRef::new("team", "ops").ok(),
        control: None,
        expires: None,
        cites: Vec::new(),
        body: Map::new(),
    }
}

/// An alert of a rule.
pub fn alert(key: &str, rule: &str, of: &str, level: Level, tags: &[&str], at: Nanos) -> (Raise, Firing) {
    let raise = Raise {
        decision: decision(key, "alert", Some(of), at),
        fingerprint: format!("{rule} {of}"),
        rule: rule.to_owned(),
        title: format!("{rule} of {of}"),
        level,
        aspect: Aspect::Operations,
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        runbook: None,
        why: String::new(),
        key: Vec::new(),
    };
    let firing = Firing {
        id: format!("f {key}"),
        rule: rule.to_owned(),
        on: On::Alert(Target::Key(key.to_owned())),
        events: 3,
        first: at,
        last: at,
        copies: Vec::new(),
    };
    (raise, firing)
}

/// Somebody does something with an alert.
pub fn act(key: &str, alert: i64, state: State, at: Nanos) -> Act {
    let outcome = (state == State::Resolved).then_some(Outcome::True);
    let step = Step::State(state, outcome, None);
    let moves = vec![Move { about: Target::Id(alert), at, step }];
    Act { decision: decision(key, "triage", None, at), enqueue: None, moves, notices: Vec::new() }
}

/// What an instance of a service says of itself, over a day.
pub fn telemetry(mut told: Told, service: &str, host: &str, signals: &[&str], at: Nanos) -> Told {
    let said = json!({"signals": signals, "service.version": "1.0", "deployment.environment.name": "production"});
    let instance = format!("service.instance:{service}/1");
    let service = format!("service:{service}");
    for name in [service.as_str(), instance.as_str()] {
        told.0.seen(entity(name), at, attributes(said.clone())).lease = Some(DAY);
    }
    told.0.related(entity(&instance), "part_of", entity(&service), at).lease = Some(DAY);
    told.0.related(entity(&instance), "runs_on", entity(host), at).lease = Some(DAY);
    told
}

/// A month of a small company: 31 services of which 8 send no logs, and so on. What it holds, the tests count.
pub async fn fill(ledger: &Ledger) {
    let mut dice = Dice::new(6);
    catalog(ledger).await;
    for day in 0..30 {
        machines(ledger, START + day * DAY).await;
        alerts(ledger, &mut dice, day, START + day * DAY).await;
    }
    scans(ledger).await;
}

/// How the services are called.
pub fn name(number: usize) -> String {
    format!("s{number:02}")
}

/// 31 services: 3 without an owner, 6 without a tier, 4 of tier 1; a store that one of these needs.
async fn catalog(ledger: &Ledger) {
    let mut told = Told::by("catalog", "default");
    for number in 0..31 {
        let service = format!("service:{}", name(number));
        let tier = match number {
            0..4 => json!({"tier": "1", "rto": "4h", "rpo": "1h", "backup": "bucket:nightly"}),
            4..25 => json!({"tier": "3", "rto": "8h"}),
            _ => json!({}),
        };
        told = told.seen(&service, START, tier);
        if number >= 3 {
            told = told.owned(&service, "", if number % 2 == 0 { "shop" } else { "pay" }, START, json!({}));
        }
        told = told.related(&service, "built_from", &format!("repository:git.example/{}", name(number / 2)), START);
        if number > 0 {
            told = told.related(&service, "calls", &format!("service:{}", name(number - 1)), START);
        }
    }
    for number in 0..16 {
        told = told.seen(&format!("repository:git.example/{}", name(number)), START, json!({}));
    }
    told = told.seen("resource:orders-db", START, json!({"rto": "6h", "rpo": "1h"}));
    told = told.related("service:s00", "depends_on", "resource:orders-db", START);
    told.record(ledger).await;
}

/// 5 machines, one of which is heard only in the first days; 12 secrets that all accounts read.
async fn machines(ledger: &Ledger, at: Nanos) {
    let mut agent = Told::by("agent", "default");
    let mut heard = Told::by("telemetry", "default");
    for number in 0..5 {
        let host = format!("host:web-{number}");
        if number == 4 && at > START + 5 * DAY {
            continue;
        }
        let said = json!({"reboot_required": number == 1});
        agent.0.seen(entity(&host), at, attributes(said)).lease = Some(DAY);
        let said = if number == 2 { json!({"clock.offset": 40}) } else { json!({}) };
        heard.0.seen(entity(&host), at, attributes(said)).lease = Some(DAY);
    }
    for number in 0..31 {
        let signals: &[&str] = if number < 8 { &["spans"] } else { &["logs", "spans", "metrics"] };
        heard = telemetry(heard, &name(number), &format!("host:web-{}", number % 4), signals, at);
    }
    if at == START {
        for number in 0..15 {
            let (host, open) = (format!("host:web-{}", number % 5), number < 12);
            let file = format!("file:web-{}/etc/key-{number}", number % 5);
            let said = json!({"class": "private key", "world_readable": open});
            agent = agent.seen(&file, at, said).related(&host, "keeps", &file, at);
        }
        for (socket, exposed) in [("0.0.0.0:5432", true), ("127.0.0.1:6379", false), ("0.0.0.0:443", true)] {
            let socket = format!("socket:web-0/tcp/{socket}");
            agent = agent.seen(&socket, at, json!({"exposed": exposed, "executable": "/usr/bin/x"}));
            agent = agent.related("host:web-0", "listens", &socket, at);
        }
    }
    agent.record(ledger).await;
    heard.record(ledger).await;
}

/// Three rules that nobody acts on make most of it; two that people act on, the rest.
async fn alerts(ledger: &Ledger, dice: &mut Dice, day: Nanos, at: Nanos) {
    let mut round = Detection::default();
    let mut acted = Vec::new();
    for (rule, each) in [("noise-a", 4), ("noise-b", 3), ("noise-c", 2), ("real-a", 1), ("real-b", 1)] {
        for number in 0..each {
            let key = format!("{rule} {day} {number}");
            let of = format!("service:{}", name(dice.below(31) as usize));
            let when = at + HOUR + dice.below(600) as Nanos * MINUTE / 10;
            let (raise, firing) = alert(&key, rule, &of, Level::Medium, &[], when);
            round.raised.push(raise);
            round.firings.push(firing);
            if rule.starts_with("real") {
                acted.push((key, when + 10 * MINUTE));
            }
        }
    }
    let done = ledger.commit_detection(&round, Person("rules"), at + DAY).await.unwrap();
    let acts: Vec<Act> =
        acted.iter().map(|(key, when)| act(&format!("act {key}"), done.ids[key], State::Resolved, *when)).collect();
    ledger.act(&acts, Person("ada"), at + DAY).await.unwrap();
}

/// 12 of 16 repositories are scanned; one has an exploited weakness, in two services.
async fn scans(ledger: &Ledger) {
    for number in 0..12 {
        let mut report = Report::new(entity(&format!("repository:git.example/{}", name(number))), "tandem", T0 - DAY);
        report.source = Source { commit: Some(format!("c{number}")), ..Source::default() };
        report.dataset = "default".to_owned();
        if number == 5 {
            report.findings.push(finding("GHSA-5", "critical", true));
        }
        if number < 2 {
            report.findings.push(finding("GHSA-9", "high", false));
        }
        ledger.scanned(&report, T0 - DAY).await.unwrap();
    }
}

pub fn finding(rule: &str, severity: &str, exploited: bool) -> Reported {
    Reported {
        fingerprint: rule.to_owned(),
        rule: rule.to_owned(),
        severity: severity.to_owned(),
        title: format!("{rule}: it is weak"),
        evidence: attributes(json!({"exploited": exploited, "component": "pkg:npm/x@1"})),
        ..Reported::default()
    }
}

/// A value of JSON by its way, for tests that read documents.
pub fn at<'v>(value: &'v Value, way: &str) -> &'v Value {
    way.split('.').fold(value, |value, name| &value[name])
}
