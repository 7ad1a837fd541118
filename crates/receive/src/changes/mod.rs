//! What was altered, as it is told by webhooks: GitHub, GitLab, CloudEvents with CDEvents inside.
//!
//! Pure: the parts of a request in, facts out. The key of a change is the source's identity of the fact, never of its
//! delivery, so that a delivery that comes again, late, or out of order changes nothing. Names of persons are not kept.
//! The vocabulary of changes is in `docs/changes.md`.

mod cdevents;
mod cloudevents;
mod draft;
mod github;
mod gitlab;
pub(crate) mod json;
mod sign;
#[cfg(test)]
mod tests;

pub use cloudevents::cloudevents;
pub use github::github;
pub use gitlab::gitlab;

use model::{Facts, Nanos};

/// Commits kept of one push or pull request: more come with an import, and lead times of imports mean nothing.
pub const MAX_COMMITS: usize = 100;
/// Events of one batch of CloudEvents; the specification lets receivers bound it, senders use tens.
pub const MAX_BATCH: usize = 1_000;
/// JSON values of one request: a push of 2,048 commits, the most that GitHub tells, has about 100,000.
pub const MAX_JSON_VALUES: usize = 262_144;
/// Longest text kept of one field; names of branches, tags and environments have at most 255 bytes.
pub const MAX_FIELD_BYTES: usize = 512;
/// Longest key of a change as it is; a longer one is replaced by its digest.
pub const MAX_KEY_BYTES: usize = 1_024;
/// Attributes of a change that comes ready-made, as JSON: what the ledger keeps of one fact.
pub const MAX_ATTRIBUTES_BYTES: usize = 64 * 1024;
/// Notes of one request; a batch of events that nobody uses would have one each.
pub const MAX_NOTES: usize = 20;
/// How far the time of a signature may be from the receipt, in seconds: what Standard Webhooks advises.
pub const MAX_SIGNATURE_AGE_SECONDS: i64 = 300;

/// A request as it came.
#[derive(Clone, Copy, Debug)]
pub struct Hook<'a> {
    /// Names and values of its headers; the case of names does not matter.
    pub headers: &'a [(&'a str, &'a str)],
    /// Its body, decompressed: signatures are over these bytes.
    pub body: &'a [u8],
    /// Who may see what it says.
    pub dataset: &'a str,
    /// When it was received.
    pub at: Nanos,
}

impl<'a> Hook<'a> {
    fn header(&self, name: &str) -> Option<&'a str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }
}

/// What a request said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// The changes; none when the request is a test, or of a kind that is not used.
    pub facts: Facts,
    /// The source's id of this delivery, by which one that comes again is recognised.
    pub delivery: Option<String>,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

/// Why a request was refused. Nothing of it is kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HookError {
    /// Nothing shows who sent it.
    #[error("the request proves no sender: {0}")]
    Unsigned(String),
    /// It does not come from who knows the secret, or was altered on the way.
    #[error(
        "the signature or token does not fit the secret; set the same secret at the source and here, and let nothing alter the body on the way"
    )]
    BadSignature,
    /// It was signed too long ago, or the clocks differ.
    #[error(
        "the signature is {seconds} seconds away from now, at most {MAX_SIGNATURE_AGE_SECONDS} are allowed; set the clocks of both machines, or send it anew"
    )]
    Stale {
        /// How far.
        seconds: i64,
    },
    /// It is not what it claims to be.
    #[error("malformed: {what} at {at}; send the body as the source made it")]
    Malformed {
        /// What is wrong.
        what: String,
        /// Where: line and column, a header, or a field as a JSON pointer.
        at: String,
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
}

impl HookError {
    /// The status that says so over HTTP.
    pub fn http_status(&self) -> u16 {
        match self {
            HookError::Unsigned(_) | HookError::BadSignature | HookError::Stale { .. } => 401,
            HookError::Malformed { .. } => 400,
            HookError::TooLarge { .. } => 413,
        }
    }

    pub(crate) fn malformed(what: impl Into<String>, at: impl Into<String>) -> HookError {
        HookError::Malformed { what: what.into(), at: at.into() }
    }
}
