//! One followed file: where reading stands, what was handed out, and whether it is still the same file.

use super::scan::FileKey;
use crate::limits::{
    BINARY_SAMPLE_BYTES, BLOCK_BYTES, FINGERPRINT_BYTES, IDLE_CLOSE_NANOS, MAX_PENDING_RANGES, PARTIAL_LINE_NANOS,
};
use crate::state::digest;
use model::limits::MAX_LINE_BYTES;
use rustix::fs::{Mode, OFlags};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// Digest of the first bytes of a file. Kept as a digest because the bytes may hold secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fingerprint {
    length: usize,
    digest: String,
}

impl Fingerprint {
    fn of(file: &File, length: usize) -> io::Result<Self> {
        let bytes = read_range(file, 0, length.min(FINGERPRINT_BYTES))?;
        Ok(Self { length: bytes.len(), digest: digest(&bytes) })
    }

    fn matches(&self, file: &File) -> io::Result<bool> {
        Ok(self.length == 0 || Self::of(file, self.length)? == *self)
    }
}

/// What is remembered of a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TailState {
    /// Where it was found; stays when it is renamed by a rotation.
    pub path: PathBuf,
    pub device: u64,
    pub inode: u64,
    pub fingerprint: Fingerprint,
    /// Never used twice: tells the contents of one file before and after a truncation apart.
    pub generation: u64,
    /// Everything before is durable.
    pub offset: u64,
    /// Ends of the ranges handed out after `offset`, in order.
    pub pending: Vec<u64>,
}

/// A range handed out.
#[derive(Clone, Copy, Debug)]
struct Range {
    end: u64,
    acked: bool,
}

/// Bytes of a file to hand out.
pub(crate) struct Cut {
    pub start: u64,
    pub end: u64,
    pub bytes: Vec<u8>,
}

/// A followed file.
pub(crate) struct Tail {
    state: TailState,
    /// Where the path leads now, when a rotation renamed the file to another followed name.
    current: PathBuf,
    file: Option<File>,
    ranges: VecDeque<Range>,
    /// Ranges written down by a previous life, to be handed out again exactly.
    replay: VecDeque<u64>,
    read_to: u64,
    /// Length when the last line had no end yet, and since when.
    partial: Option<(u64, i64)>,
    /// Since when the path leads to no or another file.
    moved_since: Option<i64>,
    last_growth: i64,
    checked: bool,
    binary: bool,
}

impl Tail {
    pub fn new(state: TailState, now: i64) -> Self {
        Self {
            current: state.path.clone(),
            file: None,
            ranges: VecDeque::new(),
            replay: state.pending.iter().copied().collect(),
            read_to: state.offset,
            partial: None,
            moved_since: None,
            last_growth: now,
            checked: false,
            binary: false,
            state,
        }
    }

    /// Finds the remembered file again: at its path, else under another name in the same folder.
    pub fn resume(state: TailState, now: i64, neighbours: impl FnOnce(&Path, u64) -> Option<PathBuf>) -> Option<Self> {
        let mut tail = Self::new(state, now);
        let path = tail.state.path.clone();
        if let Ok((file, key)) = open(&path)
            && key.inode == tail.state.inode
        {
            // Another content under the same inode is found out at the first read, which starts over.
            tail.state.device = key.device;
            tail.file = Some(file);
            return Some(tail);
        }
        let other = neighbours(path.parent()?, tail.state.inode)?;
        let (file, key) = open(&other).ok()?;
        if !tail.state.fingerprint.matches(&file).ok()? || file.metadata().ok()?.len() < tail.state.offset {
            return None;
        }
        tail.state.device = key.device;
        tail.file = Some(file);
        tail.moved_since = Some(now);
        Some(tail)
    }

    pub fn key(&self) -> FileKey {
        FileKey { device: self.state.device, inode: self.state.inode }
    }

    pub fn path(&self) -> &Path {
        &self.state.path
    }

    pub fn current(&self) -> &Path {
        &self.current
    }

    pub fn generation(&self) -> u64 {
        self.state.generation
    }

    pub fn is_moved(&self) -> bool {
        self.moved_since.is_some()
    }

