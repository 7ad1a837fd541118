//! The pipes after the filter.

use crate::ast::{Pipe, Stat};
use crate::error::ParseError;
use crate::parser::Parser;
use crate::units;

/// Pipes in one query.
const MAX_PIPES: usize = 16;
/// Fields in one pipe.
const MAX_FIELDS: usize = 64;
/// Values a `top` can ask for, and rows a `limit` can.
const MAX_ROWS: usize = 1_000_000;

pub(crate) fn parse(parser: &mut Parser<'_>) -> Result<Vec<Pipe>, ParseError> {
    let mut pipes = Vec::new();
    loop {
        parser.space();
        match parser.peek() {
            None => return Ok(pipes),
            Some('|') => parser.at += 1,
            Some(')') => {
                let error = ParseError::new(parser.here(), "nothing is open that could be closed here");
                return Err(error.expected(["the end", "|"]));
            }
            Some(_) => {
                return Err(ParseError::new(parser.here(), "this does not belong here").expected(["the end", "|"]));
            }
        }
        if pipes.len() >= MAX_PIPES {
            return Err(ParseError::new(parser.here(), format!("more than {MAX_PIPES} pipes")));
        }
        parser.space();
        pipes.push(pipe(parser)?);
    }
}

fn word<'a>(parser: &mut Parser<'a>) -> &'a str {
    parser.space();
    let rest = parser.rest();
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '|' | ',' | ')' | '(' | '"')).unwrap_or(rest.len());
    parser.at += end;
    &rest[..end]
}

fn pipe(parser: &mut Parser<'_>) -> Result<Pipe, ParseError> {
    let start = parser.at;
    let name = word(parser);
    let stat = match name.to_ascii_lowercase().as_str() {
        "count" => return Ok(Pipe::Count(by(parser)?)),
        "top" => {
            let count = number(parser)?;
            return Ok(Pipe::Top(count, field(parser)?));
        }
        "rate" => {
            parser.space();
            let at = parser.at;
            let step = word(parser);
            let span = at..parser.at.max(at + 1);
            let step = units::duration(step).filter(|step| *step > 0).ok_or_else(|| {
                ParseError::new(span, "rate needs a step of time").expected(["a duration such as 1m"])
            })?;
            return Ok(Pipe::Rate(step, by(parser)?));
        }
        "fields" => return Ok(Pipe::Fields(fields(parser)?)),
        "sort" => {
            let name = field(parser)?;
            let before = parser.at;
            let descending = match word(parser).to_ascii_lowercase().as_str() {
                "desc" => true,
                "asc" => false,
                _ => {
                    parser.at = before;
                    false
                }
            };
            return Ok(Pipe::Sort(name, descending));
        }
        "limit" => return number(parser).map(Pipe::Limit),
        "sum" => Stat::Sum,
        "avg" => Stat::Avg,
        "min" => Stat::Min,
        "max" => Stat::Max,
        other => match other.strip_prefix('p').and_then(|p| p.parse::<u8>().ok()).filter(|p| (1..=99).contains(p)) {
            Some(p) => Stat::Percentile(p),
            None => {
                let error = ParseError::new(start..parser.at.max(start + 1), format!("there is no pipe {name:?}"));
                return Err(error
                    .expected(["count", "top", "rate", "fields", "sort", "limit", "sum", "avg", "min", "max", "p95"]));
            }
        },
    };
    let name = field(parser)?;
    Ok(Pipe::Stat(stat, name, by(parser)?))
}

fn number(parser: &mut Parser<'_>) -> Result<usize, ParseError> {
    parser.space();
    let at = parser.at;
    let text = word(parser);
    let span = at..parser.at.max(at + 1);
    match text.parse() {
        Ok(count) if (1..=MAX_ROWS).contains(&count) => Ok(count),
        _ => Err(ParseError::new(span, format!("a count from 1 to {MAX_ROWS} is missing")).expected(["a number"])),
    }
}

fn field(parser: &mut Parser<'_>) -> Result<String, ParseError> {
    parser.space();
    let here = parser.here();
    let name = word(parser);
    if name.is_empty() {
        return Err(ParseError::new(here, "a field is missing").expected(["the name of a field"]));
    }
    Ok(name.to_owned())
}

fn fields(parser: &mut Parser<'_>) -> Result<Vec<String>, ParseError> {
    let mut names = vec![field(parser)?];
    loop {
        parser.space();
        if !parser.eat(",") {
            return Ok(names);
        }
        if names.len() >= MAX_FIELDS {
            return Err(ParseError::new(parser.here(), format!("more than {MAX_FIELDS} fields")));
        }
        names.push(field(parser)?);
    }
}

fn by(parser: &mut Parser<'_>) -> Result<Vec<String>, ParseError> {
    parser.space();
    let before = parser.at;
    if word(parser).eq_ignore_ascii_case("by") {
        return fields(parser);
    }
    parser.at = before;
    Ok(Vec::new())
}
