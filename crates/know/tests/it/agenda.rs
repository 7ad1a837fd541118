//! The agenda of two teams for a month of recorded events, against one that was written by hand.

use crate::support::{DAY, HOUR, T0, Told, attributes, entity, ledger};
use know::planning::agenda::{Agenda, Planned, agenda};
use know::planning::{calendar, day, meeting, roadmap, upgrade, write};
use ledger::{Act, AsOf, Detection, Enqueue, Kind, Ledger, Move, Outcome, Person, Raise, State, Step, Target};
use model::{Aspect, Cite, Decision, Facts, Level, Nanos, Report, Reported};
use serde_json::{Value, json};

const REPOSITORY: &str = "repository:github.com/acme/shop";

/// A decision of a day after the beginning of the month.
struct Says<'l> {
    ledger: &'l Ledger,
    day: i64,
    decision: Decision,
}

fn says<'l>(ledger: &'l Ledger, day: i64, key: &str, kind: &str, reason: &str) -> Says<'l> {
    let decision = Decision {
        key: key.to_owned(),
        kind: kind.to_owned(),
        dataset: "default".to_owned(),
        at: T0 + day * DAY,
        entity: None,
        reason: reason.to_owned(),
        owner: None,
        control: None,
        expires: None,
        cites: Vec::new(),
        body: serde_json::Map::new(),
    };
    Says { ledger, day, decision }
}

impl Says<'_> {
    fn about(mut self, of: &str) -> Self {
        self.decision.entity = Some(entity(of));
        self
    }

    fn owner(mut self, team: &str) -> Self {
        self.decision.owner = Some(entity(&format!("team:{team}")));
        self
    }

    fn control(mut self, control: i64) -> Self {
        self.decision.control = Some(control);
        self
    }

    fn until(mut self, day: i64) -> Self {
        self.decision.expires = Some(T0 + day * DAY);
        self
    }

    fn with(mut self, body: Value) -> Self {
        self.decision.body = attributes(body);
        self
    }

    async fn id(self) -> i64 {
        let at = T0 + self.day * DAY;
        self.ledger.decide(&self.decision, &Facts::default(), Person("ada"), at).await.unwrap().id
    }
}

fn weak(rule: &str, severity: &str, owner: &str) -> Reported {
    Reported {
        fingerprint: rule.to_owned(),
        rule: rule.to_owned(),
        severity: severity.to_owned(),
        title: format!("{rule} is weak"),
        owners: vec![owner.to_owned()],
        ..Reported::default()
    }
}

async fn scan(ledger: &Ledger, at: Nanos, findings: Vec<Reported>) {
    ledger.scanned(&Report { findings, ..Report::new(entity(REPOSITORY), "tandem", at) }, at).await.unwrap();
}

/// The ids that the agenda must name.
struct Month {
    hurt: i64,
    replied: i64,
    reply: i64,
    weakness: i64,
    changed: i64,
    exception: i64,
    ended: i64,
    lockdown: i64,
    incident: i64,
    task: i64,
    levers: [i64; 2],
}

async fn control(ledger: &Ledger, day: i64, version: u32, mode: &str) -> i64 {
    says(ledger, day, &format!("control:weakness:{version}"), "control", "No known weakness ships")
        .owner("security")
        .with(json!({"name": "weakness", "title": "No known weakness ships", "mode": mode, "teams": ["shop"],
            "effective": T0 + 40 * DAY, "protects": {"operations": "No night shift for a patch.",
            "security": "What is known is tried first."}}))
        .id()
        .await
}

