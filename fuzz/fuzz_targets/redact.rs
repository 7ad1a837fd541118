//! Masking: never panics, counts what it does, and masking twice changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use receive::redact::MASK;
use receive::{Counts, Redactor};

thread_local! {
    static REDACTOR: Redactor = Redactor::default_rules();
}

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    REDACTOR.with(|redactor| {
        let mut counts = Counts::default();
        let once = redactor.text(&text, &mut counts);
        assert_eq!(once != text, counts.redacted > 0);
        assert!(counts.redacted == 0 || once.contains(MASK));
        assert_eq!(redactor.text(&once, &mut Counts::default()), once, "{text:?}");
        let (key, value) = text.split_once('=').unwrap_or((&text, &text));
        let masked = redactor.attribute(key, value, &mut counts);
        if redactor.is_secret_key(key) && !value.is_empty() {
            assert_eq!(masked, MASK);
        }
        assert_eq!(redactor.attribute(key, &masked, &mut Counts::default()), masked);
    });
});
