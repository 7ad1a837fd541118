//! The files below a root: what `.gitignore` and `.tandemignore` leave, each once, never out of the root by a link.

use crate::limits::{MAX_FILE_BYTES, MAX_FILES, MAX_IGNORE_BYTES, MAX_TREE_DEPTH};
use ignore::WalkBuilder;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Files that say what is left out. They are opened before anything is told of them.
const IGNORE_FILES: [&str; 3] = [".gitignore", ".ignore", ".tandemignore"];

/// A file to be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Below the root, parts divided by `/`.
    pub path: Arc<str>,
    /// Where it is.
    pub file: PathBuf,
    /// Its size.
    pub bytes: u64,
}

impl Entry {
    /// What is in it, at most `MAX_FILE_BYTES`.
    ///
    /// # Errors
    /// Why it is not read, and what to do.
    pub fn read(&self) -> Result<Vec<u8>, String> {
        let too_large = |bytes: u64| format!("{bytes} bytes, more than {MAX_FILE_BYTES} (MAX_FILE_BYTES): not read");
        if self.bytes > MAX_FILE_BYTES {
            return Err(too_large(self.bytes));
        }
        let mut bytes = Vec::with_capacity(self.bytes as usize);
        let file = File::open(&self.file).map_err(|error| error.to_string())?;
        // It may have grown since it was looked at.
        file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        if bytes.len() as u64 > MAX_FILE_BYTES { Err(too_large(bytes.len() as u64)) } else { Ok(bytes) }
    }
}

/// Something that was not looked at, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Below the root.
    pub path: Arc<str>,
    /// Why.
    pub reason: String,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Walked {
    /// The files, by path.
    pub files: Vec<Entry>,
    /// What could not be looked at.
    pub skipped: Vec<Skipped>,
}

/// Walks over the files below a root; a root that is a file is that file alone.
pub fn walk(root: &Path) -> Walked {
    let mut walked = Walked::default();
    if let Some(skipped) = ignored_by(root, root) {
        walked.skipped.push(skipped);
        return walked;
    }
    let left = Arc::new(Mutex::new(Vec::new()));
    let enters = {
        let (left, root) = (left.clone(), root.to_owned());
        move |entry: &ignore::DirEntry| {
            let is_folder = entry.file_type().is_some_and(|of| of.is_dir());
            let skipped = is_folder.then(|| ignored_by(&root, entry.path())).flatten();
            let enters = skipped.is_none();
            if let Ok(mut left) = left.lock() {
                left.extend(skipped);
            }
            enters
        }
    };
    let walker = WalkBuilder::new(root)
        // Workflows lie in `.github`; what git keeps for itself does not count.
        .hidden(false)
        .filter_entry(move |entry| entry.depth() == 0 || entry.file_name() != ".git" && enters(entry))
        // What one machine ignores for itself would make its result another than that of the build.
        .git_global(false)
        .git_exclude(false)
        .require_git(false)
        .parents(true)
        .add_custom_ignore_filename(".tandemignore")
        .follow_links(false)
        .max_depth(Some(MAX_TREE_DEPTH))
        .build();
    for entry in walker {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                walked.skipped.push(Skipped { path: "".into(), reason: error.to_string() });
                continue;
            }
        };
        let is_file = entry.file_type().is_some_and(|of| of.is_file());
        let is_root_link = entry.depth() == 0 && entry.path().is_file();
        if !is_file && !is_root_link {
            continue;
        }
        let below = entry.path().strip_prefix(root).unwrap_or(entry.path());
        let named = if below.as_os_str().is_empty() { entry.path().file_name().map(Path::new) } else { Some(below) };
        let path: Arc<str> = slashes(named.unwrap_or(below)).into();
        if walked.files.len() >= MAX_FILES {
            let reason = format!("more than {MAX_FILES} files (MAX_FILES): this one and those after it were not read");
            walked.skipped.push(Skipped { path, reason });
            break;
        }
        match entry.path().metadata() {
            Ok(meta) => walked.files.push(Entry { path, file: entry.path().to_owned(), bytes: meta.len() }),
            Err(error) => walked.skipped.push(Skipped { path, reason: error.to_string() }),
        }
    }
    if let Ok(mut left) = left.lock() {
        walked.skipped.append(&mut left);
    }
    walked.files.sort();
    walked
}

/// Why a folder is not entered: a pipe that says what is left out would be waited for, and one without end be read without end.
fn ignored_by(root: &Path, folder: &Path) -> Option<Skipped> {
    let (name, meta) = IGNORE_FILES.iter().find_map(|name| {
        let meta = folder.join(name).metadata().ok()?;
        (!meta.is_file() && !meta.is_dir() || meta.len() > MAX_IGNORE_BYTES && meta.is_file()).then_some((name, meta))
    })?;
    let path = slashes(folder.strip_prefix(root).unwrap_or(folder)).into();
    let reason = match meta.is_file() {
        true => format!(
            "`{name}` has {} bytes, more than {MAX_IGNORE_BYTES} (MAX_IGNORE_BYTES): the folder was not read",
            meta.len()
        ),
        false => format!("`{name}` is no file: the folder was not read"),
    };
    Some(Skipped { path, reason })
}

/// A path with `/`, on every system the same.
fn slashes(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn what_is_ignored_or_a_link_is_not_read() {
        let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(outside.path().join("secret"), "x").unwrap();
        let at = |path: &str| root.path().join(path);
        for (path, text) in [
            ("a.yml", "a"),
            (".github/workflows/ci.yml", "b"),
            (".git/config", "c"),
            ("target/x", "d"),
            ("vendor/y", "e"),
            ("deep/one/two.tf", "f"),
            ("deep/.gitignore", "*.tmp"),
            ("deep/z.tmp", "g"),
            (".gitignore", "/target\n"),
            (".tandemignore", "vendor/\n"),
        ] {
            fs::create_dir_all(at(path).parent().unwrap()).unwrap();
            fs::write(at(path), text).unwrap();
        }
        symlink(outside.path(), at("out")).unwrap();
        symlink(root.path(), at("deep/loop")).unwrap();
        let walked = walk(root.path());
        let paths: Vec<_> = walked.files.iter().map(|entry| &*entry.path).collect();
        assert_eq!(
            paths,
            [".github/workflows/ci.yml", ".gitignore", ".tandemignore", "a.yml", "deep/.gitignore", "deep/one/two.tf"]
        );
        assert_eq!(walked.skipped, []);
        let one = walk(&at("a.yml"));
        assert_eq!(one.files.iter().map(|entry| &*entry.path).collect::<Vec<_>>(), ["a.yml"]);
        assert_eq!(walk(&at("missing")).skipped.len(), 1);
    }
}