async fn recorded(ledger: &Ledger) -> Month {
    Told::by("catalog", "default")
        .seen("service:shop", T0 - DAY, json!({}))
        .owned("service:shop", "", "shop", T0 - DAY, json!({}))
        .owned("service:other", "", "other", T0 - DAY, json!({}))
        .record(ledger)
        .await;
    // Before the last meeting, which was on the third day.
    let old = control(ledger, -10, 1, "observe").await;
    let none = says(ledger, -10, "control:other:1", "control", "Another").owner("other");
    let other = none.with(json!({"name": "other", "title": "Another", "teams": ["other"]})).id().await;
    says(ledger, 3, "meeting:1", "meeting", "held")
        .with(json!({"teams": ["security", "shop"], "day": "2026-11-24",
        "notes": "Ada shows <b>how</b> next time."}))
        .id()
        .await;
    let before = says(ledger, 1, "lever:no-logs:1", "lever", "services without logs");
    let before = before.with(json!({"number": 8, "of": 31, "title": "Services without logs"})).id().await;
    scan(
        ledger,
        T0 + DAY,
        vec![weak("R1", "critical", "shop"), weak("R2", "high", "shop"), weak("R3", "high", "other")],
    )
    .await;
    // Since then.
    let hurt = says(ledger, 5, "answer:1", "answer", "because the patch breaks the till").about("service:shop");
    let hurt = hurt.control(old).with(json!({"say": "hurt"})).id().await;
    says(ledger, 5, "answer:2", "answer", "good").control(old).with(json!({"say": "helped"})).id().await;
    says(ledger, 5, "answer:3", "answer", "not theirs").control(other).with(json!({"say": "hurt"})).id().await;
    let replied = says(ledger, 6, "answer:4", "answer", "may we wait?").about("service:shop");
    let replied = replied.control(old).with(json!({"say": "exception"})).id().await;
    let exception = says(ledger, 7, "exception:1", "exception", "the till is replaced").about("service:shop");
    let exception = exception.control(old).owner("shop").until(30).id().await;
    let reply = says(ledger, 7, "reply:1", "reply", "until the till is replaced");
    let reply = reply.control(old).with(json!({"to": replied, "did": "excepted"})).id().await;
    let ended = says(ledger, 1, "exception:2", "exception", "a trial").about("service:shop");
    let ended = ended.control(old).owner("shop").until(9).id().await;
    let far = says(ledger, 7, "exception:3", "exception", "far away").about("service:shop");
    far.control(old).owner("shop").until(80).id().await;
    let weakness = says(ledger, 8, "control:logs:1", "control", "Everything logs").owner("security");
    let weakness = weakness
        .with(json!({"name": "logs", "title": "Everything logs", "mode": "observe", "protects":
            {"operations": "Outages are seen.", "security": "Attacks are seen."}}))
        .id()
        .await;
    let changed = control(ledger, 9, 2, "warn").await;
    let lockdown = says(ledger, 10, "lockdown:1", "lockdown", "a worm is about").control(old).owner("security");
    let lockdown = lockdown.until(12).with(json!({"controls": ["weakness", "logs"], "mode": "enforce"})).id().await;
    let mut review = says(ledger, 13, "lockdown-review:1", "lockdown_review", "it stays useful");
    review.decision.cites = vec![Cite::Fact(lockdown)];
    review.with(json!({"control": "logs", "outcome": "kept"})).id().await;
    let (incident, task) = incident(ledger).await;
    scan(ledger, T0 + 12 * DAY, vec![weak("R2", "high", "shop"), weak("R3", "high", "other")]).await;
    let after = says(ledger, 14, "lever:no-logs:2", "lever", "services without logs");
    let after = after.with(json!({"number": 3, "of": 31, "title": "Services without logs"})).id().await;
    Month {
        hurt,
        replied,
        reply,
        weakness,
        changed,
        exception,
        ended,
        lockdown,
        incident,
        task,
        levers: [before, after],
    }
}

