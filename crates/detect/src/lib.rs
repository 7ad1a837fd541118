//! Rules to matchers and windows; events in, alerts out.
//!
//! Nothing here waits, opens a socket or reads a clock. The way of a rule: [`sigma`] reads it into an [`rule::Expr`] whose
//! fields are resolved by [`sources`]; the engine routes events to it, the windows correlate what it matched.

pub mod detector;
pub mod engine;
pub mod event;
pub mod explain;
pub mod input;
pub mod limits;
pub mod ops;
pub mod oracle;
pub mod pack;
pub mod pages;
pub mod rule;
pub mod sigma;
pub mod sources;
pub mod windows;
