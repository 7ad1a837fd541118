//! Ages and sizes as people write them.

use serde::Deserialize;
use std::str::FromStr;
use std::time::Duration;

/// `30d`, `12h`, `5m`, `10s`, `500ms`, or `off`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(try_from = "String")]
pub struct Age(pub Option<Duration>);

/// `100GiB`, `500MB`, or a number of bytes.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(try_from = "String")]
pub struct Size(pub u64);

const AGES: &str = "an age is a number with ms, s, m, h, d or w, such as 30d, or `off`";
const SIZES: &str = "a size is a number with KiB, MiB, GiB, TiB, KB, MB, GB or TB, such as 10GiB";

impl FromStr for Age {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if matches!(text, "off" | "none" | "never") {
            return Ok(Age(None));
        }
        let (number, unit) = split(text).ok_or(AGES)?;
        let seconds = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            "w" => 604_800.0,
            _ => return Err(AGES.to_owned()),
        };
        let age = Duration::try_from_secs_f64(number * seconds).map_err(|_| AGES)?;
        if age.is_zero() { Err("an age must be more than nothing".to_owned()) } else { Ok(Age(Some(age))) }
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit) = split(text).ok_or(SIZES)?;
        let factor: u64 = match unit.to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "kib" | "k" => 1 << 10,
            "mib" | "m" => 1 << 20,
            "gib" | "g" => 1 << 30,
            "tib" | "t" => 1 << 40,
            "kb" => 1_000,
            "mb" => 1_000_000,
            "gb" => 1_000_000_000,
            "tb" => 1_000_000_000_000,
            _ => return Err(SIZES.to_owned()),
        };
        let bytes = number * factor as f64;
        if (1.0..9e18).contains(&bytes) { Ok(Size(bytes as u64)) } else { Err(SIZES.to_owned()) }
    }
}

/// Number and unit.
fn split(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok()?;
    Some((number, text[end..].trim()))
}

impl TryFrom<String> for Age {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl TryFrom<String> for Size {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_sizes() {
        assert_eq!("30d".parse(), Ok(Age(Some(Duration::from_secs(30 * 86_400)))));
        assert_eq!("1.5h".parse(), Ok(Age(Some(Duration::from_secs(5400)))));
        assert_eq!("off".parse(), Ok(Age(None)));
        for wrong in ["", "5", "d", "5y", "-3d", "0s", "1e400d"] {
            assert!(wrong.parse::<Age>().is_err(), "{wrong}");
        }
        assert_eq!("10GiB".parse(), Ok(Size(10 << 30)));
        assert_eq!("500 MB".parse(), Ok(Size(500_000_000)));
        assert_eq!("4096".parse(), Ok(Size(4096)));
        for wrong in ["", "MB", "5XB", "0", "-1", "99999999TiB"] {
            assert!(wrong.parse::<Size>().is_err(), "{wrong}");
        }
    }
}
