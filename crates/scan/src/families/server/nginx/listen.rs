//! Servers: where they listen, and whether they serve anything.

use super::config::{Config, Kind, Value};
use crate::limits::MAX_NGINX_LISTENS;

/// A `listen`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// Address and port, as they are told apart: `*:80`.
    pub address: String,
    /// By TLS.
    pub tls: bool,
    /// Of this address it is the default.
    pub default: bool,
    /// Only from this machine.
    pub local: bool,
}

/// Where a server listens; nginx's default is port 80.
pub fn listens(config: &Config<'_>, server: usize) -> Vec<Listen> {
    let all_tls = config.value(server, "ssl") == Value::Set("on");
    let one = |item: &super::config::Item<'_>| {
        let first = item.directive.arg(0);
        let has = |names: &[&str]| item.directive.args.iter().skip(1).any(|word| names.contains(&word.text.as_str()));
        let address = if first.bytes().all(|byte| byte.is_ascii_digit()) {
            format!("*:{first}")
        } else if first.starts_with("unix:") || first.rsplit_once(']').map_or(first, |(_, after)| after).contains(':') {
            first.to_owned()
        } else {
            format!("{first}:80")
        };
        Listen {
            tls: all_tls || has(&["ssl", "quic", "http3"]),
            default: has(&["default_server", "default"]),
            local: ["127.", "localhost", "[::1]", "unix:"].iter().any(|start| first.starts_with(start)),
            address: address.replace("0.0.0.0:", "*:"),
        }
    };
    let all: Vec<Listen> = config.named(server, &["listen"]).take(MAX_NGINX_LISTENS).map(one).collect();
    if all.is_empty() {
        return vec![Listen { address: "*:80".to_owned(), tls: all_tls, default: false, local: false }];
    }
    all
}

/// The names of a server.
pub fn names<'c>(config: &'c Config<'_>, server: usize) -> Vec<&'c str> {
    let items = config.blocks[server].items.iter().filter(|item| item.directive.is("server_name"));
    items.flat_map(|item| item.directive.args.iter().map(|word| word.text.as_str())).collect()
}

/// Whether a server answers everything in one way, and serves nothing: `return` outside of locations, no handshake.
pub fn only_answers(config: &Config<'_>, server: usize) -> bool {
    config.named(server, &["return"]).next().is_some()
        || config.value(server, "ssl_reject_handshake") == Value::Set("on")
        || only_redirects(config, server)
}

/// Whether all locations of a server, but that for certificates, only return something.
fn only_redirects(config: &Config<'_>, server: usize) -> bool {
    let mut locations = config.named(server, &["location"]);
    let whole = config.named(server, &["rewrite"]).any(|item| {
        matches!(
            item.directive.arg(0),
            "^" | "^(.*)$" | "^(.*)" | "^/(.*)$" | "^/(.*)" | "(.*)" | ".*" | "^.*$" | "^.*"
        ) && item.directive.arg(1).starts_with("http")
    });
    let all = |item: &super::config::Item<'_>| {
        let block = item.block;
        item.directive.arg(0) == "/" && block.is_some_and(|block| config.named(block, &["return"]).next().is_some())
    };
    if !config.named(server, &["location"]).any(all) {
        return whole;
    }
    whole
        || locations.all(|location| {
            location.directive.args.iter().any(|word| word.text.contains("well-known"))
                || location.block.is_some_and(|block| {
                    config.named(block, &["return"]).next().is_some()
                        || config.named(block, &["deny"]).any(|of| of.directive.arg(0) == "all")
                })
        })
}

/// Whether who asks for a block's answers comes only from this machine.
pub fn is_local(config: &Config<'_>, block: usize) -> bool {
    config.nearest(block, Kind::Server).is_some_and(|server| listens(config, server).iter().all(|listen| listen.local))
}
