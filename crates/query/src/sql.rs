//! The language as SQL, in the dialect of DataFusion with the functions of the store.

use crate::ast::{Expr, Pipe, Query, Stat};
use crate::check::{Check, Source, check, source};
use crate::error::ParseError;
use model::Table;
use model::columns::name;

impl Query {
    /// The condition as a boolean expression; `true` for every row.
    pub fn where_sql(&self, table: Table, now: i64) -> Result<String, ParseError> {
        expr(&self.filter, table, now)
    }

    /// Whether a pipe says how many rows there are at most.
    pub fn has_limit(&self) -> bool {
        self.pipes.iter().any(|pipe| matches!(pipe, Pipe::Limit(_) | Pipe::Top(..)))
    }

    /// Whether the rows are steps of time: half of them would be half of a picture.
    pub fn is_series(&self) -> bool {
        let shapes = |pipe: &Pipe| match pipe {
            Pipe::Rate(..) => Some(true),
            Pipe::Count(_) | Pipe::Top(..) | Pipe::Stat(..) => Some(false),
            Pipe::Fields(_) | Pipe::Sort(..) | Pipe::Limit(_) => None,
        };
        self.pipes.iter().rev().find_map(shapes).unwrap_or(false)
    }

    /// The whole query. `range` is from (included) to (excluded) on `timestamp`; `default_limit` holds
    /// for rows when no pipe says otherwise.
    pub fn to_sql(
        &self,
        table: Table,
        range: Option<(i64, i64)>,
        default_limit: Option<usize>,
        now: i64,
    ) -> Result<String, ParseError> {
        let mut condition = self.where_sql(table, now)?;
        if let Some((from, to)) = range {
            condition = format!(
                "timestamp >= to_timestamp_nanos({from}) AND timestamp < to_timestamp_nanos({to}) AND {condition}"
            );
        }
        let mut stage = Stage {
            table,
            sql: None,
            from: format!("{} WHERE {condition}", table.name()),
            order: Some("timestamp DESC, event_id DESC".to_owned()),
            limited: false,
        };
        for pipe in &self.pipes {
            stage.apply(pipe).map_err(|message| ParseError::new(0..0, message))?;
        }
        Ok(stage.finish(default_limit))
    }
}

struct Stage {
    table: Table,
    /// The select list of rows that are no longer rows of the table.
    sql: Option<String>,
    from: String,
    order: Option<String>,
    limited: bool,
}

impl Stage {
    fn apply(&mut self, pipe: &Pipe) -> Result<(), String> {
        match pipe {
            Pipe::Count(by) => self.group(by, "count(*) AS \"count\"", by.first().map(|_| "\"count\" DESC")),
            Pipe::Top(count, field) => {
                self.group(std::slice::from_ref(field), "count(*) AS \"count\"", Some("\"count\" DESC"))?;
                self.limit(*count);
                Ok(())
            }
            Pipe::Rate(step, by) => {
                if self.sql.is_some() {
                    return Err("rate needs the time of the events: put it first".to_owned());
                }
                let mut names = vec![format!("date_bin(INTERVAL '{step} nanoseconds', timestamp) AS \"time\"")];
                names.extend(self.columns(by)?);
                let keys: Vec<String> = (1..=names.len()).map(|at| at.to_string()).collect();
                self.select(
                    &format!("{}, count(*) AS \"count\"", names.join(", ")),
                    &format!(" GROUP BY {}", keys.join(", ")),
                );
                self.order = Some("\"time\"".to_owned());
                Ok(())
            }
            Pipe::Stat(stat, field, by) => {
                let value = self.number(field)?;
                let label = identifier(&format!("{} {field}", stat.name()));
                let aggregate = match stat {
                    Stat::Sum => format!("sum({value})"),
                    Stat::Avg => format!("avg({value})"),
                    Stat::Min => format!("min({value})"),
                    Stat::Max => format!("max({value})"),
                    Stat::Percentile(p) => format!("approx_percentile_cont(0.{p:02}) WITHIN GROUP (ORDER BY {value})"),
                };
                let order = format!("{label} DESC NULLS LAST");
                self.group(by, &format!("{aggregate} AS {label}"), by.first().map(|_| order.as_str()))
            }
            Pipe::Fields(fields) => {
                let columns = self.columns(fields)?;
                if self.sql.is_none() {
                    // The order of the events is kept although its columns are gone.
                    let order = self.order.take();
                    let from = std::mem::take(&mut self.from);
                    let order_sql = order.map_or_else(String::new, |order| format!(" ORDER BY {order}"));
                    self.sql = Some(format!("SELECT {} FROM {from}{order_sql}", columns.join(", ")));
                } else {
                    self.select(&columns.join(", "), "");
                }
                Ok(())
            }
            Pipe::Sort(field, descending) => {
                let column = self.column(field)?;
                self.order =
                    Some(format!("{column} {}", if *descending { "DESC NULLS LAST" } else { "ASC NULLS LAST" }));
                Ok(())
            }
            Pipe::Limit(count) => {
                self.limit(*count);
                Ok(())
            }
        }
    }

