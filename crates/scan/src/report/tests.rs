use super::*;
use crate::pack::Pack;
use crate::rules::Rule;
use crate::scanner::{self, Options, Progress};
use chrono::NaiveDate;
use serde_json::Value;
use std::fs;

const RULE: &str = "id: test-privileged
title: A container is privileged
severity: high
confidence: high
about: container
cwe: [CWE-250]
controls: {nist-800-53: [AC-6]}
fails: {securityContext.privileged: true}
message: \"container {name} is privileged\"
";
const POD: &str = "apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: app|1
      image: web:1
      securityContext:
        privileged: true
";

fn scanned() -> (Scan, Abouts) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a b.yml"), POD).unwrap();
    let rules = vec![Rule::read("privileged.yml", RULE).unwrap()];
    let options = Options {
        today: NaiveDate::from_ymd_opt(2026, 11, 22).unwrap(),
        jobs: 1,
        foreign: false,
        secrets: None,
        key: None,
        advisories: None,
        clean: None,
        rendered: &[],
    };
    let scan = scanner::scan(folder.path(), &rules, options, &Progress::default());
    (scan, Abouts::of_rules(&rules, &Pack::default()))
}

#[test]
fn all_forms_say_the_same_finding() {
    let (scan, about) = scanned();
    let report = Report::new(&scan, &about, &Choice::default());
    let json: Value = serde_json::from_str(&report.write(Form::Json, false)).unwrap();
    let finding = &json["findings"][0];
    assert_eq!(finding["controls"]["nist-800-53"][0], "AC-6");
    let sarif: Value = serde_json::from_str(&report.write(Form::Sarif, false)).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["partialFingerprints"]["tandem/v1"], finding["fingerprint"]);
    assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "a%20b.yml");
    let region = &result["locations"][0]["physicalLocation"]["region"];
    assert_eq!(region["snippet"], Value::Null, "where secrets were not looked for, no line goes elsewhere");
    let gitlab: Value = serde_json::from_str(&report.write(Form::Gitlab, false)).unwrap();
    assert_eq!(gitlab[0]["fingerprint"], finding["fingerprint"]);
    assert!(report.write(Form::Github, false).starts_with("::error file=a b.yml,line=9,"));
    assert!(report.write(Form::Markdown, false).contains("container app\\|1 is privileged"));
    let table = report.write(Form::Table, true);
    assert!(table.contains("\u{1b}[31;1mhigh") && table.contains("[test-privileged; AC-6]"), "{table}");
}

#[test]
fn what_is_known_is_counted_and_not_shown() {
    let (scan, about) = scanned();
    let known = vec![scan.findings[0].finding.fingerprint.clone()];
    let report = Report::new(&scan, &about, &Choice { known, enforced: Some(Severity::Low), ..Choice::default() });
    assert_eq!(report.stopped(), 0);
    assert!(report.summary().contains("1 known by the baseline"), "{}", report.summary());
    assert!(!report.write(Form::Table, false).contains("test-privileged"));
}

#[test]
fn what_has_no_rule_any_more_keeps_its_place_in_sarif() {
    let (scan, _) = scanned();
    let none = Abouts::default();
    let report = Report::new(&scan, &none, &Choice::default());
    let sarif: Value = serde_json::from_str(&report.write(Form::Sarif, false)).unwrap();
    let at = sarif["runs"][0]["results"][0]["ruleIndex"].as_u64().unwrap() as usize;
    assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"][at]["id"], "test-privileged");
}

#[test]
fn what_is_said_of_components_is_in_all_forms_that_have_a_place_for_it() {
    let (mut scan, about) = scanned();
    scan.parts.says = vec!["3 components held against nothing".to_owned()];
    let report = Report::new(&scan, &about, &Choice::default());
    assert!(report.write(Form::Table, false).contains("\n3 components held against nothing\n"));
    let json: Value = serde_json::from_str(&report.write(Form::Json, false)).unwrap();
    assert_eq!(json["components"]["says"][0], "3 components held against nothing");
    let sarif: Value = serde_json::from_str(&report.write(Form::Sarif, false)).unwrap();
    let note = &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(
        (note["level"].as_str(), note["message"]["text"].as_str()),
        (Some("note"), Some("3 components held against nothing"))
    );
}
