//! `_bulk`: never panics, answers every item, and the answer is JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::Context;
use receive::elastic::{bulk, response_json};
use receive::redact::Redactor;

fuzz_target!(|data: &[u8]| {
    let context = Context::new("default", "elasticsearch", 1_795_246_176_000_000_000);
    if let Ok(read) = bulk(data, Some("logs"), &context, &Redactor::none()) {
        assert_eq!(read.items.len(), read.decoded.accepted + read.decoded.rejected);
        let answer = response_json(&read, 1);
        assert!(model::Value::from_json(&answer).is_some(), "{answer}");
    }
});
