//! What callers branch on.

use std::path::PathBuf;
use std::time::Duration;

/// Why a folder could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error(
        "{path} is in use by process {pid}: stop that server, or choose another folder with --data-dir",
        path = .path.display()
    )]
    Locked {
        /// The folder.
        path: PathBuf,
        /// The holder.
        pid: String,
    },
    /// The folder cannot be written.
    #[error("{path} cannot be written ({reason}): make it writable for this user, or choose another folder with --data-dir", path = .path.display())]
    NotWritable {
        /// The folder.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// Written by a newer or unknown program.
    #[error("{path} has format {found}, this program knows up to {known}: use the program that wrote it or a newer one", path = .path.display())]
    NewerFormat {
        /// The folder.
        path: PathBuf,
        /// What the format file says.
        found: String,
        /// The newest known.
        known: u32,
    },
    /// Anything else.
    #[error("cannot open the data folder: {0:#}")]
    Other(#[from] anyhow::Error),
}

/// Why events were not taken. Nothing of the request is kept then.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AppendError {
    /// Memory or queue is full; the same request may be sent again.
    #[error("the store is busy: send again in {} ms", .retry_after.as_millis())]
    Busy {
        /// When to try again.
        retry_after: Duration,
    },
    /// No room on the disk.
    #[error("no space left in the data folder: free some, or lower the retention; nothing of this request was kept")]
    DiskFull,
    /// The store is shutting down.
    #[error("the store is shutting down")]
    Closed,
    /// The batch itself is wrong.
    #[error("{0}")]
    Invalid(String),
    /// The log could not be written.
    #[error("the log could not be written: {0}")]
    Io(String),
}

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The statement is wrong.
    #[error("{0}")]
    Invalid(String),
    /// It ran too long.
    #[error("the query took longer than {} s: narrow the time range or raise query_timeout", .0.as_secs())]
    Timeout(Duration),
    /// It needed too much memory.
    #[error("the query needs more memory than allowed ({0}): narrow it or raise query_memory")]
    Memory(String),
    /// Something failed inside.
    #[error("the query failed: {0}")]
    Internal(String),
}

impl From<datafusion::error::DataFusionError> for QueryError {
    fn from(error: datafusion::error::DataFusionError) -> Self {
        use datafusion::error::DataFusionError as E;
        match error.find_root() {
            E::ResourcesExhausted(text) => QueryError::Memory(text.clone()),
            E::SQL(..) | E::Plan(_) | E::SchemaError(..) | E::NotImplemented(_) => {
                QueryError::Invalid(error.strip_backtrace())
            }
            E::Execution(text) => QueryError::Invalid(text.clone()),
            _ => QueryError::Internal(error.strip_backtrace()),
        }
    }
}
