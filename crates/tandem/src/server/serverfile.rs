//! `server.json` in the data folder: where the running server is, for client commands on this machine.
//!
//! Only the server's user can read it, so the control key in it proves that a request comes from that user.

use crate::config::paths::SERVER_FILE;
use anyhow::{Context as _, Result};
use rand::RngCore as _;
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Header that carries the control key.
pub const CONTROL_HEADER: &str = "x-tandem-control";

/// What the file says.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ServerFile {
    /// Web page and API.
    pub http: String,
    /// OTLP over gRPC.
    pub otlp_grpc: Option<String>,
    /// OTLP over HTTP.
    pub otlp_http: Option<String>,
    /// Syslog over UDP and TCP.
    pub syslog: Option<String>,
    /// Process id.
    pub pid: u32,
    /// Version of the server.
    pub version: String,
    /// Key for what only the server's own user may ask, such as a backup.
    pub control: String,
}

/// A fresh control key.
pub fn control_key() -> String {
    let mut bytes = [0; 24];
    rand::rng().fill_bytes(&mut bytes);
    model::hex::encode(&bytes)
}

impl ServerFile {
    /// Reads the file of a folder.
    pub fn read(data_dir: &Path) -> Result<ServerFile> {
        let path = data_dir.join(SERVER_FILE);
        let text = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is damaged", path.display()))
    }

    /// Writes the file as a whole, for this user alone. The guard removes it.
    pub fn write(&self, data_dir: &Path) -> Result<Guard> {
        let path = data_dir.join(SERVER_FILE);
        let temporary = path.with_extension("json.tmp");
        let write = || -> std::io::Result<()> {
            // A leftover might be readable by others: the mode only counts for a new file.
            let _ = std::fs::remove_file(&temporary);
            let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
            file.write_all(&serde_json::to_vec_pretty(self)?)?;
            std::fs::rename(&temporary, &path)
        };
        write().with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Guard { path })
    }
}

/// Removes the file when the server ends well; after a crash its process id tells that it is stale.
#[derive(Debug)]
pub struct Guard {
    path: PathBuf,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn only_its_user_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = ServerFile {
            http: "http://127.0.0.1:1".into(),
            otlp_grpc: None,
            otlp_http: None,
            syslog: None,
            pid: 1,
            version: "0".into(),
            control: control_key(),
        };
        let guard = file.write(folder.path()).unwrap();
        let path = folder.path().join(SERVER_FILE);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(ServerFile::read(folder.path()).unwrap().control, file.control);
        drop(guard);
        assert!(!path.exists());
        assert_ne!(control_key(), control_key());
    }
}
