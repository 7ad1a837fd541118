//! What version comes before what, for each ecosystem by its own rules. A text that is no version of an ecosystem has no
//! order there; it is then undecided, and not guessed.

mod alpine;
mod debian;
mod others;

use semver::{BuildMetadata, Prerelease};
use std::cmp::Ordering;
use std::str::FromStr;

/// An ecosystem's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Semantic versions: npm, crates.io, Go, Hex, Pub and others.
    Semver,
    /// Python's (PEP 440).
    Python,
    /// dpkg's.
    Debian,
    /// apk's.
    Alpine,
    /// Maven's.
    Maven,
    /// RubyGems'.
    Ruby,
    /// NuGet's.
    Nuget,
    /// Composer's.
    Packagist,
}

/// A version that was read by an order. Those of different orders cannot be compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Version(Inner);

#[derive(Clone, Debug, PartialEq)]
enum Inner {
    Semver(semver::Version),
    Python(Box<pep440_rs::Version>),
    Debian(debian::Version),
    Alpine(alpine::Version),
    Maven(Vec<others::Item>),
    Ruby(Vec<others::Segment>),
    Nuget(others::Nuget),
    Packagist(Vec<others::Part>),
}

/// The order of an ecosystem; none when this program does not know it.
pub fn of(ecosystem: &str) -> Option<Order> {
    Some(match super::ecosystem::family(ecosystem) {
        "npm" | "crates.io" | "Go" | "Hex" | "Pub" | "SwiftURL" | "GitHub Actions" => Order::Semver,
        "PyPI" => Order::Python,
        "Debian" | "Ubuntu" => Order::Debian,
        "Alpine" | "Wolfi" | "Chainguard" => Order::Alpine,
        "Maven" => Order::Maven,
        "RubyGems" => Order::Ruby,
        "NuGet" => Order::Nuget,
        "Packagist" => Order::Packagist,
        _ => return None,
    })
}

/// Longest version that is read.
const MAX_VERSION_BYTES: usize = 256;

impl Order {
    /// Reads a version; none when it is no version of this order.
    pub fn read(self, text: &str) -> Option<Version> {
        let text = text.trim();
        if text.is_empty() || text.len() > MAX_VERSION_BYTES {
            return None;
        }
        let inner = match self {
            Order::Semver => Inner::Semver(semver(text)?),
            Order::Python => Inner::Python(Box::new(pep440_rs::Version::from_str(text).ok()?)),
            Order::Debian => Inner::Debian(debian::Version::read(text)?),
            Order::Alpine => Inner::Alpine(alpine::Version::read(text)?),
            Order::Maven => Inner::Maven(others::maven(text)),
            Order::Ruby => Inner::Ruby(others::ruby(text)?),
            Order::Nuget => Inner::Nuget(others::nuget(text)?),
            Order::Packagist => Inner::Packagist(others::packagist(text)?),
        };
        Some(Version(inner))
    }
}

impl Version {
    /// Compares two of one order. Of different orders they are equal, which no caller does.
    pub fn compare(&self, other: &Version) -> Ordering {
        match (&self.0, &other.0) {
            // Build metadata is no part of the order.
            (Inner::Semver(one), Inner::Semver(other)) => one.cmp_precedence(other),
            (Inner::Python(one), Inner::Python(other)) => one.cmp(other),
            (Inner::Debian(one), Inner::Debian(other)) => one.compare(other),
            (Inner::Alpine(one), Inner::Alpine(other)) => one.compare(other),
            (Inner::Maven(one), Inner::Maven(other)) => others::compare_maven(one, other),
            (Inner::Ruby(one), Inner::Ruby(other)) => others::compare_ruby(one, other),
            (Inner::Nuget(one), Inner::Nuget(other)) => one.compare(other),
            (Inner::Packagist(one), Inner::Packagist(other)) => others::compare_packagist(one, other),
            _ => Ordering::Equal,
        }
    }
}

