//! OTLP as JSON: the first byte picks logs, traces or metrics; nothing panics or gets out of shape.
#![no_main]

use libfuzzer_sys::fuzz_target;
use receive::Redactor;
use receive::otlp::{self, Encoding};

const DECODERS: [checks::Decode; 3] = [otlp::logs, otlp::traces, otlp::metrics];

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let decode = DECODERS[usize::from(*first) % DECODERS.len()];
    if let Ok(decoded) = decode(rest, Encoding::Json, &checks::context("otlp"), &Redactor::none()) {
        checks::well_formed(&decoded);
    }
});
