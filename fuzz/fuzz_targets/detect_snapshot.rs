#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| decoders::detect_snapshot(data));
