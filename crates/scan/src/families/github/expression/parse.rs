//! The syntax tree of an expression.

use super::lex::{Token, lex};
use super::{Expr, Kind, Op, Wrong};
use crate::limits::{MAX_EXPRESSION_BYTES, MAX_EXPRESSION_DEPTH};
use crate::text::Span;

pub(super) fn parse(text: &str) -> Result<Expr, Wrong> {
    if text.len() > MAX_EXPRESSION_BYTES {
        return Err(Wrong { at: 0, reason: "longer than MAX_EXPRESSION_BYTES" });
    }
    let tokens = lex(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0, end: text.len(), depth: 0 };
    let expr = parser.binary(0)?;
    match parser.tokens.get(parser.at) {
        Some(_) => Err(parser.wrong("nothing was expected here")),
        None => Ok(expr),
    }
}

/// From what binds least to what binds most.
const LEVELS: &[&[(&str, Op)]] = &[
    &[("||", Op::Or)],
    &[("&&", Op::And)],
    &[("==", Op::Equal), ("!=", Op::NotEqual)],
    &[("<", Op::Less), ("<=", Op::LessOrEqual), (">", Op::More), (">=", Op::MoreOrEqual)],
];

struct Parser<'t> {
    tokens: &'t [(Token, Span)],
    at: usize,
    end: usize,
    depth: usize,
}

impl Parser<'_> {
    fn wrong(&self, reason: &'static str) -> Wrong {
        let at = self.tokens.get(self.at).map_or(self.end, |(_, span)| span.start as usize);
        Wrong { at, reason }
    }

    fn sign(&mut self, sign: &str) -> Option<Span> {
        match self.tokens.get(self.at) {
            Some((Token::Sign(is), span)) if *is == sign => {
                self.at += 1;
                Some(*span)
            }
            _ => None,
        }
    }

    fn binary(&mut self, level: usize) -> Result<Expr, Wrong> {
        let Some(signs) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        let mut chained = 0;
        while let Some((_, op)) = signs.iter().find(|(sign, _)| self.sign(sign).is_some()) {
            chained += 1;
            // A chain is as deep as it is long.
            if chained + self.depth > MAX_EXPRESSION_DEPTH {
                return Err(self.wrong("deeper than MAX_EXPRESSION_DEPTH"));
            }
            let right = self.binary(level + 1)?;
            let span = left.span.to(right.span);
            left = Expr { kind: Kind::Binary(*op, Box::new(left), Box::new(right)), span };
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expr, Wrong> {
        if self.depth > MAX_EXPRESSION_DEPTH {
            return Err(self.wrong("deeper than MAX_EXPRESSION_DEPTH"));
        }
        self.depth += 1;
        let out = match self.sign("!") {
            Some(sign) => {
                let of = self.unary()?;
                let span = sign.to(of.span);
                Ok(Expr { kind: Kind::Not(Box::new(of)), span })
            }
            None => self.primary().and_then(|of| self.postfix(of)),
        };
        self.depth -= 1;
        out
    }

    fn primary(&mut self) -> Result<Expr, Wrong> {
        if let Some(open) = self.sign("(") {
            let inner = self.binary(0)?;
            let close = self.sign(")").ok_or_else(|| self.wrong("expected `)`"))?;
            return Ok(Expr { kind: inner.kind, span: open.to(close) });
        }
        let Some((token, span)) = self.tokens.get(self.at) else {
            return Err(self.wrong("expected a value"));
        };
        let kind = match token {
            Token::Text(text) => Kind::Text(text.clone()),
            Token::Number(number) => Kind::Number(*number),
            Token::Name(name) => match &**name {
                "null" => Kind::Null,
                "true" => Kind::Bool(true),
                "false" => Kind::Bool(false),
                "nan" => Kind::Number(f64::NAN),
                "infinity" => Kind::Number(f64::INFINITY),
                _ => {
                    self.at += 1;
                    if self.sign("(").is_some() {
                        return self.call(name, *span);
                    }
                    return Ok(Expr { kind: Kind::Name(name.clone()), span: *span });
                }
            },
            Token::Sign(_) => return Err(self.wrong("expected a value")),
        };
        self.at += 1;
        Ok(Expr { kind, span: *span })
    }

    fn call(&mut self, name: &str, span: Span) -> Result<Expr, Wrong> {
        let mut parts = Vec::new();
        loop {
            if parts.is_empty() && self.sign(")").is_some() {
                break;
            }
            parts.push(self.binary(0)?);
            if self.sign(",").is_none() {
                self.sign(")").ok_or_else(|| self.wrong("expected `,` or `)`"))?;
                break;
            }
        }
        let end = self.tokens[self.at - 1].1;
        Ok(Expr { kind: Kind::Call(name.into(), parts), span: span.to(end) })
    }

    fn postfix(&mut self, mut of: Expr) -> Result<Expr, Wrong> {
        let mut chained = 0;
        loop {
            chained += 1;
            if chained > MAX_EXPRESSION_DEPTH {
                return Err(self.wrong("deeper than MAX_EXPRESSION_DEPTH"));
            }
            if self.sign(".").is_some() {
                if let Some(star) = self.sign("*") {
                    let span = of.span.to(star);
                    of = Expr { kind: Kind::Every(Box::new(of)), span };
                } else if let Some((Token::Name(name), at)) = self.tokens.get(self.at) {
                    self.at += 1;
                    let span = of.span.to(*at);
                    of = Expr { kind: Kind::Member(Box::new(of), name.clone()), span };
                } else {
                    return Err(self.wrong("expected a name after the dot"));
                }
            } else if self.sign("[").is_some() {
                let index = match self.sign("*") {
                    Some(_) => None,
                    None => Some(self.binary(0)?),
                };
                let close = self.sign("]").ok_or_else(|| self.wrong("expected `]`"))?;
                let span = of.span.to(close);
                let kind = match index {
                    Some(index) => Kind::Index(Box::new(of), Box::new(index)),
                    None => Kind::Every(Box::new(of)),
                };
                of = Expr { kind, span };
            } else {
                return Ok(of);
            }
        }
    }
}
