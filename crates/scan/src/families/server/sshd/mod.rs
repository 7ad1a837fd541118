//! OpenSSH's server: `sshd_config`.
//!
//! | file | holds |
//! |---|---|
//! | `parse.rs` | lines |
//! | `weak.rs` | algorithms that nobody should use |
//!
//! Resources:
//!
//! | kind | is |
//! |---|---|
//! | `sshd_setting` | a line that counts: `setting`, `value`, and `value` under the setting's own name in lower case |
//! | `sshd_config` | a whole configuration: what it does not set, with the defaults of OpenSSH 9.9 |
//! | `sshd_match` | a `Match`, with what is in force in it under the settings' names |
//!
//! So a condition such as `{permitrootlogin: "yes"}` holds for the line that says it, and for the configuration that leaves it to
//! the default. As in sshd the first value counts, what a `Match` says counts before what is outside, and an `Include` stands for
//! what it includes. What is included from outside of the tree leaves defaults unknown; lines that are written still count.

pub mod parse;
mod weak;

use crate::limits::{MAX_INCLUDED_FILES, MAX_SERVER_INCLUDES, MAX_SSHD_LINES};
use crate::resource::{FileId, Resource, World};
use crate::text::{Span, Text};
use crate::tree::{Data, Malformed};
use globset::GlobBuilder;
use parse::Line;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The name of this family.
pub const FAMILY: &str = "sshd";

/// Settings with their defaults in OpenSSH 9.9, where rules need to know them.
const DEFAULTS: &[(&str, &str)] = &[
    ("allowagentforwarding", "yes"),
    ("allowstreamlocalforwarding", "yes"),
    ("allowtcpforwarding", "yes"),
    ("clientalivecountmax", "3"),
    ("clientaliveinterval", "0"),
    ("disableforwarding", "no"),
    ("gatewayports", "no"),
    ("hostbasedauthentication", "no"),
    ("ignorerhosts", "yes"),
    ("ignoreuserknownhosts", "no"),
    ("kbdinteractiveauthentication", "yes"),
    ("logingracetime", "120"),
    ("loglevel", "INFO"),
    ("maxauthtries", "6"),
    ("maxsessions", "10"),
    ("passwordauthentication", "yes"),
    ("permitemptypasswords", "no"),
    ("permitrootlogin", "prohibit-password"),
    ("permittunnel", "no"),
    ("permituserenvironment", "no"),
    ("pubkeyauthentication", "yes"),
    ("strictmodes", "yes"),
    ("usepam", "no"),
    ("x11forwarding", "no"),
];

/// Other settings, by which a file is known.
const OTHERS: &[&str] = &[
    "acceptenv",
    "addressfamily",
    "allowgroups",
    "allowusers",
    "authenticationmethods",
    "authorizedkeyscommand",
    "authorizedkeyscommanduser",
    "authorizedkeysfile",
    "authorizedprincipalsfile",
    "authorizedprincipalscommand",
    "authorizedprincipalscommanduser",
    "channeltimeout",
    "exposeauthinfo",
    "fingerprinthash",
    "gssapicleanupcredentials",
    "gssapikeyexchange",
    "gssapistrictacceptorcheck",
    "hostbasedacceptedalgorithms",
    "hostbasedusesnamefrompacketonly",
    "hostkeyagent",
    "ipqos",
    "kerberosorlocalpasswd",
    "kerberosticketcleanup",
    "keyregenerationinterval",
    "logverbose",
    "modulifile",
    "persourcemaxstartups",
    "persourcepenalties",
    "pidfile",
    "pubkeyauthoptions",
    "rdomain",
    "requiredrsasize",
    "revokedkeys",
    "rhostsrsaauthentication",
    "rsaauthentication",
    "serverkeybits",
    "streamlocalbindunlink",
    "unusedconnectiontimeout",
    "uselogin",
    "xauthlocation",
    "banner",
    "casignaturealgorithms",
    "challengeresponseauthentication",
    "chrootdirectory",
    "ciphers",
    "compression",
    "debianbanner",
    "denygroups",
    "denyusers",
    "forcecommand",
    "gssapiauthentication",
    "hostcertificate",
    "hostkey",
    "hostkeyalgorithms",
    "include",
    "kerberosauthentication",
    "kexalgorithms",
    "listenaddress",
    "macs",
    "match",
    "maxstartups",
    "permitlisten",
    "permitopen",
    "permittty",
    "permituserrc",
    "port",
    "printlastlog",
    "printmotd",
    "protocol",
    "pubkeyacceptedalgorithms",
    "pubkeyacceptedkeytypes",
    "rekeylimit",
    "setenv",
    "subsystem",
    "syslogfacility",
    "tcpkeepalive",
    "trustedusercakeys",
    "usedns",
    "useprivilegeseparation",
    "versionaddendum",
    "x11displayoffset",
    "x11uselocalhost",
];

