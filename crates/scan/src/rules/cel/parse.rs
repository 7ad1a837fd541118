//! Texts to expressions.

use super::{Expr, FUNCTIONS, MACROS, Op};
use crate::limits::{MAX_CEL_BYTES, MAX_CEL_DEPTH, MAX_CEL_SIGNS, MAX_REGEX_BYTES};
use crate::policies::nearest;
use regex::RegexBuilder;

pub(super) fn expression(text: &str) -> Result<Expr, String> {
    if text.len() > MAX_CEL_BYTES {
        return Err(format!("the expression has {} bytes, more than {MAX_CEL_BYTES} (MAX_CEL_BYTES)", text.len()));
    }
    let mut reader = Reader { text, at: 0, depth: 0, signs: 0 };
    let expr = reader.conditional()?;
    reader.spaces();
    if reader.rest().is_empty() { Ok(expr) } else { reader.refuse("expected an operator or the end") }
}

type Read = Result<Expr, String>;

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    /// Operators, steps and calls: each may be a level of what is evaluated.
    signs: usize,
}

/// Operators by how tightly they bind, the loosest first; longer signs before their beginnings.
const LEVELS: [&[(&str, Op)]; 5] = [
    &[("||", Op::Or)],
    &[("&&", Op::And)],
    &[
        ("==", Op::Equal),
        ("!=", Op::Unequal),
        ("<=", Op::LessOrEqual),
        (">=", Op::MoreOrEqual),
        ("<", Op::Less),
        (">", Op::More),
        ("in", Op::In),
    ],
    &[("+", Op::Add), ("-", Op::Subtract)],
    &[("*", Op::Multiply), ("/", Op::Divide), ("%", Op::Rest)],
];

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn refuse<T>(&self, why: &str) -> Result<T, String> {
        let column = self.text[..self.at].chars().count() + 1;
        Err(format!("{why}, at character {column} of the expression"))
    }

    fn spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn take(&mut self, sign: &str) -> bool {
        self.spaces();
        let word = sign.starts_with(|first: char| first.is_alphabetic());
        let is = self.rest().strip_prefix(sign).is_some_and(|after| !word || !after.starts_with(is_letter));
        if is {
            self.at += sign.len();
        }
        is
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        if self.take(sign) { Ok(()) } else { self.refuse(&format!("expected `{sign}`")) }
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, String>) -> Result<T, String> {
        self.depth += 1;
        if self.depth > MAX_CEL_DEPTH {
            return self.refuse(&format!("it nests deeper than {MAX_CEL_DEPTH} levels (MAX_CEL_DEPTH)"));
        }
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn count(&mut self) -> Result<(), String> {
        self.signs += 1;
        if self.signs > MAX_CEL_SIGNS {
            return self.refuse(&format!("it has more than {MAX_CEL_SIGNS} values and operators (MAX_CEL_SIGNS)"));
        }
        Ok(())
    }

    fn conditional(&mut self) -> Read {
        self.deeper(|reader| {
            let condition = reader.level(0)?;
            if !reader.take("?") {
                return Ok(condition);
            }
            let yes = reader.level(0)?;
            reader.expect(":")?;
            Ok(Expr::If(Box::new(condition), Box::new(yes), Box::new(reader.conditional()?)))
        })
    }

    fn level(&mut self, level: usize) -> Read {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.level(level + 1)?;
        while let Some((_, op)) = operators.iter().find(|(sign, _)| self.take(sign)) {
            self.count()?;
            left = Expr::Binary(*op, Box::new(left), Box::new(self.level(level + 1)?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Read {
        if self.take("!") {
            return self.deeper(|reader| Ok(Expr::Not(Box::new(reader.unary()?))));
        }
        if self.take("-") {
            return self.deeper(|reader| Ok(Expr::Minus(Box::new(reader.unary()?))));
        }
        self.member()
    }

    fn member(&mut self) -> Read {
        let mut expr = self.primary()?;
        loop {
            self.count()?;
            if self.take("[") {
                let index = self.conditional()?;
                self.expect("]")?;
                expr = Expr::Index(Box::new(expr), Box::new(index));
            } else if self.take(".") {
                self.spaces();
                let name = self.name()?;
                expr =
                    if self.take("(") { self.method(expr, name)? } else { Expr::Select(Box::new(expr), name.into()) };
            } else {
                return Ok(expr);
            }
        }
    }

    fn name(&mut self) -> Result<&'t str, String> {
        let end = self.rest().find(|character| !is_letter(character)).unwrap_or(self.rest().len());
        if end == 0 || self.rest().starts_with(|first: char| first.is_ascii_digit()) {
            return self.refuse("expected a name");
        }
        let name = &self.rest()[..end];
        self.at += end;
        Ok(name)
    }

    fn primary(&mut self) -> Read {
        if self.take("(") {
            let expr = self.conditional()?;
            self.expect(")")?;
            return Ok(expr);
        }
        if self.take("[") {
            return Ok(Expr::List(self.several("]", Self::conditional)?));
        }
        if self.take("{") {
            let pair = |reader: &mut Self| {
                let key = reader.conditional()?;
                reader.expect(":")?;
                Ok((key, reader.conditional()?))
            };
            return Ok(Expr::Map(self.several("}", pair)?));
        }
        let rest = self.rest();
        if rest.starts_with(['"', '\'']) || rest.starts_with("r\"") || rest.starts_with("r'") {
            return Ok(Expr::Text(self.quoted()?.into()));
        }
        if rest.starts_with(|first: char| first.is_ascii_digit()) {
            return self.number();
        }
        let name = self.name()?;
        Ok(match name {
            "true" | "false" => Expr::Bool(name == "true"),
            "null" => Expr::Null,
            _ if self.take("(") => return self.function(name),
            _ => Expr::Name(name.into()),
        })
    }

    fn several<T>(&mut self, end: &str, one: impl Fn(&mut Self) -> Result<T, String>) -> Result<Vec<T>, String> {
        let mut out = Vec::new();
        while !self.take(end) {
            if !out.is_empty() {
                self.expect(",")?;
                if self.take(end) {
                    break;
                }
            }
            out.push(one(self)?);
        }
        Ok(out)
    }

    fn number(&mut self) -> Read {
        let rest = self.rest();
        let hex = rest.strip_prefix("0x");
        let digits = |text: &str, is: fn(char) -> bool| text.find(|character| !is(character)).unwrap_or(text.len());
        let (expr, length) = match hex {
            Some(hex) => {
                let end = digits(hex, |character| character.is_ascii_hexdigit());
                (i64::from_str_radix(&hex[..end], 16).ok().map(Expr::Int), end + 2)
            }
            None => {
                let whole = digits(rest, |character| character.is_ascii_digit());
                let part = rest[whole..]
                    .strip_prefix('.')
                    .map_or(0, |part| digits(part, |character| character.is_ascii_digit()));
                match part {
                    0 => (rest[..whole].parse().ok().map(Expr::Int), whole),
                    part => (rest[..whole + 1 + part].parse().ok().map(Expr::Float), whole + 1 + part),
                }
            }
        };
        let Some(expr) = expr else { return self.refuse("this number is too large") };
        self.at += length;
        if matches!(expr, Expr::Int(_)) && self.rest().starts_with(['u', 'U']) {
            self.at += 1;
        }
        if self.rest().starts_with(is_letter) { self.refuse("expected an operator after the number") } else { Ok(expr) }
    }

    fn quoted(&mut self) -> Result<String, String> {
        let raw = self.rest().starts_with('r');
        self.at += usize::from(raw);
        let quote = self.rest().chars().next().unwrap_or('"');
        let (mut out, mut characters) = (String::new(), self.rest().char_indices().skip(1));
        while let Some((at, character)) = characters.next() {
            match character {
                '\\' if !raw => match characters.next() {
                    Some((_, 'n')) => out.push('\n'),
                    Some((_, 't')) => out.push('\t'),
                    Some((_, 'r')) => out.push('\r'),
                    Some((_, escaped @ ('\\' | '"' | '\'' | '`' | '?'))) => out.push(escaped),
                    _ => return self.refuse("this text has an escape that is not known: \\n, \\t, \\r, \\\\ and quotes are; or write r'...'"),
                },
                _ if character == quote => {
                    self.at += at + 1;
                    return Ok(out);
                }
                _ => out.push(character),
            }
        }
        self.refuse("this text is not closed")
    }

    fn function(&mut self, name: &str) -> Read {
        if name == "has" {
            let expr = self.conditional()?;
            self.expect(")")?;
            return match expr {
                Expr::Select(of, name) => Ok(Expr::Has(of, name)),
                Expr::Name(name) => Ok(Expr::Has(Box::new(Expr::Name("self".into())), name)),
                _ => self.refuse("`has` is asked of a field: has(self.image)"),
            };
        }
        let given = self.several(")", Self::conditional)?;
        self.call(name, given)
    }

    fn method(&mut self, of: Expr, name: &str) -> Read {
        if let Some((_, kind)) = MACROS.iter().find(|(known, _)| *known == name) {
            self.spaces();
            let variable = self.name()?;
            self.expect(",")?;
            let body = self.conditional()?;
            self.expect(")")?;
            return Ok(Expr::Over(*kind, Box::new(of), variable.into(), Box::new(body)));
        }
        let mut given = vec![of];
        given.extend(self.several(")", Self::conditional)?);
        self.call(name, given)
    }

    fn call(&mut self, name: &str, mut given: Vec<Expr>) -> Read {
        if name == "matches" {
            let (Some(Expr::Text(pattern)), Some(of), 0) = (given.pop(), given.pop(), given.len()) else {
                return self.refuse("`matches` takes a text and a pattern that is written out");
            };
            return match RegexBuilder::new(&pattern).size_limit(MAX_REGEX_BYTES).build() {
                Ok(regex) => Ok(Expr::Matches(Box::new(of), regex)),
                Err(_) => self.refuse("this is no regular expression that can be used"),
            };
        }
        match FUNCTIONS.iter().find(|(known, ..)| *known == name) {
            Some((_, function, count)) if given.len() == *count => Ok(Expr::Call(*function, given)),
            Some((_, _, count)) => {
                self.refuse(&format!("`{name}` takes {count} values, the one before the dot among them"))
            }
            None => {
                let known = FUNCTIONS.iter().map(|(name, ..)| *name).chain(MACROS.iter().map(|(name, _)| *name));
                let known: Vec<&str> = known.chain(["has", "matches"]).collect();
                let near = nearest(name, known.iter().copied());
                let near = near.map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default();
                self.refuse(&format!("there is no function `{name}`{near}; there are {}", known.join(", ")))
            }
        }
    }
}

fn is_letter(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}
