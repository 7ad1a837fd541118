//! `tandem scan` as people use it: exit codes, formats, suppressions.

use crate::server::{Ended, fresh, run, tandem};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A rule of the test's own, so that ours may change.
const RULE: &str = "id: test-privileged
title: A container is privileged
severity: high
confidence: high
about: container
cwe: [CWE-250]
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

fn scan<const N: usize>(folder: &Path, arguments: [&str; N]) -> Ended {
    let mut command = tandem(["scan", "--no-builtin-rules", "--rules", "rules"]);
    command.args(arguments).current_dir(folder);
    run(command)
}

fn files(folder: &Path, pod: &str) {
    fs::create_dir_all(folder.join("rules")).unwrap();
    fs::create_dir_all(folder.join("deploy")).unwrap();
    fs::write(folder.join("rules/privileged.yml"), RULE).unwrap();
    fs::write(folder.join("deploy/a b.yml"), pod).unwrap();
}

#[test]
fn it_observes_unless_told_to_enforce() {
    let folder = fresh();
    files(folder.path(), POD);
    let seen = scan(folder.path(), ["deploy"]);
    assert_eq!(seen.code, Some(0), "{seen:?}");
    for part in
        ["a b.yml:9:21", "privileged: true", "^^^^", "test-privileged", "would have stopped 1", "1 finding: 1 high"]
    {
        assert!(seen.out.contains(part), "{part}: {seen:?}");
    }
    assert_eq!(scan(folder.path(), ["deploy", "--enforce", "high"]).code, Some(1));
    assert_eq!(scan(folder.path(), ["deploy", "--enforce", "critical"]).code, Some(0));
    fs::write(folder.path().join("deploy/bad.yml"), "apiVersion: v1\nkind: Pod\nspec: [\n").unwrap();
    scan(folder.path(), ["deploy", "--enforce", "critical"]).says(3, &["could not be read"]);
    assert_eq!(scan(folder.path(), ["deploy", "--enforce", "critical", "--allow-incomplete"]).code, Some(0));
    scan(folder.path(), ["nowhere"]).says(2, &["nowhere", "no such file"]);
    scan(folder.path(), ["deploy", "--only", "no-such-rule"]).says(2, &["no-such-rule"]);
}

#[test]
fn each_format_says_the_same() {
    let folder = fresh();
    files(folder.path(), POD);
    let json: Value = scan(folder.path(), ["deploy", "--format", "json"]).json();
    let finding = &json["findings"][0];
    assert_eq!(finding["rule"], "test-privileged");
    assert_eq!(finding["start"]["line"], 9);
    let sarif: Value = scan(folder.path(), ["deploy", "--format", "sarif"]).json();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "a%20b.yml");
    assert_eq!(result["partialFingerprints"]["tandem/v1"], finding["fingerprint"]);
    assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"][0]["properties"]["security-severity"], "8.0");
    let github = scan(folder.path(), ["deploy", "--format", "github"]).out;
    assert!(github.starts_with("::error file=a b.yml,line=9,"), "{github}");
    let gitlab: Value = scan(folder.path(), ["deploy", "--format", "gitlab"]).json();
    assert_eq!(gitlab[0]["fingerprint"], finding["fingerprint"]);
    let reports = ["deploy", "--report", "sarif=out.sarif", "--report", "gitlab=out.json"];
    assert!(scan(folder.path(), reports).out.contains("1 finding"));
    let written =
        |name: &str| -> Value { serde_json::from_slice(&fs::read(folder.path().join(name)).unwrap()).unwrap() };
    assert_eq!((written("out.sarif"), written("out.json")), (sarif, gitlab));
    scan(folder.path(), ["deploy", "--report", "pdf=x"]).says(2, &["pdf", "sarif"]);
    let markdown = scan(folder.path(), ["deploy", "--format", "markdown"]).out;
    assert!(markdown.contains("| high | `a b.yml:9` | container app\\|1 is privileged |"), "{markdown}");
}

#[test]
fn what_is_known_or_suppressed_is_left_out_and_a_moved_line_is_the_same() {
    let folder = fresh();
    files(folder.path(), POD);
    let first = scan(folder.path(), ["deploy", "--format", "json"]);
    fs::write(folder.path().join("known.json"), &first.out).unwrap();
    files(folder.path(), &format!("# one\n# two\n{POD}"));
    let until = (chrono::Utc::now() + chrono::Days::new(30)).format("%Y-%m-%d").to_string();
    // A result has neither reason, owner nor end: as long as nobody says them, it hides nothing.
    let known = ["deploy", "--baseline", "known.json", "--enforce", "high"];
    let void = scan(folder.path(), known);
    assert_eq!(void.code, Some(1), "{void:?}");
    assert!(void.out.contains("no reason and no owner and no until"), "{void:?}");
    let terms = ["--baseline-reason", "an old cluster", "--baseline-owner", "net", "--baseline-until", &until];
    let moved: [&str; 11] = [&known[..], &terms[..]].concat().try_into().unwrap();
    let moved = scan(folder.path(), moved);
    assert_eq!(moved.code, Some(0), "{moved:?}");
    assert!(moved.out.contains("1 known by the baseline"), "{moved:?}");
    assert!(moved.out.contains(&format!("hides until {until} by net: an old cluster")), "{moved:?}");
    let marked = |more: &str| {
        POD.replace("privileged: true", &format!("privileged: true # tandem:ignore test-privileged {more}"))
    };
    files(folder.path(), &marked(&format!("reason=\"raw sockets\" owner=net until={until}")));
    let hidden = scan(folder.path(), ["deploy", "--enforce", "high", "--suppressed"]);
    assert_eq!(hidden.code, Some(0), "{hidden:?}");
    assert!(hidden.out.contains("by net: raw sockets") && hidden.out.contains("1 suppressed"), "{hidden:?}");
    files(folder.path(), &marked("reason=why"));
    let void = scan(folder.path(), ["deploy", "--enforce", "high"]);
    assert_eq!(void.code, Some(1), "{void:?}");
    assert!(void.out.contains("no owner and no until"), "{void:?}");
}