async fn incident(ledger: &Ledger) -> (i64, i64) {
    let at = T0 + 11 * DAY;
    let raise = Raise {
        decision: says(ledger, 11, "incident:1", "incident", "it hangs").about("service:shop").owner("shop").decision,
        fingerprint: "print".to_owned(),
        rule: "slow".to_owned(),
        title: "The till hangs".to_owned(),
        level: Level::High,
        aspect: Aspect::Operations,
        tags: Vec::new(),
        runbook: None,
        why: "slow".to_owned(),
        key: Vec::new(),
    };
    let round = Detection { raised: vec![raise], ..Detection::default() };
    let id = ledger.commit_detection(&round, Person("rules"), at).await.unwrap().ids["incident:1"];
    let mut task = says(ledger, 11, "task:1", "task", "it taught it").owner("shop").decision;
    task.at = at + HOUR;
    let enqueue = Enqueue {
        kind: Kind::Task,
        title: "Cache the prices".to_owned(),
        level: Level::High,
        aspect: Aspect::Operations,
        parent: Some(id),
        until: None,
    };
    let tasks = [Act { decision: task, enqueue: Some(enqueue), moves: Vec::new(), notices: Vec::new() }];
    let task = ledger.act(&tasks, Person("ada"), at + HOUR).await.unwrap().ids["task:1"];
    let mut over = says(ledger, 11, "triage:1", "triage", "rolled back").about("service:shop").decision;
    over.at = at + 3 * HOUR;
    let step = Step::State(State::Resolved, Some(Outcome::True), None);
    let moves = vec![Move { about: Target::Id(id), at: at + 3 * HOUR, step }];
    let acts = [Act { decision: over, enqueue: None, moves, notices: Vec::new() }];
    ledger.act(&acts, Person("ada"), at + 3 * HOUR).await.unwrap();
    (id, task)
}

fn planned() -> Planned {
    let weekly = "teams: [shop, security]\nphase: choosing\nat: '10:00'\nreading: [docs/till.md]\n";
    let one = "initiative: Signed commits everywhere\nwhy: {operations: We know what runs., security: No foreign code.}\n\
        horizon: next\nowner: security\nteams: [shop]\nrestricts: 2026-12-20\nnotice_days: 14d\n";
    let far = "initiative: Far away\nwhy: later\nhorizon: later\nowner: shop\nrestricts: 2027-12-20\nteams: [shop]\n";
    let foreign = "initiative: Not theirs\nwhy: x\nhorizon: now\nowner: other\nfrom: 2026-12-10\n";
    let lodash = "upgrade: A newer lodash\ncomponent: pkg:npm/lodash\nto_version: 4.17.21\nwhy: it is weak\nowner: shop\n\
        from: 2026-12-09\nuntil: 2026-12-11\nback: put the old lock file back\nobjections_until: 2026-12-08\n";
    let file = |stem: &str, text: &str| roadmap::initiative(&format!("{stem}.yaml"), stem, text).unwrap();
    Planned {
        meetings: vec![meeting::meeting("weekly.yaml", weekly).unwrap()],
        roadmap: vec![file("signed", one), file("far", far), file("foreign", foreign)],
        upgrades: vec![upgrade::upgrade("lodash.yaml", "lodash", lodash).unwrap()],
    }
}

/// Section, text, team, next step, ids.
type Line = (&'static str, String, Option<&'static str>, Option<String>, Vec<i64>);

