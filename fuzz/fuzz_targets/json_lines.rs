//! JSON lines: never panics, and every line is either a row or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::Context;
use receive::json_lines::{Mapping, decode};
use receive::redact::Redactor;

fuzz_target!(|data: &[u8]| {
    let context = Context::new("default", "json", 1_795_246_176_000_000_000);
    if let Ok(decoded) = decode(data, &Mapping::default(), &context, &Redactor::none()) {
        let lines = data.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii_end().is_empty()).count();
        assert_eq!(decoded.accepted + decoded.rejected, lines);
        assert_eq!(decoded.batches.iter().map(|batch| batch.len()).sum::<usize>(), decoded.accepted);
    }
});
