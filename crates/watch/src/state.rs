//! Small files that remember positions: replaced as a whole, digest first, so that a crash leaves the old
//! or the new one and damage is noticed.

use crate::limits::MAX_STATE_BYTES;
use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// What was found at the place of a state file.
pub(crate) enum Loaded<T> {
    /// Nothing: the first start.
    Absent,
    /// The state.
    State(T),
    /// A damaged file, moved aside to this path.
    Damaged(PathBuf),
}

/// Reads the state at `path`. A damaged file is moved aside, never trusted and never fatal.
pub(crate) fn load<T: DeserializeOwned>(path: &Path) -> Result<Loaded<T>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Loaded::Absent),
        Err(error) => return Err(error).with_context(|| format!("cannot read the positions in {}", path.display())),
    };
    let mut bytes = Vec::new();
    file.take(MAX_STATE_BYTES)
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read the positions in {}", path.display()))?;
    if let Some(state) = parse(&bytes) {
        return Ok(Loaded::State(state));
    }
    let aside = path.with_extension("damaged");
    fs::rename(path, &aside).with_context(|| format!("cannot move the damaged {} aside", path.display()))?;
    Ok(Loaded::Damaged(aside))
}

/// Replaces the state at `path`; durable when this returns.
pub(crate) fn save<T: Serialize>(path: &Path, state: &T) -> Result<()> {
    let body = serde_json::to_vec(state).context("cannot render the positions")?;
    if body.len() as u64 + 128 > MAX_STATE_BYTES {
        bail!("the positions need {} bytes, at most {MAX_STATE_BYTES} are kept", body.len());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        let new = path.with_extension("new");
        let mut file = File::create(&new)?;
        file.write_all(digest(&body).as_bytes())?;
        file.write_all(b"\n")?;
        file.write_all(&body)?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        File::open(folder)?.sync_all()
    };
    write().with_context(|| format!("cannot write the positions to {}", path.display()))
}

/// The first 16 hexadecimal digits of the SHA-256 of `bytes`.
pub(crate) fn digest(bytes: &[u8]) -> String {
    model::hex::encode(&Sha256::digest(bytes)[..8])
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (head, body) = (&bytes[..end], &bytes[end + 1..]);
    if head != digest(body).as_bytes() {
        return None;
    }
    serde_json::from_slice(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flipped_byte_is_noticed_and_the_file_moved_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("positions.json");
        assert!(matches!(load::<Vec<u64>>(&path).unwrap(), Loaded::Absent));
        save(&path, &vec![10u64, 20]).unwrap();
        assert!(matches!(load::<Vec<u64>>(&path).unwrap(), Loaded::State(state) if state == [10, 20]));
        let mut bytes = fs::read(&path).unwrap();
        let at = bytes.len() - 2;
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        let Loaded::Damaged(aside) = load::<Vec<u64>>(&path).unwrap() else { panic!("trusted a damaged file") };
        assert!(aside.exists() && !path.exists());
    }
}
