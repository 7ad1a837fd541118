//! Bounded reading of files below a root folder, never through a link that leaves it.

use crate::limits::{MAX_FILE_BYTES, MAX_FOLDER_ENTRIES, MAX_SYSTEM_BYTES};
use crate::text::Text;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// A folder that files are read from. All paths given to it are below it.
#[derive(Clone, Debug)]
pub struct Root {
    folder: PathBuf,
    /// The folder with all links resolved; a file must be below it.
    real: PathBuf,
}

impl Root {
    /// Opens a folder.
    ///
    /// # Errors
    /// When it does not exist.
    pub fn open(folder: &Path) -> std::io::Result<Root> {
        Ok(Root { folder: folder.to_owned(), real: folder.canonicalize()? })
    }

    /// Where a path is, when it exists and is below the root.
    fn at(&self, path: &str) -> Option<PathBuf> {
        let real = self.folder.join(path.trim_start_matches('/')).canonicalize().ok()?;
        real.starts_with(&self.real).then_some(real)
    }

    /// Reads a file of at most `MAX_FILE_BYTES`; none when it is absent, larger or outside.
    pub fn read(&self, path: &str) -> Option<Text> {
        self.read_to(path, MAX_FILE_BYTES)
    }

    /// Reads a package database, which may be larger than other files.
    pub fn read_database(&self, path: &str) -> Option<Text> {
        self.read_to(path, MAX_SYSTEM_BYTES)
    }

    /// Bytes that are no UTF-8 become replacement characters: names and versions never have them.
    fn read_to(&self, path: &str, most: u64) -> Option<Text> {
        let place = self.at(path)?;
        // A pipe would be waited for.
        if !place.metadata().ok()?.is_file() {
            return None;
        }
        let file = File::open(place).ok()?;
        let mut bytes = Vec::new();
        file.take(most + 1).read_to_end(&mut bytes).ok()?;
        let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= most);
        fits.then(|| Text::new(path, String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Whether there is something at a path.
    pub fn has(&self, path: &str) -> bool {
        self.at(path).is_some()
    }

    /// A path below the root with all links resolved: two paths of one folder become one.
    pub fn resolved(&self, path: &str) -> Option<String> {
        let real = self.at(path)?;
        Some(real.strip_prefix(&self.real).ok()?.to_str()?.to_owned())
    }

    /// The names in a folder, sorted, with whether each is a folder and no link; at most `MAX_FOLDER_ENTRIES`.
    pub fn list(&self, path: &str) -> Vec<(String, bool)> {
        let Some(entries) = self.at(path).and_then(|folder| fs::read_dir(folder).ok()) else { return Vec::new() };
        let entries = entries.take(MAX_FOLDER_ENTRIES).filter_map(Result::ok);
        let named = entries.filter_map(|entry| {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            Some((entry.file_name().to_str()?.to_owned(), is_folder))
        });
        let mut names: Vec<_> = named.collect();
        names.sort();
        names
    }
}

/// A path below another; an empty one is the root.
pub(crate) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