#[test]
fn rules_explain_themselves() {
    let page = run(tandem(["scan", "--explain", "kubernetes-privileged-container"]));
    assert_eq!(page.code, Some(0), "{page:?}");
    for part in ["Why it matters for operations", "Why it matters for security", "How to fix", "tandem:ignore"] {
        assert!(page.out.contains(part), "{part}: {page:?}");
    }
    assert!(!page.out.contains("## Cases"));
    let list = run(tandem(["scan", "--explain", "all"]));
    assert!(list.out.lines().count() > 100, "{list:?}");
}

/// A template that only `helm` renders, with a chart around it.
const OPEN: &str = "{{- if .Subcharts.x }}
apiVersion: v1
kind: Pod
metadata: {name: {{ .Release.Name }}}
spec:
  containers:
    - name: app
      image: a:1
      securityContext:
        privileged: {{ .Values.privileged }}
{{- end }}
";

/// A program in place of `helm`, in a folder of its own.
fn helm(folder: &Path, script: &str) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let programs = folder.join("programs");
    fs::create_dir_all(&programs).unwrap();
    fs::write(programs.join("helm"), format!("#!/bin/sh\n{script}")).unwrap();
    fs::set_permissions(programs.join("helm"), fs::Permissions::from_mode(0o755)).unwrap();
    programs
}

#[test]
fn charts_that_are_not_decided_are_rendered_by_helm() {
    let folder = fresh();
    files(folder.path(), POD);
    let chart = folder.path().join("charts/shop");
    fs::create_dir_all(chart.join("templates")).unwrap();
    fs::write(chart.join("Chart.yaml"), "name: shop\nversion: 1.0.0\n").unwrap();
    fs::write(chart.join("templates/open.yaml"), OPEN).unwrap();
    fs::write(chart.join("templates/own.yaml"), format!("# {{{{ .Chart.Name }}}}\n{POD}")).unwrap();
    fs::write(folder.path().join("outside"), "x").unwrap();
    std::os::unix::fs::symlink(folder.path().join("outside"), chart.join("link")).unwrap();
    let scan = |programs: &Path, more: &[&str]| {
        let mut command = tandem(["scan", "charts", "--no-builtin-rules", "--rules", "rules", "--format", "json"]);
        let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
        command.args(more).current_dir(folder.path()).env("PATH", path).env("TANDEM_TEST_SEES", "no");
        run(command)
    };
    let places = |ended: &Ended| -> Vec<String> {
        let all = ended.json()["findings"].as_array().unwrap().clone();
        let place = |finding: &Value| format!("{}:{}", finding["path"].as_str().unwrap(), finding["start"]["line"]);
        all.iter().map(place).collect()
    };
    // It gets a copy without links, none of the environment, and prints what is found here as well: that is found once.
    let script = "[ \"$1 $2\" = 'template release-name' ] || exit 3
[ -e \"$3/Chart.yaml\" ] && [ ! -e \"$3/link\" ] && [ -z \"$TANDEM_TEST_SEES\" ] || exit 4
cat <<END
---
# Source: shop/templates/open.yaml
apiVersion: v1
kind: Pod
metadata: {name: release-name}
spec:
  containers:
    - name: app
      image: a:1
      securityContext:
        privileged: true
---
# Source: shop/templates/own.yaml
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: 'app|1', securityContext: {privileged: true}}]
END
";
    let found = scan(&helm(folder.path(), script), &[]);
    assert_eq!(places(&found), ["shop/templates/open.yaml:10", "shop/templates/own.yaml:10"], "{found:?}");
    assert_eq!(found.json()["problems"].as_array().map(Vec::len), Some(0), "{found:?}");
    let without = scan(&folder.path().join("programs"), &["--no-helm", "--enforce", "critical"]);
    assert_eq!((places(&without), without.code), (vec!["shop/templates/own.yaml:10".to_owned()], Some(3)));
    // What fails is told and is no pass; a secret in the message is not shown.
    let failing = helm(folder.path(), "echo 'Error: no such value' >&2\nexit 1\n");
    let failed = scan(&failing, &["--enforce", "critical"]);
    assert_eq!(failed.code, Some(3), "{failed:?}");
    assert!(failed.out.contains("`helm template` failed: Error: no such value"), "{failed:?}");
    // Text without end is not read to its end.
    let endless = scan(&helm(folder.path(), "exec yes\n"), &["--enforce", "critical"]);
    assert!(endless.code == Some(3) && endless.out.contains("MAX_HELM_OUTPUT_BYTES"), "{endless:?}");
}
