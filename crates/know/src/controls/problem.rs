//! What is wrong with a file of people, and where.

use serde::Serialize;
use std::fmt;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It is read, and somebody should look.
    Warning,
    /// It is not read.
    Error,
}

/// Something wrong or odd, with what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// How bad.
    pub severity: Severity,
    /// Which check says so.
    pub check: &'static str,
    /// What is wrong and what to do.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { path, line, column, check, text, .. } = self;
        let severity = if self.severity == Severity::Error { "error" } else { "warning" };
        write!(f, "{path}:{line}:{column}: {severity}: {text} [{check}]")
    }
}
