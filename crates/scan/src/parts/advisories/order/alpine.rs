//! apk's order: numbers, a letter, suffixes (`_alpha` to `_rc` are before the release, `_cvs` to `_p` after it), `-rN`.

use std::cmp::Ordering;

/// Suffixes before the release.
const BEFORE: &[&str] = &["alpha", "beta", "pre", "rc"];
/// Suffixes after it.
const AFTER: &[&str] = &["cvs", "svn", "git", "hg", "p"];

/// A version in its parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    numbers: Vec<Box<str>>,
    letter: Option<u8>,
    /// Rank, below 0 when before the release, and number.
    suffixes: Vec<(i8, u64)>,
    revision: u64,
}

impl Version {
    /// Reads a version; none when it is not of this form.
    pub fn read(text: &str) -> Option<Version> {
        let (text, revision) = match text.rsplit_once("-r") {
            Some((text, revision)) => (text, revision.parse().ok()?),
            None => (text, 0),
        };
        // A commit, which does not count.
        let text = text.split_once('~').map_or(text, |(text, _)| text);
        let mut parts = text.split('_');
        let main = parts.next()?;
        let letter = main.bytes().last().filter(u8::is_ascii_lowercase);
        let main = if letter.is_some() { &main[..main.len() - 1] } else { main };
        let numbers: Vec<Box<str>> = main.split('.').map(Box::from).collect();
        if numbers.iter().any(|number| number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit())) {
            return None;
        }
        let suffixes: Option<Vec<_>> = parts.map(suffix).collect();
        Some(Version { numbers, letter, suffixes: suffixes?, revision })
    }

    /// Compares two.
    pub fn compare(&self, other: &Version) -> Ordering {
        for at in 0..self.numbers.len().max(other.numbers.len()) {
            let (Some(one), Some(other)) = (self.numbers.get(at), other.numbers.get(at)) else {
                return self.numbers.len().cmp(&other.numbers.len());
            };
            let ordering = compare_numbers(one, other, at == 0);
            if ordering != Ordering::Equal {
                return ordering;
            }
        }
        let letters = self.letter.cmp(&other.letter);
        letters.then_with(|| self.compare_suffixes(other)).then_with(|| self.revision.cmp(&other.revision))
    }

    fn compare_suffixes(&self, other: &Version) -> Ordering {
        let end = (0, 0);
        for at in 0..self.suffixes.len().max(other.suffixes.len()) {
            let of = |version: &Version| version.suffixes.get(at).copied().unwrap_or(end);
            let ordering = of(self).cmp(&of(other));
            if ordering != Ordering::Equal {
                return ordering;
            }
        }
        Ordering::Equal
    }
}

fn suffix(text: &str) -> Option<(i8, u64)> {
    let end = text.find(|at: char| at.is_ascii_digit()).unwrap_or(text.len());
    let (name, number) = text.split_at(end);
    let place = |names: &[&str]| names.iter().position(|one| *one == name).and_then(|at| i8::try_from(at).ok());
    let rank = place(BEFORE).map(|at| at - 4).or_else(|| place(AFTER).map(|at| at + 1))?;
    let number = if number.is_empty() { 0 } else { number.parse().ok()? };
    Some((rank, number))
}

/// After the first, a number that begins with 0 is a fraction: `1.05` is before `1.1`.
fn compare_numbers(one: &str, other: &str, is_first: bool) -> Ordering {
    if !is_first && (one.starts_with('0') || other.starts_with('0')) && (one.len() > 1 || other.len() > 1) {
        return one.trim_end_matches('0').cmp(other.trim_end_matches('0'));
    }
    super::debian::number(&mut one.as_bytes(), &mut other.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::Order;
    use super::super::tests::ascending;

    #[test]
    fn apk_orders_so() {
        ascending(
            Order::Alpine,
            &[
                "1.0_alpha",
                "1.0_alpha2",
                "1.0_beta1",
                "1.0_pre1",
                "1.0_rc1-r3",
                "1.0_rc2",
                "1.0 1.0-r0",
                "1.0-r1",
                "1.0-r10",
                "1.0_git20200101",
                "1.0_p1",
                "1.0a",
                "1.0b-r1",
                "1.0.1",
                "1.05",
                "1.1",
                "1.2.3",
                "1.10",
            ],
        );
        assert_eq!(Order::Alpine.read("1.x"), None);
        assert_eq!(Order::Alpine.read("1_what"), None);
    }
}