    /// A scan found the file under `path`.
    pub fn seen_at(&mut self, path: &Path) {
        if self.current != path {
            self.current = path.to_owned();
        }
        self.moved_since = None;
    }

    /// The path leads to no or another file. `neighbours` finds the file's new name in its folder, in
    /// case its handle was closed while it was idle.
    pub fn moved(&mut self, now: i64, neighbours: impl FnOnce(&Path, u64) -> Option<PathBuf>) {
        if self.moved_since.is_none() {
            if self.file.is_none()
                && let Some(path) = self.current.parent().and_then(|folder| neighbours(folder, self.state.inode))
                && let Ok((file, key)) = open(&path)
                && key == self.key()
            {
                self.file = Some(file);
            }
            self.moved_since = Some(now);
            self.last_growth = self.last_growth.max(now);
        }
    }

    /// Whether a moved file has been read to its end and is at rest for `linger`.
    pub fn is_finished(&self, now: i64, linger: i64) -> bool {
        self.is_moved()
            && self.ranges.is_empty()
            && (self.file.is_none() || now.saturating_sub(self.last_growth) >= linger)
            && self.partial.is_none()
    }

    /// What to remember now.
    pub fn state(&self) -> TailState {
        let handed = self.ranges.iter().map(|range| range.end);
        TailState { pending: handed.chain(self.replay.iter().copied()).collect(), ..self.state.clone() }
    }

    /// The next bytes to hand out, if there are any. `generation` makes a new generation.
    pub fn next_cut(&mut self, now: i64, generation: impl FnOnce() -> u64) -> io::Result<Option<Cut>> {
        if self.binary || self.ranges.len() >= MAX_PENDING_RANGES {
            return Ok(None);
        }
        let Some(length) = self.length(now)? else { return Ok(None) };
        if length == self.read_to && self.replay.is_empty() {
            return Ok(None);
        }
        let Some(file) = &self.file else { return Ok(None) };
        let replaced = length < self.read_to
            || self.replay.back().is_some_and(|end| *end > length)
            || !self.state.fingerprint.matches(file)?;
        if replaced {
            // What is gone cannot be read again; the new content is read from its start.
            self.start_over(generation());
        }
        if length == self.read_to {
            return Ok(None);
        }
        let Some(file) = &self.file else { return Ok(None) };
        if !self.checked {
            self.checked = true;
            self.binary = looks_binary(&read_range(file, 0, BINARY_SAMPLE_BYTES)?);
            if self.binary {
                return Ok(None);
            }
        }
        if self.state.fingerprint.length < FINGERPRINT_BYTES {
            self.state.fingerprint = Fingerprint::of(file, FINGERPRINT_BYTES)?;
        }
        let cut = match self.replay.front().copied() {
            Some(end) => self.replayed(end)?,
            None => self.fresh(now, length)?,
        };
        if let Some(cut) = &cut {
            self.ranges.push_back(Range { end: cut.end, acked: false });
            self.read_to = cut.end;
            self.partial = None;
            self.last_growth = now;
        }
        Ok(cut)
    }

    fn replayed(&mut self, end: u64) -> io::Result<Option<Cut>> {
        let Some(file) = &self.file else { return Ok(None) };
        // Bounded: a range handed out is never longer than the longest line.
        let size = usize::try_from(end - self.read_to).unwrap_or(0).min(MAX_LINE_BYTES.max(BLOCK_BYTES));
        let bytes = read_range(file, self.read_to, size)?;
        if bytes.len() as u64 != end - self.read_to {
            // Truncated while it was read; the next look finds that out.
            return Ok(None);
        }
        self.replay.pop_front();
        Ok(Some(Cut { start: self.read_to, end, bytes }))
    }

