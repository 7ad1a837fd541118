//! Who and from where, out of the texts of the programs that let people in: sshd, sudo and su write them into sentences
//! alone, and nobody can count by what is only in a sentence.

use model::ValueRef;
use std::net::IpAddr;

/// The names of the attributes.
const USER: &str = "user.name";
const EFFECTIVE_USER: &str = "user.effective.name";
const ADDRESS: &str = "source.address";
const PORT: &str = "source.port";
const COMMAND: &str = "process.command_line";

/// Calls for each attribute that a message says. A message of another form says none.
pub fn attributes<'m>(program: Option<&str>, message: &'m str, tell: &mut dyn FnMut(&'static str, ValueRef<'m>)) {
    match program {
        Some("sshd" | "sshd-session" | "sshd-auth") => sshd(message, tell),
        Some("sudo") => sudo(message, tell),
        Some("su") => su(message, tell),
        _ => {}
    }
}

/// `Failed password for invalid user NAME from ADDRESS port PORT ssh2`, and its likes. The name is what somebody typed:
/// the last `from` is sshd's own.
fn sshd<'m>(message: &'m str, tell: &mut dyn FnMut(&'static str, ValueRef<'m>)) {
    const FROM: [&str; 4] = ["Failed ", "Accepted ", "Postponed ", "error: maximum authentication attempts exceeded "];
    let (user, place) = if FROM.iter().any(|begin| message.starts_with(begin)) {
        let Some((_, rest)) = message.split_once(" for ").or_else(|| message.split_once("exceeded for ")) else {
            return;
        };
        let Some((user, place)) = rest.rsplit_once(" from ") else { return };
        (user.strip_prefix("invalid user ").unwrap_or(user), place)
    } else if let Some(rest) = message.strip_prefix("Invalid user ") {
        let Some(found) = rest.rsplit_once(" from ") else { return };
        found
    } else {
        const OF: [&str; 4] = [
            "Connection closed by authenticating user ",
            "Connection reset by authenticating user ",
            "Disconnected from authenticating user ",
            "Disconnected from user ",
        ];
        let Some(rest) = OF.iter().find_map(|begin| message.strip_prefix(begin)) else { return };
        let Some((before, _)) = rest.rsplit_once(" port ") else { return };
        let Some((user, _)) = before.rsplit_once(' ') else { return };
        (user, &rest[user.len() + 1..])
    };
    let mut words = place.split(' ');
    let Some(address) = words.next().filter(|address| is_address(address)) else { return };
    tell(USER, ValueRef::Str(user));
    tell(ADDRESS, ValueRef::Str(address));
    if let (Some("port"), Some(Ok(port))) = (words.next(), words.next().map(str::parse::<u16>)) {
        tell(PORT, ValueRef::Int(port.into()));
    }
}

fn is_address(text: &str) -> bool {
    let text = text.split_once('%').map_or(text, |(address, _)| address);
    text.parse::<IpAddr>().is_ok()
}

/// `NAME : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls`. What comes after `COMMAND=` is
/// the rest, whatever is in it.
fn sudo<'m>(message: &'m str, tell: &mut dyn FnMut(&'static str, ValueRef<'m>)) {
    let Some((user, rest)) = message.trim_start().split_once(" : ") else { return };
    if user.is_empty() || user.contains(' ') {
        return;
    }
    tell(USER, ValueRef::Str(user));
    let (before, command) = match rest.split_once("COMMAND=") {
        Some((before, command)) => (before, Some(command)),
        None => (rest, None),
    };
    let effective = before.split(" ; ").find_map(|part| part.trim().strip_prefix("USER="));
    if let Some(effective) = effective.map(|name| name.trim_end_matches([' ', ';'])) {
        tell(EFFECTIVE_USER, ValueRef::Str(effective));
    }
    if let Some(command) = command {
        tell(COMMAND, ValueRef::Str(command));
    }
}

