//! Algorithms that nobody should use, in lists that add to the default, replace it, or take away from it.

/// What is weak in a setting's list; nothing in one that takes away.
pub fn weak(name: &str, list: &str) -> Option<String> {
    let is: fn(&str) -> bool = match name {
        "ciphers" => cipher,
        "macs" => mac,
        "kexalgorithms" => exchange,
        "hostkeyalgorithms"
        | "pubkeyacceptedalgorithms"
        | "pubkeyacceptedkeytypes"
        | "casignaturealgorithms"
        | "hostbasedacceptedalgorithms"
        | "hostbasedacceptedkeytypes" => key,
        _ => return None,
    };
    // `-` takes away; `+` adds behind the default, `^` before it.
    if list.starts_with('-') {
        return None;
    }
    let list = list.trim_start_matches(['+', '^']);
    list.split([',', ' ']).map(str::trim).find(|name| is(&name.to_ascii_lowercase())).map(str::to_owned)
}

fn cipher(name: &str) -> bool {
    name == "none" || name.contains("-cbc") || name.starts_with("arcfour") || name.starts_with("des")
}

fn mac(name: &str) -> bool {
    name == "none" || ["md5", "-96", "ripemd", "umac-64"].iter().any(|weak| name.contains(weak))
}

fn exchange(name: &str) -> bool {
    name.starts_with("diffie-hellman-group1-")
        || (name.ends_with("-sha1") || name.contains("-sha1-"))
        || name.starts_with("rsa1024")
}

fn key(name: &str) -> bool {
    matches!(name, "ssh-rsa" | "ssh-dss" | "ssh-dsa")
        || name.starts_with("ssh-rsa-cert")
        || name.starts_with("ssh-dss-cert")
}

#[cfg(test)]
mod tests {
    use super::weak;

    #[test]
    fn lists_with_prefixes() {
        for (name, list, is) in [
            ("ciphers", "aes256-ctr,aes128-cbc", Some("aes128-cbc")),
            ("ciphers", "chacha20-poly1305@openssh.com,aes256-gcm@openssh.com", None),
            ("ciphers", "-aes128-cbc,3des-cbc", None),
            ("ciphers", "+3des-cbc", Some("3des-cbc")),
            ("macs", "^hmac-md5", Some("hmac-md5")),
            ("macs", "hmac-sha2-256,umac-128@openssh.com,hmac-sha1", None),
            ("kexalgorithms", "curve25519-sha256,diffie-hellman-group14-sha1", Some("diffie-hellman-group14-sha1")),
            ("kexalgorithms", "diffie-hellman-group16-sha512,diffie-hellman-group14-sha256", None),
            ("pubkeyacceptedalgorithms", "+ssh-rsa", Some("ssh-rsa")),
            ("hostkeyalgorithms", "rsa-sha2-512,ssh-ed25519", None),
        ] {
            assert_eq!(weak(name, list).as_deref(), is, "{name} {list}");
        }
    }
}
