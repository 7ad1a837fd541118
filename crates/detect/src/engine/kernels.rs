//! Tests of one value that are dear.

use crate::limits::{MAX_REGEX_COMPILED_BYTES, MAX_REGEX_DEPTH};
use regex::{Regex, RegexBuilder};

/// Compiles a regular expression. Its automaton's cache is small, as there may be thousands.
pub(super) fn regex(pattern: &str) -> Result<Regex, String> {
    let mut builder = RegexBuilder::new(pattern);
    builder.size_limit(MAX_REGEX_COMPILED_BYTES).dfa_size_limit(REGEX_CACHE_BYTES).nest_limit(MAX_REGEX_DEPTH);
    builder.build().map_err(|error| {
        let text = error.to_string();
        let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
        format!("the regular expression {pattern:?} cannot be used: {reason}")
    })
}

/// What one regular expression may keep of what it saw, a thread.
const REGEX_CACHE_BYTES: usize = 256 * 1024;
