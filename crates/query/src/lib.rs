//! The search language: one filter for the search bar, rules, dashboards and alerts.
//!
//! `timeout AND service:checkout AND duration>5ms | count by http.route`: words and phrases look at the
//! text of an event, `field:value` at everything else. A test of a field that is not there is false, and
//! its negation is true. A query is evaluated on a batch by [`Filter`] or lowered to SQL; both give the
//! same rows.

pub mod ast;
pub mod check;
pub mod complete;
pub mod error;
pub mod eval;
pub mod functions;
mod parser;
mod pipes;
pub mod sql;
#[cfg(feature = "testing")]
pub mod testing;
pub mod text;
pub mod units;

pub use ast::{Expr, Leaf, Op, Pipe, Query, Stat, Test};
pub use complete::{Completion, FieldHint, complete};
pub use error::ParseError;
pub use eval::Filter;
pub use parser::{MAX_DEPTH, MAX_QUERY_BYTES, MAX_TERMS, parse};
