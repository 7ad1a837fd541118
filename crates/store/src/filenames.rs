//! Every name in the data folder.
//!
//! | name | what it is |
//! |---|---|
//! | `format` | the format version, one line; written once |
//! | `lock` | held by the running server; holds its process id |
//! | `catalog.sqlite` (`-wal`, `-shm`) | the list of files, the watermarks, the retry keys |
//! | `log/<first sequence>.log` | the write-ahead log |
//! | `data/<table>/dt=YYYY-MM-DD/<ulid>.parquet` | events of one day |
//! | `data/<table>/dt=YYYY-MM-DD/<ulid>.idx` | its token index and checksums |
//! | `scratch/` | parts of a file that is written again; removed at a start |
//! | `quarantine/` | damaged files and log records, moved aside, never deleted |
//! | `erasures.jsonl` | what `tandem erase` removed and when |
//! | `positions/`, `server.json` | of the program around the store: what it has read, where it listens |
//! | `ledger/` | facts and decisions, with the keys of their audit trail; of the crate `ledger` |

use model::Table;
use std::path::{Path, PathBuf};

/// Version of the folder written by this program.
pub const FORMAT_VERSION: u32 = 1;

/// The folder of the ledger, which comes into a backup before the events.
pub const LEDGER: &str = "ledger";

/// The format file.
pub fn format(root: &Path) -> PathBuf {
    root.join("format")
}

/// The lock file.
pub fn lock(root: &Path) -> PathBuf {
    root.join("lock")
}

/// The catalog.
pub fn catalog(root: &Path) -> PathBuf {
    root.join("catalog.sqlite")
}

/// The folder of the write-ahead log.
pub fn log_dir(root: &Path) -> PathBuf {
    root.join("log")
}

/// A log file, named by the first sequence it may hold.
pub fn log_file(root: &Path, first: u64) -> PathBuf {
    log_dir(root).join(format!("{first:016x}.log"))
}

/// The first sequence in the name of a log file.
pub fn parse_log_file(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?.strip_suffix(".log")?;
    u64::from_str_radix(name, 16).ok()
}

/// The folder of all events.
pub fn data_dir(root: &Path) -> PathBuf {
    root.join("data")
}

/// The path of an event file relative to the root, without suffix.
pub fn segment(table: Table, day: &str, id: &str) -> String {
    format!("data/{}/dt={day}/{id}", table.name())
}

/// The Parquet file of a segment.
pub fn parquet(root: &Path, stem: &str) -> PathBuf {
    root.join(format!("{stem}.parquet"))
}

/// The sidecar of a segment.
pub fn sidecar(root: &Path, stem: &str) -> PathBuf {
    root.join(format!("{stem}.idx"))
}

/// Where damaged things are moved.
pub fn quarantine_dir(root: &Path) -> PathBuf {
    root.join("quarantine")
}

/// Where parts of a file that is written again wait to be put together.
pub fn scratch(root: &Path) -> PathBuf {
    root.join("scratch")
}

/// The record of erasures, relative to the root.
pub const ERASURES: &str = "erasures.jsonl";

/// The folder in which the program around the store remembers what it has read, relative to the root.
pub const POSITIONS: &str = "positions";

/// The record of erasures.
pub fn erasures(root: &Path) -> PathBuf {
    root.join(ERASURES)
}
