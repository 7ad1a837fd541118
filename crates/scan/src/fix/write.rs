//! A file is written whole or not at all, with its permissions, and never through a link.

use super::plan::Change;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}: it was left as it is", path.display())]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub reason: String,
}

/// Writes a change below the root of the scan; the root may be the file itself.
///
/// # Errors
/// When the file is a link, says something else by now, or cannot be written.
pub fn write(root: &Path, change: &Change) -> Result<(), WriteError> {
    let path = if root.is_dir() { root.join(&*change.path) } else { root.to_owned() };
    replace(root, &path, change).map_err(|reason| WriteError { path, reason })
}

fn replace(root: &Path, path: &Path, change: &Change) -> Result<(), String> {
    let told = |error: io::Error| error.to_string();
    let meta = fs::symlink_metadata(path).map_err(told)?;
    if !meta.is_file() {
        return Err("it is a link or no file".to_owned());
    }
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let inside = if root.is_dir() { root.canonicalize() } else { dir.canonicalize() }.map_err(told)?;
    // A folder may have become a link since the files were read.
    if !dir.canonicalize().map_err(told)?.starts_with(inside) {
        return Err("it is no longer below the root".to_owned());
    }
    if fs::read(path).map_err(told)? != change.before.as_bytes() {
        return Err("it was changed since it was read".to_owned());
    }
    let mut file = tempfile::Builder::new().prefix(".tandem-fix-").tempfile_in(dir).map_err(told)?;
    file.write_all(change.after.as_bytes()).map_err(told)?;
    file.as_file().set_permissions(meta.permissions()).map_err(told)?;
    file.as_file().sync_all().map_err(told)?;
    file.persist(path).map_err(|error| told(error.error))?;
    Ok(())
}
