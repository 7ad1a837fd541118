//! The syntax tree. Printing it gives a text that parses to the same tree.

use std::fmt;
use std::ops::Range;

/// A query: which rows, then what to make of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// Which rows.
    pub filter: Expr,
    /// What to make of them, in order.
    pub pipes: Vec<Pipe>,
}

/// A condition on a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// Every row.
    All,
    /// All of these.
    And(Vec<Expr>),
    /// One of these.
    Or(Vec<Expr>),
    /// Not this; a row without the field counts as not.
    Not(Box<Expr>),
    /// A test of one field.
    Leaf(Leaf),
}

/// A test of one field; without a field, of the text.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// As written.
    pub field: Option<String>,
    /// The test.
    pub test: Test,
    /// Where it stands in the text.
    pub span: Range<usize>,
}

impl PartialEq for Leaf {
    fn eq(&self, other: &Self) -> bool {
        self.field == other.field && self.test == other.test
    }
}

/// What is asked of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// A word, a phrase, or a whole value.
    Is(String),
    /// A pattern with `*` and `?`.
    Wildcard(String),
    /// A regular expression.
    Regex(String),
    /// A comparison.
    Compare(Op, String),
    /// From the first through the second; `None` is open.
    Range(Option<String>, Option<String>),
    /// The field is there.
    Present,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `=`
    Eq,
}

impl Op {
    /// As in SQL.
    pub fn symbol(self) -> &'static str {
        match self {
            Op::Lt => "<",
            Op::Le => "<=",
            Op::Gt => ">",
            Op::Ge => ">=",
            Op::Eq => "=",
        }
    }

    /// Whether it holds for floats in their total order, which is SQL's: NaN is above everything.
    pub fn holds_number(self, left: f64, right: f64) -> bool {
        self.holds(&left.total_cmp(&right), &std::cmp::Ordering::Equal)
    }

    /// Whether it holds.
    pub fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Op::Lt => left < right,
            Op::Le => left <= right,
            Op::Gt => left > right,
            Op::Ge => left >= right,
            Op::Eq => left == right,
        }
    }
}

/// What to make of the rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Pipe {
    /// Count, by fields.
    Count(Vec<String>),
    /// The most frequent values of a field.
    Top(usize, String),
    /// Count per step of time, by fields.
    Rate(i64, Vec<String>),
    /// Only these fields.
    Fields(Vec<String>),
    /// In the order of a field.
    Sort(String, bool),
    /// So many.
    Limit(usize),
    /// A number over a field, by fields.
    Stat(Stat, String, Vec<String>),
}

/// A number over many values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stat {
    /// Sum.
    Sum,
    /// Mean.
    Avg,
    /// Least.
    Min,
    /// Greatest.
    Max,
    /// A percentile.
    Percentile(u8),
}

impl Stat {
    /// The name in a pipe.
    pub fn name(self) -> String {
        match self {
            Stat::Sum => "sum".to_owned(),
            Stat::Avg => "avg".to_owned(),
            Stat::Min => "min".to_owned(),
            Stat::Max => "max".to_owned(),
            Stat::Percentile(p) => format!("p{p}"),
        }
    }
}

impl Query {
    /// Whether the answer is rows of the table, not numbers about them.
    pub fn is_plain(&self) -> bool {
        self.pipes.iter().all(|pipe| matches!(pipe, Pipe::Fields(_) | Pipe::Sort(..) | Pipe::Limit(_)))
    }
}

/// A value as it must be written to be read back as itself.
pub(crate) fn quote(text: &str) -> String {
    let plain = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'@') || byte >= 0x80)
        && !text.chars().any(char::is_whitespace)
        && !["and", "or", "not", "missing"].contains(&text.to_ascii_lowercase().as_str())
        && !text.contains("..");
    if plain {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            out.push('\\');
        }
        out.push(character);
    }
    out.push('"');
    out
}

fn pattern(text: &str, special: &[char]) -> String {
    let mut out = String::new();
    for character in text.chars() {
        if special.contains(&character) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.filter)?;
        self.pipes.iter().try_for_each(|pipe| write!(f, " | {pipe}"))
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |f: &mut fmt::Formatter<'_>, parts: &[Expr], word: &str| {
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    write!(f, " {word} ")?;
                }
                if matches!(part, Expr::And(_) | Expr::Or(_)) { write!(f, "({part})")? } else { write!(f, "{part}")? }
            }
            Ok(())
        };
        match self {
            Expr::All => f.write_str("*"),
            Expr::And(parts) => join(f, parts, "AND"),
            Expr::Or(parts) => join(f, parts, "OR"),
            Expr::Not(inner) => match **inner {
                Expr::And(_) | Expr::Or(_) => write!(f, "NOT ({inner})"),
                _ => write!(f, "NOT {inner}"),
            },
            Expr::Leaf(leaf) => write!(f, "{leaf}"),
        }
    }
}

impl fmt::Display for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.field.as_deref().unwrap_or_default();
        let (field, colon) = if field.is_empty() { (String::new(), "") } else { (pattern(field, &[]), ":") };
        match &self.test {
            Test::Is(value) => write!(f, "{field}{colon}{}", quote(value)),
            Test::Wildcard(text) => write!(
                f,
                "{field}{colon}{}",
                pattern(text, &['"', '\\', '(', ')', '|', ':', '<', '>', '=', '!', ' ', '\t', '\n', '/', '[', '-'])
            ),
            Test::Regex(text) => write!(f, "{field}{colon}/{}/", text.replace('/', "\\/")),
            Test::Compare(op, value) => write!(f, "{field}{}{}", op.symbol(), quote(value)),
            Test::Range(low, high) => {
                let end = |end: &Option<String>| end.as_deref().map_or_else(|| "*".to_owned(), quote);
                write!(f, "{field}{colon}[{} TO {}]", end(low), end(high))
            }
            Test::Present => write!(f, "{field}:*"),
        }
    }
}

impl fmt::Display for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by =
            |fields: &[String]| if fields.is_empty() { String::new() } else { format!(" by {}", fields.join(", ")) };
        match self {
            Pipe::Count(fields) => write!(f, "count{}", by(fields)),
            Pipe::Top(count, field) => write!(f, "top {count} {field}"),
            Pipe::Rate(step, fields) => write!(f, "rate {step}ns{}", by(fields)),
            Pipe::Fields(fields) => write!(f, "fields {}", fields.join(", ")),
            Pipe::Sort(field, descending) => write!(f, "sort {field}{}", if *descending { " desc" } else { "" }),
            Pipe::Limit(count) => write!(f, "limit {count}"),
            Pipe::Stat(stat, field, fields) => write!(f, "{} {field}{}", stat.name(), by(fields)),
        }
    }
}