    fn group(&mut self, by: &[String], aggregate: &str, order: Option<&str>) -> Result<(), String> {
        let mut columns = self.columns(by)?;
        let keys: Vec<String> = (1..=columns.len()).map(|at| at.to_string()).collect();
        columns.push(aggregate.to_owned());
        let group = if keys.is_empty() { String::new() } else { format!(" GROUP BY {}", keys.join(", ")) };
        self.select(&columns.join(", "), &group);
        self.order = order.map(|order| format!("{order}{}", if keys.is_empty() { "" } else { ", 1" }));
        Ok(())
    }

    fn select(&mut self, columns: &str, group: &str) {
        let from = match self.sql.take() {
            Some(sql) => {
                let order = self.order.as_ref().map_or_else(String::new, |order| format!(" ORDER BY {order}"));
                format!("({sql}{order})")
            }
            None => std::mem::take(&mut self.from),
        };
        self.order = None;
        self.sql = Some(format!("SELECT {columns} FROM {from}{group}"));
    }

    fn limit(&mut self, count: usize) {
        let order = self.order.take().map_or_else(String::new, |order| format!(" ORDER BY {order}"));
        let sql = self.sql.take().unwrap_or_else(|| format!("SELECT * FROM {}", self.from));
        let (sql, order) = if self.limited || sql.contains(" ORDER BY ") {
            (format!("SELECT * FROM ({sql})"), order)
        } else {
            (sql, order)
        };
        self.sql = Some(format!("SELECT * FROM ({sql}{order} LIMIT {count})"));
        self.order = None;
        self.limited = true;
    }

    fn finish(self, default_limit: Option<usize>) -> String {
        let mut sql = self.sql.unwrap_or_else(|| format!("SELECT * FROM {}", self.from));
        if let Some(order) = self.order {
            sql.push_str(&format!(" ORDER BY {order}"));
        }
        if let (Some(limit), false) = (default_limit, self.limited) {
            sql.push_str(&format!(" LIMIT {limit}"));
        }
        sql
    }

    fn columns(&self, fields: &[String]) -> Result<Vec<String>, String> {
        fields.iter().map(|field| Ok(format!("{} AS {}", self.column(field)?, identifier(field)))).collect()
    }

    /// A field: of the events before the first pipe that makes other rows, of those afterwards.
    fn column(&self, field: &str) -> Result<String, String> {
        if self.sql.is_some() {
            return Ok(identifier(field));
        }
        match source(field, self.table) {
            Ok(Source::Text(column) | Source::Number(column) | Source::Bool(column) | Source::Time(column)) => {
                Ok(identifier(&column))
            }
            Ok(other) => Ok(text(&other)),
            // Lists can be shown.
            Err(_) => Ok(identifier(field)),
        }
    }

    fn number(&self, field: &str) -> Result<String, String> {
        if self.sql.is_some() {
            return Ok(identifier(field));
        }
        source(field, self.table).map(|source| number(&source))
    }
}

