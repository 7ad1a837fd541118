//! The log of the Linux audit system: the records of one event joined by their serial, encoded values decoded.
//!
//! An event has the fields of all its records, so `type` has several values. Of its own there are `audit.serial`,
//! `process.command_line` (the arguments of EXECVE), `SYSCALL` (the name of a number), and address and port of SOCKADDR
//! as `destination.address` and `destination.port`.

use super::lines::Lines;
use super::{Bad, Out, saddr, syscalls};
use crate::event::{PlainEvent, Scalar};
use crate::limits::{MAX_AUDIT_ARGUMENTS, MAX_AUDIT_OPEN, MAX_EVENT_BYTES};
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, BufRead};

/// Fields whose values are in hexadecimal where they are not in quotes.
const ENCODED: [&str; 19] = [
    "name",
    "exe",
    "comm",
    "cwd",
    "proctitle",
    "cmd",
    "acct",
    "data",
    "key",
    "path",
    "dir",
    "watch",
    "file",
    "ocomm",
    "vm",
    "new-disk",
    "old-disk",
    "grp",
    "new_group",
];

/// An event of which more records may come.
struct Open {
    node: Option<String>,
    serial: u64,
    line: u64,
    bytes: usize,
    done: bool,
    event: PlainEvent,
    arguments: BTreeMap<u32, String>,
}

pub(super) fn read(input: impl BufRead, out: &mut Out<'_, '_>) -> io::Result<()> {
    let mut lines = Lines::new(input);
    // In the order of their first records, in which they are handed out.
    let mut open: VecDeque<Open> = VecDeque::new();
    while let Some(line) = lines.next(out)? {
        let (text, number) = (line.text, line.number);
        if text.trim().is_empty() || text.trim() == "----" {
            continue;
        }
        if let Err((column, reason)) = record(text, number, &mut open) {
            out.bad(Bad { line: number, column, reason });
        }
        while open.front().is_some_and(|first| first.done) || open.len() > MAX_AUDIT_OPEN {
            hand_out(&mut open, out);
        }
        if out.stopped {
            return Ok(());
        }
    }
    while !open.is_empty() {
        hand_out(&mut open, out);
    }
    Ok(())
}

fn hand_out(open: &mut VecDeque<Open>, out: &mut Out<'_, '_>) {
    let Some(mut first) = open.pop_front() else { return };
    if !first.arguments.is_empty() {
        let all: Vec<&str> = first.arguments.values().map(String::as_str).collect();
        put(&mut first.event, "process.command_line", all.join(" "));
    }
    for (index, argument) in first.arguments {
        put(&mut first.event, &format!("a{index}"), argument);
    }
    if !first.event.fields.is_empty() {
        out.event(first.event, first.line);
    }
}

fn put(event: &mut PlainEvent, path: &str, value: impl Into<String>) {
    event.fields.push((path.to_owned(), Scalar::Text(value.into())));
}

/// Adds a record to its event.
fn record(text: &str, number: u64, open: &mut VecDeque<Open>) -> Result<(), (u64, String)> {
    let no = |reason: &str| (1, format!("{reason}: expected type=... msg=audit(time:serial): ..."));
    let stamp = text.find("msg=audit(").ok_or_else(|| no("no record of the audit system"))?;
    let kind = text[..stamp].rsplit("type=").next().filter(|kind| kind.len() < stamp).map(str::trim);
    let kind = kind.filter(|kind| !kind.is_empty()).ok_or_else(|| no("the record has no type"))?;
    let rest = &text[stamp + "msg=audit(".len()..];
    let (stamp, body) = rest.split_once(')').ok_or_else(|| no("the time and serial have no end"))?;
    let (time, serial) = stamp.rsplit_once(':').ok_or_else(|| no("there is no serial"))?;
    let serial: u64 = serial.parse().map_err(|_| no("the serial is no number"))?;
    let time = nanos(time).ok_or_else(|| no("the time is no number of seconds"))?;
    let node = text.find("node=").filter(|at| *at < text.len() - rest.len());
    let node = node.map(|at| text[at + 5..].split_whitespace().next().unwrap_or_default().to_owned());
    let at = open
        .iter()
        .position(|event| event.serial == serial && event.event.timestamp == Some(time) && event.node == node);
    let event = match at {
        Some(at) => &mut open[at],
        None => {
            let mut event = PlainEvent { timestamp: Some(time), ..PlainEvent::default() };
            event.fields.push(("audit.serial".to_owned(), Scalar::Int(serial as i64)));
            if let Some(node) = &node {
                put(&mut event, "node", node.clone());
            }
            open.push_back(Open {
                node,
                serial,
                line: number,
                bytes: 0,
                done: false,
                event,
                arguments: BTreeMap::new(),
            });
            let last = open.len() - 1;
            &mut open[last]
        }
    };
    event.bytes += text.len();
    if event.bytes > MAX_EVENT_BYTES {
        return Err((1, format!("the records of one event have more than {MAX_EVENT_BYTES} bytes (MAX_EVENT_BYTES)")));
    }
    // The kernel ends an event with EOE, or with PROCTITLE where nobody writes that; what programs report is one record.
    let alone =
        ["USER_", "CRED_", "ADD_", "DEL_", "SERVICE_", "SYSTEM_", "DAEMON_", "CRYPTO_", "ACCT_", "GRP_", "CHUSER_"];
    event.done |= matches!(kind, "EOE" | "PROCTITLE") || alone.iter().any(|start| kind.starts_with(start));
    if kind != "EOE" {
        event.add(kind, body.trim_start_matches(':'));
    }
    Ok(())
}

