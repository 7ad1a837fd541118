//! What is allowed and still odd.

use crate::rule::Place;
use std::fmt;

/// Something odd in a document that was loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// Which check, such as `missing-description`.
    pub check: &'static str,
    /// What is odd, and what to do.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.place, self.message, self.check)
    }
}
