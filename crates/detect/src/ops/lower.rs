//! A look of a rule as one statement of SQL.
//!
//! Whatever the kind, an answer has the columns `dataset`, those of `group_by`, and what [`super::judge`] reads:
//! `value` and `samples`, or what the kind names here. Every scan has its own range of time, so that the store reads
//! only the files of that time.

use super::rule::{Aggregate, Kind, OpsRule, RatioQuery, Source};
use crate::limits::MAX_ANSWER_ROWS;
use model::{Nanos, Table};
use query::sql::{field_number, field_text, identifier, literal};
use std::fmt::Write as _;

/// Longest value of a `first_seen` or `rare` rule that is compared: beyond it, texts differ by accident.
const VALUE_CHARS: usize = 200;

/// A statement is put together from what was checked when the rule was read; so this fails only for a rule that
/// [`super::parse`] refuses, and it is what `parse` checks with.
type Made = Result<String, String>;

/// The statement of a look over `[from, to)`. `from` matters where the look has no windows of its own.
pub(crate) fn look(rule: &OpsRule, from: Nanos, to: Nanos) -> Made {
    let inner = match (&rule.kind, &rule.source) {
        (Kind::Change { against, .. }, _) => {
            let mut parts = Vec::with_capacity(against.len() + 1);
            for (period, offset) in std::iter::once(&0).chain(against).enumerate() {
                let part = select(rule, from - offset, to - offset)?;
                parts.push(format!("SELECT {period} AS \"period\", * FROM ({part})"));
            }
            parts.join(" UNION ALL ")
        }
        (Kind::BurnRate { pairs, .. }, Source::Ratio(ratio)) => {
            let mut windows: Vec<Nanos> = pairs.iter().flat_map(|pair| [pair.long, pair.short]).collect();
            windows.sort_unstable();
            windows.dedup();
            burn(rule, ratio, &windows, to)?
        }
        _ => select(rule, from, to)?,
    };
    Ok(format!("SELECT * FROM ({inner}) LIMIT {}", MAX_ANSWER_ROWS + 1))
}

fn select(rule: &OpsRule, from: Nanos, to: Nanos) -> Made {
    match &rule.source {
        Source::Sql(sql) => statement(rule, sql, from, to),
        Source::Search { table, query, aggregate } => {
            let mut columns = keys(rule, *table)?;
            let grouped = columns.len();
            columns.extend(measures(rule, *table, aggregate, to)?);
            let condition = query.where_sql(*table, to).map_err(|error| error.to_string())?;
            Ok(format!(
                "SELECT {} FROM {} WHERE {} AND {condition} GROUP BY {}",
                columns.join(", "),
                table.name(),
                range(from, to),
                places(grouped)
            ))
        }
        Source::Ratio(_) => Err("an objective has windows of its own".to_owned()),
    }
}

/// `dataset`, what is grouped by, and the values that first-seen and rare rules tell apart.
fn keys(rule: &OpsRule, table: Table) -> Result<Vec<String>, String> {
    let mut columns = vec!["dataset".to_owned()];
    for (name, fields) in rule.group_by.iter().zip(&rule.found_in) {
        columns.push(format!("{} AS {}", first_there(fields, table)?, identifier(name)));
    }
    for (name, fields) in rule.value_fields().iter().zip(&rule.found_in[rule.group_by.len()..]) {
        columns.push(format!("{} AS {}", told_apart(rule, fields, table)?, identifier(name)));
    }
    Ok(columns)
}

/// The text of the first of these fields that is there.
fn first_there(fields: &[String], table: Table) -> Made {
    let texts = fields.iter().map(|field| field_text(field, table)).collect::<Result<Vec<_>, _>>()?;
    Ok(if texts.len() == 1 { texts[0].clone() } else { format!("coalesce({})", texts.join(", ")) })
}

fn told_apart(rule: &OpsRule, fields: &[String], table: Table) -> Made {
    let text = format!("left({}, {VALUE_CHARS})", first_there(fields, table)?);
    Ok(match rule.kind {
        Kind::FirstSeen { shape: true, .. } => {
            format!("regexp_replace({text}, '[0-9a-fA-F-]*[0-9][0-9a-fA-F-]*', '#', 'g')")
        }
        _ => text,
    })
}

fn measures(rule: &OpsRule, table: Table, aggregate: &Aggregate, to: Nanos) -> Result<Vec<String>, String> {
    let samples = "count(*) AS \"samples\"".to_owned();
    Ok(match &rule.kind {
        Kind::Absence { .. } => vec![
            "CAST(min(timestamp) AS BIGINT) AS \"first\"".to_owned(),
            "CAST(max(timestamp) AS BIGINT) AS \"last\"".to_owned(),
            samples,
        ],
        Kind::FirstSeen { .. } => {
            let example = rule.found_in.get(rule.group_by.len()).ok_or("a value needs a field")?;
            let first = "CAST(min(timestamp) AS BIGINT) AS \"first\"".to_owned();
            vec![first, format!("min(left({}, {VALUE_CHARS})) AS \"example\"", first_there(example, table)?), samples]
        }
        Kind::Rare { .. } => vec![samples],
        Kind::Forecast { .. } => {
            let (Aggregate::Avg(field) | Aggregate::Last(field)) = aggregate else {
                return Err("a forecast needs the values of a field: aggregate: avg FIELD".to_owned());
            };
            let value = field_number(field, table)?;
            let x = format!("CAST(CAST(timestamp AS BIGINT) - {to} AS DOUBLE) / 1e9");
            regression(&value, &x)
        }
        _ => vec![format!("{} AS \"value\"", number(aggregate, table, to)?), samples],
    })
}