/// Section, text, team, next step, ids: by hand.
fn by_hand(month: &Month) -> Vec<Line> {
    let lodash = "Upgrade: A newer lodash (pkg:npm/lodash to 4.17.21), 2026-12-09 to 2026-12-11";
    vec![
        (
            "questions",
            "No known weakness ships: it hurt (service:shop): because the patch breaks the till".to_owned(),
            Some("security"),
            Some(format!("reply: tandem reply {}", month.hurt)),
            vec![month.hurt],
        ),
        (
            "answered",
            "No known weakness ships: excepted: until the till is replaced".to_owned(),
            None,
            None,
            vec![month.replied, month.reply],
        ),
        (
            "controls-new",
            "Everything logs (observe). For operations: Outages are seen. For security: Attacks are seen.".to_owned(),
            Some("security"),
            None,
            vec![month.weakness],
        ),
        (
            "controls-changed",
            "No known weakness ships (warn, from 2026-12-31). For operations: No night shift for a patch. \
             For security: What is known is tried first."
                .to_owned(),
            Some("security"),
            Some("say what it will cost you".to_owned()),
            vec![month.changed],
        ),
        (
            "lockdowns",
            "a worm is about (weakness, until 2026-12-03)".to_owned(),
            Some("security"),
            Some(format!("keep, relax or remove each: tandem lockdown review {}", month.lockdown)),
            vec![month.lockdown],
        ),
        (
            "ending",
            "exception for service:shop from No known weakness ships ended on 2026-11-30: a trial".to_owned(),
            Some("shop"),
            None,
            vec![month.ended],
        ),
        (
            "ending",
            "lockdown from No known weakness ships ended on 2026-12-03: a worm is about".to_owned(),
            Some("security"),
            None,
            vec![month.lockdown],
        ),
        (
            "incidents",
            "The till hangs (high, resolved, true, over after 3 hours)".to_owned(),
            Some("shop"),
            Some("open: Cache the prices".to_owned()),
            vec![month.incident, month.task],
        ),
        ("findings", "R2 is weak in repository:github.com/acme/shop".to_owned(), Some("shop"), None, Vec::new()),
        (
            "ahead",
            lodash.to_owned(),
            Some("shop"),
            Some("objections until 2026-12-08: tandem upgrade show lodash".to_owned()),
            Vec::new(),
        ),
        (
            "ahead",
            "Signed commits everywhere: restricts from 2026-12-20. For operations: We know what runs. \
             For security: No foreign code."
                .to_owned(),
            Some("security"),
            Some("affects shop".to_owned()),
            Vec::new(),
        ),
        ("better", "1 finding fixed, 1 of them critical or high".to_owned(), Some("shop"), None, Vec::new()),
        ("better", "Services without logs: 3, from 8".to_owned(), None, None, month.levers.to_vec()),
    ]
}

async fn of_the_month(ledger: &Ledger) -> Agenda {
    let teams = ["shop".to_owned(), "security".to_owned()];
    agenda(ledger, &AsOf::at(T0 + 15 * DAY), &teams, day("2026-12-08").unwrap(), &planned()).await.unwrap()
}

#[tokio::test]
async fn the_agenda_of_a_month_is_the_one_written_by_hand() {
    let (ledger, _dir) = ledger().await;
    let month = recorded(&ledger).await;
    let agenda = of_the_month(&ledger).await;
    let told: Vec<_> =
        agenda.sections.iter().flat_map(|section| section.items.iter().map(|item| (section.name, item))).collect();
    let hand = by_hand(&month);
    for ((section, item), (in_section, text, team, next, ids)) in told.iter().zip(&hand) {
        assert_eq!(section, in_section);
        // The rank of a finding is held by other tests.
        assert!(item.text == *text || *section == "findings" && item.text.starts_with(text), "{}\n{text}", item.text);
        assert_eq!(item.team.as_deref(), *team, "{text}");
        assert!(next.is_none() && *section == "findings" || item.next == *next, "{:?}: {text}", item.next);
        assert!(ids.is_empty() && matches!(*section, "findings" | "ahead" | "better") || item.ids == *ids, "{text}");
    }
    assert_eq!(told.len(), hand.len(), "{:#?}", told.iter().skip(hand.len()).collect::<Vec<_>>());
    assert_eq!(agenda.held, day("2026-11-24"));
    assert_eq!(agenda.missed, [day("2026-12-01").unwrap()], "every week while they choose");
    assert_eq!(agenda.next, day("2026-12-15").unwrap());
    // The exception of thirty days ends after the next meeting: it is not spoken of yet.
    assert!(!told.iter().any(|(_, item)| item.ids.contains(&month.exception)));
}

