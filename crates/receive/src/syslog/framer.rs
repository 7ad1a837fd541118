//! Syslog over a stream: octet-counted (RFC 6587) and newline or NUL framed, told apart per message.

use crate::error::DecodeError;
use model::limits::MAX_SYSLOG_BYTES;

/// Most bytes waiting between [`Framer::push`] and [`Framer::next`]: a few messages of the largest size.
pub const MAX_WAITING_BYTES: usize = 8 * MAX_SYSLOG_BYTES;
/// Most digits of an octet count; a longer number is the text of a line.
const MAX_COUNT_DIGITS: usize = 9;
/// Kept of a message that is too long: one byte more than allowed, by which the decoder sees that it was cut.
const KEPT: usize = MAX_SYSLOG_BYTES + 1;

/// Cuts a byte stream into messages.
///
/// After every [`Framer::push`] call [`Framer::next`] until it answers `None`. A message longer than
/// [`MAX_SYSLOG_BYTES`] is handed out as its first `MAX_SYSLOG_BYTES + 1` bytes and the rest is skipped,
/// so memory is bounded and the framing stays in step; [`super::decode`] cuts the last byte and marks it.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: Vec<u8>,
    /// Bytes of `buffer` already handed out.
    start: usize,
    /// Bytes after `start` known to hold no line end.
    scanned: usize,
    skip: Skip,
}

/// The rest of a message that was too long.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum Skip {
    #[default]
    Nothing,
    Bytes(usize),
    Line,
}

enum Head {
    /// Not enough bytes to tell.
    Unknown,
    /// An octet count: length of the count itself, then of the message.
    Counted(usize, usize),
    Line,
}

impl Framer {
    /// A framer at the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes as they came from the stream.
    ///
    /// # Errors
    /// When more than [`MAX_WAITING_BYTES`] wait: read in smaller pieces and take the messages in between.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        if self.buffer.len() + bytes.len() > MAX_WAITING_BYTES {
            return Err(DecodeError::TooLarge {
                limit_name: "syslog::framer::MAX_WAITING_BYTES",
                limit: MAX_WAITING_BYTES,
                remedy: "push fewer bytes at a time and take the messages in between",
            });
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    /// The next whole message, without its framing.
    #[expect(clippy::should_implement_trait, reason = "an iterator would end for good; this goes on after a push")]
    pub fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            self.skip_rest()?;
            let waiting = &self.buffer[self.start..];
            if matches!(waiting.first()?, b'\n' | b'\r' | 0) {
                self.start += 1;
                continue;
            }
            let message = match head(waiting) {
                Head::Unknown => return None,
                Head::Counted(head, length) => {
                    let kept = length.min(KEPT);
                    let message = waiting.get(head..head + kept)?.to_vec();
                    self.consume(head + kept);
                    if length > kept {
                        self.skip = Skip::Bytes(length - kept);
                    }
                    message
                }
                Head::Line => self.line()?,
            };
            if !message.is_empty() {
                return Some(message);
            }
        }
    }

    /// The end of the stream: what is left of a last message that no line end closed.
    pub fn finish(&mut self) -> Option<Vec<u8>> {
        let rest = match self.skip {
            Skip::Nothing => trim_return(&self.buffer[self.start..]).to_vec(),
            Skip::Bytes(_) | Skip::Line => Vec::new(),
        };
        *self = Self::default();
        (!rest.is_empty()).then_some(rest)
    }

    fn consume(&mut self, bytes: usize) {
        self.start += bytes;
        self.scanned = 0;
    }

    /// `None` while the rest of a long message is still to come.
    fn skip_rest(&mut self) -> Option<()> {
        let waiting = &self.buffer[self.start..];
        match self.skip {
            Skip::Nothing => return Some(()),
            Skip::Bytes(bytes) => {
                let now = bytes.min(waiting.len());
                self.consume(now);
                self.skip = if bytes > now { Skip::Bytes(bytes - now) } else { Skip::Nothing };
            }
            Skip::Line => match memchr::memchr2(b'\n', 0, waiting) {
                Some(end) => {
                    self.consume(end + 1);
                    self.skip = Skip::Nothing;
                }
                None => self.consume(waiting.len()),
            },
        }
        (self.skip == Skip::Nothing).then_some(())
    }

    fn line(&mut self) -> Option<Vec<u8>> {
        let waiting = &self.buffer[self.start..];
        let end = memchr::memchr2(b'\n', 0, &waiting[self.scanned..]).map(|end| end + self.scanned);
        match end {
            Some(end) if end <= MAX_SYSLOG_BYTES => {
                let message = trim_return(&waiting[..end]).to_vec();
                self.consume(end + 1);
                Some(message)
            }
            _ if waiting.len() > MAX_SYSLOG_BYTES => {
                let message = waiting[..KEPT].to_vec();
                self.consume(KEPT);
                self.skip = Skip::Line;
                Some(message)
            }
            _ => {
                self.scanned = waiting.len();
                None
            }
        }
    }
}