impl Open {
    fn add(&mut self, kind: &str, body: &str) {
        let known = self.event.values("type").any(|value| matches!(value, Scalar::Text(text) if text == kind));
        if !known {
            put(&mut self.event, "type", kind);
        }
        let (mut number, mut arch, mut named) = (None, None, false);
        let mut parts = Pairs { rest: body };
        while let Some((key, value)) = parts.next() {
            match (key, &value) {
                ("syscall", Value::Bare(text)) => number = text.parse::<u32>().ok(),
                ("arch", Value::Bare(text)) => arch = u32::from_str_radix(text, 16).ok(),
                ("SYSCALL", _) => named = true,
                _ => {}
            }
            self.pair(kind, key, value);
        }
        let name = number.zip(arch).and_then(|(number, arch)| syscalls::name(arch, number));
        if let Some(name) = name.filter(|_| !named) {
            put(&mut self.event, "SYSCALL", name);
        }
    }

    fn pair(&mut self, kind: &str, key: &str, value: Value<'_>) {
        match value {
            Value::Inner(text) => {
                // What a program reports stands in one value: `msg='op=login acct="root"'`.
                let mut inner = Pairs { rest: text };
                let mut any = false;
                while let Some((key, value)) = inner.next() {
                    any = true;
                    if !matches!(value, Value::Inner(_)) {
                        self.pair(kind, key, value);
                    }
                }
                if !any {
                    put(&mut self.event, key, text);
                }
            }
            Value::Bare("(null)" | "(none)" | "?" | "") => {}
            Value::Bare(text) if kind == "EXECVE" && is_argument(key) => self.argument(key, &decoded(text)),
            Value::Quoted(text) if kind == "EXECVE" && is_argument(key) => self.argument(key, text),
            Value::Bare(text) if key == "saddr" => {
                put(&mut self.event, key, text);
                if let Some((address, port)) = saddr::read(text) {
                    put(&mut self.event, "destination.address", address);
                    if let Some(port) = port {
                        self.event.fields.push(("destination.port".to_owned(), Scalar::Int(port.into())));
                    }
                }
            }
            Value::Bare(text) if ENCODED.contains(&key) => {
                let text = decoded(text);
                match key {
                    "proctitle" => put(&mut self.event, key, text.replace('\0', " ")),
                    // Several keys are parted by this character.
                    "key" => text.split('\u{1}').for_each(|one| put(&mut self.event, key, one)),
                    _ => put(&mut self.event, key, text),
                }
            }
            Value::Bare(text) | Value::Quoted(text) => put(&mut self.event, key, text),
        }
    }

    /// An argument, or a part of a long one: `a1`, `a1[0]`.
    fn argument(&mut self, key: &str, text: &str) {
        let index = key[1..].split('[').next().and_then(|digits| digits.parse().ok());
        let Some(index) = index else { return };
        if self.arguments.len() < MAX_AUDIT_ARGUMENTS || self.arguments.contains_key(&index) {
            self.arguments.entry(index).or_default().push_str(text);
        }
    }
}

/// `a0`, `a12`, `a1[3]`; not `a1_len` and `argc`.
fn is_argument(key: &str) -> bool {
    let rest = key.strip_prefix('a').unwrap_or_default();
    rest.starts_with(|letter: char| letter.is_ascii_digit())
        && rest.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '[' | ']'))
}

/// Seconds and milliseconds to nanoseconds.
fn nanos(time: &str) -> Option<i64> {
    let (seconds, part) = time.split_once('.').unwrap_or((time, "0"));
    let part = part.get(..part.len().min(9))?;
    let scale = 10_i64.pow(9 - part.len() as u32);
    let part = part.parse::<u32>().ok()?;
    seconds.parse::<u32>().ok().map(|seconds| i64::from(seconds) * 1_000_000_000 + i64::from(part) * scale)
}

/// What hexadecimal digits in upper case say; any other text as it is.
fn decoded(text: &str) -> String {
    let hex = text.len() >= 2
        && text.len().is_multiple_of(2)
        && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'));
    match hex {
        true => String::from_utf8_lossy(&saddr::bytes(text)).into_owned(),
        false => text.to_owned(),
    }
}

/// A value as it is written.
enum Value<'v> {
    Bare(&'v str),
    /// In double quotes.
    Quoted(&'v str),
    /// In single quotes, with pairs of its own.
    Inner(&'v str),
}

/// `key=value` one after the other; words without `=` are skipped.
struct Pairs<'v> {
    rest: &'v str,
}

impl<'v> Pairs<'v> {
    fn next(&mut self) -> Option<(&'v str, Value<'v>)> {
        // What an enriched log adds is parted by this character.
        let space = |letter: char| letter.is_whitespace() || matches!(letter, '\u{1d}' | ',' | '{' | '}');
        loop {
            self.rest = self.rest.trim_start_matches(space);
            if self.rest.is_empty() {
                return None;
            }
            let end = self.rest.find(|letter| letter == '=' || space(letter)).unwrap_or(self.rest.len());
            let key = &self.rest[..end];
            let Some(behind) = self.rest[end..].strip_prefix('=') else {
                self.rest = &self.rest[end..];
                continue;
            };
            let quoted = |quote: char| behind.strip_prefix(quote).and_then(|inner| inner.split_once(quote));
            let value = if let Some((inner, rest)) = quoted('"') {
                self.rest = rest;
                Value::Quoted(inner)
            } else if let Some((inner, rest)) = quoted('\'') {
                self.rest = rest;
                Value::Inner(inner)
            } else {
                let bare = |letter: char| letter.is_whitespace() || letter == '\u{1d}';
                let end = behind.find(bare).unwrap_or(behind.len());
                self.rest = &behind[end..];
                Value::Bare(&behind[..end])
            };
            if !key.is_empty() {
                return Some((key, value));
            }
        }
    }
}
