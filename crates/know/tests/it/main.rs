//! Telemetry and reports over a ledger of recorded facts.

// Tests that fill a large ledger say how long it took.
#![allow(clippy::print_stdout)]

mod agenda;
mod answers;
mod controls;
mod friction;
mod inventory;
mod layers;
mod levers;
mod lists;
mod month;
mod pages;
mod postgres;
mod readiness;
mod reports;
mod runbooks;
mod situation;
mod support;
mod telemetry;
mod weak;
