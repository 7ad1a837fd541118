//! What variables may hold: where they are set, and whether who sends the request decides it.

use super::config::{Config, Kind};
use crate::limits::{MAX_NGINX_STEPS, MAX_NGINX_VALUES};
use ahash::AHashMap;
use std::cell::Cell;

/// A piece of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Atom {
    /// Text.
    Text(String),
    /// A variable of nginx itself.
    Builtin(String),
    /// What a group of a regular expression took, and of what.
    Capture {
        /// The group.
        group: String,
        /// What it was taken from: `uri` for the decoded path, else a variable's name.
        of: String,
    },
}

/// What sets a variable.
#[derive(Clone, Debug)]
enum Set {
    /// A value, in this block.
    Value(String, usize),
    /// A group of a regular expression.
    Group(String, String),
}

/// The variables of a configuration.
pub struct Variables<'c, 's> {
    config: &'c Config<'s>,
    set: AHashMap<String, Vec<Set>>,
    steps: Cell<usize>,
}

/// The pieces of a value as it is written: texts and names of variables.
pub fn pieces(text: &str) -> Vec<(bool, String)> {
    let (mut out, mut plain, mut rest) = (Vec::new(), String::new(), text);
    while let Some(at) = rest.find('$') {
        plain.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (name, then) = match after.strip_prefix('{') {
            Some(braced) => braced.split_once('}').unwrap_or((braced, "")),
            None => {
                let first = after.bytes().next();
                let end = match first {
                    Some(byte) if byte.is_ascii_digit() => 1,
                    _ => after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len()),
                };
                after.split_at(end)
            }
        };
        if name.is_empty() {
            plain.push('$');
        } else {
            if !plain.is_empty() {
                out.push((false, std::mem::take(&mut plain)));
            }
            out.push((true, name.to_owned()));
        }
        rest = then;
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        out.push((false, plain));
    }
    out
}

impl<'c, 's> Variables<'c, 's> {
    /// Those of a configuration.
    pub fn new(config: &'c Config<'s>) -> Variables<'c, 's> {
        let mut all = Variables { config, set: AHashMap::new(), steps: Cell::new(0) };
        for (at, block) in config.blocks.iter().enumerate() {
            for item in &block.items {
                all.note(at, item.directive.name.text.as_str(), item);
            }
        }
        all
    }

    fn add(&mut self, name: &str, set: Set) {
        let all = self.set.entry(name.to_owned()).or_default();
        if all.len() < MAX_NGINX_VALUES {
            all.push(set);
        }
    }

    fn note(&mut self, at: usize, name: &str, item: &super::config::Item<'s>) {
        let directive = item.directive;
        match name {
            "set" => {
                let variable = directive.arg(0).trim_start_matches('$').to_owned();
                self.add(&variable, Set::Value(directive.arg(1).to_owned(), at));
            }
            "map" | "geo" | "split_clients" => {
                let Some(variable) = directive.args.last().and_then(|word| word.text.strip_prefix('$')) else { return };
                let of = directive.arg(0).trim_start_matches('$').to_owned();
                for entry in directive.children() {
                    let (Some(value), false) = (entry.args.first(), entry.is("include")) else { continue };
                    let mut value = value.text.clone();
                    let regex = entry.name.text.trim_start_matches("~*").trim_start_matches('~');
                    if entry.name.text.starts_with('~') {
                        for (at, (group_name, group)) in groups(regex).into_iter().enumerate() {
                            if let Some(group_name) = group_name {
                                self.add(&group_name, Set::Group(group.clone(), of.clone()));
                            }
                            // A number is of this entry alone, so it gets a name that is of this entry alone.
                            let own = format!("{variable}__{}__{}", entry.name.span.start, at + 1);
                            let replaced = value.replace(&format!("${}", at + 1), &format!("${{{own}}}"));
                            if replaced != value {
                                value = replaced;
                                self.add(&own, Set::Group(group, of.clone()));
                            }
                        }
                    }
                    let variable = variable.to_owned();
                    self.add(&variable, Set::Value(value, at));
                }
            }
            "location" if matches!(directive.arg(0), "~" | "~*") => self.named_groups(directive.arg(1), "uri"),
            "if" => {
                if let Some((of, regex)) = matched(directive) {
                    self.named_groups(&regex, &of);
                }
            }
            "rewrite" => self.named_groups(directive.arg(0), "uri"),
            "server_name" => {
                for word in directive.args.iter().filter(|word| word.text.starts_with('~')) {
                    self.named_groups(&word.text[1..], "host");
                }
            }
            _ => {}
        }
    }

