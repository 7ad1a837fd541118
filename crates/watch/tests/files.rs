//! Followed files: rotation, truncation, crashes, and input that is no log.

mod common;

use common::{SECOND, now, texts};
use receive::redact::Redactor;
use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use watch::limits::{BLOCK_BYTES, MAX_BACKFILL_BYTES, MAX_FILES};
use watch::{Files, FilesConfig, Pending, StartAt};

const ALL: usize = usize::MAX;

/// A log folder and a clock that only the test moves.
struct Scene {
    root: tempfile::TempDir,
    now: i64,
}

impl Scene {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("log")).unwrap();
        Self { root, now: now() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join("log").join(name)
    }

    fn state(&self) -> PathBuf {
        self.root.path().join("positions.json")
    }

    fn config(&self) -> FilesConfig {
        FilesConfig {
            include: vec![format!("{}/log/**/*.log", self.root.path().display())],
            ..FilesConfig::usual(self.state())
        }
    }

    fn open(&self) -> Files {
        Files::open(self.config(), Arc::new(Redactor::default_rules())).unwrap()
    }

    fn append(&self, name: &str, text: &str) {
        let mut file = OpenOptions::new().create(true).append(true).open(self.path(name)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    /// Polls a while later, so that the folder is looked at again.
    fn poll(&mut self, files: &mut Files) -> Vec<Pending> {
        self.now += 2 * SECOND;
        files.poll(self.now, ALL).unwrap()
    }

    /// Polls, acknowledges, and answers the lines.
    fn take(&mut self, files: &mut Files) -> Vec<String> {
        let pending = self.poll(files);
        ack(files, &pending);
        lines(&pending)
    }
}

fn lines(pending: &[Pending]) -> Vec<String> {
    pending.iter().flat_map(|pending| texts(&pending.batch, "body")).collect()
}

fn ids(pending: &[Pending]) -> Vec<&str> {
    pending.iter().map(|pending| pending.id.as_str()).collect()
}

fn ack(files: &mut Files, pending: &[Pending]) {
    let positions: Vec<_> = pending.iter().map(|pending| pending.ack.clone()).collect();
    files.ack(&positions).unwrap();
}

fn set_age(path: &Path, age: Duration) {
    let times = FileTimes::new().set_modified(SystemTime::now() - age);
    File::options().write(true).open(path).unwrap().set_times(times).unwrap();
}

#[test]
fn records_carry_where_they_come_from() {
    let mut scene = Scene::new();
    fs::create_dir(scene.path("nginx")).unwrap();
    scene.append("nginx/access.log", "2026-11-21 07:29:36 status password=hunter2 done\n");
    let mut files = scene.open();
    let pending = scene.poll(&mut files);
    assert_eq!(pending.len(), 1);
    let batch = &pending[0].batch;
    assert_eq!(texts(batch, "service_name"), ["nginx"]);
    assert_eq!(texts(batch, "source"), ["file"]);
    assert_eq!(texts(batch, "attributes.log.file.name"), ["access.log"]);
    assert_eq!(texts(batch, "attributes.log.file.path"), [scene.path("nginx/access.log").display().to_string()]);
    assert!(texts(batch, "resource_attributes")[0].contains("host.name"));
    assert!(!texts(batch, "body")[0].contains("hunter2"));
    assert_eq!(pending[0].counts.redacted, 1);
}

#[test]
fn new_lines_and_new_files_are_read_once() {
    let mut scene = Scene::new();
    scene.append("a.log", "one\ntwo\n");
    let mut files = scene.open();
    assert_eq!(scene.take(&mut files), ["one", "two"]);
    assert!(scene.take(&mut files).is_empty());
    scene.append("a.log", "three\n");
    scene.append("b.log", "four\n");
    let mut read = scene.take(&mut files);
    read.sort();
    assert_eq!(read, ["four", "three"]);
    assert!(scene.take(&mut files).is_empty());
    drop(files);
    scene.append("a.log", "five\n");
    let mut files = scene.open();
    assert_eq!(scene.take(&mut files), ["five"]);
}

#[test]
fn a_renamed_file_is_finished_before_the_new_one() {
    let mut scene = Scene::new();
    scene.append("a.log", "one\n");
    let mut files = scene.open();
    assert_eq!(scene.take(&mut files), ["one"]);
    let mut old = OpenOptions::new().append(true).open(scene.path("a.log")).unwrap();
    old.write_all(b"two\n").unwrap();
    fs::rename(scene.path("a.log"), scene.path("a.log.1")).unwrap();
    scene.append("a.log", "four\n");
    old.write_all(b"three\n").unwrap();
    assert_eq!(scene.take(&mut files), ["two", "three", "four"]);
    // The program has not been told yet and still writes to the old file.
    old.write_all(b"late\n").unwrap();
    assert_eq!(scene.take(&mut files), ["late"]);
    scene.now += 120 * SECOND;
    assert!(scene.take(&mut files).is_empty());
    assert_eq!(files.followed().count(), 1);
}

#[test]
fn a_rotation_while_nothing_ran_loses_nothing() {
    let mut scene = Scene::new();
    scene.append("a.log", "one\n");
    let mut files = scene.open();
    assert_eq!(scene.take(&mut files), ["one"]);
    drop(files);
    scene.append("a.log", "two\n");
    fs::rename(scene.path("a.log"), scene.path("a.log.1")).unwrap();
    scene.append("a.log", "three\n");
    let mut files = scene.open();
    assert_eq!(scene.take(&mut files), ["two", "three"]);
}

#[test]
fn an_idle_file_is_still_found_after_its_rotation() {
    let mut scene = Scene::new();
    scene.append("a.log", "one\n");
    let mut files = scene.open();
    assert_eq!(scene.take(&mut files), ["one"]);
    scene.now += 1000 * SECOND;
    assert!(scene.take(&mut files).is_empty());
    assert!(scene.take(&mut files).is_empty());
    scene.append("a.log", "two\n");
    fs::rename(scene.path("a.log"), scene.path("a.log.1")).unwrap();
    scene.append("a.log", "three\n");
    assert_eq!(scene.take(&mut files), ["two", "three"]);
}

#[test]
fn a_truncated_file_is_read_from_its_start_under_new_ids() {
    let mut scene = Scene::new();
    scene.append("a.log", "first line of it\n");
    let mut files = scene.open();
    let before = scene.poll(&mut files);
    ack(&mut files, &before);
    // As `copytruncate` does.
    fs::copy(scene.path("a.log"), scene.path("a.log.1")).unwrap();
    File::options().write(true).open(scene.path("a.log")).unwrap().set_len(0).unwrap();
    scene.append("a.log", "first line of IT\n");
    scene.append("a.log", "and more\n");
    let after = scene.poll(&mut files);
    assert_eq!(lines(&after), ["first line of IT", "and more"]);
    ack(&mut files, &after);
    File::options().write(true).open(scene.path("a.log")).unwrap().set_len(0).unwrap();
    scene.append("a.log", "short\n");
    let again = scene.poll(&mut files);
    assert_eq!(lines(&again), ["short"]);
    let all: std::collections::HashSet<_> =
        [&before, &after, &again].into_iter().flat_map(|pending| ids(pending)).collect();
    assert_eq!(all.len(), 3);
}

#[test]
fn a_deleted_file_is_read_to_its_end_and_forgotten() {
    let mut scene = Scene::new();
    scene.append("a.log", "one\n");
    let mut files = scene.open();
    assert_eq!(scene.take(&mut files), ["one"]);
    scene.append("a.log", "two\n");
    fs::remove_file(scene.path("a.log")).unwrap();
    assert_eq!(scene.take(&mut files), ["two"]);
    scene.now += 120 * SECOND;
    assert!(scene.take(&mut files).is_empty());
    assert_eq!(files.followed().count(), 0);
}

#[test]
fn a_line_without_its_end_waits_and_is_then_taken() {
    let mut scene = Scene::new();
    scene.append("a.log", "whole\npart");
    let mut files = scene.open();
    assert_eq!(scene.take(&mut files), ["whole"]);
    assert!(scene.take(&mut files).is_empty());
    scene.append("a.log", "ial");
    assert!(scene.take(&mut files).is_empty());
    scene.append("a.log", " line\n");
    assert_eq!(scene.take(&mut files), ["partial line"]);
    scene.append("a.log", "prompt> ");
    assert!(scene.take(&mut files).is_empty());
    scene.now += 6 * SECOND;
    assert_eq!(scene.take(&mut files), ["prompt>"]);
    assert!(scene.take(&mut files).is_empty());
}

#[test]
fn after_a_crash_the_same_ranges_come_again_and_nothing_else_is_lost() {
    let mut scene = Scene::new();
    scene.append("a.log", "one\ntwo\n");
    let mut files = scene.open();
    let first = scene.poll(&mut files);
    assert_eq!(lines(&first), ["one", "two"]);
    // Killed: handed out, perhaps durable, not acknowledged.
    drop(files);
    scene.append("a.log", "three\n");
    let mut files = scene.open();
    let second = scene.poll(&mut files);
    assert_eq!(ids(&second)[0], ids(&first)[0]);
    assert_eq!(lines(&second[..1]), ["one", "two"]);
    assert_eq!(lines(&second[1..]), ["three"]);
    // Killed again, with the file rotated in between.
    drop(files);
    fs::rename(scene.path("a.log"), scene.path("a.log.1")).unwrap();
    scene.append("a.log", "four\n");
    let mut files = scene.open();
    let third = scene.poll(&mut files);
    assert_eq!(ids(&third)[..2], ids(&second)[..]);
    assert_eq!(lines(&third), ["one", "two", "three", "four"]);
    ack(&mut files, &third);
    drop(files);
    let mut files = scene.open();
    assert!(scene.take(&mut files).is_empty());
}

#[test]
fn acknowledgements_may_come_in_any_order() {
    let mut scene = Scene::new();
    let line = format!("{}\n", "x".repeat(99));
    scene.append("a.log", &line.repeat(3 * BLOCK_BYTES / 100 - 10));
    let mut files = scene.open();
    let pending = scene.poll(&mut files);
    assert_eq!(pending.len(), 3);
    assert!(scene.poll(&mut files).is_empty(), "handed out twice");
    ack(&mut files, &pending[1..]);
    files.retry();
    let again = scene.poll(&mut files);
    assert_eq!(ids(&again), ids(&pending));
    ack(&mut files, &again);
    files.retry();
    assert!(scene.poll(&mut files).is_empty());
    assert_eq!(lines(&again).len(), 3 * BLOCK_BYTES / 100 - 10);
}

#[test]
fn a_poll_stops_at_its_budget_and_no_file_starves() {
    let mut scene = Scene::new();
    let line = format!("{}\n", "x".repeat(99));
    scene.append("busy.log", &line.repeat(8 * BLOCK_BYTES / 100));
    scene.append("quiet.log", "hello\n");
    let mut files = scene.open();
    let mut read = Vec::new();
    for _ in 0..3 {
        scene.now += SECOND;
        let pending = files.poll(scene.now, BLOCK_BYTES).unwrap();
        assert!(pending.iter().map(|pending| pending.bytes).sum::<usize>() <= 2 * BLOCK_BYTES);
        read.extend(lines(&pending));
        ack(&mut files, &pending);
    }
    assert!(read.iter().any(|line| line == "hello"));
}

#[test]
fn the_first_start_reads_recent_content_and_a_bounded_part() {
    let mut scene = Scene::new();
    scene.append("old.log", "ancient\n");
    set_age(&scene.path("old.log"), Duration::from_secs(3 * 24 * 3600));
    let line = format!("{}\n", "y".repeat(999));
    let large = usize::try_from(MAX_BACKFILL_BYTES).unwrap() + 3 * 1000 + 500;
    scene.append("large.log", &line.repeat(large / 1000 + 1));
    let mut files = scene.open();
    let mut read = Vec::new();
    loop {
        let some = scene.take(&mut files);
        if some.is_empty() {
            break;
        }
        read.extend(some);
    }
    let bytes = read.len() * 1000;
    assert!(read.iter().all(|line| line.len() == 999), "cut in the middle of a line");
    assert!(bytes as u64 <= MAX_BACKFILL_BYTES && bytes as u64 > MAX_BACKFILL_BYTES - 2000, "{bytes}");
    scene.append("old.log", "fresh\n");
    assert_eq!(scene.take(&mut files), ["fresh"]);
}

#[test]
fn starting_at_the_end_skips_what_is_there() {
    let mut scene = Scene::new();
    scene.append("a.log", "before\n");
    let config = FilesConfig { start_at: StartAt::End, ..scene.config() };
    let mut files = Files::open(config, Arc::new(Redactor::none())).unwrap();
    assert!(scene.take(&mut files).is_empty());
    scene.append("a.log", "after\n");
    assert_eq!(scene.take(&mut files), ["after"]);
}

#[test]
fn damaged_positions_are_reported_and_nothing_comes_twice() {
    let mut scene = Scene::new();
    scene.append("a.log", "one\n");
    let mut files = scene.open();
    assert_eq!(scene.take(&mut files), ["one"]);
    drop(files);
    let mut bytes = fs::read(scene.state()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(scene.state(), bytes).unwrap();
    let mut files = scene.open();
    assert!(files.problems().any(|(_, reason)| reason.contains("damaged")));
    assert!(scene.take(&mut files).is_empty());
    scene.append("a.log", "two\n");
    assert_eq!(scene.take(&mut files), ["two"]);
}

#[test]
fn binary_files_links_and_pipes_are_left_alone() {
    let mut scene = Scene::new();
    fs::write(scene.path("binary.log"), b"\x7fELF\0\0\0\n\0").unwrap();
    fs::write(scene.path("hole.log"), b"\0\0\0\0\0after a hole\n").unwrap();
    fs::write(scene.root.path().join("secret"), "secret\n").unwrap();
    std::os::unix::fs::symlink(scene.root.path().join("secret"), scene.path("link.log")).unwrap();
    let pipe = std::process::Command::new("mkfifo").arg(scene.path("pipe.log")).status().unwrap();
    assert!(pipe.success());
    let mut files = scene.open();
    assert_eq!(scene.take(&mut files), ["after a hole"]);
    scene.append("binary.log", "text after all\n");
    assert!(scene.take(&mut files).is_empty());
}

#[test]
fn long_lines_and_broken_text_are_kept_within_limits() {
    let mut scene = Scene::new();
    let long = "é".repeat(model::limits::MAX_LINE_BYTES);
    fs::write(scene.path("a.log"), [long.as_bytes(), b"\nshort \xff\xfe text\n\n\r\n"].concat()).unwrap();
    let mut files = scene.open();
    let pending = scene.poll(&mut files);
    let bytes: usize = pending.iter().map(|pending| pending.bytes).sum();
    assert_eq!(bytes, long.len() + "\nshort xx text\n\n\r\n".len());
    let read = lines(&pending);
    assert_eq!(read.last().map(String::as_str), Some("short \u{fffd}\u{fffd} text"));
    assert!(read.iter().all(|line| line.len() <= model::limits::MAX_BODY_BYTES));
    let counts = |pick: fn(&Pending) -> u64| pending.iter().map(pick).sum::<u64>();
    assert_eq!(counts(|pending| pending.counts.invalid_utf8), 1);
    assert!(counts(|pending| pending.counts.cut_bodies) >= 2);
}

#[test]
fn empty_lines_alone_are_passed_over() {
    let mut scene = Scene::new();
    scene.append("a.log", "\n\n\n");
    let mut files = scene.open();
    assert!(scene.poll(&mut files).is_empty());
    scene.append("a.log", "one\n");
    assert_eq!(scene.take(&mut files), ["one"]);
}

#[test]
fn the_number_of_files_is_bounded_and_the_newest_are_kept() {
    let mut scene = Scene::new();
    for index in 0..MAX_FILES + 5 {
        scene.append(&format!("{index:04}.log"), "x\n");
        if index < 5 {
            set_age(&scene.path(&format!("{index:04}.log")), Duration::from_secs(3600));
        }
    }
    let mut files = scene.open();
    assert_eq!(scene.take(&mut files).len(), MAX_FILES);
    assert!(files.followed().all(|path| !path.ends_with("0000.log")));
    assert!(files.problems().any(|(_, reason)| reason.contains("MAX_FILES")));
}

#[test]
fn a_read_only_place_for_positions_hands_out_nothing() {
    let mut scene = Scene::new();
    scene.append("a.log", "one\n");
    let config = FilesConfig { state_path: scene.root.path().join("missing/positions.json"), ..scene.config() };
    let mut files = Files::open(config, Arc::new(Redactor::none())).unwrap();
    scene.now += SECOND;
    let error = files.poll(scene.now, ALL).unwrap_err();
    assert!(error.to_string().contains("positions"), "{error:#}");
    fs::create_dir(scene.root.path().join("missing")).unwrap();
    assert_eq!(scene.take(&mut files), ["one"]);
}
