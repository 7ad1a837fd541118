//! Expressions in CEL, the Common Expression Language: `cel: "self.ports.all(p, p.hostPort < 1024)"`.
//!
//! `self` is the subject, and a name alone is a field of it. What is not there, not known or of another type is *undecided*, as are
//! all errors; `&&`, `||`, `all` and `exists` are decided by what is known, in any order. There are no timestamps, no messages
//! of protobuf and no functions of a host.
//!
//! | file | holds |
//! |---|---|
//! | `parse.rs` | texts to expressions |
//! | `value.rs` | values, and what operators make of them |
//! | `evaluate.rs` | expressions over a subject |

mod evaluate;
mod parse;
mod value;

use super::condition::{Subject, Truth};
use regex::Regex;

/// An expression that was read.
#[derive(Clone, Debug)]
pub struct Cel {
    expr: Expr,
}

#[derive(Clone, Debug)]
enum Expr {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Box<str>),
    List(Vec<Expr>),
    Map(Vec<(Expr, Expr)>),
    Name(Box<str>),
    Select(Box<Expr>, Box<str>),
    Has(Box<Expr>, Box<str>),
    Index(Box<Expr>, Box<Expr>),
    Not(Box<Expr>),
    Minus(Box<Expr>),
    Binary(Op, Box<Expr>, Box<Expr>),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    Call(Function, Vec<Expr>),
    Matches(Box<Expr>, Regex),
    /// Over the items of a list or the keys of a map, each under this name.
    Over(Macro, Box<Expr>, Box<str>, Box<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Op {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Rest,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Macro {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Function {
    Size,
    StartsWith,
    EndsWith,
    Contains,
    Lower,
    Upper,
    Trim,
    Split,
    Int,
    Double,
    String,
    Bool,
}

/// Functions by name, with how many values they take, the one before the dot among them.
const FUNCTIONS: &[(&str, Function, usize)] = &[
    ("size", Function::Size, 1),
    ("startsWith", Function::StartsWith, 2),
    ("endsWith", Function::EndsWith, 2),
    ("contains", Function::Contains, 2),
    ("lowerAscii", Function::Lower, 1),
    ("upperAscii", Function::Upper, 1),
    ("trim", Function::Trim, 1),
    ("split", Function::Split, 2),
    ("int", Function::Int, 1),
    ("double", Function::Double, 1),
    ("string", Function::String, 1),
    ("bool", Function::Bool, 1),
];
const MACROS: &[(&str, Macro)] = &[
    ("all", Macro::All),
    ("exists", Macro::Exists),
    ("exists_one", Macro::ExistsOne),
    ("filter", Macro::Filter),
    ("map", Macro::Map),
];

impl Cel {
    /// Reads an expression.
    ///
    /// # Errors
    /// With the character where it is wrong, and what to do.
    pub fn parse(text: &str) -> Result<Cel, String> {
        parse::expression(text).map(|expr| Cel { expr })
    }

    /// Whether it holds.
    pub fn holds(&self, subject: Subject<'_>) -> Truth {
        match evaluate::truth(&self.expr, subject) {
            Some(true) => Truth::Yes(None),
            Some(false) => Truth::No,
            None => Truth::Unknown,
        }
    }
}

#[cfg(test)]
mod tests;
