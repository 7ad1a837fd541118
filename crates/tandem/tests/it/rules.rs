//! `tandem rules`: no server, only files.

use crate::server::{Ended, fresh, run, tandem};
use serde_json::json;
use std::fs;
use std::path::Path;

const RULE: &str = "\
title: root shell
id: 6b1f0a52-1f2e-4f0e-9d43-0f8f2a5f7b10
name: root_shell
status: test
description: A shell of root.
logsource:
  product: linux
  category: process_creation
detection:
  selection:
    Image|endswith: [/sh, /bash]
    User: root
  condition: selection
falsepositives:
  - None.
level: high
";
const FIRES: &str = r#"{"host":{"os":{"type":"linux"}},"event":{"category":["process"],"type":["start"]},"process":{"executable":"/bin/sh"},"user":{"name":"root"}}"#;
const QUIET: &str = r#"{"host":{"os":{"type":"linux"}},"event":{"category":["process"],"type":["start"]},"process":{"executable":"/bin/sh"},"user":{"name":"maria"}}"#;

fn page(quiet: &str) -> String {
    let case = |kind: &str, event: &str| format!("### {kind}: so\n\n```json\n{event}\n```\n\n");
    format!(
        "# root shell\n\nFront.\n\n## Why it matters for operations\n\nO.\n\n## Why it matters for security\n\nS.\n\n\
         ## False positives\n\nF.\n\n## What to do\n\nLook.\n\n## Cases\n\n{}{}{}{}",
        case("fires", FIRES),
        case("fires", FIRES),
        case("quiet", quiet),
        case("quiet", QUIET),
    )
}

fn rules(folder: &Path, arguments: [&str; 2]) -> Ended {
    let mut command = tandem(["rules", arguments[0], arguments[1]]);
    command.current_dir(folder);
    run(command)
}

#[test]
fn the_built_in_rules_pass_and_are_listed() {
    let tested = run(tandem(["rules", "test", "--json"]));
    assert_eq!(tested.code, Some(0), "{tested:?}");
    assert_eq!(tested.json()["problems"], json!([]));
    assert!(tested.json()["cases"].as_u64() > Some(400), "{tested:?}");
    let listed = run(tandem(["rules", "list", "--format", "json"])).json();
    let rules = listed["rules"].as_array().unwrap();
    assert!(rules.len() > 45, "{}", rules.len());
    let root = rules.iter().find(|rule| rule["name"] == "ssh_root_login").unwrap();
    assert_eq!(root["page"], "rules/detect/linux/ssh_root_login.md");
    assert_eq!(root["runbook"], "rules/detect/linux/ssh_root_login.md#what-to-do");
    assert!(run(tandem(["rules", "list"])).out.contains("root logged in over ssh"));
}

#[test]
fn a_folder_is_tested_and_what_lies_is_told_with_its_place() {
    let folder = fresh();
    fs::write(folder.path().join("shell.yml"), RULE).unwrap();
    let missing = rules(folder.path(), ["test", "."]);
    assert_eq!(missing.code, Some(1), "{missing:?}");
    assert!(missing.out.contains("./shell.yml:1:1: there is no page"), "{missing:?}");
    fs::write(folder.path().join("shell.md"), page(QUIET)).unwrap();
    let good = rules(folder.path(), ["test", "."]);
    assert_eq!((good.code, good.err.as_str()), (Some(0), ""), "{good:?}");
    assert!(good.out.contains("4 cases run: all as their pages say"), "{good:?}");
    fs::write(folder.path().join("shell.md"), page(FIRES)).unwrap();
    let lies = rules(folder.path(), ["test", "."]);
    assert_eq!(lies.code, Some(1), "{lies:?}");
    assert!(lies.out.contains("./shell.md:35:1: this case should be quiet"), "{lies:?}");
    run(tandem(["rules", "test", "/no/such/folder"])).says(2, &["/no/such/folder"]);
}

#[test]
fn lint_tells_what_is_refused_and_what_is_odd() {
    let folder = fresh();
    let path = folder.path().join("shell.yml");
    fs::write(&path, RULE.replace("product: linux", "product: toaster")).unwrap();
    let odd = rules(folder.path(), ["lint", "."]);
    assert_eq!(odd.code, Some(0), "{odd:?}");
    assert!(odd.out.contains("no data to see") && odd.out.contains("toaster"), "{odd:?}");
    assert_eq!(run(tandem(["rules", "lint", &path.display().to_string(), "--strict"])).code, Some(1));
    fs::write(&path, RULE.replace("|endswith", "|endwith")).unwrap();
    let refused = rules(folder.path(), ["lint", "."]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.out.contains("./shell.yml:11:") && refused.out.contains("endwith"), "{refused:?}");
}

#[test]
fn placeholders_come_from_a_file() {
    let folder = fresh();
    fs::write(folder.path().join("shell.yml"), RULE.replace("User: root", "User|expand: '%Admins%'")).unwrap();
    let refused = rules(folder.path(), ["lint", "."]);
    assert!(refused.code == Some(1) && refused.out.contains("%Admins%"), "{refused:?}");
    fs::write(folder.path().join("values"), "Admins: [root, maria]\n").unwrap();
    let mut command = tandem(["rules", "explain", "shell.yml", "--placeholders", "values"]);
    command.current_dir(folder.path());
    assert!(run(command).out.contains("User is \"root\" or \"maria\""));
    fs::write(folder.path().join("values"), "Admins: {}\n").unwrap();
    let mut command = tandem(["rules", "lint", ".", "--placeholders", "values"]);
    command.current_dir(folder.path());
    run(command).says(2, &["values:1:9: Admins: a value must be a text"]);
}

