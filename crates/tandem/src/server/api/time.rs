//! Times in parameters: RFC 3339, `now`, `now-15m`, `-15m`, or a number since 1970.

use crate::server::errors::ApiError;
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use serde::{Deserialize, Deserializer};

/// A time as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct When(pub String);

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(i64),
            Text(String),
        }
        Ok(When(match Written::deserialize(deserializer)? {
            Written::Number(number) => number.to_string(),
            Written::Text(text) => text,
        }))
    }
}

/// From the beginning to the end, unless said otherwise.
pub fn range(from: Option<&When>, to: Option<&When>, now: i64) -> Result<(i64, i64), ApiError> {
    let from = from.filter(|when| !when.0.is_empty()).map_or(Ok(i64::MIN + 1), |when| parse(&when.0, now))?;
    let to = to.filter(|when| !when.0.is_empty()).map_or(Ok(i64::MAX), |when| parse(&when.0, now))?;
    if from >= to {
        return Err(ApiError::bad("`from` is not before `to`").help("the range includes `from` and ends before `to`"));
    }
    Ok((from, to))
}

/// Nanoseconds since 1970.
pub fn parse(text: &str, now: i64) -> Result<i64, ApiError> {
    let text = text.trim();
    absolute(text).or_else(|| relative(text, now)).ok_or_else(|| {
        ApiError::bad(format!("{text:?} is no time"))
            .help("write 2026-01-31T12:00:00Z, now, now-15m (s, m, h, d, w), or seconds since 1970")
    })
}

fn relative(text: &str, now: i64) -> Option<i64> {
    let offset = text.strip_prefix("now").unwrap_or(text).trim();
    if offset.is_empty() {
        return text.starts_with("now").then_some(now);
    }
    let sign = match offset.as_bytes()[0] {
        b'-' => -1,
        b'+' => 1,
        _ => return None,
    };
    let age: crate::config::units::Age = offset[1..].trim().parse().ok()?;
    let nanos = i64::try_from(age.0?.as_nanos()).ok()?;
    now.checked_add(sign * nanos)
}

fn absolute(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse::<i64>() {
        // Seconds until the year 5138, then milliseconds, microseconds, nanoseconds by magnitude.
        let factor = match number.unsigned_abs() {
            0..100_000_000_000 => 1_000_000_000,
            100_000_000_000..100_000_000_000_000 => 1_000_000,
            100_000_000_000_000..100_000_000_000_000_000 => 1_000,
            _ => 1,
        };
        return number.checked_mul(factor);
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return time.timestamp_nanos_opt();
    }
    for format in ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
            return time.and_utc().timestamp_nanos_opt();
        }
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0)?.and_utc().timestamp_nanos_opt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        let now = 1_700_000_000_000_000_000;
        for (text, nanos) in [
            ("now", now),
            ("now-15m", now - 900_000_000_000),
            ("-1h", now - 3_600_000_000_000),
            ("now+5s", now + 5_000_000_000),
            ("1700000000", now),
            ("1700000000000", now),
            ("1700000000000000", now),
            ("1700000000000000000", now),
            ("2023-11-14T22:13:20Z", now),
            ("2023-11-14T23:13:20+01:00", now),
            ("2023-11-14 22:13:20", now),
            ("1970-01-02", 86_400_000_000_000),
        ] {
            assert_eq!(parse(text, now).unwrap(), nanos, "{text}");
        }
        for text in ["", "yesterday", "now-", "now-5", "9999-01-01T00:00:00Z", "now-99999999w"] {
            assert!(parse(text, now).is_err(), "{text}");
        }
        assert!(range(Some(&When("now".into())), Some(&When("-1h".into())), now).is_err());
    }
}
