//! nginx.
//!
//! | file | holds |
//! |---|---|
//! | `parse.rs` | words, directives, blocks |
//! | `config.rs` | a whole configuration: what is included is in its place |
//! | `vars.rs` | what variables may hold |
//! | `facts.rs` | what was worked out about each directive |
//! | `access.rs`, `headers.rs`, `listen.rs`, `origins.rs`, `paths.rs`, `proxy.rs`, `tls.rs` | working it out |
//!
//! Resources: `nginx_http`, `nginx_server`, `nginx_location` are blocks, `nginx_directive` is each other directive. All have
//! `name`, `args`, `first` and `second` of them, and `context`: the block they stand in. A directive that is set nowhere is in the fields of `nginx_http` with
//! nginx's default. Read when all files are: what a directive means depends on what includes its file.

mod access;
pub mod config;
mod facts;
mod headers;
mod listen;
mod origins;
pub mod parse;
mod paths;
mod proxy;
mod tls;
pub mod vars;

use crate::resource::{FileId, Resource, World};
use crate::text::{Span, Text};
use crate::tree::{Data, Id, Malformed};
use config::{Config, Kind, Source, Value};
use facts::{Fact, Facts};
use parse::{Directive, Word};

/// The name of this family.
pub const FAMILY: &str = "nginx";

/// Names of directives that stand outside of blocks in files of nginx, also in those that are included.
const KNOWN: &[&str] = &[
    "access_log",
    "add_header",
    "alias",
    "allow",
    "auth_basic",
    "auth_basic_user_file",
    "auth_request",
    "autoindex",
    "brotli",
    "charset",
    "client_body_buffer_size",
    "client_body_timeout",
    "client_header_buffer_size",
    "client_header_timeout",
    "client_max_body_size",
    "daemon",
    "dav_methods",
    "default_type",
    "deny",
    "env",
    "error_log",
    "error_page",
    "etag",
    "events",
    "expires",
    "fastcgi_buffer_size",
    "fastcgi_buffers",
    "fastcgi_cache",
    "fastcgi_hide_header",
    "fastcgi_index",
    "fastcgi_intercept_errors",
    "fastcgi_param",
    "fastcgi_pass",
    "fastcgi_read_timeout",
    "fastcgi_split_path_info",
    "geo",
    "geoip2",
    "grpc_pass",
    "gzip",
    "gzip_comp_level",
    "gzip_disable",
    "gzip_min_length",
    "gzip_proxied",
    "gzip_types",
    "gzip_vary",
    "http",
    "http2",
    "if",
    "ignore_invalid_headers",
    "include",
    "index",
    "internal",
    "keepalive_requests",
    "keepalive_timeout",
    "large_client_header_buffers",
    "limit_conn",
    "limit_conn_zone",
    "limit_req",
    "limit_req_zone",
    "listen",
    "load_module",
    "location",
    "log_format",
    "log_not_found",
    "lua_package_path",
    "mail",
    "map",
    "map_hash_bucket_size",
    "merge_slashes",
    "more_clear_headers",
    "more_set_headers",
    "open_file_cache",
    "pagespeed",
    "perl_set",
    "pid",
    "port_in_redirect",
    "proxy_buffer_size",
    "proxy_buffering",
    "proxy_buffers",
    "proxy_cache",
    "proxy_cache_path",
    "proxy_connect_timeout",
    "proxy_hide_header",
    "proxy_http_version",
    "proxy_next_upstream",
    "proxy_pass",
    "proxy_pass_request_headers",
    "proxy_read_timeout",
    "proxy_redirect",
    "proxy_request_buffering",
    "proxy_send_timeout",
    "proxy_set_header",
    "proxy_ssl_server_name",
    "proxy_ssl_verify",
    "real_ip_header",
    "real_ip_recursive",
    "reset_timedout_connection",
    "resolver",
    "resolver_timeout",
    "return",
    "rewrite",
    "root",
    "satisfy",
    "send_timeout",
    "sendfile",
    "server",
    "server_name",
    "server_name_in_redirect",
    "server_names_hash_bucket_size",
    "server_tokens",
    "set",
    "set_real_ip_from",
    "split_clients",
    "ssl",
    "ssl_buffer_size",
    "ssl_certificate",
    "ssl_certificate_key",
    "ssl_ciphers",
    "ssl_client_certificate",
    "ssl_conf_command",
    "ssl_dhparam",
    "ssl_early_data",
    "ssl_ecdh_curve",
    "ssl_prefer_server_ciphers",
    "ssl_protocols",
    "ssl_reject_handshake",
    "ssl_session_cache",
    "ssl_session_tickets",
    "ssl_session_timeout",
    "ssl_stapling",
    "ssl_stapling_verify",
    "ssl_trusted_certificate",
    "ssl_verify_client",
    "stream",
    "sub_filter",
    "tcp_nodelay",
    "tcp_nopush",
    "thread_pool",
    "timer_resolution",
    "try_files",
    "types",
    "types_hash_bucket_size",
    "types_hash_max_size",
    "underscores_in_headers",
    "upstream",
    "user",
    "uwsgi_param",
    "uwsgi_pass",
    "valid_referers",
    "variables_hash_max_size",
    "worker_connections",
    "worker_cpu_affinity",
    "worker_processes",
    "worker_rlimit_nofile",
    "worker_shutdown_timeout",
    "xslt_stylesheet",
    "js_import",
    "js_include",
    "js_path",
    "proxy_headers_hash_max_size",
    "modsecurity",
    "modsecurity_rules_file",
    "stub_status",
];

