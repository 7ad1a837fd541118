//! TLS: ciphers, servers that lead away from it, servers that answer to any name.

use super::config::{Config, Item, Kind};
use super::facts::{Fact, Facts};
use super::listen::{self, Listen};
use std::collections::BTreeMap;

/// Works out what is about one directive.
pub fn item(config: &Config<'_>, at: usize, item: &Item<'_>, facts: &mut Facts) {
    let directive = item.directive;
    match directive.name.text.as_str() {
        "ssl_ciphers" | "proxy_ssl_ciphers" | "grpc_ssl_ciphers" => {
            let said: Vec<&str> = directive.args.iter().map(|word| word.text.as_str()).collect();
            if let Some(weak) = weak(&said.join(":")) {
                facts.put(item, "weak", Fact::Text(weak));
            }
        }
        "return" | "rewrite" => {
            let to = directive.args.iter().find(|word| word.text.starts_with("http://"));
            let Some(to) = to else { return };
            let host = to.text.trim_start_matches("http://");
            let own = host.starts_with("$host") || host.starts_with("$server_name") || host.starts_with("$http_host");
            let tls = config.nearest(at, Kind::Server).is_some_and(|server| {
                let listens = listen::listens(config, server);
                listens.iter().all(|listen| listen.tls)
            });
            facts.put(item, "leaves_tls", Fact::of(tls && own));
        }
        _ => {}
    }
}

/// A cipher that a list of OpenSSL allows and that nobody should use.
pub fn weak(list: &str) -> Option<String> {
    let words: Vec<&str> = list.split([':', ',', ' ', ';']).filter(|word| !word.is_empty()).collect();
    let out: Vec<String> =
        words.iter().filter_map(|word| word.strip_prefix(['!', '-']).map(str::to_ascii_uppercase)).collect();
    let refused = |names: &[&str]| names.iter().any(|name| out.iter().any(|word| word == name));
    for word in words.iter().filter(|word| !word.starts_with(['!', '-', '+', '@'])) {
        let upper = word.to_ascii_uppercase();
        let parts: Vec<&str> = upper.split(['+', '-', '_']).collect();
        let has = |names: &[&str]| parts.iter().any(|part| names.contains(part));
        let triple = upper.contains("DES-CBC3")
            || upper.contains("3DES")
            || upper.contains("DES_EDE3")
            || upper.contains("DES-EDE3");
        let is_weak = (has(&["NULL", "ENULL"]) && !refused(&["NULL", "ENULL"]))
            || (has(&["ANULL", "ADH", "AECDH", "ANON"]) && !refused(&["ANULL", "ADH"]))
            || (has(&["EXP", "EXPORT", "EXPORT40", "EXPORT56"]) && !refused(&["EXP", "EXPORT"]))
            || (has(&["RC4", "ARCFOUR"]) && !refused(&["RC4"]))
            || (has(&["RC2"]) && !refused(&["RC2"]))
            || (has(&["MD5"]) && !refused(&["MD5"]))
            || (has(&["SEED", "IDEA"]) && !refused(&["SEED", "IDEA"]))
            || (triple && !refused(&["3DES", upper.as_str()]))
            || (!triple && has(&["DES"]) && !refused(&["DES"]))
            || (upper == "LOW" && !refused(&["LOW"]))
            || (upper == "MEDIUM" && !refused(&["MEDIUM", "RC4"]))
            || (matches!(upper.as_str(), "ALL" | "COMPLEMENTOFALL" | "COMPLEMENTOFDEFAULT")
                && !(refused(&["ANULL", "ADH"]) && refused(&["LOW", "RC4", "3DES", "DES", "MEDIUM"])));
        if is_weak {
            return Some((*word).to_owned());
        }
    }
    None
}

/// Addresses where the server that answers to unknown names is one of those with a name.
pub fn http(config: &Config<'_>, at: usize, facts: &mut Facts) {
    let whole = config.blocks[0].kind == Kind::Main && !config.blocks[at].open;
    if !whole {
        return;
    }
    let servers: Vec<(usize, Item<'_>)> =
        config.named(at, &["server"]).filter_map(|item| Some((item.block?, *item))).collect();
    let mut by_address: BTreeMap<String, Vec<(usize, Item<'_>, Listen)>> = BTreeMap::new();
    for (block, item) in &servers {
        for listen in listen::listens(config, *block) {
            by_address.entry(listen.address.clone()).or_default().push((*block, *item, listen));
        }
    }
    for all in by_address.values().filter(|all| all.len() > 1) {
        let default = all.iter().find(|(_, _, listen)| listen.default).or(all.first());
        let Some((block, item, _)) = default else { continue };
        let names = listen::names(config, *block);
        let named = names.iter().any(|name| name.contains('.') && !name.starts_with('~') && *name != "_")
            && !names.contains(&"_");
        let answers = named && !config.blocks[*block].open && !listen::only_answers(config, *block);
        facts.put(item, "answers_any_name", Fact::of(answers));
    }
}

#[cfg(test)]
mod tests {
    use super::weak;

    #[test]
    fn lists_of_ciphers() {
        for good in [
            "HIGH:!aNULL:!MD5",
            "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305",
            "EECDH+AESGCM:EDH+AESGCM",
            "ALL:!aNULL:!eNULL:!LOW:!RC4:!3DES",
            "HIGH:!DES-CBC3-SHA:!RC4",
            "PROFILE=SYSTEM",
            "ECDHE-RSA-DES-CBC3-SHA:!3DES",
            "DES-CBC3-SHA:!DES-CBC3-SHA",
        ] {
            assert_eq!(weak(good), None, "{good}");
        }
        for (list, is) in [
            ("ALL", "ALL"),
            ("HIGH:RC4+RSA", "RC4+RSA"),
            ("AES128-SHA:DES-CBC3-SHA", "DES-CBC3-SHA"),
            ("AES128-SHA:RC4-SHA:!aNULL", "RC4-SHA"),
            ("EXP-RC2-CBC-MD5", "EXP-RC2-CBC-MD5"),
            ("ECDHE-RSA-AES128-SHA:aNULL", "aNULL"),
            ("HIGH:MEDIUM:LOW", "MEDIUM"),
            ("DES-CBC3-SHA:!DES", "DES-CBC3-SHA"),
        ] {
            assert_eq!(weak(list).as_deref(), Some(is), "{list}");
        }
    }
}
