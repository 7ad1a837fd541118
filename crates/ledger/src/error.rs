//! What can go wrong, as far as callers act on it.

/// Why the ledger did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// What was given is wrong; nothing of it was kept.
    #[error("{0}")]
    Invalid(String),
    /// Another process holds the database.
    #[error("the ledger is locked by another process: {0}; try again, or end that process")]
    Locked(String),
    /// No room.
    #[error("no space left for the ledger: free some; nothing of this was kept")]
    Full,
    /// The database does not answer at the moment.
    #[error("the ledger's database does not answer: {0}; try again")]
    Away(String),
    /// Written by a newer program.
    #[error("the ledger has version {found}, this program knows up to {known}: use the newer program")]
    NewerVersion {
        /// Version of the database.
        found: i64,
        /// Newest version known.
        known: i64,
    },
    /// Nothing is left of what was signed.
    #[error(
        "the ledger is empty, but {signed} entries of its audit trail were signed: put its database back from a backup, \
         name the right one with --ledger, or remove {file} to begin anew"
    )]
    Gone {
        /// Entries that were signed.
        signed: i64,
        /// The file that says so.
        file: String,
    },
    /// The database cannot be used.
    #[error("the ledger's database: {0}")]
    Database(String),
}

impl From<sqlx::Error> for LedgerError {
    fn from(error: sqlx::Error) -> Self {
        let (code, message) = match &error {
            sqlx::Error::Database(inner) => (inner.code().map(|code| code.into_owned()), inner.message().to_owned()),
            _ => (None, String::new()),
        };
        // SQLite tells its extended codes in decimal (the low byte is the kind), PostgreSQL five characters.
        let sqlite = code.as_deref().and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff);
        match (code.as_deref(), sqlite) {
            (Some("53100"), _) | (_, Some(13)) => LedgerError::Full,
            (Some("55P03" | "40P01"), _) | (_, Some(5 | 6)) => LedgerError::Locked(message),
            // It stops, starts, recovers, or takes no more connections.
            (Some("57P01" | "57P02" | "57P03" | "53300"), _) => LedgerError::Away(message),
            (Some(code), _) if code.starts_with("08") => LedgerError::Away(message),
            _ if matches!(error, sqlx::Error::PoolTimedOut) => {
                LedgerError::Away("it is locked by another process, or too slow".to_owned())
            }
            _ if matches!(error, sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed) => {
                LedgerError::Away(error.to_string())
            }
            _ => LedgerError::Database(error.to_string()),
        }
    }
}

impl From<model::fact::NotAnEntity> for LedgerError {
    fn from(error: model::fact::NotAnEntity) -> Self {
        LedgerError::Invalid(error.to_string())
    }
}

/// What was asked, or why not.
pub type Result<T> = std::result::Result<T, LedgerError>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_does_not_answer_may_answer_later() {
        let gone = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
        for error in [sqlx::Error::Io(gone), sqlx::Error::PoolTimedOut, sqlx::Error::WorkerCrashed] {
            let error = LedgerError::from(error);
            assert!(matches!(error, LedgerError::Away(_)) && error.to_string().ends_with("try again"), "{error}");
        }
        assert!(matches!(LedgerError::from(sqlx::Error::RowNotFound), LedgerError::Database(_)));
    }
}
