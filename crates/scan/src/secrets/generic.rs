//! What may be a secret by its key alone.

use super::detector::{Class, Detector};
use super::filter::{common, entropy, name_like, placeholder, reference, uuid, versioned_name, words};
use super::path::Kind;

/// Whether a value of that key is one.
pub(crate) fn is_secret(
    name: &[u8],
    value: &[u8],
    quoted: bool,
    class: Class,
    detector: &Detector,
    kind: Kind,
) -> bool {
    let graphic = value.iter().all(u8::is_ascii_graphic);
    if !graphic || reference(value, quoted) || placeholder(value, true) || common(value) || repeats_name(name, value) {
        return false;
    }
    match class {
        Class::Password => password(value, quoted, detector, kind),
        Class::Key => key(name, value, detector, kind),
    }
}

fn password(value: &[u8], quoted: bool, detector: &Detector, kind: Kind) -> bool {
    let has = |is: fn(&u8) -> bool| value.iter().any(is);
    let (digit, letter) = (has(u8::is_ascii_digit), has(u8::is_ascii_alphabetic));
    let symbol = has(|byte| byte.is_ascii_punctuation() && !matches!(byte, b'_' | b'-' | b'.' | b':' | b',' | b'/'));
    let kinds =
        [digit, symbol, has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase)].iter().filter(|has| **has).count();
    // A label ends in a colon, a sentence in a full stop.
    let prose = matches!(value.last(), Some(b':' | b'.' | b'?' | b','));
    let strong = kinds >= if quoted || kind == Kind::Other { 2 } else { 3 };
    (6..=128).contains(&value.len())
        && letter
        && (digit || symbol)
        && strong
        && !prose
        && !uuid(value)
        && !name_like(value)
        && entropy(value) >= detector.entropy
        && words(value) <= detector.words
}

fn key(name: &[u8], value: &[u8], detector: &Detector, kind: Kind) -> bool {
    let charset = |byte: &u8| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'_' | b'-'
                    | b'+'
                    | b'/'
                    | b'='
                    | b'.'
                    | b'~'
                    | b'!'
                    | b'@'
                    | b'#'
                    | b'$'
                    | b'%'
                    | b'^'
                    | b'&'
                    | b'*'
                    | b'|'
            )
    };
    let letter = value.iter().any(u8::is_ascii_alphabetic);
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let hex = value.iter().all(u8::is_ascii_hexdigit);
    let named = |part: &[u8]| name.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part));
    // A UUID is an identifier more often than a secret.
    let identifier = uuid(value) && !(named(b"secret") || named(b"api"));
    // Which licence something has is written in small letters; a bought one's key in large letters or at random.
    let licence =
        named(b"spdx") || (named(b"license") && value.contains(&b'-') && !value.iter().any(u8::is_ascii_uppercase));
    // Hashes of 32 and more digits stand for many things; a short one for anything.
    let least = if hex { 24 } else { 12 };
    // The longer, the more different characters a random value has.
    let bits = match value.len() {
        _ if hex => 2.8,
        0..16 => detector.entropy.min(2.9),
        16..24 => detector.entropy,
        _ => detector.entropy + 0.3,
    };
    (least..=200).contains(&value.len())
        && value.iter().all(charset)
        && letter
        && digits >= if kind.is_code() && (value.len() < 24 || words(value) > 20) { 2 } else { 1 }
        && !identifier
        && !licence
        && !name_like(value)
        && !versioned_name(value)
        && entropy(value) >= bits
        && words(value) <= detector.words
}

/// `password: "db-password"`: the value says what the key says.
fn repeats_name(name: &[u8], value: &[u8]) -> bool {
    let plain = |text: &[u8]| -> Vec<u8> {
        text.iter().filter(|byte| byte.is_ascii_alphabetic()).map(u8::to_ascii_lowercase).collect()
    };
    let (name, value) = (plain(name), plain(value));
    !value.is_empty() && value.len() >= 4 && (name.ends_with(&value) || memchr::memmem::find(&value, &name).is_some())
}

#[cfg(test)]
mod tests {
    use crate::secrets::Secrets;

    #[test]
    fn the_name_of_a_licence_is_no_key() {
        let secrets = Secrets::builtin().unwrap();
        let detector = secrets.detectors().iter().find(|one| one.id.as_ref() == "generic-api-key").unwrap();
        let found =
            |name: &str, value: &str| super::key(name.as_bytes(), value.as_bytes(), detector, super::Kind::Other);
        for (name, value) in [
            ("license_key", "sun-bcl-j2re-1.4.2"),
            ("spdx_license_key", "W3C-20150513"),
            ("license_key", "softfloat-2c"),
        ] {
            assert!(!found(name, value), "{value}");
        }
        for (name, value) in [("license_key", "X7KQ2-9VTRM-4HWLP-8ZCNB"), ("api_key", "q8Rv2LkP0zXw7JtM4nHb")] {
            assert!(found(name, value), "{value}");
        }
    }
}
