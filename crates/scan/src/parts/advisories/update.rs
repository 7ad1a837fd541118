//! `tandem db import`: archives, folders and files into the one file of advisories, which keeps what it had of others.

use super::database::{Builder, Database, DatabaseError, Head};
use super::import::{self, Imported};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// What came of an update.
#[derive(Debug, Default)]
pub struct Updated {
    /// By source, in the order of the paths.
    pub sources: Vec<(String, Imported)>,
    /// What is in the file now.
    pub head: Head,
}

/// Why the file was not written. It is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// A path cannot be read.
    #[error("{}: {error}", path.display())]
    Read {
        /// The path.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file of advisories cannot be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: DatabaseError,
    },
    /// Nothing of what was named is an advisory.
    #[error("{}: there is no advisory in it: OSV (JSON, YAML), RustSec's Markdown and CISA's list (JSON) are read", .0.display())]
    Nothing(PathBuf),
}

/// Imports these paths, each as a source of its own name: a path that is imported again replaces what it brought. A file
/// that is not there yet is made; so is its folder. `progress` is called with a source and the number of its files.
///
/// # Errors
/// When something cannot be read or written; nothing is changed then.
pub fn update(
    file: &Path,
    paths: &[PathBuf],
    now: &str,
    progress: &dyn Fn(&str, usize),
) -> Result<Updated, UpdateError> {
    let of_file = |error: DatabaseError| UpdateError::File { path: file.to_owned(), error };
    let mut builder = Builder::default();
    match Database::open(file) {
        Ok(mut database) => builder.take(&mut database).map_err(of_file)?,
        Err(DatabaseError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(of_file(error)),
    }
    let mut updated = Updated::default();
    let mut names: BTreeSet<String> = BTreeSet::new();
    for path in paths {
        let mut name = name(path, false);
        if !names.insert(name.clone()) {
            name = self::name(path, true);
            names.insert(name.clone());
        }
        let imported = import::import(&mut builder, &name, path, now, &|files| progress(&name, files))
            .map_err(|error| UpdateError::Read { path: path.clone(), error })?;
        if imported.count == 0 {
            return Err(UpdateError::Nothing(path.clone()));
        }
        updated.sources.push((name, imported));
    }
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| of_file(error.into()))?;
    }
    updated.head = builder.write(file).map_err(of_file)?;
    Ok(updated)
}

/// Names that say nothing: OSV calls each ecosystem's archive `all.zip`.
const PLAIN: &[&str] = &["all", "data", "osv", "vulns", "crates", "advisories", "."];

/// A source's name: that of the file or folder without its ending, with the folder above where that alone says nothing.
fn name(path: &Path, is_long: bool) -> String {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let part = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut name = part(&path);
    if path.is_file() {
        for ending in [".zip", ".tar.gz", ".tgz", ".tar", ".json", ".yaml", ".yml", ".md"] {
            name = name.strip_suffix(ending).map(str::to_owned).unwrap_or(name);
        }
    }
    match path.parent().map(part).filter(|above| !above.is_empty()) {
        Some(above) if is_long || PLAIN.contains(&name.as_str()) => format!("{above}/{name}"),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::fs;

    const OSV: &str = r#"{"id": "X-1", "modified": "2024-05-01T00:00:00Z", "affected": [{"package": {"ecosystem": "npm", "name": "a"}, "versions": ["1.0.0"]}]}"#;

    #[test]
    fn sources_replace_themselves_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        for (path, text) in [
            ("npm/all/X-1.json", OSV.to_owned()),
            ("PyPI/all/Y-1.json", OSV.replace("X-1", "Y-1").replace("npm", "PyPI")),
            (
                "kev.json",
                r#"{"catalogVersion": "1", "vulnerabilities": [{"cveID": "CVE-1", "dateAdded": "2024-01-01"}]}"#
                    .to_owned(),
            ),
            ("empty/README.md", String::new()),
        ] {
            fs::create_dir_all(at(path).parent().unwrap()).unwrap();
            fs::write(at(path), text).unwrap();
        }
        let file = at("new/advisories.db");
        let calls = RefCell::new(Vec::new());
        let progress = |name: &str, files: usize| calls.borrow_mut().push((name.to_owned(), files));
        let all = [at("npm/all"), at("PyPI/all"), at("kev.json")];
        let updated = update(&file, &all, "2024-06-01T00:00:00Z", &progress).unwrap();
        let names: Vec<_> = updated.sources.iter().map(|(name, of)| (name.as_str(), of.count)).collect();
        assert_eq!(names, [("npm/all", 1), ("PyPI/all", 1), ("kev", 1)]);
        assert_eq!(calls.borrow().len(), 3);
        fs::write(at("npm/all/X-1.json"), OSV.replace("X-1", "X-2")).unwrap();
        let updated = update(&file, &[at("npm/all")], "2024-06-02T00:00:00Z", &|_, _| {}).unwrap();
        assert_eq!((updated.head.advisories, updated.head.sources.len()), (2, 3));
        assert!(Database::open(&file).unwrap().advisory("X-1").unwrap().is_none());
        let before = fs::read(&file).unwrap();
        for bad in [at("empty"), at("missing")] {
            assert!(update(&file, &[bad], "", &|_, _| {}).is_err());
            assert_eq!(fs::read(&file).unwrap(), before);
        }
        fs::write(at("other.db"), "something else").unwrap();
        let error = update(&at("other.db"), &[at("npm/all")], "", &|_, _| {}).unwrap_err().to_string();
        assert!(error.contains("other.db") && error.contains("no file of advisories"), "{error}");
        assert_eq!(fs::read(at("other.db")).unwrap(), b"something else");
    }
}
