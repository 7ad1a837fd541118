//! How a command fails: with a message for people and an exit code for scripts.

use std::process::ExitCode;

/// A check said no.
pub const SAID_NO: u8 = 1;
/// Wrong use: a flag, a configuration, a query, an address that cannot be had.
pub const WRONG_USE: u8 = 2;
/// The work could not be completed.
pub const INCOMPLETE: u8 = 3;

/// Why a command ended early.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub code: u8,
    /// What to tell.
    pub error: anyhow::Error,
}

impl Failure {
    /// The exit code for the system.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

/// What fails for no fault of the user is incomplete.
impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Failure { code: INCOMPLETE, error }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        anyhow::Error::from(error).into()
    }
}

/// Marks an error as wrong use.
pub fn wrong_use(error: impl Into<anyhow::Error>) -> Failure {
    Failure { code: WRONG_USE, error: error.into() }
}

/// What a command answers.
pub type Outcome<T = ()> = Result<T, Failure>;