fn expr(expr: &Expr, table: Table, now: i64) -> Result<String, ParseError> {
    let join = |parts: &[Expr], word: &str, none: &str| -> Result<String, ParseError> {
        let parts = parts.iter().map(|part| self::expr(part, table, now)).collect::<Result<Vec<_>, _>>()?;
        Ok(if parts.is_empty() { none.to_owned() } else { format!("({})", parts.join(word)) })
    };
    match expr {
        Expr::All => Ok("true".to_owned()),
        Expr::And(parts) => join(parts, " AND ", "true"),
        Expr::Or(parts) => join(parts, " OR ", "false"),
        Expr::Not(inner) => Ok(format!("(({}) IS NOT TRUE)", self::expr(inner, table, now)?)),
        Expr::Leaf(leaf) => check(leaf, table, now).map(|check| condition(&check, table)),
    }
}

fn condition(check: &Check, table: Table) -> String {
    let all = |checks: &[Check], word: &str| {
        let parts: Vec<String> = checks.iter().map(|check| condition(check, table)).collect();
        format!("({})", parts.join(word))
    };
    match check {
        Check::Any(checks) => all(checks, " OR "),
        Check::All(checks) => all(checks, " AND "),
        Check::Phrase(phrase) => format!("has_phrase({}, {})", table.text_column(), literal(phrase)),
        Check::TokenPrefix(prefix) => format!("token_prefix({}, {})", table.text_column(), literal(prefix)),
        Check::Is(source, value) => format!("{} = {}", text(source), literal(value)),
        Check::IsIgnoringCase(source, value) => {
            format!("lower({}) = {}", text(source), literal(&value.to_lowercase()))
        }
        Check::Wildcard(source, pattern, fold) => {
            format!("{}({}, {})", if *fold { "iwildcard" } else { "wildcard" }, text(source), literal(pattern))
        }
        Check::Regex(source, pattern) => format!("matches_regex({}, {})", text(source), literal(pattern)),
        Check::Cidr(source, network) => format!("in_cidr({}, {})", text(source), literal(network)),
        Check::Number(source, op, value) => format!("{} {} {}", number(source), op.symbol(), float(*value)),
        Check::Time(source, op, nanos) => format!("{} {} to_timestamp_nanos({nanos})", text(source), op.symbol()),
        Check::Present(source) => match source {
            Source::Number(column) | Source::Bool(column) | Source::Time(column) => {
                format!("{} IS NOT NULL", identifier(column))
            }
            other => format!("{} IS NOT NULL", text(other)),
        },
    }
}

/// The canonical text of a source.
fn text(source: &Source) -> String {
    match source {
        Source::Text(column) | Source::Time(column) => identifier(column),
        Source::Number(column) | Source::Bool(column) => format!("CAST({} AS VARCHAR)", identifier(column)),
        Source::Member(column, key) => format!("attr({}, {})", identifier(column), literal(key)),
        Source::Either(key) => format!(
            "coalesce(attr({}, {key}), attr({}, {key}))",
            name::ATTRIBUTES,
            name::RESOURCE_ATTRIBUTES,
            key = literal(key)
        ),
    }
}

/// The numeric value of a source.
fn number(source: &Source) -> String {
    match source {
        Source::Number(column) => format!("CAST({} AS DOUBLE)", identifier(column)),
        Source::Text(column) => format!("number({})", identifier(column)),
        Source::Bool(column) | Source::Time(column) => identifier(column),
        Source::Member(column, key) => format!("attr_float({}, {})", identifier(column), literal(key)),
        Source::Either(key) => format!(
            "coalesce(attr_float({}, {key}), attr_float({}, {key}))",
            name::ATTRIBUTES,
            name::RESOURCE_ATTRIBUTES,
            key = literal(key)
        ),
    }
}

/// A float that the parser of SQL reads as a float.
fn float(value: f64) -> String {
    format!("CAST('{value:?}' AS DOUBLE)")
}

/// A field as it is written in a search, as an expression of SQL that answers its canonical text.
pub fn field_text(field: &str, table: Table) -> Result<String, String> {
    source(field, table).map(|source| match source {
        Source::Time(column) => format!("CAST({} AS VARCHAR)", identifier(&column)),
        other => text(&other),
    })
}

/// A field as it is written in a search, as an expression of SQL that answers its numeric value.
pub fn field_number(field: &str, table: Table) -> Result<String, String> {
    match source(field, table)? {
        Source::Bool(_) | Source::Time(_) => Err(format!("{field} is no number")),
        other => Ok(number(&other)),
    }
}

/// A text literal.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A quoted identifier.
pub fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
