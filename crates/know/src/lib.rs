//! What the facts mean together: owners, inventory, measures.

pub mod controls;
pub mod dashboards;
pub mod dora;
pub mod inventory;
pub mod layers;
pub mod levers;
mod limits;
pub mod pages;
pub mod planning;
pub mod readiness;
pub mod reports;
pub mod situation;
pub mod telemetry;
pub mod weak;

pub use telemetry::{Call, Deployed, Skew, Telemetry, calls, deployed};
