//! Where things are when nobody says.

use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};

/// `/var/lib/tandem` for root, else `$XDG_DATA_HOME/tandem` or `~/.local/share/tandem`.
pub fn default_data_dir() -> Result<PathBuf> {
    if is_root() {
        return Ok(PathBuf::from("/var/lib/tandem"));
    }
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if let Some(data) = absolute("XDG_DATA_HOME") {
        return Ok(data.join("tandem"));
    }
    let home = absolute("HOME").context("no home folder is known: say with --data-dir where to keep the data")?;
    Ok(home.join(".local/share/tandem"))
}

/// Whether this process runs as root, by the owner of its own entry in `/proc`.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|entry| entry.uid() == 0)
}

/// The file in the data folder that says where a running server is.
pub const SERVER_FILE: &str = "server.json";

/// Where the ledger is: in the data folder, or in PostgreSQL.
pub fn ledger(data_dir: &Path, url: Option<&str>) -> Result<ledger::Config> {
    let keys = data_dir.join(store::LEDGER);
    let database = match url {
        None => ledger::Database::Sqlite(keys.join("ledger.sqlite")),
        Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
            ledger::Database::Postgres(url.to_owned())
        }
        // Not shown: it may hold a password.
        Some(_) => {
            bail!("--ledger is the address of a PostgreSQL database, such as postgres://tandem@db.example/tandem")
        }
    };
    Ok(ledger::Config { database, keys })
}
