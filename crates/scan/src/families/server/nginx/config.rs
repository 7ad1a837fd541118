//! A whole configuration: what is included is put in its place, and each block knows what it is in.
//!
//! A file that nothing includes is the beginning of one. When it has `server` blocks and no `http`, it is read as if an `http`
//! around it said nothing; when it has only what may stand anywhere, what is around it is not known.

use super::parse::Directive;
use crate::limits::{MAX_INCLUDED_FILES, MAX_NGINX_EXPANDED, MAX_PAIRS, MAX_SERVER_INCLUDES};
use crate::resource::FileId;
use ahash::AHashMap;
use globset::GlobBuilder;
use std::sync::Arc;

/// A file of nginx.
#[derive(Debug)]
pub struct Source {
    /// Its number.
    pub file: FileId,
    /// Its path.
    pub path: Arc<str>,
    /// What it says.
    pub directives: Vec<Directive>,
}

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What is outside of all blocks.
    Main,
    /// What is outside of all blocks in a file that is included from where nobody here knows.
    Snippet,
    /// `http`.
    Http,
    /// A `server` for HTTP.
    Server,
    /// `location`.
    Location,
    /// `if`, also `limit_except`.
    If,
    /// `stream` and `mail`, with their servers.
    Stream,
    /// Another one, such as `upstream`, `map` and `types`.
    Other,
}

/// A directive at its place in a configuration.
#[derive(Clone, Copy, Debug)]
pub struct Item<'s> {
    /// The number of its file among the sources.
    pub source: usize,
    /// The directive.
    pub directive: &'s Directive,
    /// Its own block.
    pub block: Option<usize>,
}

/// A block.
#[derive(Debug)]
pub struct Block<'s> {
    /// What it is.
    pub kind: Kind,
    /// What opens it; none of what is outside.
    pub opened_by: Option<Item<'s>>,
    /// The block around it.
    pub parent: Option<usize>,
    /// What is in it, that of included files among it.
    pub items: Vec<Item<'s>>,
    /// It includes something that is not in the tree.
    pub open: bool,
    /// The items by the name of their directive.
    by_name: AHashMap<&'s str, Vec<usize>>,
}

impl<'s> Block<'s> {
    fn new(kind: Kind, parent: Option<usize>) -> Block<'s> {
        let open = kind == Kind::Snippet;
        Block { kind, opened_by: None, parent, items: Vec::new(), open, by_name: AHashMap::new() }
    }

    fn add(&mut self, item: Item<'s>) {
        self.by_name.entry(&item.directive.name.text).or_default().push(self.items.len());
        self.items.push(item);
    }
}

/// Where a directive is set that a block inherits.
#[derive(Debug)]
pub enum Level<'c, 's> {
    /// In this block, by these.
    Set(usize, Vec<&'c Item<'s>>),
    /// Nowhere.
    Absent,
    /// It is not known where.
    Open,
}

/// A configuration.
#[derive(Debug)]
pub struct Config<'s> {
    /// All blocks; the first is what is outside.
    pub blocks: Vec<Block<'s>>,
    count: usize,
}

/// Which files a directive of a file includes; none when it is not in the tree.
pub struct Includes<'s> {
    sources: &'s [Source],
    by_path: AHashMap<&'s str, usize>,
    known: AHashMap<(usize, usize, String), Vec<usize>>,
    compared: usize,
}

/// Files that say nothing that rules look at.
const HARMLESS: &[&str] = &[
    "mime.types",
    "fastcgi_params",
    "fastcgi.conf",
    "fastcgi-php.conf",
    "uwsgi_params",
    "scgi_params",
    "proxy_params",
    "koi-win",
    "koi-utf",
    "win-utf",
];

/// Directives that stand in `http` or around it, and never in a server.
const ONLY_HTTP: &[&str] = &[
    "server",
    "upstream",
    "map",
    "geo",
    "split_clients",
    "limit_req_zone",
    "limit_conn_zone",
    "proxy_cache_path",
    "log_format",
];

/// Directives that stand outside of all blocks.
const ONLY_MAIN: &[&str] =
    &["http", "events", "stream", "mail", "user", "worker_processes", "pid", "load_module", "daemon"];

