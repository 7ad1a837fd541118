//! Timestamps as logs write them, to nanoseconds since 1970 in UTC.
//!
//! A time without a zone is read as UTC. What lies beyond 64-bit nanoseconds (years 1677 to 2262) is
//! held at that end, where the clock-skew rule of [`model::Context::place`] catches it.

const SECOND: i128 = 1_000_000_000;
const DAY_SECONDS: i64 = 86_400;
/// Longest text looked at: the longest form, with nanoseconds and zone, has 37 bytes.
const MAX_TIME_BYTES: usize = 48;

/// A date and a time of day as read.
#[derive(Clone, Copy)]
struct Parts {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    nanos: i64,
    offset_seconds: i64,
}

impl Parts {
    fn nanos(self) -> Option<i64> {
        let valid = (1..=12).contains(&self.month)
            && self.day >= 1
            && self.day <= days_in_month(self.year, self.month)
            && self.hour < 24
            && self.minute < 60
            && self.second <= 60;
        if !valid {
            return None;
        }
        let days = days_from_civil(self.year, self.month, self.day);
        let of_day = self.hour * 3600 + self.minute * 60 + self.second;
        let seconds = days * DAY_SECONDS + of_day - self.offset_seconds;
        Some(saturate(i128::from(seconds) * SECOND + i128::from(self.nanos)))
    }
}

