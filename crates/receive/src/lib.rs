//! Bytes to facts: every protocol that Tandem is spoken to in.
//!
//! Synchronous; opens no socket; takes the time as an argument. A new protocol is one more file here.

pub mod alertmanager;
pub mod body;
pub mod changes;
pub mod elastic;
pub mod error;
pub mod imports;
pub mod json_lines;
pub mod lines;
pub mod otlp;
pub mod redact;
pub mod retry;
pub mod syslog;

pub use error::{Counts, DecodeError, Decoded};
pub use redact::Redactor;