fn regression(value: &str, x: &str) -> Vec<String> {
    vec![
        format!("regr_intercept({value}, {x}) AS \"value\""),
        format!("regr_slope({value}, {x}) AS \"slope\""),
        format!("regr_r2({value}, {x}) AS \"fit\""),
        "count(*) AS \"samples\"".to_owned(),
    ]
}

fn number(aggregate: &Aggregate, table: Table, to: Nanos) -> Made {
    let of = |field: &str| field_number(field, table);
    Ok(match aggregate {
        Aggregate::Count => "CAST(count(*) AS DOUBLE)".to_owned(),
        Aggregate::Distinct(field) => format!("CAST(count(DISTINCT {}) AS DOUBLE)", field_text(field, table)?),
        Aggregate::Sum(field) => format!("sum({})", of(field)?),
        Aggregate::Avg(field) => format!("avg({})", of(field)?),
        Aggregate::Min(field) => format!("min({})", of(field)?),
        Aggregate::Max(field) => format!("max({})", of(field)?),
        Aggregate::Last(field) => format!("last_value({} ORDER BY timestamp)", of(field)?),
        Aggregate::Increase(field) => format!("max({0}) - min({0})", of(field)?),
        Aggregate::Percentile(p, field) => {
            format!("approx_percentile_cont(0.{p:02}) WITHIN GROUP (ORDER BY {})", of(field)?)
        }
        Aggregate::Share(query) => {
            let condition = query.where_sql(table, to).map_err(|error| error.to_string())?;
            format!("avg(CASE WHEN {condition} THEN 1.0 ELSE 0.0 END)")
        }
    })
}

/// A rule's own statement over a range of time.
fn statement(rule: &OpsRule, sql: &str, from: Nanos, to: Nanos) -> Made {
    // The line's end closes a comment that the statement may end with.
    let sql = format!("{}\n", placed(sql, from, to));
    let Kind::Forecast { .. } = rule.kind else { return Ok(sql) };
    let mut columns = vec![dataset(rule)];
    columns.extend(rule.group_by.iter().map(|field| identifier(field)));
    let grouped = columns.len();
    columns.extend(regression("\"value\"", &format!("CAST(CAST(\"time\" AS BIGINT) - {to} AS DOUBLE) / 1e9")));
    Ok(format!("SELECT {} FROM ({sql}) GROUP BY {}", columns.join(", "), places(grouped)))
}

fn burn(rule: &OpsRule, ratio: &RatioQuery, windows: &[Nanos], to: Nanos) -> Made {
    let longest = windows.last().copied().ok_or("an objective needs windows")?;
    match ratio {
        RatioQuery::Search { table, total, part } => {
            let total = total.where_sql(*table, to).map_err(|error| error.to_string())?;
            let part = part.where_sql(*table, to).map_err(|error| error.to_string())?;
            let mut columns = keys(rule, *table)?;
            let grouped = columns.len();
            for window in windows {
                let since = format!("timestamp >= to_timestamp_nanos({})", to - window);
                columns.push(format!("count(*) FILTER (WHERE {since}) AS \"total_{window}\""));
                columns.push(format!("count(*) FILTER (WHERE {since} AND {part}) AS \"part_{window}\""));
            }
            Ok(format!(
                "SELECT {} FROM {} WHERE {} AND {total} GROUP BY {}",
                columns.join(", "),
                table.name(),
                range(to - longest, to),
                places(grouped)
            ))
        }
        RatioQuery::Sql { total, part } => {
            let mut columns = vec![dataset(rule)];
            columns.extend(rule.group_by.iter().map(|field| identifier(field)));
            let (grouped, shared) = (columns.len(), columns.join(", "));
            let mut parts = Vec::new();
            for window in windows {
                for (name, sql) in [("total", total), ("part", part)] {
                    let column = format!("{name}_{window}");
                    let sql = placed(sql, to - window, to);
                    parts.push(format!(
                        "SELECT {shared}, {} AS \"of\", CAST(\"value\" AS DOUBLE) AS \"value\" FROM ({sql}\n)",
                        literal(&column)
                    ));
                    columns.push(format!("sum(CASE WHEN \"of\" = {} THEN \"value\" END) AS \"{column}\"", {
                        literal(&column)
                    }));
                }
            }
            // Columns are named again: `'x' AS dataset` outside would hide that of the parts.
            if rule.dataset.is_some() {
                columns[0] = "dataset".to_owned();
            }
            let parts = parts.join(" UNION ALL ");
            Ok(format!("SELECT {} FROM ({parts}) GROUP BY {}", columns.join(", "), places(grouped)))
        }
    }
}

/// The dataset of a statement's rows: they say it, unless the rule is for one alone.
fn dataset(rule: &OpsRule) -> String {
    rule.dataset.as_ref().map_or_else(|| "dataset".to_owned(), |name| format!("{} AS dataset", literal(name)))
}

fn placed(sql: &str, from: Nanos, to: Nanos) -> String {
    let sql = sql.trim().trim_end_matches(';');
    sql.replace("$from", &format!("to_timestamp_nanos({from})")).replace("$to", &format!("to_timestamp_nanos({to})"))
}

fn range(from: Nanos, to: Nanos) -> String {
    format!("timestamp >= to_timestamp_nanos({from}) AND timestamp < to_timestamp_nanos({to})")
}

fn places(count: usize) -> String {
    let mut out = String::new();
    for place in 1..=count {
        let _ = write!(out, "{}{place}", if place > 1 { ", " } else { "" });
    }
    out
}
