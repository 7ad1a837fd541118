use super::*;
use crate::resource::FileId;
use crate::rules::{Confidence, Severity};
use crate::text::Span;

const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();

fn finding(rule: &str, line: u32) -> Finding {
    Finding {
        rule: rule.into(),
        title: "T".into(),
        severity: Severity::High,
        confidence: Confidence::High,
        message: String::new(),
        path: "deploy/a.yml".into(),
        address: String::new(),
        start: Place { line, column: 1 },
        end: Place { line, column: 9 },
        fingerprint: "f1".to_owned(),
        span: Span::default(),
        file: FileId(0),
    }
}

fn hidden(text: &str, findings: &[Finding], file: &str, foreign: bool) -> (Vec<bool>, Vec<String>) {
    let text = Text::new("deploy/a.yml", text);
    let file = Suppressions::read(&Text::new(".tandem/suppressions.yml", file), TODAY);
    let applied = apply(findings, &file, |_| Some(&text), TODAY, foreign);
    let mut says: Vec<String> = applied.notices.into_iter().map(|notice| notice.says).collect();
    says.extend(notices(&text, TODAY).into_iter().map(|notice| notice.says));
    (applied.hidden.iter().map(Option::is_some).collect(), says)
}

#[test]
fn a_comment_hides_what_it_names_until_its_end() {
    let all = "reason=\"raw sockets, ticket 12\" owner=net until=2026-12-31";
    let text = format!("# tandem:ignore a-b,c-d {all}\n# more\n\none: 1\ntwo: 2 # tandem:ignore a-b {all}\n");
    let findings = [finding("a-b", 4), finding("c-d", 4), finding("e-f", 4), finding("a-b", 5), finding("c-d", 5)];
    let (is, says) = hidden(&text, &findings, "[]", false);
    assert_eq!((is, says), (vec![true, true, false, true, false], Vec::<String>::new()));
}

#[test]
fn without_reason_owner_or_end_it_hides_nothing_and_that_is_said() {
    for (more, expected) in [
        ("a-b", "it has no reason and no owner and no until"),
        ("a-b reason=x owner=y", "it has no until"),
        ("a-b reason=\" \" owner=y until=2026-12-01", "it has no reason"),
        ("a-b reason=x owner=y until=soon", "is no date"),
        ("a-b reason=x owner=y until=2026-11-21", "ended on 2026-11-21"),
        ("a-b reason=x owner=y until=2099-01-01", "MAX_SUPPRESSED_DAYS"),
        ("reason=x owner=y until=2026-12-01", "names no rule"),
    ] {
        let (is, says) = hidden(&format!("one: 1 # tandem:ignore {more}\n"), &[finding("a-b", 1)], "[]", false);
        assert!(!is[0] && says.iter().any(|says| says.contains(expected)), "{more}: {says:?}");
    }
    let (is, says) =
        hidden("one: 1 # tandem:ignore a-b reason=x owner=y until=2026-11-25\n", &[finding("a-b", 1)], "[]", false);
    assert!(is[0] && says == ["this suppression ends on 2026-11-25"], "{says:?}");
}

#[test]
fn a_file_hides_by_path_or_fingerprint() {
    let entry = |more: &str| format!("- rules: [a-b]\n  reason: x\n  owner: y\n  until: 2026-12-31\n{more}");
    for (more, expected) in [
        ("  paths: [deploy/**]\n", true),
        ("  paths: [other/**]\n", false),
        ("  fingerprints: [f1]\n", true),
        ("  fingerprints: [f2]\n", false),
        ("  paths: [deploy/**]\n  fingerprints: [f2]\n", false),
    ] {
        assert_eq!(hidden("", &[finding("a-b", 1)], &entry(more), false), (vec![expected], vec![]), "{more}");
    }
    for (file, expected) in [
        (entry(""), "needs `paths`"),
        (entry("  path: x\n"), "unknown member `path`"),
        (entry("  paths: ['[']\n"), "hides nothing"),
        ("a: 1\n".to_owned(), "expected a list"),
        ("- [\n".to_owned(), "no suppression of this file counts"),
    ] {
        let (is, says) = hidden("", &[finding("a-b", 1)], &file, false);
        assert!(!is[0] && says[0].contains(expected), "{file} {says:?}");
    }
}

#[test]
fn other_tools_markers_count_on_request_alone() {
    for marker in [
        "checkov:skip=CKV_K8S_16:why",
        "zizmor: ignore[unpinned-uses]",
        "kics-scan ignore-line",
        "hadolint ignore=DL3006",
    ] {
        let text = format!("# {marker}\none: 1\n");
        assert_eq!(hidden(&text, &[finding("a-b", 2)], "[]", false).0, [false]);
        assert_eq!(hidden(&text, &[finding("a-b", 2)], "[]", true).0, [true], "{marker}");
    }
}
