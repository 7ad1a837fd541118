//! What a leaf means for a table: the one place where names, aliases and types are decided, so that
//! evaluation and SQL cannot differ in it.

use crate::ast::{Expr, Leaf, Op, Test};
use crate::error::ParseError;
use crate::{functions, units};
use arrow_schema::DataType;
use model::Table;
use model::columns::name;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A fixed column of text or ids.
    Text(String),
    /// A fixed column of numbers.
    Number(String),
    /// A fixed column of booleans.
    Bool(String),
    /// A fixed column of times.
    Time(String),
    /// A member of a column of JSON: the rest of the attributes with their typed columns, or another.
    Member(String, String),
    /// An attribute of the record, or else of the resource.
    Either(String),
}

/// A test whose operands are typed.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    /// One of these.
    Any(Vec<Check>),
    /// All of these.
    All(Vec<Check>),
    /// The text column holds the phrase.
    Phrase(String),
    /// The text column holds a token with this prefix.
    TokenPrefix(String),
    /// The canonical text is this.
    Is(Source, String),
    /// The same, whatever the case of ASCII letters.
    IsIgnoringCase(Source, String),
    /// The canonical text fits a pattern, whatever the case if so said.
    Wildcard(Source, String, bool),
    /// The canonical text matches.
    Regex(Source, String),
    /// The canonical text is an address in the network.
    Cidr(Source, String),
    /// The numeric value compares.
    Number(Source, Op, f64),
    /// The time compares.
    Time(Source, Op, i64),
    /// There is a value.
    Present(Source),
}

/// Names of severities and the first number of each.
const SEVERITIES: [(&str, i32); 10] = [
    ("trace", 1),
    ("debug", 5),
    ("info", 9),
    ("information", 9),
    ("warn", 13),
    ("warning", 13),
    ("error", 17),
    ("err", 17),
    ("fatal", 21),
    ("critical", 21),
];

fn severity(text: &str) -> Option<i32> {
    SEVERITIES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, number)| *number)
}

/// The source behind a field as it is written.
pub fn source(field: &str, table: Table) -> Result<Source, String> {
    let member = |column: &str, key: &str| Ok(Source::Member(column.to_owned(), key.to_owned()));
    let column = match field {
        "service" => name::SERVICE_NAME,
        "message" | "msg" => table.text_column(),
        "level" | "severity" if table == Table::Logs => "severity_text",
        "duration" if table == Table::Spans => "duration_ns",
        "time" => name::TIMESTAMP,
        "host" => return Ok(Source::Either("host.name".to_owned())),
        other => other,
    };
    for (prefix, column) in [
        ("attributes.", name::ATTRIBUTES),
        ("attr.", name::ATTRIBUTES),
        ("resource.", name::RESOURCE_ATTRIBUTES),
        ("scope.", name::SCOPE_ATTRIBUTES),
    ] {
        if let Some(key) = field.strip_prefix(prefix) {
            return member(column, key);
        }
    }
    if let (Table::Logs, Some(key)) = (table, field.strip_prefix("body.")) {
        return member(name::BODY, key);
    }
    let fields = table.logical_fields();
    let Some(known) = fields.iter().find(|known| known.name() == column) else {
        return Ok(Source::Either(column.to_owned()));
    };
    let column = column.to_owned();
    match known.data_type() {
        DataType::Utf8View => Ok(Source::Text(column)),
        DataType::Boolean => Ok(Source::Bool(column)),
        DataType::Timestamp(..) => Ok(Source::Time(column)),
        DataType::List(_) => Err(format!("{field} is a list; use SQL to look into it")),
        _ => Ok(Source::Number(column)),
    }
}

/// What a leaf means.
pub fn check(leaf: &Leaf, table: Table, now: i64) -> Result<Check, ParseError> {
    let context = Checker { table, now };
    context.leaf(leaf).map_err(|message| ParseError::new(leaf.span.clone(), message))
}

/// Checks every leaf, for errors only.
pub fn validate(expr: &Expr, table: Table, now: i64) -> Result<(), ParseError> {
    match expr {
        Expr::All => Ok(()),
        Expr::And(parts) | Expr::Or(parts) => parts.iter().try_for_each(|part| validate(part, table, now)),
        Expr::Not(inner) => validate(inner, table, now),
        Expr::Leaf(leaf) => check(leaf, table, now).map(drop),
    }
}

struct Checker {
    table: Table,
    now: i64,
}

