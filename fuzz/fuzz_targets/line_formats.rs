//! Line formats: the first byte picks one; no line panics or is lost.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::Context;
use receive::lines::{Format, LineOrigin, decode_lines};
use receive::redact::Redactor;

const FORMATS: [Format; 6] =
    [Format::Auto, Format::Json, Format::Logfmt, Format::Access, Format::Syslog, Format::Plain];

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let format = FORMATS[usize::from(*first) % FORMATS.len()];
    let context = Context::new("default", "file", 1_795_246_176_000_000_000);
    let lines = || rest.split(|byte| *byte == b'\n');
    let decoded = decode_lines(lines(), format, &context, &LineOrigin::default(), &Redactor::none());
    let wanted = lines().filter(|line| !line.trim_ascii_end().is_empty()).count();
    assert_eq!((decoded.accepted, decoded.rejected), (wanted, 0));
});