    fn fresh(&mut self, now: i64, length: u64) -> io::Result<Option<Cut>> {
        let Some(file) = &self.file else { return Ok(None) };
        let start = self.read_to;
        let left = usize::try_from(length - start).unwrap_or(usize::MAX);
        let mut bytes = read_range(file, start, left.min(BLOCK_BYTES))?;
        let mut end = bytes.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1);
        if end.is_none() && left > BLOCK_BYTES {
            bytes = read_range(file, start, left.min(MAX_LINE_BYTES))?;
            end = bytes.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
            if end.is_none() && left >= MAX_LINE_BYTES {
                end = Some(whole_characters(&bytes));
            }
        }
        if end.is_none() {
            let waited = match self.partial {
                Some((seen, since)) if seen == length => now.saturating_sub(since) >= PARTIAL_LINE_NANOS,
                _ => {
                    self.partial = Some((length, now));
                    self.last_growth = now;
                    false
                }
            };
            end = waited.then_some(bytes.len());
        }
        let Some(size) = end.filter(|size| *size > 0) else { return Ok(None) };
        bytes.truncate(size);
        Ok(Some(Cut { start, end: start + size as u64, bytes }))
    }

    /// The file's length; opens it when there is something to read. `None` when it cannot be reached.
    fn length(&mut self, now: i64) -> io::Result<Option<u64>> {
        if let Some(file) = &self.file {
            let length = file.metadata()?.len();
            let idle = now.saturating_sub(self.last_growth) >= IDLE_CLOSE_NANOS;
            if idle && length == self.read_to && self.ranges.is_empty() && !self.is_moved() {
                self.file = None;
            }
            return Ok(Some(length));
        }
        if self.is_moved() {
            return Ok(None);
        }
        let (path, key) = (self.current.clone(), self.key());
        let metadata = match fs::metadata(&path) {
            Ok(metadata) if FileKey::of(&metadata) == key => metadata,
            // The next scan marks it as moved.
            Ok(_) => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if metadata.len() == self.read_to && self.replay.is_empty() {
            return Ok(None);
        }
        let (file, opened) = open(&path)?;
        if opened != key {
            return Ok(None);
        }
        let length = file.metadata()?.len();
        self.file = Some(file);
        self.last_growth = now;
        Ok(Some(length))
    }

    fn start_over(&mut self, generation: u64) {
        self.state.generation = generation;
        self.state.offset = 0;
        self.state.fingerprint = Fingerprint::default();
        self.ranges.clear();
        self.replay.clear();
        self.read_to = 0;
        self.partial = None;
        self.checked = false;
    }

    /// Notes that the range ending at `end` is durable. False when there is no such range.
    pub fn ack(&mut self, end: u64) -> bool {
        let Some(range) = self.ranges.iter_mut().find(|range| range.end == end) else { return false };
        range.acked = true;
        while let Some(range) = self.ranges.front().filter(|range| range.acked) {
            self.state.offset = range.end;
            self.ranges.pop_front();
        }
        true
    }

    /// Hands out again what was not acknowledged, under the same ids.
    pub fn rewind(&mut self) {
        for range in self.ranges.drain(..).rev() {
            self.replay.push_front(range.end);
        }
        self.read_to = self.state.offset;
    }
}

/// Opens a regular file. Does not wait, should someone put a pipe in its place.
pub(crate) fn open(path: &Path) -> io::Result<(File, FileKey)> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    Ok((file, FileKey::of(&metadata)))
}

/// Up to `size` bytes from `start`; fewer at the end of the file.
pub(crate) fn read_range(file: &File, start: u64, size: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; size];
    let mut filled = 0;
    while filled < size {
        match file.read_at(&mut bytes[filled..], start + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// Whether the first bytes of a file are not text. Leading NULs are no sign: a file truncated under a
/// program that keeps its offset starts with a hole.
fn looks_binary(sample: &[u8]) -> bool {
    let text = sample.iter().position(|byte| *byte != 0).map_or(&[][..], |at| &sample[at..]);
    text.contains(&0)
}

/// Length of `bytes` without a UTF-8 character cut off at the end.
fn whole_characters(bytes: &[u8]) -> usize {
    let is_lead = |byte: u8| byte & 0xc0 != 0x80;
    let tail = bytes.len().saturating_sub(4);
    match bytes[tail..].iter().rposition(|byte| is_lead(*byte)) {
        Some(at) if bytes[tail + at] >= 0x80 => tail + at,
        _ => bytes.len(),
    }
}
