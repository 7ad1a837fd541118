use super::super::testing::{AT, entity, reading};
use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn parse(log: &Value) -> Result<Sarif, ImportError> {
    parse_from(log, None)
}

fn parse_from(log: &Value, root: Option<&str>) -> Result<Sarif, ImportError> {
    let subject = entity("repository:github.com/acme/shop");
    let reading = Reading { subject: Some(&subject), ..reading("a.sarif") };
    read(log.to_string().as_bytes(), Known { root, fallback: None }, &reading)
}

fn log(runs: Value) -> Value {
    json!({"version": "2.1.0", "runs": runs})
}

fn run(results: Value) -> Value {
    json!({"tool": {"driver": {"name": "lint", "rules": [
        {"id": "R1", "shortDescription": {"text": "One"}, "defaultConfiguration": {"level": "error"},
            "messageStrings": {"m": {"text": "{0} is in {1}"}}},
        {"id": "R2", "name": "Two", "properties": {"security-severity": "9.8"}}]},
        "extensions": [{"name": "more", "rules": [{"id": "X1", "shortDescription": {"text": "Extended"}}]}]},
        "results": results})
}

fn result(rule: &str, uri: &str, line: u32, message: &str) -> Value {
    json!({"ruleId": rule, "message": {"text": message}, "locations": [{"physicalLocation":
        {"artifactLocation": {"uri": uri}, "region": {"startLine": line}}}]})
}

/// The findings of a log with one run.
fn findings(results: Value) -> Vec<model::Reported> {
    parse(&log(json!([run(results)]))).unwrap().reports.remove(0).findings
}

fn fingerprints(results: Value) -> Vec<String> {
    findings(results).into_iter().map(|finding| finding.fingerprint).collect()
}

#[test]
fn a_line_is_kept_of_the_tool_that_writes_no_secrets_into_it() {
    let quoted = |tool: &str, snippet: Value| {
        let mut one = result("R1", "a.yml", 7, "it is so");
        one["locations"][0]["physicalLocation"]["region"] =
            json!({"startLine": 7, "startColumn": 5, "snippet": snippet});
        let mut run = run(json!([one]));
        run["tool"]["driver"]["name"] = tool.into();
        let evidence = parse(&log(json!([run]))).unwrap().reports.remove(0).findings.remove(0).evidence;
        (evidence.get("snippet").cloned(), evidence.get("column").cloned())
    };
    let line = "    privileged: true";
    let kept = (Some(json!(line)), Some(json!(5)));
    assert_eq!(quoted("tandem", json!({"text": line})), kept);
    assert_eq!(quoted("tandem", json!({"text": format!("{line}\r\n  more: 1")})), kept, "one line of it");
    assert_eq!(quoted("tandem", json!({"text": "\u{2026}ivileged: true"})).1, None, "it was cut before the place");
    for nothing in [json!(null), json!({}), json!({"text": " "})] {
        assert_eq!(quoted("tandem", nothing), (None, None));
    }
    assert_eq!(quoted("other", json!({"text": "key: s3cr3t"})), (None, None));
    let (long, _) = quoted("tandem", json!({"text": "\u{e9}".repeat(10_000)}));
    assert!(long.unwrap().as_str().unwrap().len() <= MAX_SARIF_NAME_BYTES);
}

#[test]
fn a_result_is_a_finding_with_the_words_of_its_rule() {
    let found = findings(json!([
        result("R1", "src/a%20b.rs", 7, "it is so"),
        {"rule": {"index": 0, "toolComponent": {"index": 0}}, "message": {"text": "extended"}},
        {"ruleId": "R1", "message": {"id": "m", "arguments": ["x", "y"]}, "level": "note"},
        {"ruleIndex": 1, "message": {"text": "scored"}, "level": "note"},
        {"ruleId": "R2/sub", "message": {"text": "a part of it"}, "properties": {"security-severity": 5}},
        {"ruleId": "unlisted", "message": {"text": "no rule\nsecond line"}},
    ]));
    let brief: Vec<_> = found
        .iter()
        .map(|one| (one.rule.as_str(), one.severity.as_str(), one.title.as_str(), one.message.as_str()))
        .collect();
    assert_eq!(
        brief,
        [
            ("R1", "high", "One", "it is so"),
            ("X1", "medium", "Extended", "extended"),
            ("R1", "low", "One", "x is in y"),
            ("R2", "critical", "Two", "scored"),
            ("R2/sub", "medium", "Two", "a part of it"),
            ("unlisted", "medium", "no rule", "no rule\nsecond line"),
        ]
    );
    assert_eq!((found[0].path.as_str(), found[0].line), ("src/a b.rs", 7));
}