#[tokio::test]
async fn it_is_written_for_pages_and_calendars_and_nothing_in_it_acts() {
    let (ledger, _dir) = ledger().await;
    recorded(&ledger).await;
    let agenda = of_the_month(&ledger).await;
    let text = write::markdown(&agenda);
    assert!(text.starts_with("# security and shop: 2026-12-08\n"), "{text}");
    assert!(text.contains("Not held: 2026-12-01.") && text.contains("docs/till.md"), "{text}");
    assert!(text.contains("> Ada shows \\<b\\>how\\</b\\> next time."), "{text}");
    let ics = calendar::meeting(&agenda, chrono::DateTime::from_timestamp_nanos(T0));
    for line in ["BEGIN:VCALENDAR", "UID:meeting-security+shop-2026-12-08@tandem", "DTSTART:20261208T100000Z"] {
        assert!(ics.lines().any(|own| own == line), "{line}: {ics}");
    }
    assert!(ics.lines().all(|line| line.len() <= 75), "RFC 5545 folds lines");
    let feed = calendar::feed(&planned().roadmap, &planned().upgrades, chrono::DateTime::from_timestamp_nanos(T0));
    assert_eq!(feed.matches("BEGIN:VEVENT").count(), 4, "{feed}");
    assert!(feed.contains("DTSTART;VALUE=DATE:20261209") && feed.contains("DTEND;VALUE=DATE:20261212"), "{feed}");
}

#[tokio::test]
async fn an_upgrade_tells_what_it_touches_whose_it_is_and_what_else_happens() {
    let (ledger, _dir) = ledger().await;
    const LODASH: &str = "package:pkg:npm/lodash@4.17.20";
    Told::by("catalog", "default")
        .seen("service:shop", T0, json!({}))
        .owned("service:shop", "", "shop", T0, json!({}))
        .seen(LODASH, T0, json!({}))
        .seen("package:pkg:npm/lodash@4.17.21", T0, json!({}))
        .seen("package:pkg:npm/lodash-es@4.17.20", T0, json!({}))
        .related("service:shop", "built_from", REPOSITORY, T0)
        .related(REPOSITORY, "has", LODASH, T0)
        .related("service:other", "built_from", "repository:o", T0)
        .seen("service:other", T0, json!({}))
        .related("repository:o", "has", "package:pkg:npm/lodash@4.17.21", T0)
        .record(&ledger)
        .await;
    let planned = planned();
    says(&ledger, 1, "objection:1", "objection", "the till is frozen until the 12th")
        .owner("shop")
        .with(json!({"upgrade": "lodash"}))
        .id()
        .await;
    says(&ledger, 20, "objection:2", "objection", "late").with(json!({"upgrade": "lodash"})).id().await;
    says(&ledger, 1, "objection:3", "objection", "another").with(json!({"upgrade": "other"})).id().await;
    let freeze = "initiative: Freeze\nwhy: sales\nhorizon: now\nowner: sales\nteams: [shop]\nfrom: 2026-12-10\nuntil: 2026-12-24\n";
    let mut roadmap = planned.roadmap.clone();
    roadmap.push(roadmap::initiative("freeze.yaml", "freeze", freeze).unwrap());
    let other =
        "upgrade: New shop\ncomponent: service:shop\nto_version: '2'\nwhy: x\nowner: shop\nfrom: 2026-12-11\nback: y\n";
    let mut upgrades = planned.upgrades.clone();
    upgrades.push(upgrade::upgrade("shop.yaml", "shop", other).unwrap());
    let as_of = AsOf::at(T0 + 30 * DAY);
    let touched = upgrade::touched(&ledger, &as_of, &upgrades[0], &upgrades, &roadmap).await.unwrap();
    assert_eq!(touched.has, [REPOSITORY]);
    assert_eq!(touched.services.into_iter().collect::<Vec<_>>(), [("shop".to_owned(), Some("shop".to_owned()))]);
    let overlaps: Vec<_> =
        touched.overlaps.iter().map(|one| (one.kind, one.id.as_str(), one.shared.join(","))).collect();
    assert_eq!(overlaps, [("upgrade", "shop", "shop".to_owned()), ("roadmap", "freeze", "shop".to_owned())]);
    let objections: Vec<_> = touched.objections.iter().map(|one| (one.reason.as_str(), one.late)).collect();
    assert_eq!(objections, [("the till is frozen until the 12th", false), ("late", true)]);
    assert_eq!(touched.everywhere_from, day("2026-12-12").unwrap());
}