impl<'s> Includes<'s> {
    /// Of these files.
    pub fn new(sources: &'s [Source]) -> Includes<'s> {
        let by_path = sources.iter().enumerate().map(|(at, source)| (&*source.path, at)).collect();
        Includes { sources, by_path, known: AHashMap::new(), compared: 0 }
    }

    /// The files that an `include` names, in a file of a configuration that begins with another.
    pub fn find(&mut self, root: usize, source: usize, pattern: &str) -> &[usize] {
        let key = (root, source, pattern.to_owned());
        if !self.known.contains_key(&key) {
            let found = self.look(root, source, pattern);
            self.known.insert(key.clone(), found);
        }
        self.known.get(&key).map_or(&[], Vec::as_slice)
    }

    fn look(&mut self, root: usize, source: usize, pattern: &str) -> Vec<usize> {
        if pattern.contains('$') || pattern.contains("{{") || pattern.len() > 1024 {
            return Vec::new();
        }
        let folder = |at: usize| self.sources[at].path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut candidates = Vec::new();
        if let Some(absolute) = pattern.strip_prefix('/') {
            let path = &self.sources[source].path;
            // A tree that is a root folder, or holds one: `docker/rootfs/etc/nginx/nginx.conf`.
            let first = absolute.split('/').next().unwrap_or_default();
            let prefix = path.find(&format!("{first}/")).map_or("", |at| &path[..at]);
            candidates.push(format!("{prefix}{absolute}"));
            let tail =
                pattern.rsplit_once("/nginx/conf/").or_else(|| pattern.split_once("/nginx/")).map(|(_, tail)| tail);
            let tail = tail.unwrap_or_default().to_owned();
            if !tail.is_empty() {
                candidates.extend([root, source].map(|at| join(folder(at), &tail)));
            }
        } else {
            candidates.extend([root, source].map(|at| join(folder(at), pattern)));
        }
        candidates.iter().map(|path| self.glob(path, source)).find(|found| !found.is_empty()).unwrap_or_default()
    }

    fn glob(&mut self, path: &str, source: usize) -> Vec<usize> {
        if !path.contains(['*', '?', '[']) {
            return self.by_path.get(path).copied().filter(|at| *at != source).into_iter().collect();
        }
        self.compared += self.sources.len();
        if self.compared > MAX_PAIRS {
            return Vec::new();
        }
        let Ok(glob) = GlobBuilder::new(path).literal_separator(true).build() else { return Vec::new() };
        let matcher = glob.compile_matcher();
        let matches = |at: &usize| *at != source && matcher.is_match(&*self.sources[*at].path);
        (0..self.sources.len()).filter(matches).take(MAX_INCLUDED_FILES).collect()
    }
}

/// A path below a folder, with `.` and `..` taken out.
fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Reads the configurations of a tree: one for each file that no other includes.
pub fn configs(sources: &[Source]) -> Vec<Config<'_>> {
    let mut includes = Includes::new(sources);
    let mut included = vec![false; sources.len()];
    // What a main file includes is looked for from there; what is included by the others is found when those are read.
    for (at, source) in sources.iter().enumerate() {
        let mut next: Vec<&Directive> = source.directives.iter().collect();
        while let Some(directive) = next.pop() {
            if directive.is("include") {
                includes.find(at, at, directive.arg(0)).iter().for_each(|to| included[*to] = true);
            }
            next.extend(directive.children());
        }
    }
    let mut count = 0;
    let mut out = Vec::new();
    // Files with `http` begin a configuration, whatever else includes them.
    for at in (0..sources.len()).filter(|at| !included[*at] || sources[*at].directives.iter().any(|of| of.is("http"))) {
        let mut config = Config { blocks: Vec::new(), count };
        config.read(sources, &mut includes, at);
        count = config.count;
        out.push(config);
    }
    out
}

impl<'s> Config<'s> {
    fn read(&mut self, sources: &'s [Source], includes: &mut Includes<'s>, root: usize) {
        let directives = &sources[root].directives;
        let has = |names: &[&str]| directives.iter().any(|directive| names.contains(&directive.name.text.as_str()));
        let kind = if has(ONLY_MAIN) {
            Kind::Main
        } else if has(ONLY_HTTP) {
            Kind::Http
        } else {
            Kind::Snippet
        };
        self.blocks.push(Block::new(kind, None));
        self.fill(sources, includes, Place { root, source: root, block: 0, depth: 0 }, directives);
    }

