//! Log files: found by patterns, followed through rotation, with positions remembered across restarts.
//!
//! A file is known by device, inode and a digest of its first bytes, so a renamed file is read to its end
//! and a truncated or replaced one from its start. Ranges end at line ends. Before ranges are handed out
//! their ends are made durable in the state file, and after a crash exactly those ranges come first, under
//! the same ids. What a program wrote and a rotation destroyed while nothing was running is lost, and so
//! are the unread lines of a file truncated in place; neither can be read again.
//!
//! Folders and files a program controls are hostile: links found by a pattern are not followed, pipes and
//! devices are not opened, and counts and sizes are bounded by [`crate::limits`].

mod scan;
mod tail;

use crate::limits::{
    BACKFILL_AGE, MAX_BACKFILL_BYTES, MAX_FILES, MAX_PROBLEMS, MAX_SCAN_ENTRIES, MOVED_LINGER_NANOS, SCAN_NANOS,
};
use crate::pending::{At, Pending, Position, pendings};
use crate::state::{self, Loaded};
use anyhow::Result;
use model::Context;
use model::limits::MAX_LINE_BYTES;
use receive::lines::{Format, LineOrigin, decode_lines};
use receive::redact::Redactor;
use scan::{Candidate, FileKey, Patterns};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::os::unix::fs::DirEntryExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};
use tail::{Cut, Tail, TailState};

/// Version of the state file.
const STATE_VERSION: u32 = 1;

/// The files that hold logs on most machines.
pub const USUAL_FILES: [&str; 3] = ["/var/log/**/*.log", "/var/log/syslog", "/var/log/messages"];

/// Where the first start begins in a file that is already there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StartAt {
    /// At the beginning, for files written within [`BACKFILL_AGE`] and at most [`MAX_BACKFILL_BYTES`] back.
    #[default]
    Beginning,
    /// At the end: only what is written from now on.
    End,
}

/// What to follow and how.
#[derive(Clone, Debug)]
pub struct FilesConfig {
    /// Paths and patterns with `*`, `?`, `**`. Links are followed only for paths without wildcards.
    pub include: Vec<String>,
    /// Patterns of paths to leave alone.
    pub exclude: Vec<String>,
    /// Where positions are remembered.
    pub state_path: PathBuf,
    /// Where the first start begins.
    pub start_at: StartAt,
    /// How lines are read.
    pub format: Format,
    /// Dataset of the records.
    pub dataset: String,
    /// Records older than this many nanoseconds get the receipt's time.
    pub retention_nanos: Option<i64>,
}

