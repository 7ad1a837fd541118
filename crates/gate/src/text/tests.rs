use super::*;
use crate::decide::tests::{asked, bad, control, good};
use crate::{Checks, Facts, Policies, decide};
use model::{Exception, InForce};

const NOW: i64 = 1_795_334_400_000_000_000;

fn verdict(facts: &Facts, controls: &[InForce], exceptions: &[Exception]) -> Verdict {
    let mut facts = facts.clone();
    facts.owner = good().owner;
    decide(&Checks::builtin(), &Policies::default(), &asked(Question::Release), &facts, controls, exceptions, NOW)
}

fn exception() -> Exception {
    Exception {
        decision: 77,
        control: "fixed-before-release".to_owned(),
        entity: None,
        environment: None,
        reason: "r".to_owned(),
        owner: "payments".to_owned(),
        until: NOW + 86_400_000_000_000,
    }
}

const OBSERVED: &str = "not yet, because  (release of checkout 1.4.2 to production)

  open critical findings in checkout (unknown): 2  [critical-findings, observes, would have stopped]
    for operations  fewer outages
    for security    fewer doors
    facts           7, 8
    what to do      `tandem findings service:checkout --severity critical` lists them, the most urgent first
    whom to ask     platform
    control         fixed-before-release of platform, asked again by 2027-03-02

nothing was stopped; 1 would have been a reason
did it help, or was it in the way? its owner reads every answer:
  tandem answer 12 helped
  tandem answer 12 hurt 'because ...'
  tandem answer 12 question '...'
  tandem answer 12 exception 'because ...' --control fixed-before-release --until now+30d
";

#[test]
fn a_reason_says_all_that_is_needed_to_act_or_to_answer() {
    let kept = Kept { id: Some(12), page: None };
    let observed = verdict(&bad(), &[control("fixed-before-release", Mode::Observe)], &[]);
    assert_eq!(terminal(&observed, kept), OBSERVED);
    let stopped = verdict(&bad(), &[control("fixed-before-release", Mode::Enforce)], &[]);
    assert!(terminal(&stopped, kept).contains("[critical-findings, stops]"));
    assert!(terminal(&stopped, kept).contains("\nstopped\n"));
    let excepted = verdict(&bad(), &[control("fixed-before-release", Mode::Enforce)], &[exception()]);
    let text = terminal(&excepted, kept);
    assert!(text.starts_with("ready  (") && text.contains("passes until 2026-11-23 by exception 77"), "{text}");
    let ready = terminal(&verdict(&good(), &[], &[]), kept);
    assert!(ready.starts_with("ready  (release") && !ready.contains("tandem answer"), "{ready}");
}

#[test]
fn what_is_suppressed_is_said_with_reason_owner_and_end() {
    let mut facts = good();
    let waived = crate::decide::tests::waived(NOW + 86_400_000_000_000);
    facts.findings.get_or_insert_default().waived = Some(vec![waived; MAX_LISTED + 2]);
    let verdict = verdict(&facts, &[], &[]);
    let line =
        "    lodash 4.17.20 is weak (critical, finding 7) until 2026-11-23 by decision 90 of payments: not reached\n";
    let text = terminal(&verdict, Kept::default());
    assert!(text.starts_with("ready  (") && text.contains(line) && text.contains("    and 2 more\n"), "{text}");
    let comment = markdown(&verdict, Kept::default());
    assert!(
        comment.contains("Suppressed, and not counted") && comment.contains("decision 90 of payments"),
        "{comment}"
    );
}

#[test]
fn one_line_is_one_line_of_bounded_length() {
    let observed = verdict(&bad(), &[control("fixed-before-release", Mode::Observe)], &[]);
    let expected = "release of checkout 1.4.2 to production: not yet, because open critical findings in checkout \
                    (unknown): 2 (control fixed-before-release, ask platform); nothing was stopped; 1 would have been a reason";
    assert_eq!(line(&observed), expected);
    let mut long = observed;
    long.asked.service = "ß\n".repeat(400);
    assert_eq!((line(&long).chars().count(), line(&long).lines().count()), (MAX_LINE_CHARS, 1));
    assert!(line(&long).ends_with("would have been a reason"));
}

#[test]
fn what_comes_from_facts_is_text_and_nothing_else() {
    let mut hostile = verdict(&bad(), &[], &[]);
    hostile.asked.service = "-a';rm -rf ~\u{1b}[31m\u{202e}".to_owned();
    hostile.reasons[0].text = "![x](https://evil.example/a.png) <img src=x> @everyone #1 `code` | a\n# b".to_owned();
    hostile.reasons[0].ask = "[ask](javascript:x)".to_owned();
    hostile.reasons[0].control = hostile.asked.service.clone();
    let kept = Kept { id: None, page: Some("javascript:x") };
    let text = markdown(&hostile, kept);
    for not in ["![", "](", "<img", "@everyone", "https://", "#1", "\u{1b}", "\u{202e}", "javascript:", "\n# b"] {
        assert!(!text.contains(not), "{not}: {text}");
    }
    let command = answers(&hostile, kept).pop().unwrap();
    assert!(command.contains(r"--control '-a'\'';rm -rf ~ [31m '"), "{command}");
    let linked = markdown(&hostile, Kept { id: Some(1), page: Some("https://t.example/v/1> x") });
    assert!(linked.contains("<https://t.example/v/1x>"), "{linked}");
    assert!(!terminal(&hostile, kept).contains(['\u{1b}', '\u{202e}']));
}

#[test]
fn questions_in_words() {
    let scale = Asked { version: None, from: Some(10), to: Some(1000), ..asked(Question::Scale) };
    assert_eq!(question(&scale), "growth of checkout from 10 to 1000 in production");
    let bare = Asked { environment: None, version: None, ..asked(Question::Release) };
    assert_eq!(question(&bare), "release of checkout");
}
