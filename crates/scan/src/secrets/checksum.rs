//! Values that prove themselves: a checksum, or a structure that no accident has.

use super::filter::{entropy, words};
use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::{alphabet, engine::DecodePaddingMode};

/// Without padding; bits that no byte needs may be any, as they are in keys that were made up.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Digits of base 62 as GitHub and npm write them.
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// How a value proves itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// After the first `_`, the last six characters are the CRC-32 of those before them, in base 62.
    Crc32Base62,
    /// Base64 of some user's name, a colon and a password.
    BasicAuth,
    /// Three parts, the first of which is JSON with an algorithm that signs.
    Jwt,
    /// Base64 of 64 bytes that are no text.
    Base64Of64,
    /// Base64 of 32 bytes that are no text.
    Base64Of32,
    /// Base64 of at least 100 bytes on one or several lines, as a private key's body is.
    PemBody,
    /// A Slack token: numbers and a random part, in the parts that its kind has.
    Slack,
    /// A macaroon: base64 of bytes that begin with the version 2 and name a location.
    Macaroon,
    /// Base64 of JSON.
    Base64Json,
}

impl Checksum {
    /// By its name in a rule.
    pub fn parse(name: &str) -> Option<Checksum> {
        Some(match name {
            "crc32-base62" => Checksum::Crc32Base62,
            "basic-auth" => Checksum::BasicAuth,
            "jwt" => Checksum::Jwt,
            "base64-of-64" => Checksum::Base64Of64,
            "base64-of-32" => Checksum::Base64Of32,
            "pem-body" => Checksum::PemBody,
            "slack" => Checksum::Slack,
            "macaroon" => Checksum::Macaroon,
            "base64-json" => Checksum::Base64Json,
            _ => return None,
        })
    }

    /// Whether a value of this form is reported although it does not fit, because nothing else is written so: what people make up
    /// to try their tools with has no right checksum, and a digit that was changed by hand does not make a secret harmless.
    pub fn may_be_wrong(self, random: &[u8]) -> bool {
        let has = |is: fn(&u8) -> bool| random.iter().any(is);
        self == Checksum::Crc32Base62
            && has(u8::is_ascii_digit)
            && has(u8::is_ascii_uppercase)
            && has(u8::is_ascii_lowercase)
            && entropy(random) >= 3.8
            && words(random) <= 40
    }

    /// Whether a value fits.
    pub fn fits(self, value: &[u8]) -> bool {
        match self {
            Checksum::Crc32Base62 => crc32_base62_fits(value),
            Checksum::BasicAuth => decode(value).is_some_and(|text| basic_auth(&text)),
            Checksum::Jwt => jwt(value),
            Checksum::Base64Of64 => decode(value).is_some_and(|bytes| bytes.len() == 64 && !is_text(&bytes)),
            Checksum::Base64Of32 => decode(value).is_some_and(|bytes| bytes.len() == 32 && !is_text(&bytes)),
            Checksum::PemBody => pem_body(value),
            Checksum::Slack => slack(value),
            Checksum::Macaroon => {
                let body = value.iter().position(|byte| *byte == b'-').map_or(value, |at| &value[at + 1..]);
                decode(&body[..body.len() & !3]).is_some_and(|bytes| bytes.first() == Some(&2) && bytes.len() > 40)
            }
            Checksum::Base64Json => decode(value).is_some_and(|text| {
                text.starts_with(b"{") && serde_json::from_slice::<serde::de::IgnoredAny>(&text).is_ok()
            }),
        }
    }
}

/// The CRC-32 of a text in base 62, six digits.
pub(crate) fn crc32_base62(body: &[u8]) -> [u8; 6] {
    let (mut rest, mut digits) = (crc32fast::hash(body), [b'0'; 6]);
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    digits
}

fn crc32_base62_fits(value: &[u8]) -> bool {
    let body = value.iter().position(|byte| *byte == b'_').map_or(value, |at| &value[at + 1..]);
    body.split_last_chunk::<6>().is_some_and(|(body, sum)| crc32_base62(body) == *sum)
}

/// Base64 of either alphabet, with or without its end.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let end = text.iter().rposition(|byte| *byte != b'=').map_or(0, |at| at + 1);
    let text = &text[..end];
    let url = text.iter().any(|byte| matches!(byte, b'-' | b'_'));
    if url { URL_SAFE.decode(text).ok() } else { STANDARD.decode(text).ok() }
}

fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | 32..=126))
}

fn basic_auth(text: &[u8]) -> bool {
    let Some(colon) = text.iter().position(|byte| *byte == b':') else { return false };
    let (user, password) = (&text[..colon], &text[colon + 1..]);
    is_text(text) && !user.is_empty() && !crate::secrets::filter::worthless(password)
}

fn jwt(value: &[u8]) -> bool {
    let mut parts = value.split(|byte| *byte == b'.');
    let (Some(header), Some(claims)) = (parts.next(), parts.next()) else { return false };
    let Some(header) = decode(header) else { return false };
    let Ok(header) = serde_json::from_slice::<serde_json::Value>(&header) else { return false };
    let algorithm = header.get("alg").and_then(serde_json::Value::as_str);
    let claims = decode(claims);
    let claims = claims.as_deref().map(serde_json::from_slice::<serde_json::Value>);
    // The claims of the example that every introduction to the format shows.
    let shown = claims.as_ref().is_some_and(|claims| {
        claims.as_ref().is_ok_and(|claims| claims.get("sub").and_then(|sub| sub.as_str()) == Some("1234567890"))
    });
    algorithm.is_some_and(|algorithm| algorithm != "none") && !shown
}

/// Whether it is base64 by lines, as real newlines or as `\n`, of enough bytes that differ.
fn pem_body(value: &[u8]) -> bool {
    let (mut letters, mut seen, mut at) = (0_usize, [false; 256], 0);
    while at < value.len() {
        let byte = value[at];
        match byte {
            b'\\' => at += usize::from(matches!(value.get(at + 1), Some(b'n' | b'r' | b't'))),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => {
                letters += 1;
                seen[usize::from(byte)] = true;
            }
            _ => {}
        }
        at += 1;
    }
    letters >= 64 && seen.iter().filter(|seen| **seen).count() >= 24
}

fn slack(value: &[u8]) -> bool {
    let mut parts = value.split(|byte| *byte == b'-').skip(1);
    let first = parts.next().unwrap_or_default();
    let last = value.rsplit(|byte| *byte == b'-').next().unwrap_or_default();
    let mixed = last.iter().any(u8::is_ascii_digit) && last.iter().any(u8::is_ascii_alphabetic);
    !first.is_empty() && last.len() >= 16 && mixed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_fit_only_what_they_are_of() {
        // A token of a vendor's own description of its format, in two parts.
        let token = ["ghp_zQWBuTSOoRi4A9spHc", "VY5ncnsDkxkJ0mLq17"].concat();
        assert!(Checksum::Crc32Base62.fits(token.as_bytes()));
        assert!(!Checksum::Crc32Base62.fits(token.replace("0mLq", "0mLr").as_bytes()));
        assert!(!Checksum::Crc32Base62.fits(b"ghp_"));
        assert!(Checksum::BasicAuth.fits(b"YWRtaW46aDR4MHIhOTc="));
        assert!(!Checksum::BasicAuth.fits(b"YWRtaW5oNHgwciE5Nw=="));
        for checksum in [Checksum::Jwt, Checksum::Base64Of64, Checksum::Macaroon, Checksum::Slack, Checksum::PemBody] {
            assert!(!checksum.fits(b"") && !checksum.fits(b"...") && !checksum.fits(b"---"));
        }
    }
}
