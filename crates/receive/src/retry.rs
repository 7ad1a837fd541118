//! The key by which a request that is sent again is recognised.

use sha2::{Digest as _, Sha256};

/// The key of a request: its explicit idempotency id, else its body; always with who sent it and to where,
/// because the same body means something else at another door.
pub fn key(sender: &str, target: &str, explicit: Option<&str>, body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [sender, target] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    match explicit {
        Some(id) => {
            hash.update(b"id");
            hash.update(id.as_bytes());
        }
        None => {
            hash.update(b"body");
            hash.update(body);
        }
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn sender_id_and_body_tell_requests_apart() {
        let base = key("a", "/x", None, b"x");
        assert_eq!(base, key("a", "/x", None, b"x"));
        assert_ne!(base, key("b", "/x", None, b"x"));
        assert_ne!(base, key("a", "/y", None, b"x"));
        assert_ne!(base, key("a/", "x", None, b"x"));
        assert_ne!(base, key("a", "/x", None, b"y"));
        assert_ne!(base, key("a", "/x", Some("x"), b"x"));
        assert_eq!(key("a", "/x", Some("1"), b"x"), key("a", "/x", Some("1"), b"y"));
    }
}
