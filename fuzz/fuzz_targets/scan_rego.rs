#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| decoders::scan_rego(data));
