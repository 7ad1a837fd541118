//! Comparisons of where a request came from: expressions that let others through.

use super::config::{Config, Item};
use super::facts::{Fact, Facts};
use super::vars::matched;

/// An `if` about where a request came from.
pub fn item(_: &Config<'_>, _: usize, item: &Item<'_>, facts: &mut Facts) {
    if !item.directive.is("if") {
        return;
    }
    let Some((of, regex)) = matched(item.directive) else { return };
    if let Some(why) = loose(&of, &regex) {
        facts.put(item, "loose_origin", Fact::Text(why.to_owned()));
    }
}

/// Entries of a `map` of it.
pub fn map(config: &Config<'_>, at: usize, facts: &mut Facts) {
    let Some(opened) = config.blocks[at].opened_by.filter(|item| item.directive.is("map")) else { return };
    let of = opened.directive.arg(0).trim_start_matches('$');
    for entry in &config.blocks[at].items {
        let Some(regex) = entry.directive.name.text.strip_prefix('~') else { continue };
        let lets = !matches!(entry.directive.arg(0), "" | "0" | "deny" | "off" | "null");
        if let (Some(why), true) = (loose(of, regex.trim_start_matches('*')), lets) {
            facts.put(entry, "loose_origin", Fact::Text(why.to_owned()));
        }
    }
}

/// What is loose in an expression for origins or referrers; nothing when it is not about hosts.
fn loose(of: &str, regex: &str) -> Option<&'static str> {
    let origin = match of {
        "http_origin" => true,
        "http_referer" => false,
        _ => return None,
    };
    let dots = dots(regex);
    if dots.is_none() && !regex.contains("://") {
        return None;
    }
    if !regex.starts_with('^') && !regex.starts_with("(?i)^") && !regex.starts_with("(^") {
        return Some("it may begin with anything");
    }
    let ends = regex.ends_with('$') || regex.ends_with("$)") || (!origin && ends_host(regex));
    if !ends {
        return Some("it may go on with anything");
    }
    (dots == Some(true)).then_some("a dot is any character")
}

/// Whether a slash or an end follows the host.
fn ends_host(regex: &str) -> bool {
    let host = regex.split_once("://").or_else(|| regex.split_once(":\\/\\/")).map_or(regex, |(_, host)| host);
    host.contains('/') || host.contains('$')
}

/// Whether there is a name with dots, and whether one of those dots is any character.
fn dots(regex: &str) -> Option<bool> {
    let bytes = regex.as_bytes();
    let (mut found, mut at, mut class) = (None, 0, false);
    while at < bytes.len() {
        let next = bytes.get(at + 1).copied().unwrap_or(b' ');
        match bytes[at] {
            b'\\' => {
                if next == b'.' {
                    found = found.or(Some(false));
                }
                at += 1;
            }
            b'[' => class = true,
            b']' => class = false,
            b'.' if !class
                && next.is_ascii_alphabetic()
                && at > 0
                && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b')') =>
            {
                found = Some(true);
            }
            _ => {}
        }
        at += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::loose;

    #[test]
    fn expressions_for_hosts() {
        for good in [
            r"^https://(www\.)?example\.com$",
            r"^https?://[^/]+\.example\.com$",
            "^$",
            ".+",
            r"^https://example\.com(:\d+)?$",
        ] {
            assert_eq!(loose("http_origin", good), None, "{good}");
        }
        assert_eq!(loose("http_referer", r"^https://example\.com/"), None);
        for bad in
            [r"example\.com$", r"^https://example\.com", "^https://(www.)?example.com$", r"https?://.*\.example\.com"]
        {
            assert!(loose("http_origin", bad).is_some(), "{bad}");
        }
        assert!(loose("http_user_agent", r"example\.com").is_none());
    }
}
