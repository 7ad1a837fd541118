//! The systemd journal, read through `journalctl`.
//!
//! One range of entries is in flight at a time. Its last cursor is made durable before the range is
//! handed out; after a crash the range is read again up to that cursor under the same id.

mod entry;
mod run;

pub(crate) use run::lines;

use crate::files::StartAt;
use crate::limits::{JOURNAL_BACKFILL_SECONDS, JOURNAL_PROBE_TIMEOUT, JOURNAL_TIMEOUT};
use crate::pending::{At, Pending, Position, pendings};
use crate::state::{self, Loaded};
use anyhow::{Context as _, Result};
use entry::Entry;
use model::Context;
use model::limits::MAX_RECORDS_PER_REQUEST;
use receive::lines::{Format, LineOrigin, decode_lines};
use receive::redact::Redactor;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Version of the state file.
const STATE_VERSION: u32 = 1;

/// Where the journal is and what becomes of it.
#[derive(Clone, Debug)]
pub struct JournalConfig {
    /// The program, usually `journalctl`.
    pub program: PathBuf,
    /// Where the position is remembered.
    pub state_path: PathBuf,
    /// Where the first start begins: [`JOURNAL_BACKFILL_SECONDS`] back, or now.
    pub start_at: StartAt,
    /// Dataset of the records.
    pub dataset: String,
    /// Records older than this many nanoseconds get the receipt's time.
    pub retention_nanos: Option<i64>,
}

impl JournalConfig {
    /// `journalctl` on the path, into the dataset `default`.
    pub fn usual(state_path: impl Into<PathBuf>) -> Self {
        Self {
            program: "journalctl".into(),
            state_path: state_path.into(),
            start_at: StartAt::Beginning,
            dataset: "default".to_owned(),
            retention_nanos: None,
        }
    }
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    version: u32,
    /// Where the first range began, seconds since 1970; kept so that it can be read again.
    since: i64,
    /// Last entry that is durable.
    cursor: Option<String>,
    /// Last entry of the range handed out.
    pending: Option<String>,
}

/// The journal of this machine.
pub struct Journal {
    config: JournalConfig,
    redactor: Arc<Redactor>,
    host_name: Option<String>,
    state: Option<State>,
    /// The pending range of `state` was handed out in this life.
    in_flight: bool,
    unreadable: usize,
}

/// Entries read in one go.
struct Batch {
    lines: Vec<String>,
    bytes: usize,
    last: Option<String>,
}

impl Journal {
    /// Whether `program` shows at least one entry.
    pub fn available(program: &Path) -> bool {
        let arguments = ["--no-pager", "-q", "-o", "json", "-n", "1"].map(str::to_owned);
        let mut any = false;
        let answer = run::lines(program, &arguments, JOURNAL_PROBE_TIMEOUT, |line| {
            any = Entry::parse(line).is_some();
            ControlFlow::Break(())
        });
        answer.is_ok() && any
    }

    /// Reads the remembered position. A damaged state file is moved aside and reading then starts now,
    /// so that nothing comes twice.
    pub fn open(mut config: JournalConfig, redactor: Arc<Redactor>) -> Result<Journal> {
        let state = match state::load::<State>(&config.state_path)? {
            Loaded::Absent => None,
            Loaded::State(state) if state.version == STATE_VERSION => Some(state),
            Loaded::State(state) => anyhow::bail!(
                "{} has version {}, this program knows {STATE_VERSION}: use a newer Tandem, or move the file away to start anew",
                config.state_path.display(),
                state.version
            ),
            Loaded::Damaged(aside) => {
                tracing::warn!(moved_to = %aside.display(), "the journal position was damaged; reading starts now");
                config.start_at = StartAt::End;
                None
            }
        };
        let host_name = crate::host::host_name();
        Ok(Journal { config, redactor, host_name, state, in_flight: false, unreadable: 0 })
    }

