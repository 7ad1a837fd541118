//! GitHub's expression language, `${{ ... }}`: its parts with places, and what they come to.
//!
//! | file | holds |
//! |---|---|
//! | `lex.rs` | words and signs |
//! | `parse.rs` | the syntax tree |
//! | `evaluate.rs` | what is known of the result: three kinds of values |
//! | `flow.rs` | which contexts can be in the text of the result |

mod evaluate;
mod flow;
mod lex;
mod parse;

pub use evaluate::{Value, evaluate};
pub use flow::flows;

use crate::text::Span;

/// A part of an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: Kind,
    /// Where it is, in the text of the expression.
    pub span: Span,
}

/// What a part of an expression is. Names are in lower case: case does not count.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text in single quotes.
    Text(Box<str>),
    /// A context, such as `github`.
    Name(Box<str>),
    /// `a.b`.
    Member(Box<Expr>, Box<str>),
    /// `a[b]`.
    Index(Box<Expr>, Box<Expr>),
    /// `a.*`.
    Every(Box<Expr>),
    /// `f(a, b)`.
    Call(Box<str>, Vec<Expr>),
    /// `!a`.
    Not(Box<Expr>),
    /// `a == b`.
    Binary(Op, Box<Expr>, Box<Expr>),
}

/// What stands between two parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    More,
    /// `>=`
    MoreOrEqual,
    /// `&&`
    And,
    /// `||`
    Or,
}

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Where in it.
    pub at: usize,
    /// Why.
    pub reason: &'static str,
}

impl Expr {
    /// Reads what is between `${{` and `}}`.
    ///
    /// # Errors
    /// When it is none, or is too long or too deep.
    pub fn parse(text: &str) -> Result<Expr, Wrong> {
        parse::parse(text)
    }

    /// The parts right below.
    pub fn parts(&self) -> Vec<&Expr> {
        match &self.kind {
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Name(_) => Vec::new(),
            Kind::Member(of, _) | Kind::Every(of) | Kind::Not(of) => vec![of],
            Kind::Index(a, b) | Kind::Binary(_, a, b) => vec![a, b],
            Kind::Call(_, parts) => parts.iter().collect(),
        }
    }

    /// It and all parts of it.
    pub fn walk(&self) -> Vec<&Expr> {
        let (mut out, mut next) = (Vec::new(), vec![self]);
        while let Some(part) = next.pop() {
            out.push(part);
            next.extend(part.parts());
        }
        out
    }

    /// The context that it names, such as `github.event.issue.title`; an index that is not a known name is `*`.
    pub fn context(&self) -> Option<String> {
        match &self.kind {
            Kind::Name(name) => Some(name.to_string()),
            Kind::Member(of, name) => Some(format!("{}.{name}", of.context()?)),
            Kind::Every(of) => Some(format!("{}.*", of.context()?)),
            Kind::Index(of, index) => match &index.kind {
                Kind::Text(name) => Some(format!("{}.{}", of.context()?, name.to_lowercase())),
                _ => Some(format!("{}.*", of.context()?)),
            },
            // Reading what was just written changes nothing.
            Kind::Call(name, parts) if matches!(&**name, "fromjson" | "tojson") && parts.len() == 1 => {
                parts[0].context()
            }
            _ => None,
        }
    }
}

/// A piece of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// A text.
    Text(&'t str),
    /// An expression, without `${{` and `}}`.
    Expression(&'t str),
}

/// The texts and expressions of a value. A `${{` that is never closed is text.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut out, mut rest) = (Vec::new(), text);
    while let Some(start) = rest.find("${{") {
        let inside = &rest[start + 3..];
        let Some(end) = lex::end(inside) else { break };
        if start > 0 {
            out.push(Piece::Text(&rest[..start]));
        }
        out.push(Piece::Expression(&inside[..end]));
        rest = &inside[end + 2..];
    }
    if !rest.is_empty() || out.is_empty() {
        out.push(Piece::Text(rest));
    }
    out
}

/// Where expressions are in a text, from `${` to the last `}`.
pub fn places(text: &str) -> Vec<(usize, usize)> {
    let (mut out, mut from) = (Vec::new(), 0);
    while let Some(start) = text[from..].find("${{").map(|at| at + from) {
        let Some(end) = lex::end(&text[start + 3..]) else { break };
        from = start + 3 + end + 2;
        out.push((start, from));
    }
    out
}

#[cfg(test)]
mod tests;
