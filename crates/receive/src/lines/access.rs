//! Access logs of nginx and Apache: common, combined, with virtual host in front, and as JSON.

use super::flat::Flat;
use super::time;
use model::ValueRef;

/// What a line of text said besides its fields.
pub(crate) struct Access {
    pub timestamp: i64,
}

/// Fills `flat` from a line in the common or combined form. `None` when it is neither.
pub(crate) fn parse(line: &str, flat: &mut Flat) -> Option<Access> {
    flat.clear();
    let open = line.find(" [")?;
    let close = open + line[open..].find(']')?;
    let timestamp = time::access_log(&line[open + 2..close])?;
    let mut words = line[..open].split(' ');
    let (mut first, mut second) = (words.next()?, words.next()?);
    let mut user = words.next()?;
    if let Some(fourth) = words.next() {
        // vhost_combined puts `host:port` in front.
        field(flat, "server.address", first);
        (first, second, user) = (second, user, fourth);
    }
    if words.next().is_some() || first.is_empty() {
        return None;
    }
    let (request, rest) = quoted(line[close + 1..].trim_start())?;
    let mut rest = rest.trim_start().splitn(3, ' ');
    let status: i64 = rest.next()?.parse().ok().filter(|status| (0..=999).contains(status))?;
    field(flat, "client.address", first);
    field(flat, "log.access.identity", second);
    field(flat, "user.name", user);
    split_request(flat, request);
    flat.push("http.response.status_code", ValueRef::Int(status));
    if let Some(size) = rest.next().and_then(|size| size.parse().ok()) {
        flat.push("http.response.body.size", ValueRef::Int(size));
    }
    if let Some((referer, rest)) = rest.next().and_then(|rest| quoted(rest.trim_start())) {
        field(flat, "http.request.header.referer", referer);
        if let Some((agent, _)) = quoted(rest.trim_start()) {
            field(flat, "user_agent.original", agent);
        }
    }
    Some(Access { timestamp })
}

/// Renames the fields of a JSON access log, as nginx's `log_format escape=json` is usually written.
/// `source` is the parsed line; the result is put into `flat`.
pub(crate) fn rename(source: &Flat, flat: &mut Flat) {
    flat.clear();
    for index in 0..source.len() {
        let (key, value) = (source.key(index), source.value(index));
        let name = match key {
            "remote_addr" | "remote_ip" | "clientip" | "client_ip" | "remoteIP" => "client.address",
            "request_method" | "method" | "verb" => "http.request.method",
            "status" | "response" | "status_code" => "http.response.status_code",
            "body_bytes_sent" | "bytes_sent" | "bytes" => "http.response.body.size",
            "http_referer" | "http_referrer" | "referer" | "referrer" => "http.request.header.referer",
            "http_user_agent" | "user_agent" | "agent" | "userAgent" => "user_agent.original",
            "remote_user" | "user" | "auth" => "user.name",
            "server_name" | "http_host" | "vhost" => "server.address",
            "time_iso8601" | "time_local" | "msec" => "time",
            "request" => {
                if let ValueRef::Str(request) = value {
                    split_request(flat, request);
                    continue;
                }
                key
            }
            "request_uri" | "uri" => {
                if let ValueRef::Str(target) = value {
                    split_target(flat, target);
                    continue;
                }
                key
            }
            "server_protocol" | "protocol" => {
                if let ValueRef::Str(protocol) = value {
                    flat.push("network.protocol.version", ValueRef::Str(version(protocol)));
                    continue;
                }
                key
            }
            _ => key,
        };
        let number = match (name, value) {
            ("http.response.status_code" | "http.response.body.size", ValueRef::Str(text)) => text.parse().ok(),
            _ => None,
        };
        match (number, value) {
            (Some(int), _) => flat.push(name, ValueRef::Int(int)),
            // nginx writes a dash or nothing for what a request does not have.
            (None, ValueRef::Str("-" | "")) => {}
            (None, value) => flat.push(name, value),
        }
    }
}

