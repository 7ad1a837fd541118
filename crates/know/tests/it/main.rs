//! Telemetry and reports over a ledger of recorded facts.

mod agenda;
mod controls;
mod friction;
mod inventory;
mod layers;
mod postgres;
mod lists;
mod pages;
mod reports;
mod runbooks;
mod levers;
mod month;
mod readiness;
mod situation;
mod support;
mod telemetry;
mod weak;
