#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| decoders::json_lines(data));
