//! What the facts mean together: owners, inventory, measures.

pub mod controls;
pub mod dora;
pub mod inventory;
pub mod layers;
mod limits;
pub mod planning;
pub mod pages;
pub mod reports;
pub mod telemetry;
pub mod weak;

pub use telemetry::{Call, Deployed, Skew, Telemetry, calls, deployed};
