//! The token index: which granules of a file may hold a term.
//!
//! A term is a token of the text column, a dotted address in it, a trace id, or a `key=value` pair. Only
//! a 32-bit fingerprint of it is kept, so an answer may name a granule too many (six in a million for
//! each granule) and never one too few: the exact predicate runs on what is left.

pub mod bits;
pub mod build;
pub mod postings;
pub mod terms;
