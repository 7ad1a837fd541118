//! Telemetry and reports over a ledger of recorded facts.

mod inventory;
mod layers;
mod reports;
mod support;
mod telemetry;
mod weak;