/// Endings after `.conf`: a file to be filled in, or to be copied.
const AFTER: &[&str] = &[".template", ".tmpl", ".dist", ".example", ".sample", ".default"];

/// Whether a file may be one of nginx, by its path: what it says decides.
pub fn may_be(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let lower = name.to_ascii_lowercase();
    let bare = AFTER.iter().find_map(|after| lower.strip_suffix(after)).unwrap_or(&lower);
    let in_folder = |of: &[&str]| folder.split('/').any(|part| of.contains(&part));
    bare.ends_with(".conf")
        || bare.ends_with(".nginx")
        || bare.ends_with(".nginxconf")
        || (!lower.contains('.') && in_folder(&["nginx", "sites-available", "sites-enabled"]))
        || (in_folder(&["sites-available", "sites-enabled"]) && !lower.ends_with(".yml") && !lower.ends_with(".json"))
}

/// Whether its path alone says that a file is of nginx.
fn is_named(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let lower = name.to_ascii_lowercase();
    let template = AFTER.iter().any(|after| lower.ends_with(after));
    !template
        && (lower == "nginx.conf"
            || lower.ends_with(".nginx")
            || lower.ends_with(".nginxconf")
            || (lower.ends_with(".conf") && folder.split('/').any(|part| part == "nginx")))
}

/// Whether a text is written as others fill it in: its syntax is then not that of nginx.
fn is_filled_in(text: &str) -> bool {
    ["{%", "<%", "{{-", "{{#", "{{ if", "{{if", "{{ range", "{{range", "{{ end", "{{end"]
        .iter()
        .any(|sign| text.contains(sign))
}

/// Parses a file, if it is one of nginx by what it says.
fn parsed(text: &Text) -> Option<parse::Parsed> {
    let said = text.text.trim_start();
    if is_filled_in(&text.text) || said.starts_with(['<', '[', '{']) {
        return None;
    }
    let parsed = parse::parse(&text.text);
    let all = parsed.directives.len();
    let known = parsed.directives.iter().filter(|of| KNOWN.contains(&of.name.text.as_str())).count();
    let says = parsed.directives.iter().any(|of| !of.is("include") && KNOWN.contains(&of.name.text.as_str()));
    // BIND, too, has `server ADDRESS {`.
    let other = parsed
        .directives
        .iter()
        .any(|of| of.block.is_some() && ((of.is("server") || of.is("http")) && !of.args.is_empty()));
    let is = says && !other && known * 4 >= all * 3;
    (is && (parsed.malformed.is_none() || is_named(&text.path))
        || (is_named(&text.path) && parsed.malformed.is_some() && all == 0))
        .then_some(parsed)
}

/// What is wrong with a file that is one of nginx.
pub fn malformed(text: &Text) -> Vec<Malformed> {
    parsed(text).and_then(|parsed| parsed.malformed).into_iter().collect()
}

/// Whether a file is one of this family.
pub fn is(text: &Text) -> bool {
    may_be(&text.path) && parsed(text).is_some()
}

/// Adds a file: its resources are made when all files are read.
pub fn read(world: &mut World, file: FileId) {
    let node = world.tree_mut(file).add(Data::Null, Span::default());
    world.add(Resource {
        kind: "nginx_file",
        family: FAMILY,
        file,
        address: String::new(),
        name: String::new(),
        node,
        span: Span::default(),
        fields: Vec::new(),
        relations: Vec::new(),
    });
}

/// Reads all files together.
pub fn link(world: &mut World) {
    let files: Vec<FileId> =
        world.resources.iter().filter(|of| of.kind == "nginx_file").map(|resource| resource.file).collect();
    let source = |file: FileId| {
        let text = &world.file(file).text;
        Source { file, path: text.path.clone(), directives: parse::parse(&text.text).directives }
    };
    let sources: Vec<Source> = files.into_iter().map(source).collect();
    let mut facts = Facts::default();
    for config in config::configs(&sources) {
        facts::work_out(&config, &mut facts);
        defaults(&config, &mut facts);
    }
    for (at, source) in sources.iter().enumerate() {
        let mut adder = Adder { world, facts: &facts, source: at, file: source.file };
        adder.add(&source.directives, "");
    }
}

/// What counts where nobody says something, on the `http` that does not say it.
fn defaults(config: &Config<'_>, facts: &mut Facts) {
    for (at, block) in config.blocks.iter().enumerate() {
        let (Kind::Http, Some(opened)) = (block.kind, block.opened_by) else { continue };
        for (name, default) in
            [("server_tokens", "on"), ("autoindex", "off"), ("client_max_body_size", "1m"), ("merge_slashes", "on")]
        {
            let fact = match config.value(at, name) {
                Value::Set(value) => Fact::Text(value.to_owned()),
                // Servers may say it each for itself.
                Value::Absent if config.within(at).iter().any(|item| item.directive.is(name)) => Fact::Open,
                Value::Absent => Fact::Text(default.to_owned()),
                Value::Open => Fact::Open,
            };
            facts.put(&opened, name, fact);
        }
    }
}

