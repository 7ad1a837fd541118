//! JSON: a line each, or cut out of what stands around them.

use super::lines::Lines;
use super::{Bad, Out, object};
use crate::limits::MAX_EVENT_BYTES;
use std::io::{self, BufRead};

/// What exports put their events under, when it is the first key of the document.
const WRAPPERS: [&str; 6] = ["Records", "records", "events", "Events", "items", "value"];
/// A wrapper is looked for in so many bytes.
const WRAPPER_BYTES: usize = 64;

pub(super) fn read(input: impl BufRead, head: &[u8], out: &mut Out<'_, '_>) -> io::Result<()> {
    if is_lines(head) { lines(input, out) } else { values(input, out) }
}

/// Whether each line is an object: the first one is, or is none of the other forms.
fn is_lines(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    let end = memchr::memchr(b'\n', head);
    let first = &head[..end.unwrap_or(head.len())];
    if !first.starts_with(b"{") || first.iter().take(WRAPPER_BYTES).enumerate().any(|(at, _)| is_wrapper(&first[..=at]))
    {
        return false;
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(first) {
        Ok(_) => true,
        // A line that has not ended yet is a long one; one that ends too early is continued in the next.
        Err(error) => end.is_none() || !error.is_eof(),
    }
}

fn lines(input: impl BufRead, out: &mut Out<'_, '_>) -> io::Result<()> {
    let mut lines = Lines::new(input);
    while let Some(line) = lines.next(out)? {
        let text = line.text.trim();
        if text.is_empty() {
            continue;
        }
        let number = line.number;
        match object(text) {
            Ok(event) => out.event(event, number),
            Err(bad) => out.bad(Bad { line: number, ..bad }),
        }
        if out.stopped {
            break;
        }
    }
    Ok(())
}

/// Cuts objects out of a stream, by their brackets.
#[derive(Default)]
struct Cutter {
    object: Vec<u8>,
    /// Brackets that are open in the object.
    depth: u32,
    in_string: bool,
    escaped: bool,
    too_long: bool,
    /// Behind the list of a wrapper, where other members of it are no events.
    wrapped: bool,
    /// In something that is no object, and told.
    garbage: bool,
    line: u64,
    column: u64,
    start: (u64, u64),
}

fn values(mut input: impl BufRead, out: &mut Out<'_, '_>) -> io::Result<()> {
    let mut cutter = Cutter { line: 1, ..Cutter::default() };
    loop {
        let read = input.fill_buf()?;
        let length = read.len();
        if length == 0 {
            break;
        }
        for byte in read {
            cutter.byte(*byte, out);
            if out.stopped {
                return Ok(());
            }
        }
        input.consume(length);
    }
    if cutter.depth > 0 {
        let (line, column) = cutter.start;
        out.bad(Bad { line, column, reason: "the object that begins here has no end".to_owned() });
    }
    Ok(())
}

impl Cutter {
    fn byte(&mut self, byte: u8, out: &mut Out<'_, '_>) {
        self.column += 1;
        match self.depth {
            0 => self.between(byte, out),
            _ => self.within(byte, out),
        }
        if byte == b'\n' {
            (self.line, self.column) = (self.line + 1, 0);
        }
    }

    fn between(&mut self, byte: u8, out: &mut Out<'_, '_>) {
        match byte {
            b'{' => {
                self.start = (self.line, self.column);
                self.object.clear();
                self.object.push(byte);
                (self.depth, self.garbage, self.wrapped, self.too_long) = (1, false, false, false);
            }
            b',' | b'[' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n' => {}
            _ if self.garbage || self.wrapped => {}
            _ => {
                self.garbage = true;
                let reason = "expected an object: events are objects".to_owned();
                out.bad(Bad { line: self.line, column: self.column, reason });
            }
        }
        // What follows the end of a wrapper's list is its own.
        self.wrapped |= byte == b']';
    }

    fn within(&mut self, byte: u8, out: &mut Out<'_, '_>) {
        if self.object.len() < MAX_EVENT_BYTES {
            self.object.push(byte);
        } else {
            self.too_long = true;
        }
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' => self.depth = self.depth.saturating_add(1),
            b'[' if self.depth == 1 && is_wrapper(&self.object) => self.depth = 0,
            b'[' => self.depth = self.depth.saturating_add(1),
            b'}' | b']' => {
                self.depth -= 1;
                if self.depth == 0 {
                    self.end(out);
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, out: &mut Out<'_, '_>) {
        let (line, column) = self.start;
        if self.too_long {
            let reason = format!("the object has more than {MAX_EVENT_BYTES} bytes (MAX_EVENT_BYTES)");
            out.bad(Bad { line, column, reason });
            return;
        }
        match object(&String::from_utf8_lossy(&self.object)) {
            Ok(event) => out.event(event, line),
            Err(bad) => {
                let column = if bad.line == 0 { column + bad.column.saturating_sub(1) } else { bad.column };
                out.bad(Bad { line: line + bad.line, column, reason: bad.reason });
            }
        }
    }
}

/// Whether an object begins with the list that has the events: `{"Records": [`.
fn is_wrapper(start: &[u8]) -> bool {
    if start.len() > WRAPPER_BYTES {
        return false;
    }
    let without = start.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    let without = without.and_then(|rest| rest.strip_suffix(b"[")).map(<[u8]>::trim_ascii_end);
    let key = without.and_then(|rest| rest.strip_suffix(b":")).map(<[u8]>::trim_ascii);
    key.is_some_and(|key| WRAPPERS.iter().any(|name| *key == *format!("\"{name}\"").as_bytes()))
}