impl Checker {
    fn leaf(&self, leaf: &Leaf) -> Result<Check, String> {
        let text = Source::Text(self.table.text_column().to_owned());
        let Some(field) = &leaf.field else {
            return Ok(match &leaf.test {
                Test::Is(phrase) => self.bare(phrase),
                Test::Wildcard(pattern) => bare_wildcard(text, pattern),
                Test::Regex(pattern) => Check::Regex(text, pattern.clone()),
                _ => return Err("a comparison needs a field".to_owned()),
            });
        };
        let source = source(field, self.table)?;
        let is_pattern = matches!(leaf.test, Test::Wildcard(_) | Test::Regex(_));
        if is_pattern && matches!(source, Source::Number(_) | Source::Time(_) | Source::Bool(_)) {
            return Err(format!("{field} is not text, so no pattern fits it; compare it, as in {field}>5"));
        }
        match &leaf.test {
            Test::Is(value) => self.is(source, value),
            Test::Wildcard(pattern) => {
                let fold = source == text;
                Ok(Check::Wildcard(source, pattern.clone(), fold))
            }
            Test::Regex(pattern) => Ok(Check::Regex(source, pattern.clone())),
            Test::Present => Ok(Check::Present(source)),
            Test::Compare(op, value) => self.compare(source, *op, value),
            Test::Range(low, high) => {
                let low = low.as_ref().map(|low| self.compare(source.clone(), Op::Ge, low)).transpose()?;
                let high = high.as_ref().map(|high| self.compare(source.clone(), Op::Le, high)).transpose()?;
                let ends: Vec<Check> = low.into_iter().chain(high).collect();
                Ok(if ends.is_empty() { Check::Present(source) } else { Check::All(ends) })
            }
        }
    }

    /// A bare word is a phrase, and may be an id.
    fn bare(&self, phrase: &str) -> Check {
        let hex = phrase.bytes().all(|byte| byte.is_ascii_hexdigit());
        let ids = match (hex, phrase.len(), self.table) {
            (true, 32, Table::Logs | Table::Spans) => vec![name::TRACE_ID],
            (true, 16, Table::Logs | Table::Spans) => vec![name::SPAN_ID],
            _ => return Check::Phrase(phrase.to_owned()),
        };
        let ids = ids.into_iter().map(|id| Check::Is(Source::Text(id.to_owned()), phrase.to_ascii_lowercase()));
        Check::Any(std::iter::once(Check::Phrase(phrase.to_owned())).chain(ids).collect())
    }

    fn is(&self, source: Source, value: &str) -> Result<Check, String> {
        if let Source::Text(column) = &source {
            if column == self.table.text_column() {
                return Ok(Check::Phrase(value.to_owned()));
            }
            if column.ends_with("_id") {
                return Ok(Check::Is(source, value.to_ascii_lowercase()));
            }
            if column == "severity_text" {
                let same = Check::IsIgnoringCase(source, value.to_owned());
                return Ok(match severity(value) {
                    Some(first) => Check::Any(vec![same, severity_range(first, first + 3)]),
                    None => same,
                });
            }
        }
        if value.contains('/')
            && functions::network(value).is_some()
            && !matches!(source, Source::Number(_) | Source::Time(_))
        {
            return Ok(Check::Cidr(source, value.to_owned()));
        }
        match source {
            Source::Number(_) | Source::Time(_) => self.compare(source, Op::Eq, value),
            _ => Ok(Check::Is(source, value.to_owned())),
        }
    }

    fn compare(&self, source: Source, op: Op, value: &str) -> Result<Check, String> {
        if let Source::Time(_) = source {
            let time = units::time(value, self.now);
            let time = time.ok_or_else(|| format!("{value:?} is no time; write 2026-01-31T10:00:00Z or now-1h"))?;
            return Ok(Check::Time(source, op, time));
        }
        if source == Source::Text("severity_text".to_owned()) {
            let first = severity(value)
                .ok_or_else(|| format!("{value:?} is no severity; write trace, debug, info, warn, error or fatal"))?;
            let number = Source::Number("severity_number".to_owned());
            let bound = if matches!(op, Op::Gt | Op::Le) { first + 3 } else { first };
            return Ok(Check::Number(number, op, f64::from(bound)));
        }
        let number = value.parse::<f64>().ok().filter(|number| number.is_finite());
        let number = number.or_else(|| match &source {
            // Durations are kept in nanoseconds only where the column says so.
            Source::Number(column) if column.ends_with("_ns") => units::duration(value).map(|nanos| nanos as f64),
            _ => None,
        });
        match number {
            Some(number) => Ok(Check::Number(source, op, number)),
            None => Err(format!("{value:?} is no number")),
        }
    }
}

fn severity_range(first: i32, last: i32) -> Check {
    let number = || Source::Number("severity_number".to_owned());
    Check::All(vec![
        Check::Number(number(), Op::Ge, f64::from(first)),
        Check::Number(number(), Op::Le, f64::from(last)),
    ])
}

/// `time*` is a token that starts so; any other pattern is over the whole text.
fn bare_wildcard(text: Source, pattern: &str) -> Check {
    match pattern.strip_suffix('*') {
        Some(prefix) if !prefix.is_empty() && !prefix.contains(['*', '?']) => Check::TokenPrefix(prefix.to_owned()),
        _ => Check::Wildcard(text, pattern.to_owned(), true),
    }
}
