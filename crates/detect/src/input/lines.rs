//! Lines of a file, bounded.

use super::{Bad, Out};
use crate::limits::MAX_EVENT_BYTES;
use std::borrow::Cow;
use std::io::{self, BufRead, Read};

/// A reader that refuses to give more than so many bytes: a packed file may have no end.
pub(super) struct Capped<R> {
    input: R,
    left: u64,
    limit: u64,
}

impl<R> Capped<R> {
    pub fn new(input: R, limit: u64) -> Capped<R> {
        Capped { input, left: limit, limit }
    }
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => {
                let reason = format!("it has more than {} bytes (MAX_INPUT_BYTES): split it", self.limit);
                return Err(io::Error::other(reason));
            }
        }
        Ok(read)
    }
}

/// Lines one after the other.
pub(super) struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    text: String,
    number: u64,
}

/// A line.
#[derive(Debug)]
pub(super) struct Line<'l> {
    /// Without its end; bytes that are no UTF-8 are replaced.
    pub text: &'l str,
    /// From 1.
    pub number: u64,
}

impl<R: BufRead> Lines<R> {
    pub fn new(input: R) -> Lines<R> {
        Lines { input, buffer: Vec::new(), text: String::new(), number: 0 }
    }

    /// The next line; one that is too long is told of and left out.
    pub fn next(&mut self, out: &mut Out<'_, '_>) -> io::Result<Option<Line<'_>>> {
        loop {
            self.buffer.clear();
            self.number += 1;
            let limit = MAX_EVENT_BYTES as u64 + 2;
            if self.input.by_ref().take(limit).read_until(b'\n', &mut self.buffer)? == 0 {
                return Ok(None);
            }
            if self.buffer.len() as u64 == limit && self.buffer.last() != Some(&b'\n') {
                let reason = format!("the line has more than {MAX_EVENT_BYTES} bytes (MAX_EVENT_BYTES)");
                out.bad(Bad { line: self.number, column: MAX_EVENT_BYTES as u64, reason });
                self.input.skip_until(b'\n')?;
                continue;
            }
            break;
        }
        while self.buffer.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            self.buffer.pop();
        }
        let text = match String::from_utf8_lossy(&self.buffer) {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => {
                self.text = text;
                &self.text
            }
        };
        Ok(Some(Line { text, number: self.number }))
    }
}