#[test]
fn a_moved_line_is_the_same_finding_and_equals_are_told_apart() {
    let before = json!([result("R1", "a", 3, "x at line 3"), result("R1", "a", 9, "x at line 9")]);
    let after = json!([result("R1", "a", 5, "x at line 5"), result("R1", "a", 11, "x at line 11")]);
    let prints = fingerprints(before);
    assert_eq!(prints, fingerprints(after));
    assert_ne!(prints[0], prints[1]);
    // The very same twice is one.
    assert_eq!(fingerprints(json!([result("R1", "a", 3, "x"), result("R1", "a", 3, "x")])).len(), 1);
    let others = json!([result("R2", "a", 3, "x"), result("R1", "b", 3, "x"), result("R1", "a", 3, "y")]);
    let mut all = fingerprints(others);
    all.extend(fingerprints(json!([result("R1", "a", 3, "x")])));
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 4, "rule, path and words count");
}

#[test]
fn what_a_tool_says_identifies_a_result_does() {
    let marked = |name: &str, value: &str, line: u32, words: &str| {
        let mut one = result("R1", "a", line, words);
        one[name] = json!({"v1": value});
        one
    };
    for name in ["fingerprints", "partialFingerprints"] {
        let first = fingerprints(json!([marked(name, "1", 3, "x")]));
        assert_eq!(first, fingerprints(json!([marked(name, "1", 8, "said otherwise")])), "{name}");
        assert_ne!(first, fingerprints(json!([marked(name, "2", 3, "x")])), "{name}");
    }
    // Some write the same for all.
    let same =
        json!([marked("fingerprints", "requires login", 3, "x"), marked("fingerprints", "requires login", 4, "y")]);
    assert_eq!(fingerprints(same).len(), 2);
}

#[test]
fn what_is_not_weak_is_left_out_and_counted() {
    let of = |more: Value| {
        let mut one = result("R1", "a", 1, "x");
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        one
    };
    let sarif = parse(&log(json!([run(json!([
        of(json!({"kind": "pass"})), of(json!({"kind": "notApplicable"})), of(json!({"kind": "open"})),
        of(json!({"kind": "informational"})), of(json!({"baselineState": "absent"})),
        of(json!({"kind": "review"})), {"message": {"text": "no rule"}},
    ]))])));
    let sarif = sarif.unwrap();
    assert_eq!(sarif.reports[0].findings.len(), 1);
    assert_eq!(sarif.notes.len(), 6, "{:?}", sarif.notes);
    let hidden = findings(json!([
        of(json!({"suppressions": [{"kind": "inSource", "justification": "a test"}]})),
        of(json!({"suppressions": [{"kind": "external", "status": "rejected"}], "message": {"text": "y"}})),
    ]));
    assert_eq!(hidden[0].hidden.as_ref().unwrap().reason, "a test");
    assert_eq!(hidden[1].hidden, None);
}

