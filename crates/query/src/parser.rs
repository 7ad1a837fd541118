//! Text to syntax tree.

use crate::ast::{Expr, Leaf, Op, Query, Test};
use crate::error::ParseError;
use crate::pipes;
use std::ops::Range;

/// Longest query; a longer one is generated, and belongs into SQL.
pub const MAX_QUERY_BYTES: usize = 16 * 1024;
/// Deepest nesting of parentheses: bounds the stack.
pub const MAX_DEPTH: usize = 64;
/// Tests in one query: bounds the work on each row.
pub const MAX_TERMS: usize = 256;

/// Reads a query.
pub fn parse(text: &str) -> Result<Query, ParseError> {
    if text.len() > MAX_QUERY_BYTES {
        let message = format!("the query is longer than {MAX_QUERY_BYTES} bytes; use SQL for generated queries");
        return Err(ParseError::new(MAX_QUERY_BYTES..text.len(), message));
    }
    let mut parser = Parser { text, at: 0, depth: 0, terms: 0 };
    parser.space();
    let filter = match parser.peek() {
        None | Some('|') => Expr::All,
        Some(_) => parser.or()?,
    };
    let pipes = pipes::parse(&mut parser)?;
    Ok(Query { filter, pipes })
}

pub(crate) struct Parser<'a> {
    pub(crate) text: &'a str,
    pub(crate) at: usize,
    depth: usize,
    terms: usize,
}

impl<'a> Parser<'a> {
    pub(crate) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(crate) fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    pub(crate) fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    /// The place of the next character, for errors.
    pub(crate) fn here(&self) -> Range<usize> {
        self.at..self.at + self.peek().map_or(1, char::len_utf8)
    }

    /// Takes a word such as `AND` when it stands alone.
    fn keyword(&mut self, word: &str) -> bool {
        let Some(head) = self.rest().get(..word.len()) else { return false };
        let next = self.rest()[word.len()..].chars().next();
        let alone = next.is_none_or(|next| next.is_whitespace() || matches!(next, '(' | ')' | '|'));
        let found = head.eq_ignore_ascii_case(word) && alone;
        if found {
            self.at += word.len();
        }
        found
    }

    fn or(&mut self) -> Result<Expr, ParseError> {
        let mut parts = vec![self.and()?];
        loop {
            self.space();
            if !self.keyword("or") {
                break;
            }
            self.space();
            parts.push(self.and()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::Or(parts) })
    }

    fn and(&mut self) -> Result<Expr, ParseError> {
        let mut parts = vec![self.not()?];
        loop {
            self.space();
            if self.keyword("and") {
                self.space();
            } else {
                let before = self.at;
                let or = self.keyword("or");
                self.at = before;
                if or || matches!(self.peek(), None | Some(')' | '|')) {
                    break;
                }
            }
            parts.push(self.not()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::And(parts) })
    }

    fn not(&mut self) -> Result<Expr, ParseError> {
        self.deeper()?;
        let negated = self.keyword("not")
            || (self.peek() == Some('-') && !self.rest()[1..].starts_with(|c: char| c.is_whitespace()) && {
                self.at += 1;
                true
            });
        let result = if negated {
            self.space();
            self.not().map(|inner| Expr::Not(Box::new(inner)))
        } else {
            self.primary()
        };
        self.depth -= 1;
        result
    }

