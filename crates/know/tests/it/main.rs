//! Telemetry and reports over a ledger of recorded facts.

mod agenda;
mod inventory;
mod layers;
mod reports;
mod support;
mod telemetry;
mod weak;
