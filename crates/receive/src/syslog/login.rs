//! Who logged in over ssh and from where, out of what sshd says. The names are OpenTelemetry's.
//!
//! A name that was refused is chosen by whoever tries it, and may itself look like such a message: of refusals the last
//! `from` counts, which sshd wrote. A name that was accepted is an account, which has no blanks.

use std::net::IpAddr;

/// Who, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Login<'m> {
    /// The account, or what was given as one.
    pub user: &'m str,
    /// The address.
    pub address: IpAddr,
    /// The port.
    pub port: u16,
}

/// What a message of sshd says of a log-in, accepted or refused; none of other programs and messages.
pub fn login<'m>(program: &str, message: &'m str) -> Option<Login<'m>> {
    if !matches!(program, "sshd" | "sshd-session" | "sshd-auth") {
        return None;
    }
    let (rest, accepted) = match message.strip_prefix("Accepted ") {
        Some(rest) => (rest, true),
        None => (message.strip_prefix("Failed ")?, false),
    };
    let (_, rest) = rest.split_once(" for ")?;
    let (user, from) = match accepted {
        true => rest.split_once(" from ")?,
        false => rest.rsplit_once(" from ")?,
    };
    let user = if accepted { user } else { user.strip_prefix("invalid user ").unwrap_or(user) };
    let mut words = from.split(' ');
    let address = words.next()?.parse().ok()?;
    let port = words.next().filter(|word| *word == "port").and_then(|_| words.next()?.parse().ok())?;
    Some(Login { user, address, port })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(message: &str) -> Option<(&str, String, u16)> {
        login("sshd", message).map(|login| (login.user, login.address.to_string(), login.port))
    }

    #[test]
    fn what_sshd_says_is_understood() {
        for (message, user, address) in [
            (
                "Accepted publickey for maria from 203.0.113.4 port 51022 ssh2: ED25519 SHA256:abc",
                "maria",
                "203.0.113.4",
            ),
            ("Accepted keyboard-interactive/pam for root from 2001:db8::7 port 51022 ssh2", "root", "2001:db8::7"),
            ("Failed password for maria from 203.0.113.4 port 51022 ssh2", "maria", "203.0.113.4"),
            ("Failed password for invalid user admin from 203.0.113.4 port 51022 ssh2", "admin", "203.0.113.4"),
            ("Failed none for invalid user  from 203.0.113.4 port 51022 ssh2", "", "203.0.113.4"),
        ] {
            assert_eq!(read(message), Some((user, address.to_owned(), 51022)), "{message}");
        }
        for message in [
            "Connection closed by 203.0.113.4 port 5 [preauth]",
            "Accepted publickey for maria",
            "Failed password for x from example.org port 5 ssh2",
            "",
        ] {
            assert_eq!(read(message), None, "{message}");
        }
        assert_eq!(login("shop", "Failed password for x from 203.0.113.4 port 5 ssh2"), None);
    }

    proptest! {
        #[test]
        fn a_refused_name_never_says_where_it_came_from(name in ".{0,40}", lie in any::<[u8; 4]>()) {
            let lie = IpAddr::from(lie);
            let message = format!("Failed password for invalid user {name} from {lie} port 1 ssh2 from 192.0.2.1 port 22 ssh2");
            prop_assert_eq!(read(&message).map(|(_, address, port)| (address, port)), Some(("192.0.2.1".to_owned(), 22)));
        }
    }
}
