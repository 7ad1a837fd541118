//! How often log-ins may fail: by where they come from, and by whom they mean.

use std::hash::{BuildHasher as _, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Places in a table. Who shares one shares its failures; nobody chooses with whom, since the hash is keyed.
const PLACES: usize = 16_384;
/// Failures of one address in a row; an office behind one address has a few typos at once.
const ADDRESS_BURST: u32 = 20;
/// Failures for one account in a row; people try each of their passwords.
const ACCOUNT_BURST: u32 = 10;
/// When one more failure is forgiven.
const FORGIVEN_AFTER: Duration = Duration::from_secs(30);

/// Counts failures. Its memory is fixed, and no crowd of names drives out what is counted.
pub struct Limits {
    addresses: Table,
    accounts: Table,
}

/// An attempt that counts as failed until it is [taken back](Limits::succeeded).
#[derive(Debug)]
pub struct Attempt {
    address: usize,
    account: usize,
}

impl Limits {
    /// Nothing has failed yet.
    pub fn new(now: Instant) -> Limits {
        Limits { addresses: Table::new(ADDRESS_BURST, now), accounts: Table::new(ACCOUNT_BURST, now) }
    }

    /// Lets an attempt happen, or tells when to come again.
    pub fn attempt(&self, peer: IpAddr, login: &str, now: Instant) -> Result<Attempt, Duration> {
        let address = self.addresses.place(&network(peer));
        let account = self.accounts.place(&login.to_ascii_lowercase());
        self.addresses.take(address, now)?;
        // Whoever is refused here still counts for the address.
        self.accounts.take(account, now)?;
        Ok(Attempt { address, account })
    }

    /// It was no failure.
    pub fn succeeded(&self, attempt: Attempt) {
        self.addresses.give_back(attempt.address);
        self.accounts.give_back(attempt.account);
    }
}

/// Of IPv6 the network: one machine has all of its addresses.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !(u128::MAX >> 64))),
        v4 => v4,
    }
}

/// For each place the time at which all of its failures are forgiven.
struct Table {
    forgiven: Mutex<Box<[Duration]>>,
    start: Instant,
    keys: RandomState,
    burst: u32,
}

impl Table {
    fn new(burst: u32, start: Instant) -> Table {
        let forgiven = vec![Duration::ZERO; PLACES].into_boxed_slice();
        Table { forgiven: Mutex::new(forgiven), start, keys: RandomState::new(), burst }
    }

    fn place(&self, key: &impl std::hash::Hash) -> usize {
        (self.keys.hash_one(key) % PLACES as u64) as usize
    }

    fn take(&self, place: usize, now: Instant) -> Result<(), Duration> {
        let now = now.saturating_duration_since(self.start);
        let mut forgiven = self.forgiven.lock().unwrap_or_else(PoisonError::into_inner);
        let next = forgiven[place].max(now) + FORGIVEN_AFTER;
        let most = now + FORGIVEN_AFTER * self.burst;
        if next > most {
            return Err(next - most);
        }
        forgiven[place] = next;
        Ok(())
    }

    fn give_back(&self, place: usize) {
        let mut forgiven = self.forgiven.lock().unwrap_or_else(PoisonError::into_inner);
        forgiven[place] = forgiven[place].saturating_sub(FORGIVEN_AFTER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 7));

    #[test]
    fn an_account_rests_after_failures() {
        let now = Instant::now();
        let limits = Limits::new(now);
        let from = |last: u8| IpAddr::from([198, 51, 100, last]);
        for number in 0..ACCOUNT_BURST {
            limits.attempt(from(number as u8), "ada", now).unwrap();
        }
        let wait = limits.attempt(from(99), "ADA", now).unwrap_err();
        assert!(wait > Duration::ZERO && wait <= FORGIVEN_AFTER);
        assert!(limits.attempt(from(99), "ada", now + wait).is_ok());
        assert!(limits.attempt(from(99), "ada", now + wait).is_err());
    }

    #[test]
    fn an_address_rests_after_failures() {
        let now = Instant::now();
        let limits = Limits::new(now);
        for number in 0..ADDRESS_BURST {
            limits.attempt(HERE, &format!("user{number}"), now).unwrap();
        }
        assert!(limits.attempt(HERE, "another", now).is_err());
        let mapped: IpAddr = "::ffff:203.0.113.7".parse().unwrap();
        assert!(limits.attempt(mapped, "another", now).is_err(), "the same by another name");
    }

    #[test]
    fn who_gets_in_was_no_failure() {
        let now = Instant::now();
        let limits = Limits::new(now);
        for _ in 0..100 {
            let attempt = limits.attempt(HERE, "ada", now).unwrap();
            limits.succeeded(attempt);
        }
    }

    #[test]
    fn one_network_is_one_address() {
        let address = |text: &str| network(text.parse().unwrap());
        assert_eq!(address("2001:db8:1:2::1"), address("2001:db8:1:2:ffff::9"));
        assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
        assert_ne!(address("203.0.113.7"), address("203.0.113.8"));
    }
}
