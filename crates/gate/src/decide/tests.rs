use super::*;
use crate::check::File;
use model::control::{Because, Control, Mode, Protects};
use proptest::prelude::*;

const NOW: Nanos = 1_795_334_400_000_000_000;
const DAY: Nanos = 86_400_000_000_000;

pub(crate) fn control(name: &str, mode: Mode) -> InForce {
    let control = Control {
        name: name.to_owned(),
        title: format!("{name}."),
        owner: "platform".to_owned(),
        protects: Protects { operations: "fewer outages".to_owned(), security: "fewer doors".to_owned() },
        review_by: Some(NOW + 100 * DAY),
        mode,
        ..Control::default()
    };
    InForce { control, id: 41, mode, because: None }
}

pub(crate) fn asked(question: Question) -> Asked {
    Asked {
        question,
        service: "checkout".to_owned(),
        environment: Some("production".to_owned()),
        version: Some("1.4.2".to_owned()),
        from: None,
        to: None,
        defence: None,
    }
}

fn exception(control: &str, until: Nanos) -> Exception {
    Exception {
        decision: 77,
        control: control.to_owned(),
        entity: Some("service:checkout".to_owned()),
        environment: None,
        reason: "moving house".to_owned(),
        owner: "payments".to_owned(),
        until,
    }
}

/// Everything is well.
pub(crate) fn good() -> Facts {
    let text = r#"{
        "known": true, "tier": 1, "runs": {"instances": 3, "ids": [1]}, "owner": {"count": 1, "team": "payments"},
        "logs": {"sends": true}, "runbook": {"count": 1}, "restore": {"proved": true, "at": "2026-11-01"},
        "findings": {"scanned": true, "at": "2026-11-21", "critical": 0, "high": 2, "exploited": 0, "secrets": 0},
        "incidents": {"open": 0}, "slo": {"known": true, "burning": false}, "exposed_sockets": {"count": 0},
        "changes": {"overlapping": 0}, "tests": {"known": true, "total": 120, "failed": 0},
        "dependencies": {"capacity_unknown": 0, "without_owner": 0}, "limits": {"max": 5000}
    }"#;
    serde_json::from_str(text).unwrap()
}

pub(crate) fn bad() -> Facts {
    let mut facts = good();
    let findings = facts.findings.get_or_insert_default();
    (findings.critical, findings.ids_critical) = (Some(2), Some(vec![7, 8]));
    facts.owner = None;
    facts
}

fn ask(asked: &Asked, facts: &Facts, controls: &[InForce], exceptions: &[Exception]) -> Verdict {
    decide(&Checks::builtin(), &Policies::default(), asked, facts, controls, exceptions, NOW)
}

#[test]
fn all_is_well_and_the_checks_that_looked_are_named() {
    let verdict = ask(&asked(Question::Release), &good(), &[], &[]);
    assert_eq!((verdict.answer, verdict.stopped, verdict.reasons.as_slice()), (Answer::Ready, false, &[][..]));
    assert!(verdict.passed.len() >= 12, "{:?}", verdict.passed);
    let scale = Asked { from: Some(10), to: Some(1000), ..asked(Question::Scale) };
    let verdict = ask(&scale, &good(), &[], &[]);
    assert_eq!((verdict.answer, verdict.passed.len()), (Answer::Ready, 9), "{verdict:#?}");
}

#[test]
fn modes_decide_whether_it_stops_and_never_what_is_said() {
    for (mode, stops) in [(Mode::Observe, false), (Mode::Warn, false), (Mode::Enforce, true)] {
        let controls = [control("fixed-before-release", mode)];
        let verdict = ask(&asked(Question::Release), &bad(), &controls, &[]);
        assert_eq!((verdict.answer, verdict.stopped), (Answer::NotYet, stops));
        let reason = &verdict.reasons[0];
        assert_eq!((reason.check.as_str(), reason.mode, reason.control_id), ("critical-findings", mode, 41));
        assert_eq!(reason.facts, [7, 8]);
        assert_eq!((reason.for_operations.as_str(), reason.ask.as_str()), ("fewer outages", "platform"));
        // The owner is not known, and its control is not either: undecided, observed, said so.
        let owner = verdict.reasons.iter().find(|reason| reason.check == "no-owner").unwrap();
        assert_eq!(
            (owner.answer, owner.mode, owner.control.as_str()),
            (Answer::Undecided, Mode::Observe, OWN_POLICIES)
        );
        assert!(owner.text.contains("`owner.count`") && owner.text.contains("no control `owned-services` is known"));
    }
}

