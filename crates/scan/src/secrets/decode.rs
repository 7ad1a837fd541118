//! Encoded runs in a text: base64 (of either alphabet, on one or several lines, of UTF-16 as well), hex, and URLs.

use crate::limits::{MAX_ENCODED_RUN, MIN_BASE64_RUN, MIN_HEX_RUN};
use crate::secrets::checksum;
use std::ops::Range;

/// How something is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// Base64.
    Base64,
    /// Hexadecimal digits.
    Hex,
    /// `%` and two digits.
    Url,
}

/// Calls `found` with every run that decodes to text, until `budget` bytes were decoded.
pub(crate) fn runs(text: &[u8], budget: &mut usize, mut found: impl FnMut(Range<usize>, Encoding, &[u8], &mut usize)) {
    base64_runs(text, budget, &mut found);
    url_runs(text, budget, &mut found);
}

fn in_base64(byte: u8) -> bool {
    const TABLE: [bool; 256] = {
        let mut table = [false; 256];
        let mut at = 0;
        while at < 256 {
            let byte = at as u8;
            table[at] = byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
            at += 1;
        }
        table
    };
    TABLE[usize::from(byte)]
}

type Found<'f> = &'f mut dyn FnMut(Range<usize>, Encoding, &[u8], &mut usize);

/// Looks at every 24th byte only, until one may be within a run that is long enough.
fn base64_runs(text: &[u8], budget: &mut usize, found: Found<'_>) {
    let mut joined = Vec::new();
    let mut at = 0;
    while at + MIN_BASE64_RUN <= text.len() && *budget > 0 {
        let probe = at + MIN_BASE64_RUN - 1;
        if let Some(gap) = text[at..=probe].iter().rposition(|byte| !in_base64(*byte)) {
            at += gap + 1;
            continue;
        }
        let end = text[probe..].iter().position(|byte| !in_base64(*byte)).map_or(text.len(), |more| probe + more);
        at = run(text, at..end, &mut joined, budget, found);
    }
}

/// Decodes a run; where to go on.
fn run(text: &[u8], range: Range<usize>, joined: &mut Vec<u8>, budget: &mut usize, found: Found<'_>) -> usize {
    let bytes = &text[range.clone()];
    if bytes.len() >= MIN_HEX_RUN && bytes.len().is_multiple_of(2) && bytes.iter().all(u8::is_ascii_hexdigit) {
        if let Some(decoded) = hex(bytes, *budget) {
            *budget = budget.saturating_sub(decoded.len());
            found(range.clone(), Encoding::Hex, &decoded, budget);
        }
        return range.end;
    }
    if !promising(bytes) {
        return range.end;
    }
    let end = join(text, range.clone(), joined);
    joined.truncate(MAX_ENCODED_RUN.min(*budget));
    // What is cut off its last group decodes as well.
    let whole = joined.len() - usize::from(joined.len() % 4 == 1);
    let Some(decoded) = checksum::decode(&joined[..whole]).or_else(|| checksum::decode(&joined[..joined.len() & !3]))
    else {
        return range.end;
    };
    let decoded = from_utf16(decoded);
    *budget = budget.saturating_sub(decoded.len().max(16));
    if readable(&decoded) {
        found(range.start..end, Encoding::Base64, &decoded, budget);
    }
    end
}

/// Whether the first bytes decode to text.
fn promising(bytes: &[u8]) -> bool {
    let Some(start) = checksum::decode(&bytes[..16]) else { return false };
    let text = start.iter().filter(|byte| is_text(**byte)).count();
    text == start.len() || wide(&start)
}

/// Whether every second byte is 0.
fn wide(bytes: &[u8]) -> bool {
    bytes.len() >= 8 && bytes.as_chunks::<2>().0.iter().take(6).all(|pair| pair[1] == 0 && is_text(pair[0]))
}

fn from_utf16(decoded: Vec<u8>) -> Vec<u8> {
    if wide(&decoded) { decoded.into_iter().step_by(2).collect() } else { decoded }
}

fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | 32..=126)
}

fn readable(bytes: &[u8]) -> bool {
    let text = bytes.iter().filter(|byte| is_text(**byte) || **byte >= 0x80).count();
    bytes.len() >= 8 && text * 100 >= bytes.len() * 95
}

