//! Syslog: no message panics or is lost, and framing does not depend on how the stream is cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::Context;
use receive::redact::Redactor;
use receive::syslog::{Framer, decode};

fn frames(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut framer = Framer::new();
    let mut messages = Vec::new();
    for piece in pieces {
        for part in piece.chunks(1024) {
            framer.push(part).expect("everything before was taken");
            while let Some(message) = framer.next() {
                messages.push(message);
            }
        }
    }
    messages.extend(framer.finish());
    messages
}

fuzz_target!(|data: &[u8]| {
    let context = Context::new("default", "syslog", 1_795_246_176_000_000_000);
    let messages = frames(&[data]);
    let at = data.first().map_or(0, |byte| usize::from(*byte).min(data.len()));
    assert_eq!(frames(&[&data[..at], &data[at..]]), messages);
    let borrowed: Vec<&[u8]> = messages.iter().map(Vec::as_slice).chain([data]).collect();
    let decoded = decode(&borrowed, "192.0.2.1", &context, &Redactor::none());
    let blank = |message: &&&[u8]| !message.iter().all(|byte| matches!(byte, b'\n' | b'\r' | 0));
    assert_eq!(decoded.accepted, borrowed.iter().filter(blank).count());
});
