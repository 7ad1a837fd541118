//! Operational rules: thresholds, absence, change, first-seen and rare values, forecasts and service-level objectives,
//! over a search or SQL.
//!
//! Sigma looks at one event; these look at what a query says of many. [`Ops`] asks and is answered: [`Ops::due`] gives
//! the queries whose time has come, somebody runs them, [`Ops::answer`] takes the rows and gives alerts. Nothing here
//! runs a query or knows what time it is, so the same times and rows give the same alerts, by the same ids.

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