#[test]
fn an_import_says_what_became_of_each_file_and_copies_the_good_ones() {
    let folder = fresh();
    let from = folder.path().join("from");
    fs::create_dir_all(from.join("deep")).unwrap();
    fs::write(from.join("deep/good.yml"), RULE).unwrap();
    fs::write(from.join("bad.yml"), RULE.replace("condition: selection", "condition: other")).unwrap();
    fs::write(from.join("blind.yml"), RULE.replace("product: linux", "product: toaster").replace("7b10", "7b11"))
        .unwrap();
    let (from, into) = (from.display().to_string(), folder.path().join("into"));
    let report = run(tandem(["rules", "import", &from, "--into", &into.display().to_string(), "--json"]));
    assert_eq!(report.code, Some(0), "{report:?}");
    let told = report.json();
    assert_eq!((&told["files"], &told["rules"]), (&json!(3), &json!(2)), "{told}");
    assert_eq!(told["refused"][0]["place"]["file"], format!("{from}/bad.yml"));
    assert_eq!(
        told["no_data"],
        json!([{"logsource": {"product": "toaster", "category": "process_creation", "service": null}, "rules": 1}])
    );
    assert_eq!(told["copied"], json!({"files": 2, "left_alone": 0}));
    assert!(into.join("deep/good.yml").exists() && into.join("blind.yml").exists() && !into.join("bad.yml").exists());
    let text = run(tandem(["rules", "import", &from, "--into", &into.display().to_string()]));
    assert!(text.out.contains("refused: ") && text.out.contains("1 rule without data to see"), "{text:?}");
    assert!(text.out.contains("0 files copied, 2 left alone"), "{text:?}");
    run(tandem(["rules", "import", "/no/such.zip"])).says(2, &["/no/such.zip"]);
}

#[test]
fn files_that_hold_only_filters_are_imported_too() {
    let folder = fresh();
    let from = folder.path().join("from");
    fs::create_dir_all(&from).unwrap();
    let filter = |rules: &str| {
        format!(
            "title: not ours\nlogsource:\n  product: linux\n  category: process_creation\n\
             filter:\n  rules: {rules}\n  ours:\n    User: backup\n  condition: not ours\n"
        )
    };
    fs::write(from.join("shell.yml"), RULE).unwrap();
    fs::write(from.join("filter.yml"), filter("[root_shell]")).unwrap();
    fs::write(from.join("any.yml"), filter("any").replace("product: linux", "product: windows")).unwrap();
    fs::write(from.join("lost.yml"), filter("[root_shell, no_such_rule]")).unwrap();
    let (from, into) = (from.display().to_string(), folder.path().join("into"));
    let report = run(tandem(["rules", "import", &from, "--into", &into.display().to_string(), "--json"]));
    assert_eq!(report.code, Some(0), "{report:?}");
    let there = |name: &str| into.join(name).exists();
    assert!(there("shell.yml") && there("filter.yml"), "{report:?}");
    assert!(there("any.yml"), "its rules may be elsewhere: {report:?}");
    assert!(!there("lost.yml"), "{report:?}");
    assert!(report.out.contains("no_such_rule"), "{report:?}");
}

#[test]
fn a_rule_is_explained_in_words_and_by_an_event() {
    let folder = fresh();
    fs::write(folder.path().join("shell.yml"), RULE).unwrap();
    fs::write(folder.path().join("shell.md"), page(QUIET)).unwrap();
    let event = folder.path().join("event.json");
    fs::write(&event, QUIET).unwrap();
    let (dir, event) = (folder.path().display().to_string(), event.display().to_string());
    let told = run(tandem(["rules", "explain", "root_shell", "--rules", &dir, "--event", &event]));
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{told:?}");
    for part in [
        "root shell (high, security)",
        "Image ends with \"/sh\" or \"/bash\"",
        "The event at 1: does not match",
        "no    User is \"root\"   [user.name = \"maria\"]",
        "What to do\nLook.",
    ] {
        assert!(told.out.contains(part), "{part:?} is missing in: {}", told.out);
    }
    let json = run(tandem(["rules", "explain", "root_shell", "--rules", &dir, "--event", &event, "--json"])).json();
    assert_eq!(json["rules"][0]["events"][0]["matches"], false);
    let correlation = run(tandem(["rules", "explain", "ssh_guessing_succeeded"])).out;
    assert!(
        correlation.contains("in this order") && correlation.contains("for each SourceIp and Computer"),
        "{correlation}"
    );
    run(tandem(["rules", "explain", "no_such_rule"])).says(2, &["no_such_rule", "tandem rules list"]);
}

#[test]
fn cases_of_operational_rules_are_run_over_a_store() {
    let folder = fresh();
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules/detect/operations");
    for ending in ["yml", "md"] {
        let name = format!("queue_growth.{ending}");
        fs::copy(built_in.join(&name), folder.path().join(&name)).unwrap();
    }
    assert_eq!(rules(folder.path(), ["test", "."]).code, Some(0));
    let page = folder.path().join("queue_growth.md");
    // Each says the other, so that there are enough of both.
    let text = fs::read_to_string(&page).unwrap();
    let lies = text.replace("### fires:", "### ?").replace("### quiet:", "### fires:").replace("### ?", "### quiet:");
    fs::write(&page, lies).unwrap();
    let told = rules(folder.path(), ["test", "."]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.out.contains("this case should be quiet, and fires"), "{told:?}");
}
