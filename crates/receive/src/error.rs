//! What decoding gives back, and why it can fail.

use model::EventBatch;
use std::ops::AddAssign;

/// What became of one request.
#[derive(Debug, Default)]
pub struct Decoded {
    /// The events, by table.
    pub batches: Vec<EventBatch>,
    /// Records taken.
    pub accepted: usize,
    /// Records refused.
    pub rejected: usize,
    /// Why the first of them was refused.
    pub message: Option<String>,
    /// What was changed on the way.
    pub counts: Counts,
}

/// What was changed on the way; every change is also marked on its row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Bodies cut to the limit.
    pub cut_bodies: u64,
    /// Records of which attributes or another part than the body was cut: too many, too long, or too deep.
    pub cut_attributes: u64,
    /// Secrets masked.
    pub redacted: u64,
    /// Times replaced because they were too old or too far ahead.
    pub skewed: u64,
    /// Records with bytes that are not UTF-8.
    pub invalid_utf8: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.cut_bodies += other.cut_bodies;
        self.cut_attributes += other.cut_attributes;
        self.redacted += other.redacted;
        self.skewed += other.skewed;
        self.invalid_utf8 += other.invalid_utf8;
    }
}

/// Why a whole request was refused. Nothing of it is kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes are not what they claim to be.
    #[error("malformed: {what}{}; {remedy}", .at.map_or_else(String::new, |at| format!(" at byte {at}")))]
    Malformed {
        /// What is wrong.
        what: String,
        /// Where.
        at: Option<usize>,
        /// What to do.
        remedy: &'static str,
    },
    /// A limit was exceeded.
    #[error("{limit_name} of {limit} exceeded; {remedy}")]
    TooLarge {
        /// The limit's name.
        limit_name: &'static str,
        /// The limit.
        limit: usize,
        /// What to do.
        remedy: &'static str,
    },
    /// An encoding nobody here speaks.
    #[error("{what} is not supported; {remedy}")]
    Unsupported {
        /// What was asked for.
        what: String,
        /// What is supported.
        remedy: &'static str,
    },
}

impl DecodeError {
    /// The status that says so over HTTP.
    pub fn http_status(&self) -> u16 {
        match self {
            DecodeError::Malformed { .. } => 400,
            DecodeError::TooLarge { .. } => 413,
            DecodeError::Unsupported { .. } => 415,
        }
    }
}