fn saturate(nanos: i128) -> i64 {
    i64::try_from(nanos).unwrap_or(if nanos > 0 { i64::MAX } else { i64::MIN })
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar, counted in eras of 400 years from March.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The year that `nanos` falls into.
fn year_of(nanos: i64) -> i64 {
    let days = nanos.div_euclid(1_000_000_000).div_euclid(DAY_SECONDS);
    // Never too late: whole years of 366 days, one less for times before 1970.
    let guess = 1969 + days.div_euclid(366);
    let mut year = guess;
    while days_from_civil(year + 1, 1, 1) <= days {
        year += 1;
    }
    year
}

/// Reads forward through bytes.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, wanted: u8) -> Option<()> {
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let digits = self.bytes.get(self.at..self.at + count)?;
        let mut value = 0i64;
        for &digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            value = value * 10 + i64::from(digit - b'0');
        }
        self.at += count;
        Some(value)
    }

    /// Digits after a `.` or `,`, as nanoseconds; 0 where there are none.
    fn fraction(&mut self) -> i64 {
        if !matches!(self.peek(), Some(b'.' | b',')) || !self.bytes.get(self.at + 1).is_some_and(u8::is_ascii_digit) {
            return 0;
        }
        self.at += 1;
        let mut nanos = 0i64;
        let mut scale = 100_000_000i64;
        while let Some(digit) = self.peek().filter(u8::is_ascii_digit) {
            nanos += i64::from(digit - b'0') * scale;
            scale /= 10;
            self.at += 1;
        }
        nanos
    }

    fn month_name(&mut self) -> Option<i64> {
        const NAMES: [&[u8; 3]; 12] =
            [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
        let name = self.bytes.get(self.at..self.at + 3)?;
        let month = NAMES.iter().position(|known| name.eq_ignore_ascii_case(*known))?;
        self.at += 3;
        i64::try_from(month + 1).ok()
    }

    fn clock(&mut self) -> Option<(i64, i64, i64)> {
        let hour = self.digits(2)?;
        self.eat(b':')?;
        let minute = self.digits(2)?;
        self.eat(b':')?;
        Some((hour, minute, self.digits(2)?))
    }

    /// `Z`, `+hh:mm`, `+hhmm` or `+hh`; 0 where there is no zone.
    fn zone(&mut self) -> Option<i64> {
        let sign = match self.peek() {
            Some(b'Z' | b'z') => {
                self.at += 1;
                return Some(0);
            }
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => return Some(0),
        };
        self.at += 1;
        let hours = self.digits(2)?;
        let minutes = match self.peek() {
            Some(b':') => {
                self.at += 1;
                self.digits(2)?
            }
            Some(byte) if byte.is_ascii_digit() => self.digits(2)?,
            _ => 0,
        };
        (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
    }
}

/// Reads `2026-11-21T07:29:36.123Z` and its relatives (blank for `T`, `/` for `-`, `,` for `.`, zone
/// missing) at the start of `text`; answers the time and the length read.
pub(crate) fn leading_iso(text: &str) -> Option<(i64, usize)> {
    let bytes = text.as_bytes();
    let mut cursor = Cursor { bytes: &bytes[..bytes.len().min(MAX_TIME_BYTES)], at: 0 };
    let year = cursor.digits(4)?;
    let separator = cursor.peek().filter(|byte| matches!(byte, b'-' | b'/'))?;
    cursor.at += 1;
    let month = cursor.digits(2)?;
    cursor.eat(separator)?;
    let day = cursor.digits(2)?;
    cursor.peek().filter(|byte| matches!(byte, b'T' | b't' | b' '))?;
    cursor.at += 1;
    let (hour, minute, second) = cursor.clock()?;
    let nanos = cursor.fraction();
    // A blank before the zone is how Python, Ruby and Go print it: only taken when a zone follows.
    let before = cursor.at;
    if cursor.peek() == Some(b' ') && cursor.bytes.get(before + 1).is_some_and(|byte| matches!(byte, b'+' | b'-')) {
        cursor.at += 1;
    }
    let offset_seconds = match (cursor.zone(), cursor.at > before) {
        (Some(offset), _) => offset,
        (None, true) if cursor.bytes.get(before) == Some(&b' ') => {
            cursor.at = before;
            0
        }
        (None, _) => return None,
    };
    let nanos = Parts { year, month, day, hour, minute, second, nanos, offset_seconds }.nanos()?;
    Some((nanos, cursor.at))
}

/// Reads `Nov 21 07:29:36` (day padded with a blank or zero, optional year before or fraction after the
/// clock) at the start of `text`. Without a year the one nearest to `received` is meant.
pub(crate) fn leading_bsd(text: &str, received: i64) -> Option<(i64, usize)> {
    let bytes = text.as_bytes();
    let mut cursor = Cursor { bytes: &bytes[..bytes.len().min(MAX_TIME_BYTES)], at: 0 };
    let month = cursor.month_name()?;
    cursor.eat(b' ')?;
    let day = if cursor.eat(b' ').is_some() {
        cursor.digits(1)?
    } else {
        match cursor.digits(2) {
            Some(day) => day,
            None => cursor.digits(1)?,
        }
    };
    cursor.eat(b' ')?;
    let stated = match cursor.digits(4) {
        Some(year) => {
            cursor.eat(b' ')?;
            Some(year)
        }
        None => None,
    };
    let (hour, minute, second) = cursor.clock()?;
    let nanos = cursor.fraction();
    let at = |year| Parts { year, month, day, hour, minute, second, nanos, offset_seconds: 0 }.nanos();
    let time = match stated {
        Some(year) => at(year)?,
        None => {
            let year = year_of(received);
            [year, year - 1, year + 1].into_iter().filter_map(at).min_by_key(|time| time.abs_diff(received))?
        }
    };
    Some((time, cursor.at))
}

/// Reads `21/Nov/2026:07:29:36 +0000`, the time of access logs.
pub(crate) fn access_log(text: &str) -> Option<i64> {
    let mut cursor = Cursor { bytes: text.as_bytes(), at: 0 };
    let day = cursor.digits(2)?;
    cursor.eat(b'/')?;
    let month = cursor.month_name()?;
    cursor.eat(b'/')?;
    let year = cursor.digits(4)?;
    cursor.eat(b':')?;
    let (hour, minute, second) = cursor.clock()?;
    let nanos = cursor.fraction();
    let _ = cursor.eat(b' ');
    let offset_seconds = cursor.zone()?;
    (cursor.at == text.len())
        .then_some(Parts { year, month, day, hour, minute, second, nanos, offset_seconds })?
        .nanos()
}

/// A whole number since 1970, whose unit follows from its size: seconds below 1e11 (year 5138), then
/// milliseconds, microseconds and nanoseconds, each a thousand times larger.
pub(crate) fn epoch_int(value: i64) -> i64 {
    saturate(i128::from(value) * unit(value.unsigned_abs() as f64))
}

/// Like [`epoch_int`], with a fraction. `None` when it is not finite.
pub(crate) fn epoch_double(value: f64) -> Option<i64> {
    if !value.is_finite() {
        return None;
    }
    let unit = unit(value.abs());
    // Whole and fractional part apart: together they would not fit a float's 53 bits.
    let whole = value.trunc();
    // A float turned into an integer saturates, and so does the result.
    Some(saturate((whole as i128).saturating_mul(unit).saturating_add(((value - whole) * unit as f64).round() as i128)))
}

fn unit(size: f64) -> i128 {
    match size {
        size if size < 1e11 => SECOND,
        size if size < 1e14 => 1_000_000,
        size if size < 1e17 => 1_000,
        _ => 1,
    }
}

/// Any of the forms above, filling the whole of `text`; numbers as text too.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.len() > MAX_TIME_BYTES {
        return None;
    }
    if let Some((time, length)) = leading_iso(text) {
        return (length == text.len()).then_some(time);
    }
    if let Some(time) = access_log(text) {
        return Some(time);
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-')) {
        return None;
    }
    match text.parse::<i64>() {
        Ok(int) => Some(epoch_int(int)),
        Err(_) => decimal(text),
    }
}

