//! Stand-ins until the oracle lands.
use crate::rule::{Comparison, TimePart};
use ipnet::IpNet;
pub(super) fn regex(pattern: &str) -> Result<regex::Regex, String> {
    regex::RegexBuilder::new(pattern).size_limit(1 << 20).dfa_size_limit(1 << 18).build().map_err(|e| e.to_string())
}
pub(super) fn in_network(text: &str, network: &IpNet) -> bool {
    text.trim().parse::<std::net::IpAddr>().is_ok_and(|a| network.contains(&a))
}
pub(super) fn compares(c: Comparison, left: f64, right: f64) -> bool {
    match c {
        Comparison::Less => left < right,
        Comparison::LessOrEqual => left <= right,
        Comparison::Greater => left > right,
        Comparison::GreaterOrEqual => left >= right,
        Comparison::Equal => left == right,
        Comparison::NotEqual => left != right,
    }
}
pub(super) fn time_part(_: TimePart, _: &super::slots::Slots, _: &super::slots::Value) -> Option<i64> {
    None
}