/// A semantic version, also with `v` or `go` before it and with fewer than three numbers, as Go's and old npm's have.
fn semver(text: &str) -> Option<semver::Version> {
    let text = text.strip_prefix("go").or_else(|| text.strip_prefix(['v', 'V'])).unwrap_or(text);
    if let Ok(version) = semver::Version::parse(text) {
        return Some(version);
    }
    let (text, build) = text.split_once('+').unwrap_or((text, ""));
    let (numbers, pre) = text.split_once('-').unwrap_or((text, ""));
    let numbers: Vec<u64> = numbers.split('.').map(|number| number.parse().ok()).collect::<Option<_>>()?;
    let at = |index: usize| numbers.get(index).copied().unwrap_or_default();
    let pre = Prerelease::new(pre).ok()?;
    let build = BuildMetadata::new(build).unwrap_or_default();
    (numbers.len() <= 3).then(|| semver::Version { major: at(0), minor: at(1), patch: at(2), pre, build })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Each is before the next; those within a text, divided by spaces, are equal.
    pub fn ascending(order: Order, versions: &[&str]) {
        let all: Vec<(usize, &str)> =
            versions.iter().enumerate().flat_map(|(at, equal)| equal.split(' ').map(move |one| (at, one))).collect();
        for (at, one) in &all {
            for (beside, other) in &all {
                let (a, b) = (order.read(one).unwrap(), order.read(other).unwrap());
                assert_eq!(a.compare(&b), at.cmp(beside), "{order:?}: {one} and {other}");
            }
        }
    }

    #[test]
    fn each_ecosystem_has_its_order() {
        ascending(
            Order::Semver,
            &[
                "0.0.0-0",
                "0.0.0 0 v0.0.0+incompatible",
                "v0.0.1-20210226172049-e18ecbb05110",
                "0.0.1",
                "1.0.0-alpha",
                "1.0.0-alpha.1",
                "1.0.0-alpha.beta",
                "1.0.0-beta.2",
                "1.0.0-beta.11",
                "1.0.0-rc.1",
                "1.0.0 1.0 go1 1.0.0+5",
                "1.9.0",
                "1.10.0",
            ],
        );
        ascending(
            Order::Python,
            &[
                "1.0.dev1",
                "1.0a1.dev1",
                "1.0a1",
                "1.0b2 1.0.0beta2",
                "1.0rc1 1.0c1",
                "1.0 1 1.0.0",
                "1.0+local",
                "1.0.post1.dev2",
                "1.0.post1",
                "1.1",
                "1!0.1",
            ],
        );
        assert_eq!(Order::Semver.read("1.0.0.0"), None);
        assert_eq!(Order::Python.read("not a version"), None);
        assert_eq!(of("Debian:12"), Some(Order::Debian));
        assert_eq!(of("Rocky Linux:9"), None);
    }

    const ORDERS: [Order; 8] = [
        Order::Semver,
        Order::Python,
        Order::Debian,
        Order::Alpine,
        Order::Maven,
        Order::Ruby,
        Order::Nuget,
        Order::Packagist,
    ];

    proptest! {
        #[test]
        fn it_is_an_order(
            order in prop::sample::select(ORDERS.to_vec()),
            texts in prop::collection::vec("[0-2]{1,2}(\\.[0-2]){0,2}([-~+.]?(a|b|rc|p|r|_p|dev|alpha|final|sp|snapshot)[.-]?[0-2]?){0,2}", 3),
        ) {
            let versions: Vec<Version> = texts.iter().filter_map(|text| order.read(text)).collect();
            if let [a, b, c] = versions.as_slice() {
                prop_assert_eq!(a.compare(a), Ordering::Equal);
                prop_assert_eq!(a.compare(b), b.compare(a).reverse(), "{:?}", texts);
                if a.compare(b) != Ordering::Greater && b.compare(c) != Ordering::Greater {
                    prop_assert_ne!(a.compare(c), Ordering::Greater, "{:?}", texts);
                }
            }
        }

        #[test]
        fn it_never_panics(order in prop::sample::select(ORDERS.to_vec()), text in "[0-9a-z.:~+_\u{e9} -]{0,30}", other in "\\PC{0,20}") {
            if let (Some(one), Some(other)) = (order.read(&text), order.read(&other)) {
                one.compare(&other);
            }
        }
    }
}