impl FilesConfig {
    /// [`USUAL_FILES`] into the dataset `default`.
    pub fn usual(state_path: impl Into<PathBuf>) -> Self {
        Self {
            include: USUAL_FILES.map(str::to_owned).to_vec(),
            exclude: Vec::new(),
            state_path: state_path.into(),
            start_at: StartAt::Beginning,
            format: Format::Auto,
            dataset: "default".to_owned(),
            retention_nanos: None,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    version: u32,
    tails: Vec<TailState>,
}

/// The followed files.
pub struct Files {
    config: FilesConfig,
    patterns: Patterns,
    redactor: Arc<Redactor>,
    host_name: Option<String>,
    tails: Vec<Tail>,
    /// States read from disk, resumed at the first poll.
    remembered: Option<Vec<TailState>>,
    /// No positions were remembered: what is there already may be old.
    first_scan: bool,
    next_scan: i64,
    last_generation: u64,
    /// The file that goes first in the next poll, so that a busy one does not starve the others.
    turn: usize,
    problems: BTreeMap<String, String>,
}

impl Files {
    /// Reads the remembered positions; opens no log yet. A damaged state file is moved aside and
    /// following then starts at the end of what is there, so that nothing comes twice.
    pub fn open(mut config: FilesConfig, redactor: Arc<Redactor>) -> Result<Files> {
        let patterns = Patterns::new(&config.include, &config.exclude)?;
        let mut problems = BTreeMap::new();
        let remembered = match state::load::<State>(&config.state_path)? {
            Loaded::Absent => None,
            Loaded::State(state) if state.version == STATE_VERSION => Some(state.tails),
            Loaded::State(state) => anyhow::bail!(
                "{} has version {}, this program knows {STATE_VERSION}: use a newer Tandem, or move the file away to start anew",
                config.state_path.display(),
                state.version
            ),
            Loaded::Damaged(aside) => {
                let reason = format!("was damaged, is now {}; files are read from their ends", aside.display());
                tracing::warn!(path = %config.state_path.display(), "the file of positions {reason}");
                problems.insert(config.state_path.display().to_string(), reason);
                config.start_at = StartAt::End;
                None
            }
        };
        let first_scan = remembered.is_none();
        Ok(Files {
            last_generation: remembered.iter().flatten().map(|tail| tail.generation).max().unwrap_or(0),
            config,
            patterns,
            redactor,
            host_name: crate::host::host_name(),
            tails: Vec::new(),
            remembered,
            first_scan,
            next_scan: i64::MIN,
            turn: 0,
            problems,
        })
    }

    /// Reads what is new: whole ranges until at least `max_bytes` are reached. Call it every second or so;
    /// with nothing new it costs one `stat` a file. Ranges not yet acknowledged are not handed out again.
    pub fn poll(&mut self, now: i64, max_bytes: usize) -> Result<Vec<Pending>> {
        if let Some(states) = self.remembered.take() {
            self.resume(states, now);
        }
        if now >= self.next_scan {
            self.next_scan = now.saturating_add(SCAN_NANOS);
            self.scan(now);
        }
        let cuts = self.read(now, max_bytes);
        if cuts.is_empty() {
            return Ok(Vec::new());
        }
        if let Err(error) = self.save() {
            // Nothing was handed out, so it may all come again.
            self.retry();
            return Err(error);
        }
        let mut out = Vec::new();
        for (index, cut) in cuts {
            self.decode(index, &cut, now, &mut out);
        }
        Ok(out)
    }

    /// Notes that what came with these positions is durable; the note itself is durable on return.
    pub fn ack(&mut self, positions: &[Position]) -> Result<()> {
        let mut changed = false;
        for position in positions {
            if let Position(At::File { generation, end }) = position
                && let Some(tail) = self.tails.iter_mut().find(|tail| tail.generation() == *generation)
            {
                changed |= tail.ack(*end);
            }
        }
        if changed { self.save() } else { Ok(()) }
    }

    /// Hands out everything not acknowledged once more, under the same ids: after a failed append.
    pub fn retry(&mut self) {
        self.tails.iter_mut().for_each(Tail::rewind);
    }

    /// Files followed now.
    pub fn followed(&self) -> impl Iterator<Item = &Path> {
        self.tails.iter().map(Tail::path)
    }

    /// What cannot be read, as path and reason.
    pub fn problems(&self) -> impl Iterator<Item = (&str, &str)> {
        self.problems.iter().map(|(path, reason)| (path.as_str(), reason.as_str()))
    }

    fn resume(&mut self, states: Vec<TailState>, now: i64) {
        for state in states.into_iter().take(MAX_FILES) {
            let path = state.path.clone();
            match Tail::resume(state, now, neighbour) {
                Some(tail) => self.tails.push(tail),
                None => tracing::info!(path = %path.display(), "a followed file is gone"),
            }
        }
    }

    fn scan(&mut self, now: i64) {
        let (mut found, stopped) = self.patterns.find();
        if stopped {
            let reason = format!("more than {MAX_SCAN_ENTRIES} entries (MAX_SCAN_ENTRIES); use narrower patterns");
            self.problem("include", reason);
        }
        let by_key: HashMap<FileKey, usize> =
            self.tails.iter().enumerate().map(|(at, tail)| (tail.key(), at)).collect();
        let mut seen = HashSet::new();
        found.retain(|candidate| match by_key.get(&candidate.key) {
            Some(&at) => {
                self.tails[at].seen_at(&candidate.path);
                seen.insert(candidate.key);
                false
            }
            None => true,
        });
        for tail in &mut self.tails {
            // A file may be followed and not be found, when the walk stopped early.
            let there = || fs::metadata(tail.current()).is_ok_and(|metadata| FileKey::of(&metadata) == tail.key());
            if !seen.contains(&tail.key()) && !there() {
                tail.moved(now, neighbour);
            }
        }
        self.tails.retain(|tail| !tail.is_finished(now, MOVED_LINGER_NANOS));
        // The files written last are the ones to have when there are too many.
        found.sort_by(|a, b| b.modified.cmp(&a.modified).then_with(|| a.path.cmp(&b.path)));
        let room = MAX_FILES.saturating_sub(self.tails.len());
        if found.len() > room {
            let reason = format!("{} files beyond {MAX_FILES} (MAX_FILES) are not followed", found.len() - room);
            self.problem("include", reason);
        }
        for candidate in found.into_iter().take(room) {
            let path = candidate.path.display().to_string();
            match self.start(candidate, now) {
                Ok(tail) => {
                    self.problems.remove(&path);
                    self.tails.push(tail);
                }
                Err(error) => self.problem(&path, error.to_string()),
            }
        }
        self.first_scan = false;
    }

    fn start(&mut self, candidate: Candidate, now: i64) -> std::io::Result<Tail> {
        let now_since_epoch = Duration::from_nanos(u64::try_from(now).unwrap_or(0));
        let modified = candidate.modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        let recent = modified + BACKFILL_AGE >= now_since_epoch;
        let offset = match (self.first_scan, self.config.start_at, recent) {
            (true, StartAt::End, _) | (_, _, false) => candidate.length,
            (true, StartAt::Beginning, true) => backfill_start(&candidate)?,
            // A new file, perhaps made while nothing was running: all of it is new.
            (false, _, true) => 0,
        };
        // A file that cannot be opened is told at once, not when it grows.
        tail::open(&candidate.path)?;
        let state = TailState {
            path: candidate.path,
            device: candidate.key.device,
            inode: candidate.key.inode,
            fingerprint: tail::Fingerprint::default(),
            generation: next_generation(&mut self.last_generation, now),
            offset,
            pending: Vec::new(),
        };
        Ok(Tail::new(state, now))
    }

    /// Takes ranges from the files in turn. A moved file comes first, and what replaced it waits until it
    /// is read to its end.
    fn read(&mut self, now: i64, max_bytes: usize) -> Vec<(usize, Cut)> {
        let count = self.tails.len();
        if count == 0 {
            return Vec::new();
        }
        self.turn = (self.turn + 1) % count;
        let mut order: Vec<usize> = (0..count).map(|at| (at + self.turn) % count).collect();
        order.sort_by_key(|&at| !self.tails[at].is_moved());
        let mut cuts = Vec::new();
        let mut bytes = 0;
        let mut failed = Vec::new();
        while !order.is_empty() && bytes < max_bytes {
            let mut unfinished = HashSet::new();
            order.retain(|&at| {
                if bytes >= max_bytes {
                    return false;
                }
                if !self.tails[at].is_moved() && unfinished.contains(self.tails[at].path()) {
                    return true;
                }
                let last = &mut self.last_generation;
                match self.tails[at].next_cut(now, || next_generation(last, now)) {
                    Ok(Some(cut)) => {
                        bytes += cut.bytes.len();
                        cuts.push((at, cut));
                        if self.tails[at].is_moved() {
                            unfinished.insert(self.tails[at].path().to_owned());
                        }
                        true
                    }
                    Ok(None) => false,
                    Err(error) => {
                        failed.push((self.tails[at].path().display().to_string(), error.to_string()));
                        false
                    }
                }
            });
        }
        for (path, reason) in failed {
            self.problem(&path, reason);
        }
        cuts
    }

    fn decode(&mut self, index: usize, cut: &Cut, now: i64, out: &mut Vec<Pending>) {
        let tail = &self.tails[index];
        let path = tail.path();
        let text = |part: &std::ffi::OsStr| part.to_string_lossy().into_owned();
        let origin = LineOrigin {
            service_name: scan::service(path),
            host_name: self.host_name.clone(),
            attributes: vec![
                ("log.file.path".to_owned(), text(path.as_os_str())),
                ("log.file.name".to_owned(), path.file_name().map(text).unwrap_or_default()),
            ],
        };
        let mut context = Context::new(self.config.dataset.clone(), "file", now);
        context.oldest = self.config.retention_nanos.map_or(i64::MIN, |age| now.saturating_sub(age));
        let decoded = decode_lines(lines(&cut.bytes), self.config.format, &context, &origin, &self.redactor);
        let generation = tail.generation();
        // Without the device: its number may change when the machine starts anew.
        let id = format!("file:{}:{generation}:{}-{}", tail.key().inode, cut.start, cut.end);
        if decoded.batches.is_empty() {
            // Nothing but empty lines. Not worth a sync: should the note be lost, they are empty again.
            self.tails[index].ack(cut.end);
            return;
        }
        let last = At::File { generation, end: cut.end };
        out.extend(pendings(&id, decoded.batches, last, cut.bytes.len(), decoded.counts));
    }

    fn save(&self) -> Result<()> {
        let tails = self.tails.iter().map(Tail::state).collect();
        state::save(&self.config.state_path, &State { version: STATE_VERSION, tails })
    }

    /// Remembers a problem and logs it once.
    fn problem(&mut self, path: &str, reason: String) {
        if self.problems.get(path) == Some(&reason)
            || (self.problems.len() >= MAX_PROBLEMS && !self.problems.contains_key(path))
        {
            return;
        }
        tracing::warn!(path, "cannot follow: {reason}");
        self.problems.insert(path.to_owned(), reason);
    }
}

/// Lines without their ends. NULs at the start are the hole left by a truncation in place.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').map(|line| {
        let start = line.iter().position(|byte| *byte != 0).unwrap_or(line.len());
        &line[start..]
    })
}

fn next_generation(last: &mut u64, now: i64) -> u64 {
    *last = (*last + 1).max(u64::try_from(now).unwrap_or(0));
    *last
}

/// The start of the first whole line within [`MAX_BACKFILL_BYTES`] of the end.
fn backfill_start(candidate: &Candidate) -> std::io::Result<u64> {
    let Some(start) = candidate.length.checked_sub(MAX_BACKFILL_BYTES).filter(|start| *start > 0) else { return Ok(0) };
    let (file, _) = tail::open(&candidate.path)?;
    let bytes = tail::read_range(&file, start, MAX_LINE_BYTES)?;
    Ok(bytes.iter().position(|byte| *byte == b'\n').map_or(start, |at| start + at as u64 + 1))
}

/// The file with this inode in `folder`, whatever its name is now.
fn neighbour(folder: &Path, inode: u64) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?;
    entries.flatten().take(MAX_SCAN_ENTRIES).find(|entry| entry.ino() == inode).map(|entry| entry.path())
}
