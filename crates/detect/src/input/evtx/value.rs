//! Typed values of binary XML, as Windows writes them.

use super::{array_at, u16_at, u32_at, u64_at};
use crate::event::Scalar;
use chrono::{DateTime, NaiveDate, SecondsFormat};
use std::fmt::Write as _;

/// No value.
pub(super) const NULL: u8 = 0x00;
/// Binary XML as a value.
pub(super) const BINXML: u8 = 0x21;
const TEXT: u8 = 0x01;
const FILETIME: u8 = 0x11;
/// Several of the type in the lower bits.
const ARRAY: u8 = 0x80;
/// Between 1601 and 1970, in units of 100 nanoseconds.
const TO_1970: i64 = 116_444_736_000_000_000;

/// Adds what a value says: nothing, one, or several when it is an array.
pub(super) fn read(kind: u8, bytes: &[u8], out: &mut Vec<Scalar>) {
    if kind & ARRAY == 0 {
        out.extend(one(kind, bytes));
        return;
    }
    let kind = kind & !ARRAY;
    let size = match kind {
        TEXT => {
            let units: Vec<u16> = units(bytes).collect();
            let texts = units.split(|unit| *unit == 0).filter(|text| !text.is_empty());
            out.extend(texts.map(|text| Scalar::Text(String::from_utf16_lossy(text))));
            return;
        }
        0x03 | 0x04 => 1,
        0x05 | 0x06 => 2,
        0x07 | 0x08 | 0x0b | 0x0d | 0x14 => 4,
        0x09 | 0x0a | 0x0c | FILETIME | 0x15 => 8,
        0x0f | 0x12 => 16,
        _ => return,
    };
    out.extend(bytes.chunks_exact(size).filter_map(|bytes| one(kind, bytes)));
}

fn one(kind: u8, bytes: &[u8]) -> Option<Scalar> {
    Some(match kind {
        TEXT => Scalar::Text(utf16(bytes)),
        0x02 => Scalar::Text(String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned()),
        0x03 => Scalar::Int(i8::from_le_bytes(array_at(bytes, 0)?).into()),
        0x04 => Scalar::Int((*bytes.first()?).into()),
        0x05 => Scalar::Int(i16::from_le_bytes(array_at(bytes, 0)?).into()),
        0x06 => Scalar::Int(u16_at(bytes, 0)?.into()),
        0x07 => Scalar::Int(i32::from_le_bytes(array_at(bytes, 0)?).into()),
        0x08 => Scalar::Int(u32_at(bytes, 0)?.into()),
        0x09 => Scalar::Int(i64::from_le_bytes(array_at(bytes, 0)?)),
        0x0a => match i64::try_from(u64_at(bytes, 0)?) {
            Ok(int) => Scalar::Int(int),
            Err(_) => Scalar::Text(u64_at(bytes, 0)?.to_string()),
        },
        0x0b => Scalar::Double(f32::from_le_bytes(array_at(bytes, 0)?).into()),
        0x0c => Scalar::Double(f64::from_le_bytes(array_at(bytes, 0)?)),
        0x0d => Scalar::Text(if bytes.iter().any(|byte| *byte != 0) { "true" } else { "false" }.to_owned()),
        0x0e => Scalar::Text(bytes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02X}");
            text
        })),
        0x0f => Scalar::Text(guid(bytes)?),
        0x10 | 0x14 | 0x15 => Scalar::Text(match bytes.len() {
            4 => format!("{:#x}", u32_at(bytes, 0)?),
            _ => format!("{:#x}", u64_at(bytes, 0)?),
        }),
        FILETIME => Scalar::Text(filetime_text(u64_at(bytes, 0)?)?),
        0x12 => Scalar::Text(systemtime(bytes)?),
        0x13 => Scalar::Text(sid(bytes)?),
        _ => return None,
    })
}

/// Units of 100 nanoseconds since 1601 to nanoseconds since 1970.
pub(super) fn filetime(ticks: u64) -> Option<i64> {
    i64::try_from(ticks).ok()?.checked_sub(TO_1970)?.checked_mul(100)
}

/// With all seven digits, as Windows writes it.
fn filetime_text(ticks: u64) -> Option<String> {
    let ticks = i64::try_from(ticks).ok()?.checked_sub(TO_1970)?;
    let (seconds, rest) = (ticks.div_euclid(10_000_000), ticks.rem_euclid(10_000_000));
    let time = DateTime::from_timestamp(seconds, 0)?;
    Some(format!("{}.{rest:07}Z", time.format("%Y-%m-%dT%H:%M:%S")))
}

