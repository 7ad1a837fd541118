//! Examples of secrets, made when tests run: a text with parts such as `<base62:32>`, so that no key lies in a repository.

use super::checksum::crc32_base62;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use std::ops::Range;

/// A text that was made.
#[derive(Clone)]
pub struct Example {
    /// All of it.
    pub text: String,
    /// What was made in it, with the kind of each part.
    pub parts: Vec<(Range<usize>, String)>,
}

/// Numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn of(&mut self, alphabet: &str, count: usize) -> String {
        let letters = alphabet.as_bytes();
        (0..count).map(|_| char::from(letters[(self.next() % letters.len() as u64) as usize])).collect()
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8 | 1).collect()
    }
}

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const BASE62: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Makes an example from its template; another `seed` makes another one. What is no part stays as it is.
pub fn make(template: &str, seed: u64) -> Example {
    let mut random =
        Random(template.bytes().fold(seed, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte))));
    let (mut text, mut parts, mut rest) = (String::new(), Vec::<(Range<usize>, String)>::new(), template);
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        let after = &rest[open + 1..];
        let part = after.find('>').map(|close| &after[..close]);
        let last = parts.last().map(|(range, _)| text[range.clone()].to_owned()).unwrap_or_default();
        match part.and_then(|part| made(part, &last, &mut random).map(|made| (part, made))) {
            Some((part, made)) => {
                parts.push((text.len()..text.len() + made.len(), part.to_owned()));
                text.push_str(&made);
                rest = &after[part.len() + 1..];
            }
            None => {
                text.push('<');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    Example { text, parts }
}

/// One part; none when it is no part.
fn made(part: &str, last: &str, random: &mut Random) -> Option<String> {
    let counted = part.split_once(':').and_then(|(kind, count)| Some((kind, count.parse::<usize>().ok()?)));
    let (kind, count) = counted.unwrap_or((part, 0));
    if count == 0 && !["uuid", "crc", "basic", "esapikey", "jwt", "grafana", "macaroon"].contains(&kind) {
        return None;
    }
    Some(match kind {
        "base62" => random.of(BASE62, count),
        "base64" => random.of(&format!("{BASE62}+/"), count),
        "base64url" => format!("{}{}", random.of(&format!("{BASE62}-_"), count - 1), random.of(BASE62, 1)),
        "hex" => random.of("0123456789abcdef", count),
        "HEX" => random.of("0123456789ABCDEF", count),
        "digits" => format!("{}{}", random.of("123456789", 1), random.of("0123456789", count - 1)),
        "upper" => random.of(UPPER, count),
        "lower" => random.of(LOWER, count),
        "base32" => random.of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", count),
        "base32l" => random.of("abcdefghijklmnopqrstuvwxyz234567", count),
        "bech32" => random.of("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", count),
        "bech32l" => random.of("qpzry9x8gf2tvdw0s3jn54khce6mua7l", count),
        "password" => password(random, count),
        "uuid" => [8, 4, 4, 4, 12].map(|count| random.of("0123456789abcdef", count)).join("-"),
        "bytes" => STANDARD.encode(random.bytes(count)),
        "crc" => String::from_utf8_lossy(&crc32_base62(last.as_bytes())).into_owned(),
        "basic" => STANDARD.encode(format!("deploy:{}", random.of(BASE62, 20))),
        "esapikey" => STANDARD.encode(format!("{}:{}", random.of(BASE62, 20), random.of(BASE62, 22))),
        "jwt" => jwt(random),
        "grafana" => STANDARD.encode(format!("{{\"k\":\"{}\",\"n\":\"deploy\",\"id\":1}}", random.of(BASE62, 32))),
        "macaroon" => macaroon(random),
        "pem" => lines(&random.of(&format!("{BASE62}+/"), count)),
        _ => return None,
    })
}

/// Letters, digits and symbols that no format needs, none of them last.
fn password(random: &mut Random, count: usize) -> String {
    let body = random.of("abcdefghkmnpqrstuvwxyz23456789", count - 4);
    format!("{}{}{}", random.of("HKMPQRTVWXZ", 2), body, random.of("23456789", 2))
}

fn jwt(random: &mut Random) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let claims = URL_SAFE_NO_PAD.encode(format!(r#"{{"sub":"{}","role":"service"}}"#, random.of(LOWER, 20)));
    format!("{header}.{claims}.{}", random.of(BASE62, 43))
}

/// As PyPI makes them: version 2, a location, and an identifier.
fn macaroon(random: &mut Random) -> String {
    let mut bytes = b"\x02\x01\x08pypi.org\x02\x24".to_vec();
    bytes.extend_from_slice(random.of("0123456789abcdef", 36).as_bytes());
    bytes.extend(random.bytes(70));
    URL_SAFE_NO_PAD.encode(bytes)
}

fn lines(body: &str) -> String {
    body.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect::<Vec<_>>().join("\n")
}