#[test]
fn paths_are_below_the_root_however_they_are_written() {
    let path = |artifact: Value, bases: Value, root: Option<&str>| {
        let mut run = run(json!([{"ruleId": "R1", "message": {"text": "x"},
            "locations": [{"physicalLocation": {"artifactLocation": artifact}}]}]));
        run["originalUriBaseIds"] = bases;
        run["artifacts"] = json!([{"location": {"uri": "listed.rs"}}]);
        parse_from(&log(json!([run])), root).unwrap().reports[0].findings[0].path.clone()
    };
    let src = json!({"SRCROOT": {"uri": "file:///srv/shop/"}, "SUB": {"uri": "sub/", "uriBaseId": "SRCROOT"}});
    for (artifact, bases, root, expected) in [
        (json!({"uri": "./src/../a.rs"}), json!({}), None, "a.rs"),
        (json!({"uri": "a.rs", "uriBaseId": "SRCROOT"}), src.clone(), None, "a.rs"),
        (json!({"uri": "a.rs", "uriBaseId": "SUB"}), src.clone(), None, "sub/a.rs"),
        (json!({"uri": "a.rs", "uriBaseId": "%SRCROOT%"}), json!(null), None, "a.rs"),
        (json!({"uri": "file:///srv/shop/src/a%20b.rs"}), src, None, "src/a b.rs"),
        (json!({"uri": "file:///srv/shop/src/a.rs"}), json!({}), Some("/srv/shop"), "src/a.rs"),
        (json!({"uri": "/srv/shop/src/a.rs"}), json!({}), Some("/srv/shop/"), "src/a.rs"),
        (json!({"uri": "/srv/shopping/a.rs"}), json!({}), Some("/srv/shop"), "srv/shopping/a.rs"),
        (json!({"uri": "file:///C:/shop/src/a.cs"}), json!({}), Some("C:\\shop"), "src/a.cs"),
        (json!({"uri": "src\\a.cs"}), json!({}), None, "src/a.cs"),
        (json!({"uri": "file:///home/runner/work/shop/shop/src/a.rs"}), json!({}), None, "src/a.rs"),
        (json!({"uri": "file:///builds/acme/shop/src/a.rs"}), json!({}), None, "src/a.rs"),
        (json!({"uri": "https://shop.example/login?next=1"}), json!({}), None, "https://shop.example/login"),
        (json!({"index": 0}), json!({}), None, "listed.rs"),
        (json!({"uri": "../../etc/passwd"}), json!({}), None, "etc/passwd"),
    ] {
        assert_eq!(path(artifact.clone(), bases, root), expected, "{artifact}");
    }
    let looped = json!({"A": {"uri": "a/", "uriBaseId": "B"}, "B": {"uri": "b/", "uriBaseId": "A"}});
    assert!(path(json!({"uri": "x", "uriBaseId": "A"}), looped, None).ends_with("a/x"));
}

#[test]
fn runs_of_one_tool_and_category_are_one_report() {
    let of = |id: &str, results: Value| {
        let mut run = run(results);
        run["automationDetails"] = json!({"id": id});
        run
    };
    let sarif = parse(&log(json!([
        of("nightly/1", json!([result("R1", "a", 1, "x")])),
        of("nightly/2", json!([result("R1", "b", 1, "x"), result("R1", "a", 1, "x")])),
        of("weekly/1", json!([])),
        of("no-category", json!([])),
    ])))
    .unwrap();
    let brief: Vec<_> = sarif.reports.iter().map(|one| (one.category.as_str(), one.findings.len())).collect();
    assert_eq!(brief, [("", 0), ("nightly", 2), ("weekly", 0)]);
}

#[test]
fn a_run_says_when_and_of_what_it_is_and_whether_it_is_whole() {
    let mut one = run(json!([]));
    one["invocations"] = json!([{"executionSuccessful": true, "endTimeUtc": "2026-11-20T10:00:00Z"}]);
    one["versionControlProvenance"] = json!([{"repositoryUri": "https://github.com/Acme/Shop.git", "revisionId": "abc", "branch": "refs/heads/main"}]);
    one["tool"]["driver"]["semanticVersion"] = json!("1.2.3");
    let whole = read(log(json!([one])).to_string().as_bytes(), Known::default(), &reading("a.sarif"))
        .unwrap()
        .reports
        .remove(0);
    assert_eq!(whole.entity, entity("repository:github.com/acme/shop"));
    assert_eq!((whole.at, whole.incomplete), (1_795_168_800_000_000_000, false));
    assert_eq!((whole.source.commit.as_deref(), whole.source.branch.as_deref()), (Some("abc"), Some("main")));
    assert_eq!(whole.tool.version, "1.2.3");
    one["invocations"][0]["endTimeUtc"] = json!("2036-11-20T10:00:00Z");
    one["invocations"][0]["executionSuccessful"] = json!(false);
    let failed = parse(&log(json!([one]))).unwrap().reports.remove(0);
    assert_eq!((failed.at, failed.incomplete), (AT, true), "it cannot have ended after it was read");
    one["invocations"] = json!([{"executionSuccessful": true, "toolExecutionNotifications": [{"level": "error"}]}]);
    assert!(parse(&log(json!([one]))).unwrap().reports[0].incomplete);
    let mut silent = run(json!([]));
    silent["results"] = Value::Null;
    assert!(parse(&log(json!([silent]))).unwrap().reports[0].incomplete, "nothing was looked for");
}