    fn named_groups(&mut self, regex: &str, of: &str) {
        for (name, group) in groups(regex) {
            if let Some(name) = name {
                self.add(&name, Set::Group(group, of.to_owned()));
            }
        }
    }

    /// All values that a text may have in a block, as far as they are known: variables are replaced by what sets them.
    pub fn values(&self, text: &str, block: usize) -> Vec<Vec<Atom>> {
        self.expand(text, block, 0)
    }

    fn expand(&self, text: &str, block: usize, depth: usize) -> Vec<Vec<Atom>> {
        let mut out: Vec<Vec<Atom>> = vec![Vec::new()];
        for (variable, piece) in pieces(text) {
            let ways = if variable { self.variable(&piece, block, depth) } else { vec![vec![Atom::Text(piece)]] };
            let mut next = Vec::new();
            for before in &out {
                for way in &ways {
                    if next.len() < MAX_NGINX_VALUES {
                        next.push([before.as_slice(), way.as_slice()].concat());
                    }
                }
            }
            out = next;
        }
        out
    }

    /// Whether more may be looked at: variables that are set from one another can make endless work.
    fn step(&self) -> bool {
        self.steps.set(self.steps.get().saturating_add(1));
        self.steps.get() <= MAX_NGINX_STEPS
    }

    fn variable(&self, name: &str, block: usize, depth: usize) -> Vec<Vec<Atom>> {
        if let Some(number) = name.parse::<usize>().ok().filter(|number| *number > 0) {
            return match self.numbered(number, block) {
                Some((group, of)) => vec![vec![Atom::Capture { group, of }]],
                None => vec![vec![Atom::Text(String::new())]],
            };
        }
        let Some(sets) = self.set.get(name).filter(|_| depth < 6 && self.step()) else {
            return vec![vec![Atom::Builtin(name.to_owned())]];
        };
        let mut out = Vec::new();
        // `set` counts in its own server.
        let server = self.config.nearest(block, Kind::Server);
        for set in sets {
            match set {
                Set::Value(value, at) => {
                    let other = self.config.nearest(*at, Kind::Server);
                    if other.is_none() || other == server {
                        out.extend(self.expand(value, *at, depth + 1));
                    }
                }
                Set::Group(group, of) => out.push(vec![Atom::Capture { group: group.clone(), of: of.clone() }]),
            }
        }
        out.truncate(MAX_NGINX_VALUES);
        out
    }

    /// What `$1` is in a block: of the nearest regular expression, a `rewrite` before the `if` or `location` around it.
    fn numbered(&self, number: usize, block: usize) -> Option<(String, String)> {
        for at in self.config.chain(block) {
            let block = &self.config.blocks[at];
            let rewrites = block.items.iter().rev().filter(|item| item.directive.is("rewrite"));
            for item in rewrites.take_while(|_| self.step()) {
                if let Some((_, group)) = groups(item.directive.arg(0)).into_iter().nth(number - 1) {
                    return Some((group, "uri".to_owned()));
                }
            }
            let Some(directive) = block.opened_by.map(|item| item.directive) else { continue };
            let of = match block.kind {
                Kind::Location if matches!(directive.arg(0), "~" | "~*") => {
                    Some(("uri".to_owned(), directive.arg(1).to_owned()))
                }
                Kind::If => matched(directive),
                _ => None,
            };
            let group = of.and_then(|(of, regex)| Some((groups(&regex).into_iter().nth(number - 1)?.1, of)));
            if group.is_some() {
                return group;
            }
        }
        None
    }
}

/// The variable and the regular expression of an `if`.
pub fn matched(directive: &super::parse::Directive) -> Option<(String, String)> {
    let words: Vec<&str> = directive.args.iter().map(|word| word.text.as_str()).collect();
    let operator = words.iter().position(|word| matches!(*word, "~" | "~*" | "!~" | "!~*"))?;
    let of = words.get(operator.checked_sub(1)?)?.trim_start_matches('(').trim_start_matches('$');
    // `( $a ~ x )` is as good as `($a ~ x)`.
    let last = words.len() - usize::from(words.last() == Some(&")"));
    let rest = words[operator + 1..last].join(" ");
    let regex = if last == words.len() { rest.strip_suffix(')').unwrap_or(&rest) } else { &rest };
    Some((of.to_owned(), regex.to_owned()))
}

