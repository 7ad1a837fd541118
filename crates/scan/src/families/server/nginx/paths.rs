//! What of the file system is served.

use super::config::{Config, Item, Kind, Level};
use super::facts::{Fact, Facts};
use super::listen;

/// Names of folders that are made to be served.
const PUBLIC: &[&str] = &[
    "_build",
    "_site",
    "acme",
    "acme-challenge",
    "app",
    "assets",
    "build",
    "certbot",
    "client",
    "dist",
    "docroot",
    "docs",
    "empty",
    "error",
    "errors",
    "files",
    "frontend",
    "htdocs",
    "html",
    "letsencrypt",
    "media",
    "null",
    "out",
    "pub",
    "public",
    "public_html",
    "site",
    "static",
    "ui",
    "web",
    "webroot",
    "www",
    "wwwroot",
    "default",
];

/// Works out what is about one directive.
pub fn item(config: &Config<'_>, at: usize, item: &Item<'_>, facts: &mut Facts) {
    match item.directive.name.text.as_str() {
        "alias" => alias(config, at, item, facts),
        "root" => {
            let location = config.nearest(at, Kind::Location);
            let internal = location.is_some_and(|block| config.named(block, &["internal"]).next().is_some());
            facts.put(item, "internal", Fact::of(internal));
        }
        "location" => pattern(item, facts),
        "if" if config.blocks[at].kind == Kind::Location => condition(item, facts),
        _ => {}
    }
}

/// An `alias` in a location that ends within a name: `/files../` leads out of the folder.
fn alias(config: &Config<'_>, at: usize, item: &Item<'_>, facts: &mut Facts) {
    let Some(location) = config.nearest(at, Kind::Location) else { return };
    let Some(opened) = config.blocks[location].opened_by else { return };
    let args = &opened.directive.args;
    let path = match args.as_slice() {
        [path] => path,
        [modifier, path] if modifier.text == "^~" => path,
        _ => return,
    };
    let to = item.directive.arg(0);
    let name = to.rsplit('/').next().unwrap_or(to);
    let ends_within = !path.text.ends_with('/') && !path.text.starts_with('@') && !path.text.contains("{{");
    let one_file = name.contains('.') && !name.starts_with('.');
    facts.put(item, "traversal", Fact::of(ends_within && to.ends_with('/')));
    facts.put(item, "neighbours", Fact::of(ends_within && !to.ends_with('/') && !one_file && !to.contains('$')));
}

/// A regular expression for an ending that is not at the end.
fn pattern(item: &Item<'_>, facts: &mut Facts) {
    let args = &item.directive.args;
    let [modifier, regex] = args.as_slice() else { return };
    if !matches!(modifier.text.as_str(), "~" | "~*") {
        return;
    }
    let regex = regex.text.as_str();
    let ending = regex.rsplit_once("\\.").filter(|(before, ending)| {
        let group = ending.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(ending);
        let group = group.strip_prefix("?:").unwrap_or(group);
        !before.ends_with(['/', '(', '|', '^', ')', ']'])
            && !group.is_empty()
            && group
                .split('|')
                .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'?'))
    });
    let refuses =
        item.directive.children().iter().any(|of| of.is("deny") || (of.is("return") && of.arg(0).starts_with('4')));
    facts.put(item, "loose_ending", Fact::of(ending.is_some() && !refuses));
}

/// An `if` in a location with more than it is made for.
fn condition(item: &Item<'_>, facts: &mut Facts) {
    let children = item.directive.children();
    let returns = children.iter().any(|of| of.is("return") || (of.is("rewrite") && of.args.len() > 2));
    let other = children.iter().find(|of| {
        !matches!(
            of.name.text.as_str(),
            "return"
                | "rewrite"
                | "set"
                | "break"
                | "limit_rate"
                | "limit_rate_after"
                | "access_log"
                | "rewrite_log"
                | "uninitialized_variable_warn"
        ) && !of.name.text.starts_with("set_")
    });
    if let (Some(other), false) = (other, returns) {
        facts.put(item, "does", Fact::Text(other.name.text.clone()));
    }
}

/// What a server serves from its folder.
pub fn server(config: &Config<'_>, at: usize, facts: &mut Facts) {
    let own: Vec<&Item<'_>> = config.named(at, &["root"]).collect();
    let locations: Vec<&Item<'_>> = config.named(at, &["location"]).collect();
    if let Some(root) = own.last() {
        dotfiles(config, at, root, &locations, facts);
        return;
    }
    let answers = |item: &&&Item<'_>| {
        let block = item.block.unwrap_or(at);
        let serves = |of: &Item<'_>| {
            let name = of.directive.name.text.as_str();
            name.ends_with("_pass")
                || name.contains("_by_lua")
                || name == "deny" && of.directive.arg(0) == "all"
                || matches!(
                    name,
                    "root"
                        | "alias"
                        | "return"
                        | "stub_status"
                        | "internal"
                        | "empty_gif"
                        | "proxy_pass"
                        | "rewrite"
                        | "js_content"
                        | "perl"
                        | "flv"
                        | "mp4"
                        | "autoindex"
                        | "try_files"
                        | "api"
                        | "if"
                        | "error_page"
                        | "location"
                )
        };
        config.blocks[block].items.iter().any(serves) || config.blocks[block].open
    };
    let first = locations.iter().find(|item| item.directive.args.len() == 1 && item.directive.arg(0) == "/");
    let root = first.and_then(|item| config.named(item.block?, &["root"]).next());
    let without = locations.iter().filter(|item| !answers(item) && !item.directive.arg(0).starts_with('@')).count();
    if let (Some(root), true, Level::Absent) = (root, without > 0, config.level(at, &["root"])) {
        facts.put(root, "only_here", Fact::Yes);
    }
}

/// A folder that is no folder for serving, and nothing refuses files that begin with a dot.
fn dotfiles(config: &Config<'_>, at: usize, root: &Item<'_>, locations: &[&Item<'_>], facts: &mut Facts) {
    let path = root.directive.arg(0).trim_end_matches('/');
    let name = path.rsplit('/').next().unwrap_or(path);
    let made = PUBLIC.contains(&name)
        || name.starts_with("public")
        || name.starts_with("html")
        || name.contains('.') && !name.contains('$');
    if made || path.contains(['$', '{']) || path.is_empty() || listen::only_answers(config, at) {
        return;
    }
    let refuses = config
        .within(at)
        .into_iter()
        .filter(|item| matches!(item.directive.name.text.as_str(), "location" | "if"))
        .any(|item| {
            let text: String = item.directive.args.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
            let dot = text.match_indices("\\.").any(|(dot, _)| {
                let after = &text[dot + 2..];
                text[..dot].ends_with(['/', '(', '|']) && !after.starts_with("ht")
            });
            dot || text.contains("\\.git") || text.contains("/.git") || text.contains("/[.]")
        });
    let elsewhere = locations.iter().any(|item| {
        item.directive.args.len() == 1
            && item.directive.arg(0) == "/"
            && item.block.is_some_and(|block| {
                config.blocks[block].items.iter().any(|of| {
                    let name = of.directive.name.text.as_str();
                    (name.ends_with("_pass") || matches!(name, "return" | "root" | "alias")) && !name.starts_with("try")
                })
            })
    });
    if refuses || elsewhere {
        return;
    }
    let open = config.is_open_within(at);
    facts.put(root, "dotfiles", if open { Fact::Open } else { Fact::Yes });
}
