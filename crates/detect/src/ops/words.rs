//! Numbers and times as people read them.

use super::rule::{Aggregate, OpsRule, Source};
use chrono::DateTime;
use model::Nanos;

/// A value with its unit.
pub(crate) fn value(value: f64, unit: &str) -> String {
    match unit {
        "ns" => span(value),
        "s" => span(value * 1e9),
        "ms" => span(value * 1e6),
        "percent" => format!("{} %", short(value * 100.0)),
        "By" => bytes(value),
        "" | "1" => short(value),
        word => format!("{} {word}", short(value)),
    }
}

/// A duration, in the unit that fits: `5m`, `90s`, `1d`.
pub(crate) fn duration(nanos: Nanos) -> String {
    const SECOND: i64 = 1_000_000_000;
    for (unit, name) in [(86_400 * SECOND, "d"), (3600 * SECOND, "h"), (60 * SECOND, "m"), (SECOND, "s")] {
        if nanos >= unit && nanos % unit == 0 {
            return format!("{}{name}", nanos / unit);
        }
    }
    span(nanos as f64)
}

/// A duration that may be anything.
fn span(nanos: f64) -> String {
    for (unit, name) in [(86_400e9, "d"), (3600e9, "h"), (60e9, "min"), (1e9, "s"), (1e6, "ms"), (1e3, "us")] {
        if nanos.abs() >= unit {
            return format!("{} {name}", short(nanos / unit));
        }
    }
    format!("{} ns", short(nanos))
}

fn bytes(value: f64) -> String {
    for (unit, name) in [(1024f64.powi(4), "TiB"), (1024f64.powi(3), "GiB"), (1024f64.powi(2), "MiB"), (1024.0, "KiB")]
    {
        if value.abs() >= unit {
            return format!("{} {name}", short(value / unit));
        }
    }
    format!("{} B", short(value))
}

/// About three digits that count.
pub(crate) fn short(value: f64) -> String {
    let digits = match value.abs() {
        abs if abs >= 100.0 || abs == 0.0 => 0,
        abs if abs >= 10.0 => 1,
        abs if abs >= 1.0 => 2,
        abs if abs >= 0.001 => 4,
        _ => 6,
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A time to the second, in UTC.
pub(crate) fn time(nanos: Nanos) -> String {
    DateTime::from_timestamp_nanos(nanos).format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// What is measured, in a few words.
pub(crate) fn measured(rule: &OpsRule) -> String {
    if let Some(name) = &rule.measures {
        return name.clone();
    }
    let Source::Search { table, aggregate, .. } = &rule.source else { return "the value".to_owned() };
    match aggregate {
        Aggregate::Count => format!("the number of {}", table.name()),
        Aggregate::Distinct(field) => format!("the number of different {field}"),
        Aggregate::Sum(field) => format!("the sum of {field}"),
        Aggregate::Avg(field) => format!("the mean of {field}"),
        Aggregate::Min(field) => format!("the least {field}"),
        Aggregate::Max(field) => format!("the greatest {field}"),
        Aggregate::Last(field) => format!("the newest {field}"),
        Aggregate::Increase(field) => format!("the growth of {field}"),
        Aggregate::Percentile(p, field) => format!("p{p} of {field}"),
        Aggregate::Share(query) => format!("the share of {query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_have_units() {
        assert_eq!(value(2_310_000_000.0, "ns"), "2.31 s");
        assert_eq!(value(0.9731, "percent"), "97.3 %");
        assert_eq!(value(0.0, "1"), "0");
        assert_eq!(value(1536.0, "By"), "1.5 KiB");
        assert_eq!(value(12345.6, "messages"), "12346 messages");
        assert_eq!(value(0.00025, "1"), "0.00025");
        assert_eq!(duration(300_000_000_000), "5m");
        assert_eq!(duration(5_400_000_000_000), "90m");
        assert_eq!(duration(1), "1 ns");
    }
}
