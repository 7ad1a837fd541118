//! What was worked out about directives, by their place in a file: a file that is included ten times has one answer.

use super::config::{Config, Item, Kind};
use super::parse::Directive;
use super::vars::Variables;
use ahash::AHashMap;

/// Something worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// It is so.
    Yes,
    /// It is not.
    No,
    /// That is not known here.
    Open,
    /// A text.
    Text(String),
    /// Several texts.
    Texts(Vec<String>),
}

impl Fact {
    /// Yes or no.
    pub fn of(holds: bool) -> Fact {
        if holds { Fact::Yes } else { Fact::No }
    }
}

/// Facts by file and byte of the directive.
#[derive(Debug, Default)]
pub struct Facts {
    by_place: AHashMap<(usize, u32), Vec<(&'static str, Fact)>>,
}

impl Facts {
    /// Notes one. Where a file is included twice, what is wrong in one place is wrong.
    pub fn put(&mut self, item: &Item<'_>, name: &'static str, fact: Fact) {
        let all = self.by_place.entry((item.source, item.directive.name.span.start)).or_default();
        let Some((_, before)) = all.iter_mut().find(|(of, _)| *of == name) else {
            all.push((name, fact));
            return;
        };
        *before = match (std::mem::replace(before, Fact::Open), fact) {
            (a, b) if a == b => a,
            (Fact::Yes, _) | (_, Fact::Yes) => Fact::Yes,
            (Fact::Texts(mut a), Fact::Texts(b)) => {
                a.extend(b);
                a.sort();
                a.dedup();
                Fact::Texts(a)
            }
            (Fact::Texts(a), _) | (_, Fact::Texts(a)) => Fact::Texts(a),
            _ => Fact::Open,
        };
    }

    /// Those of a directive.
    pub fn of(&self, source: usize, directive: &Directive) -> &[(&'static str, Fact)] {
        self.by_place.get(&(source, directive.name.span.start)).map_or(&[], Vec::as_slice)
    }
}

/// What checks look at: a configuration, its variables, one block of it.
pub struct Ground<'c, 's> {
    /// The configuration.
    pub config: &'c Config<'s>,
    /// Its variables.
    pub variables: &'c Variables<'c, 's>,
}

/// Works out everything about one configuration.
pub fn work_out(config: &Config<'_>, facts: &mut Facts) {
    let variables = Variables::new(config);
    let ground = Ground { config, variables: &variables };
    for (at, block) in config.blocks.iter().enumerate() {
        if block.kind == Kind::Other {
            super::origins::map(config, at, facts);
            continue;
        }
        for item in &block.items {
            facts.put(item, "context", context(config, at));
            super::proxy::item(&ground, at, item, facts);
            super::access::item(config, at, item, facts);
            super::paths::item(config, at, item, facts);
            super::tls::item(config, at, item, facts);
            super::origins::item(config, at, item, facts);
        }
        super::headers::block(&ground, at, facts);
        super::access::block(config, at, facts);
        match block.kind {
            Kind::Server => {
                super::headers::server(config, at, facts);
                super::paths::server(config, at, facts);
            }
            Kind::Http => super::tls::http(config, at, facts),
            _ => {}
        }
    }
}

/// The name of the block that a directive stands in.
fn context(config: &Config<'_>, block: usize) -> Fact {
    let name = match config.blocks[block].kind {
        Kind::Main => "main",
        Kind::Http => "http",
        Kind::Server => "server",
        Kind::Location => "location",
        Kind::If => config.blocks[block].opened_by.map_or("if", |item| match item.directive.name.text.as_str() {
            "limit_except" => "limit_except",
            _ => "if",
        }),
        Kind::Stream => "stream",
        Kind::Snippet => return Fact::Open,
        Kind::Other => "other",
    };
    Fact::Text(name.to_owned())
}
