//! Spans of time as settings have them: `90s`, `30m`, `8h`, `7d`.

use crate::limits::{DAY, HOUR, MINUTE, SECOND};
use model::Nanos;
use serde::de::Error as _;
use serde::{Deserialize as _, Deserializer, Serializer};

const UNITS: [(char, Nanos); 4] = [('d', DAY), ('h', HOUR), ('m', MINUTE), ('s', SECOND)];

/// Writes it in the largest unit that fits.
pub fn serialize<S: Serializer>(span: &Nanos, serializer: S) -> Result<S::Ok, S::Error> {
    let (name, unit) = UNITS.into_iter().find(|(_, unit)| span % unit == 0).unwrap_or(('s', SECOND));
    serializer.serialize_str(&format!("{}{name}", span / unit))
}

/// Reads it.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Nanos, D::Error> {
    let text = String::deserialize(deserializer)?;
    read(&text).ok_or_else(|| D::Error::custom(format!("{text:?} is no span of time: write 90s, 30m, 8h or 7d")))
}

fn read(text: &str) -> Option<Nanos> {
    let text = text.trim();
    let (_, unit) = UNITS.into_iter().find(|(name, _)| text.ends_with(*name))?;
    let number: i64 = text[..text.len() - 1].trim().parse().ok()?;
    (number > 0).then(|| number.checked_mul(unit)).flatten().filter(|span| *span <= 3_650 * DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read() {
        for (text, span) in [("90s", 90 * SECOND), ("8h", 8 * HOUR), (" 7 d", 7 * DAY), ("1m", MINUTE)] {
            assert_eq!(read(text), Some(span), "{text}");
        }
        for text in ["", "h", "0s", "-1h", "5", "9999999999999d", "1.5h", "5µ"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
