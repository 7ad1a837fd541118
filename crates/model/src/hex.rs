//! Bytes as hexadecimal text, as ids and digests are written everywhere.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Adds bytes in lower case.
pub fn push(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// Bytes in lower case.
pub fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    push(&mut out, bytes);
    out
}

/// Just so many bytes, in lower or upper case.
pub fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N * 2 {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        assert_eq!(encode(&[0, 0x1f, 0xa0, 0xff]), "001fa0ff");
        assert_eq!(decode("001fA0ff"), Some([0, 0x1f, 0xa0, 0xff]));
        for wrong in ["", "001fa0f", "001fa0ff0", "001fa0fg", "+01fa0ff", "001fa0é"] {
            assert_eq!(decode::<4>(wrong), None, "{wrong}");
        }
    }
}
