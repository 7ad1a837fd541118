//! Debian's packages, from the status file of `dpkg`, or from the folder of single files that minimal images have.

use super::{Answer, MAX_DATABASE_BYTES, MAX_PACKAGES, Package, Unread, field};
use crate::facts::read;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// Largest file of one package.
const MAX_PARAGRAPH_BYTES: u64 = 256 * 1024;

/// The packages of this kind.
pub(super) fn read(root: &Path) -> Answer {
    let mut found = None;
    match read::text(&root.join("var/lib/dpkg/status"), MAX_DATABASE_BYTES) {
        Ok(text) if text.len() as u64 >= MAX_DATABASE_BYTES => {
            return Some(Err(Unread::new("/var/lib/dpkg/status", &format!("has over {MAX_DATABASE_BYTES} bytes"))));
        }
        Ok(text) => found = Some(text.split("\n\n").filter_map(package).collect::<Vec<_>>()),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Some(Err(Unread::new("/var/lib/dpkg/status", &error))),
    }
    if let Ok(entries) = fs::read_dir(root.join("var/lib/dpkg/status.d")) {
        let all = found.get_or_insert_default();
        for entry in entries.flatten().take(2 * MAX_PACKAGES) {
            if entry.file_name().to_string_lossy().ends_with(".md5sums") {
                continue;
            }
            match read::text(&entry.path(), MAX_PARAGRAPH_BYTES) {
                Ok(text) => all.extend(package(&text)),
                Err(error) => return Some(Err(Unread::new("/var/lib/dpkg/status.d", &error))),
            }
        }
    }
    found.map(Ok)
}

/// A paragraph, unless it is of a package that is no longer there.
fn package(paragraph: &str) -> Option<Package> {
    let mut package = Package::default();
    let (mut source, mut there) = (None, true);
    for line in paragraph.lines() {
        // Continued lines begin with a blank, and none of the fields used here has any.
        let Some((key, value)) = line.split_once(':').filter(|_| !line.starts_with([' ', '\t'])) else { continue };
        match key {
            "Package" => package.name = field(value)?,
            "Version" => package.version = field(value)?,
            "Architecture" => package.architecture = field(value)?,
            "Source" => source = field(value),
            // The third word; what is half installed has its files on the disk.
            "Status" => {
                there = !matches!(value.split_ascii_whitespace().nth(2), Some("not-installed" | "config-files") | None);
            }
            _ => {}
        }
    }
    if !there || package.name.is_empty() || package.version.is_empty() {
        return None;
    }
    // Without a version in brackets the source has the version of the package.
    package.source = source.map(|source| match source.split_once(" (") {
        Some((name, version)) => (name.to_owned(), version.trim_end_matches(')').to_owned()),
        None => (source, package.version.clone()),
    });
    Some(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs() {
        let text = "Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\n\
                    Source: openssl (3.0.17-1~deb12u2)\nVersion: 3.0.17-1~deb12u2+b1\n\
                    Description: text\n Version: 9\n more: text";
        let read = package(text).unwrap();
        assert_eq!((read.name.as_str(), read.version.as_str()), ("libssl3", "3.0.17-1~deb12u2+b1"));
        assert_eq!(read.source, Some(("openssl".to_owned(), "3.0.17-1~deb12u2".to_owned())));
        let gone = "Package: old\nStatus: deinstall ok config-files\nVersion: 1\nArchitecture: all\n";
        assert_eq!(package(gone), None);
        assert!(package("Package: half\nStatus: install reinstreq half-installed\nVersion: 1\n").is_some());
        for wrong in ["", "Package: x\n", "Version: 1\n", "Package: a\u{7}b\nVersion: 1\n", ":\n::\n"] {
            assert_eq!(package(wrong), None, "{wrong:?}");
        }
    }
}
