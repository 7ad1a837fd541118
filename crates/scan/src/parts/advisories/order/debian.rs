//! dpkg's order: epoch, upstream version, revision; `~` is before everything, also before the end.

use std::cmp::Ordering;

/// A version in its parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    epoch: u64,
    upstream: Box<str>,
    revision: Box<str>,
}

impl Version {
    /// Reads a version; none when the epoch is no number or something else is not allowed.
    pub fn read(text: &str) -> Option<Version> {
        let (epoch, rest) = match text.split_once(':') {
            Some((epoch, rest)) => (epoch.parse().ok()?, rest),
            None => (0, text),
        };
        let allowed = |at: char| at.is_ascii_alphanumeric() || matches!(at, '.' | '+' | '-' | '~' | ':');
        if rest.is_empty() || rest.starts_with('-') || rest.ends_with('-') || !rest.chars().all(allowed) {
            return None;
        }
        let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
        Some(Version { epoch, upstream: upstream.into(), revision: revision.into() })
    }

    /// Compares two.
    pub fn compare(&self, other: &Version) -> Ordering {
        let by_epoch = self.epoch.cmp(&other.epoch);
        by_epoch.then_with(|| part(&self.upstream, &other.upstream)).then_with(|| part(&self.revision, &other.revision))
    }
}

/// Turns of what is no digit, by rank, and of digits, as numbers.
fn part(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    while !one.is_empty() || !other.is_empty() {
        let is_text = |text: &[u8]| text.first().is_some_and(|byte| !byte.is_ascii_digit());
        while is_text(one) || is_text(other) {
            let ordering = rank(one.first()).cmp(&rank(other.first()));
            if ordering != Ordering::Equal {
                return ordering;
            }
            (one, other) = (one.get(1..).unwrap_or_default(), other.get(1..).unwrap_or_default());
        }
        let ordering = number(&mut one, &mut other);
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    Ordering::Equal
}

/// `~` before the end, the end and digits before letters, letters before the rest.
fn rank(byte: Option<&u8>) -> i32 {
    match byte {
        Some(b'~') => -1,
        None => 0,
        Some(byte) if byte.is_ascii_digit() => 0,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        Some(byte) => i32::from(*byte) + 256,
    }
}

/// Compares the digits at the front as numbers of any length, and takes them off.
pub(super) fn number(one: &mut &[u8], other: &mut &[u8]) -> Ordering {
    let take = |text: &mut &[u8]| {
        let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = text.split_at(length);
        *text = rest;
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        digits[zeros..].to_vec()
    };
    let (one, other) = (take(one), take(other));
    one.len().cmp(&other.len()).then_with(|| one.cmp(&other))
}

#[cfg(test)]
mod tests {
    use super::super::Order;
    use super::super::tests::ascending;

    #[test]
    fn dpkg_orders_so() {
        ascending(
            Order::Debian,
            &[
                "1.0~~",
                "1.0~~a",
                "1.0~rc1-1",
                "1.0 1.0-0",
                "1.0-1~bpo1",
                "1.0-1 1.0-01",
                "1.0-1+deb12u1",
                "1.0-1.1",
                "1.0-10",
                "1.0a",
                "1.0+dfsg-1",
                "1.0.1",
                "1.9",
                "1.10",
                "1:0.1",
                "2:0",
            ],
        );
        assert_eq!(Order::Debian.read("a:1"), None);
        assert_eq!(Order::Debian.read("1 2"), None);
    }
}
