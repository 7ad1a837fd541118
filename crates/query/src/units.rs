//! Durations and times as people write them.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

/// `5ms`, `2s`, `1.5h` in nanoseconds.
pub fn duration(text: &str) -> Option<i64> {
    let split = text.find(|c: char| c.is_ascii_alphabetic() || c == 'µ')?;
    let (number, unit) = text.split_at(split);
    let factor = match unit {
        "ns" => 1.0,
        "us" | "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        "m" => 60e9,
        "h" => 3600e9,
        "d" => 86_400e9,
        "w" => 604_800e9,
        _ => return None,
    };
    let nanos = number.parse::<f64>().ok()? * factor;
    (nanos.is_finite() && nanos.abs() < 9e18).then_some(nanos.round() as i64)
}

/// `now`, `now-1h`, `2026-11-21`, `2026-11-21T10:00:00Z`, or nanoseconds since 1970.
pub fn time(text: &str, now: i64) -> Option<i64> {
    if let Some(offset) = text.strip_prefix("now") {
        return match offset.split_at_checked(1) {
            None => Some(now),
            Some(("-", ago)) => now.checked_sub(duration(ago)?),
            Some(("+", ahead)) => now.checked_add(duration(ahead)?),
            _ => None,
        };
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return time.timestamp_nanos_opt();
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
            return time.and_utc().timestamp_nanos_opt();
        }
    }
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_nanos_opt();
    }
    text.parse().ok().filter(|_| text.len() >= 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_times() {
        assert_eq!(duration("5ms"), Some(5_000_000));
        assert_eq!(duration("1.5h"), Some(5_400_000_000_000));
        assert_eq!(duration("5"), None);
        assert_eq!(duration("x"), None);
        assert_eq!(time("now-1s", 5_000_000_000), Some(4_000_000_000));
        assert_eq!(time("1970-01-01T00:00:01Z", 0), Some(1_000_000_000));
        assert_eq!(time("1970-01-02", 0), Some(86_400_000_000_000));
        assert_eq!(time("nowhere", 0), None);
        assert_eq!(time("12", 0), None);
    }
}