/// `(to root) NAME on pts/0`, `FAILED SU (to root) NAME on pts/0`.
fn su<'m>(message: &'m str, tell: &mut dyn FnMut(&'static str, ValueRef<'m>)) {
    let rest = message.strip_prefix("FAILED SU ").unwrap_or(message);
    let Some((effective, rest)) = rest.strip_prefix("(to ").and_then(|rest| rest.split_once(") ")) else { return };
    let Some((user, _)) = rest.rsplit_once(" on ") else { return };
    tell(USER, ValueRef::Str(user));
    tell(EFFECTIVE_USER, ValueRef::Str(effective));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(program: &str, message: &str) -> Vec<(&'static str, String)> {
        let mut said = Vec::new();
        attributes(Some(program), message, &mut |name, value| {
            let text = match value {
                ValueRef::Str(text) => text.to_owned(),
                ValueRef::Int(number) => number.to_string(),
                _ => panic!("another value"),
            };
            said.push((name, text));
        });
        said
    }

    fn login(user: &str, address: &str, port: &str) -> Vec<(&'static str, String)> {
        vec![(USER, user.to_owned()), (ADDRESS, address.to_owned()), (PORT, port.to_owned())]
    }

    #[test]
    fn what_sshd_says() {
        for (message, user, address) in [
            ("Failed password for root from 203.0.113.9 port 4242 ssh2", "root", "203.0.113.9"),
            ("Failed password for invalid user admin from 2001:db8::7 port 4242 ssh2", "admin", "2001:db8::7"),
            (
                "Accepted publickey for maria from 203.0.113.9 port 4242 ssh2: ED25519 SHA256:abc",
                "maria",
                "203.0.113.9",
            ),
            ("Failed keyboard-interactive/pam for maria from fe80::1%eth0 port 4242 ssh2", "maria", "fe80::1%eth0"),
            ("Invalid user test from 203.0.113.9 port 4242", "test", "203.0.113.9"),
            ("Invalid user  from 203.0.113.9 port 4242", "", "203.0.113.9"),
            (
                "error: maximum authentication attempts exceeded for invalid user x from 203.0.113.9 port 4242 ssh2 [preauth]",
                "x",
                "203.0.113.9",
            ),
            ("Connection closed by authenticating user root 203.0.113.9 port 4242 [preauth]", "root", "203.0.113.9"),
            ("Disconnected from user maria 203.0.113.9 port 4242", "maria", "203.0.113.9"),
        ] {
            assert_eq!(said("sshd", message), login(user, address, "4242"), "{message}");
        }
        // The name is what somebody typed.
        let typed =
            "Failed password for invalid user root from 198.51.100.1 port 1 ssh2 from 203.0.113.9 port 4242 ssh2";
        assert_eq!(said("sshd-session", typed), login("root from 198.51.100.1 port 1 ssh2", "203.0.113.9", "4242"));
        for other in
            ["Server listening on 0.0.0.0 port 22.", "Failed password for root from nowhere port 1", "Failed", ""]
        {
            assert_eq!(said("sshd", other), [], "{other}");
        }
        assert_eq!(said("nginx", "Failed password for root from 203.0.113.9 port 4242 ssh2"), []);
    }

    #[test]
    fn what_sudo_and_su_say() {
        let refused =
            "   maria : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh -c USER=x ; id";
        let wanted = [(USER, "maria"), (EFFECTIVE_USER, "root"), (COMMAND, "/bin/sh -c USER=x ; id")];
        assert_eq!(said("sudo", refused), wanted.map(|(name, text)| (name, text.to_owned())));
        assert_eq!(said("sudo", "pam_unix(sudo:session): session closed for user root"), []);
        let wanted = [(USER, "maria"), (EFFECTIVE_USER, "root")].map(|(name, text)| (name, text.to_owned()));
        assert_eq!(said("su", "FAILED SU (to root) maria on pts/1"), wanted);
        assert_eq!(said("su", "(to root) maria on pts/1"), wanted);
    }

    proptest! {
        #[test]
        fn any_text_is_taken(program in prop::sample::select(vec!["sshd", "sudo", "su"]), text in "\\PC{0,80}", begin in 0..6usize) {
            let begins = ["", "Failed password for ", "Invalid user ", "Disconnected from user ", "(to ", " a : "];
            said(program, &format!("{}{text}", begins[begin]));
            said(program, &format!("{}{text} from 1.2.3.4 port 7", begins[begin]));
        }
    }
}
