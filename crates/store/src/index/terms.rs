//! Terms and their fingerprints. The functions here are part of the file format.

use query::text::is_token_byte;

/// Longest value of a `key=value` pair that is indexed.
pub const MAX_PAIR_VALUE_BYTES: usize = 256;

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const MIX: u64 = 0xd6e8_feb8_6659_fd93;
/// Every ASCII letter with this bit set is lower case; what else it changes only has to be consistent.
const LOWER: u64 = 0x2020_2020_2020_2020;

fn mix(state: u64, word: u64) -> u64 {
    let product = u128::from(state ^ word).wrapping_mul(u128::from(MIX));
    (product as u64) ^ ((product >> 64) as u64)
}

fn hash(bytes: &[u8], seed: u64, fold: u64) -> u64 {
    let mut state = seed ^ (bytes.len() as u64).wrapping_mul(SEED);
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        state = mix(state, u64::from_le_bytes(*word) | fold);
    }
    if !rest.is_empty() {
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        state = mix(state, u64::from_le_bytes(last) | fold);
    }
    state
}

fn fingerprint(state: u64) -> u32 {
    (mix(state, SEED) >> 32) as u32
}

/// State of a token's hash, from which single and composite fingerprints come.
fn token_state(token: &[u8]) -> u64 {
    hash(token, SEED, LOWER)
}

/// The seed of all pairs with this key.
pub fn key_seed(key: &str) -> u64 {
    hash(key.as_bytes(), MIX, 0)
}

/// The fingerprint of a pair.
pub fn pair(key_seed: u64, value: &[u8]) -> u32 {
    fingerprint(hash(value, key_seed, 0))
}

/// Whether pairs with this value are in the index: floats are not, nor are long values.
pub fn pair_is_indexed(value: &str) -> bool {
    value.len() <= MAX_PAIR_VALUE_BYTES && !looks_like_float(value)
}

/// Whether a canonical text may stand for a float.
fn looks_like_float(value: &str) -> bool {
    match value.as_bytes().first() {
        Some(b'0'..=b'9' | b'-') => {
            value.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E' | b'I')) && value.parse::<f64>().is_ok()
        }
        Some(b'N' | b'I') => matches!(value, "NaN" | "Infinity"),
        _ => false,
    }
}

/// Calls `each` with the fingerprint of every token of `text` and of every run of four numbers joined
/// by dots, so that an address is one term.
pub fn text_terms(text: &str, mut each: impl FnMut(u32)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut run = [0u64; 4];
    let mut numbers = 0;
    while at < bytes.len() {
        if !is_token_byte(bytes[at]) {
            at += 1;
            continue;
        }
        let start = at;
        let mut numeric = true;
        while at < bytes.len() && is_token_byte(bytes[at]) {
            numeric &= bytes[at].is_ascii_digit();
            at += 1;
        }
        let state = token_state(&bytes[start..at]);
        each(fingerprint(state));
        let joined = numbers > 0 && bytes[start - 1] == b'.' && start >= 2 && is_token_byte(bytes[start - 2]);
        numbers = match (numeric, joined) {
            (false, _) => 0,
            (true, false) => 1,
            (true, true) => numbers + 1,
        };
        if numbers > 0 {
            run.rotate_left(1);
            run[3] = state;
            if numbers >= 4 {
                each(fingerprint(run.iter().fold(SEED, |all, state| mix(all, *state))));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<u32> {
        let mut all = Vec::new();
        text_terms(text, |term| all.push(term));
        all
    }

    #[test]
    fn every_term_of_a_phrase_is_a_term_of_the_text_that_holds_it() {
        let text = "GET /a from 10.1.2.3:8080 and 1.10.1.2.3.4 Straße ünï_9";
        let all = terms(text);
        for phrase in ["10.1.2.3", "get /A", "10.1.2.3:8080", "straße", "Ünï_9".to_lowercase().as_str(), "1.2.3.4"] {
            for term in terms(phrase) {
                assert!(all.contains(&term), "{phrase}");
            }
        }
        assert!(terms("10.1.3.2").iter().any(|term| !all.contains(term)));
    }

    #[test]
    fn fingerprints_are_a_format() {
        // Changing these breaks every stored index: raise the format version instead.
        assert_eq!(terms("timeout"), vec![terms("TimeOut")[0]]);
        assert_eq!(pair(key_seed("k"), b"v"), pair(key_seed("k"), b"v"));
        assert_ne!(pair(key_seed("k"), b"v"), pair(key_seed("kv"), b""));
    }

    #[test]
    fn floats_are_left_out() {
        assert!(!pair_is_indexed("1.5"));
        assert!(!pair_is_indexed("1e300"));
        assert!(!pair_is_indexed("NaN"));
        assert!(pair_is_indexed("10.1.2.3"));
        assert!(pair_is_indexed("500"));
        assert!(pair_is_indexed("v1.2"));
    }
}