/// `1700000000.123456789` exactly, which a float would round.
fn decimal(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.')?;
    let (negative, whole) = match whole.strip_prefix('-') {
        Some(whole) => (true, whole),
        None => (false, whole),
    };
    let whole: i64 = whole.parse().ok()?;
    if whole < 0 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let unit = unit(whole as f64);
    let mut nanos = i128::from(whole) * unit;
    let mut scale = unit;
    for digit in fraction.bytes() {
        scale /= 10;
        nanos += i128::from(digit - b'0') * scale;
    }
    Some(saturate(if negative { -nanos } else { nanos }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeZone as _, Utc};
    use proptest::prelude::*;

    fn at(text: &str) -> i64 {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp_nanos_opt().unwrap()
    }

    #[test]
    fn every_form_is_read() {
        let second = at("2026-11-21T07:29:36Z");
        let table = [
            ("2026-11-21T07:29:36Z", second),
            ("2026-11-21 07:29:36", second),
            ("2026/11/21 07:29:36", second),
            ("2026-11-21T07:29:36.5Z", second + 500_000_000),
            ("2026-11-21 07:29:36,123", second + 123_000_000),
            ("2026-11-21T07:29:36.123456789123Z", second + 123_456_789),
            ("2026-11-21T09:29:36+02:00", second),
            ("2026-11-21T09:29:36+0200", second),
            ("2026-11-21 02:29:36 -0500", second),
            ("21/Nov/2026:08:29:36 +0100", second),
            ("1795246176", at("2026-11-21T07:29:36Z")),
            ("1795246176123", second + 123_000_000),
            ("1795246176123456", second + 123_456_000),
            ("1795246176123456789", second + 123_456_789),
            ("1795246176.000000001", second + 1),
            ("1795246176123.5", second + 123_500_000),
            ("-1.5", -1_500_000_000),
            ("0", 0),
            ("9999-12-31T23:59:59Z", i64::MAX),
            ("0001-01-01T00:00:00Z", i64::MIN),
        ];
        for (text, expected) in table {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let bad = [
            "",
            "now",
            "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21",
            "2026-11-21T07:29:36 tomorrow",
            "2026-11-21T07:29:36+99:00",
            "1.2.3",
            "--1",
            "1e9",
            ".",
            "-",
            ".5",
        ];
        for text in bad {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(epoch_double(f64::NAN), None);
        assert_eq!(epoch_double(1e300), Some(i64::MAX));
    }

    #[test]
    fn a_time_without_year_is_near_the_receipt() {
        let table = [
            ("Nov 21 07:29:36", "2026-11-21T08:00:00Z", "2026-11-21T07:29:36Z"),
            ("Dec 31 23:59:59", "2027-01-01T00:00:05Z", "2026-12-31T23:59:59Z"),
            ("Jan  1 00:00:02", "2026-12-31T23:59:59Z", "2027-01-01T00:00:02Z"),
            ("Feb 29 12:00:00", "2025-03-01T00:00:00Z", "2024-02-29T12:00:00Z"),
            ("Nov  1 2020 07:29:36", "2026-11-21T08:00:00Z", "2020-11-01T07:29:36Z"),
            ("Nov 1 07:29:36", "2026-11-21T08:00:00Z", "2026-11-01T07:29:36Z"),
        ];
        for (text, received, expected) in table {
            let (time, length) = leading_bsd(text, at(received)).unwrap();
            assert_eq!((time, length), (at(expected), text.len()), "{text}");
        }
        assert!(leading_bsd("Foo 21 07:29:36", 0).is_none());
        assert!(leading_bsd("Feb 30 07:29:36", 0).is_none());
    }

    proptest! {
        #[test]
        fn agrees_with_chrono(seconds in -9_000_000_000i64..9_000_000_000, nanos in 0u32..1_000_000_000) {
            let time = Utc.timestamp_opt(seconds, nanos).unwrap();
            let text = time.to_rfc3339_opts(chrono::SecondsFormat::Nanos, true);
            prop_assert_eq!(parse(&text), time.timestamp_nanos_opt());
            prop_assert_eq!(year_of(time.timestamp_nanos_opt().unwrap()), i64::from(chrono::Datelike::year(&time)));
        }

        #[test]
        fn never_panics(text in "\\PC{0,60}", digits in "[0-9TZ:. +/-]{0,50}", received in any::<i64>()) {
            for text in [&text, &digits] {
                let _ = super::parse(text);
                let _ = leading_bsd(text, received);
            }
            let _ = epoch_int(received);
            let _ = epoch_double(f64::from_bits(received as u64));
        }
    }
}