    fn deeper(&mut self) -> Result<(), ParseError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ParseError::new(self.here(), format!("nested deeper than {MAX_DEPTH} levels")));
        }
        Ok(())
    }

    fn primary(&mut self) -> Result<Expr, ParseError> {
        const TERM: [&str; 4] = ["a word", "\"a phrase\"", "field:value", "("];
        let start = self.at;
        match self.peek() {
            None => Err(ParseError::new(self.here(), "the query ends here").expected(TERM)),
            Some('(') => {
                self.at += 1;
                self.space();
                if self.peek() == Some(')') {
                    return Err(ParseError::new(self.here(), "nothing between the parentheses").expected(TERM));
                }
                let inner = self.or()?;
                self.space();
                if !self.eat(")") {
                    let message = "this parenthesis is never closed";
                    return Err(ParseError::new(start..start + 1, message).expected(["a closing )"]));
                }
                Ok(inner)
            }
            Some(')') => Err(ParseError::new(self.here(), "nothing is open that could be closed here").expected(TERM)),
            Some('|') => Err(ParseError::new(self.here(), "a condition is missing before the pipe").expected(TERM)),
            Some(_) => self.term(),
        }
    }

    fn term(&mut self) -> Result<Expr, ParseError> {
        let start = self.at;
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(ParseError::new(self.here(), format!("more than {MAX_TERMS} conditions")));
        }
        let field = self.field();
        let test = match &field {
            None => match self.value(false)? {
                Test::Wildcard(text) if text == "*" => return Ok(Expr::All),
                test => test,
            },
            Some(name) => match self.comparison() {
                Some((Op::Eq, true)) => {
                    let value = self.scalar("a value")?;
                    let leaf = Leaf { field, test: Test::Is(value), span: start..self.at };
                    return Ok(Expr::Not(Box::new(Expr::Leaf(leaf))));
                }
                Some((Op::Eq, _)) => Test::Is(self.scalar("a value")?),
                Some((op, _)) => Test::Compare(op, self.scalar("a number, a duration or a time")?),
                None => {
                    self.at += 1;
                    if name.eq_ignore_ascii_case("missing") {
                        let field = Some(self.scalar("the name of a field")?);
                        let leaf = Leaf { field, test: Test::Present, span: start..self.at };
                        return Ok(Expr::Not(Box::new(Expr::Leaf(leaf))));
                    }
                    self.value(true)?
                }
            },
        };
        Ok(Expr::Leaf(Leaf { field, test, span: start..self.at }))
    }

    /// A field name, when one and an operator stand here.
    fn field(&mut self) -> Option<String> {
        let rest = self.rest();
        if !rest.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '@')) {
            return None;
        }
        let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '@' | '.' | '-' | '/')))?;
        let after = &rest[end..];
        let is_field = match after.chars().next()? {
            ':' => !after.starts_with("://") && !after.starts_with("::"),
            '<' | '>' | '=' => true,
            '!' => after.starts_with("!="),
            _ => false,
        };
        is_field.then(|| {
            self.at += end;
            rest[..end].to_owned()
        })
    }

    /// The operator after a field, and whether it is negated; `None` for a colon.
    fn comparison(&mut self) -> Option<(Op, bool)> {
        let colon = self.rest().starts_with(':') && self.rest()[1..].starts_with(['<', '>', '=']);
        if colon {
            self.at += 1;
        }
        for (text, op, negated) in [
            ("!=", Op::Eq, true),
            (">=", Op::Ge, false),
            ("<=", Op::Le, false),
            (">", Op::Gt, false),
            ("<", Op::Lt, false),
            ("=", Op::Eq, false),
        ] {
            if self.eat(text) {
                return Some((op, negated));
            }
        }
        None
    }

    fn value(&mut self, of_field: bool) -> Result<Test, ParseError> {
        match self.peek() {
            Some('"') => self.quoted().map(Test::Is),
            Some('/') if self.at_regex() => self.regex(),
            Some('[') if of_field => self.range(),
            _ => {
                let start = self.at;
                let (text, wild) = self.word();
                if text.is_empty() {
                    let error = ParseError::new(self.here(), "a value is missing");
                    return Err(error.expected(["a word", "\"a phrase\"", "/a regex/", "[low TO high]", "*"]));
                }
                if of_field && text == "*" && wild {
                    return Ok(Test::Present);
                }
                if wild {
                    if text.matches('*').count() > 32 {
                        return Err(ParseError::new(start..self.at, "more than 32 * in one pattern"));
                    }
                    return Ok(Test::Wildcard(text));
                }
                match text.split_once("..") {
                    Some((low, high)) if of_field && !(low.is_empty() && high.is_empty()) && !high.starts_with('.') => {
                        let end = |end: &str| (!end.is_empty()).then(|| end.to_owned());
                        Ok(Test::Range(end(low), end(high)))
                    }
                    _ => Ok(Test::Is(text)),
                }
            }
        }
    }

    pub(crate) fn scalar(&mut self, what: &str) -> Result<String, ParseError> {
        if self.peek() == Some('"') {
            return self.quoted();
        }
        let (text, _) = self.word();
        if text.is_empty() {
            return Err(ParseError::new(self.here(), "a value is missing").expected([what]));
        }
        Ok(text)
    }

    /// A bare word with its escapes undone, and whether it holds wildcards.
    fn word(&mut self) -> (String, bool) {
        let mut text = String::new();
        let mut wild = false;
        while let Some(character) = self.peek() {
            if character == '\\' {
                self.at += 1;
                if let Some(escaped) = self.peek() {
                    text.push(escaped);
                    self.at += escaped.len_utf8();
                }
                continue;
            }
            if ends_value(character) || character == '"' || character == '(' {
                break;
            }
            wild |= matches!(character, '*' | '?');
            text.push(character);
            self.at += character.len_utf8();
        }
        (text, wild)
    }

    fn quoted(&mut self) -> Result<String, ParseError> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(character) = self.peek() {
            self.at += character.len_utf8();
            match character {
                '"' => return Ok(text),
                '\\' => {
                    if let Some(escaped) = self.peek() {
                        self.at += escaped.len_utf8();
                        text.push(escaped);
                    }
                }
                other => text.push(other),
            }
        }
        Err(ParseError::new(start..start + 1, "this quote is never closed").expected(["a closing \""]))
    }

    /// Whether a regular expression starts here: the next `/` ends it and a word ends there too, so that
    /// `/api/v1` and `/api/*` are paths.
    fn at_regex(&self) -> bool {
        let rest = &self.rest()[1..];
        let mut escaped = false;
        let close = rest.find(|character| {
            let found = character == '/' && !escaped;
            escaped = character == '\\' && !escaped;
            found
        });
        close.is_some_and(|close| rest[close + 1..].chars().next().is_none_or(ends_value))
    }

    fn regex(&mut self) -> Result<Test, ParseError> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(character) = self.peek() {
            self.at += character.len_utf8();
            match character {
                '/' => {
                    crate::functions::regex(&text).map_err(|error| ParseError::new(start..self.at, error))?;
                    return Ok(Test::Regex(text));
                }
                '\\' if self.peek() == Some('/') => {
                    self.at += 1;
                    text.push('/');
                }
                '\\' => {
                    text.push('\\');
                    if let Some(escaped) = self.peek() {
                        self.at += escaped.len_utf8();
                        text.push(escaped);
                    }
                }
                other => text.push(other),
            }
        }
        Err(ParseError::new(start..start + 1, "this regular expression is never closed").expected(["a closing /"]))
    }

    fn range(&mut self) -> Result<Test, ParseError> {
        let start = self.at;
        self.at += 1;
        let mut ends = Vec::new();
        for closing in [false, true] {
            self.space();
            let quoted = self.peek() == Some('"');
            let end = if quoted { self.quoted()? } else { self.range_word() };
            if end.is_empty() && !quoted {
                return Err(ParseError::new(self.here(), "the range has no end here").expected(["a value", "*"]));
            }
            ends.push((quoted || end != "*").then_some(end));
            self.space();
            if !closing && !self.keyword("to") {
                return Err(ParseError::new(self.here(), "a range is written [low TO high]").expected(["TO"]));
            }
        }
        if !self.eat("]") {
            return Err(ParseError::new(start..start + 1, "this range is never closed").expected(["a closing ]"]));
        }
        let high = ends.pop().flatten();
        Ok(Test::Range(ends.pop().flatten(), high))
    }

    fn range_word(&mut self) -> String {
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, ']' | '"')).unwrap_or(rest.len());
        self.at += end;
        rest[..end].to_owned()
    }
}

fn ends_value(character: char) -> bool {
    character.is_whitespace() || matches!(character, ')' | '|')
}