/// Settings of which each line counts, not only the first.
const EACH: &[&str] = &[
    "acceptenv",
    "allowgroups",
    "allowusers",
    "denygroups",
    "denyusers",
    "hostkey",
    "listenaddress",
    "port",
    "setenv",
    "subsystem",
    "include",
];

/// Whether a file may be one of sshd, by its path.
pub fn may_be(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let lower = name.to_ascii_lowercase();
    let drop_in = folder.rsplit('/').next() == Some("sshd_config.d") && lower.ends_with(".conf");
    let other = [
        ".j2", ".erb", ".epp", ".tmpl", ".md", ".yml", ".yaml", ".json", ".py", ".rb", ".pp", ".sh", ".nix", ".html",
        ".patch", ".diff", ".5", ".rs", ".go", ".txt",
    ];
    drop_in || (lower.contains("sshd_config") && !other.iter().any(|ending| lower.ends_with(ending)))
}

/// Whether a file is one of sshd: what it says are settings, and nothing is to be filled in.
pub fn is(text: &Text) -> bool {
    if !may_be(&text.path) || text.text.contains("{%") || text.text.contains("<%") {
        return false;
    }
    let (lines, _) = parse::parse(&text.text);
    let known = |name: &str| OTHERS.contains(&name) || DEFAULTS.iter().any(|(of, _)| *of == name);
    let count = lines.iter().filter(|line| known(&line.name)).count();
    count > 0 && count * 4 >= lines.len() * 3
}

/// What is wrong with a file that is one of sshd.
pub fn malformed(text: &Text) -> Vec<Malformed> {
    if is(text) { parse::parse(&text.text).1.into_iter().collect() } else { Vec::new() }
}

/// Adds a file: its resources are made when all files are read.
pub fn read(world: &mut World, file: FileId) {
    let node = world.tree_mut(file).add(Data::Null, Span::default());
    add(world, file, "sshd_file", "", Span::default(), node);
}

fn add(world: &mut World, file: FileId, kind: &'static str, name: &str, span: Span, node: crate::tree::Id) {
    let (fields, relations) = (Vec::new(), Vec::new());
    let (address, name) = (name.to_owned(), name.to_owned());
    world.add(Resource { kind, family: FAMILY, file, address, name, node, span, fields, relations });
}

struct Source {
    file: FileId,
    path: Arc<str>,
    lines: Vec<Line>,
}

/// A line at its place in a configuration.
#[derive(Clone, Copy)]
struct At<'s> {
    source: usize,
    line: &'s Line,
    /// Which section: 0 is outside of each `Match`.
    section: usize,
}

/// A configuration: its lines in the order in which they count.
#[derive(Default)]
struct Config<'s> {
    lines: Vec<At<'s>>,
    /// What opens each section; none of what is outside.
    sections: Vec<Option<(usize, &'s Line)>>,
    /// It includes something that is not in the tree.
    open: bool,
}

/// Reads all files together.
pub fn link(world: &mut World) {
    let files: Vec<FileId> =
        world.resources.iter().filter(|of| of.kind == "sshd_file").map(|resource| resource.file).collect();
    let source = |file: FileId| {
        let text = &world.file(file).text;
        Source { file, path: text.path.clone(), lines: parse::parse(&text.text).0 }
    };
    let sources: Vec<Source> = files.into_iter().map(source).collect();
    let mut included = BTreeSet::new();
    for (at, source) in sources.iter().enumerate() {
        for line in source.lines.iter().filter(|line| line.name == "include") {
            included.extend(line.args.iter().flat_map(|(pattern, _)| includes(&sources, at, pattern)));
        }
    }
    let mut done = BTreeSet::new();
    for at in (0..sources.len()).filter(|at| !included.contains(at)) {
        let mut config = Config { sections: vec![None], ..Config::default() };
        config.read(&sources, at, 0, 0);
        config.emit(world, &sources, at, &mut done);
    }
}

