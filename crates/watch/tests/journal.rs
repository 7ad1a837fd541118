//! The journal, played by a script in the place of `journalctl`.

mod common;

use common::{SECOND, now, texts};
use receive::redact::Redactor;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use watch::{Journal, JournalConfig, Pending};

/// Entries in a file, and a script that prints those after the cursor asked for.
struct Scene {
    root: tempfile::TempDir,
    now: i64,
}

const SCRIPT: &str = r#"#!/bin/sh
after=0
for argument in "$@"; do
  case "$argument" in --after-cursor=c*) after="${argument#--after-cursor=c}" ;; esac
done
echo "$@" >> ROOT/calls
tail -n +$((after + 1)) ROOT/entries
"#;

impl Scene {
    fn new(script: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let program = root.path().join("journalctl");
        fs::write(&program, script.replace("ROOT", &root.path().display().to_string())).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(root.path().join("entries"), "").unwrap();
        Self { root, now: now() }
    }

    fn program(&self) -> PathBuf {
        self.root.path().join("journalctl")
    }

    fn set(&self, count: usize) {
        let entry = |index: usize| {
            format!(
                "{{\"__CURSOR\":\"c{index}\",\"__REALTIME_TIMESTAMP\":\"{}\",\"MESSAGE\":\"message {index}\",\
                 \"PRIORITY\":\"3\",\"SYSLOG_IDENTIFIER\":\"app\",\"_HOSTNAME\":\"box\",\"_PID\":\"7\"}}\n",
                self.now / 1000
            )
        };
        let text: String = (1..=count).map(entry).collect();
        fs::write(self.root.path().join("entries"), text).unwrap();
    }

    fn calls(&self) -> String {
        fs::read_to_string(self.root.path().join("calls")).unwrap()
    }

    fn open(&self) -> Journal {
        let config =
            JournalConfig { program: self.program(), ..JournalConfig::usual(self.root.path().join("journal.json")) };
        Journal::open(config, Arc::new(Redactor::default_rules())).unwrap()
    }

    fn poll(&mut self, journal: &mut Journal, max_bytes: usize) -> Vec<Pending> {
        self.now += SECOND;
        journal.poll(self.now, max_bytes).unwrap()
    }
}

fn lines(pending: &[Pending]) -> Vec<String> {
    pending.iter().flat_map(|pending| texts(&pending.batch, "body")).collect()
}

fn ack(journal: &mut Journal, pending: &[Pending]) {
    let positions: Vec<_> = pending.iter().map(|pending| pending.ack.clone()).collect();
    journal.ack(&positions).unwrap();
}

#[test]
fn entries_become_records_and_the_cursor_moves() {
    let mut scene = Scene::new(SCRIPT);
    scene.set(2);
    let mut journal = scene.open();
    let pending = scene.poll(&mut journal, usize::MAX);
    assert_eq!(lines(&pending), ["message 1", "message 2"]);
    let batch = &pending[0].batch;
    assert_eq!(texts(batch, "service_name"), ["app", "app"]);
    assert_eq!(texts(batch, "severity_text"), ["err", "err"]);
    assert_eq!(texts(batch, "source"), ["journal", "journal"]);
    assert!(texts(batch, "resource_attributes")[0].contains("\"host.name\":\"box\""));
    assert!(scene.calls().contains("--since=@"));
    assert!(scene.poll(&mut journal, usize::MAX).is_empty(), "a second range while one is in flight");
    ack(&mut journal, &pending);
    scene.set(3);
    let pending = scene.poll(&mut journal, usize::MAX);
    assert_eq!(lines(&pending), ["message 3"]);
    assert!(scene.calls().contains("--after-cursor=c2"));
    ack(&mut journal, &pending);
    assert!(scene.poll(&mut journal, usize::MAX).is_empty());
}

#[test]
fn after_a_crash_the_same_range_has_the_same_id() {
    let mut scene = Scene::new(SCRIPT);
    scene.set(2);
    let mut journal = scene.open();
    let first = scene.poll(&mut journal, usize::MAX);
    drop(journal);
    scene.set(5);
    let mut journal = scene.open();
    let second = scene.poll(&mut journal, usize::MAX);
    assert_eq!(first[0].id, second[0].id);
    assert_eq!(lines(&second), ["message 1", "message 2"]);
    ack(&mut journal, &second);
    let third = scene.poll(&mut journal, usize::MAX);
    assert_eq!(lines(&third), ["message 3", "message 4", "message 5"]);
    journal.retry();
    let again = scene.poll(&mut journal, usize::MAX);
    assert_eq!(third[0].id, again[0].id);
}

#[test]
fn a_long_journal_comes_in_parts() {
    let mut scene = Scene::new(SCRIPT);
    scene.set(5000);
    let mut journal = scene.open();
    let mut read = Vec::new();
    loop {
        let pending = scene.poll(&mut journal, 100_000);
        if pending.is_empty() {
            break;
        }
        assert!(pending[0].bytes < 110_000);
        read.extend(lines(&pending));
        ack(&mut journal, &pending);
    }
    let expected: Vec<String> = (1..=5000).map(|index| format!("message {index}")).collect();
    assert_eq!(read, expected);
}

#[test]
fn what_is_no_entry_is_counted_and_passed_over() {
    let mut scene = Scene::new(SCRIPT);
    scene.set(1);
    let path = scene.root.path().join("entries");
    let mut text = String::from("not json\n");
    text.push_str(&format!("{{\"__CURSOR\":\"x\",\"MESSAGE\":\"{}\"}}\n", "z".repeat(5 * 1024 * 1024)));
    text.push_str(&fs::read_to_string(&path).unwrap());
    fs::write(&path, text).unwrap();
    let mut journal = scene.open();
    let pending = scene.poll(&mut journal, usize::MAX);
    assert_eq!(lines(&pending), ["message 1"]);
    assert_eq!(journal.unreadable(), 2);
}

#[test]
fn failure_is_told_with_the_reason() {
    let mut scene = Scene::new("#!/bin/sh\necho 'No journal files were found.' >&2\nexit 1\n");
    let mut journal = scene.open();
    scene.now += SECOND;
    let error = format!("{:#}", journal.poll(scene.now, usize::MAX).unwrap_err());
    assert!(error.contains("No journal files were found."), "{error}");
    assert!(!Journal::available(&scene.program()));
    assert!(!Journal::available(&scene.root.path().join("absent")));
}

#[test]
fn a_journal_with_entries_is_available() {
    let scene = Scene::new(SCRIPT);
    assert!(!Journal::available(&scene.program()));
    scene.set(1);
    assert!(Journal::available(&scene.program()));
}

#[test]
fn a_silent_program_does_not_hold_up_the_start() {
    let scene = Scene::new("#!/bin/sh\nexec sleep 60\n");
    let started = std::time::Instant::now();
    assert!(!Journal::available(&scene.program()));
    assert!(started.elapsed() < std::time::Duration::from_secs(20));
}
