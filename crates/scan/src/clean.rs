//! Files in which no secret was found, remembered: who scans again looks only at what changed.
//!
//! Nearly all files are such, and looking for secrets takes nearly all of a scan's time; telling a file by its content takes a
//! tenth of it. Other results are not remembered: rules follow relations between files, and their files are few.
//!
//! A file of the memory holds digests of path and content, nothing else. It is that of one root and one set of detectors, is
//! replaced as a whole, and is as if it were not there when anything about it is wrong.

use crate::limits::{MAX_CLEAN_FILES, MAX_CLEAN_ROOTS};
use ahash::AHashSet;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Tells a path with its content from any other.
type Id = [u8; 16];

/// The first bytes of a file of the memory, and its end: a torn one is none.
const MAGIC: &[u8; 8] = b"tdclean1";

/// What is known to hold no secret.
#[derive(Debug)]
pub struct Clean {
    file: PathBuf,
    /// What the detectors are.
    detectors: Id,
    known: AHashSet<Id>,
    /// What is so now.
    seen: Mutex<Vec<Id>>,
}

impl Clean {
    /// That of a root below a folder; `detectors` tells the detectors, and the program that asks them, from all others.
    pub fn open(folder: &Path, root: &Path, detectors: &str) -> Clean {
        let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        let mut name = String::with_capacity(40);
        for byte in id(&[b"root", root.as_os_str().as_encoded_bytes()]) {
            let _ = write!(name, "{byte:02x}");
        }
        let (file, detectors) = (folder.join(name), id(&[b"detectors", detectors.as_bytes()]));
        let known = read(&file, &detectors).unwrap_or_default();
        Clean { file, detectors, known, seen: Mutex::default() }
    }

    /// What a file is known by.
    pub(crate) fn id(&self, path: &str, content: &[u8]) -> Id {
        id(&[path.as_bytes(), content])
    }

    /// Whether it holds no secret.
    pub(crate) fn knows(&self, id: &Id) -> bool {
        self.known.contains(id)
    }

    /// Notes that it holds none.
    pub(crate) fn note(&self, id: Id) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() < MAX_CLEAN_FILES {
            seen.push(id);
        }
    }

    /// Keeps what was noted, and nothing that was not seen again.
    ///
    /// # Errors
    /// When it cannot be written; what was kept before is then still there.
    pub fn save(self) -> io::Result<()> {
        let mut seen = self.seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        seen.sort_unstable();
        seen.dedup();
        if seen.len() == self.known.len() && seen.iter().all(|id| self.known.contains(id)) {
            return Ok(());
        }
        let Some(folder) = self.file.parent() else { return Ok(()) };
        fs::create_dir_all(folder)?;
        let mut bytes = Vec::with_capacity(seen.len() * 16 + 64);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&self.detectors);
        seen.iter().for_each(|id| bytes.extend_from_slice(id));
        bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
        let new = self.file.with_extension(format!("{}.new", std::process::id()));
        let written = fs::File::create(&new).and_then(|mut file| file.write_all(&bytes));
        written.and_then(|()| fs::rename(&new, &self.file)).inspect_err(|_| {
            let _ = fs::remove_file(&new);
        })?;
        prune(folder)
    }
}

/// None of it when it is torn, damaged, or of other detectors.
fn read(file: &Path, detectors: &Id) -> Option<AHashSet<Id>> {
    let most = (MAX_CLEAN_FILES * 16 + 64) as u64;
    if fs::metadata(file).ok()?.len() > most {
        return None;
    }
    let bytes = fs::read(file).ok()?;
    let (body, sum) = bytes.split_last_chunk::<4>()?;
    let ids = body.strip_prefix(MAGIC)?.strip_prefix(detectors)?;
    let (ids, rest) = ids.as_chunks::<16>();
    (rest.is_empty() && crc32c::crc32c(body) == u32::from_le_bytes(*sum)).then(|| ids.iter().copied().collect())
}

/// Leaves those of the roots that were scanned last.
fn prune(folder: &Path) -> io::Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        files.push((entry.metadata().and_then(|data| data.modified()).ok(), entry.path()));
    }
    if files.len() > MAX_CLEAN_ROOTS {
        files.sort();
        for (_, path) in &files[..files.len() - MAX_CLEAN_ROOTS] {
            let _ = fs::remove_file(path);
        }
    }
    Ok(())
}

fn id(parts: &[&[u8]]) -> Id {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut id = Id::default();
    id.copy_from_slice(&hasher.finalize()[..16]);
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kept(folder: &Path, detectors: &str, ids: &[Id]) -> Clean {
        let clean = Clean::open(folder, folder, detectors);
        ids.iter().for_each(|id| clean.note(*id));
        clean.save().unwrap();
        Clean::open(folder, folder, detectors)
    }

    #[test]
    fn what_was_seen_last_is_known_by_the_same_detectors() {
        let folder = tempfile::tempdir().unwrap();
        let clean = kept(folder.path(), "a", &[[1; 16], [2; 16]]);
        assert!(clean.knows(&[1; 16]) && clean.knows(&[2; 16]) && !clean.knows(&[3; 16]));
        assert!(!Clean::open(folder.path(), folder.path(), "b").knows(&[1; 16]));
        let clean = kept(folder.path(), "a", &[[3; 16]]);
        assert!(clean.knows(&[3; 16]) && !clean.knows(&[1; 16]), "only what there is");
        assert_ne!(clean.id("a", b"bc"), clean.id("ab", b"c"));
    }

    #[test]
    fn old_roots_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..MAX_CLEAN_ROOTS + 5 {
            let clean = Clean::open(folder.path(), Path::new(&format!("/nowhere/{number}")), "a");
            clean.note([1; 16]);
            clean.save().unwrap();
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), MAX_CLEAN_ROOTS);
    }

    proptest! {
        #[test]
        fn a_damaged_memory_is_none(at in 0_usize..76, bit in 0_u8..8, cut in any::<bool>()) {
            let folder = tempfile::tempdir().unwrap();
            let file = kept(folder.path(), "a", &[[1; 16], [2; 16], [3; 16]]).file;
            let mut bytes = fs::read(&file).unwrap();
            prop_assert_eq!(bytes.len(), 76);
            if cut { bytes.truncate(at) } else { bytes[at] ^= 1 << bit }
            fs::write(&file, bytes).unwrap();
            prop_assert!(Clean::open(folder.path(), folder.path(), "a").known.is_empty());
        }
    }
}
