//! A folder with rules of all forms, over a folder of files.

use crate::pack::Pack;
use crate::pages;
use crate::report::{Abouts, explain};
use crate::scanner::{self, Options, Progress};
use std::fs;
use std::path::Path;

const OWN: &str = "id: own-port\ntitle: A host port is low\nseverity: low\nconfidence: high\nabout: container\nfails: {cel: 'has(self.ports) && self.ports.exists(p, has(p.hostPort) && p.hostPort < 1024)'}\nmessage: low\n";
const PAGE: &str = "# A host port is low\n\nIt sees that.\n\n## Why it matters for operations\nA.\n\n## Why it matters for security\nB.\n\n## False positives\nC.\n\n## How to fix\nD.\n\n## Cases\n";
const CHECKOV: &str = "metadata:\n  id: CKV2_TEAM_1\n  name: Deployments name their team\n  category: CONVENTION\n  severity: LOW\n  guideline: https://example.com/team\ndefinition:\n  cond_type: attribute\n  resource_types: [Deployment]\n  attribute: metadata.labels.team\n  operator: exists\n";
const REGO: &str = "package team\n\nimport rego.v1\n\ndeny_edition contains msg if {\n  input[\"package\"].edition != data.edition\n  msg := sprintf(\"package.edition is %v\", [input[\"package\"].edition])\n}\n";
const TESTS: &str = "package team_test\n\nimport rego.v1\nimport data.team\n\ntest_old if count(team.deny_edition) == 1 with input as {\"package\": {\"edition\": \"2018\"}}\n";

fn manifest(port: u16, more: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n{more}spec:\n  template:\n    spec:\n      containers:\n        - name: a\n          image: x\n          ports: [{{hostPort: {port}}}]\n"
    )
}

fn page() -> String {
    let case = |kind: &str, port: u16, more: &str| {
        format!("### {kind}: {port}{more}\n```yaml a.yml\n{}```\n\n", manifest(port, ""))
    };
    [
        PAGE.to_owned(),
        case("fires", 80, " (line 9)"),
        case("fires", 443, ""),
        case("quiet", 8080, ""),
        case("quiet", 1024, ""),
    ]
    .concat()
}

fn write(dir: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

#[test]
fn a_folder_of_rules_of_all_forms() {
    let (rules, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let page = page();
    write(
        rules.path(),
        &[
            ("own.yml", OWN),
            ("own.md", &page),
            ("team.yaml", CHECKOV),
            ("rego/team.rego", REGO),
            ("rego/team_test.rego", TESTS),
            ("rego/data.json", "{\"edition\": \"2024\"}"),
            ("rego/manifest.yaml", "apiVersion: v1\nkind: Pod\n"),
            ("rego/broken.rego", "package broken\n\ndeny[msg] {\n"),
            ("broken.yaml", "metadata: {id: CKV2_TEAM_2, name: X}\ndefinition: {cond_type: attribut}\n"),
        ],
    );
    let suppressed = manifest(8080, "  # tandem:ignore CKV2_TEAM_1 reason=\"shared\" owner=a until=2027-01-31\n")
        .replace("metadata:\n  name: web\n", "metadata:\n");
    let suppressed = suppressed.replace("until=2027-01-31\n", "until=2027-01-31\n  name: web\n");
    write(
        root.path(),
        &[
            ("web.yml", &manifest(80, "")),
            ("other.yml", &suppressed),
            ("Cargo.toml", "[package]\nname = 'x'\nedition = '2021'\n"),
        ],
    );

    let pack = Pack::read(rules.path()).unwrap();
    let (loaded, errors) = pack.load();
    let ids: Vec<&str> = loaded.iter().map(|rule| &*rule.id).collect();
    assert_eq!(ids, ["team.deny_edition", "own-port", "CKV2_TEAM_1"]);
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(errors.iter().any(|error| error.contains("broken.rego:")), "{errors:?}");
    assert!(
        errors.iter().any(|error| error.contains("broken.yaml:2:") && error.contains("did you mean `attribute`")),
        "{errors:?}"
    );

    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    let options = Options {
        today,
        jobs: 1,
        foreign: false,
        advisories: None,
        secrets: None,
        key: None,
        clean: None,
        rendered: &[],
    };
    let scan = scanner::scan(root.path(), &loaded, options, &Progress::default());
    let said: Vec<String> = scan
        .findings
        .iter()
        .map(|found| {
            format!(
                "{}:{} {} {}",
                found.finding.path,
                found.finding.start.line,
                found.finding.rule,
                found.hidden.is_some()
            )
        })
        .collect();
    let expected = [
        "Cargo.toml:3 team.deny_edition false",
        "other.yml:5 CKV2_TEAM_1 true",
        "web.yml:4 CKV2_TEAM_1 false",
        "web.yml:9 own-port false",
    ];
    assert_eq!(said, expected);

    let tested = pages::test_folder(rules.path()).unwrap();
    let by_rule: Vec<_> = tested.by_rule.iter().map(|one| (&*one.rule, one.cases, one.problems)).collect();
    assert_eq!(by_rule, [("team.deny_edition", 0, 0), ("own-port", 4, 0), ("CKV2_TEAM_1", 0, 0)]);
    assert_eq!((tested.cases, tested.problems.len()), (5, 2), "{:?}", tested.problems);
    assert!(pages::has_rules(rules.path()) && !pages::has_rules(root.path()));
    let (wrong, odd) = pages::lint(&pack);
    assert_eq!((wrong.len(), odd.len()), (2, 0));

    let abouts = Abouts::of_rules(&loaded, &pack);
    let told = explain(&abouts, "CKV2_TEAM_1").unwrap();
    assert!(told.contains("https://example.com/team") && told.contains("CONVENTION"), "{told}");
    assert!(explain(&abouts, "own-port").unwrap().contains("It sees that."));
}
