//! Who may ask: `allow` and `deny`, what goes around them, what needs them.

use super::config::{Config, Item, Kind, Level};
use super::facts::{Fact, Facts};
use super::listen;
use crate::limits::MAX_NGINX_LISTENS;

/// Works out what is about one directive.
pub fn item(config: &Config<'_>, at: usize, item: &Item<'_>, facts: &mut Facts) {
    let directive = item.directive;
    match directive.name.text.as_str() {
        "stub_status" | "status" | "api" | "vhost_traffic_status_display" | "check_status" => {
            let shows = directive.arg(0) != "off" && config.blocks[at].kind != Kind::Other;
            if shows {
                facts.put(item, "unguarded", unguarded(config, at));
            }
        }
        "dav_methods" if directive.arg(0) != "off" => {
            let limited = config.named(at, &["limit_except"]).next().is_some();
            facts.put(item, "unguarded", if limited { Fact::No } else { unguarded(config, at) });
        }
        "access_log" => {
            let server = config.nearest(at, Kind::Server);
            let little = server.is_some_and(|server| listen::only_answers(config, server));
            facts.put(item, "little", Fact::of(little || listen::is_local(config, at)));
        }
        _ => {}
    }
}

/// Whether anybody may ask for what a block answers.
fn unguarded(config: &Config<'_>, at: usize) -> Fact {
    if listen::is_local(config, at) {
        return Fact::No;
    }
    let mut open = false;
    for names in [
        &["allow", "deny"][..],
        &["auth_basic"],
        &["auth_request"],
        &["auth_jwt"],
        &["access_by_lua_block", "access_by_lua_file", "access_by_lua"],
        &["ssl_verify_client"],
    ] {
        match config.level(at, names) {
            Level::Set(_, items) if items.iter().all(|item| matches!(item.directive.arg(0), "off" | "optional")) => {}
            Level::Set(_, items)
                if items.iter().any(|item| item.directive.is("allow") && item.directive.arg(0) == "all") => {}
            Level::Set(..) => return Fact::No,
            Level::Open => open = true,
            Level::Absent => {}
        }
    }
    let stops = |block: usize| {
        let ifs = config.named(block, &["if"]).take(MAX_NGINX_LISTENS);
        config.blocks[block].kind == Kind::If
            || config.named(block, &["internal"]).next().is_some()
            || ifs.map(|item| item.directive.children()).any(|inner| inner.iter().any(|of| of.is("return")))
    };
    let around = config.chain(at).any(|block| {
        matches!(config.blocks[block].kind, Kind::Location | Kind::Server | Kind::Snippet | Kind::If) && stops(block)
    });
    match (around, open) {
        (true, _) => Fact::No,
        (false, true) => Fact::Open,
        (false, false) => Fact::Yes,
    }
}

/// `allow` without `deny`, and `return` that goes around both.
pub fn block(config: &Config<'_>, at: usize, facts: &mut Facts) {
    let allows: Vec<&Item<'_>> = config.named(at, &["allow"]).collect();
    let denies: Vec<&Item<'_>> = config.named(at, &["deny"]).collect();
    let open = config.blocks[at].open;
    if let Some(first) = allows.first() {
        let all = allows.iter().any(|item| item.directive.arg(0) == "all");
        let fact = match (all || !denies.is_empty(), open) {
            (true, _) => Fact::No,
            (false, true) => Fact::Open,
            (false, false) => Fact::Yes,
        };
        facts.put(first, "nobody_denied", fact);
    }
    if allows.is_empty() && denies.is_empty() {
        return;
    }
    for item in config.named(at, &["return"]) {
        let code = item.directive.arg(0);
        let answers = code.starts_with(['2', '3']) || !code.bytes().all(|byte| byte.is_ascii_digit());
        facts.put(item, "goes_around", Fact::of(answers && !denies.is_empty()));
    }
}
