//! The key by which a request that is sent again is recognised.

use sha2::{Digest as _, Sha256};

/// The key of a request: its explicit idempotency id, else its body; always with who sent it.
pub fn key(sender: &str, explicit: Option<&str>, body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update((sender.len() as u64).to_le_bytes());
    hash.update(sender.as_bytes());
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
        let base = key("a", None, b"x");
        assert_eq!(base, key("a", None, b"x"));
        assert_ne!(base, key("b", None, b"x"));
        assert_ne!(base, key("a", None, b"y"));
        assert_ne!(base, key("a", Some("x"), b"x"));
        assert_eq!(key("a", Some("1"), b"x"), key("a", Some("1"), b"y"));
    }
}