/// The files that a pattern names: as it says, or beside the file, or in the same root folder.
fn includes(sources: &[Source], from: usize, pattern: &str) -> Vec<usize> {
    let path = &sources[from].path;
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let tail = pattern.strip_prefix("/etc/ssh/").unwrap_or(pattern).trim_start_matches('/');
    let below = if folder.is_empty() { tail.to_owned() } else { format!("{folder}/{tail}") };
    let root = path.find("etc/ssh/").map(|at| format!("{}{}", &path[..at], pattern.trim_start_matches('/')));
    for candidate in root.into_iter().chain([below]) {
        let Ok(glob) = GlobBuilder::new(&candidate).literal_separator(true).build() else { continue };
        let matcher = glob.compile_matcher();
        let matches = |at: &usize| *at != from && matcher.is_match(&*sources[*at].path);
        let found: Vec<usize> = (0..sources.len()).filter(matches).take(MAX_INCLUDED_FILES).collect();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

impl<'s> Config<'s> {
    fn read(&mut self, sources: &'s [Source], source: usize, depth: usize, mut section: usize) {
        for line in &sources[source].lines {
            if self.lines.len() >= MAX_SSHD_LINES {
                self.open = true;
                return;
            }
            match line.name.as_str() {
                "match" => {
                    self.sections.push(Some((source, line)));
                    section = self.sections.len() - 1;
                }
                "include" => {
                    for (pattern, _) in &line.args {
                        let found = includes(sources, source, pattern);
                        self.open |= found.is_empty() || depth >= MAX_SERVER_INCLUDES;
                        if depth < MAX_SERVER_INCLUDES {
                            // A `Match` in an included file ends with it.
                            found.into_iter().for_each(|at| self.read(sources, at, depth + 1, section));
                        }
                    }
                }
                _ => self.lines.push(At { source, line, section }),
            }
        }
    }

    /// Whether a section is for all connections.
    fn is_for_all(&self, section: usize) -> bool {
        self.sections[section].is_some_and(|(_, line)| line.arg().eq_ignore_ascii_case("all"))
    }

    /// The lines that count: of each section the first of each setting; before those outside, those of a `Match all`.
    fn counting(&self) -> BTreeMap<(usize, &'s str), At<'s>> {
        let mut out = BTreeMap::new();
        for all in [true, false] {
            for at in self.lines.iter().filter(|at| self.is_for_all(at.section) == all) {
                let section = if all { 0 } else { at.section };
                out.entry((section, at.line.name.as_str())).or_insert(*at);
            }
        }
        out
    }

    fn emit(&self, world: &mut World, sources: &[Source], root: usize, done: &mut BTreeSet<(usize, u32)>) {
        let counting = self.counting();
        let whole = !sources[root].path.contains("sshd_config.d/");
        let of = |section: usize, name: &str| counting.get(&(section, name)).map(|at| at.line.value());
        let methods = of(0, "authenticationmethods").unwrap_or_default().to_ascii_lowercase();
        let keys_only =
            !methods.is_empty() && !["any", "password", "keyboard"].iter().any(|word| methods.contains(word));
        for at in &self.lines {
            let each = EACH.contains(&at.line.name.as_str());
            let counts = each || counting.values().any(|first| std::ptr::eq(first.line, at.line));
            if counts && done.insert((at.source, at.line.at.start)) {
                self.setting(world, sources[at.source].file, at, keys_only);
            }
        }
        if whole {
            self.config(world, sources[root].file, &counting, keys_only);
        }
        for (section, opened) in self.sections.iter().enumerate() {
            if let (Some((source, line)), false) = (opened, self.is_for_all(section)) {
                self.section(world, sources[*source].file, section, line, &counting);
            }
        }
    }

    fn setting(&self, world: &mut World, file: FileId, at: &At<'_>, keys_only: bool) {
        let (line, span) = (at.line, at.line.span());
        let tree = world.tree_mut(file);
        let setting = tree.text(&line.name, line.at);
        let value = tree.add(value(&line.value()), span);
        let within = tree.text(if at.section == 0 { "global" } else { "match" }, span);
        let narrow = tree.add(Data::Bool(self.sections[at.section].is_some_and(|(_, line)| is_narrow(line))), span);
        let keys_only = tree.add(Data::Bool(keys_only), span);
        let mut members = vec![
            ("setting", setting),
            ("value", value),
            (line.name.as_str(), value),
            ("context", within),
            ("narrow", narrow),
            ("keys_only", keys_only),
        ];
        if let Some(weak) = weak::weak(&line.name, &line.value()) {
            members.push(("weak", tree.text(&weak, span)));
        }
        let node = tree.map(&members, span);
        let around = self.sections[at.section].map(|(_, line)| format!("Match {}/", line.value())).unwrap_or_default();
        let name = sources_name(world, file, line);
        add(world, file, "sshd_setting", &name, span, node);
        if let Some(added) = world.resources.last_mut() {
            added.address = format!("{around}{}", line.name);
        }
    }

    fn config(&self, world: &mut World, file: FileId, counting: &BTreeMap<(usize, &str), At<'_>>, keys_only: bool) {
        let first = world.file(file).text.line(1).len();
        let span = Span::new(0, first);
        let tree = world.tree_mut(file);
        let mut members = Vec::new();
        for (name, default) in DEFAULTS.iter().filter(|(name, _)| !counting.contains_key(&(0, *name))) {
            let data = if self.open { Data::Unknown("what it includes".into()) } else { Data::Text((*default).into()) };
            members.push((*name, tree.add(data, span)));
        }
        members.push(("keys_only", tree.add(Data::Bool(keys_only), span)));
        members.push(("narrow", tree.add(Data::Bool(false), span)));
        let node = tree.map(&members, span);
        add(world, file, "sshd_config", "the default", span, node);
    }

    fn section(
        &self,
        world: &mut World,
        file: FileId,
        section: usize,
        line: &Line,
        counting: &BTreeMap<(usize, &str), At<'_>>,
    ) {
        let span = line.span();
        let tree = world.tree_mut(file);
        let mut members = Vec::new();
        let mut names: BTreeSet<&str> = DEFAULTS.iter().map(|(name, _)| *name).collect();
        names.extend(counting.keys().filter(|(of, _)| *of == section || *of == 0).map(|(_, name)| *name));
        for name in names {
            let said = counting.get(&(section, name)).or_else(|| counting.get(&(0, name)));
            let default = DEFAULTS.iter().find(|(of, _)| *of == name).map(|(_, default)| *default);
            let data = match (said, default) {
                (Some(at), _) => value(&at.line.value()),
                (None, _) if self.open => Data::Unknown("what it includes".into()),
                (None, Some(default)) => Data::Text(default.into()),
                (None, None) => continue,
            };
            members.push((name, tree.add(data, span)));
        }
        let node = tree.map(&members, span);
        let name = format!("Match {}", line.value());
        add(world, file, "sshd_match", &name, span, node);
    }
}

/// The keyword as it is written.
fn sources_name(world: &World, file: FileId, line: &Line) -> String {
    world.file(file).text.slice(line.at).to_owned()
}

/// A value; what templates fill in is not known.
fn value(text: &str) -> Data {
    if text.contains("{{") || text.contains("${") {
        return Data::Unknown("what is filled in".into());
    }
    Data::Text(text.into())
}

/// Whether a `Match` is about where somebody comes from, so that it is not for the whole world.
fn is_narrow(line: &Line) -> bool {
    let words = line.value().to_ascii_lowercase();
    let about = ["address", "host", "localaddress", "localport"];
    let mut parts = words.split([' ', '=']);
    let mut narrow = false;
    while let Some(part) = parts.next() {
        if about.contains(&part) {
            narrow |= !matches!(parts.next(), None | Some("*" | "0.0.0.0/0" | "::/0"));
        }
    }
    narrow
}

#[cfg(test)]
mod tests;
