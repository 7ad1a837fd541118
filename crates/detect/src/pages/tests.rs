//! Pages that lie, and the built-in ones, which must not.

use super::*;
use crate::pack::{File, Pack};
use crate::sigma;
use crate::sources::Sources;
use std::collections::BTreeSet;

const RULE: &str = "\
title: root shell
id: 6b1f0a52-1f2e-4f0e-9d43-0f8f2a5f7b10
status: test
description: A shell of root.
logsource:
  product: linux
  category: process_creation
detection:
  selection:
    Image|endswith: /sh
    User: root
  condition: selection
falsepositives:
  - None.
level: high
";

const COUNT: &str = "\
title: base
id: 6b1f0a52-1f2e-4f0e-9d43-0f8f2a5f7b11
name: base
logsource: {product: linux, service: sshd}
detection:
  selection:
    message|contains: Failed
  condition: selection
---
title: many
id: 6b1f0a52-1f2e-4f0e-9d43-0f8f2a5f7b12
correlation:
  type: event_count
  rules: [base]
  group-by: [Computer]
  timespan: 1m
  condition: {gte: 3}
level: high
";

fn page(title: &str, cases: &[(&str, &[&str])]) -> String {
    let mut text = format!(
        "# {title}\n\nFront.\n\n## Why it matters for operations\n\nO.\n\n## Why it matters for security\n\nS.\n\n\
         ## False positives\n\nF.\n\n## What to do\n\nW.\n\n## Cases\n"
    );
    for (kind, events) in cases {
        text.push_str(&format!("\n### {kind}: x\n\n```json\n{}\n```\n", events.join("\n")));
    }
    text
}

fn tested(rule: &str, page: Option<String>) -> Tested {
    let file = |path: &str, text: String| File { path: path.to_owned(), text: text.into() };
    let pages = page.map(|text| file("a/x.md", text)).into_iter().collect();
    let pack = Pack { rules: vec![file("a/x.yml", rule.to_owned())], pages };
    test(&pack, &Sources::builtin(), &sigma::Options::default())
}

fn problems(rule: &str, page: Option<String>) -> Vec<String> {
    tested(rule, page).problems.iter().map(ToString::to_string).collect()
}

const ROOT: &str = r#"{"EventID":1,"Channel":"Linux-Sysmon/Operational","Provider_Name":"Linux-Sysmon","Image":"/bin/sh","User":"root"}"#;
const ECS: &str = r#"{"host":{"os":{"type":"linux"}},"event":{"category":["process"],"type":["start"]},"process":{"executable":"/bin/sh"},"user":{"name":"root"}}"#;
const MARIA: &str = r#"{"EventID":1,"Channel":"Linux-Sysmon/Operational","Provider_Name":"Linux-Sysmon","Image":"/bin/sh","User":"maria"}"#;
const ELSEWHERE: &str = r#"{"Image":"/bin/sh","User":"root"}"#;

#[test]
fn a_good_page_is_quiet() {
    let good = page(
        "root shell",
        &[("fires", &[ROOT]), ("fires", &[MARIA, ECS]), ("quiet", &[MARIA]), ("quiet", &[ELSEWHERE])],
    );
    let tested = tested(RULE, Some(good));
    assert_eq!((tested.files, tested.rules, tested.cases), (1, 1, 4));
    assert_eq!(tested.problems, []);
}

#[test]
fn a_page_that_lies_is_told_with_its_place() {
    let bad =
        page("root shell", &[("fires", &[MARIA]), ("fires", &[ELSEWHERE]), ("quiet", &[ROOT]), ("quiet", &[MARIA])]);
    assert_eq!(
        problems(RULE, Some(bad)),
        [
            "a/x.md:23:1: this case should fire, and stays quiet: of its 1 events 1 are of the log source, and 0 match",
            "a/x.md:29:1: this case should fire, and stays quiet: of its 1 events 0 are of the log source, and 0 match",
            "a/x.md:35:1: this case should be quiet, and \"root shell\" fires",
            "a/x.yml:1:1: no case of the page makes \"root shell\" fire: add one",
        ]
    );
    assert_eq!(problems(RULE, None), ["a/x.yml:1:1: there is no page: write a/x.md beside it"]);
    let other = page("another", &[("fires", &[ROOT]), ("fires", &[ECS]), ("quiet", &[MARIA]), ("quiet", &[MARIA])]);
    assert_eq!(
        problems(RULE, Some(other)),
        ["a/x.md:1:1: the page's title is \"another\" and the rule's \"root shell\": make them the same"]
    );
    let broken = RULE.replace("condition: selection", "condition: selektion");
    assert!(
        problems(&broken, None).iter().any(|problem| problem.starts_with("a/x.yml:12:")),
        "{:?}",
        problems(&broken, None)
    );
}

