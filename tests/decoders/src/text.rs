//! Texts and lines: what holds whatever comes.

use model::Context;
use model::limits::{MAX_COMPRESSION_RATIO, MAX_DECOMPRESSED_BYTES, RATIO_FREE_BYTES};
use receive::elastic::{bulk, response_json};
use receive::json_lines::{self, Mapping};
use receive::lines::{Format, LineOrigin, decode_lines};
use receive::redact::MASK;
use receive::syslog::{self, Framer};
use receive::{Counts, Redactor, body};
use std::io::Write as _;

const FORMATS: [Format; 6] =
    [Format::Auto, Format::Json, Format::Logfmt, Format::Access, Format::Syslog, Format::Plain];

thread_local! {
    static REDACTOR: Redactor = Redactor::default_rules();
}

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

const ENCODINGS: [Option<&str>; 5] = [Some("gzip"), Some("deflate"), Some("zstd"), None, Some("br")];

fn packed(plain: &[u8], encoding: &str) -> Vec<u8> {
    let level = flate2::Compression::fast();
    match encoding {
        "gzip" => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
            encoder.write_all(plain).and_then(|()| encoder.finish())
        }
        "deflate" => {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
            encoder.write_all(plain).and_then(|()| encoder.finish())
        }
        _ => zstd::encode_all(plain, 1),
    }
    .expect("memory is written to")
}

/// `_bulk`: never panics, answers every item, and the answer is JSON.
pub fn elastic_bulk(data: &[u8]) {
    let context = Context::new("default", "elasticsearch", 1_795_246_176_000_000_000);
    if let Ok(read) = bulk(data, Some("logs"), &context, &Redactor::none()) {
        assert_eq!(read.items.len(), read.decoded.accepted + read.decoded.rejected);
        let answer = response_json(&read, 1);
        assert!(model::Value::from_json(&answer).is_some(), "{answer}");
    }
}

/// JSON lines: never panics, and every line is either a row or refused.
pub fn json_lines(data: &[u8]) {
    let context = Context::new("default", "json", 1_795_246_176_000_000_000);
    if let Ok(decoded) = json_lines::decode(data, &Mapping::default(), &context, &Redactor::none()) {
        let lines = data.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii_end().is_empty()).count();
        assert_eq!(decoded.accepted + decoded.rejected, lines);
        assert_eq!(decoded.batches.iter().map(|batch| batch.len()).sum::<usize>(), decoded.accepted);
    }
}

/// Line formats: the first byte picks one; no line panics or is lost.
pub fn line_formats(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let format = FORMATS[usize::from(*first) % FORMATS.len()];
    let context = Context::new("default", "file", 1_795_246_176_000_000_000);
    let lines = || rest.split(|byte| *byte == b'\n');
    let decoded = decode_lines(lines(), format, &context, &LineOrigin::default(), &Redactor::none());
    let wanted = lines().filter(|line| !line.trim_ascii_end().is_empty()).count();
    assert_eq!((decoded.accepted, decoded.rejected), (wanted, 0));
}

/// Masking: never panics, counts what it does, and masking twice changes nothing.
pub fn redact(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    REDACTOR.with(|redactor| {
        let mut counts = Counts::default();
        let once = redactor.text(&text, &mut counts);
        assert_eq!(once != text, counts.redacted > 0);
        assert!(counts.redacted == 0 || once.contains(MASK));
        assert_eq!(redactor.text(&once, &mut Counts::default()), once, "{text:?}");
        let (key, value) = text.split_once('=').unwrap_or((&text, &text));
        let masked = redactor.attribute(key, value, &mut counts);
        if redactor.is_secret_key(key) && !value.is_empty() {
            assert_eq!(masked, MASK);
        }
        assert_eq!(redactor.attribute(key, &masked, &mut Counts::default()), masked);
    });
}

/// Syslog: no message panics or is lost, and framing does not depend on how the stream is cut.
pub fn syslog(data: &[u8]) {
    let context = Context::new("default", "syslog", 1_795_246_176_000_000_000);
    let messages = frames(&[data]);
    let at = data.first().map_or(0, |byte| usize::from(*byte).min(data.len()));
    assert_eq!(frames(&[&data[..at], &data[at..]]), messages);
    let borrowed: Vec<&[u8]> = messages.iter().map(Vec::as_slice).chain([data]).collect();
    let decoded = syslog::decode(&borrowed, "192.0.2.1", &context, &Redactor::none());
    let blank = |message: &&&[u8]| !message.iter().all(|byte| matches!(byte, b'\n' | b'\r' | 0));
    assert_eq!(decoded.accepted, borrowed.iter().filter(blank).count());
}

/// Compressed bodies: the first byte picks the encoding; the limits hold, and what was packed is unpacked.
pub fn decompress(data: &[u8]) {
    let Some((first, bytes)) = data.split_first() else { return };
    let encoding = ENCODINGS[usize::from(*first) % ENCODINGS.len()];
    if let Ok(out) = body::decompress(bytes, encoding) {
        assert!(out.len() <= MAX_DECOMPRESSED_BYTES);
        assert!(out.len() <= RATIO_FREE_BYTES || out.len() / bytes.len() <= MAX_COMPRESSION_RATIO);
    }
    if let Some(encoding @ ("gzip" | "deflate" | "zstd")) = encoding {
        assert_eq!(*body::decompress(&packed(bytes, encoding), Some(encoding)).expect("was packed"), *bytes);
    }
}
