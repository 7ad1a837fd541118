use super::*;
use crate::compare::compare;
use crate::scanner::{Options, Progress, Scan, scan};
use chrono::NaiveDate;
use std::process::Command;

fn git(dir: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.current_dir(dir).args(["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "protocol.file.allow=always"]);
    let output = command.args(arguments).env("GIT_CONFIG_NOSYSTEM", "1").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn scanned(root: &Path) -> Scan {
    let (rules, _) = crate::pack().load();
    let options = Options {
        today: NaiveDate::default(),
        jobs: 1,
        foreign: false,
        advisories: None,
        secrets: None,
        key: None,
        clean: None,
        rendered: &[],
    };
    scan(root, &rules, options, &Progress::default())
}

/// What is new and what is fixed, as rule and path.
fn different(root: &Path, base: &str) -> (Vec<String>, Vec<String>, usize) {
    let revision = checkout(root, base).unwrap();
    let (before, after) = (scanned(&revision.root), scanned(root));
    let compared = compare(&before, &after);
    let new = after.findings.iter().map(|found| &found.finding).filter(|finding| !compared.knows(finding));
    let name = |finding: &crate::finding::Finding| format!("{} {}", finding.rule, finding.path);
    (new.map(name).collect(), compared.fixed.iter().map(|finding| name(finding)).collect(), compared.moved)
}

const BASE: &str = "FROM debian:12.5@sha256:0000000000000000000000000000000000000000000000000000000000000000\n";

fn repository() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    git(root, &["init", "-q", "-b", "main", "."]);
    write(root, "one/Dockerfile", &format!("{BASE}MAINTAINER a\nRUN cd /tmp\n"));
    write(root, "two/Dockerfile", &format!("{BASE}RUN sudo x\n"));
    write(root, "ignored/Dockerfile", "FROM debian\nADD a b\n");
    write(root, ".gitignore", "ignored/\n");
    git(root, &["add", "-f", "."]);
    git(root, &["commit", "-qm", "one"]);
    git(root, &["tag", "-a", "v1", "-m", "v1"]);
    dir
}

#[test]
fn what_is_new_and_fixed_is_told_by_fingerprint() {
    let dir = repository();
    let root = dir.path();
    assert_eq!(different(root, "HEAD"), (vec![], vec![], 0), "nothing changed");
    // Lines move, one is fixed, one is new, and a file has another name.
    write(root, "one/Dockerfile", &format!("# a\n\n{BASE}RUN cd /tmp\nSTOPSIGNAL 9\nEXPOSE 22\n"));
    git(root, &["mv", "two", "three"]);
    let (new, fixed, moved) = different(root, "v1");
    assert_eq!(new, ["docker-expose-ssh one/Dockerfile"]);
    assert_eq!(fixed, ["docker-maintainer one/Dockerfile"]);
    assert!(moved >= 1);
    git(root, &["add", "-A"]);
    git(root, &["commit", "-qm", "two"]);
    assert_eq!(different(root, "HEAD"), (vec![], vec![], 0));
    for base in ["HEAD~1", "HEAD^", "main~", "v1"] {
        assert_eq!(different(root, base).0, new, "{base}");
    }
    // A folder of the repository, and one that was not there.
    assert_eq!(different(&root.join("one"), "v1").0, ["docker-expose-ssh Dockerfile"]);
    assert!(!different(&root.join("three"), "v1").0.is_empty());
}

#[test]
fn the_work_tree_is_not_touched_and_nothing_is_left() {
    let dir = repository();
    let root = dir.path();
    let state = || Command::new("git").current_dir(root).args(["status", "--porcelain"]).output().unwrap().stdout;
    write(root, "one/Dockerfile", "FROM x\n");
    let before = state();
    let revision = checkout(root, "HEAD").unwrap();
    let place = revision.root.clone();
    assert!(fs::read_to_string(place.join("one/Dockerfile")).unwrap().contains("MAINTAINER"));
    assert_eq!((revision.files, revision.large, revision.commit.len()), (4, 0, 40));
    drop(revision);
    assert!(!place.exists());
    assert_eq!(state(), before);
}

#[test]
fn what_is_not_there_is_told() {
    let dir = repository();
    let root = dir.path();
    for (name, says) in [
        ("nothing", "there is no branch, tag or commit `nothing`"),
        ("", "there is no branch"),
        ("HEAD~9", "no such parent"),
        ("HEAD~0x", "a number or nothing"),
        ("HEAD~99999999999999999999999", "no such number"),
        ("0123456789012345678901234567890123456789", "there is no branch"),
    ] {
        let error = checkout(root, name).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    let outside = tempfile::tempdir().unwrap();
    assert!(checkout(outside.path(), "HEAD").unwrap_err().to_string().contains("no git repository"));
    // A clone of the last commit alone.
    write(root, "one/Dockerfile", BASE);
    git(root, &["commit", "-qam", "two"]);
    let from = format!("file://{}", root.display());
    git(outside.path(), &["clone", "-q", "--depth=1", "--branch=main", &from, "clone"]);
    let clone = outside.path().join("clone");
    assert!(checkout(&clone, "HEAD").is_ok());
    let error = checkout(&clone, "HEAD~1").unwrap_err().to_string();
    assert!(error.contains("is not here") && error.contains("shallow") && error.contains("fetch"), "{error}");
}

#[test]
fn names_that_lead_out_are_left() {
    for name in ["..", ".", "", "a/b", "/a", ".git", ".GIT"] {
        assert!(!is_name(name), "{name}");
    }
    assert!(is_name("a") && is_name("...") && is_name(".github"));
}