#[test]
fn what_is_undecided_never_stops_and_is_never_ready() {
    let controls: Vec<InForce> = Checks::builtin().iter().map(|check| control(&check.control, Mode::Enforce)).collect();
    let verdict = ask(&asked(Question::Release), &Facts::default(), &controls, &[]);
    assert_eq!((verdict.answer, verdict.stopped), (Answer::Undecided, false));
    assert!(verdict.reasons.iter().all(|reason| reason.answer == Answer::Undecided));
    assert!(verdict.reasons.len() >= 12);
}

#[test]
fn an_exception_keeps_the_reason_and_its_end() {
    let controls = [control("fixed-before-release", Mode::Enforce), control("owned-services", Mode::Enforce)];
    let mut facts = bad();
    facts.owner = good().owner;
    let one = exception("fixed-before-release", NOW + DAY);
    let verdict =
        ask(&asked(Question::Release), &facts, &controls, &[one.clone(), exception("owned-services", NOW + DAY)]);
    assert_eq!((verdict.answer, verdict.stopped, verdict.reasons.len()), (Answer::Ready, false, 1));
    assert_eq!((verdict.reasons[0].excepted, verdict.reasons[0].excepted_until), (Some(77), Some(NOW + DAY)));
    for not in [
        Exception { until: NOW, ..one.clone() },
        Exception { environment: Some("staging".to_owned()), ..one.clone() },
        Exception { entity: Some("service:till".to_owned()), ..one.clone() },
        exception("owned-services", NOW + DAY),
    ] {
        assert!(ask(&asked(Question::Release), &facts, &controls, &[not]).stopped);
    }
    let longer = Exception { decision: 78, until: NOW + 2 * DAY, ..one.clone() };
    let verdict = ask(&asked(Question::Release), &facts, &controls, &[longer, one]);
    assert_eq!(verdict.reasons[0].excepted, Some(78));
}

#[test]
fn capacity_for_defence_is_never_held_back() {
    let mut controls = [control("growth-with-care", Mode::Enforce)];
    controls[0].because = Some(Because {
        decision: 5,
        kind: "lockdown".to_owned(),
        reason: "attack".to_owned(),
        owner: "security".to_owned(),
        until: NOW + DAY,
    });
    let mut facts = good();
    facts.restore = Some(crate::facts::Restore { proved: Some(false), ..Default::default() });
    let scale = Asked { from: Some(10), to: Some(1000), ..asked(Question::Scale) };
    let held = ask(&scale, &facts, &controls, &[]);
    assert!(held.stopped && !held.passed_for_defence);
    assert_eq!(held.reasons[0].because.as_ref().unwrap().kind, "lockdown");
    let defence = Asked { defence: Some("a flood of requests".to_owned()), ..scale };
    let passed = ask(&defence, &facts, &controls, &[]);
    assert!(!passed.stopped && passed.passed_for_defence);
    assert_eq!((passed.answer, passed.reasons.len()), (Answer::NotYet, held.reasons.len()));
    assert_ne!(passed.inputs, held.inputs);
}

pub(crate) fn waived(until: Nanos) -> Waived {
    Waived {
        finding: 7,
        title: "lodash 4.17.20 is weak".to_owned(),
        severity: "critical".to_owned(),
        decision: 90,
        reason: "not reached".to_owned(),
        owner: "payments".to_owned(),
        until,
    }
}

#[test]
fn what_somebody_suppressed_does_not_stop_and_is_named() {
    let controls = [control("fixed-before-release", Mode::Enforce)];
    let mut facts = good();
    facts.findings.get_or_insert_default().waived = Some(vec![waived(NOW + DAY)]);
    let verdict = ask(&asked(Question::Release), &facts, &controls, &[]);
    assert_eq!((verdict.answer, verdict.stopped), (Answer::Ready, false));
    assert_eq!(verdict.waived, [waived(NOW + DAY)]);
    // A renewal is another verdict, or the old end would be kept.
    facts.findings.get_or_insert_default().waived = Some(vec![waived(NOW + 2 * DAY)]);
    assert_ne!(ask(&asked(Question::Release), &facts, &controls, &[]).inputs, verdict.inputs);
    // Where no check asks about findings there is nothing to say.
    let none = decide(&Checks::default(), &Policies::default(), &asked(Question::Release), &facts, &[], &[], NOW);
    assert_eq!(none.waived, []);
}

