//! The syntax of nginx: words, directives, blocks. Nothing is known of what they mean, except that Lua is no configuration.

use crate::limits::{MAX_NGINX_ARGUMENTS, MAX_NGINX_DEPTH, MAX_NGINX_DIRECTIVES};
use crate::text::Span;
use crate::tree::Malformed;

/// A word, without its quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// What it says; `\"`, `\\`, `\n` and the like are replaced as nginx does.
    pub text: String,
    /// Where, with quotes.
    pub span: Span,
    /// It was quoted.
    pub quoted: bool,
}

/// A directive, with what is in its block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// Its name, or the first word of an entry of a `map`.
    pub name: Word,
    /// What follows on it.
    pub args: Vec<Word>,
    /// What is between its braces.
    pub block: Option<Vec<Directive>>,
}

impl Directive {
    /// Its first argument; empty when there is none.
    pub fn arg(&self, at: usize) -> &str {
        self.args.get(at).map_or("", |word| &word.text)
    }

    /// Whether it has this name.
    pub fn is(&self, name: &str) -> bool {
        self.name.text == name
    }

    /// From its name to its last argument: where it is shown.
    pub fn span(&self) -> Span {
        self.args.last().map_or(self.name.span, |last| self.name.span.to(last.span))
    }

    /// What is in its block.
    pub fn children(&self) -> &[Directive] {
        self.block.as_deref().unwrap_or_default()
    }
}

/// A file's directives, and what is wrong with it first. What is before that was read.
#[derive(Debug, Default)]
pub struct Parsed {
    /// Those outside of all blocks.
    pub directives: Vec<Directive>,
    /// What is wrong.
    pub malformed: Option<Malformed>,
}

/// Parses a text.
pub fn parse(text: &str) -> Parsed {
    let mut parser = Parser { text, at: 0, count: 0, malformed: None };
    let directives = parser.block(0);
    Parsed { directives, malformed: parser.malformed }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    count: usize,
    malformed: Option<Malformed>,
}

/// What ends a directive.
enum End {
    Semicolon,
    Open,
}

