//! The token index of an event file.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::postings(data));
