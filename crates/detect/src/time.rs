//! Texts and numbers to times.

use crate::event::Scalar;
use chrono::{DateTime, NaiveDateTime};
use model::fact::Nanos;

/// A time in any of the usual forms: RFC 3339, the same with a space or without a zone (UTC then), the form of access
/// logs, seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size.
pub fn parse_time(value: &Scalar) -> Option<Nanos> {
    match value {
        Scalar::Int(int) => of_int(*int),
        Scalar::Double(double) => of_double(*double),
        Scalar::Text(text) => of_text(text.trim()),
        Scalar::Null | Scalar::Bool(_) => None,
    }
}

fn of_text(text: &str) -> Option<Nanos> {
    if let Ok(int) = text.parse::<i64>() {
        return of_int(int);
    }
    if text.len() < 10 || text.len() > 64 {
        return None;
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return time.timestamp_nanos_opt();
    }
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return text.parse().ok().and_then(of_double);
    }
    // `2020-09-14 00:44:23.000`, `2020-09-14T00:44:23 UTC`, `... +0000`, and what Windows writes with seven digits.
    let plain = text.trim_end_matches("UTC").trim_end_matches('Z').trim_end().replacen('T', " ", 1);
    let formats = ["%Y-%m-%d %H:%M:%S%.f %z", "%Y-%m-%d %H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f", "%d/%b/%Y:%H:%M:%S %z"];
    formats.iter().find_map(|format| parse_as(&plain, format))
}

/// Before 2001 nothing is told apart from what is written in a larger unit; seconds reach to the year 2286.
fn of_int(int: i64) -> Option<Nanos> {
    let unit: i64 = match int {
        ..100_000_000 => return None,
        100_000_000..10_000_000_000 => 1_000_000_000,
        10_000_000_000..10_000_000_000_000 => 1_000_000,
        10_000_000_000_000..10_000_000_000_000_000 => 1_000,
        _ => 1,
    };
    int.checked_mul(unit)
}

fn of_double(double: f64) -> Option<Nanos> {
    if !(1e8..1e19).contains(&double) {
        return None;
    }
    match double < 1e10 {
        // Whole seconds and the rest apart, so that microseconds are not lost to rounding.
        true => Some((double.trunc() as i64) * 1_000_000_000 + (double.fract() * 1e6).round() as i64 * 1_000),
        false => of_int(double as i64),
    }
}

/// A time as `chrono` writes this format; UTC when it names no zone.
pub fn parse_as(text: &str, format: &str) -> Option<Nanos> {
    match DateTime::parse_from_str(text.trim(), format) {
        Ok(time) => time.timestamp_nanos_opt(),
        Err(_) => NaiveDateTime::parse_from_str(text.trim(), format).ok()?.and_utc().timestamp_nanos_opt(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(text: &str) -> Option<Nanos> {
        parse_time(&Scalar::Text(text.to_owned()))
    }

    #[test]
    fn one_time_in_all_forms() {
        let time = 1_600_044_263_000_000_000;
        for form in [
            "2020-09-14T00:44:23Z",
            "2020-09-14T00:44:23.000Z",
            "2020-09-14T02:44:23+02:00",
            "2020-09-14 00:44:23",
            "2020-09-14 00:44:23.000",
            "2020-09-14 00:44:23.000 UTC",
            "2020-09-14T00:44:23.0000000Z",
            "2020-09-14T02:44:23.000+0200",
            "2020-09-14 02:44:23 +0200",
            "14/Sep/2020:02:44:23 +0200",
            "1600044263",
            "1600044263000",
            "1600044263.000",
        ] {
            assert_eq!(text(form), Some(time), "{form}");
        }
        assert_eq!(text("2019-04-03 17:36:47.2021234"), Some(1_554_313_007_202_123_400));
        assert_eq!(parse_time(&Scalar::Double(1604996384.965)), Some(1_604_996_384_965_000_000));
        assert_eq!(parse_time(&Scalar::Int(1_600_044_263_000_000)), Some(time));
        for form in ["", "-", "now", "12", "2020-09-14", "1969"] {
            assert_eq!(text(form), None, "{form}");
        }
        assert_eq!(parse_as("14.09.2020 00:44:23", "%d.%m.%Y %H:%M:%S"), Some(time));
    }

    proptest! {
        #[test]
        fn any_text_is_a_time_or_none(any in "\\PC{0,40}", digits in "[0-9T:. Z+-]{0,40}") {
            let _ = text(&any);
            let _ = text(&digits);
        }
    }
}
