//! Small steps on the file system that must be done right.

use anyhow::{Context as _, Result};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Makes the names in a folder durable.
pub fn sync_dir(path: &Path) -> Result<()> {
    File::open(path).and_then(|dir| dir.sync_all()).with_context(|| format!("cannot sync {}", path.display()))
}

/// Moves a file into the quarantine, under a name that keeps where it was. Best effort: a damaged file
/// that cannot be moved is left where it is and reported.
pub fn quarantine(root: &Path, path: &Path, reason: &str) -> PathBuf {
    let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('/', "__");
    let target = crate::filenames::quarantine_dir(root).join(&name);
    let moved = std::fs::create_dir_all(crate::filenames::quarantine_dir(root))
        .and_then(|()| std::fs::rename(path, &target))
        .and_then(|()| std::fs::write(target.with_extension("reason.txt"), reason));
    match moved {
        Ok(()) => {
            tracing::error!(file = %path.display(), to = %target.display(), reason, "quarantine: damaged file moved aside")
        }
        Err(error) => {
            tracing::error!(file = %path.display(), reason, %error, "quarantine: damaged file could not be moved aside")
        }
    }
    target
}

/// Keeps damaged bytes for inspection.
pub fn quarantine_bytes(root: &Path, name: &str, bytes: &[u8], reason: &str) {
    let dir = crate::filenames::quarantine_dir(root);
    let kept = std::fs::create_dir_all(&dir).and_then(|()| std::fs::write(dir.join(name), bytes));
    tracing::error!(name, reason, bytes = bytes.len(), kept = kept.is_ok(), "quarantine: damaged log bytes set aside");
}

/// Whether an I/O error means that the disk is full.
pub fn is_full(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded | std::io::ErrorKind::FileTooLarge
    )
}