impl Parser<'_> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn refuse(&mut self, at: usize, reason: &str) {
        let end = self.text[at..].chars().next().map_or(at, |character| at + character.len_utf8());
        self.malformed.get_or_insert_with(|| Malformed { span: Span::new(at, end), reason: reason.to_owned() });
        self.at = self.text.len();
    }

    /// Over blanks and comments.
    fn skip(&mut self) {
        while let Some(byte) = self.byte() {
            match byte {
                b'#' => {
                    self.at =
                        memchr::memchr(b'\n', &self.text.as_bytes()[self.at..]).map_or(self.text.len(), |n| self.at + n)
                }
                _ if byte.is_ascii_whitespace() => self.at += 1,
                // A byte-order mark.
                0xEF if self.at == 0 && self.text.starts_with('\u{feff}') => self.at = 3,
                _ => return,
            }
        }
    }

    /// Directives up to the closing brace, or the end of the text.
    fn block(&mut self, depth: usize) -> Vec<Directive> {
        let mut out = Vec::new();
        loop {
            self.skip();
            match self.byte() {
                None if depth > 0 && self.malformed.is_none() => {
                    self.refuse(self.text.len(), "a block is not closed: `}` is missing");
                    return out;
                }
                None => return out,
                Some(b'}') if depth > 0 => {
                    self.at += 1;
                    return out;
                }
                Some(b'}') => {
                    self.refuse(self.at, "`}` closes nothing");
                    return out;
                }
                // An empty statement: nginx refuses it, and nothing is lost by passing over it.
                Some(b';') => self.at += 1,
                Some(b'{') if !self.text[self.at..].starts_with("{{") => {
                    self.refuse(self.at, "a block without a name");
                    return out;
                }
                Some(_) => match self.directive(depth) {
                    Some(directive) => out.push(directive),
                    None => return out,
                },
            }
        }
    }

    fn directive(&mut self, depth: usize) -> Option<Directive> {
        let start = self.at;
        self.count += 1;
        if self.count > MAX_NGINX_DIRECTIVES {
            self.refuse(start, &format!("more than {MAX_NGINX_DIRECTIVES} directives (MAX_NGINX_DIRECTIVES)"));
            return None;
        }
        let name = self.word()?;
        let mut args = Vec::new();
        let end = loop {
            self.skip();
            match self.byte() {
                Some(b';') => break End::Semicolon,
                Some(b'{') if !self.text[self.at..].starts_with("{{") => break End::Open,
                Some(b'}') | None => {
                    let reason = format!("`{}` does not end with `;`", name.text.chars().take(40).collect::<String>());
                    self.refuse(start, &reason);
                    return None;
                }
                Some(_) => args.push(self.word()?),
            }
            if args.len() > MAX_NGINX_ARGUMENTS {
                self.refuse(start, &format!("more than {MAX_NGINX_ARGUMENTS} words (MAX_NGINX_ARGUMENTS)"));
                return None;
            }
        };
        self.at += 1;
        let block = match end {
            End::Semicolon => None,
            End::Open if name.text.ends_with("_by_lua_block") => {
                self.lua(start);
                Some(Vec::new())
            }
            End::Open if depth >= MAX_NGINX_DEPTH => {
                self.refuse(start, &format!("blocks lie more than {MAX_NGINX_DEPTH} deep (MAX_NGINX_DEPTH)"));
                return None;
            }
            End::Open => Some(self.block(depth + 1)),
        };
        Some(Directive { name, args, block })
    }

    fn word(&mut self) -> Option<Word> {
        let start = self.at;
        let first = self.byte()?;
        let quoted = matches!(first, b'"' | b'\'');
        let mut text = String::new();
        if quoted {
            self.at += 1;
        }
        loop {
            let Some(character) = self.text[self.at..].chars().next() else {
                if quoted {
                    self.refuse(start, "a quote is not closed");
                    return None;
                }
                break;
            };
            match character {
                '"' | '\'' if quoted && character == char::from(first) => {
                    self.at += 1;
                    break;
                }
                '\\' => self.escape(&mut text),
                // A placeholder of templates is part of the word: `{{ name }}`.
                '{' if !quoted && self.text[self.at..].starts_with("{{") => self.placeholder(&mut text),
                // `${name}`: the brace is no block.
                '$' if self.text[self.at..].starts_with("${") => {
                    text.push_str("${");
                    self.at += 2;
                }
                ';' | '{' if !quoted => break,
                _ if !quoted && character.is_ascii_whitespace() => break,
                _ => {
                    text.push(character);
                    self.at += character.len_utf8();
                }
            }
        }
        Some(Word { text, span: Span::new(start, self.at), quoted })
    }

    fn escape(&mut self, text: &mut String) {
        let Some(next) = self.text[self.at + 1..].chars().next() else {
            text.push('\\');
            self.at += 1;
            return;
        };
        match next {
            '"' | '\'' | '\\' => text.push(next),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'n' => text.push('\n'),
            _ => {
                text.push('\\');
                text.push(next);
            }
        }
        self.at += 1 + next.len_utf8();
    }

    fn placeholder(&mut self, text: &mut String) {
        let rest = &self.text[self.at..];
        let line = rest.find('\n').unwrap_or(rest.len());
        let end = rest[..line].find("}}").map_or(2, |end| end + 2);
        text.push_str(&rest[..end]);
        self.at += end;
    }

    /// Over a program in Lua, to the brace that closes it.
    fn lua(&mut self, start: usize) {
        let bytes = self.text.as_bytes();
        let mut open = 1usize;
        while let Some(byte) = self.byte() {
            let rest = &bytes[self.at..];
            match byte {
                b'{' => open += 1,
                b'}' => open -= 1,
                b'"' | b'\'' => {
                    let mut at = 1;
                    while rest.get(at).is_some_and(|b| *b != byte && *b != b'\n') {
                        at += if rest[at] == b'\\' { 2 } else { 1 };
                    }
                    self.at += at;
                }
                b'-' if rest.starts_with(b"--[[") => self.lua_long("]]", 4),
                b'-' if rest.starts_with(b"--") => self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len()),
                b'[' if rest.starts_with(b"[[") => self.lua_long("]]", 2),
                b'[' if rest.starts_with(b"[=[") => self.lua_long("]=]", 3),
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                self.at = self.at.min(self.text.len());
                return;
            }
        }
        self.at = self.text.len();
        self.malformed.get_or_insert_with(|| Malformed {
            span: Span::new(start, start),
            reason: "a block of Lua is not closed: `}` is missing".to_owned(),
        });
    }

    fn lua_long(&mut self, end: &str, open: usize) {
        let rest = &self.text.as_bytes()[(self.at + open).min(self.text.len())..];
        let to = memchr::memmem::find(rest, end.as_bytes()).map_or(rest.len(), |to| to + end.len() - 1);
        self.at += open + to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn flat(directives: &[Directive]) -> String {
        let one = |directive: &Directive| {
            let words: Vec<&str> =
                std::iter::once(&directive.name).chain(&directive.args).map(|word| word.text.as_str()).collect();
            let block = directive.block.as_ref().map(|block| format!("{{{}}}", flat(block))).unwrap_or_default();
            format!("{}{block};", words.join(" "))
        };
        directives.iter().map(one).collect()
    }

    #[test]
    fn words_are_those_of_nginx() {
        for (text, is) in [
            ("a b;c{d 'e f';}", "a b;c{d e f;};"),
            ("# x\nlog_format m '$a \"b\"' # c\n  \"\\\"d\";", "log_format m $a \"b\" \"d;"),
            ("location ~ \\.php$ { set $x ${y}z; }", "location ~ \\.php${set $x ${y}z;};"),
            ("location ~ \"^/\\d{3}$\" { a#b c; }", "location ~ ^/\\d{3}${a#b c;};"),
            ("content_by_lua_block { if x then y({a = '}'}) end -- }\n }\nb c;", "content_by_lua_block{};b c;"),
            ("listen {{ port }};", "listen {{ port }};"),
            ("map $a $b { default 1; ~*^/x(.*) 2; '' 3; }", "map $a $b{default 1;~*^/x(.*) 2; 3;};"),
        ] {
            let parsed = parse(text);
            assert_eq!(parsed.malformed, None, "{text}");
            assert_eq!(flat(&parsed.directives), is);
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (text, says, at) in [
            ("a b;\nserver { c d; ", "not closed", 14),
            ("a b;}", "closes nothing", 4),
            ("a 'b;", "quote", 2),
            ("a b", "does not end", 0),
            ("{", "without a name", 0),
            ("x_by_lua_block { \"", "Lua", 0),
        ] {
            let malformed = parse(text).malformed.unwrap();
            assert!(malformed.reason.contains(says), "{text}: {}", malformed.reason);
            assert!(malformed.span.start as usize >= at, "{text}");
        }
        let deep = "a {".repeat(10_000);
        assert!(parse(&deep).malformed.unwrap().reason.contains("deep"));
    }

    proptest! {
        #[test]
        fn spans_say_what_words_say(text in "[a-z ;{}'\"#$\\\\\n\u{e9}]{0,60}") {
            let mut next: Vec<Directive> = parse(&text).directives;
            while let Some(directive) = next.pop() {
                for word in std::iter::once(&directive.name).chain(&directive.args) {
                    let said = &text[word.span.start as usize..word.span.end as usize];
                    if !word.quoted && !said.contains('\\') {
                        prop_assert_eq!(said, &word.text);
                    }
                }
                next.extend(directive.block.unwrap_or_default());
            }
        }
    }
}
