//! Package URLs: `pkg:deb/debian/openssl@3.0.17`.

use std::fmt::Write as _;

/// Writes a package URL; names are lowered and escaped as its type asks for.
pub fn purl(kind: &str, namespace: Option<&str>, name: &str, version: &str) -> String {
    let mut out = format!("pkg:{kind}/");
    for part in namespace.unwrap_or_default().split('/').filter(|part| !part.is_empty()) {
        escape(&mut out, part);
        out.push('/');
    }
    match kind {
        "pypi" => escape(&mut out, &name.to_lowercase().replace('_', "-")),
        "deb" => escape(&mut out, &name.to_lowercase()),
        _ => escape(&mut out, name),
    }
    if !version.is_empty() {
        out.push('@');
        escape(&mut out, version);
    }
    out
}

/// The colon stays: it is in the versions of Debian, and everyone writes it plainly.
fn escape(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~' | b':') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_its_form() {
        let table = [
            (
                purl("deb", Some("debian"), "libstdc++6", "12.2.0-14+deb12u1"),
                "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1",
            ),
            (purl("deb", Some("debian"), "vim", "2:9.0.1378-2"), "pkg:deb/debian/vim@2:9.0.1378-2"),
            (purl("pypi", None, "Typing_Extensions", "4.9.0"), "pkg:pypi/typing-extensions@4.9.0"),
            (purl("npm", Some("@types"), "node", "20.1.0"), "pkg:npm/%40types/node@20.1.0"),
            (purl("generic", None, "Visual Studio Code", ""), "pkg:generic/Visual%20Studio%20Code"),
        ];
        for (made, expected) in table {
            assert_eq!(made, expected);
        }
    }
}
