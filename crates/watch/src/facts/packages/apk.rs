//! Alpine's packages.

use super::{Answer, MAX_DATABASE_BYTES, Package, Unread, field};
use crate::facts::read;
use std::io::ErrorKind;
use std::path::Path;

/// Where the database is; the second since the programs moved below `/usr`.
pub(super) const DATABASES: [&str; 2] = ["lib/apk/db/installed", "usr/lib/apk/db/installed"];

/// The packages of this kind.
pub(super) fn read(root: &Path) -> Answer {
    for database in DATABASES {
        match read::text(&root.join(database), MAX_DATABASE_BYTES) {
            Ok(text) if text.len() as u64 >= MAX_DATABASE_BYTES => {
                return Some(Err(Unread::new(format!("/{database}"), &format!("has over {MAX_DATABASE_BYTES} bytes"))));
            }
            Ok(text) => return Some(Ok(text.split("\n\n").filter_map(package).collect())),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Some(Err(Unread::new(format!("/{database}"), &error))),
        }
    }
    None
}

fn package(paragraph: &str) -> Option<Package> {
    let mut package = Package::default();
    let mut origin = None;
    for line in paragraph.lines() {
        match line.split_once(':') {
            Some(("P", value)) => package.name = field(value)?,
            Some(("V", value)) => package.version = field(value)?,
            Some(("A", value)) => package.architecture = field(value)?,
            Some(("o", value)) => origin = field(value),
            _ => {}
        }
    }
    if package.name.is_empty() || package.version.is_empty() {
        return None;
    }
    package.source = origin.map(|name| (name, package.version.clone()));
    Some(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs() {
        let text = "C:Q1abc=\nP:libcrypto3\nV:3.3.2-r4\nA:x86_64\no:openssl\nF:lib\nR:libcrypto.so.3\n";
        let read = package(text).unwrap();
        assert_eq!((read.name.as_str(), read.version.as_str()), ("libcrypto3", "3.3.2-r4"));
        assert_eq!(read.source, Some(("openssl".to_owned(), "3.3.2-r4".to_owned())));
        assert_eq!(package("P:x\nF:lib\n"), None);
    }
}
