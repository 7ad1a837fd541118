#[path = "../../../rego/tests/shared/hostile.rs"]
mod hostile;

use crate::check::File;
use crate::facts::Facts;
use crate::{Checks, Policies, decide};
use model::{Answer, Asked, Mode, Question, Verdict};

fn policies(files: &[(&str, &str)]) -> Policies {
    let files: Vec<File> =
        files.iter().map(|(path, text)| File { path: (*path).to_owned(), text: (*text).to_owned().into() }).collect();
    Policies::of(&files)
}

fn asked() -> Asked {
    Asked {
        question: Question::Release,
        service: "checkout".to_owned(),
        environment: Some("production".to_owned()),
        version: Some("1.4.2".to_owned()),
        from: None,
        to: None,
        defence: None,
    }
}

fn ask(policies: &Policies) -> Verdict {
    let facts: Facts =
        serde_json::from_str(r#"{"findings": {"critical": 2, "ids_critical": [7, 8]}, "tier": 1}"#).unwrap();
    let control = crate::decide::tests::control("no-old-images", Mode::Enforce);
    decide(&Checks::default(), policies, &asked(), &facts, &[control], &[], 1_795_334_400_000_000_000)
}

const GOOD: &str = r#"
# METADATA
# title: Images are rebuilt
# custom:
#   control: no-old-images
package release

import rego.v1

deny contains result if {
    input.findings.critical > data.most
    result := {
        "msg": sprintf("%v critical findings on %v", [input.findings.critical, input.today]),
        "fix": "rebuild",
        "facts": input.findings.ids_critical,
    }
}

warn contains "it is of tier 1" if input.tier == 1

violation contains "never" if input.asked.question == "scale"

undecided contains "nobody knows its tests" if not input.tests
"#;

#[test]
fn rules_of_a_package_speak_with_their_control() {
    let policies = policies(&[("p/release.rego", GOOD), ("p/data.json", r#"{"most": 1}"#)]);
    assert_eq!(policies.broken(), []);
    let verdict = ask(&policies);
    let said: Vec<_> = verdict.reasons.iter().map(|one| (&*one.check, one.answer, one.mode, &*one.text)).collect();
    assert_eq!(
        said,
        [
            ("release.deny", Answer::NotYet, Mode::Enforce, "2 critical findings on 2026-11-22"),
            ("release.warn", Answer::NotYet, Mode::Warn, "it is of tier 1"),
            ("release.undecided", Answer::Undecided, Mode::Enforce, "nobody knows its tests"),
        ]
    );
    assert_eq!((verdict.reasons[0].fix.as_str(), verdict.reasons[0].facts.as_slice()), ("rebuild", &[7, 8][..]));
    assert_eq!((verdict.answer, verdict.stopped), (Answer::NotYet, true));
    assert_eq!(verdict.passed, ["release.violation"]);
    assert_eq!(verdict.reasons[0].control, "no-old-images");
}

#[test]
fn a_policy_that_fails_makes_undecided_and_harms_no_other() {
    let fails =
        "package fails\nimport rego.v1\ndeny contains msg if { n := to_number(input.service); n > 1; msg := \"x\" }\n";
    let runs = "package runs\nimport rego.v1\ndeny contains \"x\" if { some a in input.many; some b in input.many; some c in input.many; some d in input.many; a + b + c + d < 0 }\n";
    let broken = "package broken\nimport rego.v1\ndeny contains msg if {\n";
    let quiet = "package quiet\ndeny[msg] { input.tier == 9; msg := \"x\" }\n";
    let network = "package network\nimport rego.v1\ndeny contains \"x\" if http.send({}).status_code == 200\n";
    let policies = policies(&[
        ("fails.rego", fails),
        ("runs.rego", &runs.replace("input.many", "data.many")),
        ("broken.rego", broken),
        ("quiet.rego", quiet),
        ("network.rego", network),
        ("many.json", &format!("{{\"many\": {:?}}}", (0..60).collect::<Vec<_>>())),
        ("wrong.json", "[1]"),
        ("quiet_test.rego", "package quiet_test\nthis is no Rego"),
    ]);
    let broken: Vec<String> = policies.broken().iter().map(ToString::to_string).collect();
    assert_eq!(broken.len(), 4, "{broken:?}");
    assert!(broken.iter().any(|error| error.starts_with("broken.rego:")), "{broken:?}");
    assert!(broken.iter().any(|error| error.contains("functions of the network")), "{broken:?}");
    assert!(broken.iter().any(|error| error.contains("wrong.json:1:1: data for policies is a map")), "{broken:?}");
    assert!(broken.iter().any(|error| error.contains("runs.rego")), "{broken:?}");
    let verdict = ask(&policies);
    assert_eq!(verdict.answer, Answer::Undecided);
    assert!(!verdict.stopped);
    assert!(verdict.passed.contains(&"quiet.deny".to_owned()));
    let failed = verdict.reasons.iter().find(|reason| reason.check == "fails.deny").unwrap();
    assert!(
        failed.text.contains("the policy failed") && failed.text.contains("no control `own-policies`"),
        "{failed:?}"
    );
}

#[test]
fn a_package_names_its_control_by_a_rule() {
    let text = "package own\nimport rego.v1\ncontrol := \"no-old-images\"\ndeny contains \"x\" if input.tier == 1\n";
    let policies = policies(&[("own.rego", text)]);
    assert_eq!(policies.rules().collect::<Vec<_>>(), [("own.deny".to_owned(), Some("no-old-images"))]);
    let many =
        "package own\nimport rego.v1\ndeny contains msg if { some n in data.numbers; msg := sprintf(\"%v\", [n]) }\n";
    let numbers = format!("{{\"numbers\": {:?}}}", (0..50).collect::<Vec<_>>());
    let verdict = ask(&self::policies(&[("own.rego", many), ("n.json", &numbers)]));
    assert_eq!(verdict.reasons.len(), 21);
    assert!(verdict.reasons.iter().any(|reason| reason.text.starts_with("30 more results")));
}

/// What would overflow the stack of the interpreter, fill memory or hold it up for hours is refused, and makes the verdict undecided;
/// other packages are asked.
#[test]
fn policies_without_end_harm_no_other() {
    let other = "package other\nimport rego.v1\ndeny contains \"x\" if input.tier == 1\n";
    let much = hostile::MUCH.map(|expression| hostile::body(&format!("sprintf(\"%v\", [{expression}])")));
    for text in hostile::endless().into_iter().chain(much) {
        let policies = policies(&[("a.rego", &text), ("b.rego", other)]);
        assert_eq!(policies.broken().len(), 1, "{:.80}", text);
        assert_eq!((policies.broken()[0].file.as_str(), policies.rules().count()), ("a.rego", 1), "{:.80}", text);
        let verdict = ask(&policies);
        let said: Vec<_> = verdict.reasons.iter().map(|one| (one.check.as_str(), one.answer)).collect();
        assert!(said.contains(&("other.deny", Answer::NotYet)), "{said:?}");
        assert!(
            verdict.reasons.iter().any(|one| one.answer == Answer::Undecided && one.text.contains("a.rego:")),
            "{:.80}",
            text
        );
    }
}

/// It has no end only when it is asked: it says nothing of itself before.
#[test]
fn a_policy_without_end_over_the_facts_is_undecided() {
    let calls =
        "package own\nimport rego.v1\nf(x) := y if y := f(x + 1)\ndeny contains x if { input.tier == 1; x := f(1) }\n";
    let policies = policies(&[("own.rego", calls)]);
    assert_eq!(policies.broken(), []);
    let verdict = ask(&policies);
    let failed = verdict.reasons.iter().find(|reason| reason.check == "own.deny").unwrap();
    assert!(failed.text.contains("the policy failed"), "{failed:?}");
    assert_eq!((failed.answer, verdict.answer), (Answer::Undecided, Answer::Undecided));
}

#[test]
fn results_and_data_are_bounded_in_what_they_share() {
    let verdict = ask(&policies(&[("a.rego", &hostile::shared_without_end())]));
    let said: Vec<_> = verdict.reasons.iter().map(|one| (one.check.as_str(), one.answer)).collect();
    assert_eq!(said, [("main.deny", Answer::NotYet)]);
    let aliases: String = (0..30).map(|at| format!("a{}: &a{} [*a{at}, *a{at}]\n", at + 1, at + 1)).collect();
    let own = "package own\nimport rego.v1\ndeny contains \"x\" if data.a0 == 1\n";
    let policies = policies(&[("own.rego", own), ("d.yaml", &format!("a0: &a0 1\n{aliases}"))]);
    let broken: Vec<String> = policies.broken().iter().map(ToString::to_string).collect();
    assert!(broken.len() == 1 && broken[0].contains("aliases counted each time"), "{broken:?}");
}
