//! Tests of one value. The oracle has its own, written apart: the property test compares them.

use crate::limits::{MAX_REGEX_COMPILED_BYTES, MAX_REGEX_DEPTH};
use crate::rule::{Comparison, TimePart};
use chrono::{DateTime, Datelike as _, Timelike as _};
use ipnet::IpNet;
use model::fact::Nanos;
use regex::{Regex, RegexBuilder};
use std::net::IpAddr;

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

/// Whether a text is an address in a network. An address of IPv4 that is written as one of IPv6 counts as both.
pub(super) fn in_network(text: &str, network: &IpNet) -> bool {
    let Ok(address) = text.trim().parse::<IpAddr>() else { return false };
    network.contains(&address) || network.contains(&address.to_canonical())
}

/// Compares two numbers.
pub(super) fn compares(comparison: Comparison, left: f64, right: f64) -> bool {
    match comparison {
        Comparison::Less => left < right,
        Comparison::LessOrEqual => left <= right,
        Comparison::Greater => left > right,
        Comparison::GreaterOrEqual => left >= right,
        Comparison::Equal => left == right,
        Comparison::NotEqual => left != right,
    }
}

/// A part of a time.
pub(super) fn time_part(part: TimePart, nanos: Nanos) -> i64 {
    let time = DateTime::from_timestamp_nanos(nanos);
    match part {
        TimePart::Minute => time.minute().into(),
        TimePart::Hour => time.hour().into(),
        TimePart::Day => time.day().into(),
        TimePart::Week => time.iso_week().week().into(),
        TimePart::Month => time.month().into(),
        TimePart::Year => time.year().into(),
    }
}