#[test]
fn a_story_has_all_its_events() {
    let failed = |second: usize, host: &str| {
        format!(
            r#"{{"timestamp":"2026-11-21T09:00:{second:02}Z","host.name":"{host}","syslog.appname":"sshd","body":"Failed password"}}"#
        )
    };
    let story = |hosts: &[&str], gap: usize| -> Vec<String> {
        hosts.iter().enumerate().map(|(at, host)| failed(at * gap, host)).collect()
    };
    let [same, apart, two, slow] =
        [story(&["a"; 3], 5), story(&["a", "b", "a", "a"], 9), story(&["a", "b", "a"], 5), story(&["a"; 2], 20)];
    let lines = |story: &Vec<String>| story.iter().map(String::as_str).collect::<Vec<_>>().join("\n");
    let (same, apart, two, slow) = (lines(&same), lines(&apart), lines(&two), lines(&slow));
    let good = page("many", &[("fires", &[&same]), ("fires", &[&apart]), ("quiet", &[&two]), ("quiet", &[&slow])]);
    assert_eq!(problems(COUNT, Some(good)), [] as [&str; 0]);
    let bad = page("many", &[("fires", &[&same]), ("fires", &[&two]), ("quiet", &[&apart]), ("quiet", &[&slow])]);
    let told = problems(COUNT, Some(bad));
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("of its 3 events 3 are of the log source, and 3 match"), "{told:?}");
    assert!(told[1].contains("should be quiet, and \"many\" fires"), "{told:?}");
}

#[test]
fn the_built_in_rules_do_what_their_pages_say() {
    let tested = test(&Pack::builtin(), &Sources::builtin(), &sigma::Options::default());
    let told: Vec<String> = tested.problems.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    assert!(tested.files >= 55 && tested.cases > 250, "{} files, {} cases", tested.files, tested.cases);
}

#[test]
fn the_built_in_operational_rules_have_their_pages() {
    let tested = test(&Pack::operations(), &Sources::builtin(), &sigma::Options::default());
    let told: Vec<String> = tested.problems.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    assert!(tested.rules >= 18 && tested.stories.len() >= 4 * tested.files, "{} rules", tested.rules);
}

#[test]
fn the_built_in_rules_are_whole() {
    let sources = Sources::builtin();
    let loaded = Pack::builtin().load(&sources, &sigma::Options::default());
    let odd: Vec<String> = loaded.findings.iter().map(ToString::to_string).collect();
    assert!(odd.is_empty(), "{}", odd.join("\n"));
    let mut ids = BTreeSet::new();
    let metas = loaded.rules.iter().map(|rule| &rule.meta);
    for meta in metas.chain(loaded.correlations.iter().map(|correlation| &correlation.meta)) {
        assert!(ids.insert(meta.id.clone()), "{} has the id of another rule", meta.place);
        assert!(
            meta.name.as_ref().is_some_and(|name| ids.insert(name.clone())),
            "{} needs a name of its own",
            meta.place
        );
        assert!(meta.runbook.is_some(), "{} has no runbook", meta.place);
        assert!(meta.status.is_some() && !meta.description.is_empty(), "{} is not described", meta.place);
    }
    for rule in &loaded.rules {
        assert!(!sources.fits(&rule.source).is_empty(), "{} has no data to see", rule.meta.place);
    }
    let unmapped = sources.unmapped(&loaded.rules);
    let names: Vec<String> = unmapped.iter().map(|one| format!("{} in {:?}", one.field, one.source)).collect();
    assert!(names.is_empty(), "no definition knows: {}", names.join("\n"));
}