    fn fill(&mut self, sources: &'s [Source], includes: &mut Includes<'s>, place: Place, directives: &'s [Directive]) {
        for directive in directives {
            self.count += 1;
            if self.count > MAX_NGINX_EXPANDED {
                self.blocks[place.block].open = true;
                return;
            }
            let block = directive.block.as_ref().map(|_| {
                let kind = kind(&directive.name.text, self.blocks[place.block].kind);
                let parent = Some(place.block);
                self.blocks.push(Block::new(kind, parent));
                self.blocks.len() - 1
            });
            let item = Item { source: place.source, directive, block };
            self.blocks[place.block].add(item);
            if let (Some(block), Some(children)) = (block, &directive.block) {
                self.blocks[block].opened_by = Some(item);
                self.fill(sources, includes, Place { block, ..place }, children);
            } else if directive.is("include") {
                self.include(sources, includes, place, directive.arg(0));
            }
        }
    }

    fn include(&mut self, sources: &'s [Source], includes: &mut Includes<'s>, place: Place, pattern: &str) {
        let found = includes.find(place.root, place.source, pattern).to_vec();
        let name = pattern.rsplit('/').next().unwrap_or(pattern);
        let harmless = HARMLESS.contains(&name) || pattern.contains("modules");
        if (found.is_empty() && !harmless) || place.depth >= MAX_SERVER_INCLUDES {
            self.blocks[place.block].open = true;
            return;
        }
        for source in found {
            let place = Place { source, depth: place.depth + 1, ..place };
            self.fill(sources, includes, place, &sources[source].directives);
        }
    }

    /// A block and those around it.
    pub fn chain(&self, block: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(Some(block), |at| self.blocks[*at].parent)
    }

    /// The nearest block of a kind, itself counted.
    pub fn nearest(&self, block: usize, kind: Kind) -> Option<usize> {
        self.chain(block).find(|at| self.blocks[*at].kind == kind)
    }

    /// The directives of a block that have one of these names.
    pub fn named<'c>(&'c self, block: usize, names: &'c [&str]) -> impl Iterator<Item = &'c Item<'s>> + 'c {
        let block = &self.blocks[block];
        let places = names.iter().filter_map(|name| block.by_name.get(name)).flatten();
        places.map(|at| &block.items[*at])
    }

    /// Where a block has directives of these names from: as in nginx, the innermost block with any of them counts alone.
    pub fn level<'c>(&'c self, block: usize, names: &'c [&str]) -> Level<'c, 's> {
        for at in self.chain(block) {
            let items: Vec<_> = self.named(at, names).collect();
            if !items.is_empty() {
                return Level::Set(at, items);
            }
            if self.blocks[at].open {
                return Level::Open;
            }
        }
        Level::Absent
    }

    /// The first argument of a directive that is in force.
    pub fn value<'c>(&'c self, block: usize, name: &'c str) -> Value<'c> {
        match self.level(block, &[name]) {
            Level::Set(_, items) => items.last().map_or(Value::Absent, |item| Value::Set(item.directive.arg(0))),
            Level::Absent => Value::Absent,
            Level::Open => Value::Open,
        }
    }

    /// All that is in a block, and in the blocks in it.
    pub fn within(&self, block: usize) -> Vec<&Item<'s>> {
        let (mut out, mut next) = (Vec::new(), vec![block]);
        while let Some(at) = next.pop() {
            out.extend(&self.blocks[at].items);
            next.extend(self.blocks[at].items.iter().filter_map(|item| item.block));
        }
        out
    }

    /// Whether something in a block, or in a block in it, is not known.
    pub fn is_open_within(&self, block: usize) -> bool {
        self.blocks[block].open
            || self.within(block).iter().any(|item| item.block.is_some_and(|at| self.blocks[at].open))
    }
}

/// The first argument of a directive in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'c> {
    /// It says so.
    Set(&'c str),
    /// The default counts.
    Absent,
    /// Not known.
    Open,
}

#[derive(Clone, Copy)]
struct Place {
    root: usize,
    source: usize,
    block: usize,
    depth: usize,
}

fn kind(name: &str, around: Kind) -> Kind {
    match (name, around) {
        ("http", _) => Kind::Http,
        ("stream" | "mail", _) | ("server", Kind::Stream) => Kind::Stream,
        ("server", Kind::Main | Kind::Http | Kind::Snippet | Kind::Server) => Kind::Server,
        ("location", _) => Kind::Location,
        ("if" | "limit_except", _) => Kind::If,
        _ => Kind::Other,
    }
}
