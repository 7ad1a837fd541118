//! The responder from the outside, over a ledger of its own.

mod notices;
mod people;
mod raising;
mod support;
