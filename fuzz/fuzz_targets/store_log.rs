//! A file of the write-ahead log.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::log_file(data));
