//! Secrets in any text: files, standard input, a repository's whole history.
//!
//! Detectors are data (`rules/scan/secrets/*.yml`), each file with a page beside it:
//!
//! ```yaml
//! detectors:
//!   - id: shop-token                   # for ever
//!     title: A token of the shop
//!     severity: high
//!     keywords: [shp_]                 # one automaton finds those of all detectors
//!     token: 'shp_[a-z0-9]{32}'        # begins with the keyword; the first group, else all, is the secret
//!     before: 0                        # bytes before the keyword that belong to it
//!     window: 256                      # bytes after the keyword that are looked at
//!     entropy: 3.0                     # the least bits a character
//!     words: 40                        # the largest part that may be words, in hundredths
//!     checksum: crc32-base62           # how it proves itself, see `checksum.rs`
//!     companions: [shop-secret]        # what makes it worse nearby; without them it is as bad as `alone` says
//!     examples: ['SHOP=shp_<lower:32>']
//! ```
//!
//! Instead of `token`: `value`, a form that is told by a vendor's name before it (the keyword); `assigned: password` or `key`,
//! told by the key alone in any language; `beside: ID` and `value`, told by a finding nearby.
//!
//! | file | holds |
//! |---|---|
//! | `detector.rs` | detectors as data |
//! | `builtin.rs` | those that come with the program |
//! | `scan.rs` | all of them at once over a text |
//! | `stream.rs` | a text that is read in parts |
//! | `history.rs` | every blob of a repository, once |
//! | `assignment.rs` | keys and values in any language |
//! | `generic.rs`, `filter.rs` | what is a secret and what stands for one |
//! | `checksum.rs` | values that prove themselves |
//! | `decode.rs` | base64, hex and URLs |
//! | `path.rs` | what a path says about a text |
//! | `found.rs` | findings, masks and fingerprints |
//! | `value.rs` | a value while a scan lasts |
//! | `example.rs` | examples made when tests run |
//!
//! **Invariant:** a finding says a public prefix, a class of length, and a digest under the team's key. Its value is carried along
//! only so that [`crate::scanner`] can take it out of all that is shown; it is neither printed (`Debug`) nor serialised.

mod assignment;
pub mod builtin;
pub mod checksum;
mod decode;
mod detector;
pub mod example;
pub mod filter;
mod found;
mod generic;
pub mod history;
mod path;
mod scan;
mod stream;
mod value;

pub use decode::Encoding;
pub use detector::Detector;
pub use found::{FingerprintKey, SecretFinding};
pub use scan::{Scanned, Secrets, Source};
pub(crate) use scan::{number, readable};
pub(crate) use stream::Part;
pub use value::Value;

#[cfg(test)]
mod tests;
