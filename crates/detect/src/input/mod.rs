//! Files to events, as they are read: what is held is one event, never the file.
//!
//! | file | reads |
//! |---|---|
//! | `json.rs` | one object |
//! | `values.rs` | arrays, objects over several lines, and the wrappers of exports |
//! | `lines.rs` | lines, bounded |
//! | `csv.rs` | tables with a head |
//! | `w3c.rs` | extended logs of web servers |
//! | `auditd.rs` | records of the Linux audit system, joined |
//! | `evtx/` | Windows event logs |
//! | `guess.rs` | which of them it is |
//!
//! What is bad in a file does not stop the rest: it is counted, and the first of it is told with line and column.

mod auditd;
mod csv;
mod evtx;
mod guess;
mod json;
mod lines;
mod saddr;
mod syscalls;
mod values;
mod w3c;

pub use json::object;

use crate::event::PlainEvent;
use crate::limits::{MAX_BAD_TOLD, MAX_INPUT_BYTES};
use std::fmt;
use std::io::{self, BufReader, Cursor, Read};
use std::ops::ControlFlow;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON: one object a line, an array, objects over several lines, or an array under `Records` and the like.
    Json,
    /// A table whose first line names the columns, cut by commas, semicolons or tabs.
    Csv,
    /// A Windows event log file.
    Evtx,
    /// The log of the Linux audit system.
    Auditd,
    /// W3C extended log, as IIS writes it.
    W3c,
    /// Lines of text; whoever called makes events of them.
    Text,
}

impl Format {
    /// Names that [`Format::from_name`] knows, for messages.
    pub const NAMES: [&'static str; 6] = ["json", "csv", "evtx", "auditd", "w3c", "text"];

    /// The format called so.
    pub fn from_name(name: &str) -> Option<Format> {
        Some(match name {
            "json" => Format::Json,
            "csv" => Format::Csv,
            "evtx" => Format::Evtx,
            "auditd" => Format::Auditd,
            "w3c" => Format::W3c,
            "text" => Format::Text,
            _ => return None,
        })
    }
}

/// What a file held.
#[derive(Debug)]
pub enum Item<'a> {
    /// An event.
    Event(PlainEvent),
    /// A line of text that is in none of the formats.
    Text(&'a str),
}

/// Something that is no event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// The line from 1, or the number of the record where there are no lines.
    pub line: u64,
    /// The column in bytes, from 1; 0 where there is none.
    pub column: u64,
    /// Why.
    pub reason: String,
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.reason)
    }
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How it was read.
    pub format: Format,
    /// Events and lines that were handed out.
    pub items: u64,
    /// What was no event.
    pub bad: u64,
    /// The first of it.
    pub first_bad: Vec<Bad>,
    /// Why it was not read to its end.
    pub broken: Option<String>,
}

/// Gets each item and its line, from 1 (of an EVTX file, the number of the record), until it says that it is enough.
pub type Take<'t> = dyn FnMut(Item<'_>, u64) -> ControlFlow<()> + 't;

/// Reads a file, a gzip of one, or standard input. Without a format it sees by the first bytes and by `name` what it is.
pub fn read(input: impl Read, name: &str, format: Option<Format>, take: &mut Take<'_>) -> Summary {
    let mut out = Out { take, summary: summary(format.unwrap_or(Format::Text)), stopped: false };
    let read = || -> io::Result<_> {
        let (head, input) = guess::head(input)?;
        let packed = head.starts_with(&[0x1f, 0x8b]);
        let input = Cursor::new(head).chain(input);
        let input: Box<dyn Read> =
            if packed { Box::new(flate2::read::MultiGzDecoder::new(input)) } else { Box::new(input) };
        guess::head(input)
    };
    let (head, input) = match read() {
        Ok(read) => read,
        Err(error) => return Summary { broken: Some(error.to_string()), ..out.summary },
    };
    let format = format.unwrap_or_else(|| guess::format(&head, name));
    out.summary.format = format;
    let skipped = guess::mark(&head);
    let input = Cursor::new(head[skipped..].to_vec()).chain(input);
    let input = BufReader::with_capacity(64 * 1024, lines::Capped::new(input, MAX_INPUT_BYTES));
    let done = match format {
        _ if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) => {
            Err(io::Error::other("it is UTF-16: convert it to UTF-8, such as by iconv -f UTF-16 -t UTF-8"))
        }
        Format::Json => values::read(input, &head[skipped..], &mut out),
        Format::Csv => csv::read(input, &head[skipped..], &mut out),
        Format::Evtx => evtx::read(input, &mut out),
        Format::Auditd => auditd::read(input, &mut out),
        Format::W3c => w3c::read(input, &mut out),
        Format::Text => text(input, &mut out),
    };
    out.summary.broken = done.err().map(|error| error.to_string());
    out.summary
}

fn summary(format: Format) -> Summary {
    Summary { format, items: 0, bad: 0, first_bad: Vec::new(), broken: None }
}

fn text(input: impl io::BufRead, out: &mut Out<'_, '_>) -> io::Result<()> {
    let mut lines = lines::Lines::new(input);
    while let Some(line) = lines.next(out)? {
        if !line.text.trim().is_empty() {
            out.item(Item::Text(line.text), line.number);
        }
        if out.stopped {
            break;
        }
    }
    Ok(())
}

/// Where readers put what they found.
struct Out<'o, 't> {
    take: &'o mut Take<'t>,
    summary: Summary,
    stopped: bool,
}

impl Out<'_, '_> {
    fn item(&mut self, item: Item<'_>, line: u64) {
        if !self.stopped {
            self.summary.items += 1;
            self.stopped = (self.take)(item, line).is_break();
        }
    }

    fn event(&mut self, event: PlainEvent, line: u64) {
        self.item(Item::Event(event), line);
    }

    fn bad(&mut self, bad: Bad) {
        self.summary.bad += 1;
        if self.summary.first_bad.len() < MAX_BAD_TOLD {
            self.summary.first_bad.push(bad);
        }
    }
}

#[cfg(test)]
mod tests;
