//! Kernels of the SQL functions that the language lowers to, on one value each.

use ipnet::IpNet;
use regex::{Regex, RegexBuilder};
use std::net::IpAddr;

/// Compiled size of a regular expression; patterns people write stay far below.
pub const MAX_REGEX_BYTES: usize = 1024 * 1024;

/// Compiles a regular expression, bounded in size; matching is linear in time.
pub fn regex(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .size_limit(MAX_REGEX_BYTES)
        .dfa_size_limit(MAX_REGEX_BYTES)
        .build()
        .map_err(|error| format!("the regular expression {pattern:?} cannot be used: {error}"))
}

/// Reads a network such as `10.0.0.0/8`, or a single address.
pub fn network(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Whether a text is an address in the network; a port or brackets around it do not matter.
pub fn in_network(text: &str, network: &IpNet) -> bool {
    let text = text.trim();
    let address =
        text.parse::<IpAddr>().ok().or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip()));
    address.is_some_and(|address| network.contains(&address))
}