/// The nanoseconds of a value that is a time.
pub(super) fn time(kind: u8, bytes: &[u8]) -> Option<i64> {
    (kind == FILETIME).then(|| u64_at(bytes, 0)).flatten().and_then(filetime)
}

fn units(bytes: &[u8]) -> impl Iterator<Item = u16> + '_ {
    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
}

/// A text, without the zeros at its end.
pub(super) fn utf16(bytes: &[u8]) -> String {
    let text: String =
        char::decode_utf16(units(bytes)).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.trim_end_matches('\0').to_owned()
}

fn guid(bytes: &[u8]) -> Option<String> {
    let (a, b, c) = (u32_at(bytes, 0)?, u16_at(bytes, 4)?, u16_at(bytes, 6)?);
    let rest: [u8; 8] = array_at(bytes, 8)?;
    let mut text = format!("{{{a:08x}-{b:04x}-{c:04x}-{:02x}{:02x}-", rest[0], rest[1]);
    for byte in &rest[2..] {
        let _ = write!(text, "{byte:02x}");
    }
    text.push('}');
    Some(text)
}

fn sid(bytes: &[u8]) -> Option<String> {
    let authority: [u8; 6] = array_at(bytes, 2)?;
    let authority = authority.iter().fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
    let mut text = format!("S-{}-{authority}", bytes.first()?);
    for index in 0..usize::from(*bytes.get(1)?) {
        let _ = write!(text, "-{}", u32_at(bytes, 8 + index * 4)?);
    }
    Some(text)
}

fn systemtime(bytes: &[u8]) -> Option<String> {
    let part = |index: usize| u16_at(bytes, index * 2).map(u32::from);
    let day = NaiveDate::from_ymd_opt(part(0)? as i32, part(1)?, part(3)?)?;
    let time = day.and_hms_milli_opt(part(4)?, part(5)?, part(6)?, part(7)?)?;
    Some(time.and_utc().to_rfc3339_opts(SecondsFormat::Millis, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kind: u8, bytes: &[u8]) -> Vec<String> {
        let mut out = Vec::new();
        read(kind, bytes, &mut out);
        out.iter().map(|value| value.text().unwrap_or_default().into_owned()).collect()
    }

    #[test]
    fn each_type_as_windows_writes_it() {
        assert_eq!(text(TEXT, b"a\0b\0\0\0"), ["ab"]);
        assert_eq!(text(TEXT | ARRAY, b"a\0b\0\0\0c\0\0\0"), ["ab", "c"]);
        assert_eq!(text(0x07, &(-5_i32).to_le_bytes()), ["-5"]);
        assert_eq!(text(0x0a, &u64::MAX.to_le_bytes()), ["18446744073709551615"]);
        assert_eq!(text(0x15, &0x8020_0000_0000_0000_u64.to_le_bytes()), ["0x8020000000000000"]);
        assert_eq!(text(0x0d, &1_u32.to_le_bytes()), ["true"]);
        assert_eq!(text(0x0e, &[0, 255]), ["00FF"]);
        assert_eq!(text(0x13, &[1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0]), ["S-1-5-32-544"]);
        let guid = [0x5f, 0x38, 0x70, 0x57, 0x2a, 0xc2, 0xe0, 0x43, 0xbf, 0x4c, 0x06, 0xf5, 0x69, 0x8f, 0xfb, 0xd9];
        assert_eq!(text(0x0f, &guid), ["{5770385f-c22a-43e0-bf4c-06f5698ffbd9}"]);
        let ticks = (1_700_000_000_250_000_000 / 100 + TO_1970) as u64;
        assert_eq!(text(FILETIME, &ticks.to_le_bytes()), ["2023-11-14T22:13:20.2500000Z"]);
        assert_eq!(text(FILETIME, &[0; 8]), ["1601-01-01T00:00:00.0000000Z"]);
        assert_eq!(time(FILETIME, &ticks.to_le_bytes()), Some(1_700_000_000_250_000_000));
        assert_eq!(
            text(0x12, &[0xe7, 7, 11, 0, 2, 0, 14, 0, 22, 0, 13, 0, 20, 0, 250, 0]),
            ["2023-11-14T22:13:20.250Z"]
        );
    }

    #[test]
    fn values_that_are_too_short_are_left_out() {
        for kind in 0..=255 {
            for length in 0..20 {
                let _ = text(kind, &vec![0xff; length]);
            }
        }
        assert_eq!(text(0x07, &[1, 2]), [""; 0]);
    }
}
