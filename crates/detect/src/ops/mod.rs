//! Operational rules: thresholds, absence, change, first-seen and rare values, forecasts and service-level objectives,
//! over a search or SQL.
//!
//! Sigma looks at one event; these look at what a query says of many. [`Ops`] asks and is answered: [`Ops::due`] gives
//! the queries whose time has come, somebody runs them, [`Ops::answer`] takes the rows and gives alerts. Nothing here
//! runs a query or knows what time it is, so the same times and rows give the same alerts, by the same ids.
//!
//! # When an alert ends
//! An alert of these rules is a state, not an event. It is given when it begins (`settled` false), again every
//! [`RETELL_LASTING`](crate::limits::RETELL_LASTING) while it lasts, by the same id and with fresh numbers, and once when it
//! is over: `settled` is true then, `last` is when the condition ended, and nobody has to close it. What begins after that
//! is another alert by another id. Who groups alerts may so resolve an operational alert that comes settled; a settled alert
//! of security only says that no more events can join it. Alerts of `first_seen` are events: they come settled at once and
//! say nothing about an end, so `first` and `last` of theirs tell when.
//!
//! A rule that is changed or taken away ends nothing: [`Ops::restore`] hands back such alerts as [`Orphan`]s.

mod engine;
mod fields;
mod judge;
mod lower;
mod parse;
mod reads;
mod rows;
mod rule;
mod slo;
mod state;
mod story;
mod words;

pub use engine::{Ask, Ops, Orphan, RuleStatus};
pub use fields::Refused;
pub use parse::{is_operational, parse};
pub use reads::Reads;
pub use rule::{
    Aggregate, Bound, BurnPair, Change, Compare, EntitySpec, Kind, OpsRule, RatioQuery, Rows, Source, default_pairs,
};
pub use slo::is_open_slo;
pub use story::Story;

#[cfg(test)]
mod tests;
