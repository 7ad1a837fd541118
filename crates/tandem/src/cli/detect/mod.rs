//! `tandem detect`: rules over files of events, without a server.

mod lines;
mod rules;
mod show;
mod work;

use crate::failure::{Failure, INCOMPLETE, Outcome, wrong_use};
use crate::output::{self, progress::Progress};
use crate::server::api::time;
use crate::server::state::now;
use anyhow::{Context as _, anyhow};
use clap::{Args, ValueEnum};
use detect::input::Format;
use model::alert::Level;
use std::path::{Path, PathBuf};
use work::Work;

/// There are alerts.
const FOUND: u8 = 1;
/// Files below the folders that are named, and folders within each other.
const MAX_FILES: usize = 100_000;
const MAX_DEPTH: usize = 32;

/// Exit codes of this command.
pub const EXIT_CODES: &str = "Example: tandem detect Security.evtx --rules sigma/rules --level medium

Exit codes: 0 no alerts, 1 alerts, 2 wrong use, 3 a file could not be read to its end.";

/// Run rules over files of events.
#[derive(Args)]
pub struct Detect {
    /// Files or folders; `-` is standard input. JSON (lines, arrays, exports), CSV, EVTX, auditd, W3C, syslog and access
    /// logs are told apart by what is in them; gzip is unpacked.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Sigma rules: a file, folder or archive [default: those that come with Tandem].
    #[arg(long, value_name = "DIR")]
    rules: Vec<PathBuf>,
    /// How alerts are printed.
    #[arg(long, value_enum, default_value = "table")]
    format: Print,
    /// How the files are written: json, csv, evtx, auditd, w3c or text [default: as they look].
    #[arg(long, value_name = "FORMAT", value_parser = input_format)]
    input_format: Option<Format>,
    /// More definitions of log sources and their fields: a folder of YAML files.
    #[arg(long, value_name = "DIR")]
    sources: Vec<PathBuf>,
    /// Only events since then: RFC 3339, now-1h, or a number since 1970.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,
    /// Only events before then.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,
    /// Only alerts that are at least so bad: informational, low, medium, high or critical.
    #[arg(long, value_name = "LEVEL", default_value = "informational", value_parser = level)]
    level: Level,
}

/// How alerts are printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Print {
    /// A table for people.
    Table,
    /// One alert a line.
    Json,
    /// A SARIF 2.1.0 document.
    Sarif,
}

fn input_format(name: &str) -> Result<Format, String> {
    Format::from_name(name).ok_or_else(|| format!("use one of {}", Format::NAMES.join(", ")))
}

fn level(name: &str) -> Result<Level, String> {
    Level::from_name(name).ok_or_else(|| "use informational, low, medium, high or critical".to_owned())
}

impl Detect {
    /// Reads the files, prints the alerts.
    pub fn run(self) -> Outcome {
        let moment = |text: &Option<String>| match text {
            Some(text) => time::parse(text, now()).map(Some).map_err(|error| wrong_use(anyhow!(error.message))),
            None => Ok(None),
        };
        let (since, until) = (moment(&self.since)?, moment(&self.until)?);
        let files = files(&self.files)?;
        let wait = Progress::start("detecting");
        let (detector, unused) = rules::read(&self.rules, &self.sources)?;
        let mut work = Work::new(detector, now(), since..until);
        for file in &files {
            work.file(file, self.input_format);
        }
        let mut alerts = work.alerts();
        alerts.retain(|alert| alert.level >= self.level);
        drop(wait);
        show::print(&alerts, &work.detector, self.format)?;
        rules::tell(&work.detector, &unused, work.seen());
        work.tell(alerts.len(), files.len());
        match (work.broken(), alerts.is_empty()) {
            (true, _) => Err(Failure { code: INCOMPLETE, error: anyhow!("not everything was read") }),
            (false, false) => Err(Failure { code: FOUND, error: anyhow!("{} alerts", alerts.len()) }),
            (false, true) => Ok(()),
        }
    }
}

/// The files that are named, those of folders in the order of their names.
fn files(named: &[PathBuf]) -> Outcome<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in named {
        if path.as_os_str() != "-" && path.is_dir() {
            below(path, 0, &mut files).map_err(wrong_use)?;
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn below(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let name = || format!("cannot list {}", folder.display());
    let mut entries =
        std::fs::read_dir(folder).with_context(name)?.collect::<Result<Vec<_>, _>>().with_context(name)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        // Links are not followed, and what is hidden is no log.
        let kind = entry.file_type().with_context(name)?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if kind.is_dir() && depth < MAX_DEPTH {
            below(&entry.path(), depth + 1, files)?;
        } else if kind.is_file() {
            if files.len() >= MAX_FILES {
                anyhow::bail!("{}: more than {MAX_FILES} files; name fewer", folder.display());
            }
            files.push(entry.path());
        }
    }
    Ok(())
}

/// A line to standard error.
fn note(text: &str) {
    output::complain(&output::plain(text));
}

#[cfg(test)]
mod tests;