#[test]
fn the_time_counts_only_where_something_is_compared_with_it() {
    let at = |now| {
        let (asked, facts) = (asked(Question::Release), good());
        decide(&Checks::builtin(), &Policies::default(), &asked, &facts, &[], &[], now)
    };
    let (first, later, much_later) = (at(NOW), at(NOW + 3 * DAY), at(NOW + 40 * DAY));
    assert_eq!(first.inputs, later.inputs);
    assert_eq!((first.answer, much_later.answer), (Answer::Ready, Answer::NotYet));
    assert_ne!(first.inputs, much_later.inputs);
}

#[test]
fn each_input_changes_the_digest() {
    let (asked, facts, controls) = (asked(Question::Release), bad(), [control("fixed-before-release", Mode::Warn)]);
    let base = ask(&asked, &facts, &controls, &[]).inputs;
    let mut digests = vec![base];
    digests.push(ask(&Asked { version: None, ..asked.clone() }, &facts, &controls, &[]).inputs);
    digests.push(ask(&Asked { service: "till".to_owned(), ..asked.clone() }, &facts, &controls, &[]).inputs);
    digests.push(ask(&asked, &Facts { tier: Some(2), ..facts.clone() }, &controls, &[]).inputs);
    digests.push(ask(&asked, &facts, &[], &[]).inputs);
    digests.push(ask(&asked, &facts, &[control("fixed-before-release", Mode::Enforce)], &[]).inputs);
    digests.push(ask(&asked, &facts, &controls, &[exception("fixed-before-release", NOW + DAY)]).inputs);
    let mut checks = Checks::builtin();
    let text = "id: x\ntitle: T\ncontrol: c\nasks: [scale]\nspeaks: {fact: known, is: false}\ntext: t\nfix: f\n";
    checks.extend(Checks::of(vec![File { path: "x.yml".to_owned(), text: text.into() }]));
    digests.push(decide(&checks, &Policies::default(), &asked, &facts, &controls, &[], NOW).inputs);
    let count = digests.len();
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), count);
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let number = || proptest::option::of(0..4_u64);
    let truth = || proptest::option::of(any::<bool>());
    let days = proptest::option::of(0..400_i64);
    (number(), truth(), number(), truth(), number(), days, truth(), number()).prop_map(
        |(critical, known, owners, proved, tier, days, sends, failed)| {
            let mut facts = good();
            facts.findings.get_or_insert_default().critical = critical;
            facts.known = known;
            facts.owner.get_or_insert_default().count = owners;
            let restore = facts.restore.get_or_insert_default();
            (restore.proved, restore.at) = (proved, days.map(|days| NOW - days * DAY));
            facts.tier = tier;
            facts.logs.get_or_insert_default().sends = sends;
            facts.tests.get_or_insert_default().failed = failed;
            facts
        },
    )
}

proptest! {
    #[test]
    fn the_same_inputs_give_the_same_verdict(
        one in any_facts(),
        other in any_facts(),
        modes in proptest::collection::vec(0..3_usize, 2),
        defence in any::<bool>(),
        hours in 0..5000_i64,
    ) {
        let checks = Checks::builtin();
        let policies = Policies::default();
        let mode = |at: usize| [Mode::Observe, Mode::Warn, Mode::Enforce][modes[at]];
        let controls = [control("fixed-before-release", mode(0)), control("proved-restores", mode(1))];
        let asked = Asked { defence: defence.then(|| "flood".to_owned()), ..asked(Question::Release) };
        let at = |facts: &Facts, now| decide(&checks, &policies, &asked, facts, &controls, &[], now);
        let (first, again) = (at(&one, NOW), at(&one, NOW));
        prop_assert_eq!(&first, &again);
        // A verdict is a function of what its digest is of: whatever else differs, the time among it.
        for verdict in [at(&other, NOW), at(&one, NOW + hours * 3_600_000_000_000)] {
            if verdict.inputs == first.inputs {
                prop_assert_eq!(Verdict { at: NOW, ..verdict }, first.clone());
            } else {
                prop_assert!(one != other || verdict.reasons != first.reasons || hours > 0);
            }
        }
        prop_assert!(!(first.stopped && defence));
        prop_assert_eq!(first.answer == Answer::Ready, first.reasons.is_empty());
    }
}