    /// Reads the next range, up to about `max_bytes`; nothing while the last one is not acknowledged.
    /// Runs the program each time, so call it every few seconds, and at once after a full range.
    pub fn poll(&mut self, now: i64, max_bytes: usize) -> Result<Vec<Pending>> {
        if self.in_flight {
            return Ok(Vec::new());
        }
        if self.state.is_none() {
            let back = if self.config.start_at == StartAt::End { 0 } else { JOURNAL_BACKFILL_SECONDS };
            let since = (now / 1_000_000_000).saturating_sub(back).max(0);
            let state = State { version: STATE_VERSION, since, ..State::default() };
            state::save(&self.config.state_path, &state)?;
            self.state = Some(state);
        }
        let state = self.state.clone().unwrap_or_default();
        let batch = self.read(&state, max_bytes)?;
        let Some(last) = batch.last else {
            // A range written down is gone when the journal was cleaned up meanwhile.
            if let Some(state) = &mut self.state {
                state.pending = None;
            }
            return Ok(Vec::new());
        };
        if state.pending.as_deref() != Some(&last) {
            let next = State { pending: Some(last.clone()), ..state.clone() };
            state::save(&self.config.state_path, &next)?;
            self.state = Some(next);
        }
        let start = state.cursor.clone().unwrap_or_else(|| format!("since {}", state.since));
        let id = format!("journal:{start}..{last}");
        let origin = LineOrigin { host_name: self.host_name.clone(), ..LineOrigin::default() };
        let mut context = Context::new(self.config.dataset.clone(), "journal", now);
        context.oldest = self.config.retention_nanos.map_or(i64::MIN, |age| now.saturating_sub(age));
        let lines = batch.lines.iter().map(String::as_bytes);
        let decoded = decode_lines(lines, Format::Json, &context, &origin, &self.redactor);
        self.in_flight = true;
        Ok(pendings(&id, decoded.batches, At::Journal { cursor: last }, batch.bytes, decoded.counts))
    }

    /// Notes that what came with these positions is durable; the note itself is durable on return.
    pub fn ack(&mut self, positions: &[Position]) -> Result<()> {
        for position in positions {
            let Position(At::Journal { cursor }) = position else { continue };
            let Some(state) = self.state.as_ref().filter(|state| state.pending.as_ref() == Some(cursor)) else {
                continue;
            };
            let next = State { cursor: Some(cursor.clone()), pending: None, ..state.clone() };
            state::save(&self.config.state_path, &next)?;
            self.state = Some(next);
            self.in_flight = false;
        }
        Ok(())
    }

    /// Hands out the range not acknowledged once more, under the same id: after a failed append.
    pub fn retry(&mut self) {
        self.in_flight = false;
    }

    /// Entries that could not be read so far.
    pub fn unreadable(&self) -> usize {
        self.unreadable
    }

    /// Reads the entries after the cursor: up to the end written down, else up to `max_bytes`.
    fn read(&mut self, state: &State, max_bytes: usize) -> Result<Batch> {
        let mut arguments = ["--no-pager", "-q", "-o", "json", "--all"].map(str::to_owned).to_vec();
        arguments.push(match &state.cursor {
            Some(cursor) => format!("--after-cursor={cursor}"),
            None => format!("--since=@{}", state.since),
        });
        let mut batch = Batch { lines: Vec::new(), bytes: 0, last: None };
        let mut wrong = 0;
        let too_long = run::lines(&self.config.program, &arguments, JOURNAL_TIMEOUT, |line| {
            let Some(entry) = Entry::parse(line) else {
                wrong += 1;
                return ControlFlow::Continue(());
            };
            let mut text = String::new();
            entry.render(&mut text);
            batch.lines.push(text);
            batch.bytes += line.len();
            batch.last = entry.cursor().map(str::to_owned);
            let stop = match &state.pending {
                Some(end) => batch.last.as_ref() == Some(end),
                None => batch.bytes >= max_bytes,
            };
            if stop || batch.lines.len() >= MAX_RECORDS_PER_REQUEST {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .context("cannot read the journal")?;
        if wrong + too_long > 0 {
            self.unreadable = self.unreadable.saturating_add(wrong + too_long);
            tracing::warn!(entries = wrong + too_long, "journal entries could not be read");
        }
        Ok(batch)
    }
}
