#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| decoders::gate_autoscaler(data));