fn trim_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// How the message at the start of `waiting` is framed. A count is believed only when a priority follows,
/// so a line that begins with a number stays a line.
fn head(waiting: &[u8]) -> Head {
    let digits = waiting.iter().take(MAX_COUNT_DIGITS + 1).take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || digits > MAX_COUNT_DIGITS || waiting[0] == b'0' {
        return Head::Line;
    }
    match (waiting.get(digits), waiting.get(digits + 1)) {
        (None, _) | (Some(b' '), None) => Head::Unknown,
        (Some(b' '), Some(b'<')) => {
            let length = waiting[..digits].iter().fold(0, |length, digit| length * 10 + usize::from(digit - b'0'));
            Head::Counted(digits + 1, length)
        }
        _ => Head::Line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frames(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut framer = Framer::new();
        let mut messages = Vec::new();
        for piece in pieces {
            for part in piece.chunks(MAX_SYSLOG_BYTES) {
                framer.push(part).unwrap();
                while let Some(message) = framer.next() {
                    messages.push(message);
                }
            }
        }
        messages.extend(framer.finish());
        messages
    }

    #[test]
    fn both_framings_mix() {
        let stream =
            b"<13>one\n12 <13>two\nlines\n12 <13>threeee\n<13>four\r\n<13>five\09 monkeys\n123 \n7 <13>six\n\n<13>end";
        let shown: Vec<String> = frames(&[stream]).iter().map(|m| String::from_utf8_lossy(m).into_owned()).collect();
        let wanted = [
            "<13>one",
            "<13>two\nline",
            "s",
            "<13>threeee\n",
            "<13>four",
            "<13>five",
            "9 monkeys",
            "123 ",
            "<13>six",
            "<13>end",
        ];
        assert_eq!(shown, wanted);
    }

    #[test]
    fn every_split_gives_the_same() {
        let stream = b"<13>one\n14 <13>two\nlines!\n<14>three\r\n42\n8 <1>\xff\0\n.\n000 x\n5 <1>a\n";
        let whole = frames(&[stream]);
        for first in 0..=stream.len() {
            for second in first..=stream.len() {
                let split = frames(&[&stream[..first], &stream[first..second], &stream[second..]]);
                assert_eq!(split, whole, "split at {first} and {second}");
            }
        }
    }

    #[test]
    fn long_messages_are_cut_and_the_next_is_found() {
        let long = "x".repeat(3 * MAX_SYSLOG_BYTES);
        let stream = format!("<13>{long}\n<13>a\n{} <13>{long}<13>b\n", long.len() + 4);
        let messages = frames(&[stream.as_bytes()]);
        let lengths: Vec<usize> = messages.iter().map(Vec::len).collect();
        assert_eq!(lengths, [KEPT, 5, KEPT, 5]);
        assert_eq!(messages[3], b"<13>b");
        for step in [1000, 4096, MAX_SYSLOG_BYTES - 1] {
            let pieces: Vec<&[u8]> = stream.as_bytes().chunks(step).collect();
            assert_eq!(frames(&pieces), messages, "pieces of {step}");
        }
    }

    #[test]
    fn what_is_not_taken_is_refused() {
        let mut framer = Framer::new();
        framer.push(&vec![b'x'; MAX_WAITING_BYTES]).unwrap();
        assert!(framer.push(b"x").is_err());
        while framer.next().is_some() {}
        framer.push(b"\n<13>next\n").unwrap();
        assert_eq!(framer.next().unwrap(), b"<13>next");
    }

    proptest! {
        #[test]
        fn splits_of_anything_give_the_same(
            stream in proptest::collection::vec(prop_oneof![
                Just(b'\n'), Just(0u8), Just(b'<'), Just(b' '), Just(b'1'), Just(b'\r'), any::<u8>()
            ], 0..120),
            at in 0usize..120,
        ) {
            let at = at.min(stream.len());
            let bytewise: Vec<&[u8]> = stream.chunks(1).collect();
            let whole = frames(&[&stream]);
            prop_assert_eq!(frames(&[&stream[..at], &stream[at..]]), whole.clone());
            prop_assert_eq!(frames(&bytewise), whole);
        }
    }
}