/// The groups of a regular expression in the order of their numbers: name and what is in them.
pub fn groups(regex: &str) -> Vec<(Option<String>, String)> {
    let (mut found, mut open, mut class, mut at) = (Vec::new(), Vec::new(), false, 0);
    let bytes = regex.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'[' if !class => class = true,
            b']' if class => class = false,
            b'(' if !class => {
                let rest = &regex[at + 1..];
                let named = ["?<", "?P<", "?'"].iter().find_map(|start| rest.strip_prefix(start));
                let named = named.filter(|name| !name.starts_with(['=', '!']));
                let name = named.and_then(|name| name.split(['>', '\'']).next()).map(str::to_owned);
                let begin = at + 1 + if named.is_some() { rest.find(['>', '\'']).unwrap_or(0) } else { 0 };
                let begin = match &name {
                    Some(name) => begin + usize::from(rest.starts_with("?'")) * (name.len() + 1) + 1,
                    None => begin,
                };
                if name.is_some() || !rest.starts_with('?') {
                    open.push(Some(found.len()));
                    found.push((name, begin.min(regex.len()), regex.len()));
                } else {
                    open.push(None);
                }
            }
            b')' if !class => {
                if let Some(Some(group)) = open.pop() {
                    found[group].2 = at;
                }
            }
            _ => {}
        }
        at += 1;
    }
    let text = |begin: usize, end: usize| regex.get(begin..end.max(begin)).unwrap_or_default().to_owned();
    found.into_iter().map(|(name, begin, end)| (name, text(begin, end))).collect()
}

/// Whether what a group takes may hold a character that nobody wrote there: by a dot, a class, or all but some.
pub fn may_hold(group: &str, wanted: char) -> bool {
    let mut characters = group.chars().peekable();
    while let Some(character) = characters.next() {
        let holds = match character {
            '.' => wanted != '\n',
            '\\' => characters.next().is_some_and(|class| class_holds(class, wanted)),
            '[' => {
                let negated = characters.next_if_eq(&'^').is_some();
                let (mut has, mut first) = (false, true);
                let mut before = None;
                while let Some(inner) = characters.next() {
                    match inner {
                        ']' if !first => break,
                        '\\' => {
                            let class = characters.next().unwrap_or('\\');
                            has |= class_holds(class, wanted) || class == wanted || (class == 'n' && wanted == '\n');
                            before = Some(class);
                        }
                        '-' if before.is_some() && characters.peek().is_some_and(|next| *next != ']') => {
                            let to = characters.next().unwrap_or('-');
                            has |= before.is_some_and(|from| from <= wanted && wanted <= to);
                        }
                        inner => {
                            has |= inner == wanted;
                            before = Some(inner);
                        }
                    }
                    first = false;
                }
                has != negated
            }
            _ => false,
        };
        if holds {
            return true;
        }
    }
    group.contains("(?s") && wanted == '\n' && group.contains('.')
}

fn class_holds(class: char, wanted: char) -> bool {
    match class {
        's' => wanted.is_whitespace(),
        'S' => !wanted.is_whitespace(),
        'd' => wanted.is_ascii_digit(),
        'D' => !wanted.is_ascii_digit(),
        'w' => wanted.is_ascii_alphanumeric() || wanted == '_',
        'W' => !(wanted.is_ascii_alphanumeric() || wanted == '_'),
        'n' => wanted == '\n',
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn groups_and_what_they_hold() {
        let all = groups(r"^/(?<a>[^.]*)\.(?:x|(y))(?P<b>.+)[(](?'c'\d)$");
        let said: Vec<(Option<&str>, &str)> =
            all.iter().map(|(name, group)| (name.as_deref(), group.as_str())).collect();
        assert_eq!(said, [(Some("a"), "[^.]*"), (None, "y"), (Some("b"), ".+"), (Some("c"), r"\d")]);
        for (group, wanted, holds) in [
            ("[^.]*", '\n', true),
            ("[^/]+", '/', false),
            ("[^\\s]+", '\n', false),
            (".*", '\n', false),
            (".*", '/', true),
            ("[\\w-]+", '.', false),
            ("[a-z.]+", '.', true),
            ("[!-~]+", '/', true),
            ("a\\.b/c", '.', false),
            ("\\S+", '/', true),
            ("[]x]", ']', true),
        ] {
            assert_eq!(may_hold(group, wanted), holds, "{group} {wanted:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(regex in "[a-z()\\[\\]\\\\?<>'P^.*\u{e9}$]{0,40}") {
            for (_, group) in groups(&regex) {
                may_hold(&group, '/');
            }
            pieces(&regex);
        }
    }
}