fn field(flat: &mut Flat, key: &str, value: &str) {
    if value != "-" && !value.is_empty() {
        flat.push(key, ValueRef::Str(value));
    }
}

/// `GET /path?query HTTP/1.1`; what is no request (a TLS hello on a plain port) is kept as it is.
fn split_request(flat: &mut Flat, request: &str) {
    let mut words = request.splitn(3, ' ');
    match (words.next(), words.next(), words.next()) {
        (Some(method), Some(target), protocol)
            if !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-') =>
        {
            flat.push("http.request.method", ValueRef::Str(method));
            split_target(flat, target);
            if let Some(protocol) = protocol {
                flat.push("network.protocol.version", ValueRef::Str(version(protocol)));
            }
        }
        _ => field(flat, "http.request.line", request),
    }
}

fn split_target(flat: &mut Flat, target: &str) {
    match target.split_once('?') {
        Some((path, query)) => {
            flat.push("url.path", ValueRef::Str(path));
            field(flat, "url.query", query);
        }
        None => flat.push("url.path", ValueRef::Str(target)),
    }
}

fn version(protocol: &str) -> &str {
    protocol.strip_prefix("HTTP/").unwrap_or(protocol)
}

/// A quoted text, escapes left as they are, and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('"')?;
    let bytes = inner.as_bytes();
    let mut at = 0;
    while *bytes.get(at)? != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    Some((&inner[..at], &inner[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn show(line: &str) -> Option<Vec<String>> {
        let mut flat = Flat::default();
        parse(line, &mut flat)?;
        Some((0..flat.len()).map(|index| format!("{}={:?}", flat.key(index), flat.value(index))).collect())
    }

    #[test]
    fn combined_and_common() {
        let line = r#"192.0.2.7 - ann [21/Nov/2026:07:29:36 +0000] "GET /a/b?x=1&y HTTP/1.1" 404 153 "https://example.org/" "Mozilla/5.0 (\"odd\")" "10.0.0.1""#;
        assert_eq!(
            show(line).unwrap(),
            [
                "client.address=Str(\"192.0.2.7\")",
                "user.name=Str(\"ann\")",
                "http.request.method=Str(\"GET\")",
                "url.path=Str(\"/a/b\")",
                "url.query=Str(\"x=1&y\")",
                "network.protocol.version=Str(\"1.1\")",
                "http.response.status_code=Int(404)",
                "http.response.body.size=Int(153)",
                "http.request.header.referer=Str(\"https://example.org/\")",
                "user_agent.original=Str(\"Mozilla/5.0 (\\\\\\\"odd\\\\\\\")\")",
            ]
        );
        let common = show(r#"::1 - - [21/Nov/2026:07:29:36 +0100] "-" 408 -"#).unwrap();
        assert_eq!(common, ["client.address=Str(\"::1\")", "http.response.status_code=Int(408)"]);
        let vhost = show(r#"shop:443 ::1 - - [21/Nov/2026:07:29:36 +0100] "\x16\x03" 400 0 "-" "-""#).unwrap();
        assert_eq!(vhost[0], "server.address=Str(\"shop:443\")");
        assert_eq!(vhost[2], "http.request.line=Str(\"\\\\x16\\\\x03\")");
    }

    #[test]
    fn other_lines_are_refused() {
        for line in
            ["", "a [b]", "x - - [21/Nov/2026:07:29:36 +0000] \"GET /", "x - - [yesterday] \"GET / HTTP/1.1\" 200 1"]
        {
            assert!(show(line).is_none(), "{line}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(line in "\\PC{0,60}", tail in "[\"\\\\ a-z0-9é]{0,30}") {
            let _ = show(&line);
            let _ = show(&format!("::1 - - [21/Nov/2026:07:29:36 +0000] {tail}"));
        }
    }
}
