//! Headers of answers: what a block takes over, and what it loses.

use super::config::{Config, Item, Level, Value};
use super::facts::{Fact, Facts, Ground};
use super::listen;
use ahash::AHashSet;

/// Headers that browsers protect somebody by.
const PROTECTING: &[&str] = &[
    "content-security-policy",
    "cross-origin-embedder-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "referrer-policy",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
    "x-xss-protection",
];

/// Whether an `add_header` is one that protects.
fn protects(item: &Item<'_>) -> bool {
    let name = item.directive.arg(0).to_ascii_lowercase();
    let value = item.directive.arg(1).to_ascii_lowercase();
    PROTECTING.contains(&name.as_str())
        || (name == "cache-control" && ["no-store", "no-cache", "private"].iter().any(|word| value.contains(word)))
}

/// Headers that a block's own `add_header` makes it lose, and origins that it gives back as they came.
pub fn block(ground: &Ground<'_, '_>, at: usize, facts: &mut Facts) {
    let config = ground.config;
    let own: Vec<&Item<'_>> = config.named(at, &["add_header"]).collect();
    let Some(first) = own.first() else { return };
    for item in own.iter().filter(|item| protects(item)) {
        // An error page that is kept for a while harms nobody.
        let kept = item.directive.arg(0).eq_ignore_ascii_case("cache-control");
        facts.put(item, "protects", Fact::of(!kept));
    }
    origin(config, at, &own, facts);
    let Some(parent) = config.blocks[at].parent else { return };
    if let Value::Set("merge") = config.value(at, "add_header_inherit") {
        return;
    }
    let Level::Set(_, before) = config.level(parent, &["add_header"]) else { return };
    let names: AHashSet<String> = own.iter().map(|item| item.directive.arg(0).to_ascii_lowercase()).collect();
    let has = |name: &str| names.contains(&name.to_ascii_lowercase());
    let mut lost: Vec<String> = Vec::new();
    for item in before.iter().filter(|item| protects(item) && !has(item.directive.arg(0))) {
        lost.push(item.directive.arg(0).to_owned());
    }
    lost.sort();
    lost.dedup();
    // What is included here may add them again.
    if !lost.is_empty() {
        facts.put(first, "lost", if config.blocks[at].open { Fact::Open } else { Fact::Texts(lost) });
    }
}

/// `Access-Control-Allow-Origin` with whatever origin asked, and with credentials.
fn origin(config: &Config<'_>, at: usize, own: &[&Item<'_>], facts: &mut Facts) {
    let is = |item: &&&Item<'_>, name: &str| item.directive.arg(0).eq_ignore_ascii_case(name);
    let Some(allowed) = own.iter().find(|item| is(item, "access-control-allow-origin")) else { return };
    let credentials = own.iter().any(|item| {
        is(&item, "access-control-allow-credentials") && item.directive.arg(1).eq_ignore_ascii_case("true")
    });
    let reflects = matches!(allowed.directive.arg(1).trim(), "$http_origin" | "${http_origin}");
    // Within an `if` about the origin it was looked at.
    let looked_at = config.chain(at).any(|block| {
        let opened = config.blocks[block].opened_by;
        opened.is_some_and(|item| {
            item.directive.is("if") && item.directive.args.iter().any(|word| word.text.contains("$http_origin"))
        })
    }) || config.named(at, &["if"]).any(|item| {
        item.directive.args.iter().any(|word| word.text.contains("$http_origin"))
            && item.directive.children().iter().any(|of| of.is("return"))
    });
    facts.put(allowed, "reflects_origin", Fact::of(reflects && credentials && !looked_at));
}

/// Whether a server by TLS says nowhere that it is only to be asked so.
pub fn server(config: &Config<'_>, at: usize, facts: &mut Facts) {
    let Some(opened) = config.blocks[at].opened_by else { return };
    let listens = listen::listens(config, at);
    let tls = listens.iter().any(|listen| listen.tls);
    facts.put(&opened, "tls", Fact::of(tls));
    if !tls || listens.iter().all(|listen| listen.local) || listen::only_answers(config, at) {
        return;
    }
    let hsts = |item: &Item<'_>| {
        let directive = item.directive;
        let first = directive.arg(0).to_ascii_lowercase();
        (directive.is("add_header") && first == "strict-transport-security")
            || (directive.name.text.starts_with("more_set_headers")
                && directive
                    .args
                    .iter()
                    .any(|word| word.text.to_ascii_lowercase().contains("strict-transport-security")))
    };
    let around = config.chain(at).any(|block| config.blocks[block].items.iter().any(hsts));
    let inside = config.within(at).into_iter().any(hsts);
    let open = config.is_open_within(at) || config.chain(at).any(|block| config.blocks[block].open);
    let fact = match (around || inside, open) {
        (true, _) => Fact::No,
        (false, true) => Fact::Open,
        (false, false) => Fact::Yes,
    };
    facts.put(&opened, "hsts_missing", fact);
}
