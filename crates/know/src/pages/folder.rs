//! The files of a folder of knowledge.

use super::page::Problem;
use crate::limits::{MAX_ENTRIES, MAX_FOLDER_DEPTH, MAX_PAGE_BYTES, MAX_PAGES};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// What tells a file from what it was: size, times of content and of the entry, and which file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
    inode: u64,
}

impl Stamp {
    fn of(metadata: &fs::Metadata) -> Stamp {
        Stamp {
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
        }
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Whether this is the file that was looked at, and not one that took its name since.
    pub(super) fn is_of(&self, metadata: &fs::Metadata) -> bool {
        metadata.is_file() && metadata.ino() == self.inode
    }
}

/// A file that may be a page.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    /// From the folder, with `/`.
    pub(super) relative: String,
    pub(super) stamp: Stamp,
}

/// What a folder holds.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) files: Vec<Found>,
    pub(super) problems: Vec<Problem>,
    /// Nothing could be listed: what is known of it stays.
    pub(super) failed: bool,
}

/// Lists a folder. Hidden entries (`.git`) are passed over. A link is followed to a file in the same folder, as
/// Kubernetes mounts its files, and never to a folder or out of it.
pub(super) fn list(root: &Path) -> Listing {
    let mut listing = Listing::default();
    let canonical = match root.canonicalize().and_then(|path| fs::read_dir(&path).map(|_| path)) {
        Ok(path) => path,
        Err(error) => {
            listing.failed = true;
            listing.problem(root, format!("the folder cannot be read: {error}; what was read of it before stays"));
            return listing;
        }
    };
    let mut open = vec![(root.to_owned(), String::new(), 0_usize)];
    let mut entries = 0_usize;
    while let Some((folder, relative, depth)) = open.pop() {
        let read = match fs::read_dir(&folder) {
            Ok(read) => read,
            Err(error) => {
                listing.problem(&folder, format!("the folder cannot be read: {error}"));
                continue;
            }
        };
        for entry in read.flatten() {
            entries += 1;
            if entries > MAX_ENTRIES || listing.files.len() >= MAX_PAGES {
                let most = if entries > MAX_ENTRIES { MAX_ENTRIES } else { MAX_PAGES };
                listing.problem(
                    root,
                    format!("more than {most} files: what comes after {} is not read", folder.display()),
                );
                return listing.sorted();
            }
            let path = entry.path();
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                listing.problem(&path, "the name is no UTF-8: rename it".to_owned());
                continue;
            };
            if name.starts_with('.') {
                continue;
            }
            let relative = if relative.is_empty() { name.to_owned() } else { format!("{relative}/{name}") };
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                if depth >= MAX_FOLDER_DEPTH {
                    listing.problem(
                        &path,
                        format!("folders lie more than {MAX_FOLDER_DEPTH} deep: what is in it is not read"),
                    );
                } else {
                    open.push((path, relative, depth + 1));
                }
            } else if is_page(name) {
                listing.file(&canonical, path, relative, kind.is_symlink());
            }
        }
    }
    listing.sorted()
}

fn is_page(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    matches!(ending.as_deref(), Some("md" | "markdown" | "html" | "htm"))
}

impl Listing {
    fn problem(&mut self, path: &Path, what: String) {
        self.problems.push(Problem { path: path.display().to_string(), line: None, what });
    }

    fn file(&mut self, root: &Path, path: PathBuf, relative: String, link: bool) {
        if link {
            match path.canonicalize() {
                Ok(target) if target.starts_with(root) => {}
                Ok(_) => return self.problem(&path, "the link leads out of the folder and is not followed".to_owned()),
                Err(error) => return self.problem(&path, format!("the link leads nowhere: {error}")),
            }
        }
        match fs::metadata(&path) {
            Ok(metadata) if !metadata.is_file() => {}
            Ok(metadata) if metadata.len() > MAX_PAGE_BYTES => {
                self.problem(
                    &path,
                    format!("the page has more than {} KiB and is not read: split it", MAX_PAGE_BYTES >> 10),
                );
            }
            Ok(metadata) => self.files.push(Found { path, relative, stamp: Stamp::of(&metadata) }),
            Err(error) => self.problem(&path, format!("the file cannot be read: {error}")),
        }
    }

    fn sorted(mut self) -> Listing {
        self.files.sort_by(|a, b| a.relative.cmp(&b.relative));
        self
    }
}
