//! Where requests go on to, and what of a request goes into headers: variables that who asks decides.

use super::config::{Item, Kind, Value};
use super::facts::{Fact, Facts, Ground};
use super::vars::{Atom, may_hold};

/// Works out what is about one directive.
pub fn item(ground: &Ground<'_, '_>, at: usize, item: &Item<'_>, facts: &mut Facts) {
    let directive = item.directive;
    let last = directive.args.last().map_or("", |word| word.text.as_str());
    match directive.name.text.as_str() {
        "add_header" | "proxy_set_header" | "more_set_headers" => {
            let value = if directive.is("more_set_headers") { last } else { directive.arg(1) };
            facts.put(item, "splits", Fact::of(splits(ground, at, value)));
        }
        "return" => {
            let code = directive.arg(0);
            let redirects = matches!(code, "301" | "302" | "303" | "307" | "308") || directive.args.len() == 1;
            facts.put(item, "splits", Fact::of(redirects && splits(ground, at, last)));
        }
        "rewrite" => {
            let to = directive.arg(1);
            // nginx encodes groups in a redirect, and no variables.
            let redirects = matches!(directive.arg(2), "permanent" | "redirect")
                || to.starts_with("http")
                || to.starts_with("$scheme");
            facts.put(item, "splits", Fact::of(redirects && holds_uri(ground, at, to)));
        }
        "proxy_pass" | "grpc_pass" | "uwsgi_pass" | "fastcgi_pass" | "scgi_pass" => pass(ground, at, item, facts),
        _ => {}
    }
}

fn pass(ground: &Ground<'_, '_>, at: usize, item: &Item<'_>, facts: &mut Facts) {
    let directive = item.directive;
    let to = directive.arg(0);
    if directive.is("proxy_pass") {
        facts.put(item, "splits", Fact::of(splits(ground, at, to)));
    }
    let values = ground.variables.values(to, at);
    facts.put(item, "host_from_request", host(ground, at, &values));
    let secure = |value: &Vec<Atom>| match value.first() {
        Some(Atom::Text(text)) => ["https://", "grpcs://", "suwsgi://"].iter().any(|start| text.starts_with(start)),
        _ => false,
    };
    let local = |value: &Vec<Atom>| match value.first() {
        Some(Atom::Text(text)) => {
            let host = text.split_once("://").map_or("", |(_, host)| host);
            ["127.", "localhost", "[::1]", "unix:"].iter().any(|start| host.starts_with(start))
        }
        _ => false,
    };
    if ground.config.blocks[at].kind == Kind::Stream || !values.iter().any(|value| secure(value) && !local(value)) {
        return;
    }
    let verify = match directive.name.text.as_str() {
        "grpc_pass" => "grpc_ssl_verify",
        "uwsgi_pass" => "uwsgi_ssl_verify",
        _ => "proxy_ssl_verify",
    };
    let fact = match ground.config.value(at, verify) {
        Value::Set("on") => Fact::No,
        Value::Set("off") | Value::Absent => Fact::Yes,
        Value::Set(_) | Value::Open => Fact::Open,
    };
    facts.put(item, "upstream_unverified", fact);
}

/// Whether a value may hold an end of line that somebody sent.
fn splits(ground: &Ground<'_, '_>, at: usize, value: &str) -> bool {
    value.contains('$')
        && ground.variables.values(value, at).iter().flatten().any(|atom| match atom {
            Atom::Text(_) => false,
            Atom::Builtin(name) => is_decoded(name),
            Atom::Capture { group, of } => is_decoded(of) && may_hold(group, '\n'),
        })
}

fn holds_uri(ground: &Ground<'_, '_>, at: usize, value: &str) -> bool {
    let all = ground.variables.values(value, at);
    all.iter().flatten().any(|atom| matches!(atom, Atom::Builtin(name) if is_decoded(name)))
}

/// The path after decoding: `%0a` is an end of line in it.
fn is_decoded(name: &str) -> bool {
    matches!(name, "uri" | "document_uri")
}

/// Variables that who sends the request writes.
fn is_sent(name: &str) -> bool {
    ["http_", "arg_", "cookie_"].iter().any(|start| name.starts_with(start))
        || matches!(name, "args" | "query_string" | "host" | "request_uri" | "uri" | "document_uri" | "request_body")
}

/// Whether who sends the request decides which machine is asked.
fn host(ground: &Ground<'_, '_>, at: usize, values: &[Vec<Atom>]) -> Fact {
    let location = ground.config.nearest(at, Kind::Location);
    let internal = location.is_some_and(|location| {
        ground.config.named(location, &["internal"]).next().is_some()
            || ground.config.blocks[location].opened_by.is_some_and(|item| item.directive.arg(0).starts_with('@'))
    });
    Fact::of(!internal && values.iter().any(|value| decides_host(value)))
}

fn decides_host(value: &[Atom]) -> bool {
    let mut before = String::new();
    for (at, atom) in value.iter().enumerate() {
        let after = value.get(at + 1);
        match atom {
            Atom::Text(text) => {
                before.push_str(text);
                let host = before.split_once("://").map_or(before.as_str(), |(_, host)| host);
                if host.starts_with("unix:") || (before.contains("://") && host.contains(['/', '?'])) {
                    return false;
                }
            }
            Atom::Builtin(name) if name == "scheme" => before.push_str("http"),
            Atom::Builtin(name) => {
                let path = matches!(name.as_str(), "uri" | "document_uri" | "request_uri");
                let host_is_there = before.split_once("://").is_some_and(|(_, host)| !host.is_empty());
                if path && host_is_there {
                    return false;
                }
                // A port or a name of this server; a cookie within a longer name could still hold a slash.
                if is_sent(name) {
                    return true;
                }
                before.push('x');
            }
            Atom::Capture { group, of } => {
                if !(of == "uri" || of == "host" || is_sent(of)) {
                    return false;
                }
                let ends = match after {
                    None => true,
                    Some(Atom::Text(text)) => text.starts_with(['/', ':', '?']),
                    Some(_) => false,
                };
                let host = before.split_once("://").map(|(_, host)| host).unwrap_or_default();
                let slash = of != "host" && may_hold(group, '/');
                let begins_path = group.trim_start_matches(['(', '?', ':']).trim_start_matches('\\').starts_with('/');
                if begins_path && !host.is_empty() {
                    return false;
                }
                if slash || (ends && may_hold(group, '.') && (host.is_empty() || of != "host")) {
                    return true;
                }
                before.push('x');
            }
        }
    }
    false
}
