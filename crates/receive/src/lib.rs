//! Bytes to facts: every protocol that Tandem is spoken to in.
//!
//! Synchronous; opens no socket; takes the time as an argument.