/// The run with those on the lines after it, when it is broken into lines; its end.
fn join(text: &[u8], range: Range<usize>, joined: &mut Vec<u8>) -> usize {
    joined.clear();
    joined.extend_from_slice(&text[range.clone()]);
    let (mut end, mut line) = (range.end, range.len());
    while line >= 56 && joined.len() < MAX_ENCODED_RUN {
        let mut at = end;
        at += usize::from(text.get(at) == Some(&b'\r'));
        if text.get(at) != Some(&b'\n') {
            break;
        }
        at += 1;
        while matches!(text.get(at), Some(b' ' | b'\t')) && at < end + 40 {
            at += 1;
        }
        let more = text[at..].iter().position(|byte| !in_base64(*byte)).map_or(text.len(), |more| at + more);
        line = more - at;
        if line < 4 {
            break;
        }
        joined.extend_from_slice(&text[at..more]);
        end = more;
    }
    end + text[end..].iter().take(2).take_while(|byte| **byte == b'=').count()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

fn hex(bytes: &[u8], budget: usize) -> Option<Vec<u8>> {
    let pair = |pair: &[u8; 2]| Some(digit(pair[0])? << 4 | digit(pair[1])?);
    let pairs = bytes.as_chunks::<2>().0;
    if !pairs.iter().take(8).all(|two| pair(two).is_some_and(|byte| is_text(byte) || byte == 0)) {
        return None;
    }
    let decoded: Option<Vec<u8>> = pairs.iter().take(MAX_ENCODED_RUN.min(budget)).map(pair).collect();
    decoded.map(from_utf16).filter(|decoded| readable(decoded))
}

/// Longest part of a URL before and after the first encoded character.
const MAX_URL: usize = 2_048;

fn url_runs(text: &[u8], budget: &mut usize, found: Found<'_>) {
    let encoded = |at: usize| {
        text.get(at + 1).is_some_and(u8::is_ascii_hexdigit) && text.get(at + 2).is_some_and(u8::is_ascii_hexdigit)
    };
    let mut from = 0;
    while let Some(at) = memchr::memchr(b'%', &text[from..]).map(|at| from + at) {
        if *budget == 0 {
            return;
        }
        if !encoded(at) {
            from = at + 1;
            continue;
        }
        let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'`' | b'\\');
        let least = from.max(at.saturating_sub(MAX_URL));
        let start = text[least..at].iter().rposition(ends).map_or(least, |before| least + before + 1);
        let most = text.len().min(at + MAX_URL);
        let end = text[at..most].iter().position(ends).map_or(most, |more| at + more);
        let mut decoded = Vec::with_capacity(end - start);
        let mut next = start;
        while next < end {
            match (text[next], text.get(next + 1).copied().and_then(digit), text.get(next + 2).copied().and_then(digit))
            {
                (b'%', Some(high), Some(low)) => {
                    decoded.push(high << 4 | low);
                    next += 3;
                }
                (byte, ..) => {
                    decoded.push(byte);
                    next += 1;
                }
            }
        }
        *budget = budget.saturating_sub(decoded.len());
        if readable(&decoded) {
            found(start..end, Encoding::Url, &decoded, budget);
        }
        from = end.max(at + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    fn all(text: &str) -> Vec<(Encoding, String)> {
        let (mut out, mut budget) = (Vec::new(), 1 << 20);
        runs(text.as_bytes(), &mut budget, |_, encoding, decoded, _| {
            out.push((encoding, String::from_utf8_lossy(decoded).into_owned()));
        });
        out
    }

    #[test]
    fn runs_are_decoded_wherever_they_are() {
        let plain = "the quick brown fox jumps over the lazy dog and then sleeps for a while in the sun";
        let base64 = STANDARD.encode(plain);
        let lines: String =
            base64.as_bytes().chunks(76).map(|line| format!("    {}\n", String::from_utf8_lossy(line))).collect();
        let hex: String = plain.bytes().map(|byte| format!("{byte:02x}")).collect();
        let wide: Vec<u8> = plain.bytes().flat_map(|byte| [byte, 0]).collect();
        for (text, encoding) in [
            (format!("x: {base64}"), Encoding::Base64),
            (lines, Encoding::Base64),
            (format!("'{hex}'"), Encoding::Hex),
            (format!("powershell -e {}", STANDARD.encode(wide)), Encoding::Base64),
            (format!(" {} ", plain.replace(' ', "%20")), Encoding::Url),
        ] {
            assert_eq!(all(&text), [(encoding, plain.to_owned())], "{text}");
        }
        assert!(
            all("some_long_function_name_of_a_program(9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c)").is_empty()
        );
    }
}