#[test]
fn bad_files_say_where() {
    let refused = |text: &str| {
        let subject = entity("repository:a/b");
        let reading = Reading { subject: Some(&subject), ..reading("bad.sarif") };
        read(text.as_bytes(), Known::default(), &reading).unwrap_err().to_string()
    };
    for (text, expected) in [
        ("", "bad.sarif:1:1"),
        ("{\n \"version\": \"2.1.0\",\n \"runs\": [}", "bad.sarif:3:11"),
        ("{\"runs\": []}", "no SARIF"),
        ("{\"version\": \"2.0.0\", \"runs\": []}", "only 2.1.0"),
        ("{\"version\": \"2.1.0\", \"runs\": []}", "no run"),
        ("{\"version\": \"2.1.0\", \"runs\": [{}]}", "missing field `tool`"),
        ("{\"version\": \"2.1.0\", \"runs\": [{\"tool\": {\"driver\": {}}}]}", "tool.driver.name"),
        (
            "{\"version\": \"2.1.0\", \"runs\": [{\"tool\": {\"driver\": {\"name\": \"x\"}}, \"results\": [\n{},\n {\"ruleId\": 5}]}]}",
            "bad.sarif:3:13",
        ),
        ("\u{feff}x", "bad.sarif:1:1"),
    ] {
        let said = refused(text);
        assert!(said.contains(expected), "{text}: {said}");
    }
    let nameless =
        read(log(json!([run(json!([]))])).to_string().as_bytes(), Known::default(), &reading("a")).unwrap_err();
    assert!(nameless.reason.contains("--entity"), "{nameless}");
}

#[test]
fn hostile_logs_are_bounded() {
    let many: Vec<Value> = (0..=MAX_SARIF_RESULTS).map(|_| json!({})).collect();
    let error = parse(&log(json!([run(json!(many))]))).unwrap_err();
    assert!(error.reason.contains("MAX_SARIF_RESULTS"), "{error}");
    let long = "{0}".repeat(2_000);
    let found =
        findings(json!([{"ruleId": "R1", "message": {"text": long, "arguments": ["{0}{0}".repeat(500), "x"]}}]));
    assert!(found[0].message.len() <= super::super::limits::MAX_SARIF_MESSAGE_BYTES);
    let zero = findings(json!([result("R\0", "a\0b", 1, "x\0y")]));
    assert!(!format!("{zero:?}").contains("\\0"), "{zero:?}");
}

proptest! {
    #[test]
    fn reading_never_panics_and_says_the_same_again(rules in proptest::collection::vec((0u8..4, 0u8..4, 0u32..9), 0..12)) {
        let results: Vec<Value> = rules
            .iter()
            .map(|(rule, file, line)| result(&format!("R{rule}"), &format!("f{file}"), *line, "words"))
            .collect();
        let prints = fingerprints(json!(results));
        let mut unique = prints.clone();
        unique.sort();
        unique.dedup();
        prop_assert_eq!(unique.len(), prints.len(), "no two findings have one fingerprint");
        prop_assert_eq!(prints, fingerprints(json!(results)));
        // Lines that move by the same amount move nothing else.
        let moved: Vec<Value> = rules
            .iter()
            .map(|(rule, file, line)| result(&format!("R{rule}"), &format!("f{file}"), line + 100, "words"))
            .collect();
        prop_assert_eq!(fingerprints(json!(results)), fingerprints(json!(moved)));
    }
}