struct Adder<'w, 'f> {
    world: &'w mut World,
    facts: &'f Facts,
    source: usize,
    file: FileId,
}

impl Adder<'_, '_> {
    fn add(&mut self, directives: &[Directive], around: &str) {
        for directive in directives {
            let address = format!("{around}{}", label(directive));
            let kind = match directive.name.text.as_str() {
                "http" if directive.block.is_some() => "nginx_http",
                "server" if directive.block.is_some() => "nginx_server",
                "location" => "nginx_location",
                _ => "nginx_directive",
            };
            let span = directive.span();
            let name = self.world.tree_mut(self.file).text(&directive.name.text, directive.name.span);
            let args: Vec<Id> = directive.args.iter().map(|word| self.word(word)).collect();
            let named: Vec<(&str, Id)> = ["first", "second"].into_iter().zip(args.iter().copied()).collect();
            let args = self.world.tree_mut(self.file).add(Data::List(args), span);
            let members = [&[("name", name), ("args", args)], named.as_slice()].concat();
            let node = self.world.tree_mut(self.file).map(&members, span);
            let fields = self.facts.of(self.source, directive).to_vec();
            let fields = fields.into_iter().map(|(name, fact)| (name, self.fact(&fact, span))).collect();
            self.world.add(Resource {
                kind,
                family: FAMILY,
                file: self.file,
                name: short(directive),
                address: address.clone(),
                node,
                span,
                fields,
                relations: Vec::new(),
            });
            if !matches!(directive.name.text.as_str(), "types" | "geo" | "split_clients" | "charset_map") {
                self.add(directive.children(), &format!("{address}/"));
            }
        }
    }

    /// What `envsubst` or another tool fills in is not known: `${PORT}`, `{{ port }}`.
    fn word(&mut self, word: &Word) -> Id {
        let template = AFTER.iter().any(|after| self.world.file(self.file).text.path.ends_with(after));
        let mut pieces: Vec<Box<str>> = Vec::new();
        let (mut plain, mut rest) = (String::new(), word.text.as_str());
        while let Some(at) = rest.find(['$', '{']) {
            let (before, sign) = rest.split_at(at);
            plain.push_str(before);
            let end = if sign.starts_with("{{") {
                sign.find("}}").map(|end| end + 2)
            } else {
                let braced = sign.strip_prefix("${").and_then(|inner| inner.find('}')).map(|end| (2, end + 2, end + 3));
                let bare = || {
                    sign.strip_prefix('$').map(|inner| {
                        let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
                        (1, end + 1, end + 1)
                    })
                };
                let (from, to, end) = braced.or_else(bare).unwrap_or((1, 1, 1));
                let name = sign.get(from..to).unwrap_or_default();
                let is = template
                    && name.bytes().any(|b| b.is_ascii_uppercase())
                    && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
                is.then_some(end)
            };
            match end {
                Some(end) => {
                    pieces.push(std::mem::take(&mut plain).into());
                    rest = &sign[end..];
                }
                None => {
                    plain.push_str(&sign[..1]);
                    rest = &sign[1..];
                }
            }
        }
        plain.push_str(rest);
        let tree = self.world.tree_mut(self.file);
        if pieces.is_empty() {
            return tree.text(&word.text, word.span);
        }
        pieces.push(plain.into());
        tree.add(Data::Partly(pieces.into()), word.span)
    }

    fn fact(&mut self, fact: &Fact, span: Span) -> Id {
        let tree = self.world.tree_mut(self.file);
        match fact {
            Fact::Yes => tree.add(Data::Bool(true), span),
            Fact::No => tree.add(Data::Bool(false), span),
            Fact::Open => tree.add(Data::Unknown("what is included, or includes this file".into()), span),
            Fact::Text(text) => tree.text(text, span),
            Fact::Texts(texts) => tree.text(&texts.join(", "), span),
        }
    }
}

/// What tells a directive from its neighbours.
fn label(directive: &Directive) -> String {
    let of = match directive.name.text.as_str() {
        "server" if directive.block.is_some() => {
            let names = directive.children().iter().find(|of| of.is("server_name"));
            names.map(|of| of.arg(0).to_owned()).unwrap_or_default()
        }
        "location" | "if" => directive.args.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "),
        _ => directive.arg(0).to_owned(),
    };
    let of: String = of.chars().take(80).collect();
    if of.is_empty() { directive.name.text.clone() } else { format!("{} {of}", directive.name.text) }
}

/// Its short name, for sentences.
fn short(directive: &Directive) -> String {
    match directive.name.text.as_str() {
        "server" if directive.block.is_some() => {
            let names = directive.children().iter().find(|of| of.is("server_name"));
            names.map_or("without a name", |of| of.arg(0)).to_owned()
        }
        "location" => directive.args.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests;
