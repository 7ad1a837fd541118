//! Settings of a store.

use crate::limits;
use std::path::PathBuf;
use std::time::Duration;

/// Settings of a store; [`Config::new`] has the defaults.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data folder.
    pub data_dir: PathBuf,
    /// Memory tables of all tables together.
    pub memory_bytes: usize,
    /// Log kept since the last flush.
    pub log_bytes: u64,
    /// Events older than this are removed, whole files at a time.
    pub retention: Option<Duration>,
    /// Stored bytes beyond this are removed, oldest day first.
    pub retention_bytes: Option<u64>,
    /// Memory of all queries together.
    pub query_memory_bytes: usize,
    /// Time one query may take.
    pub query_timeout: Duration,
    /// Rows stay in memory at most this long.
    pub flush_age: Duration,
    /// Open without a lock on writing: nothing is appended, flushed or removed.
    pub read_only: bool,
}

impl Config {
    /// The defaults for a folder.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            memory_bytes: limits::DEFAULT_MEMORY_BYTES,
            log_bytes: limits::DEFAULT_LOG_BYTES,
            retention: Some(limits::DEFAULT_RETENTION),
            retention_bytes: None,
            query_memory_bytes: limits::DEFAULT_QUERY_MEMORY_BYTES,
            query_timeout: limits::DEFAULT_QUERY_TIMEOUT,
            flush_age: limits::FLUSH_AGE,
            read_only: false,
        }
    }
}
