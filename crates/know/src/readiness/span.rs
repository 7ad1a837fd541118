//! Spans of time as people write them: `4h`, `30 min`, `1d 12h`, `PT4H`.

use crate::limits::{DAY, HOUR, MAX_OBJECTIVE, MINUTE, SECOND};
use model::Nanos;

/// A span of time; none when it is not one, or longer than a year.
pub fn parse_span(text: &str) -> Option<Nanos> {
    let text = text.trim().to_ascii_lowercase();
    // ISO 8601: in its second half `m` is minutes, and months are no span.
    let (text, iso) = match text.strip_prefix('p') {
        Some(rest) => (rest, true),
        None => (text.as_str(), false),
    };
    let (days, rest) = if iso { text.split_once('t').unwrap_or((text, "")) } else { ("", text) };
    if days.contains('m') || (days.is_empty() && rest.trim().is_empty()) {
        return None;
    }
    let total = part(days)?.checked_add(part(rest)?)?;
    (0..=MAX_OBJECTIVE).contains(&total).then_some(total)
}

/// Numbers, each with its unit.
fn part(text: &str) -> Option<Nanos> {
    let (mut total, mut rest) = (0 as Nanos, text.trim_start());
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, after) = rest.split_at(digits);
        let after = after.trim_start();
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = after.split_at(letters);
        let unit = match unit {
            "s" | "sec" | "secs" | "second" | "seconds" => SECOND,
            "m" | "min" | "mins" | "minute" | "minutes" => MINUTE,
            "h" | "hour" | "hours" => HOUR,
            "d" | "day" | "days" => DAY,
            "w" | "week" | "weeks" => 7 * DAY,
            _ => return None,
        };
        total = total.checked_add(number.parse::<Nanos>().ok()?.checked_mul(unit)?)?;
        rest = after.trim_start();
    }
    Some(total)
}

/// A span in words, in its two largest units.
pub fn words(span: Nanos) -> String {
    let mut rest = span.max(0);
    let mut parts = Vec::new();
    for (unit, name) in [(DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s")] {
        let number = rest / unit;
        rest -= number * unit;
        if number > 0 {
            parts.push(format!("{number} {name}"));
        }
    }
    parts.truncate(2);
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        for (text, is) in [
            ("4h", Some(4 * HOUR)),
            ("30 min", Some(30 * MINUTE)),
            ("1d 12h", Some(36 * HOUR)),
            ("1h30m", Some(90 * MINUTE)),
            ("PT4H", Some(4 * HOUR)),
            ("P1DT30M", Some(DAY + 30 * MINUTE)),
            ("P1D", Some(DAY)),
            ("0s", Some(0)),
            ("2 weeks", Some(14 * DAY)),
            ("P1M", None),
            ("soon", None),
            ("4", None),
            ("-4h", None),
            ("", None),
            ("P", None),
            ("9999999999999999999h", None),
            ("9999d", None),
            ("4é", None),
        ] {
            assert_eq!(parse_span(text), is, "{text}");
        }
        assert_eq!(words(DAY + 2 * HOUR + MINUTE), "1 d 2 h");
        assert_eq!(words(90 * SECOND), "1 min 30 s");
        assert_eq!(words(-1), "0 s");
        assert_eq!(parse_span(&words(26 * HOUR)), Some(26 * HOUR));
    }
}
